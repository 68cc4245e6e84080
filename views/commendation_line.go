package views

import (
	"slices"
	"strings"

	"hocba/internal/evaluation"
	"hocba/internal/school"
	"hocba/views/words"
)

// CommendationLine words a commendation as section 5 of the booklet says it
// behind the title's name; "" where the title says all. number and day are the
// principal's decision; without a number there is none yet, and the line does
// not speak of one. The words are kept with the commendation, so a line that
// was signed stays the same when this function does not.
func CommendationLine(c evaluation.Citation, number string, day school.Date) string {
	var parts []string
	add := func(s string) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	switch c.Kind {
	case evaluation.Exemplary:
		subjects, traits := citedItems(c)
		add(joinedWith(" môn ", "nổi bật", subjects))
		add(joinedWith(" về ", "tiến bộ rõ rệt", traits))
		add(c.Reason)
	case evaluation.Higher:
		add(c.Reason)
		add(c.Giver)
	case evaluation.Letter:
		add(c.Reason)
		add(c.Giver)
	default:
		add(c.Reason)
	}
	said := strings.Join(parts, " – ")
	switch {
	case c.Day.IsZero() || c.Kind.YearEnd():
	case c.Kind == evaluation.Higher && c.Number != "":
		said += " (số " + c.Number + " ngày " + c.Day.Vietnamese() + ")"
	default:
		said += ", ngày " + c.Day.Vietnamese()
	}
	switch decision := decisionWords(number, day); {
	case decision == "":
		return said
	case said == "":
		return words.Award(c.Kind) + " (" + decision + ")"
	default:
		return said + " (" + decision + ")"
	}
}

// decisionWords names the principal's decision; "" for none.
func decisionWords(number string, day school.Date) string {
	if number == "" {
		return ""
	}
	return "Quyết định số " + number + " ngày " + day.Vietnamese()
}

// citedItems are what a pupil excels in and what the pupil progressed in.
func citedItems(c evaluation.Citation) (subjects, traits string) {
	var s, t []string
	for _, it := range c.Items {
		if subject, ok := it.Subject(); ok {
			s = append(s, subject.Name())
		} else if slices.Contains(evaluation.Traits(), it) {
			t = append(t, it.Name())
		}
	}
	return strings.Join(s, ", "), strings.Join(t, ", ")
}
