package views

import (
	"strconv"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// SchoolCommendationsURL is the commendations of the school, or of one of its
// classes as its leaders see them; classID 0 is all.
func SchoolCommendationsURL(y school.Year, classID int64) string {
	if classID == 0 {
		return In(y, "commendations")
	}
	return In(y, "commendations") + "?class=" + strconv.FormatInt(classID, 10)
}

// CommendationOrderURL sets whether decisions come before signatures.
func CommendationOrderURL(y school.Year) string { return In(y, "commendation-order") }

// StrikeURL takes a commendation off the list.
func StrikeURL(y school.Year, id int64) string { return In(y, "commendations", id, "removal") }

// DecisionForm is what was typed into the form of a decision, or of a removal.
type DecisionForm struct {
	Number, Day string
	Resign      bool
	Picks       []string // "id.revision"; nil: everything that fits
	Strike      int64    // the commendation to take off the list; 0: none
	Revision    int
	Reason      string
	Error       *fault.Error
}

// SchoolCommendations is the page of the school's leaders.
type SchoolCommendations struct {
	Frame
	Year    school.Year
	Class   int64 // shown alone; 0: all
	Classes []HomeClass
	Decides bool // the reader is the principal
	Orders  bool // the reader may say whether decisions come before signatures
	First   bool // they do
	Rows    []Commendation
	Form    DecisionForm
	Done    string // decided, struck
	Pupils  int    // of the decision just written
	Without int    // of its commendations, those that the record does not speak of
}

func (s SchoolCommendations) frame() Frame {
	f := s.Frame
	f.Heading = CommendationName
	f.Lead = "Đề nghị của các lớp, quyết định của hiệu trưởng. Học bạ không phải chờ quyết định mới ký được; có quyết định thì dòng khen thưởng ghi thêm số và ngày."
	if s.First {
		f.Lead = "Đề nghị của các lớp, quyết định của hiệu trưởng. Nhà trường quy định: em có đề nghị chờ quyết định thì giáo viên chủ nhiệm chưa ký được trang của em."
	}
	f.Crumbs = []Link{{Label: first(f.UnitShort, f.Unit), URL: YearURL(s.Year)}, {Label: CommendationName}}
	query := ""
	if s.Class != 0 {
		query = "?class=" + strconv.FormatInt(s.Class, 10)
	}
	f.Actions = ui.Actions(commendationFiles(In(s.Year, "commendations"), query)...)
	if s.Form.Error != nil {
		f.Title = "Lỗi: " + f.Heading
	}
	return f
}

func (s SchoolCommendations) classField() ui.Field {
	f := ui.Field{ID: "class", Name: "class", Label: "Lớp", Value: strconv.FormatInt(s.Class, 10), Options: []ui.Option{{Value: "0", Label: "Toàn trường"}}}
	for _, c := range s.Classes {
		f.Options = append(f.Options, ui.Option{Value: strconv.FormatInt(c.ID, 10), Label: c.Name})
	}
	return f
}

func (s SchoolCommendations) waiting() []Commendation {
	return s.those(func(c Commendation) bool { return c.waits() })
}

func (s SchoolCommendations) others() []Commendation {
	return s.those(func(c Commendation) bool { return !c.waits() })
}

func (s SchoolCommendations) those(want func(Commendation) bool) []Commendation {
	var out []Commendation
	for _, c := range s.Rows {
		if want(c) {
			out = append(out, c)
		}
	}
	return out
}

// pick names a commendation as the page showed it.
func (c Commendation) pick() string {
	return strconv.FormatInt(c.ID, 10) + "." + strconv.Itoa(c.Revision)
}

// picked reports whether the row's box is ticked: everything that fits, or
// what was ticked before the form came back.
func (s SchoolCommendations) picked(c Commendation) bool {
	if s.Form.Picks == nil {
		return !c.Unfit
	}
	for _, p := range s.Form.Picks {
		if p == c.pick() {
			return true
		}
	}
	return false
}

func (s SchoolCommendations) strike(c Commendation) ui.Action {
	url := In(s.Year, "commendations") + "?strike=" + strconv.FormatInt(c.ID, 10)
	if s.Class != 0 {
		url += "&class=" + strconv.FormatInt(s.Class, 10)
	}
	return ui.Action{Label: "Đưa ra khỏi danh sách", Hint: c.Pupil + ", " + words.AwardShort(c.Kind), Small: true, URL: url + "#strike"}
}

// removable reports whether the record may still stop speaking of it.
func (s SchoolCommendations) removable(c Commendation) bool { return !c.Struck && !c.Issued }

func (s SchoolCommendations) orderField() ui.Field {
	return ui.Field{ID: "first", Name: "first", Label: "Có quyết định khen thưởng rồi giáo viên chủ nhiệm mới ký", Value: "1", Checked: s.First,
		Hint: "Áp dụng cho Học sinh Xuất sắc, Tiêu biểu và khen đột xuất, từ lần ký kế tiếp. Không chọn: ký trước, quyết định sau cũng được."}
}

// struckRow is the commendation whose removal is being asked for.
func (s SchoolCommendations) struckRow() *Commendation {
	for i := range s.Rows {
		if s.Form.Strike != 0 && s.Rows[i].ID == s.Form.Strike && s.removable(s.Rows[i]) {
			return &s.Rows[i]
		}
	}
	return nil
}

func (s SchoolCommendations) reason() ui.Field {
	return failing(ui.Field{ID: "reason", Name: "reason", Label: "Lý do", Hint: "Giáo viên chủ nhiệm đọc được lý do này", Value: s.Form.Reason, MaxLength: 300,
		Autocomplete: "off"}, s.Form.Error, "commendation.strike_reason")
}

func (s SchoolCommendations) decision() (number, day, resign ui.Field) {
	number = failing(ui.Field{ID: "number", Name: "number", Label: "Số quyết định", Hint: "Như 45/QĐ-THHP", Value: s.Form.Number, MaxLength: 50,
		Autocomplete: "off"}, s.Form.Error, "commendation.decision_number")
	day = failing(ui.Field{ID: "day", Name: "day", Label: "Ngày quyết định", Hint: "Ngày/tháng/năm, như 25/05/2026", Value: s.Form.Day,
		Autocomplete: "off"}, s.Form.Error, "commendation.decision_day")
	resign = ui.Field{ID: "resign", Name: "resign", Label: "Ghi số quyết định cả vào học bạ đã ký", Value: "1", Checked: s.Form.Resign,
		Hint: "Chữ ký của giáo viên chủ nhiệm và của hiệu trưởng ở các học bạ ấy hết hiệu lực, phải ký lại. Không chọn: học bạ đã ký giữ nguyên."}
	return number, day, resign
}

func (s SchoolCommendations) problems() []ui.Problem {
	number, day, _ := s.decision()
	return problems(s.Form.Error, number, day, s.reason())
}

func (s SchoolCommendations) done() (ui.Notice, bool) {
	n := ui.Notice{Tone: ui.OK}
	switch s.Done {
	case "decided":
		n.Title = words.Message("commendation.decided_done", map[string]string{"pupils": strconv.Itoa(s.Pupils)})
		if s.Without > 0 {
			n.Text = words.Message("commendation.without", map[string]string{"count": strconv.Itoa(s.Without)})
		}
	case "order":
		n.Title = words.Message("commendation.order_set", nil)
	case "struck":
		n.Title = words.Message("commendation.struck", nil)
	}
	return n, n.Title != ""
}

// CommendationsTask asks the principal to decide.
func CommendationsTask(n int, b By) Task {
	return Task{Key: "commendations", Count: n, Noun: "đề nghị", Title: "Đề nghị khen thưởng chờ quyết định",
		Detail: "Giáo viên chủ nhiệm đã đề nghị, chờ số và ngày của quyết định.",
		Action: ui.Action{Label: "Xem đề nghị", URL: SchoolCommendationsURL(b.Year, 0)}}
}

// columns of the two lists; a waiting one has a box to tick.
func (s SchoolCommendations) columns(waiting bool) []ui.Column {
	var out []ui.Column
	if waiting && s.Decides {
		out = append(out, ui.Column{Label: "Chọn", Centre: true})
	}
	out = append(out, ui.Column{Label: "Họ và tên"}, ui.Column{Label: "Lớp"}, ui.Column{Label: "Mức hiện có"}, ui.Column{Label: "Khen thưởng"})
	if s.Decides {
		out = append(out, ui.Column{Label: "Việc", Hidden: true})
	}
	return out
}

func (c Commendation) level() string {
	if c.Overall == evaluation.Overall("") {
		return "Chưa đủ dữ liệu"
	}
	return words.Overall(c.Overall)
}
