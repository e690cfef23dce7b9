package policy_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/policy"
)

func mustParse(tb testing.TB, text string) *policy.Document {
	tb.Helper()
	doc, err := policy.Parse(text)
	if err != nil {
		tb.Fatalf("%v in %s", err, text)
	}
	return doc
}

// Rules: PL-26 PL-27
func TestPrincipalNamesAreThoseThatHaveUniqueIDs(t *testing.T) {
	doc := mustParse(t, `{"Statement": [
	{"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::111122223333:user/a/u", "111122223333", "*", "arn:aws:iam::111122223333:root"], "Service": "ec2.amazonaws.com"}},
	{"Effect": "Deny", "NotPrincipal": {"AWS": ["arn:aws:iam::111122223333:role/r", "arn:aws:iam::111122223333:user/a/u", "arn:aws:sts::111122223333:assumed-role/r/s", "AROAAAAAAAAAAAAAAAAAA"]}}]}`)
	want := []string{"arn:aws:iam::111122223333:user/a/u", "arn:aws:iam::111122223333:role/r"}
	if diff := cmp.Diff(want, doc.PrincipalNames()); diff != "" {
		t.Error(diff)
	}
}

// Rules: PL-24 PL-26 PL-92
func TestRewritePrincipalsChangesPrincipalsAndNothingElse(t *testing.T) {
	const text = `{ "Statement":[ {"Effect" : "Allow", "Sid": "arn:aws:iam::111122223333:user/u",
	"Principal": {"AWS": [ "arn:aws:iam::111122223333:user\/u",	"111122223333" ], "Service": "arn:aws:iam::111122223333:user/u"} , "Action":"sts:AssumeRole",
	"Condition": {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:user/u"}} } ] }`
	got := policy.RewritePrincipals(text, func(p string) string {
		if p == "arn:aws:iam::111122223333:user/u" {
			return "AIDAAAAAAAAAAAAAAAAAA"
		}
		return p
	})
	want := strings.Replace(text, `"arn:aws:iam::111122223333:user\/u"`, `"AIDAAAAAAAAAAAAAAAAAA"`, 1)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := policy.RewritePrincipals("not json", func(string) string { return "x" }); got != "not json" {
		t.Errorf("a text that does not parse became %q", got)
	}
}

// Rules: IA-74 PL-61
func TestContextKeysAreKeysAndVariables(t *testing.T) {
	const text = `{"Version": "VERSION", "Statement": [{"Effect": "Allow", "Action": "${aws:no}", "Resource": ["arn:aws:s3:::${aws:username}/${AWS:USERNAME}/${*}", "arn:aws:s3:${aws:no}::x"],
	"Condition": {"StringLike": {"s3:prefix": ["${aws:PrincipalTag/team, 'x'}/*", "S3:Prefix"]}, "NumericEquals": {"s3:max-keys": "${aws:no}"}, "Bool": {"S3:PREFIX": "${saml:aud}"}}}]}`
	for version, want := range map[string][]string{
		"2012-10-17": {"aws:username", "s3:prefix", "aws:PrincipalTag/team", "s3:max-keys", "saml:aud"},
		"2008-10-17": {"s3:prefix", "s3:max-keys"},
	} {
		doc := mustParse(t, strings.Replace(text, "VERSION", version, 1))
		if diff := cmp.Diff(want, policy.ContextKeys(doc)); diff != "" {
			t.Errorf("%s: %s", version, diff)
		}
	}
}

// Rules: S3-66
func TestPublicPolicies(t *testing.T) {
	tests := []struct {
		name, statement string
		want            bool
	}{
		{"everybody", `"Principal": "*"`, true},
		{"everybody in an object", `"Principal": {"AWS": ["111122223333", "*"]}`, true},
		{"an account", `"Principal": {"AWS": "111122223333"}`, false},
		{"fixed principals", `"Principal": {"AWS": ["arn:aws:iam::111122223333:user/u", "AROAAAAAAAAAAAAAAAAAA", "arn:aws:iam::111122223333:root"], "Service": "logging.s3.amazonaws.com", "CanonicalUser": "ab"}`, false},
		{"web identity", `"Principal": {"Federated": "accounts.google.com"}`, true},
		{"no principal", `"Action": "s3:X"`, true},
		{"fixed organization", `"Principal": "*", "Condition": {"StringEquals": {"AWS:principalorgid": "o-1"}}`, false},
		{"two organizations", `"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": ["o-1", "o-2"]}}`, false},
		{"one value open", `"Principal": "*", "Condition": {"StringLike": {"aws:PrincipalOrgID": ["o-1", "o-*"]}}`, true},
		{"variable", `"Principal": "*", "Condition": {"StringEquals": {"aws:SourceVpc": "${aws:username}"}}`, true},
		{"if exists", `"Principal": "*", "Condition": {"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}}`, true},
		{"for all values", `"Principal": "*", "Condition": {"ForAllValues:StringEquals": {"aws:PrincipalOrgPaths": "o-1/"}}`, true},
		{"for any value", `"Principal": "*", "Condition": {"ForAnyValue:StringEquals": {"aws:PrincipalOrgPaths": "o-1/"}}`, false},
		{"negated", `"Principal": "*", "Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}`, true},
		{"no values", `"Principal": "*", "Condition": {"StringEquals": {"aws:SourceVpc": []}}`, true},
		{"network", `"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "10.0.0.0/8", "2001:db8::/32"]}}`, false},
		{"half the internet", `"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "128.0.0.0/7"]}}`, true},
		{"broad IPv6", `"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": "2001::/31"}}`, true},
		{"network as text", `"Principal": "*", "Condition": {"StringLike": {"aws:SourceIp": "10.1.2.3"}}`, true},
		{"not a network", `"Principal": "*", "Condition": {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}`, true},
		{"access point", `"Principal": "*", "Condition": {"ArnLike": {"s3:DataAccessPointArn": "arn:aws:s3:*:111122223333:accesspoint/*"}}`, false},
		{"any access point", `"Principal": "*", "Condition": {"ArnLike": {"s3:DataAccessPointArn": "arn:aws:s3:*:*:accesspoint/*"}}`, true},
		{"referer", `"Principal": "*", "Condition": {"StringEquals": {"aws:Referer": "x"}}`, true},
		{"tag", `"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/a": "x"}}`, true},
		{"role id", `"Principal": "*", "Condition": {"StringLike": {"aws:userid": "AROAAAAAAAAAAAAAAAAAA:*"}}`, true},
		{"not principal", `"NotPrincipal": {"AWS": "111122223333"}`, true},
		{"source account", `"Principal": {"Service": "*"}, "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}`, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			allow := mustParse(t, `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", `+test.statement+`}]}`)
			if got := policy.Public(allow); got != test.want {
				t.Errorf("public: %v, want %v", got, test.want)
			}
			deny := mustParse(t, `{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", `+test.statement+`}]}`)
			if policy.Public(deny) {
				t.Error("a Deny makes a bucket public")
			}
		})
	}
}
