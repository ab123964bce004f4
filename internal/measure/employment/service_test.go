package employment_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/casework/flowtest"
	"gonghui/internal/core/org/orgtest"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/employment"
)

func TestFlowsAreProcedures(t *testing.T) {
	p := employment.DefaultParameters()
	flowtest.Walk(t, employment.EmployerFlow(p))
	flowtest.Walk(t, employment.VacancyFlow(p))
	flowtest.Walk(t, employment.ApplicationFlow(p))
}

// From the worker's tap to the counted result, as the issue tells it.
func TestAWorkerIsHiredAndCounted(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		hr, c := b.employer("济南钢花机械有限公司", "370104")
		v := b.onOffer(hr, c, goodVacancy())

		f, err := b.Find(t.Context(), employment.Search{Words: "焊工"})
		require.NoError(t, err)
		require.Equal(t, 1, f.Total, "a part of the word finds it")

		worker := b.worker("王大力", "370104")
		a, err := b.Apply(worker, employment.ApplyInput{Number: v.Number, SharePhone: true})
		require.NoError(t, err)
		again, err := b.Apply(worker, employment.ApplyInput{Number: v.Number})
		require.NoError(t, err)
		require.Equal(t, a.ID, again.ID, "applying twice is applying once")

		step := func(event string, more ...func(*employment.StepInput)) {
			t.Helper()
			side := hr
			switch event {
			case "accept", "confirm_own":
				side = worker
			}
			k, err := b.Cases.Get(side, ref(a))
			require.NoError(t, err)
			in := employment.StepInput{City: a.CityCode, ID: a.ID, Event: event, Version: k.Version}
			for _, m := range more {
				m(&in)
			}
			a, err = b.StepApplication(side, in)
			require.NoError(t, err)
		}
		phone, err := b.ApplicantPhone(hr, a.CityCode, a.ID)
		require.NoError(t, err)
		require.Len(t, phone, 11)
		step("view")
		step("invite", func(in *employment.StepInput) { in.At, in.Place = monday.Add(48*time.Hour), "槐荫区兴福路 1 号" })
		step("record")
		step("offer")
		step("accept")
		step("confirm_own")
		step("confirm")
		require.Equal(t, "arrived", a.State)

		county, _ := b.Org.ByDivision("370104")
		leader := b.clerk("county", "county_clerk", "370104")
		for _, key := range []string{employment.WorkersServed, employment.Intentions, employment.Placements} {
			p, err := b.Figures.Progress(leader, key, "2020", county)
			require.NoError(t, err)
			require.EqualValues(t, 1, p.Done, key)
			diff, err := b.Figures.Recount(access.System(t.Context(), "test"), key, "2020")
			require.NoError(t, err)
			require.True(t, diff.Clean(), "%s: %+v", key, diff)
		}
		got, err := b.VacancyByNumber(hr, v.Number)
		require.NoError(t, err)
		require.Equal(t, 1, got.Filled)
	})
}

func TestSilenceRemindsAndTells(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		hr, c := b.employer("济南钢花机械有限公司", "370104")
		v := b.onOffer(hr, c, goodVacancy())
		worker := b.worker("王大力", "370104")
		a, err := b.Apply(worker, employment.ApplyInput{Number: v.Number})
		require.NoError(t, err)
		before, err := b.Notices.UnreadCount(hr)
		require.NoError(t, err)

		b.clock.Advance(8 * 24 * time.Hour)
		_, err = b.Cases.Tick(t.Context())
		require.NoError(t, err)
		n, err := b.Notices.UnreadCount(hr)
		require.NoError(t, err)
		require.Equal(t, before+1, n, "the company is reminded once")

		_, err = b.StepApplication(hr, employment.StepInput{City: a.CityCode, ID: a.ID, Event: "view", Version: 2})
		require.NoError(t, err)
		b.clock.Advance(7 * 24 * time.Hour)
		for range 2 {
			_, err = b.Cases.Tick(t.Context())
			require.NoError(t, err)
		}
		a, err = b.GetApplication(worker, a.CityCode, a.ID)
		require.NoError(t, err)
		require.Equal(t, "no_reply", a.State, "looking at it is no answer: the clock goes on")
		n, err = b.Notices.UnreadCount(worker)
		require.NoError(t, err)
		require.Equal(t, 1, n)
	})
}

func TestRefusals(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		hr, c := b.employer("济南钢花机械有限公司", "370104")
		for name, change := range map[string]func(*employment.VacancyInput){
			"discrimination": func(in *employment.VacancyInput) { in.Content = "限男性,身体健康。" },
			"deposit":        func(in *employment.VacancyInput) { in.Content = "入职交押金500元。" },
			"no pay":         func(in *employment.VacancyInput) { in.Pay = "" },
			"negotiable":     func(in *employment.VacancyInput) { in.Pay = "面议" },
			"place":          func(in *employment.VacancyInput) { in.DivisionCode = "110105" },
			"headcount":      func(in *employment.VacancyInput) { in.Headcount = 0 },
			"NUL":            func(in *employment.VacancyInput) { in.Title = "电\x00焊工" },
		} {
			in := goodVacancy()
			change(&in)
			_, err := b.PostVacancy(hr, c.CityCode, c.ID, in)
			require.True(t, fault.HasCode(err, "form.invalid"), "%s: %v", name, err)
			require.NotEmpty(t, fault.As(err).Fields, name)
		}
		b.onOffer(hr, c, goodVacancy())
		same := goodVacancy()
		same.Title, same.Pay = "【急聘】电焊工", "6千-8千"
		_, err := b.PostVacancy(hr, c.CityCode, c.ID, same)
		require.True(t, fault.HasCode(err, "employment.duplicate_vacancy"), "%v", err)
		list, err := b.ListVacancies(hr, employment.VacancyFilter{Request: page.Request{}})
		require.NoError(t, err)
		require.Len(t, list.Items, 1, "what was refused has left nothing behind")
	})
}

func TestStrangersFindNothing(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		hr, c := b.employer("济南钢花机械有限公司", "370104")
		other, _ := b.employer("济南云帆物流有限公司", "370105")
		v := b.onOffer(hr, c, goodVacancy())
		worker := b.worker("王大力", "370104")
		a, err := b.Apply(worker, employment.ApplyInput{Number: v.Number})
		require.NoError(t, err)

		_, err = b.ApplicantPhone(hr, a.CityCode, a.ID)
		require.True(t, fault.HasCode(err, "employment.no_consent"), "%v", err)
		strangers := map[string]func() error{
			"another worker":  func() error { _, err := b.GetApplication(b.worker("赵四", "370104"), a.CityCode, a.ID); return err },
			"another company": func() error { _, err := b.GetApplication(other, a.CityCode, a.ID); return err },
			"sister county": func() error {
				_, err := b.GetApplication(b.clerk("sister", "county_clerk", "370105"), a.CityCode, a.ID)
				return err
			},
			"another company's step": func() error {
				_, err := b.StepApplication(other, employment.StepInput{City: a.CityCode, ID: a.ID, Event: "view", Version: 1})
				return err
			},
			"another company's vacancy": func() error {
				_, err := b.StepVacancy(other, employment.StepInput{City: v.CityCode, ID: v.ID, Event: "close", Version: 2, Reason: "x"})
				return err
			},
			"sister county's review": func() error {
				_, err := b.StepVacancy(b.clerk("sister2", "county_clerk", "370105"),
					employment.StepInput{City: v.CityCode, ID: v.ID, Event: "take_down", Version: 2, Reason: "x"})
				return err
			},
		}
		for who, try := range strangers {
			require.True(t, fault.IsKind(try(), fault.NotFound), who)
		}
		_, err = b.GetApplication(t.Context(), a.CityCode, a.ID)
		require.True(t, fault.IsKind(err, fault.Forbidden), "no scope means refuse")
	})
}

func TestExpiryAndIndex(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		hr, c := b.employer("济南钢花机械有限公司", "370104")
		v := b.onOffer(hr, c, goodVacancy())
		b.clock.Advance(31 * 24 * time.Hour)
		f, err := b.Find(t.Context(), employment.Search{})
		require.NoError(t, err)
		require.Empty(t, f.Items, "the store decides: off the list the day after valid_to, whatever the index says")
		n, err := b.ExpireDue(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, n)
		n, err = b.ExpireDue(t.Context())
		require.NoError(t, err)
		require.Zero(t, n, "a job run twice changes nothing more")
		r, err := b.VerifySearch(t.Context())
		require.NoError(t, err)
		require.True(t, r.OK(), "%+v", r)
		got, err := b.VacancyByNumber(hr, v.Number)
		require.NoError(t, err)
		require.Equal(t, "expired", got.State)

		_, err = b.Find(t.Context(), employment.Search{Place: []string{"999999"}})
		require.True(t, fault.HasCode(err, "search.unknown_code"), "%v", err)
	})
}
