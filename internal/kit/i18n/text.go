package i18n

import (
	"fmt"
	"maps"
	"strings"
	"sync"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"

	"gonghui/internal/kit/fault"
)

// T gives the text of key in lang. Params are one map[string]any or alternating
// names and values: T(lang, "kit.total", "Count", 3). A key without text gives
// the key itself, and is counted (Missing); a parameter that was not given shows
// as "…" and is counted too. A parameter that has a name in each language
// (NameIn) is written in that of the text.
func T(lang Lang, key string, params ...any) string {
	return Bundle().T(lang, key, params...)
}

// T gives the text of key in lang; see the function of the same name.
func (c *Catalog) T(lang Lang, key string, params ...any) string {
	if s, ok := c.plain[lang][key]; ok {
		return s
	}
	localizer := c.localizer[lang]
	if localizer == nil { // a language we do not speak
		return c.T(ZH, key, params...)
	}
	if _, ok := c.templated[lang][key]; !ok {
		missing.add(key)
		return key
	}
	s, err := localizer.Localize(&goi18n.LocalizeConfig{MessageID: key, TemplateData: named(lang, data(params))})
	if err != nil {
		missing.add(key)
		return key
	}
	if strings.Contains(s, noValue) {
		missing.add(key)
		s = strings.ReplaceAll(s, noValue, "…")
	}
	return s
}

// noValue is what text/template writes for an absent map entry.
const noValue = "<no value>"

func data(params []any) map[string]any {
	if len(params) == 1 {
		if m, ok := params[0].(map[string]any); ok {
			return m
		}
	}
	m := make(map[string]any, len(params)/2)
	for i := 0; i+1 < len(params); i += 2 {
		m[fmt.Sprint(params[i])] = params[i+1]
	}
	return m
}

// named writes the parameters that have a name in each language; the map given
// may be shared and stays as it is.
func named(lang Lang, params map[string]any) map[string]any {
	var out map[string]any
	for name, value := range params {
		n, ok := value.(interface{ NameIn(lang string) string })
		if !ok {
			continue
		}
		if out == nil {
			out = maps.Clone(params)
		}
		out[name] = n.NameIn(string(lang))
	}
	if out == nil {
		return params
	}
	return out
}

// Fault gives the sentence that tells the person what to do about f. A fault
// whose key has no text falls back to the sentence of its kind, so that a page
// never shows a bare key; the missing key is counted.
func Fault(lang Lang, f *fault.Fault) string {
	if f == nil {
		return ""
	}
	c := Bundle()
	if c.Has(lang, f.Key) {
		return c.T(lang, f.Key, f.Params)
	}
	if f.Kind != fault.Internal { // our own mistakes need no sentence each
		missing.add(f.Key)
	}
	if key := "fault." + string(f.Kind); c.Has(lang, key) {
		return c.T(lang, key, f.Params)
	}
	return c.T(lang, "fault.internal")
}

// Field gives the sentence shown beside a wrong field, with the same fallback.
func Field(lang Lang, f fault.Field) string {
	c := Bundle()
	if c.Has(lang, f.Key) {
		return c.T(lang, f.Key, f.Params)
	}
	missing.add(f.Key)
	return c.T(lang, "field.invalid")
}

// missing counts keys without text, for the metrics page and for tests. It is
// bounded, because a key may come from stored data.
var missing counter

const maxMissing = 1000

type counter struct {
	mu sync.Mutex
	n  map[string]int
}

func (c *counter) add(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == nil {
		c.n = map[string]int{}
	}
	if _, seen := c.n[key]; seen || len(c.n) < maxMissing {
		c.n[key]++
	}
}

// Missing tells how often each key was asked for without a text, or with a
// parameter left out, since the start.
func Missing() map[string]int {
	missing.mu.Lock()
	defer missing.mu.Unlock()
	out := make(map[string]int, len(missing.n))
	for k, v := range missing.n {
		out[k] = v
	}
	return out
}
