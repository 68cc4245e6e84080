package db_test

import (
	"testing"

	"hocba/db/dbtest"
	"hocba/internal/bundle"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/registry"
	"hocba/internal/verify"
	"hocba/internal/verify/verifytest"
)

const corpusFolder = "../internal/verify/testdata/corpus"

// Every file of the corpus, sent to a registry with its database under the
// manifest that the school sealed for it: the receipt of the record says what
// the manifest of the corpus says, and nothing that is refused leaves a version.
func TestSubmit_AnswersTheCorpusAsTheManifestSays(t *testing.T) {
	t.Parallel()
	corpus := verifytest.Open(t, corpusFolder)
	c := knowing(t, corpus)
	for _, e := range corpus.Files {
		if e.Expected(verifytest.Intake).Verdict != verifytest.Accepted {
			submitEntry(t, c, corpus, e)
		}
	}
	var versions int
	if err := c.D.Owner().QueryRow(`SELECT count(*) FROM registry.version`).Scan(&versions); err != nil || versions != 0 {
		t.Errorf("%d versions of what was refused, %v", versions, err)
	}
	for _, e := range corpus.Files { // each of them is the first version of the same record
		if e.Expected(verifytest.Intake).Verdict == verifytest.Accepted {
			submitEntry(t, knowing(t, corpus), corpus, e)
		}
	}
}

func knowing(t *testing.T, corpus *verifytest.Corpus) *jobstest.Chain {
	t.Helper()
	d := dbtest.New(t)
	c := jobstest.New(t, d, dbtest.NewCast(t, d))
	c.Know(corpus)
	return c
}

func submitEntry(t *testing.T, c *jobstest.Chain, corpus *verifytest.Corpus, e verifytest.Entry) {
	t.Helper()
	raw := corpus.File(t, e)
	answer, err := c.Registrar().Submit(t.Context(), registry.Submission{School: corpus.Registry.School,
		Statement: corpus.Submission(t, e), Records: [][]byte{raw}})
	if err != nil || len(answer.Records) != 1 {
		t.Errorf("%s: %d receipts, %v", e.File, len(answer.Records), err)
		return
	}
	report := verify.File(answer.Records[0], verify.Options{Trust: c.Trust(), Now: corpus.Now})
	if !report.Valid || report.Record.Receipt.SHA256 != verify.SHA256(raw) {
		t.Errorf("%s: the receipt itself: %+v", e.File, report.Checks)
		return
	}
	receipt := report.Record.Receipt
	got, want := verifytest.RulingOf(receipt.Result == bundle.Accepted, receipt.Reasons), e.Expected(verifytest.Intake)
	if got.String() != want.String() {
		t.Errorf("%s: got\n%s\nwant\n%s", e.File, got, want)
	}
}
