package db

import (
	"context"
	"strconv"

	"hocba/internal/fault"
	"hocba/internal/workflow"
)

// settingDecideFirst is the name of the setting that puts the principal's decision
// before the homeroom teachers' signatures; "yes" turns it on.
const settingDecideFirst = "commendations_decided_first"

func (t *Tx) decideFirst(ctx context.Context, schoolID int64) (bool, error) {
	value, err := t.Setting(ctx, schoolID, settingDecideFirst)
	return value == "yes", err
}

// DecideFirst reports whether the actor's school wants commendations decided
// before homeroom teachers sign. No circular asks for it, so it is off until the
// school says otherwise.
func (t *Tx) DecideFirst(ctx context.Context) (bool, error) {
	return t.decideFirst(ctx, t.Actor.SchoolID)
}

// SetDecideFirst sets it for the actor's school, from the next signature on.
// Fault Forbidden commendation.order for who is neither its principal nor its
// administrator.
func (t *Tx) SetDecideFirst(ctx context.Context, on bool) error {
	if t.Actor.SchoolID == 0 || t.Actor.Role != workflow.Principal && t.Actor.Role != workflow.SchoolAdmin {
		return fault.New(fault.Forbidden, "commendation.order")
	}
	value := "no"
	if on {
		value = "yes"
	}
	err := t.exec(ctx, "set the order of commendations", `INSERT INTO core.setting (unit_id, name, value, changed_by, changed_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (unit_id, name) DO UPDATE SET value = excluded.value, changed_by = excluded.changed_by, changed_at = excluded.changed_at`,
		t.Actor.SchoolID, settingDecideFirst, value, t.Actor.AccountID, t.Now)
	if err != nil {
		return err
	}
	return t.note(ctx, "commendation_order", "unit:"+strconv.FormatInt(t.Actor.SchoolID, 10), "decided_first", value)
}
