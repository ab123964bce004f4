package rules

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/db"
	"gonghui/internal/base/vault"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/org"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

const (
	// checkEvery is how often Latest asks whether another process approved something.
	checkEvery = time.Second
	// refreshLimit bounds that question; a book a moment old beats a page that waits.
	refreshLimit = 5 * time.Second
)

// Deps is what the service stands on.
type Deps struct {
	DB    *db.DB
	Vault *vault.Vault
	Clock clock.Clock
	Org   *org.Service
	Cases *casework.Engine
	Audit *audit.Log
}

// Room is what one room registers.
type Room struct {
	Name        string // the first part of its keys
	Definitions []Definition
	Defaults    []byte // JSON list of {key, place, valid_from, valid_to, value, citation, basis}
	// Together judges values that must fit each other, such as a reminder before
	// a deadline. It reads what it needs and returns an Invalid fault. It is asked
	// for every place and day a change touches.
	Together func(*Reading) error
	Trials   []Trial
	Rules    []Rule
}

// Service keeps the book. Rooms register while the program starts; after Load it
// is safe for concurrent use. Before Load, and without a database row, the book
// holds what the rooms shipped.
type Service struct {
	Deps
	store store

	rooms   []Room
	defs    []Definition
	byKey   map[string]Definition
	shipped []shippedEntry
	base    []Entry // shipped, parsed
	digest  string
	rules   map[ruleID]Rule

	book      atomic.Pointer[Book]
	checkedAt atomic.Int64    // µs since 1970, of the last look at the settings row
	mu        sync.Mutex      // who replaces the book
	own       context.Context // for looking at the settings row; set by Load
}

// New makes a service without parameters and registers the procedure of changes.
func New(d Deps) (*Service, error) {
	s := &Service{Deps: d, store: store{d.DB}, byKey: map[string]Definition{}, rules: map[ruleID]Rule{}}
	s.digest, _ = edition(nil)
	s.book.Store(newBook(0, s.digest, nil, nil))
	if d.Cases != nil {
		if err := d.Cases.Register(Flow(), nil); err != nil {
			return nil, err
		}
	}
	return s, s.Register(own())
}

// Register adds a room's parameters, trials and rules. It refuses definitions and
// defaults that make no sense: they are part of the program.
func (s *Service) Register(r Room) error {
	if slices.ContainsFunc(s.rooms, func(x Room) bool { return x.Name == r.Name }) {
		return fmt.Errorf("rules: room %q registers twice", r.Name)
	}
	for _, d := range r.Definitions {
		if err := d.check(); err != nil {
			return err
		}
		if _, twice := s.byKey[d.Key]; twice || d.Room() != r.Name {
			return fmt.Errorf("rules: %q of room %q is taken or misnamed", d.Key, r.Name)
		}
	}
	raw, entries, err := parseShipped(r.Definitions, r.Defaults)
	if err != nil {
		return fmt.Errorf("rules of %s: %w", r.Name, err)
	}
	defs, base, shipped := append(slices.Clone(s.defs), r.Definitions...), append(slices.Clone(s.base), entries...), append(slices.Clone(s.shipped), raw...)
	digest, _ := edition(shipped)
	book := newBook(0, digest, defs, base)
	if r.Together != nil {
		for _, e := range entries {
			if err := r.Together(book.At(e.Place, e.From)); err != nil {
				return fmt.Errorf("rules of %s at %s on %s: %w", r.Name, e.Place, e.From, err)
			}
		}
	}
	for _, x := range r.Rules {
		if _, twice := s.rules[x.id()]; twice || x.Name == "" || x.Compute == nil {
			return fmt.Errorf("rules: rule %q edition %d of room %q", x.Name, x.Edition, r.Name)
		}
		s.rules[x.id()] = x
	}
	for _, d := range r.Definitions {
		s.byKey[d.Key] = d
	}
	s.rooms = append(s.rooms, r)
	s.defs, s.base, s.shipped, s.digest = defs, base, shipped, digest
	s.book.Store(book)
	return nil
}

// ShippedBook is a book of what rooms ship and nothing else, for calculations
// without a database.
func ShippedBook(rooms ...Room) (*Book, error) {
	s, err := New(Deps{})
	if err != nil {
		return nil, err
	}
	for _, r := range rooms {
		if err := s.Register(r); err != nil {
			return nil, err
		}
	}
	return s.book.Load(), nil
}

// Rooms lists the names of the rooms in the order of registration.
func (s *Service) Rooms() []string {
	out := make([]string, len(s.rooms))
	for i, r := range s.rooms {
		out[i] = r.Name
	}
	return out
}

// Load keeps the shipped entries as an edition, if they are new, and reads what
// was decided. A program calls it once, after every room has registered. Later
// refreshes keep the values of this context but do not end with it.
func (s *Service) Load(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.own = context.WithoutCancel(ctx)
	digest, body := edition(s.shipped)
	if err := s.store.keepEdition(ctx, digest, body, s.Clock.Now()); err != nil {
		return err
	}
	return s.reload(ctx)
}

// reload needs mu.
func (s *Service) reload(ctx context.Context) error {
	// The number is taken before the rows are read: an approval in between makes
	// the book look older than it is, and it is read once more.
	seq, err := s.store.seq(ctx)
	if err != nil {
		return err
	}
	book, err := s.read(ctx, seq, s.digest, s.base)
	if err != nil {
		return err
	}
	s.book.Store(book)
	s.checkedAt.Store(s.Clock.Now().UnixMicro())
	return nil
}

// read builds the book of a version.
func (s *Service) read(ctx context.Context, seq int64, digest string, base []Entry) (*Book, error) {
	rows, err := s.store.entriesAt(ctx, seq)
	if err != nil {
		return nil, err
	}
	b := newBook(seq, digest, s.defs, base)
	for _, r := range rows {
		d, ok := s.byKey[r.Param]
		if !ok {
			continue // a parameter that this program no longer has
		}
		b.add(r.entry(d))
	}
	return b, nil
}

// Book gives the present book, with every approval committed so far in any
// process. It costs one look at a settings row. Inside a transaction it sees
// what the transaction sees.
func (s *Service) Book(ctx context.Context) (*Book, error) {
	seq, err := s.store.seq(ctx)
	if err != nil {
		return nil, err
	}
	if b := s.book.Load(); b.seq == seq {
		return b, nil
	}
	if db.InsideTx(ctx) { // not committed perhaps, so not for others
		return s.read(ctx, seq, s.digest, s.base)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.book.Load(); b.seq >= seq {
		return b, nil
	}
	if err := s.reload(ctx); err != nil {
		return nil, err
	}
	return s.book.Load(), nil
}

// Latest gives the book without asking for a context: approvals of this process
// at once, those of others a second later at most. It is for limits and periods;
// what moves money takes Book.
func (s *Service) Latest() *Book {
	b := s.book.Load()
	if !s.checkIsDue() || !s.mu.TryLock() {
		return b
	}
	defer s.mu.Unlock()
	if s.own == nil || !s.checkIsDue() {
		return s.book.Load()
	}
	s.checkedAt.Store(s.Clock.Now().UnixMicro())
	ctx, cancel := context.WithTimeout(s.own, refreshLimit)
	defer cancel()
	if seq, err := s.store.seq(ctx); err == nil && seq != b.seq {
		_ = s.reload(ctx) // without an answer the last book known stays
	}
	return s.book.Load()
}

func (s *Service) checkIsDue() bool {
	return s.Clock.Now().Sub(time.UnixMicro(s.checkedAt.Load())) >= checkEvery
}

// BookAt reads the book of a version again. Fault not_found
// rules.version_missing says which version cannot be read.
func (s *Service) BookAt(ctx context.Context, version string) (*Book, error) {
	missing := fault.New(fault.NotFound, "rules.version_missing", fault.With("Version", version))
	seq, digest, ok := parseVersion(version)
	if !ok {
		return nil, missing
	}
	if b := s.book.Load(); b.version == version {
		return b, nil
	}
	now, err := s.store.seq(ctx)
	if err != nil {
		return nil, err
	}
	if seq > now {
		return nil, missing
	}
	full, body, err := s.store.edition(ctx, digest)
	if fault.IsKind(err, fault.NotFound) {
		return nil, missing
	}
	if err != nil {
		return nil, err
	}
	base, err := s.parseEdition(body)
	if err != nil {
		return nil, err
	}
	return s.read(ctx, seq, full, base)
}
