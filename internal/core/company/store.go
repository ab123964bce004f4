package company

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/page"
)

// Kinds of registry keys that name companies.
const (
	byCreditCode = "credit_code"
	byName       = "company_name"
)

// scoped says which columns carry the scope of companies.
var scoped = db.Columns{Path: "c.org_path", Company: "c.id"}

type store struct{ db *db.DB }

type row struct {
	bun.BaseModel `bun:"table:companies,alias:c"`

	CityCode         string `bun:",pk"`
	ID               string `bun:",pk"`
	OrgPath          string
	CreditCode       string
	Name             string
	IndustryCode     string
	DivisionCode     string
	Address          string
	About            string
	ContactName      string
	ContactPhoneEnc  []byte `bun:",nullzero"`
	ContactPhoneMask string
	UnionUnitID      string
	State            State
	Version          int
	CreatedAt        time.Time
	UpdatedAt        time.Time
}

func (r *row) company() Company {
	return Company{
		CityCode: r.CityCode, ID: r.ID, OrgPath: r.OrgPath, CreditCode: r.CreditCode, Name: r.Name,
		IndustryCode: r.IndustryCode, DivisionCode: r.DivisionCode, Address: r.Address, About: r.About,
		ContactName: r.ContactName, ContactPhoneMask: r.ContactPhoneMask, UnionUnitID: r.UnionUnitID,
		State: r.State, Version: r.Version,
	}
}

type factRow struct {
	bun.BaseModel `bun:"table:company_facts,alias:f"`

	CityCode  string `bun:",pk"`
	ID        string `bun:",pk"`
	CompanyID string
	Kind      FactKind
	Year      int
	Quantity  int64
	Source    string
	StatedOn  clock.Day
}

// key is one row of the registry.
type key struct {
	bun.BaseModel `bun:"table:registry"`

	Kind      string `bun:",pk"`
	Hash      string `bun:",pk"`
	CityCode  string
	SubjectID string
}

// get reads a company within the scope.
func (s store) get(ctx context.Context, ref Ref) (*row, error) {
	r := new(row)
	if !ref.possible() {
		return r, ErrNotFound
	}
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(r).Where("c.city_code = ? AND c.id = ?", ref.City, ref.ID), scoped)
	if err != nil {
		return nil, err
	}
	return r, absent(q.Scan(ctx))
}

// open reads a company without a scope, for public facts and for registration.
func (s store) open(ctx context.Context, ref Ref) (*row, error) {
	r := new(row)
	if !ref.possible() {
		return r, ErrNotFound
	}
	err := s.db.Reader(ctx).NewSelect().Model(r).Where("c.city_code = ? AND c.id = ?", ref.City, ref.ID).Scan(ctx)
	return r, absent(err)
}

// possible tells whether a record can have this name: a NUL, which a forged
// address may hold, cannot be written into a query.
func (r Ref) possible() bool {
	return strings.IndexByte(r.City, 0) < 0 && strings.IndexByte(r.ID, 0) < 0
}

func absent(err error) error {
	err = db.Fault(err)
	if fault.HasCode(err, "db.no_row") {
		return ErrNotFound
	}
	return err
}

func (s store) insert(ctx context.Context, r *row) error {
	_, err := s.db.Writer(ctx).NewInsert().Model(r).Returning("NULL").Exec(ctx)
	return db.Fault(err)
}

// insertListed writes many companies of an import; what a listed company cannot
// have is left to the columns' defaults.
func (s store) insertListed(ctx context.Context, rows []*row) error {
	if len(rows) == 0 {
		return nil
	}
	_, err := s.db.Writer(ctx).NewInsert().Model(&rows).Column("city_code", "id", "org_path", "credit_code", "name",
		"industry_code", "division_code", "state", "created_at", "updated_at").Returning("NULL").Exec(ctx)
	return db.Fault(err)
}

// update writes all of a row; its version must be one higher than the stored one.
func (s store) update(ctx context.Context, r *row) error {
	res, err := s.db.Writer(ctx).NewUpdate().Model(r).ExcludeColumn("city_code", "id", "created_at").
		Where("city_code = ? AND id = ? AND version = ?", r.CityCode, r.ID, r.Version-1).Exec(ctx)
	return db.Affected(res, err, ErrMovedOn)
}

// find reads registry rows of a kind, by hash.
func (s store) find(ctx context.Context, kind string, hashes []string) (map[string]Ref, error) {
	out := make(map[string]Ref, len(hashes))
	if len(hashes) == 0 {
		return out, nil
	}
	var keys []key
	err := s.db.Reader(ctx).NewSelect().Model(&keys).Where("kind = ? AND hash IN (?)", kind, bun.List(hashes)).Scan(ctx)
	for _, k := range keys {
		out[k.Hash] = Ref{k.CityCode, k.SubjectID}
	}
	return out, db.Fault(err)
}

// claim writes registry rows and tells whether all of them were free. The rows
// go in the order of their keys, so that two claims at once do not deadlock.
func (s store) claim(ctx context.Context, keys []key) (bool, error) {
	if len(keys) == 0 {
		return true, nil
	}
	slices.SortFunc(keys, func(a, b key) int { return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.Hash, b.Hash)) })
	res, err := s.db.Writer(ctx).NewInsert().Model(&keys).On("CONFLICT (kind, hash) DO NOTHING").Exec(ctx)
	if err != nil {
		return false, db.Fault(err)
	}
	n, err := res.RowsAffected()
	return int(n) == len(keys), db.Fault(err)
}

// release takes back the registry rows of companies.
func (s store) release(ctx context.Context, kinds, subjects []string) error {
	if len(subjects) == 0 {
		return nil
	}
	_, err := s.db.Writer(ctx).NewDelete().Model((*key)(nil)).
		Where("kind IN (?) AND subject_id IN (?)", bun.List(kinds), bun.List(subjects)).Exec(ctx)
	return db.Fault(err)
}

// heads reads what an import needs to know of companies already there.
func (s store) heads(ctx context.Context, refs []Ref) (map[Ref]*row, error) {
	byCity := map[string][]string{}
	for _, r := range refs {
		byCity[r.City] = append(byCity[r.City], r.ID)
	}
	out := make(map[Ref]*row, len(refs))
	for city, ids := range byCity {
		var rows []*row
		err := s.db.Reader(ctx).NewSelect().Model(&rows).
			Column("city_code", "id", "org_path", "credit_code", "name", "state", "version").
			Where("c.city_code = ? AND c.id IN (?)", city, bun.List(ids)).Scan(ctx)
		if err != nil {
			return nil, db.Fault(err)
		}
		for _, r := range rows {
			out[Ref{r.CityCode, r.ID}] = r
		}
	}
	return out, nil
}

// giveCode writes the credit code of a company that had none.
func (s store) giveCode(ctx context.Context, ref Ref, code string, now time.Time) error {
	res, err := s.db.Writer(ctx).NewRaw(`UPDATE companies SET credit_code = ?, version = version + 1, updated_at = ?
		WHERE city_code = ? AND id = ? AND credit_code = ''`, code, now, ref.City, ref.ID).Exec(ctx)
	return db.Affected(res, err, ErrMovedOn)
}

const listName = "company/list"

func (s store) list(ctx context.Context, f Filter, req page.Request) ([]*row, error) {
	var rows []*row
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(&rows), scoped)
	if err != nil {
		return nil, err
	}
	if f.State != "" {
		q = q.Where("c.state = ?", f.State)
	}
	if f.Text != "" {
		q = q.Where(`(c.name LIKE ? ESCAPE '\' OR c.credit_code = ?)`, "%"+escapeLike.Replace(f.Text)+"%", strings.ToUpper(f.Text))
	}
	if f.OrgPath != "" {
		from, to := db.Subtree(f.OrgPath)
		q = q.Where("c.org_path >= ? AND c.org_path < ?", from, to)
	}
	var last string
	if ok, err := req.After.Decode(listName, &last); err != nil {
		return nil, err
	} else if ok && !id.Valid(last) {
		return nil, fault.New(fault.Invalid, "page.cursor")
	} else if ok {
		q = q.Where("c.id < ?", last)
	}
	err = q.OrderExpr("c.id DESC").Limit(int64(req.Size()) + 1).Scan(ctx)
	return rows, db.Fault(err)
}

var escapeLike = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// addFact inserts a fact unless the same statement is there already.
func (s store) addFact(ctx context.Context, f factRow) (Fact, error) {
	facts, err := s.facts(ctx, Ref{f.CityCode, f.CompanyID})
	if err != nil {
		return Fact{}, err
	}
	for _, old := range facts {
		same := f.fact()
		same.ID = old.ID
		if old == same {
			return old, nil
		}
	}
	_, err = s.db.Writer(ctx).NewInsert().Model(&f).Exec(ctx)
	return f.fact(), db.Fault(err)
}

func (f factRow) fact() Fact {
	return Fact{ID: f.ID, Kind: f.Kind, Year: f.Year, Quantity: f.Quantity, Source: f.Source, StatedOn: f.StatedOn}
}

func (s store) facts(ctx context.Context, ref Ref) ([]Fact, error) {
	var rows []factRow
	err := s.db.Reader(ctx).NewSelect().Model(&rows).Where("city_code = ? AND company_id = ?", ref.City, ref.ID).
		OrderExpr("year DESC, kind, stated_on DESC, id").Scan(ctx)
	out := make([]Fact, len(rows))
	for i, r := range rows {
		out[i] = r.fact()
	}
	return out, db.Fault(err)
}
