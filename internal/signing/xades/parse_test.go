package xades

import (
	"strings"
	"testing"

	"github.com/beevik/etree"

	"hocba/internal/fault"
)

func TestParse_RefusesByName(t *testing.T) {
	deep := strings.Repeat("<a>", MaxDepth+1) + strings.Repeat("</a>", MaxDepth+1)
	var many strings.Builder
	for i := range MaxAttributes + 1 {
		many.WriteString(" a" + strings.Repeat("x", i) + `="1"`)
	}
	for _, c := range []struct{ name, in, code string }{
		{"too large", "<a>" + strings.Repeat("x", MaxBytes) + "</a>", "xml.too_large"},
		{"too deep", deep, "xml.too_deep"},
		{"nothing", "", "xml.malformed"},
		{"only text", "xin chào", "xml.malformed"},
		{"byte order mark", "\ufeff<a/>", "xml.encoding"},
		{"not UTF-8", "<a>\xff</a>", "xml.encoding"},
		{"surrogate in UTF-8", "<a>\xed\xa0\x80</a>", "xml.encoding"},
		{"other encoding", `<?xml version="1.0" encoding="ISO-8859-1"?><a/>`, "xml.encoding"},
		{"XML 1.1", `<?xml version="1.1"?><a/>`, "xml.encoding"},
		{"standalone", `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><a/>`, "xml.encoding"},
		{"open declaration", `<?xml version="1.0"`, "xml.malformed"},
		{"control character", "<a>\x01</a>", "xml.character"},
		{"not a character", "<a>\uffff</a>", "xml.character"},
		{"carriage return in text", "<a>\r\n</a>", "xml.carriage_return"},
		{"carriage return in attribute", "<a k='\r'/>", "xml.carriage_return"},
		{"tab in attribute", "<a k='x\ty'/>", "xml.attribute_space"},
		{"line feed in attribute", "<a k='x\ny'/>", "xml.attribute_space"},
		{"DTD", `<!DOCTYPE a><a/>`, "xml.dtd"},
		{"billion laughs", `<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>`, "xml.dtd"},
		{"entity declaration inside", `<a><!ENTITY x "y"></a>`, "xml.dtd"},
		{"unknown entity", `<a>&nbsp;</a>`, "xml.entity"},
		{"open entity", `<a>&amp</a>`, "xml.entity"},
		{"reference to no character", `<a>&#0;</a>`, "xml.entity"},
		{"reference to a surrogate", `<a>&#xD800;</a>`, "xml.entity"},
		{"reference past Unicode", `<a>&#x110000;</a>`, "xml.entity"},
		{"signed reference", `<a>&#+65;</a>`, "xml.entity"},
		{"capital X", `<a>&#X41;</a>`, "xml.entity"},
		{"entity in attribute", `<a k="&x;"/>`, "xml.entity"},
		{"instruction", `<a><?php x?></a>`, "xml.instruction"},
		{"instruction before", `<?style x?><a/>`, "xml.instruction"},
		{"second declaration", `<a/><?xml version="1.0"?>`, "xml.instruction"},
		{"comment", `<a>1<!-- -->2</a>`, "xml.comment"},
		{"comment after", `<a/><!-- -->`, "xml.comment"},
		{"CDATA", `<a><![CDATA[x]]></a>`, "xml.cdata"},
		{"end of CDATA in text", `<a>]]></a>`, "xml.malformed"},
		{"two roots", `<a/><a/>`, "xml.malformed"},
		{"text after", `<a/>x`, "xml.malformed"},
		{"open element", `<a><b></b>`, "xml.malformed"},
		{"crossed elements", `<a><b></a></b>`, "xml.malformed"},
		{"end without start", `</a>`, "xml.malformed"},
		{"attribute in end tag", `<a></a k="1">`, "xml.malformed"},
		{"no quotes", `<a k=1/>`, "xml.malformed"},
		{"no value", `<a k/>`, "xml.malformed"},
		{"open value", `<a k="1/>`, "xml.malformed"},
		{"no space between attributes", `<a k="1"l="2"/>`, "xml.malformed"},
		{"less-than in attribute", `<a k="<"/>`, "xml.malformed"},
		{"open tag", `<a `, "xml.malformed"},
		{"lonely slash", `<a / >`, "xml.malformed"},
		{"name starts with a digit", `<1a/>`, "xml.malformed"},
		{"two colons", `<p:a:b xmlns:p="urn:1"/>`, "xml.malformed"},
		{"colon first", `<:a/>`, "xml.malformed"},
		{"colon last", `<p: xmlns:p="urn:1"/>`, "xml.malformed"},
		{"doubled attribute", `<a k="1" k="2"/>`, "xml.attribute"},
		{"doubled by namespace", `<a xmlns:p="urn:1" xmlns:q="urn:1" p:k="1" q:k="2"/>`, "xml.attribute"},
		{"too many attributes", `<a` + many.String() + `/>`, "xml.attribute"},
		{"undeclared prefix", `<p:a/>`, "xml.namespace"},
		{"undeclared prefix of attribute", `<a p:k="1"/>`, "xml.namespace"},
		{"element in xml prefix", `<xml:a/>`, "xml.namespace"},
		{"prefix undone", `<a xmlns:p=""/>`, "xml.namespace"},
		{"xml rebound", `<a xmlns:xml="urn:1"/>`, "xml.namespace"},
		{"xmlns bound", `<a xmlns:xmlns="urn:1"/>`, "xml.namespace"},
		{"xml namespace borrowed", `<a xmlns:p="http://www.w3.org/XML/1998/namespace"/>`, "xml.namespace"},
		{"relative namespace", `<a xmlns="hocba"/>`, "xml.namespace"},
		{"namespace with a space", `<a xmlns="urn:a b"/>`, "xml.namespace"},
		{"namespace with an ampersand", `<a xmlns="urn:a&amp;b"/>`, "xml.namespace"},
		{"namespace with a broken percent sign", `<a xmlns="http://x.vn/%Ay"/>`, "xml.namespace"},
		{"namespace with half a percent sign", `<a xmlns="urn:a%A"/>`, "xml.namespace"},
		{"namespace with two fragments", `<a xmlns="urn:a#b#c"/>`, "xml.namespace"},
		{"namespace with brackets", `<a xmlns="urn:a[b]"/>`, "xml.namespace"},
		{"namespace with a port of letters", `<a xmlns="http://x.vn:y/"/>`, "xml.namespace"},
		{"namespace without a host", `<a xmlns="http:///y"/>`, "xml.namespace"},
		{"Id with a digit first", `<a Id="1a"/>`, "xml.id"},
		{"Id with a colon", `<a Id="a:b"/>`, "xml.id"},
		{"empty Id", `<a Id=""/>`, "xml.id"},
		{"Id twice", `<a Id="x"><b Id="x"/></a>`, "xml.id_duplicate"},
		{"ID", `<a ID="x"/>`, "xml.id_spelling"},
		{"id", `<a id="x"/>`, "xml.id_spelling"},
		{"xml:id", `<a xml:id="x"/>`, "xml.id_spelling"},
		{"prefixed Id", `<a xmlns:w="urn:w" w:Id="x"/>`, "xml.id_spelling"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse([]byte(c.in))
			wantFault(t, err, c.code, "")
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("kind %v", fault.KindOf(err))
			}
		})
	}
}

func TestParse_ReadsTheSubset(t *testing.T) {
	doc := mustParse(t, "<?xml version='1.0' encoding='UTF-8'?>\n<r xmlns='urn:1' xmlns:p='urn:2'>"+
		"<p:a Id='x' k = \"1 'q' &quot;\"\n/>\tÁ&#x110;&apos;</r>\n")
	a := doc.ByID("x")
	if a == nil || a.NamespaceURI() != "urn:2" || a.SelectAttrValue("k", "") != `1 'q' "` {
		t.Fatalf("element %+v", a)
	}
	if text := a.Tail(); text != "\tÁĐ'" {
		t.Errorf("text %q", text)
	}
	if doc.ByID("y") != nil {
		t.Error("an element for an Id nobody has")
	}
}

func TestCheckIDs_RefusesAnIdWhereNoneBelongs(t *testing.T) {
	doc := mustParse(t, `<r xmlns="urn:1" xmlns:ds="`+DSig+`"><a Id="x"/><ds:Signature Id="s"/></r>`)
	if err := doc.CheckIDs(Name{"urn:1", "a"}); err != nil {
		t.Error(err)
	}
	wantFault(t, doc.CheckIDs(Name{"urn:2", "a"}), "xml.id_place", "")
}

// FuzzParse: what we accept must have one meaning. It is canonicalised without
// failure, the canonical form is its own canonical form, and Go's parser, when
// it accepts the same bytes, reads the same document.
func FuzzParse(f *testing.F) {
	f.Add([]byte(frameOf(testContent)))
	f.Add([]byte(`<p:a xmlns:p="urn:1" p:k="&#9;" l='"'><b xmlns=""/>&amp;]]&gt;</p:a>`))
	f.Add([]byte("<a Id='x'>\n<?b?><!--c--><![CDATA[d]]></a>"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		doc, err := Parse(raw)
		if err != nil {
			return
		}
		once, err := Canonical(doc.Root())
		if err != nil {
			t.Fatalf("canonical: %v", err)
		}
		again, err := Parse(once)
		if err != nil {
			t.Fatalf("canonical form is not accepted: %v\n%q", err, once)
		}
		twice, err := Canonical(again.Root())
		if err != nil || string(once) != string(twice) {
			t.Fatalf("not idempotent: %q, %q, %v", once, twice, err)
		}
		other := etree.NewDocument()
		if other.ReadFromBytes(raw) != nil {
			return
		}
		theirs, err := Canonical(other.Root())
		if err != nil || string(theirs) != string(once) {
			t.Fatalf("Go's parser reads %q (%v), we read %q", theirs, err, once)
		}
	})
}
