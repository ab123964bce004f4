package search

import (
	"cmp"
	"slices"

	"gonghui/internal/kit/hanzi"
)

// maxPieces bounds the work for a query that finds nothing.
const maxPieces = 16

// relax gives the nearest answer to a query that no document answers, or nil
// when not even one piece of it is found under the filters. A word that is
// found nowhere falls into the pairs of its characters ("济南电工" into 济南 and
// 电工); then pieces are taken together from the most to the least frequent,
// leaving away each that would leave nothing.
func (x *Index) relax(q *plan) *Relaxed {
	type piece struct {
		g    group
		word int // which word of the query it came from
		at   int // its place there, in characters; -1 for a whole word
		n    int
	}
	count := func(gs []group) int {
		try := *q
		try.groups, try.counts, try.limit, try.after = gs, nil, 1, nil
		try.order = order{kind: byNothing}
		return x.run(&try).Total
	}
	var pieces []piece
	for w, g := range q.groups {
		if len(pieces) >= maxPieces {
			break
		}
		if n := count([]group{g}); n > 0 {
			pieces = append(pieces, piece{g, w, -1, n})
			continue
		}
		runes := []rune(g.text)
		for i := 0; i+1 < len(runes) && len(pieces) < maxPieces; i++ {
			var runs []hanzi.Run
			hanzi.EachRun(string(runes[i:i+2]), func(r hanzi.Run, _ bool) { runs = append(runs, r) })
			if len(runs) != 1 || !runs[0].Han {
				continue
			}
			part := x.group(runs)
			if n := count([]group{part}); n > 0 {
				pieces = append(pieces, piece{part, w, i, n})
			}
		}
	}
	slices.SortStableFunc(pieces, func(a, b piece) int { return cmp.Compare(b.n, a.n) })
	var kept []piece
	var groups []group
	for _, pc := range pieces {
		if with := append(slices.Clone(groups), pc.g); len(kept) == 0 || count(with) > 0 {
			groups, kept = with, append(kept, pc)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	try := *q
	try.groups, try.counts, try.after = groups, nil, nil
	found := x.run(&try)
	out := &Relaxed{Total: found.Total, Hits: found.Hits}
	// Show kept pieces in the order of the query, neighbours joined again.
	for w, g := range q.groups {
		runes := []rune(g.text)
		covered := make([]bool, len(runes))
		joined := make([]bool, len(runes)) // with the next
		for _, pc := range kept {
			switch {
			case pc.word != w:
			case pc.at < 0:
				for i := range covered {
					covered[i], joined[i] = true, true
				}
			default:
				covered[pc.at], covered[pc.at+1], joined[pc.at] = true, true, true
			}
		}
		for i := 0; i < len(runes); {
			j := i + 1
			for j < len(runes) && covered[j] == covered[i] && (joined[j-1] || !covered[i]) {
				j++
			}
			if covered[i] {
				out.Words = append(out.Words, string(runes[i:j]))
			} else {
				out.Dropped = append(out.Dropped, string(runes[i:j]))
			}
			i = j
		}
	}
	return out
}
