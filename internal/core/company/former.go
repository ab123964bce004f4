package company

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/db"
	"gonghui/internal/base/registry"
	"gonghui/internal/core/access"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/form"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/ident"
)

// FormerKind is what is past of a company.
type FormerKind string

// The kinds.
const (
	FormerName FormerKind = "former_name" // what it was called
	MergedCode FormerKind = "merged_code" // the credit code of a company that it absorbed
)

// What the log says of it.
const (
	actionRenamed     audit.Action = "company.renamed"
	actionFormerAdded audit.Action = "company.former_name_added"
	actionMerged      audit.Action = "company.merged"
)

// Faults of what is past.
var (
	ErrSameName = fault.New(fault.Invalid, "company.same_name", fault.OnField("name", "invalid"))
	ErrAbsorbed = fault.New(fault.Conflict, "company.absorbed") // another goes on for it already
	ErrItself   = fault.New(fault.Invalid, "company.itself", fault.OnField("code", "invalid"))
)

// Former is something past that a company is still found by.
type Former struct {
	Kind   FormerKind
	Value  string // the name, or the code
	From   Ref    // the record of the company that was absorbed, where there is one
	FromOn clock.Day
	Until  clock.Day // day the name ended
	Reason string
	By     string // account
	At     time.Time
}

// Renaming is another name of a company, by its document.
type Renaming struct {
	Name    string    `form:"name" check:"required,max=100"`
	On      clock.Day `form:"on" check:"required,day"` // first day of the new name
	Reason  string    `form:"reason" check:"required,max=200"`
	Version int       `form:"version"` // the version that was seen; 0 = as it stands
}

// PastName is a name that a company had before.
type PastName struct {
	Name   string    `form:"name" check:"required,max=100"`
	Until  clock.Day `form:"until" check:"day"` // empty = not known
	Reason string    `form:"reason" check:"required,max=200"`
}

// Merging is the absorption of one company by another (吸收合并).
type Merging struct {
	Code   string    `form:"code" check:"required,credit_code"` // of the one that is no more
	On     clock.Day `form:"on" check:"required,day"`
	Reason string    `form:"reason" check:"required,max=200"`
}

type formerRow struct {
	bun.BaseModel `bun:"table:company_formers,alias:f"`

	CityCode  string `bun:",pk"`
	ID        string `bun:",pk"`
	CompanyID string
	Kind      FormerKind
	Value     string
	FromCity  string
	FromID    string
	FromOn    clock.Day
	UntilOn   clock.Day
	Reason    string
	CreatedBy string
	CreatedAt time.Time
}

// judgePast cleans what somebody wrote of the past and refuses a day that has not
// come. name is nil where there is none.
func (s *Service) judgePast(in any, name, reason *string, on clock.Day, field string) error {
	err := form.Check(in)
	if err != nil && !fault.HasCode(err, "form.invalid") {
		return err
	}
	var fields []fault.Field
	if err != nil {
		fields = fault.As(err).Fields
	}
	if name != nil {
		fields = judge(fields, "name", nameProblem(*name))
	}
	*reason = strings.TrimSpace(*reason)
	switch {
	case *reason == "":
		fields = judge(fields, "reason", "required")
	case utf8.RuneCountInString(*reason) > 200:
		fields = judge(fields, "reason", "length")
	}
	if on > clock.Today(s.Clock) {
		fields = judge(fields, field, "invalid")
	}
	return refuse(fields)
}

// Rename gives a company in scope another name, also a verified one, and keeps the
// old one as former. Faults: form.invalid (with fields), company.same_name,
// company.not_found, company.moved_on, company.blocked.
func (s *Service) Rename(ctx context.Context, ref Ref, in Renaming) (Company, error) {
	if err := s.judgePast(&in, &in.Name, &in.Reason, in.On, "on"); err != nil {
		return Company{}, err
	}
	return s.editTold(ctx, ref, in.Version, actionRenamed, func(ctx context.Context, r *row) (string, error) {
		if r.State == StateBlocked {
			return "", ErrBlocked
		}
		old := r.Name
		if in.Name == old {
			return "", ErrSameName
		}
		if err := s.rename(ctx, r, in.Name); err != nil {
			return "", err
		}
		if nameKey(old) == nameKey(in.Name) {
			return told("old", old, "name", in.Name, "reason", in.Reason), nil // another spelling is found all the same
		}
		return told("old", old, "name", in.Name, "reason", in.Reason), s.keepName(ctx, r, PastName{Name: old, Until: in.On, Reason: in.Reason})
	})
}

// AddFormerName records a name that a company in scope had before. Faults:
// form.invalid (with fields), company.same_name, company.not_found.
func (s *Service) AddFormerName(ctx context.Context, ref Ref, in PastName) (Company, error) {
	if err := s.judgePast(&in, &in.Name, &in.Reason, in.Until, "until"); err != nil {
		return Company{}, err
	}
	return s.editTold(ctx, ref, 0, actionFormerAdded, func(ctx context.Context, r *row) (string, error) {
		if nameKey(in.Name) == nameKey(r.Name) {
			return "", ErrSameName
		}
		return told("name", in.Name, "reason", in.Reason), s.keepName(ctx, r, in)
	})
}

// keepName writes a former name; lists find the company by it unless a namesake
// had it before.
func (s *Service) keepName(ctx context.Context, r *row, in PastName) error {
	f := s.former(ctx, r, FormerName, in.Name, in.Reason)
	f.UntilOn = in.Until
	if err := s.store.addFormer(ctx, f); err != nil {
		return err
	}
	_, err := s.registry.Claim(ctx, s.holdsFormer(r, byFormerName, nameKey(in.Name)))
	return err
}

func (s *Service) former(ctx context.Context, r *row, kind FormerKind, value, reason string) *formerRow {
	actor, _ := access.From(ctx)
	return &formerRow{
		CityCode: r.CityCode, ID: id.New(), CompanyID: r.ID, Kind: kind, Value: value, Reason: reason,
		CreatedBy: actor.AccountID, CreatedAt: s.Clock.Now(),
	}
}

// Merge records that a company in scope has absorbed another: from then on the
// other's code leads to it, and so do the codes that the other had absorbed. Where
// the other has a record, it must be in scope too. Faults: form.invalid (with
// fields), company.itself, company.absorbed (one of the two is no more itself),
// company.not_found, company.moved_on.
func (s *Service) Merge(ctx context.Context, ref Ref, in Merging) (Company, error) {
	in.Code = ident.Clean(in.Code)
	if err := s.judgePast(&in, nil, &in.Reason, in.On, "on"); err != nil {
		return Company{}, err
	}
	return s.editTold(ctx, ref, 0, actionMerged, func(ctx context.Context, r *row) (string, error) {
		if in.Code == r.CreditCode {
			return "", ErrItself
		}
		for _, code := range []string{in.Code, r.CreditCode} {
			switch _, gone, err := s.absorbed(ctx, code); {
			case err != nil:
				return "", err
			case gone:
				return "", ErrAbsorbed
			}
		}
		f := s.former(ctx, r, MergedCode, in.Code, in.Reason)
		f.FromOn = in.On
		holder, known, err := s.registry.Find(ctx, s.registry.Key(byCreditCode, in.Code))
		if err != nil {
			return "", err
		}
		if known {
			if err := s.absorb(ctx, Ref(holder), r); err != nil {
				return "", err
			}
			f.FromCity, f.FromID = holder.City, holder.ID
		}
		if err := s.store.addFormer(ctx, f); err != nil {
			return "", err
		}
		free, err := s.registry.Claim(ctx, s.holdsFormer(r, byMergedCode, in.Code))
		if err == nil && !free {
			err = db.Again(ErrAbsorbed) // another merger was quicker
		}
		return told("code", in.Code, "reason", in.Reason), err
	})
}

// told makes the detail of an entry of pairs of a name and a text.
func told(pairs ...string) string {
	m := make(map[string]string, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	text, err := json.Marshal(m)
	if err != nil {
		return "" // texts alone do not fail
	}
	return string(text)
}

// absorb hands what an absorbed company had absorbed to the one that goes on. Its
// version rises, so that of two mergers at once that touch it one is told.
func (s *Service) absorb(ctx context.Context, from Ref, to *row) error {
	gone, err := s.store.get(ctx, from)
	if err != nil {
		return err
	}
	gone.Version, gone.UpdatedAt = gone.Version+1, s.Clock.Now()
	if err := s.store.update(ctx, gone); err != nil {
		return err
	}
	return s.registry.Pass(ctx, byMergedCode, registry.Holder{City: gone.CityCode, ID: gone.ID}, registry.Holder{City: to.CityCode, ID: to.ID})
}

// Formers gives what is past of a company in scope, the latest first. Fault:
// company.not_found.
func (s *Service) Formers(ctx context.Context, ref Ref) ([]Former, error) {
	if _, err := s.store.get(ctx, ref); err != nil {
		return nil, err
	}
	return s.store.formers(ctx, ref)
}

// AbsorbedBy gives the company that goes on for one in scope, for everybody's eyes;
// false = it stands by itself. Fault: company.not_found.
func (s *Service) AbsorbedBy(ctx context.Context, ref Ref) (Public, bool, error) {
	r, err := s.store.get(ctx, ref)
	if err != nil {
		return Public{}, false, err
	}
	to, gone, err := s.absorbed(ctx, r.CreditCode)
	if err != nil || !gone {
		return Public{}, false, err
	}
	p, err := s.Public(ctx, to.City, to.ID)
	return p, err == nil, err
}

// addFormer writes what is past; the same again changes nothing.
func (s store) addFormer(ctx context.Context, f *formerRow) error {
	_, err := s.db.Writer(ctx).NewInsert().Model(f).On("CONFLICT (city_code, company_id, kind, value) DO NOTHING").Returning("NULL").Exec(ctx)
	return db.Fault(err)
}

func (s store) formers(ctx context.Context, ref Ref) ([]Former, error) {
	var rows []formerRow
	err := s.db.Reader(ctx).NewSelect().Model(&rows).Where("city_code = ? AND company_id = ?", ref.City, ref.ID).OrderExpr("id").Scan(ctx)
	if err != nil {
		return nil, db.Fault(err)
	}
	slices.Reverse(rows)
	out := make([]Former, len(rows))
	for i, r := range rows {
		out[i] = Former{
			Kind: r.Kind, Value: r.Value, From: Ref{r.FromCity, r.FromID}, FromOn: r.FromOn, Until: r.UntilOn,
			Reason: r.Reason, By: r.CreatedBy, At: r.CreatedAt,
		}
	}
	return out, nil
}
