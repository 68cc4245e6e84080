package verify

import "strings"

// placeArgs are the arguments of a check that say where in the file it failed
// and which rule was broken there, in the order of a reference.
var placeArgs = []string{"path", "name", "part", "uri", "id", "slot", "what"}

// Place returns where in the file a check did not end well: of its arguments
// those that name an element, a reference, an Id or the rule broken. They are
// the same for the same fault whoever signed, and stay so between releases.
func (c Check) Place() map[string]string {
	out := map[string]string{}
	for _, k := range placeArgs {
		if v := c.Args[k]; v != "" {
			out[k] = v
		}
	}
	return out
}

// Reference names a check that did not end well in one line of ASCII words:
// check, slot, code, place. It is what people read out when they ask for help,
// and what another program compares.
func (c Check) Reference() string {
	var words []string
	for _, w := range []string{c.Name, c.Slot, c.Code} {
		if w != "" {
			words = append(words, w)
		}
	}
	for _, k := range placeArgs {
		if v := c.Args[k]; v != "" {
			words = append(words, k+"="+v)
		}
	}
	return strings.Join(words, " ")
}
