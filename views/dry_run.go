package views

import (
	"fmt"
	"strings"
	"time"

	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views/ui"
	"hocba/views/words"
)

// DryRun is what stands before an authorisation of many signatures: whether the
// right person signs, with what, in which order, and how much time is left.
// What of the records can be signed and what not stands below it, in a
// dryTable or as dryGroups.
type DryRun struct {
	Year school.Year
	// Who signs, in the role worn; Allowed is false for a deputy without a
	// delegation, Decision and Until are those of one who has it.
	Who      string
	Role     workflow.Role
	Allowed  bool
	Decision string
	Until    school.Date
	// Due is the school's deadline of the track under way, August the second
	// track's: the end of the signing season.
	Due, August school.Deadline
	Now         time.Time
}

// lines are the checks of the person, the certificate among ways, and the time.
func (d DryRun) lines(with SignWith) []ui.Line {
	return []ui.Line{d.person(), d.certificate(with), d.time()}
}

// person says whether the right one signs.
func (d DryRun) person() ui.Line {
	l := ui.Line{Status: ui.Status{Tone: ui.OK}, Strong: "Người ký:", Text: d.Who + ", " + lowerFirst(words.Role(d.Role)) + "."}
	switch {
	case d.Role == workflow.Deputy && !d.Allowed:
		l.Status.Tone, l.Text = ui.Stop, "thầy/cô chưa có quyết định ủy quyền còn hiệu lực; hiệu trưởng lập ở mục Duyệt học bạ."
	case d.Role == workflow.Deputy:
		l.Text = fmt.Sprintf("%s, KT. HIỆU TRƯỞNG theo quyết định %s, đến hết ngày %s.", d.Who, d.Decision, d.Until.Vietnamese())
		l.More = "Hệ thống kiểm tra ủy quyền lần nữa khi từng chữ ký hoàn tất."
	case d.Role == workflow.Teacher:
		l.Text = d.Who + ", theo phân công hôm nay."
	}
	return l
}

// certificate says whether there is one that lasts through the season.
func (d DryRun) certificate(with SignWith) ui.Line {
	l := ui.Line{Strong: "Chứng thư số:", Status: ui.Status{Tone: ui.Stop}, Text: "chưa có chứng thư dùng được; quản trị của trường khai báo cho thầy/cô."}
	for i, w := range with.Ways {
		if i > 0 && !w.Chosen {
			continue
		}
		l.Status, l.Text = d.lasts(w.Until)
		l.More = w.name()
		if w.Holder != "" {
			l.More += " · " + w.Holder
		}
	}
	return l
}

// lasts says how far a certificate reaches into the season.
func (d DryRun) lasts(until time.Time) (ui.Status, string) {
	switch {
	case d.Due.Due.After(d.Now) && until.Before(d.Due.Due):
		return ui.Status{Tone: ui.Wait}, fmt.Sprintf("hết hạn ngày %s, trước hạn nộp %s; xin cấp và khai báo chứng thư mới ngay.", Day(until), BeforeDay(d.Due))
	case d.August.Due.After(d.Now) && until.Before(d.August.Due):
		return ui.Status{Tone: ui.Wait}, fmt.Sprintf("hết hạn ngày %s, trước hạn nộp đợt 2 (%s); cần chứng thư mới cho đợt ấy.", Day(until), BeforeDay(d.August))
	}
	return ui.Status{Tone: ui.OK}, "dùng được đến " + Day(until) + ", hết mùa ký."
}

// soon is how many days before a deadline it is no longer far away.
const soon = 14

// time says how long there is until the school's deadline.
func (d DryRun) time() ui.Line {
	text, tone := LeftUntil(d.Due, d.Now)
	if tone == ui.Wait && d.Due.DaysLeft(d.Now) > soon {
		tone = ui.OK
	}
	l := ui.Line{Status: ui.Status{Tone: tone}, Strong: "Thời hạn nộp Sở:", Text: lowerFirst(text) + "."}
	if tone != ui.OK {
		l.Status.Icon = ui.IconClock
	}
	return l
}

// order says whose signatures stand before these: ready of them have all of
// them, blocked have not.
func dryOrder(ready, blocked int, before string) ui.Line {
	l := ui.Line{Status: ui.Status{Tone: ui.OK}, Strong: "Thứ tự ký:", Text: fmt.Sprintf("%s em đã đủ %s.", ui.Number(ready), before)}
	if blocked > 0 {
		l.Status.Tone = ui.Wait
		l.More = fmt.Sprintf("%s em chưa đủ: không ký, nêu lý do và người gỡ ở bảng dưới.", ui.Number(blocked))
	}
	return l
}

// DryRow is one record of a dry run.
type DryRow struct {
	Number   int
	Name     string
	URL      string // of the record; "" for none
	Small    string // under the name
	Status   ui.Status
	Why, Who string
	Links    []ui.Action
	Take     *ui.Action // the own signature back
	Box      *DryBox    // to choose the record by
}

// DryBox chooses a record, or a class, for a batch.
type DryBox struct {
	Name, Value, Label string
	Checked, Disabled  bool
}

// dryGrid has the columns of dryTable.
func dryGrid(caption, boxes string) ui.Grid {
	g := ui.Grid{Caption: caption, Folds: true}
	if boxes != "" {
		g.Columns = append(g.Columns, ui.Column{Label: boxes, Fit: true})
	}
	g.Columns = append(g.Columns, ui.Column{Label: "STT", Num: true, Fit: true}, ui.Column{Label: "Học sinh"},
		ui.Column{Label: "Kiểm tra trước", Fit: true}, ui.Column{Label: "Vì sao"}, ui.Column{Label: "Người gỡ"}, ui.Column{Label: "Việc làm được", Hidden: true})
	return g
}

// DryGroup is one answer of a dry run over many records: how many, who mends
// it, and where they are.
type DryGroup struct {
	Status  ui.Status
	Count   int
	What    string // what is to be done, and by whom
	Entries []DryEntry
}

// DryEntry is a class, or a person, of a group.
type DryEntry struct {
	Link ui.Link
	Text string
}

func (g DryGroup) count() string { return ui.Number(g.Count) + "\u00a0em" }

// add counts records of a class into the group.
func (g *DryGroup) add(n int, link ui.Link, text string) {
	if n <= 0 {
		return
	}
	g.Count += n
	g.Entries = append(g.Entries, DryEntry{Link: link, Text: strings.TrimSpace(ui.Number(n) + " em. " + text)})
}

// some are the groups with anything in them.
func some(groups ...DryGroup) []DryGroup {
	var out []DryGroup
	for _, g := range groups {
		if g.Count > 0 {
			out = append(out, g)
		}
	}
	return out
}
