package hanzi_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"gonghui/internal/kit/hanzi"
)

func TestFold(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"java", "java"},
		{"ＪＡＶＡ　工程师", "java 工程师"},
		{"電焊工，月薪８千", "电焊工,月薪8千"},
		{"C＋＋／C#", "c++/c#"},
		{"①②ｶﾞ", "12ガ"},
		{"㈱工會", "(株)工会"},
		{"a\x00b\tc", "a b c"},
		{"零\u200b宽\ufeff", "零宽"},
		{"坏\xff字", "坏字"},
		{"İstanbul", "istanbul"},
		{"é", "é"},
		{"e\u0301", "é"},
		{"女⼯", "女工"}, // a Kangxi radical that looks like 工
	} {
		require.Equal(t, c.want, hanzi.Fold(c.in), "%q", c.in)
	}
}

func TestNormalIsTheSameForOneNameWrittenDifferently(t *testing.T) {
	want := hanzi.Normal("济南华联(集团)有限公司")
	for _, s := range []string{"濟南華聯（集團）有限公司", " 济南 华联(集团) 有限公司。", "济南华联【集团】有限公司\u200b"} {
		require.Equal(t, want, hanzi.Normal(s))
	}
	require.NotEqual(t, want, hanzi.Normal("济南华联集团公司"))
	require.NotEqual(t, hanzi.Normal("C程序员"), hanzi.Normal("C++程序员"))
}

func TestTokens(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []string
	}{
		{"电焊工", []string{"电焊", "焊工", "工"}},
		{"工", []string{"工"}},
		{"Java开发8小时", []string{"java", "开发", "发", "8", "小时", "时"}},
		{"c++、C#，.net", []string{"c++", "c#", "net"}},
		{"# + ！", nil},
		{"𠮷野家", []string{"𠮷野", "野家", "家"}},
		{"会计（出纳）", []string{"会计", "计", "出纳", "纳"}},
	} {
		require.Equal(t, c.want, hanzi.Tokens(c.in), "%q", c.in)
	}
}

func TestQueryTokens(t *testing.T) {
	got := hanzi.QueryTokens(" Java开发　济南，c++ ")
	require.Equal(t, [][]hanzi.Run{
		{{Text: "java"}, {Text: "开发", Han: true}},
		{{Text: "济南", Han: true}},
		{{Text: "c++"}},
	}, got)
	require.Empty(t, hanzi.QueryTokens("！？ \x00"))
}

func TestASingleCharacterIsOneRangeOfTerms(t *testing.T) {
	for _, text := range []string{"电工", "工厂", "普工招聘", "工"} {
		found := false
		hanzi.Scan(hanzi.Fold(text), func(p hanzi.Pair) {
			found = found || p >= hanzi.First('工') && p < hanzi.Last('工')
		}, func(string) {})
		require.True(t, found, text)
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"ＪＡＶＡ 電焊工", "İ", "ﷺ", "\xff\x00", "Å", "ẛ̣", "ΐ", "ς"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := hanzi.Fold(s)
		if !utf8.ValidString(once) {
			t.Fatalf("%q folds to broken text %q", s, once)
		}
		if twice := hanzi.Fold(once); twice != once {
			t.Fatalf("folding %q twice: %q, %q", s, once, twice)
		}
		if n := hanzi.Normal(s); hanzi.Normal(n) != n || strings.ContainsAny(n, " \x00") {
			t.Fatalf("normal of %q: %q", s, n)
		}
		hanzi.Tokens(s)
		hanzi.QueryTokens(s)
	})
}

func BenchmarkFold(b *testing.B) {
	s := strings.Repeat("济南华联集团诚聘电焊工，月薪８千，包吃住。", 8)
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		hanzi.Fold(s)
	}
}

func BenchmarkScan(b *testing.B) {
	s := hanzi.Fold(strings.Repeat("济南华联集团诚聘电焊工，月薪８千，包吃住。", 8))
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		hanzi.Scan(s, func(hanzi.Pair) { n++ }, func(string) { n++ })
	}
}
