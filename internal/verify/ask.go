package verify

// Whom to ask about a check that did not end well.
const (
	AskIssuer     = "issuer"     // who issued the file: the school, or the Sở for a receipt
	AskDepartment = "department" // the Sở, which keeps trust list and registry
	AskGiver      = "giver"      // who handed the file over: it was changed on its way
	AskLater      = "later"      // nobody yet: try again, or with a trust list
)

// whom returns whom to ask about a check; "" for one that ended well.
func (c Check) whom() string {
	switch {
	case c.Status == OK || c.Status == Skipped:
		return ""
	case c.Code == "verify.no_trust_list" || c.Code == "stamp.no_trust_list" || c.Code == "verify.revocation_unknown":
		return AskLater
	case c.Status == Unknown:
		return AskDepartment
	}
	switch c.Name {
	case Form, Signature, PaperForm, PaperLast, PaperSeal:
		return AskGiver
	case Chain, TimeStamp, Revocation, PaperText:
		return AskDepartment
	}
	return AskIssuer
}
