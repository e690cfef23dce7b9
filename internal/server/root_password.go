package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/regent-iam/regent/internal/config"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/password"
	"github.com/regent-iam/regent/internal/record"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
)

// ErrNoAccount reports an account that does not exist.
var ErrNoAccount = errors.New("there is no such account")

// RootPassword gives the root of an account of a data directory, which no server
// may be using, a password, and ends its sign-ins. It returns the e-mail address
// that root signs in with. An empty id is the management account's. The change
// is in the record of the next start.
func RootPassword(ctx context.Context, c *config.Config, id string, text seal.Secret) (email string, err error) {
	now := time.Now().UTC() //nolint:forbidigo // no server runs whose clock it could be
	err = offline(c, func(s *store.Store, ring ringOpener) error {
		var account *identity.Account
		var profile *identity.LoginProfile
		var sealed []byte
		err := s.View(ctx, func(tx *store.Tx) error {
			system, ring, err := ring(tx)
			if err != nil {
				return err
			}
			if account, profile, err = rootOf(tx, system, identity.AccountID(id), now); err != nil {
				return err
			}
			if err := password.Check(nil, account, text.Reveal()); err != nil {
				return err
			}
			sealed, err = password.New(password.Options{}).Seal(ctx, ring, rand.Reader, profile, text)
			return err
		})
		if err != nil {
			return err
		}
		email = account.Email
		event := rootPasswordEvent(account, now)
		return s.Update(ctx, func(tx *store.Tx) error {
			next := *profile
			password.Set(&next, sealed, now)
			next.ResetRequired = false
			if err := tx.PutLoginProfile(&next); err != nil {
				return err
			}
			l := session.SignIns(account.ID, identity.RootUser)
			if err := tx.Revoke(l.Account, l.ID, now, now.Add(session.Remembered)); err != nil {
				return err
			}
			return record.Commit(tx, now, event)
		})
	})
	return email, err
}

// rootOf returns an account and its root's login profile, a new one where there
// is none.
func rootOf(tx *store.Tx, system *store.System, id identity.AccountID, now time.Time) (*identity.Account, *identity.LoginProfile, error) {
	if id == "" {
		id = system.Management
	}
	account, err := tx.Account(id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil, fmt.Errorf("%w: %s", ErrNoAccount, id)
	} else if err != nil {
		return nil, nil, err
	}
	profile, err := tx.LoginProfile(id, identity.RootUser)
	if errors.Is(err, store.ErrNotFound) {
		return account, &identity.LoginProfile{Account: id, UserID: identity.RootUser, Created: now}, nil
	}
	return account, profile, err
}

// rootPasswordEvent is what the record has of it (RE-46). Who did it is not known:
// somebody who may write the data directory.
func rootPasswordEvent(account *identity.Account, now time.Time) *record.Event {
	return &record.Event{
		ID: dispatch.UUID(), RequestID: dispatch.UUID(), Time: now, Source: "signin.amazonaws.com", Name: "PasswordUpdated", Type: record.ConsoleSignIn,
		Region: DefaultRegion, UserAgent: "regent root-password", Management: true, RecipientAccountID: account.ID,
		Identity: record.UserIdentity{
			Type: record.TypeRoot, PrincipalID: string(account.ID), ARN: account.RootARN().String(), AccountID: account.ID, UserName: account.Alias,
		},
		ResponseElements: []byte(`{"PasswordUpdated":"Success"}`),
	}
}
