package demo

import (
	"fmt"
	"strconv"
	"strings"

	"gonghui/internal/kit/place"
	"gonghui/internal/measure/employment"
)

// advert is a vacancy before it goes through the services. Days are counted from
// the day it is posted.
type advert struct {
	title, occupation string
	place             place.Place
	detail            string
	pay               string
	headcount         int
	hours, insurance  string
	form              string
	education, years  int
	dormitory, meals  bool
	groups            []string
	content           string
	days              int // how long it stays up
	trade             int
}

// input is the company's form.
func (a advert) input() employment.VacancyInput {
	return employment.VacancyInput{
		Title: a.title, OccupationCode: a.occupation, Form: a.form, Headcount: a.headcount,
		DivisionCode: a.place.Code, PlaceDetail: a.detail, Pay: a.pay, Hours: a.hours, Education: a.education,
		YearsMin: a.years, Insurance: a.insurance, Dormitory: a.dormitory, Meals: a.meals, Groups: a.groups, Content: a.content,
	}
}

// writers write adverts.
type writers struct {
	d      dice
	atlas  *atlas
	trades []trade
}

func newWriters(seed uint64, a *atlas, t []trade) *writers {
	return &writers{newDice(seed, "adverts"), a, t}
}

// next writes an advert of an employer.
func (w *writers) next(e employer) advert {
	d := w.d
	n := e.trades[e.hires.draw(d)]
	t := w.trades[n]
	a := advert{
		title: d.word(t.titles), occupation: t.occupation, trade: n, education: t.education, form: "direct",
		hours: d.word(t.hours), insurance: "five", days: d.between(45, 120),
	}
	at := e.county
	switch k := d.IntN(100); {
	case k < 62:
		town, _ := place.Get(e.town)
		a.place = town
	case k < 88:
		a.place = at.town(d)
	default:
		at = w.atlas.within(d, at.city.Code)
		a.place = at.town(d)
	}
	a.detail = d.word("厂区门口登记入场|园区二号门|近公交站|紧邻县道，有停车场|工业园B区|沿街门店|办公楼三层|||||")
	if d.chance(40) && a.education > 1 {
		a.education--
	}
	if t.years > 0 && d.chance(55) {
		a.years = d.between(1, t.years)
	}
	a.pay = w.pay(t, at, a.years)
	a.headcount = d.between(1, 3)
	switch {
	case strings.HasPrefix(t.occupation, "6-"):
		a.headcount = d.between(1, max(3, min(60, e.staff/15)))
	case strings.HasPrefix(t.occupation, "4-"):
		a.headcount = d.between(1, max(3, min(15, e.staff/30)))
	}
	switch {
	case t.per != "" || a.hours == "part_time":
		a.insurance, a.form = "partial", "part_time"
		if t.per == "day" && a.hours != "part_time" {
			a.form = "direct"
		}
	case strings.HasPrefix(t.occupation, "2") || e.staff > 250 || d.chance(20):
		a.insurance = "five_one"
	}
	a.dormitory = d.chance(t.housed)
	a.meals = a.dormitory && d.chance(75) || d.chance(25)
	if groups := list(t.groups); d.chance(45) {
		a.groups = some(d, groups, d.between(1, 2))
	}
	if t.education >= 4 && d.chance(5) {
		a.form, a.title = "internship", a.title+"（实习）"
	}
	a.content = w.content(t)
	// What the text promises, the fields say too.
	a.dormitory = a.dormitory || says(a.content, "包吃住|包住|管吃管住|宿舍|公寓|单间")
	a.meals = a.meals || says(a.content, "包吃住|管吃管住|食堂提供|免费工作餐|工作餐免费|班中餐免费")
	return a
}

func says(text, words string) bool {
	for _, w := range list(words) {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// pay writes a range as people do; all forms are understood by employment.
func (w *writers) pay(t trade, at county, years int) string {
	d := w.d
	step := 100
	if t.per != "" {
		step = 5
	}
	spread := t.high - t.low
	low := t.low + d.IntN(spread*2/5+1) + spread*min(years, 5)/20
	high := low + spread*d.between(25, 70)/100
	round := func(n int) int { return max(step, (n*at.payFactor/100+step/2)/step*step) }
	low, high = round(low), round(high)
	if high <= low {
		high = low + step
	}
	switch t.per {
	case "hour":
		return fmt.Sprintf("%d-%d元/时", low, high)
	case "day":
		return fmt.Sprintf("%d-%d元/天", low, high)
	}
	text := fmt.Sprintf("%d-%d元/月", low, high)
	if low%500 == 0 && high%500 == 0 || d.chance(15) {
		low, high = (low+250)/500*500, (high+499)/500*500
		text = thousands(low) + "-" + thousands(high)
	}
	if t.education >= 4 && d.chance(30) {
		text += "·13薪"
	}
	return text
}

// thousands writes 8500 as 8.5千 and 12000 as 1.2万.
func thousands(yuan int) string {
	unit, name := 1000, "千"
	if yuan >= 10_000 {
		unit, name = 10_000, "万"
	}
	return strconv.FormatFloat(float64(yuan)/float64(unit), 'f', -1, 64) + name
}

// content composes a text of two to five sentences or a short list.
func (w *writers) content(t trade) string {
	d := w.d
	work := some(d, list(t.work), d.between(1, 2))
	need := some(d, list(t.need), d.between(1, 2))
	perk := some(d, list(t.perk), d.between(0, 1))
	if d.chance(35) {
		need = append(need, pick(d, commonNeed))
	}
	if d.chance(55) || len(perk) == 0 {
		perk = append(perk, pick(d, commonPerk))
	}
	join := func(parts []string) string { return strings.Join(parts, "；") }
	switch d.IntN(6) {
	case 0:
		return fmt.Sprintf("工作内容：%s。\n任职要求：%s。\n福利待遇：%s。", join(work), join(need), join(perk))
	case 1:
		var b strings.Builder
		for i, p := range append(append(work, need...), perk...) {
			fmt.Fprintf(&b, "%d. %s。\n", i+1, p)
		}
		return strings.TrimSpace(b.String())
	case 2:
		return fmt.Sprintf("%s因业务需要招人。%s。%s。%s。", d.word("我单位|本公司|工厂|我们"), join(work), join(need), join(perk))
	case 3:
		return fmt.Sprintf("【做什么】%s。\n【要什么】%s。\n【给什么】%s。", join(work), join(need), join(perk))
	case 4:
		return fmt.Sprintf("%s。要求%s。%s。", join(work), join(need), join(perk))
	default:
		return fmt.Sprintf("%s。%s。%s。%s", join(work), join(perk), join(need),
			d.word("欢迎来厂参观后再决定。|投递后三个工作日内回复。|面试合格一周内上岗。|有意者直接在线投递。|老乡、同学可结伴应聘。"))
	}
}
