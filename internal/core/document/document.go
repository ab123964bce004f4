package document

import (
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"

	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/form"
)

// Limits of documents.
const (
	MaxSize     = 10 << 20 // bytes of one file
	MaxPerOwner = 20       // files of one record
	maxName     = 80       // characters of the shown name, the ending included
)

// Type is a kind of file that is taken.
type Type struct {
	Media   string
	Endings []string // the first one is given to a file of another ending
}

// Types are the kinds of files that are taken.
var Types = []Type{
	{"application/pdf", []string{".pdf"}},
	{"image/png", []string{".png"}},
	{"image/jpeg", []string{".jpg", ".jpeg"}},
	{xlsx, []string{".xlsx"}},
	{csv, []string{".csv"}},
}

const (
	xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	csv  = "text/csv"
)

// Owner is the record that a document belongs to, with what decides who sees it.
type Owner struct {
	City        string // custody of the record
	SubjectKind string // case, vacancy, person …
	SubjectID   string
	OrgPath     string // the unit in charge
	PersonID    string // whom the record is about; may be empty
	CompanyID   string // the company it belongs to; may be empty
}

// Document is one attached file.
type Document struct {
	Owner
	ID        string
	Name      string // for people to read; never a path
	MediaType string // as the bytes tell
	Size      int64  // bytes
	SHA256    string
	CreatedBy string // account
	CreatedAt time.Time
}

// sniff tells the type of a file from its first bytes. A table without a comma
// looks like plain text; there the name's ending may say that it is a CSV.
func sniff(head []byte, name string) (Type, bool) {
	m := mimetype.Detect(head)
	for _, t := range Types {
		if m.Is(t.Media) {
			return t, true
		}
	}
	if m.Is("text/plain") && strings.EqualFold(path.Ext(name), ".csv") {
		return Types[len(Types)-1], true
	}
	return Type{}, false
}

// shownName cleans the name a file came with: the last part of any path, without
// signs that file systems or browsers take for more than letters, with the
// ending of its type.
func shownName(name string, t Type) (string, error) {
	clean, ok := form.Text(name, false)
	if !ok {
		return "", fault.New(fault.Invalid, "document.name", fault.OnField("file", "charset"))
	}
	clean = clean[strings.LastIndexAny(clean, `/\`)+1:]
	clean = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`<>:"|?*;&%$`+"`'", r) {
			return -1
		}
		return r
	}, clean)
	ending := strings.ToLower(path.Ext(clean))
	stem := strings.TrimSuffix(clean, path.Ext(clean))
	if !slices.Contains(t.Endings, ending) {
		// photo.exe of a picture becomes photo.png; 2020.07 keeps its dots
		if !known(ending) {
			stem = clean
		}
		ending = t.Endings[0]
	}
	stem = strings.Trim(stem, ". ")
	for utf8.RuneCountInString(stem)+len(ending) > maxName {
		_, size := utf8.DecodeLastRuneInString(stem)
		stem = stem[:len(stem)-size]
	}
	if stem == "" {
		stem = "file"
	}
	return stem + ending, nil
}

// known tells whether an ending names a type of file, so that it must not stand
// in front of the true one.
func known(ending string) bool {
	if len(ending) < 2 || len(ending) > 6 {
		return false
	}
	return strings.Trim(ending[1:], "0123456789") != "" && strings.Trim(ending[1:], "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}
