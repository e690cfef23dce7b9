package cli_test

import (
	"bytes"
	"maps"
	"strings"
	"testing"

	"github.com/regent-iam/regent/internal/cli"
)

func quota(t *testing.T, args ...string) run {
	t.Helper()
	var got run
	var out, errs bytes.Buffer
	got.code = cli.Run(t.Context(), append([]string{"quota"}, args...), cli.Seams{In: strings.NewReader(""), Out: &out, Err: &errs})
	got.out, got.err = out.String(), errs.String()
	return got
}

const quotas = `{"Quotas":[
{"ServiceCode":"iam","QuotaName":"UsersPerAccount","Value":5000,"DefaultValue":5000,"MaximumValue":5000,"Adjustable":false},
{"ServiceCode":"iam","QuotaName":"RolesPerAccount","Value":3000,"DefaultValue":1000,"MaximumValue":10000,"Adjustable":true}]}`

func TestQuotaList(t *testing.T) {
	s := serve(t)
	s.answer = quotas
	const head, roles = "QUOTA            VALUE  DEFAULT  MAXIMUM\n", "RolesPerAccount  3000   1000     10000\n"
	if got := quota(t, "list", "--profile=alice"); got.code != 0 || got.out != head+roles || s.target != "Regent_20260101.ListQuotas" || len(s.asked) != 0 {
		t.Errorf("%+v, asked %s %v", got, s.target, s.asked)
	}
	if got := quota(t, "list", "--all", "--profile=alice", "222233334444"); got.code != 0 ||
		got.out != head+"UsersPerAccount  5000   5000     5000\n"+roles || s.asked["AccountId"] != "222233334444" {
		t.Errorf("%+v, asked %v", got, s.asked)
	}
	if got := quota(t, "list", "--json", "--profile=alice"); got.code != 0 || !strings.Contains(got.out, `"QuotaName": "UsersPerAccount",`) {
		t.Errorf("%+v", got)
	}
}

func TestQuotaSet(t *testing.T) {
	s := serve(t)
	s.answer = `{"Quota":{"ServiceCode":"iam","QuotaName":"RolesPerAccount","Value":3000,"DefaultValue":1000,"MaximumValue":10000,"Adjustable":true}}`
	got := quota(t, "set", "--profile=alice", "222233334444", "RolesPerAccount", "3000")
	want := map[string]any{"AccountId": "222233334444", "QuotaName": "RolesPerAccount", "Value": 3000.0}
	if got.code != 0 || got.out != "RolesPerAccount of account 222233334444 is 3000.\n" || s.target != "Regent_20260101.PutQuota" || !maps.Equal(want, s.asked) {
		t.Errorf("%+v, asked %s %v", got, s.target, s.asked)
	}
	s.status, s.answer = 400, `{"__type":"InvalidParameterException","Message":"The quota GroupsPerUser is fixed at 10."}`
	if got := quota(t, "set", "--profile=alice", "222233334444", "GroupsPerUser", "30"); got.code != 1 ||
		got.err != "regent: InvalidParameterException: The quota GroupsPerUser is fixed at 10.\n" {
		t.Errorf("%+v", got)
	}
}

func TestQuotaMistakes(t *testing.T) {
	s := serve(t)
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"raise"}, `no verb "raise" of quota`},
		{[]string{"list", "1", "2"}, "takes one account id"},
		{[]string{"set", "222233334444", "RolesPerAccount"}, "takes an account id, a quota and a value"},
		{[]string{"set", "222233334444", "RolesPerAccount", "many"}, `"many" is not a value`},
		{[]string{"set", "222233334444", "RolesPerAccount", "0"}, `"0" is not a value`},
		{[]string{"set", "222233334444", "RolesPerAccount", "3000000000"}, `"3000000000" is not a value`},
		{[]string{"list", "--every"}, "unknown flag: --every"},
	} {
		if got := quota(t, test.args...); got.code != 2 || !strings.Contains(got.err, test.want) || s.asked != nil {
			t.Errorf("quota %v: %+v, and wanted %q", test.args, got, test.want)
		}
	}
}
