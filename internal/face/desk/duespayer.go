package desk

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"gonghui/internal/core/access"
	"gonghui/internal/core/company"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/dues"
)

const payersPath = "/desk/dues/payers"

func (f *face) duesPayerRoutes() []route {
	one := payersPath + "/{city}/{id}"
	return []route{
		{pattern: "GET " + payersPath, need: access.DuesCollect, handle: f.payers},
		{pattern: "GET " + one, need: access.DuesCollect, handle: f.payer},
		{pattern: "GET " + one + "/account", need: access.DuesCollect, handle: f.payerMoney},
		{pattern: "GET " + one + "/past", need: access.DuesCollect, handle: f.payerPast},
		{pattern: "POST " + one + "/class", need: access.DuesCollect, handle: f.payerClass},
		{pattern: "POST " + one + "/exclusion", need: access.DuesCollect, handle: f.payerExclusion},
		{pattern: "POST " + one + "/account", need: access.DuesCollect, handle: f.payerAccount},
		{pattern: "POST " + one + "/union", need: access.DuesCollect, handle: f.payerUnion},
		{pattern: "POST " + one + "/name", need: access.DuesCollect, handle: f.payerName},
		{pattern: "POST " + one + "/former", need: access.DuesCollect, handle: f.payerFormer},
		{pattern: "POST " + one + "/merger", need: access.DuesCollect, handle: f.payerMerger},
	}
}

func payerHref(ref company.Ref) string { return payersPath + "/" + ref.City + "/" + ref.ID }

// payerQuery is the filter above the list of payers.
type payerQuery struct {
	Class string `form:"class" check:"max=20"`
	Only  string `form:"only" check:"choice=conflict|excluded|no_account|by_hand"`
	Text  string `form:"q" check:"max=50"`
}

func (q payerQuery) filter() dues.PayerFilter {
	return dues.PayerFilter{
		Class: company.SizeClass(q.Class), Text: q.Text,
		Conflict: q.Only == "conflict", Excluded: q.Only == "excluded", NoAccount: q.Only == "no_account", ByHand: q.Only == "by_hand",
	}
}

type payersView struct {
	Query payerQuery
	Count dues.PayerCounts
	Page  page.Page[dues.Payer]
	Start string
	Next  string
	Plain bool // nothing was asked for
}

func (f *face) payers(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var v payersView
	err := web.DecodeQuery(r, &v.Query)
	if err != nil {
		return err
	}
	v.Plain = v.Query == payerQuery{}
	if v.Count, err = f.Dues.CountPayers(ctx, ""); err != nil {
		return err
	}
	if v.Page, err = f.Dues.ListPayers(ctx, v.Query.filter(), wanted(r, listSize)); err != nil {
		return err
	}
	v.Start, v.Next = pager(r, v.Page.Next)
	return f.show(w, r, "dues", t(ctx, "desk.dues.tab.payers"), payersPage(v))
}

// payerViews are what somebody should look at, with how many there are.
func payerViews(ctx context.Context, v payersView) []ui.View {
	view := func(key, class, only string, n int64) ui.View {
		q := url.Values{}
		if class != "" {
			q.Set("class", class)
		}
		if only != "" {
			q.Set("only", only)
		}
		href := payersPath
		if len(q) > 0 {
			href += "?" + q.Encode()
		}
		return ui.View{Label: t(ctx, "desk.payer.view."+key), Href: href, Count: int(n), Selected: v.Query.Text == "" && v.Query.Class == class && v.Query.Only == only}
	}
	return []ui.View{
		view("all", "", "", v.Count.All), view("conflict", "", "conflict", v.Count.Conflict),
		view("unclassified", string(company.Unclassified), "", v.Count.Unclassified),
		view("excluded", "", "excluded", v.Count.Excluded), view("no_account", "", "no_account", v.Count.NoAccount),
	}
}

func classOptions(ctx context.Context, unclassified bool) []ui.Option {
	list := dues.Classes()
	if unclassified {
		list = append(list, company.Unclassified)
	}
	out := make([]ui.Option, len(list))
	for i, c := range list {
		out[i] = ui.Option{Value: string(c), Label: className(ctx, c)}
	}
	return out
}

func className(ctx context.Context, c company.SizeClass) string {
	return t(ctx, "dues.class."+string(c))
}

func payerColumns(ctx context.Context) []ui.Column {
	return []ui.Column{
		{Label: t(ctx, "desk.dues.company")}, {Label: t(ctx, "desk.payer.class")}, {Label: t(ctx, "desk.payer.by")}, {Label: t(ctx, "desk.payer.look")},
		{Label: t(ctx, "desk.payer.union")}, {Label: t(ctx, "desk.payer.account")},
	}
}

func payerRows(ctx context.Context, list []dues.Payer) [][]templ.Component {
	rows := make([][]templ.Component, len(list))
	for i, p := range list {
		rows[i] = []templ.Component{
			payerCell(p), ui.Text(className(ctx, p.Class)), ui.Text(classedBy(ctx, p)), payerLook(p), ui.Text(foundedWord(ctx, p)), ui.Text(accountWord(ctx, p)),
		}
	}
	return rows
}

// classedBy says whose word a class is.
func classedBy(ctx context.Context, p dues.Payer) string {
	switch {
	case p.ClassBy == dues.ByHand:
		return t(ctx, "desk.payer.by_hand")
	case p.ClassSource == "":
		return "—"
	}
	return t(ctx, "desk.payer.of_year", "Source", t(ctx, "dues.source."+string(p.ClassSource)), "Year", strconv.Itoa(p.ClassYear))
}

func foundedWord(ctx context.Context, p dues.Payer) string {
	if p.UnionFoundedOn.IsZero() {
		return t(ctx, "desk.payer.no_union")
	}
	return ui.Day(ctx, p.UnionFoundedOn)
}

func accountWord(ctx context.Context, p dues.Payer) string {
	if p.Account.Kind == "" {
		return t(ctx, "desk.payer.no_account")
	}
	return t(ctx, "dues.account."+string(p.Account.Kind)) + " " + p.Account.Mask
}

// payerView is one payer's page.
type payerView struct {
	dues.PayerView
	Unit   string
	Today  clock.Day
	Names  func(string) string
	Typed  func(string) string
	Errors ui.Errors
}

func payerOf(r *http.Request) company.Ref {
	return company.Ref{City: r.PathValue("city"), ID: r.PathValue("id")}
}

func (f *face) payerView(r *http.Request) (v payerView, err error) {
	ctx := r.Context()
	if v.PayerView, err = f.Dues.ViewPayer(ctx, payerOf(r)); err != nil {
		return v, err
	}
	v.Unit, v.Today, v.Typed = f.unitAt(ctx, v.OrgPath), f.today(), r.PostFormValue
	var ids []string
	for _, x := range v.Formers {
		ids = append(ids, x.By)
	}
	v.Names, err = f.names(ctx, ids...)
	return v, err
}

func (f *face) payer(w http.ResponseWriter, r *http.Request) error {
	v, err := f.payerView(r)
	if err != nil {
		return err
	}
	return f.show(w, r, "dues", v.Name, payerPage(v))
}

// payerPages are the pages of a payer, by the name of the form that stands on them.
var payerPages = map[string]func(payerView) templ.Component{
	"class": payerPage, "exclusion": payerPage, "account": payerMoneyPage, "union": payerMoneyPage,
	"name": payerPastPage, "former": payerPastPage, "merger": payerPastPage,
}

func (f *face) payerMoney(w http.ResponseWriter, r *http.Request) error {
	v, err := f.payerView(r)
	if err != nil {
		return err
	}
	return f.show(w, r, "dues", v.Name, payerMoneyPage(v))
}

func (f *face) payerPast(w http.ResponseWriter, r *http.Request) error {
	v, err := f.payerView(r)
	if err != nil {
		return err
	}
	return f.show(w, r, "dues", v.Name, payerPastPage(v))
}

// payerDone answers a form of a payer's page. The fields of the forms begin with the
// form's name, because the page has several with a reason.
func (f *face) payerDone(w http.ResponseWriter, r *http.Request, form string, err error) error {
	ctx := r.Context()
	if err == nil {
		f.site.Flash(r, t(ctx, "desk.payer.done."+form))
		return web.See(w, r, payerHref(payerOf(r)))
	}
	if !web.Shown(err) {
		return err
	}
	v, seeErr := f.payerView(r)
	if seeErr != nil {
		return seeErr
	}
	v.Errors = faults(r, err)
	for i := range v.Errors {
		if v.Errors[i].Field != "" {
			v.Errors[i].Field = form + "." + v.Errors[i].Field
		}
	}
	return f.again(w, r, "dues", v.Name, err, payerPages[form](v))
}

// dayOf reads a day of a form; what is none is a mistake of the field.
func dayOf(r *http.Request, form, field string) (clock.Day, error) {
	s := r.PostFormValue(form + "." + field)
	if s == "" {
		return 0, nil
	}
	d, err := clock.ParseDay(s)
	if err != nil {
		return 0, fault.New(fault.Invalid, "form.invalid", fault.OnField(field, "date"))
	}
	return d, nil
}

// asBefore is the choice that takes a decision by hand back.
const asBefore = "none"

// decided reads a choice of which one takes a decision back; none at all is a mistake.
func decided(r *http.Request, form, field string) (string, error) {
	switch s := r.PostFormValue(form + "." + field); s {
	case "":
		return "", fault.New(fault.Invalid, "form.invalid", fault.OnField(field, "required"))
	case asBefore:
		return "", nil
	default:
		return s, nil
	}
}

func (f *face) payerClass(w http.ResponseWriter, r *http.Request) error {
	class, err := decided(r, "class", "class")
	if err == nil {
		_, err = f.Dues.Classify(r.Context(), payerOf(r), dues.ClassInput{Class: company.SizeClass(class), Reason: r.PostFormValue("class.reason"), Version: version(r)})
	}
	return f.payerDone(w, r, "class", err)
}

func (f *face) payerExclusion(w http.ResponseWriter, r *http.Request) error {
	kind, err := decided(r, "exclusion", "kind")
	if err == nil {
		_, err = f.Dues.Exclude(r.Context(), payerOf(r), dues.ExclusionInput{Kind: dues.Exclusion(kind), Reason: r.PostFormValue("exclusion.reason"), Version: version(r)})
	}
	return f.payerDone(w, r, "exclusion", err)
}

func (f *face) payerAccount(w http.ResponseWriter, r *http.Request) error {
	typed := func(name string) string { return r.PostFormValue("account." + name) }
	_, err := f.Dues.SetAccount(r.Context(), payerOf(r), dues.AccountInput{
		Name: typed("name"), Kind: dues.AccountKind(typed("kind")), Number: typed("number"), Bank: typed("bank"), BankAs: typed("bank_as"), Version: version(r),
	})
	return f.payerDone(w, r, "account", err)
}

func (f *face) payerUnion(w http.ResponseWriter, r *http.Request) error {
	day, err := dayOf(r, "union", "founded_on")
	if err == nil {
		_, err = f.Dues.SetUnion(r.Context(), payerOf(r), dues.UnionInput{FoundedOn: day, Approval: r.PostFormValue("union.approval"), Version: version(r)})
	}
	return f.payerDone(w, r, "union", err)
}

func (f *face) payerName(w http.ResponseWriter, r *http.Request) error {
	day, err := dayOf(r, "name", "on")
	if err == nil {
		err = f.Dues.RenamePayer(r.Context(), payerOf(r), company.Renaming{Name: r.PostFormValue("name.name"), On: day, Reason: r.PostFormValue("name.reason")})
	}
	return f.payerDone(w, r, "name", err)
}

func (f *face) payerFormer(w http.ResponseWriter, r *http.Request) error {
	day, err := dayOf(r, "former", "until")
	if err == nil {
		err = f.Dues.AddFormerName(r.Context(), payerOf(r), company.PastName{Name: r.PostFormValue("former.name"), Until: day, Reason: r.PostFormValue("former.reason")})
	}
	return f.payerDone(w, r, "former", err)
}

func (f *face) payerMerger(w http.ResponseWriter, r *http.Request) error {
	day, err := dayOf(r, "merger", "on")
	if err == nil {
		err = f.Dues.MergePayer(r.Context(), payerOf(r), company.Merging{Code: r.PostFormValue("merger.code"), On: day, Reason: r.PostFormValue("merger.reason")})
	}
	return f.payerDone(w, r, "merger", err)
}

func (v payerView) facts(ctx context.Context) []ui.Fact {
	out := []ui.Fact{
		{Label: t(ctx, "desk.company.credit_code"), Value: cmp.Or(v.CreditCode, "—")},
		{Label: t(ctx, "desk.payer.reviewer"), Value: v.Unit},
		{Label: t(ctx, "desk.payer.class"), Value: className(ctx, v.Class)},
		{Label: t(ctx, "desk.payer.by"), Value: classedBy(ctx, v.Payer)},
	}
	if v.ClassBy == dues.ByHand {
		out = append(out, ui.Fact{Label: t(ctx, "desk.payer.why"), Value: v.ClassNote})
	}
	excluded := t(ctx, "desk.payer.not_excluded")
	if v.Excluded != "" {
		excluded = t(ctx, "dues.excluded."+string(v.Excluded))
	}
	out = append(out, ui.Fact{Label: t(ctx, "desk.payer.excluded"), Value: excluded})
	if v.ExcludedNote != "" {
		out = append(out, ui.Fact{Label: t(ctx, "desk.payer.why_excluded"), Value: v.ExcludedNote})
	}
	out = append(out, ui.Fact{Label: t(ctx, "desk.payer.union"), Value: foundedWord(ctx, v.Payer)})
	if v.UnionApproval != "" {
		out = append(out, ui.Fact{Label: t(ctx, "desk.payer.approval"), Value: v.UnionApproval})
	}
	out = append(out, ui.Fact{Label: t(ctx, "desk.payer.account"), Value: accountWord(ctx, v.Payer)})
	if a := v.Account; a.Kind != "" {
		bank := a.BankAs
		if a.Bank != "" {
			bank += " " + a.Bank
		}
		out = append(out, ui.Fact{Label: t(ctx, "desk.payer.holder"), Value: a.Name}, ui.Fact{Label: t(ctx, "desk.payer.bank"), Value: bank},
			ui.Fact{Label: t(ctx, "desk.payer.since"), Value: ui.Day(ctx, a.Since)})
	}
	return out
}

func evidenceColumns(ctx context.Context) []ui.Column {
	return []ui.Column{
		{Label: t(ctx, "desk.payer.list")}, {Label: t(ctx, "desk.payer.industry")}, {Label: t(ctx, "desk.payer.staff"), Right: true},
		{Label: t(ctx, "desk.payer.revenue"), Right: true}, {Label: t(ctx, "desk.payer.assets"), Right: true}, {Label: t(ctx, "desk.payer.gives")},
		{Label: t(ctx, "desk.payer.parent")}, {Label: t(ctx, "desk.payer.standing")},
	}
}

func evidenceRows(ctx context.Context, list []dues.Evidence) [][]templ.Component {
	rows := make([][]templ.Component, len(list))
	for i, e := range list {
		rows[i] = []templ.Component{
			evidenceList(e), evidenceIndustry(e), figure(ctx, e, company.SizeEmployees), figure(ctx, e, company.SizeRevenue), figure(ctx, e, company.SizeAssets),
			evidenceClass(e), ui.Text(parentWord(ctx, e)), ui.Text(cmp.Or(e.Standing, "—")),
		}
	}
	return rows
}

// figure is one figure of a list, with the class that it alone would give.
func figure(ctx context.Context, e dues.Evidence, indicator string) templ.Component {
	value := "—"
	switch f := e.Figures; {
	case indicator == company.SizeEmployees && f.Employees != nil:
		value = ui.Number(*f.Employees)
	case indicator == company.SizeRevenue && f.RevenueFen != nil:
		value = ui.Money(ctx, int64(*f.RevenueFen))
	case indicator == company.SizeAssets && f.AssetsFen != nil:
		value = ui.Money(ctx, int64(*f.AssetsFen))
	}
	for _, x := range e.Size.Evidence {
		if x.Indicator == indicator && x.Known {
			return figureCell(value, className(ctx, x.Class))
		}
	}
	return ui.Text(value)
}

// industryWord names an industry of a list, and the one of the sixteen that it is of.
func industryWord(ctx context.Context, e dues.Evidence) string {
	if i, ok := company.IndustryByCode(e.Industry); ok {
		return i.Code + " " + i.NameIn(string(i18n.From(ctx)))
	}
	return cmp.Or(e.Industry, "—")
}

// sizeIndustry names one of the sixteen.
func sizeIndustry(ctx context.Context, e dues.Evidence) string {
	if i18n.From(ctx) != i18n.EN {
		return e.Size.Industry
	}
	for _, r := range company.SizeRules() {
		if i, ok := r.Named(e.Size.Industry); ok {
			return i.EN
		}
	}
	return e.Size.Industry
}

func parentWord(ctx context.Context, e dues.Evidence) string {
	word := cmp.Or(e.ParentName, e.ParentCode, "—")
	if e.ParentKind != "" {
		word += " · " + t(ctx, "desk.payer.parent."+string(e.ParentKind))
	}
	return word
}

func exclusionChoices(ctx context.Context) []ui.Option {
	out := []ui.Option{}
	for _, x := range dues.Exclusions() {
		out = append(out, ui.Option{Value: string(x), Label: t(ctx, "dues.excluded."+string(x))})
	}
	return append(out, ui.Option{Value: asBefore, Label: t(ctx, "desk.payer.not_excluded")})
}

func classChoices(ctx context.Context) []ui.Option {
	return append(classOptions(ctx, false), ui.Option{Value: asBefore, Label: t(ctx, "desk.payer.follow"), Hint: t(ctx, "desk.payer.follow_hint")})
}

func accountChoices(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, k := range dues.AccountKinds() {
		out = append(out, ui.Option{Value: string(k), Label: t(ctx, "dues.account."+string(k)), Hint: t(ctx, "desk.payer.account."+string(k))})
	}
	return out
}
