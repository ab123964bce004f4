package desk

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"gonghui/internal/base/audit"
	"gonghui/internal/core/access"
	"gonghui/internal/core/inspection"
	"gonghui/internal/core/rules"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/form"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/employment"
)

const auditPath = "/desk/audit"

// auditView is a reading of the audit log.
type auditView struct {
	Query   inspection.Query
	Typed   func(string) string // what stands in the fields
	Read    bool                // the question could be answered
	Lines   page.Page[inspection.Line]
	Words   []inspection.Words // of the lines
	Actions []ui.Option
	Kinds   []ui.Option
	Start   string
	Next    string
	Today   clock.Day
	Verdict *audit.Verdict // nil before the chains were ever looked at
	Purpose string
	Errors  ui.Errors
}

func (f *face) audit(w http.ResponseWriter, r *http.Request) error {
	v, err := f.auditView(r, r.URL.Query())
	if err == nil {
		return f.show(w, r, "audit", t(r.Context(), "desk.nav.audit"), auditPage(v))
	}
	if !web.Shown(err) || fault.HasCode(err, "page.cursor") {
		return err
	}
	v.Errors = faults(r, err)
	return f.again(w, r, "audit", t(r.Context(), "desk.nav.audit"), err, auditPage(v))
}

// auditView reads what was asked for. With a fault in the question it still gives
// the page, without lines.
func (f *face) auditView(r *http.Request, asked url.Values) (v auditView, err error) {
	ctx := r.Context()
	lang := i18n.From(ctx)
	v.Typed, v.Today = asked.Get, f.today()
	for _, a := range f.Inspection.Actions() {
		v.Actions = append(v.Actions, ui.Option{Value: string(a), Label: f.Inspection.ActionText(lang, a)})
	}
	for _, k := range f.Inspection.Kinds() {
		v.Kinds = append(v.Kinds, ui.Option{Value: k, Label: f.Inspection.KindText(lang, k)})
	}
	if verdict, ok, err := f.Inspection.LastVerdict(ctx); err != nil {
		return v, err
	} else if ok {
		v.Verdict = &verdict
	}
	if v.Query, err = auditQuery(asked); err != nil {
		return v, err
	}
	if v.Lines, err = f.Inspection.Search(ctx, v.Query, wanted(r, listSize)); err != nil {
		return v, err
	}
	v.Read = true
	for _, l := range v.Lines.Items {
		v.Words = append(v.Words, f.Inspection.Words(lang, l))
	}
	v.Start, v.Next = pager(r, v.Lines.Next)
	return v, nil
}

func auditQuery(asked url.Values) (q inspection.Query, err error) {
	err = form.Decode(asked, &q)
	return q, err
}

func (f *face) exportAudit(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	lang := i18n.From(ctx)
	out := f.file(w, r, "audit", t(ctx, "desk.nav.audit"), []string{
		t(ctx, "desk.audit.at"), t(ctx, "desk.audit.who"), t(ctx, "desk.audit.did"), t(ctx, "desk.audit.detail"), t(ctx, "desk.audit.about"),
		t(ctx, "desk.purpose"), t(ctx, "desk.unit"), t(ctx, "desk.audit.action"), t(ctx, "desk.audit.kind"), t(ctx, "desk.audit.subject"),
		t(ctx, "desk.audit.request"), t(ctx, "desk.audit.seq"),
	})
	q, err := auditQuery(r.PostForm)
	if err == nil {
		err = f.Inspection.Export(ctx, q, r.PostFormValue("purpose"), func(l inspection.Line) error {
			x := f.Inspection.Words(lang, l)
			return out.write(
				l.At.In(clock.Shanghai).Format("2006-01-02 15:04:05"), x.Who, x.Did, x.Detail, x.About, x.Why, x.Unit, string(l.Action), l.SubjectKind, l.SubjectID, l.RequestID, seq(l),
			)
		})
	}
	return f.sent(out, err, func(err error) error {
		v, seeErr := f.auditView(r, r.PostForm)
		if seeErr != nil && !web.Shown(seeErr) {
			return seeErr
		}
		v.Errors, v.Purpose = faults(r, err), r.PostFormValue("purpose")
		return f.again(w, r, "audit", t(ctx, "desk.nav.audit"), err, auditPage(v))
	})
}

// seq is the place of an entry in its chain; none until it is sealed.
func seq(l inspection.Line) string {
	if l.Seq == 0 {
		return ""
	}
	return l.CityCode + "-" + strconv.FormatInt(l.Seq, 10)
}

// recordHref leads to the page of a record, where the desk has one and the reader
// may open it.
func recordHref(ctx context.Context, l inspection.Line) string {
	may := func(c access.Capability) bool { return access.Can(ctx, c, l.OrgPath) }
	switch l.SubjectKind {
	case employment.FlowEmployer, employment.FlowVacancy, employment.FlowApplication:
		if may(access.CaseView) {
			return caseHref(l.SubjectKind, l.CityCode, l.SubjectID)
		}
	case rules.FlowChange:
		if may(access.RulesRead) {
			return changePath(l.CityCode, l.SubjectID)
		}
	case "company":
		if may(access.CaseView) {
			return caseHref(employment.FlowEmployer, l.CityCode, l.SubjectID)
		}
	case "person":
		if may(access.PeopleView) {
			return "/desk/people/" + l.CityCode + "/" + l.SubjectID
		}
	case "batch":
		if may(access.VacancyImport) {
			return "/desk/imports/" + l.CityCode + "/" + l.SubjectID
		}
	}
	return ""
}

// auditOf is the log narrowed to one answer.
func auditOf(field, value string) string {
	return auditPath + "?" + url.Values{field: {value}}.Encode()
}

// byActor leads to what the same actor did; a visitor has no name to look for.
func byActor(l inspection.Line) string {
	switch {
	case l.Actor.Login != "":
		return auditOf("actor", l.Actor.Login)
	case l.ActorID != "":
		return auditOf("actor", l.ActorID)
	}
	return ""
}

func auditColumns(ctx context.Context) []ui.Column {
	var out []ui.Column
	for _, c := range []string{"desk.audit.at", "desk.audit.who", "desk.audit.did", "desk.audit.about", "desk.unit"} {
		out = append(out, ui.Column{Label: t(ctx, c)})
	}
	return out
}

func (v auditView) rows(ctx context.Context) [][]templ.Component {
	rows := make([][]templ.Component, len(v.Lines.Items))
	for i, l := range v.Lines.Items {
		x := v.Words[i]
		rows[i] = []templ.Component{ui.Text(ui.Moment(ctx, l.At)), auditWho(l, x), auditDid(x), auditAbout(l, x), ui.Text(x.Unit)}
	}
	return rows
}

// verdict says how far the log was last found whole.
func (v auditView) verdict(ctx context.Context) string {
	switch {
	case v.Verdict == nil:
		return t(ctx, "desk.audit.never_verified")
	case v.Verdict.Problems > 0:
		return t(ctx, "desk.audit.broken", "At", ui.Moment(ctx, v.Verdict.At), "N", v.Verdict.Problems)
	}
	return t(ctx, "desk.audit.intact", "At", ui.Moment(ctx, v.Verdict.At), "N", ui.Number(v.Verdict.Sealed))
}

func (v auditView) verdictState() ui.State {
	switch {
	case v.Verdict == nil:
		return ui.Info
	case v.Verdict.Problems > 0:
		return ui.Overdue
	}
	return ui.Done
}
