package telemetry

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics is the registry of one running program. There is no global one, so
// that two programs in one test do not meet.
type Metrics struct {
	registry *prometheus.Registry
	http     *prometheus.HistogramVec
}

// NewMetrics makes a registry that already counts requests, the Go runtime, the
// process and the build.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		http: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "gonghui_http_request_seconds",
			Help:    "Time to answer a request, by route pattern, method and status class.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
		}, []string{"route", "method", "status"}),
	}
	b := ReadBuild()
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "gonghui_build_info", Help: "Always 1; the labels name the build.",
	}, []string{"version", "revision", "go"})
	build.WithLabelValues(b.Version, b.Revision, b.Go).Set(1)
	m.registry.MustRegister(m.http, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// ObserveHTTP counts one answered request. The route is the pattern of the
// ServeMux ("GET /jobs/{id}"), empty where none matched.
func (m *Metrics) ObserveHTTP(route, method string, status int, took time.Duration) {
	if route == "" {
		route = "(none)"
	}
	m.http.WithLabelValues(route, knownMethod(method), strconv.Itoa(status/100)+"xx").Observe(took.Seconds())
}

// knownMethod keeps strangers from making a new series with each invented verb.
func knownMethod(s string) string {
	switch s {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return s
	}
	return "other"
}

// Counter makes and registers a counter; name without the "gonghui_" in front
// and ending in _total. Call it once for each name, at start-up: a second call
// with the same name panics.
func (m *Metrics) Counter(name, help string, labels ...string) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "gonghui_" + name, Help: help}, labels)
	m.registry.MustRegister(c)
	return c
}

// Gauge registers a figure that is read when somebody looks, such as the depth
// of the queue. read must be quick.
func (m *Metrics) Gauge(name, help string, read func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "gonghui_" + name, Help: help}, read))
}

// Handler shows the metrics in Prometheus' text format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 2})
}
