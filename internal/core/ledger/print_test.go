package ledger_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"gonghui/internal/core/access"
	"gonghui/internal/core/ledger"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/money"
)

// tool finds a program that reads our files, or leaves the test out loudly.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("LEFT OUT: no %s on this machine (scripts/install-test-parts gets it)", name)
	}
	return path
}

// filled has a few months of books, the amounts of example E3-3 among them.
func filled(b *bench) ledger.StatementRequest {
	b.clock.Set(time.Date(2020, 6, 30, 4, 0, 0, 0, time.UTC))
	b.post(b.entry("before", b.bank, b.income, 100_000))
	for i, payroll := range []int64{80_000, 82_000, 82_000, 85_000, 85_000, 90_000} {
		b.clock.Set(time.Date(2020, 7, 1+i, 4, 0, 0, 0, time.UTC))
		e := b.entry(fmt.Sprint("dues ", i), b.bank, b.income, payroll*2)
		e.Memo = ledger.Memo{Key: "ledger.memo.reversal", Params: map[string]string{"Seq": fmt.Sprint(i), "Reason": "拨缴；经费\u3000refund"}}
		b.post(e)
	}
	b.post(b.entry("refund", b.payable, b.bank, 403_200))
	return ledger.StatementRequest{City: "3701", Account: b.bank.ID, From: clock.MakeDay(2020, 7, 1), To: clock.MakeDay(2020, 7, 31)}
}

func TestStatementPDF(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		q := filled(b)
		var pdf bytes.Buffer
		require.NoError(t, b.StatementPDF(b.house, q, &pdf))
		file := filepath.Join(t.TempDir(), "s.pdf")
		require.NoError(t, os.WriteFile(file, pdf.Bytes(), 0o600))
		out, err := exec.CommandContext(t.Context(), tool(t, "pdftotext"), "-layout", file, "-").CombinedOutput()
		require.NoError(t, err)
		text := strings.ReplaceAll(string(out), " ", "")
		head, err := b.Head(b.house, "3701", 0)
		require.NoError(t, err)
		hash := hex.EncodeToString(head.Hash)
		for _, want := range []string{"账户对账单", b.unit.Name, "期初余额1,000.00", "1,600.00", "4,032.00", "期末余额7,048.00", "拨缴", "第1页", hash[:20], hash[44:]} {
			require.Contains(t, text, want)
		}
		var en bytes.Buffer
		q.KnownOn = clock.MakeDay(2020, 7, 2)
		require.NoError(t, b.StatementPDF(i18n.With(b.house, i18n.EN), q, &en))
		q.To = q.From.Add(-1)
		code(t, b.StatementPDF(b.house, q, &en), "ledger.day")
	})
}

func TestStatementXLSX(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		q := filled(b)
		var x bytes.Buffer
		require.NoError(t, b.StatementXLSX(b.house, q, &x))
		f, err := excelize.OpenReader(bytes.NewReader(x.Bytes()))
		require.NoError(t, err)
		rows, err := f.GetRows("账户对账单")
		require.NoError(t, err)
		var flat []string
		for _, r := range rows {
			flat = append(flat, strings.Join(r, "|"))
		}
		text := strings.Join(flat, "\n")
		for _, want := range []string{"2020-07-01||期初余额|||1,000.00", "|1,600.00||2,600.00", "||本期合计|10,080.00|4,032.00", "2020-07-31||期末余额|||7,048.00"} {
			require.Contains(t, text, want)
		}
		require.NoError(t, f.Close())

		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, "s.xlsx"), x.Bytes(), 0o600))
		cmd := exec.CommandContext(t.Context(), tool(t, "soffice"), "-env:UserInstallation=file://"+dir+"/profile", "--headless", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76", "--outdir", dir, filepath.Join(dir, "s.xlsx"))
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		csv, err := os.ReadFile(filepath.Join(dir, "s.csv"))
		require.NoError(t, err, string(out))
		require.Contains(t, string(csv), "期末余额")
		require.Contains(t, string(csv), `"7,048.00"`)
	})
}

// hledger reads the export strictly, and its totals are our balances; also of
// a part that begins with an opening voucher.
func TestHledgerReadsTheExport(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		filled(b)
		tricky := b.open("suspense", "p; 1:2  x")
		twin := b.open("suspense", "p, 1_2 x")
		b.post(b.entry("tricky", b.bank, tricky, 12_345_678_901_234_567))
		b.post(b.entry("twin", b.bank, twin, 1))
		other, _ := b.org.ByDivision("370202")
		theirs := b.openAt(other, "bank", "")
		b.post(b.entry("other city", theirs, b.openAt(other, "dues_income", ""), 7))
		_, err := b.Transfer(b.house, ledger.Transfer{Key: "t", BookedOn: clock.Today(b.clock), FromCity: "3702", ToCity: "3701",
			From: ledger.Line{Account: theirs.ID, Fen: 5, Side: ledger.Credit}, To: ledger.Line{Account: b.bank.ID, Fen: 5, Side: ledger.Debit}})
		require.NoError(t, err)
		require.NoError(t, b.queue.RunDue(b.house))

		require.True(t, fault.IsKind(b.ExportHledger(clerk(t.Context(), "a", b.unit, access.LedgerRead), ledger.Export{}, &bytes.Buffer{}), fault.Forbidden))
		hledger := tool(t, "hledger")
		run := func(file string, args ...string) string {
			cmd := exec.CommandContext(t.Context(), hledger, append(args, "-f", file)...)
			cmd.Env = append(os.Environ(), "LANG=C.UTF-8", "LC_ALL=C.UTF-8")
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, string(out))
			return string(out)
		}
		for _, x := range []ledger.Export{{}, {City: "3701"}, {From: clock.MakeDay(2020, 7, 4)}} {
			var journal bytes.Buffer
			require.NoError(t, b.ExportHledger(b.house, x, &journal))
			file := filepath.Join(t.TempDir(), "j.journal")
			require.NoError(t, os.WriteFile(file, journal.Bytes(), 0o600))
			run(file, "check", "--strict")
			list, err := b.Accounts(b.house, ledger.AccountFilter{City: x.City}, reqAll)
			require.NoError(t, err)
			want := map[string]int{}
			for _, h := range list.Items {
				if n := h.Debit - h.Credit; n != 0 {
					want[n.Plain()]++
				}
			}
			got := map[string]int{}
			for line := range strings.SplitSeq(strings.TrimSpace(run(file, "balance", "--flat", "--no-total", "-O", "csv")), "\n") {
				if strings.HasPrefix(line, `"account"`) {
					continue
				}
				cells := strings.Split(strings.Trim(line, `"`), `","`)
				require.Len(t, cells, 2, line)
				fen, err := money.Parse(strings.TrimSuffix(cells[1], " CNY"))
				require.NoError(t, err, line)
				got[fen.Plain()]++
			}
			require.Equal(t, want, got)
		}
	})
}
