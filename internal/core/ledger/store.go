package ledger

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/money"
)

type accountRow struct {
	bun.BaseModel `bun:"table:ledger_accounts,alias:a"`
	CityCode      string `bun:",pk"`
	ID            string `bun:",pk"`
	UnitID        string
	OrgPath       string
	Fund          string
	Code          string
	Party         string
	Kind          Kind
	Name          string
	Guarded       bool
	ClosedOn      clock.Day
	OpenedAt      time.Time
}

func (r accountRow) account() Account {
	return Account{City: r.CityCode, ID: r.ID, UnitID: r.UnitID, OrgPath: r.OrgPath, Fund: r.Fund, Code: r.Code, Party: r.Party,
		Kind: r.Kind, Name: r.Name, Guarded: r.Guarded, ClosedOn: r.ClosedOn}
}

type place struct{ city, unit, fund, code, party string }

func (r accountRow) place() place { return place{r.CityCode, r.UnitID, r.Fund, r.Code, r.Party} }

type entryRow struct {
	bun.BaseModel `bun:"table:ledger_entries,alias:e"`
	CityCode      string `bun:",pk"`
	Seq           int64  `bun:",pk"`
	Key           string
	InputHash     []byte
	BookedOn      clock.Day
	KnownOn       clock.Day
	RecordedAt    time.Time
	Kind          string
	SubjectKind   string
	SubjectID     string
	MemoKey       string
	MemoParams    string
	Reverses      int64 `bun:",nullzero"`
	OutboxID      string
	ActorID       string
	Hash          []byte
}

type lineRow struct {
	bun.BaseModel `bun:"table:ledger_lines,alias:l"`
	CityCode      string `bun:",pk"`
	Seq           int64  `bun:",pk"`
	No            int    `bun:",pk"`
	AccountID     string
	BookedOn      clock.Day
	Side          Side
	Fen           money.Fen
}

type headRow struct {
	bun.BaseModel `bun:"table:ledger_heads,alias:h"`
	CityCode      string `bun:",pk"`
	Seq           int64
	Hash          []byte
	KnownOn       clock.Day
}

// state is an account with what it holds now.
type state struct {
	ID, UnitID, OrgPath string
	Kind                Kind
	Guarded             bool
	ClosedOn            clock.Day
	DebitFen, CreditFen money.Fen
	HeldFen             money.Fen

	changed bool
}

// store is the only place of the package with SQL, with query.go.
type store struct{ db *db.DB }

// chunk is how many values one IN list or one PostgreSQL statement carries.
const chunk = 500

func each[T any](list []T, fn func(part []T) error) error {
	for from := 0; from < len(list); from += chunk {
		if err := fn(list[from:min(from+chunk, len(list))]); err != nil {
			return err
		}
	}
	return nil
}

// put writes rows with one statement's text: a few rows each time on SQLite, where it is prepared
// once, many on PostgreSQL. tail is what follows the values. The names come from
// the program. It tells how many rows were written.
func (s store) put(ctx context.Context, table string, columns []string, rows [][]any, tail string) (written int64, err error) {
	if len(rows) == 0 {
		return 0, nil
	}
	count := func(res sql.Result, err error) error {
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		written += n
		return err
	}
	text := func(n int) string {
		one := "(" + strings.TrimSuffix(strings.Repeat("?,", len(columns)), ",") + ")"
		return "INSERT INTO " + table + " AS t (" + strings.Join(columns, ", ") + ") VALUES " +
			strings.TrimSuffix(strings.Repeat(one+",", n), ",") + " " + tail
	}
	if s.db.Dialect == db.Postgres {
		return written, each(rows, func(part [][]any) error {
			args := make([]any, 0, len(part)*len(columns))
			for _, r := range part {
				args = append(args, r...)
			}
			return db.Fault(count(s.db.Writer(ctx).NewRaw(text(len(part)), args...).Exec(ctx)))
		})
	}
	tx := db.Tx(ctx)
	if tx == nil {
		return 0, internal(errors.New("the ledger writes in transactions only"))
	}
	// The driver watches a context that can end with a goroutine for each
	// statement; chunks are short, and the caller looks between them.
	quiet := context.WithoutCancel(ctx)
	const several = 32
	for rest := rows; len(rest) > 0; {
		n := several
		if len(rest) < several {
			n = 1
		}
		stmt, err := tx.PrepareContext(quiet, text(n))
		if err != nil {
			return written, db.Fault(err)
		}
		args := make([]any, 0, n*len(columns))
		for len(rest) >= n {
			args = args[:0]
			for _, r := range rest[:n] {
				args = append(args, r...)
			}
			if err := count(stmt.ExecContext(quiet, args...)); err != nil {
				return written, db.Fault(errors.Join(err, stmt.Close()))
			}
			rest = rest[n:]
		}
		if err := stmt.Close(); err != nil {
			return written, db.Fault(err)
		}
	}
	return written, nil
}

// open inserts the accounts that are not there, with an empty balance each, and
// gives all of them by their places.
func (s store) open(ctx context.Context, rows []accountRow) (map[place]accountRow, error) {
	out := make(map[place]accountRow, len(rows))
	err := each(rows, func(part []accountRow) error {
		isNew, err := db.Inserted(ctx, s.db.Writer(ctx).NewInsert().Model(&part).On("CONFLICT (city_code, unit_id, fund, code, party) DO NOTHING"))
		if err != nil {
			return err
		}
		var balances [][]any
		var old []string // units whose account was there before
		cities := map[string]bool{}
		for _, r := range part {
			if isNew[r.ID] {
				balances = append(balances, []any{r.CityCode, r.ID})
				out[r.place()] = r
			} else {
				old, cities[r.CityCode] = append(old, r.UnitID), true
			}
		}
		if _, err := s.put(ctx, "ledger_balances", []string{"city_code", "account_id"}, balances, ""); err != nil || len(old) == 0 {
			return err
		}
		wanted := make(map[place]bool, len(part))
		for _, r := range part {
			wanted[r.place()] = true
		}
		for city := range cities {
			var have []accountRow
			err := s.db.Reader(ctx).NewSelect().Model(&have).Where("city_code = ? AND unit_id IN (?)", city, bun.List(old)).Scan(ctx)
			if err != nil {
				return db.Fault(err)
			}
			for _, r := range have {
				if wanted[r.place()] {
					out[r.place()] = r
				}
			}
		}
		return nil
	})
	return out, err
}

func (s store) account(ctx context.Context, city, id string) (accountRow, error) {
	var row accountRow
	if !db.Possible(city, id) {
		return row, errAccountUnknown
	}
	err := s.db.Reader(ctx).NewSelect().Model(&row).Where("city_code = ? AND id = ?", city, id).Scan(ctx)
	return row, db.Found(err, errAccountUnknown)
}

func (s store) closeAccount(ctx context.Context, city, id string, on clock.Day) error {
	res, err := s.db.Writer(ctx).NewUpdate().Model((*accountRow)(nil)).Set("closed_on = ?", on).
		Where("city_code = ? AND id = ? AND closed_on = ''", city, id).Exec(ctx)
	return db.Affected(res, err, errAccountUnknown)
}

// lockHead gives the end of a city's chain. On PostgreSQL it is locked until the
// transaction ends, so that numbers have no gap; SQLite has one writer anyway.
func (s store) lockHead(ctx context.Context, city string) (headRow, error) {
	h := headRow{CityCode: city, Hash: genesis(city)}
	if s.db.Dialect == db.Postgres {
		if _, err := s.db.Writer(ctx).NewInsert().Model(&h).On("CONFLICT (city_code) DO NOTHING").Exec(ctx); err != nil {
			return h, db.Fault(err)
		}
	}
	q := s.db.Writer(ctx).NewSelect().Model(&h).Where("city_code = ?", city)
	if s.db.Dialect == db.Postgres {
		q = q.For("UPDATE")
	}
	err := db.Fault(q.Scan(ctx))
	if fault.IsKind(err, fault.NotFound) {
		return headRow{CityCode: city, Hash: genesis(city)}, nil
	}
	return h, err
}

func (s store) moveHead(ctx context.Context, h headRow) error {
	if _, err := s.db.Writer(ctx).NewInsert().Model(&h).On("CONFLICT (city_code) DO UPDATE").
		Set("seq = EXCLUDED.seq").Set("hash = EXCLUDED.hash").Set("known_on = EXCLUDED.known_on").Exec(ctx); err != nil {
		return db.Fault(err)
	}
	c := closingRow{CityCode: h.CityCode, KnownOn: h.KnownOn, Seq: h.Seq, Hash: h.Hash}
	_, err := s.db.Writer(ctx).NewInsert().Model(&c).On("CONFLICT (city_code, known_on) DO UPDATE").
		Set("seq = EXCLUDED.seq").Set("hash = EXCLUDED.hash").Exec(ctx)
	return db.Fault(err)
}

// states gives accounts with what they hold, locked on PostgreSQL in the order of their ids.
func (s store) states(ctx context.Context, city string, ids []string) (map[string]*state, error) {
	out := make(map[string]*state, len(ids))
	err := each(ids, func(part []string) error {
		var rows []*state
		q := s.db.Writer(ctx).NewSelect().TableExpr("ledger_balances AS b").
			Join("JOIN ledger_accounts AS a ON a.city_code = b.city_code AND a.id = b.account_id").
			ColumnExpr("a.id, a.unit_id, a.org_path, a.kind, a.guarded, a.closed_on, b.debit_fen, b.credit_fen, b.held_fen").
			Where("b.city_code = ? AND b.account_id IN (?)", city, bun.List(part)).OrderExpr("b.account_id")
		if s.db.Dialect == db.Postgres {
			q = q.For("UPDATE OF b")
		}
		if err := q.Scan(ctx, &rows); err != nil {
			return db.Fault(err)
		}
		for _, r := range rows {
			out[r.ID] = r
		}
		return nil
	})
	return out, err
}

func (s store) byKeys(ctx context.Context, city string, keys []string) (map[string]entryRow, error) {
	out := map[string]entryRow{}
	err := each(keys, func(part []string) error {
		var rows []entryRow
		err := s.db.Writer(ctx).NewSelect().Model(&rows).Where("city_code = ? AND key IN (?)", city, bun.List(part)).Scan(ctx)
		for _, r := range rows {
			out[r.Key] = r
		}
		return db.Fault(err)
	})
	return out, err
}

// reversed tells which of the entries have been taken back, and by which.
func (s store) reversed(ctx context.Context, city string, seqs []int64) (map[int64]int64, error) {
	out := map[int64]int64{}
	err := each(seqs, func(part []int64) error {
		var rows []entryRow
		err := s.db.Writer(ctx).NewSelect().Model(&rows).Column("seq", "reverses").
			Where("city_code = ? AND reverses IN (?)", city, bun.List(part)).Scan(ctx)
		for _, r := range rows {
			out[r.Reverses] = r.Seq
		}
		return db.Fault(err)
	})
	return out, err
}

var (
	entryColumns = []string{"city_code", "seq", "key", "input_hash", "booked_on", "known_on", "recorded_at", "kind", "subject_kind",
		"subject_id", "memo_key", "memo_params", "reverses", "outbox_id", "actor_id", "hash"}
	lineColumns    = []string{"city_code", "seq", "no", "account_id", "booked_on", "side", "fen"}
	dayColumns     = []string{"city_code", "account_id", "booked_on", "known_on", "debit_fen", "credit_fen", "lines"}
	monthColumns   = []string{"city_code", "account_id", "booked_month", "known_on", "debit_fen", "credit_fen", "lines"}
	balanceColumns = []string{"city_code", "account_id", "debit_fen", "credit_fen", "held_fen"}
)

const addSums = `DO UPDATE SET debit_fen = t.debit_fen + EXCLUDED.debit_fen, credit_fen = t.credit_fen + EXCLUDED.credit_fen,
	lines = t.lines + EXCLUDED.lines`

// errKeyMet says that a key of the plan is in the books already.
var errKeyMet = errors.New("a key is in the books already")

// write puts what a plan has come to; or it gives errKeyMet and leaves nothing of
// it. (A savepoint would do that too, and copy every page on the way.)
func (s store) write(ctx context.Context, p *plan) error {
	n, err := s.put(ctx, "ledger_entries", entryColumns, p.entryRows, "ON CONFLICT (city_code, key) DO NOTHING")
	if err != nil {
		return err
	}
	if n != int64(len(p.entryRows)) {
		_, err := s.db.Writer(ctx).NewRaw("DELETE FROM ledger_entries WHERE city_code = ? AND seq > ?", p.city, p.first).Exec(ctx)
		return errors.Join(errKeyMet, db.Fault(err))
	}
	for _, w := range []struct {
		table   string
		columns []string
		rows    [][]any
		tail    string
	}{
		{"ledger_lines", lineColumns, p.lineRows, ""},
		{"ledger_days", dayColumns, p.dayRows(), "ON CONFLICT (city_code, account_id, booked_on, known_on) " + addSums},
		{"ledger_months", monthColumns, p.monthRows(), "ON CONFLICT (city_code, account_id, booked_month, known_on) " + addSums},
		{"ledger_balances", balanceColumns, p.balanceRows(), `ON CONFLICT (city_code, account_id) DO UPDATE SET
			debit_fen = EXCLUDED.debit_fen, credit_fen = EXCLUDED.credit_fen, held_fen = EXCLUDED.held_fen`},
	} {
		if _, err := s.put(ctx, w.table, w.columns, w.rows, w.tail); err != nil {
			return err
		}
	}
	return s.moveHead(ctx, p.head)
}

type closingRow struct {
	bun.BaseModel `bun:"table:ledger_closings,alias:c"`
	CityCode      string    `bun:",pk"`
	KnownOn       clock.Day `bun:",pk"`
	Seq           int64
	Hash          []byte
}

type periodRow struct {
	bun.BaseModel `bun:"table:ledger_periods,alias:p"`
	CityCode      string `bun:",pk"`
	UnitID        string `bun:",pk"`
	Month         string `bun:",pk"`
	Closed        bool
	ClosedBy      string
	ClosedAt      time.Time
	Seq           int64
	ReopenedBy    string
	ReopenedAt    time.Time `bun:",nullzero"`
	Reason        string
}

type periodKey struct{ unit, month string }

// closed tells which months are closed for the city (unit "") or one of its units.
func (s store) closed(ctx context.Context, city string, units, months []string) (map[periodKey]bool, error) {
	out := map[periodKey]bool{}
	err := each(units, func(part []string) error {
		var rows []periodRow
		err := s.db.Writer(ctx).NewSelect().Model(&rows).Column("unit_id", "month").
			Where("city_code = ? AND unit_id IN (?) AND month IN (?) AND closed", city, bun.List(part), bun.List(months)).Scan(ctx)
		for _, r := range rows {
			out[periodKey{r.UnitID, r.Month}] = true
		}
		return db.Fault(err)
	})
	return out, err
}
