package evaluation

import (
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"hocba/internal/school"
)

// Use says whether an item is assessed in a grade.
type Use int

// The uses of an item.
const (
	None     Use = iota // not taught or not assessed: a value is an error
	Optional            // counted when given, never asked for
	Required
	// Continuous is a subject without periodic assessment, evaluated in lessons
	// alone: what a teacher gives counts, nothing is asked for.
	Continuous
)

// Grades of the primary level.
const (
	FirstGrade = 1
	LastGrade  = 5
)

// RuleSet is one circular's rules as data, for the school years it covers. It
// is immutable; issued records keep the rule set under which they were issued.
type RuleSet struct {
	id           string
	firstYears   [LastGrade + 1]int
	markMin      int
	markMax      int
	remarkMax    int
	groupPeriods map[school.Period]bool
	uses         map[Item][LastGrade + 1]Use
	marks        map[markKey]bool
	overall      []overallRule
	usual        map[Level]markRange
	forms        map[int][]int // by grade: the class table at mid-term, end of the first term, year end
	classes      map[school.ClassKind]*RuleSet
}

type markKey struct {
	grade   int
	subject school.Subject
	period  school.Period
}

type markRange struct{ Min, Max int }

// overallRule is one row of Điều 9: what every subject, every trait and every
// mark must reach. The last row has no conditions.
type overallRule struct {
	Level            Overall      `json:"level"`
	Subjects         []Level      `json:"subjects"`
	Traits           []Level      `json:"traits"`
	Mark             int          `json:"mark"`
	Completes        bool         `json:"completes"`
	Commendation     Commendation `json:"commendation"`
	NeedsRecognition bool         `json:"needs_recognition"`
}

//go:embed rules/*.json
var ruleFiles embed.FS

// ruleSets holds every rule set, the newest last. A file that cannot be read
// stops the program at start; a test reads them all.
var ruleSets = mustLoad("rules/tt27-2020.json")

func mustLoad(names ...string) []*RuleSet {
	var all []*RuleSet
	for _, name := range names {
		raw, err := ruleFiles.ReadFile(name)
		if err == nil {
			var r *RuleSet
			if r, err = parseRules(raw); err == nil {
				all = append(all, r)
				continue
			}
		}
		panic(fmt.Sprintf("read rule set %s: %v", name, err))
	}
	return all
}

// rulesFile is the form of rules/*.json. Uses are one letter a grade: R
// required, O optional, - none.
type rulesFile struct {
	ID         string         `json:"id"`
	FirstYears map[string]int `json:"first_years"`
	Mark       markRange      `json:"mark"`
	Remark     struct {
		Longest          int             `json:"longest"`
		GroupsRequiredAt []school.Period `json:"groups_required_at"`
	} `json:"remark"`
	// Classes are the kinds of class with rules of their own: which subjects are
	// assessed periodically there.
	Classes []struct {
		Kind     school.ClassKind `json:"kind"`
		ID       string           `json:"id"`
		Periodic []school.Subject `json:"periodic"`
	} `json:"classes"`
	Subjects []struct {
		Code  school.Subject    `json:"code"`
		Use   string            `json:"use"`
		Marks map[string]string `json:"marks"`
	} `json:"subjects"`
	Traits []struct {
		Code Item   `json:"code"`
		Use  string `json:"use"`
	} `json:"traits"`
	Forms   map[string][]int    `json:"summary_forms"`
	Overall []overallRule       `json:"overall"`
	Usual   map[Level]markRange `json:"usual_marks"`
}

func parseRules(raw []byte) (*RuleSet, error) {
	var f rulesFile
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil, err
	}
	r := &RuleSet{
		id: f.ID, markMin: f.Mark.Min, markMax: f.Mark.Max, remarkMax: f.Remark.Longest,
		groupPeriods: map[school.Period]bool{}, uses: map[Item][LastGrade + 1]Use{},
		marks: map[markKey]bool{}, overall: f.Overall, usual: f.Usual, forms: map[int][]int{},
	}
	for _, p := range f.Remark.GroupsRequiredAt {
		r.groupPeriods[p] = true
	}
	for key, year := range f.FirstYears {
		g, err := parseGrade(key)
		if err != nil {
			return nil, err
		}
		r.firstYears[g] = year
	}
	for key, forms := range f.Forms {
		g, err := parseGrade(key)
		if err != nil || len(forms) != formsOfAGrade {
			return nil, fmt.Errorf("summary forms of grade %q: %d", key, len(forms))
		}
		r.forms[g] = forms
	}
	for _, t := range f.Traits {
		if t.Code.Kind() != TraitItem {
			return nil, fmt.Errorf("%s is no trait", t.Code)
		}
		if err := r.setUse(t.Code, t.Use); err != nil {
			return nil, err
		}
	}
	for _, s := range f.Subjects {
		if Item(s.Code).Kind() != SubjectItem {
			return nil, fmt.Errorf("%s is no subject", s.Code)
		}
		if err := r.setUse(Item(s.Code), s.Use); err != nil {
			return nil, err
		}
		if err := r.setMarks(s.Code, s.Marks); err != nil {
			return nil, err
		}
	}
	if len(r.overall) == 0 || r.markMin < 0 || r.markMax < r.markMin || r.remarkMax <= 0 {
		return nil, fmt.Errorf("limits of %s are incomplete", f.ID)
	}
	r.classes = make(map[school.ClassKind]*RuleSet, len(f.Classes))
	for _, c := range f.Classes {
		if c.ID == "" || c.ID == r.id || len(c.Periodic) == 0 {
			return nil, fmt.Errorf("rules of classes %q are incomplete", c.Kind)
		}
		r.classes[c.Kind] = r.inClasses(c.ID, c.Periodic)
	}
	return r, nil
}

// inClasses returns the rules of a kind of class, where only some subjects are
// assessed periodically: the others keep neither test nor demand. What a grade
// leaves to each pupil's choice stays a choice.
func (r *RuleSet) inClasses(id string, periodic []school.Subject) *RuleSet {
	k := *r
	k.id, k.classes, k.uses, k.marks = id, nil, maps.Clone(r.uses), maps.Clone(r.marks)
	maps.DeleteFunc(k.marks, func(m markKey, _ bool) bool { return !slices.Contains(periodic, m.subject) })
	for _, s := range school.Subjects {
		uses := k.uses[Item(s)]
		for g := range uses {
			if uses[g] == Required && !slices.Contains(periodic, s) {
				uses[g] = Continuous
			}
		}
		k.uses[Item(s)] = uses
	}
	return &k
}

func (r *RuleSet) setUse(i Item, letters string) error {
	var uses [LastGrade + 1]Use
	if len(letters) != LastGrade {
		return fmt.Errorf("%s: %d letters of use", i, len(letters))
	}
	for n, c := range letters {
		u := strings.IndexRune("-OR", c)
		if u < 0 {
			return fmt.Errorf("%s: use %q", i, c)
		}
		uses[n+1] = Use(u)
	}
	r.uses[i] = uses
	return nil
}

func (r *RuleSet) setMarks(s school.Subject, marks map[string]string) error {
	for key, periods := range marks {
		g, err := parseGrade(key)
		if err != nil {
			return err
		}
		for _, name := range strings.Fields(periods) {
			p, ok := school.ParsePeriod(name)
			if !ok {
				return fmt.Errorf("%s: period %q", s, name)
			}
			r.marks[markKey{g, s, p}] = true
			if p == school.YearEnd { // the summer re-assessment replaces the year-end's values
				r.marks[markKey{g, s, school.Summer}] = true
			}
		}
	}
	return nil
}

func parseGrade(s string) (int, error) {
	g, err := strconv.Atoi(s)
	if err != nil || !ValidGrade(g) {
		return 0, fmt.Errorf("grade %q", s)
	}
	return g, nil
}

// ValidGrade reports whether g is a grade of the primary level, 1 to 5.
func ValidGrade(g int) bool { return g >= FirstGrade && g <= LastGrade }

// Find returns the rule set with this id, such as "tt27-2020", or
// "tt27-2020-kt" for classes of pupils with disabilities.
func Find(id string) (*RuleSet, bool) {
	for _, r := range ruleSets {
		if r.id == id {
			return r, true
		}
		for _, k := range r.classes {
			if k.id == id {
				return k, true
			}
		}
	}
	return nil, false
}

// ForClass returns the rules for a kind of class in a school year: those of
// ForYear, or what the circular says otherwise about classes of the kind.
func ForClass(y school.Year, k school.ClassKind) *RuleSet {
	r := ForYear(y)
	if r == nil || r.classes[k] == nil {
		return r
	}
	return r.classes[k]
}

// ForYear returns the newest rule set that covers a grade of the school year;
// nil for a year before TT 27/2020, which the system does not keep.
func ForYear(y school.Year) *RuleSet {
	if _, ok := school.ParseYear(string(y)); !ok {
		return nil
	}
	for n := len(ruleSets) - 1; n >= 0; n-- {
		for g := FirstGrade; g <= LastGrade; g++ {
			if ruleSets[n].Covers(y, g) {
				return ruleSets[n]
			}
		}
	}
	return nil
}

// ID returns the rule set's id, as it stands in records.
func (r *RuleSet) ID() string { return r.id }

// Covers reports whether the rule set was in force for the grade in the school
// year: TT 27/2020 came in grade by grade from 2020-2021 on.
func (r *RuleSet) Covers(y school.Year, grade int) bool {
	return ValidGrade(grade) && r.firstYears[grade] != 0 && y.First() >= r.firstYears[grade]
}

// Subject says whether a subject is taught in the grade.
func (r *RuleSet) Subject(grade int, s school.Subject) Use {
	if Item(s).Kind() != SubjectItem {
		return None
	}
	return r.use(grade, Item(s))
}

// Trait says whether a quality or competency is assessed in the grade.
func (r *RuleSet) Trait(grade int, t Item) Use {
	if t.Kind() != TraitItem {
		return None
	}
	return r.use(grade, t)
}

func (r *RuleSet) use(grade int, i Item) Use {
	if !ValidGrade(grade) {
		return None
	}
	return r.uses[i][grade]
}

// Subjects lists the subjects of the grade, optional ones too, in the order of
// the booklet.
func (r *RuleSet) Subjects(grade int) []school.Subject {
	var out []school.Subject
	for _, s := range school.Subjects {
		if r.Subject(grade, s) != None {
			out = append(out, s)
		}
	}
	return out
}

// Traits lists the qualities and competencies of the grade, optional ones too,
// in the order of the booklet.
func (r *RuleSet) Traits(grade int) []Item {
	var out []Item
	for _, t := range Traits() {
		if r.Trait(grade, t) != None {
			out = append(out, t)
		}
	}
	return out
}

// MarkAllowed reports whether a test score exists for the subject in that
// grade and period (Điều 7.1b). Everywhere else a mark is an error.
func (r *RuleSet) MarkAllowed(grade int, s school.Subject, p school.Period) bool {
	return r.marks[markKey{grade, s, p}]
}

// MarkRange returns the lowest and the highest mark; marks are whole numbers.
func (r *RuleSet) MarkRange() (lowest, highest int) { return r.markMin, r.markMax }

// RemarkMax returns the longest remark, in characters.
func (r *RuleSet) RemarkMax() int { return r.remarkMax }

// GroupRemarkRequired reports whether the three remarks on qualities and
// competencies must be there in the period before the homeroom teacher signs.
func (r *RuleSet) GroupRemarkRequired(p school.Period) bool { return r.groupPeriods[p] }
