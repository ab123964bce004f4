package dues

import (
	"context"
	"strings"

	"gonghui/internal/core/access"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/hanzi"
	"gonghui/internal/kit/money"
	"gonghui/internal/kit/page"
)

// FileLine is a line of a file as it stands in the ledger.
type FileLine struct {
	Line
	ID       string
	Arrived  *money.Fen // on the union's account; nil = not yet, or none of the viewer's business
	Corrects bool       // stands instead of another
	Reverses bool       // takes another back
	Late     bool       // books money that came after both sides had signed
	Live     bool       // stands: neither of these but the one that stands instead
}

// ListLines pages through the lines of a file in their order; text is a voucher, a
// credit code or a part of a name. The tax office is not told what arrived. Faults:
// access.denied, not_found dues.no_file, invalid casework.filter.
func (s *Service) ListLines(ctx context.Context, city, fileID, text string, r page.Request) (page.Page[FileLine], error) {
	f, err := s.GetFile(ctx, city, fileID)
	if err != nil {
		return page.Page[FileLine]{}, err
	}
	text = strings.TrimSpace(hanzi.Fold(text))
	if len([]rune(text)) > 50 || strings.ContainsRune(text, 0) {
		return page.Page[FileLine]{}, fault.New(fault.Invalid, "casework.filter", fault.OnField("q", "invalid"))
	}
	mine := access.Can(ctx, access.DuesCollect, f.OrgPath)
	p, err := s.store.lines(ctx, f, mine, text, r)
	if !mine {
		for i := range p.Items {
			p.Items[i].Arrived = nil
		}
	}
	return p, err
}

// Standing sums up the lines of a file with their corrections.
type Standing struct {
	Totals
	Arrived money.Fen // on the union's account; 0 for who may not know
}

// Difference is a voucher that two files do not say the same of; nil = not in it.
type Difference struct {
	Voucher string
	A, B    *Stand
}

// Differences pages through the vouchers that stand in one of two files only, or
// with another content, as both were sent: also lines that were refused because
// their voucher stood already. Faults: access.denied, not_found dues.no_file.
func (s *Service) Differences(ctx context.Context, city, fileA, fileB string, r page.Request) (page.Page[Difference], error) {
	a, err := s.GetFile(ctx, city, fileA)
	if err != nil {
		return page.Page[Difference]{}, err
	}
	b, err := s.GetFile(ctx, city, fileB)
	if err != nil {
		return page.Page[Difference]{}, err
	}
	return s.store.differences(ctx, a, b, r)
}
