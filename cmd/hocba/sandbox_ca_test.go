package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"hocba/internal/signing"
	"hocba/internal/signing/demo"
	"hocba/internal/signing/revocation"
)

// TestSandboxCA_IssuesAnswersAndRevokes plays a school's whole way with the
// authority: a request, a certificate, its state, its end.
func TestSandboxCA_IssuesAnswersAndRevokes(t *testing.T) {
	t.Parallel()
	p := &program{stdout: io.Discard, stderr: io.Discard, env: func(string) string { return "" }}
	folder := t.TempDir()
	ca, err := sandboxCA(p, folder)
	if err != nil {
		t.Fatal(err)
	}
	again, err := sandboxCA(p, folder)
	if err != nil || !again.Issuing().Equal(ca.Issuing()) {
		t.Fatalf("the authority was made anew: %v", err)
	}
	office := &caOffice{ca: ca, responder: demo.NewResponder(ca, time.Now)}
	server := httptest.NewServer(office.handler())
	defer server.Close()
	office.base = server.URL
	post := func(path string, body []byte, header ...string) (int, []byte) {
		t.Helper()
		req, err := http.NewRequest(http.MethodPost, server.URL+path, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if len(header) == 2 {
			req.Header.Set(header[0], header[1])
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		out, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, out
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		t.Fatal(err)
	}
	csr := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})
	who := "?" + url.Values{"name": {"Trường Tiểu học Hoa Phượng"}, "number": {"0400111222"}, "device": {"1"}}.Encode()
	if code, _ := post("/issue"+who, csr, "Origin", "http://evil.example"); code != http.StatusForbidden {
		t.Errorf("a page of another site got %d", code)
	}
	if code, _ := post("/issue"+who, []byte("x")); code != http.StatusBadRequest {
		t.Errorf("no request got %d", code)
	}
	code, out := post("/issue"+who, csr)
	if code != http.StatusOK {
		t.Fatalf("%d %s", code, out)
	}
	cert, err := signing.ParseCertificatePEM(out)
	if err != nil || cert.TaxCode() != "0400111222" {
		t.Fatalf("%v %v", cert, err)
	}
	ask := func() revocation.Status {
		c := revocation.New(revocation.Options{Inside: []string{strings.TrimPrefix(server.URL, "http://")}})
		return c.Check(t.Context(), cert.Leaf(), ca.Issuing()).Status
	}
	serial := "serial=" + cert.Leaf().SerialNumber.Text(16)
	for _, step := range []struct {
		path string
		want revocation.Status
	}{{"", revocation.Good}, {"/withdraw?reason=6&" + serial, revocation.Revoked}, {"/restore?" + serial, revocation.Good},
		{"/mode?is=later", revocation.Unknown}, {"/mode?is=sound", revocation.Good}} {
		if step.path != "" {
			if code, out := post(step.path, nil); code != http.StatusOK {
				t.Fatalf("%s: %d %s", step.path, code, out)
			}
		}
		if got := ask(); got != step.want {
			t.Errorf("after %q: %s, want %s", step.path, got, step.want)
		}
	}
}
