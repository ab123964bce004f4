package inspection

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/db"
	"gonghui/internal/base/telemetry"
	"gonghui/internal/core/access"
	"gonghui/internal/core/account"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/org"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/ident"
	"gonghui/internal/kit/page"
)

// Deps is what the service works with.
type Deps struct {
	Audit    *audit.Log
	Org      *org.Service
	Accounts *account.Service
	Cases    *casework.Engine
}

// Service reads the log.
type Service struct{ Deps }

// New makes the service.
func New(d Deps) *Service { return &Service{d} }

const listName = "inspection"

// Search lists the entries that answer q, newest first, and records that they were
// read, once for all pages. Faults: access.sign_in, access.denied,
// inspection.filter (with fields), page.cursor.
func (s *Service) Search(ctx context.Context, q Query, req page.Request) (page.Page[Line], error) {
	var none page.Page[Line]
	narrow, f, err := s.enter(ctx, q)
	if err != nil {
		return none, err
	}
	var city, reading string
	var place page.Cursor
	more, err := req.After.Decode(listName, &city, &reading, &place)
	if err != nil {
		return none, err
	}
	if more {
		if err := s.continues(ctx, city, reading, q); err != nil {
			return none, err
		}
	}
	p, err := s.Audit.List(narrow, f, page.Request{After: place, Limit: req.Limit})
	if err != nil {
		return none, err
	}
	if !more {
		if city, reading, err = s.note(ctx, Searched, q, ""); err != nil {
			return none, err
		}
	}
	lines, err := s.dress(narrow, p.Items)
	if err != nil {
		return none, err
	}
	out := page.Page[Line]{Items: lines, Total: -1}
	if p.Next != "" {
		out.Next = page.Encode(listName, city, reading, p.Next)
	}
	return out, nil
}

// MaxExport bounds one file, in entries.
const MaxExport = 100_000

// Export gives every entry that answers q to row, newest first, for a file. It is
// recorded, with its purpose, before the first entry is read: a file that was half
// sent was sent. Faults as in Search, inspection.purpose, inspection.too_many.
func (s *Service) Export(ctx context.Context, q Query, purpose string, row func(Line) error) error {
	narrow, f, err := s.enter(ctx, q)
	if err != nil {
		return err
	}
	if purpose = strings.TrimSpace(purpose); purpose == "" || len([]rune(purpose)) > 200 {
		return fault.New(fault.Invalid, "inspection.purpose", fault.OnField("purpose", "required"))
	}
	many, err := s.Audit.MoreThan(narrow, f, MaxExport)
	if err != nil {
		return err
	}
	if many {
		return fault.New(fault.Invalid, "inspection.too_many", fault.With("Max", MaxExport), fault.OnField("from", "required"))
	}
	if _, _, err := s.note(ctx, Exported, q, purpose); err != nil {
		return err
	}
	req := page.Request{Limit: page.MaxLimit}
	for {
		p, err := s.Audit.List(narrow, f, req)
		if err != nil {
			return err
		}
		lines, err := s.dress(narrow, p.Items)
		if err != nil {
			return err
		}
		for _, l := range lines {
			if err := row(l); err != nil {
				return err
			}
		}
		if req.After = p.Next; req.After == "" {
			return nil
		}
	}
}

// LastVerdict tells how far the chains were last found whole; false before anybody
// has looked. It needs access.AuditView anywhere.
func (s *Service) LastVerdict(ctx context.Context) (audit.Verdict, bool, error) {
	if err := access.RequireAnywhere(ctx, access.AuditView); err != nil {
		return audit.Verdict{}, false, err
	}
	return s.Audit.LastVerdict(ctx)
}

// enter gives the reader's own part of the log and what is looked for in it.
func (s *Service) enter(ctx context.Context, q Query) (context.Context, audit.Filter, error) {
	narrow, err := access.For(ctx, access.AuditView)
	if err != nil {
		return nil, audit.Filter{}, err
	}
	if access.Can(ctx, access.AuditView, access.Root) {
		// Every unit lies under the root, and so does what belongs to none.
		narrow = db.SystemScope(narrow, "inspection.province")
	}
	f, err := s.filter(q)
	if err != nil {
		return nil, f, err
	}
	if f.ActorID != "" {
		// A text that is no login is an id: it finds nothing where it is neither.
		if id, err := s.Accounts.IDOfLogin(ctx, f.ActorID); err != nil {
			return nil, f, err
		} else if id != "" {
			f.ActorID = id
		}
	}
	if f.SubjectID != "" {
		if f.SubjectID, err = s.subject(narrow, f.SubjectID); err != nil {
			return nil, f, err
		}
	}
	return narrow, f, nil
}

// subject gives the id of the record behind a public number, which its case goes
// by too; another text is an id itself.
func (s *Service) subject(ctx context.Context, text string) (string, error) {
	if c, ok, err := s.Cases.Find(ctx, text); err != nil || ok {
		return c.ID, err
	}
	return text, nil
}

// continues tells whether a cursor belongs to a reading of this reader and this
// query: a page that nobody asked for first would be read unseen.
func (s *Service) continues(ctx context.Context, city, reading string, q Query) error {
	bad := fault.New(fault.Invalid, "page.cursor")
	if !db.Possible(city, reading) {
		return bad
	}
	e, ok, err := s.Audit.Find(ctx, city, reading)
	if err != nil {
		return err
	}
	who, _ := access.From(ctx)
	text, err := written(q)
	if err != nil {
		return err
	}
	if !ok || e.Action != Searched || e.ActorID != who.AccountID || e.Detail != text {
		return bad
	}
	return nil
}

// note records a reading in the log of the reader's highest unit.
func (s *Service) note(ctx context.Context, what audit.Action, q Query, purpose string) (city, id string, err error) {
	at, _ := s.Org.Root()
	who, _ := access.From(ctx)
	for _, g := range who.Units() {
		if u, ok := s.Org.ByID(g.UnitID); ok && slices.Contains(g.Caps, access.AuditView) {
			at = u
			break
		}
	}
	text, err := written(q)
	if err != nil {
		return "", "", err
	}
	id, err = s.Audit.RecordID(ctx, audit.Entry{
		CityCode: at.CityCode, OrgPath: at.Path, Action: what, SubjectKind: "unit", SubjectID: at.ID, Purpose: purpose, Detail: text,
	})
	return at.CityCode, id, err
}

// written is a query as the log keeps it.
func written(q Query) (string, error) {
	text, err := json.Marshal(q)
	if err != nil {
		return "", fault.New(fault.Internal, "internal", fault.Because(err))
	}
	return telemetry.Redact(string(text)), nil
}

// dress adds to entries the names that belong to them, with one question for each
// kind of name.
func (s *Service) dress(ctx context.Context, entries []audit.Stored) ([]Line, error) {
	var ids []string
	var refs []casework.Ref
	for _, e := range entries {
		ids = append(ids, e.ActorID)
		if e.SubjectKind == "account" {
			ids = append(ids, e.SubjectID)
		} else {
			refs = append(refs, casework.Ref{City: e.CityCode, ID: e.SubjectID})
		}
	}
	accounts, err := s.Accounts.Named(ctx, unique(ids))
	if err != nil {
		return nil, err
	}
	cases, err := s.Cases.Named(ctx, unique(refs))
	if err != nil {
		return nil, err
	}
	out := make([]Line, len(entries))
	for i, e := range entries {
		l := Line{Stored: e, Actor: actorOf(e, accounts)}
		if a, ok := accounts[e.SubjectID]; ok && e.SubjectKind == "account" {
			if l.Title = a.Login; a.Kind == access.KindWorker {
				l.Title = masked(a)
			}
		}
		if c, ok := cases[casework.Ref{City: e.CityCode, ID: e.SubjectID}]; ok {
			l.Number, l.Title = c.Number, c.Title
		}
		out[i] = l
	}
	return out, nil
}

func unique[T comparable](list []T) []T {
	seen := map[T]bool{}
	return slices.DeleteFunc(list, func(x T) bool {
		again := seen[x]
		seen[x] = true
		return again
	})
}

// masked names a worker's account without telling who it is.
func masked(a account.Account) string {
	if a.Name == "" {
		return a.PhoneMask
	}
	return ident.MaskName(a.Name)
}

// actorOf says who did it. The name is the one at the time.
func actorOf(e audit.Stored, accounts map[string]account.Account) Actor {
	a, known := accounts[e.ActorID]
	switch {
	case e.ActorID == House:
		return Actor{Kind: Program}
	case e.ActorID == "":
		return Actor{Kind: Visitor}
	case known && a.Kind == access.KindStaff:
		return Actor{Kind: Staff, Name: e.ActorName, Login: a.Login}
	case e.ActorName == "":
		return Actor{Kind: Worker, Name: a.PhoneMask}
	}
	return Actor{Kind: Worker, Name: ident.MaskName(e.ActorName)}
}
