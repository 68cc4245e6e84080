package views

import (
	"fmt"
	"strings"

	"hocba/internal/certificate"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// AtStage counts the records of classes that wait for the same act.
type AtStage struct {
	Records int
	Classes []string
}

// Add counts records of a class.
func (a *AtStage) Add(class string, n int) {
	if n == 0 {
		return
	}
	a.Records += n
	if len(a.Classes) == 0 || a.Classes[len(a.Classes)-1] != class {
		a.Classes = append(a.Classes, class)
	}
}

func (a AtStage) classes() string { return "Lớp " + listed(a.Classes, 6, ", ", "lớp") }

// ApprovalTask leads the principal to the queue; flagged must be opened first.
func ApprovalTask(a AtStage, flagged int, b By) Task {
	detail := a.classes() + "."
	if flagged > 0 {
		detail += fmt.Sprintf(" %s cần mở xem trước khi duyệt.", pupils(flagged))
	}
	return b.due(Task{Key: "approve", Count: a.Records, Noun: "học sinh", Title: "Học bạ chờ duyệt", Detail: detail,
		Action: ui.Action{Label: "Mở hàng chờ duyệt", URL: ApprovalURL(b.Year)}})
}

// IssueTask leads to issuing with the school's seal.
func IssueTask(a AtStage, b By) Task {
	return b.due(Task{Key: "issue", Count: a.Records, Noun: "học sinh", Title: "Đã duyệt, chờ phát hành",
		Detail: a.classes() + ". Phát hành bằng con dấu số của trường.", Action: ui.Action{Label: "Phát hành", URL: IssuanceURL(b.Year)}})
}

// SendTask leads to the submission.
func SendTask(a AtStage, b By) Task {
	return b.due(Task{Key: "send", Count: a.Records, Noun: "học bạ", Title: "Đã phát hành, chờ nộp Sở",
		Detail: a.classes() + ".", Action: ui.Action{Label: "Nộp Sở", URL: SubmissionsURL(b.Year)}})
}

// PrepareTask leads the administrator to the preparation of a submission.
func PrepareTask(a AtStage, b By) Task {
	t := SendTask(a, b)
	t.Key, t.Action.Label = "prepare", "Chuẩn bị nộp"
	t.Detail = a.classes() + ". Thầy/cô chuẩn bị, hiệu trưởng nộp."
	return t
}

// RefusedTask leads to what the registry refused.
func RefusedTask(a AtStage, b By) Task {
	t := b.due(Task{Key: "refused", Count: a.Records, Noun: "học bạ", Title: "Sở từ chối, chờ sửa",
		Detail: a.classes() + ". Mỗi học bạ có lí do đánh số và việc cần làm.",
		Action: ui.Action{Label: "Xem lí do", URL: SubmissionsURL(b.Year)}})
	t.Notes = []ui.Status{{Tone: ui.Stop, Word: "Sở chưa nhận"}}
	return t
}

// CloseTask leads the principal to the chốt of classes. until is when the Sở
// ends the time for it; "" while it has not been opened.
func CloseTask(a AtStage, until string, tone ui.Tone, b By) Task {
	t := Task{Key: "close", Count: len(a.Classes), Noun: "lớp", Title: "Sở đã nhận, chờ hiệu trưởng chốt", Due: until, DueTone: tone,
		Detail: fmt.Sprintf("%s: %s học bạ đã nhận, chưa chốt.", a.classes(), ui.Number(a.Records)),
		Action: ui.Action{Label: "Chốt lớp", URL: ClosingsURL(b.Year)}}
	if until == "" {
		t.Hint = "Sở chưa mở thời gian chốt."
	}
	return t
}

// assignIn leads to where teachers of the classes are assigned: to the class
// itself when it is one.
func assignIn(classes []ClassRef, b By) ui.Action {
	if len(classes) == 1 {
		return ui.Action{Label: "Phân công", URL: ClassURL(b.Year, classes[0].ID)}
	}
	return ui.Action{Label: "Phân công", URL: ClassesURL(b.Year)}
}

// HomeroomTask asks the administrator for homeroom teachers.
func HomeroomTask(classes []ClassRef, b By) Task {
	var names []string
	for _, c := range classes {
		names = append(names, c.Name)
	}
	return Task{Key: "homeroom", Count: len(classes), Noun: "lớp", Title: "Lớp chưa có giáo viên chủ nhiệm",
		Detail: listed(names, 8, ", ", "lớp") + ".", Action: assignIn(classes, b)}
}

// AssignTask asks the administrator for subject teachers.
func AssignTask(missing map[int64][]school.Subject, order []ClassRef, b By) Task {
	n, parts := 0, []string{}
	for _, class := range order {
		var names []string
		for _, s := range missing[class.ID] {
			names = append(names, s.Short())
		}
		n += len(names)
		parts = append(parts, class.Name+": "+listed(names, 3, ", ", "môn"))
	}
	return Task{Key: "assign", Count: n, Noun: "môn học", Title: "Môn chưa phân công giáo viên", Detail: listed(parts, 3, " · ", "lớp") + ".",
		Action: assignIn(order, b)}
}

// EnrolTask asks the administrator for the classes of pupils.
func EnrolTask(n int, b By) Task {
	return Task{Key: "enrol", Count: n, Noun: "học sinh", Title: "Học sinh chưa xếp lớp",
		Detail: "Năm học này chưa có tên trong danh sách lớp nào.", Action: ui.Action{Label: "Nhập danh sách lớp", URL: In(b.Year, "pupils", "import")}}
}

// CertificateTask tells the administrator who cannot sign for want of a certificate.
func CertificateTask(names []string, b By) Task {
	return Task{Key: "certificates", Count: len(names), Noun: "thầy, cô", Title: "Chưa có chứng thư số còn hiệu lực",
		Detail: listed(names, 4, ", ", "người") + ". Chưa ký được cho tới khi có.",
		Action: ui.Action{Label: "Mở chứng thư số", URL: CertificatesURL(b.Year)}}
}

// SealTask tells the school that its seal cannot be used yet, and why.
func SealTask(stage certificate.Stage, b By) Task {
	t := Task{Key: "seal", Count: 1, Noun: "con dấu", Title: "Con dấu số của trường chưa dùng được",
		Detail: "Chưa phát hành và nộp được.", Action: ui.Action{Label: "Xem con dấu", URL: CertificatesURL(b.Year)}}
	switch stage {
	case "":
		t.Detail += " Trường chưa khai báo chứng thư con dấu."
	case certificate.StageInUse:
		t.Detail += " Chứng thư đã duyệt nay hết hạn hoặc chưa đến ngày dùng."
	default:
		t.Detail += " Tình trạng: " + strings.ToLower(words.CertificateStage(stage)) + "."
	}
	return t
}

// ClosingTimeTask asks the Sở to open the time for chốt.
func ClosingTimeTask(track school.Track, d school.Deadline, b By) Task {
	t := Task{Key: fmt.Sprintf("closing-time-%d", track), Count: 1, Noun: "đợt", Title: fmt.Sprintf("Chưa mở thời gian chốt đợt %d", track),
		Detail: "Trường chỉ rút, thay thế và chốt trong thời gian Sở mở.",
		Action: ui.Action{Label: "Mở thời gian chốt", URL: ClosingTimeURL(b.Year)}}
	t.Due, t.DueTone = LeftUntil(d, b.Now)
	return t
}

// LateTask names the schools that will hardly meet the deadline.
func LateTask(risks []ProgressRisk, b By) Task {
	var names []string
	for _, r := range risks {
		names = append(names, r.Name+" – "+Waits(r.Step, r.Waiting))
	}
	return b.due(Task{Key: "late", Count: len(risks), Noun: "trường", Title: "Trường khó kịp hạn",
		Detail: listed(names, 3, " · ", "trường") + ".", Action: ui.Action{Label: "Xem tiến độ", URL: AreaURL(b.Year)}})
}

// SealsTask asks the authority to approve certificates of seals.
func SealsTask(n int, b By) Task {
	return Task{Key: "seals", Count: n, Noun: "trường", Title: "Chứng thư con dấu chờ duyệt",
		Detail: "Trường chưa phát hành được học bạ trước khi con dấu được duyệt.",
		Action: ui.Action{Label: "Kiểm tra, duyệt", URL: CertificatesURL(b.Year) + "?stage=registered"}}
}

// ReadyDeputy tells a deputy without a delegation why there is nothing to do.
func ReadyDeputy() []ui.Line {
	return []ui.Line{{Status: ui.Status{Tone: ui.Neutral}, Text: "Hôm nay thầy/cô không có ủy quyền ký thay hiệu trưởng."}}
}
