package company_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/db"
	"gonghui/internal/base/vault/vaulttest"
	"gonghui/internal/core/company"
	"gonghui/internal/core/org"
	"gonghui/internal/core/org/orgtest"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/ident"
	"gonghui/internal/kit/page"
)

const (
	lixia  = "370102" // 济南市历下区
	shinan = "370202" // 青岛市市南区
)

type bench struct {
	db        *db.DB
	org       *org.Service
	audit     *audit.Log
	companies *company.Service
	clock     *clock.Fake
}

func setup(t testing.TB, d *db.DB) *bench {
	t.Helper()
	c := clock.NewFake(time.Date(2020, 7, 20, 4, 0, 0, 0, time.UTC))
	o, a := org.New(d, c), audit.New(d, c)
	require.NoError(t, o.Seed(t.Context()))
	return &bench{d, o, a, company.New(company.Deps{DB: d, Vault: vaulttest.New(t), Clock: c, Org: o, Audit: a}), c}
}

func each(t *testing.T, test func(t *testing.T, ctx context.Context, b *bench)) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) { test(t, db.SystemScope(t.Context(), "test"), setup(t, d)) })
}

// desk is the scope of a clerk of the unit of a division.
func (b *bench) desk(t testing.TB, ctx context.Context, division string) context.Context {
	u, ok := b.org.ByDivision(division)
	require.True(t, ok)
	return db.WithScope(ctx, db.Scope{Paths: []string{u.Path}})
}

func code(n int) string {
	c, _ := ident.MakeCreditCode(fmt.Sprintf("91370102MA3C%05d", n))
	return c
}

func input(n int) company.Input {
	return company.Input{
		CreditCode: code(n), Name: fmt.Sprintf("济南第%d机械（集团）有限公司", n), IndustryCode: "C34", DivisionCode: lixia + "001",
		Address: "历山路1号", About: "造机器。", ContactName: "张三", ContactPhone: "13812341234",
	}
}

func (b *bench) rows(t testing.TB, query string) int {
	t.Helper()
	var n int
	require.NoError(t, b.db.Reader(t.Context()).NewRaw(query).Scan(t.Context(), &n))
	return n
}

func TestRegister(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		in := input(1)
		in.CreditCode, in.ContactPhone = " "+strings.ToLower(in.CreditCode), "138 1234 1234"
		c, err := b.companies.Register(ctx, in)
		require.NoError(t, err)
		county, _ := b.org.ByDivision(lixia)
		require.Equal(t, company.Company{
			CityCode: "3701", ID: c.ID, OrgPath: county.Path, CreditCode: code(1), Name: in.Name, IndustryCode: "C34",
			DivisionCode: lixia + "001", Address: "历山路1号", About: "造机器。", ContactName: "张三",
			ContactPhoneMask: "138****1234", State: company.StateSubmitted, Version: 1,
		}, c)

		_, err = b.companies.Register(ctx, input(1))
		require.ErrorIs(t, err, company.ErrRegistered)

		p, ok, err := b.companies.FindByCreditCode(t.Context(), strings.ToLower(code(1)))
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, c.Public(), p)
		p, ok, err = b.companies.FindByName(t.Context(), "济南第１机械(集团)有限公司 ")
		require.NoError(t, err)
		require.True(t, ok, "width and brackets make no other name")
		require.Equal(t, c.ID, p.ID)
		for _, s := range []string{code(2), "nonsense", "", "\x00"} {
			_, ok, err = b.companies.FindByCreditCode(t.Context(), s)
			require.NoError(t, err)
			require.False(t, ok)
			_, ok, err = b.companies.FindByName(t.Context(), s)
			require.NoError(t, err)
			require.False(t, ok)
		}

		// Nothing in the database shows the number or lets it be looked up without the key.
		var enc []byte
		require.NoError(t, b.db.Reader(ctx).NewRaw("SELECT contact_phone_enc FROM companies").Scan(ctx, &enc))
		require.NotContains(t, string(enc), "13812341234")
	})
}

func TestRegisterRefusesBadInput(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		for _, c := range []struct {
			field, code string
			spoil       func(*company.Input)
		}{
			{"credit_code", "required", func(in *company.Input) { in.CreditCode = "" }},
			{"credit_code", "checksum", func(in *company.Input) { in.CreditCode = in.CreditCode[:17] + "0" }},
			{"credit_code", "length", func(in *company.Input) { in.CreditCode = "9137" }},
			{"name", "required", func(in *company.Input) { in.Name = " " }},
			{"name", "charset", func(in *company.Input) { in.Name = "济南\x00机械" }},
			{"name", "charset", func(in *company.Input) { in.Name = "济南机械😀" }},
			{"name", "charset", func(in *company.Input) { in.Name = "（）" }},
			{"name", "charset", func(in *company.Input) { in.Name = "=1+1" }},
			{"name", "length", func(in *company.Input) { in.Name = "济" }},
			{"name", "too_long", func(in *company.Input) { in.Name = strings.Repeat("长", 101) }},
			{"division", "required", func(in *company.Input) { in.DivisionCode = "" }},
			{"division", "choice", func(in *company.Input) { in.DivisionCode = "379999" }},
			{"industry", "choice", func(in *company.Input) { in.IndustryCode = "Z1" }},
			{"contact_name", "name", func(in *company.Input) { in.ContactName = "张三😀" }},
			{"contact_phone", "phone", func(in *company.Input) { in.ContactPhone = "1234" }},
			{"about", "charset", func(in *company.Input) { in.About = "\xff" }},
		} {
			in := input(1)
			c.spoil(&in)
			_, err := b.companies.Register(ctx, in)
			require.True(t, fault.HasCode(err, "form.invalid"), "%s: %v", c.field, err)
			require.Len(t, fault.As(err).Fields, 1)
			require.Equal(t, c.field, fault.As(err).Fields[0].Name)
			require.Equal(t, c.code, fault.As(err).Fields[0].Code)
		}
		_, err := b.companies.Register(ctx, company.Input{})
		require.Len(t, fault.As(err).Fields, 5, "every wrong field is told at once")
		require.Zero(t, b.rows(t, "SELECT count(*) FROM companies"))
		require.Zero(t, b.rows(t, "SELECT count(*) FROM registry"))
	})
}

func TestRegisterAtOnce(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		const n = 6
		errs := make([]error, n)
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() { _, errs[i] = b.companies.Register(ctx, input(1)) })
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else {
				require.ErrorIs(t, err, company.ErrRegistered)
			}
		}
		require.Equal(t, 1, won)
		require.Equal(t, 1, b.rows(t, "SELECT count(*) FROM companies"))
	})
}

func TestAListedCompanyIsClaimed(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		known, err := b.companies.EnsureListed(ctx, []company.Listed{
			{Name: input(1).Name, CreditCode: code(1), DivisionCode: shinan},
			{Name: "济南第2机械(集团)有限公司"},
		})
		require.NoError(t, err)
		c, err := b.companies.Register(ctx, input(1))
		require.NoError(t, err)
		require.Equal(t, known[0].ID, c.ID)
		require.Equal(t, "3702", c.CityCode, "custody stays")
		county, _ := b.org.ByDivision(lixia)
		require.Equal(t, county.Path, c.OrgPath, "the union in charge is that of the place it gave")
		require.Equal(t, company.StateSubmitted, c.State)
		c, err = b.companies.Register(ctx, input(2))
		require.NoError(t, err)
		require.Equal(t, known[1].ID, c.ID, "claimed by its name, and its code is added")
		require.Equal(t, code(2), c.CreditCode)
		require.Equal(t, 2, b.rows(t, "SELECT count(*) FROM companies"))
		p, ok, err := b.companies.FindByCreditCode(ctx, code(2))
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, c.ID, p.ID)

		// A namesake with a code of its own is another company.
		in := input(3)
		in.Name = input(1).Name
		namesake, err := b.companies.Register(ctx, in)
		require.NoError(t, err)
		require.NotEqual(t, known[0].ID, namesake.ID)
		p, _, err = b.companies.FindByName(ctx, in.Name)
		require.NoError(t, err)
		require.Equal(t, known[0].ID, p.ID, "the name stays with the first")
	})
}

func TestStates(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		c, err := b.companies.Register(ctx, input(1))
		require.NoError(t, err)
		_, err = b.companies.SetState(ctx, c.Ref(), company.StateListed, 0)
		require.ErrorIs(t, err, company.ErrState)
		_, err = b.companies.SetState(ctx, c.Ref(), "nonsense", 0)
		require.ErrorIs(t, err, company.ErrState)
		_, err = b.companies.SetState(ctx, c.Ref(), company.StateVerified, 7)
		require.ErrorIs(t, err, company.ErrMovedOn)
		c, err = b.companies.SetState(ctx, c.Ref(), company.StateVerified, c.Version)
		require.NoError(t, err)
		require.Equal(t, company.StateVerified, c.State)
		_, err = b.companies.Register(ctx, input(1))
		require.ErrorIs(t, err, company.ErrRegistered)
		c, err = b.companies.SetState(ctx, c.Ref(), company.StateBlocked, 0)
		require.NoError(t, err)
		_, err = b.companies.Register(ctx, input(1))
		require.ErrorIs(t, err, company.ErrBlocked)
		about := "改"
		_, err = b.companies.Update(ctx, c.Ref(), company.Patch{About: &about, Version: c.Version})
		require.ErrorIs(t, err, company.ErrBlocked)

		list, err := b.audit.ListForSubject(ctx, c.CityCode, c.ID, page.Request{})
		require.NoError(t, err)
		var did []string
		for _, e := range list.Items {
			did = append(did, string(e.Action))
		}
		require.ElementsMatch(t, []string{"company.blocked", "company.verified", "company.registered"}, did)
	})
}

func TestUpdate(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		c, err := b.companies.Register(ctx, input(1))
		require.NoError(t, err)
		name, phone, place := "济南新名有限公司", "13900001111", shinan
		own := db.WithScope(t.Context(), db.Scope{Companies: []string{c.ID}})
		next, err := b.companies.Update(own, c.Ref(), company.Patch{Name: &name, ContactPhone: &phone, DivisionCode: &place, Version: c.Version})
		require.NoError(t, err)
		require.Equal(t, "139****1111", next.ContactPhoneMask)
		require.Equal(t, "3701", next.CityCode)
		county, _ := b.org.ByDivision(shinan)
		require.Equal(t, county.Path, next.OrgPath)
		require.Equal(t, "造机器。", next.About, "what is not in the patch stays")
		_, ok, err := b.companies.FindByName(ctx, input(1).Name)
		require.NoError(t, err)
		require.False(t, ok, "the old name is free")
		_, ok, err = b.companies.FindByName(ctx, name)
		require.NoError(t, err)
		require.True(t, ok)

		_, err = b.companies.Update(own, c.Ref(), company.Patch{About: &name, Version: c.Version})
		require.ErrorIs(t, err, company.ErrMovedOn)
		empty, bad := "", "99"
		for field, p := range map[string]company.Patch{
			"name": {Name: &empty}, "contact_phone": {ContactPhone: &bad}, "contact_name": {ContactName: &empty},
			"division": {DivisionCode: &bad}, "industry": {IndustryCode: &empty, DivisionCode: &bad},
		} {
			p.Version = next.Version
			_, err := b.companies.Update(own, c.Ref(), p)
			require.True(t, fault.HasCode(err, "form.invalid"), "%s: %v", field, err)
		}
		next, err = b.companies.SetState(ctx, c.Ref(), company.StateVerified, 0)
		require.NoError(t, err)
		other := "济南再名有限公司"
		_, err = b.companies.Update(own, c.Ref(), company.Patch{Name: &other, Version: next.Version})
		require.ErrorIs(t, err, company.ErrNameFixed)
	})
}

func TestScope(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		mine, err := b.companies.Register(ctx, input(1))
		require.NoError(t, err)
		theirs := input(2)
		theirs.DivisionCode = shinan
		other, err := b.companies.Register(ctx, theirs)
		require.NoError(t, err)

		scopes := map[string]struct {
			ctx  context.Context
			sees bool
		}{
			"county":           {b.desk(t, ctx, lixia), true},
			"city":             {b.desk(t, ctx, "3701"), true},
			"province":         {b.desk(t, ctx, "37"), true},
			"sister county":    {b.desk(t, ctx, "370103"), false},
			"sister city":      {b.desk(t, ctx, "3702"), false},
			"street of county": {b.desk(t, ctx, lixia+"001"), false}, // the record is the county's
			"itself":           {db.WithScope(ctx, db.Scope{Companies: []string{mine.ID}}), true},
			"another company":  {db.WithScope(ctx, db.Scope{Companies: []string{other.ID}}), false},
			"a worker":         {db.WithScope(ctx, db.Scope{PersonID: mine.ID}), false},
			"nobody":           {db.WithScope(ctx, db.Scope{}), false},
		}
		for name, sc := range scopes {
			t.Run(name, func(t *testing.T) {
				_, err := b.companies.Get(sc.ctx, mine.CityCode, mine.ID)
				list, lerr := b.companies.List(sc.ctx, company.Filter{}, page.Request{})
				require.NoError(t, lerr)
				seen := false
				for _, c := range list.Items {
					seen = seen || c.ID == mine.ID
				}
				require.Equal(t, sc.sees, seen)
				if sc.sees {
					require.NoError(t, err)
					return
				}
				about := "改"
				for what, err := range map[string]error{
					"get":    err,
					"facts":  second(b.companies.Facts(sc.ctx, mine.Ref())),
					"fact":   second(b.companies.AddFact(sc.ctx, mine.Ref(), company.Fact{Kind: company.Staff, Year: 2020, Source: "税务"})),
					"update": second(b.companies.Update(sc.ctx, mine.Ref(), company.Patch{About: &about, Version: mine.Version})),
					"state":  second(b.companies.SetState(sc.ctx, mine.Ref(), company.StateVerified, 0)),
					"union":  second(b.companies.SetUnion(sc.ctx, mine.Ref(), "")),
					"phone":  second(b.companies.RevealContact(sc.ctx, mine.CityCode, mine.ID, "核实")),
				} {
					require.ErrorIs(t, err, company.ErrNotFound, what)
				}
			})
		}
		for what, err := range map[string]error{
			"get":  second(b.companies.Get(t.Context(), mine.CityCode, mine.ID)),
			"list": second(b.companies.List(t.Context(), company.Filter{}, page.Request{})),
		} {
			require.True(t, fault.IsKind(err, fault.Forbidden), "%s without a scope", what)
		}
		for what, err := range map[string]error{
			"guessed id":  second(b.companies.Get(ctx, "3701", id.New())),
			"wrong city":  second(b.companies.Get(ctx, "3702", mine.ID)),
			"not an id":   second(b.companies.Get(ctx, "3701", "' OR 1=1 --")),
			"public":      second(b.companies.Public(ctx, "3701", id.New())),
			"a NUL":       second(b.companies.Get(ctx, "3701", "\x00")),
			"public NUL":  second(b.companies.Public(ctx, "\x00", mine.ID)),
			"public city": second(b.companies.Public(ctx, "3702", mine.ID)),
		} {
			require.ErrorIs(t, err, company.ErrNotFound, what)
		}
		p, err := b.companies.Public(t.Context(), mine.CityCode, mine.ID)
		require.NoError(t, err)
		text := fmt.Sprintf("%+v", p)
		require.NotContains(t, text, "张三")
		require.NotContains(t, text, "138")
	})
}

func second[T any](_ T, err error) error { return err }

func TestListPages(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		for i := range 7 {
			_, err := b.companies.Register(ctx, input(i))
			require.NoError(t, err)
		}
		seen := map[string]bool{}
		req := page.Request{Limit: 3}
		for {
			p, err := b.companies.List(ctx, company.Filter{State: company.StateSubmitted}, req)
			require.NoError(t, err)
			for _, c := range p.Items {
				require.False(t, seen[c.ID])
				seen[c.ID] = true
			}
			if req.After = p.Next; p.Next == "" {
				break
			}
		}
		require.Len(t, seen, 7)
		for text, want := range map[string]int{"第3机": 1, code(4): 1, strings.ToLower(code(4)): 1, "%": 0, "_": 0, `\`: 0, "机械": 7, "'": 0} {
			p, err := b.companies.List(ctx, company.Filter{Text: text}, page.Request{})
			require.NoError(t, err)
			require.Len(t, p.Items, want, text)
		}
		_, err := b.companies.List(ctx, company.Filter{State: "nonsense"}, page.Request{})
		require.True(t, fault.IsKind(err, fault.Invalid), "an unknown filter is an error, never an empty list")
		_, err = b.companies.List(ctx, company.Filter{Text: "\x00"}, page.Request{})
		require.True(t, fault.IsKind(err, fault.Invalid))
		for _, after := range []page.Cursor{"forged", page.Encode("company/list", "\x00"), page.Encode("person/list", id.New())} {
			_, err = b.companies.List(ctx, company.Filter{}, page.Request{After: after})
			require.True(t, fault.IsKind(err, fault.Invalid))
		}
	})
}

func TestRevealContact(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		c, err := b.companies.Register(ctx, input(1))
		require.NoError(t, err)
		clerk := b.desk(t, ctx, lixia)
		_, err = b.companies.RevealContact(clerk, c.CityCode, c.ID, " ")
		require.ErrorIs(t, err, company.ErrPurpose)
		phone, err := b.companies.RevealContact(clerk, c.CityCode, c.ID, "核实营业执照")
		require.NoError(t, err)
		require.Equal(t, "13812341234", phone)
		list, err := b.audit.ListForSubject(clerk, c.CityCode, c.ID, page.Request{Limit: 1})
		require.NoError(t, err)
		require.Equal(t, "company.contact_read", string(list.Items[0].Action))
		require.Equal(t, "核实营业执照", list.Items[0].Purpose)
		known, err := b.companies.EnsureListed(ctx, []company.Listed{{Name: "无联系人有限公司", DivisionCode: lixia}})
		require.NoError(t, err)
		_, err = b.companies.RevealContact(clerk, known[0].CityCode, known[0].ID, "核实")
		require.ErrorIs(t, err, company.ErrNoContact)
	})
}

func TestFacts(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		c, err := b.companies.Register(ctx, input(1))
		require.NoError(t, err)
		first, err := b.companies.AddFact(ctx, c.Ref(), company.Fact{Kind: company.Staff, Year: 2019, Quantity: 120, Source: "税务"})
		require.NoError(t, err)
		again, err := b.companies.AddFact(ctx, c.Ref(), company.Fact{Kind: company.Staff, Year: 2019, Quantity: 120, Source: "税务"})
		require.NoError(t, err)
		require.Equal(t, first, again)
		_, err = b.companies.AddFact(ctx, c.Ref(), company.Fact{Kind: company.Staff, Year: 2019, Quantity: 95, Source: "社保"})
		require.NoError(t, err)
		facts, err := b.companies.Facts(ctx, c.Ref())
		require.NoError(t, err)
		require.Len(t, facts, 2, "facts that disagree stand side by side")
		for field, f := range map[string]company.Fact{
			"kind":     {Kind: "cars", Year: 2019, Source: "x"},
			"year":     {Kind: company.Staff, Year: 2021, Source: "x"},
			"quantity": {Kind: company.Staff, Year: 2019, Quantity: -1, Source: "x"},
			"source":   {Kind: company.Staff, Year: 2019},
		} {
			_, err := b.companies.AddFact(ctx, c.Ref(), f)
			require.Equal(t, field, fault.As(err).Fields[0].Name)
		}
	})
}

func TestSetUnion(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		c, err := b.companies.Register(ctx, input(1))
		require.NoError(t, err)
		require.False(t, c.Public().HasUnion)
		_, err = b.companies.SetUnion(ctx, c.Ref(), id.New())
		require.ErrorIs(t, err, org.ErrNotFound)
		county, _ := b.org.ByDivision(lixia)
		c, err = b.companies.SetUnion(ctx, c.Ref(), county.ID)
		require.NoError(t, err)
		require.True(t, c.Public().HasUnion)
	})
}
