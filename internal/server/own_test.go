package server_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/server"
)

// TestHealthSaysOkAndNothingElse, to anybody under any host name.
//
// Rules: TH-110
func TestHealthSaysOkAndNothingElse(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{InMemory: true})
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		r := httptest.NewRequest(method, "/_regent/health", nil)
		r.Host, r.RemoteAddr = "anything.example", "203.0.113.9:1"
		answer := w.ask(r)
		if answer.Code != http.StatusOK || method == http.MethodGet && answer.Body.String() != "ok\n" {
			t.Errorf("%s: %d %q", method, answer.Code, answer.Body)
		}
		want := http.Header{
			"Cache-Control": {"no-store"}, "Content-Security-Policy": {"default-src 'none'; frame-ancestors 'none'"},
			"Content-Type": {"text/plain; charset=utf-8"}, "X-Content-Type-Options": {"nosniff"},
		}
		if diff := cmp.Diff(want, answer.Header()); diff != "" {
			t.Errorf("%s: %s", method, diff)
		}
	}
	if answer := w.ask(local(http.MethodPost, "/_regent/health", "")); answer.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", answer.Code)
	}
}

// TestMetricsAreForThisMachineAndForTheToken.
//
// Rules: TH-105 TH-110
func TestMetricsAreForThisMachineAndForTheToken(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{InMemory: true, MetricsToken: seal.NewSecret("s3same")})
	closed := begin(t, server.Options{InMemory: true})
	for _, test := range []struct {
		name, peer string
		header     http.Header
		open, shut int // with and without a token configured
	}{
		{"this machine", "127.0.0.1:1", nil, 200, 200},
		{"this machine, IPv6", "[::1]:1", nil, 200, 200},
		{"another", "203.0.113.9:1", nil, 403, 403},
		{"a neighbor", "10.0.0.2:1", nil, 403, 403},
		{"another that says it is this", "203.0.113.9:1", http.Header{"X-Forwarded-For": {"127.0.0.1"}}, 403, 403},
		{"through a proxy", "127.0.0.1:1", http.Header{"X-Forwarded-For": {"203.0.113.9"}}, 403, 403},
		{"through a proxy of the standard", "127.0.0.1:1", http.Header{"Forwarded": {"for=127.0.0.1"}}, 403, 403},
		{"through a proxy by name", "127.0.0.1:1", http.Header{"Via": {"1.1 x"}}, 403, 403},
		{"the token", "203.0.113.9:1", http.Header{"Authorization": {"Bearer s3same"}}, 200, 403},
		{"the token through a proxy", "127.0.0.1:1", http.Header{"Authorization": {"Bearer s3same"}, "X-Forwarded-For": {"203.0.113.9"}}, 200, 403},
		{"another token", "203.0.113.9:1", http.Header{"Authorization": {"Bearer s3sam"}}, 403, 403},
		{"no token", "203.0.113.9:1", http.Header{"Authorization": {"Bearer "}}, 403, 403},
		{"two tokens", "203.0.113.9:1", http.Header{"Authorization": {"Bearer s3same", "Bearer x"}}, 403, 403},
	} {
		for s, want := range map[*world]int{w: test.open, closed: test.shut} {
			r := httptest.NewRequest(http.MethodGet, "/_regent/metrics", nil)
			r.RemoteAddr = test.peer
			maps.Copy(r.Header, test.header)
			if answer := s.ask(r); answer.Code != want {
				t.Errorf("%s: %d, not %d", test.name, answer.Code, want)
			}
		}
	}
}

// TestMetricsTellOfNoTenant: after calls of all kinds there is no account, name
// or key in the page, nor a label that a client could make up.
//
// Rules: TH-110
func TestMetricsTellOfNoTenant(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{InMemory: true})
	key, err := w.NewUser(t.Context(), w.First().Key, "canary-user", "")
	if err != nil {
		t.Fatal(err)
	}
	must(t)(w.root().S3(t.Context(), http.MethodPut, "/canary-bucket", ""))
	_, err = w.Client(key).S3(t.Context(), http.MethodGet, "/canary-bucket/canary-key?canary-param=1", "")
	refused(t, err, "AccessDenied")
	_, err = w.Client(key).Query(t.Context(), "iam", "CanaryOperation")
	if err == nil {
		t.Error("an operation that nobody knows was answered")
	}
	w.ask(local("CANARY", "/canary-bucket", ""))
	page := w.ask(local(http.MethodGet, "/_regent/metrics", "")).Body.String()
	for _, want := range []string{`regent_requests_total{operation="CreateUser",service="iam",status="200"} 1`, "regent_request_seconds_bucket", "regent_record_dropped_total 0"} {
		if !strings.Contains(page, want) {
			t.Errorf("there is no %s in\n%s", want, page)
		}
	}
	for _, never := range []string{"canary", "Canary", "CANARY", string(w.First().Account), key.ID, w.First().Key.ID} {
		if strings.Contains(page, never) {
			t.Errorf("%s is in\n%s", never, page)
		}
	}
}

// TestOnlyTheRawPathIsRegentsOwn: what decodes or cleans to one of Regent's own
// paths is not one of them, and no operation is behind an unknown one.
//
// Rules: TH-4 TH-5 TH-6
func TestOnlyTheRawPathIsRegentsOwn(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{InMemory: true})
	for _, target := range []string{
		"/_regent", "/_regent/", "/_regent/healthz", "/_regent/health/", "/_regent//health", "/_regent/dev/reset", "/_regent/dev/", "/_regent/consoles",
		"/_regent/./health", "/_regent/%68ealth", "/_regent/metrics/x", "/_regent/?Action=GetCallerIdentity",
	} {
		answer := w.ask(local(http.MethodPost, target, ""))
		if answer.Code != http.StatusNotFound || answer.Body.String() != "not found\n" {
			t.Errorf("%s: %d %s", target, answer.Code, answer.Body)
		}
	}
	for _, target := range []string{
		"/_regent%2fhealth", "/_regent%2Fmetrics", "/%5fregent/health", "/_%72egent/metrics", "//_regent/health", "/./_regent/health", "/x/../_regent/health",
		"/_regent;x/health", "/_Regent/health", "http://127.0.0.1:8700/_regent/health", "/_regentx/health",
	} {
		r := local(http.MethodGet, "/", "")
		r.RequestURI = target
		answer := w.ask(r)
		if answer.Code < 400 || !strings.Contains(answer.Body.String(), "<Code>") || strings.Contains(answer.Body.String(), "ok\n") {
			t.Errorf("%s: %d %s", target, answer.Code, answer.Body)
		}
	}
}

// TestTheListOfWhatAnybodyMayCall is frozen: whoever adds to it changes this
// list, and says why. What anybody may call about themselves stands apart.
//
// Rules: TH-29
func TestTheListOfWhatAnybodyMayCall(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{InMemory: true})
	for _, list := range []struct {
		what string
		got  map[string]string
		want []string
	}{
		{"anybody", w.Always(), []string{"regent:CheckPassRole", "sts:GetCallerIdentity", "sts:GetSessionToken"}},
		{"anybody about themselves", w.Own(), []string{"regent:ExplainDecision"}},
	} {
		for _, name := range list.want {
			if len(list.got[name]) < 20 {
				t.Errorf("%s may be called by %s because %q", name, list.what, list.got[name])
			}
			delete(list.got, name)
		}
		if len(list.got) > 0 {
			t.Errorf("these may be called by %s too: %v", list.what, list.got)
		}
	}
}
