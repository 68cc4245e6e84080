// Package padestest makes small PDF files for tests of who seals and reads them.
package padestest

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strings"
)

// Plain is a PDF of one page that shows the words with a two-byte font, built
// as our printer builds them.
func Plain(words string) []byte {
	codes, chars := "", ""
	for i, r := range []rune(words) {
		codes += fmt.Sprintf("%04X", i+1)
		chars += fmt.Sprintf("<%04X> <%04X>\n", i+1, r)
	}
	content := "BT /F4 12 Tf 1 0 0 -1 50 700 Tm <" + codes + "> Tj ET"
	cmap := fmt.Sprintf("1 begincodespacerange <0000> <FFFF> endcodespacerange %d beginbfchar\n%sendbfchar", len([]rune(words)), chars)
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R /Lang (vi) >>",
		"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F4 5 0 R >> >> /Contents 4 0 R >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(content), content),
		"<< /Type /Font /Subtype /Type0 /BaseFont /Tinos /Encoding /Identity-H /ToUnicode 6 0 R /DescendantFonts [] >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(cmap), cmap),
	}
	return File(objects...)
}

// File is a PDF of these objects, numbered from 1, the catalogue first.
func File(objects ...string) []byte {
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

// Stream is an object of a stream, with more in its dictionary.
func Stream(dict string, content []byte) string {
	return fmt.Sprintf("<< /Length %d %s >>\nstream\n%s\nendstream", len(content), dict, content)
}

// Deflated is a compressed stream.
func Deflated(content []byte) string {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write(content) // into memory
	_ = z.Close()
	return Stream("/Filter /FlateDecode", b.Bytes())
}

// Update appends a revision of its own to a file: an object, and a table.
func Update(raw []byte, n int, object, root string) []byte {
	prev := raw[bytes.LastIndex(raw, []byte("startxref"))+len("startxref"):]
	out := bytes.Clone(raw)
	at := len(out)
	out = fmt.Appendf(out, "%d 0 obj\n%s\nendobj\n", n, object)
	table := len(out)
	out = fmt.Appendf(out, "xref\n%d 1\n%010d 00000 n \n", n, at)
	return fmt.Appendf(out, "trailer\n<< /Size 50 /Root %s /Prev %s >>\nstartxref\n%d\n%%%%EOF\n", root,
		strings.Fields(string(prev))[0], table)
}
