package partner

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"gonghui/internal/core/access"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/dues"
)

func fileHref(f dues.File) string { return home + "/files/" + f.CityCode + "/" + f.ID }

func correctHref(f dues.File, voucher string) string {
	return fileHref(f) + "/correct/" + url.PathEscape(voucher)
}

type filesView struct {
	Page  page.Page[dues.ListedFile]
	Start string
	Next  string
	Today clock.Day
}

func (f *face) files(w http.ResponseWriter, r *http.Request) error {
	v := filesView{Today: f.today()}
	var err error
	if v.Page, err = f.Dues.DeskFiles(r.Context(), wanted(r, 20)); err != nil {
		return err
	}
	v.Start, v.Next = pager(r, v.Page.Next)
	return f.show(w, r, "files", t(r.Context(), "partner.nav.files"), filesPage(v))
}

type fileView struct {
	dues.FileView
	Unit   string
	May    bool // sign, ask for corrections
	Names  func(accountID string) string
	Today  clock.Day
	Breaks page.Page[dues.OpenBreak]
	Start  string
	Next   string
	Errors ui.Errors
}

func (f *face) file(w http.ResponseWriter, r *http.Request) error {
	v, err := f.fileView(r)
	if err != nil {
		return err
	}
	return f.show(w, r, "files", v.Name, filePage(v))
}

func (f *face) fileView(r *http.Request) (v fileView, err error) {
	ctx := r.Context()
	if v.FileView, err = f.Dues.ViewFile(ctx, r.PathValue("city"), r.PathValue("id")); err != nil {
		return v, err
	}
	v.Unit, v.Today, v.May = f.unitAt(ctx, v.OrgPath), f.today(), access.Can(ctx, access.DuesTax, v.OrgPath)
	if v.Names, err = f.names(ctx, v.Corrections, v.TaxBy); err != nil {
		return v, err
	}
	v.Breaks, err = f.Dues.ListBreaks(ctx, dues.BreakFilter{FileID: v.ID, State: dues.BreakOpen}, wanted(r, 20))
	v.Start, v.Next = pager(r, v.Breaks.Next)
	return v, err
}

// names gives the names of those who asked for corrections, and of others of the
// tax office; the union's people stay the union's.
func (f *face) names(ctx context.Context, list []dues.Correction, more ...string) (func(string) string, error) {
	for _, c := range list {
		more = append(more, c.AskedBy)
	}
	named, err := f.Accounts.Named(ctx, more)
	return func(id string) string { return cmp.Or(named[id].Name, "—") }, err
}

func (f *face) sign(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	version, _ := strconv.Atoi(r.PostFormValue("version")) // what is no number is no version of anything
	file, err := f.Dues.SignFile(ctx, r.PathValue("city"), r.PathValue("id"), dues.TaxSide, version)
	if err == nil {
		f.site.Flash(r, t(ctx, "partner.signed_now"))
		return web.See(w, r, fileHref(file))
	}
	if !web.Shown(err) {
		return err
	}
	v, seeErr := f.fileView(r)
	if seeErr != nil {
		return seeErr
	}
	v.Errors = faults(r, err)
	return f.again(w, r, "files", v.Name, err, filePage(v))
}

type linesView struct {
	File  dues.File
	May   bool
	Page  page.Page[dues.FileLine]
	Text  string
	Start string
	Next  string
}

func (f *face) lines(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := linesView{Text: r.URL.Query().Get("q")}
	var err error
	if v.File, err = f.Dues.GetFile(ctx, r.PathValue("city"), r.PathValue("id")); err != nil {
		return err
	}
	v.May = access.Can(ctx, access.DuesTax, v.File.OrgPath)
	if v.Page, err = f.Dues.ListLines(ctx, v.File.CityCode, v.File.ID, v.Text, wanted(r, listSize)); err != nil {
		return err
	}
	v.Start, v.Next = pager(r, v.Page.Next)
	return f.show(w, r, "files", v.File.Name, linesPage(v))
}

type compareView struct {
	A, B  dues.File
	Page  page.Page[dues.Difference]
	Start string
	Next  string
}

func (f *face) compare(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var v compareView
	var err error
	if v.A, err = f.Dues.GetFile(ctx, r.PathValue("city"), r.PathValue("id")); err != nil {
		return err
	}
	if v.B, err = f.Dues.GetFile(ctx, r.PathValue("city"), r.PathValue("other")); err != nil {
		return err
	}
	if v.A.CreatedAt.After(v.B.CreatedAt) { // the earlier one on the left
		v.A, v.B = v.B, v.A
	}
	if v.Page, err = f.Dues.Differences(ctx, v.A.CityCode, v.A.ID, v.B.ID, wanted(r, listSize)); err != nil {
		return err
	}
	v.Start, v.Next = pager(r, v.Page.Next)
	return f.show(w, r, "files", t(ctx, "partner.compare"), comparePage(v))
}

type breaksView struct {
	Ages  []dues.BreakAge
	Page  page.Page[dues.OpenBreak]
	Start string
	Next  string
	Today clock.Day
}

func (f *face) breaks(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := breaksView{Today: f.today()}
	var err error
	if v.Ages, err = f.Dues.BreakAges(ctx, dues.BreakFilter{}); err != nil {
		return err
	}
	if v.Page, err = f.Dues.ListBreaks(ctx, dues.BreakFilter{State: dues.BreakOpen}, wanted(r, listSize)); err != nil {
		return err
	}
	v.Start, v.Next = pager(r, v.Page.Next)
	return f.show(w, r, "breaks", t(ctx, "partner.nav.breaks"), breaksPage(v))
}

func months(f dues.File) string {
	if f.From.IsZero() {
		return "—"
	}
	from, to := month(f.From), month(f.To)
	if from == to {
		return from
	}
	return from + " – " + to
}

func month(m clock.Day) string {
	if m.IsZero() {
		return "—"
	}
	return m.String()[:7]
}

// stands says whose signature a file waits for.
func stands(f dues.File) string {
	switch {
	case f.State == dues.FileRunning:
		return "running"
	case f.State == dues.FileSigned:
		return "signed"
	case f.TaxBy != "":
		return "union"
	}
	return "you"
}

func look(f dues.File) ui.State {
	return map[string]ui.State{"running": ui.Draft, "signed": ui.Done, "union": ui.Waiting, "you": ui.DueSoon}[stands(f)]
}

func fileColumns(ctx context.Context) []ui.Column {
	return []ui.Column{
		{Label: t(ctx, "partner.months")}, {Label: t(ctx, "partner.file")}, {Label: t(ctx, "partner.rows"), Right: true},
		{Label: t(ctx, "partner.paid"), Right: true}, {Label: t(ctx, "partner.open"), Right: true}, {Label: t(ctx, "partner.signatures")}, {Label: t(ctx, "partner.received")},
	}
}

func (v filesView) rows(ctx context.Context) [][]templ.Component {
	rows := make([][]templ.Component, len(v.Page.Items))
	for i, x := range v.Page.Items {
		rows[i] = []templ.Component{
			unbroken(months(x.File)), ui.Link(fileHref(x.File), x.Name), ui.Text(ui.Number(x.Totals.Rows)), ui.Text(ui.Money(ctx, int64(x.Totals.Paid))),
			ui.Text(ui.Number(x.Open)), ui.StatusTagText(look(x.File), t(ctx, "partner.stands."+stands(x.File))), ui.Text(ui.ShortDay(ctx, clock.DayOf(x.CreatedAt), v.Today)),
		}
	}
	return rows
}

// facts are the control totals of a file and the signatures.
func (v fileView) facts(ctx context.Context) []ui.Fact {
	totals := func(s dues.Totals) string {
		return t(ctx, "partner.totals", "Rows", ui.Number(s.Rows), "Payroll", ui.Money(ctx, int64(s.Payroll)), "Paid", ui.Money(ctx, int64(s.Paid)))
	}
	signed := func(by string, at time.Time, who string) string {
		if by == "" {
			return t(ctx, "partner.not_signed")
		}
		if at.IsZero() {
			return who
		}
		return ui.Moment(ctx, at) + who
	}
	return []ui.Fact{
		{Label: t(ctx, "partner.kept_by"), Value: v.Unit}, {Label: t(ctx, "partner.months"), Value: months(v.File)},
		{Label: t(ctx, "partner.stated"), Value: totals(v.Totals)},
		{Label: t(ctx, "partner.counted"), Value: t(ctx, "partner.split", "Lines", ui.Number(v.Report.Lines), "Repeated", ui.Number(v.Report.Repeated), "Failed", ui.Number(v.Report.Failed))},
		{Label: t(ctx, "partner.standing"), Value: totals(v.Standing.Totals)},
		{Label: t(ctx, "partner.received"), Value: ui.Moment(ctx, v.CreatedAt)},
		{Label: t(ctx, "partner.tax_side"), Value: signed(v.TaxBy, v.TaxAt, " · "+v.Names(v.TaxBy))},
		{Label: t(ctx, "partner.union_side"), Value: signed(v.UnionBy, v.UnionAt, "")},
	}
}

// closed says why the tax office cannot sign now; empty = it can.
func (v fileView) closed(ctx context.Context) string {
	switch s := stands(v.File); {
	case !v.May:
		return t(ctx, "partner.not_yours")
	case s != "you":
		return t(ctx, "partner.stands."+s)
	}
	return ""
}

// openWords says how many breaks are open when one signs.
func (v fileView) openWords(ctx context.Context) string {
	if n := v.Open(); n > 0 {
		return t(ctx, "partner.sign_open", "Open", ui.Number(n))
	}
	return ""
}

func breakColumns(ctx context.Context) []ui.Column {
	return []ui.Column{
		{Label: t(ctx, "partner.due_on")}, {Label: t(ctx, "partner.break")}, {Label: t(ctx, "partner.company")}, {Label: t(ctx, "partner.month")},
		{Label: t(ctx, "partner.difference"), Right: true}, {Label: t(ctx, "partner.voucher")},
	}
}

// breakSoon is how many days before its end the time of a break is shown as near.
const breakSoon = 7

func breakRows(ctx context.Context, list []dues.OpenBreak, today clock.Day) [][]templ.Component {
	rows := make([][]templ.Component, len(list))
	for i, b := range list {
		difference := ui.Money(ctx, int64(b.Difference))
		if b.Hidden {
			difference = t(ctx, "partner.hidden")
		}
		rows[i] = []templ.Component{
			ui.RestText(ui.RestOf(ctx, int(b.DueOn-today), breakSoon, false)), explained(b), payer(b.Name, b.CreditCode), unbroken(month(b.Month)),
			ui.Text(difference), ui.Text(b.Voucher),
		}
	}
	return rows
}

func ageColumns(ctx context.Context) []ui.Column {
	return []ui.Column{
		{Label: t(ctx, "partner.break")}, {Label: t(ctx, "partner.age.overdue"), Right: true}, {Label: t(ctx, "partner.age.older"), Right: true},
		{Label: t(ctx, "partner.age.week"), Right: true}, {Label: t(ctx, "partner.age.all"), Right: true},
	}
}

func ageRows(ctx context.Context, list []dues.BreakAge) [][]templ.Component {
	rows := make([][]templ.Component, len(list))
	for i, a := range list {
		rows[i] = []templ.Component{
			ui.Text(t(ctx, a.Kind.KindLabel())), ui.Text(ui.Number(a.Overdue)), ui.Text(ui.Number(a.Older)), ui.Text(ui.Number(a.Week)), ui.Text(ui.Number(a.All())),
		}
	}
	return rows
}

func itemName(ctx context.Context, i dues.Item) string { return t(ctx, "partner.item."+string(i)) }

func lineColumns(ctx context.Context, may bool) []ui.Column {
	out := []ui.Column{
		{Label: t(ctx, "partner.row"), Right: true}, {Label: t(ctx, "partner.company")}, {Label: t(ctx, "partner.item")}, {Label: t(ctx, "partner.month")},
		{Label: t(ctx, "partner.payroll"), Right: true}, {Label: t(ctx, "partner.paid"), Right: true}, {Label: t(ctx, "partner.voucher")},
	}
	if may {
		out = append(out, ui.Column{Label: t(ctx, "partner.correct")})
	}
	return out
}

func (v linesView) rows(ctx context.Context) [][]templ.Component {
	rows := make([][]templ.Component, len(v.Page.Items))
	for i, l := range v.Page.Items {
		rows[i] = []templ.Component{
			ui.Text(strconv.Itoa(l.Row)), payer(l.Name, l.CreditCode), ui.Text(itemName(ctx, l.Item)), unbroken(month(l.Month)),
			ui.Text(ui.Money(ctx, int64(l.Payroll))), ui.Text(ui.Money(ctx, int64(l.Paid))), lineVoucher(l),
		}
		if v.May {
			rows[i] = append(rows[i], correctLink(v.File, l))
		}
	}
	return rows
}

func (v compareView) columns(ctx context.Context) []ui.Column {
	return []ui.Column{
		{Label: t(ctx, "partner.voucher")}, {Label: t(ctx, "partner.differs")},
		{Label: t(ctx, "partner.first_file", "On", ui.Moment(ctx, v.A.CreatedAt))}, {Label: t(ctx, "partner.second_file", "On", ui.Moment(ctx, v.B.CreatedAt))},
	}
}

func (v compareView) rows(ctx context.Context) [][]templ.Component {
	rows := make([][]templ.Component, len(v.Page.Items))
	for i, d := range v.Page.Items {
		what := "both"
		switch {
		case d.B == nil:
			what = "first"
		case d.A == nil:
			what = "second"
		}
		rows[i] = []templ.Component{ui.Text(d.Voucher), ui.Text(t(ctx, "partner.only."+what)), sentLine(d.A), sentLine(d.B)}
	}
	return rows
}
