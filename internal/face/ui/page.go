package ui

import (
	"context"
	"io"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"gonghui/internal/kit/i18n"
)

// Page is what a layout needs to know of the page it frames.
type Page struct {
	Title     string // the page's own title; the layout adds the name of the house
	Lang      i18n.Lang
	Path      string          // address with query; language and type switches come back to it
	Home      string          // address of the brand link; the face's root unless set
	Nav       string          // Key of the navigation item that is open
	Navs      []NavItem       // navigation; PhoneNav when empty on the phone
	Demo      bool            // the data is made up: says so on every page
	Large     bool            // large type
	Wall      bool            // cockpit on a wall screen: dark
	Charts    bool            // cockpit page with charts
	Token     string          // anti-forgery token, put in every form as _token
	Flash     *Flash          // message left by the previous request
	Reference string          // number by which this request is found in the log, told on an error page
	Who       string          // name of the person signed in, empty for a visitor
	SignIn    string          // address of the sign-in page; shown when Who is empty
	SignOut   string          // address to post to; shown when Who is set
	Unread    int             // unread messages, shown at the navigation item "messages"
	Head      templ.Component // more for <head>, for example JSON-LD
	Door      string          // whose house this is, the word behind the brand; the face's own unless set
	Prefs     string          // address that keeps language and type, "/prefs" unless set
}

// NavItem is one entry of a navigation.
type NavItem struct {
	Key   string // compared with Page.Nav
	Label string
	Href  string
	Icon  string // see Icon; the phone bar needs one
	Count int    // shown when above zero
	Group string // desk: heading under which the entry stands
}

// Flash is one message above the page's content.
type Flash struct {
	State State // Done, Info, Overdue …
	Text  string
}

type pageKey struct{}

// inContext puts the page and its language where components find them.
func inContext(ctx context.Context, p Page) context.Context {
	return i18n.With(context.WithValue(ctx, pageKey{}, p), p.Lang)
}

// pageFrom gives the page of the context, the zero Page when there is none.
func pageFrom(ctx context.Context) Page {
	p, _ := ctx.Value(pageKey{}).(Page)
	return p
}

// With renders c as part of page p without a layout: a fragment for htmx.
func With(p Page, c templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return c.Render(inContext(ctx, p), w)
	})
}

// T gives a text in the language of the page.
func T(ctx context.Context, key string, params ...any) string {
	return i18n.T(i18n.From(ctx), key, params...)
}

// Phone frames a page for workers: one column, bottom navigation.
func Phone(p Page) templ.Component { return frame(p, "phone", phoneBody) }

// Company frames a page for companies and the public: wider, navigation on top.
func Company(p Page) templ.Component { return frame(p, "company", companyBody) }

// Desk frames a page for union staff: dense, navigation on the left.
func Desk(p Page) templ.Component { return frame(p, "desk", deskBody) }

// Partner frames a page for people of other offices who work like staff: Desk
// under another word.
func Partner(p Page) templ.Component {
	p.Door = "partner"
	return Desk(p)
}

// Cockpit frames a page for leaders; with Wall it is dark.
func Cockpit(p Page) templ.Component { return frame(p, "cockpit", cockpitBody) }

func frame(p Page, face string, body func(Page) templ.Component) templ.Component {
	if p.Lang == "" {
		p.Lang = i18n.ZH
	}
	if p.Prefs == "" {
		p.Prefs = "/prefs"
	}
	if p.Home == "" {
		p.Home = map[string]string{"phone": "/", "company": "/company", "desk": "/desk", "cockpit": "/cockpit"}[face]
	}
	if p.Path == "" {
		p.Path = p.Home
	}
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		// The children given to the layout stay in ctx and are rendered by the body.
		return document(p, face, body(p)).Render(inContext(ctx, p), w)
	})
}

// PhoneNav is the bottom bar of the phone.
func PhoneNav(ctx context.Context, unread int) []NavItem {
	return []NavItem{
		{Key: "home", Label: T(ctx, "ui.nav.home"), Href: "/", Icon: "home"},
		{Key: "jobs", Label: T(ctx, "ui.nav.jobs"), Href: "/jobs", Icon: "work"},
		{Key: "cases", Label: T(ctx, "ui.nav.cases"), Href: "/cases", Icon: "list"},
		{Key: "messages", Label: T(ctx, "ui.nav.messages"), Href: "/messages", Icon: "bell", Count: unread},
		{Key: "me", Label: T(ctx, "ui.nav.me"), Href: "/me", Icon: "person"},
	}
}

func navs(ctx context.Context, p Page) []NavItem {
	if len(p.Navs) == 0 {
		return PhoneNav(ctx, p.Unread)
	}
	return p.Navs
}

// group is a run of navigation items under one heading.
type group struct {
	name  string
	items []NavItem
}

func groups(items []NavItem) []group {
	var out []group
	for _, it := range items {
		if len(out) == 0 || out[len(out)-1].name != it.Group {
			out = append(out, group{name: it.Group})
		}
		out[len(out)-1].items = append(out[len(out)-1].items, it)
	}
	return out
}

// prefs is the address that changes one preference and comes back.
func (p Page) prefs(name, value string) templ.SafeURL {
	q := url.Values{name: {value}, "back": {p.Path}}
	return templ.SafeURL(p.Prefs + "?" + q.Encode())
}

func (p Page) otherLang() i18n.Lang {
	if p.Lang == i18n.EN {
		return i18n.ZH
	}
	return i18n.EN
}

func (p Page) typeName() string {
	if p.Large {
		return "large"
	}
	return "normal"
}

func (p Page) screenName() string {
	if p.Wall {
		return "wall"
	}
	return "hand"
}

// ids: an input's name may hold dots and brackets, its id may not be a trap for
// selectors and links.
var idReplacer = strings.NewReplacer(".", "-", "[", "-", "]", "")

// ID gives the element id of the field with the name, as linked by ErrorSummary.
func ID(name string) string { return "f-" + idReplacer.Replace(name) }

// address lets through what leads somewhere and stops what runs (javascript:,
// data:). An address within the house may hold a colon in its query.
func address(href string) templ.SafeURL {
	if strings.HasPrefix(href, "/") || strings.HasPrefix(href, "?") || strings.HasPrefix(href, "#") {
		return templ.SafeURL(href)
	}
	return templ.URL(href)
}
