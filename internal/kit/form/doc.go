// Package form reads what people typed into typed input values and says, field
// by field, what has to change.
//
// Noun: an input struct whose fields carry two tags,
//
//	type SignUp struct {
//		Name  string    `form:"name" check:"required,name,max=30"`
//		Phone string    `form:"phone" check:"required,phone"`
//		Born  clock.Day `form:"born" check:"day"`
//		Pay   money.Fen `form:"pay" check:"money,min=1,max=10000000"`
//		Hours string    `form:"hours" check:"choice=full|part"`
//		Tags  []string  `form:"tag" check:"max=10"`
//	}
//
// Field types: string, bool, int, int64, []string, clock.Day, money.Fen, types
// made from them, pointers to them (nil when nothing was typed), and embedded
// structs. Fields without a form tag and values without a field are ignored.
//
// Rules of check, separated by commas:
//
//	required      something was typed; a bool must be true
//	min=, max=    characters of a text, value of a number, fen of money, items of a list
//	name          a person's name: letters, Han, middle dot and space
//	lines         a text of several lines; without it a line break becomes a space
//	phone         mainland mobile number
//	ident         resident number of 18 places
//	credit_code   unified social credit code
//	bank_card     bank card number
//	choice=a|b|c  one of these; for a list, each item
//	money         int64 or money.Fen typed as yuan, kept as fen
//	day, int      may be written for the reader; the type already says so
//
// Invariants: texts arrive trimmed, in Unicode form NFC, without control
// characters and without marks that turn the writing direction; characters are
// counted as people count them, not as bytes. A NUL or invalid UTF-8 is a charset
// error, never silently mended. An error never repeats what was typed.
package form
