package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"gonghui/internal/core/account"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
)

const (
	// keyHeader names a call, so that it may be sent again when its answer was lost.
	keyHeader = "Idempotency-Key"
	// againHeader says that the answer is that of an earlier call.
	againHeader = "Idempotent-Replayed"
	keepAnswer  = 24 * time.Hour
	maxKey      = 200
)

var keyShape = regexp.MustCompile(`^[\x21-\x7e]+$`)

// keyedOut is the answer of an operation that takes a key.
type keyedOut[T any] struct {
	Again string `header:"Idempotent-Replayed" enum:"true" doc:"this is the answer of an earlier call with the same Idempotency-Key; nothing was done now"`
	Body  T
}

// keyedNothing is keyedOut without a body.
type keyedNothing struct {
	Again string `header:"Idempotent-Replayed" enum:"true" doc:"an earlier call with the same Idempotency-Key succeeded; nothing was done now"`
}

// once tells whether an operation takes a key: it changes something, for somebody
// whom the key can belong to. Signing in has its own code, good for one sending;
// what only looks is looked at anew, so that it is judged anew and recorded anew.
func (r route) once() bool { return r.method != http.MethodGet && !r.open && !r.looks }

func keyParameter() *huma.Param {
	longest := maxKey
	return &huma.Param{
		Name: keyHeader, In: "header", Description: i18n.T(i18n.EN, "api.key"),
		Schema: &huma.Schema{Type: huma.TypeString, MaxLength: &longest, Pattern: keyShape.String()},
	}
}

// sent is what the key of a call is held against beside its input.
type sent struct{ key, target string }

type sentKey struct{}

// keyed takes the key of a call. A header without a key in it is refused: its
// sender relies on it.
func (s *server) keyed(ctx huma.Context, next func(huma.Context)) {
	r, _ := humago.Unwrap(ctx)
	keys, ok := r.Header[keyHeader]
	if !ok {
		next(ctx)
		return
	}
	if len(keys) != 1 || len(keys[0]) > maxKey || !keyShape.MatchString(keys[0]) {
		refuse(ctx, fault.New(fault.Invalid, "api.key", fault.With("Max", maxKey)))
		return
	}
	next(huma.WithValue(ctx, sentKey{}, sent{key: keys[0], target: r.Method + " " + r.URL.EscapedPath()}))
}

// once does an operation, or, for a key that was seen before, gives the answer of
// that time; again is "true" then. The request is its input as we understood it:
// blanks and the order of properties make no other request.
func once[I, T any](ctx context.Context, s *server, r route, in *I, do func(context.Context, *I) (T, error)) (body T, again string, err error) {
	call, ok := ctx.Value(sentKey{}).(sent)
	if !ok {
		body, err = do(ctx, in)
		return body, "", err
	}
	input, err := json.Marshal(in)
	if err != nil {
		return body, "", fault.New(fault.Internal, "internal", fault.Because(err))
	}
	a, err := s.Answers.Once(ctx, account.Call{
		Key: call.key, Request: bytes.Join([][]byte{[]byte(call.target), input}, []byte("\n")), Keep: cmp.Or(r.keep, keepAnswer),
	}, func(ctx context.Context) (account.Answer, error) {
		fresh, err := do(ctx, in)
		if err != nil {
			return account.Answer{}, err
		}
		text, err := json.Marshal(fresh)
		if err != nil {
			return account.Answer{}, fault.New(fault.Internal, "internal", fault.Because(err))
		}
		return account.Answer{Status: cmp.Or(r.status, http.StatusOK), Body: text}, nil
	})
	if err != nil {
		return body, "", err
	}
	if err := json.Unmarshal(a.Body, &body); err != nil {
		return body, "", fault.New(fault.Internal, "internal", fault.Because(err))
	}
	if a.Again {
		again = "true"
	}
	return body, again, nil
}
