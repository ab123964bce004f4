package gallery

import (
	"context"
	"io"
	"net/http"

	"github.com/a-h/templ"

	"gonghui/internal/face/assets"
	"gonghui/internal/face/ui"
	"gonghui/internal/kit/i18n"
)

// Page is one page of the gallery.
type Page struct {
	Name   string
	Face   func(ui.Page) templ.Component
	Body   func() templ.Component
	Charts bool
	Wall   bool
}

// Pages lists the gallery.
var Pages = []Page{
	{Name: "phone-home", Face: ui.Phone, Body: phoneHome},
	{Name: "phone-finder", Face: ui.Phone, Body: phoneFinder},
	{Name: "phone-empty", Face: ui.Phone, Body: phoneEmpty},
	{Name: "phone-question", Face: ui.Phone, Body: phoneQuestion},
	{Name: "phone-wrong", Face: ui.Phone, Body: phoneWrong},
	{Name: "phone-check", Face: ui.Phone, Body: phoneCheck},
	{Name: "phone-sent", Face: ui.Phone, Body: phoneSent},
	{Name: "phone-timeline", Face: ui.Phone, Body: phoneTimeline},
	{Name: "phone-signin", Face: ui.Phone, Body: phoneSignIn},
	{Name: "phone-error", Face: ui.Phone, Body: phoneError},
	{Name: "company-form", Face: ui.Company, Body: companyForm},
	{Name: "desk-queue", Face: ui.Desk, Body: deskQueue},
	{Name: "desk-record", Face: ui.Desk, Body: deskRecord},
	{Name: "desk-batch", Face: ui.Desk, Body: deskBatch},
	{Name: "desk-signin", Face: ui.Desk, Body: deskSignIn},
	{Name: "cockpit", Face: ui.Cockpit, Body: cockpitBody, Charts: true},
	{Name: "wall", Face: ui.Cockpit, Body: cockpitBody, Charts: true, Wall: true},
}

// Policy is the strict content policy under which every page must work.
const Policy = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// Handler serves /NAME?lang=en&type=large and the assets.
func Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+assets.Prefix, assets.Handler())
	for _, page := range Pages {
		mux.HandleFunc("GET /"+page.Name, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Content-Security-Policy", Policy)
			lang, _ := i18n.Parse(r.FormValue("lang"))
			if err := Render(page, lang, r.FormValue("type") == "large").Render(r.Context(), w); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
			}
		})
	}
	// The bar of desk-batch asks how far the import is while the page is looked at.
	mux.HandleFunc("GET "+importing, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if err := ui.Progress("正在导入 Importing", 61000, 123456, importing).Render(r.Context(), w); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	return mux
}

const importing = "/import/1"

// Render gives one page of the gallery in its layout.
func Render(page Page, lang i18n.Lang, large bool) templ.Component {
	ctx := i18n.With(context.Background(), lang)
	p := ui.Page{
		Title: page.Name, Lang: lang, Path: "/" + page.Name + "?a=1&b=2", Demo: true, Large: large,
		Wall: page.Wall, Charts: page.Charts, Token: "token", Reference: "7K3M-92QX", Nav: "jobs", Unread: 12,
		Who: w(ctx, "买买提江·阿不都热合曼", "Maimaitijiang Abudureheman"), SignOut: "/sign-out",
	}
	switch page.Name[:4] {
	case "comp":
		p.Navs = []ui.NavItem{
			{Key: "jobs", Label: w(ctx, "招聘岗位", "Vacancies"), Href: "/company/jobs"},
			{Key: "people", Label: w(ctx, "应聘者", "Applicants"), Href: "/company/people", Count: 128},
			{Key: "us", Label: w(ctx, "单位资料", "Our details"), Href: "/company/us"},
		}
	case "desk":
		p.Navs = []ui.NavItem{
			{Key: "waits", Label: w(ctx, "等我办的", "Waiting for me"), Href: "/desk", Count: 1234},
			{Key: "jobs", Label: w(ctx, "岗位审核", "Vacancy review"), Href: "/desk/jobs", Count: 56, Group: w(ctx, "就业服务", "Employment")},
			{Key: "companies", Label: w(ctx, "单位核验", "Employer checks"), Href: "/desk/companies", Count: 7, Group: w(ctx, "就业服务", "Employment")},
			{Key: "import", Label: w(ctx, "批量导入", "Imports"), Href: "/desk/import", Group: w(ctx, "就业服务", "Employment")},
			{Key: "people", Label: w(ctx, "职工档案", "Workers"), Href: "/desk/people", Group: w(ctx, "基础资料", "Records")},
		}
	case "cock", "wall":
		p.Nav = "province"
		p.Navs = []ui.NavItem{
			{Key: "province", Label: w(ctx, "全省", "Province"), Href: "/cockpit"},
			{Key: "measures", Label: w(ctx, "十二项措施", "Twelve measures"), Href: "/cockpit/measures"},
			{Key: "stuck", Label: w(ctx, "卡住的事", "Stuck points"), Href: "/cockpit/stuck"},
		}
	}
	if page.Name == "phone-home" {
		p.Nav, p.Flash = "home", &ui.Flash{State: ui.Done, Text: w(ctx, "已撤回应聘，单位不会再看到您的资料。", "Your application is withdrawn; the employer no longer sees your details.")}
	}
	if page.Name == "phone-signin" {
		p.Who, p.SignOut, p.SignIn, p.Nav = "", "", "/sign-in", "me"
	}
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return page.Face(p).Render(templ.WithChildren(ctx, page.Body()), w)
	})
}

// w chooses the words of the page's language.
func w(ctx context.Context, zh, en string) string {
	if i18n.From(ctx) == i18n.EN {
		return en
	}
	return zh
}
