// Package jobstest brings the cast's class 4A along the chain for tests of
// whatever comes later: values, signatures, approval, issue, acceptance, lock.
// Everybody has a real key under a demonstration authority that the test's
// database trusts.
//
//	chain := jobstest.New(t, d, cast)
//	chain.Issue(t) // and every stage before it
package jobstest

import (
	"errors"
	"testing"
	"time"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/evaluation"
	"hocba/internal/jobs"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// Place is where the cast's records are issued.
const Place = "Hải Sơn"

// step numbers the stages the chain goes through.
type step int

const (
	begun step = iota
	filled
	partSigned
	signed
	approved
	issued
	submitted
	closed
)

// Chain is the cast's class 4A on its way.
type Chain struct {
	D    *dbtest.Database
	Cast *dbtest.Cast
	Desk jobs.Desk
	// Records are the records of 4A in the order of the roll (Cast.Roll).
	Records []int64

	t         testing.TB
	at        step
	keys      *keys
	pens      map[string]jobs.Pen
	registrar *db.Registrar
}

// New gives everybody of the cast keys and certificates.
func New(t testing.TB, d *dbtest.Database, cast *dbtest.Cast) *Chain {
	t.Helper()
	c := &Chain{D: d, Cast: cast, Desk: jobs.Desk{DB: d.DB}, t: t, pens: map[string]jobs.Pen{}}
	var err error
	c.keys, err = shared()
	if err == nil {
		err = c.certify()
	}
	if err == nil {
		err = d.As(t.Context(), cast.Principal, func(tx *db.Tx) error {
			var err error
			c.Records, err = tx.ClassRecordIDs(t.Context(), cast.Class.ID)
			return err
		})
	}
	if err == nil && len(c.Records) != len(cast.Roll) {
		err = errors.New("not every pupil has a record")
	}
	if err != nil {
		t.Fatalf("begin the chain: %v", err)
	}
	return c
}

// reach reports whether the step is still to be done, after moving the clock on
// a little so that signatures have an order.
func (c *Chain) reach(to step) bool {
	if c.at >= to {
		return false
	}
	c.at = to
	c.D.Clock.Advance(10 * time.Minute)
	return true
}

// each runs an act on every record of the class.
func (c *Chain) each(t testing.TB, what string, act func(id int64) error) {
	t.Helper()
	for _, id := range c.Records {
		if err := act(id); err != nil {
			t.Fatalf("%s record %d: %v", what, id, err)
		}
	}
}

// Fill writes complete year-end values and reviews for every pupil: all of
// them "Hoàn thành xuất sắc", track 1.
func (c *Chain) Fill(t testing.TB) {
	t.Helper()
	if !c.reach(filled) {
		return
	}
	rules := c.Cast.Class.Rules()
	grade := c.Cast.Class.Grade()
	for _, pupil := range c.Cast.Roll {
		for _, s := range rules.Subjects(grade) {
			if rules.Subject(grade, s) != evaluation.Required {
				continue
			}
			var mark *int
			if rules.MarkAllowed(grade, s, school.YearEnd) {
				ten := 10
				mark = &ten
			}
			c.Enter(pupil.EnrolmentID, evaluation.Item(s), evaluation.Entry{Level: "T", Mark: mark, Remark: "Em nắm vững bài " + s.Name() + "."})
		}
		for _, trait := range rules.Traits(grade) {
			c.Enter(pupil.EnrolmentID, trait, evaluation.Entry{Level: "T"})
		}
		for _, group := range evaluation.RemarkGroups {
			c.Enter(pupil.EnrolmentID, group, evaluation.Entry{Remark: "Em chăm ngoan, mạnh dạn."})
		}
		c.D.Exec(`INSERT INTO school.review (school_year, enrolment_id, school_id, absent_excused, absent_unexcused, height_mm, weight_g,
			  completed, promoted, track, account_id, updated_at)
			VALUES ($1, $2, $3, 1, 0, 1320, 28500, true, true, 1, $4, $5) ON CONFLICT DO NOTHING`,
			string(dbtest.Year), pupil.EnrolmentID, c.Cast.School.ID, c.Cast.Huong.AccountID, c.D.Clock.Now())
		c.D.Exec(`INSERT INTO school.commendation (school_id, school_year, pupil_id, kind, account_id, at)
			VALUES ($1, $2, $3, 'HOC_SINH_XUAT_SAC', $4, $5) ON CONFLICT DO NOTHING`,
			c.Cast.School.ID, string(dbtest.Year), pupil.PupilID, c.Cast.Huong.AccountID, c.D.Clock.Now())
	}
}

// Enter writes one year-end value as it stands after saving, past the grid and
// its windows; a value that stands already is overwritten.
func (c *Chain) Enter(enrolment int64, item evaluation.Item, e evaluation.Entry) {
	c.t.Helper()
	c.D.Exec(`INSERT INTO school.entry (school_year, enrolment_id, period, item, school_id, level, mark, remark, exempt, account_id, updated_at)
		VALUES ($1, $2, 'cn', $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (school_year, enrolment_id, period, item) DO UPDATE SET level = excluded.level, mark = excluded.mark,
		  remark = excluded.remark, exempt = excluded.exempt`, string(dbtest.Year), enrolment, string(item), c.Cast.School.ID,
		string(e.Level), e.Mark, e.Remark, e.Exempt, c.Cast.Huong.AccountID, c.D.Clock.Now())
}

// SignParts has both teachers sign their own parts of every record.
func (c *Chain) SignParts(t testing.TB) {
	t.Helper()
	c.Fill(t)
	if !c.reach(partSigned) {
		return
	}
	for _, teacher := range []workflow.Actor{c.Cast.Huong, c.Cast.Minh} {
		c.each(t, "sign the parts of", func(id int64) error {
			return c.Desk.SignParts(t.Context(), teacher, id, c.Pen(teacher))
		})
	}
}

// Sign has everybody up to the homeroom teacher sign.
func (c *Chain) Sign(t testing.TB) {
	t.Helper()
	c.SignParts(t)
	if !c.reach(signed) {
		return
	}
	c.each(t, "sign the page of", func(id int64) error {
		return c.Desk.SignHomeroom(t.Context(), c.Cast.Huong, id, "", c.Pen(c.Cast.Huong))
	})
}

// Approve has the principal approve every record.
func (c *Chain) Approve(t testing.TB) {
	t.Helper()
	c.Sign(t)
	if !c.reach(approved) {
		return
	}
	c.each(t, "approve", func(id int64) error {
		return c.Desk.Approve(t.Context(), c.Cast.Principal, id, c.Pen(c.Cast.Principal))
	})
}

// Issue has the principal issue every record with the school's seal.
func (c *Chain) Issue(t testing.TB) {
	t.Helper()
	c.Approve(t)
	if !c.reach(issued) {
		return
	}
	c.each(t, "issue", func(id int64) error {
		return c.Desk.Issue(t.Context(), c.Cast.Principal, id, Place, c.Seal())
	})
}

// Reissue brings one record, reopened by a recall, a replacement or a refusal,
// to its next version.
func (c *Chain) Reissue(t testing.TB, recordID int64) {
	t.Helper()
	c.D.Clock.Advance(time.Minute)
	principal := c.Cast.Principal
	err := c.D.As(t.Context(), principal, func(tx *db.Tx) error {
		r, err := tx.Record(t.Context(), recordID, false)
		if err != nil {
			return err
		}
		return tx.Opened(t.Context(), r.ID, r.Revision)
	})
	if err == nil {
		err = c.Desk.Approve(t.Context(), principal, recordID, c.Pen(principal))
	}
	if err == nil {
		err = c.Desk.Issue(t.Context(), principal, recordID, Place, c.Seal())
	}
	if err != nil {
		t.Fatalf("reissue record %d: %v", recordID, err)
	}
}
