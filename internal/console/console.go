// Package console serves the console: the files of its build, which are
// embedded, with the headers that keep a browser from running anything else.
//
// Every path that is no file of the build is answered with the application's
// page, which finds out itself what the path means. What the pages read of the
// catalog is served here too.
package console

import (
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// Path is where the console lies.
const Path = "/_regent/console/"

// assets are the files whose names say what is in them: one that changes gets
// another name.
const assets = "assets/"

// catalogFiles is where the files of the catalog lie.
const catalogFiles = "catalog/"

// What the build writes where an answer's own value goes.
const (
	nonceMark = "__REGENT_NONCE__"
	apiMark   = "__REGENT_API__"
)

//go:embed all:dist
var embedded embed.FS

// Embedded returns the files of the build that is in this binary, or the page
// that says how to make one.
func Embedded() fs.FS {
	files, err := fs.Sub(embedded, "dist")
	if err != nil {
		panic("console: " + err.Error()) // the directive above names it
	}
	return files
}

// A Console serves the files of a build. It is safe for concurrent use.
type Console struct {
	files   fs.FS
	entries map[string]entry
	// page is the application's page, cut where each answer's nonce goes.
	page    []string
	api     string
	catalog *Catalog
}

// An entry is a file as it is served.
type entry struct {
	contentType string
	// encodings are the forms that the build made beside the file itself, the
	// smallest first.
	encodings []encoding
}

// An encoding is a compressed form of a file.
type encoding struct{ coding, suffix string }

// New returns a Console that serves the files of a build. A page that finds the
// APIs at another origin than its own is told so by api, which is else "".
func New(files fs.FS, api string) (*Console, error) {
	c := &Console{files: files, entries: map[string]entry{}, api: api, catalog: NewCatalog()}
	page, err := fs.ReadFile(files, "index.html")
	if errors.Is(err, fs.ErrNotExist) {
		page, err = fs.ReadFile(files, "placeholder.html")
	}
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	c.page = strings.Split(strings.ReplaceAll(string(page), apiMark, api), nonceMark)
	err = fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || isPage(name) || isCompressed(name) {
			return err
		}
		c.entries[name] = entry{contentType: typeOf(name), encodings: encodingsOf(files, name)}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	return c, nil
}

// isPage reports whether a file is never served as it lies there: a page goes
// out with a nonce of its own, so no compressed or cached form of it may
// (TH-88).
func isPage(name string) bool {
	return !strings.HasPrefix(name, assets) && path.Ext(strings.TrimSuffix(strings.TrimSuffix(name, ".br"), ".gz")) == ".html"
}

func isCompressed(name string) bool {
	return strings.HasSuffix(name, ".br") || strings.HasSuffix(name, ".gz")
}

func encodingsOf(files fs.FS, name string) (found []encoding) {
	for _, e := range []encoding{{"br", ".br"}, {"gzip", ".gz"}} {
		if info, err := fs.Stat(files, name+e.suffix); err == nil && info.Mode().IsRegular() {
			found = append(found, e)
		}
	}
	return found
}

// typeOf returns a file's type by its name: that of the machine's own tables
// would differ from one to the next.
func typeOf(name string) string {
	switch path.Ext(name) {
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	case ".json", ".map":
		return "application/json"
	case ".webmanifest":
		return "application/manifest+json"
	case ".txt":
		return "text/plain; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".webp":
		return "image/webp"
	case ".ico":
		return "image/x-icon"
	case ".woff2":
		return "font/woff2"
	case ".wasm":
		return "application/wasm"
	}
	return "application/octet-stream"
}

// Serve answers a request for what lies at name, which is the raw path below
// [Path]. The origin is the one that the browser sees, scheme and host, and has
// been checked to be one of the console's: it becomes part of a policy.
func (c *Console) Serve(w http.ResponseWriter, r *http.Request, origin, name string) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	Harden(w.Header(), origin)
	if file, ok := strings.CutPrefix(name, catalogFiles); ok {
		c.catalog.Serve(w, r, file)
		return
	}
	if e, ok := c.entries[name]; ok {
		c.serveFile(w, r, origin, name, e)
		return
	}
	if strings.HasPrefix(name, assets) {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	c.servePage(w, origin)
}

// Harden sets the headers that every answer to a browser has, whatever it is.
func Harden(h http.Header, origin string) {
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Permissions-Policy", permissions)
	if strings.HasPrefix(origin, "https://") {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// permissions switches off what a browser can do but for passkeys and copying.
const permissions = "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), clipboard-read=(), display-capture=(), " +
	"encrypted-media=(), fullscreen=(), gamepad=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), local-fonts=(), " +
	"magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), screen-wake-lock=(), serial=(), storage-access=(), " +
	"usb=(), window-management=(), xr-spatial-tracking=(), " +
	"clipboard-write=(self), publickey-credentials-create=(self), publickey-credentials-get=(self)"

// servePage answers with the application's page and a nonce that no other
// answer has.
func (c *Console) servePage(w http.ResponseWriter, origin string) {
	nonce := rand.Text()
	page := strings.Join(c.page, nonce)
	h := w.Header()
	h.Set("Content-Security-Policy", c.policy(origin, nonce))
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(page)))
	_, _ = io.WriteString(w, page) // a client that is gone needs no answer
}

// policy lets the page run its own scripts, and take nothing from the buckets
// that lie at the same origin.
func (c *Console) policy(origin, nonce string) string {
	own := origin + Path + assets
	connect := "'self'"
	if c.api != "" {
		connect += " " + c.api
	}
	return "default-src 'none'; script-src 'nonce-" + nonce + "' 'strict-dynamic'; style-src " + own + " 'nonce-" + nonce + "'; font-src data:; " +
		"img-src " + own + " data: blob:; connect-src " + connect + "; worker-src " + own + "; " +
		"base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
}

// serveFile answers with a file of the build, in the smallest form that the
// client takes.
func (c *Console) serveFile(w http.ResponseWriter, r *http.Request, origin, name string, e entry) {
	h := w.Header()
	h.Set("Content-Type", e.contentType)
	// A worker has the policy of its own script.
	h.Set("Content-Security-Policy", "default-src 'none'; script-src "+origin+Path+assets+"; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-cache")
	if strings.HasPrefix(name, assets) {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	file := name
	if len(e.encodings) > 0 {
		h.Set("Vary", "Accept-Encoding")
		if taken := negotiate(r.Header.Values("Accept-Encoding"), e.encodings); taken != nil {
			h.Set("Content-Encoding", taken.coding)
			file += taken.suffix
		}
	}
	if err := c.send(w, r, file); err != nil {
		h.Del("Content-Encoding")
		h.Set("Cache-Control", "no-store")
		http.Error(w, "not available", http.StatusInternalServerError)
	}
}

// send sends a file. It fails only before the answer has begun.
func (c *Console) send(w http.ResponseWriter, r *http.Request, file string) error {
	f, err := c.files.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	info, err := f.Stat()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Length", strconv.FormatInt(info.Size(), 10))
	if r.Method == http.MethodHead {
		return nil
	}
	_, _ = io.CopyN(w, f, info.Size()) // a client that is gone needs no answer
	return nil
}
