package jobs

import (
	"context"
	"strconv"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/record"
)

// The kinds of signing.
const (
	SignParts    = "sign_parts"    // a subject teacher's own parts of a class's records
	SignHomeroom = "sign_homeroom" // the year's content, as homeroom teacher

	WithdrawParts    = "withdraw_parts"
	WithdrawHomeroom = "withdraw_homeroom"
)

// ArgShown is the argument of an item of SignHomeroom: the overall level that
// the teacher saw when asking. Another one by then refuses the item.
const ArgShown = "shown"

var (
	signedAlready    = []string{"record.already_signed"}
	withdrawnAlready = []string{"record.not_signed"}
)

func signParts(it *Item) preparation { return it.Pen.parts() }

func signHomeroom(it *Item) preparation {
	return it.Pen.homeroom(evaluation.Overall(it.Args[ArgShown]))
}

func withdrawParts(ctx context.Context, it *Item) error {
	return it.act(ctx, func(r *record.Record, by record.By) (record.Change, error) { return r.WithdrawPart(by) })
}

func withdrawHomeroom(ctx context.Context, it *Item) error {
	return it.act(ctx, func(r *record.Record, by record.By) (record.Change, error) { return r.WithdrawHomeroom(by) })
}

// act does an act without a signature on the item's record.
func (it *Item) act(ctx context.Context, do func(*record.Record, record.By) (record.Change, error)) error {
	id, err := it.RecordID()
	if err != nil {
		return err
	}
	return it.Desk.Act(ctx, it.Actor, id, do)
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
