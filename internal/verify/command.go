package verify

import (
	"context"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"hocba/internal/school"
	"hocba/internal/signing/revocation"
)

// Exit statuses of Command.
const (
	ExitOK      = 0 // every file is valid
	ExitFailed  = 1 // some check of some file failed, or a file could not be read
	ExitUsage   = 2 // the command line, the trust list or a revocation list is wrong
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
	Note    func(note string) string                         // "trial", "trust", "crl", "until", "at", "files", "html"
	Ask     func(whom string) string                         // whom to ask about a check that did not end well
}

// Streams are where a command reads from and writes to.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// Command runs `hocba verify` and `hocba-verify`: it checks the files named in
// args and prints their checks to Out, as text, as an array of reports
// (--json, see ReportSchema) or as one page (--html). A folder stands for the
// files of our kinds below it, "-" for the standard input. clock bounds claimed
// signing times. Files named together help one another: a receipt proves when
// the record it names was there, and a paper is compared with the record it
// shows. Files are read one at a time. The result is an exit status; what was
// asked for goes to Out, what went wrong with the asking to Err.
func Command(args []string, std Streams, words Words, clock func() time.Time) int {
	a, err := readArguments(args, clock)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(std.Out, words.Usage)
		return ExitOK
	case err == nil && a.schema:
		_, _ = std.Out.Write(ReportSchema)
		return ExitOK
	case err == nil && len(a.paths) == 0, err == nil && a.json && a.html, err == nil && a.online && len(a.lists) > 0:
		err = errUsage
	}
	if err != nil {
		if !errors.Is(err, errUsage) {
			fmt.Fprintln(std.Err, err)
		}
		fmt.Fprint(std.Err, words.Usage)
		return ExitUsage
	}
	options, broken, note := a.options(clock)
	if note != "" {
		fmt.Fprintln(std.Err, broken+": "+words.Note(note))
		return ExitUsage
	}
	j := &judge{options: options, stdin: std.In, receipts: map[string]time.Time{}, places: map[string]source{}}
	p := &printer{out: std.Out, words: words, at: options.Now}
	show, end := p.texts, p.sum
	switch {
	case a.json:
		show, end = p.element, p.endArray
	case a.html:
		p.beginPage()
		show, end = p.sections, p.endPage
	}
	exit := j.judge(j.sources(a.paths), show)
	end()
	return exit
}

var errUsage = errors.New("usage")

// arguments are those of a command line.
type arguments struct {
	trust                      string
	lists, paths               []string
	json, html, online, schema bool
	at                         time.Time
}

func readArguments(args []string, clock func() time.Time) (arguments, error) {
	a := arguments{at: clock()}
	flags := flag.NewFlagSet("verify", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&a.trust, "trust", "", "")
	flags.BoolVar(&a.json, "json", false, "")
	flags.BoolVar(&a.html, "html", false, "")
	flags.BoolVar(&a.online, "online", false, "")
	flags.BoolVar(&a.schema, "schema", false, "")
	flags.Func("crl", "", func(path string) error { a.lists = append(a.lists, path); return nil })
	flags.Func("at", "", func(text string) (err error) {
		if a.at, err = time.Parse(time.RFC3339, text); err != nil {
			a.at, err = time.ParseInLocation(time.DateOnly, text, school.Zone)
		}
		return err
	})
	err := flags.Parse(args)
	a.paths = flags.Args()
	return a, err
}

// options reads trust list and revocation lists. When one cannot be read it is
// named, with the note about it.
func (a arguments) options(clock func() time.Time) (o Options, broken, note string) {
	o = Options{Now: a.at}
	if a.trust != "" {
		text, err := readFile(a.trust)
		if err == nil {
			o.Trust, o.Department, err = readTrust(text)
		}
		if err != nil {
			return o, a.trust, "trust"
		}
	}
	for _, path := range a.lists {
		list, err := readFile(path)
		if _, bad := x509.ParseRevocationList(list); err != nil || bad != nil {
			return o, path, "crl"
		}
		o.Revocations = Listed(o.Revocations, list, o.Now)
	}
	if a.online {
		o.Revocations = Online(revocation.New(revocation.Options{Now: clock}))
	}
	return o, "", ""
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
