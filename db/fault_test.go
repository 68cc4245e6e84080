package db

import (
	"net/http"
	"testing"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"hocba/internal/fault"
)

func TestTranslate(t *testing.T) {
	for _, c := range []struct {
		severity, code string
		kind           fault.Kind
	}{
		{"ERROR", "53100", fault.Unavailable}, // the disk is full
		{"FATAL", "XX000", fault.Unavailable}, // it is, and a session cannot begin
		{"FATAL", "57P03", fault.Unavailable}, // it recovers
		{"PANIC", "XX000", fault.Unavailable},
		{"ERROR", "XX000", fault.Internal},
		{"ERROR", "22021", fault.Invalid}, // a NUL, bytes that are no UTF-8
		{"ERROR", "22P02", fault.Invalid},
		{"ERROR", "22003", fault.Invalid},
		{"ERROR", "22012", fault.Internal}, // a division by zero is ours
		{"ERROR", "40001", fault.Conflict},
		{"ERROR", "42501", fault.Forbidden},
	} {
		err := translate(&pq.Error{Severity: c.severity, Code: pqerror.Code(c.code)}, "try")
		if got := fault.KindOf(err); got != c.kind {
			t.Errorf("%s %s: %v, want %v", c.severity, c.code, got, c.kind)
		}
	}
	if err := translate(http.ErrBodyNotAllowed, "try"); fault.KindOf(err) != fault.Internal {
		t.Errorf("an error of something else: %v", err)
	}
}
