package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/kit/fault"
)

const (
	markerName    = "demo"
	stateBuilding = "building"
	stateReady    = "ready"
)

// marker is the value of the row 'demo' of settings. Pages show their banner
// while it is there.
type marker struct {
	State   string  `json:"state"`
	Summary Summary `json:"summary"`
}

type settingRow struct {
	bun.BaseModel `bun:"table:settings"`

	Name      string    `bun:"name,pk"`
	Value     string    `bun:"value"`
	UpdatedAt time.Time `bun:"updated_at"`
}

// Built tells whether the installation is a demonstration, and which. Fault:
// conflict demo.half_built where a build was cut off.
func Built(ctx context.Context, d *db.DB) (Summary, bool, error) {
	var rows []settingRow
	if err := d.Reader(ctx).NewSelect().Model(&rows).Where("name = ?", markerName).Scan(ctx); err != nil {
		return Summary{}, false, db.Fault(err)
	}
	if len(rows) == 0 {
		return Summary{}, false, nil
	}
	var m marker
	if err := json.Unmarshal([]byte(rows[0].Value), &m); err != nil {
		return Summary{}, false, fault.New(fault.Internal, "internal", fault.Because(fmt.Errorf("settings row %s: %w", markerName, err)))
	}
	if m.State != stateReady {
		return Summary{}, false, fault.New(fault.Conflict, "demo.half_built")
	}
	return m.Summary, true, nil
}

// mark writes the row. The first mark is the lock: of two builds at once, and in
// a house with people in it, it is refused.
func mark(ctx context.Context, d *db.DB, at time.Time, m marker) error {
	text, err := json.Marshal(m)
	if err != nil {
		return fault.New(fault.Internal, "internal", fault.Because(err))
	}
	row := &settingRow{Name: markerName, Value: string(text), UpdatedAt: at}
	if m.State == stateReady {
		res, err := d.Writer(ctx).NewUpdate().Model(row).WherePK().Exec(ctx)
		return db.Affected(res, err, fault.New(fault.Conflict, "demo.half_built"))
	}
	return d.InTx(ctx, func(ctx context.Context) error {
		used, err := d.Reader(ctx).NewSelect().Table("persons").Limit(1).Exists(ctx)
		if err != nil {
			return db.Fault(err)
		}
		if used {
			return fault.New(fault.Conflict, "demo.in_use")
		}
		res, err := d.Writer(ctx).NewInsert().Model(row).On("CONFLICT (name) DO NOTHING").Exec(ctx)
		return db.Affected(res, err, fault.New(fault.Conflict, "demo.half_built"))
	})
}
