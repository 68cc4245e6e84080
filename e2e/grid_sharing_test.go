package e2e

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"

	"hocba/db/dbtest"
	"hocba/internal/school"
)

// TestGrid_IsSharedByTwoBrowsers has the same table open twice: each sees what
// the other writes within five seconds, without losing what is being typed, and
// two values for one cell are both shown.
func TestGrid_IsSharedByTwoBrowsers(t *testing.T) {
	s := newStage(t)
	s.openYearEnd()
	here, there := s.as(huong), s.as(huong)
	here.visit(s.grid(school.Toan))
	there.visit(s.grid(school.Toan))

	here.point(0, comments)
	here.types("Em đang")
	there.point(1, marks)
	there.types("9")
	there.keys(input.Enter)
	begin := time.Now()
	here.wantShows(1, marks, "9")
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("a value took %v from tab to tab", took)
	}
	there.point(0, comments)
	there.types("Bản ở thẻ kia.")
	there.keys(input.Enter)
	there.waitLine("Đã lưu")
	here.waitLine("ô vừa đổi ở nơi khác")
	time.Sleep(2 * time.Second) // the other remark has been told by now
	here.types(" viết")
	here.wantShows(0, comments, "Em đang viết")
	here.wantEditor("Toán · nhận xét · Nguyễn Hoài An")

	here.keys(input.Enter)
	here.waitText("Hai giá trị khác nhau. Nhận xét: thầy/cô ghi Em đang viết; Nguyễn Thị Mai Hương đã ghi Bản ở thẻ kia. lúc 08:00")
	s.wantStored(school.Toan, 0, comments, "Bản ở thẻ kia.")
	here.axe()
	here.press("Giữ .* của tôi")
	s.wantStored(school.Toan, 0, comments, "Em đang viết")
	there.wantShows(0, comments, "Em đang viết")
	here.waitGone("Hai giá trị khác nhau")
}

// offline cuts the page's line, or mends it.
func (b *tab) offline(cut bool) {
	b.t.Helper()
	if err := (proto.NetworkEnable{}).Call(b); err != nil {
		b.t.Fatal(err)
	}
	if err := (proto.NetworkEmulateNetworkConditions{Offline: cut, DownloadThroughput: -1, UploadThroughput: -1}).Call(b); err != nil {
		b.t.Fatal(err)
	}
}

// TestGrid_LosesNoKeystroke cuts the line in mid-typing, ends the session in
// mid-typing and closes the window in mid-typing.
func TestGrid_LosesNoKeystroke(t *testing.T) {
	s := newStage(t)
	s.openYearEnd()
	b, other := s.as(huong), s.as(huong)
	b.visit(s.grid(school.Toan))
	other.visit(s.grid(school.Toan))
	s.linesDrop(b, other)
	s.sessionsEnd(b, other)
	s.windowsClose(b)
}

func (s *stage) linesDrop(b, other *tab) {
	s.t.Helper()
	b.point(0, comments)
	b.types("Một nửa câu")
	b.offline(true)
	b.types(" khi mất mạng.")
	b.keys(input.Enter)
	b.point(0, levels)
	for range s.cast.Roll {
		b.types("t")
	}
	b.point(0, marks)
	for _, mark := range []string{"9", "8", "7", "10", "9"} {
		b.types(mark)
		b.keys(input.Enter)
	}
	b.waitLine("Mất kết nối – 14 ô đang chờ")
	other.point(3, marks)
	other.types("5")
	other.keys(input.Enter)
	s.wantStored(school.Toan, 3, marks, "5")
	b.offline(false)
	b.waitLine("Đã lưu")
	b.waitText("Hai giá trị khác nhau. Điểm KTĐK: thầy/cô ghi 10;")
	for row, got := range s.stored(school.Toan) {
		want := [3]string{"T", []string{"9", "8", "7", "5", "9", "", "", ""}[row], ""}
		if row == 0 {
			want[comments] = "Một nửa câu khi mất mạng."
		}
		if got != want {
			s.t.Errorf("row %d: the server has %q, want %q", row, got, want)
		}
	}
	b.press("Giữ .* của tôi")
	s.wantStored(school.Toan, 3, marks, "10")
}

// cut is how long the line stays away: a minute where everything is checked,
// and else as long as three attempts to send take.
func cut() time.Duration {
	if os.Getenv("CI") != "" {
		return time.Minute
	}
	return 15 * time.Second
}

// TestGrid_TypingGoesOnWithoutALine cuts the line in the middle of a remark and
// mends it in the middle of another. Typing goes on all the while; afterwards
// the server has every letter, once.
func TestGrid_TypingGoesOnWithoutALine(t *testing.T) {
	s := newStage(t)
	s.openYearEnd()
	s.seat(35)
	b := s.as(huong)
	b.visit(s.grid(school.Toan))
	b.point(0, comments)
	typed := map[int]string{}
	write := func(row int, text string) {
		typed[row] += text
		b.types(text)
	}
	write(0, "Em đọc tốt,")
	b.offline(true)
	end := time.Now().Add(cut())
	write(0, " viết sạch.")
	b.keys(input.Enter)
	row := 1
	for ; row < 33 && time.Now().Before(end); row++ {
		write(row, fmt.Sprintf("Câu %d viết lúc mất mạng.", row))
		b.keys(input.Enter)
		time.Sleep(cut() / 40)
	}
	b.waitLine(fmt.Sprintf("Mất kết nối – %d ô đang chờ", row))
	write(row, "Đường truyền trở lại")
	time.Sleep(time.Until(end))
	b.offline(false)
	write(row, " giữa câu này.")
	b.keys(input.Enter)
	b.waitLine("Đã lưu")
	b.waitGone("đang chờ")
	for i, got := range s.stored(school.Toan) {
		if got[comments] != typed[i] {
			t.Errorf("row %d: the server has %q, typed was %q", i, got[comments], typed[i])
		}
	}
	var lines int
	if err := s.db.Owner().QueryRow(`SELECT count(*) FROM school.entry_history WHERE item = 'TOAN'`).Scan(&lines); err != nil || lines < len(typed) || lines > len(typed)+1 {
		t.Errorf("%d lines of history for %d remarks: %v", lines, len(typed), err)
	}
	if kept := b.js(`() => JSON.stringify(localStorage)`); strings.Contains(kept, "hocba.") {
		t.Errorf("the browser still keeps %s", kept)
	}
}

func (b *tab) signsIn(username string) {
	b.t.Helper()
	b.fill("username", username)
	b.fill("password", dbtest.Password)
	b.press("Đăng nhập")
	b.waitLeft("/dang-nhap")
}

func (s *stage) sessionsEnd(b, other *tab) {
	t := s.t
	t.Helper()
	s.db.Exec(`DELETE FROM core.session`)
	b.point(5, comments)
	b.types("Gõ khi phiên đã hết.")
	b.keys(input.Enter)
	b.waitLine("Phiên làm việc đã hết – 1 ô đang chờ")
	b.waitLine("Đăng nhập lại")
	b.types("Chưa kịp rời ô") // and the page is closed over it
	b.point(2, marks)
	b.types("6")
	kept := b.js(`() => JSON.stringify(localStorage)`)
	if strings.Contains(kept, "Lan") || strings.Contains(kept, "Nguyễn") || !strings.Contains(kept, "Chưa kịp rời ô") {
		t.Errorf("the browser keeps %s", kept)
	}

	other.visit(s.grid(school.Toan))
	other.signsIn(huong)
	other.waitText("Toán · lớp 4A") // back to the grid
	other.point(5, comments)
	other.types("Của người khác.")
	other.keys(input.Enter)
	other.waitLine("Đã lưu")

	b.visit("/dang-nhap") // somebody else at this machine is offered nothing
	b.signsIn(minh)
	b.visit(s.grid(school.AmNhac))
	b.waitText("(Âm nhạc) · lớp 4A")
	if strings.Contains(b.words(), "chưa gửi") {
		t.Error("another person is offered what was typed")
	}
	s.db.Exec(`DELETE FROM core.session`)
	b.visit(s.grid(school.Toan))
	b.signsIn(huong)
	b.waitText("Còn 3 ô chưa gửi từ lần trước")
	b.waitText("Bh'nướch Thị Lan: của thầy/cô Gõ khi phiên đã hết., hiện có Của người khác. đã đổi từ lúc đó")
	b.axe()
	b.js(`() => { for (const li of document.querySelectorAll(".grid-offer li"))
		if (li.textContent.includes("Thị Lan")) li.querySelector("[data-offer=theirs]").click(); return "" }`)
	b.waitText("Còn 2 ô")
	b.press("Lấy cả của tôi")
	s.wantStored(school.Toan, 2, marks, "6")
	s.wantStored(school.Toan, 6, comments, "Chưa kịp rời ô")
	s.wantStored(school.Toan, 5, comments, "Của người khác.")
	if kept := b.js(`() => JSON.stringify(localStorage)`); strings.Contains(kept, "Chưa kịp") {
		t.Errorf("confirmed values stay behind: %s", kept)
	}
}

func (s *stage) windowsClose(b *tab) {
	s.t.Helper()
	s.db.Clock.Advance(31 * 24 * time.Hour)
	b.point(7, comments)
	b.types("Sau giờ khóa.")
	b.keys(input.Enter)
	b.waitText("Không nhận “Sau giờ khóa.”. Kì này đang khóa nhập.")
	// What is older than a week is nobody's typing any more.
	b.js(`() => { const key = Object.keys(localStorage).find(k => k.includes(".remark"));
		localStorage.setItem(key.replace(".remark", ".mark"), JSON.stringify([[["", "3"]], Date.now() - 8 * 24 * 3600e3])); return "" }`)
	b.visit(s.grid(school.Toan))
	b.waitText("Còn 1 ô chưa gửi từ lần trước")
	b.waitText("Các ô được giữ trong máy này tối đa 7 ngày và gửi được khi mở lại.")
	b.waitText("của thầy/cô Sau giờ khóa.")
}
