package regent_test

import (
	"strings"
	"testing"

	api "github.com/regent-iam/regent/internal/api/regent"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/store/kv/memkv"
)

const ourRole, theirRole = "arn:aws:iam::" + ours + ":role/r", "arn:aws:iam::" + theirs + ":role/r"

// secretly changes what an account has in every way that bears on an edge, one
// after the other.
func secretly(h *servicetest.Harness, i int) {
	admin := h.As("their-admin")
	switch i {
	case 1:
		admin.Call("iam", "PutUserPolicy", "UserName", "zoe", "PolicyName", "p", "PolicyDocument", allowAll).OK()
	case 2:
		admin.Call("iam", "PutUserPolicy", "UserName", "zoe", "PolicyName", "p", "PolicyDocument", strings.Replace(allowAll, "Allow", "Deny", 1)).OK()
	case 3:
		admin.Call("iam", "CreatePolicy", "PolicyName", "b", "PolicyDocument", allow("s3:*", "*")).OK()
		admin.Call("iam", "PutUserPermissionsBoundary", "UserName", "zoe", "PermissionsBoundary", "arn:aws:iam::"+theirs+":policy/b").OK()
	case 4:
		admin.Call("iam", "TagUser", "UserName", "zoe", "Tags.member.1.Key", "Team", "Tags.member.1.Value", "red").OK()
	case 5:
		h.User("yan", theirs, allowAll)
		admin.Call("iam", "CreateRole", "RoleName", "q", "AssumeRolePolicyDocument", trust(ours)).OK()
		admin.Call("iam", "PutRolePolicy", "RoleName", "q", "PolicyName", "p", "PolicyDocument", allowAll).OK()
	case 6:
		admin.Call("iam", "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", trust("arn:aws:iam::"+ours+":user/alice")).OK()
	case 7:
		h.As("their-root").Call("organizations", "CreateOrganization").OK()
	}
}

// TestEdgesTellNothingOfOtherAccounts changes another account in every way that
// bears on who can assume what, and finds each answer the same to the byte.
//
// Rules: TH-61
func TestEdgesTellNothingOfOtherAccounts(t *testing.T) {
	t.Parallel()
	for name, ask := range map[string][]string{
		"edges":         {"ListTrustEdges", "RoleArn", ourRole},
		"paths":         {"FindAccessPaths", "Principal", "arn:aws:iam::" + ours + ":user/alice", "MaxDepth:", "4"},
		"theirs":        {"ListTrustEdges", "RoleArn", theirRole},
		"theirs, paths": {"FindAccessPaths", "Principal", "arn:aws:iam::" + theirs + ":user/yan"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := world(t)
			h.User("zoe", theirs, "")
			h.As("admin").Call("iam", "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument",
				`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::`+theirs+`:user/zoe","`+theirs+`","999900001111"]},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:PrincipalTag/Team":"red"}}},{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-0123456789"}}}]}`).OK()
			h.As("admin").Call("iam", "PutUserPolicy", "UserName", "alice", "PolicyName", "p", "PolicyDocument", allow("sts:AssumeRole", theirRole)).OK()
			first := ""
			for i := range 8 {
				secretly(h, i)
				a := h.As("admin").Call("regent", ask[0], ask[1:]...)
				got := a.Body
				if first == "" {
					first = got
				}
				if got != first {
					t.Errorf("state %d shows\n%s\nand state 0\n%s", i, got, first)
				}
				if refused := strings.HasPrefix(name, "theirs"); (a.Code == "AccessDeniedException") != refused {
					t.Errorf("state %d: %d %s", i, a.Status, got)
				}
			}
		})
	}
}

// TestEveryFactOfAnEdgeHasItsRight takes one right of an asker after the other
// away, and finds what it is for unknown.
//
// Rules: TH-61
func TestEveryFactOfAnEdgeHasItsRight(t *testing.T) {
	t.Parallel()
	h := world(t)
	h.User("asker", ours, "")
	h.As("admin").Call("iam", "CreateGroup", "GroupName", "g").OK()
	h.As("admin").Call("iam", "PutGroupPolicy", "GroupName", "g", "PolicyName", "p", "PolicyDocument", allow("sts:AssumeRole", "*")).OK()
	h.As("admin").Call("iam", "AddUserToGroup", "GroupName", "g", "UserName", "alice").OK()
	h.As("admin").Call("iam", "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["`+ours+`","arn:aws:iam::`+ours+`:user/bob"]},"Action":"sts:AssumeRole"}]}`).OK()
	const alice, bob, account = "arn:aws:iam::" + ours + ":user/alice", "arn:aws:iam::" + ours + ":user/bob", "arn:aws:iam::" + ours + ":root"
	for name, row := range map[string]struct {
		without string
		want    map[string]string
	}{
		"all rights":       {"s3:GetObject", map[string]string{alice: "ALLOWED", bob: "ALLOWED"}},
		"no groups":        {"iam:GetGroupPolicy", map[string]string{alice: "UNKNOWN", bob: "ALLOWED"}},
		"no users":         {"iam:GetUserPolicy", map[string]string{alice: "UNKNOWN", bob: "UNKNOWN"}},
		"no list of users": {"iam:ListUsers", map[string]string{account: "UNKNOWN", bob: "ALLOWED"}},
		"no list of roles": {"iam:ListRoles", map[string]string{account: "UNKNOWN", bob: "ALLOWED"}},
	} {
		h.As("admin").Call("iam", "PutUserPolicy", "UserName", "asker", "PolicyName", "p", "PolicyDocument",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["regent:ListTrustEdges","iam:*"],"Resource":"*"},{"Effect":"Deny","Action":"`+row.without+`","Resource":"*"}]}`).OK()
		got := map[string]string{}
		for _, e := range allEdges(t, h, "asker", ourRole, 1) {
			got[e.Principal] = e.Status
			if (e.Status == "UNKNOWN") != (len(e.Unknown) > 0) || e.AskAccount != "" {
				t.Errorf("%s: %+v", name, e)
			}
		}
		delete(got, "arn:aws:iam::"+ours+":user/admin")
		for principal, status := range row.want {
			if got[principal] != status {
				t.Errorf("%s: %s is %q and not %s", name, principal, got[principal], status)
			}
		}
	}
}

// TestWhoOverseesAnOrganizationSeesItsMembers follows the right of the
// management account, and of a delegated administrator, into a member account,
// and shows that the member does not see the control policies on itself.
//
// Rules: TH-61 OR-3
func TestWhoOverseesAnOrganizationSeesItsMembers(t *testing.T) {
	t.Parallel()
	h := world(t)
	found(h)
	control(h, "SERVICE_CONTROL_POLICY", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"sts:AssumeRole","Resource":"*"}]}`)
	h.As("member").Call("iam", "CreateRole", "RoleName", "target", "AssumeRolePolicyDocument", trust("arn:aws:iam::"+member+":user/member")).OK()
	only := func(actor string) api.TrustEdge {
		t.Helper()
		edges := allEdges(t, h, actor, memberRole, 10)
		if len(edges) != 1 {
			t.Fatalf("%s sees %+v", actor, edges)
		}
		return edges[0]
	}
	if e := only("admin"); e.Status != "BLOCKED" || e.BlockedBy != "scp" || e.Decision != "explicitDeny" {
		t.Errorf("the management account sees %+v", e)
	}
	if e := only("member"); e.Status != "UNKNOWN" || strings.Join(e.Unknown, " ") != "organization" || e.BlockedBy != "" {
		t.Errorf("the member sees %+v", e)
	}
	h.User("weak", ours, allow("iam:*", "*"))
	h.As("weak").Call("regent", "ListTrustEdges", "RoleArn", memberRole).Fails("AccessDeniedException")
	h.As("their-admin").Call("regent", "ListTrustEdges", "RoleArn", memberRole).Fails("AccessDeniedException")
	h.As("member").Call("regent", "ListTrustEdges", "RoleArn", ourRole).Fails("AccessDeniedException")
	h.As("root").Call("organizations", "EnableAWSServiceAccess", "ServicePrincipal", "access-analyzer.amazonaws.com").OK()
	h.As("root").Call("organizations", "RegisterDelegatedAdministrator", "AccountId", member, "ServicePrincipal", "access-analyzer.amazonaws.com").OK()
	h.As("member").Call("regent", "ListTrustEdges", "RoleArn", ourRole).Fails("NoSuchResourceException")
}

// TestEdgesReadNoMoreThanTheyLookAt counts what is read of the database for a
// role that a hundred accounts may assume, each with a hundred roles.
func TestEdgesReadNoMoreThanTheyLookAt(t *testing.T) {
	t.Parallel()
	const accounts, each = 100, 100
	db := &servicetest.Counted{DB: memkv.New(memkv.Options{})}
	h := fillWorld(servicetest.NewOver(t, db, services))
	h.As("root").Call("organizations", "CreateOrganization").OK()
	var principals []string
	for a := range accounts {
		id := identity.AccountID("5555" + strings.Repeat("0", 5) + pad(a))
		h.Account(id, "root-"+pad(a))
		principals = append(principals, `"`+string(id)+`"`)
		for r := 0; r < each; r += 20 {
			h.Update(func(tx *store.Tx) error {
				for i := r; i < r+20; i++ {
					role := &identity.Role{
						Account: id, Name: identity.RoleName("r" + pad(i)), Path: "/", ID: "AROA" + string(id) + pad(i), Created: h.Now(),
						Trust: identity.ResourcePolicy{Text: trust(string(id))}, MaxSession: 3600,
					}
					role.Inline = []identity.Document{{Name: "p", Text: allow("s3:*", "*")}}
					if i == 50 {
						role.Inline[0].Text = allow("sts:AssumeRole", ourRole)
					}
					if err := tx.CreateRole(role); err != nil {
						return err
					}
				}
				return nil
			})
		}
		h.Update(func(tx *store.Tx) error {
			account, err := tx.Account(ours)
			if err != nil {
				return err
			}
			o, err := tx.Organization(account.Organization)
			if err != nil {
				return err
			}
			m, err := tx.Account(id)
			if err != nil {
				return err
			}
			return tx.Join(m, o.ID, o.RootID)
		})
	}
	h.As("admin").Call("iam", "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":[`+strings.Join(principals, ",")+`]},"Action":"sts:AssumeRole"}]}`).OK()
	db.Reads()
	edges := allEdges(t, h, "admin", ourRole, 100)
	if len(edges) != accounts {
		t.Fatalf("%d edges and not %d", len(edges), accounts)
	}
	if reads := db.Reads(); reads > 2*accounts*each {
		t.Errorf("%d keys were read for %d roles", reads, accounts*each)
	} else {
		t.Logf("%d keys for %d roles", reads, accounts*each)
	}
	h.As("admin").Call("iam", "PutUserPolicy", "UserName", "alice", "PolicyName", "p", "PolicyDocument", allow("sts:AssumeRole", ourRole)).OK()
	db.Reads()
	h.As("admin").Call("regent", "FindAccessPaths", "Principal", "arn:aws:iam::"+ours+":user/alice", "MaxDepth:", "4").OK()
	if reads := db.Reads(); reads > 100 { // what its policies name, and its own account
		t.Errorf("%d keys were read for one path", reads)
	}
	h.As("admin").Call("iam", "PutUserPolicy", "UserName", "alice", "PolicyName", "p", "PolicyDocument", allow("sts:AssumeRole", "*")).OK()
	db.Reads()
	if e := pathEdge(t, h, "arn:aws:iam::"+ours+":user/alice", 100); e != nil {
		t.Errorf("there is a path to a role that is not there: %+v", e)
	}
	if reads := db.Reads(); reads > 3*accounts*each {
		t.Errorf("%d keys were read for paths through %d roles", reads, accounts*each)
	} else {
		t.Logf("%d keys for paths through %d roles", reads, accounts*each)
	}
}

func pad(n int) string {
	return string([]byte{'0' + byte(n/100), '0' + byte(n/10%10), '0' + byte(n%10)})
}
