package company

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/base/registry"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/page"
)

// Kinds of registry keys that name companies.
const (
	byCreditCode = "credit_code"
	byName       = "company_name"
	byFormerName = "company_former_name" // of the company that is called otherwise today
	byMergedCode = "merged_credit_code"  // of a company that was absorbed, held by the one that goes on
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

func (r *row) known() Known {
	return Known{CityCode: r.CityCode, ID: r.ID, OrgPath: r.OrgPath, Name: r.Name, Division: r.DivisionCode, Industry: r.IndustryCode, State: r.State}
}

// holds gives a key of the registry to the company.
func (r *row) holds(k registry.Key) registry.Entry {
	return registry.Entry{Key: k, Holder: registry.Holder{City: r.CityCode, ID: r.ID}}
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

// get reads a company within the scope.
func (s store) get(ctx context.Context, ref Ref) (*row, error) {
	r := new(row)
	if !db.Possible(ref.City, ref.ID) {
		return r, ErrNotFound
	}
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(r).Where("c.city_code = ? AND c.id = ?", ref.City, ref.ID), scoped)
	if err != nil {
		return nil, err
	}
	return r, db.Found(q.Scan(ctx), ErrNotFound)
}

// open reads a company without a scope, for public facts and for registration.
func (s store) open(ctx context.Context, ref Ref) (*row, error) {
	r := new(row)
	if !db.Possible(ref.City, ref.ID) {
		return r, ErrNotFound
	}
	err := s.db.Reader(ctx).NewSelect().Model(r).Where("c.city_code = ? AND c.id = ?", ref.City, ref.ID).Scan(ctx)
	return r, db.Found(err, ErrNotFound)
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
			Column("city_code", "id", "org_path", "credit_code", "name", "industry_code", "division_code", "state", "version").
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
		q = q.Where(`(c.name LIKE ? ESCAPE '\' OR c.credit_code = ?)`, db.Contains(f.Text), strings.ToUpper(f.Text))
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
