package verify

import (
	"bytes"
	_ "embed" // the schema
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"hocba/internal/bundle"
)

// ReportFormat names the layout of the reports that --json prints.
const ReportFormat = "hocba-verify/1"

// ReportSchema is the JSON Schema of what --json prints. Fields may be added to
// it; those that stand in it stay.
//
//go:embed report-1.schema.json
var ReportSchema []byte

// fileReport is the report of a file as it is printed.
type fileReport struct {
	Format   string    `json:"format"`
	File     string    `json:"file"`
	JudgedAt time.Time `json:"judged_at"`
	Report
}

type printer struct {
	out     io.Writer
	words   Words
	at      time.Time // as of which everything is judged
	printed int
	// verdicts counts files by verdict.
	verdicts map[Status]int
}

// element prints one report of an array. The one failure there can be is that
// of the writer, which nobody could be told about.
func (p *printer) element(f fileReport) {
	f.Format, f.JudgedAt = ReportFormat, p.at.UTC()
	if f.Checks == nil {
		f.Checks = []Check{}
	}
	if f.Signers == nil {
		f.Signers = []Signatory{}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("  ", "  ")
	_ = e.Encode(f)
	before := ",\n  "
	if p.printed++; p.printed == 1 {
		before = "[\n  "
	}
	fmt.Fprint(p.out, before+strings.TrimSuffix(b.String(), "\n"))
}

func (p *printer) endArray() {
	if p.printed == 0 {
		fmt.Fprint(p.out, "[")
	}
	fmt.Fprintln(p.out, "\n]")
}

// texts prints a file, and the members of a transfer file after it.
func (p *printer) texts(f fileReport) {
	if p.verdicts == nil {
		p.verdicts = map[Status]int{}
	}
	p.verdicts[f.Verdict]++
	p.printed++
	for _, one := range spread(f) {
		p.text(one)
	}
}

// sum says how many files ended how, when there were several.
func (p *printer) sum() {
	if p.printed < 2 {
		return
	}
	fmt.Fprintf(p.out, "%d %s", p.printed, p.words.Note("files"))
	for _, v := range []Status{OK, Failed, Unknown} {
		if n := p.verdicts[v]; n > 0 {
			fmt.Fprintf(p.out, " · %d %s", n, p.words.Verdict(string(v)))
		}
	}
	fmt.Fprintln(p.out)
}

// spread puts the members of a transfer file after it, for people.
func spread(f fileReport) []fileReport {
	out := []fileReport{f}
	for _, m := range f.Members {
		out = append(out, fileReport{File: f.File + ": " + m.Name, Report: m.Report})
	}
	return out
}

// text prints one file: verdict, what it is, then the checks with what is
// wrong in a sentence.
func (p *printer) text(f fileReport) {
	fmt.Fprintf(p.out, "%s: %s\n", f.File, p.words.Verdict(string(f.Verdict)))
	for _, line := range p.about(f) {
		fmt.Fprintf(p.out, "  %s\n", line)
	}
	slot := ""
	for _, c := range f.Checks {
		if c.Slot != slot && c.Slot != "" {
			p.signatory(f.Report, c.Slot)
		}
		slot = c.Slot
		p.check(c)
	}
	fmt.Fprintln(p.out)
}

func (p *printer) check(c Check) {
	indent := "  "
	if c.Slot != "" {
		indent = "    "
	}
	line := fmt.Sprintf("%s[%s] %s", indent, p.words.Status(string(c.Status)), p.words.Check(c.Name))
	if c.Code != "" {
		line += ": " + p.words.Message(c.Code, c.Args)
	}
	if ask := p.words.Ask(c.Ask); ask != "" {
		line += " " + ask
	}
	fmt.Fprintln(p.out, line)
}

func (p *printer) signatory(r Report, slot string) {
	i := slices.IndexFunc(r.Signers, func(s Signatory) bool { return s.Slot == slot })
	if i < 0 {
		return
	}
	for n, line := range p.words.Signer(r.Signers[i]) {
		indent := "  "
		if n > 0 {
			indent = "    "
		}
		fmt.Fprintln(p.out, indent+line)
	}
}

// transferHeading says what a transfer file is, for people.
func transferHeading(t *bundle.Transfer) (kind string, args map[string]string) {
	return "transfer." + string(t.Purpose), map[string]string{"school": t.School.Name, "department": t.Department.Name, "to": t.To, "province": t.Province,
		"pupil": t.Pupil.Name, "versions": strconv.Itoa(len(t.Versions)), "files": strconv.Itoa(len(t.Files)), "at": clock(t.Time)}
}

// heading says what a file is, for people.
func heading(d *bundle.Document) (kind string, args map[string]string) {
	switch {
	case d.Record != nil:
		g := d.Record.General
		return "record", map[string]string{"year": g.Year.Vietnamese(), "version": strconv.Itoa(g.Version),
			"school": g.School.Name, "record": g.Record, "pupil": d.Record.Content.Pupil.Name}
	case d.Statement != nil:
		return string(d.Statement.Kind), map[string]string{"school": d.Statement.School.Name, "class": d.Statement.Class.Name}
	case d.Transfer != nil:
		return transferHeading(d.Transfer)
	}
	return string(bundle.Registry), map[string]string{"department": d.Receipt.Department.Name, "result": string(d.Receipt.Result)}
}
