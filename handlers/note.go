package handlers

import (
	"net/http"
	"slices"
	"strconv"

	"hocba/db"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
)

// Notes between those who answer for a cell of a pupil.
var noteRoutes = []route{
	{get, "/:year/classes/:class/notes", workflow.PermNote, (*Portal).showNotes},
	{post, "/:year/classes/:class/notes", workflow.PermNote, (*Portal).createNote},
	{post, "/:year/notes/:note/replies", workflow.PermNote, (*Portal).createReply},
	{post, "/:year/notes/:note/closure", workflow.PermNote, (*Portal).createNoteClosure},
}

// showNotes shows the notes of a class; pupil, item and period of the query
// choose the cell that a new note is about.
func (p *Portal) showNotes(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	class, err := r.id("class")
	if err != nil {
		return err
	}
	page := views.Notes{Year: year, ClassID: class, Done: r.QueryParam("done"), Pupil: r.QueryParam("pupil"), Item: r.QueryParam("item"),
		Period: r.QueryParam("period")}
	return p.answerNotes(r, page)
}

func (p *Portal) answerNotes(r *request, page views.Notes) error {
	var err error
	if page.Frame, err = p.frame(r, page.Year); err != nil {
		return err
	}
	page.Leads = r.actor.Role == workflow.Principal || r.actor.Role == workflow.Deputy
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		class, err := tx.Class(r.ctx(), page.Year, page.ClassID)
		if err != nil {
			return err
		}
		page.ClassName, page.Homeroom = class.Name, class.HomeroomID == r.actor.AccountID
		taught, err := tx.ClassAssignments(r.ctx(), page.ClassID)
		if err != nil {
			return err
		}
		teaches := slices.ContainsFunc(taught, func(a db.Assignment) bool { return a.AccountID == r.actor.AccountID })
		if !page.Leads && !page.Homeroom && !teaches {
			return fault.New(fault.NotFound, "class.unknown")
		}
		page.Subjects = nil
		for _, a := range taught {
			if !slices.Contains(page.Subjects, a.Subject) {
				page.Subjects = append(page.Subjects, a.Subject)
			}
		}
		roll, err := tx.Roll(r.ctx(), page.ClassID)
		if err != nil {
			return err
		}
		page.Roll = nil
		for _, row := range roll {
			page.Roll = append(page.Roll, views.Person{ID: row.EnrolmentID, Name: row.FullName})
		}
		notes, err := tx.ClassNotes(r.ctx(), page.Year, page.ClassID)
		page.List = nil
		for _, n := range notes {
			page.List = append(page.List, noteOf(n))
		}
		return err
	})
	if err != nil {
		return err
	}
	r.viewed("notes", page.ClassID)
	code := http.StatusOK
	if page.Error != nil {
		code = status(page.Error)
	}
	return r.page(code, views.NotesPage(page))
}

// noteOf is a note as the page shows it.
func noteOf(n db.Note) views.Note {
	out := views.Note{ID: n.ID, Year: n.Year, Pupil: n.Pupil, Period: n.Period, Item: n.Item, To: string(n.To), State: string(n.State), Mine: n.Mine}
	for _, m := range n.Messages {
		out.Messages = append(out.Messages, views.NoteMessage{By: m.By, Own: m.Own, Body: m.Body, At: m.At})
	}
	return out
}

func (p *Portal) createNote(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	class, err := r.id("class")
	if err != nil {
		return err
	}
	page := views.Notes{Year: year, ClassID: class, Pupil: r.FormValue("pupil"), Item: r.FormValue("item"), Period: r.FormValue("period"),
		To: r.FormValue("to"), Body: school.Clean(r.FormValue("body"))}
	n := db.NewNote{Year: year, ClassID: class, Item: evaluation.Item(page.Item), To: db.NoteTo(page.To), Body: page.Body}
	n.Enrolment, _ = strconv.ParseInt(page.Pupil, 10, 64) // 0 is nobody: refused below
	var ok bool
	if n.Period, ok = school.ParsePeriod(page.Period); !ok {
		err = fault.New(fault.Invalid, "window.period")
	} else {
		err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
			_, err := tx.WriteNote(r.ctx(), n)
			return err
		})
	}
	switch f := fault.As(err); {
	case f != nil && (f.Kind == fault.Invalid || f.Code == "cell.pupil"):
		page.Error = fault.New(fault.Invalid, f.Code)
		return p.answerNotes(r, page)
	case err != nil:
		return err
	}
	return r.see(views.NotesURL(year, class) + "?done=written")
}

func (p *Portal) createReply(r *request) error {
	body := school.Clean(r.FormValue("body"))
	return p.onNote(r, body, func(tx *db.Tx, year school.Year, id int64) (db.Note, error) {
		return tx.AnswerNote(r.ctx(), year, id, body)
	})
}

func (p *Portal) createNoteClosure(r *request) error {
	return p.onNote(r, "", func(tx *db.Tx, year school.Year, id int64) (db.Note, error) { return tx.CloseNote(r.ctx(), year, id) })
}

// onNote does something to a note and shows its class again; what was typed
// and cannot be taken stays on the page.
func (p *Portal) onNote(r *request, typed string, act func(*db.Tx, school.Year, int64) (db.Note, error)) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	id, err := r.id("note")
	if err != nil {
		return err
	}
	var n db.Note
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		if n, err = tx.Note(r.ctx(), year, id); err != nil {
			return err
		}
		_, err = act(tx, year, id)
		return err
	})
	if f := formFault(err); f != nil {
		return p.answerNotes(r, views.Notes{Year: year, ClassID: n.ClassID, Replying: id, Reply: typed, Error: f})
	}
	if err != nil {
		return err
	}
	return r.see(views.NotesURL(year, n.ClassID) + "?done=sent#" + views.ID("note", id))
}
