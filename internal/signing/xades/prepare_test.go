package xades

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"strings"
	"testing"
	"time"

	"hocba/internal/fault"
	"hocba/internal/signing"
)

func params(tb testing.TB, who identity) Params {
	tb.Helper()
	doc := mustParse(tb, frameOf(testContent))
	return Params{
		ID: "ky-1", References: refs(tb, doc, "part-a", "part-b"), Certificate: who.cert,
		SigningTime: testTime, Role: "GVBM",
	}
}

func TestPrepare_SurvivesStorage(t *testing.T) {
	for name, who := range map[string]identity{"RSA": withRSA(t), "P-256": withP256(t)} {
		t.Run(name, func(t *testing.T) {
			p := params(t, who)
			p.Intermediates = []*x509.Certificate{authority().cert}
			before, err := Prepare(p)
			if err != nil {
				t.Fatal(err)
			}
			stored, err := json.Marshal(before)
			if err != nil {
				t.Fatal(err)
			}
			var after Prepared
			if err := json.Unmarshal(stored, &after); err != nil {
				t.Fatal(err)
			}
			again, err := json.Marshal(&after)
			if err != nil || !bytes.Equal(stored, again) {
				t.Fatalf("state changed: %v", err)
			}
			if after.Digest() != before.Digest() || after.ID() != "ky-1" || after.Algorithm() != before.Algorithm() {
				t.Fatal("digest, id or algorithm changed")
			}
			digest := after.Digest()
			value, err := who.key.Sign(rand.Reader, digest[:], crypto.SHA256)
			if err != nil {
				t.Fatal(err)
			}
			one, err1 := before.Complete(value)
			two, err2 := after.Complete(value)
			if err1 != nil || err2 != nil || !bytes.Equal(one, two) {
				t.Fatalf("completed differently: %v %v", err1, err2)
			}
		})
	}
}

// The bytes returned are canonical already, alone and inside a document whose
// default namespace is another one.
func TestComplete_ReturnsCanonicalBytes(t *testing.T) {
	who := withP256(t)
	p := params(t, who)
	p.Role = `GVBM <"Toán"> & 'Tiếng Việt'`
	raw, err := Sign(p, who.key)
	if err != nil {
		t.Fatal(err)
	}
	doc := mustParse(t, frameOf(testContent, string(raw)))
	canonical, err := Canonical(doc.ByID("ky-1"))
	if err != nil || !bytes.Equal(canonical, raw) {
		t.Fatalf("%v\n%s\n%s", err, raw, canonical)
	}
	v, err := Verify(doc, doc.ByID("ky-1"))
	if err != nil || v.Role != p.Role {
		t.Fatalf("%v, role %q", err, v.Role)
	}
	id, value, err := SignatureValueCanonical(raw)
	if err != nil || id != "ky-1-gt" || id != ValueID("ky-1") {
		t.Fatal(id, err)
	}
	inPlace, err := Canonical(doc.ByID("ky-1-gt"))
	if err != nil || !bytes.Equal(inPlace, value) {
		t.Fatalf("%v\n%s\n%s", err, inPlace, value)
	}
}

func TestPrepare_SignedInfoIsTheCanonicalForm(t *testing.T) {
	who := withP256(t)
	prepared, err := Prepare(params(t, who))
	if err != nil {
		t.Fatal(err)
	}
	digest := prepared.Digest()
	value, err := who.key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := prepared.Complete(value)
	if err != nil {
		t.Fatal(err)
	}
	info, err := Canonical(mustParse(t, string(raw)).Root().ChildElements()[0])
	if err != nil || !bytes.Equal(info, prepared.SignedInfo()) || sha256.Sum256(info) != digest {
		t.Fatalf("%v\n%s\n%s", err, info, prepared.SignedInfo())
	}
}

func TestComplete_TakesBothSpellingsOfECDSA(t *testing.T) {
	who := withP256(t)
	prepared, err := Prepare(params(t, who))
	if err != nil {
		t.Fatal(err)
	}
	digest := prepared.Digest()
	der, err := who.key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	var v struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &v); err != nil {
		t.Fatal(err)
	}
	raw := append(v.R.FillBytes(make([]byte, 32)), v.S.FillBytes(make([]byte, 32))...)
	one, err1 := prepared.Complete(der)
	two, err2 := prepared.Complete(raw)
	if err1 != nil || err2 != nil || !bytes.Equal(one, two) {
		t.Fatalf("%v %v", err1, err2)
	}
	for name, bad := range map[string][]byte{
		"empty": nil, "short": raw[:63], "long": append(bytes.Clone(raw), 0), "zero": make([]byte, 64),
		"DER with a tail": append(bytes.Clone(der), 0), "swapped": append(bytes.Clone(raw[32:]), raw[:32]...),
	} {
		_, err := prepared.Complete(bad)
		if !fault.Is(err, "sig.value") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestComplete_RefusesAnotherKey(t *testing.T) {
	prepared, err := Prepare(params(t, withP256(t)))
	if err != nil {
		t.Fatal(err)
	}
	digest := prepared.Digest()
	value, err := withP256(t).key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	_, err = prepared.Complete(value)
	wantFault(t, err, "sig.value", "")
}

// A stored state somebody has altered must not become a signature, even when
// the signer signed what the altered state says.
func TestComplete_RefusesADamagedState(t *testing.T) {
	who := withP256(t)
	for name, c := range map[string]struct {
		alter      func(*Prepared)
		code, what string
	}{
		"other time":        {func(p *Prepared) { p.object = bytes.Replace(p.object, []byte("2026"), []byte("2025"), 1) }, "sig.digest", "properties"},
		"other certificate": {func(p *Prepared) { p.chain[0] = certify(t, "Người khác", who.key).cert.Raw }, "sig.certificate", "digest"},
		"other id":          {func(p *Prepared) { p.id = "ky-2" }, "", ""},
		"not canonical":     {func(p *Prepared) { p.info = bytes.Replace(p.info, []byte(" URI="), []byte("  URI="), 1) }, "sig.structure", "canonical"},
		"element in info":   {func(p *Prepared) { p.info = append(p.info, "<x></x>"...) }, "", ""},
		"broken markup":     {func(p *Prepared) { p.info = p.info[:40] }, "xml.malformed", ""},
		"other algorithm":   {func(p *Prepared) { p.algorithm = signing.RSASHA256 }, "sig.value", ""},
		"no certificate":    {func(p *Prepared) { p.chain = nil }, "sig.params", "certificate"},
		"bad certificate":   {func(p *Prepared) { p.chain[0] = []byte("x") }, "sig.certificate", "parse"},
	} {
		t.Run(name, func(t *testing.T) {
			prepared, err := Prepare(params(t, who))
			if err != nil {
				t.Fatal(err)
			}
			c.alter(prepared)
			digest := prepared.Digest()
			value, err := who.key.Sign(rand.Reader, digest[:], crypto.SHA256)
			if err != nil {
				t.Fatal(err)
			}
			_, err = prepared.Complete(value)
			if err == nil {
				t.Fatal("accepted")
			}
			if c.code != "" {
				wantFault(t, err, c.code, c.what)
			}
		})
	}
}

func TestPrepared_RefusesForeignState(t *testing.T) {
	for _, bad := range []string{`[]`, `{}`, `{"version":2,"id":"a","certificates":["AA=="]}`, `{"version":1,"id":"1","certificates":["AA=="]}`} {
		if err := new(Prepared).UnmarshalJSON([]byte(bad)); !fault.Is(err, "sig.state") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestPrepare_RefusesByName(t *testing.T) {
	who := withP256(t)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	weak := certify(t, "P-384", p384).cert
	for what, alter := range map[string]func(*Params){
		"id":            func(p *Params) { p.ID = "1" },
		"references":    func(p *Params) { p.References = nil },
		"uri":           func(p *Params) { p.References[0].URI = "" },
		"type":          func(p *Params) { p.References[0].Type = propsType },
		"duplicate":     func(p *Params) { p.References[1].URI = p.References[0].URI },
		"time":          func(p *Params) { p.SigningTime = time.Time{} },
		"role":          func(p *Params) { p.Role = "a\nb" },
		"certificate":   func(p *Params) { p.Certificate = nil },
		"intermediates": func(p *Params) { p.Intermediates = make([]*x509.Certificate, MaxIntermediates+1) },
	} {
		p := params(t, who)
		alter(&p)
		_, err := Prepare(p)
		t.Run(what, func(t *testing.T) { wantFault(t, err, "sig.params", what) })
	}
	for _, uri := range []string{"part-a", "#", "#a b", "#ky-1", "#ky-1-gt", "#ky-1-xades", `#x" Type="`} {
		p := params(t, who)
		p.References[0].URI = uri
		if _, err := Prepare(p); !fault.Is(err, "sig.params") {
			t.Errorf("uri %q: %v", uri, err)
		}
	}
	p := params(t, who)
	p.Certificate = weak
	_, err = Prepare(p)
	wantFault(t, err, "key.algorithm", "")
}

type brokenSigner struct {
	crypto.Signer
	err error
}

func (b brokenSigner) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return nil, b.err }

func TestSign_PassesTheSignersFault(t *testing.T) {
	who := withP256(t)
	_, err := Sign(params(t, who), brokenSigner{who.key, errors.New("token unplugged")})
	wantFault(t, err, "sig.signer", "")
	_, err = Sign(params(t, who), brokenSigner{who.key, fault.New(fault.Locked, "key.closed")})
	wantFault(t, err, "key.closed", "")
}

func TestSignatureValueCanonical_RefusesOtherThings(t *testing.T) {
	for _, bad := range []string{
		`<a Id="x"/>`,
		`<ds:Signature xmlns:ds="` + DSig + `" Id="x"/>`,
		`<ds:Signature xmlns:ds="` + DSig + `" Id="x"><a Id="x-gt"/></ds:Signature>`,
		`<ds:Signature xmlns:ds="` + DSig + `" Id="x"><a><ds:SignatureValue Id="x-gt"/></a></ds:Signature>`,
	} {
		if _, _, err := SignatureValueCanonical([]byte(bad)); !fault.Is(err, "sig.structure") {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if _, _, err := SignatureValueCanonical([]byte("<a>")); !fault.Is(err, "xml.malformed") {
		t.Error(err)
	}
}

// FuzzPrepared: no stored state, whatever is in it, makes Complete return
// something that does not verify.
func FuzzPrepared(f *testing.F) {
	who := withP256(f)
	prepared, err := Prepare(params(f, who))
	if err != nil {
		f.Fatal(err)
	}
	state, err := json.Marshal(prepared)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(state)
	f.Add([]byte(strings.Replace(string(state), "ky-1", "ky-2", 1)))
	f.Fuzz(func(t *testing.T, state []byte) {
		var p Prepared
		if json.Unmarshal(state, &p) != nil {
			return
		}
		digest := p.Digest()
		value, err := who.key.Sign(nil, digest[:], crypto.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := p.Complete(value)
		if err != nil {
			return
		}
		s, err := readSignature(mustParse(t, string(raw)).Root())
		if err == nil {
			err = s.checkValue()
		}
		if err != nil {
			t.Fatalf("completed but not verifiable: %v", err)
		}
	})
}
