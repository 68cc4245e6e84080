package handlers

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"hocba/internal/jobs/jobstest"
	"hocba/internal/paper"
)

// papersOn lists the addresses of papers that a page links to.
func papersOn(a answer) string {
	var out []string
	for _, n := range findAll(a.wantStatus(http.StatusOK).parse(), func(n *html.Node) bool { return n.Data == "a" }) {
		href := attr(n, "href")
		if strings.HasSuffix(href, ".pdf") || strings.HasSuffix(href, ".zip") && !strings.Contains(href, "/versions/") { // those are evidence, not paper
			out = append(out, href[strings.LastIndex(href, "/")+1:])
		}
	}
	return strings.Join(out, " ")
}

// TestPaperLinks_LeadWhereAPaperIs walks the pages that lead to papers, before
// and after acceptance; a link stands only where it opens.
func TestPaperLinks_LeadWhereAPaperIs(t *testing.T) {
	s := newSite(t)
	chain := jobstest.New(t, s.db, s.Cast)
	chain.Sign(t)
	class := "/2025-2026/classes/" + id(s.Class.ID)
	record := "/2025-2026/records/" + id(chain.Records[0])
	head, home, music, office := s.as(principal), s.as(huong), s.as(minh), s.as(admin)
	var enrolment int64
	if err := s.db.Owner().QueryRow(`SELECT enrolment_id FROM school.record WHERE id = $1`, chain.Records[0]).Scan(&enrolment); err != nil {
		t.Fatal(err)
	}
	want := func(when string, got answer, papers string) {
		t.Helper()
		if have := papersOn(got); have != papers {
			t.Errorf("%s: links to %q, want %q", when, have, papers)
		}
	}
	want("without a printer", head.get(record), "")
	s.portal.press.printer = new(paper.Printer)
	want("to approve", head.get(record), "preview.pdf")
	want("the homeroom teacher", home.get(record), "preview.pdf")
	want("a teacher of one subject", music.get(record), "")
	want("a pupil's review", home.get(class+"/review/"+id(enrolment)), "preview.pdf")
	want("the class before acceptance", home.get(class+"/review"), "")
	want("its administration before acceptance", office.get(class+"/edit"), "")
	chain.Approve(t)
	want("to issue", head.get("/2025-2026/issuance/"+id(s.Class.ID)), strings.TrimSpace(strings.Repeat("preview.pdf ", len(chain.Records))))
	chain.Submit(t)
	want("accepted", head.get(record), "paper.pdf")
	want("accepted, its homeroom teacher", home.get(record), "paper.pdf")
	want("accepted, a teacher of one subject", music.get(record), "")
	want("accepted, a pupil's review", home.get(class+"/review/"+id(enrolment)), "paper.pdf")
	want("an accepted class", home.get(class+"/review"), "papers.zip")
	want("an accepted class in the administration", office.get(class+"/edit"), "papers.zip")
	want("an accepted class in the queue", head.get("/2025-2026/approval/"+id(s.Class.ID)), "papers.zip")
	chain.OpenClosing(t)
	if _, err := chain.Submission().Recall(t.Context(), s.Principal, chain.Records[0], "Sai ngày sinh", chain.Seal()); err != nil {
		t.Fatal(err)
	}
	want("recalled", head.get(record), "preview.pdf")
	head.get(class + "/edit").wantText("Bản in cả lớp (" + id(int64(len(chain.Records)-1)) + " em)")
}
