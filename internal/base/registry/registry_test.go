package registry_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/base/registry"
	"gonghui/internal/base/vault/vaulttest"
	"gonghui/internal/kit/fault"
)

var (
	li   = registry.Holder{City: "3701", ID: "li"}
	wang = registry.Holder{City: "3702", ID: "wang"}
)

func each(t *testing.T, test func(t *testing.T, d *db.DB, r *registry.Registry)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { test(t, d, registry.New(d, vaulttest.New(t))) })
}

func claim(t *testing.T, r *registry.Registry, entries ...registry.Entry) bool {
	t.Helper()
	ok, err := r.Claim(t.Context(), entries...)
	require.NoError(t, err)
	return ok
}

func holder(t *testing.T, r *registry.Registry, k registry.Key) registry.Holder {
	t.Helper()
	h, _, err := r.Find(t.Context(), k)
	require.NoError(t, err)
	return h
}

func TestAValueHasOneHolder(t *testing.T) {
	each(t, func(t *testing.T, _ *db.DB, r *registry.Registry) {
		phone, other := r.Key("phone", "13900000000"), r.Key("phone", "13900000001")
		require.NotEqual(t, phone.Hash, r.Key("code", "13900000000").Hash)
		_, ok, err := r.Find(t.Context(), phone)
		require.NoError(t, err)
		require.False(t, ok)

		require.True(t, claim(t, r))
		require.True(t, claim(t, r, registry.Entry{Key: phone, Holder: li}))
		require.False(t, claim(t, r, registry.Entry{Key: other, Holder: wang}, registry.Entry{Key: phone, Holder: wang}))
		require.False(t, claim(t, r, registry.Entry{Key: phone, Holder: li}), "nobody claims twice")
		require.Equal(t, li, holder(t, r, phone))
		require.Equal(t, wang, holder(t, r, other), "what was free is taken")

		found, err := r.FindAll(t.Context(), "phone", phone.Hash, other.Hash, "nobody's")
		require.NoError(t, err)
		require.Equal(t, map[string]registry.Holder{phone.Hash: li, other.Hash: wang}, found)
		found, err = r.FindAll(t.Context(), "code", phone.Hash)
		require.NoError(t, err)
		require.Empty(t, found)
	})
}

func TestReplaceLeavesOneOfAKind(t *testing.T) {
	each(t, func(t *testing.T, _ *db.DB, r *registry.Registry) {
		replace := func(k registry.Key, h registry.Holder) bool {
			ok, err := r.Replace(t.Context(), registry.Entry{Key: k, Holder: h})
			require.NoError(t, err)
			return ok
		}
		first, second, code := r.Key("phone", "1"), r.Key("phone", "2"), r.Key("code", "1")
		require.True(t, claim(t, r, registry.Entry{Key: code, Holder: li}))
		require.True(t, replace(first, li))
		require.True(t, replace(first, li), "one's own again")
		require.True(t, replace(second, li))
		require.Zero(t, holder(t, r, first), "the old one is free")
		require.Equal(t, li, holder(t, r, code), "another kind stays")
		require.True(t, replace(first, wang))
		require.False(t, replace(second, wang))
		require.Equal(t, li, holder(t, r, second))
		require.Zero(t, holder(t, r, first))
	})
}

func TestReleaseFreesTheKindsNamed(t *testing.T) {
	each(t, func(t *testing.T, _ *db.DB, r *registry.Registry) {
		name, code, others := r.Key("name", "x"), r.Key("code", "x"), r.Key("name", "y")
		require.True(t, claim(t, r, registry.Entry{Key: name, Holder: li}, registry.Entry{Key: code, Holder: li}, registry.Entry{Key: others, Holder: wang}))
		require.NoError(t, r.Release(t.Context(), []string{"name"}, nil))
		require.NoError(t, r.Release(t.Context(), []string{"name"}, []string{li.ID}))
		require.Zero(t, holder(t, r, name))
		require.Equal(t, li, holder(t, r, code))
		require.Equal(t, wang, holder(t, r, others))
	})
}

func TestPassGivesAllOfAKind(t *testing.T) {
	each(t, func(t *testing.T, _ *db.DB, r *registry.Registry) {
		one, two, name := r.Key("code", "1"), r.Key("code", "2"), r.Key("name", "1")
		require.True(t, claim(t, r, registry.Entry{Key: one, Holder: li}, registry.Entry{Key: two, Holder: li}, registry.Entry{Key: name, Holder: li}))
		require.NoError(t, r.Pass(t.Context(), "code", li, wang))
		require.NoError(t, r.Pass(t.Context(), "code", li, wang), "nothing left to pass")
		require.Equal(t, wang, holder(t, r, one))
		require.Equal(t, wang, holder(t, r, two))
		require.Equal(t, li, holder(t, r, name), "another kind stays")
	})
}

// Many claim the same values at once, in opposite orders: none waits for ever,
// and each value goes to one.
func TestClaimsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, r *registry.Registry) {
		a, b := r.Key("name", "a"), r.Key("name", "b")
		var won atomic.Int64
		g, ctx := errgroup.WithContext(t.Context())
		for i := range 8 {
			g.Go(func() error {
				who := registry.Holder{City: "3701", ID: string(rune('a' + i))}
				entries := []registry.Entry{{Key: a, Holder: who}, {Key: b, Holder: who}}
				if i%2 == 1 {
					entries[0], entries[1] = entries[1], entries[0]
				}
				return d.InTx(ctx, func(ctx context.Context) error {
					ok, err := r.Claim(ctx, entries...)
					if ok {
						won.Add(1)
					}
					return err
				})
			})
		}
		require.NoError(t, g.Wait())
		require.EqualValues(t, 1, won.Load())
		require.Equal(t, holder(t, r, a), holder(t, r, b))
	})
}

// Who rolls back has claimed nothing.
func TestARolledBackClaimIsNone(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, r *registry.Registry) {
		k, no := r.Key("name", "a"), fault.New(fault.Conflict, "no")
		require.ErrorIs(t, d.InTx(t.Context(), func(ctx context.Context) error {
			_, err := r.Claim(ctx, registry.Entry{Key: k, Holder: li})
			require.NoError(t, err)
			return no
		}), no)
		require.Zero(t, holder(t, r, k))
	})
}
