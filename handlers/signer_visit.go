package handlers

import (
	"crypto/rand"
	"crypto/subtle"
	"strconv"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/signing"
	"hocba/internal/signing/remote"
	"hocba/views"
)

// Where the session keeps a sign-in at a service under way.
const (
	keySignerState    = "signer.state"
	keySignerVerifier = "signer.verifier"
	keySignerWay      = "signer.way"
	keySignerYear     = "signer.year"
	keySignerJob      = "signer.job"
)

// showSignerLogin sends the person to the service's own sign-in.
func (p *Portal) showSignerLogin(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	id, err := r.id("way")
	if err != nil {
		return err
	}
	way, err := p.remoteWay(r, id)
	if err != nil {
		return err
	}
	state, verifier := rand.Text(), remote.NewVerifier()
	address, err := p.remote.LoginURL(r.ctx(), way.Params, state, verifier)
	if err != nil {
		return err
	}
	for key, value := range map[string]string{keySignerState: state, keySignerVerifier: verifier, keySignerYear: string(year),
		keySignerWay: strconv.FormatInt(id, 10)} {
		p.sessions.Put(r.ctx(), key, value)
	}
	// A visit that was given up must not take this sign-in's code to its service.
	p.sessions.Remove(r.ctx(), keySignerJob)
	return r.see(address)
}

func (p *Portal) remoteWay(r *request, id int64) (way db.SigningWay, err error) {
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) (err error) {
		way, err = tx.SigningWay(r.ctx(), id)
		return err
	})
	if err == nil && (way.Kind != signing.Remote || p.remote == nil) {
		err = fault.New(fault.NotFound, "signing.way_unknown")
	}
	return way, err
}

// showSignerBack takes a person back from the service: only the session that
// began, once.
func (p *Portal) showSignerBack(r *request) error {
	state, verifier := p.sessions.PopString(r.ctx(), keySignerState), p.sessions.PopString(r.ctx(), keySignerVerifier)
	id, _ := strconv.ParseInt(p.sessions.PopString(r.ctx(), keySignerWay), 10, 64)
	year, ok := school.ParseYear(p.sessions.PopString(r.ctx(), keySignerYear))
	if job := p.sessions.PopString(r.ctx(), keySignerJob); job != "" {
		return p.authorised(r, job, state, verifier)
	}
	if state == "" || !ok || subtle.ConstantTimeCompare([]byte(state), []byte(r.QueryParam("state"))) == 0 {
		return fault.New(fault.Invalid, "request.invalid")
	}
	way, err := p.remoteWay(r, id)
	if err != nil {
		return err
	}
	access := signing.Access{WayID: way.ID, Params: way.Params, Account: r.actor.AccountID}
	if err := p.remote.Login(r.ctx(), access, r.QueryParam("code"), verifier); err != nil {
		return err
	}
	return r.see(views.SignersURL(year))
}

// showAuthorization sends a job's owner to the page of the service where the
// next batch is authorised.
func (p *Portal) showAuthorization(r *request) error {
	id, err := r.id("job")
	if err != nil {
		return err
	}
	state, verifier := rand.Text(), remote.NewVerifier()
	address, err := p.jobs.AuthoriseURL(r.ctx(), r.actor, id, state, verifier)
	switch fault.CodeOf(err) {
	case "key.locked", "job.over", "signer.nothing_asked":
		return r.see(views.JobURL(id)) // its page says what is to be done
	}
	if err != nil {
		return err
	}
	for key, value := range map[string]string{keySignerState: state, keySignerVerifier: verifier, keySignerJob: strconv.FormatInt(id, 10)} {
		p.sessions.Put(r.ctx(), key, value)
	}
	return r.see(address)
}

// authorised takes a job's owner back from the service: only the session that
// went there, once. Whoever said no there finds the job as it was.
func (p *Portal) authorised(r *request, job, state, verifier string) error {
	id, err := strconv.ParseInt(job, 10, 64)
	if err != nil || state == "" || subtle.ConstantTimeCompare([]byte(state), []byte(r.QueryParam("state"))) == 0 {
		return fault.New(fault.Invalid, "request.invalid")
	}
	if code := r.QueryParam("code"); code != "" {
		err = p.jobs.Authorised(r.ctx(), r.actor, id, code, verifier)
	}
	switch fault.CodeOf(err) {
	case "", "key.locked", "job.over", "signer.nothing_asked", "signer.refused", "signer.unavailable":
		return r.see(views.JobURL(id))
	}
	return err
}
