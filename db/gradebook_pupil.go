package db

import (
	"context"
	"time"

	"github.com/lib/pq"

	"hocba/internal/evaluation"
	"hocba/internal/school"
)

// YearEntries is what was written about a pupil in the periods of a year.
type YearEntries map[school.Period]map[evaluation.Item]evaluation.Entry

// PupilEntries reads what was written about the pupil of an enrolment in all
// periods of the year, with the given items; after a move within the school, in
// the former class too, where the newer class has the word.
func (t *Tx) PupilEntries(ctx context.Context, year school.Year, enrolment int64, items []evaluation.Item) (YearEntries, error) {
	var list []struct {
		Period school.Period    `db:"period"`
		Item   evaluation.Item  `db:"item"`
		Level  evaluation.Level `db:"level"`
		Mark   *int             `db:"mark"`
		Remark string           `db:"remark"`
		Exempt bool             `db:"exempt"`
	}
	err := t.list(ctx, "read a pupil's entries", &list, `SELECT x.period, x.item, x.level, x.mark, x.remark, x.exempt
		FROM school.enrolment own
		JOIN school.enrolment e ON e.pupil_id = own.pupil_id AND e.school_year = own.school_year
		JOIN school.entry x ON x.school_year = e.school_year AND x.enrolment_id = e.id
		WHERE own.id = $2 AND own.school_year = $1 AND x.school_year = $1 AND x.item = ANY($3)
		ORDER BY e.from_date, e.id`, year, enrolment, pq.Array(codes(items)))
	out := YearEntries{}
	for _, e := range list {
		if out[e.Period] == nil {
			out[e.Period] = map[evaluation.Item]evaluation.Entry{}
		}
		out[e.Period][e.Item] = evaluation.Entry{Level: e.Level, Mark: e.Mark, Remark: e.Remark, Exempt: e.Exempt}
	}
	return out, err
}

// Way is how a cell came to its value.
type Way string

// The ways; typing has none of its own.
const (
	WayTyped    Way = ""
	WayImport   Way = "import"    // out of a file
	WayUndo     Way = "undo"      // an import was taken back
	WayHandOver Way = "hand_over" // brought along from another class
)

// CellEvent is one change of a cell: who, when, from, to, and how.
type CellEvent struct {
	Item  evaluation.Item  `db:"item"`
	Field evaluation.Field `db:"field"`
	Old   string           `db:"old_value"`
	New   string           `db:"new_value"`
	By    string           `db:"by"`
	At    time.Time        `db:"at"`
	Way   Way              `db:"way"`
	Class string           `db:"class"` // of the year in which it happened; "": the one asked about
}

// MaxCellEvents bounds what one question about the past returns.
const MaxCellEvents = 50

// CellHistory returns the changes of a pupil's cells in a period, newest first,
// at most MaxCellEvents: of the given items, and of one field if it is named.
// What was written in another class of the year, before the pupil came from
// there, is part of it.
func (t *Tx) CellHistory(ctx context.Context, at ClassPeriod, enrolment int64, items []evaluation.Item, field evaluation.Field) ([]CellEvent, error) {
	var list []CellEvent
	err := t.list(ctx, "read the history of cells", &list, `SELECT h.item, h.field, h.old_value, h.new_value, a.full_name AS by, h.at, h.way,
		  CASE WHEN e.class_id <> own.class_id THEN c.name ELSE '' END AS class
		FROM school.enrolment own
		JOIN school.enrolment e ON e.pupil_id = own.pupil_id AND e.school_year = own.school_year
		  AND (e.id = own.id OR e.from_date <= own.from_date)
		JOIN school.class c ON c.id = e.class_id
		JOIN school.entry_history h ON h.school_year = $1 AND h.enrolment_id = e.id AND h.period = $4 AND h.item = ANY($5) AND ($6 = '' OR h.field = $6)
		JOIN core.account a ON a.id = h.account_id
		WHERE own.id = $3 AND own.class_id = $2 AND own.school_year = $1
		ORDER BY h.id DESC LIMIT $7`, at.Year, at.ClassID, enrolment, at.Period, pq.Array(codes(items)), field, MaxCellEvents)
	return list, err
}
