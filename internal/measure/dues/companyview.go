package dues

import (
	"context"
	"encoding/json"
	"strings"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/core/rules"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/money"
	"gonghui/internal/kit/page"
)

// OwnMonth is what was collected of a company for one month, and what of it comes
// back.
type OwnMonth struct {
	Item     Item
	Month    clock.Day
	Paid     money.Fen // as the tax office says
	Counted  money.Fen // both sides agree on
	Refund   money.Fen // of Counted, where the conditions are met
	Retained money.Fen // the union's own part of it
	Signed   bool      // both sides have signed the file
	State    ClaimState
}

// OwnDues is what a company sees of its dues.
type OwnDues struct {
	Payer      Payer
	Route      Route
	Conditions []rules.Line // of the refund, each with how it came out
	Eligible   bool
	Months     []OwnMonth // the latest first
	Paid       money.Fen
	Due        money.Fen // back
	Refunded   money.Fen
	Claims     []Claim
	Appeals    []casework.Case
}

// CompanyDues gives a company what was collected of it, what is due back, where that
// stands, and why or why not. Faults: access.denied, not_found dues.no_payer.
func (s *Service) CompanyDues(ctx context.Context, ref company.Ref) (OwnDues, error) {
	var out OwnDues
	if err := access.RequireCompany(ctx, access.DuesOwn, ref.ID); err != nil {
		return out, err
	}
	house := access.System(ctx, "dues.company")
	r, err := s.store.payer(house, ref)
	if err != nil {
		return out, err
	}
	out.Payer = r.payer()
	unit, err := s.collector(ctx, ref, out.Payer.OrgPath)
	if err != nil {
		return out, err
	}
	by, err := s.terms(ctx, unit)
	if err != nil {
		return out, err
	}
	out.Route = Route(by.Text(keySource))
	if out.Months, err = s.store.ownMonths(ctx, ref); err != nil {
		return out, err
	}
	hasDues := false
	for _, m := range out.Months {
		hasDues = hasDues || m.Item == Dues
	}
	in := payerInputs{SizeClass: out.Payer.Class, Excluded: string(out.Payer.Excluded), PayerType: out.Payer.Type, HasUnion: hasDues || !out.Payer.UnionFoundedOn.IsZero()}
	res, err := by.Conditions(keyEligible).Eval(in.values())
	if err != nil || by.Err() != nil {
		return out, firstOf(err, by.Err())
	}
	out.Conditions, out.Eligible = res.Lines, res.Truth == rules.True
	for i := range out.Months {
		m := &out.Months[i]
		if !out.Eligible || m.Item == Preparation && out.Payer.UnionFoundedOn.IsZero() {
			m.Refund = 0
		}
		out.Paid += m.Paid // a company's months are far from what does not fit
		out.Due += m.Refund
		if m.State == ClaimPaid {
			out.Refunded += m.Refund
		}
	}
	if out.Claims, err = s.store.claimsOfCompany(ctx, ref); err != nil {
		return out, err
	}
	out.Appeals, err = s.appealsOf(house, ref)
	return out, err
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// maxAppeal bounds the text of an objection, in characters.
const maxAppeal = 500

// Appeal objects to a size class, an exclusion or an amount, by somebody who acts
// for the company. One objection at most waits for its answer. Faults:
// access.denied, not_found dues.no_payer, invalid dues.reason, conflict
// dues.appeal_waits.
func (s *Service) Appeal(ctx context.Context, ref company.Ref, text string) (casework.Case, error) {
	var k casework.Case
	if err := access.RequireCompany(ctx, access.DuesOwn, ref.ID); err != nil {
		return k, err
	}
	text = strings.TrimSpace(text)
	if text == "" || len([]rune(text)) > maxAppeal {
		return k, fault.New(fault.Invalid, "dues.reason", fault.OnField("text", "required"))
	}
	house := access.System(ctx, "dues.company")
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		r, err := s.store.payer(house, ref)
		if err != nil {
			return err
		}
		unit, err := s.collector(ctx, ref, r.OrgPath)
		if err != nil {
			return err
		}
		waiting, err := s.appealsOf(house, ref)
		if err != nil {
			return err
		}
		for _, w := range waiting {
			if w.ClosedAt.IsZero() {
				return fault.New(fault.Conflict, "dues.appeal_waits")
			}
		}
		by, err := s.terms(ctx, unit)
		if err != nil {
			return err
		}
		due := s.dueAt(by, "county", keyCounty)
		if by.Err() != nil {
			return by.Err()
		}
		k, err = s.Cases.Open(ctx, casework.Open{
			City: unit.CityCode, ID: id.New(), Number: id.Public("O"), Kind: FlowAppeal, Title: r.Name, OrgPath: unit.Path, CompanyID: ref.ID, As: casework.Company,
			Detail: appealDetail{Text: text, CompanyCity: ref.City}, DueAt: due,
		})
		return err
	})
	return k, err
}

// WithdrawAppeal takes an objection back, by somebody who acts for the company.
// Faults: those of casework's Fire.
func (s *Service) WithdrawAppeal(ctx context.Context, ref casework.Ref, version int) (casework.Case, error) {
	return s.Cases.Fire(ctx, casework.Fire{City: ref.City, ID: ref.ID, Event: "withdraw", Version: version, As: casework.Company})
}

// appealDetail is what stands in the history of an objection.
type appealDetail struct {
	Text        string `json:"text"`
	CompanyCity string `json:"company_city"`
}

// AppealView is an objection with its text and whose it is.
type AppealView struct {
	casework.Case
	Text    string
	Company company.Ref
	Events  []casework.Event
}

// GetAppeal gives an objection of the scope. Faults: those of casework's Get.
func (s *Service) GetAppeal(ctx context.Context, ref casework.Ref) (AppealView, error) {
	k, err := s.Cases.Get(ctx, ref)
	if err == nil && k.Kind != FlowAppeal {
		err = casework.ErrNotFound
	}
	if err != nil {
		return AppealView{}, err
	}
	v := AppealView{Case: k}
	if v.Events, err = s.Cases.History(ctx, ref); err != nil {
		return v, err
	}
	var d appealDetail
	if len(v.Events) > 0 {
		_ = json.Unmarshal(v.Events[0].Detail, &d) // written by Appeal
	}
	v.Text, v.Company = d.Text, company.Ref{City: d.CompanyCity, ID: k.CompanyID}
	return v, nil
}

// AnswerAppeal upholds or declines an objection, with a reason that the company
// reads. What follows from it (another class, an amount) is done at the payer's
// record. Faults: those of casework's Fire.
func (s *Service) AnswerAppeal(ctx context.Context, ref casework.Ref, uphold bool, reason string, version int) (casework.Case, error) {
	event := "decline"
	if uphold {
		event = "uphold"
	}
	return s.Cases.Fire(ctx, casework.Fire{City: ref.City, ID: ref.ID, Event: event, Version: version, As: casework.Desk, Reason: reason})
}

func (s *Service) appealsOf(house context.Context, ref company.Ref) ([]casework.Case, error) {
	refs, err := s.store.appealRefs(house, ref)
	if err != nil || len(refs) == 0 {
		return nil, err
	}
	named, err := s.Cases.Named(house, refs)
	out := make([]casework.Case, 0, len(refs))
	for _, r := range refs {
		if k, ok := named[r]; ok {
			out = append(out, k)
		}
	}
	return out, err
}

func (s store) appealRefs(ctx context.Context, ref company.Ref) ([]casework.Ref, error) {
	var out []casework.Ref
	err := s.db.Reader(ctx).NewRaw("SELECT city_code AS city, id FROM cases WHERE kind = ? AND company_id = ? ORDER BY opened_at DESC, id DESC LIMIT 20", FlowAppeal, ref.ID).Scan(ctx, &out)
	return out, db.Fault(err)
}

// ownMonths gives what was collected of a company for each month, the latest first.
func (s store) ownMonths(ctx context.Context, ref company.Ref) ([]OwnMonth, error) {
	var rows []struct {
		Item        Item
		Month       clock.Day
		PaidFen     money.Fen
		CountedFen  money.Fen
		UpFen       money.Fen
		RetainedFen money.Fen
		Signed      bool
		State       string
	}
	err := s.db.Reader(ctx).NewRaw(`SELECT l.item, l.month, sum(l.paid_fen) AS paid_fen, sum(l.counted_fen) AS counted_fen,
			sum(CASE WHEN l.refunded THEN l.national_fen + l.province_fen + l.city_fen + l.county_fen ELSE 0 END) AS up_fen, sum(l.retained_fen) AS retained_fen,
			min(CASE WHEN f.state = 'signed' THEN 1 ELSE 0 END) = 1 AS signed, coalesce(max(c.state), '') AS state
		FROM dues_lines AS l JOIN dues_files AS f ON f.city_code = l.city_code AND f.id = l.file_id
		LEFT JOIN dues_claims AS c ON c.city_code = l.city_code AND c.id = l.claim_id
		WHERE l.company_city = ? AND l.company_id = ? AND l.supplements = ''
		GROUP BY l.item, l.month ORDER BY l.month DESC, l.item LIMIT 60`, ref.City, ref.ID).Scan(ctx, &rows)
	out := make([]OwnMonth, len(rows))
	for i, r := range rows {
		m := OwnMonth{Item: r.Item, Month: r.Month, Paid: r.PaidFen, Counted: r.CountedFen, Refund: r.UpFen, Retained: r.RetainedFen, Signed: r.Signed, State: ClaimState(r.State)}
		if r.Item == Preparation {
			m.Refund += r.RetainedFen
		}
		out[i] = m
	}
	return out, db.Fault(err)
}

func (s store) claimsOfCompany(ctx context.Context, ref company.Ref) ([]Claim, error) {
	var rows []claimRow
	err := s.db.Reader(ctx).NewSelect().Model(&rows).Where("c.company_city = ? AND c.company_id = ? AND c.state <> ?", ref.City, ref.ID, ClaimStruck).
		OrderExpr("c.updated_at DESC").Limit(page.MaxLimit).Scan(ctx)
	out := make([]Claim, len(rows))
	for i, r := range rows {
		out[i] = r.model()
	}
	return out, db.Fault(err)
}
