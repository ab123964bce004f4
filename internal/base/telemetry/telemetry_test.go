package telemetry_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/telemetry"
)

func TestRedact(t *testing.T) {
	for in, want := range map[string]string{
		"":                                     "",
		"no numbers":                           "no numbers",
		"13800138000":                          "138****8000",
		"手机13800138000已发送":                     "手机138****8000已发送",
		"phone=13800138000&x=1":                "phone=138****8000&x=1",
		"tel13800138000":                       "tel138****8000",
		"+8613800138000":                       "+86138****8000",
		"0086 13800138000":                     "0086 138****8000",
		"138 0013 8000 or so":                  "138****8000 or so",
		"138-0013-8000":                        "138****8000",
		"2020 13800138000 2":                   "2020 138****8000 2",
		"13800138000,13900139000":              "138****8000,139****9000",
		"370102199001010013":                   "3701**********0013",
		"37010219900101001X。":                  "3701**********001X。",
		"37010219900101001x":                   "3701**********001x",
		"370102 19900101 0013":                 "3701**********0013",
		"370102900101001":                      "3701*******1001",
		"卡号6222020000000000005":                "卡号***************0005",
		"6222 0200 0000 0000 005":              "***************0005",
		"4111-1111-1111-1111":                  "************1111",
		"took 12345678 ns":                     "took 12345678 ns",
		"2020-07-20 13:00:01.123456":           "2020-07-20 13:00:01.123456",
		"2020-07-20T13:00:01+08:00":            "2020-07-20T13:00:01+08:00",
		"0192f1a0-7c1e-7000-8123-13800138000a": "0192f1a0-7c1e-7000-8123-13800138000a",
		"018f1234-5678-7123-8123-123456789012": "018f1234-5678-7123-8123-123456789012",
		"e3b0c44298fc1c13800138000fbf4c8996fb": "e3b0c44298fc1c13800138000fbf4c8996fb",
		"91370100MA3C2XYZ1K":                   "91370100MA3C2XYZ1K",
		"12345678901":                          "12345678901",
		"Ünïcode 13800138000 \xff":             "Ünïcode 138****8000 \xff",
	} {
		require.Equal(t, want, telemetry.Redact(in), in)
	}
}

type person struct {
	Name  string
	Phone string
	Old   []string
}

type lazy string

func (l lazy) LogValue() slog.Value { return slog.StringValue("late " + string(l)) }

func TestLoggerKeepsPersonalDataOut(t *testing.T) {
	var out bytes.Buffer
	log := telemetry.NewLogger(&out, slog.LevelInfo).With("who", "13800138000").WithGroup("g")
	ctx := telemetry.WithRequestID(t.Context(), "req1")
	log.InfoContext(ctx, "sent to 13800138000",
		"text", "370102199001010013",
		"err", fmt.Errorf("wrapped: %w", errors.New("card 6222020000000000005")),
		"person", person{Phone: "13800138000", Old: []string{"13900139000"}},
		"map", map[string]any{"deep": map[string]any{"n": int64(13700137000)}},
		"bytes", []byte("13600136000"),
		slog.Group("inner", "phone", "13500135000", "password", "letmein"),
		"late", lazy("13400134000"),
		"Token", "opensesame",
		"nothing", nil,
		"func", func() {},
		"n", 5, "took", 3*time.Second)
	text := out.String()
	for _, clear := range []string{"0013800", "13800138000", "13900139000", "13700137000", "13600136000", "13500135000", "13400134000",
		"370102199001010013", "6222020000000000005", "letmein", "opensesame"} {
		require.NotContains(t, text, clear)
	}
	var line map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &line), "the line stays JSON")
	require.Equal(t, "sent to 138****8000", line["msg"])
	g := line["g"].(map[string]any)
	require.Equal(t, "req1", g["request_id"])
	require.Equal(t, float64(5), g["n"])
	require.Equal(t, "138****8000", g["person"].(map[string]any)["Phone"])

	out.Reset()
	log.Debug("not this")
	require.Empty(t, out.String())
}

func TestRequestID(t *testing.T) {
	require.Empty(t, telemetry.RequestID(t.Context()))
	require.NotEqual(t, telemetry.NewRequestID(), telemetry.NewRequestID())
	require.Len(t, telemetry.NewRequestID(), 16)
}

func TestMetrics(t *testing.T) {
	m := telemetry.NewMetrics()
	m.ObserveHTTP("GET /jobs/{id}", "GET", 200, 20*time.Millisecond)
	m.ObserveHTTP("", "HACK", 404, time.Millisecond)
	m.Counter("sms_total", "Messages sent.", "state").WithLabelValues("sent").Inc()
	m.Gauge("queue_depth", "Jobs waiting.", func() float64 { return 7 })
	require.NotPanics(t, func() { telemetry.NewMetrics() }, "two programs in one process do not meet")

	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	text := w.Body.String()
	for _, want := range []string{
		`gonghui_http_request_seconds_count{method="GET",route="GET /jobs/{id}",status="2xx"} 1`,
		`gonghui_http_request_seconds_count{method="other",route="(none)",status="4xx"} 1`,
		`gonghui_sms_total{state="sent"} 1`, `gonghui_queue_depth 7`, `gonghui_build_info{`, "go_goroutines",
	} {
		require.True(t, strings.Contains(text, want), want)
	}
}

func BenchmarkRedact(b *testing.B) {
	for b.Loop() {
		telemetry.Redact("GET /jobs/0192f1a0-7c1e-7000-8123-138001380001 手机13800138000 took 12 ms")
	}
}
