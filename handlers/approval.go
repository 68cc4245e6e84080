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
	{get, "/:year/approval/:class", workflow.PermApprove, (*Portal).showApprovalClass},
	{post, "/:year/approval/:class", workflow.PermApprove, (*Portal).createApprovalBatch},
	{post, "/:year/records/:record/approval", workflow.PermApprove, (*Portal).createApproval},
	{del, "/:year/records/:record/approval", workflow.PermApprove, (*Portal).destroyApproval},
	{get, "/:year/delegations", workflow.PermDelegate, (*Portal).showDelegations},
	{post, "/:year/delegations", workflow.PermDelegate, (*Portal).createDelegation},
}

// showApprovalQueue shows every class of the year: what waits, why to look, who
// has not signed.
func (p *Portal) showApprovalQueue(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	page := views.ApprovalQueue{Year: year, Principal: workflow.Can(r.actor.Role, workflow.PermDelegate)}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		var err error
		page.Classes, err = approvalQueue(r, tx, year)
		return err
	})
	if err != nil {
		return err
	}
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	r.viewed("approval", r.actor.SchoolID)
	return r.page(http.StatusOK, views.ApprovalQueuePage(page))
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
	flags, err := tx.ApprovalFlags(r.ctx(), keysOf(waiting))
	if err != nil {
		return nil, err
	}
	byClass := map[int64][]db.ApprovalFlags{}
	for id, f := range flags {
		byClass[waiting[id]] = append(byClass[waiting[id]], f)
	}
	out := make([]views.ApprovalClass, len(classes))
	for i, c := range classes {
		out[i] = approvalClass(year, c, byClass[c.ID], blockers)
	}
	return out, nil
}

func keysOf(m map[int64]int64) []int64 {
	out := make([]int64, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
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
		pupil := views.ApprovalPupil{RecordID: row.RecordID, Name: row.Name, Stage: row.Stage, Flags: flagsView(row.Flags),
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
	order := jobs.Order{Kind: jobs.Approve, Subject: classSubject(classID), PIN: r.FormValue("pin"), Way: r.way()}
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

// classSubject names a class as the subject of a job.
func classSubject(classID int64) string { return "class:" + strconv.FormatInt(classID, 10) }

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
