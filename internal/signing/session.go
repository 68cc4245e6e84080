package signing

import (
	"context"
	"crypto"
	"crypto/sha256"
	"io"
	"time"

	"hocba/internal/fault"
)

// Digest is one thing to be signed elsewhere.
type Digest struct {
	Key   string // the asker's name for it; answers carry it back
	Sum   [sha256.Size]byte
	Title string // whom it is about, for a device that shows what it signs
}

// Answer is what came back for one digest: a value, or why there is none.
type Answer struct {
	Key   string
	Value []byte // RSA as it is, ECDSA as DER or r‖s
	Err   error
}

// Batch is what a session signs at once.
type Batch struct {
	Digests []Digest
	// Deliver takes answers as they come; its failure ends the batch, and is
	// SignAll's. It is called by one goroutine at a time.
	Deliver func([]Answer) error
	// Description is what a device shows its holder beside the question whether
	// to sign: one line, for people.
	Description string
	// Tell, if any, hears the code of what the signer waits for ("signer.approval":
	// its holder's confirmation on the telephone), and "" when it goes on.
	Tell func(code string)
}

// Session is a signer of any kind that its holder has opened for one batch of
// work: a key of the trial store, a token at the server, a remote service. It
// is the second of two phases: what it is given was prepared and kept, what it
// returns is verified before anything is kept.
//
// SignAll signs some or all of the digests and delivers the answers: digests
// without one were not reached and may be asked for again, those with Err will
// not be signed. It fails as a whole, beside what it has delivered, with
//
//	key.closed, key.locked       Locked: the holder must open it again
//	signer.refused               Conflict: the holder said no
//	signer.expired               Conflict: the authorisation ran out
//	signer.unavailable           Unavailable: device or service is away
//	signer.otp, signer.otp_wrong Locked: a CodeTaker wants its one-time code
//	signer.authorize             Locked: an Authoriser wants its holder at the service
//
// A session may be used by several goroutines; Close ends it, and may be
// called twice.
type Session interface {
	// Public returns the key that the session signs with.
	Public() crypto.PublicKey
	// Limit is the most digests of one batch; small ones let progress be seen.
	Limit() int
	SignAll(ctx context.Context, b Batch) error
	Close()
}

// CodeTaker is a session that has a one-time code sent to its holder when it is
// asked to sign, and wants that code before it does.
type CodeTaker interface {
	// TakeCode gives the code that the holder typed; "" has another one sent.
	TakeCode(code string)
}

// Authoriser is a session whose holder authorises the digests that were last
// asked for at a page of the service. The same digests must be asked for again
// afterwards: others are not covered.
type Authoriser interface {
	// AuthoriseURL returns where the holder goes. state comes back with the
	// holder, verifier is a PKCE verifier that is kept until then. It fails with
	// Conflict signer.nothing_asked, and as SignAll does.
	AuthoriseURL(ctx context.Context, state, verifier string) (string, error)
	// Authorised takes the code that the holder came back with. It fails with
	// Conflict signer.refused, signer.nothing_asked.
	Authorised(ctx context.Context, code, verifier string) error
}

// singleTime is how long a single signature may take: remote services give a
// person some hundred seconds.
const singleTime = 110 * time.Second

// AsSigner returns a session as the signer of single digests, for the rare
// statement that is signed while somebody waits. It fails as SignAll does, and
// with signer.missing when no answer came.
func AsSigner(s Session) crypto.Signer {
	if own, ok := s.(crypto.Signer); ok {
		return own
	}
	return single{s}
}

type single struct{ Session }

// Sign signs digest, a SHA-256.
func (s single) Sign(_ io.Reader, digest []byte, _ crypto.SignerOpts) ([]byte, error) {
	if len(digest) != sha256.Size {
		return nil, fault.New(fault.Invalid, "key.algorithm")
	}
	ctx, cancel := context.WithTimeout(context.Background(), singleTime)
	defer cancel()
	var got Answer
	err := s.SignAll(ctx, Batch{Digests: []Digest{{Key: "1", Sum: [sha256.Size]byte(digest)}}, Deliver: func(all []Answer) error {
		for _, a := range all {
			if a.Key == "1" {
				got = a
			}
		}
		return nil
	}})
	switch {
	case got.Value != nil || got.Err != nil:
		return got.Value, got.Err
	case err == nil:
		err = fault.New(fault.Unavailable, "signer.missing")
	}
	return nil, err
}
