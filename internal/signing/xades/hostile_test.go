package xades

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Reading a document takes little time, and memory in proportion to its bytes,
// whatever it holds; so does its canonical form.
func TestParse_CostsLittleWhateverTheDocumentHolds(t *testing.T) {
	many := strings.Repeat
	deep := func(open string) string { return many(open, MaxDepth-1) }
	var declarations, used strings.Builder
	for i := range MaxAttributes - 1 {
		fmt.Fprintf(&declarations, ` xmlns:p%d="urn:%d"`, i, i)
		fmt.Fprintf(&used, ` p%d:a=""`, i)
	}
	for name, raw := range map[string]string{
		"empty elements":              "<a>" + many("<b/>", MaxElements-1) + "</a>",
		"more elements than may be":   "<a>" + many("<b/>", 1<<20-10) + "</a>",
		"attributes":                  "<a>" + many(`<b c="" d="" e="" f="" g="" h="" i="" j=""/>`, 85_000) + "</a>",
		"text in pieces":              "<a>" + many("x<b/>", 99_000) + "</a>",
		"references":                  "<a>" + many("&#x61;", 600_000) + "</a>",
		"one long name":               "<a" + many("a", 2<<20) + "/>",
		"one long value":              `<a b="` + many("&lt;", 900_000) + `"/>`,
		"Ids":                         "<a>" + many(`<b Id="x"/>`, 90_000) + "</a>",
		"declarations on every level": deep("<a"+declarations.String()+">") + many("<p0:a"+used.String()+"/>", 4000),
		"a namespace rendered again":  `<a xmlns:p="urn:` + many("x", 1<<20) + `">` + many("<p:b/>", 99_000) + "</a>",
		"a prefix of a megabyte":      "<" + many("p", 1<<20) + `:a xmlns:` + many("p", 1<<20) + `="urn:x"/>`,
		"white space":                 "<a" + many(" ", 3<<20) + "/>",
	} {
		if len(raw) > MaxBytes {
			t.Fatalf("%s: %d bytes", name, len(raw))
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		begin := time.Now()
		doc, err := Parse([]byte(raw))
		if err == nil {
			_, err = Canonical(doc.Root())
		}
		took := time.Since(begin)
		runtime.ReadMemStats(&after)
		used := after.TotalAlloc - before.TotalAlloc
		if used > uint64(64<<20+16*len(raw)) || took > 3*time.Second {
			t.Errorf("%s: %d KB took %d MB and %v (%v)", name, len(raw)>>10, used>>20, took, err)
		}
	}
}

func TestCanonical_IsBounded(t *testing.T) {
	doc := mustParse(t, `<a xmlns:p="urn:`+strings.Repeat("x", 1<<20)+`">`+strings.Repeat("<p:b/>", 100)+"</a>")
	_, err := Canonical(doc.Root())
	wantFault(t, err, "xml.too_large", "")
	_, err = Parse([]byte("<a>" + strings.Repeat("<b/>", MaxElements) + "</a>"))
	wantFault(t, err, "xml.too_large", "")
}
