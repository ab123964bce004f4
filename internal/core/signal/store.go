package signal

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/kit/fault"
)

type signalRow struct {
	bun.BaseModel `bun:"table:signals,alias:s"`
	CityCode      string `bun:",pk"`
	ID            string `bun:",pk"`
	Kind          string
	PersonID      string
	CompanyID     string
	Payload       string
	At            time.Time
}

func (r signalRow) received() Received {
	return Received{
		Signal: Signal{City: r.CityCode, ID: r.ID, Kind: r.Kind, PersonID: r.PersonID, CompanyID: r.CompanyID, At: r.At.UTC()},
		body:   []byte(r.Payload),
	}
}

type receiptRow struct {
	bun.BaseModel `bun:"table:signal_receipts,alias:r"`
	CityCode      string `bun:",pk"`
	SignalID      string `bun:",pk"`
	Subscriber    string `bun:",pk"`
	At            time.Time
}

// store is the only place of the package with SQL.
type store struct{ db *db.DB }

func (s store) insert(ctx context.Context, row signalRow) error {
	_, err := s.db.Writer(ctx).NewInsert().Model(&row).Exec(ctx)
	return db.Fault(err)
}

func (s store) get(ctx context.Context, city, id string) (signalRow, error) {
	var row signalRow
	err := s.db.Reader(ctx).NewSelect().Model(&row).Where("city_code = ? AND id = ?", city, id).Scan(ctx)
	return row, db.Fault(err)
}

// receipt notes that a subscriber hears a signal; false when it has already.
func (s store) receipt(ctx context.Context, row receiptRow) (first bool, err error) {
	res, err := s.db.Writer(ctx).NewInsert().Model(&row).On("CONFLICT (city_code, signal_id, subscriber) DO NOTHING").Exec(ctx)
	if err != nil {
		return false, db.Fault(err)
	}
	n, err := res.RowsAffected()
	return n == 1, db.Fault(err)
}

func (s store) forPerson(ctx context.Context, city, person, at, after string, limit int) ([]signalRow, error) {
	q := s.db.Reader(ctx).NewSelect().Model((*signalRow)(nil)).Where("person_id = ? AND city_code = ?", person, city)
	if after != "" {
		t, err := time.Parse(time.RFC3339Nano, at)
		if err != nil {
			return nil, fault.New(fault.Invalid, "page.cursor", fault.Because(err))
		}
		q = q.Where("(at, id) < (?, ?)", t, after)
	}
	var rows []signalRow
	err := q.OrderExpr("at DESC, id DESC").Limit(int64(limit)).Scan(ctx, &rows)
	return rows, db.Fault(err)
}
