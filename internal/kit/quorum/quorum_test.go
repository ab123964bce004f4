package quorum_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/kit/quorum"
)

func TestNeeded(t *testing.T) {
	for _, c := range []struct{ of, half, more, twoThirds int64 }{
		{1, 1, 1, 1}, {2, 1, 2, 2}, {3, 2, 2, 2}, {4, 2, 3, 3}, {5, 3, 3, 4}, {90, 45, 46, 60}, {91, 46, 46, 61},
		{math.MaxInt64, 1 << 62, 1 << 62, 6148914691236517205},
	} {
		for rule, want := range map[quorum.Rule]int64{quorum.HalfOrMore: c.half, quorum.MoreThanHalf: c.more, quorum.TwoThirds: c.twoThirds} {
			got, err := quorum.Needed(c.of, rule)
			require.NoError(t, err)
			require.Equal(t, want, got, "%d %s", c.of, rule)
		}
	}
}

// The definition itself, tried on every small size.
func TestNeededIsTheLeast(t *testing.T) {
	for of := int64(1); of < 200; of++ {
		for rule, enough := range map[quorum.Rule]func(v int64) bool{
			quorum.HalfOrMore:   func(v int64) bool { return 2*v >= of },
			quorum.MoreThanHalf: func(v int64) bool { return 2*v > of },
			quorum.TwoThirds:    func(v int64) bool { return 3*v >= 2*of },
		} {
			for v := int64(0); v <= of; v++ {
				got, err := quorum.Carried(v, of, rule)
				require.NoError(t, err)
				require.Equal(t, enough(v), got, "%d of %d, %s", v, of, rule)
			}
		}
	}
}

func TestRefused(t *testing.T) {
	_, err := quorum.Needed(0, quorum.TwoThirds)
	require.ErrorIs(t, err, quorum.ErrSize)
	_, err = quorum.Needed(-9, quorum.TwoThirds)
	require.ErrorIs(t, err, quorum.ErrSize)
	_, err = quorum.Needed(9, "most")
	require.ErrorIs(t, err, quorum.ErrRule)
	_, err = quorum.Carried(10, 9, quorum.HalfOrMore)
	require.ErrorIs(t, err, quorum.ErrSize)
}
