// Package issuer is Regent as an issuer of OpenID Connect tokens for others to
// trust: one issuer for each account, with its keys, its documents, and the form
// of its tokens (IAM User Guide, "Outbound identity federation").
package issuer

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
)

// Path is where the issuers lie on the server.
const Path = "/_regent/oidc/"

// The documents of an issuer, behind its URL (OpenID Connect Discovery 1.0).
const (
	discoveryPath = "/.well-known/openid-configuration"
	keysPath      = "/.well-known/jwks.json"
)

// URL returns the issuer with that id. It is made of the configured URL alone:
// one that followed the Host header would let a caller choose who vouches for a
// token (TH-95).
func URL(public, id string) string { return public + Path + id }

// idLength is that of an issuer's id, a UUID.
const idLength = 36

// Own reports whether iss, a URL with or without its scheme, is an issuer of this
// installation, under whatever host name. Its tokens must not be traded for a
// role's credentials here: those would outlive the session that asked for the
// token, and have neither its source identity nor its tags (TH-49).
func Own(tx *store.Tx, iss string) (bool, error) {
	if unescaped, err := url.PathUnescape(iss); err == nil {
		iss = unescaped
	}
	_, id, ok := strings.Cut(iss, Path)
	if !ok || len(id) < idLength {
		return false, nil
	}
	_, err := tx.IssuerAccount(arn.Fold(id[:idLength]))
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// A Document is what an issuer publishes, nil when there is nothing to see.
type Document []byte

// Read returns the document at a path behind [Path]. An issuer that is not there,
// is switched off, or whose account is closed has none.
func Read(tx *store.Tx, public, path string, now time.Time) (Document, error) {
	if public == "" || len(path) <= idLength {
		return nil, nil
	}
	id, name := path[:idLength], path[idLength:]
	if name != discoveryPath && name != keysPath {
		return nil, nil
	}
	owner, err := serving(tx, id)
	if err != nil || owner == "" {
		return nil, err
	}
	if name == discoveryPath {
		return discovery(URL(public, id))
	}
	keys, err := tx.IssuerKeys(owner)
	if err != nil {
		return nil, err
	}
	return keySet(keys, now)
}

// serving returns the account of an issuer that is switched on, "" when there is
// none.
func serving(tx *store.Tx, id string) (identity.AccountID, error) {
	owner, err := tx.IssuerAccount(id)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	} else if err != nil {
		return "", err
	}
	settings, err := tx.Settings(owner)
	if err != nil {
		return "", err
	}
	account, err := tx.Account(owner)
	if err != nil {
		return "", fmt.Errorf("account of issuer %s: %w", id, err)
	}
	if !settings.Outbound || settings.IssuerID != id || account.Status != identity.AccountActive {
		return "", nil
	}
	return owner, nil
}

func discovery(iss string) (Document, error) {
	return json.Marshal(struct {
		Issuer     string   `json:"issuer"`
		Keys       string   `json:"jwks_uri"`
		Responses  []string `json:"response_types_supported"`
		Subjects   []string `json:"subject_types_supported"`
		Algorithms []string `json:"id_token_signing_alg_values_supported"`
		Claims     []string `json:"claims_supported"`
	}{
		iss, iss + keysPath,
		[]string{"id_token"},
		[]string{"public"},
		Algorithms(),
		[]string{"iss", "sub", "aud", "exp", "iat", "jti", Namespace},
	})
}
