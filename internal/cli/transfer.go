package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/regent-iam/regent/internal/client"
	"github.com/regent-iam/regent/internal/dump"
)

// partSize is how large a part of a dump is that is sent. In a request it is a
// string, whose quotes are escaped, and that must stay below a megabyte.
const partSize = 512 << 10

// maxDump bounds what is read of a file.
const maxDump = 256 << 20

// abandonTimeout is how long an import that failed is given to go away.
const abandonTimeout = 30 * time.Second

// connection adds the flags that say who calls which server.
func connection(f *pflag.FlagSet, o *client.Options) {
	f.StringVar(&o.Profile, "profile", "", "profile of the AWS configuration (AWS_PROFILE)")
	f.StringVar(&o.Server, "server", "", "URL of the server; the profile's endpoint_url, unless given")
}

// An importer is what the verb import was asked.
type importer struct {
	seams    Seams
	options  client.Options
	account  client.NewImport
	accounts []string
	json     bool
	// organization names the file of an organization's dump, "" for an account's.
	organization string
}

func newImport(seams Seams) *cobra.Command {
	im := &importer{seams: seams}
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Make an account from a dump of another one, or an organization's tree",
		Long: `Make an account from a dump of another one, or an organization's tree.

FILE is what "aws iam get-account-authorization-details" or "regent export" has
printed; "-" reads it from the standard input. The new account joins the
organization of the caller, who is in its management account, once it is
complete: if anything fails before, nothing of it stays. Whoever imports needs
regent:ImportAccount, organizations:CreateAccount, and the permission for
everything that is written, such as iam:CreateUser.

What cannot be had is left out, and the report says why. Account ids in ARNs of
the dump's own account become the new account's, unless --keep-account-ids.

With --organization it takes no FILE: the units and policies of another
organization are made in the caller's, the policies are attached, and accounts
that --map-account names are moved to where those are that they stand for. What
is there by its name is used, and nothing is changed or taken away.`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case im.organization != "" && len(args) > 0:
				return usageError{errors.New("an organization and an account are imported one after the other")}
			case im.organization == "" && len(args) != 1:
				return usageError{fmt.Errorf("import takes one file, and was given %d", len(args))}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := im.check(); err != nil {
				return err
			}
			if im.organization != "" {
				return im.runOrganization(cmd.Context())
			}
			text, err := im.read(args[0])
			if err != nil {
				return err
			}
			return im.run(cmd.Context(), text)
		},
	}
	f := cmd.Flags()
	connection(f, &im.options)
	f.StringVar(&im.account.AccountName, "name", "", "name of the new account (required)")
	f.StringVar(&im.account.Email, "email", "", "e-mail address of the new account (required)")
	f.StringVar(&im.account.RoleName, "role-name", "", "role by which the management account gets in (OrganizationAccountAccessRole)")
	f.BoolVar(&im.account.KeepAccountIDs, "keep-account-ids", false, "leave the dump's own account id in ARNs as it is")
	f.StringArrayVar(&im.accounts, "map-account", nil, "account that stands for one of the dump, as THEIRS=OURS; several times")
	f.StringVar(&im.organization, "organization", "", "file with the dump of an organization; - is the standard input")
	f.BoolVar(&im.json, "json", false, "print the report as JSON")
	return cmd
}

func (im *importer) check() error {
	a := &im.account
	if im.organization != "" && (a.AccountName != "" || a.Email != "" || a.RoleName != "" || a.KeepAccountIDs) {
		return usageError{errors.New("--organization makes no account: it takes --map-account alone")}
	}
	if im.organization == "" && (a.AccountName == "" || a.Email == "") {
		return usageError{errors.New("--name and --email are needed: the new account has both")}
	}
	for _, m := range im.accounts {
		from, to, ok := strings.Cut(m, "=")
		if !ok || from == "" || to == "" {
			return usageError{fmt.Errorf("--map-account %q is not THEIRS=OURS", m)}
		}
		im.account.AccountMap = append(im.account.AccountMap, client.AccountMapping{From: from, To: to})
	}
	return nil
}

func (im *importer) read(name string) ([]byte, error) {
	in := im.seams.In
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer func() { _ = file.Close() }() // it is read only
		in = file
	}
	text, err := io.ReadAll(io.LimitReader(in, maxDump+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxDump {
		return nil, fmt.Errorf("%s is larger than %d MiB", name, maxDump>>20)
	}
	return text, nil
}

func (im *importer) run(ctx context.Context, text []byte) error {
	whole, err := dump.Parse(text)
	if err != nil {
		return err
	}
	parts, err := dump.Split(text, partSize)
	if err != nil {
		return err
	}
	im.account.SourceAccountID = whole.Account()
	c, err := client.Open(ctx, im.options)
	if err != nil {
		return err
	}
	begun, err := c.BeginImport(ctx, im.account)
	if err != nil {
		return err
	}
	report, err := fillAccount(ctx, c, begun.AccountID, parts)
	if err != nil {
		// The context may be what ended; what was begun has to go all the same.
		again, cancel := context.WithTimeout(context.WithoutCancel(ctx), abandonTimeout)
		defer cancel()
		if left := c.AbandonImport(again, begun.AccountID); left != nil {
			return fmt.Errorf("%w (and what was written of account %s is still there, switched off: the next import with its e-mail address removes it)", err, begun.AccountID)
		}
		return fmt.Errorf("%w (nothing was imported)", err)
	}
	return im.print(report)
}

// fillAccount sends a dump and switches the account on.
func fillAccount(ctx context.Context, c *client.Client, account string, parts []string) (*client.ImportReport, error) {
	whole := &client.ImportReport{AccountID: account, Skipped: []client.Skipped{}}
	add := func(r *client.ImportReport) {
		whole.State, whole.Imported = r.State, whole.Imported+r.Imported
		whole.Skipped, whole.MoreSkipped = append(whole.Skipped, r.Skipped...), whole.MoreSkipped+r.MoreSkipped
	}
	for i, part := range parts {
		r, err := c.ImportPart(ctx, account, i+1, part)
		if err != nil {
			return nil, err
		}
		add(r)
	}
	r, err := c.CommitImport(ctx, account)
	if err != nil {
		return nil, err
	}
	add(r)
	return whole, nil
}

func (im *importer) print(r *client.ImportReport) error {
	return im.printReport(r, func(out *bytes.Buffer) {
		if source := im.account.SourceAccountID; source != "" && !im.account.KeepAccountIDs {
			fmt.Fprintf(out, "Account %s is a copy of %s, whose id was replaced by its own in ARNs and principals.\n", r.AccountID, source)
		} else {
			fmt.Fprintf(out, "Account %s is there.\n", r.AccountID)
		}
		fmt.Fprintf(out, "Written: %d. Left out: %d.\n", r.Imported, len(r.Skipped)+r.MoreSkipped)
		printSkipped(out, r.Skipped)
		if r.MoreSkipped > 0 {
			fmt.Fprintf(out, "\nand %d more\n", r.MoreSkipped)
		}
	})
}

// printReport writes a report: as JSON, or as text describes it.
func (im *importer) printReport(report any, text func(*bytes.Buffer)) error {
	var out bytes.Buffer
	if im.json {
		enc := json.NewEncoder(&out)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		if err := enc.Encode(report); err != nil {
			return err
		}
	} else {
		text(&out)
	}
	_, err := im.seams.Out.Write(out.Bytes())
	return err
}

func printSkipped(out *bytes.Buffer, skipped []client.Skipped) {
	for _, s := range skipped {
		fmt.Fprintf(out, "\n%s\n  %s: %s\n", printable(s.Item), printable(s.Operation), printable(s.Reason))
	}
}

func (im *importer) runOrganization(ctx context.Context) error {
	text, err := im.read(im.organization)
	if err != nil {
		return err
	}
	from, err := dump.ParseOrganization(text)
	if err != nil {
		return err
	}
	accounts := dump.Accounts{}
	for _, m := range im.account.AccountMap {
		accounts[m.From] = m.To
	}
	c, err := client.Open(ctx, im.options)
	if err != nil {
		return err
	}
	report, err := mergeOrganization(ctx, c, from, accounts)
	if err != nil {
		return err
	}
	return im.printReport(report, func(out *bytes.Buffer) {
		fmt.Fprintf(out, "Made: %d. There already: %d. Left out: %d.\n", report.Made, report.Present, len(report.Skipped))
		printSkipped(out, report.Skipped)
	})
}

func newExport(seams Seams) *cobra.Command {
	var options client.Options
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Print a dump of your account",
		Long: `Print a dump of your account.

It is what "aws iam get-account-authorization-details" prints, and "regent
import" reads. It needs regent:ExportAccount and
iam:GetAccountAuthorizationDetails, and has no secrets in it.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("export takes no arguments, and was given %q", args[0])}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := client.Open(cmd.Context(), options)
			if err != nil {
				return err
			}
			parts, err := c.ExportAccount(cmd.Context())
			if err != nil {
				return err
			}
			whole, err := dump.Merge(parts)
			if err != nil {
				return err
			}
			text, err := whole.Text()
			if err != nil {
				return err
			}
			var out bytes.Buffer
			if err := json.Indent(&out, []byte(text), "", "    "); err != nil {
				return err
			}
			out.WriteByte('\n')
			_, err = seams.Out.Write(out.Bytes())
			return err
		},
	}
	connection(cmd.Flags(), &options)
	return cmd
}
