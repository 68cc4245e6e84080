package paper

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/school"
)

// Signed is who signed and when, as the verifier read it from the signature.
type Signed struct {
	By string
	At time.Time
}

// Context is what the printed book needs and the record does not say.
type Context struct {
	LookupURL string // address in the QR, with the code
	Site      string // where people type the code, such as "hocba.example.vn/tra-cuu"
	Demo      bool
	Trial     bool // a signature has no legal value
	Preview   bool
	Guidance  bool
	// Signatures by slot; absent ones leave room for a hand.
	Teachers                 map[string]Signed // by teacher's code
	Homeroom, Approval, Seal Signed
}

// FromRecord fills the booklet of one version: cover, personal page, one year.
func FromRecord(r *bundle.Record, c Context) Booklet {
	foot := Foot{
		Holder: strings.Join([]string{r.Content.Pupil.Name, "Lớp " + r.Content.Class.Name, "Năm học " + r.General.Year.Vietnamese()}, " · "),
		Site:   c.Site,
	}
	if !c.Preview {
		foot.URL = c.LookupURL
		foot.Code = printedCode(r.Issuance.Code)
		foot.Version = "Bản " + strconv.Itoa(r.General.Version)
	}
	year := YearOf(r, c)
	return Booklet{
		Title:    "Học bạ – " + r.Content.Pupil.Name + " – " + string(r.General.Year),
		Demo:     c.Demo,
		Trial:    c.Trial,
		Preview:  c.Preview,
		Foot:     foot,
		Cover:    coverOf(r),
		Guidance: c.Guidance,
		Personal: personalOf(r, year),
		Years:    []YearPages{{Year: year, Foot: foot}},
	}
}

// printedCode is the code as paper shows it, in groups of four.
func printedCode(c bundle.Code) string {
	if len(c) != 12 {
		return string(c)
	}
	return string(c[:4] + "-" + c[4:8] + "-" + c[8:])
}

// coverOf chooses the place lines: districts ended on 30/06/2025, and records
// issued after that carry none.
func coverOf(r *bundle.Record) Cover {
	s := r.General.School
	c := Cover{Pupil: r.Content.Pupil.Name, School: s.Name}
	if s.District != "" {
		c.Places = []Line{
			{"Xã (Phường, Thị trấn):", s.Commune},
			{"Huyện (Thành phố, Quận, Thị xã):", s.District},
			{"Tỉnh (Thành phố):", s.Province},
		}
		return c
	}
	c.Places = []Line{{"Xã/Phường/Đặc khu:", s.Commune}, {"Tỉnh (Thành phố):", s.Province}}
	return c
}

func personalOf(r *bundle.Record, y Year) Personal {
	p := r.Content.Pupil
	out := Personal{
		Name: p.Name, Sex: sexName(p.Sex), Birth: p.Birth.Vietnamese(), Ethnicity: p.Ethnicity, Nationality: p.Nationality,
		BirthPlace: p.BirthPlace, Hometown: p.Hometown, Residence: p.Residence,
		Father: p.Father, Mother: p.Mother, Guardian: p.Guardian,
		Place: y.Place, Head: y.Head,
	}
	for _, s := range r.Content.History {
		out.History = append(out.History, Stay{
			Year: s.Year.Vietnamese(), Class: s.Class, School: s.School, RegisterNo: s.RegisterNo, From: s.From.Vietnamese(),
		})
	}
	return out
}

func sexName(s school.Sex) string {
	switch s {
	case school.Male:
		return "Nam"
	case school.Female:
		return "Nữ"
	}
	return ""
}

// YearOf fills the year page from a record, issued or still being written: the
// approval page shows it before there is a version.
func YearOf(r *bundle.Record, c Context) Year {
	content := r.Content
	y := Year{
		School: r.General.School.Name, SchoolYear: content.Year.Vietnamese(),
		Pupil: content.Pupil.Name, Class: content.Class.Name,
		Height: measure(content.HeightMM, 10, "cm"), Weight: measure(content.WeightG, 1000, "kg"),
		Excused: strconv.Itoa(content.Absences.Excused), Unexcused: strconv.Itoa(content.Absences.Unexcused),
		Subjects:  subjectRows(content),
		Qualities: groupOf(evaluation.Qualities, content.Qualities),
		General:   groupOf(evaluation.GeneralCompetencies, content.General),
		Specific:  groupOf(evaluation.SpecificCompetencies, content.Specific),
		Overall:   Cell{Text: overallText(content)}, Awarded: Cell{Text: awardText(content)}, Completion: Cell{Text: completionText(content)},
		Place:    placeAndDate(r.Issuance.Place, r.Issuance.Date),
		Head:     Signer{Caption: captionOf(r.General.Approver.Title), Name: r.General.Approver.Name, Signed: printed(c.Approval)},
		Homeroom: Signer{Name: content.Class.Homeroom.Name, Signed: printed(c.Homeroom)},
		Seal:     printed(c.Seal),
	}
	y.Teachers = teachersOf(content, c.Teachers)
	return y
}

// subjectRows returns the fourteen rows of the form, blank where nothing is taught.
func subjectRows(c bundle.Content) []Row {
	rows := make([]Row, len(school.Subjects))
	for i, s := range school.Subjects {
		rows[i] = Row{ID: string(s), Name: subjectName(s, c.Class)}
	}
	for _, s := range c.Subjects {
		i := s.Subject.Index()
		if i < 0 {
			continue
		}
		rows[i].Level.Text, rows[i].Remark.Text = s.Level, s.Remark
		if s.Exempt {
			rows[i].Level.Text = "Miễn"
		}
		if s.Mark != nil {
			rows[i].Mark.Text = strconv.Itoa(*s.Mark)
		}
	}
	return rows
}

// subjectName adds the language where the form leaves a blank for it.
func subjectName(s school.Subject, c bundle.Class) string {
	switch {
	case s == school.NgoaiNgu1 && c.Language != "":
		return s.Name() + " (" + c.Language + ")"
	case s == school.TiengDanToc && c.Ethnic != "":
		return s.Name() + " (" + c.Ethnic + ")"
	}
	return s.Name()
}

func groupOf(items []evaluation.Item, g bundle.Group) Group {
	levels := make(map[string]string, len(g.Traits))
	for _, t := range g.Traits {
		levels[t.Item] = t.Level
	}
	out := Group{Remark: Cell{Text: g.Remark}}
	for _, it := range items {
		out.Rows = append(out.Rows, Row{ID: string(it), Name: it.Name(), Level: Cell{Text: levels[string(it)]}})
	}
	return out
}

// teachersOf lists the subject teachers' signatures in the order of the rows.
func teachersOf(c bundle.Content, signed map[string]Signed) []TeacherSignature {
	var out []TeacherSignature
	at := map[string]int{}
	for _, s := range c.Subjects {
		sig, ok := signed[s.Teacher.Code]
		if !ok {
			continue
		}
		i, seen := at[s.Teacher.Code]
		if !seen {
			at[s.Teacher.Code] = len(out)
			out = append(out, TeacherSignature{Signature: printed(sig), Subjects: s.Subject.Short()})
			continue
		}
		out[i].Subjects += ", " + s.Subject.Short()
	}
	return out
}

func printed(s Signed) Signature {
	if s.By == "" {
		return Signature{}
	}
	return Signature{By: s.By, At: s.At.In(school.Zone).Format("02/01/2006\u00a015:04")}
}

func captionOf(t bundle.Title) []string {
	if t == bundle.DeputyForHead {
		return []string{"KT. HIỆU TRƯỞNG", "PHÓ HIỆU TRƯỞNG"}
	}
	return []string{"HIỆU TRƯỞNG"}
}

// measure writes n/unit with at most one decimal, a comma before it; "" for 0.
func measure(n, unit int, name string) string {
	if n <= 0 {
		return ""
	}
	tenths := (n*10 + unit/2) / unit
	s := strconv.Itoa(tenths / 10)
	if d := tenths % 10; d != 0 {
		s += "," + strconv.Itoa(d)
	}
	return s + " " + name
}

// placeAndDate is the line above the signatures; dots where a hand would write.
func placeAndDate(place string, d school.Date) string {
	if place == "" {
		place = "……………"
	}
	if d.IsZero() {
		return place + ", ngày …… tháng …… năm 20……"
	}
	month := strconv.Itoa(int(d.Month))
	if d.Month <= time.February { // NĐ 30/2020: 0 before days under 10 and months 1, 2
		month = "0" + month
	}
	return fmt.Sprintf("%s, ngày %02d tháng %s năm %d", place, d.Day, month, d.Year)
}
