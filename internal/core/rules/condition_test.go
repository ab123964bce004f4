package rules_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/rules"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/money"
)

// worker is an environment with every type of variable.
var worker = &rules.Env{Name: "fund.worker", Vars: []rules.Var{
	{Name: "age", Type: rules.IntVar}, {Name: "income_fen", Type: rules.FenVar}, {Name: "member", Type: rules.BoolVar},
	{Name: "sector", Type: rules.TextVar}, {Name: "groups", Type: rules.ListVar},
}}

func conditions(lines ...string) []byte {
	var in []rules.Condition
	for i, expr := range lines {
		in = append(in, rules.Condition{Name: fmt.Sprintf("c%d", i+1), Expr: expr, Zh: "条件", En: "Condition"})
	}
	text, _ := json.Marshal(in)
	return text
}

func parse(lines ...string) (*rules.CondSet, error) {
	v, err := rules.Definition{Key: "fund.worker", Kind: rules.Conditions, Env: worker}.Parse(conditions(lines...))
	return v.Conditions(), err
}

func TestBadExpressions(t *testing.T) {
	for _, x := range []struct {
		expr, code   string
		line, column int
		word         string
	}{
		{"age <", "syntax", 1, 6, ""}, {"", "syntax", 0, 0, ""}, {"age < 3)", "syntax", 1, 8, ""}, {"age < 30 and member", "syntax", 1, 10, ""},
		{"'open", "syntax", 0, 0, ""}, {"age = 3", "syntax", 1, 5, ""}, {"member;", "syntax", 0, 0, ""},
		{"salary > 3", "name", 1, 1, "salary"}, {"member &&\n  salry > 3", "name", 2, 3, "salry"}, {"age.years > 3", "types", 1, 4, ""},
		{"age < '30'", "types", 1, 5, ""}, {"sector == 3", "types", 1, 8, ""}, {"!age", "types", 1, 1, ""}, {"age && member", "types", 1, 1, ""},
		{"sector in ['a', 3]", "types", 0, 0, ""}, {"age in groups", "types", 1, 5, ""}, {"groups + sector == sector", "types", 0, 0, ""},
		{"age < 1.5", "fraction", 0, 0, ""}, {"1.5 == 1.5", "fraction", 0, 0, ""}, {"age > 30 && income_fen >= 0.1", "fraction", 0, 0, ""},
		{"age", "result", 1, 1, ""}, {"income_fen / 2", "result", 1, 1, ""}, {"'yes'", "result", 1, 1, ""}, {"groups", "result", 1, 1, ""},
		// Nothing beyond comparing, counting and joining: no conversions, no pattern
		// machine, no clock, no loops, no types.
		{"double(age) > 3.0", "name", 1, 7, "double"}, {"int(sector) > 3", "name", 1, 4, "int"}, {"string(age) == '3'", "name", 1, 7, "string"},
		{"dyn(sector) < 3", "name", 1, 4, "dyn"}, {"type(age) == int", "name", 0, 0, "type"}, {"sector.matches('(a+)+$')", "name", 1, 15, "matches"},
		{"timestamp('2020-01-01T00:00:00Z') < timestamp(sector)", "name", 0, 0, "timestamp"}, {"duration('1h') > duration(sector)", "name", 0, 0, "duration"},
		{"groups.exists(g, g == 'a')", "name", 0, 0, ""}, {"has(sector.name)", "name", 0, 0, ""}, {"int == int", "name", 1, 1, "int"},
		{"{'a': 1}['a'] == 1", "types", 0, 0, ""}, {"[1, 2][0] == age", "types", 0, 0, ""}, {"b'abc' == b'abc'", "types", 0, 0, ""}, {"1u == 1u", "types", 0, 0, ""},
		{strings.Repeat("member && ", 120) + "member", "long", 1, 1, ""}, {"'" + strings.Repeat("长", rules.MaxExpression) + "' == sector", "long", 1, 1, ""},
		{strings.Repeat("(", 300) + "member" + strings.Repeat(")", 300), "syntax", 0, 0, ""},
	} {
		_, err := parse("member", x.expr)
		require.True(t, fault.HasCode(err, "rules.expression_"+x.code), "%.60s: want %s, got %v", x.expr, x.code, err)
		f := fault.As(err)
		require.True(t, fault.IsKind(err, fault.Invalid))
		require.Equal(t, 2, f.Params["Row"], x.expr)
		if x.line > 0 {
			require.Equal(t, []any{x.line, x.column}, []any{f.Params["Line"], f.Params["Column"]}, x.expr)
		}
		if x.word != "" {
			require.Equal(t, x.word, f.Params["Word"], x.expr)
		}
		for _, lang := range i18n.Langs {
			said := i18n.Fault(lang, f)
			require.NotContains(t, said, "rules.", x.expr)
			require.NotContains(t, said, "<no value>", x.expr)
			require.Contains(t, said, "2", "the line is named")
		}
	}
}

func TestLabelsOfConditions(t *testing.T) {
	d := rules.Definition{Key: "fund.worker", Kind: rules.Conditions, Env: worker}
	good := rules.Condition{Name: "grown", Expr: "age >= 18", Zh: "年满 18 周岁", En: "Is 18 or older"}
	for name, change := range map[string]func(*rules.Condition){
		"no name": func(c *rules.Condition) { c.Name = "" }, "capitals": func(c *rules.Condition) { c.Name = "Grown" },
		"long name": func(c *rules.Condition) { c.Name = "a" + strings.Repeat("b", 40) }, "Chinese name": func(c *rules.Condition) { c.Name = "年龄" },
		"no Chinese": func(c *rules.Condition) { c.Zh = "  " }, "no English": func(c *rules.Condition) { c.En = "" },
		"long Chinese": func(c *rules.Condition) { c.Zh = strings.Repeat("长", 201) }, "long English": func(c *rules.Condition) { c.En = strings.Repeat("x", 201) },
		"hidden": func(c *rules.Condition) { c.Zh = "年满\x00" },
	} {
		c := good
		change(&c)
		text, err := json.Marshal([]rules.Condition{good, c})
		require.NoError(t, err)
		_, err = d.Parse(text)
		require.True(t, fault.HasCode(err, "rules.expression_label"), "%s: %v", name, err)
		require.Equal(t, 2, fault.As(err).Params["Row"])
	}
	text, err := json.Marshal([]rules.Condition{good, good})
	require.NoError(t, err)
	_, err = d.Parse(text)
	require.True(t, fault.HasCode(err, "rules.expression_label"), "a name twice: %v", err)
	for _, raw := range []string{"[]", "{}", "null", `"age"`, `[{"name":"a","expr":"member","zh":"是","en":"Is","more":1}]`} {
		_, err = d.Parse([]byte(raw))
		require.True(t, fault.HasCode(err, "rules.value"), "%s: %v", raw, err)
	}
	_, err = parse(strings.Split(strings.Repeat("member,", rules.MaxConditions)+"member", ",")...)
	require.True(t, fault.HasCode(err, "rules.value"), "too many: %v", err)

	text, err = json.Marshal([]rules.Condition{{Name: " grown ", Expr: " age >= 18 ", Zh: " 年满 18 周岁 ", En: " Is 18 or older "}})
	require.NoError(t, err)
	v, err := d.Parse(text)
	require.NoError(t, err)
	require.Equal(t, []rules.Condition{good}, v.Conditions().Lines())
	res, err := v.Conditions().Eval(rules.Inputs{"age": 17})
	require.NoError(t, err)
	require.Equal(t, "年满 18 周岁", res.Lines[0].Label(i18n.ZH))
	require.Equal(t, "Is 18 or older", res.Lines[0].Label(i18n.EN))
}

// line evaluates one expression.
func line(t *testing.T, expr string, in rules.Inputs) rules.Line {
	t.Helper()
	set, err := parse(expr)
	require.NoError(t, err, expr)
	res, err := set.Eval(in)
	require.NoError(t, err, expr)
	require.Len(t, res.Lines, 1)
	require.Equal(t, res.Truth, res.Lines[0].Truth)
	return res.Lines[0]
}

func TestWhatConditionsSay(t *testing.T) {
	all := rules.Inputs{"age": 42, "income_fen": money.Fen(300_000), "member": true, "sector": "构造", "groups": []string{"migrant", "veteran"}}
	for expr, want := range map[string]rules.Truth{
		"age == 42 && income_fen < 300001 && member": rules.True, "age > 42 || !member": rules.False, "42 <= age": rules.True, "sector != '构造'": rules.False,
		"'veteran' in groups": rules.True, "!('graduate' in groups)": rules.True, "sector in ['建筑', '构造']": rules.True, "size(groups) == 2": rules.True,
		"groups == ['migrant', 'veteran']": rules.True, "sector.startsWith('构')": rules.True, "sector.contains('造') && sector.endsWith('造')": rules.True,
		"(age - 2) * 3 == 120": rules.True, "age % 2 == 0": rules.True, "-age < 0": rules.True, "age > 60 ? member : income_fen == 300000": rules.True,
		"income_fen / 100 == 3000": rules.True, "true": rules.True, "member == false": rules.False,
	} {
		require.Equal(t, want, line(t, expr, all).Truth, expr)
	}
}

// An input that is missing makes unknown only what depends on it.
func TestMissingInputs(t *testing.T) {
	for expr, want := range map[string]rules.Truth{
		"age > 18": rules.Unknown, "member && age > 18": rules.Unknown, "!member && age > 18": rules.False, "member || age > 18": rules.True,
		"!member || age > 18": rules.Unknown, "!(age > 18)": rules.Unknown, "'a' in groups": rules.Unknown, "size(groups) > 0": rules.Unknown,
		"age > 18 ? member : !member": rules.Unknown, "member": rules.True,
	} {
		require.Equal(t, want, line(t, expr, rules.Inputs{"member": true, "groups": nil}).Truth, expr)
	}
	l := line(t, "member && age > 18 && sector == 'a'", rules.Inputs{"member": true})
	require.Equal(t, []rules.Part{
		{Expr: "member", Truth: rules.True, Inputs: []rules.Input{{Var: "member", Value: true}}},
		{Expr: "age > 18", Truth: rules.Unknown, Inputs: []rules.Input{{Var: "age"}}, Needs: &rules.Need{Var: "age", Op: "known"}},
		{Expr: `sector == "a"`, Truth: rules.Unknown, Inputs: []rules.Input{{Var: "sector"}}, Needs: &rules.Need{Var: "sector", Op: "known"}},
	}, l.Parts)
	// Nothing, the empty list and the empty text are known.
	require.Equal(t, rules.False, line(t, "age > 18 || 'a' in groups || sector == 'b'", rules.Inputs{"age": 0, "groups": []string{}, "sector": ""}).Truth)

	set, err := parse("member", "age > 18", "!member")
	require.NoError(t, err)
	res, err := set.Eval(rules.Inputs{"member": true})
	require.NoError(t, err)
	require.Equal(t, rules.False, res.Truth, "what is certainly wrong weighs more than what is not known")
	res, err = set.Eval(rules.Inputs{})
	require.NoError(t, err)
	require.Equal(t, rules.Unknown, res.Truth)
	require.Len(t, res.Lines, 3)
}

// Each part is judged, also behind the first that is false, and says what would
// change it.
func TestTheTraceIsWhole(t *testing.T) {
	l := line(t, "age < 30 && sector in ['trade', 'industry'] && !member && 5 < income_fen", rules.Inputs{"age": 42, "sector": "farm", "member": true, "income_fen": 6})
	require.Equal(t, rules.False, l.Truth)
	require.Equal(t, []rules.Part{
		{Expr: "age < 30", Truth: rules.False, Inputs: []rules.Input{{Var: "age", Value: int64(42)}}, Needs: &rules.Need{Var: "age", Op: "<", Bound: int64(30)}},
		{Expr: `sector in ["trade", "industry"]`, Truth: rules.False, Inputs: []rules.Input{{Var: "sector", Value: "farm"}},
			Needs: &rules.Need{Var: "sector", Op: "in", Bound: []string{"trade", "industry"}}},
		{Expr: "member", Truth: rules.True, Inputs: []rules.Input{{Var: "member", Value: true}}, Needs: &rules.Need{Var: "member", Op: "==", Bound: false}},
		{Expr: "5 < income_fen", Truth: rules.True, Inputs: []rules.Input{{Var: "income_fen", Value: int64(6)}}},
	}, l.Parts)
	for expr, need := range map[string]*rules.Need{
		"!(age >= 30)": {Var: "age", Op: "<", Bound: int64(30)}, "30 > age": {Var: "age", Op: "<", Bound: int64(30)}, "age == 30": {Var: "age", Op: "==", Bound: int64(30)},
		"age != 42": {Var: "age", Op: "!=", Bound: int64(42)}, "!(sector in ['farm'])": {Var: "sector", Op: "not_in", Bound: []string{"farm"}},
		"age + 1 < 30": nil, "size(groups) > 5": nil, "'a' in groups": nil,
	} {
		l := line(t, expr, rules.Inputs{"age": 42, "sector": "farm", "groups": []string{"b"}})
		require.Equal(t, rules.False, l.Truth, expr)
		require.Equal(t, need, l.Parts[0].Needs, expr)
	}
	l = line(t, "age < 30 || member", rules.Inputs{"age": 42, "member": true})
	require.Len(t, l.Parts, 2)
	require.Nil(t, l.Parts[0].Needs, "nothing stands in the way of what holds")
}

func TestInputsOfAnotherType(t *testing.T) {
	set, err := parse("age > 18 && member && sector == '' && 'a' in groups && income_fen > 0")
	require.NoError(t, err)
	for name, in := range map[string]rules.Inputs{
		"a fraction": {"age": 18.5}, "a text for a number": {"age": "18"}, "a number for a truth": {"member": 1}, "a truth for a text": {"sector": true},
		"a text for a list": {"groups": "a"}, "a list of numbers": {"groups": []any{1}}, "a name that is none": {"salary": 1}, "a huge number": {"age": json.Number("1e30")},
	} {
		_, err := set.Eval(in)
		require.True(t, fault.HasCode(err, "rules.inputs"), "%s: %v", name, err)
		require.True(t, fault.IsKind(err, fault.Internal), "a mistake of the program, not of a person")
		require.NotContains(t, i18n.Fault(i18n.EN, fault.As(err)), "fund.worker")
	}
	// As they come back from the store.
	res, err := set.Eval(rules.Inputs{"age": json.Number("19"), "member": true, "sector": "", "groups": []any{"a"}, "income_fen": json.Number("1")})
	require.NoError(t, err)
	require.Equal(t, rules.True, res.Truth)
}

func TestComputationsThatFail(t *testing.T) {
	for _, expr := range []string{"income_fen * 9223372036854775807 > 0", "income_fen / (age - 42) > 0", "income_fen % (age - 42) > 0", "-(age - 9223372036854775807 - 43) > 0"} {
		set, err := parse("member", expr)
		require.NoError(t, err, expr)
		_, err = set.Eval(rules.Inputs{"member": true, "age": 42, "income_fen": money.Fen(300_000)})
		require.True(t, fault.HasCode(err, "rules.expression_overflow"), "%s: %v", expr, err)
		require.Contains(t, i18n.Fault(i18n.EN, fault.As(err)), "c2")
	}
	// Whoever asks first whether one may divide is not punished for the whole trace.
	l := line(t, "age > 42 && income_fen / (age - 42) > 100", rules.Inputs{"age": 42, "income_fen": 300_000})
	require.Equal(t, rules.False, l.Truth)
	require.Equal(t, rules.Unknown, l.Parts[1].Truth)
	require.Nil(t, l.Parts[1].Needs)
}
