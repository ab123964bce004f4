package employment_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/org/orgtest"
	"gonghui/internal/measure/employment"
)

// counter counts statements and the rows they gave.
type counter struct{ n, rows int }

func (c *counter) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

func (c *counter) AfterQuery(_ context.Context, e *bun.QueryEvent) {
	c.n++
	if e.Result != nil {
		if n, err := e.Result.RowsAffected(); err == nil {
			c.rows += int(n)
		}
	}
}

// on counts from now on, in and outside transactions.
func (c *counter) on(d *db.DB) {
	for _, h := range []bun.IDB{d.Reader(context.Background()), d.Writer(context.Background())} {
		if h, ok := h.(*bun.DB); ok {
			*h = *h.WithQueryHook(c)
		}
	}
}

// Each use case has a ceiling of statements: a read that creeps in is seen here.
func TestStatements(t *testing.T) {
	b := setup(t, orgtest.SQLite(t))
	hr, c := b.employer("济南钢花机械有限公司", "370104")
	clerk := b.clerk("county", "county_clerk", "370104")
	worker := b.worker("王大力", "370104")
	var count counter
	count.on(b.DB)
	measure := func(name string, most int, f func() error) {
		t.Helper()
		count.n = 0
		require.NoError(t, f(), name)
		t.Logf("%-10s %d statements", name, count.n)
		require.LessOrEqual(t, count.n, most, name)
	}
	var v employment.Vacancy
	measure("post", 10, func() (err error) { v, err = b.PostVacancy(hr, c.CityCode, c.ID, goodVacancy()); return err })
	measure("publish", 13, func() (err error) {
		v, err = b.StepVacancy(clerk, employment.StepInput{City: v.CityCode, ID: v.ID, Event: "publish", Version: 1})
		return err
	})
	var a employment.Application
	measure("apply", 18, func() (err error) { a, err = b.Apply(worker, employment.ApplyInput{Number: v.Number}); return err })
	for _, s := range []struct {
		event string
		most  int
	}{{"view", 10}, {"offer", 15}, {"accept", 15}, {"confirm", 12}, {"confirm_own", 18}} {
		side := hr
		if s.event == "accept" || s.event == "confirm_own" {
			side = worker
		}
		measure(s.event, s.most, func() (err error) {
			a, err = b.StepApplication(side, employment.StepInput{City: a.CityCode, ID: a.ID, Event: s.event, Version: casework.AnyVersion})
			return err
		})
	}
}
