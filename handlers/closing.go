package handlers

import (
	"net/http"
	"strings"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
)

// The principal's hand of the chốt: class and track.
var closingRoutes = []route{
	{get, "/:year/closing", workflow.PermClose, (*Portal).showClosings},
	{get, "/:year/closing/:class", workflow.PermClose, (*Portal).showClosing},
	{post, "/:year/closing/:class", workflow.PermClose, (*Portal).createClosing},
}

// showClosings lists the classes: closed, ready to be, or not yet.
func (p *Portal) showClosings(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	page := views.Closings{Year: year, Now: r.now}
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	if page.Windows, err = p.closingWindows(r, year); err != nil {
		return err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		stages, err := tx.ClassStages(r.ctx(), year)
		if err != nil {
			return err
		}
		sent, err := tx.Statements(r.ctx(), year, 0, bundle.Closing)
		if err != nil {
			return err
		}
		page.Classes = submissionClasses(stages)
		page.Sent = sentRows(sent, page.Classes)
		page.Closed = closedClasses(sent)
		return nil
	})
	if err != nil {
		return err
	}
	return r.page(http.StatusOK, views.ClosingsPage(page))
}

// closedClasses are the accepted statements by class and track.
func closedClasses(sent []db.KeptStatement) map[views.ClassTrack]int64 {
	out := map[views.ClassTrack]int64{}
	for _, s := range sent {
		if s.Result == bundle.Accepted && s.ClassID != nil {
			out[views.ClassTrack{ClassID: *s.ClassID, Track: s.Track}] = s.ID
		}
	}
	return out
}

// closingWindows reads the Sở's time of both tracks.
func (p *Portal) closingWindows(r *request, year school.Year) (map[school.Track]views.ClosingWindow, error) {
	out := map[school.Track]views.ClosingWindow{}
	err := p.db.Registry(r.ctx(), r.actor, func(tx *db.Tx) error {
		for _, track := range []school.Track{school.TrackJune, school.TrackAugust} {
			w, err := tx.ClosingTime(r.ctx(), year, track)
			if err != nil {
				return err
			}
			out[track] = views.ClosingWindow{Opens: w.Opens, Ends: w.Ends, State: w.State(r.now)}
		}
		return nil
	})
	return out, err
}

// showClosing says what a chốt of the class would hold, and who keeps it back.
func (p *Portal) showClosing(r *request) error {
	return p.closingPage(r, http.StatusOK, nil, nil)
}

func (p *Portal) closingPage(r *request, status int, reasons map[string]bundle.AbsenceReason, refusal *fault.Error) error {
	at, err := r.classTrack()
	if err != nil {
		return err
	}
	plan, err := jobs.Submission{DB: p.db}.PlanClosing(r.ctx(), r.actor, at, nil)
	if err != nil {
		return err
	}
	page := views.Closing{Year: at.Year, Track: at.Track, ClassID: plan.Class.ID, ClassName: plan.Class.Name, Now: r.now,
		Reasons: reasons, Refusal: refusal}
	if page.Frame, err = p.frame(r, at.Year); err != nil {
		return err
	}
	if page.With, err = p.sealWith(r, at.Year, bundle.Closing); err != nil {
		return err
	}
	windows, err := p.closingWindows(r, at.Year)
	if err != nil {
		return err
	}
	page.Window = windows[at.Track]
	for _, c := range plan.Listed {
		page.Listed = append(page.Listed, versionRow(c.VersionRow, nil))
	}
	for _, c := range plan.Absent {
		page.Absent = append(page.Absent, views.AbsentRow{VersionRow: versionRow(c.VersionRow, nil), Reason: c.Reason})
	}
	for _, c := range plan.Blocked {
		page.Blocked = append(page.Blocked, versionRow(c.VersionRow, c.Fault))
	}
	r.viewed("closing_class", at.ClassID)
	return r.page(status, views.ClosingPage(page))
}

// reasonField is the name of the field that says why a pupil has no record.
const reasonField = "reason-"

// absenceReasons reads why pupils without a record have none.
func absenceReasons(r *request) (map[string]bundle.AbsenceReason, error) {
	form, err := r.FormParams()
	if err != nil {
		return nil, fault.New(fault.Invalid, "request.invalid")
	}
	out := map[string]bundle.AbsenceReason{}
	for name := range form {
		pupil, ok := strings.CutPrefix(name, reasonField)
		if !ok {
			continue
		}
		switch reason := bundle.AbsenceReason(form.Get(name)); reason {
		case bundle.NotComplete, bundle.PaperBook, bundle.MovedAway:
			out[pupil] = reason
		case "":
		default:
			return nil, fault.New(fault.Invalid, "request.invalid")
		}
	}
	return out, nil
}

// createClosing closes class and track: the statement is sealed, stored, sent.
// Refused, the page names who is missing and keeps the reasons chosen.
func (p *Portal) createClosing(r *request) error {
	at, err := r.classTrack()
	if err != nil {
		return err
	}
	reasons, err := absenceReasons(r)
	if err != nil {
		return err
	}
	out, err := p.askStatement(r, jobs.StatementOrder{Kind: bundle.Closing, At: at, Reasons: reasons})
	if err != nil {
		f := fault.As(err)
		if f == nil || f.Kind == fault.NotFound || f.Kind == fault.Internal {
			return err
		}
		return p.closingPage(r, status(err), reasons, f)
	}
	return r.see(askedURL(at.Year, out))
}
