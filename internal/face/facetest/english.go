package facetest

import (
	"slices"
	"strings"
	"unicode"

	"github.com/PuerkitoBio/goquery"
)

// spoken are attributes that are read to people.
var spoken = []string{"title", "alt", "placeholder", "aria-label"}

// OwnWords are what Employer, Staff and Welder write.
var OwnWords = []string{"李华", "张明", "电焊工", "兴福街道", "焊接钢结构件。", "会看图纸,持证优先。", "工业北路 88 号"}

// Chinese lists what stands in Chinese on a page of another language, once the
// own words of people and companies are taken away, which stay as they were
// written, and the name of the product and of the language to change to.
func Chinese(doc *goquery.Document, own ...string) []string {
	own = append(slices.Clone(own), "中文", "工会")
	slices.SortFunc(own, func(a, b string) int { return len(b) - len(a) })
	var out []string
	look := func(text string) {
		for _, w := range own {
			text = strings.ReplaceAll(text, w, "")
		}
		if text = strings.TrimSpace(text); strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			out = append(out, text)
		}
	}
	all := doc.Find("*")
	all.Each(func(_ int, s *goquery.Selection) {
		for _, name := range spoken {
			look(s.AttrOr(name, ""))
		}
	})
	all.Contents().Each(func(_ int, s *goquery.Selection) {
		if goquery.NodeName(s) == "#text" {
			look(s.Text())
		}
	})
	return out
}
