package employment

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"

	"gonghui/internal/kit/hanzi"
	"gonghui/internal/kit/place"
)

// IdentityInput is what makes a vacancy the one it is.
type IdentityInput struct {
	CreditCode   string // of the company, when known
	Company      string // its name, used when there is no credit code
	Title        string
	DivisionCode string // county or deeper; else the city counts
	Pay          Pay
}

// Identity is the key under which a vacancy stands once: the same company, the
// same title, the same county (else city) and the same monthly pay. A repost,
// another spelling of width, blanks, punctuation, remarks in brackets (急聘),
// pay (8k-12k, 8千-1.2万) or place (a street instead of its county) has the
// same key. Hex, 32 characters.
func Identity(in IdentityInput) string {
	var b strings.Builder
	code := strings.ToUpper(hanzi.Normal(in.CreditCode))
	if code != "" {
		b.WriteString("u:" + code)
	} else {
		b.WriteString("n:" + CompanyKey(in.Company))
	}
	b.WriteByte('\n')
	b.WriteString(TitleKey(in.Title))
	b.WriteByte('\n')
	b.WriteString(placeKey(in.DivisionCode))
	b.WriteByte('\n')
	b.WriteString(payKey(in.Pay))
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:16])
}

// CompanyKey is a company's name without width, case, blanks, punctuation. The
// region in brackets stays: 某某（济南）有限公司 is not the one of 青岛.
func CompanyKey(name string) string { return hanzi.Normal(name) }

// titleNoise are words that advertise and do not name the work.
var titleNoise = []string{"急聘", "急招", "诚聘", "高薪", "直招", "招聘", "诚招", "热招"}

// TitleKey is a title without bracketed remarks, advertising words, width, case,
// blanks and punctuation. A title that is nothing but remarks keeps them.
func TitleKey(title string) string {
	bare := title
	if strings.ContainsAny(title, "(（[【〔<《「") {
		bare = dropBracketed(title)
	}
	s := hanzi.Normal(bare)
	for _, w := range titleNoise {
		if t := strings.ReplaceAll(s, w, ""); utf8.RuneCountInString(t) >= 2 {
			s = t
		}
	}
	if s == "" {
		s = hanzi.Normal(title)
	}
	if s == "" {
		s = strings.TrimSpace(title)
	}
	return s
}

func dropBracketed(s string) string {
	var b strings.Builder
	depth := 0
	for _, r := range s {
		switch r {
		case '(', '（', '[', '【', '〔', '<', '《', '「':
			depth++
		case ')', '）', ']', '】', '〕', '>', '》', '」':
			depth = max(depth-1, 0)
		default:
			if depth == 0 {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

func placeKey(code string) string {
	p, ok := place.Get(code)
	if !ok {
		return code
	}
	if c := p.CountyCode(); c != "" {
		return c
	}
	return p.Code
}

// payKey compares ranges by the month where that is possible, rounded to ten
// yuan: 18元/小时 and its month are one promise only if they agree that closely.
func payKey(p Pay) string {
	const tenYuan = 1000
	if low, high, ok := p.Monthly(); ok {
		return "m" + strconv.FormatInt((low+tenYuan/2)/tenYuan, 10) + "-" + strconv.FormatInt((high+tenYuan/2)/tenYuan, 10)
	}
	if p.Negotiable {
		return "negotiable"
	}
	return p.Per + strconv.FormatInt(p.MinFen, 10) + "-" + strconv.FormatInt(p.MaxFen, 10)
}
