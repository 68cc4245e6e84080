// Package timestamp asks for time-stamps (RFC 3161, RFC 5816) and reads them
// strictly: a token counts when it is over exactly our hash, answers exactly
// our request, is signed by a certificate made for time-stamping and nothing
// else, and that certificate chains to a root we trust at the time it names.
//
// Sources: NĐ 68/2024/NĐ-CP Đ29 (a time-stamp where it is required); ETSI
// EN 319 422 (profile of tokens).
package timestamp

import (
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"strings"
	"time"

	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/internal/signing/cms"
)

// MaxBytes bounds an answer: a token with its chain has 2 to 8 KB.
const MaxBytes = cms.MaxBytes

var (
	oidTSTInfo     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	oidSHA256      = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidExtKeyUsage = asn1.ObjectIdentifier{2, 5, 29, 37}
)

const generalizedLayout = "20060102150405.999999999Z"

type messageImprint struct {
	Algorithm pkix.AlgorithmIdentifier
	Hash      []byte
}

type tstInfo struct {
	Version    int
	Policy     asn1.ObjectIdentifier
	Imprint    messageImprint
	Serial     *big.Int
	Time       asn1.RawValue
	Accuracy   accuracy      `asn1:"optional"`
	Ordering   bool          `asn1:"optional,default:false"`
	Nonce      *big.Int      `asn1:"optional"`
	TSA        asn1.RawValue `asn1:"explicit,optional,tag:0"`
	Extensions asn1.RawValue `asn1:"optional,tag:1"`
}

type accuracy struct {
	Seconds int `asn1:"optional"`
	Millis  int `asn1:"optional,tag:0"`
	Micros  int `asn1:"optional,tag:1"`
}

// Token is a time-stamp that was read. Nothing in it is trusted before Check.
type Token struct {
	Raw      []byte    // DER, as it is kept
	Time     time.Time // UTC: the stamped bytes existed then
	Accuracy time.Duration
	Policy   asn1.ObjectIdentifier
	Serial   *big.Int
	Imprint  [sha256.Size]byte

	nonce  *big.Int
	signed *cms.Signed
}

func refuse(code, what string) error { return fault.New(fault.Invalid, code, "what", what) }

// Parse reads the DER of a token. It fails with Invalid stamp.form (what is
// wrong: content, version, imprint, time, serial, extension) or the codes of
// cms.Parse.
func Parse(raw []byte) (*Token, error) {
	signed, err := cms.Parse(raw)
	if err != nil {
		return nil, err
	}
	if !signed.Type.Equal(oidTSTInfo) || len(signed.Content) == 0 {
		return nil, refuse("stamp.form", "content")
	}
	if signed.HasUnsigned() {
		return nil, refuse("stamp.form", "unsigned") // what nobody signed could be exchanged
	}
	var info tstInfo
	if rest, err := asn1.Unmarshal(signed.Content, &info); err != nil || len(rest) > 0 {
		return nil, fault.Wrap(err, fault.Invalid, "stamp.form", "what", "content")
	}
	t := &Token{Raw: raw, Policy: info.Policy, Serial: info.Serial, nonce: info.Nonce, signed: signed}
	switch {
	case info.Version != 1:
		return nil, refuse("stamp.form", "version")
	case !info.Imprint.Algorithm.Algorithm.Equal(oidSHA256) || len(info.Imprint.Hash) != sha256.Size:
		return nil, refuse("stamp.form", "imprint")
	case info.Serial == nil || info.Serial.Sign() < 0:
		return nil, refuse("stamp.form", "serial")
	case len(info.Extensions.FullBytes) > 0:
		return nil, refuse("stamp.form", "extension") // none is known to us, and it may be critical
	}
	t.Imprint = [sha256.Size]byte(info.Imprint.Hash)
	if t.Time, err = readTime(info.Time); err != nil {
		return nil, err
	}
	a := info.Accuracy
	t.Accuracy = time.Duration(a.Seconds)*time.Second + time.Duration(a.Millis)*time.Millisecond + time.Duration(a.Micros)*time.Microsecond
	if t.Accuracy < 0 || t.Accuracy > time.Hour {
		return nil, refuse("stamp.form", "accuracy")
	}
	return t, nil
}

// readTime reads GeneralizedTime in UTC, with fractions of a second or without;
// the standard library knows no fractions.
func readTime(raw asn1.RawValue) (time.Time, error) {
	text := string(raw.Bytes)
	if raw.Class != asn1.ClassUniversal || raw.Tag != asn1.TagGeneralizedTime || !strings.HasSuffix(text, "Z") {
		return time.Time{}, refuse("stamp.form", "time")
	}
	at, err := time.Parse(generalizedLayout, text)
	if err != nil || at.Format(generalizedLayout) != text {
		return time.Time{}, fault.Wrap(err, fault.Invalid, "stamp.form", "what", "time")
	}
	return at, nil
}

// Authority returns the name of who stamped, as its certificate says.
func (t *Token) Authority() string { return t.signed.Signer.Subject.CommonName }

// Certificate returns the certificate of who stamped, with what it came with.
func (t *Token) Certificate() (*signing.Certificate, error) {
	var chain []*x509.Certificate
	for _, c := range t.signed.Certificates {
		if c.CheckSignatureFrom(c) != nil && c.IsCA && len(chain) < signing.MaxIntermediates {
			chain = append(chain, c)
		}
	}
	return signing.NewCertificate(t.signed.Signer, chain...)
}

// Check decides whether the token proves that what hashes to imprint existed
// at its Time, and returns the chain of who stamped. It fails with Invalid:
//
//	stamp.imprint    it is over something else
//	stamp.signature  its signature does not hold (Args what)
//	stamp.purpose    the certificate is not for time-stamping alone
//	stamp.untrusted  no chain to a root of trust at its Time
//
// and with Unavailable stamp.no_trust_list when trust is nil.
func (t *Token) Check(imprint [sha256.Size]byte, trust *signing.TrustList) (*signing.Chain, error) {
	if t.Imprint != imprint {
		return nil, refuse("stamp.imprint", "imprint")
	}
	if err := t.signed.Verify(t.signed.Content); err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "stamp.signature", "what", fault.CodeOf(err))
	}
	if !forTimeStamping(t.signed.Signer) {
		return nil, refuse("stamp.purpose", "extended_key_usage")
	}
	if trust == nil {
		return nil, fault.New(fault.Unavailable, "stamp.no_trust_list")
	}
	certificate, err := t.Certificate()
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "stamp.untrusted", "authority", t.Authority(), "what", fault.CodeOf(err))
	}
	chain, err := trust.VerifyService(certificate, t.Time)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "stamp.untrusted", "authority", t.Authority(), "what", fault.CodeOf(err))
	}
	if !t.bound(chain) {
		return nil, refuse("stamp.signature", "certificates")
	}
	return chain, nil
}

// bound reports whether every certificate that came with the token stands for
// itself: one of the chain, or signed by one of the chain, of those that came,
// or by its own key. Nothing signs the list of them; a byte of one that nobody
// needs could be changed unseen.
func (t *Token) bound(chain *signing.Chain) bool {
	issuers := slices.Concat(chain.Path, t.signed.Certificates)
	for _, c := range t.signed.Certificates {
		if !slices.ContainsFunc(chain.Path, c.Equal) && !slices.ContainsFunc(issuers, func(by *x509.Certificate) bool { return c.CheckSignatureFrom(by) == nil }) {
			return false
		}
	}
	return true
}

// forTimeStamping demands the extended key usage that RFC 3161, 2.3 demands:
// critical, and that one purpose alone.
func forTimeStamping(c *x509.Certificate) bool {
	if len(c.ExtKeyUsage) != 1 || c.ExtKeyUsage[0] != x509.ExtKeyUsageTimeStamping || len(c.UnknownExtKeyUsage) > 0 {
		return false
	}
	for _, e := range c.Extensions {
		if e.Id.Equal(oidExtKeyUsage) {
			return e.Critical
		}
	}
	return false
}
