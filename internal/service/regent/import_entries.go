package regent

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dump"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
)

// An entry is one thing of a dump: a user, group, role or managed policy.
type entry struct {
	item  string // its ARN in the dump
	arn   string // the one that it will have
	keys  []authz.Key
	steps []step
	skip  []identity.SkippedImport // what of it no step is for
}

// A step is one call of IAM's that writes a part of an entry. The first makes
// the entry: all the others hang on it.
type step struct {
	operation string
	params    []wire.Param
	resource  string // the ARN that it is about, the entry's unless it is set
	keys      []authz.Key
	tags      bool         // it makes something with tags, which wants its own permission (IA-61)
	more      []authz.Need // what it wants besides
	item      string       // the ARN in the dump of what it is about, the entry's unless it is set
	hang      int          // how many of the steps after it have nothing to do when it is refused
	// then does what no call of IAM's can: nil for most.
	then func(*store.Tx) error
}

// needs are the permissions that the calls of the entry want (TH-31). They are
// asked on the ARN that it will have and, but for the call that makes it, with
// the tags and the boundary that it then has, as IAM's own operations would.
func (e *entry) needs() []authz.Need {
	var out []authz.Need
	for i := range e.steps {
		s := &e.steps[i]
		n := authz.Need{Action: "iam:" + s.operation, Resource: cmp.Or(s.resource, e.arn), Keys: s.keys}
		if i > 0 && s.resource == "" {
			n.Keys = append(slices.Clone(e.keys), s.keys...)
		}
		out = append(out, n)
		if s.tags {
			out = append(out, authz.Need{Action: "iam:Tag" + strings.TrimPrefix(s.operation, "Create"), Resource: n.Resource, Keys: s.keys})
		}
		out = append(out, s.more...)
	}
	return out
}

func (e *entry) add(operation string, params ...string) *step {
	s := step{operation: operation}
	for i := 0; i+1 < len(params); i += 2 {
		if params[i+1] != "" {
			s.params = append(s.params, wire.Param{Name: params[i], Value: params[i+1]})
		}
	}
	e.steps = append(e.steps, s)
	return &e.steps[len(e.steps)-1]
}

// A reading turns a part of a dump into entries of an account.
type reading struct {
	account  identity.AccountID
	accounts dump.Accounts
	groups   map[string]string // ARNs of the groups of the part, by folded name
	there    map[string]string // and of those that are there; nil where their ARNs do not matter
}

// groupsThere returns the ARNs of an account's groups by folded name, for users
// of a part to be in. It is one list: a part can refer to more groups than a
// transaction may read one by one.
func groupsThere(tx *store.Tx, account identity.AccountID, d *dump.Dump) (map[string]string, error) {
	if !slices.ContainsFunc(d.Users, func(u dump.User) bool { return len(u.Groups) > 0 }) {
		return nil, nil
	}
	groups, _, err := tx.Groups(account, store.Page[identity.Group]{})
	if err != nil {
		return nil, err
	}
	there := make(map[string]string, len(groups))
	for _, g := range groups {
		there[arn.Fold(string(g.Name))] = g.ARN().String()
	}
	return there, nil
}

// entries returns the entries in the order in which they can be made: what is
// referred to comes first.
func (r *reading) entries(d *dump.Dump) []*entry {
	var out []*entry
	for i := range d.Policies {
		if e := r.policy(&d.Policies[i]); e != nil {
			out = append(out, e)
		}
	}
	r.groups = map[string]string{}
	for i := range d.Groups {
		e := r.group(&d.Groups[i])
		r.groups[arn.Fold(d.Groups[i].Name)] = e.arn
		out = append(out, e)
	}
	for i := range d.Users {
		out = append(out, r.user(&d.Users[i]))
	}
	for i := range d.Roles {
		out = append(out, r.role(&d.Roles[i]))
	}
	return out
}

// begin returns an entry of the account, under its path and name.
func (r *reading) begin(kind, path, name, item string) *entry {
	a := arn.ARN{
		Partition: identity.Partition, Service: "iam", Account: string(r.account), Resource: kind + cmp.Or(path, "/") + name,
	}.String()
	return &entry{arn: a, item: cmp.Or(item, a)}
}

// create adds the call that makes the entry, with its tags and boundary.
func (r *reading) create(e *entry, operation string, tags []dump.Tag, b *dump.Boundary, params ...string) *step {
	if b != nil {
		bound := r.accounts.Map(b.ARN)
		params = append(params, "PermissionsBoundary", bound)
		e.keys = append(e.keys, authz.One("iam:PermissionsBoundary", bound))
	}
	s := e.add(operation, params...)
	e.keys = append(e.keys, resourceTags(tags)...)
	s.keys = e.keys
	s.tag(tags)
	return s
}

// tag has the step give tags to what it makes.
func (s *step) tag(tags []dump.Tag) {
	for i, t := range tags {
		at := "Tags.member." + strconv.Itoa(i+1)
		s.params = append(s.params, wire.Param{Name: at + ".Key", Value: t.Key}, wire.Param{Name: at + ".Value", Value: t.Value})
	}
	s.tags = len(tags) > 0
	s.keys = append(slices.Clone(s.keys), authz.RequestTags(plainTags(tags))...)
}

func plainTags(tags []dump.Tag) []identity.Tag {
	out := make([]identity.Tag, len(tags))
	for i, t := range tags {
		out[i] = identity.Tag{Key: t.Key, Value: t.Value}
	}
	return out
}

func resourceTags(tags []dump.Tag) []authz.Key {
	return authz.TagKeys(plainTags(tags), "aws:ResourceTag/", "iam:ResourceTag/")
}

// noun is how the calls of a kind of entity are spelled.
type noun struct{ name, parameter string }

// permissions adds the calls for inline and attached policies.
func (r *reading) permissions(e *entry, n noun, name string, inline []dump.Inline, attached []dump.Attached) {
	for _, p := range inline {
		e.add("Put"+n.name+"Policy", n.parameter, name, "PolicyName", p.Name, "PolicyDocument", r.accounts.Map(string(p.Document)))
	}
	for _, a := range attached {
		policyARN := r.accounts.Map(a.ARN)
		e.add("Attach"+n.name+"Policy", n.parameter, name, "PolicyArn", policyARN).keys = []authz.Key{authz.One("iam:PolicyARN", policyARN)}
	}
}

func (r *reading) group(g *dump.Group) *entry {
	e := r.begin("group", g.Path, g.Name, g.ARN)
	e.add("CreateGroup", "GroupName", g.Name, "Path", g.Path)
	r.permissions(e, noun{"Group", "GroupName"}, g.Name, g.Inline, g.Attached)
	return e
}

func (r *reading) user(u *dump.User) *entry {
	e := r.begin("user", u.Path, u.Name, u.ARN)
	r.create(e, "CreateUser", u.Tags, u.Boundary, "UserName", u.Name, "Path", u.Path)
	r.permissions(e, noun{"User", "UserName"}, u.Name, u.Inline, u.Attached)
	for _, g := range u.Groups {
		e.add("AddUserToGroup", "UserName", u.Name, "GroupName", g).resource = r.groupARN(g)
	}
	return e
}

// groupARN names a group: the one that is there, or else the one of the part.
func (r *reading) groupARN(name string) string {
	g := &identity.Group{Account: r.account, Name: identity.GroupName(name), Path: "/"}
	folded := arn.Fold(name)
	return cmp.Or(r.there[folded], r.groups[folded], g.ARN().String())
}

// noTrust is the trust policy of an imported role until its own is in force.
const noTrust = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}`

func (r *reading) role(role *dump.Role) *entry {
	e := r.begin("role", role.Path, role.Name, role.ARN)
	session := ""
	if role.MaxSession != 0 {
		session = strconv.Itoa(int(role.MaxSession))
	}
	s := r.create(e, "CreateRole", role.Tags, role.Boundary, "RoleName", role.Name, "Path", role.Path,
		"AssumeRolePolicyDocument", noTrust, "Description", role.Description, "MaxSessionDuration", session)
	trust := &identity.ImportedTrust{Role: identity.RoleName(role.Name), ARN: e.item, Text: r.accounts.Map(string(role.Trust))}
	s.then = func(tx *store.Tx) error { return tx.PutImportedTrust(r.account, trust) }
	r.permissions(e, noun{"Role", "RoleName"}, role.Name, role.Inline, role.Attached)
	for i := range role.Profiles {
		r.profile(e, role, &role.Profiles[i])
	}
	return e
}

// machines is the service that a role goes to through an instance profile.
const machines = "ec2.amazonaws.com"

// profile adds the calls that make an instance profile and put the role in,
// which hands the role on (TH-39).
func (r *reading) profile(e *entry, role *dump.Role, p *dump.Profile) {
	own := r.begin("instance-profile", p.Path, p.Name, p.ARN)
	s := e.add("CreateInstanceProfile", "InstanceProfileName", p.Name, "Path", p.Path)
	s.resource, s.item, s.hang = own.arn, own.item, 1
	s.keys = resourceTags(p.Tags)
	s.tag(p.Tags)
	s = e.add("AddRoleToInstanceProfile", "InstanceProfileName", p.Name, "RoleName", role.Name)
	s.resource, s.item = own.arn, own.item
	s.keys = resourceTags(p.Tags)
	s.more = []authz.Need{{
		Action: "iam:PassRole", Resource: e.arn, Keys: append(resourceTags(role.Tags), authz.One("iam:PassedToService", machines)),
	}}
}

// policy returns the entry of a managed policy, nil for one of AWS's, which is
// there or is not.
func (r *reading) policy(p *dump.Policy) *entry {
	if arn.AccountIn(p.ARN) == string(identity.AWSAccount) {
		return nil
	}
	e := r.begin("policy", p.Path, p.Name, p.ARN)
	versions := slices.Clone(p.Versions)
	slices.SortStableFunc(versions, func(a, b dump.Version) int { return cmp.Compare(versionNumber(a.ID), versionNumber(b.ID)) })
	if len(versions) == 0 {
		e.skip = append(e.skip, identity.SkippedImport{Item: e.item, Operation: "CreatePolicy", Reason: "The dump has no version of the policy."})
		return e
	}
	r.create(e, "CreatePolicy", p.Tags, nil, "PolicyName", p.Name, "Path", p.Path, "Description", p.Description,
		"PolicyDocument", r.accounts.Map(string(versions[0].Document)))
	n := &numbering{account: r.account, name: identity.PolicyName(p.Name)}
	e.steps[0].then = n.then(versions[0].ID)
	for _, v := range versions[1:] {
		s := e.add("CreatePolicyVersion", "PolicyArn", e.arn, "PolicyDocument", r.accounts.Map(string(v.Document)))
		if v.ID == p.Default {
			s.params = append(s.params, wire.Param{Name: "SetAsDefault", Value: "true"})
		}
		s.then = n.then(v.ID)
	}
	return e
}

// versionNumber reads a version id, "v3"; one that is none counts as 0.
func versionNumber(id string) int {
	digits, ok := strings.CutPrefix(id, "v")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 1 || n > 1<<20 {
		return 0
	}
	return n
}

// A numbering gives the versions of a policy the numbers that they had: a
// policy whose v1 was deleted has none again.
type numbering struct {
	account identity.AccountID
	name    identity.PolicyName
}

// then renumbers the version that a step has just added, the policy's last.
func (n *numbering) then(id string) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		p, err := tx.Policy(n.account, n.name)
		if err != nil {
			return err
		}
		at, last := len(p.Versions)-1, 0
		if at > 0 {
			last = p.Versions[at-1].Number
		}
		number := max(versionNumber(id), last+1)
		if p.Default == p.Versions[at].Number {
			p.Default = number
		}
		p.Versions[at].Number, p.Last = number, number
		return tx.PutPolicy(p)
	}
}
