package archive

import (
	"context"
	"database/sql"
	"strings"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
)

// inserter puts rows into one table inside the transaction of its context:
// SQLite is fastest with one prepared statement a row, PostgreSQL with many rows
// in a statement.
type inserter struct {
	d     *db.DB
	head  string
	one   string
	names []string

	stmt *sql.Stmt // SQLite

	rows  []any // PostgreSQL: values of the rows that wait
	count int
	bytes int
}

// Limits of one statement.
const (
	rowsAtOnce  = 500
	bytesAtOnce = 512 << 10
)

func newInserter(ctx context.Context, d *db.DB, table string, columns []column) (*inserter, error) {
	in := &inserter{d: d}
	for _, c := range columns {
		in.names = append(in.names, `"`+c.name+`"`)
	}
	in.head = `INSERT INTO "` + table + `" (` + strings.Join(in.names, ", ") + ") VALUES "
	in.one = "(" + strings.TrimSuffix(strings.Repeat("?, ", len(columns)), ", ") + ")"
	if d.Dialect == db.Postgres {
		return in, nil
	}
	var err error
	in.stmt, err = db.Tx(ctx).PrepareContext(ctx, in.head+in.one)
	return in, db.Fault(err)
}

func (in *inserter) add(ctx context.Context, values []any, size int) error {
	if in.stmt != nil {
		_, err := in.stmt.ExecContext(ctx, values...)
		return db.Fault(err)
	}
	in.rows = append(in.rows, values...)
	in.count++
	if in.bytes += size; in.count < rowsAtOnce && in.bytes < bytesAtOnce {
		return nil
	}
	return in.flush(ctx)
}

func (in *inserter) flush(ctx context.Context) error {
	if in.count == 0 {
		return nil
	}
	all := strings.TrimSuffix(strings.Repeat(in.one+", ", in.count), ", ")
	_, err := in.d.Writer(ctx).NewRaw("?"+all, append([]any{bun.Safe(in.head)}, in.rows...)...).Exec(ctx)
	in.rows, in.count, in.bytes = in.rows[:0], 0, 0
	return db.Fault(err)
}

func (in *inserter) close() error {
	if in.stmt == nil {
		return nil
	}
	return in.stmt.Close()
}
