package views

import (
	"fmt"
	"strconv"

	"hocba/internal/school"
	"hocba/internal/spreadsheet"
	"hocba/views/ui"
	"hocba/views/words"
)

// UnclosedName names the list of pupils without a closed record.
const UnclosedName = "Học sinh chưa có học bạ chốt"

// UnclosedURL is the list of every pupil of the school who has no closed record.
func UnclosedURL(y school.Year) string { return In(y, "summer", "unclosed") }

// UnclosedPupil is a pupil without a closed record, and why.
type UnclosedPupil struct {
	ClassID, RecordID int64
	Class, Name, Code string
	Grade             int
	Track             school.Track
	Reason, Who       string
}

func (p UnclosedPupil) flagged() bool {
	return SummerPupil{Grade: p.Grade}.lastGrade() && p.Track == school.TrackAugust
}

func (p UnclosedPupil) why() string { return words.Unclosed(p.Reason) }

// mends names who can do what is missing: people where the school has to look
// for them, else the office.
func (p UnclosedPupil) mends() string {
	switch p.Reason {
	case "not_approved", "not_issued", "not_sent", "refused", "not_closed", "no_decision":
		return "Hiệu trưởng"
	case "under_way":
		return "Sở"
	case "returned":
		return "Người được trả lại"
	case "no_record":
		return "Quản trị của trường"
	}
	return p.Who
}

// status marks what the school itself can still do.
func (p UnclosedPupil) status() ui.Status {
	s := ui.Status{Tone: ui.Wait, Word: p.why()}
	switch p.Reason {
	case "moved_away", "paper":
		s.Tone = ui.Neutral
	case "refused", "no_plan", "no_decision", "no_record":
		s.Tone = ui.Stop
	}
	return s
}

// UnclosedClass is a class of the list.
type UnclosedClass struct {
	ID     int64
	Name   string
	Pupils []UnclosedPupil
}

// Unclosed is the page of the list.
type Unclosed struct {
	Frame
	Year    school.Year
	Track   school.Track // 0: both
	Pupils  []UnclosedPupil
	Reasons []string // in the order of the chain
	Due     school.Deadline
	Place   string // the school, for the file
}

func (u Unclosed) url() string { return UnclosedURL(u.Year) }

func (u Unclosed) frame() Frame {
	f := u.Frame
	f.Heading = UnclosedName
	f.Lead = fmt.Sprintf("%s của trường chưa có học bạ chốt cho hạn nộp trước ngày %s, cả hai đợt, và vì sao.", pupils(len(u.Pupils)), BeforeDay(u.Due))
	f.Crumbs = []Link{{Label: first(f.UnitShort, f.Unit), URL: YearURL(u.Year)}, {Label: UnclosedName}}
	if len(u.Pupils) > 0 {
		f.Actions = ui.Actions(ui.Action{Label: "Tải về Excel", URL: u.url() + "/list.xlsx", Icon: ui.IconDownload})
	}
	return f
}

// tracks narrow the list to a batch.
func (u Unclosed) tracks() []ui.Filter {
	count := map[school.Track]int{}
	for _, p := range u.Pupils {
		count[p.Track]++
	}
	out := []ui.Filter{{Label: "Tất cả", URL: u.url(), Count: len(u.Pupils), Current: u.Track == 0}}
	for _, t := range []school.Track{school.TrackJune, school.TrackAugust} {
		out = append(out, ui.Filter{Label: "Đợt " + strconv.Itoa(int(t)), URL: u.url() + "?track=" + strconv.Itoa(int(t)), Count: count[t], Current: u.Track == t})
	}
	return out
}

// tallies count the reasons of the pupils shown.
func (u Unclosed) tallies() []ui.Line {
	count := map[string]int{}
	for _, p := range u.shown() {
		count[p.Reason]++
	}
	var out []ui.Line
	for _, r := range u.Reasons {
		if count[r] > 0 {
			out = append(out, ui.Line{Status: ui.Status{Tone: UnclosedPupil{Reason: r}.status().Tone}, Strong: pupils(count[r]) + ":", Text: words.Unclosed(r)})
		}
	}
	return out
}

func (u Unclosed) shown() []UnclosedPupil {
	var out []UnclosedPupil
	for _, p := range u.Pupils {
		if u.Track == 0 || p.Track == u.Track {
			out = append(out, p)
		}
	}
	return out
}

// classes groups the pupils shown, who come by class.
func (u Unclosed) classes() []UnclosedClass {
	var out []UnclosedClass
	for _, p := range u.shown() {
		if len(out) == 0 || out[len(out)-1].ID != p.ClassID {
			out = append(out, UnclosedClass{ID: p.ClassID, Name: p.Class})
		}
		out[len(out)-1].Pupils = append(out[len(out)-1].Pupils, p)
	}
	return out
}

// File is the list as a sheet.
func (u Unclosed) File() spreadsheet.Export {
	e := spreadsheet.Export{Sheet: "Chưa chốt " + string(u.Year), Title: []string{u.Place, UnclosedName, "Năm học " + YearLabel(u.Year)},
		Headings: []string{"STT", "Lớp", "Mã học sinh", "Họ và tên", "Đợt", "Vì sao", "Ai xử lý", "Ghi chú"}, Widths: []float64{5, 8, 14, 26, 6, 36, 36, 20}}
	for i, p := range u.Pupils {
		note := ""
		if p.flagged() {
			note = lastGradeBadge().Word
		}
		e.Rows = append(e.Rows, []any{i + 1, p.Class, p.Code, p.Name, int(p.Track), p.why(), p.mends(), note})
	}
	return e
}
