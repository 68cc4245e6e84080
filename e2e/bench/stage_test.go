package bench

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/handlers"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/school"
)

// remarks are of the length that teachers write.
var remarks = []string{
	"Đọc diễn cảm tốt, viết đoạn văn có ý riêng; cần mở rộng vốn từ khi tả cảnh.",
	"Giải thích được cách làm; cần luyện thêm bài toán có nhiều bước tính.",
	"Kể lại được các sự kiện ở địa phương, đọc bản đồ thành thạo.",
	"Biết quan sát, nêu nhận xét và làm thí nghiệm cùng nhóm.",
	"Tự chuẩn bị bài, hợp tác tốt khi làm việc nhóm, mạnh dạn nêu ý kiến.",
}

// seat seats the cast with class 4A brought to n pupils.
func seat(t testing.TB, d *dbtest.Database, n int) *dbtest.Cast {
	t.Helper()
	c := dbtest.NewCast(t, d)
	err := d.As(t.Context(), c.Admin, func(tx *db.Tx) error {
		for i := len(c.Roll); i < n; i++ {
			id, err := tx.CreatePupil(t.Context(), db.Pupil{Code: fmt.Sprintf("77%08d", i), FullName: fmt.Sprintf("Công Tằng Tôn Nữ Ngọc %c%c", 'A'+i/26, 'a'+i%26),
				BirthDate: school.Date{Year: 2016, Month: 3, Day: 1}, Sex: school.Female, Ethnicity: "Kinh",
				Birthplace: "Bệnh viện Đa khoa khu vực, phường Hải Sơn", Hometown: "Xã Trà Linh, thành phố Đà Nẵng",
				Residence: "Tổ 12, đường Nguyễn Văn Trỗi, phường Hải Sơn, thành phố Đà Nẵng", FatherName: "Công Tằng Tôn Thất Bửu", MotherName: "Nguyễn Thị Ngọc Quỳnh"})
			if err != nil {
				return err
			}
			if _, err = tx.Enrol(t.Context(), db.NewEnrolment{Year: dbtest.Year, ClassID: c.Class.ID, PupilID: id, Grade: 4, Status: "01",
				From: school.Date{Year: 2025, Month: 9, Day: 5}}); err != nil {
				return err
			}
		}
		var err error
		c.Roll, err = tx.Roll(t.Context(), c.Class.ID)
		return err
	})
	if err != nil {
		t.Fatalf("seat the class: %v", err)
	}
	return c
}

// site is the portal on a loopback address, over a database with a class in
// which every period is open.
type site struct {
	*dbtest.Cast
	db     *dbtest.Database
	portal *handlers.Portal
	server *httptest.Server
}

func newSite(t testing.TB, pupils int) *site {
	t.Helper()
	d := dbtest.New(t)
	s := &site{db: d, Cast: seat(t, d, pupils)}
	for _, p := range school.Periods {
		d.Exec(`INSERT INTO school.entry_window (school_id, school_year, period, opens_at, closes_at, created_at)
			VALUES ($1, $2, $3, $4, $5, $4)`, s.School.ID, string(dbtest.Year), string(p), dbtest.Start.Add(-time.Hour), dbtest.Start.Add(24*time.Hour))
	}
	var err error
	s.portal, err = handlers.New(t.Context(), handlers.Options{DB: d.DB, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		BaseURL: "http://127.0.0.1", Secret: jobstest.Secret()})
	if err != nil {
		t.Fatalf("wire the portal: %v", err)
	}
	s.server = httptest.NewServer(s.portal)
	t.Cleanup(func() {
		s.server.Close()
		s.portal.Close()
	})
	return s
}

// signIn opens a session of the homeroom teacher.
func (s *site) signIn(t testing.TB) *http.Client {
	t.Helper()
	return s.signInAs(t, "huong")
}

// signInAs opens a session on a connection of its own. Nothing is unpacked on
// the way: bodies are as they cross the line.
func (s *site) signInAs(t testing.TB, username string) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Transport: &http.Transport{DisableCompression: true, MaxConnsPerHost: 1},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(client.CloseIdleConnections)
	form := url.Values{"username": {username}, "password": {dbtest.Password}}
	res, err := client.PostForm(s.server.URL+"/dang-nhap", form)
	if err != nil {
		t.Fatalf("sign in: %v", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusSeeOther {
		t.Fatalf("sign in: status %d", res.StatusCode)
	}
	return client
}

// do answers with the body of a request that must succeed.
func do(client *http.Client, req *http.Request) ([]byte, error) {
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: status %d: %s", req.Method, req.URL.Path, res.StatusCode, strings.TrimSpace(string(body)))
	}
	return body, err
}
