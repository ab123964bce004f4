package ledger

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/money"
	"gonghui/internal/kit/page"
)

// AsKnown and AsOf are days a balance is asked for; zero means no limit: all that
// is booked, all that is known.

// Balance is what an account holds at the end of a day.
type Balance struct {
	Account     Account
	AsOf        clock.Day // what was booked up to this day; zero = all
	KnownOn     clock.Day // as it was known at the end of this day; zero = now
	Debit       money.Fen // all debits
	Credit      money.Fen // all credits
	Fen         money.Fen // on the side the account grows on
	Lines       int64
	Held, Avail money.Fen // only of now (both days zero): held, and what is left
}

// Balance gives the balance of an account at the end of a day, as it was known at
// the end of another. Fault: not_found ledger.account_unknown.
func (s *Service) Balance(ctx context.Context, city, accountID string, asOf, knownOn clock.Day) (Balance, error) {
	a, err := s.Get(ctx, city, accountID)
	if err != nil {
		return Balance{}, err
	}
	b := Balance{Account: a, AsOf: asOf, KnownOn: knownOn}
	n, err := s.store.sum(ctx, city, accountID, asOf, knownOn)
	if err != nil {
		return Balance{}, err
	}
	b.Debit, b.Credit, b.Lines, b.Fen = n.DebitFen, n.CreditFen, n.Lines, a.Kind.natural(n.DebitFen, n.CreditFen)
	if asOf == 0 && knownOn == 0 {
		held, err := s.store.held(ctx, city, accountID)
		if err != nil {
			return Balance{}, err
		}
		b.Held, b.Avail = held, b.Fen-held
	}
	return b, nil
}

// AccountFilter says which accounts a list shows; empty fields say nothing.
type AccountFilter struct {
	City, UnitID, OrgPath, Fund, Code, Party string // OrgPath: at and below
}

// Holding is an account with what it holds now.
type Holding struct {
	Account
	Debit, Credit, Fen, Held money.Fen
}

// Accounts lists accounts in scope by place, fund and code, with what they hold
// now.
func (s *Service) Accounts(ctx context.Context, f AccountFilter, req page.Request) (page.Page[Holding], error) {
	var none page.Page[Holding]
	ctx, err := access.For(ctx, access.LedgerRead)
	if err != nil {
		return none, err
	}
	const list = "ledger/accounts"
	var after [4]string
	if _, err := req.After.Decode(list, &after[0], &after[1], &after[2], &after[3]); err != nil {
		return none, err
	}
	rows, err := s.store.holdings(ctx, f, after, req.Size()+1)
	if err != nil {
		return none, err
	}
	p := page.Cut(rows, req.Size(), func(r holdingRow) page.Cursor { return page.Encode(list, r.OrgPath, r.Fund, r.Code, r.ID) })
	return page.Map(p, holdingRow.holding), nil
}

// Entry gives one voucher of a city to whoever may read all of its accounts, else
// not_found ledger.entry_unknown.
func (s *Service) Entry(ctx context.Context, city string, seq int64) (Entry, error) {
	rows, err := s.store.entries(ctx, s.db.Reader(ctx), city, seq-1, seq, 1)
	if err != nil {
		return Entry{}, err
	}
	if len(rows) == 0 {
		return Entry{}, errEntryUnknown
	}
	return s.mayRead(ctx, rows[0])
}

// FindByKey gives the voucher of an idempotency key, or false.
func (s *Service) FindByKey(ctx context.Context, city, key string) (Entry, bool, error) {
	seq, err := s.store.seqOf(ctx, city, key)
	if err != nil || seq == 0 {
		return Entry{}, false, err
	}
	e, err := s.Entry(ctx, city, seq)
	if fault.HasCode(err, "ledger.entry_unknown") {
		return Entry{}, false, nil
	}
	return e, err == nil, err
}

func (s *Service) mayRead(ctx context.Context, e Entry) (Entry, error) {
	ids := make([]string, len(e.Lines))
	for i, l := range e.Lines {
		ids[i] = l.Account
	}
	paths, err := s.store.paths(ctx, e.City, ids)
	if err != nil {
		return Entry{}, err
	}
	for _, id := range ids {
		if !access.Can(ctx, access.LedgerRead, paths[id]) {
			return Entry{}, errEntryUnknown
		}
	}
	return e, nil
}

type sumRow struct {
	DebitFen, CreditFen money.Fen
	Lines               int64
}

// lastDay stands for "no limit": it sorts behind every day.
const lastDay = "9999-12-31"

func upTo(d clock.Day) string {
	if d == 0 {
		return lastDay
	}
	return d.String()
}

// sum adds whole months from one table and the days of the last month from the
// other, so that it reads few rows however long and busy the account's life was.
func (s store) sum(ctx context.Context, city, account string, asOf, knownOn clock.Day) (sumRow, error) {
	return s.sumIn(ctx, s.db.Reader(ctx), city, account, upTo(asOf), upTo(knownOn))
}

func (s store) sumIn(ctx context.Context, r bun.IDB, city, account, asOf, knownOn string) (sumRow, error) {
	var n sumRow
	err := r.NewRaw(`SELECT CAST(COALESCE(SUM(debit_fen), 0) AS bigint) AS debit_fen,
			CAST(COALESCE(SUM(credit_fen), 0) AS bigint) AS credit_fen, CAST(COALESCE(SUM(lines), 0) AS bigint) AS lines FROM (
		SELECT debit_fen, credit_fen, lines FROM ledger_months
			WHERE city_code = ? AND account_id = ? AND booked_month < ? AND known_on <= ?
		UNION ALL SELECT debit_fen, credit_fen, lines FROM ledger_days
			WHERE city_code = ? AND account_id = ? AND booked_on >= ? AND booked_on <= ? AND known_on <= ?) x`,
		city, account, month(asOf), knownOn, city, account, month(asOf)+"-01", asOf, knownOn).Scan(ctx, &n)
	return n, db.Fault(err)
}

func (s store) held(ctx context.Context, city, account string) (money.Fen, error) {
	var n money.Fen
	err := s.db.Reader(ctx).NewRaw("SELECT held_fen FROM ledger_balances WHERE city_code = ? AND account_id = ?", city, account).Scan(ctx, &n)
	return n, db.Fault(err)
}

type holdingRow struct {
	accountRow          `bun:",extend"`
	DebitFen, CreditFen money.Fen
	HeldFen             money.Fen
}

func (r holdingRow) holding() Holding {
	return Holding{Account: r.account(), Debit: r.DebitFen, Credit: r.CreditFen, Fen: r.Kind.natural(r.DebitFen, r.CreditFen), Held: r.HeldFen}
}

func (s store) holdings(ctx context.Context, f AccountFilter, after [4]string, limit int) ([]holdingRow, error) {
	var rows []holdingRow
	q := s.db.Reader(ctx).NewSelect().TableExpr("ledger_accounts AS a").ColumnExpr("a.*").
		ColumnExpr("b.debit_fen, b.credit_fen, b.held_fen").
		Join("JOIN ledger_balances AS b ON b.city_code = a.city_code AND b.account_id = a.id")
	q, err := db.Scoped(ctx, q, db.Columns{Path: "a.org_path"})
	if err != nil {
		return nil, err
	}
	for column, v := range map[string]string{"a.city_code": f.City, "a.unit_id": f.UnitID, "a.fund": f.Fund, "a.code": f.Code, "a.party": f.Party} {
		if v != "" {
			q = q.Where("? = ?", bun.Ident(column), strings.ReplaceAll(v, "\x00", ""))
		}
	}
	if f.OrgPath != "" {
		from, to := db.Subtree(strings.ReplaceAll(f.OrgPath, "\x00", ""))
		q = q.Where("a.org_path >= ? AND a.org_path < ?", from, to)
	}
	if after[3] != "" {
		q = q.Where("(a.org_path, a.fund, a.code, a.id) > (?, ?, ?, ?)", after[0], after[1], after[2], after[3])
	}
	err = q.OrderExpr("a.org_path, a.fund, a.code, a.id").Limit(int64(limit)).Scan(ctx, &rows)
	return rows, db.Fault(err)
}

func (s store) paths(ctx context.Context, city string, ids []string) (map[string]string, error) {
	var rows []accountRow
	err := s.db.Reader(ctx).NewSelect().Model(&rows).Column("id", "org_path").Where("city_code = ? AND id IN (?)", city, bun.List(ids)).Scan(ctx)
	out := map[string]string{}
	for _, r := range rows {
		out[r.ID] = r.OrgPath
	}
	return out, db.Fault(err)
}

func (s store) seqOf(ctx context.Context, city, key string) (int64, error) {
	var seqs []int64
	if !db.Possible(city, key) {
		return 0, nil
	}
	err := s.db.Reader(ctx).NewRaw("SELECT seq FROM ledger_entries WHERE city_code = ? AND key = ?", city, key).Scan(ctx, &seqs)
	if err != nil || len(seqs) == 0 {
		return 0, db.Fault(err)
	}
	return seqs[0], nil
}

// entries gives vouchers with their lines: after one number, up to another, in
// order.
func (s store) entries(ctx context.Context, r bun.IDB, city string, after, to int64, limit int) ([]Entry, error) {
	if !db.Possible(city) {
		return nil, nil
	}
	var rows []entryRow
	err := r.NewSelect().Model(&rows).Where("city_code = ? AND seq > ? AND seq <= ?", city, after, to).OrderExpr("seq").Limit(int64(limit)).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return nil, db.Fault(err)
	}
	var lines []lineRow
	err = r.NewSelect().Model(&lines).Where("city_code = ? AND seq >= ? AND seq <= ?", city, rows[0].Seq, rows[len(rows)-1].Seq).
		OrderExpr("seq, no").Scan(ctx)
	if err != nil {
		return nil, db.Fault(err)
	}
	out := make([]Entry, len(rows))
	for i, row := range rows {
		out[i] = row.entry()
		for len(lines) > 0 && lines[0].Seq <= row.Seq {
			if lines[0].Seq == row.Seq {
				out[i].Lines = append(out[i].Lines, Line{lines[0].AccountID, lines[0].Fen, lines[0].Side})
			}
			lines = lines[1:]
		}
	}
	return out, nil
}

func (r entryRow) entry() Entry {
	return Entry{
		City: r.CityCode, Key: r.Key, BookedOn: r.BookedOn, Kind: r.Kind, Subject: Subject{r.SubjectKind, r.SubjectID},
		Memo: Memo{r.MemoKey, readParams(r.MemoParams)}, OutboxID: r.OutboxID, Reverses: r.Reverses,
		Seq: r.Seq, KnownOn: r.KnownOn, RecordedAt: r.RecordedAt.UTC(), ActorID: r.ActorID, Hash: r.Hash,
	}
}

func readParams(text string) map[string]string {
	if text == "" {
		return nil
	}
	var out map[string]string
	if json.Unmarshal([]byte(text), &out) != nil {
		return map[string]string{"": text} // tampered with; Verify says so
	}
	return out
}
