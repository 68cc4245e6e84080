// Package gradesheet is what teachers import from .xlsx into the gradebook:
// results of subjects, qualities and competencies, whole class tables as other
// software exports them (domain notes §4, §9.2). It finds out which row is
// which pupil and which cell goes where, and turns the gradebook's own judgement
// of every cell into a verdict of the row. It reads no file (package
// spreadsheet does), judges no value and no right (the gradebook does), and
// knows no SQL and no sentence for people.
package gradesheet

import (
	"sync"

	"hocba/internal/evaluation"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
)

// synonyms are how tables of other software call the items, beside the official
// and the short name. They are reference facts, not words of the portal.
var synonyms = map[evaluation.Item][]string{
	"NGOAI_NGU_1": {"Ngoại ngữ", "Tiếng Anh", "Ngoại ngữ 1 (Tiếng Anh)", "NN1", "Anh văn"}, "TIENG_VIET": {"TV", "T.Việt"},
	"LICH_SU_DIA_LI": {"Lịch sử và Địa lý", "LS-ĐL", "LSĐL", "LS&ĐL", "Sử - Địa", "Lịch sử - Địa lí"},
	"TIN_HOC":        {"Tin học", "Tin", "Tin học và Công nghệ (Tin học)", "Tin học - Công nghệ (Tin học)", "TH-CN (Tin học)"},
	"CONG_NGHE":      {"Công nghệ", "Tin học và Công nghệ (Công nghệ)", "Tin học - Công nghệ (Công nghệ)", "TH-CN (Công nghệ)"},
	"KHOA_HOC":       {"KH"}, "DAO_DUC": {"ĐĐ"}, "TU_NHIEN_XA_HOI": {"TN-XH", "TNXH", "TN&XH", "Tự nhiên và Xã hội", "Tự nhiên xã hội"},
	"GIAO_DUC_THE_CHAT":     {"GDTC", "Thể dục", "GD thể chất"},
	"AM_NHAC":               {"Âm nhạc", "Nghệ thuật (Âm nhạc)", "Nhạc"},
	"MI_THUAT":              {"Mĩ thuật", "Mỹ thuật", "Nghệ thuật (Mĩ thuật)", "Nghệ thuật (Mỹ thuật)", "Vẽ"},
	"HOAT_DONG_TRAI_NGHIEM": {"HĐTN", "HĐ trải nghiệm", "Hoạt động trải nghiệm"}, "TIENG_DAN_TOC": {"TDT", "Tiếng dân tộc thiểu số"},

	evaluation.TuChuTuHoc:     {"Tự chủ, tự học", "Tự chủ - tự học", "TC-TH", "TCTH"},
	evaluation.GiaoTiepHopTac: {"Giao tiếp, hợp tác", "Giao tiếp - hợp tác", "GT-HT", "GTHT"},
	evaluation.GiaiQuyetVanDe: {"Giải quyết vấn đề, sáng tạo", "GQVĐ và sáng tạo", "GQVĐ-ST", "GQVĐ&ST", "Giải quyết vấn đề và ST"},
	evaluation.ThamMi:         {"Thẩm mỹ"},

	evaluation.RemarkQualities:            {"Phẩm chất", "PC", "PC chủ yếu", "Các phẩm chất chủ yếu"},
	evaluation.RemarkGeneralCompetencies:  {"NL chung", "Các năng lực chung", "Năng lực cốt lõi chung"},
	evaluation.RemarkSpecificCompetencies: {"NL đặc thù", "Các năng lực đặc thù"},
}

// Vocabulary names every item of the class table for spreadsheet.ReadGrades.
var Vocabulary = sync.OnceValue(func() *spreadsheet.Vocabulary {
	var terms []spreadsheet.Term
	add := func(it evaluation.Item, kind spreadsheet.TermKind, names ...string) {
		terms = append(terms, spreadsheet.Term{Item: string(it), Kind: kind, Names: append(names, synonyms[it]...)})
	}
	for _, s := range school.Subjects {
		add(evaluation.Item(s), spreadsheet.SubjectTerm, s.Name(), s.Short())
	}
	for _, it := range evaluation.Traits() {
		add(it, spreadsheet.TraitTerm, it.Name())
	}
	for _, it := range evaluation.RemarkGroups {
		add(it, spreadsheet.GroupTerm, it.Name())
	}
	return spreadsheet.NewVocabulary(terms...)
})
