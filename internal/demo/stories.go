package demo

import (
	"sort"
	"time"

	"gonghui/internal/core/casework"
	"gonghui/internal/measure/employment"
)

// The words of the demonstration's people.
var (
	returnFirm    = list("营业执照照片不清晰，请重新上传后再提交|联系人姓名与登记信息不一致，请核对|经营地址不在本区，请改选所在县（市、区）")
	blockFirm     = list("经核实该企业以招聘名义收取求职者财物，按规定停用")
	returnPost    = list("请写明每天工作时长和休息安排|薪资区间过宽，请按实际填写|岗位内容过于简单，请补充具体工作|工作地点与企业所在园区不符，请核对|招聘人数与企业规模明显不符，请说明")
	closePost     = list("已在本平台招满|已通过其他渠道招满|订单调整，暂停招聘|岗位合并，不再单独招聘")
	takeDownPost  = list("职工反映到岗后薪资与发布不符，核实期间下架|工作内容与发布信息不一致|面试时要求求职者另行交钱，经核实下架")
	rejectPerson  = list("岗位已招满，感谢投递|经历与岗位要求有差距|面试后未达到试岗要求|缺少岗位要求的证书，取证后欢迎再投|工作地点较远，双方协商后未达成一致")
	noShowPerson  = list("约定报到日未到岗，电话联系不上|报到当天表示已另找工作")
	applyWords    = list("您好，我有相关经历，希望能面试。|看到贵单位招聘，离家近，想来试试。|本人踏实肯干，随时可以到岗。|做过同样的岗位，有证书。|请问可以先参观车间吗？|刚从部队退役，愿意从一线做起。|应届毕业，愿意从学徒做起。||||")
	meetPlace     = list("公司一楼人事科，带身份证|厂区南门门卫室集合|办公楼三层会议室|门店二楼办公室|视频面试，届时发送链接|人力资源市场二楼面试区")
	outcomeWords  = list("试焊合格，证书齐全|操作熟练，沟通顺畅|谈吐得体，愿意倒班|基础较好，需跟班学习一个月|对薪资略有期望差，可再谈||")
	fairNames     = []string{"金秋招聘月专场招聘会", "民营企业招聘月·园区专场", "退役军人就业服务专场", "家门口就业集市", "阳光就业暖心行动·毕业生专场"}
	guidanceNotes = list("梳理求职意向，推荐附近制造业岗位|指导修改简历，讲解面试注意事项|介绍技能培训补贴政策，登记培训意愿|协助分析转岗方向，建议先考叉车证|讲解劳动合同与试用期规定|帮助调整薪资期望，联系三家企业")
)

// fates are the ends of an application with their shares.
var fates = []struct {
	name   string
	weight int
}{
	{"delivered", 24}, {"viewed", 17}, {"no_reply", 14}, {"late_answer", 1}, {"invited", 10}, {"interviewed", 6}, {"offered", 4},
	{"agreed", 3}, {"company_confirmed", 2}, {"worker_confirmed", 2}, {"arrived", 8}, {"rejected", 12}, {"declined", 2},
	{"no_show", 1}, {"withdrawn", 6}, {"reapplied", 1},
}

func (p *plan) makeStories(seed uint64) {
	d := newDice(seed, "stories")
	u := newUrn(len(fates), func(i int) int { return fates[i].weight })
	open := p.openPosts()
	seekers := p.crowd[1 : 1+p.seekers]
	type pair struct {
		h *human
		p *post
	}
	taken := map[pair]bool{}
	tell := func(who *human, x *post, fate string) bool {
		if taken[pair{who, x}] {
			return false
		}
		s, ok := p.newStory(d, who, x, fate)
		if ok {
			taken[pair{who, x}] = true
			p.stories = append(p.stories, s)
		}
		return ok
	}
	// Each end once, for the worker of the login and for anybody.
	const tries = 200
	for _, fate := range workerFates {
		for n := 0; n < tries && !tell(p.worker, p.nearby(d, open, p.worker), fate); n++ {
		}
	}
	for _, f := range fates {
		for n := 0; n < tries; n++ {
			who := pick(d, seekers)
			if tell(who, p.nearby(d, open, who), f.name) {
				break
			}
		}
	}
	own := p.ownPosts() // the company of the login has a queue
	for n := 0; n < 100 && len(own) > 0; n++ {
		fate := fates[u.draw(d)].name
		if n < 40 {
			fate = []string{"delivered", "viewed", "delivered", "interviewed", "agreed"}[n%5]
		}
		tell(pick(d, seekers), pick(d, own), fate)
	}
	for len(p.stories) < p.applications {
		who := pick(d, seekers)
		tell(who, p.nearby(d, open, who), fates[u.draw(d)].name)
	}
}

// workerFates are what the worker of the login sees in the list of applications.
var workerFates = []string{"delivered", "viewed", "invited", "offered", "agreed", "rejected", "no_reply", "withdrawn", "arrived"}

// openPosts are the ads one could apply for at some time, by city.
func (p *plan) openPosts() map[string][]*post {
	out := map[string][]*post{}
	for _, x := range p.ads {
		if x.fate == "publish" && x.later != "take_down" && p.past(x.decideAt) {
			out[x.firm.county.city.Code] = append(out[x.firm.county.city.Code], x)
		}
	}
	return out
}

func (p *plan) ownPosts() []*post {
	var out []*post
	for _, x := range p.ads {
		if x.firm == p.company && x.fate == "publish" && x.later == "" && p.past(x.decideAt) {
			out = append(out, x)
		}
	}
	return out
}

// nearby draws an ad near a person, the person's own trade first.
func (p *plan) nearby(d dice, open map[string][]*post, h *human) *post {
	here := open[h.county.city.Code]
	if len(here) == 0 || d.chance(8) {
		here = open[pick(d, p.atlas.cities).Code]
	}
	if len(here) == 0 {
		here = open[homeCity]
	}
	best := pick(d, here)
	for range 6 {
		if best.trade == h.trade {
			break
		}
		if x := pick(d, here); x.trade == h.trade || x.firm.county.Code == h.county.Code && best.firm.county.Code != h.county.Code {
			best = x
		}
	}
	return best
}

// newStory tells one application up to the end asked for. False when there is no
// time for it between the ad's first day and today.
func (p *plan) newStory(d dice, who *human, x *post, fate string) (*story, bool) {
	first, last := p.ago(x.decideAt)-1, 1
	least := map[string]int{
		"no_reply": 16, "late_answer": 19, "invited": 2, "interviewed": 5, "offered": 6, "agreed": 8, "company_confirmed": 11,
		"worker_confirmed": 11, "arrived": 12, "declined": 7, "no_show": 12, "withdrawn": 2, "reapplied": 4, "viewed": 2,
	}[fate]
	most := map[string]int{"delivered": 12, "viewed": 12, "invited": 6, "interviewed": 12, "offered": 12}[fate]
	if most > 0 {
		first = min(first, most)
	}
	last = max(last, least)
	if first < last {
		return nil, false
	}
	s := &story{who: who, post: x, at: p.moment(d, d.between(last, first)), share: d.chance(55), words: pick(d, applyWords)}
	t := s.at
	ok := true
	step := func(side, event string, low, high int, fill func(in *employment.StepInput)) {
		t = p.after(d, t, low, high)
		if !p.past(t) {
			ok = false
		}
		in := employment.StepInput{Event: event, Version: casework.AnyVersion}
		if fill != nil {
			fill(&in)
		}
		s.steps = append(s.steps, storyStep{t, side, in})
	}
	reason := func(words []string) func(*employment.StepInput) {
		why := pick(d, words)
		return func(in *employment.StepInput) { in.Reason = why }
	}
	view := func() { step("company", "view", 2, 40, nil) }
	meet := func() {
		if d.chance(35) {
			view()
		}
		at, where := p.after(d, t, 26, 60), pick(d, meetPlace)
		step("company", "invite", 1, 20, func(in *employment.StepInput) { in.Place = where })
		if !at.After(t.Add(time.Hour)) {
			at = t.Add(26 * time.Hour)
		}
		s.steps[len(s.steps)-1].in.At = at.Truncate(30 * time.Minute)
	}
	met := func() {
		meet()
		t = s.steps[len(s.steps)-1].in.At
		note := pick(d, outcomeWords)
		step("company", "record", 2, 10, func(in *employment.StepInput) { in.Note = note })
	}
	agreed := func() {
		met()
		step("company", "offer", 2, 24, nil)
		step("worker", "accept", 1, 20, nil)
	}
	switch fate {
	case "viewed":
		view()
	case "late_answer":
		t = t.Add(15 * 24 * time.Hour)
		meet()
	case "invited":
		meet()
		// Some companies have yet to record yesterday's interview; the worker of the
		// login has one to go to.
		if at := &s.steps[len(s.steps)-1].in.At; p.past(*at) && (p.ago(*at) > 1 || who == p.worker) {
			*at = p.today.Add(d.between(1, 3)).Start().Add(time.Duration(d.between(18, 32)) * 30 * time.Minute)
		}
	case "interviewed":
		met()
	case "offered":
		met()
		step("company", "offer", 2, 24, nil)
	case "agreed":
		agreed()
	case "company_confirmed", "worker_confirmed", "arrived", "no_show":
		agreed()
		switch {
		case fate == "no_show":
			step("company", "no_show", 48, 72, reason(noShowPerson))
		case fate == "company_confirmed" || fate == "arrived" && d.chance(50):
			step("company", "confirm", 40, 72, nil)
			if fate == "arrived" {
				step("worker", "confirm_own", 1, 30, nil)
			}
		default:
			step("worker", "confirm_own", 40, 72, nil)
			if fate == "arrived" {
				step("company", "confirm", 1, 30, nil)
			}
		}
	case "rejected":
		switch d.IntN(4) {
		case 0:
			met()
		case 1:
			view()
		}
		step("company", "reject", 2, 40, reason(rejectPerson))
	case "declined":
		met()
		step("company", "offer", 2, 24, nil)
		step("worker", "decline", 2, 30, nil)
	case "withdrawn":
		step("worker", "withdraw", 2, 40, nil)
	case "reapplied":
		step("worker", "withdraw", 2, 20, nil)
		step("worker", reapply, 10, 30, nil)
	}
	return s, ok
}

// reapply is no event of the company or worker: applying again does it.
const reapply = "reapply"

// makeHelps plans what clerks do for people: guidance, fairs, recommendations.
func (p *plan) makeHelps(seed uint64) {
	d := newDice(seed, "helps")
	open := p.openPosts()
	home := p.atlas.county(homeCounty)
	others := p.crowd[1+p.seekers:]
	for n := range p.services {
		h := &help{who: pick(d, others)}
		if n < 20 { // the township of the login knows its people
			h.who = others[n]
			h.who.county, h.who.town = home, home.towns[0].Code
		}
		switch k := n % 10; {
		case k < 4:
			h.kind, h.event = employment.Guidance, pick(d, guidanceNotes)
		case k < 8:
			h.kind, h.event = employment.FairCheckIn, pick(d, fairNames)
		default:
			h.kind = employment.Recommendation
			h.who = pick(d, p.crowd[1:1+p.seekers])
			h.post = p.nearby(d, open, h.who)
			h.answer = []string{"accept", "accept", "decline", ""}[n/10%4]
		}
		switch {
		case n < 20:
			h.unit = home.towns[0].Code
		case n < 50:
			h.unit = homeCounty
		default:
			h.unit = h.who.county.Code
		}
		first := storyDays - 8
		if h.post != nil {
			first = max(1, p.ago(h.post.decideAt)-1)
		}
		h.at = p.moment(d, d.between(1, first))
		if h.kind == employment.FairCheckIn { // fairs are on Saturdays
			h.at = p.moment(d, 1+int(p.today.Weekday())+7*d.between(0, 6))
		}
		p.helps = append(p.helps, h)
	}
	for i, x := range some(d, open[homeCity], 3) {
		p.helps = append(p.helps, &help{
			kind: employment.Recommendation, unit: homeCounty, who: p.worker, post: x, at: p.moment(d, 1), answer: []string{"accept", "", ""}[i],
		})
	}
	sort.SliceStable(p.helps, func(i, j int) bool { return p.helps[i].at.Before(p.helps[j].at) })
}
