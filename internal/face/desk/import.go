package desk

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/a-h/templ"

	"gonghui/internal/core/access"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/employment"
)

type importsView struct {
	Page   page.Page[employment.Batch]
	Start  string
	Next   string
	Units  []ui.Option
	Unit   string
	Errors ui.Errors
}

func (f *face) imports(w http.ResponseWriter, r *http.Request) error {
	v, err := f.importsView(r)
	if err != nil {
		return err
	}
	return f.show(w, r, "imports", t(r.Context(), "desk.nav.imports"), importsPage(v))
}

func (f *face) importsView(r *http.Request) (v importsView, err error) {
	if v.Page, err = f.Employment.ListBatches(r.Context(), wanted(r, 20)); err != nil {
		return v, err
	}
	v.Start, v.Next = pager(r, v.Page.Next)
	v.Units = f.units(r.Context(), access.VacancyImport)
	return v, nil
}

func (f *face) upload(w http.ResponseWriter, r *http.Request) error {
	b, err := f.receive(r)
	if err == nil {
		return web.See(w, r, batchHref(b))
	}
	if !web.Shown(err) {
		return err
	}
	v, seeErr := f.importsView(r)
	if seeErr != nil {
		return seeErr
	}
	v.Unit, v.Errors = r.PostFormValue("unit"), faults(r, err)
	for i := range v.Errors {
		if v.Errors[i].Field == "" {
			v.Errors[i].Field = "file" // whatever it is, it is about the file
		}
	}
	return f.again(w, r, "imports", t(r.Context(), "desk.nav.imports"), err, importsPage(v))
}

func (f *face) receive(r *http.Request) (employment.Batch, error) {
	file, head, err := r.FormFile("file")
	if err != nil {
		return employment.Batch{}, fault.New(fault.Invalid, "form.invalid", fault.WithFields(fault.Field{Name: "file", Code: "required", Key: "desk.import.no_file"}))
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return f.Employment.CreateBatch(r.Context(), f.unit(r, access.VacancyImport), head.Filename, file)
}

func batchHref(b employment.Batch) string { return "/desk/imports/" + b.CityCode + "/" + b.ID }

type batchView struct {
	Batch  employment.Batch
	Unit   string
	Errors ui.Errors
	Typed  map[string]string // columns that were chosen and refused
}

func (f *face) batchView(r *http.Request) (v batchView, err error) {
	if v.Batch, err = f.Employment.GetBatch(r.Context(), r.PathValue("city"), r.PathValue("id")); err != nil {
		return v, err
	}
	v.Unit, v.Typed = f.unitAt(r.Context(), v.Batch.OrgPath), v.Batch.Map
	return v, nil
}

func (f *face) batch(w http.ResponseWriter, r *http.Request) error {
	v, err := f.batchView(r)
	if err != nil {
		return err
	}
	p := f.site.Page(r, v.Batch.Name, "imports")
	if v.Batch.Working() {
		p.Head = reload() // without script the page looks again by itself
	}
	return f.site.Render(w, r, p, batchPage(v))
}

// progress is the part of the page that asks again; when the job is over the
// whole page is read anew.
func (f *face) progress(w http.ResponseWriter, r *http.Request) error {
	v, err := f.batchView(r)
	if err != nil {
		return err
	}
	if !v.Batch.Working() {
		w.Header().Set("HX-Refresh", "true")
	}
	return f.site.Fragment(w, r, f.site.Page(r, "", "imports"), progressOf(v.Batch))
}

func (f *face) check(w http.ResponseWriter, r *http.Request) error {
	columns := map[string]string{}
	for _, field := range employment.ImportFields {
		if c := r.PostFormValue("column." + field); c != "" {
			columns[field] = c
		}
	}
	city, id := r.PathValue("city"), r.PathValue("id")
	_, err := f.Employment.CheckBatch(r.Context(), city, id, columns)
	return f.worked(w, r, err, columns)
}

func (f *face) start(w http.ResponseWriter, r *http.Request) error {
	_, err := f.Employment.StartBatch(r.Context(), r.PathValue("city"), r.PathValue("id"))
	return f.worked(w, r, err, nil)
}

func (f *face) worked(w http.ResponseWriter, r *http.Request, err error, columns map[string]string) error {
	if err == nil {
		return web.See(w, r, "/desk/imports/"+r.PathValue("city")+"/"+r.PathValue("id"))
	}
	if !web.Shown(err) {
		return err
	}
	v, seeErr := f.batchView(r)
	if seeErr != nil {
		return seeErr
	}
	v.Errors = faults(r, err)
	if columns != nil {
		v.Typed = columns
	}
	return f.again(w, r, "imports", v.Batch.Name, err, batchPage(v))
}

// brokenRows sends the file of the rows that were not taken.
func (f *face) brokenRows(w http.ResponseWriter, r *http.Request) error {
	rows, err := f.Employment.BatchErrors(r.Context(), r.PathValue("city"), r.PathValue("id"))
	if err != nil {
		return err
	}
	return f.rowsFile(w, rows)
}

// rowsFile sends a file of rows that are to be mended.
func (f *face) rowsFile(w http.ResponseWriter, rows io.ReadCloser) error {
	defer func() { _ = rows.Close() }() // read to its end or given up
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="rows-to-correct.csv"`)
	h.Set("Cache-Control", "no-store")
	if _, err := io.Copy(w, rows); err != nil {
		f.cutOff()
	}
	return nil
}

// fieldName says what a field of the file is called.
func fieldName(ctx context.Context, field string) string { return t(ctx, "desk.import.field."+field) }

// columns are the headings of the file as choices.
func (v batchView) columns(ctx context.Context) []ui.Option {
	out := []ui.Option{}
	seen := map[string]bool{"": true}
	for _, h := range v.Batch.Header {
		if !seen[h] {
			seen[h] = true
			out = append(out, ui.Option{Value: h, Label: h})
		}
	}
	return out
}

func (v batchView) counts(ctx context.Context) []ui.Count {
	r := v.Batch.Report
	imported := "desk.import.imported"
	if v.Batch.State == employment.BatchReady {
		imported = "desk.import.importable"
	}
	return []ui.Count{
		{Label: t(ctx, "desk.import.rows"), Value: r.Rows}, {Label: t(ctx, imported), Value: r.Imported, State: ui.Done},
		{Label: t(ctx, "desk.import.collapsed"), Value: r.Collapsed}, {Label: t(ctx, "desk.import.unchanged"), Value: r.Unchanged},
		{Label: t(ctx, "desk.import.failed"), Value: r.Failed, State: failedState(r.Failed)},
	}
}

func failedState(n int64) ui.State {
	if n > 0 {
		return ui.Overdue
	}
	return ""
}

func (v batchView) broken(ctx context.Context) []ui.BrokenRow {
	var out []ui.BrokenRow
	for _, b := range v.Batch.Broken {
		reason := b.ZH
		if i18n.From(ctx) == i18n.EN {
			reason = b.EN
		}
		out = append(out, ui.BrokenRow{Row: b.Row, Column: b.Column, Reason: reason})
	}
	return out
}

var batchLooks = map[employment.BatchState]ui.State{
	employment.BatchUploaded: ui.Draft, employment.BatchChecking: ui.Waiting, employment.BatchReady: ui.DueSoon,
	employment.BatchRunning: ui.Waiting, employment.BatchDone: ui.Done, employment.BatchFailed: ui.Refused,
}

func batchRows(ctx context.Context, list []employment.Batch) [][]templ.Component {
	rows := make([][]templ.Component, len(list))
	for i, b := range list {
		rows[i] = []templ.Component{
			ui.Link(batchHref(b), b.Name), ui.StatusTagText(batchLooks[b.State], t(ctx, "desk.import.state."+string(b.State))),
			ui.Text(ui.Number(b.Report.Rows)), ui.Text(ui.Number(b.Report.Imported)), ui.Text(ui.Number(b.Report.Failed)), ui.Text(ui.Moment(ctx, b.CreatedAt)),
		}
	}
	return rows
}
