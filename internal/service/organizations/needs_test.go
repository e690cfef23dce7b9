package organizations_test

import (
	"context"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/regent-iam/regent/catalog"
	api "github.com/regent-iam/regent/internal/api/organizations"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/service/organizations"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
	"github.com/regent-iam/regent/policy"
)

// A place is an organization in which everything that can be has tags.
type place struct {
	root, unit, member, policy, resourcePolicy, request, handshake, transfer string
}

func placeOf(h *servicetest.Harness) place {
	call := func(operation string, parameters ...string) *servicetest.Answer {
		return h.As("root").Call("organizations", operation, parameters...).OK()
	}
	const tags = `[{"Key":"team","Value":"red"}]`
	p := place{root: call("ListRoots").Get("Roots.Id"), handshake: "h-0000000000"}
	call("TagResource", "ResourceId", p.root, "Tags:", tags)
	p.unit = call("CreateOrganizationalUnit", "ParentId", p.root, "Name", "u", "Tags:", tags).Get("OrganizationalUnit.Id")
	p.request = call("CreateAccount", "Email", "a@example.com", "AccountName", "a", "Tags:", tags).Get("Id")
	p.member = call("DescribeCreateAccountStatus", "CreateAccountRequestId", p.request).Get("AccountId")
	p.policy = call("CreatePolicy", "Type", "SERVICE_CONTROL_POLICY", "Name", "n", "Description", "",
		"Content", authz.FullAccess(identity.SCP), "Tags:", tags).Get("PolicySummary.Id")
	p.resourcePolicy = call("PutResourcePolicy", "Content", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"`+p.member+
		`"},"Action":"organizations:ListPolicies","Resource":"*"}]}`, "Tags:", tags).Get("ResourcePolicySummary.Id")
	call("InviteOrganizationToTransferResponsibility", "Type", "BILLING", "Target:", `{"Type":"ACCOUNT","Id":"777788889999"}`,
		"StartTimestamp:", "1777593600", "SourceName", "s", "Tags:", tags)
	p.transfer = call("ListInboundResponsibilityTransfers", "Type", "BILLING").Get("ResponsibilityTransfers.Id")
	return p
}

// A call is an input of an operation whose needs are compared, and why they
// differ from the reference where they do.
type call struct {
	in      wire.Decodable
	differs map[string]string // from what differs to why
}

// What a call's needs may differ in.
const (
	anyResource = "resource" // they name another resource than the reference has
	notAll      = "required" // they do not name every type of resource that is required
	noTags      = "tags"     // they leave out the resource's tags
)

// calls has an input for each operation, with tags where it takes any.
func (p place) calls() map[string][]call {
	const scp = "SERVICE_CONTROL_POLICY"
	tags := []api.Tag{{Key: "team", Value: "red"}}
	keys := []string{"team"}
	one := func(in wire.Decodable) []call { return []call{{in: in}} }
	except := func(in wire.Decodable, what, why string) []call { return []call{{in, map[string]string{what: why}}} }
	stranger := map[string]string{anyResource: "a handshake that the caller is no party to shows nothing, not even its kind", notAll: "so too"}
	whole := "the organization is named in refusals; that its action knows no resources counts all the same (PL-53)"
	created := "the reference gives the new resource's own tags, which are the request's"
	each := func(of func(id string) wire.Decodable, ids ...string) (out []call) {
		for _, id := range ids {
			out = append(out, call{in: of(id)})
		}
		return out
	}
	return map[string][]call{
		"AcceptHandshake":       {{&api.AcceptHandshakeInput{HandshakeId: p.handshake}, stranger}},
		"AttachPolicy":          each(func(id string) wire.Decodable { return &api.AttachPolicyInput{PolicyId: p.policy, TargetId: id} }, p.root, p.unit, p.member),
		"CancelHandshake":       {{&api.CancelHandshakeInput{HandshakeId: p.handshake}, stranger}},
		"CloseAccount":          one(&api.CloseAccountInput{AccountId: p.member}),
		"CreateAccount":         except(&api.CreateAccountInput{Email: "b@example.com", AccountName: "b", Tags: tags}, noTags, created),
		"CreateGovCloudAccount": except(&api.CreateGovCloudAccountInput{Email: "b@example.com", AccountName: "b", Tags: tags}, noTags, created),
		"CreateOrganization":    one(&api.CreateOrganizationInput{}),
		"CreateOrganizationalUnit": each(func(id string) wire.Decodable {
			return &api.CreateOrganizationalUnitInput{ParentId: id, Name: "n", Tags: tags}
		}, p.root, p.unit),
		"CreatePolicy":                     except(&api.CreatePolicyInput{Type: scp, Name: "x", Content: "{}", Tags: tags}, noTags, created),
		"DeclineHandshake":                 {{&api.DeclineHandshakeInput{HandshakeId: p.handshake}, stranger}},
		"DeleteOrganization":               except(&wire.Empty{}, anyResource, whole),
		"DeleteOrganizationalUnit":         one(&api.DeleteOrganizationalUnitInput{OrganizationalUnitId: p.unit}),
		"DeletePolicy":                     one(&api.DeletePolicyInput{PolicyId: p.policy}),
		"DeleteResourcePolicy":             one(&wire.Empty{}),
		"DeregisterDelegatedAdministrator": one(&api.DeregisterDelegatedAdministratorInput{AccountId: p.member, ServicePrincipal: "iam.amazonaws.com"}),
		"DescribeAccount":                  one(&api.DescribeAccountInput{AccountId: p.member}),
		"DescribeCreateAccountStatus":      one(&api.DescribeCreateAccountStatusInput{CreateAccountRequestId: p.request}),
		"DescribeEffectivePolicy": each(func(id string) wire.Decodable {
			return &api.DescribeEffectivePolicyInput{PolicyType: "TAG_POLICY", TargetId: &id}
		}, p.member),
		"DescribeHandshake":              {{&api.DescribeHandshakeInput{HandshakeId: p.handshake}, stranger}},
		"DescribeOrganization":           one(&wire.Empty{}),
		"DescribeOrganizationalUnit":     one(&api.DescribeOrganizationalUnitInput{OrganizationalUnitId: p.unit}),
		"DescribePolicy":                 each(func(id string) wire.Decodable { return &api.DescribePolicyInput{PolicyId: id} }, p.policy, "p-nothere00"),
		"DescribeResourcePolicy":         one(&wire.Empty{}),
		"DescribeResponsibilityTransfer": one(&api.DescribeResponsibilityTransferInput{Id: p.transfer}),
		"DetachPolicy":                   each(func(id string) wire.Decodable { return &api.DetachPolicyInput{PolicyId: p.policy, TargetId: id} }, p.root, p.unit, p.member),
		"DisableAWSServiceAccess":        one(&api.DisableAWSServiceAccessInput{ServicePrincipal: "iam.amazonaws.com"}),
		"DisablePolicyType":              one(&api.DisablePolicyTypeInput{RootId: p.root, PolicyType: scp}),
		"EnableAWSServiceAccess":         one(&api.EnableAWSServiceAccessInput{ServicePrincipal: "iam.amazonaws.com"}),
		"EnableAllFeatures":              except(&api.EnableAllFeaturesInput{}, anyResource, whole),
		"EnablePolicyType":               one(&api.EnablePolicyTypeInput{RootId: p.root, PolicyType: "TAG_POLICY"}),
		"InviteAccountToOrganization":    except(&api.InviteAccountToOrganizationInput{Target: &api.HandshakeParty{Id: "444455556666", Type: "ACCOUNT"}, Tags: tags}, noTags, "the account is no member: the organization has no tags of it"),
		"InviteOrganizationToTransferResponsibility": except(&api.InviteOrganizationToTransferResponsibilityInput{
			Type: "BILLING", Target: &api.HandshakeParty{Id: "444455556666", Type: "ACCOUNT"}, SourceName: "s", Tags: tags,
		}, noTags, "the account is no member: the organization has no tags of it"),
		"LeaveOrganization":                      one(&wire.Empty{}),
		"ListAWSServiceAccessForOrganization":    one(&api.ListAWSServiceAccessForOrganizationInput{}),
		"ListAccounts":                           one(&api.ListAccountsInput{}),
		"ListAccountsForParent":                  each(func(id string) wire.Decodable { return &api.ListAccountsForParentInput{ParentId: id} }, p.root, p.unit),
		"ListAccountsWithInvalidEffectivePolicy": one(&api.ListAccountsWithInvalidEffectivePolicyInput{PolicyType: "TAG_POLICY"}),
		"ListChildren":                           each(func(id string) wire.Decodable { return &api.ListChildrenInput{ParentId: id, ChildType: "ACCOUNT"} }, p.root, p.unit),
		"ListCreateAccountStatus":                one(&api.ListCreateAccountStatusInput{}),
		"ListDelegatedAdministrators":            one(&api.ListDelegatedAdministratorsInput{ServicePrincipal: "iam.amazonaws.com"}),
		"ListDelegatedServicesForAccount":        one(&api.ListDelegatedServicesForAccountInput{AccountId: p.member}),
		"ListEffectivePolicyValidationErrors":    one(&api.ListEffectivePolicyValidationErrorsInput{AccountId: p.member, PolicyType: "TAG_POLICY"}),
		"ListHandshakesForAccount":               one(&api.ListHandshakesForAccountInput{}),
		"ListHandshakesForOrganization":          one(&api.ListHandshakesForOrganizationInput{}),
		"ListInboundResponsibilityTransfers":     one(&api.ListInboundResponsibilityTransfersInput{Type: "BILLING"}),
		"ListOutboundResponsibilityTransfers":    one(&api.ListOutboundResponsibilityTransfersInput{Type: "BILLING"}),
		"ListOrganizationalUnitsForParent":       each(func(id string) wire.Decodable { return &api.ListOrganizationalUnitsForParentInput{ParentId: id} }, p.root, p.unit),
		"ListParents":                            each(func(id string) wire.Decodable { return &api.ListParentsInput{ChildId: id} }, p.unit, p.member),
		"ListPolicies":                           one(&api.ListPoliciesInput{Filter: scp}),
		"ListPoliciesForTarget":                  each(func(id string) wire.Decodable { return &api.ListPoliciesForTargetInput{TargetId: id, Filter: scp} }, p.root, p.unit, p.member),
		"ListRoots":                              one(&api.ListRootsInput{}),
		"ListTagsForResource":                    each(func(id string) wire.Decodable { return &api.ListTagsForResourceInput{ResourceId: id} }, p.taggable()...),
		"ListTargetsForPolicy":                   one(&api.ListTargetsForPolicyInput{PolicyId: p.policy}),
		"MoveAccount":                            one(&api.MoveAccountInput{AccountId: p.member, SourceParentId: p.root, DestinationParentId: p.unit}),
		"PutResourcePolicy":                      one(&api.PutResourcePolicyInput{Content: "{}", Tags: tags}),
		"RegisterDelegatedAdministrator":         one(&api.RegisterDelegatedAdministratorInput{AccountId: p.member, ServicePrincipal: "iam.amazonaws.com"}),
		"RemoveAccountFromOrganization":          one(&api.RemoveAccountFromOrganizationInput{AccountId: p.member}),
		"TagResource":                            each(func(id string) wire.Decodable { return &api.TagResourceInput{ResourceId: id, Tags: tags} }, p.taggable()...),
		"TerminateResponsibilityTransfer":        one(&api.TerminateResponsibilityTransferInput{Id: p.transfer}),
		"UpdateResponsibilityTransfer":           one(&api.UpdateResponsibilityTransferInput{Id: p.transfer, Name: "n"}),
		"UntagResource":                          each(func(id string) wire.Decodable { return &api.UntagResourceInput{ResourceId: id, TagKeys: keys} }, p.taggable()...),
		"UpdateOrganizationalUnit":               one(&api.UpdateOrganizationalUnitInput{OrganizationalUnitId: p.unit, Name: "n"}),
		"UpdatePolicy":                           one(&api.UpdatePolicyInput{PolicyId: p.policy, Name: "n"}),
	}
}

func (p place) taggable() []string {
	return []string{p.root, p.unit, p.member, p.policy, p.resourcePolicy}
}

// A notary is a Decider that allows everything and notes it, and lets nothing
// be written.
type notary struct {
	sync.Mutex
	asked []authz.Need
}

var errNoted = errors.New("noted")

func (n *notary) Decide(tx *store.Tx, _ *authn.Caller, _ *authz.Request, need *authz.Need) (authz.Decision, error) {
	if tx.Writable() {
		return authz.Decision{}, errNoted
	}
	n.Lock()
	defer n.Unlock()
	n.asked = append(n.asked, *need)
	return authz.Decision{Decision: policy.Decision{Outcome: policy.Allow}}, nil
}

// needsOf returns what a call of an account's root asks for.
func needsOf(t *testing.T, h *servicetest.Harness, account identity.AccountID, op *dispatch.Operation, in wire.Decodable) []authz.Need {
	t.Helper()
	n := new(notary)
	root := identity.RootARN(account).String()
	caller := authn.Caller{Kind: authn.Root, Account: account, ARN: root, PrincipalARN: root}
	runner := dispatch.Runner{Store: h.Store, Authn: h.Authn, Decider: n}
	request := &dispatch.Request{ID: "id", Facts: authz.Request{Now: h.Now()}}
	_, _ = runner.Run(context.Background(), op, &caller, request, in, nil) // what comes of it does not matter
	return n.asked
}

// Every operation asks for the action of its name, on resources of the types
// and with the condition keys that the service authorization reference gives
// it, and for organizations:TagResource where it takes tags.
//
// Rules: OR-3
func TestNeedsAreThoseOfTheReference(t *testing.T) {
	t.Parallel()
	h := founded(t)
	p := placeOf(h)
	calls := p.calls()
	s := organizations.New(organizations.Config{AccountID: drawAccount, CanonicalID: canonicalID})
	for _, op := range s.Operations() {
		t.Run(op.Name, func(t *testing.T) {
			if len(calls[op.Name]) == 0 {
				t.Fatal("the table has no call of the operation")
			}
			for _, c := range calls[op.Name] {
				compareNeeds(t, op.Name, c, needsOf(t, h, management, &op, c.in))
			}
		})
	}
}

// compareNeeds compares the needs of one call with the reference.
func compareNeeds(t *testing.T, operation string, c call, needs []authz.Need) {
	t.Helper()
	service, _ := catalog.ServiceByPrefix("organizations")
	own := 0
	seen := map[string]bool{} // types of resources of the operation's own action
	for _, n := range needs {
		prefix, name, _ := strings.Cut(n.Action, ":")
		if prefix != "organizations" {
			continue // a dependent action, which is another service's to know
		}
		action, ok := service.Action(name)
		if !ok {
			t.Errorf("there is no action %s", n.Action)
			continue
		}
		if name == operation {
			own++
		}
		kind := kindOf(service, action, n.Resource)
		if kind == "" && c.differs[anyResource] == "" {
			t.Errorf("%s is asked for on %s, which is none of its resources", n.Action, n.Resource)
		}
		if name == operation {
			seen[kind] = true
		}
		compareKeys(t, service, action, kind, c, &n)
	}
	if own == 0 {
		t.Errorf("%v: the operation's own action is not asked for", needs)
	}
	action, _ := service.Action(operation)
	for _, r := range action.Resources {
		if r.Required && !seen[r.Type] && c.differs[notAll] == "" {
			t.Errorf("%v: there is no need on a resource of type %s", needs, r.Type)
		}
	}
}

var placeholder = regexp.MustCompile(`\\\$\\\{[A-Za-z]+\\\}`)

// kindOf returns the type of a resource, of those that an action takes; "*" for
// an action that takes none.
func kindOf(service *catalog.Service, action *catalog.Action, resource string) string {
	if len(action.Resources) == 0 {
		if resource == "*" {
			return "*"
		}
		return ""
	}
	for _, r := range action.Resources {
		of, _ := service.Resource(r.Type)
		if regexp.MustCompile("^" + placeholder.ReplaceAllString(regexp.QuoteMeta(of.Pattern), "[^/:]+") + "$").MatchString(resource) {
			return r.Type
		}
	}
	return ""
}

// compareKeys compares the condition keys of a need with those of its action
// and resource.
func compareKeys(t *testing.T, service *catalog.Service, action *catalog.Action, kind string, c call, n *authz.Need) {
	t.Helper()
	known := map[string]bool{} // and whether the key has to be there
	for _, k := range action.Keys {
		known[k] = true
	}
	for _, r := range action.Resources {
		if r.Type == kind {
			for _, k := range r.Keys {
				known[k] = true
			}
		}
	}
	if of, ok := service.Resource(kind); ok {
		for _, k := range of.Keys {
			known[k] = !strings.Contains(n.Resource, "*") && !strings.Contains(n.Resource, "nothere") // what is not there has no tags
		}
	}
	if kind != "policy" && (action.Name == "TagResource" || action.Name == "UntagResource" || action.Name == "ListTagsForResource") {
		known[typeOfPolicy] = false // said of the action, and of policies alone where it is said of resources
	}
	if strings.Contains(n.Resource, "nothere") {
		known[typeOfPolicy] = false // nobody knows the type of what is not there
	}
	if c.differs[noTags] != "" || strings.HasSuffix(n.Resource, "*") {
		known["aws:ResourceTag/${TagKey}"] = false
	}
	has := map[string]bool{}
	for _, k := range n.Keys {
		key, _ := catalog.LookupKey(k.Name)
		if _, ok := known[key.Name]; !ok {
			t.Errorf("%s on %s has the key %s, which the reference does not", n.Action, n.Resource, k.Name)
		}
		has[key.Name] = true
	}
	for _, k := range slices.Sorted(maps.Keys(known)) {
		if known[k] && !has[k] {
			t.Errorf("%s on %s has not the key %s", n.Action, n.Resource, k)
		}
	}
}

const typeOfPolicy = "organizations:PolicyType"

// What a resource policy may name is what it is asked about: a change that
// cannot be delegated is refused in it, and asked of members on no resource.
//
// Rules: OR-26
func TestResourcePoliciesNameWhatTheyAreAskedAbout(t *testing.T) {
	t.Parallel()
	h := founded(t)
	p := placeOf(h)
	calls := p.calls()
	s := organizations.New(organizations.Config{AccountID: drawAccount, CanonicalID: canonicalID})
	delegated := 0
	for _, op := range s.Operations() {
		if !op.Writes() {
			continue
		}
		a := h.As("root").Call("organizations", "PutResourcePolicy", "Content", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"`+
			p.member+`"},"Action":"organizations:`+op.Name+`","Resource":"*"}]}`)
		if a.Code != "" {
			a.Fails("InvalidInputException")
		} else {
			delegated++
		}
		for _, c := range calls[op.Name] {
			for _, n := range needsOf(t, h, identity.AccountID(p.member), &op, c.in) {
				asked := n.Policy != nil && n.Account == management
				if asked != (a.Code == "") {
					t.Errorf("%s: named in the policy: %t, asked of it: %t", op.Name, a.Code == "", asked)
				}
			}
		}
	}
	if delegated != 9 {
		t.Errorf("%d operations can be delegated", delegated)
	}
}
