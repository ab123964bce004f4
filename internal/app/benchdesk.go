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
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/employment"
)

// What the desk is measured with.
const (
	deskRequests = 800
	createFor    = 3 * time.Second
	createMost   = 6_000
)

// deskSizes are how many cases wait.
var deskSizes = []int{1_000, 10_000, 100_000}

// desk measures the desk for eight people at once: how fast work comes in, the
// queue page for the widest user and for the narrowest, and the page of a record,
// while more and more cases wait; and what one queue page asks of the database and
// of the wire.
func (b *bench) desk(ctx context.Context, c Config, s *server) (err error) {
	a, err := Open(ctx, c, Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	house := access.System(ctx, "bench")
	sessions := map[string]string{}
	for _, login := range []string{"sheng", "shi", "xian"} {
		staff, err := a.Accounts.ByLogin(house, login)
		if err != nil {
			return err
		}
		if sessions[login], err = a.session(ctx, staff.ID); err != nil {
			return err
		}
	}
	if err := b.creating(house, a); err != nil {
		return err
	}
	records, err := a.records(house)
	if err != nil {
		return err
	}
	filled := 0
	for _, n := range deskSizes {
		fmt.Fprintf(b.log, "filling the desk with %d cases\n", n)
		if err := fillDesk(house, a, filled, n); err != nil {
			return err
		}
		filled = n
		for _, x := range []struct{ name, login string }{{"province", "sheng"}, {"city", "shi"}, {"county", "xian"}} {
			all, err := b.clientsAsk(ctx, s.base, []string{"/desk"}, sessions[x.login])
			if err != nil {
				return err
			}
			b.print(fmt.Sprintf("desk.queue.%d.%s.p50", n, x.name), quantile(all, 0.50), "ms")
			b.print(fmt.Sprintf("desk.queue.%d.%s.p99", n, x.name), quantile(all, 0.99), "ms")
		}
		all, err := b.clientsAsk(ctx, s.base, records, sessions["sheng"])
		if err != nil {
			return err
		}
		b.print(fmt.Sprintf("desk.record.%d.p50", n), quantile(all, 0.50), "ms")
		b.print(fmt.Sprintf("desk.record.%d.p99", n), quantile(all, 0.99), "ms")
	}
	if err := b.view(ctx, s, "view.desk", "/desk", sessions["sheng"]); err != nil {
		return err
	}
	for _, x := range []struct{ name, path string }{{"queue", "/desk"}, {"record", records[0]}} {
		n, err := a.statements(ctx, x.path, sessions["sheng"])
		if err != nil {
			return err
		}
		b.print("desk."+x.name+".statements", float64(n), "statements")
		size, err := pageSize(ctx, s.base+x.path, sessions["sheng"])
		if err != nil {
			return err
		}
		b.print("desk."+x.name+".wire", float64(size)/1024, "KB")
	}
	return nil
}

// pageSize is how many bytes of a page go over the wire, compressed.
func pageSize(ctx context.Context, address, session string) (int64, error) {
	var wire atomic.Int64
	client := countingClient(&wire)
	defer client.CloseIdleConnections()
	r, err := get(ctx, client, address, session)
	if err == nil && r.status != http.StatusOK {
		err = fmt.Errorf("%s answers %d", address, r.status)
	}
	return wire.Load(), err
}

// records are the pages of vacancies of the demonstration.
func (a *App) records(ctx context.Context) ([]string, error) {
	p, err := a.Employment.ListVacancies(ctx, employment.VacancyFilter{Request: page.Request{Limit: page.MaxLimit}})
	if err == nil && len(p.Items) == 0 {
		err = errors.New("no vacancies to look at")
	}
	var out []string
	for _, v := range p.Items {
		out = append(out, "/desk/cases/"+employment.FlowVacancy+"/"+v.CityCode+"/"+v.ID)
	}
	return out, err
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

// fillDesk opens the cases from one number to another.
func fillDesk(ctx context.Context, a *App, from, to int) error {
	counties := a.counties()
	for ; from < to; from += 5000 {
		list := make([]casework.Open, min(5000, to-from))
		for i := range list {
			list[i] = opening(counties, from+i)
		}
		if _, err := a.Cases.OpenMany(ctx, list); err != nil {
			return err
		}
	}
	return nil
}

// creating lets workers apply, each in a transaction of its own: a case with its
// history, the audit log, the figures, the news for the company and the jobs that
// carry it out.
func (b *bench) creating(ctx context.Context, a *App) error {
	fmt.Fprintf(b.log, "signing %d workers in\n", createMost)
	offers, err := a.offers(ctx)
	if err != nil {
		return err
	}
	workers := make([]access.Actor, createMost)
	err = a.DB.InTx(ctx, func(ctx context.Context) error {
		for i := range workers {
			w, err := a.Accounts.EnsureWorker(ctx, fmt.Sprintf("1770%07d", i), "王一", "370102")
			if err != nil {
				return err
			}
			workers[i] = access.Actor{AccountID: w.ID, Name: w.Name, Kind: access.KindWorker, Person: w.Person}
		}
		return nil
	})
	if err != nil {
		return err
	}
	var n atomic.Int64
	errs := make([]error, clients)
	began := b.clock.Now()
	var wg sync.WaitGroup
	for w := range clients {
		wg.Go(func() {
			for b.since(began) < createFor && errs[w] == nil {
				i := int(n.Add(1)) - 1
				if i >= len(workers) {
					n.Add(-1)
					return
				}
				_, errs[w] = a.Employment.Apply(access.Enter(ctx, workers[i]), employment.ApplyInput{Number: offers[i%len(offers)]})
			}
		})
	}
	wg.Wait()
	b.print("desk.create", float64(n.Load())/b.since(began).Seconds(), "cases/s")
	return errors.Join(errs...)
}

// offers are the numbers of vacancies that one can apply for here.
func (a *App) offers(ctx context.Context) ([]string, error) {
	var out []string
	req := page.Request{Limit: page.MaxLimit}
	for {
		p, err := a.Employment.ListVacancies(ctx, employment.VacancyFilter{State: "published", Request: req})
		if err != nil {
			return nil, err
		}
		for _, v := range p.Items {
			if v.OnOffer(clock.Today(a.Clock)) && !v.External() {
				out = append(out, v.Number)
			}
		}
		if req.After = p.Next; p.Next == "" || len(out) >= 100 {
			break
		}
	}
	if len(out) == 0 {
		return nil, errors.New("no vacancy to apply for")
	}
	return out, nil
}

// clientsAsk lets several people load pages as fast as they come.
func (b *bench) clientsAsk(ctx context.Context, base string, paths []string, session string) ([]time.Duration, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	defer client.CloseIdleConnections()
	all, errs := make([]time.Duration, deskRequests), make([]error, deskRequests)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < deskRequests; i = next.Add(1) - 1 {
				address := base + paths[int(i)%len(paths)]
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
