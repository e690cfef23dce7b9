package iam

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
)

// credentialColumns are the columns of the credential report (IA-57).
func credentialColumns() []string {
	return []string{
		"user", "arn", "user_creation_time",
		"password_enabled", "password_last_used", "password_last_changed", "password_next_rotation", "mfa_active",
		"access_key_1_active", "access_key_1_last_rotated", "access_key_1_last_used_date", "access_key_1_last_used_region", "access_key_1_last_used_service",
		"access_key_2_active", "access_key_2_last_rotated", "access_key_2_last_used_date", "access_key_2_last_used_region", "access_key_2_last_used_service",
		"cert_1_active", "cert_1_last_rotated", "cert_2_active", "cert_2_last_rotated",
	}
}

// What stands where there is no value: the thing does not exist or was never
// used, is not known, or is not told of a root.
const (
	notApplicable = "N/A"
	noInformation = "no_information"
	notSupported  = "not_supported"
)

// rootRow is the user of the root's row. No user can have that name.
const rootRow = "<root_account>"

// credentialRows yields the report of an account a page at a time: the head,
// the root, the users by name.
type credentialRows struct {
	begun  bool
	after  string
	policy *identity.PasswordPolicy // nil when the account has none
}

func newCredentialRows() *credentialRows { return &credentialRows{} }

// next returns the next page of the report and whether there are more.
func (c *credentialRows) next(ctx context.Context, s *store.Store, account identity.AccountID) (page []byte, more bool, err error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b) // it quotes the commas that names may have
	err = s.View(ctx, func(tx *store.Tx) error {
		var err error
		if c.policy, err = tx.PasswordPolicy(account); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if !c.begun {
			root, err := tx.Account(account)
			if err != nil {
				return err
			}
			row, err := rootCredentials(tx, root)
			if err != nil {
				return err
			}
			_, _ = w.Write(credentialColumns()), w.Write(row) // a buffer takes everything
		}
		users, next, err := tx.Users(account, store.Page[identity.User]{After: c.after, Limit: reportPage})
		if err != nil {
			return err
		}
		for _, u := range users {
			row, err := c.user(tx, u)
			if err != nil {
				return fmt.Errorf("%s: %w", u.ARN(), err)
			}
			_ = w.Write(row)
		}
		c.after, more = next, next != ""
		return nil
	})
	c.begun = true
	w.Flush()
	return b.Bytes(), more, err
}

func rootCredentials(tx *store.Tx, a *identity.Account) ([]string, error) {
	row := []string{
		rootRow, a.RootARN().String(), reportTime(a.Created), notSupported, noInformation, notSupported, notSupported,
		strconv.FormatBool(len(a.RootMFA) > 0),
	}
	keys, err := keyColumns(tx, a.RootKeys)
	if err != nil {
		return nil, err
	}
	certificates, err := certificateColumns(tx, a.ID, identity.RootUser)
	return slices.Concat(row, keys, certificates), err
}

func (c *credentialRows) user(tx *store.Tx, u *identity.User) ([]string, error) {
	row := []string{string(u.Name), u.ARN().String(), reportTime(u.Created)}
	password, err := c.password(tx, u)
	if err != nil {
		return nil, err
	}
	keys, err := keyColumns(tx, u.Keys)
	if err != nil {
		return nil, err
	}
	certificates, err := certificateColumns(tx, u.Account, u.ID)
	return slices.Concat(row, password, []string{strconv.FormatBool(len(u.MFA) > 0)}, keys, certificates), err
}

// password tells of a user's password: that there is one, when it was last
// used, when it was set, and when the account's policy wants another.
func (c *credentialRows) password(tx *store.Tx, u *identity.User) ([]string, error) {
	p, err := tx.LoginProfile(u.Account, u.ID)
	if errors.Is(err, store.ErrNotFound) {
		return []string{"false", notApplicable, notApplicable, notApplicable}, nil
	} else if err != nil {
		return nil, fmt.Errorf("login profile: %w", err)
	}
	used, next := noInformation, notApplicable
	if !u.PasswordLastUsed.IsZero() {
		used = reportTime(u.PasswordLastUsed)
	}
	if c.policy != nil {
		if expiry := c.policy.Expiry(p.Changed); !expiry.IsZero() {
			next = reportTime(expiry)
		}
	}
	return []string{"true", used, reportTime(p.Changed), next}, nil
}

// reportedKeys is how many access keys the report has columns for.
const reportedKeys = 2

func keyColumns(tx *store.Tx, ids []identity.AccessKeyID) ([]string, error) {
	var columns []string
	for i := range reportedKeys {
		if i >= len(ids) {
			columns = append(columns, "false", notApplicable, notApplicable, notApplicable, notApplicable)
			continue
		}
		k, err := tx.AccessKey(ids[i])
		if err != nil {
			return nil, fmt.Errorf("access key %s: %w", ids[i], err)
		}
		columns = append(columns, strconv.FormatBool(k.Status == identity.KeyActive), reportTime(k.Created))
		switch use, err := tx.KeyUse(k.ID); {
		case err == nil:
			columns = append(columns, reportTime(use.At), orNotApplicable(use.Region), orNotApplicable(use.Service))
		case errors.Is(err, store.ErrNotFound):
			columns = append(columns, notApplicable, notApplicable, notApplicable)
		default:
			return nil, fmt.Errorf("use of access key %s: %w", ids[i], err)
		}
	}
	return columns, nil
}

// reportedCertificates is how many signing certificates the report has columns
// for.
const reportedCertificates = 2

// certificateColumns tell of the signing certificates of a user or root, in the
// order in which they were uploaded.
func certificateColumns(tx *store.Tx, account identity.AccountID, userID string) ([]string, error) {
	certificates, _, err := tx.SigningCertificates(account, userID, store.Page[identity.SigningCertificate]{})
	if err != nil {
		return nil, fmt.Errorf("signing certificates: %w", err)
	}
	slices.SortStableFunc(certificates, func(a, b *identity.SigningCertificate) int { return a.Uploaded.Compare(b.Uploaded) })
	var columns []string
	for i := range reportedCertificates {
		if i < len(certificates) {
			c := certificates[i]
			columns = append(columns, strconv.FormatBool(c.Status == identity.KeyActive), reportTime(c.Uploaded))
		} else {
			columns = append(columns, "false", notApplicable)
		}
	}
	return columns, nil
}

func orNotApplicable(s string) string {
	if s == "" {
		return notApplicable
	}
	return s
}

// reportTime writes a time as the report has it.
func reportTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05+00:00") }
