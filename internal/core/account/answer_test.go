package account_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/base/vault"
	"gonghui/internal/core/access"
	"gonghui/internal/core/account"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

// note is work that leaves a row in the database, and counts how often it ran.
func note(d *db.DB, name string, ran *int) func(context.Context) (account.Answer, error) {
	return func(ctx context.Context) (account.Answer, error) {
		*ran++
		if _, err := d.Writer(ctx).NewRaw(`INSERT INTO settings (name, value, updated_at) VALUES (?, 'x', '2020-07-20 00:00:00+00:00')`,
			fmt.Sprintf("%s %d", name, *ran)).Exec(ctx); err != nil {
			return account.Answer{}, db.Fault(err)
		}
		return account.Answer{Status: 201, Body: json.RawMessage(fmt.Sprintf(`{"number":"V%d","phone":"13900000001"}`, *ran))}, nil
	}
}

func call(key, request string) account.Call {
	return account.Call{Key: key, Request: []byte(request), Keep: time.Hour}
}

func (b *bundle) notes(t *testing.T) int {
	t.Helper()
	n, err := b.db.Reader(t.Context()).NewSelect().Table("settings").Where("name LIKE 'note %'").Count(t.Context())
	require.NoError(t, err)
	return int(n)
}

func TestAnswers(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		s := account.NewAnswers(b.db, b.vault, b.clock)
		me := b.enter(t, b.signIn(t, phone).ID)
		ran := 0
		work := note(b.db, "note", &ran)

		first, err := s.Once(me, call("k", "post a vacancy"), work)
		require.NoError(t, err)
		require.False(t, first.Again)
		again, err := s.Once(me, call("k", "post a vacancy"), work)
		require.NoError(t, err)
		require.True(t, again.Again)
		require.Equal(t, 201, again.Status)
		require.JSONEq(t, string(first.Body), string(again.Body))
		require.Equal(t, 1, ran)

		_, err = s.Once(me, call("k", "post another vacancy"), work)
		requireCode(t, "account.key_reused", err)
		require.True(t, fault.IsKind(err, fault.Invalid))
		_, err = s.Once(t.Context(), call("k", "post a vacancy"), work)
		requireCode(t, "access.sign_in", err)
		require.Equal(t, 1, ran)

		// The same key of another account, or of a token of this one, is another key.
		other := b.enter(t, b.signIn(t, "13800000002").ID)
		a, err := s.Once(other, call("k", "post another vacancy"), work)
		require.NoError(t, err)
		require.False(t, a.Again)
		by, _ := access.From(me)
		by.TokenID, by.Narrow = "a token", access.All()
		a, err = s.Once(access.Enter(t.Context(), by), call("k", "post a vacancy"), work)
		require.NoError(t, err)
		require.False(t, a.Again)
		require.Equal(t, 3, b.notes(t))

		for _, column := range []string{"key_hash", "request_hash", "answer_enc"} {
			for _, v := range b.column(t, "SELECT "+column+" FROM idempotency_keys") {
				require.NotContains(t, v, "13900000001", "an answer is sealed")
				require.NotContains(t, v, "vacancy")
				require.NotEqual(t, "k", v)
			}
		}
	})
}

// A refusal changed nothing, so the corrected call may come with the same key.
func TestARefusalIsNotKept(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		s := account.NewAnswers(b.db, b.vault, b.clock)
		me := b.enter(t, b.signIn(t, phone).ID)
		ran := 0
		work := note(b.db, "note", &ran)
		refused := errors.New("refused")
		_, err := s.Once(me, call("k", "a"), func(ctx context.Context) (account.Answer, error) {
			_, err := work(ctx)
			return account.Answer{}, errors.Join(refused, err)
		})
		require.ErrorIs(t, err, refused)
		require.Zero(t, b.notes(t), "what was done before the refusal is taken back")
		require.Empty(t, b.column(t, "SELECT key_hash FROM idempotency_keys"))
		require.Panics(t, func() {
			_, _ = s.Once(me, call("k", "a"), func(ctx context.Context) (account.Answer, error) {
				_, _ = work(ctx)
				panic("in the middle")
			})
		})
		a, err := s.Once(me, call("k", "b"), work)
		require.NoError(t, err)
		require.False(t, a.Again)
		require.Equal(t, 1, b.notes(t))
	})
}

func TestAnswersExpire(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		s := account.NewAnswers(b.db, b.vault, b.clock)
		me := b.enter(t, b.signIn(t, phone).ID)
		ran := 0
		work := note(b.db, "note", &ran)
		for _, key := range []string{"k", "l"} {
			_, err := s.Once(me, call(key, "a"), work)
			require.NoError(t, err)
		}
		b.clock.Advance(time.Hour - time.Microsecond)
		a, err := s.Once(me, call("k", "a"), work)
		require.NoError(t, err)
		require.True(t, a.Again, "the last moment")
		b.clock.Advance(time.Microsecond)
		a, err = s.Once(me, call("k", "another, after the end"), work)
		require.NoError(t, err)
		require.False(t, a.Again)
		require.Equal(t, 3, ran)

		n, err := b.PurgeExpired(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 1, n, "l; k was used anew")
		a, err = s.Once(me, call("k", "another, after the end"), work)
		require.NoError(t, err)
		require.True(t, a.Again)
	})
}

// Who has lost a right since gets nothing out of an answer of that time; who has
// won one gets it as before.
func TestAnAnswerOpensNothingThatIsClosedByNow(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		seedTree(t, b)
		s := account.NewAnswers(b.db, b.vault, b.clock)
		clerk := b.staff(t, "clerk")
		held := b.grant(t, clerk.ID, access.RoleCounty, b.unit(t, "370104"))
		ran := 0
		work := note(b.db, "note", &ran)
		_, err := s.Once(b.enter(t, clerk.ID), call("k", "a"), work)
		require.NoError(t, err)
		b.grant(t, clerk.ID, access.RoleTownship, b.unit(t, "370103"))
		a, err := s.Once(b.enter(t, clerk.ID), call("k", "a"), work)
		require.NoError(t, err)
		require.True(t, a.Again)
		require.NoError(t, b.Revoke(system(t), held.ID))
		_, err = s.Once(b.enter(t, clerk.ID), call("k", "a"), work)
		requireCode(t, "access.denied", err)
		require.Equal(t, 1, ran)
	})
}

func TestAnswersAtOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		s := account.NewAnswers(b.db, b.vault, b.clock)
		me := b.enter(t, b.signIn(t, phone).ID)
		var mu sync.Mutex
		ran, failed, again := 0, 0, 0
		bodies := map[string]bool{}
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				a, err := s.Once(me, call("k", "a"), func(ctx context.Context) (account.Answer, error) {
					mu.Lock()
					defer mu.Unlock()
					if ran++; ran == 1 {
						return account.Answer{}, fault.New(fault.Conflict, "account.form_busy") // the one that came first fails
					}
					return account.Answer{Status: 201, Body: json.RawMessage(fmt.Sprint(i))}, nil
				})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err != nil:
					failed++
				case a.Again:
					again++
				}
				if err == nil {
					bodies[string(a.Body)] = true
				}
			})
		}
		wg.Wait()
		require.Equal(t, []int{2, 1, 8}, []int{ran, failed, again}, "one more did the work after the first had failed, the rest got its answer")
		require.Len(t, bodies, 1)
	})
}

// The proof that a call stands kill -9: a child process, which is this test binary
// itself, is killed in the middle of the work, and once more right after it.

const envChild = "GONGHUI_ANSWER_CHILD" // database, keyring and account make this binary the child

func TestMain(m *testing.M) {
	if what := os.Getenv(envChild); what != "" {
		if err := answerChild(what); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func answerChild(what string) error {
	part := strings.Split(what, "\n")
	ctx := context.Background()
	d, err := db.Open(ctx, db.Config{URL: part[0], MaxConns: 2})
	if err != nil {
		return err
	}
	v, err := vaultAt(part[1])
	if err != nil {
		return err
	}
	ran := 0
	work := note(d, "note", &ran)
	ctx = access.Enter(ctx, access.Actor{AccountID: "a1", Kind: access.KindWorker})
	_, err = account.NewAnswers(d, v, clock.NewFake(monday)).Once(ctx, call("k", "a"), func(ctx context.Context) (account.Answer, error) {
		a, err := work(ctx)
		if part[2] == "middle" && err == nil {
			fmt.Println("ready")
			select {} // until killed
		}
		return a, err
	})
	if err != nil {
		return err
	}
	fmt.Println("ready")
	select {} // until killed
}

func vaultAt(path string) (*vault.Vault, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var ring vault.Keyring
	if err := json.Unmarshal(text, &ring); err != nil {
		return nil, err
	}
	return vault.New(ring)
}

func TestACallStandsKillNine(t *testing.T) {
	if testing.Short() {
		t.Skip("LEFT OUT: nothing is killed in short mode")
	}
	for _, dialect := range []string{db.SQLite, db.Postgres} {
		t.Run(dialect, func(t *testing.T) {
			u := dbtest.URL(t, dialect)
			keys := filepath.Join(t.TempDir(), "keys.json")
			text, err := json.Marshal(vault.Generate())
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(keys, text, 0o600))
			d, err := db.Open(t.Context(), db.Config{URL: u, MaxConns: 2})
			require.NoError(t, err)
			defer func() { require.NoError(t, d.Close()) }()
			v, err := vaultAt(keys)
			require.NoError(t, err)
			s := account.NewAnswers(d, v, clock.NewFake(monday))
			b := &bundle{db: d}
			me := access.Enter(t.Context(), access.Actor{AccountID: "a1", Kind: access.KindWorker})

			killChild(t, strings.Join([]string{u, keys, "middle"}, "\n"))
			require.Zero(t, b.notes(t), "a call killed in the middle leaves neither work")
			require.Empty(t, b.column(t, "SELECT key_hash FROM idempotency_keys"), "nor key")
			killChild(t, strings.Join([]string{u, keys, "after"}, "\n"))
			require.Equal(t, 1, b.notes(t))
			ran := 0
			a, err := s.Once(me, call("k", "a"), note(d, "note", &ran))
			require.NoError(t, err)
			require.True(t, a.Again, "killed before it could answer: the answer is there")
			require.Zero(t, ran)
			require.Contains(t, string(a.Body), "V1")
		})
	}
}

// killChild starts a child and kills it as hard as can be when it is where it
// should be.
func killChild(t *testing.T, what string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), envChild+"="+what)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line, _ := bufio.NewReader(out).ReadString('\n')
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	require.Equal(t, "ready\n", line, stderr.String())
}
