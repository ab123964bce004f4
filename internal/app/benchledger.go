package app

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/ledger"
	"gonghui/internal/core/org"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/money"
)

// ledgerSizes are the postings (lines of entries) that stand in the books when they
// are measured.
var ledgerSizes = []int{100_000, 1_000_000, 10_000_000}

// ledger measures posting and reading balances of past days, on books that grow.
// Each entry moves money from one hot account to one of many.
func (b *bench) ledger(ctx context.Context) (err error) {
	a, err := b.house(ctx, "ledger")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	ctx = access.System(ctx, "bench")
	books, err := b.openBooks(ctx, a)
	if err != nil {
		return err
	}
	for _, n := range ledgerSizes {
		if n > 10*b.MaxDocs {
			break
		}
		fmt.Fprintf(b.log, "ledger with %d postings\n", n)
		if err := books.grow(ctx, n/2); err != nil {
			return err
		}
		size := millions(n)
		rate, err := books.post(ctx, 5*time.Second)
		if err != nil {
			return err
		}
		b.print("ledger.post."+size, rate*2, "postings/s")
		hot, err := books.asOf(ctx, books.hot, 1000)
		if err != nil {
			return err
		}
		one, err := books.asOf(ctx, "", 1000)
		if err != nil {
			return err
		}
		b.print("ledger.balance_asof.hot."+size, hot, "ms_p99")
		b.print("ledger.balance_asof.any."+size, one, "ms_p99")
	}
	r, err := a.Ledger.Verify(ctx)
	if err != nil {
		return err
	}
	if !r.OK() {
		return fmt.Errorf("the books: %v", r.Problems)
	}
	return nil
}

func millions(n int) string {
	if n < 1_000_000 {
		return strconv.Itoa(n/1000) + "k"
	}
	return strconv.Itoa(n/1_000_000) + "m"
}

// house opens an empty installation of its own, on SQLite with commits that survive
// a power cut.
func (b *bench) house(ctx context.Context, name string) (*App, error) {
	c, err := LoadConfig(filepath.Join(b.dir, name), func(string) string { return "" })
	if err != nil {
		return nil, err
	}
	return Open(ctx, c, Options{Clock: b.clock, Create: true})
}

// books are a ledger with one hot account and many others.
type books struct {
	ledger *ledger.Service
	city   string
	hot    string
	others []string
	done   atomic.Int64
	first  clock.Day
}

const otherAccounts = 1000

func (b *bench) openBooks(ctx context.Context, a *App) (*books, error) {
	var unit org.Unit
	for _, u := range a.Org.Subtree(access.Root) {
		if u.Kind == org.County {
			unit = u
			break
		}
	}
	x := &books{ledger: a.Ledger, city: unit.CityCode, first: clock.Today(b.clock).Add(-360)}
	list := []ledger.Account{{City: unit.CityCode, UnitID: unit.ID, OrgPath: unit.Path, Fund: "bench", Code: ledger.Clearing}}
	for i := range otherAccounts {
		list = append(list, ledger.Account{City: unit.CityCode, UnitID: unit.ID, OrgPath: unit.Path, Fund: "bench", Code: ledger.Clearing, Party: strconv.Itoa(i)})
	}
	opened, err := a.Ledger.OpenMany(ctx, list)
	if err != nil {
		return nil, err
	}
	x.hot = opened[0].ID
	for _, o := range opened[1:] {
		x.others = append(x.others, o.ID)
	}
	return x, nil
}

func (x *books) entry(dice *rand.Rand) ledger.Entry {
	n := x.done.Add(1)
	fen := money.Fen(1 + dice.Int64N(1_000_000))
	return ledger.Entry{
		City: x.city, Key: "bench/" + strconv.FormatInt(n, 10), BookedOn: x.first.Add(dice.IntN(360)), Kind: "bench.moved", Subject: ledger.Subject{Kind: "bench", ID: "1"},
		Memo:  ledger.Memo{Key: "ledger.code.clearing"},
		Lines: []ledger.Line{{Account: x.hot, Fen: fen, Side: ledger.Debit}, {Account: x.others[dice.IntN(len(x.others))], Fen: fen, Side: ledger.Credit}},
	}
}

// grow posts until so many entries stand.
func (x *books) grow(ctx context.Context, entries int) error {
	dice := rand.New(rand.NewPCG(1, uint64(entries)))
	for int(x.done.Load()) < entries {
		list := make([]ledger.Entry, min(50_000, entries-int(x.done.Load())))
		for i := range list {
			list[i] = x.entry(dice)
		}
		if err := x.ledger.PostMany(ctx, list, nil); err != nil {
			return err
		}
	}
	return nil
}

// post posts one entry a time from many sides at once, each on disk when it is
// answered, and gives entries a second.
func (x *books) post(ctx context.Context, d time.Duration) (float64, error) {
	const sides = 64
	began := time.Now()
	var n atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, sides)
	for i := range sides {
		wg.Go(func() {
			dice := rand.New(rand.NewPCG(2, uint64(i)))
			for time.Since(began) < d {
				if _, errs[i] = x.ledger.Post(ctx, x.entry(dice)); errs[i] != nil {
					return
				}
				n.Add(1)
			}
		})
	}
	wg.Wait()
	return float64(n.Load()) / time.Since(began).Seconds(), errors.Join(errs...)
}

// asOf asks for balances of past days, of one account or of any, and gives the
// slowest of a hundred in milliseconds.
func (x *books) asOf(ctx context.Context, account string, times int) (float64, error) {
	dice := rand.New(rand.NewPCG(3, 3))
	took := make([]float64, times)
	for i := range took {
		id := account
		if id == "" {
			id = x.others[dice.IntN(len(x.others))]
		}
		began := time.Now()
		if _, err := x.ledger.Balance(ctx, x.city, id, x.first.Add(dice.IntN(360)), 0); err != nil {
			return 0, err
		}
		took[i] = float64(time.Since(began).Microseconds()) / 1000
	}
	slices.Sort(took)
	return took[len(took)*99/100], nil
}

// duesSizes are the companies whose year of dues is simulated.
var duesSizes = []int{1_000, 10_000, 100_000}

// dues measures a year of dues from the tax office's raw files to the files for the
// bank, and the plain insert of as many rows for comparison.
func (b *bench) dues(ctx context.Context) error {
	for _, n := range duesSizes {
		if n > b.MaxDocs/10 {
			break
		}
		name := "dues.year." + strconv.Itoa(n/1000) + "k"
		fmt.Fprintf(b.log, "a year of %d companies\n", n)
		dir := filepath.Join(b.dir, name)
		c, err := LoadConfig(dir, func(string) string { return "" })
		if err != nil {
			return err
		}
		got, err := SimulateDues(ctx, c, DuesSimulation{Companies: n, Months: 12, Faults: n / 10, Seed: 2020}, b.log)
		if err != nil {
			return err
		}
		if got.FaultsFound != got.FaultsSeeded || got.FalseBreaks != 0 {
			return fmt.Errorf("%d faults made, %d found, %d breaks without one", got.FaultsSeeded, got.FaultsFound, got.FalseBreaks)
		}
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
		plain, err := b.plainInsert(ctx, name, int(got.Lines))
		if err != nil {
			return err
		}
		b.print(name, got.Seconds, "s")
		b.print(name+".plain_insert", plain, "s")
		b.print(name+".times_plain", got.Seconds/plain, "times")
	}
	return nil
}

// plainInsert writes so many lines of the collection ledger into an empty database,
// with nothing around it, and gives the seconds.
func (b *bench) plainInsert(ctx context.Context, name string, rows int) (seconds float64, err error) {
	a, err := b.house(ctx, name+"-plain")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	_, err = a.DB.Writer(ctx).NewRaw(`INSERT INTO dues_files (city_code, id, org_path, name, sha256, rows, payroll_fen, paid_fen, state, created_by, created_at)
		VALUES ('3701', 'f', '0001', 'f', 'f', 0, 0, 0, 'taken', '', ?)`, b.clock.Now()).Exec(ctx)
	if err != nil {
		return 0, db.Fault(err)
	}
	columns := []string{"city_code", "id", "org_path", "file_id", "file_row", "credit_code", "name", "item", "month", "payroll_fen", "rate", "due_fen", "paid_fen", "voucher", "paid_on"}
	began := time.Now()
	for from := 0; from < rows; from += 5000 {
		list := make([][]any, min(5000, rows-from))
		for i := range list {
			n := strconv.Itoa(from + i)
			list[i] = []any{"3701", n, "0001", "f", i, "91370102MA3000001X", "某某机械有限公司", "dues", "2020-03-01", 5_000_000, 20_000, 100_000, 100_000, n, "2020-03-15"}
		}
		err := a.DB.InTx(ctx, func(ctx context.Context) error {
			_, err := a.DB.InsertNew(ctx, "dues_lines", columns, "city_code, voucher", list)
			return err
		})
		if err != nil {
			return 0, err
		}
	}
	return time.Since(began).Seconds(), nil
}
