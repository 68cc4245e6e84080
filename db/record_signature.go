package db

import (
	"context"

	"hocba/internal/fault"
	"hocba/internal/record"
	"hocba/internal/school"
)

// ClassSigning is a class as the teacher who signs in it sees it.
type ClassSigning struct {
	Class Class
	// Homeroom says that the person is its homeroom teacher today.
	Homeroom bool
	// Subjects are what the person teaches there today.
	Subjects []school.Subject
	// Records are those of the pupils on the roll, in its order.
	Records []*record.Record
}

// ClassSigning loads a class for the acting teacher to sign in; NotFound,
// class.unknown, when the teacher has nothing to do with it today. The number
// of queries does not depend on the number of pupils.
func (t *Tx) ClassSigning(ctx context.Context, year school.Year, classID int64) (ClassSigning, error) {
	class, err := t.Class(ctx, year, classID)
	if err != nil {
		return ClassSigning{}, err
	}
	out := ClassSigning{Class: class, Homeroom: class.HomeroomID == t.Actor.AccountID}
	taught, err := t.ClassAssignments(ctx, classID)
	if err != nil {
		return ClassSigning{}, err
	}
	for _, a := range taught {
		if a.AccountID == t.Actor.AccountID {
			out.Subjects = append(out.Subjects, a.Subject)
		}
	}
	if !out.Homeroom && len(out.Subjects) == 0 {
		return ClassSigning{}, fault.New(fault.NotFound, "class.unknown")
	}
	ids, err := t.ClassRecordIDs(ctx, classID)
	if err != nil {
		return ClassSigning{}, err
	}
	out.Records, err = t.Records(ctx, ids, false)
	return out, err
}

// ClassOfRecord returns the class that a record of a school year belongs to.
func (t *Tx) ClassOfRecord(ctx context.Context, year school.Year, recordID int64) (int64, error) {
	var id int64
	err := t.get(ctx, "record.unknown", &id, `SELECT class_id FROM school.record WHERE id = $1 AND school_year = $2`, recordID, year)
	return id, err
}
