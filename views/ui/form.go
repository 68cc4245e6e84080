package ui

import "github.com/a-h/templ"

// Field is a label, a hint, an error and a control, shown in this order. The
// same struct serves every kind of control; each component says what it reads.
type Field struct {
	ID           string // of the control; empty: Name
	Name         string
	Label        string
	Hint         string
	Error        string // names the mend, not the mistake; what was typed stays in Value
	Value        string
	Type         string // of TextField: text (default), tel, email, search
	Autocomplete string // "username", "current-password", "off"
	InputMode    string // "numeric" brings the digits on a phone
	Width        string // "short", "date", "medium"; empty: full
	Mono         bool   // codes
	MaxLength    int    // characters; 0: no limit
	Rows         int    // of a text area; 0: 3
	Disabled     bool
	ReadOnly     bool
	Required     bool // said to screen readers; the server decides
	Autofocus    bool
	Checked      bool     // of a single checkbox
	Options      []Option // of SelectField and Choices
	Attrs        templ.Attributes
}

// Option is one answer of a choice.
type Option struct {
	Value    string
	Label    string
	More     string // second line: the owner, the meaning of a letter
	Selected bool
	Disabled bool
	Reason   string // why it is disabled; stands in the second line
}

// Problem is a line of the error summary: it leads to the control to mend.
type Problem struct {
	FieldID string // empty: the sentence stands without link
	Text    string
}

// Problems collects the errors of fields for ErrorSummary.
func Problems(fields ...Field) []Problem {
	var out []Problem
	for _, f := range fields {
		if f.Error != "" {
			out = append(out, Problem{FieldID: f.id(), Text: f.Error})
		}
	}
	return out
}

func (f Field) id() string {
	if f.ID != "" {
		return f.ID
	}
	return f.Name
}

func (f Field) hintID() string  { return f.id() + "-hint" }
func (f Field) errorID() string { return f.id() + "-error" }

// describedBy lists the ids that explain the control.
func (f Field) describedBy() string {
	switch {
	case f.Hint != "" && f.Error != "":
		return f.hintID() + " " + f.errorID()
	case f.Hint != "":
		return f.hintID()
	case f.Error != "":
		return f.errorID()
	}
	return ""
}

func (f Field) inputType() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

func (f Field) rows() int {
	if f.Rows > 0 {
		return f.Rows
	}
	return 3
}

func (f Field) class() string {
	if f.Error != "" {
		return "field wrong"
	}
	return "field"
}

func (f Field) controlClass() string {
	c := "control"
	if f.Width != "" {
		c += " " + f.Width
	}
	if f.Mono {
		c += " mono"
	}
	return c
}

// attrs are the attributes every control shares.
func (f Field) attrs() templ.Attributes {
	a := templ.Attributes{"id": f.id(), "name": f.Name}
	set := func(name, value string) {
		if value != "" {
			a[name] = value
		}
	}
	set("aria-describedby", f.describedBy())
	set("autocomplete", f.Autocomplete)
	set("inputmode", f.InputMode)
	if f.Error != "" {
		a["aria-invalid"] = "true"
	}
	if f.Required {
		a["aria-required"] = "true"
	}
	if f.MaxLength > 0 {
		a["maxlength"] = f.MaxLength
	}
	if f.Disabled {
		a["disabled"] = true
	}
	if f.ReadOnly {
		a["readonly"] = true
	}
	if f.Autofocus {
		a["autofocus"] = true
	}
	for k, v := range f.Attrs {
		a[k] = v
	}
	return a
}

// date returns the field with what a date as dd/MM/yyyy needs. The browser's
// own date control is avoided: it shows the machine's order of day and month.
func (f Field) date() Field {
	f.InputMode = "numeric"
	if f.Width == "" {
		f.Width = "date"
	}
	if f.Hint == "" {
		f.Hint = "Ngày/tháng/năm, ví dụ 14/03/2016"
	}
	if f.Autocomplete == "" {
		f.Autocomplete = "off"
	}
	return f
}

// optionID is the id of the nth answer; the first carries the field's own id,
// so that the error summary leads to it.
func (f Field) optionID(n int) string {
	if n == 0 {
		return f.id()
	}
	return f.id() + "-" + number(n)
}

func (o Option) more() string {
	if o.Disabled && o.Reason != "" {
		return o.Reason
	}
	return o.More
}

func (f Field) checkValue() string {
	if f.Value == "" {
		return "1"
	}
	return f.Value
}

// bare returns the field without hint and error, where there is no room for them.
func (f Field) bare() Field {
	f.Hint, f.Error = "", ""
	return f
}
