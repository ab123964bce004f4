package dues

import (
	"context"

	"gonghui/internal/core/access"
	"gonghui/internal/kit/page"
)

// ListedFile is a file in a list, with how many of its breaks are open and how many
// corrections wait for an answer.
type ListedFile struct {
	File
	Open  int64
	Asked int64
}

// DeskFiles is ListFiles with what is open of each file.
func (s *Service) DeskFiles(ctx context.Context, r page.Request) (page.Page[ListedFile], error) {
	p, err := s.ListFiles(ctx, r)
	if err != nil {
		return page.Page[ListedFile]{}, err
	}
	open, err := s.store.openOf(ctx, "dues_breaks", p.Items)
	if err != nil {
		return page.Page[ListedFile]{}, err
	}
	asked, err := s.store.openOf(ctx, "dues_corrections", p.Items)
	return page.Map(p, func(f File) ListedFile { return ListedFile{f, open[f.ID], asked[f.ID]} }), err
}

// FileView is what is to be known of a file by who works on it.
type FileView struct {
	File
	Standing    Standing
	Ages        []BreakAge   // of its open breaks
	Others      []File       // of the same unit and months, the latest first
	Corrections []Correction // the latest
}

// Open is how many breaks are open.
func (v FileView) Open() (n int64) {
	for _, a := range v.Ages {
		n += a.All()
	}
	return n
}

// correctionsShown is how many corrections stand on the page of a file.
const correctionsShown = 50

// ViewFile gives a file with what stands of it. The tax office is not told what
// arrived. Faults: access.denied, not_found dues.no_file.
func (s *Service) ViewFile(ctx context.Context, city, fileID string) (v FileView, err error) {
	if v.File, err = s.GetFile(ctx, city, fileID); err != nil {
		return v, err
	}
	if v.Standing, err = s.store.standingSums(ctx, v.File); err != nil {
		return v, err
	}
	if !access.Can(ctx, access.DuesCollect, v.OrgPath) {
		v.Standing.Arrived = 0
	}
	if v.Ages, err = s.BreakAges(ctx, BreakFilter{FileID: v.ID}); err != nil {
		return v, err
	}
	if v.Others, err = s.store.submissions(ctx, v.File); err != nil {
		return v, err
	}
	list, err := s.ListCorrections(ctx, v.ID, "", page.Request{Limit: correctionsShown})
	v.Corrections = list.Items
	return v, err
}
