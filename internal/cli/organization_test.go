package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/regent-iam/regent/internal/client"
	"github.com/regent-iam/regent/regenttest"
)

// theirs is the dump of an organization: its units in no good order, a policy
// that names the organization and an account, one that cannot be had, and one
// of AWS's that hangs on the root alone.
const theirs = `{
  "Organization": {"Id": "o-theirtheir1", "FeatureSet": "ALL"},
  "Roots": [{"Id": "r-thei", "Name": "Root", "PolicyTypes": [
    {"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}, {"Type": "RESOURCE_CONTROL_POLICY", "Status": "ENABLED"}]}],
  "OrganizationalUnits": [
    {"Id": "ou-thei-22222222", "Name": "web", "ParentId": "ou-thei-11111111"},
    {"Id": "ou-thei-11111111", "Name": "prod", "ParentId": "r-thei", "Tags": [{"Key": "team", "Value": "blue"}]}],
  "Accounts": [
    {"Id": "999900001111", "Name": "shop", "ParentId": "ou-thei-22222222"},
    {"Id": "999900002222", "Name": "other", "ParentId": "r-thei"}],
  "Policies": [
    {"PolicySummary": {"Id": "p-FullAWSAccess", "Name": "FullAWSAccess", "Type": "SERVICE_CONTROL_POLICY", "AwsManaged": true},
     "Content": "{}", "Targets": [{"TargetId": "r-thei"}, {"TargetId": "ou-thei-22222222"}]},
    {"PolicySummary": {"Id": "p-11111111", "Name": "perimeter", "Description": "d", "Type": "SERVICE_CONTROL_POLICY", "AwsManaged": false},
     "Content": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"sts:*\",\"Resource\":\"arn:aws:iam::999900001111:role/*\",\"Condition\":{\"ForAllValues:StringNotLike\":{\"aws:PrincipalOrgPaths\":\"o-theirtheir1/r-thei/ou-thei-11111111/*\"}}}]}",
     "Targets": [{"TargetId": "ou-thei-11111111"}, {"TargetId": "999900001111"}, {"TargetId": "999900002222"}]},
    {"PolicySummary": {"Id": "p-22222222", "Name": "bad", "Description": "", "Type": "SERVICE_CONTROL_POLICY", "AwsManaged": false},
     "Content": "{\"Statement\":1}", "Targets": [{"TargetId": "r-thei"}]},
    {"PolicySummary": {"Id": "p-33333333", "Name": "buckets", "Description": "", "Type": "RESOURCE_CONTROL_POLICY", "AwsManaged": false},
     "Content": {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-theirtheir1"}}}]},
     "Targets": [{"TargetId": "r-thei"}]}]
}`

// A place is an organization of a server inside the test.
type place struct {
	t    *testing.T
	home string
	url  string
}

// organization makes a server, in it an organization with an account "shop",
// and the profile "alice" of the management account's root.
func organization(t *testing.T) (p *place, shop string) {
	t.Helper()
	server := regenttest.NewServer(t)
	serve(t).Close() // for the environment
	p = &place{t: t, home: filepath.Dir(os.Getenv("AWS_CONFIG_FILE")), url: server.URL}
	for _, name := range []string{"config", "credentials"} {
		if err := os.Remove(filepath.Join(p.home, name)); err != nil {
			t.Fatal(err)
		}
	}
	p.profile("alice", server.Management.Root())
	p.profile("reader", server.Management.NewUser("reader", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["organizations:Describe*","organizations:List*"],"Resource":"*"}]}`))
	return p, server.NewAccount("shop").ID
}

func (p *place) profile(name string, cfg aws.Config) {
	p.t.Helper()
	keys, err := cfg.Credentials.Retrieve(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	for file, text := range map[string]string{
		"config":      fmt.Sprintf("[profile %s]\nregion = eu-west-1\nendpoint_url = %s\n", name, p.url),
		"credentials": fmt.Sprintf("[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\n", name, keys.AccessKeyID, keys.SecretAccessKey),
	} {
		f, err := os.OpenFile(filepath.Join(p.home, file), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			p.t.Fatal(err)
		}
		if _, err := f.WriteString(text); err != nil {
			p.t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			p.t.Fatal(err)
		}
	}
}

type named struct{ ID, Name string }

// An answer is what Organizations answers to any of the calls below.
type answer struct {
	Organization                         named
	Roots, OrganizationalUnits, Policies []named
	Parents                              []named
	Policy                               struct{ Content string }
	Targets                              []struct{ TargetID, Name string }
}

func (p *place) call(operation string, in map[string]string) (out answer) {
	p.t.Helper()
	c, err := client.Open(p.t.Context(), client.Options{Profile: "alice"})
	if err != nil {
		p.t.Fatal(err)
	}
	if in == nil {
		in = map[string]string{}
	}
	if err := c.Organizations(p.t.Context(), operation, in, &out); err != nil {
		p.t.Fatalf("%s: %v", operation, err)
	}
	return out
}

// id returns the id of the one thing of that name.
func (p *place) id(all []named, name string) string {
	p.t.Helper()
	i := slices.IndexFunc(all, func(n named) bool { return n.Name == name })
	if i < 0 {
		p.t.Fatalf("no %s in %v", name, all)
	}
	return all[i].ID
}

// hangs says on what a policy hangs.
func (p *place) hangs(policy string) string {
	p.t.Helper()
	var names []string
	for _, t := range p.call("ListTargetsForPolicy", map[string]string{"PolicyId": policy}).Targets {
		names = append(names, t.Name)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func TestAnOrganizationIsBroughtIn(t *testing.T) {
	p, shop := organization(t)
	args := []string{"import", "--organization", "-", "--profile", "alice", "--map-account", "999900001111=" + shop}
	first := runVerb(t, theirs, args...)

	rootID := p.call("ListRoots", nil).Roots[0].ID
	prod := p.id(p.call("ListOrganizationalUnitsForParent", map[string]string{"ParentId": rootID}).OrganizationalUnits, "prod")
	web := p.id(p.call("ListOrganizationalUnitsForParent", map[string]string{"ParentId": prod}).OrganizationalUnits, "web")
	detach := "\np-FullAWSAccess\n  DetachPolicy: It hangs on %s, and not on %s in the dump: detach it when the copy is to allow no more.\n"
	skipped := "\np-22222222\n  CreatePolicy: MalformedPolicyDocumentException: The provided policy document does not meet the requirements of the specified policy type.\n" +
		fmt.Sprintf(detach, shop, "999900001111") + fmt.Sprintf(detach, prod, "ou-thei-11111111") +
		"\np-11111111\n  AttachPolicy: Nothing here stands for 999900002222.\n" +
		"\n999900002222\n  MoveAccount: No account here stands for \"other\": --map-account names one.\n"
	if want := "Made: 9. There already: 3. Left out: 5.\n" + skipped; first.code != 0 || first.out != want {
		t.Errorf("%d %s\n%s\nwant\n%s", first.code, first.err, first.out, want)
	}
	if got := p.call("ListParents", map[string]string{"ChildId": shop}).Parents[0].ID; got != web {
		t.Errorf("shop is in %s, want %s", got, web)
	}
	perimeter := p.id(p.call("ListPolicies", map[string]string{"Filter": "SERVICE_CONTROL_POLICY"}).Policies, "perimeter")
	organization := p.call("DescribeOrganization", nil).Organization.ID
	text := p.call("DescribePolicy", map[string]string{"PolicyId": perimeter}).Policy.Content
	if !strings.Contains(text, `"`+organization+"/"+rootID+"/"+prod+`/*"`) || !strings.Contains(text, "arn:aws:iam::"+shop+":role/*") || strings.Contains(text, "thei") {
		t.Errorf("the policy is %s", text)
	}
	buckets := p.id(p.call("ListPolicies", map[string]string{"Filter": "RESOURCE_CONTROL_POLICY"}).Policies, "buckets")
	if got := p.hangs(perimeter) + ", " + p.hangs(buckets); got != "prod shop, Root" {
		t.Errorf("the policies hang on %s", got)
	}

	// Once more, and everything is there; nothing is made twice.
	if got := runVerb(t, theirs, append(args, "--json")...); got.code != 0 || !strings.Contains(got.out, `"Made": 0,`) || !strings.Contains(got.out, `"Present": 12,`) {
		t.Errorf("%d %s%s", got.code, got.err, got.out)
	}
	// What says something else is left as it is.
	if got := runVerb(t, strings.Replace(theirs, "s3:PutObject", "s3:GetObject", 1), args...); got.code != 0 ||
		!strings.Contains(got.out, "\np-33333333\n  UpdatePolicy: There is a policy \"buckets\" that says something else. It was left as it is, and not attached.\n") {
		t.Errorf("%d %s%s", got.code, got.err, got.out)
	}
	if text := p.call("DescribePolicy", map[string]string{"PolicyId": buckets}).Policy.Content; !strings.Contains(text, "s3:PutObject") {
		t.Errorf("the policy is %s", text)
	}
}

func TestWhoMayNotChangeAnOrganizationBringsNothingIn(t *testing.T) {
	p, _ := organization(t)
	got := runVerb(t, theirs, "import", "--organization", "-", "--profile", "reader")
	if got.code != 1 || got.out != "" || !strings.Contains(got.err, "is not authorized to perform: organizations:EnablePolicyType") ||
		!strings.Contains(got.err, "(what was made until then stays: the import can be done again)") {
		t.Errorf("%+v", got)
	}
	rootID := p.call("ListRoots", nil).Roots[0].ID
	if units := p.call("ListOrganizationalUnitsForParent", map[string]string{"ParentId": rootID}).OrganizationalUnits; len(units) > 0 {
		t.Errorf("%v were made", units)
	}
}

func TestImportOfAnOrganizationIsToldHow(t *testing.T) {
	transferring(t)
	for _, args := range [][]string{{"a"}, {"--name", "copy"}, {"--email", "a@example.com"}, {"--role-name", "r"}, {"--keep-account-ids"}, {"--map-account", "1"}} {
		if got := runVerb(t, theirs, append([]string{"import", "--organization", "-"}, args...)...); got.code != 2 {
			t.Errorf("%v: %d %s", args, got.code, got.err)
		}
	}
	for name, text := range map[string]string{
		"no JSON":              "[]",
		"no root":              `{"OrganizationalUnits": []}`,
		"a loop":               `{"Roots":[{"Id":"r-thei"}],"OrganizationalUnits":[{"Id":"a","Name":"a","ParentId":"b"},{"Id":"b","Name":"b","ParentId":"a"}]}`,
		"twice":                `{"Roots":[{"Id":"r-thei"}],"OrganizationalUnits":[{"Id":"a","Name":"a","ParentId":"r-thei"},{"Id":"a","Name":"b","ParentId":"r-thei"}]}`,
		"an account's own one": twoUsers,
	} {
		if got := runVerb(t, text, "import", "--organization", "-"); got.code != 1 || !strings.Contains(got.err, "dump of an organization") && !strings.Contains(got.err, "no tree") {
			t.Errorf("%s: %d %s", name, got.code, got.err)
		}
	}
}
