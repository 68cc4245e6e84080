package views

import (
	"fmt"
	"strings"
	"time"

	"hocba/internal/evaluation"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// Returned is a part that was sent back to the person.
type Returned struct {
	ClassID   int64
	ClassName string
	Pupil     string
	Item      string // subject code; empty: the homeroom teacher's page
	Reason    string
	Role      string // of who returned it
	At        time.Time
}

// By is what a task needs to speak of time: the year, the deadline it counts
// towards, and now.
type By struct {
	Year     school.Year
	Deadline school.Deadline
	Now      time.Time
}

func (b By) due(t Task) Task {
	t.Due, t.DueTone = LeftUntil(b.Deadline, b.Now)
	return t
}

// pupils writes a number of pupils.
func pupils(n int) string { return ui.Number(n) + " em" }

// PartSubject returns the subject of a part's element Id; ok is false for the
// homeroom teacher's page.
func PartSubject(part string) (school.Subject, bool) {
	return school.ParseSubject(strings.TrimPrefix(part, "mon-"))
}

// partName names a part inside a sentence.
func partName(item string) string {
	if item == "" {
		return "Phần chủ nhiệm"
	}
	return school.Subject(item).Short()
}

// listed joins the first few and says how many more there are.
func listed(items []string, most int, sep, more string) string {
	if len(items) <= most {
		return strings.Join(items, sep)
	}
	return strings.Join(items[:most], sep) + sep + fmt.Sprintf("và %d %s nữa", len(items)-most, more)
}

// ReturnedTask asks to answer what was sent back in a class, the oldest first.
func ReturnedTask(list []Returned, b By) Task {
	oldest := list[0]
	var parts []string
	for _, r := range list {
		parts = append(parts, fmt.Sprintf("%s – %s: “%s”.", partName(r.Item), r.Pupil, strings.TrimRight(r.Reason, ". ")))
	}
	t := Task{Key: fmt.Sprintf("return-%d", oldest.ClassID), Count: len(list), Noun: "phần",
		Title:  words.Role(oldest.Role) + " trả lại, chờ thầy/cô sửa",
		Detail: listed(parts, 2, " ", "phần"),
		Notes:  []ui.Status{{Tone: ui.Past, Icon: ui.IconBack, Word: "Trả lại " + ago(oldest.At, b.Now)}},
		Action: ui.Action{Label: "Mở phần trả lại", URL: SigningURL(b.Year, oldest.ClassID)}}
	if oldest.Role == "teacher" {
		t.Title = "Giáo viên chủ nhiệm trả lại, chờ thầy/cô sửa"
	}
	if school.DateOf(oldest.At).Before(school.DateOf(b.Now)) {
		t.Due, t.DueTone = "Nên xong hôm nay", ui.Stop
	}
	return t
}

// ago writes an instant of the last days as people say it.
func ago(at, now time.Time) string {
	day, today := school.DateOf(at), school.DateOf(now)
	switch day {
	case today:
		return "hôm nay " + HourMinute(at)
	case school.DateOf(now.AddDate(0, 0, -1)):
		return "hôm qua " + HourMinute(at)
	}
	return "ngày " + shortDay(day)
}

// SignTask offers to sign the person's parts in a class. again is how many of
// the pupils changed after they were signed.
func SignTask(classID int64, class string, n, again int, b By) Task {
	return b.due(Task{Key: fmt.Sprintf("sign-%d", classID), Count: n, Noun: "học sinh",
		Title:  "Lớp " + class + " chờ thầy/cô ký",
		Detail: fmt.Sprintf("Phần của %s đã đủ và không lỗi. Ký một lần cho cả %s.", pupils(n), pupils(n)),
		Notes:  changedSince(again),
		Action: ui.Action{Label: fmt.Sprintf("Ký %d học sinh", n), URL: SigningURL(b.Year, classID)}})
}

// changedSince says how many of the pupils are to be signed again.
func changedSince(again int) []ui.Status {
	if again == 0 {
		return nil
	}
	return []ui.Status{{Tone: ui.Past, Icon: ui.IconHistory, Word: fmt.Sprintf("%s đổi nội dung sau khi ký: xem chỗ đổi rồi ký lại", pupils(again))}}
}

// SignPageTask offers to sign the homeroom teacher's page of the own class.
func SignPageTask(classID int64, class string, n, again int, b By) Task {
	return b.due(Task{Key: fmt.Sprintf("sign-page-%d", classID), Count: n, Noun: "học sinh",
		Title:  "Phần chủ nhiệm lớp " + class + " chờ thầy/cô ký",
		Detail: fmt.Sprintf("%s đã đủ kết quả và chữ ký của giáo viên bộ môn.", pupils(n)),
		Notes:  changedSince(again),
		Action: ui.Action{Label: fmt.Sprintf("Ký %d học sinh", n), URL: SigningURL(b.Year, classID)}})
}

// Empty counts the empty cells of an item in a class.
type Empty struct {
	Item   evaluation.Item
	Cells  int
	Pupils int
}

// ClassRef names a class; Traits tells that its qualities and competencies are
// meant.
type ClassRef struct {
	ID     int64
	Name   string
	Traits bool
}

// OpenPeriod is a period that is open for entry, until Closes.
type OpenPeriod struct {
	Period school.Period
	Closes time.Time
}

// EmptyTask asks to write what is missing in a subject of a class, or in the
// qualities and competencies of the own class.
func EmptyTask(c ClassRef, list []Empty, at By, open OpenPeriod) Task {
	t := Task{Noun: "ô trống", Action: ui.Action{Label: "Nhập tiếp"}}
	var parts []string
	for _, e := range list {
		t.Count += e.Cells
		name := e.Item.Name()
		if e.Item.Kind() == evaluation.RemarkItem {
			name = "Nhận xét " + strings.ToLower(name)
		}
		parts = append(parts, name+": "+pupils(e.Pupils))
	}
	if c.Traits {
		t.Key, t.Title = fmt.Sprintf("traits-%d", c.ID), "Phẩm chất và năng lực "+c.Name+" chưa đủ · "+words.Period(open.Period)
		t.Detail, t.Action.URL = listed(parts, 3, ". ", "mục")+".", TraitsURL(at.Year, c.ID, open.Period)
	} else {
		s := school.Subject(list[0].Item)
		t.Key, t.Title = fmt.Sprintf("cells-%d-%s", c.ID, s), s.Short()+" "+c.Name+" chưa đủ · "+words.Period(open.Period)
		t.Detail, t.Action.URL = pupils(list[0].Pupils)+" còn ô chưa ghi.", GradebookURL(at.Year, c.ID, open.Period, s)
	}
	t.Due, t.DueTone = closing(open.Closes, at.Now)
	return t
}

// closing says when an entry window closes.
func closing(at, now time.Time) (string, ui.Tone) {
	last := at.Add(-time.Minute)
	days := daysBetween(now, last)
	text := "Khóa nhập " + HourMinute(last) + " ngày " + shortDay(school.DateOf(last))
	switch {
	case days == 0:
		return text + " · hôm nay", ui.Stop
	default:
		return fmt.Sprintf("%s · còn %d\u00a0ngày", text, days), ui.Wait
	}
}

func daysBetween(from, to time.Time) int {
	a, b := school.DateOf(from).Start(), school.DateOf(to).Start()
	return int(b.Sub(a).Hours() / 24)
}

// Unsigned is a part of the own class that its teacher has not signed.
type Unsigned struct {
	Item    evaluation.Item
	Teacher string
	Pupils  int
}

// UnsignedTask tells the homeroom teacher who has not signed in the own class.
func UnsignedTask(classID int64, class string, list []Unsigned, b By) Task {
	people, parts := map[string]bool{}, []string{}
	for _, u := range list {
		people[u.Teacher] = true
		who := u.Teacher
		if who == "" {
			who = "chưa phân công"
		}
		parts = append(parts, fmt.Sprintf("%s %s (%s)", school.Subject(u.Item).Short(), pupils(u.Pupils), who))
	}
	return Task{Key: fmt.Sprintf("unsigned-%d", classID), Count: len(people), Noun: "thầy, cô", Title: "Chưa ký phần của lớp " + class,
		Detail: listed(parts, 4, " · ", "môn") + ".", Action: ui.Action{Label: "Xem bảng tổng hợp", URL: ReviewURL(b.Year, classID)}}
}

// ClassStations says where a class stands on its way, for the side of the page.
func ClassStations(class string, c school.Counts, at time.Time) ClassProgress {
	return ClassProgress{Title: "Lớp " + class + " đang ở đâu", Total: c.OnRoll, AsOf: hourOf(at), Stations: []ui.Station{
		{Label: "Đã nhập đủ", Count: c.Entered}, {Label: "Giáo viên bộ môn ký", Count: c.PartsSigned},
		{Label: "Chủ nhiệm ký", Count: c.Signed}, {Label: "Hiệu trưởng duyệt", Count: c.Approved},
		{Label: "Đã phát hành", Count: c.Issued}, {Label: "Sở đã nhận", Count: c.Accepted}, {Label: "Đã chốt", Count: c.Locked}}}
}

// hourOf writes when something was counted; "" when nobody knows.
func hourOf(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return HourMinute(at)
}

// SchoolStations says where the whole school stands.
func SchoolStations(c school.Counts, at time.Time, url string) ClassProgress {
	p := ClassStations("", c, at)
	p.Title, p.URL = "Trường đang ở đâu", url
	return p
}

// SubmitDeadline is the deadline of submission as the side of the page shows it.
func SubmitDeadline(d school.Deadline, now time.Time) Deadline {
	day, whole := d.Words()
	out := Deadline{At: d.Due, Day: shortDay(day), Text: "Nộp Sở", Strong: "trước ngày " + BeforeDay(d), Past: !now.Before(d.Due),
		More: "muộn nhất " + HourMinute(d.LastInstant()) + " ngày " + shortDay(school.DateOf(d.LastInstant()))}
	if !whole {
		out.Strong = "trước " + BeforeDay(d)
	}
	if d.Track == school.TrackAugust {
		out.Text = "Nộp Sở đợt 2"
	}
	return out
}

// ReportDeadline is the Sở's own deadline towards the Bộ.
func ReportDeadline(d school.Deadline, now time.Time) Deadline {
	out := SubmitDeadline(d, now)
	out.Text = "Báo cáo Bộ"
	if d.Track == school.TrackAugust {
		out.Text = "Báo cáo Bộ đợt 2"
	}
	return out
}

// WindowDeadline is the end of an entry window.
func WindowDeadline(p school.Period, closes, now time.Time) Deadline {
	last := closes.Add(-time.Minute)
	return Deadline{At: last, Day: shortDay(school.DateOf(last)), Text: "Khóa nhập " + strings.ToLower(words.Period(p)),
		More: "của trường, " + HourMinute(last), Past: !now.Before(closes)}
}

// ClosingDeadline is the end of the time for chốt that the Sở opened.
func ClosingDeadline(track school.Track, ends, now time.Time) Deadline {
	last := ends.Add(-time.Minute)
	out := Deadline{At: last, Day: shortDay(school.DateOf(last)), Text: "Hết thời gian chốt", More: "đợt 1, của Sở, " + HourMinute(last), Past: !now.Before(ends)}
	if track == school.TrackAugust {
		out.More = "đợt 2, của Sở, " + HourMinute(last)
	}
	return out
}

// ClosingUntil says until when schools may close: "Trước 17:00 ngày 29/06 · còn 3 ngày".
func ClosingUntil(ends, now time.Time) (string, ui.Tone) {
	last := ends.Add(-time.Minute)
	text := "Trước " + HourMinute(last) + " ngày " + shortDay(school.DateOf(last))
	if days := daysBetween(now, last); days > 0 {
		return fmt.Sprintf("%s · còn %d\u00a0ngày", text, days), ui.Wait
	}
	return text + " · hôm nay", ui.Stop
}

// AreaStations says where all schools of an area stand together.
func AreaStations(c school.Counts, at time.Time, url string) ClassProgress {
	p := SchoolStations(c, at, url)
	p.Title, p.Noun = "Các trường đang ở đâu", "học sinh"
	return p
}

// OrdersTask asks the administrator to carry out the principal's orders.
func OrdersTask(n int, b By) Task {
	return Task{Key: "entry-orders", Count: n, Noun: "lệnh", Title: "Lệnh mở nhập chờ thực hiện",
		Detail: "Hiệu trưởng đã ra lệnh. Giáo viên ghi được khi quản trị của trường mở.",
		Action: ui.Action{Label: "Xem lệnh", URL: EntryWindowsURL(b.Year)}}
}
