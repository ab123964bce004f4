package app_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/app"
)

// A year of companies against a tax office and a bank that make mistakes: every
// mistake is found and nothing else, the bank has paid to the fen what was due but
// for what waits in a break, and the books come to zero. Another seed, another year.
func TestSimulateDues(t *testing.T) {
	each(t, func(t *testing.T, c app.Config) {
		var log bytes.Buffer
		got, err := app.SimulateDues(t.Context(), c, app.DuesSimulation{Companies: 120, Months: 12, Faults: 90, Seed: 7}, &log)
		require.NoError(t, err, log.String())
		require.GreaterOrEqual(t, got.Lines, int64(120*12))
		require.Equal(t, 90, got.FaultsSeeded)
		require.Equal(t, 90, got.FaultsFound)
		require.Zero(t, got.FalseBreaks)
		require.Zero(t, got.LedgerSum)
		require.Positive(t, got.Paid)
		require.Positive(t, got.Open, "some of the mistakes hold money back")
		require.Equal(t, got.Due, got.Paid+got.Open)

		_, err = app.SimulateDues(t.Context(), c, app.DuesSimulation{Companies: 1, Months: 1}, &log)
		require.ErrorContains(t, err, "was used before")
		for _, wrong := range []app.DuesSimulation{{Companies: 0, Months: 1}, {Companies: 1, Months: 13}, {Companies: 1, Months: 1, Faults: -1}} {
			_, err := app.SimulateDues(t.Context(), config(t, "sqlite"), wrong, &log)
			require.Error(t, err)
		}
	})
}
