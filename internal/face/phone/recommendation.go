package phone

import (
	"net/http"

	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/measure/employment"
)

type recommendationView struct {
	R       employment.Recommended
	Card    ui.Job
	Errors  ui.Errors
	Applied bool
}

func (f *face) recommendation(w http.ResponseWriter, r *http.Request) error {
	return f.showRecommendation(w, r, nil)
}

func (f *face) showRecommendation(w http.ResponseWriter, r *http.Request, refused error) error {
	ctx := r.Context()
	it, err := f.Employment.MyRecommendation(ctx, r.PathValue("id"))
	if err != nil {
		return f.gone(w, r, err)
	}
	v := recommendationView{R: it, Card: card(ctx, f, employment.FoundVacancy{Vacancy: it.Vacancy, Km: -1}), Errors: faults(r, refused)}
	if !it.OnOffer {
		v.Card.Href = "/jobs"
	}
	if _, v.Applied, err = f.Employment.MyApplicationFor(ctx, it.Vacancy); err != nil {
		return err
	}
	title := t(ctx, "phone.recommendation.title")
	if refused != nil {
		return f.again(w, r, "cases", title, refused, recommendation(v))
	}
	return f.show(w, r, "cases", title, recommendation(v))
}

type answerForm struct {
	Answer string `form:"answer" check:"required,choice=accept|decline"`
}

func (f *face) answerRecommendation(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := f.Employment.MyRecommendation(ctx, r.PathValue("id")); err != nil {
		return f.gone(w, r, err)
	}
	var in answerForm
	err := web.Decode(r, &in)
	if err == nil {
		var v employment.Vacancy
		if v, err = f.Employment.AnswerRecommendation(ctx, r.PathValue("id"), in.Answer == "accept"); err == nil {
			if in.Answer == "accept" && v.OnOffer(f.today()) {
				return web.See(w, r, "/jobs/"+v.Number)
			}
			f.site.Flash(r, t(ctx, "phone.recommendation.thanks"))
			return web.See(w, r, "/cases")
		}
	}
	if web.Shown(err) {
		return f.showRecommendation(w, r, err)
	}
	return err
}
