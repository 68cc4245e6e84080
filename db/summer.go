package db

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/lib/pq"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// SummerPlan is the plan of a pupil as it stands.
type SummerPlan struct {
	ID int64
	evaluation.SummerPlan
	By string // who wrote it last
	At time.Time
}

// SummerDecision is what the principal decided last about a pupil.
type SummerDecision struct {
	ID int64
	evaluation.SummerDecision
	By string
	At time.Time
}

// SummerPupil is a pupil of a class with what the summer is about.
type SummerPupil struct {
	ReviewRow
	ClassID   int64
	ClassName string
	Items     []evaluation.Item // that keep the year-end from "Hoàn thành"
	Missing   []evaluation.Item // planned and not assessed again yet
	Plan      *SummerPlan
	Decision  *SummerDecision
}

// Track returns the batch that the homeroom teacher chose.
func (p SummerPupil) Track() school.Track {
	n, _ := strconv.Atoi(p.Review[evaluation.ReviewTrack])
	return school.Track(n)
}

// Overall is the level computed today, the summer's values in place; "" while
// something is missing.
func (p SummerPupil) Overall() evaluation.Overall {
	if p.Record == nil {
		return ""
	}
	return p.Record.Outcome().Overall
}

// Concerned reports whether the summer is about the pupil: on track 2, or with
// a computed level that asks for it.
func (p SummerPupil) Concerned() bool {
	return p.Track() == school.TrackAugust || p.Overall() == evaluation.CHT
}

// Waits reports whether the principal has to decide, or to decide anew because
// values changed since: the outcome no longer goes with the level.
func (p SummerPupil) Waits() bool {
	return p.Track() == school.TrackAugust && p.Record != nil && p.Record.Stage.BeforeIssue() &&
		(p.Decision == nil || !p.Decision.Outcome.Fits(p.Overall(), p.NotAssessed))
}

// SummerClass is a class with the pupils whom the summer is about.
type SummerClass struct {
	Class    Class
	Homeroom bool // the actor is its homeroom teacher today
	Pupils   []SummerPupil
}

// SummerClass reads who of a class practises in summer, for its homeroom
// teacher and the school's leaders and administrator; for everybody else the
// class is NotFound, class.unknown. The number of queries does not depend on
// the number of pupils.
func (t *Tx) SummerClass(ctx context.Context, year school.Year, classID int64) (SummerClass, error) {
	c, homeroom, err := t.summerClass(ctx, year, classID)
	out := SummerClass{Class: c, Homeroom: homeroom}
	if err != nil {
		return out, err
	}
	roll, err := t.Roll(ctx, classID)
	if err != nil {
		return out, err
	}
	out.Pupils, err = t.summerPupils(ctx, c, roll, false)
	out.Pupils = slices.DeleteFunc(out.Pupils, func(p SummerPupil) bool { return !p.Concerned() })
	return out, err
}

// SummerPupil is SummerClass for one pupil, concerned or not; who is not on the
// roll is NotFound, page.unknown.
func (t *Tx) SummerPupil(ctx context.Context, year school.Year, classID, enrolment int64) (SummerClass, error) {
	c, homeroom, err := t.summerClass(ctx, year, classID)
	out := SummerClass{Class: c, Homeroom: homeroom}
	if err != nil {
		return out, err
	}
	roll, err := t.Roll(ctx, classID)
	if err != nil {
		return out, err
	}
	i := slices.IndexFunc(roll, func(r RollRow) bool { return r.EnrolmentID == enrolment })
	if i < 0 {
		return out, fault.New(fault.NotFound, "page.unknown")
	}
	out.Pupils, err = t.summerPupils(ctx, c, roll[i:i+1], false)
	return out, err
}

func (t *Tx) summerClass(ctx context.Context, year school.Year, classID int64) (Class, bool, error) {
	c, err := t.Class(ctx, year, classID)
	if err != nil {
		return c, false, err
	}
	homeroom := t.Actor.Role == workflow.Teacher && t.Actor.AccountID != 0 && c.HomeroomID == t.Actor.AccountID
	if t.Actor.Role == workflow.Teacher && !homeroom {
		return Class{}, false, fault.New(fault.NotFound, "class.unknown")
	}
	return c, homeroom, nil
}

// summerPupils loads pupils of a class with records, lines, plans and decisions.
func (t *Tx) summerPupils(ctx context.Context, c Class, roll []RollRow, hold bool) ([]SummerPupil, error) {
	review := ClassReview{Class: c}
	ids := make([]int64, len(roll))
	for i, r := range roll {
		ids[i] = r.EnrolmentID
		review.Rows = append(review.Rows, ReviewRow{RollRow: r})
	}
	if len(roll) == 0 {
		return nil, nil
	}
	if err := t.fillReviews(ctx, review, ids, hold); err != nil {
		return nil, err
	}
	out := make([]SummerPupil, len(roll))
	for i, row := range review.Rows {
		out[i] = SummerPupil{ReviewRow: row, ClassID: c.ID, ClassName: c.Name}
	}
	return out, t.fillSummer(ctx, c.Year, out)
}

// fillSummer adds plans, decisions and what is still to be assessed.
func (t *Tx) fillSummer(ctx context.Context, year school.Year, pupils []SummerPupil) error {
	ids := make([]int64, len(pupils))
	for i, p := range pupils {
		ids[i] = p.EnrolmentID
	}
	plans, err := t.summerPlans(ctx, year, ids)
	if err != nil {
		return err
	}
	decisions, err := t.summerDecisions(ctx, year, ids)
	if err != nil {
		return err
	}
	rules := evaluation.ForYear(year)
	if rules == nil {
		return fault.New(fault.NotFound, "page.unknown")
	}
	items := rules.Items(evaluation.LastGrade)
	for g := evaluation.FirstGrade; g < evaluation.LastGrade; g++ {
		for _, it := range rules.Items(g) {
			if !slices.Contains(items, it) {
				items = append(items, it)
			}
		}
	}
	ended, err := t.entries(ctx, ClassPeriod{Year: year, Period: school.YearEnd}, ids, items)
	if err != nil {
		return err
	}
	again, err := t.entries(ctx, ClassPeriod{Year: year, Period: school.Summer}, ids, items)
	if err != nil {
		return err
	}
	kinds, err := t.classKinds(ctx, ids)
	if err != nil {
		return err
	}
	for i := range pupils {
		p := &pupils[i]
		rules := evaluation.ForClass(year, kinds[p.EnrolmentID])
		if plan, ok := plans[p.EnrolmentID]; ok {
			p.Plan = &plan
			p.Missing = rules.SummerGaps(p.Grade, plan.Items, again[p.EnrolmentID])
		}
		if d, ok := decisions[p.EnrolmentID]; ok {
			p.Decision = &d
		}
		p.Items = rules.Obstacles(evaluation.YearEndOf(p.Grade, ended[p.EnrolmentID]))
	}
	return nil
}

func (t *Tx) summerPlans(ctx context.Context, year school.Year, enrolments []int64) (map[int64]SummerPlan, error) {
	var list []struct {
		ID        int64          `db:"id"`
		Enrolment int64          `db:"enrolment_id"`
		Items     pq.StringArray `db:"items"`
		Content   string         `db:"content"`
		Guide     string         `db:"guide"`
		From      school.Date    `db:"from_date"`
		To        school.Date    `db:"to_date"`
		Family    string         `db:"family"`
		By        string         `db:"full_name"`
		At        time.Time      `db:"at"`
	}
	err := t.list(ctx, "read summer plans", &list, `SELECT DISTINCT ON (p.enrolment_id) p.id, p.enrolment_id, p.items, p.content, p.guide,
		  p.from_date, p.to_date, p.family, a.full_name, p.at
		FROM school.summer_plan p JOIN core.account a ON a.id = p.account_id
		WHERE p.school_year = $1 AND p.enrolment_id = ANY($2) ORDER BY p.enrolment_id, p.id DESC`, year, pq.Array(enrolments))
	out := make(map[int64]SummerPlan, len(list))
	for _, p := range list {
		plan := SummerPlan{ID: p.ID, By: p.By, At: p.At, SummerPlan: evaluation.SummerPlan{Content: p.Content, Guide: p.Guide, From: p.From,
			To: p.To, Family: p.Family}}
		for _, it := range p.Items {
			plan.Items = append(plan.Items, evaluation.Item(it))
		}
		out[p.Enrolment] = plan
	}
	return out, err
}

func (t *Tx) summerDecisions(ctx context.Context, year school.Year, enrolments []int64) (map[int64]SummerDecision, error) {
	var list []struct {
		ID        int64                    `db:"id"`
		Enrolment int64                    `db:"enrolment_id"`
		Outcome   evaluation.SummerOutcome `db:"outcome"`
		Number    string                   `db:"number"`
		Date      school.Date              `db:"decided_on"`
		Note      string                   `db:"note"`
		By        string                   `db:"full_name"`
		At        time.Time                `db:"at"`
	}
	err := t.list(ctx, "read summer decisions", &list, `SELECT DISTINCT ON (d.enrolment_id) d.id, d.enrolment_id, d.outcome, d.number, d.decided_on,
		  d.note, a.full_name, d.at
		FROM school.summer_decision d JOIN core.account a ON a.id = d.account_id
		WHERE d.school_year = $1 AND d.enrolment_id = ANY($2) ORDER BY d.enrolment_id, d.id DESC`, year, pq.Array(enrolments))
	out := make(map[int64]SummerDecision, len(list))
	for _, d := range list {
		out[d.Enrolment] = SummerDecision{ID: d.ID, By: d.By, At: d.At,
			SummerDecision: evaluation.SummerDecision{Outcome: d.Outcome, Number: d.Number, Date: d.Date, Note: d.Note}}
	}
	return out, err
}

// SummerPlanChange is a plan as the homeroom teacher typed it, over the plan
// that the page showed (its row; 0: there was none).
type SummerPlanChange struct {
	Enrolment, Seen int64
	Plan            evaluation.SummerPlan
}

// PlanSummer writes a pupil's plan and puts the pupil on track 2. Only the
// class's homeroom teacher does it, whatever window is open, until the
// principal has decided. The fields refused are Invalid with the codes of
// ReadSummerPlan; whole is NotFound class.unknown or page.unknown, Invalid
// summer.not_needed (the level does not ask for it), Conflict summer.stale,
// summer.item_assessed (Args item: it has values of the summer and must stay),
// Locked summer.decided, review.no_record, record.issued or record.part_signed.
func (t *Tx) PlanSummer(ctx context.Context, year school.Year, classID int64, ch SummerPlanChange) (map[evaluation.SummerField]*fault.Error, error) {
	s, p, err := t.lockSummer(ctx, year, classID, ch.Enrolment)
	if err != nil {
		return nil, err
	}
	today := school.DateOf(t.Now)
	standing := p.Standing(year, today)
	plan, wrong := s.rules.ReadSummerPlan(ch.Plan, p.Grade, standing)
	seen := int64(0)
	if p.Plan != nil {
		seen = p.Plan.ID
	}
	switch {
	case p.Decision != nil:
		return nil, fault.New(fault.Locked, "summer.decided")
	case p.Record == nil:
		return nil, fault.New(fault.Locked, "review.no_record")
	case seen != ch.Seen:
		return nil, fault.New(fault.Conflict, "summer.stale", "by", p.Plan.By)
	case p.Track() != school.TrackAugust && standing.Overall != evaluation.CHT && !p.NotAssessed:
		return nil, fault.New(fault.Invalid, "summer.not_needed")
	case len(wrong) > 0:
		return wrong, nil
	}
	if p.Plan != nil {
		for _, it := range p.Plan.Items {
			if !slices.Contains(plan.Items, it) && !slices.Contains(p.Missing, it) {
				return nil, fault.New(fault.Conflict, "summer.item_assessed", "item", string(it))
			}
		}
	}
	if err := t.exec(ctx, "write a summer plan", `INSERT INTO school.summer_plan (school_id, school_year, enrolment_id, items, content, guide,
		  from_date, to_date, family, account_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, t.Actor.SchoolID, year, ch.Enrolment,
		pq.Array(codes(plan.Items)), plan.Content, plan.Guide, plan.From, plan.To, plan.Family, t.Actor.AccountID, t.Now); err != nil {
		return nil, err
	}
	if err := t.note(ctx, "summer_planned", "enrolment:"+strconv.FormatInt(ch.Enrolment, 10), "items", strconv.Itoa(len(plan.Items))); err != nil {
		return nil, err
	}
	return nil, s.toSummer(ctx, p)
}

// lockSummer locks a pupil's enrolment and record for the class's homeroom
// teacher and reads what stands.
func (t *Tx) lockSummer(ctx context.Context, year school.Year, classID, enrolment int64) (reviewSaving, SummerPupil, error) {
	s := reviewSaving{tx: t, rows: map[int64]*ReviewRow{}}
	var err error
	if s.class, err = t.reviewedClass(ctx, year, classID); err != nil {
		return s, SummerPupil{}, err
	}
	if s.rules = s.class.Class.Rules(); s.rules == nil {
		return s, SummerPupil{}, fault.New(fault.NotFound, "page.unknown")
	}
	if err := s.load(ctx, []ReviewChange{{Enrolment: enrolment}}); err != nil {
		return s, SummerPupil{}, err
	}
	row := s.rows[enrolment]
	if row == nil {
		return s, SummerPupil{}, fault.New(fault.NotFound, "page.unknown")
	}
	list := []SummerPupil{{ReviewRow: *row, ClassID: classID, ClassName: s.class.Class.Name}}
	err = t.fillSummer(ctx, year, list)
	return s, list[0], err
}

// toSummer puts a pupil who is not there yet on track 2.
func (s *reviewSaving) toSummer(ctx context.Context, p SummerPupil) error {
	if p.Track() == school.TrackAugust {
		return nil
	}
	next := maps.Clone(p.Review)
	next[evaluation.ReviewTrack] = strconv.Itoa(int(school.TrackAugust))
	next[evaluation.ReviewCompleted], next[evaluation.ReviewPromoted] = "", ""
	res := ReviewResult{}
	if err := s.apply(ctx, s.rows[p.EnrolmentID], next, &res); err != nil {
		return err
	}
	if res.Row != nil {
		return res.Row
	}
	return s.write(ctx)
}
