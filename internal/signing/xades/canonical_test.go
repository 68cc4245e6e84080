package xades

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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

// maker writes random documents that are well-formed and namespace-correct,
// with everything canonical XML treats specially. strict ones are in the
// subset Parse takes; the others add CDATA and processing instructions.
type maker struct {
	r      *rand.Rand
	out    strings.Builder
	strict bool
	size   int
}

func (m *maker) pick(list ...string) string { return list[m.r.IntN(len(list))] }

func (m *maker) element(depth int, scope map[string]string) {
	m.size++
	inner := make(map[string]string, len(scope))
	for k, v := range scope {
		inner[k] = v
	}
	var declarations []string
	for _, prefix := range []string{"", "p", "q", "zz"} {
		if m.r.IntN(4) > 0 {
			continue
		}
		uri := m.pick("urn:a", "urn:b", "http://x.vn/?k=1;l=%C3%A1#z")
		if prefix == "" && m.r.IntN(3) == 0 {
			uri = ""
		}
		inner[prefix] = uri
		if prefix != "" {
			prefix = ":" + prefix
		}
		declarations = append(declarations, fmt.Sprintf(`xmlns%s="%s"`, prefix, uri))
	}
	name := m.name(inner)
	attributes := append(declarations, m.attributes(inner)...)
	m.r.Shuffle(len(attributes), func(i, j int) { attributes[i], attributes[j] = attributes[j], attributes[i] })
	m.out.WriteString("<" + name)
	for _, a := range attributes {
		m.out.WriteString(m.pick(" ", "  ", "\n") + a)
	}
	if m.r.IntN(5) == 0 {
		m.out.WriteString("/>")
		return
	}
	m.out.WriteString(">")
	for range m.r.IntN(4) {
		if depth < 6 && m.size < 60 && m.r.IntN(2) == 0 {
			m.element(depth+1, inner)
			continue
		}
		m.text()
	}
	m.out.WriteString("</" + name + m.pick("", " ") + ">")
}

func (m *maker) name(scope map[string]string) string {
	local := m.pick("MON", "NHAN_XET", "điểm", "a.b-c_1")
	prefix := m.pick("", "p", "q", "zz")
	if prefix == "" || scope[prefix] == "" {
		return local
	}
	return prefix + ":" + local
}

func (m *maker) attributes(scope map[string]string) []string {
	var out []string
	used := map[string]bool{}
	for range m.r.IntN(5) {
		prefix, local := m.pick("", "", "p", "q", "zz", "xml"), m.pick("a", "b", "MA", "z")
		key := scope[prefix] + "|" + local
		if prefix == "xml" {
			local, key = "lang", "xml|lang"
		} else if prefix == "" {
			key = "|" + local
		} else if scope[prefix] == "" {
			continue
		}
		if used[key] {
			continue
		}
		used[key] = true
		if prefix != "" {
			local = prefix + ":" + local
		}
		value := m.pick("", "x", "&amp;&lt;>", "&#9;&#10;&#13;", "Nguyễn  Thị Ánh", "&quot;q&quot;")
		quote := m.pick(`"`, `'`)
		out = append(out, local+m.pick("=", " = ")+quote+value+quote)
	}
	return out
}

func (m *maker) text() {
	if !m.strict && m.r.IntN(3) == 0 {
		m.out.WriteString(m.pick("<![CDATA[a<b&c>]]>", "<?lệnh nội dung  x?>", "<?p?>", "<![CDATA[]]>"))
		return
	}
	m.out.WriteString(m.pick("chữ", " ", "\n\t", "&amp;", "&lt;&gt;", "&#13;&#xA;", "9 > 8 ]] \"'", "é\u0301ế"))
}

// Every generated document must come out as libxml2 writes it.
func TestCanonical_EqualsLibxml2(t *testing.T) {
	xmllint := tool(t, "xmllint")
	const documents = 800
	dir := t.TempDir()
	var ours [documents][]byte
	files := make([]string, documents)
	for i := range documents {
		m := &maker{r: rand.New(rand.NewPCG(20260528, uint64(i))), strict: i%2 == 0}
		m.element(0, map[string]string{})
		raw := m.out.String()
		var root *etree.Element
		if m.strict {
			root = mustParse(t, raw).Root()
		} else {
			doc := etree.NewDocument()
			if err := doc.ReadFromString(raw); err != nil {
				t.Fatalf("etree: %v\n%s", err, raw)
			}
			root = doc.Root()
		}
		var err error
		if ours[i], err = Canonical(root); err != nil {
			t.Fatalf("canonical: %v\n%s", err, raw)
		}
		files[i] = filepath.Join(dir, fmt.Sprintf("%04d.xml", i))
		if err := os.WriteFile(files[i], []byte(raw), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	theirs, err := exec.Command(xmllint, append([]string{"--exc-c14n"}, files...)...).Output()
	if err != nil {
		t.Fatalf("xmllint: %v", err)
	}
	if bytes.Equal(theirs, bytes.Join(ours[:], nil)) {
		return
	}
	for i, file := range files {
		single, _ := exec.Command(xmllint, "--exc-c14n", file).Output()
		if !bytes.Equal(single, ours[i]) {
			raw, _ := os.ReadFile(file)
			t.Fatalf("document %d\n%s\nours    %s\nlibxml2 %s", i, raw, ours[i], single)
		}
	}
	t.Fatal("the joined outputs differ, no single one does")
}
