package server_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/server"
)

// TestDevelopmentEndpointsAreForThisMachineWithTheToken: a proxy on the same
// machine, a web page that was rebound to it, or another user have no way in.
//
// Rules: TH-106
func TestDevelopmentEndpointsAreForThisMachineWithTheToken(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{InMemory: true, Dev: true})
	file := filepath.Join(w.options.Data, "dev", "token")
	raw, err := os.ReadFile(file)
	if err != nil || len(w.DevToken()) < 40 || string(raw) != w.DevToken()+"\n" {
		t.Fatalf("%q, %v", raw, err)
	}
	if info, err := os.Stat(file); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	token := http.Header{"Authorization": {"Bearer " + w.DevToken()}}
	with := func(name, value string) http.Header {
		h := maps.Clone(token)
		h[name] = []string{value}
		return h
	}
	const snapshot = "/_regent/dev/snapshot"
	for _, test := range []struct {
		name, method, target, peer, host string
		header                           http.Header
		want                             int
	}{
		{"good", "POST", snapshot, "127.0.0.1:1", "127.0.0.1:8700", token, 200},
		{"good, IPv6", "POST", snapshot, "[::1]:1", "[::1]:8700", token, 200},
		{"good, by name", "POST", snapshot, "127.0.0.1:1", "localhost:8700", token, 200},
		{"no token", "POST", snapshot, "127.0.0.1:1", "127.0.0.1:8700", nil, 403},
		{"empty token", "POST", snapshot, "127.0.0.1:1", "127.0.0.1:8700", with("Authorization", "Bearer "), 403},
		{"another token", "POST", snapshot, "127.0.0.1:1", "127.0.0.1:8700", with("Authorization", "Bearer x"), 403},
		{"another scheme", "POST", snapshot, "127.0.0.1:1", "127.0.0.1:8700", with("Authorization", "Basic "+w.DevToken()), 403},
		{"token in the query", "POST", snapshot + "?token=" + w.DevToken(), "127.0.0.1:1", "127.0.0.1:8700", nil, 403},
		{"another machine", "POST", snapshot, "203.0.113.9:1", "127.0.0.1:8700", token, 403},
		{"another host name", "POST", snapshot, "127.0.0.1:1", "regent.example", token, 421},
		{"a host name that looks like it", "POST", snapshot, "127.0.0.1:1", "127.0.0.1.example:8700", token, 421},
		{"no host", "POST", snapshot, "127.0.0.1:1", "", token, 421},
		{"forwarded", "POST", snapshot, "127.0.0.1:1", "127.0.0.1:8700", with("X-Forwarded-For", "127.0.0.1"), 403},
		{"forwarded by the standard", "POST", snapshot, "127.0.0.1:1", "127.0.0.1:8700", with("Forwarded", "for=127.0.0.1"), 403},
		{"GET", "GET", snapshot, "127.0.0.1:1", "127.0.0.1:8700", token, 405},
		{"PUT", "PUT", snapshot, "127.0.0.1:1", "127.0.0.1:8700", token, 405},
		{"unknown", "POST", "/_regent/dev/debug", "127.0.0.1:1", "127.0.0.1:8700", token, 404},
		{"no call", "POST", "/_regent/dev/", "127.0.0.1:1", "127.0.0.1:8700", token, 404},
		{"encoded", "POST", "/_regent/dev/%73napshot", "127.0.0.1:1", "127.0.0.1:8700", token, 404},
	} {
		r := httptest.NewRequest(test.method, test.target, nil)
		r.RemoteAddr, r.Host = test.peer, test.host
		maps.Copy(r.Header, test.header)
		if answer := w.ask(r); answer.Code != test.want {
			t.Errorf("%s: %d %s", test.name, answer.Code, answer.Body)
		}
	}
	w.again(t, nil)
	if now := w.DevToken(); "Bearer "+now == token.Get("Authorization") {
		t.Error("the token is the same at the next start")
	}
}

// TestWithoutDevThereIsNothingToCall.
//
// Rules: TH-106
func TestWithoutDevThereIsNothingToCall(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{InMemory: true})
	for _, call := range []string{"reset", "snapshot", "restore", "clock", "root-key?account=111122223333"} {
		if answer := w.ask(local(http.MethodPost, "/_regent/dev/"+call, "")); answer.Code != http.StatusNotFound {
			t.Errorf("%s: %d", call, answer.Code)
		}
	}
	if _, err := os.Stat(filepath.Join(w.options.Data, "dev")); !os.IsNotExist(err) {
		t.Errorf("there is a token: %v", err)
	}
}

// TestTheClockMoves: the Date header and the end of sessions go with it, while
// a signature made by the clock of the wall stays fresh.
//
// Rules: ST-21
func TestTheClockMoves(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{InMemory: true, Dev: true})
	user, err := w.NewUser(t.Context(), w.First().Key, "alice", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)
	if err != nil {
		t.Fatal(err)
	}
	alice := w.Client(user).At(time.Now)
	trust := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"%s"},"Action":"sts:AssumeRole"}]}`, w.First().Account)
	must(t)(alice.Query(t.Context(), "iam", "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", trust))
	session, err := alice.Assume(t.Context(), fmt.Sprintf("arn:aws:iam::%s:role/r", w.First().Account), "here")
	if err != nil {
		t.Fatal(err)
	}
	must(t)(session.Query(t.Context(), "sts", "GetCallerIdentity"))

	w.dev(t, "clock", `{"advance":"59m"}`)
	must(t)(session.Query(t.Context(), "sts", "GetCallerIdentity"))
	w.dev(t, "clock", `{"advance":"2m"}`)
	_, err = session.Query(t.Context(), "sts", "GetCallerIdentity")
	refused(t, err, "ExpiredToken")
	must(t)(alice.Query(t.Context(), "sts", "GetCallerIdentity")) // signed by the wall
	moved := alice.At(w.Now)
	must(t)(moved.Query(t.Context(), "sts", "GetCallerIdentity")) // and by the server
	between := alice.At(func() time.Time { return time.Now().Add(30 * time.Minute) })
	_, err = between.Query(t.Context(), "sts", "GetCallerIdentity")
	refused(t, err, "SignatureDoesNotMatch")

	var now struct{ Now time.Time }
	if err := json.Unmarshal([]byte(w.dev(t, "clock", `{"set":"2031-02-03T04:05:06Z"}`)), &now); err != nil || now.Now.Sub(time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)).Abs() > time.Minute {
		t.Errorf("it is %s, %v", now.Now, err)
	}
	answer := w.ask(local(http.MethodGet, "/", ""))
	if date, err := http.ParseTime(answer.Header().Get("Date")); err != nil || date.Sub(now.Now).Abs() > time.Minute {
		t.Errorf("the answer is of %s, %v", date, err)
	}
	_, created, _ := strings.Cut(must(t)(alice.Query(t.Context(), "iam", "CreateGroup", "GroupName", "g")), "<CreateDate>")
	if !strings.HasPrefix(created, "2031-02-03T04:") {
		t.Errorf("a group was made at %.20s", created)
	}
}

func TestTheClockTakesNothingElse(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{InMemory: true, Dev: true})
	before := w.Now()
	for _, body := range []string{
		"", "{}", "[]", `{"set":"tomorrow"}`, `{"advance":"soon"}`, `{"advance":30}`, `{"set":"2031-02-03T04:05:06Z","advance":"1m"}`, `{"back":"1m"}`,
		`{"advance":"1m"}{"advance":"1m"}`, `{"advance":"1m"} x`, `{"set":"9999-01-01T00:00:00Z"}`, `{"set":"1950-01-01T00:00:00Z"}`, `{"advance":"2500000h"}`,
		`{"advance":"` + strings.Repeat("0", 5000) + `1m"}`,
	} {
		r := local(http.MethodPost, "/_regent/dev/clock", body)
		r.Header.Set("Authorization", "Bearer "+w.DevToken())
		if answer := w.ask(r); answer.Code != http.StatusBadRequest {
			t.Errorf("%.60s: %d %s", body, answer.Code, answer.Body)
		}
	}
	if moved := w.Now().Sub(before); moved < 0 || moved > time.Minute {
		t.Errorf("the clock moved by %s", moved)
	}
}

// TestRootKeyGivesWhatTheAPICannot.
func TestRootKeyGivesWhatTheAPICannot(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{InMemory: true, Dev: true})
	account, _, err := w.NewAccount(t.Context(), w.First().Key, "prod")
	if err != nil {
		t.Fatal(err)
	}
	var key struct{ AccessKeyID, SecretAccessKey string }
	if err := json.Unmarshal([]byte(w.dev(t, "root-key?account="+string(account), "")), &key); err != nil {
		t.Fatal(err)
	}
	root := w.Client(server.RootKey{ID: key.AccessKeyID, Secret: seal.NewSecret(key.SecretAccessKey)})
	if got := must(t)(root.Query(t.Context(), "sts", "GetCallerIdentity")); !strings.Contains(got, ":"+string(account)+":root<") {
		t.Errorf("the key is %s", got)
	}
	for query, want := range map[string]int{"": 400, "?account=prod": 400, "?account=999999999999": 404} {
		r := local(http.MethodPost, "/_regent/dev/root-key"+query, "")
		r.Header.Set("Authorization", "Bearer "+w.DevToken())
		if answer := w.ask(r); answer.Code != want {
			t.Errorf("%q: %d %s", query, answer.Code, answer.Body)
		}
	}
}

// TestResetGoesBackToTheFirstStart: no user, account, bucket, object or event
// of before is left, the clock is right again, and the root key is the same.
func TestResetGoesBackToTheFirstStart(t *testing.T) {
	t.Parallel()
	for _, memory := range []bool{true, false} {
		w := begin(t, server.Options{InMemory: memory, Dev: true})
		root := w.root().At(time.Now)
		if _, _, err := w.NewAccount(t.Context(), w.First().Key, "prod"); err != nil {
			t.Fatal(err)
		}
		user, err := w.NewUser(t.Context(), w.First().Key, "alice", "")
		if err != nil {
			t.Fatal(err)
		}
		must(t)(root.Query(t.Context(), "iam", "CreateAccountAlias", "AccountAlias", "boss"))
		must(t)(root.S3(t.Context(), http.MethodPut, "/bucket-of-before", ""))
		must(t)(root.S3(t.Context(), http.MethodPut, "/bucket-of-before/key", "content-of-before"))
		w.dev(t, "clock", `{"advance":"1000h"}`)

		for range 2 { // the second finds nothing to do
			w.dev(t, "reset", "")
			if off := time.Until(w.Now()).Abs(); off > time.Minute {
				t.Errorf("the clock is off by %s", off)
			}
			_, err = w.Client(user).Query(t.Context(), "sts", "GetCallerIdentity")
			refused(t, err, "InvalidClientTokenId")
			if got := must(t)(root.Query(t.Context(), "iam", "ListUsers")); strings.Contains(got, "alice") {
				t.Errorf("users: %s", got)
			}
			if got := must(t)(root.Query(t.Context(), "iam", "ListAccountAliases")); strings.Contains(got, "boss") {
				t.Errorf("aliases: %s", got)
			}
			_, err = root.Organizations(t.Context(), "DescribeOrganization", map[string]any{})
			refused(t, err, "AWSOrganizationsNotInUseException")
			if got := must(t)(root.S3(t.Context(), http.MethodGet, "/", "")); strings.Contains(got, "bucket-of-before") {
				t.Errorf("buckets: %s", got)
			}
			_, err = root.S3(t.Context(), http.MethodGet, "/bucket-of-before/key", "")
			refused(t, err, "NoSuchBucket")
		}
		must(t)(root.S3(t.Context(), http.MethodPut, "/bucket-of-before", ""))
		if got := must(t)(root.S3(t.Context(), http.MethodGet, "/bucket-of-before?list-type=2", "")); strings.Contains(got, "<Key>") {
			t.Errorf("objects came back: %s", got)
		}
		if err := w.Close(); err != nil { // writes what waits to be recorded
			t.Fatal(err)
		}
		for name, content := range files(t, filepath.Join(w.options.Data, "record")) {
			if strings.Contains(content, "CreateAccountAlias") || strings.Contains(content, "alice") {
				t.Errorf("%s tells of before", name)
			}
		}
		if memory {
			continue
		}
		key := w.First().Key
		w.start(t, w.options)
		must(t)(w.Client(key).Query(t.Context(), "sts", "GetCallerIdentity"))
	}
}

// TestRestoreGoesBackToTheSnapshot: records, objects and the clock, while
// sessions that run live on. What was kept ready of the state in between is
// forgotten.
func TestRestoreGoesBackToTheSnapshot(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{Dev: true})
	root := w.root().At(time.Now)
	policy := func(action string) string {
		return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"` + action + `","Resource":["arn:aws:s3:::kept","arn:aws:s3:::kept/*"]}}`
	}
	must(t)(root.S3(t.Context(), http.MethodPut, "/kept", ""))
	must(t)(root.S3(t.Context(), http.MethodPut, "/kept/key", "old"))
	must(t)(root.S3(t.Context(), http.MethodDelete, "/kept?publicAccessBlock", ""))
	user, err := w.NewUser(t.Context(), w.First().Key, "alice", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)
	if err != nil {
		t.Fatal(err)
	}
	trust := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"%s"},"Action":"sts:AssumeRole"}]}`, w.First().Account)
	must(t)(root.Query(t.Context(), "iam", "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", trust))
	session, err := w.Client(user).At(time.Now).Assume(t.Context(), fmt.Sprintf("arn:aws:iam::%s:role/r", w.First().Account), "here")
	if err != nil {
		t.Fatal(err)
	}

	r := local(http.MethodPost, "/_regent/dev/restore", "")
	r.Header.Set("Authorization", "Bearer "+w.DevToken())
	if answer := w.ask(r); answer.Code != http.StatusConflict {
		t.Errorf("restore without a snapshot: %d", answer.Code)
	}
	w.dev(t, "snapshot", "")
	for range 2 { // as often as one likes
		must(t)(root.S3(t.Context(), http.MethodPut, "/kept?policy", policy("s3:GetObject")))
		if answer := w.ask(local(http.MethodGet, "/kept/key", "")); answer.Code != http.StatusOK || answer.Body.String() != "old" {
			t.Fatalf("anybody: %d %s", answer.Code, answer.Body)
		}
		must(t)(root.S3(t.Context(), http.MethodPut, "/kept/key", "new"))
		must(t)(root.S3(t.Context(), http.MethodPut, "/new-bucket", ""))
		must(t)(root.Query(t.Context(), "iam", "DeleteUserPolicy", "UserName", "alice", "PolicyName", "inline"))
		w.dev(t, "clock", `{"advance":"30m"}`)

		w.dev(t, "restore", "")
		if off := time.Until(w.Now()).Abs(); off > time.Minute {
			t.Errorf("the clock is off by %s", off)
		}
		if got := must(t)(root.S3(t.Context(), http.MethodGet, "/kept/key", "")); got != "old" {
			t.Errorf("the object is %q", got)
		}
		if got := must(t)(root.S3(t.Context(), http.MethodGet, "/", "")); strings.Contains(got, "new-bucket") {
			t.Errorf("buckets: %s", got)
		}
		must(t)(session.Query(t.Context(), "sts", "GetCallerIdentity"))
		must(t)(w.Client(user).At(time.Now).Query(t.Context(), "iam", "ListUsers")) // her policy is back
		must(t)(root.S3(t.Context(), http.MethodPut, "/kept?policy", policy("s3:ListBucket")))
		if answer := w.ask(local(http.MethodGet, "/kept/key", "")); answer.Code != http.StatusForbidden {
			t.Errorf("by a policy of before the restore: %d %s", answer.Code, answer.Body)
		}
		w.dev(t, "restore", "")
	}
}

// TestResetUnderTheDemoLeavesNoDemo; the next start makes it again.
func TestResetUnderTheDemoLeavesNoDemo(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{Dev: true, Demo: true})
	must(t)(w.Demo(t.Context(), "http://127.0.0.1:8700"))
	before := profiles(t, w)
	w.dev(t, "reset", "")
	_, err := w.Client(before["alice"]).Query(t.Context(), "sts", "GetCallerIdentity")
	refused(t, err, "InvalidClientTokenId")
	root := w.Client(before["root"])
	_, err = root.Organizations(t.Context(), "DescribeOrganization", map[string]any{})
	refused(t, err, "AWSOrganizationsNotInUseException")

	w.again(t, nil)
	must(t)(w.Demo(t.Context(), "http://127.0.0.1:8700"))
	after := profiles(t, w)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(after))); diff != "" {
		t.Error(diff)
	}
	if before["root"].ID != after["root"].ID || before["alice"].ID == after["alice"].ID {
		t.Errorf("root had %s and has %s, alice had %s and has %s", before["root"].ID, after["root"].ID, before["alice"].ID, after["alice"].ID)
	}
	for name, key := range after {
		must(t)(w.Client(key).Query(t.Context(), "sts", "GetCallerIdentity"))
		_ = name
	}
}
