package jobs

import (
	"context"
	"crypto/x509"
	"log/slog"
	"time"

	"hocba/db"
	"hocba/internal/certificate"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/signing"
	"hocba/internal/signing/revocation"
	"hocba/internal/workflow"
)

// CertificateDesk declares certificates and writes what people decide about
// them. It makes the named checks at every step, and asks the issuers.
type CertificateDesk struct {
	DB     *db.DB
	Issuer *revocation.Checker // nil: nobody is asked
}

// Declaration is a certificate that somebody brings.
type Declaration struct {
	Purpose certificate.Purpose
	Owner   int64 // the unit of a seal, the account of a person
	File    []byte
	Typed   string // the tax code or the personal number, typed from paper
}

// Declare takes a certificate in for the actor's school or one of its people.
// It fails as certificate.Read and certificate.Stands do, with Invalid
// certificate.owner for somebody who is not of the school, and with Conflict
// certificate.declared_already. The checks come back with a failure of theirs.
//  1. read the file; find whose it is to be
//  2. ask the issuer, outside any transaction
//  3. check, and write
func (c CertificateDesk) Declare(ctx context.Context, actor workflow.Actor, d Declaration) (id int64, checks []certificate.Check, err error) {
	cert, err := certificate.Read(d.File)
	if err != nil {
		return 0, nil, err
	}
	subject := subject{certificate: cert, purpose: d.Purpose, typed: d.Typed}
	if d.Typed == "" {
		return 0, nil, fault.New(fault.Invalid, "certificate.typed")
	}
	if d.Purpose == certificate.Seal {
		subject.unit = actor.UnitID
	} else {
		subject.account = d.Owner
	}
	err = c.DB.As(ctx, actor, func(tx *db.Tx) error {
		subject.holder, err = tx.CertificateHolder(ctx, d.Purpose, d.Owner)
		return err
	})
	if err != nil {
		return 0, nil, err
	}
	subject.status = c.Ask(ctx, cert)
	if checks, err = c.examine(ctx, actor, subject); err != nil {
		return 0, nil, err
	}
	if err := certificate.Stands(checks, certificate.Declared, false); err != nil {
		return 0, checks, err
	}
	err = c.DB.As(ctx, actor, func(tx *db.Tx) error {
		id, err = tx.DeclareCertificate(ctx, d.Purpose, d.Owner, cert)
		return err
	})
	return id, checks, err
}

// Act writes what the actor decides about a certificate. A registration and an
// approval check everything anew. looked says that the person looked where a
// person must look.
func (c CertificateDesk) Act(ctx context.Context, actor workflow.Actor, id int64, act certificate.Act, looked bool) error {
	err := c.DB.As(ctx, actor, func(tx *db.Tx) error {
		_, life, err := tx.Certificate(ctx, id)
		if err != nil {
			return err
		}
		decides, err := tx.DecidesCertificates(ctx)
		if err != nil {
			return err
		}
		return life.Allowed(actor, act.Kind, decides, tx.Now)
	})
	if err != nil {
		return err
	}
	if act.Kind == certificate.Registered || act.Kind == certificate.Approved || act.Kind == certificate.Resumed {
		checks, err := c.Examine(ctx, actor, id, true)
		if err != nil {
			return err
		}
		if act.Kind == certificate.Resumed {
			looked = true
		}
		if err := certificate.Stands(checks, act.Kind, looked); err != nil {
			return err
		}
	}
	return c.DB.As(ctx, actor, func(tx *db.Tx) error { return tx.ActOnCertificate(ctx, id, act) })
}

// Examine makes the checks of a certificate within the actor's reach. ask asks
// the issuer now; otherwise the last answer counts.
func (c CertificateDesk) Examine(ctx context.Context, actor workflow.Actor, id int64, ask bool) ([]certificate.Check, error) {
	var s subject
	err := c.DB.As(ctx, actor, func(tx *db.Tx) error {
		row, _, err := tx.Certificate(ctx, id)
		if err != nil {
			return err
		}
		s = subject{purpose: row.Purpose, unit: row.UnitID, account: row.AccountID, holder: row.Holder}
		if s.certificate, err = row.Certificate(); err != nil {
			return err
		}
		s.status, err = tx.CertificateStatus(ctx, row.Fingerprint)
		return err
	})
	if err != nil {
		return nil, err
	}
	if ask {
		s.status = c.Ask(ctx, s.certificate)
	}
	return c.examine(ctx, actor, s)
}

// subject is a certificate that is to be checked.
type subject struct {
	certificate   *signing.Certificate
	purpose       certificate.Purpose
	unit, account int64
	holder, typed string
	status        revocation.Verdict
	unattended    bool // the registry's key, which no person opens
}

func (c CertificateDesk) examine(ctx context.Context, actor workflow.Actor, s subject) ([]certificate.Check, error) {
	trust, err := c.DB.TrustList(ctx)
	if err != nil {
		return nil, err
	}
	f := certificate.Facts{Purpose: s.purpose, Holder: s.holder, Typed: s.typed, Trust: trust, Status: s.status}
	if s.status.Why == "" && s.status.Status == revocation.Unknown && !revocation.HasSource(s.certificate.Leaf()) {
		f.Status.Why = revocation.NoSource
	}
	if f.Elsewhere, err = c.DB.CertificateElsewhere(ctx, s.certificate, s.unit, s.account); err != nil {
		return nil, err
	}
	err = c.DB.As(ctx, actor, func(tx *db.Tx) error {
		f.Now, f.Season = tx.Now, SeasonEnd(tx.Now)
		if f.TaxCode, err = tx.TaxCode(ctx, s.unit); err != nil {
			return err
		}
		f.Policy, err = tx.SignaturePolicy(ctx)
		f.Policy.SealOnDevice = f.Policy.SealOnDevice && !s.unattended
		return err
	})
	if err != nil {
		return nil, err
	}
	return certificate.Examine(s.certificate, f), nil
}

// SeasonEnd is the end of the signing season that runs or comes next: the day
// on which the second track is due.
func SeasonEnd(now time.Time) time.Time {
	year := school.YearOf(school.DateOf(now))
	end := school.RegulationDeadline(school.SchoolSubmit, year, school.TrackAugust).Due
	if now.After(end) {
		end = school.RegulationDeadline(school.SchoolSubmit, year.Next(), school.TrackAugust).Due
	}
	return end
}

// Ask asks the issuers of a certificate's whole chain and keeps the answer; the
// worst of them counts. A certificate of which no chain is known is asked about
// as far as it names its issuer.
func (c CertificateDesk) Ask(ctx context.Context, cert *signing.Certificate) revocation.Verdict {
	path := []*x509.Certificate{cert.Leaf()}
	trust, err := c.DB.TrustList(ctx)
	if err == nil {
		if chain, err := trust.Verify(cert, c.DB.Now()); err == nil {
			path = chain.Path
		}
	}
	var v revocation.Verdict
	switch {
	case len(path) < 2 && !revocation.HasSource(cert.Leaf()):
		v = revocation.Verdict{Status: revocation.Unknown, Why: revocation.NoSource}
	case len(path) < 2 || c.Issuer == nil:
		v = revocation.Verdict{Status: revocation.Unknown, Why: revocation.Unreachable}
		if !revocation.HasSource(cert.Leaf()) {
			v.Why = revocation.NoSource
		}
	default:
		v = c.Issuer.ChainVerdict(ctx, path)
	}
	v.Asked = c.DB.Now()
	if err := c.DB.KeepStatus(ctx, cert.Fingerprint(), v); err != nil {
		slog.WarnContext(ctx, "keep an issuer's answer", "error", err) // the answer itself stands
	}
	return v
}

// Watch asks the issuers about certificates in use, time and again, so that a
// revocation is known before the next approval or submission.
type Watch struct {
	Desk CertificateDesk
	Log  *slog.Logger

	stop context.CancelFunc
	done chan struct{}
}

const (
	watchEvery = 5 * time.Minute
	// watchAfter is how old an answer may grow before it is asked for again.
	watchAfter   = 6 * time.Hour
	watchAtATime = 200
)

// Start watches until Stop.
func (w *Watch) Start(ctx context.Context) {
	ctx, w.stop = context.WithCancel(context.WithoutCancel(ctx))
	w.done = make(chan struct{})
	go func() {
		defer close(w.done)
		tick := time.NewTicker(watchEvery)
		defer tick.Stop()
		for {
			if err := w.Round(ctx); err != nil && ctx.Err() == nil {
				w.Log.Error("ask issuers about certificates", "error", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}()
}

// Stop ends the watch and waits for the question under way.
func (w *Watch) Stop() {
	if w.stop != nil {
		w.stop()
		<-w.done
	}
}

// Round asks about the certificates that are due.
func (w *Watch) Round(ctx context.Context) error {
	due, err := w.Desk.DB.StatusesDue(ctx, w.Desk.DB.Now().Add(-watchAfter), watchAtATime)
	for _, d := range due {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		cert, err := db.KeptCertificate{Leaf: d.Leaf, Chain: d.Chain}.Certificate()
		if err != nil {
			return err
		}
		w.Desk.Ask(ctx, cert)
	}
	return err
}
