package xades

import (
	"testing"

	"github.com/beevik/etree"
)

func TestCanonical_FollowsTheSpecification(t *testing.T) {
	for _, c := range []struct{ name, in, id, want string }{
		{"empty element opens and closes", `<a/>`, "", `<a></a>`},
		{"attributes by namespace then name", `<a xmlns:q="urn:1" xmlns:p="urn:2" p:b="1" q:c="2" z="3" b="4"></a>`, "",
			`<a xmlns:p="urn:2" xmlns:q="urn:1" b="4" z="3" q:c="2" p:b="1"></a>`},
		{"unused declarations are dropped", `<a xmlns:p="urn:1"><b></b></a>`, "", `<a><b></b></a>`},
		{"declared where first used", `<a xmlns:p="urn:1"><p:b><p:c></p:c></p:b><p:d></p:d></a>`, "",
			`<a><p:b xmlns:p="urn:1"><p:c></p:c></p:b><p:d xmlns:p="urn:1"></p:d></a>`},
		{"default namespace undone only when it was done", `<a xmlns="urn:1"><b xmlns=""><c></c></b></a>`, "",
			`<a xmlns="urn:1"><b xmlns=""><c></c></b></a>`},
		{"same prefix, other namespace", `<p:a xmlns:p="urn:1"><p:b xmlns:p="urn:2"></p:b></p:a>`, "",
			`<p:a xmlns:p="urn:1"><p:b xmlns:p="urn:2"></p:b></p:a>`},
		{"in the context of the document", `<a xmlns="urn:1" xmlns:p="urn:2"><b Id="x" p:k="v"><c></c></b></a>`, "x",
			`<b xmlns="urn:1" xmlns:p="urn:2" Id="x" p:k="v"><c></c></b>`},
		{"no namespace stays none in context", `<p:a xmlns:p="urn:2"><b Id="x"></b></p:a>`, "x", `<b Id="x"></b>`},
		{"escapes in text", "<a>&amp;&lt;&gt;\"'&#13;\t\n&#xE1;</a>", "", "<a>&amp;&lt;&gt;\"'&#xD;\t\ná</a>"},
		{"escapes in attributes", `<a k='&amp;&lt;>"&#39;&#9;&#10;&#13;'></a>`, "", `<a k="&amp;&lt;>&quot;'&#x9;&#xA;&#xD;"></a>`},
		{"xml prefix is never declared", `<a xml:lang="vi"></a>`, "", `<a xml:lang="vi"></a>`},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc := mustParse(t, c.in)
			el := doc.Root()
			if c.id != "" {
				el = doc.ByID(c.id)
			}
			got, err := Canonical(el)
			if err != nil || string(got) != c.want {
				t.Errorf("got  %s %v\nwant %s", got, err, c.want)
			}
		})
	}
}

func TestCanonical_RefusesUndeclaredPrefix(t *testing.T) {
	_, err := Canonical(etree.NewElement("p:a"))
	wantFault(t, err, "xml.namespace", "")
	_, err = Canonical(nil)
	wantFault(t, err, "xml.malformed", "")
}
