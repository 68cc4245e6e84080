package pades_test

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"hocba/internal/signing/pades"
	"hocba/internal/signing/pades/padestest"
)

const (
	catalogue = "<< /Type /Catalog /Pages 2 0 R >>"
	onePage   = "<< /Type /Pages /Kids [3 0 R] >>"
)

// spent measures what reading costs.
func spent(t *testing.T, raw []byte) (bytes uint64, took time.Duration) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	begin := time.Now()
	_, f, _ := pades.Verify(raw)
	if f != nil {
		_, _ = f.Text()
	}
	took = time.Since(begin)
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc, took
}

// Whatever a file says of itself, reading it costs little time, and memory in
// proportion to its bytes or to what a paper may unpack to.
func TestRead_CostsLittleWhateverTheFileSays(t *testing.T) {
	many := func(s string, n int) string { return strings.Repeat(s, n) }
	page := func(resources, contents string) string {
		return "<< /Type /Page /Parent 2 0 R /Resources << " + resources + " >> /Contents " + contents + " >>"
	}
	font := "<< /Type /Font /Subtype /Type0 /Encoding /Identity-H /ToUnicode 6 0 R >>"
	shows := padestest.Stream("", []byte("BT /F 1 Tf <"+many("0001", 100_000)+"> Tj ET"))
	var tree []string
	for i := range 20 {
		tree = append(tree, fmt.Sprintf("<< /Type /Pages /Kids [%s] >>", many(fmt.Sprintf("%d 0 R ", i+3), 50)))
	}
	var forms []string
	for i := range 7 {
		forms = append(forms, padestest.Stream(fmt.Sprintf("/Subtype /Form /Resources << /XObject << /X %d 0 R >> >>", i+6), []byte(many("/X Do ", 200))))
	}
	forms = append(forms, padestest.Stream("/Subtype /Form", nil))
	for name, raw := range map[string][]byte{
		"a name of escapes":             padestest.File("<< /" + many("#41", 300_000) + " 1 >>"),
		"a name of escapes in trailer":  bytes.Replace(padestest.File(catalogue), []byte("/Size"), []byte("/"+many("#41", 300_000)+" 1 /Size"), 1),
		"empty arrays":                  bytes.Replace(padestest.File(catalogue), []byte("/Size"), []byte("/A ["+many("[]", 4_000_000)+"] /Size"), 1),
		"empty dictionaries":            bytes.Replace(padestest.File(catalogue), []byte("/Size"), []byte("/A ["+many("<<>>", 2_000_000)+"] /Size"), 1),
		"numbers far apart":             bytes.Replace(padestest.File(catalogue), []byte("/Size"), []byte("/A ["+many("1"+many(" ", 1000), 5000)+"] /Size"), 1),
		"brackets":                      bytes.Replace(padestest.File(catalogue), []byte("/Size"), []byte("/A ("+many("(", 8_000_000)+" /Size"), 1),
		"a tree of pages without pages": padestest.File(append([]string{catalogue}, tree...)...),
		"a page five hundred times":     padestest.File(catalogue, "<< /Type /Pages /Kids ["+many("3 0 R ", 500)+"] >>", page("", "4 0 R"), padestest.Stream("", []byte(many("q Q ", 100_000)))),
		"one bomb as a thousand parts":  padestest.File(catalogue, onePage, page("", "["+many("4 0 R ", 1000)+"]"), padestest.Deflated(make([]byte, 30<<20))),
		"a bomb of 200 MB":              padestest.File(catalogue, onePage, page("", "4 0 R"), padestest.Deflated(make([]byte, 200<<20))),
		"forms within forms":            padestest.File(append([]string{catalogue, onePage, page("/XObject << /X 5 0 R >>", "4 0 R"), padestest.Stream("", []byte("/X Do"))}, forms...)...),
		"a map to long texts": padestest.File(catalogue, onePage, page("/Font << /F 5 0 R >>", "4 0 R"), shows, font,
			padestest.Stream("", []byte("1 beginbfrange <0000> <FFFF> <"+many("0041", 100_000)+"> endbfrange"))),
		"a map of many ranges": padestest.File(catalogue, onePage, page("/Font << /F 5 0 R >>", "4 0 R"), shows, font,
			padestest.Stream("", []byte("1 beginbfrange "+many("<0000> <FFFF> <0041> ", 30_000)+"endbfrange"))),
		"a long text shown often": padestest.File(catalogue, onePage, page("/Font << /F 5 0 R >>", "["+many("4 0 R ", 100)+"]"), shows, font,
			padestest.Stream("", []byte("1 beginbfchar <0001> <"+many("0041", 250)+"> endbfchar"))),
		"objects a million times over": bytes.Replace(padestest.File(catalogue), []byte("0 2\n"), []byte("0 100000\n"), 1),
		"a table of empty sections":    bytes.Replace(padestest.File(catalogue), []byte("xref\n0 2"), []byte("xref\n"+many("0 0\n", 1_000_000)+"0 2"), 1),
	} {
		if len(raw) > pades.MaxBytes {
			t.Fatalf("%s: %d bytes", name, len(raw))
		}
		used, took := spent(t, raw)
		limit := uint64(256<<20 + 8*len(raw)) // of all that was ever asked for, most of it given back
		if used > limit || took > 3*time.Second {
			t.Errorf("%s: %d KB took %d MB and %v", name, len(raw)>>10, used>>20, took)
		}
	}
}
