// Package static holds the files a browser loads beside the pages: one style
// sheet, the scripts, the icons. All of them are embedded, prepared once (the
// sheet bundled from css/*.css, a large script from the files of its folder,
// everything compressed) and served under names
// that carry a hash of their content, so that a browser keeps them for a year
// and never asks again. It knows no page and no person.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// Prefix is the path below which Handler answers.
const Prefix = "/static/"

// Sheet is the name of the one style sheet, bundled from css/*.css.
const Sheet = "app.css"

// Base is the script of every page: htmx and portal.js in one request.
const Base = "js/base.js"

// base are the files that Base is joined from, in this order.
var base = []string{"vendor/htmx.min.js", "js/portal.js"}

//go:embed css js vendor img
var files embed.FS

// asset is one file as it is sent.
type asset struct {
	url     string
	kind    string // Content-Type
	plain   []byte
	gzipped []byte // nil when compression does not help
}

// store finds assets by their source name ("js/portal.js") and by their path.
type store struct {
	byName map[string]*asset
	byPath map[string]*asset
}

var assets = sync.OnceValue(load)

// URL returns the address of a file by its source name: "app.css",
// "js/portal.js", "vendor/htmx.min.js", "img/icons.svg". A name that does not
// exist is a programming error and panics; the first test that renders the page
// shows it.
func URL(name string) string {
	a, ok := assets().byName[name]
	if !ok {
		panic("static: no file " + name)
	}
	return a.url
}

// Has reports whether there is a file of this source name.
func Has(name string) bool {
	_, ok := assets().byName[name]
	return ok
}

// Size returns how many bytes of the file cross the line to a browser that
// accepts gzip; 0 for a file that does not exist.
func Size(name string) int {
	a, ok := assets().byName[name]
	if !ok {
		return 0
	}
	if a.gzipped != nil {
		return len(a.gzipped)
	}
	return len(a.plain)
}

// Handler serves the files below Prefix. Only the hashed names exist; whatever
// else is asked for is 404 and must not be kept by anybody.
func Handler() http.Handler {
	all := assets()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		a, ok := all.byPath[r.URL.Path]
		if !ok {
			h.Set("Cache-Control", "no-store")
			http.NotFound(w, r)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		body := a.plain
		if a.gzipped != nil {
			h.Set("Vary", "Accept-Encoding")
			if acceptsGzip(r.Header.Get("Accept-Encoding")) {
				h.Set("Content-Encoding", "gzip")
				body = a.gzipped
			}
		}
		h.Set("Content-Type", a.kind)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("Content-Length", strconv.Itoa(len(body)))
		if r.Method == http.MethodGet {
			_, _ = w.Write(body) // the browser has gone; nothing to mend here
		}
	})
}

// acceptsGzip reads the Accept-Encoding header as far as we need it.
func acceptsGzip(header string) bool {
	for _, part := range strings.Split(header, ",") {
		coding, params, _ := strings.Cut(part, ";")
		if c := strings.TrimSpace(coding); c != "gzip" && c != "*" {
			continue
		}
		q := strings.TrimPrefix(strings.ReplaceAll(params, " ", ""), "q=")
		if weight, err := strconv.ParseFloat(q, 64); err == nil && weight == 0 {
			return false
		}
		return true
	}
	return false
}

// load prepares every embedded file. It reads only what is compiled in, so a
// failure is a broken build.
func load() *store {
	s := &store{byName: map[string]*asset{}, byPath: map[string]*asset{}}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Dir(name) == "css" || !served[path.Ext(name)] || scripts[path.Base(path.Dir(name))] != nil {
			return err
		}
		body, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		if path.Dir(name) == "js" {
			body = strip(body)
		}
		return s.add(name, body)
	})
	for stem := range scripts {
		var body []byte
		if err == nil {
			body, err = script(files, stem)
		}
		if err == nil {
			err = s.add("js/"+stem+".js", strip(body))
		}
	}
	if err == nil {
		var body []byte
		for _, name := range base {
			body = append(append(body, s.byName[name].plain...), '\n')
		}
		err = s.add(Base, body)
	}
	if err == nil {
		var sheet []byte
		if sheet, err = bundle(files); err == nil {
			err = s.add(Sheet, sheet)
		}
	}
	if err != nil {
		panic(fmt.Sprintf("static: prepare files: %v", err))
	}
	return s
}

// served are the kinds of file a browser may ask for; notes and licences beside
// them are not sent.
var served = map[string]bool{".js": true, ".svg": true, ".woff2": true, ".png": true}

func (s *store) add(name string, body []byte) error {
	sum := sha256.Sum256(body)
	ext := path.Ext(name)
	a := &asset{
		url:   Prefix + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:5]) + ext,
		kind:  contentType(ext),
		plain: body,
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(body); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	if b.Len() < len(body) {
		a.gzipped = b.Bytes()
	}
	s.byName[name], s.byPath[a.url] = a, a
	return nil
}

// contentType does not ask the machine's tables first for the kinds we send, so
// that every machine answers alike.
func contentType(ext string) string {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	}
	return mime.TypeByExtension(ext)
}
