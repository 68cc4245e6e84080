// Package paper holds the printed forms: the record book of TT 27/2020, Phụ lục
// 1, as a document that Chromium turns into A4 pages, and its year page, which
// the approval page shows on screen with the same markup. The structs hold
// strings ready to print; FromRecord fills them from the signed record. The
// package decides nothing and reads nothing: paper shows what was signed.
package paper

import (
	"strings"
	"unicode/utf8"
)

// Booklet is one printed document: the paper of one issued version, or a
// preview of it.
type Booklet struct {
	Title    string // of the file, such as "Học bạ – Nguyễn Khánh Chi – 2025-2026"
	Demo     bool   // demonstration data: every page says so
	Trial    bool   // signatures without legal value: every page says so
	Preview  bool   // not the final paper: every page says so, no code, no QR
	Foot     Foot   // of cover, guidance and personal page
	Cover    Cover
	Guidance bool // print the page on how the book is filled in
	Personal Personal
	Years    []YearPages
}

// YearPages is a school year in the book with the foot of its pages: every
// year is a version of its own with its own code.
type YearPages struct {
	Year Year
	Foot Foot
}

// Foot is what proves a page: it repeats on each one.
type Foot struct {
	URL     string // in the QR: the look-up address of this version
	Code    string // XXXX-XXXX-XXXX
	Version string // "Bản 1"
	Site    string // where people type the code, such as "hocba.example.vn/tra-cuu"
	Holder  string // "Nguyễn Khánh Chi · Lớp 4A · Năm học 2025 – 2026"
}

// Line is a label and what stands behind it.
type Line struct{ Label, Value string }

// Cover is the first page. Places has the lines that were in use on the day of
// issue: with a district until 30/06/2025, without one after.
type Cover struct {
	Pupil  string
	School string
	Places []Line
}

// Personal is the page of the pupil's data and of the schools attended.
type Personal struct {
	Name, Sex, Birth, Ethnicity, Nationality, BirthPlace, Hometown, Residence string
	Father, Mother, Guardian                                                  string
	History                                                                   []Stay
	Place                                                                     string // "Tam Kỳ, ngày 20 tháng 6 năm 2026"
	Head                                                                      Signer
}

// Stay is one row of QUÁ TRÌNH HỌC TẬP.
type Stay struct{ Year, Class, School, RegisterNo, From string }

// Year is a school year's page: one column of facts, three tables, three
// lines, the signatures.
type Year struct {
	School, SchoolYear           string // "Trường Tiểu học Hoa Phượng", "2025 – 2026"
	Pupil, Class                 string
	Height, Weight               string // "132,5 cm", "28,4 kg"; "" not measured
	Excused, Unexcused           string
	Subjects                     []Row // all fourteen rows of the form, blank where not taught
	Qualities, General, Specific Group
	Overall, Awarded, Completion Cell
	Place                        string // "Tam Kỳ, ngày 20 tháng 6 năm 2026"
	Head, Homeroom               Signer
	Seal                         Signature
	Teachers                     []TeacherSignature
}

// Cell is one value. A changed one is marked on screen, never on paper.
type Cell struct {
	Text    string
	Changed bool
}

// Row is a subject or activity, a quality or a competency.
type Row struct {
	ID     string // code of the item, for anchors and for naming a cell that overflows
	Name   string
	Level  Cell // T H C, T Đ C, or "Miễn"
	Mark   Cell
	Remark Cell   // of a subject; the groups have one remark for all rows
	Note   string // what changed, by whom: "điểm 6 → 8, 18/06, cô Quyên"; screen only
}

// whole and half split a name such as "Nghệ thuật (Âm nhạc)", so that a line
// breaks before the parenthesis and not inside it.
func (r Row) whole() string {
	name, _, _ := strings.Cut(r.Name, " (")
	return name
}

func (r Row) half() string {
	if _, half, ok := strings.Cut(r.Name, " ("); ok {
		return "(" + half
	}
	return ""
}

// Group is a table of qualities or competencies with its one remark.
type Group struct {
	Rows   []Row
	Remark Cell
	Note   string // as in Row, for the remark
}

// Signer is a person in the signature block. The zero signature leaves room
// for a hand.
type Signer struct {
	Caption []string // "HIỆU TRƯỞNG", or "KT. HIỆU TRƯỞNG", "PHÓ HIỆU TRƯỞNG"
	Name    string
	Signed  Signature
}

// Signature is a digital signature as paper reports it.
type Signature struct {
	By string // name in the certificate
	At string // "20/06/2026 09:12"
}

// Done reports whether there is a signature.
func (s Signature) Done() bool { return s.By != "" }

// TeacherSignature is a subject teacher's signature with the subjects covered.
type TeacherSignature struct {
	Signature
	Subjects string // "Tiếng Việt, Toán"
}

// YearOptions say where a year page is shown.
type YearOptions struct {
	Changes    bool // mark changed cells and say what changed: on screen, for approval
	Signatures bool // show the signature block: on paper
}

// class joins a class with the mark of a changed cell.
func (o YearOptions) class(base string, c Cell) string {
	if o.Changes && c.Changed {
		return base + " paper-changed"
	}
	return base
}

// longRemark is the number of characters from which a remark is set in smaller
// type, still legible (10.5 of 12 points), so that the year keeps to its two
// pages more often; longer ones flow on.
const longRemark = 200

// remarkClass is the class of a remark's cell.
func (o YearOptions) remarkClass(c Cell, note string) string {
	class := o.class("paper-remark", Cell{Changed: c.Changed || note != ""})
	if utf8.RuneCountInString(c.Text) > longRemark {
		class += " paper-long"
	}
	return class
}

// noted reports whether a note is to be shown.
func (o YearOptions) noted(note string) bool { return o.Changes && note != "" }

// strip is the warning at the head of each page; "" on the final paper.
func (b Booklet) strip() string {
	var parts []string
	if b.Preview {
		parts = append(parts, "BẢN XEM TRƯỚC – chưa có giá trị")
	}
	switch {
	case b.Demo && b.Trial:
		parts = append(parts, "DỮ LIỆU THỬ, CHỮ KÝ THỬ NGHIỆM – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ")
	case b.Demo:
		parts = append(parts, "DỮ LIỆU THỬ – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ")
	case b.Trial:
		parts = append(parts, "CHỮ KÝ THỬ NGHIỆM – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ")
	}
	return strings.Join(parts, " · ")
}

// historyRows pads the schools attended to the five rows of the form.
func (p Personal) historyRows() []Stay {
	rows := append([]Stay(nil), p.History...)
	for len(rows) < 5 {
		rows = append(rows, Stay{Year: "20…. – 20…."})
	}
	return rows
}
