package paper

import (
	"strings"

	"hocba/internal/bundle"
	"hocba/internal/evaluation"
)

// lastGrade is the grade whose completion completes primary school.
const lastGrade = 5

var overallNames = map[evaluation.Overall]string{
	evaluation.HTXS: "Hoàn thành xuất sắc", evaluation.HTT: "Hoàn thành tốt",
	evaluation.HT: "Hoàn thành", evaluation.CHT: "Chưa hoàn thành",
}

// awardNames are the titles of TT 27/2020, Điều 13.
var awardNames = map[bundle.Award]string{
	bundle.Excellent:   "Học sinh Xuất sắc",
	bundle.Exemplary:   "Học sinh Tiêu biểu hoàn thành tốt trong học tập và rèn luyện",
	bundle.Exceptional: "Khen thưởng đột xuất",
	bundle.Higher:      "Khen thưởng cấp trên",
	bundle.Letter:      "Thư khen",
}

// overallText is line 4; after a summer it says on what the level rests (Điều 11).
func overallText(c bundle.Content) string {
	text := overallNames[evaluation.Overall(c.Overall)]
	if s := c.Reassessment; s != nil && text != "" {
		text += " (đánh giá bổ sung ngày " + s.Date.Vietnamese()
		if before := overallNames[evaluation.Overall(s.Before)]; before != "" {
			text += ", cuối năm học: " + before
		}
		text += ")"
	}
	return text
}

// awardText is line 5: the titles, the two of the year's end with what they
// were given for.
func awardText(c bundle.Content) string {
	var lines []string
	for _, a := range c.Commended {
		name := awardNames[a.Award]
		switch {
		case name == "":
			lines = append(lines, a.Text)
		case a.Text == "" || strings.Contains(a.Text, name):
			lines = append(lines, longer(name, a.Text))
		default:
			lines = append(lines, name+": "+a.Text)
		}
	}
	return strings.Join(lines, "; ")
}

func longer(a, b string) string {
	if len(b) > len(a) {
		return b
	}
	return a
}

// completionText is line 6. Whoever completed grade 5 has no grade to go up to;
// whoever did not complete may still go up by the principal's decision (Điều 11.3).
func completionText(c bundle.Content) string {
	if c.Overall == "" && !c.Completed {
		return ""
	}
	what := "oàn thành chương trình lớp " + gradeName(c.Class.Grade)
	if c.Class.Grade == lastGrade {
		what = "oàn thành chương trình tiểu học"
	}
	if !c.Completed {
		what = "Chưa h" + what
	} else {
		what = "H" + what
	}
	switch {
	case c.Class.Grade == lastGrade && c.Completed:
		return what + "."
	case c.Promoted:
		return what + ". Được lên lớp."
	}
	return what + ". Chưa được lên lớp."
}

func gradeName(grade int) string { return string(rune('0' + grade)) }
