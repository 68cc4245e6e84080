package bundle

import (
	_ "embed" // of the sentences
	"encoding/json"
	"sync"

	"hocba/internal/fault"
	"hocba/internal/signing/xades"
)

// Meaning is the sentence a person reads before signing in a role, and signs
// with it. A sentence once used is never changed; a better one is a further
// version under its own identifier.
type Meaning struct {
	Role Role `json:"role"`
	// Statement is the kind of statement the sentence belongs to; "" is a record.
	Statement StatementKind `json:"statement,omitempty"`
	Version   int           `json:"version"` // from 1
	OID       string        `json:"oid"`
	Source    string        `json:"source"` // the articles it rests on
	Text      string        `json:"text"`   // Vietnamese, one line, NFC
}

//go:embed meanings.json
var meaningsJSON []byte

var meanings = sync.OnceValue(func() []Meaning {
	var list []Meaning
	if err := json.Unmarshal(meaningsJSON, &list); err != nil {
		panic("meanings.json: " + err.Error())
	}
	return list
})

// MeaningOf returns the sentence that signatures of a role under a record
// carry today; ok is false for a role that signs without one: the registry's
// receipts.
func MeaningOf(role Role) (m Meaning, ok bool) { return newest(role, "") }

// MeaningOfStatement returns the sentence that the seal under a statement of a
// kind carries today.
func MeaningOfStatement(kind StatementKind) (m Meaning, ok bool) { return newest(Seal, kind) }

func newest(role Role, kind StatementKind) (m Meaning, ok bool) {
	for _, c := range meanings() {
		if c.Role == role && c.Statement == kind && c.Version > m.Version {
			m, ok = c, true
		}
	}
	return m, ok
}

// URN returns the identifier as it stands in a signature.
func (m Meaning) URN() string { return "urn:oid:" + m.OID }

// Signed returns the meaning as signed property.
func (m Meaning) Signed() *xades.Meaning { return &xades.Meaning{ID: m.URN(), Text: m.Text} }

// FindMeaning returns the sentence with an identifier as it stands in a
// signature (Meaning.URN); ok is false for one this program does not know.
func FindMeaning(urn string) (m Meaning, ok bool) {
	for _, m := range meanings() {
		if m.URN() == urn {
			return m, true
		}
	}
	return Meaning{}, false
}

// CheckMeaning compares what a signature says it means with the sentences we
// know: a known identifier must carry its own role and its own words. Nothing
// (records of before the sentences) and identifiers we do not know (of other
// software, or younger than this program) are left as they are. It fails with
// Invalid verify.meaning.
func CheckMeaning(role Role, said *xades.Meaning) error {
	if said == nil {
		return nil
	}
	if m, ok := FindMeaning(said.ID); ok && (m.Role != role || m.Text != said.Text) {
		return fault.New(fault.Invalid, "verify.meaning", "role", string(role), "text", said.Text)
	}
	return nil
}
