package e2e

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// runScript runs a program that is a test by itself, with the profile root and
// the server's address.
func runScript(t *testing.T, name string, args ...string) {
	t.Helper()
	server := start(t, filepath.Join(t.TempDir(), "data"), "--public-url", "https://regent.example")
	p := newPerson(t, server)
	id, secret := rootKeys(t, server.Data)
	p.keys("root", id, secret)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, append(args, server.URL)...)
	cmd.Env, cmd.Dir = p.env, filepath.Join(root(t), "e2e")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", args[len(args)-1], err, out)
	}
}

// TestBoto3 is the core of the journey through boto3.
//
// Rules: SE-7 EV-73 ST-20 WI-34
func TestBoto3(t *testing.T) {
	t.Parallel()
	runScript(t, filepath.Join(root(t), ".venv", "bin", "python"), "boto3_journey.py")
}

// TestSTSByBoto3 calls STS's operations through boto3.
//
// Rules: ST-72 ST-74 ST-76 ST-77 ST-78
func TestSTSByBoto3(t *testing.T) {
	t.Parallel()
	runScript(t, filepath.Join(root(t), ".venv", "bin", "python"), "boto3_sts.py")
}

// TestJavaScriptSDK is the core of the journey through the AWS SDK for
// JavaScript.
//
// Rules: SE-7 EV-73 ST-20
func TestJavaScriptSDK(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("js/node_modules"); err != nil {
		t.Fatalf("run make e2e, which installs the packages: %v", err)
	}
	runScript(t, "node", "js/journey.mjs")
}
