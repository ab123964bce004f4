package notice

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/page"
)

type store struct{ db *db.DB }

type noticeRow struct {
	bun.BaseModel `bun:"table:notices,alias:n"`
	CityCode      string `bun:",pk"`
	ID            string `bun:",pk"`
	AccountID     string
	Template      string
	Params        string
	Link          string
	OnceKey       string
	CreatedAt     time.Time
	ReadAt        time.Time `bun:",nullzero"`
}

func (r noticeRow) notice() (Notice, error) {
	n := Notice{City: r.CityCode, ID: r.ID, Template: r.Template, Link: r.Link, CreatedAt: r.CreatedAt.UTC()}
	if !r.ReadAt.IsZero() {
		n.ReadAt = r.ReadAt.UTC()
	}
	dec := json.NewDecoder(bytes.NewReader([]byte(r.Params)))
	dec.UseNumber() // 1000000 stays 1000000 in the sentence, not 1e+06
	if err := dec.Decode(&n.Params); err != nil {
		return n, fault.New(fault.Internal, "internal", fault.Because(err))
	}
	return n, nil
}

// add writes a notice; one told before gives a row without id.
func (s store) add(ctx context.Context, n News, accountID string, now time.Time) (noticeRow, error) {
	params, err := json.Marshal(n.Params)
	if err != nil {
		return noticeRow{}, fault.New(fault.Internal, "internal", fault.Because(err))
	}
	row := noticeRow{
		CityCode: n.City, ID: id.New(), AccountID: accountID, Template: n.Template, Params: string(params),
		Link: n.Link, OnceKey: n.OnceKey, CreatedAt: now,
	}
	res, err := s.db.Writer(ctx).NewInsert().Model(&row).On("CONFLICT (city_code, account_id, once_key) DO NOTHING").Exec(ctx)
	told := fault.New(fault.Conflict, "notice.told")
	err = db.Affected(res, err, told)
	if fault.HasCode(err, told.Code) {
		return noticeRow{}, nil
	}
	return row, err
}

func (s store) list(ctx context.Context, accountID string, req page.Request) (page.Page[Notice], error) {
	const name = "notices"
	var micros int64
	var last string
	after, err := req.After.Decode(name, &micros, &last)
	if err != nil {
		return page.Page[Notice]{}, err
	}
	var rows []noticeRow
	q := s.db.Reader(ctx).NewSelect().Model(&rows).Where("account_id = ?", accountID).
		OrderExpr("created_at DESC, id DESC").Limit(int64(req.Size() + 1))
	if after {
		at := time.UnixMicro(micros).UTC()
		q = q.Where("(created_at < ? OR created_at = ? AND id < ?)", at, at, last)
	}
	if err := q.Scan(ctx); err != nil {
		return page.Page[Notice]{}, db.Fault(err)
	}
	notices := make([]Notice, 0, len(rows))
	for _, r := range rows {
		n, err := r.notice()
		if err != nil {
			return page.Page[Notice]{}, err
		}
		notices = append(notices, n)
	}
	return page.Cut(notices, req.Size(), func(n Notice) page.Cursor {
		return page.Encode(name, n.CreatedAt.UnixMicro(), n.ID)
	}), nil
}

func (s store) unread(ctx context.Context, accountID string) (int, error) {
	n, err := s.db.Reader(ctx).NewSelect().Model((*noticeRow)(nil)).
		Where("account_id = ? AND read_at IS NULL", accountID).Count(ctx)
	return int(n), db.Fault(err)
}

func (s store) markRead(ctx context.Context, accountID, city, noticeID string, now time.Time) (Notice, error) {
	var row noticeRow
	err := s.db.Writer(ctx).NewUpdate().Model((*noticeRow)(nil)).Set("read_at = coalesce(read_at, ?)", now).
		Where("city_code = ? AND id = ? AND account_id = ?", city, noticeID, accountID).Returning("*").Scan(ctx, &row)
	if err := db.Found(err, fault.New(fault.NotFound, "notice.unknown")); err != nil {
		return Notice{}, err
	}
	return row.notice()
}

func (s store) markAllRead(ctx context.Context, accountID string, now time.Time) error {
	_, err := s.db.Writer(ctx).NewUpdate().Model((*noticeRow)(nil)).Set("read_at = ?", now).
		Where("account_id = ? AND read_at IS NULL", accountID).Exec(ctx)
	return db.Fault(err)
}

type deliveryRow struct {
	bun.BaseModel `bun:"table:deliveries,alias:d"`
	CityCode      string `bun:",pk"`
	ID            string `bun:",pk"`
	NoticeID      string
	Channel       string
	Address       string
	State         string
	Tries         int
	Problem       string
	CreatedAt     time.Time
	SentAt        time.Time `bun:",nullzero"`
}

func (s store) addDelivery(ctx context.Context, n noticeRow, mask string) (deliveryRow, error) {
	row := deliveryRow{
		CityCode: n.CityCode, ID: id.New(), NoticeID: n.ID, Channel: "sms", Address: mask, State: Queued, CreatedAt: n.CreatedAt,
	}
	_, err := s.db.Writer(ctx).NewInsert().Model(&row).Exec(ctx)
	return row, db.Fault(err)
}

// delivery reads a delivery with its notice.
func (s store) delivery(ctx context.Context, ref deliveryRef) (deliveryRow, noticeRow, error) {
	var d deliveryRow
	var n noticeRow
	if err := s.db.Reader(ctx).NewSelect().Model(&d).Where("city_code = ? AND id = ?", ref.City, ref.ID).Scan(ctx); err != nil {
		return d, n, db.Fault(err)
	}
	err := s.db.Reader(ctx).NewSelect().Model(&n).Where("city_code = ? AND id = ?", ref.City, d.NoticeID).Scan(ctx)
	return d, n, db.Fault(err)
}

// settle moves a delivery on from queued; one that is no longer queued stays.
func (s store) settle(ctx context.Context, d deliveryRow) error {
	_, err := s.db.Writer(ctx).NewUpdate().Model((*deliveryRow)(nil)).
		Set("state = ?", d.State).Set("tries = ?", d.Tries).Set("problem = ?", d.Problem).Set("sent_at = ?", nullTime(d.SentAt)).
		Where("city_code = ? AND id = ? AND state = ?", d.CityCode, d.ID, Queued).Exec(ctx)
	return db.Fault(err)
}

func nullTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

func (s store) deliveries(ctx context.Context, city, noticeID string) ([]deliveryRow, error) {
	var rows []deliveryRow
	err := s.db.Reader(ctx).NewSelect().Model(&rows).Where("city_code = ? AND notice_id = ?", city, noticeID).
		OrderExpr("created_at, id").Scan(ctx)
	return rows, db.Fault(err)
}
