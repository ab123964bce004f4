package desk

import (
	"context"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/dues"
)

const refundsPath = "/desk/dues/refunds"

func (f *face) refundRoutes() []route {
	return []route{
		{pattern: "GET /desk/dues/refunds", need: access.DuesReview, handle: f.refunds},
		{pattern: "POST /desk/dues/refunds", need: access.DuesRefund, handle: f.makeLists},
		{pattern: "GET /desk/dues/refunds/{city}/{id}", need: access.DuesReview, handle: f.refund},
		{pattern: "POST /desk/dues/refunds/{city}/{id}/step", need: access.DuesReview, handle: f.refundStep},
		{pattern: "GET /desk/dues/claims/{city}/{id}", need: access.DuesReview, handle: f.claim},
		{pattern: "POST /desk/dues/claims/{city}/{id}", need: access.DuesReview, handle: f.claimStep},
	}
}

func refundHref(city, id string) string { return refundsPath + "/" + city + "/" + id }

func claimHref(c dues.Claim) string { return duesPath + "/claims/" + c.CityCode + "/" + c.ID }

// refundsView is the lists of refunds.
type refundsView struct {
	Page   page.Page[dues.ListedRefund]
	Start  string
	Next   string
	Units  []ui.Option // where a list may be made
	Today  clock.Day
	At     func(path string) string
	Typed  func(string) string
	Errors ui.Errors
}

func (f *face) refunds(w http.ResponseWriter, r *http.Request) error {
	v, err := f.refundsView(r)
	if err != nil {
		return err
	}
	return f.show(w, r, "dues", t(r.Context(), "desk.dues.tab.refunds"), refundsPage(v))
}

func (f *face) refundsView(r *http.Request) (v refundsView, err error) {
	ctx := r.Context()
	if v.Page, err = f.Dues.DeskRefunds(ctx, wanted(r, 20)); err != nil {
		return v, err
	}
	v.Start, v.Next = pager(r, v.Page.Next)
	v.Units, v.Today, v.Typed = f.units(ctx, access.DuesRefund), f.today(), func(string) string { return "" }
	v.At = func(path string) string { return f.unitAt(ctx, path) }
	return v, nil
}

func (f *face) makeLists(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := dues.ParsePeriod(r.PostFormValue("from"), r.PostFormValue("to"))
	var lists []dues.Refund
	if err == nil {
		lists, err = f.Dues.MakeLists(ctx, f.unit(r, access.DuesRefund), dues.RefundKind(r.PostFormValue("kind")), p)
	}
	if err == nil && len(lists) == 0 {
		err = fault.New(fault.Conflict, "dues.nothing_due")
	}
	if err == nil {
		f.site.Flash(r, t(ctx, "desk.dues.lists_made", "Count", len(lists)))
		if len(lists) == 1 {
			return web.See(w, r, refundHref(lists[0].CityCode, lists[0].ID))
		}
		return web.See(w, r, refundsPath)
	}
	if !web.Shown(err) {
		return err
	}
	v, seeErr := f.refundsView(r)
	if seeErr != nil {
		return seeErr
	}
	v.Errors, v.Typed = faults(r, err), r.PostForm.Get
	return f.again(w, r, "dues", t(ctx, "desk.dues.tab.refunds"), err, refundsPage(v))
}

func refundKinds(ctx context.Context) []ui.Option {
	return []ui.Option{
		{Value: string(dues.GiveBack), Label: t(ctx, "dues.kind.refund"), Hint: t(ctx, "desk.dues.kind_hint.refund")},
		{Value: string(dues.PassOn), Label: t(ctx, "dues.kind.part"), Hint: t(ctx, "desk.dues.kind_hint.part")},
	}
}

func refundColumns(ctx context.Context) []ui.Column {
	return []ui.Column{
		{Label: t(ctx, "desk.dues.list")}, {Label: t(ctx, "desk.dues.months")}, {Label: t(ctx, "desk.dues.list_kind")}, {Label: t(ctx, "desk.dues.companies"), Right: true},
		{Label: t(ctx, "desk.dues.amount"), Right: true}, {Label: t(ctx, "desk.list.state")}, {Label: t(ctx, "desk.dues.made")},
	}
}

func refundRows(ctx context.Context, v refundsView) [][]templ.Component {
	rows := make([][]templ.Component, len(v.Page.Items))
	for i, x := range v.Page.Items {
		rows[i] = []templ.Component{
			refundName(x, v.At(x.ReviewPath)), ui.Text(span(x.Refund)), ui.Text(t(ctx, "dues.kind."+string(x.Kind))), ui.Text(ui.Number(int64(x.Claims))),
			ui.Text(ui.Money(ctx, int64(x.Amount))), ui.StatusTagText(look(x.State), t(ctx, "flow.dues.refund.state."+x.State)),
			ui.Text(ui.ShortDay(ctx, clock.DayOf(x.CreatedAt), v.Today)),
		}
	}
	return rows
}

// span is the months of a list.
func span(r dues.Refund) string {
	if r.From == r.To {
		return monthWord(r.From)
	}
	return monthWord(r.From) + " – " + monthWord(r.To)
}

// refundView is one list of refunds with its companies and what may be done.
type refundView struct {
	dues.Refund
	Case     casework.Case
	Events   []casework.Event
	Steps    []casework.Transition
	Unit     string
	Rest     ui.Rest
	DueText  string
	Claims   page.Page[dues.Claim]
	Held     int64
	State    string // of the claims that are shown
	Start    string
	Next     string
	Own      bool // made by the actor, so another one approves
	Event    string
	Typed    func(string) string
	Errors   ui.Errors
	Conflict string
}

func (f *face) refund(w http.ResponseWriter, r *http.Request) error {
	v, err := f.refundView(r)
	if err != nil {
		return err
	}
	return f.show(w, r, "dues", v.title(r.Context()), refundPage(v))
}

func (v refundView) title(ctx context.Context) string {
	return t(ctx, "dues.kind."+string(v.Kind)) + " " + span(v.Refund)
}

func (f *face) refundView(r *http.Request) (v refundView, err error) {
	ctx := r.Context()
	if v.Refund, v.Case, err = f.Dues.GetRefund(ctx, r.PathValue("city"), r.PathValue("id")); err != nil {
		return v, err
	}
	if v.Events, err = f.Dues.RefundHistory(ctx, v.CityCode, v.ID); err != nil {
		return v, err
	}
	v.State = r.URL.Query().Get("state")
	if v.Claims, err = f.Dues.ListClaims(ctx, v.CityCode, v.ID, dues.ClaimState(v.State), wanted(r, 50)); err != nil {
		return v, err
	}
	if v.Held, err = f.Dues.CountHeld(ctx, v.CityCode, v.ID); err != nil {
		return v, err
	}
	v.Start, v.Next = pager(r, v.Claims.Next)
	v.Unit, v.Typed = f.unitAt(ctx, v.ReviewPath), func(string) string { return "" }
	v.Steps = f.Cases.Steps(ctx, v.Case, casework.Desk)
	if v.Route == dues.ByList { // there is no company that could put it right
		v.Steps = slices.DeleteFunc(slices.Clone(v.Steps), func(s casework.Transition) bool { return s.Event == "return" })
	}
	a, _ := access.From(ctx)
	v.Own = v.CreatedBy == a.AccountID || lastOfDesk(v.Events) == a.AccountID
	v.Rest = f.rest(ctx, v.Case)
	if last := v.Case.LastDay(); !last.IsZero() {
		v.DueText = t(ctx, "desk.record.due", "Day", ui.Day(ctx, last))
	}
	return v, nil
}

func (v refundView) facts(ctx context.Context) []ui.Fact {
	out := []ui.Fact{
		{Label: t(ctx, "desk.dues.months"), Value: span(v.Refund)},
		{Label: t(ctx, "desk.dues.companies"), Value: ui.Number(int64(v.Refund.Claims))},
		{Label: t(ctx, "desk.dues.amount"), Value: ui.Money(ctx, int64(v.Amount))},
		{Label: t(ctx, "desk.dues.route"), Value: t(ctx, "dues.route."+string(v.Route))},
		{Label: t(ctx, "desk.dues.number"), Value: v.Number},
	}
	if !v.NoticeUntil.IsZero() {
		out = append(out, ui.Fact{Label: t(ctx, "desk.dues.notice_until"), Value: ui.Day(ctx, v.NoticeUntil)})
		if v.Case.State == "noticed" {
			out = append(out, ui.Fact{Label: t(ctx, "desk.dues.notice_page"), Body: ui.Link("/notices/dues/"+v.Number, "/notices/dues/"+v.Number)})
		}
	}
	return out
}

// closed says why a step cannot be taken now.
func (v refundView) closed(ctx context.Context, event string) string {
	switch {
	case event == "approve" && v.Own:
		return t(ctx, "desk.dues.own")
	case event == "approve" && v.Held > 0:
		return t(ctx, "desk.dues.held_first", "Count", v.Held)
	}
	return ""
}

func (v refundView) reason(event string) string {
	if v.Event != event {
		return ""
	}
	return v.Typed(reasonName(event))
}

func (v refundView) wrong(event, field string) string {
	if v.Event != event {
		return ""
	}
	return v.Errors.On(field)
}

func claimColumns(ctx context.Context) []ui.Column {
	return []ui.Column{
		{Label: t(ctx, "desk.dues.company")}, {Label: t(ctx, "desk.dues.class")}, {Label: t(ctx, "desk.dues.agreed"), Right: true}, {Label: t(ctx, "desk.dues.amount"), Right: true},
		{Label: t(ctx, "desk.list.state")},
	}
}

var claimLooks = map[dues.ClaimState]ui.State{
	dues.ClaimListed: ui.Waiting, dues.ClaimHeld: ui.DueSoon, dues.ClaimStruck: ui.Refused, dues.ClaimApproved: ui.Waiting, dues.ClaimKept: ui.Info, dues.ClaimOrdered: ui.Waiting,
	dues.ClaimPaid: ui.Done, dues.ClaimBounced: ui.Overdue, dues.ClaimClawback: ui.Overdue, dues.ClaimRecovered: ui.Draft,
}

func claimRows(ctx context.Context, list []dues.Claim) [][]templ.Component {
	rows := make([][]templ.Component, len(list))
	for i, c := range list {
		rows[i] = []templ.Component{
			ui.Link(claimHref(c), c.Name), ui.Text(t(ctx, "dues.class."+string(c.Class()))), ui.Text(ui.Money(ctx, int64(c.Paid))), ui.Text(ui.Money(ctx, int64(c.Amount))), claimState(c),
		}
	}
	return rows
}

func claimStates(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, s := range dues.ClaimStates() {
		out = append(out, ui.Option{Value: string(s), Label: t(ctx, "dues.claim."+string(s))})
	}
	return out
}

func (f *face) refundStep(w http.ResponseWriter, r *http.Request) error {
	ctx, ref := r.Context(), casework.Ref{City: r.PathValue("city"), ID: r.PathValue("id")}
	event := r.PostFormValue("event")
	_, err := f.Dues.Decide(ctx, ref, event, version(r), r.PostFormValue(reasonName(event)))
	if err == nil {
		f.site.Flash(r, t(ctx, "desk.dues.step_done", "What", t(ctx, "flow.dues.refund.event."+event)))
		return web.See(w, r, refundHref(ref.City, ref.ID))
	}
	if !web.Shown(err) && !fault.HasCode(err, "casework.four_eyes") {
		return err
	}
	v, seeErr := f.refundView(r)
	if seeErr != nil {
		return seeErr
	}
	v.Event, v.Typed = event, r.PostForm.Get
	if fault.HasCode(err, "casework.moved_on") || fault.HasCode(err, "casework.illegal") {
		v.Conflict = f.meanwhile(ctx, dues.FlowRefund, v.Events)
	} else {
		v.Errors = onReason(faults(r, err), event)
	}
	return f.again(w, r, "dues", v.title(ctx), err, refundPage(v))
}

// onReason puts what is wrong with a reason beside the field of its step.
func onReason(errs ui.Errors, event string) ui.Errors {
	for i := range errs {
		if errs[i].Field == "reason" {
			errs[i].Field = reasonName(event)
		}
	}
	return errs
}

// claimView is what one company gets of a list, and why.
type claimView struct {
	dues.Claim
	List   dues.Refund
	Case   casework.Case
	Looked string
	Acts   []string
	Own    bool // who made the list does not look again
	Event  string
	Typed  func(string) string
	Errors ui.Errors
}

func (f *face) claim(w http.ResponseWriter, r *http.Request) error {
	v, err := f.claimView(r)
	if err != nil {
		return err
	}
	return f.show(w, r, "dues", v.Name, claimPage(v))
}

func (f *face) claimView(r *http.Request) (v claimView, err error) {
	ctx := r.Context()
	if v.Claim, v.List, err = f.Dues.GetClaim(ctx, r.PathValue("city"), r.PathValue("id")); err != nil {
		return v, err
	}
	if _, v.Case, err = f.Dues.GetRefund(ctx, v.List.CityCode, v.List.ID); err != nil {
		return v, err
	}
	names, err := f.names(ctx, v.LookedBy)
	if err != nil {
		return v, err
	}
	if v.LookedBy != "" {
		v.Looked = names(v.LookedBy)
	}
	v.Typed = func(string) string { return "" }
	actor, _ := access.From(ctx)
	turn := access.Can(ctx, access.DuesRefund, v.List.OrgPath)
	if v.Case.State == "submitted" {
		turn = access.Can(ctx, access.DuesReview, v.List.ReviewPath)
	}
	switch v.State {
	case dues.ClaimHeld:
		if turn {
			v.Acts = append(v.Acts, "keep", "strike")
			v.Own = actor.AccountID == v.List.CreatedBy
		}
	case dues.ClaimListed:
		if turn && v.Case.ClosedAt.IsZero() {
			v.Acts = append(v.Acts, "strike")
		}
	case dues.ClaimPaid:
		if v.List.Kind == dues.GiveBack && access.Can(ctx, access.DuesApprove, v.List.OrgPath) {
			v.Acts = append(v.Acts, "clawback")
		}
	case dues.ClaimClawback:
		if access.Can(ctx, access.DuesRefund, v.List.OrgPath) {
			v.Acts = append(v.Acts, "recover")
		}
	}
	return v, nil
}

func (v claimView) facts(ctx context.Context) []ui.Fact {
	yes := func(b bool) string {
		if b {
			return t(ctx, "rules.value.true")
		}
		return t(ctx, "rules.value.false")
	}
	excluded := t(ctx, "desk.dues.not_excluded")
	if v.Inputs.Excluded != "" {
		excluded = t(ctx, "dues.excluded."+v.Inputs.Excluded)
	}
	out := []ui.Fact{
		{Label: t(ctx, "desk.dues.list"), Body: ui.Link(refundHref(v.List.CityCode, v.List.ID), v.List.Number)},
		{Label: t(ctx, "desk.dues.months"), Value: span(v.List)},
		{Label: t(ctx, "rulevar.dues.payer.size_class"), Value: t(ctx, "dues.class."+string(v.Inputs.SizeClass))},
		{Label: t(ctx, "rulevar.dues.payer.excluded"), Value: excluded},
		{Label: t(ctx, "rulevar.dues.payer.has_union"), Value: yes(v.Inputs.HasUnion)},
		{Label: t(ctx, "desk.dues.claim_lines"), Value: ui.Number(v.Lines)},
		{Label: t(ctx, "desk.dues.agreed"), Value: ui.Money(ctx, int64(v.Paid))},
		{Label: t(ctx, "desk.dues.amount"), Body: strong(ui.Money(ctx, int64(v.Amount)))},
	}
	if v.Looked != "" {
		out = append(out, ui.Fact{Label: t(ctx, "desk.dues.looked"), Value: v.Looked})
	}
	if !v.PaidOn.IsZero() {
		out = append(out, ui.Fact{Label: t(ctx, "desk.dues.paid_on"), Value: ui.Day(ctx, v.PaidOn)})
	}
	if v.Reason != "" {
		out = append(out, ui.Fact{Label: t(ctx, "case.reason"), Value: reasonWord(ctx, v.Reason, "")})
	}
	return out
}

// shareColumns and shareRows show what each level gives back.
func shareColumns(ctx context.Context) []ui.Column {
	return []ui.Column{{Label: t(ctx, "desk.dues.level")}, {Label: t(ctx, "desk.dues.amount"), Right: true}}
}

func shareRows(ctx context.Context, c dues.Claim) [][]templ.Component {
	var rows [][]templ.Component
	for _, x := range []struct {
		level string
		fen   int64
	}{
		{"national", int64(c.Shares.National)}, {"province", int64(c.Shares.Province)}, {"city", int64(c.Shares.City)}, {"county", int64(c.Shares.County)},
		{"grassroots", int64(c.Retained)},
	} {
		if x.fen != 0 {
			rows = append(rows, []templ.Component{ui.Text(t(ctx, "param.dues.split.column."+x.level)), ui.Text(ui.Money(ctx, x.fen))})
		}
	}
	return rows
}

func (f *face) claimStep(w http.ResponseWriter, r *http.Request) error {
	ctx, city, id := r.Context(), r.PathValue("city"), r.PathValue("id")
	event := r.PostFormValue("event")
	reason, n := r.PostFormValue(reasonName(event)), version(r)
	var err error
	switch event {
	case "keep":
		err = f.Dues.Look(ctx, city, id, true, reason, n)
	case "strike":
		err = f.Dues.Strike(ctx, city, id, reason, n)
	case "clawback":
		err = f.Dues.ClawBack(ctx, city, id, reason, n)
	case "recover":
		err = f.Dues.Recover(ctx, city, id, reason, n)
	default:
		err = casework.ErrIllegal
	}
	if err == nil {
		f.site.Flash(r, t(ctx, "desk.dues.step_done", "What", t(ctx, "desk.dues.claim."+event)))
		return web.See(w, r, duesPath+"/claims/"+city+"/"+id)
	}
	if !web.Shown(err) && !fault.HasCode(err, "casework.four_eyes") {
		return err
	}
	v, seeErr := f.claimView(r)
	if seeErr != nil {
		return seeErr
	}
	v.Event, v.Typed, v.Errors = event, r.PostForm.Get, onReason(faults(r, err), event)
	return f.again(w, r, "dues", v.Name, err, claimPage(v))
}
