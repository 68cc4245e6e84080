package handlers

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"hocba/internal/jobs/jobstest"
	"hocba/internal/registry"
	"hocba/internal/verify"
	"hocba/internal/verify/verifytest"
	"hocba/views"
	"hocba/views/words"
)

// The upload page judges every file of the corpus as its manifest says: verdict,
// and each check that did not end well with slot, code and place, in the order
// of the report. The registry holds the one record that the papers show.
func TestFileCheck_JudgesTheCorpusAsTheManifestSays(t *testing.T) {
	corpus := verifytest.Open(t, "../internal/verify/testdata/corpus")
	s := newSite(t)
	limit := filesByAddress.Limit
	filesByAddress.Limit = 10_000
	t.Cleanup(func() { filesByAddress.Limit = limit })
	chain := jobstest.New(t, s.db, s.Cast)
	chain.Know(corpus)
	for _, e := range corpus.Files {
		if e.File != "good-record.xml" {
			continue
		}
		_, err := chain.Registrar().Submit(t.Context(), registry.Submission{School: corpus.Registry.School,
			Statement: corpus.Submission(t, e), Records: [][]byte{corpus.File(t, e)}})
		if err != nil {
			t.Fatal(err)
		}
	}
	b := s.stranger()
	for _, e := range corpus.Files {
		want := e.Expected(verifytest.Upload)
		got := b.upload(views.VerifyURL, e.File, corpus.File(t, e))
		if want.Verdict == verifytest.TooLarge {
			if got.status != http.StatusRequestEntityTooLarge {
				t.Errorf("%s: status %d", e.File, got.status)
			}
			continue
		}
		if shown := shownOutcome(got.wantStatus(http.StatusOK).body); shown.String() != want.String() {
			t.Errorf("%s: the page shows\n%s\nwant\n%s", e.File, shown, want)
		}
		for _, f := range want.Failures {
			if !strings.Contains(html.UnescapeString(got.body), words.Check(f.Check)) {
				t.Errorf("%s: the page does not name the check %s", e.File, f.Check)
			}
		}
	}
}

var (
	shownVerdict   = regexp.MustCompile(`<h1[^>]*>\s*([^<]*?)\s*</h1>`)
	shownReference = regexp.MustCompile(`<code>([^<]*)</code>`)
)

// shownOutcome reads the verdict and the references off the page.
func shownOutcome(body string) verifytest.Outcome {
	out := verifytest.Outcome{Verdict: string(verify.OK)}
	title := ""
	if m := shownVerdict.FindStringSubmatch(body); m != nil {
		title = html.UnescapeString(m[1])
	}
	switch title {
	case "Không hợp lệ":
		out.Verdict = string(verify.Failed)
	case "Chưa kết luận được":
		out.Verdict = string(verify.Unknown)
	case "":
		out.Verdict = "no verdict"
	}
	for _, m := range shownReference.FindAllStringSubmatch(body, -1) {
		out.Failures = append(out.Failures, verifytest.Failure{Code: html.UnescapeString(m[1])})
	}
	return out
}
