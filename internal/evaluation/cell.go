package evaluation

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"hocba/internal/fault"
	"hocba/internal/school"
)

func itoa(n int) string          { return strconv.Itoa(n) }
func atoi(s string) (int, error) { return strconv.Atoi(s) }
func levelsOf(i Item) string     { return join(i.Scale(), " ") }
func join(ls []Level, s string) string {
	out := make([]string, len(ls))
	for n, l := range ls {
		out[n] = string(l)
	}
	return strings.Join(out, s)
}

// Cell names a place in a class table: grade, period, item and field.
type Cell struct {
	Grade  int
	Period school.Period
	Item   Item
	Field  Field
}

// ReadCell reads what was typed, pasted or imported into a cell and returns
// the value in the form in which it is stored, compared and signed: NFC text,
// level letters in capitals (D for Đ, full names of levels too), marks as
// digits, exempt as "1". Nothing typed is "", which empties the cell.
//
// It fails with fault.Invalid and one of the codes cell.item, cell.field,
// cell.not_taught, cell.not_assessed, cell.level, cell.mark,
// cell.mark_decimal, cell.mark_not_allowed, cell.remark_too_long, cell.exempt,
// cell.exempt_school ("Miễn" in the place of a level: the school declares it).
// Args: item, grade, period, value and what the code needs (levels, min, max).
func (r *RuleSet) ReadCell(grade int, p school.Period, it Item, field Field, raw string) (value string, err error) {
	c := Cell{Grade: grade, Period: p, Item: it, Field: field}
	if err := r.place(c); err != nil {
		return "", err
	}
	text := school.Clean(raw)
	if text == "" {
		return "", nil
	}
	switch field {
	case FieldLevel:
		return readLevel(c, text)
	case FieldMark:
		return r.readMark(c, text)
	case FieldExempt:
		return readExempt(c, text)
	}
	if n := utf8.RuneCountInString(text); n > r.remarkMax {
		return "", c.refuse("cell.remark_too_long", "length", itoa(n), "max", itoa(r.remarkMax))
	}
	return text, nil
}

// place refuses a cell that does not exist in the class table.
func (r *RuleSet) place(c Cell) error {
	s, isSubject := c.Item.Subject()
	switch {
	case c.Item.Kind() == Unknown:
		return c.refuse("cell.item")
	case !c.allows():
		if c.Field == FieldMark {
			return c.refuse("cell.mark_not_allowed")
		}
		return c.refuse("cell.field", "field", string(c.Field))
	case isSubject && r.Subject(c.Grade, s) == None:
		return c.refuse("cell.not_taught")
	case c.Item.Kind() == TraitItem && r.Trait(c.Grade, c.Item) == None:
		return c.refuse("cell.not_assessed")
	case c.Field == FieldMark && !r.MarkAllowed(c.Grade, s, c.Period):
		return c.refuse("cell.mark_not_allowed")
	}
	return nil
}

// allows says whether the item has such a field.
func (c Cell) allows() bool { return slices.Contains(c.Item.Fields(), c.Field) }

func (c Cell) refuse(code string, args ...string) error {
	all := append([]string{"item", string(c.Item), "grade", itoa(c.Grade), "period", string(c.Period)}, args...)
	return fault.New(fault.Invalid, code, all...)
}

// levelWords maps what teachers type, folded, to the level of each scale.
// A key that is not of the item's scale is refused, never bent to it.
var levelWords = map[Kind]map[string]Level{
	SubjectItem: {"t": T, "h": H, "c": C, "hoan thanh tot": T, "hoan thanh": H, "chua hoan thanh": C},
	TraitItem:   {"t": T, "d": D, "c": C, "tot": T, "dat": D, "can co gang": C},
}

func readLevel(c Cell, text string) (string, error) {
	// Ð (eth) looks like Đ and comes from old keyboards and fonts.
	word := school.Fold(strings.NewReplacer("Ð", "Đ", "ð", "đ").Replace(text))
	l, ok := levelWords[c.Item.Kind()][word]
	switch {
	case ok:
	case word == "m" || word == "mien":
		return "", c.refuse("cell.exempt_school")
	default:
		return "", c.refuse("cell.level", "value", clip(text), "levels", levelsOf(c.Item))
	}
	return string(l), nil
}

func (r *RuleSet) readMark(c Cell, text string) (string, error) {
	limits := []string{"value", clip(text), "min", itoa(r.markMin), "max", itoa(r.markMax)}
	whole, fraction, decimal := strings.Cut(strings.Replace(text, ",", ".", 1), ".")
	if !digits(whole) || decimal && !digits(fraction) {
		return "", c.refuse("cell.mark", limits...)
	}
	if strings.Trim(fraction, "0") != "" {
		return "", c.refuse("cell.mark_decimal", limits...)
	}
	n, err := atoi(whole)
	if err != nil || n < r.markMin || n > r.markMax {
		return "", c.refuse("cell.mark", limits...)
	}
	return itoa(n), nil
}

func digits(s string) bool {
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}

func readExempt(c Cell, text string) (string, error) {
	switch school.Fold(text) {
	case "1", "x", "true", "on", "m", "mien":
		return "1", nil
	case "0", "false", "off":
		return "", nil
	}
	return "", c.refuse("cell.exempt", "value", clip(text))
}

// clip keeps a refused value short enough to be shown beside its cell.
func clip(s string) string {
	const longest = 40
	if r := []rune(s); len(r) > longest {
		return string(r[:longest]) + "…"
	}
	return s
}
