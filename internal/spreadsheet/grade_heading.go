package spreadsheet

import (
	"slices"
	"strings"

	"hocba/internal/school"
)

// TermKind says to which part of a class table an item belongs. It decides
// between items of one name: Khoa học is a subject and a competency.
type TermKind int

// The kinds of term.
const (
	SubjectTerm TermKind = iota
	TraitTerm            // a quality or competency
	GroupTerm            // a group of traits, which has one remark
)

// Term is an item that headings of a table of results can name, under the
// caller's code.
type Term struct {
	Item  string
	Kind  TermKind
	Names []string
}

// Vocabulary is what the headings of tables of results are made of; see
// NewVocabulary.
type Vocabulary struct {
	items map[string][]Term // by headingKey
}

// NewVocabulary makes the vocabulary of the caller's items.
func NewVocabulary(terms ...Term) *Vocabulary {
	v := &Vocabulary{items: map[string][]Term{}}
	for _, t := range terms {
		for _, name := range t.Names {
			key := headingKey(name)
			if !slices.ContainsFunc(v.items[key], func(o Term) bool { return o.Item == t.Item }) {
				v.items[key] = append(v.items[key], t)
			}
		}
	}
	return v
}

// Target is what a column of values is about. Item is "" where the heading
// names none: then it is the one subject of the sheet. Round is MidRound or
// EndRound where the heading says only that much of the period.
type Target struct {
	Item   string
	Field  string // FieldLevel, FieldMark, FieldRemark or FieldRemarkCode
	Period school.Period
	Round  string
}

// The rounds of a term that headings name.
const (
	MidRound = "mid"
	EndRound = "end"
)

func (t Target) key() string {
	return strings.Join([]string{t.Item, t.Field, string(t.Period), t.Round}, "|")
}

// identityLayout are the columns that say who a row is about.
var identityLayout = NewLayout(
	nil,
	Field{Key: FieldNumber, Heading: "STT", Synonyms: []string{"TT", "Số TT", "Số thứ tự"}},
	Field{Key: FieldClass, Heading: "Lớp", Synonyms: []string{"Lớp học", "Tên lớp"}},
	Field{Key: FieldCode, Heading: "Mã học sinh", Synonyms: []string{"Mã định danh Bộ GD&ĐT", "Mã định danh", "Mã HS", "Mã định danh học sinh"}},
	Field{Key: FieldPersonalNo, Heading: "Số định danh cá nhân", Synonyms: []string{"Số định danh", "Số CCCD", "CCCD", "Mã số định danh"}},
	Field{Key: FieldFullName, Heading: "Họ và tên", Synonyms: []string{"Họ tên", "Họ và tên học sinh", "Họ tên học sinh", "Tên học sinh"}},
	Field{Key: FieldFamilyName, Heading: "Họ và đệm", Synonyms: []string{"Họ đệm", "Họ và tên đệm", "Họ lót", "Họ"}},
	Field{Key: FieldGivenName, Heading: "Tên"},
	Field{Key: FieldBirthDate, Heading: "Ngày sinh", Synonyms: []string{"Ngày, tháng, năm sinh", "Ngày tháng năm sinh"}},
	Field{Key: FieldPeriod, Heading: "Thời điểm đánh giá", Synonyms: []string{"Thời điểm", "Kỳ đánh giá", "Giai đoạn"}},
)

// metrics are the spellings of what is written about an item, by headingKey.
var metrics = map[string]string{
	"mucdatduoc": FieldLevel, "mucdat": FieldLevel, "muc": FieldLevel, "mdd": FieldLevel, "mucdodatduoc": FieldLevel, "danhgia": FieldLevel,
	"xeploai": FieldLevel,
	"diem":    FieldMark, "diemktdk": FieldMark, "ktdk": FieldMark, "diemkiemtradinhky": FieldMark, "diemkt": FieldMark,
	"diemkiemtra": FieldMark, "diemthi": FieldMark, "diemso": FieldMark,
	"nhanxet": FieldRemark, "noidungnhanxet": FieldRemark, "nx": FieldRemark, "loinhanxet": FieldRemark,
	"manhanxet": FieldRemarkCode, "manx": FieldRemarkCode,
}

// rounds are the endings by which a heading says which round it means.
var rounds = []struct{ ending, round string }{
	{"giuahocky", MidRound}, {"giuahocki", MidRound}, {"giuaky", MidRound}, {"giuaki", MidRound}, {"gk", MidRound},
	{"cuoihocky", EndRound}, {"cuoihocki", EndRound}, {"cuoiky", EndRound}, {"cuoiki", EndRound}, {"ck", EndRound},
}

// headingJoint joins headings over one another to the name of a column.
const headingJoint = " – "

// gradeHeading is a column of headings over one another, from the top.
type gradeHeading struct {
	col, span int
	path      []string
	beside    bool // the lowest text belongs to a column further left
}

// paths reads rows as headings over one another.
func (s *Sheet) paths(rows []Row) []gradeHeading {
	wide := 0
	for _, row := range rows {
		wide = max(wide, len(row.Cells))
	}
	heads := make([]gradeHeading, wide)
	for col := range heads {
		heads[col].col, heads[col].span = col, 1
	}
	for _, row := range rows {
		for col, cell := range row.Cells {
			if cell.Kind != Text {
				continue
			}
			span := s.span(row.Number, col)
			for c := col; c < min(col+span, wide); c++ {
				h := &heads[c]
				if n := len(h.path); n > 0 && h.path[n-1] == cell.Text {
					continue
				}
				h.path, h.beside = append(h.path, cell.Text), c > col
				if c == col {
					h.span = span
				}
			}
		}
	}
	return slices.DeleteFunc(heads, func(h gradeHeading) bool { return len(h.path) == 0 })
}

// judgeHeading says what a column holds: a field of identityLayout, or a target.
func (v *Vocabulary) judgeHeading(h gradeHeading) (field string, target Target, ok bool) {
	if h.beside {
		return "", Target{}, false
	}
	own, above := h.path[len(h.path)-1], h.path[:len(h.path)-1]
	if t, found := identityLayout.lookUpText(own); found {
		return t.field, Target{}, true
	}
	target, ok = v.readTarget(own, above)
	if parts := strings.Split(own, headingJoint); !ok && len(parts) > 1 { // as tables of refused rows have them
		above = append(slices.Clone(above), parts[:len(parts)-1]...)
		target, ok = v.readTarget(parts[len(parts)-1], above)
	}
	if !ok {
		return "", Target{}, false
	}
	for _, text := range above {
		if p, named := readPeriod(text); named && target.Period == "" {
			target.Period = p
		}
	}
	return "", target, true
}

func (v *Vocabulary) readTarget(own string, above []string) (Target, bool) {
	for _, text := range []string{own, withoutBrackets(own)} {
		if t, ok := v.readKey(headingKey(text), above); ok {
			return t, true
		}
		key := headingKey(text)
		for _, r := range rounds {
			rest, cut := strings.CutSuffix(key, r.ending)
			if !cut || rest == "" {
				continue
			}
			if t, ok := v.readKey(rest, above); ok {
				t.Round = r.round
				return t, true
			}
		}
	}
	return Target{}, false
}

// readKey reads a heading that is a metric, an item, or one before the other.
func (v *Vocabulary) readKey(key string, above []string) (Target, bool) {
	if key == "" {
		return Target{}, false
	}
	if field, ok := metrics[key]; ok {
		for _, text := range slices.Backward(above) {
			if t, found := v.item(headingKey(text), above); found {
				return Target{Item: t.Item, Field: field}, true
			}
		}
		return Target{Field: field}, true
	}
	if t, ok := v.item(key, above); ok {
		if t.Kind == GroupTerm {
			return Target{Item: t.Item, Field: FieldRemark}, true
		}
		return Target{Item: t.Item, Field: FieldLevel}, true
	}
	for metric, field := range metrics {
		for _, cut := range []func(string, string) (string, bool){strings.CutPrefix, strings.CutSuffix} {
			rest, found := cut(key, metric)
			if !found {
				continue
			}
			if t, ok := v.item(rest, above); ok {
				return Target{Item: t.Item, Field: field}, true
			}
		}
	}
	return Target{}, false
}

// item finds the term of a spelling; of two, the one that the groups above ask
// for, a subject when they are silent.
func (v *Vocabulary) item(key string, above []string) (Term, bool) {
	terms := v.items[key]
	if len(terms) == 0 {
		return Term{}, false
	}
	wanted := SubjectTerm
	for _, text := range above {
		group := headingKey(text)
		if strings.Contains(group, "nangluc") || strings.Contains(group, "phamchat") {
			wanted = TraitTerm
		}
	}
	for _, t := range terms {
		if t.Kind == wanted {
			return t, true
		}
	}
	return terms[0], true
}

// maxGradeHeadings is how many rows of headings a table of results may have:
// group, subject, metric, and the row of numbers under them is no heading.
const maxGradeHeadings = 4

// findHeader finds the rows of headings: those that name most columns, the
// fewest of equals, the uppermost of those.
func (v *Vocabulary) findHeader(s *Sheet) (*Header, map[string]Target) {
	var best *Header
	var targets map[string]Target
	for i := range s.Rows {
		if s.Rows[i].Number > MaxHeadingRow {
			break
		}
		for n := 1; n <= maxGradeHeadings && i+n <= len(s.Rows); n++ {
			if s.Rows[i+n-1].Number != s.Rows[i].Number+n-1 {
				break
			}
			header, found := v.place(s.paths(s.Rows[i : i+n]))
			header.Row, header.LastRow = s.Rows[i].Number, s.Rows[i+n-1].Number
			if best == nil || len(header.byField) > len(best.byField) {
				best, targets = header, found
			}
		}
	}
	if best == nil || len(best.byField) < minHeadings || len(targets) == 0 {
		return nil, nil
	}
	for _, who := range []string{FieldCode, FieldPersonalNo, FieldFullName, FieldGivenName} {
		if _, ok := best.byField[who]; ok {
			return best, targets
		}
	}
	return nil, nil
}

// place gives each column its field; of two for one the left is taken.
func (v *Vocabulary) place(heads []gradeHeading) (*Header, map[string]Target) {
	h := &Header{byField: map[string]int{}}
	targets := map[string]Target{}
	for _, head := range heads {
		column := Column{Index: head.col, Letter: ColumnLetter(head.col), Heading: school.CleanLine(strings.Join(head.path, headingJoint)),
			own: head.path[len(head.path)-1], span: head.span}
		field, target, ok := v.judgeHeading(head)
		if ok && field == "" {
			field = target.key()
		}
		at, taken := h.byField[field]
		switch {
		case !ok:
		case taken:
			h.Twice = append(h.Twice, [2]Column{h.Columns[at], column})
		default:
			column.Field = field
			h.byField[field] = len(h.Columns)
			if target.Field != "" {
				targets[field] = target
			}
		}
		h.Columns = append(h.Columns, column)
	}
	return h, targets
}
