package paper_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"hocba/internal/bundle"
	"hocba/internal/school"
	"hocba/views/paper"
)

func yearPage(t *testing.T, y paper.Year, o paper.YearOptions) (string, *html.Node) {
	t.Helper()
	var out bytes.Buffer
	if err := paper.YearPage(y, o).Render(context.Background(), &out); err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(bytes.NewReader(out.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), root
}

func elements(n *html.Node, tag string) []*html.Node {
	var out []*html.Node
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && d.Data == tag {
			out = append(out, d)
		}
	}
	return out
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func TestYearPage_HasTheRowsOfTheFormInOrder(t *testing.T) {
	_, root := yearPage(t, paper.YearOf(sample(longName), paper.Context{}), paper.YearOptions{})
	var names []string
	for _, th := range elements(root, "th") {
		for _, a := range th.Attr {
			if a.Key == "scope" && a.Val == "row" {
				names = append(names, text(th))
			}
		}
	}
	want := []string{
		"Tiếng Việt", "Toán", "Ngoại ngữ 1 (Tiếng Anh)", "Lịch sử và Địa lí", "Khoa học",
		"Tin học và Công nghệ (Tin học)", "Tin học và Công nghệ (Công nghệ)", "Đạo đức", "Tự nhiên và Xã hội", "Giáo dục thể chất",
		"Nghệ thuật (Âm nhạc)", "Nghệ thuật (Mĩ thuật)", "Hoạt động trải nghiệm", "Tiếng dân tộc",
		"Yêu nước", "Nhân ái", "Chăm chỉ", "Trung thực", "Trách nhiệm",
		"Tự chủ và tự học", "Giao tiếp và hợp tác", "Giải quyết vấn đề và sáng tạo",
		"Ngôn ngữ", "Tính toán", "Khoa học", "Công nghệ", "Tin học", "Thẩm mĩ", "Thể chất",
	}
	if got := strings.Join(names, "|"); got != strings.Join(want, "|") {
		t.Errorf("rows are\n%s, want\n%s", got, strings.Join(want, "|"))
	}
	if n := len(elements(root, "table")); n != 4 {
		t.Errorf("%d tables", n)
	}
}

func TestYearPage_MarksChangesOnScreenOnly(t *testing.T) {
	y := paper.YearOf(sample(longName), signed())
	y.Subjects[4].Mark.Changed = true
	y.Subjects[4].Note = "điểm 6 → 8, 18/06, cô Quyên, kiểm tra lại"
	screen, root := yearPage(t, y, paper.YearOptions{Changes: true})
	if n := strings.Count(screen, "paper-changed"); n != 2 {
		t.Errorf("%d cells are marked, want mark and remark", n)
	}
	if got := text(root); !strings.Contains(got, "Đã đổi: điểm 6 → 8, 18/06, cô Quyên, kiểm tra lại") {
		t.Error("the change is not told")
	}
	if strings.Contains(screen, "style=") || strings.Contains(screen, "Đã ký số") {
		t.Error("the screen page has an inline style, which the policy refuses, or the paper's signature block")
	}
	printed, _ := yearPage(t, y, paper.YearOptions{Signatures: true})
	if strings.Contains(printed, "paper-changed") || strings.Contains(printed, "Đã đổi") {
		t.Error("paper shows the marks of the screen")
	}
}

func TestFromRecord_SpecialCases(t *testing.T) {
	r := sample(longName)
	r.General.School.District = "Huyện Bắc Trà My"
	r.General.School.Province = "Tỉnh Quảng Nam"
	r.General.Approver.Title = bundle.DeputyForHead
	r.Content.Class.Grade, r.Content.Class.Name = 5, "5C"
	r.Content.Class.Ethnic = "Cơ-tu"
	r.Content.Overall = "HT"
	r.Content.Promoted = false
	r.Content.Commended = []bundle.Commendation{
		{Award: bundle.Exceptional, Text: "cứu bạn bị đuối nước"}, {Award: bundle.Letter}, {Award: bundle.OtherAward, Text: "Giấy khen Hội khỏe Phù Đổng"},
	}
	r.Content.Reassessment = &bundle.Summer{Before: "CHT", Date: school.Date{Year: 2026, Month: 8, Day: 3}}
	r.Content.Subjects[3].Exempt, r.Content.Subjects[3].Level, r.Content.Subjects[3].Mark = true, "", nil
	r.Content.HeightMM, r.Content.WeightG = 0, 30000
	r.Issuance.Date = school.Date{Year: 2026, Month: 2, Day: 5}
	b := paper.FromRecord(r, paper.Context{})
	y := b.Years[0].Year
	for _, c := range []struct{ what, got, want string }{
		{"place lines before 07/2025", b.Cover.Places[1].Label + " " + b.Cover.Places[1].Value, "Huyện (Thành phố, Quận, Thị xã): Huyện Bắc Trà My"},
		{"caption of a deputy", strings.Join(y.Head.Caption, " / "), "KT. HIỆU TRƯỞNG / PHÓ HIỆU TRƯỞNG"},
		{"completion of grade 5", y.Completion.Text, "Hoàn thành chương trình tiểu học."},
		{"overall after summer", y.Overall.Text, "Hoàn thành (đánh giá bổ sung ngày 03/08/2026, cuối năm học: Chưa hoàn thành)"},
		{"awards", y.Awarded.Text, "Khen thưởng đột xuất: cứu bạn bị đuối nước; Thư khen; Giấy khen Hội khỏe Phù Đổng"},
		{"exempt", y.Subjects[3].Level.Text + y.Subjects[3].Mark.Text, "Miễn"},
		{"not measured", y.Height, ""},
		{"whole kilograms", y.Weight, "30 kg"},
		{"ethnic language", y.Subjects[13].Name, "Tiếng dân tộc (Cơ-tu)"},
		{"date line", y.Place, "Hương Trà, ngày 05 tháng 02 năm 2026"},
		{"sex", b.Personal.Sex, "Nữ"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.what, c.got, c.want)
		}
	}
	r.Content.Completed = false
	if got, want := paper.YearOf(r, paper.Context{}).Completion.Text, "Chưa hoàn thành chương trình tiểu học. Chưa được lên lớp."; got != want {
		t.Errorf("not completed: %q, want %q", got, want)
	}
	r.Content.Class.Grade, r.Content.Promoted = 3, true
	if got, want := paper.YearOf(r, paper.Context{}).Completion.Text, "Chưa hoàn thành chương trình lớp 3. Được lên lớp."; got != want {
		t.Errorf("promoted by decision: %q, want %q", got, want)
	}
}
