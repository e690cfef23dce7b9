package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/signin"
)

// A demoPerson is somebody in the demo who can sign in to the console.
type demoPerson struct {
	name, account string
	admin         string // the profile that gives the password
}

// demoPeople are those who can sign in, administrators behind the others.
func demoPeople() []demoPerson {
	return []demoPerson{
		{"alice", "dev", "dev-admin"}, {"bob", "dev", "dev-admin"}, {"dev-admin", "dev", "dev-admin"}, {"prod-admin", "prod", "prod-admin"},
	}
}

func (d *demonstration) passwordFile() string { return filepath.Join(d.server.demoDir(), "passwords") }

// letIn gives passwords for the console to those who have none in the file, each
// another one that nobody could know (TH-107). It returns what to tell people
// of those that it could not help.
func (d *demonstration) letIn(ctx context.Context) (lost []string) {
	for _, p := range demoPeople() {
		if _, ok := d.passwords[p.name]; ok {
			continue
		}
		secret := newPassword()
		if err := d.setPassword(ctx, p, secret); err != nil {
			lost = append(lost, fmt.Sprintf("%s has no password, and got no new one: %v\n", p.name, err))
			continue
		}
		d.passwords[p.name] = secret
	}
	return lost
}

func (d *demonstration) setPassword(ctx context.Context, p demoPerson, secret seal.Secret) error {
	key, ok := d.keys[p.admin]
	if !ok {
		return errors.New(p.admin + ", who could give it one, has no key")
	}
	admin := d.api.as(key)
	_, err := admin.query(ctx, "iam", "CreateLoginProfile", "UserName", p.name, "Password", secret.Reveal())
	if isCode(err, "EntityAlreadyExists") {
		_, err = admin.query(ctx, "iam", "UpdateLoginProfile", "UserName", p.name, "Password", secret.Reveal())
	}
	return err
}

// newPassword draws a password that people can type and every account takes:
// 18 characters of base32 between dashes.
func newPassword() seal.Secret {
	text := rand.Text()
	return seal.NewSecret(text[:6] + "-" + arn.Fold(text[6:12]) + "-" + text[12:18])
}

// doors says where the console is and who can sign in.
func (d *demonstration) doors() string {
	var b strings.Builder
	at := ""
	for _, p := range demoPeople() {
		secret, ok := d.passwords[p.name]
		if !ok {
			continue
		}
		if p.account != at {
			at = p.account
			fmt.Fprintf(&b, "\nThe console, as a user of %s: %s%s?account=%s\n", at, d.api.url, signin.Path, at)
		}
		fmt.Fprintf(&b, "  %-10s %s\n", p.name, secret.Reveal())
	}
	return strings.TrimPrefix(b.String(), "\n")
}

// passwordList is the file that the passwords are kept in.
func (d *demonstration) passwordList() []byte {
	var b strings.Builder
	for _, p := range demoPeople() {
		if secret, ok := d.passwords[p.name]; ok {
			b.WriteString(p.name + " " + secret.Reveal() + "\n")
		}
	}
	return []byte(b.String())
}

// readPasswords reads the file of passwords; no file is none.
func readPasswords(name string) (map[string]seal.Secret, error) {
	passwords := map[string]seal.Secret{}
	raw, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return passwords, nil
	} else if err != nil {
		return nil, fmt.Errorf("reading the demo's passwords: %w", err)
	}
	for line := range strings.Lines(string(raw)) {
		if user, secret, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			passwords[user] = seal.NewSecret(secret)
		}
	}
	return passwords, nil
}
