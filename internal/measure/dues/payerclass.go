package dues

import (
	"context"
	"slices"

	"gonghui/internal/core/company"
	"gonghui/internal/kit/clock"
)

// Evidence gives what the lists say of a payer of the scope, what counts first, and
// the class that each gives. Faults: access.denied, not_found dues.no_payer.
func (s *Service) Evidence(ctx context.Context, ref company.Ref) ([]Evidence, error) {
	scoped, err := payersInScope(ctx)
	if err != nil {
		return nil, err
	}
	r, err := s.store.payer(scoped, ref)
	if err != nil {
		return nil, err
	}
	list, _, err := s.weighed(ctx, r)
	return list, err
}

// weighed gives the evidence of a payer and the verdict.
func (s *Service) weighed(ctx context.Context, r *payerRow) ([]Evidence, verdict, error) {
	var v verdict
	ref := company.Ref{City: r.CityCode, ID: r.CompanyID}
	refs := []company.Ref{ref}
	listings, err := s.store.listings(ctx, refs)
	if err != nil {
		return nil, v, err
	}
	latest, err := s.Companies.LatestFacts(ctx, refs, sourceNames()...)
	if err != nil {
		return nil, v, err
	}
	heads, err := s.Companies.Heads(ctx, refs)
	if err != nil {
		return nil, v, err
	}
	list, err := evidence(company.SizeRules(), ref, listings[ref], latest, heads[ref].IndustryCode)
	if err != nil {
		return nil, v, err
	}
	division := ""
	if u, ok := s.Org.ByPath(r.OrgPath); ok {
		division = u.DivisionCode
	}
	order, err := s.listOrderAt(ctx, division)
	if err != nil {
		return nil, v, err
	}
	v = weigh(list, order)
	return list, v, nil
}

// listOrderAt gives the order in which lists count at a place today.
func (s *Service) listOrderAt(ctx context.Context, division string) ([]Source, error) {
	book, err := s.Rules.Book(ctx)
	if err != nil {
		return nil, err
	}
	at := book.At(division, clock.Today(s.Clock))
	order := listOrder(at.Text(keyListOrder))
	return order, at.Err()
}

// Classify classifies a payer by hand, or has it follow the lists again. What
// somebody decided stays, whatever lists say later; what they say is shown beside.
// Faults: form.invalid (with fields), access.denied, not_found dues.no_payer,
// casework.moved_on.
func (s *Service) Classify(ctx context.Context, ref company.Ref, in ClassInput) (Payer, error) {
	w, err := wrongOf(&in)
	if err != nil {
		return Payer{}, err
	}
	if in.Class != "" && !slices.Contains(Classes(), in.Class) {
		w.add("class", "choice")
	}
	if err := w.fault(); err != nil {
		return Payer{}, err
	}
	return s.change(ctx, ref, in.Version, func(ctx context.Context, r *payerRow) (payerChange, error) {
		c := payerChange{
			action: actionClassified, told: map[string]any{"reason": in.Reason},
			columns: []string{"size_class", "size_industry", "size_by", "size_source", "size_year", "size_conflict", "size_note"},
		}
		if in.Class != "" {
			r.SizeClass, r.SizeBy, r.SizeSource, r.SizeNote = in.Class, ByHand, "", in.Reason
			c.told["class"] = "dues.class." + string(in.Class)
			return c, nil
		}
		_, v, err := s.weighed(ctx, r)
		if err != nil {
			return c, err
		}
		r.SizeBy, r.SizeNote = "", ""
		r.followClass(v)
		c.action = actionFollows
		return c, nil
	})
}
