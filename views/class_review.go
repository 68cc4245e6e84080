package views

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views/ui"
	"hocba/views/words"
)

// ReviewName names the homeroom teacher's page of a class.
const ReviewName = "Bảng tổng hợp"

// ReviewPupilURL is one pupil's page of the review.
func ReviewPupilURL(y school.Year, classID, enrolment int64) string {
	return In(y, "classes", classID, "review", enrolment)
}

// ReviewMeasuresURL is where absences, height and weight of a class are typed.
func ReviewMeasuresURL(y school.Year, classID int64) string {
	return In(y, "classes", classID, "review", "measures")
}

// ReviewAwardsURL takes the commendations that follow from the level alone.
func ReviewAwardsURL(y school.Year, classID int64) string {
	return In(y, "classes", classID, "review", "awards")
}

// ClassReview is a class at the end of its year: what is missing and who can
// mend it, where the pupils stand, one row a pupil.
type ClassReview struct {
	Frame
	Year      school.Year
	ClassID   int64
	Class     string
	Missing   []ReviewMissing
	Rows      []ReviewRow
	Only      string // a part: the table shows the pupils it is missing for; "": all
	Ready     int    // pupils the homeroom teacher can sign now
	Unawarded int    // pupils whose level gives Học sinh Xuất sắc, without it
	Done      string // what was saved just before, in words; empty: nothing
	Period    school.Period
}

// ReviewMissing is one part that keeps pupils of the class from being signed.
type ReviewMissing struct {
	Part      string // element Id, or a place of the page: "traits", "remarks", "absences", "signatures"
	Subject   school.Subject
	Teacher   string
	Own       bool // the person who reads
	Unwritten int  // pupils without values
	Unsigned  int  // pupils whose values stand and are not signed
}

// Share is a part of a whole: what is there of what is asked for.
type Share struct{ Have, Of int }

// Full reports whether nothing is missing.
func (s Share) Full() bool { return s.Have >= s.Of }

func (s Share) String() string { return strconv.Itoa(s.Have) + "/" + strconv.Itoa(s.Of) }

// ReviewRow is a pupil in the class review.
type ReviewRow struct {
	Enrolment    int64
	Name         string
	Grade        int // shown when the class has several; else 0
	Inclusive    bool
	NotAssessed  bool
	HasRecord    bool
	RecordID     int64
	Printing     Printing
	Subjects     Share // levels and marks
	Signed       Share // by their teachers; Of 0: teachers do not sign
	Qualities    Share
	Competencies Share
	Remarks      Share
	Review       evaluation.Review
	Overall      evaluation.Overall
	Wrong        bool // a value contradicts the rule set
	Stage        workflow.Stage
	Commended    []Commended
	Problem      *fault.Error // what on the page contradicts the level
	Missing      []string     // parts, as in ReviewMissing
}

func (c ClassReview) frame() Frame {
	f := c.Frame
	f.Dense = true
	f.Heading = ReviewName + " · lớp " + c.Class
	f.Title = f.Heading
	f.Lead = "Mức chung do hệ thống tính từ các phần đã ghi. Mở tên học sinh để ghi phần chủ nhiệm."
	f.Crumbs = []Link{{Label: "Lớp " + c.Class}, {Label: ReviewName}}
	if len(c.Rows) > 0 {
		f.Actions = ui.Actions(c.actions()...)
	}
	return f
}

// actions are at most two: what is missing first, signing when somebody can be signed.
func (c ClassReview) actions() []ui.Action {
	measures := ui.Action{Label: "Nhập số đo, ngày nghỉ", Icon: ui.IconGrid, URL: ReviewMeasuresURL(c.Year, c.ClassID)}
	sign := ui.Action{Label: "Ký " + strconv.Itoa(c.Ready) + " học sinh", Icon: ui.IconPen, Kind: ui.Primary, URL: SigningURL(c.Year, c.ClassID)}
	if c.Ready == 0 {
		return []ui.Action{measures}
	}
	return []ui.Action{measures, sign}
}

// papers leads to the papers of those whom the registry has accepted.
func (c ClassReview) papers() *ui.Action {
	n := 0
	for _, r := range c.Rows {
		if r.Printing.Final {
			n++
		}
	}
	return classPapers(c.Year, c.ClassID, n)
}

// shown are the rows the table shows.
func (c ClassReview) shown() []ReviewRow {
	if c.Only == "" {
		return c.Rows
	}
	var out []ReviewRow
	for _, r := range c.Rows {
		for _, part := range r.Missing {
			if part == c.Only {
				out = append(out, r)
				break
			}
		}
	}
	return out
}

// place is the pupil's number on the roll.
func (c ClassReview) place(r ReviewRow) string {
	for i := range c.Rows {
		if c.Rows[i].Enrolment == r.Enrolment {
			return strconv.Itoa(i + 1)
		}
	}
	return ""
}

// stations tell where the class stands on its way.
func (c ClassReview) stations() []ui.Station {
	var entered, parts, page, signed, approved int
	for _, r := range c.Rows {
		entered += count(r.HasRecord && r.Subjects.Full() && r.Qualities.Full() && r.Competencies.Full())
		parts += count(r.HasRecord && r.Subjects.Full() && r.Signed.Full())
		page += count(r.HasRecord && r.Remarks.Full() && r.Review[evaluation.ReviewExcused] != "" && r.Review[evaluation.ReviewUnexcused] != "")
		signed += count(r.Stage != "" && r.Stage != workflow.Drafting && r.Stage != workflow.PartSigned && r.Stage != workflow.Returned)
		approved += count(r.Stage == workflow.Approved || r.Stage != "" && !r.Stage.BeforeIssue())
	}
	return []ui.Station{{Label: "Đủ mức và điểm", Count: entered}, {Label: "Giáo viên bộ môn đã ký", Count: parts},
		{Label: "Đủ phần chủ nhiệm", Count: page}, {Label: "Chủ nhiệm đã ký", Count: signed}, {Label: "Hiệu trưởng đã duyệt", Count: approved}}
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// levels are how many pupils have each overall level.
func (c ClassReview) levels() []ui.Fact {
	numbers, not, open := map[evaluation.Overall]int{}, 0, 0
	for _, r := range c.Rows {
		switch {
		case r.NotAssessed:
			not++
		case r.Overall == "":
			open++
		default:
			numbers[r.Overall]++
		}
	}
	var out []ui.Fact
	for _, o := range evaluation.Overalls {
		out = append(out, ui.Fact{Name: words.Overall(o), Value: strconv.Itoa(numbers[o])})
	}
	out = append(out, ui.Fact{Name: "Chưa đủ dữ liệu", Value: strconv.Itoa(open)})
	if not > 0 {
		out = append(out, ui.Fact{Name: "Không đánh giá", Value: strconv.Itoa(not)})
	}
	return out
}

// name is what a missing part is called.
func (m ReviewMissing) name() string {
	switch m.Part {
	case "traits":
		return TraitsName
	case "remarks":
		return "Ba nhận xét phẩm chất, năng lực"
	case "absences":
		return "Số ngày nghỉ"
	case "signatures":
		return "Chữ ký các môn của thầy/cô"
	}
	return m.Subject.Name()
}

// what says what is missing, "8 em chưa ghi đủ, 2 em chưa ký".
func (m ReviewMissing) what() string {
	out := ""
	if m.Unwritten > 0 {
		out = strconv.Itoa(m.Unwritten) + " em chưa ghi đủ"
	}
	if m.Unsigned > 0 {
		if out != "" {
			out += ", "
		}
		out += strconv.Itoa(m.Unsigned) + " em đã ghi, chưa ký"
	}
	return out
}

func (m ReviewMissing) owner() string {
	switch {
	case m.Own:
		return "phần của thầy/cô"
	case m.Teacher == "":
		return "chưa phân công giáo viên: nhờ quản trị của trường"
	}
	return "thầy/cô " + m.Teacher
}

// mend leads the reader to an own part; nil for another's.
func (c ClassReview) mend(m ReviewMissing) *ui.Action {
	if !m.Own {
		return nil
	}
	a := ui.Action{Label: "Ghi tiếp", Small: true, Hint: m.name()}
	switch {
	case m.Part == "traits":
		a.URL = TraitsURL(c.Year, c.ClassID, school.YearEnd)
	case m.Part == "remarks":
		a.URL = TraitsURL(c.Year, c.ClassID, school.YearEnd) + "?show=remarks"
	case m.Part == "absences":
		a.URL = ReviewMeasuresURL(c.Year, c.ClassID)
	case m.Part == "signatures":
		a.Label, a.URL = "Ký", SigningURL(c.Year, c.ClassID)
	default:
		a.URL = GradebookURL(c.Year, c.ClassID, school.YearEnd, m.Subject)
	}
	return &a
}

// onlyURL shows the pupils for whom a part is missing.
func (c ClassReview) onlyURL(part string) string {
	return ReviewURL(c.Year, c.ClassID) + "?only=" + part + "#pupils"
}

// onlyNotice says that the table shows a part of the class.
func (c ClassReview) onlyNotice() ui.Notice {
	name := ""
	for _, m := range c.Missing {
		if m.Part == c.Only {
			name = m.name()
		}
	}
	n := ui.Notice{Tone: ui.Neutral, Title: "Đang hiện " + strconv.Itoa(len(c.shown())) + " em còn thiếu: " + name,
		Action: &ui.Action{Label: "Hiện cả lớp", URL: ReviewURL(c.Year, c.ClassID) + "#pupils", Small: true}}
	if len(c.shown()) == 0 {
		n.Title = "Không em nào còn thiếu phần này"
	}
	return n
}

// awardsForm gives the title that follows from the level to all who have it.
func (c ClassReview) awards() ui.Action {
	return ui.Action{Label: "Ghi Học sinh Xuất sắc cho " + strconv.Itoa(c.Unawarded) + " em", Method: "POST",
		URL: ReviewAwardsURL(c.Year, c.ClassID), Small: true}
}

// commendations leads to the commendations of the class.
func (c ClassReview) commendations() ui.Action {
	return ui.Action{Label: CommendationName, Icon: ui.IconStar, URL: CommendationsURL(c.Year, c.ClassID), Small: true}
}

func (c ClassReview) table() ui.Grid {
	return ui.Grid{ID: "pupils", Caption: "Lớp " + c.Class + ", " + strconv.Itoa(len(c.shown())) + " học sinh", Folds: true,
		Columns: []ui.Column{{Label: "STT", Num: true}, {Label: "Họ và tên"}, {Label: "Môn đã ghi", Centre: true}, {Label: "Đã ký", Centre: true},
			{Label: "PC, NL", Centre: true}, {Label: "Nhận xét", Centre: true},
			{Label: "Nghỉ (phép / không)", Centre: true}, {Label: "Cao, cm", Num: true}, {Label: "Nặng, kg", Num: true},
			{Label: "Mức chung"}, {Label: "Khen"}, {Label: "Lên lớp"}, {Label: "Bước, đợt"}}}
}

func (r ReviewRow) notes() string {
	grade := ""
	if r.Grade > 0 {
		grade = "lớp " + strconv.Itoa(r.Grade)
	}
	notes := joined(grade, wordIf(r.Inclusive, "hòa nhập"), wordIf(r.NotAssessed, "không đánh giá"))
	return notes
}

// wordIf is the word when it applies, else nothing.
func wordIf(yes bool, word string) string {
	if yes {
		return word
	}
	return ""
}

func (r ReviewRow) overall() string {
	switch {
	case r.NotAssessed:
		return "Không đánh giá"
	case r.Wrong:
		return "Có giá trị sai"
	case r.Overall == "":
		return "Chưa đủ dữ liệu"
	}
	return words.Overall(r.Overall)
}

func (r ReviewRow) absences() string {
	excused, unexcused := r.Review[evaluation.ReviewExcused], r.Review[evaluation.ReviewUnexcused]
	if excused == "" && unexcused == "" {
		return ""
	}
	return first(excused, "?") + " / " + first(unexcused, "?")
}

func (r ReviewRow) award() string {
	var out []string
	for _, c := range r.Commended {
		out = append(out, words.AwardShort(c.Kind))
	}
	return first(strings.Join(out, ", "), "–")
}

// completion says in a word whether the pupil moves up.
func (r ReviewRow) completion() string { return completionOf(r)[0] }

// completionLong says whether the pupil completes the grade, and moves up.
func (r ReviewRow) completionLong() string { return completionOf(r)[1] }

// completionOf words what follows from the level, or was decided where the law
// leaves a decision (TT 27/2020, Điều 11).
func completionOf(r ReviewRow) [2]string {
	promoted := r.Review[evaluation.ReviewPromoted]
	switch {
	case r.Overall == "" && !r.NotAssessed:
		return [2]string{"–", "Chưa đủ dữ liệu"}
	case evaluation.Completes(r.Overall):
		return [2]string{"Lên lớp", "Hoàn thành chương trình lớp học, lên lớp"}
	case r.NotAssessed && r.Review[evaluation.ReviewCompleted] == "1":
		return [2]string{"Lên lớp", "Hoàn thành chương trình lớp học (quyết định của nhà trường)"}
	case promoted == "1":
		return [2]string{"Được lên lớp", "Chưa hoàn thành chương trình lớp học, được lên lớp"}
	case promoted == "0":
		return [2]string{"Chưa lên lớp", "Chưa hoàn thành chương trình lớp học, chưa được lên lớp"}
	}
	return [2]string{"Chờ quyết định", "Chưa hoàn thành chương trình lớp học, chờ quyết định lên lớp"}
}

// traits is the qualities and competencies together.
func (r ReviewRow) traits() Share {
	return Share{r.Qualities.Have + r.Competencies.Have, r.Qualities.Of + r.Competencies.Of}
}

func (r ReviewRow) stage() ui.Status {
	if !r.HasRecord {
		return StageStatus("none")
	}
	return StageStatus(r.Stage)
}

func (r ReviewRow) problem() ui.Status {
	return ui.Status{Tone: ui.Wait, Word: words.Contradiction(r.Problem.Code)}
}

// ReviewText is a value of a review as people write it: centimetres and
// kilograms with a decimal comma, dates as dd/MM/yyyy.
func ReviewText(f evaluation.ReviewField, stored string) string {
	n, err := strconv.Atoi(stored)
	switch {
	case f == evaluation.ReviewHeight && err == nil:
		return decimal(n, 10)
	case f == evaluation.ReviewWeight && err == nil:
		return decimal(n, 1000)
	case f == evaluation.ReviewReassessedOn:
		if d, err := school.ParseDate(stored); err == nil {
			return d.Vietnamese()
		}
	}
	return stored
}

// decimal writes n parts of which per make a whole, "132,5"; zeros at the end
// are left out.
func decimal(n, per int) string {
	out := strconv.Itoa(n / per)
	rest := n % per
	if rest == 0 {
		return out
	}
	out += ","
	for per /= 10; rest > 0; per /= 10 {
		out += strconv.Itoa(rest / per)
		rest %= per
	}
	return out
}

func (r ReviewRow) value(f evaluation.ReviewField) string { return ReviewText(f, r.Review[f]) }

// doneLine says what was saved just before.
func doneLine(text string) templ.Component {
	return ui.Inline(ui.Status{Tone: ui.OK, Word: text})
}
