package dues

import (
	"context"

	"gonghui/internal/core/access"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/money"
	"gonghui/internal/kit/page"
)

// Noticed is a list of refunds on public notice (公示): what anybody may read of it.
type Noticed struct {
	Number string
	Unit   string // path of the union that gives the notice
	Kind   RefundKind
	From   clock.Day
	To     clock.Day
	Until  clock.Day
	Rows   page.Page[NoticedRow]
}

// NoticedRow is what one company gets.
type NoticedRow struct {
	Name   string
	Amount money.Fen
}

// PublicNotice gives a list to anybody while its notice runs: names of companies and
// amounts, no account. Fault: not_found dues.no_refund, also for a list that is not
// on notice now.
func (s *Service) PublicNotice(ctx context.Context, number string, req page.Request) (Noticed, error) {
	house := access.System(ctx, "dues.notice")
	k, ok, err := s.Cases.Find(house, number)
	if err != nil {
		return Noticed{}, err
	}
	if !ok || k.Kind != FlowRefund || k.State != "noticed" {
		return Noticed{}, errNoRefund()
	}
	r, err := s.store.refund(house, k.City, k.ID)
	if err != nil {
		return Noticed{}, err
	}
	out := Noticed{Number: r.Number, Unit: r.OrgPath, Kind: r.Kind, From: r.From, To: r.To, Until: r.NoticeUntil}
	claims, err := s.store.claims(house, r, ClaimListed, req)
	out.Rows = page.Map(claims, func(c Claim) NoticedRow { return NoticedRow{Name: c.Name, Amount: c.Amount} })
	return out, err
}
