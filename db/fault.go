package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/lib/pq"

	"hocba/internal/fault"
)

// translate turns PostgreSQL's error codes into kinds of failure, in this one
// place. act is an English clause for the log, naming what was attempted.
func translate(err error, act string) error {
	if err == nil {
		return nil
	}
	if fault.As(err) != nil {
		return err
	}
	wrapped := fmt.Errorf("%s: %w", act, err)
	var pg *pq.Error
	if errors.As(err, &pg) {
		// The session is over, whatever the code: PostgreSQL goes down, comes up
		// or finds no room to begin a session on a full disk (XX000).
		if pg.Severity == "FATAL" || pg.Severity == "PANIC" {
			return fault.Wrap(wrapped, fault.Unavailable, "db.unavailable")
		}
		switch pg.Code.Name() {
		case "unique_violation", "exclusion_violation":
			return fault.Wrap(wrapped, fault.Conflict, "db.duplicate", "constraint", pg.Constraint)
		case "serialization_failure", "deadlock_detected", "lock_not_available":
			return fault.Wrap(wrapped, fault.Conflict, "db.busy")
		case "insufficient_privilege":
			return fault.Wrap(wrapped, fault.Forbidden, "db.denied")
		case "check_violation", "not_null_violation", "string_data_right_truncation", "foreign_key_violation",
			// what a form may hold: a NUL, bytes that are no UTF-8, a number out of range
			"character_not_in_repertoire", "untranslatable_character", "invalid_text_representation", "numeric_value_out_of_range":
			return fault.Wrap(wrapped, fault.Invalid, "db.value", "constraint", pg.Constraint)
		}
		switch pg.Code.Class().Name() {
		case "connection_exception", "operator_intervention", "insufficient_resources", "system_error":
			return fault.Wrap(wrapped, fault.Unavailable, "db.unavailable")
		}
		return wrapped
	}
	var netErr net.Error
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &netErr) {
		if !errors.Is(err, context.Canceled) {
			return fault.Wrap(wrapped, fault.Unavailable, "db.unavailable")
		}
	}
	return wrapped
}

// retryable reports whether the same transaction may succeed when run again.
func retryable(err error) bool { return fault.Is(err, "db.busy") }

// violates reports whether err is the violation of the named constraint.
func violates(err error, constraint string) bool {
	f := fault.As(err)
	return f != nil && f.Args["constraint"] == constraint
}
