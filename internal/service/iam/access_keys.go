package iam

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/regent-iam/regent/catalog"
	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
)

func accessKeyOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Write("CreateAccessKey", createAccessKeyNeeds, createAccessKey).Dangerous(always),
		dispatch.Write("DeleteAccessKey", deleteAccessKeyNeeds, deleteAccessKey),
		dispatch.Read("GetAccessKeyLastUsed", getAccessKeyLastUsedNeeds, getAccessKeyLastUsed),
		dispatch.Read("ListAccessKeys", listAccessKeysNeeds, listAccessKeys),
		dispatch.Write("UpdateAccessKey", updateAccessKeyNeeds, updateAccessKey),
	}
}

// secretSize is the randomness of a secret: 40 characters of base64 (IA-50).
const secretSize = 30

// A holder is who has keys and devices: a user, or the account's root when
// user is nil.
type holder struct {
	account *identity.Account
	user    *identity.User
}

// asRoot reports whether a call that names this user is about root itself.
func asRoot(call *dispatch.Call, userName string) bool {
	return userName == "" && call.Caller.Kind == authn.Root
}

// holderOf returns who a call is about: the named user, or who calls (IA-5).
func holderOf(call *dispatch.Call, userName string) (*holder, error) {
	if asRoot(call, userName) {
		account, err := call.Tx.Account(call.Caller.Account)
		return &holder{account: account}, err
	}
	name, err := userOrSelf(call, userName)
	if err != nil {
		return nil, err
	}
	u, err := user(call, name)
	return &holder{user: u}, err
}

// holderNeeds asks for an action on who a call is about.
func holderNeeds(call *dispatch.Call, action, userName string) ([]authz.Need, error) {
	if asRoot(call, userName) {
		return need(action, call.Caller.PrincipalARN), nil
	}
	name, err := userOrSelf(call, userName)
	if err != nil {
		return nil, err
	}
	return userNeeds(call, action, name)
}

// name is the user's name, empty for root.
func (h *holder) name() string {
	if h.user == nil {
		return ""
	}
	return string(h.user.Name)
}

func (h *holder) keys() *[]identity.AccessKeyID {
	if h.user == nil {
		return &h.account.RootKeys
	}
	return &h.user.Keys
}

// put writes the holder's record.
func (h *holder) put(tx *store.Tx) error {
	if h.user == nil {
		return tx.PutAccount(h.account)
	}
	return tx.PutUser(h.user)
}

// key returns the holder's key of that id, or IAM's error that there is none.
func (h *holder) key(tx *store.Tx, id string) (*identity.AccessKey, error) {
	if !slices.Contains(*h.keys(), identity.AccessKeyID(id)) {
		return nil, noKey(id)
	}
	k, err := tx.AccessKey(identity.AccessKeyID(id))
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", id, err)
	}
	return k, nil
}

func noKey(id string) error {
	return api.NoSuchEntity("The Access Key with id %s cannot be found", id)
}

func createAccessKeyNeeds(call dispatch.Call, in *api.CreateAccessKeyInput) ([]authz.Need, error) {
	return holderNeeds(&call, "iam:CreateAccessKey", in.UserName)
}

// createAccessKey makes a key. Its answer is the one place where the secret is
// ever shown (IA-50).
func createAccessKey(_ context.Context, call dispatch.Call, in *api.CreateAccessKeyInput) (*api.CreateAccessKeyOutput, error) {
	h, err := holderOf(&call, in.UserName)
	if err != nil {
		return nil, err
	}
	if err := checkQuota(&call, catalog.AccessKeysPerUser, len(*h.keys())+1); err != nil {
		return nil, err
	}
	made, err := newKey(&call)
	if err != nil {
		return nil, err
	}
	if h.user != nil {
		made.Key.UserID = h.user.ID
	}
	if err := call.Tx.PutAccessKey(&made.Key); err != nil {
		return nil, err
	}
	*h.keys() = append(*h.keys(), made.Key.ID)
	if err := h.put(call.Tx); err != nil {
		return nil, err
	}
	return &api.CreateAccessKeyOutput{AccessKey: &api.AccessKey{
		UserName: h.name(), AccessKeyId: string(made.Key.ID), Status: string(made.Key.Status),
		SecretAccessKey: made.Secret.Reveal(), CreateDate: made.Key.Created,
	}}, nil
}

// newKey draws an access key in the caller's account, which is nobody's yet.
func newKey(call *dispatch.Call) (*identity.NewCredential, error) {
	id, err := newID(call, "AKIA")
	if err != nil {
		return nil, err
	}
	var raw [secretSize]byte
	if _, err := io.ReadFull(call.Random, raw[:]); err != nil {
		return nil, fmt.Errorf("making a secret: %w", err)
	}
	made := &identity.NewCredential{
		Key: identity.AccessKey{
			ID: identity.AccessKeyID(id), Account: call.Caller.Account, Status: identity.KeyActive, Created: call.Now,
		},
		Secret: seal.NewSecret(base64.StdEncoding.EncodeToString(raw[:])),
	}
	made.Key.Sealed, err = authn.SealSecret(call.Ring(), made.Key.ID, made.Secret)
	return made, err
}

func listAccessKeysNeeds(call dispatch.Call, in *api.ListAccessKeysInput) ([]authz.Need, error) {
	return holderNeeds(&call, "iam:ListAccessKeys", in.UserName)
}

func listAccessKeys(_ context.Context, call dispatch.Call, in *api.ListAccessKeysInput) (*api.ListAccessKeysOutput, error) {
	h, err := holderOf(&call, in.UserName)
	if err != nil {
		return nil, err
	}
	w, err := windowOf(&call, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	ids, next := within(slices.Sorted(slices.Values(*h.keys())), w, func(id identity.AccessKeyID) string { return string(id) })
	out := &api.ListAccessKeysOutput{AccessKeyMetadata: make([]api.AccessKeyMetadata, len(ids))}
	for i, id := range ids {
		k, err := h.key(call.Tx, string(id))
		if err != nil {
			return nil, err
		}
		out.AccessKeyMetadata[i] = api.AccessKeyMetadata{
			UserName: h.name(), AccessKeyId: string(k.ID), Status: string(k.Status), CreateDate: k.Created,
		}
	}
	out.IsTruncated, out.Marker, err = more(&call, next)
	return out, err
}

func updateAccessKeyNeeds(call dispatch.Call, in *api.UpdateAccessKeyInput) ([]authz.Need, error) {
	return holderNeeds(&call, "iam:UpdateAccessKey", in.UserName)
}

// updateAccessKey switches a key on or off. Only AWS makes keys expire, so that
// status of the model cannot be set.
func updateAccessKey(_ context.Context, call dispatch.Call, in *api.UpdateAccessKeyInput) (*wire.Empty, error) {
	status, err := settable(in.Status)
	if err != nil {
		return nil, err
	}
	h, err := holderOf(&call, in.UserName)
	if err != nil {
		return nil, err
	}
	k, err := h.key(call.Tx, in.AccessKeyId)
	if err != nil {
		return nil, err
	}
	k.Status = status
	return &wire.Empty{}, call.Tx.PutAccessKey(k)
}

func deleteAccessKeyNeeds(call dispatch.Call, in *api.DeleteAccessKeyInput) ([]authz.Need, error) {
	return holderNeeds(&call, "iam:DeleteAccessKey", in.UserName)
}

func deleteAccessKey(_ context.Context, call dispatch.Call, in *api.DeleteAccessKeyInput) (*wire.Empty, error) {
	h, err := holderOf(&call, in.UserName)
	if err != nil {
		return nil, err
	}
	k, err := h.key(call.Tx, in.AccessKeyId)
	if err != nil {
		return nil, err
	}
	keys := h.keys()
	*keys = slices.DeleteFunc(slices.Clone(*keys), func(id identity.AccessKeyID) bool { return id == k.ID })
	if err := call.Tx.DeleteAccessKey(k); err != nil {
		return nil, err
	}
	return &wire.Empty{}, h.put(call.Tx)
}

// getAccessKeyLastUsedNeeds asks about the user whose key it is. A key that is
// not the account's, or that nobody has, is asked about as any user's at all:
// only who may ask about all users learns that there is none (TH-58).
func getAccessKeyLastUsedNeeds(call dispatch.Call, in *api.GetAccessKeyLastUsedInput) ([]authz.Need, error) {
	const action = "iam:GetAccessKeyLastUsed"
	k, u, err := keyAndUser(&call, in.AccessKeyId)
	switch {
	case err != nil:
		return nil, err
	case k == nil:
		return need(action, accountARN(&call, "user/*")), nil
	case u == nil:
		return need(action, identity.RootARN(k.Account).String()), nil
	}
	return need(action, u.ARN().String(), targetKeys(u.Tags)...), nil
}

// keyAndUser returns a key of the caller's account and the user whose it is:
// no key when the account has none of that id, no user when it is root's.
func keyAndUser(call *dispatch.Call, id string) (*identity.AccessKey, *identity.User, error) {
	k, err := call.Tx.AccessKey(identity.AccessKeyID(id))
	if errors.Is(err, store.ErrNotFound) || err == nil && k.Account != call.Caller.Account {
		return nil, nil, nil
	}
	if err != nil || k.Root() || k.Service != "" {
		return k, nil, err
	}
	u, err := call.Tx.UserByID(k.UserID)
	if err != nil {
		return nil, nil, fmt.Errorf("user of %s: %w", k.ID, err)
	}
	return k, u, nil
}

// getAccessKeyLastUsed tells when and for what a key was last used (IA-51).
func getAccessKeyLastUsed(_ context.Context, call dispatch.Call, in *api.GetAccessKeyLastUsedInput) (*api.GetAccessKeyLastUsedOutput, error) {
	k, u, err := keyAndUser(&call, in.AccessKeyId)
	if err != nil {
		return nil, err
	}
	if k == nil {
		return nil, noKey(in.AccessKeyId)
	}
	out := &api.GetAccessKeyLastUsedOutput{AccessKeyLastUsed: &api.AccessKeyLastUsed{ServiceName: "N/A", Region: "N/A"}}
	if u != nil {
		out.UserName = string(u.Name)
	}
	use, err := call.Tx.KeyUse(k.ID)
	if errors.Is(err, store.ErrNotFound) {
		return out, nil
	} else if err != nil {
		return nil, err
	}
	*out.AccessKeyLastUsed = api.AccessKeyLastUsed{
		LastUsedDate: use.At.Truncate(time.Second), ServiceName: use.Service, Region: use.Region,
	}
	return out, nil
}
