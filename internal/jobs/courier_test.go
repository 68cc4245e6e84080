package jobs_test

import (
	"log/slog"
	"testing"
	"time"

	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/signing"
	"hocba/internal/signing/demo"
	"hocba/internal/workflow"
)

func courierOf(c *jobstest.Chain) *jobs.Courier {
	return jobs.NewCourier(c.D.DB, slog.New(slog.DiscardHandler), c.Secret())
}

// TestCourier_BringsNewsWithoutVisitingEverybody: what the date has locked
// reaches the school in the next round, though it asked for nothing.
func TestCourier_BringsNewsWithoutVisitingEverybody(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	c.Submit(t)
	c.OpenClosing(t)
	courier := courierOf(c)
	for range 3 { // the first visits all; then everything was heard twice
		if err := courier.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	c.D.Clock.Advance(jobstest.Deadline.Add(time.Minute).Sub(c.D.Clock.Now()))
	if err := courier.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := stages(t, c); got[workflow.Locked] != 8 {
		t.Errorf("stages %v", got)
	}
}

// TestCourier_DeliversWhatWaits: what was sent today is delivered by every
// round, what lay longer when all schools are visited.
func TestCourier_DeliversWhatWaits(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lay   time.Duration
		later bool
	}{"of today": {time.Hour, false}, "of two days ago": {48 * time.Hour, true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newChain(t)
			c.Issue(t)
			k := jobs.RegistryKeys{DB: c.D.DB, Secret: c.Secret()}
			install := func(until time.Time) {
				t.Helper()
				cert, err := jobstest.CA().Issue(demo.Request{Kind: demo.Receipt, Name: "Kho học bạ số", Organization: c.Cast.Department.Name, TaxCode: "0400000048",
					NotBefore: c.D.Clock.Now().Add(-time.Hour), NotAfter: until, PublicKey: requested(t, c, k, signing.ECDSASHA256)})
				if err == nil {
					_, _, err = k.Install(t.Context(), signing.EncodePEM(cert.Leaf(), jobstest.CA().Issuing()))
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			install(c.D.Clock.Now().Add(time.Minute))
			courier := courierOf(c)
			if err := courier.Round(t.Context()); err != nil {
				t.Fatal(err)
			}
			c.D.Clock.Advance(2 * time.Minute)
			s, err := courier.Submission(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Send(t.Context(), c.Cast.Principal, c.June(), nil, c.Seal()); !fault.Is(err, "registry.receipt_key_over") {
				t.Fatal(err)
			}
			c.D.Clock.Advance(test.lay)
			install(c.D.Clock.Now().AddDate(2, 0, 0))
			if err := courier.Round(t.Context()); err != nil {
				t.Fatal(err)
			}
			if test.later {
				if got := stages(t, c); got[workflow.Submitted] != 8 {
					t.Fatalf("every round visits every school: stages %v", got)
				}
				if err := courierOf(c).Round(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if got := stages(t, c); got[workflow.Accepted] != 8 {
				t.Errorf("stages %v", got)
			}
		})
	}
}
