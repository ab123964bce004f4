package access_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
)

var update = flag.Bool("update", false, "write golden files anew")

const (
	jinan  = "00010001"
	lixia  = "000100010001"
	qingda = "00010002"
)

func unit(path string, caps ...access.Capability) access.Grant {
	return access.Grant{Role: "r", UnitID: "u" + path, Path: path, Caps: caps}
}

func company(id string, caps ...access.Capability) access.Grant {
	return access.Grant{Role: "r", CompanyCity: "3701", CompanyID: id, Caps: caps}
}

func clerk(grants ...access.Grant) access.Actor {
	return access.Actor{AccountID: "a1", Name: "李静", Kind: access.KindStaff, Grants: grants}
}

func TestNobodyMayDoAnything(t *testing.T) {
	ctx := t.Context()
	for _, c := range access.All() {
		require.False(t, access.Can(ctx, c, access.Root))
		require.False(t, access.CanCompany(ctx, c, "c1"))
		require.False(t, access.CanAnywhere(ctx, c))
		require.True(t, fault.HasCode(access.Require(ctx, c, access.Root), "access.sign_in"))
		_, err := access.For(ctx, c)
		require.True(t, fault.IsKind(err, fault.Unauthenticated))
	}
	_, ok := access.From(ctx)
	require.False(t, ok)
	_, err := access.RequireSelf(ctx)
	require.True(t, fault.IsKind(err, fault.Unauthenticated))
	_, err = db.ScopeFrom(ctx)
	require.True(t, fault.HasCode(err, "access.no_scope"), "no scope means refuse, never all")
}

func TestAnActorWithoutGrantsMayDoNothing(t *testing.T) {
	ctx := access.Enter(t.Context(), clerk())
	require.Empty(t, access.Held(ctx))
	require.True(t, fault.HasCode(access.Require(ctx, access.CaseView, access.Root), "access.denied"))
	s, err := db.ScopeFrom(ctx)
	require.NoError(t, err)
	require.Equal(t, db.Scope{}, s)
}

func TestDecisions(t *testing.T) {
	ctx := access.Enter(t.Context(), clerk(
		unit(lixia, access.VacancyReview, access.CaseView),
		unit(jinan, access.FiguresView),
		company("c1", access.VacancyPost),
	))
	tests := []struct {
		cap  access.Capability
		path string
		want bool
	}{
		{access.VacancyReview, lixia, true},
		{access.VacancyReview, lixia + "000Z", true},
		{access.VacancyReview, jinan, false},            // above
		{access.VacancyReview, "000100010002", false},   // sister
		{access.VacancyReview, qingda + "0001", false},  // sister city
		{access.VacancyReview, lixia + "00", false},     // not a path
		{access.VacancyReview, "", false},               // no place is not every place
		{access.VacancyReview, lixia + "00a1", false},   // lower case is no path
		{access.FiguresView, lixia, true},               // from the city grant
		{access.CompanyVerify, lixia, false},            // not granted
		{access.VacancyPost, lixia, false},              // a company grant reaches no unit
		{access.Capability("everything"), lixia, false}, // not a capability
		{access.Capability(""), lixia, false},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, access.Can(ctx, tt.cap, tt.path), "%s at %q", tt.cap, tt.path)
	}
	require.True(t, access.CanCompany(ctx, access.VacancyPost, "c1"))
	require.False(t, access.CanCompany(ctx, access.VacancyPost, "c2"))
	require.False(t, access.CanCompany(ctx, access.ApplicantManage, "c1"))
	require.False(t, access.CanCompany(ctx, access.VacancyReview, "c1"), "a unit grant reaches no company's own business")
	require.False(t, access.CanCompany(ctx, access.VacancyPost, ""))
	require.Equal(t, []access.Capability{access.VacancyPost, access.VacancyReview, access.CaseView, access.FiguresView}, access.Held(ctx))
}

// A grant that is on nothing, or on both a unit and a company, is a mistake in
// the data and opens nothing; an empty path would otherwise be above everything.
func TestBrokenGrantsOpenNothing(t *testing.T) {
	for _, g := range []access.Grant{
		unit("", access.CaseView), unit("000", access.CaseView), unit("00010", access.CaseView), unit("~", access.CaseView),
		{Path: access.Root, CompanyID: "c1", Caps: []access.Capability{access.CaseView}},
		{Path: access.Root},
	} {
		ctx := access.Enter(t.Context(), clerk(g))
		require.False(t, access.Can(ctx, access.CaseView, lixia), "%+v", g)
		require.False(t, access.CanCompany(ctx, access.CaseView, "c1"), "%+v", g)
		s, err := db.ScopeFrom(ctx)
		require.NoError(t, err)
		require.Equal(t, db.Scope{}, s, "%+v", g)
	}
}

func TestATokenNarrowsDecisionsAndLists(t *testing.T) {
	account := access.Actor{
		AccountID: "a1", Kind: access.KindWorker, Person: access.PersonRef{City: "3701", ID: "p1"},
		Grants: []access.Grant{unit(lixia, access.CaseView, access.VacancyReview), company("c1", access.VacancyPost)},
	}
	enter := func(scope ...access.Capability) context.Context {
		a := account
		a.TokenID, a.Narrow = "t1", scope
		return access.Enter(t.Context(), a)
	}
	scope := func(ctx context.Context) db.Scope {
		s, err := db.ScopeFrom(ctx)
		require.NoError(t, err)
		return s
	}

	ctx := enter(access.CaseView, access.PeopleView)
	require.True(t, access.Can(ctx, access.CaseView, lixia))
	require.False(t, access.Can(ctx, access.VacancyReview, lixia), "the account has it, the token has not")
	require.False(t, access.Can(ctx, access.PeopleView, lixia), "the token has it, the account has not")
	require.False(t, access.CanCompany(ctx, access.VacancyPost, "c1"))
	require.Equal(t, db.Scope{Paths: []string{lixia}}, scope(ctx), "neither the company's rows nor one's own")

	ctx = enter(access.VacancyPost)
	require.Equal(t, db.Scope{Companies: []string{"c1"}}, scope(ctx))
	_, err := access.RequireSelf(ctx)
	require.True(t, fault.HasCode(err, "access.denied"))

	ctx = enter(access.SelfUse)
	require.Equal(t, db.Scope{PersonID: "p1"}, scope(ctx))
	_, err = access.RequireSelf(ctx)
	require.NoError(t, err)

	ctx = enter()
	require.Empty(t, access.Held(ctx), "a token without scope may do nothing")
	require.Equal(t, db.Scope{}, scope(ctx))
	require.Equal(t, []access.Capability{access.CaseView, access.VacancyReview}, account.Grants[0].Caps, "the caller's actor is left alone")
}

func TestForOpensOnlyWhatTheCapabilityOpens(t *testing.T) {
	a := clerk(unit(lixia, access.CaseView), unit(lixia+"0001", access.CaseView), unit(jinan, access.FiguresView), company("c1", access.VacancyPost))
	a.Person.ID = "p1"
	ctx := access.Enter(t.Context(), a)
	whole, err := db.ScopeFrom(ctx)
	require.NoError(t, err)
	require.Equal(t, db.Scope{Paths: []string{jinan}, PersonID: "p1", Companies: []string{"c1"}}, whole)

	ctx, err = access.For(ctx, access.CaseView)
	require.NoError(t, err)
	s, err := db.ScopeFrom(ctx)
	require.NoError(t, err)
	require.Equal(t, db.Scope{Paths: []string{lixia}}, s)

	_, err = access.For(ctx, access.AuditView, access.SystemView)
	require.True(t, fault.HasCode(err, "access.denied"))

	// By virtue of either of two.
	either, err := access.For(access.Enter(t.Context(), a), access.AuditView, access.FiguresView, access.VacancyPost)
	require.NoError(t, err)
	s, err = db.ScopeFrom(either)
	require.NoError(t, err)
	require.Equal(t, db.Scope{Paths: []string{jinan}, Companies: []string{"c1"}}, s)
}

func TestPurpose(t *testing.T) {
	ctx := access.Enter(t.Context(), access.Actor{TokenID: "t1", Purpose: "statistics"})
	require.Equal(t, "statistics", access.Purpose(ctx))
	require.Equal(t, "call back", access.Purpose(access.WithPurpose(ctx, "call back")))
	require.Equal(t, "", access.Purpose(t.Context()))
}

func TestTheHouseItself(t *testing.T) {
	ctx := access.System(access.Enter(t.Context(), clerk()), "import")
	require.True(t, access.Can(ctx, access.CaseView, lixia))
	a, _ := access.From(ctx)
	require.Equal(t, "李静", a.Name, "who set the work going stays on record")
	s, err := db.ScopeFrom(ctx)
	require.NoError(t, err)
	require.Equal(t, "import", s.System)

	job := db.SystemScope(t.Context(), "job:casework.tick")
	require.True(t, access.Can(job, access.CaseView, lixia))
	within := db.SystemScope(access.Enter(t.Context(), clerk()), "lookup")
	require.False(t, access.Can(within, access.CaseView, lixia), "a wider scope does not make a clerk the house")
}

// Random trees: Can holds exactly where walking up from the unit, segment by
// segment, meets a unit on which the capability was granted; and the scope of
// For covers exactly the same units.
func TestCanEqualsTheWalkUpTheTree(t *testing.T) {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	for seed := range uint64(200) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		paths := []string{access.Root}
		for len(paths) < 60 {
			parent := paths[rnd.IntN(len(paths))]
			if len(parent) >= 6*access.Segment {
				continue
			}
			// Few letters, so that neighbours share beginnings.
			seg := ""
			for range access.Segment {
				seg += string(alphabet[rnd.IntN(2)*35])
			}
			if p := parent + seg; !slices.Contains(paths, p) {
				paths = append(paths, p)
			}
			if len(paths) > 20 && rnd.IntN(200) == 0 {
				break
			}
		}
		caps := []access.Capability{access.CaseView, access.PeopleView, access.VacancyReview}
		granted := map[string]bool{}
		var grants []access.Grant
		for range rnd.IntN(6) {
			g := unit(paths[rnd.IntN(len(paths))], caps[rnd.IntN(len(caps))])
			granted[g.Path+" "+string(g.Caps[0])] = true
			grants = append(grants, g)
		}
		ctx := access.Enter(t.Context(), clerk(grants...))
		for _, c := range caps {
			narrowed, err := access.For(ctx, c)
			require.Equal(t, access.CanAnywhere(ctx, c), err == nil)
			for _, p := range paths {
				want := false
				for up := p; up != ""; up = up[:len(up)-access.Segment] {
					want = want || granted[up+" "+string(c)]
				}
				require.Equal(t, want, access.Can(ctx, c, p), "seed %d: %s at %s", seed, c, p)
				if err == nil {
					s, _ := db.ScopeFrom(narrowed)
					require.Equal(t, want, s.Covers(p), "seed %d: list of %s at %s", seed, c, p)
				}
			}
		}
	}
}

func TestParseDropsWhatItDoesNotKnow(t *testing.T) {
	require.Equal(t, []access.Capability{access.CaseView, access.VacancyPost}, access.Parse(" vacancy.post  root case.view case.view"))
	require.Equal(t, "case.view vacancy.post", access.Format([]access.Capability{access.VacancyPost, access.CaseView, access.VacancyPost}))
	require.Empty(t, access.Parse(""))
}

// pad fills s to a width in terminal columns; a Chinese character takes two.
func pad(s string, width int) string {
	for _, r := range s {
		width--
		if r > 0x2e80 {
			width--
		}
	}
	return s + strings.Repeat(" ", max(width, 1))
}

// Law: the matrix a non-programmer signs. Columns are roles, rows capabilities.
func TestMatrix(t *testing.T) {
	roles := access.BuiltIn()
	var b strings.Builder
	b.WriteString("# 角色与权限对照表：行是权限，列是角色；yes = 有，. = 没有。\n")
	b.WriteString("# 授权时另行指定工会（管到它的全部下级）或企业（只管这一家）。\n")
	b.WriteString("# 职工本人办理自己的事（self.use）不需要授权，因此不属于任何角色。\n#\n")
	row := func(first string, cell func(access.Role) string, last string) {
		line := pad(first, 18)
		for _, r := range roles {
			line += pad(cell(r), 18)
		}
		b.WriteString(strings.TrimRight(line+last, " ") + "\n")
	}
	row("# 权限", func(r access.Role) string { return i18n.T(i18n.ZH, "role."+r.Code) }, "")
	row("", func(r access.Role) string { return r.Code }, "")
	for _, c := range access.All() {
		row(string(c), func(r access.Role) string {
			if slices.Contains(r.Capabilities, c) {
				return "yes"
			}
			return "."
		}, i18n.T(i18n.ZH, "capability."+string(c)))
	}
	if *update {
		require.NoError(t, os.WriteFile("testdata/matrix.txt", []byte(b.String()), 0o644))
	}
	want, err := os.ReadFile("testdata/matrix.txt")
	require.NoError(t, err)
	require.Equal(t, string(want), b.String(), "the matrix has changed: go test ./internal/core/access -update, and have it read by the people in charge")
}

func TestEveryRoleAndCapabilityHasAName(t *testing.T) {
	for _, lang := range []i18n.Lang{i18n.ZH, i18n.EN} {
		for _, r := range access.BuiltIn() {
			require.True(t, i18n.Bundle().Has(lang, "role."+r.Code), r.Code)
		}
		for _, c := range access.All() {
			require.True(t, i18n.Bundle().Has(lang, "capability."+string(c)), c)
		}
	}
}
