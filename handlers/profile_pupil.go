package handlers

import (
	"net/http"
	"net/url"
	"strconv"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/profile"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
)

// profileAnswer is what came back from a form that was refused; the zero value
// is a page that is just opened.
type profileAnswer struct {
	result *db.ProfileResult
	sheet  *fault.Error
	on     string
}

func (p *Portal) showProfile(r *request) error { return p.answerProfile(r, profileAnswer{}) }

// answerProfile shows one pupil's file; a form that was refused keeps what was typed.
func (p *Portal) answerProfile(r *request, refused profileAnswer) error {
	year, at, err := r.profileKey()
	if err != nil {
		return err
	}
	page := views.ProfilePage{Year: year, ClassID: at.ClassID, Today: school.DateOf(r.now), Now: r.now,
		Recalls: workflow.Can(r.actor.Role, workflow.PermRecall)}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error { return fillProfile(r, tx, at, &page) })
	if err != nil {
		return err
	}
	code := http.StatusOK
	if refused.result != nil {
		code = refuseProfile(r, &page, *refused.result)
	}
	if refused.sheet != nil {
		code, page.Title = status(refused.sheet), "Chưa ghi được ngày gia đình ký"
		page.Wrong, page.Typed = map[string]string{"on": views.Sentence(refused.sheet)}, map[string]string{"on": refused.on}
	}
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	r.viewed("profile", at.PupilID)
	return r.page(code, views.ProfilePupilPage(page))
}

// fillProfile reads the file, its neighbours on the roll, its history and the
// issued years that say something else.
func fillProfile(r *request, tx *db.Tx, at db.ProfileKey, page *views.ProfilePage) error {
	c, err := tx.ClassProfiles(r.ctx(), page.Year, at.ClassID)
	if err != nil {
		return err
	}
	place := c.Place(at.PupilID)
	if place < 0 {
		return fault.New(fault.NotFound, "pupil.unknown")
	}
	row := c.Rows[place]
	page.Class, page.At, page.Of, page.Keeps = c.Class.Name, place+1, len(c.Rows), tx.KeepsProfiles(c.Class)
	page.Row, page.File, page.RecordID = profileRow(row), row.File(), row.RecordID
	neighbour := func(n int) *views.Link {
		return &views.Link{Label: views.ShortName(c.Rows[n].FullName), URL: views.ProfileURL(page.Year, at.ClassID, c.Rows[n].ID)}
	}
	if page.Previous, page.Next = nil, nil; place > 0 {
		page.Previous = neighbour(place - 1)
	}
	if place < len(c.Rows)-1 {
		page.Next = neighbour(place + 1)
	}
	page.Done = profileDone(r, c)
	history, err := tx.ProfileHistory(r.ctx(), at.PupilID)
	if err != nil {
		return err
	}
	page.History = nil
	for _, h := range history {
		page.History = append(page.History, changeView(h, r.actor.AccountID))
	}
	versions, err := tx.PupilVersions(r.ctx(), at.PupilID)
	page.Outdated = outdated(versions, history)
	return err
}

// profileDone reads from the address what the form before has done.
func profileDone(r *request, c db.ClassProfiles) (done views.ProfileDone) {
	id, err := strconv.ParseInt(r.QueryParam("done"), 10, 64)
	if err != nil {
		return done
	}
	if n := c.Place(id); n >= 0 {
		done.Name = c.Rows[n].FullName
		done.Proposed, _ = strconv.Atoi(r.QueryParam("proposed"))
		done.Voided, _ = strconv.Atoi(r.QueryParam("voided"))
	}
	return done
}

func changeView(c db.ProfileChange, me int64) views.ProfileChange {
	out := views.ProfileChange{ID: c.ID, Field: c.Field, Old: c.Old, New: c.New, Second: c.Second, Kind: c.Kind, From: c.From, Paper: c.Paper,
		Note: c.Note, By: c.By, At: c.At, Decision: c.Decision, Reason: c.Reason, DecidedBy: c.DecidedBy, Own: c.AccountID == me,
		Pupil: c.Pupil, Birth: c.Birth, PupilID: c.PupilID, ClassID: c.ClassID, Class: c.ClassName}
	if c.DecidedAt != nil {
		out.DecidedAt = *c.DecidedAt
	}
	return out
}

// outdated finds the issued years whose version in force says something that
// was changed after it was issued.
func outdated(versions []db.PupilVersion, history []db.ProfileChange) []views.OutdatedVersion {
	var out []views.OutdatedVersion
	seen := map[school.Year]bool{}
	for _, v := range versions {
		if seen[v.Year] || !v.Live() {
			continue
		}
		seen[v.Year] = true
		old := views.OutdatedVersion{Year: v.Year, RecordID: v.RecordID, Stage: v.Stage, IssuedAt: v.IssuedAt}
		told := map[profile.Field]bool{}
		for _, c := range history {
			took, ok := c.Took()
			if ok && took.After(v.IssuedAt) && !told[c.Field] && profile.Outdates(c.Field, c.Kind, c.From, school.DateOf(v.IssuedAt)) {
				old.Fields, told[c.Field] = append(old.Fields, c.Field), true
			}
		}
		if len(old.Fields) > 0 {
			out = append(out, old)
		}
	}
	return out
}

// updateProfile saves one pupil's file and goes on to the next; what was
// refused comes back at its control with what was typed.
func (p *Portal) updateProfile(r *request) error {
	year, at, err := r.profileKey()
	if err != nil {
		return err
	}
	edit, err := r.profileEdit(year, at)
	if err != nil {
		return err
	}
	var result db.ProfileResult
	var class db.ClassProfiles
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		if result, err = tx.SaveProfile(r.ctx(), edit); err != nil || result.Refused() {
			return err
		}
		class, err = tx.ClassProfiles(r.ctx(), year, at.ClassID)
		return err
	})
	switch {
	case err != nil:
		return err
	case result.Refused():
		return p.answerProfile(r, profileAnswer{result: &result})
	}
	return r.see(afterProfile(r, year, at, class) + "?" + url.Values{"done": {strconv.FormatInt(at.PupilID, 10)},
		"proposed": {strconv.Itoa(result.Proposed)}, "voided": {strconv.Itoa(result.Voided)}}.Encode())
}

// afterProfile is where the round goes on: the next pupil of the roll, after
// the last one the class.
func afterProfile(r *request, year school.Year, at db.ProfileKey, c db.ClassProfiles) string {
	if r.FormValue("then") != "next" {
		return views.ProfileURL(year, at.ClassID, at.PupilID)
	}
	if n := c.Place(at.PupilID); n >= 0 && n < len(c.Rows)-1 {
		return views.ProfileURL(year, at.ClassID, c.Rows[n+1].ID)
	}
	return views.ProfilesURL(year, at.ClassID)
}

// profileEdit reads the form: each field with the value it stood on.
func (r *request) profileEdit(year school.Year, at db.ProfileKey) (db.ProfileEdit, error) {
	e := db.ProfileEdit{Year: year, ProfileKey: at}
	form, err := r.FormParams()
	if err != nil {
		return e, fault.Wrap(err, fault.Invalid, "request.invalid")
	}
	e.Form = profile.Form{Old: profile.File{}, Typed: profile.File{}, Kind: form.Get(profile.ControlKind), Paper: form.Get(profile.ControlPaper),
		From: form.Get(profile.ControlFrom), Note: form.Get(profile.ControlNote)}
	for _, f := range profile.Fields {
		if !form.Has(string(f)) {
			continue
		}
		e.Form.Old[f], e.Form.Typed[f] = form.Get("old."+string(f)), form.Get(string(f))
		if day, ok := school.ReadDate(e.Form.Typed[f]); ok && f == profile.BirthDate {
			e.Form.Typed[f] = day.String()
		}
	}
	if form.Has("round") { // a box that is not ticked is not sent itself
		checked := form.Get("checked") != ""
		e.Check = &checked
	}
	return e, nil
}

// refuseProfile keeps what was typed and says at each control why it was not
// taken; of a stale field both values, who wrote the other and when.
func refuseProfile(r *request, page *views.ProfilePage, res db.ProfileResult) int {
	page.Typed, page.Wrong = map[string]string{}, map[string]string{}
	for name, values := range r.Request().PostForm {
		if len(values) > 0 && name != "_method" {
			page.Typed[name] = values[0]
		}
	}
	code := http.StatusUnprocessableEntity
	page.Title = "Chưa lưu: có chỗ cần sửa"
	for control, f := range res.Controls {
		if f.Kind == fault.Conflict {
			code = http.StatusConflict
		}
		field := profile.Field(control)
		if f.Code == "profile.stale" {
			f = fault.New(f.Kind, f.Code, "by", res.By[field], "theirs", views.Quoted(views.ProfileText(field, res.Theirs[field])),
				"at", views.Moment(res.At[field], r.now))
			page.Typed["old."+control] = res.Theirs[field]
		}
		page.Wrong[control] = views.Sentence(f)
	}
	if res.Stale() {
		page.Title = "Người khác vừa ghi giá trị khác"
	}
	return code
}
