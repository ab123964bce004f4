package ledger

import (
	"bytes"
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/money"
)

// What Verify can find.
const (
	Changed    = "changed"    // a voucher is not what was posted
	Missing    = "missing"    // vouchers of the chain are gone
	Unchained  = "unchained"  // a voucher does not follow the one before it
	BadHead    = "head"       // the chain does not end where its head or a day's closing says
	Unbalanced = "unbalanced" // the lines of a voucher do not come to zero
	BadSums    = "sums"       // a sum or balance is not what the vouchers come to
	Halved     = "halved"     // half a transfer without its other half on the way
)

// Problem is one thing that Verify found.
type Problem struct {
	What, City string
	Seq        int64 // 0 where no single voucher is meant
	Detail     string
}

// Report is what Verify saw.
type Report struct {
	Cities    []CitySeal
	Entries   int64
	Lines     int64
	InTransit int64     // transfers whose second half has not arrived
	Problems  []Problem // at most maxProblems
	More      int       // problems beyond them
}

// CitySeal is where the chain of a city stands.
type CitySeal struct {
	City string
	Seal
}

const (
	maxProblems = 100
	// readBatch bounds the memory of a verification, however long the chain.
	readBatch = 1000
)

// OK tells whether nothing was found.
func (r Report) OK() bool { return len(r.Problems) == 0 }

func (r *Report) add(p Problem) {
	if len(r.Problems) == maxProblems {
		r.More++
		return
	}
	r.Problems = append(r.Problems, p)
}

// Verify walks the chain of every city from its beginning and computes each hash
// again, adds up each voucher, and compares the sums by day and by month and the
// balances with the lines. Each city is looked at in one moment, so it may run
// while others post. It is work of the house: forbidden access.denied without a
// system scope. It changes nothing.
func (s *Service) Verify(ctx context.Context) (Report, error) {
	var rep Report
	scope, err := db.ScopeFrom(ctx)
	if err != nil {
		return rep, err
	}
	if scope.System == "" {
		return rep, fault.New(fault.Forbidden, "access.denied")
	}
	cities, err := s.store.cities(ctx)
	if err != nil {
		return rep, err
	}
	for _, city := range cities {
		if err := s.moment(ctx, func(r bun.IDB) error { return s.verifyCity(ctx, r, city, &rep) }); err != nil {
			return rep, fmt.Errorf("books of %s: %w", city, err)
		}
	}
	return rep, s.verifyTransfers(ctx, &rep)
}

func (s *Service) verifyCity(ctx context.Context, r bun.IDB, city string, rep *Report) error {
	head, err := s.store.head(ctx, r, city)
	if err != nil {
		return err
	}
	closings, err := s.store.closings(ctx, r, city)
	if err != nil {
		return err
	}
	w := walk{city: city, hash: genesis(city), closings: closings, rep: rep}
	const end = 1<<63 - 1
	for {
		list, err := s.store.entries(ctx, r, city, w.seq, end, readBatch)
		if err != nil {
			return err
		}
		for _, e := range list {
			w.step(e)
		}
		if err := s.inputs(ctx, r, city, list, rep); err != nil {
			return err
		}
		if len(list) < readBatch {
			break
		}
	}
	w.closeDay()
	if w.seq != head.Seq || !bytes.Equal(w.hash, head.Hash) {
		what := BadHead
		if w.seq < head.Seq {
			what = Missing
		}
		rep.add(Problem{what, city, head.Seq, fmt.Sprintf("the head says %d, the chain ends at %d", head.Seq, w.seq)})
	}
	for day := range w.closings { // days that no voucher was recorded on
		rep.add(Problem{BadHead, city, 0, "closing of " + day.String()})
	}
	rep.Cities = append(rep.Cities, CitySeal{city, Seal{head.KnownOn, head.Seq, head.Hash}})
	return s.verifySums(ctx, r, city, rep)
}

// walk goes along one chain.
type walk struct {
	city     string
	seq      int64
	hash     []byte
	day      clock.Day
	closings map[clock.Day]closingRow // those not met yet
	rep      *Report
}

func (w *walk) add(what string, e Entry, detail string) {
	w.rep.add(Problem{what, w.city, e.Seq, detail})
}

func (w *walk) step(e Entry) {
	w.rep.Entries++
	w.rep.Lines += int64(len(e.Lines))
	if e.Seq != w.seq+1 {
		w.add(Missing, e, fmt.Sprintf("after %d", w.seq))
	}
	if e.KnownOn != w.day {
		w.closeDay()
		if e.KnownOn < w.day {
			w.add(Unchained, e, "recorded on an earlier day than the one before")
		}
		w.day = e.KnownOn
	}
	if !bytes.Equal(e.chained(w.hash, e.inputHash(e.Memo.params())), e.Hash) {
		w.add(Changed, e, "its hash does not follow from it and the one before")
	}
	var debit, credit money.Fen
	var err, bad error
	for _, l := range e.Lines {
		if l.Side == Debit {
			debit, err = money.Add(debit, l.Fen)
		} else {
			credit, err = money.Add(credit, l.Fen)
		}
		if err != nil || l.Fen <= 0 {
			bad = errOverflow
		}
	}
	if debit != credit || bad != nil || len(e.Lines) < 2 {
		w.add(Unbalanced, e, fmt.Sprintf("debit %s, credit %s", debit, credit))
	}
	w.seq, w.hash = e.Seq, e.Hash // go on from here: one fault is told once
}

// closeDay compares the end of a day with the closing that was kept.
func (w *walk) closeDay() {
	if w.seq == 0 {
		return
	}
	c, ok := w.closings[w.day]
	if !ok || c.Seq != w.seq || !bytes.Equal(c.Hash, w.hash) {
		w.rep.add(Problem{BadHead, w.city, w.seq, "closing of " + w.day.String()})
	}
	delete(w.closings, w.day)
}

// inputs compares what the hash does not see: the stored input hash and the days
// repeated on the lines.
func (s *Service) inputs(ctx context.Context, r bun.IDB, city string, list []Entry, rep *Report) error {
	if len(list) == 0 {
		return nil
	}
	rows, err := s.store.copies(ctx, r, city, list[0].Seq, list[len(list)-1].Seq)
	if err != nil {
		return err
	}
	for i, e := range list {
		if i < len(rows) && rows[i].Seq == e.Seq && (!bytes.Equal(rows[i].InputHash, e.inputHash(e.Memo.params())) || rows[i].Other > 0) {
			rep.add(Problem{Changed, city, e.Seq, "what is kept beside it"})
		}
	}
	return nil
}

// sumChecks take what is kept from what the lines come to; each row that is left
// is a difference. Both sides count, so a row that is missing is found like one too many.
var sumChecks = []struct{ name, query string }{
	{"day", `SELECT account_id || ' ' || booked_on || ' ' || known_on AS what FROM (
		SELECT account_id, booked_on, known_on, debit_fen AS d, credit_fen AS c, lines AS n FROM ledger_days WHERE city_code = ?0
		UNION ALL SELECT l.account_id, l.booked_on, e.known_on, CASE l.side WHEN 'D' THEN -l.fen ELSE 0 END,
			CASE l.side WHEN 'D' THEN 0 ELSE -l.fen END, -1
			FROM ledger_lines l JOIN ledger_entries e ON e.city_code = l.city_code AND e.seq = l.seq WHERE l.city_code = ?0) x
		GROUP BY account_id, booked_on, known_on HAVING SUM(d) <> 0 OR SUM(c) <> 0 OR SUM(n) <> 0 LIMIT 20`},
	{"month", `SELECT account_id || ' ' || booked || ' ' || known_on AS what FROM (
		SELECT account_id, booked_month AS booked, known_on, debit_fen AS d, credit_fen AS c, lines AS n FROM ledger_months WHERE city_code = ?0
		UNION ALL SELECT account_id, substr(booked_on, 1, 7), known_on, -debit_fen, -credit_fen, -lines FROM ledger_days WHERE city_code = ?0) x
		GROUP BY account_id, booked, known_on HAVING SUM(d) <> 0 OR SUM(c) <> 0 OR SUM(n) <> 0 LIMIT 20`},
	{"balance", `SELECT account_id AS what FROM (
		SELECT account_id, debit_fen AS d, credit_fen AS c, held_fen AS h FROM ledger_balances WHERE city_code = ?0
		UNION ALL SELECT account_id, -debit_fen, -credit_fen, 0 FROM ledger_months WHERE city_code = ?0
		UNION ALL SELECT account_id, 0, 0, -fen FROM ledger_holds WHERE city_code = ?0 AND state = 'held') x
		GROUP BY account_id HAVING SUM(d) <> 0 OR SUM(c) <> 0 OR SUM(h) <> 0 LIMIT 20`},
	{"account without a balance, or balance without an account", `SELECT id AS what FROM (
		SELECT id, 1 AS n FROM ledger_accounts WHERE city_code = ?0
		UNION ALL SELECT account_id, -1 FROM ledger_balances WHERE city_code = ?0) x
		GROUP BY id HAVING SUM(n) <> 0 LIMIT 20`},
}

func (s *Service) verifySums(ctx context.Context, r bun.IDB, city string, rep *Report) error {
	for _, c := range sumChecks {
		var found []string
		if err := r.NewRaw(c.query, city).Scan(ctx, &found); err != nil {
			return db.Fault(err)
		}
		for _, what := range found {
			rep.add(Problem{BadSums, city, 0, c.name + " " + what})
		}
	}
	return nil
}

// verifyTransfers looks for halves of transfers: the second one may still be on its way,
// the first may not be missing.
func (s *Service) verifyTransfers(ctx context.Context, rep *Report) error {
	var rows []struct {
		OutboxID, CityCode, Kind string
		N                        int64
	}
	err := s.db.Reader(ctx).NewRaw(`SELECT outbox_id, MIN(city_code) AS city_code, MIN(kind) AS kind, COUNT(*) AS n FROM ledger_entries
		WHERE outbox_id <> '' GROUP BY outbox_id HAVING COUNT(*) <> 2`).Scan(ctx, &rows)
	for _, r := range rows {
		if r.N == 1 && r.Kind == KindSent {
			rep.InTransit++
			continue
		}
		rep.add(Problem{Halved, r.CityCode, 0, r.OutboxID})
	}
	return db.Fault(err)
}

func (s store) cities(ctx context.Context) ([]string, error) {
	var out []string
	err := s.db.Reader(ctx).NewRaw(`SELECT city_code FROM ledger_heads UNION SELECT DISTINCT city_code FROM ledger_accounts ORDER BY 1`).Scan(ctx, &out)
	return out, db.Fault(err)
}

func (s store) head(ctx context.Context, r bun.IDB, city string) (headRow, error) {
	var rows []headRow
	err := r.NewSelect().Model(&rows).Where("city_code = ?", city).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return headRow{CityCode: city, Hash: genesis(city)}, db.Fault(err)
	}
	return rows[0], nil
}

func (s store) closings(ctx context.Context, r bun.IDB, city string) (map[clock.Day]closingRow, error) {
	var rows []closingRow
	err := r.NewSelect().Model(&rows).Where("city_code = ?", city).Scan(ctx)
	out := make(map[clock.Day]closingRow, len(rows))
	for _, c := range rows {
		out[c.KnownOn] = c
	}
	return out, db.Fault(err)
}

type copyRow struct {
	Seq       int64
	InputHash []byte
	Other     int64
}

// copies reads the input hashes, and how many lines bear another day than their
// voucher.
func (s store) copies(ctx context.Context, r bun.IDB, city string, from, to int64) ([]copyRow, error) {
	var rows []copyRow
	err := r.NewRaw(`SELECT e.seq, e.input_hash, (SELECT COUNT(*) FROM ledger_lines l WHERE l.city_code = e.city_code AND l.seq = e.seq
		AND l.booked_on <> e.booked_on) AS other FROM ledger_entries e WHERE e.city_code = ? AND e.seq >= ? AND e.seq <= ? ORDER BY e.seq`,
		city, from, to).Scan(ctx, &rows)
	return rows, db.Fault(err)
}
