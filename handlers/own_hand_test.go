package handlers

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/bundle"
	"hocba/internal/jobs"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/school"
	"hocba/internal/verify"
	"hocba/internal/workflow"
	"hocba/views"
)

// signatures counts every signature there is, after all batches have ended.
func (s *site) signatures() (n int) {
	s.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		var open int
		if err := s.db.Owner().QueryRow(`SELECT count(*) FROM core.job WHERE state IN ('queued', 'running')`).Scan(&open); err != nil {
			s.t.Fatal(err)
		}
		if open == 0 {
			break
		}
		if time.Now().After(deadline) {
			s.t.Fatal("a batch does not end")
		}
	}
	if err := s.db.Owner().QueryRow(`SELECT count(*) FROM school.record_signature`).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}

// everything is a form that answers whatever a signing route may ask.
func (s *site) everything(records []int64) url.Values {
	form := url.Values{"pin": {jobstest.PersonPIN}, "way": {"0"}, "place": {jobstest.Place}, "reason": {"Xem lại"}, "note": {"Giữ nguyên"},
		"class": {strconv.FormatInt(s.Class.ID, 10)}, "part": {"mon-AM_NHAC"}, "revision": {strconv.FormatInt(s.record(records[0]).Revision, 10)}, "confirmed": {"1"}}
	for _, id := range records {
		form.Add("pupil", fmt.Sprint(id))
		form.Add("record", fmt.Sprint(id))
	}
	return form
}

// TestOwnHand_NobodySignsForAnother walks every route that writes, in each kind
// of batch, as everybody who has no part in a class: its school's
// administrator, a deputy without delegation, the commune, the Sở, a teacher of
// another school, one who left. No signature comes of it; then the teacher
// signs with the same form.
func TestOwnHand_NobodySignsForAnother(t *testing.T) {
	s, chain := signingSite(t)
	// Some records wait for teachers, some for the principal, one for the seal.
	for _, rec := range chain.Records[4:] {
		err := errors.Join(chain.Desk.SignParts(t.Context(), s.Huong, rec, chain.Pen(s.Huong)), chain.Desk.SignParts(t.Context(), s.Minh, rec, chain.Pen(s.Minh)),
			chain.Desk.SignHomeroom(t.Context(), s.Huong, rec, "", chain.Pen(s.Huong)))
		if rec == chain.Records[7] {
			err = errors.Join(err, chain.Desk.Approve(t.Context(), s.Principal, rec, chain.Pen(s.Principal)))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	before := s.signatures()
	gone := chain.Hire("dalam", "Đinh Lâm", "GV4800007")
	left := s.as("dalam")
	s.db.Exec(`UPDATE core.account SET active = false WHERE id = $1`, gone.AccountID)
	for name, b := range map[string]*browser{admin: s.as(admin), deputy: s.as(deputy), clerk: s.as(clerk), authority: s.as(authority),
		otherTeacher: s.as(otherTeacher), "dalam": left} {
		for _, r := range routes {
			if r.method == http.MethodGet || r.need == workflow.PermNone || strings.Contains(r.path, "account") || strings.Contains(r.path, "password") || r.path == views.SessionURL {
				continue // of accounts, which nobody signs with
			}
			for i, kind := range []string{jobs.SignParts, jobs.SignHomeroom, jobs.Approve, jobs.Issue} {
				form := s.everything(chain.Records)
				form.Set("kind", kind)
				path := s.fill(r.path)
				if i > 1 {
					rec := chain.Records[4]
					form.Set("revision", strconv.FormatInt(s.record(rec).Revision, 10))
					path = strings.Replace(path, "/records/1/", fmt.Sprintf("/records/%d/", rec), 1)
				}
				if kind == jobs.Issue {
					form.Set("pin", jobstest.SealPIN)
				}
				b.do(r.method, path, strings.NewReader(form.Encode()))
			}
		}
		if b != left {
			b.get("/2025-2026").wantStatus(http.StatusOK) // still signed in after all of it
		}
		if n := s.signatures(); n != before {
			t.Fatalf("%d signatures, want %d, after %s was everywhere", n, before, name)
		}
	}
	left.get("/2025-2026").wantStatus(http.StatusSeeOther)
	// The same by those whose it is.
	form := s.everything(chain.Records[:4])
	form.Set("kind", jobs.SignParts)
	s.as(minh).post(s.signing(), form).wantStatus(http.StatusSeeOther)
	if n := s.signatures(); n != before+4 {
		t.Fatalf("the teacher's own form made %d signatures", n-before)
	}
	s.as(principal).approve(chain.Records[4], jobstest.PersonPIN).wantStatus(http.StatusSeeOther)
	if n := s.signatures(); n != before+5 {
		t.Fatalf("the principal's own form made %d signatures", n-before-4)
	}
}

// TestOwnHand_TheDatabaseKeepsOtherHandsOut writes the row itself, past every
// rule of the program: only the owner of the part, with the own certificate, on
// a day of the assignment, comes through.
func TestOwnHand_TheDatabaseKeepsOtherHandsOut(t *testing.T) {
	s, chain := signingSite(t)
	other := chain.Hire("dalam", "Đinh Lâm", "GV4800007")
	write := func(who workflow.Actor, slot string, account int64, pen jobs.Pen, at time.Time) error {
		return s.db.As(t.Context(), who, func(tx *db.Tx) error {
			_, err := tx.ExecContext(t.Context(), `INSERT INTO school.record_signature (school_id, record_id, slot, generation, signer_code, signer_name,
				account_id, certificate, content_hash, content, signature, signed_at) VALUES ($1, $2, $3, 1 + (SELECT count(*) FROM school.record_signature),
				'x', 'x', $4, $5, repeat('0', 64), '', '', $6)`, s.School.ID, chain.Records[0], slot, account, pen.Certificate.Fingerprint(), at)
			return err
		})
	}
	now, mine := s.db.Clock.Now(), "gvbm-"+s.Minh.TeacherCode
	for name, x := range map[string]struct {
		who     workflow.Actor
		slot    string
		account int64
		pen     jobs.Pen
		at      time.Time
	}{
		"the administrator, as the teacher":          {s.Admin, mine, s.Minh.AccountID, chain.Pen(s.Minh), now},
		"the administrator, as herself":              {s.Admin, mine, s.Admin.AccountID, chain.Pen(s.Minh), now},
		"the principal in a teacher's place":         {s.Principal, mine, s.Minh.AccountID, chain.Pen(s.Minh), now},
		"the deputy without delegation":              {s.Deputy, "cbql", s.Deputy.AccountID, chain.Pen(s.Deputy), now},
		"the program itself":                         {workflow.Actor{Kind: workflow.System}, mine, s.Minh.AccountID, chain.Pen(s.Minh), now},
		"the teacher, with a colleague's key":        {s.Minh, mine, s.Minh.AccountID, chain.Pen(s.Huong), now},
		"the teacher, in a colleague's slot":         {s.Minh, "gvbm-" + s.Huong.TeacherCode, s.Minh.AccountID, chain.Pen(s.Minh), now},
		"the teacher, in the homeroom teacher's":     {s.Minh, "gvcn", s.Minh.AccountID, chain.Pen(s.Minh), now},
		"the teacher, before the assignment":         {s.Minh, mine, s.Minh.AccountID, chain.Pen(s.Minh), now.AddDate(-1, 0, 0)},
		"a colleague who does not teach the class":   {other, "gvbm-" + other.TeacherCode, other.AccountID, chain.Pen(other), now},
		"the seal with a person's key":               {s.Principal, "phathanh", s.Principal.AccountID, chain.Pen(s.Principal), now},
		"the seal of another school":                 {s.Principal, "phathanh", s.Principal.AccountID, chain.OtherSeal(), now},
		"the school's seal in the teacher's hand":    {s.Minh, "phathanh", s.Minh.AccountID, chain.Seal(), now},
		"the principal of another school, as theirs": {s.OtherPrincipal, "cbql", s.OtherPrincipal.AccountID, chain.Pen(s.OtherPrincipal), now},
	} {
		if err := write(x.who, x.slot, x.account, x.pen, x.at); err == nil {
			t.Errorf("%s signed", name)
		}
	}
	for name, err := range map[string]error{
		"the teacher": write(s.Minh, mine, s.Minh.AccountID, chain.Pen(s.Minh), now),
		"the seal":    write(s.Principal, "phathanh", s.Principal.AccountID, chain.Seal(), now),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	s.db.Exec(`UPDATE core.account SET active = false WHERE id = $1`, s.Minh.AccountID)
	if err := write(s.Minh, mine, s.Minh.AccountID, chain.Pen(s.Minh), now); err == nil {
		t.Error("a teacher who left signed")
	}
}

// standIn gives music and arts to a teacher to the end of the year, by decision.
func (s *site) standIn(account int64) {
	s.t.Helper()
	form := url.Values{"subject": {"AM_NHAC", "MI_THUAT"}, "account": {id(account)}, "from": {"20/05/2026"}, "to": {"31/05/2026"}, "decision": {"31/QĐ-THHP"}}
	s.as(admin).post(s.classPath()+"/assignments", form).wantStatus(http.StatusSeeOther)
}

// A teacher leaves without having signed; who is assigned by decision finds the
// part in the queue with whose values they are, confirms and signs as herself.
func TestOwnHand_ASuccessorSignsAsHerself(t *testing.T) {
	s, chain := signingSite(t)
	s.openPeriod(school.YearEnd)
	s.db.Exec(`UPDATE school.entry SET account_id = $1 WHERE item IN ('AM_NHAC', 'MI_THUAT')`, s.Minh.AccountID)
	binh := chain.Hire("binh", "Lê Thanh Bình", "GV4800006")
	gone, next := s.as(minh), s.as("binh")
	next.get(s.signing()).wantStatus(http.StatusNotFound)
	s.as(admin).post("/2025-2026/accounts/"+id(s.Minh.AccountID)+"/closing", nil).wantStatus(http.StatusSeeOther)
	s.standIn(binh.AccountID)

	gone.get(s.signing()).wantStatus(http.StatusSeeOther)
	if err := chain.Desk.SignParts(t.Context(), s.Minh, chain.Records[0], chain.Pen(s.Minh)); err == nil {
		t.Fatal("who left signed")
	}
	next.get(s.signing()).wantText("Âm nhạc, Mĩ thuật", "8 em ký được", "Có giá trị do người khác nhập", "Người nhập: Đoàn Nhật Minh (8 em)", "không ký thay ai")
	s.sign(next, jobs.SignParts).wantText("Xong cả 8 em")
	next.get(s.signing()).wantNoText("Có giá trị do người khác nhập")
	s.sign(s.as(huong), jobs.SignParts)
	s.sign(s.as(huong), jobs.SignHomeroom).wantText("Xong cả 8 em")
	wantInXML(t, s, chain, chain.Records[1], binh)
}

// wantInXML issues a record and finds the teacher, and nobody else, in the
// signed bytes of music and arts.
func wantInXML(t *testing.T, s *site, chain *jobstest.Chain, record int64, who workflow.Actor) {
	t.Helper()
	s.db.Clock.Advance(time.Minute)
	err := s.db.As(t.Context(), s.Principal, func(tx *db.Tx) error { return tx.Opened(t.Context(), record, s.record(record).Revision) })
	if err == nil {
		err = chain.Desk.Approve(t.Context(), s.Principal, record, chain.Pen(s.Principal))
	}
	if err == nil {
		err = chain.Desk.Issue(t.Context(), s.Principal, record, jobstest.Place, chain.Seal())
	}
	if err != nil {
		t.Fatal(err)
	}
	xml := s.as(principal).get(recordPath(record, "/versions/1.xml")).wantStatus(http.StatusOK).body
	report := verify.File([]byte(xml), verify.Options{Trust: chain.Trust(), Now: s.db.Clock.Now()})
	if !report.Valid || strings.Contains(xml, s.Minh.TeacherCode) || strings.Contains(xml, s.Minh.Name) {
		t.Fatalf("valid %v; the former teacher in the bytes: %v", report.Valid, strings.Contains(xml, s.Minh.Name))
	}
	for _, sub := range report.Record.Record.Content.Subjects {
		if (sub.Subject == school.AmNhac || sub.Subject == school.MiThuat) && sub.Teacher != (bundle.Teacher{Code: who.TeacherCode, Name: who.Name}) {
			t.Errorf("%s is %v's", sub.Subject, sub.Teacher)
		}
	}
	for _, signer := range report.Signers {
		if signer.Code == who.TeacherCode && signer.Role == bundle.SubjectTeacher && signer.Holder == who.Name {
			return
		}
	}
	t.Errorf("%s has not signed: %+v", who.Name, report.Signers)
}

// A teacher signs and leaves: what was signed stands. When the principal sends
// a part back it comes to the successor, who changes it and signs; the former
// signature stays in the history.
func TestOwnHand_APredecessorsSignatureStaysInTheHistory(t *testing.T) {
	s, chain := approvalSite(t)
	s.openPeriod(school.YearEnd)
	binh := chain.Hire("binh", "Lê Thanh Bình", "GV4800006")
	s.as(admin).post("/2025-2026/accounts/"+id(s.Minh.AccountID)+"/closing", nil).wantStatus(http.StatusSeeOther)
	s.standIn(binh.AccountID)
	next, boss, rec := s.as("binh"), s.as(principal), chain.Records[3]
	next.get(s.signing()).wantNoText("em ký được")
	boss.get(recordPath(rec, "")).wantText("Đoàn Nhật Minh Giáo viên bộ môn Còn hiệu lực")
	boss.post(recordPath(rec, "/return"), url.Values{"reason": {"mismatch"}, "part": {"mon-AM_NHAC"}}).wantStatus(http.StatusSeeOther)
	next.get(s.signing()).wantText("Bị trả lại, chờ thầy/cô")
	s.db.Clock.Advance(time.Minute)
	cell := fmt.Sprintf("%d.AM_NHAC.level", s.Roll[3].EnrolmentID)
	next.do(http.MethodPut, views.In(dbtest.Year, "classes", s.Class.ID, "gradebook", "cn", "cells"),
		strings.NewReader(url.Values{"cell": {cell}, "old": {"T"}, "new": {"H"}}.Encode()), "Accept", "application/json").wantStatus(http.StatusOK)
	next.get(s.signing()).wantText("Nội dung đổi sau khi ký, cần ký lại", "Chữ ký của Đoàn Nhật Minh trên phần bộ môn", "T → H", "Lê Thanh Bình, ")
	s.sign(next, jobs.SignParts)
	boss.get(recordPath(rec, "")).wantText("Lê Thanh Bình Giáo viên bộ môn Còn hiệu lực", "Đoàn Nhật Minh Giáo viên bộ môn Hết hiệu lực vì nội dung đổi")
}
