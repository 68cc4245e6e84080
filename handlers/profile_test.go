package handlers

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"hocba/db/dbtest"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/school"
)

// file is the address of the nth pupil's file.
func (s *site) file(n int) string {
	return s.fill("/:year/classes/:class/profiles/") + strconv.FormatInt(s.Roll[n].PupilID, 10)
}

// form reads the form of a pupil's file as a browser would send it back, with changes.
func (s *site) form(b *browser, n int, changes url.Values) url.Values {
	s.t.Helper()
	page := b.get(s.file(n)).wantStatus(http.StatusOK).parse()
	form := find(page, func(n *html.Node) bool { return strings.Contains(attr(n, "class"), "profile-form") })
	if form == nil {
		s.t.Fatal("there is no form")
	}
	values := url.Values{}
	for _, n := range findAll(form, func(n *html.Node) bool { return n.Data == "input" || n.Data == "select" }) {
		name, value := attr(n, "name"), attr(n, "value")
		switch {
		case n.Data == "select":
			if o := find(n, func(o *html.Node) bool { return o.Data == "option" && hasAttr(o, "selected") }); o != nil {
				value = attr(o, "value")
			}
		case attr(n, "type") == "checkbox" || attr(n, "type") == "radio":
			if !hasAttr(n, "checked") {
				continue
			}
		}
		values.Set(name, value)
	}
	for name, v := range changes {
		values[name] = v
	}
	return values
}

var moved = url.Values{"residence": {"Tổ 9, phường Hải Sơn, thành phố Đà Nẵng"}, "kind": {"moved"}, "paper": {"residence_paper"}, "from": {"01/05/2026"}}

func TestProfile_IsKeptByTheHomeroomTeacherOfToday(t *testing.T) {
	s := newSite(t)
	class := s.fill("/:year/classes/:class/profiles")
	for _, who := range []string{minh, otherTeacher, authority, clerk} {
		b := s.as(who)
		b.get(class).wantStatus(http.StatusNotFound)
		b.get(s.file(0)).wantStatus(http.StatusNotFound)
		b.post(s.file(0), url.Values{"_method": {"PUT"}, "residence": {"x"}}).wantStatus(http.StatusNotFound)
		b.post(s.file(0)+"/sheet", url.Values{"on": {"01/05/2026"}}).wantStatus(http.StatusNotFound)
	}
	for _, who := range []string{principal, deputy} {
		b := s.as(who)
		b.get(class).wantStatus(http.StatusOK).wantText("Đã kiểm tra 0/8", "Nguyễn Hoài An")
		page := b.get(s.file(0)).wantStatus(http.StatusOK).wantText("Thông tin đang lưu")
		if strings.Contains(page.body, "profile-form") {
			t.Errorf("%s is offered the form", who)
		}
		b.post(s.file(0), url.Values{"_method": {"PUT"}, "residence": {"x"}}).wantStatus(http.StatusNotFound)
	}
	for _, who := range []string{huong, admin} {
		s.as(who).get(s.file(0)).wantStatus(http.StatusOK).wantText("Lưu và sang em tiếp theo")
	}
	// Who is homeroom teacher no more keeps the files no more.
	home := s.as(huong)
	s.db.Exec(`UPDATE school.homeroom_assignment SET to_date = '2026-05-19' WHERE class_id = $1`, s.Class.ID)
	home.get(class).wantStatus(http.StatusNotFound)
	home.get(s.file(0)).wantStatus(http.StatusNotFound)
}

func TestProfile_EndsWithTheYearOfTheClass(t *testing.T) {
	s := newSite(t)
	chain := jobstest.New(t, s.db, s.Cast)
	chain.Issue(t)
	s.db.Clock.Set(time.Date(2026, time.September, 10, 8, 0, 0, 0, school.Zone))
	b := s.as(huong)
	b.get(s.fill("/:year/classes/:class/profiles")).wantStatus(http.StatusNotFound)
	b.get(s.file(0)).wantStatus(http.StatusNotFound)
	b.post(s.file(0), url.Values{"_method": {"PUT"}, "old.phone": {""}, "phone": {"0905111222"}, "from": {"01/09/2026"}}).wantStatus(http.StatusNotFound)
	if home := b.get("/2025-2026"); strings.Contains(home.body, "/profiles") {
		t.Error("the navigation leads to files that are another's now")
	}
	b.get(s.fill("/:year/pupils/:pupil/years")).wantText("Năm học 2025–2026 · lớp 4A")
	// A version of a later year is not hers to read from the old class.
	s.db.Exec(`UPDATE school.record SET school_year = '2026-2027' WHERE id = $1`, chain.Records[0])
	if page := b.get(s.fill("/:year/pupils/:pupil/years")); strings.Contains(page.text(), "Năm học 2026–2027 · lớp") {
		t.Error("a former teacher reads a later year")
	}
	s.as(admin).get(s.file(0)).wantStatus(http.StatusOK)
}

func TestProfile_GoesRoundPupilByPupil(t *testing.T) {
	s := newSite(t)
	b := s.as(huong)
	class := s.fill("/:year/classes/:class/profiles")
	b.get(class).wantStatus(http.StatusOK).wantText("Đã kiểm tra 0/8", "8 em còn thiếu thông tin", "Số định danh cá nhân: chưa có", "Kiểm tra tiếp: Hoài An")
	form := s.form(b, 0, moved)
	form.Set("checked", "1")
	form.Set("then", "next")
	got := b.post(s.file(0), form).wantStatus(http.StatusSeeOther)
	if to := got.header.Get("Location"); !strings.HasPrefix(to, s.file(1)+"?") {
		t.Fatalf("goes on to %s", to)
	} else {
		b.get(to).wantText("Đã lưu hồ sơ của Nguyễn Hoài An", "2 / 8")
	}
	b.get(s.file(0)).wantText("Chuyển nơi ở · từ 01/05/2026", "Xác nhận thông tin về cư trú", "Nguyễn Thị Mai Hương")
	b.get(class).wantText("Đã kiểm tra 1/8", "Kiểm tra tiếp: Bảo An")
	b.get("/2025-2026").wantText("Hồ sơ học sinh lớp 4A chờ kiểm tra", "Đã kiểm tra 1/8")
	last := s.form(b, 7, nil)
	last.Set("then", "next")
	if to := b.post(s.file(7), last).wantStatus(http.StatusSeeOther).header.Get("Location"); !strings.HasPrefix(to, class+"?") {
		t.Errorf("after the last pupil: %s", to)
	}
	// The families' sheets, several at a time.
	sheets := url.Values{"on": {"19/05/2026"}, "pupil": {strconv.FormatInt(s.Roll[0].PupilID, 10), strconv.FormatInt(s.Roll[2].PupilID, 10)}}
	b.post(class+"/sheets", sheets).wantStatus(http.StatusSeeOther)
	b.get(class).wantText("Gia đình đã ký phiếu 2/8", "19/05/2026")
	b.post(class+"/sheets", url.Values{"on": {"19/05/2026"}}).wantStatus(http.StatusUnprocessableEntity).wantText("Đánh dấu ít nhất một")
	b.post(s.file(1)+"/sheet", url.Values{"on": {"hôm qua"}}).wantStatus(http.StatusUnprocessableEntity).wantText("Ghi ngày gia đình ký")
	b.post(s.file(0)+"/sheet", url.Values{"undo": {"1"}}).wantStatus(http.StatusSeeOther)
	b.get(class).wantText("Gia đình đã ký phiếu 1/8")
}

func TestProfile_KeepsWhatWasTypedWhenRefused(t *testing.T) {
	s := newSite(t)
	b := s.as(huong)
	form := s.form(b, 0, url.Values{"residence": {"Tổ 9, phường Hải Sơn, thành phố Đà Nẵng"}, "phone": {"hỏi bà ngoại"}, "from": {"mai"}, "kind": {""}})
	got := b.post(s.file(0), form).wantStatus(http.StatusUnprocessableEntity)
	got.wantText("Chưa lưu: có chỗ cần sửa", "Ghi số điện thoại bằng chữ số", "Chọn vì sao sửa", "Ghi thông tin này đúng từ ngày nào")
	for _, kept := range []string{`value="hỏi bà ngoại"`, `value="mai"`, `value="Tổ 9, phường Hải Sơn, thành phố Đà Nẵng"`} {
		if !strings.Contains(got.body, kept) {
			t.Errorf("the page has lost %s", kept)
		}
	}
	b.get(s.file(0)).wantText("Chưa có thay đổi nào được ghi")
}

func TestProfile_TwoTabsShowBothValues(t *testing.T) {
	s := newSite(t)
	b, office := s.as(huong), s.as(admin)
	stale := s.form(b, 0, moved)
	other := url.Values{"residence": {"Tổ 5, phường Hải Sơn, thành phố Đà Nẵng"}, "kind": {"moved"}, "paper": {"family_sheet"}}
	office.post(s.file(0), s.form(office, 0, other)).wantStatus(http.StatusSeeOther)
	got := b.post(s.file(0), stale).wantStatus(http.StatusConflict)
	got.wantText("Người khác vừa ghi giá trị khác", "Võ Quản Trị", "Tổ 5, phường Hải Sơn")
	if !strings.Contains(got.body, `value="Tổ 9, phường Hải Sơn, thành phố Đà Nẵng"`) {
		t.Error("what was typed is lost")
	}
	// Saving again is a decision: the form now stands on the other's value.
	stale.Set("old.residence", "Tổ 5, phường Hải Sơn, thành phố Đà Nẵng")
	b.post(s.file(0), stale).wantStatus(http.StatusSeeOther)
	b.get(s.file(0)).wantText("Tổ 5, phường Hải Sơn, thành phố Đà Nẵng → Tổ 9")
}

func TestProfile_WhoTheChildIsWaitsForASecondPerson(t *testing.T) {
	s := newSite(t)
	chain := jobstest.New(t, s.db, s.Cast)
	chain.Sign(t)
	b, head, office := s.as(huong), s.as(principal), s.as(admin)
	propose := func(who *browser, n int, field, value string) {
		t.Helper()
		form := s.form(who, n, url.Values{field: {value}, "kind": {"correction"}, "paper": {"birth_certificate"}, "note": {"số 12/2016"}})
		who.post(s.file(n), form).wantStatus(http.StatusSeeOther)
	}
	propose(b, 0, "full_name", "Nguyễn Hoài Ân")
	propose(b, 1, "sex", "nu")
	propose(office, 2, "birth_date", "21/03/2016")
	b.get(s.file(0)).wantText("Chờ xác nhận", "Mới: Nguyễn Hoài Ân", "Nguyễn Hoài An")
	head.get("/2025-2026").wantText("Hồ sơ học sinh chờ xác nhận")
	queue := head.get("/2025-2026/profile-changes").wantStatus(http.StatusOK)
	queue.wantText("Nguyễn Hoài Ân", "Nam → Nữ", "20/03/2016 → 21/03/2016", "Giấy khai sinh, trích lục khai sinh: số 12/2016", "3 thay đổi chờ xác nhận")
	office.get("/2025-2026/profile-changes").wantText("Thầy/cô đề nghị: người khác xác nhận")
	b.get("/2025-2026/profile-changes").wantStatus(http.StatusNotFound)
	s.as(deputy).get("/2025-2026/profile-changes").wantStatus(http.StatusNotFound)

	id := func(n int) string { return strconv.FormatInt(s.changeID(n), 10) }
	one := func(n int) string { return "/2025-2026/profile-changes/" + id(n) }
	office.post(one(2)+"/decision", url.Values{"decision": {"confirm"}}).wantStatus(http.StatusConflict).wantText("Người đề nghị không tự xác nhận")
	head.post(one(1)+"/decision", url.Values{"decision": {"refuse"}}).wantStatus(http.StatusUnprocessableEntity).wantText("Ghi lý do từ chối")
	head.post(one(1)+"/decision", url.Values{"decision": {"refuse"}, "reason": {"Giấy khai sinh ghi nam"}}).wantStatus(http.StatusSeeOther)
	b.get(s.file(1)).wantText("Bị từ chối", "Giấy khai sinh ghi nam")
	head.post("/2025-2026/profile-changes/confirmations", url.Values{}).wantStatus(http.StatusUnprocessableEntity)
	head.post("/2025-2026/profile-changes/confirmations", url.Values{"change": {id(0), id(2)}}).wantStatus(http.StatusSeeOther)
	head.post(one(0)+"/decision", url.Values{"decision": {"confirm"}}).wantStatus(http.StatusConflict)
	b.get(s.file(0)).wantText("Nguyễn Hoài Ân", "Đã xác nhận", "Hoàng Văn Thuận")
	head.get("/2025-2026/profile-changes").wantText("Không có thay đổi nào chờ xác nhận")
	s.as(principal).get(s.fill("/:year/records/") + strconv.FormatInt(chain.Records[0], 10)).wantStatus(http.StatusOK)
	// One that cannot be confirmed any more hinders no other.
	propose(b, 4, "full_name", "Phan Hữu Đực")
	propose(b, 5, "full_name", "Bh'nướch Thị Lành")
	s.db.Exec(`UPDATE school.pupil SET full_name = 'Phan Hữu Khác' WHERE id = $1`, s.Roll[4].PupilID)
	some := head.post("/2025-2026/profile-changes/confirmations", url.Values{"all": {"1"}, "shown": {id(3), id(4)}}).wantStatus(http.StatusConflict)
	some.wantText("Đã xác nhận 1 thay đổi", "Họ và tên của Phan Hữu Khác: Giá trị cũ trong hồ sơ đã đổi")
	b.get(s.file(5)).wantText("Bh'nướch Thị Lành", "Đã xác nhận")
	// A proposal of one's own can be taken back.
	propose(b, 3, "personal_no", "048316000004")
	head.post(one(5), url.Values{"_method": {"DELETE"}}).wantStatus(http.StatusNotFound)
	b.post(one(5), url.Values{"_method": {"DELETE"}}).wantStatus(http.StatusSeeOther)
	b.get(s.file(3)).wantText("Đã rút lại")
}

// changeID is the number of the nth proposed change.
func (s *site) changeID(n int) (id int64) {
	s.t.Helper()
	if err := s.db.Owner().QueryRow(`SELECT id FROM school.pupil_change WHERE second ORDER BY id OFFSET $1 LIMIT 1`, n).Scan(&id); err != nil {
		s.t.Fatal(err)
	}
	return id
}

func TestProfile_TellsThatAnIssuedVersionSaysSomethingElse(t *testing.T) {
	s := newSite(t)
	chain := jobstest.New(t, s.db, s.Cast)
	chain.Issue(t)
	s.db.Clock.Advance(time.Minute)
	b := s.as(huong)
	b.post(s.file(0), s.form(b, 0, url.Values{"mother_name": {"Trần Thị Lành"}, "kind": {"correction"}, "paper": {"birth_certificate"}})).wantStatus(http.StatusSeeOther)
	b.get(s.file(0)).wantText("Cần bản học bạ mới", "Học bạ năm học 2025–2026", "họ và tên mẹ")
	b.post(s.file(1), s.form(b, 1, url.Values{"phone": {"0905 111 222"}})).wantStatus(http.StatusSeeOther)
	if got := b.get(s.file(1)); strings.Contains(got.body, "Cần bản học bạ mới") {
		t.Error("a telephone number stands in no booklet")
	}
	b.post(s.file(2), s.form(b, 2, url.Values{"birthplace": {"Phường Sơn Trà, thành phố Đà Nẵng"}, "kind": {"renamed"}, "from": {"01/07/2025"}})).wantStatus(http.StatusSeeOther)
	if got := b.get(s.file(2)).wantText("Ghi theo tên đơn vị mới · từ 01/07/2025"); strings.Contains(got.body, "Cần bản học bạ mới") {
		t.Error("old pages keep the old names of units")
	}
	years := b.get(s.fill("/:year/pupils/:pupil/years")).wantStatus(http.StatusOK)
	years.wantText("Năm học 2025–2026 · lớp 4A", "bản 1", "theo từng thời điểm", "Toán")
	if strings.Contains(years.body, "<form class=\"form") {
		t.Error("the years can be changed")
	}
	s.as(minh).get(s.fill("/:year/pupils/:pupil/years")).wantStatus(http.StatusOK)
	s.as(principal).get(s.fill("/:year/pupils/:pupil/years")).wantStatus(http.StatusOK)
	for _, who := range []string{otherTeacher, authority, clerk} {
		s.as(who).get(s.fill("/:year/pupils/:pupil/years")).wantStatus(http.StatusNotFound)
	}
	s.db.Exec(`UPDATE school.teaching_assignment SET to_date = '2026-05-19' WHERE account_id = $1`, s.Minh.AccountID)
	s.as(minh).get(s.fill("/:year/pupils/:pupil/years")).wantStatus(http.StatusNotFound)
	s.wantViews("pupil_years", 3)
}

// wantViews fails unless so many views of a kind come to stand in the log.
func (s *site) wantViews(what string, want int) {
	s.t.Helper()
	var n int
	for range 50 {
		if err := s.db.Owner().QueryRow(`SELECT count(*) FROM core.view_log WHERE what = $1`, what).Scan(&n); err != nil {
			s.t.Fatal(err)
		}
		if n == want {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	s.t.Errorf("%d views of %s in the log, want %d", n, what, want)
}

func TestProfileSheets_PrintWhatIsStoredForTheFamily(t *testing.T) {
	s := newSite(t)
	s.withPrinter()
	b := s.as(huong)
	b.post(s.file(0), s.form(b, 0, url.Values{"full_name": {"Nguyễn Hoài Ân"}, "kind": {"correction"}, "paper": {"birth_certificate"}})).wantStatus(http.StatusSeeOther)
	text := func(path string) string {
		got := b.get(path).wantStatus(http.StatusOK)
		if kind := got.header.Get("Content-Type"); kind != "application/pdf" {
			t.Fatalf("%s is %s", path, kind)
		}
		return outside(t, []byte(got.body), "pdftotext", "-layout", "FILE", "-")
	}
	words := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	one := text(s.file(0) + "/sheet.pdf")
	for _, want := range []string{"PHIẾU THÔNG TIN HỌC SINH", "TRƯỜNG TIỂU HỌC HOA PHƯỢNG", "Nguyễn Hoài An", "05/01/2016", "Phường Hải Sơn, thành phố Đà Nẵng",
		"Đang chờ xác nhận: Nguyễn Hoài Ân", "CHA, MẸ HOẶC NGƯỜI GIÁM HỘ", "In 08:00 20/05/2026"} {
		if !strings.Contains(words(one), want) {
			t.Errorf("the sheet does not say %q: %s", want, one)
		}
	}
	if pages := strings.Count(one, "\f"); pages != 1 {
		t.Errorf("one pupil's sheet has %d pages", pages)
	}
	all := text(s.fill("/:year/classes/:class/profiles/sheets.pdf"))
	if pages := strings.Count(all, "\f"); pages != len(s.Roll) {
		t.Errorf("%d pupils on %d pages", len(s.Roll), pages)
	}
	for i, page := range strings.SplitN(all, "\f", len(s.Roll)+1)[:len(s.Roll)] {
		if !strings.Contains(words(page), s.Roll[i].FullName) {
			t.Errorf("page %d is not %s's", i+1, s.Roll[i].FullName)
		}
	}
	s.as(minh).get(s.file(0) + "/sheet.pdf").wantStatus(http.StatusNotFound)
	s.as(otherTeacher).get(s.fill("/:year/classes/:class/profiles/sheets.pdf")).wantStatus(http.StatusNotFound)
}

func TestDashboard_BeginsTheYearWithTheRound(t *testing.T) {
	s := newSite(t)
	s.as(huong).get("/2025-2026").wantStatus(http.StatusOK)
	s.db.Clock.Set(time.Date(2025, time.September, 10, 8, 0, 0, 0, school.Zone))
	s.as(huong).get("/"+string(dbtest.Year)).wantText("Hồ sơ học sinh lớp 4A chờ kiểm tra", "Đã kiểm tra 0/8")
}
