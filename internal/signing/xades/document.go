package xades

import (
	"crypto/sha256"
	"sync"

	"github.com/beevik/etree"

	"hocba/internal/fault"
)

// Document is a parsed document. Nobody may alter its tree: the digests of
// elements are kept, so that ten signatures over the same content cost one
// canonicalisation.
type Document struct {
	root *etree.Element
	ids  map[string]*etree.Element

	mu      sync.Mutex
	digests map[*etree.Element][sha256.Size]byte
}

// Name is an element's name: namespace and local part.
type Name struct{ Space, Local string }

// Root returns the document element.
func (d *Document) Root() *etree.Element { return d.root }

// ByID returns the one element whose attribute Id is id, or nil.
func (d *Document) ByID(id string) *etree.Element { return d.ids[id] }

// CheckIDs fails with Invalid xml.id_place when an element carries an Id
// without being named in allowed. The elements of signatures that carry one
// are always allowed.
func (d *Document) CheckIDs(allowed ...Name) error {
	ok := map[Name]bool{
		{DSig, "Signature"}: true, {DSig, "SignatureValue"}: true, {DSig, "Reference"}: true,
		{XAdES, "SignedProperties"}: true,
	}
	for _, n := range allowed {
		ok[n] = true
	}
	for id, el := range d.ids {
		if !ok[Name{el.NamespaceURI(), el.Tag}] {
			return fault.New(fault.Invalid, "xml.id_place", "id", id)
		}
	}
	return nil
}

// Digest returns the SHA-256 of the canonical form of el, an element of d.
func (d *Document) Digest(el *etree.Element) ([sha256.Size]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if sum, ok := d.digests[el]; ok {
		return sum, nil
	}
	canonical, err := Canonical(el)
	if err != nil {
		return [sha256.Size]byte{}, err
	}
	sum := sha256.Sum256(canonical)
	if d.digests == nil {
		d.digests = make(map[*etree.Element][sha256.Size]byte)
	}
	d.digests[el] = sum
	return sum, nil
}

// holds reports whether el belongs to the document.
func (d *Document) holds(el *etree.Element) bool {
	for ; el != nil; el = el.Parent() {
		if el == d.root {
			return true
		}
	}
	return false
}
