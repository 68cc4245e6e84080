package main

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/internal/signing/demo"
)

// authorityFile is the authority of the sandbox: root, issuing authority, key.
const authorityFile = "sandbox-ca.pem"

// authorityRootFile is its root, which a portal must be told to trust.
const authorityRootFile = "sandbox-ca-root.pem"

func defineSandboxCA(f *flags) action {
	data, address := f.text("data", "./var"), f.text("listen", "127.0.0.1:8320")
	return func(ctx context.Context, p *program, _ []string) error {
		ca, err := sandboxCA(p, *data)
		if err != nil {
			return err
		}
		listener, err := listen(*address)
		if err != nil {
			return err
		}
		base := "http://" + listener.Addr().String()
		office := &caOffice{ca: ca, responder: demo.NewResponder(ca, time.Now), base: base}
		p.say("sandbox.ca", "address", base)
		return answer(ctx, p, listener, &http.Server{Handler: office.handler(), ReadHeaderTimeout: 10 * time.Second})
	}
}

// sandboxCA loads the authority, or makes it and says where its root lies.
func sandboxCA(p *program, folder string) (*demo.CA, error) {
	path := filepath.Join(folder, authorityFile)
	text, err := os.ReadFile(path)
	if err == nil {
		return demo.Load(text, nil)
	}
	if !errors.Is(err, os.ErrNotExist) {
		return nil, fault.Wrap(err, fault.Unavailable, "command.file", "name", path)
	}
	ca, err := demo.New(nil, time.Now().AddDate(0, 0, -2))
	if err != nil {
		return nil, err
	}
	if text, err = ca.MarshalPEM(); err != nil {
		return nil, err
	}
	root := filepath.Join(folder, authorityRootFile)
	err = os.MkdirAll(folder, 0o755)
	if err == nil {
		err = os.WriteFile(path, text, 0o600)
	}
	if err == nil {
		err = os.WriteFile(root, ca.RootPEM(), 0o644)
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "command.file", "name", folder)
	}
	p.say("sandbox.ca_root", "file", root)
	return ca, nil
}

// caOffice is the counter of the authority beside its responder: certificates
// for requests, revocation, and bad days.
type caOffice struct {
	ca        *demo.CA
	responder *demo.Responder
	base      string
}

func (o *caOffice) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", o.responder)
	mux.HandleFunc("POST /issue", o.counter(o.issue))
	mux.HandleFunc("POST /withdraw", o.counter(o.withdraw))
	mux.HandleFunc("POST /restore", o.counter(o.restore))
	mux.HandleFunc("POST /mode", o.counter(func(r *http.Request) ([]byte, error) {
		return nil, o.responder.Behave(demo.Mode(r.URL.Query().Get("is")))
	}))
	return mux
}

// counter serves no page of another site: a browser names its origin.
func (o *caOffice) counter(act func(*http.Request) ([]byte, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Origin") != "" {
			http.Error(w, "no pages", http.StatusForbidden)
			return
		}
		out, err := act(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		_, _ = w.Write(out)
	}
}

// issue answers a PKCS #10 request with a certificate and its chain, as PEM. The
// query names the holder: kind=seal|person, name, number, months, device=1.
func (o *caOffice) issue(r *http.Request) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r.Body, 64<<10))
	if err != nil {
		return nil, err
	}
	if block, _ := pem.Decode(raw); block != nil {
		raw = block.Bytes
	}
	csr, err := x509.ParseCertificateRequest(bytes.TrimSpace(raw))
	if err == nil {
		err = csr.CheckSignature()
	}
	if err != nil {
		return nil, err
	}
	q := r.URL.Query()
	months, err := strconv.Atoi(q.Get("months"))
	if err != nil || months < 1 || months > 120 {
		months = 24
	}
	now := time.Now()
	request := demo.Request{Kind: demo.Seal, Name: q.Get("name"), TaxCode: q.Get("number"), NotBefore: now.AddDate(0, 0, -1), NotAfter: now.AddDate(0, months, 0),
		PublicKey: csr.PublicKey, OCSP: []string{o.base + "/ocsp"}, CRL: []string{o.base + "/crl"}, Device: q.Get("device") != ""}
	if q.Get("kind") == "person" {
		request.Kind, request.PersonalNumber, request.TaxCode = demo.Person, request.TaxCode, ""
	}
	cert, err := o.ca.Issue(request)
	if err != nil {
		return nil, err
	}
	return signing.EncodePEM(cert.Leaf(), o.ca.Issuing()), nil
}

func serial(r *http.Request) (*big.Int, error) {
	n, ok := new(big.Int).SetString(r.URL.Query().Get("serial"), 16)
	if !ok {
		return nil, fmt.Errorf("serial: a number in hex")
	}
	return n, nil
}

// withdraw revokes serial (hex) now, for reason (CRLReason).
func (o *caOffice) withdraw(r *http.Request) ([]byte, error) {
	n, err := serial(r)
	if err != nil {
		return nil, err
	}
	reason, _ := strconv.Atoi(r.URL.Query().Get("reason"))
	o.responder.Withdraw(demo.Withdrawal{Serial: n, At: time.Now().UTC().Truncate(time.Second), Reason: reason})
	return nil, nil
}

func (o *caOffice) restore(r *http.Request) ([]byte, error) {
	n, err := serial(r)
	if err == nil {
		o.responder.Restore(n)
	}
	return nil, err
}
