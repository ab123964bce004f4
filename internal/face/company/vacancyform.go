package company

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"gonghui/internal/core/company"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/form"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/measure/employment"
)

// vacancyForm is the form as typed; texts, so that it can be shown again.
type vacancyForm struct {
	Action  string
	Number  string // of the vacancy that is mended; "" = a new one
	Version string // of its case
	Reason  string // why the county returned it

	Title, Occupation, Form, Headcount, Division, Detail, Pay, Hours, Education, Years, Insurance, Content, ValidTo string
	Dormitory, Meals                                                                                                bool
	Groups                                                                                                          []string

	Errors ui.Errors
	Whys   []why
}

// why explains the refusal of a field.
type why struct {
	Field string
	Rule  string
	Law   string // as printed; "" = the platform's own rule
}

func (f *face) askVacancy(w http.ResponseWriter, r *http.Request, c company.Company) error {
	if err := mayPost(r.Context(), c.ID); err != nil {
		return err
	}
	if c.State != company.StateVerified {
		return web.See(w, r, "/company")
	}
	v := vacancyForm{
		Action: "/company/vacancies/new", Form: "direct", Headcount: "1", Education: "0", Occupation: guessed, Division: countyOf(c.DivisionCode),
		ValidTo: f.today().Add(f.Employment.Parameters().ValidDays).String(),
	}
	return f.show(w, r, "vacancies", t(r.Context(), "company_face.vacancy.new"), vacancyFormPage(v))
}

func (f *face) postVacancy(w http.ResponseWriter, r *http.Request, c company.Company) error {
	var x employment.Vacancy
	in, err := decodeVacancy(r)
	if err == nil {
		x, err = f.Employment.PostVacancy(r.Context(), c.CityCode, c.ID, in)
	}
	return f.ended(w, r, err, "/company/vacancies/"+x.Number, f.sent(r), func() error {
		v := typedVacancy(r)
		v.Action = "/company/vacancies/new"
		v.Errors, v.Whys = refused(r, err)
		return f.again(w, r, "vacancies", t(r.Context(), "company_face.vacancy.new"), err, vacancyFormPage(v))
	})
}

// sent is the word for a vacancy that went to the county.
func (f *face) sent(r *http.Request) func() string {
	return func() string {
		return t(r.Context(), "company_face.vacancy.sent", "Days", f.Employment.Parameters().ReviewWorkdays)
	}
}

func (f *face) editVacancy(w http.ResponseWriter, r *http.Request) error {
	v, err := f.vacancyView(r)
	if err != nil {
		return err
	}
	if err := mayPost(r.Context(), v.Vacancy.CompanyID); err != nil {
		return err
	}
	if !v.may("resubmit") {
		return web.See(w, r, "/company/vacancies/"+v.Vacancy.Number)
	}
	return f.show(w, r, "vacancies", t(r.Context(), "company_face.vacancy.edit"), vacancyFormPage(formOf(v, f.today())))
}

func (f *face) resubmitVacancy(w http.ResponseWriter, r *http.Request) error {
	x, err := f.theirs(r)
	if err != nil {
		return err
	}
	in, err := decodeVacancy(r)
	if err == nil {
		_, err = f.Employment.ResubmitVacancy(r.Context(), x.CityCode, x.ID, in)
	}
	return f.ended(w, r, err, "/company/vacancies/"+x.Number, f.sent(r), func() error {
		v, seeErr := f.vacancyView(r)
		if seeErr != nil {
			return seeErr
		}
		shown := typedVacancy(r)
		shown.Action, shown.Number, shown.Reason = "/company/vacancies/"+x.Number+"/edit", x.Number, v.Reason
		shown.Version = itoa(v.Case.Version)
		shown.Errors, shown.Whys = refused(r, err)
		return f.again(w, r, "vacancies", t(r.Context(), "company_face.vacancy.edit"), err, vacancyFormPage(shown))
	})
}

func decodeVacancy(r *http.Request) (employment.VacancyInput, error) {
	var in employment.VacancyInput
	web.JoinDates(r, "valid_to")
	if r.PostForm.Get("occupation") == guessed {
		r.PostForm.Del("occupation")
	}
	err := web.Decode(r, &in)
	if s, ok := form.Text(r.PostFormValue("content"), true); ok {
		in.Content = s // with its line breaks
	}
	return in, err
}

func typedVacancy(r *http.Request) vacancyForm {
	p := r.PostFormValue
	v := vacancyForm{
		Version: p("version"), Title: p("title"), Occupation: p("occupation"), Form: p("form"), Headcount: p("headcount"), Division: p("division"),
		Detail: p("place_detail"), Pay: p("pay"), Hours: p("hours"), Education: p("education"), Years: p("years_min"), Insurance: p("insurance"),
		Content: p("content"), ValidTo: p("valid_to"), Dormitory: p("dormitory") != "", Meals: p("meals") != "", Groups: r.PostForm["groups"],
	}
	if v.Occupation == "" {
		v.Occupation = guessed
	}
	return v
}

// formOf fills the form from a vacancy that has to be mended.
func formOf(v vacancyView, today clock.Day) vacancyForm {
	x := v.Vacancy
	out := vacancyForm{
		Action: "/company/vacancies/" + x.Number + "/edit", Number: x.Number, Version: itoa(v.Case.Version), Reason: v.Reason,
		Title: x.Title, Occupation: x.OccupationCode, Form: x.Form, Headcount: itoa(x.Headcount), Division: countyOf(x.DivisionCode),
		Detail: x.PlaceDetail, Hours: x.Hours, Education: itoa(x.Education), Insurance: x.Insurance, Content: x.Content,
		Dormitory: x.Dormitory, Meals: x.Meals, Groups: x.Groups,
	}
	if x.Pay.HasFigures() {
		out.Pay = x.Pay.Text(string(i18n.ZH)) // the form that is read back
	}
	if x.YearsMin > 0 {
		out.Years = itoa(x.YearsMin)
	}
	if x.ValidTo >= today {
		out.ValidTo = x.ValidTo.String()
	}
	return out
}

// screened begins the keys of the sentences of a broken rule.
const screened = "screen.refused."

// refused turns a fault into the sentences beside the fields. The law of a broken
// rule is taken out of the sentence and kept for the fold below the field.
func refused(r *http.Request, err error) (ui.Errors, []why) {
	f := fault.As(err)
	var whys []why
	plain := *f
	plain.Fields = nil
	for _, x := range f.Fields {
		if rule, ok := strings.CutPrefix(x.Key, screened); ok {
			law, _ := x.Params["citation"].(string)
			whys = append(whys, why{Field: x.Name, Rule: rule, Law: law})
			x.Params = map[string]any{"word": x.Params["word"], "citation": ""}
			if rule == "pay_range" && slices.ContainsFunc(plain.Fields, func(y fault.Field) bool { return y.Name == x.Name }) {
				continue // that the pay is missing has been said
			}
		}
		plain.Fields = append(plain.Fields, x)
	}
	return ui.ErrorsOf(i18n.From(r.Context()), &plain), whys
}

// on gives all sentences for a field: a title may break two rules.
func (v vacancyForm) on(name string) string {
	var all []string
	for _, e := range v.Errors {
		if e.Field == name {
			all = append(all, e.Text)
		}
	}
	return strings.Join(all, " ")
}

func (v vacancyForm) whys(field string) []why {
	var out []why
	for _, x := range v.Whys {
		if x.Field == field {
			out = append(out, x)
		}
	}
	return out
}

func (x why) text(ctx context.Context) string { return t(ctx, "company_face.why."+x.Rule) }

func educations(ctx context.Context) []ui.Option {
	out := make([]ui.Option, len(employment.Educations))
	for i, code := range employment.Educations {
		out[i] = ui.Option{Value: itoa(i), Label: t(ctx, "screen.education."+code)}
	}
	return out
}
