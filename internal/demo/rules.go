package demo

import (
	"context"
	"time"

	"gonghui/internal/core/access"
	"gonghui/internal/core/rules"
	"gonghui/internal/kit/place"
)

// paper is the document that the demonstration's changes name: everybody sees that
// there is none.
const paper = "演示文件第 3 号（虚构）"

// tale is one change of a parameter of the province: who takes which step, how many
// days ago.
type tale struct {
	key, value, reason string
	basis              rules.Basis
	from               int // days ago; negative: to come
	steps              []taleStep
}

type taleStep struct {
	ago   int
	event string // propose edit submit approve return withdraw
	who   int    // 0 the login of the province, 1 the colleague
	why   string
}

// tales show every state of a change; one waits for the login of the province.
var tales = []tale{
	{"employment.max_headcount", "2000", "超过这个人数的招聘应当分开发布", rules.Fact, 44, []taleStep{
		{52, "propose", 1, ""}, {52, "submit", 1, ""}, {51, "return", 0, "请把开始执行的日子往后放两天"}, {50, "edit", 1, ""}, {50, "submit", 1, ""}, {48, "approve", 0, ""},
	}},
	{"employment.valid_days", "20", "缩短发布时间，减少过期岗位", rules.Assumed, -10, []taleStep{
		{20, "propose", 1, ""}, {20, "submit", 1, ""}, {19, "withdraw", 1, "与有效期上限一并研究后再提"},
	}},
	{"employment.remind_days", "5", "让企业早些答复", rules.Assumed, -10, []taleStep{
		{6, "propose", 1, ""}, {6, "submit", 1, ""}, {5, "return", 0, "请附上近三个月的答复情况"},
	}},
	{"employment.review_workdays", "3", "县级审核人手不足，两个工作日来不及", rules.Fact, -20, []taleStep{
		{3, "propose", 1, ""}, {3, "submit", 1, ""},
	}},
	{"employment.daily_applies", "30", "防止一次投递太多", rules.Assumed, -30, []taleStep{{2, "propose", 1, ""}}},
}

// planRules has two people of the province change its numbers.
func (b *builder) planRules() {
	for i := range tales {
		c := rules.Change{}
		for n, s := range tales[i].steps {
			at := b.plan.day(s.ago).Start().Add(9*time.Hour + time.Duration(n*20+i)*time.Minute)
			b.steps.add(at, func(ctx context.Context) (err error) {
				c, err = b.tell(access.Enter(ctx, b.province[s.who]), tales[i], s, c)
				return err
			})
		}
	}
}

func (b *builder) tell(ctx context.Context, x tale, s taleStep, c rules.Change) (rules.Change, error) {
	p := rules.Proposal{
		Key: x.key, Place: place.Shandong, From: b.plan.day(x.from), Value: x.value, Citation: paper, Basis: x.basis, Reason: x.reason,
	}
	version := 0
	if s.event != "propose" {
		k, err := b.Cases.Get(ctx, c.Ref())
		if err != nil {
			return c, err
		}
		version = k.Version
	}
	switch s.event {
	case "propose":
		return b.Rules.Propose(ctx, p)
	case "edit":
		return b.Rules.Edit(ctx, c.Ref(), version, p)
	case "submit":
		return b.Rules.Submit(ctx, c.Ref(), version)
	case "approve":
		return b.Rules.Approve(ctx, rules.Approval{Ref: c.Ref(), Version: version})
	case "return":
		return b.Rules.Return(ctx, c.Ref(), version, s.why)
	}
	return b.Rules.Withdraw(ctx, c.Ref(), version, s.why)
}
