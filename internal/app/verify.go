package app

import (
	"context"
	"fmt"
	"io"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/figures"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

// Verify looks whether the house agrees with itself: the audit chain, every
// figure counted again from its records, the books replayed, the search against the store, the
// registry of unique values against the records. It changes nothing but sealing
// what waits to be sealed. Fault: conflict verify.differs when anything differs.
func (a *App) Verify(ctx context.Context, out io.Writer) error {
	ctx = access.System(ctx, "command line: verify")
	v := &verdict{out: out}
	for _, part := range []func(context.Context, *verdict) error{a.verifyAudit, a.verifyFigures, a.verifyLedger, a.verifySearch, a.verifyRegistry} {
		if err := part(ctx, v); err != nil {
			return err
		}
	}
	if v.wrong > 0 {
		return fault.New(fault.Conflict, "verify.differs", fault.With("Count", v.wrong))
	}
	return nil
}

type verdict struct {
	out   io.Writer
	wrong int
}

// part reports one part: what was looked at, and each thing that differs.
func (v *verdict) part(name string, good bool, key string, params ...any) {
	word := "ok  "
	if !good {
		word = "FAIL"
		v.wrong++
	}
	fmt.Fprintf(v.out, "%s %s: %s\n", word, name, both(key, params...))
}

func (v *verdict) detail(format string, args ...any) {
	fmt.Fprintf(v.out, "       "+format+"\n", args...)
}

func (a *App) verifyAudit(ctx context.Context, v *verdict) error {
	if _, err := a.Audit.Seal(ctx); err != nil {
		return err
	}
	r, err := a.Audit.Verify(ctx)
	if err != nil {
		return err
	}
	v.part("audit", r.OK(), "verify.audit", "Sealed", r.Sealed, "Unsealed", r.Unsealed, "Problems", len(r.Problems)+r.More)
	for _, p := range r.Problems {
		v.detail("%s %s seq %d %s", p.What, p.CityCode, p.Seq, p.ID)
	}
	heads, err := a.Audit.Heads(ctx)
	if err != nil {
		return err
	}
	for _, h := range heads { // to be kept elsewhere: they prove later that nothing before them was rewritten
		v.detail("head %s %d %s", h.CityCode, h.Seq, h.Chain)
	}
	return nil
}

func (a *App) verifyFigures(ctx context.Context, v *verdict) error {
	for _, i := range a.Figures.Indicators() {
		periods, err := a.periods(ctx, i.Key)
		if err != nil {
			return err
		}
		for _, p := range periods {
			d, err := a.Figures.Recount(ctx, i.Key, p)
			if err != nil {
				return err
			}
			v.part("figures", d.Clean(), "verify.figures", "Indicator", i.Key, "Period", p,
				"Facts", d.Facts, "Missing", d.Missing, "Extra", d.Extra, "Rollups", d.Rollups)
			for _, s := range d.Samples {
				v.detail("%s", s)
			}
		}
	}
	return nil
}

func (a *App) verifyLedger(ctx context.Context, v *verdict) error {
	r, err := a.Ledger.Verify(ctx)
	if err != nil {
		return err
	}
	v.part("ledger", r.OK(), "verify.ledger", "Entries", r.Entries, "Lines", r.Lines, "Transit", r.InTransit, "Problems", len(r.Problems)+r.More)
	for _, p := range r.Problems {
		v.detail("%s %s seq %d %s", p.What, p.City, p.Seq, p.Detail)
	}
	for _, c := range r.Cities { // as printed on statements; kept elsewhere they prove later that nothing was rewritten
		v.detail("head %s %s %d %x", c.City, c.Day, c.Seq, c.Hash)
	}
	return nil
}

// periods are those that have facts or sums, and the present one: its records
// may have earned something that nobody counted.
func (a *App) periods(ctx context.Context, indicator string) ([]string, error) {
	var out []string
	err := a.DB.Reader(ctx).NewRaw(`SELECT period FROM figure_facts WHERE indicator = ? UNION SELECT period FROM figure_rollups WHERE indicator = ?
		UNION SELECT ? ORDER BY 1`, indicator, indicator, figures.PeriodOf(clock.Today(a.Clock))).Scan(ctx, &out)
	return out, db.Fault(err)
}

func (a *App) verifySearch(ctx context.Context, v *verdict) error {
	if err := a.Employment.BuildIndex(ctx); err != nil {
		return err
	}
	r, err := a.Employment.VerifySearch(ctx)
	if err != nil {
		return err
	}
	v.part("search", r.OK(), "verify.search", "Store", r.Store, "Index", r.Index, "Missing", r.Missing, "Stale", r.Stale, "Surplus", r.Surplus)
	return nil
}

// registryChecks count rows of one side without the other. Values stay sealed
// and hashed: nobody's number is read for this.
var registryChecks = []struct{ name, query string }{
	{"phone without a person", `SELECT count(*) FROM registry r WHERE r.kind IN ('phone', 'resident_id')
		AND NOT EXISTS (SELECT 1 FROM persons p WHERE p.city_code = r.city_code AND p.id = r.subject_id)`},
	{"person with a phone that is not registered", `SELECT count(*) FROM persons p WHERE p.phone_enc IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM registry r WHERE r.kind = 'phone' AND r.subject_id = p.id)`},
	{"person with a resident number that is not registered", `SELECT count(*) FROM persons p WHERE p.resident_enc IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM registry r WHERE r.kind = 'resident_id' AND r.subject_id = p.id)`},
	{"person with two phones registered", `SELECT count(*) FROM (SELECT subject_id FROM registry WHERE kind = 'phone' GROUP BY subject_id HAVING count(*) > 1) x`},
	{"credit code or name without a company", `SELECT count(*) FROM registry r WHERE r.kind IN ('credit_code', 'company_name')
		AND NOT EXISTS (SELECT 1 FROM companies c WHERE c.city_code = r.city_code AND c.id = r.subject_id)`},
	{"company with a credit code that is not registered", `SELECT count(*) FROM companies c WHERE c.credit_code <> ''
		AND NOT EXISTS (SELECT 1 FROM registry r WHERE r.kind = 'credit_code' AND r.subject_id = c.id)`},
	{"account whose person is gone", `SELECT count(*) FROM accounts a WHERE a.person_id <> ''
		AND NOT EXISTS (SELECT 1 FROM persons p WHERE p.city_code = a.person_city AND p.id = a.person_id)`},
}

func (a *App) verifyRegistry(ctx context.Context, v *verdict) error {
	var total int64
	if err := a.DB.Reader(ctx).NewRaw("SELECT count(*) FROM registry").Scan(ctx, &total); err != nil {
		return db.Fault(err)
	}
	var wrong int64
	var details []string
	for _, c := range registryChecks {
		var n int64
		if err := a.DB.Reader(ctx).NewRaw(c.query).Scan(ctx, &n); err != nil {
			return db.Fault(err)
		}
		if n > 0 {
			wrong += n
			details = append(details, fmt.Sprintf("%d × %s", n, c.name))
		}
	}
	v.part("registry", wrong == 0, "verify.registry", "Total", total, "Wrong", wrong)
	for _, d := range details {
		v.detail("%s", d)
	}
	return nil
}
