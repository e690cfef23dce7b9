package cases_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/policy"
	"github.com/regent-iam/regent/policy/cases"
)

const allowAll = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}`

func alice() map[string]string {
	return map[string]string{"alice": "kind user\naccount 111122223333\narn arn:aws:iam::111122223333:user/alice\n"}
}

func parse(t *testing.T, text string) *cases.Archive {
	t.Helper()
	a, err := cases.Parse("test.txtar", []byte(text), alice())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAnArchiveIsReadWhole(t *testing.T) {
	a := parse(t, `What it shows.
Rules: EV-1 EV-2
Rules: PL-1
-- identity.json --
`+allowAll+`
-- scp/0.json --
-- context --
aws:username = "alice"
aws:TagKeys = ["a"]
-- bindings --
arn:aws:iam::111122223333:user/alice AIDA1
-- principal/bot --
kind session
account 444455556666
arn arn:aws:sts::444455556666:assumed-role/bot/s
issuer arn:aws:iam::444455556666:role/bot
-- requests --
# a comment
s3:GetObject arn:aws:s3:::b/k -> implicitDeny by scp
s3:PutObject arn:aws:s3:::b/k -> allowed by identity identity.json#0
  as bot
  account 444455556666
  use identity.json
  wildcard
  allocates
  without aws:username
  aws:TagKeys = []
  aws:MultiFactorAuthAge = 300
  aws:SecureTransport = true
`)
	if diff := cmp.Diff([]string{"EV-1", "EV-2", "PL-1"}, a.Rules); diff != "" {
		t.Errorf("rules (-want +got): %s", diff)
	}
	first, second := &a.Cases[0], &a.Cases[1]
	if first.Line != 19 || first.String() != "s3:GetObject on arn:aws:s3:::b/k as alice" || first.Request.ResourceAccount != "111122223333" {
		t.Errorf("%d: %s in %s", first.Line, first, first.Request.ResourceAccount)
	}
	if diff := cmp.Diff([]cases.Key{{Name: "aws:username", Values: []string{"alice"}}, {Name: "aws:TagKeys", Values: []string{"a"}, Multi: true}}, first.Keys); diff != "" {
		t.Errorf("keys (-want +got): %s", diff)
	}
	if len(first.Layers.SCP) != 1 || len(first.Layers.SCP[0]) != 0 || first.Bindings["arn:aws:iam::111122223333:user/alice"] != "AIDA1" {
		t.Errorf("layers %+v, bindings %v", first.Layers, first.Bindings)
	}
	want := []cases.Key{
		{Name: "aws:TagKeys", Values: []string{}, Multi: true},
		{Name: "aws:MultiFactorAuthAge", Values: []string{"300"}},
		{Name: "aws:SecureTransport", Values: []string{"true"}},
	}
	if diff := cmp.Diff(want, second.Keys); diff != "" {
		t.Errorf("keys (-want +got): %s", diff)
	}
	r := second.Request
	if second.String() != "s3:PutObject on arn:aws:s3:::b/k as bot" || !r.Wildcard || !second.Allocates || r.Principal.Kind != policy.RoleSession || second.Layers.SCP != nil {
		t.Errorf("%s: %+v", second, r)
	}
	if diff := cmp.Diff(cases.Want{Outcome: policy.Allow, Layer: "identity", Statement: "identity.json#0"}, second.Want); diff != "" {
		t.Errorf("want (-want +got): %s", diff)
	}
	for i := range a.Cases {
		if f := a.Cases[i].Check(); f != nil {
			t.Error(f)
		}
	}
}

// A mistake in an archive is an error with its place, never a case that is left
// out or one that cannot fail.
func TestMistakesInArchivesAreErrors(t *testing.T) {
	const head = "-- identity.json --\n" + allowAll + "\n"
	const request = "-- requests --\ns3:GetObject * -> allowed\n"
	for text, want := range map[string]string{
		head:                                                                                "test.txtar: there is no file named requests",
		head + "-- requests --\n# nothing\n":                                                "test.txtar: there are no requests",
		head + "-- requests --\n  as alice\n":                                               "test.txtar:4: a setting stands before the first request",
		head + "-- requests --\ns3:GetObject *\n":                                           `test.txtar:4: want "action resource -> outcome`,
		head + "-- requests --\ns3:GetObject * -> allow\n":                                  `test.txtar:4: "allow" is no outcome`,
		head + "-- requests --\ns3:GetObject * -> allowed by\n":                             `want "action resource`,
		head + "-- requests --\ns3:GetObject * -> allowed by somebody\n":                    `"somebody" is no layer`,
		head + "-- requests --\ns3:GetObject * -> allowed by identity a.json#0 x\n":         `want "action resource`,
		head + request + "  as carol\n":                                                     "test.txtar:4: nobody is called carol",
		head + request + "  use other.json\n":                                               "there is no policy other.json",
		head + request + "  use requests\n":                                                 "there is no policy requests",
		head + request + "  wildcards\n":                                                    `"wildcards" is not a setting`,
		head + request + "  aws:username = alice\n":                                         "aws:username: ",
		head + request + "  aws:username = {}\n":                                            "is no string, number or boolean",
		head + request + "  aws:TagKeys = [null]\n":                                         "is no string, number or boolean",
		head + request + "  aws:TagKeys = [\n":                                              "aws:TagKeys: ",
		head + head + request:                                                               "test.txtar:4: identity.json stands twice",
		"-- identity.jsn --\n" + request:                                                    `archives have no file "identity.jsn"`,
		"-- identities/a.json --\n" + request:                                               `archives have no file "identities/a.json"`,
		"-- scp/root.json --\n" + request:                                                   "names no level",
		"-- scp/7.json --\n" + request:                                                      "names no level",
		"-- boundary.json --\n" + allowAll + "\n-- boundary/b.json --\n{}\n" + request:      "is a second boundary",
		"-- principal --\nkind wizard\n" + request:                                          `alice: there is no kind of principal "wizard"`,
		"-- principal --\nname x\n" + request:                                               `a principal has no "name"`,
		"-- context --\naws:username\n" + request:                                           `"aws:username" is not a setting`,
		"-- policies --\nidentity.json\n" + request:                                         `test.txtar:2: want "file path"`,
		"-- policies --\n\n# from here\nidentity.json ./missing.json\n" + request:           "test.txtar:4: open missing.json: ",
		"-- identity.json --\n{}\n-- policies --\nidentity.json ./missing.json\n" + request: "missing.json",
	} {
		_, err := cases.Parse("test.txtar", []byte(text), alice())
		if e, ok := errors.AsType[*cases.Error](err); !ok || !strings.Contains(e.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// A failure names the place, says what was wanted and what was decided, why,
// and what would change it.
func TestFailuresSayWhy(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"another outcome": {
			`-- identity/dev.json --
{"Version": "2012-10-17", "Statement": [
  {"Sid": "Read", "Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::b/*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}
]}
-- requests --
s3:GetObject arn:aws:s3:::b/k -> allowed
  aws:SecureTransport = false
`, []string{
				"test.txtar:6: s3:GetObject on arn:aws:s3:::b/k as alice\n",
				"  want allowed\n",
				"  got  implicitDeny by identity because no identity-based policy allows the s3:GetObject action\n",
				`identity/dev.json#0 "Read", line 2 does not match: Bool aws:SecureTransport wants ["true"], and the request has ["false"]`,
				"  to allow it: ",
			},
		},
		"another layer": {
			"-- identity.json --\n" + allowAll + "\n-- requests --\ns3:GetObject * -> allowed by resource\n",
			[]string{"want allowed by resource\n", "got  allowed by identity identity.json#0\n", "identity.json#0, line 1 matches (Allow)"},
		},
		"another statement": {
			"-- identity.json --\n" + allowAll + "\n-- requests --\ns3:GetObject * -> allowed by identity identity.json#1\n",
			[]string{"want allowed by identity identity.json#1\n"},
		},
		"a policy that cannot be read": {
			"-- identity.json --\n{\"Statement\": [{\"Effect\": \"Alow\"}]}\n-- requests --\ns3:GetObject * -> allowed\n",
			[]string{"got  explicitDeny by identity identity.json#-1", "identity.json cannot be used and denies everything: policy: line 1, column"},
		},
		"a missing key and an element that is negated": {
			`-- identity.json --
{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"},
  {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"aws:username": "bob"}}}
]}
-- scp/0.json --
-- requests --
s3:GetObject * -> allowed
`, []string{
				"its not-action is s3:*, the request's is s3:GetObject",
				`StringEquals aws:username wants ["bob"], and the request does not have the key`,
				"  scp level 0: implicitDeny\n",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := parse(t, test.text).Cases[0].Check()
			if f == nil {
				t.Fatal("the case does not fail")
			}
			for _, want := range test.want {
				if !strings.Contains(f.String(), want) {
					t.Errorf("want %q in\n%s", want, f)
				}
			}
		})
	}
}

func TestDirectoriesAreReadWithTheirCallersAndPolicies(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := cases.ReadDir(dir); !errors.Is(err, cases.ErrNone) {
		t.Errorf("an empty directory: %v", err)
	}
	if _, err := cases.ReadDir(filepath.Join(dir, "missing")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no directory: %v", err)
	}
	write("principals.txtar", "-- alice --\nkind user\naccount 111122223333\n-- bob --\nkind user\naccount 444455556666\n")
	write("team/principals.txtar", "-- alice --\nkind root\naccount 111122223333\n")
	write("policies/dev.json", allowAll)
	write("b.txtar", "-- policies --\nidentity/dev.json policies/dev.json\n-- requests --\ns3:GetObject * -> allowed by identity identity/dev.json#0\n")
	write("team/a.txtar", "-- requests --\ns3:GetObject * -> allowed by none\ns3:GetObject * -> implicitDeny\n  as bob\n")
	archives, err := cases.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, a := range archives {
		names = append(names, filepath.Base(a.Name))
		for i := range a.Cases {
			if f := a.Cases[i].Check(); f != nil {
				t.Error(f)
			}
		}
	}
	if diff := cmp.Diff([]string{"b.txtar", "a.txtar"}, names); diff != "" {
		t.Errorf("archives (-want +got): %s", diff)
	}
	if text, ok := archives[0].Text("identity/dev.json"); !ok || text != allowAll {
		t.Errorf("the policy that is taken: %q", text)
	}
	write("team/principals.txtar", "-- alice --\nkind nobody\n")
	if _, err := cases.ReadDir(dir); err == nil || !strings.Contains(err.Error(), "principals.txtar: alice: ") {
		t.Errorf("a caller of no kind: %v", err)
	}
}
