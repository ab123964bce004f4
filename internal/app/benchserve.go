package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"gonghui/internal/demo"
)

// serve measures a server of its own: this program again, on a small demonstration.
func (b *bench) serve(ctx context.Context) (err error) {
	c, err := b.config("demo", "")
	if err != nil {
		return err
	}
	fmt.Fprintln(b.log, "building a small demonstration")
	began := b.clock.Now()
	if _, err := BuildDemo(ctx, c, DemoOptions{Size: string(demo.Small), Seed: 1}, io.Discard); err != nil {
		return err
	}
	b.print("serve.demo_small", b.since(began).Seconds(), "s")
	s, err := b.start(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	for _, part := range []struct {
		names []string
		run   func() error
	}{
		{[]string{"view"}, func() error { return b.views(ctx, s) }},
		{[]string{"http"}, func() error { return b.rates(ctx, s) }},
		{[]string{"desk", "view.desk"}, func() error { return b.desk(ctx, c, s) }},
	} {
		if !b.wants(part.names...) {
			continue
		}
		if err := part.run(); err != nil {
			return err
		}
	}
	return nil
}

// server is a child process that serves.
type server struct {
	cmd  *exec.Cmd
	base string
}

func (b *bench) start(ctx context.Context, c Config) (*server, error) {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := ln.Addr().String()
	if err := ln.Close(); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s := &server{cmd: exec.CommandContext(ctx, self, "serve", "--data", c.DataDir, "--addr", addr), base: "http://" + addr}
	began := b.clock.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	if err := s.ready(ctx, 30*time.Second); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	b.print("serve.cold_start", b.since(began).Seconds(), "s")
	if err := pause(ctx, 5*time.Second); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	if kb, ok := residentKB(s.cmd.Process.Pid); ok {
		b.print("serve.rss", float64(kb)/1024, "MB")
	}
	return s, nil
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// ready waits until the server says that it is.
func (s *server) ready(ctx context.Context, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		if r, err := get(ctx, http.DefaultClient, s.base+"/readyz", ""); err == nil && r.status == http.StatusOK {
			return nil
		}
		if err := pause(ctx, 5*time.Millisecond); err != nil {
			return fmt.Errorf("the server does not come up: %w", err)
		}
	}
}

func (s *server) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return s.cmd.Wait()
}

// residentKB reads what Linux says a process holds in memory.
func residentKB(pid int) (int64, bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}

type answer struct {
	status int
	body   string
}

func get(ctx context.Context, client *http.Client, address, session string) (answer, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return answer{}, err
	}
	if session != "" {
		r.AddCookie(&http.Cookie{Name: "gonghui", Value: session})
	}
	res, err := client.Do(r)
	if err != nil {
		return answer{}, err
	}
	body, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, string(body)}, errors.Join(err, res.Body.Close())
}

var (
	jobAddress   = regexp.MustCompile(`href="(/jobs/V[0-9]+)"`)
	assetAddress = regexp.MustCompile(`<(?:link[^>]+rel="(?:stylesheet|preload|icon)"[^>]*href|script[^>]+src|img[^>]+src|link[^>]+href)="(/[^"]+)"`)
)

// views measures what a fresh browser loads for a page: its bytes on the wire,
// headers included, and its requests.
func (b *bench) views(ctx context.Context, s *server) error {
	list, err := get(ctx, http.DefaultClient, s.base+"/jobs", "")
	if err != nil {
		return err
	}
	job := jobAddress.FindStringSubmatch(list.body)
	if job == nil {
		return errors.New("the list shows no job")
	}
	for _, v := range [][2]string{{"home", "/"}, {"jobs", "/jobs"}, {"job", job[1]}} {
		if err := b.view(ctx, s, "view."+v[0], v[1], ""); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) view(ctx context.Context, s *server, name, path, session string) error {
	var wire atomic.Int64
	client := countingClient(&wire)
	defer client.CloseIdleConnections()
	page, err := get(ctx, client, s.base+path, session)
	if err != nil || page.status != http.StatusOK {
		return errors.Join(err, fmt.Errorf("%s answers %d", path, page.status))
	}
	requests := 1
	seen := map[string]bool{}
	for _, m := range assetAddress.FindAllStringSubmatch(page.body, -1) {
		if seen[m[1]] {
			continue
		}
		seen[m[1]] = true
		if _, err := get(ctx, client, s.base+m[1], session); err != nil {
			return err
		}
		requests++
	}
	b.print(name+".wire", float64(wire.Load())/1024, "KB")
	b.print(name+".requests", float64(requests), "requests")
	return nil
}

// countingClient counts the bytes it reads from the wire.
func countingClient(wire *atomic.Int64) *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		return counted{c, wire}, err
	}}}
}

type counted struct {
	net.Conn
	n *atomic.Int64
}

func (c counted) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// The fixed load of rates.
const (
	perSecond = 200
	loadFor   = 10 * time.Second
)

// rates asks at a fixed rate, whether or not answers keep up: a slow answer
// counts from the moment it was due, so that a stall is seen in full.
func (b *bench) rates(ctx context.Context, s *server) error {
	list := []string{"/jobs", "/jobs?q=焊工", "/jobs?q=会计&place=3701", "/jobs?pay=5k-8k&sort=date", "/jobs?place=370102&sort=pay", "/jobs?q=服务员&education=college"}
	var jobs []string
	for _, path := range list[:2] {
		a, err := get(ctx, http.DefaultClient, s.base+path, "")
		if err != nil {
			return err
		}
		for _, m := range jobAddress.FindAllStringSubmatch(a.body, -1) {
			jobs = append(jobs, m[1])
		}
	}
	for _, x := range []struct {
		name  string
		paths []string
	}{{"http.jobs", list[:5]}, {"http.job", jobs}} {
		fmt.Fprintf(b.log, "%s at %d/s for %v\n", x.name, perSecond, loadFor)
		all, failed, err := b.load(ctx, s, x.paths)
		if err != nil {
			return err
		}
		if failed > 0 {
			fmt.Fprintf(b.log, "%s: %d of %d had no good answer within %v: this machine is too slow or too busy for the load\n", x.name, failed, len(all), answerWithin)
		}
		b.print(x.name+".failed", float64(failed), "requests")
		b.print(x.name+".p50", quantile(all, 0.50), "ms")
		b.print(x.name+".p99", quantile(all, 0.99), "ms")
	}
	return nil
}

// answerWithin is when load gives an answer up.
const answerWithin = 10 * time.Second

// load gives the time each request took, and how many had no good answer.
func (b *bench) load(ctx context.Context, s *server, paths []string) (all []time.Duration, failed int64, err error) {
	if len(paths) == 0 {
		return nil, 0, errors.New("no pages to load")
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: answerWithin}
	defer client.CloseIdleConnections()
	all = make([]time.Duration, int(loadFor.Seconds())*perSecond)
	var bad atomic.Int64
	var wg sync.WaitGroup
	began := b.clock.Now()
	for i := range all {
		due := began.Add(time.Duration(i) * time.Second / perSecond)
		if err := pause(ctx, max(0, due.Sub(b.clock.Now()))); err != nil {
			return nil, 0, err
		}
		wg.Go(func() {
			a, err := get(ctx, client, s.base+paths[i%len(paths)], "")
			all[i] = b.since(due)
			if err != nil || a.status != http.StatusOK {
				bad.Add(1)
			}
		})
	}
	wg.Wait()
	return all, bad.Load(), nil
}

// clients is how many people use the desk at once in desk.
const clients = 8
