package dues

// Source is whose a list of companies is.
type Source string

// The sources.
const (
	FromTax        Source = "tax"        // the tax office
	FromStatistics Source = "statistics" // the statistics office
	FromMarket     Source = "market"     // the market regulation
)

// Sources are all sources.
func Sources() []Source { return []Source{FromStatistics, FromMarket, FromTax} }
