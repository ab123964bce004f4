package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"gonghui/internal/base/db"
	"gonghui/internal/demo"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

// DemoOptions say what `gonghui demo` makes up.
type DemoOptions struct {
	Size  string // small or city
	Seed  uint64
	Fresh bool // throw an earlier demonstration away first
}

// demoMark is the file that marks a data folder as a demonstration's. Only what
// carries it is ever deleted.
const demoMark = "DEMO-DATA.txt"

const demoMarkText = "gonghui demo: made-up data. `gonghui demo --fresh` deletes it.\n"

// Demo makes a believable province up, once, and serves it until ctx ends.
// Faults: conflict demo.address_taken, demo.folder_in_use, demo.fresh_refused,
// and those of demo.Build.
func Demo(ctx context.Context, c Config, o DemoOptions, out, log io.Writer) error {
	// Said before a minute is spent on building.
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Addr)
	if err != nil {
		return fault.New(fault.Conflict, "demo.address_taken", fault.With("Addr", c.Addr), fault.Because(err))
	}
	if err := ln.Close(); err != nil {
		return err
	}
	summary, err := BuildDemo(ctx, c, o, log)
	if err != nil {
		return err
	}
	a, err := Open(ctx, c, Options{Log: io.Discard})
	if err != nil {
		return err
	}
	return a.serve(ctx, true, out, func(base string) { a.welcome(out, base, summary) })
}

// BuildDemo makes the demonstration where there is none yet, and serves nothing.
func BuildDemo(ctx context.Context, c Config, o DemoOptions, log io.Writer) (sum demo.Summary, err error) {
	if o.Fresh {
		if err := clearDemo(ctx, c); err != nil {
			return sum, err
		}
	}
	if err := claimDemo(c.DataDir); err != nil {
		return sum, err
	}
	// The story begins two months ago and is told under a clock of its own.
	present := clock.NewFake(clock.System().Now())
	a, err := Open(ctx, c, Options{Clock: present, Create: true})
	if err != nil {
		return sum, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if sum, ok, err := demo.Built(ctx, a.DB); ok || err != nil {
		return sum, err
	}
	// The bar is made when the amount of work is known: one without an end turns by itself, in a goroutine of its own.
	var bar *progressbar.ProgressBar
	defer func() {
		if bar != nil {
			_ = bar.Finish() // a bar that fails stops nothing
		}
	}()
	return demo.Build(ctx, demo.Deps{
		DB: a.DB, Clock: present, Org: a.Org, People: a.People, Companies: a.Companies, Accounts: a.Accounts,
		Cases: a.Cases, Figures: a.Figures, Rules: a.Rules, Employment: a.Employment, Dues: a.Dues,
	}, demo.Options{Size: demo.Size(o.Size), Seed: o.Seed, Progress: func(done, total int, _ string) {
		if bar == nil {
			bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(log), progressbar.OptionSetDescription(both("demo.building")),
				progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(30), progressbar.OptionThrottle(100*time.Millisecond))
		}
		if bar.GetMax() != total {
			bar.ChangeMax(total)
		}
		_ = bar.Set(done)
	}})
}

// claimDemo marks a new folder, and refuses one that holds something else.
func claimDemo(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	marked, others, err := lookInto(dir)
	switch {
	case err != nil || marked:
		return err
	case len(others) > 0 && !slices.Equal(others, []string{"gonghui.toml"}):
		return fault.New(fault.Conflict, "demo.folder_in_use", fault.With("Dir", dir))
	}
	return os.WriteFile(filepath.Join(dir, demoMark), []byte(demoMarkText), 0o600)
}

// lookInto tells whether a folder is a demonstration's, and what else is in it.
func lookInto(dir string) (marked bool, others []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false, nil, fmt.Errorf("data folder: %w", err)
	}
	for _, e := range entries {
		if e.Name() != demoMark {
			others = append(others, e.Name())
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, demoMark))
		if err != nil {
			return false, nil, fmt.Errorf("data folder: %w", err)
		}
		marked = string(text) == demoMarkText
	}
	return marked, others, nil
}

// clearDemo deletes an earlier demonstration: in a folder that carries the mark,
// and there only what the program itself has made.
func clearDemo(ctx context.Context, c Config) error {
	if _, err := os.Stat(c.DataDir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	marked, others, err := lookInto(c.DataDir)
	if err != nil || len(others) == 0 {
		return err
	}
	if !marked {
		return fault.New(fault.Conflict, "demo.fresh_refused", fault.With("Dir", c.DataDir))
	}
	if c.Postgres() {
		if err := clearDemoDatabase(ctx, c); err != nil {
			return err
		}
	}
	for _, name := range others {
		if name == "secrets.json" || name == "blobs" || name == "outbox" || strings.HasPrefix(name, "gonghui.db") {
			if err := os.RemoveAll(filepath.Join(c.DataDir, name)); err != nil {
				return fmt.Errorf("data folder: %w", err)
			}
		}
	}
	return nil
}

// clearDemoDatabase empties a PostgreSQL database that carries the row of a
// demonstration, finished or cut off, and no other.
func clearDemoDatabase(ctx context.Context, c Config) (err error) {
	d, err := db.Open(ctx, db.Config{URL: c.Database, MaxConns: 2})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	have, _, err := d.Version(ctx)
	if err != nil || have == 0 {
		return err
	}
	if _, built, err := demo.Built(ctx, d); !built && !fault.HasCode(err, "demo.half_built") {
		if err != nil {
			return err
		}
		return fault.New(fault.Conflict, "demo.fresh_refused", fault.With("Dir", redact(c.Database)))
	}
	names := make([]string, 0, len(db.Tables)+1)
	for name := range db.Tables {
		names = append(names, name)
	}
	slices.Sort(names)
	_, err = d.Writer(ctx).ExecContext(ctx, "TRUNCATE "+strings.Join(append(names, "river_job"), ", "))
	return db.Fault(err)
}

// welcome says where everything is and who may come in.
func (a *App) welcome(out io.Writer, base string, s demo.Summary) {
	fmt.Fprintln(out)
	tell(out, "demo.made_up")
	tell(out, "demo.counts", "People", s.People, "Companies", s.Companies, "Vacancies", s.Vacancies, "Applications", s.Applications)
	fmt.Fprintln(out)
	for _, f := range []struct{ path, key string }{
		{"/", "demo.face_phone"}, {"/company", "demo.face_company"}, {"/desk", "demo.face_desk"}, {"/cockpit", "demo.face_cockpit"}, {"/partner", "demo.face_partner"},
		{"/api/v1/openapi.json", "demo.face_api"},
	} {
		fmt.Fprintf(out, "  %-46s %s\n", base+f.path, both(f.key))
	}
	fmt.Fprintln(out)
	for _, l := range s.Logins {
		who := l.Phone
		if l.User != "" {
			who = l.User + "  " + l.Password
		}
		fmt.Fprintf(out, "  %-26s %s: %s\n", who, both("demo.role_"+l.Role), l.Note)
	}
	fmt.Fprintln(out)
	tell(out, "demo.outbox", "File", a.outbox.Path())
	tell(out, "demo.stop")
}
