package inspection

import (
	"encoding/json"
	"strings"

	"gonghui/internal/base/audit"
	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/org"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/i18n"
)

// Words are an entry as one tells it to a person.
type Words struct {
	Who    string // Li Jing (lijing); a worker is masked
	Did    string // gave a right
	About  string // vacancy V1234567890 welder
	Detail string // what exactly, where there is more to say
	Why    string // the purpose that was given
	Unit   string // the unit the entry belongs to
}

// Words tells a line.
func (s *Service) Words(lang i18n.Lang, l Line) Words {
	return Words{
		Who: who(lang, l.Actor), Did: s.ActionText(lang, l.Action), About: s.about(lang, l), Detail: s.detail(lang, l),
		Why: purpose(lang, l.Purpose), Unit: s.unitAt(lang, l.OrgPath),
	}
}

func who(lang i18n.Lang, a Actor) string {
	return i18n.T(lang, "audit.who."+string(a.Kind), "Name", a.Name, "Login", a.Login)
}

// ActionText is what was done, in words.
func (s *Service) ActionText(lang i18n.Lang, a audit.Action) string {
	if key := actionKey + string(a); i18n.Bundle().Has(lang, key) {
		return i18n.T(lang, key)
	}
	for _, f := range s.Cases.Flows() {
		if event, ok := strings.CutPrefix(string(a), f.Name+"."); ok {
			return i18n.T(lang, "audit.step", "Flow", i18n.T(lang, f.TitleText()), "Event", eventText(lang, f, event))
		}
	}
	return string(a)
}

// eventText is the word of an event of a procedure: the flow's own, or the one that
// all procedures share.
func eventText(lang i18n.Lang, f casework.Flow, event string) string {
	if key := f.EventText(event); i18n.Bundle().Has(lang, key) {
		return i18n.T(lang, key)
	}
	return i18n.T(lang, "case.event."+event)
}

// KindText names a kind of record.
func (s *Service) KindText(lang i18n.Lang, kind string) string {
	for _, key := range []string{kindKey + kind, "flow." + kind + ".title"} {
		if i18n.Bundle().Has(lang, key) {
			return i18n.T(lang, key)
		}
	}
	return i18n.T(lang, otherKind)
}

func (s *Service) about(lang i18n.Lang, l Line) string {
	parts := []string{s.KindText(lang, l.SubjectKind)}
	switch l.SubjectKind {
	case "unit":
		if u, ok := s.Org.ByID(l.SubjectID); ok {
			parts = append(parts, unitName(lang, u))
		}
	case "role":
		parts = append(parts, roleText(lang, l.SubjectID))
	}
	for _, x := range []string{l.Number, l.Title} {
		if x != "" {
			parts = append(parts, x)
		}
	}
	return strings.Join(parts, " ")
}

// detail says what exactly was done, for the actions whose entry tells it.
func (s *Service) detail(lang i18n.Lang, l Line) string {
	words := strings.Fields(l.Detail)
	switch l.Action {
	case "account.create_staff":
		return "" // the login stands with the account
	case "account.grant", "account.revoke":
		if len(words) == 2 {
			return i18n.T(lang, "audit.detail.grant", "Role", roleText(lang, words[0]), "Where", s.where(lang, words[0], words[1]))
		}
	case "account.issue_token":
		if len(words) > 1 {
			return list(lang, words[1:], capabilityText)
		}
	case "access.change_role":
		return list(lang, words, capabilityText)
	case "person.updated":
		return list(lang, words, func(lang i18n.Lang, w string) string { return known(lang, "audit.field."+w, w) })
	case "company.fact_added":
		return known(lang, "company.fact."+l.Detail, "")
	case "figures.export":
		if len(words) == 3 {
			return i18n.T(lang, "audit.detail.figures", "Title", known(lang, "figure."+words[0]+".title", words[0]), "Period", words[1], "Count", words[2])
		}
	case Searched, Exported:
		return s.asked(lang, l.Detail)
	}
	if key := "audit.detail." + string(l.Action); i18n.Bundle().Has(lang, key) {
		return fromJSON(lang, key, l.Detail)
	}
	return s.states(lang, l)
}

// states tells from which state to which a step led.
func (s *Service) states(lang i18n.Lang, l Line) string {
	f, err := s.Cases.Flow(l.SubjectKind)
	if err != nil || !strings.HasPrefix(string(l.Action), f.Name+".") {
		return ""
	}
	var out []string
	for name := range strings.SplitSeq(l.Detail, " → ") {
		if _, ok := f.State(name); !ok {
			return ""
		}
		out = append(out, i18n.T(lang, f.StateText(name)))
	}
	return strings.Join(out, " → ")
}

// asked tells what was looked for in the log.
func (s *Service) asked(lang i18n.Lang, text string) string {
	var q Query
	if json.Unmarshal([]byte(text), &q) != nil {
		return ""
	}
	var out []string
	add := func(key, value string) {
		if value != "" {
			out = append(out, i18n.T(lang, "audit.asked."+key, "What", value))
		}
	}
	add("actor", q.Actor)
	if q.Action != "" {
		add("action", s.ActionText(lang, audit.Action(q.Action)))
	}
	if q.Kind != "" {
		add("kind", s.KindText(lang, q.Kind))
	}
	add("subject", q.Subject)
	add("from", dayText(q.From))
	add("to", dayText(q.To))
	if len(out) == 0 {
		return i18n.T(lang, "audit.asked.all")
	}
	return join(lang, out)
}

func dayText(d clock.Day) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// fromJSON fills a text with the values of a detail that is a JSON object; a value
// that is itself the key of a text is written out.
func fromJSON(lang i18n.Lang, key, text string) string {
	var values map[string]any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber() // a million is not written 1e+06
	if d.Decode(&values) != nil {
		return ""
	}
	params := make([]any, 0, 2*len(values))
	for name, v := range values {
		if word, ok := v.(string); ok {
			v = known(lang, word, word)
		}
		params = append(params, name, v)
	}
	return i18n.T(lang, key, params...)
}

// where names the unit of a right by its code; a company is not named.
func (s *Service) where(lang i18n.Lang, role, code string) string {
	if role == access.RoleCompany {
		return i18n.T(lang, "audit.detail.company")
	}
	if u, ok := s.Org.ByDivision(code); ok {
		return unitName(lang, u)
	}
	return code
}

func (s *Service) unitAt(lang i18n.Lang, path string) string {
	if u, ok := s.Org.ByPath(path); ok {
		return unitName(lang, u)
	}
	return ""
}

func unitName(lang i18n.Lang, u org.Unit) string { return u.NameIn(string(lang)) }

func roleText(lang i18n.Lang, code string) string { return known(lang, "role."+code, code) }

func capabilityText(lang i18n.Lang, c string) string { return known(lang, "capability."+c, c) }

// purpose writes out a word of ours; what somebody wrote stays as it is.
func purpose(lang i18n.Lang, p string) string { return known(lang, "audit.purpose."+p, p) }

// known is the text of a key, or else the word given.
func known(lang i18n.Lang, key, otherwise string) string {
	if i18n.Bundle().Has(lang, key) {
		return i18n.T(lang, key)
	}
	return otherwise
}

func list(lang i18n.Lang, words []string, text func(i18n.Lang, string) string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = text(lang, w)
	}
	return join(lang, out)
}

func join(lang i18n.Lang, words []string) string {
	return strings.Join(words, i18n.T(lang, "audit.and"))
}
