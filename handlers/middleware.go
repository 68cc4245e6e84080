package handlers

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"hocba/internal/fault"
	"hocba/views"
)

type contextKey int

const requestIDKey contextKey = iota

// requestID returns the id under which a request stands in the log.
func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey).(string)
	return id
}

func newRequestID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails: the runtime ends the program instead
	return hex.EncodeToString(b[:])
}

// recorder remembers what was answered, for the log.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += n
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// lookUpCode matches look-up codes in any spelling, and whatever else was typed
// in their place: they are capabilities and never reach the log.
var lookUpCode = regexp.MustCompile(`(?is)^(/tra-cuu/).*?(/contents|/pdf)?$`)

// identify gives each request an id and the client's address, and one line in the log when it is over.
func (p *Portal) identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := newRequestID()
		w.Header().Set("X-Request-Id", id)
		rec := &recorder{ResponseWriter: w}
		begin := time.Now()
		address := p.address(r)
		ctx := context.WithValue(context.WithValue(r.Context(), requestIDKey, id), clientKey, address)
		next.ServeHTTP(rec, r.WithContext(ctx))
		if strings.HasPrefix(r.URL.Path, "/static/") || r.URL.Path == "/healthz" {
			return
		}
		p.log.LogAttrs(r.Context(), slog.LevelInfo, "request", slog.String("id", id), slog.String("method", r.Method),
			slog.String("path", lookUpCode.ReplaceAllString(r.URL.Path, "$1***$2")), slog.String("from", address),
			slog.Int("status", rec.status), slog.Int("bytes", rec.bytes), slog.Duration("took", time.Since(begin)))
	})
}

// recover turns a panic into the neutral error page; the stack goes to the log.
func (p *Portal) recover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler {
				panic(v)
			}
			p.log.Error("panic", "id", requestID(r.Context()), "panic", v, "stack", string(debug.Stack()))
			p.renderFault(w, r, nil, views.Fault{Status: http.StatusInternalServerError, Code: "internal"})
		}()
		next.ServeHTTP(w, r)
	})
}

const contentPolicy = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; " +
	"form-action 'self'; frame-ancestors 'none'"

// secureHeaders sets what every answer carries. Pages are never kept by a
// browser or proxy; static files set their own caching.
func (p *Portal) secureHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Cache-Control", "no-store")
		if p.sessions.Cookie.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// maxBody bounds every request: the largest upload is a spreadsheet.
const maxBody = 12 << 20

func limitBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r)
	})
}

// headAsGet answers HEAD by what answers GET: the server leaves the body out.
// Programs that check links and proxies that look whether we live ask so.
func headAsGet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			r.Method = http.MethodGet
		}
		next.ServeHTTP(w, r)
	})
}

// sameOrigin refuses what another site makes a browser send.
func (p *Portal) sameOrigin(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.log.Warn("refused a request of another site", "id", requestID(r.Context()), "method", r.Method)
		p.renderFault(w, r, nil, views.Fault{Status: http.StatusForbidden, Code: "request.elsewhere"})
	}))
	return protection.Handler(next)
}

// withSession loads the session and keeps it; without the store nobody can be
// let in, and the page says so like any other.
func (p *Portal) withSession(next http.Handler) http.Handler {
	p.sessions.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		code, f := status(err), fault.As(err)
		if f == nil {
			f = fault.New(fault.Internal, "internal")
		}
		p.log.Error("keep a session", "id", requestID(r.Context()), "status", code, "error", err)
		p.renderFault(w, r, nil, views.Fault{Status: code, Code: f.Code, Args: f.Args})
	}
	return p.sessions.LoadAndSave(next)
}

// overrideMethod lets a plain form say PUT or DELETE by its field _method. It
// stands behind the cross-origin check, and reads the field only from forms
// that are no upload. A form that cannot be read whole is refused here: a
// handler would find fields empty that a person filled in.
func (p *Portal) overrideMethod(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
			next.ServeHTTP(w, r)
			return
		}
		if err := r.ParseForm(); err != nil {
			code, f := unreadable(err)
			p.log.Warn("a form cannot be read", "id", requestID(r.Context()), "status", code, "error", err)
			p.renderFault(w, r, nil, views.Fault{Status: code, Code: f.Code, Args: f.Args})
			return
		}
		if r.Method == http.MethodPost {
			switch m := strings.ToUpper(r.PostForm.Get("_method")); m {
			case http.MethodPut, http.MethodDelete, http.MethodPatch:
				r.Method = m
			}
		}
		next.ServeHTTP(w, r)
	})
}
