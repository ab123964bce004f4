package e2e_test

import (
	"net/url"
	"testing"

	"gonghui/internal/core/access"
)

// One person of the province proposes another number, tries it and sends it in; a
// second one returns it and then approves what was written anew; the county reads
// what holds and finds nothing of the change.
func TestRules(t *testing.T) {
	needBrowser(t)
	onBoth(t, func(t *testing.T, h *house) {
		for _, s := range []size{phoneSize, deskSize} {
			t.Run(s.name, func(t *testing.T) {
				one, two, reader := "writer."+s.name, "second."+s.name, "reader."+s.name
				h.staff(one, access.RoleProvince, "37")
				h.staff(two, access.RoleProvince, "37")
				h.staff(reader, access.RoleCounty, county)
				key := map[string]string{phoneSize.name: "employment.valid_days", deskSize.name: "employment.no_reply_days"}[s.name]
				at := "/desk/rules/" + key

				p := h.tab(t, "rules", s, true)
				p.open("/desk/rules").staffInQuietly(one).see(say("rules.room.employment"), say("rules.basis.assumed.province")).unseen("ASSUMED").step("list")
				p.link(say("param." + key + ".title")).see(say("desk.rules.history")).step("parameter")
				p.link(say("desk.rules.propose")).step("form")
				p.fill("value", "0").press(say("desk.rules.save"), 422).see(say("field.required"), say("fault.rules.range", "Min", "1", "Max", "3650")).step("mistakes")
				p.fill("value", "20").fill("from.year", "2030").fill("from.month", "9").fill("from.day", "1").fill("citation", "鲁工办发〔2030〕21号")
				p.choose("basis", "fact").fill("reason", "各市反映时间不合适").press(say("desk.rules.save")).see(say("desk.rules.saved"), say("desk.rules.not_tried")).step("draft")
				change := p.at()
				p.press(say("desk.rules.try")).see(say("desk.rules.counted")).step("tried")
				p.press(say("flow.rules.change.event.submit")).see(say("desk.rules.second_person")).step("sent-in")

				q := h.tab(t, "rules-second", s, true)
				q.open("/desk").staffInQuietly(two).see(say("flow.rules.change.title")).step("queue")
				q.open(change).step("to-decide")
				q.press(say("flow.rules.change.event.return"), 422).see(say("case.reason")).step("no-reason")
				q.fill("reason.return", "请再核对文号").press(say("flow.rules.change.event.return")).see(say("flow.rules.change.state.returned"))
				p.open(change).link(say("flow.rules.change.event.edit")).fill("citation", "鲁工办发〔2030〕22号").press(say("desk.rules.save"))
				p.press(say("flow.rules.change.event.submit"))
				q.open(change).press(say("flow.rules.change.event.approve")).see(say("flow.rules.change.state.approved"), "鲁工办发〔2030〕22号").step("approved")
				q.open("/prefs?lang=en&back="+url.QueryEscape(change)).see("Approved", "Trial").step("change-english")
				q.open("/desk/rules").see("Job service", "Assumed by this province").step("list-english")
				q.open(at).see("Values over time", "From a document").step("parameter-english")
				q.open(at + "/propose").step("form-english")
				q.open("/prefs?type=large&back=" + url.QueryEscape(at)).step("large-type")

				q.open("/prefs?type=normal&back=" + url.QueryEscape("/desk/rules/dues.split/propose")).step("table-english")
				q.open("/prefs?lang=zh-CN&back="+url.QueryEscape("/desk/rules/dues.split/propose")).fill("cell.1.province", "1")
				q.fill("from.year", "2031").fill("from.month", "1").fill("from.day", "1").fill("citation", "鲁工办发〔2030〕23号").choose("basis", "known").fill("reason", "试算")
				q.press(say("desk.rules.save"), 422).see(say("fault.dues.split")).step("table-mistake")

				r := h.tab(t, "rules-reader", s, false)
				r.open(at).staffInQuietly(reader).see("鲁工办发〔2030〕22号").unseen(say("desk.rules.propose")).step("county")
				r.open(change, 404)
			})
		}
	})
}
