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
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/dues"
)

const (
	duesPath   = "/desk/dues"
	breaksPath = "/desk/dues/breaks"
)

func (f *face) duesRoutes() []route {
	return []route{
		{pattern: "GET /desk/dues", need: access.DuesCollect, handle: f.duesFiles},
		{pattern: "POST /desk/dues", need: access.DuesCollect, handle: f.sendDuesFile, upload: true},
		{pattern: "GET /desk/dues/uploads/{city}/{id}", need: access.DuesCollect, handle: f.intake},
		{pattern: "GET /desk/dues/uploads/{city}/{id}/progress", need: access.DuesCollect, handle: f.intakeProgress},
		{pattern: "GET /desk/dues/uploads/{city}/{id}/errors", need: access.DuesCollect, handle: f.intakeErrors},
		{pattern: "GET /desk/dues/files/{city}/{id}", need: access.DuesCollect, handle: f.duesFile},
		{pattern: "POST /desk/dues/files/{city}/{id}/receipts", need: access.DuesCollect, handle: f.sendReceipts, upload: true},
		{pattern: "POST /desk/dues/files/{city}/{id}/sign", need: access.DuesCollect, handle: f.signDuesFile},
		{pattern: "GET /desk/dues/files/{city}/{id}/lines", need: access.DuesCollect, handle: f.duesLines},
		{pattern: "GET /desk/dues/files/{city}/{id}/compare/{other}", need: access.DuesCollect, handle: f.compareDues},
		{pattern: "GET /desk/dues/breaks", need: access.DuesCollect, handle: f.breaks},
		{pattern: "GET /desk/dues/breaks/{city}/{id}", need: access.DuesCollect, handle: f.oneBreak},
		{pattern: "POST /desk/dues/breaks/{city}/{id}", need: access.DuesCollect, handle: f.clearBreak},
		{pattern: "POST /desk/dues/corrections/{city}/{id}", need: access.DuesCollect, handle: f.answerCorrection},
	}
}

func duesFileHref(f dues.File) string { return duesPath + "/files/" + f.CityCode + "/" + f.ID }

func intakeHref(in dues.Intake) string { return duesPath + "/uploads/" + in.CityCode + "/" + in.ID }

// duesFilesView is the files of the collection ledger.
type duesFilesView struct {
	Page    page.Page[dues.ListedFile]
	Start   string
	Next    string
	Waiting []dues.Intake // on their way in, or refused
	Units   []ui.Option
	Unit    string
	Today   clock.Day
	Errors  ui.Errors
}

func (f *face) duesFiles(w http.ResponseWriter, r *http.Request) error {
	v, err := f.duesFilesView(r)
	if err != nil {
		return err
	}
	return f.show(w, r, "dues", t(r.Context(), "desk.nav.dues"), duesFilesPage(v))
}

func (f *face) duesFilesView(r *http.Request) (v duesFilesView, err error) {
	ctx := r.Context()
	if v.Page, err = f.Dues.DeskFiles(ctx, wanted(r, 20)); err != nil {
		return v, err
	}
	v.Start, v.Next = pager(r, v.Page.Next)
	waiting, err := f.Dues.Intakes(ctx, page.Request{Limit: 5})
	v.Waiting, v.Units, v.Today = waiting.Items, f.units(ctx, access.DuesCollect), f.today()
	return v, err
}

func (f *face) sendDuesFile(w http.ResponseWriter, r *http.Request) error {
	in, err := f.receiveFile(r, func(name string, file io.Reader) (dues.Intake, error) {
		return f.Dues.SendFile(r.Context(), f.unit(r, access.DuesCollect), name, file)
	})
	if err == nil {
		return web.See(w, r, intakeHref(in))
	}
	if !web.Shown(err) {
		return err
	}
	v, seeErr := f.duesFilesView(r)
	if seeErr != nil {
		return seeErr
	}
	v.Unit, v.Errors = r.PostFormValue("unit"), aboutFile(faults(r, err))
	return f.again(w, r, "dues", t(r.Context(), "desk.nav.dues"), err, duesFilesPage(v))
}

// receiveFile hands the file of a form on.
func (f *face) receiveFile(r *http.Request, send func(string, io.Reader) (dues.Intake, error)) (in dues.Intake, err error) {
	file, head, err := r.FormFile("file")
	if err != nil {
		return in, fault.New(fault.Invalid, "form.invalid", fault.WithFields(fault.Field{Name: "file", Code: "required", Key: "desk.import.no_file"}))
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return send(head.Filename, file)
}

// aboutFile puts what is wrong beside the file: whatever it is, it is about that.
func aboutFile(errs ui.Errors) ui.Errors {
	for i := range errs {
		if errs[i].Field == "" {
			errs[i].Field = "file"
		}
	}
	return errs
}

type intakeView struct {
	dues.Intake
	Unit string
}

func (f *face) intakeView(r *http.Request) (v intakeView, err error) {
	v.Intake, err = f.Dues.GetIntake(r.Context(), r.PathValue("city"), r.PathValue("id"))
	v.Unit = f.unitAt(r.Context(), v.OrgPath)
	return v, err
}

func (f *face) intake(w http.ResponseWriter, r *http.Request) error {
	v, err := f.intakeView(r)
	if err != nil {
		return err
	}
	p := f.site.Page(r, v.Name, "dues")
	if v.State == dues.IntakeRunning {
		p.Head = reload()
	}
	return f.site.Render(w, r, p, intakePage(v))
}

func (f *face) intakeProgress(w http.ResponseWriter, r *http.Request) error {
	v, err := f.intakeView(r)
	if err != nil {
		return err
	}
	if v.State != dues.IntakeRunning {
		w.Header().Set("HX-Refresh", "true")
	}
	return f.site.Fragment(w, r, f.site.Page(r, "", "dues"), intakeProgressOf(v.Intake))
}

func (f *face) intakeErrors(w http.ResponseWriter, r *http.Request) error {
	rows, err := f.Dues.IntakeErrors(r.Context(), r.PathValue("city"), r.PathValue("id"))
	if err != nil {
		return err
	}
	return f.rowsFile(w, rows)
}

var intakeLooks = map[dues.IntakeState]ui.State{dues.IntakeRunning: ui.Waiting, dues.IntakeDone: ui.Done, dues.IntakeFailed: ui.Refused}

// problem says why a file was refused.
func problem(ctx context.Context, in dues.Intake) string {
	var params []any
	for name, value := range in.Params {
		params = append(params, name, value)
	}
	return t(ctx, in.Problem, params...)
}

func (v intakeView) counts(ctx context.Context) []ui.Count {
	r := v.Report
	out := []ui.Count{{Label: t(ctx, "desk.import.rows"), Value: r.Rows}}
	if v.Kind == dues.IntakeReceipts {
		out = append(out, ui.Count{Label: t(ctx, "desk.dues.entered"), Value: r.Lines, State: ui.Done}, ui.Count{Label: t(ctx, "desk.dues.known"), Value: r.Repeated})
	} else {
		out = append(out, ui.Count{Label: t(ctx, "desk.dues.lines"), Value: r.Lines, State: ui.Done}, ui.Count{Label: t(ctx, "desk.dues.repeated"), Value: r.Repeated},
			ui.Count{Label: t(ctx, "desk.dues.found"), Value: r.Breaks, State: failedState(r.Breaks)})
	}
	return append(out, ui.Count{Label: t(ctx, "desk.import.failed"), Value: r.Failed, State: failedState(r.Failed)})
}

func (v intakeView) broken(ctx context.Context) []ui.BrokenRow {
	var out []ui.BrokenRow
	for _, b := range v.Broken {
		reason := b.ZH
		if i18n.From(ctx) == i18n.EN {
			reason = b.EN
		}
		out = append(out, ui.BrokenRow{Row: b.Row, Column: b.Column, Reason: reason})
	}
	return out
}

// months names the months of a file: 2020-05 – 2020-06.
func months(f dues.File) string {
	if f.From.IsZero() {
		return "—"
	}
	from, to := f.From.String()[:7], f.To.String()[:7]
	if from == to {
		return from
	}
	return from + " – " + to
}

func duesFileColumns(ctx context.Context) []ui.Column {
	return []ui.Column{
		{Label: t(ctx, "desk.dues.months")}, {Label: t(ctx, "desk.dues.file")}, {Label: t(ctx, "desk.import.rows"), Right: true},
		{Label: t(ctx, "desk.dues.paid"), Right: true}, {Label: t(ctx, "desk.dues.open"), Right: true}, {Label: t(ctx, "desk.dues.signed")}, {Label: t(ctx, "desk.dues.taken")},
	}
}

func duesFileRows(ctx context.Context, list []dues.ListedFile, today clock.Day) [][]templ.Component {
	rows := make([][]templ.Component, len(list))
	for i, x := range list {
		rows[i] = []templ.Component{
			unbroken(months(x.File)), duesFileCell(x), ui.Text(ui.Number(x.Totals.Rows)), ui.Text(ui.Money(ctx, int64(x.Totals.Paid))),
			ui.Text(ui.Number(x.Open)), ui.StatusTagText(signedLook(x.File), signedWord(ctx, x.File)), ui.Text(ui.ShortDay(ctx, clock.DayOf(x.CreatedAt), today)),
		}
	}
	return rows
}

// signedWord says whose signature a file waits for.
func signedWord(ctx context.Context, f dues.File) string {
	return t(ctx, "desk.dues.waits."+signedBy(f))
}

func signedBy(f dues.File) string {
	switch {
	case f.State == dues.FileRunning:
		return "running"
	case f.State == dues.FileSigned:
		return "signed"
	case f.UnionBy != "":
		return "tax"
	case f.TaxBy != "":
		return "union"
	}
	return "both"
}

func signedLook(f dues.File) ui.State {
	switch signedBy(f) {
	case "signed":
		return ui.Done
	case "running":
		return ui.Draft
	}
	return ui.Waiting
}
