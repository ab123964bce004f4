package dues_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/blob"
	"gonghui/internal/base/db"
	"gonghui/internal/base/queue/queuetest"
	"gonghui/internal/base/vault/vaulttest"
	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/core/figures"
	"gonghui/internal/core/ledger"
	"gonghui/internal/core/org"
	"gonghui/internal/core/rules"
	"gonghui/internal/core/signal"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/money"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/dues"
	"gonghui/internal/simulator/taxoffice"
)

// bundle is the house around the room, on a real database.
type bundle struct {
	*dues.Service
	t     *testing.T
	clock *clock.Fake
	firms []taxoffice.Company
}

func setup(t *testing.T, d *db.DB) *bundle {
	t.Helper()
	c := clock.NewFake(time.Date(2020, 7, 20, 1, 0, 0, 0, time.UTC))
	log := audit.New(d, c)
	units := org.New(d, c)
	require.NoError(t, units.Seed(t.Context()))
	v := vaulttest.New(t)
	companies := company.New(company.Deps{DB: d, Vault: v, Clock: c, Org: units, Audit: log})
	cases := casework.New(casework.Deps{DB: d, Clock: c, Audit: log})
	book, err := rules.New(rules.Deps{DB: d, Vault: v, Clock: c, Org: units, Cases: cases, Audit: log})
	require.NoError(t, err)
	jobs := queuetest.New(t, d, c)
	signals := signal.New(d, jobs, c)
	books, err := ledger.New(ledger.Deps{DB: d, Clock: c, Audit: log, Org: units, Signals: signals})
	require.NoError(t, err)
	blobs, err := blob.Open(t.TempDir())
	require.NoError(t, err)
	s, err := dues.New(dues.Deps{
		DB: d, Vault: v, Clock: c, Org: units, Companies: companies, Cases: cases, Ledger: books, Signals: signals, Audit: log, Rules: book, Queue: jobs, Blobs: blobs,
		Figures: figures.New(figures.Deps{DB: d, Clock: c, Org: units}),
	})
	require.NoError(t, err)
	require.NoError(t, book.Load(t.Context()))
	return &bundle{Service: s, t: t, clock: c}
}

// register makes n companies of a county known.
func (b *bundle) register(division string, n int) []taxoffice.Company {
	b.t.Helper()
	var listed []company.Listed
	var out []taxoffice.Company
	for i := range n {
		x := taxoffice.Company{
			CreditCode: taxoffice.CreditCode(fmt.Sprintf("91%sMA3%06d", division, i)), Name: fmt.Sprintf("%s第%d机械有限公司", division, i),
			PayrollFen: int64(4_000_000 + i*1009), Preparation: i%5 == 0,
		}
		out = append(out, x)
		listed = append(listed, company.Listed{CreditCode: x.CreditCode, Name: x.Name, DivisionCode: division})
	}
	known, err := b.Companies.EnsureListed(access.System(b.t.Context(), "test"), listed)
	require.NoError(b.t, err)
	for _, k := range known {
		require.NoError(b.t, k.Err)
	}
	b.firms = append(b.firms, out...)
	return out
}

// clerk is somebody of a county union's finance, officer somebody of the county's
// tax office.
func (b *bundle) clerk(name, division string) context.Context {
	b.t.Helper()
	return b.somebody(name, division, access.DuesCollect)
}

func (b *bundle) officer(name, division string) context.Context {
	b.t.Helper()
	return b.somebody(name, division, access.DuesTax)
}

func (b *bundle) somebody(name, division string, caps ...access.Capability) context.Context {
	b.t.Helper()
	u, ok := b.Org.ByDivision(division)
	require.True(b.t, ok)
	return access.Enter(b.t.Context(), access.Actor{
		Kind: access.KindStaff, AccountID: name, Name: name,
		Grants: []access.Grant{{Role: "r", Path: u.Path, Caps: caps}},
	})
}

// set brings a value of a parameter into force the way people do: one clerk of
// the province writes it, another approves.
func (b *bundle) set(key string, from clock.Day, value string) {
	b.t.Helper()
	root, ok := b.Org.Root()
	require.True(b.t, ok)
	somebody := func(name string) context.Context {
		return access.Enter(b.t.Context(), access.Actor{
			Kind: access.KindStaff, AccountID: name, Name: name,
			Grants: []access.Grant{{Role: access.RoleProvince, UnitID: root.ID, Path: root.Path, Caps: []access.Capability{access.RulesRead, access.RulesPropose, access.RulesApprove}}},
		})
	}
	one, two := somebody("writer"), somebody("second")
	c, err := b.Rules.Propose(one, rules.Proposal{
		Key: key, Place: "37", From: from, Value: value, Citation: "鲁工办发〔2020〕11号", Basis: rules.Fact, Reason: "试点后调整",
	})
	require.NoError(b.t, err)
	_, err = b.Rules.Submit(one, c.Ref(), 1)
	require.NoError(b.t, err)
	_, err = b.Rules.Approve(two, rules.Approval{Ref: c.Ref(), Version: 2, ConfirmPast: true, Reason: "按文件追溯"})
	require.NoError(b.t, err)
}

func (b *bundle) unit(division string) string {
	b.t.Helper()
	u, ok := b.Org.ByDivision(division)
	require.True(b.t, ok)
	return u.ID
}

func (b *bundle) take(ctx context.Context, division, text string) (dues.File, error) {
	b.t.Helper()
	return b.TakeFile(ctx, b.unit(division), strings.NewReader(text), int64(len(text)), dues.FileOptions{Name: "tax.csv"})
}

func entries(m taxoffice.Month) []dues.BankEntry {
	out := make([]dues.BankEntry, len(m.Receipts))
	for i, r := range m.Receipts {
		on, _ := clock.ParseDay(r.On)
		out[i] = dues.BankEntry{Serial: fmt.Sprintf("S%s-%d", r.Voucher, i), Receipt: dues.Receipt{Voucher: r.Voucher, Amount: money.Fen(r.AmountFen), On: on}}
	}
	return out
}

func (b *bundle) open(ctx context.Context, fileID string) []dues.OpenBreak {
	b.t.Helper()
	var out []dues.OpenBreak
	after := page.Cursor("")
	for {
		p, err := b.ListBreaks(ctx, dues.BreakFilter{FileID: fileID, State: dues.BreakOpen}, page.Request{After: after, Limit: 50})
		require.NoError(b.t, err)
		out = append(out, p.Items...)
		if after = p.Next; after == "" {
			return out
		}
	}
}
