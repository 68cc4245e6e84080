package verify

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
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
	"hocba/internal/signing/pades"
	"hocba/internal/signing/revocation"
	"hocba/internal/transfer"
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
	Signer  func(s Signatory) []string                       // a signature: who, then when, with what, what it means
	Heading func(kind string, args map[string]string) string // what the file is: record, statement, receipt
	Note    func(note string) string                         // "trial", "unreadable", "trust", "until", "html"
	Ask     func(whom string) string                         // whom to ask about a check that did not end well
}

// Command runs `hocba verify` and `hocba-verify`: it checks the files named in
// args and prints their checks to stdout, as text, as an array of reports
// (--json) or as one page (--html). clock bounds claimed signing times. Files
// named together help one another: a receipt proves when the record it names
// was there, and a paper is compared with the record it shows. The result is an
// exit status.
func Command(args []string, stdout, stderr io.Writer, words Words, clock func() time.Time) int {
	flags := flag.NewFlagSet("verify", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprint(stderr, words.Usage) }
	trust := flags.String("trust", "", "")
	asJSON := flags.Bool("json", false, "")
	asHTML := flags.Bool("html", false, "")
	online := flags.Bool("online", false, "")
	var lists []string
	flags.Func("crl", "", func(path string) error { lists = append(lists, path); return nil })
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return ExitOK
		}
		return ExitUsage
	}
	if flags.NArg() == 0 || *asJSON && *asHTML || *online && len(lists) > 0 {
		flags.Usage()
		return ExitUsage
	}
	options := Options{Now: clock()}
	if *trust != "" {
		text, err := readFile(*trust)
		if err == nil {
			options.Trust, options.Department, err = readTrust(text)
		}
		if err != nil {
			fmt.Fprintln(stderr, *trust+": "+words.Note("trust"))
			return ExitUsage
		}
	}
	for _, path := range lists {
		list, err := readFile(path)
		if err != nil {
			fmt.Fprintln(stderr, path+": "+words.Note("crl"))
			return ExitUsage
		}
		options.Revocations = Listed(options.Revocations, list, options.Now)
	}
	if *online {
		options.Revocations = Online(revocation.New(revocation.Options{Now: clock}))
	}
	all, exit := files(flags.Args(), options)
	p := printer{stdout, words}
	switch {
	case *asJSON:
		p.array(all)
	case *asHTML:
		p.page(all)
	default:
		for _, f := range spread(all) {
			p.text(f)
		}
	}
	return exit
}

// spread puts the members of a transfer file after it, for people.
func spread(all []fileReport) []fileReport {
	var out []fileReport
	for _, f := range all {
		out = append(out, f)
		for _, m := range f.Members {
			out = append(out, fileReport{File: f.File + ": " + m.Name, Report: m.Report})
		}
	}
	return out
}

// Online asks a checker about paths. An authority between that names nobody to
// ask is left to the trust list.
func Online(c *revocation.Checker) Revocations {
	return func(path []*x509.Certificate) revocation.Verdict {
		list := c.CheckPath(context.Background(), path)
		for i := range list {
			if v := &list[i]; i > 0 && v.Status == revocation.Unknown && v.Why == revocation.NoSource {
				v.Status = revocation.Good
			}
		}
		return revocation.Worst(list)
	}
}

// Listed asks a revocation list (DER) about a path, and then those before it. A
// certificate of which no list is at hand stays unknown; an authority between
// is left to the trust list.
func Listed(before Revocations, list []byte, now time.Time) Revocations {
	return func(path []*x509.Certificate) revocation.Verdict {
		if len(path) > 1 {
			if v := revocation.ReadCRL(list, path[0], path[1], now); v.Status != revocation.Unknown || before == nil {
				return v
			}
		}
		if before == nil {
			return revocation.Verdict{Status: revocation.Unknown, Why: revocation.NoSource}
		}
		return before(path)
	}
}

// readFile reads at most one byte more than a file may have.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, max(pades.MaxBytes, transfer.MaxBytes)+1))
}

// files checks every file, receipts first for what they prove about others.
func files(paths []string, o Options) ([]fileReport, int) {
	raws := make([][]byte, len(paths))
	known := map[string][]byte{}
	received := map[string]time.Time{}
	for i, path := range paths {
		raw, err := readFile(path)
		if err != nil {
			continue
		}
		sum := sha256.Sum256(raw)
		raws[i], known[hex.EncodeToString(sum[:])] = raw, raw
		if r := receiptOf(raw, o); r != nil {
			received[r.SHA256] = earliest(received[r.SHA256], r.Time)
		}
	}
	o.Version = func(sha256 string) []byte { return known[sha256] }
	exit := ExitOK
	var all []fileReport
	for i, path := range paths {
		f := fileReport{File: path}
		if raws[i] == nil {
			f.Report = Report{Verdict: Failed, Checks: []Check{{Name: Form, Status: Failed, Code: "verify.unreadable"}}}
		} else {
			sum := sha256.Sum256(raws[i])
			own := o
			own.Received = received[hex.EncodeToString(sum[:])]
			f.Report = Any(raws[i], own)
		}
		all = append(all, f)
		switch {
		case f.Verdict == Failed:
			exit = ExitFailed
		case f.Verdict == Unknown && exit == ExitOK:
			exit = ExitUnknown
		}
	}
	return all, exit
}

// receiptOf returns what a sound receipt says about accepted bytes, nil for
// anything else.
func receiptOf(raw []byte, o Options) *bundle.Receipt {
	if !bytes.Contains(raw[:min(len(raw), 200)], []byte("<BIEN_NHAN")) {
		return nil
	}
	report := File(raw, o)
	if !report.Valid || report.Record == nil || report.Record.Receipt == nil || report.Record.Receipt.Result != bundle.Accepted {
		return nil
	}
	return report.Record.Receipt
}

type fileReport struct {
	File string `json:"file"`
	Report
}

type printer struct {
	out   io.Writer
	words Words
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

func (p printer) check(c Check) {
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

func (p printer) signatory(r Report, slot string) {
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
