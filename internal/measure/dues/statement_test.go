package dues_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/core/exchange"
	"gonghui/internal/core/org/orgtest"
	"gonghui/internal/kit/fault"
	"gonghui/internal/measure/dues"
	"gonghui/internal/simulator/taxoffice"
)

func TestStatement(t *testing.T) {
	read := func(text string) (entries []dues.BankEntry, wrong []string) {
		table, err := exchange.OpenReader(strings.NewReader(text), int64(len(text)), "bank.csv", exchange.DefaultLimits())
		require.NoError(t, err)
		defer func() { require.NoError(t, table.Close()) }()
		x, err := dues.OpenStatement(table, nil)
		require.NoError(t, err)
		for {
			e, _, problems, err := x.Next()
			if errors.Is(err, io.EOF) {
				return entries, wrong
			}
			require.NoError(t, err)
			if len(problems) == 0 {
				entries = append(entries, e)
			}
			for _, p := range problems {
				wrong = append(wrong, p.Column+": "+p.EN)
			}
		}
	}
	entries, wrong := read("交易流水号,交易日期,贷方金额,摘要\r\n" +
		"s1,2020-06-16,\"1,234.50\",代收工会经费 税票337200600000001234\r\n" +
		"s2,20200617,¥10,３３７２００６０００００００１２３５\r\n" +
		"s3,2020年06月18日,8.00,工会经费" + taxoffice.CreditCode("91370102MA3000000") + " 337200600000001236/337200600000001236\r\n")
	require.Empty(t, wrong)
	require.Equal(t, []string{"337200600000001234", "337200600000001235", "337200600000001236"}, []string{entries[0].Voucher, entries[1].Voucher, entries[2].Voucher})
	require.EqualValues(t, 123450, entries[0].Amount)
	require.Equal(t, "2020-06-18", entries[2].On.String())

	entries, wrong = read("流水号,日期,金额,税票号\r\n" +
		",2020-06-16,1,337200600000001234\r\n" + // no number of the bank
		"s2,2020-06-16,-1,337200600000001234\r\n" + // outgoing
		"s3,2020-06-36,1,337200600000001234\r\n" +
		"s4,2020-06-16,一元,337200600000001234\r\n" +
		"s5,2020-06-16,1,\r\n" +
		"s6,2020-06-16,1,337200600000001234#1\r\n" +
		"s7,2020-06-16,1,V-1\r\n")
	require.Len(t, wrong, 6)
	require.Equal(t, "V-1", entries[0].Voucher, "what stands in its own column is taken as it is")

	_, wrong = read("流水号,日期,金额,摘要\r\ns1,2020-06-16,1,337200600000001234 337200600000001235\r\n")
	require.Len(t, wrong, 1, "with two numbers nobody can know")

	for _, text := range []string{"流水号,日期,金额\r\ns1,2020-06-16,1\r\n", "日期,金额,摘要\r\n2020-06-16,1,x\r\n"} {
		table, err := exchange.OpenReader(strings.NewReader(text), int64(len(text)), "bank.csv", exchange.DefaultLimits())
		require.NoError(t, err)
		_, err = dues.OpenStatement(table, nil)
		require.True(t, fault.HasCode(err, "exchange.missing_column"), "%v", err)
		require.NoError(t, table.Close())
	}
}

// A statement as a file does what its entries do: good rows count, bad rows are
// told, the same statement again changes nothing.
func TestReceiptsFromAFile(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		m := taxoffice.New("历下税务所", 20_000, 1).Month("2020-06", b.register("370102", 40), 9)
		clerk := b.clerk("clerk", "370102")
		f, err := b.take(clerk, "370102", m.CSV)
		require.NoError(t, err)
		text := m.Statement() + "S,2020-06-31,1.00,x\r\n"
		take := func(errs io.Writer) dues.ReceiptsReport {
			r, err := b.TakeReceipts(clerk, f.CityCode, f.ID, strings.NewReader(text), int64(len(text)), dues.FileOptions{Name: "bank.csv", Errors: errs})
			require.NoError(t, err)
			return r
		}
		var errs bytes.Buffer
		n := int64(len(m.Receipts))
		require.Equal(t, dues.ReceiptsReport{Rows: n + 1, Entered: n, Failed: 1}, take(&errs))
		require.Equal(t, 2, strings.Count(errs.String(), "\n"), errs.String())
		before := b.open(clerk, f.ID)
		require.Equal(t, dues.ReceiptsReport{Rows: n + 1, Known: n, Failed: 1}, take(nil))
		require.Equal(t, before, b.open(clerk, f.ID))

		text = "not a statement"
		_, err = b.TakeReceipts(clerk, f.CityCode, f.ID, strings.NewReader(text), int64(len(text)), dues.FileOptions{Name: "bank.csv"})
		require.True(t, fault.IsKind(err, fault.Invalid), "%v", err)
		_, err = b.TakeReceipts(b.officer("officer", "370102"), f.CityCode, f.ID, strings.NewReader(text), int64(len(text)), dues.FileOptions{Name: "bank.csv"})
		require.True(t, fault.HasCode(err, "access.denied"), "%v", err)
	})
}
