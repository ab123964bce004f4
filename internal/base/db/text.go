package db

import "strings"

// Possible tells whether texts can stand in a query. A NUL, which a forged
// address may hold, cannot: no record goes by such a name.
func Possible(texts ...string) bool {
	for _, t := range texts {
		if strings.IndexByte(t, 0) >= 0 {
			return false
		}
	}
	return true
}

var escape = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// Contains gives the pattern for LIKE ? ESCAPE '\' that texts with a part match.
func Contains(part string) string { return "%" + escape.Replace(part) + "%" }

// Begins is Contains for the beginning of a text.
func Begins(part string) string { return escape.Replace(part) + "%" }
