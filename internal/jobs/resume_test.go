package jobs_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/signing"
	"hocba/internal/workflow"
)

// device is a signer of few signatures at a time, whose program can hang in the
// middle of a batch: as a server that lost its power would.
type device struct {
	key  crypto.Signer
	hang chan struct{} // nil: it never hangs
	hung chan struct{}
	shut atomic.Bool
}

func (d *device) Credentials(context.Context, signing.Access) ([]signing.Credential, error) {
	return nil, nil
}

func (d *device) Open(_ context.Context, a signing.Access, _ signing.Credential, _ int) (signing.Session, error) {
	if a.PIN == "" {
		return nil, fault.New(fault.Invalid, "key.pin_missing")
	}
	return d, nil
}

func (d *device) Public() crypto.PublicKey { return d.key.Public() }
func (d *device) Limit() int               { return 3 }
func (d *device) Close()                   { d.shut.Store(true) }

// SignAll answers each digest as it is signed, and may hang before the last one
// of the batch.
func (d *device) SignAll(_ context.Context, b signing.Batch) error {
	for i, sum := range b.Digests {
		if d.hang != nil && i == len(b.Digests)-1 {
			d.hung <- struct{}{}
			<-d.hang
			if d.shut.Load() {
				return fault.New(fault.Locked, "key.closed")
			}
		}
		value, err := d.key.Sign(rand.Reader, sum.Sum[:], crypto.SHA256)
		if err == nil {
			err = b.Deliver([]signing.Answer{{Key: sum.Key, Value: value}})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// TestLeaders_GoOnAfterTheServerDied kills the process that holds the unlocked
// key in the middle of a batch, and lets it come back as a late ghost: what was
// signed stays, the rest waits for the PIN, nothing is signed twice.
func TestLeaders_GoOnAfterTheServerDied(t *testing.T) {
	for _, one := range []struct {
		kind  string
		bring func(*jobstest.Chain, testing.TB)
		slot  string
		seal  bool
	}{
		{jobs.Approve, (*jobstest.Chain).Sign, "cbql", false},
		{jobs.Issue, (*jobstest.Chain).Approve, "phathanh", true},
	} {
		t.Run(one.kind, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			one.bring(b.chain, t)
			b.d.Clock.Advance(time.Minute)
			pen, purpose := b.chain.Pen(b.cast.Principal), db.PersonCertificate
			if one.seal {
				pen, purpose = b.chain.Seal(), db.SealCertificate
			}
			way := b.wayOfDevice(purpose, pen)
			dying := &device{key: pen.Key, hang: make(chan struct{}), hung: make(chan struct{}, 10)}
			first := b.withDevice(dying)
			o := b.order(one.kind, jobstest.PersonPIN)
			o.Way, o.Params = way, map[string]string{jobs.ParamPlace: jobstest.Place}
			job, err := first.Ask(t.Context(), b.cast.Principal, o)
			if err != nil {
				t.Fatal(err)
			}
			<-dying.hung
			b.d.Exec(`UPDATE core.job SET worker = 'dead', lease_until = clock_timestamp() - interval '1 second' WHERE id = $1`, job.ID)
			second := b.withDevice(&device{key: pen.Key})
			got := b.waitAs(b.cast.Principal, job.ID, db.JobWaiting)
			if got.Note != "key.locked" || got.Done != 2 || got.Left() != 6 {
				t.Fatalf("after the death: %d done, %d left, %q", got.Done, got.Left(), got.Note)
			}
			// The browser's form is sent by two tabs at once.
			var tabs sync.WaitGroup
			for range 2 {
				tabs.Go(func() {
					if err := second.Continue(t.Context(), b.cast.Principal, job.ID, jobstest.PersonPIN); err != nil {
						t.Errorf("go on: %v", err)
					}
				})
			}
			tabs.Wait()
			if got = b.waitAs(b.cast.Principal, job.ID, db.JobDone); got.Done != 8 || got.Refused != 0 {
				t.Errorf("in the end: %d done, %d refused", got.Done, got.Refused)
			}
			close(dying.hang) // the ghost delivers its signature now
			first.Stop()
			var signatures, versions int
			err = b.d.Owner().QueryRow(`SELECT (SELECT count(*) FROM school.record_signature WHERE slot = $1),
				(SELECT count(*) FROM school.version)`, one.slot).Scan(&signatures, &versions)
			if err != nil || signatures != 8 || one.seal && versions != 8 {
				t.Errorf("%d signatures, %d versions of 8 records: %v", signatures, versions, err)
			}
		})
	}
}

// wayOfDevice sets a device up in the school and moves a key there.
func (b *bench) wayOfDevice(purpose db.Purpose, pen jobs.Pen) (way int64) {
	b.t.Helper()
	b.d.Exec(`UPDATE core.certificate SET key_blob = NULL WHERE fingerprint = $1`, pen.Certificate.Fingerprint())
	err := b.d.As(b.t.Context(), b.cast.Principal, func(tx *db.Tx) error {
		kept, ok, err := tx.OwnCertificate(b.t.Context(), purpose, pen.Certificate.Fingerprint())
		if err != nil || !ok {
			b.t.Fatalf("no certificate of %s: %v", purpose, err)
		}
		way, err = tx.AddSigningWay(b.t.Context(), db.SigningWay{Kind: signing.PKCS11, Label: "HSM", Params: db.JobArgs{"token": "x"}})
		if err != nil {
			return err
		}
		return tx.BindKey(b.t.Context(), kept.ID, way, "1")
	})
	if err != nil {
		b.t.Fatalf("set a device up: %v", err)
	}
	return way
}

func (b *bench) withDevice(d *device) *jobs.Runner {
	b.t.Helper()
	r := jobs.NewRunner(jobs.Options{DB: b.d.DB, Log: slog.New(slog.DiscardHandler), Secret: b.chain.Secret(), Lease: time.Second,
		Poll: 20 * time.Millisecond, Openers: map[signing.Provider]signing.Opener{signing.PKCS11: d}})
	r.Start(b.t.Context())
	b.t.Cleanup(r.Stop)
	return r
}

// TestApprove_GoesOnWithTheLaterKey is the second of two clicks at once: it opens
// a key of its own, and the first one's closes in the middle of the batch.
func TestApprove_GoesOnWithTheLaterKey(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.chain.Sign(t)
	pen := b.chain.Pen(b.cast.Principal)
	way := b.wayOfDevice(db.PersonCertificate, pen)
	earlier := &device{key: pen.Key, hang: make(chan struct{}), hung: make(chan struct{}, 10)}
	r := b.withDevice(earlier)
	o := b.order(jobs.Approve, jobstest.PersonPIN)
	o.Way = way
	job, err := r.Ask(t.Context(), b.cast.Principal, o)
	if err != nil {
		t.Fatal(err)
	}
	<-earlier.hung
	if err := r.Hold(job.ID, &device{key: pen.Key}); err != nil {
		t.Fatal(err)
	}
	close(earlier.hang)
	if got := b.waitAs(b.cast.Principal, job.ID, db.JobDone, db.JobWaiting); got.State != db.JobDone || got.Done != 8 {
		t.Errorf("the job is %s (%s), %d done", got.State, got.Note, got.Done)
	}
}

// TestApprove_TwoClicksAtOnce lets two requests with the PIN race: one batch,
// which ends by itself although each of them opened a key.
func TestApprove_TwoClicksAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.chain.Sign(t)
	r := b.started(nil)
	o := b.order(jobs.Approve, jobstest.PersonPIN)
	var clicks sync.WaitGroup
	asked := make([]db.Job, 4)
	for i := range asked {
		clicks.Go(func() {
			var err error
			if asked[i], err = r.Ask(t.Context(), b.cast.Principal, o); err != nil {
				t.Errorf("click %d: %v", i, err)
			}
		})
	}
	clicks.Wait()
	for i, job := range asked {
		if job.ID == 0 {
			t.Fatalf("click %d leads to no job", i)
		}
		b.waitAs(b.cast.Principal, job.ID, db.JobDone)
	}
	if got := stages(t, b.chain); got[workflow.Approved] != 8 {
		t.Errorf("stages %v", got)
	}
	var signatures int
	if err := b.d.Owner().QueryRow(`SELECT count(*) FROM school.record_signature WHERE slot = 'cbql'`).Scan(&signatures); err != nil || signatures != 8 {
		t.Errorf("%d approvals of 8 records: %v", signatures, err)
	}
}
