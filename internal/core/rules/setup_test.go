package rules_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/db"
	"gonghui/internal/base/vault"
	"gonghui/internal/base/vault/vaulttest"
	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/org"
	"gonghui/internal/core/rules"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/money"
)

// monday is a working day with a full working week behind it.
var monday = time.Date(2020, 7, 20, 1, 0, 0, 0, time.UTC)

func day(s string) clock.Day {
	d, err := clock.ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

// house is the room on a real database, with a made-up measure in it.
type house struct {
	*rules.Service
	t     testing.TB
	db    *db.DB
	clock *clock.Fake
	org   *org.Service
	cases *casework.Engine
	audit *audit.Log
	vault *vault.Vault
}

const fund = `[
  {"key":"fund.rate","place":"37","valid_from":"2020-01-01","value":"2","citation":"工会法","basis":"fact"},
  {"key":"fund.rate","place":"3702","valid_from":"2020-06-01","valid_to":"2020-12-31","value":"1.5","citation":"青工发〔2020〕7号","basis":"fact"},
  {"key":"fund.cap","place":"37","valid_from":"2020-01-01","value":100000,"citation":"ASSUMED","basis":"assumed"},
  {"key":"fund.low","place":"37","valid_from":"2020-01-01","value":5,"citation":"ASSUMED","basis":"assumed"},
  {"key":"fund.high","place":"37","valid_from":"2020-01-01","value":9,"citation":"ASSUMED","basis":"assumed"},
  {"key":"fund.mode","place":"37","valid_from":"2020-01-01","value":"list","citation":"ASSUMED","basis":"assumed"},
  {"key":"fund.open","place":"37","valid_from":"2020-01-01","value":true,"citation":"ASSUMED","basis":"assumed"},
  {"key":"fund.split","place":"37","valid_from":"2020-01-01","value":[{"payer":"ordinary","province":"40","city":"60"},{"payer":"bank","province":"10","city":"90"}],"citation":"ASSUMED","basis":"known"},
  {"key":"fund.who","place":"37","valid_from":"2020-01-01","value":[
     {"name":"small","expr":"employees < 300 && kind in ['trade','industry']","zh":"属于小微企业","en":"Is a small company"},
     {"name":"own","expr":"!subsidiary","zh":"不是集团或金融企业的子公司","en":"Is no subsidiary"},
     {"name":"paid","expr":"paid_fen >= 100","zh":"已经缴过经费","en":"Has paid dues"}],"citation":"ASSUMED","basis":"assumed"}
]`

var company = &rules.Env{Name: "fund.company", Vars: []rules.Var{
	{Name: "employees", Type: rules.IntVar}, {Name: "kind", Type: rules.TextVar}, {Name: "subsidiary", Type: rules.BoolVar}, {Name: "paid_fen", Type: rules.FenVar},
}}

var errShares = fault.New(fault.Invalid, "rules.range") // a room need not know the form's field

func fundRoom() rules.Room {
	return rules.Room{
		Name:     "fund",
		Defaults: []byte(fund),
		Definitions: []rules.Definition{
			{Key: "fund.rate", Kind: rules.Rate, Levels: []rules.Level{rules.Province, rules.City}, Bounds: rules.Between(0, int64(rules.Whole))},
			{Key: "fund.cap", Kind: rules.Fen, Levels: rules.Everywhere, Bounds: rules.Between(0, 1_000_000_00)},
			{Key: "fund.low", Kind: rules.Workdays, Levels: rules.Everywhere, Bounds: rules.Between(1, 100)},
			{Key: "fund.high", Kind: rules.Days, Levels: rules.Everywhere, Bounds: rules.Between(1, 100)},
			{Key: "fund.mode", Kind: rules.Choice, Choices: []string{"list", "apply"}},
			{Key: "fund.open", Kind: rules.Boolean},
			{
				Key: "fund.split", Kind: rules.Rows, RowKey: []string{"payer"},
				Columns: []rules.Column{{Name: "payer", Kind: rules.Text}, {Name: "province", Kind: rules.Rate}, {Name: "city", Kind: rules.Rate}, {Name: "note", Kind: rules.Text, Optional: true}},
				Check: func(v rules.Value) error {
					for i := range v.Table().Len() {
						if r := v.Table().Row(i); r.Percent("province")+r.Percent("city") != rules.Whole {
							return errShares
						}
					}
					return nil
				},
			},
			{Key: "fund.who", Kind: rules.Conditions, Env: company},
		},
		Together: func(r *rules.Reading) error {
			if low, high := r.Days("fund.low"), r.Days("fund.high"); r.Err() == nil && low >= high {
				return fault.New(fault.Invalid, "fund.low_high", fault.OnField("value", "invalid"))
			}
			return r.Err()
		},
		Rules: []rules.Rule{{Name: "fund.refund", Edition: 1, Personal: true, Env: company, Compute: refund}},
	}
}

// refund pays the rate of what was paid, up to the cap, to whom the conditions fit.
func refund(r *rules.Reading, in rules.Inputs) (rules.Outcome, error) {
	who := r.Conditions("fund.who")
	rate, most := r.Percent("fund.rate"), r.Fen("fund.cap")
	if r.Err() != nil {
		return rules.Outcome{}, r.Err()
	}
	res, err := who.Eval(in)
	if err != nil {
		return rules.Outcome{}, err
	}
	out := rules.Outcome{Result: "no", Lines: res.Lines}
	if res.Truth == rules.True {
		paid, _ := in.Fen("paid_fen")
		amount, err := rate.Of(paid)
		if err != nil {
			return out, err
		}
		out.Result, out.Amount = "yes", min(amount, most)
	}
	return out, nil
}

func setup(t testing.TB, d *db.DB) *house {
	t.Helper()
	c := clock.NewFake(monday)
	log := audit.New(d, c)
	units := org.New(d, c)
	require.NoError(t, units.Seed(t.Context()))
	h := &house{t: t, db: d, clock: c, org: units, audit: log, vault: vaulttest.New(t)}
	h.Service, h.cases = h.another()
	return h
}

// another is the same house as a second process sees it.
func (h *house) another(change ...func(*rules.Room)) (*rules.Service, *casework.Engine) {
	h.t.Helper()
	cases := casework.New(casework.Deps{DB: h.db, Clock: h.clock, Audit: h.audit})
	s, err := rules.New(rules.Deps{DB: h.db, Vault: h.vault, Clock: h.clock, Org: h.org, Cases: cases, Audit: h.audit})
	require.NoError(h.t, err)
	room := fundRoom()
	for _, f := range change {
		f(&room)
	}
	require.NoError(h.t, s.Register(room))
	require.NoError(h.t, s.Load(h.t.Context()))
	return s, cases
}

// clerk enters as staff of a division's unit with the rights given, all of the room's without.
func (h *house) clerk(name, division string, caps ...access.Capability) context.Context {
	h.t.Helper()
	unit, ok := h.org.ByDivision(division)
	require.True(h.t, ok)
	if len(caps) == 0 {
		caps = []access.Capability{access.RulesRead, access.RulesPropose, access.RulesApprove}
	}
	return access.Enter(h.t.Context(), access.Actor{AccountID: name, Name: name, Kind: access.KindStaff, Grants: []access.Grant{
		{ID: name, Role: access.RoleCounty, UnitID: unit.ID, Path: unit.Path, Caps: caps},
	}})
}

func proposal(key, place, from, value string) rules.Proposal {
	return rules.Proposal{Key: key, Place: place, From: day(from), Value: value, Citation: "鲁工发〔2020〕9号", Basis: rules.Fact, Reason: "按照文件执行"}
}

func yuan(s string) money.Fen {
	f, err := money.Parse(s)
	if err != nil {
		panic(err)
	}
	return f
}

// decided brings a proposal into force: one writes it and sends it in, another approves.
func (h *house) decided(p rules.Proposal) rules.Change {
	h.t.Helper()
	c := h.submitted(h.clerk("one", "37"), p)
	c, err := h.Approve(h.clerk("two", "37"), rules.Approval{Ref: c.Ref(), Version: 2, ConfirmPast: true, Reason: "按文件补录"})
	require.NoError(h.t, err)
	return c
}

// submitted writes a proposal and sends it in.
func (h *house) submitted(ctx context.Context, p rules.Proposal) rules.Change {
	h.t.Helper()
	c, err := h.Propose(ctx, p)
	require.NoError(h.t, err)
	c, err = h.Submit(ctx, c.Ref(), 1)
	require.NoError(h.t, err)
	return c
}

// entry finds the decided entry that a change brought.
func (h *house) entry(c rules.Change) rules.Entry {
	h.t.Helper()
	_, all, err := h.Parameter(h.clerk("reader", "37"), c.Key)
	require.NoError(h.t, err)
	for _, e := range all {
		if e.Change == c.Ref() {
			return e
		}
	}
	h.t.Fatalf("change %s brought nothing", c.Number)
	return rules.Entry{}
}

func requireCode(t testing.TB, code string, err error, why ...any) {
	t.Helper()
	require.True(t, fault.HasCode(err, code), "want %s, got %v %v", code, err, why)
}

const rules0 = access.RulesRead

// replaced gives the text with one part changed.
func replaced(text []byte, from, to string) []byte {
	return []byte(strings.Replace(string(text), from, to, 1))
}
