package sandbox

import (
	"crypto"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// sentCode is a one-time code on somebody's telephone.
type sentCode struct {
	code  string
	until time.Time
}

// wrongCodes is how many wrong codes lock a key.
const wrongCodes = 3

// auth says how the keys are authorised.
func (s Script) auth() map[string]any {
	var objects []any
	var ids []string
	if s.PIN != "" {
		objects, ids = append(objects, map[string]string{"type": "Password", "id": "PIN", "format": "N", "label": "PIN"}), append(ids, "PIN")
	}
	switch {
	case s.OTP && s.SendOTP:
		objects, ids = append(objects, map[string]string{"type": "Password", "id": "OTP", "format": "N", "label": "OTP"}), append(ids, "OTP")
	case s.OTP:
		objects, ids = append(objects, map[string]string{"type": "ChallengeResponse", "id": "OTP", "format": "N", "label": "OTP"}), append(ids, "OTP")
	}
	switch {
	case s.Page:
		return map[string]any{"mode": "oauth2code"}
	case len(objects) > 0:
		return map[string]any{"mode": "explicit", "expression": strings.Join(ids, " AND "), "objects": objects}
	}
	return map[string]any{"mode": "implicit", "expression": "PHONE", "objects": []any{map[string]string{"type": "Phone", "id": "PHONE"}}}
}

// send puts a one-time code on the telephone of a key's holder.
func (s *Service) send(w http.ResponseWriter, c call) {
	h, ok := s.holder(c)
	switch {
	case !ok:
		refuse(w, http.StatusBadRequest, "invalid_request", "Invalid parameter credentialID")
		return
	case !s.script.OTP || !s.script.SendOTP && c.in.AuthObjectID != "OTP":
		refuse(w, http.StatusBadRequest, "invalid_request", "Invalid parameter authObjectID")
		return
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		refuse(w, http.StatusInternalServerError, "server_error", "code")
		return
	}
	life := s.script.OTPLife
	if life == 0 {
		life = time.Minute
	}
	s.sent[h.User] = sentCode{fmt.Sprintf("%06d", n), time.Now().Add(life)}
	w.WriteHeader(http.StatusNoContent)
}

// Code is the one-time code that was sent to somebody last.
func (s *Service) Code(user string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent[user].code
}

// wants says what is wrong with what came for an explicit authorisation.
func (s *Service) wants(user string, in message) (code, text string) {
	value := func(id string) string {
		for _, d := range in.AuthData {
			if d.ID == id {
				return d.Value
			}
		}
		return ""
	}
	if s.script.PIN != "" && value("PIN") != s.script.PIN {
		return "invalid_authentication_data", "The authentication data is invalid"
	}
	if !s.script.OTP {
		return "", ""
	}
	sent := s.sent[user]
	delete(s.sent, user) // for one use
	switch {
	case s.wrong[user] >= wrongCodes:
		return "invalid_request", "Credential locked"
	case sent.code == "" || value("OTP") != sent.code || !time.Now().Before(sent.until):
		s.wrong[user]++
		return "invalid_otp", "The OTP is invalid"
	}
	s.wrong[user] = 0
	return "", ""
}

// authorisedByPage reads what a person is asked to authorise at the page; nil
// when it is a sign-in alone.
func (s *Service) authorisedByPage(q url.Values) (a *authorisation, problem string) {
	if q.Get("scope") != "credential" {
		return nil, ""
	}
	at := slices.IndexFunc(s.holders, func(h Holder) bool { return "key-"+h.User == q.Get("credentialID") })
	n, err := strconv.Atoi(q.Get("numSignatures"))
	switch {
	case !s.script.Page:
		return nil, "this credential is not authorised by OAuth 2"
	case at < 0 || s.holders[at].User != q.Get("user"):
		return nil, "Invalid parameter credentialID"
	case err != nil || n < 1 || n > s.script.Multisign:
		return nil, "Invalid parameter numSignatures"
	}
	a = &authorisation{holder: s.holders[at], left: n, text: q.Get("description"), at: time.Now(), said: "yes"}
	if text := q.Get("hashes"); text != "" {
		for part := range strings.SplitSeq(text, ",") {
			raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(part, "="))
			if err != nil {
				return nil, "Invalid parameter hashes"
			}
			a.hashes = append(a.hashes, base64.StdEncoding.EncodeToString(raw))
		}
	}
	if s.script.Bound && len(a.hashes) != n {
		return nil, "Missing parameter hashes"
	}
	return a, ""
}

// keyOf is the key that signs: not always the one that was asked for.
func (s *Service) keyOf(a *authorisation) crypto.Signer {
	if s.script.OtherKey {
		for _, h := range s.holders {
			if h.User != a.holder.User {
				return h.Key
			}
		}
	}
	return a.holder.Key
}

// spoil does to signatures what the script says.
func (s Script) spoil(out []string) []string {
	if s.Shuffle && len(out) > 1 {
		out = append(slices.Clone(out[1:]), out[0])
	}
	if s.Short && len(out) > 0 {
		out = out[:len(out)-1]
	}
	return out
}

// Asked are the questions on everybody's telephones, as people read them.
func (s *Service) Asked() (out []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.asked {
		out = append(out, a.holder.Name+": "+a.text)
	}
	return out
}

// Press presses a button ("yes", "no") on everybody's telephones.
func (s *Service) Press(button string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.asked {
		a.said = button
	}
}
