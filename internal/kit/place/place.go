package place

import (
	"math"
	"strings"
)

// Nation is the code of the whole country (全国).
const Nation = "00"

// Shandong is the code of the province this product serves.
const Shandong = "37"

// Level says how deep a place lies.
type Level int8

// The levels, from the widest.
const (
	National Level = iota
	Province
	City
	County
	Township
)

// Place is one division.
type Place struct {
	Code   string
	Name   string // official name: 槐荫区
	Level  Level
	Parent string // code of the division above; empty for Nation
	// Lon and Lat are of the county in degrees (GCJ-02-like, good to about a
	// kilometre); a township has those of its county. Both are 0 above the
	// county, in development zones and outside Shandong.
	Lon, Lat float64
	Zone     bool   // statistical development zone, not in GB/T 2260
	Detail   string // what Parse read beyond the deepest division it knows
}

// Located tells whether the place has coordinates.
func (p Place) Located() bool { return p.Lat != 0 }

// CityCode is the four-digit code of the city the place lies in; for a province
// or the country it is empty.
func (p Place) CityCode() string { return prefix(p.Code, 4) }

// CountyCode is the six-digit code of the county the place lies in, or empty.
func (p Place) CountyCode() string { return prefix(p.Code, 6) }

func prefix(code string, n int) string {
	if len(code) < n {
		return ""
	}
	return code[:n]
}

// Get finds a place by its code. It accepts the padded forms 370000 and 370100,
// nine and twelve digits, and codes abolished since 2012.
func Get(code string) (Place, bool) {
	g := load()
	i, ok := g.find(code)
	if !ok {
		return Place{}, false
	}
	return g.places[i], true
}

// Children lists the divisions directly below a code, in the order of codes;
// none for an unknown code or the deepest level. Children(Nation) are the
// provinces. The two-digit levels 市辖区 and 县 of the municipalities are
// listed as cities, because the codes have them.
func Children(code string) []Place {
	g := load()
	i, ok := g.find(code)
	if !ok {
		return nil
	}
	out := make([]Place, 0, len(g.children[i]))
	for _, c := range g.children[i] {
		out = append(out, g.places[c])
	}
	return out
}

// Path gives the places from the province down to code; empty when unknown.
func Path(code string) []Place {
	g := load()
	i, ok := g.find(code)
	if !ok {
		return nil
	}
	var out []Place
	for i > 0 {
		out = append(out, g.places[i])
		i = g.parent[i]
	}
	for a, b := 0, len(out)-1; a < b; a, b = a+1, b-1 {
		out[a], out[b] = out[b], out[a]
	}
	return out
}

// FullName writes a code out: 山东省济南市槐荫区. The empty middle levels of the
// municipalities (市辖区) are left out.
func FullName(code string) string {
	if code == Nation {
		return "全国"
	}
	var b strings.Builder
	for _, p := range Path(code) {
		if !p.Hollow() {
			b.WriteString(p.Name)
		}
	}
	return b.String()
}

// ShortName writes a code as people do: 济南·槐荫, 北京·朝阳, 山东.
func ShortName(code string) string {
	if code == Nation {
		return "全国"
	}
	var parts []string
	for _, p := range Path(code) {
		if p.Hollow() || p.Level == Province && len(code) > 2 && !municipality(p.Code) {
			continue
		}
		parts = append(parts, short(p))
	}
	return strings.Join(parts, "·")
}

func municipality(province string) bool {
	return province == "11" || province == "12" || province == "31" || province == "50"
}

// Hollow tells that the code is a level without a place: 市辖区, 县,
// 省直辖县级行政区划.
func (p Place) Hollow() bool {
	return p.Level == City && (p.Name == "市辖区" || p.Name == "县" || strings.HasSuffix(p.Name, "直辖县级行政区划"))
}

// Distance is the great-circle distance of two points in kilometres.
func Distance(lon1, lat1, lon2, lat2 float64) float64 {
	const earthKm, rad = 6371.0088, math.Pi / 180
	sinLat, sinLon := math.Sin((lat2-lat1)*rad/2), math.Sin((lon2-lon1)*rad/2)
	h := sinLat*sinLat + math.Cos(lat1*rad)*math.Cos(lat2*rad)*sinLon*sinLon
	return 2 * earthKm * math.Asin(math.Sqrt(min(h, 1)))
}
