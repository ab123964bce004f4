package org_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/core/org"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/place"
)

var (
	noon  = time.Date(2020, 7, 20, 4, 0, 0, 0, time.UTC)
	today = clock.MakeDay(2020, 7, 20)
)

func seeded(t testing.TB, d *db.DB) (*org.Service, *clock.Fake) {
	t.Helper()
	c := clock.NewFake(noon)
	s := org.New(d, c)
	require.NoError(t, s.Seed(t.Context()))
	return s, c
}

func division(t testing.TB, s *org.Service, code string) org.Unit {
	t.Helper()
	u, ok := s.ByDivision(code)
	require.True(t, ok, "no unit of %s", code)
	return u
}

func count(t testing.TB, d *db.DB, query string) int {
	t.Helper()
	var n int
	require.NoError(t, d.Reader(t.Context()).NewRaw(query).Scan(t.Context(), &n))
	return n
}

func TestSeedCounts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, _ := seeded(t, d)
		root, ok := s.Root()
		require.True(t, ok)
		require.Equal(t, "0001", root.Path)
		require.Equal(t, "山东省总工会", root.Name)
		got := map[string]int{}
		for _, u := range s.Subtree(root.Path) {
			kind := string(u.Kind)
			if u.Zone {
				kind = "zone"
			}
			got[kind]++
		}
		require.Equal(t, map[string]int{"province": 1, "city": 16, "county": 136, "zone": 15, "township": 1853}, got)
		require.Equal(t, 2021, count(t, d, "SELECT count(*) FROM org_units"))
		require.Equal(t, 2021, count(t, d, "SELECT count(*) FROM org_spans"))

		var version, again string
		require.NoError(t, d.Reader(t.Context()).NewRaw("SELECT value FROM settings WHERE name = 'org.tree'").Scan(t.Context(), &version))
		require.NoError(t, s.Seed(t.Context()))
		require.NoError(t, d.Reader(t.Context()).NewRaw("SELECT value FROM settings WHERE name = 'org.tree'").Scan(t.Context(), &again))
		require.NotEmpty(t, version)
		require.Equal(t, version, again, "a second seed changes nothing")
		require.Equal(t, 2021, count(t, d, "SELECT count(*) FROM org_spans"))
	})
}

// Two programs started on one empty database found every unit once.
func TestSeedTwiceAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for i := range errs {
			wg.Go(func() { errs[i] = org.New(d, clock.NewFake(noon)).Seed(context.WithoutCancel(t.Context())) })
		}
		wg.Wait()
		require.NoError(t, errs[0])
		require.NoError(t, errs[1])
		require.Equal(t, 2021, count(t, d, "SELECT count(*) FROM org_units"))
	})
}

func TestSeedAddsWhatIsMissing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		s, _ := seeded(t, d)
		gone := place.Children("370102")[0].Code
		for _, q := range []string{"DELETE FROM org_spans WHERE unit_id = ?", "DELETE FROM org_units WHERE id = ?"} {
			_, err := d.Writer(ctx).NewRaw(q, org.SeedID(gone)).Exec(ctx)
			require.NoError(t, err)
		}
		kept := division(t, s, "370103")
		kept, err := s.Rename(ctx, kept.ID, "市中区总工会（筹）", "", today, kept.Version)
		require.NoError(t, err)
		require.NoError(t, s.Seed(ctx))
		back := division(t, s, gone)
		require.Equal(t, org.SeedID(gone), back.ID)
		require.Equal(t, division(t, s, "370102").Path, org.ParentPath(back.Path))
		require.Equal(t, kept, division(t, s, "370103"), "seeding leaves what is there alone")
	})
}

func TestTreeReads(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, _ := seeded(t, d)
		jinan, qingdao := division(t, s, "3701"), division(t, s, "3702")
		lixia := division(t, s, "370102")
		require.Equal(t, "00010001", jinan.Path)
		require.Equal(t, "00010002", qingdao.Path)
		require.Equal(t, "000100010001", lixia.Path)
		require.Equal(t, "0001000G", division(t, s, "3717").Path, "segments count in base 36")
		require.Equal(t, "Jinan City Federation of Trade Unions", jinan.NameEn)
		for division, want := range map[string][2]string{
			"37":        {"Shandong Provincial Federation of Trade Unions", "山东省总工会"},
			"370102":    {"Lixia District Federation of Trade Unions", "历下区总工会"},
			"371722":    {"Shan County Federation of Trade Unions", "单县总工会"},
			"370772":    {"Weifang Binhai Economic and Technological Development Zone Federation of Trade Unions", "潍坊滨海经济技术开发区总工会"},
			"370104014": {"Xingfu Subdistrict Federation of Trade Unions", "兴福街道总工会"},
		} {
			u, ok := s.ByDivision(division)
			require.True(t, ok)
			require.Equal(t, want, [2]string{u.NameIn("en"), u.NameIn("zh-CN")})
		}
		require.Equal(t, "历下酒店工会", org.Unit{Name: "历下酒店工会"}.NameIn("en"), "a unit without an English name keeps the Chinese one")

		street := s.Children(lixia.ID)[0]
		require.Equal(t, org.Township, street.Kind)
		require.Equal(t, []string{"山东省总工会", "济南市总工会", "历下区总工会"}, names(s.Ancestors(street.Path)))
		require.Empty(t, s.Ancestors("0001"))
		county, ok := s.Above(street.Path, org.County)
		require.True(t, ok)
		require.Equal(t, lixia, county)
		_, ok = s.Above(jinan.Path, org.County)
		require.False(t, ok)

		// A sister is never within a sister, also where one number begins like another.
		require.False(t, org.Within(qingdao.Path, jinan.Path))
		require.True(t, org.Within(street.Path, jinan.Path))
		require.False(t, org.Within(jinan.Path, street.Path))
		require.False(t, org.Within(jinan.Path, ""), "no unit covers nothing")
		for _, u := range s.Subtree(jinan.Path) {
			require.Equal(t, "3701", u.CityCode)
		}
		zone := division(t, s, "370176")
		require.True(t, zone.Zone)
		require.Equal(t, org.County, zone.Kind)

		_, ok = s.ByID(id.New())
		require.False(t, ok)
		_, ok = s.ByPath("0001ZZZZ")
		require.False(t, ok)
		byPath, ok := s.ByPath(lixia.Path)
		require.True(t, ok)
		require.Equal(t, lixia, byPath)
		require.Empty(t, s.Children("nobody"))
		require.Empty(t, s.Subtree(""))
	})
}

func names(us []org.Unit) []string {
	out := make([]string, len(us))
	for i, u := range us {
		out[i] = u.Name
	}
	return out
}

func TestByDivisionUp(t *testing.T) {
	s, _ := seeded(t, dbtest.SQLite(t))
	for in, want := range map[string]string{
		"370102": "370102", "370100": "3701", "370000": "37", "37": "37",
		"370102999": "370102", "370102001999": "370102001", "370199": "3701", "379900": "37",
		"371202": "370116", // 莱城区 until 2019
		"110101": "37", "00": "37", "": "37", "x": "37", "济南": "37",
	} {
		u, ok := s.ByDivisionUp(in)
		require.True(t, ok)
		require.Equal(t, want, u.DivisionCode, in)
	}
	_, ok := s.ByDivision("370199")
	require.False(t, ok)
	_, ok = s.ByDivision("110101")
	require.False(t, ok)
}

func TestCityCodeOf(t *testing.T) {
	for in, want := range map[string]string{
		"370102": "3701", "3701": "3701", "370100": "3701", "371700": "3717", "370102001": "3701", "370102001201": "3701",
		"371202": "3701", "37": "3700", "370000": "3700", "110101": "3700", "": "3700", "3799": "3700", "379901": "3700",
		"370199": "3701", "\x00": "3700", "3701'": "3701",
	} {
		require.Equal(t, want, org.CityCodeOf(in), "%q", in)
	}
}

func TestFound(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		s, _ := seeded(t, d)
		street := s.Children(division(t, s, "370102").ID)[0]
		u, err := s.Found(ctx, org.Founding{
			ParentID: street.ID, Kind: org.Company, Name: " 济南某机械有限公司工会 ", CompanyCity: "3701", CompanyID: "c1",
		})
		require.NoError(t, err)
		require.Equal(t, "济南某机械有限公司工会", u.Name)
		require.Equal(t, street.Path+"0001", u.Path)
		require.Equal(t, "3701", u.CityCode)
		require.Equal(t, street.DivisionCode, u.DivisionCode)
		require.Equal(t, today, u.FoundedOn)
		require.True(t, id.ValidPublic("U", u.Code))
		got, ok := s.ByID(u.ID)
		require.True(t, ok, "a reader sees the unit as soon as it is founded")
		require.Equal(t, u, got)
		got, ok = s.ByCompany("c1")
		require.True(t, ok)
		require.Equal(t, u, got)
		require.Equal(t, []org.Unit{u}, s.Children(street.ID))

		near, ok := s.ByDivision(street.DivisionCode)
		require.True(t, ok)
		require.Equal(t, street, near, "a company union does not stand for its division")

		for name, c := range map[string]struct {
			f    org.Founding
			want error
		}{
			"no such parent":        {org.Founding{ParentID: id.New(), Kind: org.Company, Name: "某工会"}, org.ErrParent},
			"no parent":             {org.Founding{Kind: org.Company, Name: "某工会"}, org.ErrParent},
			"second province":       {org.Founding{Kind: org.Province, Name: "某工会"}, org.ErrParent},
			"county under a street": {org.Founding{ParentID: street.ID, Kind: org.County, Name: "某工会", DivisionCode: "370199"}, org.ErrParent},
			"below a company":       {org.Founding{ParentID: u.ID, Kind: org.Company, Name: "某工会"}, org.ErrParent},
			"unknown kind":          {org.Founding{ParentID: street.ID, Kind: "club", Name: "某工会"}, org.ErrParent},
			"company with a union":  {org.Founding{ParentID: street.ID, Kind: org.Company, Name: "某工会", CompanyID: "c1"}, org.ErrCompany},
			"division with a unit":  {org.Founding{ParentID: division(t, s, "3701").ID, Kind: org.County, Name: "某工会", DivisionCode: "370102"}, org.ErrDivision},
			"tomorrow":              {org.Founding{ParentID: street.ID, Kind: org.Company, Name: "某工会", On: today + 1}, org.ErrFuture},
		} {
			_, err := s.Found(ctx, c.f)
			require.ErrorIs(t, err, c.want, name)
		}
		for name, want := range map[string]string{"": "required", "一": "length", strings.Repeat("长", 81): "length", "工会\x00": "charset", "工\xff会": "charset"} {
			_, err := s.Found(ctx, org.Founding{ParentID: street.ID, Kind: org.Company, Name: name})
			require.True(t, fault.HasCode(err, "org.invalid"), "%q: %v", name, err)
			require.Equal(t, want, fault.As(err).Fields[0].Code, "%q", name)
		}
		for code, want := range map[string]string{"": "required", "370201": "choice", "3701\x00": "choice"} {
			_, err := s.Found(ctx, org.Founding{ParentID: division(t, s, "3701").ID, Kind: org.County, Name: "某区总工会", DivisionCode: code})
			require.Equal(t, want, fault.As(err).Fields[0].Code)
		}
		require.Len(t, s.Children(street.ID), 1, "nothing of a refused founding stays")
	})
}

// Many clerks found unions below one street at once: every unit has a path of its own.
func TestFoundAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		s, c := seeded(t, d)
		other := org.New(d, c) // a second process
		street := s.Children(division(t, s, "370102").ID)[0]
		const n = 24
		var wg sync.WaitGroup
		paths, errs := make([]string, n), make([]error, n)
		for i := range n {
			wg.Go(func() {
				by := s
				if i%2 == 1 {
					by = other
				}
				u, err := by.Found(ctx, org.Founding{ParentID: street.ID, Kind: org.Company, Name: "某公司工会"})
				paths[i], errs[i] = u.Path, err
			})
		}
		wg.Wait()
		for _, err := range errs {
			require.NoError(t, err)
		}
		slices.Sort(paths)
		require.Len(t, slices.Compact(paths), n)
		require.Equal(t, street.Path+"000O", paths[n-1], "no gap: 24 is O in base 36")
		c.Advance(time.Second) // half of them were founded by the other process
		require.Len(t, s.Children(street.ID), n)
	})
}

func TestMove(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		s, c := seeded(t, d)
		lixia, shinan := division(t, s, "370102"), division(t, s, "370202")
		a, b := s.Children(lixia.ID)[0], s.Children(shinan.ID)[0]
		fed, err := s.Found(ctx, org.Founding{ParentID: a.ID, Kind: org.Federation, Name: "物流行业联合工会"})
		require.NoError(t, err)
		firm, err := s.Found(ctx, org.Founding{ParentID: fed.ID, Kind: org.Company, Name: "某物流公司工会"})
		require.NoError(t, err)

		c.Advance(48 * time.Hour)
		moved, err := s.Move(ctx, fed.ID, b.ID, 0, fed.Version)
		require.NoError(t, err)
		require.Equal(t, b.Path+"0001", moved.Path)
		require.Equal(t, "3702", moved.CityCode)
		got, _ := s.ByID(fed.ID)
		require.Equal(t, moved, got)
		below, _ := s.ByID(firm.ID)
		require.Equal(t, moved.Path+"0001", below.Path, "the subtree moves along")
		require.Equal(t, "3702", below.CityCode)
		require.Empty(t, s.Children(a.ID))
		_, ok := s.ByPath(fed.Path)
		require.False(t, ok)

		// The path left behind is never given to another.
		next, err := s.Found(ctx, org.Founding{ParentID: a.ID, Kind: org.Company, Name: "另一公司工会"})
		require.NoError(t, err)
		require.Equal(t, a.Path+"0002", next.Path)

		// The tree of a past day has the old places.
		on := func(day clock.Day, unitID string) (org.Unit, bool) {
			tree, err := s.TreeOn(ctx, day)
			require.NoError(t, err)
			i := slices.IndexFunc(tree, func(u org.Unit) bool { return u.ID == unitID })
			if i < 0 {
				return org.Unit{}, false
			}
			return tree[i], true
		}
		old, ok := on(today+1, firm.ID)
		require.True(t, ok)
		require.Equal(t, firm.Path, old.Path)
		now, ok := on(today+2, firm.ID)
		require.True(t, ok)
		require.Equal(t, below.Path, now.Path)
		_, ok = on(today-1, firm.ID)
		require.False(t, ok, "not founded yet")
		past, err := s.TreeOn(ctx, today-1000)
		require.NoError(t, err)
		require.Len(t, past, 2021)

		history, err := s.History(ctx, firm.ID)
		require.NoError(t, err)
		require.Equal(t, []org.Span{
			{From: today, To: today + 2, ParentID: fed.ID, Path: firm.Path, Name: firm.Name, Cause: "founded"},
			{From: today + 2, ParentID: fed.ID, Path: below.Path, Name: firm.Name, Cause: "moved"},
		}, history)
		_, err = s.History(ctx, id.New())
		require.ErrorIs(t, err, org.ErrNotFound)

		root, _ := s.Root()
		jinan := division(t, s, "3701")
		for name, c := range map[string]struct {
			unit, parent string
			on           clock.Day
			version      int
			want         error
		}{
			"stale version":      {fed.ID, a.ID, 0, fed.Version, org.ErrMovedOn},
			"guessed unit":       {id.New(), a.ID, 0, 1, org.ErrNotFound},
			"guessed parent":     {fed.ID, id.New(), 0, moved.Version, org.ErrParent},
			"a NUL":              {"\x00", a.ID, 0, 1, org.ErrNotFound},
			"where it stands":    {fed.ID, b.ID, 0, moved.Version, org.ErrParent},
			"below itself":       {fed.ID, firm.ID, 0, moved.Version, org.ErrParent},
			"the root":           {root.ID, jinan.ID, 0, root.Version, org.ErrRoot},
			"before its move":    {fed.ID, a.ID, today + 1, moved.Version, org.ErrBackdated},
			"into the future":    {fed.ID, a.ID, today + 3, moved.Version, org.ErrFuture},
			"under a wrong kind": {fed.ID, next.ID, 0, moved.Version, org.ErrParent},
		} {
			_, err := s.Move(ctx, c.unit, c.parent, c.on, c.version)
			require.ErrorIs(t, err, c.want, name)
		}
	})
}

func TestRefuseACycle(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		s, _ := seeded(t, d)
		street := s.Children(division(t, s, "370102").ID)[0]
		fed, err := s.Found(ctx, org.Founding{ParentID: street.ID, Kind: org.Federation, Name: "外层联合工会"})
		require.NoError(t, err)
		ind, err := s.Found(ctx, org.Founding{ParentID: division(t, s, "370102").ID, Kind: org.Industrial, Name: "机械行业工会"})
		require.NoError(t, err)
		fed, err = s.Move(ctx, fed.ID, ind.ID, 0, fed.Version)
		require.NoError(t, err)
		_, err = s.Move(ctx, fed.ID, fed.ID, 0, fed.Version)
		require.ErrorIs(t, err, org.ErrParent)
		got, _ := s.ByID(fed.ID)
		require.Equal(t, ind.ID, got.ParentID)
		// Two changes on one day leave one span that says how the day ended.
		history, err := s.History(ctx, fed.ID)
		require.NoError(t, err)
		require.Equal(t, []org.Span{{From: today, ParentID: ind.ID, Path: fed.Path, Name: fed.Name, Cause: "founded"}}, history)
	})
}

func TestRenameAndDissolve(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		s, c := seeded(t, d)
		lixia := division(t, s, "370102")
		street := s.Children(lixia.ID)[0]
		u, err := s.Found(ctx, org.Founding{ParentID: street.ID, Kind: org.Company, Name: "旧名工会", CompanyID: "c9"})
		require.NoError(t, err)
		c.Advance(24 * time.Hour)
		u, err = s.Rename(ctx, u.ID, "新名工会", "New Name", 0, u.Version)
		require.NoError(t, err)
		got, _ := s.ByID(u.ID)
		require.Equal(t, u, got)
		tree, err := s.TreeOn(ctx, today)
		require.NoError(t, err)
		require.Contains(t, names(tree), "旧名工会")
		require.NotContains(t, names(tree), "新名工会")

		_, err = s.Rename(ctx, u.ID, "又名", "", 0, u.Version-1)
		require.ErrorIs(t, err, org.ErrMovedOn)
		_, err = s.Rename(ctx, u.ID, "", "", 0, u.Version)
		require.True(t, fault.IsKind(err, fault.Invalid))

		_, err = s.Dissolve(ctx, street.ID, 0, street.Version)
		require.ErrorIs(t, err, org.ErrChildren)
		_, err = s.Dissolve(ctx, u.ID, today, u.Version)
		require.ErrorIs(t, err, org.ErrBackdated)
		u, err = s.Dissolve(ctx, u.ID, 0, u.Version)
		require.NoError(t, err)
		require.False(t, u.Stands())
		_, err = s.Dissolve(ctx, street.ID, today, street.Version)
		require.ErrorIs(t, err, org.ErrBackdated, "a child still stood on that day")
		require.Empty(t, s.Children(street.ID))
		_, ok := s.ByCompany("c9")
		require.False(t, ok)
		got, ok = s.ByID(u.ID)
		require.True(t, ok, "old records still name it")
		require.Equal(t, u, got)
		_, err = s.Rename(ctx, u.ID, "再名", "", 0, u.Version)
		require.ErrorIs(t, err, org.ErrDissolved)
		_, err = s.Found(ctx, org.Founding{ParentID: u.ID, Kind: org.Company, Name: "某工会"})
		require.ErrorIs(t, err, org.ErrParent)
		tree, err = s.TreeOn(ctx, today+1)
		require.NoError(t, err)
		require.NotContains(t, names(tree), "新名工会", "the day of dissolution is the first without it")

		street, err = s.Dissolve(ctx, street.ID, 0, street.Version)
		require.NoError(t, err)
		up, ok := s.ByDivisionUp(street.DivisionCode)
		require.True(t, ok)
		require.Equal(t, lixia, up, "records go to the unit above")
	})
}

// Two clerks move one unit at once: one wins, the other is told.
func TestMoveAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		s, _ := seeded(t, d)
		streets := s.Children(division(t, s, "370102").ID)
		u, err := s.Found(ctx, org.Founding{ParentID: streets[0].ID, Kind: org.Company, Name: "某公司工会"})
		require.NoError(t, err)
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for i := range errs {
			wg.Go(func() { _, errs[i] = s.Move(ctx, u.ID, streets[i+1].ID, 0, u.Version) })
		}
		wg.Wait()
		require.True(t, (errs[0] == nil) != (errs[1] == nil), "%v / %v", errs[0], errs[1])
		for _, err := range errs {
			if err != nil {
				require.ErrorIs(t, err, org.ErrMovedOn)
			}
		}
	})
}

func TestChangesOfAnotherProcess(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		mine, c := seeded(t, d)
		theirs := org.New(d, c)
		_, ok := theirs.Root()
		require.False(t, ok, "nothing is known before Load")
		require.NoError(t, theirs.Load(t.Context()))
		street := mine.Children(division(t, mine, "370102").ID)[0]
		require.Empty(t, theirs.Children(street.ID))
		u, err := mine.Found(ctx, org.Founding{ParentID: street.ID, Kind: org.Company, Name: "某公司工会"})
		require.NoError(t, err)
		_, ok = theirs.ByID(u.ID)
		require.False(t, ok, "asked at most once a second")
		c.Advance(time.Second)
		_, ok = theirs.ByID(u.ID)
		require.True(t, ok)

		// A process that changes the tree itself does not take the others' changes for seen.
		v, err := mine.Found(ctx, org.Founding{ParentID: street.ID, Kind: org.Company, Name: "第二家工会"})
		require.NoError(t, err)
		w, err := theirs.Found(ctx, org.Founding{ParentID: street.ID, Kind: org.Company, Name: "第三家工会"})
		require.NoError(t, err)
		_, ok = theirs.ByID(w.ID)
		require.True(t, ok)
		c.Advance(time.Second)
		for _, s := range []*org.Service{mine, theirs} {
			require.Equal(t, []org.Unit{u, v, w}, s.Children(street.ID))
		}
	})
}

func TestNothingOfARolledBackChangeIsSeen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		s, c := seeded(t, d)
		street := s.Children(division(t, s, "370102").ID)[0]
		boom := fault.New(fault.Conflict, "test.boom")
		err := d.InTx(ctx, func(ctx context.Context) error {
			_, err := s.Found(ctx, org.Founding{ParentID: street.ID, Kind: org.Company, Name: "某公司工会"})
			require.NoError(t, err)
			require.Empty(t, s.Children(street.ID), "readers see what is committed")
			return boom
		})
		require.ErrorIs(t, err, boom)
		c.Advance(time.Minute)
		require.Empty(t, s.Children(street.ID))
	})
}

// A database that is gone leaves the last known tree.
func TestReadsOutliveTheDatabase(t *testing.T) {
	d := dbtest.SQLite(t)
	s, c := seeded(t, d)
	require.NoError(t, d.Close())
	c.Advance(time.Minute)
	_, ok := s.ByDivision("3701")
	require.True(t, ok)
	require.Error(t, s.Load(t.Context()))
}

func BenchmarkSeed(b *testing.B) {
	place.Children("37")
	for b.Loop() {
		b.StopTimer()
		d := dbtest.SQLite(b)
		b.StartTimer()
		require.NoError(b, org.New(d, clock.System()).Seed(b.Context()))
	}
}

func BenchmarkByDivisionUp(b *testing.B) {
	s, _ := seeded(b, dbtest.SQLite(b))
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			s.ByDivisionUp("370102999")
		}
	})
}
