package bundle

import (
	"fmt"
	"io"
	"strings"
)

// Code is a look-up code (mã tra cứu) in its stored form: twelve characters of
// Crockford base32, eleven random (55 bits) and a Luhn mod 32 check character.
// It belongs to one issued version and is a capability: never log it.
type Code string

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

const codeLength = 12

// NewCode mints a code from a source of randomness (crypto/rand.Reader). It
// fails only when the source does.
func NewCode(random io.Reader) (Code, error) {
	var b [codeLength - 1]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("mint look-up code: %w", err)
	}
	for i := range b {
		b[i] = crockford[b[i]&31] // 256 is a multiple of 32: no bias
	}
	return Code(string(b[:]) + string(crockford[check(string(b[:]))])), nil
}

// ParseCode reads a code in any spelling: small or capital letters, hyphens and
// blanks anywhere, I and L for 1, O for 0. It fails with lookup.code, without
// arguments, when the characters, the length or the check character are wrong.
func ParseCode(s string) (Code, error) {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '-' || r == '–' || r == '_' || r == ' ' || r == '\u00a0' || r == '.':
			continue
		case r >= 'a' && r <= 'z':
			r -= 'a' - 'A'
		}
		switch r {
		case 'I', 'L':
			r = '1'
		case 'O':
			r = '0'
		}
		if r > 127 || strings.IndexByte(crockford, byte(r)) < 0 || b.Len() == codeLength {
			return "", invalid("lookup.code")
		}
		b.WriteByte(byte(r))
	}
	c := b.String()
	if len(c) != codeLength || crockford[check(c[:codeLength-1])] != c[codeLength-1] {
		return "", invalid("lookup.code")
	}
	return Code(c), nil
}

// check computes the Luhn mod 32 value of the character that follows s.
func check(s string) int {
	sum, factor := 0, 2
	for i := len(s) - 1; i >= 0; i-- {
		n := strings.IndexByte(crockford, s[i]) * factor
		sum += n/32 + n%32
		factor = 3 - factor
	}
	return (32 - sum%32) % 32
}

// String returns the printed form XXXX-XXXX-XXXX, or "" for no code.
func (c Code) String() string {
	if len(c) != codeLength {
		return ""
	}
	return string(c[:4] + "-" + c[4:8] + "-" + c[8:])
}
