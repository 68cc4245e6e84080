package db_test

import (
	"context"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/evaluation"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// step is a value over the value that was seen.
type step struct{ old, new string }

// waiting is what one cell has in the queue: sent steps may or may not have
// arrived, so later typing is a step of its own.
type waiting struct {
	steps []step
	sent  int
}

// desk is one open grid, by the rules of static/js/gradebook/queue.js: what it
// knows, what waits, what was refused and is shown.
type desk struct {
	name  string
	known map[db.CellRef]string
	queue map[db.CellRef]*waiting
	held  map[db.CellRef]step // theirs, mine
	// Beside the protocol, for the judgement at the end.
	seen    map[db.CellRef]map[string]bool // values it saw standing there, or wrote
	typed   map[db.CellRef]string          // the last value typed
	settled map[db.CellRef]bool            // the person gave the last value up for what stands there
}

func newDesk(name string) *desk {
	return &desk{name: name, known: map[db.CellRef]string{}, queue: map[db.CellRef]*waiting{}, held: map[db.CellRef]step{},
		seen: map[db.CellRef]map[string]bool{}, typed: map[db.CellRef]string{}, settled: map[db.CellRef]bool{}}
}

func (d *desk) sees(c db.CellRef, value string) {
	if d.seen[c] == nil {
		d.seen[c] = map[string]bool{"": true}
	}
	d.seen[c][value] = true
}

// put is typing, or standing by a value against another.
func (d *desk) put(c db.CellRef, old, value string) {
	delete(d.held, c)
	w := d.queue[c]
	if w == nil {
		w = &waiting{}
		d.queue[c] = w
	}
	if n := len(w.steps); n > w.sent {
		w.steps[n-1].new = value
	} else {
		if n > 0 {
			old = w.steps[n-1].new
		}
		w.steps = append(w.steps, step{old, value})
	}
	d.sees(c, value)
	d.typed[c], d.settled[c] = value, false
}

// world is two desks over one table.
type world struct {
	t     *rapid.T
	db    *dbtest.Database
	actor workflow.Actor
	at    db.ClassPeriod
	cells []db.CellRef
	desks []*desk
}

// send puts the queue on the line: arrives says whether the server gets it,
// answered whether the answer comes back.
func (w *world) send(d *desk, arrives, answered bool) {
	var changes []db.CellChange
	for _, c := range w.cells { // in one order, as the page has one
		if e := d.queue[c]; e != nil {
			for _, s := range e.steps {
				changes = append(changes, db.CellChange{CellRef: c, Old: s.old, New: s.new})
			}
			e.sent = len(e.steps)
		}
	}
	if len(changes) == 0 || !arrives {
		return
	}
	actor := w.actor
	actor.RequestID = d.name
	var results []db.CellResult
	err := w.db.As(context.Background(), actor, func(tx *db.Tx) error {
		var err error
		results, err = tx.SaveCells(context.Background(), w.at, changes)
		return err
	})
	if err != nil {
		w.t.Fatalf("save: %v", err)
	}
	if !answered {
		return
	}
	for _, r := range results {
		d.sees(r.CellRef, r.Value)
		d.known[r.CellRef] = r.Value
		mine := d.queue[r.CellRef].steps[len(d.queue[r.CellRef].steps)-1].new
		delete(d.queue, r.CellRef)
		switch {
		case r.Fault == nil && r.Value != mine:
			w.t.Fatalf("%s: told that %v is saved, but %q stands there", d.name, r.CellRef, r.Value)
		case r.Fault != nil && r.Fault.Code != "cell.stale":
			w.t.Fatalf("%s: %v", d.name, r.Fault)
		case r.Fault != nil:
			d.held[r.CellRef] = step{r.Value, mine}
		}
	}
}

// stands reads what the server has.
func (w *world) stands() map[db.CellRef]string {
	out := map[db.CellRef]string{}
	err := w.db.As(context.Background(), w.actor, func(tx *db.Tx) error {
		cells, err := tx.CellsSince(context.Background(), w.at, dbtest.Start)
		for _, c := range cells {
			out[c.CellRef] = c.Value
		}
		return err
	})
	if err != nil {
		w.t.Fatalf("read: %v", err)
	}
	return out
}

// hear is the stream of events: it touches no cell that is being written.
func (w *world) hear(d *desk) {
	stands := w.stands()
	for _, c := range w.cells {
		if d.queue[c] != nil {
			continue
		}
		d.sees(c, stands[c])
		if h, ok := d.held[c]; ok {
			if h.new == stands[c] {
				delete(d.held, c)
				d.known[c] = stands[c]
			} else {
				d.held[c] = step{stands[c], h.new}
			}
			continue
		}
		d.known[c] = stands[c]
	}
}

// reload closes the page and opens it again: what waited or was refused is
// offered beside what stands there now, and the person decides.
func (w *world) reload(t *rapid.T, d *desk) {
	mine := map[db.CellRef]string{}
	for c, e := range d.queue {
		mine[c] = e.steps[len(e.steps)-1].new
	}
	for c, h := range d.held {
		mine[c] = h.new
	}
	clear(d.queue)
	clear(d.held)
	stands := w.stands()
	for _, c := range w.cells {
		d.sees(c, stands[c])
		d.known[c] = stands[c]
		value, left := mine[c]
		if !left || value == stands[c] {
			continue
		}
		if rapid.Bool().Draw(t, "take mine") {
			d.put(c, stands[c], value)
		} else {
			d.settled[c] = true
		}
	}
}

func (w *world) resolve(t *rapid.T, d *desk) {
	for _, c := range w.cells {
		h, ok := d.held[c]
		if !ok {
			continue
		}
		if rapid.Bool().Draw(t, "keep mine") {
			d.put(c, h.old, h.new)
		} else {
			delete(d.held, c)
			d.known[c], d.settled[c] = h.old, true
		}
		return
	}
}

// written is one line of a cell's history.
type written struct {
	step
	by string
}

func (w *world) history(c db.CellRef) (out []written) {
	rows, err := w.db.Owner().Query(`SELECT old_value, new_value, request_id FROM school.entry_history
		WHERE enrolment_id = $1 AND item = $2 AND field = $3 ORDER BY id`, c.Enrolment, c.Item, c.Field)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var line written
		if err := rows.Scan(&line.old, &line.new, &line.by); err != nil {
			w.t.Fatal(err)
		}
		out = append(out, line)
	}
	return out
}

// judge looks behind the protocol, into the history: one chain a cell, in which
// nobody wrote over a value not seen, and which has every last word that
// neither is shown as a conflict nor was given up.
func (w *world) judge(t *rapid.T) {
	stands := w.stands()
	for _, c := range w.cells {
		at, had := "", []string{""}
		for _, change := range w.history(c) {
			if change.old != at {
				t.Fatalf("%v: %q was written over %q, but %q stood there", c, change.new, change.old, at)
			}
			for _, d := range w.desks {
				if d.name == change.by && !d.seen[c][change.old] {
					t.Fatalf("%v: %s wrote %q over %q without having seen it", c, d.name, change.new, change.old)
				}
			}
			at, had = change.new, append(had, change.new)
		}
		if stands[c] != at {
			t.Fatalf("%v: %q stands there, the history ends with %q", c, stands[c], at)
		}
		for _, d := range w.desks {
			last, wrote := d.typed[c]
			if _, shown := d.held[c]; wrote && !shown && !d.settled[c] && !slices.Contains(had, last) {
				t.Fatalf("%v: %s typed %q, it is neither there nor shown; history %q", c, d.name, last, had)
			}
		}
	}
}

// TestSaveCells_MergesAnyInterleaving lets two open grids type, send, lose
// requests and answers, hear of each other, reload and settle conflicts in any
// order. In the end every confirmed value is there or was seen by whoever
// replaced it, and every conflict is shown.
func TestSaveCells_MergesAnyInterleaving(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	openWindow(d, c, school.YearEnd)
	var cells []db.CellRef
	for _, pupil := range c.Roll[:2] {
		for _, f := range []evaluation.Field{evaluation.FieldLevel, evaluation.FieldMark} {
			cells = append(cells, db.CellRef{Enrolment: pupil.EnrolmentID, Item: toan, Field: f})
		}
	}
	values := map[evaluation.Field][]string{evaluation.FieldLevel: {"", "T", "H", "C"}, evaluation.FieldMark: {"", "1", "2", "3", "4", "5", "6", "7", "8", "9"}}
	rapid.Check(t, func(t *rapid.T) {
		d.Exec(`DELETE FROM school.entry`)
		d.Exec(`DELETE FROM school.entry_history`)
		w := &world{t: t, db: d, actor: c.Huong, at: table(c, school.YearEnd), cells: cells, desks: []*desk{newDesk("here"), newDesk("there")}}
		desk := func(t *rapid.T) *desk { return rapid.SampledFrom(w.desks).Draw(t, "desk") }
		t.Repeat(map[string]func(*rapid.T){
			"type": func(t *rapid.T) {
				d, c := desk(t), rapid.SampledFrom(cells).Draw(t, "cell")
				old := d.known[c]
				if h, ok := d.held[c]; ok {
					old = h.old
				}
				d.put(c, old, rapid.SampledFrom(values[c.Field]).Draw(t, "value"))
			},
			"send":            func(t *rapid.T) { w.send(desk(t), true, true) },
			"lose a request":  func(t *rapid.T) { w.send(desk(t), false, false) },
			"lose an answer":  func(t *rapid.T) { w.send(desk(t), true, false) },
			"hear of others":  func(t *rapid.T) { w.hear(desk(t)) },
			"reload":          func(t *rapid.T) { w.reload(t, desk(t)) },
			"settle conflict": func(t *rapid.T) { w.resolve(t, desk(t)) },
		})
		for _, d := range w.desks {
			w.send(d, true, true)
			if len(d.queue) > 0 {
				t.Fatalf("%s still waits for %v", d.name, slices.Collect(maps.Keys(d.queue)))
			}
		}
		w.judge(t)
	})
}
