package db

import (
	"context"
	"time"

	"github.com/lib/pq"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
)

// OpenWork is what a person has still to write and to sign in a class.
type OpenWork struct {
	AccountID int64 // 0: nobody holds the duty today
	Name      string
	ClassID   int64
	ClassName string
	Items     []OpenItem
	Nudged    time.Time // when the actor last asked for it; zero: never
}

// OpenItem is an item of it.
type OpenItem struct {
	Item   evaluation.Item
	Cells  int // empty cells
	Pupils int // who have them
}

// OpenWork lists, person by person, what classes of the actor's school still
// lack in a period, in the order of the classes. It asks once for all of them.
func (t *Tx) OpenWork(ctx context.Context, year school.Year, period school.Period, classes []Class) ([]OpenWork, error) {
	d := Duties{Homes: classes}
	ids := d.homes()
	err := t.list(ctx, "list who teaches classes", &d.Taught, `SELECT DISTINCT ON (s.class_id, s.subject) s.id, s.class_id, c.name AS class_name, s.subject,
		  s.account_id, a.full_name AS teacher_name, coalesce(a.teacher_code, '') AS teacher_code, s.from_date, s.to_date
		FROM school.teaching_assignment s JOIN school.class c ON c.id = s.class_id JOIN core.account a ON a.id = s.account_id
		WHERE s.class_id = ANY($1) AND s.from_date <= $2 AND (s.to_date IS NULL OR s.to_date >= $2)
		ORDER BY s.class_id, s.subject, s.from_date DESC, s.id DESC`, pq.Array(ids), school.DateOf(t.Now))
	if err != nil {
		return nil, err
	}
	type duty struct {
		class int64
		item  evaluation.Item
	}
	teacher := map[duty]Assignment{}
	for _, a := range d.Taught {
		teacher[duty{a.ClassID, evaluation.Item(a.Subject)}] = a
	}
	asked := d
	asked.Taught = nil
	for _, c := range classes { // every subject, taught or not: what nobody teaches is nobody's
		for _, s := range school.Subjects {
			asked.Taught = append(asked.Taught, Assignment{ClassID: c.ID, Subject: s})
		}
	}
	cells, err := t.EmptyCells(ctx, asked, year, period)
	if err != nil {
		return nil, err
	}
	home := map[int64]Class{}
	for _, c := range classes {
		home[c.ID] = c
	}
	var out []OpenWork
	place := map[[2]int64]int{}
	for _, c := range cells {
		w := OpenWork{ClassID: c.ClassID, ClassName: c.ClassName, AccountID: home[c.ClassID].HomeroomID, Name: home[c.ClassID].HomeroomName}
		if c.Item.Kind() == evaluation.SubjectItem {
			a := teacher[duty{c.ClassID, c.Item}]
			w.AccountID, w.Name = a.AccountID, a.TeacherName
		}
		key := [2]int64{c.ClassID, w.AccountID}
		if _, seen := place[key]; !seen {
			place[key] = len(out)
			out = append(out, w)
		}
		one := &out[place[key]]
		one.Items = append(one.Items, OpenItem{c.Item, c.Cells, c.Pupils})
	}
	return out, t.nudgedBefore(ctx, period, ids, out)
}

// nudgedBefore fills in when the actor last asked for each.
func (t *Tx) nudgedBefore(ctx context.Context, period school.Period, classes []int64, list []OpenWork) error {
	var rows []struct {
		ClassID int64     `db:"class_id"`
		To      int64     `db:"to_account"`
		At      time.Time `db:"at"`
	}
	err := t.list(ctx, "find former nudges", &rows, `SELECT class_id, to_account, max(at) AS at FROM school.nudge
		WHERE class_id = ANY($1) AND period = $2 AND by_account = $3 GROUP BY class_id, to_account`, pq.Array(classes), period, t.Actor.AccountID)
	for _, r := range rows {
		for i := range list {
			if list[i].ClassID == r.ClassID && list[i].AccountID == r.To {
				list[i].Nudged = r.At
			}
		}
	}
	return err
}

// Nudge asks a person for what a class lacks in a period, once a day. NotFound,
// page.unknown, when nothing of the class waits for the person; Conflict,
// nudge.today, when the actor has asked today; Invalid, nudge.self.
func (t *Tx) Nudge(ctx context.Context, period school.Period, class Class, to int64) error {
	if to == t.Actor.AccountID {
		return fault.New(fault.Invalid, "nudge.self")
	}
	open, err := t.OpenWork(ctx, class.Year, period, []Class{class})
	if err != nil {
		return err
	}
	for _, w := range open {
		if to == 0 || w.AccountID != to {
			continue
		}
		var id int64
		err := t.get(ctx, "nudge.today", &id, `INSERT INTO school.nudge (school_id, school_year, class_id, period, by_account, to_account, day, at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING id`, t.Actor.SchoolID, class.Year, class.ID, period,
			t.Actor.AccountID, to, school.DateOf(t.Now), t.Now)
		if fault.Is(err, "nudge.today") {
			return fault.New(fault.Conflict, "nudge.today")
		}
		return err
	}
	return fault.New(fault.NotFound, "page.unknown")
}

// nudgeLives is how long a person is reminded of a nudge.
const nudgeLives = 7

// NudgesOf returns who asked the actor for a class and period in the last days,
// by class and period: the newest of each.
func (t *Tx) NudgesOf(ctx context.Context, year school.Year) (map[int64]map[school.Period]Nudged, error) {
	var rows []struct {
		ClassID int64         `db:"class_id"`
		Period  school.Period `db:"period"`
		Nudged
	}
	today := school.DateOf(t.Now)
	err := t.list(ctx, "list nudges", &rows, `SELECT DISTINCT ON (n.class_id, n.period) n.class_id, n.period, a.full_name AS by_name, n.at
		FROM school.nudge n JOIN core.account a ON a.id = n.by_account
		WHERE n.to_account = $1 AND n.school_year = $2 AND n.day > $3::date - $4::integer ORDER BY n.class_id, n.period, n.at DESC`,
		t.Actor.AccountID, year, today, nudgeLives)
	out := map[int64]map[school.Period]Nudged{}
	for _, r := range rows {
		if out[r.ClassID] == nil {
			out[r.ClassID] = map[school.Period]Nudged{}
		}
		out[r.ClassID][r.Period] = r.Nudged
	}
	return out, err
}

// Nudged is who asked, and when.
type Nudged struct {
	By string    `db:"by_name"`
	At time.Time `db:"at"`
}
