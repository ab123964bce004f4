package ident_test

import (
	"encoding/csv"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/ident"
)

// rows reads a vector file as maps of column to value.
func rows(t *testing.T, name string) []map[string]string {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	all, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	out := make([]map[string]string, 0, len(all)-1)
	for _, row := range all[1:] {
		m := map[string]string{}
		for i, column := range all[0] {
			m[column] = row[i]
		}
		out = append(out, m)
	}
	return out
}

func TestResidentVectors(t *testing.T) {
	all := rows(t, "resident_id.csv")
	require.Len(t, all, 400)
	for _, row := range all {
		number := row["id"]
		got := ident.ResidentID(number)
		switch row["kind"] {
		case "valid": // those stdnum calls InvalidComponent have divisions its older table lacks
			require.Equal(t, ident.OK, got, number)
			p, why := ident.Read(number)
			require.Equal(t, ident.OK, why)
			require.Equal(t, row["birth"], strings.ReplaceAll(p.BornOn.String(), "-", ""))
			require.Equal(t, row["sex"] == "M", p.Sex == ident.Male, number)
			require.Equal(t, row["area"], p.Division)
		case "bad_date":
			require.Equal(t, ident.Date, got, number)
		case "too_short":
			require.Equal(t, ident.Length, got, number)
		case "one_digit_changed": // the changed digit may have broken the date, which is judged first
			require.Contains(t, []ident.Reason{ident.Date, ident.Checksum}, got, number)
			_, err := clock.ParseDay(number[6:10] + "-" + number[10:12] + "-" + number[12:14])
			require.Equal(t, err != nil, got == ident.Date, number)
		default:
			t.Fatalf("unknown kind %q", row["kind"])
		}
	}
}

func TestCreditVectors(t *testing.T) {
	all := rows(t, "uscc.csv")
	require.Len(t, all, 400)
	for _, row := range all {
		code := row["uscc"]
		got := ident.CreditCode(code)
		switch row["kind"] {
		case "valid": // A1 and Y1 rows included, which stdnum refuses
			require.Equal(t, ident.OK, got, code)
		case "forbidden_letter":
			require.Equal(t, ident.Charset, got, code)
		case "too_short":
			require.Equal(t, ident.Length, got, code)
		case "one_char_changed": // a letter among the division's digits is seen before the checksum
			require.Equal(t, !allDigits(code[2:8]), got == ident.Charset, code)
			require.Contains(t, []ident.Reason{ident.Charset, ident.Checksum}, got, code)
		default:
			t.Fatalf("unknown kind %q", row["kind"])
		}
	}
}

func allDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

func TestBankCardVectors(t *testing.T) {
	for _, row := range rows(t, "bank_card_luhn.csv") {
		want := ident.OK
		if row["luhn_result"] != "ok" {
			want = ident.Checksum
		}
		require.Equal(t, want, ident.BankCard(row["number"]), row["number"])
	}
}

func TestReasonsInOrder(t *testing.T) {
	for _, c := range []struct {
		name  string
		judge func(string) ident.Reason
		in    string
		want  ident.Reason
	}{
		{"empty", ident.ResidentID, "", ident.Length},
		{"15 digits need Upgrade", ident.ResidentID, "370101900101001", ident.Length},
		{"too long", ident.ResidentID, "3701011990010100133", ident.Length},
		{"letter and bad date", ident.ResidentID, "37010119901301001A", ident.Charset},
		{"x inside", ident.ResidentID, "37010119900101X013", ident.Charset},
		{"full width counts characters", ident.ResidentID, "３７０１０１１９９００１０１００１３", ident.Charset},
		{"a NUL", ident.ResidentID, "3701011990010100\x0013"[:18], ident.Charset},
		{"29 February of no leap year", ident.ResidentID, "370101190002290013", ident.Date},
		{"year 0000", ident.ResidentID, "370101000001010013", ident.Date},
		{"right", ident.ResidentID, "370101199001010013", ident.OK},
		{"small x", ident.ResidentID, "11010519491231002x", ident.OK},
		{"small letters", ident.CreditCode, "93370305hg6rkh3l4x", ident.OK},
		{"credit code with a Chinese letter", ident.CreditCode, "93370305HG6RKH3L4济", ident.Charset},
		{"card of 11", ident.BankCard, "62000000000", ident.Length},
		{"card of 20", ident.BankCard, "62000000000000000000", ident.Length},
		{"card with a letter", ident.BankCard, "620000000000000X", ident.Charset},
		{"phone", ident.Phone, "13812341234", ident.OK},
		{"phone of 199", ident.Phone, "19912341234", ident.OK},
		{"phone too short", ident.Phone, "1381234123", ident.Length},
		{"phone with a plus", ident.Phone, "+8613812341", ident.Charset},
		{"landline", ident.Phone, "05318205000", ident.Charset},
		{"12xxxx", ident.Phone, "12812341234", ident.Charset},
	} {
		require.Equal(t, c.want, c.judge(c.in), c.name)
	}
}

func TestClean(t *testing.T) {
	require.Equal(t, "11010519491231002X", ident.Clean(" 110105　1949-1231 002ｘ"))
	require.Equal(t, "6200000000000005", ident.Clean("6200 0000 0000 0005"))
	require.Equal(t, "13812341234", ident.Clean("138-1234-1234"))
	require.Equal(t, "张\x00", ident.Clean("张\x00"), "what is wrong stays for the judgement")
}

func TestUpgrade(t *testing.T) {
	long, why := ident.Upgrade("110105491231002")
	require.Equal(t, ident.OK, why)
	require.Equal(t, "11010519491231002X", long)
	long, why = ident.Upgrade("370101850101998")
	require.Equal(t, ident.OK, why)
	require.Equal(t, "1885", long[6:10])
	for in, want := range map[string]ident.Reason{
		"11010549123100":  ident.Length,
		"11010549123100X": ident.Charset,
		"110105491331002": ident.Date,
	} {
		_, why := ident.Upgrade(in)
		require.Equal(t, want, why, in)
	}
}

func TestMake(t *testing.T) {
	id, ok := ident.MakeResidentID("370101", clock.MakeDay(1990, 1, 1), 1)
	require.True(t, ok)
	require.Equal(t, "370101199001010013", id)
	_, ok = ident.MakeResidentID("3701", clock.MakeDay(1990, 1, 1), 1)
	require.False(t, ok)
	code, ok := ident.MakeCreditCode("93370305HG6RKH3L4")
	require.True(t, ok)
	require.Equal(t, "93370305HG6RKH3L4X", code)
	for _, bad := range []string{"", "93370305HG6RKH3LI", "93E70305HG6RKH3L4"} {
		_, ok = ident.MakeCreditCode(bad)
		require.False(t, ok, bad)
	}
	require.True(t, ident.IsUnion("81371325DAE8M3994L"))
}

func TestAge(t *testing.T) {
	p := ident.Person{BornOn: clock.MakeDay(2000, 2, 29)}
	require.Equal(t, 17, p.Age(clock.MakeDay(2018, 2, 28)))
	require.Equal(t, 18, p.Age(clock.MakeDay(2018, 3, 1)))
	require.Equal(t, 19, p.Age(clock.MakeDay(2020, 2, 28)))
	require.Equal(t, 20, p.Age(clock.MakeDay(2020, 2, 29)))
}

func TestMask(t *testing.T) {
	require.Equal(t, "138****1234", ident.MaskPhone("13812341234"))
	require.Equal(t, "*****", ident.MaskPhone("13812"))
	require.Equal(t, "3701**********0013", ident.MaskResidentID("370101199001010013"))
	require.Equal(t, "************0005", ident.MaskBankCard("6200000000000005"))
	for in, want := range map[string]string{"": "", "张": "*", "张三": "张*", "欧阳修": "欧**", "买买提·阿不都": "买***", "John Smith": "J***"} {
		require.Equal(t, want, ident.MaskName(in))
	}
}

// Every single wrong digit is found, which is what the check digits are for.
func TestEveryWrongDigitIsFound(t *testing.T) {
	for number, judge := range map[string]func(string) ident.Reason{
		"370101199001010013": ident.ResidentID,
		"93370305HG6RKH3L4X": ident.CreditCode,
		"6200000000000005":   ident.BankCard,
	} {
		for i := range number {
			for d := byte('0'); d <= '9'; d++ {
				if number[i] == d {
					continue
				}
				wrong := number[:i] + string(d) + number[i+1:]
				require.NotEqual(t, ident.OK, judge(wrong), wrong)
			}
		}
	}
}
