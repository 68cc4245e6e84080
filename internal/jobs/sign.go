package jobs

import (
	"context"
	"strconv"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
)

// The kinds of signing.
const (
	SignParts    = "sign_parts"    // a subject teacher's own parts of a class's records
	SignHomeroom = "sign_homeroom" // the year's content, as homeroom teacher
)

// ArgShown is the argument of an item of SignHomeroom: the overall level that
// the teacher saw when asking. Another one by then refuses the item.
const ArgShown = "shown"

var signedAlready = []string{"record.already_signed"}

func signParts(ctx context.Context, it *Item) error {
	id, err := it.RecordID()
	if err != nil {
		return err
	}
	return it.Desk.SignParts(ctx, it.Actor, id, it.Pen)
}

func signHomeroom(ctx context.Context, it *Item) error {
	id, err := it.RecordID()
	if err != nil {
		return err
	}
	return it.Desk.SignHomeroom(ctx, it.Actor, id, evaluation.Overall(it.Args[ArgShown]), it.Pen)
}

// RecordKey is the key of an item that is a record.
func RecordKey(recordID int64) string { return strconv.FormatInt(recordID, 10) }

func parseID(key string) (int64, error) {
	id, err := strconv.ParseInt(key, 10, 64)
	if err != nil {
		return 0, fault.Wrap(err, fault.NotFound, "record.unknown")
	}
	return id, nil
}
