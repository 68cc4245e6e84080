package db

// SummarySeatsQuery and SummaryEntriesQuery are the statements behind the class
// table, LeftQuery and ExemptionsQuery others about a class's pupils, for the
// test that looks at their plans.
var (
	SummarySeatsQuery   = classSeatsSQL
	SummaryEntriesQuery = summaryEntriesSQL
	LeftQuery           = leftSQL
	ExemptionsQuery     = exemptionsSQL
)
