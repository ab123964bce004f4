package vault_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emmansun/gmsm/sm4"
	"github.com/stretchr/testify/require"

	"gonghui/internal/base/vault"
	"gonghui/internal/base/vault/vaulttest"
	"gonghui/internal/kit/fault"
)

func open(t *testing.T, k vault.Keyring) *vault.Vault {
	t.Helper()
	v, err := vault.New(k)
	require.NoError(t, err)
	return v
}

func TestSealOpen(t *testing.T) {
	for _, a := range []vault.Algorithm{vault.AES256GCM, vault.SM4GCM} {
		t.Run(a.String(), func(t *testing.T) {
			v := open(t, vault.GenerateWith(a))
			place := vault.Place("3701", "persons", "p1", "phone")
			for _, plain := range []string{"", "13800138000", strings.Repeat("济南", 5000)} {
				sealed := v.Seal(place, []byte(plain))
				require.Equal(t, byte(a), sealed[0])
				require.Equal(t, uint16(1), binary.BigEndian.Uint16(sealed[1:]))
				if plain != "" {
					require.False(t, bytes.Contains(sealed, []byte(plain)))
				}
				require.NotEqual(t, sealed, v.Seal(place, []byte(plain)), "the same value twice must not look the same")
				got, err := v.Open(place, sealed)
				require.NoError(t, err)
				require.Equal(t, plain, string(got))
			}
		})
	}
}

func TestOpenRefusesOtherPlaces(t *testing.T) {
	v := vaulttest.New(t)
	sealed := v.Seal(vault.Place("3701", "persons", "p1", "phone"), []byte("13800138000"))
	for name, place := range map[string]string{
		"city":   vault.Place("3702", "persons", "p1", "phone"),
		"table":  vault.Place("3701", "companies", "p1", "phone"),
		"row":    vault.Place("3701", "persons", "p2", "phone"),
		"field":  vault.Place("3701", "persons", "p1", "resident_id"),
		"nought": "",
	} {
		_, err := v.Open(place, sealed)
		require.True(t, fault.HasCode(err, "vault.damaged"), name)
	}
	require.NotEqual(t, vault.Place("a", "b", "1:c", "d"), vault.Place("a", "b1", ":c", "d"))
	require.NotEqual(t, vault.Place("a", "bc", "d", ""), vault.Place("a", "b", "cd", ""))
}

func TestOpenRefusesEveryFlippedBit(t *testing.T) {
	for _, a := range []vault.Algorithm{vault.AES256GCM, vault.SM4GCM} {
		v := open(t, vault.GenerateWith(a))
		sealed := v.Seal("x", []byte("370102199001010013"))
		for i := range len(sealed) * 8 {
			bad := bytes.Clone(sealed)
			bad[i/8] ^= 1 << (i % 8)
			plain, err := v.Open("x", bad)
			require.Error(t, err, "bit %d", i)
			require.Nil(t, plain)
			require.True(t, fault.IsKind(err, fault.Internal))
		}
		for n := range sealed {
			_, err := v.Open("x", sealed[:n])
			require.Error(t, err, "cut to %d bytes", n)
		}
	}
}

// A key of one algorithm must not be tried with another, whatever the byte says.
func TestAlgorithmByteIsBound(t *testing.T) {
	v := vaulttest.New(t)
	sealed := v.Seal("x", []byte("secret"))
	sealed[0] = byte(vault.SM4GCM)
	_, err := v.Open("x", sealed)
	require.True(t, fault.HasCode(err, "vault.damaged"))
}

func TestRotation(t *testing.T) {
	first := vault.Generate()
	second, err := first.Rotated(vault.SM4GCM)
	require.NoError(t, err)
	require.Len(t, first.Sealing, 1, "the old ring is left alone")

	before, after := open(t, first), open(t, second)
	old := before.Seal("x", []byte("kept"))
	plain, err := after.Open("x", old)
	require.NoError(t, err)
	require.Equal(t, "kept", string(plain))
	require.True(t, after.Stale(old))
	require.False(t, before.Stale(old))

	fresh := after.Seal("x", []byte("new"))
	require.Equal(t, byte(vault.SM4GCM), fresh[0])
	require.False(t, after.Stale(fresh))
	_, err = before.Open("x", fresh)
	require.True(t, fault.HasCode(err, "vault.unknown_key"))

	require.Equal(t, before.Hash("phone", "13800138000"), after.Hash("phone", "13800138000"),
		"what was found by its hash must be found after a rotation")
	require.True(t, after.Verify("form", "m", before.Sign("form", "m")))
}

func TestHashAndSign(t *testing.T) {
	v, other := vaulttest.New(t), vaulttest.New(t)
	h := v.Hash("phone", "13800138000")
	require.Len(t, h, 64)
	require.Equal(t, h, v.Hash("phone", "13800138000"))
	require.NotEqual(t, h, v.Hash("phone", "13800138001"))
	require.NotEqual(t, h, v.Hash("resident_id", "13800138000"))
	require.NotEqual(t, v.Hash("ab", "c"), v.Hash("a", "bc"))
	require.NotEqual(t, h, other.Hash("phone", "13800138000"), "without the key the hash cannot be made")

	proof := v.Sign("cursor", "page 2")
	require.True(t, v.Verify("cursor", "page 2", proof))
	require.False(t, v.Verify("cursor", "page 3", proof))
	require.False(t, v.Verify("form", "page 2", proof), "a proof is good for one purpose")
	require.False(t, other.Verify("cursor", "page 2", proof))
	for _, bad := range []string{"", "!", proof[:10], proof + "A", proof + "="} {
		require.False(t, v.Verify("cursor", "page 2", bad), bad)
	}
}

func TestKeyringFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secrets.json")
	_, err := vault.Load(path)
	require.ErrorContains(t, err, "no secrets")

	k := vault.Generate()
	require.NoError(t, k.Create(path))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	require.Error(t, vault.Generate().Create(path), "secrets are never overwritten")

	got, err := vault.Load(path)
	require.NoError(t, err)
	require.Equal(t, k, got)

	for _, mode := range []os.FileMode{0o640, 0o604, 0o660, 0o666, 0o610} {
		require.NoError(t, os.Chmod(path, mode))
		_, err = vault.Load(path)
		require.ErrorContains(t, err, "may be read by others", mode)
	}
	require.NoError(t, os.Chmod(path, 0o600))

	rotated, err := k.Rotated(vault.AES256GCM)
	require.NoError(t, err)
	require.NoError(t, rotated.Replace(path))
	got, err = vault.Load(path)
	require.NoError(t, err)
	require.Equal(t, rotated, got)
	require.ErrorContains(t, k.Replace(path), "would be lost")
	stranger := vault.Generate()
	stranger.Sealing = rotated.Sealing
	require.ErrorContains(t, stranger.Replace(path), "hash key would change")
	left, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, left, 1, "no copy of the secrets is left behind")

	text, err := json.Marshal(k)
	require.NoError(t, err)
	t.Setenv(vault.EnvSecrets, string(text))
	got, err = vault.Load("/nowhere/secrets.json")
	require.NoError(t, err)
	require.Equal(t, k, got)
	t.Setenv(vault.EnvSecrets, "{}")
	_, err = vault.Load(path)
	require.ErrorContains(t, err, vault.EnvSecrets, "a broken setting must not fall back to the file")
}

func TestKeyringRefused(t *testing.T) {
	good := vault.Generate()
	cases := map[string]func(k *vault.Keyring){
		"empty":        func(k *vault.Keyring) { *k = vault.Keyring{} },
		"no sealing":   func(k *vault.Keyring) { k.Sealing = nil },
		"short key":    func(k *vault.Keyring) { k.Sealing[0].Key = k.Sealing[0].Key[:16] },
		"id zero":      func(k *vault.Keyring) { k.Sealing[0].ID = 0 },
		"id twice":     func(k *vault.Keyring) { k.Sealing = append(k.Sealing, k.Sealing[0]) },
		"no algorithm": func(k *vault.Keyring) { k.Sealing[0].Algorithm = 9 },
		"no hash":      func(k *vault.Keyring) { k.Hash = nil },
		"short sign":   func(k *vault.Keyring) { k.Sign = k.Sign[:31] },
	}
	for name, spoil := range cases {
		k := good
		k.Sealing = append([]vault.SealingKey(nil), good.Sealing...)
		spoil(&k)
		_, err := vault.New(k)
		require.Error(t, err, name)
	}
	for _, text := range []string{"", "null", "[]", `{"sealing":[{"id":1,"algorithm":"rot13","key":""}]}`, `{"hash":"not base64!"}`} {
		_, err := vault.Parse([]byte(text))
		require.Error(t, err, text)
	}
}

func TestSecretsDoNotShow(t *testing.T) {
	k := vault.Generate()
	raw := []byte(k.Hash)
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		shown := fmt.Sprintf(format, k)
		require.Contains(t, shown, "(secret)")
		require.NotContains(t, shown, fmt.Sprint(raw)[1:20])
	}
}

// SM4 against GB/T 32907-2016 Annex A: one block, and one million rounds.
func TestSM4Vectors(t *testing.T) {
	text, err := os.ReadFile("testdata/sm_vectors.json")
	require.NoError(t, err)
	var vectors struct {
		SM4 []struct {
			Key, Plain, Cipher string
			Iterations         int
		}
	}
	require.NoError(t, json.Unmarshal(text, &vectors))
	require.Len(t, vectors.SM4, 2)
	unhex := func(s string) []byte {
		b, err := hex.DecodeString(s)
		require.NoError(t, err)
		return b
	}
	for _, x := range vectors.SM4 {
		block, err := sm4.NewCipher(unhex(x.Key))
		require.NoError(t, err)
		b := unhex(x.Plain)
		for range max(1, x.Iterations) {
			block.Encrypt(b, b)
		}
		require.Equal(t, x.Cipher, hex.EncodeToString(b))
	}
}

func BenchmarkSeal(b *testing.B) {
	for _, a := range []vault.Algorithm{vault.AES256GCM, vault.SM4GCM} {
		b.Run(a.String(), func(b *testing.B) {
			v, _ := vault.New(vault.GenerateWith(a))
			for b.Loop() {
				v.Seal("3701", []byte("370102199001010013"))
			}
		})
	}
}
