package words

import (
	"slices"
	"strconv"
	"strings"

	"hocba/internal/evaluation"
	"hocba/internal/school"
)

// signingMessages are about signing, returning, approving and issuing records.
var signingMessages = map[string]string{
	"record.unknown":                "Không có học bạ này trong trường.",
	"record.part_incomplete":        "{part}: còn trống {cells}.",
	"record.part_invalid":           "{part}: {cells} chưa hợp lệ.",
	"record.page_incomplete":        "Phần chủ nhiệm: còn trống {cells}.",
	"record.page_invalid":           "Chưa hợp lệ: {cells}.",
	"record.missing_part_signature": "Chưa có chữ ký {parts}.",
	"record.return_open":            "{part} đang bị trả lại, chưa có trả lời.",
	"record.already_signed":         "Giữ chữ ký ngày {at}, không ký lần nữa.",
	"record.already_issued":         "Đã phát hành bản {version}, không phát hành lần nữa.",
	"record.issued_already":         "Đã phát hành, không phát hành lần nữa.",
	"record.nothing_to_sign":        "Không có phần nào của thầy/cô ở em này.",
	"record.teachers_do_not_sign":   "Sở không dùng chữ ký giáo viên bộ môn; giáo viên chủ nhiệm ký cả học bạ.",
	"record.overall_changed":        "Kết quả nay là {computed}, lúc xem là {shown}. Xem lại rồi ký.",
	"record.commendation":           "Khen thưởng “{award}” không đi với kết quả {overall}.",
	"record.commendation_undecided": "Nhà trường quy định có quyết định khen thưởng rồi mới ký; còn {count} đề nghị chờ hiệu trưởng.",
	"record.track_missing":          "Chưa chọn đợt 1 hay đợt 2.",
	"record.track_needs_completion": "Kết quả {overall}: chưa hoàn thành chương trình thì sang đợt 2.",
	"record.track_is_august":        "Đã có đánh giá bổ sung thì học bạ thuộc đợt 2.",
	"record.summer_missing":         "Đợt 2: hiệu trưởng chưa quyết định sau rèn luyện trong hè.",
	"record.completion_differs":     "Hoàn thành chương trình không khớp với kết quả {overall}.",
	"record.promotion_differs":      "Lên lớp không khớp với hoàn thành chương trình.",
	"record.promotion_undecided":    "Chưa có quyết định lên lớp.",
	"record.part_without_teacher":   "{part} chưa được giao cho giáo viên nào.",
	"record.certificate_missing":    "Chưa có chứng thư số để ký.",
	"record.certificate_expired":    "Chứng thư số chỉ dùng từ {from} đến {to}.",
	"record.no_staff_code":          "Tài khoản chưa có mã cán bộ nên chưa ký được.",
	"record.intent_owner":           "Lần ký này do người khác bắt đầu.",
	"record.intent_used":            "Lần ký này đã dùng rồi. Ký lại từ đầu.",
	"record.intent_expired":         "Lần ký này đã quá 15 phút. Ký lại từ đầu.",
	"record.intent_stale":           "Nội dung vừa thay đổi trong lúc ký. Xem lại rồi ký tiếp.",
	"record.changed":                "Học bạ vừa thay đổi. Xem lại rồi làm tiếp.",
	"record.not_owner":              "Phần này không giao cho thầy/cô. Người phụ trách: {teacher}",
	"record.not_homeroom":           "Việc này của giáo viên chủ nhiệm {teacher}.",
	"record.no_delegation":          "Phó hiệu trưởng cần giấy ủy quyền còn hạn để làm việc này, và Sở cho phép ký thay.",
	"record.not_deciding_tier":      "Cấp này không được giao duyệt thu hồi.",
	"record.not_signed":             "Không có chữ ký nào để rút.",
	"record.homeroom_signed":        "Giáo viên chủ nhiệm {teacher} đã ký cả học bạ; nhờ thầy/cô ấy rút trước.",
	"record.homeroom_unsigned":      "Chưa có chữ ký chủ nhiệm.",
	"record.unapproved":             "Chưa có chữ ký duyệt.",
	"record.homeroom_not_live":      "Chữ ký của giáo viên chủ nhiệm {teacher} không còn hiệu lực.",
	"record.not_opened":             "Em này được đánh dấu: mở xem trước khi duyệt.",
	"record.approval_not_live":      "Chữ ký duyệt không còn hiệu lực. Duyệt lại trước khi phát hành.",
	"record.seal_not_approved":      "Con dấu số chưa được cấp trên phê duyệt cho ngày {day}.",
	"record.seal_not_yet":           "Con dấu số của trường chỉ dùng được từ ngày {day}.",
	"record.seal_ended":             "Con dấu số của trường đã hết được phê duyệt từ ngày {day}. Học bạ này chưa phát hành.",
	"record.return_no_part":         "Chọn ít nhất một phần để trả lại.",
	"record.return_part":            "{part} chưa ký, hoặc không thuộc loại trả lại được.",
	"record.no_open_return":         "Không có phần nào đang chờ thầy/cô trả lời.",
	"record.reason_missing":         "Ghi lý do, để người nhận biết cần xem lại điều gì.",
	"record.reason_too_long":        "Rút gọn còn tối đa 1.000 chữ.",
	"record.no_request":             "Không có đề nghị thu hồi nào đang chờ.",
	"record.revocation_open":        "Đã có một đề nghị thu hồi đang chờ trả lời.",
	"record.evidence_missing":       "Ghi căn cứ: số quyết định hoặc biên bản.",
	"record.other_version":          "Câu trả lời này dành cho bản {version}, không phải bản mới nhất.",
	"record.no_version":             "Học bạ chưa có bản nào được phát hành.",
	"record.issue_unsound":          "Bản vừa ghép không qua được bước tự kiểm tra nên không phát hành.",

	"certificate.none":              "Chưa có chứng thư số còn hiệu lực để ký. Quản trị của trường đăng ký chứng thư cho thầy/cô.",
	"certificate.seal_not_approved": "Con dấu số của trường chưa được cấp trên phê duyệt, hoặc đã hết hạn.",
	"certificate.changed":           "Chứng thư số vừa được thay. Mở lại trang và nhập PIN của chứng thư mới.",
	"key.pin":                       "PIN chưa đúng. Nhập lại; sau 5 lần sai phải đợi 15 phút.",
	"key.pin_missing":               "Nhập PIN của chứng thư số.",
	"key.pin_short":                 "PIN cần ít nhất {min} kí tự.",
	"key.pin_malformed":             "PIN có kí tự không dùng được.",
	"key.locked":                    "Khóa ký đã đóng. Nhập PIN để ký tiếp; em đã ký không bị ký lần nữa.",
	"key.closed":                    "Khóa ký đã đóng. Nhập PIN để ký tiếp.",
	"key.no_store":                  "Khóa ký của chứng thư này không nằm trên hệ thống.",
	"key.secret":                    "Máy chủ không mở được khóa ký. Báo quản trị hệ thống.",
	"key.damaged":                   "Khóa ký lưu trên hệ thống bị hỏng. Đăng ký chứng thư số mới.",
	"signer.failed":                 "Khóa ký không trả lời. Đợi một phút rồi ký tiếp.",

	"job.unknown":    "Không có đợt việc này, hoặc nó thuộc về người khác.",
	"job.nothing":    "Không có em nào để làm việc này.",
	"job.over":       "Đợt này đã kết thúc.",
	"job.other_open": "Một đợt khác cho cùng lớp đang chạy. Mở đợt ấy để theo dõi.",
	"job.role_lost":  "Vai dùng để bắt đầu đợt này không còn, nên phần còn lại không được làm.",
	"job.postponed":  "Phần đã xong vẫn giữ nguyên. Hệ thống tự thử lại sau ít giây; thầy/cô có thể rời trang.",
	"job.whole":      "Phiếu đã đóng dấu và bắt đầu gửi thì phải gửi cho hết. Thầy/cô có thể dừng rồi gửi tiếp.",
	"job.kind":       "Hệ thống không làm loại việc này nữa.",
}

// menders say who can clear a refusal, by the codes that faults name in "mend".
var menders = map[string]string{
	"subject_teacher": "Giáo viên phụ trách: {teacher}",
	"homeroom":        "Giáo viên chủ nhiệm: {teacher}",
	"owner":           "Người phụ trách: {teacher}",
	"signer":          "Người ký",
	"principal":       "Hiệu trưởng",
	"school_admin":    "Quản trị của trường",
	"authority":       "Cấp trên của trường",
}

// Mender says who can clear a refusal; "" when the fault names nobody.
func Mender(args map[string]string) string {
	text, ok := menders[args["mend"]]
	if !ok {
		return args["teacher"]
	}
	if args["teacher"] == "" {
		text, _, _ = strings.Cut(text, ":")
	}
	return fill(text, args)
}

// readable puts names in the place of the codes that faults carry: parts,
// cells, stages, results. What is no code stays.
func readable(args map[string]string) map[string]string {
	out := make(map[string]string, len(args))
	for name, value := range args {
		out[name] = value
		switch name {
		case "part":
			out[name] = Part(value)
		case "parts":
			out[name] = listed(strings.Split(value, ","), Part)
		case "cells":
			part := args["part"]
			out[name] = listed(strings.Fields(value), func(cell string) string { return Cell(part, cell) })
		case "check":
			if label := CertificateCheck(value); label != "" {
				out[name] = label
			}
		case "stage":
			out[name] = known(stages, value)
		case "overall", "shown", "computed":
			out[name] = known(overalls, value)
		case "decision":
			out[name] = known(decisions, value)
		case "period":
			out[name] = known(periods, value)
		case "award":
			out[name] = known(awards, value)
		case "need":
			out[name] = listed(slices.Compact(strings.Fields(value)), func(d string) string { return known(duties, d) })
		case "at", "day", "from", "to":
			if d, err := school.ParseDate(value); err == nil {
				out[name] = d.Vietnamese()
			}
		}
	}
	return out
}

func known(labels map[string]string, code string) string {
	if text, ok := labels[code]; ok {
		return text
	}
	return code
}

// mostListed is how many of a list are named; the rest are counted.
const mostListed = 4

func listed(codes []string, name func(string) string) string {
	var names []string
	for i, c := range codes {
		if i == mostListed && len(codes) > mostListed+1 {
			return strings.Join(names, ", ") + " và " + strconv.Itoa(len(codes)-i) + " chỗ nữa"
		}
		names = append(names, name(c))
	}
	return strings.Join(names, ", ")
}

// Part names a part of a record by its element Id: mon-TOAN is "Toán",
// thongtinhocba the homeroom teacher's "Phần chủ nhiệm".
func Part(id string) string {
	if id == "thongtinhocba" {
		return "Phần chủ nhiệm"
	}
	code, found := strings.CutPrefix(id, "mon-")
	if s, ok := school.ParseSubject(code); found && ok {
		return s.Short()
	}
	return id
}

var cellFields = map[string]string{
	"level": "mức", "mark": "điểm KTĐK", "score": "điểm KTĐK", "remark": "nhận xét", "exempt": "miễn",
	"score_not_allowed": "điểm (môn không có điểm)", "not_taught": "môn không học ở khối này",
	"not_assessed": "năng lực không đánh giá ở khối này", "exempt_has_result": "đã miễn nhưng có kết quả",
}

// Cell names a cell inside a part: "TOAN.level" is "mức" in the part of Toán
// and "mức Toán" elsewhere.
func Cell(part, code string) string {
	if code == "absences" {
		return "số ngày nghỉ"
	}
	item, field, ok := strings.Cut(code, ".")
	name := evaluation.Item(item).Name()
	if !ok || name == "" {
		return code
	}
	what := known(cellFields, field)
	switch evaluation.Item(item).Kind() {
	case evaluation.TraitItem:
		if field == "level" {
			return name
		}
	case evaluation.RemarkItem:
		return what + " " + strings.ToLower(name)
	case evaluation.SubjectItem:
		if part == "mon-"+item {
			return what
		}
	}
	return what + " " + name
}
