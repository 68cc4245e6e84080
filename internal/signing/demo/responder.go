package demo

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha1" // the names of issuers in OCSP (RFC 6960 §4.1.1)
	"crypto/x509"
	"encoding/base64"
	"io"
	"maps"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/ocsp"

	"hocba/internal/fault"
)

// Mode is how a Responder behaves.
type Mode string

// The modes: as it should, or as authorities do on bad days.
const (
	Sound     Mode = "sound"
	Later     Mode = "later"     // OCSP tryLater, 503 for the list
	Expired   Mode = "expired"   // answers of last month
	Stranger  Mode = "stranger"  // OCSP knows no certificate
	Malformed Mode = "malformed" // bytes that are no answer
)

// answerHolds is how long an answer is good for.
const answerHolds = 6 * time.Hour

// Withdrawal is a certificate that the authority revoked.
type Withdrawal struct {
	Serial *big.Int
	At     time.Time
	Reason int // CRLReason of RFC 5280 §5.3.1
}

// Responder answers about the certificates of a CA as a real authority does:
// OCSP by GET and POST below /ocsp, the list at /crl, the issuing certificate
// at /ca. Safe for concurrent use.
type Responder struct {
	ca  *CA
	now func() time.Time

	mu        sync.Mutex
	mode      Mode
	withdrawn map[string]Withdrawal
	number    int64
	asked     int
}

// NewResponder answers for ca by the clock now.
func NewResponder(ca *CA, now func() time.Time) *Responder {
	return &Responder{ca: ca, now: now, mode: Sound, withdrawn: map[string]Withdrawal{}}
}

// Behave changes the mode. It fails with Invalid demo.mode for one that does
// not exist.
func (r *Responder) Behave(m Mode) error {
	if !slices.Contains([]Mode{Sound, Later, Expired, Stranger, Malformed}, m) {
		return fault.New(fault.Invalid, "demo.mode", "mode", string(m))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.mode = m
	return nil
}

// Withdraw revokes a certificate.
func (r *Responder) Withdraw(w Withdrawal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.withdrawn[w.Serial.String()] = w
	r.number++
}

// Restore ends a hold.
func (r *Responder) Restore(serial *big.Int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.withdrawn, serial.String())
	r.number++
}

// Asked returns how many questions came.
func (r *Responder) Asked() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked
}

// ServeHTTP answers.
func (r *Responder) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	r.mu.Lock()
	r.asked++
	mode, number, withdrawn := r.mode, r.number, maps.Clone(r.withdrawn)
	r.mu.Unlock()
	at := r.now().UTC().Truncate(time.Second)
	if mode == Expired {
		at = at.AddDate(0, -1, 0)
	}
	switch path := q.URL.Path; {
	case mode == Malformed:
		_, _ = w.Write([]byte("<html>maintenance</html>"))
	case path == "/ca":
		_, _ = w.Write(r.ca.issuing.Raw)
	case path == "/crl" && mode == Later:
		http.Error(w, "later", http.StatusServiceUnavailable)
	case path == "/crl":
		der, err := r.list(at, number, withdrawn)
		send(w, "application/pkix-crl", der, err)
	case path == "/ocsp" || strings.HasPrefix(path, "/ocsp/"):
		der, err := r.answer(question(q), at, mode, withdrawn)
		send(w, "application/ocsp-response", der, err)
	default:
		http.NotFound(w, q)
	}
}

func send(w http.ResponseWriter, kind string, der []byte, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(der)
}

// question reads an OCSP request; nil when it is none.
func question(q *http.Request) []byte {
	if q.Method == http.MethodPost {
		raw, _ := io.ReadAll(io.LimitReader(q.Body, 16<<10))
		return raw
	}
	text, err := url.PathUnescape(strings.TrimPrefix(q.URL.EscapedPath(), "/ocsp/"))
	if err != nil {
		return nil
	}
	raw, _ := base64.StdEncoding.DecodeString(text)
	return raw
}

func (r *Responder) answer(raw []byte, at time.Time, mode Mode, withdrawn map[string]Withdrawal) ([]byte, error) {
	q, err := ocsp.ParseRequest(raw)
	if err != nil {
		return ocsp.MalformedRequestErrorResponse, nil
	}
	if mode == Later {
		return ocsp.TryLaterErrorResponse, nil
	}
	t := ocsp.Response{Status: ocsp.Good, SerialNumber: q.SerialNumber, ThisUpdate: at, NextUpdate: at.Add(answerHolds), IssuerHash: crypto.SHA1}
	name := sha1.Sum(r.ca.issuing.RawSubject)
	if mode == Stranger || q.HashAlgorithm == crypto.SHA1 && !bytes.Equal(name[:], q.IssuerNameHash) {
		t.Status = ocsp.Unknown
	} else if w, ok := withdrawn[q.SerialNumber.String()]; ok {
		t.Status, t.RevokedAt, t.RevocationReason = ocsp.Revoked, w.At, w.Reason
	}
	return ocsp.CreateResponse(r.ca.issuing, r.ca.issuing, t, r.ca.key)
}

func (r *Responder) list(at time.Time, number int64, withdrawn map[string]Withdrawal) ([]byte, error) {
	t := &x509.RevocationList{Number: big.NewInt(number + 1), ThisUpdate: at, NextUpdate: at.Add(answerHolds)}
	for _, key := range slices.Sorted(maps.Keys(withdrawn)) {
		w := withdrawn[key]
		t.RevokedCertificateEntries = append(t.RevokedCertificateEntries,
			x509.RevocationListEntry{SerialNumber: w.Serial, RevocationTime: w.At, ReasonCode: w.Reason})
	}
	return x509.CreateRevocationList(rand.Reader, t, r.ca.issuing, r.ca.key)
}
