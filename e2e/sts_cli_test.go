package e2e

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestSTSByTheCLI calls STS's operations by the AWS CLI; the root of a member
// unlocks a bucket whose policy shuts everybody out.
//
// Rules: ST-72 ST-74 ST-76 ST-77 ST-78 ST-80
func TestSTSByTheCLI(t *testing.T) {
	t.Parallel()
	server := start(t, filepath.Join(t.TempDir(), "data"), "--dev")
	c := newCompany(t, server)
	temporary := func(out string) string { t.Helper(); return c.credentials(out) }
	caller := func(profile, want string) {
		t.Helper()
		if got := c.get(profile, "Arn", "sts", "get-caller-identity"); got != want {
			t.Errorf("%s is %s, want %s", profile, got, want)
		}
	}
	denied := func(profile, message string, args ...string) {
		t.Helper()
		c.refused(profile, []string{"AccessDenied", message}, args...)
	}

	// GetFederationToken
	bob := temporary(c.aws("dev-admin", "sts", "get-federation-token", "--name", "Bob", "--policy", allowing("s3:ListAllMyBuckets", "*"), "--tags", "Key=team,Value=red"))
	caller(bob, "arn:aws:sts::"+c.dev+":federated-user/Bob")
	c.aws(bob, "s3", "ls")
	denied(bob, "Cannot call GetFederationToken with session credentials", "sts", "get-federation-token", "--name", "Bob")
	c.refused(bob, []string{"InvalidClientTokenId", "The security token included in the request is invalid"}, "iam", "list-users")
	denied(bob, "because no session policy allows the s3:CreateBucket action", "s3api", "create-bucket", "--bucket", "bobs-own")
	if got := c.get("dev-admin", "PackedPolicySize", "sts", "get-federation-token", "--name", "Bob"); got != "0" {
		t.Errorf("without a policy the packed size is %s", got)
	}

	// GetSessionToken
	token := temporary(c.aws("dev-admin", "sts", "get-session-token", "--duration-seconds", "900"))
	caller(token, c.get("dev-admin", "Arn", "sts", "get-caller-identity"))
	denied(token, "Cannot call GetSessionToken with session credentials", "sts", "get-session-token")

	// GetAccessKeyInfo, DecodeAuthorizationMessage, GetDelegatedAccessToken
	if got := c.get("dev-admin", "Account", "sts", "get-access-key-info", "--access-key-id", "ASIAQNZGKIQY56JQ7WML"); got != "029608264753" {
		t.Errorf("the key is of account %s", got)
	}
	c.refused("dev-admin", []string{"InvalidAuthorizationMessageException"}, "sts", "decode-authorization-message", "--encoded-message", "none")
	denied("dev-admin", "The trade-in token is not valid.", "sts", "get-delegated-access-token", "--trade-in-token", "none")

	// AssumeRoot
	c.aws("dev-admin", "s3", "mb", "s3://shut-by-mistake")
	c.aws("dev-admin", "s3api", "put-bucket-policy", "--bucket", "shut-by-mistake", "--policy",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::shut-by-mistake","arn:aws:s3:::shut-by-mistake/*"]}]}`)
	denied("dev-admin", "", "s3api", "delete-bucket-policy", "--bucket", "shut-by-mistake")
	task := func(name string) string { return "arn=arn:aws:iam::aws:policy/root-task/" + name }
	c.aws("root", "iam", "create-user", "--user-name", "warden")
	c.aws("root", "iam", "put-user-policy", "--user-name", "warden", "--policy-name", "p", "--policy-document", allowing("sts:AssumeRoot", "arn:aws:iam::*:root"))
	c.newKey("root", "warden")
	unlock := []string{"sts", "assume-root", "--target-principal", c.dev, "--task-policy-arn", task("S3UnlockBucketPolicy")}
	denied("warden", "is not authorized to perform: sts:AssumeRoot on resource: arn:aws:iam::"+c.dev+":root", unlock...)
	c.aws("root", "organizations", "enable-aws-service-access", "--service-principal", "iam.amazonaws.com")
	c.aws("root", "iam", "enable-organizations-root-sessions")
	denied("root", "is not authorized to perform: sts:AssumeRoot", unlock...)
	denied("dev-admin", "is not authorized to perform: sts:AssumeRoot", unlock...)
	auditor := temporary(c.aws("warden", "sts", "assume-root", "--target-principal", "arn:aws:iam::"+c.dev+":root", "--task-policy-arn", task("IAMAuditRootUserCredentials")))
	caller(auditor, "arn:aws:iam::"+c.dev+":root")
	c.aws(auditor, "iam", "list-access-keys")
	denied(auditor, "with an explicit deny in a sessions policy", "s3api", "delete-bucket-policy", "--bucket", "shut-by-mistake")
	unlocker := temporary(c.aws("warden", unlock...))
	denied(unlocker, "with an explicit deny in a sessions policy", "iam", "list-access-keys")
	denied(unlocker, "", "s3api", "delete-bucket", "--bucket", "shut-by-mistake")
	if got := c.aws(unlocker, "s3api", "get-bucket-policy", "--bucket", "shut-by-mistake"); !strings.Contains(got, "Deny") {
		t.Errorf("the policy is %s", got)
	}
	c.aws(unlocker, "s3api", "delete-bucket-policy", "--bucket", "shut-by-mistake")
	c.aws("dev-admin", "s3", "rb", "s3://shut-by-mistake")
}
