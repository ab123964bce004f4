package quorum

import "gonghui/internal/kit/fault"

// Rule is a share of all who may vote.
type Rule string

// The rules that union and labour law know.
const (
	HalfOrMore   Rule = "half_or_more"   // 半数以上, the half included
	MoreThanHalf Rule = "more_than_half" // 过半数, the half excluded
	TwoThirds    Rule = "two_thirds"     // 三分之二以上, two thirds included
)

// Faults of this package, both Invalid.
var (
	ErrRule = fault.New(fault.Invalid, "quorum.rule") // no such rule
	ErrSize = fault.New(fault.Invalid, "quorum.size") // fewer than one who may vote
)

// Needed gives the least number of votes that carries a decision among of people
// who may vote. It returns ErrSize or ErrRule.
func Needed(of int64, rule Rule) (int64, error) {
	if of < 1 {
		return 0, ErrSize
	}
	switch rule {
	case HalfOrMore:
		return of - of/2, nil
	case MoreThanHalf:
		return of/2 + 1, nil
	case TwoThirds:
		return of - of/3, nil // = 2·of/3 rounded up, without the product
	}
	return 0, ErrRule
}

// Carried tells whether votes are enough. It returns ErrSize or ErrRule, and
// ErrSize too when there are more votes than people, or fewer than none.
func Carried(votes, of int64, rule Rule) (bool, error) {
	needed, err := Needed(of, rule)
	if err != nil {
		return false, err
	}
	if votes < 0 || votes > of {
		return false, ErrSize
	}
	return votes >= needed, nil
}
