package public

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"gonghui/internal/base/telemetry"
	"gonghui/internal/face/web"
)

// Check is one thing that must work before requests can be answered in full.
type Check struct {
	Name string
	Do   func(ctx context.Context) error
}

// Deps is what the face stands on.
type Deps struct {
	Metrics *telemetry.Metrics
	Checks  []Check
}

// within bounds a readiness check: a balancer asks again in seconds.
const within = 3 * time.Second

// Mount adds the routes.
func Mount(site *web.Site, d Deps) {
	site.Mount("GET /healthz", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write([]byte("ok\n")) // the caller may be gone
	}))
	site.Mount("GET /readyz", http.HandlerFunc(d.ready))
	site.Mount("GET /metrics", d.Metrics.Handler())
	site.Mount("GET /robots.txt", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("User-agent: *\nAllow: /jobs\nDisallow: /\n"))
	}))
}

// ready answers 200 when every check passes, else 503, with one word for each:
// causes go nowhere from here.
func (d Deps) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), within)
	defer cancel()
	status, out := http.StatusOK, map[string]string{}
	for _, c := range d.Checks {
		out[c.Name] = "ok"
		if err := c.Do(ctx); err != nil {
			status, out[c.Name] = http.StatusServiceUnavailable, "failed"
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(out) // the caller may be gone
}
