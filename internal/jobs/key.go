package jobs

import (
	"bytes"
	"context"
	"crypto/x509"
	"fmt"
	"strconv"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/internal/signing/software"
	"hocba/internal/workflow"
)

// Auth is what a person gives to open a signer.
type Auth struct {
	PIN string
	// Way is the way to sign: a number of one that the unit has set up, 0 the
	// trial key store, ChosenWay the one the person chose last.
	Way int64
	// Total is how many signatures are to be made.
	Total int
}

// ChosenWay is the way a person chose last.
const ChosenWay = -1

// openKey is a signer that was opened, and the way it belongs to; no session
// when none is needed, or when it is the person's browser that signs.
type openKey struct {
	session signing.Session
	way     db.SigningWay
}

func (k openKey) close() {
	if k.session != nil {
		k.session.Close()
	}
}

func (r *Runner) hold(k openKey, jobID, account int64) error {
	if k.session == nil {
		return nil
	}
	r.mu.Lock()
	r.owners[jobID] = account
	r.mu.Unlock()
	_, err := r.keys.Put(batch(jobID), k.session, signing.MaxUnlocked)
	return err
}

// Leave closes what a person who goes away has opened here: the key of a
// sitting, and those of jobs that wait or were stopped. A batch that runs was
// authorised, and goes on.
func (r *Runner) Leave(account int64, sitting string) {
	r.keys.Drop(sitting)
	r.mu.Lock()
	defer r.mu.Unlock()
	for jobID, owner := range r.owners {
		if _, runs := r.active[jobID]; owner == account && !runs {
			r.keys.Drop(batch(jobID))
		}
	}
}

// forget closes the key of a job that needs it no more.
func (r *Runner) forget(jobID int64) {
	r.mu.Lock()
	delete(r.owners, jobID)
	delete(r.parked, jobID)
	r.mu.Unlock()
	r.keys.Drop(batch(jobID))
}

// purpose is whose certificate a kind of job signs with.
func (k Kind) purpose() db.Purpose {
	if k.Key == SealKey {
		return db.SealCertificate
	}
	return db.PersonCertificate
}

// placedKey is a certificate with the place of its key.
type placedKey struct {
	db.KeptCertificate
	way db.SigningWay
	ref string
}

// certificate finds what the person signs with by a way.
func (r *Runner) certificate(ctx context.Context, actor workflow.Actor, kind Kind, way int64) (k placedKey, err error) {
	err = r.db.As(ctx, actor, func(tx *db.Tx) error {
		var err error
		if way == ChosenWay {
			if way, err = tx.SigningChoice(ctx, kind.purpose()); err != nil {
				return err
			}
		}
		if way != 0 {
			if k.way, err = tx.SigningWay(ctx, way); err != nil {
				return err
			}
		}
		k.KeptCertificate, k.ref, err = tx.WayCertificate(ctx, kind.purpose(), way)
		return err
	})
	return k, err
}

// open opens the signer that a kind needs. Attempts with a PIN are counted per
// person; the right PIN clears the count.
func (r *Runner) open(ctx context.Context, actor workflow.Actor, kind Kind, auth Auth) (openKey, error) {
	if kind.Key == NoKey {
		return openKey{}, nil
	}
	k, err := r.certificate(ctx, actor, kind, auth.Way)
	if err != nil {
		return openKey{}, err
	}
	switch k.way.Kind {
	case "":
		return r.openSoftware(ctx, actor, k, auth.PIN)
	case signing.Agent:
		return openKey{way: k.way}, nil
	}
	session, err := r.openElsewhere(ctx, actor, k, auth)
	return openKey{session, k.way}, err
}

// openSoftware takes a key out of the trial store.
func (r *Runner) openSoftware(ctx context.Context, actor workflow.Actor, k placedKey, pin string) (openKey, error) {
	if r.secret == nil || len(k.KeyBlob) == 0 {
		return openKey{}, fault.New(fault.Unavailable, "key.no_store")
	}
	if pin == "" {
		return openKey{}, fault.New(fault.Invalid, "key.pin_missing")
	}
	var key *software.Key
	err := r.typed(ctx, actor, k.Fingerprint, func() (err error) {
		key, err = software.Open([]byte(pin), r.secret, k.KeyBlob)
		return err
	})
	if err != nil {
		return openKey{}, err
	}
	return openKey{session: key}, nil
}

// openElsewhere opens a key at a device or service. A wrong PIN counts here
// too: a token destroys itself after a few.
func (r *Runner) openElsewhere(ctx context.Context, actor workflow.Actor, k placedKey, auth Auth) (session signing.Session, err error) {
	opener, ok := r.openers[k.way.Kind]
	if !ok {
		return nil, fault.New(fault.Unavailable, "signer.none", "provider", string(k.way.Kind))
	}
	certificate, err := k.Certificate()
	if err != nil {
		return nil, err
	}
	access := signing.Access{WayID: k.way.ID, Params: k.way.Params, Account: actor.AccountID, PIN: auth.PIN}
	open := func() (err error) {
		session, err = opener.Open(ctx, access, signing.Credential{Ref: k.ref, Certificate: certificate}, auth.Total)
		return err
	}
	if auth.PIN == "" {
		err = open()
	} else {
		err = r.typed(ctx, actor, deviceOf(k.way, k.Fingerprint), open)
	}
	return session, err
}

// deviceOf is what guesses are counted for: a device asks for one PIN whatever
// key is wanted, and shuts itself after a few wrong ones.
func deviceOf(way db.SigningWay, key string) string {
	if way.Kind == signing.PKCS11 {
		return "token:" + way.Params["token"]
	}
	return key
}

// typed tries a PIN that was typed. Wrong ones are counted per person and per
// key, whoever typed them; a right one takes its own attempt back and leaves
// earlier ones counted: a person's own PIN must not clear guesses at the seal's.
// What says nothing about the PIN is not counted.
func (r *Runner) typed(ctx context.Context, actor workflow.Actor, key string, open func() error) error {
	if err := r.guess(ctx, actor, key); err != nil {
		return err
	}
	failure := open()
	if wrongPIN(failure) {
		return failure
	}
	err := r.db.GiveBack(ctx, KeyAttempts, key)
	if err == nil {
		err = r.db.GiveBack(ctx, PINAttempts, fmt.Sprint(actor.AccountID))
	}
	if failure == nil {
		failure = err
	}
	return failure
}

// guess counts a PIN that is, or was, tried.
func (r *Runner) guess(ctx context.Context, actor workflow.Actor, key string) error {
	err := r.db.Attempt(ctx, PINAttempts, fmt.Sprint(actor.AccountID))
	if err == nil {
		err = r.db.Attempt(ctx, KeyAttempts, key)
	}
	return err
}

// wrongPIN reports whether a PIN was tried and was not the right one.
func wrongPIN(err error) bool {
	switch fault.CodeOf(err) {
	case "key.pin", "signer.pin_locked", "signer.factors", "signer.otp_wrong":
		return true
	}
	return false
}

// wayOf is the way a job signs with.
func wayOf(job db.Job) int64 {
	id, err := strconv.ParseInt(job.Params[ParamWay], 10, 64)
	if err != nil {
		return 0
	}
	return id
}

// pen returns the open key of a job with today's certificate; one that was
// exchanged since it was opened fails with Conflict certificate.changed.
func (r *Runner) pen(ctx context.Context, job db.Job, kind Kind, actor workflow.Actor) (Pen, signing.Session, error) {
	session, err := r.keys.Get(batch(job.ID))
	if err != nil {
		return Pen{}, nil, err
	}
	pen, err := r.penOf(ctx, session, kind, actor, wayOf(job))
	return pen, session, err
}

// penOf joins an open key with today's certificate of its holder.
func (r *Runner) penOf(ctx context.Context, session signing.Session, kind Kind, actor workflow.Actor, way int64) (Pen, error) {
	k, err := r.certificate(ctx, actor, kind, way)
	if err != nil {
		return Pen{}, err
	}
	certificate, err := k.Certificate()
	if err != nil {
		return Pen{}, err
	}
	public, err := x509.MarshalPKIXPublicKey(session.Public())
	if err != nil || !bytes.Equal(public, certificate.Leaf().RawSubjectPublicKeyInfo) {
		return Pen{}, fault.New(fault.Conflict, "certificate.changed")
	}
	return Pen{Certificate: certificate, Key: signing.AsSigner(session)}, nil
}

// remember keeps the way that a person has just signed with as the choice.
func (r *Runner) remember(ctx context.Context, actor workflow.Actor, kind Kind, way int64) error {
	if kind.Key == NoKey || way == ChosenWay {
		return nil
	}
	return r.db.As(ctx, actor, func(tx *db.Tx) error { return tx.ChooseSigning(ctx, kind.purpose(), way) })
}

// WayOf is the way a job signs with; 0 is the trial key store.
func WayOf(job db.Job) int64 { return wayOf(job) }
