package i18n_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
)

func TestTextWithAndWithoutParams(t *testing.T) {
	require.Equal(t, "是", i18n.T(i18n.ZH, "kit.yes"))
	require.Equal(t, "Yes", i18n.T(i18n.EN, "kit.yes"))
	require.Equal(t, "共 3 条", i18n.T(i18n.ZH, "kit.total", "Count", 3))
	require.Equal(t, "3 in all", i18n.T(i18n.EN, "kit.total", map[string]any{"Count": 3}))
	require.Equal(t, "是", i18n.T("fr", "kit.yes"), "an unknown language speaks Chinese")
}

func TestAbsentKeyAndParamAreShownAndCounted(t *testing.T) {
	before := i18n.Missing()["test.absent"]
	require.Equal(t, "test.absent", i18n.T(i18n.EN, "test."+"absent"))
	require.Equal(t, before+1, i18n.Missing()["test.absent"])
	before = i18n.Missing()["kit.total"]
	require.Equal(t, "共 … 条", i18n.T(i18n.ZH, "kit.total"))
	require.Equal(t, "共 … 条", i18n.T(i18n.ZH, "kit.total", "Count"), "a name without its value")
	require.Equal(t, before+2, i18n.Missing()["kit.total"])
}

func TestParamsAreNotTemplates(t *testing.T) {
	got := i18n.T(i18n.EN, "kit.reference", "Reference", "{{.Count}}<b>")
	require.Equal(t, "Reference {{.Count}}<b>", got, "escaping is the page's work, once")
}

// twoNames is named in both languages, as a place or a unit is.
type twoNames struct{}

func (twoNames) NameIn(lang string) string {
	if lang == string(i18n.EN) {
		return "Jinan"
	}
	return "济南"
}

func TestParamsWithANameInEachLanguage(t *testing.T) {
	params := map[string]any{"Count": twoNames{}}
	require.Equal(t, "共 济南 条", i18n.T(i18n.ZH, "kit.total", params))
	require.Equal(t, "Jinan in all", i18n.T(i18n.EN, "kit.total", params))
	require.Equal(t, map[string]any{"Count": twoNames{}}, params, "the fault's own map stays as it is")
	require.Equal(t, "Jinan in all", i18n.T(i18n.EN, "kit.total", "Count", twoNames{}))
}

func TestFaultNeverShowsABareKeyOrACause(t *testing.T) {
	f := fault.New(fault.Conflict, "no."+"such_text", fault.Because(fault.New(fault.Internal, "internal")))
	require.Equal(t, i18n.T(i18n.ZH, "fault.conflict"), i18n.Fault(i18n.ZH, f))
	require.Equal(t, i18n.T(i18n.EN, "fault.internal"), i18n.Fault(i18n.EN, &fault.Fault{Kind: "odd", Key: "odd"}))
	require.Empty(t, i18n.Fault(i18n.ZH, nil))
	require.Equal(t, "Too long: use at most 5 characters.",
		i18n.Field(i18n.EN, fault.Field{Name: "x", Code: "too_long", Key: "field.too_long", Params: map[string]any{"Max": 5}}))
	require.Equal(t, i18n.T(i18n.EN, "field.invalid"), i18n.Field(i18n.EN, fault.Field{Name: "x", Key: "field." + "odd"}))
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		accept, cookie string
		want           i18n.Lang
	}{
		{"", "", i18n.ZH},
		{"en-GB,en;q=0.8", "", i18n.EN},
		{"en-GB,en;q=0.8", "zh-CN", i18n.ZH},
		{"zh", "en", i18n.EN},
		{"zh-TW,en;q=0.5", "", i18n.ZH},
		{"en;q=0.1,zh-CN", "", i18n.ZH},
		{"fr,en;q=0.3", "", i18n.EN},
		{"fr", "", i18n.ZH},
		{"\x00;;;q=", "<script>", i18n.ZH},
		{strings.Repeat("en,", 5000), "", i18n.ZH},
	} {
		require.Equal(t, c.want, i18n.Match(c.accept, c.cookie), "%.40q %q", c.accept, c.cookie)
	}
}

func TestLanguageTravelsInTheContext(t *testing.T) {
	require.Equal(t, i18n.ZH, i18n.From(t.Context()))
	require.Equal(t, i18n.EN, i18n.From(i18n.With(t.Context(), i18n.EN)))
}

func TestLoadRefuses(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"a key twice in a file":   {"a.en.json": `{"k.x":"1","k.x":"2"}`},
		"a value that is no text": {"a.en.json": `{"k.x":{"y":"2"}}`},
		"an unknown language":     {"a.fr.json": `{}`},
		"a list":                  {"a.en.json": `[]`},
		"a broken file":           {"a.en.json": `{"k.x":"1"`},
	} {
		t.Run(name, func(t *testing.T) {
			fsys := fstest.MapFS{}
			for n, text := range files {
				fsys["l/"+n] = &fstest.MapFile{Data: []byte(text)}
			}
			_, err := i18n.Load(fsys, "l")
			require.Error(t, err)
		})
	}
}

func TestTheFirstAreaCounts(t *testing.T) {
	c, err := i18n.Load(fstest.MapFS{
		"l/a.en.json": {Data: []byte(`{"k.x":"1","k.y":"{{.N}}"}`)},
		"l/b.en.json": {Data: []byte(`{"k.x":"{{.N}}","k.y":"2"}`)},
	}, "l")
	require.NoError(t, err)
	require.Equal(t, "1", c.T(i18n.EN, "k.x"))
	require.Equal(t, "3", c.T(i18n.EN, "k.y", "N", 3))
}

func TestConcurrentUse(t *testing.T) {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				_ = i18n.T(i18n.EN, "kit.total", "Count", 1)
				_ = i18n.T(i18n.ZH, "kit.yes")
				_ = i18n.T(i18n.ZH, "test."+"absent")
			}
		})
	}
	wg.Wait()
}

func BenchmarkPlain(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_ = i18n.T(i18n.ZH, "kit.yes")
	}
}

func BenchmarkTemplated(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_ = i18n.T(i18n.ZH, "kit.total", "Count", 3)
	}
}

func TestOneAndMany(t *testing.T) {
	for key, words := range map[string][2]string{
		"cockpit.pace.behind": {"1 day behind", "2 days behind"}, "cockpit.records.count": {"1 record, names masked", "2 records, names masked"},
		"ui.broken.title": {"1 row needs a correction", "2 rows need a correction"}, "phone.me.years_n": {"1 year", "2 years"},
	} {
		for i, word := range words {
			require.Equal(t, word, i18n.T(i18n.EN, key, "Days", i+1, "Count", i+1, "N", i+1))
			n := strconv.Itoa(i + 1)
			require.Equal(t, word, i18n.T(i18n.EN, key, "Days", n, "Count", n, "N", n))
		}
	}
}
