package db

import (
	"context"
	"time"
	"unicode/utf8"

	"github.com/lib/pq"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// NoteTo says to whom a note is written: who writes the cell today, the
// homeroom teacher of today, or the school's leaders.
type NoteTo string

// The addressees.
const (
	ToOwner     NoteTo = "owner"
	ToHomeroom  NoteTo = "homeroom"
	ToPrincipal NoteTo = "principal"
)

// NoteState is how far a note is.
type NoteState string

// The states: a note waits for its addressee, then for its author, until
// somebody closes it.
const (
	NoteOpen     NoteState = "open"
	NoteAnswered NoteState = "answered"
	NoteClosed   NoteState = "closed"
)

// MaxNote bounds a message, in characters.
const MaxNote = 1000

// Note is a talk about one cell of a pupil between those who answer for it.
type Note struct {
	ID        int64           `db:"id"`
	Year      school.Year     `db:"school_year"`
	ClassID   int64           `db:"class_id"`
	ClassName string          `db:"class_name"`
	Enrolment int64           `db:"enrolment_id"`
	Pupil     string          `db:"pupil"`
	Period    school.Period   `db:"period"`
	Item      evaluation.Item `db:"item"`
	To        NoteTo          `db:"sent_to"`
	State     NoteState       `db:"state"`
	Own       bool            `db:"own"`  // the actor began it
	Mine      bool            `db:"mine"` // it waits for the actor
	Messages  []NoteMessage
}

// NoteMessage is one message of a note.
type NoteMessage struct {
	NoteID int64     `db:"note_id"`
	By     string    `db:"by_name"`
	Own    bool      `db:"own"`
	Body   string    `db:"body"`
	At     time.Time `db:"at"`
}

// noteParties are the columns that say what note n is to account $1 in the role
// $2 on day $3: the owner of the cell, the homeroom teacher, a leader.
const noteParties = `coalesce((SELECT s.account_id FROM school.teaching_assignment s
	    WHERE n.subject <> '' AND s.class_id = n.class_id AND s.subject = n.subject AND s.from_date <= $3
	      AND (s.to_date IS NULL OR s.to_date >= $3) ORDER BY s.from_date DESC, s.id DESC LIMIT 1), 0) AS teacher,
	  coalesce((SELECT h.account_id FROM school.homeroom_assignment h WHERE h.class_id = n.class_id AND h.from_date <= $3
	      AND (h.to_date IS NULL OR h.to_date >= $3) ORDER BY h.from_date DESC, h.id DESC LIMIT 1), 0) AS homeroom,
	  $2 IN ('principal', 'deputy') AS leads`

// noteSelect reads the notes that the actor may see: those of the own cells
// and class, those the actor began, and, for the school's leaders, all.
const noteSelect = `WITH seen AS (
	  SELECT n.*, ` + noteParties + ` FROM school.note n WHERE n.school_id = $4 AND n.school_year = $5
	), party AS (
	  SELECT s.*, CASE s.sent_to WHEN 'principal' THEN s.leads WHEN 'homeroom' THEN s.homeroom = $1
	      ELSE (CASE WHEN s.subject <> '' THEN s.teacher ELSE s.homeroom END) = $1 END AS addressed
	  FROM seen s)
	SELECT n.id, n.school_year, n.class_id, c.name AS class_name, n.enrolment_id, p.full_name AS pupil, n.period, n.item, n.sent_to, n.state,
	  n.author_id = $1 AS own,
	  n.state = 'open' AND n.addressed AND n.author_id <> $1 OR n.state = 'answered' AND n.author_id = $1 AS mine
	FROM party n JOIN school.class c ON c.id = n.class_id JOIN school.enrolment e ON e.id = n.enrolment_id JOIN school.pupil p ON p.id = e.pupil_id
	WHERE (n.leads OR n.addressed OR n.author_id = $1 OR n.homeroom = $1 OR n.teacher = $1) `

func (t *Tx) noteArgs(year school.Year, more ...any) []any {
	return append([]any{t.Actor.AccountID, string(t.Actor.Role), school.DateOf(t.Now), t.Actor.SchoolID, year}, more...)
}

// ClassNotes lists the notes of a class that the actor may see, what waits
// for the actor first, closed ones last.
func (t *Tx) ClassNotes(ctx context.Context, year school.Year, classID int64) ([]Note, error) {
	var out []Note
	err := t.list(ctx, "list the notes of a class", &out, noteSelect+`AND n.class_id = $6
		ORDER BY mine DESC, n.state = 'closed', n.changed_at DESC, n.id DESC`, t.noteArgs(year, classID)...)
	if err != nil {
		return nil, err
	}
	return out, t.noteMessages(ctx, out)
}

// WaitingNotes lists the notes of all classes that wait for the actor, the
// longest first.
func (t *Tx) WaitingNotes(ctx context.Context, year school.Year) ([]Note, error) {
	var out []Note
	err := t.list(ctx, "list waiting notes", &out, `SELECT * FROM (`+noteSelect+`AND n.state <> 'closed' ORDER BY n.changed_at, n.id) w WHERE w.mine`,
		t.noteArgs(year)...)
	return out, err
}

func (t *Tx) noteMessages(ctx context.Context, notes []Note) error {
	ids := make([]int64, len(notes))
	place := make(map[int64]int, len(notes))
	for i, n := range notes {
		ids[i], place[n.ID] = n.ID, i
	}
	var list []NoteMessage
	err := t.list(ctx, "read the messages of notes", &list, `SELECT m.note_id, a.full_name AS by_name, m.author_id = $2 AS own, m.body, m.at
		FROM school.note_message m JOIN core.account a ON a.id = m.author_id WHERE m.note_id = ANY($1) ORDER BY m.id`, pq.Array(ids), t.Actor.AccountID)
	for _, m := range list {
		n := &notes[place[m.NoteID]]
		n.Messages = append(n.Messages, m)
	}
	return err
}

// NewNote is a note about to be written.
type NewNote struct {
	Year      school.Year
	ClassID   int64
	Enrolment int64
	Period    school.Period
	Item      evaluation.Item
	To        NoteTo
	Body      string
}

// WriteNote begins a note. Who writes must teach the item, be the class's
// homeroom teacher or lead the school: NotFound, class.unknown, else. Invalid:
// note.body, note.item, note.to (nobody holds the duty today, or the actor
// does), cell.pupil.
func (t *Tx) WriteNote(ctx context.Context, n NewNote) (int64, error) {
	if err := checkNote(n.Body); err != nil {
		return 0, err
	}
	subject, isSubject := n.Item.Subject()
	if n.Item.Kind() == evaluation.Unknown {
		return 0, fault.New(fault.Invalid, "note.item")
	}
	class, err := t.Class(ctx, n.Year, n.ClassID)
	if err != nil {
		return 0, err
	}
	teachers, err := t.ClassAssignments(ctx, n.ClassID)
	if err != nil {
		return 0, err
	}
	owner, teaches := class.HomeroomID, false
	if isSubject {
		owner = 0
	}
	for _, a := range teachers {
		teaches = teaches || a.AccountID == t.Actor.AccountID
		if isSubject && a.Subject == subject && owner == 0 { // the newest comes first
			owner = a.AccountID
		}
	}
	leads := t.Actor.Role == workflow.Principal || t.Actor.Role == workflow.Deputy
	if t.Actor.AccountID == 0 || !leads && !teaches && class.HomeroomID != t.Actor.AccountID {
		return 0, fault.New(fault.NotFound, "class.unknown")
	}
	to := map[NoteTo]int64{ToOwner: owner, ToHomeroom: class.HomeroomID, ToPrincipal: -1}[n.To]
	if to == 0 || to == t.Actor.AccountID || n.To == ToPrincipal && leads {
		return 0, fault.New(fault.Invalid, "note.to")
	}
	var id int64
	err = t.get(ctx, "cell.pupil", &id, `INSERT INTO school.note (school_id, school_year, class_id, enrolment_id, period, item, subject, sent_to, author_id, changed_at)
		SELECT $1, $2, $3, e.id, $5, $6, $7, $8, $9, $10 FROM school.enrolment e WHERE e.id = $4 AND e.class_id = $3 AND e.school_year = $2 RETURNING id`,
		t.Actor.SchoolID, n.Year, n.ClassID, n.Enrolment, n.Period, n.Item, subject, n.To, t.Actor.AccountID, t.Now)
	if err != nil {
		return 0, err
	}
	return id, t.addMessage(ctx, id, n.Body)
}

func checkNote(body string) error {
	if n := utf8.RuneCountInString(body); n == 0 || n > MaxNote {
		return fault.New(fault.Invalid, "note.body")
	}
	return nil
}

func (t *Tx) addMessage(ctx context.Context, id int64, body string) error {
	return t.exec(ctx, "write a message", `INSERT INTO school.note_message (note_id, school_id, author_id, body, at) VALUES ($1, $2, $3, $4, $5)`,
		id, t.Actor.SchoolID, t.Actor.AccountID, body, t.Now)
}

// Note reads one note that the actor may see; NotFound, page.unknown, for any other.
func (t *Tx) Note(ctx context.Context, year school.Year, id int64) (Note, error) {
	var n Note
	err := t.get(ctx, "page.unknown", &n, noteSelect+`AND n.id = $6`, t.noteArgs(year, id)...)
	return n, err
}

// AnswerNote adds a message: the addressee's answers the note, the author's
// asks again. Invalid, note.body; Conflict, note.closed.
func (t *Tx) AnswerNote(ctx context.Context, year school.Year, id int64, body string) (Note, error) {
	if err := checkNote(body); err != nil {
		return Note{}, err
	}
	n, err := t.openNote(ctx, year, id)
	if err != nil {
		return n, err
	}
	to := NoteAnswered
	if n.Own {
		to = NoteOpen
	}
	if err := t.addMessage(ctx, id, body); err != nil {
		return n, err
	}
	return n, t.moveNote(ctx, id, to)
}

// CloseNote ends a note; Conflict, note.closed, when it is closed already.
func (t *Tx) CloseNote(ctx context.Context, year school.Year, id int64) (Note, error) {
	n, err := t.openNote(ctx, year, id)
	if err != nil {
		return n, err
	}
	return n, t.moveNote(ctx, id, NoteClosed)
}

// openNote locks a note that is not closed.
func (t *Tx) openNote(ctx context.Context, year school.Year, id int64) (Note, error) {
	if err := t.exec(ctx, "lock a note", `SELECT 1 FROM school.note WHERE id = $1 FOR UPDATE`, id); err != nil {
		return Note{}, err
	}
	n, err := t.Note(ctx, year, id)
	if err == nil && n.State == NoteClosed {
		err = fault.New(fault.Conflict, "note.closed")
	}
	return n, err
}

func (t *Tx) moveNote(ctx context.Context, id int64, to NoteState) error {
	return t.exec(ctx, "move a note on", `UPDATE school.note SET state = $2, changed_at = $3 WHERE id = $1`, id, to, t.Now)
}

// sweepNotes removes the notes and nudges of school years that are over: those before the
// year that runs on the day, from 1 September of each year on.
func (t *Tx) sweepNotes(ctx context.Context) error {
	year := runningYear(school.DateOf(t.Now))
	if err := t.exec(ctx, "sweep nudges", `DELETE FROM school.nudge WHERE school_year < $1`, year); err != nil {
		return err
	}
	return t.exec(ctx, "sweep notes", `DELETE FROM school.note WHERE school_year < $1`, year)
}

// runningYear is the school year under way: until the end of August the summer
// re-assessment still belongs to the one before.
func runningYear(day school.Date) school.Year {
	first := day.Year
	if day.Month < time.September {
		first--
	}
	return school.YearFrom(first)
}
