package desk

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"gonghui/internal/core/access"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/dues"
)

// breakQuery is the filter above a list of breaks; without a state, those that are open.
type breakQuery struct {
	Kind  string `form:"kind" check:"max=30"`
	State string `form:"state" check:"max=20"`
	Text  string `form:"q" check:"max=50"`
}

// The states of breaks in the filter: those of the room, and the overdue ones.
const (
	breaksOverdue = "overdue"
	breaksAll     = "all"
)

func (q breakQuery) filter(fileID string) dues.BreakFilter {
	f := dues.BreakFilter{FileID: fileID, Kind: dues.BreakKind(q.Kind), State: dues.BreakState(q.State), Text: q.Text}
	switch q.State {
	case breaksOverdue:
		f.State, f.Overdue = dues.BreakOpen, true
	case breaksAll:
		f.State = ""
	}
	return f
}

func (q breakQuery) empty() bool {
	return q.Kind == "" && q.Text == "" && (q.State == "" || q.State == string(dues.BreakOpen))
}

func breakStates(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, s := range []string{string(dues.BreakOpen), breaksOverdue, string(dues.BreakCleared), string(dues.BreakWrittenOff), breaksAll} {
		out = append(out, ui.Option{Value: s, Label: t(ctx, "desk.dues.break_state."+s)})
	}
	return out
}

func breakKinds(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, k := range dues.BreakKinds {
		out = append(out, ui.Option{Value: string(k), Label: t(ctx, k.KindLabel())})
	}
	return out
}

type breaksView struct {
	Query breakQuery
	Ages  []dues.BreakAge
	Page  page.Page[dues.OpenBreak]
	Start string
	Next  string
	Today clock.Day
	Here  string
}

func (f *face) breaks(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := breaksView{Today: f.today(), Here: r.URL.RequestURI()}
	err := web.DecodeQuery(r, &v.Query)
	if err != nil {
		return err
	}
	if !r.URL.Query().Has("state") {
		v.Query.State = string(dues.BreakOpen)
	}
	if v.Ages, err = f.Dues.BreakAges(ctx, dues.BreakFilter{}); err != nil {
		return err
	}
	if v.Page, err = f.Dues.ListBreaks(ctx, v.Query.filter(""), wanted(r, listSize)); err != nil {
		return err
	}
	v.Start, v.Next = pager(r, v.Page.Next)
	return f.show(w, r, "dues", t(ctx, "desk.dues.tab.breaks"), breaksPage(v))
}

type breakView struct {
	dues.OpenBreak
	File   dues.File
	May    bool
	Back   string
	Today  clock.Day
	Typed  func(string) string
	Errors ui.Errors
}

func (f *face) breakView(r *http.Request) (v breakView, err error) {
	ctx := r.Context()
	if v.OpenBreak, err = f.Dues.GetBreak(ctx, r.PathValue("city"), r.PathValue("id")); err != nil {
		return v, err
	}
	if v.File, err = f.Dues.GetFile(ctx, v.CityCode, v.FileID); err != nil {
		return v, err
	}
	v.May, v.Today, v.Typed = access.Can(ctx, access.DuesCollect, v.File.OrgPath), f.today(), r.PostFormValue
	back := r.URL.Query().Get("back")
	if r.Method != http.MethodGet {
		back = r.PostFormValue("back")
	}
	v.Back = duesBack(back, duesFileHref(v.File))
	return v, nil
}

// duesBack leads to a page of the refund of dues, and nowhere else.
func duesBack(asked, otherwise string) string {
	if asked = web.Local(asked, otherwise); !strings.HasPrefix(asked, duesPath) {
		return otherwise
	}
	return asked
}

func (f *face) oneBreak(w http.ResponseWriter, r *http.Request) error {
	v, err := f.breakView(r)
	if err != nil {
		return err
	}
	return f.show(w, r, "dues", t(r.Context(), v.Kind.KindLabel()), breakPage(v))
}

func (f *face) clearBreak(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	to := dues.BreakState(r.PostFormValue("to"))
	err := f.Dues.ClearBreak(ctx, r.PathValue("city"), r.PathValue("id"), to, r.PostFormValue("reason"), version(r))
	if err != nil && !web.Shown(err) {
		return err
	}
	v, seeErr := f.breakView(r)
	if seeErr != nil {
		return seeErr
	}
	if err == nil {
		f.site.Flash(r, t(ctx, "desk.dues.cleared_now", "Kind", t(ctx, v.Kind.KindLabel()), "Voucher", v.Voucher))
		return web.See(w, r, v.Back)
	}
	v.Errors = faults(r, err)
	return f.again(w, r, "dues", t(ctx, v.Kind.KindLabel()), err, breakPage(v))
}

func breakHref(b dues.OpenBreak, back string) string {
	return breaksPath + "/" + b.CityCode + "/" + b.ID + "?" + url.Values{"back": {back}}.Encode()
}

func ageColumns(ctx context.Context) []ui.Column {
	return []ui.Column{
		{Label: t(ctx, "desk.dues.kind")}, {Label: t(ctx, "desk.dues.age.overdue"), Right: true}, {Label: t(ctx, "desk.dues.age.older"), Right: true},
		{Label: t(ctx, "desk.dues.age.week"), Right: true}, {Label: t(ctx, "desk.dues.age.all"), Right: true},
	}
}

func ageRows(ctx context.Context, list []dues.BreakAge, path string) [][]templ.Component {
	rows := make([][]templ.Component, len(list))
	for i, a := range list {
		rows[i] = []templ.Component{
			ui.Link(path+"?state=open&kind="+string(a.Kind), t(ctx, a.Kind.KindLabel())), overdueCount(a.Overdue),
			ui.Text(ui.Number(a.Older)), ui.Text(ui.Number(a.Week)), ui.Text(ui.Number(a.All())),
		}
	}
	return rows
}

func breakColumns(ctx context.Context) []ui.Column {
	return []ui.Column{
		{Label: t(ctx, "desk.dues.due_on")}, {Label: t(ctx, "desk.dues.kind")}, {Label: t(ctx, "desk.dues.company")}, {Label: t(ctx, "desk.dues.month")},
		{Label: t(ctx, "desk.dues.difference"), Right: true}, {Label: t(ctx, "desk.dues.voucher")}, {Label: t(ctx, "desk.list.state")},
	}
}

var breakLooks = map[dues.BreakState]ui.State{dues.BreakOpen: ui.Waiting, dues.BreakCleared: ui.Done, dues.BreakWrittenOff: ui.Refused}

func breakRows(ctx context.Context, list []dues.OpenBreak, today clock.Day, here string) [][]templ.Component {
	rows := make([][]templ.Component, len(list))
	for i, b := range list {
		rows[i] = []templ.Component{
			breakDue(ctx, b, today), ui.Link(breakHref(b, here), t(ctx, b.Kind.KindLabel())), breakCompany(b), unbroken(monthWord(b.Month)),
			ui.Text(ui.Money(ctx, int64(b.Difference))), ui.Text(b.Voucher), ui.StatusTagText(breakLooks[b.State], t(ctx, "desk.dues.break_state."+string(b.State))),
		}
	}
	return rows
}

// breakDue is the time left to clear a break, or the day by which it was to be.
func breakDue(ctx context.Context, b dues.OpenBreak, today clock.Day) templ.Component {
	if b.State == dues.BreakOpen {
		return ui.RestText(ui.RestOf(ctx, int(b.DueOn-today), breakSoon, false))
	}
	return ui.Text(ui.ShortDay(ctx, b.DueOn, today))
}

// breakSoon is how many days before its end the time of a break is shown as near.
const breakSoon = 7

func monthWord(m clock.Day) string {
	if m.IsZero() {
		return "—"
	}
	return m.String()[:7]
}

func (v breakView) facts(ctx context.Context) []ui.Fact {
	row := "—"
	if v.Row > 0 {
		row = ui.Number(int64(v.Row))
	}
	out := []ui.Fact{
		{Label: t(ctx, "desk.dues.company"), Value: v.Name}, {Label: t(ctx, "desk.company.credit_code"), Value: v.CreditCode},
		{Label: t(ctx, "desk.dues.month"), Value: monthWord(v.Month)}, {Label: t(ctx, "desk.dues.difference"), Value: ui.Money(ctx, int64(v.Difference))},
		{Label: t(ctx, "desk.dues.voucher"), Value: v.Voucher}, {Label: t(ctx, "desk.dues.row"), Value: row},
		{Label: t(ctx, "desk.dues.file"), Body: ui.Link(duesFileHref(v.File), v.File.Name)},
		{Label: t(ctx, "desk.dues.opened_on"), Value: ui.Day(ctx, v.OpenedOn)},
	}
	if v.Note != "" {
		out = append(out, ui.Fact{Label: t(ctx, "desk.dues.note"), Value: v.Note})
	}
	return out
}

func clearChoices(ctx context.Context) []ui.Option {
	return []ui.Option{
		{Value: string(dues.BreakCleared), Label: t(ctx, "desk.dues.to.cleared"), Hint: t(ctx, "desk.dues.to.cleared_hint")},
		{Value: string(dues.BreakWrittenOff), Label: t(ctx, "desk.dues.to.written_off"), Hint: t(ctx, "desk.dues.to.written_off_hint")},
	}
}
