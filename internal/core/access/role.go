package access

import (
	"context"
	"sync"

	"github.com/uptrace/bun"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/db"
	"gonghui/internal/kit/fault"
)

// Role is a named set of capabilities.
type Role struct {
	Code         string
	Capabilities []Capability
	BuiltIn      bool // shipped with the program and not edited since
	Version      int
	ForCompany   bool // granted on a company, not on a unit
}

// RoleCompany is the one role that is granted on companies.
const RoleCompany = "company_hr"

// The built-in roles of union staff. The unit of the grant says where.
const (
	RoleTownship = "township_clerk"
	RoleCounty   = "county_clerk"
	RoleCity     = "city_clerk"
	RoleProvince = "province_clerk"
	RoleLeader   = "leader"
	RoleAdmin    = "admin"
	RoleAuditor  = "auditor"
	RoleTax      = "tax_officer"
)

// BuiltIn lists the roles every installation begins with. The administrator
// gives rights and reads the log but does not see people: who could grant
// himself everything should at least be seen doing so. The auditor reads the log
// and nothing else, so that somebody can watch who administers (GB/T 22239-2019
// 8.1.5.2 审计管理). The tax officer is a partner's person, who sees the files of
// his own office and nothing of the union.
func BuiltIn() []Role {
	desk := []Capability{CompanyVerify, VacancyReview, VacancyImport, ServicesRecord, CaseView, PeopleView, FiguresView, BatchRun,
		DuesCollect, DuesReview, DuesRefund, DuesApprove, LedgerRead, LedgerPost, LedgerClose, RulesRead, RulesPropose, RulesApprove}
	roles := []Role{
		{Code: RoleCompany, Capabilities: []Capability{VacancyPost, ApplicantManage, DuesOwn}},
		{Code: RoleTownship, Capabilities: []Capability{ServicesRecord, CaseView, PeopleView, FiguresView, DuesReview, RulesRead}},
		{Code: RoleCounty, Capabilities: desk},
		{Code: RoleCity, Capabilities: desk},
		{Code: RoleProvince, Capabilities: desk},
		{Code: RoleLeader, Capabilities: []Capability{CaseView, FiguresView, LedgerRead, RulesRead}},
		{Code: RoleAdmin, Capabilities: []Capability{GrantsManage, AuditView, SystemView}},
		{Code: RoleAuditor, Capabilities: []Capability{AuditView}},
		{Code: RoleTax, Capabilities: []Capability{DuesTax}},
	}
	for i := range roles {
		roles[i].Capabilities = canonical(roles[i].Capabilities)
		roles[i].BuiltIn, roles[i].Version = true, 1
		roles[i].ForCompany = roles[i].Code == RoleCompany
	}
	return roles
}

type roleRow struct {
	bun.BaseModel `bun:"table:roles,alias:r"`
	Code          string `bun:",pk"`
	Capabilities  string
	BuiltIn       bool
	Version       int
}

func (r roleRow) role() Role {
	return Role{Code: r.Code, Capabilities: Parse(r.Capabilities), BuiltIn: r.BuiltIn, Version: r.Version, ForCompany: r.Code == RoleCompany}
}

// SeedRoles writes the built-in roles, and brings those that an older program
// wrote up to date. A role the federation has edited stays as it is.
func SeedRoles(ctx context.Context, d *db.DB) error {
	return d.InTx(ctx, func(ctx context.Context) error {
		for _, r := range BuiltIn() {
			row := roleRow{Code: r.Code, Capabilities: Format(r.Capabilities), BuiltIn: true, Version: 1}
			_, err := d.Writer(ctx).NewInsert().Model(&row).
				On("CONFLICT (code) DO UPDATE").
				Set("capabilities = EXCLUDED.capabilities").
				Set("version = r.version + 1").
				Where("r.built_in AND r.capabilities <> EXCLUDED.capabilities").
				Exec(ctx)
			if err != nil {
				return db.Fault(err)
			}
		}
		return nil
	})
}

// Roles reads roles through a small cache. An entry is good for one version of
// one role; whoever reads a grant reads the role's version with it, so an edit
// takes effect with the next request on every machine, without messages.
type Roles struct {
	db    *db.DB
	audit *audit.Log

	mu     sync.Mutex
	cached map[string]Role
}

// NewRoles opens the roles of a database.
func NewRoles(d *db.DB, log *audit.Log) *Roles {
	return &Roles{db: d, audit: log, cached: map[string]Role{}}
}

// AtVersion gives the capabilities of a role whose present version the caller
// has just read. A role that is gone has none.
func (s *Roles) AtVersion(ctx context.Context, code string, version int) ([]Capability, error) {
	s.mu.Lock()
	r, ok := s.cached[code]
	s.mu.Unlock()
	if ok && r.Version == version {
		return r.Capabilities, nil
	}
	r, err := s.Get(ctx, code)
	if fault.IsKind(err, fault.NotFound) {
		return []Capability{}, nil
	}
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.cached[code] = r
	s.mu.Unlock()
	return r.Capabilities, nil
}

// Get reads one role, or NotFound "access.role_unknown".
func (s *Roles) Get(ctx context.Context, code string) (Role, error) {
	var row roleRow
	err := s.db.Reader(ctx).NewSelect().Model(&row).Where("code = ?", code).Scan(ctx)
	if fault.IsKind(db.Fault(err), fault.NotFound) {
		return Role{}, fault.New(fault.NotFound, "access.role_unknown")
	}
	if err != nil {
		return Role{}, db.Fault(err)
	}
	return row.role(), nil
}

// List reads all roles by code.
func (s *Roles) List(ctx context.Context) ([]Role, error) {
	var rows []roleRow
	if err := s.db.Reader(ctx).NewSelect().Model(&rows).Order("code").Scan(ctx); err != nil {
		return nil, db.Fault(err)
	}
	out := make([]Role, len(rows))
	for i, r := range rows {
		out[i] = r.role()
	}
	return out, nil
}

// Change gives a role other capabilities. It needs GrantsManage at the root of
// the tree, because a role is the same in every unit. version is the one the
// editor saw: Conflict "access.role_moved_on" when it is no longer the present
// one. SelfUse and words that are no capability are Invalid "access.capability".
func (s *Roles) Change(ctx context.Context, code string, caps []Capability, version int) error {
	if err := Require(ctx, GrantsManage, Root); err != nil {
		return err
	}
	for _, c := range caps {
		if !Known(c) || c == SelfUse {
			return fault.New(fault.Invalid, "access.capability")
		}
	}
	return s.db.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.Get(ctx, code); err != nil {
			return err
		}
		res, err := s.db.Writer(ctx).NewUpdate().Model((*roleRow)(nil)).
			Set("capabilities = ?", Format(caps)).Set("built_in = ?", false).Set("version = version + 1").
			Where("code = ? AND version = ?", code, version).Exec(ctx)
		if err := db.Affected(res, err, fault.New(fault.Conflict, "access.role_moved_on")); err != nil {
			return err
		}
		return s.audit.Record(ctx, audit.Entry{
			CityCode: "3700", OrgPath: Root, Action: "access.change_role", SubjectKind: "role", SubjectID: code, Detail: Format(caps),
		})
	})
}

// Root is the path of the province's own unit.
const Root = "0001"
