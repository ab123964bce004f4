package company

import (
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/core/notice"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/clock"
	"gonghui/internal/measure/employment"
)

// Deps is what the face stands on.
type Deps struct {
	Companies  *company.Service
	Cases      *casework.Engine
	Notices    *notice.Service
	Employment *employment.Service
	Clock      clock.Clock
}

// Mount adds the routes.
func Mount(site *web.Site, d Deps) {}
