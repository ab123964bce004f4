package employment

import (
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"gonghui/internal/kit/clock"
)

// Citation is one text a rule rests on.
type Citation struct {
	Text string    // as printed: 《就业促进法》第二十七条
	From clock.Day // in force since
	// Known marks regulation knowledge not read in a source: it is kept for the
	// staff and never printed to people as law.
	Known bool
}

// Rule is one reason to refuse a vacancy on the spot. The word lists are data:
// a province may replace them (ScreenWith).
type Rule struct {
	Code      string // sex, marriage, ethnicity, religion, disability, infection, origin, age, fee, overseas, agency, pay_range
	Citations []Citation
	House     bool     // the platform's own rule, no law behind it
	Words     []string // in folded form
	Exempt    []string // longer words in which a word above is innocent
	// Denied are words that, standing before the word in the same clause, turn
	// it round (不收取任何押金); Waived stand after it (押金全免).
	Denied, Waived []string
}

// ScreenInput is what is looked at.
type ScreenInput struct {
	Title   string
	Content string
	Tags    []string
	PayText string // as the employer wrote it; looked at for fees
	Pay     Pay
}

// Refusal names the rule that was broken and where.
type Refusal struct {
	Rule     string
	Key      string         // message "screen.refused." + rule
	Params   map[string]any // word: what was found; citation: as below
	Citation string         // the texts in force on the day, empty for a rule of the house
	Field    string         // title, content, tags, pay
}

var (
	lawEqual     = Citation{Text: "《就业促进法》第三条、第二十六条", From: clock.MakeDay(2008, 1, 1)}
	lawWomen     = Citation{Text: "《就业促进法》第二十七条", From: clock.MakeDay(2008, 1, 1)}
	lawMinority  = Citation{Text: "《就业促进法》第二十八条", From: clock.MakeDay(2008, 1, 1)}
	lawDisabled  = Citation{Text: "《就业促进法》第二十九条", From: clock.MakeDay(2008, 1, 1)}
	lawCarrier   = Citation{Text: "《就业促进法》第三十条", From: clock.MakeDay(2008, 1, 1)}
	lawRural     = Citation{Text: "《就业促进法》第三十一条", From: clock.MakeDay(2008, 1, 1)}
	marketAds    = Citation{Text: "《人力资源市场暂行条例》（国务院令第700号）第二十四条", From: clock.MakeDay(2018, 10, 1)}
	onlineAds    = Citation{Text: "《网络招聘服务管理规定》（人社部令第44号）第十五条", From: clock.MakeDay(2021, 3, 1)}
	onlineFees   = Citation{Text: "《网络招聘服务管理规定》（人社部令第44号）", From: clock.MakeDay(2021, 3, 1)}
	contractFees = Citation{Text: "《劳动合同法》第九条", From: clock.MakeDay(2008, 1, 1), Known: true}

	deniedWish = []string{"不限", "不要求", "不得", "禁止", "严禁", "杜绝", "反对", "拒绝"}
	waivedWish = []string{"不限", "均可", "皆可", "都可", "都行"}
	deniedFee  = []string{"不收", "不需", "无需", "无须", "不用", "不交", "不缴", "不要", "不得", "不会", "不扣", "不含", "不存在", "免收", "免交", "免除", "没有", "无任何", "零", "严禁", "禁止", "杜绝", "拒绝", "谢绝", "承担", "报销", "免费", "非", "不是", "勿"}
	waivedFee  = []string{"全免", "免费", "免收", "免交", "为零", "0元", "不收", "报销", "由公司", "由企业", "由单位", "公司承担", "企业承担", "公司出", "勿扰", "勿"}
)

// allRules are the rules of the platform. The groups follow 就业促进法 arts.
// 26–31; age is in no article of it and so is a rule of the house.
var allRules = []Rule{
	{
		Code: "sex", Citations: []Citation{lawWomen, marketAds, onlineAds},
		Words: []string{
			"限男", "限女", "只招男", "只招女", "只要男", "只要女", "仅招男", "仅招女", "招男性", "招女性", "招男工", "招女工", "男士优先", "女士优先",
			"男性优先", "女性优先", "男生优先", "女生优先", "男优先", "女优先", "男士勿", "女士勿", "男勿扰", "女勿扰", "女性勿扰", "男性勿扰", "不招女", "不招男", "不要女", "不要男",
			"性别:男", "性别:女", "性别要求:男", "性别要求:女", "性别要求男", "性别要求女", "性别男", "性别女",
		},
		Exempt: []string{"性别:男女", "性别男女", "性别要求:男女", "性别要求男女", "限男女"}, Denied: deniedWish, Waived: waivedWish,
	},
	{
		Code: "marriage", Citations: []Citation{lawWomen},
		Words:  []string{"已婚已育", "已婚优先", "未婚优先", "已育优先", "限已婚", "限未婚", "未婚未育", "已婚未育勿", "不生育", "无生育计划", "孕妇勿", "孕期勿", "哺乳期勿", "备孕勿"},
		Denied: deniedWish, Waived: waivedWish,
	},
	{
		Code: "ethnicity", Citations: []Citation{lawMinority, marketAds, onlineAds},
		Words: []string{"限汉族", "汉族优先", "只招汉族", "只要汉族", "不招少数民族", "不要少数民族", "谢绝少数民族", "少数民族勿", "少数民族除外", "少数民族免", "维族勿", "藏族勿", "回族勿", "彝族勿"}, Denied: []string{"不限", "不得", "禁止", "严禁"},
	},
	{
		Code: "religion", Citations: []Citation{lawEqual, marketAds, onlineAds},
		Words: []string{"无宗教信仰", "不信教", "限无宗教", "信教勿", "有宗教信仰勿", "不招信教"}, Denied: []string{"不限", "不要求"},
	},
	{
		Code: "disability", Citations: []Citation{lawDisabled},
		Words: []string{"残疾勿", "残疾人勿", "残障勿", "不招残疾", "不要残疾", "残疾除外", "残疾人除外", "谢绝残疾", "无残疾", "非残疾", "残疾免谈"}, Denied: []string{"不限", "不得", "禁止", "严禁"},
		Exempt: []string{"残疾人不限"},
	},
	{
		Code: "infection", Citations: []Citation{lawCarrier},
		Words: []string{"乙肝", "大三阳", "小三阳", "大小三阳", "两对半", "艾滋", "病毒携带者勿", "病原携带者勿"}, Denied: []string{"不查", "不检", "不做", "不限", "不得", "不涉及", "禁止", "严禁", "不歧视"}, Waived: []string{"不限", "不查", "不检", "均可", "疫苗", "防治", "检测试剂"},
	},
	{
		Code: "origin", Citations: []Citation{lawRural, onlineAds},
		Words: []string{
			"不招农村", "农村户口勿", "农村勿扰", "限城镇户口", "限城市户口", "限非农", "非农户口优先", "限本市户", "限本地户", "限本地人", "仅限本地", "只招本地", "本地户口优先", "本市户口优先", "本地户籍优先", "本市户籍优先", "本地人优先", "外地勿扰", "外地人勿", "不招外地", "不要外地", "东北人勿", "河南人勿", "新疆勿", "西藏勿",
		}, Denied: []string{"不限", "不得", "禁止", "严禁"}, Waived: waivedWish,
	},
	{Code: "age", House: true}, // found by its pattern, see ageLimit
	{
		Code: "fee", Citations: []Citation{onlineFees, contractFees},
		Words: []string{
			"押金", "保证金", "风险金", "担保金", "服装费", "工装费", "工服费", "培训费", "报名费", "中介费", "介绍费", "资料费", "建档费", "入职费", "体检费自理", "体检费自付", "体检自费", "自费体检", "办证费", "押身份证", "扣押证件", "先交费", "先交钱",
		},
		Exempt: []string{
			"投标保证金", "履约保证金", "质量保证金", "质保金", "工资保证金", "贷款保证金", "保证金账户", "保证金管理", "保证金业务", "客户押金", "租户押金", "业主押金", "房屋押金", "押金管理", "押金核算", "押金收退", "培训费用预算", "培训费用报销", "培训费用管理", "风险金管理",
		}, Denied: deniedFee, Waived: waivedFee,
	},
	{
		Code: "overseas", House: true,
		Words: []string{"出国劳务", "出国务工", "出国打工", "海外务工", "海外劳务", "境外务工", "境外高薪", "国外务工", "国外打工", "赴日", "赴韩", "赴新加坡", "赴柬", "赴缅", "赴迪拜", "缅北", "偷渡"}, Denied: []string{"非", "不是", "严禁", "禁止"}, Exempt: []string{"赴日常", "赴日照"},
	},
	{
		Code: "agency", House: true,
		Words: []string{"代招", "代理招聘", "劳务中介", "中介招聘", "中介公司招", "劳务输出", "返费", "招工代理", "派遣代招"}, Denied: []string{"非", "不是", "无", "谢绝", "拒绝", "严禁", "禁止", "不通过", "不经", "不走"}, Waived: []string{"勿扰", "勿"},
	},
	{Code: "pay_range", Citations: []Citation{marketAds, onlineAds}},
}

// Rules lists the rules with the citations in force on a day, so that a vacancy
// of July 2020 is not refused under a text of 2021.
func Rules(on clock.Day) []Rule {
	out := make([]Rule, len(allRules))
	copy(out, allRules)
	for i := range out {
		out[i].Citations = nil
		for _, c := range allRules[i].Citations {
			if c.From <= on {
				out[i].Citations = append(out[i].Citations, c)
			}
		}
	}
	return out
}

// Printed joins the citations that may be shown to people.
func (r Rule) Printed() string {
	var parts []string
	for _, c := range r.Citations {
		if !c.Known {
			parts = append(parts, c.Text)
		}
	}
	return strings.Join(parts, "、")
}

// Screen tells for which reasons a vacancy is refused on the spot, at most one
// for each rule and field. Denials such as 不收取任何押金, 性别不限 pass.
func Screen(v ScreenInput, on clock.Day) []Refusal { return ScreenWith(rulesOn(on), v) }

// dayRules keeps the rules of the day that was asked for last.
type dayRules struct {
	on    clock.Day
	rules []Rule
}

var lastRules atomic.Pointer[dayRules]

func rulesOn(on clock.Day) []Rule {
	if d := lastRules.Load(); d != nil && d.on == on {
		return d.rules
	}
	d := &dayRules{on, Rules(on)}
	lastRules.Store(d)
	return d.rules
}

// ScreenWith is Screen under other rules.
func ScreenWith(rules []Rule, v ScreenInput) []Refusal {
	fields := [...]struct {
		name, text string
		pairs      pairSet
	}{
		{name: "title", text: screenFold(v.Title)}, {name: "content", text: screenFold(v.Content)},
		{name: "tags", text: screenFold(strings.Join(v.Tags, "\n"))}, {name: "pay", text: screenFold(v.PayText)},
	}
	for i := range fields {
		fields[i].pairs.add(fields[i].text)
	}
	var out []Refusal
	refuse := func(r *Rule, field, word string) {
		cited := r.Printed()
		out = append(out, Refusal{
			Rule: r.Code, Key: "screen.refused." + r.Code, Field: field, Citation: cited,
			Params: map[string]any{"word": word, "citation": cited},
		})
	}
	for i := range rules {
		r := &rules[i]
		if r.Code == "pay_range" {
			if !v.Pay.HasFigures() {
				refuse(r, "pay", v.PayText)
			}
			continue
		}
		for i := range fields {
			f := &fields[i]
			if f.text == "" {
				continue
			}
			if r.Code == "age" {
				if word := ageLimit(f.text); word != "" {
					refuse(r, f.name, word)
				}
			} else if word := r.find(f.text, &f.pairs); word != "" {
				refuse(r, f.name, word)
			}
		}
	}
	return out
}

// pairSet remembers which two characters stand side by side in a text, so that
// most of the few hundred words are ruled out without looking for them: an
// import screens every row. It may say yes where the answer is no, never the
// other way round.
type pairSet [32]uint64

func pairBit(a, b rune) (word, bit uint) {
	h := uint32(a)*2654435761 ^ uint32(b)*40503
	h ^= h >> 15
	return uint(h>>6) & 31, uint(h) & 63
}

func (s *pairSet) add(text string) {
	last := rune(-1)
	for _, c := range text {
		if last >= 0 {
			w, b := pairBit(last, c)
			s[w] |= 1 << b
		}
		last = c
	}
}

// mayHold tells whether a text with these pairs can contain the word.
func (s *pairSet) mayHold(word string) bool {
	last := rune(-1)
	for _, c := range word {
		if last >= 0 {
			if w, b := pairBit(last, c); s[w]&(1<<b) == 0 {
				return false
			}
		}
		last = c
	}
	return true
}

// find gives the first word of the rule that is meant as it stands.
func (r *Rule) find(text string, pairs *pairSet) string {
	for _, w := range r.Words {
		if !pairs.mayHold(w) {
			continue
		}
		for from := 0; ; {
			i := strings.Index(text[from:], w)
			if i < 0 {
				break
			}
			i += from
			if !r.innocent(text, i, w) {
				return w
			}
			from = i + len(w)
		}
	}
	return ""
}

func (r *Rule) innocent(text string, i int, w string) bool {
	for _, x := range r.Exempt {
		if k := strings.Index(x, w); k >= 0 && i >= k && strings.HasPrefix(text[i-k:], x) {
			return true
		}
	}
	before, after := text[:i], text[i+len(w):]
	if k := strings.LastIndexAny(before, clauseEnds); k >= 0 {
		_, n := utf8.DecodeRuneInString(before[k:])
		before = before[k+n:]
	}
	if k := strings.IndexAny(after, clauseEnds); k >= 0 {
		after = after[:k]
	}
	// Other words of the list stand between the denial and this one: 不收押金、培训费.
	for _, d := range r.Denied {
		if strings.Contains(before, d) {
			return true
		}
	}
	if len(r.Denied) > 0 {
		for _, d := range []string{"不", "无", "免", "0"} {
			if strings.HasSuffix(before, d) {
				return true
			}
		}
	}
	for _, d := range r.Waived {
		if strings.HasPrefix(strings.TrimLeft(after, ":者等的;都"), d) {
			return true
		}
	}
	return false
}

// clauseEnds part clauses; a list sign (、, folded to a semicolon) does not.
const clauseEnds = ",.!?\n。"

// youngest is the age below which an upper limit is the legal minimum age, not a
// preference; oldest the highest limit the house refuses.
const (
	youngest = 18
	oldest   = 35
)

// ageLimit finds an upper limit of age up to 35: 35岁以下, 18-35周岁, 年龄不超过30岁.
func ageLimit(text string) string {
	for from := 0; ; {
		i := strings.Index(text[from:], "岁")
		if i < 0 {
			return ""
		}
		i += from
		from = i + len("岁")
		end := len(strings.TrimSuffix(text[:i], "周"))
		k := end
		for k > 0 && isDigit(text[k-1]) {
			k--
		}
		age := smallNumber(text[k:end])
		if age <= youngest || age > oldest {
			continue
		}
		start, range_ := k, false
		if k > 0 && text[k-1] == '-' || strings.HasSuffix(text[:k], "到") || strings.HasSuffix(text[:k], "至") {
			range_ = true
			_, n := utf8.DecodeLastRuneInString(text[:k])
			for start = k - n; start > 0 && (isDigit(text[start-1])); {
				start--
			}
			if start == k-n && !strings.HasSuffix(text[:start], "岁") {
				range_ = false
			}
		}
		after := text[from:]
		below := strings.HasPrefix(after, "以下") || strings.HasPrefix(after, "以内") || strings.HasPrefix(after, "之内") || strings.HasPrefix(after, "内")
		most := false
		for _, w := range []string{"不超过", "低于", "小于", "不大于", "不高于", "限"} {
			most = most || strings.HasSuffix(text[:k], w)
		}
		if range_ || below || most {
			return text[start:from]
		}
	}
}

// screenFold brings the text to half width and one kind of dash and drops blanks,
// so that 限 男 性 is found; line breaks end a clause.
func screenFold(s string) string {
	s = strings.Map(func(r rune) rune {
		switch r {
		case '\n', '\r', ';', '；':
			return '。'
		case '*', '·', '_', '\u200b', '\t':
			return ' '
		}
		return r
	}, s)
	return squeeze(s)
}
