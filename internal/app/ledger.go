package app

import (
	"context"
	"fmt"
	"io"

	"gonghui/internal/core/access"
	"gonghui/internal/core/ledger"
	"gonghui/internal/kit/clock"
)

// LedgerExport is `gonghui ledger export`.
type LedgerExport struct {
	City     string
	From, To string // days, may be empty
}

// ExportLedger writes the books as a journal of hledger.
func (a *App) ExportLedger(ctx context.Context, o LedgerExport, out io.Writer) error {
	x := ledger.Export{City: o.City}
	for _, d := range []struct {
		text string
		into *clock.Day
	}{{o.From, &x.From}, {o.To, &x.To}} {
		if d.text == "" {
			continue
		}
		day, err := clock.ParseDay(d.text)
		if err != nil {
			return fmt.Errorf("--from and --to: %w", err)
		}
		*d.into = day
	}
	return a.Ledger.ExportHledger(access.System(ctx, "command line: ledger export"), x, out)
}
