package db

import (
	"context"
	"strconv"
	"time"

	"github.com/lib/pq"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/remark"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// KeptPhrase is a phrase of a person's or the school's bank.
type KeptPhrase struct {
	remark.Phrase
	Revision int
	By       string // who changed it last, and when
	At       time.Time
}

type phraseRow struct {
	ID       int64            `db:"id"`
	Shared   bool             `db:"shared"`
	Code     string           `db:"code"`
	Item     evaluation.Item  `db:"item"`
	From     int              `db:"from_grade"`
	To       int              `db:"to_grade"`
	Level    evaluation.Level `db:"level"`
	Periods  pq.StringArray   `db:"periods"`
	Text     string           `db:"text"`
	Revision int              `db:"revision"`
	By       string           `db:"changed_by"`
	At       time.Time        `db:"changed_at"`
}

func (r phraseRow) kept() KeptPhrase {
	k := KeptPhrase{Revision: r.Revision, By: r.By, At: r.At, Phrase: remark.Phrase{ID: strconv.FormatInt(r.ID, 10),
		Source: remark.Own, Code: r.Code, Item: r.Item, From: r.From, To: r.To, Level: r.Level, Text: r.Text}}
	if r.Shared {
		k.Source = remark.Shared
	}
	for _, p := range r.Periods {
		k.Periods = append(k.Periods, school.Period(p))
	}
	return k
}

const phraseColumns = `p.id, p.account_id IS NULL AS shared, p.code, p.item, p.from_grade, p.to_grade, p.level, p.periods, p.text, p.revision,
	a.full_name AS changed_by, p.changed_at`

// KeptPhrases lists the actor's own phrases and the school's, those of an item
// alone when one is given: own ones first, by item, best level first, then by
// text.
func (t *Tx) KeptPhrases(ctx context.Context, it evaluation.Item) ([]KeptPhrase, error) {
	var rows []phraseRow
	err := t.list(ctx, "list phrases", &rows, `SELECT `+phraseColumns+`
		FROM school.remark_phrase p JOIN core.account a ON a.id = p.changed_by
		WHERE p.school_id = $1 AND (p.account_id = $2 OR p.account_id IS NULL) AND p.ended_at IS NULL AND ($3 = '' OR p.item = $3)
		ORDER BY shared, array_position($4::text[], p.item), array_position(ARRAY['T', 'H', 'Đ', 'C', ''], p.level),
		  p.text COLLATE core.vietnamese, p.id`, t.Actor.SchoolID, t.Actor.AccountID, it, pq.Array(codes(remark.Items())))
	out := make([]KeptPhrase, len(rows))
	for i, r := range rows {
		out[i] = r.kept()
	}
	return out, err
}

// Phrases returns all that the actor may choose from for an item: own phrases,
// the school's, then the starter bank.
func (t *Tx) Phrases(ctx context.Context, it evaluation.Item) ([]remark.Phrase, error) {
	kept, err := t.KeptPhrases(ctx, it)
	if err != nil {
		return nil, err
	}
	var out []remark.Phrase
	for _, k := range kept {
		out = append(out, k.Phrase)
	}
	for _, p := range remark.StarterBank() {
		if p.Item == it {
			out = append(out, p)
		}
	}
	return out, nil
}

// Phrase returns one phrase that the actor keeps: an own one, or the school's
// for its principal and administrator. Everything else is NotFound, phrase.unknown.
func (t *Tx) Phrase(ctx context.Context, id int64) (KeptPhrase, error) {
	var row phraseRow
	err := t.get(ctx, "phrase.unknown", &row, `SELECT `+phraseColumns+` FROM school.remark_phrase p JOIN core.account a ON a.id = p.changed_by
		WHERE p.id = $1 AND p.ended_at IS NULL AND (p.account_id = $2 OR p.account_id IS NULL AND $3)`,
		id, t.Actor.AccountID, KeepsSchoolBank(t.Actor.Role))
	return row.kept(), err
}

// KeepsSchoolBank reports whether a role keeps the phrases that the whole
// school shares; everybody else in the school keeps only own ones.
func KeepsSchoolBank(r workflow.Role) bool {
	return r == workflow.Principal || r == workflow.SchoolAdmin
}

// CreatePhrase adds a phrase, as remark.Read returned it: to the school's bank
// for those who keep it, to the actor's own for a teacher. A code that calls
// another phrase of the item there is a Conflict, phrase.code_taken.
func (t *Tx) CreatePhrase(ctx context.Context, p remark.Phrase) (int64, error) {
	var owner *int64
	if !KeepsSchoolBank(t.Actor.Role) {
		owner = &t.Actor.AccountID
	}
	var id int64
	err := t.get(ctx, "add a phrase", &id, `INSERT INTO school.remark_phrase (school_id, account_id, code, item, from_grade, to_grade, level,
		  periods, text, changed_by, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id`, t.Actor.SchoolID, owner, p.Code, p.Item, p.From, p.To,
		p.Level, pq.Array(codes(p.Periods)), p.Text, t.Actor.AccountID, t.Now)
	return id, phraseFault(err, p)
}

func phraseFault(err error, p remark.Phrase) error {
	if violates(err, "remark_phrase_code") {
		return fault.New(fault.Conflict, "phrase.code_taken", "code", p.Code)
	}
	return err
}

// UpdatePhrase writes a phrase over the revision that was read; Conflict
// phrase.changed when somebody changed or ended it since.
func (t *Tx) UpdatePhrase(ctx context.Context, id int64, revision int, p remark.Phrase) error {
	if _, err := t.Phrase(ctx, id); err != nil {
		return err
	}
	var done int64
	err := t.get(ctx, "phrase.unknown", &done, `UPDATE school.remark_phrase SET code = $3, item = $4, from_grade = $5, to_grade = $6, level = $7,
		  periods = $8, text = $9, revision = revision + 1, changed_by = $10, changed_at = $11
		WHERE id = $1 AND revision = $2 AND ended_at IS NULL RETURNING id`, id, revision, p.Code, p.Item, p.From, p.To, p.Level,
		pq.Array(codes(p.Periods)), p.Text, t.Actor.AccountID, t.Now)
	if fault.Is(err, "phrase.unknown") {
		return fault.New(fault.Conflict, "phrase.changed")
	}
	return phraseFault(err, p)
}

// EndPhrase takes a phrase out of its bank. Remarks written with it stay.
func (t *Tx) EndPhrase(ctx context.Context, id int64) error {
	if _, err := t.Phrase(ctx, id); err != nil {
		return err
	}
	return t.exec(ctx, "end a phrase", `UPDATE school.remark_phrase SET ended_at = $2, changed_by = $3, changed_at = $2, revision = revision + 1
		WHERE id = $1 AND ended_at IS NULL`, id, t.Now, t.Actor.AccountID)
}

// ClassRemarks is a class in a period with everything that its remarks are
// written and judged by.
type ClassRemarks struct {
	Gradebook
	// Before holds, by enrolment and item, what stood in the period before.
	Before map[int64]map[evaluation.Item]evaluation.Entry
	// Teachers are who teaches each subject today.
	Teachers map[school.Subject]string
}

// periodBefore is the period whose remarks a new one should not repeat.
var periodBefore = map[school.Period]school.Period{
	school.EndFirst: school.MidFirst, school.MidSecond: school.EndFirst, school.YearEnd: school.MidSecond, school.Summer: school.YearEnd,
}

// ClassRemarks reads a class's remarks with levels, marks and those of the
// period before. Who has nothing to do with the class gets NotFound,
// class.unknown. The number of queries does not depend on the number of pupils.
func (t *Tx) ClassRemarks(ctx context.Context, at ClassPeriod) (out ClassRemarks, err error) {
	items := append(evaluation.Traits(), remark.Items()...)
	if out.Gradebook, err = t.Gradebook(ctx, at, items); err != nil {
		return out, err
	}
	taught, err := t.ClassAssignments(ctx, at.ClassID)
	if err != nil {
		return out, err
	}
	out.Teachers = map[school.Subject]string{}
	for _, a := range taught {
		if out.Teachers[a.Subject] == "" {
			out.Teachers[a.Subject] = a.TeacherName
		}
	}
	before, ok := periodBefore[at.Period]
	if !ok {
		return out, nil
	}
	ids := make([]int64, len(out.Rows))
	for i, r := range out.Rows {
		ids[i] = r.EnrolmentID
	}
	at.Period = before
	out.Before, err = t.entries(ctx, at, ids, items)
	return out, err
}

// Level is the level beside a pupil's remark on an item: the entry's own, for
// a remark group the lowest of its traits.
func (r GradebookRow) Level(it evaluation.Item) evaluation.Level { return levelOf(r.Entries, it) }

func levelOf(entries map[evaluation.Item]evaluation.Entry, it evaluation.Item) evaluation.Level {
	members := it.Members()
	if len(members) == 0 {
		return entries[it].Level
	}
	var levels []evaluation.Level
	for _, m := range members {
		levels = append(levels, entries[m].Level)
	}
	return remark.GroupLevel(levels)
}

// Past is what stood for a pupil and item in the period before.
func (c ClassRemarks) Past(enrolment int64, it evaluation.Item) remark.Past {
	entries := c.Before[enrolment]
	return remark.Past{Level: levelOf(entries, it), Mark: entries[it].Mark, Remark: entries[it].Remark}
}

// Check looks at every remark of the class, and at levels beside marks; changed replaces some of them, by
// enrolment and item, before it looks.
func (c ClassRemarks) Check(printed bool, changed map[CellRef]string) []remark.Finding {
	class := remark.Class{Printed: printed, Rules: c.Class.Rules()}
	for _, r := range c.Rows {
		class.Pupils = append(class.Pupils, remark.Pupil{ID: r.EnrolmentID, Name: r.FullName, Sex: r.Sex})
		for _, it := range remark.Items() {
			text := r.Entries[it].Remark
			if other, ok := changed[CellRef{Enrolment: r.EnrolmentID, Item: it, Field: evaluation.FieldRemark}]; ok {
				text = other
			}
			if text != "" || r.Entries[it].Mark != nil {
				class.Cells = append(class.Cells, remark.Cell{Pupil: r.EnrolmentID, Item: it, Level: r.Level(it), Mark: r.Entries[it].Mark, Text: text})
			}
		}
	}
	return class.Check()
}
