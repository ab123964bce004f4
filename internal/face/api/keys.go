package api

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"gonghui/internal/core/access"
	"gonghui/internal/core/account"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/fault"
)

// Token is a bearer secret, without the secret.
type Token struct {
	ID         string    `json:"id"`
	Purpose    string    `json:"purpose"`
	Scope      []string  `json:"scope"`
	CreatedAt  time.Time `json:"created_at"`
	ExpiresAt  time.Time `json:"expires_at"`
	LastUsedAt time.Time `json:"last_used_at,omitzero"`
}

// NewToken is a token with its secret, which is shown this once.
type NewToken struct {
	Token
	Secret string `json:"secret" doc:"send as Authorization: Bearer"`
}

// TokenWish says what a token is for. It never opens more than its owner may.
type TokenWish struct {
	Purpose string   `json:"purpose" maxLength:"200"`
	Scope   []string `json:"scope" minItems:"1" maxItems:"30" doc:"capabilities, such as self.use"`
	TTL     int64    `json:"ttl" minimum:"60" maximum:"31622400" doc:"life in seconds"`
}

// appLife is how long a token lives that an app gets without asking.
const appLife = 30 * 24 * time.Hour

// keepSecret is how long the answer of a call with a key is kept that shows a
// secret: long enough to try again, and no longer, for elsewhere it is only a hash.
const keepSecret = 10 * time.Minute

type signInInput struct {
	Body struct {
		Phone   string   `json:"phone" maxLength:"20"`
		Code    string   `json:"code" maxLength:"10" doc:"six digits of the text message"`
		Purpose string   `json:"purpose,omitempty" maxLength:"200" doc:"name of the app"`
		Scope   []string `json:"scope,omitempty" maxItems:"30" doc:"self.use when absent"`
		TTL     int64    `json:"ttl,omitempty" minimum:"60" maximum:"31622400" doc:"life in seconds; 30 days when absent"`
	}
}

type codeInput struct {
	Body struct {
		Phone string `json:"phone" maxLength:"20"`
	}
}

func (s *server) keys() {
	act(s, route{id: "session-code", method: http.MethodPost, path: "/sessions/codes", tag: "access", open: true},
		func(ctx context.Context, in *codeInput) error {
			return s.Accounts.RequestCode(ctx, in.Body.Phone, web.Address(ctx))
		})
	add(s, route{id: "session-create", method: http.MethodPost, path: "/sessions", tag: "access", open: true, status: http.StatusCreated}, s.signIn)
	add(s, route{id: "token-list", method: http.MethodGet, path: "/tokens", tag: "access"},
		func(ctx context.Context, _ *nothing) (List[Token], error) {
			a, err := bySession(ctx)
			if err != nil {
				return List[Token]{Items: []Token{}}, err
			}
			all, err := s.Accounts.ListTokens(ctx, a.AccountID)
			out := List[Token]{Items: make([]Token, len(all))}
			for n, t := range all {
				out.Items[n] = tokenOf(t)
			}
			return out, err
		})
	add(s, route{id: "token-issue", method: http.MethodPost, path: "/tokens", tag: "access", status: http.StatusCreated, keep: keepSecret},
		func(ctx context.Context, in *struct{ Body TokenWish }) (NewToken, error) {
			a, err := bySession(ctx)
			if err != nil {
				return NewToken{}, err
			}
			return s.issue(ctx, a.AccountID, in.Body.Purpose, in.Body.Scope, time.Duration(in.Body.TTL)*time.Second)
		})
	act(s, route{id: "token-revoke", method: http.MethodDelete, path: "/tokens/{id}", tag: "access"},
		func(ctx context.Context, in *struct {
			ID string `path:"id" maxLength:"40" pattern:"^[0-9A-Za-z-]+$"`
		}) error {
			if _, err := bySession(ctx); err != nil {
				return err
			}
			return s.Accounts.RevokeToken(ctx, in.ID)
		})
	act(s, route{id: "session-end", method: http.MethodDelete, path: "/sessions/current", tag: "access"},
		func(ctx context.Context, _ *nothing) error {
			a, _ := access.From(ctx)
			if a.TokenID == "" {
				return fault.New(fault.NotFound, "account.token_unknown")
			}
			// A token does not reach its owner's keys; that it was shown is right
			// enough to end itself.
			return s.Accounts.RevokeToken(access.System(ctx, "api.session_end"), a.TokenID)
		})
}

// bySession gives the actor of a session: a token does not reach the keys of its
// owner.
func bySession(ctx context.Context) (access.Actor, error) {
	a, _ := access.From(ctx)
	if a.TokenID != "" {
		return a, fault.New(fault.Forbidden, "api.session_needed")
	}
	return a, nil
}

// signIn gives an app a token for a number that was proved by a code.
func (s *server) signIn(ctx context.Context, in *signInInput) (NewToken, error) {
	a, err := s.Accounts.SignInWithCode(ctx, in.Body.Phone, in.Body.Code)
	if err != nil {
		return NewToken{}, err
	}
	actor, err := s.Accounts.Load(ctx, a.ID)
	if err != nil {
		return NewToken{}, err
	}
	scope := in.Body.Scope
	if len(scope) == 0 {
		scope = []string{string(access.SelfUse)}
	}
	life := cmp.Or(time.Duration(in.Body.TTL)*time.Second, appLife)
	return s.issue(access.Enter(ctx, actor), a.ID, cmp.Or(in.Body.Purpose, "app"), scope, life)
}

func (s *server) issue(ctx context.Context, accountID, purpose string, scope []string, life time.Duration) (NewToken, error) {
	caps := make([]access.Capability, len(scope))
	for n, c := range scope {
		caps[n] = access.Capability(c)
	}
	secret, t, err := s.Accounts.IssueToken(ctx, accountID, purpose, caps, life)
	if err != nil {
		return NewToken{}, err
	}
	return NewToken{Token: tokenOf(t), Secret: secret}, nil
}

func tokenOf(t account.Token) Token {
	out := Token{ID: t.ID, Purpose: t.Purpose, Scope: []string{}, CreatedAt: t.CreatedAt, ExpiresAt: t.ExpiresAt, LastUsedAt: t.LastUsedAt}
	for _, c := range t.Scope {
		out.Scope = append(out.Scope, string(c))
	}
	return out
}
