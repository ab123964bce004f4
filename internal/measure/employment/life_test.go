package employment_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/core/org/orgtest"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/ident"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/employment"
)

const day = 24 * time.Hour

// act takes a step of a vacancy whatever its version is.
func (b *bundle) act(v employment.Vacancy, event string) employment.Vacancy {
	b.t.Helper()
	v, err := b.StepVacancy(access.System(b.t.Context(), "test"), employment.StepInput{
		City: v.CityCode, ID: v.ID, Event: event, Version: casework.AnyVersion, Reason: "x",
	})
	require.NoError(b.t, err, event)
	return v
}

func TestABlockedCompanyIsOffTheListAtOnce(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		house := access.System(t.Context(), "test")
		// An ad that a file brought in, lying with the county of its place.
		_, _, err := b.importText(house, "title,company,place,pay\n搬运工,济南钢花机械有限公司,青岛市市南区,6000-8000\n", employment.ImportOptions{})
		require.NoError(t, err)
		_, err = b.RefreshIndex(t.Context())
		require.NoError(t, err)
		hr, c := b.employer("济南钢花机械有限公司", "370104")
		post := func(title string) employment.VacancyInput { in := goodVacancy(); in.Title = title; return in }
		v := b.onOffer(hr, c, goodVacancy())
		paused := b.act(b.onOffer(hr, c, post("车工")), "suspend")
		expired := b.onOffer(hr, c, func() employment.VacancyInput {
			in := post("铣工")
			in.ValidTo = clock.DayOf(monday)
			return in
		}())
		submitted, err := b.PostVacancy(hr, c.CityCode, c.ID, post("保安"))
		require.NoError(t, err)

		waiting, offered := b.worker("王大力", "370104"), b.worker("赵小红", "370104")
		a := b.walk(hr, waiting, v)
		late := b.walk(hr, waiting, expired)
		o := b.walk(hr, offered, v, "view", "offer")
		require.NoError(t, b.SetSharePhone(offered, o.CityCode, o.ID, true))
		b.clock.Advance(day)
		n, err := b.ExpireDue(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, n)

		county := b.clerk("county", access.RoleCounty, "370104")
		told := b.unread(hr)
		_, err = b.DecideEmployer(county, employment.StepInput{City: c.CityCode, ID: c.ID, Event: "block", Version: 2})
		require.True(t, fault.HasCode(err, "casework.reason"), "%v", err)
		_, err = b.DecideEmployer(county, employment.StepInput{City: c.CityCode, ID: c.ID, Event: "block", Version: 2, Reason: "收取押金，已查实"})
		require.NoError(t, err)

		states := map[string]string{v.ID: "taken_down", paused.ID: "taken_down", submitted.ID: "returned", expired.ID: "expired"}
		list, err := b.ListVacancies(house, employment.VacancyFilter{CompanyID: c.ID})
		require.NoError(t, err)
		require.Len(t, list.Items, 5)
		for _, x := range list.Items {
			if want := states[x.ID]; want != "" {
				require.Equal(t, want, x.State, x.Title)
			} else {
				require.Equal(t, "taken_down", x.State, "the imported ad of another county too")
			}
		}
		f, err := b.Find(t.Context(), employment.Search{})
		require.NoError(t, err)
		require.Zero(t, f.Total)
		for _, x := range []employment.Application{a, late} {
			x, err = b.GetApplication(waiting, x.CityCode, x.ID)
			require.NoError(t, err)
			require.Equal(t, "lapsed", x.State)
		}
		require.Equal(t, 2, b.unread(waiting))
		require.Equal(t, told+5, b.unread(hr), "the block, three taken down, one given back")
		o, err = b.GetApplication(offered, o.CityCode, o.ID)
		require.NoError(t, err)
		require.Equal(t, "offered", o.State, "an offer stands")
		_, err = b.ApplicantPhone(hr, o.CityCode, o.ID)
		require.True(t, fault.HasCode(err, "employment.company_blocked"), "%v", err)

		// Neither the company nor a clerk in a hurry brings a post back.
		_, err = b.PostVacancy(hr, c.CityCode, c.ID, post("钳工"))
		require.True(t, fault.HasCode(err, "employment.not_verified"), "%v", err)
		again := post("铣工")
		again.Version = 3
		_, err = b.ResubmitVacancy(hr, c.CityCode, expired.ID, again)
		require.True(t, fault.HasCode(err, "employment.not_verified"), "%v", err)
		_, err = b.RegisterEmployer(b.worker("周八", "370104"), company.Input{
			CreditCode: c.CreditCode, Name: c.Name, DivisionCode: "370104", ContactName: "周八", ContactPhone: "19900008888",
		})
		require.True(t, fault.HasCode(err, "company.blocked"), "%v", err)
		r, _, err := b.importText(house, "title,company,place,pay\n搬运工,济南钢花机械有限公司,青岛市市南区,6000-8000\n", employment.ImportOptions{})
		require.NoError(t, err)
		require.EqualValues(t, 1, r.Failed)

		// Unblocked, it starts at the county's desk again, and what was taken down stays down.
		_, err = b.DecideEmployer(county, employment.StepInput{City: c.CityCode, ID: c.ID, Event: "unblock", Version: 3, Reason: "已整改退款"})
		require.NoError(t, err)
		_, err = b.ResubmitVacancy(hr, c.CityCode, expired.ID, again)
		require.True(t, fault.HasCode(err, "employment.not_verified"), "%v", err)
		_, err = b.Service.ResubmitEmployer(hr, c.CityCode, c.ID, company.Patch{}, 4)
		require.NoError(t, err)
		_, err = b.DecideEmployer(county, employment.StepInput{City: c.CityCode, ID: c.ID, Event: "accept", Version: 5})
		require.NoError(t, err)
		_, err = b.ResubmitVacancy(hr, c.CityCode, expired.ID, again)
		require.NoError(t, err)
		r, broken, err := b.importText(house, "title,company,place,pay\n搬运工,济南钢花机械有限公司,青岛市市南区,6000-8000\n", employment.ImportOptions{})
		require.NoError(t, err)
		require.EqualValues(t, 1, r.Failed, "a file does not bring back what the county took down")
		require.Contains(t, broken[0].ZH, "下架")
	})
}

// Who registers as a company that a file has named touches none of its ads
// before the county has looked.
func TestAClaimOpensNothingBeforeItIsVerified(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		house := access.System(t.Context(), "test")
		_, _, err := b.importText(house, "title,company,place,pay\n电焊工,济南钢花机械有限公司,济南市槐荫区,6000-8000\n", employment.ImportOptions{})
		require.NoError(t, err)
		list, err := b.ListVacancies(house, employment.VacancyFilter{})
		require.NoError(t, err)
		v := list.Items[0]
		hr := b.worker("李华", "370104")
		code, ok := ident.MakeCreditCode("91370102MA3C4KB11")
		require.True(t, ok)
		_, err = b.RegisterEmployer(hr, company.Input{
			CreditCode: code, Name: "济南钢花机械有限公司", DivisionCode: "370104", ContactName: "李华", ContactPhone: "19900009999",
		})
		require.NoError(t, err)
		hr = b.again(hr)
		for _, event := range []string{"close", "suspend", "refresh", "fill"} {
			_, err = b.StepVacancy(hr, employment.StepInput{City: v.CityCode, ID: v.ID, Event: event, Version: casework.AnyVersion, Reason: "x"})
			require.True(t, fault.HasCode(err, "employment.not_verified"), "%s: %v", event, err)
		}
	})
}

func TestExpiryFromEveryStateOnTheList(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		hr, c := b.employer("济南钢花机械有限公司", "370104")
		var ids []employment.Vacancy
		for event, title := range map[string]string{"": "电焊工", "suspend": "车工", "fill": "铣工"} {
			in := goodVacancy()
			in.Title = title
			v := b.onOffer(hr, c, in)
			if event != "" {
				v = b.act(v, event)
			}
			ids = append(ids, v)
		}
		// On the last day it stands until midnight in Shanghai, which is 16:00 UTC.
		b.clock.Set(clock.DayOf(monday).Add(30).End().Add(-time.Second))
		n, err := b.ExpireDue(t.Context())
		require.NoError(t, err)
		require.Zero(t, n)
		b.clock.Advance(time.Second)
		_, err = b.Apply(b.worker("王大力", "370104"), employment.ApplyInput{Number: ids[0].Number})
		require.True(t, fault.HasCode(err, "employment.off_list"), "whatever the job has done: %v", err)
		n, err = b.ExpireDue(t.Context())
		require.NoError(t, err)
		require.Equal(t, 3, n)
		for _, v := range ids {
			v, err = b.GetVacancy(hr, v.CityCode, v.ID)
			require.NoError(t, err)
			require.Equal(t, "expired", v.State)
			_, err = b.StepVacancy(hr, employment.StepInput{City: v.CityCode, ID: v.ID, Event: "reopen", Version: casework.AnyVersion})
			require.Error(t, err)
		}
		// The post is free again, and only once.
		in := goodVacancy()
		b.onOffer(hr, c, in)
		for _, v := range ids {
			if v.Title == in.Title {
				in.Version = 3
				_, err = b.ResubmitVacancy(hr, v.CityCode, v.ID, in)
				require.True(t, fault.HasCode(err, "employment.duplicate_vacancy"), "%v", err)
			}
		}
	})
}

func TestMendingAVacancy(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		hr, c := b.employer("济南钢花机械有限公司", "370104")
		text := `<script>alert("1")</script> & '电焊工' {{.}} 😀`
		in := goodVacancy()
		in.Title, in.OccupationCode, in.Content = text, "6-18-02-04", text+"\n第二行"
		v, err := b.PostVacancy(hr, c.CityCode, c.ID, in)
		require.NoError(t, err)
		v = b.act(v, "publish")
		got, err := b.GetVacancy(hr, v.CityCode, v.ID)
		require.NoError(t, err)
		require.Equal(t, text, got.Title, "kept as written; pages escape")
		require.Equal(t, text+"\n第二行", got.Content)
		f, err := b.Find(t.Context(), employment.Search{Words: "电焊工"})
		require.NoError(t, err)
		require.Equal(t, text, f.Items[0].Title)

		// A longer last day is never shortened by refreshing.
		in = goodVacancy()
		in.Title, in.ValidTo = "车工", clock.DayOf(monday).Add(100)
		long := b.act(b.onOffer(hr, c, in), "refresh")
		require.Equal(t, in.ValidTo, long.ValidTo)

		// A vacancy whose time ran out at the desk is not published.
		in.Title, in.ValidTo = "铣工", clock.DayOf(monday)
		late, err := b.PostVacancy(hr, c.CityCode, c.ID, in)
		require.NoError(t, err)
		b.clock.Advance(day)
		county := b.clerk("county", access.RoleCounty, "370104")
		_, err = b.StepVacancy(county, employment.StepInput{City: late.CityCode, ID: late.ID, Event: "publish", Version: 1})
		require.True(t, fault.HasCode(err, "employment.valid_to_passed"), "%v", err)
		_, err = b.StepVacancy(county, employment.StepInput{City: late.CityCode, ID: late.ID, Event: "return", Version: 1, Reason: "有效期已过"})
		require.NoError(t, err)

		// The rules hold for what is sent in again as for what is posted.
		in.ValidTo, in.Version = 0, 2
		for name, change := range map[string]func(*employment.VacancyInput){
			"discrimination": func(in *employment.VacancyInput) { in.Title = "铣工（限男性）" },
			"deposit":        func(in *employment.VacancyInput) { in.Content = "入职交押金500元。" },
			"no pay":         func(in *employment.VacancyInput) { in.Pay = "面议" },
		} {
			bad := in
			change(&bad)
			_, err = b.ResubmitVacancy(hr, late.CityCode, late.ID, bad)
			require.True(t, fault.HasCode(err, "form.invalid"), "%s: %v", name, err)
		}
		stale := in
		stale.Version = 1
		_, err = b.ResubmitVacancy(hr, late.CityCode, late.ID, stale)
		require.True(t, fault.HasCode(err, "casework.moved_on"), "%v", err)
		mended, err := b.ResubmitVacancy(hr, late.CityCode, late.ID, in)
		require.NoError(t, err)
		require.Equal(t, 3, mended.Version)

		// Closed, the same post can be posted again.
		b.act(b.act(mended, "publish"), "close")
		in.Version = 0
		_, err = b.PostVacancy(hr, c.CityCode, c.ID, in)
		require.NoError(t, err)
	})
}

// The number is shown to a company while one application needs it, and no longer.
func TestConsentFollowsTheApplications(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		hr, c := b.employer("济南钢花机械有限公司", "370104")
		in := goodVacancy()
		v := b.onOffer(hr, c, in)
		in.Title = "车工"
		w := b.onOffer(hr, c, in)
		worker := b.worker("王大力", "370104")
		one, err := b.Apply(worker, employment.ApplyInput{Number: v.Number, SharePhone: true})
		require.NoError(t, err)
		two, err := b.Apply(worker, employment.ApplyInput{Number: w.Number, SharePhone: true})
		require.NoError(t, err)
		reads := func(a employment.Application) bool {
			t.Helper()
			_, err := b.ApplicantPhone(hr, a.CityCode, a.ID)
			if err != nil {
				require.True(t, fault.HasCode(err, "employment.no_consent"), "%v", err)
			}
			return err == nil
		}
		_, err = b.StepApplication(worker, employment.StepInput{City: one.CityCode, ID: one.ID, Event: "withdraw", Version: 1})
		require.NoError(t, err)
		require.False(t, reads(one))
		require.True(t, reads(two), "the other application still needs it")
		one, err = b.Apply(worker, employment.ApplyInput{Number: v.Number})
		require.NoError(t, err)
		require.Equal(t, "delivered", one.State)
		require.False(t, reads(one), "applying again asks for the consent again")
		require.NoError(t, b.SetSharePhone(worker, one.CityCode, one.ID, true))
		require.True(t, reads(one))
		require.NoError(t, b.SetSharePhone(worker, one.CityCode, one.ID, false))
		require.False(t, reads(one))
		require.False(t, reads(two), "the consent is the company's")
		two, err = b.GetApplication(worker, two.CityCode, two.ID)
		require.NoError(t, err)
		require.False(t, two.SharePhone, "and every page says so")
	})
}

func TestDailyLimitAtMidnightInShanghai(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		b.set("employment.daily_applies", clock.Today(b.clock), "2")
		hr, c := b.employer("济南钢花机械有限公司", "370104")
		b.clock.Set(time.Date(2020, 7, 20, 15, 59, 0, 0, time.UTC)) // a minute to midnight
		v := b.onOffer(hr, c, goodVacancy())
		in := goodVacancy()
		in.Title = "车工"
		w := b.onOffer(hr, c, in)
		worker := b.worker("王大力", "370104")
		a := b.walk(hr, worker, v, "withdraw")
		_, err := b.Apply(worker, employment.ApplyInput{Number: v.Number})
		require.NoError(t, err)
		_, err = b.Apply(worker, employment.ApplyInput{Number: w.Number})
		require.True(t, fault.HasCode(err, "employment.daily_applies"), "withdrawing and applying again is applying: %v", err)
		require.True(t, fault.IsKind(err, fault.RateLimited))
		same, err := b.Apply(worker, employment.ApplyInput{Number: v.Number})
		require.NoError(t, err)
		require.Equal(t, a.ID, same.ID)
		b.clock.Advance(time.Minute)
		_, err = b.Apply(worker, employment.ApplyInput{Number: w.Number})
		require.NoError(t, err, "a new day")
	})
}

func TestServedOnceAYear(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		hr, c := b.employer("济南钢花机械有限公司", "370104")
		v := b.onOffer(hr, c, goodVacancy())
		clerk := b.clerk("county", access.RoleCounty, "370104")
		homeless := b.worker("王大力", "")
		_, err := b.Apply(homeless, employment.ApplyInput{Number: v.Number})
		require.NoError(t, err)
		for _, kind := range []string{employment.Guidance, employment.FairCheckIn, employment.Guidance} {
			_, err := b.RecordService(clerk, b.unitOf(clerk), employment.ServiceInput{Kind: kind, Phone: b.phoneOf(homeless), Name: "王大力", Event: "春风行动"})
			require.NoError(t, err)
		}
		_, err = b.RecordService(clerk, b.unitOf(clerk), employment.ServiceInput{Kind: "page_view", Phone: "19900001234", Name: "王五"})
		require.True(t, fault.HasCode(err, "form.invalid"), "%v", err)
		b.counts(employment.WorkersServed, "2020", 1)
		for code, want := range map[string]int64{"370104": 1, "370105": 0} {
			unit, _ := b.Org.ByDivision(code)
			p, err := b.Figures.Progress(access.System(t.Context(), "test"), employment.WorkersServed, "2020", unit)
			require.NoError(t, err)
			require.Equal(t, want, p.Done, "somebody without a place counts where he was served: %s", code)
		}

		// Over New Year: each is counted in the year in which it happened.
		b.clock.Set(time.Date(2020, 12, 28, 2, 0, 0, 0, time.UTC))
		v = b.act(v, "refresh")
		worker := b.worker("赵小红", "370105")
		a := b.walk(hr, worker, v, "view", "offer")
		b.recommend(clerk, b.worker("钱三", "370104"), v) // not answered: not served
		third := b.worker("孙六", "370104")
		b.walk(hr, third, v, "withdraw")
		b.clock.Set(time.Date(2021, 1, 4, 2, 0, 0, 0, time.UTC))
		for _, s := range []struct {
			as    string
			event string
		}{{"worker", "accept"}, {"hr", "confirm"}, {"worker", "confirm_own"}} {
			side := hr
			if s.as == "worker" {
				side = worker
			}
			a, err = b.StepApplication(side, employment.StepInput{City: a.CityCode, ID: a.ID, Event: s.event, Version: casework.AnyVersion})
			require.NoError(t, err)
		}
		_, err = b.Apply(third, employment.ApplyInput{Number: v.Number})
		require.NoError(t, err)
		_, err = b.RecordService(clerk, b.unitOf(clerk), employment.ServiceInput{
			Kind: employment.Guidance, Phone: "19900001234", Name: "王五", On: clock.MakeDay(2020, 12, 30),
		})
		require.NoError(t, err)
		b.counts(employment.WorkersServed, "2020", 4)
		b.counts(employment.WorkersServed, "2021", 1)
		b.counts(employment.Intentions, "2020", 0)
		b.counts(employment.Intentions, "2021", 1)
		b.counts(employment.Placements, "2021", 1)
	})
}

// Two working days from the eve of National Day 2020 end on 10 October, a Saturday
// worked in exchange; a set of parameters that comes into force while the program
// runs holds from its day on.
func TestReviewDays(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		hr, c := b.employer("济南钢花机械有限公司", "370104")
		due := func(title string) string {
			in := goodVacancy()
			in.Title = title
			v, err := b.PostVacancy(hr, c.CityCode, c.ID, in)
			require.NoError(t, err)
			k, err := b.Cases.Get(hr, casework.Ref{City: v.CityCode, ID: v.ID})
			require.NoError(t, err)
			return clock.DayOf(k.DueAt.Add(-time.Second)).String()
		}
		b.clock.Set(time.Date(2020, 9, 30, 2, 0, 0, 0, time.UTC))
		require.Equal(t, "2020-10-10", due("电焊工"))
		later := clock.MakeDay(2020, 10, 12)
		b.set("employment.review_workdays", later, "1")
		b.set("employment.remind_days", later, "3")
		b.set("employment.no_reply_days", later, "5")
		require.Equal(t, "2020-10-10", due("车工"), "not in force yet")
		b.clock.Set(time.Date(2020, 10, 12, 2, 0, 0, 0, time.UTC))
		require.Equal(t, "2020-10-13", due("铣工"))

		in := goodVacancy()
		in.Title = "保安"
		a, err := b.Apply(b.worker("王大力", "370104"), employment.ApplyInput{Number: b.onOffer(hr, c, in).Number})
		require.NoError(t, err)
		k, err := b.Cases.Get(hr, ref(a))
		require.NoError(t, err)
		require.Equal(t, "2020-10-17", clock.DayOf(k.DueAt.Add(-time.Second)).String())

		// The program was off for a month; what fell due meanwhile is done at once, in order.
		b.clock.Advance(30 * day)
		told := b.unread(hr)
		n, err := b.Cases.Tick(t.Context())
		require.NoError(t, err)
		require.Equal(t, 2, n)
		require.Equal(t, told+2, b.unread(hr))
		list, err := b.Notices.List(hr, page.Request{})
		require.NoError(t, err)
		require.True(t, strings.Contains(list.Items[0].Text(i18n.EN)+list.Items[1].Text(i18n.EN), "5 days"))
	})
}
