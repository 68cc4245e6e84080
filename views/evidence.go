package views

import (
	"fmt"
	"strconv"
	"time"

	"hocba/internal/registry"
	"hocba/internal/school"
	"hocba/views/ui"
)

// EvidenceName is the page's name in the navigation and on itself.
const EvidenceName = "Hạn chứng minh"

// EvidenceURL is where an office sees which versions end soon.
func EvidenceURL(y school.Year) string { return In(y, "evidence") }

// Proof says until when a version can be proven, as the registry tells it.
type Proof registry.Proof

// until is the day, or that nobody worked it out yet.
func (p Proof) until() string {
	if p.Until.IsZero() {
		return "chưa tính được"
	}
	return school.DateOf(p.Until).Vietnamese()
}

// rests says what the proof rests on.
func (p Proof) rests() string {
	if p.Authority == "" {
		return "Chứng thư và dấu thời gian trong tệp"
	}
	return "Dấu thời gian của " + p.Authority + ", chứng thư đến " + school.DateOf(p.AuthorityUntil).Vietnamese()
}

// renewed says when that was last done.
func (p Proof) renewed() string {
	switch {
	case p.RenewedAt.IsZero():
		return "Chưa lưu bằng chứng riêng"
	case p.Renewals > 1:
		return fmt.Sprintf("Gia hạn lần %d lúc %s", p.Renewals-1, Clock(p.RenewedAt))
	}
	return "Lưu bằng chứng lúc " + Clock(p.RenewedAt)
}

// facts are the lines of a version about its proof.
func (p Proof) facts() []ui.Fact {
	out := []ui.Fact{{Name: "Chứng minh được đến", Value: p.until()}, {Name: "Dựa vào", Value: p.rests() + ". " + p.renewed() + ".", Soft: true}}
	if !p.Complete {
		out = append(out, ui.Fact{Name: "Còn thiếu", Value: "Một nơi cấp chứng thư chưa trả lời; kho học bạ hỏi lại.", Soft: true})
	}
	return out
}

// EvidenceLine is a version whose proof ends soon, has ended, or is not whole.
type EvidenceLine struct {
	School  string
	Year    school.Year
	Class   string
	Record  string // MA_HOC_BA
	Version int
	Proof   Proof
}

// Evidence is a page of versions of one kind.
type Evidence struct {
	Frame
	Year     school.Year
	Kind     string
	Counts   map[string]int
	First    time.Time // the earliest end of those that have not ended; zero: none
	Stamping bool      // the Sở has an authority that stamps
	Lines    []EvidenceLine
	Page     int // from 0
	More     bool
}

func (e Evidence) frame() Frame {
	f := e.Frame
	f.Heading = EvidenceName
	f.Lead = "Chữ ký chứng minh được chừng nào chứng thư và dấu thời gian còn hạn. Kho học bạ tự gia hạn trước hạn hơn một năm; bản nào còn ở đây là có việc phải xem."
	f.Crumbs = []Link{{Label: f.Unit, URL: YearURL(e.Year)}, {Label: EvidenceName}}
	return f
}

// evidenceKinds are the lists, in their order.
var evidenceKinds = []struct{ kind, label, empty string }{
	{"ending", "Hết trong một năm", "Không có bản học bạ nào hết hạn chứng minh trong một năm tới"},
	{"ended", "Đã hết", "Không có bản học bạ nào đã hết hạn chứng minh"},
	{"incomplete", "Chờ nơi cấp trả lời", "Nơi cấp chứng thư đã trả lời đủ cho mọi bản"},
}

func (e Evidence) url(kind string, page int) string {
	u := EvidenceURL(e.Year) + "?kind=" + kind
	if page > 0 {
		u += "&page=" + strconv.Itoa(page)
	}
	return u
}

func (e Evidence) filters() []ui.Filter {
	var out []ui.Filter
	for _, k := range evidenceKinds {
		out = append(out, ui.Filter{Label: k.label, Count: e.Counts[k.kind], URL: e.url(k.kind, 0), Current: k.kind == e.Kind})
	}
	return out
}

func (e Evidence) notice() *ui.Notice {
	if e.Stamping {
		return nil
	}
	return &ui.Notice{Tone: ui.Wait, Icon: ui.IconClock, Title: "Sở chưa dùng dấu thời gian",
		Text: "Không có nơi cấp dấu thời gian thì bằng chứng không gia hạn được: bản nào hết hạn chứng thư là hết chứng minh bằng chữ ký. Mục Dấu thời gian."}
}

func (e Evidence) blank() ui.Blank {
	b := ui.Blank{Icon: ui.IconShield, Tone: ui.OK}
	for _, k := range evidenceKinds {
		if k.kind == e.Kind {
			b.Title = k.empty
		}
	}
	b.Text = "Mỗi đêm kho học bạ xem lại và gia hạn bản sắp đến hạn."
	if !e.First.IsZero() {
		b.Text += " Hạn gần nhất: " + school.DateOf(e.First).Vietnamese() + "."
	}
	return b
}

func (l EvidenceLine) name() string { return "Bản " + strconv.Itoa(l.Version) }

func (e Evidence) pages() ui.Pages {
	p := ui.Pages{Page: e.Page + 1, Text: fmt.Sprintf("Trang %d", e.Page+1)}
	if e.Page > 0 {
		p.Previous = e.url(e.Kind, e.Page-1)
	}
	if e.More {
		p.Next = e.url(e.Kind, e.Page+1)
	}
	return p
}
