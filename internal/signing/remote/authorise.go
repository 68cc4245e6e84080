package remote

import (
	"context"
	"errors"
	"slices"

	"hocba/internal/fault"
	"hocba/internal/signing"
)

// authorise asks for the signature activation data (SAD) of these hashes, with
// what the person has given us, and waits for what the person gives elsewhere.
func (s *session) authorise(ctx context.Context, digests []signing.Digest, b signing.Batch) (string, error) {
	req := authorizeRequest{CredentialID: s.id, NumSignatures: len(digests), Description: b.Description}
	if s.info.SCAL == "2" {
		req.Hashes, req.HashAlgorithmOID = hashes(digests), sha256OID
	}
	var err error
	if req.AuthData, err = s.given(ctx); err != nil {
		return "", err
	}
	var got authorizeAnswer
	err = s.connection.call(ctx, "credentials/authorize", req, &got)
	if errors.Is(err, errPending) {
		if b.Tell != nil {
			b.Tell("signer.approval")
			defer b.Tell("")
		}
		if got.Handle == "" {
			return "", fault.New(fault.Conflict, "signer.failed", "error", "handle")
		}
		handle := got.Handle
		err = s.poll(ctx, func(ctx context.Context) error {
			got = authorizeAnswer{}
			err := s.connection.call(ctx, "credentials/authorizeCheck", checkRequest{Handle: handle}, &got)
			if errors.Is(err, errPending) && got.Handle != "" {
				handle = got.Handle // of the next question
			}
			return err
		})
	}
	switch {
	case errors.Is(err, factorsWrong) && s.factors.pin == "":
		err = codeWrong
	case errors.Is(err, factorsWrong) && s.factors.code == "":
		err = fault.New(fault.Forbidden, "key.pin")
	case err == nil && got.SAD == "":
		err = fault.New(fault.Conflict, "signer.failed", "error", "SAD")
	}
	return got.SAD, err
}

// given is what the person has given. A one-time code that is not there yet is
// sent for: signer.otp.
func (s *session) given(ctx context.Context) (out []authData, err error) {
	s.mu.Lock()
	pin, code := string(s.pin), s.code
	s.code = ""
	s.mu.Unlock()
	f := s.factors
	if f.code != "" && code == "" {
		if err := s.sendCode(ctx); err != nil {
			return nil, err
		}
		return nil, fault.New(fault.Locked, "signer.otp")
	}
	if f.pin != "" {
		out = append(out, authData{f.pin, pin})
	}
	if f.code != "" {
		out = append(out, authData{f.code, code})
	}
	for _, id := range f.elsewhere {
		out = append(out, authData{ID: id})
	}
	return out, nil
}

// sendCode has the service send its one-time code: as challenge of the code's
// object in version 2, by sendOTP in services that kept version 1's. A service
// with neither shows it in the person's own device.
func (s *session) sendCode(ctx context.Context) error {
	var ignored struct{}
	switch methods := s.connection.offers.Methods; {
	case s.factors.challenge == typeChallenge && slices.Contains(methods, "credentials/getChallenge"):
		return s.connection.call(ctx, "credentials/getChallenge", challengeRequest{s.id, s.factors.code}, &ignored)
	case slices.Contains(methods, "credentials/sendOTP"):
		return s.connection.call(ctx, "credentials/sendOTP", challengeRequest{CredentialID: s.id}, &ignored)
	}
	return nil
}
