package dues

import (
	"context"
	"strconv"

	"gonghui/internal/core/access"
	"gonghui/internal/core/ledger"
	"gonghui/internal/core/org"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/money"
)

// The fund and the accounts of the room. Each level's books say what of the money
// that lies on the collecting union's bank account is its own: the bank account
// is the county's, the county owes what goes up, the city has a claim on the
// county and owes what goes further up. What is given back undoes the same chain,
// so that each level bears exactly what it had received.
const (
	fund = "dues"

	accBank        = "dues_bank"        // of the collecting union
	accIncome      = "dues_income"      // a level's own part
	accOwedUp      = "dues_owed_up"     // to the level above
	accClaimDown   = "dues_claim_down"  // on the level below
	accNational    = "dues_national"    // owed to the national federation, in the province's books
	accPart        = "dues_part"        // the companies' unions' own part, to be passed on
	accPreparation = "dues_preparation" // funds held until a union is founded (建会筹备金)
	accSuspense    = "dues_suspense"    // arrived, and nobody knows for whom
	accCost        = "dues_refund_cost" // given back out of a level's own part
	accPayable     = "dues_payable"     // approved, to be paid
	accKept        = "dues_kept"        // kept for a union without an account (上代下)
	accTransit     = "dues_transit"     // ordered from the bank, no answer yet
	accClawback    = "dues_clawback"    // to be given back by a company
)

func chart() []ledger.Code {
	return []ledger.Code{
		{Code: accBank, Kind: ledger.Asset, Guarded: true}, {Code: accIncome, Kind: ledger.Income},
		{Code: accOwedUp, Kind: ledger.Liability, Guarded: true}, {Code: accClaimDown, Kind: ledger.Asset, Guarded: true},
		{Code: accNational, Kind: ledger.Liability}, {Code: accPart, Kind: ledger.Liability, Guarded: true},
		{Code: accPreparation, Kind: ledger.Liability, Guarded: true}, {Code: accSuspense, Kind: ledger.Liability},
		{Code: accCost, Kind: ledger.Expense}, {Code: accPayable, Kind: ledger.Liability, Guarded: true},
		{Code: accKept, Kind: ledger.Liability, Guarded: true}, {Code: accTransit, Kind: ledger.Asset, Guarded: true},
		{Code: accClawback, Kind: ledger.Asset, Guarded: true},
	}
}

// levels are the units that dues of a collecting unit pass through. Where there is
// no level of its own, the collecting unit stands in.
type levels struct{ collector, county, city, province org.Unit }

func (s *Service) levelsOf(path string) (levels, error) {
	u, ok := s.Org.ByPath(path)
	root, ok2 := s.Org.Root()
	if !ok || !ok2 {
		return levels{}, fault.New(fault.NotFound, "org.no_unit")
	}
	l := levels{collector: u, county: u, city: u, province: root}
	if x, ok := s.Org.Above(path, org.County); ok {
		l.county = x
	}
	if x, ok := s.Org.Above(path, org.City); ok {
		l.city = x
	}
	return l, nil
}

// booking collects the lines of one entry, one for each account and side.
type booking struct {
	s     *Service
	ctx   context.Context
	city  string
	lines []ledger.Line
	err   error
}

func (s *Service) booking(ctx context.Context, city string) *booking {
	return &booking{s: s, ctx: access.System(ctx, "dues.books"), city: city}
}

// account opens the account of a unit, where there is none yet.
func (b *booking) account(u org.Unit, code, party string) ledger.Account {
	if b.err != nil {
		return ledger.Account{}
	}
	var a ledger.Account
	a, b.err = b.s.Ledger.Open(b.ctx, ledger.Account{City: u.CityCode, UnitID: u.ID, OrgPath: u.Path, Fund: fund, Code: code, Party: party})
	return a
}

// move adds a line; nothing for zero, the other side for less.
func (b *booking) move(u org.Unit, code, party string, side ledger.Side, fen money.Fen) {
	if fen == 0 || b.err != nil {
		return
	}
	if fen < 0 {
		side, fen = side.Other(), -fen
	}
	if a := b.account(u, code, party); b.err == nil {
		b.lines = append(b.lines, ledger.Line{Account: a.ID, Fen: fen, Side: side})
	}
}

func (b *booking) debit(u org.Unit, code string, fen money.Fen) {
	b.move(u, code, "", ledger.Debit, fen)
}

func (b *booking) credit(u org.Unit, code string, fen money.Fen) {
	b.move(u, code, "", ledger.Credit, fen)
}

// post books what was collected; an entry without lines is none.
func (b *booking) post(kind, key string, on clock.Day, subject ledger.Subject, params map[string]string) (ledger.Entry, error) {
	if b.err != nil || len(b.lines) == 0 {
		return ledger.Entry{}, b.err
	}
	return b.s.Ledger.Post(b.ctx, ledger.Entry{
		City: b.city, Key: key, BookedOn: on, Kind: kind, Subject: subject, Memo: ledger.Memo{Key: "ledger.memo." + kind, Params: params}, Lines: b.lines,
	})
}

// levels moves the parts of the levels up the chain; negative parts come down. own
// is where a level books its own part: income when it is collected, cost when it
// is given back, so that the income of the past stands.
func (b *booking) levels(l levels, x itemSum, own string) error {
	up := x.NationalFen + x.ProvinceFen
	b.credit(l.county, own, x.CountyFen)
	if l.city.ID == l.county.ID {
		b.credit(l.county, own, x.CityFen)
	} else {
		b.credit(l.county, accOwedUp, x.CityFen+up)
		b.debit(l.city, accClaimDown, x.CityFen+up)
		b.credit(l.city, own, x.CityFen)
	}
	b.credit(l.city, accOwedUp, up)
	return b.err
}

// down gives the parts as they come down the chain.
func (x itemSum) down() itemSum {
	x.NationalFen, x.ProvinceFen, x.CityFen, x.CountyFen = -x.NationalFen, -x.ProvinceFen, -x.CityFen, -x.CountyFen
	return x
}

// shareUp hands the province's and the national part over to the province's books,
// or fetches them from there where they are negative: two entries in two cities,
// tied by the ledger's outbox.
func (s *Service) shareUp(ctx context.Context, l levels, x itemSum, own, key string, on clock.Day, subject ledger.Subject, params map[string]string) error {
	for _, part := range []struct {
		code string
		fen  money.Fen
	}{{own, x.ProvinceFen}, {accNational, x.NationalFen}} {
		if part.fen == 0 {
			continue
		}
		b := s.booking(ctx, l.city.CityCode)
		owed, own := b.account(l.city, accOwedUp, ""), b.account(l.province, part.code, "")
		if b.err != nil {
			return b.err
		}
		kind, from, fen := "dues.share_up", ledger.Debit, part.fen
		if fen < 0 {
			kind, from, fen = "dues.share_back", ledger.Credit, -fen
		}
		memo := ledger.Memo{Key: "ledger.memo." + kind, Params: params}
		here, there := ledger.Line{Account: owed.ID, Fen: fen, Side: from}, ledger.Line{Account: own.ID, Fen: fen, Side: from.Other()}
		var err error
		if l.city.CityCode == l.province.CityCode { // collected by the province itself
			_, err = s.Ledger.Post(b.ctx, ledger.Entry{
				City: l.city.CityCode, Key: key + "/" + part.code, BookedOn: on, Kind: kind, Subject: subject, Memo: memo, Lines: []ledger.Line{here, there},
			})
		} else {
			_, err = s.Ledger.Transfer(b.ctx, ledger.Transfer{
				Key: key + "/" + part.code, BookedOn: on, Subject: subject, Memo: memo,
				FromCity: l.city.CityCode, From: here, ToCity: l.province.CityCode, To: there,
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// freeze books a file that both sides have signed: what arrived on the bank
// account, whose it is, and what nobody can explain. Fault: conflict
// dues.no_receipts.
func (s *Service) freeze(ctx context.Context, f *File) error {
	before, err := s.store.compared(ctx, *f)
	if err != nil {
		return err
	}
	if !before && f.Report.Lines > 0 {
		return fault.New(fault.Conflict, "dues.no_receipts")
	}
	if err := s.compare(ctx, f); err != nil { // what a line of this file explains may have come with another
		return err
	}
	items, err := s.store.itemSums(ctx, *f)
	if err != nil {
		return err
	}
	return s.bookCollected(ctx, *f, items, "dues.file/"+f.ID)
}

// bookCollected books the money that came with a file and the lines that it is for.
func (s *Service) bookCollected(ctx context.Context, f File, items []itemSum, key string) error {
	_, came, err := s.store.received(ctx, f)
	if err != nil {
		return err
	}
	if err := s.store.book(ctx, f); err != nil {
		return err
	}
	l, err := s.levelsOf(f.OrgPath)
	if err != nil {
		return err
	}
	b := s.booking(ctx, f.CityCode)
	var all itemSum
	b.debit(l.collector, accBank, came)
	b.credit(l.collector, accSuspense, came)
	for _, x := range items {
		if all.CountedFen, err = money.Add(all.CountedFen, x.CountedFen); err != nil {
			return err
		}
		all.NationalFen += x.NationalFen // parts of what has just been added
		all.ProvinceFen += x.ProvinceFen
		all.CityFen += x.CityFen
		all.CountyFen += x.CountyFen
		if x.Item == Preparation {
			b.credit(l.collector, accPreparation, x.RetainedFen)
		} else {
			b.credit(l.collector, accPart, x.RetainedFen)
		}
	}
	b.debit(l.collector, accSuspense, all.CountedFen)
	if err := b.levels(l, all, accIncome); err != nil {
		return err
	}
	on, subject := clock.Today(s.Clock), ledger.Subject{Kind: "dues_file", ID: f.ID}
	params := map[string]string{"Of": f.Name}
	up := func() error { return s.shareUp(ctx, l, all, accIncome, key, on, subject, params) }
	if all.NationalFen+all.ProvinceFen < 0 { // a correction fetches it before it is taken back
		if err := up(); err != nil {
			return err
		}
	}
	if _, err := b.post("dues.collected", key, on, subject, params); err != nil {
		return err
	}
	if all.NationalFen+all.ProvinceFen < 0 {
		return nil
	}
	return up()
}

// supplement books late money of a signed file: a line of its own for each line
// that it is for, the rest waits in suspense.
func (s *Service) supplement(ctx context.Context, f File) error {
	by, err := s.measureAt(ctx, f)
	if err != nil {
		return err
	}
	lines, err := s.store.unequalLines(ctx, f)
	if err != nil {
		return err
	}
	var ids []string
	for _, l := range lines {
		if l.ArrivedFen == nil {
			continue
		}
		more := max(0, min(l.PaidFen, *l.ArrivedFen)) - l.CountedFen
		if more <= 0 {
			continue
		}
		x, err := by.share(l.CompanyID, l.Item, l.Month, more)
		if err != nil {
			return err
		}
		lineID, err := s.store.addSupplement(ctx, l, x)
		if err != nil {
			return err
		}
		ids = append(ids, lineID)
	}
	var items []itemSum
	if len(ids) > 0 {
		if items, err = s.store.itemSums(ctx, f, ids...); err != nil {
			return err
		}
	}
	return s.bookCollected(ctx, f, items, "dues.late/"+f.ID+"/"+strconv.Itoa(f.Version))
}
