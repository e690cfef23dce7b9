package server

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/store"
)

// What the demo is made of. The account ids are those of AWS's documentation.
const (
	demoProd = "111122223333"
	demoDev  = "444455556666"
	demoRole = "assumerole-s3-access"
)

// demoProfiles are the profiles that have keys of their own, each behind those
// that can give it a new one.
var demoProfiles = []string{"root", "dev-admin", "prod-admin", "alice", "bob"}

// A demonstration makes the demo: through the server's own operations, over the
// road that every request takes, so that nothing is in it that a user could
// not make.
type demonstration struct {
	server *Server
	api    apiClient
	keys   map[string]RootKey // by profile, as the credentials file has them
	// passwords are those for the console, by the users' names.
	passwords map[string]seal.Secret
}

func (s *Server) demoDir() string { return filepath.Join(s.options.Data, "demo") }

// demo sees to it that the demo is there and returns what to tell people. When
// it was made before, nothing in it is changed, whatever became of it since;
// but a profile whose secret is gone from the credentials file gets a new key.
func (s *Server) demo(ctx context.Context, url string) (string, error) {
	d := &demonstration{server: s, api: apiClient{url: url, region: s.options.Region, now: s.clock.Now, handler: s.handler}}
	var err error
	if d.keys, err = readCredentials(filepath.Join(s.demoDir(), "credentials")); err != nil {
		return "", err
	}
	if d.passwords, err = readPasswords(d.passwordFile()); err != nil {
		return "", err
	}
	made, err := d.made(ctx)
	if err != nil {
		return "", err
	}
	var lost []string
	if made {
		lost = d.repair(ctx)
	} else if err := d.make(ctx); err != nil {
		return "", err
	}
	lost = append(lost, d.letIn(ctx)...)
	if err := d.writeFiles(); err != nil {
		return "", err
	}
	return d.text() + strings.Join(lost, ""), nil
}

// made reports whether the demo was made to its end before: its configuration
// is written last. The accounts are gone after a reset.
func (d *demonstration) made(ctx context.Context) (bool, error) {
	written, err := exists(filepath.Join(d.server.demoDir(), "config"))
	if err != nil || !written {
		return false, err
	}
	err = d.server.store.View(ctx, func(tx *store.Tx) error {
		for _, id := range []identity.AccountID{demoProd, demoDev} {
			if _, err := tx.Account(id); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// repair gives new keys to the profiles that have none, and returns what to
// tell people of those that it could not help: the demo is theirs, and they may
// have removed what it takes.
func (d *demonstration) repair(ctx context.Context) (lost []string) {
	for _, p := range demoProfiles {
		if _, ok := d.keys[p]; ok {
			continue
		}
		if err := d.renew(ctx, p); err != nil {
			delete(d.keys, p)
			lost = append(lost, fmt.Sprintf("Profile %s has no key, and got no new one: %v\n", p, err))
		}
	}
	return lost
}

// renew gives a profile a new key.
func (d *demonstration) renew(ctx context.Context, profile string) (err error) {
	switch profile {
	case "root":
		return d.root(ctx)
	case "prod-admin", "dev-admin":
		account := map[string]string{"prod-admin": demoProd, "dev-admin": demoDev}[profile]
		return d.asGuest(ctx, account, func(guest apiClient) error {
			d.keys[profile], err = guest.newKey(ctx, profile)
			return err
		})
	default:
		if _, ok := d.keys["dev-admin"]; !ok {
			return errors.New("dev-admin, who could give it one, has none either")
		}
		d.keys[profile], err = d.api.as(d.keys["dev-admin"]).newKey(ctx, profile)
		return err
	}
}

func (d *demonstration) works(ctx context.Context, profile string) bool {
	key, ok := d.keys[profile]
	if !ok {
		return false
	}
	_, err := d.api.as(key).query(ctx, "sts", "GetCallerIdentity")
	return err == nil
}

// make makes what is not there yet. Every step can be done again.
func (d *demonstration) make(ctx context.Context) error {
	for _, step := range []func(context.Context) error{
		d.root, d.organization, d.prodAccount, d.devAccount,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// root finds the management account's root key. When its secret is gone a new
// one is made beside the road: there is no call that could.
func (d *demonstration) root(ctx context.Context) error {
	if d.works(ctx, "root") {
		return nil
	}
	if first := d.server.first; first != nil {
		d.keys["root"] = first.Key
		return nil
	}
	if keys, err := readCredentials(filepath.Join(d.server.options.Data, "root-credentials")); err != nil {
		return err
	} else if key, ok := keys["default"]; ok {
		d.keys["root"] = key
		if d.works(ctx, "root") {
			return nil
		}
	}
	return d.server.store.Update(ctx, func(tx *store.Tx) error {
		system, err := tx.System()
		if err != nil {
			return err
		}
		account, err := tx.Account(system.Management)
		if err != nil {
			return err
		}
		key, err := newRootKey(account.ID)
		if err != nil {
			return err
		}
		d.keys["root"] = key
		if len(account.RootKeys) >= maxRootKeys {
			oldest, err := tx.AccessKey(account.RootKeys[0])
			if err != nil {
				return err
			}
			if err := tx.DeleteAccessKey(oldest); err != nil {
				return err
			}
			account.RootKeys = slices.Clone(account.RootKeys[1:])
		}
		return addRootKey(tx, d.server.authn.Ring(), account, key, d.server.clock.Now())
	})
}

// maxRootKeys is how many access keys a root may have, as anybody else.
const maxRootKeys = 2

// organization makes the organization and its two member accounts.
func (d *demonstration) organization(ctx context.Context) error {
	root := d.api.as(d.keys["root"])
	if _, err := root.organizations(ctx, "CreateOrganization", map[string]any{"FeatureSet": "ALL"}); err != nil && !isCode(err, "AlreadyInOrganizationException") {
		return err
	}
	for _, a := range []struct{ name, id string }{{"prod", demoProd}, {"dev", demoDev}} {
		_, err := root.organizations(ctx, "DescribeAccount", map[string]any{"AccountId": a.id})
		if err == nil {
			continue
		} else if !isCode(err, "AccountNotFoundException") {
			return err
		}
		d.server.nextAccount.Store(new(identity.AccountID(a.id)))
		_, err = root.organizations(ctx, "CreateAccount", map[string]any{"AccountName": a.name, "Email": "root@" + a.name + ".invalid"})
		d.server.nextAccount.Store(nil)
		if err != nil {
			return err
		}
	}
	return nil
}

// administrator returns a client for the account's administrator, and makes
// the first one as a guest.
func (d *demonstration) administrator(ctx context.Context, account, name string) (apiClient, error) {
	profile := name + "-admin"
	if d.works(ctx, profile) {
		return d.api.as(d.keys[profile]), nil
	}
	err := d.asGuest(ctx, account, func(guest apiClient) (err error) {
		if err := guest.user(ctx, profile, "AttachUserPolicy", "PolicyArn", administratorAccess); err != nil {
			return err
		}
		d.keys[profile], err = guest.newKey(ctx, profile)
		return err
	})
	return d.api.as(d.keys[profile]), err
}

// asGuest calls fn with a session of the role that CreateAccount left in an
// account for the management account. Its root may not assume roles: a user
// does, that lives as long as this takes.
func (d *demonstration) asGuest(ctx context.Context, account string, fn func(apiClient) error) error {
	root := d.api.as(d.keys["root"])
	const setup = "demo-setup"
	if _, err := root.query(ctx, "iam", "CreateUser", "UserName", setup); err != nil && !isCode(err, "EntityAlreadyExists") {
		return err
	}
	if _, err := root.query(ctx, "iam", "AttachUserPolicy", "UserName", setup, "PolicyArn", administratorAccess); err != nil {
		return err
	}
	key, err := root.newKey(ctx, setup)
	if err != nil {
		return err
	}
	guest, err := d.api.as(key).assume(ctx, "arn:aws:iam::"+account+":role/OrganizationAccountAccessRole", setup)
	if err == nil {
		err = fn(guest)
	}
	for _, call := range [][]string{
		{"DeleteAccessKey", "UserName", setup, "AccessKeyId", key.ID},
		{"DetachUserPolicy", "UserName", setup, "PolicyArn", administratorAccess},
		{"DeleteUser", "UserName", setup},
	} {
		_, undone := root.query(ctx, "iam", call[0], call[1:]...)
		err = errors.Join(err, undone)
	}
	return err
}

const administratorAccess = "arn:aws:iam::aws:policy/AdministratorAccess"

// prodAccount makes what prod owns: the role that dev's people may be allowed
// to assume, and two buckets.
func (d *demonstration) prodAccount(ctx context.Context) error {
	admin, err := d.administrator(ctx, demoProd, "prod")
	if err != nil {
		return err
	}
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + demoDev + `:root"},"Action":"sts:AssumeRole","Condition":{}}]}`
	for _, call := range [][]string{
		{"CreateAccountAlias", "AccountAlias", "prod"},
		{
			"CreateRole", "RoleName", demoRole, "AssumeRolePolicyDocument", trust, "Description", "Prod's buckets, for people of dev",
			"Tags.member.1.Key", "Name", "Tags.member.1.Value", demoRole,
		},
		{"AttachRolePolicy", "RoleName", demoRole, "PolicyArn", "arn:aws:iam::aws:policy/AmazonS3FullAccess"},
	} {
		if _, err := admin.query(ctx, "iam", call[0], call[1:]...); err != nil && !isCode(err, "EntityAlreadyExists") {
			return err
		}
	}
	for _, bucket := range []string{"prod-invoices", "prod-backups"} {
		if err := admin.put(ctx, "/"+bucket, ""); err != nil && !isCode(err, "BucketAlreadyOwnedByYou") {
			return err
		}
	}
	for _, o := range []struct{ bucket, key, text string }{
		{"prod-invoices", "2026/11/invoice-0001.txt", "Invoice 0001\nTotal: 42.00\n"},
		{"prod-invoices", "2026/11/invoice-0002.txt", "Invoice 0002\nTotal: 23.00\n"},
		{"prod-backups", "nightly/2026-11-22.txt", "A backup would be here.\n"},
	} {
		if err := admin.put(ctx, "/"+o.bucket+"/"+o.key, o.text); err != nil {
			return err
		}
	}
	return nil
}

// devAccount makes dev's people: alice, who is in the group that may assume
// prod's role, and bob, who is not.
func (d *demonstration) devAccount(ctx context.Context) error {
	admin, err := d.administrator(ctx, demoDev, "dev")
	if err != nil {
		return err
	}
	const group = "grp_s3_admin"
	allow := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::` + demoProd + `:role/` + demoRole + `"}]}`
	for _, call := range [][]string{
		{"CreateAccountAlias", "AccountAlias", "dev"},
		{"CreateGroup", "GroupName", group},
		{"PutGroupPolicy", "GroupName", group, "PolicyName", "assume-prod-s3", "PolicyDocument", allow},
		{"CreateUser", "UserName", "alice"},
		{"CreateUser", "UserName", "bob"},
		{"AddUserToGroup", "GroupName", group, "UserName", "alice"},
	} {
		if _, err := admin.query(ctx, "iam", call[0], call[1:]...); err != nil && !isCode(err, "EntityAlreadyExists") {
			return err
		}
	}
	for _, name := range []string{"alice", "bob"} {
		if d.works(ctx, name) {
			continue
		}
		if d.keys[name], err = admin.newKey(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// writeFiles writes the files that the AWS CLI reads.
func (d *demonstration) writeFiles() error {
	var config, credentials strings.Builder
	settings := fmt.Sprintf("region = %s\nendpoint_url = %s\n", d.server.options.Region, d.api.url)
	for _, p := range demoProfiles {
		fmt.Fprintf(&config, "[profile %s]\n%s\n", p, settings)
	}
	role := "arn:aws:iam::" + demoProd + ":role/" + demoRole
	for _, p := range []struct{ name, source string }{{"prod-s3", "alice"}, {"prod-s3-bob", "bob"}} {
		// The CLI keeps sessions by role and name: without a name of its own bob
		// would be given alice's.
		fmt.Fprintf(&config, "[profile %s]\n%srole_arn = %s\nsource_profile = %s\nrole_session_name = %s\n\n", p.name, settings, role, p.source, p.source)
	}
	for _, p := range slices.Sorted(maps.Keys(d.keys)) {
		credentials.Write(credentialsFile(p, d.keys[p]))
		credentials.WriteByte('\n')
	}
	if err := writeFile(filepath.Join(d.server.demoDir(), "credentials"), []byte(credentials.String())); err != nil {
		return fmt.Errorf("writing the demo's credentials: %w", err)
	}
	if err := writeFile(d.passwordFile(), d.passwordList()); err != nil {
		return fmt.Errorf("writing the demo's passwords: %w", err)
	}
	if err := writeFile(filepath.Join(d.server.demoDir(), "config"), []byte(config.String())); err != nil {
		return fmt.Errorf("writing the demo's configuration: %w", err)
	}
	return nil
}

// text is what the demo says: the two exports first, then what to try.
func (d *demonstration) text() string {
	dir, err := filepath.Abs(d.server.demoDir())
	if err != nil {
		dir = d.server.demoDir()
	}
	return fmt.Sprintf(`export AWS_CONFIG_FILE=%s
export AWS_SHARED_CREDENTIALS_FILE=%s

Regent serves %s. Paste the two lines above into another shell, then try:

  aws sts get-caller-identity --profile alice      # a user of dev (%s)
  aws s3 ls --profile prod-s3                      # alice in prod's role: prod's buckets
  aws s3 cp README.md s3://prod-invoices/ --profile prod-s3
  aws s3 presign s3://prod-invoices/2026/11/invoice-0001.txt --profile prod-s3
  aws s3 ls --profile prod-s3-bob                  # bob is not in grp_s3_admin: refused
  aws iam add-user-to-group --group-name grp_s3_admin --user-name bob --profile dev-admin
  aws s3 ls --profile prod-s3-bob                  # now he is

%s
Profiles: alice, bob (people of dev), prod-s3, prod-s3-bob (they, in prod's role),
dev-admin, prod-admin (administrators), root (the management account's root).
No aws here? "make aws" installs one: .venv/bin/aws. Control-C stops the server.
`, quoted(filepath.Join(dir, "config")), quoted(filepath.Join(dir, "credentials")), d.api.url, demoDev, d.doors())
}

// quoted returns a file's name as a shell reads it.
func quoted(name string) string {
	const plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+:@%"
	if strings.Trim(name, plain) == "" {
		return name
	}
	return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
}

// readCredentials reads a credentials file of the AWS CLI's; no file is none.
func readCredentials(name string) (map[string]RootKey, error) {
	keys := map[string]RootKey{}
	raw, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return keys, nil
	} else if err != nil {
		return nil, fmt.Errorf("reading credentials: %w", err)
	}
	profile := ""
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		if inner, ok := strings.CutPrefix(line, "["); ok {
			profile = strings.TrimSuffix(inner, "]")
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok || profile == "" {
			continue
		}
		key := keys[profile]
		switch strings.TrimSpace(name) {
		case "aws_access_key_id":
			key.ID = strings.TrimSpace(value)
		case "aws_secret_access_key":
			key.Secret = seal.NewSecret(strings.TrimSpace(value))
		}
		keys[profile] = key
	}
	maps.DeleteFunc(keys, func(_ string, k RootKey) bool { return k.ID == "" || k.Secret.IsZero() })
	return keys, nil
}
