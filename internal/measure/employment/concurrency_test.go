package employment_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/account"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/org/orgtest"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/employment"
)

// together runs all of do at the same moment and gives their errors.
func together(do ...func() error) []error {
	errs := make([]error, len(do))
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i, f := range do {
		wg.Go(func() {
			<-start
			errs[i] = f()
		})
	}
	close(start)
	wg.Wait()
	return errs
}

// oneWins demands that one of two succeeded and the other was told that somebody
// had been quicker.
func oneWins(t *testing.T, errs []error) (winner int) {
	t.Helper()
	winner = -1
	for i, err := range errs {
		if err == nil {
			require.Equal(t, -1, winner, "both won")
			winner = i
		} else {
			require.True(t, fault.HasCode(err, "casework.moved_on"), "%v", err)
		}
	}
	require.NotEqual(t, -1, winner, "%v", errs)
	return winner
}

func TestTwoClerksDecideTheSameVacancyAtOnce(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		hr, c := b.employer("济南钢花机械有限公司", "370104")
		one, two := b.clerk("one", access.RoleCounty, "370104"), b.clerk("two", access.RoleCounty, "370104")
		for range 5 {
			v, err := b.PostVacancy(hr, c.CityCode, c.ID, goodVacancy())
			require.NoError(t, err)
			told := b.unread(hr)
			decide := func(ctx context.Context, event string) func() error {
				return func() error {
					_, err := b.StepVacancy(ctx, employment.StepInput{City: v.CityCode, ID: v.ID, Event: event, Version: 1, Reason: "薪资与正文不符"})
					return err
				}
			}
			state := []string{"published", "returned"}[oneWins(t, together(decide(one, "publish"), decide(two, "return")))]
			got, err := b.GetVacancy(hr, v.CityCode, v.ID)
			require.NoError(t, err)
			require.Equal(t, state, got.State)
			require.Equal(t, 2, got.Version)
			history, err := b.Cases.History(one, casework.Ref{City: v.CityCode, ID: v.ID})
			require.NoError(t, err)
			require.Len(t, history, 2, "the loser left no trace")
			require.Equal(t, told+1, b.unread(hr))
			_, err = b.StepVacancy(hr, employment.StepInput{City: v.CityCode, ID: v.ID, Event: "close", Version: 2, Reason: "x"})
			require.NoError(t, err)
		}
	})
}

func TestTwoOfACompanyMoveAnApplicationAtOnce(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		hr, c := b.employer("济南钢花机械有限公司", "370104")
		second := b.worker("孙梅", "370104")
		actor, _ := access.From(second)
		_, err := b.Accounts.Grant(hr, account.NewGrant{AccountID: actor.AccountID, Role: "company_hr", CompanyCity: c.CityCode, CompanyID: c.ID})
		require.NoError(t, err)
		second = b.again(second)
		v := b.onOffer(hr, c, goodVacancy())
		worker := b.worker("王大力", "370104")
		a, err := b.Apply(worker, employment.ApplyInput{Number: v.Number})
		require.NoError(t, err)
		move := func(ctx context.Context, event string) func() error {
			return func() error {
				_, err := b.StepApplication(ctx, employment.StepInput{
					City: a.CityCode, ID: a.ID, Event: event, Version: 1, Reason: "已招满", At: monday.Add(48 * time.Hour), Place: "兴福路 1 号",
				})
				return err
			}
		}
		state := []string{"invited", "rejected"}[oneWins(t, together(move(hr, "invite"), move(second, "reject")))]
		a, err = b.GetApplication(worker, a.CityCode, a.ID)
		require.NoError(t, err)
		require.Equal(t, state, a.State)
		require.Equal(t, 1, b.unread(worker), "the worker hears of one decision")

		// A right that is taken away is gone with the next request.
		grants, err := b.Accounts.ListGrants(access.System(t.Context(), "test"), actor.AccountID)
		require.NoError(t, err)
		require.NoError(t, b.Accounts.Revoke(hr, grants[0].ID))
		second = b.again(second)
		_, err = b.GetApplication(second, a.CityCode, a.ID)
		require.True(t, fault.HasCode(err, "employment.no_application"), "%v", err)
		_, err = b.StepApplication(second, employment.StepInput{City: a.CityCode, ID: a.ID, Event: "view", Version: a.Version})
		require.True(t, fault.HasCode(err, "employment.no_application"), "%v", err)
		_, err = b.PostVacancy(second, c.CityCode, c.ID, goodVacancy())
		require.True(t, fault.IsKind(err, fault.Forbidden), "%v", err)
		_, err = b.StepVacancy(second, employment.StepInput{City: v.CityCode, ID: v.ID, Event: "suspend", Version: 2})
		require.True(t, fault.IsKind(err, fault.NotFound), "%v", err)
	})
}

func TestTwentyTapsAreOneApplication(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		hr, c := b.employer("济南钢花机械有限公司", "370104")
		v := b.onOffer(hr, c, goodVacancy())
		told := b.unread(hr)
		worker := b.worker("王大力", "370104")
		ids := make([]string, 20)
		taps := make([]func() error, 20)
		for i := range taps {
			taps[i] = func() error {
				a, err := b.Apply(worker, employment.ApplyInput{Number: v.Number, SharePhone: true})
				ids[i] = a.ID
				return err
			}
		}
		for i, err := range together(taps...) {
			require.NoError(t, err)
			require.Equal(t, ids[0], ids[i])
		}
		mine, err := b.MyApplications(worker, page.Request{})
		require.NoError(t, err)
		require.Len(t, mine.Items, 1)
		require.Equal(t, told+1, b.unread(hr))
		b.counts(employment.WorkersServed, "2020", 1)
		_, err = b.ApplicantPhone(hr, v.CityCode, ids[0])
		require.NoError(t, err)
	})
}

// Two arrivals at the same post are both right: neither is told to come again.
func TestTwoArrivalsAtOnce(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		hr, c := b.employer("济南钢花机械有限公司", "370104")
		v := b.onOffer(hr, c, goodVacancy()) // two places
		var last []func() error
		for _, name := range []string{"王大力", "赵小红"} {
			worker := b.worker(name, "370104")
			a := b.walk(hr, worker, v, "view", "offer", "accept", "confirm")
			last = append(last, func() error {
				_, err := b.StepApplication(worker, employment.StepInput{City: a.CityCode, ID: a.ID, Event: "confirm_own", Version: 5})
				return err
			})
		}
		for _, err := range together(last...) {
			require.NoError(t, err)
		}
		got, err := b.GetVacancy(hr, v.CityCode, v.ID)
		require.NoError(t, err)
		require.Equal(t, 2, got.Filled)
		require.Equal(t, "full", got.State, "the headcount is reached")
		b.counts(employment.Placements, "2020", 2)
		_, err = b.Apply(b.worker("钱三", "370104"), employment.ApplyInput{Number: v.Number})
		require.True(t, fault.HasCode(err, "employment.off_list"), "%v", err)
		got, err = b.StepVacancy(hr, employment.StepInput{City: v.CityCode, ID: v.ID, Event: "reopen", Version: 3})
		require.NoError(t, err)
		require.Equal(t, "published", got.State)
	})
}

func TestBothAnswersToARecommendationAtOnce(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		hr, c := b.employer("济南钢花机械有限公司", "370104")
		clerk := b.clerk("clerk", access.RoleTownship, "370104")
		worker := b.worker("王大力", "")
		answer := func(id string, accept bool) func() error {
			return func() error { _, err := b.AnswerRecommendation(worker, id, accept); return err }
		}
		in := goodVacancy()
		first := b.recommend(clerk, worker, b.onOffer(hr, c, in))
		for _, err := range together(answer(first, true), answer(first, true)) {
			require.NoError(t, err, "the same answer twice changes nothing")
		}
		require.True(t, fault.HasCode(answer(first, false)(), "casework.moved_on"))
		require.NoError(t, answer(first, true)())

		in.Title = "车工"
		second := b.recommend(clerk, worker, b.onOffer(hr, c, in))
		oneWins(t, together(answer(second, true), answer(second, false)))
		b.counts(employment.WorkersServed, "2020", 1)
	})
}
