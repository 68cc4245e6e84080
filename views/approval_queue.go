package views

import (
	"fmt"
	"strconv"

	"hocba/views/ui"
)

// waiting is how many records of the school can be approved.
func (q ApprovalQueue) waiting() int {
	n := 0
	for _, c := range q.Classes {
		n += c.Waiting
	}
	return n
}

// batchable reports whether the class can be chosen for one authorisation of
// several: every marked record was opened.
func (c ApprovalClass) batchable() bool { return !c.Paper && c.Waiting > 0 && c.Unopened == 0 }

func (c ApprovalClass) box() DryBox {
	return DryBox{Name: "class", Value: strconv.FormatInt(c.ID, 10), Label: "Duyệt lớp " + c.Name + " cùng đợt",
		Checked: true}
}

// form reports whether classes can be chosen here: the person may approve,
// something is ready, and no earlier batch of this kind waits to go on.
func (q ApprovalQueue) form() bool {
	classes, _ := q.ready()
	return q.Dry.Allowed && classes > 0 && (q.Job == nil || q.Job.State == "stopped")
}

// ready counts what one authorisation can approve.
func (q ApprovalQueue) ready() (classes, records int) {
	for _, c := range q.Classes {
		if c.batchable() {
			classes, records = classes+1, records+c.Waiting
		}
	}
	return classes, records
}

func (q ApprovalQueue) chosen() string {
	classes, records := q.ready()
	return fmt.Sprintf("chọn sẵn %s lớp, %s em", ui.Number(classes), ui.Number(records))
}

func (q ApprovalQueue) grid() ui.Grid {
	g := ui.Grid{Caption: "Hàng chờ duyệt theo lớp", Folds: true}
	if q.form() {
		g.Columns = []ui.Column{{Label: "Chọn", Fit: true}}
	}
	g.Columns = append(g.Columns, ui.Column{Label: "Lớp"}, ui.Column{Label: "Đã duyệt", Num: true}, ui.Column{Label: "Tình trạng"},
		ui.Column{Label: "Có đánh dấu"}, ui.Column{Label: "Đang chờ ai"}, ui.Column{Label: "Mở", Hidden: true, Fit: true})
	return g
}

// groups is the dry run of the school by its answers, each with the classes it
// is about: what the reader does first, then what others do, then the rest.
func (q ApprovalQueue) groups() []DryGroup {
	open := DryGroup{Status: ui.Status{Tone: ui.Wait, Icon: ui.IconEye, Word: "Có đánh dấu, chưa mở xem"}, What: "Thầy/cô mở từng em, rồi duyệt các em còn lại của lớp."}
	ready := DryGroup{Status: ui.Status{Tone: ui.Neutral, Icon: ui.IconCheck, Word: "Duyệt được"}, What: "Chọn lớp ở dưới để ký một lần, hoặc mở lớp để duyệt từng em."}
	held := DryGroup{Status: ui.Status{Tone: ui.Neutral, Icon: ui.IconClock, Word: "Duyệt được sau khi mở em có đánh dấu cùng lớp"}, What: "Mở từng em ở trên trước."}
	returned := DryGroup{Status: ui.Status{Tone: ui.Past, Icon: ui.IconBack, Word: "Đang trả lại"}, What: "Chờ giáo viên sửa hoặc giữ nguyên."}
	subject := DryGroup{Status: ui.Status{Tone: ui.Stop, Word: "Chưa đủ chữ ký bộ môn"}, What: "Giáo viên bộ môn ký trước."}
	homeroom := DryGroup{Status: ui.Status{Tone: ui.Stop, Word: "Chưa có chữ ký chủ nhiệm"}, What: "Giáo viên chủ nhiệm ký trước."}
	done := DryGroup{Status: ui.Status{Tone: ui.OK, Word: "Đã duyệt"}, What: "Không ký lần nữa."}
	for _, c := range q.Classes {
		if c.Paper {
			continue
		}
		link := ui.Link{Label: "Lớp " + c.Name, URL: ApprovalClassURL(c.Year, c.ID)}
		open.add(c.Unopened, link, "")
		if c.batchable() {
			ready.add(c.Waiting, link, "")
		} else {
			held.add(c.Waiting-c.Unopened, link, "")
		}
		returned.add(c.Returned, link, c.Homeroom)
		subject.add(c.Before-c.ForHomeroom, link, c.lacking())
		homeroom.add(c.ForHomeroom, link, c.Homeroom)
		done.Count += c.Approved
	}
	return some(open, ready, held, returned, subject, homeroom, done)
}

// lacking names who has not signed in the class, and what.
func (c ApprovalClass) lacking() string {
	text := ""
	for i, b := range c.Blockers {
		if i == maxBlockers {
			return text + fmt.Sprintf("; và %d giáo viên khác", len(c.Blockers)-maxBlockers)
		}
		if i > 0 {
			text += "; "
		}
		text += b.Teacher + " (" + subjectList(b.Subjects) + ")"
	}
	return text
}
