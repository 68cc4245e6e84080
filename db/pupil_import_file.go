package db

import (
	"context"
	"encoding/json"
	"slices"

	"hocba/internal/profile"
	"hocba/internal/school"
)

// readRecords locks the records of the known pupils, and reads what of their
// files waits for a second person.
func (w *pupilWriter) readRecords(ctx context.Context) (err error) {
	var ids []int64
	for id := range w.known {
		ids = append(ids, id)
	}
	if w.records, err = w.tx.holdRecords(ctx, ids); err != nil {
		return err
	}
	w.waiting, err = w.tx.waitingFields(ctx, ids)
	return err
}

// compare finds what the list changes of a known pupil's file. Who the child
// is stays as it stands and becomes a proposal, unless one waits already.
func (w *pupilWriter) compare(l *pupilLine, stored Pupil) {
	before, after := stored.File(), l.pupil.File()
	for _, f := range profile.Fields {
		if before[f] == after[f] {
			continue
		}
		if f.Guarded() {
			l.pupil.put(f, before[f])
		}
		if !slices.Contains(w.waiting[l.pupilID], f) {
			l.changes = append(l.changes, profile.Change{Field: f, Old: before[f], New: after[f], Second: f.Guarded()})
		}
	}
}

// waits reports whether a part of the line waits for a second person.
func (l *pupilLine) waits() bool {
	return l.d.Code == "" && slices.ContainsFunc(l.changes, func(c profile.Change) bool { return c.Second })
}

// listedChange is a change of a file as jsonb_to_recordset reads it.
type listedChange struct {
	PupilID int64         `json:"pupil_id"`
	Field   profile.Field `json:"field"`
	Old     string        `json:"old_value"`
	New     string        `json:"new_value"`
	Second  bool          `json:"second"`
	Kind    profile.Kind  `json:"kind"`
}

// noteChanges adds the changes of files to their history, with the list as the
// paper that was seen.
func (w *pupilWriter) noteChanges(ctx context.Context) error {
	var rows []listedChange
	for _, l := range w.lines {
		if l.refused != "" {
			continue
		}
		for _, c := range l.changes {
			kind := profile.Correction
			if c.Old == "" {
				kind = profile.Addition
			}
			rows = append(rows, listedChange{PupilID: l.pupilID, Field: c.Field, Old: c.Old, New: c.New, Second: c.Second, Kind: kind})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return translate(err, "note the changes of an import")
	}
	return w.tx.exec(ctx, "note the changes of an import", `INSERT INTO school.pupil_change (school_id, pupil_id, field, old_value,
		  new_value, second, kind, from_date, paper, note, account_id, at)
		SELECT $2, n.pupil_id, n.field, n.old_value, n.new_value, n.second, n.kind, $3, 'list', $4, nullif($5::bigint, 0), $6
		FROM jsonb_to_recordset($1::jsonb) AS n(pupil_id bigint, field text, old_value text, new_value text, second boolean, kind text)`,
		string(text), w.tx.Actor.SchoolID, school.DateOf(w.tx.Now), w.list.Object, w.tx.Actor.AccountID, w.tx.Now)
}

// followRecords lets the records of the list's pupils follow their facts.
func (w *pupilWriter) followRecords(ctx context.Context) error {
	var pupils []int64
	for _, l := range w.lines {
		if l.facts && l.refused == "" && l.pupilID != 0 {
			pupils = append(pupils, l.pupilID)
		}
	}
	_, err := w.records.follow(ctx, pupils, seated)
	return err
}
