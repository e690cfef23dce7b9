package store

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"time"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/identity"
)

// MaxSAMLAhead is how far in the future the end of an assertion may be that is
// spent: what is older than that is forgotten.
const MaxSAMLAhead = (spentSlots - 2) * time.Minute

// spentSlots is how many minutes are kept apart. The records of a minute are
// written over when its slot comes round again, so nothing needs to be swept.
const spentSlots = 16

// spentAssertions are the hashes of the assertions that end in one minute and
// begin with one byte.
type spentAssertions struct {
	Minute int64    `json:"minute"` // since 1970
	Hashes []string `json:"hashes"`
}

func spentKey(p *identity.SAMLProvider, minute int64, hash string) key {
	return join("saml-spent", string(p.Account), arn.Fold(p.Name), strconv.FormatInt(minute%spentSlots, 10), hash[:2])
}

func spentSignInKey(minute int64, hash string) key {
	return join("sign-in-spent", strconv.FormatInt(minute%spentSlots, 10), hash[:2])
}

// SpendSignIn notes that a half-done sign-in went on, as SpendSAMLAssertion does
// of assertions: each goes on once (TH-50).
func (tx *Tx) SpendSignIn(id string, until time.Time) error {
	return tx.spend(spentSignInKey, id, until)
}

// SpendSAMLAssertion notes that an assertion of a provider was used, until it
// expires by itself, MaxSAMLAhead from now at most. It fails with ErrExists when
// it was used before, on whatever node (TH-94). In a view it only tells that.
func (tx *Tx) SpendSAMLAssertion(p *identity.SAMLProvider, id string, until time.Time) error {
	return tx.spend(func(minute int64, hash string) key { return spentKey(p, minute, hash) }, id, until)
}

func (tx *Tx) spend(slot func(minute int64, hash string) key, id string, until time.Time) error {
	sum := sha256.Sum256([]byte(id))
	hash, minute := hex.EncodeToString(sum[:16]), until.Unix()/60
	k := slot(minute, hash)
	spent, err := get[spentAssertions](tx, k)
	switch {
	case missing(err) || err == nil && spent.Minute < minute:
		spent = &spentAssertions{Minute: minute}
	case err != nil:
		return err
	case spent.Minute > minute || slices.Contains(spent.Hashes, hash):
		return ErrExists
	}
	if !tx.Writable() {
		return nil
	}
	spent.Hashes = append(spent.Hashes, hash)
	return put(tx, k, spent)
}
