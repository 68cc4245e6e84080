package db

import (
	"context"
	"encoding/json"
	"time"

	"github.com/lib/pq"

	"hocba/internal/school"
	"hocba/internal/spreadsheet"
)

// importMade is what the writing of a list made and changed, as far as the
// files' own history does not say it.
type importMade struct {
	Created []int64   // pupils
	Updated []int64   // pupils with rows in their files' history
	Rows    []madeRow // seats, records and classes
}

// madeRow is a row before and after an import; no Before: the import made it.
type madeRow struct {
	What   string          `json:"what" db:"what"` // seat, record, class
	ID     int64           `json:"id" db:"id"`
	Pupil  int64           `json:"pupil" db:"pupil_id"` // 0 for a class
	Before json.RawMessage `json:"before,omitempty" db:"-"`
	After  json.RawMessage `json:"after" db:"row"`
}

// rowsOf reads the seats and records of pupils in the list's year, and classes.
func (w *pupilWriter) rowsOf(ctx context.Context, pupils, classes []int64) (rows []madeRow, err error) {
	err = w.tx.list(ctx, "read the rows of an import", &rows, `SELECT 'seat' AS what, e.id, e.pupil_id, to_jsonb(e) AS row
		  FROM school.enrolment e WHERE e.pupil_id = ANY($1) AND e.school_year = $3
		UNION ALL SELECT 'record', r.id, r.pupil_id, jsonb_build_object('class_id', r.class_id, 'enrolment_id', r.enrolment_id,
		    'stage', r.stage, 'track', r.track) FROM school.record r WHERE r.pupil_id = ANY($1) AND r.school_year = $3
		UNION ALL SELECT 'class', c.id, 0, to_jsonb(c) FROM school.class c WHERE c.id = ANY($2)`,
		pq.Array(pupils), pq.Array(classes), w.list.Year)
	return rows, err
}

// readBefore keeps the rows as they are before the writing.
func (w *pupilWriter) readBefore(ctx context.Context) error {
	var ids []int64
	for id := range w.known {
		ids = append(ids, id)
	}
	var err error
	w.before, err = w.rowsOf(ctx, ids, nil)
	return err
}

// readMade finds what the writing made and changed.
func (w *pupilWriter) readMade(ctx context.Context) error {
	var pupils, classes []int64
	for _, l := range w.lines {
		switch {
		case l.refused != "" || l.pupilID == 0:
			continue
		case l.d.Act == spreadsheet.Create:
			w.made.Created = append(w.made.Created, l.pupilID)
		case len(l.changes) > 0:
			w.made.Updated = append(w.made.Updated, l.pupilID)
		}
		pupils = append(pupils, l.pupilID)
	}
	for _, name := range w.report.Classes {
		classes = append(classes, w.classes[name])
	}
	type key struct {
		what string
		id   int64
	}
	before := map[key]json.RawMessage{}
	for _, r := range w.before {
		before[key{r.What, r.ID}] = r.After
	}
	after, err := w.rowsOf(ctx, pupils, classes)
	for _, r := range after {
		if r.Before = before[key{r.What, r.ID}]; string(r.Before) != string(r.After) {
			w.made.Rows = append(w.made.Rows, r)
		}
	}
	return err
}

// WrittenImport is a line of the list of a person's written imports of pupils.
type WrittenImport struct {
	ID        int64      `db:"id"`
	FileName  string     `db:"file_name"`
	Rows      int        `db:"rows"` // written or kept
	WrittenAt time.Time  `db:"written_at"`
	UndoneAt  *time.Time `db:"undone_at"`
}

// PupilImports lists the actor's written imports of a year, the newest first.
func (t *Tx) PupilImports(ctx context.Context, year school.Year) ([]WrittenImport, error) {
	var out []WrittenImport
	err := t.list(ctx, "list imports of pupils", &out, `SELECT id, file_name, (report->>'Created')::int + (report->>'Updated')::int
		  + (report->>'Kept')::int AS rows, written_at, undone_at FROM school.import_batch
		WHERE school_id = $1 AND school_year = $2 AND account_id = $3 AND written_at IS NOT NULL AND expires_at > $4 ORDER BY id DESC`,
		t.Actor.SchoolID, year, t.Actor.AccountID, t.Now)
	return out, err
}
