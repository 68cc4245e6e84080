package timestamp

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"hocba/internal/fault"
	"hocba/internal/signing"
)

const (
	// DefaultTimeout bounds one request: a person may be waiting for it.
	DefaultTimeout = 10 * time.Second
	// clockSkew is how far an authority's clock may be from ours. Whichever is
	// wrong, such a token must not be put into a record.
	clockSkew = 5 * time.Minute

	queryType = "application/timestamp-query"
	replyType = "application/timestamp-reply"
)

type request struct {
	Version int
	Imprint messageImprint
	Policy  asn1.ObjectIdentifier `asn1:"optional"`
	Nonce   *big.Int              `asn1:"optional"`
	CertReq bool                  `asn1:"optional,default:false"`
}

type statusInfo struct {
	Status int
	Text   []asn1.RawValue `asn1:"optional"` // UTF8String
	Fail   asn1.BitString  `asn1:"optional"`
}

type response struct {
	Status statusInfo
	Token  asn1.RawValue `asn1:"optional"`
}

// Client asks one authority.
type Client struct {
	URL     string                // http or https
	Policy  asn1.ObjectIdentifier // asked for and demanded; nil: any
	Timeout time.Duration         // 0: DefaultTimeout
	HTTP    *http.Client          // nil: one that follows no redirect
	Trust   *signing.TrustList    // who may stamp
	Now     func() time.Time      // real time, to see an authority's clock off by more than 5 minutes
}

// CheckURL refuses an address that no request can go to: Invalid stamp.url.
func CheckURL(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.Fragment != "" {
		return fault.New(fault.Invalid, "stamp.url", "url", address)
	}
	return nil
}

// Stamp returns a checked token over imprint. It fails with Unavailable:
//
//	stamp.unreachable  no answer in time, or one of another protocol
//	stamp.refused      the authority refused (Args status, text)
//	stamp.answer       the answer is not to our request (Args what)
//	stamp.clock        its clock and ours differ (Args theirs, ours)
//
// A token that Check refuses fails as stamp.answer, too: another attempt or
// another authority may help, nothing is wrong with what was to be stamped.
func (c *Client) Stamp(ctx context.Context, imprint [sha256.Size]byte) (*Token, error) {
	nonce, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 64))
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "stamp.unreachable")
	}
	query, err := asn1.Marshal(request{Version: 1, Imprint: imprintOf(imprint), Policy: c.Policy, Nonce: nonce, CertReq: true})
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "stamp.form", "what", "request")
	}
	answer, err := c.post(ctx, query)
	if err != nil {
		return nil, err
	}
	token, err := readResponse(answer)
	if err != nil {
		return nil, err
	}
	return token, c.accept(token, imprint, nonce)
}

func imprintOf(sum [sha256.Size]byte) messageImprint {
	return messageImprint{pkix.AlgorithmIdentifier{Algorithm: oidSHA256, Parameters: asn1.NullRawValue}, sum[:]}
}

func (c *Client) post(ctx context.Context, query []byte) ([]byte, error) {
	timeout := c.Timeout
	if timeout == 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL, bytes.NewReader(query))
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "stamp.url", "url", c.URL)
	}
	r.Header.Set("Content-Type", queryType)
	client := c.HTTP
	if client == nil {
		client = direct
	}
	answer, err := client.Do(r)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "stamp.unreachable", "url", c.URL)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, MaxBytes+1))
	switch {
	case err != nil:
		return nil, fault.Wrap(err, fault.Unavailable, "stamp.unreachable", "url", c.URL)
	case answer.StatusCode != http.StatusOK:
		return nil, fault.New(fault.Unavailable, "stamp.unreachable", "url", c.URL, "status", strconv.Itoa(answer.StatusCode))
	case len(body) > MaxBytes:
		return nil, unfit("too_large")
	}
	return body, nil
}

// direct follows no redirect: the setting names who is asked.
var direct = &http.Client{
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func unfit(what string) error { return fault.New(fault.Unavailable, "stamp.answer", "what", what) }

func readResponse(der []byte) (*Token, error) {
	var r response
	if rest, err := asn1.Unmarshal(der, &r); err != nil || len(rest) > 0 {
		return nil, unfit("form")
	}
	if r.Status.Status > 1 || r.Status.Status < 0 { // 0 granted, 1 granted with changes
		text := ""
		if len(r.Status.Text) > 0 {
			text = string(r.Status.Text[0].Bytes)
		}
		return nil, fault.New(fault.Unavailable, "stamp.refused", "status", strconv.Itoa(r.Status.Status), "text", text)
	}
	token, err := Parse(r.Token.FullBytes)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "stamp.answer", "what", fault.CodeOf(err))
	}
	return token, nil
}

// accept holds a token against the request.
func (c *Client) accept(t *Token, imprint [sha256.Size]byte, nonce *big.Int) error {
	switch {
	case t.nonce == nil || t.nonce.Cmp(nonce) != 0:
		return unfit("nonce")
	case c.Policy != nil && !t.Policy.Equal(c.Policy):
		return unfit("policy")
	}
	if _, err := t.Check(imprint, c.Trust); err != nil {
		return fault.Wrap(err, fault.Unavailable, "stamp.answer", "what", fault.CodeOf(err))
	}
	now := time.Now()
	if c.Now != nil {
		now = c.Now()
	}
	if d := t.Time.Sub(now).Abs(); d > clockSkew+t.Accuracy {
		return fault.New(fault.Unavailable, "stamp.clock", "theirs", t.Time.Format(time.RFC3339), "ours", now.UTC().Format(time.RFC3339))
	}
	return nil
}
