package verify_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"hocba/internal/bundle/bundletest"
	"hocba/internal/signing"
	"hocba/internal/signing/timestamp"
	"hocba/internal/verify/verifytest"
)

// stampedOtherwise are records whose time-stamps were changed where nothing in
// them is signed.
func stampedOtherwise(t testing.TB) []exhibit {
	t.Helper()
	c, _ := stage()
	root := c.CA.Anchor().Certificate
	with := *c.Stamper
	with.Certificate = must(signing.NewCertificate(c.Stamper.Certificate.Leaf(), c.CA.Issuing(), root))(t)
	plan := bundletest.Plan{Stamp: stampedAll().Stamp, Stamper: map[string]*timestamp.Authority{"ky-gvcn": &with}}
	raw := planned(t, plan)
	_, after, _ := strings.Cut(string(raw), `Id="ky-gvcn"`)
	_, after, _ = strings.Cut(after, "<xades:EncapsulatedTimeStamp>")
	encoded, _, _ := strings.Cut(after, "<")
	token := must(base64.StdEncoding.DecodeString(encoded))(t)
	at := bytes.Index(token, root.Raw)
	if at < 0 {
		t.Fatal("the root did not come with the token")
	}
	token[at+len(root.Raw)-1] ^= 1
	x := newExhibit(verifytest.Record, "a time-stamp with a changed certificate that nobody needs",
		edit(t, raw, encoded, base64.StdEncoding.EncodeToString(token)))
	x.want = "time_stamp ky-gvcn stamp.signature what=certificates"
	return []exhibit{x}
}
