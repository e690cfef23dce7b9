package iam_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	iamapi "github.com/regent-iam/regent/internal/api/iam"
	organizationsapi "github.com/regent-iam/regent/internal/api/organizations"
	s3api "github.com/regent-iam/regent/internal/api/s3"
	stsapi "github.com/regent-iam/regent/internal/api/sts"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/service/s3"
	"github.com/regent-iam/regent/internal/wire"
)

// passes is what roleParameters say of a member that gives a role to a service.
const passes = ""

// roleParameters say of every member that names a role or has an ARN, by its
// service, operation and place in the input, why it passes no role to anybody.
var roleParameters = []struct{ member, why string }{
	{`iam:AddRoleToInstanceProfile RoleName`, passes},
	{`s3:PutBucketReplication ReplicationConfiguration\.Role`, passes},
	{`s3:PutBucketNotification NotificationConfiguration\.CloudFunctionConfiguration\.InvocationRole`, passes},

	{`iam:RemoveRoleFromInstanceProfile RoleName`, "a role is taken away"},
	{`iam:(Attach|Create|Delete|Detach|Get|List|Put|Tag|Untag|Update)\w*Role\w* RoleName`, "the call is about the role itself"},
	{`iam:\w+ (Description|AssumeRolePolicyDocument)`, "a text"},
	{`iam:\w+ (PolicyArn|PermissionsBoundary|Permissions\.PolicyTemplateArn)`, "a policy"},
	{`iam:\w+ (OpenIDConnectProviderArn|SAMLProviderArn)`, "an identity provider"},
	{`iam:(GenerateServiceLastAccessedDetails|ListPoliciesGrantingServiceAccess) Arn`, "somebody to be reported on"},
	{`iam:GetHumanReadableSummary EntityArn`, "a delegation request to be read"},
	{`iam:(GetContextKeysFor|Simulate)\w+Policy (PolicySourceArn|CallerArn|ResourceArns)`, "a question about somebody, after which nothing is kept"},
	{`organizations:Create(GovCloud)?Account RoleName`, "the name of a role to be made, which lets in the management account and no service"},
	{`sts:AssumeRole\w* RoleArn`, "assumed by the caller, if the role's trust policy and sts:AssumeRole let it"},
	{`sts:AssumeRole\w* RoleSessionName`, "the name of a session"},
	{`sts:\w+ (PolicyArns|TaskPolicyArn)\.arn`, "a policy"},
	{`sts:AssumeRoleWithSAML PrincipalArn`, "an identity provider"},
	{`sts:AssumeRole ProvidedContexts\.ProviderArn`, "a provider of context"},
	{`s3:\w+ .*\.K[Mm][Ss]KeyArn`, "a key"},
	{`s3:\w+ .*\.TableBucketArn`, "a bucket"},
	{`s3:\w+ .*\.AccessPointArn`, "an access point"},
	{`s3:\w+ .*\.(Topic|TopicArn|Queue|QueueArn|LambdaFunctionArn)`, "where notices go, which lets S3 in by its own policy"},
}

// Every member of an input whose name or shape says that it is a role or an ARN
// is known to pass no role, or its operation asks for iam:PassRole on that role
// and says to which service (TH-39).
//
// Rules: TH-39
func TestWhoGivesARoleToAServiceMayPassIt(t *testing.T) {
	t.Parallel()
	patterns, used := make([]*regexp.Regexp, len(roleParameters)), make([]bool, len(roleParameters))
	for i, p := range roleParameters {
		patterns[i] = regexp.MustCompile("^(" + p.member + ")$")
	}
	w := newNeedsWorld(t)
	found := 0
	for _, svc := range []*wire.Service{&iamapi.Service, &organizationsapi.Service, &stsapi.Service, &s3api.Service} {
		for i := range svc.Operations {
			op := &svc.Operations[i]
			for _, member := range roleMembers(op.In, "", nil) {
				found++
				name := svc.Package + ":" + op.Name + " " + member
				at := slices.IndexFunc(patterns, func(p *regexp.Regexp) bool { return p.MatchString(name) })
				if at < 0 {
					t.Errorf("%s may be a role: does the operation ask for iam:PassRole, and if not, why?", name)
					continue
				}
				used[at] = true
				if roleParameters[at].why == passes {
					w.passesRole(t, svc, op.Name)
				}
			}
		}
	}
	for i, p := range roleParameters {
		if !used[i] {
			t.Errorf("there is no %s", p.member)
		}
	}
	if found < 90 {
		t.Errorf("only %d members were looked at", found)
	}
}

// passesRole checks that an operation asks for iam:PassRole, if Regent has it.
func (w *needsWorld) passesRole(t *testing.T, svc *wire.Service, operation string) {
	t.Helper()
	if svc != &iamapi.Service {
		if slices.ContainsFunc(s3.New(s3.Config{}).Operations(), func(op dispatch.Operation) bool { return op.Name == operation }) {
			t.Errorf("s3:%s is served: let this test see that it asks for iam:PassRole", operation)
		}
		return
	}
	for line := range strings.Lines(inputs) {
		if name, parameters := w.call(strings.TrimSpace(line)); name == operation {
			needs, _ := w.As("root").Needs("iam", operation, parameters...)
			if !slices.ContainsFunc(needs, func(n authz.Need) bool {
				return n.Action == "iam:PassRole" && n.Resource == roleARN &&
					slices.ContainsFunc(n.Keys, func(k authz.Key) bool { return k.Name == "iam:PassedToService" && k.Values[0] != "" })
			}) {
				t.Errorf("%s does not ask for iam:PassRole on the role: %+v", operation, needs)
			}
			return
		}
	}
	t.Errorf("there is no input for %s", operation)
}

var namesRole = regexp.MustCompile(`(?i)role|arn`)

// roleMembers returns the places of the texts in an input that may be a role.
func roleMembers(s *wire.Shape, path string, above []*wire.Shape) []string {
	if s == nil || slices.Contains(above, s) {
		return nil
	}
	above = append(slices.Clone(above), s)
	var out []string
	for i := range s.Members {
		m := &s.Members[i]
		place := path
		if s.Kind == wire.Structure {
			place = strings.TrimPrefix(path+"."+m.Name, ".")
		}
		switch {
		case m.Shape == nil:
		case m.Shape.Kind == wire.String && (namesRole.MatchString(place[strings.LastIndexByte(place, '.')+1:]) || namesRole.MatchString(m.Shape.Name)):
			out = append(out, place)
		default:
			out = append(out, roleMembers(m.Shape, place, above)...)
		}
	}
	return out
}
