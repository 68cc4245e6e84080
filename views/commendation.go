package views

import (
	"strconv"
	"strings"
	"time"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// CommendationName names the pages.
const CommendationName = "Khen thưởng"

// FromCommendations tells that a form was sent from the page of commendations.
const FromCommendations = "commendations"

// CommendationsURL is the commendations of a class.
func CommendationsURL(y school.Year, classID int64) string {
	return In(y, "classes", classID, "commendations")
}

// CommendationURL is one commendation of a class.
func CommendationURL(y school.Year, classID, id int64) string {
	return In(y, "classes", classID, "commendations", id)
}

// Commended is a commendation as the record says it.
type Commended struct {
	Kind evaluation.Commendation
	Line string
}

// text is the title with what it is for, as section 5 of the booklet prints it.
func (c Commended) text() string {
	name := words.Award(c.Kind)
	switch {
	case c.Line == "":
		return name
	case c.Kind == evaluation.OtherTitle, strings.Contains(c.Line, name):
		return c.Line
	}
	return name + ": " + c.Line
}

// Commendation is a commendation in a list.
type Commendation struct {
	Commended
	ID        int64
	Revision  int
	Enrolment int64
	Pupil     string
	Birth     school.Date
	Sex       school.Sex
	Class     string
	Overall   evaluation.Overall // as it would be computed now
	Unfit     bool               // the level no longer gives the title
	By        string
	At        time.Time
	Issued    bool // the pupil's record is issued
	Decision  string
	DecidedOn school.Date
	Struck    bool
	EndReason string
	EndBy     string
}

// waits reports whether the principal is still to decide it.
func (c Commendation) waits() bool { return !c.Struck && c.Decision == "" && c.Kind.Decided() }

// statuses tell what became of the commendation, what is wrong first.
func (c Commendation) statuses() []ui.Status {
	var out []ui.Status
	if c.Unfit && !c.Struck {
		out = append(out, ui.Status{Tone: ui.Stop, Icon: ui.IconWarn, Word: "Không còn đi với mức hiện có"})
	}
	switch {
	case c.Struck:
		out = append(out, ui.Status{Tone: ui.Past, Icon: ui.IconBack, Word: "Hiệu trưởng đưa ra khỏi danh sách"})
	case c.Decision != "":
		out = append(out, ui.Status{Tone: ui.OK, Word: "Đã quyết định"})
	case c.Kind.Decided():
		out = append(out, ui.Status{Tone: ui.Wait, Icon: ui.IconClock, Word: "Chờ hiệu trưởng quyết định"})
	default:
		out = append(out, ui.Status{Tone: ui.Neutral, Icon: ui.IconTick, Word: "Đã ghi"})
	}
	return out
}

// more is the second line: the decision, or why it was taken off.
func (c Commendation) more() string {
	switch {
	case c.Struck:
		return "“" + c.EndReason + "” – " + c.EndBy
	case c.Decision != "":
		return decisionWords(c.Decision, c.DecidedOn)
	}
	return joined(c.By, Clock(c.At))
}

// CommendationPupil is a pupil of the class.
type CommendationPupil struct {
	Enrolment   int64
	Name        string
	Grade       int // of a multi-grade class; else 0
	Overall     evaluation.Overall
	NotAssessed bool
	Proposal    evaluation.Commendation // that goes with the level and is not written; "": none
	List        []Commendation
	Closed      string // why nothing can be written about the pupil now; "": it can
}

func (p CommendationPupil) level() string {
	switch {
	case p.NotAssessed:
		return "Không đánh giá"
	case p.Overall == "":
		return "Chưa đủ dữ liệu"
	}
	return words.Overall(p.Overall)
}

// CommendationForm is what is being written about a pupil.
type CommendationForm struct {
	ID       int64 // of one that stands; 0: a new one
	Revision int
	Kind     evaluation.Commendation
	Pupil    int64 // enrolment
	Items    []evaluation.Item
	Agreed   bool
	Reason   string
	Day      string
	Giver    string
	Number   string
	Citable  []evaluation.Item // what a pupil of the grade may be outstanding in
	Error    *fault.Error
}

// ClassCommendations is the page of a class.
type ClassCommendations struct {
	Frame
	Year      school.Year
	ClassID   int64
	Class     string
	Writes    bool // the reader is the homeroom teacher
	First     bool // the principal decides before the page is signed
	Pupils    []CommendationPupil
	Unawarded int
	Form      *CommendationForm // open; nil: none
	Failed    *fault.Error      // of an act without a form
	Done      string
}

func (c ClassCommendations) frame() Frame {
	f := c.Frame
	f.Heading = CommendationName + " · lớp " + c.Class
	f.Lead = "Học sinh Xuất sắc đi theo mức; Tiêu biểu do giáo viên chủ nhiệm đề nghị khi tập thể lớp đã công nhận; khen đột xuất ghi được cả năm (TT 27, Điều 13)."
	f.Crumbs = []Link{{Label: "Lớp " + c.Class}, {Label: CommendationName}}
	if c.Writes {
		f.Crumbs = []Link{{Label: "Lớp " + c.Class, URL: ReviewURL(c.Year, c.ClassID)}, {Label: CommendationName}}
	}
	f.Actions = ui.Actions(commendationFiles(CommendationsURL(c.Year, c.ClassID), "")...)
	if c.failed() != nil {
		f.Title = "Lỗi: " + f.Heading
	}
	return f
}

func (c ClassCommendations) failed() *fault.Error {
	if c.Form != nil && c.Form.Error != nil {
		return c.Form.Error
	}
	return c.Failed
}

func (c ClassCommendations) columns() []ui.Column {
	return []ui.Column{{Label: "Họ và tên"}, {Label: "Mức hiện có"}, {Label: "Khen thưởng trong năm"}}
}

// awards gives the title that follows from the level to all who have it.
func (c ClassCommendations) awards() ui.Action {
	return ui.Action{Label: "Đề nghị Học sinh Xuất sắc cho " + strconv.Itoa(c.Unawarded) + " em", Method: "POST", Kind: ui.Primary,
		URL: ReviewAwardsURL(c.Year, c.ClassID), Fields: []ui.Hidden{{Name: "from", Value: FromCommendations}}}
}

func (c ClassCommendations) formURL(kind evaluation.Commendation, enrolment int64) string {
	return CommendationsURL(c.Year, c.ClassID) + "?kind=" + string(kind) + "&pupil=" + strconv.FormatInt(enrolment, 10) + "#write"
}

// propose offers the title that goes with the level.
func (c ClassCommendations) propose(p CommendationPupil) ui.Action {
	return ui.Action{Label: "Đề nghị " + words.AwardShort(p.Proposal), Hint: p.Name, Small: true, URL: c.formURL(p.Proposal, p.Enrolment)}
}

func (c ClassCommendations) edit(x Commendation) ui.Action {
	return ui.Action{Label: "Sửa", Hint: x.Pupil + ", " + words.AwardShort(x.Kind), Small: true,
		URL: CommendationsURL(c.Year, c.ClassID) + "?edit=" + strconv.FormatInt(x.ID, 10) + "#write"}
}

func (c ClassCommendations) withdraw(x Commendation) ui.Action {
	return ui.Action{Label: "Rút", Hint: x.Pupil + ", " + words.AwardShort(x.Kind), Small: true, Method: "DELETE",
		URL: CommendationURL(c.Year, c.ClassID, x.ID)}
}

// editable reports whether the homeroom teacher may still change it.
func (c ClassCommendations) editable(p CommendationPupil, x Commendation) bool {
	return c.Writes && p.Closed == "" && !x.Struck && x.Decision == ""
}

// closed says why the homeroom teacher finds no button in a pupil's row.
func (c ClassCommendations) closed(p CommendationPupil) string {
	if !c.Writes {
		return ""
	}
	return p.Closed
}

var commendationDone = map[string]string{"written": "commendation.written", "withdrawn": "commendation.withdrawn"}

func (c ClassCommendations) done() string {
	if n, ok := strings.CutPrefix(c.Done, "awarded-"); ok {
		return words.Message("review.awards_given", map[string]string{"count": n})
	}
	if code := commendationDone[c.Done]; code != "" {
		return words.Message(code, nil)
	}
	return ""
}

// begin are the two questions before the form of a kind.
func (c ClassCommendations) begin() (pupil, kind ui.Field) {
	pupil = ui.Field{ID: "begin-pupil", Name: "pupil", Label: "Học sinh", Options: []ui.Option{{Label: "Chọn học sinh"}}}
	for _, p := range c.Pupils {
		if p.Closed == "" {
			pupil.Options = append(pupil.Options, ui.Option{Value: strconv.FormatInt(p.Enrolment, 10), Label: p.Name})
		}
	}
	if n := len(c.Pupils) + 1 - len(pupil.Options); n > 0 {
		pupil.Hint = strconv.Itoa(n) + " em có trang đã ký hoặc đã phát hành nên không ở đây"
	}
	kind = ui.Field{ID: "begin-kind", Name: "kind", Label: "Hình thức", Value: string(evaluation.Special)}
	for _, k := range evaluation.Commendations {
		kind.Options = append(kind.Options, ui.Option{Value: string(k), Label: words.Award(k)})
	}
	return pupil, kind
}

// pupil is whom the open form is about.
func (c ClassCommendations) pupil() CommendationPupil {
	for _, p := range c.Pupils {
		if p.Enrolment == c.Form.Pupil {
			return p
		}
	}
	return CommendationPupil{}
}

func (c ClassCommendations) formTitle() string {
	return words.Award(c.Form.Kind) + " – " + c.pupil().Name
}

func (c ClassCommendations) formAction() string {
	if c.Form.ID != 0 {
		return CommendationURL(c.Year, c.ClassID, c.Form.ID)
	}
	return CommendationsURL(c.Year, c.ClassID)
}

// choices are the subjects and the traits to tick for Tiêu biểu.
func (f CommendationForm) choices() []ui.Field {
	subjects := ui.Field{ID: "items", Name: "items", Label: "Môn học, hoạt động có thành tích nổi bật", Hint: "Chọn ít nhất một ở đây hoặc ở dưới"}
	traits := ui.Field{ID: "traits", Name: "items", Label: "Phẩm chất, năng lực tiến bộ rõ rệt"}
	for _, it := range f.Citable {
		o := ui.Option{Value: string(it), Label: it.Name()}
		for _, chosen := range f.Items {
			o.Selected = o.Selected || chosen == it
		}
		if _, ok := it.Subject(); ok {
			subjects.Options = append(subjects.Options, o)
		} else {
			traits.Options = append(traits.Options, o)
		}
	}
	return []ui.Field{failing(subjects, f.Error, "commendation.items"), traits}
}

func (f CommendationForm) agreed() ui.Field {
	return failing(ui.Field{ID: "agreed", Name: "agreed", Label: "Tập thể lớp đã công nhận", Value: "1", Checked: f.Agreed}, f.Error, "commendation.agreed")
}

// texts are the other fields that the kind has.
func (f CommendationForm) texts() []ui.Field {
	reason := ui.Field{ID: "reason", Name: "reason", Label: "Khen về việc gì", Value: f.Reason, MaxLength: 160, Autocomplete: "off",
		Hint: "In ở mục 5 của học bạ"}
	day := ui.Field{ID: "day", Name: "day", Label: "Ngày", Value: f.Day, Width: "medium", Autocomplete: "off", Hint: "Ngày/tháng/năm, như 12/03/2026"}
	giver := ui.Field{ID: "giver", Name: "giver", Label: "Cơ quan, người khen", Value: f.Giver, MaxLength: 120, Autocomplete: "off"}
	number := ui.Field{ID: "number", Name: "number", Label: "Số quyết định", Value: f.Number, Width: "medium", MaxLength: 50, Autocomplete: "off"}
	switch f.Kind {
	case evaluation.Exemplary, evaluation.Outstanding:
		reason.Label, reason.Hint = "Nói rõ thêm (không bắt buộc)", "In ở mục 5 của học bạ, sau tên danh hiệu"
	case evaluation.Special:
		reason.Label, day.Label = "Thành tích đột xuất", "Ngày có thành tích"
	case evaluation.Higher:
		day.Label = "Ngày quyết định"
	case evaluation.Letter:
		giver.Label, day.Label = "Người viết thư (nếu cần ghi)", "Ngày của thư"
	}
	reason = failing(reason, f.Error, "commendation.reason", "commendation.line")
	fields := []ui.Field{reason}
	if f.Kind == evaluation.Higher || f.Kind == evaluation.Letter {
		fields = append(fields, failing(giver, f.Error, "commendation.giver"))
	}
	if f.Kind == evaluation.Higher {
		fields = append(fields, failing(number, f.Error, "commendation.number"))
	}
	if !f.Kind.YearEnd() {
		fields = append(fields, failing(day, f.Error, "commendation.day"))
	}
	return fields
}

func (c ClassCommendations) problems() []ui.Problem {
	if c.Form == nil || c.Form.Error == nil {
		return problems(c.Failed)
	}
	fields := append(c.Form.texts(), c.Form.agreed())
	return problems(c.Form.Error, append(fields, c.Form.choices()...)...)
}
