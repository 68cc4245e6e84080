package handlers

import (
	"time"

	"hocba/db"
	"hocba/internal/record"
	"hocba/internal/registry"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
	"hocba/views/ui"
)

// closingTimes reads the time for chốt of both tracks from the registry.
func (h *home) closingTimes() (map[school.Track]registry.Window, error) {
	out := map[school.Track]registry.Window{}
	err := h.db.Registry(h.r.ctx(), h.r.actor, func(tx *db.Tx) error {
		for _, track := range []school.Track{school.TrackJune, school.TrackAugust} {
			w, err := tx.ClosingTime(h.r.ctx(), h.year, track)
			if err != nil {
				return err
			}
			out[track] = w
		}
		return nil
	})
	return out, err
}

// closings puts the ends of the Sở's times on the side.
func (h *home) closings(times map[school.Track]registry.Window) {
	for _, track := range []school.Track{school.TrackJune, school.TrackAugust} {
		if w := times[track]; w.State(h.r.now) == registry.Open {
			h.d.Deadlines = append(h.d.Deadlines, views.ClosingDeadline(track, w.Ends, h.r.now))
		}
	}
}

// principal lists the acts that wait for the school's leaders; a deputy has
// them on the days of a delegation.
func (h *home) principal(tx *db.Tx) error {
	ctx := h.r.ctx()
	if err := h.schoolStations(tx); err != nil {
		return err
	}
	if h.r.actor.Role == workflow.Deputy {
		delegated, err := tx.Delegated(ctx, h.r.actor.AccountID)
		if err != nil {
			return err
		}
		if !delegated {
			h.d.Ready = views.ReadyDeputy()
			return nil
		}
	}
	at, err := h.stages(tx)
	if err != nil {
		return err
	}
	if a := at[workflow.Refused]; a.Records > 0 {
		h.add(views.RefusedTask(a, h.by))
	}
	if a := at[workflow.HomeroomSigned]; a.Records > 0 {
		flagged, err := tx.FlaggedForApproval(ctx, h.year)
		if err != nil {
			return err
		}
		h.add(views.ApprovalTask(a, flagged, h.by))
	}
	if a := at[workflow.Approved]; a.Records > 0 {
		if err := h.seal(tx); err != nil {
			return err
		}
		h.add(views.IssueTask(a, h.by))
	}
	if a := at[workflow.Issued]; a.Records > 0 {
		h.add(views.SendTask(a, h.by))
	}
	if h.r.actor.Role != workflow.Principal {
		return nil
	}
	if err := h.certificates(tx); err != nil {
		return err
	}
	waiting, planless, err := tx.SummerWaiting(ctx, h.year)
	if err != nil {
		return err
	}
	if waiting > 0 {
		due, err := h.august(tx)
		if err != nil {
			return err
		}
		h.add(views.SummerDecisionTask(waiting, planless, due, h.r.now))
	}
	if a := at[workflow.Accepted]; a.Records > 0 {
		h.closeTask(a)
	}
	if err := h.profiles(tx); err != nil {
		return err
	}
	proposed, err := tx.WaitingCommendations(ctx, h.year)
	if err != nil {
		return err
	}
	if proposed > 0 {
		h.add(views.CommendationsTask(proposed, h.by))
	}
	return h.revocations(tx)
}

// profiles asks for the second person's word on who pupils are.
func (h *home) profiles(tx *db.Tx) error {
	n, err := tx.CountWaitingChanges(h.r.ctx())
	if n > 0 {
		h.add(views.ProfileTask(n, h.by))
	}
	return err
}

// declinedShown is how long a declined request is told on the home page.
const declinedShown = 7 * 24 * time.Hour

// revocations lists the records that were revoked and have no next version in
// force, and requests that were declined in the last days and not made again:
// of every year, for what is in force is most often of a year that is over.
func (h *home) revocations(tx *db.Tx) error {
	list, err := tx.Revocations(h.r.ctx(), "", 0)
	if err != nil {
		return err
	}
	var revoked, declined []views.AskedRevocation
	newest := map[int64]bool{}
	for i, a := range askedRevocations(list) {
		if newest[a.RecordID] {
			continue
		}
		newest[a.RecordID] = true
		switch {
		case list[i].Mending():
			revoked = append(revoked, a)
		case a.Decision == record.Declined && h.r.now.Sub(a.Decided) < declinedShown:
			declined = append(declined, a)
		}
	}
	if len(revoked) > 0 {
		h.add(views.RevokedTask(revoked))
	}
	if len(declined) > 0 {
		h.add(views.DeclinedTask(declined))
	}
	return nil
}

// requests asks the tier that decides on revocations to answer those that wait.
func (h *home) requests() error {
	return h.db.Registry(h.r.ctx(), h.r.actor, func(tx *db.Tx) error {
		ours, _, err := decides(h.r, tx)
		if err != nil || !ours {
			return err
		}
		n, oldest, err := tx.WaitingRevocations(h.r.ctx())
		if n > 0 {
			h.add(views.RevocationRequestsTask(n, oldest, h.by))
		}
		return err
	})
}

// closeTask offers the chốt with the end of the Sở's time for it.
func (h *home) closeTask(a views.AtStage) {
	times, err := h.closingTimes()
	if err != nil {
		times = nil // the task stands without its date; the page of chốt says more
	}
	until, tone := "", ui.Wait
	if w := times[h.by.Deadline.Track]; w.State(h.r.now) == registry.Open {
		until, tone = views.ClosingUntil(w.Ends, h.r.now)
	}
	h.add(views.CloseTask(a, until, tone, h.by))
}

// stages counts the records of the school by stage.
func (h *home) stages(tx *db.Tx) (map[workflow.Stage]views.AtStage, error) {
	list, err := tx.ClassStages(h.r.ctx(), h.year)
	out := map[workflow.Stage]views.AtStage{}
	for _, c := range list {
		a := out[c.Stage]
		a.Add(c.ClassName, c.Records)
		out[c.Stage] = a
	}
	return out, err
}

// seal adds a task while the school's seal may not be set.
func (h *home) seal(tx *db.Tx) error {
	state, err := tx.SealState(h.r.ctx(), h.r.actor.SchoolID)
	if err != nil {
		return err
	}
	if !state.Usable(h.r.now) {
		h.add(views.SealTask(state.Stage(h.r.now), h.by))
	}
	return nil
}

// certificates adds what waits for the principal's registration, and whose
// certificate ends in the signing season.
func (h *home) certificates(tx *db.Tx) error {
	if workflow.Can(h.r.actor.Role, workflow.PermRegisterCertificate) {
		n, err := tx.DeclaredCertificates(h.r.ctx())
		if err != nil {
			return err
		}
		if n > 0 {
			h.add(views.RegisterTask(n, h.by))
		}
	}
	_, august, err := seasonDates(h.r, tx, h.year)
	if err != nil {
		return err
	}
	names, err := tx.ExpiringCertificates(h.r.ctx(), august)
	if len(names) > 0 {
		h.add(views.ExpiringTask(names, h.by))
	}
	return err
}

// schoolStations shows where the school stands, and when that was counted.
func (h *home) schoolStations(tx *db.Tx) error {
	classes, err := tx.SchoolProgress(h.r.ctx(), h.year, h.r.actor.SchoolID)
	var sum school.Counts
	for _, c := range classes {
		if c.BookKind == school.Digital {
			sum = sum.Add(c.Counts)
		}
	}
	if sum.OnRoll > 0 {
		h.d.Progress = append(h.d.Progress, views.SchoolStations(sum, h.counter.At(), views.SchoolProgressURL(h.year)))
	}
	return err
}

// admin lists what the school's administrator has to put in place.
func (h *home) admin(tx *db.Tx) error {
	ctx := h.r.ctx()
	if err := h.schoolStations(tx); err != nil {
		return err
	}
	at, err := h.stages(tx)
	if err != nil {
		return err
	}
	if a := at[workflow.Refused]; a.Records > 0 {
		h.add(views.RefusedTask(a, h.by))
	}
	if a := at[workflow.Issued]; a.Records > 0 {
		h.add(views.PrepareTask(a, h.by))
	}
	orders, err := tx.WaitingOrders(ctx, h.year)
	if err != nil {
		return err
	}
	if orders > 0 {
		h.add(views.OrdersTask(orders, h.by))
	}
	if err := h.profiles(tx); err != nil {
		return err
	}
	if err := h.classGaps(tx); err != nil {
		return err
	}
	loose, err := tx.PupilsWithoutClass(ctx, h.year)
	if err != nil {
		return err
	}
	if loose > 0 {
		h.add(views.EnrolTask(loose, h.by))
	}
	without, err := tx.Uncertified(ctx, h.year)
	if err != nil {
		return err
	}
	if len(without) > 0 {
		var names []string
		for _, a := range without {
			names = append(names, a.Name)
		}
		h.add(views.CertificateTask(names, h.by))
	}
	if err := h.certificates(tx); err != nil {
		return err
	}
	return h.seal(tx)
}

// classGaps lists classes without a homeroom teacher and subjects without one.
func (h *home) classGaps(tx *db.Tx) error {
	classes, err := tx.Classes(h.r.ctx(), h.year)
	if err != nil {
		return err
	}
	var homeless []views.ClassRef
	for _, c := range classes {
		if c.HomeroomID == 0 && c.BookKind == school.Digital {
			homeless = append(homeless, views.ClassRef{ID: c.ID, Name: c.Name})
		}
	}
	if len(homeless) > 0 {
		h.add(views.HomeroomTask(homeless, h.by))
	}
	missing, err := tx.UnassignedSubjects(h.r.ctx(), h.year)
	if err != nil || len(missing) == 0 {
		return err
	}
	byClass, order := map[int64][]school.Subject{}, []views.ClassRef{}
	for _, m := range missing {
		if byClass[m.ClassID] == nil {
			order = append(order, views.ClassRef{ID: m.ClassID, Name: m.ClassName})
		}
		byClass[m.ClassID] = append(byClass[m.ClassID], m.Subject)
	}
	h.add(views.AssignTask(byClass, order, h.by))
	return nil
}

// authority lists what the Sở or the middle tier has to see to: schools that
// will miss the date, seals that wait, the time for chốt.
func (h *home) authority() error {
	unit, err := h.db.Unit(h.r.ctx(), h.r.actor.UnitID)
	if err != nil {
		return err
	}
	var a area
	if err := h.loadArea(h.r, h.year, unit, &a); err != nil {
		return err
	}
	h.by = views.By{Year: h.year, Deadline: a.deadline, Now: h.r.now}
	page := views.Progress{Of: views.OfSchools, Deadline: a.deadline}
	for _, s := range a.schools {
		addSchool(&page, a, s, h.r)
	}
	finishProgress(&page, h.r.now)
	if h.r.actor.Role == workflow.Authority {
		if err := h.closingTask(page.Total.OnRoll); err != nil {
			return err
		}
		key, err := h.registryKey(h.r.ctx())
		if err != nil {
			return err
		}
		if key.Due(h.r.now) {
			h.add(views.RegistryKeyTask(key, h.by))
		}
	}
	if err := h.requests(); err != nil {
		return err
	}
	if len(page.Risks) > 0 {
		h.add(views.LateTask(page.Risks, h.by))
	}
	if page.Total.OnRoll > 0 {
		h.d.Progress = append(h.d.Progress, views.AreaStations(page.Total, h.counter.At(), views.AreaURL(h.year)))
	}
	return h.areaDates(unit)
}

// closingTask asks to open the time for chốt when nobody has, from a month
// before the deadline on.
func (h *home) closingTask(pupils int) error {
	times, err := h.closingTimes()
	if err != nil {
		return err
	}
	h.closings(times)
	track := h.by.Deadline.Track
	if w := times[track]; pupils > 0 && w.Ends.IsZero() && h.by.Deadline.DaysLeft(h.r.now) <= 45 {
		h.add(views.ClosingTimeTask(track, h.by.Deadline, h.by))
	}
	return nil
}

// areaDates puts the dates of an authority on the side.
func (h *home) areaDates(unit school.Unit) error {
	return h.db.As(h.r.ctx(), h.r.actor, func(tx *db.Tx) error {
		if workflow.Can(h.r.actor.Role, workflow.PermApproveCertificate) {
			n, err := tx.WaitingSeals(h.r.ctx(), unit.ID)
			if err != nil {
				return err
			}
			if n > 0 {
				h.add(views.SealsTask(n, h.by))
			}
		}
		dates := []views.Deadline{views.SubmitDeadline(h.by.Deadline, h.r.now)}
		if unit.Kind == school.Department {
			report, err := tx.Deadline(h.r.ctx(), unit.ID, school.DepartmentReport, h.year, h.by.Deadline.Track)
			if err != nil {
				return err
			}
			dates = append(dates, views.ReportDeadline(report, h.r.now))
		}
		h.d.Deadlines = append(dates, h.d.Deadlines...)
		return nil
	})
}
