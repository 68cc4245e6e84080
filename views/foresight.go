package views

import (
	"strconv"

	"hocba/internal/evaluation"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// ForesightName is the question the page answers.
const ForesightName = "Vì sao chưa…?"

// ForesightURL says for each pupil of a class what the year would be if
// everything stayed; with ForesightPupilURL for one.
func ForesightURL(y school.Year, classID int64) string { return In(y, "classes", classID, "foresight") }

// ForesightPupilURL is one pupil's answer: a page, or for htmx the fragment.
func ForesightPupilURL(y school.Year, classID, enrolment int64) string {
	return ForesightURL(y, classID) + "?pupil=" + strconv.FormatInt(enrolment, 10)
}

// PeriodName names a period inside a sentence.
func PeriodName(p school.Period) string { return lower(words.PeriodShort(p)) }

// PupilForesight is a pupil's year as it would be if everything stayed.
type PupilForesight struct {
	Enrolment   int64
	Name        string
	Until       school.Period // newest period with a result; "": none yet
	NotAssessed bool
	Wrong       int // values that the grade cannot have
	Overall     evaluation.Overall
	Unknown     []Condition // never written so far
	Targets     []WhyTarget // better levels, the nearest first
}

// answer is the sentence that comes first.
func (p PupilForesight) answer() string {
	switch {
	case p.NotAssessed:
		return "Em thuộc diện không đánh giá: không xếp mức chung."
	case p.Wrong > 0:
		return "Chưa nói được: có " + strconv.Itoa(p.Wrong) + " giá trị không hợp quy định của khối."
	case p.Until == "":
		return "Chưa có mức hay điểm nào để nói."
	case len(p.Unknown) > 0:
		return "Giữ như đến " + PeriodName(p.Until) + ", em còn có thể đạt " + words.Overall(p.Overall) + "."
	}
	return "Giữ như đến " + PeriodName(p.Until) + ", cuối năm em được " + words.Overall(p.Overall) + "."
}

// level is the short form for the table.
func (p PupilForesight) level() string {
	switch {
	case p.NotAssessed:
		return "Không đánh giá"
	case p.Overall == "":
		return "Chưa nói được"
	}
	return words.Overall(p.Overall)
}

// next is the nearest better level; nil when there is none.
func (p PupilForesight) next() *WhyTarget {
	if len(p.Targets) == 0 {
		return nil
	}
	return &p.Targets[0]
}

// unknown says how much was never written.
func (p PupilForesight) unknown() string {
	if len(p.Unknown) == 0 {
		return ""
	}
	return "Còn " + strconv.Itoa(len(p.Unknown)) + " giá trị cuối năm chưa kì nào có"
}

// short names an obstacle in a row: "Toán: điểm 8 (giữa kì I), cần từ 9".
func (t WhyTarget) short(c Condition) string {
	return c.name() + ": " + c.stands() + ", cần " + t.need(c)
}

// shown is how many obstacles a row of the class names; the pupil's own page
// has them all.
const shown = 4

// first are the obstacles that a row names.
func (t WhyTarget) first() []Condition { return t.Open[:min(shown, len(t.Open))] }

// rest says how many more there are; "" for none.
func (t WhyTarget) rest() string {
	if n := len(t.Open) - shown; n > 0 {
		return "và " + strconv.Itoa(n) + " điều kiện khác"
	}
	return ""
}

// need is the threshold in a few letters.
func (t WhyTarget) need(c Condition) string {
	levels := t.Needs.Traits
	switch {
	case c.Field == evaluation.FieldMark:
		return "từ " + strconv.Itoa(t.Needs.Mark)
	case c.Item.Kind() == evaluation.SubjectItem:
		levels = t.Needs.Subjects
	}
	out := ""
	for i, l := range levels {
		if i > 0 {
			out += " hoặc "
		}
		out += string(l)
	}
	return out
}

// unknownLines are the values nobody has written, with who writes them.
func (p PupilForesight) unknownLines() []ui.Line { return Why{Missing: p.Unknown}.missingLines() }

// open is the answer inside a target: how many things stand before the level.
func (t WhyTarget) open() string {
	return "Còn " + strconv.Itoa(len(t.Open)) + " điều kiện chưa đạt để lên " + words.Overall(t.Level) + ":"
}

// Foresight is the page of a class, or of one pupil of it.
type Foresight struct {
	Frame
	Year    school.Year
	ClassID int64
	Class   string
	Pupils  []PupilForesight
	One     bool
}

func (f Foresight) frame() Frame {
	out := f.Frame
	out.Heading = ForesightName + " · lớp " + f.Class
	out.Lead = "Nếu mọi giá trị giữ như lần ghi gần nhất thì cuối năm ra sao, và còn vướng gì để lên mức tiếp theo. Theo thứ tự danh sách, không xếp hạng."
	out.Crumbs = []Link{{Label: "Lớp " + f.Class}, {Label: ForesightName}}
	if f.One {
		out.Heading = f.Pupils[0].Name
		out.Lead = ForesightName + " · lớp " + f.Class
		out.Crumbs[1].URL = ForesightURL(f.Year, f.ClassID)
		out.Crumbs = append(out.Crumbs, Link{Label: f.Pupils[0].Name})
	}
	return out
}
