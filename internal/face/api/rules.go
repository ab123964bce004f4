package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"gonghui/internal/core/rules"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
)

// Rule is a parameter as it stands at a place on a day.
type Rule struct {
	Key   string     `json:"key" example:"employment.review_workdays"`
	Title string     `json:"title"`
	Help  string     `json:"help"`
	Kind  string     `json:"kind" enum:"integer,fen,percent,days,workdays,text,choice,boolean,table,conditions"`
	Value *RuleValue `json:"value,omitempty" doc:"absent where nothing holds on the day"`
	Own   bool       `json:"own" doc:"set at the place itself, not above it"`
}

// RuleValue is one value at one place for one period.
type RuleValue struct {
	Place    string    `json:"place" doc:"code of the province, city or county"`
	From     string    `json:"from" format:"date" doc:"first day"`
	To       string    `json:"to,omitempty" format:"date" doc:"last day; absent: until something later begins"`
	Value    any       `json:"value" doc:"amounts in fen, percentages as text, tables and conditions as lists"`
	Text     string    `json:"text" doc:"the value in words"`
	Basis    Coded     `json:"basis" doc:"fact: read in the document cited; known: believed, not read; assumed: no document"`
	Citation string    `json:"citation"`
	By       string    `json:"by,omitempty" doc:"who approved it; absent where it came with the program"`
	At       time.Time `json:"at,omitzero" doc:"when it was approved"`
}

// RuleDetail is a parameter with everything that holds, held or will hold anywhere.
type RuleDetail struct {
	Key    string      `json:"key"`
	Title  string      `json:"title"`
	Help   string      `json:"help"`
	Kind   string      `json:"kind" enum:"integer,fen,percent,days,workdays,text,choice,boolean,table,conditions"`
	Levels []string    `json:"levels" doc:"who may set it: province, city, county"`
	Values []RuleValue `json:"values" doc:"the province's first, then by place; at one place the latest first"`
}

type ruleQuery struct {
	Room  string `query:"room" maxLength:"40" pattern:"^[a-z]*$" doc:"first part of the key, such as employment"`
	Place string `query:"place" maxLength:"12" pattern:"^[0-9]*$" doc:"the values that hold there; the province unless said"`
	On    string `query:"on" format:"date" doc:"the day; today unless said"`
	Basis string `query:"basis" enum:"fact,known,assumed"`
}

type ruleKey struct {
	Key string `path:"key" maxLength:"80" pattern:"^[a-z]+\\.[a-z0-9_]+$" doc:"room.name"`
}

func (s *server) rules() {
	add(s, route{id: "rule-list", method: http.MethodGet, path: "/rules", tag: "desk"}, s.ruleList)
	add(s, route{id: "rule-get", method: http.MethodGet, path: "/rules/{key}", tag: "desk"}, s.rule)
}

func (s *server) ruleList(ctx context.Context, in *ruleQuery) (List[Rule], error) {
	f := rules.Filter{Room: in.Room, Place: in.Place, Basis: rules.Basis(in.Basis)}
	var err error
	if f.Day, err = day("on", in.On); err != nil {
		return List[Rule]{}, err
	}
	if _, ok := s.Org.ByDivision(in.Place); in.Place != "" && !ok {
		return List[Rule]{}, fault.New(fault.Invalid, "form.invalid", fault.OnField("place", "unknown_code"))
	}
	all, err := s.Rules.Parameters(ctx, f)
	if err != nil {
		return List[Rule]{}, err
	}
	out := List[Rule]{Items: make([]Rule, len(all))}
	for n, x := range all {
		d := x.Definition
		out.Items[n] = Rule{Key: d.Key, Title: i18n.T(lang(ctx), d.TitleText()), Help: i18n.T(lang(ctx), d.HelpText()), Kind: string(d.Kind), Own: x.Own}
		if x.Found {
			v := ruleValue(ctx, d, x.Entry)
			out.Items[n].Value = &v
		}
	}
	return out, nil
}

func (s *server) rule(ctx context.Context, in *ruleKey) (RuleDetail, error) {
	d, all, err := s.Rules.Parameter(ctx, in.Key)
	if err != nil {
		return RuleDetail{}, err
	}
	out := RuleDetail{
		Key: d.Key, Title: i18n.T(lang(ctx), d.TitleText()), Help: i18n.T(lang(ctx), d.HelpText()), Kind: string(d.Kind), Levels: []string{}, Values: []RuleValue{},
	}
	for _, l := range rules.Everywhere {
		if d.MayBeSetAt(l) {
			out.Levels = append(out.Levels, string(l))
		}
	}
	for _, e := range all {
		out.Values = append(out.Values, ruleValue(ctx, d, e))
	}
	return out, nil
}

func ruleValue(ctx context.Context, d rules.Definition, e rules.Entry) RuleValue {
	l := lang(ctx)
	return RuleValue{
		Place: e.Place, From: dayText(e.From), To: dayText(e.To), Value: json.RawMessage(e.Value.JSON()), Text: d.Words(l, e.Value),
		Basis: Coded{string(e.Basis), rules.BasisWords(l, e.Basis, e.Place)}, Citation: e.Cited(l), By: e.By, At: e.At,
	}
}
