package person

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/page"
)

// Kinds of registry keys that name people.
const (
	byPhone    = "phone"
	byResident = "resident_id"
)

// scoped says which columns carry the scope of people.
var scoped = db.Columns{Path: "p.org_path", Person: "p.id"}

type store struct{ db *db.DB }

type row struct {
	bun.BaseModel `bun:"table:persons,alias:p"`

	CityCode     string `bun:",pk"`
	ID           string `bun:",pk"`
	OrgPath      string
	Name         string
	Sex          string
	BirthOn      clock.Day
	PhoneEnc     []byte
	PhoneMask    string
	ResidentEnc  []byte
	ResidentMask string
	DivisionCode string
	Education    int
	Groups       string
	Version      int
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

func (r *row) person() Person {
	return Person{
		CityCode: r.CityCode, ID: r.ID, OrgPath: r.OrgPath, Name: r.Name, Sex: r.Sex, BirthOn: r.BirthOn,
		PhoneMask: r.PhoneMask, ResidentMask: r.ResidentMask, DivisionCode: r.DivisionCode,
		Education: r.Education, Groups: splitGroups(r.Groups), Version: r.Version,
	}
}

type consentRow struct {
	bun.BaseModel `bun:"table:consents,alias:c"`

	CityCode    string `bun:",pk"`
	ID          string `bun:",pk"`
	PersonID    string
	Purpose     string
	Recipient   string
	GrantedAt   time.Time
	ExpiresAt   time.Time `bun:",nullzero"`
	WithdrawnAt time.Time `bun:",nullzero"`
}

func (r consentRow) consent() Consent {
	return Consent{
		ID: r.ID, Purpose: r.Purpose, Recipient: r.Recipient,
		GrantedAt: r.GrantedAt.UTC(), ExpiresAt: r.ExpiresAt.UTC(), WithdrawnAt: r.WithdrawnAt.UTC(),
	}
}

// get reads a person within the scope.
func (s store) get(ctx context.Context, ref Ref) (*row, error) {
	r := new(row)
	if !db.Possible(ref.City, ref.ID) {
		return r, ErrNotFound
	}
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(r).Where("p.city_code = ? AND p.id = ?", ref.City, ref.ID), scoped)
	if err != nil {
		return nil, err
	}
	return r, db.Found(q.Scan(ctx), ErrNotFound)
}

// open reads a person for the house's own work.
func (s store) open(ctx context.Context, ref Ref) (*row, error) {
	r := new(row)
	if !db.Possible(ref.City, ref.ID) {
		return r, ErrNotFound
	}
	err := s.db.Reader(ctx).NewSelect().Model(r).Where("p.city_code = ? AND p.id = ?", ref.City, ref.ID).Scan(ctx)
	return r, db.Found(err, ErrNotFound)
}

func (s store) insert(ctx context.Context, r *row) error {
	_, err := s.db.Writer(ctx).NewInsert().Model(r).Exec(ctx)
	return db.Fault(err)
}

// update writes all of a row; its version must be one higher than the stored one.
func (s store) update(ctx context.Context, r *row) error {
	res, err := s.db.Writer(ctx).NewUpdate().Model(r).ExcludeColumn("city_code", "id", "created_at").
		Where("city_code = ? AND id = ? AND version = ?", r.CityCode, r.ID, r.Version-1).Exec(ctx)
	return db.Affected(res, err, ErrMovedOn)
}

const listName = "person/list"

func (s store) list(ctx context.Context, f Filter, req page.Request) ([]*row, error) {
	var rows []*row
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(&rows), scoped)
	if err != nil {
		return nil, err
	}
	if f.Name != "" {
		q = q.Where(`p.name LIKE ? ESCAPE '\'`, db.Contains(f.Name))
	}
	if f.Group != "" {
		q = q.Where(`(' ' || p.groups || ' ') LIKE ? ESCAPE '\'`, db.Contains(" "+f.Group+" "))
	}
	if f.OrgPath != "" {
		from, to := db.Subtree(f.OrgPath)
		q = q.Where("p.org_path >= ? AND p.org_path < ?", from, to)
	}
	var last string
	if ok, err := req.After.Decode(listName, &last); err != nil {
		return nil, err
	} else if ok && !id.Valid(last) {
		return nil, fault.New(fault.Invalid, "page.cursor")
	} else if ok {
		q = q.Where("p.id < ?", last)
	}
	err = q.OrderExpr("p.id DESC").Limit(int64(req.Size()) + 1).Scan(ctx)
	return rows, db.Fault(err)
}

func (s store) consents(ctx context.Context, ref Ref) ([]consentRow, error) {
	var rows []consentRow
	err := s.db.Reader(ctx).NewSelect().Model(&rows).Where("city_code = ? AND person_id = ?", ref.City, ref.ID).
		OrderExpr("granted_at DESC, id DESC").Scan(ctx)
	return rows, db.Fault(err)
}

// standing gives the consents of a purpose and recipient that hold now.
func (s store) standing(ctx context.Context, ref Ref, purpose, recipient string, now time.Time) ([]consentRow, error) {
	var rows []consentRow
	err := s.db.Reader(ctx).NewSelect().Model(&rows).
		Where("city_code = ? AND person_id = ? AND purpose = ? AND recipient = ? AND withdrawn_at IS NULL",
			ref.City, ref.ID, purpose, recipient).OrderExpr("granted_at DESC, id DESC").Scan(ctx)
	// Both databases keep instants, but compare them as written; the clock decides here.
	return slices.DeleteFunc(rows, func(r consentRow) bool { return !r.consent().Holds(now) }), db.Fault(err)
}

func (s store) insertConsent(ctx context.Context, r consentRow) error {
	_, err := s.db.Writer(ctx).NewInsert().Model(&r).Exec(ctx)
	return db.Fault(err)
}

func (s store) withdraw(ctx context.Context, city, consentID string, now time.Time) error {
	_, err := s.db.Writer(ctx).NewRaw("UPDATE consents SET withdrawn_at = ? WHERE city_code = ? AND id = ? AND withdrawn_at IS NULL",
		now, city, consentID).Exec(ctx)
	return db.Fault(err)
}
