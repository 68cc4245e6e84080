package handlers

import (
	"encoding/json"
	"html"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hocba/internal/verify"
	"hocba/views"
	"hocba/views/words"
)

// The upload page judges every file of the corpus as its manifest says. Papers
// are compared with the registry's record alone, which holds none of these.
func TestFileCheck_JudgesTheCorpusAsTheManifestSays(t *testing.T) {
	const folder = "../internal/verify/testdata/corpus"
	s := newSite(t)
	limit := filesByAddress.Limit
	filesByAddress.Limit = 10_000
	t.Cleanup(func() { filesByAddress.Limit = limit })
	raw, err := os.ReadFile(filepath.Join(folder, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Now   time.Time
		Files []struct {
			File, Record, Revocations string
			Verdict                   verify.Status
			Failures                  []struct{ Check, Slot, Code string }
		}
	}
	if err := json.Unmarshal(raw, &manifest); err != nil {
		t.Fatal(err)
	}
	roots, err := os.ReadFile(filepath.Join(folder, "roots.pem"))
	if err != nil {
		t.Fatal(err)
	}
	s.db.Exec(`INSERT INTO core.trust_root (fingerprint, pem, trial, valid_from) VALUES ('corpus', $1, true, $2)`, string(roots), manifest.Now.AddDate(-3, 0, 0))
	s.db.Clock.Set(manifest.Now)
	b := s.stranger()
	for _, f := range manifest.Files {
		if f.Revocations != "" {
			continue // the page asks no authority
		}
		file, err := os.ReadFile(filepath.Join(folder, f.File))
		if err != nil {
			t.Fatal(err)
		}
		got := html.UnescapeString(b.upload(views.VerifyURL, f.File, file).wantStatus(http.StatusOK).body)
		for _, failure := range f.Failures {
			if failure.Check != verify.PaperText && failure.Code != "verify.other_signer" && !strings.Contains(got, words.Check(failure.Check)) {
				t.Errorf("%s: the page does not name the check %s", f.File, failure.Check)
			}
		}
		if bad := strings.Contains(got, "Không hợp lệ"); f.Record == "" && bad != (f.Verdict == verify.Failed) {
			t.Errorf("%s: bad %v, want %s", f.File, bad, f.Verdict)
		}
	}
}
