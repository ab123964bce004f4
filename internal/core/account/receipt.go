package account

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

// abandonedAfter is when a form that began and never ended may be sent anew:
// the program was killed in between.
const abandonedAfter = time.Minute

// Receipts remember what a form was answered with, so that the same form sent
// twice (a double tap, "back" and again) does its work once and gets the first
// answer again. A form carries a random token; its hash is the key.
//
// Once, the work and Remember in one transaction (db.InTx) are exact. Where they
// cannot be, call Forget when the work failed; after a crash in between the form
// may be sent again once a minute has passed.
type Receipts struct {
	db    *db.DB
	clock clock.Clock
}

// NewReceipts makes the helper.
func NewReceipts(d *db.DB, c clock.Clock) *Receipts { return &Receipts{db: d, clock: c} }

type receiptRow struct {
	bun.BaseModel `bun:"table:form_receipts,alias:f"`
	TokenHash     string `bun:",pk"`
	Location      string
	CreatedAt     time.Time
}

// Once claims a form. It gives seen = true and the location of the first answer
// when the form was answered before. Fault: Conflict "account.form_busy" while
// the first sending is still at work.
func (r *Receipts) Once(ctx context.Context, tokenHash string) (location string, seen bool, err error) {
	row := receiptRow{TokenHash: tokenHash, CreatedAt: r.clock.Now()}
	res, err := r.db.Writer(ctx).NewInsert().Model(&row).
		On("CONFLICT (token_hash) DO UPDATE").Set("created_at = EXCLUDED.created_at").
		Where("f.location = '' AND f.created_at <= ?", row.CreatedAt.Add(-abandonedAfter)).Exec(ctx)
	busy := fault.New(fault.Conflict, "account.form_busy")
	if err = db.Affected(res, err, busy); err == nil {
		return "", false, nil
	}
	if !fault.HasCode(err, busy.Code) {
		return "", false, err
	}
	// The writer, not the reading pool: the row may have been written just now.
	if err := r.db.Writer(ctx).NewSelect().Model(&row).WherePK().Scan(ctx); err != nil {
		return "", false, db.Fault(err)
	}
	if row.Location == "" {
		return "", false, busy
	}
	return row.Location, true, nil
}

// Remember keeps the location the form was answered with.
func (r *Receipts) Remember(ctx context.Context, tokenHash, location string) error {
	res, err := r.db.Writer(ctx).NewUpdate().Model((*receiptRow)(nil)).Set("location = ?", location).
		Where("token_hash = ?", tokenHash).Exec(ctx)
	return db.Affected(res, err, fault.New(fault.Conflict, "account.form_busy"))
}

// Forget gives a claim back after work that failed, so that the corrected form
// may be sent. A form that was answered stays answered.
func (r *Receipts) Forget(ctx context.Context, tokenHash string) error {
	_, err := r.db.Writer(ctx).NewDelete().Model((*receiptRow)(nil)).
		Where("token_hash = ? AND location = ''", tokenHash).Exec(ctx)
	return db.Fault(err)
}
