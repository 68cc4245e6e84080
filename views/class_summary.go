package views

import (
	"slices"
	"strconv"
	"strings"

	"hocba/internal/evaluation"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// SummaryName is the official name of the class table (TT 27/2020, Phụ lục 2).
const SummaryName = "Bảng tổng hợp kết quả đánh giá giáo dục"

// SummaryURL is the class table of a period.
func SummaryURL(y school.Year, classID int64, p school.Period) string {
	return In(y, "classes", classID, "summary", p)
}

// SummaryPDFURL prints the class table of a period.
func SummaryPDFURL(y school.Year, classID int64, p school.Period) string {
	return In(y, "classes", classID, "summary", p, "table.pdf")
}

// SummaryFileURL is the class table of a period as .xlsx, one grade of it.
func SummaryFileURL(y school.Year, classID int64, p school.Period, grade int) string {
	return In(y, "classes", classID, "summary", p, "table.xlsx") + "?grade=" + strconv.Itoa(grade)
}

// Tick is how a chosen column is marked, on paper and in files.
const Tick = "x"

// exemptWord stands in the place of a level.
const exemptWord = "Miễn"

// SummaryPupil is a pupil of the class table with what was written.
type SummaryPupil struct {
	Number              int // in the roll; 0 for who has left
	Code, Name          string
	Birth               school.Date
	Sex                 school.Sex
	Left                school.Date // last day in the class; zero: still there
	Joined              school.Date // first day, when later than the class's; else zero
	CameFrom            string      // class of the same year before this one; "": none
	Missed              bool        // came after the period: nothing of it is asked for
	Inclusive, Excluded bool        // hòa nhập; not assessed
	Plan                bool        // evaluated by the own plan
	Declined            []school.Subject
	Values              map[evaluation.Item]evaluation.Entry
	Overall             evaluation.Overall
	Commended           []evaluation.Citation
	KeptDown            bool
}

// SummaryCell is a value of the class table. None: the pupil has none here.
type SummaryCell struct {
	Text   string
	None   bool
	Exempt bool
	Wanted bool // asked for and not there
}

// SummaryLine is a pupil's row with one cell a column.
type SummaryLine struct {
	SummaryPupil
	Cells []SummaryCell
}

// SummaryTable is one form of the class table, filled: the pupils of one grade.
type SummaryTable struct {
	evaluation.Summary
	Language, Ethnic string // which foreign and which ethnic language is taught
	Kind             school.ClassKind
	Lines            []SummaryLine
}

// NewSummaryTable lays pupils out under a form's columns.
func NewSummaryTable(rules *evaluation.RuleSet, form evaluation.Summary, pupils []SummaryPupil) SummaryTable {
	t := SummaryTable{Summary: form}
	for _, p := range pupils {
		line := SummaryLine{SummaryPupil: p}
		for _, c := range form.Columns {
			line.Cells = append(line.Cells, summaryCell(rules, form, p, c))
		}
		t.Lines = append(t.Lines, line)
	}
	return t
}

func summaryCell(rules *evaluation.RuleSet, form evaluation.Summary, p SummaryPupil, c evaluation.SummaryColumn) SummaryCell {
	switch c.Part {
	case evaluation.SummaryOverall:
		return ticked(p.Overall == c.Level)
	case evaluation.SummaryAward:
		return SummaryCell{Text: p.award(c.AnyTime)}
	case evaluation.SummaryPromotion:
		return ticked(p.KeptDown)
	case evaluation.SummaryNote:
		return SummaryCell{Text: p.notes(rules, form)}
	}
	e := p.Values[c.Item]
	cell := SummaryCell{Text: e.Value(c.Field)}
	s, isSubject := c.Item.Subject()
	use := rules.Subject(form.Grade, s)
	if !isSubject {
		use = rules.Trait(form.Grade, c.Item)
	}
	if use == evaluation.Optional {
		use = evaluation.Required // taken: asked for like any other
	}
	switch {
	case cell.Text != "":
	case e.Exempt && c.Field == evaluation.FieldLevel:
		cell.Text, cell.Exempt = exemptWord, true
	case e.Exempt, p.Excluded, isSubject && slices.Contains(p.Declined, s):
		cell.None = true
	case p.Left.IsZero() && !p.Missed:
		cell.Wanted = slices.ContainsFunc(rules.UseGaps(form.Grade, form.Period, c.Item, e, use),
			func(g evaluation.Gap) bool { return g.Field == c.Field })
	}
	return cell
}

func ticked(yes bool) SummaryCell {
	if yes {
		return SummaryCell{Text: Tick}
	}
	return SummaryCell{}
}

// award is the pupil's title in one of the form's two columns.
func (p SummaryPupil) award(anyTime bool) string {
	var out []string
	for _, c := range p.Commended {
		switch {
		case anyTime && c.Kind == evaluation.Special:
			out = append(out, first(c.Reason, Tick))
		case !anyTime && c.Kind.YearEnd():
			out = append(out, words.AwardShort(c.Kind))
		}
	}
	return strings.Join(out, "; ")
}

// notes is the last column: what the other columns cannot say.
func (p SummaryPupil) notes(rules *evaluation.RuleSet, form evaluation.Summary) string {
	parts := []string{p.moves()}
	parts = append(parts, p.kind())
	for _, c := range p.Commended {
		switch c.Kind {
		case evaluation.Higher:
			parts = append(parts, "khen thưởng cấp trên")
		case evaluation.Letter:
			parts = append(parts, "thư khen")
		case evaluation.OtherTitle:
			parts = append(parts, c.Reason)
		}
	}
	for _, t := range evaluation.Traits() { // a competency beyond the form's columns is not lost
		if e := p.Values[t]; e.Level != "" && rules.Trait(form.Grade, t) == evaluation.Optional {
			parts = append(parts, "năng lực "+t.Name()+": "+string(e.Level))
		}
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "; ")
}

// moves says when the pupil came or left; "" for who was there all the time.
func (p SummaryPupil) moves() string {
	switch {
	case !p.Left.IsZero():
		return "rời lớp sau ngày " + p.Left.Vietnamese()
	case !p.Joined.IsZero():
		text := "vào lớp ngày " + p.Joined.Vietnamese()
		if p.CameFrom != "" {
			text += ", từ lớp " + p.CameFrom
		}
		return text
	}
	return ""
}

// hints is what stands small behind a pupil's name on the screen.
func (p SummaryPupil) hints() string {
	return joined(p.moves(), p.kind())
}

// kind says how the pupil is evaluated otherwise than the grade (Điều 8).
func (p SummaryPupil) kind() string {
	switch {
	case p.Excluded:
		return "không đánh giá"
	case p.Plan:
		return "theo kế hoạch giáo dục cá nhân"
	case p.Inclusive:
		return "hòa nhập"
	}
	return ""
}

// SummaryHead is a heading over one or several columns.
type SummaryHead struct {
	Text       string
	Cols, Rows int
	Item       evaluation.Item // of a single item's heading
	Upright    bool            // narrow: written from bottom to top on paper
}

// partNames are the headings of the form's parts.
var partNames = map[evaluation.SummaryPart]string{
	evaluation.SummarySubjects: "Môn học và hoạt động giáo dục", evaluation.SummaryQualities: "Phẩm chất chủ yếu",
	evaluation.SummaryGeneral: "Năng lực chung", evaluation.SummarySpecific: "Năng lực đặc thù",
	evaluation.SummaryOverall: "Đánh giá KQGD", evaluation.SummaryAward: "Khen thưởng",
	evaluation.SummaryPromotion: "Chưa được lên lớp", evaluation.SummaryNote: "Ghi chú",
}

const coreCompetencies = "Năng lực cốt lõi"

// Heads are the three rows of headings over the columns of the form.
func (t SummaryTable) Heads() [3][]SummaryHead {
	var h [3][]SummaryHead
	core, group := -1, evaluation.SummaryPart("")
	for i, c := range t.Columns {
		competency := c.Part == evaluation.SummaryGeneral || c.Part == evaluation.SummarySpecific
		begins := c.Part != group
		group = c.Part
		switch {
		case c.Part == evaluation.SummaryPromotion || c.Part == evaluation.SummaryNote:
			h[0] = append(h[0], SummaryHead{Text: partNames[c.Part], Cols: 1, Rows: 3, Upright: c.Part == evaluation.SummaryPromotion})
			continue
		case competency && core < 0:
			core = len(h[0])
			h[0] = append(h[0], SummaryHead{Text: coreCompetencies, Cols: 1, Rows: 1})
		case competency:
			h[0][core].Cols++
		case begins:
			h[0] = append(h[0], SummaryHead{Text: partNames[c.Part], Cols: 1, Rows: 1})
		default:
			h[0][len(h[0])-1].Cols++
		}
		switch {
		case competency && begins:
			h[1] = append(h[1], SummaryHead{Text: partNames[c.Part], Cols: 1, Rows: 1})
		case competency:
			h[1][len(h[1])-1].Cols++
		case c.Part == evaluation.SummarySubjects && i > 0 && t.Columns[i-1].Item == c.Item:
			h[1][len(h[1])-1].Cols++
		case c.Part == evaluation.SummarySubjects:
			single := i+1 == len(t.Columns) || t.Columns[i+1].Item != c.Item
			h[1] = append(h[1], SummaryHead{Text: t.Label(c), Cols: 1, Rows: 1, Item: c.Item, Upright: single})
		default:
			h[1] = append(h[1], SummaryHead{Text: t.Label(c), Cols: 1, Rows: 2, Item: c.Item, Upright: true})
		}
		switch {
		case competency:
			h[2] = append(h[2], SummaryHead{Text: t.Label(c), Cols: 1, Rows: 1, Item: c.Item, Upright: true})
		case c.Part == evaluation.SummarySubjects:
			h[2] = append(h[2], SummaryHead{Text: metric(c.Field), Cols: 1, Rows: 1, Upright: true})
		}
	}
	return h
}

// metric names what a subject's column holds.
func metric(f evaluation.Field) string {
	if f == evaluation.FieldMark {
		return "Điểm KTĐK"
	}
	return "Mức đạt được"
}

// Label names what a column is about, without the part it stands in.
func (t SummaryTable) Label(c evaluation.SummaryColumn) string {
	switch c.Part {
	case evaluation.SummaryOverall:
		return words.Overall(c.Level)
	case evaluation.SummaryAward:
		if c.AnyTime {
			return "Đột xuất"
		}
		return "Cuối năm"
	case evaluation.SummaryPromotion, evaluation.SummaryNote:
		return partNames[c.Part]
	}
	name := c.Item.Name()
	switch {
	case c.Item == evaluation.Item(school.NgoaiNgu1) && t.Language != "":
		name += " (" + t.Language + ")"
	case c.Item == evaluation.Item(school.TiengDanToc) && t.Ethnic != "":
		name += " (" + t.Ethnic + ")"
	}
	return name
}

// Only returns the table with the columns that keep, for who may not see all.
func (t SummaryTable) Only(keep func(evaluation.SummaryColumn) bool) SummaryTable {
	out := t
	out.Columns, out.Lines = nil, nil
	for _, c := range t.Columns {
		if keep(c) {
			out.Columns = append(out.Columns, c)
		}
	}
	for _, line := range t.Lines {
		cells := line.Cells
		line.Cells = nil
		for i, c := range t.Columns {
			if keep(c) {
				line.Cells = append(line.Cells, cells[i])
			}
		}
		out.Lines = append(out.Lines, line)
	}
	return out
}

// special names the kind of class where the form is filled by other rules than
// the grade's; "" for the others.
func (t SummaryTable) special() string {
	if t.Kind != school.DisabilityClass {
		return ""
	}
	return words.ClassKind(t.Kind)
}

// Present counts the pupils who have not left.
func (t SummaryTable) Present() int {
	n := 0
	for _, l := range t.Lines {
		if l.Left.IsZero() {
			n++
		}
	}
	return n
}

// wanted counts the values that are asked for and not there.
func (t SummaryTable) wanted() int {
	n := 0
	for _, l := range t.Lines {
		for _, c := range l.Cells {
			if c.Wanted {
				n++
			}
		}
	}
	return n
}

// ClassSummary is the page of a class table: one table a grade.
type ClassSummary struct {
	Frame
	Year    school.Year
	ClassID int64
	Class   string
	Period  school.Period
	Periods []school.Period
	Tables  []SummaryTable
	All     bool // the reader sees the whole class, not only own subjects
	// Foresees: the reader may open "Vì sao chưa…?" of the class.
	Foresees bool
	// Subjects leads from a heading to the subject over the year.
	Subjects map[evaluation.Item]string
}

func (c ClassSummary) frame() Frame {
	f := c.Frame
	f.Dense = true
	f.Heading = SummaryName + " · lớp " + c.Class
	f.Title = words.PeriodShort(c.Period) + " · " + SummaryName
	f.Lead = "Chỉ đọc. Bấm tên môn để xem môn ấy qua các kì."
	if !c.All {
		f.Lead = "Các môn thầy/cô dạy ở lớp. Bấm tên môn để xem môn ấy qua các kì."
	}
	f.Crumbs = []Link{{Label: "Lớp " + c.Class}, {Label: words.Period(c.Period)}}
	var actions []ui.Action
	if c.Foresees {
		actions = append(actions, ui.Action{Label: ForesightName, URL: ForesightURL(c.Year, c.ClassID)})
	}
	if c.All {
		actions = append(actions, ui.Action{Label: "In", URL: SummaryPDFURL(c.Year, c.ClassID, c.Period), Icon: ui.IconPaper})
	}
	if len(actions) > 0 {
		f.Actions = ui.Actions(actions...)
	}
	return f
}

func (c ClassSummary) tabs() []ui.Tab {
	var out []ui.Tab
	for _, p := range c.Periods {
		out = append(out, ui.Tab{Label: words.Period(p), Short: words.PeriodShort(p), URL: SummaryURL(c.Year, c.ClassID, p), Current: p == c.Period})
	}
	return out
}

// caption names one table of the page.
func (c ClassSummary) caption(t SummaryTable) string {
	grade := ""
	if len(c.Tables) > 1 {
		grade = "học sinh lớp " + strconv.Itoa(t.Grade)
	}
	return joined("Mẫu "+strconv.Itoa(t.Form), grade, t.special())
}

// counts is the line under a table.
func (c ClassSummary) counts(t SummaryTable) string {
	text := strconv.Itoa(t.Present()) + " học sinh"
	if left := len(t.Lines) - t.Present(); left > 0 {
		text += " · " + strconv.Itoa(left) + " em đã rời lớp"
	}
	if n := t.wanted(); n > 0 {
		return text + " · còn trống " + strconv.Itoa(n) + " ô"
	}
	return text + " · đã đủ"
}

// file is the button that takes one table away.
func (c ClassSummary) file(t SummaryTable) ui.Action {
	return ui.Action{Label: "Tải .xlsx", URL: SummaryFileURL(c.Year, c.ClassID, c.Period, t.Grade), Icon: ui.IconDownload, Small: true}
}

func (c SummaryCell) class(column evaluation.SummaryColumn) string {
	switch {
	case c.None:
		return "no"
	case c.Wanted:
		return "want"
	case column.Part == evaluation.SummaryNote, column.Part == evaluation.SummaryAward:
		return "text"
	}
	return ""
}

// short is the heading on the screen, where it is not written upright.
func (h SummaryHead) short() string {
	switch h.Text {
	case metric(evaluation.FieldMark):
		return "Điểm"
	case metric(evaluation.FieldLevel):
		return "Mức"
	}
	return h.Text
}

// number is the pupil's place; who has left has none.
func (l SummaryLine) number() string {
	if l.Number == 0 {
		return ""
	}
	return strconv.Itoa(l.Number)
}

func summaryScope(h SummaryHead) string {
	if h.Cols > 1 {
		return "colgroup"
	}
	return "col"
}
