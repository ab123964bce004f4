package desk

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"gonghui/internal/core/access"
	"gonghui/internal/core/company"
	"gonghui/internal/core/exchange"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/measure/employment"
)

// listSize is the number of rows of one page of a list.
const listSize = 50

// listView is a filtered list with its export.
type listView struct {
	Path    string // address of the list
	Title   string
	State   string
	Source  string
	Text    string
	States  []ui.Option
	Sources []ui.Option
	Columns []ui.Column
	Rows    [][]templ.Component
	Start   string
	Next    string
	Export  bool   // the actor may take the list out
	Empty   string // said when nothing is there, without a filter
	Purpose string
	Errors  ui.Errors
}

func (f *face) vacancies(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	v, err := f.vacancyList(r, employment.DeskFilter{State: q.Get("state"), Source: q.Get("source"), Text: q.Get("q"), Request: wanted(r, listSize)})
	if err != nil {
		return err
	}
	return f.show(w, r, "vacancies", v.Title, listPage(v))
}

func (f *face) vacancyList(r *http.Request, filter employment.DeskFilter) (listView, error) {
	ctx := r.Context()
	p, err := f.Employment.DeskVacancies(ctx, filter)
	if err != nil {
		return listView{}, err
	}
	v := listView{
		Path: "/desk/vacancies", Title: t(ctx, "desk.nav.vacancies"), State: filter.State, Source: filter.Source, Text: filter.Text,
		Columns: vacancyColumns(ctx), Rows: vacancyRows(ctx, p.Items, f.today(), r.URL.RequestURI()), Empty: t(ctx, "desk.vacancy.none"), Export: access.CanAnywhere(ctx, access.BatchRun),
	}
	for _, s := range employment.VacancyStates {
		v.States = append(v.States, ui.Option{Value: s, Label: t(ctx, "flow.employment.vacancy.state."+s)})
	}
	for _, s := range []string{employment.SourceCompany, employment.SourceImport} {
		v.Sources = append(v.Sources, ui.Option{Value: s, Label: t(ctx, "desk.vacancy.source."+s)})
	}
	v.Start, v.Next = pager(r, p.Next)
	return v, nil
}

func vacancyColumns(ctx context.Context) []ui.Column {
	return []ui.Column{
		{Label: t(ctx, "desk.vacancy.title")}, {Label: t(ctx, "desk.vacancy.company")}, {Label: t(ctx, "desk.vacancy.place")},
		{Label: t(ctx, "desk.vacancy.pay")}, {Label: t(ctx, "desk.vacancy.headcount"), Right: true}, {Label: t(ctx, "desk.vacancy.state")},
		{Label: t(ctx, "desk.vacancy.valid_to")},
	}
}

func vacancyRows(ctx context.Context, list []employment.Vacancy, today clock.Day, here string) [][]templ.Component {
	rows := make([][]templ.Component, len(list))
	for i, x := range list {
		rows[i] = []templ.Component{
			ui.Link(caseFrom(employment.FlowVacancy, x.CityCode, x.ID, here), x.Title), ui.Text(x.CompanyName), ui.Text(ui.PlaceShort(ctx, x.DivisionCode)),
			ui.Text(x.Pay.Text(string(i18n.From(ctx)))), ui.Text(strconv.Itoa(x.Filled) + " / " + strconv.Itoa(x.Headcount)),
			ui.StatusTagText(look(x.State), t(ctx, "flow.employment.vacancy.state."+x.State)), ui.Text(ui.ShortDay(ctx, x.ValidTo, today)),
		}
	}
	return rows
}

func (f *face) companies(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	v, err := f.companyList(r, company.Filter{State: company.State(q.Get("state")), Text: q.Get("q")})
	if err != nil {
		return err
	}
	return f.show(w, r, "companies", v.Title, listPage(v))
}

var companyStates = []company.State{
	company.StateListed, company.StateSubmitted, company.StateReturned, company.StateVerified, company.StateBlocked,
}

func (f *face) companyList(r *http.Request, filter company.Filter) (listView, error) {
	ctx := r.Context()
	p, err := f.Employment.DeskCompanies(ctx, filter, wanted(r, listSize))
	if err != nil {
		return listView{}, err
	}
	v := listView{
		Path: "/desk/companies", Title: t(ctx, "desk.nav.companies"), State: string(filter.State), Text: filter.Text,
		Columns: []ui.Column{
			{Label: t(ctx, "desk.company.name")}, {Label: t(ctx, "desk.company.credit_code")}, {Label: t(ctx, "desk.company.place")},
			{Label: t(ctx, "desk.company.has_union")}, {Label: t(ctx, "desk.company.state")},
		},
		Export: access.CanAnywhere(ctx, access.BatchRun), Empty: t(ctx, "desk.company.none"),
	}
	for _, c := range p.Items {
		v.Rows = append(v.Rows, []templ.Component{
			ui.Link(caseFrom(employment.FlowEmployer, c.CityCode, c.ID, r.URL.RequestURI()), c.Name), ui.Text(c.CreditCode), ui.Text(ui.PlaceShort(ctx, c.DivisionCode)),
			ui.Text(unionWord(ctx, c)), ui.StatusTagText(look(string(c.State)), companyState(ctx, c.State)),
		})
	}
	for _, s := range companyStates {
		v.States = append(v.States, ui.Option{Value: string(s), Label: companyState(ctx, s)})
	}
	v.Start, v.Next = pager(r, p.Next)
	return v, nil
}

func unionWord(ctx context.Context, c company.Company) string {
	if c.UnionUnitID != "" {
		return t(ctx, "desk.company.union")
	}
	return t(ctx, "desk.company.no_union")
}

func (f *face) exportVacancies(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	filter := employment.DeskFilter{State: r.PostFormValue("state"), Source: r.PostFormValue("source"), Text: r.PostFormValue("q")}
	out := f.file(w, r, "vacancies", t(ctx, "desk.nav.vacancies"), []string{
		t(ctx, "desk.vacancy.number"), t(ctx, "desk.vacancy.title"), t(ctx, "desk.vacancy.company"), t(ctx, "desk.vacancy.place"), t(ctx, "desk.vacancy.pay"),
		t(ctx, "desk.vacancy.headcount"), t(ctx, "desk.vacancy.filled"), t(ctx, "desk.vacancy.state"), t(ctx, "desk.vacancy.valid_to"), t(ctx, "desk.vacancy.source"), t(ctx, "desk.vacancy.link"),
	})
	err := f.Employment.ExportVacancies(ctx, filter, r.PostFormValue("purpose"), func(x employment.Vacancy) error {
		return out.write(
			x.Number, x.Title, x.CompanyName, ui.PlaceName(ctx, x.DivisionCode), x.Pay.Text(string(i18n.From(ctx))), strconv.Itoa(x.Headcount), strconv.Itoa(x.Filled),
			t(ctx, "flow.employment.vacancy.state."+x.State), x.ValidTo.String(), t(ctx, "desk.vacancy.source."+x.Source), x.Link,
		)
	})
	return f.sent(out, err, f.listAgain(w, r, "vacancies", func() (listView, error) { return f.vacancyList(r, filter) }))
}

func (f *face) exportCompanies(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	filter := company.Filter{State: company.State(r.PostFormValue("state")), Text: r.PostFormValue("q")}
	out := f.file(w, r, "companies", t(ctx, "desk.nav.companies"), []string{
		t(ctx, "desk.company.name"), t(ctx, "desk.company.credit_code"), t(ctx, "desk.company.place"), t(ctx, "desk.company.address"),
		t(ctx, "desk.company.has_union"), t(ctx, "desk.company.state"),
	})
	err := f.Employment.ExportCompanies(ctx, filter, r.PostFormValue("purpose"), func(c company.Company) error {
		return out.write(c.Name, c.CreditCode, ui.PlaceName(ctx, c.DivisionCode), c.Address, unionWord(ctx, c), companyState(ctx, c.State))
	})
	return f.sent(out, err, f.listAgain(w, r, "companies", func() (listView, error) { return f.companyList(r, filter) }))
}

// exportArgs say what is asked before a list is taken out.
type exportArgs struct {
	Path    string // of the list
	Hint    string // what a purpose is
	Formats []ui.Option
	Purpose string
	Errors  ui.Errors
}

// The formats of a file.
var (
	csvFormat  = ui.Option{Value: "csv", Label: "CSV"}
	xlsxFormat = ui.Option{Value: "xlsx", Label: "XLSX"}
)

// table is a file on its way to the browser. Nothing is sent before the first
// row, so that a refusal can still become a page.
type table struct {
	begin func() (exchange.Writer, error)
	w     exchange.Writer
}

func (f *face) file(w http.ResponseWriter, r *http.Request, name, sheet string, header []string) *table {
	return &table{begin: func() (exchange.Writer, error) {
		name += "-" + clock.Today(f.Clock).String()
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		// A long list takes longer than a page may. The line knows the machine's
		// clock only; a writer that cannot keeps the server's own limit.
		_ = http.NewResponseController(w).SetWriteDeadline(clock.System().Now().Add(30 * time.Minute))
		if r.PostFormValue("format") == "csv" {
			h.Set("Content-Type", "text/csv; charset=utf-8")
			h.Set("Content-Disposition", `attachment; filename="`+name+`.csv"`)
			return exchange.NewCSV(w, header)
		}
		h.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
		h.Set("Content-Disposition", `attachment; filename="`+name+`.xlsx"`)
		return exchange.NewXLSX(w, sheet, header)
	}}
}

func (x *table) write(cells ...string) (err error) {
	if x.w == nil {
		if x.w, err = x.begin(); err != nil {
			return err
		}
	}
	return x.w.Write(cells)
}

// listAgain shows a list whose export was refused.
func (f *face) listAgain(w http.ResponseWriter, r *http.Request, nav string, list func() (listView, error)) func(error) error {
	return func(err error) error {
		v, seeErr := list()
		if seeErr != nil {
			return err
		}
		v.Errors, v.Purpose = faults(r, err), r.PostFormValue("purpose")
		return f.again(w, r, nav, v.Title, err, listPage(v))
	}
}

// sent ends a file, or shows the page again with what was wrong.
func (f *face) sent(x *table, err error, again func(error) error) error {
	switch {
	case err != nil && x.w != nil:
		f.cutOff()
		return nil
	case err != nil && web.Shown(err):
		return again(err)
	case err != nil:
		return err
	case x.w == nil: // an empty list is a file with a heading
		if x.w, err = x.begin(); err != nil {
			return err
		}
	}
	return x.w.Close()
}

// cutOff breaks a transfer that cannot be finished: a file that ends early must
// not look whole.
func (f *face) cutOff() { panic(http.ErrAbortHandler) }
