package verify_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"math/big"
	"regexp"
	"strings"
	"testing"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/bundle/bundletest"
	"hocba/internal/school"
	"hocba/internal/signing"
	"hocba/internal/signing/demo"
	"hocba/internal/signing/xades"
	"hocba/internal/verify"
	"hocba/internal/verify/verifytest"
)

const dsigNamespace = xades.DSig

// exhibit is a file of the corpus while it is made. want is everything the
// report must hold against it, in the words of verify.Check.Reference; it is
// written by hand, so that the manifest does not only repeat the program.
type exhibit struct {
	verifytest.Entry
	raw  []byte
	want string
}

func newExhibit(kind, description string, raw []byte) exhibit {
	end := ".xml"
	switch kind {
	case verifytest.Paper:
		end = ".pdf"
	case verifytest.Transfer:
		end = ".zip"
	}
	return exhibit{Entry: verifytest.Entry{File: "bad-" + slug(description) + end, Kind: kind, Description: description}, raw: raw}
}

// at says what a way answers otherwise, and why.
func (x exhibit) at(w verifytest.Way, verdict, why string, failures ...verifytest.Failure) exhibit {
	ways := map[verifytest.Way]verifytest.Outcome{w: {Verdict: verdict, Why: why, Failures: failures}}
	for k, v := range x.Ways {
		ways[k] = v
	}
	x.Ways = ways
	return x
}

// exhibits makes every file of the corpus.
func exhibits(t testing.TB) []exhibit {
	t.Helper()
	good := issued(t, nil)
	out := soundFiles(t, good)
	for _, f := range forgeries {
		x := newExhibit(verifytest.Record, f.name, f.forge(t, good))
		x.want = f.want
		out = append(out, x)
	}
	out = append(out, signedWrongly(t)...)
	out = append(out, coveringOtherwise(t)...)
	out = append(out, sealedOtherwise(t, good)...)
	out = append(out, statementsAndReceipts(t)...)
	out = append(out, papers(t, good)...)
	out = append(out, stampedOtherwise(t)...)
	out = append(out, transfers(t, good)...)
	out = append(out, large(t, good)...)
	for i := range out {
		if x := &out[i]; x.Kind != verifytest.Record && x.Kind != verifytest.Other {
			*x = inARecordsPlace(*x)
		}
	}
	return out
}

// soundFiles are those that nothing is wrong with.
func soundFiles(t testing.TB, good []byte) []exhibit {
	c, _ := stage()
	paper := paperOf(t, good, wordsOf(t, good), nil)
	out := []exhibit{
		newExhibit(verifytest.Record, "a record as it must be", good),
		newExhibit(verifytest.Record, "a record whose six signatures have time-stamps", planned(t, stampedAll())),
		newExhibit(verifytest.Statement, "a submission manifest", must(c.SignStatement(bundletest.Statement(bundle.Submission), bundletest.Plan{}))(t)),
		newExhibit(verifytest.Receipt, "a receipt", must(c.SignReceipt(bundletest.Receipt(bundle.ReceiptOfRecord), bundletest.Plan{}))(t)),
		newExhibit(verifytest.Paper, "a paper that shows good-record.xml", paper),
	}
	for i, name := range []string{"record.xml", "record-stamped.xml", "statement.xml", "receipt.xml", "paper.pdf"} {
		out[i].File = "good-" + name
	}
	out[4].Record = goodRecord
	return out
}

const goodRecord = "good-record.xml"

// inARecordsPlace says what the registry answers to a file that is no record.
func inARecordsPlace(x exhibit) exhibit {
	why := "a statement or a receipt is no record"
	f := verifytest.Failure{Code: "bundle.root"}
	switch {
	case len(x.raw) > bundle.MaxBytes:
		why, f.Code = "the registry takes records as XML, and no file of this size", "xml.too_large"
	case x.Kind == verifytest.Paper || x.Kind == verifytest.Transfer:
		why, f.Code = "the registry takes records as XML", "xml.encoding"
	case x.want != "":
		return x // what is wrong with it comes first
	}
	return x.at(verifytest.Intake, verifytest.Refused, why, f)
}

// wrongly signs a record by a plan.
func wrongly(t testing.TB, description, want string, p bundletest.Plan) exhibit {
	t.Helper()
	x := newExhibit(verifytest.Record, description, planned(t, p))
	x.want = want
	return x
}

// changed issues a record with other content.
func changed(t testing.TB, description, want string, change func(*bundle.Record)) exhibit {
	t.Helper()
	x := newExhibit(verifytest.Record, description, issued(t, change))
	x.want = want
	return x
}

func by(slot string, m bundletest.Member) bundletest.Plan {
	return bundletest.Plan{Signer: map[string]bundletest.Member{slot: m}}
}

func at(slot string, when time.Time) bundletest.Plan {
	return bundletest.Plan{At: map[string]time.Time{slot: when}}
}

func stamp(slot string, when time.Time) bundletest.Plan {
	return bundletest.Plan{Stamp: map[string]time.Time{slot: when}}
}

// signedWrongly are records in which every byte is as it was signed, by the
// wrong person, key, time or over the wrong thing.
func signedWrongly(t testing.TB) []exhibit {
	t.Helper()
	c, _ := stage()
	name := bundletest.Name(bundletest.Homeroom)
	stranger := outsider(t, demo.Request{Kind: demo.Person, Name: name, PersonalNumber: "048190000001"})
	expired := wrongly(t, "a certificate that ended before its signature reached anybody", "chain ky-gvcn verify.time_unproven", by("ky-gvcn", holderUntil(t, june(8, 0)))).
		at(verifytest.Intake, verifytest.Refused, "the registry knows when the file came: it is proven no earlier",
			verifytest.Failure{Code: "verify.expired_when_proven", Place: map[string]string{"slot": "ky-gvcn"}})
	foreign := stamp("ky-gvcn", june(2, 2))
	foreign.Stamper = strangersStamp(t)
	out := []exhibit{
		wrongly(t, "a signer of an authority nobody trusts", "chain ky-gvcn cert.untrusted", by("ky-gvcn", stranger)),
		wrongly(t, "a colleague in the homeroom teacher's place", "signer ky-gvcn verify.other_signer", by("ky-gvcn", c.Members[bundletest.Music])),
		wrongly(t, "the homeroom teacher in a subject teacher's place", "signer ky-gvbm-3 verify.other_signer", by("ky-gvbm-3", c.Members[bundletest.Homeroom])),
		wrongly(t, "the seal in the principal's place", "signer ky-cbql verify.not_a_person", by("ky-cbql", c.Members[bundletest.School])),
		wrongly(t, "the principal in the seal's place", "signer ky-phathanh verify.not_a_seal", by("ky-phathanh", c.Members[bundletest.Principal])),
		wrongly(t, "the seal of another organisation", "signer ky-phathanh verify.other_signer", by("ky-phathanh", c.Members[bundletest.Department])),
		wrongly(t, "a claimed role that is not the slot's", "role ky-gvcn verify.role", bundletest.Plan{Role: map[string]string{"ky-gvcn": "CBQL"}}),
		wrongly(t, "a certificate that had expired", "chain ky-gvcn cert.expired", by("ky-gvcn", holderUntil(t, june(1, 12)))),
		expired,
		wrongly(t, "a certificate that was not valid yet", "chain ky-gvbm-1 cert.not_yet", at("ky-gvbm-1", time.Date(2024, time.June, 1, 0, 0, 0, 0, time.UTC))),
		wrongly(t, "a subject teacher signed after the homeroom teacher", "times verify.signed_out_of_order slot=ky-gvcn", at("ky-gvbm-3", june(2, 3))),
		wrongly(t, "approved before the homeroom teacher signed", "times verify.signed_out_of_order slot=ky-cbql", at("ky-cbql", june(1, 3))),
		wrongly(t, "sealed on another day than it says", "times verify.issue_date", at("ky-phathanh", june(6, 3))),
		wrongly(t, "signed in the future", "times verify.signed_in_future slot=ky-phathanh", at("ky-phathanh", time.Date(2026, time.July, 1, 3, 0, 0, 0, time.UTC))),
		wrongly(t, "a seal dated back by two days", "time_stamp ky-phathanh verify.dated_back", stamp("ky-phathanh", june(7, 2))),
		wrongly(t, "signed after its time-stamp", "time_stamp ky-gvcn verify.stamped_before_signing", stamp("ky-gvcn", june(1, 0))),
		wrongly(t, "a time-stamp of an authority nobody trusts", "time_stamp ky-gvcn stamp.untrusted what=cert.untrusted", foreign),
		changed(t, "an overall level that the results do not give", "rules verify.overall", func(r *bundle.Record) { r.Content.Overall = "HTXS" }),
		changed(t, "a commendation that the level does not allow", "rules verify.commendation", func(r *bundle.Record) { r.Content.Commended[0].Award = bundle.Excellent }),
		changed(t, "a subject without a result", "rules verify.result_missing", func(r *bundle.Record) { r.Content.Subjects = r.Content.Subjects[1:] }),
		changed(t, "a rule set that nobody knows", "rules verify.rule_set_unknown", func(r *bundle.Record) { r.General.RuleSet = "tt22-2016" }),
	}
	out = append(out, imprecise(t)...)
	return append(out, knownOutside(t)...)
}

// imprecise are values in forms that other libraries write or take.
func imprecise(t testing.TB) []exhibit {
	plain, stamped := planned(t, bundletest.Plan{}), planned(t, stampedAll())
	token := func(id string) string {
		_, after, _ := strings.Cut(string(stamped), `Id="`+id+`"`)
		_, after, _ = strings.Cut(after, "<xades:EncapsulatedTimeStamp>")
		value, _, _ := strings.Cut(after, "<")
		return value
	}
	der := newExhibit(verifytest.Record, "an ECDSA value in DER", inDER(t, plain, sealID))
	der.want = "signature ky-phathanh sig.value what=value"
	method := newExhibit(verifytest.Record, "a weak algorithm", edit(t, plain, "xmldsig-more#ecdsa-sha256", "xmldsig-more#ecdsa-sha1"))
	method.want = "signature ky-gvbm-1 sig.algorithm what=signature_method"
	digest := newExhibit(verifytest.Record, "a weak digest", edit(t, plain, "xmlenc#sha256", "xmldsig#sha1"))
	digest.want = "signature ky-gvbm-1 sig.algorithm what=digest_method"
	another := newExhibit(verifytest.Record, "a time-stamp of another signature", edit(t, stamped, token("ky-gvcn"), token("ky-cbql")))
	another.want = "time_stamp ky-gvcn stamp.imprint what=imprint"
	return []exhibit{der, method, digest, another}
}

// knownOutside are records with which nothing is wrong that stands in the file.
func knownOutside(t testing.TB) []exhibit {
	t.Helper()
	c, _ := stage()
	revoked := wrongly(t, "a certificate that had been revoked", "revocation ky-gvcn verify.revoked", by("ky-gvcn", withdrawn(t))).
		at(verifytest.Intake, verifytest.Refused, "the registry names what it holds against the certificate",
			verifytest.Failure{Code: "registry.certificate_revoked", Place: map[string]string{"slot": "ky-gvcn"}})
	key := p256(t)
	second := bundletest.Member{Key: key, Certificate: must(c.CA.Issue(demo.Request{Kind: demo.Seal, Name: c.Members[bundletest.School].Certificate.Name(),
		TaxCode: "4000123456", PublicKey: key.Public(), NotBefore: c.CA.Issuing().NotBefore, NotAfter: c.CA.Issuing().NotBefore.AddDate(5, 0, 0)}))(t)}
	unapproved := wrongly(t, "a seal of the school that nobody approved", "", by(sealID, second)).
		at(verifytest.Upload, string(verify.Unknown), "the page knows the approvals of its own schools",
			verifytest.Failure{Check: verify.Signer, Slot: sealID, Code: "verify.seal_not_approved"}).
		at(verifytest.Intake, verifytest.Refused, "only the registry knows which seals were approved",
			verifytest.Failure{Code: "registry.seal_not_approved", Place: map[string]string{"slot": sealID}})
	return []exhibit{revoked, unapproved}
}

// coveringOtherwise are records in which somebody's signature holds and does
// not cover what its slot must.
func coveringOtherwise(t testing.TB) []exhibit {
	t.Helper()
	var out []exhibit
	add := func(description, want string, raw []byte) {
		x := newExhibit(verifytest.Record, description, raw)
		x.want = want
		out = append(out, x)
	}
	from := func(change func(*bundle.Record)) []byte {
		other := bundletest.Record()
		change(&other)
		return carried(t, other)
	}
	add("a part of another pupil", "identity verify.part_of_another_pupil part=mon-NGOAI_NGU_1", from(func(r *bundle.Record) {
		r.Content.Pupil.Code = "4800999999"
		for i := range r.Content.Subjects {
			r.Content.Subjects[i].Pupil = "4800999999"
		}
	}))
	add("a part of another year", "identity verify.part_of_another_year part=mon-NGOAI_NGU_1", from(func(r *bundle.Record) { changeYear(r, "2024-2025") }))
	add("a part of another record", "identity verify.part_of_another_record part=mon-NGOAI_NGU_1", from(func(r *bundle.Record) {
		r.General.Record, r.Content.Record = "0190c5a8-0000-7000-8000-000000000000", "0190c5a8-0000-7000-8000-000000000000"
		for i := range r.Content.Subjects {
			r.Content.Subjects[i].Record = r.Content.Record
		}
	}))
	c, _ := stage()
	for _, x := range coverings(t) {
		p := must(c.Sign(bundletest.Record(), bundletest.Plan{}))(t)
		x.replace(&p)
		add(x.name, x.want, must(bundle.Assemble(p))(t))
	}
	whole := must(c.Sign(bundletest.Record(), bundletest.Plan{}))(t)
	stripped := must(c.Sign(bundletest.Record(), bundletest.Plan{Omit: map[string]bool{"ky-gvbm-11": true}}))(t)
	stripped.Teachers = append(stripped.Teachers, whole.Teachers[2])
	add("a signature put in after the principal had signed", "coverage ky-cbql verify.not_covered part=ky-gvbm-11-gt\n"+
		"coverage ky-phathanh verify.not_covered part=ky-gvbm-11-gt", must(bundle.Assemble(stripped))(t))
	return append(out, signedDecomposed(t)...)
}

// holderUntil is the homeroom teacher with a certificate that ends early.
func holderUntil(t testing.TB, until time.Time) bundletest.Member {
	t.Helper()
	c, _ := stage()
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
	return bundletest.Member{Key: key, Certificate: must(c.CA.Issue(demo.Request{Kind: demo.Person, Name: bundletest.Name(bundletest.Homeroom),
		PersonalNumber: "048190000001", PublicKey: key.Public(), NotBefore: c.CA.Issuing().NotBefore, NotAfter: until}))(t)}
}

// inDER writes a signature's value as DER, as crypto libraries do and XML-DSig
// does not.
func inDER(t testing.TB, raw []byte, slot string) []byte {
	t.Helper()
	m := regexp.MustCompile(`Id="` + slot + `-gt">([^<]*)<`).FindSubmatch(raw)
	value := must(base64.StdEncoding.DecodeString(string(m[1])))(t)
	der := must(asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(value[:32]), new(big.Int).SetBytes(value[32:])}))(t)
	return bytes.Replace(raw, m[1], []byte(base64.StdEncoding.EncodeToString(der)), 1)
}

func slug(s string) string {
	words := strings.FieldsFunc(school.Fold(s), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	return strings.Join(words, "-")
}

func p256(t testing.TB) crypto.Signer {
	t.Helper()
	return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
}

// valueOf is r‖s.
func valueOf(t testing.TB, key crypto.Signer, info []byte) []byte {
	t.Helper()
	sum := sha256.Sum256(info)
	return must(signing.ECDSASHA256.Normalise(key.Public(), sum, must(key.Sign(rand.Reader, sum[:], crypto.SHA256))(t)))(t)
}
