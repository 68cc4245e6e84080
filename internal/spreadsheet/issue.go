package spreadsheet

import (
	"maps"
	"slices"
	"strconv"
)

// Severity says what an issue does to its row.
type Severity string

// The severities, from the worst.
const (
	// Refused: the row cannot be written; somebody mends the file.
	Refused Severity = "refused"
	// Warning: the row is doubtful; a person decides.
	Warning Severity = "warning"
	// Note: the row is fine; the cell was read differently from how it was typed.
	Note Severity = "note"
)

// Issue is one thing found wrong or remarkable in a cell, a row or a sheet. Row
// is the sheet's own row number, 0 for an issue of the whole sheet; Column is
// the letter, "" for an issue of the whole row. Args fill the placeholders of
// the code's sentence and always hold row, column, heading and cell ("F18").
// They may hold a child's data: they are for the page, never for the log.
type Issue struct {
	Row      int
	Column   string
	Heading  string
	Code     string
	Args     map[string]string
	Severity Severity
}

// Cell returns the address of the cell, "F18"; "" when the issue is not one
// cell's.
func (i Issue) Cell() string {
	if i.Row == 0 || i.Column == "" {
		return ""
	}
	return i.Column + strconv.Itoa(i.Row)
}

// newIssue makes an issue at a place; args are name, value pairs.
func newIssue(severity Severity, code string, row int, column Column, args ...string) Issue {
	issue := Issue{Row: row, Column: column.Letter, Heading: column.Heading, Code: code, Severity: severity}
	issue.Args = map[string]string{
		"row": strconv.Itoa(row), "column": column.Letter, "heading": column.Heading, "cell": issue.Cell(),
	}
	for k := 0; k+1 < len(args); k += 2 {
		issue.Args[args[k]] = args[k+1]
	}
	return issue
}

// Codes of files that cannot be read at all; they come as fault.Error.
const (
	CodeFileEmpty     = "spreadsheet.file_empty"
	CodeFileTooLarge  = "spreadsheet.file_too_large"
	CodeFileNotXLSX   = "spreadsheet.file_not_xlsx"
	CodeFileOldFormat = "spreadsheet.file_old_format"
	CodeFileEncrypted = "spreadsheet.file_encrypted"
	CodeFileODS       = "spreadsheet.file_ods"
	CodeFileInflates  = "spreadsheet.file_inflates"
	CodeFileCorrupt   = "spreadsheet.file_corrupt"
	CodeTooManySheets = "spreadsheet.too_many_sheets"
	CodeTooManyRows   = "spreadsheet.too_many_rows"
	CodeTooManyCols   = "spreadsheet.too_many_columns"
	CodeNoHeadings    = "spreadsheet.no_headings"
	CodeNoSuchSheet   = "spreadsheet.no_such_sheet"
	CodeColumnMissing = "spreadsheet.column_missing"
	CodeNoRows        = "spreadsheet.no_rows"
	CodeExportTooLong = "spreadsheet.export_too_long"
)

// Codes of issues of a whole sheet.
const (
	CodeColumnTwice = "spreadsheet.column_twice"
	CodeOtherSheets = "spreadsheet.other_sheets"
	CodeRowsIgnored = "spreadsheet.rows_ignored"
	CodeRowsHidden  = "spreadsheet.rows_hidden"
	CodeOtherYear   = "spreadsheet.other_year"
	CodeYearUnknown = "spreadsheet.year_unknown"
)

// Codes of issues of a cell of any table.
const (
	CodeFormula     = "spreadsheet.cell_formula"
	CodeCellError   = "spreadsheet.cell_error"
	CodeFormulaText = "spreadsheet.cell_formula_text"
	CodeTooLong     = "spreadsheet.cell_too_long"
	CodeRequired    = "spreadsheet.cell_required"
	CodeBecameDate  = "spreadsheet.cell_became_date"
	CodeNotDate     = "spreadsheet.cell_not_date"
	CodeShortYear   = "spreadsheet.cell_short_year"
	CodeDateSerial  = "spreadsheet.cell_date_serial"
	CodeRepeated    = "spreadsheet.row_repeated"
)

// Codes of issues of a pupil's row.
const (
	CodeOtherClassGrade  = "pupil.other_class_grade"
	CodeManyGrades       = "pupil.many_grades"
	CodePupilCode        = "pupil.code"
	CodePersonalNo       = "pupil.personal_no"
	CodePersonalNoShort  = "pupil.personal_no_short"
	CodePersonalNoPadded = "pupil.personal_no_padded"
	CodePersonalNoOdd    = "pupil.personal_no_disagrees"
	CodeNameCharacters   = "pupil.name_characters"
	CodeNameCapitals     = "pupil.name_capitals"
	CodeRelativeName     = "pupil.relative_name"
	CodeAgeImpossible    = "pupil.age_impossible"
	CodeAgeUnusual       = "pupil.age_unusual"
	CodeBirthYear        = "pupil.birth_year"
	CodeSex              = "pupil.sex"
	CodeEthnicity        = "pupil.ethnicity"
	CodeEthnicityNear    = "pupil.ethnicity_near"
	CodeStatus           = "pupil.status"
	CodePhone            = "pupil.phone"
	CodePhonePadded      = "pupil.phone_padded"
	CodeGrade            = "pupil.grade"
	CodeGradeUnknown     = "pupil.grade_unknown"
	CodeClassGrade       = "pupil.class_grade"
	CodeCodeTwice        = "pupil.code_twice"
	CodeCodeTwiceFirst   = "pupil.code_twice_first"
	CodeNumberTwice      = "pupil.personal_no_twice"
	CodeNumberTwiceFirst = "pupil.personal_no_twice_first"
	CodeSamePerson       = "pupil.same_person"
)

// Codes of issues of a row of subject results.
const (
	CodePeriod  = "result.period"
	CodeNobody  = "result.nobody"
	CodeNothing = "result.nothing"
)

// Codes of the reasons of a Match.
const (
	CodeMatchNew         = "match.new"
	CodeMatchIdentical   = "match.identical"
	CodeMatchCompletes   = "match.completes"
	CodeMatchChanges     = "match.changes"
	CodeMatchRefused     = "match.refused"
	CodeMatchDoubtful    = "match.doubtful"
	CodeMatchSpelling    = "match.name_spelling"
	CodeMatchName        = "match.name_differs"
	CodeMatchBirth       = "match.birth_differs"
	CodeMatchPerson      = "match.other_person"
	CodeMatchCode        = "match.code_differs"
	CodeMatchSameBirth   = "match.same_name_birth"
	CodeMatchSimilar     = "match.similar"
	CodeMatchTwoPupils   = "match.two_pupils"
	CodeMatchClaimed     = "match.claimed_twice"
	CodeMatchNumberTaken = "match.personal_no_differs"
)

// Codes of reasons of matching with pupils of the own classes alone.
const (
	CodeMatchNobody    = "match.nobody"     // nobody of the classes
	CodeMatchNameOnly  = "match.name_only"  // {old}
	CodeMatchSeveral   = "match.several"    // {count}
	CodeMatchOtherSeat = "match.other_seat" // {old}, {new}: sits in another class than the row says
)

// codeArgs lists every code with the arguments its sentence may use besides
// row, column, heading and cell.
var codeArgs = map[string][]string{
	CodeFileEmpty: nil, CodeFileTooLarge: {"limit"}, CodeFileNotXLSX: nil, CodeFileOldFormat: nil,
	CodeFileEncrypted: nil, CodeFileODS: nil, CodeFileInflates: {"limit"}, CodeFileCorrupt: nil,
	CodeTooManySheets: {"limit"}, CodeTooManyRows: {"sheet", "limit"}, CodeTooManyCols: {"sheet", "limit"},
	CodeNoHeadings: {"limit"}, CodeNoSuchSheet: {"sheet"}, CodeColumnMissing: {"sheet", "headings"}, CodeNoRows: {"sheet"},
	CodeExportTooLong: {"limit"},

	CodeColumnTwice: {"other", "other_heading"}, CodeOtherSheets: {"sheets"}, CodeRowsIgnored: {"rows"},
	CodeRowsHidden: {"count"}, CodeOtherYear: {"file", "year"}, CodeYearUnknown: nil,

	CodeFormula: nil, CodeCellError: {"value"}, CodeFormulaText: {"value"}, CodeTooLong: {"limit"},
	CodeRequired: nil, CodeBecameDate: {"value"}, CodeNotDate: {"value"}, CodeShortYear: {"value"},
	CodeDateSerial: {"value", "date"}, CodeRepeated: {"other"},

	CodePupilCode: {"value"}, CodePersonalNo: {"value"}, CodePersonalNoShort: {"value", "digits"},
	CodePersonalNoPadded: {"value", "read"}, CodePersonalNoOdd: {"value"},
	CodeNameCharacters: {"value", "characters"}, CodeNameCapitals: {"value"}, CodeRelativeName: {"value"},
	CodeAgeImpossible: {"value", "age", "year"}, CodeAgeUnusual: {"value", "age", "grade", "year"},
	CodeBirthYear: {"value"}, CodeSex: {"value"}, CodeEthnicity: {"value"}, CodeEthnicityNear: {"value", "near"},
	CodeStatus: {"value"}, CodePhone: {"value"}, CodePhonePadded: {"value", "read"}, CodeGrade: {"value"},
	CodeGradeUnknown: {"value"}, CodeClassGrade: {"value", "grade"},
	CodeOtherClassGrade: {"value", "grade", "grades"}, CodeManyGrades: {"value"},
	CodeCodeTwice: {"value", "other"}, CodeCodeTwiceFirst: {"value", "other"},
	CodeNumberTwice: {"value", "other"}, CodeNumberTwiceFirst: {"value", "other"}, CodeSamePerson: {"value", "other"},

	CodePeriod: {"value"}, CodeNobody: nil, CodeNothing: nil,

	CodeMatchNew: nil, CodeMatchIdentical: nil, CodeMatchCompletes: {"count"}, CodeMatchChanges: {"count"},
	CodeMatchRefused: nil, CodeMatchDoubtful: nil, CodeMatchSpelling: {"old", "new"}, CodeMatchName: {"old", "new"},
	CodeMatchBirth: {"old", "new"}, CodeMatchPerson: {"old", "new"}, CodeMatchCode: {"old", "new"},
	CodeMatchSameBirth: {"old"}, CodeMatchSimilar: {"old"}, CodeMatchTwoPupils: {"first", "second"},
	CodeMatchClaimed: {"other"}, CodeMatchNumberTaken: {"old", "new"},

	CodeMatchNobody: nil, CodeMatchNameOnly: {"old"}, CodeMatchSeveral: {"count"}, CodeMatchOtherSeat: {"old", "new"},
}

// Codes lists every code this package puts into an Issue, a Match or a
// fault.Error, sorted. Each has a sentence in views/words.
func Codes() []string { return slices.Sorted(maps.Keys(codeArgs)) }

// Args lists the placeholders that the sentence of a code may use; nil for an
// unknown code.
func Args(code string) []string {
	args, ok := codeArgs[code]
	if !ok {
		return nil
	}
	return append([]string{"row", "column", "heading", "cell"}, args...)
}
