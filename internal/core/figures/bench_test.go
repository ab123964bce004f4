package figures_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/core/figures"
	"gonghui/internal/core/org/orgtest"
	"gonghui/internal/kit/clock"
)

// BenchmarkCockpit prints what one cockpit page costs (progress, places below,
// trend and forecast) over the rollups that 20 million facts leave in a year: one
// for each day, at each of the units, down to the townships.
func BenchmarkCockpit(b *testing.B) {
	for _, dialect := range []string{db.SQLite, db.Postgres} {
		b.Run(dialect, func(b *testing.B) {
			ctx := context.Background()
			d, err := db.Open(ctx, db.Config{URL: orgtest.URL(b, dialect)})
			require.NoError(b, err)
			b.Cleanup(func() { _ = d.Close() })
			f := setup(b, d)
			year(b, d)
			f.clock.Set(clock.MakeDay(2020, 12, 20).Start())
			for _, division := range []string{"37", "3701", "370102"} {
				unit := f.unit(b, division)
				b.Run(fmt.Sprint(unit.Kind), func(b *testing.B) {
					var times []time.Duration
					for b.Loop() {
						start := clock.System().Now()
						_, err := f.ByChild(sys(b), served, "2020", unit)
						require.NoError(b, err)
						_, err = f.Trend(sys(b), served, "2020", unit, figures.ByWeek)
						require.NoError(b, err)
						_, err = f.Forecast(sys(b), served, "2020", unit)
						require.NoError(b, err)
						times = append(times, clock.System().Now().Sub(start))
					}
					slices.Sort(times)
					b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms")
				})
			}
		})
	}
}

// year writes a rollup for every unit and day: 730,000 rows for 20 million facts.
func year(b *testing.B, d *db.DB) {
	b.Helper()
	ctx := context.Background()
	require.NoError(b, d.InTx(ctx, func(ctx context.Context) error {
		var days string
		for day := range 365 {
			days += fmt.Sprintf(",('%s')", clock.MakeDay(2020, 1, 1).Add(day))
		}
		_, err := d.Writer(ctx).NewRaw(`WITH days (on_day) AS (VALUES ` + days[1:] + `)
			INSERT INTO figure_rollups (city_code, indicator, period, org_path, on_day, quantity, facts)
			SELECT city_code, 'test.served', '2020', path, on_day, 30, 30 FROM org_units CROSS JOIN days
			UNION ALL -- the province has one for the people of each city
			SELECT city_code, 'test.served', '2020', '0001', on_day, 30, 30 FROM org_units CROSS JOIN days WHERE kind = 'city'`).Exec(ctx)
		return err
	}))
	_, err := d.Writer(ctx).NewRaw("ANALYZE").Exec(ctx)
	require.NoError(b, err)
}
