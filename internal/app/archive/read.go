package archive

import (
	"archive/zip"
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"gonghui/internal/base/blob"
	"gonghui/internal/base/db"
	"gonghui/internal/base/vault"
	"gonghui/internal/kit/fault"
)

// Archive is an opened archive whose manifest is known to be genuine.
type Archive struct {
	Manifest
	file *os.File
	zip  *zip.Reader
}

// maxManifest bounds a manifest, in bytes: it is read before it is trusted.
const maxManifest = 64 << 20

// Open reads the manifest and recognises the keyring. Faults: invalid
// archive.damaged (no archive, cut short, changed), archive.format; conflict
// archive.secrets where the keyring is not the one it was written under.
func Open(file string, v *vault.Vault) (*Archive, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	a, err := open(f, v)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return a, nil
}

func open(f *os.File, v *vault.Vault) (*Archive, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	z, err := zip.NewReader(f, info.Size())
	if err != nil {
		return nil, damaged("it is no archive, or was cut short: %v", err)
	}
	a := &Archive{file: f, zip: z}
	read := func(name string) ([]byte, error) {
		r, err := z.Open(name)
		if err != nil {
			return nil, damaged("no %s", name)
		}
		defer func() { _ = r.Close() }()
		text, err := io.ReadAll(io.LimitReader(r, maxManifest))
		if err != nil {
			return nil, damaged("%s: %v", name, err)
		}
		return text, nil
	}
	body, err := read("manifest.json")
	if err != nil {
		return nil, err
	}
	proof, err := read("manifest.sig")
	if err != nil {
		return nil, err
	}
	a.Manifest, err = parseManifest(body, string(proof), v)
	return a, err
}

// Close closes the file.
func (a *Archive) Close() error { return a.file.Close() }

// Check reads every member to its end and compares it with the manifest. Fault:
// invalid archive.damaged.
func (a *Archive) Check(ctx context.Context) error {
	for _, x := range a.Members {
		err := a.member(x, func(r io.Reader) error {
			h := sha256.New()
			n, err := io.Copy(h, watched{ctx, io.LimitReader(r, x.Size+1)})
			if err == nil && (n != x.Size || hex.EncodeToString(h.Sum(nil)) != x.SHA256) {
				err = errors.New("other bytes than were written")
			}
			return err
		})
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return damaged("%s: %v", x.Name, err)
		}
	}
	return nil
}

type watched struct {
	ctx context.Context
	r   io.Reader
}

func (w watched) Read(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.r.Read(p)
}

func (a *Archive) member(x Member, use func(io.Reader) error) error {
	r, err := a.zip.Open(x.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("it is missing")
	}
	if err != nil {
		return err
	}
	return errors.Join(use(r), r.Close())
}

// Load fills an empty, migrated installation: blobs first, then all rows in one
// transaction. Call Check before. Faults: conflict archive.not_empty,
// archive.schema; invalid archive.damaged.
func (a *Archive) Load(ctx context.Context, d *db.DB, blobs *blob.Store, told func(Member)) error {
	have, _, err := d.Version(ctx)
	if err != nil {
		return err
	}
	if have != a.Schema {
		return fault.New(fault.Conflict, "archive.schema", fault.With("Have", a.Schema), fault.With("Want", have))
	}
	if err := empty(ctx, d); err != nil {
		return err
	}
	if err := a.loadBlobs(ctx, blobs); err != nil {
		return err
	}
	return d.InTx(ctx, func(ctx context.Context) error {
		if err := empty(ctx, d); err != nil { // now for certain
			return err
		}
		for _, name := range seeded {
			if _, err := d.Writer(ctx).ExecContext(ctx, "DELETE FROM "+name); err != nil {
				return db.Fault(err)
			}
		}
		for _, x := range a.Tables() {
			if err := a.loadTable(ctx, d, x); err != nil {
				return fmt.Errorf("table %s: %w", x.Table, err)
			}
			if told != nil {
				told(x)
			}
		}
		return nil
	})
}

// empty refuses an installation in which somebody has begun to work.
func empty(ctx context.Context, d *db.DB) error {
	for name := range db.Tables {
		if isSeeded(name) {
			continue
		}
		used, err := d.Reader(ctx).NewSelect().Table(name).Limit(1).Exists(ctx)
		if err != nil {
			return db.Fault(err)
		}
		if used {
			return errNotEmpty
		}
	}
	return nil
}

func isSeeded(name string) bool {
	for _, s := range seeded {
		if s == name {
			return true
		}
	}
	return false
}

func (a *Archive) loadBlobs(ctx context.Context, store *blob.Store) error {
	for _, x := range a.Members {
		key, ok := strings.CutPrefix(x.Name, "blobs/")
		if !ok {
			continue
		}
		err := a.member(x, func(r io.Reader) error {
			ref, err := store.Put(ctx, r, x.Size)
			if err == nil && ref.SHA256 != path.Base(key) {
				err = errors.New("other bytes than its name says")
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("blob %s: %w", key, err)
		}
	}
	return nil
}

func (a *Archive) loadTable(ctx context.Context, d *db.DB, x Member) error {
	columns, err := targetColumns(ctx, d, x)
	if err != nil {
		return err
	}
	in, err := newInserter(ctx, d, x.Table, columns)
	if err != nil {
		return err
	}
	err = a.member(x, func(r io.Reader) error {
		lines := bufio.NewReaderSize(r, 1<<16)
		for n := int64(1); ; n++ {
			line, err := lines.ReadBytes('\n')
			if errors.Is(err, io.EOF) && len(line) == 0 {
				if n-1 != x.Rows {
					return damaged("%d rows in place of %d", n-1, x.Rows)
				}
				return nil
			}
			if err != nil {
				return damaged("row %d: %v", n, err)
			}
			values, err := decode(line, columns)
			if err != nil {
				return damaged("row %d: %v", n, err)
			}
			if err := in.add(ctx, values, len(line)); err != nil {
				return fmt.Errorf("up to row %d: %w", n, err)
			}
		}
	})
	if err != nil {
		return errors.Join(err, in.close())
	}
	return errors.Join(in.flush(ctx), in.close())
}

// targetColumns gives the columns of the table that is filled, in the archive's
// order; both must have the same ones.
func targetColumns(ctx context.Context, d *db.DB, x Member) ([]column, error) {
	if _, known := db.Tables[x.Table]; !known {
		return nil, damaged("no such table")
	}
	rows, err := d.Writer(ctx).QueryContext(ctx, "SELECT * FROM "+x.Table+" WHERE 1 = 0")
	if err != nil {
		return nil, db.Fault(err)
	}
	defer func() { _ = rows.Close() }()
	here, err := columnsOf(rows)
	if err != nil {
		return nil, err
	}
	byName := map[string]column{}
	for _, c := range here {
		byName[c.name] = c
	}
	out := make([]column, len(x.Columns))
	for i, name := range x.Columns {
		c, ok := byName[name]
		if !ok {
			return nil, damaged("column %s is not known", name)
		}
		out[i] = c
		delete(byName, name)
	}
	if len(byName) > 0 || rows.Err() != nil {
		return nil, errors.Join(damaged("%d columns are missing", len(byName)), rows.Err())
	}
	return out, nil
}
