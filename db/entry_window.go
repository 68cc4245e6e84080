package db

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/lib/pq"

	"hocba/internal/fault"
	"hocba/internal/school"
)

// EntryScope says whose values a time of entry is for: one class, one grade
// level, or, the zero value, the whole school.
type EntryScope struct {
	Grade     int    `db:"grade"`
	ClassID   int64  `db:"class_id"`
	ClassName string `db:"class_name"` // read, never written
}

// Whole reports whether the whole school is meant.
func (s EntryScope) Whole() bool { return s.Grade == 0 && s.ClassID == 0 }

// OrderState is what became of an order.
type OrderState string

// The states: an order waits until the administrator carries it out or the
// principal takes it back.
const (
	OrderWaiting    OrderState = ""
	OrderCarriedOut OrderState = "carried_out"
	OrderWithdrawn  OrderState = "withdrawn"
)

// EntryOrder is the principal's order to open a period for entry from one
// instant up to another.
type EntryOrder struct {
	ID     int64         `db:"id"`
	Year   school.Year   `db:"school_year"`
	Period school.Period `db:"period"`
	EntryScope
	Opens  time.Time  `db:"opens_at"`
	Closes time.Time  `db:"closes_at"`
	Number string     `db:"number"` // of the paper, if it has one
	Reason string     `db:"reason"` // needed to open again what was open before
	By     string     `db:"by_name"`
	At     time.Time  `db:"ordered_at"`
	State  OrderState `db:"state"`
	EndBy  string     `db:"end_by"` // who carried it out or took it back, and when
	EndAt  *time.Time `db:"end_at"`
}

const orderSelect = `SELECT o.id, o.school_year, o.period, coalesce(o.grade, 0) AS grade, coalesce(o.class_id, 0) AS class_id,
	  coalesce(c.name, '') AS class_name, o.opens_at, o.closes_at, o.number, o.reason, a.full_name AS by_name, o.ordered_at,
	  coalesce(e.kind, '') AS state, coalesce(b.full_name, '') AS end_by, e.at AS end_at
	FROM school.entry_order o JOIN core.account a ON a.id = o.ordered_by
	LEFT JOIN school.class c ON c.id = o.class_id
	LEFT JOIN school.entry_order_end e ON e.order_id = o.id LEFT JOIN core.account b ON b.id = e.by_whom `

// EntryOrders lists the orders of the actor's school in a year, the newest first.
func (t *Tx) EntryOrders(ctx context.Context, year school.Year) ([]EntryOrder, error) {
	var out []EntryOrder
	err := t.list(ctx, "list entry orders", &out, orderSelect+`WHERE o.school_id = $1 AND o.school_year = $2 ORDER BY o.id DESC`,
		t.Actor.SchoolID, year)
	return out, err
}

// EntryOrder reads one order; NotFound, page.unknown, for another school's.
func (t *Tx) EntryOrder(ctx context.Context, year school.Year, id int64) (EntryOrder, error) {
	var o EntryOrder
	err := t.get(ctx, "page.unknown", &o, orderSelect+`WHERE o.id = $1 AND o.school_id = $2 AND o.school_year = $3`, id, t.Actor.SchoolID, year)
	return o, err
}

// WaitingOrders counts the orders that the administrator has yet to carry out.
func (t *Tx) WaitingOrders(ctx context.Context, year school.Year) (n int, err error) {
	err = t.get(ctx, "page.unknown", &n, `SELECT count(*) FROM school.entry_order o WHERE o.school_id = $1 AND o.school_year = $2
		AND o.closes_at > $3 AND NOT EXISTS (SELECT 1 FROM school.entry_order_end e WHERE e.order_id = o.id)`, t.Actor.SchoolID, year, t.Now)
	return n, err
}

// OrderEntry writes down an order of the actor, the principal, and returns its
// number here. Invalid: window.order when it would end before it begins,
// window.past when it is over already, window.reason when it opens again what
// was open before and does not say why; NotFound, class.unknown, for another
// school's class.
func (t *Tx) OrderEntry(ctx context.Context, o EntryOrder) (int64, error) {
	switch {
	case !o.Closes.After(o.Opens):
		return 0, fault.New(fault.Invalid, "window.order")
	case !o.Closes.After(t.Now):
		return 0, fault.New(fault.Invalid, "window.past")
	}
	if o.ClassID != 0 {
		if _, err := t.Class(ctx, o.Year, o.ClassID); err != nil {
			return 0, err
		}
	}
	if o.Reason == "" {
		var again bool
		err := t.get(ctx, "page.unknown", &again, `SELECT EXISTS (SELECT 1 FROM school.entry_window w LEFT JOIN school.class c ON c.id = $5
			WHERE w.school_id = $1 AND w.school_year = $2 AND w.period = $3
			  AND ($4 = 0 AND $5 = 0 OR w.grade IS NULL AND w.class_id IS NULL OR w.grade = $4 OR w.class_id = $5 OR w.grade = ANY(c.grades)))`,
			t.Actor.SchoolID, o.Year, o.Period, o.Grade, o.ClassID)
		if err != nil {
			return 0, err
		}
		if again {
			return 0, fault.New(fault.Invalid, "window.reason")
		}
	}
	var id int64
	err := t.get(ctx, "page.unknown", &id, `INSERT INTO school.entry_order (school_id, school_year, period, grade, class_id, opens_at, closes_at,
		  number, reason, ordered_by, ordered_at) VALUES ($1, $2, $3, nullif($4, 0), nullif($5, 0), $6, $7, $8, $9, $10, $11) RETURNING id`,
		t.Actor.SchoolID, o.Year, o.Period, o.Grade, o.ClassID, o.Opens, o.Closes, o.Number, o.Reason, t.Actor.AccountID, t.Now)
	if err != nil {
		return 0, err
	}
	return id, t.note(ctx, "entry_ordered", orderObject(id), "period", string(o.Period))
}

func orderObject(id int64) string { return fmt.Sprintf("entry_order:%d", id) }

// CarryOutOrder opens what an order says, from when it says. Conflict,
// order.ended, when it was carried out or taken back; order.over when its time
// is over.
func (t *Tx) CarryOutOrder(ctx context.Context, year school.Year, id int64) error {
	o, err := t.endOrder(ctx, year, id, OrderCarriedOut)
	if err != nil {
		return err
	}
	if !o.Closes.After(t.Now) {
		return fault.New(fault.Conflict, "order.over")
	}
	err = t.exec(ctx, "open an entry window", `INSERT INTO school.entry_window (school_id, school_year, period, grade, class_id, opens_at,
		  closes_at, reason, created_by, created_at, order_id) VALUES ($1, $2, $3, nullif($4, 0), nullif($5, 0), $6, $7, $8, $9, $10, $11)`,
		t.Actor.SchoolID, year, o.Period, o.Grade, o.ClassID, o.Opens, o.Closes, o.Reason, t.Actor.AccountID, t.Now, id)
	if err != nil {
		return err
	}
	return t.note(ctx, "entry_opened", orderObject(id), "period", string(o.Period))
}

// WithdrawOrder takes back an order that nobody has carried out; Conflict,
// order.ended, for any other.
func (t *Tx) WithdrawOrder(ctx context.Context, year school.Year, id int64) error {
	if _, err := t.endOrder(ctx, year, id, OrderWithdrawn); err != nil {
		return err
	}
	return t.note(ctx, "entry_order_withdrawn", orderObject(id))
}

// endOrder writes what becomes of an order. Of two who end it at once the
// second is refused by the table.
func (t *Tx) endOrder(ctx context.Context, year school.Year, id int64, to OrderState) (EntryOrder, error) {
	o, err := t.EntryOrder(ctx, year, id)
	if err != nil {
		return o, err
	}
	if o.State == OrderWaiting {
		err = t.exec(ctx, "end an entry order", `INSERT INTO school.entry_order_end (order_id, school_id, kind, by_whom, at)
			VALUES ($1, $2, $3, $4, $5)`, id, t.Actor.SchoolID, to, t.Actor.AccountID, t.Now)
		if !fault.Is(err, "db.duplicate") {
			return o, err
		}
	}
	return o, fault.New(fault.Conflict, "order.ended")
}

// EntryWindow is the time in which values of a period may be written: from
// Opens up to, and not at, Closes.
type EntryWindow struct {
	Period school.Period `db:"period"`
	Opens  time.Time     `db:"opens_at"`
	Closes time.Time     `db:"closes_at"`
}

// Open reports whether values may be written at an instant.
func (w EntryWindow) Open(at time.Time) bool { return !at.Before(w.Opens) && at.Before(w.Closes) }

// EntryWindows returns the times of entry of the actor's whole school in a
// year. A period without one was never opened for all.
func (t *Tx) EntryWindows(ctx context.Context, year school.Year) (map[school.Period]EntryWindow, error) {
	var list []EntryWindow
	err := t.list(ctx, "list entry windows", &list, `SELECT DISTINCT ON (period) period, opens_at, closes_at FROM school.entry_window
		WHERE school_id = $1 AND school_year = $2 AND grade IS NULL AND class_id IS NULL ORDER BY period, id DESC`, t.Actor.SchoolID, year)
	out := make(map[school.Period]EntryWindow, len(list))
	for _, w := range list {
		out[w.Period] = w
	}
	return out, err
}

// ClassWindows returns the times of entry of classes: of all that were opened
// for the school, its grade level or the class itself the newest counts. Of a
// multi-grade class it is the newest of any of its grades; SaveCells asks for
// each pupil's own.
func (t *Tx) ClassWindows(ctx context.Context, year school.Year, classes ...int64) (map[int64]map[school.Period]EntryWindow, error) {
	var list []struct {
		ClassID int64 `db:"class_id"`
		EntryWindow
	}
	err := t.list(ctx, "list entry windows of classes", &list, `SELECT DISTINCT ON (c.id, w.period) c.id AS class_id, w.period, w.opens_at, w.closes_at
		FROM school.class c JOIN school.entry_window w ON w.school_id = c.school_id AND w.school_year = c.school_year
		  AND (w.class_id IS NULL OR w.class_id = c.id) AND (w.grade IS NULL OR w.grade = ANY(c.grades))
		WHERE c.id = ANY($1) AND c.school_year = $2 ORDER BY c.id, w.period, w.id DESC`, pq.Array(slices.Compact(classes)), year)
	out := make(map[int64]map[school.Period]EntryWindow, len(classes))
	for _, w := range list {
		if out[w.ClassID] == nil {
			out[w.ClassID] = map[school.Period]EntryWindow{}
		}
		out[w.ClassID][w.Period] = w.EntryWindow
	}
	return out, err
}

// WindowChange is an entry window as it was opened, with who opened it.
type WindowChange struct {
	EntryWindow
	EntryScope
	Reason string    `db:"reason"`
	By     string    `db:"by_name"` // "" when a command opened it
	At     time.Time `db:"created_at"`
}

// WindowHistory lists every window of the actor's school in a year, the newest
// of a period first: for whom it was opened, that one counts.
func (t *Tx) WindowHistory(ctx context.Context, year school.Year) (map[school.Period][]WindowChange, error) {
	var list []WindowChange
	err := t.list(ctx, "list the history of entry windows", &list, `SELECT w.period, w.opens_at, w.closes_at, w.reason,
		  coalesce(w.grade, 0) AS grade, coalesce(w.class_id, 0) AS class_id, coalesce(c.name, '') AS class_name,
		  coalesce(a.full_name, '') AS by_name, w.created_at
		FROM school.entry_window w LEFT JOIN core.account a ON a.id = w.created_by LEFT JOIN school.class c ON c.id = w.class_id
		WHERE w.school_id = $1 AND w.school_year = $2 ORDER BY w.period, w.id DESC`, t.Actor.SchoolID, year)
	out := map[school.Period][]WindowChange{}
	for _, w := range list {
		out[w.Period] = append(out[w.Period], w)
	}
	return out, err
}
