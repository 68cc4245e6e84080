package jobs

import (
	"context"
	"crypto/x509"
	"maps"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/signing"
	"hocba/internal/workflow"
)

// Signer is a way to sign as the acting person stands to it.
type Signer struct {
	Way         db.SigningWay // ID 0: the trial key store
	Certificate *signing.Certificate
	Chosen      bool // what the person signed with last
}

// Signers lists the ways of the actor's unit for a purpose, the trial key store
// first; without a certificate where the person, or the seal, has no key. The
// one in use is marked: the choice, or the only one with a key.
func Signers(ctx context.Context, tx *db.Tx, purpose db.Purpose) ([]Signer, error) {
	ways, err := tx.SigningWays(ctx)
	if err != nil {
		return nil, err
	}
	chosen, err := tx.SigningChoice(ctx, purpose)
	if err != nil {
		return nil, err
	}
	var out []Signer
	usable, inUse := -1, false
	for _, w := range append([]db.SigningWay{{}}, ways...) {
		s := Signer{Way: w}
		kept, _, err := tx.WayCertificate(ctx, purpose, w.ID)
		switch {
		case fault.KindOf(err) == fault.Forbidden: // none there
		case err != nil:
			return nil, err
		default:
			if s.Certificate, err = kept.Certificate(); err != nil {
				return nil, err
			}
			s.Chosen = w.ID == chosen
			inUse = inUse || s.Chosen
			if usable < 0 {
				usable = len(out)
			}
		}
		out = append(out, s)
	}
	if !inUse && usable >= 0 {
		out[usable].Chosen = true
	}
	return out, nil
}

// Binding asks to sign with a key that lies with a way from now on.
type Binding struct {
	Purpose db.Purpose
	Way     int64
	PIN     string   // of a device at the server
	User    string   // the person's name at a service that the school signs in to
	Chain   [][]byte // what a token in the person's own machine says it is, DER
}

// Bind looks for the acting person's key at a way, joins it with its
// certificate and remembers the way. The certificate must have been declared
// and confirmed at the school before, a seal's approved by the authority. It
// returns the name in the certificate, and fails with signing.nothing_new,
// signing.other_holder (Args holder), signing.undeclared (Args pem: the
// certificate, to be declared), signing.key_bound, and as Opener.Credentials
// does.
func (r *Runner) Bind(ctx context.Context, actor workflow.Actor, b Binding) (holder string, err error) {
	var way db.SigningWay
	err = r.db.As(ctx, actor, func(tx *db.Tx) (err error) {
		way, err = tx.SigningWay(ctx, b.Way)
		return err
	})
	if err != nil {
		return "", err
	}
	list, err := r.credentials(ctx, actor, way, b)
	if err != nil {
		return "", err
	}
	failure := fault.New(fault.NotFound, "signing.nothing_new")
	for _, c := range list {
		err := r.db.As(ctx, actor, func(tx *db.Tx) error {
			id, err := claim(ctx, tx, b.Purpose, c.Certificate)
			if err != nil {
				return err
			}
			if err := tx.BindKey(ctx, id, way.ID, c.Ref); err != nil {
				return err
			}
			return tx.ChooseSigning(ctx, b.Purpose, way.ID)
		})
		if err == nil {
			return c.Certificate.Name(), nil
		}
		f := fault.As(err)
		if f == nil || f.Kind == fault.Internal || f.Kind == fault.Unavailable {
			return "", err
		}
		failure = f
	}
	return "", failure
}

func (r *Runner) credentials(ctx context.Context, actor workflow.Actor, way db.SigningWay, b Binding) ([]signing.Credential, error) {
	if way.Kind == signing.Agent {
		certificate, err := signing.ParseCertificate(b.Chain...)
		if err != nil {
			return nil, err
		}
		return []signing.Credential{{Ref: certificate.Fingerprint(), Certificate: certificate}}, nil
	}
	opener, ok := r.openers[way.Kind]
	if !ok {
		return nil, fault.New(fault.Unavailable, "signer.none", "provider", string(way.Kind))
	}
	a := signing.Access{WayID: way.ID, Params: maps.Clone(map[string]string(way.Params)), Account: actor.AccountID, PIN: b.PIN}
	a.Params["user"] = b.User
	if b.PIN == "" {
		return opener.Credentials(ctx, a)
	}
	var list []signing.Credential
	err := r.typed(ctx, actor, deviceOf(way, b.User), func() (err error) {
		list, err = opener.Credentials(ctx, a)
		return err
	})
	return list, err
}

// Reach asks whether a device at the server is there, without a PIN: what it
// answers to nobody is enough. It fails with Unavailable signer.none,
// signer.unavailable, Locked signer.device.
func (r *Runner) Reach(ctx context.Context, way db.SigningWay) error {
	opener, ok := r.openers[way.Kind]
	if !ok {
		return fault.New(fault.Unavailable, "signer.none", "provider", string(way.Kind))
	}
	reacher, ok := opener.(interface {
		Reach(ctx context.Context, params map[string]string) error
	})
	if !ok {
		return fault.New(fault.Unavailable, "signer.none", "provider", string(way.Kind))
	}
	return reacher.Reach(ctx, way.Params)
}

// claim finds the kept certificate of a key.
func claim(ctx context.Context, tx *db.Tx, purpose db.Purpose, c *signing.Certificate) (int64, error) {
	kept, ok, err := tx.OwnCertificate(ctx, purpose, c.Fingerprint())
	switch {
	case err != nil:
		return 0, err
	case ok:
		return kept.ID, nil
	case purpose == db.SealCertificate:
		return 0, fault.New(fault.Forbidden, "certificate.seal_not_approved")
	case !school.SameName(c.Name(), tx.Actor.Name) || c.TaxCode() != "":
		return 0, fault.New(fault.Forbidden, "signing.other_holder", "holder", c.Name())
	}
	return 0, fault.New(fault.Forbidden, "signing.undeclared", "pem", string(signing.EncodePEM(append([]*x509.Certificate{c.Leaf()}, c.Intermediates()...)...)))
}
