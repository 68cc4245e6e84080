package pades

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"hocba/internal/fault"
)

// The objects of PDF as Go values: nil, bool, int, float64, Name, String,
// Array, Dict, Ref. A Stream is a Dict with its bytes as they stand.
type (
	// Name is a name, without its slash.
	Name string
	// String is a string's bytes.
	String []byte
	// Array is an array.
	Array []any
	// Dict is a dictionary.
	Dict map[Name]any
	// Ref refers to an indirect object; the generation is always 0 in what we take.
	Ref int
)

// Stream is a dictionary with a stream.
type Stream struct {
	Dict Dict
	Raw  []byte
}

const (
	maxNesting = 32
	// maxValues bounds the values of one object: one of a few bytes takes a
	// hundred in memory. The structure tree of a class's papers has 20,000.
	maxValues = 100_000
)

// refuse makes the fault of a file that is not read; what names the rule.
func refuse(code, what string) error { return fault.New(fault.Invalid, code, "what", what) }

// lexer reads objects from the bytes of a file.
type lexer struct {
	src []byte
	pos int
	// marks, when set, notes where each value of the outermost dictionary
	// stands, from its first byte to behind its last.
	marks  map[Name][2]int
	values int // read of the object under way
}

func isSpace(b byte) bool {
	return b == ' ' || b == '\n' || b == '\r' || b == '\t' || b == 0 || b == '\f'
}

func isDelimiter(b byte) bool { return bytes.IndexByte([]byte("()<>[]{}/%"), b) >= 0 }

func (l *lexer) space() {
	for l.pos < len(l.src) {
		switch b := l.src[l.pos]; {
		case isSpace(b):
			l.pos++
		case b == '%':
			for l.pos < len(l.src) && l.src[l.pos] != '\n' && l.src[l.pos] != '\r' {
				l.pos++
			}
		default:
			return
		}
	}
}

// word reads to the next space or delimiter.
func (l *lexer) word() string {
	from := l.pos
	for l.pos < len(l.src) && !isSpace(l.src[l.pos]) && !isDelimiter(l.src[l.pos]) {
		l.pos++
	}
	return string(l.src[from:l.pos])
}

// expect takes a keyword.
func (l *lexer) expect(keyword string) bool {
	l.space()
	if !bytes.HasPrefix(l.src[l.pos:], []byte(keyword)) {
		return false
	}
	l.pos += len(keyword)
	return true
}

var errObject = refuse("pdf.structure", "object")

// object reads one object.
func (l *lexer) object(depth int) (any, error) {
	l.space()
	if depth == 0 {
		l.values = 0
	}
	if l.values++; depth > maxNesting || l.values > maxValues || l.pos >= len(l.src) {
		return nil, errObject
	}
	switch b := l.src[l.pos]; {
	case b == '/':
		return l.name()
	case b == '(':
		return l.literal()
	case b == '<' && l.pos+1 < len(l.src) && l.src[l.pos+1] == '<':
		return l.dict(depth)
	case b == '<':
		return l.hex()
	case b == '[':
		l.pos++
		list := Array{}
		for {
			l.space()
			if l.pos < len(l.src) && l.src[l.pos] == ']' {
				l.pos++
				return list, nil
			}
			v, err := l.object(depth + 1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
	}
	return l.scalar()
}

// scalar reads true, false, null, a number, or a reference.
func (l *lexer) scalar() (any, error) {
	switch w := l.word(); w {
	case "true", "false":
		return w == "true", nil
	case "null":
		return nil, nil
	default:
		n, err := strconv.Atoi(w)
		if err != nil {
			f, err := strconv.ParseFloat(w, 64)
			if err != nil {
				return nil, errObject
			}
			return f, nil
		}
		after := l.pos
		l.space()
		if l.word() == "0" {
			l.space()
			if l.pos < len(l.src) && l.src[l.pos] == 'R' && l.word() == "R" {
				return Ref(n), nil
			}
		}
		l.pos = after
		return n, nil
	}
}

func (l *lexer) name() (any, error) {
	l.pos++
	w := l.word()
	if strings.IndexByte(w, '#') < 0 {
		return Name(w), nil
	}
	out := make([]byte, 0, len(w))
	for i := 0; i < len(w); i++ {
		if w[i] != '#' || i+2 >= len(w) {
			out = append(out, w[i])
			continue
		}
		c, err := hex.DecodeString(w[i+1 : i+3])
		if err != nil || c[0] == '#' {
			return nil, errObject
		}
		out, i = append(out, c[0]), i+2
	}
	return Name(out), nil
}

func (l *lexer) hex() (any, error) {
	end := bytes.IndexByte(l.src[l.pos:], '>')
	if end < 0 {
		return nil, errObject
	}
	digits := bytes.Map(func(r rune) rune {
		if r < 0x80 && isSpace(byte(r)) {
			return -1
		}
		return r
	}, l.src[l.pos+1:l.pos+end])
	l.pos += end + 1
	if len(digits)%2 == 1 {
		digits = append(digits, '0')
	}
	out := make(String, len(digits)/2)
	if _, err := hex.Decode(out, digits); err != nil {
		return nil, errObject
	}
	return out, nil
}

// literal reads a string in brackets.
func (l *lexer) literal() (any, error) {
	var out String
	open := 0
	for l.pos < len(l.src) {
		b := l.src[l.pos]
		l.pos++
		switch {
		case b == '(':
			if open++; open == 1 {
				continue
			}
		case b == ')':
			if open--; open == 0 {
				return out, nil
			}
		case b == '\\' && l.pos < len(l.src):
			out = l.escape(out)
			continue
		}
		out = append(out, b)
	}
	return nil, errObject
}

func (l *lexer) escape(out String) String {
	b := l.src[l.pos]
	l.pos++
	if i := bytes.IndexByte([]byte("nrtbf"), b); i >= 0 {
		return append(out, "\n\r\t\b\f"[i])
	}
	if b == '\n' {
		return out
	}
	if b < '0' || b > '7' {
		return append(out, b)
	}
	v := int(b - '0')
	for range 2 {
		if l.pos < len(l.src) && l.src[l.pos] >= '0' && l.src[l.pos] <= '7' {
			v = v*8 + int(l.src[l.pos]-'0')
			l.pos++
		}
	}
	return append(out, byte(v))
}

// dict reads a dictionary; a key that stands twice is refused, since readers
// differ about which of the two counts.
func (l *lexer) dict(depth int) (any, error) {
	l.pos += 2
	out := Dict{}
	for {
		l.space()
		if bytes.HasPrefix(l.src[l.pos:], []byte(">>")) {
			l.pos += 2
			return out, nil
		}
		if l.pos >= len(l.src) || l.src[l.pos] != '/' {
			return nil, errObject
		}
		key, err := l.name()
		if err != nil {
			return nil, err
		}
		l.space()
		from := l.pos
		v, err := l.object(depth + 1)
		if err != nil {
			return nil, err
		}
		if _, twice := out[key.(Name)]; twice {
			return nil, refuse("pdf.structure", "key_twice")
		}
		out[key.(Name)] = v
		if depth == 0 && l.marks != nil {
			l.marks[key.(Name)] = [2]int{from, l.pos}
		}
	}
}

// write appends an object as it stands in a file.
func write(out []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(out, "null"...)
	case bool:
		return strconv.AppendBool(out, v)
	case int:
		return strconv.AppendInt(out, int64(v), 10)
	case float64:
		return strconv.AppendFloat(out, v, 'f', -1, 64)
	case Name:
		out = append(out, '/')
		for _, b := range []byte(v) {
			if b <= ' ' || b > '~' || b == '#' || isDelimiter(b) {
				out = append(out, '#')
				out = hex.AppendEncode(out, []byte{b})
				continue
			}
			out = append(out, b)
		}
		return out
	case String:
		out = append(out, '<')
		return append(hex.AppendEncode(out, v), '>')
	case Ref:
		return append(strconv.AppendInt(out, int64(v), 10), " 0 R"...)
	case Array:
		out = append(out, '[')
		for i, e := range v {
			if i > 0 {
				out = append(out, ' ')
			}
			out = write(out, e)
		}
		return append(out, ']')
	case Dict:
		out = append(out, "<<"...)
		var keys []Name
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			out = append(write(append(out, ' '), k), ' ')
			out = write(out, v[k])
		}
		return append(out, " >>"...)
	}
	return out
}
