package employment

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/kit/clock"
)

// row understands one row of a file, given by its fields.
func row(fields map[string]string) (candidate, *rowProblem) {
	get := func(f string) string {
		if v, ok := fields[f]; ok {
			return v
		}
		return map[string]string{"title": "焊工", "company": "甲公司", "place": "济南"}[f]
	}
	return understand(get, DefaultParameters(), clock.MakeDay(2020, 7, 20))
}

// Marks that nobody sees come with copied texts: they are dropped, as from a form,
// and leave one vacancy one.
func TestInvisibleMarksAreDropped(t *testing.T) {
	c, wrong := row(map[string]string{
		"title": "\u202e焊\x07工\u200b\n ", "company": "\ufeff甲\x1b公司", "text": "一\r\n二\u2066三", "tags": "包住\x0b|双休", "place": "济南\u202c·兴福\x01里",
	})
	require.Nil(t, wrong)
	require.Equal(t, "焊工", c.Title)
	require.Equal(t, "甲公司", c.employer.Name)
	require.Equal(t, "一\n二三", c.Content)
	require.Equal(t, "兴福里", c.PlaceDetail)
	require.True(t, c.Dormitory)
	_, wrong = row(map[string]string{"title": "焊\x00工"})
	require.Equal(t, "title", wrong.field)
}

func TestLinksAreAddressesOfPages(t *testing.T) {
	for link, good := range map[string]bool{
		"": true, "https://example.org/1?a=b#c": true, "http://example.org:8080/职位/1": true,
		"javascript:alert(1)": false, "https://javascript:alert(1)": false, "https:///x": false, "https://": false, "//example.org": false, "example.org": false,
		"https://gonghui.example@evil.example/": false, "http://user:pw@evil.example/": false, "https://a b.c/": false, "ftp://example.org": false,
	} {
		_, wrong := row(map[string]string{"link": link})
		require.Equal(t, good, wrong == nil, link)
	}
}

// What is wrong with a place is told with what would be right.
func TestPlacesThatAreNotOne(t *testing.T) {
	for place, key := range map[string]string{"山东市中区": "field.place_ambiguous", "济南、青岛": "field.place_several", "火星": "field.place_unknown", " ": "field.required"} {
		_, wrong := row(map[string]string{"place": place})
		require.NotNil(t, wrong, place)
		require.Equal(t, key, wrong.key, place)
		require.Equal(t, "place", wrong.field)
	}
	_, wrong := row(map[string]string{"place": "市中区"})
	require.Contains(t, wrong.param, "candidates")
}
