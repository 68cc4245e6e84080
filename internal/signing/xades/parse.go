package xades

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/beevik/etree"

	"hocba/internal/fault"
)

// Parse reads a document strictly: UTF-8 without a byte order mark, elements,
// attributes, text, the five predefined entities and character references,
// nothing else. It does not use encoding/xml, which is lenient where other
// parsers are not; whatever Parse accepts, libxml2 accepts and reads the same.
//
// It fails with Invalid and one of the codes xml.too_large, xml.too_deep,
// xml.encoding, xml.character, xml.carriage_return, xml.dtd, xml.instruction,
// xml.comment, xml.cdata, xml.entity, xml.malformed, xml.namespace,
// xml.attribute, xml.attribute_space, xml.id, xml.id_spelling,
// xml.id_duplicate. The argument "at" is the offset in bytes.
func Parse(raw []byte) (*Document, error) {
	if len(raw) > MaxBytes {
		return nil, fault.New(fault.Invalid, "xml.too_large", "bytes", strconv.Itoa(len(raw)))
	}
	s := &scanner{src: string(raw), ids: make(map[string]*etree.Element)}
	if err := s.characters(); err != nil {
		return nil, err
	}
	if err := s.declaration(); err != nil {
		return nil, err
	}
	for s.pos < len(s.src) {
		if err := s.next(); err != nil {
			return nil, err
		}
	}
	if s.root == nil || s.cur != nil {
		return nil, s.refuse("xml.malformed")
	}
	return &Document{root: s.root, ids: s.ids}, nil
}

// scanner reads src from left to right into a tree.
type scanner struct {
	src   string
	pos   int
	root  *etree.Element
	cur   *etree.Element // the open element, nil outside the root
	open  []frame
	scope []binding
	ids   map[string]*etree.Element
	count int // of elements
}

// frame is an open element: its name as written and the height of the
// namespace stack before it.
type frame struct {
	name string
	mark int
}

func (s *scanner) refuse(code string) *fault.Error {
	return fault.New(fault.Invalid, code, "at", strconv.Itoa(s.pos))
}

// characters checks that src is UTF-8 and holds only characters of XML 1.0,
// no carriage return (parsers rewrite it) and no byte order mark.
func (s *scanner) characters() error {
	for i := 0; i < len(s.src); {
		b := s.src[i]
		if b >= 0x20 && b < utf8.RuneSelf || b == '\n' || b == '\t' {
			i++
			continue
		}
		s.pos = i
		if b == '\r' {
			return s.refuse("xml.carriage_return")
		}
		r, n := utf8.DecodeRuneInString(s.src[i:])
		if r == utf8.RuneError && n <= 1 || i == 0 && r == 0xFEFF {
			return s.refuse("xml.encoding")
		}
		if !isCharacter(r) {
			return s.refuse("xml.character")
		}
		i += n
	}
	s.pos = 0
	return nil
}

// declaration reads the XML declaration, if there is one.
func (s *scanner) declaration() error {
	if !strings.HasPrefix(s.src, "<?") {
		return nil
	}
	if !strings.HasPrefix(s.src, "<?xml ") {
		return s.refuse("xml.instruction")
	}
	end := strings.Index(s.src, "?>")
	if end < 0 {
		return s.refuse("xml.malformed")
	}
	switch strings.ReplaceAll(s.src[:end], "'", `"`) {
	case `<?xml version="1.0"`, `<?xml version="1.0" encoding="UTF-8"`, `<?xml version="1.0" encoding="utf-8"`:
		s.pos = end + len("?>")
		return nil
	}
	return s.refuse("xml.encoding")
}

// next reads one piece: text, a tag, or what is refused.
func (s *scanner) next() error {
	rest := s.src[s.pos:]
	if rest[0] != '<' {
		return s.text()
	}
	switch {
	case strings.HasPrefix(rest, "</"):
		return s.endTag()
	case strings.HasPrefix(rest, "<!--"):
		return s.refuse("xml.comment")
	case strings.HasPrefix(rest, "<![CDATA["):
		return s.refuse("xml.cdata")
	case strings.HasPrefix(rest, "<!"):
		return s.refuse("xml.dtd")
	case strings.HasPrefix(rest, "<?"):
		return s.refuse("xml.instruction")
	}
	return s.startTag()
}

func (s *scanner) text() error {
	end := strings.IndexByte(s.src[s.pos:], '<')
	if end < 0 {
		end = len(s.src) - s.pos
	}
	segment := s.src[s.pos : s.pos+end]
	if s.cur == nil {
		if strings.Trim(segment, " \t\n") != "" {
			return s.refuse("xml.malformed")
		}
		s.pos += end
		return nil
	}
	if strings.Contains(segment, "]]>") {
		return s.refuse("xml.malformed")
	}
	data, err := s.unescape(segment)
	if err != nil {
		return err
	}
	s.cur.CreateText(data)
	s.pos += end
	return nil
}

func (s *scanner) endTag() error {
	s.pos += len("</")
	name, _, err := s.name()
	if err != nil {
		return err
	}
	s.space()
	if s.cur == nil || !s.take('>') || s.open[len(s.open)-1].name != name {
		return s.refuse("xml.malformed")
	}
	s.close()
	return nil
}

func (s *scanner) close() {
	top := len(s.open) - 1
	s.scope = s.scope[:s.open[top].mark]
	s.open = s.open[:top]
	s.cur = s.cur.Parent()
}

func (s *scanner) startTag() error {
	if s.root != nil && s.cur == nil {
		return s.refuse("xml.malformed")
	}
	if len(s.open) >= MaxDepth {
		return s.refuse("xml.too_deep")
	}
	if s.count++; s.count > MaxElements {
		return fault.New(fault.Invalid, "xml.too_large", "elements", strconv.Itoa(s.count))
	}
	s.pos++
	name, colon, err := s.name()
	if err != nil {
		return err
	}
	s.enter(name)
	if err := s.attributes(); err != nil {
		return err
	}
	if colon >= 0 {
		if _, ok := lookup(s.scope, name[:colon]); !ok {
			return s.refuse("xml.namespace")
		}
	}
	if s.take('/') {
		if !s.take('>') {
			return s.refuse("xml.malformed")
		}
		s.close()
		return nil
	}
	if !s.take('>') {
		return s.refuse("xml.malformed")
	}
	return nil
}

func (s *scanner) enter(name string) {
	s.open = append(s.open, frame{name, len(s.scope)})
	if s.cur == nil {
		s.root = etree.NewElement(name)
		s.cur = s.root
		return
	}
	s.cur = s.cur.CreateElement(name)
}

// attributes reads the attributes of the open element, declares its
// namespaces, and indexes its Id.
func (s *scanner) attributes() error {
	for {
		spaced := s.space()
		if s.pos >= len(s.src) {
			return s.refuse("xml.malformed")
		}
		if c := s.src[s.pos]; c == '>' || c == '/' {
			break
		}
		if !spaced {
			return s.refuse("xml.malformed")
		}
		if err := s.attribute(); err != nil {
			return err
		}
	}
	s.scope = declare(s.scope, s.cur)
	return s.checkAttributes()
}

func (s *scanner) attribute() error {
	name, _, err := s.name()
	if err != nil {
		return err
	}
	s.space()
	if !s.take('=') {
		return s.refuse("xml.malformed")
	}
	s.space()
	if s.pos >= len(s.src) || s.src[s.pos] != '"' && s.src[s.pos] != '\'' {
		return s.refuse("xml.malformed")
	}
	quote := s.src[s.pos]
	s.pos++
	end := strings.IndexByte(s.src[s.pos:], quote)
	if end < 0 {
		return s.refuse("xml.malformed")
	}
	segment := s.src[s.pos : s.pos+end]
	if strings.ContainsAny(segment, "\t\n") {
		return s.refuse("xml.attribute_space")
	}
	if strings.IndexByte(segment, '<') >= 0 {
		return s.refuse("xml.malformed")
	}
	value, err := s.unescape(segment)
	if err != nil {
		return err
	}
	before := len(s.cur.Attr)
	s.cur.CreateAttr(name, value)
	if len(s.cur.Attr) == before || len(s.cur.Attr) > MaxAttributes {
		return s.refuse("xml.attribute")
	}
	s.pos += end + 1
	return nil
}

func (s *scanner) checkAttributes() error {
	for i := range s.cur.Attr {
		a := &s.cur.Attr[i]
		if isDeclaration(a) {
			if !soundNamespace(a) {
				return s.refuse("xml.namespace")
			}
			continue
		}
		if a.Space != "" {
			uri, ok := s.resolve(a.Space)
			if !ok {
				return s.refuse("xml.namespace")
			}
			for j := range i {
				b := &s.cur.Attr[j]
				if b.Key != a.Key || b.Space == "" || isDeclaration(b) {
					continue
				}
				if other, _ := s.resolve(b.Space); other == uri {
					return s.refuse("xml.attribute")
				}
			}
		}
		if strings.EqualFold(a.Key, "Id") {
			if err := s.index(a); err != nil {
				return err
			}
		}
	}
	return nil
}

// index enters an Id. Any attribute somebody might take for one must be one.
func (s *scanner) index(a *etree.Attr) error {
	if a.Space != "" || a.Key != "Id" {
		return s.refuse("xml.id_spelling")
	}
	if !IsNCName(a.Value) {
		return s.refuse("xml.id")
	}
	if _, taken := s.ids[a.Value]; taken {
		return fault.New(fault.Invalid, "xml.id_duplicate", "id", a.Value)
	}
	s.ids[a.Value] = s.cur
	return nil
}

func (s *scanner) resolve(prefix string) (string, bool) {
	if prefix == "xml" {
		return xmlNamespace, true
	}
	return lookup(s.scope, prefix)
}

// soundNamespace reports whether a declaration is one on which all parsers
// agree: an absolute name, no rebinding of reserved prefixes, no undeclaring
// of a prefix. Canonicalisation is not defined for relative names, and libxml2
// forgets to escape an ampersand in one.
func soundNamespace(a *etree.Attr) bool {
	if a.Space == "" && a.Value == "" {
		return true
	}
	if a.Space == "xmlns" && (a.Key == "xml" || a.Key == "xmlns") {
		return false
	}
	if a.Value == xmlNamespace || a.Value == "http://www.w3.org/2000/xmlns/" {
		return false
	}
	scheme, rest, ok := strings.Cut(a.Value, ":")
	if !ok || scheme == "" || rest == "" {
		return false
	}
	for i := range len(scheme) {
		c := scheme[i] | 0x20
		if (c < 'a' || c > 'z') && (i == 0 || scheme[i] < '0' || scheme[i] > '9') {
			return false
		}
	}
	return soundName(rest)
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
}

// soundName reports whether what follows a scheme is what every reader of RFC
// 3986 takes: a host of letters, digits, dots and hyphens, its characters, each
// percent sign before two hexadecimal digits, one fragment.
func soundName(rest string) bool {
	if host, ok := strings.CutPrefix(rest, "//"); ok {
		if end := strings.IndexAny(host, "/?#"); end >= 0 {
			host = host[:end]
		}
		if host == "" || strings.Trim(host, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-") != "" {
			return false
		}
	}
	fragments := 0
	for i := 0; i < len(rest); i++ {
		switch c := rest[i]; {
		case c == '%':
			if i+2 >= len(rest) || !isHex(rest[i+1]) || !isHex(rest[i+2]) {
				return false
			}
		case c == '#':
			if fragments++; fragments > 1 {
				return false
			}
		case c <= ' ' || c >= 0x7F || strings.IndexByte("\"'&<>[\\]^`{|}", c) >= 0:
			return false
		}
	}
	return true
}
