package cockpit

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"

	"gonghui/internal/base/audit"
	"gonghui/internal/core/access"
	"gonghui/internal/core/exchange"
	"gonghui/internal/core/figures"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/ident"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/employment"
)

// Sizes of the list, in rows.
const (
	listed    = 50
	maxExport = 50_000
)

// record is one record behind a figure, as a page shows it.
type record struct {
	figures.Record
	place  string
	person string // masked; empty when the record of the person is not the viewer's to see
	what   string
	href   string // of the desk's page, where the viewer may open it
}

func (f *face) records(w http.ResponseWriter, r *http.Request) error {
	return f.showRecords(w, r, http.StatusOK, nil, "")
}

func (f *face) showRecords(w http.ResponseWriter, r *http.Request, status int, errs ui.Errors, purpose string) error {
	v, i, err := f.lookAt(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	figure, err := f.Figures.Progress(ctx, i.Key, v.period, v.unit)
	if err != nil {
		return err
	}
	p, err := f.Figures.Records(ctx, i.Key, v.period, v.unit.Path, page.Request{After: page.Cursor(v.after), Limit: listed})
	if err != nil {
		return err
	}
	rows := make([]record, len(p.Items))
	for n, x := range p.Items {
		if rows[n], err = f.record(ctx, x, true); err != nil {
			return err
		}
	}
	show := f.page(r, v, ui.T(ctx, "cockpit.records.title", "Title", ui.T(ctx, i.TitleText())), i.Key)
	return f.site.RenderStatus(w, r, status, show, f.recordsPage(v, standing{indicator: i, figure: figure}, rows, string(p.Next), errs, purpose))
}

// lookAt is look with the indicator of the path; records are those of now.
func (f *face) lookAt(r *http.Request) (view, figures.Indicator, error) {
	v, err := f.look(r)
	if err != nil {
		return v, figures.Indicator{}, err
	}
	i, err := f.Figures.Indicator(r.PathValue("indicator"))
	return v, i, err
}

// record adds to a fact who and what it is. What lies outside the viewer's scope
// stays unnamed: the number is the viewer's, the record is not.
func (f *face) record(ctx context.Context, x figures.Record, linked bool) (record, error) {
	out := record{Record: x, what: sourceText(ctx, x.SourceKind)}
	if u, ok := f.Org.ByPath(x.OrgPath); ok {
		out.place = short(ctx, u)
	}
	p, err := f.People.Get(ctx, x.City, x.Subject)
	switch {
	case err == nil:
		out.person = ident.MaskName(p.Name)
		if out.person == "" {
			out.person = p.PhoneMask
		}
		if linked && access.Can(ctx, access.PeopleView, p.OrgPath) {
			out.href = "/desk/people/" + p.CityCode + "/" + p.ID
		}
	case !fault.IsKind(err, fault.NotFound):
		return out, err
	}
	if linked && x.SourceKind == employment.FlowApplication {
		return out, f.applied(ctx, &out)
	}
	return out, nil
}

// applied names the vacancy of an application. It lies in the custody of the
// vacancy's city, which the fact does not tell; the person's list does.
func (f *face) applied(ctx context.Context, r *record) error {
	list, err := f.Employment.ListApplications(ctx, employment.ApplicationFilter{PersonID: r.Subject, Request: page.Request{Limit: page.MaxLimit}})
	if err != nil {
		return err
	}
	for _, a := range list.Items {
		if a.ID != r.SourceID {
			continue
		}
		r.what = ui.T(ctx, "cockpit.source.application", "Title", a.VacancyTitle)
		if access.Can(ctx, access.CaseView, a.OrgPath) {
			r.href = "/desk/cases/" + employment.FlowApplication + "/" + a.CityCode + "/" + a.ID
		}
	}
	return nil
}

func sourceText(ctx context.Context, kind string) string {
	switch kind {
	case employment.FlowApplication:
		return ui.T(ctx, "cockpit.source.applied")
	case "employment.service":
		return ui.T(ctx, "cockpit.source.service")
	}
	return kind
}

// purposeInput says what an export is for.
type purposeInput struct {
	Purpose string `form:"purpose" check:"required,max=100"`
}

// export writes the records as CSV. The purpose and the size go to the log before
// the first row leaves the house.
func (f *face) export(w http.ResponseWriter, r *http.Request) error {
	var in purposeInput
	if err := web.Decode(r, &in); err != nil {
		if web.Shown(err) {
			return f.showRecords(w, r, http.StatusUnprocessableEntity, ui.ErrorsOf(i18n.From(r.Context()), err), in.Purpose)
		}
		return err
	}
	v, i, err := f.lookAt(r)
	if err != nil {
		return err
	}
	ctx := access.WithPurpose(r.Context(), in.Purpose)
	figure, err := f.Figures.Progress(ctx, i.Key, v.period, v.unit)
	if err != nil {
		return err
	}
	if figure.Facts > maxExport {
		return fault.New(fault.Invalid, "cockpit.export_large", fault.With("Max", ui.Number(maxExport)))
	}
	err = f.Audit.Record(ctx, audit.Entry{
		CityCode: v.unit.CityCode, OrgPath: v.unit.Path, Action: "figures.export", SubjectKind: "unit", SubjectID: v.unit.ID, Purpose: in.Purpose,
		Detail: i.Key + " " + v.period + " " + ui.Number(figure.Facts),
	})
	if err != nil {
		return err
	}
	var file bytes.Buffer // whole, so that a list that breaks off is never taken for the list
	if err := f.writeCSV(ctx, &file, v, i); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+strings.ReplaceAll(i.Key, ".", "-")+"-"+v.unit.Code+"-"+v.period+`.csv"`)
	w.Header().Set("Cache-Control", "no-store")
	_, err = file.WriteTo(w)
	_ = err // the reader has gone; there is nobody to tell
	return nil
}

func (f *face) writeCSV(ctx context.Context, w io.Writer, v view, i figures.Indicator) error {
	out, err := exchange.NewCSV(w, []string{
		ui.T(ctx, "figures.earned_on"), ui.T(ctx, "figures.place"), ui.T(ctx, "cockpit.records.person"),
		ui.T(ctx, "cockpit.records.what"), ui.T(ctx, "figures.recorded_at"),
	})
	if err != nil {
		return err
	}
	after, left := page.Cursor(""), maxExport
	for left > 0 {
		p, err := f.Figures.Records(ctx, i.Key, v.period, v.unit.Path, page.Request{After: after, Limit: page.MaxLimit})
		if err != nil {
			return err
		}
		for _, x := range p.Items {
			r, err := f.record(ctx, x, false)
			if err != nil {
				return err
			}
			if err := out.Write([]string{x.On.String(), r.place, r.person, r.what, ui.Moment(ctx, x.RecordedAt)}); err != nil {
				return err
			}
		}
		if after = p.Next; after == "" {
			break
		}
		left -= len(p.Items)
	}
	return out.Close()
}
