package dues

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"

	"gonghui/internal/base/audit"
	"gonghui/internal/core/access"
	"gonghui/internal/core/company"
	"gonghui/internal/core/exchange"
	"gonghui/internal/core/org"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/page"
)

// ListOptions say how a list is taken in.
type ListOptions struct {
	Name     string
	Map      map[string]string // field → column, beside what the headings say
	DryRun   bool              // only judge; change nothing
	Errors   io.Writer         // file of the rows that were not taken; nil = none
	Broken   func(BrokenRow)   // hears of each of them; nil = nobody
	Progress func(ListReport)
	Limits   exchange.Limits // of the file; zero = those of what people send in
	// commit is called in the transaction of each chunk; nil = nothing more. For tests.
	commit func(ListReport) error
}

// listChunk is how many rows one transaction takes in.
const listChunk = 5000

func errNoList() error { return fault.New(fault.NotFound, "dues.no_list") }

// ImportList takes a list of companies with their figures in for a unit, in chunks
// of one transaction each: the figures become facts of the companies, which are
// made where nobody knows them yet, and each payer is classified by what all lists
// say. What a crash interrupted goes on with the same file; a file that was taken
// in before changes nothing and is answered with its report. Faults:
// access.denied, not_found org.no_unit, form.invalid (source, year), and those of
// reading; faults of single rows are in the file of errors.
func (s *Service) ImportList(ctx context.Context, unitID string, source Source, year int, r io.ReaderAt, size int64, o ListOptions) (List, error) {
	unit, ok := s.Org.ByID(unitID)
	if !ok || !unit.Stands() {
		return List{}, fault.New(fault.NotFound, "org.no_unit")
	}
	if err := access.Require(ctx, access.DuesCollect, unit.Path); err != nil {
		return List{}, err
	}
	if err := s.judgeList(source, year); err != nil {
		return List{}, err
	}
	order, err := s.listOrderAt(ctx, unit.DivisionCode)
	if err != nil {
		return List{}, err
	}
	actor, _ := access.From(ctx)
	in := &census{
		Service: s, unit: unit, order: order, rules: company.SizeRules(), options: o,
		list: List{
			CityCode: unit.CityCode, ID: id.New(), OrgPath: unit.Path, Source: source, Year: year, Name: o.Name, State: FileRunning,
			CreatedBy: actor.AccountID, CreatedAt: s.Clock.Now(),
		},
	}
	err = in.run(ctx, r, size)
	return in.list, err
}

// census takes one list in.
type census struct {
	*Service
	unit    org.Unit
	order   []Source
	rules   []company.SizeRule
	options ListOptions
	list    List
	preview *company.Preview // of a dry run
	bad     *exchange.ErrorFile
}

func (c *census) run(ctx context.Context, r io.ReaderAt, size int64) (err error) {
	t, err := exchange.OpenReader(r, size, c.options.Name, c.options.Limits)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	x, err := openEntries(t, c.options.Map)
	if err != nil {
		return err
	}
	c.list.SHA256 = t.SHA256()
	standing, found, err := c.store.listBySum(ctx, c.list)
	switch {
	case err != nil:
		return err
	case found && standing.State == FileTaken:
		c.list = standing
		c.list.Again = true
		return nil
	case c.options.DryRun:
		c.preview = c.Companies.Preview()
	case found:
		c.list = standing
	default:
		if err := c.begin(ctx); err != nil {
			return err
		}
	}
	if c.options.Errors != nil {
		if c.bad, err = exchange.NewErrorFile(c.options.Errors, t.Header()); err != nil {
			return err
		}
	}
	if err := c.rows(ctx, x); err != nil {
		return err
	}
	if c.bad != nil {
		if err := c.bad.Close(); err != nil {
			return err
		}
	}
	if c.options.DryRun {
		return nil
	}
	return c.end(ctx)
}

func (c *census) begin(ctx context.Context) error {
	return c.DB.InTx(ctx, func(ctx context.Context) error {
		if err := c.store.insertList(ctx, c.list); err != nil {
			return err
		}
		return c.record(ctx, actionListBegun)
	})
}

func (c *census) end(ctx context.Context) error {
	return c.DB.InTx(ctx, func(ctx context.Context) error {
		if err := c.store.endList(ctx, c.list); err != nil {
			return err
		}
		c.list.State = FileTaken
		return c.record(ctx, actionListTaken)
	})
}

// What the log says of lists.
const (
	actionListBegun audit.Action = "dues.list_begun"
	actionListTaken audit.Action = "dues.list_taken"
)

func (c *census) record(ctx context.Context, action audit.Action) error {
	detail, err := json.Marshal(struct {
		File   string `json:"file"`
		Source string `json:"source"`
		Year   int    `json:"year"`
		ListReport
	}{c.list.Name, "dues.source." + string(c.list.Source), c.list.Year, c.list.Report})
	if err != nil {
		return fault.New(fault.Internal, "internal", fault.Because(err))
	}
	return c.Audit.Record(ctx, audit.Entry{
		CityCode: c.list.CityCode, OrgPath: c.list.OrgPath, Action: action, SubjectKind: "dues_list", SubjectID: c.list.ID, Detail: string(detail),
	})
}

// badRow is a row that is not taken.
type badRow struct {
	row      exchange.Row
	problems []exchange.Problem
}

// rows reads the whole list. Rows that are in already are judged again without
// writing, so that the file of errors tells of all.
func (c *census) rows(ctx context.Context, x *entries) error {
	done := c.list.Report.Rows
	var chunk []entry
	var bad []badRow
	var read, rows int64
	flush := func() error {
		if rows == 0 {
			return nil
		}
		if err := c.chunk(ctx, x.mapping, chunk, bad, rows, read <= done); err != nil {
			return err
		}
		chunk, bad, rows = chunk[:0], bad[:0], 0
		return nil
	}
	for {
		e, problems, err := x.next()
		if errors.Is(err, io.EOF) {
			return flush()
		}
		if err != nil {
			return err
		}
		e.row.Cells = slices.Clone(e.row.Cells)
		if len(problems) > 0 {
			bad = append(bad, badRow{e.row, problems})
		} else {
			e.listing.Source, e.listing.Year = c.list.Source, c.list.Year
			e.listing.List = company.Ref{City: c.list.CityCode, ID: c.list.ID}
			e.listing.StatedOn = clock.Today(c.Clock)
			chunk = append(chunk, e)
		}
		read++
		if rows++; rows == listChunk {
			if err := flush(); err != nil {
				return err
			}
		}
	}
}

// chunk judges and writes some rows; those that were in before are judged alone.
func (c *census) chunk(ctx context.Context, m exchange.Mapping, list []entry, bad []badRow, rows int64, before bool) error {
	var refused []badRow
	var after ListReport
	work := func(ctx context.Context) error {
		k := &listed{census: c, mapping: m, known: map[company.Ref]*known{}}
		if err := k.resolve(ctx, list, before || c.options.DryRun); err != nil {
			return err
		}
		refused = k.refused
		if before {
			return nil
		}
		if err := k.judge(ctx); err != nil {
			return err
		}
		k.report.Rows = rows
		k.report.Failed = int64(len(bad) + len(refused))
		after = c.list.Report.plus(k.report)
		if c.options.DryRun {
			return nil
		}
		return k.write(ctx, after)
	}
	var err error
	if before || c.options.DryRun {
		err = work(ctx)
	} else {
		err = c.DB.InTx(ctx, work)
	}
	if err != nil {
		return err
	}
	if !before {
		c.list.Report = after
	}
	all := append(slices.Clone(bad), refused...)
	slices.SortFunc(all, func(a, b badRow) int { return cmp.Compare(a.row.Line, b.row.Line) })
	for _, b := range all {
		if c.bad != nil {
			if err := c.bad.Add(b.row, b.problems...); err != nil {
				return err
			}
		}
		if c.options.Broken != nil {
			for _, p := range b.problems {
				c.options.Broken(BrokenRow{Row: b.row.Line, Column: p.Column, ZH: p.ZH, EN: p.EN})
			}
		}
	}
	if c.options.Progress != nil {
		c.options.Progress(c.list.Report)
	}
	return nil
}

// known is what stands of one company of a chunk.
type known struct {
	head     company.Company
	payer    *payerRow
	created  bool // by this chunk: nothing stands of it
	fresh    bool // the payer is not there yet
	changed  bool
	listings []Listing // of all sources and years
	stated   bool      // this list said something new
}

// listed resolves the rows of one chunk.
type listed struct {
	*census
	mapping exchange.Mapping
	entries []entry
	refs    []company.Ref // of the entries
	known   map[company.Ref]*known
	latest  company.Latest
	facts   []company.Statement
	refused []badRow
	report  ListReport
}

func (k *listed) refuse(e entry, field, key string, params ...any) {
	k.refused = append(k.refused, badRow{e.row, []exchange.Problem{{
		Column: k.mapping.Column(field), ZH: i18n.T(i18n.ZH, key, params...), EN: i18n.T(i18n.EN, key, params...),
	}}})
}

// here tells whether a path is of the unit, or above it as one whose place nobody knows.
func (c *census) here(path string) bool {
	return strings.HasPrefix(path, c.unit.Path) || strings.HasPrefix(c.unit.Path, path)
}

// resolve finds the companies of the rows and, unless it only looks, makes those
// that nobody knows. Rows of companies that are not the unit's are refused.
func (k *listed) resolve(ctx context.Context, list []entry, look bool) error {
	rows := make([]company.Listed, len(list))
	for i, e := range list {
		rows[i] = e.listed
	}
	matches, err := k.Companies.Recognise(access.System(ctx, "dues.import_list"), rows)
	if err != nil {
		return err
	}
	var fresh []entry
	var makes []company.Listed
	for i, e := range list {
		m := matches[i]
		switch {
		case m.By == company.ByMergedCode:
			k.refuse(e, "credit_code", "dues.list.absorbed", "Name", m.Name)
		case (m.By == company.ByCreditCode || m.By == company.ByName && m.Confidence == 80) && !k.here(m.OrgPath):
			k.refuse(e, "credit_code", "dues.list.elsewhere")
		case e.listed.DivisionCode != "" && !k.placed(e.listed.DivisionCode):
			k.refuse(e, "division", "dues.list.division")
		case m.By == company.ByCreditCode:
			k.add(e, m.Known)
		default:
			l := e.listed
			l.DivisionCode = cmp.Or(l.DivisionCode, k.unit.DivisionCode)
			fresh, makes = append(fresh, e), append(makes, l)
		}
	}
	if len(makes) == 0 {
		return nil
	}
	var made []company.Known
	switch {
	case k.preview != nil:
		made, err = k.preview.List(ctx, makes)
	case look: // rows that were in before are known by now
		return nil
	default:
		made, err = k.Companies.EnsureListed(ctx, makes)
	}
	if err != nil {
		return err
	}
	for i, e := range fresh {
		if made[i].Err != nil {
			f := fault.As(made[i].Err)
			k.refuse(e, "credit_code", f.Key)
			continue
		}
		if made[i].Created {
			k.report.Companies++
		}
		k.add(e, made[i])
	}
	return nil
}

// placed tells whether a division is the unit's.
func (c *census) placed(division string) bool {
	u, ok := c.Org.ByDivisionUp(division)
	return ok && strings.HasPrefix(u.Path, c.unit.Path)
}

func (k *listed) add(e entry, m company.Known) {
	ref := company.Ref{City: m.CityCode, ID: m.ID}
	k.entries, k.refs = append(k.entries, e), append(k.refs, ref)
	if k.known[ref] == nil {
		k.known[ref] = &known{head: company.Company{
			CityCode: m.CityCode, ID: m.ID, OrgPath: m.OrgPath, CreditCode: e.listed.CreditCode, Name: m.Name,
			IndustryCode: m.Industry, DivisionCode: m.Division,
		}, created: m.Created}
	}
}

// judge reads what stands of the companies, takes the rows in, and classifies.
func (k *listed) judge(ctx context.Context) error {
	refs := make([]company.Ref, 0, len(k.known))
	for ref, x := range k.known {
		if !x.created {
			refs = append(refs, ref)
		}
	}
	if err := k.read(ctx, refs); err != nil {
		return err
	}
	entries, at := k.entries[:0], k.refs[:0]
	for i, e := range k.entries {
		if x := k.known[k.refs[i]]; !x.fresh && !k.here(x.payer.OrgPath) {
			k.refuse(e, "credit_code", "dues.list.elsewhere") // another county has it already
			continue
		}
		entries, at = append(entries, e), append(at, k.refs[i])
	}
	k.entries, k.refs = entries, at
	for i, e := range k.entries {
		k.take(k.refs[i], e)
	}
	for i := range k.entries {
		if err := k.classify(k.refs[i]); err != nil {
			return err
		}
	}
	return nil
}

// read loads payers, listings and figures.
func (k *listed) read(ctx context.Context, refs []company.Ref) error {
	payers, err := k.store.payersOf(ctx, refs)
	if err != nil {
		return err
	}
	listings, err := k.store.listings(ctx, refs)
	if err != nil {
		return err
	}
	if k.latest, err = k.Companies.LatestFacts(ctx, refs, sourceNames()...); err != nil {
		return err
	}
	for ref, x := range k.known {
		x.listings = listings[ref]
		if x.payer = payers[ref]; x.payer != nil {
			continue
		}
		x.fresh = true
		x.payer = &payerRow{
			CityCode: x.head.CityCode, CompanyID: x.head.ID, OrgPath: k.reviewer(x.head), CreditCode: x.head.CreditCode, Name: x.head.Name,
			PayerType: General, SizeClass: company.Unclassified, Version: 1,
		}
		if !strings.HasPrefix(x.payer.OrgPath, k.unit.Path) {
			x.payer.OrgPath = k.unit.Path // nobody knew its place before this list
		}
	}
	return nil
}

// take puts one row beside what stands.
func (k *listed) take(ref company.Ref, e entry) {
	x := k.known[ref]
	same := false
	i := slices.IndexFunc(x.listings, func(s Listing) bool { return s.Source == e.listing.Source && s.Year == e.listing.Year })
	switch {
	case i < 0:
		x.listings = append(x.listings, e.listing)
	case x.listings[i].says(e.listing):
		same = true
	default:
		x.listings[i] = e.listing
	}
	x.stated = x.stated || !same
	for kind, n := range e.figures.Facts() {
		if had, ok := k.latest.Get(ref, kind, k.list.Year, string(k.list.Source)); ok && had == n {
			continue
		}
		same = false
		f := company.Fact{Kind: kind, Year: k.list.Year, Quantity: n, Source: string(k.list.Source), StatedOn: e.listing.StatedOn}
		k.latest.Put(ref, f)
		k.facts = append(k.facts, company.Statement{Ref: ref, Fact: f})
	}
	if same {
		k.report.Unchanged++
	} else {
		k.report.Taken++
	}
}

// classify gives a payer the verdict of all its lists, and counts.
func (k *listed) classify(ref company.Ref) error {
	x := k.known[ref]
	list, err := evidence(k.rules, ref, x.listings, k.latest, x.head.IndustryCode)
	if err != nil {
		return err
	}
	if x.payer.follow(weigh(list, k.order)) {
		x.changed = true
	}
	count := func(n *int64, yes bool) {
		if yes {
			*n++
		}
	}
	count(&k.report.Conflicts, x.payer.SizeConflict)
	count(&k.report.Unclassified, x.payer.SizeClass == company.Unclassified)
	count(&k.report.Excluded, x.payer.Excluded != "")
	return nil
}

// evidence gives what each list says of a company: of each source the newest year.
func evidence(rules []company.SizeRule, ref company.Ref, listings []Listing, latest company.Latest, own string) ([]Evidence, error) {
	var out []Evidence
	for _, s := range listings {
		if slices.ContainsFunc(listings, func(o Listing) bool { return o.Source == s.Source && o.Year > s.Year }) {
			continue
		}
		e, err := judgeSize(rules, s, figuresOf(latest, ref, s.Source, s.Year), own)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// write writes the chunk, in its transaction, and in one order whoever writes it.
func (k *listed) write(ctx context.Context, after ListReport) error {
	if err := k.Companies.AddFacts(ctx, k.facts); err != nil {
		return err
	}
	refs := slices.Clone(k.refs)
	slices.SortFunc(refs, func(a, b company.Ref) int { return cmp.Or(cmp.Compare(a.City, b.City), cmp.Compare(a.ID, b.ID)) })
	var payers []*payerRow
	var listings []*listingRow
	for _, ref := range slices.Compact(refs) {
		x := k.known[ref]
		if x.stated {
			i := slices.IndexFunc(x.listings, func(s Listing) bool { return s.Source == k.list.Source && s.Year == k.list.Year })
			listings = append(listings, newListingRow(ref, x.payer.OrgPath, x.listings[i]))
		}
		if !x.fresh && !x.changed {
			continue
		}
		if !x.fresh {
			x.payer.Version++
		}
		x.payer.UpdatedAt = k.Clock.Now()
		payers = append(payers, x.payer)
	}
	if err := k.store.putPayers(ctx, payers); err != nil {
		return err
	}
	if err := k.store.putListings(ctx, listings); err != nil {
		return err
	}
	if err := k.store.countList(ctx, k.list, after); err != nil {
		return err
	}
	if k.options.commit != nil {
		return k.options.commit(after)
	}
	return nil
}

// ListLists pages through the lists of the scope, the newest first. Fault: access.denied.
func (s *Service) ListLists(ctx context.Context, r page.Request) (page.Page[List], error) {
	ctx, err := access.For(ctx, access.DuesCollect)
	if err != nil {
		return page.Page[List]{}, err
	}
	return s.store.lists(ctx, r)
}

// GetList gives one list of the scope. Faults: access.denied, not_found dues.no_list.
func (s *Service) GetList(ctx context.Context, ref company.Ref) (List, error) {
	ctx, err := access.For(ctx, access.DuesCollect)
	if err != nil {
		return List{}, err
	}
	return s.store.list(ctx, ref.City, ref.ID)
}
