package verify

import (
	"crypto/x509"
	"time"

	"hocba/internal/evidence"
	"hocba/internal/signing/revocation"
)

// Evidence is the check of what lies beside a version: an unbroken chain of
// time-stamps over its hash, with every certificate and answer they name.
const Evidence = "evidence"

// Kept is the evidence beside a version.
type Kept struct {
	Links []evidence.Link
	Parts map[string][]byte // certificates and answers, by the SHA-256 (hex) of their bytes
}

// answer is what an authority said, and when it was gathered.
type answer struct {
	der []byte
	at  time.Time
}

// weigh checks a chain of evidence over bytes, and that what it names is there.
func (k Kept) weigh(sha256 string, o Options) (proof evidence.Proof, answers []answer, err error) {
	proof, err = evidence.Check(sha256, k.Links, o.Trust, o.Now)
	if err != nil {
		return evidence.Proof{}, nil, err
	}
	for i, m := range proof.Materials {
		for _, name := range m.Certificates {
			if k.Parts[name] == nil {
				return evidence.Proof{}, nil, refuse("evidence.part_missing", "sha256", name)
			}
		}
		for _, name := range m.Answers {
			if k.Parts[name] == nil {
				return evidence.Proof{}, nil, refuse("evidence.part_missing", "sha256", name)
			}
			answers = append(answers, answer{k.Parts[name], proof.At[i]})
		}
	}
	return proof, answers, nil
}

// kept answers about certificates from what their authorities had said. A
// certificate about which nobody can be asked is not judged: its verdict has no
// status.
func kept(answers []answer) Revocations {
	return func(path []*x509.Certificate) revocation.Verdict {
		var list []revocation.Verdict
		for i := 0; i+1 < len(path); i++ {
			if !revocation.HasSource(path[i]) {
				continue // left to the trust list
			}
			list = append(list, about(answers, path[i], path[i+1]))
		}
		if len(list) == 0 {
			return revocation.Verdict{}
		}
		return revocation.Worst(list)
	}
}

// about is the newest answer about a certificate, as of when it was gathered.
func about(answers []answer, cert, issuer *x509.Certificate) revocation.Verdict {
	for i := len(answers) - 1; i >= 0; i-- {
		a := answers[i]
		v := revocation.ReadOCSP(a.der, cert, issuer, a.at)
		if v.Status == revocation.Unknown {
			v = revocation.ReadCRL(a.der, cert, issuer, a.at)
		}
		if v.Status != revocation.Unknown {
			return v
		}
	}
	return revocation.Verdict{Status: revocation.Unknown, Why: revocation.Unreachable}
}

// Proven checks the bytes of a record together with its evidence: what is
// proven to have existed counts although the certificates have ended since, and
// what authorities had answered is held against the signatures. o.Received may
// say more, earlier.
func Proven(raw []byte, k Kept, o Options) Report {
	sum := SHA256(raw)
	proof, answers, err := k.weigh(sum, o)
	if err == nil {
		o.Received = earliest(o.Received, proof.Since)
		if o.Revocations == nil && len(answers) > 0 {
			o.Revocations = kept(answers)
		}
	}
	r := &run{options: o, report: File(raw, o)}
	if len(k.Links) == 0 {
		r.add(Check{Name: Evidence, Status: Skipped, Code: "evidence.none"})
	} else {
		r.outcome(Evidence, "", err)
	}
	r.report.ProvableUntil = later(r.report.ProvableUntil, proof.Until)
	return r.finish()
}
