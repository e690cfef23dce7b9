package authn

import (
	"errors"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
)

// Holder returns who has temporary credentials, from the records as they are,
// and the secret that they sign with. Its error is ErrGone when nobody has them,
// or not any more. It does not look at the time: who asks goes by the session's
// Expires, or by an end of its own.
func (a *Authenticator) Holder(tx *store.Tx, id identity.AccessKeyID, token string) (Caller, seal.Secret, error) {
	s, secret, err := session.Open(a.Ring(), id, token)
	if errors.Is(err, session.ErrToken) {
		return Caller{}, seal.Secret{}, ErrGone
	} else if err != nil {
		return Caller{}, seal.Secret{}, err
	}
	c, err := ofSession(tx, s)
	if errors.Is(err, store.ErrNotFound) {
		return Caller{}, seal.Secret{}, ErrGone
	} else if err != nil {
		return Caller{}, seal.Secret{}, err
	}
	account, err := tx.Account(c.Account)
	if err != nil {
		return Caller{}, seal.Secret{}, err
	}
	if account.Status != identity.AccountActive {
		return Caller{}, seal.Secret{}, ErrGone
	}
	c.AccessKeyID, c.Session = s.KeyID, s
	return c, secret, nil
}
