// Package evaluation holds what teachers write about a pupil and what follows
// from it: the items and scales of TT 27/2020/TT-BGDĐT, dated rule sets (data
// in rules/*.json, code here), the reading of a cell, the year-end
// consolidation (Điều 9), completeness, commendation (Điều 13) and the
// completion of a grade (Điều 11). It judges values only: it knows no owner,
// no stage, no signature, no storage and no text for people beyond the
// official names of the items.
package evaluation

import "hocba/internal/school"

// Item is what a cell is about: the code of a school.Subject, of a quality or
// competency (together: traits, Điều 5), or of a group that has one remark.
type Item string

// The qualities and competencies of Điều 5.
const (
	YeuNuoc         Item = "YEU_NUOC"
	NhanAi          Item = "NHAN_AI"
	ChamChi         Item = "CHAM_CHI"
	TrungThuc       Item = "TRUNG_THUC"
	TrachNhiem      Item = "TRACH_NHIEM"
	TuChuTuHoc      Item = "NL_TU_CHU_TU_HOC"
	GiaoTiepHopTac  Item = "NL_GIAO_TIEP_HOP_TAC"
	GiaiQuyetVanDe  Item = "NL_GIAI_QUYET_VAN_DE"
	NgonNgu         Item = "NL_NGON_NGU"
	TinhToan        Item = "NL_TINH_TOAN"
	NangLucKhoaHoc  Item = "NL_KHOA_HOC"
	NangLucCongNghe Item = "NL_CONG_NGHE"
	NangLucTinHoc   Item = "NL_TIN_HOC"
	ThamMi          Item = "NL_THAM_MI"
	TheChat         Item = "NL_THE_CHAT"
)

// The three groups whose traits share one remark in the booklet (Phụ lục 1,
// parts 2, 3.1 and 3.2).
const (
	RemarkQualities            Item = "NX_PHAM_CHAT"
	RemarkGeneralCompetencies  Item = "NX_NANG_LUC_CHUNG"
	RemarkSpecificCompetencies Item = "NX_NANG_LUC_DAC_THU"
)

// The traits in the order of the booklet, by group. Nobody may change them.
var (
	Qualities            = []Item{YeuNuoc, NhanAi, ChamChi, TrungThuc, TrachNhiem}
	GeneralCompetencies  = []Item{TuChuTuHoc, GiaoTiepHopTac, GiaiQuyetVanDe}
	SpecificCompetencies = []Item{NgonNgu, TinhToan, NangLucKhoaHoc, NangLucCongNghe, NangLucTinHoc, ThamMi, TheChat}
	RemarkGroups         = []Item{RemarkQualities, RemarkGeneralCompetencies, RemarkSpecificCompetencies}
)

// itemNames are the official names of Điều 5, with ĩ as the forms have it.
var itemNames = map[Item]string{
	YeuNuoc: "Yêu nước", NhanAi: "Nhân ái", ChamChi: "Chăm chỉ", TrungThuc: "Trung thực", TrachNhiem: "Trách nhiệm",
	TuChuTuHoc: "Tự chủ và tự học", GiaoTiepHopTac: "Giao tiếp và hợp tác", GiaiQuyetVanDe: "Giải quyết vấn đề và sáng tạo",
	NgonNgu: "Ngôn ngữ", TinhToan: "Tính toán", NangLucKhoaHoc: "Khoa học", NangLucCongNghe: "Công nghệ",
	NangLucTinHoc: "Tin học", ThamMi: "Thẩm mĩ", TheChat: "Thể chất",
	RemarkQualities: "Phẩm chất chủ yếu", RemarkGeneralCompetencies: "Năng lực chung", RemarkSpecificCompetencies: "Năng lực đặc thù",
}

// Kind says to which family an item belongs; it decides the scale.
type Kind int

// The kinds of item.
const (
	Unknown Kind = iota
	SubjectItem
	TraitItem
	RemarkItem
)

// kinds is filled once from the lists above, so that Kind is a look-up.
var kinds = func() map[Item]Kind {
	m := make(map[Item]Kind)
	for _, s := range school.Subjects {
		m[Item(s)] = SubjectItem
	}
	for _, group := range [][]Item{Qualities, GeneralCompetencies, SpecificCompetencies} {
		for _, t := range group {
			m[t] = TraitItem
		}
	}
	for _, g := range RemarkGroups {
		m[g] = RemarkItem
	}
	return m
}()

// Kind returns the item's family; Unknown for a code that is no item.
func (i Item) Kind() Kind { return kinds[i] }

// Name returns the official name as the booklet prints it; "" for no item.
func (i Item) Name() string {
	if i.Kind() == SubjectItem {
		return school.Subject(i).Name()
	}
	return itemNames[i]
}

// Subject returns the item as a subject; ok is false when it is none.
func (i Item) Subject() (s school.Subject, ok bool) {
	return school.Subject(i), i.Kind() == SubjectItem
}

// Group returns the remark group a trait belongs to; "" for anything else.
func (i Item) Group() Item {
	for n, group := range [][]Item{Qualities, GeneralCompetencies, SpecificCompetencies} {
		for _, t := range group {
			if t == i {
				return RemarkGroups[n]
			}
		}
	}
	return ""
}

// Members returns the traits of a remark group in the booklet's order; nil for
// anything else.
func (i Item) Members() []Item {
	switch i {
	case RemarkQualities:
		return Qualities
	case RemarkGeneralCompetencies:
		return GeneralCompetencies
	case RemarkSpecificCompetencies:
		return SpecificCompetencies
	}
	return nil
}

// Traits returns all fifteen traits in the order of the booklet.
func Traits() []Item {
	all := make([]Item, 0, 15)
	all = append(all, Qualities...)
	all = append(all, GeneralCompetencies...)
	return append(all, SpecificCompetencies...)
}

// Field is one of the values a teacher may write about an item.
type Field string

// The fields of a cell.
const (
	FieldLevel  Field = "level"
	FieldMark   Field = "mark"
	FieldRemark Field = "remark"
	FieldExempt Field = "exempt"
)

// fields are the values an item of each kind has: a trait has no remark of its
// own, its group has one.
var fields = map[Kind][]Field{
	SubjectItem: {FieldExempt, FieldLevel, FieldMark, FieldRemark},
	TraitItem:   {FieldLevel},
	RemarkItem:  {FieldRemark},
}

// Fields returns the values that can be written about the item; nil for what is
// no item. Whether a grade and period allow them, the rule set says.
func (i Item) Fields() []Field { return fields[i.Kind()] }

// ParseField reads a field's code.
func ParseField(s string) (Field, bool) {
	switch f := Field(s); f {
	case FieldLevel, FieldMark, FieldRemark, FieldExempt:
		return f, true
	}
	return "", false
}

// Level is the letter of a level. Its meaning depends on the item: subjects
// have T H C (Điều 7.1a: hoàn thành tốt, hoàn thành, chưa hoàn thành), traits
// T Đ C (Điều 7.2: tốt, đạt, cần cố gắng), so a level is never kept without
// its item. Always NFC.
type Level string

// The letters of both scales.
const (
	T Level = "T"
	H Level = "H"
	D Level = "Đ"
	C Level = "C"
)

var scales = map[Kind][]Level{SubjectItem: {T, H, C}, TraitItem: {T, D, C}}

// Scale returns the levels of an item, best first; nil for a remark group.
func (i Item) Scale() []Level { return scales[i.Kind()] }

// Has reports whether l is a level of the item's scale.
func (i Item) Has(l Level) bool {
	for _, m := range i.Scale() {
		if m == l {
			return true
		}
	}
	return false
}

// Entry is what was written about one item in one period. The zero value is an
// empty row. Mark is a test score, nil when none was written.
type Entry struct {
	Level  Level  `json:"level,omitempty"`
	Mark   *int   `json:"mark,omitempty"`
	Remark string `json:"remark,omitempty"`
	Exempt bool   `json:"exempt,omitempty"`
}

// IsZero reports whether nothing was written.
func (e Entry) IsZero() bool { return e.Level == "" && e.Mark == nil && e.Remark == "" && !e.Exempt }

// HasResult reports whether a level or a mark was written.
func (e Entry) HasResult() bool { return e.Level != "" || e.Mark != nil }

// Value returns one field in the form in which cells are stored and compared:
// "" for nothing, marks in decimal digits, exempt as "1".
func (e Entry) Value(f Field) string {
	switch f {
	case FieldLevel:
		return string(e.Level)
	case FieldMark:
		if e.Mark != nil {
			return itoa(*e.Mark)
		}
	case FieldRemark:
		return e.Remark
	case FieldExempt:
		if e.Exempt {
			return "1"
		}
	}
	return ""
}

// With returns the entry with one field replaced by a value that ReadCell
// returned; a value ReadCell would not return leaves the field empty.
func (e Entry) With(f Field, value string) Entry {
	switch f {
	case FieldLevel:
		e.Level = Level(value)
	case FieldMark:
		e.Mark = nil
		if n, err := atoi(value); err == nil {
			e.Mark = &n
		}
	case FieldRemark:
		e.Remark = value
	case FieldExempt:
		e.Exempt = value == "1"
	}
	return e
}
