package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/emmansun/gmsm/sm4"

	"gonghui/internal/kit/fault"
)

const (
	headerSize = 3  // algorithm and key id
	nonceSize  = 12 // bytes, random: a key is good for 2³² values (NIST SP 800-38D, 8.3)
	tagSize    = 16 // bytes
)

type sealer struct {
	header [headerSize]byte
	aead   cipher.AEAD
}

// Vault seals, opens, hashes and signs with one keyring. It is immutable and
// safe for concurrent use.
type Vault struct {
	byID       map[uint16]*sealer
	newest     *sealer
	hash, sign secret
}

// New builds a vault on a keyring and refuses an incomplete one.
func New(k Keyring) (*Vault, error) {
	if err := k.check(); err != nil {
		return nil, err
	}
	v := &Vault{byID: map[uint16]*sealer{}, hash: k.Hash, sign: k.Sign}
	for _, key := range k.Sealing {
		aead, err := newAEAD(key.Algorithm, key.Key)
		if err != nil {
			return nil, fmt.Errorf("sealing key %d: %w", key.ID, err)
		}
		s := &sealer{aead: aead}
		s.header[0] = byte(key.Algorithm)
		binary.BigEndian.PutUint16(s.header[1:], key.ID)
		v.byID[key.ID], v.newest = s, s
	}
	return v, nil
}

func newAEAD(a Algorithm, key []byte) (cipher.AEAD, error) {
	var block cipher.Block
	var err error
	if a == SM4GCM {
		block, err = sm4.NewCipher(key)
	} else {
		block, err = aes.NewCipher(key)
	}
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// Place names where a value stands, for Seal and Open. Its parts are counted,
// so that no two places share a text.
func Place(city, table, row, field string) string {
	b := make([]byte, 0, len(city)+len(table)+len(row)+len(field)+12)
	for _, part := range [...]string{city, table, row, field} {
		b = strconv.AppendInt(b, int64(len(part)), 10)
		b = append(b, ':')
		b = append(b, part...)
	}
	return string(b)
}

// Seal encrypts plain with the newest key and binds it to aad, which is a
// Place for a value in a table. Each call gives another result.
func (v *Vault) Seal(aad string, plain []byte) []byte {
	s := v.newest
	out := make([]byte, headerSize+nonceSize, headerSize+nonceSize+len(plain)+tagSize)
	copy(out, s.header[:])
	nonce := out[headerSize:]
	_, _ = rand.Read(nonce) // never fails since Go 1.24: the program stops instead
	return s.aead.Seal(out, nonce, plain, s.bind(aad))
}

// bind is the authenticated text: the header, then the caller's.
func (s *sealer) bind(aad string) []byte {
	b := make([]byte, 0, headerSize+len(aad))
	b = append(b, s.header[:]...)
	return append(b, aad...)
}

// Open gives the text that Seal was given under the same aad. Faults: internal
// vault.damaged (changed, cut short, or from another place), vault.unknown_key
// (sealed with a key that this keyring does not hold).
func (v *Vault) Open(aad string, sealed []byte) ([]byte, error) {
	if len(sealed) < headerSize+nonceSize+tagSize {
		return nil, broken("vault.damaged", fmt.Errorf("%d bytes are too few", len(sealed)))
	}
	keyID := binary.BigEndian.Uint16(sealed[1:])
	s, ok := v.byID[keyID]
	if !ok {
		return nil, broken("vault.unknown_key", fmt.Errorf("sealing key %d is not in the keyring", keyID))
	}
	if s.header[0] != sealed[0] {
		return nil, broken("vault.damaged", fmt.Errorf("%s with a key for %s", Algorithm(sealed[0]), Algorithm(s.header[0])))
	}
	nonce, text := sealed[headerSize:headerSize+nonceSize], sealed[headerSize+nonceSize:]
	plain, err := s.aead.Open(nil, nonce, text, s.bind(aad))
	if err != nil {
		return nil, broken("vault.damaged", err)
	}
	return plain, nil
}

// broken faults are our trouble, not the person's: the page shows the general
// sentence, the log the code.
func broken(code string, cause error) error {
	f := fault.New(fault.Internal, code, fault.Because(cause))
	f.Key = "fault.internal"
	return f
}

// Stale tells whether a value was sealed with another key than the newest, so
// that a rotation can seal it anew.
func (v *Vault) Stale(sealed []byte) bool {
	return len(sealed) < headerSize || [headerSize]byte(sealed[:headerSize]) != v.newest.header
}

// Hash is the keyed hash by which a personal value is found and kept unique:
// HMAC-SHA256 over kind and value, in 64 hex digits. The caller normalises the
// value first. It does not change when sealing keys rotate.
func (v *Vault) Hash(kind, value string) string {
	return hex.EncodeToString(mac(v.hash, kind, value))
}

// Sign makes a short proof, safe in a URL, that msg was made here for the
// purpose: form tokens, page cursors.
func (v *Vault) Sign(purpose, msg string) string {
	return base64.RawURLEncoding.EncodeToString(mac(v.sign, purpose, msg))
}

// Verify tells whether proof is what Sign gave for the same purpose and msg. It
// takes the same time whichever part differs.
func (v *Vault) Verify(purpose, msg, proof string) bool {
	got, err := base64.RawURLEncoding.Strict().DecodeString(proof)
	return err == nil && hmac.Equal(got, mac(v.sign, purpose, msg))
}

func mac(key secret, kind, value string) []byte {
	h := hmac.New(sha256.New, key)
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(kind))) // so that "ab","c" is not "a","bc"
	h.Write(n[:])
	h.Write([]byte(kind))
	h.Write([]byte(value))
	return h.Sum(nil)
}
