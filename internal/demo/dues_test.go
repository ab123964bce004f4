package demo_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/access"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/dues"
)

// duesStory looks at the collection ledger of the county of the logins: a file in each
// state, breaks of every age, a correction that waits.
func duesStory(t *testing.T, h house) {
	ctx := access.System(t.Context(), "test")
	files, err := h.Dues.DeskFiles(ctx, page.Request{Limit: 10})
	require.NoError(t, err)
	require.Len(t, files.Items, 3)
	last, middle, first := files.Items[0], files.Items[1], files.Items[2]
	require.Equal(t, dues.FileSigned, first.State)
	require.EqualValues(t, 1, first.Open)
	require.Equal(t, dues.FileTaken, middle.State)
	require.NotEmpty(t, middle.UnionBy)
	require.Empty(t, middle.TaxBy, "it waits for the tax office")
	require.Empty(t, last.UnionBy)
	require.Greater(t, last.Open, middle.Open)
	require.Less(t, first.To, middle.To)
	count, err := h.Dues.CountPayers(ctx, "")
	require.NoError(t, err)
	require.EqualValues(t, 1, count.Conflict, "lists disagree about one")
	require.EqualValues(t, 1, count.Excluded, "one is an insurer's")
	require.EqualValues(t, 1, count.Unclassified, "of one a figure is missing")
	require.Positive(t, count.Micro)
	require.Positive(t, count.Small)
	ages, err := h.Dues.BreakAges(ctx, dues.BreakFilter{})
	require.NoError(t, err)
	var sum dues.BreakAge
	for _, a := range ages {
		sum.Week, sum.Older, sum.Overdue = sum.Week+a.Week, sum.Older+a.Older, sum.Overdue+a.Overdue
	}
	require.Positive(t, sum.Week)
	require.Positive(t, sum.Older)
	require.Positive(t, sum.Overdue)
	open, err := h.Dues.ListCorrections(ctx, "", dues.CorrectionOpen, page.Request{})
	require.NoError(t, err)
	require.Len(t, open.Items, 1)
	accepted, err := h.Dues.ListCorrections(ctx, "", dues.CorrectionAccepted, page.Request{})
	require.NoError(t, err)
	require.Len(t, accepted.Items, 1)
}
