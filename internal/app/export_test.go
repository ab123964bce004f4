package app

// For tests.
var (
	Outgrown     = outgrown
	IDAt         = idAt
	MakePassword = makePassword
)
