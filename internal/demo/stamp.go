package demo

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"net"
	"net/http"
	"strconv"
	"time"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/internal/signing/software"
	"hocba/internal/signing/timestamp"
	"hocba/internal/workflow"
)

// openStamping has the demonstration's authority certify a time-stamping
// authority, which listens on this machine while the story is built. What it
// stamps with goes into the result, for `hocba sandbox tsa` to go on.
func (b *builder) openStamping(ctx context.Context) error {
	key, err := software.Generate(signing.ECDSASHA256)
	if err != nil {
		return err
	}
	from := b.clock.Now()
	certificate, err := b.ca.IssueTimeStamper(key.Public(), from, from.AddDate(12, 0, 0))
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fault.Wrap(err, fault.Internal, "demo.certificate")
	}
	b.stamperChain, b.stamperKey = signing.EncodePEM(certificate.Leaf(), certificate.Intermediates()[0]), der
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "stamp.unreachable")
	}
	server := &http.Server{Handler: &timestamp.Authority{Certificate: certificate, Key: key, Now: b.clock.Now}, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	b.closing = func() { _ = server.Close() }
	return b.setStamping(ctx, "http://"+listener.Addr().String())
}

// endStamping leaves the setting empty: nothing listens any more.
func (b *builder) endStamping(ctx context.Context) error {
	defer b.closing()
	// Its clock runs ahead as the portal's does.
	ahead := strconv.FormatInt(int64(b.clock.Now().Sub(b.Now)/time.Second), 10)
	b.result.TimeStamper = append(b.stamperChain,
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Headers: map[string]string{"Clock-Offset": ahead}, Bytes: b.stamperKey})...)
	return b.setStamping(ctx, "")
}

func (b *builder) setStamping(ctx context.Context, url string) error {
	sogd := workflow.Actor{Kind: workflow.System, UnitID: b.so.ID}
	return b.db.As(ctx, sogd, func(tx *db.Tx) error { return tx.SetTimeStamping(ctx, db.TimeStamping{URL: url}) })
}
