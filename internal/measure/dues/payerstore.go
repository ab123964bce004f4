package dues

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/page"
)

// payersScoped says which columns carry the scope of payers.
var payersScoped = db.Columns{Path: "p.org_path", Company: "p.company_id"}

type payerRow struct {
	bun.BaseModel `bun:"table:dues_payers,alias:p"`

	CityCode       string            `bun:"city_code,pk"`
	CompanyID      string            `bun:"company_id,pk"`
	OrgPath        string            `bun:"org_path"`
	CreditCode     string            `bun:"credit_code"`
	Name           string            `bun:"name"`
	PayerType      PayerType         `bun:"payer_type"`
	SizeClass      company.SizeClass `bun:"size_class"`
	SizeIndustry   string            `bun:"size_industry"`
	SizeBy         ClassBy           `bun:"size_by"`
	SizeSource     Source            `bun:"size_source"`
	SizeYear       int               `bun:"size_year"`
	SizeConflict   bool              `bun:"size_conflict"`
	SizeNote       string            `bun:"size_note"`
	Excluded       Exclusion         `bun:"excluded"`
	ExcludedNote   string            `bun:"excluded_note"`
	UnionFoundedOn clock.Day         `bun:"union_founded_on"`
	UnionApproval  string            `bun:"union_approval"`
	AccountName    string            `bun:"account_name"`
	AccountKind    AccountKind       `bun:"account_kind"`
	AccountEnc     []byte            `bun:"account_enc,nullzero"`
	AccountMask    string            `bun:"account_mask"`
	AccountHash    string            `bun:"account_hash"`
	AccountBank    string            `bun:"account_bank"`
	AccountBankAs  string            `bun:"account_bank_as"`
	AccountSince   clock.Day         `bun:"account_since"`
	QRHash         string            `bun:"qr_hash"`
	QRUntil        string            `bun:"qr_until"`
	Version        int               `bun:"version"`
	UpdatedAt      time.Time         `bun:"updated_at"`
}

func (r *payerRow) payer() Payer {
	return Payer{
		CityCode: r.CityCode, CompanyID: r.CompanyID, OrgPath: r.OrgPath, CreditCode: r.CreditCode, Name: r.Name, Type: r.PayerType,
		Class: r.SizeClass, SizeIndustry: r.SizeIndustry, ClassBy: r.SizeBy, ClassSource: r.SizeSource, ClassYear: r.SizeYear,
		Conflict: r.SizeConflict, ClassNote: r.SizeNote, Excluded: r.Excluded, ExcludedNote: r.ExcludedNote,
		UnionFoundedOn: r.UnionFoundedOn, UnionApproval: r.UnionApproval,
		Account: Account{Name: r.AccountName, Kind: r.AccountKind, Mask: r.AccountMask, Bank: r.AccountBank, BankAs: r.AccountBankAs, Since: r.AccountSince},
		Version: r.Version, UpdatedAt: r.UpdatedAt,
	}
}

func (s store) payer(ctx context.Context, ref company.Ref) (*payerRow, error) {
	r := new(payerRow)
	if !db.Possible(ref.City, ref.ID) {
		return nil, errNoPayer()
	}
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(r), payersScoped)
	if err != nil {
		return nil, err
	}
	err = q.Where("p.city_code = ? AND p.company_id = ?", ref.City, ref.ID).Scan(ctx)
	return r, db.Found(err, errNoPayer())
}

func (s store) payers(ctx context.Context, f PayerFilter, req page.Request) (page.Page[Payer], error) {
	const list = "dues_payers"
	var rows []*payerRow
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(&rows).ExcludeColumn("account_enc"), payersScoped)
	if err != nil {
		return page.Page[Payer]{}, err
	}
	var last string
	if more, err := req.After.Decode(list, &last); err != nil {
		return page.Page[Payer]{}, err
	} else if more {
		q = q.Where("p.company_id < ?", last)
	}
	if f.OrgPath != "" {
		from, to := db.Subtree(f.OrgPath)
		q = q.Where("p.org_path >= ? AND p.org_path < ?", from, to)
	}
	if f.Class != "" {
		q = q.Where("p.size_class = ?", f.Class)
	}
	if f.Conflict {
		q = q.Where("p.size_conflict = ?", true)
	}
	if f.Excluded {
		q = q.Where("p.excluded <> ''")
	}
	if f.NoAccount {
		q = q.Where("p.account_kind = ''")
	}
	if f.ByHand {
		q = q.Where("p.size_by = ?", ByHand)
	}
	if f.Text != "" {
		q = q.Where(`(p.name LIKE ? ESCAPE '\' OR p.credit_code = ?)`, db.Contains(f.Text), strings.ToUpper(f.Text))
	}
	if err := q.OrderExpr("p.company_id DESC").Limit(int64(req.Size()) + 1).Scan(ctx); err != nil {
		return page.Page[Payer]{}, db.Fault(err)
	}
	cut := page.Cut(rows, req.Size(), func(r *payerRow) page.Cursor { return page.Encode(list, r.CompanyID) })
	return page.Map(cut, (*payerRow).payer), nil
}

func (s store) countPayers(ctx context.Context, orgPath string) (PayerCounts, error) {
	var c PayerCounts
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model((*payerRow)(nil)), payersScoped)
	if err != nil {
		return c, err
	}
	if orgPath != "" {
		from, to := db.Subtree(orgPath)
		q = q.Where("p.org_path >= ? AND p.org_path < ?", from, to)
	}
	q = q.ColumnExpr("count(*)")
	for _, class := range []company.SizeClass{company.Micro, company.Small, company.Medium, company.Large, company.Unclassified} {
		q = q.ColumnExpr("coalesce(sum(CASE WHEN p.size_class = ? THEN 1 ELSE 0 END), 0)", class)
	}
	err = q.ColumnExpr("coalesce(sum(CASE WHEN p.size_conflict THEN 1 ELSE 0 END), 0)").
		ColumnExpr("coalesce(sum(CASE WHEN p.excluded <> '' THEN 1 ELSE 0 END), 0)").
		ColumnExpr("coalesce(sum(CASE WHEN p.account_kind = '' THEN 1 ELSE 0 END), 0)").
		Scan(ctx, &c.All, &c.Micro, &c.Small, &c.Medium, &c.Large, &c.Unclassified, &c.Conflict, &c.Excluded, &c.NoAccount)
	return c, db.Fault(err)
}

// ensurePayers inserts the payers that are not there; of those that are, name, code
// and the union that reviews become what the company's record says. A list may have
// told the place of a company more exactly than its record does; that stays.
func (s store) ensurePayers(ctx context.Context, rows []*payerRow) error {
	const nearer = "substr(p.org_path, 1, length(EXCLUDED.org_path)) = EXCLUDED.org_path"
	for part := range slices.Chunk(rows, 500) {
		_, err := s.db.Writer(ctx).NewInsert().Model(&part).
			Column("city_code", "company_id", "org_path", "credit_code", "name", "payer_type", "size_class", "version", "updated_at").
			On("CONFLICT (city_code, company_id) DO UPDATE").
			Set("org_path = CASE WHEN " + nearer + " THEN p.org_path ELSE EXCLUDED.org_path END, credit_code = EXCLUDED.credit_code, name = EXCLUDED.name").
			Where("NOT (" + nearer + ") OR p.credit_code <> EXCLUDED.credit_code OR p.name <> EXCLUDED.name").
			Returning("NULL").Exec(ctx)
		if err != nil {
			return db.Fault(err)
		}
	}
	return nil
}

// updatePayer writes some columns of a payer and raises its version, which must be
// the stored one.
func (s store) updatePayer(ctx context.Context, r *payerRow, columns ...string) error {
	seen := r.Version
	r.Version++
	res, err := s.db.Writer(ctx).NewUpdate().Model(r).Column(append(columns, "version", "updated_at")...).
		Where("city_code = ? AND company_id = ? AND version = ?", r.CityCode, r.CompanyID, seen).Exec(ctx)
	return db.Affected(res, err, casework.ErrMovedOn)
}

// payersByRef gives the payers of the scope with the names.
func (s store) payersByRef(ctx context.Context, refs []company.Ref) (map[company.Ref]*payerRow, error) {
	out := make(map[company.Ref]*payerRow, len(refs))
	byCity := map[string][]string{}
	for _, r := range refs {
		byCity[r.City] = append(byCity[r.City], r.ID)
	}
	for city, ids := range byCity {
		for part := range slices.Chunk(ids, 500) {
			var rows []*payerRow
			q, err := db.Scoped(ctx, s.db.Writer(ctx).NewSelect().Model(&rows), payersScoped)
			if err != nil {
				return nil, err
			}
			if err := q.Where("p.city_code = ? AND p.company_id IN (?)", city, bun.List(part)).Scan(ctx); err != nil {
				return nil, db.Fault(err)
			}
			for _, r := range rows {
				out[company.Ref{City: r.CityCode, ID: r.CompanyID}] = r
			}
		}
	}
	return out, nil
}

// withoutRecord gives the companies that are no payers yet, each once.
func (s store) withoutRecord(ctx context.Context, refs []company.Ref) ([]company.Ref, error) {
	missing := make(map[company.Ref]bool, len(refs))
	byCity := map[string][]string{}
	for _, r := range refs {
		if !missing[r] {
			missing[r] = true
			byCity[r.City] = append(byCity[r.City], r.ID)
		}
	}
	for city, ids := range byCity {
		for part := range slices.Chunk(ids, 500) {
			var known []string
			err := s.db.Reader(ctx).NewSelect().Model((*payerRow)(nil)).Column("company_id").Where("p.city_code = ? AND p.company_id IN (?)", city, bun.List(part)).Scan(ctx, &known)
			if err != nil {
				return nil, db.Fault(err)
			}
			for _, id := range known {
				delete(missing, company.Ref{City: city, ID: id})
			}
		}
	}
	var out []company.Ref
	for _, r := range refs {
		if missing[r] {
			out = append(out, r)
			delete(missing, r)
		}
	}
	return out, nil
}
