package handlers

import (
	"context"
	"crypto/x509"
	"net/http"
	"slices"
	"strings"
	"time"

	"hocba/db"
	"hocba/internal/certificate"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/signing"
	"hocba/internal/workflow"
	"hocba/views"
)

// trustRoutes are the Sở's trust list and its demands on certificates.
var trustRoutes = []route{
	{get, "/:year/trust", workflow.PermAuthority, (*Portal).showTrust},
	{post, "/:year/trust", workflow.PermAuthority, (*Portal).createTrust},
	{post, "/:year/trust/policy", workflow.PermAuthority, (*Portal).setPolicy},
	{post, "/:year/trust/:key/end", workflow.PermAuthority, (*Portal).endTrust},
}

func (p *Portal) showTrust(r *request) error {
	return p.trustPage(r, http.StatusOK, views.Trust{Done: r.QueryParam("done")})
}

func (p *Portal) trustPage(r *request, code int, page views.Trust) error {
	var err error
	if page.Year, err = r.year(); err != nil {
		return err
	}
	if page.Frame, err = p.frame(r, page.Year); err != nil {
		return err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		list, err := tx.Trusted(r.ctx())
		if err != nil {
			return err
		}
		page.Lines = nil
		for _, t := range list {
			page.Lines = append(page.Lines, trustLine(t, r.now))
		}
		if page.Failed != "policy" {
			page.Policy, err = tx.SignaturePolicy(r.ctx())
		}
		return err
	})
	if err != nil {
		return err
	}
	page.Now = r.now
	if page.Registry, err = p.registryKey(r.ctx()); err != nil {
		return err
	}
	return r.page(code, views.TrustPage(page))
}

// registryKey is the certificate under which the registry signs now; the zero
// value is none.
func (p *Portal) registryKey(ctx context.Context) (k views.RegistryKey, err error) {
	list, err := p.db.ReceiptCertificates(ctx)
	if err != nil || len(list) == 0 {
		return k, err
	}
	c := list[0].Certificate
	return views.RegistryKey{Holder: c.Name(), Issuer: c.Issuer(), Fingerprint: c.Fingerprint(), From: c.NotBefore(), Until: c.NotAfter(), Since: list[0].Since, OnDevice: list[0].OnDevice}, nil
}

func trustLine(t db.TrustedAuthority, now time.Time) views.TrustLine {
	l := views.TrustLine{Key: t.Key, Fingerprint: signing.FingerprintOf(t.Certificate), Name: t.Certificate.Subject.CommonName, Provider: t.Provider, Decision: t.Decision,
		Kind: views.TrustKind(t.Intermediate, t.Trial), From: t.From, Until: t.Certificate.NotAfter, EndWhy: t.EndDecision, By: t.AddedBy, EndBy: t.EndedBy}
	if t.Until != nil {
		l.Until, l.Ends = *t.Until, t.EndDecision != ""
	}
	l.Ended = !now.Before(l.Until)
	return l
}

// trustAnswer answers a form of the page: with it again when something is to
// be mended.
func (p *Portal) trustAnswer(r *request, form views.Trust, done string, err error) error {
	f := fault.As(err)
	if f != nil && f.Kind != fault.NotFound && f.Kind != fault.Internal {
		form.Error, form.Failed = f, done
		return p.trustPage(r, status(err), form)
	}
	if err != nil {
		return err
	}
	return r.see(views.TrustURL(school.Year(r.Param("year"))) + "?done=" + done)
}

// createTrust adds the authorities of a file, all or none.
func (p *Portal) createTrust(r *request) error {
	form := views.Trust{Form: views.TrustForm{Provider: school.CleanLine(r.FormValue("provider")), Decision: school.CleanLine(r.FormValue("decision")),
		From: r.FormValue("from"), Until: r.FormValue("until"), Trial: r.FormValue("trial") != ""}}
	n := db.NewTrust{Provider: form.Form.Provider, Decision: form.Form.Decision, Trial: form.Form.Trial}
	var list []*x509.Certificate
	file, err := r.certificateFile()
	if err == nil {
		list, err = certificate.ReadAuthorities(file)
	}
	if err == nil {
		n.From, err = moment(form.Form.From, "")
	}
	if err == nil {
		n.Until, err = moment(form.Form.Until, "")
	}
	if err == nil {
		err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
			if n.From.IsZero() {
				n.From = tx.Now
			}
			for _, c := range list {
				n.Certificate = c
				if err := tx.Trust(r.ctx(), n); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return p.trustAnswer(r, form, "add", err)
}

// endTrust ends the trust in an authority.
func (p *Portal) endTrust(r *request) error {
	from, err := moment(r.FormValue("from"), "")
	if err == nil {
		if from.IsZero() {
			from = r.now
		}
		err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
			return tx.EndTrust(r.ctx(), r.Param("key"), from, school.CleanLine(r.FormValue("decision")))
		})
	}
	return p.trustAnswer(r, views.Trust{}, "end", err)
}

// setPolicy stores what the Sở demands of certificates.
func (p *Portal) setPolicy(r *request) error {
	if err := r.Request().ParseForm(); err != nil {
		return fault.Wrap(err, fault.Invalid, "request.unreadable")
	}
	form := views.Trust{Form: views.TrustForm{Policies: r.FormValue("policies"), DevicePolicies: r.FormValue("devices")}}
	policy := signing.Policy{Production: r.FormValue("mode") == "production", Providers: r.Request().PostForm["provider"], SealOnDevice: r.FormValue("on_device") != "",
		HeadOnly: r.FormValue("deputies") == ""}
	policy.Revocation = signing.DemandNamed
	if d := signing.Demand(r.FormValue("revocation")); slices.Contains([]signing.Demand{signing.DemandNothing, signing.DemandAlways}, d) {
		policy.Revocation = d
	}
	var err error
	if policy.Policies, err = oids(form.Form.Policies); err == nil {
		policy.DevicePolicies, err = oids(form.Form.DevicePolicies)
	}
	if err == nil && policy.SealOnDevice && len(policy.DevicePolicies) == 0 {
		err = fault.New(fault.Invalid, "trust.device")
	}
	if err == nil {
		err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error { return tx.SetSignaturePolicy(r.ctx(), policy) })
		p.trial.forget()
	}
	form.Policy = policy
	return p.trustAnswer(r, form, "policy", err)
}

// oids reads object identifiers, one a line. It fails with Invalid trust.oid.
func oids(text string) ([]string, error) {
	var out []string
	for _, one := range strings.Fields(text) {
		if _, err := x509.ParseOID(one); err != nil || len(out) == 50 {
			return nil, fault.New(fault.Invalid, "trust.oid", "value", one)
		}
		out = append(out, one)
	}
	return out, nil
}
