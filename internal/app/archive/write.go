package archive

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"slices"

	"github.com/klauspost/compress/flate"
	"github.com/uptrace/bun"

	"gonghui/internal/base/blob"
	"gonghui/internal/base/db"
	"gonghui/internal/base/vault"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

// Source is the installation that is written down.
type Source struct {
	DB      *db.DB
	Blobs   *blob.Store
	Vault   *vault.Vault
	Clock   clock.Clock
	Program string
}

// Write writes the installation to w; told, when not nil, hears of each table.
// Others go on reading and writing meanwhile: what they write now is not inside.
func Write(ctx context.Context, s Source, w io.Writer, told func(Member)) (Manifest, error) {
	have, want, err := s.DB.Version(ctx)
	if err != nil {
		return Manifest{}, err
	}
	if have != want {
		return Manifest{}, fault.New(fault.Conflict, "archive.schema", fault.With("Have", have), fault.With("Want", want))
	}
	m := Manifest{
		Format: Format, Program: s.Program, Schema: have, Database: s.DB.Dialect, CreatedAt: s.Clock.Now(), Keys: prove(s.Vault),
	}
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, 5) })
	// The reading side: on SQLite writers are not held up by a long backup.
	tx, err := s.DB.Reader(ctx).BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return m, db.Fault(err)
	}
	defer func() { _ = tx.Rollback() }() // it has written nothing
	out := &writer{zip: z, m: &m}
	for _, name := range Order {
		if err := out.table(ctx, tx, name); err != nil {
			return m, fmt.Errorf("table %s: %w", name, err)
		}
		if told != nil {
			told(m.Members[len(m.Members)-1])
		}
	}
	if err := out.blobs(ctx, tx, s.Blobs); err != nil {
		return m, err
	}
	text, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return m, err
	}
	for name, body := range map[string][]byte{"manifest.json": text, "manifest.sig": []byte(s.Vault.Sign(purpose, string(text)))} {
		f, err := z.Create(name)
		if err != nil {
			return m, err
		}
		if _, err := f.Write(body); err != nil {
			return m, err
		}
	}
	return m, z.Close()
}

type writer struct {
	zip *zip.Writer
	m   *Manifest
}

// sum counts and hashes what passes.
type sum struct {
	w    io.Writer
	hash hash.Hash
	n    int64
}

func (s *sum) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.n += int64(n)
	s.hash.Write(p[:n])
	return n, err
}

// member writes one member by fill, which may complete its entry.
func (o *writer) member(x Member, fill func(w io.Writer, x *Member) error) error {
	f, err := o.zip.Create(x.Name)
	if err != nil {
		return err
	}
	s := &sum{w: f, hash: sha256.New()}
	if err := fill(s, &x); err != nil {
		return err
	}
	x.Size, x.SHA256 = s.n, hex.EncodeToString(s.hash.Sum(nil))
	o.m.Members = append(o.m.Members, x)
	return nil
}

func (o *writer) table(ctx context.Context, tx bun.Tx, name string) error {
	rows, err := tx.QueryContext(ctx, "SELECT * FROM ?", bun.Ident(name))
	if err != nil {
		return db.Fault(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := columnsOf(rows)
	if err != nil {
		return err
	}
	x := Member{Name: "tables/" + name + ".jsonl", Table: name}
	for _, c := range columns {
		x.Columns = append(x.Columns, c.name)
	}
	return o.member(x, func(w io.Writer, x *Member) error {
		e := newEncoder(columns)
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		for rows.Next() {
			if err := rows.Scan(into...); err != nil {
				return db.Fault(err)
			}
			line, err := e.line(values)
			if err != nil {
				return fmt.Errorf("row %d: %w", x.Rows+1, err)
			}
			if _, err := w.Write(line); err != nil {
				return err
			}
			x.Rows++
		}
		return db.Fault(rows.Err())
	})
}

// blobs writes the files that records name. A blob is never changed, so it need
// not be of the transaction's moment.
func (o *writer) blobs(ctx context.Context, tx bun.Tx, store *blob.Store) error {
	rows, err := tx.QueryContext(ctx, `SELECT sha256 FROM documents UNION SELECT sha256 FROM batches WHERE sha256 <> ''
		UNION SELECT error_blob FROM batches WHERE error_blob <> '' ORDER BY 1`)
	if err != nil {
		return db.Fault(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var key string
		if err := rows.Scan(&key); err != nil {
			return db.Fault(err)
		}
		if err := o.blob(ctx, store, key); err != nil {
			return fmt.Errorf("blob %s: %w", key, err)
		}
	}
	return db.Fault(rows.Err())
}

func (o *writer) blob(ctx context.Context, store *blob.Store, key string) error {
	r, err := store.Get(ctx, key)
	if fault.IsKind(err, fault.NotFound) {
		if !slices.Contains(o.m.Missing, key) {
			o.m.Missing = append(o.m.Missing, key)
		}
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }() // only read
	return o.member(Member{Name: "blobs/" + key}, func(w io.Writer, _ *Member) error {
		_, err := io.Copy(w, r)
		return err
	})
}
