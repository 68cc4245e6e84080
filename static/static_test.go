package static

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func get(t *testing.T, method, path, encoding string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	if encoding != "" {
		r.Header.Set("Accept-Encoding", encoding)
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

func TestHandler_ServesHashedNamesForAYear(t *testing.T) {
	for _, name := range []string{Sheet, "js/portal.js", "vendor/htmx.min.js", "img/icons.svg", "img/favicon.svg"} {
		res := get(t, "GET", URL(name), "gzip, deflate, br")
		if res.StatusCode != 200 || !strings.Contains(res.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: status %d, caching %q", name, res.StatusCode, res.Header.Get("Cache-Control"))
		}
		if res.Header.Get("Content-Encoding") != "gzip" || res.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: not compressed: %v", name, res.Header)
		}
		z, err := gzip.NewReader(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		packed, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		plain, _ := io.ReadAll(get(t, "GET", URL(name), "gzip;q=0").Body)
		if string(packed) != string(plain) || len(plain) == 0 {
			t.Errorf("%s: compressed and plain differ", name)
		}
	}
}

func TestHandler_RefusesWhatHasNoHashedName(t *testing.T) {
	for _, path := range []string{"/static/app.css", "/static/css/base.css", "/static/vendor/README.md", "/static/../static.go", "/static/"} {
		res := get(t, "GET", path, "")
		if res.StatusCode != 404 || res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: status %d, caching %q", path, res.StatusCode, res.Header.Get("Cache-Control"))
		}
	}
	if res := get(t, "POST", URL(Sheet), ""); res.StatusCode != 405 {
		t.Errorf("POST: status %d", res.StatusCode)
	}
	res := get(t, "HEAD", URL(Sheet), "gzip")
	if body, _ := io.ReadAll(res.Body); res.StatusCode != 200 || len(body) != 0 || res.Header.Get("Content-Length") == "0" {
		t.Errorf("HEAD: status %d, %d bytes", res.StatusCode, len(body))
	}
}

func TestURL_PanicsForAFileThatDoesNotExist(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	URL("js/nothing.js")
}

func TestVendor_IsWhatTheNoteSays(t *testing.T) {
	note, err := files.ReadFile("vendor/README.md")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := files.ReadDir("vendor")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".js") {
			continue
		}
		body, err := files.ReadFile("vendor/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(body)
		if !strings.Contains(string(note), hex.EncodeToString(sum[:])) {
			t.Errorf("%s is not the file whose hash stands in the note", e.Name())
		}
	}
}

// The page itself adds at most some 12 KB to these.
func TestBudget_OfTheFirstVisit(t *testing.T) {
	for name, limit := range map[string]int{Sheet: 15_000, Base: 19_500, "vendor/htmx.min.js": 17_500, "js/portal.js": 2_500, "img/icons.svg": 4_000, "img/favicon.svg": 600} {
		if got := Size(name); got > limit || got == 0 {
			t.Errorf("%s: %d bytes on the line, limit %d", name, got, limit)
		}
	}
	total := Size(Sheet) + Size(Base) + Size("img/icons.svg") + Size("img/favicon.svg")
	t.Logf("sheet %d, htmx and portal.js %d, icons %d: %d in all", Size(Sheet), Size(Base), Size("img/icons.svg"), total)
	if total > 42_000 {
		t.Errorf("%d bytes before the page, limit 42000", total)
	}
}

func TestScripts_KeepWithinTheirBudget(t *testing.T) {
	for name := range assets().byName {
		if name == Base {
			continue
		}
		if sum := Size(name) + Size(Base); strings.HasPrefix(name, "js/") && sum > 30_000 {
			t.Errorf("%s with htmx and portal.js: %d bytes on the line, limit 30000", name, sum)
		}
	}
	if got := Size("js/gradebook.js"); got > 8<<10 || got == 0 {
		t.Errorf("the grid's script: %d bytes on the line, limit %d", got, 8<<10)
	} else {
		t.Logf("the grid's script: %d bytes on the line", got)
	}
}

func TestScripts_AreWhatTheyMustBe(t *testing.T) {
	err := fs.WalkDir(files, "js", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		for _, word := range []string{"eval(", "new Function", "innerHTML", "http://", "https://"} {
			if strings.Contains(string(body), word) {
				t.Errorf("%s uses %s", name, word)
			}
		}
		for n, line := range strings.Split(string(body), "\n") {
			if strings.Count(line, "`")%2 == 1 {
				t.Errorf("%s:%d: a text over several lines would lose its indents", name, n+1)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestStrip_LeavesCodeAlone(t *testing.T) {
	for source, want := range map[string]string{
		"// says why\n\n  if (a) { // goes too\n\tb(1);\n  }\n": "if(a){b(1);}\n",
		"b(\"//\", ' // x', `${a} = ${ b }`); // why, again\n":  "b(\"//\", ' // x', `${a} = ${ b }`);",
		"const f = (a, b) => a + +b - -1 < c ? {} : [a, b]\n":   "const f=(a,b)=>a+ +b- -1<c?{}:[a,b]\n",
		"s.replace(/ = \" /g, \" = \")\nreturn typeof a in b\n": "s.replace(/ = \" /g, \" = \")\nreturn typeof a in b\n",
	} {
		if got := string(strip([]byte(source))); got != want {
			t.Errorf("%q became %q, want %q", source, got, want)
		}
	}
}
