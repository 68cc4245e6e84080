package jobs

import (
	"context"
	"maps"
	"strconv"
	"time"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/signing"
	"hocba/internal/workflow"
)

// Order asks for a job.
type Order struct {
	Kind    string
	Subject string // "class:12": one job of a kind about the same thing at a time
	Params  map[string]string
	Items   []db.NewItem
	// PIN and Way open the key, of kinds that need one.
	PIN string
	Way int64
}

// ClassSubject is the subject of a job about a class.
func ClassSubject(classID int64) string { return "class:" + strconv.FormatInt(classID, 10) }

// PINAttempts bounds wrong PINs of one person, KeyAttempts those for one key or
// device by everybody together.
var (
	PINAttempts = db.Throttle{Kind: "pin", Limit: 5, Window: 15 * time.Minute}
	KeyAttempts = db.Throttle{Kind: "pin.key", Limit: 8, Window: 15 * time.Minute}
)

// Ask creates a job of the acting person and sets it going. A job of the same
// kind and subject that is under way is returned instead, with the key opened
// for it if it waits for one: a form sent twice is one batch. It fails with
// job.nothing, key.pin, throttle.wait, certificate.none,
// certificate.seal_not_approved, or Forbidden record.role.
func (r *Runner) Ask(ctx context.Context, actor workflow.Actor, o Order) (db.Job, error) {
	kind, ok := r.kinds[o.Kind]
	if !ok {
		return db.Job{}, fault.New(fault.Internal, "job.kind")
	}
	if !workflow.Can(actor.Role, kind.Need) {
		return db.Job{}, fault.New(fault.Forbidden, "record.role")
	}
	if len(o.Items) == 0 {
		return db.Job{}, fault.New(fault.Invalid, "job.nothing")
	}
	key, err := r.open(ctx, actor, kind, Auth{PIN: o.PIN, Way: o.Way, Total: len(o.Items)})
	if err != nil {
		return db.Job{}, err
	}
	if err := r.remember(ctx, actor, kind, o.Way); err != nil {
		key.close()
		return db.Job{}, err
	}
	job, err := r.create(ctx, actor, kind, o, key.way)
	if err != nil {
		key.close()
		return db.Job{}, err
	}
	return job, r.launch(ctx, actor, kind, launch{key, job})
}

// launch is a job that was just asked for, and the key that was opened for it.
type launch struct {
	key openKey
	job db.Job
}

// launch sets a job going; one whose owner's token signs waits for the page in
// the person's browser.
func (r *Runner) launch(ctx context.Context, actor workflow.Actor, kind Kind, l launch) error {
	if l.key.way.Kind == signing.Agent {
		return nil
	}
	if l.job.State == db.JobWaiting {
		if err := r.hold(l.key, l.job.ID, actor.AccountID); err != nil {
			return err
		}
		if err := r.requeue(ctx, actor, kind, l.job.ID); err != nil {
			return err
		}
	} else {
		l.key.close() // it runs already, with the key it has
	}
	r.Wake()
	return nil
}

// ParamWay is the parameter of a job that signs: the way it signs with, a
// number; 0 is the trial key store.
const ParamWay = "way"

func (r *Runner) create(ctx context.Context, actor workflow.Actor, kind Kind, o Order, way db.SigningWay) (job db.Job, err error) {
	if kind.Key != NoKey && way.ID != 0 {
		o.Params = maps.Clone(o.Params)
		if o.Params == nil {
			o.Params = map[string]string{}
		}
		o.Params[ParamWay] = strconv.FormatInt(way.ID, 10)
	}
	n := db.NewJob{Kind: o.Kind, Subject: o.Subject, Params: o.Params, Items: o.Items, NeedsKey: kind.Key != NoKey}
	err = r.db.As(ctx, actor, func(tx *db.Tx) error {
		var err error
		job, _, err = tx.CreateJob(ctx, n)
		return err
	})
	return job, err
}

// workerFor names this process when the job needs a key that is open here only.
func (r *Runner) workerFor(kind Kind) string {
	if kind.Key == NoKey {
		return ""
	}
	return r.worker
}

// Continue sets a stopped or waiting job of the acting person going again. The
// PIN is needed unless the key is still open here (KeyUntil); an open key that
// asked for a one-time code takes that in its place.
func (r *Runner) Continue(ctx context.Context, actor workflow.Actor, jobID int64, pin string) error {
	var job db.Job
	err := r.db.As(ctx, actor, func(tx *db.Tx) (err error) {
		job, err = tx.Job(ctx, jobID)
		return err
	})
	if err != nil {
		return err
	}
	kind, ok := r.kinds[job.Kind]
	if !ok || !workflow.Can(actor.Role, kind.Need) {
		return fault.New(fault.Forbidden, "record.role")
	}
	if job.State != db.JobStopped && job.State != db.JobWaiting {
		return nil // it runs, or is over: a second click
	}
	if _, open := r.KeyUntil(jobID); open {
		r.takeCode(job, pin)
	} else if kind.Key != NoKey {
		key, err := r.open(ctx, actor, kind, Auth{PIN: pin, Way: wayOf(job), Total: job.Left()})
		if err != nil {
			return err
		}
		if key.way.Kind == signing.Agent {
			return r.db.As(ctx, actor, func(tx *db.Tx) error { return tx.AwaitOwner(ctx, jobID) })
		}
		if err := r.hold(key, jobID, actor.AccountID); err != nil {
			return err
		}
	}
	if err := r.requeue(ctx, actor, kind, jobID); err != nil {
		return err
	}
	r.Wake()
	return nil
}

// requeue lets a job begin; that a second click has done so is no failure.
func (r *Runner) requeue(ctx context.Context, actor workflow.Actor, kind Kind, jobID int64) error {
	err := r.db.As(ctx, actor, func(tx *db.Tx) error { return tx.ContinueJob(ctx, jobID, r.workerFor(kind), r.lease) })
	if fault.Is(err, "job.over") {
		return nil
	}
	return err
}

// Halt stops a job of the acting person after its current item.
func (r *Runner) Halt(ctx context.Context, actor workflow.Actor, jobID int64) error {
	return r.db.As(ctx, actor, func(tx *db.Tx) error {
		if _, err := tx.Job(ctx, jobID); err != nil {
			return err
		}
		return tx.AskStop(ctx, jobID)
	})
}

// End gives up what is left of a stopped or waiting job and closes its key. It
// fails with Conflict job.whole for one that must be brought to its end.
func (r *Runner) End(ctx context.Context, actor workflow.Actor, jobID int64) error {
	err := r.db.As(ctx, actor, func(tx *db.Tx) error {
		job, err := tx.Job(ctx, jobID)
		if err != nil {
			return err
		}
		if r.kinds[job.Kind].Whole {
			return fault.New(fault.Conflict, "job.whole")
		}
		return tx.EndJob(ctx, jobID)
	})
	if err == nil {
		r.forget(jobID)
	}
	return err
}

// KeyUntil returns until when the key of a job is open in this process; ok is
// false when it is not.
func (r *Runner) KeyUntil(jobID int64) (until time.Time, ok bool) { return r.keys.Until(batch(jobID)) }

// NeedsKey reports whether jobs of the kind need a PIN.
func (r *Runner) NeedsKey(kind string) bool { return r.kinds[kind].Key != NoKey }

// Whole reports whether jobs of the kind cannot be given up half-way.
func (r *Runner) Whole(kind string) bool { return r.kinds[kind].Whole }

func batch(jobID int64) string { return "job-" + strconv.FormatInt(jobID, 10) }

// actor is the person who asked, if account and role still hold today; else it
// fails with Forbidden job.role_lost.
func (r *Runner) actor(ctx context.Context, job db.Job, kind Kind) (workflow.Actor, error) {
	lost := fault.New(fault.Forbidden, "job.role_lost", "role", string(job.Role))
	account, err := r.db.AccountByID(ctx, job.AccountID)
	if fault.KindOf(err) == fault.NotFound {
		return workflow.Actor{}, lost
	}
	if err != nil {
		return workflow.Actor{}, err
	}
	posts, err := r.db.Posts(ctx, job.AccountID, school.DateOf(r.db.Now()))
	if err != nil {
		return workflow.Actor{}, err
	}
	for _, p := range posts {
		if p.Role != job.Role || p.UnitID != job.UnitID || !workflow.Can(p.Role, kind.Need) {
			continue
		}
		a := workflow.Actor{Kind: workflow.Person, AccountID: account.ID, Name: account.FullName, Role: p.Role,
			UnitID: p.UnitID, UnitCode: p.UnitCode, RequestID: batch(job.ID)}
		if account.TeacherCode != nil {
			a.TeacherCode = *account.TeacherCode
		}
		if p.UnitKind == school.School {
			a.SchoolID = p.UnitID
		}
		return a, nil
	}
	return workflow.Actor{}, lost
}
