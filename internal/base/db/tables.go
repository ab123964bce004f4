package db

// Kind says how a table is placed when the house is sharded by city.
type Kind string

const (
	// City tables hold people's and companies' records: city_code is first in
	// the primary key, in every unique key and in every foreign key.
	City Kind = "city"
	// Ref tables are small and the same everywhere (the registry is the one
	// large exception: it is what makes a value unique in the whole province).
	Ref Kind = "ref"
	// Local tables belong to one installation: accounts, sessions, settings.
	Local Kind = "local"
)

// Tables declares every table of the schema. Tests hold it against both
// databases; a table that is not declared here fails them. Tables whose name
// begins with river_ or goose_ belong to libraries and count as local.
var Tables = map[string]Kind{
	"settings": Local, "accounts": Local, "sessions": Local, "sms_codes": Local, "grants": Local,
	"roles": Local, "tokens": Local, "form_receipts": Local, "idempotency_keys": Local,

	"org_units": Ref, "org_spans": Ref, "registry": Ref, "figure_targets": Ref,
	"rule_editions": Ref, "rule_entries": Ref,

	"persons": City, "consents": City, "companies": City, "company_facts": City, "company_formers": City,
	"cases": City, "case_events": City, "deadlines": City,
	"figure_facts": City, "figure_rollups": City,
	"audit_entries": City, "audit_heads": City, "notices": City, "deliveries": City,
	"documents": City, "batches": City, "signals": City, "signal_receipts": City,
	"ledger_accounts": City, "ledger_balances": City, "ledger_entries": City, "ledger_lines": City,
	"ledger_days": City, "ledger_months": City, "ledger_heads": City, "ledger_closings": City,
	"ledger_holds": City, "ledger_periods": City,
	"rule_changes": City, "rule_decisions": City,
	"vacancies": City, "applications": City, "seekers": City, "employment_services": City,
	"dues_files": City, "dues_lines": City, "dues_receipts": City, "dues_breaks": City,
	"dues_payers": City, "dues_refunds": City, "dues_claims": City, "dues_batches": City, "dues_payments": City, "dues_answers": City,
	"dues_lists": City, "dues_census": City,
	"dues_repeats": City, "dues_corrections": City,
}
