package db

import (
	"context"
	"time"
)

// Setting reads a row of settings; false when there is none.
func (d *DB) Setting(ctx context.Context, name string) (value string, ok bool, err error) {
	var rows []string
	if err := d.Reader(ctx).NewRaw("SELECT value FROM settings WHERE name = ?", name).Scan(ctx, &rows); err != nil || len(rows) == 0 {
		return "", false, Fault(err)
	}
	return rows[0], true, nil
}

// PutSetting writes a row of settings in place of the one that is there.
func (d *DB) PutSetting(ctx context.Context, name, value string, now time.Time) error {
	_, err := d.Writer(ctx).NewRaw(`INSERT INTO settings (name, value, updated_at) VALUES (?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`, name, value, now).Exec(ctx)
	return Fault(err)
}
