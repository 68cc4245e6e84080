package db

import (
	"context"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/registry"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// ClosingTime returns the time the Sở opened for a year and track; the zero
// value when it never did. The newest row counts.
func (t *Tx) ClosingTime(ctx context.Context, year school.Year, track school.Track) (registry.Window, error) {
	var rows []struct {
		Opens time.Time `db:"opens_at"`
		Ends  time.Time `db:"ends_at"`
	}
	err := t.list(ctx, "read the closing time", &rows, `SELECT opens_at, ends_at FROM registry.closing_time
		WHERE school_year = $1 AND track = $2 ORDER BY id DESC LIMIT 1`, year, track)
	if err != nil || len(rows) == 0 {
		return registry.Window{}, err
	}
	return registry.Window{Opens: rows[0].Opens, Ends: rows[0].Ends}, nil
}

// ClosingTimeChange is one setting of the time for chốt, as the Sở made it.
type ClosingTimeChange struct {
	Year         school.Year  `db:"school_year"`
	Track        school.Track `db:"track"`
	Opens        time.Time    `db:"opens_at"`
	Ends         time.Time    `db:"ends_at"`
	DecisionNo   string       `db:"decision_no"`
	DecisionDate school.Date  `db:"decision_date"`
	At           time.Time    `db:"at"`
}

// ClosingTimes lists how the times of a year were set, the newest first.
func (g *Registrar) ClosingTimes(ctx context.Context, year school.Year) (out []ClosingTimeChange, err error) {
	err = g.in(ctx, func(tx *Tx) error {
		return tx.list(ctx, "list closing times", &out, `SELECT school_year, track, opens_at, ends_at, decision_no, decision_date, at
			FROM registry.closing_time WHERE school_year = $1 ORDER BY id DESC`, year)
	})
	return out, err
}

// ClosingTime returns the time that counts for a year and track.
func (g *Registrar) ClosingTime(ctx context.Context, year school.Year, track school.Track) (w registry.Window, err error) {
	err = g.in(ctx, func(tx *Tx) error {
		w, err = tx.ClosingTime(ctx, year, track)
		return err
	})
	return w, err
}

// SetClosingTime opens, moves or ends the time for chốt as a person of the Sở:
// ends is the first instant that is too late. A time that is over stays over:
// what it locked is locked. It fails with closing.role, closing.order,
// closing.over, closing.in_past.
func (g *Registrar) SetClosingTime(ctx context.Context, actor workflow.Actor, c ClosingTimeChange) error {
	if !workflow.Can(actor.Role, workflow.PermAuthority) || actor.Kind != workflow.Person {
		return fault.New(fault.Forbidden, "closing.role")
	}
	if !c.Ends.After(c.Opens) {
		return fault.New(fault.Invalid, "closing.order")
	}
	return g.db.Registry(ctx, actor, func(tx *Tx) error {
		now, err := tx.ClosingTime(ctx, c.Year, c.Track)
		switch {
		case err != nil:
			return err
		case now.State(tx.Now) == registry.Over:
			return fault.New(fault.Conflict, "closing.over", "date", school.DateOf(now.Ends).Vietnamese())
		case c.Ends.Before(tx.Now):
			return fault.New(fault.Invalid, "closing.in_past")
		}
		department, err := tx.department(ctx)
		if err != nil {
			return err
		}
		return tx.exec(ctx, "set the closing time", `INSERT INTO registry.closing_time (department, school_year, track, opens_at, ends_at,
			  decision_no, decision_date, account_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, department.Code, c.Year, c.Track,
			c.Opens, c.Ends, school.CleanLine(c.DecisionNo), c.DecisionDate, actor.AccountID, tx.Now)
	})
}

// Close takes a CHOT in: decision, locks and receipt in one transaction.
func (g *Registrar) Close(ctx context.Context, schoolCode string, statement []byte) (registry.Answer, error) {
	return g.statement(ctx, schoolCode, bundle.Closing, statement, func(tx *Tx, a attempt, p *registry.Paper) ([]bundle.Reason, error) {
		st := p.Statement
		var f registry.ClassFacts
		var err error
		if f.Window, err = tx.ClosingTime(ctx, st.Year, st.Track); err != nil {
			return nil, err
		}
		class := classKey{schoolCode, st.Year, st.Class.Code, st.Class.Name}
		if f.Live, err = tx.liveVersions(ctx, class, st.Track); err != nil {
			return nil, err
		}
		err = tx.GetContext(ctx, &f.Closed, `SELECT EXISTS (SELECT 1 FROM registry.closing WHERE school_code = $1 AND school_year = $2
			AND class_code = $3 AND track = $4)`, class.school, class.year, class.class, st.Track)
		if err != nil {
			return nil, translate(err, "see whether a class is closed")
		}
		reasons := registry.DecideClosing(p, f, tx.Now)
		if len(reasons) > 0 {
			return reasons, nil
		}
		err = tx.exec(ctx, "close a class", `INSERT INTO registry.closing (attempt_id, school_code, school_year, class_code, track, at)
			VALUES ($1, $2, $3, $4, $5, $6)`, a.id, class.school, class.year, class.class, st.Track, tx.Now)
		if err != nil {
			return nil, err
		}
		_, err = tx.lockVersions(ctx, class, f.Live, registry.BySchool, tx.Now)
		return nil, err
	})
}

// Recall takes a THU_HOI in likewise.
func (g *Registrar) Recall(ctx context.Context, schoolCode string, statement []byte) (registry.Answer, error) {
	return g.statement(ctx, schoolCode, bundle.Recall, statement, func(tx *Tx, _ attempt, p *registry.Paper) ([]bundle.Reason, error) {
		row, err := tx.liveVersion(ctx, p.Statement.About.Record)
		if err != nil {
			return nil, err
		}
		if row == nil {
			return registry.DecideRecall(p, nil, registry.Window{}, tx.Now), nil
		}
		window, err := tx.ClosingTime(ctx, row.Year, row.Track)
		if err != nil {
			return nil, err
		}
		if reasons := registry.DecideRecall(p, &row.Live, window, tx.Now); len(reasons) > 0 {
			return reasons, nil
		}
		err = tx.event(ctx, versionEvent{id: row.Key, school: schoolCode, kind: registry.EventRecalled, by: registry.BySchool,
			at: tx.Now, reason: p.Statement.Reason})
		if err == nil {
			err = tx.exec(ctx, "take a version back", `DELETE FROM registry.live_version WHERE version_id = $1`, row.Key)
		}
		if err != nil {
			return nil, err
		}
		return nil, tx.count(ctx, classKey{schoolCode, row.Year, row.Class, row.Name}, counts{accepted: -1})
	})
}

// statement carries a CHOT, THU_HOI or DE_NGHI_THU_HOI out: what it changes and its receipt are
// one transaction, so that neither is without the other.
func (g *Registrar) statement(ctx context.Context, schoolCode string, kind bundle.StatementKind, raw []byte,
	carryOut func(tx *Tx, a attempt, p *registry.Paper) ([]bundle.Reason, error)) (out registry.Answer, err error) {
	k, err := g.open(ctx, schoolCode)
	if err != nil {
		return out, err
	}
	paper := k.office.Read(kind, k.sender, raw)
	a, done, err := g.begin(ctx, paper, raw, false)
	if err != nil || done != nil {
		out.Receipt = done
		return out, err
	}
	if paper.Pending() {
		return out, errPending
	}
	if paper.Refused() {
		return g.refuse(ctx, k, a, paper)
	}
	err = g.in(ctx, func(tx *Tx) error {
		if err := tx.lockSchool(ctx, schoolCode); err != nil {
			return err
		}
		if out.Receipt, err = tx.answered(ctx, a); err != nil || out.Receipt != nil {
			return err
		}
		reasons, err := carryOut(tx, a, paper)
		if err != nil {
			return err
		}
		k.office.Now = tx.Now
		signed, err := k.office.StatementReceipt(g.key, paper, reasons)
		if err != nil {
			return err
		}
		out.Receipt, err = tx.answer(ctx, a, signed, len(reasons) > 0, registry.Final(reasons))
		return err
	})
	return out, err
}

const liveSelect = `SELECT l.record_uuid::text AS record, v.pupil_code AS pupil, v.phien_ban AS number, encode(v.sha256, 'hex') AS sha256,
	  l.class_code AS class, l.school_code AS school, l.locked_at IS NOT NULL AS locked, v.id AS key, l.school_year, l.track, v.class_name
	FROM registry.live_version l JOIN registry.version v ON v.id = l.version_id `

// liveVersions lists the live versions of a class and track, held to the end
// of the transaction.
func (t *Tx) liveVersions(ctx context.Context, k classKey, track school.Track) ([]registry.Live, error) {
	var rows []liveRow
	err := t.list(ctx, "list live versions", &rows, liveSelect+`WHERE l.school_code = $1 AND l.school_year = $2 AND l.class_code = $3
		AND l.track = $4 ORDER BY v.id FOR UPDATE OF l`, k.school, k.year, k.class, track)
	out := make([]registry.Live, len(rows))
	for i, r := range rows {
		out[i] = r.Live
	}
	return out, err
}

// lockVersions locks those of a class's live versions that are not yet locked.
func (t *Tx) lockVersions(ctx context.Context, k classKey, live []registry.Live, by registry.Hand, at time.Time) (int, error) {
	n := 0
	for _, l := range live {
		if l.Locked {
			continue
		}
		err := t.exec(ctx, "lock a version", `UPDATE registry.live_version SET locked_at = $2 WHERE version_id = $1`, l.Key, at)
		if err == nil {
			err = t.event(ctx, versionEvent{id: l.Key, school: k.school, kind: registry.EventLocked, by: by, at: at})
		}
		if err != nil {
			return n, err
		}
		n++
	}
	return n, t.count(ctx, k, counts{locked: n})
}
