package demo

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/account"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/core/figures"
	"gonghui/internal/core/notice"
	"gonghui/internal/core/org"
	"gonghui/internal/core/person"
	"gonghui/internal/core/rules"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/measure/dues"
	"gonghui/internal/measure/employment"
)

// Deps is the house that the demonstration is built in. All its services must
// run on Clock: Build takes the clock's reading for the present, sets it back,
// and leaves it at the present again.
type Deps struct {
	DB         *db.DB
	Clock      *clock.Fake
	Org        *org.Service
	People     *person.Service
	Companies  *company.Service
	Accounts   *account.Service
	Cases      *casework.Engine
	Figures    *figures.Service
	Rules      *rules.Service
	Employment *employment.Service
	Dues       *dues.Service
}

// Size says how large the province is.
type Size string

// The sizes.
const (
	Tiny  Size = "tiny"  // every state once, for tests
	Small Size = "small" // 2,000 people, 300 companies, 3,000 vacancies, every state of every flow
	City  Size = "city"  // the small one and, in bulk, 200,000 people and 100,000 vacancies
)

// Options say what is built.
type Options struct {
	Size     Size // "" = Small
	Seed     uint64
	Progress func(done, total int, what string) // may be nil; what is a message key "demo.progress."+what
}

// Login is one way into the demonstration.
type Login struct {
	Role     string `json:"role"` // worker, company, company_waiting, township, county, county_second, city, province, leader, admin, tax
	Face     string `json:"face"` // path of the face: / /company /desk /cockpit /partner
	User     string `json:"user,omitempty"`
	Password string `json:"password,omitempty"`
	Phone    string `json:"phone,omitempty"` // sign in with the code from the outbox
	Note     string `json:"note,omitempty"`  // whose login it is
}

// Summary is what was built.
type Summary struct {
	Size         Size      `json:"size"`
	Seed         uint64    `json:"seed"`
	BuiltAt      time.Time `json:"built_at"`
	Logins       []Login   `json:"logins"`
	People       int       `json:"people"`
	Companies    int       `json:"companies"`
	Vacancies    int       `json:"vacancies"`
	Applications int       `json:"applications"`
	Services     int       `json:"services"`
}

// Build makes the province in an empty house, once. A second call gives the
// summary of the first. Faults: conflict demo.half_built where an earlier build
// was cut off (begin anew in an empty data folder), conflict demo.in_use where
// the house holds people already.
func Build(ctx context.Context, d Deps, o Options) (Summary, error) {
	if o.Size == "" {
		o.Size = Small
	}
	if _, ok := provinces[o.Size]; !ok {
		return Summary{}, fault.New(fault.Invalid, "demo.size")
	}
	if s, ok, err := Built(ctx, d.DB); ok || err != nil {
		return s, err
	}
	ctx = access.System(ctx, "demo.build")
	present := d.Clock.Now()
	if err := mark(ctx, d.DB, present, marker{State: stateBuilding}); err != nil {
		return Summary{}, err
	}
	b := &builder{
		Deps: d, o: o, plan: newPlan(o.Size, o.Seed, clock.DayOf(present)),
		present: present, desks: map[string]access.Actor{}, dice: newDice(o.Seed, "build"),
	}
	defer d.Clock.Set(present)
	defer quiet(d.Employment.Notices)()
	if err := b.build(ctx); err != nil {
		return Summary{}, fmt.Errorf("build the demonstration: %w", err)
	}
	d.Clock.Set(present)
	b.sum.Size, b.sum.Seed, b.sum.BuiltAt = o.Size, o.Seed, present
	return b.sum, mark(ctx, d.DB, present, marker{State: stateReady, Summary: b.sum})
}

// builder writes a plan through the services.
type builder struct {
	Deps
	o       Options
	plan    *plan
	present time.Time
	dice    dice

	desks    map[string]access.Actor // who decides for a county or city, by code
	tax      access.Actor            // of the tax office of the county of the logins
	second   access.Actor            // who decides for the county of the logins with them
	province []access.Actor          // who decides for the province: the login, and a colleague
	steps    steps
	done     int
	total    int
	sum      Summary
	founded  []founded // unions that the companies are not tied to yet
}

func (b *builder) progress(what string) {
	if b.o.Progress != nil {
		b.o.Progress(b.done, b.total, what)
	}
}

func (b *builder) build(ctx context.Context) error {
	b.Clock.Set(b.plan.day(storyDays).Start().Add(time.Hour))
	b.schedule()
	for _, s := range b.steps.all {
		b.total += s.weight
	}
	b.progress("staff")
	if err := b.targets(ctx); err != nil {
		return err
	}
	if err := b.staff(ctx); err != nil {
		return err
	}
	if err := b.run(ctx); err != nil {
		return err
	}
	b.progress("done")
	return nil
}

// schedule turns the plan into steps in the order of time.
func (b *builder) schedule() {
	p := b.plan
	for ago := storyDays - 1; ago >= 0; ago-- {
		b.steps.add(p.day(ago).Start(), b.night)
	}
	seen := map[*human]bool{}
	for _, f := range p.firms {
		if f.fate != "" {
			b.planFirm(f)
		}
	}
	b.steps.add(p.day(storyDays-9).Start().Add(9*time.Hour), b.unions)
	b.steps.addFresh(p.day(storyDays-10).Start().Add(9*time.Hour), b.joinUnions)
	for _, x := range p.ads {
		b.planPost(x)
	}
	b.planImports()
	b.planReading()
	b.planRules()
	b.planDues()
	if b.o.Size == City {
		b.planCrowd()
	}
	for _, s := range p.stories {
		seen[s.who] = true
		b.planStory(s)
	}
	for _, h := range p.helps {
		seen[h.who] = true
		b.planHelp(h)
	}
	for _, h := range p.crowd {
		if !seen[h] {
			b.steps.add(p.moment(b.dice, b.dice.between(1, storyDays-2)), func(ctx context.Context) error {
				_, _, err := b.People.FindOrCreateByPhone(ctx, h.phone, h.name, h.town)
				return err
			})
		}
	}
	b.sum.People += len(p.crowd)
	b.sum.Companies += len(p.firms)
	b.steps.sort()
}

// night is what jobs do in a running house, under the name they have there.
func (b *builder) night(ctx context.Context) error {
	const job = "job:casework.tick"
	ctx = access.Enter(ctx, access.Actor{AccountID: "system", Name: job, Kind: access.KindSystem, Purpose: job})
	if _, err := b.Cases.Tick(ctx); err != nil {
		return err
	}
	_, err := b.Employment.ExpireDue(ctx)
	return err
}

// perTx is the weight of steps that share a transaction.
const perTx = 250

// run takes all steps in the order of time, the clock going with them.
func (b *builder) run(ctx context.Context) error {
	for left := b.steps.all; len(left) > 0; {
		n, weight := 0, 0
		for n < len(left) && weight < perTx && (n == 0 || !left[n].fresh) {
			weight += left[n].weight
			n++
		}
		err := b.DB.InTx(ctx, func(ctx context.Context) error {
			for _, s := range left[:n] {
				b.Clock.Set(s.at)
				if err := s.run(ctx); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		left = left[n:]
		b.done += weight
		b.progress("history")
	}
	b.Clock.Set(b.present)
	return nil
}

// The promise of measure 1 is 300,000 workers. The demonstration has a small part
// of the province's people, and its target is the same part of the promise, so
// that some places are ahead of it and some behind.
var targets = map[Size]struct {
	total    int64
	citation string
}{
	Small: {1_000, "措施一：年内提供就业对接服务30万人。演示只编了约2000人，目标按三百分之一定为1000人，分解权重为假定"},
	City:  {20_000, "措施一：年内提供就业对接服务30万人。演示编了约20万人，目标按十五分之一定为2万人，分解权重为假定"},
}

// homeWeight is how much more the county of the logins promises than its people
// ask for: most stories play there.
const homeWeight = 9

// targets splits the promise to cities and to their counties and zones.
func (b *builder) targets(ctx context.Context) error {
	root, ok := b.Org.Root()
	if !ok {
		return fault.New(fault.Conflict, "demo.no_org")
	}
	years := []string{figures.PeriodOf(b.plan.today)}
	if y := figures.PeriodOf(b.plan.day(storyDays)); y != years[0] {
		years = append(years, y)
	}
	var all []figures.Target
	for _, year := range years {
		whole := figures.Target{Indicator: employment.WorkersServed, Period: year, UnitID: root.ID, Target: targets[b.o.Size].total, Citation: targets[b.o.Size].citation}
		all = append(all, whole)
		cities := figures.Split(whole, b.Org.Children(root.ID), func(u org.Unit) int64 { return int64(cityWeights[u.DivisionCode].people) }, 0)
		for _, c := range cities {
			all = append(all, c)
			all = append(all, figures.Split(c, b.Org.Children(c.UnitID), b.countyWeight, 0)...)
		}
	}
	return b.Figures.SetTargets(ctx, all)
}

func (b *builder) countyWeight(u org.Unit) int64 {
	i, ok := b.plan.atlas.byCode[u.DivisionCode]
	if !ok {
		return 0
	}
	weight := int64(b.plan.atlas.counties[i].weight)
	if u.DivisionCode == homeCounty {
		weight *= homeWeight
	}
	return weight
}

// secondRole is the second person of the county: lists of refunds and payment orders
// need two.
const secondRole = "county_second"

// desk is one staff login.
type desk struct {
	role, login, name, grant, division, face string
}

func (b *builder) deskList() []desk {
	home := b.plan.atlas.county(homeCounty)
	d := newDice(b.o.Seed, "staff")
	person := func() string { return d.name(d.sex()) }
	out := []desk{
		{"township", "zhen", person(), access.RoleTownship, home.towns[0].Code, "/desk"},
		{"county", "xian", person(), access.RoleCounty, homeCounty, "/desk"},
		{"city", "shi", person(), access.RoleCity, homeCity, "/desk"},
		{"province", "sheng", person(), access.RoleProvince, "37", "/desk"},
		{"leader", "lingdao", person(), access.RoleLeader, "37", "/cockpit"},
		{"admin", "guanli", person(), access.RoleAdmin, "37", "/desk"},
	}
	for _, c := range b.plan.atlas.cities {
		if c.Code != homeCity {
			out = append(out, desk{"", "city-" + c.Code, person(), access.RoleCity, c.Code, "/desk"})
		}
	}
	out = append(out, desk{"", "sheng-2", person(), access.RoleProvince, "37", "/desk"}) // of two people who change a number
	out = append(out, desk{"tax", "shuiwu", person(), access.RoleTax, homeCounty, "/partner"})
	out = append(out, desk{secondRole, "xian-2", person(), access.RoleCounty, homeCounty, "/desk"})
	return out
}

// Password is that of every staff login of the demonstration.
const Password = "Demo-3037-Mima"

// staff makes the desks. Passwords are hashed on all cores at once.
func (b *builder) staff(ctx context.Context) error {
	list := b.deskList()
	accounts := make([]account.Account, len(list))
	errs := make([]error, len(list))
	var wg sync.WaitGroup
	turn := make(chan struct{}, runtime.NumCPU())
	for i, s := range list {
		wg.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			accounts[i], errs[i] = b.Accounts.CreateStaff(ctx, account.NewStaff{Login: s.login, Name: s.name, Password: Password})
		})
	}
	wg.Wait()
	for i, s := range list {
		if errs[i] != nil {
			return errs[i]
		}
		unit, ok := b.Org.ByDivision(s.division)
		if !ok {
			return fault.New(fault.Conflict, "demo.no_org")
		}
		if _, err := b.Accounts.Grant(ctx, account.NewGrant{AccountID: accounts[i].ID, Role: s.grant, UnitID: unit.ID}); err != nil {
			return err
		}
		actor, err := b.Accounts.Load(ctx, accounts[i].ID)
		if err != nil {
			return err
		}
		switch s.grant {
		case access.RoleTax:
			b.tax = actor
		case access.RoleProvince:
			b.province = append(b.province, actor)
		case access.RoleTownship, access.RoleCounty, access.RoleCity:
			if s.role == secondRole {
				b.second = actor
			} else {
				b.desks[s.division] = actor
			}
		}
		office := unit.Name
		if s.grant == access.RoleTax { // a partner's people are of no union
			office = b.plan.atlas.county(homeCounty).Name + "税务局"
		}
		if s.role != "" {
			b.sum.Logins = append(b.sum.Logins, Login{
				Role: s.role, Face: s.face, User: s.login, Password: Password, Note: office + " " + s.name,
			})
		}
	}
	p := b.plan
	b.sum.Logins = append([]Login{
		{Role: "worker", Face: "/", Phone: workerPhone, Note: p.worker.name},
		{Role: "company", Face: "/company", Phone: companyPhone, Note: p.company.name},
		{Role: "company_waiting", Face: "/company", Phone: waitingPhone, Note: p.waiting.name},
	}, b.sum.Logins...)
	return nil
}

// Phone numbers of the logins.
const (
	workerPhone  = "13800000001"
	companyPhone = "13800000002"
	waitingPhone = "13800000003"
)

// quiet keeps text messages of two months from going out on the day the
// demonstration begins: inboxes are filled, and only the logins are also written
// to. It gives the way back.
func quiet(n *notice.Service) (restore func()) {
	all := n.Directory
	n.Directory = loginsOnly{all}
	return func() { n.Directory = all }
}

type loginsOnly struct{ notice.Directory }

func (l loginsOnly) Recipient(ctx context.Context, accountID string) (notice.Recipient, error) {
	r, err := l.Directory.Recipient(ctx, accountID)
	if r.Phone != workerPhone && r.Phone != companyPhone && r.Phone != waitingPhone {
		r.Phone = ""
	}
	return r, err
}

// deskOf gives the clerk who acts for a township or county: its own where it has a login,
// else the city's.
func (b *builder) deskOf(division string) access.Actor {
	if a, ok := b.desks[division]; ok {
		return a
	}
	return b.desks[division[:4]]
}
