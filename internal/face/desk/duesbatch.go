package desk

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"gonghui/internal/core/access"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/dues"
)

const batchesPath = "/desk/dues/batches"

func (f *face) batchRoutes() []route {
	return []route{
		{pattern: "GET /desk/dues/batches", need: access.DuesRefund, handle: f.batches},
		{pattern: "POST /desk/dues/batches", need: access.DuesRefund, handle: f.prepareBatch},
		{pattern: "GET /desk/dues/batches/{city}/{id}", need: access.DuesRefund, handle: f.duesBatch},
		{pattern: "POST /desk/dues/batches/{city}/{id}/step", need: access.DuesRefund, handle: f.batchStep},
		{pattern: "POST /desk/dues/batches/{city}/{id}/file", need: access.DuesRefund, handle: f.bankFile},
		{pattern: "POST /desk/dues/batches/{city}/{id}/answer", need: access.DuesRefund, handle: f.bankAnswer, upload: true},
	}
}

func orderHref(b dues.Batch) string { return batchesPath + "/" + b.CityCode + "/" + b.ID }

type batchesView struct {
	Page   page.Page[dues.Batch]
	Start  string
	Next   string
	Units  []ui.Option
	Banks  []ui.Option
	Today  clock.Day
	Errors ui.Errors
}

func (f *face) batches(w http.ResponseWriter, r *http.Request) error {
	v, err := f.batchesView(r)
	if err != nil {
		return err
	}
	return f.show(w, r, "dues", t(r.Context(), "desk.dues.tab.batches"), batchesPage(v))
}

func (f *face) batchesView(r *http.Request) (v batchesView, err error) {
	ctx := r.Context()
	if v.Page, err = f.Dues.ListBatches(ctx, wanted(r, 20)); err != nil {
		return v, err
	}
	v.Start, v.Next = pager(r, v.Page.Next)
	v.Units, v.Today = f.units(ctx, access.DuesRefund), f.today()
	return v, nil
}

func (f *face) prepareBatch(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	b, err := f.Dues.PrepareBatch(ctx, f.unit(r, access.DuesRefund), "", f.today())
	if err == nil {
		f.site.Flash(r, t(ctx, "desk.dues.batch_prepared", "Count", b.Payments))
		return web.See(w, r, orderHref(b))
	}
	if !web.Shown(err) && !fault.HasCode(err, "dues.nothing_to_pay") {
		return err
	}
	v, seeErr := f.batchesView(r)
	if seeErr != nil {
		return seeErr
	}
	v.Errors = faults(r, err)
	return f.again(w, r, "dues", t(ctx, "desk.dues.tab.batches"), err, batchesPage(v))
}

var orderLooks = map[dues.BatchState]ui.State{
	dues.BatchPrepared: ui.Waiting, dues.BatchApproved: ui.Waiting, dues.BatchSent: ui.Waiting, dues.BatchDone: ui.Done, dues.BatchDropped: ui.Draft,
}

func orderColumns(ctx context.Context) []ui.Column {
	return []ui.Column{
		{Label: t(ctx, "desk.dues.batch")}, {Label: t(ctx, "desk.dues.payments"), Right: true}, {Label: t(ctx, "desk.dues.amount"), Right: true},
		{Label: t(ctx, "desk.list.state")}, {Label: t(ctx, "desk.dues.made")},
	}
}

func orderRows(ctx context.Context, v batchesView) [][]templ.Component {
	rows := make([][]templ.Component, len(v.Page.Items))
	for i, b := range v.Page.Items {
		rows[i] = []templ.Component{
			ui.Link(orderHref(b), b.Number), ui.Text(ui.Number(int64(b.Payments))), ui.Text(ui.Money(ctx, int64(b.Amount))),
			ui.StatusTagText(orderLooks[b.State], t(ctx, "dues.batch."+string(b.State))), ui.Text(ui.ShortDay(ctx, clock.DayOf(b.CreatedAt), v.Today)),
		}
	}
	return rows
}

// duesBatchView is one payment order with what the bank said of it.
type duesBatchView struct {
	dues.Batch
	Unit     string
	Names    func(string) string
	Payments page.Page[dues.Payment]
	Answers  []dues.Answer
	Banks    []ui.Option
	State    string
	Start    string
	Next     string
	Own      bool // prepared by the actor, so another one approves
	Approver bool
	Typed    func(string) string
	Errors   ui.Errors
}

func (f *face) duesBatch(w http.ResponseWriter, r *http.Request) error {
	v, err := f.duesBatchView(r)
	if err != nil {
		return err
	}
	return f.show(w, r, "dues", v.Number, duesBatchPage(v))
}

func (f *face) duesBatchView(r *http.Request) (v duesBatchView, err error) {
	ctx := r.Context()
	if v.Batch, err = f.Dues.GetBatch(ctx, r.PathValue("city"), r.PathValue("id")); err != nil {
		return v, err
	}
	v.State = r.URL.Query().Get("state")
	if v.Payments, err = f.Dues.ListPayments(ctx, v.CityCode, v.ID, dues.PaymentState(v.State), wanted(r, 50)); err != nil {
		return v, err
	}
	v.Start, v.Next = pager(r, v.Payments.Next)
	if v.Answers, err = f.Dues.Answers(ctx, v.CityCode, v.ID); err != nil {
		return v, err
	}
	if v.Names, err = f.names(ctx, v.CreatedBy, v.ApprovedBy); err != nil {
		return v, err
	}
	unit, _ := f.Org.ByPath(v.OrgPath)
	banks, err := f.Dues.Banks(ctx, unit.DivisionCode)
	if err != nil {
		return v, err
	}
	v.Banks = append(v.Banks, ui.Option{Value: "pain.001", Label: t(ctx, "desk.dues.iso")})
	for _, b := range banks {
		v.Banks = append(v.Banks, ui.Option{Value: b, Label: t(ctx, "desk.dues.bank_csv", "Bank", b)})
	}
	a, _ := access.From(ctx)
	v.Unit, v.Own, v.Approver = f.unitAt(ctx, v.OrgPath), v.CreatedBy == a.AccountID, access.Can(ctx, access.DuesApprove, v.OrgPath)
	v.Typed = func(string) string { return "" }
	return v, nil
}

func (v duesBatchView) facts(ctx context.Context) []ui.Fact {
	out := []ui.Fact{
		{Label: t(ctx, "desk.dues.payments"), Value: ui.Number(int64(v.Batch.Payments))},
		{Label: t(ctx, "desk.dues.amount"), Body: strong(ui.Money(ctx, int64(v.Amount)))},
		{Label: t(ctx, "desk.dues.execute_on"), Value: ui.Day(ctx, v.ExecuteOn)},
		{Label: t(ctx, "desk.dues.prepared_by"), Value: v.Names(v.CreatedBy) + " · " + ui.Moment(ctx, v.CreatedAt)},
	}
	if v.ApprovedBy != "" {
		out = append(out, ui.Fact{Label: t(ctx, "desk.dues.approved_by"), Value: v.Names(v.ApprovedBy) + " · " + ui.Moment(ctx, v.ApprovedAt)})
	}
	if !v.SentAt.IsZero() {
		out = append(out, ui.Fact{Label: t(ctx, "desk.dues.sent_at"), Value: ui.Moment(ctx, v.SentAt)})
	}
	return out
}

var paymentLooks = map[dues.PaymentState]ui.State{
	dues.PaymentReady: ui.Waiting, dues.PaymentPending: ui.Waiting, dues.PaymentSettled: ui.Done, dues.PaymentRejected: ui.Refused, dues.PaymentReturned: ui.Refused,
	dues.PaymentDropped: ui.Draft, dues.PaymentDoubled: ui.Overdue,
}

func paymentColumns(ctx context.Context) []ui.Column {
	return []ui.Column{
		{Label: t(ctx, "desk.dues.payee")}, {Label: t(ctx, "desk.dues.account")}, {Label: t(ctx, "desk.dues.amount"), Right: true}, {Label: t(ctx, "desk.list.state")},
	}
}

func paymentRows(ctx context.Context, list []dues.Payment) [][]templ.Component {
	rows := make([][]templ.Component, len(list))
	for i, p := range list {
		rows[i] = []templ.Component{
			ui.Link(duesPath+"/claims/"+p.CityCode+"/"+p.ClaimID, p.Name), paymentAccount(p), ui.Text(ui.Money(ctx, int64(p.Amount))), paymentState(p),
		}
	}
	return rows
}

func paymentStates(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, s := range dues.PaymentStates() {
		out = append(out, ui.Option{Value: string(s), Label: t(ctx, "dues.payment."+string(s))})
	}
	return out
}

// reasonWord says why a bank refused, in words where the code is a usual one.
func reasonWord(ctx context.Context, code, info string) string {
	switch code {
	case "":
		return info
	case "AC01", "AC04", "AC06", "AM04", "AM10", "BE01", "RC01":
		return strings.TrimSpace(t(ctx, "dues.reason."+code) + " " + info)
	}
	return strings.TrimSpace(code + " " + info)
}

func answerColumns(ctx context.Context) []ui.Column {
	return []ui.Column{
		{Label: t(ctx, "desk.dues.received")}, {Label: t(ctx, "dues.payment.settled"), Right: true}, {Label: t(ctx, "dues.payment.rejected"), Right: true},
		{Label: t(ctx, "dues.payment.pending"), Right: true}, {Label: t(ctx, "desk.dues.odd")},
	}
}

func answerRows(ctx context.Context, list []dues.Answer) [][]templ.Component {
	rows := make([][]templ.Component, len(list))
	for i, a := range list {
		rows[i] = []templ.Component{
			ui.Text(ui.Moment(ctx, a.ReceivedAt)), ui.Text(ui.Number(int64(a.Settled))), ui.Text(ui.Number(int64(a.Rejected))), ui.Text(ui.Number(int64(a.Pending))), oddities(a.Oddities),
		}
	}
	return rows
}

// batchAgain shows an order as it stands now, with what is wrong.
func (f *face) batchAgain(w http.ResponseWriter, r *http.Request, err error, on string) error {
	if !web.Shown(err) && !fault.HasCode(err, "casework.four_eyes") && !fault.HasCode(err, "dues.no_bank_format") {
		return err
	}
	v, seeErr := f.duesBatchView(r)
	if seeErr != nil {
		return seeErr
	}
	v.Errors, v.Typed = faults(r, err), r.PostForm.Get
	for i := range v.Errors {
		if v.Errors[i].Field == "" {
			v.Errors[i].Field = on
		}
	}
	return f.again(w, r, "dues", v.Number, err, duesBatchPage(v))
}

func (f *face) batchStep(w http.ResponseWriter, r *http.Request) error {
	ctx, city, id := r.Context(), r.PathValue("city"), r.PathValue("id")
	event := r.PostFormValue("event")
	var b dues.Batch
	var err error
	switch event {
	case "approve":
		b, err = f.Dues.ApproveBatch(ctx, city, id, version(r))
	case "drop":
		b, err = f.Dues.DropBatch(ctx, city, id, r.PostFormValue("reason"), version(r))
	case "send":
		b, err = f.Dues.SendBatch(ctx, city, id)
	default:
		return fault.New(fault.NotFound, "dues.no_batch")
	}
	if err != nil {
		return f.batchAgain(w, r, err, "")
	}
	f.site.Flash(r, t(ctx, "desk.dues.step_done", "What", t(ctx, "desk.dues.batch_act."+event)))
	return web.See(w, r, orderHref(b))
}

// bankFile gives the file of an approved order for the bank.
func (f *face) bankFile(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	b, err := f.Dues.GetBatch(ctx, r.PathValue("city"), r.PathValue("id"))
	if err != nil {
		return err
	}
	from := dues.BankAccount{
		Name: strings.TrimSpace(r.PostFormValue("name")), Number: strings.TrimSpace(r.PostFormValue("number")), Bank: strings.TrimSpace(r.PostFormValue("cnaps")),
	}
	var missing []fault.Option
	if from.Name == "" {
		missing = append(missing, fault.OnField("name", "required"))
	}
	if from.Number == "" {
		missing = append(missing, fault.OnField("number", "required"))
	}
	if len(missing) > 0 {
		return f.batchAgain(w, r, fault.New(fault.Invalid, "form.invalid", missing...), "name")
	}
	var file bytes.Buffer
	name, kind := b.Number+".xml", "application/xml"
	if format := r.PostFormValue("format"); format == "" || format == "pain.001" {
		err = f.Dues.WriteOrder(ctx, b.CityCode, b.ID, from, &file)
	} else {
		name, kind = b.Number+".csv", "text/csv; charset=utf-8"
		err = f.Dues.WriteBankCSV(ctx, b.CityCode, b.ID, format, from, &file)
	}
	if err != nil {
		return f.batchAgain(w, r, err, "format")
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Cache-Control", "no-store") // account numbers in the clear
	_, err = w.Write(file.Bytes())
	return err
}

func (f *face) bankAnswer(w http.ResponseWriter, r *http.Request) (err error) {
	ctx := r.Context()
	b, err := f.Dues.GetBatch(ctx, r.PathValue("city"), r.PathValue("id"))
	if err != nil {
		return err
	}
	file, _, err := r.FormFile("file")
	if err != nil {
		return f.batchAgain(w, r, fault.New(fault.Invalid, "form.invalid", fault.WithFields(fault.Field{Name: "file", Code: "required", Key: "desk.import.no_file"})), "file")
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	a, err := f.Dues.TakeAnswer(ctx, b.CityCode, file)
	if err != nil {
		return f.batchAgain(w, r, err, "file")
	}
	key := "desk.dues.answer_taken"
	if a.Repeated {
		key = "desk.dues.answer_repeated"
	}
	f.site.Flash(r, t(ctx, key, "Settled", a.Settled, "Rejected", a.Rejected, "Pending", a.Pending))
	return web.See(w, r, batchesPath+"/"+b.CityCode+"/"+a.BatchID)
}
