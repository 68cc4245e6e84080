package handlers

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
)

// approvalList is one class with its pupils: those that wait in the order in
// which "sang em tiếp theo" leads through them. current is the record shown
// beside the list, 0 for none.
func approvalList(r *request, tx *db.Tx, year school.Year, classID, current int64) (views.ApprovalList, error) {
	var l views.ApprovalList
	class, err := tx.ApprovalClass(r.ctx(), year, classID)
	if err != nil {
		return l, err
	}
	rows, err := tx.ApprovalRows(r.ctx(), classID)
	if err != nil {
		return l, err
	}
	var flags []db.ApprovalFlags
	for _, row := range rows {
		if row.Stage == workflow.HomeroomSigned {
			flags = append(flags, row.Flags)
		}
	}
	slices.SortStableFunc(rows, func(a, b db.ApprovalRow) int { return rank(a) - rank(b) })
	for _, row := range rows {
		pupil := views.ApprovalPupil{Number: row.Number, RecordID: row.RecordID, Name: row.Name, Stage: row.Stage, Flags: flagsView(row.Flags),
			Opened: row.Flags.Opened, Current: row.RecordID == current}
		if row.Stage == workflow.HomeroomSigned {
			l.Waiting = append(l.Waiting, pupil)
		} else {
			l.Others = append(l.Others, pupil)
		}
	}
	l.Class = approvalClass(year, class, flags, nil)
	l.Allowed, err = mayApprove(r, tx)
	return l, err
}

// rank puts the marked pupils before the others.
func rank(row db.ApprovalRow) int {
	if row.Flags.Any() {
		return 0
	}
	return 1
}

// mayApprove reports whether the person may approve today: a deputy needs a
// delegation.
func mayApprove(r *request, tx *db.Tx) (bool, error) {
	if r.actor.Role != workflow.Deputy {
		return workflow.Can(r.actor.Role, workflow.PermApprove), nil
	}
	return tx.Delegated(r.ctx(), r.actor.AccountID)
}

// showApprovalClass shows one class of the queue.
func (p *Portal) showApprovalClass(r *request) error {
	return p.approvalClassPage(r, http.StatusOK, nil)
}

func (p *Portal) approvalClassPage(r *request, code int, refused *fault.Error) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	classID, err := r.id("class")
	if err != nil {
		return err
	}
	page := views.ApprovalClassPage{Year: year, Fault: refused}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		if page.List, err = approvalList(r, tx, year, classID, 0); err != nil {
			return err
		}
		if err := tryApproval(r, tx, &page.List); err != nil {
			return err
		}
		if page.Dry, err = dryRun(r, tx, year); err != nil {
			return err
		}
		if page.Job, err = openJob(r, tx, jobs.Approve, jobs.ClassSubject(classID)); err != nil {
			return err
		}
		if page.Papers, err = tx.ClassPapers(r.ctx(), classID); err != nil {
			return err
		}
		if page.With, err = signWith(r, tx, year, bundle.Approval); err != nil {
			return err
		}
		if page.Done = doneName(r, page.List); page.List.Class.Before > 0 {
			blockers, err := tx.ApprovalBlockers(r.ctx(), year)
			if err != nil {
				return err
			}
			class, err := tx.ApprovalClass(r.ctx(), year, classID)
			held := approvalClass(year, class, nil, blockers)
			page.List.Class.Blockers, page.List.Class.ForHomeroom = held.Blockers, held.ForHomeroom
			return err
		}
		return nil
	})
	if err != nil {
		return err
	}
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	r.viewed("approval.class", classID)
	return r.page(code, views.ApprovalClassView(page))
}

// doneName is the pupil approved just before, as the address says; only one
// that stands approved in this class is named.
func doneName(r *request, l views.ApprovalList) string {
	id, err := strconv.ParseInt(r.QueryParam("done"), 10, 64)
	if err != nil {
		return ""
	}
	for _, o := range l.Others {
		if o.RecordID == id && o.Stage == workflow.Approved {
			return o.Name
		}
	}
	return ""
}

// createApprovalBatch approves what waits in a class, as a job, after the
// marked ones were opened.
func (p *Portal) createApprovalBatch(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	classID, err := r.id("class")
	if err != nil {
		return err
	}
	var list views.ApprovalList
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		list, err = approvalList(r, tx, year, classID, 0)
		return err
	})
	if err != nil {
		return err
	}
	if err := batchable(list); err != nil {
		return err
	}
	if err := readMeaning(r, bundle.Approval); err != nil {
		return err
	}
	order := jobs.Order{Kind: jobs.Approve, Subject: jobs.ClassSubject(classID), PIN: r.FormValue("pin"), Way: r.way()}
	for _, w := range list.Waiting {
		order.Items = append(order.Items, db.NewItem{Key: jobs.RecordKey(w.RecordID)})
	}
	job, err := p.jobs.Ask(r.ctx(), r.actor, order)
	if f := pinFault(err); f != nil && !r.hx() {
		return p.approvalClassPage(r, pinStatus(f), f)
	}
	if err != nil {
		return err
	}
	return r.see(views.JobURL(job.ID))
}

// batchable refuses a batch while marked pupils were not opened.
func batchable(l views.ApprovalList) error {
	var names []string
	for _, w := range l.Waiting {
		if _, marked := w.Flags.Status(); marked && !w.Opened {
			names = append(names, w.Name)
		}
	}
	switch {
	case len(l.Waiting) == 0:
		return fault.New(fault.Conflict, "approval.nothing")
	case !l.Allowed:
		return fault.New(fault.Forbidden, "record.no_delegation")
	case len(names) > 0:
		return fault.New(fault.Conflict, "approval.unopened", "count", strconv.Itoa(len(names)), "names", strings.Join(names, ", "))
	}
	return nil
}
