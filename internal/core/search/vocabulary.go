package search

import (
	"sync"

	"gonghui/internal/kit/fault"
)

// vocabulary turns the codes of one facet into small numbers. Number 0 means
// "no value". Codes are only ever added, so a number read once stays right.
type vocabulary struct {
	mu     sync.RWMutex
	codes  []string
	parent []uint16
	ids    map[string]uint16
}

const maxValues = 1<<16 - 1

func newVocabulary(known []Value) (*vocabulary, error) {
	v := &vocabulary{codes: []string{""}, parent: []uint16{0}, ids: map[string]uint16{}}
	for _, k := range known {
		if _, err := v.intern(k.Code); err != nil {
			return nil, err
		}
	}
	for _, k := range known {
		if k.Parent == "" {
			continue
		}
		p, err := v.intern(k.Parent)
		if err != nil {
			return nil, err
		}
		id := v.ids[k.Code]
		for a := p; a != 0; a = v.parent[a] {
			if a == id {
				return nil, fault.New(fault.Internal, "search.circular_code", fault.With("Value", k.Code))
			}
		}
		v.parent[id] = p
	}
	return v, nil
}

// intern gives the number of a code, new if need be.
func (v *vocabulary) intern(code string) (uint16, error) {
	if id, ok := v.find(code); ok {
		return id, nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if id, ok := v.ids[code]; ok {
		return id, nil
	}
	if len(v.codes) > maxValues {
		return 0, fault.New(fault.Invalid, "search.too_many_codes")
	}
	id := uint16(len(v.codes))
	v.codes = append(v.codes, code)
	v.parent = append(v.parent, 0)
	v.ids[code] = id
	return id, nil
}

func (v *vocabulary) find(code string) (uint16, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	id, ok := v.ids[code]
	return id, ok
}

// view gives codes and parents as they are now; the slices are never written
// again below their length, apart from construction.
func (v *vocabulary) view() (codes []string, parent []uint16) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.codes, v.parent
}
