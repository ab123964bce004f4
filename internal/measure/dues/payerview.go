package dues

import (
	"context"

	"gonghui/internal/core/access"
	"gonghui/internal/core/company"
)

// PayerView is a payer with all that decides about it.
type PayerView struct {
	Payer
	Evidence   []Evidence
	Formers    []company.Former
	AbsorbedBy company.Public // where its code was taken over
	Absorbed   bool
	May        bool // change it
}

// ViewPayer gives a payer of the scope with what the lists say of it and what is
// past of the company. Faults: access.denied, not_found dues.no_payer.
func (s *Service) ViewPayer(ctx context.Context, ref company.Ref) (v PayerView, err error) {
	if v.Payer, err = s.GetPayer(ctx, ref); err != nil {
		return v, err
	}
	v.May = access.Can(ctx, access.DuesCollect, v.OrgPath)
	if v.Evidence, err = s.Evidence(ctx, ref); err != nil {
		return v, err
	}
	// The company may be another union's, as long as nobody knows its place; the
	// payer's record says that it is this one's.
	all := access.System(ctx, "dues.view_payer")
	if v.Formers, err = s.Companies.Formers(all, ref); err != nil {
		return v, err
	}
	v.AbsorbedBy, v.Absorbed, err = s.Companies.AbsorbedBy(all, ref)
	return v, err
}

// RenamePayer gives a payer's company another name and keeps the old one. Faults:
// access.denied, not_found dues.no_payer, and those of company.Rename.
func (s *Service) RenamePayer(ctx context.Context, ref company.Ref, in company.Renaming) error {
	return s.past(ctx, ref, func(ctx context.Context) error {
		_, err := s.Companies.Rename(ctx, ref, in)
		return err
	})
}

// AddFormerName records what a payer's company was called before. Faults:
// access.denied, not_found dues.no_payer, and those of company.AddFormerName.
func (s *Service) AddFormerName(ctx context.Context, ref company.Ref, in company.PastName) error {
	return s.past(ctx, ref, func(ctx context.Context) error {
		_, err := s.Companies.AddFormerName(ctx, ref, in)
		return err
	})
}

// MergePayer records that a payer's company has absorbed another. Faults:
// access.denied, not_found dues.no_payer, and those of company.Merge.
func (s *Service) MergePayer(ctx context.Context, ref company.Ref, in company.Merging) error {
	return s.past(ctx, ref, func(ctx context.Context) error {
		_, err := s.Companies.Merge(ctx, ref, in)
		return err
	})
}

// past changes a company that the actor collects from, and brings its payer up to
// date.
func (s *Service) past(ctx context.Context, ref company.Ref, change func(context.Context) error) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		p, err := s.GetPayer(ctx, ref)
		if err != nil {
			return err
		}
		if err := access.Require(ctx, access.DuesCollect, p.OrgPath); err != nil {
			return err
		}
		scoped, err := access.For(ctx, access.DuesCollect)
		if err != nil {
			return err
		}
		if err := change(scoped); err != nil {
			return err
		}
		return s.EnsurePayers(ctx, []company.Ref{ref})
	})
}
