package app

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/core/ledger"
	"gonghui/internal/core/org"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/money"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/dues"
	"gonghui/internal/simulator/bank"
	"gonghui/internal/simulator/taxoffice"
)

// DuesSimulation is `gonghui dues simulate`.
type DuesSimulation struct {
	Companies int
	Months    int // of 2020, at most 12
	Faults    int // of the tax office, over all its files
	Seed      uint64
}

// DuesSimulated is what a simulated period came to.
type DuesSimulated struct {
	Lines        int64     `json:"lines"`
	FaultsSeeded int       `json:"faults_seeded"`
	FaultsFound  int       `json:"faults_found"`
	FalseBreaks  int       `json:"false_breaks"`
	Due          money.Fen `json:"due_fen"`  // of all small and micro companies, as the tax office says they paid
	Paid         money.Fen `json:"paid_fen"` // by the bank, to their unions' accounts
	Open         money.Fen `json:"open_fen"` // waits for a break to be cleared
	LedgerSum    money.Fen `json:"ledger_sum_fen"`
	Seconds      float64   `json:"seconds"` // from the first raw file to the last payment file
}

// SimulateDues runs a period of the dues refund in a store of its own against the
// simulators of the tax office and the bank, as the people of each county would:
// files, receipts, signatures, lists, notice, approval, payment orders, answers. It
// ends with an error when the books do not add up to the fen, a payment was made
// twice, or the store was used before.
func SimulateDues(ctx context.Context, c Config, in DuesSimulation, log io.Writer) (out DuesSimulated, err error) {
	if in.Companies < 1 || in.Months < 1 || in.Months > 12 || in.Faults < 0 {
		return out, errors.New("--companies from 1, --months from 1 to 12, --faults from 0")
	}
	if _, err := os.Stat(c.Secrets); err == nil {
		return out, fmt.Errorf("%s was used before: a simulation needs a folder of its own", c.DataDir)
	}
	now := clock.NewFake(time.Date(2021, 1, 20, 1, 0, 0, 0, time.UTC))
	a, err := Open(ctx, c, Options{Clock: now, Create: true})
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	s := &simulation{DuesSimulation: in, app: a, now: now, log: log, out: &out, dice: rand.New(rand.NewPCG(in.Seed, 0x64756573)),
		bank: bank.New(now, in.Seed, bank.Faults{Reject: 0.01, Late: 0.05, Twice: 0.1, Lose: 0.2, Down: 0.2, Stranger: 0.1, Contradict: 0.005})}
	for _, step := range []func(context.Context) error{s.found, s.collect, s.refund, s.pay, s.settle, s.check} {
		if err := step(ctx); err != nil {
			return out, err
		}
	}
	return out, nil
}

// simulation is one run.
type simulation struct {
	DuesSimulation
	app  *App
	now  *clock.Fake
	log  io.Writer
	out  *DuesSimulated
	dice *rand.Rand
	bank *bank.Bank

	counties []*simulatedCounty
	began    time.Time
	mu       sync.Mutex // of out while counties work side by side
}

// simulatedCounty is a county with its companies, and what of them is due.
type simulatedCounty struct {
	unit    org.Unit
	firms   []taxoffice.Company
	class   map[string]company.SizeClass // by credit code
	refs    map[string]company.Ref
	account map[company.Ref]string
	orders  []dues.Batch
}

func (s *simulation) say(format string, args ...any) {
	fmt.Fprintf(s.log, format+"\n", args...)
}

// somebody of a county's finance; two of them stand behind everything.
func (x *simulatedCounty) as(ctx context.Context, name string, caps ...access.Capability) context.Context {
	return access.Enter(ctx, access.Actor{
		Kind: access.KindStaff, AccountID: name + x.unit.DivisionCode, Name: name,
		Grants: []access.Grant{{Role: access.RoleCounty, UnitID: x.unit.ID, Path: x.unit.Path, Caps: caps}},
	})
}

func (x *simulatedCounty) clerk(ctx context.Context) context.Context {
	return x.as(ctx, "clerk", access.DuesCollect, access.DuesReview, access.DuesRefund, access.BatchRun)
}

func (x *simulatedCounty) second(ctx context.Context) context.Context {
	return x.as(ctx, "second", access.DuesReview, access.DuesRefund, access.DuesApprove)
}

// perCounty is how many companies a county has at most before another joins in.
const perCounty = 1000

// found makes the companies of each county known: a list of the statistics office
// with their figures, and the accounts of their unions.
func (s *simulation) found(ctx context.Context) error {
	var units []org.Unit
	for _, u := range s.app.Org.Subtree(access.Root) {
		if u.Kind == org.County {
			units = append(units, u)
		}
	}
	n := min(len(units), (s.Companies+perCounty-1)/perCounty)
	step := len(units) / n
	for i := range n {
		x := &simulatedCounty{unit: units[i*step], class: map[string]company.SizeClass{}, refs: map[string]company.Ref{}, account: map[company.Ref]string{}}
		s.counties = append(s.counties, x)
		size := s.Companies / n
		if i < s.Companies%n {
			size++
		}
		if err := s.census(ctx, x, size); err != nil {
			return err
		}
	}
	s.say("%d companies of %d counties are known", s.Companies, n)
	return nil
}

func (s *simulation) census(ctx context.Context, x *simulatedCounty, size int) error {
	var list strings.Builder
	list.WriteString("统一社会信用代码,企业名称,行业代码,从业人员,营业收入（万元）\n")
	for i := range size {
		firm := taxoffice.Company{
			CreditCode: taxoffice.CreditCode(fmt.Sprintf("91%sMA3%06d", x.unit.DivisionCode[:6], i)), Name: fmt.Sprintf("%s第%d机械有限公司", x.unit.DivisionCode, i),
			PayrollFen: 2_000_000 + s.dice.Int64N(60_000_000),
		}
		employees, revenue, class := 25, 280, company.Micro // 工业
		switch {
		case i%10 == 9:
			employees, revenue, class = 350, 2500, company.Medium
		case i%2 == 0:
			employees, revenue, class = 60, 900, company.Small
		}
		fmt.Fprintf(&list, "%s,%s,3311,%d,%d\n", firm.CreditCode, firm.Name, employees, revenue)
		x.firms = append(x.firms, firm)
		x.class[firm.CreditCode] = class
	}
	text := list.String()
	_, err := s.app.Dues.ImportList(x.clerk(ctx), x.unit.ID, dues.FromStatistics, 2019, strings.NewReader(text), int64(len(text)), dues.ListOptions{Name: "统计.csv"})
	if err != nil {
		return fmt.Errorf("list of %s: %w", x.unit.Name, err)
	}
	listed := make([]company.Listed, len(x.firms))
	for i, f := range x.firms {
		listed[i] = company.Listed{CreditCode: f.CreditCode, Name: f.Name}
	}
	known, err := s.app.Companies.Recognise(access.System(ctx, "simulation"), listed)
	if err != nil {
		return err
	}
	accounts := make([]dues.PayerAccount, len(known))
	for i, k := range known {
		ref := company.Ref{City: k.CityCode, ID: k.ID}
		x.refs[x.firms[i].CreditCode] = ref
		accounts[i] = s.account(x, ref, x.firms[i].Name)
	}
	return s.app.Dues.SetAccounts(x.clerk(ctx), accounts)
}

// account gives a company's union an account that nobody has yet.
func (s *simulation) account(x *simulatedCounty, ref company.Ref, name string) dues.PayerAccount {
	number := fmt.Sprintf("1602%s%09d", x.unit.DivisionCode[:6], s.dice.IntN(1_000_000_000))
	x.account[ref] = number
	return dues.PayerAccount{Company: ref, AccountInput: dues.AccountInput{
		Name: name + "工会委员会", Kind: dues.UnionAccount, Number: number, Bank: "102451000017", BankAs: "中国工商银行",
	}}
}

// collect takes the tax office's files in, month by month, and has both sides sign.
func (s *simulation) collect(parent context.Context) error {
	s.began = time.Now()
	files := len(s.counties) * s.Months
	work, ctx := errgroup.WithContext(parent) // counties work side by side
	work.SetLimit(runtime.GOMAXPROCS(0))
	done := 0
	for i, x := range s.counties {
		work.Go(func() error {
			office := taxoffice.New(x.unit.Name+"税务所", 20_000, s.Seed+uint64(i))
			for m := range s.Months {
				k := i*s.Months + m
				faults := s.Faults*(k+1)/files - s.Faults*k/files
				month := office.Month(fmt.Sprintf("2020-%02d", m+1), x.firms, faults)
				if err := s.file(ctx, x, month); err != nil {
					return fmt.Errorf("%s, month %d: %w", x.unit.Name, m+1, err)
				}
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			if done++; done%10 == 0 || done == len(s.counties) {
				s.say("%d of %d counties collected: %d lines", done, len(s.counties), s.out.Lines)
			}
			return nil
		})
	}
	if err := work.Wait(); err != nil {
		return err
	}
	return s.app.Queue.RunDue(parent) // what goes up to the province arrives
}

func (s *simulation) file(ctx context.Context, x *simulatedCounty, m taxoffice.Month) error {
	clerk := x.clerk(ctx)
	f, err := s.app.Dues.TakeFile(clerk, x.unit.ID, strings.NewReader(m.CSV), int64(len(m.CSV)), dues.FileOptions{Name: "税务.csv"})
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.out.Lines += f.Report.Rows
	s.out.FaultsSeeded += len(m.Seeded)
	s.mu.Unlock()
	came := make([]dues.BankEntry, len(m.Receipts))
	for i, r := range m.Receipts {
		on, err := clock.ParseDay(r.On)
		if err != nil {
			return err
		}
		came[i] = dues.BankEntry{Serial: fmt.Sprintf("%s-%d", r.Voucher, i), Receipt: dues.Receipt{Voucher: r.Voucher, Amount: money.Fen(r.AmountFen), On: on}}
	}
	if _, err := s.app.Dues.Receipts(clerk, f.CityCode, f.ID, came); err != nil {
		return err
	}
	want := map[string]bool{}
	for _, e := range m.Seeded {
		want[string(e.Fault)+" "+e.Voucher] = true
	}
	if err := s.breaks(clerk, f, want); err != nil {
		return err
	}
	if f, err = s.app.Dues.GetFile(clerk, f.CityCode, f.ID); err != nil {
		return err
	}
	if f, err = s.app.Dues.SignFile(clerk, f.CityCode, f.ID, dues.UnionSide, f.Version); err != nil {
		return err
	}
	_, err = s.app.Dues.SignFile(x.as(ctx, "officer", access.DuesTax), f.CityCode, f.ID, dues.TaxSide, f.Version)
	return err
}

// breaks holds the list of breaks of a file against the faults that were made.
func (s *simulation) breaks(ctx context.Context, f dues.File, want map[string]bool) error {
	var after page.Cursor
	for {
		p, err := s.app.Dues.ListBreaks(ctx, dues.BreakFilter{FileID: f.ID, State: dues.BreakOpen}, page.Request{After: after, Limit: page.MaxLimit})
		if err != nil {
			return err
		}
		for _, b := range p.Items {
			s.mu.Lock()
			if want[string(b.Kind)+" "+b.Voucher] {
				s.out.FaultsFound++
			} else {
				s.out.FalseBreaks++
			}
			s.mu.Unlock()
		}
		if after = p.Next; after == "" {
			return nil
		}
	}
}

// refund lists the half years, gives notice, looks again where something is held,
// and has the second person approve.
func (s *simulation) refund(ctx context.Context) error {
	var lists []dues.Refund
	for _, x := range s.counties {
		for half := 1; half <= (s.Months+5)/6; half++ {
			made, err := s.app.Dues.MakeLists(x.clerk(ctx), x.unit.ID, dues.GiveBack, dues.HalfYear(2020, half))
			if err != nil {
				return fmt.Errorf("list of %s: %w", x.unit.Name, err)
			}
			for _, r := range made {
				for _, event := range []string{"review", "notice"} {
					if err := s.step(x.clerk(ctx), r, event); err != nil {
						return err
					}
				}
				if err := s.lookAgain(x.second(ctx), r); err != nil {
					return err
				}
			}
			lists = append(lists, made...)
		}
	}
	s.say("%d lists are on public notice", len(lists))
	s.now.Advance(21 * 24 * time.Hour)
	if _, err := s.app.Cases.Tick(access.System(ctx, "simulation")); err != nil {
		return err
	}
	for _, r := range lists {
		x := s.counties[slices.IndexFunc(s.counties, func(x *simulatedCounty) bool { return x.unit.Path == r.OrgPath })]
		if err := s.step(x.second(ctx), r, "approve"); err != nil {
			return err
		}
	}
	return s.app.Queue.RunDue(ctx)
}

func (s *simulation) step(ctx context.Context, r dues.Refund, event string) error {
	_, k, err := s.app.Dues.GetRefund(ctx, r.CityCode, r.ID)
	if err != nil {
		return err
	}
	if _, err := s.app.Dues.Decide(ctx, casework.Ref{City: r.CityCode, ID: r.ID}, event, k.Version, ""); err != nil {
		return fmt.Errorf("%s of list %s: %w", event, r.Number, err)
	}
	return nil
}

// lookAgain keeps every claim that is held: the accounts of a simulation are right.
func (s *simulation) lookAgain(ctx context.Context, r dues.Refund) error {
	for {
		p, err := s.app.Dues.ListClaims(ctx, r.CityCode, r.ID, dues.ClaimHeld, page.Request{Limit: page.MaxLimit})
		if err != nil || len(p.Items) == 0 {
			return err
		}
		for _, c := range p.Items {
			if err := s.app.Dues.Look(ctx, c.CityCode, c.ID, true, "已核对", c.Version); err != nil {
				return err
			}
		}
	}
}

// house is the account that a county pays from.
func (x *simulatedCounty) house() dues.BankAccount {
	return dues.BankAccount{Name: x.unit.Name, Number: "1602" + x.unit.DivisionCode[:6] + "000001", Bank: "102451000017"}
}

// pay orders everything that can be paid and writes the files.
func (s *simulation) pay(ctx context.Context) error {
	n := 0
	for _, x := range s.counties {
		if err := s.order(ctx, x); err != nil {
			return err
		}
		n += len(x.orders)
	}
	s.out.Seconds = time.Since(s.began).Seconds()
	s.say("%d payment orders are written after %.1f s", n, s.out.Seconds)
	return nil
}

func (s *simulation) order(ctx context.Context, x *simulatedCounty) error {
	b, err := s.app.Dues.PrepareBatch(x.clerk(ctx), x.unit.ID, "", clock.Today(s.now))
	if fault.HasCode(err, "dues.nothing_to_pay") {
		return nil
	}
	if err != nil {
		return err
	}
	if b, err = s.app.Dues.ApproveBatch(x.second(ctx), b.CityCode, b.ID, b.Version); err != nil {
		return err
	}
	if err := s.app.Dues.WriteOrder(x.clerk(ctx), b.CityCode, b.ID, x.house(), io.Discard); err != nil {
		return err
	}
	x.orders = append(x.orders, b)
	return nil
}

// rounds bounds how often orders are sent, asked for and ordered anew.
const rounds = 60

// settle sends the orders and takes the bank's answers in until every payment has
// come to an end; what bounced gets another account and is ordered anew.
func (s *simulation) settle(ctx context.Context) error {
	for round := range rounds {
		waiting := 0
		for _, x := range s.counties {
			n, err := s.talk(ctx, x)
			if err != nil {
				return err
			}
			waiting += n
		}
		if waiting == 0 {
			late, err := s.statements(ctx)
			if err != nil {
				return err
			}
			if late > 0 {
				continue
			}
			s.say("the bank has answered for everything after %d rounds", round+1)
			return nil
		}
		s.now.Advance(24 * time.Hour)
	}
	return errors.New("the bank has not answered for everything")
}

// statements asks for the answer to every order once more, as people do at the end
// of a month: the word that a payment was sent back may have got lost. It tells how
// many were.
func (s *simulation) statements(ctx context.Context) (late int, err error) {
	for _, x := range s.counties {
		for _, o := range x.orders {
			s.bank.Ask(o.MessageID)
			n, err := s.hear(ctx, x)
			if err != nil {
				return 0, err
			}
			late += n
		}
	}
	return late, nil
}

// hear takes in what the bank has to say, and tells how many payments came back.
func (s *simulation) hear(ctx context.Context, x *simulatedCounty) (back int, err error) {
	texts, err := s.bank.Answers(ctx)
	if err != nil {
		return 0, err
	}
	for _, text := range texts {
		a, err := s.app.Dues.TakeAnswer(x.clerk(ctx), x.unit.CityCode, bytes.NewReader(text))
		if err != nil {
			return 0, err
		}
		if !a.Repeated {
			back += a.Rejected
		}
	}
	return back, nil
}

// talk sends what is not answered yet, hears the bank, and orders bounced payments
// anew. It tells how many orders still wait.
func (s *simulation) talk(ctx context.Context, x *simulatedCounty) (waiting int, err error) {
	clerk := x.clerk(ctx)
	for _, o := range x.orders {
		b, err := s.app.Dues.GetBatch(clerk, o.CityCode, o.ID)
		if err != nil {
			return 0, err
		}
		if b.State == dues.BatchDone {
			continue
		}
		waiting++
		if b, err = s.app.Dues.SendBatch(clerk, b.CityCode, b.ID); err != nil {
			return 0, err
		}
		if !s.bank.Ask(b.MessageID) { // it never got it
			var text bytes.Buffer
			if err := s.app.Dues.WriteOrder(clerk, b.CityCode, b.ID, x.house(), &text); err != nil {
				return 0, err
			}
			if err := s.bank.Send(ctx, text.Bytes()); err != nil && !errors.Is(err, bank.ErrLine) {
				return 0, err
			}
		}
		if _, err := s.hear(ctx, x); err != nil {
			return 0, err
		}
	}
	bounced, err := s.bounced(clerk, x)
	if err != nil || len(bounced) == 0 {
		return waiting, err
	}
	if err := s.app.Dues.SetAccounts(clerk, bounced); err != nil {
		return 0, err
	}
	return waiting + 1, s.order(ctx, x)
}

// bounced gives new accounts to the payees of the county whose payments came back.
func (s *simulation) bounced(ctx context.Context, x *simulatedCounty) ([]dues.PayerAccount, error) {
	var out []dues.PayerAccount
	seen := map[company.Ref]bool{}
	var after page.Cursor
	for {
		p, err := s.app.Dues.ListClaimsOf(ctx, x.unit.ID, dues.ClaimBounced, page.Request{After: after, Limit: page.MaxLimit})
		if err != nil {
			return nil, err
		}
		for _, c := range p.Items {
			if !seen[c.Company] { // both halves of a year may come back
				out = append(out, s.account(x, c.Company, c.Name))
			}
			seen[c.Company] = true
		}
		if after = p.Next; after == "" {
			return out, nil
		}
	}
}

// check adds everything up: what is due by the tax office's own lines, what the
// bank paid, what the ledger says.
func (s *simulation) check(ctx context.Context) error {
	house := access.System(ctx, "simulation")
	for _, x := range s.counties {
		d, err := s.app.Dues.DueOf(x.clerk(ctx), x.unit.ID, dues.Period{From: clock.MakeDay(2020, 1, 1), To: clock.MakeDay(2020, 12, 1)})
		if err != nil {
			return err
		}
		s.out.Due += d.Due
		s.out.Paid += d.Paid
		s.out.Open += d.Due - d.Paid
		if d.Waiting != 0 {
			return fmt.Errorf("%s: %s yuan wait that should have been paid", x.unit.Name, d.Waiting.Yuan())
		}
	}
	r, err := s.app.Ledger.Verify(house)
	if err != nil {
		return err
	}
	if !r.OK() || r.InTransit != 0 {
		return fmt.Errorf("the books: %d in transit, %v", r.InTransit, r.Problems)
	}
	if s.out.LedgerSum, err = s.ledgerSum(house); err != nil {
		return err
	}
	if twice := s.bank.Doubled(); len(twice) > 0 {
		return fmt.Errorf("paid twice: %v", twice)
	}
	paid := s.bank.Total()
	if paid != s.out.Paid {
		return fmt.Errorf("the bank paid %s yuan, the house says %s", paid.Yuan(), s.out.Paid.Yuan())
	}
	return nil
}

// ledgerSum is debit less credit of all accounts of all books.
func (s *simulation) ledgerSum(ctx context.Context) (sum money.Fen, err error) {
	var after page.Cursor
	for {
		p, err := s.app.Ledger.Accounts(ctx, ledger.AccountFilter{}, page.Request{After: after, Limit: page.MaxLimit})
		if err != nil {
			return 0, err
		}
		for _, a := range p.Items {
			sum += a.Debit - a.Credit
		}
		if after = p.Next; after == "" {
			return sum, nil
		}
	}
}

// simulationDir gives a folder for a simulation whose data nobody keeps.
func simulationDir() (dir string, drop func() error, err error) {
	dir, err = os.MkdirTemp("", "gonghui-dues")
	return filepath.Join(dir, "data"), func() error { return os.RemoveAll(dir) }, err
}

// SimulateDuesIn is SimulateDues in a folder, or in one that is thrown away after.
func SimulateDuesIn(ctx context.Context, dir string, load func(dir string) (Config, error), in DuesSimulation, log io.Writer) (out DuesSimulated, err error) {
	if dir == "" {
		made, drop, err := simulationDir()
		if err != nil {
			return out, err
		}
		defer func() { err = errors.Join(err, drop()) }()
		dir = made
	}
	c, err := load(cmp.Or(dir, "."))
	if err != nil {
		return out, err
	}
	return SimulateDues(ctx, c, in, log)
}
