package static

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// scripts are joined from the files of a folder, in this order: one request,
// and one function in whose scope they see each other.
var scripts = map[string][]string{
	"gradebook": {"cells", "queue", "editor", "block", "live", "pupil"},
}

// script joins js/<stem>/*.js into the file served as js/<stem>.js.
func script(from fs.FS, stem string) ([]byte, error) {
	parts := scripts[stem]
	found, err := fs.Glob(from, "js/"+stem+"/*.js")
	if err != nil {
		return nil, err
	}
	for _, name := range found {
		if !slices.Contains(parts, strings.TrimSuffix(path.Base(name), ".js")) {
			return nil, fmt.Errorf("%s is not among the parts of its script", name)
		}
	}
	var out bytes.Buffer
	out.WriteString("(() => {\n\"use strict\";\n")
	for _, part := range parts {
		body, err := fs.ReadFile(from, "js/"+stem+"/"+part+".js")
		if err != nil {
			return nil, err
		}
		out.Write(body)
	}
	out.WriteString("})();\n")
	return out.Bytes(), nil
}

// strip takes comments and needless blanks out of a script, line by line. It
// reads no JavaScript: a comment is what stands alone on its line behind //, or
// at the end of a line behind a blank, // and a blank, with no quote in it.
// Blanks go beside operators and brackets, outside of quotes; a line with a
// slash may hold a pattern and keeps its own. A text over several lines would
// suffer; no script of ours has one, as a test makes sure.
func strip(script []byte) []byte {
	var out bytes.Buffer
	for line := range bytes.Lines(script) {
		line = bytes.TrimSpace(line)
		if at := bytes.LastIndex(line, []byte(" // ")); at >= 0 && !bytes.ContainsAny(line[at:], "\"'`") {
			line = bytes.TrimSpace(line[:at])
		}
		if len(line) == 0 || bytes.HasPrefix(line, []byte("//")) {
			continue
		}
		if !bytes.ContainsRune(line, '/') {
			line = squeezeLine(line)
		}
		out.Write(line)
		if !strings.ContainsRune("{;,(", rune(line[len(line)-1])) { // behind these a line end never ends a statement
			out.WriteByte('\n')
		}
	}
	return out.Bytes()
}

// beside are the characters that need no blank beside them.
const beside = "=<>?:,;{}()[]&|!*+-"

// squeezeLine takes the blanks out of a line that no word needs.
func squeezeLine(line []byte) []byte {
	out := make([]byte, 0, len(line))
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '"' || c == '\'' || c == '`':
			n := stringLength(line[i:])
			out = append(out, line[i:i+n]...)
			i += n - 1
		case c == ' ' && i+1 < len(line) && needless(out[len(out)-1], line[i+1]):
		default:
			out = append(out, c)
		}
	}
	return out
}

// needless reports whether a blank between two characters may go: not between
// words, and not between signs that would become one.
func needless(before, after byte) bool {
	if strings.IndexByte("+-", before) >= 0 && strings.IndexByte("+-", after) >= 0 {
		return false
	}
	return strings.IndexByte(beside, before) >= 0 || strings.IndexByte(beside, after) >= 0
}
