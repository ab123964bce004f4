package dues

import (
	"context"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/company"
	"gonghui/internal/core/org"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/money"
	"gonghui/internal/kit/page"
)

// Total is what the refunds of a unit's signed files come to for some months.
type Total struct {
	Companies int64     // that meet the conditions and have lines
	Due       money.Fen // of them, by what the tax office says they paid
	InBreak   money.Fen // of Due: not agreed by both sides yet, or on no list yet
	Waiting   money.Fen // of Due: on a list, approved, at the bank, or come back
	Paid      money.Fen // of Due
}

// DueOf adds up what is due back, and where it stands: Due is always InBreak,
// Waiting and Paid together. Faults: access.denied, not_found org.no_unit, invalid
// dues.period, internal dues.sum (it is not: somebody should look).
func (s *Service) DueOf(ctx context.Context, unitID string, p Period) (Total, error) {
	var out Total
	unit, ok := s.Org.ByID(unitID)
	if !ok || !unit.Stands() {
		return out, fault.New(fault.NotFound, "org.no_unit")
	}
	if err := access.Require(ctx, access.DuesCollect, unit.Path); err != nil {
		return out, err
	}
	if err := p.check(); err != nil {
		return out, err
	}
	by, err := s.terms(ctx, unit)
	if err != nil {
		return out, err
	}
	judge, err := newJudge(by)
	if err != nil {
		return out, err
	}
	groups, err := s.store.dueGroups(ctx, unit, p)
	if err != nil {
		return out, err
	}
	for _, g := range groups {
		_, ok, err := judge.eligible(g.candidate(), GiveBack)
		if err != nil {
			return out, err
		}
		if !ok {
			continue
		}
		out.Companies += g.Companies
		if out.Due, err = money.Add(out.Due, g.Listed+g.Free); err != nil {
			return out, err
		}
		out.InBreak += g.Free
	}
	missing, err := s.missing(ctx, unit, p, judge)
	if err != nil {
		return out, err
	}
	out.Due += missing
	out.InBreak += missing
	states, err := s.store.claimStates(ctx, unit, p)
	if err != nil {
		return out, err
	}
	for state, fen := range states {
		switch state {
		case ClaimPaid, ClaimClawback, ClaimRecovered:
			out.Paid += fen
		case ClaimStruck:
		default:
			out.Waiting += fen
		}
	}
	if out.Due != out.InBreak+out.Waiting+out.Paid {
		return out, fault.New(fault.Internal, "dues.sum")
	}
	return out, nil
}

// missing is what would be due of money that the tax office says was paid and that
// has not arrived.
func (s *Service) missing(ctx context.Context, unit org.Unit, p Period, judge *judge) (sum money.Fen, err error) {
	files, err := s.store.signedFiles(ctx, unit)
	if err != nil {
		return 0, err
	}
	for _, f := range files {
		by, err := s.measureAt(ctx, f)
		if err != nil {
			return 0, err
		}
		lines, err := s.store.unequalLines(ctx, f)
		if err != nil {
			return 0, err
		}
		for _, l := range lines {
			if l.CompanyID == "" || l.Month < p.From || l.Month > p.To || l.CountedFen >= l.PaidFen {
				continue
			}
			c, ok, err := s.store.payerInputs(ctx, l.CompanyCity, l.CompanyID, l.Item)
			if err != nil {
				return 0, err
			}
			if !ok {
				continue
			}
			if _, ok, err = judge.eligible(c, GiveBack); err != nil || !ok {
				if err != nil {
					return 0, err
				}
				continue
			}
			all, err := by.share(l.CompanyID, l.Item, l.Month, l.PaidFen)
			if err != nil {
				return 0, err
			}
			counted, err := by.share(l.CompanyID, l.Item, l.Month, l.CountedFen)
			if err != nil {
				return 0, err
			}
			sum += all.Refund - counted.Refund
		}
	}
	return sum, nil
}

// ListClaimsOf pages through the claims of a unit in a state. Faults: access.denied,
// not_found org.no_unit.
func (s *Service) ListClaimsOf(ctx context.Context, unitID string, state ClaimState, req page.Request) (page.Page[Claim], error) {
	unit, ok := s.Org.ByID(unitID)
	if !ok || !unit.Stands() {
		return page.Page[Claim]{}, fault.New(fault.NotFound, "org.no_unit")
	}
	if err := access.Require(ctx, access.DuesRefund, unit.Path); err != nil {
		return page.Page[Claim]{}, err
	}
	return s.store.claimsOf(ctx, unit, state, req)
}

// dueGroup is the refundable lines of payers that the conditions treat alike.
type dueGroup struct {
	SizeClass company.SizeClass
	Excluded  string
	PayerType PayerType
	Founded   bool
	Item      Item
	Companies int64
	Listed    money.Fen
	Free      money.Fen
}

func (g dueGroup) candidate() candidate {
	c := candidate{SizeClass: g.SizeClass, Excluded: g.Excluded, PayerType: g.PayerType}
	if g.Founded {
		c.UnionFoundedOn = "1"
	}
	if g.Item == Dues {
		c.Items = 1
	}
	return c
}

func (s store) dueGroups(ctx context.Context, unit org.Unit, p Period) ([]dueGroup, error) {
	const amount = `CASE WHEN l.refunded THEN l.national_fen + l.province_fen + l.city_fen + l.county_fen ELSE 0 END
		+ CASE WHEN l.item = 'preparation' THEN l.retained_fen ELSE 0 END`
	var out []dueGroup
	err := s.db.Reader(ctx).NewRaw(`SELECT p.size_class, p.excluded, p.payer_type, p.union_founded_on <> '' AS founded, l.item,
			count(DISTINCT l.company_id) AS companies,
			coalesce(sum(CASE WHEN l.claim_id <> '' THEN `+amount+` ELSE 0 END), 0) AS listed,
			coalesce(sum(CASE WHEN l.claim_id = '' THEN `+amount+` ELSE 0 END), 0) AS free
		FROM dues_lines AS l JOIN dues_payers AS p ON p.city_code = l.company_city AND p.company_id = l.company_id
		WHERE l.city_code = ? AND l.file_id IN (SELECT f.id FROM dues_files AS f WHERE f.city_code = ? AND f.org_path = ? AND f.state = 'signed')
			AND l.month >= ? AND l.month <= ? AND (l.item = 'dues' OR p.union_founded_on <> '')
		GROUP BY p.size_class, p.excluded, p.payer_type, p.union_founded_on <> '', l.item`,
		unit.CityCode, unit.CityCode, unit.Path, p.From, p.To).Scan(ctx, &out)
	return out, db.Fault(err)
}

func (s store) claimStates(ctx context.Context, unit org.Unit, p Period) (map[ClaimState]money.Fen, error) {
	var rows []struct {
		State ClaimState
		Fen   money.Fen
	}
	err := s.db.Reader(ctx).NewRaw(`SELECT c.state, sum(c.amount_fen) AS fen FROM dues_claims AS c JOIN dues_refunds AS r ON r.city_code = c.city_code AND r.id = c.refund_id
		WHERE c.city_code = ? AND c.org_path = ? AND r.kind = ? AND r.from_month >= ? AND r.from_month <= ? GROUP BY c.state`,
		unit.CityCode, unit.Path, GiveBack, p.From, p.To).Scan(ctx, &rows)
	out := make(map[ClaimState]money.Fen, len(rows))
	for _, r := range rows {
		out[r.State] = r.Fen
	}
	return out, db.Fault(err)
}

func (s store) signedFiles(ctx context.Context, unit org.Unit) ([]File, error) {
	var rows []fileRow
	err := s.db.Reader(ctx).NewSelect().Model(&rows).Where("f.city_code = ? AND f.org_path = ? AND f.state = ?", unit.CityCode, unit.Path, FileSigned).Scan(ctx)
	out := make([]File, len(rows))
	for i, r := range rows {
		out[i] = r.file()
	}
	return out, db.Fault(err)
}

// payerInputs gives what the conditions ask of a payer.
func (s store) payerInputs(ctx context.Context, city, companyID string, item Item) (candidate, bool, error) {
	var rows []payerRow
	err := s.db.Reader(ctx).NewSelect().Model(&rows).Where("p.city_code = ? AND p.company_id = ?", city, companyID).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return candidate{}, false, db.Fault(err)
	}
	r := rows[0]
	g := dueGroup{SizeClass: r.SizeClass, Excluded: string(r.Excluded), PayerType: r.PayerType, Founded: !r.UnionFoundedOn.IsZero(), Item: item}
	return g.candidate(), item == Dues || g.Founded, nil
}

func (s store) claimsOf(ctx context.Context, unit org.Unit, state ClaimState, req page.Request) (page.Page[Claim], error) {
	const list = "dues_claims_of"
	var rows []claimRow
	q := s.db.Reader(ctx).NewSelect().Model(&rows).Where("c.org_path = ? AND c.state = ?", unit.Path, state)
	var last string
	if more, err := req.After.Decode(list, &last); err != nil {
		return page.Page[Claim]{}, err
	} else if more {
		q = q.Where("c.id > ?", last)
	}
	if err := q.OrderExpr("c.id").Limit(int64(req.Size() + 1)).Scan(ctx); err != nil {
		return page.Page[Claim]{}, db.Fault(err)
	}
	cut := page.Cut(rows, req.Size(), func(r claimRow) page.Cursor { return page.Encode(list, r.ID) })
	return page.Map(cut, claimRow.model), nil
}
