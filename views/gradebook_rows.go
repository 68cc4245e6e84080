package views

import (
	"bytes"
	"context"
	"io"
	"strconv"

	"github.com/a-h/templ"

	"hocba/views/ui"
)

// gradebookGroup heads the columns of a group: of a subject, or of qualities
// and competencies.
type gradebookGroup struct {
	name    string
	columns int
	theirs  bool // another teacher writes them
}

// groups are the headings over the columns; tables without have none.
func (g Gradebook) groups() []gradebookGroup {
	var out []gradebookGroup
	for _, c := range g.Columns {
		name := c.Item.Group().Name()
		if s, ok := c.Item.Subject(); ok && g.All {
			name = s.Short()
		}
		if n := len(out); n > 0 && out[n-1].name == name {
			out[n-1].columns++
			continue
		}
		if name != "" {
			out = append(out, gradebookGroup{name, 1, c.Theirs})
		}
	}
	return out
}

// allLead says what of the table of all subjects is the reader's to write.
func (g Gradebook) allLead() string {
	mine, theirs := 0, 0
	for _, group := range g.groups() {
		if group.theirs {
			theirs++
		} else {
			mine++
		}
	}
	switch {
	case mine == 0:
		return "Mức và điểm của mọi môn, để đọc. Giáo viên của từng môn ghi."
	case theirs == 0:
		return "Mức và điểm của mọi môn. Mỗi ô tự lưu."
	}
	return "Mức và điểm của mọi môn. Thầy/cô ghi " + strconv.Itoa(mine) + " môn mình dạy, mỗi ô tự lưu; " +
		strconv.Itoa(theirs) + " môn có khóa do giáo viên khác ghi."
}

// counted reports whether a column behind the values counts the remarks.
func (g Gradebook) counted() bool { return g.kind() == "traits" }

// span is the width of a message row behind its first cell.
func (g Gradebook) span() string {
	n := 1 + len(g.Columns)
	if g.counted() {
		n++
	}
	return strconv.Itoa(n)
}

// class of a cell; most have none, which keeps the page small.
func (c GradebookCell) class() string {
	switch {
	case c.None:
		return "no"
	case c.Exempt:
		return `"no ex"`
	case c.Closed:
		return "shut"
	case c.Optional:
		return "op"
	}
	return ""
}

// gradebookRows are the pupils' rows. They are written by hand: a class has up
// to 35 × 25 cells, and the end tags that HTML lets go (</td>, </th>, </tr>)
// would be a fifth of the whole page.
func gradebookRows(g Gradebook) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		var b bytes.Buffer
		for i, r := range g.Rows {
			if err := g.writeRow(ctx, &b, i, r); err != nil {
				return err
			}
		}
		_, err := w.Write(b.Bytes())
		return err
	})
}

func (g Gradebook) writeRow(ctx context.Context, b *bytes.Buffer, i int, r GradebookRow) error {
	b.WriteString("<tr data-row=" + strconv.FormatInt(r.Enrolment, 10))
	if r.Locked != nil {
		b.WriteString(" class=shut")
	}
	b.WriteString("><td>" + strconv.Itoa(i+1) + `<th scope=row><a href="` + templ.EscapeString(g.rowLink(r.Enrolment)) + `">` +
		templ.EscapeString(r.Name) + "</a>")
	if notes := r.notes(); notes != "" {
		b.WriteString(" <small>" + templ.EscapeString(notes) + "</small>")
	}
	if r.Locked != nil {
		if err := ui.Draw(ui.IconLock).Render(ctx, b); err != nil {
			return err
		}
		b.WriteString("<span class=hidden-word>đã ký</span>")
	}
	for _, c := range r.Cells {
		c.Closed = c.Closed && r.Locked == nil // else the row says it
		c.write(b)
	}
	if g.counted() {
		return remarkCount(r).Render(ctx, b)
	}
	return nil
}

func (c GradebookCell) write(b *bytes.Buffer) {
	b.WriteString("<td")
	if class := c.class(); class != "" {
		b.WriteString(" class=" + class)
	}
	b.WriteByte('>')
	switch {
	case c.None:
		b.WriteString("<span class=hidden-word>không có</span>")
	case c.Exempt:
		b.WriteString(exemptWord)
	default:
		b.WriteString(templ.EscapeString(c.Value))
	}
}
