package audit_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/kit/clock"
)

// BenchmarkBulk prints what it costs to record, to seal and to verify.
func BenchmarkBulk(b *testing.B) {
	const n = 20_000
	ctx := db.SystemScope(b.Context(), "bench")
	for b.Loop() {
		l := audit.New(dbtest.SQLite(b), clock.NewFake(start))
		entries := make([]audit.Entry, n)
		for i := range entries {
			entries[i] = entry("3701", i)
		}
		at := time.Now()
		lap := func(unit string) {
			b.ReportMetric(n/time.Since(at).Seconds(), unit)
			at = time.Now()
		}
		require.NoError(b, l.RecordMany(ctx, entries))
		lap("recorded/s")
		_, err := l.Seal(ctx)
		require.NoError(b, err)
		lap("sealed/s")
		_, err = l.Verify(ctx)
		require.NoError(b, err)
		lap("verified/s")
	}
}
