package demo

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"time"

	"gonghui/internal/core/access"
	"gonghui/internal/core/company"
	"gonghui/internal/core/exchange"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/place"
	"gonghui/internal/measure/employment"
)

// How many the large province has on top of the small one.
const (
	cityPeople    = 200_000 - 2_000
	cityVacancies = 100_000 - 3_000
	cityEmployers = 9_000
	cityServed    = 8 // per cent of the people were at a fair

	peopleStep = 1_000
	importStep = 2_000
)

// planImports takes the ads of the small province in as ten files of ten days.
func (b *builder) planImports() {
	const files = 10
	p := b.plan
	b.steps.add(p.day(listDays).Start().Add(8*time.Hour), func(ctx context.Context) error {
		return b.list(ctx, p.firms[p.employers-p.listed:])
	})
	for n := range files {
		part := p.files[n*len(p.files)/files : (n+1)*len(p.files)/files]
		at := p.day(listDays - 1 - n*(listDays-2)/files).Start().Add(9*time.Hour + time.Duration(n)*time.Minute)
		first := n * len(p.files) / files
		b.steps.addWeighted(at, len(part)/10, func(ctx context.Context) error { return b.importPosts(ctx, part, first) })
	}
	last := len(p.files)
	b.steps.add(p.day(6).Start().Add(10*time.Hour), func(ctx context.Context) error {
		return b.sendSheet(ctx, p.sheet, last, "人力资源市场岗位汇总.csv", true)
	})
	b.steps.add(p.day(1).Start().Add(15*time.Hour), func(ctx context.Context) error {
		return b.sendSheet(ctx, p.next, last+len(p.sheet), "园区企业用工需求.csv", false)
	})
}

// sendSheet is the way of a file on the desk: sent in, checked, and taken in
// when the clerk says so. Some rows are wrong, as they are in life.
func (b *builder) sendSheet(ctx context.Context, posts []*post, first int, name string, run bool) error {
	if b.Employment.Blobs == nil { // a house that keeps no files
		if !run {
			return nil
		}
		return b.importPosts(ctx, posts, first)
	}
	unit, ok := b.Org.ByDivision(homeCounty)
	if !ok {
		return fault.New(fault.Conflict, "demo.no_org")
	}
	wrong := func(i, column int, cell string) []string {
		row := importRow(posts[i], first+i)
		row[0], row[column] = row[0]+"（夜班）", cell
		return row
	}
	file, err := sheet(posts, first, wrong(0, 3, "青岛市市南区"), wrong(1, 4, "看着给"), wrong(2, 2, posts[2].firm.credit[:17]), importRow(posts[3], first+3))
	if err != nil {
		return err
	}
	house := ctx
	ctx = access.Enter(ctx, b.deskOf(homeCounty))
	batch, err := b.Employment.CreateBatch(ctx, unit.ID, name, bytes.NewReader(file))
	if err != nil {
		return err
	}
	if _, err := b.Employment.CheckBatch(ctx, batch.CityCode, batch.ID, batch.Map); err != nil {
		return err
	}
	if err := b.Employment.RunBatch(house, batch.CityCode, batch.ID); err != nil || !run {
		return err
	}
	if _, err := b.Employment.StartBatch(ctx, batch.CityCode, batch.ID); err != nil {
		return err
	}
	if err := b.Employment.RunBatch(house, batch.CityCode, batch.ID); err != nil {
		return err
	}
	batch, err = b.Employment.GetBatch(ctx, batch.CityCode, batch.ID)
	b.sum.Vacancies += int(batch.Report.Imported)
	return err
}

// sheet writes ads, and some rows more, as a CSV file.
func sheet(posts []*post, first int, more ...[]string) ([]byte, error) {
	var file bytes.Buffer
	w, err := exchange.NewCSV(&file, importHeader)
	if err != nil {
		return nil, err
	}
	for i, x := range posts {
		if err := w.Write(importRow(x, first+i)); err != nil {
			return nil, err
		}
	}
	for _, row := range more {
		if err := w.Write(row); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return file.Bytes(), nil
}

// list makes companies known with their industry, as a directory would.
func (b *builder) list(ctx context.Context, firms []*firm) error {
	list := make([]company.Listed, len(firms))
	for i, f := range firms {
		list[i] = company.Listed{Name: f.name, CreditCode: f.credit, IndustryCode: f.industry, DivisionCode: f.town}
	}
	known, err := b.Companies.EnsureListed(ctx, list)
	if err != nil {
		return err
	}
	for _, k := range known {
		if k.Err != nil {
			return k.Err
		}
	}
	return nil
}

var importHeader = []string{"职位名称", "公司名称", "统一社会信用代码", "工作地点", "薪资", "职业代码", "招聘人数", "学历", "经验", "标签", "链接", "职位描述", "有效期至"}

// importPosts writes ads as a file and takes the file in.
func (b *builder) importPosts(ctx context.Context, posts []*post, first int) error {
	file, err := sheet(posts, first)
	if err != nil {
		return err
	}
	table, err := exchange.OpenReader(bytes.NewReader(file), int64(len(file)), "ads.csv", exchange.DefaultLimits())
	if err != nil {
		return err
	}
	defer func() { _ = table.Close() }() // reads from memory
	im, err := employment.OpenImport(table, nil)
	if err != nil {
		return err
	}
	if err := b.Employment.Import(ctx, im, employment.ImportOptions{BatchID: id.New()}); err != nil {
		return err
	}
	if im.Report.Failed > 0 {
		return fault.New(fault.Internal, "internal", fault.Because(fmt.Errorf("%d ads were not understood, first %+v", im.Report.Failed, im.Broken[0])))
	}
	b.sum.Vacancies += int(im.Report.Imported)
	return nil
}

// The words of a file for coded values.
var (
	educationWords = []string{"不限", "初中及以下", "高中", "中专", "大专", "本科", "硕士", "博士"}
	hourWords      = map[string]string{"day": "长白班", "two_shift": "两班倒", "three_shift": "三班倒", "night": "夜班", "flexible": "弹性工作", "part_time": "兼职"}
	insuranceWords = map[string]string{"five_one": "五险一金", "five": "五险", "partial": "意外险"}
	groupWords     = map[string]string{"veteran": "退役军人优先", "graduate": "应届生可投", "migrant": "欢迎农民工", "laid_off": "欢迎失业人员", "disabled": "残疾人可应聘", "hardship": "困难职工优先"}
)

func importRow(x *post, n int) []string {
	years := "不限"
	if x.years > 0 {
		years = strconv.Itoa(x.years) + "年以上"
	}
	var tags bytes.Buffer
	tag := func(s string) {
		if s == "" {
			return
		}
		if tags.Len() > 0 {
			tags.WriteByte('|')
		}
		tags.WriteString(s)
	}
	tag(hourWords[x.hours])
	tag(insuranceWords[x.insurance])
	switch {
	case x.dormitory && x.meals:
		tag("包吃住")
	case x.dormitory:
		tag("提供住宿")
	case x.meals:
		tag("工作餐")
	}
	for _, g := range x.groups {
		tag(groupWords[g])
	}
	where := place.FullName(x.place.Code)
	return []string{
		x.title, x.firm.name, x.firm.credit, where, x.pay, x.occupation, strconv.Itoa(x.headcount), educationWords[x.education],
		years, tags.String(), importLink(n), x.content, x.validTo.String(),
	}
}

// planCrowd adds what the large province has more: people who came over the
// weeks, and files of ads. Each step makes its own part when its time comes, so
// that the memory stays the same however large the province is.
func (b *builder) planCrowd() {
	p := b.plan
	u := newUrn(len(p.trades), func(i int) int { return p.trades[i].weight })
	people, fairs := newDice(b.o.Seed, "crowd"), newDice(b.o.Seed, "fairs")
	const peopleSteps = (cityPeople + peopleStep - 1) / peopleStep
	for n := range peopleSteps {
		at := b.spread(n, peopleSteps, storyDays-2, 13)
		b.steps.addWeighted(at, peopleStep, func(ctx context.Context) error {
			for i := n * peopleStep; i < min((n+1)*peopleStep, cityPeople); i++ {
				h := newHuman(people, p.atlas, p.trades, u, len(p.crowd)+i)
				if err := b.arrive(ctx, fairs, h); err != nil {
					return err
				}
			}
			return nil
		})
	}
	m := newMakers(b.o.Seed+2, p.atlas, p.trades)
	m.n = len(p.firms)
	w := newWriters(b.o.Seed+2, p.atlas, p.trades)
	d := newDice(b.o.Seed, "crowd ads")
	var firms []*firm
	b.steps.addWeighted(p.day(listDays).Start().Add(9*time.Hour), cityEmployers/5, func(ctx context.Context) error {
		for range cityEmployers {
			firms = append(firms, &firm{employer: m.next("", "")})
		}
		b.sum.Companies += len(firms)
		return b.list(ctx, firms)
	})
	const adSteps = (cityVacancies + importStep - 1) / importStep
	seen := newOnce()
	for n := range adSteps {
		at := b.spread(n, adSteps, listDays-1, 14)
		b.steps.addWeighted(at, importStep/2, func(ctx context.Context) error {
			posts := make([]*post, 0, importStep)
			for len(posts) < min(importStep, cityVacancies-n*importStep) {
				f := pick(d, firms)
				a := w.next(f.employer)
				if !seen.first(f.credit, a) {
					continue
				}
				valid := p.today.Add(d.between(2, 60))
				posts = append(posts, &post{advert: a, firm: f, at: at, validTo: valid})
			}
			return b.importPosts(ctx, posts, p.imported+sheetRows+n*importStep)
		})
	}
	b.sum.People += cityPeople
}

// spread puts the nth of so many steps into the last days, in order.
func (b *builder) spread(n, of, days, hour int) time.Time {
	ago := days - n*(days-1)/of
	return b.plan.day(ago).Start().Add(time.Duration(hour)*time.Hour + time.Duration(n%50)*time.Minute)
}

// arrive makes a person known; some were at a fair.
func (b *builder) arrive(ctx context.Context, d dice, h *human) error {
	if !d.chance(cityServed) {
		_, _, err := b.People.FindOrCreateByPhone(ctx, h.phone, h.name, h.town)
		return err
	}
	unit, ok := b.Org.ByDivision(h.county.Code)
	if !ok {
		return fault.New(fault.Conflict, "demo.no_org")
	}
	_, err := b.Employment.RecordService(access.Enter(ctx, b.deskOf(h.county.Code)), unit.ID, employment.ServiceInput{
		Kind: employment.FairCheckIn, Phone: h.phone, Name: h.name, Event: pick(d, fairNames), On: clock.Today(b.Clock),
	})
	b.sum.Services++
	return err
}
