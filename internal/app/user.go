package app

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"math/big"
	"strings"

	"gonghui/internal/core/access"
	"gonghui/internal/core/account"
	"gonghui/internal/core/org"
	"gonghui/internal/kit/fault"
)

// NewUser is an account of union staff to be made.
type NewUser struct {
	Login, Name string
	Role        string    // of staff: county_clerk …
	Unit        string    // the unit's public number, or a division code
	Password    io.Reader // its first line; nil = one is made up and shown once
}

// CreateUser makes a staff account with one grant, all or nothing. It must set up
// a second factor at the first sign-in, before anything is open to it. Faults:
// not_found user.unit, and those of account.CreateStaff and account.Grant.
func (a *App) CreateUser(ctx context.Context, in NewUser, out io.Writer) error {
	ctx = access.System(ctx, "command line: user create")
	unit, ok := a.unit(in.Unit)
	if !ok {
		return fault.New(fault.NotFound, "user.unit", fault.With("Unit", in.Unit))
	}
	password, madeUp := "", in.Password == nil
	if madeUp {
		password = makePassword()
	} else {
		line, err := bufio.NewReader(io.LimitReader(in.Password, 4096)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		password = strings.TrimRight(line, "\r\n")
	}
	err := a.DB.InTx(ctx, func(ctx context.Context) error {
		made, err := a.Accounts.CreateStaff(ctx, account.NewStaff{Login: in.Login, Name: in.Name, Password: password, TOTPRequired: true})
		if err != nil {
			return err
		}
		_, err = a.Accounts.Grant(ctx, account.NewGrant{AccountID: made.ID, Role: in.Role, UnitID: unit.ID})
		return err
	})
	if err != nil {
		return err
	}
	tell(out, "user.created", "Login", in.Login, "Role", in.Role, "Unit", unit)
	if madeUp {
		tell(out, "user.password", "Password", password)
	}
	tell(out, "user.totp")
	return nil
}

// unit finds a standing unit by its public number or by its division.
func (a *App) unit(code string) (org.Unit, bool) {
	code = strings.TrimSpace(code)
	if u, ok := a.Org.ByDivision(code); ok {
		return u, true
	}
	root, ok := a.Org.Root()
	if !ok {
		return org.Unit{}, false
	}
	for _, u := range a.Org.Subtree(root.Path) {
		if strings.EqualFold(u.Code, code) {
			return u, true
		}
	}
	return org.Unit{}, false
}

// passwordLetters leaves out what is mistaken for another: 0 o, 1 l i.
const passwordLetters = "abcdefghjkmnpqrstuvwxyz23456789"

// makePassword gives four groups of four, 79 bits, that can be read out.
func makePassword() string {
	var b strings.Builder
	limit := big.NewInt(int64(len(passwordLetters)))
	for i := range 16 {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		n, _ := rand.Int(rand.Reader, limit) // crypto/rand never fails (Go 1.24)
		b.WriteByte(passwordLetters[n.Int64()])
	}
	return b.String()
}
