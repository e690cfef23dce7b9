package sts_test

import (
	"regexp"
	"slices"
	"testing"

	"github.com/regent-iam/regent/catalog"
	api "github.com/regent-iam/regent/internal/api/sts"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/service/sts"
)

// asksNothing are the operations that no policy can keep from anybody.
var asksNothing = []string{"GetCallerIdentity", "GetSessionToken"}

// onFederatedUsers is what the service authorization reference has not: it gives
// sts:TagSession roles alone, and GetFederationToken takes tags for the user
// that it makes (STS API Reference, "GetFederationToken").
var onFederatedUsers = map[string]string{"sts:TagSession": "federated-user"}

// A needsCase is a call with all that it takes, and the condition keys whose
// values stand in it or in what it is about.
type needsCase struct {
	operation  string
	h          *servicetest.Harness
	caller     string
	parameters []string
	actions    []string // beside the operation's own
	keys       map[string]string
}

func needsCases(t *testing.T) []needsCase {
	t.Helper()
	h := organized(t)
	enableRootSessions(h)
	h.As("root").Call("iam", "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", trust("arn:aws:iam::"+management+":root", ""),
		"Tags.member.1.Key", "team", "Tags.member.1.Value", "a").OK()
	p := newIDP(t)
	web := federated(t, p, sts.Config{})
	p.role(web, "web", webOnly, "")
	web.As("root").Call("iam", "TagRole", "RoleName", "web", "Tags.member.1.Key", "team", "Tags.member.1.Value", "a").OK()
	saml := federation(t, trustSAML(allSAML, ""))
	session := []string{"sts:TagSession", "sts:SetSourceIdentity"}
	tags := []string{"Tags.member.1.Key", "k", "Tags.member.1.Value", "v"}
	tagged := map[string]string{"aws:RequestTag/k": "v", "aws:TagKeys": "k"}
	return []needsCase{
		{
			"AssumeRole", h, "admin", append([]string{
				"RoleArn", "arn:aws:iam::" + management + ":role/r", "RoleSessionName", "ana", "ExternalId", "e-1", "SourceIdentity", "who", "TransitiveTagKeys.member.1", "k",
			}, tags...), session, map[string]string{
				"sts:RoleSessionName": "ana", "sts:ExternalId": "e-1", "sts:SourceIdentity": "who", "sts:TransitiveTagKeys": "k",
				"aws:RequestTag/k": "v", "aws:TagKeys": "k", "aws:ResourceTag/team": "a", "iam:ResourceTag/team": "a",
			},
		},
		{
			"AssumeRoleWithSAML", saml.Harness, servicetest.Unsigned, []string{"RoleArn", samlRole, "PrincipalArn", samlProvider, "SAMLAssertion", saml.response(
				says(attribute+"PrincipalTag:k", "v"), says(attribute+"TransitiveTagKeys", "k"), says(attribute+"SourceIdentity", "who"),
			)}, session, map[string]string{
				"sts:RoleSessionName": "alice@example.com", "sts:SourceIdentity": "who", "sts:TransitiveTagKeys": "k",
				"aws:RequestTag/k": "v", "aws:TagKeys": "k", "aws:ResourceTag/dept": "role", "iam:ResourceTag/dept": "role",
			},
		},
		{
			"AssumeRoleWithWebIdentity", web, servicetest.Unsigned, []string{"RoleArn", roleARN("web"), "RoleSessionName", "ana", "WebIdentityToken", p.token(web.Now(), map[string]any{
				"https://aws.amazon.com/tags":            map[string]any{"principal_tags": map[string][]string{"k": {"v"}}, "transitive_tag_keys": []string{"k"}},
				"https://aws.amazon.com/source_identity": "who",
			})}, session, map[string]string{
				"sts:RoleSessionName": "ana", "sts:SourceIdentity": "who", "sts:TransitiveTagKeys": "k",
				"aws:RequestTag/k": "v", "aws:TagKeys": "k", "aws:ResourceTag/team": "a", "iam:ResourceTag/team": "a",
			},
		},
		{"AssumeRoot", h, "admin", []string{"TargetPrincipal", member, "TaskPolicyArn.arn", task(audit)}, nil, map[string]string{"sts:TaskPolicyArn": task(audit)}},
		{"DecodeAuthorizationMessage", h, "admin", []string{"EncodedMessage", "none of ours"}, nil, nil},
		{"GetAccessKeyInfo", h, "admin", []string{"AccessKeyId", "ASIAQNZGKIQY56JQ7WML"}, nil, nil},
		{"GetDelegatedAccessToken", h, "admin", []string{"TradeInToken", "none of ours"}, nil, nil},
		{"GetFederationToken", h, "admin", append([]string{"Name", "Bob"}, tags...), []string{"sts:TagSession"}, tagged},
		{
			"GetWebIdentityToken", h, "admin", append([]string{"Audience.member.1", "https://api.example", "SigningAlgorithm", "ES384", "DurationSeconds", "120"}, tags...),
			[]string{"sts:TagGetWebIdentityToken"},
			map[string]string{
				"sts:IdentityTokenAudience": "https://api.example", "sts:SigningAlgorithm": "ES384", "sts:DurationSeconds": "120", "aws:RequestTag/k": "v", "aws:TagKeys": "k",
			},
		},
	}
}

// Every operation asks for actions that there are, on resources of the types
// that they take, with the condition keys that the call determines and none
// that the service authorization reference does not know.
//
// Rules: ST-42 ST-47 ST-78 ST-79 EV-63
func TestNeedsAgreeWithTheServiceAuthorizationReference(t *testing.T) {
	t.Parallel()
	seen := slices.Clone(asksNothing)
	for _, c := range needsCases(t) {
		seen = append(seen, c.operation)
		t.Run(c.operation, func(t *testing.T) {
			needs, answer := c.h.As(c.caller).Needs("sts", c.operation, c.parameters...)
			var actions []string
			for i := range needs {
				actions = append(actions, needs[i].Action)
				c.check(t, &needs[i])
			}
			if want := append([]string{"sts:" + c.operation}, c.actions...); !slices.Equal(actions, want) {
				t.Errorf("asks for %v, want %v: %s", actions, want, answer.Body)
			}
		})
	}
	for i := range api.Service.Operations {
		if name := api.Service.Operations[i].Name; !slices.Contains(seen, name) {
			t.Errorf("there is no call of %s", name)
		}
	}
	h := harness(t)
	h.Account(dev, "root")
	for _, operation := range asksNothing {
		if needs, a := h.As("root").Needs("sts", operation); len(needs) > 0 || a.Code != "" {
			t.Errorf("%s asks for %v: %s", operation, needs, a.Code)
		}
	}
}

func (c *needsCase) check(t *testing.T, n *authz.Need) {
	t.Helper()
	service, action, ok := catalog.LookupAction(n.Action)
	if !ok || "sts:"+action.Name != n.Action {
		t.Errorf("asks for %s, which there is not", n.Action)
		return
	}
	known := slices.Clone(action.Keys)
	if kind := resourceType(service, action, n.Resource); kind != nil {
		known = append(known, kind.Keys...)
	} else if n.Resource != "*" || slices.ContainsFunc(action.Resources, func(r catalog.ActionResource) bool { return r.Required }) {
		t.Errorf("%s on %s, and it is about %v", n.Action, n.Resource, action.Resources)
	}
	// What a session is given is decided about in the call's own context: a trust
	// policy may ask for the session's name where it lets tags be passed.
	own, _ := service.Action(c.operation)
	for _, k := range n.Keys {
		key, ok := catalog.LookupKey(k.Name)
		if !ok || !slices.Contains(known, key.Name) && !slices.Contains(own.Keys, key.Name) {
			t.Errorf("%s does not know the key %s", n.Action, k.Name)
		}
		if k.Multi != key.Type.Multivalued() {
			t.Errorf("the key %s of %s has a wrong number of values", k.Name, n.Action)
		}
	}
	for name, value := range c.keys {
		key, _ := catalog.LookupKey(name)
		if slices.Contains(known, key.Name) && !slices.ContainsFunc(n.Keys, func(k authz.Key) bool {
			return k.Name == name && slices.Equal(k.Values, []string{value})
		}) {
			t.Errorf("%s without %s=%s: %v", n.Action, name, value, n.Keys)
		}
	}
}

var placeholder = regexp.MustCompile(`\\\$\\\{[A-Za-z]+\\\}`)

// resourceType returns the type of a resource, of those that an action takes.
func resourceType(service *catalog.Service, action *catalog.Action, resource string) *catalog.ResourceType {
	types := []string{onFederatedUsers["sts:"+action.Name]}
	for _, r := range action.Resources {
		types = append(types, r.Type)
	}
	for _, name := range types {
		kind, ok := service.Resource(name)
		if ok && regexp.MustCompile("^"+placeholder.ReplaceAllString(regexp.QuoteMeta(kind.Pattern), "[^:]+")+"$").MatchString(resource) {
			return kind
		}
	}
	return nil
}
