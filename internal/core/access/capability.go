package access

import (
	"slices"
	"strings"
)

// Capability is something an actor may do. The text is stored in roles and
// tokens and never changes its meaning.
type Capability string

// Capabilities of union staff, over the subtree of the unit they are granted on.
const (
	CompanyVerify  Capability = "company.verify"  // accept, return or block a company's registration
	VacancyReview  Capability = "vacancy.review"  // accept, return or take down a vacancy
	VacancyImport  Capability = "vacancy.import"  // bring vacancies in from a file
	CaseView       Capability = "case.view"       // see cases and their history
	FiguresView    Capability = "figures.view"    // see targets, progress and the records behind them
	ServicesRecord Capability = "services.record" // record a service given to a worker
	PeopleView     Capability = "people.view"     // see workers' records, masked
	DuesCollect    Capability = "dues.collect"    // take the tax office's files in, clear breaks, sign them off
	DuesReview     Capability = "dues.review"     // look through the refunds of one's own companies
	DuesRefund     Capability = "dues.refund"     // list refunds, give public notice, order payments
	DuesApprove    Capability = "dues.approve"    // approve refunds and payment files that another person made
	DuesTax        Capability = "dues.tax"        // the tax office's side: see its files, ask for corrections, sign
	GrantsManage   Capability = "grants.manage"   // give and take roles
	AuditView      Capability = "audit.view"      // read the audit log
	BatchRun       Capability = "batch.run"       // run imports and exports of files
	SystemView     Capability = "system.view"     // see the state of the program
	LedgerRead     Capability = "ledger.read"     // see accounts, statements and balances
	LedgerPost     Capability = "ledger.post"     // open accounts, post and reverse entries, hold amounts
	LedgerClose    Capability = "ledger.close"    // close and reopen months, close accounts
	RulesRead      Capability = "rules.read"      // see the parameters, their history and changes on their way
	RulesPropose   Capability = "rules.propose"   // write, try and send in a change of a parameter
	RulesApprove   Capability = "rules.approve"   // approve or return a change that another person wrote
)

// Capabilities of people who act for a company.
const (
	VacancyPost     Capability = "vacancy.post"     // write and withdraw the company's vacancies
	ApplicantManage Capability = "applicant.manage" // see and answer the company's applicants
	DuesOwn         Capability = "dues.own"         // see the company's dues, apply for the refund, object
)

// SelfUse is to see and handle one's own records. Every worker has it without
// a grant; a bearer token has it only when its scope says so.
const SelfUse Capability = "self.use"

// All lists every capability in the order of the matrix.
func All() []Capability {
	return []Capability{
		SelfUse,
		VacancyPost, ApplicantManage, DuesOwn,
		CompanyVerify, VacancyReview, VacancyImport, ServicesRecord,
		DuesCollect, DuesReview, DuesRefund, DuesApprove, DuesTax,
		CaseView, PeopleView, FiguresView, BatchRun,
		LedgerRead, LedgerPost, LedgerClose,
		RulesRead, RulesPropose, RulesApprove,
		GrantsManage, AuditView, SystemView,
	}
}

// Known tells whether c is a capability of this program.
func Known(c Capability) bool { return slices.Contains(All(), c) }

// Parse reads a space-separated list. Words this program does not know are
// dropped: a capability that means nothing must not open anything.
func Parse(text string) []Capability {
	var out []Capability
	for word := range strings.FieldsSeq(text) {
		if c := Capability(word); Known(c) {
			out = append(out, c)
		}
	}
	return canonical(out)
}

// Format gives the stored form: sorted, no repeats, separated by one space.
func Format(caps []Capability) string {
	words := make([]string, 0, len(caps))
	for _, c := range canonical(caps) {
		words = append(words, string(c))
	}
	return strings.Join(words, " ")
}

func canonical(caps []Capability) []Capability {
	out := slices.Clone(caps)
	slices.Sort(out)
	return slices.Compact(out)
}

// intersect keeps what both sides have.
func intersect(a, b []Capability) []Capability {
	var out []Capability
	for _, c := range a {
		if slices.Contains(b, c) {
			out = append(out, c)
		}
	}
	return out
}
