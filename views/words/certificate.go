package words

import (
	"hocba/internal/certificate"
)

// certificateMessages are about certificates: their state with the authority
// that issued them, declaring, registering, approving, suspending and ending them.
var certificateMessages = map[string]string{
	"cert.status_no_source":   "Không có nguồn: chứng thư không ghi nơi hỏi tình trạng thu hồi (OCSP, CRL).",
	"cert.status_host":        "Nơi hỏi tình trạng thu hồi không nằm trong danh sách được phép hỏi.",
	"cert.status_unreachable": "Tổ chức cấp chứng thư chưa trả lời về tình trạng thu hồi; hệ thống sẽ hỏi lại.",
	"cert.status_answer":      "Câu trả lời về tình trạng thu hồi không dùng được; hệ thống sẽ hỏi lại.",
	"cert.status_stale":       "Câu trả lời về tình trạng thu hồi đã quá hạn; hệ thống sẽ hỏi lại.",
	"cert.status_not_known":   "Tổ chức cấp chứng thư trả lời không biết chứng thư này.",

	"certificate.chain":              "{issuer} cấp, nối được tới {anchor}.",
	"certificate.chain_later":        "Xét được sau khi các mục khác đạt.",
	"certificate.untrusted":          "{issuer} không có trong danh sách tin cậy hôm nay. Tải lên tệp có cả chuỗi chứng thư, hoặc đề nghị Sở thêm tổ chức này.",
	"certificate.purpose_seal":       "Chứng thư của tổ chức, dùng để ký.",
	"certificate.purpose_person":     "Chứng thư của cá nhân, dùng để ký.",
	"certificate.purpose_usage":      "Chứng thư này không dùng để ký.",
	"certificate.purpose_not_seal":   "Đây không phải chứng thư của tổ chức (chủ thể không có MST).",
	"certificate.purpose_not_person": "Đây không phải chứng thư của cá nhân (chủ thể không có CCCD).",
	"certificate.name":               "Chủ thể “{name}” đúng tên.",
	"certificate.name_differs":       "Chủ thể là “{name}”, cần “{want}”.",
	"certificate.number":             "MST {number} đúng với mã số thuế của đơn vị.",
	"certificate.number_person":      "CCCD tận cùng {end} đúng với số đã nhập.",
	"certificate.number_unknown":     "MST {number}; đơn vị chưa có mã số thuế trong danh bạ. Đối chiếu với hồ sơ của trường trước khi duyệt.",
	"certificate.number_differs":     "MST trong chứng thư là {number}, của đơn vị là {want}.",
	"certificate.number_missing":     "Chủ thể không có mã số (MST hoặc CCCD) đọc được.",
	"certificate.number_typed":       "Mã số trong chứng thư khác mã số đã nhập.",
	"certificate.period":             "Có hiệu lực từ {from} đến {until}.",
	"certificate.period_season":      "Hết hạn ngày {until}, trước hạn cuối của mùa ký ({season}).",
	"certificate.period_not_yet":     "Chưa có hiệu lực; bắt đầu từ {from}.",
	"certificate.period_over":        "Đã hết hạn ngày {until}.",
	"certificate.not_revoked":        "Chưa bị thu hồi, theo trả lời lúc {at}.",
	"certificate.not_asked":          "Chưa hỏi tổ chức cấp chứng thư.",
	"certificate.revoked":            "Đã bị thu hồi lúc {at}.",
	"certificate.used_nowhere":       "Không ai khác dùng chứng thư hay khóa này.",
	"certificate.used_elsewhere":     "Chứng thư hoặc khóa này đang được đơn vị hay người khác dùng.",
	"certificate.key":                "Khóa {key}, đủ mạnh.",
	"certificate.policy":             "Đúng quy định của Sở về tổ chức cấp, chính sách và nơi giữ khóa.",
	"certificate.trial":              "Chữ ký thử nghiệm: chứng thư không có giá trị pháp lý, chỉ dùng khi hệ thống chạy thử.",

	"policy.trial":              "Chữ ký thử nghiệm không được nhận khi hệ thống chạy chính thức.",
	"policy.software_seal":      "Khóa con dấu giữ bằng phần mềm không được nhận khi hệ thống chạy chính thức.",
	"policy.provider":           "Tổ chức cấp không nằm trong danh sách Sở cho dùng.",
	"policy.certificate_policy": "Chính sách của chứng thư không nằm trong danh sách Sở cho dùng.",
	"policy.device":             "Sở yêu cầu khóa con dấu nằm trên thiết bị; chứng thư không ghi như vậy.",

	"registry.certificate_revoked":   "Chứng thư của {holder} đã bị thu hồi ngày {date}, không chứng minh được là ký trước đó.",
	"registry.certificate_no_source": "Chứng thư của {holder} không có nguồn hỏi tình trạng thu hồi; Sở yêu cầu phải có.",
	"registry.status_pending":        "Chưa kiểm tra được tình trạng thu hồi của chứng thư. Kho giữ lại và tự xét tiếp khi tổ chức cấp trả lời.",

	"certificate.unknown":           "Không có chứng thư này trong phạm vi của thầy/cô.",
	"certificate.role":              "Việc này không thuộc vai của thầy/cô.",
	"certificate.stage":             "Chứng thư đã sang bước khác. Tải lại trang để xem.",
	"certificate.same_name":         "Việc trước đó do một tài khoản cũng tên “{name}” làm: hai tài khoản của một người không thành hai người. Nếu là hai người trùng tên, nhờ người khác cùng vai trò làm bước này.",
	"certificate.same_person":       "Khai báo, đăng ký và duyệt là ba việc của ba người; thầy/cô đã làm một việc trước đó.",
	"certificate.not_deciding_tier": "Hôm nay cấp khác duyệt chứng thư.",
	"certificate.reason":            "Chọn một lí do.",
	"certificate.note_missing":      "Ghi rõ lí do.",
	"certificate.note_too_long":     "Lời ghi dài quá 1.000 kí tự.",
	"certificate.effective":         "Thời điểm không được trước {from} và không quá 400 ngày kể từ hôm nay.",
	"certificate.effective_unread":  "Ghi ngày dạng 05/06/2026 và giờ dạng 08:30.",
	"certificate.check_failed":      "Mục kiểm tra “{check}” không đạt.",
	"certificate.check_pending":     "Mục “{check}” chưa có kết quả. Hệ thống hỏi lại; duyệt được khi có trả lời.",
	"certificate.look":              "Đánh dấu đã đối chiếu các mục cần xem lại.",
	"certificate.owner":             "Chọn một người đang có vai ở trường.",
	"certificate.typed":             "Nhập mã số trên giấy tờ để đối chiếu.",
	"certificate.declared_already":  "Chứng thư này đã được khai báo rồi.",
	"certificate.file_missing":      "Chọn tệp chứng thư.",
	"certificate.file_large":        "Tệp lớn quá 64 KB; tệp chứng thư chỉ vài KB.",
	"certificate.private_key":       "Tệp này có khóa bí mật. Hệ thống không giữ lại gì. Xuất lại tệp chỉ gồm chứng thư (.cer, .crt, .pem).",
	"certificate.file":              "Không đọc được chứng thư trong tệp. Dùng tệp .cer, .crt hoặc .pem.",
	"certificate.file_signers":      "Tệp cần đúng một chứng thư của người ký, kèm chuỗi cấp nếu có.",
	"certificate.file_chain":        "Chuỗi cấp trong tệp không dùng được.",
	"certificate.not_authority":     "{name} không phải chứng thư của tổ chức cấp.",

	"trust.role":    "Chỉ Sở thay đổi được danh sách tin cậy và quy định về chứng thư.",
	"trust.words":   "Ghi tên tổ chức cấp và căn cứ (số, ngày văn bản).",
	"trust.period":  "Ngày bắt đầu phải trước ngày kết thúc và trước khi chứng thư hết hạn.",
	"trust.known":   "Chứng thư này đã có trong danh sách.",
	"trust.unknown": "Không có chứng thư này trong danh sách tin cậy.",
	"trust.ended":   "Tổ chức này đã thôi được tin cậy.",
	"trust.oid":     "Mã chính sách viết dạng 2.16.704.1.1, mỗi dòng một mã: {value}.",
	"trust.device":  "Yêu cầu khóa trên thiết bị thì phải ghi ít nhất một mã chính sách của thiết bị.",
}

var certificateChecks = map[string]string{
	certificate.CheckChain:      "Chuỗi tin cậy",
	certificate.CheckPurpose:    "Mục đích sử dụng",
	certificate.CheckName:       "Tên chủ thể",
	certificate.CheckNumber:     "Mã số",
	certificate.CheckPeriod:     "Thời hạn",
	certificate.CheckRevocation: "Tình trạng thu hồi",
	certificate.CheckElsewhere:  "Không dùng ở nơi khác",
	certificate.CheckKey:        "Độ mạnh của khóa",
	certificate.CheckPolicy:     "Quy định của Sở",
}

// CertificateCheck names a check of a certificate.
func CertificateCheck(name string) string { return certificateChecks[name] }

var certificateReasons = map[string]string{
	"unit":           "Không phải con dấu của đơn vị này",
	"name":           "Tên trong chứng thư không đúng tên trường",
	"tax_code":       "Mã số thuế không khớp hồ sơ",
	"untrusted":      "Tổ chức cấp không được tin cậy",
	"period":         "Thời hạn không đủ",
	"revoked":        "Tổ chức cấp đã thu hồi chứng thư",
	"used_elsewhere": "Đang được dùng ở nơi khác",
	"key":            "Khóa không đạt yêu cầu",
	"provider":       "Tổ chức cấp ngoài danh sách cho dùng",
	"device":         "Khóa không nằm trên thiết bị theo quy định",
	"file":           "Hồ sơ kèm theo thiếu hoặc không rõ",
	"lost":           "Thất lạc thiết bị giữ khóa",
	"compromised":    "Nghi ngờ lộ khóa hoặc mã PIN",
	"holder":         "Thay đổi người giữ, tên hoặc địa vị của đơn vị",
	"replaced":       "Thay bằng chứng thư khác",
	"unit_closed":    "Đơn vị sáp nhập hoặc giải thể",
	"person_left":    "Người giữ chứng thư thôi việc hoặc chuyển đi",
	"other":          "Lí do khác (ghi rõ)",
}

// CertificateReason names the reason of a refusal, a suspension or an end; ""
// for none.
func CertificateReason(code string) string { return certificateReasons[code] }

var certificateEvents = map[certificate.Kind]string{
	certificate.Declared:   "Khai báo",
	certificate.Withdrawn:  "Rút lại khai báo",
	certificate.Registered: "Hiệu trưởng đăng ký",
	certificate.Approved:   "Cấp trên duyệt",
	certificate.Refused:    "Không chấp nhận",
	certificate.Suspended:  "Tạm dừng",
	certificate.Resumed:    "Dùng lại",
	certificate.Ended:      "Thôi dùng",
}

// CertificateEvent names what was written about a certificate. A person's is
// confirmed rather than registered.
func CertificateEvent(k certificate.Kind, p certificate.Purpose) string {
	if k == certificate.Registered && p == certificate.Person {
		return "Hiệu trưởng xác nhận"
	}
	return certificateEvents[k]
}

var certificateStages = map[certificate.Stage]string{
	certificate.StageDeclared:   "Chờ hiệu trưởng",
	certificate.StageRegistered: "Chờ cấp trên duyệt",
	certificate.StageInUse:      "Đang dùng",
	certificate.StageSuspended:  "Tạm dừng",
	certificate.StageRefused:    "Không chấp nhận",
	certificate.StageWithdrawn:  "Đã rút lại",
	certificate.StageEnded:      "Thôi dùng",
}

// CertificateStage names how far a certificate has come.
func CertificateStage(s certificate.Stage) string { return certificateStages[s] }
