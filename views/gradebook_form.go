package views

import (
	"strconv"
	"strings"

	"hocba/internal/evaluation"
	"hocba/views/ui"
	"hocba/views/words"
)

// formField is a value of the pupil's form: the control, and the value it
// stood on, which is sent along so that nobody's writing is lost.
type formField struct {
	ui.Field
	column GradebookColumn
	old    string
	group  string // heading above it; "" for the same group
}

func (g Gradebook) row() GradebookRow { return g.Rows[g.Form.At] }

// formFrame is the frame of the page that shows one pupil as a form.
func (g Gradebook) formFrame() Frame {
	f := g.Frame
	f.Scripts = []string{"js/remark.js"}
	f.Heading = g.row().Name
	f.Lead = g.row().notes()
	f.Crumbs = []Link{{Label: "Lớp " + g.Class}, {Label: g.title(), URL: g.url(g.Period)}, {Label: words.PeriodShort(g.Period)}}
	f.Title = g.row().Name + " · " + g.title()
	if len(g.Form.Refused) > 0 {
		f.Title = "Lỗi: " + f.Title
	}
	return f
}

// place is where the pupil stands in the list, "8 / 35".
func (g Gradebook) place() string {
	return strconv.Itoa(g.Form.At+1) + " / " + strconv.Itoa(len(g.Rows))
}

// ShortName is the last two words of a name: enough beside an arrow.
func ShortName(full string) string {
	words := strings.Fields(full)
	return strings.Join(words[max(0, len(words)-2):], " ")
}

// writable reports whether the form has anything to send.
func (g Gradebook) writable() bool {
	return g.Writer != 0 && g.State == nil && g.row().Locked == nil && !g.exempt() && len(g.fields()) > 0
}

// ofSubjects reports whether the table is of subjects, not of traits.
func (g Gradebook) ofSubjects() bool { return g.Subject != "" || g.All }

// exempt reports whether the school exempted the pupil from the table's subject.
func (g Gradebook) exempt() bool {
	if g.All {
		return false // from some of them: said at each
	}
	for _, c := range g.row().Cells {
		if c.Exempt {
			return true
		}
	}
	return false
}

// fields are the controls for what the pupil can have.
func (g Gradebook) fields() []formField {
	var out []formField
	group := ""
	for i, c := range g.Columns {
		cell := g.row().Cells[i]
		if cell.None || g.All && g.onlyRead(i) {
			continue
		}
		f := formField{Field: g.control(c), column: c, old: cell.Value}
		f.Value = cell.Value
		if typed, ok := g.Form.Typed[c.CellID()]; ok {
			f.Value = typed
		}
		if r, ok := g.Form.Refused[c.CellID()]; ok {
			f.Error = r.Message
			if r.Code == "cell.stale" {
				f.old = r.Theirs
				f.Error += " Lưu lần nữa để giữ giá trị dưới đây."
			}
		}
		if f.Value == "" && c.Field == evaluation.FieldLevel {
			f.Options[len(f.Options)-1].Selected = true
		}
		if name := groupOf(c.Item).Name(); name != group {
			f.group, group = name, name
		}
		out = append(out, f)
	}
	return out
}

// onlyRead reports whether the pupil's value of a column is not the reader's to
// write now, where others of the row are.
func (g Gradebook) onlyRead(column int) bool {
	cell := g.row().Cells[column]
	return g.Columns[column].Theirs || cell.Exempt || cell.Closed
}

// groupOf is the group a trait or a remark stands under; "" for a subject.
func groupOf(it evaluation.Item) evaluation.Item {
	if it.Kind() == evaluation.RemarkItem {
		return it
	}
	return it.Group()
}

func (g Gradebook) control(c GradebookColumn) ui.Field {
	f := ui.Field{ID: ID("cell", c.Item, c.Field), Name: c.CellID(), Label: c.Item.Name(), Autocomplete: "off"}
	switch c.Field {
	case evaluation.FieldLevel:
		if g.ofSubjects() {
			f.Label = "Mức đạt được"
		}
		for _, l := range c.Item.Scale() {
			f.Options = append(f.Options, ui.Option{Value: string(l), Label: string(l), More: g.levelName(l)})
		}
		f.Options = append(f.Options, ui.Option{Label: "–", More: "Để trống"})
	case evaluation.FieldMark:
		f.Label, f.Width, f.InputMode = "Điểm KTĐK", "short", "numeric"
		f.Hint = "Số nguyên từ " + strconv.Itoa(g.MarkMin) + " đến " + strconv.Itoa(g.MarkMax)
	case evaluation.FieldRemark:
		f.Rows = 4
		if g.Subject != "" {
			f.Label = "Nhận xét"
		} else {
			f.Label = "Nhận xét: " + lower(c.Item.Name())
		}
	}
	if g.All { // every label names its subject
		f.Label = c.editorName()
	}
	return f
}

func (g Gradebook) levelName(l evaluation.Level) string {
	if g.ofSubjects() {
		return words.SubjectLevel(l)
	}
	return words.TraitLevel(l)
}

// problems lead from the summary to the fields to mend.
func (g Gradebook) problems() []ui.Problem {
	var fields []ui.Field
	for _, f := range g.fields() {
		f.Error = joinedWith(": ", f.Label, f.Error)
		fields = append(fields, f.Field)
	}
	return ui.Problems(fields...)
}

// joinedWith puts sep between a and b; "" when b is empty.
func joinedWith(sep, a, b string) string {
	if b == "" {
		return ""
	}
	return a + sep + b
}

// facts are the values of a pupil that cannot be written; beside a form, those
// that the form has no control for.
func (g Gradebook) facts() []ui.Fact {
	var out []ui.Fact
	for i, c := range g.Columns {
		cell := g.row().Cells[i]
		if cell.None || g.writable() && !g.onlyRead(i) {
			continue
		}
		name := g.control(c).Label
		if s, ok := c.Item.Subject(); ok && g.All {
			name = s.Short() + " · " + lower(g.head(c)) // beside its value there is little room
		}
		f := ui.Fact{Name: name, Value: cell.Value, Soft: c.Field == evaluation.FieldRemark}
		switch {
		case cell.Exempt:
			f.Value = "Miễn"
		case cell.Value == "":
			f.Value, f.Soft = "chưa ghi", true
		case c.Field == evaluation.FieldLevel:
			f.Value = cell.Value + " – " + g.levelName(evaluation.Level(cell.Value))
		}
		out = append(out, f)
	}
	return out
}

// closedNotice says why the pupil's values cannot be written.
func (g Gradebook) closedNotice() ui.Notice {
	n := ui.Notice{Tone: ui.Wait, Icon: ui.IconLock, Title: "Chỉ đọc"}
	switch why := g.row().Locked; {
	case g.State != nil:
		n.Text = words.Message(g.State.Code, g.State.Args)
	case why != nil:
		n.Text = words.Message(why.Code, why.Args)
	case g.exempt():
		n.Text = words.Message("cell.exempt_school", nil)
	case g.row().NotAssessed:
		n.Text = words.Message("cell.pupil_not_assessed", nil)
	default:
		n.Text = "Em này không học môn này."
	}
	return n
}

// save is the button: it also leads on to the next pupil.
func (g Gradebook) save() ui.Action {
	a := ui.Action{Label: "Lưu, sang em tiếp theo", Kind: ui.Primary, Full: true}
	if g.Form.Next == nil {
		a.Label = "Lưu"
	}
	return a
}

func (g Gradebook) done() ui.Status {
	return ui.Status{Tone: ui.OK, Word: "Đã lưu " + g.Form.Done + " lúc " + HourMinute(g.Form.DoneAt)}
}

// tableSwitch leads from the levels to the remarks and back.
type tableSwitch struct {
	label string
	url   string
}

func (g Gradebook) remarkSwitch() *tableSwitch {
	if g.ofSubjects() {
		return nil
	}
	url := TraitsURL(g.Year, g.ClassID, g.Period)
	if g.Remarks {
		return &tableSwitch{"Ghi mức", url}
	}
	return &tableSwitch{"Ghi nhận xét", url + "?show=remarks"}
}
