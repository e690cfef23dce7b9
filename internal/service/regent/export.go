package regent

import (
	"context"
	"errors"
	"fmt"

	iamapi "github.com/regent-iam/regent/internal/api/iam"
	api "github.com/regent-iam/regent/internal/api/regent"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/dump"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
)

// exportEntries is how many entries a part of an export has at most: so many
// managed policies with five full versions each stay below a megabyte.
const exportEntries = 30

const detailsOperation = "GetAccountAuthorizationDetails"

func exportAccountNeeds(dispatch.Call, *api.ExportAccountInput) ([]authz.Need, error) {
	return []authz.Need{{Action: "regent:ExportAccount", Resource: "*"}, {Action: "iam:" + detailsOperation, Resource: "*"}}, nil
}

// exportAccount returns a part of the caller's account as ImportAccount takes
// it: what GetAccountAuthorizationDetails shows, in the AWS CLI's form, and what
// that leaves out of roles.
func (s *Service) exportAccount(ctx context.Context, call dispatch.Call, in *api.ExportAccountInput) (*api.ExportAccountOutput, error) {
	details, err := s.details(ctx, call, in.Marker)
	if err != nil {
		return nil, err
	}
	d := new(dump.Dump)
	for i := range details.UserDetailList {
		d.Users = append(d.Users, dumpUser(&details.UserDetailList[i]))
	}
	for i := range details.GroupDetailList {
		g := &details.GroupDetailList[i]
		d.Groups = append(d.Groups, dump.Group{
			Path: g.Path, Name: g.GroupName, ID: g.GroupId, ARN: g.Arn, Created: dump.Time{Time: g.CreateDate},
			Inline: dumpInline(g.GroupPolicyList), Attached: dumpAttached(g.AttachedManagedPolicies),
		})
	}
	for i := range details.RoleDetailList {
		r, err := dumpRole(&call, &details.RoleDetailList[i])
		if err != nil {
			return nil, err
		}
		d.Roles = append(d.Roles, r)
	}
	for i := range details.Policies {
		p, err := dumpPolicy(&call, &details.Policies[i])
		if err != nil {
			return nil, err
		}
		d.Policies = append(d.Policies, p)
	}
	out := &api.ExportAccountOutput{AccountId: string(call.Caller.Account), Marker: details.Marker}
	out.Dump, err = d.Text()
	return out, err
}

// details has IAM list the account.
func (s *Service) details(ctx context.Context, call dispatch.Call, marker string) (*iamapi.GetAccountAuthorizationDetailsOutput, error) {
	op, ok := s.iam[detailsOperation]
	if !ok {
		return nil, fmt.Errorf("%w: %s", errNoOperation, detailsOperation)
	}
	out, err := op.Do(ctx, call, &iamapi.GetAccountAuthorizationDetailsInput{Marker: marker, MaxItems: new(int32(exportEntries))})
	if err != nil {
		return nil, err
	}
	return out.(*iamapi.GetAccountAuthorizationDetailsOutput), nil
}

func dumpUser(u *iamapi.UserDetail) dump.User {
	out := dump.User{
		Path: u.Path, Name: u.UserName, ID: u.UserId, ARN: u.Arn, Created: dump.Time{Time: u.CreateDate}, Groups: u.GroupList,
		Attached: dumpAttached(u.AttachedManagedPolicies), Boundary: dumpBoundary(u.PermissionsBoundary), Tags: dumpTags(u.Tags),
	}
	if len(u.UserPolicyList) > 0 { // which the AWS CLI leaves out when it is empty, of users alone
		out.Inline = dumpInline(u.UserPolicyList)
	}
	return out
}

func dumpRole(call *dispatch.Call, r *iamapi.RoleDetail) (dump.Role, error) {
	role, err := call.Tx.Role(call.Caller.Account, identity.RoleName(r.RoleName))
	if err != nil {
		return dump.Role{}, err
	}
	out := dump.Role{
		Path: r.Path, Name: r.RoleName, ID: r.RoleId, ARN: r.Arn, Created: dump.Time{Time: r.CreateDate},
		Trust: dump.Document(r.AssumeRolePolicyDocument), Profiles: []dump.Profile{}, Inline: dumpInline(r.RolePolicyList),
		Attached: dumpAttached(r.AttachedManagedPolicies), Boundary: dumpBoundary(r.PermissionsBoundary), Tags: dumpTags(r.Tags),
		Description: role.Description, MaxSession: role.MaxSession, LastUsed: &dump.LastUsed{},
	}
	for i := range r.InstanceProfileList {
		p, err := dumpProfile(call, &r.InstanceProfileList[i])
		if err != nil {
			return dump.Role{}, err
		}
		out.Profiles = append(out.Profiles, p)
	}
	if r.RoleLastUsed != nil {
		out.LastUsed = &dump.LastUsed{At: dump.Time{Time: r.RoleLastUsed.LastUsedDate}, Region: r.RoleLastUsed.Region}
	}
	return out, nil
}

func dumpProfile(call *dispatch.Call, p *iamapi.InstanceProfile) (dump.Profile, error) {
	out := dump.Profile{Path: p.Path, Name: p.InstanceProfileName, ID: p.InstanceProfileId, ARN: p.Arn, Created: dump.Time{Time: p.CreateDate}}
	own, err := call.Tx.InstanceProfile(call.Caller.Account, identity.ProfileName(p.InstanceProfileName))
	if err != nil {
		return dump.Profile{}, err
	}
	for _, t := range own.Tags {
		out.Tags = append(out.Tags, dump.Tag{Key: t.Key, Value: t.Value})
	}
	return out, nil
}

func dumpPolicy(call *dispatch.Call, p *iamapi.ManagedPolicyDetail) (dump.Policy, error) {
	out := dump.Policy{
		Name: p.PolicyName, ID: p.PolicyId, ARN: p.Arn, Path: p.Path, Default: p.DefaultVersionId, Description: p.Description,
		Attachments: *p.AttachmentCount, Boundaries: *p.PermissionsBoundaryUsageCount, Attachable: *p.IsAttachable,
		Created: dump.Time{Time: p.CreateDate}, Updated: dump.Time{Time: p.UpdateDate}, Versions: []dump.Version{},
	}
	for _, v := range p.PolicyVersionList {
		out.Versions = append(out.Versions, dump.Version{
			Document: dump.Document(v.Document), ID: v.VersionId, Default: *v.IsDefaultVersion, Created: dump.Time{Time: v.CreateDate},
		})
	}
	own, err := call.Tx.Policy(call.Caller.Account, identity.PolicyName(p.PolicyName))
	if err == nil && own.ID == p.PolicyId {
		for _, t := range own.Tags {
			out.Tags = append(out.Tags, dump.Tag{Key: t.Key, Value: t.Value})
		}
	}
	if errors.Is(err, store.ErrNotFound) {
		err = nil // one of AWS's
	}
	return out, err
}

func dumpInline(in []iamapi.PolicyDetail) []dump.Inline {
	out := make([]dump.Inline, len(in))
	for i, p := range in {
		out[i] = dump.Inline{Name: p.PolicyName, Document: dump.Document(p.PolicyDocument)}
	}
	return out
}

func dumpAttached(in []iamapi.AttachedPolicy) []dump.Attached {
	out := make([]dump.Attached, len(in))
	for i, p := range in {
		out[i] = dump.Attached{Name: p.PolicyName, ARN: p.PolicyArn}
	}
	return out
}

func dumpBoundary(b *iamapi.AttachedPermissionsBoundary) *dump.Boundary {
	if b == nil {
		return nil
	}
	return &dump.Boundary{Type: b.PermissionsBoundaryType, ARN: b.PermissionsBoundaryArn}
}

func dumpTags(in []iamapi.Tag) []dump.Tag {
	out := make([]dump.Tag, len(in))
	for i, t := range in {
		out[i] = dump.Tag{Key: t.Key, Value: t.Value}
	}
	return out
}
