package db

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/lib/pq"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
)

// CellRef names one value of the gradebook within a class and period.
type CellRef struct {
	Enrolment int64
	Item      evaluation.Item
	Field     evaluation.Field
}

// CellChange is a value as it was typed, over the value its writer saw.
type CellChange struct {
	CellRef
	Old, New string
}

// CellResult says what became of a change.
type CellResult struct {
	CellRef
	Value string       // what stands in the cell now
	Fault *fault.Error // nil: saved, or it stood there already
	By    string       // of a stale change: who wrote Value, and when
	At    time.Time
}

// MaxCells bounds one save: a class of 40 with every column twice over.
const MaxCells = 2000

// SaveCells writes values over the values their writer saw and returns one
// result a cell, in the order of the changes; several changes of a cell are
// taken one after another and the last one is reported. Whatever can be saved
// is saved, the rest is refused with
//
//	Invalid    the codes of evaluation.ReadCell; cell.pupil, cell.pupil_not_assessed,
//	           cell.exempt_has_result, cell.not_summer, cell.not_planned
//	Forbidden  cell.not_yours: the item is another teacher's today;
//	           cell.exempt_school: Miễn is the school's to declare
//	Conflict   cell.stale: the cell holds another value by now; Args theirs
//	Locked     cell.window_closed, record.part_signed, record.issued
//
// A value that stands in the cell already is saved, so a save may be sent
// again. The pupils' enrolments are locked, so that two writers of one pupil
// follow one another. A class in which the actor has no duty today is
// NotFound, class.unknown.
func (t *Tx) SaveCells(ctx context.Context, at ClassPeriod, changes []CellChange) ([]CellResult, error) {
	s := saving{at: at, place: map[CellRef]int{}}
	if len(changes) == 0 || len(changes) > MaxCells {
		return nil, fault.New(fault.Invalid, "request.invalid")
	}
	ids, items := named(changes)
	var err error
	if s.seats, err = t.lockSeats(ctx, at, ids); err != nil {
		return nil, err
	}
	if s.rules = rulesOf(at.Year, s.seats); s.rules == nil {
		return nil, fault.New(fault.Invalid, "request.invalid")
	}
	if s.entries, err = t.entries(ctx, at, ids, items); err != nil {
		return nil, err
	}
	if s.guard, err = t.guardCells(ctx, at, s.pupils(), true); err != nil {
		return nil, err
	}
	if s.again, err = t.reassessed(ctx, at, ids); err != nil {
		return nil, err
	}
	for _, c := range changes {
		s.take(c)
	}
	if err := t.writeCells(ctx, &s); err != nil {
		return nil, err
	}
	return s.results, t.nameAuthors(ctx, at, s.results)
}

func named(changes []CellChange) (enrolments []int64, items []evaluation.Item) {
	for _, c := range changes {
		if !slices.Contains(enrolments, c.Enrolment) {
			enrolments = append(enrolments, c.Enrolment)
		}
		if !slices.Contains(items, c.Item) {
			items = append(items, c.Item)
		}
	}
	slices.Sort(enrolments)
	return enrolments, items
}

// seat is a pupil's place in the class, with what the actor may write there.
type seat struct {
	ID            int64            `db:"id"`
	PupilID       int64            `db:"pupil_id"`
	Grade         int              `db:"grade"`
	NotAssessed   bool             `db:"not_assessed"`
	EthnicTongue  bool             `db:"ethnic_language"`
	FirstLanguage bool             `db:"first_language_optional"`
	Subjects      pq.StringArray   `db:"subjects"`
	Homeroom      bool             `db:"homeroom"`
	Kind          school.ClassKind `db:"kind"`
	Open          bool             `db:"open"`
}

// declines reports whether the item is an optional subject that the pupil does
// not take: Tiếng dân tộc, and Ngoại ngữ 1 where the grade leaves it open.
func (s seat) declines(rules *evaluation.RuleSet, it evaluation.Item) bool {
	subject, ok := it.Subject()
	if !ok || rules.Subject(s.Grade, subject) != evaluation.Optional {
		return false
	}
	return subject == school.TiengDanToc && !s.EthnicTongue || subject == school.NgoaiNgu1 && !s.FirstLanguage
}

// lockSeats locks the enrolments until the end of the transaction and reads
// duties and window with them. What was written is read afterwards, under the
// lock: this statement's own view may be older.
func (t *Tx) lockSeats(ctx context.Context, at ClassPeriod, ids []int64) (map[int64]seat, error) {
	return t.seats(ctx, at, ids, ` FOR NO KEY UPDATE OF e`)
}

// seats reads the enrolments with duties and window, under the lock named.
func (t *Tx) seats(ctx context.Context, at ClassPeriod, ids []int64, lock string) (map[int64]seat, error) {
	stmt, err := t.hot(ctx, `SELECT e.id, e.pupil_id, e.grade, e.not_assessed, e.ethnic_language, e.first_language_optional,
		  ARRAY(SELECT x.subject FROM `+newestTeaching+` x WHERE x.account_id = $3) AS subjects,
		  coalesce(`+newestHomeroom+` = $3, false) AS homeroom, (SELECT c.kind FROM school.class c WHERE c.id = $1) AS kind,
		  coalesce((SELECT w.opens_at <= $6 AND $6 < w.closes_at FROM school.entry_window w
		    WHERE w.school_id = e.school_id AND w.school_year = $4 AND w.period = $7 AND (w.class_id IS NULL OR w.class_id = $1)
		      AND (w.grade IS NULL OR w.grade = e.grade) ORDER BY w.id DESC LIMIT 1), false) AS open
		FROM school.enrolment e
		WHERE e.id = ANY($5) AND e.class_id = $1 AND e.school_year = $4
		  AND e.from_date <= $2 AND (e.to_date IS NULL OR e.to_date >= $2)
		ORDER BY e.id`+lock)
	if err != nil {
		return nil, err
	}
	var list []seat
	if err := stmt.SelectContext(ctx, &list, at.ClassID, school.DateOf(t.Now), t.Actor.AccountID, at.Year,
		pq.Array(ids), t.Now, at.Period); err != nil {
		return nil, translate(err, "lock enrolments")
	}
	if len(list) == 0 { // nobody of these sits in the class today: said at each cell to who may write there
		subjects, homeroom, err := t.ownDuties(ctx, at.ClassID)
		if err == nil && len(subjects) == 0 && !homeroom {
			err = fault.New(fault.NotFound, "class.unknown")
		}
		return nil, err
	}
	if len(list[0].Subjects) == 0 && !list[0].Homeroom {
		return nil, fault.New(fault.NotFound, "class.unknown")
	}
	seats := make(map[int64]seat, len(list))
	for _, s := range list {
		seats[s.ID] = s
	}
	return seats, nil
}

// rulesOf are the rules of the class in which the seats are.
func rulesOf(year school.Year, seats map[int64]seat) *evaluation.RuleSet {
	for _, s := range seats {
		return evaluation.ForClass(year, s.Kind)
	}
	return evaluation.ForYear(year)
}

// saving is one save while its changes are judged.
type saving struct {
	at      ClassPeriod
	rules   *evaluation.RuleSet
	seats   map[int64]seat
	entries map[int64]map[evaluation.Item]evaluation.Entry
	guard   *cellGuard
	again   map[int64]map[evaluation.Item]bool

	written []writtenCell
	results []CellResult
	place   map[CellRef]int // of a cell's result
}

type writtenCell struct {
	CellRef
	old, new string
}

func (s *saving) pupils() []int64 {
	var out []int64
	for _, seat := range s.seats {
		out = append(out, seat.PupilID)
	}
	return out
}

// take judges one change against what stands now and keeps the result.
func (s *saving) take(c CellChange) {
	r := CellResult{CellRef: c.CellRef, Value: s.entry(c.CellRef).Value(c.Field)}
	value, err := s.judge(c, r.Value)
	switch {
	case err != nil:
		r.Fault = fault.As(err)
	case value != r.Value:
		s.written = append(s.written, writtenCell{c.CellRef, r.Value, value})
		s.put(c.CellRef, value)
		r.Value = value
	}
	if i, again := s.place[c.CellRef]; again {
		s.results[i] = r
		return
	}
	s.place[c.CellRef] = len(s.results)
	s.results = append(s.results, r)
}

func (s *saving) entry(c CellRef) evaluation.Entry { return s.entries[c.Enrolment][c.Item] }

func (s *saving) put(c CellRef, value string) {
	if s.entries[c.Enrolment] == nil {
		s.entries[c.Enrolment] = map[evaluation.Item]evaluation.Entry{}
	}
	s.entries[c.Enrolment][c.Item] = s.entry(c).With(c.Field, value)
}

// judge returns the value in its stored form, or why it is refused. What
// stands in the cell already passes before anything that may have closed since
// it was first sent.
func (s *saving) judge(c CellChange, current string) (string, error) {
	seat, known := s.seats[c.Enrolment]
	if !known {
		return "", fault.New(fault.Invalid, "cell.pupil")
	}
	if !seat.owns(c.Item) {
		return "", fault.New(fault.Forbidden, "cell.not_yours", "item", string(c.Item))
	}
	value, err := s.rules.ReadCell(seat.Grade, s.at.Period, c.Item, c.Field, c.New)
	if err == nil && value == current {
		return value, nil
	}
	if !seat.Open {
		return "", fault.New(fault.Locked, "cell.window_closed", "period", string(s.at.Period))
	}
	if closed := s.guard.closed(seat.PupilID, c.Item); closed != nil {
		return "", closed
	}
	switch {
	case seat.NotAssessed:
		return "", fault.New(fault.Invalid, "cell.pupil_not_assessed")
	case s.again != nil && s.again[c.Enrolment] == nil:
		return "", fault.New(fault.Invalid, "cell.not_summer")
	case s.again != nil && !s.again[c.Enrolment][c.Item]:
		return "", fault.New(fault.Invalid, "cell.not_planned", "item", string(c.Item))
	case seat.declines(s.rules, c.Item):
		return "", fault.New(fault.Invalid, "cell.not_taught", "item", string(c.Item), "grade", strconv.Itoa(seat.Grade))
	case err != nil:
		return "", err
	case !s.saw(c, seat.Grade, current):
		return "", fault.New(fault.Conflict, "cell.stale", "theirs", current)
	}
	if c.Field == evaluation.FieldExempt {
		return "", fault.New(fault.Forbidden, "cell.exempt_school", "item", string(c.Item))
	}
	if e := s.entry(c.CellRef).With(c.Field, value); e.Exempt && e.HasResult() {
		return "", fault.New(fault.Invalid, "cell.exempt_has_result")
	}
	return value, nil
}

// saw reports whether the change's writer saw what stands in the cell: as it is
// stored, or as it was typed a moment ago.
func (s *saving) saw(c CellChange, grade int, current string) bool {
	if school.Clean(c.Old) == current {
		return true
	}
	stored, err := s.rules.ReadCell(grade, s.at.Period, c.Item, c.Field, c.Old)
	return err == nil && stored == current
}

// owns reports whether the item is the actor's part today: a subject by
// assignment, traits and their remarks as the homeroom teacher.
func (s seat) owns(it evaluation.Item) bool {
	if _, ok := it.Subject(); ok {
		return slices.Contains(s.Subjects, string(it))
	}
	return s.Homeroom
}

// writeCells stores entries and history, raises the revision of the records
// that hold them and marks the class for counting, in one statement. The mark
// is an update, not "do nothing": the counter that takes it away must wait for
// this transaction.
func (t *Tx) writeCells(ctx context.Context, s *saving) error {
	if len(s.written) == 0 {
		return nil
	}
	changes, err := t.voidedBy(ctx, s)
	if err != nil {
		return err
	}
	stmt, err := t.hot(ctx, `WITH now_stands AS (
		  INSERT INTO school.entry (school_year, enrolment_id, period, item, school_id, level, mark, remark, exempt, account_id, updated_at)
		  SELECT $1, v.e, $2, v.i, $3, v.l, nullif(v.m, '')::smallint, v.r, v.x, $4, $5
		  FROM unnest($6::bigint[], $7::text[], $8::text[], $9::text[], $10::text[], $11::boolean[]) AS v(e, i, l, m, r, x)
		  ON CONFLICT (school_year, enrolment_id, period, item) DO UPDATE SET level = excluded.level, mark = excluded.mark,
		    remark = excluded.remark, exempt = excluded.exempt, origin = NULL, account_id = excluded.account_id, updated_at = excluded.updated_at
		), happened AS (
		  INSERT INTO school.entry_history (school_year, school_id, enrolment_id, period, item, field, old_value, new_value, account_id, request_id, at, way)
		  SELECT $1, $3, h.e, $2, h.i, h.f, h.o, h.n, $4, $17, $5, $20
		  FROM unnest($12::bigint[], $13::text[], $14::text[], $15::text[], $16::text[]) AS h(e, i, f, o, n)
		), raised AS (
		  UPDATE school.record SET revision = revision + 1, changed_at = $5 WHERE id = ANY($19)
		)
		INSERT INTO school.class_dirty (class_id, school_id, since) VALUES ($18, $3, $5)
		ON CONFLICT (class_id, connection) DO UPDATE SET since = class_dirty.since`)
	if err != nil {
		return err
	}
	args := append([]any{s.at.Year, s.at.Period, t.Actor.SchoolID, t.Actor.AccountID, t.Now}, s.entryColumns()...)
	args = append(args, s.historyColumns()...)
	if _, err := stmt.ExecContext(ctx, append(args, t.Actor.RequestID, s.at.ClassID, pq.Array(s.raised(changes)), t.Way)...); err != nil {
		return translate(err, "write cells")
	}
	t.notices = append(t.notices, cellsNotice{topic{s.at.ClassID, s.at.Period}, t.Now, t.Origin})
	for _, c := range changes {
		if err := t.ApplyRecord(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// entryColumns are the entries that changed, once each, as columns.
func (s *saving) entryColumns() []any {
	type key struct {
		enrolment int64
		item      evaluation.Item
	}
	seen := map[key]bool{}
	var enrolments []int64
	var items, levels, marks, remarks []string
	var exempt []bool
	for _, w := range s.written {
		k := key{w.Enrolment, w.Item}
		if seen[k] {
			continue
		}
		seen[k] = true
		e := s.entry(w.CellRef)
		enrolments, items, levels = append(enrolments, w.Enrolment), append(items, string(w.Item)), append(levels, string(e.Level))
		marks, remarks, exempt = append(marks, e.Value(evaluation.FieldMark)), append(remarks, e.Remark), append(exempt, e.Exempt)
	}
	return []any{pq.Array(enrolments), pq.Array(items), pq.Array(levels), pq.Array(marks), pq.Array(remarks), pq.Array(exempt)}
}

func (s *saving) historyColumns() []any {
	n := len(s.written)
	enrolments, items, fields := make([]int64, n), make([]string, n), make([]string, n)
	olds, news := make([]string, n), make([]string, n)
	for i, w := range s.written {
		enrolments[i], items[i], fields[i] = w.Enrolment, string(w.Item), string(w.Field)
		olds[i], news[i] = w.old, w.new
	}
	return []any{pq.Array(enrolments), pq.Array(items), pq.Array(fields), pq.Array(olds), pq.Array(news)}
}

// nameAuthors fills in who wrote the values that made changes stale, by one
// question however many they are.
func (t *Tx) nameAuthors(ctx context.Context, at ClassPeriod, results []CellResult) error {
	var stale []*CellResult
	var enrolments []int64
	var items, fields []string
	for i := range results {
		if r := &results[i]; r.Fault != nil && r.Fault.Code == "cell.stale" {
			stale = append(stale, r)
			enrolments, items, fields = append(enrolments, r.Enrolment), append(items, string(r.Item)), append(fields, string(r.Field))
		}
	}
	if len(stale) == 0 {
		return nil
	}
	var last []struct {
		N  int       `db:"n"`
		By string    `db:"by"`
		At time.Time `db:"at"`
	}
	err := t.list(ctx, "find the authors of cells", &last, `SELECT k.n, a.full_name AS by, h.at
		FROM unnest($3::bigint[], $4::text[], $5::text[]) WITH ORDINALITY AS k(enrolment, item, field, n)
		CROSS JOIN LATERAL (SELECT w.account_id, w.at FROM school.entry_history w
		  WHERE w.school_year = $1 AND w.enrolment_id = k.enrolment AND w.period = $2 AND w.item = k.item AND w.field = k.field
		  ORDER BY w.id DESC LIMIT 1) h
		JOIN core.account a ON a.id = h.account_id`, at.Year, at.Period, pq.Array(enrolments), pq.Array(items), pq.Array(fields))
	for _, l := range last {
		stale[l.N-1].By, stale[l.N-1].At = l.By, l.At
	}
	return err
}
