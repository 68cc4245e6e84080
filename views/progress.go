package views

import (
	"fmt"
	"strings"
	"time"

	"github.com/a-h/templ"

	"hocba/internal/school"
	"hocba/views/ui"
)

// SchoolProgressURL shows how far the own school is.
func SchoolProgressURL(y school.Year) string { return In(y, "school") }

// AreaURL shows the schools of the own area.
func AreaURL(y school.Year) string { return In(y, "area") }

// AreaUnitURL shows a unit of the own area: its schools, or a school's classes.
func AreaUnitURL(y school.Year, unitID int64) string { return In(y, "area", unitID) }

// Progress is a page of progress: the funnel, who will miss the deadline and
// why, and a table of schools or classes.
type Progress struct {
	Frame
	UnitID   int64
	Title    string // of the funnel: "Toàn trường"
	Total    school.Counts
	AsOf     time.Time // zero: nothing was counted
	Paper    PaperCounts
	Deadline school.Deadline
	DaysLeft int
	Risks    []ProgressRisk
	RiskSize int // of all risks, when only the first are shown
	Of       RowKind
	Rows     []ProgressRow
	Foreign  []string // schools on other software: only what the registry counts
	Idle     []string // schools without any class in the year
	Pages    ui.Pages
	Sort     []Link
	Export   string // address of the .xlsx
	RiskURL  string // address of all risks; empty: all are shown
}

// RowKind says what a row of the table is.
type RowKind string

// The kinds of row.
const (
	OfSchools RowKind = "school"
	OfClasses RowKind = "class"
)

// PaperCounts are the classes that keep paper books: a number of their own.
type PaperCounts struct{ Classes, Pupils int }

// ProgressRow is a school or a class. Left is false when nobody told us the
// school's own half, Right when the registry knows nothing of it either.
type ProgressRow struct {
	Name     string
	Place    string
	PlaceURL string // one level up from the school; empty: no link
	URL      string
	Counts   school.Counts
	Left     bool
	Right    bool
	Paper    PaperCounts
}

// ProgressRisk is a school or class that may miss the deadline.
type ProgressRisk struct {
	Name    string
	Place   string
	URL     string
	Outlook school.Outlook
	Day     school.Date // when it will be done at its pace; zero: unknown
	Step    school.Step // where most wait
	Waiting int
}

// stepNames head the columns; stationNames stand beside the bars.
var (
	stepNames = map[school.Step]string{
		school.StepEntered: "Nhập đủ", school.StepSigned: "Ký đủ", school.StepApproved: "Duyệt",
		school.StepIssued: "Phát hành", school.StepAccepted: "Sở đã nhận", school.StepLocked: "Đã chốt",
	}
	stationNames = map[school.Step]string{school.StepApproved: "Hiệu trưởng duyệt"}
)

// stepWaits says what pupils before a station wait for, and who can move them on.
var stepWaits = map[school.Step][2]string{
	school.StepEntered:  {"em chưa nhập đủ cuối năm", "Giáo viên bộ môn, giáo viên chủ nhiệm"},
	school.StepSigned:   {"em chưa ký đủ", "Giáo viên bộ môn, giáo viên chủ nhiệm"},
	school.StepApproved: {"em chờ hiệu trưởng duyệt", "Hiệu trưởng"},
	school.StepIssued:   {"em đã duyệt, chờ phát hành", "Hiệu trưởng, người giữ con dấu số"},
	school.StepAccepted: {"em đã phát hành, Sở chưa nhận", "Hiệu trưởng nộp gói"},
	school.StepMended:   {"học bạ bị Sở từ chối, chờ sửa", "Quản trị trường, hiệu trưởng"},
	school.StepLocked:   {"em Sở đã nhận, chưa chốt", "Hiệu trưởng chốt lớp"},
}

func station(s school.Step) string { return first(stationNames[s], stepNames[s]) }

// Waits says how many wait for what: "21 em chờ hiệu trưởng duyệt".
func Waits(s school.Step, n int) string { return ui.Number(n) + " " + stepWaits[s][0] }

// Mender says who can move on those who wait at a station.
func Mender(s school.Step) string { return stepWaits[s][1] }

// funnel draws the sum; the narrowest station stands under it in words.
func (p Progress) funnel() ui.FunnelOf {
	f := ui.FunnelOf{Caption: "Từ nhập điểm đến chốt, số học sinh", Total: p.Total.OnRoll, Strong: "Chỗ hẹp nhất:"}
	for _, s := range school.Steps {
		f.Stations = append(f.Stations, ui.Station{Label: station(s), Count: p.Total.At(s)})
	}
	at, n, waits := p.Total.Narrowest(school.StepLocked)
	switch {
	case waits:
		f.Note = Waits(at, n) + "."
	case p.Total.OnRoll == 0:
		f.Strong = ""
	case p.Of == OfSchools:
		f.Strong, f.Note = "Đã xong:", "mọi trường đã chốt."
	default:
		f.Strong, f.Note = "Đã xong:", "mọi lớp đã chốt."
	}
	return f
}

func (p Progress) aside() string {
	return joined(ui.Number(p.Total.OnRoll)+" học sinh", asOf(p.AsOf))
}

func asOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return "tính đến " + HourMinute(t)
}

// notes stand under the funnel: what its numbers leave out.
func (p Progress) notes() []string {
	var out []string
	if p.Total.Returned > 0 {
		out = append(out, ui.Number(p.Total.Returned)+" học bạ đang trả lại cho giáo viên.")
	}
	if p.Total.Refused > 0 {
		out = append(out, ui.Number(p.Total.Refused)+" học bạ bị Sở từ chối, chờ trường sửa.")
	}
	if p.Total.August > 0 {
		out = append(out, ui.Number(p.Total.August)+" em thuộc đợt 2, hạn trước ngày 15/8.")
	}
	if p.Paper.Classes > 0 {
		out = append(out, fmt.Sprintf("Học bạ giấy: %s lớp, %s học sinh – đếm riêng, không tính là trễ.", ui.Number(p.Paper.Classes), ui.Number(p.Paper.Pupils)))
	}
	return out
}

func (p Progress) columns() []ui.Column {
	name := "Trường"
	if p.Of == OfClasses {
		name = "Lớp"
	}
	out := []ui.Column{{Label: name}, {Label: "Học sinh", Num: true}}
	for _, s := range school.Steps {
		out = append(out, ui.Column{Label: stepNames[s], Num: true})
	}
	if p.Of == OfClasses {
		out = append(out, ui.Column{Label: "Chỗ hẹp nhất"})
	}
	return out
}

// station returns the cell of a row at a step: unknown where nobody told us.
func (r ProgressRow) station(s school.Step) ui.Station {
	known := r.Left
	if s == school.StepAccepted || s == school.StepLocked {
		known = r.Right
	}
	return ui.Station{Label: stepNames[s], Count: r.Counts.At(s), Unknown: !known}
}

// onPaper reports whether the row is a class that keeps paper books.
func (r ProgressRow) onPaper() bool { return r.Paper.Classes > 0 && r.Counts.OnRoll == 0 }

func (r ProgressRow) pupils() string {
	if !r.Left {
		return "–"
	}
	if r.onPaper() {
		return ui.Number(r.Paper.Pupils)
	}
	return ui.Number(r.Counts.OnRoll)
}

// paper tells of the classes of a school that keep paper books; "" without any.
func (r ProgressRow) paper() string {
	if r.Paper.Classes == 0 || r.onPaper() {
		return ""
	}
	return fmt.Sprintf("thêm %s lớp giấy, %s em", ui.Number(r.Paper.Classes), ui.Number(r.Paper.Pupils))
}

func (r ProgressRow) narrow() string {
	at, n, ok := r.Counts.Narrowest(school.StepLocked)
	if !ok {
		return ""
	}
	return Waits(at, n)
}

func (r ProgressRow) mender() string {
	at, _, _ := r.Counts.Narrowest(school.StepLocked)
	return Mender(at)
}

// shortDay is a day without its year, "30/06".
func shortDay(d school.Date) string { return fmt.Sprintf("%02d/%02d", d.Day, int(d.Month)) }

// nearDays is from when on a school that does not move is an alarm.
const nearDays = 7

// riskStatus is the badge of a risk. A class has no pace of its own: its
// teachers finish on one day, so it is told how long there is.
func (p Progress) riskStatus(r ProgressRisk) ui.Status {
	if p.Of == OfClasses && r.Outlook != school.Overdue {
		s := ui.Status{Tone: ui.Wait, Icon: ui.IconClock, Word: fmt.Sprintf("Còn %d\u00a0ngày", p.DaysLeft)}
		if p.DaysLeft <= nearDays {
			s.Tone, s.Icon = ui.Stop, ui.IconStop
		}
		return s
	}
	switch r.Outlook {
	case school.Overdue:
		return ui.Status{Tone: ui.Stop, Word: "Đã quá hạn"}
	case school.Late:
		return ui.Status{Tone: ui.Stop, Word: "Trễ: " + shortDay(r.Day)}
	case school.Still:
		if p.DaysLeft > nearDays {
			return ui.Status{Tone: ui.Wait, Icon: ui.IconClock, Word: "Chưa nhích"}
		}
		return ui.Status{Tone: ui.Stop, Word: "Đang đứng"}
	}
	return ui.Status{Tone: ui.Wait, Icon: ui.IconClock, Word: "Sát hạn: " + shortDay(r.Day)}
}

// BeforeDay writes a deadline as the regulation words it, "30/6"; an hour of
// its own is said too.
func BeforeDay(d school.Deadline) string {
	day, whole := d.Words()
	text := fmt.Sprintf("%d/%d", day.Day, int(day.Month))
	if !whole {
		text = HourMinute(d.Due) + " ngày " + text
	}
	return text
}

// LeftUntil says how long there is until a deadline: "Trước ngày 30/6 · còn 10 ngày".
func LeftUntil(d school.Deadline, now time.Time) (string, ui.Tone) {
	before := "Trước ngày " + BeforeDay(d)
	if _, whole := d.Words(); !whole {
		before = "Trước " + BeforeDay(d)
	}
	left := d.DaysLeft(now)
	switch {
	case !now.Before(d.Due):
		return before + " · đã quá hạn", ui.Stop
	case left == 0:
		return before + " · hôm nay là ngày cuối", ui.Stop
	}
	return fmt.Sprintf("%s · còn %d\u00a0ngày", before, left), ui.Wait
}

func (p Progress) riskTitle() string { return "Khó kịp hạn " + BeforeDay(p.Deadline) }

func (p Progress) noRisk() ui.Blank {
	b := ui.Blank{Tone: ui.OK, Icon: ui.IconTick, Title: "Chưa thấy ai khó kịp hạn"}
	switch {
	case p.Total.OnRoll == 0:
		b.Text = "Chưa có học sinh nào để dự báo."
	case p.DaysLeft > 20:
		b.Text = fmt.Sprintf("Còn %d ngày. Dự báo bắt đầu khi trường nộp học bạ, hoặc từ 20 ngày trước hạn.", p.DaysLeft)
	default:
		b.Text = "Theo tốc độ năm ngày làm việc gần nhất, nơi nào cũng kịp."
	}
	return b
}

// left are the names of schools in a sentence, the first few.
func someNames(names []string) string {
	const shown = 3
	if len(names) <= shown {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:shown], ", ") + fmt.Sprintf(" và %d trường nữa", len(names)-shown)
}

// footNotes are the causes of unknown numbers.
func (p Progress) footNotes() []string {
	var out []string
	if len(p.Foreign) > 0 {
		out = append(out, someNames(p.Foreign)+" dùng phần mềm khác: chỉ có số từ khi nộp.")
	}
	if len(p.Idle) > 0 {
		out = append(out, someNames(p.Idle)+" chưa có lớp nào trong năm học này.")
	}
	return out
}

// riskFoot says on what the forecast rests; nil where there is none.
func (p Progress) riskFoot() templ.Component {
	if p.Of == OfClasses {
		return nil
	}
	return riskFoot()
}

// foot is the line under the table; nil when there is nothing to say.
func (p Progress) foot() templ.Component {
	if len(p.footNotes()) == 0 && p.Pages.Last <= 1 {
		return nil
	}
	return progressFoot(p)
}

// ProgressTable is the .xlsx of a page of progress: headings, widths and rows.
func ProgressTable(p Progress) (headings []string, rows [][]any) {
	headings = []string{"Trường", "Xã, phường", "Học sinh"}
	if p.Of == OfClasses {
		headings[0], headings[1] = "Lớp", "Ghi chú"
	}
	for _, s := range school.Steps {
		headings = append(headings, stepNames[s])
	}
	headings = append(headings, "Đang trả lại", "Bị từ chối", "Học sinh lớp giấy", "Chỗ hẹp nhất", "Người gỡ")
	for _, r := range p.Rows {
		row := []any{r.Name, r.Place, nil}
		if r.Left {
			row[2] = r.Counts.OnRoll
		}
		for _, s := range school.Steps {
			if st := r.station(s); st.Unknown {
				row = append(row, "–")
			} else {
				row = append(row, st.Count)
			}
		}
		row = append(row, r.Counts.Returned, r.Counts.Refused, r.Paper.Pupils, r.narrow(), r.mender())
		rows = append(rows, row)
	}
	return headings, rows
}

// ExportFooter is the watermark of everything taken away: who, when.
func ExportFooter(person, role, unit string, at time.Time) string {
	return fmt.Sprintf("Xuất từ %s bởi %s (%s, %s) lúc %s. Lượt xuất được ghi lại.", Product, person, role, unit, Clock(at))
}

// ProgressTitle heads a page of progress and its .xlsx.
func ProgressTitle(place string, y school.Year) string {
	return "Tiến độ học bạ cuối năm · " + place + " · năm học " + YearLabel(y)
}

// ProgressLead is the sentence under the heading.
func ProgressLead(p Progress) string {
	due, done := p.Total.Due(p.Deadline.Track)
	if due == 0 {
		return "Chưa có học sinh nào thuộc đợt này."
	}
	text := fmt.Sprintf("%s trong %s học bạ đã được nhận.", ui.Number(done), ui.Number(due))
	if p.RiskSize > 0 {
		noun := "trường"
		if p.Of == OfClasses {
			noun = "lớp"
		}
		text += fmt.Sprintf(" %s %s khó kịp hạn", ui.Number(p.RiskSize), noun)
		if p.DaysLeft >= 0 {
			text += fmt.Sprintf(", còn %d ngày", p.DaysLeft)
		}
		return text + "."
	}
	if done < due && p.DaysLeft >= 0 {
		text += fmt.Sprintf(" Còn %d ngày tới hạn.", p.DaysLeft)
	}
	return text
}

// ProgressAreaTitle names the sum of an area.
func ProgressAreaTitle(kind school.UnitKind) string {
	switch kind {
	case school.School:
		return "Toàn trường"
	case school.Commune, school.District:
		return "Toàn địa bàn"
	}
	return "Toàn thành phố, tỉnh"
}

// SortSlowest and SortByName order the table of schools.
const (
	SortSlowest = ""
	SortByName  = "name"
)

// ProgressSorts are the ways to order the table of schools.
func ProgressSorts(base, sort string) []Link {
	return []Link{
		{Label: "chậm trước", URL: base, Current: sort != SortByName},
		{Label: "theo tên", URL: base + "?sort=" + SortByName, Current: sort == SortByName},
	}
}

// ShortSchool writes a school's name where there is little room: "TH Hoa
// Phượng" of "Trường Tiểu học Hoa Phượng".
func ShortSchool(name string) string {
	if rest, ok := strings.CutPrefix(name, "Trường Tiểu học "); ok {
		return "TH " + rest
	}
	if rest, ok := strings.CutPrefix(name, "Trường "); ok && rest != "" {
		return rest
	}
	return name
}

// SortKey is the order of the table as its addresses name it.
func (p Progress) SortKey() string {
	if len(p.Sort) == 2 && p.Sort[1].Current {
		return SortByName
	}
	return SortSlowest
}
