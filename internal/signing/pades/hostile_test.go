package pades_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"hocba/internal/signing/pades"
)

// file is a PDF of these objects, the catalogue first.
func file(objects ...string) []byte {
	out, offsets := []byte("%PDF-1.4\n"), []int{}
	for i, o := range objects {
		offsets = append(offsets, len(out))
		out = fmt.Appendf(out, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	at := len(out)
	out = fmt.Appendf(out, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, o := range offsets {
		out = fmt.Appendf(out, "%010d 00000 n \n", o)
	}
	return fmt.Appendf(out, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, at)
}

func stream(dict string, content []byte) string {
	return fmt.Sprintf("<< /Length %d %s >>\nstream\n%s\nendstream", len(content), dict, content)
}

func deflated(content []byte) string {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write(content)
	_ = z.Close()
	return stream("/Filter /FlateDecode", b.Bytes())
}

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
	shows := stream("", []byte("BT /F 1 Tf <"+many("0001", 100_000)+"> Tj ET"))
	var tree []string
	for i := range 20 {
		tree = append(tree, fmt.Sprintf("<< /Type /Pages /Kids [%s] >>", many(fmt.Sprintf("%d 0 R ", i+3), 50)))
	}
	var forms []string
	for i := range 7 {
		forms = append(forms, stream(fmt.Sprintf("/Subtype /Form /Resources << /XObject << /X %d 0 R >> >>", i+6), []byte(many("/X Do ", 200))))
	}
	forms = append(forms, stream("/Subtype /Form", nil))
	for name, raw := range map[string][]byte{
		"a name of escapes":             file("<< /" + many("#41", 300_000) + " 1 >>"),
		"a name of escapes in trailer":  bytes.Replace(file(catalogue), []byte("/Size"), []byte("/"+many("#41", 300_000)+" 1 /Size"), 1),
		"empty arrays":                  bytes.Replace(file(catalogue), []byte("/Size"), []byte("/A ["+many("[]", 4_000_000)+"] /Size"), 1),
		"empty dictionaries":            bytes.Replace(file(catalogue), []byte("/Size"), []byte("/A ["+many("<<>>", 2_000_000)+"] /Size"), 1),
		"numbers far apart":             bytes.Replace(file(catalogue), []byte("/Size"), []byte("/A ["+many("1"+many(" ", 1000), 5000)+"] /Size"), 1),
		"brackets":                      bytes.Replace(file(catalogue), []byte("/Size"), []byte("/A ("+many("(", 8_000_000)+" /Size"), 1),
		"a tree of pages without pages": file(append([]string{catalogue}, tree...)...),
		"a page five hundred times":     file(catalogue, "<< /Type /Pages /Kids ["+many("3 0 R ", 500)+"] >>", page("", "4 0 R"), stream("", []byte(many("q Q ", 100_000)))),
		"one bomb as a thousand parts":  file(catalogue, onePage, page("", "["+many("4 0 R ", 1000)+"]"), deflated(make([]byte, 30<<20))),
		"a bomb of 200 MB":              file(catalogue, onePage, page("", "4 0 R"), deflated(make([]byte, 200<<20))),
		"forms within forms":            file(append([]string{catalogue, onePage, page("/XObject << /X 5 0 R >>", "4 0 R"), stream("", []byte("/X Do"))}, forms...)...),
		"a map to long texts": file(catalogue, onePage, page("/Font << /F 5 0 R >>", "4 0 R"), shows, font,
			stream("", []byte("1 beginbfrange <0000> <FFFF> <"+many("0041", 100_000)+"> endbfrange"))),
		"a map of many ranges": file(catalogue, onePage, page("/Font << /F 5 0 R >>", "4 0 R"), shows, font,
			stream("", []byte("1 beginbfrange "+many("<0000> <FFFF> <0041> ", 30_000)+"endbfrange"))),
		"a long text shown often": file(catalogue, onePage, page("/Font << /F 5 0 R >>", "["+many("4 0 R ", 100)+"]"), shows, font,
			stream("", []byte("1 beginbfchar <0001> <"+many("0041", 250)+"> endbfchar"))),
		"objects a million times over": bytes.Replace(file(catalogue), []byte("0 2\n"), []byte("0 100000\n"), 1),
		"a table of empty sections":    bytes.Replace(file(catalogue), []byte("xref\n0 2"), []byte("xref\n"+many("0 0\n", 1_000_000)+"0 2"), 1),
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
