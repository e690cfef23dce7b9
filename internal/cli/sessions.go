package cli

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/regent-iam/regent/internal/client"
)

func newSessions(seams Seams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sessions",
		Short: "End sessions",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("there is no verb %q of sessions", args[0])}
			}
			return cmd.Help()
		},
		Args: cobra.ArbitraryArgs,
	}
	cmd.AddCommand(newSessionsRevoke(seams))
	return cmd
}

// oneTarget takes the one ARN or access key id that a verb is about.
func oneTarget(verb string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usageError{fmt.Errorf("sessions %s takes one ARN or access key id, and was given %d arguments", verb, len(args))}
		}
		return nil
	}
}

func newSessionsRevoke(seams Seams) *cobra.Command {
	r := &remote{seams: seams}
	var subject string
	cmd := &cobra.Command{
		Use:   "revoke ARN|ACCESS-KEY-ID",
		Short: "End sessions for good, at once",
		Long: `End sessions for good, at once: their credentials are invalid in every call
from then on, and so are those of all sessions that were got with them, in
whatever account.

  the ARN of a role, a user or an account's root
      all its sessions
  the ARN of an identity provider
      all sessions that it vouched for, or with --subject those of one subject
  an access key id that begins with ASIA
      the session that has it
  another access key id
      all sessions that come from the key, which itself stays as it is

Who may sign in or assume a role can get new sessions: take that away first.
It needs regent:RevokeSessions on the ARN, or on the access key.`,
		Args: oneTarget("revoke"),
		RunE: func(cmd *cobra.Command, args []string) error {
			what := client.Revocation{Key: args[0], Subject: subject}
			if strings.Contains(args[0], ":") {
				what.Resource, what.Key = args[0], ""
			}
			if what.Key != "" && subject != "" {
				return usageError{errors.New("--subject goes with the ARN of an identity provider")}
			}
			c, err := r.open(cmd.Context())
			if err != nil {
				return err
			}
			revoked, raw, err := c.RevokeSessions(cmd.Context(), what)
			if err != nil {
				return err
			}
			return r.print(raw, func(out *bytes.Buffer) {
				text := "The sessions of %s are ended.\n"
				if revoked.Pending {
					text = "The sessions of %s are being ended: not every node refuses them yet.\n"
				}
				_, _ = fmt.Fprintf(out, text, printable(args[0])) // a buffer takes everything
			})
		},
	}
	cmd.Flags().StringVar(&subject, "subject", "", "whom the identity provider vouched for, as it names them")
	r.flags(cmd.Flags())
	return cmd
}
