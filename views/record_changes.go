package views

import (
	"fmt"
	"strconv"
	"strings"

	"hocba/internal/evaluation"
	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/views/paper"
	"hocba/views/ui"
	"hocba/views/words"
)

// marked is the year page with what changed.
func (p RecordPage) marked() paper.Year { return MarkChanges(p.Paper, p.Changes) }

// MarkChanges marks the cells of a year page that changed, with what they were.
func MarkChanges(y paper.Year, changes []RecordChange) paper.Year {
	y.Subjects = markRows(y.Subjects, changes)
	for _, g := range []struct {
		group  *paper.Group
		remark evaluation.Item
	}{{&y.Qualities, evaluation.RemarkQualities}, {&y.General, evaluation.RemarkGeneralCompetencies}, {&y.Specific, evaluation.RemarkSpecificCompetencies}} {
		markGroup(g.group, g.remark, changes)
	}
	for _, c := range changes {
		switch evaluation.ReviewField(c.Field) {
		case evaluation.ReviewAward, evaluation.ReviewCommendation:
			y.Awarded.Changed = y.Awarded.Changed || c.Item == ""
		case evaluation.ReviewCompleted, evaluation.ReviewPromoted:
			y.Completion.Changed = y.Completion.Changed || c.Item == ""
		}
	}
	return y
}

func markRows(rows []paper.Row, changes []RecordChange) []paper.Row {
	out := append([]paper.Row(nil), rows...)
	for i := range out {
		var notes []string
		for _, c := range changes {
			if string(c.Item) != out[i].ID {
				continue
			}
			switch evaluation.Field(c.Field) {
			case evaluation.FieldMark:
				out[i].Mark.Changed = true
			case evaluation.FieldRemark:
				out[i].Remark.Changed = true
			default:
				out[i].Level.Changed = true
			}
			notes = append(notes, c.text(""))
		}
		out[i].Note = strings.Join(notes, "; ")
	}
	return out
}

func markGroup(g *paper.Group, remark evaluation.Item, changes []RecordChange) {
	g.Rows = markRows(g.Rows, changes)
	var notes []string
	for i := range g.Rows {
		g.Rows[i].Note = ""
	}
	for _, c := range changes {
		switch {
		case c.Item == remark:
			g.Remark.Changed = true
			notes = append(notes, c.text(""))
		case c.Item != "" && c.Item.Group() == remark:
			notes = append(notes, c.text(c.Item.Name()))
		}
	}
	g.Note = strings.Join(notes, "; ")
}

// elsewhere are the changes that stand in no cell of the year page.
func (p RecordPage) elsewhere() []ui.Line {
	var out []ui.Line
	for _, c := range p.Changes {
		if c.Item == "" {
			out = append(out, ui.Line{Status: ui.Status{Tone: ui.Past, Word: "Đã đổi"}, Text: c.text("")})
		}
	}
	return out
}

// changeNames are the fields in a note; what is not here is told without old and new.
var changeNames = map[string]string{
	"level": "mức", "mark": "điểm", "remark": "nhận xét", "exempt": "miễn",
	"absent_excused": "nghỉ có phép", "absent_unexcused": "nghỉ không phép", "height_mm": "chiều cao", "weight_g": "cân nặng",
	"award": "danh hiệu", "recognised": "tập thể công nhận", "commendation": "nội dung khen thưởng",
	"full_name": "họ tên", "birth_date": "ngày sinh", "sex": "giới tính", "personal_no": "số định danh", "passport": "giấy tờ",
	"ethnicity": "dân tộc", "nationality": "quốc tịch", "birthplace": "nơi sinh", "hometown": "quê quán", "residence": "nơi ở",
	"father_name": "họ tên cha", "mother_name": "họ tên mẹ", "guardian_name": "người giám hộ", "not_assessed": "không đánh giá",
	record.FactTeacher: "giáo viên", record.FactOverall: "kết quả giáo dục", record.FactCommended: "khen thưởng",
	record.FactReassessed: "đánh giá bổ sung trong hè", record.FactClass: "lớp", record.FactHistory: "quá trình học tập",
	"completed": "hoàn thành chương trình", "promoted": "lên lớp", "track": "đợt", "reassessed_on": "ngày đánh giá bổ sung", "reassess_note": "ghi chú đánh giá bổ sung",
}

// text is "điểm 6 → 8, 18/06, Trần Thị Lệ Quyên".
func (c RecordChange) text(of string) string {
	what := changeNames[c.Field]
	if of != "" {
		what = of + ": " + what
	}
	switch c.Field {
	case "remark", "commendation", "reassess_note":
		if c.Old == "" {
			what += " mới viết"
		} else {
			what += ", trước là “" + clip(c.Old) + "”"
		}
	default:
		what += " " + c.value(c.Old) + "\u00a0→\u00a0" + c.value(c.New)
	}
	return fmt.Sprintf("%s, %s, %s", what, c.At.In(school.Zone).Format("02/01"), c.By)
}

// value writes a stored value of a field for a note.
func (c RecordChange) value(v string) string {
	if v == "" {
		return "trống"
	}
	n, err := strconv.Atoi(v)
	switch {
	case c.Field == "height_mm" && err == nil:
		return strings.TrimSuffix(strings.Replace(strconv.FormatFloat(float64(n)/10, 'f', 1, 64), ".", ",", 1), ",0") + "\u00a0cm"
	case c.Field == "weight_g" && err == nil:
		return strings.TrimSuffix(strings.Replace(strconv.FormatFloat(float64(n)/1000, 'f', 1, 64), ".", ",", 1), ",0") + "\u00a0kg"
	case c.Field == "award":
		return words.Award(v)
	case c.Field == record.FactOverall:
		return words.Overall(v)
	case c.Field == record.FactCommended:
		award, line, _ := strings.Cut(v, " ")
		return strings.TrimSpace(words.Award(award) + " " + line)
	case c.Field == "sex":
		return words.Sex(v)
	case c.Field == "exempt" && v == "1":
		return "có"
	case v == "true":
		return "có"
	case v == "false":
		return "không"
	case c.Field == "reassessed_on", c.Field == "birth_date":
		if d, err := school.ParseDate(v); err == nil {
			return d.Vietnamese()
		}
	}
	return v
}

// clip shortens an old remark in a note: the whole stands in the history.
func clip(s string) string {
	const longest = 90
	r := []rune(s)
	if len(r) <= longest {
		return s
	}
	return strings.TrimSpace(string(r[:longest])) + "…"
}
