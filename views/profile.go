package views

import (
	"fmt"
	"strings"
	"time"

	"hocba/internal/fault"
	"hocba/internal/profile"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// ProfileName is what the pages of pupils' files are called.
const ProfileName = "Hồ sơ học sinh"

// ProfilesURL is the round of a class: its pupils' files.
func ProfilesURL(y school.Year, classID int64) string { return In(y, "classes", classID, "profiles") }

// ProfileURL is one pupil's file.
func ProfileURL(y school.Year, classID, pupilID int64) string {
	return In(y, "classes", classID, "profiles", pupilID)
}

// ProfileSheetsURL prints the files of a class for the families.
func ProfileSheetsURL(y school.Year, classID int64) string {
	return In(y, "classes", classID, "profiles", "sheets.pdf")
}

// ProfileSheetURL prints one pupil's file for the family.
func ProfileSheetURL(y school.Year, classID, pupilID int64) string {
	return In(y, "classes", classID, "profiles", pupilID, "sheet.pdf")
}

// Profiles is the round of a class.
type Profiles struct {
	Frame
	Year    school.Year
	ClassID int64
	Class   string
	Keeps   bool // the person may change the files
	Today   school.Date
	Rows    []ProfileRow
	Done    string // sheets: the number of sheets ticked off
	Error   string // why sheets were not ticked off
	On      string // the day typed
	Chosen  map[int64]bool
}

// ProfileRow is a pupil in the round.
type ProfileRow struct {
	PupilID   int64
	Name      string
	Code      string
	Birth     school.Date
	Gaps      []profile.Gap
	Waiting   int
	CheckedAt time.Time
	CheckedBy string
	SheetOn   school.Date
}

func (p Profiles) frame() Frame {
	f := p.Frame
	f.Heading, f.Title = ProfileName, ProfileName+" "+p.Class
	f.Lead = "Đối chiếu hồ sơ của từng em với giấy tờ vào đầu năm học, và ngay khi có thay đổi. Gia đình xem phiếu in và ký."
	f.Crumbs = []Link{{Label: "Lớp " + p.Class}, {Label: ProfileName}}
	f.Actions = ui.Actions(p.actions()...)
	return f
}

// actions lead to the first pupil whom nobody has checked, and to the sheets.
func (p Profiles) actions() []ui.Action {
	var out []ui.Action
	if len(p.Rows) == 0 {
		return nil
	}
	if r := p.next(); r != nil && p.Keeps {
		out = append(out, ui.Action{Label: "Kiểm tra tiếp: " + ShortName(r.Name), URL: ProfileURL(p.Year, p.ClassID, r.PupilID), Kind: ui.Primary})
	}
	return append(out, ui.Action{Label: "In phiếu cả lớp", URL: ProfileSheetsURL(p.Year, p.ClassID), Icon: ui.IconPaper})
}

func (p Profiles) next() *ProfileRow {
	for i := range p.Rows {
		if p.Rows[i].CheckedAt.IsZero() {
			return &p.Rows[i]
		}
	}
	return nil
}

// count counts rows.
func (p Profiles) count(is func(ProfileRow) bool) int {
	n := 0
	for _, r := range p.Rows {
		if is(r) {
			n++
		}
	}
	return n
}

func (p Profiles) checked() int {
	return p.count(func(r ProfileRow) bool { return !r.CheckedAt.IsZero() })
}

func (p Profiles) signed() int {
	return p.count(func(r ProfileRow) bool { return !r.SheetOn.IsZero() })
}

func (p Profiles) meter() ui.Meter {
	rest := p.count(func(r ProfileRow) bool { return len(r.Gaps) > 0 })
	text := fmt.Sprintf("Gia đình đã ký phiếu %d/%d", p.signed(), len(p.Rows))
	if rest > 0 {
		text += fmt.Sprintf(" · %d em còn thiếu thông tin", rest)
	}
	return ui.Meter{ID: "round", Done: p.checked(), Total: len(p.Rows), Strong: fmt.Sprintf("Đã kiểm tra %d/%d", p.checked(), len(p.Rows)), Text: text}
}

// unsigned reports whether a family's sheet can still be ticked off.
func (p Profiles) unsigned() bool { return p.Keeps && p.signed() < len(p.Rows) }

func (p Profiles) onField() ui.Field {
	value := p.On
	if value == "" {
		value = p.Today.Vietnamese()
	}
	return ui.Field{ID: "sheet-on", Name: "on", Label: "Ngày gia đình ký", Value: value, Error: p.Error}
}

func (p Profiles) box(r ProfileRow) string {
	return "Đã nhận phiếu của " + r.Name
}

// gaps are what the file lacks, in a few words.
func (r ProfileRow) gaps() []string {
	var out []string
	for _, g := range r.Gaps {
		out = append(out, gapText(g))
	}
	return out
}

// gapText names the field and what it lacks.
func gapText(g profile.Gap) string {
	text := words.ProfileGap(g.Code, g.Args)
	if g.Code == "profile.gap_parents" {
		return upper(text)
	}
	return words.ProfileField(g.Field) + ": " + text
}

// upper writes the first letter large.
func upper(s string) string {
	for i, r := range s {
		return strings.ToUpper(string(r)) + s[i+len(string(r)):]
	}
	return s
}

func (r ProfileRow) check() ui.Status {
	if r.CheckedAt.IsZero() {
		return ui.Status{Tone: ui.Neutral, Word: "Chưa"}
	}
	return ui.Status{Tone: ui.OK, Word: "Đã kiểm tra"}
}

func (r ProfileRow) checkedBy() string {
	if r.CheckedAt.IsZero() {
		return ""
	}
	return joined(Day(r.CheckedAt), r.CheckedBy)
}

func (r ProfileRow) waits() ui.Status {
	return ui.Status{Tone: ui.Wait, Icon: ui.IconClock, Word: fmt.Sprintf("%d mục chờ xác nhận", r.Waiting)}
}

// RoundTask asks the homeroom teacher to go on with the round.
func RoundTask(classID int64, class string, checked, pupils int, b By) Task {
	return Task{Key: fmt.Sprintf("profiles-%d", classID), Count: pupils - checked, Noun: "học sinh",
		Title:  "Hồ sơ học sinh lớp " + class + " chờ kiểm tra",
		Detail: fmt.Sprintf("Đã kiểm tra %d/%d. Đối chiếu với giấy tờ, ghi phần còn thiếu, in phiếu cho gia đình ký.", checked, pupils),
		Action: ui.Action{Label: "Kiểm tra hồ sơ", URL: ProfilesURL(b.Year, classID)}}
}

// Sentence is what a fault says to people.
func Sentence(f *fault.Error) string { return words.Message(f.Code, f.Args) }

// Quoted writes a value inside a sentence; an empty one says so.
func Quoted(v string) string { return quoted(v) }
