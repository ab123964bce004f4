package e2e_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/app"
	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/base/queue"
	"gonghui/internal/core/access"
	"gonghui/internal/core/account"
	"gonghui/internal/core/company"
	"gonghui/internal/core/figures"
	"gonghui/internal/core/notice"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/ident"
	"gonghui/internal/measure/employment"
)

// Where the journeys take place: 济南市槐荫区, and a sister county.
const (
	county = "370104"
	city   = "370100"
	sister = "370103"
	target = 300_000
)

const password = "six blue lorries"

// house is the opened program on one database.
type house struct {
	t      testing.TB
	app    *app.App
	clock  *clock.Fake
	base   string
	served int64 // workers counted so far in this house
	phones int
}

// onBoth runs a test in a house on each database. The houses stand side by side.
func onBoth(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	for _, dialect := range []string{db.SQLite, db.Postgres} {
		t.Run(dialect, func(t *testing.T) {
			address := dbtest.URL(t, dialect)
			t.Parallel()
			test(t, open(t, address))
		})
	}
}

// open sets a house up: queue at work, search built, targets set.
func open(t *testing.T, address string) *house {
	t.Helper()
	ctx := t.Context()
	// The house begins a month ago: it can be moved on by weeks and is still
	// not ahead of the browser, which keeps cookies by the machine's clock.
	h := &house{t: t, clock: clock.NewFake(clock.System().Now().AddDate(0, 0, -30))}
	config, err := app.LoadConfig(t.TempDir(), func(name string) string {
		return map[string]string{app.EnvPrefix + "DATABASE": address, app.EnvPrefix + "MAX_CONNS": "8"}[name]
	})
	require.NoError(t, err)
	h.app, err = app.Open(ctx, config, app.Options{Clock: h.clock, Create: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.app.Close()) })
	require.NoError(t, h.app.Employment.BuildIndex(ctx))
	require.NoError(t, h.app.Queue.Start(ctx))
	t.Cleanup(func() {
		end, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		require.NoError(t, h.app.Queue.Stop(end))
	})
	server := httptest.NewServer(h.app.Handler(true))
	t.Cleanup(server.Close)
	h.base = server.URL
	h.promise()
	return h
}

func (h *house) system() context.Context { return access.System(h.t.Context(), "e2e") }

// promise sets the province's target and hands it down.
func (h *house) promise() {
	var all []figures.Target
	period := figures.PeriodOf(clock.Today(h.clock))
	for code, n := range map[string]int64{"370000": target, city: 30_000, county: 3_000} {
		unit, ok := h.app.Org.ByDivision(code)
		require.True(h.t, ok, code)
		all = append(all, figures.Target{Indicator: employment.WorkersServed, Period: period, UnitID: unit.ID, Target: n})
	}
	require.NoError(h.t, h.app.Figures.SetTargets(h.system(), all))
}

// staff makes a staff account with a role at the unit of a division.
func (h *house) staff(login, role, division string) {
	h.t.Helper()
	unit, ok := h.app.Org.ByDivision(division)
	require.True(h.t, ok, division)
	a, err := h.app.Accounts.CreateStaff(h.system(), account.NewStaff{Login: login, Name: "张明", Password: password})
	require.NoError(h.t, err)
	_, err = h.app.Accounts.Grant(h.system(), account.NewGrant{AccountID: a.ID, Role: role, UnitID: unit.ID})
	require.NoError(h.t, err)
}

// phone gives a number nobody has; the first digits are of no operator.
func (h *house) phone() string {
	h.phones++
	return fmt.Sprintf("1990000%04d", h.phones)
}

func creditCode(n int) string {
	code, _ := ident.MakeCreditCode(fmt.Sprintf("91370104MA3E%04dX", n))
	return code
}

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

// code reads the newest code for a number out of the outbox.
func (h *house) code(phone string) string {
	h.t.Helper()
	sent, err := notice.ReadOutbox(h.app.Config.DataDir)
	require.NoError(h.t, err)
	code := ""
	for _, s := range sent {
		if s.To == phone && sixDigits.MatchString(s.Text) {
			code = sixDigits.FindString(s.Text)
		}
	}
	require.NotEmpty(h.t, code, "no code in the outbox")
	return code
}

// texted waits until a text message that holds a word has gone to a number: it
// goes by the queue, a moment after the page.
func (h *house) texted(phone, word string) {
	h.t.Helper()
	require.Eventually(h.t, func() bool {
		sent, err := notice.ReadOutbox(h.app.Config.DataDir)
		return err == nil && slices.ContainsFunc(sent, func(s notice.Sent) bool { return s.To == phone && strings.Contains(s.Text, word) })
	}, 10*time.Second, 20*time.Millisecond, "no text message with %s", word)
}

// tick has the queue do the clockwork that is due and waits for it.
func (h *house) tick() {
	h.t.Helper()
	require.NoError(h.t, h.app.Queue.Add(h.system(), "casework.tick", nil, queue.Opts{}))
	require.Eventually(h.t, func() bool {
		d, err := h.app.Queue.Depth(h.system())
		return err == nil && d.Waiting+d.Running == 0
	}, 10*time.Second, 20*time.Millisecond)
}

// employer puts a verified company of a county into the house, by the services,
// for journeys that are about something else.
func (h *house) employer(name, division string) (context.Context, company.Company) {
	h.t.Helper()
	a, err := h.app.Accounts.EnsureWorker(h.system(), h.phone(), "李华", division)
	require.NoError(h.t, err)
	c, err := h.app.Employment.RegisterEmployer(h.as(a.ID), company.Input{
		CreditCode: creditCode(h.phones), Name: name, DivisionCode: division, ContactName: "李华", ContactPhone: "19900009999",
	})
	require.NoError(h.t, err)
	_, err = h.app.Employment.DecideEmployer(h.system(), employment.StepInput{City: c.CityCode, ID: c.ID, Event: "accept", Version: 1})
	require.NoError(h.t, err)
	return h.as(a.ID), c
}

// as enters with the rights that an account has at this moment.
func (h *house) as(accountID string) context.Context {
	h.t.Helper()
	actor, err := h.app.Accounts.Load(h.t.Context(), accountID)
	require.NoError(h.t, err)
	return access.Enter(h.t.Context(), actor)
}

// draft is a vacancy that nobody can object to.
func draft(title string) employment.VacancyInput {
	return employment.VacancyInput{
		Title: title, Headcount: 3, DivisionCode: county, Pay: "6000-8000元/月", Hours: "day", Insurance: "five", Dormitory: true,
		Content: "焊接钢结构件,会看图纸,持证优先。包住宿,每月休四天。", Form: "direct",
	}
}

// onOffer puts a published vacancy into the house.
func (h *house) onOffer(hr context.Context, c company.Company, title string) employment.Vacancy {
	h.t.Helper()
	v, err := h.app.Employment.PostVacancy(hr, c.CityCode, c.ID, draft(title))
	require.NoError(h.t, err)
	v, err = h.app.Employment.StepVacancy(h.system(), employment.StepInput{City: v.CityCode, ID: v.ID, Event: "publish", Version: 1})
	require.NoError(h.t, err)
	return v
}
