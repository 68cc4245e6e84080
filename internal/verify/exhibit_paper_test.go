package verify_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"hocba/internal/bundle/bundletest"
	"hocba/internal/signing/cms"
	"hocba/internal/signing/pades"
	"hocba/internal/signing/pades/padestest"
	"hocba/internal/verify/verifytest"
)

const (
	emptyContent = "<< /Length 0 >>\nstream\n\nendstream"
	// shownElsewhere is an appearance that paints over the page.
	shownElsewhere = "<< /Type /Annot /Subtype /FreeText /Rect [50 690 120 710] /Contents (10) /DA (/F4 12 Tf 0 g) /F 4 >>"
)

// papers are sealed papers that must not count. A viewer shows most of them
// without a word.
func papers(t testing.TB, good []byte) []exhibit {
	t.Helper()
	c, _ := stage()
	words := wordsOf(t, good)
	sealed := func() []byte { return paperOf(t, good, words, nil) }
	var out []exhibit
	add := func(description, want string, raw []byte) {
		x := newExhibit(verifytest.Paper, description, raw)
		x.want, x.Record = want, goodRecord
		out = append(out, x)
	}
	holder := func(code string) func(*pades.Params) {
		return func(p *pades.Params) {
			p.Certificate, p.Key = c.Members[code].Certificate, c.Members[code].Key
		}
	}
	const differs, after = "paper_text verify.paper_differs part=", "paper_last pdf.after_seal"
	add("a paper that shows another mark than its record", differs+"mon-NGOAI_NGU_1", paperOf(t, good, strings.Replace(words, "(TiếngAnh)T8", "(TiếngAnh)T9", 1), nil))
	add("a paper that shows another pupil", differs+"HO_TEN", paperOf(t, good, strings.Replace(words, "HồThịÁnhNguyệt", "HồThịÁnhHồng", 1), nil))
	add("a paper whose rows changed places", differs+"mon-TOAN", paperOf(t, good, swapped(words, "TiếngViệt", "Toán"), nil))
	add("a paper whose name is decomposed", differs+"HO_TEN", paperOf(t, good, norm.NFD.String(words), nil))
	add("a paper under a school's seal", "signer seal verify.other_signer", paperOf(t, good, words, holder(bundletest.School)))
	add("a paper under a person's key", "signer seal verify.not_a_seal", paperOf(t, good, words, holder(bundletest.Principal)))
	add("a paper dated back by three days", "time_stamp seal verify.dated_back", paperOf(t, good, words, func(p *pades.Params) {
		stampedPaper(t, p)
		p.At = sealedAt.AddDate(0, 0, -3)
	}))

	add("shadow: the page's content replaced by a revision after the seal", after, padestest.Update(sealed(), 4, emptyContent, "1 0 R"))
	add("shadow: another catalogue without the form, after the seal", after, padestest.Update(sealed(), 20, "<< /Type /Catalog /Pages 2 0 R >>", "20 0 R"))
	add("shadow: a text field over the page, after the seal", after, padestest.Update(sealed(), 3, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "+
		"/Resources << /Font << /F4 5 0 R >> >> /Contents 4 0 R /Annots ["+shownElsewhere+"] >>", "1 0 R"))
	add("shadow: the font's map exchanged after the seal", after, padestest.Update(sealed(), 6, emptyContent, "1 0 R"))
	add("shadow: the signature's own dictionary exchanged after the seal", "paper_seal pdf.seal what=byte_range", padestest.Update(sealed(), 7, "<< /Type /Sig >>", "1 0 R"))
	add("shadow: two revisions after the seal, the second as before", after, padestest.Update(padestest.Update(sealed(), 4, emptyContent, "1 0 R"), 30, "<< >>", "1 0 R"))
	add("a comment after the seal", after, append(sealed(), "% x\n"...))

	add("one changed byte under the seal", "paper_seal pdf.changed what=digest", edit(t, sealed(), "50 700 Tm", "50 701 Tm"))
	add("the version named under the seal exchanged", "paper_seal pdf.changed what=digest", exchanged(t, sealed()))
	cut := sealed()
	add("a paper cut off", "paper_seal pdf.changed what=truncated", cut[:len(cut)-2000])
	add("a paper cut off within its last line", "paper_seal pdf.changed what=truncated", cut[:len(cut)-2])
	add("a paper without a seal", "paper_seal pdf.unsealed", padestest.Plain(words))
	add("a paper that is encrypted", "paper_form pdf.encrypted", edit(t, padestest.Plain(words), "/Root 1 0 R", "/Root 1 0 R /Encrypt 5 0 R"))
	add("a paper with a cross-reference stream", "paper_form pdf.structure what=table", edit(t, padestest.Plain(words), "\nxref\n", "\nXref\n"))
	add("a PDF of version 2", "paper_form pdf.structure what=header", edit(t, sealed(), "%PDF-1.4", "%PDF-2.0"))
	return append(out, ranges(t, good, sealed())...)
}

func stampedPaper(t testing.TB, p *pades.Params) {
	t.Helper()
	c, _ := stage()
	by := *c.Stamper
	by.Now = sealedClock
	p.Stamp = by.Stamp
}

// exchanged names another version.
func exchanged(t testing.TB, raw []byte) []byte {
	t.Helper()
	i := bytes.LastIndex(raw, []byte("> >>\nendobj"))
	out := bytes.Clone(raw)
	out[i-1] ^= 1
	return out
}

// ranges are papers whose signature is over other bytes than all but its own:
// sealed by the right key, so that whoever trusts ByteRange takes them.
func ranges(t testing.TB, good, sealed []byte) []exhibit {
	t.Helper()
	var out []exhibit
	add := func(description, want string, raw []byte) {
		x := newExhibit(verifytest.Paper, description, raw)
		x.want, x.Record = "paper_seal "+want, goodRecord
		out = append(out, x)
	}
	r := rangeOf(t, sealed)
	const broken = "pdf.seal what=byte_range"
	add("a gap behind the signature that nobody sealed", broken, resealed(t, sealed, [4]int{0, r[1], r[2] + 64, r[3] - 64}))
	add("a gap before the signature that nobody sealed", broken, resealed(t, sealed, [4]int{0, r[1] - 64, r[2], r[3]}))
	add("a seal that leaves the first bytes out", broken, resealed(t, sealed, [4]int{9, r[1] - 9, r[2], r[3]}))
	add("a seal over nothing", broken, resealed(t, sealed, [4]int{0, 0, len(sealed), 0}))
	add("a seal that ends before the file does", "pdf.after_seal", resealed(t, sealed, [4]int{0, r[1], r[2], r[3] - 64}))
	out[len(out)-1].want = "paper_last pdf.after_seal what=bytes"
	add("a seal over a range of four words", broken, edit(t, sealed, "/ByteRange [0 ", "/ByteRange [/ "))
	add("a seal without a range", broken, edit(t, sealed, "/ByteRange [", "/ByteRangX ["))
	add("a seal without a value", "pdf.seal", regexpReplace(sealed, `/Contents <[0-9a-f]*>`, func(b []byte) []byte {
		return append([]byte("/Contents <>"), bytes.Repeat([]byte(" "), len(b)-len("/Contents <>"))...)
	}))
	hidden := bytes.Clone(sealed)
	copy(hidden[r[2]-40:], hex.EncodeToString([]byte("hidden")))
	add("something hidden in the room behind the signature", "pdf.seal what=contents", hidden)
	add("another kind of signature", "pdf.seal what=sub_filter", edit(t, sealed, "/ETSI.CAdES.detached", "/adbe.pkcs7.detached"))
	words := wordsOf(t, good)
	add("a mark in a font without a map", "", sealPlain(t, good, edit(t, padestest.Plain(words), "/ToUnicode 6 0 R", "/ToUnicodX 6 0 R")))
	out[len(out)-1].want = "paper_text pdf.text what=font"
	add("a picture within the text", "", sealPlain(t, good, edit(t, padestest.Plain(words), "BT /F4 12 Tf 1 0 0 -1 50 700 Tm", "BI /F4 12 Tf 1 0 0 -1 50 700 Tm")))
	out[len(out)-1].want = "paper_text pdf.text what=inline_image"
	return append(out, costly(t, good)...)
}

// costly are papers that a reader without bounds works at for hours or runs out
// of memory over: small, and under the right seal.
func costly(t testing.TB, good []byte) []exhibit {
	t.Helper()
	const catalogue, onePage = "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] >>"
	many := strings.Repeat
	page := func(resources, contents string) string {
		return "<< /Type /Page /Parent 2 0 R /Resources << " + resources + " >> /Contents " + contents + " >>"
	}
	font := "<< /Type /Font /Subtype /Type0 /Encoding /Identity-H /ToUnicode 6 0 R >>"
	shows := padestest.Stream("", []byte("BT /F 1 Tf <"+many("0001", 1000)+"> Tj ET"))
	forms := []string{catalogue, onePage, page("/XObject << /X 5 0 R >>", "4 0 R"), padestest.Stream("", []byte("/X Do"))}
	for i := range 7 {
		forms = append(forms, padestest.Stream(fmt.Sprintf("/Subtype /Form /Resources << /XObject << /X %d 0 R >> >>", i+6), []byte(many("/X Do ", 200))))
	}
	var out []exhibit
	for _, x := range []struct {
		description, want string
		plain             []byte
	}{
		{"a tree of pages that names itself", "pdf.text what=pages",
			padestest.File(catalogue, "<< /Type /Pages /Kids [3 0 R 5 0 R] >>", page("", "4 0 R"), shows, "<< /Type /Pages /Kids ["+many("5 0 R ", 50)+"] >>")},
		{"one compressed stream named a thousand times", "pdf.structure what=work",
			padestest.File(catalogue, onePage, page("", "["+many("4 0 R ", 1000)+"]"), padestest.Deflated(make([]byte, 10<<20)))},
		{"a compressed stream of 100 MB", "pdf.structure what=filter", padestest.File(catalogue, onePage, page("", "4 0 R"), padestest.Deflated(make([]byte, 100<<20)))},
		{"forms within forms, two hundred times each", "pdf.structure what=work",
			padestest.File(append(forms, padestest.Stream("/Subtype /Form", nil))...)},
		{"a font's map to long texts", "pdf.text what=map", padestest.File(catalogue, onePage, page("/Font << /F 5 0 R >>", "4 0 R"), shows, font,
			padestest.Stream("", []byte("1 beginbfrange <0000> <FFFF> <"+many("0041", 5000)+"> endbfrange")))},
		{"a font's map of the same range ten thousand times", "pdf.text what=map", padestest.File(catalogue, onePage, page("/Font << /F 5 0 R >>", "4 0 R"), shows, font,
			padestest.Deflated([]byte("1 beginbfrange "+many("<0000> <FFFF> <0041> ", 10_000)+"endbfrange")))},
	} {
		e := newExhibit(verifytest.Paper, x.description, sealPlain(t, good, x.plain))
		e.want, e.Record = "paper_text "+x.want, goodRecord
		out = append(out, e)
	}
	return out
}

// rangeOf reads ByteRange.
func rangeOf(t testing.TB, raw []byte) (r [4]int) {
	t.Helper()
	_, after, _ := strings.Cut(string(raw), "/ByteRange [")
	if n, err := fmt.Sscanf(after, "%d %d %d %d", &r[0], &r[1], &r[2], &r[3]); n != 4 {
		t.Fatal(err)
	}
	return r
}

// resealed signs other ranges of a sealed paper and puts the value where it
// was.
func resealed(t testing.TB, raw []byte, r [4]int) []byte {
	t.Helper()
	c, _ := stage()
	old := rangeOf(t, raw)
	out := bytes.Clone(raw)
	at := bytes.Index(out, []byte("/ByteRange [")) + len("/ByteRange [")
	copy(out[at:], fmt.Sprintf("%d %010d %010d %010d", r[0], r[1], r[2], r[3]))
	covered := append(bytes.Clone(out[r[0]:r[0]+r[1]]), out[r[2]:r[2]+r[3]]...)
	m := c.Members[bundletest.Department]
	der := must(cms.Sign(cms.Params{Type: cms.OIDData, Content: covered, Detached: true, Certificate: m.Certificate, Key: m.Key}))(t)
	room := out[old[1]+1 : old[2]-1]
	copy(room, bytes.Repeat([]byte("0"), len(room)))
	hex.Encode(room, der)
	return out
}

func regexpReplace(raw []byte, pattern string, replace func([]byte) []byte) []byte {
	return regexp.MustCompile(pattern).ReplaceAllFunc(raw, replace)
}

// sealPlain seals a PDF as the registry of the cast does.
func sealPlain(t testing.TB, xml, plain []byte) []byte {
	t.Helper()
	c, _ := stage()
	m := c.Members[bundletest.Department]
	return must(pades.Seal(plain, pades.Params{Certificate: m.Certificate, Key: m.Key, Name: "Sở", Reason: "Bản giấy", Version: sha256.Sum256(xml), At: sealedAt}))(t)
}
