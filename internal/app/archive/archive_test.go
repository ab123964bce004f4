package archive_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/app/archive"
	"gonghui/internal/base/blob"
	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/base/vault"
	"gonghui/internal/base/vault/vaulttest"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

type place struct {
	d     *db.DB
	blobs *blob.Store
}

func newPlace(t *testing.T, dialect string) place {
	t.Helper()
	d, err := db.Open(t.Context(), db.Config{URL: dbtest.URL(t, dialect), MaxConns: 4})
	require.NoError(t, err)
	t.Cleanup(func() { _ = d.Close() })
	b, err := blob.Open(t.TempDir())
	require.NoError(t, err)
	return place{d, b}
}

// settle puts rows with every awkward value into a place.
func settle(t *testing.T, p place) {
	t.Helper()
	ctx := t.Context()
	do := func(q string, args ...any) {
		t.Helper()
		_, err := p.d.Writer(ctx).NewRaw(q, args...).Exec(ctx)
		require.NoError(t, err)
	}
	at := time.Date(2020, 7, 20, 1, 2, 3, 456789000, time.UTC)
	whole := time.Date(2020, 12, 31, 16, 0, 0, 0, time.UTC)
	do("INSERT INTO settings (name, value, updated_at) VALUES ('a', ?, ?)", `quote " and ' \ ? 工会 😀 <b>`+"\n\t\u2028", at)
	do("INSERT INTO roles (code, capabilities, built_in, version) VALUES ('r', 'x y', ?, 3)", false)
	do(`INSERT INTO accounts (id, kind, login, phone_enc, totp_required, created_at, locked_until) VALUES ('1', 'staff', 'l', ?, ?, ?, NULL)`,
		[]byte{0, 1, 2, 254, 255}, true, whole)
	do(`INSERT INTO accounts (id, kind, login, phone_enc, created_at, locked_until) VALUES ('2', 'worker', NULL, NULL, ?, ?)`, at, at)
	do("INSERT INTO sessions (token_hash, data, expires_at) VALUES ('secret-session', ?, ?)", []byte("x"), at)
	for i := range 1500 {
		id := fmt.Sprintf("p%05d", i)
		do("INSERT INTO persons (city_code, id, org_path, name, phone_enc, created_at, updated_at) VALUES ('3701', ?, '0001', ?, ?, ?, ?)",
			id, strings.Repeat("王", i%7), []byte{byte(i), byte(i >> 8)}, at.Add(time.Duration(i)*time.Microsecond), whole)
	}
	do("INSERT INTO consents (city_code, id, person_id, purpose, granted_at) VALUES ('3701', 'c', 'p00007', 'x', ?)", at)
	do("INSERT INTO companies (city_code, id, org_path, name, state, created_at, updated_at) VALUES ('3702', 'k', '0001', '甲', 'listed', ?, ?)", at, at)
	do(`INSERT INTO vacancies (city_code, id, number, org_path, company_id, company_name, title, division_code, lon, lat, source, state, identity, valid_to, created_at, updated_at, content)
		VALUES ('3702', 'v', 'V1', '0001', 'k', '甲', '焊工', '370202', 120.38264, -0.1, 'import', 'closed', NULL, '2020-08-01', ?, ?, ?)`, at, at, strings.Repeat("很长的说明", 40000))
	do(`INSERT INTO audit_entries (city_code, id, at, actor_id, actor_name, action, subject_kind, subject_id, digest, seq) VALUES
		('3701', 'e1', ?, '', '', 'a.b', 'x', 'y', 'd', 9007199254740993), ('3701', 'e2', ?, '', '', 'a.b', 'x', 'y', 'd', NULL)`, at, at)
	ref, err := p.blobs.Put(ctx, strings.NewReader("%PDF-1.4 a letter"), 1000)
	require.NoError(t, err)
	do(`INSERT INTO documents (city_code, id, org_path, subject_kind, subject_id, name, media_type, size, sha256, created_by, created_at)
		VALUES ('3701', 'doc', '0001', 'x', 'y', 'letter.pdf', 'application/pdf', ?, ?, '1', ?)`, ref.Size, ref.SHA256, at)
}

// content is a hash of each kept table, the same on both databases.
func content(t *testing.T, p place) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, name := range archive.Order {
		lines, err := archive.Lines(context.Background(), p.d, name)
		require.NoError(t, err)
		sort.Strings(lines)
		h := sha256.Sum256([]byte(strings.Join(lines, "")))
		out[name] = fmt.Sprintf("%d %s", len(lines), hex.EncodeToString(h[:4]))
	}
	return out
}

func write(t *testing.T, p place, v *vault.Vault) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "a.zip")
	f, err := os.Create(file)
	require.NoError(t, err)
	_, err = archive.Write(t.Context(), archive.Source{DB: p.d, Blobs: p.blobs, Vault: v, Clock: clock.System(), Program: "test"}, f, nil)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	return file
}

func load(t *testing.T, file string, v *vault.Vault, p place) error {
	t.Helper()
	a, err := archive.Open(file, v)
	if err != nil {
		return err
	}
	defer func() { require.NoError(t, a.Close()) }()
	if err := a.Check(t.Context()); err != nil {
		return err
	}
	return a.Load(t.Context(), p.d, p.blobs, nil)
}

func TestThereAndBackAgain(t *testing.T) {
	v := vaulttest.New(t)
	home := newPlace(t, db.SQLite)
	settle(t, home)
	want := content(t, home)
	at := home
	for _, dialect := range append(dbtest.Dialects(), db.SQLite) {
		next := newPlace(t, dialect)
		file := write(t, at, v)
		require.NoError(t, load(t, file, v, next), dialect)
		require.Equal(t, want, content(t, next), dialect)
		require.True(t, fault.HasCode(load(t, file, v, next), "archive.not_empty"), "nothing is loaded over something")
		require.Equal(t, want, content(t, next))
		at = next
	}
	var key string
	require.NoError(t, at.d.Reader(t.Context()).NewRaw("SELECT sha256 FROM documents").Scan(t.Context(), &key))
	r, err := at.blobs.Get(t.Context(), key)
	require.NoError(t, err)
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	require.Equal(t, "%PDF-1.4 a letter", string(text))
	// A time that came back must sort among those that the program writes itself.
	var n int
	require.NoError(t, at.d.Reader(t.Context()).NewRaw("SELECT count(*) FROM persons WHERE created_at > ?",
		time.Date(2020, 7, 20, 1, 2, 3, 456789000, time.UTC)).Scan(t.Context(), &n))
	require.Equal(t, 1499, n)
}

func TestNoSecretsInside(t *testing.T) {
	keys := vault.Generate()
	v, err := vault.New(keys)
	require.NoError(t, err)
	home := newPlace(t, db.SQLite)
	settle(t, home)
	file := write(t, home, v)
	a, err := archive.Open(file, v)
	require.NoError(t, err)
	for _, m := range a.Members {
		require.NotContains(t, m.Name, "sessions")
	}
	require.NoError(t, a.Close())

	other := newPlace(t, db.SQLite)
	before := content(t, other)
	require.True(t, fault.HasCode(load(t, file, vaulttest.New(t), other), "archive.secrets"))
	foreign := vault.Generate() // the right signing key is not enough
	foreign.Sign = keys.Sign
	half, err := vault.New(foreign)
	require.NoError(t, err)
	require.True(t, fault.HasCode(load(t, file, half, other), "archive.secrets"))
	require.Equal(t, before, content(t, other))

	rotated, err := keys.Rotated(vault.SM4GCM)
	require.NoError(t, err)
	later, err := vault.New(rotated)
	require.NoError(t, err)
	require.NoError(t, load(t, file, later, other), "a keyring that has grown since still fits")
}

// Whatever byte is hit: the archive is refused, or what it loads is untouched.
func TestDamage(t *testing.T) {
	v := vaulttest.New(t)
	home := newPlace(t, db.SQLite)
	settle(t, home)
	file := write(t, home, v)
	good, err := os.ReadFile(file)
	require.NoError(t, err)
	check := func(body []byte) error {
		bad := filepath.Join(t.TempDir(), "bad.zip")
		require.NoError(t, os.WriteFile(bad, body, 0o600))
		a, err := archive.Open(bad, v)
		if err != nil {
			return err
		}
		defer func() { require.NoError(t, a.Close()) }()
		return a.Check(t.Context())
	}
	require.NoError(t, check(good))
	for _, n := range []int{0, 1, 100, len(good) / 2, len(good) - 1} {
		require.True(t, fault.HasCode(check(good[:n]), "archive.damaged"), "cut to %d bytes", n)
	}
	require.True(t, fault.HasCode(check([]byte("PK\x03\x04 not a zip")), "archive.damaged"))

	found := 0
	const tries = 200
	for i := range tries {
		bad := bytes.Clone(good)
		bad[i*len(good)/tries] ^= 0x20
		err := check(bad)
		if err != nil {
			require.True(t, fault.HasCode(err, "archive.damaged") || fault.HasCode(err, "archive.secrets"), "%v", err)
			found++
		}
	}
	require.Greater(t, found, tries*3/4, "only bytes that nobody reads, such as a member's date, may change unseen")
}

// A load that fails in the middle leaves the place as empty as it was.
func TestLoadIsAllOrNothing(t *testing.T) {
	for _, dialect := range dbtest.Dialects() {
		v := vaulttest.New(t)
		home, other := newPlace(t, db.SQLite), newPlace(t, dialect)
		settle(t, home)
		before := content(t, other)
		file := write(t, home, v)
		a, err := archive.Open(file, v)
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		err = a.Load(ctx, other.d, other.blobs, func(m archive.Member) {
			if m.Table == "vacancies" {
				cancel()
			}
		})
		require.Error(t, err)
		require.NoError(t, a.Close())
		require.Equal(t, before, content(t, other), dialect)
		require.NoError(t, load(t, file, v, other), "it can be begun anew")
	}
}

func TestMissingBlobIsNamed(t *testing.T) {
	v := vaulttest.New(t)
	home := newPlace(t, db.SQLite)
	settle(t, home)
	empty, err := blob.Open(t.TempDir())
	require.NoError(t, err)
	home.blobs = empty
	a, err := archive.Open(write(t, home, v), v)
	require.NoError(t, err)
	require.Len(t, a.Missing, 1)
	require.NoError(t, a.Close())
}

// Law: every table is kept or left out on purpose, and parents come first.
func TestOrder(t *testing.T) {
	var declared []string
	for name := range db.Tables {
		declared = append(declared, name)
	}
	require.ElementsMatch(t, declared, append(slices.Clone(archive.Order), archive.LeftOut...))
	d := dbtest.SQLite(t)
	for i, name := range archive.Order {
		var parents []string
		require.NoError(t, d.Reader(t.Context()).NewRaw(`SELECT "table" FROM pragma_foreign_key_list(?)`, name).Scan(t.Context(), &parents))
		for _, p := range parents {
			require.Contains(t, archive.Order[:i], p, "%s needs %s before it", name, p)
		}
	}
}
