package partner

import (
	"cmp"
	"context"
	"net/http"

	"gonghui/internal/core/access"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/money"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/dues"
)

// correctionForm is what is to stand instead of a line.
type correctionForm struct {
	What       string    `form:"what" check:"choice=change|void"`
	CreditCode string    `form:"credit_code" check:"max=18"`
	Name       string    `form:"name" check:"max=100"`
	Item       string    `form:"item" check:"choice=dues|preparation"`
	Month      string    `form:"month" check:"max=10"`
	Payroll    money.Fen `form:"payroll" check:"money"`
	Paid       money.Fen `form:"paid" check:"money"`
	Reason     string    `form:"reason" check:"max=200"`
}

type correctView struct {
	File   dues.File
	Line   dues.FileLine
	Typed  func(string) string
	Errors ui.Errors
}

func (f *face) correctView(r *http.Request) (v correctView, err error) {
	ctx := r.Context()
	if v.File, err = f.Dues.GetFile(ctx, r.PathValue("city"), r.PathValue("id")); err != nil {
		return v, err
	}
	if err := access.Require(ctx, access.DuesTax, v.File.OrgPath); err != nil {
		return v, err
	}
	lines, err := f.Dues.ListLines(ctx, v.File.CityCode, v.File.ID, r.PathValue("voucher"), page.Request{Limit: 20})
	if err != nil {
		return v, err
	}
	for _, l := range lines.Items {
		if l.Live {
			v.Line = l
			v.Typed = func(name string) string { return standing(l, name) }
			return v, nil
		}
	}
	return v, fault.New(fault.NotFound, "dues.no_line")
}

// standing is what stands in a line, as a form would have it.
func standing(l dues.FileLine, name string) string {
	switch name {
	case "what":
		return "change"
	case "credit_code":
		return l.CreditCode
	case "name":
		return l.Name
	case "item":
		return string(l.Item)
	case "month":
		return month(l.Month)
	case "payroll":
		return l.Payroll.Plain()
	case "paid":
		return l.Paid.Plain()
	}
	return ""
}

func (f *face) askCorrection(w http.ResponseWriter, r *http.Request) error {
	v, err := f.correctView(r)
	if err != nil {
		return err
	}
	return f.show(w, r, "files", t(r.Context(), "partner.correct"), correctPage(v))
}

func (f *face) sendCorrection(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v, err := f.correctView(r)
	if err != nil {
		return err
	}
	var in correctionForm
	if err = web.Decode(r, &in); err == nil {
		err = f.ask(ctx, v, in)
	}
	if err == nil {
		f.site.Flash(r, t(ctx, "partner.asked"))
		return web.See(w, r, fileHref(v.File))
	}
	if !web.Shown(err) {
		return err
	}
	v.Typed, v.Errors = r.PostFormValue, faults(r, err)
	return f.again(w, r, "files", t(ctx, "partner.correct"), err, correctPage(v))
}

func (f *face) ask(ctx context.Context, v correctView, in correctionForm) error {
	ask := dues.CorrectionInput{Voucher: v.Line.Voucher, Void: in.What == "void", Reason: in.Reason, Want: dues.Stand{
		CreditCode: in.CreditCode, Name: in.Name, Item: dues.Item(in.Item), Payroll: in.Payroll, Paid: in.Paid,
	}}
	var err error
	if ask.Want.Month, err = dues.ParseMonth(in.Month); err != nil && !ask.Void {
		return fault.New(fault.Invalid, "form.invalid", fault.OnField("month", "month"))
	}
	_, err = f.Dues.AskCorrection(ctx, v.File.CityCode, v.File.ID, ask)
	return err
}

type correctionsView struct {
	Page  page.Page[dues.Correction]
	Names func(string) string
	Start string
	Next  string
}

func (f *face) corrections(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var v correctionsView
	var err error
	if v.Page, err = f.Dues.ListCorrections(ctx, "", "", wanted(r, 20)); err != nil {
		return err
	}
	if v.Names, err = f.names(ctx, v.Page.Items); err != nil {
		return err
	}
	v.Start, v.Next = pager(r, v.Page.Next)
	return f.show(w, r, "corrections", t(ctx, "partner.nav.corrections"), correctionsPage(v))
}

var correctionLooks = map[dues.CorrectionState]ui.State{dues.CorrectionOpen: ui.Waiting, dues.CorrectionAccepted: ui.Done, dues.CorrectionDeclined: ui.Refused}

// change says what of a line a correction changes: from what to what.
func change(ctx context.Context, c dues.Correction) []ui.Fact {
	if c.Void {
		return []ui.Fact{{Label: t(ctx, "partner.void"), Value: c.Was.Name + " · " + ui.Money(ctx, int64(c.Was.Paid))}}
	}
	var out []ui.Fact
	add := func(label, was, want string) {
		if was != want {
			out = append(out, ui.Fact{Label: t(ctx, label), Value: t(ctx, "partner.from_to", "From", cmp.Or(was, "—"), "To", cmp.Or(want, "—"))})
		}
	}
	add("partner.credit_code", c.Was.CreditCode, c.Want.CreditCode)
	add("partner.company", c.Was.Name, c.Want.Name)
	add("partner.item", itemName(ctx, c.Was.Item), itemName(ctx, c.Want.Item))
	add("partner.month", month(c.Was.Month), month(c.Want.Month))
	add("partner.payroll", ui.Money(ctx, int64(c.Was.Payroll)), ui.Money(ctx, int64(c.Want.Payroll)))
	add("partner.paid", ui.Money(ctx, int64(c.Was.Paid)), ui.Money(ctx, int64(c.Want.Paid)))
	return out
}

func items(ctx context.Context) []ui.Option {
	return []ui.Option{{Value: string(dues.Dues), Label: itemName(ctx, dues.Dues)}, {Value: string(dues.Preparation), Label: itemName(ctx, dues.Preparation)}}
}

func whats(ctx context.Context) []ui.Option {
	return []ui.Option{{Value: "change", Label: t(ctx, "partner.what.change")}, {Value: "void", Label: t(ctx, "partner.what.void"), Hint: t(ctx, "partner.what.void_hint")}}
}
