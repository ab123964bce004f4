package rules

import (
	"cmp"
	"encoding/json"
	"slices"
	"sort"
	"strings"
	"time"

	"gonghui/internal/core/casework"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/money"
	"gonghui/internal/kit/place"
)

// Basis says how sure a value is.
type Basis string

// The bases.
const (
	Fact    Basis = "fact"    // read in the source that the citation names
	Known   Basis = "known"   // believed; nobody has read it in its source
	Assumed Basis = "assumed" // a default of the program, until the province decides
)

// Bases lists the bases, the surest first.
var Bases = []Basis{Fact, Known, Assumed}

// Entry is one value of a parameter at one place for one period.
type Entry struct {
	ID       string // empty for a shipped entry
	Key      string
	Place    string    // 37, 3701, 370102
	From     clock.Day // first day
	To       clock.Day // last day; zero = until something later begins
	Value    Value
	Citation string
	Basis    Basis
	Seq      int64        // approval that brought it; 0 = shipped
	Change   casework.Ref // the change it came from
	By       string       // who approved it
	At       time.Time    // when

	broken bool // stored, but no longer fitting its definition: see Book.On
}

// Shipped tells whether the entry is part of the program.
func (e Entry) Shipped() bool { return e.Seq == 0 }

// Source says in words for everybody where the value comes from. Only a fact
// is cited; what is believed or assumed is called this place's own setting.
func (e Entry) Source(lang i18n.Lang) string {
	if e.Basis == Fact && e.Citation != "" {
		return e.Citation
	}
	return i18n.T(lang, "rules.source."+string(LevelOf(e.Place)), "Place", PlaceNameIn(e.Place, lang))
}

// holds tells whether the period covers a day.
func (e Entry) holds(day clock.Day) bool {
	return e.From <= day && (e.To.IsZero() || day <= e.To)
}

// Book is one state of all entries. It is immutable and safe for concurrent use.
type Book struct {
	version string
	seq     int64
	digest  string
	defs    map[string]Definition
	order   []string                      // keys in the order of registration
	entries map[string]map[string][]Entry // key → place → decided before shipped, the latest first
}

// Version names the state: a decision keeps it, and Service.BookAt reads it again.
func (b *Book) Version() string { return b.version }

func newBook(seq int64, digest string, defs []Definition, entries []Entry) *Book {
	b := &Book{
		version: versionName(seq, digest), seq: seq, digest: digest, defs: make(map[string]Definition, len(defs)),
		entries: map[string]map[string][]Entry{},
	}
	for _, d := range defs {
		b.defs[d.Key] = d
		b.order = append(b.order, d.Key)
	}
	for _, e := range entries {
		b.add(e)
	}
	return b
}

func (b *Book) add(e Entry) {
	at := b.entries[e.Key]
	if at == nil {
		at = map[string][]Entry{}
		b.entries[e.Key] = at
	}
	list := append(at[e.Place], e)
	slices.SortStableFunc(list, func(x, y Entry) int {
		if x.Shipped() != y.Shipped() {
			return cmp.Compare(b2i(x.Shipped()), b2i(y.Shipped()))
		}
		return cmp.Or(cmp.Compare(y.From, x.From), cmp.Compare(y.Seq, x.Seq))
	})
	at[e.Place] = list
}

func b2i(x bool) int {
	if x {
		return 1
	}
	return 0
}

// with gives a book as it would be with one more entry in place of another.
func (b *Book) with(e Entry, replaced string) *Book {
	next := &Book{version: b.version + "+", seq: b.seq, digest: b.digest, defs: b.defs, order: b.order, entries: map[string]map[string][]Entry{}}
	for key, at := range b.entries {
		if key != e.Key {
			next.entries[key] = at
			continue
		}
		next.entries[key] = map[string][]Entry{}
		for p, list := range at {
			next.entries[key][p] = slices.DeleteFunc(slices.Clone(list), func(x Entry) bool { return replaced != "" && x.ID == replaced })
		}
	}
	e.Seq = max(e.Seq, b.seq+1) // a proposal counts as decided
	next.add(e)
	return next
}

// Places gives the codes at which a value for a place may stand, the nearest
// first: 370102001 → 370102, 3701, 37. A place elsewhere, or none, has what the
// province has.
func Places(code string) []string {
	if p, ok := place.Get(code); ok {
		code = p.Code
	}
	if !strings.HasPrefix(code, place.Shandong) {
		return []string{place.Shandong}
	}
	out := make([]string, 0, 3)
	for _, n := range [...]int{6, 4} {
		if len(code) >= n && code[n-2:n] != "00" {
			out = append(out, code[:n])
		}
	}
	return append(out, place.Shandong)
}

// LevelOf tells which level a code of Places is.
func LevelOf(code string) Level {
	switch len(code) {
	case 6:
		return County
	case 4:
		return City
	}
	return Province
}

// On gives the entry that holds at a place on a day. Faults, all not_found:
// rules.unknown_key, rules.no_value; internal rules.broken where the entry that
// holds no longer fits its definition: what lies below it is not what was decided.
func (b *Book) On(key, at string, day clock.Day) (Entry, error) {
	return b.on(key, Places(at), day)
}

func (b *Book) on(key string, places []string, day clock.Day) (Entry, error) {
	if _, ok := b.defs[key]; !ok {
		return Entry{}, fault.New(fault.NotFound, "rules.unknown_key", fault.With("Key", key))
	}
	at := b.entries[key]
	for _, p := range places {
		for _, e := range at[p] {
			if !e.holds(day) {
				continue
			}
			if e.broken {
				return Entry{}, broken(key)
			}
			return e, nil
		}
	}
	return Entry{}, fault.New(fault.NotFound, "rules.no_value", fault.With("Key", key), fault.With("Day", day.String()))
}

// Int, Fen and the others give one value and nothing else; see Reading for several.
func (b *Book) Int(key, at string, day clock.Day) (int64, error) {
	r := b.At(at, day)
	return r.Int(key), r.Err()
}

// Fen gives an amount.
func (b *Book) Fen(key, at string, day clock.Day) (money.Fen, error) {
	r := b.At(at, day)
	return r.Fen(key), r.Err()
}

// Percent gives a rate.
func (b *Book) Percent(key, at string, day clock.Day) (Percent, error) {
	r := b.At(at, day)
	return r.Percent(key), r.Err()
}

// Days gives a number of days or working days.
func (b *Book) Days(key, at string, day clock.Day) (int, error) {
	r := b.At(at, day)
	return r.Days(key), r.Err()
}

// Bool gives a switch.
func (b *Book) Bool(key, at string, day clock.Day) (bool, error) {
	r := b.At(at, day)
	return r.Bool(key), r.Err()
}

// Text gives a text or a choice.
func (b *Book) Text(key, at string, day clock.Day) (string, error) {
	r := b.At(at, day)
	return r.Text(key), r.Err()
}

// Table gives a table.
func (b *Book) Table(key, at string, day clock.Day) (*Table, error) {
	r := b.At(at, day)
	return r.Table(key), r.Err()
}

// Conditions gives a list of conditions, compiled.
func (b *Book) Conditions(key, at string, day clock.Day) (*CondSet, error) {
	r := b.At(at, day)
	return r.Conditions(key), r.Err()
}

// Definition finds a parameter.
func (b *Book) Definition(key string) (Definition, bool) {
	d, ok := b.defs[key]
	return d, ok
}

// Definitions lists the parameters in the order in which rooms registered them.
func (b *Book) Definitions() []Definition {
	out := make([]Definition, len(b.order))
	for i, k := range b.order {
		out[i] = b.defs[k]
	}
	return out
}

// Entries lists all entries of a parameter: the province's first, then by place;
// at one place the latest first, decided before shipped.
func (b *Book) Entries(key string) []Entry {
	at := b.entries[key]
	places := make([]string, 0, len(at))
	for p := range at {
		places = append(places, p)
	}
	sort.Strings(places)
	var out []Entry
	for _, p := range places {
		out = append(out, at[p]...)
	}
	return out
}

// days lists the days from one on at which a value of a room's parameters begins
// or ends, that one first.
func (b *Book) days(room string, from clock.Day) []clock.Day {
	out := []clock.Day{from}
	for key, at := range b.entries {
		if roomOf(key) != room {
			continue
		}
		for _, list := range at {
			for _, e := range list {
				for _, d := range []clock.Day{e.From, e.To + 1} {
					if d > from {
						out = append(out, d)
					}
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// placesOf lists the places below one at which a room's parameters have values,
// that place first.
func (b *Book) placesOf(room, at string) []string {
	out := []string{at}
	for key, places := range b.entries {
		if roomOf(key) != room {
			continue
		}
		for p := range places {
			if strings.HasPrefix(p, at) {
				out = append(out, p)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Used is one value that a computation read.
type Used struct {
	Key   string          `json:"key"`
	Place string          `json:"place"`
	From  clock.Day       `json:"from"`
	Value json.RawMessage `json:"value"`
	Basis Basis           `json:"basis"`
}

// Reading reads several values for one place and day and remembers which. The
// first fault stays: check Err at the end, as with a scanner. Not for
// concurrent use.
type Reading struct {
	book   *Book
	places []string
	day    clock.Day
	err    error
	used   []Used
}

// At begins a reading.
func (b *Book) At(at string, day clock.Day) *Reading {
	return &Reading{book: b, places: Places(at), day: day}
}

// Err is the first fault.
func (r *Reading) Err() error { return r.err }

// Used lists what was read, each once, in the order of reading.
func (r *Reading) Used() []Used { return r.used }

// Place and Day are what the reading is for; Version names the book.
func (r *Reading) Place() string   { return r.places[0] }
func (r *Reading) Day() clock.Day  { return r.day }
func (r *Reading) Version() string { return r.book.version }

// Entry gives the entry itself, for its citation.
func (r *Reading) Entry(key string) Entry {
	e, err := r.book.on(key, r.places, r.day)
	if err != nil {
		if r.err == nil {
			r.err = err
		}
		return Entry{}
	}
	if !slices.ContainsFunc(r.used, func(u Used) bool { return u.Key == key }) {
		r.used = append(r.used, Used{Key: key, Place: e.Place, From: e.From, Value: json.RawMessage(e.Value.JSON()), Basis: e.Basis})
	}
	return e
}

func (r *Reading) value(key string, kinds ...Kind) Value {
	e := r.Entry(key)
	if r.err == nil && !slices.Contains(kinds, e.Value.Kind) {
		r.err = broken(key) // asked as another kind than it is: a mistake of the program
	}
	if r.err != nil {
		return Value{}
	}
	return e.Value
}

// The values by kind; the zero after a fault.
func (r *Reading) Int(key string) int64           { return r.value(key, Integer, Days, Workdays).n }
func (r *Reading) Fen(key string) money.Fen       { return r.value(key, Fen).Fen() }
func (r *Reading) Percent(key string) Percent     { return r.value(key, Rate).Percent() }
func (r *Reading) Days(key string) int            { return int(r.value(key, Days, Workdays).n) }
func (r *Reading) Bool(key string) bool           { return r.value(key, Boolean).Bool() }
func (r *Reading) Text(key string) string         { return r.value(key, Text, Choice).s }
func (r *Reading) Table(key string) *Table        { return r.value(key, Rows).rows }
func (r *Reading) Conditions(key string) *CondSet { return r.value(key, Conditions).cond }

func broken(key string) error {
	f := fault.New(fault.Internal, "rules.broken", fault.With("Key", key))
	f.Key = "fault.internal"
	return f
}

func roomOf(key string) string {
	room, _, _ := strings.Cut(key, ".")
	return room
}
