package desk

import (
	"cmp"
	"context"
	"net/http"

	"github.com/a-h/templ"

	"gonghui/internal/core/access"
	"gonghui/internal/core/account"
	"gonghui/internal/core/org"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/page"
)

type staffView struct {
	Page   page.Page[account.StaffGrant]
	Start  string
	Next   string
	Roles  []ui.Option
	Units  []ui.Option
	Errors ui.Errors
	Form   string // "grant" or "create", the form that was sent back
	Typed  func(string) string
}

func (f *face) staff(w http.ResponseWriter, r *http.Request) error {
	v, err := f.staffView(r)
	if err != nil {
		return err
	}
	return f.show(w, r, "staff", t(r.Context(), "desk.nav.staff"), staffPage(v))
}

func (f *face) staffView(r *http.Request) (v staffView, err error) {
	ctx := r.Context()
	v.Typed = func(string) string { return "" }
	if v.Page, err = f.Accounts.ListStaff(ctx, wanted(r, listSize)); err != nil {
		return v, err
	}
	v.Start, v.Next = pager(r, v.Page.Next)
	roles, err := f.Accounts.Roles.List(ctx)
	if err != nil {
		return v, err
	}
	for _, x := range roles {
		if !x.ForCompany {
			v.Roles = append(v.Roles, ui.Option{Value: x.Code, Label: roleName(ctx, x)})
		}
	}
	v.Units = f.managed(ctx)
	return v, nil
}

// managed lists the units on which the actor gives rights: each of his units and
// two levels below it, which for the province is every county.
func (f *face) managed(ctx context.Context) []ui.Option {
	a, _ := access.From(ctx)
	var out []ui.Option
	seen := map[string]bool{}
	for _, g := range a.Units() {
		if !access.Can(ctx, access.GrantsManage, g.Path) {
			continue
		}
		for _, u := range f.Org.Subtree(g.Path) {
			if seen[u.ID] || len(u.Path) > len(g.Path)+2*org.SegmentLen {
				continue
			}
			seen[u.ID] = true
			out = append(out, ui.Option{Value: u.ID, Label: unitName(ctx, u)})
		}
	}
	return out
}

// roleName is the text of a built-in role; one that a federation made is shown by
// its code.
func roleName(ctx context.Context, x access.Role) string {
	for _, b := range access.BuiltIn() {
		if b.Code == x.Code {
			return t(ctx, "role."+x.Code)
		}
	}
	return x.Code
}

type createForm struct {
	Login    string `form:"login" check:"required,max=32"`
	Name     string `form:"name" check:"required,max=50"`
	Password string `form:"password" check:"required,max=200"`
}

func (f *face) createStaff(w http.ResponseWriter, r *http.Request) error {
	var in createForm
	err := web.Decode(r, &in)
	if err == nil {
		_, err = f.Accounts.CreateStaff(r.Context(), account.NewStaff{
			Login: in.Login, Name: in.Name, Password: r.PostFormValue("password"), TOTPRequired: true,
		})
	}
	return f.changed(w, r, "create", err, "desk.staff.created")
}

type grantForm struct {
	Login string `form:"user" check:"required,max=32"`
	Role  string `form:"role" check:"required,max=40"`
	Unit  string `form:"unit" check:"required,max=40"`
}

func (f *face) grant(w http.ResponseWriter, r *http.Request) error {
	var in grantForm
	err := web.Decode(r, &in)
	if err == nil {
		err = f.give(r.Context(), in)
	}
	return f.changed(w, r, "grant", err, "desk.staff.granted")
}

func (f *face) give(ctx context.Context, in grantForm) error {
	a, err := f.Accounts.ByLogin(ctx, in.Login)
	if fault.IsKind(err, fault.NotFound) {
		return fault.New(fault.Invalid, "form.invalid", fault.WithFields(fault.Field{Name: "user", Code: "unknown", Key: "fault.account.unknown"}))
	}
	if err != nil {
		return err
	}
	_, err = f.Accounts.Grant(ctx, account.NewGrant{AccountID: a.ID, Role: in.Role, UnitID: in.Unit})
	return err
}

func (f *face) revoke(w http.ResponseWriter, r *http.Request) error {
	return f.changed(w, r, "", f.Accounts.Revoke(r.Context(), r.PostFormValue("grant")), "desk.staff.revoked")
}

func (f *face) changed(w http.ResponseWriter, r *http.Request, form string, err error, done string) error {
	if err == nil {
		f.site.Flash(r, t(r.Context(), done))
		return web.See(w, r, "/desk/staff")
	}
	if form == "" || !web.Shown(err) {
		return err
	}
	v, seeErr := f.staffView(r)
	if seeErr != nil {
		return seeErr
	}
	v.Errors, v.Form, v.Typed = faults(r, err), form, r.PostFormValue
	return f.again(w, r, "staff", t(r.Context(), "desk.nav.staff"), err, staffPage(v))
}

func (v staffView) val(form, name string) string {
	if v.Form == form {
		return v.Typed(name)
	}
	return ""
}

// login leads to what its owner did, for who may read that.
func login(ctx context.Context, g account.StaffGrant) templ.Component {
	if access.CanAnywhere(ctx, access.AuditView) {
		return ui.Link(auditOf("actor", cmp.Or(g.Login, g.AccountID)), cmp.Or(g.Login, "—"))
	}
	return ui.Text(g.Login)
}

func staffColumns(ctx context.Context) []ui.Column {
	return []ui.Column{
		{Label: t(ctx, "desk.staff.name")}, {Label: t(ctx, "desk.staff.login")}, {Label: t(ctx, "desk.staff.role")}, {Label: t(ctx, "desk.unit")},
		{Label: t(ctx, "desk.staff.revoke")},
	}
}

func (v staffView) rows(ctx context.Context) [][]templ.Component {
	rows := make([][]templ.Component, len(v.Page.Items))
	for i, g := range v.Page.Items {
		rows[i] = []templ.Component{
			ui.Text(g.Name), login(ctx, g), ui.Text(roleName(ctx, access.Role{Code: g.Role})), ui.Text(unitName(ctx, g.Unit)), revokeButton(g),
		}
	}
	return rows
}
