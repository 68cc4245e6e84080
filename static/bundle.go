package static

import (
	"bytes"
	"io/fs"
	"path"
	"sort"
	"strings"
)

// layers is the cascade, weakest first. A page's rules win over a component's
// without stronger selectors.
const layers = "@layer base,ui,pages;"

// layerOf returns the layer of css/<stem>.css: base, the components (ui and
// ui_*, frame), or the pages, one file per stem.
func layerOf(stem string) string {
	switch {
	case stem == "base":
		return "base"
	case stem == "ui", stem == "frame", strings.HasPrefix(stem, "ui_"):
		return "ui"
	}
	return "pages"
}

// bundle joins all sheets into one, each in its layer, in the order of names
// within a layer.
func bundle(from fs.FS) ([]byte, error) {
	names, err := fs.Glob(from, "css/*.css")
	if err != nil {
		return nil, err
	}
	sort.Strings(names)
	var out bytes.Buffer
	out.WriteString(layers)
	for _, layer := range []string{"base", "ui", "pages"} {
		for _, name := range names {
			if layerOf(strings.TrimSuffix(path.Base(name), ".css")) != layer {
				continue
			}
			body, err := fs.ReadFile(from, name)
			if err != nil {
				return nil, err
			}
			out.WriteString("@layer " + layer + "{")
			out.Write(squeeze(body))
			out.WriteString("}")
		}
	}
	return out.Bytes(), nil
}

// squeeze takes comments and needless blanks out of a sheet. Strings stay as
// they are. Blanks go only where CSS never needs one: beside { } ; , and after
// a colon; a blank before a colon may be a descendant combinator and stays.
func squeeze(css []byte) []byte {
	out := make([]byte, 0, len(css))
	blank := false
	for i := 0; i < len(css); {
		c := css[i]
		switch {
		case c == '/' && i+1 < len(css) && css[i+1] == '*':
			end := bytes.Index(css[i+2:], []byte("*/"))
			if end < 0 {
				return out
			}
			i += 2 + end + 2
			blank = true
			continue
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			blank = true
			i++
			continue
		}
		if blank && len(out) > 0 && !strings.ContainsRune("{};,:", rune(out[len(out)-1])) && !strings.ContainsRune("{};,", rune(c)) {
			out = append(out, ' ')
		}
		blank = false
		if c == '}' && len(out) > 0 && out[len(out)-1] == ';' {
			out = out[:len(out)-1]
		}
		if c == '"' || c == '\'' {
			n := stringLength(css[i:])
			out = append(out, css[i:i+n]...)
			i += n
			continue
		}
		out = append(out, c)
		i++
	}
	return out
}

// stringLength returns the length of the quoted string at the head of css.
func stringLength(css []byte) int {
	for i := 1; i < len(css); i++ {
		switch css[i] {
		case '\\':
			i++
		case css[0]:
			return i + 1
		}
	}
	return len(css)
}
