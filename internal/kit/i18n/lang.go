package i18n

import (
	"context"

	"golang.org/x/text/language"
)

// Lang is a language of the product, as an HTML lang attribute.
type Lang string

// The languages. ZH is the first: it is shown when nothing else is asked for.
const (
	ZH Lang = "zh-CN"
	EN Lang = "en"
)

// Langs lists the languages, first language first.
var Langs = []Lang{ZH, EN}

// offered are the languages a browser may ask for and what it then gets: a
// reader of traditional characters is served better by Chinese than by English.
var (
	offered = []Lang{ZH, EN, ZH}
	matcher = language.NewMatcher([]language.Tag{language.SimplifiedChinese, language.English, language.TraditionalChinese})
)

// maxAcceptLanguage bounds what is parsed of a header that anybody may send.
const maxAcceptLanguage = 256

// Parse reads a language exactly as this package writes it.
func Parse(s string) (Lang, bool) {
	for _, l := range Langs {
		if s == string(l) {
			return l, true
		}
	}
	return ZH, false
}

// Match chooses the language of a request: the person's own choice kept in a
// cookie, else the best of the Accept-Language header, else Chinese. Rubbish in
// either is ignored.
func Match(acceptLanguage, cookie string) Lang {
	if l, ok := Parse(cookie); ok {
		return l
	}
	if acceptLanguage == "" || len(acceptLanguage) > maxAcceptLanguage {
		return ZH
	}
	tags, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil || len(tags) == 0 {
		return ZH
	}
	_, i, confidence := matcher.Match(tags...)
	if confidence == language.No {
		return ZH
	}
	return offered[i]
}

type contextKey struct{}

// With puts the language of the request into the context.
func With(ctx context.Context, lang Lang) context.Context {
	return context.WithValue(ctx, contextKey{}, lang)
}

// From takes the language out of the context, Chinese when there is none.
func From(ctx context.Context) Lang {
	if l, ok := ctx.Value(contextKey{}).(Lang); ok {
		return l
	}
	return ZH
}
