package signing

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"slices"
)

// Demand says how much the Sở wants to know of a certificate's state with its
// issuer before it counts.
type Demand string

// The demands. A certificate that is known to be revoked never counts.
const (
	DemandNothing Demand = "off"    // what is known is shown, nobody is waited for
	DemandNamed   Demand = "named"  // an answer, where the certificate names somebody to ask
	DemandAlways  Demand = "always" // an answer; a certificate that names nobody does not count
)

// Policy is what the Sở demands of certificates beyond a chain to a root it
// trusts. The zero value is a trial that demands nothing.
type Policy struct {
	// Production refuses what has no legal value: certificates of a trial, and
	// seals whose policy says that their key is kept in software.
	Production bool `json:"production"`
	// Providers are the authorities whose certificates count, by the SHA-256 of
	// the authority's own certificate in hex, wherever it stands in the chain.
	// Empty: all that are trusted.
	Providers []string `json:"providers,omitempty"`
	// Policies are certificate policies, of which a signer's certificate must
	// name one. Empty: any.
	Policies []string `json:"policies,omitempty"`
	// SealOnDevice wants a seal's certificate to name one of DevicePolicies:
	// those by which an issuer says that the key never leaves a device.
	SealOnDevice   bool     `json:"seal_on_device,omitempty"`
	DevicePolicies []string `json:"device_policies,omitempty"`
	// HeadOnly lets nobody sign for the head of a school, delegated or not (KT.
	// HIỆU TRƯỞNG is off).
	HeadOnly bool `json:"head_only,omitempty"`
	// Revocation defaults to DemandNamed.
	Revocation Demand `json:"revocation,omitempty"`
}

// Codes of what a policy finds against a chain.
const (
	PolicyRefusesTrial    = "policy.trial"
	PolicyRefusesSoftware = "policy.software_seal"
	PolicyRefusesProvider = "policy.provider"
	PolicyRefusesPolicy   = "policy.certificate_policy"
	PolicyRefusesDevice   = "policy.device"
)

// Judge lists what speaks against a chain, as codes. A trial's chain is let
// pass while nobody has ended the trial: its mark goes with every verdict.
func (p Policy) Judge(chain *Chain, seal bool) []string {
	if chain.Trial {
		if p.Production {
			return []string{PolicyRefusesTrial}
		}
		return nil
	}
	var out []string
	leaf := chain.Path[0]
	if p.Production && seal && hasPolicy(leaf, PolicySoftwareKey) {
		out = append(out, PolicyRefusesSoftware)
	}
	if len(p.Providers) > 0 && !slices.ContainsFunc(chain.Path[1:], func(c *x509.Certificate) bool { return slices.Contains(p.Providers, FingerprintOf(c)) }) {
		out = append(out, PolicyRefusesProvider)
	}
	if len(p.Policies) > 0 && !namesPolicy(leaf, p.Policies) {
		out = append(out, PolicyRefusesPolicy)
	}
	if seal && p.SealOnDevice && !namesPolicy(leaf, p.DevicePolicies) {
		out = append(out, PolicyRefusesDevice)
	}
	return out
}

// Demands returns what the policy wants to know of revocation.
func (p Policy) Demands() Demand {
	if p.Revocation == "" {
		return DemandNamed
	}
	return p.Revocation
}

func namesPolicy(c *x509.Certificate, oids []string) bool {
	return slices.ContainsFunc(c.Policies, func(o x509.OID) bool { return slices.Contains(oids, o.String()) })
}

// FingerprintOf returns the SHA-256 of a certificate in hex.
func FingerprintOf(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return hex.EncodeToString(sum[:])
}

// KeyHash returns the SHA-256 of the certificate's public key in hex: the same
// for every certificate of one key.
func (c *Certificate) KeyHash() string {
	sum := sha256.Sum256(c.leaf.RawSubjectPublicKeyInfo)
	return hex.EncodeToString(sum[:])
}
