package e2e

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	organizationstypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/policy"
	"github.com/regent-iam/regent/policy/cases"
	"github.com/regent-iam/regent/regenttest"
)

// A world is a server on which cases are arranged one after the other.
type world struct {
	t            *testing.T
	accounts     map[string]*regenttest.Account // by their ids here
	ids          map[string]string              // of the archives' accounts
	keepers      map[string]aws.Config          // by account: who assumes its roles
	targets      map[string][]string            // by the archives' accounts: root, unit, account
	organization string
	companies    *organizations.Client
	anonymous    aws.Config
	made         map[string]bool // users, roles and buckets that there are
	undos        []func()        // of the case that is arranged
}

func (w *world) ctx() context.Context { return w.t.Context() }

// must fails the test when what arranges a case fails.
func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) later(undo func()) { w.undos = append(w.undos, undo) }

// undo takes back what a case arranged, the last first.
func (w *world) undo() {
	for _, undo := range slices.Backward(w.undos) {
		undo()
	}
	w.undos = nil
}

// iam administers an account.
func (w *world) iam(account string) *iam.Client { return iam.NewFromConfig(w.accounts[account].Root()) }

// plant puts the accounts into their places, and has resource control policies
// count.
func (w *world) plant() {
	o, err := w.companies.DescribeOrganization(w.ctx(), nil)
	w.must(err)
	w.organization = *o.Organization.Id
	roots, err := w.companies.ListRoots(w.ctx(), nil)
	w.must(err)
	top := roots.Roots[0].Id
	_, err = w.companies.EnablePolicyType(w.ctx(), &organizations.EnablePolicyTypeInput{RootId: top, PolicyType: organizationstypes.PolicyTypeResourceControlPolicy})
	w.must(err)
	for archived, id := range w.ids {
		w.targets[archived] = w.place(*top, id)
		w.targets[id] = w.targets[archived]
	}
}

// place puts an account into a unit of its own where there are units, and
// returns the levels down to it.
func (w *world) place(top, id string) []string {
	unit, err := w.companies.CreateOrganizationalUnit(w.ctx(), &organizations.CreateOrganizationalUnitInput{ParentId: &top, Name: aws.String("unit-" + id)})
	if e, ok := errors.AsType[smithy.APIError](err); ok && e.ErrorCode() == "UnsupportedOperationException" {
		return []string{top, id}
	}
	w.must(err)
	_, err = w.companies.MoveAccount(w.ctx(), &organizations.MoveAccountInput{
		AccountId: &id, SourceParentId: &top, DestinationParentId: unit.OrganizationalUnit.Id,
	})
	w.must(err)
	return []string{top, *unit.OrganizationalUnit.Id, id}
}

// arrange makes all that a case is about, and returns its caller.
func (w *world) arrange(c *cases.Case) (aws.Config, string) {
	w.resource(c)
	w.named(c)
	config, reason := w.caller(c)
	if reason != "" {
		return config, reason
	}
	if reason := w.resourcePolicy(c); reason != "" {
		return config, reason
	}
	w.control(c, c.Layers.SCP, c.Request.Principal.Account, organizationstypes.PolicyTypeServiceControlPolicy, "p-FullAWSAccess")
	w.control(c, c.Layers.RCP, c.Request.ResourceAccount, organizationstypes.PolicyTypeResourceControlPolicy, "")
	return config, ""
}

// texts returns the texts of a case's policies of one kind, each that is not
// empty.
func texts(c *cases.Case, kinds ...string) []string {
	var out []string
	for _, f := range c.Files {
		kind, _, _ := strings.Cut(strings.TrimSuffix(f.Name, ".json"), "/")
		if slices.Contains(kinds, kind) && strings.TrimSpace(f.Text) != "" {
			out = append(out, f.Text)
		}
	}
	return out
}

func flagged(c *cases.Case, name string) bool {
	return slices.ContainsFunc(c.Files, func(f cases.File) bool { return f.Name == name })
}

// tags returns the keys of a case with a prefix, without it.
func tags(c *cases.Case, prefix string) map[string]string {
	out := map[string]string{}
	for _, k := range c.Keys {
		if len(k.Name) > len(prefix) && arn.Fold(k.Name[:len(prefix)]) == arn.Fold(prefix) && !k.Multi && tagValue.MatchString(k.Values[0]) {
			out[k.Name[len(prefix):]] = k.Values[0]
		}
	}
	return out
}

// named makes the users and roles that documents name.
func (w *world) named(c *cases.Case) {
	for _, text := range texts(c, "resource", "bucket", "trust") {
		doc, err := policy.Parse(text)
		w.must(err)
		for _, name := range doc.PrincipalNames() {
			w.entity(name)
		}
	}
}

// keeperTrust lets the account's keeper into a role.
func keeperTrust(account string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:user/keeper"},"Action":"sts:AssumeRole"}]}`, account)
}

// entity makes the user or role of an ARN, unless there is one.
func (w *world) entity(entityARN string) {
	w.t.Helper()
	parts := strings.SplitN(entityARN, ":", 6)
	account, resource := parts[4], parts[5]
	if w.made[entityARN] || w.accounts[account] == nil {
		return
	}
	kind, rest, _ := strings.Cut(resource, "/")
	path, name, client := aws.String("/"+rest[:strings.LastIndexByte(rest, '/')+1]), aws.String(nameOf(entityARN)), w.iam(account)
	// Another archive has the name under another path.
	for other := range w.made {
		if strings.HasPrefix(other, "arn:aws:iam::"+account+":"+kind+"/") && nameOf(other) == *name {
			w.remove(client, kind, name)
			delete(w.made, other)
		}
	}
	var err error
	switch kind {
	case "user":
		_, err = client.CreateUser(w.ctx(), &iam.CreateUserInput{UserName: name, Path: path})
	case "role":
		_, err = client.CreateRole(w.ctx(), &iam.CreateRoleInput{RoleName: name, Path: path, AssumeRolePolicyDocument: aws.String(keeperTrust(account))})
	default:
		return
	}
	if err != nil {
		w.t.Fatalf("%s: %v", entityARN, err)
	}
	w.made[entityARN] = true
}

func (w *world) remove(client *iam.Client, kind string, name *string) {
	var err error
	if kind == "user" {
		_, err = client.DeleteUser(w.ctx(), &iam.DeleteUserInput{UserName: name})
	} else {
		_, err = client.DeleteRole(w.ctx(), &iam.DeleteRoleInput{RoleName: name})
	}
	w.must(err)
}

// caller makes the caller of a case with its policies and tags.
func (w *world) caller(c *cases.Case) (aws.Config, string) {
	p := c.Request.Principal
	account, ok := w.accounts[p.Account]
	switch {
	case p.Kind == policy.Anonymous && strings.HasPrefix(c.Request.Action, "s3:"):
		return w.anonymous, ""
	case !ok:
		return aws.Config{}, "services and identities of elsewhere do not call"
	case p.Kind == policy.Root:
		return account.Root(), ""
	case p.Kind == policy.User:
		w.entity(p.ARN)
		if reason := w.userPolicies(c); reason != "" {
			return aws.Config{}, reason
		}
		return w.user(c), ""
	case p.Kind == policy.RoleSession:
		w.entity(p.Issuer)
		w.rolePolicies(c)
		return w.session(c)
	}
	return aws.Config{}, "federated users do not call"
}

// maxUserPolicies is what a user's inline policies may have together.
const maxUserPolicies = 2048

func (w *world) userPolicies(c *cases.Case) string {
	p := c.Request.Principal
	client, name := w.iam(p.Account), aws.String(nameOf(p.ARN))
	all := texts(c, "identity")
	if len(strings.Join(all, "")) > maxUserPolicies {
		return "policies that are too long together"
	}
	for i, text := range all {
		policyName := aws.String(fmt.Sprintf("case-%d", i))
		_, err := client.PutUserPolicy(w.ctx(), &iam.PutUserPolicyInput{UserName: name, PolicyName: policyName, PolicyDocument: aws.String(text)})
		w.must(err)
		w.later(func() {
			_, err := client.DeleteUserPolicy(w.ctx(), &iam.DeleteUserPolicyInput{UserName: name, PolicyName: policyName})
			w.must(err)
		})
	}
	for _, text := range texts(c, "boundary") {
		boundary := w.boundary(client, text)
		_, err := client.PutUserPermissionsBoundary(w.ctx(), &iam.PutUserPermissionsBoundaryInput{UserName: name, PermissionsBoundary: boundary})
		w.must(err)
		w.later(func() {
			_, err := client.DeleteUserPermissionsBoundary(w.ctx(), &iam.DeleteUserPermissionsBoundaryInput{UserName: name})
			w.must(err)
		})
	}
	if set := tags(c, "aws:PrincipalTag/"); len(set) > 0 {
		list, keys := iamTags(set)
		_, err := client.TagUser(w.ctx(), &iam.TagUserInput{UserName: name, Tags: list})
		w.must(err)
		w.later(func() {
			_, err := client.UntagUser(w.ctx(), &iam.UntagUserInput{UserName: name, TagKeys: keys})
			w.must(err)
		})
	}
	return ""
}

func iamTags(set map[string]string) (list []iamtypes.Tag, keys []string) {
	keys = slices.Sorted(maps.Keys(set))
	for _, key := range keys {
		list = append(list, iamtypes.Tag{Key: aws.String(key), Value: aws.String(set[key])})
	}
	return list, keys
}

// boundary makes a managed policy for as long as the case runs.
func (w *world) boundary(client *iam.Client, text string) *string {
	made, err := client.CreatePolicy(w.ctx(), &iam.CreatePolicyInput{PolicyName: aws.String("case-boundary"), PolicyDocument: aws.String(text)})
	w.must(err)
	w.later(func() {
		_, err := client.DeletePolicy(w.ctx(), &iam.DeletePolicyInput{PolicyArn: made.Policy.Arn})
		w.must(err)
	})
	return made.Policy.Arn
}

func (w *world) rolePolicies(c *cases.Case) {
	p := c.Request.Principal
	client, name := w.iam(p.Account), aws.String(nameOf(p.Issuer))
	for i, text := range texts(c, "identity") {
		policyName := aws.String(fmt.Sprintf("case-%d", i))
		_, err := client.PutRolePolicy(w.ctx(), &iam.PutRolePolicyInput{RoleName: name, PolicyName: policyName, PolicyDocument: aws.String(text)})
		w.must(err)
		w.later(func() {
			_, err := client.DeleteRolePolicy(w.ctx(), &iam.DeleteRolePolicyInput{RoleName: name, PolicyName: policyName})
			w.must(err)
		})
	}
	for _, text := range texts(c, "boundary") {
		_, err := client.PutRolePermissionsBoundary(w.ctx(), &iam.PutRolePermissionsBoundaryInput{RoleName: name, PermissionsBoundary: w.boundary(client, text)})
		w.must(err)
		w.later(func() {
			_, err := client.DeleteRolePermissionsBoundary(w.ctx(), &iam.DeleteRolePermissionsBoundaryInput{RoleName: name})
			w.must(err)
		})
	}
	if set := tags(c, "aws:PrincipalTag/"); len(set) > 0 {
		list, keys := iamTags(set)
		_, err := client.TagRole(w.ctx(), &iam.TagRoleInput{RoleName: name, Tags: list})
		w.must(err)
		w.later(func() {
			_, err := client.UntagRole(w.ctx(), &iam.UntagRoleInput{RoleName: name, TagKeys: keys})
			w.must(err)
		})
	}
}

// user returns a key of the calling user, or a session of it without MFA where
// the case says that there was none.
func (w *world) user(c *cases.Case) aws.Config {
	p := c.Request.Principal
	client, name := w.iam(p.Account), aws.String(nameOf(p.ARN))
	key, err := client.CreateAccessKey(w.ctx(), &iam.CreateAccessKeyInput{UserName: name})
	w.must(err)
	w.later(func() {
		_, err := client.DeleteAccessKey(w.ctx(), &iam.DeleteAccessKeyInput{UserName: name, AccessKeyId: key.AccessKey.AccessKeyId})
		w.must(err)
	})
	config := w.accounts[p.Account].Root().Copy()
	config.Credentials = credentials.NewStaticCredentialsProvider(*key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey, "")
	if _, _, session := c.Request.Context.Lookup("aws:MultiFactorAuthPresent"); !session {
		return config
	}
	got, err := sts.NewFromConfig(config).GetSessionToken(w.ctx(), nil)
	w.must(err)
	config.Credentials = credentials.NewStaticCredentialsProvider(*got.Credentials.AccessKeyId, *got.Credentials.SecretAccessKey, *got.Credentials.SessionToken)
	return config
}

// session assumes the caller's role as the account's keeper.
func (w *world) session(c *cases.Case) (aws.Config, string) {
	p := c.Request.Principal
	in := &sts.AssumeRoleInput{RoleArn: aws.String(p.Issuer), RoleSessionName: aws.String(nameOf(p.ARN) + "-session")}
	if len(nameOf(p.ARN)) > 1 {
		in.RoleSessionName = aws.String(nameOf(p.ARN))
	}
	limits := texts(c, "session")
	if len(limits) > 1 {
		return aws.Config{}, "a session has one policy as text"
	}
	if len(limits) == 1 {
		in.Policy = aws.String(limits[0])
	}
	got, err := sts.NewFromConfig(w.keepers[p.Account]).AssumeRole(w.ctx(), in)
	w.must(err)
	config := w.accounts[p.Account].Root().Copy()
	config.Credentials = credentials.NewStaticCredentialsProvider(*got.Credentials.AccessKeyId, *got.Credentials.SecretAccessKey, *got.Credentials.SessionToken)
	return config, ""
}

// resource makes the bucket and the object, or the role, that a case acts on.
func (w *world) resource(c *cases.Case) {
	r := c.Request
	if !strings.HasPrefix(r.Action, "s3:") {
		w.entity(r.Resource)
		return
	}
	client := bucketsOf(w.accounts[r.ResourceAccount].Root())
	bucket, key, isObject := objectOf(r.Resource)
	if !w.made[bucket] {
		_, err := client.CreateBucket(w.ctx(), &s3.CreateBucketInput{Bucket: aws.String(bucket)})
		w.must(err)
		_, err = client.DeletePublicAccessBlock(w.ctx(), &s3.DeletePublicAccessBlockInput{Bucket: aws.String(bucket)})
		w.must(err)
		w.made[bucket] = true
	}
	if !isObject {
		return
	}
	var tagging []string
	for name, value := range tags(c, "s3:ExistingObjectTag/") {
		tagging = append(tagging, name+"="+value)
	}
	in := &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String(key), Body: strings.NewReader("case")}
	if len(tagging) > 0 {
		in.Tagging = aws.String(strings.Join(tagging, "&"))
	}
	_, err := client.PutObject(w.ctx(), in)
	w.must(err)
}

func objectOf(resource string) (bucket, key string, isObject bool) {
	return strings.Cut(strings.TrimPrefix(resource, "arn:aws:s3:::"), "/")
}

// resourcePolicy saves the policy of the bucket or of the role.
func (w *world) resourcePolicy(c *cases.Case) string {
	r := c.Request
	if !strings.HasPrefix(r.Action, "s3:") {
		w.trust(c)
		return ""
	}
	all := texts(c, "resource", "bucket")
	if len(all) > 1 {
		return "a bucket has one policy"
	}
	bucket, _, _ := objectOf(r.Resource)
	client := bucketsOf(w.accounts[r.ResourceAccount].Root())
	for _, text := range all {
		_, err := client.PutBucketPolicy(w.ctx(), &s3.PutBucketPolicyInput{Bucket: aws.String(bucket), Policy: aws.String(text)})
		if e, ok := errors.AsType[smithy.APIError](err); ok && e.ErrorCode() == "MalformedPolicy" {
			return "a document that no bucket may have"
		}
		w.must(err)
		w.later(func() {
			_, err := client.DeleteBucketPolicy(w.ctx(), &s3.DeleteBucketPolicyInput{Bucket: aws.String(bucket)})
			w.must(err)
		})
	}
	if flagged(c, "restrict-public") {
		_, err := client.PutPublicAccessBlock(w.ctx(), &s3.PutPublicAccessBlockInput{
			Bucket: aws.String(bucket), PublicAccessBlockConfiguration: &s3types.PublicAccessBlockConfiguration{RestrictPublicBuckets: aws.Bool(true)},
		})
		w.must(err)
		w.later(func() {
			_, err := client.DeletePublicAccessBlock(w.ctx(), &s3.DeletePublicAccessBlockInput{Bucket: aws.String(bucket)})
			w.must(err)
		})
	}
	return ""
}

// trust saves the trust policy of the role that is acted on.
func (w *world) trust(c *cases.Case) {
	if !c.Layers.Trust {
		return
	}
	text := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	if all := texts(c, "trust"); len(all) == 1 {
		text = all[0]
	}
	client, name, account := w.iam(c.Request.ResourceAccount), aws.String(nameOf(c.Request.Resource)), c.Request.ResourceAccount
	_, err := client.UpdateAssumeRolePolicy(w.ctx(), &iam.UpdateAssumeRolePolicyInput{RoleName: name, PolicyDocument: aws.String(text)})
	w.must(err)
	w.later(func() {
		_, err := client.UpdateAssumeRolePolicy(w.ctx(), &iam.UpdateAssumeRolePolicyInput{RoleName: name, PolicyDocument: aws.String(keeperTrust(account))})
		w.must(err)
	})
}

// control attaches control policies to each level, and takes the one that every
// target has away where the case has it not.
func (w *world) control(c *cases.Case, levels [][]*policy.Policy, account string, kind organizationstypes.PolicyType, full string) {
	if w.targets[account] == nil {
		return // nobody's account: no SCP limits the anonymous
	}
	for i, level := range levels {
		target := aws.String(w.targets[account][i])
		keep := full == ""
		for _, p := range level {
			text, _ := c.Archive.Text(p.Source().Name)
			if isFull(text) {
				keep = true
				continue
			}
			made, err := w.companies.CreatePolicy(w.ctx(), &organizations.CreatePolicyInput{
				Name: aws.String(strings.ReplaceAll(p.Source().Name, "/", "-")), Description: aws.String(""), Type: kind, Content: aws.String(text),
			})
			w.must(err)
			id := made.Policy.PolicySummary.Id
			w.later(func() {
				_, err := w.companies.DeletePolicy(w.ctx(), &organizations.DeletePolicyInput{PolicyId: id})
				w.must(err)
			})
			w.attach(id, target)
		}
		if !keep {
			_, err := w.companies.DetachPolicy(w.ctx(), &organizations.DetachPolicyInput{PolicyId: aws.String(full), TargetId: target})
			w.must(err)
			w.later(func() {
				_, err := w.companies.AttachPolicy(w.ctx(), &organizations.AttachPolicyInput{PolicyId: aws.String(full), TargetId: target})
				w.must(err)
			})
		}
	}
}

func (w *world) attach(id, target *string) {
	_, err := w.companies.AttachPolicy(w.ctx(), &organizations.AttachPolicyInput{PolicyId: id, TargetId: target})
	w.must(err)
	w.later(func() {
		_, err := w.companies.DetachPolicy(w.ctx(), &organizations.DetachPolicyInput{PolicyId: id, TargetId: target})
		w.must(err)
	})
}

// callOf returns the call that needs the action on the resource, and nothing
// else.
func (w *world) callOf(c *cases.Case) (call func(aws.Config) error, reason string) {
	r := c.Request
	service, _, _ := strings.Cut(r.Action, ":")
	switch service {
	case "s3":
		return w.bucketCall(c)
	case "iam":
		return w.iamCall(c)
	}
	if r.Action != "sts:AssumeRole" {
		return nil, "an action that is not served, or not alone"
	}
	if !c.Layers.Trust || !strings.Contains(r.Resource, ":role/") {
		return nil, "a role that trusts nobody knows whom"
	}
	return func(config aws.Config) error {
		in := &sts.AssumeRoleInput{RoleArn: aws.String(r.Resource), RoleSessionName: aws.String("case")}
		if values, _, ok := r.Context.Lookup("sts:ExternalId"); ok {
			in.ExternalId = aws.String(values[0])
		}
		_, err := sts.NewFromConfig(config).AssumeRole(w.ctx(), in)
		return err
	}, ""
}

func (w *world) bucketCall(c *cases.Case) (call func(aws.Config) error, reason string) {
	r := c.Request
	name, key, isObject := objectOf(r.Resource)
	bucket := aws.String(name)
	if !strings.HasPrefix(name, "cases-") {
		return nil, "a bucket that cannot be made"
	}
	object := func(do func(*s3.Client) error) (func(aws.Config) error, string) {
		if !isObject || key == "" {
			return nil, "an action on objects, and no object"
		}
		return func(config aws.Config) error { return do(bucketsOf(config)) }, ""
	}
	switch r.Action {
	case "s3:GetObject":
		return object(func(client *s3.Client) error {
			got, err := client.GetObject(w.ctx(), &s3.GetObjectInput{Bucket: bucket, Key: aws.String(key)})
			if err != nil {
				return err
			}
			return got.Body.Close()
		})
	case "s3:PutObject":
		return object(func(client *s3.Client) error {
			_, err := client.PutObject(w.ctx(), &s3.PutObjectInput{Bucket: bucket, Key: aws.String(key), Body: strings.NewReader("case")})
			return err
		})
	case "s3:DeleteObject":
		return object(func(client *s3.Client) error {
			_, err := client.DeleteObject(w.ctx(), &s3.DeleteObjectInput{Bucket: bucket, Key: aws.String(key)})
			return err
		})
	case "s3:ListBucket":
		return func(config aws.Config) error {
			in := &s3.ListObjectsV2Input{Bucket: bucket}
			if values, _, ok := r.Context.Lookup("s3:prefix"); ok {
				in.Prefix = aws.String(values[0])
			}
			_, err := bucketsOf(config).ListObjectsV2(w.ctx(), in)
			return err
		}, ""
	}
	return nil, "an action that is not served, or not alone"
}

// iamCall returns calls that change nothing: what they act on is there only when
// they read it.
func (w *world) iamCall(c *cases.Case) (call func(aws.Config) error, reason string) {
	r := c.Request
	if r.ResourceAccount != r.Principal.Account || !strings.Contains(r.Resource, "::"+r.ResourceAccount+":") {
		return nil, "IAM acts in one's own account"
	}
	kind, _, _ := strings.Cut(r.Resource[strings.LastIndexByte(r.Resource, ':')+1:], "/")
	name := aws.String(nameOf(r.Resource))
	switch r.Action + " " + kind {
	case "iam:GetUser user":
		return func(config aws.Config) error {
			_, err := iam.NewFromConfig(config).GetUser(w.ctx(), &iam.GetUserInput{UserName: name})
			return err
		}, ""
	case "iam:GetRole role":
		return func(config aws.Config) error {
			_, err := iam.NewFromConfig(config).GetRole(w.ctx(), &iam.GetRoleInput{RoleName: name})
			return err
		}, ""
	case "iam:AttachRolePolicy role":
		values, _, ok := r.Context.Lookup("iam:PolicyARN")
		if !ok {
			break
		}
		return func(config aws.Config) error {
			client := iam.NewFromConfig(config)
			_, err := client.AttachRolePolicy(w.ctx(), &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: aws.String(values[0])})
			return err
		}, ""
	}
	return nil, "an action that is not served, or not alone"
}

// bucketsOf returns a client that names buckets in paths, since some have dots.
func bucketsOf(config aws.Config) *s3.Client {
	return s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
}
