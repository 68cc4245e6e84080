package certificate

import (
	"crypto/rsa"
	"crypto/x509"
	"strconv"
	"time"

	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/signing"
	"hocba/internal/signing/revocation"
)

// Outcome is what a check found.
type Outcome string

// The outcomes.
const (
	Fine      Outcome = "fine"
	Attention Outcome = "attention" // a person must look; no reason to refuse by itself
	Failed    Outcome = "failed"
	Pending   Outcome = "pending" // cannot be decided now; asked again
)

// Check is one named check of a certificate. Code with Args says what was
// found; a sentence belongs to every code.
type Check struct {
	Name    string
	Outcome Outcome
	Code    string
	Args    map[string]string
}

// The names of the checks, in the order in which they are shown.
const (
	CheckChain      = "chain"
	CheckPurpose    = "purpose"
	CheckName       = "name"
	CheckNumber     = "number"
	CheckPeriod     = "period"
	CheckRevocation = "revocation"
	CheckElsewhere  = "elsewhere"
	CheckKey        = "key"
	CheckPolicy     = "policy"
)

// CheckNames lists them.
var CheckNames = []string{CheckChain, CheckPurpose, CheckName, CheckNumber, CheckPeriod, CheckRevocation, CheckElsewhere, CheckKey, CheckPolicy}

// Facts is what a certificate is held against.
type Facts struct {
	Purpose   Purpose
	Holder    string // the unit's name, or the person's
	TaxCode   string // of the unit as the authority knows it; "" not known yet
	Typed     string // the tax code or personal number as it was typed from paper; "" not asked
	Elsewhere bool   // somebody else uses the certificate or its key
	Trust     *signing.TrustList
	Policy    signing.Policy
	Status    revocation.Verdict
	Season    time.Time // the end of the signing season; zero: not asked
	Now       time.Time
}

func check(name string, o Outcome, code string, args ...string) Check {
	f := fault.New(fault.Invalid, code, args...)
	return Check{Name: name, Outcome: o, Code: f.Code, Args: f.Args}
}

// Examine makes every check. It never fails: what cannot be decided says so.
func Examine(c *signing.Certificate, f Facts) []Check {
	chain, err := f.Trust.Verify(c, f.Now)
	return []Check{
		chainCheck(c, chain, err), purposeCheck(c, f), nameCheck(c, f), numberCheck(c, f), periodCheck(c, f),
		RevocationCheck(f.Status, f.Policy.Demands()), elsewhereCheck(f), keyCheck(c), policyCheck(chain, f),
	}
}

func chainCheck(c *signing.Certificate, chain *signing.Chain, err error) Check {
	switch code := fault.CodeOf(err); {
	case err == nil:
		return check(CheckChain, Fine, "certificate.chain", "issuer", c.Issuer(), "anchor", chain.Path[len(chain.Path)-1].Subject.CommonName)
	case code == "cert.untrusted":
		return check(CheckChain, Failed, "certificate.untrusted", "issuer", c.Issuer())
	default: // the period, the purpose or the key, which have checks of their own
		return check(CheckChain, Attention, "certificate.chain_later", "issuer", c.Issuer())
	}
}

func purposeCheck(c *signing.Certificate, f Facts) Check {
	leaf := c.Leaf()
	switch organisation, person := c.TaxCode() != "", c.PersonalNumber() != ""; {
	case leaf.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0 || signing.OtherPurpose(leaf):
		return check(CheckPurpose, Failed, "certificate.purpose_usage")
	case f.Purpose == Seal && (!organisation || person):
		return check(CheckPurpose, Failed, "certificate.purpose_not_seal")
	case f.Purpose == Person && (!person || organisation):
		return check(CheckPurpose, Failed, "certificate.purpose_not_person")
	case f.Purpose == Seal:
		return check(CheckPurpose, Fine, "certificate.purpose_seal")
	}
	return check(CheckPurpose, Fine, "certificate.purpose_person")
}

// nameCheck compares as the verifier of records does (school.SameName), an
// organisation also by its O.
func nameCheck(c *signing.Certificate, f Facts) Check {
	names := []string{c.Name()}
	if f.Purpose == Seal {
		names = append(names, c.Leaf().Subject.Organization...)
	}
	for _, n := range names {
		if school.SameName(n, f.Holder) {
			return check(CheckName, Fine, "certificate.name", "name", c.Name())
		}
	}
	return check(CheckName, Failed, "certificate.name_differs", "name", c.Name(), "want", f.Holder)
}

func numberCheck(c *signing.Certificate, f Facts) Check {
	number := c.TaxCode()
	if f.Purpose == Person {
		number = c.PersonalNumber()
	}
	switch {
	case number == "":
		return check(CheckNumber, Failed, "certificate.number_missing")
	case f.Typed != "" && f.Typed != number:
		return check(CheckNumber, Failed, "certificate.number_typed")
	case f.Purpose == Person:
		return check(CheckNumber, Fine, "certificate.number_person", "end", number[len(number)-4:])
	case f.TaxCode == "":
		return check(CheckNumber, Attention, "certificate.number_unknown", "number", number)
	case f.TaxCode != number:
		return check(CheckNumber, Failed, "certificate.number_differs", "number", number, "want", f.TaxCode)
	}
	return check(CheckNumber, Fine, "certificate.number", "number", number)
}

func periodCheck(c *signing.Certificate, f Facts) Check {
	from, until := school.DateOf(c.NotBefore()).Vietnamese(), school.DateOf(c.NotAfter()).Vietnamese()
	switch {
	case f.Now.Before(c.NotBefore()):
		return check(CheckPeriod, Failed, "certificate.period_not_yet", "from", from)
	case f.Now.After(c.NotAfter()):
		return check(CheckPeriod, Failed, "certificate.period_over", "until", until)
	case !f.Season.IsZero() && c.NotAfter().Before(f.Season):
		return check(CheckPeriod, Attention, "certificate.period_season", "until", until, "season", school.DateOf(f.Season).Vietnamese())
	}
	return check(CheckPeriod, Fine, "certificate.period", "from", from, "until", until)
}

// RevocationCheck says what the issuer's answer means under a demand.
func RevocationCheck(v revocation.Verdict, demand signing.Demand) Check {
	switch v.Status {
	case revocation.Good:
		return check(CheckRevocation, Fine, "certificate.not_revoked", "kind", string(v.Kind), "at", v.From.In(school.Zone).Format("15:04 02/01/2006"))
	case revocation.Revoked:
		return check(CheckRevocation, Failed, "certificate.revoked", "at", v.At.In(school.Zone).Format("15:04 02/01/2006"), "reason", v.ReasonName())
	}
	why := v.Why
	if why == "" {
		why = "certificate.not_asked"
	}
	switch {
	case why == revocation.NoSource && demand == signing.DemandAlways:
		return check(CheckRevocation, Failed, why)
	case why == revocation.NoSource || demand == signing.DemandNothing:
		return check(CheckRevocation, Attention, why)
	}
	return check(CheckRevocation, Pending, why)
}

func elsewhereCheck(f Facts) Check {
	if f.Elsewhere {
		return check(CheckElsewhere, Failed, "certificate.used_elsewhere")
	}
	return check(CheckElsewhere, Fine, "certificate.used_nowhere")
}

func keyCheck(c *signing.Certificate) Check {
	algorithm, err := signing.KeyAlgorithm(c.Leaf().PublicKey)
	if err != nil {
		return check(CheckKey, Failed, fault.CodeOf(err))
	}
	name := "ECDSA P-256"
	if k, ok := c.Leaf().PublicKey.(*rsa.PublicKey); ok && algorithm == signing.RSASHA256 {
		name = "RSA " + strconv.Itoa(k.N.BitLen())
	}
	return check(CheckKey, Fine, "certificate.key", "key", name)
}

func policyCheck(chain *signing.Chain, f Facts) Check {
	if chain == nil {
		return check(CheckPolicy, Attention, "certificate.chain_later", "issuer", "")
	}
	if against := f.Policy.Judge(chain, f.Purpose == Seal); len(against) > 0 {
		return check(CheckPolicy, Failed, against[0])
	}
	if chain.Trial {
		return check(CheckPolicy, Attention, "certificate.trial")
	}
	return check(CheckPolicy, Fine, "certificate.policy")
}

// Stands tells whether the checks let an act be done: a registration or a
// declaration needs that none failed, an approval also that none is pending and
// that somebody looked where a person must look. It fails with Conflict
// certificate.check_failed (Args check), Unavailable certificate.check_pending,
// or Invalid certificate.look.
func Stands(checks []Check, k Kind, looked bool) error {
	look := false
	for _, c := range checks {
		switch {
		case c.Outcome == Failed:
			return fault.New(fault.Conflict, "certificate.check_failed", "check", c.Name)
		case c.Outcome == Pending && k == Approved:
			return fault.New(fault.Unavailable, "certificate.check_pending", "check", c.Name)
		case c.Outcome == Attention:
			look = true
		}
	}
	if look && k == Approved && !looked {
		return fault.New(fault.Invalid, "certificate.look")
	}
	return nil
}
