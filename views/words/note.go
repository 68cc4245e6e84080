package words

// noteMessages are about what colleagues write to each other at a cell.
var noteMessages = map[string]string{
	"note.body":   "Ghi nội dung trao đổi, không quá 1000 chữ.",
	"note.item":   "Chọn môn học hoặc mục đánh giá.",
	"note.to":     "Hôm nay chưa có ai khác giữ việc này. Chọn người nhận khác.",
	"note.closed": "Trao đổi này đã kết thúc. Có điều mới thì viết trao đổi khác.",
}
