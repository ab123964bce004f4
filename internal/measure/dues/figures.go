package dues

import (
	"context"

	"gonghui/internal/core/figures"
)

// Indicators of measure 3. The year is that of the dues, whenever they come back:
// the full refund was promised for all of 2020 and all of 2021 (厅字〔2019〕32号).
const (
	RefundCompanies = "dues.refund_companies" // 已返还小微企业数
	RefundPaid      = "dues.refund_paid"      // 已返还金额
	FundUnions      = "dues.fund_unions"      // 筹备金转建会数
)

func (s *Service) indicators() []figures.Indicator {
	var out []figures.Indicator
	for _, x := range []struct {
		key  string
		unit figures.Unit
	}{{RefundCompanies, figures.Things}, {RefundPaid, figures.Fen}, {FundUnions, figures.Things}} {
		out = append(out, figures.Indicator{
			Key: x.key, Unit: x.unit, Owner: "dues",
			Source: func(ctx context.Context, period string, yield func(figures.Fact) error) error {
				list, err := s.store.everPaid(ctx, period)
				if err != nil {
					return err
				}
				for _, p := range list {
					for _, f := range p.facts() {
						if f.Indicator != x.key {
							continue
						}
						if err := yield(f); err != nil {
							return err
						}
					}
				}
				return nil
			},
		})
	}
	return out
}

// facts are what a paid claim earns.
func (p paidClaim) facts() []figures.Fact {
	fact := figures.Fact{City: p.CityCode, OrgPath: p.ReviewPath, On: p.ToMonth, SourceKind: "dues_claim", SourceID: p.ClaimID}
	company, sum := fact, fact
	company.Indicator, company.Subject = RefundCompanies, p.CompanyID
	sum.Indicator, sum.Subject, sum.Quantity = RefundPaid, p.ClaimID, int64(p.AmountFen)
	out := []figures.Fact{company, sum}
	if p.RetainedFen > 0 { // only a preparation fund gives back the union's own part
		founded := fact
		founded.Indicator, founded.Subject = FundUnions, p.CompanyID
		out = append(out, founded)
	}
	return out
}

// countPaid counts claims whose money has arrived. A claim counts once, also when
// its money comes back and goes out again.
func (s *Service) countPaid(ctx context.Context, city string, payments ...[]paymentRow) error {
	var ids []string
	for _, list := range payments {
		for _, p := range list {
			ids = append(ids, p.ClaimID)
		}
	}
	list, err := s.store.paidClaims(ctx, city, ids)
	if err != nil {
		return err
	}
	var facts []figures.Fact
	for _, p := range list {
		facts = append(facts, p.facts()...)
	}
	if len(facts) == 0 {
		return nil
	}
	_, err = s.Figures.CountMany(ctx, facts)
	return err
}
