package words

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"hocba/internal/verify"
)

// codes finds the fault codes that the verifier's packages name.
var codes = regexp.MustCompile(`"((?:xml|sig|cert|key|bundle|verify|lookup|cms|stamp|pdf|transfer|evidence)\.[a-z_]+)"`)

// inside are codes that are the caller's mistake or a damaged store, never an
// answer to somebody's file; those get the neutral sentence.
var inside = map[string]bool{
	"sig.params": true, "sig.state": true, "sig.signer": true,
	"cert.parse": true, "cert.intermediates": true, "key.state": true, "pdf.reserve": true, "key.life": true,
}

func TestVerifier_EveryCodeAndCheckHasText(t *testing.T) {
	for _, name := range slices.Concat(verify.PaperNames, verify.Names, verify.TransferNames, []string{verify.Evidence}) {
		if Check(name) == "–" {
			t.Errorf("check %s has no name", name)
		}
	}
	for _, s := range []verify.Status{verify.OK, verify.Failed, verify.Unknown, verify.Skipped} {
		if CheckStatus(s) == "–" || s != verify.Skipped && FileVerdict(s) == "–" {
			t.Errorf("status %s has no name", s)
		}
	}
	for _, dir := range []string{"bundle", "verify", "signing", "signing/xades", "signing/cms", "signing/timestamp", "signing/pades", "evidence", "transfer"} {
		files, err := filepath.Glob(filepath.Join("..", "..", "internal", dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v, %d files", dir, err, len(files))
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err.(*fs.PathError))
			}
			for _, m := range codes.FindAllSubmatch(source, -1) {
				if code := string(m[1]); !inside[code] && !Known(code) {
					t.Errorf("%s: code %s has no sentence", filepath.Base(file), code)
				}
			}
		}
	}
}

func TestVerifier_TextsNameNoPlaceholderNobodyFills(t *testing.T) {
	w := Verifier()
	if got := w.Heading("record", map[string]string{"year": "2025 – 2026", "version": "1", "school": "A", "pupil": "B", "record": "C"}); strings.ContainsAny(got, "{}") {
		t.Error(got)
	}
	if !strings.Contains(w.Usage, "--trust") || w.Note("trial") == "–" || w.Note("trust") == "–" {
		t.Error("texts of the command are missing")
	}
}
