package demo

import (
	"fmt"
	"strings"
	"time"

	"gonghui/internal/core/access"
	"gonghui/internal/kit/clock"
	"gonghui/internal/measure/employment"
)

// The length of the story that the small province tells, in days.
const (
	storyDays = 60
	listDays  = 30 // most ads on the list were put up within so many days
)

// amounts are how many of what a province has.
type amounts struct {
	people, seekers int // seekers are those who apply
	employers       int
	listed          int // of them known from imports only
	posts           int
	imported        int // of them from files
	applications    int // tries; a few find the place filled meanwhile
	services        int
}

var provinces = map[Size]amounts{
	Tiny:  {people: 400, seekers: 150, employers: 130, listed: 40, posts: 800, imported: 480, applications: 270, services: 120},
	Small: {people: 2000, seekers: 720, employers: 300, listed: 140, posts: 3000, imported: 2600, applications: 800, services: 420},
	City:  {people: 2000, seekers: 720, employers: 300, listed: 140, posts: 3000, imported: 2600, applications: 800, services: 420},
}

// The places of the logins.
const (
	homeCounty = "370102" // 济南市历下区
	homeCity   = "3701"
)

// human is a made-up person and, once built, what the house calls him.
type human struct {
	name, sex, phone string
	county           county
	town             string
	education, years int
	groups           []string
	trade            int
	actor            access.Actor
}

// firm is an employer with its history.
type firm struct {
	employer
	officer    *human // who registered it
	fate       string // accept, return, mend, wait, late, block, unblock; "" = listed by an import
	registerAt time.Time
	decideAt   time.Time
	city, id   string
	actor      access.Actor
	verified   bool
}

// post is one ad with its history.
type post struct {
	advert
	firm     *firm
	at       time.Time // sent in
	decideAt time.Time
	validTo  clock.Day
	fate     string // publish, return, mend, wait, late
	later    string // what happens after publishing: suspend, reopen, close, take_down, refresh, ""
	laterAt  time.Time
	city, id string
	number   string
}

// story is one application: who, for what, and the steps that follow.
type story struct {
	who   *human
	post  *post
	at    time.Time
	share bool
	words string
	steps []storyStep
	city  string
	id    string
}

type storyStep struct {
	at   time.Time
	side string // worker, company
	in   employment.StepInput
}

// help is a service of the union for one person.
type help struct {
	kind, unit string // unit: code of the county
	who        *human
	at         time.Time
	event      string
	post       *post // recommended
	answer     string
}

// plan is the whole story before anything of it is written. It is pure: seed
// and day decide it alone.
type plan struct {
	amounts
	atlas   *atlas
	trades  []trade
	today   clock.Day
	crowd   []*human
	firms   []*firm
	ads     []*post // through the company's form
	files   []*post // from files
	sheet   []*post // of them from the file that the clerk of the county sent in
	next    []*post // of a file that was checked and waits for the clerk's word
	stories []*story
	helps   []*help

	worker           *human // the logins
	company, waiting *firm
}

func (p *plan) day(ago int) clock.Day { return p.today.Add(-ago) }

// moment is an instant of the day so many days ago, in working hours.
func (p *plan) moment(d dice, ago int) time.Time {
	return p.day(max(ago, 1)).Start().Add(8*time.Hour + time.Duration(d.IntN(11*3600))*time.Second)
}

// after is some hours after a moment, yesterday evening at the latest.
func (p *plan) after(d dice, t time.Time, low, high int) time.Time {
	t = t.Add(time.Duration(d.between(low*60, high*60)) * time.Minute)
	if h := t.In(clock.Shanghai).Hour(); h < 7 {
		t = t.Add(time.Duration(8-h) * time.Hour)
	} else if h > 21 {
		t = t.Add(time.Duration(32-h) * time.Hour)
	}
	return t
}

// past tells whether a moment is over before today begins: the story ends there.
func (p *plan) past(t time.Time) bool { return t.Before(p.today.Start()) }

// ago is how many days before today a moment lies.
func (p *plan) ago(t time.Time) int { return int(p.today - clock.DayOf(t)) }

// newPlan makes the story of the small province.
func newPlan(size Size, seed uint64, today clock.Day) *plan {
	p := &plan{amounts: provinces[size], atlas: newAtlas(), trades: trades(), today: today}
	p.makePeople(seed)
	p.makeFirms(seed)
	p.makePosts(seed)
	p.makeImports(seed)
	p.makeStories(seed)
	p.makeHelps(seed)
	return p
}

func (p *plan) makePeople(seed uint64) {
	d := newDice(seed, "people")
	u := newUrn(len(p.trades), func(i int) int { return p.trades[i].weight })
	for n := range p.people {
		h := newHuman(d, p.atlas, p.trades, u, n)
		if n == 0 {
			h.name, h.sex, h.phone = "演示职工", "M", workerPhone
			h.county = p.atlas.county(homeCounty)
			h.town = h.county.towns[0].Code
			h.education, h.years, h.groups = int(employment.EducationCollege), 4, []string{"veteran"}
			h.trade = 0
			p.worker = h
		}
		p.crowd = append(p.crowd, h)
	}
}

func newHuman(d dice, a *atlas, t []trade, wanted urn, n int) *human {
	h := &human{sex: d.sex(), phone: crowdPhone(n), county: a.anywhere(d), trade: wanted.draw(d)}
	h.name, h.town = d.name(h.sex), h.county.town(d).Code
	h.education = max(1, t[h.trade].education-1+d.IntN(3))
	h.education = min(h.education, int(employment.EducationMaster))
	h.years = d.IntN(16)
	if groups := list(t[h.trade].groups); d.chance(40) {
		h.groups = some(d, groups, 1)
	}
	return h
}

func (p *plan) makeFirms(seed uint64) {
	d := newDice(seed, "firms")
	m := newMakers(seed, p.atlas, p.trades)
	for n := range p.employers {
		where, branch := "", ""
		if n == 0 { // the company of the login makes machines
			branch = "34"
		}
		if n < 14 || n >= p.employers-6 { // the county of the logins has something on every page
			where = homeCounty
		}
		f := &firm{employer: m.next(where, branch)}
		if n >= p.employers-p.listed {
			p.firms = append(p.firms, f)
			continue
		}
		f.fate = "accept"
		ago := d.between(storyDays-6, storyDays-1)
		switch {
		case n == 1: // the second company of the logins: sent in yesterday
			f.fate, ago = "wait", 1
		case n == 2:
			f.fate, ago = "late", 8
		case n == 3:
			f.fate, ago = "return", 5
		case n == 4:
			f.fate, ago = "mend", d.between(30, 40)
		case n == 15:
			f.fate, ago = "unblock", d.between(40, 45)
		case n%23 == 5:
			f.fate, ago = "wait", 1
		case n%41 == 7:
			f.fate, ago = "late", d.between(7, 10)
		case n%37 == 9:
			f.fate, ago = "return", d.between(3, 20)
		case n%97 == 11:
			f.fate, ago = "block", d.between(35, 40)
		case d.chance(15):
			ago = d.between(20, 50)
		}
		f.registerAt = p.moment(d, ago)
		f.decideAt = p.after(d, f.registerAt, 2, 28)
		sex := d.sex()
		f.officer = &human{name: d.name(sex), sex: sex, phone: crowdPhone(5_000_000 + n), county: f.county, town: f.town}
		f.contact = f.officer.name
		switch n {
		case 0:
			p.company, f.officer.phone = f, companyPhone
		case 1:
			p.waiting, f.officer.phone = f, waitingPhone
		}
		p.firms = append(p.firms, f)
	}
}

// posting gives the firms that post, each with its weight.
func (p *plan) posting() (firms []*firm, u urn) {
	for _, f := range p.firms {
		if f.fate == "accept" && p.ago(f.decideAt) > 1 {
			firms = append(firms, f)
		}
	}
	return firms, newUrn(len(firms), func(i int) int { return 20 + min(firms[i].staff, 600)/10 })
}

func (p *plan) makePosts(seed uint64) {
	d := newDice(seed, "posts")
	w := newWriters(seed, p.atlas, p.trades)
	firms, u := p.posting()
	home := firms[:0:0]
	for _, f := range firms {
		if f.county.Code == homeCounty {
			home = append(home, f)
		}
	}
	seen := newOnce()
	for n := 0; len(p.ads) < p.posts-p.imported; n++ {
		f := firms[u.draw(d)]
		switch {
		case n < 16:
			f = p.company
		case n < 60:
			f = pick(d, home)
		}
		a := w.next(f.employer)
		if !seen.first(f.credit, a) {
			continue
		}
		p.ads = append(p.ads, p.newPost(d, f, a, n))
		if n%50 == 17 { // the same post in another city of the company
			b := a
			at := p.atlas.anywhere(d)
			if b.place = at.town(d); seen.first(f.credit, b) && len(p.ads) < p.posts-p.imported {
				p.ads = append(p.ads, p.newPost(d, f, b, n))
			}
		}
	}
}

func (p *plan) newPost(d dice, f *firm, a advert, n int) *post {
	ago := d.between(1, listDays)
	if d.chance(22) {
		ago = d.between(listDays, storyDays)
	}
	ago = max(1, min(ago, p.ago(f.decideAt)-1))
	x := &post{advert: a, firm: f, fate: "publish"}
	switch {
	case n == 0 || n%70 == 20:
		x.fate, ago = "late", min(d.between(6, 9), p.ago(f.decideAt)-1)
	case n == 1 || n == 30 || n == 31 || n%33 == 4:
		x.fate, ago = "wait", 1
	case n == 2 || n%60 == 8:
		x.fate = "return"
	case n%60 == 9:
		x.fate = "mend"
	case n%40 == 11:
		x.later = "suspend"
	case n%40 == 31:
		x.later = "reopen"
	case n%40 == 13:
		x.later = "close"
	case n%110 == 37:
		x.later = "take_down"
	case n%45 == 15:
		x.later = "refresh"
	case n%30 == 19 && ago > 14: // over before today
		x.days = d.between(8, ago-4)
	}
	x.at = p.moment(d, max(ago, 1))
	x.decideAt = p.after(d, x.at, 1, 26)
	x.laterAt = p.after(d, x.decideAt, 24, 24*max(2, p.ago(x.decideAt)-1))
	x.validTo = clock.DayOf(x.at).Add(x.days)
	return x
}

// once keeps the demonstration from writing one vacancy twice by chance.
type once map[string]bool

func newOnce() once { return once{} }

func (o once) first(company string, a advert) bool {
	pay, err := employment.ParsePay(a.pay)
	if err != nil {
		return false
	}
	k := employment.Identity(employment.IdentityInput{CreditCode: company, Title: a.title, DivisionCode: a.place.Code, Pay: pay})
	if o[k] {
		return false
	}
	o[k] = true
	return true
}

// makeImports writes what a city's file of ads would hold: firms of the listed
// kind, links to where the ad stands.
func (p *plan) makeImports(seed uint64) {
	d := newDice(seed, "imports")
	w := newWriters(seed+1, p.atlas, p.trades)
	firms := p.firms[p.employers-p.listed:]
	seen := newOnce()
	write := func(f *firm) *post {
		for {
			if a := w.next(f.employer); seen.first(f.credit, a) {
				return &post{advert: a, firm: f, at: p.moment(d, d.between(1, listDays-1)), validTo: p.today.Add(d.between(2, 60))}
			}
		}
	}
	home := firms[len(firms)-6:]
	here := func() *post { // a county takes in the work of its own place
		for {
			if x := write(pick(d, home)); strings.HasPrefix(x.place.Code, homeCounty) {
				return x
			}
		}
	}
	for range sheetRows {
		p.sheet, p.next = append(p.sheet, here()), append(p.next, here())
	}
	for len(p.files)+len(p.sheet) < p.imported {
		p.files = append(p.files, write(pick(d, firms)))
	}
}

// sheetRows is how many ads the clerk's files have.
const sheetRows = 40

// importLink is a made-up address; the domain is reserved for examples (RFC 2606).
func importLink(n int) string { return fmt.Sprintf("https://jobs.example.com/ad/%06d.html", n) }
