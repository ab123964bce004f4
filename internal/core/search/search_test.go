package search_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/search"
	"gonghui/internal/kit/fault"
)

func ad(id, title, body string) search.Doc {
	return search.Doc{ID: id, Text: []string{title, "济南华联有限公司", body}, Facets: [][]string{{"370102"}}, Numbers: []int64{int64(today), 500000}}
}

func open(t *testing.T, docs ...search.Doc) *search.Index {
	t.Helper()
	x, err := search.New(schema(), fakeClock())
	require.NoError(t, err)
	require.NoError(t, x.Upsert(docs...))
	return x
}

func ids(hits []search.Hit) []string {
	out := []string{}
	for _, h := range hits {
		out = append(out, h.ID)
	}
	return out
}

func TestWhatIsFoundAndWhatIsNot(t *testing.T) {
	x := open(t,
		ad("1", "電焊工（包吃住）", "月薪８千－１.５万，看懂图纸"),
		ad("2", "JAVA开发工程师", "负责后台服务，熟悉C++"),
		ad("3", "网约配送员", "外卖配送，自备电动车"),
	)
	for _, c := range []struct {
		text string
		want []string
	}{
		{"电焊工", []string{"1"}},
		{"焊", []string{"1"}},
		{"工", []string{"1", "2"}}, // last character of one run, inside another
		{"电工", []string{}},        // the characters are there, but not side by side
		{"ｊａｖａ", []string{"2"}},
		{"jav", []string{"2"}},
		{"j", []string{}}, // a single letter is a whole word
		{"ava", []string{}},
		{"java开发", []string{"2"}},
		{"java 后台", []string{"2"}},
		{"java 焊工", []string{}},
		{"c++", []string{"2"}},
		{"8千", []string{"1"}},
		{"骑手", []string{"3"}}, // by synonym
		{"图纸 华联", []string{"1"}},
		{"，。！", []string{"1", "2", "3"}}, // no words: everything
		{"济南华联有限公司", []string{"1", "2", "3"}},
	} {
		r, err := x.Search(search.Query{Text: c.text})
		require.NoError(t, err)
		require.ElementsMatch(t, c.want, ids(r.Hits), "%q", c.text)
		require.Equal(t, len(c.want), r.Total)
	}
}

func TestATitleWeighsMoreThanABodyAndTheNewMoreThanTheOld(t *testing.T) {
	old := ad("3", "焊工", "")
	old.Numbers[0] -= 10
	x := open(t, ad("1", "普工", "会做焊工优先"), ad("2", "焊工", "普通"), old)
	r, err := x.Search(search.Query{Text: "焊工"})
	require.NoError(t, err)
	require.Equal(t, []string{"2", "3", "1"}, ids(r.Hits))
	require.Greater(t, r.Hits[0].Score, r.Hits[1].Score)
}

func TestNothingFoundOffersTheNearest(t *testing.T) {
	x := open(t, ad("1", "电焊工", "济南市槐荫区"), ad("2", "叉车司机", "青岛"))
	for _, c := range []struct {
		text           string
		words, dropped []string
		want           []string
	}{
		{"济南电焊工", []string{"济南", "电焊工"}, nil, []string{"1"}},
		{"电焊工 铲屎官", []string{"电焊工"}, []string{"铲屎官"}, []string{"1"}},
		{"叉车 槐荫", []string{"叉车"}, []string{"槐荫"}, []string{"2"}},
	} {
		r, err := x.Search(search.Query{Text: c.text})
		require.NoError(t, err)
		require.Zero(t, r.Total)
		require.Empty(t, r.Hits, "the answer itself stays empty")
		require.NotNil(t, r.Relaxed, c.text)
		require.Equal(t, c.words, r.Relaxed.Words)
		require.Equal(t, c.dropped, r.Relaxed.Dropped)
		require.Equal(t, c.want, ids(r.Relaxed.Hits))
		require.Equal(t, len(c.want), r.Relaxed.Total)
	}
	r, err := x.Search(search.Query{Text: "铲屎官"})
	require.NoError(t, err)
	require.Nil(t, r.Relaxed, "nothing is near")
	r, err = x.Search(search.Query{Text: "济南电焊工", Filters: []search.Filter{{Facet: "place", Values: []string{"3702"}}}})
	require.NoError(t, err)
	require.Nil(t, r.Relaxed, "filters hold")
}

func TestWhatCannotBeUnderstoodIsAFault(t *testing.T) {
	x := open(t, ad("1", "焊工", ""), ad("2", "焊工", ""))
	lo, hi := int64(2), int64(1)
	first, err := x.Search(search.Query{Limit: 1})
	require.NoError(t, err)
	flipped := []byte(first.Next)
	flipped[5] ^= 1
	for name, c := range map[string]struct {
		q     search.Query
		code  string
		field string
	}{
		"facet":          {search.Query{Filters: []search.Filter{{Facet: "colour", Values: []string{"red"}}}}, "unknown_code", "colour"},
		"value":          {search.Query{Filters: []search.Filter{{Facet: "place", Values: []string{"370102", "9999"}}}}, "unknown_code", "place"},
		"empty value":    {search.Query{Filters: []search.Filter{{Facet: "place", Values: []string{""}}}}, "unknown_code", "place"},
		"sort":           {search.Query{Sort: "beauty"}, "unknown_code", "sort"},
		"number":         {search.Query{Ranges: []search.Range{{Number: "age"}}}, "unknown_code", "age"},
		"counts":         {search.Query{Counts: []string{"colour"}}, "unknown_code", "counts"},
		"range":          {search.Query{Ranges: []search.Range{{Number: "pay_max", Min: &lo, Max: &hi}}}, "bad_range", "pay_max"},
		"long":           {search.Query{Text: strings.Repeat("工", 101)}, "query_too_long", "text"},
		"very long":      {search.Query{Text: strings.Repeat("\x00", 10_000)}, "query_too_long", "text"},
		"limit":          {search.Query{Limit: 101}, "bad_limit", "limit"},
		"negative limit": {search.Query{Limit: -1}, "bad_limit", "limit"},
		"no point":       {search.Query{Sort: search.SortDistance}, "point_needed", "near"},
		"radius alone":   {search.Query{RadiusKm: 5}, "point_needed", "near"},
		"radius":         {search.Query{Near: &search.Point{}, RadiusKm: -1}, "bad_radius", "radius"},
		"point":          {search.Query{Near: &search.Point{Lon: math.NaN()}}, "bad_point", "near"},
		"cursor":         {search.Query{After: "rubbish"}, "bad_cursor", "after"},
		"cut cursor":     {search.Query{After: first.Next[:8]}, "bad_cursor", "after"},
		"changed cursor": {search.Query{After: string(flipped)}, "bad_cursor", "after"},
		"other query":    {search.Query{After: first.Next, Text: "焊工"}, "bad_cursor", "after"},
	} {
		_, err := x.Search(c.q)
		require.True(t, fault.HasCode(err, "search."+c.code), "%s: %v", name, err)
		require.True(t, fault.IsKind(err, fault.Invalid))
		require.Equal(t, c.field, fault.As(err).Fields[0].Name, name)
	}
	r, err := x.Search(search.Query{Filters: []search.Filter{{Facet: "place", Values: []string{"370211"}}}})
	require.NoError(t, err, "a declared code is legal without documents")
	require.Zero(t, r.Total)
}

func TestADocumentThatDoesNotFitChangesNothing(t *testing.T) {
	x := open(t, ad("1", "焊工", ""))
	bad := map[string]search.Doc{
		"bad_id":       {},
		"bad_point":    {ID: "2", Point: &search.Point{Lat: 91}},
		"bad_document": {ID: "2", Facets: [][]string{{"3701", "3702"}}},
		"unknown_code": {ID: "2", Facets: [][]string{{""}}},
	}
	for code, d := range bad {
		err := x.Upsert(ad("9", "普工", ""), d)
		require.True(t, fault.HasCode(err, "search."+code), "%s: %v", code, err)
	}
	require.True(t, x.Has("1"))
	require.False(t, x.Has("9"))
	x.Delete("7", "") // not there
	require.Equal(t, 1, x.Stats().Docs)
}

func TestRebuildSwapsOnSuccessOnlyAndKeepsWhatWasWrittenMeanwhile(t *testing.T) {
	ctx := context.Background()
	x := open(t, ad("old", "焊工", ""))
	broken := errors.New("the store is gone")
	give := func(yield ...any) iter.Seq2[search.Doc, error] {
		return func(next func(search.Doc, error) bool) {
			for _, y := range yield {
				switch y := y.(type) {
				case search.Doc:
					if !next(y, nil) {
						return
					}
				case error:
					next(search.Doc{}, y)
					return
				case func():
					y()
				}
			}
		}
	}
	require.ErrorIs(t, x.Rebuild(ctx, give(ad("a", "普工", ""), broken)), broken)
	require.True(t, fault.HasCode(x.Rebuild(ctx, give(ad("a", "普工", ""), ad("a", "电工", ""))), "search.duplicate_id"))
	gone, cancel := context.WithCancel(ctx)
	cancel()
	require.Error(t, x.Rebuild(gone, give(ad("a", "普工", ""))))
	require.True(t, x.Has("old"))
	require.False(t, x.Has("a"))

	require.NoError(t, x.Rebuild(ctx, give(
		ad("a", "普工", ""), ad("b", "普工", ""), ad("c", "普工", ""),
		func() {
			require.NoError(t, x.Upsert(ad("b", "电工", ""), ad("d", "电工", "")))
			x.Delete("c")
			require.True(t, x.Has("old"), "the old state is still there")
		})))
	for id, want := range map[string]bool{"old": false, "a": true, "b": true, "c": false, "d": true} {
		require.Equal(t, want, x.Has(id), id)
	}
	r, err := x.Search(search.Query{Text: "电工"})
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"b", "d"}, ids(r.Hits))
	edited := ad("b", "电工", "")
	sum, ok := x.Checksum("b")
	require.True(t, ok)
	require.Equal(t, edited.Checksum(), sum)
	edited.Text[2] = "改过"
	require.NotEqual(t, edited.Checksum(), sum)
}

func TestPagingGoesOnWhenDocumentsComeAndGo(t *testing.T) {
	var docs []search.Doc
	for n := range 30 {
		docs = append(docs, ad(fmt.Sprintf("%02d", n), "焊工", ""))
	}
	x := open(t, docs...)
	q := search.Query{Limit: 10, Sort: "date"}
	r, err := x.Search(q)
	require.NoError(t, err)
	require.Equal(t, "09", r.Hits[9].ID)
	q.After = r.Next
	x.Delete("09", "10") // the last one shown and the next to be shown
	newer := ad("99", "焊工", "")
	newer.Numbers[0]++
	require.NoError(t, x.Upsert(newer)) // belongs before the cursor
	r, err = x.Search(q)
	require.NoError(t, err)
	require.Equal(t, "11", r.Hits[0].ID)
	require.Equal(t, "20", r.Hits[9].ID)
}

func TestReadersSeeOneStateWhileWritersWork(t *testing.T) {
	// Every write keeps the number of documents; a reader must never count another.
	var docs []search.Doc
	for n := range 200 {
		docs = append(docs, ad(fmt.Sprintf("%03d", n), "焊工", ""))
	}
	x := open(t, docs...)
	done := make(chan struct{})
	var writers, readers sync.WaitGroup
	for w := range 2 {
		writers.Go(func() {
			for n := range 300 {
				d := ad(fmt.Sprintf("%03d", (n*7+w)%200), "电焊工", fmt.Sprint(n))
				d.Facets = [][]string{{"370102"}, nil, nil, {fmt.Sprintf("g%d", n)}} // new codes, too
				if err := x.Upsert(d); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Go(func() {
		for range 3 {
			if err := x.Rebuild(context.Background(), func(yield func(search.Doc, error) bool) {
				for _, d := range docs {
					if !yield(d, nil) {
						return
					}
				}
			}); err != nil {
				t.Error(err)
			}
		}
	})
	for range 3 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				r, err := x.Search(search.Query{Text: "焊工"})
				if err != nil || r.Total != 200 || r.Facets[0].Values[0].Count != 200 {
					t.Errorf("%v, %+v", err, r)
					return
				}
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
}

func TestADeclarationThatContradictsItselfIsRefused(t *testing.T) {
	for name, s := range map[string]search.Schema{
		"facet twice":    {Facets: []search.Facet{{Name: "a"}, {Name: "a"}}},
		"sort":           {Sorts: []search.Sort{{Name: "x", Number: "none"}}},
		"reserved sort":  {Numbers: []string{"n"}, Sorts: []search.Sort{{Name: "fit", Number: "n"}}},
		"recency":        {Recency: "none"},
		"circular codes": {Facets: []search.Facet{{Name: "a", Known: []search.Value{{Code: "1", Parent: "2"}, {Code: "2", Parent: "1"}}}}},
		"many fields":    {Fields: make([]search.Field, 9)},
	} {
		_, err := search.New(s, fakeClock())
		require.Error(t, err, name)
	}
}

func FuzzSearch(f *testing.F) {
	x, err := search.New(schema(), fakeClock())
	require.NoError(f, err)
	require.NoError(f, x.Upsert(ad("1", "电焊工", "java c++ 8千"), ad("2", "骑手", "外卖")))
	for _, s := range []string{"", "电焊工 java", "\x00\xff", "c++#+", "𠮷野家", strings.Repeat("工 ", 50), "İ é ①"} {
		f.Add(s, "")
	}
	r, _ := x.Search(search.Query{Limit: 1})
	f.Add("", r.Next)
	f.Fuzz(func(t *testing.T, text, after string) {
		r, err := x.Search(search.Query{Text: text, After: after, Limit: 1})
		if err != nil {
			if !fault.IsKind(err, fault.Invalid) {
				t.Fatal(err)
			}
			return
		}
		if r.Total < len(r.Hits) {
			t.Fatalf("%q: %d of %d", text, len(r.Hits), r.Total)
		}
	})
}
