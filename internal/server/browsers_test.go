package server_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/regent-iam/regent/internal/config"
	"github.com/regent-iam/regent/internal/server"
)

const consolePath = "/_regent/console/"

// from is a request under a host name.
func from(method, host, target string, header ...string) *http.Request {
	r := local(method, target, "")
	r.Host = host
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	return r
}

// TestRegentsOwnPagesAnswerToNamesTheyKnow: a page whose name was rebound to
// this server's address gets nothing, and no host name gets into a policy
// unread. What machines read answers to every name.
//
// Rules: TH-85 TH-88
func TestRegentsOwnPagesAnswerToNamesTheyKnow(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{InMemory: true, PublicURL: "https://id.example:8443"})
	for host, origin := range map[string]string{
		"localhost": "http://localhost", "localhost:8700": "http://localhost:8700", "LocalHost:5173": "http://localhost:5173",
		"127.0.0.1:8700": "http://127.0.0.1:8700", "127.8.8.8": "http://127.8.8.8", "[::1]:8700": "http://[::1]:8700", "[::1]": "http://[::1]",
		"id.example:8443": "https://id.example:8443", "ID.example": "https://id.example", "id.example:1": "https://id.example:1",
		"": "", "evil.example": "", "id.example.evil.example": "", "evil-id.example": "", "sub.id.example": "", "example": "",
		"localhost.": "", "localhost.evil.example": "", "x.localhost": "", "127.0.0.1.evil.example": "", "127.1": "", "0x7f.0.0.1": "", "2130706433": "",
		"0.0.0.0:8700": "", "[::]:8700": "", "192.168.1.7": "", "[::1%25lo]": "", "[127.0.0.1]": "", "::1": "",
		"localhost:": "", "localhost:x": "", "localhost:123456": "", "localhost:80:80": "", "localhost:1;script-src *": "", "localhost;": "", "evil@localhost": "",
		"localhost/": "", "localhost ": "", "localhost,evil.example": "", "ſ.example": "", "xn--localhost": "",
	} {
		answer := w.ask(from(http.MethodGet, host, consolePath))
		policy := answer.Header().Get("Content-Security-Policy")
		if origin == "" {
			if answer.Code != http.StatusMisdirectedRequest || policy != "default-src 'none'; frame-ancestors 'none'" || strings.Contains(answer.Body.String(), "evil") {
				t.Errorf("%q: %d %s", host, answer.Code, policy)
			}
			if answer := w.ask(from(http.MethodPost, host, "/_regent/signin/credentials")); answer.Code != http.StatusMisdirectedRequest {
				t.Errorf("%q: credentials: %d", host, answer.Code)
			}
		} else if answer.Code != http.StatusOK || !strings.Contains(policy, "worker-src "+origin+consolePath+"assets/;") {
			t.Errorf("%q: %d %s", host, answer.Code, policy)
		}
		for _, open := range []string{"/_regent/health", "/_regent/metrics"} {
			if answer := w.ask(from(http.MethodGet, host, open)); answer.Code != http.StatusOK {
				t.Errorf("%q: %s: %d", host, open, answer.Code)
			}
		}
	}
}

// Rules: TH-85
func TestPagesOfOtherOriginsChangeNothingUnderRegent(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{InMemory: true, Dev: true})
	for _, row := range []struct {
		name   string
		header []string
		let    bool
	}{
		{"a program", nil, true},
		{"its own page", []string{"Sec-Fetch-Site", "same-origin"}, true},
		{"its own page, in an old browser", []string{"Origin", "http://127.0.0.1:8700"}, true},
		{"a person", []string{"Sec-Fetch-Site", "none"}, true},
		{"another site", []string{"Sec-Fetch-Site", "cross-site"}, false},
		{"another port", []string{"Sec-Fetch-Site", "same-site"}, false},
		{"another port, in an old browser", []string{"Origin", "http://127.0.0.1:8701"}, false},
		{"an object in the sandbox", []string{"Origin", "null"}, false},
		{"another site, in an old browser", []string{"Origin", "https://evil.example"}, false},
	} {
		for _, target := range []string{"/_regent/signin", "/_regent/signin/credentials", "/_regent/dev/snapshot", consolePath, "/_regent/none"} {
			for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch} {
				answer := w.ask(from(method, "127.0.0.1:8700", target, row.header...))
				if refused := strings.HasPrefix(answer.Body.String(), "a page of another origin"); refused == row.let || refused != (answer.Code == http.StatusForbidden && !strings.HasPrefix(answer.Body.String(), "forbidden")) {
					t.Errorf("%s: %s %s: %d %s", row.name, method, target, answer.Code, answer.Body)
				}
			}
		}
		if answer := w.ask(from(http.MethodGet, "127.0.0.1:8700", consolePath, row.header...)); answer.Code != http.StatusOK {
			t.Errorf("%s: a link to the console: %d", row.name, answer.Code)
		}
	}
	for _, target := range []string{consolePath, consolePath + "assets/app.js", "/_regent/signin"} {
		if answer := w.ask(from(http.MethodGet, "127.0.0.1:8700", target, "Service-Worker", "script")); answer.Code != http.StatusBadRequest {
			t.Errorf("%s as a service worker: %d", target, answer.Code)
		}
	}
}

// TestWhoTypesTheAddressGetsTheConsole, and a client that lists buckets does not.
//
// Rules: TH-85
func TestWhoTypesTheAddressGetsTheConsole(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{InMemory: true, S3Hosts: []string{"s3.localhost"}})
	const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	for _, row := range []struct {
		name, method, host, target string
		header                     []string
		console                    bool
	}{
		{"a browser", "GET", "localhost:8700", "/", []string{"Accept", browser}, true},
		{"a browser, by an unknown name", "GET", "10.0.0.7:8700", "/", []string{"Accept", browser}, true},
		{"two fields", "GET", "localhost", "/", []string{"Accept", "application/json", "Accept", "x/y, text/html;q=0.1"}, true},
		{"a client", "GET", "localhost", "/", nil, false},
		{"a client that takes all", "GET", "localhost", "/", []string{"Accept", "*/*"}, false},
		{"something like it", "GET", "localhost", "/", []string{"Accept", "text/html5, x/text/html"}, false},
		{"a signature", "GET", "localhost", "/", []string{"Accept", browser, "Authorization", "AWS4-HMAC-SHA256 x"}, false},
		{"a signature in the query", "GET", "localhost", "/?X-Amz-Algorithm=AWS4-HMAC-SHA256", []string{"Accept", browser}, false},
		{"a bucket's host", "GET", "b.s3.localhost", "/", []string{"Accept", browser}, false},
		{"a form", "POST", "localhost", "/", []string{"Accept", browser}, false},
		{"an object", "GET", "localhost", "/bucket/key", []string{"Accept", browser}, false},
		{"another spelling", "GET", "localhost", "//", []string{"Accept", browser}, false},
	} {
		answer := w.ask(from(row.method, row.host, row.target, row.header...))
		location := answer.Header().Get("Location")
		if row.console != (answer.Code == http.StatusSeeOther && location == consolePath) || row.console != (location != "") {
			t.Errorf("%s: %d %v", row.name, answer.Code, answer.Header())
		}
		inSandbox(t, row.name, answer)
	}
	signed, err := w.Sign(from(http.MethodGet, "localhost", "/", "Accept", browser), w.First().Key, "s3")
	if err != nil {
		t.Fatal(err)
	}
	if answer := w.ask(signed); answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), "<ListAllMyBucketsResult") {
		t.Errorf("signed: %d %s", answer.Code, answer.Body)
	}
	for target, want := range map[string]string{"/_regent/console": consolePath, "/_regent/console?account=1": consolePath + "?account=1"} {
		if answer := w.ask(from(http.MethodGet, "localhost", target)); answer.Code != http.StatusSeeOther || answer.Header().Get("Location") != want {
			t.Errorf("%s: %d %v", target, answer.Code, answer.Header())
		}
	}
}

// inSandbox fails unless an answer can do nothing in a browser.
func inSandbox(t *testing.T, what string, answer *httptest.ResponseRecorder) {
	t.Helper()
	for name, want := range map[string]string{
		"Content-Security-Policy": "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'",
		"X-Content-Type-Options":  "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY",
	} {
		if got := answer.Result().Header.Values(name); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: %d: %s: %q", what, answer.Code, name, got)
		}
	}
	if answer.Result().Header.Values("Service-Worker-Allowed") != nil {
		t.Errorf("%s: %d: Service-Worker-Allowed", what, answer.Code)
	}
}

// TestEveryAnswerOutsideRegentsOwnPathsIsInTheSandbox asks for an HTML object,
// and for what is not there, by every method, with and without conditions, so
// that every kind of status is seen.
//
// Rules: TH-89
func TestEveryAnswerOutsideRegentsOwnPathsIsInTheSandbox(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{InMemory: true, S3Hosts: []string{"s3.localhost"}})
	for _, path := range []string{"/b-box", "/b-box/page.html", "/b-box/_regent/console/page.html"} {
		must(t)(w.root().S3(t.Context(), http.MethodPut, path, ""))
	}
	seen := map[int]bool{}
	methods := []string{"GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "PROPFIND", "get"}
	targets := []string{"/", "/b-box", "/b-box/page.html", "/b-box/none", "/none", "/none/none", "/%zz", "/b-box?acl&policy", "/b-box?location", "/b-box?cors", "/%5fregent/console/", "/federation", "/favicon.ico"}
	conditions := [][]string{
		nil,
		{"Range", "bytes=0-"},
		{"Range", "bytes=99-"},
		{"If-None-Match", "*"},
		{"If-Match", "x"},
		{"Service-Worker", "script"},
		{"Upgrade", "h2c"},
		{"X-Amz-Content-Sha256", "x"},
		{"Accept", "text/html"},
		{"Origin", "https://evil.example", "Access-Control-Request-Method", "GET"},
	}
	for _, method := range methods {
		for _, target := range targets {
			for _, condition := range conditions {
				plain := from("GET", "localhost:8700", "/", condition...)
				plain.Method, plain.RequestURI = method, target
				answers := []*httptest.ResponseRecorder{w.ask(plain)}
				if target != "/%zz" {
					signed := from(method, "localhost:8700", target, condition...)
					if signed, err := w.Sign(signed, w.First().Key, "s3"); err == nil {
						answers = append(answers, w.ask(signed))
					}
				}
				for _, answer := range answers {
					seen[answer.Code] = true
					inSandbox(t, method+" "+target+" "+strings.Join(condition, ": "), answer)
					if condition != nil && condition[0] == "Service-Worker" && answer.Code < 400 {
						t.Errorf("%s %s as a service worker: %d", method, target, answer.Code)
					}
				}
			}
		}
	}
	for _, status := range []int{200, 204, 303, 304, 400, 403, 404, 405, 409, 412, 416, 501} {
		if !seen[status] {
			t.Errorf("no answer had status %d: %v", status, seen)
		}
	}
	// On a bucket's host a key may look like one of Regent's own paths, and is none.
	key, err := w.Sign(from("GET", "b-box.s3.localhost:8700", "/_regent/console/page.html"), w.First().Key, "s3")
	if err != nil {
		t.Fatal(err)
	}
	answer := w.ask(key)
	inSandbox(t, "a key", answer)
	if answer.Code != http.StatusOK || answer.Header().Get("Etag") == "" {
		t.Errorf("a key: %d %v", answer.Code, answer.Header())
	}
}

// TestWhatGuardsBrowsersCostsNoMemory: requests to the APIs are many, and mostly
// no browser's.
func TestWhatGuardsBrowsersCostsNoMemory(t *testing.T) {
	w := begin(t, server.Options{InMemory: true, PublicURL: "https://id.example", ConsoleHost: "console.id.example", S3Hosts: []string{"s3.id.example"}})
	r := from(http.MethodGet, "id.example:443", "/bucket/key", "Authorization", "AWS4-HMAC-SHA256 x", "Accept", "*/*")
	if n := testing.AllocsPerRun(100, func() {
		if w.Look(r) {
			t.Error("it is a browser's")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// Rules: TH-88 TH-89
func TestThePagesOfTheSignInAreHardenedToo(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{InMemory: true, PublicURL: "https://id.example"})
	for host, secure := range map[string]bool{"localhost:8700": false, "id.example": true} {
		for _, target := range []string{"/_regent/signin", "/_regent/signin/sessions", "/_regent/signin/federation", "/_regent/signin/none"} {
			h := w.ask(from(http.MethodGet, host, target)).Header()
			for name, want := range map[string]string{
				"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
				"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
			} {
				if got := h.Get(name); got != want {
					t.Errorf("%s%s: %s: %q, want %q", host, target, name, got, want)
				}
			}
			if got := h.Get("Strict-Transport-Security") != ""; got != secure {
				t.Errorf("%s%s: Strict-Transport-Security: %v", host, target, got)
			}
			if !strings.Contains(h.Get("Permissions-Policy"), "camera=()") || !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
				t.Errorf("%s%s: %v", host, target, h)
			}
		}
	}
}

// TestTheFederationEndpointServesNoPage: a browser is sent in, where cookies and
// checks are; what it answers itself is in the sandbox.
//
// Rules: TH-85 CO-22
func TestTheFederationEndpointServesNoPage(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{InMemory: true, S3Hosts: []string{"s3.localhost"}})
	apart := begin(t, server.Options{InMemory: true, PublicURL: "https://id.example", ConsoleHost: "console.id.example"})
	const link = "/federation?Action=login&Issuer=https%3A%2F%2Fidp.example&Destination=%2F_regent%2Fconsole%2F&SigninToken=x&SigninToke=y"
	const in = "/_regent/signin/federation?Destination=%2F_regent%2Fconsole%2F&Issuer=https%3A%2F%2Fidp.example&SigninToken=x"
	for _, row := range []struct {
		name, method, host, target string
		on                         *world
		status                     int
		location                   string
	}{
		{"a browser", "GET", "localhost:8700", link, w, 303, in},
		{"a browser, at another name", "GET", "10.0.0.7", link, w, 303, in},
		{"with a console apart", "GET", "id.example", link, apart, 303, "https://console.id.example" + in},
		{"a form", "POST", "localhost:8700", link, w, 400, ""},
		{"nothing", "GET", "localhost:8700", "/federation", w, 400, ""},
		{"no credentials", "GET", "localhost:8700", "/federation?Action=getSigninToken&Session=x", w, 400, ""},
		{"a bucket's host", "GET", "bucket.s3.localhost", link, w, 404, ""},
		{"an object", "GET", "localhost:8700", "/federation/x?Action=login", w, 400, ""},
		{"in other letters", "GET", "localhost:8700", "/%66ederation?Action=login", w, 400, ""},
	} {
		answer := row.on.ask(from(row.method, row.host, row.target, "Cookie", "regent-x=1", "Sec-Fetch-Site", "cross-site"))
		if answer.Code != row.status || answer.Header().Get("Location") != row.location || answer.Header().Get("Set-Cookie") != "" {
			t.Errorf("%s: %d %v %s", row.name, answer.Code, answer.Header(), answer.Body)
		}
		inSandbox(t, row.name, answer)
	}
	// The page behind it is the sign-in's own, and checks who sends its form.
	if answer := w.ask(from("GET", "localhost:8700", in)); answer.Code != http.StatusForbidden || answer.Header().Get("X-Frame-Options") != "DENY" {
		t.Errorf("%d %v", answer.Code, answer.Header())
	}
	if answer := w.ask(from("POST", "localhost:8700", "/_regent/signin/federation", "Sec-Fetch-Site", "cross-site")); answer.Code != http.StatusForbidden {
		t.Errorf("another site's form: %d", answer.Code)
	}
	if answer := w.ask(from("GET", "evil.example", in)); answer.Code != http.StatusMisdirectedRequest {
		t.Errorf("a rebound name: %d", answer.Code)
	}
}

// Rules: TH-83 TH-84
func TestTheConsolesCookiesReachNoAPI(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ sent, left []string }{
		{nil, nil},
		{[]string{"__Host-regent=s3same"}, nil},
		{[]string{"regent-k3f9=s3same; regent-account=111122223333"}, nil},
		{[]string{"theme=dark; __Host-regent=s3same"}, []string{"theme=dark"}},
		{[]string{"a=1", "regent-x=s3same;b=2", ""}, []string{"a=1; b=2"}},
		{[]string{" regent-x =s3same"}, nil},
		{[]string{"__Secure-regent=s3same; __Host-regents=s3same"}, nil},
		{[]string{"regent-x"}, nil},
		{[]string{"other=regent-x"}, []string{"other=regent-x"}},
	} {
		h := http.Header{}
		if row.sent != nil {
			h["Cookie"] = row.sent
		}
		if server.StripCookies(h); !slices.Equal(h["Cookie"], row.left) {
			t.Errorf("%q: %q, want %q", row.sent, h["Cookie"], row.left)
		}
	}
	w := begin(t, server.Options{InMemory: true})
	for cookie, want := range map[string]int{"theme=dark": http.StatusOK, "regent-x=s3same": http.StatusForbidden} {
		r, err := w.Sign(from(http.MethodGet, "localhost", "/", "Cookie", cookie), w.First().Key, "s3")
		if err != nil {
			t.Fatal(err)
		}
		if answer := w.ask(r); answer.Code != want { // what was signed is not what arrived
			t.Errorf("%s: %d %s", cookie, answer.Code, answer.Body)
		}
	}
}

// TestAConsoleOnAHostOfItsOwnSharesNoOriginWithBuckets.
//
// Rules: TH-84 TH-88 TH-68
func TestAConsoleOnAHostOfItsOwnSharesNoOriginWithBuckets(t *testing.T) {
	t.Parallel()
	const api, own, evil = "https://id.example", "https://console.id.example", "https://evil.example"
	w := begin(t, server.Options{InMemory: true, PublicURL: api, ConsoleHost: "console.id.example", S3Hosts: []string{"s3.id.example"}})
	for _, row := range []struct {
		host, method, target string
		status               int
		location             string
	}{
		{"console.id.example", "GET", consolePath + "~k/iam", 200, ""},
		{"console.id.example", "GET", "/", 303, own + consolePath},
		{"console.id.example", "GET", "/bucket/page.html", 421, ""},
		{"console.id.example", "POST", "/", 303, own + consolePath},
		{"console.id.example", "GET", "/federation?Action=login", 421, ""},
		{"console.id.example", "GET", "/_regent/none", 421, ""},
		{"console.id.example", "GET", "/_regent/health", 200, ""},
		{"id.example", "GET", "/_regent/health", 200, ""},
		{"id.example", "GET", consolePath + "switchrole?account=1", 303, own + consolePath + "switchrole?account=1"},
		{"localhost", "GET", "/_regent/signin?account=1", 303, own + "/_regent/signin?account=1"},
		{"id.example", "POST", "/_regent/signin", 421, ""},
		{"id.example", "GET", "/bucket/page.html", 404, ""},
		{"evil.example", "GET", consolePath, 421, ""},
		{"console.id.example.", "GET", consolePath, 421, ""},
		{"bucket.s3.id.example", "GET", consolePath, 404, ""},
	} {
		answer := w.ask(from(row.method, row.host, row.target))
		if answer.Code != row.status || answer.Header().Get("Location") != row.location {
			t.Errorf("%s %s%s: %d %v, want %d %s", row.method, row.host, row.target, answer.Code, answer.Header(), row.status, row.location)
		}
		if !strings.HasPrefix(row.target, "/_regent") {
			inSandbox(t, row.host+row.target, answer)
		}
	}
	policy := w.ask(from("GET", "console.id.example", consolePath)).Header().Get("Content-Security-Policy")
	if !strings.Contains(policy, "connect-src 'self' "+api+";") || !strings.Contains(policy, "worker-src "+own+consolePath) {
		t.Errorf("the policy: %s", policy)
	}

	// The console's page, and no other, may call the APIs, and never with cookies.
	for _, row := range []struct {
		origin, host, method, target string
		allowed                      bool
	}{
		{own, "id.example", "OPTIONS", "/", true},
		{own, "id.example", "OPTIONS", "/bucket/key", true},
		{own, "id.example", "GET", "/bucket/key", true},
		{evil, "id.example", "OPTIONS", "/bucket/key", false},
		{"null", "id.example", "OPTIONS", "/bucket/key", false},
		{own + ".evil.example", "id.example", "OPTIONS", "/", false},
		{own, "id.example", "OPTIONS", "/_regent/dev/reset", false},
		{own, "id.example", "GET", "/_regent/health", false},
		{api, "console.id.example", "OPTIONS", "/_regent/signin/credentials", false},
		{own, "bucket.s3.id.example", "OPTIONS", "/key", false},
	} {
		r := from(row.method, row.host, row.target, "Origin", row.origin)
		if row.method == "OPTIONS" {
			r.Header.Set("Access-Control-Request-Method", "PUT")
			r.Header.Set("Access-Control-Request-Headers", "authorization,x-amz-date")
		}
		answer := w.ask(r)
		h := answer.Header()
		if got := h.Get("Access-Control-Allow-Origin"); (got != "") != row.allowed || row.allowed && got != own {
			t.Errorf("%s: %s %s%s: %d %v", row.origin, row.method, row.host, row.target, answer.Code, h)
		}
		if row.allowed && row.method == "OPTIONS" && (answer.Code != 204 || h.Get("Access-Control-Allow-Headers") != "authorization,x-amz-date" || !slices.Contains(h.Values("Vary"), "Origin")) {
			t.Errorf("%s%s: %d %v", row.host, row.target, answer.Code, h)
		}
		if h.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s%s: credentials", row.host, row.target)
		}
	}
}

// Rules: TH-84
func TestAConsoleHostThatIsNotApartIsRefused(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, public, console string
		domains               []string
		ok                    bool
	}{
		{"apart", "https://id.example", "console.id.example", []string{"s3.id.example"}, true},
		{"with a port", "https://id.example:8443", "console.id.example:9443", nil, true},
		{"below a domain of buckets", "https://id.example", "console.s3.id.example", []string{"s3.id.example"}, false},
		{"below one, in capitals", "https://id.example", "Console.S3.id.example", []string{"s3.ID.example"}, false},
		{"the same host", "https://id.example", "ID.example", nil, false},
		{"the same host at another port", "https://id.example", "id.example:9443", nil, false},
		{"no public URL", "", "console.id.example", nil, false},
		{"a URL", "https://id.example", "https://console.id.example", nil, false},
		{"a list", "https://id.example", "a.example b.example", nil, false},
	} {
		c := &config.Config{Listen: "127.0.0.1:0", Data: t.TempDir() + "/none", PublicURL: row.public, ConsoleHost: row.console, S3Hosts: row.domains}
		if row.public == "" {
			c.Listen = "0.0.0.0:8700"
		}
		if err := server.Check(t.Context(), c); (err == nil) != row.ok {
			t.Errorf("%s: %v", row.name, err)
		}
	}
}
