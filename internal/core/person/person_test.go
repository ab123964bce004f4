package person_test

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
	"gonghui/internal/core/org"
	"gonghui/internal/core/org/orgtest"
	"gonghui/internal/core/person"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/ident"
	"gonghui/internal/kit/page"
)

const (
	lixia  = "370102" // 济南市历下区
	shinan = "370202" // 青岛市市南区
	phone  = "13812341234"
)

type bench struct {
	db     *db.DB
	org    *org.Service
	people *person.Service
	clock  *clock.Fake
}

func each(t *testing.T, test func(t *testing.T, ctx context.Context, b *bench)) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.NewFake(time.Date(2020, 7, 20, 4, 0, 0, 0, time.UTC))
		o := org.New(d, c)
		require.NoError(t, o.Seed(t.Context()))
		s := person.New(person.Deps{DB: d, Vault: vaulttest.New(t), Clock: c, Org: o, Audit: audit.New(d, c)})
		test(t, db.SystemScope(t.Context(), "test"), &bench{d, o, s, c})
	})
}

func (b *bench) desk(t testing.TB, division string) context.Context {
	u, ok := b.org.ByDivision(division)
	require.True(t, ok)
	return db.WithScope(t.Context(), db.Scope{Paths: []string{u.Path}})
}

func own(t testing.TB, p person.Person) context.Context {
	return db.WithScope(t.Context(), db.Scope{PersonID: p.ID})
}

func (b *bench) someone(t testing.TB, ctx context.Context, phone, division string) person.Person {
	t.Helper()
	p, created, err := b.people.FindOrCreateByPhone(ctx, phone, "张三", division)
	require.NoError(t, err)
	require.True(t, created)
	return p
}

func (b *bench) count(t testing.TB, query string) int {
	t.Helper()
	var n int
	require.NoError(t, b.db.Reader(t.Context()).NewRaw(query).Scan(t.Context(), &n))
	return n
}

func resident(t testing.TB, order int) string {
	n, ok := ident.MakeResidentID(lixia, clock.MakeDay(1990, 1, 1), order)
	require.True(t, ok)
	return n
}

func to[T any](v T) *T { return &v }

func fieldsOf(err error) map[string]string {
	out := map[string]string{}
	for _, f := range fault.As(err).Fields {
		out[f.Name] = f.Code
	}
	return out
}

func TestFindOrCreateByPhone(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		p, created, err := b.people.FindOrCreateByPhone(ctx, "138-1234 1234", " 买买提•阿不都 ", lixia)
		require.NoError(t, err)
		require.True(t, created)
		county, _ := b.org.ByDivision(lixia)
		require.Equal(t, person.Person{
			CityCode: "3701", ID: p.ID, OrgPath: county.Path, Name: "买买提·阿不都", PhoneMask: "138****1234",
			DivisionCode: lixia, Groups: []string{}, Version: 1,
		}, p)

		again, created, err := b.people.FindOrCreateByPhone(ctx, phone, "李四", shinan)
		require.NoError(t, err)
		require.False(t, created)
		require.Equal(t, p, again, "a record that is there stays as it is")

		far, _, err := b.people.FindOrCreateByPhone(ctx, "13900001111", "", "")
		require.NoError(t, err)
		require.Equal(t, "3700", far.CityCode)
		require.Equal(t, "0001", far.OrgPath)

		for name, c := range map[string]struct{ phone, name, division, field, code string }{
			"emoji":    {"13900002222", "张三😀", lixia, "name", "name"},
			"NUL":      {"13900002222", "张\x00三", lixia, "name", "charset"},
			"digits":   {"13900002222", "张3", lixia, "name", "name"},
			"tag":      {"13900002222", "<b>", lixia, "name", "name"},
			"long":     {"13900002222", strings.Repeat("长", 51), lixia, "name", "too_long"},
			"phone":    {"12345", "张三", lixia, "phone", "phone"},
			"no phone": {"", "张三", lixia, "phone", "required"},
			"place":    {"13900002222", "张三", "379999", "division", "choice"},
		} {
			_, _, err := b.people.FindOrCreateByPhone(ctx, c.phone, c.name, c.division)
			require.True(t, fault.IsKind(err, fault.Invalid), "%s: %v", name, err)
			require.Equal(t, map[string]string{c.field: c.code}, fieldsOf(err), name)
		}
		require.Equal(t, 2, b.count(t, "SELECT count(*) FROM persons"))
		require.Equal(t, 2, b.count(t, "SELECT count(*) FROM registry"))

		for name, ctx := range map[string]context.Context{"no scope": t.Context(), "a desk": b.desk(t, "37"), "oneself": own(t, p)} {
			_, _, err := b.people.FindOrCreateByPhone(ctx, phone, "", "")
			require.ErrorIs(t, err, person.ErrInternal, "%s must not learn whose number it is", name)
		}
	})
}

func TestFirstSignInTwiceAtOnce(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		const n = 6
		people, made, errs := make([]person.Person, n), make([]bool, n), make([]error, n)
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() { people[i], made[i], errs[i] = b.people.FindOrCreateByPhone(ctx, phone, "", lixia) })
		}
		wg.Wait()
		created := 0
		for i := range n {
			require.NoError(t, errs[i])
			require.Equal(t, people[0].ID, people[i].ID)
			if made[i] {
				created++
			}
		}
		require.Equal(t, 1, created)
		require.Equal(t, 1, b.count(t, "SELECT count(*) FROM persons"))
	})
}

func TestNumbersAreSealed(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		p := b.someone(t, ctx, phone, lixia)
		q := b.someone(t, ctx, "13900001111", lixia)
		p, err := b.people.Update(ctx, p.CityCode, p.ID, person.Patch{ResidentID: to(resident(t, 1)), Version: p.Version})
		require.NoError(t, err)
		var rows []struct{ PhoneEnc, ResidentEnc []byte }
		require.NoError(t, b.db.Reader(ctx).NewRaw("SELECT phone_enc, resident_enc FROM persons WHERE id = ?", p.ID).Scan(ctx, &rows))
		require.NotContains(t, string(rows[0].PhoneEnc), phone)
		require.NotContains(t, string(rows[0].ResidentEnc), resident(t, 1))
		// A sealed value carried into another row does not open.
		_, err = b.db.Writer(ctx).NewRaw("UPDATE persons SET phone_enc = ? WHERE id = ?", rows[0].PhoneEnc, q.ID).Exec(ctx)
		require.NoError(t, err)
		_, err = b.people.RevealPhone(ctx, q.CityCode, q.ID, "核对")
		require.True(t, fault.IsKind(err, fault.Internal))
		for _, text := range []string{fmt.Sprintf("%+v", p), fmt.Sprintf("%+v", q)} {
			require.NotContains(t, text, phone)
			require.NotContains(t, text, resident(t, 1))
		}
	})
}

func TestUpdate(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		p := b.someone(t, ctx, phone, lixia)
		self := own(t, p)
		next, err := b.people.Update(self, p.CityCode, p.ID, person.Patch{
			Name: to("李 四"), Division: to(shinan), Education: to(5), Groups: to([]string{"veteran", "graduate", "veteran"}),
			ResidentID: to("370102 19900101" + resident(t, 2)[14:]), Version: p.Version,
		})
		require.NoError(t, err)
		county, _ := b.org.ByDivision(shinan)
		require.Equal(t, person.Person{
			CityCode: "3701", ID: p.ID, OrgPath: county.Path, Name: "李 四", Sex: "F", BirthOn: clock.MakeDay(1990, 1, 1),
			PhoneMask: "138****1234", ResidentMask: ident.MaskResidentID(resident(t, 2)), DivisionCode: shinan, Education: 5,
			Groups: []string{"graduate", "veteran"}, Version: 2,
		}, next)
		got, err := b.people.Get(self, p.CityCode, p.ID)
		require.NoError(t, err)
		require.Equal(t, next, got)

		_, err = b.people.Update(self, p.CityCode, p.ID, person.Patch{Name: to("王五"), Version: 1})
		require.ErrorIs(t, err, person.ErrMovedOn)
		_, err = b.people.Update(self, p.CityCode, p.ID, person.Patch{Name: to("王五")})
		require.ErrorIs(t, err, person.ErrMovedOn, "a patch that saw no version")

		for name, c := range map[string]struct {
			patch       person.Patch
			field, code string
		}{
			"emoji":           {person.Patch{Name: to("李四😀")}, "name", "name"},
			"NUL":             {person.Patch{Name: to("李\x00四")}, "name", "charset"},
			"no name":         {person.Patch{Name: to(" ")}, "name", "required"},
			"no such place":   {person.Patch{Division: to("999999")}, "division", "choice"},
			"empty place":     {person.Patch{Division: to("")}, "division", "choice"},
			"education":       {person.Patch{Education: to(8)}, "education", "range"},
			"group":           {person.Patch{Groups: to([]string{"veteran", "rich"})}, "groups", "choice"},
			"number":          {person.Patch{ResidentID: to("37010219900101000X")}, "resident_id", "checksum"},
			"short number":    {person.Patch{ResidentID: to("37010219")}, "resident_id", "length"},
			"impossible day":  {person.Patch{ResidentID: to("370102199002300013")}, "resident_id", "date"},
			"born tomorrow":   {person.Patch{ResidentID: to(born(t, clock.MakeDay(2020, 7, 21)))}, "resident_id", "date"},
			"NUL in a number": {person.Patch{ResidentID: to(resident(t, 2)[:17] + "\x00")}, "resident_id", "charset"},
		} {
			c.patch.Version = next.Version
			_, err := b.people.Update(self, p.CityCode, p.ID, c.patch)
			require.True(t, fault.IsKind(err, fault.Invalid), "%s: %v", name, err)
			require.Equal(t, map[string]string{c.field: c.code}, fieldsOf(err), name)
			require.NotContains(t, err.Error(), resident(t, 2)[:14], "a fault does not repeat a number")
		}
		got, err = b.people.Get(self, p.CityCode, p.ID)
		require.NoError(t, err)
		require.Equal(t, next, got, "a refused patch changes nothing")
	})
}

func born(t testing.TB, on clock.Day) string {
	n, ok := ident.MakeResidentID(lixia, on, 1)
	require.True(t, ok)
	return n
}

func TestResidentNumberBelongsToOne(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		p, q := b.someone(t, ctx, phone, lixia), b.someone(t, ctx, "13900001111", shinan)
		old := "370102900101001" // 15 digits of the number with order 1
		p, err := b.people.Update(ctx, p.CityCode, p.ID, person.Patch{ResidentID: to(old), Version: p.Version})
		require.NoError(t, err)
		_, err = b.people.Update(ctx, q.CityCode, q.ID, person.Patch{ResidentID: to(resident(t, 1)), Version: q.Version})
		require.ErrorIs(t, err, person.ErrResident, "15 and 18 places are one number, also across cities")
		p, err = b.people.Update(ctx, p.CityCode, p.ID, person.Patch{ResidentID: to(resident(t, 1)), Version: p.Version})
		require.NoError(t, err, "one's own number again")
		_, err = b.people.Update(ctx, p.CityCode, p.ID, person.Patch{ResidentID: to(resident(t, 3)), Version: p.Version})
		require.NoError(t, err)
		_, err = b.people.Update(ctx, q.CityCode, q.ID, person.Patch{ResidentID: to(resident(t, 1)), Version: q.Version})
		require.NoError(t, err, "a number corrected away is free")
		require.Equal(t, 2, b.count(t, "SELECT count(*) FROM registry WHERE kind = 'resident_id'"))

		// Two take the same number at once.
		r, s := b.someone(t, ctx, "13900002222", lixia), b.someone(t, ctx, "13900003333", lixia)
		errs := make([]error, 2)
		var wg sync.WaitGroup
		for i, who := range []person.Person{r, s} {
			wg.Go(func() {
				_, errs[i] = b.people.Update(ctx, who.CityCode, who.ID, person.Patch{ResidentID: to(resident(t, 5)), Version: 1})
			})
		}
		wg.Wait()
		require.True(t, (errs[0] == nil) != (errs[1] == nil), "%v / %v", errs[0], errs[1])
	})
}

func TestUpdateAtOnce(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		p := b.someone(t, ctx, phone, lixia)
		errs := make([]error, 4)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() {
				_, errs[i] = b.people.Update(ctx, p.CityCode, p.ID, person.Patch{Education: to(i + 1), Version: p.Version})
			})
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else {
				require.ErrorIs(t, err, person.ErrMovedOn)
			}
		}
		require.Equal(t, 1, won)
	})
}

func TestScope(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		p, q := b.someone(t, ctx, phone, lixia), b.someone(t, ctx, "13900001111", shinan)
		for name, c := range map[string]struct {
			ctx        context.Context
			sees, acts bool
		}{
			"oneself":       {own(t, p), true, true},
			"county":        {b.desk(t, lixia), true, false},
			"city":          {b.desk(t, "3701"), true, false},
			"province":      {b.desk(t, "37"), true, false},
			"sister county": {b.desk(t, "370103"), false, false},
			"sister city":   {b.desk(t, "3702"), false, false},
			"street below":  {b.desk(t, lixia+"001"), false, false},
			"someone else":  {own(t, q), false, false},
			"a company":     {db.WithScope(t.Context(), db.Scope{Companies: []string{p.ID, "c1"}}), false, false},
			"nobody":        {db.WithScope(t.Context(), db.Scope{}), false, false},
		} {
			t.Run(name, func(t *testing.T) {
				list, err := b.people.List(c.ctx, person.Filter{}, page.Request{})
				require.NoError(t, err)
				seen := false
				for _, x := range list.Items {
					seen = seen || x.ID == p.ID
				}
				require.Equal(t, c.sees, seen)
				for what, err := range map[string]error{
					"get":      second(b.people.Get(c.ctx, p.CityCode, p.ID)),
					"uses":     second(b.people.Uses(c.ctx, p.Ref(), page.Request{})),
					"consents": second(b.people.ListConsents(c.ctx, p.Ref())),
					"phone":    second(b.people.RevealPhone(c.ctx, p.CityCode, p.ID, "回访")),
				} {
					if c.sees {
						require.NoError(t, err, what)
					} else {
						require.ErrorIs(t, err, person.ErrNotFound, what)
					}
				}
				if !c.sees {
					require.ErrorIs(t, second(b.people.Update(c.ctx, p.CityCode, p.ID, person.Patch{Education: to(1), Version: p.Version})), person.ErrNotFound)
					require.ErrorIs(t, second(b.people.RevealResidentID(c.ctx, p.CityCode, p.ID, "回访")), person.ErrNotFound)
				}
				granted := second(b.people.GrantConsent(c.ctx, p.Ref(), "employment.share_phone", "c1", time.Time{}))
				withdrawn := b.people.WithdrawConsent(c.ctx, p.Ref(), "employment.share_phone", "c1")
				if c.acts {
					require.NoError(t, granted)
					require.NoError(t, withdrawn)
				} else {
					require.ErrorIs(t, granted, person.ErrNotFound, "nobody consents for another")
					require.ErrorIs(t, withdrawn, person.ErrNotFound)
				}
			})
		}
		for what, err := range map[string]error{
			"get":  second(b.people.Get(t.Context(), p.CityCode, p.ID)),
			"list": second(b.people.List(t.Context(), person.Filter{}, page.Request{})),
			"use":  second(b.people.GetForUse(t.Context(), p.Ref(), "回访")),
		} {
			require.True(t, fault.IsKind(err, fault.Forbidden), "%s without a scope", what)
		}
		for what, ref := range map[string]person.Ref{
			"guessed": {City: "3701", ID: id.New()}, "wrong city": {City: "3702", ID: p.ID}, "no id": {City: "3701", ID: "' OR 1=1 --"},
			"NUL": {City: "3701", ID: "\x00"},
		} {
			require.ErrorIs(t, second(b.people.Get(ctx, ref.City, ref.ID)), person.ErrNotFound, what)
			require.ErrorIs(t, second(b.people.GetForUse(ctx, ref, "回访")), person.ErrNotFound, what)
			require.ErrorIs(t, second(b.people.GrantConsent(ctx, ref, "x.y", "", time.Time{})), person.ErrNotFound, what)
			require.ErrorIs(t, second(b.people.RevealPhone(ctx, ref.City, ref.ID, "回访")), person.ErrNotFound, what)
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestList(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		for i := range 7 {
			p := b.someone(t, ctx, fmt.Sprintf("139000011%02d", i), lixia)
			groups := []string{"veteran"}
			if i == 0 {
				groups = []string{"guard", "migrant"}
			}
			_, err := b.people.Update(ctx, p.CityCode, p.ID, person.Patch{Name: to("张" + string(rune('一'+i))), Groups: &groups, Version: 1})
			require.NoError(t, err)
		}
		clerk := b.desk(t, lixia)
		seen, req := map[string]bool{}, page.Request{Limit: 3}
		for {
			p, err := b.people.List(clerk, person.Filter{}, req)
			require.NoError(t, err)
			for _, x := range p.Items {
				require.False(t, seen[x.ID])
				seen[x.ID] = true
				require.Contains(t, x.PhoneMask, "****")
			}
			if req.After = p.Next; p.Next == "" {
				break
			}
		}
		require.Len(t, seen, 7)
		for _, c := range []struct {
			f    person.Filter
			want int
		}{
			{person.Filter{Group: "veteran"}, 6}, {person.Filter{Group: "migrant"}, 1}, {person.Filter{Group: "hardship"}, 0},
			{person.Filter{Name: "张"}, 7}, {person.Filter{Name: "一"}, 1}, {person.Filter{Name: "%"}, 0}, {person.Filter{Name: "'"}, 0},
			{person.Filter{OrgPath: "00010002"}, 0}, {person.Filter{OrgPath: "0001"}, 7},
		} {
			p, err := b.people.List(clerk, c.f, page.Request{})
			require.NoError(t, err)
			require.Len(t, p.Items, c.want, "%+v", c.f)
		}
		for _, f := range []person.Filter{{Group: "rich"}, {Name: "\x00"}} {
			_, err := b.people.List(clerk, f, page.Request{})
			require.True(t, fault.IsKind(err, fault.Invalid))
		}
		for _, after := range []page.Cursor{"forged", page.Encode("person/list", "\x00"), page.Encode("company/list", id.New())} {
			_, err := b.people.List(clerk, person.Filter{}, page.Request{After: after})
			require.True(t, fault.IsKind(err, fault.Invalid))
		}
	})
}

func TestRevealIsAudited(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		p := b.someone(t, ctx, phone, lixia)
		clerk := audit.WithActor(b.desk(t, lixia), "a1", "王干事")
		for _, purpose := range []string{"", "  ", "\x00", strings.Repeat("长", 200)} {
			_, err := b.people.RevealPhone(clerk, p.CityCode, p.ID, purpose)
			require.ErrorIs(t, err, person.ErrPurpose, "%q", purpose)
		}
		number, err := b.people.RevealPhone(clerk, p.CityCode, p.ID, "电话回访")
		require.NoError(t, err)
		require.Equal(t, phone, number)
		_, err = b.people.RevealResidentID(clerk, p.CityCode, p.ID, "电话回访")
		require.ErrorIs(t, err, person.ErrNoNumber)
		_, err = b.people.Update(ctx, p.CityCode, p.ID, person.Patch{ResidentID: to(resident(t, 1)), Version: p.Version})
		require.NoError(t, err)
		number, err = b.people.RevealResidentID(clerk, p.CityCode, p.ID, "核对身份")
		require.NoError(t, err)
		require.Equal(t, resident(t, 1), number)
		b.clock.Advance(time.Second)
		_, err = b.people.GetForUse(clerk, p.Ref(), "")
		require.ErrorIs(t, err, person.ErrPurpose)
		_, err = b.people.GetForUse(clerk, p.Ref(), "employment.recommend")
		require.NoError(t, err)

		uses, err := b.people.Uses(own(t, p), p.Ref(), page.Request{})
		require.NoError(t, err)
		got := map[string]string{}
		for _, u := range uses.Items {
			got[string(u.Action)] = u.Purpose
		}
		require.Equal(t, map[string]string{
			"person.created": "", "person.phone_read": "电话回访", "person.updated": "",
			"person.resident_id_read": "核对身份", "person.used": "employment.recommend",
		}, got)
		require.Equal(t, "person.used", string(uses.Items[0].Action))
		require.Equal(t, "王干事", uses.Items[0].ActorName, "the person sees who it was")
	})
}

func TestConsent(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		p := b.someone(t, ctx, phone, lixia)
		self := own(t, p)
		const share = "employment.share_phone"
		has := func(recipient string) bool {
			ok, err := b.people.HasConsent(t.Context(), p.Ref(), share, recipient)
			require.NoError(t, err)
			return ok
		}
		company := db.WithScope(t.Context(), db.Scope{Companies: []string{"c1"}})
		require.False(t, has("c1"))
		_, err := b.people.RevealPhoneByConsent(company, p.Ref(), share, "c1")
		require.ErrorIs(t, err, person.ErrNotFound)
		require.NoError(t, b.people.WithdrawConsent(self, p.Ref(), share, "c1"), "nothing stands: nothing changes")

		c, err := b.people.GrantConsent(self, p.Ref(), share, "c1", time.Time{})
		require.NoError(t, err)
		again, err := b.people.GrantConsent(self, p.Ref(), share, "c1", time.Time{})
		require.NoError(t, err)
		require.Equal(t, c.ID, again.ID, "asked twice, granted once")
		require.True(t, has("c1"))
		require.False(t, has("c2"), "a consent is for one recipient")
		number, err := b.people.RevealPhoneByConsent(company, p.Ref(), share, "c1")
		require.NoError(t, err)
		require.Equal(t, phone, number)

		b.clock.Advance(time.Minute)
		require.NoError(t, b.people.WithdrawConsent(self, p.Ref(), share, "c1"))
		require.False(t, has("c1"))
		_, err = b.people.RevealPhoneByConsent(company, p.Ref(), share, "c1")
		require.ErrorIs(t, err, person.ErrNotFound)

		_, err = b.people.GrantConsent(self, p.Ref(), share, "c1", b.clock.Now().Add(time.Hour))
		require.NoError(t, err)
		require.True(t, has("c1"))
		b.clock.Advance(time.Hour)
		require.False(t, has("c1"), "run out at the very instant")

		list, err := b.people.ListConsents(self, p.Ref())
		require.NoError(t, err)
		require.Len(t, list, 2)
		require.False(t, list[0].Holds(b.clock.Now()))
		require.False(t, list[1].WithdrawnAt.IsZero())
		_, err = b.people.GrantConsent(self, p.Ref(), " ", "c1", time.Time{})
		require.ErrorIs(t, err, person.ErrPurpose)
	})
}
