package views

import (
	"hocba/views/ui"
	"hocba/views/words"
)

// Fault is the page shown instead of the one asked for: what happened, what is
// kept, what to do, and the number by which the log knows it.
type Fault struct {
	Frame     *Frame // of a person signed in; nil: the public frame
	Public    Public
	Status    int // HTTP: 400, 403, 404, 405, 409, 413, 422, 423, 429, 500, 503
	Code      string
	Args      map[string]string
	RequestID string
	Time      string // "10:32 19/06/2026"
	Back      string // where one came from, an address of this site; empty: home
	Retry     string // the address asked for, when asking again may help
}

// advice is what the page says besides the sentence of the code.
type advice struct {
	title string
	tone  ui.Tone
	kept  string
	todo  string
	again bool // asking again may help
}

var advices = map[int]advice{
	404: {title: "Không mở được trang này", tone: ui.Neutral,
		kept: "Không có gì bị mất.",
		todo: "Xem lại địa chỉ, hoặc đổi sang vai được giao việc này. Lớp đã bàn giao cho người khác thì không còn mở được."},
	400: {title: "Chưa nhận được nội dung vừa gửi", tone: ui.Stop,
		kept: "Mọi thứ đã lưu trước đó vẫn còn. Lần gửi này chưa ghi gì.",
		todo: "Quay lại trang trước rồi gửi lại."},
	403: {title: "Không nhận việc từ trang khác", tone: ui.Stop,
		kept: "Không có gì được ghi hay thay đổi.",
		todo: "Mở Học bạ số rồi làm lại từ đó. Nếu thầy/cô vẫn đang ở trong Học bạ số, cập nhật trình duyệt."},
	405: {title: "Không mở được trang này", tone: ui.Neutral,
		kept: "Không có gì bị mất.",
		todo: "Về trang việc chờ tôi rồi mở lại trang cần làm."},
	409: {title: "Việc này chưa làm được", tone: ui.Wait,
		kept: "Mọi thứ đã lưu trước đó vẫn còn. Việc vừa bấm chưa ghi gì.",
		todo: "Quay lại trang trước; trang sẽ cho thấy học bạ đang ở bước nào và ai làm bước tiếp."},
	413: {title: "Tệp quá lớn", tone: ui.Stop,
		kept: "Chưa có gì được ghi từ tệp này.",
		todo: "Chia tệp nhỏ hơn rồi gửi lại."},
	422: {title: "Có chỗ cần sửa", tone: ui.Stop,
		kept: "Mọi thứ đã lưu trước đó vẫn còn. Lần gửi này chưa ghi gì.",
		todo: "Quay lại trang trước, sửa chỗ nêu trên rồi gửi lại."},
	423: {title: "Phần này đang khóa", tone: ui.Wait,
		kept: "Giá trị đã có vẫn giữ nguyên. Giá trị vừa nhập chưa được ghi.",
		todo: "Phần đã ký thì người ký rút chữ ký trước; hết thời gian nhập thì đề nghị hiệu trưởng ra lệnh mở lại."},
	429: {title: "Đợi một chút rồi thử lại", tone: ui.Wait,
		kept: "Không có gì bị mất.",
		todo: "Hết thời gian đợi, trang này mở lại như thường.", again: true},
	500: {title: "Chưa mở được trang này lúc này", tone: ui.Wait,
		kept: "Mọi ô báo “Đã lưu” vẫn còn.",
		todo: "Đợi một phút rồi thử lại. Nếu vẫn lỗi, gửi mã dưới đây cho quản trị của trường.", again: true},
	503: {title: "Chưa mở được trang này lúc này", tone: ui.Wait,
		kept: "Mọi ô báo “Đã lưu” vẫn còn.",
		todo: "Đợi một phút rồi thử lại. Nếu vẫn lỗi, gửi mã dưới đây cho quản trị của trường.", again: true},
}

// advice returns what fits the status; an unforeseen one is treated as 500, or
// as 409 when it is the asker's.
func (f Fault) advice() advice {
	if a, ok := advices[f.Status]; ok {
		return a
	}
	if f.Status >= 400 && f.Status < 500 {
		return advices[409]
	}
	return advices[500]
}

func (f Fault) sentence() string { return words.Message(f.Code, f.Args) }

func (f Fault) actions() []ui.Action {
	var out []ui.Action
	if f.advice().again && f.Retry != "" {
		out = append(out, ui.Action{Label: "Thử lại", URL: f.Retry, Kind: ui.Primary})
	} else if f.Back != "" {
		out = append(out, ui.Action{Label: "Quay lại", URL: f.Back, Kind: ui.Primary})
	}
	if f.Frame == nil {
		return append(out, ui.Action{Label: "Tra cứu học bạ", URL: LookupURL}, ui.Action{Label: "Đăng nhập", URL: SignInURL})
	}
	return append(out, ui.Action{Label: "Về Việc chờ tôi", URL: HomeURL})
}

func (f Fault) icon() ui.Icon {
	switch f.advice().tone {
	case ui.Stop:
		return ui.IconStop
	case ui.Neutral:
		return ui.IconSearch
	}
	if f.Status == 423 {
		return ui.IconLock
	}
	return ui.IconWarn
}

func (f Fault) frame() Frame {
	frame := *f.Frame
	frame.Title, frame.Heading, frame.Lead, frame.Crumbs, frame.Actions = f.advice().title, "", "", nil, nil
	return frame
}

func (f Fault) public() Public {
	p := f.Public
	p.Title, p.Heading = f.advice().title, ""
	return p
}
