package regent_test

import (
	"encoding/json"
	"strings"
	"testing"

	api "github.com/regent-iam/regent/internal/api/regent"
	"github.com/regent-iam/regent/internal/service/servicetest"
)

const bobARN, groupARN = "arn:aws:iam::" + ours + ":user/bob", "arn:aws:iam::" + ours + ":group/"

// byName are the edges into a role of ours, by principal.
func byName(t *testing.T, h *servicetest.Harness, actor string, more ...string) map[string]api.TrustEdge {
	t.Helper()
	out := map[string]api.TrustEdge{}
	for _, e := range allEdges(t, h, actor, ourRole, 10, more...) {
		out[e.Principal] = e
	}
	return out
}

// TestAnEdgeSaysByWhichGroupsAUserHasIt puts users in groups whose policies let
// them, and shows that it is told to those only who may read all of it.
//
// Rules: TH-61
func TestAnEdgeSaysByWhichGroupsAUserHasIt(t *testing.T) {
	t.Parallel()
	h := world(t)
	do := func(operation string, parameters ...string) {
		t.Helper()
		h.As("admin").Call("iam", operation, parameters...).OK()
	}
	for _, g := range []string{"inline", "attached", "idle"} {
		do("CreateGroup", "GroupName", g)
		do("AddUserToGroup", "GroupName", g, "UserName", "alice")
	}
	assume := allow("sts:AssumeRole", "*")
	do("CreatePolicy", "PolicyName", "assume", "PolicyDocument", assume)
	do("PutGroupPolicy", "GroupName", "inline", "PolicyName", "p", "PolicyDocument", assume)
	do("PutGroupPolicy", "GroupName", "idle", "PolicyName", "p", "PolicyDocument", allow("s3:*", "*"))
	do("AttachGroupPolicy", "GroupName", "attached", "PolicyArn", "arn:aws:iam::"+ours+":policy/assume")
	do("PutUserPolicy", "UserName", "bob", "PolicyName", "p", "PolicyDocument", assume)
	do("CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", trust(ours))
	h.User("asker", ours, "")
	both := groupARN + "attached " + groupARN + "inline"
	for denied, want := range map[string]map[string]string{
		"s3:GetObject":                  {aliceARN: both, bobARN: bobARN},
		"iam:ListGroupsForUser":         {aliceARN: "", bobARN: bobARN},
		"iam:ListAttachedGroupPolicies": {aliceARN: "", bobARN: bobARN},
		"iam:GetGroupPolicy":            {aliceARN: "", bobARN: bobARN},
		"iam:GetUserPolicy":             {aliceARN: "", bobARN: ""},
	} {
		do("PutUserPolicy", "UserName", "asker", "PolicyName", "p", "PolicyDocument", document([]string{
			`{"Effect":"Allow","Action":["regent:*","iam:*"],"Resource":"*"}`, `{"Effect":"Deny","Action":"` + denied + `","Resource":"*"}`,
		}))
		edges := byName(t, h, "asker")
		for principal, want := range want {
			if got := strings.Join(edges[principal].GrantedBy, " "); got != want {
				t.Errorf("without %s: %s by %q and not %q", denied, principal, got, want)
			}
		}
	}
	do("PutUserPolicy", "UserName", "alice", "PolicyName", "p", "PolicyDocument", assume)
	if got, want := strings.Join(byName(t, h, "admin")[aliceARN].GrantedBy, " "), both+" "+aliceARN; got != want {
		t.Errorf("alice herself: %q and not %q", got, want)
	}
	do("UpdateAssumeRolePolicy", "RoleName", "r", "PolicyDocument", trust(aliceARN))
	if e := byName(t, h, "admin")[aliceARN]; e.Status != "ALLOWED" || e.GrantedBy != nil {
		t.Errorf("whom the trust policy lets in by itself: %+v", e)
	}
}

// TestTheGroupOfWhoIsBlockedIsTold has a boundary stand in the way of what a group grants.
func TestTheGroupOfWhoIsBlockedIsTold(t *testing.T) {
	t.Parallel()
	h := world(t)
	admin := h.As("admin")
	admin.Call("iam", "CreateGroup", "GroupName", "g").OK()
	admin.Call("iam", "AddUserToGroup", "GroupName", "g", "UserName", "alice").OK()
	admin.Call("iam", "PutGroupPolicy", "GroupName", "g", "PolicyName", "p", "PolicyDocument", allow("sts:AssumeRole", "*")).OK()
	admin.Call("iam", "CreatePolicy", "PolicyName", "b", "PolicyDocument", allow("s3:*", "*")).OK()
	admin.Call("iam", "PutUserPermissionsBoundary", "UserName", "alice", "PermissionsBoundary", "arn:aws:iam::"+ours+":policy/b").OK()
	admin.Call("iam", "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", trust(ours)).OK()
	e := byName(t, h, "admin")[aliceARN]
	if e.Status != "BLOCKED" || e.BlockedBy != "boundary" || strings.Join(e.GrantedBy, " ") != groupARN+"g" {
		t.Errorf("%+v", e)
	}
}

// TestARequestWithoutACodeTakesAnotherWay has two ways into a role: with a
// one-time code and with an external id.
//
// Rules: EV-40
func TestARequestWithoutACodeTakesAnotherWay(t *testing.T) {
	t.Parallel()
	h := world(t)
	condition := func(c string) string {
		return `{"Effect":"Allow","Principal":{"AWS":["` + ours + `","` + theirs + `"]},"Action":"sts:AssumeRole","Condition":` + c + `}`
	}
	code, id := condition(`{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`), condition(`{"StringEquals":{"sts:ExternalId":"x1"}}`)
	admin := h.As("admin")
	admin.Call("iam", "PutUserPolicy", "UserName", "alice", "PolicyName", "p", "PolicyDocument", allow("sts:AssumeRole", "*")).OK()
	admin.Call("iam", "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", document([]string{code})).OK()
	stranger := "arn:aws:iam::" + theirs + ":root"
	said := func(more ...string) string {
		edges := byName(t, h, "admin", more...)
		raw, err := json.Marshal([]any{edges[aliceARN].Status, edges[aliceARN].Conditions, edges[stranger].Status})
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	for _, row := range []struct{ trust, more, want string }{
		{document([]string{code}), "false", `["ALLOWED",[{"Key":"aws:MultiFactorAuthPresent","Value":"true"}],"UNKNOWN"]`},
		{document([]string{code}), "true", `["",null,"BLOCKED"]`},
		{document([]string{code, id}), "true", `["ALLOWED",[{"Key":"sts:ExternalId","Value":"x1"}],"UNKNOWN"]`},
	} {
		admin.Call("iam", "UpdateAssumeRolePolicy", "RoleName", "r", "PolicyDocument", row.trust).OK()
		if got := said("WithoutMfa:", row.more); got != row.want {
			t.Errorf("without a code %s, of %s:\n%s and not\n%s", row.more, row.trust, got, row.want)
		}
	}
}

// waysOf are all paths from a principal, each as the names of its roles.
func waysOf(t *testing.T, h *servicetest.Harness, principal string, parameters ...string) (ways []string) {
	t.Helper()
	parameters = append([]string{"Principal", principal}, parameters...)
	first := len(parameters)
	for {
		var out api.FindAccessPathsOutput
		if err := json.Unmarshal([]byte(h.As("admin").Call("regent", "FindAccessPaths", parameters...).OK().Body), &out); err != nil {
			t.Fatal(err)
		}
		for _, p := range out.Paths {
			var names []string
			for _, e := range p.Edges {
				names = append(names, e.RoleArn[strings.LastIndexByte(e.RoleArn, '/')+1:])
			}
			ways = append(ways, strings.Join(names, "/"))
		}
		if out.Marker == "" {
			return ways
		}
		parameters = append(parameters[:first:first], "Marker", out.Marker)
	}
}

// TestPathsLeadToOneRole asks for the ways to one role among others.
func TestPathsLeadToOneRole(t *testing.T) {
	t.Parallel()
	h := world(t)
	admin := h.As("admin")
	role := func(name, trusts string) {
		admin.Call("iam", "CreateRole", "RoleName", name, "AssumeRolePolicyDocument", trust(trusts)).OK()
		admin.Call("iam", "PutRolePolicy", "RoleName", name, "PolicyName", "p", "PolicyDocument", allow("sts:AssumeRole", "*")).OK()
	}
	for _, name := range []string{"a", "b", "c", "r"} {
		role(name, ours)
	}
	admin.Call("iam", "PutUserPolicy", "UserName", "alice", "PolicyName", "p", "PolicyDocument", allow("sts:AssumeRole", "arn:aws:iam::"+ours+":role/a")).OK()
	count := func(depth string, page string) []string {
		return waysOf(t, h, aliceARN, "RoleArn", ourRole, "MaxDepth:", depth, "MaxItems:", page)
	}
	for depth, want := range map[string]string{"1": "", "2": "a/r", "3": "a/b/r a/c/r a/r", "4": "a/b/c/r a/b/r a/c/b/r a/c/r a/r"} {
		for _, page := range []string{"1", "100"} {
			if got := strings.Join(count(depth, page), " "); got != want {
				t.Errorf("%s deep, pages of %s: %q and not %q", depth, page, got, want)
			}
		}
	}
	admin.Call("regent", "FindAccessPaths", "Principal", aliceARN, "RoleArn", aliceARN).Fails("InvalidParameterException")
}

// TestARoleWithoutPoliciesGoesOnWhereItIsNamed has a role that no policy lets
// assume anything: it can be those that trust it by its name, and no others.
//
// Rules: EV-40
func TestARoleWithoutPoliciesGoesOnWhereItIsNamed(t *testing.T) {
	t.Parallel()
	h := world(t)
	admin := h.As("admin")
	admin.Call("iam", "PutUserPolicy", "UserName", "alice", "PolicyName", "p", "PolicyDocument", allow("sts:AssumeRole", "arn:aws:iam::"+ours+":role/idle")).OK()
	for _, r := range [][2]string{{"idle", ours}, {"account", ours}, {"names", "arn:aws:iam::" + ours + ":role/idle"}, {"other", aliceARN}, {"open", "*"}} {
		admin.Call("iam", "CreateRole", "RoleName", r[0], "AssumeRolePolicyDocument", trust(r[1])).OK()
	}
	const want = "idle idle/names idle/open open other other/open"
	for _, page := range []string{"1", "100"} {
		if got := strings.Join(waysOf(t, h, aliceARN, "MaxItems:", page), " "); got != want {
			t.Errorf("pages of %s: %q and not %q", page, got, want)
		}
	}
}
