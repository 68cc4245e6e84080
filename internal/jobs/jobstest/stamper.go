package jobstest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"net/http/httptest"
	"testing"

	"hocba/db"
	"hocba/internal/signing/timestamp"
)

// Stamping starts a time-stamping authority of the cast's demonstration and has
// the Sở use it. The authority can be told to misbehave.
func (c *Chain) Stamping(t testing.TB, goOn bool) *timestamp.Authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := c.keys.ca.IssueTimeStamper(key.Public(), begin, begin.AddDate(10, 0, 0))
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
