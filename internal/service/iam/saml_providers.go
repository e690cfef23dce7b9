package iam

import (
	"context"
	"encoding/base32"
	"errors"
	"fmt"
	"io"

	"github.com/regent-iam/regent/arn"
	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
)

func samlProviderOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Prepare("CreateSAMLProvider", createSAMLProviderNeeds, readNewSAML, createSAMLProvider),
		dispatch.Write("DeleteSAMLProvider",
			onSAML("DeleteSAMLProvider", func(in *api.DeleteSAMLProviderInput) string { return in.SAMLProviderArn }), deleteSAMLProvider),
		dispatch.Read("GetSAMLProvider",
			onSAML("GetSAMLProvider", func(in *api.GetSAMLProviderInput) string { return in.SAMLProviderArn }), getSAMLProvider),
		dispatch.Read("ListSAMLProviderTags",
			onSAML("ListSAMLProviderTags", func(in *api.ListSAMLProviderTagsInput) string { return in.SAMLProviderArn }), listSAMLProviderTags),
		dispatch.Read("ListSAMLProviders", listSAMLProvidersNeeds, listSAMLProviders),
		dispatch.Write("TagSAMLProvider", tagSAMLProviderNeeds, tagSAMLProvider),
		dispatch.Write("UntagSAMLProvider", untagSAMLProviderNeeds, untagSAMLProvider),
		dispatch.Prepare("UpdateSAMLProvider",
			onSAML("UpdateSAMLProvider", func(in *api.UpdateSAMLProviderInput) string { return in.SAMLProviderArn }), readChangedSAML, updateSAMLProvider),
	}
}

// samlOf returns the account's SAML provider with an ARN; its error is
// store.ErrNotFound when there is none.
func samlOf(call *dispatch.Call, providerARN string) (*identity.SAMLProvider, error) {
	name, ok := providerName(call, "saml-provider", providerARN)
	if !ok {
		return nil, store.ErrNotFound
	}
	p, err := call.Tx.SAMLProvider(call.Caller.Account, name)
	if err != nil {
		return nil, err
	}
	if p.ARN().String() != providerARN {
		return nil, store.ErrNotFound
	}
	return p, nil
}

// samlProvider is samlOf with IAM's errors.
func samlProvider(call *dispatch.Call, providerARN string) (*identity.SAMLProvider, error) {
	if _, err := arn.Parse(providerARN); err != nil {
		return nil, errUnparsed()
	}
	p, err := samlOf(call, providerARN)
	if errors.Is(err, store.ErrNotFound) {
		return nil, api.NoSuchEntity("SAML Provider not found for arn %s", providerARN)
	}
	return p, err
}

// samlNeeds is oidcNeeds for SAML providers.
func samlNeeds(call *dispatch.Call, action, providerARN string, keys ...authz.Key) ([]authz.Need, error) {
	p, err := samlOf(call, providerARN)
	if errors.Is(err, store.ErrNotFound) {
		return need(action, askedARN(call, "saml-provider", providerARN), keys...), nil
	} else if err != nil {
		return nil, err
	}
	return need(action, providerARN, append(targetKeys(p.Tags), keys...)...), nil
}

func onSAML[In any](operation string, of func(*In) string) needsOf[In] {
	return func(call dispatch.Call, in *In) ([]authz.Need, error) {
		return samlNeeds(&call, "iam:"+operation, of(in))
	}
}

// maxSAMLKeys is how many private keys a provider may have: the one in use, and
// the next.
const maxSAMLKeys = 2

// samlID draws an id as SAML providers and their keys have: capital letters and
// digits, nothing of the account in it.
func samlID(call *dispatch.Call) (string, error) {
	b := make([]byte, 15)
	if _, err := io.ReadFull(call.Random, b); err != nil {
		return "", fmt.Errorf("making an id: %w", err)
	}
	return base32.StdEncoding.EncodeToString(b), nil
}

// addSAMLKey seals a private key and gives it to a provider. It is bound to the
// provider that it is of, not to its name.
func addSAMLKey(call *dispatch.Call, p *identity.SAMLProvider, key seal.Secret) error {
	if len(p.Keys) >= maxSAMLKeys {
		return quota("PrivateKeysPerSAMLProvider", maxSAMLKeys)
	}
	id, err := samlID(call)
	if err != nil {
		return err
	}
	sealed, err := call.Ring().Seal(seal.PrivateKey, samlKeyContext(p, id), []byte(key.Reveal()))
	if err != nil {
		return fmt.Errorf("sealing a private key: %w", err)
	}
	return call.Tx.AddSAMLPrivateKey(p, identity.SAMLPrivateKey{ID: id, Created: call.Now}, sealed)
}

func samlKeyContext(p *identity.SAMLProvider, keyID string) string { return p.ID + "/" + keyID }

// checkEncryption fails when assertions must be encrypted and there is no key
// that they could be encrypted to: nobody could ever sign in.
func checkEncryption(p *identity.SAMLProvider) error {
	if p.Encryption == "Required" && len(p.Keys) == 0 {
		return api.InvalidInput("Assertion encryption cannot be required of a provider that has no private key.")
	}
	return nil
}

func createSAMLProviderNeeds(call dispatch.Call, in *api.CreateSAMLProviderInput) ([]authz.Need, error) {
	p := identity.SAMLProvider{Account: call.Caller.Account, Name: in.Name}
	tags := createTags(in.Tags)
	needs := need("iam:CreateSAMLProvider", p.ARN().String(), tags...)
	if len(in.Tags) > 0 {
		needs = append(needs, need("iam:TagSAMLProvider", p.ARN().String(), tags...)...) // IA-61
	}
	return needs, nil
}

// readNewSAML reads the documents of a call before its transaction: metadata of
// the size of a request takes a tenth of a second.
func readNewSAML(_ context.Context, _ *store.Store, _ dispatch.Call, in *api.CreateSAMLProviderInput) (*samlDocuments, error) {
	return readSAML(in.SAMLMetadataDocument, in.AddPrivateKey)
}

func readChangedSAML(_ context.Context, _ *store.Store, _ dispatch.Call, in *api.UpdateSAMLProviderInput) (*samlDocuments, error) {
	return readSAML(in.SAMLMetadataDocument, in.AddPrivateKey)
}

func createSAMLProvider(_ context.Context, call dispatch.Call, in *api.CreateSAMLProviderInput, docs *samlDocuments) (*api.CreateSAMLProviderOutput, error) {
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	p := &identity.SAMLProvider{
		Account: call.Caller.Account, Name: in.Name, Created: call.Now, Encryption: in.AssertionEncryptionMode, Tags: tags,
	}
	if p.ID, err = samlID(&call); err != nil {
		return nil, err
	}
	switch err := call.Tx.CreateSAMLProvider(p); {
	case errors.Is(err, store.ErrExists):
		return nil, api.EntityAlreadyExists("SAMLProvider with name %s already exists.", in.Name)
	case err != nil:
		return nil, exceeded(err)
	}
	if err := changeSAML(&call, p, docs); err != nil {
		return nil, err
	}
	return &api.CreateSAMLProviderOutput{SAMLProviderArn: p.ARN().String(), Tags: apiTags(p.Tags)}, nil
}

// changeSAML gives a provider the metadata and the private key that there are,
// and writes it.
func changeSAML(call *dispatch.Call, p *identity.SAMLProvider, docs *samlDocuments) error {
	if m := docs.metadata; m != nil {
		p.EntityID, p.Certificates, p.ValidUntil = m.EntityID, m.Certificates, m.ValidUntil
		if err := call.Tx.SetSAMLMetadata(p, m.packed); err != nil {
			return err
		}
	}
	if !docs.privateKey.IsZero() {
		if err := addSAMLKey(call, p, docs.privateKey); err != nil {
			return err
		}
	}
	if err := checkEncryption(p); err != nil {
		return err
	}
	return call.Tx.PutSAMLProvider(p)
}

// updateSAMLProvider changes what is given and leaves the rest. A key is taken
// out before another comes in, so that two can be one old and one new.
func updateSAMLProvider(_ context.Context, call dispatch.Call, in *api.UpdateSAMLProviderInput, docs *samlDocuments) (*api.UpdateSAMLProviderOutput, error) {
	p, err := samlProvider(&call, in.SAMLProviderArn)
	if err != nil {
		return nil, err
	}
	if in.RemovePrivateKey != "" {
		err := call.Tx.RemoveSAMLPrivateKey(p, in.RemovePrivateKey)
		if errors.Is(err, store.ErrNotFound) {
			return nil, api.NoSuchEntity("The private key with id %s cannot be found.", in.RemovePrivateKey)
		} else if err != nil {
			return nil, err
		}
	}
	if in.AssertionEncryptionMode != "" {
		p.Encryption = in.AssertionEncryptionMode
	}
	if err := changeSAML(&call, p, docs); err != nil {
		return nil, err
	}
	return &api.UpdateSAMLProviderOutput{SAMLProviderArn: in.SAMLProviderArn}, nil
}

// getSAMLProvider shows the metadata as it was given, and of private keys that
// there are some.
func getSAMLProvider(_ context.Context, call dispatch.Call, in *api.GetSAMLProviderInput) (*api.GetSAMLProviderOutput, error) {
	p, err := samlProvider(&call, in.SAMLProviderArn)
	if err != nil {
		return nil, err
	}
	packed, err := call.Tx.SAMLMetadata(p)
	if err != nil {
		return nil, err
	}
	document, err := unpack(packed)
	if err != nil {
		return nil, err
	}
	out := &api.GetSAMLProviderOutput{
		SAMLProviderUUID: p.ID, SAMLMetadataDocument: document, CreateDate: p.Created, ValidUntil: p.ValidUntil,
		Tags: apiTags(p.Tags), AssertionEncryptionMode: p.Encryption,
	}
	for _, k := range p.Keys {
		out.PrivateKeyList = append(out.PrivateKeyList, api.SAMLPrivateKey{KeyId: k.ID, Timestamp: k.Created})
	}
	return out, nil
}

func listSAMLProvidersNeeds(call dispatch.Call, _ *wire.Empty) ([]authz.Need, error) {
	return need("iam:ListSAMLProviders", accountARN(&call, "saml-provider/*")), nil
}

// listSAMLProviders has no pages: an account has at most 100.
func listSAMLProviders(_ context.Context, call dispatch.Call, _ *wire.Empty) (*api.ListSAMLProvidersOutput, error) {
	providers, err := call.Tx.SAMLProviders(call.Caller.Account)
	if err != nil {
		return nil, err
	}
	out := &api.ListSAMLProvidersOutput{SAMLProviderList: make([]api.SAMLProviderListEntry, len(providers))}
	for i, p := range providers {
		out.SAMLProviderList[i] = api.SAMLProviderListEntry{Arn: p.ARN().String(), ValidUntil: p.ValidUntil, CreateDate: p.Created}
	}
	return out, nil
}

// deleteSAMLProvider leaves the trust policies that name the provider as they
// are, as deleteOIDCProvider does.
func deleteSAMLProvider(_ context.Context, call dispatch.Call, in *api.DeleteSAMLProviderInput) (*wire.Empty, error) {
	p, err := samlProvider(&call, in.SAMLProviderArn)
	if err != nil {
		return nil, err
	}
	return &wire.Empty{}, call.Tx.DeleteSAMLProvider(p)
}

func tagSAMLProviderNeeds(call dispatch.Call, in *api.TagSAMLProviderInput) ([]authz.Need, error) {
	return samlNeeds(&call, "iam:TagSAMLProvider", in.SAMLProviderArn, requestTags(in.Tags)...)
}

func tagSAMLProvider(_ context.Context, call dispatch.Call, in *api.TagSAMLProviderInput) (*wire.Empty, error) {
	p, err := samlProvider(&call, in.SAMLProviderArn)
	if err != nil {
		return nil, err
	}
	if p.Tags, err = addTags(p.Tags, in.Tags, "SAMLProvider"); err != nil {
		return nil, err
	}
	return &wire.Empty{}, call.Tx.PutSAMLProvider(p)
}

func untagSAMLProviderNeeds(call dispatch.Call, in *api.UntagSAMLProviderInput) ([]authz.Need, error) {
	return samlNeeds(&call, "iam:UntagSAMLProvider", in.SAMLProviderArn, authz.Many("aws:TagKeys", in.TagKeys...))
}

func untagSAMLProvider(_ context.Context, call dispatch.Call, in *api.UntagSAMLProviderInput) (*wire.Empty, error) {
	p, err := samlProvider(&call, in.SAMLProviderArn)
	if err != nil {
		return nil, err
	}
	p.Tags = identity.RemoveTags(p.Tags, in.TagKeys)
	return &wire.Empty{}, call.Tx.PutSAMLProvider(p)
}

func listSAMLProviderTags(_ context.Context, call dispatch.Call, in *api.ListSAMLProviderTagsInput) (*api.ListSAMLProviderTagsOutput, error) {
	p, err := samlProvider(&call, in.SAMLProviderArn)
	if err != nil {
		return nil, err
	}
	w, err := windowOf(&call, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	tags, next := within(p.Tags, w, func(t identity.Tag) string { return t.Key })
	out := &api.ListSAMLProviderTagsOutput{Tags: apiTags(tags)}
	out.IsTruncated, out.Marker, err = more(&call, next)
	return out, err
}
