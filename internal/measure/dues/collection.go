package dues

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"

	"gonghui/internal/base/audit"
	"gonghui/internal/core/access"
	"gonghui/internal/core/calendar"
	"gonghui/internal/core/company"
	"gonghui/internal/core/exchange"
	"gonghui/internal/core/org"
	"gonghui/internal/core/rules"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/money"
	"gonghui/internal/kit/page"
)

// FileState is where a tax file stands.
type FileState string

// The states of a file.
const (
	FileRunning FileState = "running" // being taken in; what a crash interrupts goes on with the same file
	FileTaken   FileState = "taken"   // all rows are in
	FileSigned  FileState = "signed"  // both sides agree: frozen, corrected by later entries only
)

// File is one tax file in the collection ledger.
type File struct {
	CityCode     string
	ID           string
	OrgPath      string
	Name         string
	SHA256       string
	From         clock.Day // the first and the last month of its lines
	To           clock.Day
	Totals       Totals
	Report       FileReport
	RulesVersion string // of the rules that its lines are held against
	State        FileState
	UnionBy      string // who signed for the union, and for the tax office
	UnionAt      time.Time
	TaxBy        string
	TaxAt        time.Time
	Version      int
	CreatedBy    string
	CreatedAt    time.Time
}

// FileReport counts what became of the rows. Lines, Failed and Repeated add up to Rows.
type FileReport struct {
	Rows     int64 `json:"rows"`
	Lines    int64 `json:"lines"`
	Failed   int64 `json:"failed"`   // rows that are no lines
	Repeated int64 `json:"repeated"` // lines whose voucher stands already
	Breaks   int64 `json:"breaks"`   // of the lines and repeats
}

func (r FileReport) plus(d FileReport) FileReport {
	return FileReport{r.Rows + d.Rows, r.Lines + d.Lines, r.Failed + d.Failed, r.Repeated + d.Repeated, r.Breaks + d.Breaks}
}

// FileOptions say how a file is taken in.
type FileOptions struct {
	Name     string
	Map      map[string]string // field → column, beside what the headings say
	Errors   io.Writer         // file of the rows that were not taken; nil = none
	Broken   func(BrokenRow)   // hears of each of them; nil = nobody
	Progress func(FileReport)
	Limits   exchange.Limits // of the file; zero = those of what people send in
	// commit is called in the transaction of each chunk; nil = nothing more. For tests.
	commit func(FileReport) error
}

// brokenRows hears of the rows that were not taken.
type brokenRows struct {
	file   *exchange.ErrorFile // nil = nobody wants them as a file
	broken func(BrokenRow)     // nil = nobody wants them
}

// BrokenRow is one row that was not taken, for the page that shows the first.
type BrokenRow struct {
	Row    int    `json:"row"`
	Column string `json:"column,omitempty"`
	ZH     string `json:"zh"`
	EN     string `json:"en"`
}

func (o FileOptions) errorFile(header []string) (b brokenRows, err error) {
	b.broken = o.Broken
	if o.Errors != nil {
		b.file, err = exchange.NewErrorFile(o.Errors, header)
	}
	return b, err
}

func (b brokenRows) add(row exchange.Row, problems []exchange.Problem) error {
	if b.broken != nil {
		p := problems[0]
		b.broken(BrokenRow{Row: row.Line, Column: p.Column, ZH: p.ZH, EN: p.EN})
	}
	if b.file == nil {
		return nil
	}
	return b.file.Add(row, problems...)
}

func (b brokenRows) close() error {
	if b.file == nil {
		return nil
	}
	return b.file.Close()
}

// fileChunk is how many rows one transaction takes in.
const fileChunk = 5000

// TakeFile takes a tax file into the collection ledger of a unit. It is read
// twice: first its control totals are held against its rows, and nothing is
// written of a file that does not agree with itself; then its lines go in, in
// chunks of one transaction each. The same file a second time is refused, unless
// it was interrupted: then it goes on where it was. Faults: access.denied,
// not_found org.no_unit, invalid dues.no_totals, dues.totals, dues.after_totals,
// dues.other_county (none of its companies is of the unit), conflict
// dues.same_file, and those of reading; faults of single rows are in the report.
func (s *Service) TakeFile(ctx context.Context, unitID string, r io.ReaderAt, size int64, o FileOptions) (File, error) {
	unit, ok := s.Org.ByID(unitID)
	if !ok || !unit.Stands() {
		return File{}, fault.New(fault.NotFound, "org.no_unit")
	}
	if err := access.Require(ctx, access.DuesCollect, unit.Path); err != nil {
		return File{}, err
	}
	actor, _ := access.From(ctx)
	f := File{
		CityCode: unit.CityCode, ID: id.New(), OrgPath: unit.Path, Name: o.Name, State: FileRunning, Version: 1,
		CreatedBy: actor.AccountID, CreatedAt: s.Clock.Now(),
	}
	book, err := s.Rules.Book(ctx)
	if err != nil {
		return File{}, err
	}
	f.RulesVersion = book.Version()
	by, err := s.measureOf(ctx, book, unit)
	if err != nil {
		return File{}, err
	}
	if err := s.survey(ctx, &f, r, size, o, by); err != nil {
		return File{}, err
	}
	standing, found, err := s.store.fileBySum(ctx, f.CityCode, f.SHA256)
	switch {
	case err != nil:
		return File{}, err
	case found && standing.State != FileRunning:
		return File{}, errSameFile(standing)
	case found:
		// What was begun under some rules ends under them.
		f = standing
		if by, err = s.measureAt(ctx, f); err != nil {
			return File{}, err
		}
	default:
		if err := s.begin(ctx, f); err != nil {
			return File{}, err
		}
	}
	return s.takeIn(ctx, f, r, size, o, by)
}

// measure is what the lines of one file are held against.
type measure struct {
	Rules
	breakDays int
	terms     map[PayerType]func(Item, clock.Day) (Terms, error)
	special   map[string]PayerType // companies whose dues are divided otherwise than usual
}

// share divides the counted part of a line of a company. What no terms hold for
// is nobody's yet.
func (m measure) share(companyID string, item Item, month clock.Day, counted money.Fen) (share, error) {
	payer := General
	if t, ok := m.special[companyID]; ok && companyID != "" {
		payer = t
	}
	t, err := m.terms[payer](item, month)
	if fault.HasCode(err, "dues.no_terms") {
		return share{}, nil
	}
	if err != nil {
		return share{}, err
	}
	r, err := t.Divide(counted, item)
	return share{Counted: counted, Reckoning: r, Refunded: t.Refunded}, err
}

// measureAt gives the measure of a file: the rules as they were when it was begun.
func (s *Service) measureAt(ctx context.Context, f File) (measure, error) {
	unit, ok := s.Org.ByPath(f.OrgPath)
	if !ok {
		return measure{}, fault.New(fault.NotFound, "org.no_unit")
	}
	book, err := s.Rules.BookAt(ctx, f.RulesVersion)
	if err != nil {
		return measure{}, err
	}
	return s.measureOf(ctx, book, unit)
}

func (s *Service) measureOf(ctx context.Context, b *rules.Book, u org.Unit) (measure, error) {
	r := b.At(u.DivisionCode, clock.Today(s.Clock))
	m := measure{
		Rules:     Rules{Terms: termsAt(b, u.DivisionCode, General), Tolerance: r.Fen(keyTolerance)},
		breakDays: r.Days(keyBreakDays), terms: map[PayerType]func(Item, clock.Day) (Terms, error){},
	}
	for _, p := range []PayerType{General, Finance} {
		m.terms[p] = termsAt(b, u.DivisionCode, p)
	}
	var err error
	m.special, err = s.store.specialPayers(ctx, u.CityCode)
	return m, errors.Join(r.Err(), err)
}

// due is the day by which a break that is found today is to be cleared.
func (m measure) due(today clock.Day) clock.Day {
	return calendar.Deadline(today, m.breakDays, calendar.Day, false)
}

// termsAt gives the terms of payers of a type at a place, each month looked up once.
func termsAt(b *rules.Book, division string, payer PayerType) func(Item, clock.Day) (Terms, error) {
	type answer struct {
		terms Terms
		err   error
	}
	known := map[clock.Day]answer{}
	return func(_ Item, month clock.Day) (Terms, error) {
		a, ok := known[month]
		if !ok {
			a.terms, a.err = TermsFor(b, division, payer, month)
			known[month] = a
		}
		return a.terms, a.err
	}
}

func open(r io.ReaderAt, size int64, o FileOptions, terms func(Item, clock.Day) (Terms, error)) (*exchange.Table, *Lines, error) {
	t, err := exchange.OpenReader(r, size, o.Name, o.Limits)
	if err != nil {
		return nil, nil, err
	}
	x, err := OpenLines(t, o.Map, terms)
	if err != nil {
		return nil, nil, errors.Join(err, t.Close())
	}
	return t, x, nil
}

// surveySample is how many lines tell whose companies a file is of.
const surveySample = 100

// survey reads the whole file once and refuses what is not this unit's, or does
// not agree with its own control totals.
func (s *Service) survey(ctx context.Context, f *File, r io.ReaderAt, size int64, o FileOptions, by measure) (err error) {
	t, x, err := open(r, size, o, by.Terms)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	f.SHA256 = t.SHA256()
	var sample []company.Listed
	for {
		l, _, problems, err := x.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if len(problems) > 0 {
			continue
		}
		if f.From.IsZero() || l.Month < f.From {
			f.From = l.Month
		}
		f.To = max(f.To, l.Month)
		if len(sample) < surveySample {
			sample = append(sample, company.Listed{CreditCode: l.CreditCode, Name: l.Name})
		}
	}
	if err := x.CheckTotals(); err != nil {
		return err
	}
	f.Totals, _ = x.Stated()
	matches, err := s.Companies.Recognise(access.System(ctx, "dues.take_file"), sample)
	if err != nil {
		return err
	}
	here, elsewhere := 0, 0
	for _, m := range matches {
		switch {
		case !certain(m):
		case strings.HasPrefix(m.OrgPath, f.OrgPath):
			here++
		default:
			elsewhere++
		}
	}
	if here == 0 && elsewhere > 0 {
		return fault.New(fault.Invalid, "dues.other_county", fault.With("Companies", elsewhere))
	}
	return nil
}

func (s *Service) begin(ctx context.Context, f File) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.store.insertFile(ctx, f); err != nil {
			return err
		}
		return s.record(ctx, f, "dues.file_begun")
	})
}

// record writes down what was done to a file, with its counts.
func (s *Service) record(ctx context.Context, f File, action audit.Action) error {
	detail, err := json.Marshal(struct {
		File string `json:"file"`
		FileReport
	}{f.Name, f.Report})
	if err != nil {
		return fault.New(fault.Internal, "internal", fault.Because(err))
	}
	return s.Audit.Record(ctx, audit.Entry{
		CityCode: f.CityCode, OrgPath: f.OrgPath, Action: action, SubjectKind: "dues_file", SubjectID: f.ID, Detail: string(detail),
	})
}

// takeIn writes the rows after those that are in already.
func (s *Service) takeIn(ctx context.Context, f File, r io.ReaderAt, size int64, o FileOptions, by measure) (_ File, err error) {
	t, x, err := open(r, size, o, by.Terms)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	bad, err := o.errorFile(t.Header())
	if err != nil {
		return f, err
	}
	skip := f.Report.Rows
	var chunk []Line
	var done FileReport
	flush := func() error {
		if done.Rows == 0 {
			return nil
		}
		if err := s.takeChunk(ctx, &f, chunk, done, by, o.commit); err != nil {
			return err
		}
		chunk, done = chunk[:0], FileReport{}
		if o.Progress != nil {
			o.Progress(f.Report)
		}
		return nil
	}
	for row := int64(1); ; row++ {
		l, cells, problems, err := x.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return f, err
		}
		if len(problems) > 0 { // the error file tells of all rows, also of those before a crash
			if err := bad.add(cells, problems); err != nil {
				return f, err
			}
		}
		if row <= skip {
			continue
		}
		if done.Rows++; len(problems) > 0 {
			done.Failed++
		} else {
			chunk = append(chunk, l)
		}
		if done.Rows == fileChunk {
			if err := flush(); err != nil {
				return f, err
			}
		}
	}
	if err := flush(); err != nil {
		return f, err
	}
	if err := bad.close(); err != nil {
		return f, err
	}
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		done := f
		done.State = FileTaken
		if err := s.store.moveFile(ctx, &done, FileRunning); err != nil {
			return err
		}
		f = done
		return s.record(ctx, f, "dues.file_taken")
	})
	return f, err
}

// takeChunk writes one chunk with its breaks and counts.
func (s *Service) takeChunk(ctx context.Context, f *File, lines []Line, done FileReport, by measure, commit func(FileReport) error) error {
	// Who the lines are of is found before the transaction begins: it keeps the
	// writer from nobody meanwhile.
	matches, err := s.recognise(ctx, f.OrgPath, lines)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for i, m := range matches {
		known[lines[i].CreditCode] = certain(m)
	}
	shares := make([]share, len(lines))
	for i, l := range lines {
		if shares[i], err = by.share(matches[i].ID, l.Item, l.Month, l.Paid); err != nil {
			return err
		}
	}
	payers, err := s.store.withoutRecord(ctx, payersOf(matches))
	if err != nil {
		return err
	}
	var after FileReport
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		counted := done
		if err := s.EnsurePayers(ctx, payers); err != nil {
			return err
		}
		fresh, ids, err := s.store.insertLines(ctx, *f, lines, matches, shares)
		if err != nil {
			return err
		}
		repeated := map[string]bool{}
		for i, l := range lines {
			if fresh[i] {
				counted.Lines++
			} else {
				repeated[l.Voucher] = true
				counted.Repeated++
			}
		}
		judge := by.Rules
		judge.Known, judge.Seen = func(code string) bool { return known[code] }, func(string) bool { return false }
		var judged, repeats []Line
		var breaks []Break
		for i, l := range lines {
			if fresh[i] {
				judged = append(judged, l)
				continue
			}
			repeats = append(repeats, l)
			breaks = append(breaks, Break{Kind: DuplicateVoucher, Row: l.Row, CreditCode: l.CreditCode, Voucher: l.Voucher, Month: l.Month, Difference: l.Paid})
		}
		if err := s.store.insertRepeats(ctx, *f, repeats); err != nil {
			return err
		}
		more, err := judge.Judge(judged)
		if err != nil {
			return err
		}
		breaks = append(breaks, more...)
		today := clock.Today(s.Clock)
		counted.Breaks = int64(len(breaks))
		if err := s.store.insertBreaks(ctx, *f, breaks, ids, today, by.due(today)); err != nil {
			return err
		}
		after = f.Report.plus(counted)
		if err := s.store.countFile(ctx, *f, after); err != nil {
			return err
		}
		if commit != nil {
			return commit(after)
		}
		return nil
	})
	if err == nil {
		f.Report = after
	}
	return err
}

// seen narrows ctx to the files that the actor sees from either side.
func seen(ctx context.Context) (context.Context, error) {
	return access.For(ctx, access.DuesCollect, access.DuesTax)
}

// payersOf names the companies that were recognised.
func payersOf(matches []company.Match) []company.Ref {
	out := make([]company.Ref, 0, len(matches))
	for _, m := range matches {
		if m.By != "" {
			out = append(out, company.Ref{City: m.CityCode, ID: m.ID})
		}
	}
	return out
}

// ListFiles pages through the files of the scope, newest first. Fault: access.denied.
func (s *Service) ListFiles(ctx context.Context, r page.Request) (page.Page[File], error) {
	ctx, err := seen(ctx)
	if err != nil {
		return page.Page[File]{}, err
	}
	return s.store.files(ctx, r)
}

// GetFile gives one file of the scope. Faults: access.denied, not_found dues.no_file.
func (s *Service) GetFile(ctx context.Context, city, fileID string) (File, error) {
	ctx, err := seen(ctx)
	if err != nil {
		return File{}, err
	}
	return s.store.file(ctx, city, fileID)
}
