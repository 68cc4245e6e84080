package words

import (
	"fmt"
	"time"

	"hocba/internal/school"
	"hocba/internal/verify"
)

func init() {
	tables = append(tables, readingMessages, signatureMessages, verifyMessages, stampMessages)
}

// checks are the names of the verifier's checks.
var checks = map[string]string{
	"form":       "Tệp XML đúng quy cách",
	"structure":  "Đúng lược đồ học bạ số",
	"nfc":        "Chữ Việt viết theo một chuẩn (NFC)",
	"ids":        "Mã tham chiếu đúng chỗ, không lặp",
	"identity":   "Mọi phần đều của học sinh, năm học và học bạ này",
	"slots":      "Đủ chữ ký cho mọi phần",
	"signature":  "Nội dung đúng như khi ký",
	"coverage":   "Chữ ký bao đúng phần phải ký",
	"role":       "Ký đúng vai",
	"meaning":    "Câu cam kết đúng với vai ký",
	"signer":     "Đúng người, đúng đơn vị ký",
	"chain":      "Chứng thư đáng tin vào lúc ký",
	"time_stamp": "Dấu thời gian khớp chữ ký và giờ ký",
	"times":      "Ký đúng thứ tự thời gian",
	"rules":      "Kết quả đúng quy định đánh giá",
	"paper_form": "Tệp PDF đúng quy cách bản giấy học bạ số",
	"paper_last": "Không có gì thêm vào sau con dấu của Sở",
	"paper_seal": "Không một byte nào khác lúc đóng dấu",
	"paper_text": "Chữ trên giấy đúng như học bạ đã ký",
	"revocation": "Chứng thư có bị thu hồi không",
}

// Check names a check of the verifier.
func Check(name string) string { return label(checks, name) }

var checkStatuses = map[string]string{"ok": "đạt", "failed": "HỎNG", "unknown": "chưa rõ", "skipped": "bỏ qua"}

// CheckStatus names the outcome of a check.
func CheckStatus[T ~string](status T) string { return label(checkStatuses, status) }

var fileVerdicts = map[string]string{"ok": "HỢP LỆ", "failed": "KHÔNG HỢP LỆ", "unknown": "CHƯA KẾT LUẬN ĐƯỢC"}

// FileVerdict names the outcome of a file.
func FileVerdict[T ~string](status T) string { return label(fileVerdicts, status) }

// slotRoles are the capacities in which a record is signed.
var slotRoles = map[string]string{
	"GVBM": "Giáo viên dạy môn", "GVCN": "Giáo viên chủ nhiệm", "CBQL": "Cán bộ quản lý",
	"KY_PHAT_HANH": "Con dấu nhà trường", "BIEN_NHAN": "Kho học bạ của Sở",
}

// SlotRole names the capacity in which a slot of a record is signed.
func SlotRole[T ~string](role T) string { return label(slotRoles, role) }

var fileHeadings = map[string]string{
	"record":          "Học bạ năm học {year}, bản {version}, {school}; học sinh {pupil}; mã học bạ {record}",
	"NOP":             "Phiếu nộp học bạ, {school}, {class}",
	"THU_HOI":         "Phiếu rút học bạ, {school}",
	"DE_NGHI_THU_HOI": "Phiếu đề nghị thu hồi học bạ đã chốt, {school}",
	"CHOT":            "Phiếu chốt học bạ, {school}, {class}",
	"BIEN_NHAN":       "Biên nhận của {department}",
	"paper":           "Bản giấy học bạ (PDF), {sealer} đóng dấu lúc {at}; của bản học bạ có SHA-256 {version}",
}

var fileNotes = map[string]string{
	"trial": "DỮ LIỆU THỬ: chứng thư trình diễn, không có giá trị pháp lý.",
	"trust": "không đọc được danh sách chứng thư gốc (cần tệp PEM hoặc gói tin cậy của Sở còn nguyên chữ ký).",
	"crl":   "không đọc được danh sách chứng thư bị thu hồi.",
	"until": "Chứng minh được đến",
	"at":    "Kiểm tra theo thời điểm",
	"files": "tệp",
	"html":  "Kết quả kiểm tra học bạ số",
}

const verifyUsage = `Kiểm tra tệp học bạ số, phiếu của trường, biên nhận của Sở, hồ sơ chuyển đi.

  hocba-verify [--trust TỆP] [--online | --crl TỆP...] [--at LÚC] [--json | --html] TỆP...

  TỆP            học bạ, phiếu, biên nhận (XML), bản giấy đã đóng dấu (PDF),
                 hồ sơ chuyển đi hoặc hồ sơ bằng chứng (ZIP);
                 một thư mục thay cho mọi tệp .xml, .pdf, .zip trong đó, dấu "-"
                 thay cho dữ liệu đưa vào từ chương trình khác;
                 đưa kèm biên nhận thì giờ nhận của Sở được tính, đưa kèm XML
                 thì chữ trên bản giấy được so với học bạ đã ký
  --trust TỆP    chứng thư gốc được tin: tệp PEM, hoặc gói tin cậy của Sở
                 (lệnh "hocba trust-bundle"); không có thì phần tin cậy ghi "chưa rõ"
  --online       hỏi nơi cấp chứng thư xem có bị thu hồi không (OCSP, CRL)
  --crl TỆP      danh sách chứng thư bị thu hồi (CRL) đã tải về, khi không có mạng;
                 ghi nhiều lần được
  --at LÚC       kiểm tra như đang ở lúc đó: 2026-06-10 hoặc 2026-06-10T08:00:00+07:00
  --json         in kết quả dạng JSON, mỗi tệp một phần tử
  --html         in kết quả thành một trang HTML để lưu
  --schema       in mô tả (JSON Schema) của kết quả dạng JSON

Mã thoát: 0 mọi tệp hợp lệ · 1 có phần hỏng hoặc có tệp không đọc được ·
          2 gọi sai cách, hoặc không đọc được danh sách tin cậy, thu hồi ·
          3 không hỏng gì nhưng chưa kết luận được
`

var whomToAsk = map[string]string{
	"issuer":     "Hỏi nơi đã phát hành tệp.",
	"department": "Hỏi Sở giáo dục và đào tạo.",
	"giver":      "Xin lại tệp gốc từ người đưa, hoặc từ nơi phát hành.",
	"later":      "Kiểm tra lại với gói tin cậy của Sở, hoặc vào lúc khác.",
}

// WhomToAsk says whom to ask about a check that did not end well.
func WhomToAsk(whom string) string { return whomToAsk[whom] }

// TrialSignature marks a signature without legal value wherever it is shown.
const TrialSignature = "Chữ ký thử nghiệm, không có giá trị pháp lý"

// Signature tells a signature in lines: who in which role, then when, with
// which certificate, what it means to its signer. Of one that does not hold
// only the first is known.
func Signature(s verify.Signatory) []string {
	who := SlotRole(s.Role) + ": " + s.Name
	if s.Code != "" {
		who += " (" + s.Code + ")"
	}
	out := []string{who}
	if s.Certificate == "" {
		return out
	}
	when := "Người ký khai giờ ký " + instant(s.SignedAt)
	if s.StampedAt.IsZero() {
		when += "; không có dấu thời gian"
	} else {
		when += "; dấu thời gian chứng minh đã ký trước " + instant(s.StampedAt)
	}
	out = append(out, when, "Chứng thư của "+s.Holder+", do "+s.Issuer+" cấp, số "+s.Serial)
	if s.Trial {
		out = append(out, TrialSignature)
	}
	if m := s.Meaning; m != nil {
		name := m.ID
		if m.Version > 0 {
			name = fmt.Sprintf("%s; câu bản %d, theo %s", m.ID, m.Version, m.Source)
		}
		out = append(out, "Đã cam kết khi ký: “"+m.Text+"” ("+name+")")
	}
	return out
}

func instant(t time.Time) string { return t.In(school.Zone).Format("15:04:05 02/01/2006") }

// Verifier returns the texts of the verifying command.
func Verifier() verify.Words {
	return verify.Words{
		Usage: verifyUsage, Check: Check, Status: CheckStatus[string], Verdict: FileVerdict[string],
		Message: Message, Signer: Signature,
		Heading: func(kind string, args map[string]string) string { return fill(fileHeadings[kind], args) },
		Note:    func(note string) string { return label(fileNotes, note) },
		Ask:     WhomToAsk,
	}
}

// readingMessages are about files that do not open.
var readingMessages = map[string]string{
	"xml.empty":                 "Tệp rỗng: không có gì trong đó. Lấy lại tệp gốc.",
	"xml.too_deep":              "Tệp XML lồng nhau quá sâu.",
	"xml.encoding":              "Tệp phải là XML mã hóa UTF-8, có dòng khai báo ở đầu.",
	"xml.character":             "Tệp có kí tự XML không cho phép.",
	"xml.carriage_return":       "Tệp đã bị đổi dấu xuống dòng nên chữ ký không còn khớp. Lấy lại tệp gốc.",
	"xml.dtd":                   "Tệp có khai báo DTD. Học bạ số không nhận DTD.",
	"xml.instruction":           "Tệp có chỉ thị xử lý. Học bạ số không nhận chỉ thị xử lý.",
	"xml.comment":               "Tệp có chú thích XML. Học bạ số không nhận chú thích.",
	"xml.cdata":                 "Tệp có khối CDATA. Học bạ số không nhận CDATA.",
	"xml.entity":                "Tệp có thực thể XML lạ.",
	"xml.attribute":             "Tệp có thuộc tính bị lặp hoặc quá nhiều thuộc tính.",
	"xml.attribute_space":       "Tệp có dấu xuống dòng trong thuộc tính.",
	"xml.id":                    "Tệp có mã tham chiếu sai dạng.",
	"xml.id_spelling":           "Tệp có mã tham chiếu viết khác “Id”.",
	"bundle.root":               "Tệp không phải học bạ số, phiếu hay biên nhận.",
	"bundle.version":            "Tệp theo lược đồ bản {version}; chương trình này chỉ đọc bản 1.",
	"bundle.element_missing":    "Thiếu {name} tại {path}.",
	"bundle.element_unexpected": "Có {name} sai chỗ tại {path}.",
	"bundle.attribute_missing":  "Thiếu thuộc tính {name} tại {path}.",
	"bundle.attribute_unknown":  "Có thuộc tính lạ {name} tại {path}.",
	"bundle.value":              "Giá trị tại {path} sai kiểu {kind}.",
	"bundle.text":               "Có chữ ngoài chỗ tại {path}.",
	"bundle.blank":              "Có khoảng trắng giữa các phần tại {path}. Tệp đã bị định dạng lại; lấy lại tệp gốc.",
	"bundle.too_many":           "Có quá {max} mục {name} tại {path}.",
	"bundle.row_order":          "{name} đứng sai thứ tự hoặc bị lặp tại {path}.",
	"bundle.nfc":                "Chữ tại {path} không theo chuẩn NFC.",
	"bundle.id":                 "Mã tham chiếu “{value}” sai chỗ tại {path}.",
	"bundle.signature_missing":  "Thiếu chữ ký {slot}.",
	"bundle.slot_number":        "Số thứ tự ô ký của giáo viên dạy môn sai tại {path}.",
	"bundle.count":              "Phiếu ghi {count} học bạ nhưng liệt kê {listed}.",
	"bundle.duplicate":          "Phiếu nêu một học bạ hoặc một học sinh hai lần.",
	"bundle.trailing":           "Tệp có nội dung thừa ở cuối.",
	"bundle.part":               "Phần {part} không thuộc học bạ này. Mở lại học bạ rồi ký lại.",
	"bundle.exempt_has_result":  "Môn được miễn thì không ghi mức và điểm.",
	"lookup.code":               "Xem lại mã: 12 chữ và số, in ở góc phải chân trang giấy.",
}

// signatureMessages are about signatures, certificates and keys.
var signatureMessages = map[string]string{
	"sig.structure":   "Chữ ký không đúng dạng XAdES mà học bạ số dùng.",
	"sig.algorithm":   "Chữ ký dùng thuật toán không được nhận.",
	"sig.reference":   "Chữ ký trỏ tới phần không có hoặc không được ký ({uri}).",
	"sig.properties":  "Thông tin kèm chữ ký (giờ ký, chứng thư, vai) sai hoặc thiếu.",
	"sig.certificate": "Chứng thư kèm chữ ký không phải chứng thư đã ký.",
	"sig.digest":      "Nội dung {uri} đã bị sửa sau khi ký.",
	"sig.value":       "Chữ ký không phải do chứng thư này tạo ra.",
	"cert.not_signer": "Chứng thư này không dùng để ký.",
	"cert.not_yet":    "Chứng thư chưa có hiệu lực vào lúc ký.",
	"cert.expired":    "Chứng thư đã hết hạn vào lúc ký.",
	"cert.untrusted":  "Chứng thư không do tổ chức được tin cấp.",
	"key.weak":        "Khóa của chứng thư quá yếu.",
	"key.algorithm":   "Loại khóa của chứng thư không được nhận.",
}

// verifyMessages are about what signatures say together, and about the rules.
var verifyMessages = map[string]string{
	"verify.busy":                   "Nhiều người đang kiểm tra tệp. Thử lại sau ít phút.",
	"verify.unreadable":             "Không mở được tệp.",
	"verify.folder_empty":           "Thư mục không có tệp .xml, .pdf hay .zip nào.",
	"verify.part_of_another_record": "Phần {part} thuộc một học bạ khác.",
	"verify.part_of_another_year":   "Phần {part} thuộc năm học khác.",
	"verify.part_of_another_pupil":  "Phần {part} của học sinh khác.",
	"verify.slot_without_part":      "Giáo viên {teacher} có chữ ký nhưng không dạy môn nào trong học bạ.",
	"verify.slot_number":            "Ô ký {slot} phải mang số {expected}.",
	"verify.slot_twice":             "Giáo viên {teacher} có hai ô ký.",
	"verify.part_unsigned":          "Chưa có chữ ký giáo viên dạy môn cho: {parts}.",
	"verify.signed_in_future":       "Giờ ký của {slot} muộn hơn hiện tại.",
	"verify.signed_out_of_order":    "{slot} ký trước {before}.",
	"verify.issue_date":             "Ngày phát hành ghi {date} nhưng con dấu ký ngày {sealed}.",
	"verify.covers_nothing":         "Chữ ký không bao phần nào của học bạ.",
	"verify.not_covered":            "Chữ ký không bao phần {part} của học bạ này.",
	"verify.covers_more":            "Chữ ký bao thêm {part}, ngoài phần phải ký.",
	"verify.meaning":                "Câu cam kết đã ký không phải câu dùng cho vai {role}: “{text}”.",
	"verify.meaning_absent":         "Chữ ký không kèm câu cam kết: ký khi chưa có câu này, hoặc bằng phần mềm không dùng câu này.",
	"verify.meaning_unknown":        "Câu cam kết mang số hiệu {id}, chương trình này không biết: “{text}”.",
	"verify.role":                   "Ký với vai “{role}”, ô này là {expected}.",
	"verify.not_a_seal":             "Ô này cần chứng thư của tổ chức; {holder} là cá nhân.",
	"verify.not_a_person":           "Ô này cần chứng thư cá nhân; {holder} là tổ chức.",
	"verify.other_signer":           "Chứng thư của {holder}, không phải của {expected}.",
	"verify.no_trust_list":          "Chưa có danh sách chứng thư gốc để đối chiếu.",
	"verify.revocation_elsewhere":   "Xem tại cổng tra cứu của Sở; tệp không tự nói được.",
	"verify.rule_set_unknown":       "Chương trình này không có bộ quy tắc {rule_set}.",
	"verify.rule_set_not_in_force":  "Bộ quy tắc {rule_set} không áp dụng cho khối và năm học này.",
	"verify.result_not_allowed":     "{item}: kết quả không được phép ({items}).",
	"verify.result_missing":         "{item}: thiếu kết quả ({items}).",
	"verify.overall":                "Ghi {stated} nhưng theo kết quả từng môn là {computed}.",
	"verify.commendation":           "Danh hiệu khen thưởng không đi với mức {overall}.",
	"verify.track_and_summer":       "Đợt 2 phải có đánh giá bổ sung trong hè, đợt 1 thì không.",
	"verify.completion":             "Hoàn thành chương trình lớp học ghi không khớp mức {overall}.",
	"verify.promotion":              "Hoàn thành chương trình lớp học thì được lên lớp.",
	"verify.revoked":                "Chứng thư đã bị thu hồi từ {since} ({reason}). Hỏi Sở hoặc đơn vị đã ký.",
	"verify.revocation_unknown":     "Nơi cấp chứng thư chưa trả lời được chứng thư còn hiệu lực hay không ({why}). Thử lại sau.",
	"verify.no_department":          "Do {holder} ký, không phải một Sở Giáo dục và Đào tạo: tổ chức nào cũng tự ký được như vậy.",
	"verify.seal_not_approved":      "Sở chưa duyệt con dấu này của {holder} vào ngày {date}.",
	"verify.paper_alone":            "Chưa so với học bạ đã ký; đưa kèm tệp XML, hoặc kiểm tra tại cổng của Sở.",
	"verify.paper_version":          "Học bạ đã ký của bản giấy này không mở được. Hỏi Sở.",
	"verify.paper_differs":          "Trên giấy ghi khác học bạ đã ký, ở phần {part}.",
	"pdf.structure":                 "Tệp PDF không phải loại mà kho học bạ phát hành.",
	"pdf.too_large":                 "Tệp PDF quá lớn.",
	"pdf.encrypted":                 "Tệp PDF bị khóa bằng mật khẩu. Lấy lại tệp gốc.",
	"pdf.sealed":                    "Tệp PDF đã có chữ ký hoặc biểu mẫu.",
	"pdf.unsealed":                  "Tệp PDF không có con dấu của Sở. Tải lại bản giấy từ cổng tra cứu bằng mã in trên giấy.",
	"pdf.after_seal":                "Tệp đã bị thêm nội dung sau khi Sở đóng dấu. Tải lại bản gốc từ cổng tra cứu.",
	"pdf.seal":                      "Con dấu trong tệp không đúng dạng kho học bạ dùng.",
	"pdf.changed":                   "Tệp đã bị sửa hoặc bị cắt sau khi Sở đóng dấu. Tải lại bản gốc từ cổng tra cứu.",
	"pdf.text":                      "Không đọc được chữ trong tệp PDF.",
	"verify.track_incomplete":       "Em chưa hoàn thành chương trình thì thuộc đợt 2.",
}
