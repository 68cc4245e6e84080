package db

import (
	"context"
	"time"

	"hocba/internal/fault"
	"hocba/internal/registry"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// LockedClass is a class that an act of locking found not closed by its
// principal: who was not ready.
type LockedClass struct {
	School  string `db:"school_code"`
	Class   string `db:"class_code"`
	Name    string `db:"class_name"`
	Locked  int    `db:"locked"`
	Refused int    `db:"refused"`
}

// LockAct is an act by which the Sở, or the date, locked what was left.
type LockAct struct {
	ID      int64        `db:"id"`
	Year    school.Year  `db:"school_year"`
	Track   school.Track `db:"track"`
	ByDate  bool         `db:"by_date"`
	At      time.Time    `db:"at"`
	Classes []LockedClass
}

// NotReady lists the classes of a year and track that hold versions nobody has
// locked, or refusals nobody has mended, before an act of locking: whom the Sở
// may still urge.
func (g *Registrar) NotReady(ctx context.Context, year school.Year, track school.Track) (out []LockedClass, err error) {
	err = g.in(ctx, func(tx *Tx) error {
		out, err = tx.notReady(ctx, "", year, track)
		return err
	})
	return out, err
}

// notReady lists them for one school, or for all when schoolCode is "".
func (t *Tx) notReady(ctx context.Context, schoolCode string, year school.Year, track school.Track) ([]LockedClass, error) {
	var out []LockedClass
	err := t.list(ctx, "list classes not ready", &out, `SELECT x.school_code, x.class_code, coalesce(p.class_name, x.class_code) AS class_name,
		  sum(x.open)::int AS locked, sum(x.refused)::int AS refused
		FROM (SELECT school_code, class_code, 1 AS open, 0 AS refused FROM registry.live_version
		      WHERE school_year = $2 AND track = $3 AND locked_at IS NULL AND ($1 = '' OR school_code = $1)
		    UNION ALL SELECT school_code, class_code, 0, 1 FROM registry.refused_record
		      WHERE school_year = $2 AND track = $3 AND ($1 = '' OR school_code = $1)) x
		LEFT JOIN registry.class_progress p ON p.school_code = x.school_code AND p.school_year = $2 AND p.class_code = x.class_code
		GROUP BY x.school_code, x.class_code, p.class_name ORDER BY x.school_code, x.class_code`, schoolCode, year, track)
	return out, err
}

// LockLeft locks, by an act of the Sở, every version of a year and track that
// is left, and ends the time for chốt in the same moment. The act lists the
// classes that had not been closed. It fails with closing.role,
// closing.not_open; what is over already is locked by date.
func (g *Registrar) LockLeft(ctx context.Context, actor workflow.Actor, year school.Year, track school.Track) (LockAct, error) {
	if !workflow.Can(actor.Role, workflow.PermAuthority) || actor.Kind != workflow.Person {
		return LockAct{}, fault.New(fault.Forbidden, "closing.role")
	}
	act := LockAct{Year: year, Track: track}
	err := g.in(ctx, func(tx *Tx) error {
		window, err := tx.ClosingTime(ctx, year, track)
		if err != nil {
			return err
		}
		if window.State(tx.Now) != registry.Open || !window.Opens.Before(tx.Now) {
			return fault.New(fault.Conflict, "closing.not_open")
		}
		department, err := tx.department(ctx)
		if err != nil {
			return err
		}
		act.At = tx.Now
		err = tx.GetContext(ctx, &act.ID, `INSERT INTO registry.lock_act (department, school_year, track, by_date, account_id, at)
			VALUES ($1, $2, $3, false, $4, $5) RETURNING id`, department.Code, year, track, actor.AccountID, tx.Now)
		if err != nil {
			return translate(err, "begin to lock")
		}
		return tx.exec(ctx, "end the closing time", `INSERT INTO registry.closing_time (department, school_year, track, opens_at, ends_at,
			  decision_no, decision_date, account_id, at)
			SELECT department, school_year, track, opens_at, $3, decision_no, decision_date, $4, $3 FROM registry.closing_time
			WHERE school_year = $1 AND track = $2 ORDER BY id DESC LIMIT 1`, year, track, tx.Now, actor.AccountID)
	})
	if err != nil {
		return act, err
	}
	return act, g.carryOut(ctx, &act)
}

// LockDue locks what is left of every year and track whose time is over. It is
// cheap when nothing is due and may be called at any time by anybody; a
// program that was killed in the middle goes on at the next call.
func (g *Registrar) LockDue(ctx context.Context) error { return g.lockDue(ctx, "") }

// lockDue does so for one school, or for all.
func (g *Registrar) lockDue(ctx context.Context, schoolCode string) error {
	var due []struct {
		Year  school.Year  `db:"school_year"`
		Track school.Track `db:"track"`
		Ends  time.Time    `db:"ends_at"`
	}
	err := g.in(ctx, func(tx *Tx) error {
		return tx.list(ctx, "list what is due to be locked", &due, `SELECT c.school_year, c.track, c.ends_at
			FROM (SELECT DISTINCT ON (school_year, track) school_year, track, ends_at FROM registry.closing_time
			      ORDER BY school_year, track, id DESC) c
			WHERE c.ends_at <= $1 AND EXISTS (SELECT 1 FROM registry.live_version l WHERE l.school_year = c.school_year
			  AND l.track = c.track AND l.locked_at IS NULL AND ($2 = '' OR l.school_code = $2))`, tx.Now, schoolCode)
	})
	if err != nil {
		return err
	}
	for _, d := range due {
		act, err := g.dueAct(ctx, LockAct{Year: d.Year, Track: d.Track, ByDate: true, At: d.Ends})
		if err == nil {
			err = g.carryOut(ctx, &act)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// dueAct finds the act that ended a time, by a person of the Sở or begun by
// date, or begins one by date.
func (g *Registrar) dueAct(ctx context.Context, act LockAct) (LockAct, error) {
	err := g.in(ctx, func(tx *Tx) error {
		if err := tx.lockSchool(ctx, ""); err != nil { // one beginner at a time
			return err
		}
		var begun []LockAct
		err := tx.list(ctx, "find an act of locking", &begun, `SELECT id, school_year, track, by_date, at FROM registry.lock_act
			WHERE school_year = $1 AND track = $2 AND at = $3 ORDER BY id LIMIT 1`, act.Year, act.Track, act.At)
		if err != nil || len(begun) > 0 {
			if len(begun) > 0 {
				act = begun[0]
			}
			return err
		}
		department, err := tx.department(ctx)
		if err != nil {
			return err
		}
		return translate(tx.GetContext(ctx, &act.ID, `INSERT INTO registry.lock_act (department, school_year, track, by_date, at)
			VALUES ($1, $2, $3, true, $4) RETURNING id`, department.Code, act.Year, act.Track, act.At), "begin to lock by date")
	})
	return act, err
}

// carryOut locks school by school, each in a transaction of its own.
func (g *Registrar) carryOut(ctx context.Context, act *LockAct) error {
	left, err := g.NotReady(ctx, act.Year, act.Track)
	if err != nil {
		return err
	}
	done := ""
	for _, c := range left {
		if c.School == done {
			continue
		}
		done = c.School
		if err := g.lockSchoolLeft(ctx, *act, c.School); err != nil {
			return err
		}
	}
	return g.in(ctx, func(tx *Tx) error {
		act.Classes = nil
		return tx.list(ctx, "list what an act locked", &act.Classes, `SELECT school_code, class_code, class_name, locked, refused
			FROM registry.lock_act_class WHERE lock_act_id = $1 ORDER BY school_code, class_code`, act.ID)
	})
}

func (g *Registrar) lockSchoolLeft(ctx context.Context, act LockAct, schoolCode string) error {
	return g.in(ctx, func(tx *Tx) error {
		if err := tx.lockSchool(ctx, schoolCode); err != nil {
			return err
		}
		left, err := tx.notReady(ctx, schoolCode, act.Year, act.Track)
		if err != nil {
			return err
		}
		by := registry.ByDepartment
		if act.ByDate {
			by = registry.ByDate
		}
		for _, c := range left {
			class := classKey{c.School, act.Year, c.Class, c.Name}
			live, err := tx.liveVersions(ctx, class, act.Track)
			if err != nil {
				return err
			}
			n, err := tx.lockVersions(ctx, class, live, by, act.At)
			if err == nil {
				err = tx.exec(ctx, "note who was not ready", `INSERT INTO registry.lock_act_class (lock_act_id, school_code, class_code, class_name, locked, refused)
					VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`, act.ID, c.School, c.Class, c.Name, n, c.Refused)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// LockActs lists the acts of locking of a year with the classes that were not
// ready, the newest first.
func (g *Registrar) LockActs(ctx context.Context, year school.Year) (out []LockAct, err error) {
	err = g.in(ctx, func(tx *Tx) error {
		err := tx.list(ctx, "list acts of locking", &out, `SELECT id, school_year, track, by_date, at FROM registry.lock_act
			WHERE school_year = $1 ORDER BY id DESC`, year)
		for i := range out {
			if err == nil {
				err = tx.list(ctx, "list what an act locked", &out[i].Classes, `SELECT school_code, class_code, class_name, locked, refused
					FROM registry.lock_act_class WHERE lock_act_id = $1 ORDER BY school_code, class_code`, out[i].ID)
			}
		}
		return err
	})
	return out, err
}
