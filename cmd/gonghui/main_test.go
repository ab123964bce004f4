package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/kit/ident"
)

// asProgram makes the test binary be the program, so that a test can start it
// as a process of its own and kill it.
const asProgram = "GONGHUI_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// program is a command line to be run as a process.
func program(ctx context.Context, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, os.Args[0], args...)
	c.Env = append(os.Environ(), asProgram+"=1")
	return c
}

// gonghui runs a command line inside the test.
func gonghui(t *testing.T, in string, args ...string) (out, errOut string, code int) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(in), &o, &e)
	return o.String(), e.String(), code
}

// must runs a command line that has to succeed.
func must(t *testing.T, args ...string) string {
	t.Helper()
	out, errOut, code := gonghui(t, "", args...)
	require.Zero(t, code, "%v\n%s\n%s", args, out, errOut)
	return out
}

type place struct{ flags []string }

func (p place) args(words ...string) []string { return append(words, p.flags...) }

// each gives a new installation on either database.
func each(t *testing.T, test func(t *testing.T, p place)) {
	t.Helper()
	t.Run(db.SQLite, func(t *testing.T) { test(t, place{[]string{"--data", filepath.Join(t.TempDir(), "d")}}) })
	t.Run(db.Postgres, func(t *testing.T) {
		test(t, place{[]string{"--data", filepath.Join(t.TempDir(), "d"), "--database", dbtest.URL(t, db.Postgres)}})
	})
}

func TestCalc(t *testing.T) {
	for _, x := range []struct{ name, in, out string }{
		{"deadline", `{"from":"2020-09-30","days":5,"unit":"workday"}`, `{"due":"2020-10-14"}`},
		{"deadline", `{"from":"2020-03-17","days":20,"unit":"day","roll":true}`, `{"due":"2020-04-07"}`},
		{"vote", `{"of":90,"rule":"half_or_more"}`, `{"needed":45}`},
		{"vote", `{"of":90,"rule":"more_than_half"}`, `{"needed":46}`},
		{"vote", `{"of":90,"rule":"two_thirds"}`, `{"needed":60}`},
		{"pay", `{"text":"1万-2万·13薪"}`, `{"min_fen":1000000,"max_fen":2000000,"per":"month","months":13}`},
		{"pay", `{"text":"150/天"}`, `{"min_fen":15000,"max_fen":15000,"per":"day"}`},
		{"pay", `{"text":"面议"}`, `{"negotiable":true}`},
		{"ident", `{"kind":"resident_id","value":"11010519491231002X"}`, `{"valid":true}`},
		{"ident", `{"kind":"resident_id","value":"110105194912310021"}`, `{"valid":false,"reason":"checksum"}`},
		{"ident", `{"kind":"resident_id","value":"123"}`, `{"valid":false,"reason":"length"}`},
	} {
		out, errOut, code := gonghui(t, x.in+"\n", "calc", x.name)
		require.Zero(t, code, errOut)
		require.JSONEq(t, x.out, out, x.in)
	}
	out, _, code := gonghui(t, "no json\n"+`{"text":"面议"}`+"\n", "calc", "pay")
	require.Zero(t, code)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	require.Len(t, lines, 2, "one answer a line")
	require.Contains(t, lines[0], `"error"`)
	_, _, code = gonghui(t, "", "calc", "horoscope")
	require.NotZero(t, code)
}

func TestWrongCommands(t *testing.T) {
	for _, args := range [][]string{{"nonsense"}, {}, {"jobs"}, {"jobs", "import"}, {"jobs", "import", "/no/such/file.csv"}, {"dues", "import", os.Args[0]}, {"dues", "import", os.Args[0], "--unit", "370102", "--list", "uncle"}, {"dues", "import", os.Args[0], "--unit", "370102", "--list", "tax"},
		{"dues", "import", os.Args[0], "--unit", "370102", "--dry-run"}, {"serve", "--port", "1"}, {"restore", "/no/such/file"}, {"demo", "--size", "huge"}} {
		out, errOut, code := gonghui(t, "", args...)
		require.Equal(t, 2, code, "%v\n%s%s", args, out, errOut)
		require.NotEmpty(t, errOut, "%v", args)
	}
	out, _, code := gonghui(t, "", "--help")
	require.Zero(t, code)
	require.Contains(t, out, "doctor")
}

// writeFile writes n vacancies that are all different.
func writeFile(t *testing.T, n int) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "jobs.csv")
	f, err := os.Create(file)
	require.NoError(t, err)
	w := csv.NewWriter(f)
	require.NoError(t, w.Write([]string{"title", "company", "place", "pay"}))
	for i := range n {
		require.NoError(t, w.Write([]string{fmt.Sprintf("电焊工%d号线", i), fmt.Sprintf("济南钢花第%d机械有限公司", i/10), "济南市槐荫区", "6000-8000元/月"}))
	}
	w.Flush()
	require.NoError(t, errorsOf(w.Error(), f.Close()))
	return file
}

func errorsOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

type report struct{ Rows, Imported, Collapsed, Unchanged, Failed int }

func imported(t *testing.T, p place, file string, more ...string) report {
	t.Helper()
	out := must(t, append(p.args("jobs", "import", file, "--json"), more...)...)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	var r report
	require.NoError(t, json.Unmarshal([]byte(lines[len(lines)-1]), &r), out)
	require.Equal(t, r.Rows, r.Imported+r.Collapsed+r.Unchanged+r.Failed, "%+v", r)
	return r
}

func TestJobsImport(t *testing.T) {
	each(t, func(t *testing.T, p place) {
		file := filepath.Join(t.TempDir(), "jobs.csv")
		require.NoError(t, os.WriteFile(file, []byte("\ufeff职位,公司,薪资,地点\n电焊工,济南钢花机械有限公司,8千-1.5万,济南·槐荫\n"+
			"电 焊工,济南钢花机械有限公司,8k-15k,济南市槐荫区\n会计,青岛海风商贸有限公司,多多,青岛\n\"坏\x00格\",甲公司,面议,济南\n焊工😀,济南钢花机械有限公司,面议,济南\n"), 0o600))
		bad := filepath.Join(t.TempDir(), "bad.csv")
		dry := imported(t, p, file, "--dry-run")
		first := imported(t, p, file, "--errors", bad)
		require.Equal(t, dry, first)
		require.Positive(t, first.Imported)
		require.Positive(t, first.Failed)
		text, err := os.ReadFile(bad)
		require.NoError(t, err)
		require.Contains(t, string(text), "多多")
		again := imported(t, p, file)
		require.Zero(t, again.Imported, "taking a file in twice changes nothing")
		require.Equal(t, first.Failed, again.Failed)
		require.Contains(t, must(t, p.args("verify")...), "ok")
	})
}

// A list of companies, and then a file of what the tax office collected of them.
func TestDuesImport(t *testing.T) {
	each(t, func(t *testing.T, p place) {
		dir := t.TempDir()
		list, bad, tax := filepath.Join(dir, "list.csv"), filepath.Join(dir, "bad.csv"), filepath.Join(dir, "tax.csv")
		var rows, paid strings.Builder
		for i := range 20 {
			code, ok := ident.MakeCreditCode(fmt.Sprintf("91370102MA3C%05d", i))
			require.True(t, ok)
			fmt.Fprintf(&rows, "%s,历下第%d食品有限公司,C14,25,280\n", code, i)
			fmt.Fprintf(&paid, "%s,历下第%d食品有限公司,工会经费,2020-06,10000.00,200.00,V%d,2020-07-10\n", code, i, i)
		}
		require.NoError(t, os.WriteFile(list, []byte("信用代码,全称,行业,人数,营业收入\n"+rows.String()+"123,坏代码公司,C14,1,1\n"), 0o600))
		require.NoError(t, os.WriteFile(tax, []byte("信用代码,缴费人名称,征收品目,费款所属期,工资总额,实缴金额,电子税票号码,入库日期\n"+
			paid.String()+"合计,共20户,,,200000.00,4000.00,,\n"), 0o600))
		type counts struct {
			Rows, Taken, Unchanged, Failed, Companies, Unclassified, Lines, Repeated, Breaks int
			Again                                                                            bool
		}
		take := func(file string, more ...string) (c counts) {
			out := must(t, append(p.args("dues", "import", file, "--unit", "370102", "--json"), more...)...)
			require.NoError(t, json.Unmarshal([]byte(out), &c), out)
			return c
		}
		statistics := []string{"--list", "statistics", "--year", "2019", "--map", "name=全称"}
		want := counts{Rows: 21, Taken: 20, Failed: 1, Companies: 20}
		require.Equal(t, want, take(list, append(statistics, "--dry-run")...))
		require.Equal(t, want, take(list, append(statistics, "--errors", bad)...))
		text, err := os.ReadFile(bad)
		require.NoError(t, err)
		require.Contains(t, string(text), "坏代码公司")
		want.Again = true
		require.Equal(t, want, take(list, statistics...), "taking a list in twice changes nothing")
		require.Contains(t, must(t, p.args("dues", "import", list, "--unit", "370102", "-q", "--list", "market", "--year", "2019", "--map", "name=2")...), "21 rows: 20 taken")

		require.Equal(t, counts{Rows: 20, Lines: 20}, take(tax))
		_, errOut, code := gonghui(t, "", p.args("dues", "import", tax, "--unit", "370102", "-q")...)
		require.Equal(t, 1, code)
		require.Contains(t, errOut, "tax.csv", "it was taken in before")
		_, errOut, code = gonghui(t, "", p.args("dues", "import", tax, "--unit", "no such", "-q")...)
		require.Equal(t, 1, code)
		require.Contains(t, errOut, "370102")
		require.Contains(t, must(t, p.args("verify")...), "ok")
	})
}

// Power cuts: the import is killed at random moments and run again until it
// ends. Nothing is doubled; what was confirmed before a cut stays.
func TestKillNineDuringImport(t *testing.T) {
	each(t, func(t *testing.T, p place) {
		const rows = 12_000
		file := writeFile(t, rows)
		must(t, p.args("migrate")...)
		r := rand.New(rand.NewPCG(1, 2))
		before, cut := 0, 0
		for range 6 {
			cmd := program(t.Context(), p.args("jobs", "import", file, "--json")...)
			require.NoError(t, cmd.Start())
			kill := time.AfterFunc(time.Duration(100+r.IntN(900))*time.Millisecond, func() { _ = cmd.Process.Kill() })
			if err := cmd.Wait(); err != nil {
				cut++
			}
			kill.Stop()
			now := countVacancies(t, p)
			require.GreaterOrEqual(t, now, before, "what was there stays")
			before = now
		}
		require.Positive(t, cut, "with no cut in the middle nothing would be proved")
		last := imported(t, p, file)
		require.Equal(t, rows, last.Imported+last.Unchanged, "%+v", last)
		require.Equal(t, before, last.Unchanged, "what a cut left is known again")
		require.Equal(t, rows, countVacancies(t, p))
		must(t, p.args("verify")...)
	})
}

func countVacancies(t *testing.T, p place) int {
	t.Helper()
	url := filepath.Join(p.flags[1], "gonghui.db")
	if len(p.flags) > 2 {
		url = p.flags[3]
	}
	d, err := db.Open(t.Context(), db.Config{URL: url, MaxConns: 2})
	require.NoError(t, err)
	defer func() { require.NoError(t, d.Close()) }()
	n, err := d.Reader(t.Context()).NewSelect().Table("vacancies").Count(t.Context())
	require.NoError(t, err)
	return int(n)
}

func TestServeRefusesWithoutSecrets(t *testing.T) {
	each(t, func(t *testing.T, p place) {
		_, errOut, code := gonghui(t, "", p.args("serve", "--addr", "127.0.0.1:0")...)
		require.Equal(t, 1, code)
		require.Contains(t, errOut, "secrets")
		require.NoFileExists(t, filepath.Join(p.flags[1], "secrets.json"), "serving makes no keys")
	})
}

func TestMigrateTwiceAndDoctor(t *testing.T) {
	each(t, func(t *testing.T, p place) {
		_, _, code := gonghui(t, "", p.args("doctor")...)
		require.Equal(t, 1, code, "nothing is set up yet")
		first := must(t, p.args("migrate")...)
		keys, err := os.ReadFile(filepath.Join(p.flags[1], "secrets.json"))
		require.NoError(t, err)
		require.Equal(t, first, must(t, p.args("migrate")...))
		again, err := os.ReadFile(filepath.Join(p.flags[1], "secrets.json"))
		require.NoError(t, err)
		require.Equal(t, keys, again, "a second run makes no second keys")
		require.NotContains(t, must(t, p.args("doctor")...), "FAIL")
		require.NoError(t, os.Chmod(filepath.Join(p.flags[1], "secrets.json"), 0o644))
		out, _, code := gonghui(t, "", p.args("doctor")...)
		require.Equal(t, 1, code)
		require.Contains(t, out, "FAIL secrets")
	})
}

func TestUserCreate(t *testing.T) {
	each(t, func(t *testing.T, p place) {
		must(t, p.args("migrate")...)
		out := must(t, p.args("user", "create", "wangfang", "--name", "王芳", "--role", "county_clerk", "--unit", "370102")...)
		require.Regexp(t, regexp.MustCompile(`[a-z0-9]{4}(-[a-z0-9]{4}){3}`), out)
		out, errOut, code := gonghui(t, "Correct-Horse-9\n", p.args("user", "create", "lilei", "--name", "李雷", "--role", "city_clerk", "--unit", "3702", "--stdin")...)
		require.Zero(t, code, errOut)
		require.NotContains(t, out, "Correct-Horse")
		_, errOut, code = gonghui(t, "", p.args("user", "create", "lilei", "--name", "李雷", "--role", "city_clerk", "--unit", "3702")...)
		require.Equal(t, 1, code)
		require.NotEmpty(t, errOut)
	})
}

// A stop asked for by SIGTERM lets every request that was taken be answered.
func TestSigtermUnderLoad(t *testing.T) {
	each(t, func(t *testing.T, p place) {
		imported(t, p, writeFile(t, 200))
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		addr := ln.Addr().String()
		require.NoError(t, ln.Close())
		cmd := program(t.Context(), p.args("serve", "--addr", addr)...)
		var log bytes.Buffer
		cmd.Stderr = &log
		require.NoError(t, cmd.Start())
		ready := func() bool {
			r, err := http.Get("http://" + addr + "/readyz")
			if err != nil {
				return false
			}
			defer func() { _ = r.Body.Close() }()
			return r.StatusCode == http.StatusOK
		}
		require.Eventually(t, ready, time.Minute, 20*time.Millisecond, "the program never became ready")

		var wg sync.WaitGroup
		var mu sync.Mutex
		answered, broken := 0, 0
		begun := make(chan struct{})
		var once sync.Once
		for range 4 {
			wg.Go(func() {
				for {
					r, err := http.Get("http://" + addr + "/jobs")
					if err != nil {
						return // the door is closed
					}
					_, err = io.Copy(io.Discard, r.Body)
					_ = r.Body.Close()
					mu.Lock()
					answered++
					if err != nil || r.StatusCode != http.StatusOK {
						broken++
					}
					if answered == 20 {
						once.Do(func() { close(begun) })
					}
					mu.Unlock()
				}
			})
		}
		<-begun
		require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
		require.NoError(t, cmd.Wait(), log.String())
		wg.Wait()
		require.Zero(t, broken, "of %d answers", answered)
		require.NotContains(t, must(t, p.args("doctor")...), "FAIL")
	})
}

func TestBackupAndRestoreByCommand(t *testing.T) {
	from, to := place{[]string{"--data", filepath.Join(t.TempDir(), "a")}}, place{[]string{"--data", filepath.Join(t.TempDir(), "b")}}
	imported(t, from, writeFile(t, 300))
	file := filepath.Join(t.TempDir(), "b.zip")
	must(t, from.args("backup", file)...)
	_, errOut, code := gonghui(t, "", to.args("restore", file)...)
	require.Equal(t, 1, code)
	require.Contains(t, errOut, "secrets.json")
	keys, err := os.ReadFile(filepath.Join(from.flags[1], "secrets.json"))
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(to.flags[1], 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(to.flags[1], "secrets.json"), keys, 0o600))
	must(t, to.args("restore", file)...)
	must(t, to.args("verify")...)
	require.Equal(t, 300, countVacancies(t, to))
	_, _, code = gonghui(t, "", from.args("backup", file)...)
	require.Equal(t, 1, code, "a backup never overwrites")
}
