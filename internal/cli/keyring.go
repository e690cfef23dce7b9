package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/regent-iam/regent/internal/client"
	"github.com/regent-iam/regent/internal/config"
)

func newKeyring(seams Seams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keyring",
		Short: "Change the key ring that sessions and secrets are sealed with",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("there is no verb %q of keyring", args[0])}
			}
			return cmd.Help()
		},
		Args: cobra.ArbitraryArgs,
	}
	var file string
	rewrap := offline(seams, &cobra.Command{
		Use:   "rewrap --new-master-key-file FILE",
		Short: "Seal the key ring under another master key",
		Long: `Seal the key ring under another master key, while no server runs. Keys and
sessions stay good. The settings are those of serve, and find the old key; start
the server with the new one afterwards.`,
	}, func(ctx context.Context, c *config.Config) (string, error) {
		if file == "" {
			return "", usageError{errors.New("--new-master-key-file is needed")}
		}
		return "The key ring is sealed under the new master key. Start the server with it.", seams.Rewrap(ctx, c, file)
	})
	rewrap.Flags().StringVar(&file, "new-master-key-file", "", "`file` with the new master key (32 bytes, base64)")
	renew := offline(seams, &cobra.Command{
		Use:   "renew",
		Short: "Make a restored copy an installation of its own",
		Long: `Make a copy that was restored from a backup an installation of its own, while no
server runs: no session of before is good here any more, and none of here is good
where the copy came from. Access keys, passwords and MFA devices stay as they are.`,
	}, func(ctx context.Context, c *config.Config) (string, error) {
		return "The key ring is renewed: sessions of before are invalid.", seams.Renew(ctx, c)
	})
	cmd.AddCommand(rewrap, renew, newKeyringRotate(seams))
	return cmd
}

func newKeyringRotate(seams Seams) *cobra.Command {
	return asking{
		use: "rotate", short: "Give a server that runs a new sealing key", want: "no arguments",
		long: `Sessions and secrets are sealed with it from then on. Those before stay good:
sessions until they expire, and what is at rest for as long as it is there. It needs
regent:RotateKeys in the management account.`,
		ask: func(ctx context.Context, c *client.Client, _ []string) ([]byte, func(*bytes.Buffer), error) {
			k, raw, err := c.RotateKeys(ctx)
			return raw, says("Key %d seals now. The last session under the keys before ends by %s.", k.ID, k.Until().Format(time.RFC3339)), err
		},
	}.command(seams)
}

// offline makes a verb that works on the data of a server that is stopped, and
// takes the settings of serve. What run returns is printed when it succeeded.
func offline(seams Seams, cmd *cobra.Command, run func(context.Context, *config.Config) (string, error)) *cobra.Command {
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usageError{fmt.Errorf("%s takes no arguments, and was given %q", strings.TrimPrefix(cmd.CommandPath(), "regent "), args[0])}
		}
		return nil
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := config.Load(cmd.Flags(), seams.Environ)
		if err != nil {
			return usageError{err}
		}
		done, err := run(cmd.Context(), c)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(seams.Out, done)
		return err
	}
	config.Flags(cmd.Flags())
	return cmd
}
