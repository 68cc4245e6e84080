package jobstest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"net/http/httptest"
	"testing"
	"time"

	"hocba/db"
	"hocba/internal/signing/demo"
	"hocba/internal/signing/timestamp"
	"hocba/internal/workflow"
)

// Stamping starts a time-stamping authority of the cast's demonstration and has
// the Sở use it. The authority can be told to misbehave.
func (c *Chain) Stamping(t testing.TB, goOn bool) *timestamp.Authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ca, from := c.keys.ca, begin
	if now := c.D.Clock.Now(); now.After(begin.AddDate(5, 0, 0)) { // years later the authority is another
		from = now.Add(-time.Hour)
		ca = c.succeed(t, from)
	}
	certificate, err := ca.IssueTimeStamper(key.Public(), from, from.AddDate(10, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	authority := &timestamp.Authority{Certificate: certificate, Key: key, Now: c.D.Clock.Now}
	server := httptest.NewServer(authority)
	t.Cleanup(server.Close)
	err = c.D.As(t.Context(), c.Cast.Authority, func(tx *db.Tx) error {
		return tx.SetTimeStamping(t.Context(), db.TimeStamping{URL: server.URL, GoOn: goOn})
	})
	if err != nil {
		t.Fatal(err)
	}
	return authority
}

// succeed makes another demonstration authority and has the database trust it.
func (c *Chain) succeed(t testing.TB, from time.Time) *demo.CA {
	t.Helper()
	ca, err := demo.New(nil, from)
	if err != nil {
		t.Fatal(err)
	}
	err = c.D.As(t.Context(), workflow.Actor{Kind: workflow.System}, func(tx *db.Tx) error {
		return tx.Trust(t.Context(), db.NewTrust{Certificate: ca.Anchor().Certificate, Provider: "Trình diễn", Decision: "1/QĐ", Trial: true, From: from})
	})
	if err != nil {
		t.Fatal(err)
	}
	return ca
}
