package id_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/kit/id"
)

func TestPublicNumbers(t *testing.T) {
	for range 200 {
		n := id.PublicIn("V", "3702")
		require.True(t, id.ValidPublic("V", n), n)
		city, ok := id.CityOf("V", n)
		require.True(t, ok)
		require.Equal(t, "3702", city)
		require.True(t, id.ValidPublic("A", id.Public("A")))
		b := []byte(n)
		for i := 1; i < len(b); i++ { // each single wrong digit, each swap of neighbours
			was := b[i]
			b[i] = '0' + (was-'0'+1)%10
			require.False(t, id.ValidPublic("V", string(b)), "%s from %s", b, n)
			b[i] = was
			if i+1 < len(b) && b[i] != b[i+1] {
				b[i], b[i+1] = b[i+1], b[i]
				require.False(t, id.ValidPublic("V", string(b)), "%s from %s", b, n)
				b[i], b[i+1] = b[i+1], b[i]
			}
		}
	}
	for _, bad := range []string{"", "V", "V37", "A01234567890123", "V0123456789012x", "V' OR 1=1 --xxx"} {
		_, ok := id.CityOf("V", bad)
		require.False(t, ok, bad)
	}
}

func TestTokensDiffer(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		n := id.Token(20)
		require.Len(t, n, 32)
		require.False(t, seen[n])
		seen[n] = true
		require.True(t, id.Valid(id.New()))
	}
	require.False(t, id.Valid("not-an-id"))
}
