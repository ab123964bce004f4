package clock_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/kit/clock"
)

func TestLastDay(t *testing.T) {
	d := clock.MakeDay(2020, 12, 31)
	require.Equal(t, d, clock.LastDay(d.End()))
	require.Equal(t, d, clock.LastDay(d.End().In(time.UTC)))
	require.Equal(t, d+1, clock.LastDay(d.End().Add(time.Minute)))
	require.Equal(t, d, clock.LastDay(d.Start().Add(time.Nanosecond)))
	require.True(t, clock.LastDay(time.Time{}).IsZero())
}
