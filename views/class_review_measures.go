package views

import (
	"strconv"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// ReviewMeasures is the form in which absences, height and weight of a whole
// class are typed in one go.
type ReviewMeasures struct {
	Frame
	Year    school.Year
	ClassID int64
	Class   string
	Rows    []ReviewMeasureRow
	Done    string // what was saved just before, in words
	Saved   int    // pupils saved while others were refused
}

// ReviewMeasureRow is a pupil's four numbers.
type ReviewMeasureRow struct {
	Enrolment int64
	Name      string
	Review    evaluation.Review
	Closed    *fault.Error
	Form      ReviewForm // by field name
}

// MeasureFields are the fields of the form, in the order of its columns.
var MeasureFields = []evaluation.ReviewField{
	evaluation.ReviewExcused, evaluation.ReviewUnexcused, evaluation.ReviewHeight, evaluation.ReviewWeight,
}

var measureHeads = map[evaluation.ReviewField]string{
	evaluation.ReviewExcused: "Nghỉ có phép", evaluation.ReviewUnexcused: "Nghỉ không phép",
	evaluation.ReviewHeight: "Cao (cm)", evaluation.ReviewWeight: "Nặng (kg)",
}

// MeasureName is the control of a pupil's number.
func MeasureName(enrolment int64, f evaluation.ReviewField) string {
	return strconv.FormatInt(enrolment, 10) + "." + string(f)
}

func (m ReviewMeasures) url() string { return ReviewMeasuresURL(m.Year, m.ClassID) }

func (m ReviewMeasures) frame() Frame {
	f := m.Frame
	f.Dense = true
	f.Heading = "Số đo, ngày nghỉ · lớp " + m.Class
	f.Title = f.Heading
	if len(m.refused()) > 0 {
		f.Title = "Lỗi: " + f.Title
	}
	f.Lead = "Ghi rồi lưu một lần cho cả lớp. Không nghỉ ghi 0; chưa đo để trống. Ví dụ cao 132,5; nặng 28,5."
	f.Crumbs = []Link{{Label: "Lớp " + m.Class}, {Label: ReviewName, URL: ReviewURL(m.Year, m.ClassID)}, {Label: "Số đo, ngày nghỉ"}}
	return f
}

func (m ReviewMeasures) grid() ui.Grid {
	g := ui.Grid{ID: "measures", Caption: m.frame().Heading, Columns: []ui.Column{{Label: "STT", Num: true}, {Label: "Họ và tên"}}}
	for _, f := range MeasureFields {
		g.Columns = append(g.Columns, ui.Column{Label: measureHeads[f]})
	}
	return g
}

// refused lists the pupils of whom nothing was saved, each with what to mend.
func (m ReviewMeasures) refused() []ui.Problem {
	var out []ui.Problem
	for _, r := range m.Rows {
		for _, f := range MeasureFields {
			if e := r.Form.Errors[string(f)]; e != "" {
				out = append(out, ui.Problem{FieldID: r.id(f), Text: r.Name + ", " + lower(measureHeads[f]) + ": " + e})
			}
		}
		if r.Form.Title != "" {
			out = append(out, ui.Problem{Text: r.Name + ": " + r.Form.Title})
		}
	}
	return out
}

func (m ReviewMeasures) refusedTitle() string {
	n := 0
	for _, r := range m.Rows {
		n += count(r.Form.Title != "" || len(r.Form.Errors) > 0)
	}
	if m.Saved == 0 {
		return "Chưa lưu " + strconv.Itoa(n) + " em"
	}
	return "Đã lưu " + strconv.Itoa(m.Saved) + " em, " + strconv.Itoa(n) + " em chưa lưu"
}

func (m ReviewMeasures) open() bool {
	for _, r := range m.Rows {
		if r.Closed == nil {
			return true
		}
	}
	return false
}

func (r ReviewMeasureRow) id(f evaluation.ReviewField) string { return ID("m", r.Enrolment, f) }

func (r ReviewMeasureRow) value(f evaluation.ReviewField) string {
	if typed, ok := r.Form.Typed[string(f)]; ok {
		return typed
	}
	return ReviewText(f, r.Review[f])
}

func (r ReviewMeasureRow) old(f evaluation.ReviewField) string {
	if typed, ok := r.Form.Typed["old."+string(f)]; ok {
		return typed
	}
	return ReviewText(f, r.Review[f])
}

// mode brings up the right keys of a phone.
func mode(f evaluation.ReviewField) string {
	if f == evaluation.ReviewHeight || f == evaluation.ReviewWeight {
		return "decimal"
	}
	return "numeric"
}

func (r ReviewMeasureRow) label(f evaluation.ReviewField) string {
	return measureHeads[f] + " – " + r.Name
}

// wrong is what the row under a refused pupil says.
func (r ReviewMeasureRow) wrong() []string {
	var out []string
	for _, f := range MeasureFields {
		if e := r.Form.Errors[string(f)]; e != "" {
			out = append(out, measureHeads[f]+": "+e)
		}
	}
	if r.Form.Title != "" {
		out = append(out, r.Form.Title)
	}
	if r.Closed == nil {
		return out
	}
	for _, f := range MeasureFields { // no field is left to hold what was typed
		if typed, ok := r.Form.Typed[string(f)]; ok && typed != ReviewText(f, r.Review[f]) {
			out = append(out, "Vừa nhập: "+lower(measureHeads[f])+" "+first(typed, "trống"))
		}
	}
	return out
}

func (r ReviewMeasureRow) noteID() string { return ID("m", r.Enrolment, "note") }

// closedText says beside a pupil's name why the numbers are only read.
func (r ReviewMeasureRow) closedText() string {
	return words.Message(r.Closed.Code, r.Closed.Args)
}

// ReviewRowsSaved says how many pupils were saved, and when.
func ReviewRowsSaved(n int, at string) string {
	return words.Message("review.rows_saved", map[string]string{"count": strconv.Itoa(n), "at": at})
}

// ReviewAwardsGiven says how many pupils got the title that follows from the level.
func ReviewAwardsGiven(n int) string {
	return words.Message("review.awards_given", map[string]string{"count": strconv.Itoa(n)})
}
