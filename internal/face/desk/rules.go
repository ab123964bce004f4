package desk

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"gonghui/internal/core/access"
	"gonghui/internal/core/org"
	"gonghui/internal/core/rules"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/page"
)

const rulesPath = "/desk/rules"

func ruleHref(key string) string { return rulesPath + "/" + key }

func changeHref(c rules.Change) string { return changePath(c.City, c.ID) }

func changePath(city, id string) string { return rulesPath + "/changes/" + city + "/" + id }

// rulesView is the parameters as they stand at a place on a day, by room.
type rulesView struct {
	Query   rulesQuery
	Typed   func(string) string
	Read    bool // the question could be answered
	Day     clock.Day
	Places  []ui.Option
	Rooms   []roomRules
	Changes []changeLine        // on their way, the latest first
	More    bool                // and there are more of them
	At      func(string) string // the name of a place
	Errors  ui.Errors
}

type roomRules struct {
	Name string
	List []rules.Standing
}

// changeLine is a change with its value in words.
type changeLine struct {
	rules.Change
	Words string
}

// lines words the values of changes; one that its parameter no longer takes is a dash.
func (f *face) lines(ctx context.Context, list []rules.Change) []changeLine {
	b := f.Rules.Latest()
	out := make([]changeLine, len(list))
	for i, c := range list {
		d, _ := b.Definition(c.Key)
		v, err := d.Parse([]byte(c.Value))
		if err != nil {
			v = rules.Value{}
		}
		out[i] = changeLine{c, words(ctx, d, v)}
	}
	return out
}

type rulesQuery struct {
	Place string    `form:"place" check:"max=6"`
	Day   clock.Day `form:"on"`
	Text  string    `form:"q" check:"max=50"`
	Basis string    `form:"basis" check:"choice=fact|known|assumed"`
}

func (f *face) rules(w http.ResponseWriter, r *http.Request) error {
	v, err := f.rulesView(r)
	if err == nil {
		return f.show(w, r, "rules", t(r.Context(), "desk.nav.rules"), rulesPage(v))
	}
	if !web.Shown(err) {
		return err
	}
	v.Errors = faults(r, err)
	return f.again(w, r, "rules", t(r.Context(), "desk.nav.rules"), err, rulesPage(v))
}

// changesShown is how many changes on their way stand above the list.
const changesShown = 10

func (f *face) rulesView(r *http.Request) (v rulesView, err error) {
	ctx := r.Context()
	v.Typed, v.Day, v.At = r.URL.Query().Get, f.today(), f.places(ctx)
	v.Places = f.readPlaces(ctx)
	if err = web.DecodeQuery(r, &v.Query); err != nil {
		return v, err
	}
	if v.Query.Place == "" {
		v.Query.Place = f.ownPlace(ctx)
	}
	if _, ok := f.Org.ByDivision(v.Query.Place); !ok || rules.Places(v.Query.Place)[0] != v.Query.Place {
		return v, fault.New(fault.Invalid, "form.invalid", fault.OnField("place", "unknown"))
	}
	if !v.Query.Day.IsZero() {
		v.Day = v.Query.Day
	}
	all, err := f.Rules.Parameters(ctx, rules.Filter{Place: v.Query.Place, Day: v.Day, Text: v.Query.Text, Basis: rules.Basis(v.Query.Basis)})
	if err != nil {
		return v, err
	}
	for _, s := range all {
		if n := len(v.Rooms); n == 0 || v.Rooms[n-1].Name != s.Definition.Room() {
			v.Rooms = append(v.Rooms, roomRules{Name: s.Definition.Room()})
		}
		last := &v.Rooms[len(v.Rooms)-1]
		last.List = append(last.List, s)
	}
	slices.SortStableFunc(v.Rooms, func(a, b roomRules) int { // what the house needs for itself comes last
		return cmp.Compare(itself(a.Name), itself(b.Name))
	})
	open, err := f.Rules.Changes(ctx, "", true, page.Request{Limit: changesShown})
	v.Changes, v.More, v.Read = f.lines(ctx, open.Items), open.Next != "", err == nil
	return v, err
}

func itself(room string) int {
	if room == "rules" {
		return 1
	}
	return 0
}

// ownPlace is the place of the actor's highest unit, the nearest one that has values.
func (f *face) ownPlace(ctx context.Context) string {
	a, _ := access.From(ctx)
	for _, g := range a.Units() {
		if u, ok := f.Org.ByID(g.UnitID); ok && access.Can(ctx, access.RulesRead, u.Path) {
			return rules.Places(u.DivisionCode)[0]
		}
	}
	return rules.Places("")[0]
}

// readPlaces lists the places above, of and below the actor's units.
func (f *face) readPlaces(ctx context.Context) []ui.Option {
	up := rules.Places(f.ownPlace(ctx))
	slices.Reverse(up)
	return f.placeOptions(ctx, append(up, f.placesBelow(ctx, access.RulesRead)...))
}

// placesBelow lists the places of the actor's units with a capability, and of those
// below, down to the counties.
func (f *face) placesBelow(ctx context.Context, c access.Capability) []string {
	a, _ := access.From(ctx)
	var out []string
	for _, g := range a.Units() {
		if !access.Can(ctx, c, g.Path) {
			continue
		}
		for _, u := range f.Org.Subtree(g.Path) {
			if u.Kind == org.Province || u.Kind == org.City || u.Kind == org.County {
				out = append(out, rules.Places(u.DivisionCode)[0])
			}
		}
	}
	return out
}

func (f *face) placeOptions(ctx context.Context, codes []string) []ui.Option {
	at := f.places(ctx)
	var out []ui.Option
	seen := map[string]bool{}
	for _, code := range codes {
		if !seen[code] {
			seen[code] = true
			out = append(out, ui.Option{Value: code, Label: at(code)})
		}
	}
	return out
}

// places names places shortly; a development zone has the name of its union.
func (f *face) places(ctx context.Context) func(string) string {
	return func(code string) string {
		if name := ui.PlaceShort(ctx, code); name != "" {
			return name
		}
		if u, ok := f.Org.ByDivision(code); ok {
			return unitName(ctx, u)
		}
		return code
	}
}

// ruleView is one parameter with everything that holds, held or will hold.
type ruleView struct {
	Definition rules.Definition
	Place      string
	Standing   rules.Standing
	Entries    []rules.Entry
	Changes    []changeLine
	Start      string
	Next       string
	May        bool                // the actor may propose a change of it
	At         func(string) string // the name of a place
}

func (f *face) rule(w http.ResponseWriter, r *http.Request) error {
	ctx, key := r.Context(), r.PathValue("key")
	v := ruleView{Place: r.URL.Query().Get("place"), At: f.places(ctx)}
	if v.Place == "" {
		v.Place = f.ownPlace(ctx)
	}
	var err error
	if v.Definition, v.Entries, err = f.Rules.Parameter(ctx, key); err != nil {
		return err
	}
	all, err := f.Rules.Parameters(ctx, rules.Filter{Room: v.Definition.Room(), Place: v.Place})
	if err != nil {
		return err
	}
	for _, s := range all {
		if s.Definition.Key == key {
			v.Standing = s
		}
	}
	changes, err := f.Rules.Changes(ctx, key, false, wanted(r, listSize))
	if err != nil {
		return err
	}
	v.Changes = f.lines(ctx, changes.Items)
	v.Start, v.Next = pager(r, changes.Next)
	v.May = len(f.mayPropose(ctx, v.Definition)) > 0
	return f.show(w, r, "rules", t(ctx, v.Definition.TitleText()), rulePage(v))
}

// mayPropose lists the places for which the actor may write a change of a parameter.
func (f *face) mayPropose(ctx context.Context, d rules.Definition) []ui.Option {
	var codes []string
	for _, code := range f.placesBelow(ctx, access.RulesPropose) {
		if d.MayBeSetAt(rules.LevelOf(code)) {
			codes = append(codes, code)
		}
	}
	return f.placeOptions(ctx, codes)
}

// ruleChangesView is the changes of all parameters.
type ruleChangesView struct {
	Open    bool
	Changes []changeLine
	Start   string
	Next    string
	At      func(string) string
}

func (f *face) ruleChanges(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := ruleChangesView{Open: r.URL.Query().Get("view") != "all", At: f.places(ctx)}
	p, err := f.Rules.Changes(ctx, "", v.Open, wanted(r, listSize))
	if err != nil {
		return err
	}
	v.Changes = f.lines(ctx, p.Items)
	v.Start, v.Next = pager(r, p.Next)
	return f.show(w, r, "rules", t(ctx, "desk.rules.changes"), ruleChangesPage(v))
}

func (v ruleChangesView) tabs(ctx context.Context) []ui.View {
	return []ui.View{
		{Label: t(ctx, "desk.rules.open"), Href: rulesPath + "/changes", Count: -1, Selected: v.Open},
		{Label: t(ctx, "desk.view.all"), Href: rulesPath + "/changes?view=all", Count: -1, Selected: !v.Open},
	}
}

func columnsOf(ctx context.Context, keys ...string) []ui.Column {
	out := make([]ui.Column, len(keys))
	for i, k := range keys {
		out[i] = ui.Column{Label: t(ctx, k)}
	}
	return out
}

func standingColumns(ctx context.Context) []ui.Column {
	return columnsOf(ctx, "desk.rules.param", "desk.rules.value", "desk.rules.period", "desk.rules.place", "desk.rules.rests_on")
}

func (v rulesView) rows(ctx context.Context, list []rules.Standing) [][]templ.Component {
	rows := make([][]templ.Component, len(list))
	for i, s := range list {
		name := ui.Link(ruleHref(s.Definition.Key)+"?place="+v.Query.Place, t(ctx, s.Definition.TitleText()))
		if !s.Found {
			rows[i] = []templ.Component{name, ui.Text(t(ctx, "desk.rules.none")), ui.Text(""), ui.Text(""), ui.Text("")}
			continue
		}
		rows[i] = []templ.Component{name, ui.Text(words(ctx, s.Definition, s.Entry.Value)), ui.Text(period(ctx, s.Entry.From, s.Entry.To)), ui.Text(v.At(s.Entry.Place)), restsOn(s.Entry)}
	}
	return rows
}

func entryColumns(ctx context.Context) []ui.Column {
	return columnsOf(ctx, "desk.rules.period", "desk.rules.value", "desk.rules.place", "desk.rules.rests_on", "desk.rules.approved_by")
}

func (v ruleView) history(ctx context.Context) [][]templ.Component {
	rows := make([][]templ.Component, len(v.Entries))
	for i, e := range v.Entries {
		rows[i] = []templ.Component{ui.Text(period(ctx, e.From, e.To)), ui.Text(words(ctx, v.Definition, e.Value)), ui.Text(v.At(e.Place)), restsOn(e), approvedBy(e)}
	}
	return rows
}

func changeColumns(ctx context.Context) []ui.Column {
	return columnsOf(ctx, "desk.rules.change", "desk.list.state", "desk.rules.value", "desk.rules.place", "desk.rules.period", "desk.rules.written_by")
}

func changeRows(ctx context.Context, list []changeLine, at func(string) string) [][]templ.Component {
	rows := make([][]templ.Component, len(list))
	for i, c := range list {
		rows[i] = []templ.Component{
			ui.Link(changeHref(c.Change), t(ctx, rules.Definition{Key: c.Key}.TitleText())), ui.StatusTagText(look(c.State), t(ctx, "flow.rules.change.state."+c.State)),
			ui.Text(c.Words), ui.Text(at(c.Place)), ui.Text(period(ctx, c.From, c.To)), ui.Text(c.EditedName),
		}
	}
	return rows
}

func words(ctx context.Context, d rules.Definition, v rules.Value) string {
	return d.Words(i18n.From(ctx), v)
}

// period says from when until when a value holds.
func period(ctx context.Context, from, to clock.Day) string {
	if to.IsZero() {
		return t(ctx, "desk.rules.from_on", "From", ui.ShortDay(ctx, from, 0))
	}
	return t(ctx, "desk.rules.from_to", "From", ui.ShortDay(ctx, from, 0), "To", ui.ShortDay(ctx, to, 0))
}

func basisLook(b rules.Basis) ui.State {
	switch b {
	case rules.Fact:
		return ui.Done
	case rules.Known:
		return ui.DueSoon
	}
	return ui.Draft
}

func basisFilter(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, b := range rules.Bases {
		out = append(out, ui.Option{Value: string(b), Label: t(ctx, "desk.rules.basis."+string(b))})
	}
	return out
}

// facts are what is to be known of a parameter at a place today.
func (v ruleView) facts(ctx context.Context) []ui.Fact {
	d, e := v.Definition, v.Standing.Entry
	var levels []string
	for _, l := range rules.Everywhere {
		if d.MayBeSetAt(l) {
			levels = append(levels, t(ctx, "desk.rules.level."+string(l)))
		}
	}
	var facts []ui.Fact
	if v.Standing.Found {
		facts = []ui.Fact{
			{Label: t(ctx, "desk.rules.today_at", "Place", v.At(v.Place)), Body: strong(words(ctx, d, e.Value))},
			{Label: t(ctx, "desk.rules.period"), Value: period(ctx, e.From, e.To)},
			{Label: t(ctx, "desk.rules.place"), Value: v.At(e.Place)},
			{Label: t(ctx, "desk.rules.rests_on"), Body: restsOn(e)},
		}
	} else {
		facts = []ui.Fact{{Label: t(ctx, "desk.rules.today_at", "Place", v.At(v.Place)), Value: t(ctx, "desk.rules.none")}}
	}
	if d.Bounds != nil {
		facts = append(facts, ui.Fact{Label: t(ctx, "desk.rules.bounds"), Value: bounds(ctx, d)})
	}
	return append(facts, ui.Fact{Label: t(ctx, "desk.rules.levels"), Value: strings.Join(levels, t(ctx, "desk.rules.and"))}, ui.Fact{Label: t(ctx, "desk.rules.key"), Value: d.Key})
}

// bounds are the smallest and the largest number that a parameter takes.
func bounds(ctx context.Context, d rules.Definition) string {
	if d.Bounds == nil {
		return ""
	}
	low, high := d.Limits()
	return t(ctx, "desk.rules.from_up_to", "Min", words(ctx, d, low), "Max", words(ctx, d, high))
}

func tableColumns(ctx context.Context, d rules.Definition) []ui.Column {
	out := make([]ui.Column, len(d.Columns))
	for i, c := range d.Columns {
		out[i] = ui.Column{Label: t(ctx, d.ColumnText(c.Name)), Right: c.Kind != rules.Text && c.Kind != rules.Choice && c.Kind != rules.Boolean}
	}
	return out
}

func tableRows(ctx context.Context, d rules.Definition, v rules.Value) [][]templ.Component {
	rows := make([][]templ.Component, v.Table().Len())
	for i := range rows {
		for _, c := range d.Columns {
			rows[i] = append(rows[i], ui.Text(d.CellWords(i18n.From(ctx), c, v.Table().Row(i).Cell(c.Name))))
		}
	}
	return rows
}

func conditionColumns(ctx context.Context) []ui.Column {
	return columnsOf(ctx, "desk.rules.condition", "desk.rules.expression")
}

func conditionRows(ctx context.Context, v rules.Value) [][]templ.Component {
	var rows [][]templ.Component
	for _, c := range v.Conditions().Lines() {
		rows = append(rows, []templ.Component{ui.Text(c.Label(i18n.From(ctx))), ui.Code(c.Expr)})
	}
	return rows
}
