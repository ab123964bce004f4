package casework

import (
	"fmt"
	"strings"

	"gonghui/internal/core/calendar"
	"gonghui/internal/kit/i18n"
)

// Doc draws a flow as Markdown: a mermaid diagram of its states and a table of
// who has it, until when, and what may be done. Same flow, same text.
func Doc(f Flow, lang i18n.Lang) string {
	d := drawing{flow: f, lang: lang}
	d.line("# %s", d.word(f.TitleText(), f.Name))
	d.line("")
	d.line("`%s` · %s", f.Name, d.t("case.doc.generated"))
	d.line("")
	d.diagram()
	d.line("")
	d.table()
	return d.String()
}

// Docs draws flows into files, by name: for each flow <flow>.md in Chinese and
// <flow>.en.md, and an index. The program's make gen writes them into docs/flows,
// and a test holds that folder against this.
func Docs(flows []Flow) map[string]string {
	files := map[string]string{}
	var index strings.Builder
	index.WriteString("# 流程 · Flows\n\n")
	for _, f := range flows {
		files[f.Name+".md"], files[f.Name+".en.md"] = Doc(f, i18n.ZH), Doc(f, i18n.EN)
		zh, en := drawing{flow: f, lang: i18n.ZH}, drawing{flow: f, lang: i18n.EN}
		fmt.Fprintf(&index, "- [%s](%s.md) · [%s](%s.en.md)\n", zh.word(f.TitleText(), f.Name), f.Name, en.word(f.TitleText(), f.Name), f.Name)
	}
	files["README.md"] = index.String()
	return files
}

type drawing struct {
	strings.Builder
	flow Flow
	lang i18n.Lang
}

func (d *drawing) line(format string, args ...any) { fmt.Fprintf(&d.Builder, format+"\n", args...) }

func (d *drawing) t(key string, params ...any) string { return i18n.T(d.lang, key, params...) }

// word is the room's text of a key, or the bare name while it has none.
func (d *drawing) word(key, name string) string {
	if i18n.Bundle().Has(d.lang, key) {
		return d.t(key)
	}
	return name
}

func (d *drawing) state(name string) string { return d.word(d.flow.StateText(name), name) }
func (d *drawing) event(name string) string { return d.word(d.flow.EventText(name), name) }

func (d *drawing) sides(by []Role) string {
	out := make([]string, len(by))
	for i, r := range by {
		out[i] = d.t("case.role." + r)
	}
	return strings.Join(out, d.comma())
}

func (d *drawing) comma() string {
	if d.lang == i18n.ZH {
		return "、"
	}
	return ", "
}

// mermaid takes identifiers of letters and digits, labels without colons,
// and takes words such as "end" and "state" for its own.
func ident(name string) string { return "s_" + strings.NewReplacer("-", "_", ".", "_").Replace(name) }
func label(text string) string {
	return strings.NewReplacer(":", " ", ";", ",", "\n", " ").Replace(text)
}
func cell(text string) string { return strings.NewReplacer("|", "\\|", "\n", " ").Replace(text) }

func (d *drawing) diagram() {
	d.line("```mermaid")
	d.line("stateDiagram-v2")
	for _, s := range d.flow.States {
		d.line("    %s: %s", ident(s.Name), label(d.state(s.Name)))
	}
	for _, s := range d.flow.Initial {
		d.line("    [*] --> %s", ident(s))
	}
	for _, t := range d.flow.Transitions {
		for _, from := range t.From {
			to := t.To
			if to == "" {
				to = from
			}
			d.line("    %s --> %s: %s", ident(from), ident(to), label(d.event(t.Event)+" ("+d.sides(t.By)+")"))
		}
	}
	for _, s := range d.flow.States {
		if s.Final {
			d.line("    %s --> [*]", ident(s.Name))
		}
	}
	d.line("```")
}

func (d *drawing) table() {
	d.line("| %s | %s | %s | %s |", d.t("case.doc.state"), d.t("case.doc.who"), d.t("case.doc.deadline"), d.t("case.doc.events"))
	d.line("|---|---|---|---|")
	for _, s := range d.flow.States {
		d.line("| %s | %s | %s | %s |", d.name(s), d.who(s), d.clocks(s), d.steps(s))
	}
}

func (d *drawing) name(s State) string {
	text := "**" + cell(d.state(s.Name)) + "** `" + s.Name + "`"
	for _, i := range d.flow.Initial {
		if i == s.Name {
			text += "<br>" + d.t("case.doc.start")
		}
	}
	if s.Final {
		text += "<br>" + d.t("case.doc.final")
	}
	return text
}

func (d *drawing) who(s State) string {
	if s.WaitingFor == "" {
		return d.t("case.doc.nobody")
	}
	text := d.t("case.role." + s.WaitingFor)
	if s.Capability != "" {
		text += " (`" + string(s.Capability) + "`)"
	}
	return text
}

func (d *drawing) clocks(s State) string {
	if len(s.Deadlines) == 0 {
		return d.t("case.doc.no_deadline")
	}
	lines := make([]string, len(s.Deadlines))
	for i, c := range s.Deadlines {
		length := d.t("case.doc.given")
		switch {
		case c.N > 0 && c.Unit == calendar.Workday:
			length = d.t("case.doc.workdays", "N", c.N)
		case c.N > 0:
			length = d.t("case.doc.days", "N", c.N)
		}
		notes := []string{length}
		if c.Roll {
			notes = append(notes, d.t("case.doc.roll"))
		}
		if c.Carry {
			notes = append(notes, d.t("case.doc.carry"))
		}
		if c.Event == "" {
			notes = append(notes, d.t("case.doc.shown"))
		} else {
			notes = append(notes, d.t("case.doc.then", "Event", d.event(c.Event)))
		}
		lines[i] = cell(d.word(d.flow.DeadlineText(c.Name), c.Name) + ": " + strings.Join(notes, d.comma()))
	}
	return strings.Join(lines, "<br>")
}

func (d *drawing) steps(s State) string {
	var lines []string
	for _, t := range d.flow.Transitions {
		for _, from := range t.From {
			if from != s.Name {
				continue
			}
			to := d.t("case.doc.stay")
			if t.To != "" && t.To != from {
				to = d.state(t.To)
			}
			notes := []string{d.sides(t.By)}
			if t.Reason {
				notes = append(notes, d.t("case.doc.reason"))
			}
			if t.FourEyes {
				notes = append(notes, d.t("case.doc.four_eyes"))
			}
			lines = append(lines, cell(d.event(t.Event)+" → "+to+" ("+strings.Join(notes, "; ")+")"))
		}
	}
	return strings.Join(lines, "<br>")
}
