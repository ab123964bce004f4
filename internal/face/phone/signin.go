package phone

import (
	"net/http"
	"time"

	"github.com/a-h/templ"

	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/ident"
)

// What the session keeps between the two pages of signing in.
const (
	keyPhone = "signin.phone"
	keyBack  = "signin.back"
)

// staffAt is where the desk signs its people in.
const staffAt = "/desk/signin"

type phoneForm struct {
	Phone string `form:"phone" check:"required,phone"`
	Back  string `form:"back"`
}

type codeForm struct {
	Code string `form:"code" check:"required"`
}

func (f *face) askPhone(w http.ResponseWriter, r *http.Request) error {
	back := web.Local(r.URL.Query().Get("back"), "/")
	if _, in := web.Actor(r); in {
		return web.See(w, r, back)
	}
	return f.show(w, r, "", t(r.Context(), "ui.signin.title"), phonePage(ui.SignInArgs{Action: "/signin", Back: back, Phone: f.site.Get(r, keyPhone)}))
}

func (f *face) sendCode(w http.ResponseWriter, r *http.Request) error {
	var in phoneForm
	err := web.Decode(r, &in)
	back := web.Local(in.Back, "/")
	if err == nil {
		err = f.Accounts.RequestCode(r.Context(), in.Phone, web.Address(r.Context()))
	}
	// A code that was sent a moment ago is still good: on to the page that asks for it.
	waiting := fault.HasCode(err, "account.code_too_soon") && f.site.Get(r, keyPhone) == in.Phone
	if err != nil && !waiting {
		if !shown(err) {
			return err
		}
		a := ui.SignInArgs{Action: "/signin", Back: back, Phone: r.PostFormValue("phone"), Errors: faults(r, err)}
		return f.again(w, r, "", t(r.Context(), "ui.signin.title"), err, phonePage(a))
	}
	f.site.Put(r, keyPhone, in.Phone)
	f.site.Put(r, keyBack, back)
	return web.See(w, r, "/signin/code")
}

func (f *face) askCode(w http.ResponseWriter, r *http.Request) error {
	if f.site.Get(r, keyPhone) == "" {
		return web.See(w, r, "/signin")
	}
	return f.show(w, r, "", t(r.Context(), "ui.signin.code_title"), f.codePage(r, nil))
}

func (f *face) signIn(w http.ResponseWriter, r *http.Request) error {
	phone, back := f.site.Get(r, keyPhone), web.Local(f.site.Get(r, keyBack), "/")
	if phone == "" {
		return web.See(w, r, "/signin")
	}
	var in codeForm
	err := web.Decode(r, &in)
	if err == nil {
		var accountID string
		if accountID, err = f.proved(r, phone, in.Code); err == nil {
			f.site.Forget(r, keyPhone)
			f.site.Forget(r, keyBack)
			if err := f.site.SignIn(r, accountID); err != nil {
				return err
			}
			return web.See(w, r, back)
		}
	}
	if !shown(err) {
		return err
	}
	return f.again(w, r, "", t(r.Context(), "ui.signin.code_title"), err, f.codePage(r, err))
}

func (f *face) proved(r *http.Request, phone, code string) (accountID string, err error) {
	a, err := f.Accounts.SignInWithCode(r.Context(), phone, code)
	return a.ID, err
}

func (f *face) sendAgain(w http.ResponseWriter, r *http.Request) error {
	phone := f.site.Get(r, keyPhone)
	if phone == "" {
		return web.See(w, r, "/signin")
	}
	err := f.Accounts.RequestCode(r.Context(), phone, web.Address(r.Context()))
	switch {
	case err == nil:
		f.site.Flash(r, t(r.Context(), "phone.signin.again"))
		return web.See(w, r, "/signin/code")
	case shown(err):
		return f.again(w, r, "", t(r.Context(), "ui.signin.code_title"), err, f.codePage(r, err))
	}
	return err
}

func (f *face) codePage(r *http.Request, err error) templ.Component {
	l := f.Accounts.Limits
	return codePage(ui.SignInArgs{
		Action: "/signin/code", Phone: ident.MaskPhone(f.site.Get(r, keyPhone)), Resend: "/signin/again", Change: "/signin", Errors: faults(r, err),
	}, int(l.CodeLife/time.Minute), int(l.CodeGap/time.Second))
}

func (f *face) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := f.site.SignOut(r); err != nil {
		return err
	}
	return web.See(w, r, "/")
}

// shown adds to the faults of a form a gateway that does not take the message:
// the worker is told when to try again, beside what was typed.
func shown(err error) bool { return web.Shown(err) || fault.HasCode(err, "account.sms_down") }
