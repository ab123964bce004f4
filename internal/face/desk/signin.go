package desk

import (
	"bytes"
	"encoding/base64"
	"image/png"
	"net/http"

	"github.com/pquerna/otp"

	"gonghui/internal/core/access"
	"gonghui/internal/core/account"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/fault"
)

type signInForm struct {
	User     string `form:"user" check:"required,max=50"`
	Password string `form:"password" check:"required,max=200"`
	Code     string `form:"code" check:"max=10"`
}

func (f *face) askSignIn(w http.ResponseWriter, r *http.Request) error {
	back := web.Local(r.URL.Query().Get("back"), "/desk")
	return f.show(w, r, "", t(r.Context(), "ui.signin.staff"), signInPage(ui.SignInArgs{Action: "/desk/signin", Back: back}))
}

func (f *face) signIn(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	back := web.Local(r.PostFormValue("back"), "/desk")
	var in signInForm
	err := web.Decode(r, &in)
	if err == nil {
		var a account.Account
		// A password may begin or end with a blank, which Decode cuts off.
		if a, err = f.Accounts.SignInStaff(ctx, in.User, r.PostFormValue("password"), in.Code, web.Address(ctx)); err == nil {
			if err := f.site.SignIn(r, a.ID); err != nil {
				return err
			}
			if a.MustEnrol() {
				back = "/desk/totp"
			}
			return web.See(w, r, back)
		}
	}
	if !web.Shown(err) && !fault.IsKind(err, fault.Unauthenticated) {
		return err
	}
	asked := fault.HasCode(err, "account.totp_needed") || fault.HasCode(err, "account.totp_wrong")
	errs := faults(r, err)
	for i := range errs {
		if errs[i].Field == "totp" {
			errs[i].Field = "code"
		}
	}
	v := ui.SignInArgs{Action: "/desk/signin", Back: back, User: r.PostFormValue("user"), Errors: errs, Code: asked || r.PostForm.Has("code")}
	return f.again(w, r, "", t(ctx, "ui.signin.staff"), err, signInPage(v))
}

type totpView struct {
	Enrolment account.Enrolment
	Picture   string // data URI of the QR code
	Errors    ui.Errors
}

// me is the signed-in staff account, also before it has any rights.
func (f *face) me(r *http.Request) (account.Account, error) {
	a, ok := access.From(r.Context())
	if !ok {
		return account.Account{}, fault.New(fault.Unauthenticated, "access.sign_in")
	}
	if a.Kind != access.KindStaff {
		return account.Account{}, fault.New(fault.Forbidden, "access.denied")
	}
	return f.Accounts.Get(r.Context(), a.AccountID)
}

func (f *face) askTOTP(w http.ResponseWriter, r *http.Request) error {
	v, err := f.enrolment(r)
	if err != nil {
		return err
	}
	return f.show(w, r, "password", t(r.Context(), "desk.totp.title"), totpPage(v))
}

func (f *face) enrolment(r *http.Request) (v totpView, err error) {
	me, err := f.me(r)
	if err != nil {
		return v, err
	}
	if v.Enrolment, err = f.Accounts.BeginTOTP(r.Context(), me.ID); err != nil {
		return v, err
	}
	v.Picture, err = picture(v.Enrolment.URL)
	return v, err
}

// picture draws the address that an authenticator scans.
func picture(address string) (string, error) {
	key, err := otp.NewKeyFromURL(address)
	if err != nil {
		return "", err
	}
	img, err := key.Image(200, 200)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return "", err
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes()), nil
}

func (f *face) confirmTOTP(w http.ResponseWriter, r *http.Request) error {
	me, err := f.me(r)
	if err != nil {
		return err
	}
	err = f.Accounts.ConfirmTOTP(r.Context(), me.ID, r.PostFormValue("ticket"), r.PostFormValue("code"))
	if err == nil {
		f.site.Flash(r, t(r.Context(), "desk.totp.done"))
		return web.See(w, r, "/desk")
	}
	if !web.Shown(err) {
		return err
	}
	var v totpView
	if fault.HasCode(err, "account.totp_confirm") {
		// The same secret stays on the page: the device has it already.
		v.Enrolment = account.Enrolment{Secret: r.PostFormValue("secret"), Ticket: r.PostFormValue("ticket")}
	} else if v, err = f.enrolment(r); err != nil {
		return err
	} else {
		err = fault.New(fault.Invalid, "account.totp_ticket")
	}
	v.Errors = faults(r, err)
	return f.again(w, r, "password", t(r.Context(), "desk.totp.title"), err, totpPage(v))
}

func (f *face) askPassword(w http.ResponseWriter, r *http.Request) error {
	return f.show(w, r, "password", t(r.Context(), "desk.password.title"), passwordPage(nil))
}

func (f *face) changePassword(w http.ResponseWriter, r *http.Request) error {
	me, err := f.me(r)
	if err != nil {
		return err
	}
	old, fresh := r.PostFormValue("old"), r.PostFormValue("password")
	if fresh != r.PostFormValue("again") {
		err = fault.New(fault.Invalid, "form.invalid", fault.WithFields(fault.Field{Name: "again", Code: "differs", Key: "desk.password.differs"}))
	} else {
		err = f.Accounts.ChangePassword(r.Context(), me.ID, old, fresh)
	}
	if err == nil {
		if err := f.site.SignIn(r, me.ID); err != nil { // all sessions ended; this one goes on as a new one
			return err
		}
		f.site.Flash(r, t(r.Context(), "desk.password.done"))
		return web.See(w, r, "/desk/password")
	}
	if !web.Shown(err) && !fault.IsKind(err, fault.Unauthenticated) {
		return err
	}
	return f.again(w, r, "password", t(r.Context(), "desk.password.title"), err, passwordPage(faults(r, err)))
}
