package dues

import (
	"context"
	"errors"
	"io"

	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/exchange"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/money"
)

// ReceiptsReport counts what became of the rows of a bank statement. Entered, Known
// and Failed add up to Rows.
type ReceiptsReport struct {
	Rows    int64 `json:"rows"`
	Entered int64 `json:"entered"`
	Known   int64 `json:"known"`  // entered before
	Failed  int64 `json:"failed"` // rows that are no entries
}

// Receipts enters what reached the union's account, and compares it with the
// lines of a file (两头对账): the three lists of differences become breaks, those
// that have been settled by it are cleared. What arrives for a file that is signed
// becomes a line of its own beside the one it is for. Entering the same bank entry
// again changes nothing. Faults: access.denied, not_found dues.no_file, conflict
// casework.moved_on (the file is still being taken in).
func (s *Service) Receipts(ctx context.Context, city, fileID string, list []BankEntry) (FileReport, error) {
	var f File
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.enter(ctx, city, fileID, list); err != nil {
			return err
		}
		var err error
		f, err = s.compared(ctx, city, fileID)
		return err
	})
	return f.Report, err
}

// TakeReceipts is Receipts for a bank statement as a file. Its entries are entered
// in chunks of one transaction each and compared at its end: what a crash
// interrupted is sent again. The report is also given where a fault ends the work.
// Faults: those of Receipts and of reading; faults of single rows are in the report.
func (s *Service) TakeReceipts(ctx context.Context, city, fileID string, r io.ReaderAt, size int64, o FileOptions) (report ReceiptsReport, err error) {
	if _, err := s.receivable(ctx, city, fileID); err != nil {
		return report, err
	}
	t, err := exchange.OpenReader(r, size, o.Name, exchange.DefaultLimits())
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	x, err := OpenStatement(t, o.Map)
	if err != nil {
		return report, err
	}
	bad, err := o.errorFile(t.Header())
	if err != nil {
		return report, err
	}
	var chunk []BankEntry
	flush := func() error {
		fresh, err := s.enter(ctx, city, fileID, chunk)
		if err != nil {
			return err
		}
		report.Entered += fresh
		report.Known += int64(len(chunk)) - fresh
		chunk = chunk[:0]
		if o.Progress != nil {
			o.Progress(FileReport{Rows: report.Rows, Lines: report.Entered, Repeated: report.Known, Failed: report.Failed})
		}
		return nil
	}
	for {
		e, row, problems, err := x.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return report, err
		}
		if report.Rows++; len(problems) > 0 {
			report.Failed++
			if err := bad.add(row, problems); err != nil {
				return report, err
			}
			continue
		}
		chunk = append(chunk, e)
		if len(chunk) == fileChunk {
			if err := flush(); err != nil {
				return report, err
			}
		}
	}
	if err := flush(); err != nil {
		return report, err
	}
	if err := bad.close(); err != nil {
		return report, err
	}
	_, err = s.compared(ctx, city, fileID)
	return report, err
}

// receivable gives a file that still takes receipts.
func (s *Service) receivable(ctx context.Context, city, fileID string) (File, error) {
	f, err := s.GetFile(ctx, city, fileID)
	if err != nil {
		return f, err
	}
	if err := access.Require(ctx, access.DuesCollect, f.OrgPath); err != nil {
		return f, err
	}
	if f.State == FileRunning {
		return f, casework.ErrMovedOn
	}
	return f, nil
}

// enter writes bank entries and gives how many were new.
func (s *Service) enter(ctx context.Context, city, fileID string, list []BankEntry) (fresh int64, err error) {
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		f, err := s.receivable(ctx, city, fileID)
		if err != nil {
			return err
		}
		fresh, err = s.store.insertReceipts(ctx, f, list)
		return err
	})
	return fresh, err
}

// compared holds the lines of a file against what has arrived, and writes that down.
// What came after both sides had signed is booked at once.
func (s *Service) compared(ctx context.Context, city, fileID string) (f File, err error) {
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		if f, err = s.receivable(ctx, city, fileID); err != nil {
			return err
		}
		if err := s.compare(ctx, &f); err != nil {
			return err
		}
		if f.State == FileSigned {
			if err := s.supplement(ctx, f); err != nil {
				return err
			}
		}
		if err := s.store.moveFile(ctx, &f, f.State); err != nil {
			return err
		}
		return s.record(ctx, f, "dues.receipts")
	})
	return f, err
}

// compare holds the lines of a file against what has arrived: it keeps the breaks
// up to date, and what is counted of lines that not both sides have signed.
func (s *Service) compare(ctx context.Context, f *File) error {
	by, err := s.measureAt(ctx, *f)
	if err != nil {
		return err
	}
	if err := s.store.arrive(ctx, *f); err != nil {
		return err
	}
	lines, err := s.store.unequalLines(ctx, *f)
	if err != nil {
		return err
	}
	repeats, err := s.store.repeatedMoney(ctx, *f)
	if err != nil {
		return err
	}
	var breaks []Break
	ids := make(map[string]string, len(lines))
	for _, l := range lines {
		b := Break{Row: l.FileRow, CreditCode: l.CreditCode, Voucher: voucherOf(l.Voucher), Month: l.Month}
		var came money.Fen
		switch {
		case l.ArrivedFen == nil:
			b.Kind, b.Difference = TaxOnly, l.PaidFen
		default:
			if came = *l.ArrivedFen; apart(l.PaidFen, came-repeats[b.Voucher]) > by.Tolerance && apart(l.PaidFen, came) > by.Tolerance {
				b.Kind, b.Difference = AmountDiffers, l.PaidFen-came
			}
		}
		if b.Kind != "" {
			breaks, ids[b.Voucher] = append(breaks, b), l.ID
		}
		if want := max(0, min(l.PaidFen, came)); f.State != FileSigned && want != l.CountedFen {
			x, err := by.share(l.CompanyID, l.Item, l.Month, want)
			if err != nil {
				return err
			}
			if err := s.store.recount(ctx, f.CityCode, l.ID, x); err != nil {
				return err
			}
		}
	}
	strays, err := s.store.strayReceipts(ctx, *f)
	if err != nil {
		return err
	}
	for _, x := range strays {
		breaks = append(breaks, Break{Kind: UnionOnly, Voucher: x.Voucher, Difference: -x.Amount})
	}
	today := clock.Today(s.Clock)
	opened, err := s.store.replaceDifferences(ctx, *f, breaks, ids, today, by.due(today), s.Clock.Now())
	f.Report.Breaks += int64(opened)
	return err
}
