package signin

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/sigv4"
)

// A visit is one request of a browser, and how it came.
type visit struct {
	id      string // of the request
	address netip.Addr
	agent   string
	secure  bool // over TLS
	// loopback says that the browser and the server are the same machine: the
	// one place where a cookie may go without TLS.
	loopback bool
	now      time.Time
	request  *http.Request
	asked    sigv4.Query // its query string, of the pages
}

const maxUserAgent = 1024

func (h *Handler) visitOf(r *http.Request) *visit {
	v := &visit{id: dispatch.UUID(), now: h.Now().UTC(), request: r, agent: r.UserAgent()}
	if len(v.agent) > maxUserAgent {
		v.agent = v.agent[:maxUserAgent]
	}
	v.address, v.secure = h.Proxies.Peer(r)
	v.loopback = !v.secure && v.address.IsLoopback() && !dispatch.Forwarded(r) && loopbackHost(r.Host)
	return v
}

// query is the query string as it came, with its question mark.
func (v *visit) query() string {
	if v.asked.Len() == 0 {
		return ""
	}
	return "?" + v.asked.Raw()
}

func loopbackHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return arn.Fold(host) == "localhost" || err == nil && addr.IsLoopback()
}

// protected reports whether a cookie can be given to the browser at all.
func (v *visit) protected() bool { return v.secure || v.loopback }

// instanceLength is how much of the instance's id tells two servers of one
// machine apart: cookies do not know of ports.
const instanceLength = 12

// cookieName is the name of a cookie: on TLS one that no other host and no plain
// page can set (TH-84).
func (h *Handler) cookieName(v *visit, suffix string) string {
	if v.secure {
		return "__Host-regent" + suffix
	}
	return "regent-" + string(h.Authn.Ring().Instance())[:instanceLength] + suffix
}

// cookiePath is where a cookie goes. On loopback it keeps off the URLs of
// buckets; a __Host- cookie has no choice.
func (v *visit) cookiePath() string {
	if v.secure {
		return "/"
	}
	return "/_regent/"
}

func (h *Handler) setCookie(w http.ResponseWriter, v *visit, suffix, value string, age int) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // it is Secure on TLS, and there is none but on loopback without
		Name: h.cookieName(v, suffix), Value: value, Path: v.cookiePath(), MaxAge: age, Secure: v.secure, HttpOnly: true,
		SameSite: http.SameSiteStrictMode,
	})
}

// errTwoCookies reports two cookies of the one name: one of them was planted,
// and nothing tells which (TH-83).
var errTwoCookies = errors.New("signin: two cookies of one name")

// cookie returns the value of the browser's cookie, "" for none.
func (h *Handler) cookie(v *visit, suffix string) (string, error) {
	switch all := v.request.CookiesNamed(h.cookieName(v, suffix)); len(all) {
	case 0:
		return "", nil
	case 1:
		return all[0].Value, nil
	}
	return "", errTwoCookies
}

// draw returns 256 random bits as text.
func (h *Handler) draw() (string, error) {
	var b [32]byte
	if _, err := io.ReadFull(h.Random, b[:]); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(b[:]), nil
}

// digest is what is kept of a secret: whoever reads the store cannot be anybody
// with it.
func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// A proof is what a browser shows of itself.
type proof struct {
	cookie string
	// secret is what the page sent beside the cookie. On TLS it is "1", which only
	// says that a page of this origin sent it.
	secret string
}

// grace is how long calls that were on their way with a cookie when it was
// replaced are still answered.
const grace = 30 * time.Second

// An opened browser is one that has proved to be it.
type opened struct {
	*store.Browser
	// former says that the proof was replaced in the meantime: it serves for what
	// there was then, and for nothing that would replace it again.
	former bool
}

// open returns the browser that a proof is of. Its error is store.ErrNotFound when it is
// none's.
func (v *visit) open(tx *store.Tx, p proof) (*opened, error) {
	if p.cookie == "" || !v.protected() {
		return nil, store.ErrNotFound
	}
	cookie := digest(p.cookie)
	b, err := tx.BrowserOf(cookie)
	if err != nil {
		return nil, err
	}
	if !v.now.Before(b.Expires) {
		return nil, store.ErrNotFound
	}
	if same(b.Cookie, cookie) && v.proves(b.Secret, p.secret) {
		return &opened{Browser: b}, nil
	}
	f := b.Former
	if f == nil || !v.now.Before(f.Until) {
		return nil, store.ErrNotFound
	}
	// The cookie is the browser's and changes for all its tabs at once; what the
	// pages send beside it does not.
	if (same(f.Cookie, cookie) || same(b.Cookie, cookie)) && (v.proves(f.Secret, p.secret) || v.proves(b.Secret, p.secret)) {
		b.Sessions = slices.DeleteFunc(slices.Clone(b.Sessions), func(s store.BrowserSession) bool {
			return !slices.Contains(f.Sessions, s.ID)
		})
		return &opened{b, true}, nil
	}
	return nil, store.ErrNotFound
}

// proves reports whether what a page sent is what its origin keeps.
func (v *visit) proves(kept, sent string) bool {
	if v.secure {
		return kept == "" && sent == onTLS
	}
	return kept != "" && same(kept, digest(sent))
}

// onTLS is what pages send beside the cookie on TLS.
const onTLS = "1"

// A renewal is a fresh cookie, and on loopback what goes with it.
type renewal struct{ cookie, secret string }

func (h *Handler) renewal(v *visit) (n renewal, err error) {
	if n.cookie, err = h.draw(); err == nil && v.loopback {
		n.secret, err = h.draw()
	}
	return n, err
}

// renew puts a fresh cookie in the place of a browser's (TH-83).
func (n renewal) renew(v *visit, b *store.Browser) {
	if b.Cookie != "" {
		b.Former = &store.FormerCookie{Cookie: b.Cookie, Secret: b.Secret, Until: v.now.Add(grace)}
		for i := range b.Sessions {
			b.Former.Sessions = append(b.Former.Sessions, b.Sessions[i].ID)
		}
	}
	b.Cookie, b.Secret = digest(n.cookie), ""
	if n.secret != "" {
		b.Secret = digest(n.secret)
	}
}

// newBrowserID draws the id of a browser's record.
func (h *Handler) newBrowserID() (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(h.Random, b[:]); err != nil {
		return "", err
	}
	return hex.EncodeToString(b[:]), nil
}
