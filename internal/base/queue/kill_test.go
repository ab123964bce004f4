package queue

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/base/telemetry"
	"gonghui/internal/kit/clock"
)

// The proof that the queue stands kill -9: a child process, which is this test
// binary itself, works the jobs and is killed in the middle, several times.

const (
	envChild = "GONGHUI_QUEUE_CHILD" // the database's address makes this binary the child
	jobs     = 300                   // half of them Handle, half HandleOnce
	kills    = 5
)

func TestMain(m *testing.M) {
	if u := os.Getenv(envChild); u != "" {
		if err := child(u); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func bump(ctx context.Context, d *db.DB, name string) error {
	_, err := d.Writer(ctx).NewRaw(`INSERT INTO settings (name, value, updated_at) VALUES (?, '1', '2020-07-20 00:00:00+00:00')
		ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(settings.value AS integer) + 1 AS text)`, name).Exec(ctx)
	return err
}

func child(u string) error {
	ctx := context.Background()
	d, err := db.Open(ctx, db.Config{URL: u, MaxConns: 8})
	if err != nil {
		return err
	}
	q := New(d, clock.System(), telemetry.NewLogger(os.Stderr, slog.LevelWarn))
	q.beatEvery, q.deadAfter = 300*time.Millisecond, 2*time.Second
	name := func(payload []byte) (s string) { _ = json.Unmarshal(payload, &s); return s }
	// An idempotent handler in two transactions, so that a kill can fall between.
	q.Handle("proof.many", func(ctx context.Context, payload []byte) error {
		if err := bump(ctx, d, "ran "+name(payload)); err != nil {
			return err
		}
		return d.InTx(ctx, func(ctx context.Context) error {
			res, err := d.Writer(ctx).NewRaw(`INSERT INTO form_receipts (token_hash, location, created_at)
				VALUES (?, '', '2020-07-20 00:00:00+00:00') ON CONFLICT (token_hash) DO NOTHING`, name(payload)).Exec(ctx)
			if err != nil {
				return err
			}
			if n, err := res.RowsAffected(); err != nil || n == 0 {
				return err
			}
			return bump(ctx, d, "effect "+name(payload))
		})
	})
	// A handler that is not idempotent by itself.
	q.HandleOnce("proof.once", func(ctx context.Context, payload []byte) error {
		return bump(ctx, d, "effect "+name(payload))
	})
	if err := q.Start(ctx); err != nil {
		return err
	}
	fmt.Println("ready")
	select {} // until killed
}

func TestKillNine(t *testing.T) {
	if testing.Short() {
		t.Skip("LEFT OUT: nothing is killed in short mode")
	}
	for _, dialect := range []string{db.SQLite, db.Postgres} {
		t.Run(dialect, func(t *testing.T) {
			proveKillNine(t, dbtest.URL(t, dialect))
		})
	}
}

func proveKillNine(t *testing.T, u string) {
	ctx := t.Context()
	d, err := db.Open(ctx, db.Config{URL: u, MaxConns: 4})
	require.NoError(t, err)
	defer func() { require.NoError(t, d.Close()) }()
	q := New(d, clock.System(), telemetry.Quiet())
	require.NoError(t, q.Migrate(ctx))

	effects := func() (n int) {
		require.NoError(t, d.Reader(ctx).NewRaw("SELECT count(*) FROM settings WHERE name LIKE 'effect %'").Scan(ctx, &n))
		return n
	}
	for i := range jobs {
		kind := []string{"proof.many", "proof.once"}[i%2]
		require.NoError(t, q.Add(ctx, kind, fmt.Sprintf("job %d", i), Opts{}))
	}
	_ = d.InTx(ctx, func(ctx context.Context) error {
		require.NoError(t, q.Add(ctx, "proof.many", "never", Opts{}))
		return fmt.Errorf("undone")
	})

	interrupted, until := 0, time.Minute
	for k := 1; k <= kills; k++ {
		kill := startChild(t, u)
		waitFor(t, until, func() bool { return effects() >= k*jobs/(kills+1) })
		kill()
		depth, err := q.Depth(ctx)
		require.NoError(t, err)
		interrupted += int(depth.Running)
	}
	require.Positive(t, interrupted, "no kill fell into a running job: the proof proves nothing")

	kill := startChild(t, u)
	restarted := time.Now()
	waitFor(t, until, func() bool {
		depth, err := q.Depth(ctx)
		require.NoError(t, err)
		return depth.Waiting+depth.Running+depth.Later == 0
	})
	t.Logf("%d jobs, %d kills, %d jobs were in hand when killed; all done %v after the last start",
		jobs, kills, interrupted, time.Since(restarted).Round(time.Millisecond))
	kill()

	require.Equal(t, jobs, effects(), "nothing is lost, nothing undone is done")
	var twice []string
	require.NoError(t, d.Reader(ctx).NewRaw("SELECT name FROM settings WHERE name LIKE 'effect %' AND value <> '1'").Scan(ctx, &twice))
	require.Empty(t, twice, "each effect exactly once")
	var bad int
	require.NoError(t, d.Reader(ctx).NewRaw("SELECT count(*) FROM river_job WHERE state <> 'completed'").Scan(ctx, &bad))
	require.Zero(t, bad)
}

// startChild gives a function that kills the child as hard as can be.
func startChild(t *testing.T, u string) (kill func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), envChild+"="+u)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	killed := false
	kill = func() {
		if !killed {
			killed = true
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	}
	t.Cleanup(kill)
	line, _ := bufio.NewReader(out).ReadString('\n')
	if line != "ready\n" {
		kill()
		require.Equal(t, "ready\n", line, stderr.String())
	}
	return kill
}

// waitFor looks again and again: the other side is another process.
func waitFor(t *testing.T, atMost time.Duration, done func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	end := time.After(atMost)
	for !done() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatal("waited too long")
		}
	}
}
