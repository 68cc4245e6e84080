package handlers

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"hocba/db"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/school"
)

// task returns the words of a task by its key.
func (a answer) task(key string) string {
	a.t.Helper()
	n := find(a.parse(), func(n *html.Node) bool { return attr(n, "id") == "task-"+key })
	if n == nil {
		a.t.Fatalf("no task %q: %s", key, a.text())
	}
	return textOf(n)
}

// wantTask fails unless the task says each of the parts.
func (a answer) wantTask(key string, parts ...string) answer {
	a.t.Helper()
	text := a.task(key)
	for _, p := range parts {
		if !strings.Contains(text, p) {
			a.t.Errorf("the task %s does not say %q: %s", key, p, text)
		}
	}
	return a
}

func (s *site) openWindow(p school.Period) {
	s.t.Helper()
	now := s.db.Now()
	s.db.Exec(`INSERT INTO school.entry_window (school_id, school_year, period, opens_at, closes_at, created_at)
		VALUES ($1, '2025-2026', $2, $3, $4, $3)`, s.School.ID, string(p), now.Add(-24*time.Hour), now.Add(72*time.Hour))
}

func TestHome_TeacherSeesWhatIsEmptyThenWhatCanBeSigned(t *testing.T) {
	s := newSite(t)
	chain := jobstest.New(t, s.db, s.Cast)
	s.openWindow(school.YearEnd)
	b := s.as(minh)
	class := itoa(s.Class.ID)
	b.get("/2025-2026").wantStatus(http.StatusOK).
		wantTask("cells-"+class+"-AM_NHAC", "8 ô trống", "Âm nhạc 4A chưa đủ", "8 em còn ô chưa ghi", "Khóa nhập", "còn 3").
		wantText("Mốc thời gian", "trước ngày 30/6", "Khóa nhập cuối năm học")
	chain.Fill(t)
	got := b.get("/2025-2026").wantTask("sign-"+class, "8 học sinh", "Lớp 4A chờ thầy/cô ký", "Trước ngày 30/6", "Ký 8 học sinh")
	if strings.Contains(got.text(), "ô trống") {
		t.Errorf("nothing is empty: %s", got.text())
	}
	if n := strings.Count(got.body, "button primary"); n != 1 {
		t.Errorf("%d primary buttons, want 1", n)
	}
	if err := chain.Desk.SignParts(t.Context(), s.Huong, chain.Records[0], chain.Pen(s.Huong)); err != nil {
		t.Fatal(err)
	}
	home := s.as(huong).get("/2025-2026")
	home.wantTask("unsigned-"+class, "1 thầy, cô", "Âm nhạc", "Đoàn Nhật Minh")
	signRest(t, s, chain)
	s.recount()
	s.as(huong).get("/2025-2026").wantTask("sign-page-"+class, "8 học sinh", "Phần chủ nhiệm lớp 4A chờ thầy/cô ký").
		wantText("Lớp 4A đang ở đâu", "Giáo viên bộ môn ký 8")
	b.get("/2025-2026").wantText("Không có việc nào đang chờ.", "Đã xong mọi việc")
}

func TestHome_TeacherSeesWhatCameBack(t *testing.T) {
	s := newSite(t)
	chain := jobstest.New(t, s.db, s.Cast)
	chain.Sign(t)
	err := s.db.As(t.Context(), s.Principal, func(tx *db.Tx) error {
		r, err := tx.Record(t.Context(), chain.Records[0], true)
		if err != nil {
			return err
		}
		by, err := chain.Desk.By(t.Context(), tx)
		if err != nil {
			return err
		}
		change, err := r.Return(by, []string{"mon-MI_THUAT", "mon-AM_NHAC"}, "Nhận xét chưa khớp.")
		if err != nil {
			return err
		}
		return tx.ApplyRecord(t.Context(), change)
	})
	if err != nil {
		t.Fatal(err)
	}
	s.db.Clock.Advance(24 * time.Hour)
	s.as(minh).get("/2025-2026").wantTask("return-"+itoa(s.Class.ID), "2 phần", "Hiệu trưởng trả lại",
		"Âm nhạc – "+s.Roll[0].FullName+": “Nhận xét chưa khớp”", "Trả lại hôm qua", "Nên xong hôm nay")
}

func TestHome_PrincipalSeesEachStepOfTheSchool(t *testing.T) {
	s := newSite(t)
	chain := jobstest.New(t, s.db, s.Cast)
	b := s.as(principal)
	b.get("/2025-2026").wantStatus(http.StatusOK).wantText("Không có việc nào đang chờ.")
	chain.Sign(t)
	s.db.Exec(`UPDATE school.enrolment SET inclusive = true WHERE id = $1`, s.Roll[0].EnrolmentID)
	b.get("/2025-2026").wantTask("approve", "8 học sinh", "Học bạ chờ duyệt", "Lớp 4A.", "1 em cần mở xem", "Trước ngày 30/6 · còn 40")
	s.as(deputy).get("/2025-2026").wantText("không có ủy quyền")
	s.db.Exec(`UPDATE school.enrolment SET inclusive = false WHERE id = $1`, s.Roll[0].EnrolmentID)
	chain.Approve(t)
	b.get("/2025-2026").wantTask("issue", "8 học sinh", "chờ phát hành")
	chain.Issue(t)
	b.get("/2025-2026").wantTask("send", "8 học bạ", "chờ nộp Sở")
	s.as(admin).get("/2025-2026").wantTask("prepare", "8 học bạ", "hiệu trưởng nộp")
	for i, stage := range []string{"refused", "accepted"} {
		s.db.Exec(`UPDATE school.record SET stage = $2 WHERE id = $1`, chain.Records[i], stage)
	}
	b.get("/2025-2026").wantTask("refused", "1 học bạ", "Sở từ chối").wantTask("close", "1 lớp", "chờ hiệu trưởng chốt", "Sở chưa mở thời gian chốt")
	now := s.db.Now()
	s.db.Exec(`INSERT INTO registry.closing_time (department, school_year, track, opens_at, ends_at, decision_no, at)
		VALUES ($1, '2025-2026', 1, $2, $3, '1/QĐ', $2)`, s.Department.Code, now.Add(-time.Hour), now.Add(100*time.Hour))
	b.get("/2025-2026").wantTask("close", "còn 4").wantText("Hết thời gian chốt")
}

func TestHome_AdminSeesWhatIsNotInPlace(t *testing.T) {
	s := newSite(t)
	s.db.Exec(`UPDATE school.teaching_assignment SET to_date = '2026-01-01' WHERE class_id = $1 AND subject IN ('TOAN', 'TIN_HOC')`, s.Class.ID)
	s.db.Exec(`UPDATE school.homeroom_assignment SET to_date = '2026-01-01' WHERE class_id = $1`, s.Class.ID)
	b := s.as(admin)
	b.get("/2025-2026").wantTask("homeroom", "1 lớp", "4A").wantTask("assign", "2 môn học", "4A: Toán, Tin học").
		wantTask("certificates", "3 thầy, cô", "Đoàn Nhật Minh").wantTask("seal", "chưa dùng được")
	b.get("/2026-2027").wantTask("enrol", "8 học sinh", "chưa xếp lớp")
}

func TestHome_AuthoritiesSeeLateSchools(t *testing.T) {
	s := newSite(t)
	jobstest.New(t, s.db, s.Cast).Sign(t)
	s.recount()
	s.db.Clock.Set(time.Date(2026, time.June, 22, 9, 0, 0, 0, school.Zone))
	s.as(authority).get("/2025-2026").wantStatus(http.StatusOK).
		wantTask("late", "2 trường", "TH Hoa Phượng – 8 em chờ hiệu trưởng duyệt", "còn 7").
		wantTask("closing-time-1", "Chưa mở thời gian chốt đợt 1").wantText("Báo cáo Bộ", "trước ngày 10/7")
	clerkPage := s.as(clerk).get("/2025-2026").wantTask("late", "2 trường")
	if strings.Contains(clerkPage.text(), "Mở thời gian chốt") {
		t.Error("the commune is asked to open the time for chốt")
	}
}

func TestHome_EveryRoleOpensInAnyYear(t *testing.T) {
	s := newSite(t)
	s.db.Exec(`INSERT INTO core.account_role (account_id, unit_id, role, valid_from) VALUES ($1, $2, 'inspector', '2025-07-01')`,
		s.OtherTeacher.AccountID, s.Department.ID)
	s.db.Exec(`UPDATE core.account_role SET valid_to = '2026-01-01' WHERE account_id = $1 AND role = 'teacher'`, s.OtherTeacher.AccountID)
	names := []string{otherTeacher}
	for _, name := range roleNames {
		names = append(names, name)
	}
	for _, name := range names {
		b := s.as(name)
		for _, year := range []string{"/2024-2025", "/2025-2026", "/2026-2027"} {
			b.get(year).wantStatus(http.StatusOK)
		}
	}
}

// signRest signs what is left of the parts.
func signRest(t *testing.T, s *site, chain *jobstest.Chain) {
	t.Helper()
	for i, id := range chain.Records {
		if i > 0 {
			if err := chain.Desk.SignParts(t.Context(), s.Huong, id, chain.Pen(s.Huong)); err != nil {
				t.Fatal(err)
			}
		}
		if err := chain.Desk.SignParts(t.Context(), s.Minh, id, chain.Pen(s.Minh)); err != nil {
			t.Fatal(err)
		}
	}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
