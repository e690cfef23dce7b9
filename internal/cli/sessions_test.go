package cli_test

import (
	"bytes"
	"maps"
	"strings"
	"testing"

	"github.com/regent-iam/regent/internal/cli"
)

func sessions(t *testing.T, args ...string) run {
	t.Helper()
	var got run
	var out, errs bytes.Buffer
	got.code = cli.Run(t.Context(), append([]string{"sessions"}, args...), cli.Seams{In: strings.NewReader(""), Out: &out, Err: &errs})
	got.out, got.err = out.String(), errs.String()
	return got
}

func TestSessionsRevoke(t *testing.T) {
	const role, provider = "arn:aws:iam::111122223333:role/ci", "arn:aws:iam::111122223333:oidc-provider/idp.example"
	for _, test := range []struct {
		args    []string
		pending string
		want    map[string]any
		out     string
	}{
		{[]string{role}, "false", map[string]any{"ResourceArn": role}, "The sessions of " + role + " are ended.\n"},
		{
			[]string{"ASIAIOSFODNN7EXAMPLE"},
			"true",
			map[string]any{"AccessKeyId": "ASIAIOSFODNN7EXAMPLE"},
			"The sessions of ASIAIOSFODNN7EXAMPLE are being ended: not every node refuses them yet.\n",
		},
		{[]string{provider, "--subject=repo:us/app"}, "false", map[string]any{"ResourceArn": provider, "Subject": "repo:us/app"}, "The sessions of " + provider + " are ended.\n"},
	} {
		s := serve(t)
		s.answer = `{"RevokedAt":1764374400.25,"Pending":` + test.pending + `}`
		got := sessions(t, append([]string{"revoke", "--profile=alice"}, test.args...)...)
		if got.code != 0 || got.out != test.out || s.target != "Regent_20260101.RevokeSessions" || !maps.Equal(test.want, s.asked) {
			t.Errorf("%+v, asked %s %v", got, s.target, s.asked)
		}
	}
	s := serve(t)
	s.status, s.answer = 400, `{"__type":"NoSuchResourceException","Message":"It cannot be found."}`
	if got := sessions(t, "revoke", "--profile=alice", role); got.code != 1 || got.err != "regent: NoSuchResourceException: It cannot be found.\n" {
		t.Errorf("%+v", got)
	}
}

func TestSessionsList(t *testing.T) {
	const role = "arn:aws:iam::111122223333:role/ci"
	s := serve(t)
	s.answer = `{"Sessions":[{"AccessKeyId":"ASIA1","Kind":"role","PrincipalArn":"` + role + `","SessionName":"a\u001b[1m","SourceIdentity":"al","CallerAccount":"111122223333",` +
		`"CallerArn":"arn:aws:iam::111122223333:user/alice","SourceAddress":"192.0.2.1","IssuedAt":1764374400.25,"ExpiresAt":1764378000,"LastUsedAt":1764374460,"MfaAuthenticated":true},` +
		`{"AccessKeyId":"ASIA2","Kind":"role","PrincipalArn":"` + role + `","CallerAccount":"444455556666","IssuedAt":1764374400,"ExpiresAt":1764378000,"MfaAuthenticated":false}]}`
	const table = `KEY    SESSION OF                       NAME    ASKED BY                             SOURCE IDENTITY  ADDRESS    MFA  ISSUED                EXPIRES               LAST USED
ASIA1  arn:aws:iam::111122223333:role/ci  a�[1m  arn:aws:iam::111122223333:user/alice  al               192.0.2.1  yes  2025-11-29T00:00:00Z  2025-11-29T01:00:00Z  2025-11-29T00:01:00Z
ASIA2  arn:aws:iam::111122223333:role/ci  -       444455556666                         -                -          no   2025-11-29T00:00:00Z  2025-11-29T01:00:00Z  -
`
	fields := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	got := sessions(t, "list", "--profile=alice", role)
	if got.code != 0 || fields(got.out) != fields(table) || s.target != "Regent_20260101.ListSessions" || !maps.Equal(map[string]any{"ResourceArn": role}, s.asked) {
		t.Errorf("%+v, asked %s %v", got, s.target, s.asked)
	}
	got = sessions(t, "list", "--profile=alice", "--json", "ASIAIOSFODNN7EXAMPLE")
	if got.code != 0 || !strings.Contains(got.out, `"ASIA2"`) || s.asked["AccessKeyId"] != "ASIAIOSFODNN7EXAMPLE" {
		t.Errorf("%+v, asked %v", got, s.asked)
	}
}

func TestSessionsMistakes(t *testing.T) {
	s := serve(t)
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"end"}, `no verb "end" of sessions`},
		{[]string{"revoke"}, "takes one ARN or access key id"},
		{[]string{"revoke", "a", "b"}, "takes one ARN or access key id"},
		{[]string{"list"}, "sessions list takes one ARN or access key id"},
		{[]string{"list", "ASIAIOSFODNN7EXAMPLE", "--subject=x"}, "--subject goes with the ARN"},
		{[]string{"revoke", "ASIAIOSFODNN7EXAMPLE", "--subject=x"}, "--subject goes with the ARN"},
	} {
		if got := sessions(t, test.args...); got.code != 2 || !strings.Contains(got.err, test.want) || s.asked != nil {
			t.Errorf("sessions %v: %+v, and wanted %q", test.args, got, test.want)
		}
	}
}
