package db

import (
	"context"
	"time"

	"github.com/lib/pq"

	"hocba/internal/evaluation"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// ApprovalFlags say why a record deserves a look of its own before approval.
type ApprovalFlags struct {
	Inclusive   bool // học hòa nhập
	NotAssessed bool
	LateFifth   bool // grade 5 on track 2: the batch of 15/8 is named for grades 1 to 4
	Low         bool // a level or mark that keeps the pupil from completing
	Returned    bool // year-end values changed since the school's leaders returned it
	Changed     bool // changed since it was approved or issued
	Same        int  // pupils of the class with the same remark, the pupil not counted
	Opened      bool // by the acting person, as it stands now
}

// MustOpen reports whether approval asks for an opening: the guard of row 9.
func (f ApprovalFlags) MustOpen() bool {
	return f.Inclusive || f.NotAssessed || f.LateFifth || f.Low || f.Returned || f.Changed
}

// Any reports whether there is something to look at. A remark that many pupils
// share is one: it asks for an opening before a batch, not for a single
// approval, which is made with the page in view.
func (f ApprovalFlags) Any() bool { return f.MustOpen() || f.Same > 0 }

// Remarks of fewer characters are alike in every class and say nothing; so is a
// longer one that fewer pupils share.
const (
	cloneLength = 50
	clonePupils = 3
)

// ApprovalFlags looks at records that wait for approval. The number of queries
// does not depend on the number of records.
func (t *Tx) ApprovalFlags(ctx context.Context, ids []int64) (map[int64]ApprovalFlags, error) {
	if len(ids) == 0 {
		return map[int64]ApprovalFlags{}, nil
	}
	flags, err := t.guardFlags(ctx, ids)
	if err != nil {
		return nil, err
	}
	var same []struct {
		ID   int64 `db:"id"`
		Same int   `db:"same"`
	}
	err = t.list(ctx, "count shared remarks", &same, `SELECT x.id, max(x.n) - 1 AS same FROM (
		  SELECT unnest(array_agg(r.id)) AS id, count(*) AS n
		  FROM school.record r JOIN school.entry n ON n.school_year = r.school_year AND n.enrolment_id = r.enrolment_id
		    AND n.period = 'cn' AND length(n.remark) >= $2
		  WHERE r.class_id IN (SELECT class_id FROM school.record WHERE id = ANY($1))
		  GROUP BY r.class_id, n.item, n.remark HAVING count(*) > $3) x
		WHERE x.id = ANY($1) GROUP BY x.id`, pq.Array(ids), cloneLength, clonePupils)
	for _, s := range same {
		f := flags[s.ID]
		f.Same = s.Same
		flags[s.ID] = f
	}
	return flags, err
}

// lookedAt is the instant since which a change is news to the principal: the
// last return by the school's leaders, or the last approval.
const lookedAt = `(SELECT max(b.at) AS returned FROM school.record_return b WHERE b.record_id = r.id AND b.role IN ('principal', 'deputy')) b,
	LATERAL (SELECT max(g.signed_at) AS approved FROM school.record_signature g WHERE g.record_id = r.id AND g.slot = 'cbql') g,
	LATERAL (SELECT greatest(b.returned, g.approved) AS at) since`

// guardFlags looks at what row 9 guards.
func (t *Tx) guardFlags(ctx context.Context, ids []int64) (map[int64]ApprovalFlags, error) {
	var rows []struct {
		ID          int64       `db:"id"`
		Year        school.Year `db:"school_year"`
		Grade       int         `db:"grade"`
		Inclusive   bool        `db:"inclusive"`
		NotAssessed bool        `db:"not_assessed"`
		August      bool        `db:"august"`
		Changed     bool        `db:"changed"`
		Returned    bool        `db:"returned"`
		Opened      bool        `db:"opened"`
		LevelC      bool        `db:"level_c"`
		Lowest      *int        `db:"lowest"`
	}
	err := t.list(ctx, "look at what waits for approval", &rows, `SELECT r.id, r.school_year, e.grade, e.inclusive, e.not_assessed,
		  EXISTS (SELECT 1 FROM school.review w WHERE w.school_year = r.school_year AND w.enrolment_id = r.enrolment_id AND w.track = 2) AS august,
		  coalesce(b.returned >= g.approved, b.returned IS NOT NULL) AS returned,
		  EXISTS (SELECT 1 FROM school.entry_history h WHERE h.school_year = r.school_year AND h.enrolment_id = r.enrolment_id
		    AND h.period IN ('cn', 'he') AND h.at > since.at)
		  OR EXISTS (SELECT 1 FROM school.review_history h WHERE h.enrolment_id = r.enrolment_id AND h.at > since.at) AS changed,
		  EXISTS (SELECT 1 FROM school.record_opening o WHERE o.record_id = r.id AND o.revision = r.revision AND o.account_id = $2) AS opened,
		  coalesce(low.level_c, false) AS level_c, low.lowest
		FROM school.record r JOIN school.enrolment e ON e.id = r.enrolment_id,
		LATERAL `+lookedAt+`,
		LATERAL (SELECT bool_or(n.level = 'C') AS level_c, min(n.mark) AS lowest FROM (
		  SELECT coalesce(max(n.level) FILTER (WHERE n.period = 'he' AND n.level <> ''), max(n.level)) AS level,
		    coalesce(max(n.mark) FILTER (WHERE n.period = 'he'), max(n.mark)) AS mark
		  FROM school.entry n WHERE n.school_year = r.school_year
		    AND n.enrolment_id = r.enrolment_id AND n.period IN ('cn', 'he') GROUP BY n.item) n) low
		WHERE r.id = ANY($1)`, pq.Array(ids), t.Actor.AccountID)
	flags := make(map[int64]ApprovalFlags, len(rows))
	for _, r := range rows {
		low := !r.NotAssessed && keepsFromCompleting(r.Year, r.LevelC, r.Lowest)
		flags[r.ID] = ApprovalFlags{Inclusive: r.Inclusive, NotAssessed: r.NotAssessed, Low: low, LateFifth: r.August && r.Grade == evaluation.LastGrade,
			Returned: r.Changed && r.Returned, Changed: r.Changed && !r.Returned, Opened: r.Opened}
	}
	return flags, err
}

// keepsFromCompleting asks the rule set whether a pupil's lowest level and mark
// leave "Hoàn thành" out of reach.
func keepsFromCompleting(year school.Year, levelC bool, lowest *int) bool {
	rules := evaluation.ForYear(year)
	if rules == nil {
		return levelC
	}
	e := evaluation.Entry{Mark: lowest}
	if levelC {
		e.Level = "C"
	}
	why := rules.Outlook(evaluation.YearEnd{Subjects: map[school.Subject]evaluation.Entry{school.Toan: e}})
	return len(why[evaluation.HT]) > 0
}

// flags marks loaded records that the principal must open before approving.
func (l *recordLoader) flags(ctx context.Context) error {
	var ids []int64
	for id, s := range l.states {
		if s.Stage == workflow.HomeroomSigned {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	flags, err := l.tx.guardFlags(ctx, ids)
	for id, f := range flags {
		l.states[id].Flagged = l.states[id].Flagged || f.MustOpen()
	}
	return err
}

// ValueChange is a year-end value that differs from what it was when the
// school's leaders last returned or approved the record.
type ValueChange struct {
	Item  string // of a cell; "" for a line of the homeroom teacher's review
	Field string // level, mark, remark, exempt; the review's own names
	Old   string
	New   string
	By    string
	At    time.Time
}

// ValueChanges lists what changed since the record was last returned or
// approved: one entry a value, from what it was then to what it is, with the
// last writer. A value that came back to what it was is left out.
func (t *Tx) ValueChanges(ctx context.Context, recordID int64) ([]ValueChange, error) {
	var rows []struct {
		Item  string    `db:"item"`
		Field string    `db:"field"`
		Old   string    `db:"old_value"`
		New   string    `db:"new_value"`
		By    string    `db:"full_name"`
		At    time.Time `db:"at"`
	}
	err := t.list(ctx, "list what changed", &rows, `SELECT x.item, x.field, x.old_value, x.new_value, a.full_name, x.at FROM school.record r,
		LATERAL `+lookedAt+`,
		LATERAL (
		  SELECT h.item, h.field, h.old_value, h.new_value, h.account_id, h.at, h.id FROM school.entry_history h
		    WHERE h.school_year = r.school_year AND h.enrolment_id = r.enrolment_id AND h.period IN ('cn', 'he') AND h.at > since.at
		  UNION ALL
		  SELECT '', h.field, h.old_value, h.new_value, h.account_id, h.at, h.id FROM school.review_history h
		    WHERE h.enrolment_id = r.enrolment_id AND h.at > since.at) x
		JOIN core.account a ON a.id = x.account_id
		WHERE r.id = $1 ORDER BY x.item, x.id`, recordID)
	if err != nil {
		return nil, err
	}
	at := map[[2]string]int{}
	var all []ValueChange
	for _, r := range rows {
		key := [2]string{r.Item, r.Field}
		i, seen := at[key]
		if !seen {
			i = len(all)
			at[key] = i
			all = append(all, ValueChange{Item: r.Item, Field: r.Field, Old: r.Old})
		}
		all[i].New, all[i].By, all[i].At = r.New, r.By, r.At
	}
	var out []ValueChange
	for _, c := range all {
		if c.Old != c.New {
			out = append(out, c)
		}
	}
	return out, nil
}
