package db

// SummarySeatsQuery and SummaryEntriesQuery are the statements behind the class
// table, for the test that looks at their plans.
var (
	SummarySeatsQuery   = classSeatsSQL
	SummaryEntriesQuery = summaryEntriesSQL
)
