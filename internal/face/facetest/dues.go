package facetest

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/company"
	"gonghui/internal/simulator/taxoffice"
)

// TaxMonth makes n companies of a county known, and what its tax office sends of
// them for a month, with mistakes.
func (h *House) TaxMonth(division, month string, n, faults int) taxoffice.Month {
	h.T.Helper()
	var firms []taxoffice.Company
	var listed []company.Listed
	for i := range n {
		x := taxoffice.Company{
			CreditCode: taxoffice.CreditCode(fmt.Sprintf("91%sMA4%06d", division, i)), Name: fmt.Sprintf("%s第%d食品有限公司", division, i+1),
			PayrollFen: int64(4_000_000 + i*1009),
		}
		firms = append(firms, x)
		listed = append(listed, company.Listed{CreditCode: x.CreditCode, Name: x.Name, DivisionCode: division})
	}
	known, err := h.Companies.EnsureListed(h.System(), listed)
	require.NoError(h.T, err)
	for _, k := range known {
		require.NoError(h.T, k.Err)
	}
	return taxoffice.New(division+"税务所", 20_000, uint64(len(month)+n)).Month(month, firms, faults)
}
