package search_test

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/search"
)

func docID(n int) string {
	if n%7 == 0 {
		return fmt.Sprintf("ad-%d", n) // an id that is no UUID
	}
	return fmt.Sprintf("0190%04x-0000-7000-8000-%012x", n*7919%65536, n)
}

func sequence(docs map[string]search.Doc) iter.Seq2[search.Doc, error] {
	return func(yield func(search.Doc, error) bool) {
		for _, d := range docs {
			if !yield(d, nil) {
				return
			}
		}
	}
}

func TestAnswersEqualANaiveScan(t *testing.T) {
	t.Parallel()
	seeds := uint64(5)
	if testing.Short() {
		seeds = 2
	}
	for seed := range seeds {
		r := rand.New(rand.NewPCG(seed, 1))
		x, err := search.New(schema(), fakeClock())
		require.NoError(t, err)
		docs := map[string]search.Doc{}
		for range 40 { // rounds of writes, each followed by questions
			switch r.IntN(8) {
			case 0:
				for n := range 30 {
					x.Delete(docID(n))
					delete(docs, docID(n))
				}
			case 1:
				require.NoError(t, x.Rebuild(context.Background(), sequence(docs)))
			default:
				var batch []search.Doc
				for range r.IntN(12) {
					d := randomDoc(r, docID(r.IntN(120)))
					batch = append(batch, d)
					docs[d.ID] = d
				}
				require.NoError(t, x.Upsert(batch...))
			}
			for range 4 {
				compare(t, x, docs, randomQuery(r))
			}
		}
		seen, last := 0, ""
		for id, sum := range x.IDs() {
			require.Greater(t, id, last)
			d, ok := docs[id]
			require.True(t, ok)
			require.Equal(t, d.Checksum(), sum)
			seen, last = seen+1, id
		}
		require.Equal(t, len(docs), seen)
		require.Equal(t, len(docs), x.Stats().Docs)
		require.Less(t, x.Stats().Segments, 40)
	}
}

// One corpus large enough for dense sets, parallel work and merges.
func TestAnswersEqualANaiveScanOnAManyTimesLargerCorpus(t *testing.T) {
	if testing.Short() {
		t.Skip("LEFT OUT: the large corpus is not searched in short mode")
	}
	t.Parallel()
	r := rand.New(rand.NewPCG(99, 1))
	docs := map[string]search.Doc{}
	for n := range 3000 {
		docs[docID(n)] = randomDoc(r, docID(n))
	}
	x, err := search.New(schema(), fakeClock())
	require.NoError(t, err)
	require.NoError(t, x.Rebuild(context.Background(), sequence(docs)))
	for n := range 300 {
		d := randomDoc(r, docID(n*3))
		docs[d.ID] = d
		require.NoError(t, x.Upsert(d))
		if n%5 == 0 {
			x.Delete(docID(n * 2))
			delete(docs, docID(n*2))
		}
	}
	for range 30 {
		q := randomQuery(r)
		q.Limit = 100
		compare(t, x, docs, q)
	}
}
