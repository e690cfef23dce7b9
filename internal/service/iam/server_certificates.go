package iam

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strings"
	"time"

	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
)

func serverCertificateOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Write("DeleteServerCertificate", deleteServerCertificateNeeds, deleteServerCertificate),
		dispatch.Read("GetServerCertificate", getServerCertificateNeeds, getServerCertificate),
		dispatch.Read("ListServerCertificateTags", listServerCertificateTagsNeeds, listServerCertificateTags),
		dispatch.Read("ListServerCertificates", listServerCertificatesNeeds, listServerCertificates),
		dispatch.Write("TagServerCertificate", tagServerCertificateNeeds, tagServerCertificate),
		dispatch.Write("UntagServerCertificate", untagServerCertificateNeeds, untagServerCertificate),
		dispatch.Write("UpdateServerCertificate", updateServerCertificateNeeds, updateServerCertificate),
		dispatch.Prepare("UploadServerCertificate", uploadServerCertificateNeeds, prepareServerCertificate, uploadServerCertificate),
	}
}

// maxChain is how many certificates a chain may have: each costs the check of a
// signature.
const maxChain = 32

// serverCertificate returns the named certificate, or IAM's error that there is
// none.
func serverCertificate(call *dispatch.Call, name string) (*identity.ServerCertificate, error) {
	c, err := call.Tx.ServerCertificate(call.Caller.Account, name)
	if errors.Is(err, store.ErrNotFound) {
		return nil, api.NoSuchEntity("The Server Certificate with name %s cannot be found.", name)
	}
	return c, err
}

// serverCertificateNeeds asks for an action on a certificate, as userNeeds does.
func serverCertificateNeeds(call *dispatch.Call, action, name string, keys ...authz.Key) ([]authz.Need, error) {
	c, err := call.Tx.ServerCertificate(call.Caller.Account, name)
	if errors.Is(err, store.ErrNotFound) {
		c = &identity.ServerCertificate{Account: call.Caller.Account, Name: name, Path: defaultPath}
	} else if err != nil {
		return nil, err
	}
	return need(action, c.ARN().String(), append(targetKeys(c.Tags), keys...)...), nil
}

func apiServerCertificate(c *identity.ServerCertificate) *api.ServerCertificateMetadata {
	return &api.ServerCertificateMetadata{
		Path: c.Path, ServerCertificateName: c.Name, ServerCertificateId: c.ID, Arn: c.ARN().String(),
		UploadDate: c.Uploaded, Expiration: c.Expires,
	}
}

func uploadServerCertificateNeeds(call dispatch.Call, in *api.UploadServerCertificateInput) ([]authz.Need, error) {
	c := identity.ServerCertificate{Account: call.Caller.Account, Name: in.ServerCertificateName, Path: pathOr(in.Path)}
	tags := createTags(in.Tags)
	needs := need("iam:UploadServerCertificate", c.ARN().String(), tags...)
	if len(in.Tags) > 0 {
		needs = append(needs, need("iam:TagServerCertificate", c.ARN().String(), tags...)...) // IA-61
	}
	return needs, nil
}

// parsePrivateKey reads a private key in PEM that no passphrase protects.
func parsePrivateKey(text string) (crypto.Signer, error) {
	malformed := api.MalformedCertificate("Unable to parse private key. Please ensure the private key is in PEM format and not encrypted.")
	block, rest := pem.Decode([]byte(strings.TrimSpace(text)))
	if block != nil && block.Type == "EC PARAMETERS" { // as openssl writes it ahead of the key
		block, rest = pem.Decode(rest)
	}
	if block == nil || strings.TrimSpace(string(rest)) != "" {
		return nil, malformed
	}
	var key any
	var err error
	switch block.Type {
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	default:
		return nil, malformed
	}
	signer, ok := key.(crypto.Signer)
	if err != nil || !ok {
		return nil, malformed
	}
	return signer, nil
}

// checkChain fails unless each certificate is signed by the one that follows.
func checkChain(leaf *x509.Certificate, chain []*x509.Certificate) error {
	for i, signer := range chain {
		if err := leaf.CheckSignatureFrom(signer); err != nil {
			return api.MalformedCertificate("Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, "+
				"followed by any intermediaries in order. The index within the chain of the invalid certificate is: %d", i)
		}
		leaf = signer
	}
	return nil
}

// prepareServerCertificate checks certificate, key and chain against each other
// and returns when the certificate expires.
func prepareServerCertificate(_ context.Context, _ *store.Store, _ dispatch.Call, in *api.UploadServerCertificateInput) (time.Time, error) {
	parsed, err := parseCertificates(in.CertificateBody, 1)
	if err != nil {
		return time.Time{}, err
	}
	leaf := parsed[0]
	key, err := parsePrivateKey(in.PrivateKey)
	if err != nil {
		return time.Time{}, err
	}
	public, ok := key.Public().(interface {
		Equal(other crypto.PublicKey) bool
	})
	if !ok || !public.Equal(leaf.PublicKey) {
		return time.Time{}, api.KeyPairMismatch("The public key of the certificate does not match the private key.")
	}
	if in.CertificateChain == "" {
		return leaf.NotAfter, nil
	}
	chain, err := parseCertificates(in.CertificateChain, maxChain)
	if err != nil {
		return time.Time{}, err
	}
	return leaf.NotAfter, checkChain(leaf, chain)
}

// uploadServerCertificate keeps a certificate. Its private key is sealed and
// never told again.
func uploadServerCertificate(_ context.Context, call dispatch.Call, in *api.UploadServerCertificateInput, expires time.Time) (*api.UploadServerCertificateOutput, error) {
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	id, err := newID(&call, "ASCA")
	if err != nil {
		return nil, err
	}
	c := &identity.ServerCertificate{
		Account: call.Caller.Account, Name: in.ServerCertificateName, Path: pathOr(in.Path), ID: id,
		Uploaded: call.Now, Expires: expires, Tags: tags,
	}
	body := &identity.ServerCertificateBody{Body: in.CertificateBody, Chain: in.CertificateChain}
	if body.Sealed, err = call.Ring().Seal(seal.PrivateKey, "server-certificate/"+id, []byte(in.PrivateKey)); err != nil {
		return nil, err
	}
	switch err := call.Tx.CreateServerCertificate(c, body); {
	case errors.Is(err, store.ErrExists):
		return nil, nameTaken(in.ServerCertificateName)
	case err != nil:
		return nil, exceeded(err)
	}
	return &api.UploadServerCertificateOutput{ServerCertificateMetadata: apiServerCertificate(c), Tags: apiTags(tags)}, nil
}

func nameTaken(name string) error {
	return api.EntityAlreadyExists("The Server Certificate with name %s already exists.", name)
}

func getServerCertificateNeeds(call dispatch.Call, in *api.GetServerCertificateInput) ([]authz.Need, error) {
	return serverCertificateNeeds(&call, "iam:GetServerCertificate", in.ServerCertificateName)
}

func getServerCertificate(_ context.Context, call dispatch.Call, in *api.GetServerCertificateInput) (*api.GetServerCertificateOutput, error) {
	c, err := serverCertificate(&call, in.ServerCertificateName)
	if err != nil {
		return nil, err
	}
	body, err := call.Tx.ServerCertificateBody(c)
	if err != nil {
		return nil, err
	}
	return &api.GetServerCertificateOutput{ServerCertificate: &api.ServerCertificate{
		ServerCertificateMetadata: apiServerCertificate(c), CertificateBody: body.Body, CertificateChain: body.Chain, Tags: apiTags(c.Tags),
	}}, nil
}

func listServerCertificatesNeeds(call dispatch.Call, in *api.ListServerCertificatesInput) ([]authz.Need, error) {
	return need("iam:ListServerCertificates", accountARN(&call, "server-certificate"+pathOr(in.PathPrefix))), nil
}

// listServerCertificates lists certificates, without their tags (IA-12).
func listServerCertificates(_ context.Context, call dispatch.Call, in *api.ListServerCertificatesInput) (*api.ListServerCertificatesOutput, error) {
	w, err := windowOf(&call, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	list, next, err := call.Tx.ServerCertificates(call.Caller.Account, store.Page[identity.ServerCertificate]{
		After: w.after, Limit: w.limit, Keep: func(c *identity.ServerCertificate) bool { return inPath(c.Path, in.PathPrefix) },
	})
	if err != nil {
		return nil, err
	}
	out := &api.ListServerCertificatesOutput{ServerCertificateMetadataList: make([]api.ServerCertificateMetadata, len(list))}
	for i, c := range list {
		out.ServerCertificateMetadataList[i] = *apiServerCertificate(c)
	}
	out.IsTruncated, out.Marker, err = more(&call, next)
	return out, err
}

func updateServerCertificateNeeds(call dispatch.Call, in *api.UpdateServerCertificateInput) ([]authz.Need, error) {
	needs, err := serverCertificateNeeds(&call, "iam:UpdateServerCertificate", in.ServerCertificateName)
	if err != nil || in.NewPath == "" && in.NewServerCertificateName == "" {
		return needs, err
	}
	// Who renames must have the permission on what it will be, too.
	c, err := call.Tx.ServerCertificate(call.Caller.Account, in.ServerCertificateName)
	if errors.Is(err, store.ErrNotFound) {
		return needs, nil
	} else if err != nil {
		return nil, err
	}
	c.Path, c.Name = renamed(c.Path, in.NewPath), renamed(c.Name, in.NewServerCertificateName)
	return append(needs, need("iam:UpdateServerCertificate", c.ARN().String(), targetKeys(c.Tags)...)...), nil
}

func updateServerCertificate(_ context.Context, call dispatch.Call, in *api.UpdateServerCertificateInput) (*wire.Empty, error) {
	c, err := serverCertificate(&call, in.ServerCertificateName)
	if err != nil {
		return nil, err
	}
	err = call.Tx.RenameServerCertificate(c, renamed(c.Name, in.NewServerCertificateName), renamed(c.Path, in.NewPath))
	if errors.Is(err, store.ErrExists) {
		return nil, nameTaken(in.NewServerCertificateName)
	}
	return &wire.Empty{}, err
}

func deleteServerCertificateNeeds(call dispatch.Call, in *api.DeleteServerCertificateInput) ([]authz.Need, error) {
	return serverCertificateNeeds(&call, "iam:DeleteServerCertificate", in.ServerCertificateName)
}

func deleteServerCertificate(_ context.Context, call dispatch.Call, in *api.DeleteServerCertificateInput) (*wire.Empty, error) {
	c, err := serverCertificate(&call, in.ServerCertificateName)
	if err != nil {
		return nil, err
	}
	return &wire.Empty{}, call.Tx.DeleteServerCertificate(c)
}

func tagServerCertificateNeeds(call dispatch.Call, in *api.TagServerCertificateInput) ([]authz.Need, error) {
	return serverCertificateNeeds(&call, "iam:TagServerCertificate", in.ServerCertificateName, requestTags(in.Tags)...)
}

func tagServerCertificate(_ context.Context, call dispatch.Call, in *api.TagServerCertificateInput) (*wire.Empty, error) {
	c, err := serverCertificate(&call, in.ServerCertificateName)
	if err != nil {
		return nil, err
	}
	if c.Tags, err = addTags(c.Tags, in.Tags, "ServerCertificate"); err != nil {
		return nil, err
	}
	return &wire.Empty{}, call.Tx.PutServerCertificate(c)
}

func untagServerCertificateNeeds(call dispatch.Call, in *api.UntagServerCertificateInput) ([]authz.Need, error) {
	return serverCertificateNeeds(&call, "iam:UntagServerCertificate", in.ServerCertificateName, authz.Many("aws:TagKeys", in.TagKeys...))
}

func untagServerCertificate(_ context.Context, call dispatch.Call, in *api.UntagServerCertificateInput) (*wire.Empty, error) {
	c, err := serverCertificate(&call, in.ServerCertificateName)
	if err != nil {
		return nil, err
	}
	c.Tags = identity.RemoveTags(c.Tags, in.TagKeys)
	return &wire.Empty{}, call.Tx.PutServerCertificate(c)
}

func listServerCertificateTagsNeeds(call dispatch.Call, in *api.ListServerCertificateTagsInput) ([]authz.Need, error) {
	return serverCertificateNeeds(&call, "iam:ListServerCertificateTags", in.ServerCertificateName)
}

func listServerCertificateTags(_ context.Context, call dispatch.Call, in *api.ListServerCertificateTagsInput) (*api.ListServerCertificateTagsOutput, error) {
	c, err := serverCertificate(&call, in.ServerCertificateName)
	if err != nil {
		return nil, err
	}
	w, err := windowOf(&call, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	tags, next := within(c.Tags, w, func(t identity.Tag) string { return t.Key })
	out := &api.ListServerCertificateTagsOutput{Tags: apiTags(tags)}
	out.IsTruncated, out.Marker, err = more(&call, next)
	return out, err
}
