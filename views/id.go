package views

import (
	"fmt"
	"strings"
)

// ID returns the stable id of an element: kind and parts joined by "-", as in
// "task-17" or "cell-204-TOAN-mark". Pages and partials use the same call, so a
// fragment always finds its place. Characters that would need escaping in a
// selector become "_" and their code.
func ID(kind string, parts ...any) string {
	var b strings.Builder
	b.WriteString(kind)
	for _, part := range parts {
		b.WriteByte('-')
		for _, r := range fmt.Sprint(part) {
			switch {
			case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
				b.WriteRune(r)
			case r == '_' || r == '-':
				b.WriteRune(r)
			default:
				fmt.Fprintf(&b, "_%x", r)
			}
		}
	}
	return b.String()
}
