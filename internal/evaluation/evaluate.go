package evaluation

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"golang.org/x/text/unicode/norm"

	"hocba/internal/school"
)

// Limits of an input file of Evaluate, so that junk costs little.
const (
	longestLine = 1 << 20
	mostErrors  = 20
)

// unreadable stands for a mark or a level that is there but is none: outside
// every scale, so that Consolidate names it.
const (
	unreadableMark  = math.MinInt
	unreadableLevel = Level("?")
)

// ErrTooLong is the cause for a line longer than 1 MiB.
var ErrTooLong = errors.New("line is longer than 1 MiB")

type evaluateIn struct {
	ID       any                        `json:"id"`
	Grade    *int                       `json:"grade"`
	Subjects map[string]evaluateSubject `json:"subjects"`
	Traits   map[string]json.RawMessage `json:"traits"`
	Exempt   []string                   `json:"exempt"`
}

type evaluateSubject struct {
	Level json.RawMessage `json:"level"`
	Score json.RawMessage `json:"score"`
}

type evaluateOut struct {
	ID      any                  `json:"id"`
	Overall *Overall             `json:"overall"`
	Errors  []string             `json:"errors"`
	Missing []string             `json:"missing"`
	Why     map[Overall][]string `json:"why"`
}

// Evaluate is the command `hocba evaluate`: it reads one JSON object a line,
//
//	{"id", "grade": 1–5, "subjects": {CODE: {"level", "score"}}, "traits": {CODE: level}, "exempt": [CODE]}
//
// and writes one a line, {"id", "overall", "errors", "missing", "why"}, in the
// same order, by the rule set tt27-2020. Unknown fields and blank lines are
// ignored. A line that is no such object gets no answer; the others still do,
// and the error names every bad line by number (the first 20 of them).
func Evaluate(r io.Reader, w io.Writer) error {
	rules, _ := Find("tt27-2020")
	in := bufio.NewReaderSize(r, 64<<10)
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	var bad []error
	more := 0
	for n := 1; ; n++ {
		line, err := readLine(in)
		if err == io.EOF {
			break
		}
		if err != nil && !errors.Is(err, ErrTooLong) {
			return errors.Join(out.Flush(), fmt.Errorf("line %d: %w", n, err))
		}
		var answer *evaluateOut
		if err == nil {
			answer, err = rules.evaluateLine(line)
		}
		switch {
		case err != nil && len(bad) < mostErrors:
			bad = append(bad, fmt.Errorf("line %d: %w", n, err))
		case err != nil:
			more++
		case answer != nil:
			if err := enc.Encode(answer); err != nil {
				return fmt.Errorf("write answer of line %d: %w", n, err)
			}
		}
	}
	if more > 0 {
		bad = append(bad, fmt.Errorf("%d more lines could not be read", more))
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write answers: %w", err)
	}
	return errors.Join(bad...)
}

// readLine returns the next line without its end; io.EOF after the last one.
// A line that is too long is skipped to its end and reported.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	tooLong := false
	for {
		part, err := in.ReadSlice('\n')
		if !tooLong {
			line = append(line, part...)
			tooLong = len(line) > longestLine
		}
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF && len(line) == 0:
			return nil, io.EOF
		case err != nil && err != io.EOF:
			return nil, err
		case tooLong:
			return nil, ErrTooLong
		}
		return bytes.TrimRight(line, "\r\n"), nil
	}
}

func (r *RuleSet) evaluateLine(line []byte) (*evaluateOut, error) {
	line = bytes.TrimSpace(bytes.TrimPrefix(line, []byte("\xef\xbb\xbf")))
	if len(line) == 0 {
		return nil, nil
	}
	if line[0] != '{' {
		return nil, errors.New("not a JSON object")
	}
	var in evaluateIn
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.UseNumber() // an id that is a number comes back digit for digit
	if err := dec.Decode(&in); err != nil {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	if dec.More() {
		return nil, errors.New("more than one value")
	}
	if in.Grade == nil || !ValidGrade(*in.Grade) {
		return nil, errors.New("grade is not a whole number from 1 to 5")
	}
	o := r.Consolidate(in.yearEnd())
	out := &evaluateOut{ID: in.ID, Errors: list(o.Errors), Missing: list(o.Missing), Why: o.Why}
	if o.Overall != "" {
		out.Overall = &o.Overall
	}
	if out.Why == nil {
		out.Why = map[Overall][]string{}
	}
	return out, nil
}

func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

func (in evaluateIn) yearEnd() YearEnd {
	y := YearEnd{Grade: *in.Grade, Subjects: map[school.Subject]Entry{}, Traits: map[Item]Level{}}
	for code, s := range in.Subjects {
		e := Entry{Level: rawLevel(s.Level)}
		if !absent(s.Score) {
			n, err := atoi(string(bytes.TrimSpace(s.Score)))
			if err != nil {
				n = unreadableMark
			}
			e.Mark = &n
		}
		y.Subjects[school.Subject(code)] = e
	}
	for _, code := range in.Exempt {
		e := y.Subjects[school.Subject(code)]
		e.Exempt = true
		y.Subjects[school.Subject(code)] = e
	}
	for code, raw := range in.Traits {
		y.Traits[Item(code)] = rawLevel(raw)
	}
	return y
}

func rawLevel(raw json.RawMessage) Level {
	if absent(raw) {
		return ""
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return unreadableLevel
	}
	return Level(norm.NFC.String(strings.TrimSpace(s)))
}

func absent(raw json.RawMessage) bool {
	return len(raw) == 0 || string(raw) == "null"
}
