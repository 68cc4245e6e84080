// Package xades writes and verifies XML signatures of the form XAdES-B-B
// (ETSI EN 319 132-1) inside a document: XML-DSig with references to elements
// by Id, exclusive canonicalisation, SHA-256, and signed properties that bind
// time, certificate and role of the signer.
//
// Writing has two phases, because the private key may lie in a token or at a
// remote service: Prepare returns what is to be signed and a state that can be
// stored, Complete takes the signature and returns the exact bytes of
// ds:Signature. Those bytes are canonical already: nothing needs to serialise
// them again, and they may be concatenated into a document as they are.
//
// Reading is a white list. Parse takes a small subset of XML on which all
// parsers agree; Verify takes one shape of signature, refuses everything else
// by name, and returns pointers to the elements the signature covers. The
// caller must compare those pointers with the elements it is going to read:
// that, and not the digest, is what defeats signature wrapping.
//
// The package does not decide whom to trust: the chain of a signer's
// certificate is checked with signing.TrustList. It knows no schema; in
// particular it reads Ids from the unprefixed attribute "Id" alone and refuses
// every other spelling, so that no two readers can differ about what an Id is.
package xades

import (
	"hocba/internal/fault"
	"hocba/internal/signing"
)

// Namespaces of the elements of a signature.
const (
	DSig  = "http://www.w3.org/2000/09/xmldsig#"
	XAdES = "http://uri.etsi.org/01903/v1.3.2#"
)

// The algorithms and types of the white list.
const (
	excC14N     = "http://www.w3.org/2001/10/xml-exc-c14n#"
	digestURI   = "http://www.w3.org/2001/04/xmlenc#sha256"
	rsaURI      = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
	ecdsaURI    = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
	propsType   = "http://uri.etsi.org/01903#SignedProperties"
	mimeType    = "text/xml"
	timeLayout  = "2006-01-02T15:04:05Z"
	valueSuffix = "-gt"
	propsSuffix = "-xades"
)

// Countersigned is the reference type that says: this reference covers the
// ds:SignatureValue of an earlier signature (EN 319 132-1, 5.2.7.3).
const Countersigned = "http://uri.etsi.org/01903#CountersignedSignature"

// ValueID returns the Id of the ds:SignatureValue of the signature id.
func ValueID(id string) string { return id + valueSuffix }

// Limits of what is read and written.
const (
	// MaxBytes bounds a document; a record with its signatures has 40 KB, the
	// manifest of a large school's submission some 300 KB.
	MaxBytes = 4 << 20
	// MaxDepth bounds the nesting of elements; a record has 13 levels.
	MaxDepth = 48
	// MaxElements bounds the elements of a document: one of four bytes takes
	// three hundred in memory. The receipt of a large school's submission has
	// 40,000.
	MaxElements = 100_000
	// maxCanonical bounds a canonical form, which writes the declaration of a
	// namespace wherever it comes into use again.
	maxCanonical = 2 * MaxBytes
	// MaxAttributes bounds the attributes of one element.
	MaxAttributes = 32
	// MaxReferences bounds the data references of one signature.
	MaxReferences = 128
	// MaxIntermediates bounds the certificates beside the signer's own.
	MaxIntermediates = signing.MaxIntermediates
	// maxRole bounds a claimed role, in bytes.
	maxRole = 256
)

// refuse makes the fault of a signature that is not accepted; what names the
// rule that was broken, for logs, tests and the long form of a report.
func refuse(code, what string, args ...string) *fault.Error {
	return fault.New(fault.Invalid, code, append([]string{"what", what}, args...)...)
}
