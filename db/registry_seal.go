package db

import (
	"hocba/internal/registry"
	"hocba/internal/signing/pades"
)

// SealPaper seals a paper with the registry's key: Certificate and Key of p are
// set here. It fails as registry.InForce and pades.Seal do.
func (g *Registrar) SealPaper(pdf []byte, p pades.Params) ([]byte, error) {
	if err := registry.InForce(g.key, g.db.Now()); err != nil {
		return nil, err
	}
	p.Certificate, p.Key = g.key.Certificate(), g.key
	return pades.Seal(pdf, p)
}
