package org

import (
	"strings"

	"gonghui/internal/kit/place"
)

// ProvinceCustody keeps the records of the province itself and of everybody who
// belongs to none of its cities.
const ProvinceCustody = "3700"

const provinceCode = place.Shandong

// CityCodeOf gives the custody of records that belong to a division: 3701 …
// 3717, or ProvinceCustody for the province itself, another province, an unknown
// code or none. Codes abolished since 2012 count where their area lies now.
func CityCodeOf(division string) string {
	for key := divisionKey(division); len(key) >= 4; key = divisionUp(key) {
		if p, ok := place.Get(key); ok && strings.HasPrefix(p.Code, provinceCode) {
			if city := p.CityCode(); city != "" {
				return city
			}
		}
	}
	return ProvinceCustody
}

// divisionKey gives the one spelling of a division code: 370100 is 3701, 371202
// is 370116 today. A code the gazetteer does not know stays as it is.
func divisionKey(code string) string {
	if p, ok := place.Get(code); ok {
		return p.Code
	}
	return code
}

// divisionUp cuts a code to the next shorter length of the standard.
func divisionUp(code string) string {
	for _, n := range [...]int{9, 6, 4, 2} {
		if len(code) > n {
			return code[:n]
		}
	}
	return ""
}
