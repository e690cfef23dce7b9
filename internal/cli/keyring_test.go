package cli_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/regent-iam/regent/internal/cli"
	"github.com/regent-iam/regent/internal/config"
)

func TestKeyring(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args []string
		code int
		want string // of what is done, and printed
	}{
		{[]string{"rewrap", "--data=d", "--new-master-key-file=n"}, 0, "rewrap d n: The key ring is sealed under the new master key. Start the server with it.\n"},
		{[]string{"renew", "--data=d"}, 0, "renew d: The key ring is renewed: sessions of before are invalid.\n"},
		{[]string{"rewrap", "--data=d"}, 2, ": regent: --new-master-key-file is needed\n"},
		{[]string{"renew", "now"}, 2, `: regent: keyring renew takes no arguments, and was given "now"`},
		{[]string{"renew", "--datum=d"}, 2, ": regent: unknown flag: --datum\n"},
		{[]string{"rotate", "now"}, 2, ": regent: it takes no arguments"},
		{[]string{"turn"}, 2, `: regent: there is no verb "turn" of keyring`},
	} {
		var out bytes.Buffer
		did := ""
		code := cli.Run(t.Context(), append([]string{"keyring"}, test.args...), cli.Seams{
			In: strings.NewReader(""), Out: &out, Err: &out,
			Rewrap: func(_ context.Context, c *config.Config, file string) error {
				did = "rewrap " + c.Data + " " + file
				return nil
			},
			Renew: func(_ context.Context, c *config.Config) error {
				did = "renew " + c.Data
				return nil
			},
		})
		if got := did + ": " + out.String(); code != test.code || !strings.HasPrefix(got, test.want) {
			t.Errorf("%v: %d %q", test.args, code, got)
		}
	}
}
