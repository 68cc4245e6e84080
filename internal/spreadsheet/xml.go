package spreadsheet

import (
	"bufio"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"

	"golang.org/x/net/html/charset"
)

// errMarkup ends the reading of a part whose XML is not what Office writes.
var errMarkup = errors.New("unexpected markup")

// walker runs through the XML of one part. Elements are known by their local
// name alone: Office writes the same parts under two families of namespaces.
type walker struct {
	dec   *xml.Decoder
	input *tokenReader
	depth int
	skip  int // depth of the element whose content is passed over; 0: none
}

func newWalker(r io.Reader) *walker {
	input := &tokenReader{r: bufio.NewReader(r)}
	dec := xml.NewDecoder(input)
	dec.CharsetReader = charset.NewReaderLabel
	return &walker{dec: dec, input: input}
}

// tokenReader bounds what one token may take: a start element with a million
// attributes would be held in memory whole. It reads byte by byte, so that the
// decoder puts no buffer of its own between, and the count is the token's.
type tokenReader struct {
	r    *bufio.Reader
	used int
}

func (t *tokenReader) ReadByte() (byte, error) {
	if t.used++; t.used > maxToken {
		return 0, errMarkup
	}
	return t.r.ReadByte()
}

func (t *tokenReader) Read(p []byte) (int, error) {
	if t.used > maxToken {
		return 0, errMarkup
	}
	n, err := t.r.Read(p)
	t.used += n
	return n, err
}

// next returns the next start, end or text. A document type, nesting beyond
// maxDepth and an unfinished document are errors.
func (w *walker) next() (xml.Token, error) {
	for {
		w.input.used = 0
		tok, err := w.dec.RawToken()
		if err == io.EOF && w.depth != 0 {
			return nil, io.ErrUnexpectedEOF
		}
		if err != nil {
			return nil, err
		}
		switch tok.(type) {
		case xml.Directive:
			return nil, errMarkup
		case xml.StartElement:
			if w.depth++; w.depth > maxDepth {
				return nil, errMarkup
			}
			if w.skip != 0 {
				continue
			}
			return tok, nil
		case xml.EndElement:
			if w.depth--; w.depth < 0 {
				return nil, errMarkup
			}
			if w.skip != 0 {
				if w.depth < w.skip {
					w.skip = 0
				}
				continue
			}
			return tok, nil
		case xml.CharData:
			if w.skip == 0 {
				return tok, nil
			}
		}
	}
}

// pass makes next jump over the element whose start was just returned.
func (w *walker) pass() { w.skip = w.depth }

// attr returns the value of an attribute by local name, "" when absent.
func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func attrTrue(e xml.StartElement, name string) bool {
	v := attr(e, name)
	return v == "1" || v == "true"
}

// unescape reads Office's own escape of characters, _x000D_ for U+000D.
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var b strings.Builder
	for {
		i := strings.Index(s, "_x")
		if i < 0 || len(s) < i+7 {
			b.WriteString(s)
			return b.String()
		}
		code, err := strconv.ParseUint(s[i+2:i+6], 16, 16)
		if err != nil || s[i+6] != '_' {
			b.WriteString(s[:i+2])
			s = s[i+2:]
			continue
		}
		b.WriteString(s[:i])
		b.WriteRune(rune(code))
		s = s[i+7:]
	}
}
