package server_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/server"
	"github.com/regent-iam/regent/sigv4"
)

// signed sends a signed request to a server, with headers that are signed too.
func (w *world) signed(t *testing.T, c sigv4.Credentials, service, method, target, body string, header map[string]string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Host, r.RemoteAddr = "regent.test", "203.0.113.9:1"
	sum := sha256.Sum256([]byte(body))
	o := sigv4.SignOptions{Family: sigv4.FamilyS3, Service: service, Region: server.DefaultRegion, Time: w.Now(), PayloadHash: hex.EncodeToString(sum[:])}
	if service == "regent" {
		o.Family = sigv4.FamilyJSON
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	if _, err := sigv4.SignHeader(r, c, o); err != nil {
		t.Fatal(err)
	}
	return w.ask(r)
}

// A bucket's policy names a service, which may then do what it says and no more.
//
// Rules: EV-36
func TestServicesUseBuckets(t *testing.T) {
	t.Parallel()
	const name = "backup.example.internal"
	w := begin(t, server.Options{InMemory: true})
	root := w.root()
	call := func(operation, body string) string {
		t.Helper()
		a := w.signed(t, root.Credentials(), "regent", http.MethodPost, "/", body, map[string]string{"X-Amz-Target": "Regent_20260101." + operation})
		if a.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", operation, a.Code, a.Body)
		}
		return a.Body.String()
	}
	call("RegisterService", `{"ServiceName":"`+name+`"}`)
	var made struct {
		ServiceKey struct {
			ID     string `json:"AccessKeyId"`
			Secret string `json:"SecretAccessKey"`
		}
	}
	if err := json.Unmarshal([]byte(call("CreateServiceKey", `{"ServiceName":"`+name+`"}`)), &made); err != nil {
		t.Fatal(err)
	}
	service := w.Client(server.RootKey{ID: made.ServiceKey.ID, Secret: seal.NewSecret(made.ServiceKey.Secret)}).Credentials()
	account := string(w.First().Account)
	must(t)(root.S3(t.Context(), http.MethodPut, "/vault", ""))
	must(t)(root.S3(t.Context(), http.MethodPut, "/vault/a", "text"))
	get := func(c sigv4.Credentials, target string, header map[string]string) int {
		t.Helper()
		return w.signed(t, c, "s3", http.MethodGet, target, "", header).Code
	}
	if code := get(service, "/vault/a", nil); code != http.StatusForbidden {
		t.Errorf("a service that no policy names: %d", code)
	}
	must(t)(root.S3(t.Context(), http.MethodPut, "/vault?policy", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"`+name+`"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::vault/*","Condition":{"StringEquals":{"aws:SourceAccount":"`+account+`"}}}]}`))
	source := map[string]string{"X-Amz-Source-Account": account}
	for _, row := range []struct {
		what   string
		by     sigv4.Credentials
		target string
		header map[string]string
		want   int
	}{
		{"for the account", service, "/vault/a", source, http.StatusOK},
		{"for nobody", service, "/vault/a", nil, http.StatusForbidden},
		{"for another", service, "/vault/a", map[string]string{"X-Amz-Source-Account": "444455556666"}, http.StatusForbidden},
		{"for nonsense", service, "/vault/a", map[string]string{"X-Amz-Source-Account": "me"}, http.StatusForbidden},
		{"another action", service, "/vault", source, http.StatusForbidden},
		{"no bucket at all", service, "/", source, http.StatusForbidden},
		{"root as a service", root.Credentials(), "/vault/a", source, http.StatusForbidden},
		{"root", root.Credentials(), "/vault/a", nil, http.StatusOK},
	} {
		if code := get(row.by, row.target, row.header); code != row.want {
			t.Errorf("%s: %d, want %d", row.what, code, row.want)
		}
	}
	anonymous := httptest.NewRequest(http.MethodGet, "/vault/a", nil)
	anonymous.Header.Set("X-Amz-Source-Account", account)
	if a := w.ask(anonymous); a.Code != http.StatusForbidden {
		t.Errorf("nobody as a service: %d", a.Code)
	}
	if a := w.signed(t, service, "s3", http.MethodPut, "/mine", "", source); a.Code != http.StatusForbidden {
		t.Errorf("a service makes a bucket: %d", a.Code)
	}
	// The account that its keys are in is not its own: what only a bucket's account
	// may, no policy allows it (S3-44).
	must(t)(root.S3(t.Context(), http.MethodPut, "/vault?policy", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"`+name+`"},"Action":"s3:*","Resource":["arn:aws:s3:::vault","arn:aws:s3:::vault/*"]}]}`))
	for target, want := range map[string]int{"/vault": http.StatusOK, "/vault?policy": http.StatusMethodNotAllowed} {
		if code := get(service, target, nil); code != want {
			t.Errorf("%s: %d, want %d", target, code, want)
		}
	}
}
