package archive

import (
	"bytes"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Order lists the tables that are kept, parents before children, so that rows
// go in along their foreign keys. A test holds it against db.Tables and the schema.
var Order = []string{
	"settings", "roles", "accounts", "grants", "tokens",
	"org_units", "org_spans", "registry", "figure_targets",
	"persons", "consents", "companies", "company_facts", "company_formers",
	"cases", "case_events", "deadlines",
	"figure_facts", "figure_rollups", "audit_entries", "audit_heads", "notices", "deliveries",
	"documents", "batches", "signals", "signal_receipts",
	"rule_editions", "rule_entries", "rule_changes", "rule_decisions",
	"ledger_accounts", "ledger_balances", "ledger_entries", "ledger_lines", "ledger_days", "ledger_months",
	"ledger_heads", "ledger_closings", "ledger_holds", "ledger_periods",
	"vacancies", "applications", "seekers", "employment_services",
	"dues_files", "dues_lines", "dues_receipts", "dues_breaks",
	"dues_payers", "dues_refunds", "dues_claims", "dues_batches", "dues_payments", "dues_answers",
	"dues_lists", "dues_census",
	"dues_repeats", "dues_corrections",
}

// LeftOut lists the tables that are not kept: they are worth nothing elsewhere
// or later.
var LeftOut = []string{"sessions", "sms_codes", "form_receipts", "idempotency_keys"}

// seeded are the tables that setting an installation up fills; what they hold
// does not make it inhabited, and an archive brings its own.
var seeded = []string{"settings", "roles", "org_units", "org_spans", "rule_editions"}

// kind is what a column holds, the same on both databases.
type kind byte

const (
	text kind = iota
	integer
	real
	boolean
	instant
	binary
)

type column struct {
	name string
	kind kind
}

// kindOf folds the type names of both drivers.
func kindOf(name string) (kind, error) {
	switch strings.ToLower(name) {
	case "text", "varchar":
		return text, nil
	case "integer", "bigint", "int4", "int8", "smallint", "int2":
		return integer, nil
	case "real", "float8", "float4", "double precision":
		return real, nil
	case "boolean", "bool":
		return boolean, nil
	case "timestamp", "timestamptz":
		return instant, nil
	case "blob", "bytea":
		return binary, nil
	}
	return 0, fmt.Errorf("a column of type %q", name)
}

func columnsOf(rows *sql.Rows) ([]column, error) {
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	out := make([]column, len(types))
	for i, t := range types {
		k, err := kindOf(t.DatabaseTypeName())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.Name(), err)
		}
		out[i] = column{t.Name(), k}
	}
	return out, nil
}

// encoder writes rows as lines of JSON.
type encoder struct {
	columns []column
	buf     bytes.Buffer
	strings *json.Encoder
}

func newEncoder(columns []column) *encoder {
	e := &encoder{columns: columns}
	e.strings = json.NewEncoder(&e.buf)
	e.strings.SetEscapeHTML(false)
	return e
}

// line gives one row; it is good until the next call.
func (e *encoder) line(values []any) ([]byte, error) {
	e.buf.Reset()
	for i, c := range e.columns {
		if i == 0 {
			e.buf.WriteString(`{"`)
		} else {
			e.buf.WriteString(`,"`)
		}
		e.buf.WriteString(c.name)
		e.buf.WriteString(`":`)
		if err := e.value(c, values[i]); err != nil {
			return nil, fmt.Errorf("column %s: %w", c.name, err)
		}
	}
	e.buf.WriteString("}\n")
	return e.buf.Bytes(), nil
}

func (e *encoder) value(c column, v any) error {
	switch v := v.(type) {
	case nil:
		e.buf.WriteString("null")
		return nil
	case int64:
		if c.kind == boolean {
			e.buf.WriteString(strconv.FormatBool(v != 0))
			return nil
		}
		e.buf.WriteString(strconv.FormatInt(v, 10))
		return nil
	case float64:
		e.buf.WriteString(strconv.FormatFloat(v, 'g', -1, 64))
		return nil
	case bool:
		e.buf.WriteString(strconv.FormatBool(v))
		return nil
	case time.Time:
		return e.string(v.UTC().Format(time.RFC3339Nano))
	case []byte:
		if c.kind == binary {
			return e.string(base64.StdEncoding.EncodeToString(v))
		}
		return e.text(string(v))
	case string:
		if c.kind == instant {
			return fmt.Errorf("%q is no time", v)
		}
		return e.text(v)
	}
	return fmt.Errorf("a value of type %T", v)
}

func (e *encoder) text(s string) error {
	if utf8.ValidString(s) {
		return e.string(s)
	}
	e.buf.WriteString(`{"base64":`)
	if err := e.string(base64.StdEncoding.EncodeToString([]byte(s))); err != nil {
		return err
	}
	e.buf.WriteByte('}')
	return nil
}

func (e *encoder) string(s string) error {
	if err := e.strings.Encode(s); err != nil {
		return err
	}
	e.buf.Truncate(e.buf.Len() - 1) // the encoder's line end
	return nil
}

// decode reads one line into the values of the columns, in their order.
func decode(line []byte, columns []column) ([]any, error) {
	var m map[string]json.RawMessage
	if err := json.Unmarshal(line, &m); err != nil {
		return nil, err
	}
	if len(m) != len(columns) {
		return nil, fmt.Errorf("%d values for %d columns", len(m), len(columns))
	}
	out := make([]any, len(columns))
	for i, c := range columns {
		raw, ok := m[c.name]
		if !ok {
			return nil, fmt.Errorf("no value for %s", c.name)
		}
		if string(raw) == "null" {
			continue
		}
		v, err := read(raw, c.kind)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", c.name, err)
		}
		out[i] = v
	}
	return out, nil
}

func read(raw json.RawMessage, k kind) (any, error) {
	switch k {
	case integer:
		return strconv.ParseInt(string(raw), 10, 64)
	case real:
		return strconv.ParseFloat(string(raw), 64)
	case boolean:
		return strconv.ParseBool(string(raw))
	}
	if raw[0] == '{' {
		var other struct {
			Base64 []byte `json:"base64"`
		}
		err := json.Unmarshal(raw, &other)
		return string(other.Base64), err
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, err
	}
	switch k {
	case instant:
		t, err := time.Parse(time.RFC3339Nano, s)
		return t.UTC(), err
	case binary:
		return base64.StdEncoding.DecodeString(s)
	default:
		return s, nil
	}
}
