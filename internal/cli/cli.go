// Package cli holds the verbs of the regent command.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/regent-iam/regent/internal/client"
	"github.com/regent-iam/regent/internal/config"
	"github.com/regent-iam/regent/internal/seal"
)

// Exit codes of the command.
const (
	exitFailed      = 1 // refused or failed
	exitUsage       = 2
	exitSignIn      = 3 // no credentials, or none that are good any more
	exitUnreachable = 4
)

// Seams are what the verbs do not do themselves: the server's side comes in
// through them, since no verb may import it.
type Seams struct {
	In       io.Reader
	Out, Err io.Writer
	Environ  []string
	// Serve runs a server until ctx ends.
	Serve func(ctx context.Context, c *config.Config) error
	// Check reports whether a server could be run so.
	Check func(ctx context.Context, c *config.Config) error
	// Rewrap seals the key ring under the master key in a file, and Renew makes
	// a restored copy an installation of its own; both while no server runs.
	Rewrap func(ctx context.Context, c *config.Config, file string) error
	Renew  func(ctx context.Context, c *config.Config) error
	// RootPassword gives the root of an account, "" for the management account, a
	// password while no server runs, and returns the e-mail address that root
	// signs in with.
	RootPassword func(ctx context.Context, c *config.Config, account string, password seal.Secret) (email string, err error)
	// Secret asks for something that is not shown while it is typed.
	Secret func(question string) (seal.Secret, error)
}

// A usageError is a mistake in how the command was called.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// Run runs the command with its arguments and returns its exit code.
func Run(ctx context.Context, args []string, seams Seams) int {
	root := newRoot(seams)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	_, _ = fmt.Fprintln(seams.Err, "regent:", err) // there is nowhere else to say it
	return exitCode(err)
}

// exitCode tells scripts what sort of failure it was.
func exitCode(err error) int {
	if _, ok := errors.AsType[usageError](err); ok || errors.Is(err, client.ErrProfile) {
		return exitUsage
	}
	switch {
	case errors.Is(err, client.ErrUnreachable):
		return exitUnreachable
	case errors.Is(err, client.ErrCredentials):
		return exitSignIn
	}
	return exitFailed
}

func newRoot(seams Seams) *cobra.Command {
	root := &cobra.Command{
		Use:           "regent",
		Short:         "AWS-style identity that you run yourself",
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       version(),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("there is no verb %q", args[0])}
			}
			return cmd.Help()
		},
		Args: cobra.ArbitraryArgs,
	}
	root.SetOut(seams.Out)
	root.SetErr(seams.Err)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(newServe(seams), newExport(seams), newImport(seams), newKeyring(seams), newIssuer(seams), newPolicy(seams), newQuota(seams), newRootPassword(seams), newServices(seams), newSessions(seams), newWhy(seams))
	return root
}

// version is what the build says of itself.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}

func newServe(seams Seams) *cobra.Command {
	var check bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the server",
		Long: `Run the server.

Every setting can be given as a flag, as a REGENT_ variable, or in the YAML file
that --config names; a flag beats a variable beats the file. What Regent does not
know is an error. There is no setting that switches enforcement off.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("serve takes no arguments, and was given %q", args[0])}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := config.Load(cmd.Flags(), seams.Environ)
			if err != nil {
				return usageError{err}
			}
			if check {
				if err := seams.Check(cmd.Context(), c); err != nil {
					return err
				}
				_, err := fmt.Fprintln(seams.Out, "The settings are good.")
				return err
			}
			return seams.Serve(cmd.Context(), c)
		},
	}
	config.Flags(cmd.Flags())
	cmd.Flags().BoolVar(&check, "check", false, "only check the settings, and serve nothing")
	return cmd
}
