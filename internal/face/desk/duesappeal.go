package desk

import (
	"context"
	"net/http"

	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/fault"
	"gonghui/internal/measure/dues"
)

const appealsPath = "/desk/dues/appeals"

func (f *face) appealRoutes() []route {
	return []route{
		{pattern: "GET /desk/dues/appeals/{city}/{id}", need: access.DuesRefund, handle: f.appeal},
		{pattern: "POST /desk/dues/appeals/{city}/{id}", need: access.DuesRefund, handle: f.answerAppeal},
	}
}

// appealView is a company's objection and what may be answered.
type appealView struct {
	dues.AppealView
	Unit     string
	May      bool
	Rest     ui.Rest
	DueText  string
	Event    string
	Typed    func(string) string
	Errors   ui.Errors
	Conflict string
}

func (f *face) appeal(w http.ResponseWriter, r *http.Request) error {
	v, err := f.appealView(r)
	if err != nil {
		return err
	}
	return f.show(w, r, "dues", v.Title, appealPage(v))
}

func (f *face) appealView(r *http.Request) (v appealView, err error) {
	ctx := r.Context()
	if v.AppealView, err = f.Dues.GetAppeal(ctx, casework.Ref{City: r.PathValue("city"), ID: r.PathValue("id")}); err != nil {
		return v, err
	}
	v.Unit, v.Rest, v.Typed = f.unitAt(ctx, v.OrgPath), f.rest(ctx, v.Case), func(string) string { return "" }
	v.May = len(f.Cases.Steps(ctx, v.Case, casework.Desk)) > 0
	if last := v.Case.LastDay(); !last.IsZero() {
		v.DueText = t(ctx, "desk.record.due", "Day", ui.Day(ctx, last))
	}
	return v, nil
}

func (v appealView) facts(ctx context.Context) []ui.Fact {
	return []ui.Fact{
		{Label: t(ctx, "desk.dues.company"), Body: ui.Link(payersPath+"/"+v.Company.City+"/"+v.Company.ID, v.Title)},
		{Label: t(ctx, "desk.dues.number"), Value: v.Number},
	}
}

func (f *face) answerAppeal(w http.ResponseWriter, r *http.Request) error {
	ctx, ref := r.Context(), casework.Ref{City: r.PathValue("city"), ID: r.PathValue("id")}
	event := r.PostFormValue("event")
	_, err := f.Dues.AnswerAppeal(ctx, ref, event == "uphold", r.PostFormValue(reasonName(event)), version(r))
	if err == nil {
		f.site.Flash(r, t(ctx, "desk.dues.step_done", "What", t(ctx, "flow.dues.appeal.event."+event)))
		return web.See(w, r, appealsPath+"/"+ref.City+"/"+ref.ID)
	}
	if !web.Shown(err) {
		return err
	}
	v, seeErr := f.appealView(r)
	if seeErr != nil {
		return seeErr
	}
	v.Event, v.Typed = event, r.PostForm.Get
	if fault.HasCode(err, "casework.moved_on") || fault.HasCode(err, "casework.illegal") {
		v.Conflict = f.meanwhile(ctx, dues.FlowAppeal, v.Events)
	} else {
		v.Errors = onReason(faults(r, err), event)
	}
	return f.again(w, r, "dues", v.Title, err, appealPage(v))
}
