package place

import (
	"strings"
	"unicode/utf8"

	"gonghui/internal/kit/fault"
)

const (
	laiwu        = "370116" // a city until 2018, with 钢城区 then below it
	maxText      = 200      // bytes; longer is no place
	maxNameRunes = 24
	maxShown     = 5 // candidates named in place.ambiguous
)

// Parse reads a place as people write it: 济南·槐荫·兴福, 济南市槐荫区,
// 山东省济南市槐荫区兴福街道, 山东济南, 北京·朝阳·望京, 全国, former names, or a
// code. Suffixes may be missing. The deepest division understood wins; what
// follows it (a business area, a street) is kept in Detail. A county's name
// without its city is taken when only one county of Shandong bears it, else
// when only one in the country does. English names are read in either order:
// Huaiyin District, Jinan.
//
// Faults: place.unknown; place.ambiguous, with the candidates in the parameter
// "candidates", which is written in the language of the sentence; place.several
// for more than one place.
func Parse(text string) (Place, error) {
	if len(text) > maxText {
		return Place{}, fault.New(fault.Invalid, "place.unknown")
	}
	g := load()
	s := strings.TrimSpace(fold(text))
	if isCode(s) {
		if i, ok := g.find(s); ok {
			return g.places[i], nil
		}
		return Place{}, unknown(text)
	}
	for _, country := range []string{"中华人民共和国", "中国"} {
		if rest, ok := strings.CutPrefix(s, country); ok {
			if s = trimSep(rest); s == "" {
				return g.places[0], nil
			}
		}
	}
	if rest, ok := strings.CutPrefix(s, "全国"); ok && (rest == "" || isSep(rest)) {
		return g.places[0], nil
	}
	if why, ok := anywhere[strings.TrimFunc(s, separator)]; ok {
		p := g.places[0]
		p.Detail = why
		return p, nil
	}
	if english(s) {
		return parseEnglish(s)
	}
	at, swapped := 0, false
	for s != "" {
		e, n, swap := g.match(at, s)
		if n == 0 && swapped {
			// 莱芜市·钢城区: the old city is now two districts side by side.
			e, n, swap = g.match(g.parent[at], s)
		}
		if n == 0 {
			if k := g.repeated(at, s); k > 0 {
				s = trimSep(s[k:])
				continue
			}
			break
		}
		if len(e.more) > 0 {
			// 山东·市中·济南 is not written; the city must stand before.
			return Place{}, g.ambiguous(e)
		}
		if rest := s[n:]; e.full && rest != "" && strings.HasSuffix(s[:n], "市") {
			// 枣庄市中, 青岛市南区: the 市 belongs to the district.
			if _, k, _ := g.match(e.at, rest); k == 0 {
				if _, k, _ := g.match(e.at, s[n-len("市"):]); k > 0 {
					n -= len("市")
				}
			}
		}
		at, swapped, s = e.at, swap || g.places[e.at].Code == laiwu, trimSep(s[n:])
	}
	if at == 0 {
		return Place{}, unknown(text)
	}
	if g.another(at, s) {
		return Place{}, fault.New(fault.Invalid, "place.several", fault.OnField("place", "place_several"))
	}
	p := g.places[at]
	p.Detail = detail(s)
	return p, nil
}

// anywhere are the ways to say that the work can be done wherever one lives, with
// what is kept of them as a detail.
var anywhere = map[string]string{
	"不限": "", "地点不限": "", "地区不限": "", "全国各地": "", "全国范围": "",
	"远程": "远程", "远程办公": "远程", "远程工作": "远程", "线上": "远程", "线上办公": "远程",
	"居家": "居家", "居家办公": "居家", "在家办公": "居家",
}

// another tells whether what follows a place names a second one beside it:
// 济南、青岛 is no place in 济南.
func (g *gazetteer) another(at int, rest string) bool {
	for _, name := range strings.FieldsFunc(rest, func(r rune) bool { return separator(r) || r == '或' || r == '和' || r == '及' }) {
		e, ok := g.names[0][name]
		if !ok || g.places[e.at].Level > City {
			continue
		}
		above := at
		for above != 0 && above != e.at {
			above = g.parent[above]
		}
		if above == 0 {
			return true
		}
	}
	return false
}

// match finds the longest name at the beginning of s among those below at.
// swap tells that the name was written with the suffix of another time
// (章丘市, today 章丘区).
func (g *gazetteer) match(at int, s string) (e entry, n int, swap bool) {
	names := g.names[at]
	if names == nil {
		return entry{}, 0, false
	}
	var ends [maxNameRunes]int
	k := 0
	for i, r := range s {
		if k > 0 {
			ends[k-1] = i
		}
		if k == maxNameRunes || separator(r) {
			break
		}
		k++
		if i+utf8.RuneLen(r) == len(s) {
			ends[k-1] = len(s)
		}
	}
	if k == maxNameRunes {
		k--
	}
	for ; k >= 2; k-- {
		e, ok := names[s[:ends[k-1]]]
		if !ok {
			continue
		}
		n := ends[k-1]
		level := g.places[e.at].Level
		if e.full && level == Township && strings.HasPrefix(s[n:], "办事处") {
			return e, n + len("办事处"), false
		}
		if e.full || n == len(s) {
			return e, n, false
		}
		// 上海市, 山东省; but the 市 of 山东市中区 belongs to the district.
		if w := suffixAt(s[n:], level); w > 0 && (level != Province || strings.HasSuffix(g.places[e.at].Name, s[n:n+w])) {
			return e, n + w, true
		}
		if !isSep(s[n:]) && roadAfter(s[n:]) {
			continue // 河南路 is no province
		}
		return e, n, false
	}
	return entry{}, 0, false
}

// suffixAt gives the length of a division suffix of the level at the beginning
// of s.
func suffixAt(s string, level Level) int {
	list := countySuffixes
	switch level {
	case City:
		list = citySuffixes
	case Township:
		list = townshipSuffixes
	case Province:
		list = []string{"省", "市"}
	case National, County:
	}
	for _, x := range list {
		if strings.HasPrefix(s, x) {
			return len(x)
		}
	}
	return 0
}

func roadAfter(s string) bool {
	for _, x := range []string{"路", "街", "道", "大道", "大街", "巷", "东路", "西路", "南路", "北路", "中路"} {
		if strings.HasPrefix(s, x) {
			return true
		}
	}
	return false
}

// repeated gives the length of a second writing of the same place or of an empty
// level, as in 上海·上海市·浦东新区 or 北京市市辖区.
func (g *gazetteer) repeated(at int, s string) int {
	if at == 0 {
		return 0
	}
	for _, x := range []string{g.places[at].Name, "市辖区", "城区内", g.short[at]} {
		if rest, ok := strings.CutPrefix(s, x); ok && (rest == "" || isSep(rest) || x != g.short[at]) {
			return len(x)
		}
	}
	return 0
}

func (g *gazetteer) ambiguous(e entry) error {
	var c candidates
	for _, i := range e.more {
		c = append(c, g.places[i].Code)
	}
	return fault.New(fault.Invalid, "place.ambiguous", fault.OnField("place", "ambiguous"), fault.With("candidates", c))
}

// candidates are the codes among which somebody must choose.
type candidates []string

// String writes them for logs and tests.
func (c candidates) String() string { return c.NameIn("") }

// NameIn lists the first of them in a language.
func (c candidates) NameIn(lang string) string {
	var names []string
	for _, code := range c {
		if len(names) == maxShown {
			names = append(names, "…")
			break
		}
		names = append(names, FullNameIn(code, lang))
	}
	if lang == English {
		return strings.Join(names, "; ")
	}
	return strings.Join(names, "、")
}

func unknown(text string) error {
	return fault.New(fault.Invalid, "place.unknown", fault.OnField("place", "unknown"), fault.With("text", text))
}

func isCode(s string) bool {
	if len(s) < 2 || len(s) > 12 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// fold brings full-width letters and digits to half width.
func fold(s string) string {
	for _, r := range s {
		if r >= 0xFF01 && r <= 0xFF5E || r == 0x3000 || r == 0xFEFF {
			return strings.Map(func(r rune) rune {
				switch {
				case r >= 0xFF01 && r <= 0xFF5E:
					return r - 0xFEE0
				case r == 0x3000:
					return ' '
				case r == 0xFEFF:
					return -1
				}
				return r
			}, s)
		}
	}
	return s
}

func separator(r rune) bool {
	switch r {
	case '·', '•', '・', '‧', '∙', '-', '—', '–', '/', '\\', '|', ',', '、', ';', '>', '_', ' ', '\t', '\r', '\n', '(', ')', '[', ']', '【', '】', '.', ':', '~', '*', '+', '"', '\'', '。':
		return true
	}
	return false
}

func isSep(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return separator(r)
}

func trimSep(s string) string { return strings.TrimLeftFunc(s, separator) }

// detail tidies what is left: 兴福·经十路 keeps its parts, the outer separators go.
func detail(s string) string {
	s = strings.TrimFunc(s, separator)
	parts := strings.FieldsFunc(s, func(r rune) bool { return separator(r) && r != '-' && r != '.' && r != '/' })
	return strings.Join(parts, "·")
}
