package sandbox

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Script is how a remote signing service behaves.
type Script struct {
	// Delay is how long a person takes to confirm on the telephone; 0: at once.
	Delay time.Duration
	// Phone waits for somebody to press a button at /phone instead.
	Phone bool
	// Refuse lets every person say no.
	Refuse bool
	// SADLife is how long an authorisation holds; 0 is five minutes.
	SADLife time.Duration
	// Omit leaves out the signature of every n-th hash; 0: none.
	Omit int
	// Fail answers so many requests for signatures with 503 first.
	Fail int
	// PIN makes authorisation explicit: it must come with the request.
	PIN string
	// OTP makes it explicit, too: a one-time code is sent to the telephone, by
	// getChallenge, or by sendOTP as in version 1, and lives OTPLife; 0 is a
	// minute. Three wrong ones lock the key.
	OTP, SendOTP bool
	OTPLife      time.Duration
	// Page makes people authorise each batch at a page of the service
	// (oauth2code, scope "credential").
	Page bool
	// Sync answers requests for signatures at once.
	Sync bool
	// Shuffle returns signatures in the wrong order, OtherKey those of somebody
	// else's key, Short one too few.
	Shuffle, OtherKey, Short bool
	// Hang lets every request for signatures wait.
	Hang time.Duration
	// Bound binds an authorisation to the hashes it was given for (SCAL 2).
	Bound bool
	// Multisign is the most signatures of one authorisation; 0 is 2000.
	Multisign int
}

// Service is a remote signing service (CSC API v2) with the keys of some
// people. It is an http.Handler for /csc/v2, /oauth2 and /phone.
type Service struct {
	mux            *http.ServeMux
	script         Script
	client, secret string
	base           string // public address of the handler
	holders        []Holder

	mu       sync.Mutex
	failed   int
	tokens   map[string]string // access token to user; "" is the client itself
	codes    map[string]grant
	sent     map[string]sentCode       // one-time codes on telephones, by user
	wrong    map[string]int            // codes of a user that were wrong, one after another
	asked    map[string]*authorisation // by handle
	sads     map[string]*authorisation
	answers  map[string][]string // by responseID
	signings int
}

// grant is a code that somebody came back with; of the scope "credential" with
// what was authorised.
type grant struct {
	user, challenge, redirect string
	authorised                *authorisation
}

// authorisation is one question on somebody's telephone.
type authorisation struct {
	holder Holder
	hashes []string
	left   int
	text   string
	at     time.Time
	said   string // "", "yes", "no": by a button
	sad    string
	until  time.Time
}

// NewService makes a service that takes one client. base is its public address.
func NewService(base, client, secret string, holders []Holder, script Script) *Service {
	if script.SADLife == 0 {
		script.SADLife = 5 * time.Minute
	}
	if script.Multisign == 0 {
		script.Multisign = 2000
	}
	s := &Service{mux: http.NewServeMux(), script: script, client: client, secret: secret, base: base, holders: holders,
		tokens: map[string]string{}, codes: map[string]grant{}, sent: map[string]sentCode{}, wrong: map[string]int{}, asked: map[string]*authorisation{}, sads: map[string]*authorisation{},
		answers: map[string][]string{}}
	s.mux.HandleFunc("POST /csc/v2/info", s.info)
	s.mux.HandleFunc("GET /oauth2/authorize", s.authorizePage)
	s.mux.HandleFunc("POST /oauth2/token", s.token)
	s.mux.HandleFunc("POST /csc/v2/credentials/list", s.known(s.list))
	s.mux.HandleFunc("POST /csc/v2/credentials/info", s.known(s.credential))
	s.mux.HandleFunc("POST /csc/v2/credentials/authorize", s.known(s.authorize))
	s.mux.HandleFunc("POST /csc/v2/credentials/authorizeCheck", s.known(s.check))
	s.mux.HandleFunc("POST /csc/v2/credentials/getChallenge", s.known(s.send))
	s.mux.HandleFunc("POST /csc/v2/credentials/sendOTP", s.known(s.send))
	s.mux.HandleFunc("POST /csc/v2/signatures/signHash", s.known(s.sign))
	s.mux.HandleFunc("POST /csc/v2/signatures/signPolling", s.known(s.polling))
	s.mux.HandleFunc("GET /phone", s.phone)
	s.mux.HandleFunc("POST /phone", s.press)
	return s
}

// ServeHTTP implements http.Handler.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<20)
	s.mux.ServeHTTP(w, r)
}

// Add lets the service hold one more key.
func (s *Service) Add(h Holder) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.holders = append(s.holders, h)
}

// Signings is how many hashes were signed so far.
func (s *Service) Signings() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.signings
}

// SetScript changes the behaviour from now on.
func (s *Service) SetScript(script Script) {
	if script.SADLife == 0 {
		script.SADLife = 5 * time.Minute
	}
	if script.Multisign == 0 {
		script.Multisign = 2000
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script, s.failed = script, 0
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the caller is gone
}

func refuse(w http.ResponseWriter, status int, code, text string) {
	answer(w, status, map[string]string{"error": code, "error_description": text})
}

func (s *Service) info(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	methods := []string{"credentials/list", "credentials/info", "credentials/authorize", "credentials/authorizeCheck",
		"signatures/signHash", "signatures/signPolling", "oauth2/authorize", "oauth2/token"}
	if s.script.OTP && s.script.SendOTP {
		methods = append(methods, "credentials/sendOTP")
	} else if s.script.OTP {
		methods = append(methods, "credentials/getChallenge")
	}
	answer(w, http.StatusOK, map[string]any{"specs": "2.0.0.2", "name": "Sandbox", "region": "VN", "lang": "vi-VN",
		"authType": []string{"oauth2code", "oauth2client"}, "oauth2": s.base, "asynchronousOperationMode": !s.script.Sync, "methods": methods})
}

// authorizePage lets whoever looks at it choose to be one of the people.
func (s *Service) authorizePage(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	redirect, err := url.Parse(q.Get("redirect_uri"))
	if q.Get("client_id") != s.client || err != nil || redirect.Host == "" || q.Get("code_challenge_method") != "S256" ||
		q.Get("code_challenge") == "" || q.Get("response_type") != "code" {
		refuse(w, http.StatusBadRequest, "invalid_request", "client, redirect or challenge")
		return
	}
	if user := q.Get("user"); user != "" {
		code := rand.Text()
		s.mu.Lock()
		authorised, problem := s.authorisedByPage(q)
		s.codes[code] = grant{user, q.Get("code_challenge"), redirect.String(), authorised}
		refuses := s.script.Refuse
		s.mu.Unlock()
		back := redirect.Query()
		switch {
		case problem != "":
			refuse(w, http.StatusBadRequest, "invalid_request", problem)
			return
		case refuses && authorised != nil:
			back.Set("error", "access_denied")
		default:
			back.Set("code", code)
		}
		back.Set("state", q.Get("state"))
		redirect.RawQuery = back.Encode()
		http.Redirect(w, r, redirect.String(), http.StatusFound)
		return
	}
	w.Header().Set("Content-Type", "text/html;charset=UTF-8")
	fmt.Fprint(w, `<!doctype html><html lang="en"><title>Sandbox</title><h1>Sandbox: remote signer</h1><ul>`)
	for _, h := range s.holders {
		q.Set("user", h.User)
		fmt.Fprintf(w, `<li><a href="?%s">%s</a></li>`, html.EscapeString(q.Encode()), html.EscapeString(h.Name))
	}
	fmt.Fprint(w, `</ul></html>`)
}

func (s *Service) token(w http.ResponseWriter, r *http.Request) {
	client, secret, ok := r.BasicAuth()
	secret, err := url.QueryUnescape(secret) // RFC 6749, section 2.3.1
	if !ok || err != nil || client != s.client || subtle.ConstantTimeCompare([]byte(secret), []byte(s.secret)) == 0 {
		refuse(w, http.StatusUnauthorized, "invalid_client", "client")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	user, life := "", time.Hour
	token := rand.Text()
	switch r.FormValue("grant_type") {
	case "client_credentials":
	case "authorization_code":
		g, ok := s.codes[r.FormValue("code")]
		delete(s.codes, r.FormValue("code"))
		sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		if !ok || g.redirect != r.FormValue("redirect_uri") || base64.RawURLEncoding.EncodeToString(sum[:]) != g.challenge {
			refuse(w, http.StatusBadRequest, "invalid_grant", "code")
			return
		}
		if user = g.user; g.authorised != nil {
			life = s.script.SADLife
			g.authorised.sad, g.authorised.until = token, time.Now().Add(life)
			s.sads[token] = g.authorised
		}
	default:
		refuse(w, http.StatusBadRequest, "unsupported_grant_type", "")
		return
	}
	s.tokens[token] = user
	answer(w, http.StatusOK, map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": max(1, int(life.Seconds()))})
}

// call is one request of somebody who is known, its body read.
type call struct {
	user string // of a personal token; "" is the client
	in   message
}

// message has what any of the requests may say.
type message struct {
	UserID        string   `json:"userID"`
	CredentialID  string   `json:"credentialID"`
	NumSignatures int      `json:"numSignatures"`
	Hashes        []string `json:"hashes"`
	Description   string   `json:"description"`
	AuthData      []struct {
		ID    string `json:"id"`
		Value string `json:"value"`
	} `json:"authData"`
	AuthObjectID  string `json:"authObjectID"`
	Handle        string `json:"handle"`
	SAD           string `json:"SAD"`
	OperationMode string `json:"operationMode"`
	ResponseID    string `json:"responseID"`
}

func (s *Service) known(do func(http.ResponseWriter, call)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		s.mu.Lock()
		defer s.mu.Unlock()
		user, ok := s.tokens[token]
		if !ok {
			refuse(w, http.StatusUnauthorized, "invalid_token", "token")
			return
		}
		c := call{user: user}
		if err := json.NewDecoder(r.Body).Decode(&c.in); err != nil {
			refuse(w, http.StatusBadRequest, "invalid_request", "body")
			return
		}
		do(w, c)
	}
}

func (s *Service) holder(c call) (Holder, bool) {
	for _, h := range s.holders {
		if "key-"+h.User == c.in.CredentialID && (c.user == "" || c.user == h.User) {
			return h, true
		}
	}
	return Holder{}, false
}

func (s *Service) list(w http.ResponseWriter, c call) {
	user := c.user
	if user == "" {
		user = c.in.UserID
	}
	ids := []string{}
	for _, h := range s.holders {
		if h.User == user {
			ids = append(ids, "key-"+h.User)
		}
	}
	answer(w, http.StatusOK, map[string]any{"credentialIDs": ids})
}

func (s *Service) credential(w http.ResponseWriter, c call) {
	h, ok := s.holder(c)
	if !ok {
		refuse(w, http.StatusBadRequest, "invalid_request", "Invalid parameter credentialID")
		return
	}
	chain := []string{base64.StdEncoding.EncodeToString(h.Certificate.Leaf().Raw)}
	for _, i := range h.Certificate.Intermediates() {
		chain = append(chain, base64.StdEncoding.EncodeToString(i.Raw))
	}
	algo := "1.2.840.10045.4.3.2"
	if _, isRSA := h.Key.(*rsa.PrivateKey); isRSA {
		algo = "1.2.840.113549.1.1.11"
	}
	scal := "1"
	if s.script.Bound {
		scal = "2"
	}
	answer(w, http.StatusOK, map[string]any{"key": map[string]any{"status": "enabled", "algo": []string{algo}, "len": 256},
		"cert": map[string]any{"status": "valid", "certificates": chain}, "auth": s.script.auth(), "SCAL": scal, "multisign": s.script.Multisign})
}

func (s *Service) authorize(w http.ResponseWriter, c call) {
	h, ok := s.holder(c)
	switch {
	case !ok:
		refuse(w, http.StatusBadRequest, "invalid_request", "Invalid parameter credentialID")
		return
	case c.in.NumSignatures < 1 || c.in.NumSignatures > s.script.Multisign:
		refuse(w, http.StatusBadRequest, "invalid_request", "Numbers of signatures is too high")
		return
	case s.script.Page:
		refuse(w, http.StatusBadRequest, "invalid_request", "this credential is authorised by OAuth 2")
		return
	case s.script.Bound && len(c.in.Hashes) != c.in.NumSignatures:
		refuse(w, http.StatusBadRequest, "invalid_request", "hashes")
		return
	}
	a := &authorisation{holder: h, hashes: c.in.Hashes, left: c.in.NumSignatures, text: c.in.Description, at: time.Now()}
	if code, text := s.wants(h.User, c.in); code != "" {
		refuse(w, http.StatusBadRequest, code, text)
		return
	}
	if s.script.PIN != "" || s.script.OTP {
		a.said = "yes"
		s.grant(w, a)
		return
	}
	handle := rand.Text()
	s.asked[handle] = a
	answer(w, http.StatusAccepted, map[string]string{"handle": handle})
}

func (s *Service) check(w http.ResponseWriter, c call) {
	a, ok := s.asked[c.in.Handle]
	if !ok {
		refuse(w, http.StatusBadRequest, "expired_handle", "handle")
		return
	}
	if a.said == "" && !s.script.Phone && time.Since(a.at) >= s.script.Delay {
		a.said = "yes"
	}
	switch {
	case s.script.Refuse || a.said == "no":
		delete(s.asked, c.in.Handle)
		refuse(w, http.StatusBadRequest, "access_denied", "the person said no")
	case a.said == "":
		answer(w, http.StatusAccepted, map[string]string{"handle": c.in.Handle})
	default:
		delete(s.asked, c.in.Handle)
		s.grant(w, a)
	}
}

func (s *Service) grant(w http.ResponseWriter, a *authorisation) {
	a.sad, a.until = rand.Text(), time.Now().Add(s.script.SADLife)
	s.sads[a.sad] = a
	answer(w, http.StatusOK, map[string]any{"SAD": a.sad, "expiresIn": int(s.script.SADLife.Seconds())})
}

func (s *Service) sign(w http.ResponseWriter, c call) {
	time.Sleep(s.script.Hang)
	if s.failed < s.script.Fail {
		s.failed++
		refuse(w, http.StatusServiceUnavailable, "server_error", "later")
		return
	}
	a, ok := s.sads[c.in.SAD]
	switch {
	case !ok || "key-"+a.holder.User != c.in.CredentialID:
		refuse(w, http.StatusBadRequest, "invalid_request", "Invalid parameter SAD")
		return
	case !time.Now().Before(a.until):
		refuse(w, http.StatusBadRequest, "invalid_request", "SAD expired")
		return
	case len(c.in.Hashes) == 0 || len(c.in.Hashes) > a.left:
		refuse(w, http.StatusBadRequest, "invalid_request", "Numbers of hashes")
		return
	}
	out := make([]string, len(c.in.Hashes))
	for i, text := range c.in.Hashes {
		digest, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(digest) != sha256.Size || s.script.Bound && !slices.Contains(a.hashes, text) {
			refuse(w, http.StatusBadRequest, "invalid_request", "Hash not authorized by the SAD")
			return
		}
		if s.script.Omit > 0 && (i+1)%s.script.Omit == 0 {
			continue
		}
		value, err := s.keyOf(a).Sign(rand.Reader, digest, crypto.SHA256)
		if err != nil {
			refuse(w, http.StatusInternalServerError, "server_error", "key")
			return
		}
		out[i] = base64.StdEncoding.EncodeToString(value)
		s.signings++
	}
	a.left -= len(c.in.Hashes)
	out = s.script.spoil(out)
	if c.in.OperationMode != "A" {
		answer(w, http.StatusOK, map[string]any{"signatures": out})
		return
	}
	id := rand.Text()
	s.answers[id] = out
	answer(w, http.StatusOK, map[string]string{"responseID": id})
}

func (s *Service) polling(w http.ResponseWriter, c call) {
	out, ok := s.answers[c.in.ResponseID]
	if !ok {
		refuse(w, http.StatusBadRequest, "invalid_request", "Invalid parameter responseID")
		return
	}
	delete(s.answers, c.in.ResponseID)
	answer(w, http.StatusOK, map[string]any{"signatures": out})
}

// phone is the telephone of everybody: what is asked, and two buttons.
func (s *Service) phone(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html;charset=UTF-8")
	fmt.Fprint(w, `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Sandbox</title><h1>Sandbox</h1>`)
	s.mu.Lock()
	defer s.mu.Unlock()
	for user, c := range s.sent {
		fmt.Fprintf(w, `<p>%s: <b>%s</b></p>`, html.EscapeString(user), html.EscapeString(c.code))
	}
	for handle, a := range s.asked {
		fmt.Fprintf(w, `<form method="post" action="/phone"><p>%s: %s</p><input type="hidden" name="handle" value="%s">`+
			`<button name="said" value="yes">Confirm</button> <button name="said" value="no">Refuse</button></form>`,
			html.EscapeString(a.holder.Name), html.EscapeString(a.text), handle)
	}
	fmt.Fprint(w, `</html>`)
}

func (s *Service) press(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	if a, ok := s.asked[r.FormValue("handle")]; ok {
		a.said = r.FormValue("said")
	}
	s.mu.Unlock()
	http.Redirect(w, r, "/phone", http.StatusSeeOther)
}
