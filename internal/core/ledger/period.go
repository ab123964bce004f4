package ledger

import (
	"context"
	"regexp"
	"strings"
	"time"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/org"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

// Period is a month of a unit's books, or of a whole city's.
type Period struct {
	City       string
	UnitID     string // empty = the whole city
	Month      string // 2020-07
	Closed     bool
	ClosedBy   string // account
	ClosedAt   time.Time
	Seq        int64  // the last voucher of the city when it was closed
	ReopenedBy string // account; empty where it never was
	ReopenedAt time.Time
	Reason     string // why it was reopened
}

var monthForm = regexp.MustCompile(`^[1-9][0-9]{3}-(0[1-9]|1[0-2])$`)

// maxReason is the longest reason in characters.
const maxReason = 200

// ClosePeriod closes a month that is over: none of its days takes an entry any
// more. unitID "" closes it for the whole city. Closing twice changes nothing. Faults:
// invalid ledger.month, ledger.period_running; not_found org.unit_unknown;
// forbidden.
func (s *Service) ClosePeriod(ctx context.Context, city, unitID, month string) (Period, error) {
	if !monthForm.MatchString(month) {
		return Period{}, fault.New(fault.Invalid, "ledger.month")
	}
	if month >= clock.Today(s.clock).String()[:7] {
		return Period{}, fault.New(fault.Invalid, "ledger.period_running")
	}
	actor, err := s.mayClose(ctx, city, unitID)
	if err != nil {
		return Period{}, err
	}
	row := periodRow{CityCode: city, UnitID: unitID, Month: month, Closed: true, ClosedBy: actor, ClosedAt: s.clock.Now()}
	err = s.db.InTx(ctx, func(ctx context.Context) error {
		// Postings hold the same lock: none is on its way while the month closes.
		head, err := s.store.lockHead(ctx, city)
		if err != nil {
			return err
		}
		old, found, err := s.store.period(ctx, city, unitID, month)
		if err != nil {
			return err
		}
		if found && old.Closed {
			row = old
			return nil
		}
		row.Seq = head.Seq
		if err := s.store.putPeriod(ctx, row); err != nil {
			return err
		}
		return s.recordPeriod(ctx, city, unitID, month, "ledger.period_closed", "")
	})
	return row.period(), err
}

// ReopenPeriod opens a closed month again, for a reason. It takes another person
// than the one who closed it. Faults: invalid ledger.month, ledger.reason;
// forbidden ledger.second_person; conflict ledger.period_open; forbidden.
func (s *Service) ReopenPeriod(ctx context.Context, city, unitID, month, reason string) (Period, error) {
	reason = strings.TrimSpace(reason)
	if !monthForm.MatchString(month) {
		return Period{}, fault.New(fault.Invalid, "ledger.month")
	}
	if n := len([]rune(reason)); n == 0 || n > maxReason || !plain(reason, 4*maxReason) {
		return Period{}, fault.New(fault.Invalid, "ledger.reason", fault.OnField("reason", "required"))
	}
	actor, err := s.mayClose(ctx, city, unitID)
	if err != nil {
		return Period{}, err
	}
	var row periodRow
	err = s.db.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.store.lockHead(ctx, city); err != nil {
			return err
		}
		var found bool
		if row, found, err = s.store.period(ctx, city, unitID, month); err != nil {
			return err
		}
		switch {
		case !found || !row.Closed:
			return fault.New(fault.Conflict, "ledger.period_open")
		case row.ClosedBy == actor:
			return fault.New(fault.Forbidden, "ledger.second_person")
		}
		row.Closed, row.ReopenedBy, row.ReopenedAt, row.Reason = false, actor, s.clock.Now(), reason
		if err := s.store.putPeriod(ctx, row); err != nil {
			return err
		}
		return s.recordPeriod(ctx, city, unitID, month, "ledger.period_reopened", reason)
	})
	return row.period(), err
}

// Periods lists the months of a city, or of one of its units with those of the
// whole city, the latest first.
func (s *Service) Periods(ctx context.Context, city, unitID string) ([]Period, error) {
	u, err := s.keeper(city, unitID)
	if err != nil {
		return nil, err
	}
	if err := may(ctx, access.LedgerRead, u.Path); err != nil {
		return nil, err
	}
	rows, err := s.store.periods(ctx, city, unitID)
	out := make([]Period, len(rows))
	for i, r := range rows {
		out[i] = r.period()
	}
	return out, err
}

func (s *Service) mayClose(ctx context.Context, city, unitID string) (actor string, err error) {
	u, err := s.keeper(city, unitID)
	if err != nil {
		return "", err
	}
	if err := may(ctx, access.LedgerClose, u.Path); err != nil {
		return "", err
	}
	a, _ := access.From(ctx)
	return a.AccountID, nil
}

// keeper gives the unit whose books they are; for a whole city the city's union.
func (s *Service) keeper(city, unitID string) (u org.Unit, err error) {
	var ok bool
	switch {
	case unitID != "":
		u, ok = s.org.ByID(unitID)
		ok = ok && u.CityCode == city
	case city == org.ProvinceCustody:
		u, ok = s.org.Root()
	default:
		u, ok = s.org.ByDivision(city)
	}
	if !ok {
		return u, errAccountUnknown
	}
	return u, nil
}

func (r periodRow) period() Period {
	p := Period{City: r.CityCode, UnitID: r.UnitID, Month: r.Month, Closed: r.Closed, ClosedBy: r.ClosedBy, ClosedAt: r.ClosedAt.UTC(),
		Seq: r.Seq, ReopenedBy: r.ReopenedBy, Reason: r.Reason}
	if !r.ReopenedAt.IsZero() {
		p.ReopenedAt = r.ReopenedAt.UTC()
	}
	return p
}

func (s store) period(ctx context.Context, city, unitID, month string) (periodRow, bool, error) {
	var rows []periodRow
	err := s.db.Writer(ctx).NewSelect().Model(&rows).Where("city_code = ? AND unit_id = ? AND month = ?", city, unitID, month).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return periodRow{}, false, db.Fault(err)
	}
	return rows[0], true, nil
}

func (s store) putPeriod(ctx context.Context, row periodRow) error {
	q := s.db.Writer(ctx).NewInsert().Model(&row).On("CONFLICT (city_code, unit_id, month) DO UPDATE")
	for _, c := range []string{"closed", "closed_by", "closed_at", "seq", "reopened_by", "reopened_at", "reason"} {
		q = q.Set(c + " = EXCLUDED." + c)
	}
	_, err := q.Exec(ctx)
	return db.Fault(err)
}

func (s store) periods(ctx context.Context, city, unitID string) ([]periodRow, error) {
	var rows []periodRow
	err := s.db.Reader(ctx).NewSelect().Model(&rows).Where("city_code = ? AND unit_id IN ('', ?)", city, unitID).
		OrderExpr("month DESC, unit_id").Scan(ctx)
	return rows, db.Fault(err)
}
