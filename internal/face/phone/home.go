package phone

import (
	"context"
	"net/http"
	"slices"

	"gonghui/internal/core/access"
	"gonghui/internal/core/search"
	"gonghui/internal/face/ui"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/employment"
)

// nearJobs is how many vacancies stand on the home page, and things how many
// matters of the worker's own.
const (
	nearJobs = 3
	things   = 3
)

// homeView is what the worker comes for now.
type homeView struct {
	Name   string
	In     bool
	Staff  bool
	Things []ui.Job
	Jobs   employment.Found
	Where  string // the county the jobs are near to; empty when unknown
}

func (f *face) home(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var v homeView
	if a, ok := access.From(ctx); ok {
		v.In, v.Name, v.Staff = true, a.Name, a.Kind == access.KindStaff
	}
	if _, ok := access.Self(ctx); ok {
		me, err := f.self(ctx)
		if err != nil {
			return err
		}
		v.Name = me.Name
		if v.Things, err = f.things(ctx); err != nil {
			return err
		}
		if len(v.Things) < things && (me.Name == "" || me.DivisionCode == "") {
			v.Things = append(v.Things, ui.Job{
				Href: "/me/profile?back=/", Title: t(ctx, "phone.home.profile"), Company: t(ctx, "phone.home.profile_text"),
			})
		}
	}
	q := employment.Search{Limit: nearJobs, Sort: "date"}
	if v.Where = f.myCounty(ctx); v.Where != "" {
		q.Near, q.Sort = v.Where, search.SortDistance
	}
	var err error
	if v.Jobs, err = f.Employment.Find(ctx, q); err != nil {
		return err
	}
	return f.show(w, r, "home", t(ctx, "phone.home.title"), home(f, v))
}

// things are what waits for the worker, then what has a deadline, soonest first.
func (f *face) things(ctx context.Context) ([]ui.Job, error) {
	recommended, err := f.Employment.MyRecommended(ctx)
	if err != nil {
		return nil, err
	}
	mineAll, err := f.Employment.MyApplications(ctx, page.Request{Limit: 50})
	if err != nil {
		return nil, err
	}
	open := slices.DeleteFunc(mineAll.Items, func(a employment.Application) bool { return !a.Open() })
	slices.SortStableFunc(open, func(a, b employment.Application) int {
		switch {
		case f.mine(a) && !f.mine(b):
			return -1
		case f.mine(b) && !f.mine(a):
			return 1
		case hasDue(a) && !hasDue(b):
			return -1
		case hasDue(b) && !hasDue(a):
			return 1
		}
		return a.DueAt.Compare(b.DueAt)
	})
	var out []ui.Job
	for _, a := range open {
		if len(out) < things && (f.mine(a) || hasDue(a)) {
			out = append(out, f.thing(ctx, a))
		}
	}
	for _, r := range recommended {
		if len(out) < things && r.State == "offered" && r.OnOffer {
			out = append(out, recommendedCard(ctx, f, r))
		}
	}
	return out, nil
}

// thing shows an application by what is to be done.
func (f *face) thing(ctx context.Context, a employment.Application) ui.Job {
	j := ui.Job{Href: "/cases/" + a.Number, Title: t(ctx, "phone.home.thing."+a.State), Company: a.VacancyTitle + " · " + a.Employer, State: toneOf(a),
		Word: t(ctx, "flow.employment.application.state."+a.State)}
	switch {
	case a.State == "invited":
		j.Place = ui.Moment(ctx, a.InterviewAt)
	case hasDue(a):
		j.Place = t(ctx, "phone.home.by", "Day", ui.Day(ctx, a.Due()))
	}
	return j
}

func (v homeView) greeting(ctx context.Context) string {
	if v.Name == "" {
		return t(ctx, "phone.home.title")
	}
	return t(ctx, "phone.home.hello", "Name", v.Name)
}

func (v homeView) jobsTitle(ctx context.Context) string {
	if v.Where == "" {
		return t(ctx, "phone.home.newest")
	}
	return t(ctx, "phone.home.near")
}

func (v homeView) services(ctx context.Context) []ui.Service {
	work := ui.Service{Icon: "work", Title: t(ctx, "phone.jobs.title"), Href: "/jobs"}
	if v.Jobs.Total > 0 {
		work.Text = t(ctx, "phone.home.jobs_text", "Count", ui.Number(int64(v.Jobs.Total)))
	}
	// What this house cannot do yet the union does all the same, by telephone.
	out := []ui.Service{work, {Icon: "phone", Title: t(ctx, "phone.home.other"), Text: t(ctx, "phone.home.other_text"), Href: "tel:12351"}}
	if v.Staff {
		out = append(out, ui.Service{Icon: "list", Title: t(ctx, "phone.home.desk"), Href: "/desk"})
	}
	return out
}

func (v homeView) moreJobs() string {
	if v.Where == "" {
		return "/jobs"
	}
	return "/jobs?sort=" + search.SortDistance
}
