package cli_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/regent-iam/regent/internal/cli"
)

// A server answers one call, and notes it.
type server struct {
	*httptest.Server
	status       int
	answer       string
	target, auth string
	asked        map[string]any
}

func serve(t *testing.T) *server {
	t.Helper()
	s := &server{status: http.StatusOK}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.target, s.auth = r.Header.Get("X-Amz-Target"), r.Header.Get("Authorization")
		raw, err := io.ReadAll(r.Body)
		if err == nil {
			s.asked = nil
			err = json.Unmarshal(raw, &s.asked)
		}
		if err != nil {
			t.Error(err)
		}
		w.WriteHeader(s.status)
		_, _ = io.WriteString(w, s.answer)
	}))
	t.Cleanup(s.Close)
	home := t.TempDir()
	for name, text := range map[string]string{
		"config":      "[profile alice]\nregion = eu-west-1\nendpoint_url = " + s.URL + "/\n[profile nobody]\nendpoint_url = " + s.URL + "\n",
		"credentials": "[alice]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = secret\n",
	} {
		if err := os.WriteFile(filepath.Join(home, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_ENDPOINT_URL"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(home, "config"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(home, "credentials"))
	return s
}

func why(t *testing.T, in string, args ...string) run {
	t.Helper()
	var got run
	var out, errs bytes.Buffer
	got.code = cli.Run(t.Context(), append([]string{"why"}, args...), cli.Seams{In: strings.NewReader(in), Out: &out, Err: &errs})
	got.out, got.err = out.String(), errs.String()
	return got
}

const explained = `{"RequestId":"r-1","EventTime":1775044800,"Operation":"sts:AssumeRole","Basis":"THEN","Decision":"implicitDeny","Reason":"No role trust policy allows it.",
"Principal":"arn:aws:iam::111122223333:user/alice","Action":"sts:AssumeRole","Resource":"arn:aws:iam::111122223333:role/r","EncodedMessage":"sealed",
"Layers":[{"Layer":"organization","Visible":false,"Text":"A policy of the organization: you may not read those."},
{"Layer":"scp","Visible":true,"Level":1,"Outcome":"explicitDeny","Matched":[{"Visible":false},{"Visible":true,"PolicyName":"broken","Index":-1,"Effect":"Deny"}]},
{"Layer":"trust","Visible":true,"Outcome":"implicitDeny","Required":true,"Closest":[
{"Visible":true,"PolicyName":"trust policy","Sid":"Partner","Index":0,"Effect":"Allow","Line":3,"Column":5,"Mismatch":{"Element":"condition","Operator":"StringEquals","Key":"sts:ExternalId","PolicyValues":["a"],"Absent":true}},
{"Visible":true,"PolicyName":"trust policy","Index":1,"Effect":"Allow","Line":9,"Column":5,"Mismatch":{"Element":"action","Negated":true,"PolicyValues":["sts:*"],"RequestValues":["sts:AssumeRole"]}}]},
{"Layer":"identity","Visible":true,"Outcome":"allowed","Matched":[{"Visible":true,"PolicyName":"p","Index":2,"Effect":"Allow","Line":1,"Column":2}]},
{"Layer":"boundary","Visible":true,"Outcome":"implicitDeny","Required":false}],
"Fixes":[{"Layer":"trust","Text":"Name her.\u001b[31m","Statement":"{\"Effect\": \"Allow\"}","Account":"111122223333"}]}`

func TestWhyPrintsForPeople(t *testing.T) {
	s := serve(t)
	s.answer = explained
	got := why(t, "", "--profile", "alice")
	const want = `Refused: sts:AssumeRole on arn:aws:iam::111122223333:role/r
  request r-1, sts:AssumeRole, 2026-04-01T12:00:00Z
  by arn:aws:iam::111122223333:user/alice

Reason: No role trust policy allows it.
  (by the policies as they were then)

What would allow it:
  1. Name her.?[31m
     add to the trust policy of the role: {"Effect": "Allow"}
     in account 111122223333

Policies that count:
  ? A policy of the organization: you may not read those.
  ✗ service control policies, level 1: deny it
      a statement of a policy that you may not read
      Deny, the whole document of broken
  ✗ trust policy of the role: do not allow it
      Allow, statement "Partner" (line 3, column 5) of trust policy
        sts:ExternalId must meet StringEquals of "a", and the request has none
      Allow, statement 2 (line 9, column 5) of trust policy
        its NotAction has "sts:*", which covers "sts:AssumeRole"
  ✓ identity policies: allow it
      Allow, statement 3 (line 1, column 2) of p
  · permissions boundary: do not allow it, and need not

An administrator may see more. → regent why --message sealed
`
	if got.code != 0 || got.err != "" || got.out != want {
		t.Errorf("%d %s\n%s", got.code, got.err, got.out)
	}
	if s.target != "Regent_20260101.ExplainDecision" || !strings.Contains(s.auth, "/eu-west-1/regent/aws4_request") || len(s.asked) != 0 {
		t.Errorf("%s %s %v", s.target, s.auth, s.asked)
	}
	if got := why(t, "", "--profile", "alice", "--json"); got.code != 0 || !json.Valid([]byte(got.out)) || !strings.Contains(got.out, "\n  \"RequestId\": \"r-1\"") {
		t.Errorf("%+v", got)
	}
}

func TestWhyAsksForWhatItWasGiven(t *testing.T) {
	s := serve(t)
	s.answer = explained
	t.Setenv("AWS_PROFILE", "alice")
	for _, row := range []struct {
		in   string
		args []string
		want string
	}{
		{"", nil, `{}`},
		{"", []string{"--last"}, `{}`},
		{"", []string{"r-1"}, `{"RequestId":"r-1"}`},
		{"", []string{"--message", "sealed"}, `{"EncodedMessage":"sealed"}`},
		{" sealed\n", []string{"--message", "-"}, `{"EncodedMessage":"sealed"}`},
		{
			"",
			[]string{"--action", "s3:GetObject", "--resource", "*", "--principal", "p", "--context", "a=1", "--context", "b=x=y", "--context", "a=2"},
			`{"Action":"s3:GetObject","Context":[{"Key":"a","Values":["1","2"]},{"Key":"b","Values":["x=y"]}],"Principal":"p","Resource":"*"}`,
		},
	} {
		got := why(t, row.in, row.args...)
		asked, err := json.Marshal(s.asked)
		if err != nil || got.code != 0 || string(asked) != row.want {
			t.Errorf("why %v: %d %s asked %s, want %s", row.args, got.code, got.err, asked, row.want)
		}
	}
}

func TestWhyEndsWithTheRightCode(t *testing.T) {
	s := serve(t)
	for _, row := range []struct {
		args   []string
		status int
		answer string
		code   int
		want   string
	}{
		{[]string{"a", "b"}, 0, "", 2, "why takes one request id"},
		{[]string{"a", "--last"}, 0, "", 2, "give a request id, or --last"},
		{[]string{"--message", "m", "--action", "s3:GetObject"}, 0, "", 2, "give a request id"},
		{[]string{"--context", "a=1"}, 0, "", 2, "go with --action"},
		{[]string{"--action", "s3:GetObject", "--context", "a"}, 0, "", 2, "is not KEY=VALUE"},
		{[]string{"--lats"}, 0, "", 2, "unknown flag"},
		{[]string{"--profile", "misspelled"}, 0, "", 2, "there is no such profile: misspelled"},
		{[]string{"--profile", "alice", "--server", "ftp://x"}, 0, "", 1, "is not the URL of a server"},
		{[]string{"--profile", "alice", "--server", "http://127.0.0.1:1"}, 0, "", 4, "the server cannot be reached: http://127.0.0.1:1"},
		{[]string{"--profile", "nobody"}, 0, "", 3, "there are no credentials"},
		{[]string{"--profile", "alice"}, 400, `{"__type":"x#DenialNotFoundException","Message":"No such denial is kept."}`, 1, "DenialNotFoundException: No such denial is kept."},
		{[]string{"--profile", "alice"}, 403, `{"__type":"ExpiredTokenException","Message":"over"}`, 3, "ExpiredTokenException: over"},
		{[]string{"--profile", "alice"}, 502, `<html>`, 1, "is this the right server?"},
		{[]string{"--profile", "alice"}, 200, `<html>`, 1, "reading the answer"},
		{[]string{"--profile", "alice"}, 302, `{"__type":"Moved","Message":"away"}`, 1, "Moved: away"},
	} {
		s.status, s.answer = max(row.status, 200), row.answer
		got := why(t, "", row.args...)
		if got.code != row.code || got.out != "" || !strings.Contains(got.err, row.want) || !strings.HasPrefix(got.err, "regent: ") {
			t.Errorf("why %v: %+v, want %d and %q", row.args, got, row.code, row.want)
		}
	}
}
