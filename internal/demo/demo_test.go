package demo_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/blob"
	"gonghui/internal/base/db"
	"gonghui/internal/base/queue"
	"gonghui/internal/base/telemetry"
	"gonghui/internal/base/vault/vaulttest"
	"gonghui/internal/core/access"
	"gonghui/internal/core/account"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/core/figures"
	"gonghui/internal/core/ledger"
	"gonghui/internal/core/notice"
	"gonghui/internal/core/org"
	"gonghui/internal/core/org/orgtest"
	"gonghui/internal/core/person"
	"gonghui/internal/core/rules"
	"gonghui/internal/core/signal"
	"gonghui/internal/demo"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/dues"
	"gonghui/internal/measure/employment"
)

// phones keeps the last message to each number, as the outbox does.
type phones map[string]string

func (p phones) Send(_ context.Context, m notice.Message) error {
	p[m.To] = m.Text
	return nil
}

type house struct {
	demo.Deps
	Audit   *audit.Log
	Notices *notice.Service
	Phones  phones
}

// present is the moment at which the test houses are built: a Wednesday afternoon.
var present = time.Date(2026, 7, 22, 6, 30, 0, 0, time.UTC)

func open(t testing.TB, d *db.DB) house {
	t.Helper()
	ctx := context.Background()
	c := clock.NewFake(present)
	v := vaulttest.New(t)
	log := audit.New(d, c)
	q := queue.New(d, c, telemetry.Quiet())
	require.NoError(t, q.Migrate(ctx))
	require.NoError(t, access.SeedRoles(ctx, d))
	o := org.New(d, c)
	require.NoError(t, o.Seed(ctx))
	require.NoError(t, o.Load(ctx))
	sms := phones{}
	files, err := blob.Open(t.TempDir())
	require.NoError(t, err)
	people := person.New(person.Deps{DB: d, Vault: v, Clock: c, Org: o, Audit: log})
	companies := company.New(company.Deps{DB: d, Vault: v, Clock: c, Org: o, Audit: log})
	accounts := account.New(account.Deps{
		DB: d, Vault: v, Clock: c, Person: people, Org: o, Roles: access.NewRoles(d, log), Audit: log, SMS: sms,
	})
	notices := notice.New(notice.Deps{DB: d, Queue: q, Clock: c, Gateway: sms, Directory: accounts})
	cases := casework.New(casework.Deps{DB: d, Clock: c, Audit: log})
	book, err := rules.New(rules.Deps{DB: d, Vault: v, Clock: c, Org: o, Cases: cases, Audit: log})
	require.NoError(t, err)
	signals := signal.New(d, q, c)
	figs := figures.New(figures.Deps{DB: d, Clock: c, Org: o})
	room, err := employment.New(employment.Deps{
		DB: d, Clock: c, Org: o, People: people, Companies: companies, Accounts: accounts, Cases: cases, Figures: figs,
		Notices: notices, Signals: signals, Audit: log, Queue: q, Blobs: files,
		Rules: book,
	})
	require.NoError(t, err)
	books, err := ledger.New(ledger.Deps{DB: d, Clock: c, Audit: log, Org: o, Signals: signals})
	require.NoError(t, err)
	collection, err := dues.New(dues.Deps{
		DB: d, Vault: v, Clock: c, Org: o, Companies: companies, Cases: cases, Ledger: books, Figures: figs, Notices: notices,
		Signals: signals, Audit: log, Rules: book, Queue: q, Blobs: files,
	})
	require.NoError(t, err)
	require.NoError(t, book.Load(t.Context()))
	return house{
		Deps: demo.Deps{
			DB: d, Clock: c, Org: o, People: people, Companies: companies, Accounts: accounts, Cases: cases, Figures: figs, Rules: book, Employment: room,
			Dues: collection,
		},
		Audit: log, Notices: notices, Phones: sms,
	}
}

func TestBuild(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		ctx := context.Background()
		began := time.Now()
		last := 0
		s, err := demo.Build(ctx, h.Deps, demo.Options{Seed: 1, Progress: func(done, total int, what string) {
			require.GreaterOrEqual(t, done, last)
			require.LessOrEqual(t, done, total)
			last = done
		}})
		require.NoError(t, err)
		t.Logf("%s: %d people, %d companies, %d vacancies, %d applications, %d services in %v",
			d.Dialect, s.People, s.Companies, s.Vacancies, s.Applications, s.Services, time.Since(began))
		require.Equal(t, present, h.Clock.Now(), "the clock is back at the present")

		again, ok, err := demo.Built(ctx, d)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, s, again)
		second, err := demo.Build(ctx, h.Deps, demo.Options{Seed: 2})
		require.NoError(t, err)
		require.Equal(t, s, second, "a house is built once")

		t.Run("numbers", func(t *testing.T) { numbers(t, d, s) })
		t.Run("states", func(t *testing.T) { states(t, h) })
		t.Run("time", func(t *testing.T) { inTime(t, d) })
		t.Run("figures", func(t *testing.T) { figuresAgree(t, h) })
		t.Run("logins", func(t *testing.T) { logins(t, h, s) })
		t.Run("dues", func(t *testing.T) { duesStory(t, h) })
		t.Run("refunds", func(t *testing.T) { refundStory(t, h) })
		t.Run("search", func(t *testing.T) {
			require.NoError(t, h.Employment.BuildIndex(ctx))
			r, err := h.Employment.VerifySearch(ctx)
			require.NoError(t, err)
			require.True(t, r.OK())
			require.Greater(t, r.Store, 2400)
		})
		t.Run("audit", func(t *testing.T) {
			_, err := h.Audit.Seal(access.System(ctx, "test"))
			require.NoError(t, err)
			_, err = h.Audit.Verify(access.System(ctx, "test"))
			require.NoError(t, err)
		})
	})
}

func count(t testing.TB, d *db.DB, query string, args ...any) int {
	t.Helper()
	var n int
	require.NoError(t, d.Pool().QueryRowContext(context.Background(), query, args...).Scan(&n))
	return n
}

func numbers(t *testing.T, d *db.DB, s demo.Summary) {
	require.Equal(t, 2000, s.People)
	require.Equal(t, 300, s.Companies)
	require.Equal(t, 3000, s.Vacancies)
	require.InDelta(t, 760, s.Applications, 60)
	require.Equal(t, s.Vacancies, count(t, d, "SELECT count(*) FROM vacancies"))
	require.Equal(t, s.Applications, count(t, d, "SELECT count(*) FROM applications"))
	require.Equal(t, s.Companies, count(t, d, "SELECT count(*) FROM companies"))
	// People who act for companies are people too.
	require.GreaterOrEqual(t, count(t, d, "SELECT count(*) FROM persons"), s.People)
	require.Equal(t, 16, count(t, d, "SELECT count(DISTINCT city_code) FROM vacancies"))
	require.Equal(t, 16, count(t, d, "SELECT count(DISTINCT city_code) FROM persons"))
	require.Zero(t, count(t, d, "SELECT count(*) FROM persons WHERE resident_mask <> '' OR birth_on <> ''"), "nobody real")
	require.Greater(t, count(t, d, "SELECT count(DISTINCT occupation_code) FROM vacancies"), 70)
	require.Greater(t, count(t, d, "SELECT count(DISTINCT title) FROM vacancies"), 250)
	require.Greater(t, count(t, d, "SELECT count(DISTINCT content) FROM vacancies"), 2700)
	require.Greater(t, count(t, d, "SELECT count(*) FROM vacancies WHERE link <> ''"), 1500)
	require.Zero(t, count(t, d, "SELECT count(*) FROM vacancies WHERE lon = 0 AND length(division_code) = 9 AND substr(division_code, 5, 1) <> '7'"))
	require.Positive(t, count(t, d, "SELECT count(*) FROM companies WHERE union_unit_id <> ''"))
	require.Positive(t, count(t, d, "SELECT count(*) FROM companies WHERE union_unit_id = '' AND state = 'verified'"))
}

// states asks that every state of every flow, and what is overdue, can be seen.
func states(t *testing.T, h house) {
	for _, f := range h.Cases.Flows() {
		if strings.HasPrefix(f.Name, "dues.") {
			continue // no list is returned, so none is sent again or lapses: see refundStory
		}
		for _, s := range f.States {
			if f.Name == employment.FlowVacancy && s.Name == "published" {
				continue // mostly imports without a case; asked for below
			}
			n := count(t, h.DB, "SELECT count(*) FROM cases WHERE kind = '"+f.Name+"' AND state = '"+s.Name+"'")
			require.Positive(t, n, "%s %s", f.Name, s.Name)
		}
		for _, e := range f.Events() {
			n := count(t, h.DB, "SELECT count(*) FROM case_events AS e JOIN cases AS c ON c.city_code = e.city_code AND c.id = e.case_id WHERE c.kind = '"+f.Name+"' AND e.event = '"+e+"'")
			require.Positive(t, n, "%s %s", f.Name, e)
		}
	}
	for _, s := range []string{"submitted", "returned", "published", "paused", "full", "expired", "closed", "taken_down"} {
		require.Positive(t, count(t, h.DB, "SELECT count(*) FROM vacancies WHERE state = '"+s+"'"), s)
	}
	for _, s := range []string{"offered", "accepted", "declined", "done"} {
		require.Positive(t, count(t, h.DB, "SELECT count(*) FROM employment_services WHERE state = '"+s+"'"), s)
	}
	require.Zero(t, count(t, h.DB, "SELECT count(*) FROM case_events WHERE actor_name LIKE 'demo%'"), "nobody is called after the demonstration")
	sms := count(t, h.DB, "SELECT count(*) FROM deliveries")
	require.Positive(t, sms)
	require.Less(t, sms, 20, "only the logins are written to by SMS")
	ready := "SELECT count(*) FROM batches WHERE state = 'ready' AND failed = 3"
	require.Equal(t, 1, count(t, h.DB, ready), "a file waits for the clerk's word")
	require.Equal(t, 1, count(t, h.DB, "SELECT count(*) FROM batches WHERE state = 'done' AND failed = 3 AND collapsed = 1 AND imported = 40"))
	home, _ := h.Org.ByDivision("370102")
	from, to := db.Subtree(home.Path)
	var late, waits int
	require.NoError(t, h.DB.Reader(context.Background()).NewSelect().Table("cases").ColumnExpr("count(*)").
		Where("waiting_for = 'desk' AND org_path >= ? AND org_path < ? AND due_at < ?", from, to, present).Scan(context.Background(), &late))
	require.NoError(t, h.DB.Reader(context.Background()).NewSelect().Table("cases").ColumnExpr("count(*)").
		Where("waiting_for = 'desk' AND org_path >= ? AND org_path < ?", from, to).Scan(context.Background(), &waits))
	require.GreaterOrEqual(t, late, 2, "something is overdue at the county of the login")
	require.Greater(t, waits, late)
}

// inTime asks that histories make sense: nothing before what it follows, nothing
// after the present, no application before its vacancy was there.
func inTime(t *testing.T, d *db.DB) {
	require.Zero(t, count(t, d, `SELECT count(*) FROM case_events AS a JOIN case_events AS b
		ON b.city_code = a.city_code AND b.case_id = a.case_id AND b.seq = a.seq + 1 WHERE b.at < a.at`))
	require.Zero(t, count(t, d, `SELECT count(*) FROM applications AS a JOIN vacancies AS v ON v.city_code = a.city_code AND v.id = a.vacancy_id
		WHERE a.created_at < v.created_at`))
	var late int
	require.NoError(t, d.Reader(context.Background()).NewSelect().Table("case_events").ColumnExpr("count(*)").
		Where("at > ?", clock.DayOf(present).Start()).Scan(context.Background(), &late))
	require.Zero(t, late, "the story ends when today begins")
	require.Zero(t, count(t, d, "SELECT count(*) FROM deadlines WHERE fired_at IS NOT NULL AND fired_at < due_at"))
}

func figuresAgree(t *testing.T, h house) {
	ctx := access.System(context.Background(), "test")
	period := figures.PeriodOf(clock.DayOf(present))
	for _, i := range h.Figures.Indicators() {
		d, err := h.Figures.Recount(ctx, i.Key, period)
		require.NoError(t, err)
		require.True(t, d.Clean(), "%s: %+v", i.Key, d)
		require.Positive(t, d.Facts, i.Key)
	}
	root, _ := h.Org.Root()
	f, err := h.Figures.Progress(ctx, employment.WorkersServed, period, root)
	require.NoError(t, err)
	require.EqualValues(t, 1_000, f.Target)
	require.Positive(t, f.Done)
	require.Equal(t, 1_000, count(t, h.DB, "SELECT sum(target) FROM figure_targets WHERE length(org_path) = 8"))
	require.Equal(t, 1_000, count(t, h.DB, "SELECT sum(target) FROM figure_targets WHERE length(org_path) = 12"))
	require.Greater(t, count(t, h.DB, "SELECT count(DISTINCT on_day) FROM figure_facts"), 40, "spread over weeks")
}

// logins asks that each login works and finds something.
func logins(t *testing.T, h house, s demo.Summary) {
	ctx := context.Background()
	roles := map[string]bool{}
	for _, l := range s.Logins {
		roles[l.Role] = true
		var actor access.Actor
		var err error
		if l.Phone != "" {
			require.NoError(t, h.Accounts.RequestCode(ctx, l.Phone, ""))
			text := h.Phones[l.Phone]
			i := strings.IndexAny(text, "0123456789")
			a, err := h.Accounts.SignInWithCode(ctx, l.Phone, text[i:i+6])
			require.NoError(t, err, l.Role)
			actor, err = h.Accounts.Load(ctx, a.ID)
			require.NoError(t, err)
			unread, err := h.Notices.UnreadCount(access.Enter(ctx, actor))
			require.NoError(t, err)
			if l.Role != "company_waiting" {
				require.Positive(t, unread, l.Role)
			}
		} else {
			a, err := h.Accounts.SignInStaff(ctx, l.User, l.Password, "", "")
			require.NoError(t, err, l.Role)
			actor, err = h.Accounts.Load(ctx, a.ID)
			require.NoError(t, err)
			require.NotEmpty(t, actor.Units(), l.Role)
		}
		require.NoError(t, err)
		in := access.Enter(ctx, actor)
		switch l.Role {
		case "worker":
			p, err := h.Employment.MyApplications(in, page.Request{Limit: 50})
			require.NoError(t, err)
			seen := map[string]bool{}
			for _, a := range p.Items {
				seen[a.State] = true
			}
			require.GreaterOrEqual(t, len(seen), 6, "%v", seen)
			r, err := h.Employment.MyRecommendations(in)
			require.NoError(t, err)
			require.NotEmpty(t, r)
		case "company":
			byState, err := h.Employment.Applicants(in, actor.Companies()[0].CompanyID)
			require.NoError(t, err)
			require.Positive(t, byState["delivered"], "%v", byState)
			ownDues(t, h, actor)
		case "company_waiting":
			c, err := h.Companies.Get(in, actor.Companies()[0].CompanyCity, actor.Companies()[0].CompanyID)
			require.NoError(t, err)
			require.Equal(t, company.StateSubmitted, c.State)
		}
	}
	for _, want := range []string{"worker", "company", "company_waiting", "township", "county", "county_second", "city", "province", "leader", "admin", "tax"} {
		require.True(t, roles[want], want)
	}
}

// digest is a picture of what people see, without ids and random numbers.
func digest(t testing.TB, d *db.DB) string {
	t.Helper()
	h := sha256.New()
	for _, q := range []string{
		"SELECT name, division_code, education, groups, phone_mask, org_path FROM persons ORDER BY phone_mask, name, division_code, org_path",
		"SELECT name, credit_code, industry_code, division_code, state, CASE WHEN union_unit_id = '' THEN 'none' ELSE 'union' END FROM companies ORDER BY credit_code",
		"SELECT title, company_name, division_code, pay_min_fen, pay_max_fen, headcount, filled, valid_to, state, content, link FROM vacancies ORDER BY title, company_name, division_code, content, pay_min_fen",
		"SELECT a.name, v.title, v.company_name, a.state, a.message, a.outcome_note, a.company_arrived_on FROM applications AS a JOIN vacancies AS v ON v.city_code = a.city_code AND v.id = a.vacancy_id ORDER BY 1, 2, 3, 4, 5",
		"SELECT e.kind, e.state, e.on_day, e.note, p.name FROM employment_services AS e JOIN persons AS p ON p.city_code = e.city_code AND p.id = e.person_id ORDER BY 1, 2, 3, 4, 5",
		"SELECT kind, state, count(*) FROM cases GROUP BY kind, state ORDER BY kind, state",
		"SELECT indicator, org_path, on_day, quantity FROM figure_rollups ORDER BY indicator, org_path, on_day, city_code, quantity",
		"SELECT login, name FROM accounts WHERE login <> '' ORDER BY login",
	} {
		rows, err := d.Pool().QueryContext(context.Background(), q)
		require.NoError(t, err)
		columns, err := rows.Columns()
		require.NoError(t, err)
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		for rows.Next() {
			require.NoError(t, rows.Scan(into...))
			_, _ = fmt.Fprintln(h, values...)
		}
		require.NoError(t, rows.Err())
		require.NoError(t, rows.Close())
	}
	return hex.EncodeToString(h.Sum(nil))
}

func TestSameSeedSameData(t *testing.T) {
	build := func(seed uint64) string {
		d := orgtest.SQLite(t)
		_, err := demo.Build(context.Background(), open(t, d).Deps, demo.Options{Size: demo.Tiny, Seed: seed})
		require.NoError(t, err)
		return digest(t, d)
	}
	one := build(1)
	require.Equal(t, one, build(1))
	require.NotEqual(t, one, build(2))
}

// A build that is cut off is found and refused, at whatever point.
func TestCutOffBuild(t *testing.T) {
	d := orgtest.SQLite(t)
	h := open(t, d)
	ctx, cut := context.WithCancel(context.Background())
	_, err := demo.Build(ctx, h.Deps, demo.Options{Size: demo.Tiny, Seed: 1, Progress: func(done, _ int, _ string) {
		if done > 300 {
			cut()
		}
	}})
	require.Error(t, err)
	require.Equal(t, present, h.Clock.Now())
	_, ok, err := demo.Built(context.Background(), d)
	require.False(t, ok)
	require.True(t, fault.HasCode(err, "demo.half_built"), "%v", err)
	_, err = demo.Build(context.Background(), h.Deps, demo.Options{Seed: 1})
	require.True(t, fault.HasCode(err, "demo.half_built"), "%v", err)
}

// A house with people in it is not a demonstration and never becomes one.
func TestHouseInUse(t *testing.T) {
	d := orgtest.SQLite(t)
	h := open(t, d)
	ctx := access.System(context.Background(), "test")
	_, _, err := h.People.FindOrCreateByPhone(ctx, "13912345678", "孙强", "370102")
	require.NoError(t, err)
	_, err = demo.Build(ctx, h.Deps, demo.Options{})
	require.True(t, fault.HasCode(err, "demo.in_use"), "%v", err)
	_, ok, err := demo.Built(ctx, d)
	require.NoError(t, err)
	require.False(t, ok, "nothing is marked")
	_, err = demo.Build(ctx, h.Deps, demo.Options{Size: "huge"})
	require.True(t, fault.HasCode(err, "demo.size"))
}
