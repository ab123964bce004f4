package employment

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestIdentity(t *testing.T) {
	pay := func(text string) Pay {
		p, err := ParsePay(text)
		require.NoError(t, err)
		return p
	}
	base := IdentityInput{Company: "山东某某机械（济南）有限公司", Title: "数控车工", DivisionCode: "370104", Pay: pay("8k-12k")}
	key := Identity(base)
	require.Len(t, key, 32)

	same := map[string]func(*IdentityInput){
		"half-width brackets":   func(i *IdentityInput) { i.Company = "山东某某机械(济南)有限公司" },
		"blanks in the name":    func(i *IdentityInput) { i.Company = " 山东某某机械 （济南） 有限公司" },
		"remark in the title":   func(i *IdentityInput) { i.Title = "【急聘】数控车工（五险一金）" },
		"advertising word":      func(i *IdentityInput) { i.Title = "高薪诚聘 数控车工！" },
		"pay in other words":    func(i *IdentityInput) { i.Pay = pay("8千-1.2万") },
		"pay by the year":       func(i *IdentityInput) { i.Pay = pay("9.6-14.4万/年") },
		"extra months":          func(i *IdentityInput) { i.Pay = pay("8-12K·13薪") },
		"street of the county":  func(i *IdentityInput) { i.DivisionCode = "370104014" },
		"township, long code":   func(i *IdentityInput) { i.DivisionCode = "370104014000" },
		"full-width in a title": func(i *IdentityInput) { i.Title = "数控车工 ．" },
	}
	for name, change := range same {
		in := base
		change(&in)
		require.Equal(t, key, Identity(in), name)
	}
	other := map[string]func(*IdentityInput){
		"company": func(i *IdentityInput) { i.Company = "山东某某机械（青岛）有限公司" },
		"title":   func(i *IdentityInput) { i.Title = "数控铣工" },
		"county":  func(i *IdentityInput) { i.DivisionCode = "370102" },
		"city":    func(i *IdentityInput) { i.DivisionCode = "3701" },
		"pay":     func(i *IdentityInput) { i.Pay = pay("9k-12k") },
		"面议":      func(i *IdentityInput) { i.Pay = pay("面议") },
		"code":    func(i *IdentityInput) { i.CreditCode = "91370100MA3C12345X" },
	}
	seen := map[string]string{key: "base"}
	for name, change := range other {
		in := base
		change(&in)
		k := Identity(in)
		require.NotContains(t, seen, k, name)
		seen[k] = name
	}
	a, b := base, base
	a.CreditCode, b.CreditCode = "91370100MA3C12345X", "９１３７０１００ｍａ３ｃ１２３４５ｘ "
	b.Company = "改了名字的公司"
	require.Equal(t, Identity(a), Identity(b), "the credit code outlives the name")
	require.NotEqual(t, Identity(IdentityInput{Title: "C++ 工程师"}), Identity(IdentityInput{Title: "C 工程师"}))
	require.NotEqual(t, TitleKey("【普工】"), TitleKey("【保安】"))
	require.Equal(t, "高薪", TitleKey("高薪"))
}
