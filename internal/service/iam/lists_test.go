package iam_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/service/iam"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/store/kv/memkv"
)

// A call is an operation with its parameters.
type call []string

func (c call) by(h *servicetest.Harness, actor string) *servicetest.Answer {
	return h.As(actor).Call("iam", c[0], c[1:]...)
}

// A list is one operation that answers in pages, and how to fill what it lists.
// The items have names of one letter; an item of an answer ends in "/" and the
// name, or is the name.
type list struct {
	operation string
	arguments []string
	items     []string              // paths of the names in an answer
	setup     []call                // for the account
	add       func(n string) []call // nil for lists that calls cannot fill freely
	remove    func(n string) []call
	names     string // that the list has; "" for those of stable
	byID      bool   // the order is that of unique ids, not of names
	fill      func(t *testing.T, h *servicetest.Harness)
}

const (
	stable   = "bdfhj" // are there all the time
	leaving  = "aei"   // are taken away between pages
	arriving = "cgk"   // come between pages
)

func calls(c ...call) []call { return c }

// tagsOf is the list of the tags of something.
func tagsOf(operation, noun, parameter, name string, setup ...call) list {
	return list{
		operation: operation, arguments: []string{parameter, name}, items: []string{"Tags.member.Key"}, setup: setup,
		add: func(n string) []call {
			return calls(call{"Tag" + noun, parameter, name, "Tags.member.1.Key", n, "Tags.member.1.Value", ""})
		},
		remove: func(n string) []call { return calls(call{"Untag" + noun, parameter, name, "TagKeys.member.1", n}) },
	}
}

// inlineOf is the list of the inline policies of something.
func inlineOf(noun string, setup call) list {
	return list{
		operation: "List" + noun + "Policies", arguments: []string{noun + "Name", "x"}, items: []string{"PolicyNames.member"}, setup: calls(setup),
		add: func(n string) []call {
			return calls(call{"Put" + noun + "Policy", noun + "Name", "x", "PolicyName", n, "PolicyDocument", allowS3})
		},
		remove: func(n string) []call {
			return calls(call{"Delete" + noun + "Policy", noun + "Name", "x", "PolicyName", n})
		},
	}
}

// attachedTo is the list of the managed policies of something.
func attachedTo(noun string, setup call) list {
	l := list{
		operation: "ListAttached" + noun + "Policies", arguments: []string{noun + "Name", "x"},
		items: []string{"AttachedPolicies.member.PolicyName"}, setup: calls(setup),
		add: func(n string) []call {
			return calls(call{"Attach" + noun + "Policy", noun + "Name", "x", "PolicyArn", ownARN(n)})
		},
		remove: func(n string) []call {
			return calls(call{"Detach" + noun + "Policy", noun + "Name", "x", "PolicyArn", ownARN(n)})
		},
	}
	for n := range strings.SplitSeq(stable+leaving+arriving, "") {
		l.setup = append(l.setup, aPolicy(n))
	}
	return l
}

func ownARN(n string) string { return "arn:aws:iam::111122223333:policy/" + n }

func aUser(n string) call  { return call{"CreateUser", "UserName", n} }
func aGroup(n string) call { return call{"CreateGroup", "GroupName", n} }
func aPolicy(n string) call {
	return call{"CreatePolicy", "PolicyName", n, "PolicyDocument", allowS3}
}

func aRole(n string) call {
	return call{"CreateRole", "RoleName", n, "AssumeRolePolicyDocument", trustOwn}
}

// entityLists are the lists of the nouns.
func entityLists() []list {
	entities := func(operation, path string, add, remove func(n string) call, arguments ...string) list {
		return list{
			operation: operation, arguments: arguments, items: []string{path},
			add: func(n string) []call { return calls(add(n)) }, remove: func(n string) []call { return calls(remove(n)) },
		}
	}
	deleting := func(noun, parameter string) func(string) call {
		return func(n string) call { return call{"Delete" + noun, parameter, n} }
	}
	return []list{
		entities("ListUsers", "Users.member.UserName", aUser, deleting("User", "UserName")),
		entities("ListGroups", "Groups.member.GroupName", aGroup, deleting("Group", "GroupName")),
		entities("ListRoles", "Roles.member.RoleName", aRole, deleting("Role", "RoleName")),
		entities("ListPolicies", "Policies.member.PolicyName", aPolicy,
			func(n string) call { return call{"DeletePolicy", "PolicyArn", ownARN(n)} }, "Scope", "Local"),
		entities("ListInstanceProfiles", "InstanceProfiles.member.InstanceProfileName",
			func(n string) call { return call{"CreateInstanceProfile", "InstanceProfileName", n} },
			deleting("InstanceProfile", "InstanceProfileName")),
		entities("ListVirtualMFADevices", "VirtualMFADevices.member.SerialNumber",
			func(n string) call { return call{"CreateVirtualMFADevice", "VirtualMFADeviceName", n} },
			func(n string) call {
				return call{"DeleteVirtualMFADevice", "SerialNumber", "arn:aws:iam::111122223333:mfa/" + n}
			}),
		entities("GetAccountAuthorizationDetails", "RoleDetailList.member.RoleName", aRole, deleting("Role", "RoleName")),
		{
			operation: "ListEntitiesForPolicy", arguments: []string{"PolicyArn", ownARN("p")}, setup: calls(aPolicy("p")),
			items: []string{"PolicyUsers.member.UserName"}, byID: true,
			add: func(n string) []call {
				return calls(aUser(n), call{"AttachUserPolicy", "UserName", n, "PolicyArn", ownARN("p")})
			},
			remove: func(n string) []call {
				return calls(call{"DetachUserPolicy", "UserName", n, "PolicyArn", ownARN("p")}, call{"DeleteUser", "UserName", n})
			},
		},
		{
			operation: "GetGroup", arguments: []string{"GroupName", "x"}, setup: calls(aGroup("x")), items: []string{"Users.member.UserName"},
			add: func(n string) []call {
				return calls(aUser(n), call{"AddUserToGroup", "GroupName", "x", "UserName", n})
			},
			remove: func(n string) []call {
				return calls(call{"RemoveUserFromGroup", "GroupName", "x", "UserName", n}, call{"DeleteUser", "UserName", n})
			},
		},
		{
			operation: "ListGroupsForUser", arguments: []string{"UserName", "x"}, setup: calls(aUser("x")), items: []string{"Groups.member.GroupName"},
			add: func(n string) []call {
				return calls(aGroup(n), call{"AddUserToGroup", "GroupName", n, "UserName", "x"})
			},
			remove: func(n string) []call {
				return calls(call{"RemoveUserFromGroup", "GroupName", n, "UserName", "x"}, call{"DeleteGroup", "GroupName", n})
			},
		},
		{
			operation: "ListInstanceProfilesForRole", arguments: []string{"RoleName", "x"}, setup: calls(aRole("x")),
			items: []string{"InstanceProfiles.member.InstanceProfileName"},
			add: func(n string) []call {
				return calls(call{"CreateInstanceProfile", "InstanceProfileName", n}, call{"AddRoleToInstanceProfile", "InstanceProfileName", n, "RoleName", "x"})
			},
			remove: func(n string) []call {
				return calls(call{"RemoveRoleFromInstanceProfile", "InstanceProfileName", n, "RoleName", "x"}, call{"DeleteInstanceProfile", "InstanceProfileName", n})
			},
		},
	}
}

// fixedLists are those whose items have names that AWS gives, or that are few.
func fixedLists() []list {
	return []list{
		{operation: "ListAccountAliases", items: []string{"AccountAliases.member"}, setup: calls(call{"CreateAccountAlias", "AccountAlias", "only"}), names: "only"},
		{
			operation: "ListAccessKeys", arguments: []string{"UserName", "x"}, items: []string{"AccessKeyMetadata.member.UserName"}, names: "x x",
			setup: calls(aUser("x"), call{"CreateAccessKey", "UserName", "x"}, call{"CreateAccessKey", "UserName", "x"}),
		},
		{
			operation: "ListPolicyVersions", arguments: []string{"PolicyArn", ownARN("p")}, items: []string{"Versions.member.VersionId"}, names: "v3 v2 v1",
			setup: calls(aPolicy("p"), call{"CreatePolicyVersion", "PolicyArn", ownARN("p"), "PolicyDocument", allowS3},
				call{"CreatePolicyVersion", "PolicyArn", ownARN("p"), "PolicyDocument", allowS3}),
		},
		{
			operation: "ListMFADevices", arguments: []string{"UserName", "x"}, items: []string{"MFADevices.member.SerialNumber"}, names: "a b c",
			setup: calls(aUser("x")),
			fill: func(t *testing.T, h *servicetest.Harness) {
				for _, n := range []string{"b", "c", "a"} {
					newDevice(t, h.As("root"), n).enable(h, "root", "x").OK()
				}
			},
		},
		{
			operation: "SimulateCustomPolicy", items: []string{"EvaluationResults.member.EvalActionName"}, names: "s3:GetObject s3:PutObject iam:GetUser",
			arguments: []string{
				"PolicyInputList.member.1", allowS3,
				"ActionNames.member.1", "s3:GetObject", "ActionNames.member.2", "s3:PutObject", "ActionNames.member.3", "iam:GetUser",
			},
		},
		{
			operation: "SimulatePrincipalPolicy", items: []string{"EvaluationResults.member.EvalActionName"}, names: "s3:GetObject s3:PutObject",
			setup: calls(aUser("x")), arguments: []string{
				"PolicySourceArn", "arn:aws:iam::111122223333:user/x", "ActionNames.member.1", "s3:GetObject", "ActionNames.member.2", "s3:PutObject",
			},
		},
	}
}

// credentialLists are those of what is uploaded or drawn.
func credentialLists(t *testing.T) []list {
	t.Helper()
	certificate, private := selfSigned(t)
	upload := func(n string) call {
		return call{"UploadServerCertificate", "ServerCertificateName", n, "CertificateBody", certificate, "PrivateKey", private}
	}
	twice := func(operation, path, create string, parameters func() []string) list {
		return list{
			operation: operation, arguments: []string{"UserName", "x"}, items: []string{path}, setup: calls(aUser("x")), names: "x x",
			fill: func(_ *testing.T, h *servicetest.Harness) {
				for range 2 {
					append(call{create, "UserName", "x"}, parameters()...).by(h, "root").OK()
				}
			},
		}
	}
	return []list{
		{
			operation: "ListServerCertificates", items: []string{"ServerCertificateMetadataList.member.ServerCertificateName"},
			add:    func(n string) []call { return calls(upload(n)) },
			remove: func(n string) []call { return calls(call{"DeleteServerCertificate", "ServerCertificateName", n}) },
		},
		tagsOf("ListServerCertificateTags", "ServerCertificate", "ServerCertificateName", "x", upload("x")),
		twice("ListSigningCertificates", "Certificates.member.UserName", "UploadSigningCertificate", func() []string {
			certificate, _ := selfSigned(t)
			return []string{"CertificateBody", certificate}
		}),
		twice("ListSSHPublicKeys", "SSHPublicKeys.member.UserName", "UploadSSHPublicKey", func() []string {
			return []string{"SSHPublicKeyBody", sshKey(t)}
		}),
		twice("ListServiceSpecificCredentials", "ServiceSpecificCredentials.member.UserName", "CreateServiceSpecificCredential",
			func() []string { return []string{"ServiceName", "codecommit.amazonaws.com"} }),
	}
}

// otherLists are paged by what other tests make first: reports, requests and
// providers.
const otherLists = "GetOrganizationsAccessReport GetServiceLastAccessedDetails GetServiceLastAccessedDetailsWithEntities ListDelegationRequests" +
	" ListOpenIDConnectProviderTags ListPoliciesGrantingServiceAccess ListSAMLProviderTags"

func lists(t *testing.T) []list {
	t.Helper()
	return slices.Concat(entityLists(), fixedLists(), credentialLists(t), []list{
		inlineOf("User", aUser("x")), inlineOf("Group", aGroup("x")), inlineOf("Role", aRole("x")),
		attachedTo("User", aUser("x")), attachedTo("Group", aGroup("x")), attachedTo("Role", aRole("x")),
		tagsOf("ListUserTags", "User", "UserName", "x", aUser("x")),
		tagsOf("ListRoleTags", "Role", "RoleName", "x", aRole("x")),
		tagsOf("ListPolicyTags", "Policy", "PolicyArn", ownARN("p"), aPolicy("p")),
		tagsOf("ListMFADeviceTags", "MFADevice", "SerialNumber", "arn:aws:iam::111122223333:mfa/m", call{"CreateVirtualMFADevice", "VirtualMFADeviceName", "m"}),
		tagsOf("ListInstanceProfileTags", "InstanceProfile", "InstanceProfileName", "x", call{"CreateInstanceProfile", "InstanceProfileName", "x"}),
	})
}

// counted is harness over a database that counts.
func counted(t *testing.T) (*servicetest.Harness, *servicetest.Counted) {
	t.Helper()
	db := &servicetest.Counted{DB: memkv.New(memkv.Options{})}
	h := servicetest.NewOver(t, db, func(*servicetest.Harness) []dispatch.Service {
		return []dispatch.Service{{API: &api.Service, Operations: iam.Operations()}}
	})
	h.Account("111122223333", "root")
	h.Account("444455556666", "stranger")
	return h, db
}

func (l *list) prepare(t *testing.T, h *servicetest.Harness) {
	t.Helper()
	for _, c := range l.setup {
		c.by(h, "root").OK()
	}
	if l.fill != nil {
		l.fill(t, h)
	}
	if l.add != nil {
		l.change(h, l.add, stable+leaving)
	}
}

func (l *list) change(h *servicetest.Harness, how func(string) []call, names string) {
	for n := range strings.SplitSeq(names, "") {
		for _, c := range how(n) {
			c.by(h, "root").OK()
		}
	}
}

func (l *list) page(h *servicetest.Harness, actor, marker string, size int) *servicetest.Answer {
	c := append(call{l.operation, "MaxItems", fmt.Sprint(size)}, l.arguments...)
	if marker != "" {
		c = append(c, "Marker", marker)
	}
	return c.by(h, actor)
}

// markerOf returns the marker of an answer, "" when it has none.
func markerOf(a *servicetest.Answer) string { return strings.Join(a.All("Marker"), "") }

// walk returns the names on all pages; between is called behind each.
func (l *list) walk(t *testing.T, h *servicetest.Harness, size int, between func(page int)) (names []string) {
	t.Helper()
	for marker, page := "", 0; ; page++ {
		a := l.page(h, "root", marker, size).OK()
		n := 0
		for _, path := range l.items {
			for _, item := range a.All(path) {
				names = append(names, item[strings.LastIndexByte(item, '/')+1:])
				n++
			}
		}
		marker = markerOf(a)
		if n > size || (marker != "") != (a.Get("IsTruncated") == "true") {
			t.Fatalf("a page of %d of at most %d: %s", n, size, a.Body)
		}
		if marker == "" {
			return names
		}
		if page > 50 {
			t.Fatal("it does not end")
		}
		between(page)
	}
}

// TestEveryListIsInTheTable of these tests: an operation that takes a Marker has
// a row in lists.
func TestEveryListIsInTheTable(t *testing.T) {
	t.Parallel()
	tested := map[string]bool{}
	for _, l := range lists(t) {
		tested[l.operation] = true
	}
	for operation := range strings.FieldsSeq(otherLists) {
		tested[operation] = true
	}
	for _, o := range iam.Operations() {
		op := api.Service.Operation(o.Name)
		if op.In != nil && op.In.Lookup("Marker") >= 0 && !tested[o.Name] {
			t.Errorf("%s takes a Marker and is in no row of lists in lists_test.go", o.Name)
		}
	}
}

// TestListsShowEachItemOnce, in an order that does not depend on the page's
// size, and go on where they were while others write.
//
// Rules: IA-10
func TestListsShowEachItemOnce(t *testing.T) {
	t.Parallel()
	for _, l := range lists(t) {
		t.Run(l.operation, func(t *testing.T) {
			t.Parallel()
			h, db := counted(t)
			l.prepare(t, h)
			still := func(int) {}
			whole := l.walk(t, h, 1000, still)
			want := strings.Fields(l.names)
			if l.add != nil {
				want = slices.Sorted(slices.Values(strings.Split(stable+leaving, "")))
			}
			inOrder := slices.Clone(whole)
			if l.byID {
				slices.Sort(inOrder)
			}
			if !slices.Equal(inOrder, want) {
				t.Fatalf("it lists %q, want %q", whole, want)
			}
			for size := 1; size <= 3; size++ {
				db.Reads()
				if got := l.walk(t, h, size, func(int) {
					// A page reads who asks, about what, and what it shows with what hangs on
					// that: nothing that grows with the account.
					if reads := db.Reads(); reads > 60 {
						t.Errorf("a page of %d took %d reads", size, reads)
					}
				}); !slices.Equal(got, whole) {
					t.Errorf("by %d it lists %q, want %q", size, got, whole)
				}
			}
			if l.add == nil {
				return
			}
			got := l.walk(t, h, 2, func(page int) {
				if page < len(leaving) {
					l.change(h, l.remove, leaving[page:page+1])
					l.change(h, l.add, arriving[page:page+1])
				}
			})
			sorted := slices.Sorted(slices.Values(got))
			if len(slices.Compact(slices.Clone(sorted))) != len(got) || !l.byID && !slices.Equal(sorted, got) {
				t.Errorf("with others writing it lists %q", got)
			}
			for n := range strings.SplitSeq(stable, "") {
				if !slices.Contains(got, n) {
					t.Errorf("with others writing %q lacks %s", got, n)
				}
			}
		})
	}
}

// TestMarkersAreGoodWhereTheyCameFrom and nowhere else: not made up, not cut,
// not for another operation, not in another account.
//
// Rules: IA-10
func TestMarkersAreGoodWhereTheyCameFrom(t *testing.T) {
	t.Parallel()
	h, _ := counted(t)
	users := list{operation: "ListUsers"}
	for _, actor := range []string{"root", "stranger"} {
		for _, n := range []string{"a", "b", "c"} {
			aUser(n).by(h, actor).OK()
		}
	}
	marker := users.page(h, "root", "", 1).OK().Get("Marker")
	users.page(h, "root", marker, 1).OK()
	other := "A"
	if strings.HasSuffix(marker, other) {
		other = "B"
	}
	for what, forged := range map[string]string{
		"made up": "b", "base64": "Yg==", "cut": marker[:len(marker)-1], "longer": marker + "A", "changed": marker[:len(marker)-1] + other,
		"changed at its head": cmp.Or(strings.TrimPrefix(marker, marker[:1]), "x"),
	} {
		if a := users.page(h, "root", forged, 1); a.Status < 400 {
			t.Errorf("a marker that is %s is taken", what)
		} else {
			a.Fails("ValidationError", "Invalid Marker.")
		}
	}
	users.page(h, "stranger", marker, 1).Fails("ValidationError", "Invalid Marker.")
	for _, l := range lists(t) {
		if l.operation != "ListUsers" && l.fill == nil {
			for _, c := range l.setup {
				c.by(h, "root") // it may be there
			}
			l.page(h, "root", marker, 1).Fails("ValidationError", "Invalid Marker.")
		}
	}
}

// TestFiltersCostAPage in an account where they fit few: the page ends short,
// and the next goes on.
//
// Rules: IA-10 IA-13
func TestFiltersCostAPage(t *testing.T) {
	t.Parallel()
	h, db := counted(t)
	const many = 2*store.MaxSkipped + 300
	for from := 0; from < many; from += 50 {
		h.Update(func(tx *store.Tx) (err error) {
			for i := from; i < from+50; i++ {
				path := "/staff/"
				if i%700 == 699 {
					path = "/rare/few/"
				}
				err = errors.Join(err, tx.CreateUser(&identity.User{
					Account: "111122223333", Name: identity.UserName(fmt.Sprintf("u%05d", i)), Path: path, ID: fmt.Sprintf("AIDA%016d", i), Created: h.Now(),
				}))
			}
			return err
		})
	}
	for prefix, want := range map[string][]string{
		"/rare/": {"u00699", "u01399", "u02099"}, "/rare/few/": {"u00699", "u01399", "u02099"}, "/none/": nil, "/rar": {"u00699", "u01399", "u02099"},
	} {
		l := list{operation: "ListUsers", arguments: []string{"PathPrefix", prefix}, items: []string{"Users.member.UserName"}}
		pages, most := 1, 0
		db.Reads()
		got := l.walk(t, h, 100, func(int) { pages, most = pages+1, max(most, db.Reads()) })
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", prefix, got, want)
		}
		if most > store.MaxSkipped+100 || most < store.MaxSkipped || pages != many/store.MaxSkipped+1 {
			t.Errorf("%s: %d pages, and one took %d reads", prefix, pages, most)
		}
	}
	all := list{operation: "ListUsers", items: []string{"Users.member.UserName"}}
	db.Reads()
	walked := 0
	for marker := ""; ; walked++ {
		a := all.page(h, "root", marker, 40).OK()
		if reads := db.Reads(); reads > 40+20 {
			t.Fatalf("a page of 40 took %d reads", reads)
		}
		if marker = markerOf(a); marker == "" {
			break
		}
	}
	if walked != many/40 {
		t.Errorf("%d pages", walked)
	}
}
