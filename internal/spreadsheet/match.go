package spreadsheet

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"hocba/internal/school"
)

// Known is a pupil who is already in the school's books. ID and Revision are
// the caller's.
// ClassName and Grade are those of the school year imported into, empty for a
// pupil not yet enrolled in it, so that moving up is no change to be confirmed.
type Known struct {
	ID       int64
	Revision int
	Pupil
}

// Verdict says whether a row may be written.
type Verdict string

// The verdicts.
const (
	Green  Verdict = "green"  // new, identical, or fills what was empty
	Yellow Verdict = "yellow" // a person chooses; without a choice nothing is written
	Red    Verdict = "red"    // cannot be written
)

// Change is a field that the row would change. Old is "" where nothing was known.
type Change struct {
	Field, Old, New string
}

// Reason is why a match has its verdict: a code of Codes with its arguments.
type Reason struct {
	Code string
	Args map[string]string
}

// Match is the comparison of a row with the known pupils. Known is the pupil
// the row would be written to, nil for a new one; where the verdict is yellow
// because the person is doubtful it is the likeliest of Candidates, and "a new
// pupil" remains a choice when IsNewPossible.
type Match struct {
	Verdict       Verdict
	Reasons       []Reason
	Known         *Known
	Candidates    []*Known
	IsNewPossible bool
	Diff          []Change
}

func (m *Match) raise(v Verdict, code string, args ...string) {
	if v == Red || m.Verdict == Green {
		m.Verdict = v
	}
	reason := Reason{Code: code, Args: map[string]string{}}
	for i := 0; i+1 < len(args); i += 2 {
		reason.Args[args[i]] = args[i+1]
	}
	m.Reasons = append(m.Reasons, reason)
}

// Matcher finds the known pupil of a row. It is pure: the same pupils and rows
// give the same verdicts.
type Matcher struct {
	byCode, byNumber map[string]*Known
	byPerson         map[string][]*Known // name and birth date
	byBirth          map[string][]*Known
	byName           map[string][]*Known
}

// NewMatcher indexes the known pupils.
func NewMatcher(existing []Known) *Matcher {
	m := &Matcher{
		byCode: map[string]*Known{}, byNumber: map[string]*Known{}, byPerson: map[string][]*Known{},
		byBirth: map[string][]*Known{}, byName: map[string][]*Known{},
	}
	for i := range existing {
		k := &existing[i]
		if k.Code != "" {
			m.byCode[k.Code] = k
		}
		if k.PersonalNo != "" {
			m.byNumber[k.PersonalNo] = k
		}
		name, birth := personKey(k.FullName), k.BirthDate.String()
		m.byPerson[name+birth] = append(m.byPerson[name+birth], k)
		m.byBirth[birth] = append(m.byBirth[birth], k)
		m.byName[name] = append(m.byName[name], k)
	}
	return m
}

// MatchRow compares one row with the existing pupils. For many rows make a
// Matcher once.
func MatchRow(existing []Known, row PupilRow) Match { return NewMatcher(existing).Match(row) }

// MatchAll compares all rows; two rows that would be written to one pupil are
// both doubtful.
func (m *Matcher) MatchAll(rows []PupilRow) []Match {
	matches := make([]Match, len(rows))
	claims := map[int64]int{}
	for i, row := range rows {
		matches[i] = m.Match(row)
		k := matches[i].Known
		if k == nil || matches[i].Verdict == Red {
			continue
		}
		if j, taken := claims[k.ID]; taken {
			matches[i].raise(Yellow, CodeMatchClaimed, "other", rows[j].Where())
			matches[j].raise(Yellow, CodeMatchClaimed, "other", row.Where())
			continue
		}
		claims[k.ID] = i
	}
	return matches
}

// Match compares a row with the known pupils: by code, then by personal number,
// then by name and birth date, then by what is nearly that.
func (m *Matcher) Match(row PupilRow) Match {
	match := Match{Verdict: Green}
	if row.Refused() {
		match.raise(Red, CodeMatchRefused)
	}
	if row.Doubtful() {
		match.raise(Yellow, CodeMatchDoubtful)
	}
	byCode, byNumber := m.byCode[row.Code], m.byNumber[row.PersonalNo]
	switch {
	case byCode != nil && byNumber != nil && byCode != byNumber:
		match.Candidates = []*Known{byCode, byNumber}
		match.raise(Red, CodeMatchTwoPupils, "first", byCode.FullName, "second", byNumber.FullName)
		return match
	case byCode != nil:
		match.Known = byCode
		match.samePupil(row)
	case byNumber != nil:
		match.Known = byNumber
		if byNumber.Code != "" && row.Code != "" {
			match.raise(Yellow, CodeMatchCode, "old", byNumber.Code, "new", row.Code)
		}
		match.samePupil(row)
	default:
		m.byLikeness(row, &match)
	}
	match.finish(row)
	return match
}

// samePupil compares the person behind an equal code or number.
func (m *Match) samePupil(row PupilRow) {
	m.Candidates = []*Known{m.Known}
	k := m.Known
	if k.PersonalNo != "" && row.PersonalNo != "" && k.PersonalNo != row.PersonalNo {
		m.raise(Yellow, CodeMatchNumberTaken, "old", k.PersonalNo, "new", row.PersonalNo)
	}
	sameName := row.FullName == "" || personKey(k.FullName) == personKey(row.FullName)
	sameBirth := row.BirthDate.IsZero() || k.BirthDate.IsZero() || k.BirthDate == row.BirthDate
	switch {
	case !sameName && !sameBirth:
		m.raise(Yellow, CodeMatchPerson, "old", k.FullName, "new", row.FullName)
	case !sameName:
		m.raise(Yellow, CodeMatchName, "old", k.FullName, "new", row.FullName)
	case row.FullName != "" && k.FullName != row.FullName:
		m.raise(Yellow, CodeMatchSpelling, "old", k.FullName, "new", row.FullName)
	}
	if sameName && !sameBirth {
		m.raise(Yellow, CodeMatchBirth, "old", k.BirthDate.Vietnamese(), "new", row.BirthDate.Vietnamese())
	}
}

// byLikeness looks for the pupil where neither code nor number is known.
func (m *Matcher) byLikeness(row PupilRow, match *Match) {
	if row.FullName == "" {
		return
	}
	match.IsNewPossible = true
	name, birth := personKey(row.FullName), row.BirthDate.String()
	code := CodeMatchSameBirth
	if !row.BirthDate.IsZero() {
		match.Candidates = m.byPerson[name+birth]
	}
	if len(match.Candidates) == 0 {
		code = CodeMatchSimilar
		match.Candidates = m.similar(row, name, birth)
	}
	if len(match.Candidates) > 0 {
		match.Known = match.Candidates[0]
		match.raise(Yellow, code, "old", describe(match.Known))
	}
}

// similar finds pupils born on the same day whose name differs by one letter,
// and pupils of the same name and class, or with day and month exchanged. A
// pupil with a code of their own is another pupil unless the names are equal.
func (m *Matcher) similar(row PupilRow, name, birth string) []*Known {
	var found []*Known
	if !row.BirthDate.IsZero() {
		for _, k := range m.byBirth[birth] {
			if oneEdit(personKey(k.FullName), name) {
				found = append(found, k)
			}
		}
	}
	swapped, possible := school.NewDate(row.BirthDate.Year, time.Month(row.BirthDate.Day), int(row.BirthDate.Month))
	for _, k := range m.byName[name] {
		if k.ClassName == row.ClassName && row.ClassName != "" || possible && k.BirthDate == swapped {
			found = append(found, k)
		}
	}
	return found
}

// finish fills the difference and the reason of a verdict that has none yet.
func (m *Match) finish(row PupilRow) {
	if m.Known == nil {
		m.IsNewPossible = true
		if m.Verdict != Red {
			m.raise(Green, CodeMatchNew)
		}
		return
	}
	m.Diff = Diff(m.Known.Pupil, row.Pupil)
	overwritten := 0
	for _, c := range m.Diff {
		if c.Old != "" {
			overwritten++
		}
	}
	switch {
	case m.Verdict == Red:
	case overwritten > 0:
		m.raise(Yellow, CodeMatchChanges, "count", strconv.Itoa(overwritten))
	case len(m.Diff) > 0:
		m.raise(Green, CodeMatchCompletes, "count", strconv.Itoa(len(m.Diff)))
	case len(m.Reasons) == 0:
		m.raise(Green, CodeMatchIdentical)
	}
}

// Diff lists the fields that new says and old does not, in the order of
// Pupil.Values. What new leaves empty stays as it is.
func Diff(old, new Pupil) []Change {
	var changes []Change
	before := old.Values()
	for i, v := range new.Values() {
		if v.Value != "" && v.Value != before[i].Value {
			changes = append(changes, Change{v.Field, before[i].Value, v.Value})
		}
	}
	return changes
}

// personKey folds a name for comparison: "A Lăng Thị Hường" and "Alăng thị
// Hường" are the same.
func personKey(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, school.Fold(name))
}

func describe(k *Known) string {
	return strings.TrimSpace(k.FullName + " " + k.BirthDate.Vietnamese() + " " + k.ClassName)
}
