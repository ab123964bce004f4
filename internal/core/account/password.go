package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"gonghui/internal/base/db"
	"gonghui/internal/kit/fault"
)

// cost is the work a password hash takes.
type cost struct {
	time, memory uint32 // rounds, KiB
	lanes        uint8
}

// fullCost takes 50 to 100 ms on one core of the smallest machine we serve from
// (argon2id, RFC 9106).
var fullCost = cost{time: 2, memory: 19 * 1024, lanes: 1}

const (
	saltBytes = 16
	keyBytes  = 32
)

// hashesAtOnce bounds the memory and the cores that sign-ins may take together.
var hashesAtOnce = max(1, runtime.NumCPU())

// maxWaiting bounds who waits for a turn: half a minute's work on any machine.
const maxWaiting = 500

// waitFor is when those may come back for whom there was no room.
const waitFor = 30 * time.Second

// Password length in characters. The upper bound keeps hashing cheap to refuse.
const (
	minPassword = 10
	maxPassword = 128
)

// nobody is the hash of a password that no account has: a sign-in with an
// unknown login is held against it, so that it takes as long as any other. It
// has the full cost; a test holds it to that.
const nobody = "$argon2id$v=19$m=19456,t=2,p=1$PyMhdNfmhB3V0dITNtLcNw$VDhDtGrJuDnOZ/4DxHRj83Cgry5fwTnGx838Cw9P31U"

// commonPasswords are the commonest of public lists among those long enough,
// lower case. Repeats and runs (1234567890, aaaaaaaaaa) are found by rule.
var commonPasswords = []string{
	"password12", "password123", "password1234", "passw0rd123", "p@ssw0rd123", "p@ssword123", "password!@#",
	"qwertyuiop", "qwertyuiop123", "qwerty12345", "qwerty123456", "1qaz2wsx3edc", "1q2w3e4r5t", "1q2w3e4r5t6y", "q1w2e3r4t5", "qazwsxedcrfv", "zxcvbnm123", "asdfghjkl123", "asdfghjkl;",
	"admin12345", "admin123456", "administrator", "root123456", "welcome123", "letmein123", "iloveyou123", "woaini1314", "woaini1314520", "woaini520", "5201314520",
	"a123456789", "a1234567890", "abc123456789", "abcd123456", "abcd1234567", "abc1234567", "qq123456789", "aa123456789", "aaa123456789", "123456789a", "1234567890a", "123456789q", "123456789abc", "12345678910", "123456789123", "1234512345", "123123123a", "123qwe123qwe", "147258369a", "1472583690", "7894561230", "9876543210", "0987654321", "11223344556", "112233445566",
	"gonghui123", "gonghui1234", "gonghui12345", "gonghui123456", "zonggonghui", "shandong123", "jinan123456", "changeme123", "test123456", "test1234567",
}

// CheckPassword refuses a password that is short, long or easily guessed:
// Invalid "account.password" with the field "password" and a sentence that says
// what to change. login may not stand in it.
func CheckPassword(password, login string) error {
	n := utf8.RuneCountInString(password)
	low := strings.ToLower(password)
	switch {
	case n < minPassword:
		return badPassword("password_short", map[string]any{"Min": minPassword})
	case n > maxPassword:
		return badPassword("password_long", map[string]any{"Max": maxPassword})
	case !utf8.ValidString(password) || strings.ContainsRune(password, 0):
		return badPassword("password_charset", nil)
	case slices.Contains(commonPasswords, low), monotonous(low):
		return badPassword("password_common", nil)
	case login != "" && strings.Contains(low, strings.ToLower(login)):
		return badPassword("password_login", nil)
	}
	return nil
}

func badPassword(code string, params map[string]any) error {
	return fault.New(fault.Invalid, "account.password",
		fault.WithFields(fault.Field{Name: "password", Code: code, Key: "field." + code, Params: params}))
}

// monotonous tells whether a text is one character, or two, over and over, or a
// run up or down the code points (abcdefghij, 9876543210).
func monotonous(s string) bool {
	r := []rune(s)
	repeat, up, down := true, true, true
	for i := 1; i < len(r); i++ {
		repeat = repeat && (i < 2 || r[i] == r[i-2])
		up = up && (r[i] == r[i-1]+1 || r[i-1] == '9' && r[i] == '0')
		down = down && (r[i] == r[i-1]-1 || r[i-1] == '0' && r[i] == '9')
	}
	return repeat || up || down
}

// hashPassword gives the PHC text of a new argon2id hash.
func hashPassword(c cost, password string) string {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // crypto/rand does not fail (Go 1.24)
	key := argon2.IDKey([]byte(password), salt, c.time, c.memory, c.lanes, keyBytes)
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memory, c.time, c.lanes,
		enc.EncodeToString(salt), enc.EncodeToString(key))
}

var errHash = errors.New("not an argon2id hash")

// samePassword holds a password against a PHC text, with the parameters written
// in it, so that they may be raised later.
func samePassword(password, phc string) (bool, error) {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, errHash
	}
	var version int
	var memory, time uint32
	var lanes uint8
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return false, errHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &time, &lanes); err != nil || time == 0 || lanes == 0 {
		return false, errHash
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false, errHash
	}
	key, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(key) == 0 {
		return false, errHash
	}
	got := argon2.IDKey([]byte(password), salt, time, memory, lanes, uint32(len(key)))
	return subtle.ConstantTimeCompare(got, key) == 1, nil
}

// turn waits for the right to hash: a bounded number of computations run at once,
// and a bounded number wait. Fault: Unavailable "account.busy", when too many do.
func (s *Service) turn(ctx context.Context) (done func(), err error) {
	defer s.waiting.Add(-1)
	if s.waiting.Add(1) > maxWaiting {
		return nil, fault.New(fault.Unavailable, "account.busy", fault.After(waitFor), fault.With("Seconds", seconds(waitFor)))
	}
	select {
	case s.hashing <- struct{}{}:
		return func() { <-s.hashing }, nil
	case <-ctx.Done():
		return nil, db.Fault(ctx.Err())
	}
}

// hash makes a new password's hash.
func (s *Service) hash(ctx context.Context, password string) (string, error) {
	done, err := s.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	return hashPassword(s.cost, password), nil
}

// verify holds a password against a hash. The caller has its turn.
func (s *Service) verify(password, phc string) (bool, error) {
	if utf8.RuneCountInString(password) > maxPassword {
		password = "" // nobody's: refused without hashing a megabyte
	}
	return samePassword(password, phc)
}
