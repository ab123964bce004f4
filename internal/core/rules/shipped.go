package rules

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/place"
)

// shippedEntry is an entry in a room's JSON file of defaults. Citation is for
// the desk; to is the last day, absent = open.
type shippedEntry struct {
	Key      string          `json:"key"`
	Place    string          `json:"place"`
	From     clock.Day       `json:"valid_from"`
	To       clock.Day       `json:"valid_to,omitzero"`
	Value    json.RawMessage `json:"value"`
	Citation string          `json:"citation"`
	Basis    Basis           `json:"basis"`
}

// parseShipped reads a file of defaults. Every parameter has at least one entry
// for the whole province, so that a place without a value of its own has one.
func parseShipped(defs []Definition, text []byte) ([]shippedEntry, []Entry, error) {
	var in []shippedEntry
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		return nil, nil, fmt.Errorf("defaults: %w", err)
	}
	out := make([]Entry, 0, len(in))
	whole := map[string]bool{}
	for i := range in {
		x := &in[i]
		d := slices.IndexFunc(defs, func(d Definition) bool { return d.Key == x.Key })
		if d < 0 {
			return nil, nil, fmt.Errorf("defaults: %q is no parameter of this room", x.Key)
		}
		e, err := x.entry(defs[d])
		if err != nil {
			return nil, nil, fmt.Errorf("defaults: %s at %s from %s: %w", x.Key, x.Place, x.From, err)
		}
		if !slices.Contains(Bases, x.Basis) || strings.TrimSpace(x.Citation) == "" || Places(x.Place)[0] != x.Place {
			return nil, nil, fmt.Errorf("defaults: %s at %s from %s lacks basis, citation or a place", x.Key, x.Place, x.From)
		}
		for _, other := range out {
			if other.Key == e.Key && other.Place == e.Place && overlap(other, e) {
				return nil, nil, fmt.Errorf("defaults: two periods of %s at %s overlap", e.Key, e.Place)
			}
		}
		x.Value = json.RawMessage(e.Value.JSON())
		out = append(out, e)
		whole[x.Key] = whole[x.Key] || x.Place == place.Shandong
	}
	for _, d := range defs {
		if !whole[d.Key] {
			return nil, nil, fmt.Errorf("defaults: %s has none for the whole province", d.Key)
		}
	}
	return in, out, nil
}

func (x shippedEntry) entry(d Definition) (Entry, error) {
	v, err := d.Parse(x.Value)
	if err != nil {
		return Entry{}, err
	}
	if !x.To.IsZero() && x.To < x.From {
		return Entry{}, fmt.Errorf("ends before it begins")
	}
	return Entry{Key: x.Key, Place: x.Place, From: x.From, To: x.To, Value: v, Citation: x.Citation, Basis: x.Basis}, nil
}

// overlap tells whether two periods of one parameter at one place contradict
// each other: they begin on the same day, or the earlier one states an end that
// lies on or behind the beginning of the later one. An open period simply gives
// way to a later one, and comes back when that one ends.
func overlap(a, b Entry) bool {
	if a.From == b.From {
		return true
	}
	if a.From > b.From {
		a, b = b, a
	}
	return !a.To.IsZero() && a.To >= b.From
}

// edition is the text of all shipped entries and its digest.
func edition(all []shippedEntry) (digest, body string) {
	text, err := json.Marshal(all)
	if err != nil {
		panic(err) // every value in it was read from JSON
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), string(text)
}

// digestLen is how much of an edition's digest stands in the name of a version.
const digestLen = 16

func versionName(seq int64, digest string) string {
	return strconv.FormatInt(seq, 10) + "-" + digest[:min(len(digest), digestLen)]
}

func parseVersion(version string) (seq int64, digest string, ok bool) {
	a, b, cut := strings.Cut(version, "-")
	n, err := strconv.ParseInt(a, 10, 64)
	return n, b, cut && err == nil && n >= 0 && len(b) == digestLen
}
