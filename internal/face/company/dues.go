package company

import (
	"context"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/core/rules"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/measure/dues"
)

const duesPath = "/company/dues"

// duesView is what a company sees of its dues; without Known nothing was collected.
type duesView struct {
	dues.OwnDues
	Known  bool
	Typed  func(string) string
	Errors ui.Errors
}

func (f *face) duesView(ctx context.Context, c company.Company) (v duesView, err error) {
	v.Typed = func(string) string { return "" }
	v.OwnDues, err = f.Dues.CompanyDues(ctx, c.Ref())
	v.Known = err == nil
	if fault.HasCode(err, "dues.no_payer") {
		err = nil
	}
	return v, err
}

func (f *face) dues(w http.ResponseWriter, r *http.Request, c company.Company) error {
	v, err := f.duesView(r.Context(), c)
	if err != nil {
		return err
	}
	return f.show(w, r, "dues", t(r.Context(), "company_face.dues.title"), duesPage(v))
}

func (f *face) appealDues(w http.ResponseWriter, r *http.Request, c company.Company) error {
	_, err := f.Dues.Appeal(r.Context(), c.Ref(), r.PostFormValue("text"))
	return f.duesEnded(w, r, c, err, "company_face.dues.appealed")
}

func (f *face) withdrawAppeal(w http.ResponseWriter, r *http.Request, c company.Company) error {
	version, _ := strconv.Atoi(r.PostFormValue("version")) // what is no number is no version of anything
	v, err := f.duesView(r.Context(), c)
	if err != nil {
		return err
	}
	k, waits := v.waitingAppeal()
	if !waits {
		return web.See(w, r, duesPath)
	}
	_, err = f.Dues.WithdrawAppeal(r.Context(), k.Ref(), version)
	return f.duesEnded(w, r, c, err, "company_face.dues.withdrawn")
}

func (f *face) applyDues(w http.ResponseWriter, r *http.Request, c company.Company) error {
	p, err := dues.ParsePeriod(r.PostFormValue("from"), r.PostFormValue("to"))
	if err == nil {
		_, err = f.Dues.Apply(r.Context(), c.Ref(), p)
	}
	return f.duesEnded(w, r, c, err, "company_face.dues.applied")
}

func (f *face) duesEnded(w http.ResponseWriter, r *http.Request, c company.Company, err error, word string) error {
	ctx := r.Context()
	return f.ended(w, r, err, duesPath, func() string { return t(ctx, word) }, func() error {
		v, seeErr := f.duesView(ctx, c)
		if seeErr != nil {
			return seeErr
		}
		v.Errors, v.Typed = faults(r, err), r.PostForm.Get
		return f.again(w, r, "dues", t(ctx, "company_face.dues.title"), err, duesPage(v))
	})
}

func (f *face) duesHandlers() map[string]web.HandlerFunc {
	return map[string]web.HandlerFunc{
		"GET /company/dues":           f.own(f.dues),
		"POST /company/dues/appeal":   f.own(f.appealDues),
		"POST /company/dues/withdraw": f.own(f.withdrawAppeal),
		"POST /company/dues/apply":    f.own(f.applyDues),
	}
}

func monthColumns(ctx context.Context) []ui.Column {
	return []ui.Column{
		{Label: t(ctx, "company_face.dues.month")}, {Label: t(ctx, "company_face.dues.item")}, {Label: t(ctx, "company_face.dues.paid"), Right: true},
		{Label: t(ctx, "company_face.dues.due"), Right: true}, {Label: t(ctx, "company_face.dues.where")},
	}
}

func monthRows(ctx context.Context, v duesView) [][]templ.Component {
	rows := make([][]templ.Component, len(v.Months))
	for i, m := range v.Months {
		rows[i] = []templ.Component{
			ui.Text(m.Month.String()[:7]), ui.Text(t(ctx, "company_face.dues.item."+string(m.Item))), ui.Text(ui.Money(ctx, int64(m.Paid))),
			ui.Text(ui.Money(ctx, int64(m.Refund))), monthState(v, m),
		}
	}
	return rows
}

// where says in a word where a month stands.
func (v duesView) where(ctx context.Context, m dues.OwnMonth) (ui.State, string) {
	switch {
	case m.State != "" && m.State != dues.ClaimStruck:
		return claimLooks[m.State], t(ctx, "company_face.dues.claim."+string(m.State))
	case !m.Signed:
		return ui.Waiting, t(ctx, "company_face.dues.unsigned")
	case m.Item == dues.Preparation && v.Payer.UnionFoundedOn.IsZero():
		return ui.Info, t(ctx, "company_face.dues.wait_union")
	case !v.Eligible:
		return ui.Draft, t(ctx, "company_face.dues.not_eligible")
	case m.Refund == 0:
		return ui.Draft, t(ctx, "company_face.dues.no_period")
	case v.Route == dues.ByApplication:
		return ui.DueSoon, t(ctx, "company_face.dues.apply_now")
	}
	return ui.Waiting, t(ctx, "company_face.dues.next_list")
}

var claimLooks = map[dues.ClaimState]ui.State{
	dues.ClaimListed: ui.Waiting, dues.ClaimHeld: ui.Waiting, dues.ClaimApproved: ui.Waiting, dues.ClaimKept: ui.DueSoon, dues.ClaimOrdered: ui.Waiting,
	dues.ClaimPaid: ui.Done, dues.ClaimBounced: ui.Overdue, dues.ClaimClawback: ui.Overdue, dues.ClaimRecovered: ui.Draft,
}

func (v duesView) facts(ctx context.Context) []ui.Fact {
	return []ui.Fact{
		{Label: t(ctx, "company_face.dues.collected"), Value: ui.Money(ctx, int64(v.Paid))},
		{Label: t(ctx, "company_face.dues.due_back"), Value: ui.Money(ctx, int64(v.Due))},
		{Label: t(ctx, "company_face.dues.refunded"), Value: ui.Money(ctx, int64(v.Refunded))},
		{Label: t(ctx, "company_face.dues.class"), Value: t(ctx, "dues.class."+string(v.Payer.Class))},
		{Label: t(ctx, "company_face.dues.account"), Value: v.account(ctx)},
	}
}

func (v duesView) account(ctx context.Context) string {
	if v.Payer.Account.Kind == "" {
		return t(ctx, "company_face.dues.no_account")
	}
	return v.Payer.Account.Name + " " + v.Payer.Account.Mask
}

// bounced tells whether money came back for a wrong account.
func (v duesView) bounced() bool {
	for _, c := range v.Claims {
		if c.State == dues.ClaimBounced {
			return true
		}
	}
	return false
}

func conditionLook(l rules.Line) ui.State {
	if l.Truth == rules.True {
		return ui.Done
	}
	return ui.Refused
}

func conditionWord(ctx context.Context, l rules.Line) string { return l.Label(i18n.From(ctx)) }

func (v duesView) waitingAppeal() (casework.Case, bool) {
	for _, k := range v.Appeals {
		if k.ClosedAt.IsZero() {
			return k, true
		}
	}
	return casework.Case{}, false
}
