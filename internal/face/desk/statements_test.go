package desk_test

import (
	"testing"

	"gonghui/internal/core/access"
)

// A page of the desk asks at most twelve statements, however much it shows, and
// reading writes nothing.
func TestStatementsOfAPage(t *testing.T) {
	const most = 12
	h := open(t)
	h.Staff("guanli", access.RoleAdmin, "37")
	b := h.Desk("lixia")
	admin := h.Desk("guanli")
	s := h.Statements()
	for _, path := range []string{
		"/desk", "/desk?view=vacancy", "/desk?view=overdue", "/desk?q=食品", "/desk/vacancies", "/desk/companies", "/desk/imports",
		"/desk/services", "/desk/password", vacancyPath(h.vacancy), vacancyPath(h.offered), companyPath(h.company), companyPath(h.submitted),
		"/desk/cases/employment.application/" + h.applied.CityCode + "/" + h.applied.ID,
	} {
		s.Reads(b, path, most)
	}
	s.Reads(admin, "/desk/staff", most)
	h.Staff("sheng", access.RoleProvince, "37")
	province := h.Desk("sheng")
	at := "/desk/rules/employment.valid_days/propose"
	change := province.Send(province.Get(at), at, "value", "20", "from.year", "2020", "from.month", "9", "from.day", "1", "citation", "鲁工发〔2020〕9号", "basis", "fact", "reason", "按文件").Path
	for _, path := range []string{"/desk", "/desk/rules", "/desk/rules/employment.valid_days", at, "/desk/rules/changes", change, change + "/edit"} {
		s.Reads(province, path, most)
	}
}
