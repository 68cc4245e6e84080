package spreadsheet

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"hocba/internal/school"
)

// testVocabulary stands in for the caller's items.
var testVocabulary = NewVocabulary(
	Term{"TOAN", SubjectTerm, []string{"Toán"}}, Term{"TIENG_VIET", SubjectTerm, []string{"Tiếng Việt"}},
	Term{"AM_NHAC", SubjectTerm, []string{"Âm nhạc"}}, Term{"KHOA_HOC", SubjectTerm, []string{"Khoa học"}},
	Term{"NL_KHOA_HOC", TraitTerm, []string{"Khoa học"}}, Term{"YEU_NUOC", TraitTerm, []string{"Yêu nước"}},
	Term{"NX_NANG_LUC_CHUNG", GroupTerm, []string{"Năng lực chung", "NL chung"}},
)

// headingsOf reads one sheet and lists "letter item.field period round" of its columns of values.
func headingsOf(t *testing.T, raw []byte) []string {
	t.Helper()
	tables, err := ReadGrades(bytes.NewReader(raw), testVocabulary)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, c := range tables[0].Header.Columns {
		if target, ok := tables[0].Target(c); ok {
			all = append(all, strings.TrimSpace(strings.Join([]string{c.Letter, target.Item + "." + target.Field, string(target.Period) + target.Round}, " ")))
		}
	}
	return all
}

func TestReadGrades_FindsColumnsUnderOneToThreeHeadings(t *testing.T) {
	data := func(c cells, row string) cells {
		c["A"+row], c["B"+row], c["C"+row], c["D"+row] = 1, "Nguyễn Văn An", "T", 9
		return c
	}
	for name, test := range map[string]struct {
		raw  []byte
		want []string
	}{
		"one row": {makeBook(t, data(cells{"A2": "STT", "B2": "Họ và tên", "C2": "Mức đạt được", "D2": "Điểm KTĐK", "E2": "Nhận xét"}, "3")),
			[]string{"C .level", "D .mark", "E .remark"}},
		"both rounds": {makeBook(t, data(cells{"A2": "STT", "B2": "Họ tên", "C2": "Mức đạt được GK", "D2": "Nhận xét GK", "E2": "Mức đạt được CK",
			"F2": "Điểm KTĐK", "G2": "Nhận xét cuối kỳ"}, "3")),
			[]string{"C .level mid", "D .remark mid", "E .level end", "F .mark", "G .remark end"}},
		"joined in a cell": {makeBook(t, data(cells{"A1": "STT", "B1": "Họ tên", "C1": "Toán - Mức đạt được", "D1": "Điểm Toán",
			"E1": "Nhận xét NL Chung", "F1": "Âm nhạc"}, "2")),
			[]string{"C TOAN.level", "D TOAN.mark", "E NX_NANG_LUC_CHUNG.remark", "F AM_NHAC.level"}},
		"periods over metrics": {makeMerged(t, data(cells{"A1": "STT", "B1": "Họ tên", "C1": "Giữa học kì I", "E1": "Cuối năm",
			"C2": "Mức", "D2": "Điểm", "E2": "Mức", "F2": "Điểm"}, "3"), "A1:A2", "B1:B2", "C1:D1", "E1:F1"),
			[]string{"C .level gk1", "D .mark gk1", "E .level cn", "F .mark cn"}},
		"class table": {makeMerged(t, data(cells{"A6": "STT", "B6": "Họ tên", "C6": "Môn học và hoạt động giáo dục", "G6": "Năng lực cốt lõi",
			"H6": "Phẩm chất chủ yếu", "I6": "Ghi chú", "C7": "Toán", "E7": "Khoa học", "G7": "Khoa học", "H7": "Yêu nước",
			"C8": "Mức đạt được", "D8": "Điểm KTĐK", "E8": "Mức đạt được", "F8": "Điểm KTĐK"}, "9"),
			"A6:A8", "B6:B8", "C6:F6", "C7:D7", "E7:F7", "G7:G8", "H7:H8", "I6:I8"),
			[]string{"C TOAN.level", "D TOAN.mark", "E KHOA_HOC.level", "F KHOA_HOC.mark", "G NL_KHOA_HOC.level", "H YEU_NUOC.level"}},
	} {
		if got := headingsOf(t, test.raw); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestReadGrades_ReadsEverySheetAndItsTitle(t *testing.T) {
	sheet := func(title string) cells {
		return cells{"A1": title, "A3": "STT", "B3": "Họ và tên", "C3": "Mức", "A4": 1, "B4": "Nguyễn Văn An", "C4": "T"}
	}
	raw := makeBook(t, sheet("KẾT QUẢ MÔN TIẾNG VIỆT – LỚP 4A – CUỐI HỌC KÌ I"), sheet("Môn học: Toán. Lớp: 3/2"), sheet("Ghi chú"))
	tables, err := ReadGrades(bytes.NewReader(raw), testVocabulary)
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		item, class string
		period      school.Period
	}{{"TIENG_VIET", "4A", school.EndFirst}, {"TOAN", "3/2", ""}, {"", "", ""}}
	if len(tables) != len(want) {
		t.Fatalf("%d tables, want %d", len(tables), len(want))
	}
	for i, w := range want {
		if got := tables[i]; got.Item != w.item || got.Class != w.class || got.Period != w.period {
			t.Errorf("sheet %d says %q %q %q, want %+v", i+1, got.Item, got.Class, got.Period, w)
		}
	}
}

func TestMatchSeat_IsSureByCodeNumberOrNameWithBirthAlone(t *testing.T) {
	birth := school.Date{Year: 2016, Month: 3, Day: 2}
	known := []Known{
		{ID: 1, Pupil: Pupil{Code: "4900000001", FullName: "Alăng Thị Hường", BirthDate: birth, ClassName: "4A"}},
		{ID: 2, Pupil: Pupil{Code: "4900000002", FullName: "Trần Bảo An", BirthDate: birth, ClassName: "4A", PersonalNo: "048316000001"}},
		{ID: 3, Pupil: Pupil{Code: "4900000003", FullName: "Lê Minh Anh", BirthDate: birth, ClassName: "4A"}},
		{ID: 4, Pupil: Pupil{Code: "4900000004", FullName: "Lê Minh Anh", BirthDate: birth.AddDays(9), ClassName: "4B"}},
	}
	m := NewMatcher(known)
	for name, test := range map[string]struct {
		who     Pupil
		verdict Verdict
		ids     []int64
	}{
		"code":              {Pupil{Code: "4900000002", FullName: "Trần Bảo An", ClassName: "4A"}, Green, []int64{2}},
		"code, other name":  {Pupil{Code: "4900000001", FullName: "Lê Văn Sáu"}, Yellow, []int64{1}},
		"code, spelling":    {Pupil{Code: "4900000001", FullName: "A Lăng Thị Hường"}, Yellow, []int64{1}},
		"code, other class": {Pupil{Code: "4900000004", FullName: "Lê Minh Anh", ClassName: "4A"}, Yellow, []int64{4}},
		"number":            {Pupil{PersonalNo: "048316000001", FullName: "Trần Bảo An"}, Green, []int64{2}},
		"name and birth":    {Pupil{FullName: "Lê Minh Anh", BirthDate: birth}, Green, []int64{3}},
		"name, class":       {Pupil{FullName: "lê minh anh", ClassName: "Lớp 4b"}, Yellow, []int64{4}},
		"name alone":        {Pupil{FullName: "Lê Minh Anh"}, Yellow, []int64{3, 4}},
		"without marks":     {Pupil{FullName: "Tran Bao An"}, Yellow, []int64{2}},
		"strange code":      {Pupil{Code: "4999999999", FullName: "Trần Bảo An", BirthDate: birth}, Yellow, []int64{2}},
		"two pupils":        {Pupil{Code: "4900000001", PersonalNo: "048316000001"}, Red, nil},
		"nobody":            {Pupil{FullName: "Người Khác"}, Red, nil},
	} {
		got := m.MatchSeat(test.who)
		var ids []int64
		for _, k := range got.Candidates {
			ids = append(ids, k.ID)
		}
		if got.Verdict != test.verdict || !slices.Equal(ids, test.ids) {
			t.Errorf("%s: %s %v %+v, want %s %v", name, got.Verdict, ids, got.Reasons, test.verdict, test.ids)
		}
	}
}
