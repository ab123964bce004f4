package dues

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/base/vault"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/org"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/money"
	"gonghui/internal/kit/page"
)

// paymentPlace is where the sealed account of a payment stands.
func paymentPlace(city, paymentID string) string {
	return vault.Place(city, "dues_payments", paymentID, "account")
}

type batchRow struct {
	bun.BaseModel `bun:"table:dues_batches,alias:b"`

	CityCode   string     `bun:"city_code,pk"`
	ID         string     `bun:"id,pk"`
	Number     string     `bun:"number"`
	OrgPath    string     `bun:"org_path"`
	MessageID  string     `bun:"message_id"`
	Bank       string     `bun:"bank"`
	State      BatchState `bun:"state"`
	Payments   int        `bun:"payments"`
	AmountFen  money.Fen  `bun:"amount_fen"`
	ExecuteOn  clock.Day  `bun:"execute_on"`
	HoldID     string     `bun:"hold_id"`
	CreatedBy  string     `bun:"created_by"`
	CreatedAt  time.Time  `bun:"created_at"`
	ApprovedBy string     `bun:"approved_by"`
	ApprovedAt time.Time  `bun:"approved_at,nullzero"`
	SentAt     time.Time  `bun:"sent_at,nullzero"`
	Version    int        `bun:"version"`
}

func (r batchRow) batch() Batch {
	return Batch{
		CityCode: r.CityCode, ID: r.ID, Number: r.Number, OrgPath: r.OrgPath, MessageID: r.MessageID, Bank: r.Bank, State: r.State, Payments: r.Payments,
		Amount: r.AmountFen, ExecuteOn: r.ExecuteOn, CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt, ApprovedBy: r.ApprovedBy, ApprovedAt: r.ApprovedAt,
		SentAt: r.SentAt, Version: r.Version, holdID: r.HoldID,
	}
}

func (s store) insertBatch(ctx context.Context, b Batch) error {
	_, err := s.db.Writer(ctx).NewInsert().Model(&batchRow{
		CityCode: b.CityCode, ID: b.ID, Number: b.Number, OrgPath: b.OrgPath, MessageID: b.MessageID, Bank: b.Bank, State: b.State, Payments: b.Payments,
		AmountFen: b.Amount, ExecuteOn: b.ExecuteOn, CreatedBy: b.CreatedBy, CreatedAt: b.CreatedAt, Version: b.Version,
	}).Returning("NULL").Exec(ctx)
	return db.Fault(err)
}

func (s store) batch(ctx context.Context, city, batchID string) (Batch, error) {
	var r batchRow
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(&r), db.Columns{Path: "b.org_path"})
	if err != nil {
		return Batch{}, err
	}
	err = q.Where("b.city_code = ? AND b.id = ?", city, batchID).Scan(ctx)
	return r.batch(), db.Found(err, errNoBatch())
}

// batchByMessage finds the order that a bank's answer names.
func (s store) batchByMessage(ctx context.Context, city, message string) (Batch, error) {
	var r batchRow
	err := s.db.Writer(ctx).NewSelect().Model(&r).Where("b.city_code = ? AND b.message_id = ?", city, message).Scan(ctx)
	return r.batch(), db.Found(err, errNoBatch())
}

func (s store) batches(ctx context.Context, req page.Request) (page.Page[Batch], error) {
	const list = "dues_batches"
	var rows []batchRow
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(&rows), db.Columns{Path: "b.org_path"})
	if err != nil {
		return page.Page[Batch]{}, err
	}
	var at time.Time
	var last string
	if more, err := req.After.Decode(list, &at, &last); err != nil {
		return page.Page[Batch]{}, err
	} else if more {
		q = q.Where("(b.created_at < ? OR (b.created_at = ? AND b.id < ?))", at, at, last)
	}
	if err := q.OrderExpr("b.created_at DESC, b.id DESC").Limit(int64(req.Size() + 1)).Scan(ctx); err != nil {
		return page.Page[Batch]{}, db.Fault(err)
	}
	cut := page.Cut(rows, req.Size(), func(r batchRow) page.Cursor { return page.Encode(list, r.CreatedAt, r.ID) })
	return page.Map(cut, batchRow.batch), nil
}

func (s store) moveBatch(ctx context.Context, b *Batch, from BatchState) error {
	var approved, sent any
	if !b.ApprovedAt.IsZero() {
		approved = b.ApprovedAt
	}
	if !b.SentAt.IsZero() {
		sent = b.SentAt
	}
	res, err := s.db.Writer(ctx).NewUpdate().Model((*batchRow)(nil)).
		Set("state = ?, approved_by = ?, approved_at = ?, sent_at = ?, hold_id = ?, version = version + 1", b.State, b.ApprovedBy, approved, sent, b.holdID).
		Where("city_code = ? AND id = ? AND state = ? AND version = ?", b.CityCode, b.ID, from, b.Version).Exec(ctx)
	if err := db.Affected(res, err, casework.ErrMovedOn); err != nil {
		return err
	}
	b.Version++
	return nil
}

// payee is a claim that can be paid, and where to.
type payee struct {
	ClaimID, CompanyCity, CompanyID, Name string
	AmountFen                             money.Fen
	AccountName                           string
	AccountEnc                            []byte
	AccountMask, AccountHash              string
	AccountBank, AccountBankAs            string
}

func (p payee) payment(b Batch) paymentRow {
	return paymentRow{
		CityCode: b.CityCode, ID: id.New(), OrgPath: b.OrgPath, BatchID: b.ID, ClaimID: p.ClaimID, Name: p.AccountName, AmountFen: p.AmountFen,
		AccountMask: p.AccountMask, AccountHash: p.AccountHash, AccountBank: p.AccountBank, AccountBankAs: p.AccountBankAs, State: PaymentReady, Version: 1,
	}
}

// payable gives the claims of a unit that wait to be paid: approved ones, and
// bounced ones whose payer has another account than the one that failed.
func (s store) payable(ctx context.Context, unit org.Unit) ([]payee, error) {
	var out []payee
	err := s.db.Writer(ctx).NewRaw(`SELECT c.id AS claim_id, c.company_city, c.company_id, c.name, c.amount_fen, p.account_name, p.account_enc, p.account_mask,
			p.account_hash, p.account_bank, p.account_bank_as
		FROM dues_claims AS c JOIN dues_payers AS p ON p.city_code = c.company_city AND p.company_id = c.company_id
		WHERE c.city_code = ? AND c.org_path = ? AND p.account_hash <> '' AND (c.state = 'approved' OR c.state = 'bounced'
			AND p.account_hash <> (SELECT y.account_hash FROM dues_payments AS y WHERE y.city_code = c.city_code AND y.id = c.payment_id))
		ORDER BY c.id`, unit.CityCode, unit.Path).Scan(ctx, &out)
	return out, db.Fault(err)
}

// keptWithAccount gives what is kept for unions that have an account now.
func (s store) keptWithAccount(ctx context.Context, unit org.Unit) ([]claimRow, error) {
	var rows []claimRow
	err := s.db.Writer(ctx).NewSelect().Model(&rows).Where("c.city_code = ? AND c.org_path = ? AND c.state = ?", unit.CityCode, unit.Path, ClaimKept).
		Where("EXISTS (SELECT 1 FROM dues_payers AS p WHERE p.city_code = c.company_city AND p.company_id = c.company_id AND p.account_hash <> '')").
		OrderExpr("c.id").Scan(ctx)
	return rows, db.Fault(err)
}

type paymentRow struct {
	bun.BaseModel `bun:"table:dues_payments,alias:y"`

	CityCode      string       `bun:"city_code,pk"`
	ID            string       `bun:"id,pk"`
	OrgPath       string       `bun:"org_path"`
	BatchID       string       `bun:"batch_id"`
	ClaimID       string       `bun:"claim_id"`
	Name          string       `bun:"name"`
	AmountFen     money.Fen    `bun:"amount_fen"`
	AccountEnc    []byte       `bun:"account_enc"`
	AccountMask   string       `bun:"account_mask"`
	AccountHash   string       `bun:"account_hash"`
	AccountBank   string       `bun:"account_bank"`
	AccountBankAs string       `bun:"account_bank_as"`
	State         PaymentState `bun:"state"`
	Reason        string       `bun:"reason"`
	Info          string       `bun:"info"`
	Reference     string       `bun:"reference"`
	AnsweredAt    time.Time    `bun:"answered_at,nullzero"`
	Version       int          `bun:"version"`
}

func (r paymentRow) payment() Payment {
	bank := r.AccountBankAs
	if bank == "" {
		bank = r.AccountBank
	}
	return Payment{
		CityCode: r.CityCode, ID: r.ID, BatchID: r.BatchID, ClaimID: r.ClaimID, Name: r.Name, Amount: r.AmountFen, AccountMask: r.AccountMask, Bank: bank,
		State: r.State, Reason: r.Reason, Info: r.Info, Reference: r.Reference, AnsweredAt: r.AnsweredAt, Version: r.Version,
	}
}

var paymentColumns = []string{
	"city_code", "id", "org_path", "batch_id", "claim_id", "name", "amount_fen", "account_enc", "account_mask", "account_hash", "account_bank",
	"account_bank_as", "state",
}

func (s store) insertPayments(ctx context.Context, list []paymentRow) error {
	rows := make([][]any, len(list))
	for i, p := range list {
		rows[i] = []any{
			p.CityCode, p.ID, p.OrgPath, p.BatchID, p.ClaimID, p.Name, int64(p.AmountFen), p.AccountEnc, p.AccountMask, p.AccountHash, p.AccountBank,
			p.AccountBankAs, string(p.State),
		}
	}
	_, err := s.db.InsertNew(ctx, "dues_payments", paymentColumns, "city_code, id", rows)
	if db.Unique(err, "dues_payments", "claim") {
		return casework.ErrMovedOn // two orders at once
	}
	return db.Fault(err)
}

// orderClaims moves the claims of an order's payments, and counts them.
func (s store) orderClaims(ctx context.Context, b Batch, now time.Time) (int64, error) {
	res, err := s.db.Writer(ctx).NewRaw(`UPDATE dues_claims AS c SET state = 'ordered', reason = '', payment_id = y.id, version = c.version + 1, updated_at = ?
		FROM dues_payments AS y WHERE y.city_code = ? AND y.batch_id = ? AND c.city_code = y.city_code AND c.id = y.claim_id AND c.state IN ('approved', 'bounced')`,
		now, b.CityCode, b.ID).Exec(ctx)
	if err != nil {
		return 0, db.Fault(err)
	}
	n, err := res.RowsAffected()
	return n, db.Fault(err)
}

// dropPayments ends the payments of an order that is not sent; their claims wait again.
func (s store) dropPayments(ctx context.Context, b Batch, now time.Time) error {
	_, err := s.db.Writer(ctx).NewRaw(`UPDATE dues_claims AS c SET state = 'approved', version = version + 1, updated_at = ?
		WHERE c.city_code = ? AND c.state = 'ordered' AND c.id IN (SELECT y.claim_id FROM dues_payments AS y WHERE y.city_code = ? AND y.batch_id = ?)`,
		now, b.CityCode, b.CityCode, b.ID).Exec(ctx)
	if err != nil {
		return db.Fault(err)
	}
	_, err = s.db.Writer(ctx).NewUpdate().Model((*paymentRow)(nil)).Set("state = ?, version = version + 1", PaymentDropped).
		Where("city_code = ? AND batch_id = ?", b.CityCode, b.ID).Exec(ctx)
	return db.Fault(err)
}

func (s store) payments(ctx context.Context, b Batch, state PaymentState, req page.Request) (page.Page[Payment], error) {
	const list = "dues_payments"
	var last string
	more, err := req.After.Decode(list, &last)
	if err != nil {
		return page.Page[Payment]{}, err
	}
	if !more {
		last = ""
	}
	rows, err := s.paymentRows(ctx, b, state, last, req.Size()+1)
	if err != nil {
		return page.Page[Payment]{}, err
	}
	cut := page.Cut(rows, req.Size(), func(r paymentRow) page.Cursor { return page.Encode(list, r.ID) })
	return page.Map(cut, paymentRow.payment), nil
}

// paymentRows gives payments of an order after an id; limit 0 = all of them.
func (s store) paymentRows(ctx context.Context, b Batch, state PaymentState, after string, limit int) ([]paymentRow, error) {
	var rows []paymentRow
	q := s.db.Reader(ctx).NewSelect().Model(&rows).Where("y.city_code = ? AND y.batch_id = ? AND y.id > ?", b.CityCode, b.ID, after)
	if state != "" {
		q = q.Where("y.state = ?", state)
	}
	if limit > 0 {
		q = q.Limit(int64(limit))
	}
	err := q.OrderExpr("y.id").Scan(ctx)
	return rows, db.Fault(err)
}

// paymentsByID gives the payments of an order that an answer names.
func (s store) paymentsByID(ctx context.Context, b Batch, ids []string) (map[string]paymentRow, error) {
	out := make(map[string]paymentRow, len(ids))
	for from := 0; from < len(ids); from += 500 {
		var rows []paymentRow
		err := s.db.Writer(ctx).NewSelect().Model(&rows).Where("y.city_code = ? AND y.batch_id = ? AND y.id IN (?)", b.CityCode, b.ID, bun.List(ids[from:min(from+500, len(ids))])).Scan(ctx)
		if err != nil {
			return nil, db.Fault(err)
		}
		for _, r := range rows {
			out[r.ID] = r
		}
	}
	return out, nil
}

// aliveElsewhere tells whether a claim has another payment that may move money.
func (s store) aliveElsewhere(ctx context.Context, p paymentRow) (bool, error) {
	n, err := s.db.Writer(ctx).NewSelect().Model((*paymentRow)(nil)).
		Where("y.city_code = ? AND y.claim_id = ? AND y.id <> ? AND y.state IN ('ready', 'pending', 'settled')", p.CityCode, p.ClaimID, p.ID).Count(ctx)
	return n > 0, db.Fault(err)
}

// outcome is what an answer makes of payments and their claims.
type outcome struct {
	payments []paymentRow
	claim    ClaimState // "" = stays
}

// settle writes what has become of payments, and moves their claims along.
func (s store) settle(ctx context.Context, o outcome, on clock.Day, now time.Time) error {
	for _, p := range o.payments {
		res, err := s.db.Writer(ctx).NewRaw(`UPDATE dues_payments SET state = ?, reason = ?, info = ?, reference = ?, answered_at = ?, version = version + 1
			WHERE city_code = ? AND id = ? AND version = ?`, p.State, p.Reason, p.Info, p.Reference, now, p.CityCode, p.ID, p.Version).Exec(ctx)
		if err := db.Affected(res, err, casework.ErrMovedOn); err != nil {
			return err
		}
		if o.claim == "" {
			continue
		}
		paid := ""
		if o.claim == ClaimPaid {
			paid = on.String()
		}
		res, err = s.db.Writer(ctx).NewRaw(`UPDATE dues_claims SET state = ?, reason = ?, paid_on = ?, payment_id = ?, version = version + 1, updated_at = ?
			WHERE city_code = ? AND id = ?`, o.claim, p.Reason, paid, p.ID, now, p.CityCode, p.ClaimID).Exec(ctx)
		if err := db.Affected(res, err, casework.ErrMovedOn); err != nil {
			return err
		}
	}
	return nil
}

// waiting counts the payments of an order without a final answer.
func (s store) waiting(ctx context.Context, b Batch) (int, error) {
	n, err := s.db.Writer(ctx).NewSelect().Model((*paymentRow)(nil)).
		Where("y.city_code = ? AND y.batch_id = ? AND y.state IN ('ready', 'pending')", b.CityCode, b.ID).Count(ctx)
	return int(n), db.Fault(err)
}

// batchByNumber finds the order of the scope with a number.
func (s store) batchByNumber(ctx context.Context, number string) (Batch, error) {
	var r batchRow
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(&r), db.Columns{Path: "b.org_path"})
	if err != nil {
		return Batch{}, err
	}
	err = q.Where("b.number = ?", number).Scan(ctx)
	return r.batch(), db.Found(err, errNoBatch())
}
