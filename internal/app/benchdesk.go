package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/uptrace/bun"

	"gonghui/internal/core/access"
	"gonghui/internal/core/account"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/org"
	"gonghui/internal/kit/id"
	"gonghui/internal/measure/employment"
)

// What the desk is measured with.
const (
	deskCases    = 100_000
	deskRequests = 800
	createFor    = 3 * time.Second
)

// desk measures the desk with many cases: the queue page for eight people at
// once, its statements, and how fast cases are opened with history and audit.
func (b *bench) desk(ctx context.Context, c Config, s *server) (err error) {
	a, err := Open(ctx, c, Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	house := access.System(ctx, "bench")
	staff, err := a.Accounts.ByLogin(house, "sheng")
	if err != nil {
		return err
	}
	session, err := a.session(ctx, staff.ID)
	if err != nil {
		return err
	}
	if err := b.creating(house, a); err != nil {
		return err
	}
	fmt.Fprintf(b.log, "filling the desk with %d cases\n", deskCases)
	if err := fillDesk(house, a, deskCases); err != nil {
		return err
	}
	if err := b.view(ctx, s, "view.desk", "/desk", session); err != nil {
		return err
	}
	all, err := b.clientsAsk(ctx, s.base+"/desk", session)
	if err != nil {
		return err
	}
	b.print("desk.queue.p50", quantile(all, 0.50), "ms")
	b.print("desk.queue.p99", quantile(all, 0.99), "ms")
	n, err := a.statements(ctx, "/desk", session)
	if err != nil {
		return err
	}
	b.print("desk.queue.statements", float64(n), "statements")
	return nil
}

// session makes a session as a sign-in would.
func (a *App) session(ctx context.Context, accountID string) (string, error) {
	m := scs.New()
	m.Store = account.NewSessionStore(a.DB, a.Vault, a.Clock)
	ctx, err := m.Load(ctx, "")
	if err != nil {
		return "", err
	}
	m.Put(ctx, account.SessionKey, accountID)
	token, _, err := m.Commit(ctx)
	return token, err
}

// opening is the i-th made-up case, in one county after the other.
func opening(counties []org.Unit, i int) casework.Open {
	u := counties[i%len(counties)]
	return casework.Open{City: u.CityCode, ID: id.New(), Kind: employment.FlowVacancy, Title: fmt.Sprintf("电焊工 %d", i), OrgPath: u.Path, State: "submitted"}
}

func (a *App) counties() []org.Unit {
	var out []org.Unit
	if root, ok := a.Org.Root(); ok {
		for _, city := range a.Org.Children(root.ID) {
			out = append(out, a.Org.Children(city.ID)...)
		}
	}
	return out
}

func fillDesk(ctx context.Context, a *App, n int) error {
	counties := a.counties()
	for from := 0; from < n; from += 5000 {
		list := make([]casework.Open, min(5000, n-from))
		for i := range list {
			list[i] = opening(counties, from+i)
		}
		if _, err := a.Cases.OpenMany(ctx, list); err != nil {
			return err
		}
	}
	return nil
}

// creating opens cases one by one, each in a transaction of its own.
func (b *bench) creating(ctx context.Context, a *App) error {
	counties := a.counties()
	var n atomic.Int64
	errs := make([]error, clients)
	began := b.clock.Now()
	var wg sync.WaitGroup
	for w := range clients {
		wg.Go(func() {
			for b.since(began) < createFor && errs[w] == nil {
				_, errs[w] = a.Cases.Open(ctx, opening(counties, int(n.Add(1))))
			}
		})
	}
	wg.Wait()
	b.print("desk.create", float64(n.Load())/b.since(began).Seconds(), "cases/s")
	return errors.Join(errs...)
}

// clientsAsk lets several people load a page as fast as it comes.
func (b *bench) clientsAsk(ctx context.Context, address, session string) ([]time.Duration, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	defer client.CloseIdleConnections()
	all, errs := make([]time.Duration, deskRequests), make([]error, deskRequests)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < deskRequests; i = next.Add(1) - 1 {
				began := b.clock.Now()
				r, err := get(ctx, client, address, session)
				all[i] = b.since(began)
				if err == nil && r.status != http.StatusOK {
					err = fmt.Errorf("%s answers %d", address, r.status)
				}
				errs[i] = err
			}
		})
	}
	wg.Wait()
	return all, errors.Join(errs...)
}

// statements counts what one request asks the database, sessions included.
func (a *App) statements(ctx context.Context, path, session string) (int64, error) {
	hook := &counter{}
	for _, pool := range []bun.IDB{a.DB.Reader(ctx), a.DB.Writer(ctx)} {
		if d, ok := pool.(*bun.DB); ok {
			//lint:ignore SA1019 WithQueryHook watches a copy; what the program itself asks is counted here
			d.AddQueryHook(hook)
		}
	}
	h := a.Handler(true)
	var n int64
	for range 2 { // the first fills caches
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, path, nil)
		if err != nil {
			return 0, err
		}
		r.AddCookie(&http.Cookie{Name: "gonghui", Value: session})
		hook.n.Store(0)
		w := &nowhere{header: http.Header{}}
		h.ServeHTTP(w, r)
		if w.status != http.StatusOK && w.status != 0 {
			return 0, fmt.Errorf("%s answers %d", path, w.status)
		}
		n = hook.n.Load()
	}
	return n, nil
}

type counter struct{ n atomic.Int64 }

func (c *counter) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context {
	c.n.Add(1)
	return ctx
}

func (c *counter) AfterQuery(context.Context, *bun.QueryEvent) {}

// nowhere takes an answer and forgets it.
type nowhere struct {
	header http.Header
	status int
}

func (w *nowhere) Header() http.Header         { return w.header }
func (w *nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (w *nowhere) WriteHeader(code int)        { w.status = code }
