package phone

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"strings"

	"gonghui/internal/base/audit"
	"gonghui/internal/core/access"
	"gonghui/internal/core/person"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/employment"
)

type meView struct {
	Me      person.Person
	Seeker  employment.Seeker
	Company bool // acts for a company
}

func (f *face) me(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var v meView
	var err error
	if v.Me, v.Seeker, err = f.Employment.MyProfile(ctx); err != nil {
		return err
	}
	a, _ := access.From(ctx)
	v.Company = len(a.Companies()) > 0
	return f.show(w, r, "me", t(ctx, "phone.me.title"), me(v))
}

// facts are what the house knows of the worker.
func (v meView) facts(ctx context.Context) []ui.Fact {
	return []ui.Fact{
		{Label: t(ctx, "phone.me.name"), Value: cmp.Or(v.Me.Name, t(ctx, "phone.me.unsaid"))},
		{Label: t(ctx, "phone.me.phone"), Body: ui.MaskedText(v.Me.PhoneMask, "")},
		{Label: t(ctx, "phone.me.place"), Value: placeOr(ctx, v.Me.DivisionCode)},
		{Label: t(ctx, "phone.me.education"), Value: educationOr(ctx, v.Me.Education)},
		{Label: t(ctx, "phone.me.wanted"), Value: cmp.Or(v.Seeker.Wanted, t(ctx, "phone.me.unsaid"))},
	}
}

// meLinks are the pages behind this one.
func meLinks(ctx context.Context, v meView) []ui.Service {
	out := []ui.Service{
		{Icon: "pencil", Title: t(ctx, "phone.profile.title"), Text: t(ctx, "phone.me.profile_text"), Href: "/me/profile"},
		{Icon: "eye", Title: t(ctx, "phone.data.title"), Text: t(ctx, "phone.me.data_text"), Href: "/me/data"},
	}
	if v.Company {
		out = append(out, ui.Service{Icon: "company", Title: t(ctx, "phone.me.company"), Text: t(ctx, "phone.me.company_text"), Href: "/company"})
	}
	return out
}

type profileView struct {
	In     employment.SeekerInput
	Typed  map[string]string // education and years as typed, when they were refused
	Errors ui.Errors
	Back   string
}

func (f *face) profile(w http.ResponseWriter, r *http.Request) error {
	me, seeker, err := f.Employment.MyProfile(r.Context())
	if err != nil {
		return err
	}
	v := profileView{
		Back: web.Local(r.URL.Query().Get("back"), "/me"),
		In: employment.SeekerInput{
			Name: me.Name, Division: me.DivisionCode, Education: me.Education, Years: seeker.Years,
			Wanted: seeker.Wanted, Groups: me.Groups, Skills: seeker.Skills, About: seeker.About,
		},
	}
	return f.show(w, r, "me", t(r.Context(), "phone.profile.title"), profile(v))
}

func (f *face) saveProfile(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := profileView{Back: web.Local(r.PostFormValue("back"), "/me")}
	err := web.Decode(r, &v.In)
	if err == nil {
		err = f.Employment.SaveProfile(ctx, v.In)
	}
	if err == nil {
		f.site.Flash(r, t(ctx, "phone.profile.saved"))
		return web.See(w, r, v.Back)
	}
	if !web.Shown(err) {
		return err
	}
	v.Errors = faults(r, err)
	v.Typed = map[string]string{"name": r.PostFormValue("name"), "years": r.PostFormValue("years"), "wanted": r.PostFormValue("wanted"), "skills": r.PostFormValue("skills"), "about": r.PostFormValue("about")}
	return f.again(w, r, "me", t(ctx, "phone.profile.title"), err, profile(v))
}

// value is what stands in a field: what was typed, or what is known.
func (v profileView) value(name, known string) string {
	if typed, ok := v.Typed[name]; ok {
		return typed
	}
	return known
}

func (v profileView) years() string {
	if v.In.Years == 0 {
		return v.value("years", "")
	}
	return v.value("years", strconv.Itoa(v.In.Years))
}

func (v profileView) educations(ctx context.Context) []ui.Option {
	out := []ui.Option{{Value: "0", Label: t(ctx, "phone.me.unsaid")}}
	for i, code := range employment.Educations[1:] {
		out = append(out, ui.Option{Value: strconv.Itoa(i + 1), Label: t(ctx, "screen.education."+code)})
	}
	return out
}

func (v profileView) education() string { return strconv.Itoa(v.In.Education) }

func groupOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, g := range person.Groups {
		out = append(out, ui.Option{Value: g, Label: t(ctx, "group."+g)})
	}
	return out
}

// dataView is what was done with the worker's data and what he opened to whom.
type dataView struct {
	Consents    []employment.PhoneConsent
	Uses        page.Page[audit.Stored]
	Account     string            // the worker's own account
	Cases       map[string]string // what an application was for, by its id
	Start, Next string
}

func (f *face) data(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	me, err := f.self(ctx)
	if err != nil {
		return err
	}
	var v dataView
	if v.Uses, err = f.People.Uses(ctx, me.Ref(), wanted(r)); err != nil {
		return err
	}
	v.Start, v.Next = startOf("/me/data", r), nextOf("/me/data", v.Uses.Next)
	if v.Consents, err = f.Employment.MyConsents(ctx); err != nil {
		return err
	}
	mine, err := f.Employment.MyApplications(ctx, page.Request{Limit: page.MaxLimit})
	if err != nil {
		return err
	}
	v.Cases = make(map[string]string, len(mine.Items))
	for _, x := range mine.Items {
		v.Cases[x.ID] = x.VacancyTitle + " · " + x.Employer
	}
	a, _ := access.From(ctx)
	v.Account = a.AccountID
	return f.show(w, r, "me", t(ctx, "phone.data.title"), data(v, func(c employment.PhoneConsent) bool { return c.Holds(f.Clock.Now()) }))
}

type withdrawForm struct {
	Purpose   string `form:"purpose" check:"required,max=300"`
	Recipient string `form:"recipient" check:"max=60"`
}

func (f *face) withdrawConsent(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	me, err := f.self(ctx)
	if err != nil {
		return err
	}
	var in withdrawForm
	if err = web.Decode(r, &in); err != nil {
		return err
	}
	if in.Purpose == employment.SharePhonePurpose {
		err = f.Employment.CloseMyPhone(ctx, in.Recipient)
	} else {
		err = f.People.WithdrawConsent(ctx, me.Ref(), in.Purpose, in.Recipient)
	}
	if err != nil {
		return err
	}
	f.site.Flash(r, t(ctx, "phone.data.withdrawn"))
	return web.See(w, r, "/me/data")
}

func (v dataView) uses(ctx context.Context) []ui.Event {
	out := make([]ui.Event, len(v.Uses.Items))
	for i, s := range v.Uses.Items {
		out[i] = v.use(ctx, s)
	}
	return out
}

// recipient is to whom something was opened.
func recipient(ctx context.Context, c employment.PhoneConsent) string {
	switch {
	case c.Employer != "":
		return c.Employer
	case c.Recipient == "":
		return t(ctx, "phone.data.house")
	}
	return t(ctx, "phone.data.a_company")
}

// say gives the text under the first of the keys that has one, else the text of
// the last.
func say(ctx context.Context, keys ...string) string {
	for _, k := range keys {
		if i18n.Bundle().Has(i18n.From(ctx), k) {
			return t(ctx, k)
		}
	}
	return t(ctx, keys[len(keys)-1])
}

// use tells a line of the log in the worker's words.
func (v dataView) use(ctx context.Context, s audit.Stored) ui.Event {
	event, inCase := strings.CutPrefix(string(s.Action), employment.FlowApplication+".")
	keys := []string{"person.use." + string(s.Action)}
	if inCase {
		keys = append(keys, "phone.event."+event)
	}
	e := ui.Event{When: ui.Past, Text: say(ctx, append(keys, "phone.data.other")...), At: ui.Moment(ctx, s.At)}
	switch {
	case s.ActorID == v.Account:
		e.Who = t(ctx, "phone.you")
	case s.ActorID == "system" || s.ActorID == "":
		e.Who = t(ctx, "phone.data.house")
	case s.ActorName != "":
		e.Who = s.ActorName
	default:
		e.Who = t(ctx, "phone.data.staff")
	}
	e.Note = v.Cases[s.SubjectID]
	if s.Purpose != "" {
		e.Note = t(ctx, "phone.data.why", "Purpose", purpose(ctx, s.Purpose))
	}
	return e
}

// purpose writes out why data was used: a word of ours, or a sentence that
// somebody wrote.
func purpose(ctx context.Context, p string) string {
	if key := "phone.purpose." + p; i18n.Bundle().Has(i18n.From(ctx), key) {
		return t(ctx, key)
	}
	return p
}
