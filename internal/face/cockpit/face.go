package cockpit

import (
	"gonghui/internal/core/casework"
	"gonghui/internal/core/figures"
	"gonghui/internal/core/org"
	"gonghui/internal/core/person"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/clock"
	"gonghui/internal/measure/employment"
)

// Deps is what the face stands on.
type Deps struct {
	Figures    *figures.Service
	Org        *org.Service
	Employment *employment.Service
	People     *person.Service
	Cases      *casework.Engine
	Clock      clock.Clock
}

// Mount adds the routes.
func Mount(site *web.Site, d Deps) {}
