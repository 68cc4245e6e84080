package db

import (
	"context"
	"slices"
	"strconv"

	"github.com/lib/pq"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/record"
	"hocba/internal/school"
)

// maxCommendations is how many the signed XML holds for a pupil's year.
const maxCommendations = 20

// NewCommendation is what a homeroom teacher writes about a pupil of the class:
// a new commendation, or with an ID other words for one that stands.
type NewCommendation struct {
	ID        int64
	Revision  int // that the page showed; of an existing one
	Enrolment int64
	Citation  evaluation.Citation // tidied
	Line      string              // what the record is to say
}

// commending is a change of commendations while the records of their pupils
// are locked.
type commending struct {
	tx      *Tx
	year    school.Year
	records map[int64]*record.Record // by pupil
	seats   map[int64]int64          // enrolments, by pupil
	before  map[int64][]commendedLine
}

// commending locks the records of pupils. A pupil without one is Locked,
// review.no_record.
func (t *Tx) commending(ctx context.Context, year school.Year, pupils []int64) (*commending, error) {
	w := &commending{tx: t, year: year, records: map[int64]*record.Record{}, seats: map[int64]int64{}}
	var heads []struct {
		ID        int64 `db:"id"`
		PupilID   int64 `db:"pupil_id"`
		Enrolment int64 `db:"enrolment_id"`
	}
	err := t.list(ctx, "find pupils' records", &heads, `SELECT id, pupil_id, enrolment_id FROM school.record
		WHERE school_year = $1 AND pupil_id = ANY($2) ORDER BY id`, year, pq.Array(pupils))
	if err != nil {
		return nil, err
	}
	ids, owner := make([]int64, len(heads)), map[int64]int64{}
	for i, h := range heads {
		ids[i], owner[h.ID], w.seats[h.PupilID] = h.ID, h.PupilID, h.Enrolment
	}
	records, err := t.Records(ctx, ids, true)
	if err != nil {
		return nil, err
	}
	for _, r := range records {
		w.records[owner[r.ID]] = r
	}
	for _, p := range pupils {
		if w.records[p] == nil {
			return nil, fault.New(fault.Locked, "review.no_record")
		}
	}
	w.before, err = t.commended(ctx, year, pupils)
	return w, err
}

func (w *commending) by() record.By { return record.By{Actor: w.tx.Actor, At: w.tx.Now} }

// standing is what a commendation of the pupil is judged by today.
func (w *commending) standing(pupil int64) evaluation.Standing {
	r := w.records[pupil]
	return evaluation.Standing{Year: w.year, Today: school.DateOf(w.tx.Now), Overall: r.Outcome().Overall, NotAssessed: r.Pupil.NotAssessed}
}

// rewritten has the records of pupils follow what the homeroom teacher wrote,
// as any change of the page.
func (w *commending) rewritten(ctx context.Context, pupils ...int64) error {
	after, err := w.tx.commended(ctx, w.year, pupils)
	if err != nil {
		return err
	}
	for _, pupil := range pupils {
		page := w.records[pupil].Page
		page.Commended = content(after[pupil])
		change, err := w.records[pupil].PageChanged(w.by(), page)
		if err != nil {
			return err
		}
		if err := w.apply(ctx, pupil, change); err != nil {
			return err
		}
		if err := w.history(ctx, pupil, w.before[pupil], after[pupil]); err != nil {
			return err
		}
	}
	return nil
}

// apply writes the record's Change; where nothing was signed, its next revision.
func (w *commending) apply(ctx context.Context, pupil int64, change record.Change) error {
	t, r := w.tx, w.records[pupil]
	if !change.Empty() {
		return t.ApplyRecord(ctx, change)
	}
	if err := t.exec(ctx, "raise the record's revision", `UPDATE school.record SET revision = revision + 1, changed_at = $2 WHERE id = $1`,
		r.ID, t.Now); err != nil {
		return err
	}
	return t.exec(ctx, "mark a class dirty", `INSERT INTO school.class_dirty (class_id, school_id, since)
		SELECT class_id, school_id, $2 FROM school.record WHERE id = $1 ON CONFLICT DO NOTHING`, r.ID, t.Now)
}

// history keeps what the line was, beside the changes of the review.
func (w *commending) history(ctx context.Context, pupil int64, before, after []commendedLine) error {
	write := func(f evaluation.ReviewField, old, now string) error {
		if old == now {
			return nil
		}
		t := w.tx
		return t.exec(ctx, "keep what a commendation was", `INSERT INTO school.review_history (school_id, enrolment_id, field, old_value, new_value,
			  account_id, request_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			t.Actor.SchoolID, w.seats[pupil], f, old, now, t.Actor.AccountID, t.Actor.RequestID, t.Now)
	}
	find := func(list []commendedLine, id int64) commendedLine {
		if i := slices.IndexFunc(list, func(l commendedLine) bool { return l.ID == id }); i >= 0 {
			return list[i]
		}
		return commendedLine{}
	}
	ids := map[int64]bool{}
	for _, l := range append(slices.Clone(before), after...) {
		if ids[l.ID] {
			continue
		}
		ids[l.ID] = true
		old, now := find(before, l.ID), find(after, l.ID)
		if err := write(evaluation.ReviewAward, string(old.Kind), string(now.Kind)); err != nil {
			return err
		}
		if err := write(evaluation.ReviewCommendation, old.Line, now.Line); err != nil {
			return err
		}
	}
	return nil
}

// WriteCommendation writes a commendation of a pupil of the class whose
// homeroom teacher the actor is today; for everybody else it is NotFound,
// class.unknown. It needs no open time of entry, since it is no evaluation and
// may be given at any time of the year; the page must not be signed. Faults:
// the codes of CheckCitation and CheckLine; Conflict commendation.title_exists,
// commendation.too_many, commendation.changed, commendation.gone; Locked
// commendation.decided, review.no_record, record.part_signed, record.issued.
func (t *Tx) WriteCommendation(ctx context.Context, year school.Year, classID int64, n NewCommendation) error {
	pupil, err := t.commendee(ctx, year, classID, n.Enrolment)
	if err != nil {
		return err
	}
	w, err := t.commending(ctx, year, []int64{pupil.PupilID})
	if err != nil {
		return err
	}
	rules := evaluation.ForYear(year)
	if f := rules.CheckCitation(n.Citation, pupil.Grade, w.standing(pupil.PupilID)); f != nil {
		return f
	}
	if f := n.Citation.CheckLine(n.Line); f != nil {
		return f
	}
	if n.ID != 0 {
		err = t.rewordCommendation(ctx, year, classID, n)
	} else {
		err = w.insert(ctx, pupil.PupilID, n)
	}
	if err != nil {
		return err
	}
	if err := t.note(ctx, "commendation_written", "enrolment:"+strconv.FormatInt(n.Enrolment, 10), "kind", string(n.Citation.Kind)); err != nil {
		return err
	}
	return w.rewritten(ctx, pupil.PupilID)
}

// commendee finds a pupil on the roll of the actor's own class.
func (t *Tx) commendee(ctx context.Context, year school.Year, classID, enrolment int64) (RollRow, error) {
	if _, err := t.reviewedClass(ctx, year, classID); err != nil {
		return RollRow{}, err
	}
	roll, err := t.Roll(ctx, classID)
	if err != nil {
		return RollRow{}, err
	}
	i := slices.IndexFunc(roll, func(r RollRow) bool { return r.EnrolmentID == enrolment })
	if i < 0 {
		return RollRow{}, fault.New(fault.Invalid, "commendation.pupil")
	}
	if evaluation.ForYear(year) == nil {
		return RollRow{}, fault.New(fault.NotFound, "page.unknown")
	}
	return roll[i], nil
}

func (w *commending) insert(ctx context.Context, pupil int64, n NewCommendation) error {
	t, c := w.tx, n.Citation
	switch stands := w.before[pupil]; {
	case len(stands) >= maxCommendations:
		return fault.New(fault.Conflict, "commendation.too_many", "max", strconv.Itoa(maxCommendations))
	case c.Kind.YearEnd() && slices.ContainsFunc(stands, func(l commendedLine) bool { return l.Kind.YearEnd() }):
		return fault.New(fault.Conflict, "commendation.title_exists")
	}
	return t.exec(ctx, "write a commendation", `INSERT INTO school.commendation (school_id, school_year, pupil_id, kind, items, agreed, reason,
		  on_day, giver, number, line, account_id, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`, t.Actor.SchoolID, w.year, pupil, c.Kind, pq.Array(items(c)), c.Agreed,
		c.Reason, c.Day, c.Giver, c.Number, n.Line, t.Actor.AccountID, t.Now)
}

func items(c evaluation.Citation) []string {
	out := []string{}
	for _, it := range c.Items {
		out = append(out, string(it))
	}
	return out
}

// rewordCommendation writes other words for a commendation that nobody decided.
func (t *Tx) rewordCommendation(ctx context.Context, year school.Year, classID int64, n NewCommendation) error {
	row, err := t.ownCommendation(ctx, year, classID, n.ID)
	if err != nil {
		return err
	}
	if row.Revision != n.Revision || row.EnrolmentID != n.Enrolment || row.Kind != n.Citation.Kind {
		return fault.New(fault.Conflict, "commendation.changed", "pupil", row.Pupil)
	}
	c := n.Citation
	return t.exec(ctx, "reword a commendation", `UPDATE school.commendation SET items = $2, agreed = $3, reason = $4, on_day = $5, giver = $6,
		  number = $7, line = $8, revision = revision + 1, account_id = $9, at = $10 WHERE id = $1`,
		n.ID, pq.Array(items(c)), c.Agreed, c.Reason, c.Day, c.Giver, c.Number, n.Line, t.Actor.AccountID, t.Now)
}

// ownCommendation reads a commendation that the homeroom teacher may change:
// of the class, on the list, undecided.
func (t *Tx) ownCommendation(ctx context.Context, year school.Year, classID, id int64) (Commendation, error) {
	rows, err := t.commendationRows(ctx, year, []int64{id})
	switch {
	case err != nil:
		return Commendation{}, err
	case len(rows) == 0 || rows[0].Struck:
		return Commendation{}, fault.New(fault.Conflict, "commendation.gone")
	case rows[0].ClassID != classID:
		return Commendation{}, fault.New(fault.NotFound, "page.unknown")
	case rows[0].Decision != "":
		return Commendation{}, fault.New(fault.Locked, "commendation.decided", "pupil", rows[0].Pupil, "number", rows[0].Decision)
	}
	return rows[0], nil
}

func (t *Tx) commendationRows(ctx context.Context, year school.Year, ids []int64) (rows []Commendation, err error) {
	return rows, t.list(ctx, "read commendations", &rows, commendationSelect+`AND c.school_year = $1 AND c.id = ANY($2) AND c.school_id = $3
		ORDER BY c.id`, year, pq.Array(ids), t.Actor.SchoolID)
}

// AwardOutstanding gives Học sinh Xuất sắc to every pupil of the class whose
// level says so and who has no title yet (Điều 13.1a), and returns to how many.
// Pupils whose page is closed are passed over, and those whose title the
// principal took off the list: for them the homeroom teacher decides one by one.
func (t *Tx) AwardOutstanding(ctx context.Context, year school.Year, classID int64) (int, error) {
	c, err := t.ClassReview(ctx, year, classID)
	if err != nil {
		return 0, err
	}
	rules, grades := evaluation.ForYear(year), map[int64]int{}
	for _, row := range c.Rows {
		if row.Unawarded(rules) {
			grades[row.PupilID] = row.Grade
		}
	}
	if len(grades) == 0 {
		return 0, nil
	}
	w, err := t.commending(ctx, year, sortedKeys(grades))
	if err != nil {
		return 0, err
	}
	var given []int64
	title := NewCommendation{Citation: evaluation.Citation{Kind: evaluation.Outstanding}}
	for _, pupil := range sortedKeys(grades) {
		if rules.CheckCitation(title.Citation, grades[pupil], w.standing(pupil)) != nil {
			continue // another value came in before the record was ours
		}
		if err := w.insert(ctx, pupil, title); err != nil {
			return 0, err
		}
		given = append(given, pupil)
	}
	if err := t.note(ctx, "commendation_written", classObject(classID), "kind", string(evaluation.Outstanding), "pupils", strconv.Itoa(len(given))); err != nil {
		return 0, err
	}
	return len(given), w.rewritten(ctx, given...)
}

// Unawarded reports whether the level gives the pupil Học sinh Xuất sắc, which
// the page has not yet and may still take.
func (r ReviewRow) Unawarded(rules *evaluation.RuleSet) bool {
	if r.Record == nil || rules == nil || r.Struck || r.Record.PartOpen(record.PartOf(evaluation.RemarkQualities)) != nil {
		return false
	}
	for _, k := range r.Record.Page.Commended {
		if evaluation.Commendation(k.Award).YearEnd() {
			return false
		}
	}
	p := rules.Propose(r.Record.Outcome().Overall)
	return p.Title != evaluation.NoCommendation && !p.NeedsRecognition
}

// WithdrawCommendation takes back what the homeroom teacher of the class wrote
// and nobody decided. Faults as for WriteCommendation.
func (t *Tx) WithdrawCommendation(ctx context.Context, year school.Year, classID, id int64) error {
	if _, err := t.reviewedClass(ctx, year, classID); err != nil {
		return err
	}
	row, err := t.ownCommendation(ctx, year, classID, id)
	if err != nil {
		return err
	}
	w, err := t.commending(ctx, year, []int64{row.PupilID})
	if err != nil {
		return err
	}
	if _, err := t.ownCommendation(ctx, year, classID, id); err != nil { // decided before the record was ours
		return err
	}
	if err := w.end(ctx, row, "withdrawn", ""); err != nil {
		return err
	}
	return w.rewritten(ctx, row.PupilID)
}

// end takes a commendation off the list: withdrawn or struck.
func (w *commending) end(ctx context.Context, row Commendation, how, reason string) error {
	t := w.tx
	err := t.exec(ctx, "end a commendation", `UPDATE school.commendation SET ended = $2, end_reason = $3, ended_by = $4, ended_at = $5,
		revision = revision + 1 WHERE id = $1 AND ended = ''`, row.ID, how, reason, t.Actor.AccountID, t.Now)
	if err != nil {
		return err
	}
	return t.note(ctx, "commendation_"+how, "enrolment:"+strconv.FormatInt(row.EnrolmentID, 10), "kind", string(row.Kind))
}
