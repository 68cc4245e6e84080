package revocation_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"net/http/httptest"
	"testing"
	"time"

	"hocba/internal/signing/demo"
	"hocba/internal/signing/revocation"
)

// FuzzReadCRL: whatever is done to a list, it never says that a certificate
// that stands on it is good.
func FuzzReadCRL(f *testing.F) {
	now := time.Date(2026, 5, 20, 8, 0, 0, 0, time.UTC)
	ca, err := demo.New(nil, now.AddDate(-1, 0, 0))
	if err != nil {
		f.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	c, err := ca.Issue(demo.Request{Kind: demo.Seal, Name: "Trường", TaxCode: "4000123456", PublicKey: key.Public(),
		NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0)})
	if err != nil {
		f.Fatal(err)
	}
	responder := demo.NewResponder(ca, func() time.Time { return now })
	responder.Withdraw(demo.Withdrawal{Serial: c.Leaf().SerialNumber, At: now.AddDate(0, 0, -1), Reason: 1})
	w := httptest.NewRecorder()
	responder.ServeHTTP(w, httptest.NewRequest("GET", "/crl", nil))
	f.Add(w.Body.Bytes())
	f.Fuzz(func(t *testing.T, raw []byte) {
		if v := revocation.ReadCRL(raw, c.Leaf(), ca.Issuing(), now); v.Status == revocation.Good {
			t.Errorf("good by %d bytes", len(raw))
		}
		if v := revocation.ReadOCSP(raw, c.Leaf(), ca.Issuing(), now); v.Status != revocation.Unknown {
			t.Errorf("%s by %d bytes", v.Status, len(raw))
		}
	})
}
