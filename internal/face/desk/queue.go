package desk

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"gonghui/internal/core/access"
	"gonghui/internal/core/calendar"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/rules"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/dues"
	"gonghui/internal/measure/employment"
)

// views are the saved filters of the queue.
var views = []struct {
	name   string
	filter casework.Filter
}{
	{"all", casework.Filter{}},
	{"employer", casework.Filter{Kinds: []string{employment.FlowEmployer}}},
	{"vacancy", casework.Filter{Kinds: []string{employment.FlowVacancy}}},
	{"rules", casework.Filter{Kinds: []string{rules.FlowChange}}},
	{"overdue", casework.Filter{Overdue: true}},
}

// queueSize is the number of rows of one page.
const queueSize = 50

type queueView struct {
	View   string
	Text   string
	Tabs   []ui.View
	Rows   []ui.QueueRow
	Batch  []ui.Action
	Start  string
	Next   string
	Here   string // this page, as filtered
	Result *batchResult
}

func (f *face) queue(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if !access.CanAnywhere(ctx, access.CaseView) { // an administrator has no queue
		if access.CanAnywhere(ctx, access.GrantsManage) {
			return web.See(w, r, "/desk/staff")
		}
		if access.CanAnywhere(ctx, access.AuditView) {
			return web.See(w, r, auditPath)
		}
		if access.CanAnywhere(ctx, access.DuesTax) { // a partner has no desk
			return web.See(w, r, partnerPath)
		}
		return access.RequireAnywhere(ctx, access.CaseView)
	}
	v := queueView{View: r.URL.Query().Get("view"), Text: r.URL.Query().Get("q")}
	if v.View == "" {
		v.View = "all"
	}
	filter, ok := filterOf(v.View)
	if !ok {
		return fault.New(fault.Invalid, "casework.filter", fault.OnField("view", "choice"))
	}
	filter.Text = v.Text
	p, err := f.Cases.Queue(ctx, filter, wanted(r, queueSize))
	if err != nil {
		return err
	}
	counts, err := f.Cases.QueueCounts(ctx, casework.Filter{Text: v.Text})
	if err != nil {
		return err
	}
	v.Tabs = tabs(ctx, v, counts)
	if err := f.nameChanges(ctx, p.Items); err != nil {
		return err
	}
	v.Here = r.URL.RequestURI()
	if v.Rows, err = f.queueRows(ctx, p.Items, v.Here); err != nil {
		return err
	}
	v.Batch = batchActions(ctx, v.View)
	v.Start, v.Next = pager(r, p.Next)
	v.Result = f.takeResult(r)
	return f.show(w, r, "queue", t(ctx, "desk.nav.queue"), queuePage(v))
}

func filterOf(view string) (casework.Filter, bool) {
	for _, x := range views {
		if x.name == view {
			return x.filter, true
		}
	}
	return casework.Filter{}, false
}

func tabs(ctx context.Context, v queueView, counts []casework.KindCount) []ui.View {
	number := map[string]int{}
	more := map[string]bool{}
	add := func(view string, n int) {
		number[view] += n
		more[view] = more[view] || n >= casework.CountLimit
	}
	for _, c := range counts {
		add("all", c.Waiting)
		add("overdue", c.Overdue)
		switch c.Kind {
		case employment.FlowEmployer:
			add("employer", c.Waiting)
		case employment.FlowVacancy:
			add("vacancy", c.Waiting)
		case rules.FlowChange:
			add("rules", c.Waiting)
		}
	}
	out := make([]ui.View, len(views))
	for i, x := range views {
		href := "/desk?view=" + x.name
		if v.Text != "" {
			href += "&q=" + escape(v.Text)
		}
		out[i] = ui.View{Label: t(ctx, "desk.view."+x.name), Href: href, Count: number[x.name], More: more[x.name], Selected: v.View == x.name}
	}
	return out
}

func (f *face) queueRows(ctx context.Context, list []casework.Case, here string) ([]ui.QueueRow, error) {
	var posts []casework.Ref
	for _, k := range list {
		if k.Kind == employment.FlowVacancy {
			posts = append(posts, k.Ref())
		}
	}
	employers, err := f.Employment.Employers(ctx, posts)
	if err != nil {
		return nil, err
	}
	out := make([]ui.QueueRow, len(list))
	for i, k := range list {
		out[i] = ui.QueueRow{
			ID: pick(k), Rest: f.rest(ctx, k), Title: k.Title, Href: caseFrom(k.Kind, k.City, k.ID, here), Sub: k.Number,
			State: look(k.State), Word: t(ctx, "flow."+k.Kind+".state."+k.State),
			Cells: []string{t(ctx, "flow."+k.Kind+".title"), f.unitAt(ctx, k.OrgPath), ui.ShortDay(ctx, clock.DayOf(k.StateAt), f.today())},
			Next:  t(ctx, "desk.next."+k.Kind+"."+k.State),
		}
		if name := employers[k.Ref()]; name != "" {
			out[i].Sub = name + " · " + k.Number
		}
	}
	return out, nil
}

// nameChanges gives changes of parameters their title in the language of the page:
// a case keeps it in Chinese only.
func (f *face) nameChanges(ctx context.Context, list []casework.Case) error {
	var refs []casework.Ref
	for _, k := range list {
		if k.Kind == rules.FlowChange {
			refs = append(refs, k.Ref())
		}
	}
	if len(refs) == 0 || i18n.From(ctx) == i18n.ZH {
		return nil
	}
	named, err := f.Rules.ChangesOf(ctx, refs)
	if err != nil {
		return err
	}
	for i, k := range list {
		if c, ok := named[k.Ref()]; ok && k.Kind == rules.FlowChange {
			list[i].Title = c.Title(i18n.From(ctx))
		}
	}
	return nil
}

// caseHref leads to the page of a case.
func caseHref(kind, city, id string) string {
	if kind == rules.FlowChange {
		return changePath(city, id)
	}
	switch kind {
	case dues.FlowRefund:
		return refundHref(city, id)
	case dues.FlowAppeal:
		return appealsPath + "/" + city + "/" + id
	}
	return "/desk/cases/" + kind + "/" + city + "/" + id
}

// caseFrom is the address of a record that knows the list it was opened from.
func caseFrom(kind, city, id, list string) string {
	return caseHref(kind, city, id) + knowing(list)
}

// knowing is the part of an address that says where the way back leads; the
// queue as it comes needs none.
func knowing(list string) string {
	if list == "" || list == "/desk" {
		return ""
	}
	return "?back=" + escape(list)
}

// came is the list that a record was opened from.
func came(r *http.Request) string {
	to := web.Local(r.URL.Query().Get("back"), "/desk")
	if path, _, _ := strings.Cut(to, "?"); path != "/desk" && !strings.HasPrefix(path, "/desk/") {
		return "/desk"
	}
	return to
}

// pick names a case and the version that was seen.
func pick(k casework.Case) string {
	return k.Kind + "/" + k.City + "/" + k.ID + "/" + strconv.Itoa(k.Version)
}

// rest tells the time left, in the unit of the deadline; nothing where none runs.
func (f *face) rest(ctx context.Context, k casework.Case) ui.Rest {
	last := k.LastDay()
	if last.IsZero() {
		return ui.Rest{}
	}
	today, workdays := f.today(), f.deadline(k).Unit == calendar.Workday
	days := int(last - today)
	if workdays {
		days = calendar.WorkdaysBetween(today, last)
	}
	if k.Overdue(f.Clock.Now()) {
		days = min(days, -1)
	}
	return ui.RestOf(ctx, days, soon, workdays)
}

// deadline is the rule behind the shown deadline.
func (f *face) deadline(k casework.Case) casework.Deadline {
	flow, err := f.Cases.Flow(k.Kind)
	if err != nil {
		return casework.Deadline{}
	}
	s, _ := flow.State(k.State)
	for _, d := range s.Deadlines {
		if d.Name == s.Due {
			return d
		}
	}
	return casework.Deadline{}
}

func batchActions(ctx context.Context, view string) []ui.Action {
	var out []ui.Action
	if access.CanAnywhere(ctx, access.VacancyReview) && view != "employer" && view != "rules" {
		out = append(out, ui.Action{Label: t(ctx, "desk.batch.publish"), Value: "publish"})
	}
	if access.CanAnywhere(ctx, access.CompanyVerify) && view != "vacancy" && view != "rules" {
		out = append(out, ui.Action{Label: t(ctx, "desk.batch.accept"), Value: "accept"})
	}
	return out
}

// batchResult is what became of a batch of decisions, kept for the next page.
type batchResult struct {
	Do     string
	Done   int
	Failed []failed
}

type failed struct {
	Title string
	Href  string
	ZH    string
	EN    string
}

// decideMany takes one step for each picked record. Each is its own call with the
// version that was on the page: what a colleague decided meanwhile fails alone.
func (f *face) decideMany(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	do, picked := r.PostFormValue("do"), r.PostForm["id"]
	back := web.Local(r.PostFormValue("back"), "/desk")
	if do != "publish" && do != "accept" {
		return fault.New(fault.Invalid, "casework.filter", fault.OnField("do", "choice"))
	}
	if len(picked) == 0 {
		f.site.Flash(r, t(ctx, "desk.batch.nothing"))
		return web.See(w, r, back)
	}
	res := batchResult{Do: do}
	for _, p := range picked[:min(len(picked), page.MaxLimit)] {
		if err := f.decideOne(ctx, do, p); err != nil {
			it := fault.As(err)
			res.Failed = append(res.Failed, f.failure(ctx, p, it))
			continue
		}
		res.Done++
	}
	text, err := json.Marshal(res)
	if err != nil {
		return err
	}
	f.site.Put(r, "batch", string(text))
	return web.See(w, r, back)
}

// decideOne takes the step for one "kind/city/id/version".
func (f *face) decideOne(ctx context.Context, do, picked string) error {
	kind, ref, version, ok := unpick(picked)
	if !ok {
		return casework.ErrNotFound
	}
	in := employment.StepInput{City: ref.City, ID: ref.ID, Event: do, Version: version}
	var err error
	switch {
	case do == "publish" && kind == employment.FlowVacancy:
		_, err = f.Employment.StepVacancy(ctx, in)
	case do == "accept" && kind == employment.FlowEmployer:
		_, err = f.Employment.DecideEmployer(ctx, in)
	default:
		err = fault.New(fault.Invalid, "desk.other_kind")
	}
	return err
}

func unpick(s string) (kind string, ref casework.Ref, version int, ok bool) {
	parts := strings.Split(s, "/")
	if len(parts) != 4 {
		return "", ref, 0, false
	}
	version, err := strconv.Atoi(parts[3])
	return parts[0], casework.Ref{City: parts[1], ID: parts[2]}, version, err == nil && version > 0
}

func (f *face) failure(ctx context.Context, picked string, it *fault.Fault) failed {
	out := failed{Title: t(ctx, "desk.batch.unknown"), ZH: i18n.Fault(i18n.ZH, it), EN: i18n.Fault(i18n.EN, it)}
	kind, ref, _, ok := unpick(picked)
	if !ok {
		return out
	}
	if k, err := f.Cases.Get(ctx, ref); err == nil { // otherwise it is not the actor's to know
		out.Title, out.Href = k.Title, caseHref(kind, ref.City, ref.ID)
	}
	return out
}

func (f *face) takeResult(r *http.Request) *batchResult {
	text := f.site.Get(r, "batch")
	if text == "" {
		return nil
	}
	f.site.Forget(r, "batch")
	var res batchResult
	if json.Unmarshal([]byte(text), &res) != nil {
		return nil
	}
	return &res
}

// looks says in which condition a state of a flow is shown.
var looks = map[string]ui.State{
	"submitted": ui.Waiting, "returned": ui.Draft, "verified": ui.Done, "blocked": ui.Refused, "listed": ui.Info,
	"published": ui.Done, "paused": ui.Draft, "full": ui.Done, "expired": ui.Overdue, "closed": ui.Draft, "taken_down": ui.Refused,
	"delivered": ui.Waiting, "viewed": ui.Waiting, "no_reply": ui.Overdue, "invited": ui.Waiting, "interviewed": ui.Waiting,
	"offered": ui.Waiting, "agreed": ui.Waiting, "company_confirmed": ui.Waiting, "worker_confirmed": ui.Waiting,
	"reviewed": ui.Waiting, "noticed": ui.Info, "approving": ui.Waiting, "upheld": ui.Done,
	"draft": ui.Draft, "approved": ui.Done, "arrived": ui.Done, "rejected": ui.Refused, "declined": ui.Refused, "no_show": ui.Refused, "lapsed": ui.Draft, "withdrawn": ui.Draft,
}

func look(state string) ui.State { return looks[state] }
