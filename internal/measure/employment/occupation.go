package employment

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"gonghui/internal/kit/hanzi"
	"gonghui/internal/kit/place"
)

//go:embed data/occupations.csv
var occupationsCSV string

//go:embed data/title_words.csv
var titleWordsCSV string

// Occupation is an entry of 职业分类大典 (2022): level 1 major (6), 2 middle
// (6-18), 3 minor (6-18-02), 4 occupation (6-18-02-04 焊工). The majors 1, 7 and
// 8 and the residual items are not in our table (data/README.md).
type Occupation struct {
	Code    string `json:"code"`
	Name    string `json:"name"`
	English string `json:"english"` // our own rendering
	Level   int    `json:"level"`
}

// NameIn is the name in a language; Chinese in every language but English.
func (o Occupation) NameIn(lang string) string { return nameIn(lang, o.Name, o.English) }

func nameIn(lang, name, english string) string {
	if lang == place.English {
		return english
	}
	return name
}

// Parent is the code of the group above, empty for a major.
func (o Occupation) Parent() string {
	if i := strings.LastIndexByte(o.Code, '-'); i > 0 {
		return o.Code[:i]
	}
	return ""
}

type occupationTable struct {
	all    []Occupation
	byCode map[string]int
	words  map[string]int // folded word of a title → index
	maxLen int            // longest word in runes
}

// occupationTables reads the tables at first use; they are part of the program,
// and a test reads them.
var occupationTables = sync.OnceValue(func() *occupationTable {
	lines := tableLines(occupationsCSV)
	t := &occupationTable{byCode: make(map[string]int, len(lines)), words: make(map[string]int, 3*len(lines))}
	for _, l := range lines {
		code, rest, _ := strings.Cut(l, ",")
		name, english, _ := strings.Cut(rest, ",")
		o := Occupation{Code: code, Name: name, English: unquote(english), Level: strings.Count(code, "-") + 1}
		t.byCode[code] = len(t.all)
		t.all = append(t.all, o)
	}
	for _, l := range tableLines(titleWordsCSV) {
		word, code, _ := strings.Cut(l, ",")
		if i, ok := t.byCode[code]; ok {
			t.word(hanzi.Normal(word), i)
		}
	}
	for i, o := range t.all {
		if o.Level == 4 {
			t.word(hanzi.Normal(o.Name), i)
			t.word(occupationStem(hanzi.Normal(o.Name)), i)
			t.word(hanzi.Normal(o.English), i)
		}
	}
	return t
})

func tableLines(csv string) []string {
	return strings.Split(strings.TrimSpace(strings.ReplaceAll(csv, "\r", "")), "\n")[1:]
}

// unquote takes the marks off a last column, which may hold commas.
func unquote(s string) string { return strings.Trim(s, `"`) }

// word adds a meaning unless the word has one.
func (t *occupationTable) word(w string, i int) {
	n := utf8.RuneCountInString(w)
	if n < 2 {
		return
	}
	if _, taken := t.words[w]; !taken {
		t.words[w] = i
		t.maxLen = max(t.maxLen, n)
	}
}

// occupationStem cuts what a title does not say: 统计专业人员 → 统计.
func occupationStem(name string) string {
	for _, s := range []string{"工程技术人员", "专业技术人员", "专业人员", "技术人员", "操作工", "制造工", "制作工", "生产工", "加工工"} {
		if rest, ok := strings.CutSuffix(name, s); ok && utf8.RuneCountInString(rest) >= 3 {
			return rest
		}
	}
	return name
}

// Occupations lists the table in the order of codes.
func Occupations() []Occupation { return slices.Clone(occupationTables().all) }

// OccupationByCode finds an entry of any level.
func OccupationByCode(code string) (Occupation, bool) {
	t := occupationTables()
	i, ok := t.byCode[code]
	if !ok {
		return Occupation{}, false
	}
	return t.all[i], true
}

// OccupationsBelow lists the entries directly below a code; of "" the majors.
func OccupationsBelow(code string) []Occupation {
	var out []Occupation
	for _, o := range occupationTables().all {
		if o.Parent() == code {
			out = append(out, o)
		}
	}
	return out
}

// titleHeads are what often follows the word that names the work.
var titleHeads = []string{"学徒", "实习生", "储备干部", "若干", "数名"}

// OccupationGuess finds the occupation a job title means by the longest known
// word in it, the later one of two equally long. The word at the end counts two
// characters more, since it names the work (幼儿园保安 is a guard). Where no single
// occupation is meant, the answer is a group. False when no word is known.
func OccupationGuess(title string) (Occupation, bool) {
	if o, ok := guessIn(TitleKey(title)); ok {
		return o, true
	}
	return guessIn(hanzi.Normal(title)) // 急聘【普工】: the remark was the title
}

func guessIn(s string) (Occupation, bool) {
	t := occupationTables()
	for _, h := range titleHeads {
		s = strings.TrimSuffix(s, h)
	}
	best, most := -1, 0
	for from := 0; from < len(s); {
		end, n := from, 0
		for end < len(s) && n < t.maxLen {
			_, w := utf8.DecodeRuneInString(s[end:])
			end, n = end+w, n+1
			score := n
			if end == len(s) {
				score += 2
			}
			if n < 2 || score < most {
				continue
			}
			i, ok := t.words[s[from:end]]
			if !ok || !wholeWord(s, from, end) {
				continue
			}
			if t.all[i].Level < 4 {
				score -= 2 // 操作工 says less than 数控
			}
			if score >= most {
				best, most = i, score
			}
		}
		_, w := utf8.DecodeRuneInString(s[from:])
		from += w
	}
	if best < 0 {
		return Occupation{}, false
	}
	return t.all[best], true
}

// wholeWord keeps Latin words whole: the hr of "three" is no personnel work.
func wholeWord(s string, from, end int) bool {
	letter := func(i int) bool { return i >= 0 && i < len(s) && (s[i] >= 'a' && s[i] <= 'z') }
	return (!letter(from) || !letter(from-1)) && (!letter(end-1) || !letter(end))
}
