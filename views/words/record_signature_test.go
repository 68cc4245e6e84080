package words

import "testing"

func TestMessage_NamesPartsCellsAndPeople(t *testing.T) {
	for _, c := range []struct {
		code string
		args map[string]string
		want string
	}{
		{"record.part_incomplete", map[string]string{"part": "mon-TOAN", "cells": "TOAN.level TOAN.mark"}, "Toán: còn trống mức, điểm KTĐK."},
		{"record.missing_part_signature", map[string]string{"parts": "mon-AM_NHAC,mon-TIN_HOC"}, "Chưa có chữ ký Âm nhạc, Tin học."},
		{"record.page_incomplete", map[string]string{"part": "thongtinhocba", "cells": "absences YEU_NUOC.level NX_PHAM_CHAT.remark"},
			"Phần chủ nhiệm: còn trống số ngày nghỉ, Yêu nước, nhận xét phẩm chất chủ yếu."},
		{"record.overall_changed", map[string]string{"computed": "HTT", "shown": "HTXS"},
			"Kết quả nay là Hoàn thành tốt, lúc xem là Hoàn thành xuất sắc. Xem lại rồi ký."},
		{"record.already_signed", map[string]string{"at": "2026-06-17"}, "Giữ chữ ký ngày 17/06/2026, không ký lần nữa."},
		{"record.stage", map[string]string{"stage": "approved"},
			"Học bạ đang ở bước “Đã duyệt” nên chưa làm được việc này. Mở lại trang để xem việc có thể làm."},
	} {
		if got := Message(c.code, c.args); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.code, got, c.want)
		}
	}
}

func TestMessage_CountsWhatItDoesNotName(t *testing.T) {
	got := Message("record.part_invalid", map[string]string{"part": "mon-TOAN", "cells": "a b c d e f g"})
	if want := "Toán: a, b, c, d và 3 chỗ nữa chưa hợp lệ."; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestMender_NamesWhoClearsARefusal(t *testing.T) {
	for want, args := range map[string]map[string]string{
		"Giáo viên phụ trách: Đoàn Nhật Minh": {"mend": "subject_teacher", "teacher": "Đoàn Nhật Minh"},
		"Quản trị của trường":                 {"mend": "school_admin"},
		"Đoàn Nhật Minh":                      {"teacher": "Đoàn Nhật Minh"},
		"":                                    {},
	} {
		if got := Mender(args); got != want {
			t.Errorf("%v: %q, want %q", args, got, want)
		}
	}
}
