package iam

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // AWS tells keys apart by it; nothing is proved by it
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/regent-iam/regent/catalog"
	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
)

func sshKeyOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Write("DeleteSSHPublicKey", deleteSSHPublicKeyNeeds, deleteSSHPublicKey),
		dispatch.Read("GetSSHPublicKey", getSSHPublicKeyNeeds, getSSHPublicKey),
		dispatch.Read("ListSSHPublicKeys", listSSHPublicKeysNeeds, listSSHPublicKeys),
		dispatch.Write("UpdateSSHPublicKey", updateSSHPublicKeyNeeds, updateSSHPublicKey),
		dispatch.Write("UploadSSHPublicKey", uploadSSHPublicKeyNeeds, uploadSSHPublicKey),
	}
}

// The lengths of an RSA key in bits: AWS's least, and more than anybody has.
const (
	minRSABits = 2048
	maxRSABits = 16384
)

const sshRSA = "ssh-rsa"

// parseSSHKey reads a public key as ssh-keygen writes it or in PEM, which are
// the encodings that AWS takes; keys are RSA's.
func parseSSHKey(text string) (blob []byte, comment string, err error) {
	invalid := api.InvalidPublicKey("The public key is malformed or otherwise invalid.")
	text = strings.TrimSpace(text)
	var key ssh.PublicKey
	switch {
	case strings.HasPrefix(text, sshRSA+" "):
		var rest []byte
		key, comment, _, rest, err = ssh.ParseAuthorizedKey([]byte(text))
		if err != nil || len(rest) > 0 || key.Type() != sshRSA {
			return nil, "", invalid
		}
	case strings.HasPrefix(text, "-----BEGIN PUBLIC KEY-----"), strings.HasPrefix(text, "-----BEGIN RSA PUBLIC KEY-----"):
		block, rest := pem.Decode([]byte(text))
		if block == nil || len(rest) > 0 {
			return nil, "", invalid
		}
		public, ok := parsePublic(block)
		if !ok {
			return nil, "", invalid
		}
		if key, err = ssh.NewPublicKey(public); err != nil {
			return nil, "", invalid
		}
	default:
		return nil, "", api.UnrecognizedPublicKeyEncoding("The public key encoding format is unsupported or unrecognized.")
	}
	public, ok := rsaOf(key)
	if !ok || public.N.BitLen() < minRSABits || public.N.BitLen() > maxRSABits {
		return nil, "", invalid
	}
	return key.Marshal(), comment, nil
}

func parsePublic(block *pem.Block) (*rsa.PublicKey, bool) {
	if block.Type == "RSA PUBLIC KEY" {
		key, err := x509.ParsePKCS1PublicKey(block.Bytes)
		return key, err == nil
	}
	any, err := x509.ParsePKIXPublicKey(block.Bytes)
	key, ok := any.(*rsa.PublicKey)
	return key, ok && err == nil
}

func rsaOf(key ssh.PublicKey) (*rsa.PublicKey, bool) {
	holder, ok := key.(ssh.CryptoPublicKey)
	if !ok {
		return nil, false
	}
	public, ok := holder.CryptoPublicKey().(*rsa.PublicKey)
	return public, ok
}

// fingerprint is the MD5 of a key in SSH's wire format (IA-55).
func fingerprint(blob []byte) string {
	sum := md5.Sum(blob) //nolint:gosec // as above
	pairs := make([]string, len(sum))
	for i := range sum {
		pairs[i] = hex.EncodeToString(sum[i : i+1])
	}
	return strings.Join(pairs, ":")
}

// encodeSSHKey writes a key in the encoding that a call asks for.
func encodeSSHKey(k *identity.SSHPublicKey, encoding string) (string, error) {
	if encoding == "SSH" {
		return strings.TrimSpace(sshRSA + " " + base64.StdEncoding.EncodeToString(k.Blob) + " " + k.Comment), nil
	}
	key, err := ssh.ParsePublicKey(k.Blob)
	if err != nil {
		return "", fmt.Errorf("key %s: %w", k.ID, err)
	}
	public, ok := rsaOf(key)
	if !ok {
		return "", fmt.Errorf("key %s is a %s", k.ID, key.Type())
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return "", fmt.Errorf("key %s: %w", k.ID, err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), nil
}

// sshKey returns a user's key, or IAM's error that there is none.
func sshKey(call *dispatch.Call, userName, id string) (*identity.User, *identity.SSHPublicKey, error) {
	u, err := user(call, identity.UserName(userName))
	if err != nil {
		return nil, nil, err
	}
	k, err := call.Tx.SSHPublicKey(u.Account, u.ID, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil, api.NoSuchEntity("The Public Key with id %s cannot be found.", id)
	}
	return u, k, err
}

func apiSSHKey(u *identity.User, k *identity.SSHPublicKey, body string) *api.SSHPublicKey {
	return &api.SSHPublicKey{
		UserName: string(u.Name), SSHPublicKeyId: k.ID, Fingerprint: fingerprint(k.Blob), SSHPublicKeyBody: body,
		Status: string(k.Status), UploadDate: k.Uploaded,
	}
}

func uploadSSHPublicKeyNeeds(call dispatch.Call, in *api.UploadSSHPublicKeyInput) ([]authz.Need, error) {
	return userNeeds(&call, "iam:UploadSSHPublicKey", identity.UserName(in.UserName))
}

func uploadSSHPublicKey(_ context.Context, call dispatch.Call, in *api.UploadSSHPublicKeyInput) (*api.UploadSSHPublicKeyOutput, error) {
	u, err := user(&call, identity.UserName(in.UserName))
	if err != nil {
		return nil, err
	}
	blob, comment, err := parseSSHKey(in.SSHPublicKeyBody)
	if err != nil {
		return nil, err
	}
	keys, _, err := call.Tx.SSHPublicKeys(u.Account, u.ID, store.Page[identity.SSHPublicKey]{})
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		if bytes.Equal(k.Blob, blob) {
			return nil, api.DuplicateSSHPublicKey("The SSH public key is already associated with the specified IAM user.")
		}
	}
	if err := checkQuota(&call, catalog.SSHPublicKeysPerUser, len(keys)+1); err != nil {
		return nil, err
	}
	id, err := newID(&call, "APKA")
	if err != nil {
		return nil, err
	}
	k := &identity.SSHPublicKey{
		ID: id, Account: u.Account, UserID: u.ID, Status: identity.KeyActive, Uploaded: call.Now, Blob: blob, Comment: comment,
	}
	return &api.UploadSSHPublicKeyOutput{SSHPublicKey: apiSSHKey(u, k, in.SSHPublicKeyBody)}, call.Tx.PutSSHPublicKey(k)
}

func getSSHPublicKeyNeeds(call dispatch.Call, in *api.GetSSHPublicKeyInput) ([]authz.Need, error) {
	return userNeeds(&call, "iam:GetSSHPublicKey", identity.UserName(in.UserName))
}

func getSSHPublicKey(_ context.Context, call dispatch.Call, in *api.GetSSHPublicKeyInput) (*api.GetSSHPublicKeyOutput, error) {
	u, k, err := sshKey(&call, in.UserName, in.SSHPublicKeyId)
	if err != nil {
		return nil, err
	}
	body, err := encodeSSHKey(k, in.Encoding)
	if err != nil {
		return nil, err
	}
	return &api.GetSSHPublicKeyOutput{SSHPublicKey: apiSSHKey(u, k, body)}, nil
}

func listSSHPublicKeysNeeds(call dispatch.Call, in *api.ListSSHPublicKeysInput) ([]authz.Need, error) {
	return selfOrUser(&call, "iam:ListSSHPublicKeys", in.UserName)
}

func listSSHPublicKeys(_ context.Context, call dispatch.Call, in *api.ListSSHPublicKeysInput) (*api.ListSSHPublicKeysOutput, error) {
	name, err := userOrSelf(&call, in.UserName)
	if err != nil {
		return nil, err
	}
	u, err := user(&call, name)
	if err != nil {
		return nil, err
	}
	w, err := windowOf(&call, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	keys, next, err := call.Tx.SSHPublicKeys(u.Account, u.ID, store.Page[identity.SSHPublicKey]{After: w.after, Limit: w.limit})
	if err != nil {
		return nil, err
	}
	out := &api.ListSSHPublicKeysOutput{SSHPublicKeys: make([]api.SSHPublicKeyMetadata, len(keys))}
	for i, k := range keys {
		out.SSHPublicKeys[i] = api.SSHPublicKeyMetadata{
			UserName: string(u.Name), SSHPublicKeyId: k.ID, Status: string(k.Status), UploadDate: k.Uploaded,
		}
	}
	out.IsTruncated, out.Marker, err = more(&call, next)
	return out, err
}

func updateSSHPublicKeyNeeds(call dispatch.Call, in *api.UpdateSSHPublicKeyInput) ([]authz.Need, error) {
	return userNeeds(&call, "iam:UpdateSSHPublicKey", identity.UserName(in.UserName))
}

func updateSSHPublicKey(_ context.Context, call dispatch.Call, in *api.UpdateSSHPublicKeyInput) (*wire.Empty, error) {
	status, err := settable(in.Status)
	if err != nil {
		return nil, err
	}
	_, k, err := sshKey(&call, in.UserName, in.SSHPublicKeyId)
	if err != nil {
		return nil, err
	}
	k.Status = status
	return &wire.Empty{}, call.Tx.PutSSHPublicKey(k)
}

func deleteSSHPublicKeyNeeds(call dispatch.Call, in *api.DeleteSSHPublicKeyInput) ([]authz.Need, error) {
	return userNeeds(&call, "iam:DeleteSSHPublicKey", identity.UserName(in.UserName))
}

func deleteSSHPublicKey(_ context.Context, call dispatch.Call, in *api.DeleteSSHPublicKeyInput) (*wire.Empty, error) {
	_, k, err := sshKey(&call, in.UserName, in.SSHPublicKeyId)
	if err != nil {
		return nil, err
	}
	return &wire.Empty{}, call.Tx.DeleteSSHPublicKey(k)
}
