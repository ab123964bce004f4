package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gonghui/internal/base/db"
	"gonghui/internal/core/search/searchbench"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/place"
)

// BenchOptions choose what `gonghui bench` measures.
type BenchOptions struct {
	Only     string // only figures whose name begins so
	MaxDocs  int    // largest search; 0 = one million
	Postgres string // a server where databases may be made and dropped; "" = none
}

// bench measures the product on data of its own in a temporary folder. Load goes
// to 127.0.0.1 only.
type bench struct {
	BenchOptions
	out, log io.Writer
	dir      string
	clock    clock.Clock
}

// Bench prints one figure a line: name, value, unit. It says on log what it does.
func Bench(ctx context.Context, o BenchOptions, out, log io.Writer) (err error) {
	if o.MaxDocs == 0 {
		o.MaxDocs = 1_000_000
	}
	b := &bench{BenchOptions: o, out: out, log: log, clock: clock.System()}
	if b.dir, err = os.MkdirTemp("", "gonghui-bench"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	for _, part := range []struct {
		names []string // how its figures begin
		run   func(context.Context) error
	}{{[]string{"serve", "view", "http", "desk"}, b.serve}, {[]string{"import"}, b.imports}, {[]string{"search"}, b.search}, {[]string{"ledger"}, b.ledger}, {[]string{"dues"}, b.dues}} {
		if !b.wants(part.names...) {
			continue
		}
		if err := part.run(ctx); err != nil {
			return fmt.Errorf("measure %s: %w", part.names[0], err)
		}
	}
	return nil
}

// wants tells whether a figure that begins with one of the names was asked for.
func (b *bench) wants(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		return strings.HasPrefix(name, b.Only) || strings.HasPrefix(b.Only, name)
	})
}

func (b *bench) print(name string, value float64, unit string) {
	if strings.HasPrefix(name, b.Only) {
		fmt.Fprintf(b.out, "%s %.4g %s\n", name, value, unit)
	}
}

func (b *bench) since(t time.Time) time.Duration { return b.clock.Now().Sub(t) }

// lineFilter passes on the lines that were asked for.
type lineFilter struct {
	w      io.Writer
	prefix string
	rest   []byte
}

func (f *lineFilter) Write(p []byte) (int, error) {
	f.rest = append(f.rest, p...)
	for {
		i := slices.Index(f.rest, '\n')
		if i < 0 {
			return len(p), nil
		}
		if line := f.rest[:i+1]; strings.HasPrefix(string(line), f.prefix) {
			if _, err := f.w.Write(line); err != nil {
				return 0, err
			}
		}
		f.rest = f.rest[i+1:]
	}
}

func (b *bench) search(ctx context.Context) error {
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		if n > b.MaxDocs {
			break
		}
		fmt.Fprintf(b.log, "search over %d\n", n)
		dsn, drop, err := b.scratch(ctx)
		if err != nil {
			return err
		}
		err = searchbench.Run(ctx, &lineFilter{w: b.out, prefix: b.Only}, searchbench.Options{Docs: n, PostgresDSN: dsn})
		if err = errors.Join(err, drop()); err != nil {
			return err
		}
	}
	return nil
}

// scratch makes an empty PostgreSQL database; "" where there is no server.
func (b *bench) scratch(ctx context.Context) (dsn string, drop func() error, err error) {
	none := func() error { return nil }
	if b.Postgres == "" {
		return "", none, nil
	}
	u, err := url.Parse(b.Postgres)
	if err != nil {
		return "", none, err
	}
	name := "gonghui_bench_" + id.Token(8)
	do := func(ctx context.Context, statement string) error {
		d, err := db.Open(ctx, db.Config{URL: b.Postgres, MaxConns: 1})
		if err != nil {
			return err
		}
		_, err = d.Pool().ExecContext(ctx, statement)
		return errors.Join(err, d.Close())
	}
	if err := do(ctx, "CREATE DATABASE "+name); err != nil {
		return "", none, err
	}
	u.Path = "/" + name
	return u.String(), func() error {
		return do(context.WithoutCancel(ctx), "DROP DATABASE "+name+" WITH (FORCE)")
	}, nil
}

func (b *bench) imports(ctx context.Context) error {
	for _, n := range []int{5_000, 50_000, 200_000} {
		file := filepath.Join(b.dir, fmt.Sprintf("jobs-%d.csv", n))
		if err := writeJobs(file, n); err != nil {
			return err
		}
		if err := b.importInto(ctx, file, n, db.SQLite, ""); err != nil {
			return err
		}
		dsn, drop, err := b.scratch(ctx)
		if err != nil {
			return err
		}
		if dsn != "" {
			err = b.importInto(ctx, file, n, db.Postgres, dsn)
		}
		if err = errors.Join(err, drop()); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) importInto(ctx context.Context, file string, n int, dialect, dsn string) error {
	fmt.Fprintf(b.log, "import of %d rows into %s\n", n, dialect)
	c, err := b.config(fmt.Sprintf("import-%s-%d", dialect, n), dsn)
	if err != nil {
		return err
	}
	if err := Migrate(ctx, c, io.Discard); err != nil {
		return err
	}
	began := b.clock.Now()
	r, err := ImportJobs(ctx, c, JobsImport{File: file, Quiet: true}, io.Discard)
	if err != nil {
		return err
	}
	if r.Imported != int64(n) {
		return fmt.Errorf("%d rows gave %+v", n, r)
	}
	b.print(fmt.Sprintf("import.%s.%d", dialect, n), float64(n)/b.since(began).Seconds(), "rows/s")
	return os.RemoveAll(c.DataDir)
}

func (b *bench) config(name, database string) (Config, error) {
	return LoadConfig(filepath.Join(b.dir, name), func(v string) string {
		if v == EnvPrefix+"DATABASE" {
			return database
		}
		return ""
	})
}

// writeJobs writes a file of n vacancies that are all different.
func writeJobs(file string, n int) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	trades := []string{"电焊工", "数控车床操作工", "会计", "服务员", "仓库管理员", "外卖配送员", "缝纫工", "机修钳工", "护理员", "客服专员"}
	pays := []string{"6000-8000元/月", "8千-1.5万", "1万-2万·13薪", "150/天", "25元/时", "面议"}
	var counties []place.Place
	for _, city := range place.Children(place.Shandong) {
		counties = append(counties, place.Children(city.Code)...)
	}
	fmt.Fprintln(w, "职位,公司,薪资,地点,学历,经验,标签,职位描述")
	for i := range n {
		at := counties[i/20*7%len(counties)]
		fmt.Fprintf(w, "%s%d号岗,%s第%d机械有限公司,%s,%s,%s,%s,五险一金|包吃住,负责日常生产和设备保养，第%d批\n",
			trades[i%len(trades)], i, at.Name, i/20, pays[i%len(pays)], at.Code, []string{"大专", "不限", "本科"}[i%3], []string{"1-3年", "不限"}[i%2], i)
	}
	return errors.Join(w.Flush(), f.Close())
}

// quantile gives the q-th of the sorted times, in milliseconds.
func quantile(all []time.Duration, q float64) float64 {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return float64(all[min(len(all)-1, int(q*float64(len(all))))].Microseconds()) / 1000
}
