package demo

import (
	"hash/fnv"
	"math/rand/v2"
	"strings"
)

// dice is one stream of chance. Streams of different names are independent, so
// that a new field of one record does not change all others.
type dice struct{ *rand.Rand }

func newDice(seed uint64, name string) dice {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // a hash never fails
	return dice{rand.New(rand.NewPCG(seed, h.Sum64()))}
}

// between gives low … high, both included.
func (d dice) between(low, high int) int {
	if high <= low {
		return low
	}
	return low + d.IntN(high-low+1)
}

// chance is true in percent of 100 cases.
func (d dice) chance(percent int) bool { return d.IntN(100) < percent }

func pick[T any](d dice, from []T) T { return from[d.IntN(len(from))] }

// some gives n different members in the order drawn, fewer where there are fewer.
func some[T any](d dice, from []T, n int) []T {
	order := d.Perm(len(from))
	out := make([]T, 0, n)
	for _, i := range order[:min(n, len(order))] {
		out = append(out, from[i])
	}
	return out
}

// word gives one member of a list separated by "|".
func (d dice) word(s string) string {
	n := d.IntN(strings.Count(s, "|") + 1)
	for ; n > 0; n-- {
		_, s, _ = strings.Cut(s, "|")
	}
	first, _, _ := strings.Cut(s, "|")
	return first
}

// urn draws indexes by weight.
type urn struct{ upTo []int }

func newUrn(n int, weight func(i int) int) urn {
	u := urn{make([]int, n)}
	sum := 0
	for i := range n {
		sum += max(weight(i), 0)
		u.upTo[i] = sum
	}
	return u
}

func (u urn) draw(d dice) int {
	x := d.IntN(u.upTo[len(u.upTo)-1])
	low, high := 0, len(u.upTo)-1
	for low < high {
		mid := (low + high) / 2
		if u.upTo[mid] > x {
			high = mid
		} else {
			low = mid + 1
		}
	}
	return low
}
