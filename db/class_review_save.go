package db

import (
	"context"
	"encoding/json"
	"maps"
	"strconv"
	"time"

	"github.com/lib/pq"

	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/record"
	"hocba/internal/school"
)

// ReviewChange is what a homeroom teacher typed about one pupil, over what the
// page showed. Old and New hold the same fields, as typed; fields that are not
// in them are left alone. Remarks are year-end cells of the three groups.
type ReviewChange struct {
	Enrolment int64
	Old, New  map[evaluation.ReviewField]string
	Remarks   []CellChange
}

// ReviewResult says what became of a pupil's change. A pupil's change is
// written whole or not at all.
type ReviewResult struct {
	Enrolment int64
	// Row refuses the pupil: NotFound page.unknown, Locked record.part_signed,
	// record.issued, review.window_closed, review.no_record.
	Row *fault.Error
	// Fields are refused values: Invalid with the codes of ReadReview and
	// CheckReview, or Conflict cell.stale.
	Fields map[evaluation.ReviewField]*fault.Error
	// Theirs is what stands in a field that was refused as stale.
	Theirs evaluation.Review
	By     string // who wrote it
	At     time.Time
	// Remarks are the results of the remarks, where one was refused.
	Remarks []CellResult
	Saved   bool // something was written
}

// Refused reports whether nothing of the pupil's change was written.
func (r ReviewResult) Refused() bool { return r.Fault() != nil }

// Fault returns the first thing that was refused: a closed row, a stale value,
// a wrong one; nil when the change was written.
func (r ReviewResult) Fault() *fault.Error {
	if r.Row != nil {
		return r.Row
	}
	var wrong *fault.Error
	for _, f := range evaluation.ReviewFields {
		switch e := r.Fields[f]; {
		case e == nil:
		case e.Kind == fault.Conflict:
			return e
		case wrong == nil:
			wrong = e
		}
	}
	for _, c := range r.Remarks {
		if c.Fault != nil && (wrong == nil || c.Fault.Kind != fault.Invalid) {
			wrong = c.Fault
		}
	}
	return wrong
}

// SaveReviews writes the homeroom teacher's lines of pupils of a class and
// returns one result a change, in their order. Each pupil's change is written
// whole or refused whole; one that is refused keeps none of the others from
// being written. With it go a history row a changed field, the class's mark
// for counting, the record's next revision, and, where signatures cover what
// changed, the record's own Change. Who is not the class's homeroom teacher
// today gets NotFound, class.unknown.
func (t *Tx) SaveReviews(ctx context.Context, year school.Year, classID int64, changes []ReviewChange) ([]ReviewResult, error) {
	s := reviewSaving{tx: t, rules: evaluation.ForYear(year), rows: map[int64]*ReviewRow{}}
	if s.rules == nil || len(changes) == 0 || len(changes) > MaxCells {
		return nil, fault.New(fault.Invalid, "request.invalid")
	}
	var err error
	if s.class, err = t.reviewedClass(ctx, year, classID); err != nil {
		return nil, err
	}
	if err := s.load(ctx, changes); err != nil {
		return nil, err
	}
	results := make([]ReviewResult, len(changes))
	for i, c := range changes {
		if results[i], err = s.take(ctx, c); err != nil {
			return nil, err
		}
	}
	return results, s.write(ctx)
}

// reviewSaving is one save while its changes are judged.
type reviewSaving struct {
	tx      *Tx
	rules   *evaluation.RuleSet
	class   ClassReview
	rows    map[int64]*ReviewRow
	written []writtenReview
	history []writtenLine
	raise   []int64 // records whose revision must rise
}

// writtenReview is a row of school.review as it will stand.
type writtenReview struct {
	Enrolment int64                             `json:"enrolment_id"`
	Values    map[evaluation.ReviewField]string `json:"v"`
	record    int64
}

type writtenLine struct {
	enrolment int64
	field     evaluation.ReviewField
	old, new  string
}

// load locks the enrolments first, as the grid does, so that the two never
// wait for each other crosswise; then the records.
func (s *reviewSaving) load(ctx context.Context, changes []ReviewChange) error {
	t := s.tx
	ids := make([]int64, len(changes))
	for i, c := range changes {
		ids[i] = c.Enrolment
	}
	today := school.DateOf(t.Now)
	var seats []int64
	err := t.list(ctx, "lock enrolments", &seats, `SELECT id FROM school.enrolment
		WHERE id = ANY($1) AND class_id = $2 AND from_date <= $3 AND (to_date IS NULL OR to_date >= $3)
		ORDER BY id FOR NO KEY UPDATE`, pq.Array(ids), s.class.Class.ID, today)
	if err != nil || len(seats) == 0 {
		return err
	}
	roll, err := t.Roll(ctx, s.class.Class.ID)
	if err != nil {
		return err
	}
	for _, r := range roll {
		s.class.Rows = append(s.class.Rows, ReviewRow{RollRow: r})
	}
	if err := t.fillReviews(ctx, s.class, seats, true); err != nil {
		return err
	}
	locked := make(map[int64]bool, len(seats))
	for _, id := range seats {
		locked[id] = true
	}
	for i := range s.class.Rows {
		if row := &s.class.Rows[i]; locked[row.EnrolmentID] {
			s.rows[row.EnrolmentID] = row
		}
	}
	return nil
}

// take judges one pupil's change and, when nothing is refused, applies what
// follows for the record and its remarks.
func (s *reviewSaving) take(ctx context.Context, c ReviewChange) (ReviewResult, error) {
	res := ReviewResult{Enrolment: c.Enrolment}
	row := s.rows[c.Enrolment]
	if row == nil {
		res.Row = fault.New(fault.NotFound, "page.unknown")
		return res, nil
	}
	next, changed := s.judge(*row, c, &res)
	remarks := changedRemarks(c.Remarks)
	if res.Refused() || len(changed) == 0 && len(remarks) == 0 {
		return res, nil
	}
	if res.Row = s.class.Closed(*row, s.tx.Now); res.Row != nil {
		return res, nil
	}
	if len(remarks) == 0 {
		return res, s.apply(ctx, row, next, &res)
	}
	return res, s.applyWithRemarks(ctx, row, next, remarks, &res)
}

func changedRemarks(all []CellChange) []CellChange {
	var out []CellChange
	for _, c := range all {
		if c.Item.Kind() == evaluation.RemarkItem && school.Clean(c.Old) != school.Clean(c.New) {
			out = append(out, c)
		}
	}
	return out
}

// judge returns the review as it would stand and the fields that differ.
// What the writer did not touch stays as it is, whoever wrote it.
func (s *reviewSaving) judge(row ReviewRow, c ReviewChange, res *ReviewResult) (evaluation.Review, map[evaluation.ReviewField]bool) {
	next, changed := maps.Clone(row.Review), map[evaluation.ReviewField]bool{}
	refuse := func(f evaluation.ReviewField, err error) {
		if res.Fields == nil {
			res.Fields, res.Theirs = map[evaluation.ReviewField]*fault.Error{}, evaluation.Review{}
		}
		if _, already := res.Fields[f]; !already {
			res.Fields[f] = fault.As(err)
		}
	}
	for _, f := range evaluation.ReviewFields {
		raw, typed := c.New[f]
		if !typed || f == evaluation.ReviewTrack && raw == "" {
			continue
		}
		value, err := evaluation.ReadReview(f, raw)
		if err != nil {
			refuse(f, err)
			continue
		}
		old, err := evaluation.ReadReview(f, c.Old[f])
		switch current := row.Review[f]; {
		case value == current || err == nil && value == old:
		case err != nil || old != current:
			refuse(f, fault.New(fault.Conflict, "cell.stale", "theirs", current))
			res.Theirs[f], res.By, res.At = current, row.SavedBy, row.SavedAt
		default:
			next[f], changed[f] = value, true
		}
	}
	standing := row.Standing(s.class.Class.Year, school.DateOf(s.tx.Now))
	for f, err := range s.rules.CheckReview(next, changed, standing) {
		refuse(f, err)
	}
	s.settle(next, changed, standing)
	return next, changed
}

// settle takes away decisions that a level has overtaken: what the level says
// is not kept a second time. The principal's decision after a summer stays
// until the principal makes another.
func (s *reviewSaving) settle(v evaluation.Review, changed map[evaluation.ReviewField]bool, standing evaluation.Standing) {
	if len(changed) == 0 {
		return
	}
	if v[evaluation.ReviewTrack] == strconv.Itoa(int(school.TrackAugust)) {
		if v[evaluation.ReviewReassessedOn] == "" { // nothing stands before the decision
			v[evaluation.ReviewCompleted], v[evaluation.ReviewPromoted] = "", ""
		}
		return
	}
	if standing.NotAssessed || standing.Overall == "" {
		return
	}
	drop := func(f evaluation.ReviewField, value string) {
		if v[f] == value {
			v[f], changed[f] = "", true
		}
	}
	if evaluation.Completes(standing.Overall) {
		drop(evaluation.ReviewCompleted, "0")
		drop(evaluation.ReviewPromoted, "0")
		return
	}
	drop(evaluation.ReviewCompleted, "1")
}

// apply notes the row for writing and applies the record's Change.
func (s *reviewSaving) apply(ctx context.Context, row *ReviewRow, next evaluation.Review, res *ReviewResult, remarks ...CellChange) error {
	page := reviewPage(row.Record.Page, next)
	page.Remarks = maps.Clone(page.Remarks)
	if page.Remarks == nil {
		page.Remarks = map[evaluation.Item]string{}
	}
	for _, c := range remarks {
		page.Remarks[c.Item] = school.Clean(c.New)
	}
	change, err := row.Record.PageChanged(record.By{Actor: s.tx.Actor, At: s.tx.Now}, page)
	if err != nil {
		if f := fault.As(err); f != nil && f.Kind != fault.Internal {
			res.Row = f
			return nil
		}
		return err
	}
	if change.Empty() {
		s.raise = append(s.raise, row.Record.ID)
	} else if err := s.tx.ApplyRecord(ctx, change); err != nil {
		return err
	}
	s.note(row, next)
	res.Saved = true
	return nil
}

// note keeps a review that differs, with a line of history for each field.
func (s *reviewSaving) note(row *ReviewRow, next evaluation.Review) {
	differs := false
	for _, f := range evaluation.ReviewFields {
		if old := row.Review[f]; old != next[f] {
			differs = true
			s.history = append(s.history, writtenLine{row.EnrolmentID, f, old, next[f]})
		}
	}
	if differs {
		s.written = append(s.written, writtenReview{Enrolment: row.EnrolmentID, Values: next, record: row.Record.ID})
		row.Review = next
	}
}

// applyWithRemarks does the same with remarks, which go the way of the grid:
// the record's Change first, so that a returned page is open to its cells. If
// a remark is refused, nothing of this pupil stands.
func (s *reviewSaving) applyWithRemarks(ctx context.Context, row *ReviewRow, next evaluation.Review, remarks []CellChange, res *ReviewResult) error {
	t := s.tx
	if err := t.exec(ctx, "begin a pupil's save", `SAVEPOINT review`); err != nil {
		return err
	}
	before := *s
	was := row.Review
	if err := s.apply(ctx, row, next, res, remarks...); err != nil || res.Row != nil {
		return err
	}
	at := ClassPeriod{Year: s.class.Class.Year, ClassID: s.class.Class.ID, Period: school.YearEnd}
	cells, err := t.SaveCells(ctx, at, remarks)
	if err != nil {
		return err
	}
	for _, c := range cells {
		if c.Fault != nil {
			res.Remarks, res.Saved = cells, false
			s.written, s.history, s.raise, row.Review = before.written, before.history, before.raise, was
			return t.exec(ctx, "take a pupil's save back", `ROLLBACK TO SAVEPOINT review`)
		}
	}
	return t.exec(ctx, "end a pupil's save", `RELEASE SAVEPOINT review`)
}

// reviewPage puts a review into a record's page, as the loader does.
func reviewPage(p record.Page, v evaluation.Review) record.Page {
	number := func(f evaluation.ReviewField) (int, bool) {
		n, err := strconv.Atoi(v[f])
		return n, err == nil
	}
	p.Absences, p.Reassessment = nil, nil
	excused, ok1 := number(evaluation.ReviewExcused)
	unexcused, ok2 := number(evaluation.ReviewUnexcused)
	if ok1 && ok2 {
		p.Absences = &bundle.Absences{Excused: excused, Unexcused: unexcused}
	}
	p.HeightMM, _ = number(evaluation.ReviewHeight)
	p.WeightG, _ = number(evaluation.ReviewWeight)
	p.Completed, p.Promoted = decision(v[evaluation.ReviewCompleted]), decision(v[evaluation.ReviewPromoted])
	track, _ := number(evaluation.ReviewTrack)
	p.Track = school.Track(track)
	if day, err := school.ParseDate(v[evaluation.ReviewReassessedOn]); err == nil && p.Track == school.TrackAugust && !day.IsZero() {
		p.Reassessment = &bundle.Summer{Before: string(evaluation.CHT), Date: day, Text: v[evaluation.ReviewReassessNote]}
	}
	return p
}

func decision(v string) *bool {
	if v == "" {
		return nil
	}
	yes := v == "1"
	return &yes
}

// write stores what was noted, in as many statements for a class as for one.
func (s *reviewSaving) write(ctx context.Context) error {
	if len(s.written) == 0 && len(s.raise) == 0 {
		return nil
	}
	if len(s.written) > 0 {
		if err := s.writeReviews(ctx); err != nil {
			return err
		}
		if err := s.writeHistory(ctx); err != nil {
			return err
		}
	}
	t := s.tx
	if len(s.raise) > 0 {
		err := t.exec(ctx, "raise the records' revision", `UPDATE school.record SET revision = revision + 1, changed_at = $2
			WHERE id = ANY($1)`, pq.Array(s.raise), t.Now)
		if err != nil {
			return err
		}
	}
	return t.exec(ctx, "mark a class dirty", `INSERT INTO school.class_dirty (class_id, school_id, since) VALUES ($1, $2, $3)
		ON CONFLICT (class_id, connection) DO UPDATE SET since = class_dirty.since`, s.class.Class.ID, t.Actor.SchoolID, t.Now)
}

func (s *reviewSaving) writeReviews(ctx context.Context) error {
	rows := make([]map[string]any, len(s.written))
	var august, june []int64
	for i, w := range s.written {
		rows[i] = map[string]any{"enrolment_id": w.Enrolment}
		for f, v := range w.Values {
			rows[i][string(f)] = v
		}
		if w.Values[evaluation.ReviewTrack] == strconv.Itoa(int(school.TrackAugust)) {
			august = append(august, w.record)
		} else {
			june = append(june, w.record)
		}
	}
	payload, err := json.Marshal(rows)
	if err != nil {
		return translate(err, "write reviews as data")
	}
	t := s.tx
	err = t.exec(ctx, "write reviews", `INSERT INTO school.review (school_year, enrolment_id, school_id, absent_excused, absent_unexcused,
		  height_mm, weight_g, completed, promoted, track, reassessed_on, reassess_note, account_id, updated_at)
		SELECT $1, v.enrolment_id, $2, nullif(v.absent_excused, '')::smallint, nullif(v.absent_unexcused, '')::smallint,
		  nullif(v.height_mm, '')::integer, nullif(v.weight_g, '')::integer,
		  nullif(v.completed, '')::integer::boolean, nullif(v.promoted, '')::integer::boolean,
		  v.track::smallint, nullif(v.reassessed_on, '')::date, coalesce(v.reassess_note, ''), $3, $4
		FROM jsonb_to_recordset($5::jsonb) AS v(enrolment_id bigint, absent_excused text, absent_unexcused text, height_mm text,
		  weight_g text, completed text, promoted text, track text,
		  reassessed_on text, reassess_note text)
		ON CONFLICT (school_year, enrolment_id) DO UPDATE SET absent_excused = excluded.absent_excused,
		  absent_unexcused = excluded.absent_unexcused, height_mm = excluded.height_mm, weight_g = excluded.weight_g,
		  completed = excluded.completed, promoted = excluded.promoted, track = excluded.track,
		  reassessed_on = excluded.reassessed_on, reassess_note = excluded.reassess_note,
		  revision = review.revision + 1, account_id = excluded.account_id, updated_at = excluded.updated_at`,
		s.class.Class.Year, t.Actor.SchoolID, t.Actor.AccountID, t.Now, string(payload))
	if err != nil {
		return err
	}
	return t.exec(ctx, "set the records' track", `UPDATE school.record SET track = CASE WHEN id = ANY($1) THEN 2 ELSE 1 END
		WHERE id = ANY($1) AND track <> 2 OR id = ANY($2) AND track <> 1`, pq.Array(august), pq.Array(june))
}

func (s *reviewSaving) writeHistory(ctx context.Context) error {
	n := len(s.history)
	enrolments, fields, olds, news := make([]int64, n), make([]string, n), make([]string, n), make([]string, n)
	for i, h := range s.history {
		enrolments[i], fields[i], olds[i], news[i] = h.enrolment, string(h.field), h.old, h.new
	}
	t := s.tx
	return t.exec(ctx, "keep what a review was", `INSERT INTO school.review_history (school_id, enrolment_id, field, old_value,
		  new_value, account_id, request_id, at)
		SELECT $1, h.e, h.f, h.o, h.n, $2, $3, $4 FROM unnest($5::bigint[], $6::text[], $7::text[], $8::text[]) AS h(e, f, o, n)`,
		t.Actor.SchoolID, t.Actor.AccountID, t.Actor.RequestID, t.Now, pq.Array(enrolments), pq.Array(fields), pq.Array(olds), pq.Array(news))
}
