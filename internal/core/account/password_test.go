package account

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The hash an unknown login is held against costs what a real one costs.
func TestNobodyCostsWhatEverybodyCosts(t *testing.T) {
	params := func(phc string) string { return strings.Join(strings.Split(phc, "$")[:4], "$") }
	require.Equal(t, params(hashPassword(fullCost, "x")), params(nobody))
	ok, err := samePassword("", nobody)
	require.NoError(t, err)
	require.False(t, ok)
}

func TestBrokenHashesAreErrors(t *testing.T) {
	for _, phc := range []string{"", "x", "$argon2i$v=19$m=8,t=1,p=1$AAAA$AAAA", "$argon2id$v=16$m=8,t=1,p=1$AAAA$AAAA",
		"$argon2id$v=19$m=8,t=0,p=1$AAAA$AAAA", "$argon2id$v=19$m=8,t=1,p=1$*$AAAA", "$argon2id$v=19$m=8,t=1,p=1$AAAA$"} {
		_, err := samePassword("x", phc)
		require.Error(t, err, phc)
	}
	a, b := hashPassword(fullCost, "x"), hashPassword(fullCost, "x")
	require.NotEqual(t, a, b, "salted")
}
