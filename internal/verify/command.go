package verify

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/school"
	"hocba/internal/signing"
)

// Exit statuses of Command.
const (
	ExitOK      = 0 // every file is valid
	ExitFailed  = 1 // some check of some file failed, or a file could not be read
	ExitUsage   = 2 // the command line or the trust list is wrong
	ExitUnknown = 3 // nothing failed, but something could not be decided
)

// Words are the texts for people, so that this package needs none.
type Words struct {
	Usage   string
	Check   func(name string) string                         // name of a check
	Status  func(s string) string                            // outcome of a check
	Verdict func(s string) string                            // outcome of a file
	Message func(code string, args map[string]string) string // sentence of a fault code
	Role    func(role string) string                         // role of a slot
	Heading func(kind string, args map[string]string) string // what the file is: record, statement, receipt
	Note    func(note string) string                         // "trial", "unreadable", "trust"
}

// Command runs `hocba verify` and `hocba-verify`: it checks the files named in
// args and prints their checks to stdout, as text or (--json) as an array of
// reports. clock bounds claimed signing times. The result is an exit status.
func Command(args []string, stdout, stderr io.Writer, words Words, clock func() time.Time) int {
	flags := flag.NewFlagSet("verify", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprint(stderr, words.Usage) }
	trust := flags.String("trust", "", "")
	asJSON := flags.Bool("json", false, "")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return ExitOK
		}
		return ExitUsage
	}
	if flags.NArg() == 0 {
		flags.Usage()
		return ExitUsage
	}
	options := Options{Now: clock()}
	if *trust != "" {
		list, err := readTrust(*trust)
		if err != nil {
			fmt.Fprintln(stderr, *trust+": "+words.Note("trust"))
			return ExitUsage
		}
		options.Trust = list
	}
	return files(flags.Args(), printer{stdout, words, *asJSON}, options)
}

// readTrust reads a trust list: self-signed certificates are anchors, others
// known intermediates.
func readTrust(path string) (*signing.TrustList, error) {
	text, err := readFile(path)
	if err != nil {
		return nil, err
	}
	certificates, err := signing.ReadPEM(text)
	if err != nil {
		return nil, err
	}
	var anchors []signing.Anchor
	var others []*x509.Certificate
	for _, c := range certificates {
		if c.CheckSignatureFrom(c) == nil {
			anchors = append(anchors, signing.Anchor{Certificate: c})
		} else {
			others = append(others, c)
		}
	}
	return signing.NewTrustList(anchors, others)
}

// readFile reads at most one byte more than a document may have.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, bundle.MaxBytes+1))
}

func files(paths []string, p printer, o Options) int {
	exit := ExitOK
	var all []fileReport
	for _, path := range paths {
		f := fileReport{File: path}
		raw, err := readFile(path)
		if err == nil {
			f.Report = File(raw, o)
		} else {
			f.Report = Report{Verdict: Failed, Checks: []Check{{Name: Form, Status: Failed, Code: "verify.unreadable"}}}
		}
		all = append(all, f)
		switch {
		case f.Verdict == Failed:
			exit = ExitFailed
		case f.Verdict == Unknown && exit == ExitOK:
			exit = ExitUnknown
		}
		if !p.json {
			p.text(f)
		}
	}
	if p.json {
		p.array(all)
	}
	return exit
}

type fileReport struct {
	File string `json:"file"`
	Report
}

type printer struct {
	out   io.Writer
	words Words
	json  bool
}

func (p printer) array(all []fileReport) {
	e := json.NewEncoder(p.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	_ = e.Encode(all) // the one failure is that of the writer, which nobody could be told about
}

// text prints one file: verdict, what it is, then the checks with what is
// wrong in a sentence.
func (p printer) text(f fileReport) {
	fmt.Fprintf(p.out, "%s: %s\n", f.File, p.words.Verdict(string(f.Verdict)))
	if f.SHA256 != "" {
		fmt.Fprintf(p.out, "  SHA-256 %s\n", f.SHA256)
	}
	if f.Record != nil {
		fmt.Fprintf(p.out, "  %s\n", p.words.Heading(heading(f.Record)))
	}
	if f.Trial {
		fmt.Fprintf(p.out, "  %s\n", p.words.Note("trial"))
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

func (p printer) check(c Check) {
	indent := "  "
	if c.Slot != "" {
		indent = "    "
	}
	line := fmt.Sprintf("%s[%s] %s", indent, p.words.Status(string(c.Status)), p.words.Check(c.Name))
	if c.Code != "" {
		line += ": " + p.words.Message(c.Code, c.Args)
	}
	fmt.Fprintln(p.out, line)
}

func (p printer) signatory(r Report, slot string) {
	i := slices.IndexFunc(r.Signers, func(s Signatory) bool { return s.Slot == slot })
	if i < 0 {
		return
	}
	s := r.Signers[i]
	line := fmt.Sprintf("  %s: %s (%s)", p.words.Role(string(s.Role)), s.Name, s.Code)
	if !s.SignedAt.IsZero() {
		line += ", " + s.SignedAt.In(school.Zone).Format("15:04:05 02/01/2006")
	}
	fmt.Fprintln(p.out, line)
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
	}
	return string(bundle.Registry), map[string]string{"department": d.Receipt.Department.Name, "result": string(d.Receipt.Result)}
}
