package remote

import (
	"context"
	"crypto"
	"encoding/base64"
	"errors"
	"slices"
	"sync"
	"time"

	"hocba/internal/fault"
	"hocba/internal/signing"
)

const (
	// most is how many signatures one authorisation may serve, whatever the
	// service allows: a prepared signature does not wait longer than they take.
	most = 2000
	// portion is how many hashes go with one request for signatures.
	portion = 100
)

// session is a key at a service, for one batch of one person.
type session struct {
	service     *Service
	connection  *connection
	id          string
	info        credentialInfo
	factors     factors
	certificate *signing.Certificate

	closed context.Context
	close  context.CancelFunc
	mu     sync.Mutex
	pin    []byte // of an explicit authorisation; wiped by Close
	code   string // the one-time code that was typed; used once
}

// TakeCode implements signing.CodeTaker.
func (s *session) TakeCode(code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.code = code
}

// Public implements signing.Session.
func (s *session) Public() crypto.PublicKey { return s.certificate.Leaf().PublicKey }

// Limit implements signing.Session: as many as the service lets one
// authorisation serve.
func (s *session) Limit() int { return max(1, min(s.info.Multisign, most)) }

// Close implements signing.Session; it ends what is under way.
func (s *session) Close() {
	s.close()
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.pin)
}

// SignAll implements signing.Session: one authorisation, then portion by
// portion. When the authorisation runs out half-way the rest is authorised once
// more.
func (s *session) SignAll(ctx context.Context, b signing.Batch) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.closed, cancel)()
	left := b.Digests
	for again := range 2 {
		sad, err := s.authorise(ctx, left, b)
		if err != nil {
			return s.failed(err)
		}
		left, err = s.signAll(ctx, left, sad, b.Deliver)
		if err == nil || !errors.Is(err, sadExpired) || again == 1 {
			return s.failed(err)
		}
	}
	return nil
}

// failed puts the closing of the key before what it led to.
func (s *session) failed(err error) error {
	if err != nil && s.closed.Err() != nil {
		return fault.New(fault.Locked, "key.closed")
	}
	return err
}

// poll asks until the answer is there; it fails with signer.expired when the
// person's time is over.
func (s *session) poll(ctx context.Context, ask func(context.Context) error) error {
	end := time.Now().Add(s.service.o.Patience)
	for {
		if err := wait(ctx, s.service.o.Poll); err != nil {
			return err
		}
		err := ask(ctx)
		switch {
		case !errors.Is(err, errPending):
			return err
		case time.Now().After(end):
			return fault.New(fault.Conflict, "signer.expired")
		}
	}
}

// signAll returns what was not answered when it ends. A signature that the
// service leaves out is left out here, too: the asker decides.
func (s *session) signAll(ctx context.Context, digests []signing.Digest, sad string, deliver func([]signing.Answer) error) ([]signing.Digest, error) {
	algorithm := ecdsaOID
	if a, err := signing.KeyAlgorithm(s.Public()); err == nil && a == signing.RSASHA256 {
		algorithm = rsaOID
	}
	mode := ""
	if s.connection.offers.Async {
		mode = "A"
	}
	for part := range slices.Chunk(digests, portion) {
		req := signRequest{CredentialID: s.id, SAD: sad, Hashes: hashes(part), HashAlgorithmOID: sha256OID, SignAlgo: algorithm, OperationMode: mode}
		var got signAnswer
		err := s.connection.call(ctx, "signatures/signHash", req, &got)
		if id := got.ResponseID; errors.Is(err, errPending) || err == nil && len(got.Signatures) == 0 && id != "" {
			err = s.poll(ctx, func(ctx context.Context) error {
				got = signAnswer{}
				return s.connection.call(ctx, "signatures/signPolling", pollRequest{ResponseID: id}, &got)
			})
		}
		if err != nil {
			return digests, err
		}
		if err := deliver(answers(part, got.Signatures)); err != nil {
			return digests, err
		}
		digests = digests[len(part):]
	}
	return nil, nil
}

func answers(digests []signing.Digest, signatures []string) []signing.Answer {
	var out []signing.Answer
	for i, d := range digests {
		if i >= len(signatures) || signatures[i] == "" {
			continue
		}
		value, err := base64.StdEncoding.DecodeString(signatures[i])
		if err != nil {
			err = fault.Wrap(err, fault.Invalid, "sig.value")
		}
		out = append(out, signing.Answer{Key: d.Key, Value: value, Err: err})
	}
	return out
}

func hashes(digests []signing.Digest) []string {
	out := make([]string, len(digests))
	for i, d := range digests {
		out[i] = base64.StdEncoding.EncodeToString(d.Sum[:])
	}
	return out
}
