package handlers

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func TestSealBook_TellsEachUse(t *testing.T) {
	s := newRegistrySite(t) // eight records issued and sent
	for _, who := range []string{principal, admin} {
		s.as(who).get("/2025-2026/seal-uses").wantStatus(http.StatusOK).
			wantText("Phát hành học bạ, lớp 4A", "Nộp Sở, lớp 4A", s.Principal.Name, "Hiệu trưởng", "khóa trên hệ thống", "Xem phiếu")
	}
	book := s.as(principal).get("/2025-2026/seal-uses").parse()
	if rows := findAll(book, func(n *html.Node) bool { return n.Data == "th" && attr(n, "scope") == "row" }); len(rows) != 2 {
		t.Errorf("%d acts, want the issuing and the submission", len(rows))
	}
	mark := s.chain.Seal().Certificate.Fingerprint()[:16]
	if got := strings.Count(s.as(principal).get("/2025-2026/seal-uses").body, mark); got != 2 {
		t.Errorf("%d of 2 acts name the seal's certificate", got)
	}
	s.as(principal).get("/2026-2027/seal-uses").wantText("chưa được dùng trong năm học này")
	so := s.as(authority)
	so.get("/2025-2026/seal-uses").wantStatus(http.StatusNotFound)
	so.get(fmt.Sprintf("/2025-2026/seal-uses?school=%d", s.School.ID)).wantStatus(http.StatusOK).wantText(s.School.Name, "Phát hành học bạ, lớp 4A")
	so.get(fmt.Sprintf("/2025-2026/seal-uses?school=%d", s.OtherSchool.ID)).wantText("chưa được dùng")
	so.get(fmt.Sprintf("/2025-2026/seal-uses?school=%d", s.Department.ID)).wantStatus(http.StatusNotFound)
	// A commune above another school does not read it; no school reads another's.
	s.as(principal).get(fmt.Sprintf("/2025-2026/seal-uses?school=%d", s.OtherSchool.ID)).wantText("Phát hành học bạ, lớp 4A")
	file := s.as(principal).get("/2025-2026/seal-uses/book.xlsx").wantStatus(http.StatusOK)
	if got := file.header.Get("Content-Type"); got != xlsxType || len(file.body) < 2000 {
		t.Errorf("%s, %d bytes", got, len(file.body))
	}
}
