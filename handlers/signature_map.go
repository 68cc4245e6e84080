package handlers

import (
	"context"
	"slices"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/jobs"
	"hocba/internal/record"
	"hocba/views"
)

// signatureMap tells of every signature of a record by whom, over what, when,
// with what, and what ended it.
func signatureMap(ctx context.Context, tx *db.Tx, rec *record.Record) ([]views.RecordSignature, error) {
	var fingerprints []string
	for _, s := range rec.Signatures {
		fingerprints = append(fingerprints, s.Certificate)
	}
	kept, err := tx.SignerCertificates(ctx, fingerprints)
	if err != nil {
		return nil, err
	}
	fallen, err := findFallen(ctx, tx, []*record.Record{rec}, func(*record.Record) []record.Signature { return rec.Signatures })
	if err != nil {
		return nil, err
	}
	var out []views.RecordSignature
	for _, s := range rec.Signatures {
		v := views.RecordSignature{Slot: s.Slot, Signer: s.Signer.Name, Subjects: s.Subjects(), Version: s.Version, At: s.At,
			Mark: s.Certificate[:min(16, len(s.Certificate))], Live: rec.Live(s), Changes: fallen.changes(rec, s), Opened: s.Opened}
		if void := rec.VoidOf(s); void != nil {
			v.Cause, v.EndedAt = void.Cause, void.At
		} else if last := rec.Last(); s.Slot == record.ApprovalSlot && last != nil && s.Version == last.Number {
			v.Live = true // it stands in the issued version; the next one needs its own
		}
		if k, ok := kept[s.Certificate]; ok {
			certificate, err := k.Certificate()
			if err != nil {
				return nil, err
			}
			v.Holder, v.Issuer, v.Serial = certificate.Name(), certificate.Issuer(), certificate.Serial()
			v.Trial, v.Way, v.WayLabel = certificate.Trial(), k.Way, k.Label
		}
		out = append(out, v)
	}
	return out, nil
}

// fallen is what is asked about signatures that a change ended: who wrote each
// value last, and whose act it was.
type fallen struct {
	writes map[db.WrittenCell]db.CellWrite
	names  map[int64]string
}

// findFallen asks for the records in which any of the signatures that of names
// was ended by a change; of the others nothing is asked.
func findFallen(ctx context.Context, tx *db.Tx, records []*record.Record, of func(*record.Record) []record.Signature) (f fallen, err error) {
	var ids, accounts []int64
	for _, rec := range records {
		for _, s := range of(rec) {
			if !ended(rec, s) {
				continue
			}
			if !slices.Contains(ids, rec.ID) {
				ids = append(ids, rec.ID)
			}
			if void := rec.VoidOf(s); void != nil {
				accounts = append(accounts, void.AccountID)
			}
		}
	}
	if len(ids) == 0 {
		return f, nil
	}
	if f.writes, err = tx.LastWrites(ctx, ids); err != nil {
		return f, err
	}
	f.names, err = tx.AccountNames(ctx, accounts)
	return f, err
}

// ended reports whether a change of what it covers ended a signature.
func ended(rec *record.Record, s record.Signature) bool {
	void := rec.VoidOf(s)
	return void == nil && !rec.Live(s) && s.Slot.Role() != bundle.Seal || void != nil && void.Cause == record.ContentChanged
}

// changes are the values that ended a signature, with who changed each. What
// has no history of its own, as a line of the pupil's file, was changed by the
// act that ended the signature.
func (f fallen) changes(rec *record.Record, s record.Signature) []views.RecordChange {
	if !ended(rec, s) {
		return nil
	}
	void := rec.VoidOf(s)
	var out []views.RecordChange
	for _, d := range rec.Differences(s) {
		c := views.RecordChange{Item: d.Item, Field: d.Field, Old: d.Old, New: d.New}
		write, ok := f.writes[db.WrittenCell{RecordID: rec.ID, Item: string(d.Item), Field: d.Field}]
		switch {
		case ok && write.At.After(s.At):
			c.By, c.At = write.By, write.At
		case void != nil:
			c.By, c.At = f.names[void.AccountID], void.At
		}
		out = append(out, c)
	}
	return out
}

// fallenOf are the signatures that the person is to give again in a record, in
// the capacity of a kind of signing: the own ones, and a predecessor's.
func fallenOf(rec *record.Record, kind, teacher string) []record.Signature {
	var out []record.Signature
	for _, v := range rec.PartViews(record.By{}) {
		mine := v.Owner.Code == teacher && teacher != ""
		if !mine || v.Fallen == nil || v.Signed != nil || (v.Subject == "") != (kind == jobs.SignHomeroom) ||
			slices.ContainsFunc(out, func(s record.Signature) bool { return s.ID == v.Fallen.ID }) {
			continue
		}
		out = append(out, *v.Fallen)
	}
	return out
}

// writtenByOthers tells before signing who else wrote the values: signing makes
// them the signer's own.
func writtenByOthers(r *request, tx *db.Tx, c db.ClassSigning, page *views.Signing) error {
	if len(c.Subjects) == 0 {
		return nil
	}
	writers, err := tx.PartWriters(r.ctx(), c.Class.Year, c.Class.ID, c.Subjects)
	for i := range page.Sections {
		if page.Sections[i].Kind != jobs.SignParts {
			continue
		}
		for _, w := range writers {
			page.Sections[i].Writers = append(page.Sections[i].Writers, views.PartWriter{Name: w.Name, Pupils: w.Pupils})
		}
		page.Sections[i].LookURL = partURL(c, bundle.SubjectID(c.Subjects[0]))
	}
	return err
}

// signAgain fills, for each pupil of a class, what changed under the signatures
// that the person is asked to give again.
func signAgain(r *request, tx *db.Tx, c db.ClassSigning, page *views.Signing) error {
	for i := range page.Sections {
		section := &page.Sections[i]
		of := func(rec *record.Record) []record.Signature { return fallenOf(rec, section.Kind, r.actor.TeacherCode) }
		found, err := findFallen(r.ctx(), tx, c.Records, of)
		if err != nil {
			return err
		}
		for _, rec := range c.Records {
			for _, s := range of(rec) {
				again := views.SignAgain{Record: rec.ID, Name: rec.Pupil.Name, Homeroom: section.Kind == jobs.SignHomeroom, SignedAt: s.At,
					Changes: found.changes(rec, s)}
				if s.Signer.Code != r.actor.TeacherCode {
					again.Predecessor = s.Signer.Name
				}
				if void := rec.VoidOf(s); void != nil {
					again.EndedAt = void.At
				}
				page.Again = append(page.Again, again)
				section.Again(rec.ID, len(again.Changes))
			}
		}
	}
	return nil
}
