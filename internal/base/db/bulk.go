package db

import (
	"context"
	"errors"
	"strings"

	"gonghui/internal/kit/fault"
)

// bulkRows is how many rows one PostgreSQL statement of InsertNew carries.
const bulkRows = 500

// InsertNew inserts rows inside the transaction of ctx and passes over those
// that meet the unique key named by conflict ("city_code, identity"). It tells
// for each row whether it is new. Names come from the program, never from
// input. Another unique key that is met is a driver error (see Unique).
//
// SQLite runs one prepared statement row by row, which is its fastest way;
// PostgreSQL, where each statement is a journey, takes many rows at once.
func (d *DB) InsertNew(ctx context.Context, table string, columns []string, conflict string, rows [][]any) ([]bool, error) {
	fresh := make([]bool, len(rows))
	if len(rows) == 0 {
		return fresh, nil
	}
	if d.Dialect == SQLite {
		return fresh, d.insertOneByOne(ctx, table, columns, conflict, rows, fresh)
	}
	for from := 0; from < len(rows); from += bulkRows {
		part := rows[from:min(from+bulkRows, len(rows))]
		var q strings.Builder
		args := make([]any, 0, len(part)*(len(columns)+1))
		q.WriteString("WITH fresh AS (INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES ")
		one := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(columns)), ", ") + ")"
		for i, r := range part {
			if i > 0 {
				q.WriteString(", ")
			}
			q.WriteString(one)
			args = append(args, r...)
		}
		q.WriteString(" ON CONFLICT (" + conflict + ") DO NOTHING RETURNING id) SELECT id FROM fresh")
		var ids []string
		if err := d.Writer(ctx).NewRaw(q.String(), args...).Scan(ctx, &ids); err != nil {
			return nil, err
		}
		at := columnOf(columns, "id")
		have := make(map[any]bool, len(ids))
		for _, x := range ids {
			have[x] = true
		}
		for i, r := range part {
			fresh[from+i] = have[r[at]]
		}
	}
	return fresh, nil
}

// Put writes rows inside the transaction of ctx; tail says what becomes of those that
// meet a key ("ON CONFLICT (city_code, id) DO UPDATE SET …", in which the table is
// called t). It gives how many rows it wrote. Like InsertNew, row by row on SQLite.
func (d *DB) Put(ctx context.Context, table string, columns []string, tail string, rows [][]any) (int64, error) {
	if len(rows) == 0 {
		return 0, nil
	}
	one := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(columns)), ", ") + ")"
	head := "INSERT INTO " + table + " AS t (" + strings.Join(columns, ", ") + ") VALUES "
	var written int64
	if d.Dialect == SQLite {
		return written, d.each(ctx, head+one+" "+tail, rows, func(_ int, n int64) { written += n })
	}
	for from := 0; from < len(rows); from += bulkRows {
		part := rows[from:min(from+bulkRows, len(rows))]
		args := make([]any, 0, len(part)*len(columns))
		for _, r := range part {
			args = append(args, r...)
		}
		values := strings.TrimSuffix(strings.Repeat(one+", ", len(part)), ", ")
		res, err := d.Writer(ctx).NewRaw(head+values+" "+tail, args...).Exec(ctx)
		if err != nil {
			return written, err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return written, err
		}
		written += n
	}
	return written, nil
}

func columnOf(columns []string, name string) int {
	for i, c := range columns {
		if c == name {
			return i
		}
	}
	return 0
}

func (d *DB) insertOneByOne(ctx context.Context, table string, columns []string, conflict string, rows [][]any, fresh []bool) error {
	query := "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES (" +
		strings.TrimSuffix(strings.Repeat("?, ", len(columns)), ", ") + ") ON CONFLICT (" + conflict + ") DO NOTHING"
	return d.each(ctx, query, rows, func(i int, n int64) { fresh[i] = n == 1 })
}

// each runs one prepared statement for each row and tells how many rows it wrote.
func (d *DB) each(ctx context.Context, query string, rows [][]any, told func(i int, n int64)) error {
	tx := Tx(ctx)
	if tx == nil {
		return fault.New(fault.Internal, "internal", fault.Because(errors.New("bulk rows outside a transaction")))
	}
	stmt, err := tx.PrepareContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { _ = stmt.Close() }() // the transaction's end closes it anyway
	for i, r := range rows {
		res, err := stmt.ExecContext(ctx, r...)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return err
		}
		told(i, n)
	}
	return nil
}
