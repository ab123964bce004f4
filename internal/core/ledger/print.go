package ledger

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"

	"github.com/uptrace/bun"
	"github.com/xuri/excelize/v2"

	"gonghui/internal/core/document"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/money"
)

// maxPrinted is how many lines a statement on paper may have: about 500 sheets.
// The spreadsheet has no such limit below that of the format.
const maxPrinted = 20_000

// stream reads a whole statement in one moment: its head, then line after line.
func (s *Service) stream(ctx context.Context, q StatementRequest, head func(Statement) error, line func(StatementLine) error) error {
	return s.moment(ctx, func(r bun.IDB) error {
		st, err := s.statement(ctx, r, q)
		if err != nil {
			return err
		}
		if err := head(st); err != nil {
			return err
		}
		at, balance := lineAt{}, st.Opening
		for {
			lines, err := s.store.statementLines(ctx, r, st, at, balance, readBatch)
			if err != nil {
				return err
			}
			for _, l := range lines {
				if err := line(l); err != nil {
					return err
				}
			}
			if len(lines) < readBatch {
				return nil
			}
			last := lines[len(lines)-1]
			at, balance = lineAt{last.BookedOn.String(), last.Seq, last.No}, last.Balance
		}
	})
}

// pairs is the head of a statement in words, as printed above the table.
func (s *Service) pairs(lang i18n.Lang, st Statement) [][2]string {
	t := func(key string, params ...any) string { return i18n.T(lang, "ledger.statement."+key, params...) }
	known := t("now")
	if st.KnownOn != 0 {
		known = st.KnownOn.String()
	}
	out := [][2]string{
		{t("unit"), s.unitName(lang, st.Owner.UnitID)},
		{t("account"), accountName(lang, st.Owner)},
		{t("fund"), st.Owner.Fund},
	}
	if st.Owner.Party != "" {
		out = append(out, [2]string{t("party"), st.Owner.Party})
	}
	return append(out,
		[2]string{t("days"), t("days_value", "From", st.From.String(), "To", st.To.String())},
		[2]string{t("known"), known},
		[2]string{t("made_at"), st.MadeAt.In(clock.Shanghai).Format("2006-01-02 15:04")},
		[2]string{t("chain"), t("chain_value", "Day", st.Chain.Day.String(), "Seq", st.Chain.Seq, "Hash", hex.EncodeToString(st.Chain.Hash))},
	)
}

func (s *Service) unitName(lang i18n.Lang, unitID string) string {
	u, ok := s.org.ByID(unitID)
	if !ok {
		return unitID
	}
	return u.NameIn(string(lang))
}

func accountName(lang i18n.Lang, a Account) string {
	text := i18n.T(lang, a.TextKey())
	if a.Name != "" {
		text += " " + a.Name
	}
	return text
}

// Text gives a memo in a language.
func (m Memo) Text(lang i18n.Lang) string {
	if m.Key == "" {
		return ""
	}
	params := make(map[string]any, len(m.Params))
	for k, v := range m.Params {
		params[k] = v
	}
	return i18n.T(lang, m.Key, params)
}

func columns(lang i18n.Lang) []string {
	out := make([]string, 0, 6)
	for _, c := range []string{"booked_on", "voucher", "memo", "debit", "credit", "balance"} {
		out = append(out, i18n.T(lang, "ledger.statement."+c))
	}
	return out
}

// sides puts an amount into the debit or the credit column.
func sides(l StatementLine) (debit, credit money.Fen) {
	if l.Side == Debit {
		return l.Fen, 0
	}
	return 0, l.Fen
}

// StatementPDF prints a statement: opening balance, lines, closing balance, and
// the hash that proves it later. Faults: those of Statement; invalid
// ledger.too_long.
func (s *Service) StatementPDF(ctx context.Context, q StatementRequest, w io.Writer) error {
	lang := i18n.From(ctx)
	t := func(key string, params ...any) string { return i18n.T(lang, "ledger.statement."+key, params...) }
	var p *document.Paper
	var st Statement
	err := s.stream(ctx, q, func(head Statement) error {
		if st = head; st.Lines > maxPrinted {
			return fault.New(fault.Invalid, "ledger.too_long", fault.With("Max", maxPrinted))
		}
		p = document.NewPaper(i18n.T(lang, "ledger.statement"), st.MadeAt, func(n int) string { return t("page", "Page", n) })
		for _, x := range s.pairs(lang, st) {
			p.Pair(x[0], x[1])
		}
		heads, shares := columns(lang), []float64{1.25, 1.1, 3.2, 1.7, 1.7, 1.8}
		table := make([]document.Column, len(heads))
		for i, h := range heads {
			table[i] = document.Column{Title: h, Share: shares[i], Right: i > 2}
		}
		p.Table(table...)
		p.Row(st.From.String(), "", t("opening"), "", "", st.Opening.Yuan())
		return nil
	}, func(l StatementLine) error {
		debit, credit := sides(l)
		p.Row(l.BookedOn.String(), strconv.FormatInt(l.Seq, 10), l.Memo.Text(lang), yuan(debit), yuan(credit), l.Balance.Yuan())
		return nil
	})
	if err != nil {
		return err
	}
	p.Row("", "", t("total"), st.Debit.Yuan(), st.Credit.Yuan(), "")
	p.Row(st.To.String(), "", t("closing"), "", "", st.Closing.Yuan())
	p.EndTable()
	if st.Lines == 0 {
		p.Text(t("empty"))
	}
	return p.Write(w)
}

func yuan(f money.Fen) string {
	if f == 0 {
		return ""
	}
	return f.Yuan()
}

// StatementXLSX writes a statement as a workbook, line by line. Amounts are
// numbers where a spreadsheet holds them exactly.
func (s *Service) StatementXLSX(ctx context.Context, q StatementRequest, w io.Writer) (err error) {
	lang := i18n.From(ctx)
	t := func(key string) string { return i18n.T(lang, "ledger.statement."+key) }
	f := excelize.NewFile()
	defer func() {
		if closing := f.Close(); err == nil {
			err = closing
		}
	}()
	sheet := i18n.T(lang, "ledger.statement")
	if err := f.SetSheetName("Sheet1", sheet); err != nil {
		return err
	}
	format := "#,##0.00"
	amount, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
	if err != nil {
		return err
	}
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	sw, err := f.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	for i, width := range []float64{22, 12, 48, 18, 18, 20} {
		if err := sw.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	row := 0
	put := func(cells ...any) error {
		row++
		return sw.SetRow("A"+strconv.Itoa(row), cells)
	}
	number := func(n money.Fen) any { return numberCell(n, amount) }
	var st Statement
	err = s.stream(ctx, q, func(head Statement) error {
		st = head
		if err := put(excelize.Cell{StyleID: bold, Value: sheet}); err != nil {
			return err
		}
		for _, x := range s.pairs(lang, st) {
			if err := put(x[0], x[1]); err != nil {
				return err
			}
		}
		heads := make([]any, 0, 6)
		for _, h := range columns(lang) {
			heads = append(heads, excelize.Cell{StyleID: bold, Value: h})
		}
		if err := put(heads...); err != nil {
			return err
		}
		return put(st.From.String(), nil, t("opening"), nil, nil, number(st.Opening))
	}, func(l StatementLine) error {
		debit, credit := sides(l)
		return put(l.BookedOn.String(), l.Seq, l.Memo.Text(lang), orNothing(debit, amount), orNothing(credit, amount), number(l.Balance))
	})
	if err != nil {
		return err
	}
	if err := put(nil, nil, t("total"), number(st.Debit), number(st.Credit), nil); err != nil {
		return err
	}
	if err := put(st.To.String(), nil, t("closing"), nil, nil, number(st.Closing)); err != nil {
		return err
	}
	if err := sw.Flush(); err != nil {
		return fmt.Errorf("write statement: %w", err)
	}
	return f.Write(w)
}

// exactFen is the largest amount that a spreadsheet's number of 15 digits holds
// to the fen; larger ones are written as text.
const exactFen = 1e15 - 1

func numberCell(n money.Fen, style int) excelize.Cell {
	if n > exactFen || n < -exactFen {
		return excelize.Cell{Value: n.Yuan()}
	}
	return excelize.Cell{StyleID: style, Value: float64(n) / 100} // for the file only, never to calculate with
}

func orNothing(n money.Fen, style int) any {
	if n == 0 {
		return nil
	}
	return numberCell(n, style)
}
