package jobs_test

import (
	"testing"
	"time"

	"hocba/db"
	"hocba/internal/certificate"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/signing"
	"hocba/internal/signing/demo"
	"hocba/internal/signing/revocation"
	"hocba/internal/signing/software"
	"hocba/internal/workflow"
)

// sealWithSource is an approved seal whose certificate names somebody to ask.
func sealWithSource(t *testing.T, c *jobstest.Chain) jobs.Pen {
	t.Helper()
	key, err := software.Generate(signing.ECDSASHA256)
	if err != nil {
		t.Fatal(err)
	}
	now := c.D.Clock.Now()
	cert, err := jobstest.CA().Issue(demo.Request{Kind: demo.Seal, Name: c.Cast.School.Name, TaxCode: "0400111222", NotBefore: now.AddDate(0, 0, -1),
		NotAfter: now.AddDate(2, 0, 0), PublicKey: key.Public(), OCSP: []string{"http://127.0.0.1:1/ocsp"}})
	if err != nil {
		t.Fatal(err)
	}
	err = c.D.As(t.Context(), workflow.Actor{Kind: workflow.System}, func(tx *db.Tx) error {
		id, err := tx.KeepCertificate(t.Context(), certificate.Seal, c.Cast.School.ID, cert, nil)
		for _, k := range []certificate.Kind{certificate.Declared, certificate.Registered, certificate.Approved} {
			if err == nil {
				err = tx.NoteCertificate(t.Context(), id, certificate.Event{Kind: k, Effective: tx.Now, At: tx.Now})
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return jobs.Pen{Certificate: cert, Key: key}
}

// TestSubmit_WaitsForTheIssuersAnswer: nobody can say whether the seal still
// counts, so nothing is taken and nothing refused, and the round goes on when
// somebody can.
func TestSubmit_WaitsForTheIssuersAnswer(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	c.Approve(t)
	seal := sealWithSource(t, c)
	for _, id := range c.Records {
		if err := c.Desk.Issue(t.Context(), c.Cast.Principal, id, jobstest.Place, seal); err != nil {
			t.Fatal(err)
		}
	}
	s := c.Submission()
	if _, err := s.Send(t.Context(), c.Cast.Principal, c.June(), nil, seal); !fault.Is(err, "registry.status_pending") {
		t.Fatalf("sent while nobody answers: %v", err)
	}
	if err := s.Resume(t.Context(), c.Cast.School.ID); !fault.Is(err, "registry.status_pending") {
		t.Errorf("the round: %v", err)
	}
	if got := stages(t, c); got[workflow.Submitted] != 8 {
		t.Fatalf("stages %v", got)
	}
	now := c.D.Clock.Now()
	err := c.D.KeepStatus(t.Context(), seal.Certificate.Fingerprint(), revocation.Verdict{Status: revocation.Good, Kind: revocation.OCSP, From: now, Until: now.Add(6 * time.Hour)})
	if err == nil {
		err = s.Resume(t.Context(), c.Cast.School.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := stages(t, c); got[workflow.Accepted] != 8 {
		t.Errorf("stages %v", got)
	}
}

// TestSubmit_RefusesWhatWasSignedWhileTheSealWasSuspended, also when it was
// resumed before it arrived.
func TestSubmit_RefusesWhatWasSignedWhileTheSealWasSuspended(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	c.Issue(t)
	note := func(kind certificate.Kind, at time.Time) {
		c.D.Exec(`INSERT INTO core.certificate_event (certificate_id, kind, effective_at, at) SELECT id, $2, $3, $4 FROM core.certificate WHERE fingerprint = $1`,
			c.Seal().Certificate.Fingerprint(), kind, at, c.D.Clock.Now())
	}
	// The device was lost before the records were issued, which is known only now.
	note(certificate.Suspended, c.D.Clock.Now().Add(-time.Hour))
	c.D.Clock.Advance(time.Minute)
	note(certificate.Resumed, c.D.Clock.Now())
	c.D.Clock.Advance(time.Minute)
	if _, err := c.Submission().Send(t.Context(), c.Cast.Principal, c.June(), nil, c.Seal()); err != nil {
		t.Fatal(err)
	}
	if got := stages(t, c); got[workflow.Refused] != 8 {
		t.Errorf("stages %v", got)
	}
	var n int
	if err := c.D.Owner().QueryRow(`SELECT count(*) FROM school.receipt WHERE result = 'refused' AND reasons::text LIKE '%registry.seal_not_approved%'`).Scan(&n); err != nil || n != 8 {
		t.Errorf("%d receipts name the seal, %v", n, err)
	}
}
