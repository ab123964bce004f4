package archive

import (
	"context"

	"gonghui/internal/base/db"
)

// Lines gives a table's rows as they stand in an archive.
func Lines(ctx context.Context, d *db.DB, table string) ([]string, error) {
	rows, err := d.Reader(ctx).QueryContext(ctx, "SELECT * FROM "+table)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	columns, err := columnsOf(rows)
	if err != nil {
		return nil, err
	}
	e := newEncoder(columns)
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	var out []string
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		line, err := e.line(values)
		if err != nil {
			return nil, err
		}
		out = append(out, string(line))
	}
	return out, rows.Err()
}
