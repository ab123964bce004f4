package api

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"

	"gonghui/internal/core/account"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/core/figures"
	"gonghui/internal/core/inspection"
	"gonghui/internal/core/notice"
	"gonghui/internal/core/org"
	"gonghui/internal/core/rules"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/clock"
	"gonghui/internal/measure/employment"
)

// Deps is what the face stands on.
type Deps struct {
	Accounts   *account.Service
	Companies  *company.Service
	Cases      *casework.Engine
	Figures    *figures.Service
	Org        *org.Service
	Notices    *notice.Service
	Employment *employment.Service
	Inspection *inspection.Service
	Rules      *rules.Service
	Answers    *account.Answers
	Clock      clock.Clock
	Log        *slog.Logger // nil = nowhere
}

// Prefix begins all paths of this version.
const Prefix = "/api/v1"

// Mount adds the operations, their description and the page that shows it.
func Mount(site *web.Site, d Deps) {
	s := newServer(d)
	site.Mount("/api/", s.handler())
	face := web.Face{Name: "api", Layout: ui.Desk, Home: Prefix + "/docs", SignIn: "/signin"}
	site.Handle("GET "+Prefix+"/docs", face, func(w http.ResponseWriter, r *http.Request) error {
		return site.Render(w, r, site.Page(r, ui.T(r.Context(), "api.docs.title"), "api"), docsPage(s.groups(r.Context())))
	})
}

// Describe writes the OpenAPI document as YAML, always the same bytes. It needs
// no database.
func Describe(out io.Writer) error {
	text, err := newServer(Deps{}).api.OpenAPI().YAML()
	if err != nil {
		return fmt.Errorf("openapi: %w", err)
	}
	_, err = out.Write(text)
	return err
}

// description is the document as JSON.
func (s *server) description() []byte {
	text, err := json.Marshal(s.api.OpenAPI())
	if err != nil { // a document built from our own types always encodes; a test holds that
		panic(err)
	}
	return text
}
