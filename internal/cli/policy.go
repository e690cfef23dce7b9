package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newPolicy(seams Seams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "policy",
		Short: "Work on policy documents",
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("policy has no verb %q", args[0])}
			}
			return cmd.Help()
		},
	}
	cmd.AddCommand(newPolicyLint(seams), newPolicyTest(seams))
	return cmd
}
