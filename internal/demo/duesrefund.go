package demo

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/core/rules"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/ident"
	"gonghui/internal/kit/page"
	"gonghui/internal/kit/pain"
	"gonghui/internal/kit/place"
	"gonghui/internal/measure/dues"
	"gonghui/internal/simulator/bank"
	"gonghui/internal/simulator/taxoffice"
)

// givenBack is the story of the refunds of the first file, by the place of the list
// (one for each township): the own company's goes all the way, and all that are not
// told here do as it does. Days are days ago.
var givenBack = [][]refundStep{
	{{42, "review", ""}, {41, "notice", ""}, {28, "approve", ""}},
	{{42, "review", ""}, {41, "notice", ""}, {28, "approve", ""}},
	{{38, "review", ""}, {16, "notice", ""}}, // waits for a second person
	{{42, "review", ""}, {41, "notice", ""}, {27, "send_back", "公示期内有企业来电更正名称，请核对后再公示"}, {25, "notice", ""}, {8, "approve", ""}},
	{{42, "review", ""}, {35, "reject", "名单与街道上报的企业不符，重新编制"}},
}

// passedOn is the story of the unions' own parts, which were listed lately: what is
// not told here waits for the township.
var passedOn = [][]refundStep{
	{{4, "review", ""}, {2, "notice", ""}},
	{{4, "review", ""}},
}

type refundStep struct {
	ago        int
	event, why string
}

// The days of the refunds, ago.
const (
	refundRule   = 55 // the province says that small companies get back what went up
	refundList   = 43
	refundOrder  = 27
	refundSecond = 1 // the second order is prepared and waits
	passOnList   = 6
	objected     = 2
)

// refundTale holds what the steps of the story hand on.
type refundTale struct {
	*builder
	firms  map[string]taxoffice.Company // by credit code
	lists  map[dues.RefundKind][]dues.Refund
	order  dues.Batch
	period dues.Period
}

// planRefunds has the county of the logins give back what small companies sent up.
func (b *builder) planRefunds(firms []taxoffice.Company) {
	y, m, _ := b.plan.today.Date()
	month := clock.MakeDay(y, m-time.Month(duesMonths[0].back), 1)
	x := &refundTale{builder: b, firms: map[string]taxoffice.Company{}, lists: map[dues.RefundKind][]dues.Refund{}, period: dues.Period{From: month, To: month}}
	for _, f := range firms {
		x.firms[f.CreditCode] = f
	}
	at := func(ago, hour int, run func(context.Context) error) {
		b.steps.add(b.plan.day(ago).Start().Add(time.Duration(hour)*time.Hour), run)
	}
	at(refundRule, 10, x.rule)
	b.steps.addFresh(b.plan.day(refundRule-1).Start().Add(8*time.Hour), func(context.Context) error { return nil }) // the number counts from its commit
	at(refundList+1, 8, x.found)
	at(refundList+1, 9, x.accounts)
	all := slices.Clone(givenBack)
	for len(all) < len(b.plan.atlas.county(homeCounty).towns) {
		all = append(all, givenBack[0])
	}
	x.planLists(dues.GiveBack, refundList, all)
	x.planLists(dues.PassOn, passOnList, passedOn)
	at(refundOrder, 10, x.prepare)
	at(refundOrder, 14, x.approveOrder)
	at(refundOrder-1, 9, x.send)
	at(refundSecond, 10, x.prepare)
	for i, text := range []string{"我单位上年末从业人员少于二十人，请按微型企业核对", "我单位不是集团的分公司，请重新核实"} {
		at(20-i, 10, func(ctx context.Context) error { return x.objectAndAnswer(ctx, i, text) })
	}
	at(objected, 15, func(ctx context.Context) error {
		_, err := x.object(ctx, b.plan.company, "我单位上个月补缴过一笔，返还金额里好像没有算上，请核对")
		return err
	})
}

// rule has two people of the province say that the refund goes on: the programme
// ships with the period of the published document only.
func (x *refundTale) rule(ctx context.Context) error {
	asks, decides := access.Enter(ctx, x.province[1]), access.Enter(ctx, x.province[0])
	c, err := x.Rules.Propose(asks, rules.Proposal{
		Key: "dues.refunded", Place: place.Shandong, From: x.period.From, Value: "true", Citation: paper, Basis: rules.Fact, Reason: "小微企业上缴部分继续全额返还",
	})
	if err != nil {
		return err
	}
	version := func() int {
		k, _ := x.Cases.Get(asks, c.Ref()) // just proposed
		return k.Version
	}
	if _, err := x.Rules.Submit(asks, c.Ref(), version()); err != nil {
		return err
	}
	_, err = x.Rules.Approve(decides, rules.Approval{Ref: c.Ref(), Version: version(), ConfirmPast: true, Reason: "从所属期开始执行"})
	return err
}

// groups are the payers whose refund is due, by the union that looks them through:
// the own company's first, then that with a union founded lately, then the largest.
func (x *refundTale) groups(ctx context.Context) ([][]dues.Payer, error) {
	list, err := x.Dues.ListPayers(x.collector(ctx), dues.PayerFilter{}, page.Request{Limit: page.MaxLimit})
	if err != nil {
		return nil, err
	}
	by := map[string][]dues.Payer{}
	var own, fund string
	for _, p := range list.Items {
		founded := !p.UnionFoundedOn.IsZero()
		if f, ok := x.firms[p.CreditCode]; !ok || f.Preparation && !founded || p.Excluded != "" || p.Class != company.Micro && p.Class != company.Small {
			continue
		}
		by[p.OrgPath] = append(by[p.OrgPath], p)
		if p.CreditCode == x.plan.company.credit {
			own = p.OrgPath
		}
		if founded {
			fund = p.OrgPath
		}
	}
	out := make([][]dues.Payer, 0, len(by))
	for _, g := range by {
		slices.SortFunc(g, func(a, b dues.Payer) int { return strings.Compare(a.CreditCode, b.CreditCode) })
		out = append(out, g)
	}
	rank := func(g []dues.Payer) int {
		switch g[0].OrgPath {
		case own:
			return 0
		case fund:
			return 1
		}
		return 2
	}
	slices.SortFunc(out, func(a, b []dues.Payer) int {
		return cmp.Or(rank(a)-rank(b), len(b)-len(a), strings.Compare(a[0].OrgPath, b[0].OrgPath))
	})
	return out, nil
}

// found has a company that pays the preparation fund found its union: the fund is
// to come back to it.
func (x *refundTale) found(ctx context.Context) error {
	list, err := x.Dues.ListPayers(x.collector(ctx), dues.PayerFilter{}, page.Request{Limit: page.MaxLimit})
	if err != nil {
		return err
	}
	slices.SortFunc(list.Items, func(a, b dues.Payer) int { return strings.Compare(a.CreditCode, b.CreditCode) })
	for _, p := range list.Items {
		if !x.firms[p.CreditCode].Preparation || p.Excluded != "" || p.Class != company.Micro && p.Class != company.Small {
			continue
		}
		_, err := x.Dues.SetUnion(x.collector(ctx), p.Ref(), dues.UnionInput{FoundedOn: clock.DayOf(x.Clock.Now()).Add(-9), Approval: "演示批复第 7 号（虚构）", Version: p.Version})
		return err
	}
	return nil
}

// accounts enters where refunds go to: one union has none, one gave a person's.
func (x *refundTale) accounts(ctx context.Context) error {
	groups, err := x.groups(ctx)
	if err != nil {
		return err
	}
	var list []dues.PayerAccount
	for i, g := range groups {
		last := len(g) - 1
		for last > 0 && !g[last].UnionFoundedOn.IsZero() {
			last--
		}
		for n, p := range g {
			in := dues.AccountInput{Name: p.Name + "工会委员会", Kind: dues.UnionAccount, Number: fmt.Sprintf("160200%02d%08d", i, 30_000+n*137), BankAs: "演示银行历下支行（虚构）"}
			switch {
			case n != last || p.CreditCode == x.plan.company.credit:
			case i == 1:
				continue
			case i == 2:
				in.Name, in.Kind, in.Number = "演示个人", dues.PersonalAccount, madeUpCard()
			}
			list = append(list, dues.PayerAccount{Company: p.Ref(), AccountInput: in})
		}
	}
	return x.Dues.SetAccounts(x.collector(ctx), list)
}

// madeUpCard is a card number with a right check digit that no bank gives out.
func madeUpCard() string {
	for n := range 10 {
		if s := fmt.Sprintf("990000000000000%d", n); ident.BankCard(s) == ident.OK {
			return s
		}
	}
	return ""
}

// planLists makes the lists of a kind and tells their stories.
func (x *refundTale) planLists(kind dues.RefundKind, made int, stories [][]refundStep) {
	at := func(ago, hour int) time.Time { return x.plan.day(ago).Start().Add(time.Duration(hour) * time.Hour) }
	x.steps.add(at(made, 9), func(ctx context.Context) error {
		unit, ok := x.Org.ByDivision(homeCounty)
		if !ok {
			return fault.New(fault.Conflict, "demo.no_org")
		}
		lists, err := x.Dues.MakeLists(x.collector(ctx), unit.ID, kind, x.period)
		if err != nil {
			return err
		}
		return x.sortLists(ctx, kind, lists)
	})
	for i, story := range stories {
		for _, s := range story {
			x.steps.add(at(s.ago, 10+i), func(ctx context.Context) error {
				if i >= len(x.lists[kind]) {
					return nil // a small province has fewer townships
				}
				return x.decideList(ctx, x.lists[kind][i], s)
			})
		}
	}
}

// sortLists puts lists in the order of the groups. Of what was listed lately the
// township of the logins keeps its own for itself.
func (x *refundTale) sortLists(ctx context.Context, kind dues.RefundKind, lists []dues.Refund) error {
	groups, err := x.groups(ctx)
	if err != nil {
		return err
	}
	rank := map[string]int{}
	for i, g := range groups {
		rank[g[0].OrgPath] = i - len(groups)
	}
	if unit, ok := x.Org.ByDivision(x.plan.atlas.county(homeCounty).towns[0].Code); ok && kind == dues.PassOn {
		rank[unit.Path] = 1
	}
	slices.SortStableFunc(lists, func(a, b dues.Refund) int { return rank[a.ReviewPath] - rank[b.ReviewPath] })
	x.lists[kind] = lists
	return nil
}

// decideList takes a step with a list. The colleague of the county approves, after a
// look at what was held.
func (x *refundTale) decideList(ctx context.Context, r dues.Refund, s refundStep) error {
	who := x.collector(ctx)
	switch s.event {
	case "review":
		if unit, ok := x.Org.ByPath(r.ReviewPath); ok && x.desks[unit.DivisionCode].AccountID != "" {
			who = access.Enter(ctx, x.desks[unit.DivisionCode])
		}
	case "send_back":
		who = access.Enter(ctx, x.desks[homeCity])
	case "approve":
		who = x.colleague(ctx)
		held, err := x.Dues.ListClaims(who, r.CityCode, r.ID, dues.ClaimHeld, page.Request{Limit: page.MaxLimit})
		if err != nil {
			return err
		}
		for _, c := range held.Items {
			if err := x.Dues.Look(who, c.CityCode, c.ID, true, "与企业工会电话核对，是同一家", c.Version); err != nil {
				return err
			}
		}
	}
	_, err := x.Dues.Decide(who, r.Ref(), s.event, casework.AnyVersion, s.why)
	return err
}

// colleague is the second person of the county.
func (b *builder) colleague(ctx context.Context) context.Context {
	return access.Enter(ctx, b.second)
}

func (x *refundTale) prepare(ctx context.Context) error {
	unit, ok := x.Org.ByDivision(homeCounty)
	if !ok {
		return fault.New(fault.Conflict, "demo.no_org")
	}
	var err error
	x.order, err = x.Dues.PrepareBatch(x.collector(ctx), unit.ID, "", clock.DayOf(x.Clock.Now()))
	return err
}

func (x *refundTale) approveOrder(ctx context.Context) error {
	_, err := x.Dues.ApproveBatch(x.colleague(ctx), x.order.CityCode, x.order.ID, x.order.Version)
	return err
}

// send has the bank pay the order, all but one, which is not the own company's.
func (x *refundTale) send(ctx context.Context) error {
	clerk := x.collector(ctx)
	if _, err := x.Dues.SendBatch(clerk, x.order.CityCode, x.order.ID); err != nil {
		return err
	}
	var file bytes.Buffer
	from := dues.BankAccount{Name: x.plan.atlas.county(homeCounty).Name + "总工会", Number: "1602000000000001", Bank: "102451000017"}
	if err := x.Dues.WriteOrder(clerk, x.order.CityCode, x.order.ID, from, &file); err != nil {
		return err
	}
	payments, err := x.Dues.ListPayments(clerk, x.order.CityCode, x.order.ID, "", page.Request{Limit: page.MaxLimit})
	if err != nil {
		return err
	}
	own := ""
	for _, p := range payments.Items {
		if p.Name == x.plan.company.name || strings.HasPrefix(p.Name, x.plan.company.name) {
			own = strings.ReplaceAll(p.ID, "-", "")
		}
	}
	const tries = 1000 // the bank draws its lots: it is asked until one falls as the story wants
	for seed := range uint64(tries) {
		answer, ok, err := x.ask(ctx, seed, file.Bytes(), own)
		if err != nil {
			return err
		}
		if ok {
			_, err = x.Dues.TakeAnswer(clerk, x.order.CityCode, bytes.NewReader(answer))
			return err
		}
	}
	return fault.New(fault.Conflict, "demo.no_answer")
}

// ask sends an order to a bank; ok is that it turned down one payment, not the own one.
func (x *refundTale) ask(ctx context.Context, seed uint64, order []byte, own string) (answer []byte, ok bool, err error) {
	at := bank.New(x.Clock, seed, bank.Faults{Reject: 0.2})
	if err := at.Send(ctx, order); err != nil {
		return nil, false, err
	}
	answers, err := at.Answers(ctx)
	if err != nil || len(answers) != 1 {
		return nil, false, err
	}
	r, err := pain.ReadReport(bytes.NewReader(answers[0]))
	rejected := 0
	for _, p := range r.Payments {
		if p.Outcome == pain.Rejected {
			if rejected++; p.EndToEndID == own {
				return nil, false, err
			}
		}
	}
	return answers[0], rejected == 1, err
}

// object has a company object.
func (x *refundTale) object(ctx context.Context, f *firm, text string) (casework.Case, error) {
	return x.Dues.Appeal(access.Enter(ctx, f.actor), company.Ref{City: f.city, ID: f.id}, text)
}

// objectAndAnswer has the i-th other company that pays dues object, and the county
// answer: no to the first, yes to the second.
func (x *refundTale) objectAndAnswer(ctx context.Context, i int, text string) error {
	for _, f := range x.plan.firms {
		if _, pays := x.firms[f.credit]; !pays || !f.verified || f == x.plan.company {
			continue
		}
		if i--; i >= 0 {
			continue
		}
		k, err := x.object(ctx, f, text)
		if err != nil {
			return err
		}
		uphold, why := true, "已核实，不是分支机构，名单已更正"
		if strings.Contains(text, "微型") {
			uphold, why = false, "统计名单上年末从业人员为二十人以上，划型不变；小型企业同样返还"
		}
		_, err = x.Dues.AnswerAppeal(x.collector(ctx), k.Ref(), uphold, why, casework.AnyVersion)
		return err
	}
	return nil
}
