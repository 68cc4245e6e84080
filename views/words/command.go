package words

// Command is what a command of the program hocba does, in one line.
func Command(name string) string { return label(commands, name) }

// Flag is what a flag of a command sets. A flag that means something else in
// one command stands in the table as "command --flag".
func Flag(command, name string) string {
	if text, ok := flagTexts[command+" --"+name]; ok {
		return text
	}
	return label(flagTexts, name)
}

var commands = map[string]string{
	"serve":                 "chạy máy chủ; dữ liệu trong thư mục dữ liệu, hoặc trên PostgreSQL có sẵn",
	"migrate":               "nâng lược đồ cơ sở dữ liệu lên bản của chương trình này",
	"seed":                  "dựng một tỉnh thử trong cơ sở dữ liệu còn trống",
	"import":                "nhập danh sách từ tệp Excel",
	"import pupils":         "nhập danh sách học sinh của một trường từ tệp .xlsx",
	"import results":        "nhập kết quả môn học hoặc bảng cả lớp từ tệp .xlsx, thay một giáo viên",
	"import traits":         "nhập phẩm chất, năng lực từ tệp .xlsx, thay giáo viên chủ nhiệm",
	"import accounts":       "nhập tài khoản cán bộ, giáo viên từ tệp .xlsx, thay quản trị của trường",
	"import assignments":    "nhập phân công giảng dạy, chủ nhiệm từ tệp .xlsx, thay quản trị của trường",
	"evaluate":              "tổng hợp kết quả cuối năm cho từng dòng của tệp JSON Lines",
	"verify":                "kiểm tra tệp học bạ, văn bản hoặc biên nhận đã ký",
	"schema":                "in lược đồ XSD của học bạ",
	"version":               "in bản của chương trình và của lược đồ",
	"transfer-file":         "lập hồ sơ điện tử chuyển đi của một học sinh, hoặc hồ sơ bằng chứng của một bản học bạ, Sở ký",
	"trust-bundle":          "in danh sách chứng thư gốc được tin, Sở ký, để kiểm tra trên máy không có mạng",
	"sandbox":               "máy chủ giả lập của bên thứ ba, để thử",
	"sandbox tsa":           "máy chủ cấp dấu thời gian (RFC 3161) để thử, không có giá trị pháp lý",
	"sandbox remote-signer": "dịch vụ ký từ xa (CSC API v2) để thử, không có giá trị pháp lý",
	"sandbox token-agent":   "chương trình ký của USB token ở máy này để thử, không có giá trị pháp lý",
	"sandbox ca":            "tổ chức cấp chứng thư để thử: cấp, thu hồi, trả lời OCSP và CRL",
	"trust":                 "danh sách tổ chức cấp chứng thư được tin",
	"registry-key":          "khóa với đó kho học bạ ký biên nhận và đóng dấu bản giấy",
	"registry-key list":     "in chứng thư của kho học bạ, bản đang dùng đứng đầu",
	"registry-key request":  "tạo khóa mới cho kho học bạ, in yêu cầu cấp chứng thư (PKCS #10)",
	"registry-key install":  "kiểm tra chứng thư tổ chức cấp trả về và đưa khóa ấy vào dùng",
	"registry-key device":   "kiểm tra và đưa vào dùng khóa nằm trên thiết bị PKCS#11 ở máy chủ",
	"trust list":            "in danh sách tin cậy",
	"trust add":             "thêm tổ chức cấp vào danh sách tin cậy",
	"trust end":             "thôi tin một tổ chức cấp; KEY là 8 kí tự đầu trở lên của mã trong danh sách",
}

var flagTexts = map[string]string{
	"data":            "thư mục dữ liệu",
	"listen":          "địa chỉ nhận kết nối",
	"database":        "PostgreSQL có sẵn (postgres://máy/csdl?sslmode=…); mật khẩu lấy từ PGPASSFILE",
	"base-url":        "địa chỉ công khai, in trong mã QR; mặc định theo --listen",
	"trusted-proxies": "các mạng có máy chủ trung gian được tin (10.0.0.0/8, 127.0.0.1), cách nhau bằng dấu phẩy; chỉ từ đó X-Forwarded-For mới được tính",
	"now":             "giả định ngày giờ (2026-06-29 hoặc 2026-06-29T23:50), chỉ với dữ liệu thử",
	"log":             "dạng nhật ký: text hoặc json",

	"signer-socket": "ổ cắm Unix của hocba-signer, khi trường hay kho ký bằng thiết bị PKCS#11 ở máy chủ",

	"seed":     "số gieo: cùng số cho cùng người, lớp, điểm, nhận xét",
	"schools":  "số trường thêm vào ba trường có chuyện kể",
	"classes":  "số lớp của mỗi trường thêm",
	"pupils":   "số học sinh của một lớp thường",
	"if-empty": "đã có dữ liệu thì không dựng gì, chỉ in lại tài khoản thử",

	"import pupils --school": "mã của trường",
	"import pupils --year":   "năm học của danh sách, như 2025-2026",
	"import pupils --from":   "ngày vào lớp của học sinh mới; mặc định 05/09 của năm học",
	"import pupils --write":  "ghi; không có thì chỉ xem trước",
	"import pupils --json":   "in báo cáo dạng JSON cho máy đọc",

	"import results --school":     "mã của trường",
	"import results --year":       "năm học, như 2025-2026",
	"import results --as":         "tên đăng nhập của giáo viên có phần được nhập",
	"import results --class":      "lớp, khi tệp không ghi",
	"import results --period":     "thời điểm đánh giá khi tệp không ghi: gk1, ck1, gk2, cn, he",
	"import results --subject":    "mã môn khi tệp không ghi, như TOAN",
	"import results --write":      "ghi các dòng xanh; không có thì chỉ xem trước",
	"import results --json":       "in báo cáo dạng JSON cho máy đọc",
	"import traits --school":      "mã của trường",
	"import traits --year":        "năm học, như 2025-2026",
	"import traits --as":          "tên đăng nhập của giáo viên có phần được nhập",
	"import traits --class":       "lớp, khi tệp không ghi",
	"import traits --period":      "thời điểm đánh giá khi tệp không ghi: gk1, ck1, gk2, cn, he",
	"import traits --subject":     "mã môn khi tệp không ghi, như TOAN",
	"import traits --write":       "ghi các dòng xanh; không có thì chỉ xem trước",
	"import traits --json":        "in báo cáo dạng JSON cho máy đọc",
	"import accounts --school":    "mã của trường",
	"import accounts --year":      "năm học, như 2025-2026",
	"import accounts --as":        "tên đăng nhập của quản trị trường",
	"import accounts --write":     "ghi các dòng xanh; không có thì chỉ xem trước",
	"import accounts --json":      "in báo cáo dạng JSON cho máy đọc",
	"import assignments --school": "mã của trường",
	"import assignments --year":   "năm học, như 2025-2026",
	"import assignments --as":     "tên đăng nhập của quản trị trường",
	"import assignments --write":  "ghi các dòng xanh; không có thì chỉ xem trước",
	"import assignments --json":   "in báo cáo dạng JSON cho máy đọc",
	"import assignments --from":   "ngày đầu cho dòng không ghi ngày; mặc định 05/09 của năm học",

	"trust-bundle --pem":               "in PEM trần, không có chữ ký của Sở, cho chương trình khác",
	"sandbox remote-signer --data":     "thư mục dữ liệu của tỉnh thử, có khóa của người ký",
	"sandbox remote-signer --delay":    "người ký xác nhận sau bấy nhiêu mili giây",
	"sandbox remote-signer --phone":    "chờ bấm nút ở trang /phone thay vì tự xác nhận",
	"sandbox remote-signer --refuse":   "người ký luôn từ chối",
	"sandbox remote-signer --sad-life": "xác nhận hết hạn sau bấy nhiêu mili giây",
	"sandbox remote-signer --omit":     "bỏ sót chữ ký thứ n của mỗi lượt; 0 là không",
	"sandbox remote-signer --fail":     "báo lỗi 503 bấy nhiêu lượt ký đầu",
	"sandbox remote-signer --pin":      "dùng PIN này thay cho xác nhận trên điện thoại",
	"sandbox remote-signer --bound":    "xác nhận chỉ cho đúng các mã băm đã gửi (SCAL 2)",
	"sandbox remote-signer --otp":      "gửi mã dùng một lần đến trang /phone và đòi mã ấy (getChallenge)",
	"sandbox remote-signer --send-otp": "như --otp, gửi bằng sendOTP của bản 1",
	"sandbox remote-signer --page":     "người ký xác nhận ở trang của dịch vụ (OAuth 2, scope credential)",
	"sandbox token-agent --data":       "thư mục dữ liệu của tỉnh thử, có khóa của người ký",
	"sandbox token-agent --user":       "số của người ký trong tệp khóa",
	"sandbox token-agent --portal":     "địa chỉ các cổng được dùng token, cách nhau bằng dấu phẩy",
	"sandbox token-agent --pin":        "PIN của token",
	"sandbox token-agent --answer":     "tự trả lời PIN này thay vì hỏi ở màn hình lệnh",
	"sandbox token-agent --unplugged":  "coi như token bị rút",
	"sandbox ca --data":                "thư mục giữ khóa của tổ chức cấp",
	"provider":                         "tên tổ chức cấp, như mọi người vẫn gọi",
	"decision":                         "căn cứ: số và ngày văn bản",
	"from":                             "từ ngày; mặc định ngay bây giờ",
	"until":                            "đến trước ngày; mặc định tới khi chứng thư hết hạn",
	"trial":                            "chữ ký theo tổ chức này chỉ là thử nghiệm",

	"transfer-file --pupil":    "mã học sinh: mọi bản đang dùng của em",
	"transfer-file --version":  "SHA-256 của một bản học bạ: hồ sơ bằng chứng của bản ấy",
	"transfer-file --to":       "trường nhận, khi chuyển đi",
	"transfer-file --province": "tỉnh, thành phố của trường nhận",
	"transfer-file --reason":   "lí do, ghi vào danh mục của hồ sơ",
	"transfer-file --out":      "tệp ZIP sẽ ghi; không ghi đè tệp có sẵn",

	"registry-key device --token": "nhãn của thiết bị",
	"registry-key device --key":   "mã khóa (CKA_ID, hệ 16), khi thiết bị có nhiều khóa của Sở",
	"registry-key request --rsa":  "khóa RSA 2048 thay cho ECDSA P-256",

	"revocation-hosts":   "máy chủ OCSP, CRL được hỏi, cách nhau bằng dấu phẩy; .gov.vn là cả tên miền; mặc định mọi máy công khai",
	"revocation-inside":  "máy:cổng trong mạng riêng cũng được hỏi",
	"revocation-offline": "không hỏi ai về tình trạng thu hồi",

	"sandbox tsa --data":  "thư mục giữ khóa; khóa của tỉnh thử nằm trong thư mục dữ liệu của nó",
	"sandbox tsa --fail":  "cố ý trả lời sai: refuse, wrong-imprint, wrong-nonce, clock-off, garbled",
	"sandbox tsa --delay": "trả lời chậm bấy nhiêu mili giây",

	"migrate --database": "PostgreSQL có sẵn, với quyền của chủ cơ sở dữ liệu",
}

// CommandUsage are the headings of the program's help.
var CommandUsage = struct{ Usage, Commands, Flags, Twin, More, Operands string }{
	Usage:    "Cách dùng",
	Commands: "Các lệnh",
	Flags:    "Tùy chọn",
	Twin:     "Mỗi tùy chọn có thể đặt bằng biến môi trường ghi bên cạnh; tùy chọn trên dòng lệnh được ưu tiên.",
	More:     "Gõ “hocba LỆNH --help” để xem tùy chọn của lệnh.",
	Operands: "cần",
}

// commandMessages are what the program says at the terminal.
var commandMessages = map[string]string{
	"command.unknown":      "Không có lệnh “{name}”. Gõ “hocba help” để xem các lệnh.",
	"command.flag_unknown": "Lệnh này không có tùy chọn “{name}”. Gõ “hocba {command} --help” để xem.",
	"command.flag_value":   "Tùy chọn --{name} (hoặc {twin}) không nhận giá trị “{value}”.",
	"command.flag_missing": "Tùy chọn --{name} thiếu giá trị.",
	"command.operands":     "Cách dùng: hocba {command} {operands}",
	"command.failed":       "Lệnh “{name}” không làm xong.",
	"command.file":         "Không đọc được tệp {name}.",
	"command.out":          "Không ghi được tệp {name}, hoặc tệp đã có.",

	"command.transfer_file":      "Cần --out và đúng một trong hai: --pupil (hồ sơ chuyển đi) hoặc --version (hồ sơ bằng chứng).",
	"command.transfer_file_made": "Đã ghi {file}: {versions} bản học bạ, {papers} bản giấy.",

	"seed.not_empty": "Cơ sở dữ liệu này đã có dữ liệu. Dữ liệu thử chỉ dựng được trong cơ sở dữ liệu trống.",
	"seed.step":      "Đang dựng dữ liệu thử: {step} …",
	"seed.done":      "Dựng xong dữ liệu thử sau {seconds} giây.",
	"seed.accounts":  "Tài khoản thử, mỗi vai một tài khoản (đủ cả: {file}):",
	"seed.pins":      "Mã PIN thử: ký cá nhân {person}, con dấu của trường {seal}.",
	"seed.codes":     "Mã tra cứu thử, kèm ngày sinh và câu trả lời ({file}):",

	"serve.address":         "Học bạ số đang chạy tại {address}",
	"serve.stopping":        "Đang dừng: xong các yêu cầu dở dang rồi tắt. Bấm Ctrl-C lần nữa để tắt ngay.",
	"serve.listen_busy":     "Địa chỉ {address} đang có chương trình khác dùng. Chọn địa chỉ khác bằng --listen.",
	"serve.listen_refused":  "Không nhận kết nối ở {address} được. Chọn địa chỉ khác bằng --listen.",
	"serve.now_unreadable":  "--now không nhận “{value}”. Ghi ngày (2026-06-29) hoặc ngày giờ (2026-06-29T23:50), theo giờ Việt Nam.",
	"serve.now_not_demo":    "--now chỉ dùng được với dữ liệu thử do lệnh “seed” dựng. Bỏ --now để chạy với ngày giờ thật.",
	"serve.base_url":        "--base-url không nhận “{value}”. Ghi địa chỉ bắt đầu bằng http:// hoặc https://, không có đường dẫn.",
	"serve.trusted_proxies": "--trusted-proxies không nhận “{value}”. Ghi các mạng dạng 10.0.0.0/8 hoặc từng địa chỉ, cách nhau bằng dấu phẩy.",
	"serve.schema_older":    "Lược đồ của cơ sở dữ liệu (bản {have}) cũ hơn chương trình (bản {want}). Chạy “hocba migrate” trước.",
	"serve.schema_newer":    "Lược đồ của cơ sở dữ liệu (bản {have}) mới hơn chương trình (bản {want}). Chạy bản mới hơn của chương trình.",

	"sandbox.remote":     "Dịch vụ ký từ xa thử đang chạy tại {address}. Điện thoại của người ký: {phone}.",
	"sandbox.token":      "Token thử của {holder} đang chờ tại {address}.",
	"sandbox.token_asks": "{origin} xin ký {count} học bạ (đầu tiên: {first}). Nhập PIN, để trống là từ chối:",
	"sandbox.user":       "Tệp khóa không có người ký số {user}.",
	"sandbox.portal":     "Chưa hỏi được khóa của cổng {origin}. Chạy cổng trước rồi mở token.",
	"sandbox.keys":       "Tệp khóa của máy chủ giả lập không đọc được.",
	"sandbox.tsa":        "Máy chủ dấu thời gian thử đang chạy tại {address}. Sở ghi địa chỉ này ở trang Dấu thời gian.",
	"sandbox.tsa_root":   "Đã tạo nơi cấp riêng. Thêm chứng thư gốc {file} vào danh sách được tin thì dấu thời gian mới có hiệu lực.",
	"sandbox.fail":       "--fail không nhận “{value}”. Chọn refuse, wrong-imprint, wrong-nonce, clock-off hoặc garbled.",
	"sandbox.ca":         "Tổ chức cấp chứng thư thử đang chạy tại {address}: /ocsp, /crl, /ca; cấp bằng POST /issue, thu hồi bằng POST /withdraw.",
	"sandbox.ca_root":    "Đã tạo tổ chức cấp thử. Thêm chứng thư gốc {file} bằng hocba trust add --trial.",
	"trust.added":        "Đã thêm {name} vào danh sách tin cậy.",
	"trust.ends":         "{name} thôi được tin từ {day}.",

	"registry_key.installed": "Kho học bạ ký bằng chứng thư của {name}, đến {until}. Máy chủ đang chạy tự chuyển sang khóa này.",

	"migrate.done": "Lược đồ ở bản {version}.",

	"cluster.in_use":      "Thư mục dữ liệu {folder} đang được một máy chủ khác dùng (tiến trình {pid}). Dừng máy chủ ấy, hoặc chọn thư mục khác bằng --data.",
	"cluster.no_postgres": "Máy này chưa có PostgreSQL 15 trở lên. Cài bằng “make setup” hoặc “apt-get install postgresql”, hoặc chỉ tới một PostgreSQL có sẵn bằng --database.",
	"cluster.version":     "Dữ liệu trong {folder} do PostgreSQL {made} tạo, bản ấy không còn trên máy. Cài lại PostgreSQL {made}.",
	"database.refused":    "Không vào được cơ sở dữ liệu. Xem lại --database, quyền của hai vai hocba_portal và hocba_registry, và tệp mật khẩu PGPASSFILE.",

	"version.line": "hocba {version}, lược đồ cơ sở dữ liệu {schema}, lược đồ học bạ {record}, {go}",
}

var seedSteps = map[string]string{
	"units": "đơn vị", "people": "thầy cô, cán bộ, chứng thư", "registry": "kho học bạ của Sở", "past": "năm học 2025–2026, từ nhập điểm đến chốt",
	"current": "năm học 2026–2027 đang làm", "signers": "cách ký bằng dịch vụ và token để thử", "stamps": "nơi cấp dấu thời gian để thử", "stamps end": "tắt nơi cấp dấu thời gian", "counts": "số liệu tiến độ", "codes": "mã tra cứu để thử",
}

// SeedStep names a step of building the demonstration.
func SeedStep(code string) string { return label(seedSteps, code) }

var shortVerdicts = map[string]string{
	"valid": "hợp lệ, có hiệu lực", "unlocked": "hợp lệ, chưa chốt", "replaced": "đã thay thế", "recalled": "nhà trường đã rút lại",
	"revoked": "đã thu hồi", "unknown": "không tìm thấy",
}

// VerdictShort names a verdict in a list, without its date.
func VerdictShort(code string) string { return label(shortVerdicts, code) }
