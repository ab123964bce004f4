package vault

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// EnvSecrets names the environment variable that may hold the keyring's JSON in
// place of a file. It wins over the file.
const EnvSecrets = "GONGHUI_SECRETS"

// Algorithm is an authenticated cipher. Its value is the first byte of every
// value sealed with it, so a number is never given a second meaning.
type Algorithm byte

// The algorithms.
const (
	AES256GCM Algorithm = 1
	SM4GCM    Algorithm = 2
)

var algorithms = map[Algorithm]struct {
	name    string
	keySize int // bytes
}{
	AES256GCM: {"aes-256-gcm", 32},
	SM4GCM:    {"sm4-gcm", 16},
}

// ParseAlgorithm reads a setting: aes-256-gcm or sm4-gcm.
func ParseAlgorithm(name string) (Algorithm, error) {
	for a, p := range algorithms {
		if p.name == name {
			return a, nil
		}
	}
	return 0, fmt.Errorf("no such algorithm: %q (aes-256-gcm or sm4-gcm)", name)
}

// String gives the name used in settings and in the keyring file.
func (a Algorithm) String() string {
	if p, ok := algorithms[a]; ok {
		return p.name
	}
	return fmt.Sprintf("algorithm %d", byte(a))
}

// MarshalText writes the name.
func (a Algorithm) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads the name.
func (a *Algorithm) UnmarshalText(b []byte) error {
	v, err := ParseAlgorithm(string(b))
	if err == nil {
		*a = v
	}
	return err
}

// secret is key material that does not show itself in logs and messages.
type secret []byte

func (secret) String() string   { return "(secret)" }
func (secret) GoString() string { return "(secret)" }

func (s secret) MarshalText() ([]byte, error) {
	return []byte(base64.StdEncoding.EncodeToString(s)), nil
}

func (s *secret) UnmarshalText(b []byte) error {
	raw, err := base64.StdEncoding.DecodeString(string(b))
	if err != nil {
		return errors.New("a key is not base64") // the text itself is not repeated
	}
	*s = raw
	return nil
}

// SealingKey is one key of the ring.
type SealingKey struct {
	ID        uint16    `json:"id"`
	Algorithm Algorithm `json:"algorithm"`
	Key       secret    `json:"key"`
}

// Keyring is the set of secrets of one installation.
type Keyring struct {
	Sealing []SealingKey `json:"sealing"` // the last one seals, all of them open
	Hash    secret       `json:"hash"`
	Sign    secret       `json:"sign"`
}

const macKeySize = 32 // bytes

// Generate makes a fresh keyring with one AES-256-GCM key.
func Generate() Keyring { return GenerateWith(AES256GCM) }

// GenerateWith makes a fresh keyring whose sealing key is of the algorithm.
func GenerateWith(a Algorithm) Keyring {
	k := Keyring{Hash: random(macKeySize), Sign: random(macKeySize)}
	k, _ = k.Rotated(a) // the first id is always free
	return k
}

// Rotated gives a keyring with a new sealing key at the end. Older keys still
// open what they sealed. It fails when all 65,535 ids are used up.
func (k Keyring) Rotated(a Algorithm) (Keyring, error) {
	next := 1
	for _, s := range k.Sealing {
		next = max(next, int(s.ID)+1)
	}
	if next > 0xffff {
		return k, errors.New("no sealing key id is left")
	}
	k.Sealing = append(slices.Clone(k.Sealing), SealingKey{ID: uint16(next), Algorithm: a, Key: random(algorithms[a].keySize)})
	return k, nil
}

func random(n int) secret {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails since Go 1.24: the program stops instead
	return b
}

// check refuses a keyring that is incomplete or contradicts itself.
func (k Keyring) check() error {
	if len(k.Sealing) == 0 {
		return errors.New("the keyring has no sealing key")
	}
	seen := map[uint16]bool{}
	for _, s := range k.Sealing {
		p, ok := algorithms[s.Algorithm]
		switch {
		case !ok:
			return fmt.Errorf("sealing key %d: unknown %s", s.ID, s.Algorithm)
		case s.ID == 0 || seen[s.ID]:
			return fmt.Errorf("sealing key id %d is zero or used twice", s.ID)
		case len(s.Key) != p.keySize:
			return fmt.Errorf("sealing key %d: %d bytes, %s needs %d", s.ID, len(s.Key), p.name, p.keySize)
		}
		seen[s.ID] = true
	}
	if len(k.Hash) != macKeySize || len(k.Sign) != macKeySize {
		return fmt.Errorf("the hash key and the signing key need %d bytes each", macKeySize)
	}
	return nil
}

// Load reads the keyring from the environment (EnvSecrets), else from the file.
// It fails when there is neither, and when others than the owner may read the
// file: a keyring that is lying open must not be used on.
func Load(path string) (Keyring, error) {
	if text := os.Getenv(EnvSecrets); text != "" {
		k, err := Parse([]byte(text))
		if err != nil {
			return Keyring{}, fmt.Errorf("%s: %w", EnvSecrets, err)
		}
		return k, nil
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Keyring{}, fmt.Errorf("no secrets: neither %s nor %s exists; make them once with the command init: %w", EnvSecrets, path, err)
	}
	if err != nil {
		return Keyring{}, fmt.Errorf("secrets: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return Keyring{}, fmt.Errorf("secrets: %s may be read by others (mode %04o); set it to 0600", path, mode)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return Keyring{}, fmt.Errorf("secrets: %w", err)
	}
	k, err := Parse(text)
	if err != nil {
		return Keyring{}, fmt.Errorf("secrets: %s: %w", path, err)
	}
	return k, nil
}

// Parse reads a keyring's JSON and checks it. The error never repeats a key.
func Parse(text []byte) (Keyring, error) {
	var k Keyring
	if err := json.Unmarshal(text, &k); err != nil {
		return Keyring{}, fmt.Errorf("the keyring cannot be read: %w", err)
	}
	if err := k.check(); err != nil {
		return Keyring{}, err
	}
	return k, nil
}

// Create writes the keyring to a new file of mode 0600. It never overwrites: a
// lost keyring is lost data.
func (k Keyring) Create(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("secrets: %w", err)
	}
	return k.writeTo(f)
}

// Replace writes the keyring in place of an older one, all or nothing, and
// refuses when a sealing key of the old file would be lost or a hash would change.
func (k Keyring) Replace(path string) error {
	old, err := Load(path)
	if err != nil {
		return err
	}
	for _, s := range old.Sealing {
		if !slices.ContainsFunc(k.Sealing, func(x SealingKey) bool { return x.ID == s.ID && slices.Equal(x.Key, s.Key) }) {
			return fmt.Errorf("secrets: sealing key %d would be lost", s.ID)
		}
	}
	if !slices.Equal(old.Hash, k.Hash) {
		return errors.New("secrets: the hash key would change, and nothing would be found again")
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".secrets-*") // made with mode 0600
	if err != nil {
		return fmt.Errorf("secrets: %w", err)
	}
	if err := k.writeTo(f); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return errors.Join(fmt.Errorf("secrets: %w", err), os.Remove(f.Name()))
	}
	return nil
}

func (k Keyring) writeTo(f *os.File) error {
	text, err := json.MarshalIndent(k, "", "  ")
	if err == nil {
		_, err = f.Write(append(text, '\n'))
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("secrets: %w", err)
	}
	return nil
}
