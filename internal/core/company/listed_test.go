package company_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/core/company"
	"gonghui/internal/core/org/orgtest"
	"gonghui/internal/kit/fault"
)

func TestEnsureListed(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		known, err := b.companies.EnsureListed(ctx, []company.Listed{
			{Name: "甲（集团）有限公司", DivisionCode: lixia + "001", IndustryCode: "C34"},
			{Name: "甲(集团)有限公司"},                                          // the same name
			{Name: "甲（集团）有限公司", CreditCode: code(1)},                     // gives the code
			{Name: "乙有限公司", CreditCode: code(1)},                         // the code decides
			{Name: "甲（集团）有限公司", CreditCode: code(2)},                     // a namesake
			{Name: "丙有限公司", CreditCode: code(3), DivisionCode: "110101"}, // from another province
			{Name: "", CreditCode: code(4)},
			{Name: "丁有限公司", CreditCode: "123"},
			{Name: "戊\x00有限公司"},
			{Name: "甲（集团）有限公司"}, // by name: the first holds it
			{Name: "己有限公司", IndustryCode: "nonsense"},
		})
		require.NoError(t, err)
		require.True(t, known[0].Created)
		for _, i := range []int{1, 2, 3, 9} {
			require.Equal(t, known[0].ID, known[i].ID, i)
			require.False(t, known[i].Created, i)
		}
		require.NotEqual(t, known[0].ID, known[4].ID)
		county, _ := b.org.ByDivision(lixia)
		require.Equal(t, county.Path, known[0].OrgPath)
		require.Equal(t, "3701", known[0].CityCode)
		require.Equal(t, "3700", known[5].CityCode)
		require.Equal(t, "0001", known[5].OrgPath)
		for i, field := range map[int]string{6: "company", 7: "credit_code", 8: "company"} {
			require.True(t, fault.IsKind(known[i].Err, fault.Invalid), i)
			require.Equal(t, field, fault.As(known[i].Err).Fields[0].Name)
			require.Empty(t, known[i].ID)
		}
		require.NoError(t, known[10].Err)
		require.Equal(t, 4, b.rows(t, "SELECT count(*) FROM companies"))
		p, ok, err := b.companies.FindByCreditCode(ctx, code(1))
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, "甲（集团）有限公司", p.Name)
		require.Equal(t, company.StateListed, p.State)

		// The same list again finds all and changes nothing.
		again, err := b.companies.EnsureListed(ctx, []company.Listed{
			{Name: "甲（集团）有限公司"}, {Name: "别的写法", CreditCode: code(2)}, {Name: "己有限公司"}, {Name: "己有限公司", CreditCode: code(9)},
		})
		require.NoError(t, err)
		for i, want := range []int{0, 4, 10, 10} {
			require.Equal(t, known[want].ID, again[i].ID)
			require.False(t, again[i].Created)
		}
		require.Equal(t, 4, b.rows(t, "SELECT count(*) FROM companies"))
		p, ok, err = b.companies.FindByCreditCode(ctx, code(9))
		require.NoError(t, err)
		require.True(t, ok, "a code learnt later is kept")
		require.Equal(t, known[10].ID, p.ID)
		require.Equal(t, 7, b.rows(t, "SELECT count(*) FROM registry"))

		none, err := b.companies.EnsureListed(ctx, nil)
		require.NoError(t, err)
		require.Empty(t, none)
	})
}

func TestEnsureListedTellsStates(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		c, err := b.companies.Register(ctx, input(1))
		require.NoError(t, err)
		_, err = b.companies.SetState(ctx, c.Ref(), company.StateBlocked, 0)
		require.NoError(t, err)
		known, err := b.companies.EnsureListed(ctx, []company.Listed{{Name: input(1).Name}})
		require.NoError(t, err)
		require.Equal(t, c.ID, known[0].ID)
		require.Equal(t, company.StateBlocked, known[0].State)
	})
}

// Two imports with companies in common, at once and in opposite order, and a
// registration between them: every company is there once.
func TestEnsureListedAtOnce(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		const n = 700
		lists := [3][]company.Listed{}
		for i := range n {
			named := company.Listed{Name: fmt.Sprintf("第%d公司", i), DivisionCode: lixia}
			coded := named
			coded.CreditCode = code(i)
			lists[0] = append(lists[0], coded)
			lists[1] = append([]company.Listed{coded}, lists[1]...)
			lists[2] = append(lists[2], coded)
		}
		var wg sync.WaitGroup
		got, errs := [3][]company.Known{}, [4]error{}
		for i := range lists {
			wg.Go(func() { got[i], errs[i] = b.companies.EnsureListed(ctx, lists[i]) })
		}
		wg.Go(func() {
			in := input(350)
			in.Name = "第350公司"
			_, errs[3] = b.companies.Register(ctx, in)
		})
		wg.Wait()
		for _, err := range errs {
			require.NoError(t, err)
		}
		require.Equal(t, n, b.rows(t, "SELECT count(*) FROM companies"))
		require.Equal(t, n, b.rows(t, "SELECT count(*) FROM registry WHERE kind = 'credit_code'"))
		require.Equal(t, n, b.rows(t, "SELECT count(*) FROM registry WHERE kind = 'company_name'"))
		made := 0
		for i := range n {
			require.Equal(t, got[0][i].ID, got[1][n-1-i].ID)
			require.Equal(t, got[0][i].ID, got[2][i].ID)
		}
		for _, list := range got {
			for _, k := range list {
				if k.Created {
					made++
				}
			}
		}
		require.LessOrEqual(t, made, n)
	})
}

func TestEnsureListedIsOneTransaction(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		boom := fault.New(fault.Conflict, "test.boom")
		err := b.db.InTx(ctx, func(ctx context.Context) error {
			_, err := b.companies.EnsureListed(ctx, []company.Listed{{Name: "甲有限公司"}})
			require.NoError(t, err)
			return boom
		})
		require.ErrorIs(t, err, boom)
		require.Zero(t, b.rows(t, "SELECT count(*) FROM companies"))
		require.Zero(t, b.rows(t, "SELECT count(*) FROM registry"))
	})
}

func BenchmarkEnsureListed(b *testing.B) {
	for _, size := range []int{500, 20_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := setup(b, orgtest.SQLite(b))
			ctx := db.SystemScope(b.Context(), "bench")
			n := 0
			for b.Loop() {
				list := make([]company.Listed, size)
				for i := range list {
					n++
					list[i] = company.Listed{Name: fmt.Sprintf("山东第%d贸易有限公司", n), DivisionCode: lixia}
					if n%2 == 0 {
						list[i].CreditCode = code(n)
					}
				}
				_, err := s.companies.EnsureListed(ctx, list)
				require.NoError(b, err)
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "companies/s")
		})
	}
	b.Run("known", func(b *testing.B) {
		s := setup(b, orgtest.SQLite(b))
		ctx := db.SystemScope(b.Context(), "bench")
		list := make([]company.Listed, 20_000)
		for i := range list {
			list[i] = company.Listed{Name: fmt.Sprintf("山东第%d贸易有限公司", i), DivisionCode: lixia, CreditCode: code(i)}
		}
		_, err := s.companies.EnsureListed(ctx, list)
		require.NoError(b, err)
		n := 0
		for b.Loop() {
			_, err := s.companies.EnsureListed(ctx, list)
			require.NoError(b, err)
			n += len(list)
		}
		b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "companies/s")
	})
}
