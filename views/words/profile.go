package words

import "hocba/internal/profile"

// profileMessages are about pupils' files.
var profileMessages = map[string]string{
	"profile.required":       "Mục này không để trống được.",
	"profile.too_long":       "Dài quá; rút còn {max} chữ.",
	"profile.name":           "Họ tên có ký tự lạ: {characters}. Ghi bằng chữ, như trong giấy khai sinh.",
	"profile.sex":            "Chọn nam hoặc nữ.",
	"profile.date":           "Ghi ngày theo ngày/tháng/năm, ví dụ 14/03/2016.",
	"profile.age":            "Năm sinh này không phải của học sinh tiểu học. Xem lại giấy khai sinh.",
	"profile.personal_no":    "Số định danh cá nhân có đúng 12 chữ số.",
	"profile.ethnicity":      "Chọn dân tộc trong danh sách.",
	"profile.year":           "Ghi năm sinh bốn chữ số, ví dụ 1985.",
	"profile.phone":          "Ghi số điện thoại bằng chữ số, ví dụ 0905 123 456.",
	"profile.stale":          "{by} vừa ghi {theirs} lúc {at}. Lưu lần nữa để thay bằng giá trị dưới đây, hoặc sửa lại cho đúng.",
	"profile.waiting":        "Mục này đang có thay đổi chờ xác nhận. Chờ xác nhận xong, hoặc người đề nghị rút lại.",
	"profile.kind":           "Chọn vì sao sửa: sửa chỗ ghi sai, thay đổi hộ tịch, chuyển nơi ở hay ghi theo tên đơn vị mới.",
	"profile.kind_moved":     "Chuyển nơi ở chỉ đổi nơi ở, tổ/thôn và điện thoại. Mục khác: lưu riêng, với lý do của nó.",
	"profile.kind_renamed":   "Ghi theo tên đơn vị mới chỉ dùng cho nơi sinh, quê quán, nơi ở, tổ/thôn.",
	"profile.from":           "Ghi thông tin này đúng từ ngày nào, ví dụ 20/05/2026.",
	"profile.from_range":     "Chọn một ngày không sau hôm nay và không trước ngày sinh của em.",
	"profile.paper":          "Chọn giấy tờ thầy/cô đã xem.",
	"profile.paper_official": "Thay đổi này cần giấy của cơ quan nhà nước: giấy khai sinh, quyết định hoặc trích lục, giấy có số định danh, xác nhận cư trú.",
	"profile.note_missing":   "Ghi đó là giấy gì.",
	"profile.sheet_date":     "Ghi ngày gia đình ký: trong năm học này và không sau hôm nay.",
	"profile.change_unknown": "Không có đề nghị thay đổi này, hoặc thầy/cô không xem được.",
	"pupil.unknown":          "Không có em này, hoặc em không ở lớp thầy/cô dạy năm học này.",
	"profile.same_person":    "Người đề nghị không tự xác nhận được. Hiệu trưởng hoặc quản trị khác xác nhận.",
	"profile.decided":        "{by} đã xử lý đề nghị này rồi.",
	"profile.overtaken":      "Giá trị cũ trong hồ sơ đã đổi sau đề nghị này. Từ chối và đề nghị lại theo giá trị hiện có.",
	"profile.reason":         "Ghi lý do từ chối để người đề nghị biết sửa thế nào.",
	"profile.none_chosen":    "Đánh dấu ít nhất một thay đổi.",
	"profile.empty_class":    "Lớp chưa có học sinh nên chưa có phiếu để in.",
}

// profileGaps say in a row what a file lacks: the codes of profile.Gap.
var profileGaps = map[string]string{
	"profile.gap_empty":   "chưa có",
	"profile.gap_parents": "chưa có cha, mẹ hoặc người giám hộ",
	"profile.gap_place":   "chưa rõ tỉnh, thành phố hiện nay",
	"profile.gap_former":  "{former} không còn từ 01/07/2025",
	"profile.gap_commune": "chưa rõ phường, xã",
	"profile.gap_number":  "không khớp giới tính hoặc năm sinh",
}

// ProfileGap says what a file lacks at a field, without the field's name. A
// dissolved unit is followed by the province it lies in now.
func ProfileGap(code string, args map[string]string) string {
	text := fill(profileGaps[code], args)
	if today := args["today"]; code == "profile.gap_former" && today != "" {
		text += ", nay thuộc " + today
	}
	return text
}

var profileFields = map[profile.Field]string{
	profile.FullName: "Họ và tên", profile.Sex: "Giới tính", profile.BirthDate: "Ngày sinh", profile.PersonalNo: "Số định danh cá nhân",
	profile.Ethnicity: "Dân tộc", profile.Nationality: "Quốc tịch", profile.Birthplace: "Nơi sinh", profile.Hometown: "Quê quán",
	profile.Residence: "Nơi ở hiện nay", profile.Village: "Tổ, thôn (thường trú)", profile.Phone: "Điện thoại gia đình",
	profile.FatherName: "Họ và tên cha", profile.FatherBirth: "Năm sinh của cha", profile.FatherJob: "Nghề nghiệp của cha",
	profile.MotherName: "Họ và tên mẹ", profile.MotherBirth: "Năm sinh của mẹ", profile.MotherJob: "Nghề nghiệp của mẹ",
	profile.GuardianName: "Người giám hộ", profile.GuardianBirth: "Năm sinh của người giám hộ", profile.GuardianJob: "Nghề nghiệp của người giám hộ",
	profile.RegisterNo: "Số đăng bộ",
}

// ProfileField names a line of the file as the booklet does.
func ProfileField(f profile.Field) string { return profileFields[f] }

var profileKinds = map[profile.Kind]string{
	profile.Addition: "Ghi bổ sung", profile.Correction: "Sửa chỗ ghi sai", profile.CivilStatus: "Thay đổi hộ tịch", profile.Moved: "Chuyển nơi ở",
	profile.Renamed: "Ghi theo tên đơn vị mới",
}

// ProfileKind names a kind of change.
func ProfileKind(k profile.Kind) string { return profileKinds[k] }

var profilePapers = map[profile.Paper]string{
	profile.BirthCertificate: "Giấy khai sinh, trích lục khai sinh", profile.Decision: "Quyết định, trích lục hộ tịch",
	profile.IdentityPaper: "Căn cước, thông báo số định danh", profile.ResidencePaper: "Xác nhận thông tin về cư trú",
	profile.FamilySheet: "Phiếu thông tin gia đình đã ký", profile.OtherPaper: "Giấy khác", profile.List: "Danh sách nhập từ tệp",
}

// ProfilePaper names a paper that was seen; "" for none.
func ProfilePaper(p profile.Paper) string { return profilePapers[p] }
