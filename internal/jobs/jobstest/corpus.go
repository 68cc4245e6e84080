package jobstest

import (
	"hocba/db"
	"hocba/internal/school"
	"hocba/internal/signing"
	"hocba/internal/signing/revocation"
	"hocba/internal/verify"
	"hocba/internal/verify/verifytest"
	"hocba/internal/workflow"
)

// Know lets the registry and the portal know what the manifest of a corpus says
// that they know: the school with its approved seal, the root, what the issuer
// told of its certificates, and the time.
func (c *Chain) Know(corpus *verifytest.Corpus) {
	c.t.Helper()
	c.D.Clock.Set(corpus.Now)
	roots := corpus.Read(c.t, corpus.Roots)
	if _, err := c.D.Owner().Exec(`INSERT INTO core.trust_root (fingerprint, pem, trial, valid_from) VALUES ($1, $2, true, $3)`,
		verify.SHA256(roots), string(roots), corpus.Registry.Approved); err != nil {
		c.t.Fatalf("trust the corpus's root: %v", err)
	}
	if err := c.D.As(c.t.Context(), workflow.Actor{Kind: workflow.System}, func(tx *db.Tx) error { return c.seatCorpus(tx, corpus) }); err != nil {
		c.t.Fatalf("seat the corpus's school: %v", err)
	}
	trust, list := corpus.Trust(c.t), corpus.Read(c.t, corpus.Revocations)
	for _, e := range corpus.Files {
		for _, path := range verify.Any(corpus.File(c.t, e), verify.Options{Trust: trust, Now: corpus.Now}).Paths {
			v := revocation.ReadCRL(list, path[0], path[1], corpus.Now)
			if v.Status != revocation.Revoked {
				continue
			}
			certificate, err := signing.NewCertificate(path[0], path[1:len(path)-1]...)
			if err == nil {
				err = c.D.KeepStatus(c.t.Context(), certificate.Fingerprint(), v)
			}
			if err != nil {
				c.t.Fatalf("keep what the issuer told: %v", err)
			}
		}
	}
}

func (c *Chain) seatCorpus(tx *db.Tx, corpus *verifytest.Corpus) error {
	ctx, r := c.t.Context(), corpus.Registry
	id, err := tx.CreateUnit(ctx, school.Unit{Code: r.School, Name: r.SchoolName, Kind: school.School, Levels: "TH", ParentID: &c.Cast.Commune.ID,
		ValidFrom: c.Cast.School.ValidFrom, Commune: c.Cast.School.Commune, Province: c.Cast.School.Province})
	if err != nil {
		return err
	}
	seal, err := tx.KeepCertificate(ctx, db.SealCertificate, id, corpus.SealCertificate(c.t), nil)
	if err != nil {
		return err
	}
	for _, kind := range []string{"declared", "registered", "approved"} {
		if err := tx.CertificateEvent(ctx, seal, kind, 0, "", r.Approved); err != nil {
			return err
		}
	}
	return nil
}
