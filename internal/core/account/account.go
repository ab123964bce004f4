package account

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/db"
	"gonghui/internal/base/vault"
	"gonghui/internal/core/access"
	"gonghui/internal/core/notice"
	"gonghui/internal/core/org"
	"gonghui/internal/core/person"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/ident"
)

// Account is one way into the house.
type Account struct {
	ID           string
	Kind         access.Kind      // access.KindWorker or access.KindStaff
	Login        string           // staff only
	PhoneMask    string           // workers: 138****1234
	Person       access.PersonRef // workers: the own record
	Name         string
	Lang         i18n.Lang
	TOTP         bool // a TOTP device is enrolled
	TOTPRequired bool // without a device the account has no grants
	Disabled     bool
	CreatedAt    time.Time
	LastSignInAt time.Time // zero = never
}

// MustEnrol tells whether the account has to enrol a TOTP device before it may
// use its grants.
func (a Account) MustEnrol() bool { return a.TOTPRequired && !a.TOTP }

// Limits are the bounds of signing in. Zero values mean those of DefaultLimits.
type Limits struct {
	CodeLife      time.Duration // how long a code is good
	CodeTries     int           // wrong codes before a wait
	CodeWait      time.Duration // that wait, for the number
	CodeGap       time.Duration // between two codes for a number
	CodesPerDay   int           // for a number, in a civil day
	CodesPerIP    int           // for an address, in an hour
	PasswordTries int           // wrong passwords before a lock
	PasswordLock  time.Duration // that lock, for the login
	WrongPerIP    int           // wrong passwords from an address, within PasswordLock
	TokenLife     time.Duration // the longest life of a bearer token
}

// DefaultLimits are the bounds of an installation that sets none.
func DefaultLimits() Limits {
	return Limits{
		CodeLife: 5 * time.Minute, CodeTries: 5, CodeWait: 15 * time.Minute,
		CodeGap: time.Minute, CodesPerDay: 10,
		CodesPerIP:    60, // an office or a mobile network shares one address
		PasswordTries: 5, PasswordLock: 15 * time.Minute,
		WrongPerIP: 60, // a county's office shares one address
		TokenLife:  366 * 24 * time.Hour,
	}
}

func (l Limits) orDefault() Limits {
	d := DefaultLimits()
	pick := func(v *time.Duration, or time.Duration) {
		if *v <= 0 {
			*v = or
		}
	}
	count := func(v *int, or int) {
		if *v <= 0 {
			*v = or
		}
	}
	pick(&l.CodeLife, d.CodeLife)
	pick(&l.CodeWait, d.CodeWait)
	pick(&l.CodeGap, d.CodeGap)
	pick(&l.PasswordLock, d.PasswordLock)
	pick(&l.TokenLife, d.TokenLife)
	count(&l.CodeTries, d.CodeTries)
	count(&l.CodesPerDay, d.CodesPerDay)
	count(&l.CodesPerIP, d.CodesPerIP)
	count(&l.PasswordTries, d.PasswordTries)
	count(&l.WrongPerIP, d.WrongPerIP)
	return l
}

// Deps is what the service is plugged into.
type Deps struct {
	DB     *db.DB
	Vault  *vault.Vault
	Clock  clock.Clock
	Person *person.Service
	Org    *org.Service
	Roles  *access.Roles
	Audit  *audit.Log
	SMS    notice.Gateway
	Limits Limits
}

// Service holds the use cases of this room.
type Service struct {
	Deps
	perIP   *window // codes asked for, by address
	unknown *window // passwords tried, by logins that do not exist
	wrongAt *window // wrong passwords, by address
	hashing chan struct{}
	waiting atomic.Int32 // who wants to hash
	cost    cost
	nobody  string // the hash of no account's password, of the same cost
}

// New makes the service.
func New(d Deps) *Service {
	d.Limits = d.Limits.orDefault()
	return &Service{
		Deps:    d,
		perIP:   newWindow(d.Clock, d.Limits.CodesPerIP, time.Hour),
		unknown: newWindow(d.Clock, d.Limits.PasswordTries, d.Limits.PasswordLock),
		wrongAt: newWindow(d.Clock, d.Limits.WrongPerIP, d.Limits.PasswordLock),
		hashing: make(chan struct{}, hashesAtOnce),
		cost:    fullCost,
		nobody:  nobody,
	}
}

// Faults shared by several use cases.
var (
	errNoAccount = fault.New(fault.NotFound, "account.unknown")
	errDisabled  = fault.New(fault.Unauthenticated, "account.disabled")
)

// phoneNumber brings a number into its stored form, or gives the field fault.
func phoneNumber(s string) (string, error) {
	s = ident.Clean(s)
	if ident.Phone(s) != ident.OK {
		return "", fault.New(fault.Invalid, "account.phone", fault.OnField("phone", "phone"))
	}
	return s, nil
}

// Get reads one account. The account itself, who manages grants anywhere, and
// the house may; for others it is NotFound "account.unknown".
func (s *Service) Get(ctx context.Context, accountID string) (Account, error) {
	if !mayLookAt(ctx, accountID) {
		return Account{}, errNoAccount
	}
	row, err := s.find(ctx, "id = ?", accountID)
	if err != nil {
		return Account{}, err
	}
	return row.account(), nil
}

// ByLogin reads one staff account, under the rule of Get.
func (s *Service) ByLogin(ctx context.Context, login string) (Account, error) {
	row, err := s.find(ctx, "login = ?", cleanLogin(login))
	if err != nil {
		return Account{}, err
	}
	if !mayLookAt(ctx, row.ID) {
		return Account{}, errNoAccount
	}
	return row.account(), nil
}

// isSelf tells whether the account itself acts, with a session: a bearer token
// does not reach the account's own keys.
func isSelf(ctx context.Context, accountID string) bool {
	a, ok := access.From(ctx)
	return ok && a.Kind != access.KindSystem && accountID != "" && a.AccountID == accountID && a.TokenID == ""
}

func mayLookAt(ctx context.Context, accountID string) bool {
	return isSelf(ctx, accountID) || access.CanAnywhere(ctx, access.GrantsManage)
}

// SetLang keeps the language in which the account's owner is written to.
func (s *Service) SetLang(ctx context.Context, accountID string, lang i18n.Lang) error {
	if !isSelf(ctx, accountID) {
		return errNoAccount
	}
	return s.change(ctx, accountID, "lang = ?", string(lang))
}

// Disable shuts an account out from its next request on, and Enable lets it in
// again. Both are for who administers the account (mayManage).
func (s *Service) Disable(ctx context.Context, accountID string) error {
	return s.setDisabled(ctx, accountID, s.Clock.Now(), "account.disable")
}

// Enable lets a disabled account in again.
func (s *Service) Enable(ctx context.Context, accountID string) error {
	return s.setDisabled(ctx, accountID, time.Time{}, "account.enable")
}

func (s *Service) setDisabled(ctx context.Context, accountID string, at time.Time, action audit.Action) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.mayManage(ctx, accountID); err != nil {
			return err
		}
		var value any // NULL
		if !at.IsZero() {
			value = at
		}
		if err := s.change(ctx, accountID, "disabled_at = ?", value); err != nil {
			return err
		}
		return s.record(ctx, action, accountID, "")
	})
}

// mayManage refuses unless the account lies wholly within what the actor
// administers: every place it acts for (places) is under a unit on which the
// actor holds GrantsManage. Faults: Unauthenticated "access.sign_in"; Forbidden
// "account.self" for the account itself; NotFound "account.unknown" for every
// other, whether it exists or not.
func (s *Service) mayManage(ctx context.Context, accountID string) error {
	by, ok := access.From(ctx)
	if !ok {
		return access.RequireAnywhere(ctx, access.GrantsManage)
	}
	row, err := s.find(ctx, "id = ?", accountID)
	if err != nil {
		return err
	}
	if by.Kind == access.KindSystem {
		return nil
	}
	if by.AccountID == accountID {
		return fault.New(fault.Forbidden, "account.self")
	}
	places, err := s.places(ctx, row)
	if err != nil {
		return err
	}
	for _, path := range places {
		if !access.Can(ctx, access.GrantsManage, path) {
			return errNoAccount
		}
	}
	return nil
}

// places gives the paths that say whose an account is, at least one: the unit
// that keeps a worker's own record, and every unit a right stands on. A company
// the account acts for is not among them: its county looks after the company,
// not after the person. Staff without a right are still their last unit's; who
// never had one is the province's.
func (s *Service) places(ctx context.Context, row accountRow) ([]string, error) {
	var out []string
	if row.PersonID != "" {
		path, err := s.Person.PathOf(ctx, person.Ref{City: row.PersonCity, ID: row.PersonID})
		if fault.IsKind(err, fault.NotFound) {
			path, err = access.Root, nil
		}
		if err != nil {
			return nil, err
		}
		out = append(out, path)
	}
	grants, err := s.activeGrants(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	for _, g := range grants {
		if g.UnitID != "" {
			out = append(out, s.pathOf(g.UnitID))
		}
	}
	if len(out) == 0 {
		last, err := s.lastUnit(ctx, row.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, s.pathOf(last))
	}
	return out, nil
}

// pathOf is where a unit stands or last stood; the province for one unknown.
func (s *Service) pathOf(unitID string) string {
	u, ok := s.Org.ByID(unitID)
	if !ok {
		return access.Root
	}
	return u.Path
}

// record writes what was done to an account into the log of the unit that all its
// places lie under.
func (s *Service) record(ctx context.Context, action audit.Action, accountID, detail string) error {
	row, err := s.find(ctx, "id = ?", accountID)
	if err != nil {
		return err
	}
	places, err := s.places(ctx, row)
	if err != nil {
		return err
	}
	home := places[0]
	for _, p := range places[1:] {
		for !strings.HasPrefix(p, home) {
			home = org.ParentPath(home)
		}
	}
	return s.recordAt(ctx, home, action, accountID, detail)
}

func (s *Service) recordAt(ctx context.Context, path string, action audit.Action, accountID, detail string) error {
	return s.Audit.Record(ctx, audit.Entry{
		CityCode: custody, OrgPath: path, Action: action, SubjectKind: "account", SubjectID: accountID, Detail: detail,
	})
}
