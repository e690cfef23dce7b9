package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/regent-iam/regent/internal/config"
	"github.com/regent-iam/regent/internal/seal"
)

func newRootPassword(seams Seams) *cobra.Command {
	var file, account string
	cmd := offline(seams, &cobra.Command{
		Use:   "root-password",
		Short: "Give an account's root a password for the console",
		Long: `Give the root of an account, which is the management account unless --account
names another, a password to sign in to the console with, while no server runs.
It is asked for twice, or read from a file. All sign-ins of that root end. The
settings are those of serve.`,
	}, func(ctx context.Context, c *config.Config) (string, error) {
		password, err := newPassword(seams, file)
		if err != nil {
			return "", err
		}
		email, err := seams.RootPassword(ctx, c, account, password)
		return fmt.Sprintf("The password is set. Root signs in with the e-mail address %s.", email), err
	})
	cmd.Flags().StringVar(&file, "file", "", "`file` with the password; it is asked for when none is given")
	cmd.Flags().StringVar(&account, "account", "", "`id` of the account; the management account when none is given")
	return cmd
}

// newPassword reads a password from a file, or asks for it twice.
func newPassword(seams Seams, file string) (seal.Secret, error) {
	if file != "" {
		raw, err := os.ReadFile(file)
		if err != nil {
			return seal.Secret{}, usageError{err}
		}
		password := seal.NewSecret(strings.TrimRight(string(raw), "\r\n"))
		if password.IsZero() {
			return seal.Secret{}, usageError{errors.New("the file holds no password")}
		}
		return password, nil
	}
	password, err := seams.Secret("New password: ")
	if err != nil {
		return seal.Secret{}, err
	}
	again, err := seams.Secret("The same again: ")
	if err != nil {
		return seal.Secret{}, err
	}
	if !password.Equal(again) {
		return seal.Secret{}, errors.New("the two passwords differ")
	}
	return password, nil
}

// Terminal asks on a terminal for what is not to be shown while it is typed.
func Terminal(in *os.File, out io.Writer) func(question string) (seal.Secret, error) {
	return func(question string) (seal.Secret, error) {
		if !term.IsTerminal(int(in.Fd())) {
			return seal.Secret{}, usageError{errors.New("there is no terminal to ask on: give --file")}
		}
		if _, err := io.WriteString(out, question); err != nil {
			return seal.Secret{}, err
		}
		raw, err := term.ReadPassword(int(in.Fd()))
		_, _ = fmt.Fprintln(out)
		return seal.NewSecret(raw), err
	}
}
