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

func TestSessionsMistakes(t *testing.T) {
	s := serve(t)
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"end"}, `no verb "end" of sessions`},
		{[]string{"revoke"}, "takes one ARN or access key id"},
		{[]string{"revoke", "a", "b"}, "takes one ARN or access key id"},
		{[]string{"revoke", "ASIAIOSFODNN7EXAMPLE", "--subject=x"}, "--subject goes with the ARN"},
	} {
		if got := sessions(t, test.args...); got.code != 2 || !strings.Contains(got.err, test.want) || s.asked != nil {
			t.Errorf("sessions %v: %+v, and wanted %q", test.args, got, test.want)
		}
	}
}
