package api

import (
	"io"

	"gonghui/internal/core/account"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/core/figures"
	"gonghui/internal/core/notice"
	"gonghui/internal/core/org"
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
	Clock      clock.Clock
}

// Mount adds the routes.
func Mount(site *web.Site, d Deps) {}

// Describe writes the OpenAPI document.
func Describe(out io.Writer) error { return nil }
