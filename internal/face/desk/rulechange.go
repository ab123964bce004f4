package desk

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/rules"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/form"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/money"
)

// ruleChangeView is one change on its way: what it would do, what was tried, who has
// it now.
type ruleChangeView struct {
	Change   rules.Change
	Case     casework.Case
	Unit     string
	Preview  rules.Preview
	Steps    []casework.Transition
	Events   []casework.Event
	Own      bool // the actor wrote it or sent it in, so another one decides
	MayTry   bool
	Env      *rules.Env // of an example; nil where none can be typed
	Examples []rules.Example
	Rest     ui.Rest
	DueText  string
	At       func(string) string
	Typed    func(string) string
	Event    string // whose form was sent back
	Errors   ui.Errors
	Conflict string
}

func (v ruleChangeView) open() bool { return v.Case.State != "approved" && v.Case.State != "withdrawn" }

func (f *face) ruleChange(w http.ResponseWriter, r *http.Request) error {
	v, err := f.ruleChangeView(r)
	if err != nil {
		return err
	}
	return f.show(w, r, "rules", v.title(r.Context()), ruleChangePage(v))
}

func (f *face) ruleChangeView(r *http.Request) (v ruleChangeView, err error) {
	ctx, ref := r.Context(), changeRef(r)
	if v.Change, err = f.Rules.Change(ctx, ref); err != nil {
		return v, err
	}
	if v.Case, err = f.Cases.Get(ctx, ref); err != nil {
		return v, err
	}
	if v.Events, err = f.Cases.History(ctx, ref); err != nil {
		return v, err
	}
	if v.Preview, err = f.Rules.Preview(ctx, v.Change); err != nil {
		return v, err
	}
	v.Unit, v.At, v.Typed = f.unitAt(ctx, v.Change.OrgPath), f.places(ctx), func(string) string { return "" }
	v.Steps = f.Cases.Steps(ctx, v.Case, casework.Desk)
	a, _ := access.From(ctx)
	v.Own = v.Case.State == "submitted" && (v.Change.EditedBy == a.AccountID || lastOfDesk(v.Events) == a.AccountID)
	v.MayTry = v.open() && v.Preview.Fault == nil && (rules.MayPropose(ctx, v.Change.OrgPath) || access.Can(ctx, access.RulesApprove, v.Change.OrgPath))
	if v.MayTry {
		v.Env = f.Rules.ExampleEnv(v.Change.Key)
	}
	v.Rest = f.rest(ctx, v.Case)
	if last := v.Case.LastDay(); !last.IsZero() {
		v.DueText = t(ctx, "desk.record.due", "Day", ui.Day(ctx, last))
	}
	return v, nil
}

// lastOfDesk is who took the last step.
func lastOfDesk(events []casework.Event) string {
	for _, e := range slices.Backward(events) {
		if e.Role == casework.Desk {
			return e.ActorID
		}
	}
	return ""
}

func (v ruleChangeView) title(ctx context.Context) string {
	return t(ctx, rules.Definition{Key: v.Change.Key}.TitleText())
}

type ruleStepForm struct {
	Event   string `form:"event" check:"required,choice=submit|approve|return|withdraw"`
	Version int    `form:"version" check:"required"`
	Reason  string `form:"reason" check:"lines,max=500"`
	Past    bool   `form:"confirm_past"`
}

func (f *face) ruleStep(w http.ResponseWriter, r *http.Request) error {
	ctx, ref := r.Context(), changeRef(r)
	c, err := f.Rules.Change(ctx, ref)
	if err != nil {
		return err
	}
	var in ruleStepForm
	event := r.PostFormValue("event")
	r.PostForm.Set("reason", r.PostForm.Get(reasonName(event)))
	if err = web.Decode(r, &in); err == nil {
		switch in.Event {
		case "submit":
			c, err = f.Rules.Submit(ctx, ref, in.Version)
		case "approve":
			c, err = f.Rules.Approve(ctx, rules.Approval{Ref: ref, Version: in.Version, ConfirmPast: in.Past, Reason: in.Reason})
		case "return":
			c, err = f.Rules.Return(ctx, ref, in.Version, in.Reason)
		case "withdraw":
			c, err = f.Rules.Withdraw(ctx, ref, in.Version, in.Reason)
		}
	}
	if err == nil {
		f.site.Flash(r, t(ctx, "desk.record.done", "What", t(ctx, "flow.rules.change.event."+in.Event), "Title", t(ctx, rules.Definition{Key: c.Key}.TitleText())))
		return web.See(w, r, changeHref(c))
	}
	return f.stepAgain(w, r, err)
}

// stepAgain shows the change as it stands now, with what is wrong.
func (f *face) stepAgain(w http.ResponseWriter, r *http.Request, err error) error {
	if !web.Shown(err) && !fault.HasCode(err, "casework.four_eyes") {
		return err
	}
	v, seeErr := f.ruleChangeView(r)
	if seeErr != nil {
		return seeErr
	}
	v.Event, v.Typed = r.PostFormValue("event"), r.PostForm.Get
	if fault.HasCode(err, "casework.moved_on") || fault.HasCode(err, "casework.illegal") {
		v.Conflict = f.meanwhile(r.Context(), rules.FlowChange, v.Events)
	} else {
		v.Errors = faults(r, err)
		for i := range v.Errors {
			if v.Errors[i].Field == "reason" {
				v.Errors[i].Field = reasonName(v.Event)
			}
		}
	}
	return f.again(w, r, "rules", v.title(r.Context()), err, ruleChangePage(v))
}

// tryRule tries a change on the records and keeps what was found with it.
func (f *face) tryRule(w http.ResponseWriter, r *http.Request) error {
	ctx, ref := r.Context(), changeRef(r)
	if _, err := f.Rules.Try(ctx, ref); err != nil {
		return f.stepAgain(w, r, err)
	}
	f.site.Flash(r, t(ctx, "desk.rules.tried"))
	return web.See(w, r, changePath(ref.City, ref.ID)+"#tried")
}

// exampleOf computes what was typed, under both values; nothing is kept.
func (f *face) exampleOf(w http.ResponseWriter, r *http.Request) error {
	v, err := f.ruleChangeView(r)
	if err != nil {
		return err
	}
	if v.Env == nil {
		return rules.ErrNotFound
	}
	v.Typed = r.PostForm.Get
	in, err := typedInputs(v.Env, r.PostForm.Get)
	if err == nil {
		v.Examples, err = f.Rules.Example(r.Context(), v.Change.Ref(), in)
	}
	if err != nil {
		if !web.Shown(err) {
			return err
		}
		v.Errors = faults(r, err)
		return f.again(w, r, "rules", v.title(r.Context()), err, ruleChangePage(v))
	}
	return f.show(w, r, "rules", v.title(r.Context()), ruleChangePage(v))
}

func inputName(variable string) string { return "in." + variable }

// typedInputs reads an example; what is left empty is not known.
func typedInputs(e *rules.Env, typed func(string) string) (rules.Inputs, error) {
	in := rules.Inputs{}
	bad := fault.New(fault.Invalid, "form.invalid")
	for _, x := range e.Vars {
		s, ok := form.Text(typed(inputName(x.Name)), false)
		if !ok {
			fault.OnField(inputName(x.Name), "charset")(bad)
			continue
		}
		if s == "" {
			continue
		}
		switch x.Type {
		case rules.IntVar:
			n, err := strconv.ParseInt(s, 10, 64)
			if err != nil {
				fault.OnField(inputName(x.Name), "number")(bad)
			}
			in[x.Name] = n
		case rules.FenVar:
			n, err := money.Parse(s)
			if err != nil {
				fault.OnField(inputName(x.Name), "money")(bad)
			}
			in[x.Name] = n
		case rules.BoolVar:
			in[x.Name] = s == "true"
		case rules.ListVar:
			in[x.Name] = strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(",，、;； ", r) })
		default:
			in[x.Name] = s
		}
	}
	if len(bad.Fields) > 0 {
		return nil, bad
	}
	return in, nil
}

// facts are the proposal beside what holds without it.
func (v ruleChangeView) facts(ctx context.Context) []ui.Fact {
	c, d := v.Change, v.Preview.Definition
	basis := rules.Entry{Place: c.Place, Basis: c.Basis, Citation: c.Citation, Seq: 1} // decided by somebody, whoever it will be
	facts := []ui.Fact{
		{Label: t(ctx, "desk.rules.param"), Body: ui.Link(ruleHref(c.Key)+"?place="+c.Place, t(ctx, d.TitleText()))},
		{Label: t(ctx, "desk.rules.place"), Value: v.At(c.Place)},
		{Label: t(ctx, "desk.rules.period"), Value: period(ctx, c.From, c.To)},
		{Label: t(ctx, "desk.rules.new_value"), Body: strong(words(ctx, d, v.Preview.Value))},
	}
	if v.open() {
		before := t(ctx, "desk.rules.none")
		if v.Preview.Found {
			before = t(ctx, "desk.rules.value_of", "Value", words(ctx, d, v.Preview.Before.Value), "Place", v.At(v.Preview.Before.Place))
		}
		facts = append(facts, ui.Fact{Label: t(ctx, "desk.rules.without"), Value: before})
	}
	if x := v.Preview.Replaced; x != nil {
		facts = append(facts, ui.Fact{Label: t(ctx, "desk.rules.replaces"), Value: t(ctx, "desk.rules.entry", "Place", v.At(x.Place), "Period", period(ctx, x.From, x.To), "Value", words(ctx, d, x.Value))})
	}
	return append(facts,
		ui.Fact{Label: t(ctx, "desk.rules.rests_on"), Body: restsOn(basis)},
		ui.Fact{Label: t(ctx, "desk.rules.reason"), Body: ui.Prose(c.Reason)},
		ui.Fact{Label: t(ctx, "desk.rules.written_by"), Value: c.EditedName},
		ui.Fact{Label: t(ctx, "desk.vacancy.number"), Value: c.Number},
	)
}

func trialColumns(ctx context.Context, sums bool) []ui.Column {
	out := []ui.Column{{Label: t(ctx, "desk.rules.counted")}, {Label: t(ctx, "desk.rules.before"), Right: true}, {Label: t(ctx, "desk.rules.after"), Right: true}}
	if sums {
		out = append(out, ui.Column{Label: t(ctx, "desk.rules.sum_before"), Right: true}, ui.Column{Label: t(ctx, "desk.rules.sum_after"), Right: true})
	}
	return out
}

func withSums(x rules.TrialResult) bool {
	return slices.ContainsFunc(x.Lines, func(l rules.TrialLine) bool { return l.Money })
}

func trialRows(ctx context.Context, x rules.TrialResult) [][]templ.Component {
	rows := make([][]templ.Component, len(x.Lines))
	for i, l := range x.Lines {
		rows[i] = []templ.Component{ui.Text(t(ctx, rules.Trial{Name: x.Trial}.LineText(l.Line))), ui.Text(ui.Number(l.Before)), ui.Text(ui.Number(l.After))}
		if withSums(x) {
			was, is := "", ""
			if l.Money {
				was, is = ui.Money(ctx, int64(l.SumBefore)), ui.Money(ctx, int64(l.SumAfter))
			}
			rows[i] = append(rows[i], ui.Text(was), ui.Text(is))
		}
	}
	return rows
}

func exampleColumns(ctx context.Context) []ui.Column {
	return columnsOf(ctx, "desk.rules.condition", "desk.rules.before", "desk.rules.after")
}

// exampleRows stand the outcome, the amount and each line side by side; a line that
// only one side has is empty on the other.
func exampleRows(ctx context.Context, x rules.Example) [][]templ.Component {
	lang := i18n.From(ctx)
	result := func(o rules.Outcome, err error) string {
		switch {
		case err != nil:
			return i18n.Fault(lang, fault.As(err))
		case x.Rule != "":
			return t(ctx, rules.Rule{Name: x.Rule}.ResultText(o.Result))
		}
		return t(ctx, "desk.rules.truth."+o.Result)
	}
	rows := [][]templ.Component{{ui.Text(t(ctx, "desk.rules.outcome")), strong(result(x.Before, x.BeforeErr)), strong(result(x.After, x.AfterErr))}}
	if x.Before.Amount != 0 || x.After.Amount != 0 {
		rows = append(rows, []templ.Component{ui.Text(t(ctx, "desk.rules.amount")), ui.Text(ui.Money(ctx, int64(x.Before.Amount))), ui.Text(ui.Money(ctx, int64(x.After.Amount)))})
	}
	find := func(list []rules.Line, name string) (rules.Line, bool) {
		i := slices.IndexFunc(list, func(l rules.Line) bool { return l.Name == name })
		if i < 0 {
			return rules.Line{}, false
		}
		return list[i], true
	}
	said := func(l rules.Line, ok bool) templ.Component {
		if !ok {
			return ui.Text("—")
		}
		return ui.StatusTagText(truthLook[l.Truth], t(ctx, "desk.rules.truth."+string(l.Truth)))
	}
	add := func(l rules.Line) {
		was, had := find(x.Before.Lines, l.Name)
		is, has := find(x.After.Lines, l.Name)
		rows = append(rows, []templ.Component{ui.Text(l.Label(lang)), said(was, had), said(is, has)})
	}
	for _, l := range x.After.Lines {
		add(l)
	}
	for _, l := range x.Before.Lines {
		if _, both := find(x.After.Lines, l.Name); !both {
			add(l)
		}
	}
	return rows
}

var truthLook = map[rules.Truth]ui.State{rules.True: ui.Done, rules.False: ui.Refused, rules.Unknown: ui.Info}

// notes put the values that were written into the history.
func (v ruleChangeView) notes(ctx context.Context) []ui.Event {
	out := historyOf(ctx, rules.FlowChange, v.Events)
	for i, e := range slices.Backward(v.Events) {
		var note struct {
			Value json.RawMessage `json:"value"`
		}
		line := &out[len(out)-1-i]
		if json.Unmarshal(e.Detail, &note) != nil || len(note.Value) == 0 || line.Note != "" {
			continue
		}
		if value, err := v.Preview.Definition.Parse(note.Value); err == nil {
			line.Note = t(ctx, "desk.rules.wrote", "Value", words(ctx, v.Preview.Definition, value))
		}
	}
	return out
}

// acts are the steps with their forms, in the order in which they are offered.
func (v ruleChangeView) acts() []casework.Transition {
	return slices.DeleteFunc(slices.Clone(v.Steps), func(s casework.Transition) bool { return s.Event == "edit" })
}

func (v ruleChangeView) can(event string) bool {
	return slices.ContainsFunc(v.Steps, func(s casework.Transition) bool { return s.Event == event })
}

func (v ruleChangeView) reason(event string) string {
	if v.Event == event {
		return v.Typed(reasonName(event))
	}
	return ""
}

func (v ruleChangeView) wrong(event, field string) string {
	if v.Event == event {
		return v.Errors.On(field)
	}
	return ""
}

func stepKind(event string) ui.Kind {
	switch event {
	case "submit", "approve":
		return ui.Main
	}
	return ui.Second
}

// closed says why the actor cannot take a step himself.
func (v ruleChangeView) closed(ctx context.Context, event string) string {
	switch {
	case event == "approve" && v.Own:
		return t(ctx, "desk.rules.second_person")
	case (event == "approve" || event == "submit") && v.Preview.Fault != nil:
		return t(ctx, "desk.rules.not_as_it_stands")
	}
	return ""
}

func exampleTitle(ctx context.Context, x rules.Example) string {
	if x.Rule == "" {
		return t(ctx, "desk.rules.conditions")
	}
	return t(ctx, rules.Rule{Name: x.Rule}.TitleText())
}

func exampleField(ctx context.Context, v ruleChangeView, x rules.Var) ui.Field {
	name := inputName(x.Name)
	return ui.Field{Name: name, Label: t(ctx, v.Env.VarText(x.Name)), Value: v.Typed(name), Error: v.Errors.On(name), Empty: t(ctx, "desk.rules.truth.unknown"), Width: "medium", Max: 200, Optional: true}
}

func exampleChoices(ctx context.Context, e *rules.Env, x rules.Var) []ui.Option {
	var out []ui.Option
	for _, c := range x.Choices {
		out = append(out, ui.Option{Value: c, Label: t(ctx, e.VarText(x.Name)+"."+c)})
	}
	return out
}
