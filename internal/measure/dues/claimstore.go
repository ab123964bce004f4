package dues

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/core/org"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/money"
	"gonghui/internal/kit/page"
)

type refundRow struct {
	bun.BaseModel `bun:"table:dues_refunds,alias:f"`

	CityCode     string     `bun:"city_code,pk"`
	ID           string     `bun:"id,pk"`
	Number       string     `bun:"number"`
	OrgPath      string     `bun:"org_path"`
	Mode         Route      `bun:"mode"`
	Kind         RefundKind `bun:"kind"`
	ReviewPath   string     `bun:"review_path"`
	FromMonth    clock.Day  `bun:"from_month"`
	ToMonth      clock.Day  `bun:"to_month"`
	RulesVersion string     `bun:"rules_version"`
	Claims       int        `bun:"claims"`
	AmountFen    money.Fen  `bun:"amount_fen"`
	CompanyID    string     `bun:"company_id"`
	NoticeUntil  string     `bun:"notice_until"`
	CreatedBy    string     `bun:"created_by"`
	CreatedAt    time.Time  `bun:"created_at"`
}

func (r refundRow) refund() Refund {
	x := Refund{
		CityCode: r.CityCode, ID: r.ID, Number: r.Number, OrgPath: r.OrgPath, Route: r.Mode, Kind: r.Kind, ReviewPath: r.ReviewPath, From: r.FromMonth, To: r.ToMonth,
		RulesVersion: r.RulesVersion, Claims: r.Claims, Amount: r.AmountFen, CompanyID: r.CompanyID, CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt,
	}
	x.NoticeUntil = storedDay(r.NoticeUntil)
	return x
}

type claimRow struct {
	bun.BaseModel `bun:"table:dues_claims,alias:c"`

	CityCode    string     `bun:"city_code,pk"`
	ID          string     `bun:"id,pk"`
	RefundID    string     `bun:"refund_id"`
	OrgPath     string     `bun:"org_path"`
	CompanyCity string     `bun:"company_city"`
	CompanyID   string     `bun:"company_id"`
	Name        string     `bun:"name"`
	Inputs      string     `bun:"inputs"`
	Lines       int64      `bun:"lines"`
	PaidFen     money.Fen  `bun:"paid_fen"`
	AmountFen   money.Fen  `bun:"amount_fen"`
	NationalFen money.Fen  `bun:"national_fen"`
	ProvinceFen money.Fen  `bun:"province_fen"`
	CityFen     money.Fen  `bun:"city_fen"`
	CountyFen   money.Fen  `bun:"county_fen"`
	RetainedFen money.Fen  `bun:"retained_fen"`
	State       ClaimState `bun:"state"`
	Holds       string     `bun:"holds"`
	Reason      string     `bun:"reason"`
	LookedBy    string     `bun:"looked_by"`
	PaymentID   string     `bun:"payment_id"`
	PaidOn      string     `bun:"paid_on"`
	Version     int        `bun:"version"`
	UpdatedAt   time.Time  `bun:"updated_at"`
}

func (r claimRow) model() Claim {
	c := Claim{
		CityCode: r.CityCode, ID: r.ID, RefundID: r.RefundID, OrgPath: r.OrgPath, Company: company.Ref{City: r.CompanyCity, ID: r.CompanyID}, Name: r.Name,
		Lines: r.Lines, Paid: r.PaidFen, Amount: r.AmountFen, Shares: Shares{r.NationalFen, r.ProvinceFen, r.CityFen, r.CountyFen}, Retained: r.RetainedFen,
		State: r.State, Reason: r.Reason, LookedBy: r.LookedBy, PaymentID: r.PaymentID, PaidOn: storedDay(r.PaidOn), Version: r.Version,
	}
	_ = json.Unmarshal([]byte(r.Inputs), &c.Inputs) // written by candidate.claim
	for h := range strings.FieldsSeq(r.Holds) {
		c.Holds = append(c.Holds, Hold(h))
	}
	return c
}

// sums is what the levels gave of a claim.
func (r claimRow) sums() itemSum {
	return itemSum{
		CountedFen: r.AmountFen, NationalFen: r.NationalFen, ProvinceFen: r.ProvinceFen, CityFen: r.CityFen, CountyFen: r.CountyFen, RetainedFen: r.RetainedFen,
	}
}

// claimable says which lines a list of a kind may take: of signed files of the
// unit, of a company that is known, on no list yet, and without a question about
// the line itself. Money that is missing or too much is no question: what both
// sides agree on is what counts.
func claimable(kind RefundKind, unit org.Unit, p Period) (string, []any) {
	which := "l.claim_id = '' AND (l.refunded OR l.item = 'preparation')"
	if kind == PassOn {
		which = "l.part_claim_id = '' AND l.item = 'dues'"
	}
	return `l.city_code = ? AND l.file_id IN (SELECT f.id FROM dues_files AS f WHERE f.city_code = ? AND f.org_path = ? AND f.state = 'signed')
		AND l.month >= ? AND l.month <= ? AND l.company_id <> '' AND ` + which + `
		AND l.id NOT IN (SELECT b.line_id FROM dues_breaks AS b WHERE b.city_code = ? AND b.state = 'open' AND b.line_id <> ''
			AND b.kind NOT IN ('tax_only', 'union_only', 'amount_differs'))`, []any{unit.CityCode, unit.CityCode, unit.Path, p.From, p.To, unit.CityCode}
}

// candidates adds up the claimable lines of each payer. Preparation funds wait
// until the company has a union.
func (s store) candidates(ctx context.Context, unit org.Unit, kind RefundKind, p Period, only company.Ref) ([]candidate, error) {
	where, args := claimable(kind, unit, p)
	up, own := "CASE WHEN l.refunded THEN l.%s_fen ELSE 0 END", "CASE WHEN l.item = 'preparation' THEN l.retained_fen ELSE 0 END"
	if kind == PassOn {
		up, own = "0", "l.retained_fen"
	}
	level := func(name string) string { return "sum(" + strings.ReplaceAll(up, "%s", name) + ") AS " + name }
	if only.ID != "" {
		where += " AND l.company_city = ? AND l.company_id = ?"
		args = append(args, only.City, only.ID)
	}
	var out []candidate
	err := s.db.Writer(ctx).NewRaw(`SELECT p.city_code AS company_city, p.company_id, p.name, p.org_path AS review_path, p.size_class, p.excluded, p.payer_type,
			p.union_founded_on, p.account_name, p.account_kind, p.account_hash,
			x.lines, x.confidence, x.counted, x.payroll, x.highest, x.national, x.province, x.city, x.county, x.retained, x.items
		FROM (SELECT l.company_city AS cc, l.company_id AS ci, count(*) AS lines, min(l.confidence) AS confidence, sum(l.counted_fen) AS counted, sum(l.payroll_fen) AS payroll,
			max(l.payroll_fen) AS highest, `+level("national")+", "+level("province")+", "+level("city")+", "+level("county")+", sum("+own+`) AS retained,
			sum(CASE WHEN l.item = 'dues' THEN 1 ELSE 0 END) AS items
			FROM dues_lines AS l JOIN dues_payers AS q ON q.city_code = l.company_city AND q.company_id = l.company_id
			WHERE `+where+` AND (l.item = 'dues' OR q.union_founded_on <> '')
			GROUP BY l.company_city, l.company_id) AS x
		JOIN dues_payers AS p ON p.city_code = x.cc AND p.company_id = x.ci ORDER BY p.org_path, p.company_id`, args...).Scan(ctx, &out)
	return out, db.Fault(err)
}

// sharedAccounts gives the accounts that serve more companies than may share one.
func (s store) sharedAccounts(ctx context.Context, most int64) (map[string]bool, error) {
	var hashes []string
	err := s.db.Reader(ctx).NewRaw("SELECT account_hash FROM dues_payers WHERE account_hash <> '' GROUP BY account_hash HAVING count(*) > ?", most).Scan(ctx, &hashes)
	out := make(map[string]bool, len(hashes))
	for _, h := range hashes {
		out[h] = true
	}
	return out, db.Fault(err)
}

func (s store) insertRefunds(ctx context.Context, list []Refund) error {
	rows := make([]refundRow, len(list))
	for i, r := range list {
		rows[i] = refundRow{
			CityCode: r.CityCode, ID: r.ID, Number: r.Number, OrgPath: r.OrgPath, Mode: r.Route, Kind: r.Kind, ReviewPath: r.ReviewPath, FromMonth: r.From, ToMonth: r.To,
			RulesVersion: r.RulesVersion, Claims: r.Claims, AmountFen: r.Amount, CompanyID: r.CompanyID, CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt,
		}
	}
	_, err := s.db.Writer(ctx).NewInsert().Model(&rows).Returning("NULL").Exec(ctx)
	return db.Fault(err)
}

var claimColumns = []string{
	"city_code", "id", "refund_id", "org_path", "company_city", "company_id", "name", "inputs", "lines", "paid_fen", "amount_fen",
	"national_fen", "province_fen", "city_fen", "county_fen", "retained_fen", "state", "holds", "version", "updated_at",
}

func (s store) insertClaims(ctx context.Context, list []claimRow) error {
	rows := make([][]any, len(list))
	for i, c := range list {
		rows[i] = []any{
			c.CityCode, c.ID, c.RefundID, c.OrgPath, c.CompanyCity, c.CompanyID, c.Name, c.Inputs, c.Lines, int64(c.PaidFen), int64(c.AmountFen),
			int64(c.NationalFen), int64(c.ProvinceFen), int64(c.CityFen), int64(c.CountyFen), int64(c.RetainedFen), string(c.State), c.Holds, 1, c.UpdatedAt,
		}
	}
	_, err := s.db.InsertNew(ctx, "dues_claims", claimColumns, "city_code, id", rows)
	return db.Fault(err)
}

// claimLines marks the lines that the claims of new lists rest on, and counts them.
func (s store) claimLines(ctx context.Context, unit org.Unit, kind RefundKind, p Period, lists []Refund) (int64, error) {
	where, args := claimable(kind, unit, p)
	column := "claim_id"
	if kind == PassOn {
		column = "part_claim_id"
	}
	ids := make([]string, len(lists))
	for i, r := range lists {
		ids[i] = r.ID
	}
	res, err := s.db.Writer(ctx).NewRaw(`UPDATE dues_lines AS l SET `+column+` = c.id FROM dues_claims AS c, dues_payers AS q
		WHERE c.city_code = ? AND c.refund_id IN (?) AND l.company_city = c.company_city AND l.company_id = c.company_id
			AND q.city_code = l.company_city AND q.company_id = l.company_id AND (l.item = 'dues' OR q.union_founded_on <> '')
			AND `+where, append([]any{unit.CityCode, bun.List(ids)}, args...)...).Exec(ctx)
	if err != nil {
		return 0, db.Fault(err)
	}
	n, err := res.RowsAffected()
	return n, db.Fault(err)
}

// freeLines gives the lines of a claim, or of a whole list, free for another.
func (s store) freeLines(ctx context.Context, r Refund, claimID string) error {
	column := "claim_id"
	if r.Kind == PassOn {
		column = "part_claim_id"
	}
	q := s.db.Writer(ctx).NewUpdate().TableExpr("dues_lines AS l").Set(column+" = ''").Where("l.city_code = ?", r.CityCode)
	if claimID != "" {
		q = q.Where("(l.company_city, l.company_id) IN (SELECT c.company_city, c.company_id FROM dues_claims AS c WHERE c.city_code = ? AND c.id = ?)", r.CityCode, claimID).
			Where("l."+column+" = ?", claimID)
	} else {
		q = q.Where("l."+column+" IN (SELECT c.id FROM dues_claims AS c WHERE c.city_code = ? AND c.refund_id = ?)", r.CityCode, r.ID)
	}
	_, err := q.Exec(ctx)
	return db.Fault(err)
}

func (s store) refund(ctx context.Context, city, refundID string) (Refund, error) {
	var r refundRow
	err := s.db.Writer(ctx).NewSelect().Model(&r).Where("f.city_code = ? AND f.id = ?", city, refundID).Scan(ctx)
	return r.refund(), db.Found(err, errNoRefund())
}

func (s store) refunds(ctx context.Context, req page.Request) (page.Page[Refund], error) {
	const list = "dues_refunds"
	var rows []refundRow
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(&rows), db.Columns{Path: "f.review_path"})
	if err != nil {
		return page.Page[Refund]{}, err
	}
	var at time.Time
	var last string
	if more, err := req.After.Decode(list, &at, &last); err != nil {
		return page.Page[Refund]{}, err
	} else if more {
		q = q.Where("(f.created_at < ? OR (f.created_at = ? AND f.id < ?))", at, at, last)
	}
	if err := q.OrderExpr("f.created_at DESC, f.id DESC").Limit(int64(req.Size() + 1)).Scan(ctx); err != nil {
		return page.Page[Refund]{}, db.Fault(err)
	}
	cut := page.Cut(rows, req.Size(), func(r refundRow) page.Cursor { return page.Encode(list, r.CreatedAt, r.ID) })
	return page.Map(cut, refundRow.refund), nil
}

func (s store) setNotice(ctx context.Context, r Refund, until clock.Day) error {
	_, err := s.db.Writer(ctx).NewRaw("UPDATE dues_refunds SET notice_until = ? WHERE city_code = ? AND id = ?", dayText(until), r.CityCode, r.ID).Exec(ctx)
	return db.Fault(err)
}

// countRefund writes how many companies are on a list, and what they get.
func (s store) countRefund(ctx context.Context, r Refund) error {
	_, err := s.db.Writer(ctx).NewRaw(`UPDATE dues_refunds SET
			claims = (SELECT count(*) FROM dues_claims AS c WHERE c.city_code = ? AND c.refund_id = ? AND c.state NOT IN ('held', 'struck')),
			amount_fen = (SELECT coalesce(sum(c.amount_fen), 0) FROM dues_claims AS c WHERE c.city_code = ? AND c.refund_id = ? AND c.state NOT IN ('held', 'struck'))
		WHERE city_code = ? AND id = ?`, r.CityCode, r.ID, r.CityCode, r.ID, r.CityCode, r.ID).Exec(ctx)
	return db.Fault(err)
}

func (s store) claim(ctx context.Context, city, claimID string) (claimRow, error) {
	var r claimRow
	err := s.db.Writer(ctx).NewSelect().Model(&r).Where("c.city_code = ? AND c.id = ?", city, claimID).Scan(ctx)
	return r, db.Found(err, errNoClaim())
}

func (s store) claims(ctx context.Context, r Refund, state ClaimState, req page.Request) (page.Page[Claim], error) {
	const list = "dues_claims"
	var rows []claimRow
	q := s.db.Reader(ctx).NewSelect().Model(&rows).Where("c.city_code = ? AND c.refund_id = ?", r.CityCode, r.ID)
	if state != "" {
		q = q.Where("c.state = ?", state)
	}
	var last string
	if more, err := req.After.Decode(list, &last); err != nil {
		return page.Page[Claim]{}, err
	} else if more {
		q = q.Where("c.id > ?", last)
	}
	if err := q.OrderExpr("c.id").Limit(int64(req.Size() + 1)).Scan(ctx); err != nil {
		return page.Page[Claim]{}, db.Fault(err)
	}
	cut := page.Cut(rows, req.Size(), func(r claimRow) page.Cursor { return page.Encode(list, r.ID) })
	return page.Map(cut, claimRow.model), nil
}

func (s store) countClaims(ctx context.Context, r Refund, state ClaimState) (int64, error) {
	n, err := s.db.Writer(ctx).NewSelect().Model((*claimRow)(nil)).Where("c.city_code = ? AND c.refund_id = ? AND c.state = ?", r.CityCode, r.ID, state).Count(ctx)
	return n, db.Fault(err)
}

// claimSum adds up what is on a list, level by level; CountedFen is what it gives.
func (s store) claimSum(ctx context.Context, r Refund) (itemSum, error) {
	var x itemSum
	err := s.db.Writer(ctx).NewRaw(`SELECT count(*) AS lines, coalesce(sum(amount_fen), 0) AS counted_fen, coalesce(sum(retained_fen), 0) AS retained_fen,
			coalesce(sum(national_fen), 0) AS national_fen, coalesce(sum(province_fen), 0) AS province_fen, coalesce(sum(city_fen), 0) AS city_fen,
			coalesce(sum(county_fen), 0) AS county_fen
		FROM dues_claims WHERE city_code = ? AND refund_id = ? AND state = ?`, r.CityCode, r.ID, ClaimListed).Scan(ctx, &x)
	return x, db.Fault(err)
}

// approveClaims moves what is on a list on: to be paid where there is an account,
// else kept. It gives what is kept.
func (s store) approveClaims(ctx context.Context, r Refund, now time.Time) ([]claimRow, error) {
	_, err := s.db.Writer(ctx).NewRaw(`UPDATE dues_claims AS c SET state = CASE WHEN EXISTS (SELECT 1 FROM dues_payers AS p
				WHERE p.city_code = c.company_city AND p.company_id = c.company_id AND p.account_hash <> '') THEN 'approved' ELSE 'kept' END,
			version = version + 1, updated_at = ?
		WHERE c.city_code = ? AND c.refund_id = ? AND c.state = ?`, now, r.CityCode, r.ID, ClaimListed).Exec(ctx)
	if err != nil {
		return nil, db.Fault(err)
	}
	var kept []claimRow
	err = s.db.Writer(ctx).NewSelect().Model(&kept).Where("c.city_code = ? AND c.refund_id = ? AND c.state = ?", r.CityCode, r.ID, ClaimKept).OrderExpr("c.id").Scan(ctx)
	return kept, db.Fault(err)
}

func (s store) moveClaims(ctx context.Context, r Refund, from []ClaimState, to ClaimState, now time.Time) (int64, error) {
	res, err := s.db.Writer(ctx).NewUpdate().Model((*claimRow)(nil)).Set("state = ?, version = version + 1, updated_at = ?", to, now).
		Where("c.city_code = ? AND c.refund_id = ? AND c.state IN (?)", r.CityCode, r.ID, bun.List(from)).Exec(ctx)
	if err != nil {
		return 0, db.Fault(err)
	}
	n, err := res.RowsAffected()
	return n, db.Fault(err)
}

// moveClaim writes state, reason and who looked, if it still stands as it was read.
func (s store) moveClaim(ctx context.Context, c claimRow, from ClaimState, now time.Time) error {
	res, err := s.db.Writer(ctx).NewUpdate().Model((*claimRow)(nil)).
		Set("state = ?, reason = ?, looked_by = ?, payment_id = ?, paid_on = ?, version = version + 1, updated_at = ?", c.State, c.Reason, c.LookedBy, c.PaymentID, c.PaidOn, now).
		Where("c.city_code = ? AND c.id = ? AND c.state = ? AND c.version = ?", c.CityCode, c.ID, from, c.Version).Exec(ctx)
	return db.Affected(res, err, casework.ErrMovedOn)
}

// collectorOf gives the unit whose files hold the dues of a company.
func (s store) collectorOf(ctx context.Context, ref company.Ref) (string, error) {
	var paths []string
	err := s.db.Reader(ctx).NewRaw(`SELECT f.org_path FROM dues_lines AS l JOIN dues_files AS f ON f.city_code = l.city_code AND f.id = l.file_id
		WHERE l.city_code = ? AND l.company_id = ? ORDER BY l.month DESC LIMIT 1`, ref.City, ref.ID).Scan(ctx, &paths)
	if err != nil {
		return "", db.Fault(err)
	}
	if len(paths) == 0 {
		return "", errNoPayer()
	}
	return paths[0], nil
}

// paidClaim is what figures count of a claim.
type paidClaim struct {
	CityCode    string
	ClaimID     string
	CompanyID   string
	ReviewPath  string
	ToMonth     clock.Day
	AmountFen   money.Fen
	RetainedFen money.Fen
}

const paidClaimSQL = `SELECT c.city_code, c.id AS claim_id, c.company_id, r.review_path, r.to_month, c.amount_fen, c.retained_fen
	FROM dues_claims AS c JOIN dues_refunds AS r ON r.city_code = c.city_code AND r.id = c.refund_id
	WHERE r.kind = 'refund'`

// paidClaims gives the refunds among some claims.
func (s store) paidClaims(ctx context.Context, city string, ids []string) ([]paidClaim, error) {
	var out []paidClaim
	for from := 0; from < len(ids); from += 500 {
		var part []paidClaim
		err := s.db.Writer(ctx).NewRaw(paidClaimSQL+" AND c.city_code = ? AND c.id IN (?) ORDER BY c.id", city, bun.List(ids[from:min(from+500, len(ids))])).Scan(ctx, &part)
		if err != nil {
			return nil, db.Fault(err)
		}
		out = append(out, part...)
	}
	return out, nil
}

// everPaid gives the refunds of a year that a bank has paid at least once.
func (s store) everPaid(ctx context.Context, year string) ([]paidClaim, error) {
	var out []paidClaim
	err := s.db.Reader(ctx).NewRaw(paidClaimSQL+` AND substr(r.to_month, 1, 4) = ?
		AND EXISTS (SELECT 1 FROM dues_payments AS y WHERE y.city_code = c.city_code AND y.claim_id = c.id AND y.state IN ('settled', 'returned'))
		ORDER BY c.city_code, c.id`, year).Scan(ctx, &out)
	return out, db.Fault(err)
}
