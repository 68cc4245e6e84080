package handlers

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/school"
	"hocba/internal/signing"
	"hocba/internal/workflow"
	"hocba/views"
)

// signerRoutes are a person's own ways to sign.
var signerRoutes = []route{
	{get, "/:year/signing", workflow.PermSigner, (*Portal).showSigners},
	{post, "/:year/signing", workflow.PermSigner, (*Portal).createSignerChoice},
	{post, "/:year/signing/keys", workflow.PermSigner, (*Portal).createSignerKey},
	{get, "/:year/signing/login/:way", workflow.PermSigner, (*Portal).showSignerLogin},
	{get, "/jobs/:job/authorization", workflow.PermSigner, (*Portal).showAuthorization},
	{get, signerBackURL, workflow.PermSigner, (*Portal).showSignerBack},
}

// signerBackURL is where a remote service sends a person back to; the same for
// every year, as services want it registered.
const signerBackURL = "/signing/back"

// signWith is what stands before an authorisation: the sentence of the role,
// and the ways in which the person has a key.
func signWith(r *request, tx *db.Tx, year school.Year, role bundle.Role) (views.SignWith, error) {
	m, _ := bundle.MeaningOf(role)
	purpose := db.PersonCertificate
	if role.Organisation() {
		purpose = db.SealCertificate
	}
	return signMeaning(r, tx, views.SignWith{Year: year, Purpose: string(purpose)}, m)
}

// sealWith is what stands before the seal of a statement: its sentence, and the
// ways in which the school's seal can be set.
func (p *Portal) sealWith(r *request, year school.Year, kind bundle.StatementKind) (out views.SignWith, err error) {
	if !workflow.Can(r.actor.Role, workflow.PermIssue) {
		return out, nil // who prepares only seals nothing
	}
	m, _ := bundle.MeaningOfStatement(kind)
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		out, err = signMeaning(r, tx, views.SignWith{Year: year, Purpose: string(db.SealCertificate)}, m)
		return err
	})
	return out, err
}

// signMeaning adds the sentence and the ways. A form that comes back keeps the
// way that was chosen in it.
func signMeaning(r *request, tx *db.Tx, out views.SignWith, m bundle.Meaning) (views.SignWith, error) {
	if m.Text != "" {
		out.MeaningID, out.Meaning, out.Source = m.URN(), m.Text, m.Source
	}
	list, err := jobs.Signers(r.ctx(), tx, db.Purpose(out.Purpose))
	asked, offered := r.way(), false
	for _, s := range list {
		if s.Certificate != nil {
			out.Ways = append(out.Ways, signWay(s))
			offered = offered || s.Way.ID == asked
		}
	}
	for i := range out.Ways {
		if offered {
			out.Ways[i].Chosen = out.Ways[i].ID == asked
		}
	}
	return out, err
}

func signWay(s jobs.Signer) views.SignWay {
	w := views.SignWay{ID: s.Way.ID, Kind: s.Way.Kind, Label: s.Way.Label, Chosen: s.Chosen}
	if w.Kind == "" {
		w.Kind = signing.Software
	}
	if s.Certificate != nil {
		w.Holder, w.Until = s.Certificate.Name(), s.Certificate.NotAfter()
	}
	return w
}

// way is what the form says to sign with; nothing said is the last choice.
func (r *request) way() int64 {
	id, err := strconv.ParseInt(r.FormValue("way"), 10, 64)
	if err != nil || id < 0 {
		return jobs.ChosenWay
	}
	return id
}

// readMeaning refuses a form whose sentence is no longer the one that would be
// signed: nobody signs words that were not shown.
func readMeaning(r *request, role bundle.Role) error {
	m, ok := bundle.MeaningOf(role)
	if shown := r.FormValue("meaning"); ok && shown != "" && shown != m.URN() {
		return fault.New(fault.Conflict, "signing.meaning_changed")
	}
	return nil
}

// showSigners lists a person's ways to sign.
func (p *Portal) showSigners(r *request) error {
	return p.signersPage(r, http.StatusOK, views.Signers{Saved: r.QueryParam("saved") != ""})
}

func (p *Portal) signersPage(r *request, code int, page views.Signers) error {
	var err error
	if page.Year, err = r.year(); err != nil {
		return err
	}
	purposes := []db.Purpose{db.PersonCertificate}
	if workflow.Can(r.actor.Role, workflow.PermIssue) {
		purposes = append(purposes, db.SealCertificate)
	}
	var ports []string
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		for _, purpose := range purposes {
			list, err := jobs.Signers(r.ctx(), tx, purpose)
			if err != nil {
				return err
			}
			group := views.SignerGroup{Purpose: string(purpose)}
			for _, s := range list {
				w := views.SignerWay{SignWay: signWay(s), Has: s.Certificate != nil}
				if w.Kind == signing.Remote {
					w.Login, w.User = s.Way.Params["grant"] == "code", s.Way.Params["grant"] == "client"
					w.LoggedIn = p.remote != nil && p.remote.LoggedIn(s.Way.ID, r.actor.AccountID, s.Way.Params)
				}
				if w.Port = s.Way.Params["port"]; w.Kind == signing.Agent {
					ports = append(ports, w.Port)
				}
				group.Ways = append(group.Ways, w)
			}
			page.Groups = append(page.Groups, group)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if page.Frame, err = p.frame(r, page.Year); err != nil {
		return err
	}
	allowAgent(r, ports...)
	return r.page(code, views.SignersPage(page))
}

// formPurpose reads whose certificate a form is about; only who may use the
// seal chooses for it.
func formPurpose(r *request) (db.Purpose, error) {
	purpose := db.Purpose(r.FormValue("purpose"))
	if purpose == db.PersonCertificate || purpose == db.SealCertificate && workflow.Can(r.actor.Role, workflow.PermIssue) {
		return purpose, nil
	}
	return "", fault.New(fault.Invalid, "request.invalid")
}

// createSignerChoice remembers the way a person signs with.
func (p *Portal) createSignerChoice(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	purpose, err := formPurpose(r)
	if err != nil {
		return err
	}
	way := r.way()
	if way == jobs.ChosenWay {
		return fault.New(fault.Invalid, "request.invalid")
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		if _, _, err := tx.WayCertificate(r.ctx(), purpose, way); err != nil {
			return err
		}
		return tx.ChooseSigning(r.ctx(), purpose, way)
	})
	if err != nil {
		return err
	}
	return r.see(views.SignersURL(year) + "?saved=1")
}

// createSignerKey binds a key of a way to the person.
func (p *Portal) createSignerKey(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	purpose, err := formPurpose(r)
	if err != nil {
		return err
	}
	b := jobs.Binding{Purpose: purpose, Way: r.way(), PIN: r.FormValue("pin"), User: strings.TrimSpace(r.FormValue("user"))}
	for _, text := range strings.Fields(r.FormValue("chain")) {
		der, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(b.Chain) > signing.MaxIntermediates {
			return fault.New(fault.Invalid, "request.invalid")
		}
		b.Chain = append(b.Chain, der)
	}
	holder, err := p.jobs.Bind(r.ctx(), r.actor, b)
	if f := fault.As(err); f != nil && f.Kind != fault.Internal && f.Code != "signing.way_unknown" {
		return p.signersPage(r, http.StatusUnprocessableEntity, views.Signers{WayID: b.Way, Purpose: string(purpose), Code: f.Code, Args: f.Args})
	}
	if err != nil {
		return err
	}
	return p.signersPageBound(r, year, holder)
}

// signersPageBound shows what was bound without putting a name into an address.
func (p *Portal) signersPageBound(r *request, year school.Year, holder string) error {
	if !r.hx() {
		return r.see(views.SignersURL(year) + "?saved=1")
	}
	return p.signersPage(r, http.StatusOK, views.Signers{Bound: holder})
}
