package web

import (
	"net/http"
	"strings"
)

// JoinDates puts the three parts that ui.DateInput sends (NAME.year, NAME.month,
// NAME.day) together as NAME, padded, so that Decode can read it and a form can
// show it again. What is no date stays one that Decode refuses; three empty
// parts stay empty.
func JoinDates(r *http.Request, names ...string) {
	for _, n := range names {
		part := func(s string) string { return strings.TrimSpace(r.PostFormValue(n + "." + s)) }
		year, month, day := part("year"), part("month"), part("day")
		if r.PostForm.Get(n) == "" && year+month+day != "" {
			r.PostForm.Set(n, year+"-"+padded(month)+"-"+padded(day))
		}
	}
}

func padded(s string) string {
	if len(s) == 1 {
		return "0" + s
	}
	return s
}
