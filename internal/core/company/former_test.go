package company_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/company"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

var day = clock.MakeDay(2020, 6, 1)

// verified registers a company and has the county verify it.
func (b *bench) verified(t *testing.T, ctx context.Context, n int) company.Company {
	t.Helper()
	c, err := b.companies.Register(ctx, input(n))
	require.NoError(t, err)
	c, err = b.companies.SetState(ctx, c.Ref(), company.StateVerified, 0)
	require.NoError(t, err)
	return c
}

func (b *bench) recognise(t *testing.T, ctx context.Context, l company.Listed) company.Match {
	t.Helper()
	m, err := b.companies.Recognise(ctx, []company.Listed{l})
	require.NoError(t, err)
	return m[0]
}

// A verified company that is renamed is found by both names, less surely by the old one.
func TestRename(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		c := b.verified(t, ctx, 1)
		old := c.Name
		rename := company.Renaming{Name: "泉城智造股份有限公司", On: day, Reason: "市场监管局变更通知书", Version: c.Version}
		for field, spoil := range map[string]func(*company.Renaming){
			"name":   func(r *company.Renaming) { r.Name = "😀" },
			"reason": func(r *company.Renaming) { r.Reason = " " },
			"on":     func(r *company.Renaming) { r.On = clock.MakeDay(2020, 7, 21) },
		} {
			bad := rename
			spoil(&bad)
			_, err := b.companies.Rename(ctx, c.Ref(), bad)
			require.True(t, fault.HasCode(err, "form.invalid"), "%s: %v", field, err)
			require.Equal(t, field, fault.As(err).Fields[0].Name)
		}
		_, err := b.companies.Rename(b.desk(t, ctx, shinan), c.Ref(), rename)
		require.ErrorIs(t, err, company.ErrNotFound, "a sister county")
		renamed, err := b.companies.Rename(b.desk(t, ctx, lixia), c.Ref(), rename)
		require.NoError(t, err)
		require.Equal(t, rename.Name, renamed.Name)
		require.Equal(t, company.StateVerified, renamed.State)
		_, err = b.companies.Rename(ctx, c.Ref(), rename)
		require.ErrorIs(t, err, company.ErrMovedOn, "the second click")
		rename.Version = renamed.Version
		_, err = b.companies.Rename(ctx, c.Ref(), rename)
		require.ErrorIs(t, err, company.ErrSameName)

		for _, x := range []struct {
			listed     company.Listed
			by         string
			confidence int
		}{
			{company.Listed{Name: rename.Name}, company.ByName, 80},
			{company.Listed{Name: rename.Name, CreditCode: code(9)}, company.ByName, 60},
			{company.Listed{Name: old}, company.ByFormerName, 70},
			{company.Listed{Name: old, CreditCode: code(9)}, company.ByFormerName, 50},
			{company.Listed{Name: old, CreditCode: code(1)}, company.ByCreditCode, 100},
		} {
			m := b.recognise(t, ctx, x.listed)
			require.Equal(t, c.ID, m.ID)
			require.Equal(t, x.by, m.By)
			require.Equal(t, x.confidence, m.Confidence)
		}
		require.Empty(t, b.recognise(t, ctx, company.Listed{Name: "没有这家公司"}).By)

		// A namesake that registers later has the name as its own.
		in := input(2)
		in.Name = old
		other, err := b.companies.Register(ctx, in)
		require.NoError(t, err)
		require.Equal(t, other.ID, b.recognise(t, ctx, company.Listed{Name: old}).ID)

		past, err := b.companies.Formers(b.desk(t, ctx, lixia), c.Ref())
		require.NoError(t, err)
		require.Len(t, past, 1)
		require.Equal(t, company.FormerName, past[0].Kind)
		require.Equal(t, old, past[0].Value)
		require.Equal(t, day, past[0].Until)
		_, err = b.companies.Formers(b.desk(t, ctx, shinan), c.Ref())
		require.ErrorIs(t, err, company.ErrNotFound)
	})
}

func TestAddFormerName(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		c, other := b.verified(t, ctx, 1), b.verified(t, ctx, 2)
		past := company.PastName{Name: "历山铸造厂", Reason: "改制前的名称"}
		for range 2 { // twice changes nothing more
			_, err := b.companies.AddFormerName(ctx, c.Ref(), past)
			require.NoError(t, err)
		}
		_, err := b.companies.AddFormerName(ctx, other.Ref(), past)
		require.NoError(t, err)
		m := b.recognise(t, ctx, company.Listed{Name: "历山铸造厂 "})
		require.Equal(t, c.ID, m.ID, "the first keeps it")
		require.Equal(t, 70, m.Confidence)
		require.Equal(t, 2, b.rows(t, "SELECT count(*) FROM company_formers"))
		_, err = b.companies.AddFormerName(ctx, c.Ref(), company.PastName{Name: c.Name, Reason: "x"})
		require.ErrorIs(t, err, company.ErrSameName)
	})
}

// The code of a company that was absorbed leads to the one that goes on, over
// several mergers too, and whether or not it was known here.
func TestMerge(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		a, c, d := b.verified(t, ctx, 1), b.verified(t, ctx, 2), b.verified(t, ctx, 3)
		merge := func(ctx context.Context, into company.Company, n int) error {
			_, err := b.companies.Merge(ctx, into.Ref(), company.Merging{Code: " " + code(n), On: day, Reason: "吸收合并公告"})
			return err
		}
		require.ErrorIs(t, merge(ctx, a, 1), company.ErrItself)
		require.ErrorIs(t, merge(b.desk(t, ctx, shinan), c, 1), company.ErrNotFound, "a sister county")
		require.NoError(t, merge(b.desk(t, ctx, lixia), c, 1))
		require.NoError(t, merge(ctx, c, 8), "not known here")
		require.ErrorIs(t, merge(ctx, d, 1), company.ErrAbsorbed, "no more to be absorbed")
		require.ErrorIs(t, merge(ctx, a, 3), company.ErrAbsorbed, "no more to absorb")
		require.NoError(t, merge(ctx, d, 2))
		for _, n := range []int{1, 2, 8} {
			m := b.recognise(t, ctx, company.Listed{CreditCode: code(n), Name: "随便什么名字"})
			require.Equal(t, d.ID, m.ID, n)
			require.Equal(t, company.ByMergedCode, m.By)
			require.Equal(t, 95, m.Confidence)
		}
		require.Equal(t, 100, b.recognise(t, ctx, company.Listed{CreditCode: code(3)}).Confidence)
		p, gone, err := b.companies.AbsorbedBy(ctx, a.Ref())
		require.NoError(t, err)
		require.True(t, gone)
		require.Equal(t, d.ID, p.ID)
		_, gone, err = b.companies.AbsorbedBy(ctx, d.Ref())
		require.NoError(t, err)
		require.False(t, gone)
		past, err := b.companies.Formers(ctx, c.Ref())
		require.NoError(t, err)
		require.Len(t, past, 2)
		require.Equal(t, code(8), past[0].Value, "the latest first")
		require.Equal(t, a.Ref(), past[1].From)
		require.Equal(t, day, past[1].FromOn)

		// One of another county is not taken over by it.
		in := input(4)
		in.DivisionCode = shinan
		_, err = b.companies.Register(ctx, in)
		require.NoError(t, err)
		require.ErrorIs(t, merge(b.desk(t, ctx, lixia), d, 4), company.ErrNotFound)
	})
}

// Two mergers at once never leave a circle.
func TestMergersAtOnce(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		a, c := b.verified(t, ctx, 1), b.verified(t, ctx, 2)
		errs := make([]error, 2)
		var wg sync.WaitGroup
		for i, x := range []struct {
			into company.Company
			code string
		}{{a, code(2)}, {c, code(1)}} {
			wg.Go(func() {
				_, errs[i] = b.companies.Merge(ctx, x.into.Ref(), company.Merging{Code: x.code, On: day, Reason: "合并"})
			})
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
				continue
			}
			require.True(t, fault.IsKind(err, fault.Conflict), "%v", err)
		}
		require.Equal(t, 1, won)
		require.Equal(t, 1, b.rows(t, "SELECT count(*) FROM registry WHERE kind = 'merged_credit_code'"))
	})
}
