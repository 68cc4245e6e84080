package words

import "maps"

func init() {
	tables = append(tables, transferMessages, evidenceMessages)
	maps.Copy(checks, transferChecks)
	maps.Copy(fileHeadings, transferHeadings)
}

// transferChecks are the names of the checks of transfer files and of evidence.
var transferChecks = map[string]string{
	"transfer_form":     "Tệp ZIP đúng quy cách hồ sơ chuyển đi",
	"transfer_renewal":  "Gia hạn bằng chứng của danh mục",
	"transfer_complete": "Đủ mọi tệp ghi trong danh mục, không đổi một byte",
	"transfer_only":     "Không có tệp nào ngoài danh mục",
	"transfer_pupil":    "Mọi học bạ đều của học sinh ghi trong danh mục",
	"transfer_years":    "Đúng các bản ghi trong danh mục, theo thứ tự năm",
	"transfer_receipts": "Có biên nhận của Sở cho từng bản",
	"transfer_members":  "Từng học bạ, biên nhận, bản giấy đều đúng",
	"evidence":          "Bằng chứng lưu kèm, gia hạn liên tục",
}

var transferHeadings = map[string]string{
	"transfer.CHUYEN_DI":  "Hồ sơ điện tử chuyển đi, {school} gửi {to} ({province}); học sinh {pupil}; {versions} năm học, {files} tệp; {department} lập lúc {at}",
	"transfer.BANG_CHUNG": "Hồ sơ bằng chứng, {school}; học sinh {pupil}; {versions} bản học bạ, {files} tệp; {department} lập lúc {at}",
}

// transferKinds are what the files of a transfer file are.
var transferKinds = map[string]string{"HOC_BA": "Học bạ", "BIEN_NHAN": "Biên nhận của Sở", "BAN_GIAY": "Bản giấy"}

// TransferKind names a member of a transfer file.
func TransferKind[T ~string](kind T) string { return label(transferKinds, kind) }

// transferMessages are about transfer files.
var transferMessages = map[string]string{
	"transfer.form":           "Không đọc được tệp ZIP theo quy cách hồ sơ chuyển đi ({what}). Xin lại tệp gốc.",
	"transfer.not_a_manifest": "danh-muc.xml không phải danh mục hồ sơ chuyển đi.",
	"transfer.not_renewed":    "Chưa gia hạn; danh mục tự chứng minh.",
	"transfer.missing":        "Thiếu tệp {name} có trong danh mục.",
	"transfer.altered":        "Tệp {name} không phải tệp ghi trong danh mục.",
	"transfer.unlisted":       "Có tệp {name} không ghi trong danh mục.",
	"transfer.other_pupil":    "Học bạ {name} không phải của học sinh ghi trong danh mục.",
	"transfer.years":          "Năm học {year} đứng sai thứ tự hoặc có hai bản.",
	"transfer.other_version":  "Bản của năm học {year} khác bản ghi trong danh mục.",
	"transfer.no_receipt":     "Năm học {year} không có biên nhận còn kiểm tra được.",
	"transfer.member":         "Tệp {name} không hợp lệ; xem phần riêng của tệp.",
	"transfer.member_unknown": "Tệp {name} chưa kết luận được; xem phần riêng của tệp.",
	"transfer.nothing":        "Kho học bạ chưa nhận học bạ nào của em, nên chưa có gì để chuyển.",
	"transfer.pupils":         "Các học bạ này không phải của cùng một học sinh.",
	"transfer.not_managing":   "Trường khác đang quản lý học bạ của em. Trường đó lập hồ sơ chuyển đi.",
	"transfer.to":             "Ghi tên trường nhận.",
	"transfer.reason":         "Ghi lí do chuyển.",
}

// evidenceMessages are about what lies beside a version.
var evidenceMessages = map[string]string{
	"evidence.none":         "Không có bằng chứng lưu kèm.",
	"evidence.form":         "Bằng chứng lưu kèm không đọc được.",
	"evidence.other":        "Bằng chứng này của tệp khác.",
	"evidence.link":         "Chuỗi bằng chứng đứt: một lần gia hạn không nối lần trước.",
	"evidence.order":        "Chuỗi bằng chứng sai thứ tự thời gian.",
	"evidence.gap":          "Gia hạn ngày {renewed}, sau khi lần trước đã hết hạn ngày {until}.",
	"evidence.ended":        "Dấu thời gian mới nhất của bằng chứng đã hết hạn ngày {until}. Hỏi Sở xin bản đã gia hạn.",
	"evidence.part_missing": "Thiếu một chứng thư hoặc câu trả lời mà bằng chứng nêu.",
	"verify.stamp_ended":    "Nơi cấp dấu thời gian hết hạn chứng thư từ {until}. Cần bằng chứng đã gia hạn, xin ở Sở.",
}
