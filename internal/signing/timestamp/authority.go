package timestamp

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/asn1"
	"io"
	"math/big"
	"net/http"
	"time"

	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/internal/signing/cms"
)

// Authority answers requests. It is what `hocba sandbox tsa` and the tests
// speak to; a province uses a licensed one.
type Authority struct {
	Certificate *signing.Certificate
	Key         crypto.Signer
	Now         func() time.Time
	// Fault departs from the protocol on purpose; the zero value answers as it
	// must be.
	Fault Misbehaviour
	// Delay holds every answer back.
	Delay time.Duration
}

// Misbehaviour is a way in which an authority can fail its clients.
type Misbehaviour string

// The ways.
const (
	Refuses      Misbehaviour = "refuse"        // status 2, rejection
	WrongImprint Misbehaviour = "wrong-imprint" // stamps another hash
	WrongNonce   Misbehaviour = "wrong-nonce"
	ClockOff     Misbehaviour = "clock-off" // a day behind
	Garbled      Misbehaviour = "garbled"   // half an answer
)

// Misbehaviours lists them.
var Misbehaviours = []Misbehaviour{Refuses, WrongImprint, WrongNonce, ClockOff, Garbled}

// sandboxPolicy is the policy the tokens name, under the arc of the demonstration.
var sandboxPolicy = asn1.ObjectIdentifier{2, 25, 1763585851, 3}

// ServeHTTP answers one request.
func (a *Authority) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBytes))
	if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != queryType {
		http.Error(w, "application/timestamp-query by POST", http.StatusBadRequest)
		return
	}
	select {
	case <-time.After(a.Delay):
	case <-r.Context().Done():
		return
	}
	answer, err := a.Answer(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if a.Fault == Garbled {
		answer = answer[:len(answer)/2]
	}
	w.Header().Set("Content-Type", replyType)
	_, _ = w.Write(answer) // whoever does not wait for the end asks again
}

// Answer returns the DER of the response to the DER of a request.
func (a *Authority) Answer(query []byte) ([]byte, error) {
	var q request
	if rest, err := asn1.Unmarshal(query, &q); err != nil || len(rest) > 0 || q.Version != 1 ||
		!q.Imprint.Algorithm.Algorithm.Equal(oidSHA256) || len(q.Imprint.Hash) != sha256.Size || a.Fault == Refuses {
		return asn1.Marshal(struct{ Status statusInfo }{statusInfo{Status: 2, Text: []asn1.RawValue{{Tag: asn1.TagUTF8String, Bytes: []byte("refused")}}}})
	}
	token, err := a.stamp(q)
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(response{Token: asn1.RawValue{FullBytes: token}})
}

func (a *Authority) stamp(q request) ([]byte, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "stamp.unreachable")
	}
	now := a.Now().UTC()
	switch a.Fault {
	case WrongImprint:
		q.Imprint.Hash = make([]byte, sha256.Size)
	case WrongNonce:
		q.Nonce = big.NewInt(1)
	case ClockOff:
		now = now.AddDate(0, 0, -1)
	}
	policy := q.Policy
	if policy == nil {
		policy = sandboxPolicy
	}
	info, err := asn1.Marshal(tstInfo{Version: 1, Policy: policy, Imprint: q.Imprint, Serial: serial,
		Time:     asn1.RawValue{Class: asn1.ClassUniversal, Tag: asn1.TagGeneralizedTime, Bytes: []byte(now.Truncate(time.Second).Format("20060102150405Z"))},
		Accuracy: accuracy{Seconds: 1}, Nonce: q.Nonce})
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "stamp.form", "what", "content")
	}
	return cms.Sign(cms.Params{Type: oidTSTInfo, Content: info, Certificate: a.Certificate, Key: a.Key})
}

// Stamp returns a token over imprint, for who holds the authority itself.
func (a *Authority) Stamp(imprint [sha256.Size]byte) ([]byte, error) {
	return a.stamp(request{Version: 1, Imprint: imprintOf(imprint)})
}
