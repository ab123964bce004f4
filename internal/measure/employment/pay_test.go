package employment

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/kit/fault"
)

func month(low, high int64) Pay { return Pay{MinFen: low * 100, MaxFen: high * 100, Per: PerMonth} }

func rate(low, high int64, per string) Pay {
	return Pay{MinFen: low * 100, MaxFen: high * 100, Per: per}
}

func months(p Pay, n int) Pay {
	p.Months = n
	return p
}

func TestParsePay(t *testing.T) {
	negotiable := Pay{Negotiable: true}
	cases := []struct {
		text string
		want Pay
	}{
		{"8千-1.5万", month(8000, 15000)},
		{"1万-2万·13薪", months(month(10000, 20000), 13)},
		{"6000-8000元/月", month(6000, 8000)},
		{"8k-12k", month(8000, 12000)},
		{"8K-12K·14薪", months(month(8000, 12000), 14)},
		{"150/天", rate(150, 150, PerDay)},
		{"150-200元/天", rate(150, 200, PerDay)},
		{"25元/时", rate(25, 25, PerHour)},
		{"25元/小时", rate(25, 25, PerHour)},
		{"面议", negotiable},
		{"薪资面议", negotiable},
		{"工资:面议", negotiable},
		{"1-1.5万", month(10000, 15000)},
		{"8-12k", month(8000, 12000)},
		{"8-12K·13薪", months(month(8000, 12000), 13)},
		{"1.5万以上", month(15000, 15000)},
		{"15000元以上/月", month(15000, 15000)},
		{"5000起", month(5000, 5000)},
		{"1.5万+", month(15000, 15000)},
		{"5千以下", month(0, 5000)},
		{"不超过8000元", month(0, 8000)},
		{"年薪10-15万", rate(100000, 150000, PerYear)},
		{"10-15万/年", rate(100000, 150000, PerYear)},
		{"10万-15万元/年", rate(100000, 150000, PerYear)},
		{"月薪6000", month(6000, 6000)},
		{"6000", month(6000, 6000)},
		{"6000元", month(6000, 6000)},
		{"3000-4500/月", month(3000, 4500)},
		{"0.8-1万/月", month(8000, 10000)},
		{"1.2元/件", Pay{MinFen: 120, MaxFen: 120, Per: PerPiece}},
		{"0.085元/件", Pay{MinFen: 8, MaxFen: 8, Per: PerPiece}},
		{"计件", Pay{Per: PerPiece}},
		{"计件 1.2-1.5元", Pay{MinFen: 120, MaxFen: 150, Per: PerPiece}},
		{"8,000-12,000元", month(8000, 12000)},
		{"8，000－12，000元", month(8000, 12000)},
		{"8000～12000", month(8000, 12000)},
		{"８０００—１２０００", month(8000, 12000)},
		{"8000——12000", month(8000, 12000)},
		{"8000至12000元", month(8000, 12000)},
		{"8000到12000元每月", month(8000, 12000)},
		{"８Ｋ－１２Ｋ", month(8000, 12000)},
		{"1500元/周", rate(1500, 1500, PerWeek)},
		{"8-12k·13薪", months(month(8000, 12000), 13)},
		{"8k-12k（13薪）", months(month(8000, 12000), 13)},
		{"8k-12k 13-15薪", months(month(8000, 12000), 13)},
		{"1万-2万·十三薪", months(month(10000, 20000), 13)},
		{" ￥ 6000 - 8000 ", month(6000, 8000)},
		{"RMB 6000-8000", month(6000, 8000)},
		{"¥6,000–8,000/月", month(6000, 8000)},
		{"实习 120元/天", rate(120, 120, PerDay)},
		{"8000-1.5万", month(8000, 15000)},
		{"500-1千/天", rate(500, 1000, PerDay)},
		{"8千-10000", month(8000, 10000)},
		{"1万-15000", month(10000, 15000)},
		{"8k-12", month(8000, 12000)},
		{"1w-2w", month(10000, 20000)},
		{"1万5", month(15000, 15000)},
		{"1万2千-1万8千", month(12000, 18000)},
		{"八千", month(8000, 8000)},
		{"五千到八千", month(5000, 8000)},
		{"一万五", month(15000, 15000)},
		{"十万-十五万/年", rate(100000, 150000, PerYear)},
		{"3千元-4.5千元", month(3000, 4500)},
		{"150元/天-200元/天", rate(150, 200, PerDay)},
		{"200元一天", rate(200, 200, PerDay)},
		{"日薪200-260元", rate(200, 260, PerDay)},
		{"时薪22元", rate(22, 22, PerHour)},
		{"200元 日结", rate(200, 200, PerDay)},
		{"18元/小时 日结", rate(18, 18, PerHour)},
		{"底薪3000+提成", month(3000, 3000)},
		{"6000-8000元/月（含餐补300元）", month(6000, 8000)},
		{"6000-8000元/月，五险一金，双休", month(6000, 8000)},
		{"6000-8000元/月，工作8小时", month(6000, 8000)},
		{"销售-月薪5000", month(5000, 5000)},
		{"5000-8000元/月 可面议", month(5000, 8000)},
		{"100元/课时", rate(100, 100, PerPiece)},
		{"8000-10000/month", month(8000, 10000)},
		{"5000.50元", Pay{MinFen: 500050, MaxFen: 500050, Per: PerMonth}},
		{"１.５万", month(15000, 15000)},
	}
	for _, c := range cases {
		got, err := ParsePay(c.text)
		require.NoError(t, err, c.text)
		require.Equal(t, c.want, got, c.text)
	}
}

// What people write beside the figures, and other ways to write them.
func TestParsePayInTheWild(t *testing.T) {
	for text, want := range map[string]Pay{
		"<8000":          {MaxFen: 800000, Per: PerMonth},
		"≤8000元":         {MaxFen: 800000, Per: PerMonth},
		">=5000":         {MinFen: 500000, MaxFen: 500000, Per: PerMonth},
		"≥５０００":          {MinFen: 500000, MaxFen: 500000, Per: PerMonth},
		"底薪2000+提成5%":    {MinFen: 200000, MaxFen: 200000, Per: PerMonth},
		"负责销售，月薪5000":    {MinFen: 500000, MaxFen: 500000, Per: PerMonth},
		"10k*14":         {MinFen: 1000000, MaxFen: 1000000, Per: PerMonth, Months: 14},
		"15-20K×16":      {MinFen: 1500000, MaxFen: 2000000, Per: PerMonth, Months: 16},
		"200元/晚":         {MinFen: 20000, MaxFen: 20000, Per: PerDay},
		"一晚200":          {MinFen: 20000, MaxFen: 20000, Per: PerDay},
		"300/趟":          {MinFen: 30000, MaxFen: 30000, Per: PerPiece},
		"2元/公斤":          {MinFen: 200, MaxFen: 200, Per: PerPiece},
		"30元/平米":         {MinFen: 3000, MaxFen: 3000, Per: PerPiece},
		"20w/y":          {MinFen: 20000000, MaxFen: 20000000, Per: PerYear},
		"5000元/mth":      {MinFen: 500000, MaxFen: 500000, Per: PerMonth},
		"5000/人/月":       {MinFen: 500000, MaxFen: 500000, Per: PerMonth},
		"5000/包吃住":       {MinFen: 500000, MaxFen: 500000, Per: PerMonth},
		"6000/月/双休":      {MinFen: 600000, MaxFen: 600000, Per: PerMonth},
		"6000元晚班补贴另计":    {MinFen: 600000, MaxFen: 600000, Per: PerMonth},
		"6000元车补":        {MinFen: 600000, MaxFen: 600000, Per: PerMonth},
		"季度奖另发，月薪6000":   {MinFen: 600000, MaxFen: 600000, Per: PerMonth},
		"8000/一个月":       {MinFen: 800000, MaxFen: 800000, Per: PerMonth},
		"8000元/月，上不封顶":   {MinFen: 800000, MaxFen: 800000, Per: PerMonth},
		"平均5000，最高8000元": {},
	} {
		got, err := ParsePay(text)
		if want == (Pay{}) {
			require.Error(t, err, text)
			continue
		}
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
}

func TestParsePayRefuses(t *testing.T) {
	for text, reason := range map[string]string{
		"":                       "empty",
		"　 ":                     "empty",
		"高薪":                     "empty",
		"NaN":                    "empty",
		"Inf万":                   "empty",
		"包吃住":                    "empty",
		"12000-8000":             "reversed",
		"2万-1万":                  "reversed",
		"12-8k":                  "reversed",
		"-5000":                  "negative",
		"－5000元/月":               "negative",
		"0":                      "zero",
		"0元/月":                   "zero",
		"0-5000元/月":              "zero",
		"0.001元/件":               "zero",
		"150":                    "unit",
		"25元":                    "unit",
		"2000万/月":                "too_large",
		"9999999999999":          "too_large",
		"999999999999万":          "too_large",
		"100万元/小时":               "too_large",
		"8000-":                  "malformed",
		"8000-12000月":            "malformed",
		"8000-不等":                "malformed",
		"150天":                   "empty",
		"1万5百":                   "malformed",
		"1.2.3万":                 "malformed",
		"1e5":                    "malformed",
		"5%提成":                   "malformed",
		"8000x":                  "malformed",
		"1.23456789万":            "malformed",
		"5000 8000":              "several",
		"5000,8000":              "several",
		"5000/8000":              "several",
		"3000-4000-5000":         "several",
		"底薪3000，综合5000-8000":     "several",
		"月薪6000/天":               "basis",
		"3万/季":                   "basis",
		"3万元/季度":                 "basis",
		"5000/半月":                "basis",
		"600元/2天":                "basis",
		"3000元/15天":              "basis",
		"5000/两周":                "basis",
		"9000/三个月":               "basis",
		"300/shift":              "basis",
		"负5000":                  "negative",
		"5000*30":                "several",
		"2000美元/月":               "currency",
		"$3000":                  "currency",
		"8k·30薪":                 "months",
		"8k·5薪":                  "months",
		strings.Repeat("8", 400): "malformed",
	} {
		p, err := ParsePay(text)
		require.Error(t, err, "%q gave %+v", text, p)
		f := fault.As(err)
		require.Equal(t, "employment.pay", f.Code, text)
		require.Equal(t, fault.Invalid, f.Kind, text)
		require.Equal(t, reason, f.Params["reason"], text)
		require.Equal(t, Pay{}, p, text)
	}
}

func TestPayJSON(t *testing.T) {
	for text, want := range map[string]string{
		"1万-2万·13薪": `{"min_fen":1000000,"max_fen":2000000,"per":"month","months":13}`,
		"150/天":     `{"min_fen":15000,"max_fen":15000,"per":"day"}`,
		"面议":        `{"negotiable":true}`,
	} {
		p, err := ParsePay(text)
		require.NoError(t, err)
		b, err := json.Marshal(p)
		require.NoError(t, err)
		require.Equal(t, want, string(b))
	}
}

func TestPayMonthly(t *testing.T) {
	for _, c := range []struct {
		text      string
		low, high int64
	}{
		{"6000-8000元/月", 600000, 800000},
		{"200元/天", 435000, 435000},     // 200 × 21.75
		{"25元/小时", 435000, 435000},     // 25 × 8 × 21.75
		{"1000元/周", 435000, 435000},    // 1000 ÷ 5 × 21.75
		{"12-24万/年", 1000000, 2000000}, // ÷ 12
		{"8-12k·13薪", 800000, 1200000}, // extra months are not compared
		{"5千以下", 0, 500000},
	} {
		p, err := ParsePay(c.text)
		require.NoError(t, err, c.text)
		low, high, ok := p.Monthly()
		require.True(t, ok, c.text)
		require.Equal(t, []int64{c.low, c.high}, []int64{low, high}, c.text)
	}
	for _, text := range []string{"面议", "1.2元/件", "计件"} {
		p, err := ParsePay(text)
		require.NoError(t, err)
		_, _, ok := p.Monthly()
		require.False(t, ok, text)
	}
}

func TestPayText(t *testing.T) {
	for _, c := range []struct{ in, zh, en string }{
		{"8千-1.5万·13薪", "8,000–15,000元/月·13薪", "¥8,000–15,000 a month, 13 months a year"},
		{"150/天", "150元/天", "¥150 a day"},
		{"1.25元/件", "1.25元/件", "¥1.25 apiece"},
		{"1.2元/件", "1.2元/件", "¥1.2 apiece"},
		{"5千以下", "5,000元/月以下", "up to ¥5,000 a month"},
		{"年薪10-15万", "100,000–150,000元/年", "¥100,000–150,000 a year"},
		{"面议", "面议", "negotiable"},
		{"计件", "计件", "piece rate"},
	} {
		p, err := ParsePay(c.in)
		require.NoError(t, err, c.in)
		require.Equal(t, c.zh, p.Text("zh-CN"))
		require.Equal(t, c.en, p.Text("en"))
	}
}

// What is shown is understood again as the same pay.
func TestPayTextRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	pers := []string{PerHour, PerDay, PerWeek, PerMonth, PerYear, PerPiece}
	for range 5000 {
		p := Pay{MinFen: 100_000 + r.Int64N(2_000_000), Per: pers[r.IntN(len(pers))]}
		p.MaxFen = p.MinFen + r.Int64N(2_000_000)
		if r.IntN(4) == 0 {
			p.Months = 12 + r.IntN(13)
		}
		if r.IntN(5) == 0 {
			p.MinFen = 0
		}
		got, err := ParsePay(p.Text("zh-CN"))
		require.NoError(t, err, p.Text("zh-CN"))
		require.Equal(t, p, got, p.Text("zh-CN"))
	}
}

func TestPayValidate(t *testing.T) {
	for reason, p := range map[string]Pay{
		"unit":      {MinFen: 1, MaxFen: 2},
		"reversed":  {MinFen: 3, MaxFen: 2, Per: PerDay},
		"negative":  {MinFen: -3, MaxFen: 2, Per: PerDay},
		"zero":      {Per: PerMonth},
		"too_large": {MinFen: 1, MaxFen: 1 << 62, Per: PerHour},
		"months":    {MinFen: 1, MaxFen: 2, Per: PerMonth, Months: 3},
		"malformed": {MinFen: 1, Negotiable: true},
	} {
		require.Equal(t, reason, fault.As(p.Validate()).Params["reason"])
	}
}

func FuzzParsePay(f *testing.F) {
	for _, s := range []string{"8千-1.5万", "1万-2万·13薪", "6000-8000元/月", "8k-12k", "150/天", "面议", "１０Ｋ～２０Ｋ", "一万五", "-5", "1e9万", "9,999,999.99", "十-十万/年", "\x00\xff8k"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePay(s)
		if err != nil {
			if p != (Pay{}) || !fault.HasCode(err, "employment.pay") {
				t.Fatalf("%q: %+v %v", s, p, err)
			}
			return
		}
		if err := p.Validate(); err != nil {
			t.Fatalf("%q gave an invalid pay %+v", s, p)
		}
		q, err := ParsePay(p.Text("zh-CN"))
		if err != nil || q != p {
			t.Fatalf("%q: %+v shown as %q is read as %+v %v", s, p, p.Text("zh-CN"), q, err)
		}
	})
}

func BenchmarkParsePay(b *testing.B) {
	texts := []string{"8千-1.5万", "1万-2万·13薪", "6000-8000元/月", "8k-12k", "150/天", "面议"}
	for i := range b.N {
		if _, err := ParsePay(texts[i%len(texts)]); err != nil {
			b.Fatal(err)
		}
	}
}

func TestPayAsJSON(t *testing.T) {
	for text, want := range map[string]string{
		"3千以下":      `{"min_fen":0,"max_fen":300000,"per":"month"}`,
		"1万-2万·13薪": `{"min_fen":1000000,"max_fen":2000000,"per":"month","months":13}`,
		"面议":        `{"negotiable":true}`,
	} {
		p, err := ParsePay(text)
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(p)
		if err != nil || string(got) != want {
			t.Errorf("%s: %s, %v; want %s", text, got, err, want)
		}
	}
}
