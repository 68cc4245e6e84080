package remote

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"hocba/internal/fault"
	"hocba/internal/signing"
)

// connection is a service with the token of whoever asks.
type connection struct {
	service *Service
	base    string
	offers  serviceInfo
	tokens  oauth2.TokenSource
	forget  func() // the token is no longer taken
}

// The messages of CSC API v2, as far as we use them.
type (
	listRequest struct {
		UserID string `json:"userID,omitempty"`
	}
	listAnswer struct {
		CredentialIDs []string `json:"credentialIDs"`
	}
	infoRequest struct {
		CredentialID string `json:"credentialID"`
		Certificates string `json:"certificates"`
		CertInfo     bool   `json:"certInfo"`
		AuthInfo     bool   `json:"authInfo"`
	}
	credentialInfo struct {
		Key struct {
			Status string   `json:"status"`
			Algo   []string `json:"algo"`
		} `json:"key"`
		Cert struct {
			Status       string   `json:"status"`
			Certificates []string `json:"certificates"`
		} `json:"cert"`
		Auth struct {
			Mode       string       `json:"mode"`
			Expression string       `json:"expression"`
			Objects    []authObject `json:"objects"`
		} `json:"auth"`
		SCAL      string `json:"SCAL"`
		Multisign int    `json:"multisign"`
	}
	authObject struct {
		Type string `json:"type"`
		ID   string `json:"id"`
	}
	authData struct {
		ID    string `json:"id"`
		Value string `json:"value,omitempty"`
	}
	challengeRequest struct {
		CredentialID string `json:"credentialID"`
		AuthObjectID string `json:"authObjectID,omitempty"`
	}
	authorizeRequest struct {
		CredentialID     string     `json:"credentialID"`
		NumSignatures    int        `json:"numSignatures"`
		Hashes           []string   `json:"hashes,omitempty"`
		HashAlgorithmOID string     `json:"hashAlgorithmOID,omitempty"`
		AuthData         []authData `json:"authData,omitempty"`
		Description      string     `json:"description,omitempty"`
	}
	authorizeAnswer struct {
		SAD       string `json:"SAD"`
		ExpiresIn int    `json:"expiresIn"`
		Handle    string `json:"handle"`
	}
	checkRequest struct {
		Handle string `json:"handle"`
	}
	signRequest struct {
		CredentialID     string   `json:"credentialID"`
		SAD              string   `json:"SAD,omitempty"`
		Hashes           []string `json:"hashes"`
		HashAlgorithmOID string   `json:"hashAlgorithmOID"`
		SignAlgo         string   `json:"signAlgo"`
		OperationMode    string   `json:"operationMode,omitempty"`
	}
	signAnswer struct {
		Signatures []string `json:"signatures"`
		ResponseID string   `json:"responseID"`
	}
	pollRequest struct {
		ResponseID string `json:"responseID"`
	}
	serviceInfo struct {
		Specs   string   `json:"specs"`
		Name    string   `json:"name"`
		OAuth2  string   `json:"oauth2"`
		Auth    []string `json:"authType"`
		Async   bool     `json:"asynchronousOperationMode"`
		Methods []string `json:"methods"`
	}
	refusal struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
)

const (
	modeImplicit = "implicit" // of drafts of version 2 and of many services: confirmed on the telephone
	modeExplicit = "explicit"
	modeOAuth    = "oauth2code"
	sha256OID    = "2.16.840.1.101.3.4.2.1"
	rsaOID       = "1.2.840.113549.1.1.11"
	ecdsaOID     = "1.2.840.10045.4.3.2"
	maxAnswer    = 8 << 20
	tries        = 3
)

// info asks for a key.
func (c *connection) info(ctx context.Context, id string) (credentialInfo, error) {
	var out credentialInfo
	err := c.call(ctx, "credentials/info", infoRequest{CredentialID: id, Certificates: "chain", AuthInfo: true}, &out)
	return out, err
}

// certificate reads the chain; it fails with Invalid signer.config.
func (i credentialInfo) certificate() (*signing.Certificate, error) {
	var chain [][]byte
	for _, text := range i.Cert.Certificates {
		der, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, fault.Wrap(err, fault.Invalid, "signer.config", "what", "certificate")
		}
		chain = append(chain, der)
	}
	if len(chain) == 0 {
		return nil, fault.New(fault.Invalid, "signer.config", "what", "certificate")
	}
	return signing.ParseCertificate(chain...)
}

// usable reports whether the service lets the key sign, in a way we know: with
// a confirmation of its own, at its own page, or with what we ask the person for.
func (i credentialInfo) usable() bool {
	if i.Key.Status != "enabled" || i.Cert.Status != "" && i.Cert.Status != "valid" {
		return false
	}
	switch i.Auth.Mode {
	case modeExplicit:
		_, ok := i.factors()
		return ok
	case modeImplicit, modeOAuth:
		return true
	}
	return false
}

// errPending is an answer 202: not yet.
var errPending = errors.New("remote: not yet")

// call posts one message. Network failures and 5xx are tried again a few times:
// each message may be repeated, an authorisation asks at worst twice, and no
// signature is kept that was not asked for. The body of a failure is read for
// its code alone; nothing of it is shown or logged.
func (c *connection) call(ctx context.Context, method string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return fault.Wrap(err, fault.Internal, "signer.config", "what", "message")
	}
	for try := 1; ; try++ {
		err := c.once(ctx, method, body, out)
		if fault.KindOf(err) != fault.Unavailable || !fault.Is(err, "signer.unavailable") || try == tries || ctx.Err() != nil {
			return err
		}
		if err := wait(ctx, time.Duration(try)*c.service.o.Poll/4); err != nil {
			return err
		}
	}
}

func (c *connection) once(ctx context.Context, method string, body []byte, out any) error {
	token, err := c.tokens.Token()
	if err != nil {
		return loginFailed(err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/"+method, bytes.NewReader(body))
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "signer.config", "what", "url")
	}
	req.Header.Set("Content-Type", "application/json")
	token.SetAuthHeader(req)
	res, err := c.service.http.Do(req)
	if err != nil {
		return reached(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "signer.unavailable")
	}
	switch {
	case res.StatusCode == http.StatusNoContent:
		return nil
	case res.StatusCode == http.StatusOK || res.StatusCode == http.StatusAccepted || res.StatusCode == http.StatusCreated:
		if err := json.Unmarshal(raw, out); err != nil {
			return fault.Wrap(err, fault.Unavailable, "signer.unavailable", "what", "answer")
		}
		if res.StatusCode == http.StatusAccepted {
			return errPending
		}
		return nil
	case res.StatusCode >= 500 || res.StatusCode == http.StatusTooManyRequests:
		return fault.New(fault.Unavailable, "signer.unavailable", "status", res.Status)
	case res.StatusCode == http.StatusUnauthorized:
		c.forget()
		return fault.New(fault.Locked, "signer.login")
	}
	return refused(raw)
}

// sadExpired is the service's answer to an authorisation that has run out.
var sadExpired = fault.New(fault.Conflict, "signer.expired")

// What a service answers to a one-time code, and to a PIN and a code together
// without saying which is wrong.
var (
	codeWrong    = fault.New(fault.Locked, "signer.otp_wrong")
	factorsWrong = fault.New(fault.Forbidden, "signer.factors")
)

// refused reads the error of CSC API v2, section 10.1.
func refused(raw []byte) error {
	var r refusal
	_ = json.Unmarshal(raw, &r) // what cannot be read is refused all the same
	text := strings.ToLower(r.Description)
	switch {
	case r.Error == "invalid_pin":
		return fault.New(fault.Forbidden, "key.pin")
	case r.Error == "invalid_otp":
		return codeWrong
	case r.Error == "invalid_authentication_data":
		return factorsWrong
	case strings.Contains(text, "credential locked"):
		return fault.New(fault.Locked, "signer.pin_locked")
	case r.Error == "access_denied", r.Error == "authorization_denied":
		return fault.New(fault.Conflict, "signer.refused")
	case slices.Contains([]string{"expired_token", "expired_handle", "authorization_expired"}, r.Error),
		r.Error == "invalid_request" && strings.Contains(text, "sad"), r.Error == "invalid_grant":
		return sadExpired
	case r.Error == "invalid_client", r.Error == "unauthorized_client", r.Error == "invalid_token":
		return fault.New(fault.Locked, "signer.login")
	}
	return fault.New(fault.Conflict, "signer.failed", "error", clip(r.Error))
}

func clip(text string) string {
	if len(text) > 60 {
		text = text[:60]
	}
	return strings.ToValidUTF8(text, "?")
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return fault.Wrap(ctx.Err(), fault.Unavailable, "signer.unavailable")
	case <-timer.C:
		return nil
	}
}
