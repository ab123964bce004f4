package ledger

import (
	"bufio"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/money"
)

// Export says which part of the books is written as plain text.
type Export struct {
	City     string    // "" = all cities
	From, To clock.Day // days booked, inclusive; zero = no limit
}

// hledgerKind is the letter by which hledger knows a kind of account.
var hledgerKind = map[Kind]string{Asset: "A", Liability: "L", Equity: "E", Income: "R", Expense: "X"}

// hledgerRoot is the first part of an account's name there.
var hledgerRoot = map[Kind]string{Asset: "assets", Liability: "liabilities", Equity: "equity", Income: "revenues", Expense: "expenses"}

// ExportHledger writes the books as a journal that hledger reads and checks:
// accounts, then what stood before From as one opening voucher, then the
// vouchers in the order of the chain. It is streamed. It is work of the house:
// forbidden access.denied without a system scope.
func (s *Service) ExportHledger(ctx context.Context, x Export, to io.Writer) error {
	if a, ok := access.From(ctx); !ok || a.Kind != access.KindSystem {
		return access.Require(ctx, access.LedgerRead, "")
	}
	cities := []string{x.City}
	if x.City == "" {
		var err error
		if cities, err = s.store.cities(ctx); err != nil {
			return err
		}
	}
	w := bufio.NewWriter(to)
	fmt.Fprint(w, "; gonghui ledger, amounts in yuan\ncommodity 1000.00 CNY\n")
	for _, city := range cities {
		if err := s.moment(ctx, func(r bun.IDB) error { return s.exportCity(ctx, r, city, x, w) }); err != nil {
			return err
		}
	}
	return w.Flush()
}

func (s *Service) exportCity(ctx context.Context, r bun.IDB, city string, x Export, w *bufio.Writer) error {
	names, err := s.exportAccounts(ctx, r, city, w)
	if err != nil {
		return err
	}
	if x.From != 0 {
		if err := s.exportOpening(ctx, r, city, x.From.Add(-1), names, w); err != nil {
			return err
		}
	}
	after := int64(0)
	const end = 1<<63 - 1
	for {
		list, err := s.store.entries(ctx, r, city, after, end, readBatch)
		if err != nil {
			return err
		}
		for _, e := range list {
			after = e.Seq
			if e.BookedOn < x.From || x.To != 0 && e.BookedOn > x.To {
				continue
			}
			exportEntry(e, names, w)
		}
		if len(list) < readBatch {
			return nil
		}
	}
}

func exportEntry(e Entry, names map[string]string, w *bufio.Writer) {
	fmt.Fprintf(w, "\n%s * (%s) %s  ; %s\n", e.BookedOn, e, oneLine(e.Memo.Text(i18n.ZH)), oneLine(e.Kind))
	fmt.Fprintf(w, "    ; key: %s\n    ; known: %s\n    ; hash: %s\n", oneLine(e.Key), e.KnownOn, hex.EncodeToString(e.Hash))
	for _, l := range e.Lines {
		sign := ""
		if l.Side == Credit {
			sign = "-"
		}
		fmt.Fprintf(w, "    %s  %s%s CNY\n", names[l.Account], sign, l.Fen.Plain())
	}
}

// exportAccounts declares the accounts of a city and gives their names: kind,
// city, unit, fund, code, and the party where there is one.
func (s *Service) exportAccounts(ctx context.Context, r bun.IDB, city string, w *bufio.Writer) (map[string]string, error) {
	names := map[string]string{}
	kinds := map[string]Kind{}
	err := s.store.eachAccount(ctx, r, city, func(a Account) {
		unit := a.UnitID
		if u, ok := s.org.ByID(a.UnitID); ok {
			unit = u.Code
		}
		parts := []string{hledgerRoot[a.Kind], a.City, unit, a.Fund, a.Code}
		if a.Party != "" {
			parts = append(parts, a.Party)
		}
		for i, p := range parts {
			parts[i] = strings.NewReplacer(":", "_", ";", "_", " ", "_").Replace(oneLine(p))
		}
		name := strings.Join(parts, ":")
		if _, twice := kinds[name]; twice {
			name += ":" + a.ID // two parties that differ in a sign only
		}
		names[a.ID], kinds[name] = name, a.Kind
	})
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		fmt.Fprintf(w, "account %s  ; type: %s\n", name, hledgerKind[kinds[name]])
	}
	return names, err
}

// exportOpening writes what stood at the end of a day as one voucher, so that
// totals of a part of the books are balances all the same.
func (s *Service) exportOpening(ctx context.Context, r bun.IDB, city string, day clock.Day, names map[string]string, w *bufio.Writer) error {
	sums, err := s.store.balancesAt(ctx, r, city, day)
	if err != nil {
		return err
	}
	first := true
	for _, b := range sums {
		if b.DebitFen == b.CreditFen {
			continue
		}
		if first {
			fmt.Fprintf(w, "\n%s * (%s-opening) 期初余额\n", day, city)
			first = false
		}
		fmt.Fprintf(w, "    %s  %s CNY\n", names[b.AccountID], (b.DebitFen - b.CreditFen).Plain())
	}
	return nil
}

// oneLine takes out of a text what would begin a comment, end a line or part an
// account from its amount.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(strings.ReplaceAll(clean(s), ";", "，")), " ")
	return s
}

func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}

func (s store) eachAccount(ctx context.Context, r bun.IDB, city string, fn func(Account)) error {
	after := ""
	for {
		var rows []accountRow
		err := r.NewSelect().Model(&rows).Where("city_code = ? AND id > ?", city, after).OrderExpr("id").Limit(readBatch).Scan(ctx)
		if err != nil {
			return db.Fault(err)
		}
		for _, a := range rows {
			fn(a.account())
			after = a.ID
		}
		if len(rows) < readBatch {
			return nil
		}
	}
}

type accountSum struct {
	AccountID           string
	DebitFen, CreditFen money.Fen
}

// balancesAt sums all accounts of a city at the end of a day.
func (s store) balancesAt(ctx context.Context, r bun.IDB, city string, day clock.Day) ([]accountSum, error) {
	var rows []accountSum
	err := r.NewRaw(`SELECT account_id, CAST(SUM(debit_fen) AS bigint) AS debit_fen, CAST(SUM(credit_fen) AS bigint) AS credit_fen FROM (
		SELECT account_id, debit_fen, credit_fen FROM ledger_months WHERE city_code = ?0 AND booked_month < ?1
		UNION ALL SELECT account_id, debit_fen, credit_fen FROM ledger_days WHERE city_code = ?0 AND booked_on >= ?2 AND booked_on <= ?3) x
		GROUP BY account_id ORDER BY account_id`, city, month(day.String()), month(day.String())+"-01", day.String()).Scan(ctx, &rows)
	return rows, db.Fault(err)
}
