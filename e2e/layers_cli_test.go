package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLayers puts every kind of policy in the way of one request, in turn, and
// reads AWS's reason for each refusal (EV-70).
//
// Rules: EV-1 EV-10 EV-11 EV-12 EV-32 EV-33 EV-42 EV-56 EV-70 EV-71 EV-72 EV-74 OR-2 OR-4 OR-20 OR-22 OR-24 S3-42 S3-52
func TestLayers(t *testing.T) {
	t.Parallel()
	server := start(t, filepath.Join(t.TempDir(), "data"), "--dev")
	c := newCompany(t, server)
	role := "arn:aws:iam::" + c.prod + ":role/s3"
	session := "arn:aws:sts::" + c.prod + ":assumed-role/s3/alice"
	alice := "arn:aws:iam::" + c.dev + ":user/alice"
	c.aws("prod-admin", "iam", "create-role", "--role-name", "s3", "--assume-role-policy-document", trusting(c.dev))
	c.aws("prod-admin", "iam", "attach-role-policy", "--role-name", "s3", "--policy-arn", s3FullAccess)
	c.aws("prod-admin", "s3", "mb", "s3://layers-of-prod")
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("layers\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.aws("prod-admin", "s3", "cp", file, "s3://layers-of-prod/file", "--no-progress")
	c.aws("dev-admin", "iam", "create-user", "--user-name", "alice")
	c.newKey("dev-admin", "alice")
	c.aws("dev-admin", "iam", "put-user-policy", "--user-name", "alice", "--policy-name", "assume", "--policy-document", allowing("sts:AssumeRole", role))
	c.profile("in-prod", "role_arn = "+role, "source_profile = alice", "role_session_name = alice")
	list := []string{"s3api", "list-objects-v2", "--bucket", "layers-of-prod"}
	c.aws("in-prod", list...)

	denying := func(action string) string {
		return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":%q,"Resource":"*"}]}`, action)
	}
	scp := func(name, document, target string) (remove func()) {
		id := c.get("root", "Policy.PolicySummary.Id", "organizations", "create-policy", "--name", name, "--description", name,
			"--type", "SERVICE_CONTROL_POLICY", "--content", document)
		c.aws("root", "organizations", "attach-policy", "--policy-id", id, "--target-id", target)
		return func() {
			c.aws("root", "organizations", "detach-policy", "--policy-id", id, "--target-id", target)
		}
	}
	bucket := `"arn:aws:s3:::layers-of-prod"`
	listed := "User: " + session + " is not authorized to perform: s3:ListBucket on resource: " + bucket
	assumed := "User: " + alice + " is not authorized to perform: sts:AssumeRole on resource: " + role

	t.Run("an SCP with a Deny on prod", func(t *testing.T) {
		remove := scp("no-s3-in-prod", denying("s3:*"), c.prod)
		c.refused("in-prod", []string{"AccessDenied", listed + " with an explicit deny in a service control policy"}, list...)
		c.refused("prod-admin", []string{"AccessDenied", "with an explicit deny in a service control policy"}, list...)
		remove()
		c.aws("in-prod", list...)
	})
	t.Run("an SCP with a Deny on dev", func(t *testing.T) {
		remove := scp("no-sts-in-dev", denying("sts:AssumeRole"), c.dev)
		c.forget()
		c.refused("in-prod", []string{"AccessDenied", assumed + " with an explicit deny in a service control policy"}, list...)
		remove()
		c.aws("in-prod", list...)
	})
	t.Run("an SCP that does not allow", func(t *testing.T) {
		remove := scp("only-iam", allowing("iam:*", "*"), c.prod)
		c.aws("root", "organizations", "detach-policy", "--policy-id", "p-FullAWSAccess", "--target-id", c.prod)
		c.refused("in-prod", []string{"AccessDenied", listed + " because no service control policy allows the s3:ListBucket action"}, list...)
		c.aws("root", "organizations", "attach-policy", "--policy-id", "p-FullAWSAccess", "--target-id", c.prod)
		remove()
		c.refused("root", []string{"ConstraintViolationException"}, "organizations", "detach-policy", "--policy-id", "p-FullAWSAccess", "--target-id", c.prod)
		c.aws("in-prod", list...)
	})
	t.Run("a boundary on alice", func(t *testing.T) {
		arn := c.get("dev-admin", "Policy.Arn", "iam", "create-policy", "--policy-name", "only-iam", "--policy-document", allowing("iam:*", "*"))
		c.aws("dev-admin", "iam", "put-user-permissions-boundary", "--user-name", "alice", "--permissions-boundary", arn)
		c.forget()
		c.refused("in-prod", []string{"AccessDenied", assumed}, list...)
		c.aws("dev-admin", "iam", "put-user-policy", "--user-name", "alice", "--policy-name", "s3", "--policy-document", allowing("s3:ListAllMyBuckets", "*"))
		c.refused("alice", []string{"AccessDenied", "because no permissions boundary allows the s3:ListAllMyBuckets action"}, "s3", "ls")
		c.aws("dev-admin", "iam", "delete-user-permissions-boundary", "--user-name", "alice")
		c.aws("alice", "s3", "ls")
		c.aws("in-prod", list...)
	})
	t.Run("a session policy", func(t *testing.T) {
		narrow := c.session("alice", role, "--policy", allowing("s3:GetObject", "arn:aws:s3:::layers-of-prod/*"))
		c.refused(narrow, []string{"AccessDenied", listed + " because no session policy allows the s3:ListBucket action"}, list...)
		c.aws(narrow, "s3", "cp", "s3://layers-of-prod/file", filepath.Join(t.TempDir(), "file"), "--no-progress")
		denied := c.session("alice", role, "--policy", denying("s3:ListBucket"))
		c.refused(denied, []string{"AccessDenied", listed + " with an explicit deny in a sessions policy"}, list...)
	})
	t.Run("an explicit deny in the role's policy", func(t *testing.T) {
		c.aws("prod-admin", "iam", "put-role-policy", "--role-name", "s3", "--policy-name", "no-list", "--policy-document", denying("s3:ListBucket"))
		c.refused("in-prod", []string{"AccessDenied", listed + " with an explicit deny in an identity-based policy"}, list...)
		c.aws("prod-admin", "iam", "delete-role-policy", "--role-name", "s3", "--policy-name", "no-list")
		c.aws("in-prod", list...)
	})
	t.Run("a bucket policy that grants dev's alice", func(t *testing.T) {
		get := func() []string {
			return []string{"s3", "cp", "s3://layers-of-prod/file", filepath.Join(t.TempDir(), "file"), "--no-progress"}
		}
		grant := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + alice + `"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::layers-of-prod/*"}]}`
		c.aws("prod-admin", "s3api", "put-bucket-policy", "--bucket", "layers-of-prod", "--policy", grant)
		c.refused("alice", []string{"403"}, get()...) // her own side is missing yet (EV-33)
		c.aws("dev-admin", "iam", "put-user-policy", "--user-name", "alice", "--policy-name", "s3", "--policy-document", allowing("s3:GetObject", "arn:aws:s3:::layers-of-prod/*"))
		c.aws("alice", get()...)
		if got := c.get("prod-admin", "Policy", "s3api", "get-bucket-policy", "--bucket", "layers-of-prod"); got != grant {
			t.Errorf("the policy came back as %s", got)
		}
		deny := strings.Replace(grant, `"Effect":"Allow","Principal":{"AWS":"`+alice+`"}`, `"Effect":"Deny","Principal":"*"`, 1)
		c.aws("prod-admin", "s3api", "put-bucket-policy", "--bucket", "layers-of-prod", "--policy", deny)
		c.refused("alice", []string{"403"}, get()...)
		c.refused("prod-admin", []string{"AccessDenied", "with an explicit deny in a resource-based policy"}, "s3api", "get-object-attributes", "--bucket", "layers-of-prod",
			"--key", "file", "--object-attributes", "ETag")
		c.aws("prod-admin", "s3api", "delete-bucket-policy", "--bucket", "layers-of-prod")
	})
	t.Run("organizations from a member", func(t *testing.T) {
		c.refused("prod-admin", []string{"AccessDeniedException"}, "organizations", "list-accounts")
		if got := c.get("prod-admin", "Organization.FeatureSet", "organizations", "describe-organization"); got != "ALL" {
			t.Errorf("feature set %s", got)
		}
	})
}
