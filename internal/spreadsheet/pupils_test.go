package spreadsheet

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"hocba/internal/school"
)

// One good row, one cell changed, what is said about it.
func TestReadPupils_ChecksCells(t *testing.T) {
	for name, c := range map[string]struct {
		set  cells
		want string // "" nothing
	}{
		"good":                         {nil, ""},
		"no code":                      {cells{"B2": nil}, "B2 refused spreadsheet.cell_required"},
		"short code":                   {cells{"B2": "497681538"}, "B2 refused pupil.code"},
		"code as number":               {cells{"B2": 4976815385}, ""},
		"code with apostrophe":         {cells{"B2": "'4976815385 "}, ""},
		"another system's code":        {cells{"B2": "HS00000001"}, "B2 refused pupil.code"},
		"no name":                      {cells{"C2": "   "}, "C2 refused spreadsheet.cell_required"},
		"digits in name":               {cells{"C2": "Nguyễn Văn An 2"}, "C2 refused pupil.name_characters"},
		"old font":                     {cells{"C2": "NguyÔn V¨n An"}, "C2 refused pupil.name_characters"},
		"Cyrillic look-alike":          {cells{"C2": "Nguyễn Vаn An"}, "C2 refused pupil.name_characters"},
		"direction mark, dropped":      {cells{"C2": "Nguyễn \u202eVăn An"}, ""},
		"unusual but right":            {cells{"C2": "Y-Blăk K'Nul"}, ""},
		"single name":                  {cells{"C2": "Nhơn"}, ""},
		"capitals":                     {cells{"C2": "NGUYỄN VĂN AN"}, "C2 note pupil.name_capitals"},
		"formula text":                 {cells{"C2": "-Nguyễn Văn An"}, "C2 warning spreadsheet.cell_formula_text"},
		"formula":                      {cells{"C2": formula(`"Nguyễn Văn "&"An"`)}, "C2 refused spreadsheet.cell_formula"},
		"formula in running number":    {cells{"A2": formula("1+0")}, ""},
		"formula in date":              {cells{"D2": formula("TODAY()")}, "D2 refused spreadsheet.cell_formula"},
		"name too long":                {cells{"C2": strings.Repeat("An ", 60)}, "C2 refused spreadsheet.cell_too_long"},
		"no date":                      {cells{"D2": nil}, "D2 refused spreadsheet.cell_required"},
		"no such day":                  {cells{"D2": "31/02/2020"}, "D2 refused spreadsheet.cell_not_date"},
		"month first":                  {cells{"D2": "04/25/2020"}, "D2 refused spreadsheet.cell_not_date"},
		"short year":                   {cells{"D2": "05/04/20"}, "D2 refused spreadsheet.cell_short_year"},
		"only a year":                  {cells{"D2": 2020}, "D2 refused spreadsheet.cell_not_date"},
		"date that lost its format":    {cells{"D2": 43926}, "D2 warning spreadsheet.cell_date_serial"},
		"real date":                    {cells{"D2": time.Date(2020, 4, 5, 0, 0, 0, 0, time.UTC)}, ""},
		"date in words":                {cells{"D2": "Ngày 5 tháng 4 năm 2020"}, ""},
		"date with time":               {cells{"D2": "2020-04-05 00:00:00"}, ""},
		"too old":                      {cells{"D2": "05/04/2008"}, "D2 refused pupil.age_impossible"},
		"parent's date":                {cells{"D2": "05/04/1985"}, "D2 refused pupil.age_impossible"},
		"not born":                     {cells{"D2": "05/04/2027"}, "D2 refused pupil.age_impossible"},
		"old for the grade":            {cells{"D2": "05/04/2015", "M2": "048215000000"}, "D2 warning pupil.age_unusual"},
		"three years late":             {cells{"D2": "05/04/2017", "M2": "048217000000"}, ""},
		"one year early":               {cells{"D2": "05/04/2021", "M2": "048221000000"}, ""},
		"sex missing":                  {cells{"E2": nil}, "E2 refused spreadsheet.cell_required"},
		"sex as digit":                 {cells{"E2": 1}, "E2 refused pupil.sex"},
		"sex without diacritics":       {cells{"E2": "nu", "M2": "048320000000"}, ""},
		"ethnicity unknown":            {cells{"F2": "Sao Hỏa"}, "F2 refused pupil.ethnicity"},
		"ethnicity nearly":             {cells{"F2": "Kihn"}, "F2 refused pupil.ethnicity_near"},
		"foreigner":                    {cells{"F2": "người nước ngoài"}, ""},
		"status by code":               {cells{"G2": 4}, ""},
		"status unknown":               {cells{"G2": "Đang ngủ"}, "G2 refused pupil.status"},
		"no status":                    {cells{"G2": nil}, ""},
		"phone without zero":           {cells{"H2": 905123456}, "H2 note pupil.phone_padded"},
		"two phones":                   {cells{"H2": "0905.123.456 / +84 914 123 456"}, ""},
		"no phone":                     {cells{"H2": "không có"}, ""},
		"odd phone":                    {cells{"H2": "hỏi bà nội"}, "H2 warning pupil.phone"},
		"remark in a parent's name":    {cells{"I2": "Nguyễn Văn Cha (đã mất)"}, "I2 warning pupil.relative_name"},
		"formula text in parent":       {cells{"I2": "@SUM(A1)"}, "I2 warning spreadsheet.cell_formula_text"},
		"parent's date for year":       {cells{"J2": "12/05/1988"}, ""},
		"parent younger than child":    {cells{"J2": 2019}, "J2 warning pupil.birth_year"},
		"class of another grade":       {cells{"K2": "2A"}, "K2 refused pupil.class_grade"},
		"class with prefix":            {cells{"K2": "lớp 1/3"}, ""},
		"class became a date":          {cells{"K2": time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)}, "K2 refused spreadsheet.cell_became_date"},
		"no class":                     {cells{"K2": nil}, "K2 refused spreadsheet.cell_required"},
		"grade 9":                      {cells{"K2": "9A", "L2": 9}, "L2 refused pupil.grade"},
		"grade in words":               {cells{"L2": "Khối 1"}, ""},
		"grade only in class":          {cells{"L2": nil}, ""},
		"grade nowhere":                {cells{"K2": "Hoa Sen", "L2": nil}, "K2 refused pupil.grade_unknown"},
		"class without number":         {cells{"K2": "Hoa Sen"}, ""},
		"multi-grade by name":          {cells{"K2": "1+2"}, ""},
		"multi-grade of others":        {cells{"K2": "Lớp ghép 2-3"}, "K2 refused pupil.class_grade"},
		"multi-grade known":            {cells{"K2": "2G"}, ""},
		"no personal number":           {cells{"M2": nil}, ""},
		"personal number as number":    {cells{"M2": 48220123456}, "M2 note pupil.personal_no_padded"},
		"two zeros lost":               {cells{"M2": 1220123456}, "M2 note pupil.personal_no_padded"},
		"uncertain zeros":              {cells{"M2": 48320123456}, "M2 refused pupil.personal_no_short"},
		"nothing certain about it":     {cells{"M2": 48220123456, "D2": nil}, "D2 refused spreadsheet.cell_required|M2 refused pupil.personal_no_short"},
		"too long personal number":     {cells{"M2": "0482201234567"}, "M2 refused pupil.personal_no"},
		"letters in personal number":   {cells{"M2": "B12345678901"}, "M2 refused pupil.personal_no"},
		"personal number of a girl":    {cells{"M2": "048320123456"}, "M2 warning pupil.personal_no_disagrees"},
		"error value in an unread one": {cells{"N1": "Ghi chú", "N2": formula("1/0")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			options := PupilOptions{Year: "2026-2027", MultiGradeClasses: []string{"2G"}}
			// A second pupil keeps a row without anything else from being the last.
			s := readPupils(t, makeBook(t, pupilCells(2, c.set)), options)
			if got := strings.Join(codesOf(s.Rows), "|"); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			for _, row := range s.Rows {
				checkArgs(t, row.Issues)
			}
		})
	}
}

// checkArgs fails when an issue has arguments that Codes does not promise.
func checkArgs(t *testing.T, issues []Issue) {
	t.Helper()
	for _, i := range issues {
		for name := range i.Args {
			if !slices.Contains(Args(i.Code), name) {
				t.Errorf("%s has an argument %q that its sentence may not use", i.Code, name)
			}
		}
	}
}

func TestReadPupils_ReadsWhatIsTolerated(t *testing.T) {
	s := readPupils(t, makeBook(t, pupilCells(2, cells{
		"D2": "5-4-2020", "F2": "dân tộc cơ tu", "G2": "chuyển đi học kỳ II", "H2": "905123456; (0236) 3812345", "I2": "Không có",
		"J2": "12/05/1988", "K2": "Lớp 1b", "L2": "Khối 1", "M2": 48220123456,
	})), PupilOptions{Year: "2026-2027"})
	got := s.Rows[0].Pupil
	want := Pupil{
		Code: "4900000000", PersonalNo: "048220123456", FullName: "Nguyễn Văn An", BirthDate: school.Date{Year: 2020, Month: 4, Day: 5},
		Sex: school.Male, Ethnicity: "Cơ-tu", Status: "08", Phone: "0905123456; 02363812345", Father: Relative{BirthYear: 1988},
		ClassName: "1B", Grade: 1,
	}
	if got != want {
		t.Errorf("read\n%+v, want\n%+v", got, want)
	}
}

func TestReadPupils_DuplicatesNameTheOtherRow(t *testing.T) {
	base := pupilCells(4, cells{
		"B4": "4900000000",               // code of row 2
		"M5": "048320000001", "E5": "Nữ", // number of row 3
		"C5": "Trần Thị Bình", "B5": 4900000009, // and the same person under another code
	})
	for c := range 13 { // row 6 repeats row 3 word for word
		base[cellName(c+1, 6)] = base[cellName(c+1, 3)]
	}
	s := readPupils(t, makeBook(t, base), PupilOptions{})
	want := []string{
		"B2 warning pupil.code_twice_first", "M3 warning pupil.personal_no_twice_first", "B4 refused pupil.code_twice",
		"M5 refused pupil.personal_no_twice", "C5 warning pupil.same_person", "6 refused spreadsheet.row_repeated",
	}
	if got := codesOf(s.Rows); !slices.Equal(got, want) {
		t.Errorf("issues %q, want %q", got, want)
	}
	if s.Rows[2].Issues[0].Args["other"] != "2" || s.Rows[0].Issues[0].Args["other"] != "4" {
		t.Errorf("rows named: %+v %+v", s.Rows[2].Issues[0].Args, s.Rows[0].Issues[0].Args)
	}
}

func TestReadPupils_WithoutYearJudgesNoAge(t *testing.T) {
	s := readPupils(t, makeBook(t, pupilCells(1, cells{"D2": "05/04/2008", "M2": nil})), PupilOptions{})
	if len(s.Rows[0].Issues) != 0 || s.Year != "" || s.Issues[0].Code != CodeYearUnknown {
		t.Errorf("issues %+v %+v", s.Rows[0].Issues, s.Issues)
	}
}

func TestReadPupils_SaysThatRowsAreHidden(t *testing.T) {
	raw := rawBook(t, `<worksheet><row r="1"><c t="str"><v>Mã HS</v></c><c t="str"><v>Họ tên</v></c><c t="str"><v>Ngày sinh</v></c><c t="str"><v>Phái</v></c>`+
		`<c t="str"><v>Dân tộc</v></c><c t="str"><v>Lớp</v></c></row><row r="2" hidden="1"><c><v>4976815385</v></c><c t="str"><v>Lê An</v></c>`+
		`<c t="str"><v>1/2/2020</v></c><c t="str"><v>Nam</v></c><c t="str"><v>Kinh</v></c><c t="str"><v>1A</v></c></row></worksheet>`)
	s := readPupils(t, raw, PupilOptions{Year: "2026-2027"})
	if len(s.Issues) != 1 || s.Issues[0].Code != CodeRowsHidden || s.Issues[0].Args["count"] != "1" || s.Rows[0].Refused() {
		t.Errorf("issues %+v, row %+v", s.Issues, s.Rows[0])
	}
}

func TestReadPupils_NamesAreNeverRewritten(t *testing.T) {
	s := readPupils(t, makeBook(t, pupilCells(2, cells{"C2": "nguyễn  văn HOÀ"})), PupilOptions{})
	if s.Rows[0].FullName != "nguyễn văn HOÀ" || s.Rows[0].Raw[2] != "nguyễn văn HOÀ" {
		t.Errorf("name %q, raw %q", s.Rows[0].FullName, s.Rows[0].Raw)
	}
}

func TestUnusual_NamesInvisibleCharacters(t *testing.T) {
	if got := school.OddInName("An \u202e(1)"); got != "U+202E ( 1 )" {
		t.Errorf("%q", got)
	}
	if got := excerpt("a\u202eb" + strings.Repeat("x", 80)); len([]rune(got)) != 58 || strings.ContainsRune(got, 0x202e) {
		t.Errorf("%q", got)
	}
}

func TestLayout_HasAHeadingForEveryValue(t *testing.T) {
	for _, v := range (Pupil{}).Values() {
		if PupilLayout.Heading(v.Field) == "" {
			t.Errorf("no heading for %s", v.Field)
		}
	}
}

func TestReadEthnicity_KnowsAllAndTheirSpellings(t *testing.T) {
	all := Ethnicities()
	if len(all) != 55 || EthnicityCode("Kinh") != 1 || EthnicityCode("Rơ-măm") != 54 || EthnicityCode(Foreigner) != 55 || EthnicityCode("kinh") != 0 {
		t.Fatalf("list %v", all)
	}
	keys := map[string]string{}
	for _, name := range all {
		if other, taken := keys[headingKey(name)]; taken {
			t.Errorf("%s and %s fold alike", name, other)
		}
		keys[headingKey(name)] = name
		for _, spelling := range []string{name, strings.ToUpper(name), strings.ReplaceAll(name, "-", " "), "Dân tộc " + name, school.Fold(name)} {
			if got, _, ok := ReadEthnicity(spelling); !ok || got != name {
				t.Errorf("ReadEthnicity(%q) = %q, %v; want %q", spelling, got, ok, name)
			}
		}
	}
	for spelling, want := range otherNames {
		if EthnicityCode(want) == 0 {
			t.Errorf("%q stands for %q, which is not in the list", spelling, want)
		}
		if got, _, _ := ReadEthnicity(spelling); got != want {
			t.Errorf("ReadEthnicity(%q) = %q, want %q", spelling, got, want)
		}
	}
	if _, near, ok := ReadEthnicity("Kinhh"); ok || near != "Kinh" {
		t.Errorf("near %q", near)
	}
}

func TestReadStatus_ReadsEveryLabelAndCode(t *testing.T) {
	for i, label := range statusLabels {
		code := twoDigits(i + 1)
		for _, spelling := range []string{label, strings.ToLower(label), code, strings.TrimLeft(code, "0"), school.Fold(label)} {
			if got, ok := readStatus(spelling); !ok || got != code {
				t.Errorf("readStatus(%q) = %q, want %q", spelling, got, code)
			}
		}
		if StatusLabel(code) != label {
			t.Errorf("StatusLabel(%q) = %q", code, StatusLabel(code))
		}
	}
	for _, bad := range []string{"0", "13", "1.5", "Chuyển"} {
		if got, ok := readStatus(bad); ok {
			t.Errorf("readStatus(%q) = %q", bad, got)
		}
	}
}

func TestReadPeriod_UsualNames(t *testing.T) {
	for want, names := range map[school.Period][]string{
		school.MidFirst:  {"Giữa kỳ 1", "Giữa học kì I", "GKI", "gk1", "Giữa HKI", "GHK1"},
		school.EndFirst:  {"Cuối kỳ 1", "Cuối học kỳ I", "CKI", "Cuối HK1"},
		school.MidSecond: {"Giữa kỳ 2", "Giữa học kì II", "GKII", "Giữa HKII"},
		school.YearEnd:   {"Cuối năm", "Cuối năm học", "CN", "Cuối học kỳ 2"},
		school.Summer:    {"Trong hè", "Đánh giá bổ sung"},
	} {
		for _, name := range names {
			if got, ok := readPeriod(name); got != want || !ok {
				t.Errorf("readPeriod(%q) = %q, want %q", name, got, want)
			}
		}
	}
	if p, ok := readPeriod("tháng 9"); ok {
		t.Errorf("tháng 9 is %q", p)
	}
}

func TestReadGrades_ChecksRows(t *testing.T) {
	head := cells{"A1": "STT", "B1": "Lớp", "C1": "Mã học sinh", "D1": "Họ và tên", "E1": "Mức", "F1": "Điểm", "G1": "Nhận xét", "H1": "Thời điểm đánh giá"}
	row := func(n string, values ...any) {
		for i, v := range values {
			head[ColumnLetter(i)+n] = v
		}
	}
	row("2", 1, "4A", "4911386124", "Lê Đức Phúc", "T", 9, "Tốt.\nCố gắng.", "CN")
	row("3", 2, "4A", "4911386127", "Lê Đức Ph", "T", 9, "", "Cuối năm")
	row("4", 3, "4A", "4911386125", "Lê An", "", nil, "", "Tết")
	row("5", 4, "4A", "4911386126", "Lê Bình", formula(`"T"`), time.Date(2026, 5, 8, 0, 0, 0, 0, time.UTC), "", "CN")
	row("6", 5, "4A", "", "", "H", 5, "", "CN")
	row("7", 6, "4A", "12", "Lê Ca", "", "", "", "")
	head["I1"], head["I2"], head["I3"] = "Ngày sinh", "31/02/2017", 42000
	tables, err := ReadGrades(bytes.NewReader(makeBook(t, head)), testVocabulary)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range tables[0].Rows {
		issues := r.Issues
		for _, v := range r.Values {
			if v.Issue != nil {
				issues = append(issues, *v.Issue)
			}
		}
		checkArgs(t, issues)
		for _, i := range issues {
			got = append(got, i.Cell()+" "+i.Code)
		}
	}
	want := []string{"I2 spreadsheet.cell_not_date", "I3 spreadsheet.cell_date_serial", "H4 result.period", "E5 spreadsheet.cell_formula",
		"F5 spreadsheet.cell_became_date", "D6 result.nobody", "C7 pupil.code"}
	if !slices.Equal(got, want) {
		t.Errorf("issues %q, want %q", got, want)
	}
	if first := valuesOf(tables[0].Rows[0]); first[FieldRemark] != "Tốt.\nCố gắng." || first[FieldMark] != "9" {
		t.Errorf("row %+v", tables[0].Rows[0])
	}
}

func BenchmarkReadPupils1000(b *testing.B) {
	raw := makeBook(b, pupilCells(1000, nil))
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		s := readPupils(b, raw, PupilOptions{Year: "2026-2027"})
		if len(s.Rows) != 1000 {
			b.Fatal(len(s.Rows))
		}
	}
}

func BenchmarkReadPupilsSample324(b *testing.B) {
	raw := sample(b, "danh-sach-hoc-sinh.xlsx")
	b.ReportAllocs()
	for b.Loop() {
		readPupils(b, raw, PupilOptions{})
	}
}
