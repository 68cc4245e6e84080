package views

import (
	"fmt"
	"net/url"
	"strings"

	"hocba/internal/school"
)

// Addresses of staff pages. handlers/routes.go holds the same shapes; a page
// never builds an address by hand.

// YearLabel is a school year as the bar shows it, "2025–2026".
func YearLabel(y school.Year) string { return strings.Replace(string(y), "-", "–", 1) }

// YearURL is what waits in a school year.
func YearURL(y school.Year) string { return "/" + string(y) }

// In is an address below a school year: In(y, "classes", 4, "review").
func In(y school.Year, parts ...any) string {
	var b strings.Builder
	b.WriteString("/" + string(y))
	for _, p := range parts {
		b.WriteString("/" + url.PathEscape(fmt.Sprint(p)))
	}
	return b.String()
}

// GradebookURL is the grid of one subject of a class in a period.
func GradebookURL(y school.Year, classID int64, p school.Period, s school.Subject) string {
	return In(y, "classes", classID, "gradebook", p) + "?subject=" + url.QueryEscape(string(s))
}

// ShowAll is the value of "show" that opens all subjects beside each other.
const ShowAll = "all"

// AllSubjectsURL is the grid of all subjects of a class in a period.
func AllSubjectsURL(y school.Year, classID int64, p school.Period) string {
	return In(y, "classes", classID, "gradebook", p) + "?show=" + ShowAll
}

// TraitsURL is the grid of qualities and competencies of a class in a period.
func TraitsURL(y school.Year, classID int64, p school.Period) string {
	return In(y, "classes", classID, "traits", p)
}

// ReviewURL is the homeroom teacher's review of a class.
func ReviewURL(y school.Year, classID int64) string { return In(y, "classes", classID, "review") }

// SigningURL is where a teacher signs the records of a class.
func SigningURL(y school.Year, classID int64) string { return In(y, "classes", classID, "signatures") }

// ApprovalURL is the principal's queue.
func ApprovalURL(y school.Year) string { return In(y, "approval") }

// RecordURL shows one record.
func RecordURL(y school.Year, recordID int64) string { return In(y, "records", recordID) }

// PreviewURL prints what the paper of a record will look like.
func PreviewURL(y school.Year, recordID int64) string {
	return In(y, "records", recordID, "preview.pdf")
}

// PaperURL is the final paper of a record, from acceptance on.
func PaperURL(y school.Year, recordID int64) string { return In(y, "records", recordID, "paper.pdf") }

// ClassPapersURL is the papers of a class, as files.
func ClassPapersURL(y school.Year, classID int64) string {
	return In(y, "classes", classID, "papers.zip")
}

// JobURL shows the progress of a long act.
func JobURL(id int64) string { return fmt.Sprintf("/jobs/%d", id) }
