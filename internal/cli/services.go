package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/regent-iam/regent/internal/client"
)

// group is a command that has only verbs.
func group(name, short string, verbs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use:   name,
		Short: short,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("there is no verb %q of %s", args[0], name)}
			}
			return cmd.Help()
		},
		Args: cobra.ArbitraryArgs,
	}
	cmd.AddCommand(verbs...)
	return cmd
}

// An asking is a verb that asks the server one thing and prints the answer.
type asking struct {
	use, short, long string
	args             int
	want             string // what the arguments are, for who gave others
	flags            func(*cobra.Command)
	ask              func(ctx context.Context, c *client.Client, args []string) (raw []byte, text func(*bytes.Buffer), err error)
}

func (a asking) command(seams Seams) *cobra.Command {
	r := &remote{seams: seams}
	cmd := &cobra.Command{
		Use: a.use, Short: a.short, Long: a.short + ".\n\n" + a.long,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != a.args {
				return usageError{fmt.Errorf("it takes %s, and was given %d arguments", a.want, len(args))}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := r.open(cmd.Context())
			if err != nil {
				return err
			}
			raw, text, failed := a.ask(cmd.Context(), c, args)
			if raw == nil {
				return failed
			}
			return errors.Join(r.print(raw, text), failed)
		},
	}
	if a.flags != nil {
		a.flags(cmd)
	}
	r.flags(cmd.Flags())
	return cmd
}

// says returns a text that is one line.
func says(format string, args ...any) func(*bytes.Buffer) {
	return func(out *bytes.Buffer) { _, _ = fmt.Fprintf(out, format+"\n", args...) } // a buffer takes everything
}

func newServices(seams Seams) *cobra.Command {
	return group("services", "Register services of your own, which may assume roles by name",
		newServicesRegister(seams), newServicesList(seams), newServicesDelete(seams),
		newServicesCreateKey(seams), newServicesUpdateKey(seams), newServicesDeleteKey(seams), newServicesCheckPassRole(seams))
}

const oneService = "the name of a service"

func newServicesRegister(seams Seams) *cobra.Command {
	var description string
	return asking{
		use: "register NAME", short: "Register a service", args: 1, want: oneService,
		long: `Trust policies of every account may name it then: {"Service": "NAME"}. It needs
regent:RegisterService in the management account. The name is a domain name; those
of AWS's services are refused.`,
		flags: func(cmd *cobra.Command) {
			cmd.Flags().StringVar(&description, "description", "", "what the service does")
		},
		ask: func(ctx context.Context, c *client.Client, args []string) ([]byte, func(*bytes.Buffer), error) {
			s, raw, err := c.RegisterService(ctx, args[0], description)
			return raw, says("%s is registered. It has no key yet: regent services create-key %s", printable(s.Name), printable(s.Name)), err
		},
	}.command(seams)
}

func newServicesList(seams Seams) *cobra.Command {
	return asking{
		use: "list", short: "List the services and their keys", want: "no arguments",
		long: `It needs regent:ListServices in the management account.`,
		ask: func(ctx context.Context, c *client.Client, _ []string) ([]byte, func(*bytes.Buffer), error) {
			all, raw, err := c.Services(ctx)
			return raw, func(out *bytes.Buffer) { tabulateServices(out, all) }, err
		},
	}.command(seams)
}

func tabulateServices(out *bytes.Buffer, all []client.Service) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "SERVICE\tKEY\tSTATUS\tDESCRIPTION") // a buffer takes everything
	for _, s := range all {
		if len(s.Keys) == 0 {
			_, _ = fmt.Fprintf(w, "%s\t-\t-\t%s\n", printable(s.Name), printable(s.Description))
		}
		for _, k := range s.Keys {
			_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", printable(s.Name), printable(k.ID), printable(k.Status), printable(s.Description))
		}
	}
	_ = w.Flush()
}

func newServicesDelete(seams Seams) *cobra.Command {
	return asking{
		use: "delete NAME", short: "Delete a service that has no keys", args: 1, want: oneService,
		long: `Policies that name it then trust nobody, until somebody registers the name again.
It needs regent:DeleteService in the management account.`,
		ask: func(ctx context.Context, c *client.Client, args []string) ([]byte, func(*bytes.Buffer), error) {
			raw, err := c.DeleteService(ctx, args[0])
			return raw, says("%s is deleted.", printable(args[0])), err
		},
	}.command(seams)
}

func newServicesCreateKey(seams Seams) *cobra.Command {
	return asking{
		use: "create-key NAME", short: "Make a key for a service", args: 1, want: oneService,
		long: `The secret is shown this once. A service has two keys at most, so that one can take
the place of the other. It needs regent:CreateServiceKey in the management account.`,
		ask: func(ctx context.Context, c *client.Client, args []string) ([]byte, func(*bytes.Buffer), error) {
			k, raw, err := c.CreateServiceKey(ctx, args[0])
			return raw, says("AWS_ACCESS_KEY_ID=%s\nAWS_SECRET_ACCESS_KEY=%s", printable(k.ID), printable(k.Secret)), err
		},
	}.command(seams)
}

const serviceAndKey = "the name of a service and the id of a key"

func newServicesUpdateKey(seams Seams) *cobra.Command {
	return asking{
		use: "update-key NAME KEY-ID Active|Inactive", short: "Switch a key of a service on or off", args: 3, want: serviceAndKey + ", and a status",
		long: `It counts from the next request on. It needs regent:UpdateServiceKey in the
management account.`,
		ask: func(ctx context.Context, c *client.Client, args []string) ([]byte, func(*bytes.Buffer), error) {
			if args[2] != "Active" && args[2] != "Inactive" {
				return nil, nil, usageError{fmt.Errorf("%q is not a status: it is Active or Inactive", args[2])}
			}
			raw, err := c.UpdateServiceKey(ctx, args[0], args[1], args[2])
			return raw, says("%s of %s is %s.", printable(args[1]), printable(args[0]), args[2]), err
		},
	}.command(seams)
}

func newServicesDeleteKey(seams Seams) *cobra.Command {
	return asking{
		use: "delete-key NAME KEY-ID", short: "Delete a key of a service", args: 2, want: serviceAndKey,
		long: `It needs regent:DeleteServiceKey in the management account.`,
		ask: func(ctx context.Context, c *client.Client, args []string) ([]byte, func(*bytes.Buffer), error) {
			raw, err := c.DeleteServiceKey(ctx, args[0], args[1])
			return raw, says("%s of %s is deleted.", printable(args[1]), printable(args[0])), err
		},
	}.command(seams)
}

// errNotPassed makes the command fail where the answer is no.
var errNotPassed = errors.New("the role may not be passed")

func newServicesCheckPassRole(seams Seams) *cobra.Command {
	return asking{
		use: "check-pass-role PRINCIPAL-ARN ROLE-ARN", short: "Ask, as a service, whether a user or role may hand it a role", args: 2,
		want: "the ARNs of a user or role and of the role that it hands over",
		long: `The profile has the service's key. The answer is iam:PassRole's, with the service as
iam:PassedToService; it exits with 1 when the role may not be passed.`,
		ask: func(ctx context.Context, c *client.Client, args []string) ([]byte, func(*bytes.Buffer), error) {
			allowed, raw, err := c.CheckPassRole(ctx, args[0], args[1])
			if err == nil && !allowed {
				return raw, func(*bytes.Buffer) {}, errNotPassed
			}
			return raw, says("The role may be passed."), err
		},
	}.command(seams)
}

func newIssuer(seams Seams) *cobra.Command {
	return group("issuer", "Manage the keys that the account's outbound tokens are signed with", newIssuerRotate(seams))
}

func newIssuerRotate(seams Seams) *cobra.Command {
	var withdraw bool
	return asking{
		use: "rotate", short: "Replace the keys of the account's issuer", want: "no arguments",
		long: `The keys before stay published until the last token under them has expired. It needs
regent:RotateIssuerKeys.`,
		flags: func(cmd *cobra.Command) {
			cmd.Flags().BoolVar(&withdraw, "withdraw", false, "publish the keys before no longer: for when somebody else has them")
		},
		ask: func(ctx context.Context, c *client.Client, _ []string) ([]byte, func(*bytes.Buffer), error) {
			keys, raw, err := c.RotateIssuerKeys(ctx, withdraw)
			return raw, func(out *bytes.Buffer) { tabulateIssuerKeys(out, keys) }, err
		},
	}.command(seams)
}

func tabulateIssuerKeys(out *bytes.Buffer, keys []client.IssuerKey) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "KEY\tALGORITHM\tPUBLISHED UNTIL") // a buffer takes everything
	for _, k := range keys {
		until := "it is replaced"
		if at := k.Until(); !at.IsZero() {
			until = at.Format(time.RFC3339)
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\n", printable(k.ID), printable(k.Algorithm), until)
	}
	_ = w.Flush()
}
