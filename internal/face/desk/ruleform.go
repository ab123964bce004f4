package desk

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"gonghui/internal/core/casework"
	"gonghui/internal/core/rules"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
)

// ruleForm is what is typed of a proposal beside its value, whose fields depend on
// the parameter.
type ruleForm struct {
	Place    string    `form:"place" check:"max=6"`
	From     clock.Day `form:"from" check:"required"`
	To       clock.Day `form:"to"`
	Citation string    `form:"citation" check:"required,max=300"`
	Basis    string    `form:"basis" check:"required,choice=fact|known|assumed"`
	Reason   string    `form:"reason" check:"required,lines,max=500"`
	Replaces string    `form:"replaces" check:"max=40"`
}

func (in ruleForm) proposal(key, value string) rules.Proposal {
	return rules.Proposal{
		Key: key, Place: in.Place, From: in.From, To: in.To, Value: value, Citation: in.Citation, Basis: rules.Basis(in.Basis), Reason: in.Reason, Replaces: in.Replaces,
	}
}

// ruleFormView is a proposal as it is written: of a parameter, or anew.
type ruleFormView struct {
	Definition rules.Definition
	Change     *rules.Change // nil: a new one
	Version    int
	Action     string
	Back       string
	Places     []ui.Option
	Replaces   []ui.Option
	Typed      func(string) string
	Cells      []map[string]string // of a table or of conditions
	Errors     ui.Errors
}

func (v ruleFormView) title(ctx context.Context) string {
	return t(ctx, "desk.rules.propose_of", "Param", t(ctx, v.Definition.TitleText()))
}

// blank is how many empty rows a form offers for more.
const blank = 3

func (f *face) askRule(w http.ResponseWriter, r *http.Request) error {
	v, err := f.proposalView(r)
	if err != nil {
		return err
	}
	return f.show(w, r, "rules", v.title(r.Context()), ruleFormPage(v))
}

// proposalView is the empty form for a parameter, with the value that holds now.
func (f *face) proposalView(r *http.Request) (v ruleFormView, err error) {
	ctx, key := r.Context(), r.PathValue("key")
	var entries []rules.Entry
	if v.Definition, entries, err = f.Rules.Parameter(ctx, key); err != nil {
		return v, err
	}
	if v.Places = f.mayPropose(ctx, v.Definition); len(v.Places) == 0 {
		return v, fault.New(fault.Forbidden, "access.denied")
	}
	at := r.URL.Query().Get("place")
	if !slices.ContainsFunc(v.Places, func(o ui.Option) bool { return o.Value == at }) {
		at = v.Places[0].Value
	}
	v.Action, v.Back = ruleHref(key)+"/propose", ruleHref(key)+"?place="+at
	v.Replaces = f.replaceable(ctx, v.Definition, entries)
	b, err := f.Rules.Book(ctx)
	if err != nil {
		return v, err
	}
	now := rules.Value{}
	if e, err := b.On(key, at, f.today()); err == nil {
		now = e.Value
	}
	v.fill(now, map[string]string{"place": at, "value": now.Typed()})
	return v, nil
}

// fill puts what a form begins with into it.
func (v *ruleFormView) fill(value rules.Value, typed map[string]string) {
	v.Typed = func(name string) string { return typed[name] }
	switch value.Kind {
	case rules.Rows:
		v.Cells = value.Table().Typed()
	case rules.Conditions:
		for _, c := range value.Conditions().Lines() {
			v.Cells = append(v.Cells, map[string]string{"name": c.Name, "expr": c.Expr, "zh": c.Zh, "en": c.En})
		}
	}
}

// replaceable lists the decided values within the actor's reach that a change may end.
func (f *face) replaceable(ctx context.Context, d rules.Definition, entries []rules.Entry) []ui.Option {
	at := f.places(ctx)
	may := f.mayPropose(ctx, d)
	var out []ui.Option
	for _, e := range entries {
		if e.Shipped() || !slices.ContainsFunc(may, func(o ui.Option) bool { return o.Value == e.Place }) {
			continue
		}
		out = append(out, ui.Option{Value: e.ID, Label: t(ctx, "desk.rules.entry", "Place", at(e.Place), "Period", period(ctx, e.From, e.To), "Value", words(ctx, d, e.Value))})
	}
	return out
}

func (f *face) propose(w http.ResponseWriter, r *http.Request) error {
	v, err := f.proposalView(r)
	if err != nil {
		return err
	}
	c := rules.Change{}
	in, err := readRule(r)
	if err == nil {
		c, err = f.Rules.Propose(r.Context(), in.proposal(v.Definition.Key, v.value(r)))
	}
	return f.written(w, r, v, c, err)
}

func readRule(r *http.Request) (in ruleForm, err error) {
	web.JoinDates(r, "from", "to")
	return in, web.Decode(r, &in)
}

// written answers a proposal that was sent: the change's own page, or the form again.
func (f *face) written(w http.ResponseWriter, r *http.Request, v ruleFormView, c rules.Change, err error) error {
	if err == nil {
		f.site.Flash(r, t(r.Context(), "desk.rules.saved"))
		return web.See(w, r, changeHref(c))
	}
	if !web.Shown(err) {
		return err
	}
	v.Typed, v.Cells, v.Errors = r.PostForm.Get, v.cells(r.PostForm), faults(r, err)
	if v.Errors.On("value") == "" { // told at once, not after everything else is right
		if _, bad := v.Definition.FromText(v.value(r)); fault.IsKind(bad, fault.Invalid) {
			v.Errors = append(v.Errors, faults(r, bad)...)
		}
	}
	return f.again(w, r, "rules", v.title(r.Context()), err, ruleFormPage(v))
}

func (f *face) askEdit(w http.ResponseWriter, r *http.Request) error {
	v, err := f.editView(r)
	if err != nil {
		return err
	}
	return f.show(w, r, "rules", v.title(r.Context()), ruleFormPage(v))
}

func (f *face) editView(r *http.Request) (v ruleFormView, err error) {
	ctx, ref := r.Context(), changeRef(r)
	c, err := f.Rules.Change(ctx, ref)
	if err != nil {
		return v, err
	}
	k, err := f.Cases.Get(ctx, ref)
	if err != nil {
		return v, err
	}
	if !rules.MayPropose(ctx, c.OrgPath) {
		return v, fault.New(fault.Forbidden, "access.denied")
	}
	var entries []rules.Entry
	if v.Definition, entries, err = f.Rules.Parameter(ctx, c.Key); err != nil {
		return v, err
	}
	v.Change, v.Version, v.Action, v.Back = &c, k.Version, changeHref(c)+"/edit", changeHref(c)
	v.Replaces = f.replaceable(ctx, v.Definition, entries)
	value, err := v.Definition.Parse([]byte(c.Value))
	if err != nil && !fault.IsKind(err, fault.Invalid) {
		return v, err
	}
	typed := map[string]string{
		"place": c.Place, "from": c.From.String(), "citation": c.Citation, "basis": string(c.Basis), "reason": c.Reason, "replaces": c.Replaces, "value": value.Typed(),
	}
	if !c.To.IsZero() {
		typed["to"] = c.To.String()
	}
	v.fill(value, typed)
	return v, nil
}

func (f *face) edit(w http.ResponseWriter, r *http.Request) error {
	v, err := f.editView(r)
	if err != nil {
		return err
	}
	version, err := strconv.Atoi(r.PostFormValue("version"))
	if err != nil {
		return fault.New(fault.Invalid, "web.bad_request", fault.Because(err))
	}
	v.Version = version // what was seen: a colleague's change since is a conflict, also the second time
	c := rules.Change{}
	in, err := readRule(r)
	if err == nil {
		c, err = f.Rules.Edit(r.Context(), v.Change.Ref(), version, in.proposal(v.Definition.Key, v.value(r)))
	}
	return f.written(w, r, v, c, err)
}

func changeRef(r *http.Request) casework.Ref {
	return casework.Ref{City: r.PathValue("city"), ID: r.PathValue("id")}
}

// value is the typed value in the form in which the parameter reads it.
func (v ruleFormView) value(r *http.Request) string {
	switch v.Definition.Kind {
	case rules.Rows:
		if rows := v.cells(r.PostForm); len(rows) > 0 {
			return v.Definition.RowsText(rows)
		}
		return ""
	case rules.Conditions:
		var list []rules.Condition
		for _, x := range v.cells(r.PostForm) {
			list = append(list, rules.Condition{Name: x["name"], Expr: x["expr"], Zh: x["zh"], En: x["en"]})
		}
		if len(list) == 0 {
			return ""
		}
		return rules.ConditionsText(list)
	}
	return r.PostForm.Get("value")
}

// cells reads the rows of a table as they were typed, without those left empty.
func (v ruleFormView) cells(form url.Values) []map[string]string {
	rows := map[int]map[string]string{}
	for name, values := range form {
		rest, ok := strings.CutPrefix(name, "cell.")
		number, column, cut := strings.Cut(rest, ".")
		n, err := strconv.Atoi(number)
		if !ok || !cut || err != nil || n < 0 || n > rules.MaxRows+blank || !slices.Contains(v.columns(), column) || strings.TrimSpace(values[0]) == "" {
			continue
		}
		if rows[n] == nil {
			rows[n] = map[string]string{}
		}
		rows[n][column] = values[0]
	}
	var out []map[string]string
	for _, n := range slices.Sorted(maps.Keys(rows)) {
		out = append(out, rows[n])
	}
	return out
}

// columns are the names of the cells of a row.
func (v ruleFormView) columns() []string {
	if v.Definition.Kind == rules.Conditions {
		return []string{"name", "expr", "zh", "en"}
	}
	var out []string
	for _, c := range v.Definition.Columns {
		out = append(out, c.Name)
	}
	return out
}

// grid is the table of fields for a table or a list of conditions.
func (v ruleFormView) grid(ctx context.Context) ui.GridArgs {
	d := v.Definition
	g := ui.GridArgs{Field: ui.Field{Name: "value", Label: t(ctx, d.TitleText()), Hint: t(ctx, "desk.rules.grid_hint"), Error: v.Errors.On("value")}}
	var choices [][]ui.Option
	if d.Kind == rules.Conditions {
		g.Hint = t(ctx, "desk.rules.conditions_hint")
		for _, c := range v.columns() {
			g.Columns, choices = append(g.Columns, t(ctx, "desk.rules.condition."+c)), append(choices, nil)
		}
	} else {
		for _, c := range d.Columns {
			g.Columns, choices = append(g.Columns, t(ctx, d.ColumnText(c.Name))), append(choices, cellChoices(ctx, d, c))
		}
	}
	for n := range len(v.Cells) + blank {
		row := make([]ui.GridCell, len(g.Columns))
		for i, c := range v.columns() {
			row[i] = ui.GridCell{Name: "cell." + strconv.Itoa(n) + "." + c, Options: choices[i]}
			if n < len(v.Cells) {
				row[i].Value = v.Cells[n][c]
			}
		}
		g.Rows = append(g.Rows, row)
	}
	return g
}

func cellChoices(ctx context.Context, d rules.Definition, c rules.Column) []ui.Option {
	var out []ui.Option
	switch {
	case c.Kind == rules.Boolean:
		return yesNo(ctx)
	case len(c.Choices) > 0:
		for _, x := range c.Choices {
			out = append(out, ui.Option{Value: x, Label: t(ctx, d.CellText(c.Name, x))})
		}
	}
	return out
}

func yesNo(ctx context.Context) []ui.Option {
	return []ui.Option{{Value: "true", Label: t(ctx, "rules.value.true")}, {Value: "false", Label: t(ctx, "rules.value.false")}}
}

// field is the one field of a simple value.
func (v ruleFormView) field(ctx context.Context) ui.Field {
	d := v.Definition
	f := ui.Field{Name: "value", Label: t(ctx, "desk.rules.new_value"), Hint: bounds(ctx, d), Value: v.Typed("value"), Error: v.Errors.On("value"), Width: "short", Max: rules.MaxText}
	if d.Kind == rules.Days || d.Kind == rules.Workdays || d.Unit != "" {
		f.Unit = unitWord(ctx, d)
	}
	if d.Kind == rules.Rate {
		f.Unit = "%"
	}
	return f
}

// unitWord is the unit of a number alone: what is left of its words without the number.
func unitWord(ctx context.Context, d rules.Definition) string {
	many, err := d.Parse([]byte("2"))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(strings.TrimPrefix(words(ctx, d, many), "2"))
}

func choiceOptions(ctx context.Context, d rules.Definition) []ui.Option {
	var out []ui.Option
	for _, c := range d.Choices {
		out = append(out, ui.Option{Value: c, Label: t(ctx, d.ChoiceText(c))})
	}
	return out
}

// basisOptions say what each basis means.
func basisOptions(ctx context.Context) []ui.Option {
	out := basisFilter(ctx)
	for i, b := range rules.Bases {
		out[i].Hint = t(ctx, "desk.rules.basis_hint."+string(b))
	}
	return out
}

// variables lists the names that conditions may use, with their words.
func variables(ctx context.Context, e *rules.Env) []ui.Fact {
	var out []ui.Fact
	for _, x := range e.Vars {
		out = append(out, ui.Fact{Label: x.Name, Value: i18n.T(i18n.From(ctx), e.VarText(x.Name))})
	}
	return out
}
