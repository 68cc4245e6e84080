package bundle

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"github.com/beevik/etree"

	"hocba/internal/school"
)

// walk goes over the fixed sequence of elements of a document, to write it or
// to read it. Each part is described once, in the order of the schema, and the
// same description writes and reads: what is written opens, and nothing opens
// that could not have been written. The first failure stays; later steps do
// nothing.
type walk struct {
	out   *bytes.Buffer // set when writing
	stack []frame
	err   error
}

// frame is an element being walked; children only when reading.
type frame struct {
	name     string
	el       *etree.Element
	children []*etree.Element
	next     int
}

// attribute is an attribute an element must have, no more and no fewer. A part
// lists them in the order of the canonical form.
type attribute struct {
	name  string
	value *string
	kind  kind
	must  func() string // when set, the only value; asked after the others are known
}

func fixed(name, value string) attribute {
	return attribute{name: name, must: func() string { return value }}
}

func id(value string) attribute { return fixed("Id", value) }

func (w *walk) writing() bool { return w.out != nil }

// path names the element being walked, such as /HOC_BA_SO/DU_LIEU_HOC_BA.
func (w *walk) path() string {
	var b strings.Builder
	for _, f := range w.stack {
		b.WriteByte('/')
		b.WriteString(f.name)
	}
	return b.String()
}

func (w *walk) fail(code string, args ...string) {
	if w.err == nil {
		w.err = invalid(code, append([]string{"path", w.path()}, args...)...)
	}
}

func (w *walk) top() *frame { return &w.stack[len(w.stack)-1] }

func (w *walk) push(name string) { w.stack = append(w.stack, frame{name: name}) }
func (w *walk) pop()             { w.stack = w.stack[:len(w.stack)-1] }

// peek returns the next child without taking it, nil at the end.
func (w *walk) peek() *etree.Element {
	f := w.top()
	if f.next < len(f.children) {
		return f.children[f.next]
	}
	return nil
}

// take returns the next child, which must have this name.
func (w *walk) take(name string) *etree.Element {
	el := w.peek()
	switch {
	case w.err != nil:
		return nil
	case el == nil:
		w.fail("bundle.element_missing", "name", name)
		return nil
	case el.Space != "" || el.Tag != name:
		w.fail("bundle.element_unexpected", "name", el.FullTag(), "expected", name)
		return nil
	}
	w.top().next++
	return el
}

// element walks a required element with element content.
func (w *walk) element(name string, attributes []attribute, inside func()) {
	w.labelled(name, name, attributes, inside)
}

func (w *walk) labelled(name, label string, attributes []attribute, inside func()) {
	if w.err != nil {
		return
	}
	if w.writing() {
		w.push(label)
		w.startTag(name, attributes)
		inside()
		w.endTag(name)
		w.pop()
		return
	}
	el := w.take(name)
	if el == nil {
		return
	}
	w.push(label)
	w.enter(el, attributes)
	if w.err == nil {
		inside()
	}
	w.leave()
	w.pop()
}

// enter checks attributes and collects children of an element being read.
func (w *walk) enter(el *etree.Element, attributes []attribute) {
	w.readAttributes(el, attributes)
	f := w.top()
	f.el = el
	for _, t := range el.Child {
		switch t := t.(type) {
		case *etree.Element:
			f.children = append(f.children, t)
		case *etree.CharData:
			if strings.Trim(t.Data, " \t\n\r") == "" {
				w.fail("bundle.blank")
			} else {
				w.fail("bundle.text")
			}
		}
	}
}

// leave demands that every child was taken.
func (w *walk) leave() {
	if w.err != nil {
		return
	}
	if el := w.peek(); el != nil {
		w.fail("bundle.element_unexpected", "name", el.FullTag(), "expected", "")
	}
}

// optional reports whether an optional element is there: when writing as told,
// when reading by looking at the next child.
func (w *walk) optional(name string, present bool) bool {
	if w.err != nil {
		return false
	}
	if w.writing() {
		return present
	}
	el := w.peek()
	return el != nil && el.Space == "" && el.Tag == name
}

func (w *walk) startTag(name string, attributes []attribute) {
	w.out.WriteByte('<')
	w.out.WriteString(name)
	for _, a := range attributes {
		var value string
		if a.must != nil {
			value = a.must()
		} else {
			value = *a.value
			w.push("@" + a.name)
			w.check(value, a.kind)
			w.pop()
		}
		w.out.WriteString(" " + a.name + `="`)
		attributeEscape.WriteString(w.out, value)
		w.out.WriteByte('"')
	}
	w.out.WriteByte('>')
}

func (w *walk) endTag(name string) { w.out.WriteString("</" + name + ">") }

var (
	textEscape      = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#xD;")
	attributeEscape = strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;", "\t", "&#x9;", "\n", "&#xA;", "\r", "&#xD;")
)

// readAttributes demands exactly these attributes. Anything wrong about an Id
// has a code of its own, because a moved Id is an attack, not a slip.
func (w *walk) readAttributes(el *etree.Element, attributes []attribute) {
	for _, have := range el.Attr {
		known := false
		for _, a := range attributes {
			known = known || have.Space == "" && have.Key == a.name
		}
		switch {
		case known:
		case strings.EqualFold(have.Key, "id"):
			w.fail("bundle.id", "value", have.Value)
		default:
			w.fail("bundle.attribute_unknown", "name", have.FullKey())
		}
	}
	for _, a := range attributes {
		have := el.SelectAttr(a.name)
		switch {
		case have == nil && a.name == "Id":
			w.fail("bundle.id", "value", "")
		case have == nil:
			w.fail("bundle.attribute_missing", "name", a.name)
		case a.must == nil:
			w.push("@" + a.name)
			w.check(have.Value, a.kind)
			w.pop()
			*a.value = have.Value
		}
	}
	for _, a := range attributes {
		have := el.SelectAttr(a.name)
		if w.err != nil || a.must == nil || have.Value == a.must() {
			continue
		}
		if a.name == "Id" {
			w.fail("bundle.id", "value", have.Value)
		} else {
			w.fail("bundle.value", "kind", a.name)
		}
	}
}

// check demands that a value is NFC and of its kind.
func (w *walk) check(value string, k kind) {
	switch {
	case w.err != nil:
	case !isNFC(value):
		w.fail("bundle.nfc")
	case !k.ok(value):
		w.fail("bundle.value", "kind", k.name)
	}
}

// value walks a required element that holds one value.
func (w *walk) value(name string, v *string, k kind) {
	if w.err != nil {
		return
	}
	w.push(name)
	defer w.pop()
	if w.writing() {
		w.check(*v, k)
		w.startTag(name, nil)
		textEscape.WriteString(w.out, *v)
		w.endTag(name)
		return
	}
	label := w.stack[len(w.stack)-1]
	w.pop()
	el := w.take(name)
	w.stack = append(w.stack, label)
	if el == nil {
		return
	}
	w.readAttributes(el, nil)
	*v = w.leaf(el)
	w.check(*v, k)
}

// leaf returns the text of an element without children.
func (w *walk) leaf(el *etree.Element) string {
	var b strings.Builder
	for _, t := range el.Child {
		switch t := t.(type) {
		case *etree.CharData:
			b.WriteString(t.Data)
		case *etree.Element:
			w.fail("bundle.element_unexpected", "name", t.FullTag(), "expected", "")
		}
	}
	return b.String()
}

// empty walks an element without content.
func (w *walk) empty(name string) { w.element(name, nil, func() {}) }

// text walks a required value of any string type.
func text[T ~string](w *walk, name string, v *T, k kind) {
	s := string(*v)
	w.value(name, &s, k)
	*v = T(s)
}

// maybe walks an optional value; "" is absent.
func maybe[T ~string](w *walk, name string, v *T, k kind) {
	if w.optional(name, *v != "") {
		text(w, name, v, k)
	}
}

func (w *walk) number(name string, n *int, min, max int) {
	s := strconv.Itoa(*n)
	w.value(name, &s, kind{"SO_NGUYEN", func(s string) bool { _, ok := wholeNumber(s, min, max); return ok }})
	if w.err == nil {
		*n, _ = strconv.Atoi(s)
	}
}

func (w *walk) flag(name string, v *bool) {
	n := 0
	if *v {
		n = 1
	}
	w.number(name, &n, 0, 1)
	*v = n == 1
}

// measure walks an optional quantity stored in thousandths or tenths of the
// unit that is written: scale 10 for millimetres as cm, 1000 for grams as kg.
func (w *walk) measure(name string, v *int, scale int) {
	if !w.optional(name, *v != 0) {
		return
	}
	s := formatMeasure(*v, scale)
	w.value(name, &s, kind{"SO_DO", func(s string) bool { _, ok := parseMeasure(s, scale); return ok }})
	if w.err == nil {
		*v, _ = parseMeasure(s, scale)
	}
}

// formatMeasure writes n scale-ths without trailing zeros: 1285, 10 as 128.5.
func formatMeasure(n, scale int) string {
	if n%scale == 0 {
		return strconv.Itoa(n / scale)
	}
	fraction := strconv.Itoa(scale + n%scale)[1:]
	return strconv.Itoa(n/scale) + "." + strings.TrimRight(fraction, "0")
}

func parseMeasure(s string, scale int) (int, bool) {
	whole, fraction, _ := strings.Cut(s, ".")
	digits := len(strconv.Itoa(scale)) - 1
	if len(fraction) > digits {
		return 0, false
	}
	n, err := strconv.Atoi(whole + fraction + strings.Repeat("0", digits-len(fraction)))
	return n, err == nil && n >= scale && n < 1000*scale && formatMeasure(n, scale) == s
}

func (w *walk) date(name string, d *school.Date) {
	s := d.String()
	w.value(name, &s, kDate)
	if w.err == nil {
		*d, _ = school.ParseDate(s)
	}
}

func (w *walk) maybeDate(name string, d *school.Date) {
	if w.optional(name, !d.IsZero()) {
		w.date(name, d)
	}
}

const instantForm = "2006-01-02T15:04:05Z"

func parseInstant(s string) (time.Time, error) {
	t, err := time.Parse(instantForm, s)
	if err == nil && (t.Format(instantForm) != s || t.Year() < 1900 || t.Year() >= 2200) {
		err = invalid("bundle.value")
	}
	return t, err
}

// instant walks a point of time, whole seconds in UTC.
func (w *walk) instant(name string, t *time.Time) {
	s := t.UTC().Format(instantForm)
	w.value(name, &s, kInstant)
	if w.err == nil {
		*t, _ = parseInstant(s)
	}
}

// repeat describes elements that stand several times.
type repeat[T any] struct {
	name       string
	min, max   int
	attributes func(*T) []attribute
	inside     func(*T)
}

// each walks the elements of a list.
func each[T any](w *walk, list *[]T, r repeat[T]) {
	if w.err != nil {
		return
	}
	if !w.writing() {
		*list = nil
	}
	n := 0
	for ; w.err == nil && w.optional(r.name, n < len(*list)); n++ {
		if n == r.max {
			w.fail("bundle.too_many", "name", r.name, "max", strconv.Itoa(r.max))
			return
		}
		if !w.writing() {
			var zero T
			*list = append(*list, zero)
		}
		item := &(*list)[n]
		var attributes []attribute
		if r.attributes != nil {
			attributes = r.attributes(item)
		}
		w.labelled(r.name, r.name+"["+strconv.Itoa(n+1)+"]", attributes, func() { r.inside(item) })
	}
	if n < r.min {
		if !w.writing() && w.peek() != nil {
			w.take(r.name)
		}
		w.fail("bundle.element_missing", "name", r.name)
	}
}
