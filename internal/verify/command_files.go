package verify

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/signing/pades"
	"hocba/internal/transfer"
)

// maxFile is the most that any kind of file may have.
const maxFile = max(pades.MaxBytes, transfer.MaxBytes, bundle.MaxBytes)

// stdinName stands for the standard input among the files.
const stdinName = "-"

// kinds are the ends of the names of files taken from a folder.
var kinds = []string{".xml", ".pdf", ".zip"}

// source is a file to be judged.
type source struct {
	name string
	read func() ([]byte, error)
}

// judge is one run over files.
type judge struct {
	options  Options
	stdin    io.Reader
	receipts map[string]time.Time // when bytes were accepted, by SHA-256
	places   map[string]source    // files by SHA-256
}

// readFile reads at most one byte more than a file may have.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFile+1))
}

// sources lists the files that the operands name, those of a folder in the
// order of their names. Hidden ones are left out.
func (j *judge) sources(paths []string) []source {
	var out []source
	for _, path := range paths {
		info, err := os.Stat(path)
		switch {
		case path == stdinName:
			raw, err := io.ReadAll(io.LimitReader(j.stdin, maxFile+1))
			out = append(out, source{path, func() ([]byte, error) { return raw, err }})
		case err == nil && info.IsDir():
			out = append(out, inFolder(path)...)
		default:
			out = append(out, onDisk(path))
		}
	}
	return out
}

func onDisk(path string) source {
	return source{path, func() ([]byte, error) { return readFile(path) }}
}

// inFolder lists the files of our kinds below a folder. A folder without any,
// or a part of it that cannot be read, is a file that cannot be read.
func inFolder(folder string) []source {
	var out []source
	refused := func(path, code string) {
		out = append(out, source{path, func() ([]byte, error) { return nil, fault.New(fault.Invalid, code) }})
	}
	_ = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error { // it returns what the function does: nothing
		switch hidden := path != folder && strings.HasPrefix(d.Name(), "."); {
		case err != nil:
			refused(path, "verify.unreadable")
		case hidden && d.IsDir():
			return fs.SkipDir
		case !hidden && d.Type().IsRegular() && slices.Contains(kinds, strings.ToLower(filepath.Ext(path))):
			out = append(out, onDisk(path))
		}
		return nil
	})
	if len(out) == 0 {
		refused(folder, "verify.folder_empty")
	}
	return out
}

// judge looks at every file twice: for what it proves about others, then for
// itself.
func (j *judge) judge(list []source, show func(fileReport)) (exit int) {
	if len(list) > 1 {
		j.survey(list)
	}
	j.options.Version = j.version
	exit = ExitOK
	for _, s := range list {
		f := fileReport{File: s.name, Report: j.report(s)}
		switch {
		case f.Verdict == Failed:
			exit = ExitFailed
		case f.Verdict == Unknown && exit == ExitOK:
			exit = ExitUnknown
		}
		show(f)
	}
	return exit
}

// survey notes which bytes are where, and when receipts say they were there.
func (j *judge) survey(list []source) {
	for _, s := range list {
		raw, err := s.read()
		if err != nil {
			continue
		}
		j.places[SHA256(raw)] = s
		if r := receiptOf(raw, j.options); r != nil {
			j.receipts[r.SHA256] = earliest(j.receipts[r.SHA256], r.Time)
		}
	}
}

// version reads the file with this hash anew.
func (j *judge) version(sha256 string) []byte {
	s, ok := j.places[sha256]
	if !ok {
		return nil
	}
	raw, err := s.read()
	if err != nil || SHA256(raw) != sha256 {
		return nil
	}
	return raw
}

func (j *judge) report(s source) Report {
	raw, err := s.read()
	if err != nil {
		code := "verify.unreadable"
		if f := fault.As(err); f != nil {
			code = f.Code
		}
		c := Check{Name: Form, Status: Failed, Code: code}
		c.Ask = c.whom()
		return Report{Verdict: Failed, Checks: []Check{c}}
	}
	o := j.options
	o.Received = j.receipts[SHA256(raw)]
	r := Any(raw, o)
	if len(raw) > maxFile {
		r.SHA256 = "" // the rest was not read
	}
	return r
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
