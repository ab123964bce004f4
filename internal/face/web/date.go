package web

import "net/http"

// JoinDates puts the three parts that ui.DateInput sends (NAME.year, NAME.month,
// NAME.day) together as NAME, for Decode. What is no date stays one that Decode
// refuses; three empty parts stay empty.
func JoinDates(r *http.Request, names ...string) {
	for _, n := range names {
		year, month, day := r.PostFormValue(n+".year"), r.PostFormValue(n+".month"), r.PostFormValue(n+".day")
		if r.PostForm.Get(n) == "" && year+month+day != "" {
			r.PostForm.Set(n, year+"-"+month+"-"+day)
		}
	}
}
