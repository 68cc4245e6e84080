package pades_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/internal/signing/demo"
	"hocba/internal/signing/pades"
	"hocba/internal/signing/pades/padestest"
	"hocba/internal/signing/timestamp"
)

type sealer struct {
	ca     *demo.CA
	trust  *signing.TrustList
	params pades.Params
}

var version = sha256.Sum256([]byte("học bạ"))

func newSealer(t testing.TB, key crypto.Signer) sealer {
	t.Helper()
	from := time.Now().Add(-time.Hour).Truncate(time.Second)
	ca := must(demo.New(nil, from))(t)
	c := must(ca.Issue(demo.Request{Kind: demo.Receipt, Name: "Kho học bạ số", Organization: "Sở GD&ĐT", TaxCode: "4000999999",
		PublicKey: key.Public(), NotBefore: from, NotAfter: from.AddDate(5, 0, 0)}))(t)
	return sealer{ca, must(signing.NewTrustList([]signing.Anchor{ca.Anchor()}, nil))(t),
		pades.Params{Certificate: c, Key: key, Name: "Sở GD&ĐT Đà Nẵng", Reason: "Bản giấy (thử)", Version: version, At: time.Now()}}
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err, argsOf(err))
		}
		return v
	}
}

func argsOf(err error) map[string]string {
	if f := fault.As(err); f != nil {
		return f.Args
	}
	return nil
}

func p256(t testing.TB) crypto.Signer {
	return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
}

// stamped has the seal stamped by an authority of the same demonstration.
func (s sealer) stamped(t testing.TB) sealer {
	t.Helper()
	key := p256(t)
	c := must(s.ca.IssueTimeStamper(key.Public(), s.params.Certificate.NotBefore(), s.params.Certificate.NotAfter()))(t)
	authority := &timestamp.Authority{Certificate: c, Key: key, Now: time.Now}
	s.params.Stamp = authority.Stamp
	return s
}

func TestSeal_HoldsAndSaysWhatItSealed(t *testing.T) {
	s := newSealer(t, p256(t)).stamped(t)
	raw := must(pades.Seal(padestest.Plain("Em Ánh học tốt"), s.params))(t)
	sealed, file, err := pades.Verify(raw)
	if err != nil {
		t.Fatal(err, argsOf(err))
	}
	if sealed.Version != hex.EncodeToString(version[:]) || time.Since(sealed.At) > time.Minute || sealed.Certificate.TaxCode() != "4000999999" {
		t.Errorf("%+v", sealed)
	}
	if _, err := sealed.Stamp.Check(sealed.Imprint, s.trust); err != nil {
		t.Error(err)
	}
	if text := must(file.Text())(t); text != "EmÁnhhọctốt\n" {
		t.Errorf("text %q", text)
	}
	if _, err := pades.Seal(raw, s.params); !fault.Is(err, "pdf.sealed") {
		t.Errorf("sealed twice: %v", err)
	}
}

func TestVerify_RefusesEveryChangedByte(t *testing.T) {
	raw := must(pades.Seal(padestest.Plain("Em Ánh"), newSealer(t, p256(t)).params))(t)
	for i := range raw {
		if i%97 != 0 && i+40 < len(raw) && bytes.Count(raw[i:i+40], []byte("0")) == 40 {
			continue // the room behind the signature, of which a sample does
		}
		forged := bytes.Clone(raw)
		forged[i] ^= 1
		if _, _, err := pades.Verify(forged); err == nil {
			t.Fatalf("byte %d of %d: %q", i, len(raw), raw[max(0, i-30):i+1])
		}
	}
	for _, n := range []int{0, 10, len(raw) / 2, len(raw) - 1} {
		if _, _, err := pades.Verify(raw[:n]); err == nil {
			t.Errorf("cut at %d", n)
		}
	}
}

// Shadow attacks: the seal's digest holds, and a viewer shows something else.
func TestVerify_OnlyTheSealedRevisionCounts(t *testing.T) {
	params := newSealer(t, p256(t)).params
	raw := must(pades.Seal(padestest.Plain("Toán 6"), params))(t)
	other := "<< /Length 30 >>\nstream\nBT /F4 12 Tf <00010002> Tj  ET \nendstream"
	hidden := padestest.Update(padestest.Plain("Toán 6"), 4, other, "1 0 R")
	for name, c := range map[string]struct {
		raw  []byte
		want string
	}{
		"replaced content":              {padestest.Update(raw, 4, other, "1 0 R"), "pdf.after_seal"},
		"another catalogue, no form":    {padestest.Update(raw, 20, "<< /Type /Catalog /Pages 2 0 R >>", "20 0 R"), "pdf.after_seal"},
		"a comment at the end":          {append(bytes.Clone(raw), "% x\n"...), "pdf.after_seal"},
		"a revision hidden before":      {hidden, "pdf.unsealed"},
		"not sealed":                    {padestest.Plain("Toán 6"), "pdf.unsealed"},
		"the signature in another file": {transplant(raw, must(pades.Seal(padestest.Plain("Toán 10"), params))(t)), "pdf.changed"},
	} {
		if _, _, err := pades.Verify(c.raw); !fault.Is(err, c.want) {
			t.Errorf("%s: %v %v, want %s", name, err, argsOf(err), c.want)
		}
	}
	if _, err := pades.Seal(hidden, params); !fault.Is(err, "pdf.sealed") {
		t.Errorf("a file of two revisions was sealed: %v", err)
	}
}

// transplant puts the signature of one file into another.
func transplant(from, into []byte) []byte {
	value := func(raw []byte) []byte {
		i := bytes.Index(raw, []byte("/Contents <3")) + len("/Contents <")
		return raw[i : i+bytes.IndexByte(raw[i:], '>')]
	}
	return bytes.Replace(into, value(into), value(from), 1)
}

// FuzzOpen feeds tables, objects, streams, fonts and the signature dictionary
// to the reader, from small files: thousands a second. Nobody's seal holds over
// them, and reading costs no more than a paper may.
func FuzzOpen(f *testing.F) {
	page := "<< /Type /Page /Parent 2 0 R /Resources << /Font << /F 5 0 R >> /XObject << /X 7 0 R >> >> /Contents [4 0 R] >>"
	content := []byte("BT /F 1 Tf [<0001> -5 <0002>] TJ <0001> Tj ET /X Do")
	font := "<< /Type /Font /Subtype /Type0 /Encoding /Identity-H /ToUnicode 6 0 R >>"
	ranges := []byte("1 beginbfrange <0001> <0009> <0041> <000A> <000B> [<0042> <0043>] endbfrange 1 beginbfchar <0010> <1EA1> endbfchar")
	form := padestest.Stream("/Subtype /Form", []byte("q BT /F 1 Tf <0001> ' ET Q"))
	f.Add(padestest.File(catalogue, onePage, page, padestest.Stream("", content), font, padestest.Stream("", ranges), form))
	f.Add(padestest.File(catalogue, onePage, page, padestest.Deflated(content), font, padestest.Deflated(ranges), form))
	f.Add(padestest.File("<< /Type /Catalog /AcroForm << /Fields [2 0 R] >> >>", "<< /FT /Sig /V 3 0 R >>",
		"<< /Type /Sig /ByteRange [0 170 190 300] /Contents <3082000030820000> /SubFilter /ETSI.CAdES.detached /N#41me (a\\(b\\051) >>"))
	f.Add(padestest.Update(padestest.File(catalogue, "<< >>"), 2, "[1 -2.5 true null (x) <41> /N 1 0 R]", "1 0 R"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if s, _, err := pades.Verify(raw); err == nil {
			t.Errorf("accepted %d bytes: %+v", len(raw), s)
		}
		file, err := pades.Open(raw)
		if err != nil {
			return
		}
		text, err := file.Text()
		again, err2 := file.Text()
		if text != again || (err == nil) != (err2 == nil) {
			t.Errorf("read twice: %q %v, %q %v", text, err, again, err2)
		}
	})
}

func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is not installed", name)
		}
		t.Skipf("%s is not installed", name)
	}
	return path
}

func run(t *testing.T, dir, name string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command(tool(t, name), args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// Poppler and OpenSSL share no code with us.
func TestOutside_PdfsigAndOpenSSLAcceptTheSeal(t *testing.T) {
	for name, key := range map[string]crypto.Signer{"P-256": p256(t), "RSA": must(rsa.GenerateKey(rand.Reader, 2048))(t)} {
		s := newSealer(t, key).stamped(t)
		raw := must(pades.Seal(padestest.Plain("Em Ánh học tốt"), s.params))(t)
		dir := t.TempDir()
		forged := bytes.Replace(raw, []byte("50 700 Tm"), []byte("50 701 Tm"), 1)
		i := bytes.Index(raw, []byte("/Contents <3")) + len("/Contents ")
		end := i + bytes.IndexByte(raw[i:], '>') + 1
		der := must(hex.DecodeString(string(raw[i+1 : end-1])))(t)
		length := 4 + int(der[2])<<8 + int(der[3])
		for file, b := range map[string][]byte{"sealed.pdf": raw, "forged.pdf": forged, "root.pem": s.ca.RootPEM(), "cms.der": der[:length],
			"covered": append(bytes.Clone(raw[:i]), raw[end:]...)} {
			if err := os.WriteFile(filepath.Join(dir, file), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if out, err := run(t, dir, "openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "cms.der", "-content", "covered",
			"-CAfile", "root.pem", "-purpose", "any", "-out", "/dev/null"); err != nil {
			t.Errorf("%s: openssl: %v\n%s", name, err, out)
		}
		for _, args := range [][]string{{"-N", "-d", "sql:."}, {"-A", "-d", "sql:.", "-n", "root", "-t", "CT,C,C", "-i", "root.pem"}} {
			if out, err := run(t, dir, "certutil", append(args, "--empty-password")[:len(args)+map[bool]int{true: 1, false: 0}[args[0] == "-N"]]...); err != nil {
				t.Fatalf("certutil: %v\n%s", err, out)
			}
		}
		out, err := run(t, dir, "pdfsig", "-nssdir", "sql:.", "sealed.pdf")
		for _, want := range []string{"Signature is Valid", "Certificate is Trusted", "Total document signed", "ETSI.CAdES.detached"} {
			if !strings.Contains(out, want) {
				t.Errorf("%s: pdfsig does not say %q: %v\n%s", name, want, err, out)
			}
		}
		if out, _ := run(t, dir, "pdfsig", "-nssdir", "sql:.", "forged.pdf"); !strings.Contains(out, "Digest Mismatch") {
			t.Errorf("%s: pdfsig about a forged file:\n%s", name, out)
		}
	}
}
