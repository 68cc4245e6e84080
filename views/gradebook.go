package views

import (
	"github.com/a-h/templ"

	"strconv"
	"strings"
	"time"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// TraitsName names the table of qualities and competencies.
const TraitsName = "Phẩm chất và năng lực"

// AllSubjectsName names the table of all subjects beside each other.
const AllSubjectsName = "Tất cả các môn"

// Gradebook is one table of a class in a period: a subject, all subjects, the
// qualities and competencies, or the remarks on them. Form is one pupil of it as a plain form.
type Gradebook struct {
	Frame
	Year    school.Year
	ClassID int64
	Class   string
	Period  school.Period
	Subject school.Subject // "": qualities and competencies, or all subjects
	All     bool           // level and mark of every subject of the class
	Remarks bool           // of the qualities and competencies the three remarks in place of the levels
	Periods []GradebookPeriod
	Others  []Link // the class's other tables that this person may open

	Columns []GradebookColumn
	Rows    []GradebookRow
	Left    []GradebookLeft // who left the class: read only, below the others
	// Writer is the account whose typing is kept in the browser; 0 for who only reads.
	Writer int64
	// Since is when the page was made: what others write later is told by a stream.
	Since time.Time
	// Closes is when the period's entry window ends; zero when there is none.
	Closes time.Time
	// State is why nothing can be written now; nil: the table is open.
	State *fault.Error
	// MarkMin, MarkMax and RemarkMax are the rule set's limits.
	MarkMin, MarkMax, RemarkMax int

	Form *GradebookForm
}

// GradebookPeriod is a tab.
type GradebookPeriod struct {
	Period school.Period
	Open   bool
}

// GradebookColumn is one value of every pupil.
type GradebookColumn struct {
	Item     evaluation.Item
	Field    evaluation.Field
	Required bool // in the grade of at least one pupil
	Theirs   bool // another teacher writes it: to be read only
}

// GradebookRow is a pupil with a cell for each column.
type GradebookRow struct {
	Enrolment   int64
	PupilID     int64
	Name        string
	Grade       int // shown when the class has several; else 0
	Inclusive   bool
	Plan        bool // evaluated by the own plan
	NotAssessed bool
	Cells       []GradebookCell
	Locked      *fault.Error // a signature covers the row's values
	// GroupRemarks counts the remarks written, of three; NeedRemarks says that
	// the period asks for all of them.
	GroupRemarks int
	NeedRemarks  bool
}

// GradebookLeft is a pupil who left the class, with a value for each column.
type GradebookLeft struct {
	Name   string
	Until  school.Date
	Values []string
}

// GradebookCell is a value. None: the pupil can have none here. Optional: it
// is not asked for. Exempt: "Miễn" stands in place of a level. Closed: a
// signature covers it.
type GradebookCell struct {
	Value    string
	None     bool
	Optional bool
	Exempt   bool
	Closed   bool
}

// GradebookForm is one pupil's row as a form: for phones, and without script.
type GradebookForm struct {
	At       int             // index of the row
	Panel    *GradebookPanel // what the table shows beside itself
	Previous *Link
	Next     *Link
	Done     string                     // name of the pupil saved just before; empty: none
	DoneAt   time.Time                  // when
	Typed    map[string]string          // by cell, after a refusal: what was typed
	Refused  map[string]GradebookRefuse // by cell
	Phrases  map[string][]PickedPhrase  // by cell of a remark that may be written
	Found    map[string][]string        // by cell of a remark, what the checks found
	// DoneFound is what they found in the remarks saved just before.
	DoneFound []RemarkFound
}

// CellID names a cell in forms and in what a script sends.
func (c GradebookColumn) CellID() string { return string(c.Item) + "." + string(c.Field) }

// fieldNames are the fields of a subject in the editor's accessible name.
var fieldNames = map[evaluation.Field]string{
	evaluation.FieldLevel: "mức", evaluation.FieldMark: "điểm KTĐK", evaluation.FieldRemark: "nhận xét", evaluation.FieldExempt: "miễn",
}

// editorName is what a screen reader says of the editor, before the pupil's name.
func (c GradebookColumn) editorName() string {
	return c.Item.Name() + " · " + fieldNames[c.Field]
}

// head is the column's heading.
func (g Gradebook) head(c GradebookColumn) string {
	switch {
	case g.Subject == "" && !g.All:
		return c.Item.Name()
	case c.Field == evaluation.FieldLevel:
		return "Mức"
	case g.All:
		return "Điểm"
	case c.Field == evaluation.FieldMark:
		return "Điểm KTĐK"
	}
	return "Nhận xét"
}

// letters are the keys that set a level; "" for marks and remarks.
func (c GradebookColumn) letters() string {
	if c.Field != evaluation.FieldLevel {
		return ""
	}
	var b strings.Builder
	for _, l := range c.Item.Scale() {
		b.WriteString(string(l))
	}
	return b.String()
}

func (g Gradebook) kind() string {
	switch {
	case g.Subject != "":
		return "subject"
	case g.All:
		return "all"
	case g.Remarks:
		return "remarks"
	}
	return "traits"
}

// url is the address of this table in a period.
func (g Gradebook) url(p school.Period) string {
	if g.Subject != "" {
		return GradebookURL(g.Year, g.ClassID, p, g.Subject)
	}
	if g.All {
		return AllSubjectsURL(g.Year, g.ClassID, p)
	}
	url := TraitsURL(g.Year, g.ClassID, p)
	if g.Remarks {
		url += "?show=remarks"
	}
	return url
}

// RowURL is the address of one pupil's row as a form.
func (g Gradebook) RowURL(enrolment int64) string { return g.url(g.Period) + g.rowQuery(enrolment) }

// rowQuery is the row's part of an address below the page's own path.
func (g Gradebook) rowQuery(enrolment int64) string {
	sign := "&"
	if g.kind() == "traits" {
		sign = "?"
	}
	return sign + "row=" + strconv.FormatInt(enrolment, 10)
}

// rowLink is RowURL without the path, which every row would repeat.
func (g Gradebook) rowLink(enrolment int64) string {
	url := g.RowURL(enrolment)
	return url[strings.IndexByte(url, '?'):]
}

// TableURL is the address of the whole table.
func (g Gradebook) TableURL() string { return g.url(g.Period) }

// partsURL is the address below which a script finds the parts of the table:
// cells to save, rows, events. formURL takes one pupil's form.
func (g Gradebook) partsURL() string {
	return In(g.Year, "classes", g.ClassID, "gradebook", g.Period) + "/"
}

func (g Gradebook) formURL() string {
	return In(g.Year, "classes", g.ClassID, "gradebook", g.Period, "rows", g.Rows[g.Form.At].Enrolment)
}

// store is the key under which a browser keeps what was not yet saved.
func (g Gradebook) store() string {
	return "hocba." + strconv.FormatInt(g.Writer, 10) + "." + strconv.FormatInt(g.ClassID, 10) + "." + string(g.Period) + "."
}

// Title names the table: "Toán", "Phẩm chất và năng lực".
func (g Gradebook) title() string {
	if g.Subject != "" {
		return g.Subject.Name()
	}
	if g.All {
		return AllSubjectsName
	}
	if g.Remarks {
		return "Nhận xét phẩm chất và năng lực"
	}
	return TraitsName
}

func (g Gradebook) frame() Frame {
	f := g.Frame
	f.Dense = true
	f.Heading = g.title() + " · lớp " + g.Class
	f.Lead = g.lead()
	f.Crumbs = []Link{{Label: "Lớp " + g.Class}, {Label: words.Period(g.Period)}}
	f.Scripts = []string{"js/gradebook.js"}
	if g.picks() {
		f.Scripts = append(f.Scripts, "js/remark.js")
	}
	if len(g.Others) > 1 || g.Subject == "" || g.picks() {
		f.Actions = g.switches()
	}
	return f
}

func (g Gradebook) lead() string {
	switch {
	case g.State != nil:
		return words.Message(g.State.Code, g.State.Args)
	case g.Subject != "":
		return "Ghi mức, điểm và nhận xét " + lower(words.Period(g.Period)) + ". Mỗi ô tự lưu."
	case g.All:
		return g.allLead()
	case g.Remarks:
		return "Ba nhận xét cho mỗi em. Mỗi ô tự lưu."
	}
	return strconv.Itoa(len(g.Columns)) + " nội dung, thang T (Tốt), Đ (Đạt), C (Cần cố gắng). Mỗi ô tự lưu."
}

func lower(s string) string {
	r := []rune(s)
	return strings.ToLower(string(r[0])) + string(r[1:])
}

// tabs are the periods; the summer's only where it is used.
func (g Gradebook) tabs() []ui.Tab {
	var out []ui.Tab
	for _, p := range g.Periods {
		out = append(out, ui.Tab{Label: words.Period(p.Period), Short: words.PeriodShort(p.Period), URL: g.url(p.Period),
			Current: p.Period == g.Period, Locked: !p.Open})
	}
	return out
}

// long reports whether the heading needs a wider column.
func (c GradebookColumn) long() bool {
	return c.Item.Group() == evaluation.RemarkGeneralCompetencies
}

// notes is what stands small behind a pupil's name.
func (r GradebookRow) notes() string {
	var grade, inclusive string
	if r.Grade > 0 {
		grade = "lớp " + strconv.Itoa(r.Grade)
	}
	switch {
	case r.NotAssessed:
		inclusive = "không đánh giá"
	case r.Plan:
		inclusive = "kế hoạch cá nhân"
	case r.Inclusive:
		inclusive = "hòa nhập"
	}
	return joined(grade, inclusive)
}

// empty counts the values that are asked for and not there.
func (g Gradebook) empty() int { return g.countEmpty(false) }

// ownEmpty counts those of them that the reader writes.
func (g Gradebook) ownEmpty() int { return g.countEmpty(true) }

func (g Gradebook) countEmpty(own bool) int {
	n := 0
	for _, r := range g.Rows {
		for i, c := range r.Cells {
			if g.Columns[i].Required && !c.None && !c.Exempt && !c.Optional && c.Value == "" && !(own && g.Columns[i].Theirs) {
				n++
			}
		}
	}
	return n
}

// GradebookAnswer is what a script is told about a save.
type GradebookAnswer struct {
	At      string            `json:"at"` // "10:32", by the server's clock
	Saved   []GradebookSaved  `json:"saved"`
	Refused []GradebookRefuse `json:"refused"`
}

// GradebookSaved is a cell with the value that stands there now, in its stored form.
type GradebookSaved struct {
	Cell  string `json:"cell"`
	Value string `json:"value"`
}

// GradebookRefuse is a cell whose new value was not taken.
type GradebookRefuse struct {
	Cell    string `json:"cell"`
	Code    string `json:"code"`
	Message string `json:"message"`
	Theirs  string `json:"theirs"` // what stands there
	By      string `json:"by,omitempty"`
	At      string `json:"at,omitempty"`
}

// Standing is the value that made a save stale: what stands in the cell, who
// wrote it and when.
type Standing struct {
	Value, By string
	At        time.Time
}

// Refusal words a refusal; now decides whether the day is said too.
func Refusal(cell string, f *fault.Error, theirs Standing, now time.Time) GradebookRefuse {
	r := GradebookRefuse{Cell: cell, Code: f.Code, Theirs: theirs.Value, By: theirs.By}
	args := map[string]string{"by": theirs.By, "theirs": quoted(theirs.Value)}
	at := theirs.At
	for k, v := range f.Args {
		if k != "theirs" {
			args[k] = v
		}
	}
	if !at.IsZero() {
		r.At = HourMinute(at)
		if Day(at) != Day(now) {
			r.At = Clock(at)
		}
		args["at"] = r.At
	}
	r.Message = words.Message(f.Code, args)
	return r
}

// quoted is a value inside a sentence.
func quoted(v string) string {
	if v == "" {
		return "trống"
	}
	return "“" + v + "”"
}

func (g Gradebook) switches() templ.Component { return gradebookSwitches(g) }
