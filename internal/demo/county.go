package demo

import (
	"slices"
	"strings"

	"gonghui/internal/kit/place"
)

// people in 10,000 and pay in per cent of the average: ASSUMED weights of the cities.
var cityWeights = map[string]struct{ people, pay int }{
	"3701": {920, 118}, "3702": {1010, 122}, "3703": {470, 104}, "3704": {385, 92}, "3705": {220, 110}, "3706": {710, 108},
	"3707": {940, 104}, "3708": {835, 95}, "3709": {545, 95}, "3710": {290, 104}, "3711": {295, 97}, "3713": {1100, 95},
	"3714": {560, 92}, "3715": {595, 90}, "3716": {390, 96}, "3717": {880, 88},
}

// county is one county or zone with what the demonstration assumes of it.
type county struct {
	place.Place
	city      place.Place
	towns     []place.Place
	weight    int // people in 1,000, ASSUMED
	payFactor int // per cent
}

// atlas holds the counties in the order of codes.
type atlas struct {
	cities   []place.Place
	counties []county
	byCode   map[string]int
	byCity   map[string][]int
	all      urn
	ofCity   map[string]urn
}

func newAtlas() *atlas {
	a := &atlas{byCode: map[string]int{}, byCity: map[string][]int{}, ofCity: map[string]urn{}}
	for _, city := range place.Children(place.Shandong) {
		w, ok := cityWeights[city.Code]
		if !ok {
			continue
		}
		a.cities = append(a.cities, city)
		var share []int
		sum, from := 0, len(a.counties)
		for _, c := range place.Children(city.Code) {
			towns := slices.DeleteFunc(place.Children(c.Code), func(t place.Place) bool { return !settled(t.Name) })
			n := 4 + len(towns)
			switch {
			case c.Zone:
				n = 4
			case strings.HasSuffix(c.Name, "区"):
				n = n * 3 / 2
			}
			share, sum = append(share, n), sum+n
			pay := w.pay
			if strings.HasSuffix(c.Name, "县") {
				pay -= 5
			}
			a.byCode[c.Code] = len(a.counties)
			a.byCity[city.Code] = append(a.byCity[city.Code], len(a.counties))
			a.counties = append(a.counties, county{Place: c, city: city, towns: towns, payFactor: pay})
		}
		for i, n := range share {
			a.counties[from+i].weight = max(1, w.people*10*n/sum)
		}
		own := a.counties[from:]
		a.ofCity[city.Code] = newUrn(len(own), func(i int) int { return own[i].weight })
	}
	a.all = newUrn(len(a.counties), func(i int) int { return a.counties[i].weight })
	return a
}

// settled leaves out the parks and farms that the statistics list as townships.
func settled(name string) bool {
	return strings.HasSuffix(name, "街道") || strings.HasSuffix(name, "镇") || strings.HasSuffix(name, "乡")
}

func (a *atlas) county(code string) county { return a.counties[a.byCode[code]] }

// anywhere draws a county by its people.
func (a *atlas) anywhere(d dice) county { return a.counties[a.all.draw(d)] }

// within draws a county of a city by its people.
func (a *atlas) within(d dice, city string) county {
	return a.counties[a.byCity[city][a.ofCity[city].draw(d)]]
}

// town draws a township of the county, the county itself where none is known.
func (c county) town(d dice) place.Place {
	if len(c.towns) == 0 {
		return c.Place
	}
	return pick(d, c.towns)
}

// shortName is the name without its kind: 槐荫, 曹县 stays 曹县.
func shortName(name string) string {
	for _, kind := range []string{"高新技术产业开发区", "经济技术开发区", "经济开发区", "开发区", "市", "区", "县"} {
		if s, ok := strings.CutSuffix(name, kind); ok && len(s) >= 6 {
			return s
		}
	}
	return name
}
