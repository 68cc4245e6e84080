// Package fonts holds the typeface of the printed record: Tinos, whose widths
// are those of Times New Roman, in four styles cut down to the letters that
// Vietnamese schools write (see subset.sh; licence in OFL.txt). Printed pages
// embed it always and name no other family: fonts that happen to be installed
// lack Vietnamese letters and would break names unseen.
package fonts

import (
	"embed"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
)

// Family is the family name to be used in style sheets.
const Family = "Tinos"

//go:embed *.woff2
var files embed.FS

// faces lists file, weight and style of each face.
var faces = [...]struct{ file, weight, style string }{
	{"Tinos-Regular.woff2", "400", "normal"},
	{"Tinos-Bold.woff2", "700", "normal"},
	{"Tinos-Italic.woff2", "400", "italic"},
	{"Tinos-BoldItalic.woff2", "700", "italic"},
}

// CSS returns the @font-face rules of the four faces, each with its file as a
// data address, so that a document needs nothing from outside. About 90 KB.
func CSS() string { return css() }

var css = sync.OnceValue(func() string {
	var b strings.Builder
	for _, f := range faces {
		raw, err := files.ReadFile(f.file)
		if err != nil {
			panic(err) // embedded at build time
		}
		fmt.Fprintf(&b, "@font-face{font-family:%s;font-weight:%s;font-style:%s;src:url(data:font/woff2;base64,%s) format(\"woff2\")}\n",
			Family, f.weight, f.style, base64.StdEncoding.EncodeToString(raw))
	}
	return b.String()
})
