package cli_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/regent-iam/regent/internal/cli"
	"github.com/regent-iam/regent/internal/config"
	"github.com/regent-iam/regent/internal/seal"
)

func TestRootPassword(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(" from a file \r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const done = ": The password is set. Root signs in with the e-mail address root@x.invalid.\n"
	for _, test := range []struct {
		args  []string
		typed string // what is typed, comma between
		code  int
		want  string
	}{
		{[]string{"--data=d"}, "one,one", 0, "d  one" + done},
		{[]string{"--data=d", "--account=123456789012"}, "one,one", 0, "d 123456789012 one" + done},
		{[]string{"--data=d", "--file=" + file}, "", 0, "d   from a file " + done},
		{[]string{"--data=d"}, "one,two", 1, ": regent: the two passwords differ\n"},
		{[]string{"--data=d", "--file=" + empty}, "", 2, ": regent: the file holds no password\n"},
		{[]string{"--data=d", "--file=" + empty + "x"}, "", 2, ": regent: open "},
		{[]string{"now"}, "", 2, `: regent: root-password takes no arguments, and was given "now"`},
	} {
		var out bytes.Buffer
		did := ""
		typed := strings.Split(test.typed, ",")
		code := cli.Run(t.Context(), append([]string{"root-password"}, test.args...), cli.Seams{
			In: strings.NewReader(""), Out: &out, Err: &out,
			RootPassword: func(_ context.Context, c *config.Config, account string, password seal.Secret) (string, error) {
				did = c.Data + " " + account + " " + password.Reveal()
				return "root@x.invalid", nil
			},
			Secret: func(string) (seal.Secret, error) {
				next := typed[0]
				typed = typed[1:]
				return seal.NewSecret(next), nil
			},
		})
		if got := did + ": " + out.String(); code != test.code || !strings.HasPrefix(got, test.want) {
			t.Errorf("%v: %d %q", test.args, code, got)
		}
	}
}

// TestRootPasswordAsksOnTerminalsOnly: what comes through a pipe is no answer.
func TestRootPasswordAsksOnTerminalsOnly(t *testing.T) {
	t.Parallel()
	in, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	var out bytes.Buffer
	code := cli.Run(t.Context(), []string{"root-password"}, cli.Seams{Out: &out, Err: &out, Secret: cli.Terminal(in, &out)})
	if code != 2 || !strings.Contains(out.String(), "give --file") {
		t.Errorf("%d %s", code, out.String())
	}
}
