package views

import (
	"strconv"

	"hocba/internal/evaluation"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// RemarkChecksName names the list of what the checks found.
const RemarkChecksName = "Soát nhận xét"

// RemarkFound is a remark in which the checks found something.
type RemarkFound struct {
	Enrolment int64
	Name      string
	Item      evaluation.Item
	Text      string
	Codes     []string
	Told      []string // sentences, one a code
	URL       string   // of the row in which it is mended; "": another's
	Teacher   string   // whose it is, when not the reader's
}

// Add says one more thing about the remark.
func (f *RemarkFound) Add(code string, args map[string]string) {
	f.Codes = append(f.Codes, code)
	f.Told = append(f.Told, words.Message(code, args))
}

// foundNames are the kinds of findings, in the order of the filters.
var foundNames = []struct{ code, name string }{
	{"remark.other_pupil", "Tên em khác"}, {"remark.pronoun", "Giới tính"}, {"remark.repeated", "Trùng câu"}, {"remark.praise", "Khen quá mức"},
	{"remark.blame", "Chê quá mức"}, {"remark.praise_mark", "Khen, điểm thấp"}, {"remark.blame_mark", "Chê, điểm cao"}, {"remark.level_mark", "Mức và điểm"}, {"remark.wording", "Lời gán nhãn"}, {"remark.placeholder", "Chưa điền"}, {"remark.too_long", "Dài hơn ô in"},
}

// RemarkChecks is the list of what the checks found in a class.
type RemarkChecks struct {
	Frame
	Year    school.Year
	ClassID int64
	Class   string
	Period  school.Period
	Periods []school.Period
	Code    string // one kind alone
	Found   []RemarkFound
}

func (c RemarkChecks) frame() Frame {
	f := c.Frame
	f.Heading = "Soát nhận xét · lớp " + c.Class
	f.Lead = "Những nhận xét nên đọc lại. Đây là lời nhắc: không có gì bị chặn, và điều thầy/cô đã cân nhắc thì cứ để."
	f.Crumbs = []Link{{Label: "Lớp " + c.Class}, {Label: "Soát nhận xét"}, {Label: words.PeriodShort(c.Period)}}
	return f
}

func (c RemarkChecks) tabs() []ui.Tab {
	var out []ui.Tab
	for _, p := range c.Periods {
		out = append(out, ui.Tab{Label: words.Period(p), Short: words.PeriodShort(p), URL: RemarkChecksURL(c.Year, c.ClassID, p), Current: p == c.Period})
	}
	return out
}

func (c RemarkChecks) has(f RemarkFound, code string) bool {
	for _, k := range f.Codes {
		if k == code {
			return true
		}
	}
	return false
}

func (c RemarkChecks) filters() []ui.Filter {
	url := RemarkChecksURL(c.Year, c.ClassID, c.Period)
	out := []ui.Filter{{Label: "Tất cả", URL: url, Count: len(c.Found), Tone: ui.Neutral, Current: c.Code == ""}}
	for _, k := range foundNames {
		n := 0
		for _, f := range c.Found {
			if c.has(f, k.code) {
				n++
			}
		}
		if n > 0 {
			out = append(out, ui.Filter{Label: k.name, URL: url + "?code=" + k.code, Count: n, Tone: ui.Wait, Current: c.Code == k.code})
		}
	}
	return out
}

// shown are the rows of the chosen kind; of an unknown kind all.
func (c RemarkChecks) shown() []RemarkFound {
	if c.Code == "" {
		return c.Found
	}
	var out []RemarkFound
	for _, f := range c.Found {
		if c.has(f, c.Code) {
			out = append(out, f)
		}
	}
	return out
}

func (c RemarkChecks) blank() ui.Blank {
	return ui.Blank{Title: "Không có gì cần xem lại", Text: "Nhận xét " + lower(words.Period(c.Period)) + " của lớp đã qua các phép soát: tên, giới tính, trùng câu, mức và điểm, giọng văn, chỗ chưa điền, độ dài khi in."}
}

// foundAtOnce is how many findings the signing page shows before it leads on.
const foundAtOnce = 10

func (s Signing) shownFound() []RemarkFound { return s.Found[:min(len(s.Found), foundAtOnce)] }

func foundCount(n int) string { return strconv.Itoa(n) + " nhận xét nên xem lại" }
