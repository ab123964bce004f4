package company_test

import (
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/company"
)

func TestIndustryTable(t *testing.T) {
	levels := map[int]int{}
	seen := map[string]string{}
	for _, i := range company.Industries() {
		levels[i.Level()]++
		if i.Parent != "" {
			_, ok := company.IndustryByCode(i.Parent)
			require.True(t, ok, i.Code)
		}
		require.Len(t, company.IndustrySection(i.Code), 1)
		require.NotEmpty(t, i.English, i.Code)
		for _, r := range i.English {
			require.False(t, unicode.Is(unicode.Han, r) || r == '"', "%s %q", i.Code, i.English)
		}
		key := i.Parent + " " + i.NameIn("en")
		require.Empty(t, seen[key], "%s is called like %s", i.Code, seen[key])
		seen[key] = i.Code
		require.Equal(t, i.Name, i.NameIn("zh-CN"))
		named, ok := company.IndustryNamed(i.Name)
		require.True(t, ok)
		require.Equal(t, company.IndustrySection(i.Code), company.IndustrySection(named.Code), "one name, one section: %s", i.Name)
	}
	require.Equal(t, map[int]int{1: 20, 2: 97, 3: 473, 4: 1381}, levels)
	require.Len(t, company.IndustriesBelow(""), 20)
	require.Equal(t, "A", company.IndustrySection("0111"))
	require.Empty(t, company.IndustrySection("x"))
	i, ok := company.IndustryByCode("9511")
	require.True(t, ok)
	require.Equal(t, company.Industry{Code: "9511", Name: "工会", English: "Trade unions", Parent: "951"}, i)
}

func TestReadIndustry(t *testing.T) {
	for text, want := range map[string]string{
		"C": "C", "34": "34", "C34": "34", "c3411": "3411", "Ｃ３４": "34", " 6511 ": "6511", "C34 通用设备制造业": "34", "通用设备制造业": "34",
		"批发业": "51", "稻谷种植": "0111", "农 林 牧 渔业": "A",
	} {
		i, ok := company.ReadIndustry(text)
		require.True(t, ok, text)
		require.Equal(t, want, i.Code, text)
	}
	for _, text := range []string{"", " ", "Z", "A34", "9999", "造机器", "C99", "\x00"} {
		_, ok := company.ReadIndustry(text)
		require.False(t, ok, "%q", text)
	}
}
