package cli_test

import (
	"bytes"
	"maps"
	"strings"
	"testing"

	"github.com/regent-iam/regent/internal/cli"
)

func verb(t *testing.T, args ...string) run {
	t.Helper()
	var got run
	var out, errs bytes.Buffer
	got.code = cli.Run(t.Context(), args, cli.Seams{In: strings.NewReader(""), Out: &out, Err: &errs})
	got.out, got.err = out.String(), errs.String()
	return got
}

// What the verbs of services and issuer ask, and what they make of the answers.
func TestServicesAndIssuer(t *testing.T) {
	const name, key = "backup.example.internal", "AKIAIOSFODNN7EXAMPLE"
	for _, test := range []struct {
		args      []string
		operation string
		asked     map[string]any
		answer    string
		out, err  string
		code      int
	}{
		{
			[]string{"services", "register", name, "--description", "copies"},
			"RegisterService",
			map[string]any{"ServiceName": name, "Description": "copies"},
			`{"Service":{"ServiceName":"` + name + `","Keys":[]}}`,
			name + " is registered. It has no key yet: regent services create-key " + name + "\n", "", 0,
		},
		{
			[]string{"services", "list"},
			"ListServices",
			map[string]any{},
			`{"Services":[{"ServiceName":"a.b","Keys":[]},{"ServiceName":"c.d","Description":"x\u001b[1m","Keys":[{"AccessKeyId":"` + key + `","Status":"Active"}]}]}`,
			"SERVICE  KEY                   STATUS  DESCRIPTION\na.b      -                     -       \nc.d      " + key + "  Active  x\ufffd[1m\n", "", 0,
		},
		{[]string{"services", "delete", name}, "DeleteService", map[string]any{"ServiceName": name}, `{}`, name + " is deleted.\n", "", 0},
		{
			[]string{"services", "create-key", name},
			"CreateServiceKey",
			map[string]any{"ServiceName": name},
			`{"ServiceKey":{"ServiceName":"` + name + `","AccessKeyId":"` + key + `","SecretAccessKey":"s+/","Status":"Active"}}`,
			"AWS_ACCESS_KEY_ID=" + key + "\nAWS_SECRET_ACCESS_KEY=s+/\n", "", 0,
		},
		{
			[]string{"services", "update-key", name, key, "Inactive"},
			"UpdateServiceKey",
			map[string]any{"ServiceName": name, "AccessKeyId": key, "Status": "Inactive"},
			`{}`, key + " of " + name + " is Inactive.\n", "", 0,
		},
		{
			[]string{"services", "delete-key", name, key},
			"DeleteServiceKey",
			map[string]any{"ServiceName": name, "AccessKeyId": key},
			`{}`, key + " of " + name + " is deleted.\n", "", 0,
		},
		{
			[]string{"services", "check-pass-role", "p", "r"},
			"CheckPassRole",
			map[string]any{"PrincipalArn": "p", "RoleArn": "r"},
			`{"Allowed":true}`, "The role may be passed.\n", "", 0,
		},
		{
			[]string{"services", "check-pass-role", "p", "r"},
			"CheckPassRole",
			map[string]any{"PrincipalArn": "p", "RoleArn": "r"},
			`{"Allowed":false}`, "", "regent: the role may not be passed\n", 1,
		},
		{
			[]string{"keyring", "rotate"},
			"RotateKeys",
			map[string]any{},
			`{"KeyId":2,"CreateDate":1775048700,"SessionsUntil":1775048700}`,
			"Key 2 seals now. The last session under the keys before ends by 2026-04-01T13:05:00Z.\n", "", 0,
		},
		{
			[]string{"issuer", "rotate", "--withdraw"},
			"RotateIssuerKeys",
			map[string]any{"Withdraw": true},
			`{"Keys":[{"KeyId":"k1","SigningAlgorithm":"ES384","PublishedUntil":1775048700},{"KeyId":"k2","SigningAlgorithm":"ES384"}]}`,
			"KEY  ALGORITHM  PUBLISHED UNTIL\nk1   ES384      2026-04-01T13:05:00Z\nk2   ES384      it is replaced\n", "", 0,
		},
	} {
		s := serve(t)
		s.answer = test.answer
		got := verb(t, append(test.args, "--profile=alice")...)
		if got.code != test.code || got.out != test.out || got.err != test.err {
			t.Errorf("%v: %+v", test.args, got)
		}
		if s.target != "Regent_20260101."+test.operation || !maps.Equal(s.asked, test.asked) {
			t.Errorf("%v asked %s %v", test.args, s.target, s.asked)
		}
	}
}

func TestServicesMistakes(t *testing.T) {
	s := serve(t)
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"services", "enlist"}, `no verb "enlist" of services`},
		{[]string{"services", "register"}, "it takes the name of a service"},
		{[]string{"services", "update-key", "a.b", "k", "off", "--profile=alice"}, `"off" is not a status`},
		{[]string{"services", "delete-key", "a.b"}, "and the id of a key"},
		{[]string{"issuer", "turn"}, `no verb "turn" of issuer`},
		{[]string{"issuer", "rotate", "now"}, "it takes no arguments"},
	} {
		if got := verb(t, test.args...); got.code != 2 || !strings.Contains(got.err, test.want) || s.asked != nil {
			t.Errorf("%v: %+v, asked %v", test.args, got, s.asked)
		}
	}
	s.status, s.answer = 400, `{"__type":"NotManagementAccountException","Message":"no"}`
	if got := verb(t, "services", "list", "--profile=alice"); got.code != 1 || got.out != "" || got.err != "regent: NotManagementAccountException: no\n" {
		t.Errorf("%+v", got)
	}
}
