package signing

import "slices"

// Anchors returns the roots of the list, for those who take it elsewhere.
func (t *TrustList) Anchors() []Anchor { return slices.Clone(t.anchors) }
