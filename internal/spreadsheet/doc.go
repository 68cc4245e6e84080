// Package spreadsheet reads and writes the .xlsx files that schools exchange:
// it finds the sheet and the row of headings by their usual spellings, turns
// cells into text, dates and numbers, checks lists of pupils row by row,
// compares them with the pupils already known, and writes tables whose cells
// can never become formulas.
//
// Files come from strangers. Everything read is bounded (see the Max
// constants), formulas are never evaluated nor their cached values believed,
// and no temporary file is written. Reading is done here, in one pass over the
// XML, and not by excelize: that library expands every row to its last column
// and every sheet to its last row before sizes can be looked at, so that a file
// of 9 KB was measured to take 1.6 GB. Writing uses it.
//
// The package knows no SQL, no HTTP and no sentences for people. What is wrong
// is an Issue or a fault.Error with a code; Codes lists them, views/words holds
// their sentences. The Vietnamese it does hold are reference facts: official
// headings, the list of ethnic groups (domain notes §9.4) and the labels of the
// pupil status list (§5.6).
package spreadsheet
