package dues

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/page"
)

type listRow struct {
	bun.BaseModel `bun:"table:dues_lists,alias:l"`

	CityCode     string    `bun:"city_code,pk"`
	ID           string    `bun:"id,pk"`
	OrgPath      string    `bun:"org_path"`
	Source       Source    `bun:"source"`
	Year         int       `bun:"year"`
	Name         string    `bun:"name"`
	SHA256       string    `bun:"sha256"`
	DoneRows     int64     `bun:"done_rows"`
	Taken        int64     `bun:"taken"`
	Unchanged    int64     `bun:"unchanged"`
	Failed       int64     `bun:"failed"`
	Companies    int64     `bun:"companies"`
	Conflicts    int64     `bun:"conflicts"`
	Unclassified int64     `bun:"unclassified"`
	Excluded     int64     `bun:"excluded"`
	State        FileState `bun:"state"`
	CreatedBy    string    `bun:"created_by"`
	CreatedAt    time.Time `bun:"created_at"`
}

func (r listRow) list() List {
	return List{
		CityCode: r.CityCode, ID: r.ID, OrgPath: r.OrgPath, Source: r.Source, Year: r.Year, Name: r.Name, SHA256: r.SHA256,
		Report: ListReport{r.DoneRows, r.Taken, r.Unchanged, r.Failed, r.Companies, r.Conflicts, r.Unclassified, r.Excluded},
		State:  r.State, CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt,
	}
}

func (s store) insertList(ctx context.Context, l List) error {
	_, err := s.db.Writer(ctx).NewInsert().Model(&listRow{
		CityCode: l.CityCode, ID: l.ID, OrgPath: l.OrgPath, Source: l.Source, Year: l.Year, Name: l.Name, SHA256: l.SHA256,
		State: l.State, CreatedBy: l.CreatedBy, CreatedAt: l.CreatedAt,
	}).Returning("NULL").Exec(ctx)
	if db.Unique(err, "dues_lists", "sha256") { // two clerks with the same list at once
		return casework.ErrMovedOn
	}
	return db.Fault(err)
}

// listBySum finds a list of the same content, unit, source and year.
func (s store) listBySum(ctx context.Context, l List) (List, bool, error) {
	var r listRow
	err := db.Fault(s.db.Reader(ctx).NewSelect().Model(&r).
		Where("l.city_code = ? AND l.org_path = ? AND l.source = ? AND l.year = ? AND l.sha256 = ?", l.CityCode, l.OrgPath, l.Source, l.Year, l.SHA256).Scan(ctx))
	if fault.IsKind(err, fault.NotFound) {
		return List{}, false, nil
	}
	return r.list(), err == nil, err
}

// countList writes the counts of a chunk in its transaction. Of two runs over the
// same list the second to a chunk finds other counts and is rolled back.
func (s store) countList(ctx context.Context, l List, r ListReport) error {
	res, err := s.db.Writer(ctx).NewUpdate().Model((*listRow)(nil)).
		Set("done_rows = ?, taken = ?, unchanged = ?, failed = ?", r.Rows, r.Taken, r.Unchanged, r.Failed).
		Set("companies = ?, conflicts = ?, unclassified = ?, excluded = ?", r.Companies, r.Conflicts, r.Unclassified, r.Excluded).
		Where("city_code = ? AND id = ? AND state = ? AND done_rows = ?", l.CityCode, l.ID, FileRunning, l.Report.Rows).Exec(ctx)
	return db.Affected(res, err, casework.ErrMovedOn)
}

func (s store) endList(ctx context.Context, l List) error {
	res, err := s.db.Writer(ctx).NewUpdate().Model((*listRow)(nil)).Set("state = ?", FileTaken).
		Where("city_code = ? AND id = ? AND state = ?", l.CityCode, l.ID, FileRunning).Exec(ctx)
	return db.Affected(res, err, casework.ErrMovedOn)
}

func (s store) list(ctx context.Context, city, listID string) (List, error) {
	var r listRow
	if !db.Possible(city, listID) {
		return List{}, errNoList()
	}
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(&r), db.Columns{Path: "l.org_path"})
	if err != nil {
		return List{}, err
	}
	err = q.Where("l.city_code = ? AND l.id = ?", city, listID).Scan(ctx)
	return r.list(), db.Found(err, errNoList())
}

func (s store) lists(ctx context.Context, req page.Request) (page.Page[List], error) {
	const list = "dues_lists"
	var rows []listRow
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(&rows), db.Columns{Path: "l.org_path"})
	if err != nil {
		return page.Page[List]{}, err
	}
	var last string
	if more, err := req.After.Decode(list, &last); err != nil {
		return page.Page[List]{}, err
	} else if more {
		q = q.Where("l.id < ?", last)
	}
	if err := q.OrderExpr("l.id DESC").Limit(int64(req.Size()) + 1).Scan(ctx); err != nil {
		return page.Page[List]{}, db.Fault(err)
	}
	cut := page.Cut(rows, req.Size(), func(r listRow) page.Cursor { return page.Encode(list, r.ID) })
	return page.Map(cut, listRow.list), nil
}

type listingRow struct {
	bun.BaseModel `bun:"table:dues_census,alias:s"`

	CityCode     string    `bun:"city_code,pk"`
	CompanyID    string    `bun:"company_id,pk"`
	Source       Source    `bun:"source,pk"`
	Year         int       `bun:"year,pk"`
	OrgPath      string    `bun:"org_path"`
	Name         string    `bun:"name"`
	IndustryCode string    `bun:"industry_code"`
	ParentName   string    `bun:"parent_name"`
	ParentCode   string    `bun:"parent_code"`
	ParentKind   Exclusion `bun:"parent_kind"`
	Standing     string    `bun:"standing"`
	ListCity     string    `bun:"list_city"`
	ListID       string    `bun:"list_id"`
	StatedOn     clock.Day `bun:"stated_on"`
}

func newListingRow(ref company.Ref, orgPath string, s Listing) *listingRow {
	return &listingRow{
		CityCode: ref.City, CompanyID: ref.ID, Source: s.Source, Year: s.Year, OrgPath: orgPath, Name: s.Name, IndustryCode: s.Industry,
		ParentName: s.ParentName, ParentCode: s.ParentCode, ParentKind: s.ParentKind, Standing: s.Standing,
		ListCity: s.List.City, ListID: s.List.ID, StatedOn: s.StatedOn,
	}
}

func (r listingRow) listing() Listing {
	return Listing{
		Source: r.Source, Year: r.Year, Name: r.Name, Industry: r.IndustryCode, ParentName: r.ParentName, ParentCode: r.ParentCode,
		ParentKind: r.ParentKind, Standing: r.Standing, List: company.Ref{City: r.ListCity, ID: r.ListID}, StatedOn: r.StatedOn,
	}
}

// inParts calls f for the ids of each city, 500 at a time.
func inParts(refs []company.Ref, f func(city string, ids []string) error) error {
	byCity := map[string][]string{}
	for _, r := range refs {
		byCity[r.City] = append(byCity[r.City], r.ID)
	}
	for city, ids := range byCity {
		for part := range slices.Chunk(ids, 500) {
			if err := f(city, part); err != nil {
				return err
			}
		}
	}
	return nil
}

// listings gives what the lists say of companies.
func (s store) listings(ctx context.Context, refs []company.Ref) (map[company.Ref][]Listing, error) {
	out := make(map[company.Ref][]Listing, len(refs))
	err := inParts(refs, func(city string, ids []string) error {
		var rows []listingRow
		err := s.db.Reader(ctx).NewSelect().Model(&rows).Where("s.city_code = ? AND s.company_id IN (?)", city, bun.List(ids)).
			OrderExpr("s.company_id, s.year DESC, s.source").Scan(ctx)
		for _, r := range rows {
			ref := company.Ref{City: r.CityCode, ID: r.CompanyID}
			out[ref] = append(out[ref], r.listing())
		}
		return db.Fault(err)
	})
	return out, err
}

// payersOf gives what a verdict needs of the payers of companies, without a scope.
func (s store) payersOf(ctx context.Context, refs []company.Ref) (map[company.Ref]*payerRow, error) {
	columns := append(slices.Clone(verdictColumns), "excluded_note")
	out := make(map[company.Ref]*payerRow, len(refs))
	err := inParts(refs, func(city string, ids []string) error {
		var rows []*payerRow
		err := s.db.Reader(ctx).NewSelect().Model(&rows).Column(columns...).
			Where("p.city_code = ? AND p.company_id IN (?)", city, bun.List(ids)).Scan(ctx)
		for _, r := range rows {
			out[company.Ref{City: r.CityCode, ID: r.CompanyID}] = r
		}
		return db.Fault(err)
	})
	return out, err
}

var listingColumns = []string{
	"city_code", "company_id", "source", "year", "org_path", "name", "industry_code", "parent_name", "parent_code", "parent_kind", "standing",
	"list_city", "list_id", "stated_on",
}

// putListings writes what a list says; it takes the place of what the same source
// said of the same year before.
func (s store) putListings(ctx context.Context, rows []*listingRow) error {
	values := make([][]any, len(rows))
	for i, r := range rows {
		values[i] = []any{
			r.CityCode, r.CompanyID, string(r.Source), r.Year, r.OrgPath, r.Name, r.IndustryCode, r.ParentName, r.ParentCode, string(r.ParentKind),
			r.Standing, r.ListCity, r.ListID, r.StatedOn,
		}
	}
	_, err := s.db.Put(ctx, "dues_census", listingColumns, `ON CONFLICT (city_code, company_id, source, year) DO UPDATE SET
		org_path = EXCLUDED.org_path, name = EXCLUDED.name, industry_code = EXCLUDED.industry_code, parent_name = EXCLUDED.parent_name,
		parent_code = EXCLUDED.parent_code, parent_kind = EXCLUDED.parent_kind, standing = EXCLUDED.standing,
		list_city = EXCLUDED.list_city, list_id = EXCLUDED.list_id, stated_on = EXCLUDED.stated_on`, values)
	return db.Fault(err)
}

var verdictColumns = []string{
	"city_code", "company_id", "org_path", "credit_code", "name", "payer_type", "size_class", "size_industry", "size_by", "size_source", "size_year",
	"size_conflict", "excluded", "version", "updated_at",
}

// putPayers writes new payers, and the class of those that are there: their version
// must be one higher than the stored one. Where somebody was quicker, all is tried
// anew.
func (s store) putPayers(ctx context.Context, rows []*payerRow) error {
	values := make([][]any, len(rows))
	for i, r := range rows {
		values[i] = []any{
			r.CityCode, r.CompanyID, r.OrgPath, r.CreditCode, r.Name, string(r.PayerType), string(r.SizeClass), r.SizeIndustry, string(r.SizeBy),
			string(r.SizeSource), r.SizeYear, r.SizeConflict, string(r.Excluded), r.Version, r.UpdatedAt,
		}
	}
	n, err := s.db.Put(ctx, "dues_payers", verdictColumns, `ON CONFLICT (city_code, company_id) DO UPDATE SET
		size_class = EXCLUDED.size_class, size_industry = EXCLUDED.size_industry, size_by = EXCLUDED.size_by, size_source = EXCLUDED.size_source,
		size_year = EXCLUDED.size_year, size_conflict = EXCLUDED.size_conflict, excluded = EXCLUDED.excluded, version = EXCLUDED.version,
		updated_at = EXCLUDED.updated_at WHERE t.version = EXCLUDED.version - 1`, values)
	if err == nil && n != int64(len(rows)) {
		return db.Again(casework.ErrMovedOn)
	}
	return db.Fault(err)
}
