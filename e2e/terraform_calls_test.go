package e2e

import (
	"context"
	"encoding/json"
	"net/url"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	organizationstypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/google/go-cmp/cmp"
)

// A provider makes the calls that Terraform's AWS provider makes for a
// resource, in its order: what it reads after a change has to be what it wrote,
// or the next plan shows a difference.
type provider struct {
	*testing.T
	iam  *iam.Client
	orgs *organizations.Client
	ctx  context.Context //nolint:containedctx // lives as long as the test
}

// TestTheCallsOfTerraform is what TestTerraform does where there is no
// Terraform.
//
// Rules: IA-10 IA-12 IA-14 PL-24
func TestTheCallsOfTerraform(t *testing.T) {
	t.Parallel()
	server := start(t, filepath.Join(t.TempDir(), "data"))
	id, secret := rootKeys(t, server.Data)
	cfg := aws.Config{Region: "us-east-1", BaseEndpoint: aws.String(server.URL), Credentials: credentials.NewStaticCredentialsProvider(id, secret, "")}
	p := &provider{T: t, iam: iam.NewFromConfig(cfg), orgs: organizations.NewFromConfig(cfg), ctx: t.Context()}
	policyARN := p.policy()
	p.group(policyARN)
	user := p.user(policyARN)
	p.role(policyARN, user)
	p.organization()
}

// steady calls read twice and fails unless both answers are the same.
func steady[In, Out any, O any](p *provider, read func(context.Context, *In, ...func(*O)) (*Out, error), in *In) *Out {
	p.Helper()
	var last string
	var out *Out
	for i := range 2 {
		out = must(read(p.ctx, in))(p)
		raw, err := json.Marshal(out)
		if err != nil {
			p.Fatal(err)
		}
		if i > 0 && string(raw) != last {
			p.Errorf("a second read answers\n%s\nafter\n%s", raw, last)
		}
		last = string(raw)
	}
	return out
}

// document fails unless a document reads as it was written, byte for byte.
func (p *provider) document(got *string, want string) {
	p.Helper()
	text, err := url.QueryUnescape(aws.ToString(got))
	if err != nil || text != want {
		p.Errorf("the document reads %q (%v), want %q", text, err, want)
	}
}

func same[T any](p *provider, what string, got, want T) {
	p.Helper()
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b iamtypes.Tag) bool { return *a.Key == *b.Key && *a.Value == *b.Value })); diff != "" {
		p.Errorf("%s:\n%s", what, diff)
	}
}

func tagged(pairs ...string) (tags []iamtypes.Tag) {
	for i := 0; i < len(pairs); i += 2 {
		tags = append(tags, iamtypes.Tag{Key: &pairs[i], Value: &pairs[i+1]})
	}
	return tags
}

const (
	readLogs  = `{"Statement":[{"Action":["s3:GetObject","s3:ListBucket"],"Effect":"Allow","Resource":["arn:aws:s3:::logs","arn:aws:s3:::logs/*"]}],"Version":"2012-10-17"}`
	writeLogs = `{"Statement":[{"Action":"s3:PutObject","Effect":"Allow","Resource":"arn:aws:s3:::logs/*"}],"Version":"2012-10-17"}`
)

// policy is aws_iam_policy: seven documents in turn, of which five are kept.
func (p *provider) policy() string {
	made := must(p.iam.CreatePolicy(p.ctx, &iam.CreatePolicyInput{
		PolicyName: aws.String("read-logs"), Path: aws.String("/blue/"), Description: aws.String("Read the logs."),
		PolicyDocument: aws.String(readLogs), Tags: tagged("team", "blue", "Owner", "people"),
	}))(p)
	policyARN := made.Policy.Arn
	for range 6 {
		got := steady(p, p.iam.GetPolicy, &iam.GetPolicyInput{PolicyArn: policyARN}).Policy
		version := steady(p, p.iam.GetPolicyVersion, &iam.GetPolicyVersionInput{PolicyArn: policyARN, VersionId: got.DefaultVersionId}).PolicyVersion
		p.document(version.Document, readLogs)
		same(p, "description, path, tags", []any{*got.Description, *got.Path, got.Tags}, []any{"Read the logs.", "/blue/", tagged("Owner", "people", "team", "blue")})
		same(p, "ListPolicyTags", steady(p, p.iam.ListPolicyTags, &iam.ListPolicyTagsInput{PolicyArn: policyARN}).Tags, got.Tags)
		versions := steady(p, p.iam.ListPolicyVersions, &iam.ListPolicyVersionsInput{PolicyArn: policyARN}).Versions
		if len(versions) == 5 {
			must(p.iam.DeletePolicyVersion(p.ctx, &iam.DeletePolicyVersionInput{PolicyArn: policyARN, VersionId: versions[4].VersionId}))(p)
		}
		must(p.iam.CreatePolicyVersion(p.ctx, &iam.CreatePolicyVersionInput{PolicyArn: policyARN, PolicyDocument: aws.String(readLogs), SetAsDefault: true}))(p)
	}
	return *policyARN
}

// group is aws_iam_group, and its policy's attachment.
func (p *provider) group(policyARN string) {
	name := aws.String("developers")
	must(p.iam.CreateGroup(p.ctx, &iam.CreateGroupInput{GroupName: name, Path: aws.String("/blue/")}))(p)
	got := steady(p, p.iam.GetGroup, &iam.GetGroupInput{GroupName: name}).Group
	same(p, "path", *got.Path, "/blue/")
	must(p.iam.AttachGroupPolicy(p.ctx, &iam.AttachGroupPolicyInput{GroupName: name, PolicyArn: &policyARN}))(p)
	attached := steady(p, p.iam.ListAttachedGroupPolicies, &iam.ListAttachedGroupPoliciesInput{GroupName: name}).AttachedPolicies
	same(p, "attached", []any{len(attached), *attached[0].PolicyArn}, []any{1, policyARN})
	must(p.iam.UpdateGroup(p.ctx, &iam.UpdateGroupInput{GroupName: name, NewGroupName: name, NewPath: aws.String("/")}))(p)
	same(p, "path", *steady(p, p.iam.GetGroup, &iam.GetGroupInput{GroupName: name}).Group.Path, "/")
}

// user is aws_iam_user with memberships, an inline policy and an attachment. It
// returns the user's ARN.
func (p *provider) user(policyARN string) string {
	name := aws.String("alice")
	_, err := p.iam.GetUser(p.ctx, &iam.GetUserInput{UserName: name})
	wantType[*iamtypes.NoSuchEntityException](p, err)
	must(p.iam.CreateUser(p.ctx, &iam.CreateUserInput{UserName: name, Path: aws.String("/"), Tags: tagged("team", "blue")}))(p)
	got := steady(p, p.iam.GetUser, &iam.GetUserInput{UserName: name}).User
	same(p, "path, boundary, tags", []any{*got.Path, got.PermissionsBoundary == nil, got.Tags}, []any{"/", true, tagged("team", "blue")})
	must(p.iam.AddUserToGroup(p.ctx, &iam.AddUserToGroupInput{UserName: name, GroupName: aws.String("developers")}))(p)
	same(p, "groups", *steady(p, p.iam.ListGroupsForUser, &iam.ListGroupsForUserInput{UserName: name}).Groups[0].GroupName, "developers")
	must(p.iam.PutUserPolicy(p.ctx, &iam.PutUserPolicyInput{UserName: name, PolicyName: aws.String("w"), PolicyDocument: aws.String(writeLogs)}))(p)
	p.document(steady(p, p.iam.GetUserPolicy, &iam.GetUserPolicyInput{UserName: name, PolicyName: aws.String("w")}).PolicyDocument, writeLogs)
	must(p.iam.AttachUserPolicy(p.ctx, &iam.AttachUserPolicyInput{UserName: name, PolicyArn: &policyARN}))(p)
	same(p, "attached", *steady(p, p.iam.ListAttachedUserPolicies, &iam.ListAttachedUserPoliciesInput{UserName: name}).AttachedPolicies[0].PolicyArn, policyARN)

	must(p.iam.UpdateUser(p.ctx, &iam.UpdateUserInput{UserName: name, NewUserName: aws.String("alicia"), NewPath: aws.String("/blue/")}))(p)
	name = aws.String("alicia")
	must(p.iam.PutUserPermissionsBoundary(p.ctx, &iam.PutUserPermissionsBoundaryInput{UserName: name, PermissionsBoundary: &policyARN}))(p)
	must(p.iam.UntagUser(p.ctx, &iam.UntagUserInput{UserName: name, TagKeys: []string{"team"}}))(p)
	must(p.iam.TagUser(p.ctx, &iam.TagUserInput{UserName: name, Tags: tagged("z", "", "Cost Center", "1")}))(p)
	got = steady(p, p.iam.GetUser, &iam.GetUserInput{UserName: name}).User
	same(p, "boundary, tags", []any{*got.PermissionsBoundary.PermissionsBoundaryArn, got.Tags}, []any{policyARN, tagged("Cost Center", "1", "z", "")})
	same(p, "ListUserTags", steady(p, p.iam.ListUserTags, &iam.ListUserTagsInput{UserName: name}).Tags, got.Tags)
	return *got.Arn
}

// role is aws_iam_role with its policies and an instance profile, and how they
// are taken down again.
func (p *provider) role(policyARN, user string) {
	name := aws.String("on-call")
	trust := `{"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"AWS":"` + user + `"}}],"Version":"2012-10-17"}`
	in := &iam.CreateRoleInput{
		RoleName: name, Path: aws.String("/blue/"), Description: aws.String(""), MaxSessionDuration: aws.Int32(7200),
		AssumeRolePolicyDocument: aws.String(`{"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"AWS":"` + user + `-not-there"}}],"Version":"2012-10-17"}`),
	}
	_, err := p.iam.CreateRole(p.ctx, in) // which it tries again, until the principal is there
	wantCode(p, err, "MalformedPolicyDocument", "Invalid principal in policy")
	in.AssumeRolePolicyDocument = &trust
	must(p.iam.CreateRole(p.ctx, in))(p)
	got := steady(p, p.iam.GetRole, &iam.GetRoleInput{RoleName: name}).Role
	p.document(got.AssumeRolePolicyDocument, trust)
	same(p, "description, session, tags", []any{aws.ToString(got.Description), *got.MaxSessionDuration, len(got.Tags)}, []any{"", int32(7200), 0})

	must(p.iam.PutRolePolicy(p.ctx, &iam.PutRolePolicyInput{RoleName: name, PolicyName: aws.String("w"), PolicyDocument: aws.String(writeLogs)}))(p)
	same(p, "inline", steady(p, p.iam.ListRolePolicies, &iam.ListRolePoliciesInput{RoleName: name}).PolicyNames, []string{"w"})
	p.document(steady(p, p.iam.GetRolePolicy, &iam.GetRolePolicyInput{RoleName: name, PolicyName: aws.String("w")}).PolicyDocument, writeLogs)
	must(p.iam.AttachRolePolicy(p.ctx, &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: &policyARN}))(p)
	same(p, "attached", *steady(p, p.iam.ListAttachedRolePolicies, &iam.ListAttachedRolePoliciesInput{RoleName: name}).AttachedPolicies[0].PolicyArn, policyARN)

	must(p.iam.UpdateAssumeRolePolicy(p.ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: name, PolicyDocument: &trust}))(p)
	must(p.iam.UpdateRoleDescription(p.ctx, &iam.UpdateRoleDescriptionInput{RoleName: name, Description: aws.String("on call")}))(p)
	must(p.iam.UpdateRole(p.ctx, &iam.UpdateRoleInput{RoleName: name, MaxSessionDuration: aws.Int32(3600)}))(p)
	must(p.iam.TagRole(p.ctx, &iam.TagRoleInput{RoleName: name, Tags: tagged("b", "2", "a", "1")}))(p)
	got = steady(p, p.iam.GetRole, &iam.GetRoleInput{RoleName: name}).Role
	same(p, "description, session, tags", []any{*got.Description, *got.MaxSessionDuration, got.Tags}, []any{"on call", int32(3600), tagged("a", "1", "b", "2")})
	same(p, "ListRoleTags", steady(p, p.iam.ListRoleTags, &iam.ListRoleTagsInput{RoleName: name}).Tags, got.Tags)

	profile := aws.String("web")
	must(p.iam.CreateInstanceProfile(p.ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: profile, Path: aws.String("/")}))(p)
	must(p.iam.AddRoleToInstanceProfile(p.ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: profile, RoleName: name}))(p)
	same(p, "role", *steady(p, p.iam.GetInstanceProfile, &iam.GetInstanceProfileInput{InstanceProfileName: profile}).InstanceProfile.Roles[0].RoleName, "on-call")

	_, err = p.iam.DeleteRole(p.ctx, &iam.DeleteRoleInput{RoleName: name})
	wantType[*iamtypes.DeleteConflictException](p, err)
	for _, i := range must(p.iam.ListInstanceProfilesForRole(p.ctx, &iam.ListInstanceProfilesForRoleInput{RoleName: name}))(p).InstanceProfiles {
		must(p.iam.RemoveRoleFromInstanceProfile(p.ctx, &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: i.InstanceProfileName, RoleName: name}))(p)
	}
	must(p.iam.DetachRolePolicy(p.ctx, &iam.DetachRolePolicyInput{RoleName: name, PolicyArn: &policyARN}))(p)
	must(p.iam.DeleteRolePolicy(p.ctx, &iam.DeleteRolePolicyInput{RoleName: name, PolicyName: aws.String("w")}))(p)
	must(p.iam.DeleteRole(p.ctx, &iam.DeleteRoleInput{RoleName: name}))(p)
	_, err = p.iam.GetRole(p.ctx, &iam.GetRoleInput{RoleName: name})
	wantType[*iamtypes.NoSuchEntityException](p, err)
}

// organization is aws_organizations_organization with a unit, a policy and its
// attachment, from nothing to nothing.
func (p *provider) organization() {
	_, err := p.orgs.DescribeOrganization(p.ctx, nil)
	wantType[*organizationstypes.AWSOrganizationsNotInUseException](p, err)
	must(p.orgs.CreateOrganization(p.ctx, &organizations.CreateOrganizationInput{FeatureSet: organizationstypes.OrganizationFeatureSetAll}))(p)
	roots := steady(p, p.orgs.ListRoots, &organizations.ListRootsInput{}).Roots
	scp := organizationstypes.PolicyTypeServiceControlPolicy
	must(p.orgs.EnablePolicyType(p.ctx, &organizations.EnablePolicyTypeInput{RootId: roots[0].Id, PolicyType: scp}))(p)
	same(p, "policy types", steady(p, p.orgs.ListRoots, &organizations.ListRootsInput{}).Roots[0].PolicyTypes[0].Type, scp)
	steady(p, p.orgs.DescribeOrganization, &organizations.DescribeOrganizationInput{})
	steady(p, p.orgs.ListAccounts, &organizations.ListAccountsInput{})
	steady(p, p.orgs.ListAWSServiceAccessForOrganization, &organizations.ListAWSServiceAccessForOrganizationInput{})

	tags := []organizationstypes.Tag{{Key: aws.String("team"), Value: aws.String("blue")}}
	unit := must(p.orgs.CreateOrganizationalUnit(p.ctx, &organizations.CreateOrganizationalUnitInput{Name: aws.String("w"), ParentId: roots[0].Id, Tags: tags}))(p).OrganizationalUnit.Id
	must(p.orgs.UpdateOrganizationalUnit(p.ctx, &organizations.UpdateOrganizationalUnitInput{OrganizationalUnitId: unit, Name: aws.String("workloads")}))(p)
	same(p, "name", *steady(p, p.orgs.DescribeOrganizationalUnit, &organizations.DescribeOrganizationalUnitInput{OrganizationalUnitId: unit}).OrganizationalUnit.Name, "workloads")
	same(p, "parent", *steady(p, p.orgs.ListParents, &organizations.ListParentsInput{ChildId: unit}).Parents[0].Id, *roots[0].Id)
	same(p, "accounts", len(steady(p, p.orgs.ListAccountsForParent, &organizations.ListAccountsForParentInput{ParentId: unit}).Accounts), 0)
	same(p, "tags", *steady(p, p.orgs.ListTagsForResource, &organizations.ListTagsForResourceInput{ResourceId: unit}).Tags[0].Value, "blue")

	const content = `{"Statement":[{"Action":"organizations:LeaveOrganization","Effect":"Deny","Resource":"*"}],"Version":"2012-10-17"}`
	policy := must(p.orgs.CreatePolicy(p.ctx, &organizations.CreatePolicyInput{
		Name: aws.String("stay"), Description: aws.String("Nobody leaves."), Type: scp, Content: aws.String(content), Tags: tags,
	}))(p).Policy.PolicySummary.Id
	got := steady(p, p.orgs.DescribePolicy, &organizations.DescribePolicyInput{PolicyId: policy}).Policy
	same(p, "policy", []string{*got.Content, *got.PolicySummary.Description}, []string{content, "Nobody leaves."})
	steady(p, p.orgs.ListTagsForResource, &organizations.ListTagsForResourceInput{ResourceId: policy})
	must(p.orgs.AttachPolicy(p.ctx, &organizations.AttachPolicyInput{PolicyId: policy, TargetId: unit}))(p)
	same(p, "target", *steady(p, p.orgs.ListTargetsForPolicy, &organizations.ListTargetsForPolicyInput{PolicyId: policy}).Targets[0].TargetId, *unit)

	must(p.orgs.DetachPolicy(p.ctx, &organizations.DetachPolicyInput{PolicyId: policy, TargetId: unit}))(p)
	must(p.orgs.DeletePolicy(p.ctx, &organizations.DeletePolicyInput{PolicyId: policy}))(p)
	_, err = p.orgs.DescribePolicy(p.ctx, &organizations.DescribePolicyInput{PolicyId: policy})
	wantType[*organizationstypes.PolicyNotFoundException](p, err)
	must(p.orgs.DeleteOrganizationalUnit(p.ctx, &organizations.DeleteOrganizationalUnitInput{OrganizationalUnitId: unit}))(p)
	must(p.orgs.DeleteOrganization(p.ctx, nil))(p)
}
