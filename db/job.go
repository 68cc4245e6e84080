package db

import (
	"context"
	"encoding/json"
	"time"

	"github.com/lib/pq"

	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// JobState says where a long act stands.
type JobState string

// The states of a job.
const (
	JobQueued  JobState = "queued"  // waits for a worker
	JobRunning JobState = "running" // a worker holds its lease
	JobWaiting JobState = "waiting" // for its owner: the key is not open in any process
	JobStopped JobState = "stopped" // by its owner, may be continued
	JobDone    JobState = "done"    // over; items left waiting were given up
	JobFailed  JobState = "failed"  // cannot go on; Note says why
)

// Open reports whether the job will go on by itself or after its owner's PIN.
func (s JobState) Open() bool { return s == JobQueued || s == JobRunning || s == JobWaiting }

// ItemState says what came of an item.
type ItemState string

// The states of an item.
const (
	ItemWaiting ItemState = "waiting"
	ItemDone    ItemState = "done"
	ItemAlready ItemState = "already" // had been done before this job
	ItemRefused ItemState = "refused" // Code and Args say why
)

// JobArgs are named texts, kept as jsonb.
type JobArgs map[string]string

// Scan reads the column.
func (m *JobArgs) Scan(v any) error {
	raw, _ := v.([]byte)
	*m = nil
	if len(raw) == 0 {
		return nil
	}
	return json.Unmarshal(raw, (*map[string]string)(m))
}

// Job is a long act of one person in one role: who asked, what about, how far.
type Job struct {
	ID         int64         `db:"id"`
	Kind       string        `db:"kind"`
	Subject    string        `db:"subject"` // "class:12"
	UnitID     int64         `db:"unit_id"`
	AccountID  int64         `db:"account_id"`
	Role       workflow.Role `db:"role"`
	Params     JobArgs       `db:"params"`
	State      JobState      `db:"state"`
	Total      int           `db:"total"`
	Done       int           `db:"done"` // with those done before
	Refused    int           `db:"refused"`
	StopAsked  bool          `db:"stop_asked"`
	Note       string        `db:"note"` // code of the fault that ended or halted it
	Worker     string        `db:"worker"`
	CreatedAt  time.Time     `db:"created_at"`
	FinishedAt *time.Time    `db:"finished_at"`
}

// Left is how many items wait.
func (j Job) Left() int { return j.Total - j.Done - j.Refused }

const jobColumns = `id, kind, subject, unit_id, account_id, role, params, state, total, done, refused, stop_asked, note,
	worker, created_at, finished_at`

// NewJob is what a job is made from. One that needs a key is made waiting, and
// begins when the key is held (ContinueJob).
type NewJob struct {
	Kind, Subject string
	Params        map[string]string
	Items         []NewItem
	NeedsKey      bool
}

// NewItem is one thing to do. Args are what its work needs beside the key.
type NewItem struct {
	Key  string
	Args map[string]string
}

// createTries bounds how often CreateJob looks again when the job in its way
// ended between two looks.
const createTries = 5

// CreateJob adds a job of the acting person, or returns the one of the same
// kind and subject that is under way: created is false then, and nothing of n
// was kept. A stopped one about the same thing is given up. It fails with
// Conflict job.other_open when the one under way was asked for in another role.
func (t *Tx) CreateJob(ctx context.Context, n NewJob) (job Job, created bool, err error) {
	params, err := jsonText(n.Params)
	if err != nil {
		return Job{}, false, err
	}
	err = t.exec(ctx, "give up stopped jobs", `UPDATE core.job SET state = 'done', finished_at = $5
		WHERE kind = $1 AND subject = $2 AND account_id = $3 AND unit_id = $4 AND state = 'stopped'`,
		n.Kind, n.Subject, t.Actor.AccountID, t.Actor.UnitID, t.Now)
	if err != nil {
		return Job{}, false, err
	}
	// The job that kept a new one out may be over by the time it is looked up:
	// each statement sees what was committed before it.
	for range createTries {
		id, err := t.insertJob(ctx, n, params)
		if err != nil {
			return Job{}, false, err
		}
		if id != 0 {
			if err := t.addItems(ctx, id, n.Items); err != nil {
				return Job{}, false, err
			}
			job, err = t.Job(ctx, id)
			return job, true, err
		}
		job, ok, err := t.OpenJob(ctx, n.Kind, n.Subject)
		if err != nil || ok {
			return job, false, err
		}
	}
	return Job{}, false, fault.New(fault.Conflict, "job.other_open")
}

// insertJob adds the row of a job; 0 when another one is under way.
func (t *Tx) insertJob(ctx context.Context, n NewJob, params string) (int64, error) {
	state := JobQueued
	if n.NeedsKey {
		state = JobWaiting
	}
	var ids []int64
	err := t.list(ctx, "create a job", &ids, `INSERT INTO core.job (kind, subject, unit_id, account_id, role, params, state, total, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (kind, account_id, unit_id, subject) WHERE state IN ('queued', 'running', 'waiting') DO NOTHING
		RETURNING id`, n.Kind, n.Subject, t.Actor.UnitID, t.Actor.AccountID, t.Actor.Role, params, state, len(n.Items), t.Now)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return ids[0], nil
}

func (t *Tx) addItems(ctx context.Context, jobID int64, items []NewItem) error {
	keys, args := make([]string, len(items)), make([]string, len(items))
	for i, it := range items {
		keys[i] = it.Key
		text, err := jsonText(it.Args)
		if err != nil {
			return err
		}
		args[i] = text
	}
	return t.exec(ctx, "add a job's items", `INSERT INTO core.job_item (job_id, key, seq, state, args)
		SELECT $1, i.key, i.seq, 'waiting', i.args::jsonb
		FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS i (key, args, seq)`, jobID, pq.Array(keys), pq.Array(args))
}

func jsonText(m map[string]string) (string, error) {
	if m == nil {
		return "{}", nil
	}
	raw, err := json.Marshal(m)
	return string(raw), translate(err, "write a job's parameters")
}

// Job returns a job of the acting person in the role worn; NotFound,
// job.unknown, for any other.
func (t *Tx) Job(ctx context.Context, id int64) (Job, error) {
	var j Job
	err := t.get(ctx, "job.unknown", &j, `SELECT `+jobColumns+` FROM core.job
		WHERE id = $1 AND account_id = $2 AND unit_id = $3 AND role = $4`, id, t.Actor.AccountID, t.Actor.UnitID, t.Actor.Role)
	return j, err
}

// OpenJob returns the acting person's job of a kind about a subject that is
// under way or stopped, the newest; ok is false when there is none.
func (t *Tx) OpenJob(ctx context.Context, kind, subject string) (j Job, ok bool, err error) {
	var out []Job
	err = t.list(ctx, "find an open job", &out, `SELECT `+jobColumns+` FROM core.job WHERE kind = $1 AND subject = $2
		AND account_id = $3 AND unit_id = $4 AND role = $5 AND state IN ('queued', 'running', 'waiting', 'stopped')
		ORDER BY id DESC LIMIT 1`, kind, subject, t.Actor.AccountID, t.Actor.UnitID, t.Actor.Role)
	if err != nil || len(out) == 0 {
		return Job{}, false, err
	}
	return out[0], true, nil
}

// OpenJobs lists the acting person's jobs that are not over, the newest first:
// what "Việc chờ tôi" shows of them.
func (t *Tx) OpenJobs(ctx context.Context) ([]Job, error) {
	var out []Job
	err := t.list(ctx, "list open jobs", &out, `SELECT `+jobColumns+` FROM core.job WHERE account_id = $1 AND unit_id = $2
		AND role = $3 AND state IN ('queued', 'running', 'waiting', 'stopped') ORDER BY id DESC LIMIT 20`,
		t.Actor.AccountID, t.Actor.UnitID, t.Actor.Role)
	return out, err
}

// AskStop stops a job of the acting person after its current item; one that no
// worker holds stops at once. A job that is over stays as it is.
func (t *Tx) AskStop(ctx context.Context, id int64) error {
	return t.exec(ctx, "stop a job", `UPDATE core.job SET stop_asked = true,
		  state = CASE WHEN state = 'running' THEN state ELSE 'stopped' END
		WHERE id = $1 AND account_id = $2 AND state IN ('queued', 'running', 'waiting')`, id, t.Actor.AccountID)
}

// ContinueJob queues a stopped or waiting job of the acting person again, for
// the process that holds its key. It fails with Conflict job.other_open when
// another one about the same thing is under way, job.over when it is done.
func (t *Tx) ContinueJob(ctx context.Context, id int64, worker string, lease time.Duration) error {
	res, err := t.ExecContext(ctx, `UPDATE core.job SET state = 'queued', stop_asked = false, note = '', worker = $3,
		  lease_until = clock_timestamp() + make_interval(secs => $4)
		WHERE id = $1 AND account_id = $2 AND state IN ('stopped', 'waiting')`, id, t.Actor.AccountID, worker, lease.Seconds())
	if err = translate(err, "continue a job"); violates(err, "job_one_open") {
		return fault.New(fault.Conflict, "job.other_open")
	}
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return fault.New(fault.Conflict, "job.over")
	}
	return nil
}

// AwaitOwner lets a stopped or waiting job of the acting person wait for what
// its owner does elsewhere, without a worker.
func (t *Tx) AwaitOwner(ctx context.Context, id int64) error {
	return t.exec(ctx, "let a job wait for its owner", `UPDATE core.job SET state = 'waiting', stop_asked = false, note = ''
		WHERE id = $1 AND account_id = $2 AND state IN ('stopped', 'waiting')`, id, t.Actor.AccountID)
}

// EndJob gives up what is left of a stopped or waiting job.
func (t *Tx) EndJob(ctx context.Context, id int64) error {
	return t.exec(ctx, "end a job", `UPDATE core.job SET state = 'done', finished_at = $3
		WHERE id = $1 AND account_id = $2 AND state IN ('stopped', 'waiting')`, id, t.Actor.AccountID, t.Now)
}

// JobItem is one thing of a job with what came of it. Pupil and class are filled
// for items whose key is a record.
type JobItem struct {
	Key   string     `db:"key"`
	Seq   int        `db:"seq"`
	State ItemState  `db:"state"`
	Code  string     `db:"code"`
	Args  JobArgs    `db:"args"`
	At    *time.Time `db:"at"`
	Pupil string     `db:"pupil"`
	Class string     `db:"class"` // of the record
}

// JobItems lists the items of a job in their order.
func (t *Tx) JobItems(ctx context.Context, jobID int64) ([]JobItem, error) {
	var out []JobItem
	err := t.list(ctx, "list a job's items", &out, `SELECT i.key, i.seq, i.state, i.code, i.args, i.at, coalesce(p.full_name, '') AS pupil,
		  coalesce(c.name, '') AS class
		FROM core.job_item i
		LEFT JOIN school.record r ON r.id = CASE WHEN i.key ~ '^[0-9]{1,18}$' THEN i.key::bigint END
		LEFT JOIN school.pupil p ON p.id = r.pupil_id
		LEFT JOIN school.class c ON c.id = r.class_id
		WHERE i.job_id = $1 ORDER BY i.seq`, jobID)
	return out, err
}

// JobPlace is the class that a job is about.
type JobPlace struct {
	Year      school.Year `db:"school_year"`
	ClassID   int64       `db:"class_id"`
	ClassName string      `db:"class_name"`
}

// JobPlace returns the class of a job's first record; zero for a job that is
// about no records.
func (t *Tx) JobPlace(ctx context.Context, jobID int64) (JobPlace, error) {
	var out []JobPlace
	err := t.list(ctx, "find a job's class", &out, `SELECT r.school_year, r.class_id, c.name AS class_name
		FROM core.job_item i JOIN school.record r ON r.id = CASE WHEN i.key ~ '^[0-9]{1,18}$' THEN i.key::bigint END
		JOIN school.class c ON c.id = r.class_id WHERE i.job_id = $1 ORDER BY i.seq LIMIT 1`, jobID)
	if err != nil || len(out) == 0 {
		return JobPlace{}, err
	}
	return out[0], nil
}

// DecideItem writes what came of an item, once; a second time it fails with
// Conflict job.item_decided, which undoes the act around it.
func (t *Tx) DecideItem(ctx context.Context, jobID int64, item JobItem) error {
	args, err := jsonText(item.Args)
	if err != nil {
		return err
	}
	decided, err := t.execRows(ctx, "decide an item", `UPDATE core.job_item SET state = $3, code = $4, args = $5, at = $6
		WHERE job_id = $1 AND key = $2 AND state = 'waiting'`, jobID, item.Key, item.State, item.Code, args, t.Now)
	if err != nil {
		return err
	}
	if decided == 0 {
		return fault.New(fault.Conflict, "job.item_decided")
	}
	return t.exec(ctx, "count an item", `UPDATE core.job SET done = done + $2, refused = refused + $3 WHERE id = $1`,
		jobID, count(item.State != ItemRefused), count(item.State == ItemRefused))
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// runner is who moves jobs, as opposed to their items: the program itself.
var runner = workflow.Actor{Kind: workflow.System}

// ClaimJob takes the lease of one job for a worker: a queued one that is
// meant for it or for anybody, or one whose worker has not been heard of. ok is
// false when there is none. Of several callers each gets another job; active
// are those the worker is at.
func (d *DB) ClaimJob(ctx context.Context, worker string, lease time.Duration, active []int64) (j Job, ok bool, err error) {
	err = d.As(ctx, runner, func(tx *Tx) error {
		var out []Job
		err := tx.list(ctx, "claim a job", &out, `UPDATE core.job SET state = 'running', worker = $1,
			  note = '', lease_until = clock_timestamp() + make_interval(secs => $2)
			WHERE id = (SELECT id FROM core.job
			  WHERE (state = 'queued' AND (worker IN ('', $1) OR lease_until < clock_timestamp()))
			    OR (state = 'running' AND lease_until < clock_timestamp() AND id <> ALL($3))
			  ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING `+jobColumns, worker, lease.Seconds(), pq.Array(active))
		if len(out) > 0 {
			j, ok = out[0], true
		}
		return err
	})
	return j, ok, err
}

// KeepJobs renews the leases of the jobs a worker is at and of those that queue
// for it, and returns them. One that is missing was taken over.
func (d *DB) KeepJobs(ctx context.Context, worker string, lease time.Duration, active []int64) (ids []int64, err error) {
	err = d.As(ctx, runner, func(tx *Tx) error {
		return tx.list(ctx, "renew leases", &ids, `UPDATE core.job SET lease_until = clock_timestamp() + make_interval(secs => $2)
			WHERE worker = $1 AND (state = 'queued' OR state = 'running' AND id = ANY($3)) RETURNING id`, worker, lease.Seconds(),
			pq.Array(active))
	})
	return ids, err
}

// NextItem returns the next item of a job that waits, and whether its owner
// asked to stop; more is false when none is left. It fails with Conflict
// job.lease when the job is no longer the worker's.
func (d *DB) NextItem(ctx context.Context, jobID int64, worker string) (item JobItem, more, stop bool, err error) {
	items, stop, err := d.NextItems(ctx, jobID, worker, 1)
	if len(items) > 0 {
		item, more = items[0], true
	}
	return item, more, stop, err
}

// NextItems returns the next items of a job that wait, at most n, as NextItem
// does.
func (d *DB) NextItems(ctx context.Context, jobID int64, worker string, n int) (items []JobItem, stop bool, err error) {
	err = d.As(ctx, runner, func(tx *Tx) error {
		var asked []bool
		err := tx.list(ctx, "look whether to stop", &asked, `SELECT stop_asked FROM core.job
			WHERE id = $1 AND worker = $2 AND state = 'running'`, jobID, worker)
		if err != nil {
			return err
		}
		if len(asked) == 0 {
			return fault.New(fault.Conflict, "job.lease")
		}
		stop = asked[0]
		return tx.list(ctx, "find the next items", &items, `SELECT key, seq, state, code, args, at, '' AS pupil FROM core.job_item
			WHERE job_id = $1 AND state = 'waiting' ORDER BY seq LIMIT $2`, jobID, n)
	})
	return items, stop, err
}

// StopAsked reports whether a job that a worker is at is to stop.
func (d *DB) StopAsked(ctx context.Context, jobID int64, worker string) (stop bool, err error) {
	err = d.As(ctx, runner, func(tx *Tx) error {
		return tx.get(ctx, "job.lease", &stop, `SELECT stop_asked FROM core.job WHERE id = $1 AND worker = $2 AND state = 'running'`,
			jobID, worker)
	})
	return stop, err
}

// NoteJob says what a job that a worker is at waits for, "" for nothing.
func (d *DB) NoteJob(ctx context.Context, jobID int64, worker, note string) error {
	return d.As(ctx, runner, func(tx *Tx) error {
		return tx.exec(ctx, "note what a job waits for", `UPDATE core.job SET note = $3
			WHERE id = $1 AND worker = $2 AND state = 'running' AND note <> $3`, jobID, worker, note)
	})
}

// SettleJob ends a worker's hold of a job: done, failed, stopped, waiting for
// its owner, or queued for anybody. A job that is no longer the worker's stays.
func (d *DB) SettleJob(ctx context.Context, jobID int64, worker string, state JobState, note string) error {
	return d.As(ctx, runner, func(tx *Tx) error {
		return tx.exec(ctx, "settle a job", `UPDATE core.job SET state = $3, note = $4, lease_until = NULL,
			  worker = CASE WHEN $3 = 'queued' THEN '' ELSE worker END,
			  finished_at = CASE WHEN $3 IN ('done', 'failed') THEN $5::timestamptz END
			WHERE id = $1 AND worker = $2 AND state = 'running'`, jobID, worker, state, note, tx.Now)
	})
}

// postponed stands in the place of a worker while nobody is to take a job.
const postponed = "-"

// PostponeJob ends a worker's hold of a job that cannot go on now: any worker
// takes it up after the delay. One that was to be stopped stops instead.
func (d *DB) PostponeJob(ctx context.Context, jobID int64, worker, note string, delay time.Duration) error {
	return d.As(ctx, runner, func(tx *Tx) error {
		return tx.exec(ctx, "postpone a job", `UPDATE core.job SET state = CASE WHEN stop_asked THEN 'stopped' ELSE 'queued' END, note = $3,
			  worker = $4, lease_until = clock_timestamp() + make_interval(secs => $5)
			WHERE id = $1 AND worker = $2 AND state = 'running'`, jobID, worker, note, postponed, delay.Seconds())
	})
}
