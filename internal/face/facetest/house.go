package facetest

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/app"
	"gonghui/internal/core/access"
	"gonghui/internal/core/account"
	"gonghui/internal/core/company"
	"gonghui/internal/core/notice"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/ident"
	"gonghui/internal/measure/employment"
)

// Monday is a working day with a full working week behind it.
var Monday = time.Date(2020, 7, 20, 1, 0, 0, 0, time.UTC)

// Password is that of all staff.
const Password = "six blue lorries"

// House is all rooms, served.
type House struct {
	*app.App
	T      testing.TB
	Fake   *clock.Fake
	Server *httptest.Server

	people int
	sms    messages
}

// messages keeps the last text sent to each number.
type messages struct {
	mu   sync.Mutex
	last map[string]string
}

// Send keeps a message.
func (m *messages) Send(_ context.Context, x notice.Message) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.last == nil {
		m.last = map[string]string{}
	}
	m.last[x.To] = x.Text
	return nil
}

// installation is a new installation's folder: made once for each test process,
// and written out anew for each house.
var installation struct {
	once  sync.Once
	files map[string][]byte
	err   error
}

func install(ctx context.Context) (files map[string][]byte, err error) {
	dir, err := os.MkdirTemp("", "gonghui-installation")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	c, err := config(dir)
	if err != nil {
		return nil, err
	}
	h, err := app.Open(ctx, c, app.Options{Clock: clock.NewFake(Monday), Gateway: &messages{}, Create: true, Volatile: true})
	if err != nil {
		return nil, err
	}
	if err := h.Close(); err != nil {
		return nil, err
	}
	files = map[string][]byte{}
	for _, file := range []string{c.Database, c.Secrets} {
		if files[filepath.Base(file)], err = os.ReadFile(file); err != nil {
			return nil, err
		}
	}
	return files, nil
}

func config(dir string) (app.Config, error) {
	return app.LoadConfig(dir, func(string) string { return "" })
}

// Open builds the house.
func Open(t testing.TB) *House {
	t.Helper()
	h := &House{T: t, Fake: clock.NewFake(Monday)}
	installation.once.Do(func() { installation.files, installation.err = install(context.WithoutCancel(t.Context())) })
	require.NoError(t, installation.err)
	dir := t.TempDir()
	for name, content := range installation.files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
	}
	c, err := config(dir)
	require.NoError(t, err)
	h.App, err = app.Open(t.Context(), c, app.Options{Clock: h.Fake, Gateway: &h.sms, Volatile: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.Close()) })
	require.NoError(t, h.Employment.BuildIndex(t.Context()))
	h.Server = httptest.NewServer(h.Handler(true))
	t.Cleanup(h.Server.Close)
	return h
}

// System is the house itself.
func (h *House) System() context.Context { return access.System(h.T.Context(), "test") }

// As enters with the rights an account has at this moment.
func (h *House) As(accountID string) context.Context {
	h.T.Helper()
	actor, err := h.Accounts.Load(h.T.Context(), accountID)
	require.NoError(h.T, err)
	return access.Enter(h.T.Context(), actor)
}

// Worker makes a worker and gives the phone number and the context that acts.
func (h *House) Worker(name, division string) (phone string, ctx context.Context) {
	h.T.Helper()
	h.people++
	phone = fmt.Sprintf("1990000%04d", h.people)
	a, err := h.Accounts.EnsureWorker(h.System(), phone, name, division)
	require.NoError(h.T, err)
	return phone, h.As(a.ID)
}

// Employer makes a verified company with its personnel officer.
func (h *House) Employer(name, division string) (phone string, ctx context.Context, c company.Company) {
	h.T.Helper()
	phone, ctx = h.Worker("李华", division)
	c, err := h.Employment.RegisterEmployer(ctx, company.Input{
		CreditCode: h.CreditCode(), Name: name, DivisionCode: division, IndustryCode: "C", Address: "工业北路 88 号",
		ContactName: "李华", ContactPhone: "19900009999",
	})
	require.NoError(h.T, err)
	_, err = h.Employment.DecideEmployer(h.System(), employment.StepInput{City: c.CityCode, ID: c.ID, Event: "accept", Version: 1})
	require.NoError(h.T, err)
	actor, _ := access.From(ctx)
	return phone, h.As(actor.AccountID), c
}

// CreditCode makes a code that nobody has yet.
func (h *House) CreditCode() string {
	h.T.Helper()
	h.people++
	code, ok := ident.MakeCreditCode(fmt.Sprintf("91370102MA3%04dXY", h.people))
	require.True(h.T, ok)
	return code
}

// Staff makes a staff account with a role over the unit of a division.
func (h *House) Staff(login, role, division string) context.Context {
	h.T.Helper()
	unit, ok := h.Org.ByDivision(division)
	require.True(h.T, ok)
	a, err := h.Accounts.CreateStaff(h.System(), account.NewStaff{Login: login, Name: "张明", Password: Password})
	require.NoError(h.T, err)
	_, err = h.Accounts.Grant(h.System(), account.NewGrant{AccountID: a.ID, Role: role, UnitID: unit.ID})
	require.NoError(h.T, err)
	return h.As(a.ID)
}

// Welder is a vacancy that breaks no rule.
func Welder() employment.VacancyInput {
	return employment.VacancyInput{
		Title: "电焊工", Headcount: 2, DivisionCode: "370104", PlaceDetail: "兴福街道", Pay: "6000-8000元/月", Hours: "day",
		Insurance: "five", Dormitory: true, Content: "焊接钢结构件。\n会看图纸,持证优先。", Form: "direct",
	}
}

// OnOffer posts a vacancy and has it published.
func (h *House) OnOffer(hr context.Context, c company.Company, in employment.VacancyInput) employment.Vacancy {
	h.T.Helper()
	v, err := h.Employment.PostVacancy(hr, c.CityCode, c.ID, in)
	require.NoError(h.T, err)
	v, err = h.Employment.StepVacancy(h.System(), employment.StepInput{City: v.CityCode, ID: v.ID, Event: "publish", Version: 1})
	require.NoError(h.T, err)
	return v
}

var sixDigits = regexp.MustCompile(`\d{6}`)

// Code is the sign-in code last sent to a number.
func (h *House) Code(phone string) string {
	h.T.Helper()
	h.sms.mu.Lock()
	defer h.sms.mu.Unlock()
	code := sixDigits.FindString(h.sms.last[phone])
	require.NotEmpty(h.T, code, "no code was sent to %s", phone)
	return code
}
