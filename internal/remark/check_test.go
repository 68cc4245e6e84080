package remark

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"hocba/internal/evaluation"
	"hocba/internal/school"
)

// class is a class whose given names are words, languages and places, too.
var class = []Pupil{
	{1, "Nguyễn Hoài An", school.Female}, {2, "Trần Bảo An", school.Male}, {3, "Lê Quỳnh Anh", school.Female},
	{4, "Nguyễn Khánh Chi", school.Female}, {5, "Phan Quốc Hùng", school.Male}, {6, "Bh'nướch Thị Lan", school.Female},
	{7, "Phạm Hòa Bình", school.Male}, {8, "Đỗ Việt", school.Male}, {9, "Vũ Thị Hoa", school.Female}, {10, "Lý Thái", school.Male},
	{11, "Zơrâm Nhiên", school.Male}, {12, "Ngô Nhật Nam", school.Male},
}

const toan, nghethuat = evaluation.Item(school.Toan), evaluation.Item(school.MiThuat)

// codes checks one text of a pupil of the class.
func codes(pupil int64, level evaluation.Level, text string) []string {
	var out []string
	for _, f := range (Class{Pupils: class, Cells: []Cell{{Pupil: pupil, Item: toan, Level: level, Text: text}}}).Check() {
		out = append(out, f.Code)
	}
	return out
}

func TestCheck_FindsAnotherPupilsName(t *testing.T) {
	for _, c := range []struct {
		pupil int64
		text  string
		want  string // whose; "" nobody's
	}{
		{1, "Em Khánh Chi đọc tốt.", "Nguyễn Khánh Chi"},
		{1, "Khánh Chi đọc tốt.", "Nguyễn Khánh Chi"},
		{1, "Đọc tốt, biết giúp bạn Chi.", "Nguyễn Khánh Chi"},
		{1, "nguyễn khánh chi đọc tốt", "Nguyễn Khánh Chi"},
		{1, "NGUYỄN KHÁNH CHI đọc tốt", "Nguyễn Khánh Chi"},
		{1, "Hùng tính nhanh, chính xác.", "Phan Quốc Hùng"},
		{1, "Tính nhanh. Hùng cần cẩn thận hơn.", "Phan Quốc Hùng"},
		{1, "Bạn Bình tính nhanh.", "Phạm Hòa Bình"},
		{1, "Hòa Bình tính nhanh.", ""}, // a province, too
		{1, "Tính nhanh, Bình cần cẩn thận.", "Phạm Hòa Bình"},
		{3, "Em An tính nhanh.", "Nguyễn Hoài An"},
		{3, "Em cùng Bảo An làm nhóm trưởng.", "Trần Bảo An"},
		{1, "Em Lan chăm học.", "Bh'nướch Thị Lan"},
		{1, "Bh'nướch Thị Lan chăm học.", "Bh'nướch Thị Lan"},
		{1, "Em Nhiên tính tốt.", "Zơrâm Nhiên"},

		{4, "Em Khánh Chi đọc tốt.", ""}, // the own name
		{1, "An tính nhanh.", ""},        // the own given name, which another pupil shares
		{1, "Em An tính nhanh.", ""},
		{4, "An toàn khi thực hành.", ""}, // words
		{4, "Bình tĩnh khi làm bài.", ""},
		{4, "Hoa văn trang trí đẹp.", ""},
		{4, "Biết vẽ hoa, giữ bình nước an toàn.", ""},
		{4, "Hòa đồng với bạn.", ""},
		{1, "Tiếng Anh phát âm rõ.", ""}, // languages
		{1, "Nói tiếng Anh tự tin, đọc tiếng Việt tốt.", ""},
		{1, "Yêu đất nước Việt Nam.", ""}, // countries, peoples, places
		{1, "Kể được về tỉnh An Giang và thành phố Nam Định.", ""},
		{1, "Giới thiệu được lễ hội của người Thái.", ""},
		{1, "Biết ơn cô Hoa, thầy Nam.", ""}, // teachers
		{1, "Kể chuyện Trần Quốc Toản hay.", ""},
		{1, "Tự nhiên và mạnh dạn.", ""},
	} {
		got := ""
		for _, f := range (Class{Pupils: class, Cells: []Cell{{Pupil: c.pupil, Item: toan, Text: c.text}}}).Check() {
			if f.Code == OtherPupil {
				got = f.Args["name"]
			}
		}
		if got != c.want {
			t.Errorf("%q of pupil %d names %q, want %q", c.text, c.pupil, got, c.want)
		}
	}
}

func TestCheck_WeighsWordsAgainstTheLevel(t *testing.T) {
	for _, c := range []struct {
		level evaluation.Level
		text  string
		want  string
	}{
		{"C", "Tính toán thành thạo, nắm chắc kiến thức.", Praise},
		{"C", "Hoàn thành tốt các bài tập.", Praise},
		{"C", "Đọc trôi chảy; cần luyện thêm phép chia.", ""},
		{"C", "Chưa thành thạo phép nhân.", ""},
		{"C", "Có cố gắng, tính chính xác phép cộng.", ""},
		{"T", "Cần cố gắng nhiều hơn.", Blame},
		{"T", "Còn chậm khi tính.", Blame},
		{"T", "Chưa thuộc bảng nhân.", Blame},
		{"T", "Tính nhanh; cần mở rộng thêm bài khó.", ""},
		{"T", "Chủ động hỏi khi chưa hiểu.", ""},
		{"T", "Chưa bao giờ bỏ bài tập.", ""},
		{"T", "Nắm được nội dung chủ yếu của bài.", ""},
		{"T", "Không còn lúng túng khi chia.", ""},
		{"H", "Hoàn thành tốt môn học.", Praise},
		{"H", "Chưa hoàn thành tốt một số bài.", ""},
		{"H", "Chưa hoàn thành chương trình.", Blame},
		{"H", "Hoàn thành các bài tập; cần cẩn thận hơn.", ""},
		{"", "Còn chậm khi tính.", ""},
		{"T", "Tính nhanh nhất lớp.", Wording},
		{"C", "Em lười làm bài, cần chăm hơn.", Wording},
		{"C", "Em hơi tăng động; cần tập trung.", Wording},
	} {
		want := []string{c.want}
		if c.want == "" {
			want = nil
		}
		if got := codes(1, c.level, c.text); !slices.Equal(got, want) {
			t.Errorf("level %q, %q: %v, want %v", c.level, c.text, got, want)
		}
	}
	low, high := 3, 10
	for mark, text := range map[*int]string{&low: "Nắm chắc kiến thức.", &high: "Còn yếu, chưa thuộc bài."} {
		found := Class{Pupils: class, Cells: []Cell{{Pupil: 1, Item: toan, Mark: mark, Text: text}}}.Check()
		if len(found) != 1 {
			t.Errorf("mark %d, %q: %v", *mark, text, found)
		}
	}
}

func TestCheck_FindsTheOtherSex(t *testing.T) {
	const girl, boy = 1, 2
	for _, c := range []struct {
		pupil int64
		text  string
		found bool
	}{
		{girl, "Cậu bé ham đọc sách.", true}, {boy, "Cậu bé ham đọc sách.", false},
		{boy, "Là cô bé ham đọc sách.", true}, {girl, "Là cô bé ham đọc sách.", false},
		{boy, "Em là một nữ sinh ngoan.", true}, {girl, "Cậu học nhanh.", true},
		{girl, "Em học nhanh. Cậu cần cẩn thận.", true},
		{boy, "Hòa đồng với bạn nữ trong lớp.", false}, {boy, "Bạn nữ chăm học.", true},
		{girl, "Biết nhường bạn trai ngồi cạnh.", false},
		{boy, "Kể lại được truyện Cô bé bán diêm.", false},
		{boy, "Cô giáo mong em cẩn thận hơn.", false}, {girl, "Biết xưng hô cô, cậu lễ phép.", false},
		{girl, "Thuộc truyện Cậu bé thông minh.", false},
	} {
		if got := slices.Contains(codes(c.pupil, "", c.text), Pronoun); got != c.found {
			t.Errorf("%q of pupil %d: found %v", c.text, c.pupil, got)
		}
	}
}

func TestCheck_FindsWhatWasLeftOver(t *testing.T) {
	for text, want := range map[string]bool{
		"{tên} học tốt.": true, "Em {ưu điểm}, cần {hạn chế}.": true, "Em [điền tên] chăm học.": true, "Em ........ chăm học.": true,
		"Em ___ chăm học.": true, "Em xxx chăm học.": true, "Em chăm học…": false, "Em chăm học (cả tổ).": false, "Làm đúng 5 < 7 và 8 > 3.": false,
		"Biết viết a, b, c...": false,
	} {
		if got := slices.Contains(codes(1, "", text), Placeholder); got != want {
			t.Errorf("%q: found %v", text, got)
		}
	}
}

func TestCheck_CountsTheSameSentence(t *testing.T) {
	c := Class{Pupils: class}
	add := func(pupil int64, it evaluation.Item, text string) {
		c.Cells = append(c.Cells, Cell{Pupil: pupil, Item: it, Text: text})
	}
	for pupil := int64(1); pupil <= 3; pupil++ {
		add(pupil, toan, fmt.Sprintf("Tính nhanh, chính xác các bài. Bài số %d làm hay.", pupil))
		add(pupil, nghethuat, "Chăm ngoan.")
	}
	add(4, nghethuat, "tính nhanh, chính xác các bài") // another subject
	if found := c.Check(); len(found) != 0 {
		t.Errorf("three pupils: %v", found)
	}
	add(5, toan, "tính nhanh – chính xác các bài!")
	add(4, nghethuat, "")
	found := c.Check()
	if len(found) != 4 || found[3].Pupil != 5 || found[0].Code != Repeated || found[0].Args["count"] != "4" ||
		found[0].Args["sentence"] != "Tính nhanh, chính xác các bài" {
		t.Errorf("four pupils: %v", found)
	}
	named := Class{Pupils: class}
	for _, p := range class[:4] { // one phrase with each pupil's own name
		named.Cells = append(named.Cells, Cell{Pupil: p.ID, Item: toan, Text: Fill("Em {tên} tính nhanh, chính xác. An toàn khi đi đường.", p.Name, "4A")})
	}
	if found := named.Check(); len(found) != 8 {
		t.Errorf("one phrase for four pupils: %v", found)
	}
	c.Same = 4
	if found := c.Check(); len(found) != 0 {
		t.Errorf("four are allowed: %v", found)
	}
}

func TestCheck_MeasuresThePaper(t *testing.T) {
	long := strings.TrimSpace(strings.Repeat("Tính đúng các phép tính cơ bản. ", 10))
	found := func(c Class) []string {
		var out []string
		for _, f := range c.Check() {
			if f.Code == TooLong {
				out = append(out, string(f.Item)+" "+f.Args["lines"]+"/"+f.Args["room"])
			}
		}
		return out
	}
	c := Class{Pupils: class, Printed: true, Cells: []Cell{{Pupil: 1, Item: toan, Text: long}}}
	if got := found(c); len(got) != 0 {
		t.Errorf("one long remark on an empty page: %v", got)
	}
	for _, s := range school.Subjects {
		if s != school.Toan {
			c.Cells = append(c.Cells, Cell{Pupil: 1, Item: evaluation.Item(s), Text: "Thực hiện đúng các yêu cầu của bài; cần luyện thêm cách trình bày."})
		}
	}
	if got := found(c); len(got) != 1 || !strings.HasPrefix(got[0], "TOAN ") {
		t.Errorf("one long remark on a full page: %v", got)
	}
	c.Printed = false
	if got := found(c); len(got) != 0 {
		t.Errorf("a period that is never printed: %v", got)
	}
	group := Class{Pupils: class, Printed: true, Cells: []Cell{{Pupil: 1, Item: evaluation.RemarkGeneralCompetencies, Text: long}}}
	if got := found(group); len(got) != 1 {
		t.Errorf("a group's cell: %v", got)
	}
}

// TestCheck_WeighsTheMarkAgainstTheLevel: with or without a remark.
func TestCheck_WeighsTheMarkAgainstTheLevel(t *testing.T) {
	mark := func(n int) *int { return &n }
	toan := evaluation.Item(school.Toan)
	for _, tt := range []struct {
		level evaluation.Level
		mark  *int
		found bool
	}{{"T", mark(6), true}, {"T", mark(7), false}, {"H", mark(9), true}, {"H", mark(4), true}, {"H", mark(5), false}, {"C", mark(5), true},
		{"C", mark(4), false}, {"", mark(2), false}, {"T", nil, false}} {
		for _, text := range []string{"", "Em chăm học."} {
			class := Class{Pupils: []Pupil{{ID: 1, Name: "Nguyễn An"}}, Rules: evaluation.ForYear("2025-2026"),
				Cells: []Cell{{Pupil: 1, Item: toan, Level: tt.level, Mark: tt.mark, Text: text}}}
			got := class.Check()
			if found := len(got) == 1 && got[0].Code == LevelMark; found != tt.found {
				t.Errorf("%s with %v and %q: %v", tt.level, tt.mark, text, got)
			}
			class.Rules = nil
			if got := class.Check(); len(got) != 0 {
				t.Errorf("without rules: %v", got)
			}
		}
	}
}
