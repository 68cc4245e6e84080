package handlers

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/internal/signing"
	"hocba/internal/workflow"
	"hocba/views"
)

// approvalRoutes are the principal's queue and the acts on one record in it.
var approvalRoutes = []route{
	{get, "/:year/approval", workflow.PermApprove, (*Portal).showApprovalQueue},
	{post, "/:year/approval", workflow.PermApprove, (*Portal).createSchoolApproval},
	{get, "/:year/approval/:class", workflow.PermApprove, (*Portal).showApprovalClass},
	{post, "/:year/approval/:class", workflow.PermApprove, (*Portal).createApprovalBatch},
	{post, "/:year/records/:record/approval", workflow.PermApprove, (*Portal).createApproval},
	{del, "/:year/records/:record/approval", workflow.PermApprove, (*Portal).destroyApproval},
	{get, "/:year/delegations", workflow.PermDelegate, (*Portal).showDelegations},
	{post, "/:year/delegations", workflow.PermDelegate, (*Portal).createDelegation},
}

// showApprovalQueue shows every class of the year: what can be approved, why to
// look, who has not signed.
func (p *Portal) showApprovalQueue(r *request) error {
	return p.approvalQueuePage(r, http.StatusOK, nil)
}

func (p *Portal) approvalQueuePage(r *request, code int, refused *fault.Error) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	page := views.ApprovalQueue{Year: year, Principal: workflow.Can(r.actor.Role, workflow.PermDelegate), Fault: refused}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		var err error
		if page.Classes, err = approvalQueue(r, tx, year); err != nil {
			return err
		}
		if page.Dry, err = dryRun(r, tx, year); err != nil {
			return err
		}
		if page.With, err = signWith(r, tx, year, bundle.Approval); err != nil {
			return err
		}
		page.Job, err = openJob(r, tx, jobs.Approve, yearSubject(year))
		return err
	})
	if err != nil {
		return err
	}
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	r.viewed("approval", r.actor.SchoolID)
	return r.page(code, views.ApprovalQueuePage(page))
}

// yearSubject names the whole year as the subject of a job over several classes.
func yearSubject(year school.Year) string { return "year:" + string(year) }

// createSchoolApproval approves what waits in the chosen classes with one
// authorisation, as a job; in each of them the marked ones were opened.
func (p *Portal) createSchoolApproval(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	form, err := r.FormParams()
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "request.invalid")
	}
	if err := readMeaning(r, bundle.Approval); err != nil {
		return err
	}
	order := jobs.Order{Kind: jobs.Approve, Subject: yearSubject(year), PIN: r.FormValue("pin"), Way: r.way()}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		if ok, err := mayApprove(r, tx); err != nil || !ok {
			return firstOf(err, fault.New(fault.Forbidden, "record.no_delegation"))
		}
		order.Items, err = approvable(r, tx, year, form["class"])
		return err
	})
	if err != nil {
		return err
	}
	job, err := p.jobs.Ask(r.ctx(), r.actor, order)
	if f := pinFault(err); f != nil && !r.hx() {
		return p.approvalQueuePage(r, pinStatus(f), f)
	}
	if err != nil {
		return err
	}
	return r.see(views.JobURL(job.ID))
}

// approvable lists what waits in the chosen classes. It fails with Conflict
// approval.unopened while one of them has a marked record that was not opened,
// approval.nothing when nothing waits in them.
func approvable(r *request, tx *db.Tx, year school.Year, chosen []string) ([]db.NewItem, error) {
	waiting, err := tx.WaitingRecords(r.ctx(), year)
	if err != nil {
		return nil, err
	}
	waiting = slices.DeleteFunc(waiting, func(w db.WaitingRecord) bool {
		return !slices.Contains(chosen, strconv.FormatInt(w.ClassID, 10))
	})
	flags, err := tx.ApprovalFlags(r.ctx(), idsOf(waiting))
	if err != nil {
		return nil, err
	}
	var items []db.NewItem
	var closed []string
	count := 0
	for _, w := range waiting {
		items = append(items, db.NewItem{Key: jobs.RecordKey(w.ID)})
		if f := flags[w.ID]; f.Any() && !f.Opened {
			if count++; !slices.Contains(closed, w.ClassName) {
				closed = append(closed, w.ClassName)
			}
		}
	}
	switch {
	case count > 0:
		return nil, fault.New(fault.Conflict, "approval.unopened_classes", "count", strconv.Itoa(count), "names", strings.Join(closed, ", "))
	case len(items) == 0:
		return nil, fault.New(fault.Conflict, "approval.none_chosen")
	}
	return items, nil
}

// approvalQueue is the queue with flags and blockers, in a fixed number of queries.
func approvalQueue(r *request, tx *db.Tx, year school.Year) ([]views.ApprovalClass, error) {
	classes, err := tx.ApprovalQueue(r.ctx(), year)
	if err != nil {
		return nil, err
	}
	blockers, err := tx.ApprovalBlockers(r.ctx(), year)
	if err != nil {
		return nil, err
	}
	waiting, err := tx.WaitingRecords(r.ctx(), year)
	if err != nil {
		return nil, err
	}
	flags, err := tx.ApprovalFlags(r.ctx(), idsOf(waiting))
	if err != nil {
		return nil, err
	}
	byClass := map[int64][]db.ApprovalFlags{}
	for _, w := range waiting {
		byClass[w.ClassID] = append(byClass[w.ClassID], flags[w.ID])
	}
	out := make([]views.ApprovalClass, len(classes))
	for i, c := range classes {
		out[i] = approvalClass(year, c, byClass[c.ID], blockers)
	}
	return out, nil
}

func idsOf(waiting []db.WaitingRecord) []int64 {
	out := make([]int64, len(waiting))
	for i, w := range waiting {
		out[i] = w.ID
	}
	return out
}

func approvalClass(year school.Year, c db.ApprovalClass, flags []db.ApprovalFlags, blockers []db.Blocker) views.ApprovalClass {
	v := views.ApprovalClass{ID: c.ID, Year: year, Name: c.Name, Homeroom: c.Homeroom, Paper: c.BookKind == school.Paper,
		OnRoll: c.OnRoll, Before: c.Before, Returned: c.Returned, Waiting: c.Waiting, Approved: c.Approved + c.Issued,
		Issuable: c.Approved, ForHomeroom: c.Before}
	var all []views.ApprovalFlags
	for _, f := range flags {
		if !f.Any() {
			continue
		}
		v.Flagged++
		if !f.Opened {
			v.Unopened++
		}
		all = append(all, flagsView(f))
	}
	v.Reasons = views.CountFlags(all)
	for _, b := range blockers {
		switch {
		case b.ClassID != c.ID:
		case b.Account == 0:
			v.ForHomeroom = max(0, c.Before-b.Records)
		default:
			blocker := views.ApprovalBlocker{Teacher: b.Teacher, Records: b.Records}
			for _, s := range b.Subjects {
				blocker.Subjects = append(blocker.Subjects, school.Subject(s))
			}
			v.Blockers = append(v.Blockers, blocker)
		}
	}
	return v
}

func flagsView(f db.ApprovalFlags) views.ApprovalFlags {
	return views.ApprovalFlags{Inclusive: f.Inclusive, NotAssessed: f.NotAssessed, LateFifth: f.LateFifth, Low: f.Low, Returned: f.Returned,
		Changed: f.Changed, Same: f.Same}
}

// pinFault returns a failure that the field of the PIN can mend; nil for others.
func pinFault(err error) *fault.Error {
	f := fault.As(err)
	if f != nil && (strings.HasPrefix(f.Code, "key.") && f.Kind != fault.Internal && f.Code != "key.no_store" ||
		f.Code == "throttle.wait" || f.Code == "certificate.changed" || strings.HasPrefix(f.Code, "signer.")) {
		return f
	}
	return nil
}

// pinStatus is the answer to a PIN that did not open the key: a form to mend.
func pinStatus(f *fault.Error) int {
	if code := status(f); code == http.StatusTooManyRequests {
		return code
	}
	return http.StatusUnprocessableEntity
}

// createApproval approves one record and leads to the next. The PIN is asked
// once in a sitting (design.md section 5).
func (p *Portal) createApproval(r *request) error {
	year, id, err := r.recordID()
	if err != nil {
		return err
	}
	next, already, err := p.afterApproval(r, year, id)
	if err != nil {
		return err
	}
	if next += "?done=" + strconv.FormatInt(id, 10); already {
		return r.see(next)
	}
	if err := readMeaning(r, bundle.Approval); err != nil {
		return err
	}
	if job, ok, err := p.approveElsewhere(r, id); err != nil || ok {
		if err != nil {
			return err
		}
		return r.see(views.JobURL(job.ID))
	}
	pen, err := p.sittingPen(r)
	if f := pinFault(err); f != nil && !r.hx() {
		return p.recordPage(r, pinStatus(f), f)
	}
	if err != nil {
		return err
	}
	err = jobs.Desk{DB: p.db}.Approve(r.ctx(), r.actor, id, pen)
	if err != nil && !fault.Is(err, "record.already_signed") {
		return err
	}
	return r.see(next)
}

// afterApproval checks that what is approved is what was shown, and returns
// where the principal goes on: the next pupil that waits, or the class. already
// says that the record stands approved: a second click.
func (p *Portal) afterApproval(r *request, year school.Year, id int64) (next string, already bool, err error) {
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		seat, err := tx.RecordSeat(r.ctx(), id)
		if err != nil {
			return err
		}
		if seat.Year != year {
			return fault.New(fault.NotFound, "page.unknown")
		}
		rec, err := tx.Record(r.ctx(), id, false)
		if err != nil {
			return err
		}
		if rec.Stage == workflow.HomeroomSigned && r.FormValue("revision") != fmt.Sprint(rec.Revision) {
			return fault.New(fault.Conflict, "record.changed")
		}
		list, err := approvalList(r, tx, year, seat.ClassID, id)
		if err != nil {
			return err
		}
		already = rec.Stage == workflow.Approved
		next = views.ApprovalClassURL(year, seat.ClassID)
		if to := following(list, id); to != 0 {
			next = views.RecordURL(year, to)
		}
		return nil
	})
	return next, already, err
}

// following returns the record that comes after one in the list of those that
// wait, the first one after the last; 0 when no other waits.
func following(l views.ApprovalList, id int64) int64 {
	at := slices.IndexFunc(l.Waiting, func(w views.ApprovalPupil) bool { return w.RecordID == id })
	for i := range l.Waiting {
		if w := l.Waiting[(at+1+i)%len(l.Waiting)]; w.RecordID != id {
			return w.RecordID
		}
	}
	return 0
}

// approveElsewhere approves one record with a signer that is not at this
// server, as a job of one: the person confirms on a telephone or at a token. ok
// is false when the person signs with a key here.
func (p *Portal) approveElsewhere(r *request, recordID int64) (job db.Job, ok bool, err error) {
	way := r.way()
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		if way == jobs.ChosenWay {
			if way, err = tx.SigningChoice(r.ctx(), db.PersonCertificate); err != nil {
				return err
			}
		} else if err := tx.ChooseSigning(r.ctx(), db.PersonCertificate, way); err != nil {
			return err
		}
		if way == 0 {
			return nil
		}
		w, err := tx.SigningWay(r.ctx(), way)
		ok = w.Kind == signing.Remote || w.Kind == signing.Agent
		return err
	})
	if err != nil || !ok {
		return job, false, err
	}
	key := jobs.RecordKey(recordID)
	job, err = p.jobs.Ask(r.ctx(), r.actor, jobs.Order{Kind: jobs.Approve, Subject: "record:" + key, PIN: r.FormValue("pin"), Way: way,
		Items: []db.NewItem{{Key: key}}})
	return job, true, err
}

// keySitting is where the session keeps the name of its sitting.
const keySitting = "sitting"

// sitting names the key that this session opened; "" before the first PIN.
func (p *Portal) sitting(r *request) string { return p.sessions.GetString(r.ctx(), keySitting) }

// sittingPen returns the principal's key: opened by the PIN of the form, or
// open since an earlier one in this session.
func (p *Portal) sittingPen(r *request) (jobs.Pen, error) {
	name := p.sitting(r)
	if pin := r.FormValue("pin"); pin != "" {
		if name == "" {
			name = fmt.Sprintf("sitting-%d-%s", r.actor.AccountID, rand.Text())
			p.sessions.Put(r.ctx(), keySitting, name)
		}
		if _, err := p.jobs.Sit(r.ctx(), r.actor, name, pin); err != nil {
			return jobs.Pen{}, err
		}
	}
	if _, open := p.jobs.SittingUntil(name); !open {
		return jobs.Pen{}, fault.New(fault.Invalid, "key.pin_missing")
	}
	return p.jobs.Sitting(r.ctx(), r.actor, name)
}

// keyUntil is until when this session need not ask for the PIN; zero: it must.
func (p *Portal) keyUntil(r *request) time.Time {
	until, ok := p.jobs.SittingUntil(p.sitting(r))
	if !ok {
		return time.Time{}
	}
	return until
}

// destroyApproval takes an approval back before the issue.
func (p *Portal) destroyApproval(r *request) error {
	year, id, err := r.recordID()
	if err != nil {
		return err
	}
	err = p.actOn(r, year, id, func(rec *record.Record, by record.By) (record.Change, error) {
		return rec.WithdrawApproval(by)
	})
	if err != nil {
		return err
	}
	return r.see(views.RecordURL(year, id))
}
