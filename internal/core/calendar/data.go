package calendar

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"gonghui/internal/kit/clock"
)

//go:embed china.txt
var chinaText string

// China gives the calendar of mainland China, read at the first call. The file
// is part of the program; a broken one stops it.
var China = sync.OnceValue(func() *Calendar {
	c, err := Parse(chinaText)
	if err != nil {
		panic(err)
	}
	return c
})

// Parse reads a calendar of the form of china.txt: lines "2020 off 01-01
// 01-24..02-02" and "2020 work 01-19"; lines that begin with # are skipped. It
// returns an error that names the line.
func Parse(text string) (*Calendar, error) {
	c := &Calendar{worked: map[clock.Day]bool{}}
	n := 0
	for line := range strings.Lines(text) {
		n++
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		if len(words) < 2 || words[1] != "off" && words[1] != "work" {
			return nil, fmt.Errorf("calendar line %d: want a year and off or work", n)
		}
		for _, span := range words[2:] {
			if err := c.add(words[0], span, words[1] == "work"); err != nil {
				return nil, fmt.Errorf("calendar line %d: %w", n, err)
			}
		}
	}
	return c, nil
}

func (c *Calendar) add(year, span string, worked bool) error {
	first, last, isSpan := strings.Cut(span, "..")
	if !isSpan {
		last = first
	}
	from, err := clock.ParseDay(year + "-" + first)
	if err != nil {
		return err
	}
	to, err := clock.ParseDay(year + "-" + last)
	if err != nil {
		return err
	}
	if to < from {
		return fmt.Errorf("span %s ends before it begins", span)
	}
	for d := from; d <= to; d++ {
		if _, twice := c.worked[d]; twice {
			return fmt.Errorf("day %s stands twice", d)
		}
		c.worked[d] = worked
	}
	if c.last = max(c.last, to.Year()); c.first == 0 || from.Year() < c.first {
		c.first = from.Year()
	}
	return nil
}
