package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"gonghui/internal/base/telemetry"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/fault"
)

// Problem is a refusal (RFC 9457). Code is the stable word to compare with;
// errors name what has to change. What was sent is never repeated.
type Problem struct {
	Type     string         `json:"type" doc:"always about:blank; code tells what went wrong"`
	Title    string         `json:"title" doc:"a sentence for people, in the language asked for"`
	Status   int            `json:"status"`
	Code     string         `json:"code" doc:"stable word, room.what"`
	Instance string         `json:"instance,omitempty" doc:"reference to name when asking about this"`
	Errors   []ProblemField `json:"errors,omitempty"`
}

// ProblemField is one wrong field.
type ProblemField struct {
	Field  string `json:"field"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

func (p *Problem) Error() string             { return p.Code }
func (p *Problem) GetStatus() int            { return p.Status }
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// problemOf translates a fault; status 0 means that of its kind.
func problemOf(ctx context.Context, status int, f *fault.Fault) *Problem {
	w := web.ProblemOf(lang(ctx), f, telemetry.RequestID(ctx))
	if status == 0 {
		status = w.Status
	}
	p := &Problem{Type: w.Type, Title: w.Title, Status: status, Code: w.Code, Instance: w.Instance}
	for _, e := range w.Errors {
		p.Errors = append(p.Errors, ProblemField(e))
	}
	return p
}

// headersOf says what goes with a refusal beside its body.
func headersOf(f *fault.Fault) http.Header {
	h := http.Header{"Cache-Control": {"no-store"}}
	if f.Kind == fault.Unauthenticated {
		h.Set("WWW-Authenticate", `Bearer realm="gonghui"`)
	}
	if f.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(f.RetryAfter.Seconds()+0.999)))
	}
	return h
}

// problem turns the error of a use case into the answer; our own mistakes go to
// the log with their cause.
func (s *server) problem(ctx context.Context, err error) error {
	f := fault.As(err)
	if f.Kind == fault.Internal || f.Kind == fault.Unavailable {
		s.Log.ErrorContext(ctx, "api call failed", "error", err)
	}
	return huma.ErrorWithHeaders(problemOf(ctx, 0, f), headersOf(f))
}

// refuse answers in a guard, before any operation.
func refuse(ctx huma.Context, f *fault.Fault) {
	p := problemOf(ctx.Context(), 0, f)
	for name, values := range headersOf(f) {
		ctx.SetHeader(name, values[0])
	}
	ctx.SetHeader("Content-Type", p.ContentType(""))
	ctx.SetStatus(p.Status)
	_ = json.NewEncoder(ctx.BodyWriter()).Encode(p) // the reader may be gone
}

func writeProblem(w http.ResponseWriter, ctx context.Context, status int, f *fault.Fault) {
	p := problemOf(ctx, status, f)
	for name, values := range headersOf(f) {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the reader may be gone
}

// speakFaults makes huma refuse in our words. Its errors are made by package
// variables, the one place of this program where that cannot be avoided; they
// are set once and to the same for every server.
var speakFaults = sync.OnceFunc(func() {
	huma.DefaultArrayNullable = false
	huma.NewError = func(status int, _ string, _ ...error) huma.StatusError { // used only to learn the schema
		return &Problem{Type: "about:blank", Status: status, Code: "internal"}
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, _ string, errs ...error) huma.StatusError {
		ctx.SetHeader("Cache-Control", "no-store")
		return problemOf(ctx.Context(), status, refusal(status, errs))
	}
})

// refusal is the fault of a request that does not fit its schema.
func refusal(status int, errs []error) *fault.Fault {
	switch status {
	case http.StatusBadRequest:
		return fault.New(fault.Invalid, "api.json")
	case http.StatusRequestEntityTooLarge:
		return fault.New(fault.Invalid, "web.too_large", fault.With("MB", maxBody>>20))
	case http.StatusUnsupportedMediaType:
		return fault.New(fault.Invalid, "api.media_type")
	case http.StatusNotAcceptable:
		return fault.New(fault.Invalid, "api.accept")
	case http.StatusRequestTimeout:
		return fault.New(fault.Invalid, "web.bad_request")
	case http.StatusUnprocessableEntity:
		f := fault.New(fault.Invalid, "form.invalid")
		for _, err := range errs {
			var d *huma.ErrorDetail
			if errors.As(err, &d) {
				f.Fields = append(f.Fields, fieldOf(d))
			}
		}
		return f
	}
	return fault.New(fault.Internal, "internal")
}

var (
	missing  = regexp.MustCompile(`^expected required property (\S+) to be present$`)
	unsafely = regexp.MustCompile(`[^A-Za-z0-9_.\[\]-]`)
	bound    = regexp.MustCompile(`[0-9.e+-]+$`)
)

// fieldOf translates one finding of the schema. The name of an unknown property
// is the sender's own text: only letters of a name are given back, and few.
func fieldOf(d *huma.ErrorDetail) fault.Field {
	_, name, _ := strings.Cut(d.Location, ".")
	if m := missing.FindStringSubmatch(d.Message); m != nil {
		if name != "" {
			name += "."
		}
		return fault.Field{Name: name + m[1], Code: "required", Key: "field.required"}
	}
	if name == "" {
		name = d.Location
	}
	name = unsafely.ReplaceAllString(name, "")
	name = name[:min(len(name), 60)]
	code, params := schemaCode(d.Message)
	return fault.Field{Name: name, Code: code, Key: "field." + code, Params: params}
}

func schemaCode(message string) (string, map[string]any) {
	number := func(name string) map[string]any {
		if n, err := strconv.ParseFloat(bound.FindString(message), 64); err == nil { // 3.16224e+07
			return map[string]any{name: strconv.FormatFloat(n, 'f', -1, 64)}
		}
		return map[string]any{name: "?"}
	}
	switch {
	case message == "unexpected property", message == "unknown query parameter":
		return "api_unknown", nil
	case strings.HasPrefix(message, "required "):
		return "required", nil
	case strings.HasPrefix(message, "expected value to be one of"):
		return "choice", nil
	case strings.HasPrefix(message, "expected length <="):
		return "too_long", number("Max")
	case strings.HasPrefix(message, "expected length >="):
		return "too_short", number("Min")
	case strings.HasPrefix(message, "expected array length <="):
		return "too_many", number("Max")
	case strings.HasPrefix(message, "expected array length >="):
		return "too_few", number("Min")
	case strings.HasPrefix(message, "expected number <="):
		return "max", number("Max")
	case strings.HasPrefix(message, "expected number >="):
		return "min", number("Min")
	case message == "expected number", message == "expected integer", strings.HasPrefix(message, "invalid integer"), strings.HasPrefix(message, "invalid float"):
		return "number", nil
	case strings.Contains(message, "RFC 3339"), strings.HasPrefix(message, "invalid date"):
		return "date", nil
	}
	return "api_type", nil
}
