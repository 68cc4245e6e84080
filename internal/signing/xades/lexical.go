package xades

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// name reads a qualified name; colon is the place of its colon, or -1.
func (s *scanner) name() (name string, colon int, err error) {
	start := s.pos
	colon = -1
	first := true
	for s.pos < len(s.src) {
		r, n := rune(s.src[s.pos]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s.src[s.pos:])
		}
		switch {
		case r == ':' && !first && colon < 0:
			colon, first = s.pos-start, true
		case first && isNameStart(r) || !first && isNameRune(r):
			first = false
		default:
			if first {
				return "", 0, s.refuse("xml.malformed")
			}
			return s.src[start:s.pos], colon, nil
		}
		s.pos += n
	}
	return "", 0, s.refuse("xml.malformed")
}

// space skips white space and reports whether there was any.
func (s *scanner) space() bool {
	start := s.pos
	for s.pos < len(s.src) && (s.src[s.pos] == ' ' || s.src[s.pos] == '\n' || s.src[s.pos] == '\t') {
		s.pos++
	}
	return s.pos > start
}

func (s *scanner) take(c byte) bool {
	if s.pos < len(s.src) && s.src[s.pos] == c {
		s.pos++
		return true
	}
	return false
}

// unescape replaces the predefined entities and character references.
func (s *scanner) unescape(segment string) (string, error) {
	amp := strings.IndexByte(segment, '&')
	if amp < 0 {
		return segment, nil
	}
	var b strings.Builder
	b.Grow(len(segment))
	for amp >= 0 {
		b.WriteString(segment[:amp])
		name, rest, ok := strings.Cut(segment[amp+1:], ";")
		r, known := entity(name)
		if !ok || !known {
			return "", s.refuse("xml.entity")
		}
		b.WriteRune(r)
		segment = rest
		amp = strings.IndexByte(segment, '&')
	}
	b.WriteString(segment)
	return b.String(), nil
}

func entity(name string) (rune, bool) {
	switch name {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	digits, ok := strings.CutPrefix(name, "#")
	base := 10
	if hex, isHex := strings.CutPrefix(digits, "x"); ok && isHex {
		digits, base = hex, 16
	}
	if !ok || digits == "" || len(digits) > 7 || strings.ContainsAny(digits, "+-_") {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || !isCharacter(rune(n)) {
		return 0, false
	}
	return rune(n), true
}

// isCharacter is the production Char of XML 1.0.
func isCharacter(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xD7FF ||
		r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= 0x10FFFF
}

// isNameStart is NameStartChar of XML 1.0 (fifth edition) without the colon.
func isNameStart(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_'
	}
	return r >= 0xC0 && r <= 0x2FF && r != 0xD7 && r != 0xF7 || r >= 0x370 && r <= 0x1FFF && r != 0x37E ||
		r == 0x200C || r == 0x200D || r >= 0x2070 && r <= 0x218F || r >= 0x2C00 && r <= 0x2FEF ||
		r >= 0x3001 && r <= 0xD7FF || r >= 0xF900 && r <= 0xFDCF || r >= 0xFDF0 && r <= 0xFFFD ||
		r >= 0x10000 && r <= 0xEFFFF
}

// isNameRune is NameChar of XML 1.0 (fifth edition) without the colon.
func isNameRune(r rune) bool {
	return isNameStart(r) || r >= '0' && r <= '9' || r == '-' || r == '.' || r == 0xB7 ||
		r >= 0x300 && r <= 0x36F || r == 0x203F || r == 0x2040
}

// IsNCName reports whether s may stand as an Id: a name without a colon.
func IsNCName(s string) bool {
	for i, r := range s {
		if r == utf8.RuneError || i == 0 && !isNameStart(r) || i > 0 && !isNameRune(r) {
			return false
		}
	}
	return s != ""
}
