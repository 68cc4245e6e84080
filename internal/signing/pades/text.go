package pades

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
)

const (
	maxPages = 200
	maxNodes = 1000 // of the tree of pages, counted as often as they are named
	maxForms = 8    // forms within forms
	maxGlyph = 512  // bytes of the text of one glyph (ISO 32000-1, 9.10.3)
)

// Text returns what the pages show, in the order in which it is painted, one
// line a page, without blanks: whoever compares must not depend on how words
// were spaced. It reads the fonts of our papers, those of two-byte codes with
// a map to Unicode, and fails with Invalid pdf.text (Args what) on a font or an
// operator that could show something else than what it says.
func (f *File) Text() (string, error) {
	f.work, f.nodes = 0, 0
	var pages []Dict
	if err := f.pages(f.Root()["Pages"], &pages, 0); err != nil {
		return "", err
	}
	var out strings.Builder
	for _, page := range pages {
		p := &painter{file: f, out: &out, fonts: map[Ref]map[uint16]string{}}
		var content []byte
		parts := f.Array(page["Contents"])
		if parts == nil {
			parts = Array{page["Contents"]}
		}
		for _, part := range parts {
			v, err := f.Get(part)
			if err != nil {
				return "", err
			}
			s, ok := v.(*Stream)
			if !ok {
				return "", refuse("pdf.text", "contents")
			}
			b, err := f.Unpack(s)
			if err != nil {
				return "", err
			}
			content = append(append(content, b...), '\n')
		}
		if err := p.paint(content, f.Dict(page["Resources"]), 0); err != nil {
			return "", err
		}
		out.WriteByte('\n')
	}
	return out.String(), nil
}

func (f *File) pages(v any, out *[]Dict, depth int) error {
	node := f.Dict(v)
	if f.nodes++; node == nil || depth > maxNesting || len(*out) > maxPages || f.nodes > maxNodes {
		return refuse("pdf.text", "pages")
	}
	if node["Type"] == Name("Page") {
		*out = append(*out, node)
		return nil
	}
	for _, kid := range f.Array(node["Kids"]) {
		if err := f.pages(kid, out, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// painter walks a content stream.
type painter struct {
	file  *File
	out   *strings.Builder
	fonts map[Ref]map[uint16]string
	font  map[uint16]string // nil: none chosen
}

func (p *painter) paint(content []byte, resources Dict, depth int) error {
	if depth > maxForms {
		return refuse("pdf.text", "forms")
	}
	l := &lexer{src: content}
	var operands []any
	for {
		l.space()
		if l.pos >= len(content) {
			return nil
		}
		if b := content[l.pos]; isDelimiter(b) || b == '-' || b == '+' || b == '.' || b >= '0' && b <= '9' {
			v, err := l.object(0)
			if err != nil || len(operands) > 1000 {
				return refuse("pdf.text", "operand")
			}
			operands = append(operands, v)
			continue
		}
		from := l.pos
		op := l.word()
		if op == "" || l.pos == from {
			return refuse("pdf.text", "operator")
		}
		if op == "true" || op == "false" || op == "null" {
			operands = append(operands, nil)
			continue
		}
		if err := p.do(op, operands, resources, depth); err != nil {
			return err
		}
		operands = operands[:0]
	}
}

func (p *painter) do(op string, operands []any, resources Dict, depth int) error {
	last := func() any {
		if len(operands) == 0 {
			return nil
		}
		return operands[len(operands)-1]
	}
	switch op {
	case "BI": // an inline image: its bytes are no operators
		return refuse("pdf.text", "inline_image")
	case "Tf":
		if len(operands) != 2 {
			return refuse("pdf.text", "font")
		}
		name, ok := operands[0].(Name)
		if !ok {
			return refuse("pdf.text", "font")
		}
		return p.choose(p.file.Dict(resources["Font"])[name])
	case "Tj", "'", "\"":
		s, ok := last().(String)
		if !ok {
			return refuse("pdf.text", "operand")
		}
		return p.show(s)
	case "TJ":
		list, _ := last().(Array)
		for _, e := range list {
			if s, ok := e.(String); ok {
				if err := p.show(s); err != nil {
					return err
				}
			}
		}
	case "Do":
		name, _ := last().(Name)
		v, err := p.file.Get(p.file.Dict(resources["XObject"])[name])
		if err != nil {
			return err
		}
		s, ok := v.(*Stream)
		if !ok {
			return refuse("pdf.text", "object")
		}
		if s.Dict["Subtype"] != Name("Form") {
			return nil
		}
		content, err := p.file.Unpack(s)
		if err != nil {
			return err
		}
		own := p.file.Dict(s.Dict["Resources"])
		if own == nil {
			own = resources
		}
		return p.paint(content, own, depth+1)
	}
	return nil
}

// choose reads a font's map to Unicode, once.
func (p *painter) choose(v any) error {
	ref, ok := v.(Ref)
	if !ok {
		return refuse("pdf.text", "font")
	}
	if known, ok := p.fonts[ref]; ok {
		p.font = known
		return nil
	}
	font := p.file.Dict(ref)
	got, err := p.file.Get(font["ToUnicode"])
	s, isStream := got.(*Stream)
	if err != nil || !isStream || font["Subtype"] != Name("Type0") || font["Encoding"] != Name("Identity-H") {
		p.font, p.fonts[ref] = nil, nil // refused when it shows something
		return nil
	}
	raw, err := p.file.Unpack(s)
	if err != nil {
		return err
	}
	if p.font, err = p.file.readMap(raw); err != nil {
		return err
	}
	p.fonts[ref] = p.font
	return nil
}

func (p *painter) show(codes String) error {
	if p.font == nil || len(codes)%2 != 0 {
		return refuse("pdf.text", "font")
	}
	for i := 0; i < len(codes); i += 2 {
		text, ok := p.font[binary.BigEndian.Uint16(codes[i:])]
		if !ok {
			return refuse("pdf.text", "glyph")
		}
		if err := p.file.spend(len(text)); err != nil {
			return err
		}
		if strings.TrimSpace(text) != "" {
			p.out.WriteString(text)
		}
	}
	return nil
}

// readMap reads the bfchar and bfrange of a CMap.
func (f *File) readMap(raw []byte) (map[uint16]string, error) {
	out := map[uint16]string{}
	l := &lexer{src: raw}
	var operands []any
	for {
		l.space()
		if l.pos >= len(raw) {
			return out, nil
		}
		if b := raw[l.pos]; isDelimiter(b) || b == '-' || b >= '0' && b <= '9' {
			v, err := l.object(0)
			if err != nil || len(operands) > maxObjects {
				return nil, refuse("pdf.text", "map")
			}
			operands = append(operands, v)
			continue
		}
		op := l.word()
		if op == "" {
			return nil, refuse("pdf.text", "map")
		}
		switch op {
		case "beginbfchar", "beginbfrange", "begincodespacerange":
			operands = operands[:0]
		case "endbfchar":
			for i := 0; i+1 < len(operands); i += 2 {
				code, ok1 := codeOf(operands[i])
				text, ok2 := operands[i+1].(String)
				if !ok1 || !ok2 || len(text) > maxGlyph {
					return nil, refuse("pdf.text", "map")
				}
				out[code] = utf16Text(text, 0)
			}
		case "endbfrange":
			if err := f.readRanges(operands, out); err != nil {
				return nil, err
			}
		}
	}
}

func (f *File) readRanges(operands []any, out map[uint16]string) error {
	for i := 0; i+2 < len(operands); i += 3 {
		from, ok1 := codeOf(operands[i])
		to, ok2 := codeOf(operands[i+1])
		if !ok1 || !ok2 || to < from {
			return refuse("pdf.text", "map")
		}
		for n := 0; n <= int(to-from); n++ {
			switch target := operands[i+2].(type) {
			case String:
				if err := f.spend(64 + len(target)); err != nil || len(target) > maxGlyph {
					return refuse("pdf.text", "map")
				}
				out[from+uint16(n)] = utf16Text(target, n)
			case Array:
				if n >= len(target) {
					return refuse("pdf.text", "map")
				}
				text, ok := target[n].(String)
				if !ok || len(text) > maxGlyph {
					return refuse("pdf.text", "map")
				}
				out[from+uint16(n)] = utf16Text(text, 0)
			default:
				return refuse("pdf.text", "map")
			}
		}
	}
	return nil
}

func codeOf(v any) (uint16, bool) {
	s, ok := v.(String)
	if !ok || len(s) != 2 {
		return 0, false
	}
	return binary.BigEndian.Uint16(s), true
}

// utf16Text decodes a string of UTF-16, its last unit raised by n.
func utf16Text(s String, n int) string {
	var units []uint16
	for i := 0; i+1 < len(s); i += 2 {
		units = append(units, binary.BigEndian.Uint16(s[i:]))
	}
	if len(units) > 0 {
		units[len(units)-1] += uint16(n)
	}
	return string(utf16.Decode(units))
}
