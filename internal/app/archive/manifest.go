package archive

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gonghui/internal/base/vault"
	"gonghui/internal/kit/fault"
)

// Format is the version of the file's layout.
const Format = 1

// Manifest says what an archive holds.
type Manifest struct {
	Format    int       `json:"format"`
	Program   string    `json:"program"`
	Schema    int64     `json:"schema"`
	Database  string    `json:"database"` // where it came from; it may go to the other kind
	CreatedAt time.Time `json:"created_at"`
	Keys      Proof     `json:"keys"`
	Members   []Member  `json:"members"`
	// Missing are blobs that records name and the store did not have.
	Missing []string `json:"missing_blobs,omitempty"`
}

// Member is one file inside.
type Member struct {
	Name    string   `json:"name"`
	Size    int64    `json:"size"`
	SHA256  string   `json:"sha256"`
	Table   string   `json:"table,omitempty"`
	Rows    int64    `json:"rows,omitempty"`
	Columns []string `json:"columns,omitempty"`
}

// Rows sums the rows of all tables.
func (m Manifest) Rows() int64 {
	var n int64
	for _, x := range m.Members {
		n += x.Rows
	}
	return n
}

// Tables gives the members that are tables, in the order they are loaded in.
func (m Manifest) Tables() []Member {
	var out []Member
	for _, x := range m.Members {
		if x.Table != "" {
			out = append(out, x)
		}
	}
	return out
}

// Proof recognises a keyring without holding it: the same canary, treated with
// each kind of key.
type Proof struct {
	Sign   string `json:"sign"`
	Hash   string `json:"hash"`
	Sealed string `json:"sealed"`
}

const (
	canary  = "gonghui archive"
	purpose = "archive.manifest"
)

func prove(v *vault.Vault) Proof {
	return Proof{
		Sign: v.Sign("archive.canary", canary), Hash: v.Hash("archive.canary", canary),
		Sealed: base64.StdEncoding.EncodeToString(v.Seal(canary, []byte(canary))),
	}
}

// fits tells whether the keyring is the one the archive was written under. All
// three keys must be: with another hash key nobody would be found again, with
// another sealing key no number could be read.
func (p Proof) fits(v *vault.Vault) bool {
	sealed, err := base64.StdEncoding.DecodeString(p.Sealed)
	if err != nil || !v.Verify("archive.canary", canary, p.Sign) || p.Hash != v.Hash("archive.canary", canary) {
		return false
	}
	plain, err := v.Open(canary, sealed)
	return err == nil && string(plain) == canary
}

// The faults of this package.
func damaged(format string, args ...any) error {
	why := fmt.Sprintf(format, args...)
	return fault.New(fault.Invalid, "archive.damaged", fault.With("Why", why), fault.Because(errors.New(why)))
}

var (
	errSecrets  = fault.New(fault.Conflict, "archive.secrets")
	errNotEmpty = fault.New(fault.Conflict, "archive.not_empty")
)

func parseManifest(text []byte, proof string, v *vault.Vault) (Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return m, damaged("manifest: %v", err)
	}
	if m.Format != Format {
		return m, fault.New(fault.Invalid, "archive.format", fault.With("Have", m.Format), fault.With("Want", Format))
	}
	if !v.Verify(purpose, string(text), proof) {
		if m.Keys.fits(v) {
			return m, damaged("the manifest has been changed")
		}
		return m, errSecrets
	}
	if !m.Keys.fits(v) {
		return m, errSecrets
	}
	return m, nil
}
