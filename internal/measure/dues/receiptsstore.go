package dues

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/id"
)

// insertReceipts enters bank entries; one whose serial stands already is passed
// over. It gives how many were new.
func (s store) insertReceipts(ctx context.Context, f File, list []BankEntry) (fresh int64, err error) {
	rows := make([][]any, len(list))
	for i, x := range list {
		rows[i] = []any{f.CityCode, id.New(), f.OrgPath, f.ID, x.Serial, x.Voucher, int64(x.Amount), x.On}
	}
	isNew, err := s.db.InsertNew(ctx, "dues_receipts", []string{"city_code", "id", "org_path", "file_id", "serial", "voucher", "amount_fen", "on_day"}, "city_code, serial", rows)
	for _, n := range isNew {
		if n {
			fresh++
		}
	}
	return fresh, db.Fault(err)
}

// arrive writes on the lines of a file what has reached the union's account: for
// the voucher that the tax office gave, also where a correction stands instead.
func (s store) arrive(ctx context.Context, f File) error {
	const came = "(SELECT sum(r.amount_fen) FROM dues_receipts AS r WHERE r.city_code = l.city_code AND r.voucher = "
	const sum = "arrived_fen = " + came
	_, err := s.db.Writer(ctx).NewUpdate().Model((*lineRow)(nil)).Set(sum+"l.voucher)").
		Where("l.city_code = ? AND l.file_id = ? AND l.corrects = ''", f.CityCode, f.ID).
		Where("l.arrived_fen IS DISTINCT FROM " + came + "l.voucher)").Exec(ctx) // mostly it stands already
	if err != nil {
		return db.Fault(err)
	}
	var corrected []lineRow
	err = s.db.Reader(ctx).NewSelect().Model(&corrected).Column("id", "voucher").
		Where("l.city_code = ? AND l.file_id = ? AND l.corrects <> '' AND NOT l.reverses", f.CityCode, f.ID).Scan(ctx)
	if err != nil {
		return db.Fault(err)
	}
	for _, r := range corrected {
		_, err := s.db.Writer(ctx).NewUpdate().Model((*lineRow)(nil)).Set(sum+"?)", voucherOf(r.Voucher)).
			Where("l.city_code = ? AND l.id = ?", f.CityCode, r.ID).Exec(ctx)
		if err != nil {
			return db.Fault(err)
		}
	}
	return nil
}

// replaceDifferences opens the new differences between the two sides and clears
// those that are none any more. It gives how many it opened.
func (s store) replaceDifferences(ctx context.Context, f File, breaks []Break, ids map[string]string, today, due clock.Day, at time.Time) (int, error) {
	var standing []breakRow
	q := s.db.Reader(ctx).NewSelect().Model(&standing).
		Where("b.city_code = ? AND b.file_id = ? AND b.kind IN (?)", f.CityCode, f.ID, bun.List(differences))
	if err := q.Scan(ctx); err != nil {
		return 0, db.Fault(err)
	}
	type key struct {
		kind    BreakKind
		voucher string
	}
	now := map[key]Break{}
	for _, b := range breaks {
		now[key{b.Kind, b.Voucher}] = b
	}
	for _, r := range standing {
		b, still := now[key{r.Kind, r.Voucher}]
		switch {
		case r.State != BreakOpen:
		case !still:
			if err := s.clearBreak(ctx, r.open(), BreakCleared, "", "", at, r.Version); err != nil {
				return 0, err
			}
		case b.Difference != r.DifferenceFen || ids[b.Voucher] != r.LineID:
			_, err := s.db.Writer(ctx).NewUpdate().Model((*breakRow)(nil)).Set("difference_fen = ?, line_id = ?, version = version + 1", b.Difference, ids[b.Voucher]).
				Where("city_code = ? AND id = ?", r.CityCode, r.ID).Exec(ctx)
			if err != nil {
				return 0, db.Fault(err)
			}
		}
		delete(now, key{r.Kind, r.Voucher})
	}
	var fresh []Break
	for _, b := range breaks {
		if _, ok := now[key{b.Kind, b.Voucher}]; ok {
			fresh = append(fresh, b)
		}
	}
	return len(fresh), s.insertBreaks(ctx, f, fresh, ids, today, due)
}
