package dues

import (
	_ "embed"
	"sync"

	"gonghui/internal/core/rules"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

// PayerType chooses the split that holds for a company.
type PayerType string

// The payer types.
const (
	General PayerType = "general"
	Finance PayerType = "finance" // finance, insurance, telecommunications and post lines that remit a tenth
)

// The keys of the parameters.
const (
	keyRate      = "dues.rate"       // of the payroll
	keySplit     = "dues.split"      // who gets which part
	keyRefunded  = "dues.refunded"   // what small and micro companies remit for the month comes back
	keyMode      = "dues.mode"       // how a city collects
	keyTolerance = "dues.tolerance"  // a difference up to this is none
	keyBreakDays = "dues.break_days" // a break is to be cleared within
	keyListOrder = "dues.list_order" // whose list of companies counts before whose

	keySource     = "dues.source"        // who begins a refund
	keyEligible   = "dues.eligible"      // who gets one
	keyReview     = "dues.review_days"   // the township looks a list through within
	keyResubmit   = "dues.resubmit_days" // a company puts an application right within
	keyCounty     = "dues.county_days"   // the county decides within
	keyNotice     = "dues.notice_days"   // public notice
	keyApplyBy    = "dues.apply_months"  // after the end of the year of the dues
	keyPay        = "dues.pay_days"      // the bank answers within
	keyJump       = "dues.payroll_jump"  // percent of the average of the other months
	keyShared     = "dues.shared_account"
	keyBankFields = "dues.bank_fields" // columns of banks' own files
)

// Route is how a refund begins.
type Route string

// The routes.
const (
	ByList        Route = "list"  // the county lists who gets it; nobody applies
	ByApplication Route = "apply" // the company's union applies
)

// payerEnv is what the conditions of a refund are held against.
var payerEnv = &rules.Env{Name: "dues.payer", Vars: []rules.Var{
	{Name: "size_class", Type: rules.TextVar}, {Name: "excluded", Type: rules.TextVar}, {Name: "payer_type", Type: rules.TextVar},
	{Name: "has_union", Type: rules.BoolVar},
}}

// bankFields are what a column of a bank's own file may hold.
var bankFields = []string{"number", "id", "name", "account", "bank", "bank_name", "yuan", "fen", "remark"}

//go:embed parameters.json
var parameters []byte

// Rulebook is what the room registers: its parameters and what the program ships.
func Rulebook() rules.Room {
	percent := func(level string) rules.Column {
		return rules.Column{Name: level, Kind: rules.Integer, Bounds: rules.Between(0, 100)}
	}
	return rules.Room{
		Name: "dues",
		Definitions: []rules.Definition{
			{Key: keyRate, Kind: rules.Rate, Bounds: rules.Between(0, int64(rules.Whole))},
			{Key: keySplit, Kind: rules.Rows, RowKey: []string{"payer"}, Check: checkSplits, Columns: []rules.Column{
				{Name: "payer", Kind: rules.Choice, Choices: []string{string(General), string(Finance)}},
				percent("national"), percent("province"), percent("city"), percent("county"), percent("grassroots"),
			}},
			{Key: keyRefunded, Kind: rules.Boolean},
			{Key: keyMode, Kind: rules.Choice, Choices: []string{string(Full), string(UpperOnly)}, Levels: []rules.Level{rules.Province, rules.City}},
			{Key: keyTolerance, Kind: rules.Fen, Bounds: rules.Between(0, 10_000)},
			{Key: keyBreakDays, Kind: rules.Days, Bounds: rules.Between(1, 366)},
			{Key: keyListOrder, Kind: rules.Choice, Choices: listOrders(), Levels: []rules.Level{rules.Province, rules.City}},
			{Key: keySource, Kind: rules.Choice, Choices: []string{string(ByList), string(ByApplication)}, Levels: []rules.Level{rules.Province, rules.City}},
			{Key: keyEligible, Kind: rules.Conditions, Env: payerEnv},
			{Key: keyReview, Kind: rules.Workdays, Bounds: rules.Between(1, 60)},
			{Key: keyResubmit, Kind: rules.Workdays, Bounds: rules.Between(1, 60)},
			{Key: keyCounty, Kind: rules.Workdays, Bounds: rules.Between(1, 60)},
			{Key: keyNotice, Kind: rules.Workdays, Bounds: rules.Between(1, 60)},
			{Key: keyApplyBy, Kind: rules.Integer, Bounds: rules.Between(0, 60)},
			{Key: keyPay, Kind: rules.Workdays, Bounds: rules.Between(1, 60)},
			{Key: keyJump, Kind: rules.Integer, Bounds: rules.Between(110, 10_000)},
			{Key: keyShared, Kind: rules.Integer, Bounds: rules.Between(1, 1000)},
			{Key: keyBankFields, Kind: rules.Rows, RowKey: []string{"bank", "position"}, Columns: []rules.Column{
				{Name: "bank", Kind: rules.Text}, {Name: "position", Kind: rules.Integer, Bounds: rules.Between(1, 50)},
				{Name: "heading", Kind: rules.Text}, {Name: "field", Kind: rules.Choice, Choices: bankFields},
			}},
		},
		Defaults: parameters,
	}
}

// checkSplits refuses a row whose parts do not add up to the whole.
func checkSplits(v rules.Value) error {
	for i := range v.Table().Len() {
		if err := splitOf(v.Table().Row(i)).Check(); err != nil {
			return err
		}
	}
	return nil
}

func splitOf(r rules.Row) Split {
	return Split{
		National: r.Int("national"), Province: r.Int("province"), City: r.Int("city"), County: r.Int("county"), Grassroots: r.Int("grassroots"),
	}
}

var shipped = sync.OnceValue(func() *rules.Book {
	b, err := rules.ShippedBook(Rulebook())
	if err != nil {
		panic(err) // the embedded file is part of the program
	}
	return b
})

// ShippedBook is what the program comes with.
func ShippedBook() *rules.Book { return shipped() }

// TermsFor gives the terms of a payer for the month that begins on the day
// (归属期: the month the dues are for decides, not the day of payment). Fault:
// not_found dues.no_terms.
func TermsFor(b *rules.Book, division string, payer PayerType, month clock.Day) (Terms, error) {
	missing := func(key string) error {
		return fault.New(fault.NotFound, "dues.no_terms", fault.With("Key", key), fault.With("Month", month.String()[:7]))
	}
	r := b.At(division, month)
	t := Terms{Rate: r.Percent(keyRate), Refunded: r.Bool(keyRefunded), Mode: Mode(r.Text(keyMode))}
	splits := r.Table(keySplit)
	if fault.HasCode(r.Err(), "rules.no_value") {
		return Terms{}, missing(keyRate)
	}
	if r.Err() != nil {
		return Terms{}, r.Err()
	}
	row, ok := splits.Find("payer", string(payer))
	if !ok {
		return Terms{}, missing(keySplit)
	}
	t.Split = splitOf(row)
	return t, nil
}
