package employment

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/core/exchange"
	"gonghui/internal/core/org"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/place"
)

// ImportReport counts what became of the rows; the last four add up to Rows.
type ImportReport struct {
	Rows      int64 `json:"rows"`
	Imported  int64 `json:"imported"`  // new vacancies
	Collapsed int64 `json:"collapsed"` // reposts and repeats of a vacancy of this file
	Unchanged int64 `json:"unchanged"` // vacancies that were there before
	Failed    int64 `json:"failed"`    // rows that were not understood
}

// BrokenRow is one row that was not taken, for the page that shows the first.
type BrokenRow struct {
	Row    int    `json:"row"`
	Column string `json:"column,omitempty"`
	ZH     string `json:"zh"`
	EN     string `json:"en"`
}

// ImportOptions say how a file is taken in.
type ImportOptions struct {
	Name     string            // of the file: the import leaves a batch of that name and an audit entry; "" = the caller keeps its own
	Map      map[string]string // field → column, beside what the headings say
	DryRun   bool              // only check
	BatchID  string            // given again after a crash, the batch goes on where it was; "" = a new one
	OrgPath  string            // rows of places outside this unit are refused; "" = all of them are taken
	Errors   io.Writer         // file of rows that were not taken; nil = none
	Progress func(done ImportReport, rows int)
	// Commit is called in the transaction of each chunk, so that a batch record
	// and its rows cannot disagree; nil = nothing more is kept.
	Commit func(ctx context.Context, done ImportReport) error
	met    map[string]company.Known // companies of chunks that are confirmed
	Skip   int64                    // rows of an interrupted batch that are in already
}

// maxBroken is how many broken rows a report carries; the file has them all.
const maxBroken = 50

// importChunk is how many rows one transaction takes in.
const importChunk = 5000

// OpenImport maps the columns of a table to the fields of a vacancy. A file
// whose columns are all given by number and whose first row names none of them
// has no heading: that row is read as the first one. Faults:
// exchange.missing_column, exchange.unknown_column, exchange.unknown_field.
func OpenImport(t *exchange.Table, given map[string]string) (*Import, error) {
	fields := make([]exchange.Field, len(ImportFields))
	for i, name := range ImportFields {
		fields[i] = exchange.Field{Name: name, Aliases: ImportAliases[name], Required: contains(RequiredImportFields, name)}
	}
	m, err := exchange.NewMapping(t.Header(), fields, given)
	if err != nil {
		return nil, err
	}
	im := &Import{table: t, mapping: m}
	if headless(t.Header(), given) {
		im.first = &exchange.Row{Line: 1, Cells: t.Header()}
	}
	return im, nil
}

func headless(header []string, given map[string]string) bool {
	if len(given) == 0 {
		return false
	}
	for _, column := range given {
		if _, err := strconv.Atoi(column); err != nil {
			return false
		}
	}
	for _, aliases := range ImportAliases {
		for _, a := range aliases {
			for _, h := range header {
				if CompanyKey(h) == CompanyKey(a) {
					return false
				}
			}
		}
	}
	return true
}

// Import is a file being taken in.
type Import struct {
	table   *exchange.Table
	mapping exchange.Mapping
	first   *exchange.Row
	Report  ImportReport
	Broken  []BrokenRow
}

func (im *Import) next() (exchange.Row, error) {
	if im.first != nil {
		r := *im.first
		im.first = nil
		return r, nil
	}
	return im.table.Next()
}

// parsed is one row on its way in.
type parsed struct {
	row  exchange.Row
	cand candidate
	bad  []exchange.Problem
}

// Import takes a file of vacancies in, in chunks of one transaction each: what
// a crash interrupts was either confirmed whole or not at all, and taking the
// file in again changes nothing. Rows that hit a rule of screen.go are taken in
// but wait for the county instead of going on offer. Faults: access.denied, and
// those of reading; faults of single rows are in the report.
func (s *Service) Import(ctx context.Context, im *Import, o ImportOptions) error {
	if err := access.RequireAnywhere(ctx, access.VacancyImport); err != nil {
		return err
	}
	if o.BatchID == "" {
		o.BatchID = id.New()
	}
	began := s.Clock.Now()
	err := s.takeIn(ctx, im, o)
	if o.Name == "" || o.DryRun {
		return err
	}
	// What is in is written down also where the rest failed or was broken off.
	if kept := s.keepImport(context.WithoutCancel(ctx), im, o, began, err); err == nil {
		err = kept
	}
	return err
}

// keepImport leaves what the desk leaves of a file: a batch with its counts, and
// an entry in the audit log.
func (s *Service) keepImport(ctx context.Context, im *Import, o ImportOptions, began time.Time, failed error) error {
	actor, _ := access.From(ctx)
	b := Batch{
		CityCode: org.CityCodeOf("37"), ID: o.BatchID, OrgPath: access.Root, Name: fileName(o.Name), Header: im.table.Header(), Map: o.Map,
		Total: im.Report.Rows, State: BatchDone, Report: im.Report, Broken: im.Broken, CreatedBy: actor.AccountID, CreatedAt: began, FinishedAt: s.Clock.Now(),
	}
	if failed != nil {
		b.State, b.Problem = BatchFailed, fault.As(failed).Key
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.store.insertBatch(ctx, b); err != nil {
			return err
		}
		return s.recordBatch(ctx, b)
	})
}

func (s *Service) takeIn(ctx context.Context, im *Import, o ImportOptions) error {
	var errs *exchange.ErrorFile
	if o.Errors != nil {
		var err error
		if errs, err = exchange.NewErrorFile(o.Errors, im.table.Header()); err != nil {
			return err
		}
	}
	o.met = map[string]company.Known{}
	var dry *dryRun
	if o.DryRun {
		dry = &dryRun{companies: s.Companies.Preview(), seen: map[string]bool{}}
	}
	chunks := make(chan []parsed, 2)
	stop := make(chan struct{})
	var readErr error
	go func() { // reading and understanding run beside the database
		defer close(chunks)
		readErr = s.readChunks(im, o, chunks, stop)
	}()
	defer func() {
		close(stop)
		for range chunks { // let the reader end
		}
	}()
	for chunk := range chunks {
		var done ImportReport
		var err error
		if dry != nil {
			done, err = s.dryChunk(ctx, chunk, o, dry)
		} else {
			for try := 1; ; try++ {
				done, err = s.importChunk(ctx, chunk, o, im.Report)
				if try == 3 || !db.Unique(err, "vacancies", "number") {
					break // a number met twice among millions is drawn again
				}
			}
		}
		if err != nil {
			return err
		}
		im.Report = im.Report.plus(done)
		for _, p := range chunk {
			if len(p.bad) == 0 {
				continue
			}
			if len(im.Broken) < maxBroken {
				im.Broken = append(im.Broken, BrokenRow{Row: p.row.Line, Column: p.bad[0].Column, ZH: p.bad[0].ZH, EN: p.bad[0].EN})
			}
			if errs != nil {
				if err := errs.Add(p.row, p.bad...); err != nil {
					return err
				}
			}
		}
		if o.Progress != nil {
			o.Progress(im.Report, im.table.Rows())
		}
	}
	if readErr != nil {
		return readErr
	}
	if errs != nil {
		return errs.Close()
	}
	return nil
}

func (r ImportReport) plus(d ImportReport) ImportReport {
	return ImportReport{
		Rows: r.Rows + d.Rows, Imported: r.Imported + d.Imported, Collapsed: r.Collapsed + d.Collapsed,
		Unchanged: r.Unchanged + d.Unchanged, Failed: r.Failed + d.Failed,
	}
}

func (s *Service) readChunks(im *Import, o ImportOptions, out chan<- []parsed, stop <-chan struct{}) error {
	p, today := s.Parameters(), s.today()
	var chunk []parsed
	send := func() bool {
		select {
		case out <- chunk:
			chunk = nil
			return true
		case <-stop:
			return false
		}
	}
	for n := int64(0); ; n++ {
		row, err := im.next()
		var wrong *exchange.RowError
		switch {
		case errors.Is(err, io.EOF):
			if len(chunk) > 0 {
				send()
			}
			return nil
		case errors.As(err, &wrong):
			row.Line = wrong.Row
		case err != nil:
			return err
		}
		if n < o.Skip {
			continue
		}
		x := parsed{row: row}
		if wrong != nil {
			x.bad = []exchange.Problem{{
				Column: wrong.Column, ZH: i18n.T(i18n.ZH, wrong.Key()), EN: i18n.T(i18n.EN, wrong.Key()),
			}}
		} else {
			c, problem := understand(func(f string) string { return im.mapping.Get(row, f) }, p, today)
			if problem == nil && o.OrgPath != "" && !s.covers(o.OrgPath, c.DivisionCode) {
				problem = &rowProblem{field: "place", key: "field.place_outside"}
			}
			if problem != nil {
				x.bad = []exchange.Problem{{
					Column: im.mapping.Column(problem.field),
					ZH:     i18n.T(i18n.ZH, problem.key, problem.param), EN: i18n.T(i18n.EN, problem.key, problem.param),
				}}
			}
			x.cand = c
		}
		if chunk = append(chunk, x); len(chunk) == importChunk && !send() {
			return nil
		}
	}
}

// covers tells whether a place lies in the unit at path.
func (s *Service) covers(path, division string) bool {
	u, ok := s.Org.ByDivisionUp(division)
	return ok && strings.HasPrefix(u.Path, path) || strings.HasPrefix(path, u.Path) && division == place.Nation
}

// importChunk writes one chunk. Which vacancy is new is decided by the unique
// key; one that met its key is a repeat of this file when the standing vacancy
// came with this batch, and was there before otherwise.
func (s *Service) importChunk(ctx context.Context, chunk []parsed, o ImportOptions, before ImportReport) (ImportReport, error) {
	house := access.System(ctx, "employment.import")
	var done ImportReport
	err := s.DB.InTx(db.Unshared(house), func(ctx context.Context) error {
		done = ImportReport{Rows: int64(len(chunk))}
		good, rows, err := s.settle(ctx, chunk, o, s.Companies.EnsureListed)
		if err != nil {
			return err
		}
		done.Failed = int64(len(chunk) - len(good))
		fresh, err := s.store.insertImported(ctx, rows)
		if err != nil {
			return err
		}
		done.Imported = int64(len(fresh))
		var met []Vacancy
		var flagged []casework.Open
		for i, v := range rows {
			if !fresh[v.ID] {
				met = append(met, v)
			} else if v.State == "submitted" {
				flagged = append(flagged, casework.Open{
					City: v.CityCode, ID: v.ID, Number: v.Number, Kind: FlowVacancy, Title: v.Title, OrgPath: v.OrgPath, CompanyID: v.CompanyID,
					State: "submitted", Detail: map[string]any{"refusals": good[i].cand.refusals},
				})
			}
		}
		mine, err := s.store.ofBatch(ctx, met, o.BatchID)
		if err != nil {
			return err
		}
		done.Collapsed = int64(mine)
		done.Unchanged = int64(len(met) - mine)
		if _, err := s.Cases.OpenMany(ctx, flagged); err != nil {
			return err
		}
		if o.Commit != nil {
			return o.Commit(ctx, before.plus(done))
		}
		return nil
	})
	return done, err
}

// maxMet bounds the companies that an import remembers.
const maxMet = 50_000

// employerKey names a company within one file.
func employerKey(l company.Listed) string { return l.CreditCode + "\n" + CompanyKey(l.Name) }

// listFunc finds or makes companies, or tells what that would give.
type listFunc func(context.Context, []company.Listed) ([]company.Known, error)

// employers gives the companies of a chunk, each once; met holds those of
// earlier chunks, and learns those of this one when it has been confirmed.
func (s *Service) employers(ctx context.Context, good []*parsed, met map[string]company.Known, list listFunc) (map[string]company.Known, error) {
	out := make(map[string]company.Known, len(good))
	var keys []string
	var listed []company.Listed
	for _, x := range good {
		key := employerKey(x.cand.employer)
		if _, done := out[key]; done {
			continue
		}
		k, before := met[key]
		if out[key] = k; !before {
			keys, listed = append(keys, key), append(listed, x.cand.employer)
		}
	}
	known, err := list(ctx, listed)
	if err != nil {
		return nil, err
	}
	for i, key := range keys {
		out[key] = known[i]
	}
	db.AfterCommit(ctx, func() {
		if len(met) > maxMet {
			clear(met)
		}
		for i, key := range keys {
			if known[i].Err == nil {
				met[key] = known[i]
			}
		}
	})
	return out, nil
}

// settle gives each understood row its company and builds the vacancies. Rows
// whose company cannot be kept join the broken ones.
func (s *Service) settle(ctx context.Context, chunk []parsed, o ImportOptions, list listFunc) ([]*parsed, []Vacancy, error) {
	var good []*parsed
	for i := range chunk {
		if len(chunk[i].bad) == 0 {
			good = append(good, &chunk[i])
		}
	}
	known, err := s.employers(ctx, good, o.met, list)
	if err != nil {
		return nil, nil, err
	}
	now := s.Clock.Now()
	kept := make([]*parsed, 0, len(good))
	var rows []Vacancy
	for _, x := range good {
		k := known[employerKey(x.cand.employer)]
		if k.Err == nil && k.State == company.StateBlocked {
			k.Err = fault.New(fault.Conflict, "employment.company_blocked")
		}
		if k.Err != nil {
			x.bad = []exchange.Problem{companyProblem(k.Err)}
			continue
		}
		v := x.cand.Vacancy
		v.CityCode, v.OrgPath, v.CompanyID, v.CompanyName = k.CityCode, k.OrgPath, k.ID, k.Name
		v.ID, v.Number, v.BatchID = id.New(), id.PublicIn(vacancyPrefix, k.CityCode), o.BatchID
		v.State, v.PublishedAt = "published", now
		if len(x.cand.refusals) > 0 {
			v.State = "submitted"
		}
		v.CreatedAt, v.UpdatedAt = now, now
		v.identity = identityOf(v)
		kept, rows = append(kept, x), append(rows, v)
	}
	down, err := s.store.takenDown(ctx, rows)
	if err != nil || len(down) == 0 {
		return kept, rows, err
	}
	n := 0
	for i, v := range rows { // what the county took down does not come back with the next file
		if down[v.CityCode+v.identity] {
			kept[i].bad = []exchange.Problem{{Column: "title", ZH: i18n.T(i18n.ZH, "field.taken_down"), EN: i18n.T(i18n.EN, "field.taken_down")}}
			continue
		}
		kept[n], rows[n] = kept[i], v
		n++
	}
	return kept[:n], rows[:n], nil
}

// dryRun is what a dry run remembers instead of writing it.
type dryRun struct {
	companies *company.Preview
	seen      map[string]bool // keys of vacancies that the rows so far would have made
}

// dryChunk counts what importing would do, and writes nothing.
func (s *Service) dryChunk(ctx context.Context, chunk []parsed, o ImportOptions, dry *dryRun) (ImportReport, error) {
	house := access.System(ctx, "employment.import")
	good, rows, err := s.settle(house, chunk, o, dry.companies.List)
	if err != nil {
		return ImportReport{}, err
	}
	there, err := s.store.standing(house, rows)
	if err != nil {
		return ImportReport{}, err
	}
	done := ImportReport{Rows: int64(len(chunk)), Failed: int64(len(chunk) - len(good))}
	for _, v := range rows {
		key := v.CityCode + v.identity
		switch {
		case there[key]:
			done.Unchanged++
		case dry.seen[key]:
			done.Collapsed++
		default:
			dry.seen[key] = true
			done.Imported++
		}
	}
	return done, nil
}

// companyProblem tells why a row's company cannot be kept, by its first wrong
// field where there is one.
func companyProblem(err error) exchange.Problem {
	f := fault.As(err)
	if len(f.Fields) > 0 {
		return exchange.Problem{Column: "company", ZH: i18n.Field(i18n.ZH, f.Fields[0]), EN: i18n.Field(i18n.EN, f.Fields[0])}
	}
	return exchange.Problem{Column: "company", ZH: i18n.Fault(i18n.ZH, f), EN: i18n.Fault(i18n.EN, f)}
}
