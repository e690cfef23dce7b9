package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A terraformer runs Terraform on a copy of the example, with the provider that
// is on this machine.
type terraformer struct {
	t        testing.TB
	dir, exe string
	env      []string
}

// mirror returns a folder that holds the AWS provider as a file system mirror:
// what REGENT_TERRAFORM_MIRROR names, or one of the places where people put it.
func mirror() string {
	home, _ := os.UserHomeDir() // without one there is one place less
	for _, dir := range []string{
		os.Getenv("REGENT_TERRAFORM_MIRROR"), filepath.Join(home, ".terraform.d", "plugins"), filepath.Join(home, ".local", "share", "terraform", "plugins"),
		"/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins", "/opt/*",
	} {
		if dir == "" {
			continue
		}
		found, err := filepath.Glob(filepath.Join(dir, "registry.terraform.io", "hashicorp", "aws", "*", "*", "terraform-provider-aws*"))
		if err == nil && len(found) > 0 {
			return strings.Split(found[0], string(filepath.Separator)+"registry.terraform.io")[0]
		}
	}
	return ""
}

// newTerraformer skips the test where there is no Terraform or no provider.
func newTerraformer(t testing.TB, server *process) *terraformer {
	t.Helper()
	exe, err := exec.LookPath("terraform")
	if err != nil {
		t.Skip("did not run: there is no terraform here")
	}
	plugins := mirror()
	if plugins == "" {
		t.Skip("did not run: there is no folder with terraform-provider-aws here; REGENT_TERRAFORM_MIRROR may name one")
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "terraformrc")
	text := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", plugins)
	if err := errors.Join(os.CopyFS(dir, os.DirFS(filepath.Join(root(t), "examples", "terraform"))), os.WriteFile(config, []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
	id, secret := rootKeys(t, server.Data)
	return &terraformer{t: t, dir: dir, exe: exe, env: environment(
		"HOME="+dir, "TF_CLI_CONFIG_FILE="+config, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0", "TF_VAR_regent="+server.URL,
		"AWS_ACCESS_KEY_ID="+id, "AWS_SECRET_ACCESS_KEY="+secret, "AWS_EC2_METADATA_DISABLED=true",
	)}
}

// run runs Terraform and fails the test unless it ends with code.
func (tf *terraformer) run(code int, args ...string) string {
	tf.t.Helper()
	ctx, cancel := context.WithTimeout(tf.t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, tf.exe, append(args, "-no-color")...)
	var out bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = tf.dir, tf.env, &out, &out
	if err := cmd.Run(); cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != code {
		tf.t.Fatalf("terraform %s: %v, want code %d\n%s", strings.Join(args, " "), err, code, out.String())
	}
	return out.String()
}

// What plan -detailed-exitcode says.
const (
	unchanged = 0
	different = 2
)

// TestTerraform applies the example, finds no difference, loses and imports a
// resource, notices what somebody else changed, changes things, and destroys it
// all: Terraform itself, with the AWS provider, where both are on the machine.
func TestTerraform(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("did not run: it takes minutes")
	}
	server := start(t, filepath.Join(t.TempDir(), "data"))
	tf := newTerraformer(t, server)
	p := newPerson(t, server)
	id, secret := rootKeys(t, server.Data)
	p.keys("root", id, secret)

	tf.run(0, "init")
	if out := tf.run(0, "apply", "-auto-approve"); !strings.Contains(out, "17 added, 0 changed, 0 destroyed") {
		t.Errorf("apply says\n%s", out)
	}
	tf.run(unchanged, "plan", "-detailed-exitcode")

	tf.run(0, "state", "rm", `aws_iam_user.people["alice"]`)
	tf.run(0, "import", `aws_iam_user.people["alice"]`, "alice")
	p.aws("root", "iam", "tag-role", "--role-name", "on-call", "--tags", "Key=team,Value=red")
	if out := tf.run(different, "plan", "-detailed-exitcode"); !strings.Contains(out, `"team" = "red" -> "blue"`) || !strings.Contains(out, "0 to add, 1 to change, 0 to destroy") {
		t.Errorf("plan says\n%s", out)
	}
	tf.run(0, "apply", "-auto-approve", "-var", "on_call_hours=1")
	tf.run(unchanged, "plan", "-detailed-exitcode", "-var", "on_call_hours=1")
	if got := p.get("root", "Role.[MaxSessionDuration,Tags[0].Value]", "iam", "get-role", "--role-name", "on-call"); got != "[3600 blue]" {
		t.Errorf("the role has %s", got)
	}
	tf.run(0, "destroy", "-auto-approve", "-var", "on_call_hours=1")
	if got := p.get("root", "[length(Users)]", "iam", "list-users"); got != "[0]" {
		t.Errorf("%s users are left", got)
	}
}
