package rules

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"gonghui/internal/base/audit"
	"gonghui/internal/core/access"
	"gonghui/internal/core/calendar"
	"gonghui/internal/core/casework"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/form"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/id"
)

// Limits of a proposal, in characters, and of its days.
const (
	maxCitation = 300
	maxReason   = 500
)

var firstDay, lastDay = clock.MakeDay(1990, time.January, 1), clock.MakeDay(2100, time.December, 31)

// Proposal is what a person writes.
type Proposal struct {
	Key      string
	Place    string    // 37, 3701, 370102
	From     clock.Day // first day
	To       clock.Day // last day; zero = open
	Value    string    // as typed: see Definition.FromText
	Citation string    // document with number
	Basis    Basis     // fact when the document was read
	Reason   string    // why
	Replaces string    // id of an entry that ends with this one; "" = none
}

// Change is a proposal on its way.
type Change struct {
	City       string
	ID         string
	Number     string
	OrgPath    string
	Key        string
	Place      string
	From, To   clock.Day
	Value      string // JSON
	Citation   string
	Basis      Basis
	Reason     string
	Replaces   string
	State      string
	Trials     []TrialResult
	TriedAt    time.Time // zero = not yet tried as it stands
	EditedBy   string
	EditedName string
	CreatedAt  time.Time
	UpdatedAt  time.Time

	editNo int
}

// Ref names the change's case.
func (c Change) Ref() casework.Ref { return casework.Ref{City: c.City, ID: c.ID} }

// Approval is the second person's word.
type Approval struct {
	Ref         casework.Ref
	Version     int
	ConfirmPast bool   // the value may hold for days that have passed
	Reason      string // needed then
}

// judged is a proposal that could come into force with a book.
type judged struct {
	def   Definition
	entry Entry
	old   *Entry // the entry it replaces
	unit  struct{ path, city string }
}

// judge checks a proposal against a book. Faults: those of Definition.Parse;
// invalid rules.place, rules.level, rules.period, rules.citation, rules.reason,
// rules.basis; conflict rules.overlap, rules.replaced; what Together says.
func (s *Service) judge(b *Book, p Proposal, raw []byte) (judged, error) {
	j, err := s.judged(b, p, raw)
	return j, spoken(err)
}

func (s *Service) judged(b *Book, p Proposal, raw []byte) (judged, error) {
	var j judged
	d, ok := s.byKey[p.Key]
	if !ok {
		return j, fault.New(fault.NotFound, "rules.unknown_key", fault.With("Key", p.Key))
	}
	j.def = d
	unit, ok := s.Org.ByDivision(p.Place)
	if !ok || Places(p.Place)[0] != p.Place {
		return j, fault.New(fault.Invalid, "rules.place", fault.OnField("place", "unknown"))
	}
	if !d.MayBeSetAt(LevelOf(p.Place)) {
		return j, fault.New(fault.Invalid, "rules.level", fault.OnField("place", "unknown"))
	}
	j.unit.path, j.unit.city = unit.Path, unit.CityCode
	if p.From < firstDay || p.From > lastDay || !p.To.IsZero() && (p.To < p.From || p.To > lastDay) {
		return j, fault.New(fault.Invalid, "rules.period", fault.OnField("from", "invalid"))
	}
	if err := texts(p); err != nil {
		return j, err
	}
	v, err := d.Parse(raw)
	if err != nil {
		return j, err
	}
	j.entry = Entry{Key: p.Key, Place: p.Place, From: p.From, To: p.To, Value: v, Citation: p.Citation, Basis: p.Basis}
	for _, e := range b.entries[p.Key][p.Place] {
		if !e.Shipped() && e.ID == p.Replaces {
			j.old = &e
		}
	}
	if p.Replaces != "" && j.old == nil {
		return j, ErrReplaced // before anything that its successor may be the cause of
	}
	for _, e := range b.entries[p.Key][p.Place] {
		if !e.Shipped() && e.ID != p.Replaces && overlap(e, j.entry) {
			return j, fault.New(fault.Conflict, "rules.overlap", fault.OnField("from", "invalid"),
				fault.With("From", e.From.String()), fault.With("To", e.To.String()))
		}
	}
	return j, s.together(b.with(j.entry, p.Replaces), j)
}

func texts(p Proposal) error {
	for _, x := range []struct {
		field, text, code string
		most              int
	}{{"citation", p.Citation, "rules.citation", maxCitation}, {"reason", p.Reason, "rules.reason", maxReason}} {
		clean, ok := form.Text(x.text, true)
		switch n := utf8.RuneCountInString(strings.TrimSpace(clean)); {
		case n == 0:
			return fault.New(fault.Invalid, x.code, fault.OnField(x.field, "required"))
		case !ok || n > x.most:
			return fault.New(fault.Invalid, x.code, fault.OnField(x.field, "invalid"))
		}
	}
	if !slices.Contains(Bases, p.Basis) {
		return fault.New(fault.Invalid, "rules.basis", fault.OnField("basis", "unknown"))
	}
	return nil
}

// together asks the room whether its values would still fit each other, at every
// place and on every day that the entry, or the end of the one it replaces, touches.
func (s *Service) together(after *Book, j judged) error {
	from, to := j.entry.From, j.entry.To
	if j.old != nil {
		from, to = min(from, j.old.From), 0
	}
	room := roomOf(j.entry.Key)
	i := slices.IndexFunc(s.rooms, func(r Room) bool { return r.Name == room })
	if i < 0 || s.rooms[i].Together == nil {
		return nil
	}
	for _, at := range after.placesOf(room, j.entry.Place) {
		for _, day := range after.days(room, from) {
			if !to.IsZero() && day > to+1 {
				break
			}
			if err := s.rooms[i].Together(after.At(at, day)); err != nil && !fault.HasCode(err, "rules.no_value") {
				return onValue(err) // where one of them has no value yet, there is nothing to contradict
			}
		}
	}
	return nil
}

// touches is the first day on which a change makes a difference to what is
// computed; beyond all days where only its words do.
func (j judged) touches() clock.Day {
	switch {
	case j.old == nil:
		return j.entry.From
	case j.old.From != j.entry.From || j.old.Value.JSON() != j.entry.Value.JSON():
		return min(j.old.From, j.entry.From)
	case j.old.To == j.entry.To:
		return lastDay + 1
	case j.old.To.IsZero():
		return j.entry.To + 1
	case j.entry.To.IsZero():
		return j.old.To + 1
	}
	return min(j.old.To, j.entry.To) + 1
}

func (p Proposal) trimmed() Proposal {
	p.Citation, p.Reason = strings.TrimSpace(p.Citation), strings.TrimSpace(p.Reason)
	return p
}

// raw gives the typed value as JSON.
func (s *Service) raw(p Proposal) ([]byte, error) {
	d, ok := s.byKey[p.Key]
	if !ok {
		return nil, fault.New(fault.NotFound, "rules.unknown_key", fault.With("Key", p.Key))
	}
	raw, err := rawOf(d.Kind, p.Value)
	return raw, spoken(err)
}

// Propose writes a change as a draft. It needs rules.propose at the place's unit;
// a place outside one's reach is rules.place, like one that does not exist.
func (s *Service) Propose(ctx context.Context, p Proposal) (Change, error) {
	p = p.trimmed()
	actor, ok := access.From(ctx)
	if !ok {
		return Change{}, fault.New(fault.Unauthenticated, "access.sign_in")
	}
	if err := access.RequireAnywhere(ctx, access.RulesPropose); err != nil {
		return Change{}, err
	}
	var c Change
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		raw, err := s.raw(p)
		if err != nil {
			return err
		}
		j, err := s.mine(ctx, p, raw)
		if err != nil {
			return err
		}
		now := s.Clock.Now()
		c = Change{
			City: j.unit.city, ID: id.New(), OrgPath: j.unit.path, State: "draft", CreatedAt: now, editNo: 1,
		}
		c.take(p, j, actor, now)
		k, err := s.Cases.Open(ctx, casework.Open{City: c.City, ID: c.ID, Kind: FlowChange, Title: s.title(c), OrgPath: c.OrgPath, As: casework.Desk, Detail: c.note()})
		if err != nil {
			return err
		}
		c.Number = k.Number
		row, err := rowOf(c)
		if err != nil {
			return err
		}
		return s.store.addChange(ctx, row)
	})
	return c, err
}

// mine judges a proposal for a place within the actor's reach.
func (s *Service) mine(ctx context.Context, p Proposal, raw []byte) (judged, error) {
	b, err := s.Book(ctx)
	if err != nil {
		return judged{}, err
	}
	if unit, ok := s.Org.ByDivision(p.Place); !ok || !MayPropose(ctx, unit.Path) {
		return judged{}, spoken(fault.New(fault.Invalid, "rules.place", fault.OnField("place", "unknown")))
	}
	return s.judge(b, p, raw)
}

func (c *Change) take(p Proposal, j judged, actor access.Actor, now time.Time) {
	c.Key, c.Place, c.From, c.To, c.Value = p.Key, p.Place, p.From, p.To, j.entry.Value.JSON()
	c.Citation, c.Basis, c.Reason, c.Replaces = p.Citation, p.Basis, p.Reason, p.Replaces
	c.EditedBy, c.EditedName, c.UpdatedAt = actor.AccountID, actor.Name, now
	c.Trials, c.TriedAt = nil, time.Time{} // what was tried was another value
}

// title of the case, in the language of the house's first language: a case has
// one title for everybody.
func (s *Service) title(c Change) string {
	return c.Title(i18n.ZH)
}

// note is what the history keeps of a written value.
func (c Change) note() any {
	return map[string]any{"key": c.Key, "place": c.Place, "from": c.From, "to": c.To, "value": json.RawMessage(c.Value), "citation": c.Citation}
}

// Edit writes a draft or a returned change anew. Parameter and place stay.
func (s *Service) Edit(ctx context.Context, ref casework.Ref, version int, p Proposal) (Change, error) {
	p = p.trimmed()
	actor, ok := access.From(ctx)
	if !ok {
		return Change{}, fault.New(fault.Unauthenticated, "access.sign_in")
	}
	return s.step(ctx, casework.Fire{Event: "edit", Version: version}, ref, func(ctx context.Context, c *Change, f *casework.Fire) error {
		p.Key, p.Place = c.Key, c.Place
		raw, err := s.raw(p)
		if err != nil {
			return err
		}
		j, err := s.mine(ctx, p, raw)
		if err != nil {
			return err
		}
		c.take(p, j, actor, s.Clock.Now())
		c.editNo++
		f.Title, f.Detail = s.title(*c), c.note()
		return nil
	})
}

// step takes one step of a change: do prepares record and step, then the case
// moves, then the record is written, all in one transaction.
func (s *Service) step(ctx context.Context, f casework.Fire, ref casework.Ref, do func(context.Context, *Change, *casework.Fire) error) (Change, error) {
	var c Change
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		row, err := s.store.change(ctx, ref)
		if err != nil {
			return err
		}
		if c, err = row.model(); err != nil {
			return err
		}
		f.City, f.ID, f.As = ref.City, ref.ID, casework.Desk
		if do != nil {
			if err := do(ctx, &c, &f); err != nil {
				return err
			}
		}
		k, err := s.Cases.Fire(ctx, f)
		if err != nil {
			return err
		}
		c.State = k.State
		if row, err = rowOf(c); err != nil {
			return err
		}
		return s.store.putChange(ctx, row)
	})
	return c, err
}

// Submit sends a change to the second person. What has not been tried as it
// stands is tried first, so that the approver sees what it does.
func (s *Service) Submit(ctx context.Context, ref casework.Ref, version int) (Change, error) {
	c, err := s.Change(ctx, ref)
	if err != nil {
		return Change{}, err
	}
	if c.TriedAt.IsZero() {
		if _, err := s.Try(ctx, ref); err != nil {
			return Change{}, err
		}
	}
	return s.step(ctx, casework.Fire{Event: "submit", Version: version}, ref, func(ctx context.Context, c *Change, f *casework.Fire) error {
		if _, err := s.mine(ctx, c.proposal(), []byte(c.Value)); err != nil { // the book may have moved on
			return err
		}
		today := clock.Today(s.Clock)
		b, err := s.Book(ctx)
		if err != nil {
			return err
		}
		days, err := b.Days(ReviewWorkdays, c.Place, today)
		if err != nil {
			return err
		}
		f.DueAt = map[string]time.Time{"review": calendar.Deadline(today, days, calendar.Workday, false).End()}
		return nil
	})
}

// proposal is what the change proposes; the value goes beside it as JSON.
func (c Change) proposal() Proposal {
	return Proposal{Key: c.Key, Place: c.Place, From: c.From, To: c.To, Citation: c.Citation, Basis: c.Basis, Reason: c.Reason, Replaces: c.Replaces}
}

// Return sends a change back to whoever wrote it, with a reason.
func (s *Service) Return(ctx context.Context, ref casework.Ref, version int, reason string) (Change, error) {
	return s.step(ctx, casework.Fire{Event: "return", Version: version, Reason: reason}, ref, nil)
}

// Withdraw ends a change that has not been approved, with a reason.
func (s *Service) Withdraw(ctx context.Context, ref casework.Ref, version int, reason string) (Change, error) {
	return s.step(ctx, casework.Fire{Event: "withdraw", Version: version, Reason: reason}, ref, nil)
}

// Approve brings a change into force as a new version of the book. The change is
// judged again on the book of this moment. Faults besides those of a proposal:
// casework.moved_on for the second of two approvers, casework.four_eyes for
// whoever wrote or sent it in, invalid rules.past when days that have passed are
// touched and the approver neither confirmed that nor gave a reason.
func (s *Service) Approve(ctx context.Context, in Approval) (Change, error) {
	actor, ok := access.From(ctx)
	if !ok {
		return Change{}, fault.New(fault.Unauthenticated, "access.sign_in")
	}
	now, reason := s.Clock.Now(), strings.TrimSpace(in.Reason)
	var c Change
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		row, err := s.store.change(ctx, in.Ref) // outside the scope: not found, before anything is locked
		if err != nil {
			return err
		}
		seq, err := s.store.next(ctx, now)
		if err != nil {
			return err
		}
		c, err = s.step(ctx, casework.Fire{Event: "approve", Version: in.Version, Reason: reason, Detail: map[string]any{"version": seq}}, in.Ref,
			func(ctx context.Context, c *Change, _ *casework.Fire) error {
				switch {
				case c.State != "submitted":
					return nil // casework says what is wrong
				case c.EditedBy == actor.AccountID:
					return casework.ErrFourEyes
				}
				return s.enter(ctx, *c, seq, actor, now, in.ConfirmPast && reason != "")
			})
		if err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{
			CityCode: row.CityCode, OrgPath: c.OrgPath, Action: "rules.entry_added", SubjectKind: FlowChange, SubjectID: row.ID,
			Detail: fmt.Sprintf(`{"param":%q,"from":%q,"version":%d}`, Definition{Key: row.Param}.TitleText(), row.ValidFrom, seq),
		})
	})
	if err == nil {
		s.refresh()
	}
	return c, err
}

// enter writes the entry of an approved change.
func (s *Service) enter(ctx context.Context, c Change, seq int64, actor access.Actor, now time.Time, past bool) error {
	b, err := s.Book(ctx)
	if err != nil {
		return err
	}
	j, err := s.judge(b, c.proposal(), []byte(c.Value))
	if err != nil {
		return err
	}
	if j.touches() < clock.DayOf(now) && !past {
		return spoken(fault.New(fault.Invalid, "rules.past", fault.OnField("confirm_past", "required")))
	}
	if c.Replaces != "" {
		if err := s.store.closeEntry(ctx, c.Replaces, seq); err != nil {
			return err
		}
	}
	return s.store.addEntry(ctx, entryRow{
		ID: id.New(), Param: c.Key, Place: c.Place, ValidFrom: c.From, ValidTo: c.To, Value: c.Value, Citation: c.Citation, Basis: string(c.Basis),
		SinceSeq: seq, ChangeCity: c.City, ChangeID: c.ID, ApprovedBy: actor.Name, ApprovedAt: now,
	})
}

// refresh reads the book anew after an approval of this process; whoever called
// inside a larger transaction will see it with the next Book.
func (s *Service) refresh() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.own == nil {
		return
	}
	ctx, cancel := context.WithTimeout(s.own, refreshLimit)
	defer cancel()
	_ = s.reload(ctx) // without an answer the next Book or Latest tries again
}

// Try runs every trial of a change, with the book as it is and as it would be,
// and keeps what was found with the change. It needs rules.propose or
// rules.approve at the change's unit. The records counted are those of the
// actor's own scope.
func (s *Service) Try(ctx context.Context, ref casework.Ref) ([]TrialResult, error) {
	c, try, err := s.try(ctx, ref)
	if err != nil {
		return nil, err
	}
	out := []TrialResult{}
	for _, t := range s.trials(c.Key) {
		lines, err := t.Run(ctx, try)
		if err != nil {
			return nil, err
		}
		out = append(out, TrialResult{Trial: t.Name, Lines: lines})
	}
	lines, err := s.retry(ctx, try)
	if err != nil {
		return nil, err
	}
	if lines[0].Before+lines[0].After > 0 || len(lines) > 2 {
		out = append(out, TrialResult{Trial: decisionTrial, Lines: lines})
	}
	text, err := json.Marshal(out)
	if err != nil {
		return nil, fault.New(fault.Internal, "internal", fault.Because(err))
	}
	return out, s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.store.putTrial(ctx, ref, c.editNo, string(text), s.Clock.Now()); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{
			CityCode: c.City, OrgPath: c.OrgPath, Action: "rules.change.try", SubjectKind: FlowChange, SubjectID: c.ID,
			Detail: fmt.Sprintf(`{"param":%q}`, Definition{Key: c.Key}.TitleText()),
		})
	})
}
