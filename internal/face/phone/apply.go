package phone

import (
	"context"
	"net/http"
	"net/url"

	"gonghui/internal/core/company"
	"gonghui/internal/core/person"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/measure/employment"
)

// applyForm is what the worker may add to what the house knows.
type applyForm struct {
	Name       string `form:"name" check:"name,max=50"`
	Message    string `form:"message" check:"lines,max=500"`
	SharePhone bool   `form:"share_phone"`
}

// applyView is the page on which the worker checks what is sent.
type applyView struct {
	Vacancy employment.Vacancy
	Company company.Public
	Me      person.Person
	Seeker  employment.Seeker
	Form    applyForm
	Errors  ui.Errors
	Remind  int // 日 until the company is reminded
	Reply   int // 日 until the worker is told of silence
}

func (f *face) checkAnswers(w http.ResponseWriter, r *http.Request) error {
	v, err := f.beforeApplying(r)
	if err != nil {
		return f.gone(w, r, err)
	}
	a, again, err := f.Employment.MyApplicationFor(r.Context(), v.Vacancy)
	if err != nil {
		return err
	}
	if again && a.State != "withdrawn" {
		return web.See(w, r, "/cases/"+a.Number)
	}
	if v.Vacancy.External() || !v.Vacancy.OnOffer(f.today()) {
		return web.See(w, r, "/jobs/"+v.Vacancy.Number) // the page says what can be done
	}
	return f.show(w, r, "jobs", t(r.Context(), "phone.apply.title"), apply(v))
}

func (f *face) beforeApplying(r *http.Request) (v applyView, err error) {
	ctx := r.Context()
	// Who applies comes first: a visitor is sent to sign in and comes back here.
	if v.Me, v.Seeker, err = f.Employment.MyProfile(ctx); err != nil {
		return v, err
	}
	if v.Vacancy, v.Company, err = f.Employment.Published(ctx, r.PathValue("number")); err != nil {
		return v, err
	}
	p := f.Employment.Parameters()
	v.Remind, v.Reply = p.RemindDays, p.NoReplyDays
	return v, nil
}

func (f *face) apply(w http.ResponseWriter, r *http.Request) error {
	var in applyForm
	err := web.Decode(r, &in)
	if err == nil {
		var a employment.Application
		a, err = f.Employment.Apply(r.Context(), employment.ApplyInput{
			Number: r.PathValue("number"), Name: in.Name, Message: in.Message, SharePhone: in.SharePhone,
		})
		if err == nil {
			return web.See(w, r, "/cases/"+a.Number+"?sent=1")
		}
	}
	if !web.Shown(err) {
		return f.gone(w, r, err)
	}
	v, seeErr := f.beforeApplying(r)
	if seeErr != nil {
		return f.gone(w, r, seeErr)
	}
	v.Form, v.Errors = in, faults(r, err)
	v.Form.Name, v.Form.Message = r.PostFormValue("name"), r.PostFormValue("message")
	return f.again(w, r, "jobs", t(r.Context(), "phone.apply.title"), err, apply(v))
}

// known are the answers that the house has already.
func (v applyView) known(ctx context.Context) []ui.Answer {
	change := "/me/profile?back=" + url.QueryEscape("/jobs/"+v.Vacancy.Number+"/apply")
	var out []ui.Answer
	if v.Me.Name != "" {
		out = append(out, ui.Answer{Question: t(ctx, "phone.me.name"), Value: v.Me.Name, Change: change})
	}
	out = append(out,
		ui.Answer{Question: t(ctx, "phone.me.place"), Value: placeOr(ctx, v.Me.DivisionCode), Change: change},
		ui.Answer{Question: t(ctx, "phone.me.education"), Value: educationOr(ctx, v.Me.Education), Change: change},
	)
	if v.Seeker.Years > 0 {
		out = append(out, ui.Answer{Question: t(ctx, "phone.me.years"), Value: t(ctx, "phone.me.years_n", "N", v.Seeker.Years), Change: change})
	}
	if v.Seeker.Skills != "" {
		out = append(out, ui.Answer{Question: t(ctx, "phone.me.skills"), Value: v.Seeker.Skills, Change: change})
	}
	return append(out, ui.Answer{Question: t(ctx, "phone.me.phone"), Body: ui.MaskedText(v.Me.PhoneMask, "")})
}

func placeOr(ctx context.Context, code string) string {
	if code == "" {
		return t(ctx, "phone.me.unsaid")
	}
	return ui.PlaceShort(ctx, code)
}

func educationOr(ctx context.Context, level int) string {
	if level <= 0 || level >= len(employment.Educations) {
		return t(ctx, "phone.me.unsaid")
	}
	return t(ctx, "screen.education."+employment.Educations[level])
}

func (v applyView) pay(ctx context.Context) string { return v.Vacancy.Pay.Text(string(i18n.From(ctx))) }

// noApplication is the fault for what is not this worker's.
func noApplication() error { return fault.New(fault.NotFound, "employment.no_application") }
