package db

import (
	"context"
	"slices"
	"strconv"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// Special is what differs for one pupil from the rest of the grade: how the
// pupil is evaluated (TT 27/2020 Điều 8) and which optional subjects are taken.
type Special struct {
	Inclusive     bool // học sinh khuyết tật học hòa nhập
	Plan          bool // evaluated by the individual plan (KHGDCN)
	NotAssessed   bool // not evaluated at all
	EthnicTongue  bool // takes Tiếng dân tộc
	FirstLanguage bool // takes Ngoại ngữ 1 in grade 1 or 2
}

// Special returns what was declared about the pupil.
func (r RollRow) Special() Special {
	return Special{Inclusive: r.Inclusive, Plan: r.Plan, NotAssessed: r.NotAssessed, EthnicTongue: r.EthnicTongue, FirstLanguage: r.FirstLanguage}
}

// SpecialClass is a class with what was declared about its pupils.
type SpecialClass struct {
	Class      Class
	Rows       []RollRow
	Exemptions []Exemption
	Homeroom   bool // the actor is its homeroom teacher today
}

// Exemption says that a pupil does not take a subject from a period on.
type Exemption struct {
	ID       int64          `db:"id"` // 0: Miễn stands in the gradebook without a declaration
	PupilID  int64          `db:"pupil_id"`
	Pupil    string         `db:"full_name"`
	Subject  school.Subject `db:"subject"`
	Period   school.Period  `db:"period"`
	Reason   string         `db:"reason"`
	Decision string         `db:"decision"`
	By       string         `db:"by_name"`
	Day      school.Date    `db:"day"`
}

// Specials reads what was declared about the pupils of a class, for its
// homeroom teacher and the school's leaders and administrator; for everybody
// else the class is NotFound, class.unknown.
func (t *Tx) Specials(ctx context.Context, year school.Year, classID int64) (c SpecialClass, err error) {
	if c.Class, err = t.Class(ctx, year, classID); err != nil {
		return c, err
	}
	if _, c.Homeroom, err = t.ownDuties(ctx, classID); err != nil {
		return c, err
	}
	if t.Actor.Role == workflow.Teacher && !c.Homeroom {
		return SpecialClass{}, fault.New(fault.NotFound, "class.unknown")
	}
	if c.Rows, err = t.Roll(ctx, classID); err != nil {
		return c, err
	}
	return c, t.list(ctx, "list exemptions", &c.Exemptions, exemptionsSQL, classID, year, school.DateOf(t.Now))
}

// exemptionsSQL lists the exemptions of year $2 in force for the pupils of
// class $1 on day $3, those too that stand in the gradebook alone.
const exemptionsSQL = `WITH roll AS (SELECT e.id, e.pupil_id, p.full_name, p.given_name, p.rest_name FROM school.enrolment e
	    JOIN school.pupil p ON p.id = e.pupil_id
	  WHERE e.class_id = $1 AND e.from_date <= $3 AND (e.to_date IS NULL OR e.to_date >= $3)),
	declared AS (SELECT x.* FROM roll JOIN school.exemption x ON x.pupil_id = roll.pupil_id AND x.school_year = $2
	  WHERE NOT EXISTS (SELECT 1 FROM school.exemption_end z WHERE z.exemption_id = x.id)),
	written AS (SELECT DISTINCT ON (roll.pupil_id, n.item) roll.pupil_id, n.item, n.period, n.account_id, n.updated_at
	  FROM roll JOIN school.entry n ON n.school_year = $2 AND n.enrolment_id = roll.id AND n.exempt
	  WHERE NOT EXISTS (SELECT 1 FROM declared d WHERE d.pupil_id = roll.pupil_id AND d.subject = n.item)
	  ORDER BY roll.pupil_id, n.item, array_position(ARRAY['gk1', 'ck1', 'gk2', 'cn', 'he'], n.period))
	SELECT x.id, x.pupil_id, roll.full_name, x.subject, x.period, x.reason, x.decision, a.full_name AS by_name,
	  (x.at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day
	FROM (SELECT id, pupil_id, subject, period, reason, decision, account_id, at FROM declared
	  UNION ALL SELECT 0, pupil_id, item, period, '', '', account_id, updated_at FROM written) x
	JOIN roll ON roll.pupil_id = x.pupil_id JOIN core.account a ON a.id = x.account_id
	ORDER BY roll.given_name, roll.rest_name, x.subject, x.id`

// SpecialChange is what was declared about a pupil, over what the page showed.
type SpecialChange struct {
	Enrolment int64
	Old, New  Special
}

// DeclareSpecial writes what was declared about pupils of a class and returns
// how many changed. The homeroom teacher declares the optional subjects,
// inclusive education and individual plans; that a pupil is not evaluated only
// the school's administrator. All changes are written or none. Faults, all with
// Args pupil: Conflict special.stale; Locked special.signed while a signature
// stands on the pupil's record; Forbidden special.not_assessed.
func (t *Tx) DeclareSpecial(ctx context.Context, year school.Year, classID int64, changes []SpecialChange) (int, error) {
	c, err := t.Specials(ctx, year, classID)
	if err != nil {
		return 0, err
	}
	rows := map[int64]RollRow{}
	for _, r := range c.Rows {
		rows[r.EnrolmentID] = r
	}
	changes = slices.DeleteFunc(slices.Clone(changes), func(ch SpecialChange) bool { return ch.Old == ch.New })
	for _, ch := range changes {
		row, known := rows[ch.Enrolment]
		if !known {
			return 0, fault.New(fault.NotFound, "page.unknown")
		}
		switch {
		case row.Special() == ch.New:
			continue
		case row.Special() != ch.Old:
			return 0, fault.New(fault.Conflict, "special.stale", "pupil", row.FullName)
		case ch.New.NotAssessed != ch.Old.NotAssessed && t.Actor.Role != workflow.SchoolAdmin:
			return 0, fault.New(fault.Forbidden, "special.not_assessed", "pupil", row.FullName)
		}
		if err := t.unsigned(ctx, year, row); err != nil {
			return 0, err
		}
		if err := t.exec(ctx, "declare a pupil", `UPDATE school.enrolment SET inclusive = $2, individual_plan = $3, not_assessed = $4,
			  ethnic_language = $5, first_language_optional = $6 WHERE id = $1`, ch.Enrolment, ch.New.Inclusive, ch.New.Plan,
			ch.New.NotAssessed, ch.New.EthnicTongue, ch.New.FirstLanguage); err != nil {
			return 0, err
		}
		if err := t.note(ctx, "special_declared", "enrolment:"+strconv.FormatInt(ch.Enrolment, 10), ch.New.detail()...); err != nil {
			return 0, err
		}
	}
	if len(changes) == 0 {
		return 0, nil
	}
	return len(changes), t.specialChanged(ctx, classID)
}

// detail are the declarations for the audit trail.
func (s Special) detail() []string {
	yes := func(b bool) string {
		if b {
			return "yes"
		}
		return "no"
	}
	return []string{"inclusive", yes(s.Inclusive), "plan", yes(s.Plan), "not_assessed", yes(s.NotAssessed),
		"ethnic_tongue", yes(s.EthnicTongue), "first_language", yes(s.FirstLanguage)}
}

// unsigned locks the pupil's record and refuses while anybody's signature
// stands on it: what is declared decides what the record must hold.
func (t *Tx) unsigned(ctx context.Context, year school.Year, row RollRow) error {
	var stages []workflow.Stage
	err := t.list(ctx, "lock a pupil's record", &stages, `UPDATE school.record SET revision = revision + 1, changed_at = $3
		WHERE pupil_id = $1 AND school_year = $2 RETURNING stage`, row.PupilID, year, t.Now)
	if err == nil && len(stages) > 0 && stages[0] != workflow.Drafting {
		err = fault.New(fault.Locked, "special.signed", "pupil", row.FullName)
	}
	return err
}

// specialChanged marks the class for counting.
func (t *Tx) specialChanged(ctx context.Context, classID int64) error {
	return t.exec(ctx, "mark a class dirty", `INSERT INTO school.class_dirty (class_id, school_id, since) VALUES ($1, $2, $3)
		ON CONFLICT DO NOTHING`, classID, t.Actor.SchoolID, t.Now)
}

// NameTongue says which language Tiếng dân tộc is in a class; "" leaves it open.
// Fault Invalid special.tongue.
func (t *Tx) NameTongue(ctx context.Context, year school.Year, classID int64, name string) error {
	if _, err := t.Specials(ctx, year, classID); err != nil {
		return err
	}
	name = school.CleanLine(name)
	if len([]rune(name)) > 40 {
		return fault.New(fault.Invalid, "special.tongue")
	}
	return t.exec(ctx, "name a class's ethnic language", `UPDATE school.class SET ethnic_tongue = $2 WHERE id = $1 AND ethnic_tongue <> $2`, classID, name)
}

// periodsFrom are the periods of the year from one on, the summer's last.
func periodsFrom(p school.Period) []school.Period {
	all := append(slices.Clone(school.Periods), school.Summer)
	return all[max(0, slices.Index(all, p)):]
}

// NewExemption is a decision that a pupil of a class does not take a subject.
type NewExemption struct {
	Enrolment        int64
	Subject          school.Subject
	From             school.Period
	Reason, Decision string
}

// Exempt declares that a pupil does not take a subject from a period to the end
// of the year and writes Miễn into every such cell. Only the school's
// administrator does it, by the principal's decision. Faults: Invalid
// exemption.pupil, exemption.subject, exemption.period, exemption.reason,
// exemption.decision; Conflict exemption.exists, exemption.has_result (Args
// period: a value was written there and must be emptied by its teacher first);
// Locked record.part_signed, record.issued.
func (t *Tx) Exempt(ctx context.Context, year school.Year, classID int64, x NewExemption) error {
	c, row, err := t.exempting(ctx, year, classID, x.Enrolment)
	if err != nil {
		return err
	}
	x.Reason, x.Decision = school.CleanLine(x.Reason), school.CleanLine(x.Decision)
	rules := evaluation.ForYear(year)
	switch {
	case rules == nil || rules.Subject(row.Grade, x.Subject) == evaluation.None || x.Subject == school.HoatDongTraiNghiem:
		return fault.New(fault.Invalid, "exemption.subject")
	case !slices.Contains(school.Periods, x.From):
		return fault.New(fault.Invalid, "exemption.period")
	case x.Reason == "" || len([]rune(x.Reason)) > 300:
		return fault.New(fault.Invalid, "exemption.reason")
	case x.Decision == "" || len([]rune(x.Decision)) > 100:
		return fault.New(fault.Invalid, "exemption.decision")
	}
	if slices.ContainsFunc(c.Exemptions, func(e Exemption) bool {
		return e.ID != 0 && e.PupilID == row.PupilID && e.Subject == x.Subject
	}) {
		return fault.New(fault.Conflict, "exemption.exists")
	}
	if err := t.writeExempt(ctx, year, classID, row, x, true); err != nil {
		return err
	}
	if err := t.exec(ctx, "declare an exemption", `INSERT INTO school.exemption (school_id, school_year, pupil_id, subject, period, reason, decision, account_id, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, t.Actor.SchoolID, year, row.PupilID, x.Subject, x.From, x.Reason, x.Decision,
		t.Actor.AccountID, t.Now); err != nil {
		return err
	}
	return t.note(ctx, "exemption_declared", "enrolment:"+strconv.FormatInt(x.Enrolment, 10), "subject", string(x.Subject), "period", string(x.From))
}

// exempting reads the class and the pupil for who may declare exemptions.
func (t *Tx) exempting(ctx context.Context, year school.Year, classID, enrolment int64) (SpecialClass, RollRow, error) {
	c, err := t.Specials(ctx, year, classID)
	if err != nil {
		return c, RollRow{}, err
	}
	if t.Actor.Role != workflow.SchoolAdmin {
		return c, RollRow{}, fault.New(fault.Forbidden, "exemption.school")
	}
	i := slices.IndexFunc(c.Rows, func(r RollRow) bool { return r.EnrolmentID == enrolment })
	if i < 0 {
		return c, RollRow{}, fault.New(fault.Invalid, "exemption.pupil")
	}
	return c, c.Rows[i], nil
}

// writeExempt sets or takes away Miễn in the subject's cells from a period on,
// with their history, as a save of the gradebook does, whatever windows are open.
func (t *Tx) writeExempt(ctx context.Context, year school.Year, classID int64, row RollRow, x NewExemption, on bool) error {
	value := ""
	if on {
		value = "1"
	}
	item := evaluation.Item(x.Subject)
	for _, p := range periodsFrom(x.From) {
		at := ClassPeriod{Year: year, ClassID: classID, Period: p}
		s := saving{at: at, rules: evaluation.ForYear(year), place: map[CellRef]int{},
			seats: map[int64]seat{row.EnrolmentID: {ID: row.EnrolmentID, PupilID: row.PupilID, Grade: row.Grade}}}
		var err error
		if s.entries, err = t.entries(ctx, at, []int64{row.EnrolmentID}, []evaluation.Item{item}); err != nil {
			return err
		}
		cell := CellRef{Enrolment: row.EnrolmentID, Item: item, Field: evaluation.FieldExempt}
		now := s.entry(cell)
		if now.Exempt == on || p == school.Summer && on {
			continue
		}
		if s.guard, err = t.guardCells(ctx, at, []int64{row.PupilID}, true); err != nil {
			return err
		}
		if closed := s.guard.closed(row.PupilID, item); closed != nil {
			return closed
		}
		if on && now.HasResult() {
			return fault.New(fault.Conflict, "exemption.has_result", "period", string(p), "pupil", row.FullName)
		}
		s.written = append(s.written, writtenCell{cell, now.Value(evaluation.FieldExempt), value})
		s.put(cell, value)
		if err := t.writeCells(ctx, &s); err != nil {
			return err
		}
	}
	return nil
}

// EndExemption takes an exemption back: Miễn leaves the cells that are not
// signed, and the pupil is asked for values again. The declaration stays in
// the history. Faults: NotFound page.unknown, Forbidden exemption.school,
// Locked as for Exempt.
func (t *Tx) EndExemption(ctx context.Context, year school.Year, classID, pupilID int64, subject school.Subject) error {
	c, err := t.Specials(ctx, year, classID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(c.Exemptions, func(e Exemption) bool { return e.PupilID == pupilID && e.Subject == subject })
	n := slices.IndexFunc(c.Rows, func(r RollRow) bool { return r.PupilID == pupilID })
	if i < 0 || n < 0 {
		return fault.New(fault.NotFound, "page.unknown")
	}
	if t.Actor.Role != workflow.SchoolAdmin {
		return fault.New(fault.Forbidden, "exemption.school")
	}
	x := c.Exemptions[i]
	if err := t.writeExempt(ctx, year, classID, c.Rows[n], NewExemption{Subject: subject, From: x.Period}, false); err != nil {
		return err
	}
	if x.ID != 0 {
		if err := t.exec(ctx, "end an exemption", `INSERT INTO school.exemption_end (exemption_id, school_id, account_id, at) VALUES ($1, $2, $3, $4)
			ON CONFLICT DO NOTHING`, x.ID, t.Actor.SchoolID, t.Actor.AccountID, t.Now); err != nil {
			return err
		}
	}
	return t.note(ctx, "exemption_ended", "enrolment:"+strconv.FormatInt(c.Rows[n].EnrolmentID, 10), "subject", string(subject))
}
