package xades

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/beevik/etree"
)

// names are those of the elements.
var names = []string{"MON", "NHAN_XET", "điểm", "a.b-c_1"}

// maker writes random documents that are well-formed and namespace-correct,
// with everything canonical XML treats specially. strict ones are in the
// subset Parse takes; the others add CDATA and processing instructions.
type maker struct {
	r      *rand.Rand
	out    strings.Builder
	strict bool
	ids    bool // every second element gets an Id
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
	if m.ids && m.r.IntN(2) == 0 {
		attributes = append(attributes, fmt.Sprintf(`Id="e%d"`, m.size))
	}
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
		if depth < 6 && m.size < 120 && m.r.IntN(2) == 0 {
			m.element(depth+1, inner)
			continue
		}
		m.text()
	}
	m.out.WriteString("</" + name + m.pick("", " ") + ">")
}

func (m *maker) name(scope map[string]string) string {
	local := m.pick(names...)
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
			local = m.pick("lang", "space", "base")
			key = "xml|" + local
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
		value := m.pick("", "x", "&amp;&lt;>", "&#9;&#10;&#13;", "Nguyễn  Thị Ánh", "&quot;q&quot;", "𠀋&#x1F600;&#127;", " a  b ", "&apos;&#38;#38;", "&#x85;\u2028")
		quote := m.pick(`"`, `'`)
		out = append(out, local+m.pick("=", " = ")+quote+value+quote)
	}
	return out
}

func (m *maker) text() {
	if !m.strict && m.r.IntN(3) == 0 {
		m.out.WriteString(m.pick("<![CDATA[a<b&c>]]>", "<?lệnh nội dung  x?>", "<?p?>", "<![CDATA[]]>", "<!-- ghi chú -->", "<!---->", "<![CDATA[ ]]>&gt;"))
		return
	}
	m.out.WriteString(m.pick("chữ", " ", "\n\t", "&amp;", "&lt;&gt;", "&#13;&#xA;", "9 > 8 ]] \"'", "é\u0301ế", "𠀋&#x1F600;", "&#x85;\u2028\u0085", "&#38;#60;", "\u00a0"))
}

// documents is how many a differential test makes; more by hand:
// CANONICAL_DOCUMENTS=100000 go test -run Canonical ./internal/signing/xades
func documents(n int) int {
	if more, err := strconv.Atoi(os.Getenv("CANONICAL_DOCUMENTS")); err == nil && more > 0 {
		return more
	}
	return n
}

// made is a generated document and its canonical form as we write it.
type made struct{ raw, ours []byte }

func generate(t testing.TB, seed uint64) made {
	t.Helper()
	m := &maker{r: rand.New(rand.NewPCG(20260528, seed)), strict: seed%2 == 0}
	m.element(0, map[string]string{})
	raw := []byte(m.out.String())
	var root *etree.Element
	if m.strict {
		root = mustParse(t, string(raw)).Root()
	} else {
		doc := etree.NewDocument()
		if err := doc.ReadFromBytes(raw); err != nil {
			t.Fatalf("etree: %v\n%s", err, raw)
		}
		root = doc.Root()
	}
	ours, err := Canonical(root)
	if err != nil {
		t.Fatalf("canonical: %v\n%s", err, raw)
	}
	return made{raw, ours}
}

// comments are what xmllint writes and we leave out; text never looks like one.
var comments = regexp.MustCompile(`<!--.*?-->`)

// libxml2 writes the canonical forms of files one behind the other.
func libxml2(t testing.TB, files ...string) []byte {
	t.Helper()
	out, err := exec.Command(tool(t, "xmllint"), append([]string{"--nonet", "--exc-c14n"}, files...)...).Output()
	if err != nil {
		t.Fatalf("xmllint: %v", err)
	}
	return comments.ReplaceAll(out, nil)
}

// Every generated document must come out as libxml2 writes it.
func TestCanonical_EqualsLibxml2(t *testing.T) {
	tool(t, "xmllint")
	const batch = 500
	dir, seed := t.TempDir(), uint64(0)
	for left := documents(2000); left > 0; left -= batch {
		var list []made
		var files []string
		var joined []byte
		for range min(left, batch) {
			d := generate(t, seed)
			seed++
			file := filepath.Join(dir, fmt.Sprintf("%03d.xml", len(files)))
			if err := os.WriteFile(file, d.raw, 0o600); err != nil {
				t.Fatal(err)
			}
			list, files, joined = append(list, d), append(files, file), append(joined, d.ours...)
		}
		if bytes.Equal(libxml2(t, files...), joined) {
			continue
		}
		for i, file := range files {
			if theirs := libxml2(t, file); !bytes.Equal(theirs, list[i].ours) {
				t.Fatalf("document %d\n%s\nours    %s\nlibxml2 %s", seed-uint64(len(files)-i), list[i].raw, list[i].ours, theirs)
			}
		}
		t.Fatal("the joined outputs differ, no single one does")
	}
}

// The canonical form of an element deep in a document, whose namespaces are
// declared around it, must be what xmlsec1 digests: one signature with a
// reference to every second element.
func TestCanonical_OfElementsEqualsXMLSec(t *testing.T) {
	tool(t, "xmlsec1")
	file := filepath.Join(t.TempDir(), "signed.xml")
	elements := 0
	for seed := range uint64(documents(2000) / 50) {
		m := &maker{r: rand.New(rand.NewPCG(20260612, seed)), strict: true, ids: true}
		for range 8 {
			m.element(0, map[string]string{"p": "urn:a", "zz": "urn:b"})
		}
		raw := `<goc xmlns:p="urn:a" xmlns:zz="urn:b">` + m.out.String() + `SIGNATURE</goc>`
		raw, n := signedByHMAC(t, raw)
		if n == 0 {
			continue
		}
		elements += n
		if err := os.WriteFile(file, []byte(raw), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := xmlsecHMAC(t, file)
		if err != nil || !strings.Contains(out, fmt.Sprintf("SignedInfo References (ok/all): %d/%d", n, n)) {
			t.Fatalf("document %d: %v\n%s\n%s", seed, err, out, raw)
		}
	}
	if elements < 200 {
		t.Errorf("only %d elements were compared", elements)
	}
}

const hmacKey = "a key of this test alone"

// signedByHMAC puts a signature over every element with an Id in the place of
// the mark; n is how many there are.
func signedByHMAC(t *testing.T, raw string) (signed string, n int) {
	t.Helper()
	with := func(info, value string) string {
		return strings.Replace(raw, "SIGNATURE", `<ds:Signature xmlns:ds="`+DSig+`">`+info+`<ds:SignatureValue>`+value+`</ds:SignatureValue></ds:Signature>`, 1)
	}
	plain := mustParse(t, with("", ""))
	info := `<ds:SignedInfo><ds:CanonicalizationMethod Algorithm="` + excC14N + `"/><ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"/>`
	for _, el := range plain.Root().FindElements("//*[@Id]") {
		sum, err := plain.Digest(el)
		if err != nil {
			t.Fatal(err)
		}
		n++
		info += `<ds:Reference URI="#` + el.SelectAttrValue("Id", "") + `"><ds:Transforms><ds:Transform Algorithm="` + excC14N + `"/></ds:Transforms>` +
			`<ds:DigestMethod Algorithm="` + digestURI + `"/><ds:DigestValue>` + encode(sum[:]) + `</ds:DigestValue></ds:Reference>`
	}
	info += `</ds:SignedInfo>`
	doc := mustParse(t, with(info, ""))
	canonical, err := Canonical(doc.Root().FindElement("//SignedInfo"))
	if err != nil {
		t.Fatal(err)
	}
	h := hmac.New(sha256.New, []byte(hmacKey))
	h.Write(canonical)
	return with(info, base64.StdEncoding.EncodeToString(h.Sum(nil))), n
}

func xmlsecHMAC(t *testing.T, file string) (string, error) {
	t.Helper()
	key := filepath.Join(filepath.Dir(file), "key")
	if err := os.WriteFile(key, []byte(hmacKey), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"--verify", "--hmackey", key, "--enabled-reference-uris", "same-doc"}
	for _, space := range []string{"", "urn:a:", "urn:b:", "http://x.vn/?k=1;l=%C3%A1#z:"} {
		for _, local := range names {
			args = append(args, "--id-attr:Id", space+local)
		}
	}
	out, err := exec.Command(tool(t, "xmlsec1"), append(args, file)...).CombinedOutput()
	return string(out), err
}

// FuzzCanonical: what Parse takes, libxml2 takes, and both read the same.
func FuzzCanonical(f *testing.F) {
	xmllint := tool(f, "xmllint")
	f.Add([]byte(frameOf(testContent)))
	f.Add([]byte(`<p xmlns:p="http://x.vn/%Ay"/>`)) // libxml2 refuses a namespace that is no URI
	for seed := range uint64(20) {
		f.Add(generate(f, seed*2).raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		doc, err := Parse(raw)
		if err != nil {
			return
		}
		ours, err := Canonical(doc.Root())
		if err != nil {
			return
		}
		lint := exec.Command(xmllint, "--nonet", "--exc-c14n", "-")
		lint.Stdin = bytes.NewReader(raw)
		theirs, err := lint.Output()
		if err != nil || !bytes.Equal(theirs, ours) {
			t.Errorf("%v\n%q\nours    %q\nlibxml2 %q", err, raw, ours, theirs)
		}
	})
}
