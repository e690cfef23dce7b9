package iam

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/catalog"
	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
)

func detailsOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Read("GetAccountAuthorizationDetails",
			onAccount[api.GetAccountAuthorizationDetailsInput]("iam:GetAccountAuthorizationDetails"), getAccountAuthorizationDetails),
	}
}

// details is a page of an account's authorization details as it fills.
type details struct {
	call *dispatch.Call
	out  *api.GetAccountAuthorizationDetailsOutput
	left int // entries that the caller still wants
	room int // bytes of policies that the page still takes
}

const (
	// detailsRoom bounds the policies on a page: managed policies with five
	// versions each fill 30 KiB, of which a caller may ask for 1,000 at a time.
	detailsRoom = 2 << 20
	// detailsChunk is how many records are read at a time.
	detailsChunk = 50
)

// A detailsKind is one of the kinds that the page has, in their order. Its fill
// goes on behind after, and returns the last that the page took if there are
// more.
type detailsKind struct {
	filter string
	fill   func(d *details, after string) (last string, more bool, err error)
}

func detailsKinds() []detailsKind {
	return []detailsKind{
		{"User", (*details).users},
		{"Group", (*details).groups},
		{"Role", (*details).roles},
		{"LocalManagedPolicy", (*details).policies},
		{"AWSManagedPolicy", (*details).awsPolicies},
	}
}

// getAccountAuthorizationDetails lists all users, groups, roles and policies of
// an account with all that they may do. One marker goes over all kinds (IA-75).
func getAccountAuthorizationDetails(_ context.Context, call dispatch.Call, in *api.GetAccountAuthorizationDetailsInput) (*api.GetAccountAuthorizationDetailsOutput, error) {
	w, err := windowOf(&call, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	d := &details{call: &call, left: w.limit, room: detailsRoom, out: &api.GetAccountAuthorizationDetailsOutput{
		UserDetailList: []api.UserDetail{}, GroupDetailList: []api.GroupDetail{}, RoleDetailList: []api.RoleDetail{},
		Policies: []api.ManagedPolicyDetail{}, IsTruncated: new(false),
	}}
	from, after, resumed := strings.Cut(w.after, "/")
	for _, kind := range detailsKinds() {
		if resumed && kind.filter != from {
			continue
		}
		begin := after
		resumed, after = false, ""
		if len(in.Filter) > 0 && !slices.Contains(in.Filter, kind.filter) {
			continue
		}
		last, truncated, err := kind.fill(d, begin)
		if err != nil {
			return nil, err
		}
		if truncated {
			d.out.IsTruncated, d.out.Marker, err = more(&call, kind.filter+"/"+last)
			return d.out, err
		}
	}
	return d.out, nil
}

func (d *details) full() bool { return d.left <= 0 || d.room <= 0 }

// took enters that an entry with these many bytes of policies is on the page.
func (d *details) took(size int) {
	d.left--
	d.room -= size
}

// fill takes records behind after onto the page until it is full.
func fill[T any](d *details, after string, list func(store.Page[T]) ([]*T, string, error), name func(*T) string, add func(*T) error) (last string, more bool, err error) {
	for !d.full() {
		records, next, err := list(store.Page[T]{After: after, Limit: min(d.left, detailsChunk)})
		if err != nil {
			return "", false, err
		}
		for _, r := range records {
			if d.full() {
				return after, true, nil
			}
			if err := add(r); err != nil {
				return "", false, err
			}
			after = arn.Fold(name(r))
		}
		if next == "" {
			return "", false, nil
		}
	}
	return after, true, nil
}

func (d *details) users(after string) (last string, more bool, err error) {
	list := func(p store.Page[identity.User]) ([]*identity.User, string, error) {
		return d.call.Tx.Users(d.call.Caller.Account, p)
	}
	return fill(d, after, list, func(u *identity.User) string { return string(u.Name) }, func(u *identity.User) error {
		groups, err := groupsOf(d.call.Tx, u)
		if err != nil {
			return err
		}
		names := make([]string, len(groups))
		for i, g := range groups {
			names[i] = string(g.Name)
		}
		d.out.UserDetailList = append(d.out.UserDetailList, api.UserDetail{
			Path: u.Path, UserName: string(u.Name), UserId: u.ID, Arn: u.ARN().String(), CreateDate: u.Created,
			UserPolicyList: d.inline(&u.Permissions), GroupList: names, AttachedManagedPolicies: attachedTo(&u.Permissions),
			PermissionsBoundary: apiBoundary(u.Boundary), Tags: apiTags(u.Tags),
		})
		d.took(0)
		return nil
	})
}

func (d *details) groups(after string) (last string, more bool, err error) {
	list := func(p store.Page[identity.Group]) ([]*identity.Group, string, error) {
		return d.call.Tx.Groups(d.call.Caller.Account, p)
	}
	return fill(d, after, list, func(g *identity.Group) string { return string(g.Name) }, func(g *identity.Group) error {
		d.out.GroupDetailList = append(d.out.GroupDetailList, api.GroupDetail{
			Path: g.Path, GroupName: string(g.Name), GroupId: g.ID, Arn: g.ARN().String(), CreateDate: g.Created,
			GroupPolicyList: d.inline(&g.Permissions), AttachedManagedPolicies: attachedTo(&g.Permissions),
		})
		d.took(0)
		return nil
	})
}

func (d *details) roles(after string) (last string, more bool, err error) {
	list := func(p store.Page[identity.Role]) ([]*identity.Role, string, error) {
		return d.call.Tx.Roles(d.call.Caller.Account, p)
	}
	return fill(d, after, list, func(r *identity.Role) string { return string(r.Name) }, func(r *identity.Role) error {
		trust, err := authz.Readback(d.call.Tx, r.Trust)
		if err != nil {
			return err
		}
		used, err := roleLastUsed(d.call.Tx, r)
		if err != nil {
			return err
		}
		profiles, err := d.profilesOf(r, trust)
		if err != nil {
			return err
		}
		d.out.RoleDetailList = append(d.out.RoleDetailList, api.RoleDetail{
			Path: r.Path, RoleName: string(r.Name), RoleId: r.ID, Arn: r.ARN().String(), CreateDate: r.Created,
			AssumeRolePolicyDocument: trust, InstanceProfileList: profiles,
			RolePolicyList: d.inline(&r.Permissions), AttachedManagedPolicies: attachedTo(&r.Permissions),
			PermissionsBoundary: apiBoundary(r.Boundary), Tags: apiTags(r.Tags), RoleLastUsed: used,
		})
		d.took(len(trust))
		return nil
	})
}

// profilesOf returns the instance profiles of a role whose trust policy reads
// trust, and counts their size.
func (d *details) profilesOf(r *identity.Role, trust string) ([]api.InstanceProfile, error) {
	profiles, _, err := d.call.Tx.ProfilesOfRole(r, "", 0)
	if err != nil {
		return nil, err
	}
	out := make([]api.InstanceProfile, len(profiles))
	for i, p := range profiles {
		out[i] = thinProfile(p)
		out[i].Roles = []api.Role{*apiRole(r, trust)}
		d.room -= len(trust)
	}
	return out, nil
}

// roleLastUsed is empty, and there, for a role that never was used (IA-25).
func roleLastUsed(tx *store.Tx, r *identity.Role) (*api.RoleLastUsed, error) {
	use, err := tx.RoleUse(r.ID)
	if errors.Is(err, store.ErrNotFound) {
		return &api.RoleLastUsed{}, nil
	} else if err != nil {
		return nil, err
	}
	return &api.RoleLastUsed{LastUsedDate: use.At, Region: use.Region}, nil
}

func (d *details) policies(after string) (last string, more bool, err error) {
	list := func(p store.Page[identity.Policy]) ([]*identity.Policy, string, error) {
		return d.call.Tx.Policies(d.call.Caller.Account, p)
	}
	return fill(d, after, list, func(p *identity.Policy) string { return string(p.Name) }, func(p *identity.Policy) error {
		detail, err := d.policy(p.ARN().String())
		if err != nil {
			return err
		}
		detail.PolicyName, detail.PolicyId, detail.Path, detail.Description = string(p.Name), p.ID, p.Path, p.Description
		detail.DefaultVersionId, detail.CreateDate, detail.UpdateDate = versionID(p.Default), p.Created, p.Updated
		size := 0
		for _, v := range slices.Backward(p.Versions) { // newest first
			size += len(v.Text)
			detail.PolicyVersionList = append(detail.PolicyVersionList, api.PolicyVersion{
				Document: v.Text, VersionId: versionID(v.Number), IsDefaultVersion: new(v.Number == p.Default), CreateDate: v.Created,
			})
		}
		d.out.Policies = append(d.out.Policies, *detail)
		d.took(size)
		return nil
	})
}

// policy returns what there is to tell of any managed policy: its use.
func (d *details) policy(policyARN string) (*api.ManagedPolicyDetail, error) {
	uses, err := d.call.Tx.Uses(d.call.Caller.Account, policyARN)
	if err != nil {
		return nil, err
	}
	return detailOf(policyARN, uses), nil
}

func detailOf(policyARN string, uses store.Uses) *api.ManagedPolicyDetail {
	return &api.ManagedPolicyDetail{
		Arn: policyARN, AttachmentCount: new(int32(uses.Permissions)),
		PermissionsBoundaryUsageCount: new(int32(uses.Boundaries)), IsAttachable: new(true),
	}
}

// beforeAWS is what the ARNs of AWS's policies come behind, and those of the
// accounts' do not.
const beforeAWS = "arn:aws:iam::aws:"

// awsPolicies takes those of AWS's policies that the account uses.
func (d *details) awsPolicies(after string) (last string, more bool, err error) {
	if after == "" {
		after = beforeAWS
	}
	err = d.call.Tx.Used(d.call.Caller.Account, after, func(policyARN string, uses store.Uses) (bool, error) {
		p, ok := catalog.LookupManagedPolicy(policyARN)
		if !ok || p.ARN() != policyARN {
			return true, nil
		}
		if d.full() {
			last, more = after, true
			return false, nil
		}
		detail := detailOf(policyARN, uses)
		detail.PolicyName, detail.PolicyId, detail.Path = p.Name, p.ID(), p.Path
		detail.DefaultVersionId, detail.CreateDate, detail.UpdateDate = p.DefaultVersionID, p.Created, p.Updated
		text := p.Document()
		detail.PolicyVersionList = []api.PolicyVersion{{
			Document: text, VersionId: p.DefaultVersionID, IsDefaultVersion: new(true), CreateDate: p.Updated,
		}}
		d.out.Policies = append(d.out.Policies, *detail)
		d.took(len(text))
		after = policyARN
		return true, nil
	})
	return last, more, err
}

// inline returns the inline policies, and counts their size.
func (d *details) inline(p *identity.Permissions) []api.PolicyDetail {
	out := make([]api.PolicyDetail, len(p.Inline))
	for i, doc := range p.Inline {
		out[i] = api.PolicyDetail{PolicyName: doc.Name, PolicyDocument: doc.Text}
		d.room -= len(doc.Text)
	}
	return out
}

func attachedTo(p *identity.Permissions) []api.AttachedPolicy {
	out := make([]api.AttachedPolicy, len(p.Attached))
	for i, policyARN := range p.Attached {
		_, name := pathAndName(policyARN)
		out[i] = api.AttachedPolicy{PolicyName: name, PolicyArn: policyARN}
	}
	return out
}

// versionID returns what IAM calls a version: "v2".
func versionID(number int) string { return "v" + strconv.Itoa(number) }
