package views

import (
	"fmt"
	"slices"
	"strings"

	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views/ui"
)

// ApprovalPupil is a pupil in the list of a class.
type ApprovalPupil struct {
	Number   int // in the roll
	RecordID int64
	Name     string
	Stage    workflow.Stage
	Flags    ApprovalFlags
	Opened   bool
	Current  bool // shown beside the list
	// What stands in the way of the approval, in the dry run of the class.
	Code     string
	Args     map[string]string
	Unsigned []SigningWait
}

// mark is the line under the name.
func (p ApprovalPupil) mark() ui.Status {
	if p.Stage != workflow.HomeroomSigned {
		return StageStatus(p.Stage)
	}
	s, ok := p.Flags.Status()
	if !ok {
		return ui.Status{Tone: ui.Neutral, Word: "Không đánh dấu"}
	}
	if p.Opened {
		s.Word += " · đã mở"
	}
	return s
}

// ApprovalList is a class with its pupils, those that wait first: the marked
// ones before the others.
type ApprovalList struct {
	Class   ApprovalClass
	Waiting []ApprovalPupil
	Others  []ApprovalPupil // approved, returned, not yet signed
	// Allowed says that the person may approve: a deputy needs a delegation.
	Allowed bool
}

// share is how far the class is, in a sentence.
func (l ApprovalList) share() string { return "đã duyệt " + l.Class.share() }

// hint tells what is left to do.
func (l ApprovalList) hint() string {
	n := len(l.Waiting)
	switch {
	case n == 0 && l.Class.Approved == l.Class.OnRoll:
		return "Đã duyệt cả lớp."
	case n == 0:
		return "Không còn em nào chờ duyệt."
	case l.Class.Flagged == 0:
		return fmt.Sprintf("Còn %d em, không em nào có đánh dấu.", n)
	case l.Class.Unopened == 0:
		return fmt.Sprintf("Còn %d em. Các em có đánh dấu đã được mở.", n)
	}
	return fmt.Sprintf("Còn %d em: %d em có đánh dấu, cần mở từng em.", n, l.Class.Flagged)
}

// batch is the button that approves the rest; whole says that the form with
// the PIN is on this page.
func (l ApprovalList) batch(whole bool) ui.Action {
	a := ui.Action{ID: "approve-rest", Label: fmt.Sprintf("Duyệt %d em còn lại", len(l.Waiting)), Full: true}
	if whole {
		a.Kind, a.Icon, a.Full = ui.Primary, ui.IconTick, false
	} else {
		a.URL = ApprovalClassURL(l.Class.Year, l.Class.ID) + "#rest"
	}
	if reason := l.refused(); reason != "" {
		a.Disabled, a.Reason = true, reason
	}
	return a
}

func (l ApprovalList) refused() string {
	switch {
	case !l.Allowed:
		return "Cần quyết định ủy quyền còn hiệu lực."
	case l.Class.Unopened > 0:
		return fmt.Sprintf("Mở được sau khi xem %d em có đánh dấu.", l.Class.Unopened)
	}
	return ""
}

// ApprovalClassPage is one class: who waits, the batch, who is further or behind.
type ApprovalClassPage struct {
	Frame
	Year  school.Year
	List  ApprovalList
	Dry   DryRun
	With  SignWith
	Job   *SigningJob  // of this class, not over
	Fault *fault.Error // of the batch that was asked for
	Done  string       // the pupil approved just before; empty: none
	// Papers counts the pupils of whom there is a paper.
	Papers int
}

func (p ApprovalClassPage) frame() Frame {
	f := p.Frame
	f.Heading = "Duyệt học bạ · lớp " + p.List.Class.Name
	f.Lead = p.List.hint()
	f.Crumbs = []Link{{Label: f.unitShort(), URL: YearURL(p.Year)}, {Label: "Duyệt học bạ", URL: ApprovalURL(p.Year)},
		{Label: "Lớp " + p.List.Class.Name}}
	if a := classPapers(p.Year, p.List.Class.ID, p.Papers); a != nil {
		f.Actions = ui.Actions(*a)
	}
	return f
}

// blocked is how many of the class somebody else holds up.
func (l ApprovalList) blocked() int {
	n := 0
	for _, o := range l.Others {
		if o.Stage.BeforeApproval() {
			n++
		}
	}
	return n
}

// checks are what is looked at before the class is approved.
func (p ApprovalClassPage) checks() []ui.Line {
	out := append(p.Dry.lines(p.With), dryOrder(len(p.List.Waiting), p.List.blocked(), "chữ ký bộ môn và chủ nhiệm"))
	return append(out, p.List.flagged())
}

// flagged says whether every marked record was opened.
func (l ApprovalList) flagged() ui.Line {
	out := ui.Line{Status: ui.Status{Tone: ui.OK}, Strong: "Em có đánh dấu:", Text: "không có."}
	switch c := l.Class; {
	case c.Unopened > 0:
		out.Status, out.Text = ui.Status{Tone: ui.Wait}, fmt.Sprintf("%d em, còn %d em chưa mở xem.", c.Flagged, c.Unopened)
	case c.Flagged > 0:
		out.Text = fmt.Sprintf("%d em, đã mở xem cả.", c.Flagged)
	}
	out.More = "Chữ ký của từng em ghi lại thầy/cô đã mở xem em ấy hay chưa."
	return out
}

// rows is the dry run pupil by pupil: what waits for the reader first, then for
// others, then what can be approved, then what is.
func (p ApprovalClassPage) rows() []DryRow {
	ranked := make([][]DryRow, 4)
	for _, pupil := range append(append([]ApprovalPupil{}, p.List.Waiting...), p.List.Others...) {
		row, rank := pupil.dryRow(p.Year)
		ranked[rank] = append(ranked[rank], row)
	}
	return slices.Concat(ranked...)
}

func (p ApprovalPupil) dryRow(y school.Year) (row DryRow, rank int) {
	row = DryRow{Number: p.Number, Name: p.Name, URL: RecordURL(y, p.RecordID), Why: "–", Who: "–"}
	if !p.Stage.BeforeApproval() {
		row.Status = StageStatus(p.Stage)
		return row, 3
	}
	flags, marked := p.Flags.Status()
	if p.Code != "" && p.Code != "record.not_opened" {
		signing := SigningRow{Code: p.Code, Args: p.Args, Unsigned: p.Unsigned}
		row.Status, row.Why, row.Who = ui.Status{Tone: ui.Stop, Word: "Chưa duyệt được"}, signing.why(), signing.who()
		if p.Stage == workflow.Returned {
			row.Status.Tone, row.Status.Icon = ui.Past, ui.IconBack
		}
		row.Links = []ui.Action{{Label: "Xem", URL: row.URL, Hint: p.Name}}
		return row, 1
	}
	if marked && !p.Opened {
		row.Status, row.Why, row.Who = ui.Status{Tone: ui.Wait, Icon: ui.IconEye, Word: "Cần mở xem"}, flags.Word, "Thầy/cô"
		row.Links = []ui.Action{{Label: "Mở xem", URL: row.URL, Hint: p.Name}}
		return row, 0
	}
	row.Status, row.Why = ui.Status{Tone: ui.Neutral, Icon: ui.IconCheck, Word: "Duyệt được"}, "Không đánh dấu"
	if marked {
		row.Why = flags.Word + " · đã mở"
	}
	return row, 2
}

// counts is the dry run in numbers.
func (l ApprovalList) counts() string {
	var parts []string
	for _, c := range []struct {
		n    int
		text string
	}{{len(l.Waiting) - l.Class.Unopened, "%d em duyệt được"}, {l.Class.Unopened, "%d em cần mở xem"}, {l.blocked(), "%d em báo vướng"},
		{l.Class.Approved, "%d em đã duyệt"}} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf(c.text, c.n))
		}
	}
	return strings.Join(parts, " · ")
}

// form reports whether the page offers its button: a batch under way is
// continued on its own page.
func (p ApprovalClassPage) form() bool { return p.Job == nil || p.Job.State == "stopped" }
