package db

import (
	"hocba/internal/signing/pades"
)

// SealPaper seals a paper with the registry's key: Certificate and Key of p are
// set here. It fails as pades.Seal does.
func (g *Registrar) SealPaper(pdf []byte, p pades.Params) ([]byte, error) {
	p.Certificate, p.Key = g.key.Certificate(), g.key
	return pades.Seal(pdf, p)
}
