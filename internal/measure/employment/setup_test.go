package employment_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/db"
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
	"gonghui/internal/core/rules"
	"gonghui/internal/core/signal"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/ident"
	"gonghui/internal/measure/employment"
)

// bundle is a whole small house around the room, on a real database.
type bundle struct {
	*employment.Service
	t      testing.TB
	clock  *clock.Fake
	queue  *queue.Queue
	phones int
}

type silent struct{}

func (silent) Send(context.Context, notice.Message) error { return nil }

// monday is a working day with a full working week behind it.
var monday = time.Date(2020, 7, 20, 1, 0, 0, 0, time.UTC)

func setup(t testing.TB, d *db.DB) *bundle {
	t.Helper()
	ctx := t.Context()
	c := clock.NewFake(monday)
	v := vaulttest.New(t)
	log := audit.New(d, c)
	q := queue.New(d, c, telemetry.Quiet())
	require.NoError(t, q.Migrate(ctx))
	require.NoError(t, access.SeedRoles(ctx, d))
	units := org.New(d, c)
	require.NoError(t, units.Seed(ctx))
	people := person.New(person.Deps{DB: d, Vault: v, Clock: c, Org: units, Audit: log})
	companies := company.New(company.Deps{DB: d, Vault: v, Clock: c, Org: units, Audit: log})
	accounts := account.New(account.Deps{
		DB: d, Vault: v, Clock: c, Person: people, Org: units, Roles: access.NewRoles(d, log), Audit: log, SMS: silent{},
	})
	notices := notice.New(notice.Deps{DB: d, Queue: q, Clock: c, Gateway: silent{}, Directory: accounts})
	cases := casework.New(casework.Deps{DB: d, Clock: c, Audit: log})
	book, err := rules.New(rules.Deps{DB: d, Vault: v, Clock: c, Org: units, Cases: cases, Audit: log})
	require.NoError(t, err)
	s, err := employment.New(employment.Deps{
		DB: d, Clock: c, Org: units, People: people, Companies: companies, Accounts: accounts, Notices: notices, Audit: log,
		Cases: cases, Rules: book,
		Figures: figures.New(figures.Deps{DB: d, Clock: c, Org: units}),
		Signals: signal.New(d, q, c),
	})
	require.NoError(t, err)
	require.NoError(t, book.Load(ctx))
	require.NoError(t, s.BuildIndex(ctx))
	return &bundle{Service: s, t: t, clock: c, queue: q}
}

// worker signs a new worker of a county in.
func (b *bundle) worker(name, division string) context.Context {
	b.t.Helper()
	b.phones++
	phone := "1990000" + pad(b.phones)
	a, err := b.Accounts.EnsureWorker(access.System(b.t.Context(), "test"), phone, name, division)
	require.NoError(b.t, err)
	return b.as(a.ID)
}

func pad(n int) string {
	return string([]byte{byte('0' + n/1000%10), byte('0' + n/100%10), byte('0' + n/10%10), byte('0' + n%10)})
}

// as enters with the rights that an account has at this moment.
func (b *bundle) as(accountID string) context.Context {
	b.t.Helper()
	actor, err := b.Accounts.Load(b.t.Context(), accountID)
	require.NoError(b.t, err)
	return access.Enter(b.t.Context(), actor)
}

// again enters anew as the same account: rights are read afresh.
func (b *bundle) again(ctx context.Context) context.Context {
	a, ok := access.From(ctx)
	require.True(b.t, ok)
	return b.as(a.AccountID)
}

// clerk signs staff of a division's unit in.
func (b *bundle) clerk(login, role, division string) context.Context {
	b.t.Helper()
	unit, ok := b.Org.ByDivision(division)
	require.True(b.t, ok)
	system := access.System(b.t.Context(), "test")
	a, err := b.Accounts.CreateStaff(system, account.NewStaff{Login: login, Name: "张明", Password: "six blue lorries"})
	require.NoError(b.t, err)
	_, err = b.Accounts.Grant(system, account.NewGrant{AccountID: a.ID, Role: role, UnitID: unit.ID})
	require.NoError(b.t, err)
	return b.as(a.ID)
}

// employer registers a company of a county and has it verified.
func (b *bundle) employer(name, division string) (context.Context, company.Company) {
	b.t.Helper()
	b.phones++
	hr := b.worker("李华", division)
	code, ok := ident.MakeCreditCode("91370102MA3" + pad(b.phones) + "XY")
	require.True(b.t, ok)
	c, err := b.RegisterEmployer(hr, company.Input{
		CreditCode: code, Name: name, DivisionCode: division, ContactName: "李华", ContactPhone: "19900009999",
	})
	require.NoError(b.t, err)
	_, err = b.DecideEmployer(access.System(b.t.Context(), "test"), employment.StepInput{City: c.CityCode, ID: c.ID, Event: "accept", Version: 1})
	require.NoError(b.t, err)
	return b.again(hr), c
}

func goodVacancy() employment.VacancyInput {
	return employment.VacancyInput{
		Title: "电焊工", Headcount: 2, DivisionCode: "370104", PlaceDetail: "兴福街道", Pay: "6000-8000元/月", Hours: "day",
		Insurance: "five", Dormitory: true, Content: "焊接钢结构件,会看图纸,持证优先。", Form: "direct",
	}
}

// onOffer posts a vacancy and has the county publish it.
func (b *bundle) onOffer(hr context.Context, c company.Company, in employment.VacancyInput) employment.Vacancy {
	b.t.Helper()
	v, err := b.PostVacancy(hr, c.CityCode, c.ID, in)
	require.NoError(b.t, err)
	v, err = b.StepVacancy(access.System(b.t.Context(), "test"), employment.StepInput{City: v.CityCode, ID: v.ID, Event: "publish", Version: 1})
	require.NoError(b.t, err)
	return v
}

func ref(a employment.Application) casework.Ref { return casework.Ref{City: a.CityCode, ID: a.ID} }

// unread counts the new notices of an actor.
func (b *bundle) unread(ctx context.Context) int {
	b.t.Helper()
	n, err := b.Notices.UnreadCount(ctx)
	require.NoError(b.t, err)
	return n
}

// counts demands a number in the province, and that records and rollups agree.
func (b *bundle) counts(indicator, period string, want int64) {
	b.t.Helper()
	house := access.System(b.t.Context(), "test")
	root, ok := b.Org.ByPath(access.Root)
	require.True(b.t, ok)
	p, err := b.Figures.Progress(house, indicator, period, root)
	require.NoError(b.t, err)
	require.Equal(b.t, want, p.Done, "%s %s", indicator, period)
	diff, err := b.Figures.Recount(house, indicator, period)
	require.NoError(b.t, err)
	require.True(b.t, diff.Clean(), "%s %s: %+v", indicator, period, diff)
}

// walk applies and takes steps, each on the side whose step it is.
func (b *bundle) walk(hr, worker context.Context, v employment.Vacancy, events ...string) employment.Application {
	b.t.Helper()
	a, err := b.Apply(worker, employment.ApplyInput{Number: v.Number})
	require.NoError(b.t, err)
	for _, e := range events {
		side := hr
		switch e {
		case "accept", "decline", "confirm_own", "withdraw":
			side = worker
		}
		k, err := b.Cases.Get(side, ref(a))
		require.NoError(b.t, err)
		a, err = b.StepApplication(side, employment.StepInput{
			City: a.CityCode, ID: a.ID, Event: e, Version: k.Version, Reason: "已招满", At: b.clock.Now().Add(time.Hour), Place: "兴福路 1 号",
		})
		require.NoError(b.t, err, e)
	}
	return a
}

// recommend recommends a vacancy to a worker and gives the record's id.
func (b *bundle) recommend(clerk, worker context.Context, v employment.Vacancy) string {
	b.t.Helper()
	r, err := b.RecordService(clerk, b.unitOf(clerk), employment.ServiceInput{
		Kind: employment.Recommendation, Phone: b.phoneOf(worker), Name: "王大力", Vacancy: v.Number,
	})
	require.NoError(b.t, err)
	return r.ID
}

func (b *bundle) unitOf(clerk context.Context) string {
	a, _ := access.From(clerk)
	return a.Grants[0].UnitID
}

func (b *bundle) phoneOf(worker context.Context) string {
	b.t.Helper()
	a, _ := access.From(worker)
	phone, err := b.People.RevealPhone(access.System(b.t.Context(), "test"), a.Person.City, a.Person.ID, "test")
	require.NoError(b.t, err)
	return phone
}

// set brings a value of a parameter into force the way people do: one clerk of
// the province writes it, another approves.
func (b *bundle) set(key string, from clock.Day, value string) {
	b.t.Helper()
	b.phones++
	one, two := b.clerk("writer"+pad(b.phones), access.RoleProvince, "37"), b.clerk("second"+pad(b.phones), access.RoleProvince, "37")
	c, err := b.Rules.Propose(one, rules.Proposal{
		Key: key, Place: "37", From: from, Value: value, Citation: "鲁工办发〔2020〕11号", Basis: rules.Fact, Reason: "试点后调整",
	})
	require.NoError(b.t, err)
	_, err = b.Rules.Submit(one, c.Ref(), 1)
	require.NoError(b.t, err)
	_, err = b.Rules.Approve(two, rules.Approval{Ref: c.Ref(), Version: 2})
	require.NoError(b.t, err)
}
