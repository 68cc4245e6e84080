// Package record is the working record of one pupil and school year, from the
// first draft to the version in force: its parts, what is signed and whether
// the signatures are live, returns, versions, and the acts of the table in
// package workflow with their guards.
//
// The package is pure. db loads a State, New makes a Record of it, an act
// returns a Change: a token that only this package can make and that says
// which rows to add and which stage follows on which revision. Signing has two
// phases: Prepare… checks everything and returns an Intent to be stored and
// signed by a device or service; Complete checks everything again, verifies
// the signature and returns the Change.
//
// A signature is live as long as nobody voided it and the bytes it covers are
// what the part's current values write. So a changed cell ends exactly the
// live signatures that cover it, and an unchanged page keeps its signatures in
// the next version. It knows no SQL, no HTTP, no private key, no trust in
// certificates and no text for people.
package record
