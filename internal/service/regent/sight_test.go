package regent_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/service/organizations"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/store"
)

// member is the account that CreateAccount makes in these tests.
const member = "222233334444"

func organizationConfig() organizations.Config {
	return organizations.Config{
		AccountID: func(io.Reader) (identity.AccountID, error) { return member, nil },
		CanonicalID: func(id identity.AccountID) string {
			sum := sha256.Sum256([]byte(id))
			return hex.EncodeToString(sum[:])
		},
	}
}

// shown is what an answer shows but for what differs from request to request.
func shown(t *testing.T, a *servicetest.Answer) string {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(a.OK().Body), &v); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"RequestId", "EncodedMessage", "EncodedMessageExpires", "EventTime"} {
		delete(v, name)
	}
	out, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

const may = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["regent:ExplainDecision","sts:AssumeRole","s3:*"],"Resource":"*"},{"Effect":"Deny","Action":"s3:GetBucketPolicy","Resource":"*"}]}`

// TestWhatMayNotBeReadDoesNotShow changes what an asker may not read in every
// way that matters, and finds each answer the same to the byte.
//
// Rules: TH-61 TH-59 EV-73
func TestWhatMayNotBeReadDoesNotShow(t *testing.T) {
	t.Parallel()
	deny := func(action string) string {
		return `{"Version":"2012-10-17","Statement":[{"Sid":"Secret","Effect":"Deny","Action":"` + action + `","Resource":"*"}]}`
	}
	trusts := []string{
		trust(ours), trust(theirs), `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + ours + `"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"secret"}}}]}`,
	}
	put := func(h *servicetest.Harness, actor, role, policy string) {
		if h.As(actor).Call("iam", "GetRole", "RoleName", role).Status != 200 {
			h.As(actor).Call("iam", "CreateRole", "RoleName", role, "AssumeRolePolicyDocument", policy).OK()
			return
		}
		h.As(actor).Call("iam", "UpdateAssumeRolePolicy", "RoleName", role, "PolicyDocument", policy).OK()
	}
	tests := map[string]struct {
		setup   func(h *servicetest.Harness)
		states  int
		state   func(h *servicetest.Harness, i int)
		refused func(h *servicetest.Harness) // makes a denial, if the question is about one
		ask     []string
		actor   string
	}{
		"identity policies of somebody else": {
			actor: "bob", ask: []string{"Principal", "arn:aws:iam::111122223333:user/alice", "Action", "iam:ListUsers"}, states: 4,
			state: func(h *servicetest.Harness, i int) {
				switch i {
				case 1:
					h.As("admin").Call("iam", "PutUserPolicy", "UserName", "alice", "PolicyName", "p", "PolicyDocument", allowAll).OK()
				case 2:
					h.As("admin").Call("iam", "PutUserPolicy", "UserName", "alice", "PolicyName", "p", "PolicyDocument", deny("*")).OK()
				case 3:
					h.As("admin").Call("iam", "DeleteUserPolicy", "UserName", "alice", "PolicyName", "p").OK()
				}
			},
		},
		"whether somebody else exists, and their tags": {
			actor: "bob", ask: []string{"Principal", "arn:aws:iam::111122223333:user/zoe", "Action", "iam:ListUsers"}, states: 3,
			state: func(h *servicetest.Harness, i int) {
				switch i {
				case 1:
					h.As("admin").Call("iam", "CreateUser", "UserName", "zoe").OK()
				case 2:
					h.As("admin").Call("iam", "TagUser", "UserName", "zoe", "Tags.member.1.Key", "k", "Tags.member.1.Value", "v").OK()
				}
			},
		},
		"a role of another account": {
			actor: "admin", ask: []string{"Action", "sts:AssumeRole", "Resource", "arn:aws:iam::444455556666:role/r"}, states: 5,
			state: func(h *servicetest.Harness, i int) {
				if i > 0 {
					put(h, "their-admin", "r", trusts[i-1])
				}
			},
		},
		"a refusal by a role of another account": {
			actor: "admin", states: 4,
			state: func(h *servicetest.Harness, i int) {
				if i > 0 {
					put(h, "their-admin", "r", trusts[i])
				}
			},
			refused: func(h *servicetest.Harness) {
				h.As("admin").Call("sts", "AssumeRole", "RoleArn", "arn:aws:iam::444455556666:role/r", "RoleSessionName", "xx").Fails("AccessDenied")
			},
		},
		"a refusal by a role of one's own account": {
			actor: "bob", states: 4,
			state: func(h *servicetest.Harness, i int) {
				if i > 0 {
					put(h, "admin", "r", trusts[i])
				}
			},
			refused: func(h *servicetest.Harness) {
				h.As("bob").Call("sts", "AssumeRole", "RoleArn", "arn:aws:iam::111122223333:role/r", "RoleSessionName", "xx").Fails("AccessDenied")
			},
		},
		"a bucket's policy": {
			actor: "bob", ask: []string{"Action", "s3:GetObject", "Resource", "arn:aws:s3:::bucket-of-ours/k"}, states: 3,
			setup: func(h *servicetest.Harness) {
				h.Update(func(tx *store.Tx) error {
					return tx.CreateBucket(&identity.Bucket{Name: "bucket-of-ours", ID: "b1", Account: ours, Region: "us-east-1", Created: h.Now()})
				})
			},
			state: func(h *servicetest.Harness, i int) {
				if i == 0 {
					return
				}
				effect := []string{"", "Allow", "Deny"}[i]
				h.Update(func(tx *store.Tx) error {
					b, err := tx.Bucket("bucket-of-ours")
					if err != nil {
						return err
					}
					b.Policy = &identity.ResourcePolicy{
						Text: `{"Version":"2012-10-17","Statement":[{"Sid":"Secret","Effect":"` + effect + `","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket-of-ours/*"}]}`,
					}
					return tx.PutBucket(b)
				})
			},
		},
		"control policies of one's organization": {
			actor: "member", ask: []string{"Action", "s3:ListAllMyBuckets"}, states: 3, setup: found,
			state: func(h *servicetest.Harness, i int) {
				switch i {
				case 1:
					control(h, "SERVICE_CONTROL_POLICY", deny("s3:*"))
				case 2:
					control(h, "RESOURCE_CONTROL_POLICY", strings.Replace(deny("s3:*"), `"Effect"`, `"Principal":"*","Effect"`, 1))
				}
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := world(t)
			h.As("admin").Call("iam", "PutUserPolicy", "UserName", "bob", "PolicyName", "p", "PolicyDocument", may).OK()
			if test.setup != nil {
				test.setup(h)
			}
			first := ""
			for i := range test.states {
				test.state(h, i)
				if test.refused != nil {
					test.refused(h)
				}
				got := shown(t, why(h, test.actor, test.ask...))
				if strings.Contains(got, "Secret") || strings.Contains(got, "secret") {
					t.Errorf("state %d shows what it must not:\n%s", i, got)
				}
				if first == "" {
					first = got
				} else if got != first {
					t.Errorf("state %d shows\n%s\nand state 0\n%s", i, got, first)
				}
			}
		})
	}
}

// found makes an organization with a member, whose administrator is "member".
func found(h *servicetest.Harness) {
	h.As("root").Call("organizations", "CreateOrganization").OK()
	h.As("root").Call("organizations", "CreateAccount", "Email", "m@example.com", "AccountName", "m").OK()
	h.User("member", member, allowAll)
	h.As("root").Call("organizations", "EnablePolicyType", "RootId", h.As("root").Call("organizations", "ListRoots").OK().Get("Roots.Id"), "PolicyType", "RESOURCE_CONTROL_POLICY").OK()
}

func control(h *servicetest.Harness, policyType, document string) {
	id := h.As("root").Call("organizations", "CreatePolicy", "Name", policyType, "Description", "d", "Type", policyType, "Content", document).OK().Get("PolicySummary.Id")
	h.As("root").Call("organizations", "AttachPolicy", "PolicyId", id, "TargetId", member).OK()
}

// Rules: TH-61
func TestTheManagementAccountSeesControlPolicies(t *testing.T) {
	t.Parallel()
	h := world(t)
	found(h)
	control(h, "SERVICE_CONTROL_POLICY", `{"Version":"2012-10-17","Statement":[{"Sid":"NoS3","Effect":"Deny","Action":"s3:*","Resource":"*"}]}`)
	ask := []string{"Principal", "arn:aws:iam::" + member + ":user/member", "Action", "s3:ListAllMyBuckets"}
	got := why(h, "root", ask...).OK()
	if got.Get("Decision") != "explicitDeny" || got.Get("Fixes.Layer") != "scp" || !strings.Contains(got.Get("Fixes.Text"), `"NoS3"`) || strings.Contains(got.Body, `"identity"`) {
		t.Errorf("%s", got.Body)
	}
	// Each policy has its own right to be read.
	h.User("auditor", ours, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["regent:ExplainDecision","organizations:ListPoliciesForTarget"],"Resource":"*"}]}`)
	got = why(h, "auditor", ask...).OK()
	if got.Get("Decision") != "explicitDeny" || strings.Contains(got.Body, "NoS3") || got.Get("Fixes.Text") != "A policy that you may not read refuses this." {
		t.Errorf("%s", got.Body)
	}
}

// Rules: TH-61
func TestEachPolicyHasItsOwnRightToBeRead(t *testing.T) {
	t.Parallel()
	h := world(t)
	h.As("admin").Call("iam", "CreateGroup", "GroupName", "g").OK()
	h.As("admin").Call("iam", "AddUserToGroup", "GroupName", "g", "UserName", "alice").OK()
	h.As("admin").Call("iam", "PutGroupPolicy", "GroupName", "g", "PolicyName", "of-the-group", "PolicyDocument", `{"Version":"2012-10-17","Statement":[{"Sid":"OfTheGroup","Effect":"Deny","Action":"iam:ListUsers","Resource":"*"}]}`).OK()
	h.As("admin").Call("iam", "PutUserPolicy", "UserName", "alice", "PolicyName", "of-alice", "PolicyDocument", allow("iam:ListUsers", "*")).OK()
	h.As("alice").Call("iam", "ListUsers").Fails("AccessDenied")
	id := why(h, "alice").OK().Get("RequestId")
	if got := why(h, "alice").Get("Fixes.PolicyName"); got != "of-the-group" {
		t.Errorf("alice sees %s", got)
	}
	for _, row := range []struct {
		actions     string
		user, group bool
	}{
		{`"regent:ExplainDecision"`, false, false},
		{`"regent:ExplainDecision","iam:GetGroupPolicy"`, false, false},
		{`"regent:ExplainDecision","iam:GetUserPolicy"`, true, false},
		{`"regent:ExplainDecision","iam:GetUserPolicy","iam:GetGroupPolicy"`, true, true},
	} {
		h.As("admin").Call("iam", "PutUserPolicy", "UserName", "bob", "PolicyName", "p",
			"PolicyDocument", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[`+row.actions+`],"Resource":"*"}]}`).OK()
		got := why(h, "bob", "RequestId", id).OK()
		if user, group := strings.Contains(got.Body, `"identity"`), strings.Contains(got.Body, "OfTheGroup"); user != row.user || group != row.group {
			t.Errorf("with %s bob sees the layer: %v, the group's: %v\n%s", row.actions, user, group, got.Body)
		}
	}
}
