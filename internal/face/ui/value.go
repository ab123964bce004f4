package ui

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/a-h/templ"

	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/place"
)

// Number writes n with thousands separators: 1,234,567.
func Number(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	var b strings.Builder
	for i, c := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	return sign + b.String()
}

// Money writes fen as yuan: "1,234.50 元", without ".00" for whole yuan.
func Money(ctx context.Context, fen int64) string {
	yuan, rest := fen/100, fen%100
	amount := Number(yuan)
	if rest != 0 {
		if rest < 0 {
			rest = -rest
		}
		if fen < 0 && yuan == 0 {
			amount = "-0"
		}
		amount += fmt.Sprintf(".%02d", rest)
	}
	return T(ctx, "ui.money", "Amount", amount)
}

// Day writes a civil date: 2020年7月20日 (周一), or Mon 20 July 2020. The zero day
// is "—".
func Day(ctx context.Context, d clock.Day) string {
	if d.IsZero() {
		return "—"
	}
	y, m, dd := d.Date()
	if i18n.From(ctx) == i18n.EN {
		return fmt.Sprintf("%s %d %s %d", d.Weekday().String()[:3], dd, m, y)
	}
	return fmt.Sprintf("%d年%d月%d日 (%s)", y, m, dd, [...]string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"}[d.Weekday()])
}

// ShortDay writes a date for dense lists: 7月20日 or 20 Jul; with the year when
// it is not that of today.
func ShortDay(ctx context.Context, d, today clock.Day) string {
	if d.IsZero() {
		return "—"
	}
	y, m, dd := d.Date()
	other := y != today.Year()
	if i18n.From(ctx) == i18n.EN {
		s := fmt.Sprintf("%d %s", dd, m.String()[:3])
		if other {
			s += " " + strconv.Itoa(y)
		}
		return s
	}
	s := fmt.Sprintf("%d月%d日", m, dd)
	if other {
		s = strconv.Itoa(y) + "年" + s
	}
	return s
}

// Moment writes an instant in Shanghai time: 2020年7月20日 14:05.
func Moment(ctx context.Context, t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	t = t.In(clock.Shanghai)
	if i18n.From(ctx) == i18n.EN {
		return t.Format("2 January 2006, 15:04")
	}
	return t.Format("2006年1月2日 15:04")
}

// paragraphs are the lines of a text that somebody wrote.
func paragraphs(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// inChinese marks Chinese text on a page in another language, so that a screen
// reader changes its voice.
func inChinese(ctx context.Context, text string) templ.Attributes {
	if i18n.From(ctx) == i18n.ZH || !strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return nil
	}
	return templ.Attributes{"lang": string(i18n.ZH)}
}

// PlaceName writes a division in full: 山东省济南市槐荫区; Huaiyin District, Jinan,
// Shandong.
func PlaceName(ctx context.Context, code string) string {
	return place.FullNameIn(code, string(i18n.From(ctx)))
}

// PlaceShort writes a division as people do: 济南·槐荫; Huaiyin, Jinan.
func PlaceShort(ctx context.Context, code string) string {
	return place.ShortNameIn(code, string(i18n.From(ctx)))
}

// Address joins a division and what somebody wrote behind it, where the division
// is often named once more; in English the narrow part comes first.
func Address(ctx context.Context, code, detail string) string {
	name := PlaceName(ctx, code)
	for _, digits := range []int{2, 4, 6, len(code)} {
		if at, ok := place.Get(code[:min(digits, len(code))]); ok {
			detail = strings.TrimSpace(strings.TrimPrefix(detail, at.Name))
		}
	}
	switch {
	case name == "" || detail == "":
		return name + detail
	case i18n.From(ctx) == i18n.EN:
		return detail + ", " + name
	}
	return name + detail
}
