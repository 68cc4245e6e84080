package jobs_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/signing"
	"hocba/internal/workflow"
)

// A certificate that is suspended while its holder is asked signs nothing.
func TestComplete_AsksAgainForThePersonsCertificate(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	c.Fill(t)
	who := c.Cast.Huong
	pen := c.Pen(who)
	slow := pen
	slow.Key = signingWhile{pen.Key, func() {
		c.D.Exec(`INSERT INTO core.certificate_event (certificate_id, kind, note, effective_at, at)
			SELECT id, 'suspended', '', $2, $2 FROM core.certificate WHERE fingerprint = $1`, pen.Certificate.Fingerprint(), c.D.Clock.Now())
	}}
	if err := c.Desk.SignParts(t.Context(), who, c.Records[0], slow); !fault.Is(err, "certificate.none") {
		t.Errorf("suspended meanwhile: %v", err)
	}
	var kept int
	if err := c.D.Owner().QueryRow(`SELECT count(*) FROM school.record_signature`).Scan(&kept); err != nil || kept != 0 {
		t.Errorf("%d signatures were kept, %v", kept, err)
	}
}

// Who knows one PIN does not clear with it what was guessed at another.
func TestOpen_CountsWrongPINsWhateverElseIsRight(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := b.runner(nil)
	me := b.cast.Principal
	seal := func(who workflow.Actor, pin string) error {
		_, err := r.Ask(t.Context(), who, jobs.Order{Kind: jobs.Issue, Subject: "class:1", Way: jobs.ChosenWay, PIN: pin, Items: []db.NewItem{{Key: "1"}}})
		return err
	}
	refused := 0
	for range jobs.PINAttempts.Limit + 2 {
		if err := seal(me, "00000000"); fault.Is(err, "throttle.wait") {
			refused++
		}
		_, _ = r.Sit(t.Context(), me, "s", jobstest.PersonPIN) // refused itself in the end
	}
	if refused != 2 {
		t.Errorf("%d guesses at the seal were refused", refused)
	}
	// Nor do several people together try one key as often as they like.
	for range jobs.KeyAttempts.Limit {
		_ = seal(b.cast.Deputy, "00000000")
	}
	if err := seal(b.cast.Deputy, jobstest.SealPIN); !fault.Is(err, "throttle.wait") {
		t.Errorf("the key is open to guesses: %v", err)
	}
}

// guarded is a device with a PIN, which counts how often it is asked.
type guarded struct{ asked int }

func (g *guarded) Credentials(_ context.Context, a signing.Access) ([]signing.Credential, error) {
	g.asked++
	return nil, fault.New(fault.Forbidden, "key.pin")
}

func (g *guarded) Open(context.Context, signing.Access, signing.Credential, int) (signing.Session, error) {
	g.asked++
	return nil, fault.New(fault.Forbidden, "key.pin")
}

// A token shuts itself for ever after a few wrong PINs: nobody gets that many,
// not by looking for a key either.
func TestBind_CountsWrongPINsOfADevice(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	device := &guarded{}
	r := jobs.NewRunner(jobs.Options{DB: b.d.DB, Log: slog.New(slog.DiscardHandler), Secret: b.chain.Secret(), Lease: time.Second,
		Openers: map[signing.Provider]signing.Opener{signing.PKCS11: device}})
	var way int64
	err := b.d.As(t.Context(), b.cast.Admin, func(tx *db.Tx) (err error) {
		way, err = tx.AddSigningWay(t.Context(), db.SigningWay{Kind: signing.PKCS11, Label: "HSM", Params: db.JobArgs{"token": "truong"}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range []workflow.Actor{b.cast.Huong, b.cast.Minh, b.cast.Principal} {
		for range 10 {
			_, err = r.Bind(t.Context(), who, jobs.Binding{Purpose: db.PersonCertificate, Way: way, PIN: "1234"})
		}
	}
	if !fault.Is(err, "throttle.wait") || device.asked > jobs.KeyAttempts.Limit {
		t.Errorf("the device was asked %d times: %v", device.asked, err)
	}
}

// Whoever signs out leaves no open key behind.
func TestLeave_ClosesWhatThePersonOpened(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.chain.Fill(t)
	r := b.runner(nil) // nothing works: the job stays where it is
	me := b.cast.Huong
	job := b.ask(r, b.order(jobs.SignParts, jobstest.PersonPIN))
	if _, err := r.Sit(t.Context(), me, "s", jobstest.PersonPIN); err != nil {
		t.Fatal(err)
	}
	r.Leave(b.cast.Minh.AccountID, "other")
	if _, open := r.KeyUntil(job.ID); !open {
		t.Fatal("another person's leaving closed the key")
	}
	r.Leave(me.AccountID, "s")
	if _, open := r.KeyUntil(job.ID); open {
		t.Error("the job's key is open")
	}
	if _, open := r.SittingUntil("s"); open {
		t.Error("the sitting's key is open")
	}
}
