package revocation

import (
	"bytes"
	"crypto"
	_ "crypto/sha1"   // names of issuers in OCSP are SHA-1 (RFC 6960 §4.1.1) …
	_ "crypto/sha256" // … or, newer, SHA-256
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"
	"time"

	"golang.org/x/crypto/ocsp"
)

const (
	// skew is how far the clocks of two honest machines may differ.
	skew = 5 * time.Minute
	// ageWithoutEnd is how long an OCSP answer is used that names no end: newer
	// information is available at any time (RFC 6960 §4.2.2.1).
	ageWithoutEnd = time.Hour
)

// ReadOCSP judges the DER of an OCSP response about cert by issuer, at the
// instant at: signed by the issuer or by a responder the issuer certified for
// it and that was valid, about this very certificate, neither older nor newer
// than at allows. Anything else is Unknown, with the reason why.
func ReadOCSP(der []byte, cert, issuer *x509.Certificate, at time.Time) Verdict {
	r, err := ocsp.ParseResponseForCert(der, cert, issuer)
	if err != nil {
		return unknown(BadAnswer)
	}
	if !about(r, cert, issuer) || !mayRespond(r, issuer, at) {
		return unknown(BadAnswer)
	}
	v := Verdict{Kind: OCSP, Answer: der, Subject: cert.Raw, From: r.ThisUpdate, Until: r.NextUpdate}
	if v.Until.IsZero() {
		v.Until = v.From.Add(ageWithoutEnd)
	}
	switch r.Status {
	case ocsp.Good:
		v.Status = Good
	case ocsp.Revoked:
		v.Status, v.At, v.Reason = Revoked, r.RevokedAt, r.RevocationReason
	default:
		v.Status, v.Why = Unknown, NotKnown
	}
	return v.fresh(at)
}

// about holds the response against the whole CertID. The parser compares the
// serial number alone, which two authorities under one key may share.
func about(r *ocsp.Response, cert, issuer *x509.Certificate) bool {
	var key struct {
		Algorithm asn1.RawValue
		Key       asn1.BitString
	}
	if !r.IssuerHash.Available() {
		return false
	}
	if _, err := asn1.Unmarshal(issuer.RawSubjectPublicKeyInfo, &key); err != nil {
		return false
	}
	id, err := asn1.Marshal(struct {
		Name, Key []byte
	}{digest(r.IssuerHash, issuer.RawSubject), digest(r.IssuerHash, key.Key.RightAlign())})
	if err != nil {
		return false
	}
	serial, err := asn1.Marshal(cert.SerialNumber)
	if err != nil {
		return false
	}
	_, hashes, ok := sequence(id)
	return ok && bytes.Contains(r.TBSResponseData, append(slices.Clone(hashes), serial...))
}

func sequence(der []byte) (rest, content []byte, ok bool) {
	var raw asn1.RawValue
	rest, err := asn1.Unmarshal(der, &raw)
	return rest, raw.Bytes, err == nil && raw.Tag == asn1.TagSequence
}

func digest(h crypto.Hash, b []byte) []byte {
	d := h.New()
	d.Write(b)
	return d.Sum(nil)
}

// mayRespond: the parser proves that the issuer signed the response or the
// responder's certificate; not that it is a responder's (RFC 6960 §4.2.2.2),
// without which every holder of a certificate could answer for every other. The
// responder says itself when it answered, so its certificate must hold at the
// instant that the answer is used for, too.
func mayRespond(r *ocsp.Response, issuer *x509.Certificate, at time.Time) bool {
	c := r.Certificate
	if c == nil || c.Equal(issuer) {
		return true
	}
	return slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning) && bytes.Equal(c.RawIssuer, issuer.RawSubject) &&
		!r.ProducedAt.Before(c.NotBefore) && !r.ProducedAt.After(c.NotAfter) && !at.After(c.NotAfter.Add(skew))
}

// fresh turns an answer that says nothing about at into Unknown. A revocation
// stays one: it does not become less true with age.
func (v Verdict) fresh(at time.Time) Verdict {
	if v.Status == Unknown {
		return v
	}
	early := v.From.After(at.Add(skew))
	late := at.After(v.Until.Add(skew))
	if v.Status == Revoked && v.Reason != ocsp.CertificateHold {
		late = false
	}
	if early || late {
		v.Status, v.Why = Unknown, Stale
	}
	return v
}

// list is a revocation list whose signature was checked, ready to be asked.
type list struct {
	raw     []byte
	from    time.Time
	until   time.Time
	revoked map[string]entry // by serial number
	users   bool             // covers signers' certificates
	cas     bool             // covers authorities' certificates
}

type entry struct {
	at     time.Time
	reason int
}

var (
	oidDeltaCRL     = asn1.ObjectIdentifier{2, 5, 29, 27}
	oidDistribution = asn1.ObjectIdentifier{2, 5, 29, 28}
)

// readList parses a list and checks that the issuer signed it. Partial lists
// (delta, indirect, some reasons only) are refused: what they leave out is not
// thereby good.
func readList(der []byte, issuer *x509.Certificate) (*list, bool) {
	crl, err := x509.ParseRevocationList(der)
	if err != nil || crl.CheckSignatureFrom(issuer) != nil || !bytes.Equal(crl.RawIssuer, issuer.RawSubject) || crl.NextUpdate.IsZero() {
		return nil, false
	}
	l := &list{raw: der, from: crl.ThisUpdate, until: crl.NextUpdate, users: true, cas: true, revoked: make(map[string]entry, len(crl.RevokedCertificateEntries))}
	for _, x := range crl.Extensions {
		switch {
		case x.Id.Equal(oidDeltaCRL):
			return nil, false
		case x.Id.Equal(oidDistribution):
			if !l.scope(x.Value) {
				return nil, false
			}
		case x.Critical:
			return nil, false
		}
	}
	for _, r := range crl.RevokedCertificateEntries {
		if slices.ContainsFunc(r.Extensions, func(x pkix.Extension) bool { return x.Critical }) {
			return nil, false
		}
		l.revoked[string(r.SerialNumber.Bytes())] = entry{r.RevocationTime, r.ReasonCode}
	}
	return l, true
}

// scope reads an issuing distribution point (RFC 5280 §5.2.5).
func (l *list) scope(der []byte) bool {
	var p struct {
		Point       asn1.RawValue  `asn1:"optional,tag:0"`
		UsersOnly   bool           `asn1:"optional,tag:1"`
		CAsOnly     bool           `asn1:"optional,tag:2"`
		SomeReasons asn1.BitString `asn1:"optional,tag:3"`
		Indirect    bool           `asn1:"optional,tag:4"`
		AttrsOnly   bool           `asn1:"optional,tag:5"`
	}
	if rest, err := asn1.Unmarshal(der, &p); err != nil || len(rest) > 0 {
		return false
	}
	l.users, l.cas = !p.CAsOnly, !p.UsersOnly
	return !p.Indirect && !p.AttrsOnly && p.SomeReasons.BitLength == 0
}

// about answers for one certificate of the list's issuer.
func (l *list) about(cert *x509.Certificate, at time.Time) Verdict {
	if cert.IsCA && !l.cas || !cert.IsCA && !l.users {
		return unknown(BadAnswer)
	}
	v := Verdict{Status: Good, Kind: CRL, Answer: l.raw, Subject: cert.Raw, From: l.from, Until: l.until}
	if e, ok := l.revoked[string(cert.SerialNumber.Bytes())]; ok {
		v.Status, v.At, v.Reason = Revoked, e.at, e.reason
	}
	return v.fresh(at)
}

// ReadCRL judges cert by the DER of a revocation list of its issuer, at the
// instant at. It makes the same demands as ReadOCSP.
func ReadCRL(der []byte, cert, issuer *x509.Certificate, at time.Time) Verdict {
	l, ok := readList(der, issuer)
	if !ok {
		return unknown(BadAnswer)
	}
	return l.about(cert, at)
}
