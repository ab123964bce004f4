package demo

import (
	"context"
	"slices"
	"time"

	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/core/org"
	"gonghui/internal/kit/fault"
	"gonghui/internal/measure/employment"
)

// steps is everything that happens, each at its time.
type steps struct{ all []step }

type step struct {
	at     time.Time
	weight int  // of the work in it, for the transaction's size and the progress
	fresh  bool // begins a transaction: it needs what was committed before
	run    func(ctx context.Context) error
}

func (s *steps) add(at time.Time, run func(ctx context.Context) error) { s.addWeighted(at, 1, run) }

func (s *steps) addWeighted(at time.Time, weight int, run func(ctx context.Context) error) {
	s.all = append(s.all, step{at: at, weight: max(weight, 1), run: run})
}

func (s *steps) addFresh(at time.Time, run func(ctx context.Context) error) {
	s.all = append(s.all, step{at: at, weight: 1, fresh: true, run: run})
}

// sort orders by time; what was added first goes first where times are equal.
func (s *steps) sort() {
	slices.SortStableFunc(s.all, func(a, b step) int { return a.at.Compare(b.at) })
}

// worker signs a person in for the first time, if need be.
func (b *builder) worker(ctx context.Context, h *human) (access.Actor, error) {
	if h.actor.AccountID != "" {
		return h.actor, nil
	}
	a, err := b.Accounts.EnsureWorker(ctx, h.phone, h.name, h.town)
	if err != nil {
		return access.Actor{}, err
	}
	h.actor = access.Actor{AccountID: a.ID, Name: h.name, Kind: access.KindWorker, Person: a.Person}
	return h.actor, nil
}

// profile tells the house what a job seeker can do.
func (b *builder) profile(ctx context.Context, h *human) error {
	t := b.plan.trades[h.trade]
	return b.Employment.SaveProfile(ctx, employment.SeekerInput{
		Name: h.name, Division: h.town, Education: h.education, Years: h.years, Wanted: list(t.titles)[0], Groups: h.groups,
		Skills: list(t.need)[0], About: commonNeed[h.years%4],
	})
}

func (b *builder) planFirm(f *firm) {
	b.steps.add(f.registerAt, func(ctx context.Context) error { return b.register(ctx, f) })
	decide := func(at time.Time, event, why string) {
		if b.plan.past(at) {
			b.steps.add(at, func(ctx context.Context) error { return b.decide(ctx, f, event, why) })
		}
	}
	switch f.fate {
	case "accept":
		decide(f.decideAt, "accept", "")
	case "return":
		decide(f.decideAt, "return", pick(b.dice, returnFirm))
	case "mend":
		decide(f.decideAt, "return", pick(b.dice, returnFirm))
		b.steps.add(f.decideAt.Add(5*time.Hour), func(ctx context.Context) error { return b.mendFirm(ctx, f) })
		decide(f.decideAt.Add(24*time.Hour), "accept", "")
	case "block", "unblock":
		decide(f.decideAt, "accept", "")
		decide(f.decideAt.Add(12*24*time.Hour), "block", pick(b.dice, blockFirm))
		if f.fate == "unblock" {
			decide(f.decideAt.Add(15*24*time.Hour), "unblock", "经复核已退还求职者财物并整改，恢复使用，请补充材料")
		}
	}
}

// mendFirm sends a returned registration in again, mended.
func (b *builder) mendFirm(ctx context.Context, f *firm) error {
	address := f.address + "（一层）"
	_, err := b.Employment.ResubmitEmployer(access.Enter(ctx, f.actor), f.city, f.id, company.Patch{Address: &address}, casework.AnyVersion)
	return err
}

func (b *builder) register(ctx context.Context, f *firm) error {
	officer, err := b.worker(ctx, f.officer)
	if err != nil {
		return err
	}
	c, err := b.Employment.RegisterEmployer(access.Enter(ctx, officer), company.Input{
		CreditCode: f.credit, Name: f.name, IndustryCode: f.industry, DivisionCode: f.town, Address: f.address, About: f.about,
		ContactName: f.contact, ContactPhone: f.officer.phone,
	})
	if err != nil {
		return err
	}
	f.city, f.id = c.CityCode, c.ID
	f.actor, err = b.Accounts.Load(ctx, officer.AccountID)
	return err
}

func (b *builder) decide(ctx context.Context, f *firm, event, why string) error {
	_, err := b.Employment.DecideEmployer(access.Enter(ctx, b.deskOf(f.county.Code)), employment.StepInput{
		City: f.city, ID: f.id, Event: event, Version: casework.AnyVersion, Reason: why,
	})
	f.verified = err == nil && event == "accept"
	return err
}

// unions founds the unions of two companies in three; the others are leads for
// organising.
func (b *builder) unions(ctx context.Context) error {
	d := newDice(b.o.Seed, "unions")
	for _, f := range b.plan.firms {
		if !f.verified || d.chance(36) {
			continue
		}
		parent, ok := b.Org.ByDivisionUp(f.town)
		if !ok {
			continue
		}
		u, err := b.Org.Found(ctx, org.Founding{
			ParentID: parent.ID, Kind: org.Company, Name: f.name + "工会", CompanyCity: f.city, CompanyID: f.id,
		})
		if err != nil {
			return err
		}
		// The tree in memory knows the unit after the commit; the step of the next
		// morning ties the company to it.
		b.founded = append(b.founded, founded{company.Ref{City: f.city, ID: f.id}, u.ID})
	}
	return nil
}

type founded struct {
	firm company.Ref
	unit string
}

// joinUnions ties companies to their unions.
func (b *builder) joinUnions(ctx context.Context) error {
	for _, u := range b.founded {
		if _, err := b.Companies.SetUnion(ctx, u.firm, u.unit); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) planPost(x *post) {
	b.steps.add(x.at, func(ctx context.Context) error { return b.post(ctx, x) })
	desk := func(at time.Time, event, why string) {
		if b.plan.past(at) {
			b.steps.add(at, func(ctx context.Context) error {
				return b.movePost(access.Enter(ctx, b.deskOf(x.firm.county.Code)), x, event, why)
			})
		}
	}
	own := func(at time.Time, event, why string) {
		if b.plan.past(at) {
			b.steps.add(at, func(ctx context.Context) error { return b.movePost(access.Enter(ctx, x.firm.actor), x, event, why) })
		}
	}
	switch x.fate {
	case "publish":
		desk(x.decideAt, "publish", "")
	case "return":
		desk(x.decideAt, "return", pick(b.dice, returnPost))
	case "mend":
		desk(x.decideAt, "return", pick(b.dice, returnPost))
		again := b.plan.after(b.dice, x.decideAt, 4, 20)
		if b.plan.past(again) {
			b.steps.add(again, func(ctx context.Context) error { return b.mend(ctx, x) })
			desk(b.plan.after(b.dice, again, 2, 24), "publish", "")
		}
	}
	switch x.later {
	case "suspend", "refresh":
		own(x.laterAt, x.later, "")
	case "reopen":
		own(x.laterAt, "suspend", "")
		own(b.plan.after(b.dice, x.laterAt, 20, 40), "reopen", "")
	case "close":
		own(x.laterAt, "close", pick(b.dice, closePost))
	case "take_down":
		desk(x.laterAt, "take_down", pick(b.dice, takeDownPost))
	}
}

func (b *builder) post(ctx context.Context, x *post) error {
	in := x.input()
	in.ValidTo = x.validTo
	v, err := b.Employment.PostVacancy(access.Enter(ctx, x.firm.actor), x.firm.city, x.firm.id, in)
	if err != nil {
		return err
	}
	x.city, x.id, x.number = v.CityCode, v.ID, v.Number
	b.sum.Vacancies++
	return nil
}

func (b *builder) mend(ctx context.Context, x *post) error {
	in := x.input()
	in.Content += "\n每天工作八小时，每周至少休息一天。"
	in.ValidTo, in.Version = x.validTo, casework.AnyVersion
	_, err := b.Employment.ResubmitVacancy(access.Enter(ctx, x.firm.actor), x.city, x.id, in)
	return err
}

func (b *builder) movePost(ctx context.Context, x *post, event, why string) error {
	_, err := b.Employment.StepVacancy(ctx, employment.StepInput{City: x.city, ID: x.id, Event: event, Version: casework.AnyVersion, Reason: why})
	return b.asInLife(err)
}

// planReading has the logins read their messages now and then; those of the last
// days are new.
func (b *builder) planReading() {
	for _, h := range []*human{b.plan.worker, b.plan.company.officer} {
		b.steps.addFresh(b.plan.day(unreadDays).Start().Add(20*time.Hour), func(ctx context.Context) error {
			if h.actor.AccountID == "" {
				return nil
			}
			return b.Employment.Notices.MarkAllRead(access.Enter(ctx, h.actor))
		})
	}
}

const unreadDays = 2

func (b *builder) planStory(s *story) {
	b.steps.add(s.at, func(ctx context.Context) error {
		h := s.who
		isNew := h.actor.AccountID == ""
		actor, err := b.worker(ctx, h)
		if err != nil {
			return err
		}
		ctx = access.Enter(ctx, actor)
		if isNew && (h == b.plan.worker || h.years%3 == 0) {
			if err := b.profile(ctx, h); err != nil {
				return err
			}
		}
		return b.apply(ctx, s)
	})
	for _, t := range s.steps {
		b.steps.add(t.at, func(ctx context.Context) error { return b.moveStory(ctx, s, t) })
	}
}

func (b *builder) apply(ctx context.Context, s *story) error {
	a, err := b.Employment.Apply(ctx, employment.ApplyInput{Number: s.post.number, Message: s.words, SharePhone: s.share})
	if err != nil {
		return b.asInLife(err)
	}
	if s.id == "" {
		b.sum.Applications++
	}
	s.city, s.id = a.CityCode, a.ID
	return nil
}

func (b *builder) moveStory(ctx context.Context, s *story, t storyStep) error {
	if s.id == "" {
		return nil // the place was filled before
	}
	ctx = access.Enter(ctx, s.who.actor)
	if t.in.Event == reapply {
		return b.apply(ctx, s)
	}
	if t.side == "company" {
		ctx = access.Enter(ctx, s.post.firm.actor)
	}
	in := t.in
	in.City, in.ID = s.city, s.id
	_, err := b.Employment.StepApplication(ctx, in)
	return b.asInLife(err)
}

// asInLife lets a story end where another one was quicker: the last place was
// taken, the vacancy closed, the application lapsed with it. The plan does not
// foresee that, people do not either.
func (b *builder) asInLife(err error) error {
	for _, code := range []string{"casework.illegal", "employment.off_list"} {
		if fault.HasCode(err, code) {
			return nil
		}
	}
	return err
}

func (b *builder) planHelp(h *help) {
	b.steps.add(h.at, func(ctx context.Context) error {
		if h.post != nil && h.post.number == "" {
			return nil
		}
		unit, ok := b.Org.ByDivision(h.unit)
		if !ok {
			return fault.New(fault.Conflict, "demo.no_org")
		}
		in := employment.ServiceInput{Kind: h.kind, Phone: h.who.phone, Name: h.who.name, Event: h.event}
		if h.kind == employment.Guidance {
			in.Event, in.Note = "", h.event
		}
		if h.post != nil {
			in.Vacancy = h.post.number
		}
		r, err := b.Employment.RecordService(access.Enter(ctx, b.deskOf(h.unit)), unit.ID, in)
		if err != nil {
			return b.asInLife(err)
		}
		if r.Kind == employment.Recommendation && r.State != "offered" {
			return nil // recommended to the same worker before, and answered
		}
		b.sum.Services++
		if h.answer == "" {
			return nil
		}
		actor, err := b.worker(ctx, h.who)
		if err != nil {
			return err
		}
		_, err = b.Employment.AnswerRecommendation(access.Enter(ctx, actor), r.ID, h.answer == "accept")
		return err
	})
}
