package handlers

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"hocba/internal/bundle"

	"hocba/internal/jobs/jobstest"
	"hocba/internal/school"
)

// held is a version that the registry holds, of a pupil of class 4A.
type held struct {
	id     int64 // registry.version
	record int64 // school.record
	code   bundle.Code
	sum    [sha256.Size]byte
	pupil  string
	birth  school.Date
}

// slash is the date of birth as people write it.
func (h held) slash() string { return h.birth.Vietnamese() }

// registrySite is a site whose class 4A was sent to the registry and accepted.
type registrySite struct {
	*site
	chain *jobstest.Chain
	all   []held // in the order of the roll
}

func newRegistrySite(t testing.TB) *registrySite {
	t.Helper()
	s := &registrySite{site: newSite(t)}
	s.chain = jobstest.New(t, s.db, s.Cast)
	s.chain.Submit(t)
	for _, id := range s.chain.Records {
		s.all = append(s.all, s.newest(id))
	}
	return s
}

// newest returns the newest version of a record, which the registry holds.
func (s *registrySite) newest(record int64) held {
	s.t.Helper()
	h := held{record: record}
	var sum []byte
	err := s.db.Owner().QueryRow(`SELECT r.id, r.look_up_code, r.sha256, p.full_name, p.birth_date
		FROM school.version v JOIN registry.version r ON r.sha256 = v.sha256
		JOIN school.record c ON c.id = v.record_id JOIN school.pupil p ON p.id = c.pupil_id
		WHERE v.record_id = $1 ORDER BY v.phien_ban DESC LIMIT 1`, record).Scan(&h.id, &h.code, &sum, &h.pupil, &h.birth)
	if err != nil {
		s.t.Fatal(err)
	}
	h.sum = [sha256.Size]byte(sum)
	return h
}

// replace issues and sends another version of a record, in the Sở's time.
func (s *registrySite) replace(record int64) held {
	s.t.Helper()
	ctx, c := s.t.Context(), s.chain
	c.OpenClosing(s.t)
	steps := []func() error{
		func() error {
			return c.Submission().Replace(ctx, s.Principal, record, "Thiếu nhận xét môn Toán")
		},
		func() error { return c.Desk.Approve(ctx, s.Principal, record, c.Pen(s.Principal)) },
		func() error { return c.Desk.Issue(ctx, s.Principal, record, jobstest.Place, c.Seal()) },
		func() error {
			_, err := c.Submission().Send(ctx, s.Principal, c.June(), nil, c.Seal())
			return err
		},
	}
	for i, step := range steps {
		s.db.Clock.Advance(time.Minute)
		if err := step(); err != nil {
			s.t.Fatalf("replace a version, step %d: %v", i+1, err)
		}
	}
	return s.newest(record)
}

func lookupForm(code string) url.Values { return url.Values{"code": {code}} }

func birthForm(date string) url.Values { return url.Values{"birth": {date}} }

func at(c bundle.Code) string { return "/tra-cuu/" + string(c) }

// TestLookup_TellsEachVerdict walks the verdicts that the registry can give.
func TestLookup_TellsEachVerdict(t *testing.T) {
	s := newRegistrySite(t)
	all, c := s.all, s.chain
	b := s.stranger()
	check := func(h held, words ...string) answer {
		t.Helper()
		got := b.get(at(h.code)).wantStatus(200).wantText(words...)
		if posted := b.post("/tra-cuu", lookupForm(string(h.code))); posted.body != got.body {
			t.Error("the typed code is answered differently from the scanned one")
		}
		for _, secret := range append(strings.Fields(h.pupil)[1:], h.slash(), h.birth.String(), h.pupil, "Cha Của Em", "GV4800001") {
			if len(secret) > 2 && strings.Contains(strings.ReplaceAll(got.body, "Ví dụ 14/03/2016", ""), secret) {
				t.Errorf("the answer tells %q before the second fact", secret)
			}
		}
		if got.header.Get("Cache-Control") != "no-store" || got.header.Get("Referrer-Policy") != "no-referrer" {
			t.Error("the answer may be kept or its address passed on")
		}
		return got
	}
	check(all[0], "Hợp lệ, chưa chốt", "Chưa chốt", "Nội dung còn nguyên", "2 giáo viên, chủ nhiệm, hiệu trưởng, trường",
		"4 chứng thư", "Biên nhận 20/05/2026", "Là bản mới nhất", "N. H. A.", "Trường Tiểu học Hoa Phượng", "2025–2026", "4A",
		all[0].code.String(), "Kiểm tra lúc")

	s.db.Clock.Advance(24 * time.Hour)
	next := s.replace(all[2].record)
	got := check(all[2], "Đã thay thế bằng bản 2 ngày 21/05/2026", "Tờ giấy này là bản 1", "Không phải bản mới nhất",
		"Bản 2 thay từ 21/05/2026", "Bản hiện hành 2, từ 21/05/2026", "Xin trường bản in mới")
	if strings.Contains(got.body, string(next.code)) || strings.Contains(got.body, next.code.String()) {
		t.Error("the answer hands out the code of the version that took its place")
	}
	if strings.Contains(got.text(), "L. Q. A.") || strings.Contains(got.body, "/contents") {
		t.Error("a version no longer in force speaks of the pupil")
	}
	check(next, "Hợp lệ, chưa chốt", "2, phát hành 21/05/2026")

	if _, err := c.Submission().Recall(t.Context(), s.Principal, all[4].record, "Nhập nhầm điểm", c.Seal()); err != nil {
		t.Fatal(err)
	}
	check(all[4], "Nhà trường đã rút lại ngày 21/05/2026", "Hỏi trường đã phát hành")

	s.db.Clock.Advance(48 * time.Hour)
	absent := map[string]bundle.AbsenceReason{s.Roll[4].Code: bundle.NotComplete}
	if _, err := c.Submission().Close(t.Context(), s.Principal, c.June(), absent, c.Seal()); err != nil {
		t.Fatal(err)
	}
	check(all[1], "Hợp lệ, có hiệu lực từ 23/05/2026", "Đã chốt", "T. B. A.", "Xem nội dung học bạ")
	check(all[2], "Đã thay thế bằng bản 2 ngày 21/05/2026", "Bản này bị thay trước khi chốt")

	s.db.Exec(`INSERT INTO registry.version_event (version_id, school_code, kind, by_whom, at) VALUES ($1, $2, 'revoked', 'department', $3)`,
		all[5].id, s.School.Code, s.db.Clock.Now())
	check(all[5], "Đã thu hồi ngày 23/05/2026", "Thu hồi ngày 23/05/2026", "Hỏi trường đã phát hành")

	t.Run("bytes that do not verify are never called valid", func(t *testing.T) {
		s.db.Exec(`UPDATE registry.version_content SET xml = convert_to(replace(convert_from(xml, 'UTF8'), '>10<', '>9<'), 'UTF8') WHERE version_id = $1`, all[6].id)
		got := b.get(at(all[6].code)).wantStatus(503).wantText("Chưa kiểm tra được")
		if strings.Contains(got.text(), "Hợp lệ") {
			t.Error(got.text())
		}
	})
	t.Run("a version without receipt is not called valid", func(t *testing.T) {
		s.db.Exec(`DELETE FROM registry.receipt WHERE sha256 = $1`, all[7].sum[:])
		b.get(at(all[7].code)).wantStatus(503).wantText("Chưa kiểm tra được", "Sở đã nhận: chưa kiểm tra được")
	})
}

// TestLookup_TakesAnySpelling reads codes as people type them, and scanned addresses.
func TestLookup_TakesAnySpelling(t *testing.T) {
	s := newRegistrySite(t)
	all := s.all
	b, code := s.stranger(), string(all[0].code)
	loose := strings.NewReplacer("0", "o", "1", "l").Replace(strings.ToLower(code))
	for _, spelled := range []string{
		all[0].code.String(), strings.ToLower(code), " " + code[:3] + " " + code[3:7] + "  " + code[7:] + " ", loose,
		strings.ReplaceAll(code, "1", "I"), "https://hocba.example.vn/tra-cuu/" + code, code[:4] + "–" + code[4:8] + "." + code[8:],
	} {
		b.post("/tra-cuu", lookupForm(spelled)).wantStatus(200).wantText("Hợp lệ, chưa chốt")
	}
	b.get("/tra-cuu/" + url.PathEscape(all[0].code.String())).wantStatus(200)
	b.get("/tra-cuu/" + loose).wantStatus(200)
}

// TestLookup_UnknownCodesAreAllAlike: never given, issued but never accepted,
// the second fact asked of them.
func TestLookup_UnknownCodesAreAllAlike(t *testing.T) {
	s := newSite(t)
	chain := jobstest.New(t, s.db, s.Cast)
	chain.Issue(t)
	var issued string
	if err := s.db.Owner().QueryRow(`SELECT look_up_code FROM school.version LIMIT 1`).Scan(&issued); err != nil {
		t.Fatal(err)
	}
	minted, err := bundle.NewCode(bytes.NewReader(bytes.Repeat([]byte{7}, 16)))
	if err != nil {
		t.Fatal(err)
	}
	b := s.stranger()
	page := func(c string) string {
		got := b.get("/tra-cuu/" + c).wantStatus(404).wantText("Không tìm thấy mã này")
		return strings.ReplaceAll(got.body, bundle.Code(c).String(), "CODE")
	}
	if page(issued) != page(string(minted)) {
		t.Error("a code that waits for acceptance is answered differently from one never given")
	}
	asked := b.post("/tra-cuu/"+issued+"/contents", birthForm("05/01/2016")).wantStatus(404)
	if other := b.post("/tra-cuu/"+string(minted)+"/contents", birthForm("05/01/2016")).wantStatus(404); strings.ReplaceAll(asked.body, bundle.Code(issued).String(), "") !=
		strings.ReplaceAll(other.body, minted.String(), "") {
		t.Error("the second fact tells unknown codes apart")
	}
	b.post("/tra-cuu", lookupForm("7KQ2-M9XR")).wantStatus(422).wantText("Xem lại mã").wantText("Học bạ này có thật không?")
	if got := b.post("/tra-cuu", lookupForm("7KQ2-M9XR")); !strings.Contains(got.body, `value="7KQ2-M9XR"`) {
		t.Error("what was typed is lost")
	}
	b.get("/tra-cuu").wantStatus(200)
	b.get("/quyen-rieng-tu").wantStatus(200).wantText("Người có mã thấy gì", "91/2025/QH15", "Sở GD&ĐT Đà Nẵng")
	b.do(http.MethodHead, "/tra-cuu", nil)
}

// TestLookup_SlowsGuessesDown: wrong codes add up by address, right ones do not.
func TestLookup_SlowsGuessesDown(t *testing.T) {
	s := newRegistrySite(t)
	all := s.all
	b := s.stranger()
	for range lookupByAddress.Limit + 5 {
		b.get(at(all[0].code)).wantStatus(200)
	}
	for range lookupByAddress.Limit {
		b.post("/tra-cuu", lookupForm("khong-phai-ma")).wantStatus(422)
	}
	b.post("/tra-cuu", lookupForm("khong-phai-ma")).wantStatus(429).wantText("Đợi 15 phút")
	b.get(at(all[0].code)).wantStatus(429)
	b.post(at(all[0].code)+"/contents", birthForm(all[0].slash())).wantStatus(429)
}

// TestContents_NeedTheDateOfBirth shows contents to who knows the second fact.
func TestContents_NeedTheDateOfBirth(t *testing.T) {
	s := newRegistrySite(t)
	all := s.all
	b, h := s.stranger(), all[3]
	iso := h.birth.String()
	for _, date := range []string{h.slash(), strings.ReplaceAll(h.slash(), "/", "-"), "14.3.2016", iso} {
		got := b.post(at(h.code)+"/contents", birthForm(date)).wantStatus(200).wantText("Nguyễn Khánh Chi", "Em nắm vững bài Toán.", "Tải bản in")
		if got.header.Get("Cache-Control") != "no-store" || got.header.Get("Set-Cookie") != "" {
			t.Error("the contents leave something behind")
		}
	}
	b.post(at(h.code)+"/contents", birthForm("hôm qua")).wantStatus(422).wantText("Ghi đủ ngày")
	wrong := func(date string) answer {
		return b.post(at(h.code)+"/contents", birthForm(date))
	}
	for range contentsByCode.Limit {
		got := wrong("15/03/2016").wantStatus(422).wantText("Ngày sinh chưa khớp", "Hợp lệ")
		if strings.Contains(got.body, "Khánh") {
			t.Error("a wrong date tells the name")
		}
	}
	refused, right := wrong("15/03/2016").wantStatus(429), wrong(h.slash()).wantStatus(429)
	if strings.Replace(refused.body, `value="15/03/2016"`, "", 1) != strings.Replace(right.body, `value="`+h.slash()+`"`, "", 1) {
		t.Error("after too many wrong dates the right one is answered differently")
	}
	b.post(at(h.code)+"/pdf", birthForm(h.slash())).wantStatus(429)
	b.post(at(all[0].code)+"/contents", birthForm(all[0].slash())).wantStatus(200) // another paper is not touched

	s.replace(all[0].record)
	got := b.post(at(all[0].code)+"/contents", birthForm(all[0].slash())).wantStatus(200).wantText("Đã thay thế")
	if strings.Contains(got.body, "Hoài") {
		t.Error("a replaced version shows its contents")
	}
}

// TestLookup_LeavesNoCodeInLogs: neither the program's log nor the view log
// holds a code, a name or a date of birth.
func TestLookup_LeavesNoCodeInLogs(t *testing.T) {
	s := newRegistrySite(t)
	all := s.all
	var log lockedBuffer
	s.portal.log = slog.New(slog.NewTextHandler(&log, nil))
	b, h := s.stranger(), all[3]
	b.get(at(h.code))
	b.get(at(h.code) + "/")
	b.get("/tra-cuu/" + url.PathEscape(strings.ToLower(h.code.String())))
	b.get("/tra-cuu/" + string(h.code[:4]) + "/" + string(h.code[4:]))
	b.get("/tra-cuu/%3F" + string(h.code))
	b.post("/tra-cuu", lookupForm(string(h.code)))
	b.post(at(h.code)+"/contents", birthForm(h.slash())).wantStatus(200)
	b.post(at(h.code)+"/pdf", birthForm(h.slash())).wantStatus(503).wantText("Máy chủ này chưa có chương trình tạo bản in")
	b.post(at(h.code)+"/contents", birthForm("01/01/2001")).wantStatus(422)
	said := log.String()
	if !strings.Contains(said, "/tra-cuu/***/contents") || strings.Count(said, "msg=request") != 9 {
		t.Fatalf("the log: %s", said)
	}
	for _, secret := range []string{string(h.code), h.code.String(), string(h.code[4:]), h.slash(), h.birth.String(), "Khánh"} {
		if strings.Contains(strings.ToUpper(said), strings.ToUpper(secret)) {
			t.Errorf("the log holds %q", secret)
		}
	}
	sum := sha256.Sum256([]byte(h.code))
	want := map[string]int{"look-up": 6, "look-up.contents": 1, "look-up.refused": 1}
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		got := map[string]int{}
		rows, err := s.db.Owner().Query(`SELECT what, count(*) FROM core.view_log WHERE object = $1 AND account_id IS NULL GROUP BY what`,
			"code:"+hex.EncodeToString(sum[:]))
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var what string
			var n int
			if err := rows.Scan(&what, &n); err != nil {
				t.Fatal(err)
			}
			got[what] = n
		}
		rows.Close()
		if len(got) == len(want) && got["look-up"] == want["look-up"] && got["look-up.refused"] == 1 && got["look-up.contents"] == 1 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the view log has %v, want %v", got, want)
		}
	}
}

// TestLookup_AnOutageIsNoVerdict: the paper is not to blame.
func TestLookup_AnOutageIsNoVerdict(t *testing.T) {
	s := newRegistrySite(t)
	all := s.all
	s.db.Exec(`REVOKE SELECT ON registry.version FROM hocba_registry`)
	s.stranger().get(at(all[0].code)).wantStatus(503).wantText("Chưa kiểm tra được", "Đây không phải lỗi của tờ giấy")
}

// lockedBuffer collects what several requests log.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
