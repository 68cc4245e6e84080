// Package bundle is the signed XML: the document model of a record of one
// pupil and school year, its byte-exact writer, its strict reader, the slots
// of its signatures, and the statements and receipts that school and registry
// exchange about records. The layout is schema version 1; a schema version is
// frozen once used, so the writer below is never changed, only followed by
// another. xsd/hoc-ba-tieu-hoc-1.xsd is the reader's twin for other programs.
//
// Parts are stored as the exact bytes that were signed and later only
// concatenated: nothing between elements, attributes sorted, no empty-element
// tags, one default namespace declared at the root. The exclusive canonical
// form of a part is therefore its bytes with the namespace declaration put
// into its first tag.
//
// The package knows no stage, no actor, no rule of evaluation and no trust;
// whether a signature holds and who made it is package verify's business.
package bundle

import (
	"bytes"
	"crypto/sha256"
	"strconv"

	"hocba/internal/fault"
	"hocba/internal/school"
)

// Namespace is the one namespace of records, statements and receipts.
const Namespace = "urn:hocba:hoc-ba-tieu-hoc:1"

// SchemaVersion is the value of LUOC_DO at every root.
const SchemaVersion = "1"

// SignatureNamespace is the namespace of ds:Signature (W3C XMLDSig).
const SignatureNamespace = "http://www.w3.org/2000/09/xmldsig#"

// MediaType is the media type of records, statements and receipts.
const MediaType = "application/xml; charset=utf-8"

// MaxBytes bounds one document. A record with fifteen signatures and long
// remarks is about 120 KB.
const MaxBytes = 2 << 20

// Declaration begins every document, byte for byte.
const Declaration = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

// PrimaryLevel is CAP_HOC of a primary school (code list of the ministry).
const PrimaryLevel = "02"

// Ids of the elements that are signed and of the signatures. The Id of a
// signature's value is the signature's Id with ValueSuffix.
const (
	DataID              = "data"
	ContentID           = "thongtinhocba"
	IssuanceID          = "phathanh"
	StatementID         = "noidung"
	HomeroomSignatureID = "ky-gvcn"
	ApprovalSignatureID = "ky-cbql"
	SealSignatureID     = "ky-phathanh"
	ReceiptSignatureID  = "ky-biennhan"
	ValueSuffix         = "-gt"
)

// SubjectID returns the Id of a subject's part.
func SubjectID(s school.Subject) string { return "mon-" + string(s) }

// TeacherSignatureID returns the Id of the signature in the subject teacher's
// slot with this number (see TeacherNumber).
func TeacherSignatureID(number int) string { return "ky-gvbm-" + strconv.Itoa(number) }

// TeacherNumber returns the number (STT) of a subject teacher's slot: the row
// of the teacher's first subject in the booklet, from 1. It depends on that
// teacher's subjects alone, so that another teacher's change never moves it;
// numbers of a record therefore rise, with gaps. 0 for no known subject.
func TeacherNumber(subjects []school.Subject) int {
	first := 0
	for _, s := range subjects {
		if n := s.Index() + 1; n > 0 && (first == 0 || n < first) {
			first = n
		}
	}
	return first
}

// Canonical returns the exclusive canonical form (http://www.w3.org/2001/10/xml-exc-c14n#)
// of a part written by this package: its bytes with the namespace declaration
// in the first tag.
func Canonical(part []byte) []byte {
	end := bytes.IndexAny(part, " >")
	if end < 0 {
		return part
	}
	const declaration = ` xmlns="` + Namespace + `"`
	out := make([]byte, 0, len(part)+len(declaration))
	out = append(out, part[:end]...)
	out = append(out, declaration...)
	return append(out, part[end:]...)
}

// Digest returns the SHA-256 of the part's canonical form: what a signature's
// reference to the part holds.
func Digest(part []byte) [32]byte { return sha256.Sum256(Canonical(part)) }

func invalid(code string, args ...string) error { return fault.New(fault.Invalid, code, args...) }
