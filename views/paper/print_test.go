package paper_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"hocba/internal/bundle"
	printer "hocba/internal/paper"
	"hocba/internal/school"
	"hocba/views/paper"
)

// day is the record's date in these tests.
var day = time.Date(2026, 6, 20, 2, 30, 0, 0, time.UTC)

// maxFile is what one record may weigh on a slow line.
const maxFile = 130_000

func newPrinter(t testing.TB, tabs int) *printer.Printer {
	t.Helper()
	p, err := printer.New(printer.Options{Tabs: tabs})
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	t.Cleanup(p.Close)
	return p
}

// mustPrint prints a booklet. With HOCBA_PAPER_OUT set to a folder the file is
// kept there, to be looked at.
func mustPrint(t testing.TB, p *printer.Printer, b paper.Booklet) []byte {
	t.Helper()
	pdf, err := p.PDF(context.Background(), render(t, b), day)
	if err != nil {
		t.Fatal(err)
	}
	if dir := os.Getenv("HOCBA_PAPER_OUT"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, strings.ReplaceAll(t.Name(), "/", "-")+".pdf"), pdf, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return pdf
}

func pages(pdf []byte) int { return bytes.Count(pdf, []byte("/Type /Page\n")) }

// tool runs an outside program on input; without it the test fails in CI.
func tool(t testing.TB, input []byte, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	cmd := exec.Command(name, args...)
	cmd.Stdin = bytes.NewReader(input)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s", name, err, stderr.Bytes())
	}
	return string(out)
}

// textOf returns the text layer with every run of blanks as one.
func textOf(t testing.TB, pdf []byte, args ...string) string {
	t.Helper()
	return strings.Join(strings.Fields(tool(t, pdf, "pdftotext", append(args, "-", "-")...)), " ")
}

func TestDocument_IsAWholeBook(t *testing.T) {
	c := signed()
	c.Guidance = true
	pdf := mustPrint(t, newPrinter(t, 1), paper.FromRecord(sample(longName), c))
	if n := pages(pdf); n != 5 {
		t.Errorf("%d pages: cover, guidance, personal page and two for the year are five", n)
	}
	if len(pdf) > maxFile {
		t.Errorf("%d bytes", len(pdf))
	}
	for _, face := range strings.Split(strings.TrimSpace(tool(t, pdf, "pdffonts", "-")), "\n")[2:] {
		if f := strings.Fields(face); !strings.Contains(f[0], "+Tinos") || !strings.Contains(face, "yes yes yes") {
			t.Errorf("font not ours or not embedded as a subset with its characters: %s", face)
		}
	}
	text := textOf(t, pdf)
	if !norm.NFC.IsNormalString(text) {
		t.Error("text layer is not NFC")
	}
	for _, want := range []string{
		"BỘ GIÁO DỤC VÀ ĐÀO TẠO", "HỌC BẠ TIỂU HỌC", "Xã/Phường/Đặc khu: Phường Hương Trà", "HƯỚNG DẪN GHI HỌC BẠ", "QUÁ TRÌNH HỌC TẬP",
		"Họ và tên học sinh: " + longName, "Năm học 2025 – 2026", "Chiều cao: 132,5 cm", "Cân nặng: 28,4 kg", "Số ngày nghỉ không phép: 0",
		"4. Đánh giá kết quả giáo dục: Hoàn thành tốt", "5. Khen thưởng: Học sinh Tiêu biểu hoàn thành tốt trong học tập và rèn luyện",
		"Hoàn thành chương trình lớp 4. Được lên lớp.", "Hương Trà, ngày 20 tháng 6 năm 2026", "Công Tằng Tôn Thất Bửu",
		"Đã ký số: Hoàng Văn Thuận, thời điểm 20/06/2026 09:12", "Con dấu số: Trường Tiểu học Hoa Phượng, thời điểm 20/06/2026 09:30",
		"Zơrâm Nhiên (GDTC)", "Hồ Thị Ỷ Lan (Âm nhạc)", "Ngoại ngữ 1 (Tiếng Anh)",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("text layer lacks %q", want)
		}
	}
	for _, remark := range remarks {
		if !strings.Contains(text, remark) {
			t.Errorf("text layer lacks %q", remark)
		}
	}
	if strings.Contains(text, "XEM TRƯỚC") || strings.Contains(text, "DỮ LIỆU THỬ") {
		t.Error("the final paper carries a warning")
	}
}

func TestDocument_EveryPageProvesItself(t *testing.T) {
	pdf := mustPrint(t, newPrinter(t, 1), paper.FromRecord(sample(longName), signed()))
	n := pages(pdf)
	for i := 1; i <= n; i++ {
		page := fmt.Sprint(i)
		png := tool(t, pdf, "pdftoppm", "-r", "150", "-f", page, "-l", page, "-png", "-")
		if got := strings.TrimSpace(tool(t, []byte(png), "zbarimg", "-q", "--raw", "-")); got != lookupURL {
			t.Errorf("page %d: QR says %q", i, got)
		}
		text := textOf(t, pdf, "-f", page, "-l", page)
		for _, want := range []string{"Mã tra cứu: 7KQ2-9XMC-4TDV", "Bản 1", fmt.Sprintf("Trang %d/%d", i, n), longName,
			"Bản giấy của học bạ số – kiểm tra tại hocba.sgddt.example.vn/tra-cuu"} {
			if !strings.Contains(text, want) {
				t.Errorf("page %d lacks %q", i, want)
			}
		}
	}
}

func TestDocument_CutsNothingOfLongRemarks(t *testing.T) {
	r := sample(longName)
	r.Content.Subjects = nil
	for _, s := range school.Subjects { // all fourteen rows, two of them in one unbroken run of letters
		remark := long(string(s))
		if s == school.Toan {
			remark = strings.Repeat("khôngcókhoảngtrắng", 20) + " HếtTOAN."
		}
		r.Content.Subjects = append(r.Content.Subjects, bundle.Subject{Subject: s, Level: "H", Remark: remark, Teacher: teacherOf(s)})
	}
	r.Content.Qualities.Remark = strings.Repeat(long("phẩmchất"), 4)
	r.Content.General.Remark = long("nănglựcchung")
	r.Content.Specific.Remark = strings.Repeat(long("nănglựcđặcthù"), 6)
	r.Content.Commended = []bundle.Commendation{{Award: bundle.Exceptional, Text: long("khenthưởng")}}
	pdf := mustPrint(t, newPrinter(t, 1), paper.FromRecord(r, signed()))
	text := textOf(t, pdf)
	tight := strings.ReplaceAll(text, " ", "")
	for _, s := range school.Subjects {
		if strings.Count(tight, "Hết"+string(s)+".") != 1 {
			t.Errorf("the remark of %s is cut", s)
		}
	}
	if n := strings.Count(tight, "khôngcókhoảngtrắng"); n != 20 {
		t.Errorf("%d of 20 runs without a blank", n)
	}
	for end, n := range map[string]int{"phẩmchất": 4, "nănglựcchung": 1, "nănglựcđặcthù": 6, "khenthưởng": 1} {
		if got := strings.Count(tight, "Hết"+end+"."); got != n {
			t.Errorf("remark %s stands %d times, want %d", end, got, n)
		}
	}
	if n := pages(pdf); n < 6 || !strings.Contains(text, fmt.Sprintf("Trang %d/%d", n, n)) {
		t.Errorf("%d pages", n)
	}
	if len(pdf) > maxFile {
		t.Errorf("%d bytes", len(pdf))
	}
}

func TestDocument_PreviewAndDemonstrationSaySoOnEveryPage(t *testing.T) {
	p := newPrinter(t, 1)
	r := sample("Zơrâm Nhiên")
	r.Issuance = bundle.Issuance{}
	for name, c := range map[string]paper.Context{
		"xem-truoc": {Preview: true}, "thu": {Demo: true, LookupURL: lookupURL, Site: "x"}, "ca-hai": {Preview: true, Demo: true},
		"ky-thu": {Trial: true, LookupURL: lookupURL, Site: "x"}, "xem-truoc-ky-thu": {Preview: true, Demo: true, Trial: true},
	} {
		t.Run(name, func(t *testing.T) {
			pdf := mustPrint(t, p, paper.FromRecord(r, c))
			text := textOf(t, pdf)
			n := pages(pdf)
			if got := strings.Count(text, "BẢN XEM TRƯỚC – chưa có giá trị"); c.Preview && got != n || !c.Preview && got != 0 {
				t.Errorf("preview warning on %d of %d pages", got, n)
			}
			marks := map[string]bool{"DỮ LIỆU THỬ": c.Demo, "CHỮ KÝ THỬ NGHIỆM": c.Trial, "– KHÔNG CÓ GIÁ TRỊ PHÁP LÝ": c.Demo || c.Trial}
			for mark, wanted := range marks {
				if got := strings.Count(text, mark); wanted && got != n || !wanted && got != 0 {
					t.Errorf("%q on %d of %d pages", mark, got, n)
				}
			}
			if c.Preview && (strings.Contains(text, "Mã tra cứu") || strings.Contains(text, "Bản giấy") || strings.Contains(text, "Bản 1")) {
				t.Error("a preview carries what proves the final paper")
			}
			if !strings.Contains(text, fmt.Sprintf("Trang 1/%d", n)) {
				t.Error("no page number")
			}
		})
	}
}

func TestDocument_HostileTextStaysText(t *testing.T) {
	r := sample(`A";}</style><b>x</b>{\a 'é`)
	c := signed()
	c.Site = `x"}@page{margin:0}</style><script>1</script>`
	html := render(t, paper.FromRecord(r, c))
	if n := bytes.Count(html, []byte("</style>")); n != 1 {
		t.Errorf("%d ends of a style element", n)
	}
	if bytes.Contains(html, []byte("<script")) || regexp.MustCompile(`(?i)(src|href)="?http`).Match(html) {
		t.Error("the document runs or loads something")
	}
	text := textOf(t, mustPrint(t, newPrinter(t, 1), paper.FromRecord(r, c)))
	if want := `A";}</style><b>x</b>{\a 'é`; strings.Count(text, want) < 6 {
		t.Errorf("the name stands %d times unharmed", strings.Count(text, want))
	}
}
