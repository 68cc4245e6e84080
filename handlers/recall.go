package handlers

import (
	"net/http"
	"strconv"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
)

// Taking an accepted record back, or making its next version, before the lock.
var recallRoutes = []route{
	{get, "/:year/recall", workflow.PermRecall, (*Portal).showRecalls},
	{get, "/:year/recall/:record", workflow.PermRecall, (*Portal).showRecall},
	{post, "/:year/recall/:record", workflow.PermRecall, (*Portal).createRecall},
}

// showRecalls lists the classes with accepted records, and of one class the
// pupils.
func (p *Portal) showRecalls(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	page := views.Recalls{Year: year, Now: r.now}
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	if page.Windows, err = p.closingWindows(r, year); err != nil {
		return err
	}
	page.ClassID, _ = strconv.ParseInt(r.QueryParam("class"), 10, 64)
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		stages, err := tx.ClassStages(r.ctx(), year)
		if err != nil {
			return err
		}
		page.Classes = submissionClasses(stages)
		sent, err := tx.Statements(r.ctx(), year, 0, bundle.Recall)
		if err != nil {
			return err
		}
		page.Sent = sentRows(sent, page.Classes)
		if page.ClassID == 0 {
			return nil
		}
		return fillRecalls(r, tx, &page)
	})
	if err != nil {
		return err
	}
	return r.page(http.StatusOK, views.RecallsPage(page))
}

func fillRecalls(r *request, tx *db.Tx, page *views.Recalls) error {
	class, err := tx.Class(r.ctx(), page.Year, page.ClassID)
	if err != nil {
		return err
	}
	page.ClassName = class.Name
	rows, err := tx.ClassVersions(r.ctx(), class.ID)
	page.Rows = nil
	for _, v := range rows {
		if v.Stage == workflow.Accepted || v.Standing == record.StandReplacing {
			row := versionRow(v, nil)
			page.Rows = append(page.Rows, views.RecallRow{VersionRow: row, Replacing: v.Standing == record.StandReplacing})
		}
	}
	r.viewed("recall_class", class.ID)
	return err
}

// showRecall asks which way, and why.
func (p *Portal) showRecall(r *request) error {
	return p.recallPage(r, http.StatusOK, views.Recall{})
}

func (p *Portal) recallPage(r *request, status int, page views.Recall) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	id, err := r.id("record")
	if err != nil {
		return err
	}
	page.Year, page.Now = year, r.now
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		rec, err := tx.Record(r.ctx(), id, false)
		if err != nil {
			return err
		}
		if len(rec.Versions) == 0 || rec.General.Year != year {
			return fault.New(fault.NotFound, "record.unknown")
		}
		page.RecordID, page.Name, page.ClassName, page.Stage = rec.ID, rec.Pupil.Name, rec.Class.Name, rec.Stage
		page.Version = rec.Versions[len(rec.Versions)-1].Number
		page.Track = max(rec.Page.Track, school.TrackJune)
		return nil
	})
	if err != nil {
		return err
	}
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	if page.With, err = p.sealWith(r, year, bundle.Recall); err != nil {
		return err
	}
	windows, err := p.closingWindows(r, year)
	if err != nil {
		return err
	}
	page.Window = windows[page.Track]
	r.viewed("recall", id)
	return r.page(status, views.RecallPage(page))
}

// createRecall takes the version back with a sealed statement, or opens the
// record for its next version while this one stays in force.
func (p *Portal) createRecall(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	id, err := r.id("record")
	if err != nil {
		return err
	}
	form := views.Recall{Act: r.FormValue("act"), Reason: r.FormValue("reason")}
	to, err := p.takeBack(r, year, id, form)
	f := fault.As(err)
	if f != nil && f.Kind != fault.NotFound && f.Kind != fault.Internal {
		form.Refusal = f
		return p.recallPage(r, status(err), form)
	}
	if err != nil {
		return err
	}
	return r.see(to)
}

// takeBack carries the chosen act out and returns where its result stands.
func (p *Portal) takeBack(r *request, year school.Year, id int64, form views.Recall) (string, error) {
	switch form.Act {
	case views.ActReplace:
		return views.RecordURL(year, id), jobs.Submission{DB: p.db}.Replace(r.ctx(), r.actor, id, form.Reason)
	case views.ActRecall:
	default:
		return "", fault.New(fault.Invalid, "recall.act")
	}
	out, err := p.askStatement(r, jobs.StatementOrder{Kind: bundle.Recall, RecordID: id, Grounds: jobs.Grounds{Reason: form.Reason}})
	if err != nil {
		return "", err
	}
	return askedURL(year, out), nil
}
