package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"gonghui/internal/core/access"
	"gonghui/internal/core/org"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/money"
	"gonghui/internal/measure/dues"
)

// DuesMatched is what `gonghui dues match` found.
type DuesMatched struct {
	Found int `json:"found"`
	Left  int `json:"left"`
}

// MatchDues looks again for the companies of a unit's lines.
func (a *App) MatchDues(ctx context.Context, unit string) (out DuesMatched, err error) {
	u, err := a.known(unit)
	if err != nil {
		return out, err
	}
	out.Found, out.Left, err = a.Dues.Rematch(access.System(ctx, "command line: dues match"), u.ID)
	return out, err
}

// DuesRefund is `gonghui dues refund`.
type DuesRefund struct {
	Unit, From, To, Kind string
}

// DuesList is one list that was made.
type DuesList struct {
	Number    string    `json:"number"`
	Unit      string    `json:"unit"` // that looks it through
	Companies int       `json:"companies"`
	Amount    money.Fen `json:"amount_fen"`
}

// RefundDues lists who gets what back of a unit's signed files.
func (a *App) RefundDues(ctx context.Context, in DuesRefund) ([]DuesList, error) {
	u, err := a.known(in.Unit)
	if err != nil {
		return nil, err
	}
	var p dues.Period
	if p.From, err = dues.ParseMonth(in.From); err != nil {
		return nil, fmt.Errorf("--from: %w", err)
	}
	if p.To, err = dues.ParseMonth(in.To); err != nil {
		return nil, fmt.Errorf("--to: %w", err)
	}
	lists, err := a.Dues.MakeLists(access.System(ctx, "command line: dues refund"), u.ID, dues.RefundKind(in.Kind), p)
	out := make([]DuesList, len(lists))
	for i, r := range lists {
		by, _ := a.Org.ByPath(r.ReviewPath)
		out[i] = DuesList{Number: r.Number, Unit: by.Name, Companies: r.Claims, Amount: r.Amount}
	}
	return out, err
}

// DuesExport is `gonghui dues export`.
type DuesExport struct {
	Batch  string // number of the order
	Format string // pain.001, or a bank
	From   dues.BankAccount
	Out    string // "" = to the stream
}

// ExportDues writes the file of an approved payment order. A file that is there is
// not overwritten.
func (a *App) ExportDues(ctx context.Context, in DuesExport, stream io.Writer) (err error) {
	ctx = access.System(ctx, "command line: dues export")
	b, err := a.Dues.FindBatch(ctx, in.Batch)
	if err != nil {
		return err
	}
	if in.Out != "" {
		f, err := os.OpenFile(in.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		stream = f
	}
	if in.Format == "pain.001" {
		return a.Dues.WriteOrder(ctx, b.CityCode, b.ID, in.From, stream)
	}
	return a.Dues.WriteBankCSV(ctx, b.CityCode, b.ID, in.Format, in.From, stream)
}

// known is unit with a fault for one that is not. Fault: not_found user.unit.
func (a *App) known(text string) (org.Unit, error) {
	u, ok := a.unit(text)
	if !ok {
		return org.Unit{}, fault.New(fault.NotFound, "user.unit", fault.With("Unit", text))
	}
	return u, nil
}
