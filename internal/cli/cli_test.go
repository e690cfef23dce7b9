package cli_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/regent-iam/regent/internal/cli"
	"github.com/regent-iam/regent/internal/config"
)

// A run is the command, run once.
type run struct {
	code            int
	out, err        string
	served, checked *config.Config
}

func regent(t *testing.T, environ []string, fail error, args ...string) run {
	t.Helper()
	var got run
	var out, errs bytes.Buffer
	got.code = cli.Run(t.Context(), args, cli.Seams{
		Out: &out, Err: &errs, Environ: environ,
		Serve: func(_ context.Context, c *config.Config) error { got.served = c; return fail },
		Check: func(_ context.Context, c *config.Config) error { got.checked = c; return fail },
	})
	got.out, got.err = out.String(), errs.String()
	return got
}

func TestHelpIsPrinted(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"--help"}, {"-h"}, {"help"}} {
		got := regent(t, nil, nil, args...)
		if got.code != 0 || got.err != "" || !strings.Contains(got.out, "Usage:") || !strings.Contains(got.out, "serve") {
			t.Errorf("regent %v: %+v", args, got)
		}
	}
	got := regent(t, nil, nil, "serve", "--help")
	if got.code != 0 || got.served != nil {
		t.Errorf("serve --help: %+v", got)
	}
	for _, s := range config.Settings() {
		if s.Flag != "" && !strings.Contains(got.out, "--"+s.Flag) {
			t.Errorf("serve --help does not tell of --%s", s.Flag)
		}
	}
	if !strings.Contains(got.out, "no setting that switches enforcement off") {
		t.Errorf("serve --help does not say that enforcement has no switch:\n%s", got.out)
	}
}

func TestVersionIsPrinted(t *testing.T) {
	t.Parallel()
	if got := regent(t, nil, nil, "--version"); got.code != 0 || !strings.HasPrefix(got.out, "regent version ") {
		t.Errorf("%+v", got)
	}
}

// TestMistakesAreRefused: a misspelled verb, flag, variable or key ends with exit
// code 2 before anything is served; none of them means "off".
func TestMistakesAreRefused(t *testing.T) {
	t.Parallel()
	misspelled := filepath.Join(t.TempDir(), "regent.yaml")
	if err := os.WriteFile(misspelled, []byte("alow-plain-http: false\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args    []string
		environ []string
		want    string
	}{
		{[]string{"sreve"}, nil, `no verb "sreve"`},
		{[]string{"--data", "x"}, nil, "unknown flag: --data"},
		{[]string{"serve", "now"}, nil, "serve takes no arguments"},
		{[]string{"serve", "--permissive"}, nil, "unknown flag: --permissive"},
		{[]string{"serve", "--enforce=false"}, nil, "unknown flag: --enforce"},
		{[]string{"serve", "--no-iam"}, nil, "unknown flag: --no-iam"},
		{[]string{"serve", "--listen"}, nil, "flag needs an argument: --listen"},
		{[]string{"serve", "--dev=maybe"}, nil, "invalid argument"},
		{[]string{"serve", "--root-secret-access-key=x"}, nil, "unknown flag"},
		{[]string{"serve", "--master-key=x"}, nil, "unknown flag"},
		{[]string{"serve"}, []string{"REGENT_IAM_SOFT_MODE=true"}, "REGENT_IAM_SOFT_MODE"},
		{[]string{"serve"}, []string{"REGENT_ENFORCE=0"}, "REGENT_ENFORCE"},
		{[]string{"serve", "--config", misspelled}, nil, "alow-plain-http is no setting"},
		{[]string{"serve", "--check", "--config", misspelled}, nil, "alow-plain-http is no setting"},
		{[]string{"serve", "--listen=0.0.0.0:80"}, nil, "--tls-cert"},
	} {
		got := regent(t, test.environ, nil, test.args...)
		if got.code != 2 || got.served != nil || got.checked != nil || got.out != "" || !strings.Contains(got.err, test.want) {
			t.Errorf("regent %v with %v: %+v, and wanted %q", test.args, test.environ, got, test.want)
		}
		if !strings.HasPrefix(got.err, "regent: ") || strings.Count(got.err, "\n") != 1 {
			t.Errorf("regent %v says %q, not one line", test.args, got.err)
		}
	}
}

func TestServeServesWithItsSettings(t *testing.T) {
	t.Parallel()
	got := regent(t, []string{"REGENT_DEV=true"}, nil, "serve", "--data=d", "--region", "eu-west-1")
	if got.code != 0 || got.err != "" || got.checked != nil {
		t.Fatalf("%+v", got)
	}
	if c := got.served; c.Data != "d" || c.Region != "eu-west-1" || !c.Dev || c.Demo {
		t.Errorf("served with %+v", c)
	}
}

func TestCheckOnlyChecks(t *testing.T) {
	t.Parallel()
	got := regent(t, nil, nil, "serve", "--check", "--data=d")
	if got.code != 0 || got.served != nil || got.checked == nil || got.checked.Data != "d" || got.out != "The settings are good.\n" {
		t.Errorf("%+v", got)
	}
	got = regent(t, nil, errors.New("no certificate"), "serve", "--check")
	if got.code != 1 || got.out != "" || got.err != "regent: no certificate\n" {
		t.Errorf("%+v", got)
	}
}

func TestAServerThatFailsEndsWithOne(t *testing.T) {
	t.Parallel()
	if got := regent(t, nil, errors.New("data is in use"), "serve"); got.code != 1 || got.err != "regent: data is in use\n" {
		t.Errorf("%+v", got)
	}
}
