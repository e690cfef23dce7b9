package console_test

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/regent-iam/regent/internal/console"
)

const (
	script  = "console.log(1)"
	brotli  = "brotli of the script"
	gzipped = "gzip of the script"
	origin  = "https://regent.example:8443"
)

// build is what the console's build writes.
func build() fstest.MapFS {
	file := func(content string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(content)} }
	return fstest.MapFS{
		"index.html": file(`<!doctype html><meta name="regent-api" content="__REGENT_API__"><script nonce="__REGENT_NONCE__" src="/_regent/console/assets/app-1.js"></script>` +
			`<meta property="csp-nonce" nonce="__REGENT_NONCE__">`),
		"index.html.br":                 file("a page with a nonce of long ago"),
		"index.html.gz":                 file("a page with a nonce of long ago"),
		"placeholder.html":              file("no console"),
		"favicon.svg":                   file("<svg/>"),
		"assets/app-1.js":               file(script),
		"assets/app-1.js.br":            file(brotli),
		"assets/app-1.js.gz":            file(gzipped),
		"assets/app-1.css":              file("body{}"),
		"assets/plain.js":               file(script),
		"assets/elk-worker.min-1.js":    file(script),
		"assets/elk-worker.min-1.js.gz": file(gzipped),
		"assets/font-1.woff2":           file("wOF2"),
	}
}

func open(t *testing.T, files fs.FS, api string) *console.Console {
	t.Helper()
	c, err := console.New(files, api)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func ask(c *console.Console, method, from, name string, header ...string) *http.Response {
	r := httptest.NewRequest(method, "/", http.NoBody)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	c.Serve(w, r, from, name)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	var b strings.Builder
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(b.String(), "\r\n\r\n")
	return text
}

// TestEveryPathOfTheApplicationIsItsPage: links into the application work, each
// answer has a nonce of its own, and no stored form of the page is ever served.
//
// Rules: TH-88
func TestEveryPathOfTheApplicationIsItsPage(t *testing.T) {
	t.Parallel()
	c := open(t, build(), "")
	nonces := map[string]bool{}
	find := regexp.MustCompile(`'nonce-([A-Z2-7]{26})'`)
	for _, name := range []string{
		"", "~k3f9aaaa/iam/roles", "~k3f9aaaa/s3/bucket/report.js", "switchrole", "index.html", "index.html.br", "index.html.gz", "placeholder.html",
		"../../etc/passwd", "%2e%2e/x", "assets", "ASSETS/app-1.js", "favicon.svg/x",
	} {
		r := ask(c, http.MethodGet, origin, name, "Accept-Encoding", "br, gzip")
		text, policy := body(t, r), r.Header.Get("Content-Security-Policy")
		found := find.FindStringSubmatch(policy)
		if r.StatusCode != http.StatusOK || found == nil {
			t.Errorf("%q: %d, %q", name, r.StatusCode, policy)
			continue
		}
		if nonces[found[1]] {
			t.Errorf("%q: the nonce %s is an old one", name, found[1])
		}
		nonces[found[1]] = true
		if strings.Count(text, `nonce="`+found[1]+`"`) != 2 || strings.Contains(text, "__REGENT_") || strings.Contains(text, "long ago") {
			t.Errorf("%q: %s", name, text)
		}
		if r.Header.Get("Cache-Control") != "no-store" || r.Header.Get("Content-Encoding") != "" || r.Header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%q: %v", name, r.Header)
		}
	}
}

// Rules: TH-88 TH-89
func TestThePagesPolicyLetsNothingOfABucketIn(t *testing.T) {
	t.Parallel()
	nonce := regexp.MustCompile(`nonce-[A-Z2-7]{26}`)
	for _, row := range []struct{ name, api, connect string }{
		{"one origin", "", "'self'"},
		{"a host of its own", "https://api.example", "'self' https://api.example"},
	} {
		r := ask(open(t, build(), row.api), http.MethodGet, origin, "")
		got := nonce.ReplaceAllString(r.Header.Get("Content-Security-Policy"), "nonce-N")
		const own = origin + "/_regent/console/assets/"
		want := "default-src 'none'; script-src 'nonce-N' 'strict-dynamic'; style-src " + own + " 'nonce-N'; font-src data:; img-src " + own + " data: blob:; " +
			"connect-src " + row.connect + "; worker-src " + own + "; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
		if got != want {
			t.Errorf("%s:\n got %s\nwant %s", row.name, got, want)
		}
		if text := body(t, r); !strings.Contains(text, `name="regent-api" content="`+row.api+`"`) {
			t.Errorf("%s: %s", row.name, text)
		}
	}
}

// Rules: TH-88 TH-89
func TestEveryAnswerIsHardened(t *testing.T) {
	t.Parallel()
	c := open(t, build(), "")
	for _, row := range []struct {
		method, name string
		status       int
	}{
		{http.MethodGet, "", 200},
		{http.MethodHead, "~k/iam", 200},
		{http.MethodGet, "assets/app-1.js", 200},
		{http.MethodGet, "assets/none.js", 404},
		{http.MethodGet, "favicon.svg", 200},
		{http.MethodGet, "catalog/services.json", 200},
		{http.MethodGet, "catalog/none.json", 404},
	} {
		for _, from := range []string{origin, "http://localhost:8700"} {
			r := ask(c, row.method, from, row.name)
			if r.StatusCode != row.status {
				t.Errorf("%s %q: %d, want %d", row.method, row.name, r.StatusCode, row.status)
			}
			for name, want := range map[string]string{
				"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin",
				"Cross-Origin-Resource-Policy": "same-origin", "Referrer-Policy": "no-referrer",
			} {
				if got := r.Header.Get(name); got != want {
					t.Errorf("%s %q: %s: %q, want %q", row.method, row.name, name, got, want)
				}
			}
			permissions := r.Header.Get("Permissions-Policy")
			for _, want := range []string{"camera=()", "geolocation=()", "clipboard-read=()", "clipboard-write=(self)", "publickey-credentials-get=(self)", "publickey-credentials-create=(self)"} {
				if !strings.Contains(permissions, want) {
					t.Errorf("%q: %s is not in %s", row.name, want, permissions)
				}
			}
			if got, secure := r.Header.Get("Strict-Transport-Security") != "", from == origin; got != secure {
				t.Errorf("%s %q: Strict-Transport-Security: %v", from, row.name, got)
			}
		}
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodTrace} {
		if r := ask(c, method, origin, "assets/app-1.js"); r.StatusCode != http.StatusMethodNotAllowed || r.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %d %v", method, r.StatusCode, r.Header)
		}
	}
}

func TestFilesOfTheBuild(t *testing.T) {
	t.Parallel()
	c := open(t, build(), "")
	const forever, again = "public, max-age=31536000, immutable", "no-cache"
	for _, row := range []struct {
		name, accept, contentType, coding, cache, body string
	}{
		{"assets/app-1.js", "", "text/javascript; charset=utf-8", "", forever, script},
		{"assets/app-1.js", "gzip, deflate, br, zstd", "text/javascript; charset=utf-8", "br", forever, brotli},
		{"assets/app-1.js", "gzip", "text/javascript; charset=utf-8", "gzip", forever, gzipped},
		{"assets/app-1.js", "GZip", "text/javascript; charset=utf-8", "gzip", forever, gzipped},
		{"assets/app-1.js", "br;q=0.1, gzip;q=0.9", "text/javascript; charset=utf-8", "gzip", forever, gzipped},
		{"assets/app-1.js", "br;q=0, *", "text/javascript; charset=utf-8", "gzip", forever, gzipped},
		{"assets/app-1.js", "*", "text/javascript; charset=utf-8", "br", forever, brotli},
		{"assets/app-1.js", "br;q=0, gzip;q=0", "text/javascript; charset=utf-8", "", forever, script},
		{"assets/app-1.js", "br;q=2, gzip;q=NaN", "text/javascript; charset=utf-8", "", forever, script},
		{"assets/app-1.js", "identity, br;q=0.5", "text/javascript; charset=utf-8", "", forever, script},
		{"assets/app-1.js", "deflate", "text/javascript; charset=utf-8", "", forever, script},
		{"assets/elk-worker.min-1.js", "br, gzip", "text/javascript; charset=utf-8", "gzip", forever, gzipped},
		{"assets/plain.js", "br, gzip", "text/javascript; charset=utf-8", "", forever, script},
		{"assets/app-1.css", "br", "text/css; charset=utf-8", "", forever, "body{}"},
		{"assets/font-1.woff2", "", "font/woff2", "", forever, "wOF2"},
		{"favicon.svg", "br", "image/svg+xml", "", again, "<svg/>"},
	} {
		var header []string
		if row.accept != "" {
			header = []string{"Accept-Encoding", row.accept}
		}
		r := ask(c, http.MethodGet, origin, row.name, header...)
		text, h := body(t, r), r.Header
		if text != row.body || h.Get("Content-Type") != row.contentType || h.Get("Content-Encoding") != row.coding || h.Get("Cache-Control") != row.cache {
			t.Errorf("%s, %q: %q %v", row.name, row.accept, text, h)
		}
		if r := ask(c, http.MethodHead, origin, row.name, header...); r.Header.Get("Content-Length") != strconv.Itoa(len(row.body)) {
			t.Errorf("HEAD %s: %v", row.name, r.Header)
		}
	}
	if vary := ask(c, http.MethodGet, origin, "assets/app-1.js").Header.Get("Vary"); vary != "Accept-Encoding" {
		t.Errorf("an answer that depends on Accept-Encoding says Vary: %q", vary)
	}
}

// TestWhatIsNoFileOfTheBuild: there are no listings, no way out of the build and
// no compressed file by its own name.
func TestWhatIsNoFileOfTheBuild(t *testing.T) {
	t.Parallel()
	c := open(t, build(), "")
	for _, name := range []string{
		"assets/", "assets/none.js", "assets/app-1.js.br", "assets/app-1.js.gz", "assets/app-1.js/", "assets//app-1.js", "assets/./app-1.js",
		"assets/../favicon.svg", "assets/../../console.go", "assets/%2e%2e/favicon.svg", "assets/%61pp-1.js", "assets/APP-1.js", "assets/app-1.js\x00",
	} {
		if r := ask(c, http.MethodGet, origin, name); r.StatusCode != http.StatusNotFound || r.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%q: %d %v", name, r.StatusCode, r.Header)
		}
	}
}

// TestWithoutABuildThePageSaysHowToMakeOne looks at the page that is committed.
func TestWithoutABuildThePageSaysHowToMakeOne(t *testing.T) {
	t.Parallel()
	page, err := fs.ReadFile(console.Embedded(), "placeholder.html")
	if err != nil {
		t.Fatal(err)
	}
	c := open(t, fstest.MapFS{"placeholder.html": {Data: page}}, "")
	r := ask(c, http.MethodGet, origin, "~k/iam")
	if text := body(t, r); r.StatusCode != http.StatusOK || !strings.Contains(text, "<code>make web</code>") || strings.Contains(text, "__REGENT") {
		t.Errorf("%d %s", r.StatusCode, text)
	}
	if _, err := console.New(fstest.MapFS{}, ""); err == nil {
		t.Error("a console without any page was put together")
	}
	open(t, console.Embedded(), "") // whichever of the two this binary has
}
