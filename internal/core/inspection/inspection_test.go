package inspection_test

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/base/vault/vaulttest"
	"gonghui/internal/core/access"
	"gonghui/internal/core/account"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/inspection"
	"gonghui/internal/core/org"
	"gonghui/internal/core/person"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/page"
	"gonghui/internal/simulator/sms"
)

// 2020-07-20 09:00 in Shanghai.
var monday = time.Date(2020, 7, 20, 1, 0, 0, 0, time.UTC)

// flow is a made-up procedure; its words are those of a real one.
func flow() casework.Flow {
	return casework.Flow{
		Name: "employment.vacancy", Prefix: "V", Initial: []string{"submitted"},
		States: []casework.State{
			{Name: "submitted", WaitingFor: casework.Desk, Capability: access.VacancyReview}, {Name: "published", Final: true},
		},
		Transitions: []casework.Transition{{From: []string{"submitted"}, Event: "publish", To: "published", By: []string{casework.Desk}}},
	}
}

type bench struct {
	*inspection.Service
	t     *testing.T
	db    *db.DB
	clock *clock.Fake
	log   *audit.Log
	org   *org.Service
}

func each(t *testing.T, test func(b *bench)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := &bench{t: t, db: d, clock: clock.NewFake(monday)}
		b.log, b.org = audit.New(d, b.clock), org.New(d, b.clock)
		require.NoError(t, access.SeedRoles(t.Context(), d))
		require.NoError(t, b.org.Seed(t.Context()))
		v := vaulttest.New(t)
		cases := casework.New(casework.Deps{DB: d, Clock: b.clock, Audit: b.log})
		require.NoError(t, cases.Register(flow(), nil))
		b.Service = inspection.New(inspection.Deps{
			Audit: b.log, Org: b.org, Cases: cases,
			Accounts: account.New(account.Deps{
				DB: d, Vault: v, Clock: b.clock, Org: b.org, Audit: b.log, SMS: sms.New(b.clock, 1, sms.Faults{}), Roles: access.NewRoles(d, b.log),
				Person: person.New(person.Deps{DB: d, Vault: v, Clock: b.clock, Org: b.org, Audit: b.log}),
			}),
		})
		test(b)
	})
}

func (b *bench) system() context.Context { return access.System(b.t.Context(), "test") }

func (b *bench) unit(division string) org.Unit {
	u, ok := b.org.ByDivision(division)
	require.True(b.t, ok, division)
	return u
}

// staff makes an account with a role over a unit.
func (b *bench) staff(login, role, division string) context.Context {
	b.t.Helper()
	a, err := b.Accounts.CreateStaff(b.system(), account.NewStaff{Login: login, Name: "张明", Password: "six blue lorries"})
	require.NoError(b.t, err)
	_, err = b.Accounts.Grant(b.system(), account.NewGrant{AccountID: a.ID, Role: role, UnitID: b.unit(division).ID})
	require.NoError(b.t, err)
	return b.as(a.ID)
}

func (b *bench) as(accountID string) context.Context {
	a, err := b.Accounts.Load(b.t.Context(), accountID)
	require.NoError(b.t, err)
	return access.Enter(b.t.Context(), a)
}

// did records something in a unit's log, a minute after what was before.
func (b *bench) did(ctx context.Context, division, subject string) {
	b.t.Helper()
	b.clock.Advance(time.Minute)
	e := audit.Entry{CityCode: "3701", Action: "document.attached", SubjectKind: "company", SubjectID: subject}
	if division != "" {
		e.OrgPath = b.unit(division).Path
	}
	require.NoError(b.t, b.log.Record(ctx, e))
}

// seen lists the subjects of all pages.
func (b *bench) seen(ctx context.Context, q inspection.Query, limit int) []string {
	b.t.Helper()
	out := []string{}
	req := page.Request{Limit: limit}
	for {
		p, err := b.Search(ctx, q, req)
		require.NoError(b.t, err)
		for _, l := range p.Items {
			out = append(out, l.SubjectID)
		}
		if req.After = p.Next; req.After == "" {
			return out
		}
	}
}

// readings counts what was recorded of readings.
func (b *bench) readings(action audit.Action) []audit.Stored {
	p, err := b.log.List(b.system(), audit.Filter{Action: action}, page.Request{})
	require.NoError(b.t, err)
	return p.Items
}

func requireCode(t *testing.T, code string, err error) {
	t.Helper()
	require.True(t, fault.HasCode(err, code), "want %s, got %v", code, err)
}

var attached = inspection.Query{Action: "document.attached"}

func TestEachLevelReadsItsOwnPart(t *testing.T) {
	each(t, func(b *bench) {
		t := b.t
		county, sister := b.staff("lixia", access.RoleAuditor, "370102"), b.staff("shizhong", access.RoleAdmin, "370103")
		city, province := b.staff("jinan", access.RoleAuditor, "3701"), b.staff("sheng", access.RoleAdmin, "37")
		b.did(b.system(), "370102001", "street")
		b.did(b.system(), "370102", "county")
		b.did(b.system(), "370103", "sister")
		b.did(b.system(), "3701", "city")
		b.did(b.system(), "3702", "other city")
		b.did(b.system(), "37", "province")
		b.did(b.system(), "", "nobody's")

		require.Equal(t, []string{"county", "street"}, b.seen(county, attached, 0))
		require.Equal(t, []string{"sister"}, b.seen(sister, attached, 0))
		require.Equal(t, []string{"city", "sister", "county", "street"}, b.seen(city, attached, 0))
		require.Equal(t, []string{"nobody's", "province", "other city", "city", "sister", "county", "street"}, b.seen(province, attached, 0))
		for _, q := range []inspection.Query{{Subject: "sister"}, {Subject: "city"}, {Subject: "nobody's"}, {Actor: "shizhong"}} {
			require.Empty(t, b.seen(county, q, 0), "%+v is not found", q)
		}

		clerk := b.staff("clerk", access.RoleCounty, "370102")
		_, err := b.Search(clerk, attached, page.Request{})
		requireCode(t, "access.denied", err)
		requireCode(t, "access.denied", b.Export(clerk, attached, "核对", func(inspection.Line) error { return nil }))
		_, _, err = b.LastVerdict(clerk)
		requireCode(t, "access.denied", err)
		_, err = b.Search(t.Context(), attached, page.Request{})
		requireCode(t, "access.sign_in", err)
		worker, err := b.Accounts.EnsureWorker(b.system(), "13800000001", "欧阳师傅", "370102")
		require.NoError(t, err)
		_, err = b.Search(b.as(worker.ID), attached, page.Request{})
		requireCode(t, "access.denied", err)

		// A token reads what its scope says, and no more than its owner.
		me, _ := access.From(county)
		for c, want := range map[access.Capability]string{access.AuditView: "", access.FiguresView: "access.denied"} {
			secret, _, err := b.Accounts.IssueToken(county, me.AccountID, "审计", []access.Capability{c}, time.Hour)
			require.NoError(t, err)
			actor, err := b.Accounts.ActorForToken(t.Context(), secret)
			require.NoError(t, err)
			p, err := b.Search(access.Enter(t.Context(), actor), attached, page.Request{})
			if want == "" {
				require.NoError(t, err)
				require.Len(t, p.Items, 2)
				continue
			}
			requireCode(t, want, err)
		}
	})
}

func TestPagesAndWhatIsAsked(t *testing.T) {
	each(t, func(b *bench) {
		t := b.t
		reader := b.staff("lixia", access.RoleAdmin, "370102")
		me, _ := access.From(reader)
		for i := range 7 {
			b.did(b.system(), "370102", fmt.Sprint("c", i))
		}
		p, err := b.Search(reader, attached, page.Request{Limit: 3})
		require.NoError(t, err)
		b.did(b.system(), "370102", "later")
		rest := []string{}
		for next := p.Next; next != ""; {
			q, err := b.Search(reader, attached, page.Request{Limit: 3, After: next})
			require.NoError(t, err)
			for _, l := range q.Items {
				rest = append(rest, l.SubjectID)
			}
			next = q.Next
		}
		require.Equal(t, []string{"c3", "c2", "c1", "c0"}, rest, "what comes in meanwhile moves no page")

		b.did(reader, "370102", "mine")
		require.Equal(t, []string{"mine"}, b.seen(reader, inspection.Query{Action: "document.attached", Actor: " LiXia "}, 0), "by login")
		require.Equal(t, []string{"mine"}, b.seen(reader, inspection.Query{Action: "document.attached", Actor: me.AccountID}, 0), "by account")
		require.Len(t, b.seen(reader, inspection.Query{Action: "document.attached", Actor: inspection.House}, 0), 8)
		require.Empty(t, b.seen(reader, inspection.Query{Actor: "nobody"}, 0))
		require.Equal(t, []string{"c2"}, b.seen(reader, inspection.Query{Subject: "c2"}, 0))
		require.NotContains(t, b.seen(reader, inspection.Query{Kind: "account"}, 0), "c2")
		require.Contains(t, b.seen(reader, inspection.Query{Kind: "company"}, 0), "c2")

		// A day is a day in Shandong, its last second included.
		b.clock.Set(time.Date(2020, 7, 22, 15, 58, 59, 0, time.UTC))
		b.did(b.system(), "370102", "last second")
		b.did(b.system(), "370102", "next day")
		day, _ := clock.ParseDay("2020-07-22")
		require.Equal(t, []string{"last second"}, b.seen(reader, inspection.Query{Action: "document.attached", From: day, To: day}, 0))
		require.Equal(t, []string{"next day"}, b.seen(reader, inspection.Query{Action: "document.attached", From: day.Add(1)}, 0))

		for q, field := range map[inspection.Query]string{
			{Action: "document.eaten"}:         "action",
			{Action: "employment.vacancy.eat"}: "action",
			{Kind: "king"}:                     "kind",
			{From: day, To: day.Add(-1)}:       "to",
			{Actor: "a\x00"}:                   "actor",
			{Subject: "\x00"}:                  "subject",
		} {
			_, err := b.Search(reader, q, page.Request{})
			requireCode(t, "inspection.filter", err)
			require.Equal(t, field, fault.As(err).Fields[0].Name)
		}
	})
}

func TestARecordIsFoundByItsNumber(t *testing.T) {
	each(t, func(b *bench) {
		t := b.t
		reader, sister := b.staff("lixia", access.RoleAuditor, "370102"), b.staff("shizhong", access.RoleAuditor, "370103")
		c, err := b.Cases.Open(b.system(), casework.Open{City: "3701", ID: "v1", Kind: "employment.vacancy", Title: "电焊工", OrgPath: b.unit("370102").Path})
		require.NoError(t, err)
		require.Equal(t, []string{"v1"}, b.seen(reader, inspection.Query{Subject: " " + strings.ToLower(c.Number)}, 0))
		require.Empty(t, b.seen(sister, inspection.Query{Subject: c.Number}, 0))
	})
}

// The log is not read unseen: one entry for each reading, whatever its pages.
func TestReadingIsRecordedOnce(t *testing.T) {
	each(t, func(b *bench) {
		t := b.t
		reader, other := b.staff("lixia", access.RoleAuditor, "370102"), b.staff("jinan", access.RoleAuditor, "3701")
		for i := range 9 {
			b.did(b.system(), "370102", fmt.Sprint("c", i))
		}
		require.Empty(t, b.readings(inspection.Searched))
		require.Len(t, b.seen(reader, attached, 2), 9)
		list := b.readings(inspection.Searched)
		require.Len(t, list, 1)
		me, _ := access.From(reader)
		require.Equal(t, me.AccountID, list[0].ActorID)
		require.Equal(t, b.unit("370102").Path, list[0].OrgPath)
		require.Equal(t, `{"action":"document.attached"}`, list[0].Detail)
		b.seen(reader, inspection.Query{Subject: "13800138000"}, 0)
		list = b.readings(inspection.Searched)
		require.Equal(t, `{"subject":"138****8000"}`, list[0].Detail, "a number asked for is not kept")

		// A further page belongs to its reading.
		first, err := b.Search(reader, attached, page.Request{Limit: 2})
		require.NoError(t, err)
		n := len(b.readings(inspection.Searched))
		for name, f := range map[string]func() error{
			"another question": func() error {
				_, err := b.Search(reader, inspection.Query{Kind: "company"}, page.Request{After: first.Next})
				return err
			},
			"another reader": func() error { _, err := b.Search(other, attached, page.Request{After: first.Next}); return err },
			"no reading": func() error {
				_, err := b.Search(reader, attached, page.Request{After: page.Encode("inspection", "3701", "made-up", page.Encode("audit/log", b.clock.Now(), "x"))})
				return err
			},
			"another entry": func() error {
				p, err := b.Search(reader, attached, page.Request{Limit: 1})
				require.NoError(t, err)
				n++
				_, err = b.Search(reader, attached, page.Request{After: page.Encode("inspection", p.Items[0].CityCode, p.Items[0].ID, page.Encode("audit/log", b.clock.Now(), "x"))})
				return err
			},
			"a NUL": func() error {
				_, err := b.Search(reader, attached, page.Request{After: page.Encode("inspection", "37\x00", "x", "")})
				return err
			},
			"rubbish": func() error { _, err := b.Search(reader, attached, page.Request{After: "rubbish"}); return err },
			"a list's": func() error {
				_, err := b.Search(reader, attached, page.Request{After: page.Encode("audit/log", b.clock.Now(), "x")})
				return err
			},
		} {
			requireCode(t, "page.cursor", f())
			require.Len(t, b.readings(inspection.Searched), n, name)
		}

		// A file says what for, and is an entry of its own.
		rows := []string{}
		row := func(l inspection.Line) error { rows = append(rows, l.SubjectID); return nil }
		for _, purpose := range []string{"", "  ", strings.Repeat("长", 201)} {
			requireCode(t, "inspection.purpose", b.Export(reader, attached, purpose, row))
		}
		require.Empty(t, b.readings(inspection.Exported))
		require.NoError(t, b.Export(reader, attached, "季度检查", row))
		require.Len(t, rows, 9)
		list = b.readings(inspection.Exported)
		require.Len(t, list, 1)
		require.Equal(t, "季度检查", list[0].Purpose)
	})
}

// What the person reads, and does not.
func TestWords(t *testing.T) {
	each(t, func(b *bench) {
		t := b.t
		reader := b.staff("sheng", access.RoleAuditor, "37")
		staff := b.staff("lixia", access.RoleAdmin, "370102")
		officer, _ := access.From(staff)
		a, err := b.Accounts.EnsureWorker(b.system(), "13800000001", "欧阳师傅", "370102")
		require.NoError(t, err)
		worker := b.as(a.ID)
		at := b.unit("370102")
		c, err := b.Cases.Open(staff, casework.Open{City: "3701", ID: "v1", Kind: "employment.vacancy", Title: "电焊工", OrgPath: at.Path})
		require.NoError(t, err)
		_, err = b.Cases.Fire(b.system(), casework.Fire{City: "3701", ID: "v1", Event: "publish", Version: 1, As: casework.Desk})
		require.NoError(t, err)
		clerk, err := b.Accounts.CreateStaff(staff, account.NewStaff{Login: "xinren", Name: "王五", Password: "six blue lorries"})
		require.NoError(t, err)
		g, err := b.Accounts.Grant(staff, account.NewGrant{AccountID: clerk.ID, Role: access.RoleCounty, UnitID: at.ID})
		require.NoError(t, err)
		require.NoError(t, b.Accounts.Revoke(staff, g.ID))
		_, err = b.Accounts.Grant(b.system(), account.NewGrant{AccountID: a.ID, Role: access.RoleCompany, CompanyCity: "3701", CompanyID: "c1"})
		require.NoError(t, err)
		_, _, err = b.Accounts.IssueToken(staff, officer.AccountID, "报表", []access.Capability{access.AuditView, access.SystemView}, time.Hour)
		require.NoError(t, err)
		require.NoError(t, b.Accounts.Roles.Change(b.system(), access.RoleLeader, []access.Capability{access.CaseView}, 1))
		name := "欧阳大师傅"
		_, err = b.Accounts.Person.Update(worker, a.Person.City, a.Person.ID, person.Patch{Name: &name, Groups: &[]string{"migrant"}, Version: 1})
		require.NoError(t, err)
		_, err = b.Accounts.Person.RevealPhone(b.system(), a.Person.City, a.Person.ID, "电话回访")
		require.NoError(t, err)
		write := func(ctx context.Context, e audit.Entry) {
			e.CityCode, e.OrgPath = "3701", at.Path
			require.NoError(t, b.log.Record(ctx, e))
		}
		write(worker, audit.Entry{Action: "employment.batch_done", SubjectKind: "batch", SubjectID: "b1", Detail: `{"file":"岗位.csv","rows":1200000,"imported":3,"collapsed":4,"unchanged":5,"failed":6}`})
		write(worker, audit.Entry{Action: "figures.export", SubjectKind: "unit", SubjectID: at.ID, Detail: "employment.workers_served 2020 1,234", Purpose: "employment.share_phone"})
		write(worker, audit.Entry{Action: "company.fact_added", SubjectKind: "company", SubjectID: "c1", Detail: "staff"})
		write(audit.WithActor(b.t.Context(), "", ""), audit.Entry{Action: "document.opened", SubjectKind: "employment.service", SubjectID: "s1", Detail: "d1"})
		b.seen(reader, inspection.Query{Actor: "lixia", Action: "account.grant", Kind: "account", Subject: "v1", From: 18463, To: 18464}, 0)

		words := map[audit.Action]map[i18n.Lang]inspection.Words{}
		p, err := b.Search(reader, inspection.Query{}, page.Request{Limit: 200})
		require.NoError(t, err)
		for _, l := range p.Items {
			if words[l.Action] == nil { // the newest of each
				words[l.Action] = map[i18n.Lang]inspection.Words{i18n.ZH: b.Words(i18n.ZH, l), i18n.EN: b.Words(i18n.EN, l)}
			}
			for _, lang := range i18n.Langs {
				w := b.Words(lang, l)
				require.NotEqual(t, string(l.Action), w.Did)
				require.NotContains(t, w.Who+w.About+w.Detail, "欧阳", "a worker is masked")
				require.NotContains(t, w.Who+w.About+w.Detail, "13800000001")
			}
		}
		zh := func(a audit.Action) string {
			w := words[a][i18n.ZH]
			return strings.Join([]string{w.Who, w.Did, w.About, w.Detail, w.Why, w.Unit}, "|")
		}
		en := func(a audit.Action) string {
			w := words[a][i18n.EN]
			return strings.Join([]string{w.Who, w.Did, w.About, w.Detail, w.Why}, "|")
		}
		require.Equal(t, "张明（lixia）|新建工作人员账号|账号 xinren|||历下区总工会", zh("account.create_staff"))
		require.Equal(t, "张明（lixia）|收回权限|账号 xinren|县级工会经办人，历下区总工会||历下区总工会", zh("account.revoke"))
		require.Equal(t, "平台自动办理|授予权限|账号 欧***|企业招聘人员，一家企业||历下区总工会", zh("account.grant"))
		require.Equal(t, "张明（lixia）|签发访问令牌|账号 lixia|查看操作记录、查看运行状况||历下区总工会", zh("account.issue_token"))
		require.Equal(t, "平台自动办理|修改角色的权限|角色 工会领导（只看）|查看办理事项||山东省总工会", zh("access.change_role"))
		require.Equal(t, "职工 欧***|更正职工档案|职工|姓名、群体||历下区总工会", zh("person.updated"))
		require.Equal(t, "平台自动办理|查看职工手机号|职工||电话回访|历下区总工会", zh("person.phone_read"))
		require.Equal(t, "张明（lixia）|招聘岗位：提交岗位|招聘岗位 "+c.Number+" 电焊工|待县级工会审核||历下区总工会", zh("employment.vacancy.open"))
		require.Equal(t, "平台自动办理|招聘岗位：通过并上架|招聘岗位 "+c.Number+" 电焊工|待县级工会审核 → 招聘中||历下区总工会", zh("employment.vacancy.publish"))
		require.Equal(t, "职工 欧***|岗位导入完成|导入文件|岗位.csv：共 1200000 行，导入 3，重复合并 4，未变 5，有问题 6||历下区总工会", zh("employment.batch_done"))
		figure := i18n.T(i18n.ZH, "figure.employment.workers_served.title")
		require.Equal(t, "职工 欧***|导出指标明细|工会 历下区总工会|"+figure+"，2020 年，1,234 条|求职者同意企业查看手机号|历下区总工会", zh("figures.export"))
		require.Equal(t, "职工 欧***|登记企业数据|企业|职工人数||历下区总工会", zh("company.fact_added"))
		require.Equal(t, "未登录的访问者|打开附件|其他记录|||历下区总工会", zh("document.opened"))
		require.Equal(t, "张明（sheng）|查阅操作记录|工会 山东省总工会|操作人 lixia、操作 授予权限、对象 账号、编号 v1、自 2020-07-20、至 2020-07-21||山东省总工会", zh("audit.search"))

		require.Equal(t, "张明 (lixia)|Took a right away|Account xinren|County union clerk, "+at.NameEn+"|", en("account.revoke"))
		require.Equal(t, "Worker 欧***|Import of vacancies done|Import file|岗位.csv: 1200000 rows, 3 imported, 4 collapsed, 5 unchanged, 6 with problems|", en("employment.batch_done"))
		require.Equal(t, "A visitor not signed in|Opened an attached file|Other record||", en("document.opened"))
		require.Equal(t, "张明 (sheng)|Read the audit log|Union "+cmp.Or(b.unit("37").NameEn, b.unit("37").Name)+"|by lixia, action Gave a right, record Account, number v1, from 2020-07-20, until 2020-07-21|", en("audit.search"))
	})
}

// Entries of before, and of other programs, are told as far as they can be.
func TestWordsOfWhatIsNotUnderstood(t *testing.T) {
	each(t, func(b *bench) {
		t := b.t
		for _, l := range []inspection.Line{
			{Stored: audit.Stored{Entry: audit.Entry{Action: "account.grant", Detail: "x"}}},
			{Stored: audit.Stored{Entry: audit.Entry{Action: "account.issue_token"}}},
			{Stored: audit.Stored{Entry: audit.Entry{Action: "figures.export", Detail: "a b"}}},
			{Stored: audit.Stored{Entry: audit.Entry{Action: "employment.batch_done", Detail: "岗位.csv: 3 rows"}}},
			{Stored: audit.Stored{Entry: audit.Entry{Action: "audit.search", Detail: "{"}}},
			{Stored: audit.Stored{Entry: audit.Entry{Action: "employment.vacancy.open", SubjectKind: "employment.vacancy", Detail: "eaten"}}},
		} {
			require.Empty(t, b.Words(i18n.ZH, l).Detail, l.Action)
			require.NotEmpty(t, b.Words(i18n.EN, l).Did)
		}
		require.Equal(t, "old.word", b.ActionText(i18n.ZH, "old.word"))
	})
}
