package main

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/internal/signing/demo"
	"hocba/internal/signing/software"
	"hocba/internal/signing/timestamp"
)

// stamperFile is what the sandbox stamps with: the chain, then the key. The
// demonstration writes it, so that its portal trusts the sandbox at once.
const stamperFile = "sandbox-tsa.pem"

// stamperRootFile is the root of a sandbox that made its own.
const stamperRootFile = "sandbox-tsa-root.pem"

func defineSandboxTSA(f *flags) action {
	data, address, fail, delay := f.text("data", "./var"), f.text("listen", "127.0.0.1:8318"), f.text("fail", ""), f.number("delay", 0)
	return func(ctx context.Context, p *program, _ []string) error {
		if bad := timestamp.Misbehaviour(*fail); bad != "" && !slices.Contains(timestamp.Misbehaviours, bad) {
			return fault.New(fault.Invalid, "sandbox.fail", "value", *fail)
		}
		authority, err := sandboxTSA(p, *data)
		if err != nil {
			return err
		}
		authority.Fault, authority.Delay = timestamp.Misbehaviour(*fail), time.Duration(*delay)*time.Millisecond
		listener, err := listen(*address)
		if err != nil {
			return err
		}
		p.say("sandbox.tsa", "address", "http://"+listener.Addr().String())
		return answer(ctx, p, listener, &http.Server{Handler: authority, ReadHeaderTimeout: 10 * time.Second})
	}
}

// sandboxTSA loads what the sandbox stamps with, or makes it.
func sandboxTSA(p *program, folder string) (*timestamp.Authority, error) {
	path := filepath.Join(folder, stamperFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		if text, err = makeTSA(p, folder); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "command.file", "name", path)
	}
	var chain [][]byte
	for {
		block, rest := pem.Decode(text)
		switch {
		case block == nil:
			return nil, fault.New(fault.Invalid, "command.file", "name", path)
		case block.Type == "CERTIFICATE":
			chain = append(chain, block.Bytes)
			text = rest
			continue
		}
		certificate, err := signing.ParseCertificate(chain...)
		if err != nil {
			return nil, err
		}
		parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		key, ok := parsed.(crypto.Signer)
		if err != nil || !ok {
			return nil, fault.Wrap(err, fault.Invalid, "command.file", "name", path)
		}
		ahead, _ := strconv.Atoi(block.Headers["Clock-Offset"]) // of a demonstration, as its portal's clock
		now := func() time.Time { return time.Now().Add(time.Duration(ahead) * time.Second) }
		return &timestamp.Authority{Certificate: certificate, Key: key, Now: now}, nil
	}
}

// makeTSA makes an authority of its own and says where its root lies, which a
// portal must be told to trust.
func makeTSA(p *program, folder string) ([]byte, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "command.file", "name", folder)
	}
	from := time.Now().AddDate(0, 0, -1)
	ca, err := demo.New(nil, from)
	if err != nil {
		return nil, err
	}
	key, err := software.Generate(signing.ECDSASHA256)
	if err != nil {
		return nil, err
	}
	certificate, err := ca.IssueTimeStamper(key.Public(), from, from.AddDate(12, 0, 0))
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "demo.certificate")
	}
	text := append(signing.EncodePEM(certificate.Leaf(), ca.Issuing()), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})...)
	root := filepath.Join(folder, stamperRootFile)
	if err := os.WriteFile(root, ca.RootPEM(), 0o644); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "command.file", "name", root)
	}
	p.say("sandbox.tsa_root", "file", root)
	path := filepath.Join(folder, stamperFile)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "command.file", "name", path)
	}
	return text, nil
}
