package registry

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/base/vault"
)

// Key is a value as it is kept: its kind and the keyed hash of it.
type Key struct{ Kind, Hash string }

// Holder names the record that a value belongs to.
type Holder struct{ City, ID string }

// Entry gives a key to a holder.
type Entry struct {
	Key
	Holder
}

// Registry is safe for concurrent use. Its writes belong into the transaction
// of the record that holds the value.
type Registry struct {
	db    *db.DB
	vault *vault.Vault
}

// New gives the registry of a database, whose hashes are the vault's.
func New(d *db.DB, v *vault.Vault) *Registry { return &Registry{d, v} }

type row struct {
	bun.BaseModel `bun:"table:registry"`

	Kind      string `bun:",pk"`
	Hash      string `bun:",pk"`
	CityCode  string
	SubjectID string
}

// Key hashes a value, which the caller has normalised.
func (r *Registry) Key(kind, value string) Key { return Key{kind, r.vault.Hash(kind, value)} }

// Find tells whose a value is. It asks no scope. Faults: those of the database.
func (r *Registry) Find(ctx context.Context, k Key) (Holder, bool, error) {
	found, err := r.FindAll(ctx, k.Kind, k.Hash)
	h, ok := found[k.Hash]
	return h, ok, err
}

// FindAll tells, by their hashes, whose the values of one kind are; those that
// nobody holds are missing. Like Find.
func (r *Registry) FindAll(ctx context.Context, kind string, hashes ...string) (map[string]Holder, error) {
	out := make(map[string]Holder, len(hashes))
	if len(hashes) == 0 {
		return out, nil
	}
	var rows []row
	err := r.db.Reader(ctx).NewSelect().Model(&rows).Where("kind = ? AND hash IN (?)", kind, bun.List(hashes)).Scan(ctx)
	for _, found := range rows {
		out[found.Hash] = Holder{found.CityCode, found.SubjectID}
	}
	return out, db.Fault(err)
}

// Claim takes values for their holders, in the order of the keys, so that two
// claims at once do not deadlock. It tells whether all were free; where one was
// not, the others are taken all the same (Release, or roll back). Faults: those
// of the database.
func (r *Registry) Claim(ctx context.Context, entries ...Entry) (bool, error) {
	if len(entries) == 0 {
		return true, nil
	}
	rows := make([]row, len(entries))
	for i, e := range entries {
		rows[i] = row{Kind: e.Kind, Hash: e.Hash, CityCode: e.City, SubjectID: e.ID}
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.Hash, b.Hash)) })
	if r.db.Dialect == db.SQLite && len(rows) > fewRows && db.InsideTx(ctx) {
		return r.claimEach(ctx, rows)
	}
	res, err := r.db.Writer(ctx).NewInsert().Model(&rows).On("CONFLICT (kind, hash) DO NOTHING").Exec(ctx)
	if err != nil {
		return false, db.Fault(err)
	}
	n, err := res.RowsAffected()
	return int(n) == len(rows), db.Fault(err)
}

// fewRows is what one statement takes as fast as one statement each; beyond it SQLite
// spends its time on keeping the way back open.
const fewRows = 20

// claimEach is Claim for many on SQLite.
func (r *Registry) claimEach(ctx context.Context, rows []row) (bool, error) {
	values := make([][]any, len(rows))
	for i, x := range rows {
		values[i] = []any{x.Kind, x.Hash, x.CityCode, x.SubjectID}
	}
	fresh, err := r.db.InsertNew(ctx, "registry", []string{"kind", "hash", "city_code", "subject_id"}, "kind, hash", values)
	return !slices.Contains(fresh, false), db.Fault(err)
}

// Replace takes a value for its holder in place of all others of the kind that
// were its. It tells whether the holder has it now; if another has, the holder
// is left without a value of the kind. Faults: those of the database.
func (r *Registry) Replace(ctx context.Context, e Entry) (bool, error) {
	ok, err := r.Claim(ctx, e)
	if err != nil {
		return false, err
	}
	if !ok {
		holder, found, err := r.Find(ctx, e.Key)
		if err != nil {
			return false, err
		}
		ok = found && holder == e.Holder
	}
	_, err = r.db.Writer(ctx).NewDelete().Model((*row)(nil)).Where("kind = ? AND subject_id = ? AND hash <> ?", e.Kind, e.ID, e.Hash).Exec(ctx)
	return ok, db.Fault(err)
}

// Release takes all values of some kinds from the holders with the ids. Faults:
// those of the database.
func (r *Registry) Release(ctx context.Context, kinds, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := r.db.Writer(ctx).NewDelete().Model((*row)(nil)).Where("kind IN (?) AND subject_id IN (?)", bun.List(kinds), bun.List(ids)).Exec(ctx)
	return db.Fault(err)
}

// Pass gives all values of a kind that one holder has to another. Faults: those of
// the database.
func (r *Registry) Pass(ctx context.Context, kind string, from, to Holder) error {
	_, err := r.db.Writer(ctx).NewUpdate().Model((*row)(nil)).Set("city_code = ?, subject_id = ?", to.City, to.ID).
		Where("kind = ? AND city_code = ? AND subject_id = ?", kind, from.City, from.ID).Exec(ctx)
	return db.Fault(err)
}
