package i18n

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed locales/*.json
var locales embed.FS

// Catalog holds the texts of all languages. It is read-only once loaded and safe
// for concurrent use.
type Catalog struct {
	// plain holds the texts without parameters. A page asks for hundreds of
	// them, so they are one map lookup and never meet the template engine.
	plain     map[Lang]map[string]string
	templated map[Lang]map[string]string // the source texts, kept for Keys and the tests
	bundle    *goi18n.Bundle
	localizer map[Lang]*goi18n.Localizer
}

// Bundle gives the catalog of the embedded texts, loaded at the first call. A
// broken text file stops the program: it is part of the program, not input.
var Bundle = sync.OnceValue(func() *Catalog {
	c, err := Load(locales, "locales")
	if err != nil {
		panic(err)
	}
	return c
})

// Load reads every <area>.<lang>.json in dir of fsys. It refuses a file whose
// language is unknown, a value that is not text and a key that stands twice in it.
func Load(fsys fs.FS, dir string) (*Catalog, error) {
	c := &Catalog{
		plain:     map[Lang]map[string]string{},
		templated: map[Lang]map[string]string{},
		bundle:    goi18n.NewBundle(language.MustParse(string(ZH))),
		localizer: map[Lang]*goi18n.Localizer{},
	}
	for _, l := range Langs {
		c.plain[l], c.templated[l] = map[string]string{}, map[string]string{}
	}
	files, err := fs.Glob(fsys, path.Join(dir, "*.json"))
	if err != nil {
		return nil, fmt.Errorf("list texts: %w", err)
	}
	for _, file := range files {
		if err := c.add(fsys, file); err != nil {
			return nil, fmt.Errorf("read texts %s: %w", path.Base(file), err)
		}
	}
	for _, l := range Langs {
		c.localizer[l] = goi18n.NewLocalizer(c.bundle, string(l))
	}
	return c, nil
}

func (c *Catalog) add(fsys fs.FS, file string) error {
	parts := strings.SplitN(path.Base(file), ".", 2)
	lang, ok := Parse(strings.TrimSuffix(parts[len(parts)-1], ".json"))
	if !ok {
		return fmt.Errorf("the name must be <area>.<lang>.json with a language of %v", Langs)
	}
	raw, err := fs.ReadFile(fsys, file)
	if err != nil {
		return err
	}
	texts, err := flat(raw)
	if err != nil {
		return err
	}
	tag := language.MustParse(string(lang))
	for key, text := range texts {
		if c.Has(lang, key) {
			continue // stands in another area too: the first one counts, and a law test fails
		}
		if !strings.Contains(text, "{{") {
			c.plain[lang][key] = text
			continue
		}
		c.templated[lang][key] = text
		if err := c.bundle.AddMessages(tag, &goi18n.Message{ID: key, Other: text}); err != nil {
			return fmt.Errorf("key %q: %w", key, err)
		}
	}
	return nil
}

// flat decodes {"key":"text"} token by token, because encoding/json silently
// keeps the last of two equal keys and a lost text should be noticed.
func flat(raw []byte) (map[string]string, error) {
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("not a JSON object: %w", err)
	}
	texts := map[string]string{}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, err
		}
		key, _ := t.(string)
		if t, err = dec.Token(); err != nil {
			return nil, err
		}
		text, ok := t.(string)
		if !ok {
			return nil, fmt.Errorf("key %q is not a text", key)
		}
		if _, twice := texts[key]; twice {
			return nil, fmt.Errorf("key %q stands twice", key)
		}
		texts[key] = text
	}
	if _, err := dec.Token(); err != nil { // the closing brace
		return nil, err
	}
	return texts, nil
}

// source gives the text as written, parameters unfilled.
func (c *Catalog) source(lang Lang, key string) (string, bool) {
	if s, ok := c.plain[lang][key]; ok {
		return s, true
	}
	s, ok := c.templated[lang][key]
	return s, ok
}

// Has tells whether the key has a text in the language.
func (c *Catalog) Has(lang Lang, key string) bool {
	_, ok := c.source(lang, key)
	return ok
}

// Keys lists the keys of a language, unordered.
func (c *Catalog) Keys(lang Lang) []string {
	keys := make([]string, 0, len(c.plain[lang])+len(c.templated[lang]))
	for k := range c.plain[lang] {
		keys = append(keys, k)
	}
	for k := range c.templated[lang] {
		keys = append(keys, k)
	}
	return keys
}
