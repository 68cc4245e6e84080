package handlers

import (
	"slices"
	"time"

	"hocba/db"
	"hocba/internal/evaluation"
	"hocba/internal/school"
	"hocba/views"
)

// teacher lists the work of a teacher: what came back, what can be signed,
// what is still empty, and of the own class who else has to sign.
func (h *home) teacher(tx *db.Tx) error {
	ctx := h.r.ctx()
	duties, err := tx.Duties(ctx, h.year)
	if err != nil || len(duties.Classes()) == 0 {
		return err
	}
	returned, err := tx.ReturnedParts(ctx, duties)
	if err != nil {
		return err
	}
	h.returned(returned)
	demanded, err := tx.TeachersSign(ctx)
	if err != nil {
		return err
	}
	ready, err := tx.ReadyToSign(ctx, duties, h.year, demanded)
	if err != nil {
		return err
	}
	again, err := tx.SignAgain(ctx, duties)
	if err != nil {
		return err
	}
	for _, c := range ready {
		if c.Parts > 0 {
			h.add(views.SignTask(c.ClassID, c.ClassName, c.Parts, again[c.ClassID].Parts, h.by))
		}
		if c.Page > 0 {
			h.add(views.SignPageTask(c.ClassID, c.ClassName, c.Page, again[c.ClassID].Page, h.by))
		}
	}
	if err := h.empty(tx, duties); err != nil {
		return err
	}
	if demanded {
		if err := h.unsigned(tx, duties); err != nil {
			return err
		}
	}
	if err := h.round(tx, duties); err != nil {
		return err
	}
	if err := h.summerPlans(tx, duties); err != nil {
		return err
	}
	return h.stations(tx, duties)
}

// summerPlans asks for plans of pupils of the own classes who have not
// completed the grade.
func (h *home) summerPlans(tx *db.Tx, duties db.Duties) error {
	list, err := tx.SummerPlanless(h.r.ctx(), duties, h.year)
	if err != nil || len(list) == 0 {
		return err
	}
	due, err := h.august(tx)
	if err != nil {
		return err
	}
	for _, c := range duties.Homes {
		var names []string
		for _, p := range list {
			if p.ClassID == c.ID {
				names = append(names, p.Name)
			}
		}
		if len(names) > 0 {
			h.add(views.SummerPlanTask(views.ClassRef{ID: c.ID, Name: c.Name}, names, due, h.r.now))
		}
	}
	return nil
}

// august is the deadline of the second track.
func (h *home) august(tx *db.Tx) (school.Deadline, error) {
	return tx.Deadline(h.r.ctx(), h.r.actor.SchoolID, school.SchoolSubmit, h.year, school.TrackAugust)
}

// round asks for what is left of the round of pupils' files: in the first
// months of a year, and later where it was begun.
func (h *home) round(tx *db.Tx, duties db.Duties) error {
	var ids []int64
	for _, c := range duties.Homes {
		ids = append(ids, c.ID)
	}
	if len(ids) == 0 {
		return nil
	}
	rounds, err := tx.ProfileRounds(h.r.ctx(), h.year, ids)
	begins := !school.DateOf(h.r.now).Before(school.Date{Year: h.year.First(), Month: time.August, Day: 1})
	early := begins && school.DateOf(h.r.now).Before(school.Date{Year: h.year.First() + 1, Month: time.January, Day: 1})
	for _, c := range rounds {
		if c.Checked < c.Pupils && (early || c.Checked > 0) {
			h.add(views.RoundTask(c.ClassID, c.ClassName, c.Checked, c.Pupils, h.by))
		}
	}
	return err
}

func (h *home) add(t views.Task) { h.d.Tasks = append(h.d.Tasks, t) }

// returned groups what came back by class, the class that waits longest first.
func (h *home) returned(list []db.ReturnedPart) {
	var order []int64
	byClass := map[int64][]views.Returned{}
	for _, p := range list {
		if byClass[p.ClassID] == nil {
			order = append(order, p.ClassID)
		}
		r := views.Returned{ClassID: p.ClassID, ClassName: p.ClassName, Pupil: p.Pupil, Reason: p.Reason, Role: p.Role, At: p.At}
		if s, ok := views.PartSubject(p.Part); ok {
			r.Item = string(s)
		}
		byClass[p.ClassID] = append(byClass[p.ClassID], r)
	}
	for _, id := range order {
		h.add(views.ReturnedTask(byClass[id], h.by))
	}
}

// empty asks for what the open periods of each class still lack.
func (h *home) empty(tx *db.Tx, duties db.Duties) error {
	windows, err := tx.ClassWindows(h.r.ctx(), h.year, duties.Classes()...)
	if err != nil {
		return err
	}
	h.soon = nil
	for _, p := range append(slices.Clone(school.Periods), school.Summer) {
		open := map[int64]db.EntryWindow{}
		for class, periods := range windows {
			if w, ok := periods[p]; ok && w.Open(h.r.now) {
				open[class] = w
			}
		}
		if len(open) == 0 {
			continue
		}
		if err := h.emptyIn(tx, duties, p, open); err != nil {
			return err
		}
	}
	h.d.Notice = views.ClosingNotice(h.soon, h.r.now)
	return nil
}

// closesSoon counts what is left in a table towards the notice of windows that
// close soon.
func (h *home) closesSoon(w db.EntryWindow, cells int) {
	if !views.ClosesSoon(w.Closes, h.r.now) {
		return
	}
	at := slices.IndexFunc(h.soon, func(s views.ClosingSoon) bool { return s.Period == w.Period && s.Closes.Equal(w.Closes) })
	if at < 0 {
		at = len(h.soon)
		h.soon = append(h.soon, views.ClosingSoon{Period: w.Period, Closes: w.Closes})
	}
	h.soon[at].Cells += cells
	h.soon[at].Tables++
}

// emptyIn does so for the classes in which the period is open.
func (h *home) emptyIn(tx *db.Tx, duties db.Duties, period school.Period, open map[int64]db.EntryWindow) error {
	nudges, err := tx.NudgesOf(h.r.ctx(), h.year)
	if err != nil {
		return err
	}
	cells, err := tx.EmptyCells(h.r.ctx(), duties, h.year, period)
	if err != nil {
		return err
	}
	for _, group := range emptyGroups(cells) {
		first := group[0]
		w, is := open[first.ClassID]
		if !is {
			continue
		}
		var list []views.Empty
		for _, c := range group {
			list = append(list, views.Empty{Item: c.Item, Cells: c.Cells, Pupils: c.Pupils})
		}
		traits := first.Item.Kind() != evaluation.SubjectItem
		task := views.EmptyTask(views.ClassRef{ID: first.ClassID, Name: first.ClassName, Traits: traits}, list, h.by,
			views.OpenPeriod{Period: period, Closes: w.Closes})
		if n, ok := nudges[first.ClassID][period]; ok {
			task = views.NudgedTask(task, n.By, n.At, h.by)
		}
		if slices.ContainsFunc(h.d.Tasks, func(t views.Task) bool { return t.Key == task.Key }) {
			task.Key += "-" + string(period) // several periods are open
		}
		h.add(task)
		h.closesSoon(w, task.Count)
	}
	return nil
}

// itemOrder numbers every item as the booklet has it: a group's remark after its traits.
var itemOrder = func() map[evaluation.Item]int {
	order := map[evaluation.Item]int{}
	for _, s := range school.Subjects {
		order[evaluation.Item(s)] = len(order)
	}
	for _, group := range evaluation.RemarkGroups {
		for _, i := range append(slices.Clone(group.Members()), group) {
			order[i] = len(order)
		}
	}
	return order
}()

// emptyGroups puts the subjects of a class each in a group of its own and its
// traits and remarks together, in the order of the booklet.
func emptyGroups(cells []db.EmptyCells) [][]db.EmptyCells {
	slices.SortStableFunc(cells, func(a, b db.EmptyCells) int { return itemOrder[a.Item] - itemOrder[b.Item] })
	var classes []int64
	subjects, traits := map[int64][]db.EmptyCells{}, map[int64][]db.EmptyCells{}
	for _, c := range cells {
		if !slices.Contains(classes, c.ClassID) {
			classes = append(classes, c.ClassID)
		}
		if c.Item.Kind() == evaluation.SubjectItem {
			subjects[c.ClassID] = append(subjects[c.ClassID], c)
		} else {
			traits[c.ClassID] = append(traits[c.ClassID], c)
		}
	}
	var out [][]db.EmptyCells
	for _, id := range classes {
		for _, c := range subjects[id] {
			out = append(out, []db.EmptyCells{c})
		}
		if len(traits[id]) > 0 {
			out = append(out, traits[id])
		}
	}
	return out
}

// unsigned names who has not signed in the own class, once somebody has begun.
func (h *home) unsigned(tx *db.Tx, duties db.Duties) error {
	if len(duties.Homes) == 0 {
		return nil
	}
	parts, err := tx.UnsignedParts(h.r.ctx(), duties, h.year)
	if err != nil {
		return err
	}
	byClass := map[int64][]views.Unsigned{}
	for _, p := range parts {
		if !p.Mine && p.Pupils > p.Missing { // who has not written yet is asked to write first
			byClass[p.ClassID] = append(byClass[p.ClassID], views.Unsigned{Item: p.Item, Teacher: p.Teacher, Pupils: p.Pupils})
		}
	}
	for _, c := range duties.Homes {
		if list := byClass[c.ID]; len(list) > 0 {
			h.add(views.UnsignedTask(c.ID, c.Name, list, h.by))
		}
	}
	return nil
}

// stations shows where the own classes stand; of who is homeroom teacher of
// none, nothing.
func (h *home) stations(tx *db.Tx, duties db.Duties) error {
	var ids []int64
	for _, c := range duties.Homes {
		if c.BookKind == school.Digital {
			ids = append(ids, c.ID)
		}
	}
	counts, err := tx.ClassProgress(h.r.ctx(), ids)
	for _, c := range counts {
		h.d.Progress = append(h.d.Progress, views.ClassStations(c.Name, c.Counts, h.counter.At()))
	}
	return err
}
