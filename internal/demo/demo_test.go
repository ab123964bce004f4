package demo_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/base/queue"
	"gonghui/internal/base/telemetry"
	"gonghui/internal/base/vault/vaulttest"
	"gonghui/internal/core/access"
	"gonghui/internal/core/account"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/core/figures"
	"gonghui/internal/core/notice"
	"gonghui/internal/core/org"
	"gonghui/internal/core/person"
	"gonghui/internal/core/signal"
	"gonghui/internal/demo"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/measure/employment"
)

// silent is a gateway that takes everything.
type silent struct{}

func (silent) Send(context.Context, notice.Message) error { return nil }

type house struct {
	demo.Deps
	Audit   *audit.Log
	Notices *notice.Service
}

func open(t testing.TB, d *db.DB) house {
	t.Helper()
	ctx := context.Background()
	now := time.Date(2026, 7, 22, 6, 30, 0, 0, time.UTC)
	c := clock.NewFake(now)
	v := vaulttest.New(t)
	log := audit.New(d, c)
	q := queue.New(d, c, telemetry.Quiet())
	require.NoError(t, q.Migrate(ctx))
	require.NoError(t, access.SeedRoles(ctx, d))
	o := org.New(d, c)
	require.NoError(t, o.Seed(ctx))
	require.NoError(t, o.Load(ctx))
	people := person.New(person.Deps{DB: d, Vault: v, Clock: c, Org: o, Audit: log})
	companies := company.New(company.Deps{DB: d, Vault: v, Clock: c, Org: o, Audit: log})
	accounts := account.New(account.Deps{
		DB: d, Vault: v, Clock: c, Person: people, Org: o, Roles: access.NewRoles(d, log), Audit: log, SMS: silent{},
	})
	notices := notice.New(notice.Deps{DB: d, Queue: q, Clock: c, Gateway: silent{}, Directory: accounts})
	cases := casework.New(casework.Deps{DB: d, Clock: c, Audit: log})
	figs := figures.New(figures.Deps{DB: d, Clock: c, Org: o})
	room, err := employment.New(employment.Deps{
		DB: d, Clock: c, Org: o, People: people, Companies: companies, Accounts: accounts, Cases: cases, Figures: figs,
		Notices: notices, Signals: signal.New(d, q, c), Audit: log,
	})
	require.NoError(t, err)
	return house{
		Deps: demo.Deps{
			DB: d, Clock: c, Org: o, People: people, Companies: companies, Accounts: accounts, Cases: cases, Figures: figs, Employment: room,
		},
		Audit: log, Notices: notices,
	}
}

func TestBuild(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		began := time.Now()
		s, err := demo.Build(context.Background(), h.Deps, demo.Options{Seed: 1})
		require.NoError(t, err)
		t.Logf("%s: %d people, %d companies, %d vacancies, %d applications, %d services in %v",
			d.Dialect, s.People, s.Companies, s.Vacancies, s.Applications, s.Services, time.Since(began))
	})
}

var _ = sha256.New
var _ = hex.EncodeToString
var _ = fmt.Sprint
var _ = os.Getenv
var _ = fault.Invalid
