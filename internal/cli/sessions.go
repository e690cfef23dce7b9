package cli

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/regent-iam/regent/internal/client"
)

func newSessions(seams Seams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sessions",
		Short: "List and end sessions",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("there is no verb %q of sessions", args[0])}
			}
			return cmd.Help()
		},
		Args: cobra.ArbitraryArgs,
	}
	cmd.AddCommand(newSessionsList(seams), newSessionsRevoke(seams))
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

// targetOf reads whose sessions a verb is about.
func targetOf(name, subject string) (client.Revocation, error) {
	switch {
	case strings.Contains(name, ":"):
		return client.Revocation{Resource: name, Subject: subject}, nil
	case subject != "":
		return client.Revocation{}, usageError{errors.New("--subject goes with the ARN of an identity provider")}
	}
	return client.Revocation{Key: name}, nil
}

func newSessionsList(seams Seams) *cobra.Command {
	r := &remote{seams: seams}
	var subject string
	cmd := &cobra.Command{
		Use:   "list ARN|ACCESS-KEY-ID",
		Short: "Show who holds sessions now",
		Long: `Show the sessions that "regent sessions revoke" of the same ARN or access key id
would end, those that end first before others. A new session is shown about a
second after it was got, and its last use is told to the minute.

Of who asked from another account only the account is shown, and sessions that
were got in other accounts are shown as far as your account asked for them.
It needs regent:ListSessions on the ARN, or on the access key.`,
		Args: oneTarget("list"),
		RunE: func(cmd *cobra.Command, args []string) error {
			what, err := targetOf(args[0], subject)
			if err != nil {
				return err
			}
			c, err := r.open(cmd.Context())
			if err != nil {
				return err
			}
			all, raw, err := c.Sessions(cmd.Context(), what)
			if err != nil {
				return err
			}
			return r.print(raw, func(out *bytes.Buffer) { tabulateSessions(out, all) })
		},
	}
	cmd.Flags().StringVar(&subject, "subject", "", "whom the identity provider vouched for, as it names them")
	r.flags(cmd.Flags())
	return cmd
}

func tabulateSessions(out *bytes.Buffer, all []client.Session) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "KEY\tSESSION OF\tNAME\tASKED BY\tSOURCE IDENTITY\tADDRESS\tMFA\tISSUED\tEXPIRES\tLAST USED") // a buffer takes everything
	for _, s := range all {
		mfa := "no"
		if s.MFA {
			mfa = "yes"
		}
		cells := []string{
			s.Key, s.Principal, s.Name, cmp.Or(s.Caller, s.Subject, s.CallerAccount), s.SourceIdentity, s.Address, mfa,
			instant(s.Issued), instant(s.Expires), instant(s.LastUsed),
		}
		for i, cell := range cells {
			cells[i] = printable(cmp.Or(cell, "-"))
		}
		_, _ = fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	_ = w.Flush()
}

// instant shows seconds since 1970, "" for none.
func instant(seconds float64) string {
	if seconds == 0 {
		return ""
	}
	return time.Unix(int64(seconds), 0).UTC().Format(time.RFC3339)
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
			what, err := targetOf(args[0], subject)
			if err != nil {
				return err
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
