package views

import (
	"slices"
	"strings"
	"unicode"

	"hocba/internal/evaluation"
	"hocba/internal/gradesheet"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// sole is what all of a set are: "" for none, many when they differ.
type sole struct {
	value string
	many  bool
}

func (o *sole) add(value string) {
	if o.value == "" {
		o.value = value
	}
	o.many = o.many || o.value != value
}

func (o sole) or(many string) string {
	if o.many {
		return many
	}
	return o.value
}

// scope is what the rows of a file go to, as far as that is one.
type scope struct{ item, class, period sole }

func (g GradebookImport) scope() (s scope) {
	for i := range g.Plan.Rows {
		for _, o := range g.Plan.Rows[i].Options {
			s.class.add(o.ClassName)
			for _, c := range o.Cells {
				if c.Item != "" {
					s.item.add(string(c.Item))
				}
				s.period.add(string(c.Period))
			}
		}
	}
	return s
}

// goesTo names what the file goes to, "Toán 4A, cuối năm", as far as it is one.
func (g GradebookImport) goesTo() string {
	s := g.scope()
	name := "kết quả"
	switch item := evaluation.Item(s.item.value); {
	case s.item.many && g.traitsOnly():
		name = TraitsName
	case s.item.many:
		name = "bảng của lớp"
	case item.Kind() == evaluation.SubjectItem:
		name = school.Subject(item).Short()
	case item != "":
		name = TraitsName
	}
	text := strings.TrimSpace(name + " " + s.class.or(""))
	if period := words.Period(s.period.or("")); period != "" && period != "–" {
		text += ", " + lowerFirst(period)
	}
	return text
}

func (g GradebookImport) traitsOnly() bool {
	return !slices.ContainsFunc(g.Plan.Rows, func(r gradesheet.Row) bool {
		return slices.ContainsFunc(r.Options, func(o gradesheet.Option) bool {
			return slices.ContainsFunc(o.Cells, func(c gradesheet.Cell) bool { return c.Item.Kind() == evaluation.SubjectItem })
		})
	})
}

// gradeColumns are the columns of values of the preview: level and mark where
// the file is about one subject in one period, with the remark before the
// reasons; none where it is about more, and each row lists its cells.
type gradeColumns struct {
	class  string
	single bool
	fields []evaluation.Field
}

func (g GradebookImport) columns() *gradeColumns {
	s := g.scope()
	columns := &gradeColumns{class: s.class.or("")}
	if s.item.many || s.period.many || evaluation.Item(s.item.value).Kind() != evaluation.SubjectItem {
		return columns
	}
	columns.single = true
	for _, f := range []evaluation.Field{evaluation.FieldLevel, evaluation.FieldMark} {
		if slices.ContainsFunc(g.Plan.Rows, func(r gradesheet.Row) bool { return len(r.Options) > 0 && fieldCell(r.Options[0].Cells, f) != nil }) {
			columns.fields = append(columns.fields, f)
		}
	}
	return columns
}

// head are the columns of the table; ticks are shown before writing.
func (c gradeColumns) head(ticks bool) []ui.Column {
	var head []ui.Column
	if ticks {
		head = append(head, ui.Column{Label: "Ghi"})
	}
	head = append(head, ui.Column{Label: "Dòng", Num: true}, ui.Column{Label: "Tên trong tệp"}, ui.Column{Label: c.pupil()})
	for _, f := range c.fields {
		head = append(head, ui.Column{Label: fieldLabel(f)})
	}
	if !c.single {
		head = append(head, ui.Column{Label: "Giá trị"})
	}
	return append(head, ui.Column{Label: "Kết quả"}, ui.Column{Label: "Lý do"})
}

func (c gradeColumns) pupil() string {
	if c.class == "" {
		return "Học sinh của lớp"
	}
	return "Học sinh lớp " + c.class
}

func fieldLabel(f evaluation.Field) string {
	letters := []rune(words.ResultField(string(f)))
	letters[0] = unicode.ToUpper(letters[0])
	return string(letters)
}

func fieldCell(cells []gradesheet.Cell, f evaluation.Field) *gradesheet.Cell {
	if i := slices.IndexFunc(cells, func(c gradesheet.Cell) bool { return c.Field == f }); i >= 0 {
		return &cells[i]
	}
	return nil
}

// fieldCell is the row's value of a column; of a row about nobody what the file
// has, if anything.
func (r gradeRow) fieldCell(f evaluation.Field, sheet gradesheet.Sheet) *gradesheet.Cell {
	if o := r.option(); o != nil {
		return fieldCell(o.Cells, f)
	}
	i := slices.IndexFunc(sheet.Columns, func(c gradesheet.Column) bool { return c.Field == string(f) })
	if i < 0 || i >= len(r.Raw) || r.Raw[i] == "" {
		return nil
	}
	return &gradesheet.Cell{Field: f, Old: r.Raw[i], New: r.Raw[i], Text: r.Raw[i]}
}

// remark is the remark of a row whose table has no room for a column of it.
func (r gradeRow) remark(sheet gradesheet.Sheet) *gradesheet.Cell {
	if !r.table.single {
		return nil
	}
	return r.fieldCell(evaluation.FieldRemark, sheet)
}

// cellText is a value as the page shows it: marks with the decimal comma that
// people type, refused ones included.
func cellText(c gradesheet.Cell, text string) string {
	if c.Field == evaluation.FieldMark {
		return strings.Replace(text, ".", ",", 1)
	}
	return text
}
