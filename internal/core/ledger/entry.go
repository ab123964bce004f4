package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"hash"
	"time"
	"unicode"
	"unicode/utf8"

	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/money"
)

// Limits of an entry.
const (
	maxLines = 1000
	maxKey   = 200 // bytes of a key, an id, a memo key
	maxMemo  = 2000
)

// Side is the side of a line.
type Side string

// The two sides.
const (
	Debit  Side = "D" // 借
	Credit Side = "C" // 贷
)

// Other gives the opposite side.
func (s Side) Other() Side {
	if s == Debit {
		return Credit
	}
	return Debit
}

// Line moves an amount on one side of an account.
type Line struct {
	Account string // id
	Fen     money.Fen
	Side    Side
}

// Subject is the record that an entry or a hold is about.
type Subject struct{ Kind, ID string }

// Memo says in both languages what an entry is for: a message key and what
// stands in its text. No personal data: entries cannot be changed afterwards.
type Memo struct {
	Key    string
	Params map[string]string
}

// Entry is one voucher. The first part is what the caller gives, and what the
// input hash covers; the rest is given by Post.
type Entry struct {
	City     string
	Key      string    // idempotency: the same key is the same entry
	BookedOn clock.Day // the day it counts for
	Kind     string    // room.what: dues.refund_paid
	Subject  Subject
	Memo     Memo
	Lines    []Line
	OutboxID string // ties the halves of a transfer between cities
	Reverses int64  // the entry taken back; set by Reverse

	Seq        int64 // voucher number of the city, without a gap
	KnownOn    clock.Day
	RecordedAt time.Time
	ActorID    string // account of who posted
	Hash       []byte // of the chain up to here
	Repeated   bool   // the key was known: this is the first answer
}

// Faults of entries.
var (
	errAccountUnknown = fault.New(fault.NotFound, "ledger.account_unknown")
	errEntryUnknown   = fault.New(fault.NotFound, "ledger.entry_unknown")
	errOverflow       = fault.New(fault.Invalid, "ledger.overflow")
	errKeyReused      = fault.New(fault.Conflict, "ledger.key_reused")
)

func plain(s string, limit int) bool {
	if len(s) > limit || !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if unicode.IsControl(r) {
			return false
		}
	}
	return true
}

// check looks at an entry by itself. Faults, all Invalid: ledger.entry (a part is
// missing or too long), ledger.day, ledger.lines, ledger.amount, ledger.overflow,
// ledger.unbalanced.
func (e Entry) check(today clock.Day) error {
	if e.City == "" || e.Key == "" || !plain(e.Key, maxKey) || !word.MatchString(e.Kind) ||
		!plain(e.Subject.Kind, maxKey) || !plain(e.Subject.ID, maxKey) || !plain(e.OutboxID, maxKey) || !plain(e.Memo.Key, maxKey) {
		return fault.New(fault.Invalid, "ledger.entry")
	}
	size := 0
	for k, v := range e.Memo.Params {
		if size += len(k) + len(v); !plain(k, maxKey) || !plain(v, maxMemo) || size > maxMemo {
			return fault.New(fault.Invalid, "ledger.entry")
		}
	}
	if e.BookedOn <= 0 || e.BookedOn > today {
		return fault.New(fault.Invalid, "ledger.day", fault.With("Day", e.BookedOn.String()))
	}
	if len(e.Lines) < 2 || len(e.Lines) > maxLines {
		return fault.New(fault.Invalid, "ledger.lines", fault.With("Max", maxLines))
	}
	var debit, credit money.Fen
	var err error
	for _, l := range e.Lines {
		if l.Account == "" || l.Fen <= 0 || l.Side != Debit && l.Side != Credit {
			return fault.New(fault.Invalid, "ledger.amount")
		}
		if l.Side == Debit {
			debit, err = money.Add(debit, l.Fen)
		} else {
			credit, err = money.Add(credit, l.Fen)
		}
		if err != nil {
			return errOverflow
		}
	}
	if debit != credit {
		return fault.New(fault.Invalid, "ledger.unbalanced", fault.With("Debit", debit.Yuan()), fault.With("Credit", credit.Yuan()))
	}
	return nil
}

// params gives the memo's parameters in their stored form, sorted by name.
func (m Memo) params() string {
	if len(m.Params) == 0 {
		return ""
	}
	var b bytes.Buffer
	j := json.NewEncoder(&b)
	j.SetEscapeHTML(false)
	_ = j.Encode(m.Params) // texts always encode
	return string(bytes.TrimRight(b.Bytes(), "\n"))
}

// form writes fields so that no two inputs have the same bytes: each with its
// length in front.
type form struct {
	h hash.Hash
	n [8]byte
}

func newForm(number byte) *form {
	f := &form{h: sha256.New()}
	f.h.Write([]byte{number})
	return f
}

func (f *form) number(v int64) {
	binary.BigEndian.PutUint64(f.n[:], uint64(v))
	f.h.Write(f.n[:])
}

func (f *form) text(s string) {
	f.number(int64(len(s)))
	f.h.Write([]byte(s))
}

func (f *form) bytes(b []byte) {
	f.number(int64(len(b)))
	f.h.Write(b)
}

func (f *form) sum() []byte { return f.h.Sum(nil) }

// inputHash is SHA-256 over what the caller gave. The order of the fields is
// fixed for ever; a new field means a new number in front. docs/decisions/0021
// tells how to compute it elsewhere.
func (e Entry) inputHash(params string) []byte {
	f := newForm(1)
	for _, s := range []string{e.City, e.Key, e.BookedOn.String(), e.Kind, e.Subject.Kind, e.Subject.ID, e.Memo.Key, params, e.OutboxID} {
		f.text(s)
	}
	f.number(e.Reverses)
	f.number(int64(len(e.Lines)))
	for _, l := range e.Lines {
		f.text(l.Account)
		f.text(string(l.Side))
		f.number(int64(l.Fen))
	}
	return f.sum()
}

// chained is the hash of an entry in its place: over the hash of the one before,
// the number, when and by whom it was recorded, and the input.
func (e Entry) chained(before, input []byte) []byte {
	f := newForm(2)
	f.bytes(before)
	f.number(e.Seq)
	f.text(e.KnownOn.String())
	f.number(e.RecordedAt.UnixMicro())
	f.text(e.ActorID)
	f.bytes(input)
	return f.sum()
}

// genesis is what a city's first entry is chained to.
func genesis(city string) []byte {
	f := newForm(0)
	f.text("ledger of " + city)
	return f.sum()
}
