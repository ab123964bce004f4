package rules

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
)

// Limits of conditions. A person writes them, so they are bounded like any input.
const (
	MaxConditions = 30
	MaxExpression = 1000   // characters
	maxLabel      = 200    // characters
	maxNodes      = 200    // of an expression
	costLimit     = 10_000 // units of CEL; a comparison costs one or two
)

// VarType is what a variable holds. There are no fractions: money is fen,
// percentages are millionths.
type VarType string

// The types of variables.
const (
	IntVar  VarType = "int"
	FenVar  VarType = "fen" // an int of fen, shown as yuan
	BoolVar VarType = "bool"
	TextVar VarType = "text"
	ListVar VarType = "list" // of texts
)

// Var is a variable of an environment.
type Var struct {
	Name    string
	Type    VarType
	Choices []string // of a text, where its values have words
}

// Env is the variables that conditions of one kind may use, and their words.
type Env struct {
	Name string // room.noun
	Vars []Var

	once sync.Once
	cel  *cel.Env
	err  error
}

// VarText is the message key of a variable's words; its unit is part of them.
func (e *Env) VarText(name string) string { return "rulevar." + e.Name + "." + name }

// Texts lists the message keys of the environment.
func (e *Env) Texts() []string {
	var keys []string
	for _, v := range e.Vars {
		keys = append(keys, e.VarText(v.Name))
		for _, c := range v.Choices {
			keys = append(keys, e.VarText(v.Name)+"."+c)
		}
	}
	return keys
}

func (e *Env) variable(name string) (Var, bool) {
	for _, v := range e.Vars {
		if v.Name == name {
			return v, true
		}
	}
	return Var{}, false
}

func (e *Env) env() (*cel.Env, error) {
	e.once.Do(func() {
		// No macros: no loops, so the cost of an expression is its length.
		opts := []cel.EnvOption{cel.StdLib(), cel.ClearMacros(), cel.ExpressionNodeLimit(maxNodes), cel.ParserExpressionSizeLimit(MaxExpression * 4)}
		for _, v := range e.Vars {
			t := map[VarType]*cel.Type{IntVar: cel.IntType, FenVar: cel.IntType, BoolVar: cel.BoolType, TextVar: cel.StringType, ListVar: cel.ListType(cel.StringType)}[v.Type]
			if t == nil {
				e.err = fmt.Errorf("environment %s: variable %q has no type", e.Name, v.Name)
				return
			}
			opts = append(opts, cel.Variable(v.Name, t))
		}
		e.cel, e.err = cel.NewCustomEnv(opts...)
	})
	return e.cel, e.err
}

// Condition is one line of a list: an expression that is true or false, with its
// words for people.
type Condition struct {
	Name string `json:"name"` // stable in traces: lower case, digits, _
	Expr string `json:"expr"`
	Zh   string `json:"zh"`
	En   string `json:"en"`
}

// Label gives the words in a language.
func (c Condition) Label(lang i18n.Lang) string {
	if lang == i18n.EN {
		return c.En
	}
	return c.Zh
}

type compiled struct {
	Condition
	ast *celast.AST
	prg cel.Program
}

// CondSet is a list of conditions, compiled: all must hold. It is read-only and
// safe for concurrent use.
type CondSet struct {
	env   *Env
	lines []compiled
}

// Lines lists the conditions.
func (s *CondSet) Lines() []Condition {
	out := make([]Condition, len(s.lines))
	for i, l := range s.lines {
		out[i] = l.Condition
	}
	return out
}

var condName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

func (d Definition) parseConditions(raw []byte) (Value, error) {
	var in []Condition
	if strict(raw, &in) != nil || len(in) == 0 || len(in) > MaxConditions {
		return Value{}, valueFault("rules.value", fault.OnField("value", "invalid"))
	}
	set := &CondSet{env: d.Env}
	for i, c := range in {
		c.Name, c.Expr, c.Zh, c.En = strings.TrimSpace(c.Name), strings.TrimSpace(c.Expr), strings.TrimSpace(c.Zh), strings.TrimSpace(c.En)
		if !condName.MatchString(c.Name) || !clean(c.Zh, maxLabel) || !clean(c.En, maxLabel) ||
			slices.ContainsFunc(set.lines, func(x compiled) bool { return x.Name == c.Name }) {
			return Value{}, valueFault("rules.expression_label", fault.OnField("value", "invalid"), fault.With("Row", i+1))
		}
		x, err := d.Env.compile(c.Expr)
		if err != nil {
			f := fault.As(err)
			if f.Kind == fault.Invalid {
				f = fault.New(fault.Invalid, f.Code, fault.OnField("value", "invalid"), fault.With("Row", i+1),
					fault.With("Line", f.Params["Line"]), fault.With("Column", f.Params["Column"]), fault.With("Word", f.Params["Word"]), fault.Because(f.Cause))
			}
			return Value{}, f
		}
		x.Condition = c
		set.lines = append(set.lines, x)
		in[i] = c
	}
	text, err := json.Marshal(in)
	if err != nil {
		return Value{}, fault.New(fault.Internal, "internal", fault.Because(err))
	}
	return Value{Kind: Conditions, cond: set, raw: string(text)}, nil
}

var quotedWord = regexp.MustCompile(`'([^']*)'`)

// compile checks an expression. Faults, Invalid, with Line and Column:
// rules.expression_syntax, rules.expression_name, rules.expression_types,
// rules.expression_fraction, rules.expression_result, rules.expression_long.
func (e *Env) compile(expr string) (compiled, error) {
	at := func(code string, line, column int, word string, cause error) error {
		return fault.New(fault.Invalid, code, fault.With("Line", line), fault.With("Column", column), fault.With("Word", word), fault.Because(cause))
	}
	env, err := e.env()
	if err != nil {
		return compiled{}, fault.New(fault.Internal, "internal", fault.Because(err))
	}
	if len([]rune(expr)) > MaxExpression {
		return compiled{}, at("rules.expression_long", 1, 1, "", nil)
	}
	checked, issues := env.Compile(expr)
	if issues != nil && len(issues.Errors()) > 0 {
		first := issues.Errors()[0]
		code, word := "rules.expression_syntax", ""
		switch {
		case strings.Contains(first.Message, "node limit"), strings.Contains(first.Message, "size limit"):
			return compiled{}, at("rules.expression_long", 1, 1, "", issues.Err())
		case strings.Contains(first.Message, "double"):
			code = "rules.expression_fraction"
		case strings.Contains(first.Message, "undeclared reference"):
			code = "rules.expression_name"
			if m := quotedWord.FindStringSubmatch(first.Message); m != nil {
				word = m[1]
			}
		case strings.Contains(first.Message, "no matching overload"), strings.Contains(first.Message, "field selection"), strings.Contains(first.Message, "expected type"):
			code = "rules.expression_types"
		}
		return compiled{}, at(code, first.Location.Line(), first.Location.Column()+1, word, issues.Err())
	}
	tree := checked.NativeRep()
	if code, e, word := e.unspoken(tree, tree.Expr()); code != "" {
		loc := tree.SourceInfo().GetStartLocation(e.ID())
		return compiled{}, at(code, loc.Line(), loc.Column()+1, word, nil)
	}
	if checked.OutputType().Kind() != types.BoolKind {
		return compiled{}, at("rules.expression_result", 1, 1, "", nil)
	}
	prg, err := env.Program(checked, cel.EvalOptions(cel.OptExhaustiveEval, cel.OptPartialEval), cel.CostLimit(costLimit))
	if err != nil {
		return compiled{}, at("rules.expression_types", 1, 1, "", err)
	}
	return compiled{ast: tree, prg: prg}, nil
}

// functions are all that an expression may call: comparing, reckoning, counting
// and looking into texts. Conversions, patterns, clocks and types stay out, so that
// no fraction arises and nothing is left to fail while it is evaluated but a number
// that grows too large and a division by zero.
var functions = map[string]bool{
	operators.LogicalAnd: true, operators.LogicalOr: true, operators.LogicalNot: true, operators.Conditional: true,
	operators.Equals: true, operators.NotEquals: true, operators.Less: true, operators.LessEquals: true, operators.Greater: true, operators.GreaterEquals: true,
	operators.Add: true, operators.Subtract: true, operators.Multiply: true, operators.Divide: true, operators.Modulo: true, operators.Negate: true,
	operators.In: true, "size": true, "startsWith": true, "endsWith": true, "contains": true,
}

// unspoken finds the first part of a checked expression that is no part of our
// language, and the code of its fault; "" when there is none.
func (e *Env) unspoken(tree *celast.AST, x celast.Expr) (code string, at celast.Expr, word string) {
	var parts []celast.Expr
	switch x.Kind() {
	case celast.CallKind:
		call := x.AsCall()
		if !functions[call.FunctionName()] {
			if strings.ContainsAny(call.FunctionName(), "_[") { // an operator has no name to people
				return "rules.expression_types", x, ""
			}
			return "rules.expression_name", x, call.FunctionName()
		}
		if call.IsMemberFunction() {
			parts = append(parts, call.Target())
		}
		parts = append(parts, call.Args()...)
	case celast.IdentKind:
		if _, ok := e.variable(x.AsIdent()); !ok {
			return "rules.expression_name", x, x.AsIdent()
		}
	case celast.ListKind:
		parts = x.AsList().Elements()
		for _, p := range parts {
			if tree.GetType(p.ID()).Kind() != tree.GetType(parts[0].ID()).Kind() {
				return "rules.expression_types", p, ""
			}
		}
	case celast.LiteralKind:
		switch x.AsLiteral().Type() {
		case types.IntType, types.StringType, types.BoolType:
		case types.DoubleType:
			return "rules.expression_fraction", x, ""
		default:
			return "rules.expression_types", x, ""
		}
	default:
		return "rules.expression_types", x, ""
	}
	for _, p := range parts {
		if code, at, word := e.unspoken(tree, p); code != "" {
			return code, at, word
		}
	}
	return "", nil, ""
}

// Truth is the outcome of a condition. Unknown means that an input is missing.
type Truth string

// The outcomes.
const (
	True    Truth = "true"
	False   Truth = "false"
	Unknown Truth = "unknown"
)

// Line is the outcome of one condition.
type Line struct {
	Name  string `json:"name"`
	Expr  string `json:"expr"`
	Zh    string `json:"zh"`
	En    string `json:"en"`
	Truth Truth  `json:"truth"`
	Parts []Part `json:"parts,omitempty"`
}

// Label gives the words in a language.
func (l Line) Label(lang i18n.Lang) string { return Condition{Zh: l.Zh, En: l.En}.Label(lang) }

// Part is one comparison inside a condition, whichever way it came out.
type Part struct {
	Expr   string  `json:"expr"`
	Truth  Truth   `json:"truth"`
	Inputs []Input `json:"inputs,omitempty"`
	Needs  *Need   `json:"needs,omitempty"` // of a part that stands in the way
}

// Input is a variable as it was.
type Input struct {
	Var   string `json:"var"`
	Value any    `json:"value,omitempty"` // absent = missing
}

// Need is what a variable would have to be: below 300, one of micro, small. Op
// is one of < <= > >= == != in not_in known.
type Need struct {
	Var   string `json:"var"`
	Op    string `json:"op"`
	Bound any    `json:"bound,omitempty"`
}

// Result is the outcome of all conditions: true when each line is, unknown when
// none is false and one is unknown.
type Result struct {
	Truth Truth
	Lines []Line
}

// Inputs are the variables by name: whole numbers, money.Fen, bool, string,
// []string. A variable that is absent or nil is unknown.
type Inputs map[string]any

// Eval evaluates every condition and every part of it, also behind the first
// that is false, so that the trace is whole. Faults: internal rules.inputs for a
// variable of another type; invalid rules.expression_overflow when a computation
// leaves the whole numbers or costs too much.
func (s *CondSet) Eval(in Inputs) (Result, error) {
	vars, missing, err := s.env.activation(in)
	if err != nil {
		return Result{}, err
	}
	var patterns []*cel.AttributePatternType
	for _, name := range missing {
		patterns = append(patterns, cel.AttributePattern(name))
	}
	act, err := cel.PartialVars(vars, patterns...)
	if err != nil {
		return Result{}, fault.New(fault.Internal, "internal", fault.Because(err))
	}
	out := Result{Truth: True}
	for _, l := range s.lines {
		v, details, err := l.prg.Eval(act)
		if err != nil {
			return Result{}, fault.New(fault.Invalid, "rules.expression_overflow", fault.With("Name", l.Name), fault.Because(err))
		}
		line := Line{Name: l.Name, Expr: l.Expr, Zh: l.Zh, En: l.En, Truth: truthOf(v)}
		w := walk{set: s, info: l.ast.SourceInfo(), value: details.State().Value, in: vars}
		w.parts(l.ast.Expr(), true)
		line.Parts = w.out
		if line.Truth == True { // nothing stands in the way of what holds
			for i := range line.Parts {
				line.Parts[i].Needs = nil
			}
		}
		switch {
		case line.Truth == False:
			out.Truth = False
		case line.Truth == Unknown && out.Truth == True:
			out.Truth = Unknown
		}
		out.Lines = append(out.Lines, line)
	}
	return out, nil
}

func (e *Env) activation(in Inputs) (vars map[string]any, missing []string, err error) {
	vars = make(map[string]any, len(in))
	for name := range in {
		if _, ok := e.variable(name); !ok {
			return nil, nil, fault.New(fault.Internal, "rules.inputs", fault.Because(fmt.Errorf("%s has no variable %q", e.Name, name)))
		}
	}
	for _, v := range e.Vars {
		x, err := v.plain(in[v.Name])
		switch {
		case err != nil:
			return nil, nil, fault.New(fault.Internal, "rules.inputs", fault.Because(fmt.Errorf("%s.%s: %w", e.Name, v.Name, err)))
		case x == nil:
			missing = append(missing, v.Name)
		default:
			vars[v.Name] = x
		}
	}
	return vars, missing, nil
}

var errType = errors.New("is of another type")

// plain gives an input as the expression sees it; nil = missing. Numbers read
// back from JSON come as json.Number.
func (v Var) plain(x any) (any, error) {
	if x == nil {
		return nil, nil
	}
	switch v.Type {
	case IntVar, FenVar:
		return whole(x)
	case BoolVar:
		if b, ok := x.(bool); ok {
			return b, nil
		}
	case TextVar:
		if s, ok := x.(string); ok {
			return s, nil
		}
	case ListVar:
		switch l := x.(type) {
		case []string:
			return l, nil
		case []any:
			out := make([]string, 0, len(l))
			for _, e := range l {
				s, ok := e.(string)
				if !ok {
					return nil, errType
				}
				out = append(out, s)
			}
			return out, nil
		}
	}
	return nil, errType
}

// walk collects the parts of an evaluated expression.
type walk struct {
	set   *CondSet
	info  *celast.SourceInfo
	value func(int64) (refVal, bool)
	in    map[string]any
	out   []Part
}

// parts descends through and, or, not; everything else is one part. want is
// which outcome of the part helps the whole: a not turns it round.
func (w *walk) parts(e celast.Expr, want bool) {
	if e.Kind() == celast.CallKind {
		call := e.AsCall()
		switch call.FunctionName() {
		case operators.LogicalAnd, operators.LogicalOr:
			for _, a := range call.Args() {
				w.parts(a, want)
			}
			return
		case operators.LogicalNot:
			w.parts(call.Args()[0], !want)
			return
		}
	}
	p := Part{Truth: Unknown}
	if v, ok := w.value(e.ID()); ok {
		p.Truth = truthOf(v)
	}
	if text, err := cel.ExprToString(e, w.info); err == nil {
		p.Expr = text
	}
	var names []string
	w.vars(e, &names)
	for _, n := range names {
		p.Inputs = append(p.Inputs, Input{Var: n, Value: w.in[n]})
	}
	if p.Truth == Unknown {
		for _, i := range p.Inputs {
			if i.Value == nil {
				p.Needs = &Need{Var: i.Var, Op: "known"}
				break
			}
		}
	} else if (p.Truth == True) != want {
		p.Needs = w.need(e, want)
	}
	w.out = append(w.out, p)
}

func (w *walk) vars(e celast.Expr, names *[]string) {
	switch e.Kind() {
	case celast.IdentKind:
		if n := e.AsIdent(); !slices.Contains(*names, n) {
			*names = append(*names, n)
		}
	case celast.CallKind:
		if e.AsCall().IsMemberFunction() {
			w.vars(e.AsCall().Target(), names)
		}
		for _, a := range e.AsCall().Args() {
			w.vars(a, names)
		}
	case celast.ListKind:
		for _, x := range e.AsList().Elements() {
			w.vars(x, names)
		}
	}
}

var (
	comparison = map[string]string{
		operators.Less: "<", operators.LessEquals: "<=", operators.Greater: ">", operators.GreaterEquals: ">=",
		operators.Equals: "==", operators.NotEquals: "!=", operators.In: "in",
	}
	opposite = map[string]string{"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "==", "in": "not_in"}
	turned   = map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
)

// need says what a variable would have to be for a part to come out as wanted;
// nil where that is no simple sentence.
func (w *walk) need(e celast.Expr, want bool) *Need {
	if e.Kind() == celast.IdentKind {
		return &Need{Var: e.AsIdent(), Op: "==", Bound: want}
	}
	if e.Kind() != celast.CallKind {
		return nil
	}
	op, ok := comparison[e.AsCall().FunctionName()]
	if !ok {
		return nil
	}
	left, right := e.AsCall().Args()[0], e.AsCall().Args()[1]
	if left.Kind() != celast.IdentKind {
		if op == "in" || right.Kind() != celast.IdentKind {
			return nil
		}
		left, right, op = right, left, turned[op]
	}
	v, ok := w.value(right.ID())
	if right.Kind() == celast.LiteralKind {
		v, ok = right.AsLiteral(), true
	}
	if !ok {
		return nil
	}
	bound := native(v)
	if bound == nil {
		return nil
	}
	if !want {
		op = opposite[op]
	}
	return &Need{Var: left.AsIdent(), Op: op, Bound: bound}
}
