package bench

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"log/slog"
	"math/big"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/bundle"
	"hocba/internal/jobs"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/signing/xades"
	"hocba/internal/workflow"
)

// measureSigning signs one prepared record and verifies one with six
// signatures, each on one core.
func measureSigning(r *run) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		r.Fatal(err)
	}
	r.signPrepared("RSA-2048", rsaKey, ratioAtLeast(0.5))
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		r.Fatal(err)
	}
	r.signPrepared("P-256", p256, atLeast(1500))
	r.verifySix()
}

// signPrepared measures from the kept state to the bytes of ds:Signature, the
// value verified on the way, beside the key's bare signature.
func (r *run) signPrepared(name string, key crypto.Signer, asked limit) {
	certificate := selfSigned(r, key)
	m, _ := bundle.MeaningOf(bundle.Homeroom)
	prepared, err := xades.Prepare(xades.Params{ID: bundle.HomeroomSignatureID, References: []xades.Reference{{URI: "#" + bundle.ContentID}},
		Certificate: certificate, SigningTime: dbtest.Start, Role: string(bundle.Homeroom), Meaning: m.Signed()})
	if err != nil {
		r.Fatal(err)
	}
	sign := func(digest [sha256.Size]byte) []byte {
		value, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
		if err != nil {
			r.Fatal(err)
		}
		return value
	}
	var whole, bare samples
	r.turns(&whole, func() {
		if _, err := prepared.Complete(sign(prepared.Digest())); err != nil {
			r.Fatal(err)
		}
	}, &bare, func() { sign(sha256.Sum256(nil)) })
	r.add(line{what: "signatures over prepared records, " + name + ", one core", got: perSecond(whole.rate()), beside: "key alone",
		base: perSecond(bare.rate()), asked: []limit{asked}})
}

// turns repeats two acts for a slice each, in turns. The span of the samples is
// the processor's time that they took, not the clock's: what a core does in a
// second does not depend on who else wants it.
func (r *run) turns(one *samples, a func(), two *samples, b func()) {
	act := func(s *samples, do func()) func(round int) {
		return func(round int) {
			var now samples
			begin := processorTime(r)
			for now.span < r.slice/4 {
				now.timed(do)
			}
			now.span = processorTime(r) - begin
			if round >= 0 {
				s.join(now)
			}
		}
	}
	inTurns(r.rounds, act(one, a), act(two, b))
}

// processorTime is what this program has had of the processors so far.
func processorTime(r *run) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		r.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func selfSigned(r *run, key crypto.Signer) *x509.Certificate {
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Nguyễn Thị Hương"},
		NotBefore: dbtest.Start.AddDate(-1, 0, 0), NotAfter: dbtest.Start.AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		r.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		r.Fatal(err)
	}
	return certificate
}

// verifySix reads records and verifies six signatures in each, chains from the
// trust list's memory. The class has two subject teachers, so that its records
// carry five: the last is verified twice.
func (r *run) verifySix() {
	c := r.class()
	b := &bareIntake{trust: c.Trust()}
	var all, alone samples
	i := 0
	r.turns(&all, func() {
		raw := c.message.Records[i%len(c.message.Records)]
		i++
		doc, err := bundle.Open(raw)
		if err != nil {
			r.Fatal(err)
		}
		var ids []string
		for _, s := range doc.Slots {
			ids = append(ids, s.ID)
		}
		for len(ids) < 6 {
			ids = append(ids, ids[len(ids)-1])
		}
		if err := b.verify(raw, ids[:6]); err != nil {
			r.Fatal(err)
		}
	}, &alone, func() {
		if _, err := bundle.Open(c.message.Records[0]); err != nil {
			r.Fatal(err)
		}
	})
	r.add(line{what: "records with six signatures verified, one core", got: perSecond(all.rate()), beside: "reading alone",
		base: perSecond(alone.rate()), asked: []limit{atLeast(200)}})
}

// measureBatch lets a principal approve a school's records with one
// authorisation: 1,050 with the trial key, fsync on.
func measureBatch(r *run) {
	pupils := r.pupils
	if measuring {
		pupils = 1050
	}
	d := dbtest.New(r)
	c := jobstest.New(r, d, seat(r, d, pupils))
	fillAlike(r, c)
	// Only homeroom teachers sign here: what comes before the principal is not measured.
	d.Exec(`INSERT INTO core.setting (unit_id, name, value, changed_at) VALUES ($1, 'teachers_sign', 'no', now())`, c.Cast.Department.ID)
	runner := jobs.NewRunner(jobs.Options{DB: d.DB, Log: slog.New(slog.DiscardHandler), Secret: c.Secret()})
	runner.Start(r.Context())
	defer runner.Stop()
	r.batch(runner, d, c.Cast.Huong, c.Records, jobs.SignHomeroom)
	d.Clock.Advance(time.Minute)
	d.Exec(`INSERT INTO school.record_opening (school_id, record_id, account_id, revision, at)
		SELECT school_id, id, $1, revision, $2 FROM school.record ON CONFLICT DO NOTHING`, c.Cast.Principal.AccountID, d.Clock.Now())
	r.dryRun(d, c.Cast.Principal, len(c.Records))
	took, held := r.batch(runner, d, c.Cast.Principal, c.Records, jobs.Approve)
	asked := []limit{atMost(15_000)}
	if !measuring {
		asked = nil
	}
	r.add(line{what: fmt.Sprintf("principal approves %d records with one PIN", pupils), got: ms(milliseconds(took)), asked: asked})
	r.add(line{what: "memory that batch holds more than before, at most", got: kilobytes(int(held)), asked: []limit{atMost(16_000)}})
}

// dryRun asks what a principal is told before a school is approved.
func (r *run) dryRun(d *dbtest.Database, who workflow.Actor, records int) {
	var told samples
	for range 5 {
		var err error
		told.timed(func() {
			err = d.As(r.Context(), who, func(tx *db.Tx) error {
				if _, err := tx.ApprovalQueue(r.Context(), dbtest.Year); err != nil {
					return err
				}
				if _, err := tx.ApprovalBlockers(r.Context(), dbtest.Year); err != nil {
					return err
				}
				waiting, err := tx.WaitingRecords(r.Context(), dbtest.Year)
				if err != nil || len(waiting) != records {
					return fmt.Errorf("%d of %d records wait: %w", len(waiting), records, err)
				}
				ids := make([]int64, len(waiting))
				for i, w := range waiting {
					ids[i] = w.ID
				}
				_, err = tx.ApprovalFlags(r.Context(), ids)
				return err
			})
		})
		if err != nil {
			r.Fatal(err)
		}
	}
	asked := []limit{atMost(1_000)}
	if !measuring {
		asked = nil
	}
	r.add(line{what: fmt.Sprintf("dry run over %d records that wait for approval", records), got: ms(told.p50()), asked: asked})
}

// batch asks for a job over the records and waits for its end.
func (r *run) batch(runner *jobs.Runner, d *dbtest.Database, who workflow.Actor, records []int64, kind string) (took time.Duration, held uint64) {
	o := jobs.Order{Kind: kind, Subject: "bench", PIN: jobstest.PersonPIN}
	for _, id := range records {
		o.Items = append(o.Items, db.NewItem{Key: jobs.RecordKey(id)})
	}
	var peak atomic.Uint64
	before := inUse()
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(500 * time.Millisecond):
				peak.Store(max(peak.Load(), inUse()))
			}
		}
	}()
	begin := time.Now()
	job, err := runner.Ask(r.Context(), who, o)
	for over := false; err == nil && !over; over = job.State == db.JobDone || job.State == db.JobFailed || time.Since(begin) > 2*time.Minute {
		time.Sleep(20 * time.Millisecond)
		err = d.As(r.Context(), who, func(tx *db.Tx) (err error) {
			job, err = tx.Job(r.Context(), job.ID)
			return err
		})
	}
	took = time.Since(begin)
	if err != nil || job.Done != len(records) {
		r.Fatalf("%s: %d of %d done, %s %s, %v", kind, job.Done, len(records), job.State, job.Note, err)
	}
	if p := peak.Load(); p > before {
		held = p - before
	}
	return took, held
}

// inUse is what the heap holds after what is dead was cleared away.
func inUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// fillAlike gives every pupil the year of the first.
func fillAlike(r *run, c *jobstest.Chain) {
	roll := c.Cast.Roll
	c.Cast.Roll = roll[:1]
	c.Fill(r)
	c.Cast.Roll = roll
	from := roll[0].EnrolmentID
	c.D.Exec(`INSERT INTO school.entry (school_year, enrolment_id, period, item, school_id, level, mark, remark, exempt, account_id, updated_at)
		SELECT t.school_year, o.id, t.period, t.item, t.school_id, t.level, t.mark, t.remark, t.exempt, t.account_id, t.updated_at
		FROM school.entry t, school.enrolment o, school.enrolment f
		WHERE t.enrolment_id = $1 AND f.id = $1 AND o.class_id = f.class_id AND o.id <> f.id`, from)
	c.D.Exec(`INSERT INTO school.review (school_year, enrolment_id, school_id, absent_excused, absent_unexcused, height_mm, weight_g,
		  completed, promoted, track, account_id, updated_at)
		SELECT t.school_year, o.id, t.school_id, t.absent_excused, t.absent_unexcused, t.height_mm, t.weight_g, t.completed, t.promoted,
		  t.track, t.account_id, t.updated_at
		FROM school.review t, school.enrolment o, school.enrolment f
		WHERE t.enrolment_id = $1 AND f.id = $1 AND o.class_id = f.class_id AND o.id <> f.id`, from)
}
