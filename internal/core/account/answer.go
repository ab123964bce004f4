package account

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/base/vault"
	"gonghui/internal/core/access"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

// Answers remember what a call of a program was answered with, so that the call
// sent again with the same key (the answer was lost, the program tries anew) does
// its work once and gets the first answer again. A key belongs to the token, or
// without one to the account, that sent it.
//
// What is guaranteed: claim, work and answer are one transaction (db.InTx, which
// every room joins), so either all of it is stored or nothing. A process killed
// before the commit leaves neither work nor key, and the call may be sent again;
// killed after it, the answer is there. Of two calls with one key at the same
// moment the second waits for the first, for SQLite's one writer or for the key's
// row on PostgreSQL, and then gets its answer; where the first failed it does the
// work itself. A call that fails takes its key back with everything else: refusals
// are not kept, they changed nothing. What the work does outside the database is
// not covered; jobs and notices are, they are rows.
type Answers struct {
	db    *db.DB
	vault *vault.Vault
	clock clock.Clock
}

// NewAnswers makes the helper.
func NewAnswers(d *db.DB, v *vault.Vault, c clock.Clock) *Answers {
	return &Answers{db: d, vault: v, clock: c}
}

// Call is one call with a key.
type Call struct {
	Key     string        // as the caller sent it
	Request []byte        // what is asked for: operation and input; another one with the same key is refused
	Keep    time.Duration // how long the answer is kept
}

// Answer is what a call was answered with.
type Answer struct {
	Status int
	Body   []byte
	Again  bool // it is that of an earlier call; no work was done
}

type answerRow struct {
	bun.BaseModel `bun:"table:idempotency_keys,alias:i"`
	KeyHash       string `bun:",pk"`
	RequestHash   string
	Status        int
	AnswerEnc     []byte
	CreatedAt     time.Time
	ExpiresAt     time.Time
}

// kept is an answer as it is sealed: it may hold personal data.
type kept struct {
	Rights []string        `json:"rights"` // of the caller at the time
	Body   json.RawMessage `json:"body"`
}

// Once does the work of a call and keeps its answer, or gives the answer that was
// kept. The body is JSON. Faults: those of the work; Unauthenticated
// "access.sign_in" without a caller; Invalid "account.key_reused" for a key that
// was used for another request; Forbidden "access.denied" when the caller has lost
// a right since: a stored answer opens nothing that is closed by now.
func (s *Answers) Once(ctx context.Context, c Call, work func(context.Context) (Answer, error)) (Answer, error) {
	by, ok := access.From(ctx)
	if !ok || by.AccountID == "" {
		return Answer{}, fault.New(fault.Unauthenticated, "access.sign_in")
	}
	key := s.vault.Hash("idempotency_key", by.AccountID+"\n"+by.TokenID+"\n"+c.Key)
	request := s.vault.Hash("idempotency_request", string(c.Request))
	var out Answer
	err := s.db.InTx(ctx, func(ctx context.Context) error {
		fresh, err := s.claim(ctx, key, request, c.Keep)
		if err != nil {
			return err
		}
		if !fresh {
			out, err = s.first(ctx, key, request, by)
			return err
		}
		if out, err = work(ctx); err != nil {
			return err
		}
		return s.keep(ctx, key, out, by)
	})
	if err != nil {
		return Answer{}, err
	}
	return out, nil
}

// claim writes the key's row and tells whether it is this call's. While another
// transaction is about to write it, the statement waits for that one's end. A row
// that has run out is taken over.
func (s *Answers) claim(ctx context.Context, key, request string, keep time.Duration) (bool, error) {
	now := s.clock.Now()
	row := answerRow{KeyHash: key, RequestHash: request, CreatedAt: now, ExpiresAt: now.Add(keep)}
	res, err := s.db.Writer(ctx).NewInsert().Model(&row).On("CONFLICT (key_hash) DO UPDATE").
		Set("request_hash = EXCLUDED.request_hash").Set("status = EXCLUDED.status").Set("answer_enc = EXCLUDED.answer_enc").
		Set("created_at = EXCLUDED.created_at").Set("expires_at = EXCLUDED.expires_at").
		Where("i.expires_at <= ?", now).Exec(ctx)
	if err != nil {
		return false, db.Fault(err)
	}
	n, err := res.RowsAffected()
	return n == 1, db.Fault(err)
}

// keep seals the answer into the row that was claimed.
func (s *Answers) keep(ctx context.Context, key string, a Answer, by access.Actor) error {
	k := kept{Rights: rightsOf(by), Body: a.Body}
	text, err := json.Marshal(k)
	if err != nil {
		return fault.New(fault.Internal, "internal", fault.Because(err))
	}
	res, err := s.db.Writer(ctx).NewUpdate().Model((*answerRow)(nil)).Set("status = ?", a.Status).
		Set("answer_enc = ?", s.vault.Seal(answerPlace(key), text)).Where("key_hash = ?", key).Exec(ctx)
	return db.Affected(res, err, fault.New(fault.Internal, "internal", fault.Because(errors.New("a claimed key is gone"))))
}

// first gives the answer of the call that had the key before.
func (s *Answers) first(ctx context.Context, key, request string, by access.Actor) (Answer, error) {
	var row answerRow
	if err := s.db.Writer(ctx).NewSelect().Model(&row).Where("key_hash = ?", key).Scan(ctx); err != nil {
		return Answer{}, db.Fault(err)
	}
	if row.RequestHash != request {
		return Answer{}, fault.New(fault.Invalid, "account.key_reused")
	}
	text, err := s.vault.Open(answerPlace(key), row.AnswerEnc)
	if err != nil {
		return Answer{}, err
	}
	var k kept
	if err := json.Unmarshal(text, &k); err != nil {
		return Answer{}, fault.New(fault.Internal, "internal", fault.Because(err))
	}
	now := rightsOf(by)
	for _, r := range k.Rights {
		if !slices.Contains(now, r) {
			return Answer{}, fault.New(fault.Forbidden, "access.denied")
		}
	}
	return Answer{Status: row.Status, Body: k.Body, Again: true}, nil
}

// rightsOf lists what an actor may do and by which grant; a grant does not change
// its place.
func rightsOf(a access.Actor) []string {
	out := []string{}
	if a.Person.ID != "" {
		out = append(out, "self "+a.Person.ID)
	}
	for _, g := range a.Grants {
		for _, c := range g.Caps {
			out = append(out, g.ID+" "+string(c))
		}
	}
	return out
}

// answerPlace binds a sealed answer to its key.
func answerPlace(key string) string { return vault.Place("", "idempotency_keys", key, "answer") }
