// Package signing holds what every electronic signature of the product rests
// on: which keys are strong enough, what a certificate says about its holder,
// and whom we trust on which day. It knows signatures over bytes and knows no
// pupils, no records, no stages and no database.
//
// The sub-packages: xades writes and verifies XML signatures, software keeps
// private keys under a PIN, demo is the certification authority of
// demonstrations. Sources: Luật Giao dịch điện tử 20/2023/QH15 Đ22;
// NĐ 68/2024/NĐ-CP Đ29 (check certificate and chain before a signature counts).
package signing

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/asn1"
	"math/big"
	"strconv"

	"hocba/internal/fault"
)

// Algorithm is a signature algorithm. There are two, both over SHA-256; what
// is not in the list does not exist for the product.
type Algorithm string

// The algorithms.
const (
	RSASHA256   Algorithm = "rsa-sha256"   // PKCS #1 v1.5, modulus of 2048 to 8192 bits
	ECDSASHA256 Algorithm = "ecdsa-sha256" // curve P-256
)

const (
	minRSABits = 2048
	maxRSABits = 8192
	// coordinate is the length in bytes of r and of s on P-256.
	coordinate = 32
)

// KeyAlgorithm returns the algorithm a key signs with. It fails with Invalid
// key.algorithm for a kind of key or a curve we do not take, and Invalid
// key.weak for an RSA modulus outside 2048 to 8192 bits.
func KeyAlgorithm(pub crypto.PublicKey) (Algorithm, error) {
	switch k := pub.(type) {
	case *rsa.PublicKey:
		if n := k.N.BitLen(); n < minRSABits || n > maxRSABits || k.E < 3 {
			return "", fault.New(fault.Invalid, "key.weak", "bits", strconv.Itoa(n))
		}
		return RSASHA256, nil
	case *ecdsa.PublicKey:
		if k.Curve == elliptic.P256() {
			return ECDSASHA256, nil
		}
	}
	return "", fault.New(fault.Invalid, "key.algorithm")
}

// Verify reports whether signature is pub's signature over digest, a SHA-256.
// An ECDSA signature is r‖s, 64 bytes, as XML-DSig wants it.
func (a Algorithm) Verify(pub crypto.PublicKey, digest [sha256.Size]byte, signature []byte) bool {
	switch k := pub.(type) {
	case *rsa.PublicKey:
		return a == RSASHA256 && rsa.VerifyPKCS1v15(k, crypto.SHA256, digest[:], signature) == nil
	case *ecdsa.PublicKey:
		if a != ECDSASHA256 || len(signature) != 2*coordinate {
			return false
		}
		r, s := new(big.Int).SetBytes(signature[:coordinate]), new(big.Int).SetBytes(signature[coordinate:])
		return ecdsa.Verify(k, digest[:], r, s)
	}
	return false
}

// Normalise brings a signature as tokens and remote services return it into
// the form of XML-DSig and checks it: RSA stays as it is; ECDSA may come as
// r‖s or as DER and leaves as r‖s. It fails with Invalid sig.value when the
// signature is not pub's over digest.
func (a Algorithm) Normalise(pub crypto.PublicKey, digest [sha256.Size]byte, signature []byte) ([]byte, error) {
	if a.Verify(pub, digest, signature) {
		return signature, nil
	}
	if a == ECDSASHA256 {
		if raw, ok := fromDER(signature); ok && a.Verify(pub, digest, raw) {
			return raw, nil
		}
	}
	return nil, fault.New(fault.Invalid, "sig.value")
}

func fromDER(der []byte) ([]byte, bool) {
	var v struct{ R, S *big.Int }
	if rest, err := asn1.Unmarshal(der, &v); err != nil || len(rest) > 0 {
		return nil, false
	}
	if v.R.Sign() <= 0 || v.S.Sign() <= 0 || v.R.BitLen() > 8*coordinate || v.S.BitLen() > 8*coordinate {
		return nil, false
	}
	raw := make([]byte, 2*coordinate)
	v.R.FillBytes(raw[:coordinate])
	v.S.FillBytes(raw[coordinate:])
	return raw, true
}
