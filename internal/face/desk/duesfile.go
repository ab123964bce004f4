package desk

import (
	"cmp"
	"context"
	"io"
	"net/http"
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

// duesFileView is one file of the collection ledger with what is to be done.
type duesFileView struct {
	dues.FileView
	Unit   string
	May    bool // take receipts, sign, answer
	Names  func(accountID string) string
	Today  clock.Day
	Query  breakQuery
	Breaks page.Page[dues.OpenBreak]
	Start  string
	Next   string
	Here   string // address, to come back to
	Errors ui.Errors
	Answer string // of the correction that was refused
	On     string // its id
}

func (f *face) duesFile(w http.ResponseWriter, r *http.Request) error {
	v, err := f.duesFileView(r)
	if err != nil {
		return err
	}
	return f.show(w, r, "dues", v.Name, duesFilePage(v))
}

func (f *face) duesFileView(r *http.Request) (v duesFileView, err error) {
	ctx := r.Context()
	if v.FileView, err = f.Dues.ViewFile(ctx, r.PathValue("city"), r.PathValue("id")); err != nil {
		return v, err
	}
	v.Unit, v.Today, v.Here = f.unitAt(ctx, v.OrgPath), f.today(), duesFileHref(v.File)
	v.May = access.Can(ctx, access.DuesCollect, v.OrgPath)
	ids := []string{v.CreatedBy, v.UnionBy, v.TaxBy}
	for _, c := range v.Corrections {
		ids = append(ids, c.AskedBy, c.AnsweredBy)
	}
	if v.Names, err = f.names(ctx, ids...); err != nil {
		return v, err
	}
	if err = web.DecodeQuery(r, &v.Query); err != nil {
		return v, err
	}
	if !r.URL.Query().Has("state") {
		v.Query.State = string(dues.BreakOpen)
	}
	if v.Breaks, err = f.Dues.ListBreaks(ctx, v.Query.filter(v.ID), wanted(r, 20)); err != nil {
		return v, err
	}
	v.Start, v.Next = pager(r, v.Breaks.Next)
	if r.Method == http.MethodGet {
		v.Here = r.URL.RequestURI()
	}
	return v, nil
}

// names gives the names of accounts; the house itself has none.
func (f *face) names(ctx context.Context, ids ...string) (func(string) string, error) {
	named, err := f.Accounts.Named(ctx, ids)
	return func(id string) string { return cmp.Or(named[id].Name, "—") }, err
}

// fileAgain shows the page of a file with what was wrong.
func (f *face) fileAgain(w http.ResponseWriter, r *http.Request, err error, change func(*duesFileView)) error {
	if !web.Shown(err) {
		return err
	}
	v, seeErr := f.duesFileView(r)
	if seeErr != nil {
		return seeErr
	}
	v.Errors = faults(r, err)
	if change != nil {
		change(&v)
	}
	return f.again(w, r, "dues", v.Name, err, duesFilePage(v))
}

func (f *face) sendReceipts(w http.ResponseWriter, r *http.Request) error {
	in, err := f.receiveFile(r, func(name string, file io.Reader) (dues.Intake, error) {
		return f.Dues.SendReceipts(r.Context(), r.PathValue("city"), r.PathValue("id"), name, file)
	})
	if err == nil {
		return web.See(w, r, intakeHref(in))
	}
	return f.fileAgain(w, r, err, func(v *duesFileView) { v.Errors = aboutFile(v.Errors) })
}

// version is the version of a record that a form was made from.
func version(r *http.Request) int {
	n, _ := strconv.Atoi(r.PostFormValue("version")) // what is no number is no version of anything
	return n
}

func (f *face) signDuesFile(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	file, err := f.Dues.SignFile(ctx, r.PathValue("city"), r.PathValue("id"), dues.UnionSide, version(r))
	if err == nil {
		f.site.Flash(r, t(ctx, "desk.dues.signed_now."+signedBy(file)))
		return web.See(w, r, duesFileHref(file))
	}
	return f.fileAgain(w, r, err, nil)
}

func (f *face) answerCorrection(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	on, accept := r.PathValue("id"), r.PostFormValue("do") == "accept"
	c, err := f.Dues.AnswerCorrection(ctx, r.PathValue("city"), on, accept, r.PostFormValue(answerField(on)), version(r))
	if err == nil {
		f.site.Flash(r, t(ctx, "desk.dues.answered."+string(c.State)))
		return web.See(w, r, duesPath+"/files/"+c.CityCode+"/"+c.FileID)
	}
	r.SetPathValue("id", r.PostFormValue("file")) // the page that the form stands on
	return f.fileAgain(w, r, err, func(v *duesFileView) {
		v.On, v.Answer = on, r.PostFormValue(answerField(on))
		for i := range v.Errors {
			if v.Errors[i].Field == "answer" {
				v.Errors[i].Field = answerField(on)
			}
		}
	})
}

// answerField names the answer to one of several corrections on a page.
func answerField(correctionID string) string { return "answer." + correctionID }

func (v duesFileView) answer(c dues.Correction) string {
	if v.On == c.ID {
		return v.Answer
	}
	return ""
}

// openWords says how many breaks are open when one signs.
func (v duesFileView) openWords(ctx context.Context) string {
	if n := v.Open(); n > 0 {
		return t(ctx, "desk.dues.sign_open", "Open", ui.Number(n))
	}
	return ""
}

type duesLinesView struct {
	File  dues.File
	Page  page.Page[dues.FileLine]
	Text  string
	Start string
	Next  string
}

func (f *face) duesLines(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := duesLinesView{Text: r.URL.Query().Get("q")}
	var err error
	if v.File, err = f.Dues.GetFile(ctx, r.PathValue("city"), r.PathValue("id")); err != nil {
		return err
	}
	if v.Page, err = f.Dues.ListLines(ctx, v.File.CityCode, v.File.ID, v.Text, wanted(r, listSize)); err != nil {
		return err
	}
	v.Start, v.Next = pager(r, v.Page.Next)
	return f.show(w, r, "dues", v.File.Name, duesLinesPage(v))
}

type compareView struct {
	A, B  dues.File
	Page  page.Page[dues.Difference]
	Start string
	Next  string
}

func (f *face) compareDues(w http.ResponseWriter, r *http.Request) error {
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
	return f.show(w, r, "dues", t(ctx, "desk.dues.compare"), comparePage(v))
}

// facts are the control totals of a file and who signed.
func (v duesFileView) facts(ctx context.Context) []ui.Fact {
	money := func(fen int64) string { return ui.Money(ctx, fen) }
	st := v.Totals
	out := []ui.Fact{
		{Label: t(ctx, "desk.dues.months"), Value: months(v.File)},
		{Label: t(ctx, "desk.dues.stated"), Value: t(ctx, "desk.dues.totals", "Rows", ui.Number(st.Rows), "Payroll", money(int64(st.Payroll)), "Paid", money(int64(st.Paid)))},
		{Label: t(ctx, "desk.dues.counted"), Value: t(ctx, "desk.dues.split", "Lines", ui.Number(v.Report.Lines), "Repeated", ui.Number(v.Report.Repeated), "Failed", ui.Number(v.Report.Failed))},
		{Label: t(ctx, "desk.dues.standing"), Value: t(ctx, "desk.dues.totals", "Rows", ui.Number(v.Standing.Rows), "Payroll", money(int64(v.Standing.Payroll)), "Paid", money(int64(v.Standing.Paid)))},
		{Label: t(ctx, "desk.dues.arrived"), Value: money(int64(v.Standing.Arrived))},
		{Label: t(ctx, "desk.dues.taken"), Value: ui.Moment(ctx, v.CreatedAt) + " · " + v.Names(v.CreatedBy)},
	}
	sign := func(label, by string, at time.Time) ui.Fact {
		if by == "" {
			return ui.Fact{Label: t(ctx, label), Value: t(ctx, "desk.dues.not_signed")}
		}
		when := v.Names(by)
		if !at.IsZero() {
			when = ui.Moment(ctx, at) + " · " + when
		}
		return ui.Fact{Label: t(ctx, label), Value: when}
	}
	return append(out, sign("desk.dues.union_side", v.UnionBy, v.UnionAt), sign("desk.dues.tax_side", v.TaxBy, v.TaxAt))
}

// closed says why the union cannot sign now; empty = it can.
func (v duesFileView) closed(ctx context.Context) string {
	switch {
	case !v.May:
		return t(ctx, "desk.dues.not_yours")
	case v.State == dues.FileRunning:
		return t(ctx, "desk.dues.waits.running")
	case v.State == dues.FileSigned:
		return t(ctx, "desk.dues.waits.signed")
	case v.UnionBy != "":
		return t(ctx, "desk.dues.waits.tax")
	}
	return ""
}

var correctionLooks = map[dues.CorrectionState]ui.State{dues.CorrectionOpen: ui.Waiting, dues.CorrectionAccepted: ui.Done, dues.CorrectionDeclined: ui.Refused}

func itemName(ctx context.Context, i dues.Item) string { return t(ctx, "desk.dues.item."+string(i)) }

// change says what of a line a correction changes: from what to what.
func change(ctx context.Context, c dues.Correction) []ui.Fact {
	if c.Void {
		return []ui.Fact{{Label: t(ctx, "desk.dues.void"), Value: c.Was.Name + " · " + ui.Money(ctx, int64(c.Was.Paid))}}
	}
	var out []ui.Fact
	add := func(label, was, want string) {
		if was != want {
			out = append(out, ui.Fact{Label: t(ctx, label), Value: t(ctx, "desk.dues.from_to", "From", cmp.Or(was, "—"), "To", cmp.Or(want, "—"))})
		}
	}
	add("desk.company.credit_code", c.Was.CreditCode, c.Want.CreditCode)
	add("desk.dues.company", c.Was.Name, c.Want.Name)
	add("desk.dues.item", itemName(ctx, c.Was.Item), itemName(ctx, c.Want.Item))
	add("desk.dues.month", c.Was.Month.String()[:7], c.Want.Month.String()[:7])
	add("desk.dues.payroll", ui.Money(ctx, int64(c.Was.Payroll)), ui.Money(ctx, int64(c.Want.Payroll)))
	add("desk.dues.paid", ui.Money(ctx, int64(c.Was.Paid)), ui.Money(ctx, int64(c.Want.Paid)))
	return out
}

func lineColumns(ctx context.Context) []ui.Column {
	return []ui.Column{
		{Label: t(ctx, "desk.dues.row"), Right: true}, {Label: t(ctx, "desk.dues.company")}, {Label: t(ctx, "desk.company.credit_code")}, {Label: t(ctx, "desk.dues.item")},
		{Label: t(ctx, "desk.dues.month")}, {Label: t(ctx, "desk.dues.payroll"), Right: true}, {Label: t(ctx, "desk.dues.paid"), Right: true},
		{Label: t(ctx, "desk.dues.arrived"), Right: true}, {Label: t(ctx, "desk.dues.voucher")},
	}
}

func lineRows(ctx context.Context, list []dues.FileLine) [][]templ.Component {
	rows := make([][]templ.Component, len(list))
	for i, l := range list {
		arrived := "—"
		if l.Arrived != nil {
			arrived = ui.Money(ctx, int64(*l.Arrived))
		}
		rows[i] = []templ.Component{
			ui.Text(strconv.Itoa(l.Row)), ui.Text(l.Name), ui.Text(l.CreditCode), ui.Text(itemName(ctx, l.Item)), unbroken(monthWord(l.Month)),
			ui.Text(ui.Money(ctx, int64(l.Payroll))), ui.Text(ui.Money(ctx, int64(l.Paid))), ui.Text(arrived), lineVoucher(l),
		}
	}
	return rows
}

func compareColumns(ctx context.Context, v compareView) []ui.Column {
	return []ui.Column{
		{Label: t(ctx, "desk.dues.voucher")}, {Label: t(ctx, "desk.dues.differs")},
		{Label: t(ctx, "desk.dues.first_file", "On", ui.Moment(ctx, v.A.CreatedAt))}, {Label: t(ctx, "desk.dues.second_file", "On", ui.Moment(ctx, v.B.CreatedAt))},
	}
}

func compareRows(ctx context.Context, list []dues.Difference) [][]templ.Component {
	rows := make([][]templ.Component, len(list))
	for i, d := range list {
		what := "both"
		switch {
		case d.B == nil:
			what = "first"
		case d.A == nil:
			what = "second"
		}
		rows[i] = []templ.Component{ui.Text(d.Voucher), ui.Text(t(ctx, "desk.dues.only."+what)), sentLine(d.A), sentLine(d.B)}
	}
	return rows
}
