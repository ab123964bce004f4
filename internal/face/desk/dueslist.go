package desk

import (
	"context"
	"io"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"gonghui/internal/core/access"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/dues"
)

const listsPath = "/desk/dues/lists"

func (f *face) duesListRoutes() []route {
	one := listsPath + "/{city}/{id}"
	return []route{
		{pattern: "GET " + listsPath, need: access.DuesCollect, handle: f.companyLists},
		{pattern: "POST " + listsPath, need: access.DuesCollect, handle: f.sendList, upload: true},
		{pattern: "GET " + one, need: access.DuesCollect, handle: f.listIntake},
		{pattern: "POST " + one + "/start", need: access.DuesCollect, handle: f.startList},
		{pattern: "GET " + one + "/progress", need: access.DuesCollect, handle: f.listProgress},
		{pattern: "GET " + one + "/errors", need: access.DuesCollect, handle: f.listErrors},
	}
}

func listHref(in dues.Intake) string { return listsPath + "/" + in.CityCode + "/" + in.ID }

type listsView struct {
	Page    page.Page[dues.List]
	Start   string
	Next    string
	Waiting []dues.Intake
	Units   []ui.Option
	Names   func(string) string
	Typed   func(string) string
	Year    int // that lists are mostly of
	Errors  ui.Errors
}

func (f *face) listsView(r *http.Request) (v listsView, err error) {
	ctx := r.Context()
	if v.Page, err = f.Dues.ListLists(ctx, wanted(r, 20)); err != nil {
		return v, err
	}
	v.Start, v.Next = pager(r, v.Page.Next)
	waiting, err := f.Dues.ListIntakes(ctx, page.Request{Limit: 10})
	if err != nil {
		return v, err
	}
	v.Waiting, v.Units, v.Typed = waiting.Items, f.units(ctx, access.DuesCollect), r.PostFormValue
	v.Year = f.today().Year() - 1
	ids := make([]string, len(v.Page.Items))
	for i, l := range v.Page.Items {
		ids[i] = l.CreatedBy
	}
	v.Names, err = f.names(ctx, ids...)
	return v, err
}

func (f *face) companyLists(w http.ResponseWriter, r *http.Request) error {
	v, err := f.listsView(r)
	if err != nil {
		return err
	}
	return f.show(w, r, "dues", t(r.Context(), "desk.dues.tab.lists"), listsPage(v))
}

func (f *face) sendList(w http.ResponseWriter, r *http.Request) error {
	in, err := f.receiveFile(r, func(name string, file io.Reader) (dues.Intake, error) {
		year, _ := strconv.Atoi(r.PostFormValue("year")) // what is no number is no year
		return f.Dues.SendList(r.Context(), f.unit(r, access.DuesCollect), dues.Source(r.PostFormValue("source")), year, name, file)
	})
	if err == nil {
		return web.See(w, r, listHref(in))
	}
	if !web.Shown(err) {
		return err
	}
	v, seeErr := f.listsView(r)
	if seeErr != nil {
		return seeErr
	}
	v.Errors = aboutFile(faults(r, err))
	return f.again(w, r, "dues", t(r.Context(), "desk.dues.tab.lists"), err, listsPage(v))
}

type sentListView struct {
	dues.Intake
	Unit   string
	Errors ui.Errors
}

func (f *face) sentListView(r *http.Request) (v sentListView, err error) {
	v.Intake, err = f.Dues.GetListIntake(r.Context(), r.PathValue("city"), r.PathValue("id"))
	v.Unit = f.unitAt(r.Context(), v.OrgPath)
	return v, err
}

func (f *face) listIntake(w http.ResponseWriter, r *http.Request) error {
	v, err := f.sentListView(r)
	if err != nil {
		return err
	}
	p := f.site.Page(r, v.Name, "dues")
	if v.State == dues.IntakeRunning {
		p.Head = reload()
	}
	return f.site.Render(w, r, p, sentListPage(v))
}

func (f *face) listProgress(w http.ResponseWriter, r *http.Request) error {
	v, err := f.sentListView(r)
	if err != nil {
		return err
	}
	if v.State != dues.IntakeRunning {
		w.Header().Set("HX-Refresh", "true")
	}
	return f.site.Fragment(w, r, f.site.Page(r, "", "dues"), listProgressOf(v.Intake))
}

func (f *face) startList(w http.ResponseWriter, r *http.Request) error {
	in, err := f.Dues.StartList(r.Context(), r.PathValue("city"), r.PathValue("id"))
	if err == nil {
		return web.See(w, r, listHref(in))
	}
	if !web.Shown(err) {
		return err
	}
	v, seeErr := f.sentListView(r)
	if seeErr != nil {
		return seeErr
	}
	v.Errors = faults(r, err)
	return f.again(w, r, "dues", v.Name, err, sentListPage(v))
}

func (f *face) listErrors(w http.ResponseWriter, r *http.Request) error {
	rows, err := f.Dues.ListIntakeErrors(r.Context(), r.PathValue("city"), r.PathValue("id"))
	if err != nil {
		return err
	}
	return f.rowsFile(w, rows)
}

var listLooks = map[dues.IntakeState]ui.State{
	dues.IntakeRunning: ui.Waiting, dues.IntakeReady: ui.DueSoon, dues.IntakeDone: ui.Done, dues.IntakeFailed: ui.Refused,
}

func listState(ctx context.Context, in dues.Intake) string {
	if in.State == dues.IntakeRunning && !in.List.Tried {
		return t(ctx, "desk.list_in.trying")
	}
	return t(ctx, "desk.list_in.state."+string(in.State))
}

func (v sentListView) counts(ctx context.Context) []ui.Count {
	r := v.List.Report
	taken := "desk.list_in.taken"
	if v.State == dues.IntakeReady {
		taken = "desk.list_in.takeable"
	}
	return []ui.Count{
		{Label: t(ctx, "desk.import.rows"), Value: r.Rows}, {Label: t(ctx, taken), Value: r.Taken, State: ui.Done},
		{Label: t(ctx, "desk.import.unchanged"), Value: r.Unchanged}, {Label: t(ctx, "desk.import.failed"), Value: r.Failed, State: failedState(r.Failed)},
	}
}

// found is what the list tells of its companies.
func (v sentListView) found(ctx context.Context) []ui.Count {
	r := v.List.Report
	return []ui.Count{
		{Label: t(ctx, "desk.list_in.companies"), Value: r.Companies}, {Label: t(ctx, "desk.payer.view.conflict"), Value: r.Conflicts, State: failedState(r.Conflicts)},
		{Label: t(ctx, "desk.payer.view.unclassified"), Value: r.Unclassified, State: failedState(r.Unclassified)}, {Label: t(ctx, "desk.payer.view.excluded"), Value: r.Excluded},
	}
}

func (v sentListView) broken(ctx context.Context) []ui.BrokenRow {
	return intakeView{Intake: v.Intake}.broken(ctx)
}

func (v sentListView) errorsHref() string {
	if v.ErrorFile == "" {
		return ""
	}
	return listHref(v.Intake) + "/errors"
}

func sourceOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, s := range dues.Sources() {
		out = append(out, ui.Option{Value: string(s), Label: t(ctx, "dues.source."+string(s))})
	}
	return out
}

func takenListColumns(ctx context.Context) []ui.Column {
	return []ui.Column{
		{Label: t(ctx, "desk.payer.list")}, {Label: t(ctx, "desk.dues.file")}, {Label: t(ctx, "desk.import.rows"), Right: true},
		{Label: t(ctx, "desk.list_in.taken"), Right: true}, {Label: t(ctx, "desk.import.failed"), Right: true},
		{Label: t(ctx, "desk.payer.view.conflict"), Right: true}, {Label: t(ctx, "desk.list_in.by")}, {Label: t(ctx, "desk.import.at")},
	}
}

func takenListRows(ctx context.Context, list []dues.List, names func(string) string) [][]templ.Component {
	rows := make([][]templ.Component, len(list))
	for i, l := range list {
		rows[i] = []templ.Component{
			ui.Text(t(ctx, "desk.payer.of_year", "Source", t(ctx, "dues.source."+string(l.Source)), "Year", strconv.Itoa(l.Year))), ui.Text(l.Name),
			ui.Text(ui.Number(l.Report.Rows)), ui.Text(ui.Number(l.Report.Taken)), ui.Text(ui.Number(l.Report.Failed)), ui.Text(ui.Number(l.Report.Conflicts)),
			ui.Text(names(l.CreatedBy)), ui.Text(ui.Moment(ctx, l.CreatedAt)),
		}
	}
	return rows
}
