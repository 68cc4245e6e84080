package paper

import (
	_ "embed" // for class_table.css
	"fmt"
	"strings"

	"github.com/a-h/templ"

	"hocba/internal/paper/fonts"
)

// ClassTables is a document of class tables (TT 27/2020, Phụ lục 2), each
// beginning on a page of its own: one, or one a grade in a multi-grade class.
type ClassTables struct {
	Title  string // of the file
	Demo   bool   // demonstration data: every page says so
	Foot   string // who took the table away and when: on every page
	Tables []ClassTable
}

// ClassTable is one form of the class table, ready to print.
type ClassTable struct {
	Form           string // "Mẫu 7"
	Commune        string // above the school's name
	School         string
	Heading        string // the official name
	Period         string // "Cuối năm học"
	Class          string // "Lớp 4A · Năm học 2025 – 2026"
	Heads          [3][]ClassHead
	Widths         []ClassWidth // of the columns behind the pupil's own
	Rows           []ClassLine
	Place          string // "…, ngày … tháng … năm 20…"
	Homeroom, Head string // names under the signatures; "" leaves room for a hand
}

// ClassHead is a heading of the class table; Upright ones are written from
// bottom to top, since their column is narrow.
type ClassHead struct {
	Text       string
	Cols, Rows int
	Upright    bool
}

// ClassWidth is how wide a column is.
type ClassWidth int

// The widths: a letter or number, a title, a note.
const (
	NarrowColumn ClassWidth = iota
	TitleColumn
	NoteColumn
)

// ClassLine is a pupil's row.
type ClassLine struct {
	Number, Name, Birth, Sex string
	// Group makes the line a heading between rows, over all columns.
	Group string
	Cells []string
	Left  bool // printed grey: the pupil is no longer in the class
}

// a4Columns and a4Rows are what an A4 sheet across still shows legibly and on
// one page; more needs A3, as schools print the year-end's forms.
const (
	a4Columns = 26
	a4Rows    = 12
)

// large reports whether the table needs A3.
func (t ClassTable) large() bool { return len(t.Widths) > a4Columns || len(t.Rows) > a4Rows }

// page is the class of the table's pages and the name of their page rule.
func (t ClassTable) page() string {
	if t.large() {
		return "class-a3"
	}
	return "class-a4"
}

//go:embed class_table.css
var classCSS string

// classSheet is the document's style: typeface, form, the foot of each page.
func classSheet(d ClassTables) templ.Component {
	var css strings.Builder
	css.WriteString("<style>" + fonts.CSS() + classCSS)
	strip := "none"
	if d.Demo {
		strip = cssString(Booklet{Demo: true}.strip())
	}
	for _, size := range []struct{ name, paper string }{{"class-a4", "297mm 210mm"}, {"class-a3", "420mm 297mm"}} {
		fmt.Fprintf(&css, ".%s{page:%s}\n@page %s{size:%s;@top-center{content:%s}@bottom-left{content:%s}@bottom-right{content:%s}}\n",
			size.name, size.name, size.name, size.paper, strip, cssString(d.Foot), `"Trang " counter(page) "/" counter(pages)`)
	}
	css.WriteString("</style>")
	return templ.Raw(css.String())
}

func (h ClassHead) class() string {
	if h.Upright {
		return "class-upright"
	}
	return ""
}

func (w ClassWidth) class() string {
	switch w {
	case TitleColumn:
		return "class-title-column"
	case NoteColumn:
		return "class-note-column"
	}
	return ""
}

func (h ClassHead) scope() string {
	if h.Cols > 1 {
		return "colgroup"
	}
	return "col"
}
