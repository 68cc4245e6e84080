// Package fault names what can go wrong, for machines. A fault has a kind,
// which decides the HTTP status, and a code with arguments, for which
// views/words holds the Vietnamese sentence. The package knows no text for
// people, no HTTP and no SQL.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Kind is the class of a failure; one kind, one way of answering.
type Kind int

// The kinds of failure.
const (
	// Internal is everything nobody foresaw. It is the zero value, so that an
	// error without a kind is never mistaken for one that people may read.
	Internal Kind = iota
	// Invalid: the input is wrong; whoever typed it can mend it.
	Invalid
	// Forbidden: the actor is known and in scope, but stage or owner forbid the act.
	Forbidden
	// NotFound: there is no such thing, or the actor may not know of it.
	NotFound
	// Conflict: the thing changed since it was read, or stands at another stage.
	Conflict
	// Locked: a closed window, a signed part, a locked record.
	Locked
	// Unavailable: something needed does not answer now; later it may.
	Unavailable
)

var kindNames = [...]string{"internal", "invalid", "forbidden", "not_found", "conflict", "locked", "unavailable"}

// String returns the kind's name for logs.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", int(k))
}

// Error is a failure with a kind and a code. Args fill the placeholders of the
// sentence that belongs to the code. The cause is for the log only.
type Error struct {
	Kind  Kind
	Code  string
	Args  map[string]string
	cause error
}

// New makes a fault. args are name, value pairs.
func New(kind Kind, code string, args ...string) *Error {
	return &Error{Kind: kind, Code: code, Args: pairs(args)}
}

// Wrap makes a fault that keeps cause for the log.
func Wrap(cause error, kind Kind, code string, args ...string) *Error {
	return &Error{Kind: kind, Code: code, Args: pairs(args), cause: cause}
}

func pairs(args []string) map[string]string {
	if len(args) == 0 {
		return nil
	}
	m := make(map[string]string, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		m[args[i]] = args[i+1]
	}
	return m
}

// Error returns kind, code and cause; argument values are left out, because
// they may name a child.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Kind.String())
	b.WriteString(": ")
	b.WriteString(e.Code)
	if e.cause != nil {
		b.WriteString(": ")
		b.WriteString(e.cause.Error())
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.cause }

// As returns the fault inside err, or nil.
func As(err error) *Error {
	var f *Error
	if errors.As(err, &f) {
		return f
	}
	return nil
}

// KindOf returns the kind of err; Internal for an error that is no fault.
func KindOf(err error) Kind {
	if f := As(err); f != nil {
		return f.Kind
	}
	return Internal
}

// CodeOf returns the code of err, or "" for an error that is no fault.
func CodeOf(err error) string {
	if f := As(err); f != nil {
		return f.Code
	}
	return ""
}

// Is reports whether err is a fault with this code.
func Is(err error, code string) bool { return CodeOf(err) == code }
