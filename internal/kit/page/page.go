package page

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"gonghui/internal/kit/fault"
)

// The number of rows of one page.
const (
	DefaultLimit = 20
	MaxLimit     = 200
)

// maxCursor bounds a cursor in characters; sort keys are short.
const maxCursor = 1024

// Cursor is an opaque place in a list; empty means the beginning.
type Cursor string

// Page is one page of a list.
type Page[T any] struct {
	Items []T
	Next  Cursor // empty on the last page
	Total int    // of the whole list, where it was counted; -1 = not counted
}

// Request is which page is wanted.
type Request struct {
	After Cursor
	Limit int
}

// Clamp brings a wished number of rows into bounds: nothing or less than one is
// DefaultLimit, more than MaxLimit is MaxLimit.
func Clamp(limit int) int {
	if limit < 1 {
		return DefaultLimit
	}
	return min(limit, MaxLimit)
}

// Size is the number of rows of the wanted page, within bounds.
func (r Request) Size() int { return Clamp(r.Limit) }

// Encode makes the cursor of a tuple: the values of the sort columns of a row,
// in order, preceded by the name of the list and its order ("jobs/pay"), so that
// a cursor of one order is not taken for a place in another. Values may be
// texts, bools and whole numbers and types made from them that JSON keeps.
func Encode(list string, tuple ...any) Cursor {
	raw, err := json.Marshal(append([]any{list}, tuple...))
	if err != nil {
		// Only a value JSON has no form for gets here. No cursor means no next
		// page, which a test of the list sees at once.
		return ""
	}
	return Cursor(base64.RawURLEncoding.EncodeToString(raw))
}

// Decode reads the cursor of the same list into pointers to the values of the
// tuple. It gives false and touches nothing for the empty cursor, and returns a
// fault Invalid "page.cursor" for one it cannot read.
func (c Cursor) Decode(list string, into ...any) (bool, error) {
	if c == "" {
		return false, nil
	}
	if len(c) > maxCursor {
		return false, broken(fmt.Errorf("%d characters", len(c)))
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(string(c))
	if err != nil {
		return false, broken(err)
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(raw, &parts); err != nil {
		return false, broken(err)
	}
	var name string
	if len(parts) != len(into)+1 || json.Unmarshal(parts[0], &name) != nil || name != list {
		return false, broken(fmt.Errorf("not of list %s", list))
	}
	for i, p := range parts[1:] {
		if bytes.Equal(p, []byte("null")) { // JSON would leave the value as it is
			return false, broken(fmt.Errorf("value %d is null", i))
		}
		if err := json.Unmarshal(p, into[i]); err != nil {
			return false, broken(err)
		}
	}
	return true, nil
}

func broken(cause error) error {
	return fault.New(fault.Invalid, "page.cursor", fault.Because(cause))
}

// Cut makes a page of rows that were read with one row more than wanted: that
// row tells that there is a next page and is not shown. The cursor is that of
// the last row shown.
func Cut[T any](rows []T, limit int, cursor func(T) Cursor) Page[T] {
	p := Page[T]{Items: rows, Total: -1}
	if p.Items == nil {
		p.Items = []T{} // an empty list, not null, wherever it is written as JSON
	}
	if limit > 0 && len(rows) > limit {
		p.Items = rows[:limit:limit]
		p.Next = cursor(rows[limit-1])
	}
	return p
}

// Map turns the items of a page into others; place and total stay.
func Map[T, U any](p Page[T], f func(T) U) Page[U] {
	out := Page[U]{Items: make([]U, len(p.Items)), Next: p.Next, Total: p.Total}
	for i, item := range p.Items {
		out.Items[i] = f(item)
	}
	return out
}
