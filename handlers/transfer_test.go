package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hocba/internal/bundle"
	"hocba/internal/transfer"
	"hocba/internal/verify"
	"hocba/views"
)

func (s *registrySite) pupilOf(record int64) (id int64) {
	s.t.Helper()
	if err := s.db.Owner().QueryRow(`SELECT pupil_id FROM school.record WHERE id = $1`, record).Scan(&id); err != nil {
		s.t.Fatal(err)
	}
	return id
}

var leaving = url.Values{"to": {"Trường Tiểu học Lê Lợi"}, "province": {"Thành phố Huế"}, "reason": {"Gia đình chuyển nơi ở."}}

// Principal and administrator make the file; it verifies as a whole, on the
// upload page as well, names no child, and the act is in both logs.
func TestTransfer_IsMadeAndVerifies(t *testing.T) {
	s := newRegistrySite(t)
	s.chain.Stamping(t, false)
	path := views.TransferURL("2025-2026", s.pupilOf(s.all[0].record))
	years := strings.TrimSuffix(path, "transfer") + "years"
	for _, who := range []string{principal, admin} {
		b := s.as(who)
		b.get(years).wantText("Hồ sơ chuyển đi")
		b.get(path).wantStatus(http.StatusOK).wantText(s.all[0].pupil, "Năm học 2025", "bản 1", "Lập và tải hồ sơ")
		got := b.post(path, leaving).wantStatus(http.StatusOK)
		name := got.header.Get("Content-Disposition")
		if got.header.Get("Content-Type") != transfer.MediaType || !strings.Contains(name, "ho-so-chuyen-di-") || !strings.Contains(got.header.Get("Cache-Control"), "no-store") {
			t.Errorf("%s %s", name, got.header.Get("Content-Type"))
		}
		trust, err := s.db.TrustList(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		report := verify.Any([]byte(got.body), verify.Options{Trust: trust, Now: s.db.Clock.Now()})
		if !report.Valid || len(report.Members) < 2 || report.Transfer.At.IsZero() {
			t.Fatalf("%s: %+v", report.Verdict, report.Checks)
		}
		m := report.Transfer.Manifest
		if m.Purpose != bundle.ToSchool || m.To != "Trường Tiểu học Lê Lợi" || m.Pupil.Name != s.all[0].pupil || len(m.Versions) != 1 || m.Sender.Name == "" {
			t.Errorf("%+v", m)
		}
		s.stranger().upload(views.VerifyURL, "ho-so.zip", []byte(got.body)).wantStatus(http.StatusOK).
			wantText("Nguyên vẹn", "Trong hồ sơ", "Học bạ năm học 2025", "Biên nhận của Sở", "Trường Tiểu học Lê Lợi")
	}
	var kept, acts int
	err := s.db.Owner().QueryRow(`SELECT (SELECT count(*) FROM registry.transfer_file), (SELECT count(*) FROM core.audit_event WHERE act = 'transfer_file_made')`).Scan(&kept, &acts)
	if err != nil || kept != 2 || acts != 2 {
		t.Errorf("%d files kept, %d acts: %v", kept, acts, err)
	}
}

func TestTransfer_RefusesWithoutReasonOrForeignPupils(t *testing.T) {
	s := newRegistrySite(t)
	path := views.TransferURL("2025-2026", s.pupilOf(s.all[0].record))
	b := s.as(principal)
	b.post(path, url.Values{"reason": {"x"}}).wantStatus(http.StatusUnprocessableEntity).wantText("Ghi tên trường nhận")
	b.post(path, url.Values{"to": {"Trường A"}, "reason": {" "}}).wantStatus(http.StatusUnprocessableEntity).wantText("Ghi lí do chuyển")
	s.as(huong).get(path).wantStatus(http.StatusNotFound)
	s.as(deputy).post(path, leaving).wantStatus(http.StatusNotFound)
	s.as(otherTeacher).get(path).wantStatus(http.StatusNotFound)
	b.get(views.TransferURL("2025-2026", 999999)).wantStatus(http.StatusNotFound)
	s.db.Exec(`UPDATE registry.version SET school_code = $1 WHERE id = $2`, s.OtherSchool.Code, s.all[0].id)
	b.get(path).wantStatus(http.StatusOK).wantText(s.OtherSchool.Name, "đang quản lý").wantNoText("Lập và tải hồ sơ")
	b.post(path, leaving).wantStatus(http.StatusConflict).wantText("Trường khác đang quản lý")
}

// A version's evidence leaves as a file that verifies; before the registry has
// the version there is none.
func TestRecord_HandsEvidenceOut(t *testing.T) {
	s := newRegistrySite(t)
	path := fmt.Sprintf("/2025-2026/records/%d", s.all[0].record)
	s.as(principal).get(path).wantText("Tải hồ sơ bằng chứng")
	got := s.as(principal).get(path + "/versions/1.zip").wantStatus(http.StatusOK)
	trust, err := s.db.TrustList(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	report := verify.Any([]byte(got.body), verify.Options{Trust: trust, Now: s.db.Clock.Now()})
	if !report.Valid || report.Transfer.Manifest.Purpose != bundle.AsEvidence {
		t.Errorf("%s: %+v", report.Verdict, report.Checks)
	}
	s.as(huong).get(path + "/versions/1.zip").wantStatus(http.StatusNotFound)
	s.as(principal).get(path + "/versions/2.zip").wantStatus(http.StatusNotFound)
}
