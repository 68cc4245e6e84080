package evaluation

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"hocba/internal/fault"
	"hocba/internal/school"
)

// ReviewField names one line of the homeroom teacher's page beside the levels
// and remarks. The names are those under which changes are kept.
type ReviewField string

// The fields of a review.
const (
	ReviewExcused      ReviewField = "absent_excused"   // days absent with leave
	ReviewUnexcused    ReviewField = "absent_unexcused" // days absent without leave
	ReviewHeight       ReviewField = "height_mm"
	ReviewWeight       ReviewField = "weight_g"
	ReviewCompleted    ReviewField = "completed" // decided, where the level does not say it
	ReviewPromoted     ReviewField = "promoted"  // decided, where the level does not say it
	ReviewTrack        ReviewField = "track"
	ReviewReassessedOn ReviewField = "reassessed_on" // day of the decision after the summer
	ReviewReassessNote ReviewField = "reassess_note"
)

// ReviewFields lists the fields in the order of the page.
var ReviewFields = []ReviewField{
	ReviewExcused, ReviewUnexcused, ReviewHeight, ReviewWeight, ReviewCompleted, ReviewPromoted, ReviewTrack, ReviewReassessedOn, ReviewReassessNote,
}

// Review is a homeroom teacher's page as text, each value as ReadReview
// returns it; an absent field is empty.
type Review map[ReviewField]string

// The limits of a review: what a child of primary age can be, and what the
// line of the printed form holds.
const (
	longestReviewText      = 300
	daysMax                = 366
	heightMin, heightMax   = 500, 2300    // millimetres
	weightMin, weightMax   = 5000, 200000 // grams
	perCentimetre, perKilo = 10, 1000
)

// ReadReview reads what was typed into a field and returns the form in which
// it is stored and compared: whole days, millimetres and grams as digits
// (typed in centimetres and kilograms, with comma or point), "1" and "0" for yes and no, "1" or "2" for the track, dates as
// yyyy-mm-dd, text cleaned. Nothing typed is "".
//
// It fails with fault.Invalid review.field, review.days, review.height,
// review.weight, review.choice, review.date or
// review.text_too_long. Args: value and the limits.
func ReadReview(f ReviewField, raw string) (string, error) {
	text := school.Clean(raw)
	if text == "" {
		return "", nil
	}
	refuse := func(code string, args ...string) (string, error) {
		return "", fault.New(fault.Invalid, code, append([]string{"value", clip(text)}, args...)...)
	}
	switch f {
	case ReviewExcused, ReviewUnexcused:
		if n, ok := fixed(text, 1, 0, daysMax); ok {
			return n, nil
		}
		return refuse("review.days", "max", itoa(daysMax))
	case ReviewHeight:
		if n, ok := fixed(text, perCentimetre, heightMin, heightMax); ok {
			return n, nil
		}
		return refuse("review.height", "min", itoa(heightMin/perCentimetre), "max", itoa(heightMax/perCentimetre))
	case ReviewWeight:
		if n, ok := fixed(text, perKilo, weightMin, weightMax); ok {
			return n, nil
		}
		return refuse("review.weight", "min", itoa(weightMin/perKilo), "max", itoa(weightMax/perKilo))
	case ReviewReassessedOn:
		if d, ok := school.ReadDate(text); ok {
			return d.String(), nil
		}
		return refuse("review.date")
	case ReviewReassessNote:
		return readReviewText(text)
	}
	return readReviewChoice(f, text)
}

func readReviewText(text string) (string, error) {
	if n := utf8.RuneCountInString(text); n > longestReviewText {
		return "", fault.New(fault.Invalid, "review.text_too_long", "length", itoa(n), "max", itoa(longestReviewText))
	}
	return text, nil
}

func readReviewChoice(f ReviewField, text string) (string, error) {
	choices := map[ReviewField]string{ReviewCompleted: "01", ReviewPromoted: "01", ReviewTrack: "12"}
	allowed, known := choices[f]
	switch {
	case !known:
		return "", fault.New(fault.Invalid, "review.field")
	case len(text) != 1 || !strings.Contains(allowed, text):
		return "", fault.New(fault.Invalid, "review.choice", "value", clip(text))
	}
	return text, nil
}

// fixed reads a decimal number of units as a whole number of parts: "132,5"
// centimetres of ten parts are "1325". More decimals than the parts have are
// refused, zeros at the end are not.
func fixed(text string, parts, least, most int) (string, bool) {
	whole, fraction, decimal := strings.Cut(strings.Replace(text, ",", ".", 1), ".")
	if !digits(whole) || decimal && !digits(fraction) || len(whole) > 6 {
		return "", false
	}
	fraction = strings.TrimRight(fraction, "0")
	n, _ := strconv.Atoi(whole)
	n *= parts
	for _, d := range fraction {
		if parts /= 10; parts == 0 {
			return "", false
		}
		n += int(d-'0') * parts
	}
	return itoa(n), n >= least && n <= most
}

// Standing is what a review is judged by beside its own fields.
type Standing struct {
	Year        school.Year
	Today       school.Date
	Overall     Overall
	NotAssessed bool
}

// CheckReview judges a review as it would stand, and returns what is wrong by
// field; only fields in changed are judged, so that what was right when it was
// written keeps nobody from writing something else. The codes are
//
//	review.decision_computed    a decision where the level decides
//	review.completed_promoted   completed and kept down
//	review.by_decision          a line of the summer, which the principal's decision fills
//	review.decided              a pupil decided upon in summer taken off track 2
func (r *RuleSet) CheckReview(v Review, changed map[ReviewField]bool, s Standing) map[ReviewField]*fault.Error {
	out := map[ReviewField]*fault.Error{}
	refuse := func(f ReviewField, code string, args ...string) {
		if _, already := out[f]; !already {
			out[f] = fault.New(fault.Invalid, code, args...)
		}
	}
	r.checkDecision(v, changed, s, refuse)
	return out
}

// checkDecision keeps completion and promotion what they follow from: the
// level, for a pupil who is not assessed the school's word, and on track 2 the
// principal's decision after the summer (Điều 11).
func (r *RuleSet) checkDecision(v Review, changed map[ReviewField]bool, s Standing, refuse func(ReviewField, string, ...string)) {
	summer := v[ReviewTrack] == itoa(int(school.TrackAugust)) || s.Overall == CHT
	for _, f := range []ReviewField{ReviewCompleted, ReviewPromoted, ReviewReassessedOn, ReviewReassessNote} {
		ofSummer := f == ReviewReassessedOn || f == ReviewReassessNote
		switch {
		case !changed[f] || v[f] == "" && !summer:
		case ofSummer || summer:
			refuse(f, "review.by_decision")
		case !s.NotAssessed:
			refuse(f, "review.decision_computed")
		}
	}
	if v[ReviewCompleted] == "1" && v[ReviewPromoted] == "0" && (changed[ReviewCompleted] || changed[ReviewPromoted]) {
		refuse(ReviewPromoted, "review.completed_promoted")
	}
	if changed[ReviewTrack] && v[ReviewReassessedOn] != "" {
		refuse(ReviewTrack, "review.decided")
	}
}

// Needs is what a level asks of every value: one of the levels, a mark of at
// least Mark. Empty slices ask nothing.
type Needs struct {
	Subjects, Traits []Level
	Mark             int
}

// Needs returns the row of Điều 9 for a level, for pages that explain it.
func (r *RuleSet) Needs(o Overall) Needs {
	rule := r.rowOf(o)
	return Needs{Subjects: append([]Level(nil), rule.Subjects...), Traits: append([]Level(nil), rule.Traits...), Mark: rule.Mark}
}
