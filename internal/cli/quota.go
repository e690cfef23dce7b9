package cli

import (
	"bytes"
	"fmt"
	"strconv"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/regent-iam/regent/internal/client"
)

func newQuota(seams Seams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "quota",
		Short: "Show and set how much accounts may have",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("there is no verb %q of quota", args[0])}
			}
			return cmd.Help()
		},
		Args: cobra.ArbitraryArgs,
	}
	cmd.AddCommand(newQuotaList(seams), newQuotaSet(seams))
	return cmd
}

func newQuotaList(seams Seams) *cobra.Command {
	r := &remote{seams: seams}
	var all bool
	cmd := &cobra.Command{
		Use:   "list [ACCOUNT-ID]",
		Short: "List the quotas of an account: yours, unless you name one",
		Long: `List the quotas of an account: yours, unless you name one.

Shown are those that can be set; --all shows those as well that AWS has fixed.
It needs regent:ListQuotas, and another account's quotas only the management
account of its organization sees.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError{fmt.Errorf("quota list takes one account id, and was given %d arguments", len(args))}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			var account string
			if len(args) > 0 {
				account = args[0]
			}
			c, err := r.open(cmd.Context())
			if err != nil {
				return err
			}
			quotas, raw, err := c.Quotas(cmd.Context(), account)
			if err != nil {
				return err
			}
			return r.print(raw, func(out *bytes.Buffer) { tabulateQuotas(out, quotas, all) })
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "show those as well that are fixed")
	r.flags(cmd.Flags())
	return cmd
}

func tabulateQuotas(out *bytes.Buffer, quotas []client.Quota, all bool) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "QUOTA\tVALUE\tDEFAULT\tMAXIMUM") // a buffer takes everything
	for _, q := range quotas {
		if all || q.Adjustable {
			_, _ = fmt.Fprintf(w, "%s\t%d\t%d\t%d\n", printable(q.Name), q.Value, q.Default, q.Maximum)
		}
	}
	_ = w.Flush()
}

func newQuotaSet(seams Seams) *cobra.Command {
	r := &remote{seams: seams}
	cmd := &cobra.Command{
		Use:   "set ACCOUNT-ID QUOTA VALUE",
		Short: "Set a quota of an account",
		Long: `Set a quota of an account, for all that is made from then on. What is there
already stays, also when it is more.

It needs regent:PutQuota in the management account of the account's organization.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 3 {
				return usageError{fmt.Errorf("quota set takes an account id, a quota and a value, and was given %d arguments", len(args))}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			value, err := strconv.ParseInt(args[2], 10, 32)
			if err != nil || value < 1 {
				return usageError{fmt.Errorf("%q is not a value: it is a whole number of at least 1", args[2])}
			}
			c, err := r.open(cmd.Context())
			if err != nil {
				return err
			}
			q, raw, err := c.SetQuota(cmd.Context(), args[0], args[1], int32(value))
			if err != nil {
				return err
			}
			return r.print(raw, func(out *bytes.Buffer) {
				_, _ = fmt.Fprintf(out, "%s of account %s is %d.\n", printable(q.Name), args[0], q.Value) // a buffer takes everything
			})
		},
	}
	r.flags(cmd.Flags())
	return cmd
}
