package handlers

import (
	"fmt"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"hocba/internal/jobs"
	"hocba/internal/jobs/jobstest"
)

// The record's page tells of each version until when it can be proven: from its
// bytes before the registry holds it, by the registry's word afterwards, with
// who stamped the evidence once there is any.
func TestRecord_TellsUntilWhenVersionsCanBeProven(t *testing.T) {
	s := newSite(t)
	chain := jobstest.New(t, s.db, s.Cast)
	chain.Issue(t)
	page := fmt.Sprintf("/2025-2026/records/%d", chain.Records[0])
	s.as(principal).get(page).wantStatus(http.StatusOK).wantText("Chứng minh được đến", "01/01/2030", "Chứng thư và dấu thời gian trong tệp", "Chưa lưu bằng chứng riêng")
	chain.Submit(t)
	s.as(principal).get(page).wantText("Chứng minh được đến", "01/01/2030")
	chain.Stamping(t, false)
	if _, err := jobs.NewArchivist(s.db.DB, slog.New(slog.DiscardHandler), time.Hour).Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{principal, huong} {
		s.as(who).get(page).wantStatus(http.StatusOK).wantText("01/01/2035", "Dấu thời gian trình diễn", "Lưu bằng chứng lúc")
	}
}

// Offices see in their scope what ends within a year, what has ended, and what
// an authority has not answered about.
func TestEvidence_WarnsOfficesOfWhatEnds(t *testing.T) {
	s := newRegistrySite(t)
	const page = "/2025-2026/evidence"
	s.as(authority).get(page).wantStatus(http.StatusOK).wantText("Không có bản học bạ nào hết hạn chứng minh trong một năm tới", "Hạn gần nhất: 01/01/2030", "Sở chưa dùng dấu thời gian")
	s.db.Exec(`UPDATE registry.proof SET until = $1 WHERE version_id % 2 = 0`, s.db.Clock.Now().AddDate(0, 6, 0))
	s.db.Exec(`UPDATE registry.proof SET until = $1, complete = false WHERE version_id % 2 = 1`, s.db.Clock.Now().AddDate(0, -6, 0))
	for _, kind := range []string{"", "?kind=ended", "?kind=incomplete"} {
		s.as(authority).get(page+kind).wantStatus(http.StatusOK).wantText(s.School.Name, "Chứng thư và dấu thời gian trong tệp", "Lớp")
		s.as(authority).get(page + kind).wantNoText("Trang 2")
	}
	s.as(authority).get(page + "?kind=nonsense&page=-3").wantText("Hết trong một năm")
	s.as(authority).get(page + "?page=7").wantStatus(http.StatusOK)
	s.as(principal).get(page).wantStatus(http.StatusNotFound)
}
