package rules_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/rules"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
)

// An approver sees what a change would do by the book of this moment.
func TestWhatAChangeWouldDo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := setup(t, d)
		one := h.clerk("one", "37")
		c := h.submitted(one, proposal("fund.cap", "3701", "2020-08-01", "1500"))
		p, err := h.Preview(one, c)
		require.NoError(t, err)
		require.Equal(t, []string{"1000.00", "37", "1500.00"}, []string{p.Before.Value.Typed(), p.Before.Place, p.Value.Typed()})
		require.True(t, p.Found)
		require.False(t, p.Past)
		require.Nil(t, p.Replaced)
		require.NoError(t, p.Fault)
		h.clock.Advance(20 * 24 * time.Hour)
		p, err = h.Preview(one, c)
		require.NoError(t, err)
		require.True(t, p.Past, "its first day has passed by now")

		had := h.decided(proposal("fund.cap", "3702", "2020-09-01", "700"))
		next := proposal("fund.cap", "3702", "2020-09-01", "800")
		next.Replaces = h.entry(had).ID
		c = h.submitted(one, next)
		p, err = h.Preview(one, c)
		require.NoError(t, err)
		require.Equal(t, "700.00", p.Replaced.Value.Typed())
		h.decided(next)
		p, err = h.Preview(one, c)
		require.NoError(t, err, "what is wrong is told beside the change")
		requireCode(t, "rules.replaced", p.Fault)

		early := h.submitted(one, proposal("fund.rate", "37", "2019-01-01", "1"))
		p, err = h.Preview(one, early)
		require.NoError(t, err)
		require.False(t, p.Found)
		require.True(t, p.Past)
	})
}

// An example typed by hand comes out under both, line by line, and nothing of it is kept.
func TestAnExampleUnderBoth(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := setup(t, d)
		one := h.clerk("one", "37")
		require.Same(t, company, h.ExampleEnv("fund.who"))
		require.Same(t, company, h.ExampleEnv("fund.rate"), "the room's rule names its variables")
		require.Nil(t, h.ExampleEnv(rules.ReviewWorkdays))
		require.Nil(t, h.ExampleEnv("fund.top"))

		c := h.submitted(one, proposal("fund.rate", "37", "2020-08-01", "3"))
		got, err := h.Example(one, c.Ref(), small("10000"))
		require.NoError(t, err)
		require.Len(t, got, 1)
		require.Equal(t, "fund.refund", got[0].Rule)
		require.Equal(t, []rules.Outcome{{Result: "yes", Amount: yuan("200"), Lines: got[0].Before.Lines}, {Result: "yes", Amount: yuan("300"), Lines: got[0].After.Lines}},
			[]rules.Outcome{got[0].Before, got[0].After})
		got, err = h.Example(one, c.Ref(), rules.Inputs{"paid_fen": int64(9_000_000_000_000_000_000)})
		require.NoError(t, err)
		require.Equal(t, "no", got[0].Before.Result, "what is not known is no reason to pay")

		who := h.submitted(one, proposal("fund.who", "37", "2020-08-01", `[{"name":"small","expr":"employees < 20","zh":"小","en":"Small"},{"name":"ratio","expr":"paid_fen / employees > 10","zh":"人均","en":"Each"}]`))
		got, err = h.Example(one, who.Ref(), small("10000"))
		require.NoError(t, err)
		require.Len(t, got, 2)
		require.Equal(t, []string{"", "true", "false"}, []string{got[0].Rule, got[0].Before.Result, got[0].After.Result})
		require.Len(t, got[0].Before.Lines, 3)
		require.Equal(t, "Small", got[0].After.Lines[0].Label(i18n.EN))
		require.Equal(t, []any{"fund.refund", yuan("200"), yuan("0")}, []any{got[1].Rule, got[1].Before.Amount, got[1].After.Amount})
		got, err = h.Example(one, who.Ref(), rules.Inputs{"employees": 0, "paid_fen": 1})
		require.NoError(t, err, "what cannot be computed is told for its side alone")
		require.NoError(t, got[0].BeforeErr)
		requireCode(t, "rules.expression_overflow", got[0].AfterErr)
		_, err = h.Example(one, who.Ref(), rules.Inputs{"employees": "many"})
		requireCode(t, "rules.inputs", err)

		review := h.submitted(one, proposal(rules.ReviewWorkdays, "37", "2020-08-01", "6"))
		_, err = h.Example(one, review.Ref(), rules.Inputs{})
		require.ErrorIs(t, err, rules.ErrNotFound)
		_, err = h.Example(h.clerk("sister", "3702"), who.Ref(), small("1"))
		require.ErrorIs(t, err, rules.ErrNotFound)
		_, err = h.Example(h.clerk("leader", "37", rules0), who.Ref(), small("1"))
		requireCode(t, "access.denied", err)
		_, err = h.Example(one, casework.Ref{City: "3700", ID: "none"}, small("1"))
		require.ErrorIs(t, err, rules.ErrNotFound)
		var n int
		require.NoError(t, d.Reader(t.Context()).NewRaw("SELECT count(*) FROM rule_decisions").Scan(t.Context(), &n))
		require.Zero(t, n)
	})
}

func TestValuesInWords(t *testing.T) {
	b := shippedFund(t)
	for key, want := range map[string][2]string{
		"fund.rate": {"2%", "2%"}, "fund.cap": {"1,000 元", "1,000 yuan"}, "fund.low": {"5 个工作日", "5 working days"}, "fund.high": {"9 天", "9 days"}, "fund.open": {"是", "yes"},
		"fund.split": {"一张表，2 行", "a table of 2 rows"}, "fund.who": {"3 个条件", "3 conditions"}, rules.ReviewWorkdays: {"5 个工作日", "5 working days"},
	} {
		d, _ := b.Definition(key)
		e, err := b.On(key, "37", day("2020-07-20"))
		require.NoError(t, err)
		require.Equal(t, want, [2]string{d.Words(i18n.ZH, e.Value), d.Words(i18n.EN, e.Value)}, key)
	}
	people := rules.Definition{Key: "fund.people", Kind: rules.Integer, Unit: "persons"}
	for raw, want := range map[string][2]string{"1": {"1 人", "1 person"}, "5000": {"5,000 人", "5,000 people"}, "1234567": {"1,234,567 人", "1,234,567 people"}, "-999": {"-999 人", "-999 people"}, "-1000": {"-1,000 人", "-1,000 people"}} {
		v, err := people.Parse([]byte(raw))
		require.NoError(t, err)
		require.Equal(t, want, [2]string{people.Words(i18n.ZH, v), people.Words(i18n.EN, v)})
	}
	require.Equal(t, "—", people.Words(i18n.EN, rules.Value{}))
	split, _ := b.Definition("fund.split")
	e, err := b.On("fund.split", "37", day("2020-07-20"))
	require.NoError(t, err)
	row := e.Value.Table().Row(1)
	require.Equal(t, []string{"bank", "90%", ""}, []string{
		split.CellWords(i18n.EN, split.Columns[0], row.Cell("payer")), split.CellWords(i18n.EN, split.Columns[2], row.Cell("city")), split.CellWords(i18n.EN, split.Columns[3], row.Cell("note")),
	})
	for basis, want := range map[rules.Basis][3]string{
		rules.Fact: {"From a document", "From a document", "From a document"}, rules.Known: {"Source not checked", "Source not checked", "Source not checked"},
		rules.Assumed: {"Assumed by this province", "Assumed by this city", "Assumed by this county"},
	} {
		require.Equal(t, want, [3]string{rules.BasisWords(i18n.EN, basis, "37"), rules.BasisWords(i18n.EN, basis, "3701"), rules.BasisWords(i18n.EN, basis, "370102")})
	}
	require.Equal(t, "A default of the program, until the province confirms it", func() string { e, _ := b.On("fund.cap", "37", day("2020-07-20")); return e.Cited(i18n.EN) }())
	c := rules.Change{Key: rules.ReviewWorkdays, Place: "370102", From: day("2020-08-01")}
	require.Equal(t, "Time to approve a change of a setting (Lixia, Jinan, from 2020-08-01)", c.Title(i18n.EN))
}

// What a form collected cell by cell is the JSON that is read; a cell that is none is named.
func TestTablesOfAForm(t *testing.T) {
	d := definition(t, "fund.split")
	rows := []map[string]string{{"payer": " ordinary ", "province": "40%", "city": "60", "note": ""}, {"payer": "bank", "province": "10", "city": "90", "note": "按文件"}}
	v, err := d.FromText(d.RowsText(rows))
	require.NoError(t, err)
	require.Equal(t, []map[string]string{{"payer": "ordinary", "province": "40", "city": "60", "note": ""}, {"payer": "bank", "province": "10", "city": "90", "note": "按文件"}}, v.Table().Typed())
	rows[1]["city"] = "half"
	_, err = d.FromText(d.RowsText(rows))
	requireCode(t, "rules.rows", err)
	f := fault.As(err)
	require.Equal(t, []any{2, "city"}, []any{f.Params["Row"], f.Params["Column"]})
	require.Equal(t, "\"city\" in row 2 is wrong, or repeats an earlier row. Please check it.", i18n.Field(i18n.EN, f.Fields[0]), "the field says what is wrong")
	_, err = d.FromText(d.RowsText(nil))
	requireCode(t, "rules.value", err)
	people := rules.Definition{Key: "fund.sizes", Kind: rules.Rows, Columns: []rules.Column{{Name: "n", Kind: rules.Integer}, {Name: "fen", Kind: rules.Fen}, {Name: "yes", Kind: rules.Boolean}}}
	v, err = people.FromText(people.RowsText([]map[string]string{{"n": "5", "fen": "1.50", "yes": "是"}}))
	require.NoError(t, err)
	require.JSONEq(t, `[{"n":5,"fen":150,"yes":true}]`, v.JSON())
	for column, typed := range map[string]string{"n": "five", "fen": "1.555", "yes": "perhaps"} {
		row := map[string]string{"n": "5", "fen": "1.50", "yes": "是"}
		row[column] = typed
		_, err = people.FromText(people.RowsText([]map[string]string{row}))
		requireCode(t, "rules.rows", err)
		require.Equal(t, column, fault.As(err).Params["Column"])
	}
	set, err := definition(t, "fund.who").FromText(rules.ConditionsText([]rules.Condition{{Name: "own", Expr: "!subsidiary", Zh: "独立", En: "Own"}}))
	require.NoError(t, err)
	require.Len(t, set.Conditions().Lines(), 1)
}
