package xades

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/beevik/etree"

	"hocba/internal/fault"
)

const xmlNamespace = "http://www.w3.org/XML/1998/namespace"

type binding struct{ prefix, uri string }

// lookup returns the innermost binding of prefix.
func lookup(stack []binding, prefix string) (string, bool) {
	for i := len(stack) - 1; i >= 0; i-- {
		if stack[i].prefix == prefix {
			return stack[i].uri, true
		}
	}
	return "", false
}

// Canonical returns the canonical form of el: Exclusive XML Canonicalization
// 1.0 without comments and without an inclusive prefix list, in the context of
// the document el stands in. It does not alter the tree. It fails with Invalid
// xml.namespace when a prefix is not declared, and xml.too_large when the form
// is more than twice as large as a document may be.
func Canonical(el *etree.Element) ([]byte, error) {
	if el == nil {
		return nil, fault.New(fault.Invalid, "xml.malformed")
	}
	c := canonicaliser{out: make([]byte, 0, 4096)}
	c.scope = ancestorScope(el)
	if err := c.element(el); err != nil {
		return nil, err
	}
	return c.out, nil
}

// ancestorScope returns the namespace declarations in force around el.
func ancestorScope(el *etree.Element) []binding {
	var chain []*etree.Element
	for p := el.Parent(); p != nil; p = p.Parent() {
		chain = append(chain, p)
	}
	var scope []binding
	for _, p := range slices.Backward(chain) {
		scope = declare(scope, p)
	}
	return scope
}

// declare appends the namespace declarations of el to scope.
func declare(scope []binding, el *etree.Element) []binding {
	for i := range el.Attr {
		if a := &el.Attr[i]; a.Space == "xmlns" {
			scope = append(scope, binding{a.Key, a.Value})
		} else if a.Space == "" && a.Key == "xmlns" {
			scope = append(scope, binding{"", a.Value})
		}
	}
	return scope
}

func isDeclaration(a *etree.Attr) bool {
	return a.Space == "xmlns" || (a.Space == "" && a.Key == "xmlns")
}

// canonicaliser writes one subtree. scope holds the declarations in force,
// rendered those already written on output ancestors; both are stacks.
type canonicaliser struct {
	out      []byte
	scope    []binding
	rendered []binding
	attrs    []qualified
}

type qualified struct {
	uri  string
	attr *etree.Attr
}

func (c *canonicaliser) element(el *etree.Element) error {
	if len(c.out) > maxCanonical {
		return fault.New(fault.Invalid, "xml.too_large", "bytes", strconv.Itoa(len(c.out)))
	}
	scopeMark, renderedMark := len(c.scope), len(c.rendered)
	c.scope = declare(c.scope, el)

	c.out = append(c.out, '<')
	c.out = appendName(c.out, el.Space, el.Tag)
	if err := c.namespaces(el, renderedMark); err != nil {
		return err
	}
	c.attributes(el)
	c.out = append(c.out, '>')
	for _, child := range el.Child {
		switch t := child.(type) {
		case *etree.Element:
			if err := c.element(t); err != nil {
				return err
			}
		case *etree.CharData:
			c.out = appendText(c.out, t.Data)
		case *etree.ProcInst:
			c.out = appendInstruction(c.out, t)
		}
	}
	c.out = append(c.out, '<', '/')
	c.out = appendName(c.out, el.Space, el.Tag)
	c.out = append(c.out, '>')

	c.scope, c.rendered = c.scope[:scopeMark], c.rendered[:renderedMark]
	return nil
}

// namespaces writes the declarations that el visibly utilises and that no
// output ancestor has written with the same value, ordered by prefix.
func (c *canonicaliser) namespaces(el *etree.Element, mark int) error {
	if err := c.utilise(el.Space, mark); err != nil {
		return err
	}
	for i := range el.Attr {
		a := &el.Attr[i]
		if a.Space == "" || isDeclaration(a) {
			continue
		}
		if err := c.utilise(a.Space, mark); err != nil {
			return err
		}
	}
	fresh := c.rendered[mark:]
	if len(fresh) > 1 {
		slices.SortFunc(fresh, func(a, b binding) int { return strings.Compare(a.prefix, b.prefix) })
	}
	for _, b := range fresh {
		c.out = append(c.out, " xmlns"...)
		if b.prefix != "" {
			c.out = append(c.out, ':')
			c.out = append(c.out, b.prefix...)
		}
		c.out = append(c.out, '=', '"')
		c.out = appendValue(c.out, b.uri)
		c.out = append(c.out, '"')
	}
	return nil
}

// utilise puts prefix on the rendered stack unless the output has it already.
func (c *canonicaliser) utilise(prefix string, mark int) error {
	if prefix == "xml" {
		return nil
	}
	uri, declared := lookup(c.scope, prefix)
	if prefix != "" && (!declared || uri == "") {
		return fault.New(fault.Invalid, "xml.namespace")
	}
	for i := mark; i < len(c.rendered); i++ {
		if c.rendered[i].prefix == prefix {
			return nil
		}
	}
	written, ok := lookup(c.rendered[:mark], prefix)
	if written == uri && (ok || prefix == "") {
		return nil
	}
	c.rendered = append(c.rendered, binding{prefix, uri})
	return nil
}

// attributes writes the attributes of el ordered by namespace, then local name.
func (c *canonicaliser) attributes(el *etree.Element) {
	c.attrs = c.attrs[:0]
	for i := range el.Attr {
		a := &el.Attr[i]
		if isDeclaration(a) {
			continue
		}
		q := qualified{attr: a}
		switch a.Space {
		case "":
		case "xml":
			q.uri = xmlNamespace
		default:
			q.uri, _ = lookup(c.scope, a.Space)
		}
		c.attrs = append(c.attrs, q)
	}
	if len(c.attrs) > 1 {
		slices.SortFunc(c.attrs, func(a, b qualified) int {
			return cmp.Or(strings.Compare(a.uri, b.uri), strings.Compare(a.attr.Key, b.attr.Key))
		})
	}
	for _, q := range c.attrs {
		c.out = append(c.out, ' ')
		c.out = appendName(c.out, q.attr.Space, q.attr.Key)
		c.out = append(c.out, '=', '"')
		c.out = appendValue(c.out, q.attr.Value)
		c.out = append(c.out, '"')
	}
}

func appendName(out []byte, space, local string) []byte {
	if space != "" {
		out = append(out, space...)
		out = append(out, ':')
	}
	return append(out, local...)
}

// appendText writes character data as canonical XML escapes it.
func appendText(out []byte, s string) []byte {
	from := 0
	for i := 0; i < len(s); i++ {
		var escape string
		switch s[i] {
		case '&':
			escape = "&amp;"
		case '<':
			escape = "&lt;"
		case '>':
			escape = "&gt;"
		case '\r':
			escape = "&#xD;"
		default:
			continue
		}
		out = append(out, s[from:i]...)
		out = append(out, escape...)
		from = i + 1
	}
	return append(out, s[from:]...)
}

// appendValue writes an attribute value as canonical XML escapes it.
func appendValue(out []byte, s string) []byte {
	from := 0
	for i := 0; i < len(s); i++ {
		var escape string
		switch s[i] {
		case '&':
			escape = "&amp;"
		case '<':
			escape = "&lt;"
		case '"':
			escape = "&quot;"
		case '\t':
			escape = "&#x9;"
		case '\n':
			escape = "&#xA;"
		case '\r':
			escape = "&#xD;"
		default:
			continue
		}
		out = append(out, s[from:i]...)
		out = append(out, escape...)
		from = i + 1
	}
	return append(out, s[from:]...)
}

func appendInstruction(out []byte, p *etree.ProcInst) []byte {
	out = append(out, '<', '?')
	out = append(out, p.Target...)
	if p.Inst != "" {
		out = append(out, ' ')
		for i := 0; i < len(p.Inst); i++ {
			if p.Inst[i] == '\r' {
				out = append(out, "&#xD;"...)
				continue
			}
			out = append(out, p.Inst[i])
		}
	}
	return append(out, '?', '>')
}
