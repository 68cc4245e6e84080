package main

import (
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"hocba/internal/signing"
	"hocba/internal/signing/demo"
)

// TestRegistryKey_FromRequestToUse goes an operator's whole way.
func TestRegistryKey_FromRequestToUse(t *testing.T) {
	t.Parallel()
	dir := withSchool(t)
	at := []string{"--data", dir}
	run := func(name string, rest ...string) (int, string, string) {
		t.Helper()
		return try(t, nil, append(append(strings.Fields(name), at...), rest...)...)
	}
	if status, out, said := run("registry-key list"); status != exitOK || !strings.Contains(out, "chưa có khóa ký biên nhận") {
		t.Fatalf("list: %d %s%s", status, out, said)
	}
	status, out, said := run("registry-key request")
	block, _ := pem.Decode([]byte(out))
	if status != exitOK || block == nil {
		t.Fatalf("request: %d %s%s", status, out, said)
	}
	request, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	ca, err := demo.New(nil, now.AddDate(0, 0, -2))
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Issue(demo.Request{Kind: demo.Receipt, Name: "Kho học bạ", Organization: "Sở", TaxCode: "0400000048", NotBefore: now.AddDate(0, 0, -1),
		NotAfter: now.AddDate(2, 0, 0), PublicKey: request.PublicKey})
	if err != nil {
		t.Fatal(err)
	}
	answer := kept(t, "kho.pem", signing.EncodePEM(cert.Leaf(), ca.Issuing()))
	if status, _, said := run("registry-key install", answer); status != exitFailed || !strings.Contains(said, "✗ ") {
		t.Fatalf("an authority nobody trusts: %d %s", status, said)
	}
	if status, _, said := run("trust add", "--trial", "--provider", "CA thử", "--decision", "1/QĐ", "--from", now.AddDate(0, 0, -1).Format("2006-01-02"),
		kept(t, "root.pem", ca.RootPEM())); status != exitOK {
		t.Fatalf("trust: %s", said)
	}
	// A fresh database refuses what a trial signed until the Sở says it is one.
	if status, _, said := run("registry-key install", answer); status != exitFailed || !strings.Contains(said, "✗ Quy định của Sở") {
		t.Fatalf("a trial's certificate in production: %d %s", status, said)
	}
	if status, _, said := run("registry-key install", kept(t, "note.txt", []byte("xin chào"))); status != exitFailed || !strings.Contains(said, "Không đọc được chứng thư") {
		t.Errorf("no certificate: %d %s", status, said)
	}
}
