package views

import (
	"github.com/a-h/templ"

	"hocba/internal/evaluation"
)

// savingWords are the sentences of the saving line, by what they tell: {n} is a
// number of cells, {at} a time.
var savingWords = templ.OrderedAttributes{
	{Key: "data-saving", Value: "Đang lưu {n} ô…"},
	{Key: "data-saved", Value: "Đã lưu {at}"},
	{Key: "data-offline", Value: "Mất kết nối – {n} ô đang chờ"},
	{Key: "data-session", Value: "Phiên làm việc đã hết – {n} ô đang chờ"},
	{Key: "data-stuck", Value: "Máy chủ không nhận – {n} ô đang chờ"},
	{Key: "data-look", Value: "{n} ô cần xem"},
	{Key: "data-paste", Value: "Đã dán: {n} ô nhận"},
	{Key: "data-down", Value: "Đã điền xuống: {n} ô nhận"},
	{Key: "data-clear", Value: "Đã xóa {n} ô"},
	{Key: "data-undo", Value: "Đã hoàn tác {n} ô"},
	{Key: "data-no", Value: ", {n} ô từ chối"},
	{Key: "data-outside", Value: ", {n} ô nằm ngoài bảng"},
	{Key: "data-nothing", Value: "Không còn gì để hoàn tác"},
	{Key: "data-chosen", Value: "Đang chọn {n} ô"},
	{Key: "data-others", Value: "{n} ô vừa đổi ở nơi khác"},
}

// gridKey is a line of the list of keys.
type gridKey struct {
	caps []string
	does string
}

// keys lists the keys of the grid for its reader; the letters are those of its scale.
func (g Gradebook) keys() []gridKey {
	find := []gridKey{{[]string{"/"}, "tìm em theo vài chữ cái"}, {[]string{"F8"}, "mở bảng bên của em"}}
	if g.Writer == 0 {
		return find
	}
	var out []gridKey
	if g.kind() != "remarks" {
		letters := gridKey{does: "ghi mức và xuống em dưới"}
		for _, l := range g.Columns[0].Item.Scale() {
			letters.caps = append(letters.caps, string(l))
			if l == evaluation.D {
				letters.does += "; phím D cũng là Đ"
			}
		}
		out = append(out, letters)
	}
	out = append(out,
		gridKey{[]string{"Enter", "Shift Enter"}, "xuống, lên"},
		gridKey{[]string{"Tab", "Shift Tab"}, "sang phải, sang trái"},
		gridKey{[]string{"←", "↑", "→", "↓"}, "sang ô bên; đang sửa chữ thì đưa con trỏ đi"},
		gridKey{[]string{"F2", "Esc"}, "sửa trong ô; bỏ điều vừa gõ"},
		gridKey{[]string{"Alt Enter"}, "xuống dòng trong nhận xét"},
		gridKey{[]string{"Shift ↓", "Shift →"}, "chọn khối ô; kéo chuột cũng được"},
		gridKey{[]string{"Ctrl C", "Ctrl V"}, "chép, dán khối ô với Excel, LibreOffice"},
		gridKey{[]string{"Ctrl D", "Delete"}, "điền xuống cả khối; xóa cả khối"},
		gridKey{[]string{"Ctrl Z"}, "hoàn tác, tới 50 việc"},
	)
	return append(out, find...)
}
