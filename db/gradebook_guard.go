package db

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/lib/pq"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// cellGuard knows which parts of the pupils' records are closed to the
// gradebook. Only year-end and summer values stand in a record; the other
// periods are working data that no signature closes (design.md section 1).
type cellGuard struct {
	records map[int64]*guardedRecord // by pupil
}

type guardedRecord struct {
	ID      int64          `db:"id"`
	PupilID int64          `db:"pupil_id"`
	Stage   workflow.Stage `db:"stage"`
	signed  []guardedSignature
	// returned are the parts that a return opened and nobody answered yet.
	returned []string
}

type guardedSignature struct {
	RecordID int64          `db:"record_id"`
	Slot     string         `db:"slot"`
	Signer   string         `db:"signer"`
	Parts    pq.StringArray `db:"parts"`
}

// guardCells reads the records of pupils. With hold it locks them, so that
// nobody signs between the check and the commit of a save.
func (t *Tx) guardCells(ctx context.Context, at ClassPeriod, pupils []int64, hold bool) (*cellGuard, error) {
	g := &cellGuard{records: map[int64]*guardedRecord{}}
	if at.Period != school.YearEnd && at.Period != school.Summer {
		return g, nil
	}
	query := `SELECT id, pupil_id, stage FROM school.record WHERE school_year = $1 AND pupil_id = ANY($2) ORDER BY id`
	if hold {
		query += ` FOR NO KEY UPDATE`
	}
	stmt, err := t.hot(ctx, query)
	if err != nil {
		return nil, err
	}
	var records []*guardedRecord
	if err := stmt.SelectContext(ctx, &records, at.Year, pq.Array(pupils)); err != nil {
		return nil, translate(err, "read the records' stages")
	}
	var signed []int64
	for _, r := range records {
		g.records[r.PupilID] = r
		if r.Stage != workflow.Drafting { // drafting: no signature is live
			signed = append(signed, r.ID)
		}
	}
	if len(signed) == 0 {
		return g, nil
	}
	return g, t.guardSignatures(ctx, records, signed)
}

func (t *Tx) guardSignatures(ctx context.Context, records []*guardedRecord, ids []int64) error {
	stmt, err := t.hot(ctx, `SELECT s.record_id, s.slot, s.signer_name AS signer,
		  ARRAY(SELECT p.part FROM school.record_signature_part p WHERE p.signature_id = s.id) AS parts
		FROM school.record_signature s
		WHERE s.record_id = ANY($1) AND NOT EXISTS (SELECT 1 FROM school.record_void v WHERE v.signature_id = s.id)
		ORDER BY s.id`)
	if err != nil {
		return err
	}
	var list []guardedSignature
	if err := stmt.SelectContext(ctx, &list, pq.Array(ids)); err != nil {
		return translate(err, "read live signatures")
	}
	for _, s := range list {
		i := slices.IndexFunc(records, func(r *guardedRecord) bool { return r.ID == s.RecordID })
		records[i].signed = append(records[i].signed, s)
	}
	return t.guardReturns(ctx, records, ids)
}

// guardReturns reads which parts of signed records a return holds open.
func (t *Tx) guardReturns(ctx context.Context, records []*guardedRecord, ids []int64) error {
	stmt, err := t.hot(ctx, `SELECT r.record_id, p.part FROM school.record_return r
		JOIN school.record_return_part p ON p.return_id = r.id
		WHERE r.record_id = ANY($1) AND NOT EXISTS (SELECT 1 FROM school.record_return_answer a
		  WHERE a.return_id = r.id AND a.part = p.part)`)
	if err != nil {
		return err
	}
	var open []struct {
		RecordID int64  `db:"record_id"`
		Part     string `db:"part"`
	}
	if err := stmt.SelectContext(ctx, &open, pq.Array(ids)); err != nil {
		return translate(err, "read open returns")
	}
	for _, o := range open {
		i := slices.IndexFunc(records, func(r *guardedRecord) bool { return r.ID == o.RecordID })
		records[i].returned = append(records[i].returned, o.Part)
	}
	return nil
}

// closed says why values of an item cannot be changed; nil when they can. A
// subject teacher's signature closes that teacher's parts; the homeroom
// teacher's and everything after it covers the whole content of the year.
func (g *cellGuard) closed(pupilID int64, it evaluation.Item) *fault.Error {
	r := g.records[pupilID]
	if r == nil {
		return nil
	}
	part := record.PartOf(it)
	if !r.Stage.BeforeIssue() {
		return fault.New(fault.Locked, "record.issued", "part", part, "stage", string(r.Stage), "mend", "principal")
	}
	if slices.Contains(r.returned, part) {
		return nil
	}
	for _, s := range slices.Backward(r.signed) {
		if own := strings.HasPrefix(s.Slot, "gvbm-"); !own || slices.Contains(s.Parts, part) {
			return fault.New(fault.Locked, "record.part_signed", "part", part, "signer", s.Signer, "slot", s.Slot)
		}
	}
	return nil
}

// voidedBy decides, before values are written, what the changed year-end cells
// do to records that bear signatures (design.md section 2, row 8): exactly the
// live signatures over them fall, the return is answered. Only a returned part
// can both be open and bear a signature, so no other record is loaded.
func (t *Tx) voidedBy(ctx context.Context, s *saving) ([]record.Change, error) {
	edits := map[int64][]record.Edit{} // by record
	for _, w := range s.written {
		r := s.guard.records[s.seats[w.Enrolment].PupilID]
		if r == nil || !slices.Contains(r.returned, record.PartOf(w.Item)) {
			continue
		}
		edit := record.Edit{Item: w.Item, Entry: s.entry(w.CellRef)}
		if i := slices.IndexFunc(edits[r.ID], func(e record.Edit) bool { return e.Item == w.Item }); i >= 0 {
			edits[r.ID][i] = edit
			continue
		}
		edits[r.ID] = append(edits[r.ID], edit)
	}
	if len(edits) == 0 {
		return nil, nil
	}
	records, err := t.Records(ctx, slices.Sorted(maps.Keys(edits)), true)
	if err != nil {
		return nil, err
	}
	var out []record.Change
	for _, r := range records {
		change, err := r.CellChanged(record.By{Actor: t.Actor, At: t.Now}, edits[r.ID]...)
		if err != nil {
			return nil, err
		}
		if !change.Empty() {
			out = append(out, change)
		}
	}
	return out, nil
}

// raised lists the records whose values changed without a Change of their own:
// whoever prepared a change or a signature over the former values finds another
// revision.
func (s *saving) raised(changes []record.Change) []int64 {
	var ids []int64
	for _, w := range s.written {
		r := s.guard.records[s.seats[w.Enrolment].PupilID]
		if r != nil && !slices.Contains(ids, r.ID) &&
			!slices.ContainsFunc(changes, func(c record.Change) bool { return c.RecordID() == r.ID }) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}
