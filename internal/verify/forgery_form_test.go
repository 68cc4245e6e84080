package verify_test

import (
	"bytes"
	"encoding/binary"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/unicode/norm"

	"hocba/internal/bundle"
	"hocba/internal/bundle/bundletest"
	"hocba/internal/signing/xades"
	"hocba/internal/verify"
	"hocba/internal/verify/verifytest"
)

// forgeriesOfForm are files that some reader of XML takes, or reads otherwise
// than another: most leave every digest as it is.
var forgeriesOfForm = []forgery{
	{"DTD", func(t testing.TB, good []byte) []byte {
		return edit(t, good, "<HOC_BA_SO", "<!DOCTYPE HOC_BA_SO SYSTEM \"http://example.org/x.dtd\">\n<HOC_BA_SO")
	}, "form  xml.dtd"},
	{"entity bomb", func(t testing.TB, good []byte) []byte {
		bomb := `<!DOCTYPE z [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;">]>`
		return edit(t, edit(t, good, "<HOC_BA_SO", bomb+"<HOC_BA_SO"), "Em chăm ngoan", "&c;")
	}, "form  xml.dtd"},
	{"undeclared entity", func(t testing.TB, good []byte) []byte { return edit(t, good, "Em chăm ngoan", "&x;") }, "form  xml.entity"},
	{"comment inside a name", func(t testing.TB, good []byte) []byte {
		return edit(t, good, "Hồ Thị Ánh", "Hồ <!---->Thị Ánh")
	}, "form  xml.comment"},
	{"CDATA", func(t testing.TB, good []byte) []byte {
		return edit(t, good, "Hồ Thị Ánh", "<![CDATA[Hồ]]> Thị Ánh")
	}, "form  xml.cdata"},
	{"processing instruction", func(t testing.TB, good []byte) []byte { return edit(t, good, "<THE_CHAT>", "<?x y?><THE_CHAT>") }, "form  xml.instruction"},
	{"a decomposed name", func(t testing.TB, good []byte) []byte {
		return edit(t, good, "Hồ Thị Ánh Nguyệt", norm.NFD.String("Hồ Thị Ánh Nguyệt"))
	}, "nfc  bundle.nfc"},
	{"a decomposed name by character references", func(t testing.TB, good []byte) []byte {
		return edit(t, good, "Hồ Thị Ánh", "Hô&#x300; Thị Ánh")
	}, "nfc  bundle.nfc"},
	{"an unknown element", func(t testing.TB, good []byte) []byte {
		return edit(t, good, "<THE_CHAT>", "<GHI_CHU></GHI_CHU><THE_CHAT>")
	}, "structure  bundle.element_unexpected"},
	{"an unknown attribute", func(t testing.TB, good []byte) []byte { return edit(t, good, "<THE_CHAT>", `<THE_CHAT XEM="1">`) }, "structure  bundle.attribute_unknown"},
	{"reordered elements", func(t testing.TB, good []byte) []byte {
		absences, rest := cut(t, good, "<CHUYEN_CAN>", "</CHUYEN_CAN>")
		return edit(t, rest, "<THE_CHAT>", absences+"<THE_CHAT>")
	}, "structure  bundle.element_unexpected"},
	{"reordered rows", func(t testing.TB, good []byte) []byte {
		part, rest := cut(t, good, `<DIEM_TONG_KET Id="mon-TOAN"`, "</DIEM_TONG_KET>")
		return edit(t, rest, `<DIEM_TONG_KET Id="mon-TIENG_VIET"`, part+`<DIEM_TONG_KET Id="mon-TIENG_VIET"`)
	}, "structure  bundle.row_order"},
	{"formatted anew", func(t testing.TB, good []byte) []byte { return edit(t, good, "<THE_CHAT>", "\n  <THE_CHAT>") }, "structure  bundle.blank"},
	{"another prefix", func(t testing.TB, good []byte) []byte {
		return edit(t, edit(t, good, "<THE_CHAT>", `<h:THE_CHAT xmlns:h="`+bundle.Namespace+`">`), "</THE_CHAT>", "</h:THE_CHAT>")
	}, "structure  bundle.element_unexpected"},
	{"another schema version", func(t testing.TB, good []byte) []byte { return edit(t, good, `LUOC_DO="1"`, `LUOC_DO="2"`) }, "structure  bundle.version"},
	{"a second document after the first", func(t testing.TB, good []byte) []byte { return append(bytes.Clone(good), "<HOC_BA_SO></HOC_BA_SO>"...) }, "form  xml.malformed"},
	{"trailing blank line", func(t testing.TB, good []byte) []byte { return append(bytes.Clone(good), '\n') }, "structure  bundle.trailing"},
	{"trailing zero byte", func(t testing.TB, good []byte) []byte { return append(bytes.Clone(good), 0) }, "form  xml.character"},
	{"truncated", func(t testing.TB, good []byte) []byte { return good[:len(good)/2] }, "form  xml.malformed"},
	{"empty", func(t testing.TB, good []byte) []byte { return nil }, "form  xml.empty"},
	{"byte order mark", func(t testing.TB, good []byte) []byte { return append([]byte("\xEF\xBB\xBF"), good...) }, "form  xml.encoding"},
	{"carriage returns", func(t testing.TB, good []byte) []byte { return bytes.ReplaceAll(good, []byte("\n"), []byte("\r\n")) }, "form  xml.carriage_return"},
	{"not XML", func(t testing.TB, good []byte) []byte { return []byte("GIF89a a picture") }, "form  xml.encoding"},
	{"deep", func(t testing.TB, good []byte) []byte {
		return edit(t, good, "<THE_CHAT>", strings.Repeat("<A>", 10_000)+"<THE_CHAT>")
	}, "form  xml.too_deep"},
	{"external entity", func(t testing.TB, good []byte) []byte {
		return edit(t, edit(t, good, "<HOC_BA_SO", `<!DOCTYPE z [<!ENTITY x SYSTEM "file:///etc/passwd">]><HOC_BA_SO`), "Em chăm ngoan", "&x;")
	}, "form xml.dtd"},
	{"external parameter entity", func(t testing.TB, good []byte) []byte {
		return edit(t, good, "<HOC_BA_SO", `<!DOCTYPE z [<!ENTITY % x SYSTEM "http://example.org/x.dtd">%x;]><HOC_BA_SO`)
	}, "form xml.dtd"},
	{"DTD that makes every Id a text", func(t testing.TB, good []byte) []byte {
		return edit(t, good, "<HOC_BA_SO", `<!DOCTYPE z [<!ATTLIST DU_LIEU_HOC_BA Id CDATA #IMPLIED>]><HOC_BA_SO`)
	}, "form xml.dtd"},
	{"comment inside a mark", func(t testing.TB, good []byte) []byte {
		return edit(t, good, "<DIEM_KTDK>10<", "<DIEM_KTDK>1<!-- -->0<")
	}, "form xml.comment"},
	{"comment in the signed data", func(t testing.TB, good []byte) []byte {
		return edit(t, good, "<THE_CHAT>", "<!-- <DIEM_KTDK>10</DIEM_KTDK> --><THE_CHAT>")
	}, "form xml.comment"},
	{"processing instruction inside a mark", func(t testing.TB, good []byte) []byte {
		return edit(t, good, "<DIEM_KTDK>10<", "<DIEM_KTDK>1<?x?>0<")
	}, "form xml.instruction"},
	{"processing instruction behind the record", func(t testing.TB, good []byte) []byte { return append(bytes.Clone(good), "<?x y?>"...) }, "form xml.instruction"},
	{"a style sheet before the record", func(t testing.TB, good []byte) []byte {
		return edit(t, good, "<HOC_BA_SO", `<?xml-stylesheet type="text/xsl" href="http://example.org/x.xsl"?><HOC_BA_SO`)
	}, "form xml.instruction"},
	{"another encoding declared", func(t testing.TB, good []byte) []byte {
		return edit(t, good, `encoding="UTF-8"`, `encoding="ISO-8859-1"`)
	}, "form xml.encoding"},
	{"XML 1.1", func(t testing.TB, good []byte) []byte { return edit(t, good, `version="1.0"`, `version="1.1"`) }, "form xml.encoding"},
	{"UTF-16 little endian", func(t testing.TB, good []byte) []byte { return wide(good, binary.LittleEndian) }, "form xml.encoding"},
	{"UTF-16 big endian", func(t testing.TB, good []byte) []byte { return wide(good, binary.BigEndian) }, "form xml.encoding"},
	{"overlong UTF-8", func(t testing.TB, good []byte) []byte { return edit(t, good, "Em chăm ngoan", "Em \xC0\xBC chăm") }, "form xml.encoding"},
	{"a control character", func(t testing.TB, good []byte) []byte { return edit(t, good, "Em chăm ngoan", "Em\x01") }, "form xml.character"},
	{"a character reference to a control character", func(t testing.TB, good []byte) []byte { return edit(t, good, "Em chăm ngoan", "Em&#x1;") }, "form xml.entity"},
	{"line break in an attribute", func(t testing.TB, good []byte) []byte { return edit(t, good, `LUOC_DO="1"`, "LUOC_DO=\"1\n\"") }, "form xml.attribute_space"},
	{"doubled attribute", func(t testing.TB, good []byte) []byte { return edit(t, good, `LUOC_DO="1"`, `LUOC_DO="1" LUOC_DO="1"`) }, "form xml.attribute"},
	{"doubled attribute by two prefixes", func(t testing.TB, good []byte) []byte {
		return edit(t, good, "<THE_CHAT>", `<THE_CHAT xmlns:a="urn:x" xmlns:b="urn:x" a:k="1" b:k="2">`)
	}, "form xml.attribute"},
	{"undeclared prefix", func(t testing.TB, good []byte) []byte { return edit(t, good, "<THE_CHAT>", `<THE_CHAT q:k="1">`) }, "form xml.namespace"},
	{"the prefix xml bound anew", func(t testing.TB, good []byte) []byte {
		return edit(t, good, "<THE_CHAT>", `<THE_CHAT xmlns:xml="urn:x">`)
	}, "form xml.namespace"},
	{"a relative namespace", func(t testing.TB, good []byte) []byte { return edit(t, good, "<THE_CHAT>", `<THE_CHAT xmlns:a="x">`) }, "form xml.namespace"},
	{"a namespace with a broken percent sign", func(t testing.TB, good []byte) []byte {
		return edit(t, good, "<THE_CHAT>", `<THE_CHAT xmlns:a="http://x.vn/%Ay">`)
	}, "form xml.namespace"},
	{"an element taken out of its namespace", func(t testing.TB, good []byte) []byte { return edit(t, good, "<THE_CHAT>", `<THE_CHAT xmlns="">`) }, "structure bundle.attribute_unknown"},
	{"the same default namespace declared again", func(t testing.TB, good []byte) []byte {
		return edit(t, good, "<THE_CHAT>", `<THE_CHAT xmlns="`+bundle.Namespace+`">`)
	}, "structure bundle.attribute_unknown"},
	{"a declaration that nobody uses", func(t testing.TB, good []byte) []byte {
		return edit(t, good, "<DU_LIEU_HOC_BA ", `<DU_LIEU_HOC_BA xmlns:q="urn:q" `)
	}, "structure bundle.attribute_unknown"},
	{"xml:base", func(t testing.TB, good []byte) []byte {
		return edit(t, good, "<DU_LIEU_HOC_BA ", `<DU_LIEU_HOC_BA xml:base="http://example.org/" `)
	}, "structure bundle.attribute_unknown"},
	{"xml:id", func(t testing.TB, good []byte) []byte { return edit(t, good, "<HOC_SINH>", `<HOC_SINH xml:id="data">`) }, "ids xml.id_spelling"},
	{"an Id in another case", func(t testing.TB, good []byte) []byte { return edit(t, good, "<HOC_SINH>", `<HOC_SINH id="data">`) }, "ids xml.id_spelling"},
	{"two records in one file", func(t testing.TB, good []byte) []byte {
		_, inner, _ := strings.Cut(string(good), "<DU_LIEU_HOC_BA")
		return edit(t, good, "</HOC_BA_SO>", "<DU_LIEU_HOC_BA"+inner)
	}, "ids xml.id_duplicate"},
	{"no principal's signature", func(t testing.TB, good []byte) []byte { return without(t, good, bundle.ApprovalSignatureID) }, "slots bundle.signature_missing"},
	{"no seal", func(t testing.TB, good []byte) []byte { return without(t, good, bundle.SealSignatureID) }, "slots bundle.signature_missing"},
	{"no signature at all", func(t testing.TB, good []byte) []byte {
		return regexp.MustCompile(`<ds:Signature .*?</ds:Signature>`).ReplaceAll(good, nil)
	}, "slots bundle.signature_missing"},
	{"a subject teacher's slot doubled", func(t testing.TB, good []byte) []byte {
		slot, _ := cut(t, good, `<GVBM MA_GIAO_VIEN="`+bundletest.Music, "</GVBM>")
		return edit(t, good, slot, slot+slot)
	}, "ids xml.id_duplicate"},
	{"the homeroom teacher's and the principal's signatures changed places", func(t testing.TB, good []byte) []byte {
		a, _ := cut(t, good, `<ds:Signature xmlns:ds="`+xades.DSig+`" Id="ky-gvcn"`, "</ds:Signature>")
		b, _ := cut(t, good, `<ds:Signature xmlns:ds="`+xades.DSig+`" Id="ky-cbql"`, "</ds:Signature>")
		return edit(t, edit(t, edit(t, good, a, "~~"), b, a), "~~", b)
	}, "ids bundle.id"},
	{"a second signature in a slot", func(t testing.TB, good []byte) []byte {
		a, _ := cut(t, good, `<ds:Signature xmlns:ds="`+xades.DSig+`" Id="ky-gvcn"`, "</ds:Signature>")
		return edit(t, good, a, a+strings.ReplaceAll(a, "ky-gvcn", "ky-them"))
	}, "structure bundle.element_unexpected"},
	{"a wrapping of the seal's signed properties", func(t testing.TB, good []byte) []byte {
		from := strings.LastIndex(string(good), "<xades:SignedProperties")
		to := strings.LastIndex(string(good), "</xades:SignedProperties>") + len("</xades:SignedProperties>")
		signed := string(good[from:to])
		forged := strings.Replace(strings.Replace(signed, "ky-phathanh-xades", "ky-gia", 1), "2026-06-05", "2026-06-04", 1)
		return []byte(string(good[:from]) + forged + "<xades:UnsignedProperties>" + signed + "</xades:UnsignedProperties>" + string(good[to:]))
	}, "signature ky-phathanh sig.properties"},
}

// wide writes a file in UTF-16 with its mark.
func wide(raw []byte, order binary.AppendByteOrder) []byte {
	out := order.AppendUint16(nil, 0xFEFF)
	for _, unit := range utf16.Encode([]rune(string(raw))) {
		out = order.AppendUint16(out, unit)
	}
	return out
}

// without takes a signature out.
func without(t testing.TB, good []byte, id string) []byte {
	t.Helper()
	_, rest := cut(t, good, `<ds:Signature xmlns:ds="`+xades.DSig+`" Id="`+id+`"`, "</ds:Signature>")
	return rest
}

// wantFailures compares what a report holds against a file with the lines of
// want, of which each may leave out where the check failed.
func wantFailures(t testing.TB, name string, report verify.Report, want string) {
	t.Helper()
	got := strings.Split(verifytest.OutcomeOf(report).String(), "\n")[1:]
	var lines []string
	if want != "" {
		lines = strings.Split(want, "\n")
	}
	sound := len(got) == len(lines)
	for i := 0; sound && i < len(got); i++ {
		line := strings.Join(strings.Fields(lines[i]), " ")
		sound = got[i] == line || strings.HasPrefix(got[i], line+" ")
	}
	if !sound {
		t.Errorf("%s: got\n%s\nwant\n%s", name, strings.Join(got, "\n"), want)
	}
}
