package ledger

import (
	"context"
	"database/sql"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/money"
	"gonghui/internal/kit/page"
)

// StatementRequest says which statement is wanted.
type StatementRequest struct {
	City, Account string
	From, To      clock.Day // both inclusive
	KnownOn       clock.Day // as known at the end of this day; zero = now
}

// Seal is a place in a city's chain. Printed on paper it proves later that no
// voucher up to it was changed.
type Seal struct {
	Day  clock.Day // of recording
	Seq  int64     // last voucher
	Hash []byte
}

// Statement is the head of an account's statement.
type Statement struct {
	StatementRequest
	Owner          Account
	Opening        money.Fen // at the beginning of From, on the side the account grows on
	Debit, Credit  money.Fen // of the days shown
	Closing        money.Fen
	Lines          int64
	Chain          Seal // where the chain stood
	MadeAt         time.Time
	openingDebit   money.Fen
	openingCredit  money.Fen
	closingThrough string
}

// StatementLine is one line of a statement, with the balance after it.
type StatementLine struct {
	Seq      int64
	No       int
	BookedOn clock.Day
	KnownOn  clock.Day
	Kind     string
	Subject  Subject
	Memo     Memo
	Side     Side
	Fen      money.Fen
	Balance  money.Fen
}

// Statement gives what an account has seen from one day to another, a page of
// lines at a time in the order of the days booked. Faults: ledger.account_unknown,
// invalid ledger.day, page.cursor.
func (s *Service) Statement(ctx context.Context, q StatementRequest, req page.Request) (Statement, page.Page[StatementLine], error) {
	none := page.Page[StatementLine]{}
	const list = "ledger/statement"
	var at lineAt
	if _, err := req.After.Decode(list, &at.on, &at.seq, &at.no); err != nil {
		return Statement{}, none, err
	}
	if _, err := clock.ParseDay(at.on); at.on != "" && err != nil {
		return Statement{}, none, fault.New(fault.Invalid, "page.cursor", fault.Because(err))
	}
	var st Statement
	var lines []StatementLine
	err := s.moment(ctx, func(r bun.IDB) error {
		var err error
		if st, err = s.statement(ctx, r, q); err != nil {
			return err
		}
		before, err := s.before(ctx, r, st, at)
		if err != nil {
			return err
		}
		lines, err = s.store.statementLines(ctx, r, st, at, before, req.Size()+1)
		return err
	})
	if err != nil {
		return Statement{}, none, err
	}
	return st, page.Cut(lines, req.Size(), func(l StatementLine) page.Cursor {
		return page.Encode(list, l.BookedOn.String(), l.Seq, l.No)
	}), nil
}

// lineAt is a place among an account's lines; empty = before the first.
type lineAt struct {
	on  string
	seq int64
	no  int
}

// statement reads the head of a statement.
func (s *Service) statement(ctx context.Context, r bun.IDB, q StatementRequest) (Statement, error) {
	if q.From <= 0 || q.To < q.From {
		return Statement{}, fault.New(fault.Invalid, "ledger.day", fault.With("Day", q.To.String()))
	}
	a, err := s.Get(ctx, q.City, q.Account)
	if err != nil {
		return Statement{}, err
	}
	st := Statement{StatementRequest: q, Owner: a, MadeAt: s.clock.Now(), closingThrough: upTo(q.KnownOn)}
	if st.Chain, err = s.store.seal(ctx, r, q.City, q.KnownOn); err != nil {
		return st, err
	}
	open, err := s.store.sumIn(ctx, r, q.City, q.Account, q.From.Add(-1).String(), st.closingThrough)
	if err != nil {
		return st, err
	}
	end, err := s.store.sumIn(ctx, r, q.City, q.Account, q.To.String(), st.closingThrough)
	if err != nil {
		return st, err
	}
	st.openingDebit, st.openingCredit = open.DebitFen, open.CreditFen
	st.Opening, st.Closing = a.Kind.natural(open.DebitFen, open.CreditFen), a.Kind.natural(end.DebitFen, end.CreditFen)
	st.Debit, st.Credit, st.Lines = end.DebitFen-open.DebitFen, end.CreditFen-open.CreditFen, end.Lines-open.Lines
	return st, nil
}

// before is the balance in front of a line that follows a place.
func (s *Service) before(ctx context.Context, r bun.IDB, st Statement, at lineAt) (money.Fen, error) {
	if at.on == "" || at.on < st.From.String() {
		return st.Opening, nil
	}
	day, err := clock.ParseDay(at.on)
	if err != nil {
		return 0, fault.New(fault.Invalid, "page.cursor", fault.Because(err))
	}
	n, err := s.store.sumIn(ctx, r, st.City, st.Account, day.Add(-1).String(), st.closingThrough)
	if err != nil {
		return 0, err
	}
	part, err := s.store.sumOfDay(ctx, r, st, at)
	return st.Owner.Kind.natural(n.DebitFen+part.DebitFen, n.CreditFen+part.CreditFen), err
}

// Head gives where a city's chain stands at the end of a day; zero = now.
func (s *Service) Head(ctx context.Context, city string, on clock.Day) (Seal, error) {
	return s.store.seal(ctx, s.db.Reader(ctx), city, on)
}

// moment runs fn on one moment of the books, outside the way of those who write.
func (s *Service) moment(ctx context.Context, fn func(r bun.IDB) error) error {
	if db.InsideTx(ctx) {
		return fn(s.db.Reader(ctx))
	}
	var opts *sql.TxOptions // SQLite reads one moment anyway
	if s.db.Dialect == db.Postgres {
		opts = &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	}
	return db.Fault(s.db.Reader(ctx).RunInTx(ctx, opts, func(_ context.Context, tx bun.Tx) error { return fn(tx) }))
}

func (s store) seal(ctx context.Context, r bun.IDB, city string, on clock.Day) (Seal, error) {
	var rows []closingRow
	err := r.NewSelect().Model(&rows).Where("city_code = ? AND known_on <= ?", city, upTo(on)).OrderExpr("known_on DESC").Limit(1).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return Seal{Hash: genesis(city)}, db.Fault(err)
	}
	return Seal{rows[0].KnownOn, rows[0].Seq, rows[0].Hash}, nil
}

type statementRow struct {
	lineRow     `bun:",extend"`
	KnownOn     clock.Day
	Kind        string
	SubjectKind string
	SubjectID   string
	MemoKey     string
	MemoParams  string
}

// statementLines reads lines along the account's index. Vouchers beyond the
// statement's place in the chain were not known.
func (s store) statementLines(ctx context.Context, r bun.IDB, st Statement, at lineAt, balance money.Fen, limit int) ([]StatementLine, error) {
	var rows []statementRow
	q := r.NewSelect().TableExpr("ledger_lines AS l").
		Join("JOIN ledger_entries AS e ON e.city_code = l.city_code AND e.seq = l.seq").
		ColumnExpr("l.seq, l.no, l.booked_on, l.side, l.fen, e.known_on, e.kind, e.subject_kind, e.subject_id, e.memo_key, e.memo_params").
		Where("l.city_code = ? AND l.account_id = ?", st.City, st.Account).
		Where("l.booked_on >= ? AND l.booked_on <= ?", st.From, st.To).Where("l.seq <= ?", st.Chain.Seq)
	if at.on != "" {
		q = q.Where("l.booked_on >= ?", at.on).Where("(l.booked_on, l.seq, l.no) > (?, ?, ?)", at.on, at.seq, at.no)
	}
	if err := q.OrderExpr("l.booked_on, l.seq, l.no").Limit(int64(limit)).Scan(ctx, &rows); err != nil {
		return nil, db.Fault(err)
	}
	out := make([]StatementLine, len(rows))
	for i, x := range rows {
		if (x.Side == Debit) == st.Owner.Kind.debitGrows() {
			balance += x.Fen
		} else {
			balance -= x.Fen
		}
		out[i] = StatementLine{Seq: x.Seq, No: x.No, BookedOn: x.BookedOn, KnownOn: x.KnownOn, Kind: x.Kind, Subject: Subject{x.SubjectKind, x.SubjectID},
			Memo: Memo{x.MemoKey, readParams(x.MemoParams)}, Side: x.Side, Fen: x.Fen, Balance: balance}
	}
	return out, nil
}

// sumOfDay adds the lines of a place's day up to the place, from the index alone.
func (s store) sumOfDay(ctx context.Context, r bun.IDB, st Statement, at lineAt) (sumRow, error) {
	var n sumRow
	err := r.NewRaw(`SELECT CAST(COALESCE(SUM(CASE side WHEN 'D' THEN fen ELSE 0 END), 0) AS bigint) AS debit_fen,
			CAST(COALESCE(SUM(CASE side WHEN 'C' THEN fen ELSE 0 END), 0) AS bigint) AS credit_fen, COUNT(*) AS lines FROM ledger_lines
		WHERE city_code = ? AND account_id = ? AND booked_on = ? AND (seq, no) <= (?, ?) AND seq <= ?`,
		st.City, st.Account, at.on, at.seq, at.no, st.Chain.Seq).Scan(ctx, &n)
	return n, db.Fault(err)
}
