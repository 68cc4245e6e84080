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
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"time"

	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/internal/signing/demo"
	"hocba/internal/signing/software"
)

// Holder is a person or a school with a key.
type Holder struct {
	User        string // "1", "2", …: the name at the service
	Name        string
	Key         crypto.Signer
	Certificate *signing.Certificate
}

// stored is a holder in the file.
type stored struct {
	User  string   `json:"user"`
	Name  string   `json:"name"`
	Key   []byte   `json:"key"`
	Chain [][]byte `json:"chain"`
}

// certificateYears is how long a sandbox certificate is valid.
const certificateYears = 2

// Holders returns the keys of these people, the same ones each time: those in
// the file, and fresh ones of the algorithm for whoever is new, written back so
// that only the owner reads them. It fails with Invalid sandbox.file.
func Holders(file string, ca *demo.CA, algorithm signing.Algorithm, names []string, now time.Time) ([]Holder, error) {
	var kept []stored
	raw, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(raw, &kept)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Wrap(err, fault.Invalid, "sandbox.file", "name", file)
	}
	var out []Holder
	for _, name := range names {
		at := -1
		for i, k := range kept {
			if k.Name == name {
				at = i
			}
		}
		if at < 0 {
			fresh, err := newHolder(ca, algorithm, strconv.Itoa(len(kept)+1), name, now)
			if err != nil {
				return nil, err
			}
			kept, at = append(kept, fresh), len(kept)
		}
		h, err := kept[at].holder()
		if err != nil {
			return nil, fault.Wrap(err, fault.Invalid, "sandbox.file", "name", file)
		}
		out = append(out, h)
	}
	if raw, err = json.Marshal(kept); err == nil {
		err = os.WriteFile(file, raw, 0o600)
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "sandbox.file", "name", file)
	}
	return out, nil
}

func newHolder(ca *demo.CA, algorithm signing.Algorithm, user, name string, now time.Time) (stored, error) {
	key, err := software.Generate(algorithm)
	if err != nil {
		return stored{}, err
	}
	certificate, err := ca.Issue(demo.Request{Kind: demo.Person, Name: name, PersonalNumber: fmt.Sprintf("0480%08s", user), Device: true,
		NotBefore: now.AddDate(0, 0, -1), NotAfter: now.AddDate(certificateYears, 0, 0), PublicKey: key.Public()})
	if err != nil {
		return stored{}, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return stored{}, err
	}
	s := stored{User: user, Name: name, Key: der, Chain: [][]byte{certificate.Leaf().Raw}}
	for _, c := range certificate.Intermediates() {
		s.Chain = append(s.Chain, c.Raw)
	}
	return s, nil
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
