// Package sandbox is the other side of signing, for demonstrations and tests:
// a remote signing service that speaks CSC API v2 for real, and an agent with
// a USB token in a person's own machine. Both can be told to misbehave as
// services and tokens do. What they sign has no legal value: their
// certificates come from the authority of demonstrations.
//
// The package knows nothing of the portal and shares no code with the clients
// it is the counterpart of, but for the words on the wire.
package sandbox

import (
	"crypto"
	"crypto/x509"
	"encoding/json"
	"errors"
	"time"

	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/internal/signing/demo"
	"hocba/internal/signing/software"
)

// Holder is a person or a school with a key.
type Holder struct {
	User        string // the name at the service: "1", "2", …
	Name        string // in the certificate
	Key         crypto.Signer
	Certificate *signing.Certificate
}

// certificateYears is how long a sandbox certificate is valid.
const certificateYears = 2

// New makes a holder with a fresh key of an algorithm, as if on a device. Of r
// it takes whom the certificate is for; the rest is filled in.
func New(ca *demo.CA, algorithm signing.Algorithm, user string, r demo.Request, now time.Time) (Holder, error) {
	key, err := software.Generate(algorithm)
	if err != nil {
		return Holder{}, err
	}
	r.Device, r.NotBefore, r.NotAfter, r.PublicKey = true, now.AddDate(0, 0, -1), now.AddDate(certificateYears, 0, 0), key.Public()
	certificate, err := ca.Issue(r)
	return Holder{User: user, Name: r.Name, Key: key, Certificate: certificate}, err
}

// stored is a holder in a file.
type stored struct {
	User  string   `json:"user"`
	Name  string   `json:"name"`
	Key   []byte   `json:"key"`
	Chain [][]byte `json:"chain"`
}

// Encode writes holders with their keys, for a file that only its owner reads.
func Encode(holders []Holder) ([]byte, error) {
	var list []stored
	for _, h := range holders {
		der, err := x509.MarshalPKCS8PrivateKey(h.Key)
		if err != nil {
			return nil, fault.Wrap(err, fault.Invalid, "key.algorithm")
		}
		s := stored{User: h.User, Name: h.Name, Key: der, Chain: [][]byte{h.Certificate.Leaf().Raw}}
		for _, c := range h.Certificate.Intermediates() {
			s.Chain = append(s.Chain, c.Raw)
		}
		list = append(list, s)
	}
	raw, err := json.Marshal(list)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "sandbox.keys")
	}
	return raw, nil
}

// Decode reads what Encode wrote; it fails with Invalid sandbox.keys.
func Decode(raw []byte) ([]Holder, error) {
	var list []stored
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "sandbox.keys")
	}
	var out []Holder
	for _, s := range list {
		h, err := s.holder()
		if err != nil {
			return nil, fault.Wrap(err, fault.Invalid, "sandbox.keys")
		}
		out = append(out, h)
	}
	return out, nil
}

func (s stored) holder() (Holder, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(s.Key)
	if err != nil {
		return Holder{}, err
	}
	key, ok := parsed.(crypto.Signer)
	if !ok {
		return Holder{}, errors.New("not a signing key")
	}
	certificate, err := signing.ParseCertificate(s.Chain...)
	return Holder{User: s.User, Name: s.Name, Key: key, Certificate: certificate}, err
}
