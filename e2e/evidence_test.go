package e2e

import (
	"path/filepath"
	"strconv"
	"testing"
)

// TestEvidence_IsReadWhereItIsNeeded looks, wide and narrow, at every page that
// tells how long something can be proven, and uploads what a family carries.
func TestEvidence_IsReadWhereItIsNeeded(t *testing.T) {
	s := newStage(t)
	s.chain.Close(t)
	var pupil int64
	err := s.db.Owner().QueryRow(`SELECT e.pupil_id FROM school.record r JOIN school.enrolment e ON e.id = r.enrolment_id WHERE r.id = $1`,
		s.chain.Records[0]).Scan(&pupil)
	if err != nil {
		t.Fatal(err)
	}
	head := s.as(principal)
	record := "/2025-2026/records/" + strconv.FormatInt(s.chain.Records[0], 10)
	head.everywhere(record)
	head.waitText("Chứng minh được đến")
	head.everywhere("/2025-2026/pupils/" + strconv.FormatInt(pupil, 10) + "/transfer")
	head.waitText("Trường nhận")
	so := s.as(authority)
	for _, path := range []string{"evidence", "time-stamps", "trust", "certificates"} {
		so.everywhere("/2025-2026/" + path)
	}
	stranger := s.open("/xac-thuc")
	for _, name := range []string{"good-transfer.zip", "good-record.xml", "good-paper.pdf"} {
		stranger.visit("/xac-thuc")
		file, err := filepath.Abs("../internal/verify/testdata/corpus/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if err := stranger.element("input[type=file]").SetFiles([]string{file}); err != nil {
			t.Fatal(err)
		}
		stranger.press("Kiểm tra")
		stranger.waitText("Đã kiểm tra những gì")
		for _, width := range []int{820, 360, 1366} {
			stranger.size(width, 768)
			stranger.axe()
		}
	}
}
