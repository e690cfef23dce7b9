package iam_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/regent-iam/regent/catalog"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/policy"
	"github.com/regent-iam/regent/policy/cases"
)

// decisions are the archives that the engine is held to.
func decisions(t *testing.T) []*cases.Archive {
	t.Helper()
	archives, err := cases.ReadDir(filepath.Join("..", "..", "..", "policy", "testdata", "decide"))
	if err != nil {
		t.Fatal(err)
	}
	return archives
}

// notSimulated says why the simulator cannot be asked a case, "" when it can:
// what the case is about is not among what the simulator evaluates (IA-73), or
// has no place in its input (IA-70).
func notSimulated(c *cases.Case) string {
	resources := 0
	for _, f := range c.Files {
		kind, _, _ := strings.Cut(strings.TrimSuffix(f.Name, ".json"), "/")
		if reason := notSimulatedLayers()[kind]; reason != "" {
			return reason
		}
		if !savable(kind, f.Text) {
			return "a document that cannot be saved is no input"
		}
		if kind == "resource" || kind == "bucket" {
			resources++
		}
	}
	for _, k := range c.Keys {
		if k.Multi && len(k.Values) == 0 {
			return "an empty list is no input"
		}
	}
	if resources > 0 {
		return notSimulatedWithResource(c, resources)
	}
	r := c.Request
	switch {
	case r.Principal.Kind != policy.User && r.Principal.Kind != policy.RoleSession:
		return "users and roles are simulated, and nobody else"
	case r.ResourceAccount != r.Principal.Account:
		return "resources of others have no say without a resource policy"
	case r.Wildcard == catalog.ActionHasResources(r.Action):
		return "AWS's action differs in whether it has resources"
	}
	return ""
}

func notSimulatedLayers() map[string]string {
	return map[string]string{
		"session": "session policies are not evaluated", "has-session": "session policies are not evaluated",
		"trust": "trust policies are not evaluated", "trust-required": "trust policies are not evaluated",
		"scp": "control policies are no input", "rcp": "control policies are no input",
		"restrict-public": "public access is not evaluated", "has-boundary": "a boundary that is gone is no input",
	}
}

func notSimulatedWithResource(c *cases.Case, resources int) string {
	r := c.Request
	switch {
	case resources > 1:
		return "one resource policy is simulated"
	case r.Principal.Kind != policy.User:
		return "users are simulated with a resource policy, and nobody else"
	case !bound(c):
		return "unique ids are no input"
	case r.Principal.Canonical != "":
		return "canonical ids are no input"
	}
	return ""
}

func savable(kind, text string) bool {
	as := map[string]policy.Kind{"identity": policy.Identity, "boundary": policy.Boundary, "resource": policy.Resource, "bucket": policy.Resource}[kind]
	_, err := policy.Validate(as, text)
	return err == nil
}

// bound reports whether the caller is the one whom documents mean by its ARN:
// the simulator knows callers by their ARNs.
func bound(c *cases.Case) bool {
	for name, id := range c.Bindings {
		if (name == c.Request.Principal.ARN) != (id == c.Request.Principal.ID) {
			return false
		}
	}
	for _, f := range c.Files {
		doc, err := policy.Parse(f.Text)
		if err != nil {
			return false
		}
		if strings.Contains(f.Text, `"AIDA`) || slices.ContainsFunc(doc.PrincipalNames(), func(name string) bool { return c.Bindings[name] == "" }) {
			return false
		}
	}
	return true
}

// scenario returns the parameters that ask for a case.
func scenario(c *cases.Case) []string {
	r := c.Request
	p := []string{"ActionNames.member.1", r.Action, "ResourceArns.member.1", r.Resource}
	for i, k := range c.Keys {
		entry := fmt.Sprintf("ContextEntries.member.%d.", i+1)
		kind := "string"
		if k.Multi {
			kind = "stringList"
		}
		p = append(p, entry+"ContextKeyName", k.Name, entry+"ContextKeyType", kind)
		for j, v := range k.Values {
			p = append(p, fmt.Sprintf("%sContextKeyValues.member.%d", entry, j+1), v)
		}
	}
	for _, f := range c.Files {
		switch kind, _, _ := strings.Cut(strings.TrimSuffix(f.Name, ".json"), "/"); kind {
		case "boundary":
			p = append(p, "PermissionsBoundaryPolicyInputList.member.1", f.Text)
		case "resource", "bucket":
			p = append(p, "ResourcePolicy", f.Text, "CallerArn", r.Principal.ARN, "ResourceOwner", r.ResourceAccount)
		}
	}
	return p
}

func identityPolicies(c *cases.Case) []string {
	var texts []string
	for _, f := range c.Files {
		if strings.HasPrefix(f.Name, "identity") {
			texts = append(texts, f.Text)
		}
	}
	return texts
}

// TestTheSimulatorDecidesAsTheArchivesSay asks the archives of the engine over
// the wire, as text and as policies of a user, and counts what it could ask.
//
// Rules: IA-70 IA-71 IA-73
func TestTheSimulatorDecidesAsTheArchivesSay(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account("111122223333", "root")
	h.Account("444455556666", "bobs")
	asked, from, skipped := 0, 0, map[string]int{}
	for _, a := range decisions(t) {
		before := asked
		for i := range a.Cases {
			c := &a.Cases[i]
			if reason := notSimulated(c); reason != "" {
				skipped[reason]++
				continue
			}
			asked++
			simulate(t, h, c)
		}
		if asked > before {
			from++
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(skipped)) {
		t.Logf("%3d not simulated: %s", skipped[reason], reason)
	}
	t.Logf("%d cases of %d archives simulated", asked, from)
	if asked < wantSimulated {
		t.Errorf("%d cases simulated, and %d could be", asked, wantSimulated)
	}
}

// wantSimulated is how many cases the simulator can be asked; less means that
// it has come to refuse some.
const wantSimulated = 319

func simulate(t *testing.T, h *servicetest.Harness, c *cases.Case) {
	t.Helper()
	where := fmt.Sprintf("%s:%d: %s", c.Archive.Name, c.Line, c)
	root := "root"
	if c.Request.Principal.Account != "111122223333" {
		root = "bobs"
	}
	texts := identityPolicies(c)
	p := scenario(c)
	for i, text := range texts {
		p = append(p, fmt.Sprintf("PolicyInputList.member.%d", i+1), text)
	}
	if len(texts) > 0 {
		compare(t, h.As(root).Call("iam", "SimulateCustomPolicy", p...), c, where+", as text")
	}
	// The same as policies of a user, a group or a role.
	source := attach(t, h, root, c, texts)
	compare(t, h.As(root).Call("iam", "SimulatePrincipalPolicy", append(scenario(c), "PolicySourceArn", source)...), c, where+", attached")
}

// attach makes an entity that has the policies of a case inline, one for each
// case.
func attach(t *testing.T, h *servicetest.Harness, root string, c *cases.Case, texts []string) string {
	t.Helper()
	name := fmt.Sprintf("%s-%d", strings.TrimSuffix(filepath.Base(c.Archive.Name), ".txtar"), c.Line)
	noun, create := "User", []string{"UserName", name}
	if c.Request.Principal.Kind == policy.RoleSession {
		noun, create = "Role", []string{"RoleName", name, "AssumeRolePolicyDocument", trustsNobody}
	}
	as := h.As(root)
	source := as.Call("iam", "Create"+noun, create...).OK().Get(noun + ".Arn")
	for i, text := range texts {
		as.Call("iam", "Put"+noun+"Policy", noun+"Name", name, "PolicyName", fmt.Sprintf("p%d", i), "PolicyDocument", text).OK()
	}
	return source
}

const trustsNobody = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}`

func compare(t *testing.T, got *servicetest.Answer, c *cases.Case, where string) {
	t.Helper()
	if got.Status >= 300 {
		t.Errorf("%s: %s: %s", where, got.Code, got.Message)
		return
	}
	if decision := got.Get("EvalDecision"); decision != c.Want.Outcome.String() {
		t.Errorf("%s: %s, want %s", where, decision, c.Want.Outcome)
	}
}

// A page of results is as long as its work is bounded, and what is too much for
// one result is refused.
//
// Rules: IA-70
func TestSimulationsAreBounded(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account("111122223333", "root")
	const statement = `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/%d"}`
	statements := make([]string, 999)
	for i := range statements {
		statements[i] = fmt.Sprintf(statement, i)
	}
	ask := func(resources int) *servicetest.Answer {
		p := []string{"PolicyInputList.member.1", `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`}
		for i := range 3 {
			p = append(p, fmt.Sprintf("ActionNames.member.%d", i+1), fmt.Sprintf("s3:Action%d", i))
		}
		for i := range resources {
			p = append(p, fmt.Sprintf("ResourceArns.member.%d", i+1), fmt.Sprintf("arn:aws:s3:::b/%d", i))
		}
		return h.As("root").Call("iam", "SimulateCustomPolicy", p...)
	}
	for resources, want := range map[int]int{10: 3, 100: 2, 200: 1} {
		got := ask(resources).OK()
		if n := len(got.All("EvalActionName")); n != want || got.Get("IsTruncated") != fmt.Sprint(want < 3) {
			t.Errorf("%d resources: %d results, truncated %s, want %d", resources, n, got.Get("IsTruncated"), want)
		}
	}
	ask(201).Fails("InvalidInput", "The simulation has too many resources for so many statements.")
}
