package employment_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/core/access"
	"gonghui/internal/core/rules"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/measure/employment"
)

// Another number is tried on the records of the last weeks before it takes effect.
func TestANumberIsTriedOnTheRecords(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		hr, c := b.employer("济南钢花机械有限公司", "370104")
		offered := b.onOffer(hr, c, goodVacancy())
		worker := b.worker("王大力", "370104")
		_, err := b.Apply(worker, employment.ApplyInput{Number: offered.Number})
		require.NoError(t, err)
		b.clock.Advance(9 * 24 * time.Hour) // Wednesday of the week after
		in := goodVacancy()
		in.Title, in.Headcount, in.ValidTo = "数控车工", 40, clock.Today(b.clock)+100
		waits, err := b.PostVacancy(hr, c.CityCode, c.ID, in)
		require.NoError(t, err)
		for _, title := range []string{"铣工", "钳工"} {
			in := goodVacancy()
			in.Title = title
			v := b.onOffer(hr, c, in)
			_, err := b.Apply(worker, employment.ApplyInput{Number: v.Number})
			require.NoError(t, err)
		}
		b.clock.Advance(6 * 24 * time.Hour) // Tuesday, four working days later
		require.Equal(t, "submitted", waits.State)

		clerk := b.clerk("province", access.RoleProvince, "37")
		sister := b.clerk("another", access.RoleProvince, "37")
		try := func(key, value string) map[string][2]int64 {
			t.Helper()
			p, err := b.Rules.Propose(clerk, rules.Proposal{
				Key: key, Place: "37", From: clock.Today(b.clock) + 1, Value: value, Citation: "鲁工办发〔2020〕12号", Basis: rules.Fact, Reason: "试算",
			})
			require.NoError(t, err)
			got, err := b.Rules.Try(sister, p.Ref())
			require.NoError(t, err)
			require.Len(t, got, 1)
			out := map[string][2]int64{}
			for _, l := range got[0].Lines {
				out[l.Line] = [2]int64{l.Before, l.After}
				for _, lang := range i18n.Langs {
					require.True(t, i18n.Bundle().Has(lang, "trial."+got[0].Trial+".line."+l.Line), l.Line)
					require.True(t, i18n.Bundle().Has(lang, "trial."+got[0].Trial+".title"))
				}
			}
			return out
		}
		require.Equal(t, map[string][2]int64{"waiting": {1, 1}, "late": {1, 0}}, try("employment.review_workdays", "6"))
		require.Equal(t, map[string][2]int64{"days": {30, 45}, "posted": {4, 4}, "too_long": {0, 0}, "too_many": {0, 0}}, try("employment.valid_days", "45"))
		require.Equal(t, map[string][2]int64{"days": {30, 30}, "posted": {4, 4}, "too_long": {0, 1}, "too_many": {0, 0}}, try("employment.max_valid_days", "90"))
		require.Equal(t, map[string][2]int64{"days": {30, 30}, "posted": {4, 4}, "too_long": {0, 0}, "too_many": {0, 1}}, try("employment.max_headcount", "39"))
		require.Equal(t, map[string][2]int64{"open": {3, 3}, "reminded": {1, 3}, "told": {1, 1}}, try("employment.remind_days", "5"))
		require.Equal(t, map[string][2]int64{"open": {3, 3}, "reminded": {1, 1}, "told": {1, 0}}, try("employment.no_reply_days", "15"))
		require.Equal(t, map[string][2]int64{"sent": {3, 3}, "beyond": {0, 1}}, try("employment.daily_applies", "1"))

		// The numbers are the province's, and so are those who try them.
		city := b.clerk("city", access.RoleCity, "3701")
		_, err = b.Rules.Propose(city, rules.Proposal{
			Key: "employment.valid_days", Place: "3701", From: clock.Today(b.clock) + 1, Value: "45", Citation: "济工发〔2020〕1号", Basis: rules.Fact, Reason: "试算",
		})
		require.True(t, fault.HasCode(err, "rules.level"), "%v", err)
	})
}
