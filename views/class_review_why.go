package views

import (
	"strconv"

	"hocba/internal/evaluation"
	"hocba/views/ui"
	"hocba/views/words"
)

// Why answers why a pupil's year has no better level: what is missing, and for
// each better level what stands in its way.
type Why struct {
	Now         evaluation.Overall // "": not everything is written yet
	Reachable   evaluation.Overall // the best level that nothing written rules out
	Missing     []Condition        // values that are not there yet
	Wrong       []Condition        // values that contradict the rule set
	Targets     []WhyTarget        // better levels, the nearest first
	NotAssessed bool
}

// WhyTarget is a level that was not reached.
type WhyTarget struct {
	Level                   evaluation.Overall
	Needs                   evaluation.Needs
	Open                    []Condition
	Subjects, Traits, Marks Share // what is met
}

// Condition is one value with whoever can mend it.
type Condition struct {
	Item   evaluation.Item
	Field  evaluation.Field
	Value  string // what stands there; "" when nothing does
	Owner  string // name; "" when nobody teaches it today
	Own    bool   // the person who reads
	When   string // period in which it was written, where it may be an earlier one
	Signed bool   // the part is signed
}

// aims are the levels inside the panel's questions.
var aims = map[evaluation.Overall]string{evaluation.HTXS: "xuất sắc", evaluation.HTT: "tốt", evaluation.HT: "hoàn thành"}

func (t WhyTarget) title() string { return "Vì sao chưa " + aims[t.Level] + "?" }

// answer comes first: where the pupil stands, how much is open.
func (w Why) answer(t WhyTarget) string {
	if w.Now == "" {
		return "Với những gì đã ghi, còn " + strconv.Itoa(len(t.Open)) + " điều kiện chưa đạt:"
	}
	return "Hiện là " + words.Overall(w.Now) + ". Còn " + strconv.Itoa(len(t.Open)) + " điều kiện chưa đạt:"
}

// lines are the open conditions with value, threshold and owner, then what is met.
func (w Why) lines(t WhyTarget) []ui.Line {
	var out []ui.Line
	for _, c := range t.Open {
		out = append(out, ui.Line{Status: ui.Status{Tone: ui.Wait, Word: "chưa đạt"}, Strong: c.name() + ": " + c.stands(),
			Text: ", cần " + t.threshold(c), More: c.owner()})
	}
	met := func(s Share, what string) {
		if s.Of > 0 {
			out = append(out, ui.Line{Status: ui.Status{Tone: ui.OK, Word: "đã đạt"}, Text: s.String() + " " + what})
		}
	}
	if len(t.Needs.Subjects) > 0 {
		met(t.Subjects, "môn và hoạt động "+anyOf(t.Needs.Subjects, words.SubjectLevel[evaluation.Level]))
	}
	if len(t.Needs.Traits) > 0 {
		met(t.Traits, "phẩm chất, năng lực "+anyOf(t.Needs.Traits, words.TraitLevel[evaluation.Level]))
	}
	met(t.Marks, "điểm cuối năm từ "+strconv.Itoa(t.Needs.Mark))
	return out
}

// anyOf names levels by letter and word: "mức T (Hoàn thành tốt)".
func anyOf(levels []evaluation.Level, name func(evaluation.Level) string) string {
	out := "mức "
	for i, l := range levels {
		if i > 0 {
			out += " hoặc "
		}
		out += string(l)
	}
	if len(levels) == 1 {
		out += " (" + name(levels[0]) + ")"
	}
	return out
}

// name tells a competency from the subject of the same name.
func (c Condition) name() string {
	if c.Item.Group() == evaluation.RemarkSpecificCompetencies {
		return "Năng lực " + c.Item.Name()
	}
	return c.Item.Name()
}

// stands says what stands in the cell.
func (c Condition) stands() string {
	switch {
	case c.Value == "":
		return "chưa ghi"
	case c.Field == evaluation.FieldMark:
		return "điểm " + c.Value + c.when()
	}
	return "mức " + c.Value + c.when()
}

func (c Condition) when() string {
	if c.When == "" {
		return ""
	}
	return " (" + c.When + ")"
}

// threshold says what the level asks of the cell.
func (t WhyTarget) threshold(c Condition) string {
	switch {
	case c.Field == evaluation.FieldMark:
		return "từ " + strconv.Itoa(t.Needs.Mark)
	case c.Item.Kind() == evaluation.SubjectItem:
		return anyOf(t.Needs.Subjects, words.SubjectLevel[evaluation.Level])
	}
	return anyOf(t.Needs.Traits, words.TraitLevel[evaluation.Level])
}

func (c Condition) owner() string {
	who := "thầy/cô " + c.Owner
	switch {
	case c.Own:
		who = "phần của thầy/cô"
	case c.Owner == "":
		who = "chưa phân công giáo viên"
	}
	if c.Signed {
		who += " · đã ký"
	}
	return who
}

// missingLines are the values still to be written.
func (w Why) missingLines() []ui.Line {
	var out []ui.Line
	for _, c := range w.Missing {
		what := ": chưa có mức"
		if c.Field == evaluation.FieldMark {
			what = ": chưa có điểm KTĐK"
		}
		out = append(out, ui.Line{Status: ui.Status{Tone: ui.Wait, Word: "còn thiếu"}, Strong: c.name() + what, More: c.owner()})
	}
	return out
}

func (w Why) wrongLines() []ui.Line {
	var out []ui.Line
	for _, c := range w.Wrong {
		out = append(out, ui.Line{Status: ui.Status{Tone: ui.Stop, Word: "sai"}, Strong: c.name() + ": " + c.stands(), Text: ", khối này không nhận", More: c.owner()})
	}
	return out
}

// summary is the answer where no better level is open to question.
func (w Why) summary() string {
	switch {
	case w.NotAssessed:
		return "Em thuộc diện không đánh giá: không xếp mức chung."
	case w.Now == evaluation.HTXS:
		return "Hiện là " + words.Overall(w.Now) + ", mức cao nhất."
	case w.Now != "":
		return "Hiện là " + words.Overall(w.Now) + "."
	case len(w.Wrong) > 0:
		return "Chưa xếp được mức: có giá trị không hợp quy định."
	}
	return "Chưa đủ dữ liệu: còn " + strconv.Itoa(len(w.Missing)) + " ô trống. Với những gì đã ghi, em còn có thể đạt " +
		words.Overall(w.Reachable) + "."
}

func (p ReviewPupil) panel() ui.Panel {
	return ui.Panel{ID: "review-why", Title: p.Row.overall(), Hint: "Số " + strconv.Itoa(p.At) + " · " + p.Class + " · " + p.Birth.Vietnamese()}
}
