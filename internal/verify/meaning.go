package verify

import (
	"hocba/internal/bundle"
	"hocba/internal/signing/xades"
)

// Commitment is the sentence a signer read before signing and signed with it:
// what the signature means to that person.
type Commitment struct {
	ID      string `json:"id"`                // "urn:oid:…", names sentence and version
	Version int    `json:"version,omitempty"` // of a sentence this program knows; 0: it does not
	Source  string `json:"source,omitempty"`  // the articles a known sentence rests on
	Text    string `json:"text"`              // as it was signed
}

// The codes of a Meaning check that was skipped: nothing is wrong with the
// signature, but what it means to its signer is less sure.
const (
	noMeaning      = "verify.meaning_absent"  // signed before the sentences, or by software without
	unknownMeaning = "verify.meaning_unknown" // a sentence of other software, or younger than this program
)

// commitment returns what a signature says it means; nil when it says nothing.
func commitment(said *xades.Meaning) *Commitment {
	if said == nil {
		return nil
	}
	c := &Commitment{ID: said.ID, Text: said.Text}
	if m, ok := bundle.FindMeaning(said.ID); ok {
		c.Version, c.Source = m.Version, m.Source
	}
	return c
}

// meaning holds the sentence of a signature against those we know: one of ours
// must be word for word that of the slot's role. One that we do not know is
// shown and told, and decides nothing: the signature stands over it as over
// everything else.
func (r *run) meaning(slot bundle.Slot, said *xades.Meaning) {
	told := Check{Name: Meaning, Slot: slot.ID, Status: Skipped}
	if said == nil {
		if _, ok := bundle.MeaningOf(slot.Role); ok {
			told.Code = noMeaning
		}
		r.add(told)
		return
	}
	if _, ok := bundle.FindMeaning(said.ID); !ok {
		told.Code, told.Args = unknownMeaning, map[string]string{"id": said.ID, "text": said.Text}
		r.add(told)
		return
	}
	r.outcome(Meaning, slot.ID, bundle.CheckMeaning(slot.Role, said))
}
