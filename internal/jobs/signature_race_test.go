package jobs_test

import (
	"crypto"
	"io"
	"sync"
	"testing"
	"time"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// settle is how long the second of two transactions is given to run into the
// first: without a lock it would be done long before.
const settle = 200 * time.Millisecond

// gatedKey signs when its gate opens, and tells that it was asked: a person who
// looks at the device while the world goes on.
type gatedKey struct {
	crypto.Signer
	asked chan<- struct{}
	gate  <-chan struct{}
}

func (k gatedKey) Sign(random io.Reader, digest []byte, o crypto.SignerOpts) ([]byte, error) {
	k.asked <- struct{}{}
	<-k.gate
	return k.Signer.Sign(random, digest, o)
}

// race is the cast's class with complete values and an open window.
type race struct {
	t     *testing.T
	d     *dbtest.Database
	cast  *dbtest.Cast
	chain *jobstest.Chain
}

func newRace(t *testing.T) *race {
	t.Helper()
	t.Parallel()
	d := dbtest.New(t)
	cast := dbtest.NewCast(t, d)
	r := &race{t: t, d: d, cast: cast, chain: jobstest.New(t, d, cast)}
	r.chain.Fill(t)
	openYearEnd(d, cast)
	return r
}

// openYearEnd opens the entry of the year's end, and takes titles out of the
// way: levels move, and titles would not go with them.
func openYearEnd(d *dbtest.Database, cast *dbtest.Cast) {
	d.Exec(`DELETE FROM school.commendation`)
	d.Exec(`INSERT INTO school.entry_window (school_id, school_year, period, opens_at, closes_at, created_by, created_at)
		VALUES ($1, $2, 'cn', $3, $4, $5, $3)`, cast.School.ID, string(dbtest.Year), d.Clock.Now().Add(-time.Hour), d.Clock.Now().AddDate(0, 3, 0), cast.Admin.AccountID)
}

func (r *race) id() int64 { return r.chain.Records[0] }

// music is a change of the level that Minh gives in music.
func (r *race) music() db.CellChange {
	r.t.Helper()
	return change(r.t, r.d, r.id(), evaluation.Item(school.AmNhac), evaluation.FieldLevel, "T", "H")
}

// asking begins to sign with a key that waits, and returns once it was asked.
func (r *race) asking(who workflow.Actor, pen jobs.Pen, sign func(jobs.Pen) error) (open func() error) {
	r.t.Helper()
	asked, gate, done := make(chan struct{}, 1), make(chan struct{}), make(chan error, 1)
	go func() { done <- sign(jobs.Pen{Certificate: pen.Certificate, Key: gatedKey{pen.Key, asked, gate}}) }()
	select {
	case <-asked:
	case err := <-done:
		r.t.Fatalf("%s was not asked: %v", who.Name, err)
	}
	return func() error {
		close(gate)
		return <-done
	}
}

func (r *race) live() int {
	r.t.Helper()
	var n int
	err := r.d.Owner().QueryRow(`SELECT count(*) FROM school.record_signature s WHERE s.record_id = $1
		AND NOT EXISTS (SELECT 1 FROM school.record_void v WHERE v.signature_id = s.id)`, r.id()).Scan(&n)
	if err != nil {
		r.t.Fatal(err)
	}
	return n
}

// A value changes while the device is asked for a teacher's, the homeroom
// teacher's, the principal's signature: what was prepared over the former value
// is refused, and no signature stands over other values than the grid's.
func TestSign_RefusesWhatChangedWhileTheDeviceWasAsked(t *testing.T) {
	ctx := t.Context()
	t.Run("a part", func(t *testing.T) {
		r := newRace(t)
		minh := r.cast.Minh
		open := r.asking(minh, r.chain.Pen(minh), func(p jobs.Pen) error { return r.chain.Desk.SignParts(ctx, minh, r.id(), p) })
		if err := save(ctx, r.d, minh, r.cast.Class.ID, r.music()); err != nil {
			t.Fatal(err)
		}
		if err := open(); !fault.Is(err, "record.intent_stale") || r.live() != 0 {
			t.Fatalf("%v, %d live", err, r.live())
		}
	})
	t.Run("the page", func(t *testing.T) {
		r := newRace(t)
		r.chain.SignParts(t)
		huong := r.cast.Huong
		open := r.asking(huong, r.chain.Pen(huong), func(p jobs.Pen) error { return r.chain.Desk.SignHomeroom(ctx, huong, r.id(), "", p) })
		if err := save(ctx, r.d, huong, r.cast.Class.ID, change(t, r.d, r.id(), "NHAN_AI", evaluation.FieldLevel, "T", "Đ")); err != nil {
			t.Fatal(err)
		}
		if err := open(); err == nil || r.live() != 2 {
			t.Fatalf("%v, %d live", err, r.live())
		}
	})
	t.Run("the approval", func(t *testing.T) {
		r := newRace(t)
		r.chain.Sign(t)
		head := r.cast.Principal
		open := r.asking(head, r.chain.Pen(head), func(p jobs.Pen) error { return r.chain.Desk.Approve(ctx, head, r.id(), p) })
		err := r.chain.Desk.Act(ctx, head, r.id(), func(x *record.Record, by record.By) (record.Change, error) {
			return x.Return(by, []string{bundle.SubjectID(school.AmNhac)}, "Xem lại")
		})
		if err == nil {
			err = save(ctx, r.d, r.cast.Minh, r.cast.Class.ID, r.music())
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := open(); err == nil || r.live() != 1 {
			t.Fatalf("%v, %d live", err, r.live())
		}
		wantOverCurrentValues(t, r.d, r.id(), "approval")
	})
}

// A save is being written, not yet committed, when the signature comes: the
// signature waits for it and is refused.
func TestSign_WaitsForASaveThatIsBeingWritten(t *testing.T) {
	r := newRace(t)
	ctx, minh := t.Context(), r.cast.Minh
	open := r.asking(minh, r.chain.Pen(minh), func(p jobs.Pen) error { return r.chain.Desk.SignParts(ctx, minh, r.id(), p) })
	music := r.music()
	var signed chan error
	err := r.d.As(ctx, minh, func(tx *db.Tx) error {
		if err := saveIn(ctx, tx, r.cast.Class.ID, music); err != nil {
			return err
		}
		signed = make(chan error, 1)
		go func() { signed <- open() }()
		time.Sleep(settle)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-signed; !fault.Is(err, "record.intent_stale") {
		t.Errorf("the signature over what stood before: %v", err)
	}
	wantOverCurrentValues(t, r.d, r.id(), "after both")
}

// A signature is being written, not yet committed, when a save comes: the save
// waits for it and finds the part closed.
func TestSave_WaitsForASignatureThatIsBeingWritten(t *testing.T) {
	r := newRace(t)
	ctx, minh, pen := t.Context(), r.cast.Minh, r.chain.Pen(r.cast.Minh)
	music := r.music()
	saved := make(chan error, 1)
	err := r.d.As(ctx, minh, func(tx *db.Tx) error {
		rec, err := tx.Record(ctx, r.id(), true)
		if err != nil {
			return err
		}
		by := record.By{Actor: tx.Actor, At: tx.Now}
		in, err := rec.PrepareSignPart(by, record.Certificate{Leaf: pen.Certificate.Leaf(), Intermediates: pen.Certificate.Intermediates()})
		if err != nil {
			return err
		}
		digest := in.Digest()
		value, err := pen.Key.Sign(nil, digest[:], crypto.SHA256)
		if err != nil {
			return err
		}
		c, err := rec.Complete(by, in, value)
		if err == nil {
			err = tx.ApplyRecord(ctx, c)
		}
		go func() { saved <- save(ctx, r.d, minh, r.cast.Class.ID, music) }()
		time.Sleep(settle)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-saved; !fault.Is(err, "record.part_signed") {
		t.Errorf("the save into a part that was being signed: %v", err)
	}
	wantOverCurrentValues(t, r.d, r.id(), "after both")
}

// Two tabs ask two devices for the same signature; both answer. One is kept.
func TestSign_TwoTabsAskedAtOnceAreOneSignature(t *testing.T) {
	r := newRace(t)
	ctx, minh := t.Context(), r.cast.Minh
	var tabs [2]func() error
	for i := range tabs {
		tabs[i] = r.asking(minh, r.chain.Pen(minh), func(p jobs.Pen) error { return r.chain.Desk.SignParts(ctx, minh, r.id(), p) })
	}
	var all sync.WaitGroup
	var errs [2]error
	for i := range tabs {
		all.Go(func() { errs[i] = tabs[i]() })
	}
	all.Wait()
	kept := 0
	for _, err := range errs {
		switch {
		case err == nil:
			kept++
		case !fault.Is(err, "record.already_signed"):
			t.Errorf("the other tab: %v", err)
		}
	}
	if kept != 1 || r.live() != 1 {
		t.Errorf("%d kept, %d live: %v", kept, r.live(), errs)
	}
}

// Teachers type and sign at the same time, many times over: whatever comes
// first, no signature ever stands over other values than the grid's.
func TestSign_NeverStandsOverOtherValuesThanTheGrids(t *testing.T) {
	r := newRace(t)
	ctx, minh, pen := t.Context(), r.cast.Minh, r.chain.Pen(r.cast.Minh)
	level := map[bool]string{true: "T", false: "H"}
	first := map[bool]int{}
	for n := range 24 {
		now := n%2 == 0
		for _, row := range texts(t, r.d, `SELECT n.level, '' FROM school.record r JOIN school.entry n ON n.enrolment_id = r.enrolment_id
			WHERE r.id = $1 AND n.item = 'AM_NHAC' AND n.period = 'cn'`, r.id()) {
			now = row[0] == "T"
		}
		c := change(t, r.d, r.id(), evaluation.Item(school.AmNhac), evaluation.FieldLevel, level[now], level[!now])
		var all sync.WaitGroup
		var saved, signed error
		all.Go(func() { saved = save(ctx, r.d, minh, r.cast.Class.ID, c) })
		all.Go(func() { signed = r.chain.Desk.SignParts(ctx, minh, r.id(), pen) })
		all.Wait()
		if saved != nil && !fault.Is(saved, "record.part_signed") || signed != nil && !fault.Is(signed, "record.intent_stale") {
			t.Fatalf("saved %v, signed %v", saved, signed)
		}
		if saved != nil && signed != nil {
			t.Fatalf("each refused for the other: %v and %v", saved, signed)
		}
		first[saved == nil]++
		wantOverCurrentValues(t, r.d, r.id(), "in the middle")
		r.d.Clock.Advance(time.Second)
		if signed == nil {
			if err := r.chain.Desk.Act(ctx, minh, r.id(), (*record.Record).WithdrawPart); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Logf("the save came through %d times, was refused %d times", first[true], first[false])
}
