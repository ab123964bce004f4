package account

import (
	"context"
	"time"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/org"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/page"
)

// NewGrant is a right to be given: on a unit, or on a company.
type NewGrant struct {
	AccountID   string
	Role        string
	UnitID      string
	CompanyCity string
	CompanyID   string
	ExpiresOn   clock.Day // the last day it counts; zero = until revoked
}

// GrantRecord is a right as it was given.
type GrantRecord struct {
	ID string
	NewGrant
	GrantedBy string // account
	CreatedAt time.Time
	RevokedAt time.Time // zero = stands
}

func (r grantRow) record() GrantRecord {
	return GrantRecord{
		ID: r.ID, GrantedBy: r.GrantedBy, CreatedAt: r.CreatedAt.UTC(), RevokedAt: r.RevokedAt.UTC(),
		NewGrant: NewGrant{
			AccountID: r.AccountID, Role: r.Role, UnitID: r.UnitID,
			CompanyCity: r.CompanyCity, CompanyID: r.CompanyID, ExpiresOn: r.ExpiresOn,
		},
	}
}

// same tells whether two rows give the same right.
func (r grantRow) same(o grantRow) bool {
	return r.AccountID == o.AccountID && r.Role == o.Role && r.UnitID == o.UnitID &&
		r.CompanyCity == o.CompanyCity && r.CompanyID == o.CompanyID
}

// Load gives the actor behind an account, with the grants that count at this
// moment. Faces call it for every request. Faults: Unauthenticated
// "account.unknown_session" when the account is gone, "account.disabled".
func (s *Service) Load(ctx context.Context, accountID string) (access.Actor, error) {
	var rows []struct {
		accountRow  `bun:",extend"`
		GrantID     string
		Role        string
		UnitID      string
		CompanyCity string
		CompanyID   string
		RoleVersion int
	}
	err := s.DB.Reader(ctx).NewSelect().TableExpr("accounts AS a").
		ColumnExpr("a.id, a.kind, a.name, a.person_city, a.person_id, a.disabled_at, a.totp_required, a.totp_enc").
		ColumnExpr("coalesce(g.id, '') AS grant_id, coalesce(g.role, '') AS role, coalesce(g.unit_id, '') AS unit_id").
		ColumnExpr("coalesce(g.company_city, '') AS company_city, coalesce(g.company_id, '') AS company_id").
		ColumnExpr("coalesce(r.version, 0) AS role_version").
		Join("LEFT JOIN grants AS g ON g.account_id = a.id AND g.revoked_at IS NULL AND (g.expires_on = '' OR g.expires_on >= ?)", clock.Today(s.Clock)).
		Join("LEFT JOIN roles AS r ON r.code = g.role").
		Where("a.id = ?", accountID).OrderExpr("g.created_at, g.id").Scan(ctx, &rows)
	if err != nil {
		return access.Actor{}, db.Fault(err)
	}
	if len(rows) == 0 {
		return access.Actor{}, fault.New(fault.Unauthenticated, "account.unknown_session")
	}
	a := rows[0].account()
	if a.Disabled {
		return access.Actor{}, errDisabled
	}
	actor := access.Actor{AccountID: a.ID, Name: a.Name, Kind: a.Kind, Person: a.Person}
	if a.MustEnrol() {
		return actor, nil // signed in, but only to enrol
	}
	for _, r := range rows {
		if r.GrantID == "" || r.RoleVersion == 0 {
			continue
		}
		caps, err := s.Roles.AtVersion(ctx, r.Role, r.RoleVersion)
		if err != nil {
			return access.Actor{}, err
		}
		g := access.Grant{ID: r.GrantID, Role: r.Role, UnitID: r.UnitID, CompanyCity: r.CompanyCity, CompanyID: r.CompanyID, Caps: caps}
		if g.UnitID != "" {
			u, ok := s.Org.ByID(g.UnitID)
			if !ok || !u.Stands() {
				continue // a right over a unit that is no more is over nothing
			}
			g.Path = u.Path
		}
		actor.Grants = append(actor.Grants, g)
	}
	return actor, nil
}

// Grant gives a right. On a unit it needs GrantsManage there; on a company it
// needs the house itself, or someone who holds the same role for the same company.
// Nobody gives a right to himself. Faults: Invalid "account.grant" (unit and
// company, or neither, or a role of the other sort, or over already), NotFound
// "access.role_unknown", "account.unknown", "account.unit"; Forbidden
// "account.self", "access.denied"; Conflict "account.grant_exists".
func (s *Service) Grant(ctx context.Context, in NewGrant) (GrantRecord, error) {
	var out GrantRecord
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.checkGrant(ctx, in); err != nil {
			return err
		}
		if _, err := s.find(ctx, "id = ?", in.AccountID); err != nil {
			return err
		}
		if isSelf(ctx, in.AccountID) {
			return fault.New(fault.Forbidden, "account.self")
		}
		by, _ := access.From(ctx)
		row := grantRow{
			ID: id.New(), AccountID: in.AccountID, Role: in.Role, UnitID: in.UnitID,
			CompanyCity: in.CompanyCity, CompanyID: in.CompanyID,
			GrantedBy: by.AccountID, CreatedAt: s.Clock.Now(), ExpiresOn: in.ExpiresOn,
		}
		have, err := s.activeGrants(ctx, in.AccountID)
		if err != nil {
			return err
		}
		for _, h := range have {
			if h.same(row) {
				return fault.New(fault.Conflict, "account.grant_exists")
			}
		}
		if _, err := s.DB.Writer(ctx).NewInsert().Model(&row).Exec(ctx); err != nil {
			return db.Fault(err)
		}
		out = row.record()
		return s.recordGrant(ctx, "account.grant", row)
	})
	return out, err
}

func (s *Service) checkGrant(ctx context.Context, in NewGrant) error {
	role, err := s.Roles.Get(ctx, in.Role)
	if err != nil {
		return err
	}
	onUnit, onCompany := in.UnitID != "", in.CompanyID != "" && in.CompanyCity != ""
	over := !in.ExpiresOn.IsZero() && in.ExpiresOn < clock.Today(s.Clock)
	if onUnit == onCompany || role.ForCompany != onCompany || over {
		return fault.New(fault.Invalid, "account.grant")
	}
	return s.mayGive(ctx, in)
}

// mayGive tells whether the actor of ctx may give, or take, this right.
func (s *Service) mayGive(ctx context.Context, in NewGrant) error {
	if in.CompanyID != "" {
		by, ok := access.From(ctx)
		if ok && by.TokenID == "" {
			for _, g := range by.Companies() {
				if g.CompanyID == in.CompanyID && g.CompanyCity == in.CompanyCity && g.Role == in.Role {
					return nil
				}
			}
		}
		return access.RequireCompany(ctx, access.GrantsManage, in.CompanyID) // the house itself
	}
	u, ok := s.Org.ByID(in.UnitID)
	if !ok {
		return fault.New(fault.NotFound, "account.unit")
	}
	return access.Require(ctx, access.GrantsManage, u.Path)
}

// Revoke takes a right away, with all its twins; it is gone with the next
// request. Who may give may take; everybody may lay down his own. Fault:
// NotFound "account.grant_unknown", also for a right that stands no more.
func (s *Service) Revoke(ctx context.Context, grantID string) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		none := fault.New(fault.NotFound, "account.grant_unknown")
		var row grantRow
		err := s.DB.Reader(ctx).NewSelect().Model(&row).Where("id = ?", grantID).Scan(ctx)
		if err = db.Found(err, none); err != nil {
			return err
		}
		if !isSelf(ctx, row.AccountID) {
			if err := s.mayGive(ctx, row.record().NewGrant); err != nil {
				if fault.IsKind(err, fault.Forbidden) {
					return none // another unit's grants are not seen
				}
				return err
			}
		}
		res, err := s.DB.Writer(ctx).NewUpdate().Model((*grantRow)(nil)).Set("revoked_at = ?", s.Clock.Now()).
			Where("account_id = ? AND role = ? AND unit_id = ? AND company_city = ? AND company_id = ?",
				row.AccountID, row.Role, row.UnitID, row.CompanyCity, row.CompanyID).
			Where("revoked_at IS NULL").Exec(ctx)
		if err := db.Affected(res, err, none); err != nil {
			return err
		}
		return s.recordGrant(ctx, "account.revoke", row)
	})
}

// ListGrants gives the rights of an account that stand, the oldest first, under
// the rule of Get.
func (s *Service) ListGrants(ctx context.Context, accountID string) ([]GrantRecord, error) {
	if !mayLookAt(ctx, accountID) {
		return nil, errNoAccount
	}
	rows, err := s.activeGrants(ctx, accountID)
	if err != nil {
		return nil, err
	}
	out := make([]GrantRecord, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.record())
	}
	return out, nil
}

// recordGrant writes a right given or taken into the log of its unit; one on a
// company into that of the account.
func (s *Service) recordGrant(ctx context.Context, action audit.Action, g grantRow) error {
	if u, ok := s.Org.ByID(g.UnitID); ok {
		return s.recordAt(ctx, u.Path, action, g.AccountID, g.Role+" "+u.Code)
	}
	return s.record(ctx, action, g.AccountID, g.Role+" "+g.CompanyID)
}

// custody of everything this room records: accounts belong to the installation.
const custody = org.ProvinceCustody

// StaffGrant is one right of one member of staff, as a list of staff shows it.
type StaffGrant struct {
	GrantRecord
	Login, Name, UnitPath string
	Unit                  org.Unit // its names only
	Disabled              bool
}

// ListStaff gives the rights that stand on the units the actor administers, by
// unit and login. It needs GrantsManage somewhere and shows that subtree only.
func (s *Service) ListStaff(ctx context.Context, req page.Request) (page.Page[StaffGrant], error) {
	const name = "staff"
	ctx, err := access.For(ctx, access.GrantsManage)
	if err != nil {
		return page.Page[StaffGrant]{}, err
	}
	var path, login, last string
	after, err := req.After.Decode(name, &path, &login, &last)
	if err != nil {
		return page.Page[StaffGrant]{}, err
	}
	var rows []struct {
		grantRow   `bun:",extend"`
		Login      string
		Name       string
		UnitName   string
		UnitNameEn string
		Path       string
		DisabledAt time.Time `bun:",nullzero"`
	}
	q := s.DB.Reader(ctx).NewSelect().TableExpr("grants AS g").
		Join("JOIN accounts AS a ON a.id = g.account_id").Join("JOIN org_units AS u ON u.id = g.unit_id").
		ColumnExpr("g.*, coalesce(a.login, '') AS login, a.name, a.disabled_at, u.name AS unit_name, u.name_en AS unit_name_en, u.path").
		Where("g.revoked_at IS NULL AND (g.expires_on = '' OR g.expires_on >= ?)", clock.Today(s.Clock)).
		OrderExpr("u.path, coalesce(a.login, ''), g.id").Limit(int64(req.Size() + 1))
	if q, err = db.Scoped(ctx, q, db.Columns{Path: "u.path"}); err != nil {
		return page.Page[StaffGrant]{}, err
	}
	if after {
		q = q.Where("(u.path > ? OR u.path = ? AND (coalesce(a.login, '') > ? OR coalesce(a.login, '') = ? AND g.id > ?))", path, path, login, login, last)
	}
	if err := q.Scan(ctx, &rows); err != nil {
		return page.Page[StaffGrant]{}, db.Fault(err)
	}
	out := make([]StaffGrant, 0, len(rows))
	for _, r := range rows {
		out = append(out, StaffGrant{
			GrantRecord: r.record(), Login: r.Login, Name: r.Name, UnitPath: r.Path, Unit: org.Unit{Name: r.UnitName, NameEn: r.UnitNameEn},
			Disabled: !r.DisabledAt.IsZero(),
		})
	}
	return page.Cut(out, req.Size(), func(g StaffGrant) page.Cursor { return page.Encode(name, g.UnitPath, g.Login, g.ID) }), nil
}
