package ledger_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/db"
	"gonghui/internal/base/queue"
	"gonghui/internal/base/telemetry"
	"gonghui/internal/core/access"
	"gonghui/internal/core/ledger"
	"gonghui/internal/core/org"
	"gonghui/internal/core/org/orgtest"
	"gonghui/internal/core/signal"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/money"
	"gonghui/internal/kit/page"
)

// bench is a ledger with a small chart and the accounts of one county.
type bench struct {
	*ledger.Service
	t     *testing.T
	db    *db.DB
	clock *clock.Fake
	queue *queue.Queue
	org   *org.Service
	audit *audit.Log
	house context.Context
	unit  org.Unit // Lixia

	bank, income, payable ledger.Account
}

const fund = "dues"

var reqAll = page.Request{Limit: page.MaxLimit}

func setup(t *testing.T, d *db.DB) *bench {
	t.Helper()
	c := clock.NewFake(time.Date(2020, 7, 20, 4, 0, 0, 0, time.UTC))
	b := &bench{t: t, db: d, clock: c, queue: queue.New(d, c, telemetry.Quiet()), org: org.New(d, c), audit: audit.New(d, c)}
	b.house = access.System(t.Context(), "test")
	require.NoError(t, b.queue.Migrate(t.Context()))
	require.NoError(t, b.org.Seed(t.Context()))
	b.Service = b.program(b.queue)
	b.unit, _ = b.org.ByDivision("370102")
	b.bank, b.income, b.payable = b.open("bank", ""), b.open("dues_income", ""), b.open("refund_payable", "")
	return b
}

// another is a second program on the same database.
func (b *bench) another() *ledger.Service {
	return b.program(queue.New(b.db, b.clock, telemetry.Quiet()))
}

func (b *bench) program(q *queue.Queue) *ledger.Service {
	s, err := ledger.New(ledger.Deps{DB: b.db, Clock: b.clock, Audit: b.audit, Org: b.org, Signals: signal.New(b.db, q, b.clock)})
	require.NoError(b.t, err)
	require.NoError(b.t, s.Register(
		ledger.Code{Code: "bank", Kind: ledger.Asset, Guarded: true},
		ledger.Code{Code: "dues_income", Kind: ledger.Income},
		ledger.Code{Code: "refund_payable", Kind: ledger.Liability},
		ledger.Code{Code: "suspense", Kind: ledger.Liability},
	))
	return s
}

func each(t *testing.T, test func(t *testing.T, b *bench)) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) { test(t, setup(t, d)) })
}

func (b *bench) open(code, party string) ledger.Account { return b.openAt(b.unit, code, party) }

func (b *bench) openAt(u org.Unit, code, party string) ledger.Account {
	b.t.Helper()
	a, err := b.Open(b.house, ledger.Account{City: u.CityCode, UnitID: u.ID, OrgPath: u.Path, Fund: fund, Code: code, Party: party})
	require.NoError(b.t, err)
	return a
}

// entry moves an amount from the credit of one account to the debit of another.
func (b *bench) entry(key string, debit, credit ledger.Account, fen int64) ledger.Entry {
	return ledger.Entry{
		City: debit.City, Key: key, BookedOn: clock.Today(b.clock), Kind: "test.moved", Subject: ledger.Subject{Kind: "test", ID: key},
		Memo:  ledger.Memo{Key: "ledger.code.clearing"},
		Lines: []ledger.Line{{Account: debit.ID, Fen: money.Fen(fen), Side: ledger.Debit}, {Account: credit.ID, Fen: money.Fen(fen), Side: ledger.Credit}},
	}
}

func (b *bench) post(e ledger.Entry) ledger.Entry {
	b.t.Helper()
	out, err := b.Post(b.house, e)
	require.NoError(b.t, err)
	return out
}

func (b *bench) fen(a ledger.Account) int64 {
	b.t.Helper()
	n, err := b.Balance(b.house, a.City, a.ID, 0, 0)
	require.NoError(b.t, err)
	return int64(n.Fen)
}

func (b *bench) clean() ledger.Report {
	b.t.Helper()
	r, err := b.Verify(b.house)
	require.NoError(b.t, err)
	require.True(b.t, r.OK(), "%+v", r.Problems)
	return r
}

func (b *bench) lines(q ledger.StatementRequest, limit int) []ledger.StatementLine {
	b.t.Helper()
	var out []ledger.StatementLine
	var req = page.Request{Limit: limit}
	for {
		_, p, err := b.Statement(b.house, q, req)
		require.NoError(b.t, err)
		out = append(out, p.Items...)
		if req.After = p.Next; p.Next == "" {
			return out
		}
	}
}

func code(t *testing.T, err error, want string) {
	t.Helper()
	require.True(t, fault.HasCode(err, want), "want %s, got %v", want, err)
}

// clerk may do caps in the subtree of a unit.
func clerk(ctx context.Context, account string, u org.Unit, caps ...access.Capability) context.Context {
	return access.Enter(ctx, access.Actor{AccountID: account, Kind: access.KindStaff, Grants: []access.Grant{{ID: "g" + account, UnitID: u.ID, Path: u.Path, Caps: caps}}})
}
