package dues

import (
	"cmp"
	"context"
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"

	"gonghui/internal/core/access"
	"gonghui/internal/core/rules"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/pain"
)

// endToEnd is how a payment is called at the bank: 35 characters at most, so its id
// goes without hyphens.
func endToEnd(paymentID string) string { return strings.ReplaceAll(paymentID, "-", "") }

// paymentID undoes endToEnd; what was none of ours stays what it is.
func paymentID(text string) string {
	if len(text) != 32 {
		return text
	}
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

// BankAccount is the account that an order is paid from.
type BankAccount struct {
	Name, Number, Bank string
}

// order gives an approved order as it goes to the bank, accounts in the clear: the
// same order every time. Faults: those of GetBatch; conflict dues.not_approved;
// invalid pain.order.
func (s *Service) order(ctx context.Context, city, batchID string, from BankAccount) (Batch, pain.Order, error) {
	b, err := s.store.batch(access.System(ctx, "dues.bank_file"), city, batchID)
	if err != nil {
		return b, pain.Order{}, err
	}
	if err := access.Require(ctx, access.DuesRefund, b.OrgPath); err != nil {
		return b, pain.Order{}, errNoBatch()
	}
	switch b.State {
	case BatchApproved, BatchSent, BatchDone:
	default:
		return b, pain.Order{}, fault.New(fault.Conflict, "dues.not_approved")
	}
	rows, err := s.store.paymentRows(ctx, b, "", "", 0)
	if err != nil {
		return b, pain.Order{}, err
	}
	o := pain.Order{
		MessageID: b.MessageID, CreatedAt: b.CreatedAt, ExecuteOn: b.ExecuteOn, From: pain.Party{Name: from.Name, Account: from.Number, Bank: from.Bank},
		Payments: make([]pain.Payment, len(rows)),
	}
	remark := i18n.T(i18n.ZH, "dues.remark")
	for i, p := range rows {
		account, err := s.Vault.Open(paymentPlace(p.CityCode, p.ID), p.AccountEnc)
		if err != nil {
			return b, o, err
		}
		o.Payments[i] = pain.Payment{
			EndToEndID: endToEnd(p.ID), Amount: p.AmountFen, Remark: remark,
			To: pain.Party{Name: p.Name, Account: string(account), Bank: p.AccountBank, BankAs: p.AccountBankAs},
		}
	}
	return b, o, nil
}

// WriteOrder writes the file of an approved order as ISO 20022 pain.001. Writing it
// again gives the same file; each time is in the log. Faults: those of GetBatch;
// conflict dues.not_approved; invalid pain.order.
func (s *Service) WriteOrder(ctx context.Context, city, batchID string, from BankAccount, w io.Writer) error {
	b, o, err := s.order(ctx, city, batchID, from)
	if err != nil {
		return err
	}
	if err := s.recordBatch(ctx, b, "dues.batch_written", map[string]string{"format": "pain.001"}); err != nil {
		return err
	}
	return pain.Write(w, o)
}

// Banks lists the banks whose own file is known for a place, in order.
func (s *Service) Banks(ctx context.Context, division string) ([]string, error) {
	t, err := s.bankTable(ctx, division)
	if err != nil {
		return nil, err
	}
	var out []string
	for i := range t.Len() {
		if b := t.Row(i).Text("bank"); !slices.Contains(out, b) {
			out = append(out, b)
		}
	}
	return out, nil
}

func (s *Service) bankTable(ctx context.Context, division string) (*rules.Table, error) {
	book, err := s.Rules.Book(ctx)
	if err != nil {
		return nil, err
	}
	return book.Table(keyBankFields, division, clock.Today(s.Clock))
}

// WriteBankCSV writes the file of an approved order the way a bank wants it: the
// columns are a parameter. Cells that a spreadsheet would take for a formula are
// refused by the bank, not changed here. Faults: those of WriteOrder; not_found
// dues.no_bank_format.
func (s *Service) WriteBankCSV(ctx context.Context, city, batchID, bank string, from BankAccount, w io.Writer) error {
	b, o, err := s.order(ctx, city, batchID, from)
	if err != nil {
		return err
	}
	unit, ok := s.Org.ByPath(b.OrgPath)
	if !ok {
		return errNoBatch()
	}
	t, err := s.bankTable(ctx, unit.DivisionCode)
	if err != nil {
		return err
	}
	var columns []rules.Row
	for i := range t.Len() {
		if r := t.Row(i); r.Text("bank") == bank {
			columns = append(columns, r)
		}
	}
	if len(columns) == 0 {
		return fault.New(fault.NotFound, "dues.no_bank_format", fault.With("Bank", bank))
	}
	slices.SortFunc(columns, func(a, b rules.Row) int { return cmp.Compare(a.Int("position"), b.Int("position")) })
	if err := s.recordBatch(ctx, b, "dues.batch_written", map[string]string{"format": bank}); err != nil {
		return err
	}
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	c := csv.NewWriter(w)
	c.UseCRLF = true
	cells := make([]string, len(columns))
	for i, r := range columns {
		cells[i] = r.Text("heading")
	}
	if err := c.Write(cells); err != nil {
		return err
	}
	for n, p := range o.Payments {
		for i, r := range columns {
			cells[i] = bankCell(r.Text("field"), n+1, p)
		}
		if err := c.Write(cells); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

func bankCell(field string, n int, p pain.Payment) string {
	switch field {
	case "number":
		return strconv.Itoa(n)
	case "id":
		return p.EndToEndID
	case "name":
		return p.To.Name
	case "account":
		return p.To.Account
	case "bank":
		return p.To.Bank
	case "bank_name":
		return p.To.BankAs
	case "yuan":
		return p.Amount.Yuan()
	case "fen":
		return strconv.FormatInt(int64(p.Amount), 10)
	case "remark":
		return p.Remark
	}
	return ""
}
