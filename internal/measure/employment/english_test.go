package employment

import (
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"gonghui/internal/kit/i18n"
)

// requireEnglish asks for a name an English reader can read.
func requireEnglish(t *testing.T, code, name string) {
	t.Helper()
	require.NotEmpty(t, name, code)
	for _, r := range name {
		require.False(t, unicode.Is(unicode.Han, r) || r == '"', "%s %q", code, name)
	}
}

// Every occupation has an English name, its own among those beside it.
func TestCodesHaveEnglishNames(t *testing.T) {
	seen := map[string]string{}
	for _, o := range Occupations() {
		requireEnglish(t, o.Code, o.English)
		key := o.Parent() + " " + o.NameIn("en")
		require.Empty(t, seen[key], "%s is called like %s", o.Code, seen[key])
		seen[key] = o.Code
		require.Equal(t, o.Name, o.NameIn("zh-CN"))
	}
	require.Len(t, seen, 2033)
	for code, want := range map[string]string{
		"2-05-08-06": "Midwife", "4-02-02-02": "Lorry driver", "4-10-08-01": "Online delivery rider", "6-18-02-04": "Welder", "6": "Production and manufacturing workers",
		"2-02-01-03": "Hydrogeology, engineering and environmental geology engineer", "6-29-01": "House builders",
	} {
		o, ok := OccupationByCode(code)
		require.True(t, ok)
		require.Equal(t, want, o.English)
	}
}

// The shorter coded lists are messages; each code has its word in both languages,
// and no Chinese in the English one.
func TestCodedListsHaveEnglishWords(t *testing.T) {
	bands := []string{"negotiable"}
	for _, b := range PayBands {
		bands = append(bands, b.Code)
	}
	for prefix, codes := range map[string][]string{
		"employment.facet.": Facets, "employment.pay.": bands, "employment.hours.": HourKinds, "employment.group.": GroupCodes, "employment.benefit.": Benefits,
		"employment.form.": Forms, "employment.insurance.": Insurances, "employment.sort.": {"fit", "date", "pay", "distance"}, "screen.education.": Educations,
		"flow.employment.vacancy.state.": VacancyStates, "flow.employment.application.state.": ApplicationStates, "company_face.application.state.": ApplicationStates,
	} {
		require.NotEmpty(t, codes, prefix)
		for _, code := range codes {
			for _, l := range i18n.Langs {
				require.True(t, i18n.Bundle().Has(l, prefix+code), "%s %s", l, prefix+code)
			}
			requireEnglish(t, prefix+code, i18n.T(i18n.EN, prefix+code))
		}
	}
	for _, per := range []string{PerHour, PerDay, PerWeek, PerMonth, PerYear, PerPiece} {
		requireEnglish(t, per, Pay{MinFen: 100, MaxFen: 200, Per: per}.Text("en"))
	}
	requireEnglish(t, "negotiable", Pay{Negotiable: true}.Text("en"))
}
