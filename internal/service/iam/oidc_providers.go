package iam

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/catalog"
	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
)

func oidcProviderOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Write("AddClientIDToOpenIDConnectProvider",
			onOIDC("AddClientIDToOpenIDConnectProvider", func(in *api.AddClientIDToOpenIDConnectProviderInput) string { return in.OpenIDConnectProviderArn }), addClientID),
		dispatch.Write("CreateOpenIDConnectProvider", createOIDCProviderNeeds, createOIDCProvider),
		dispatch.Write("DeleteOpenIDConnectProvider",
			onOIDC("DeleteOpenIDConnectProvider", func(in *api.DeleteOpenIDConnectProviderInput) string { return in.OpenIDConnectProviderArn }), deleteOIDCProvider),
		dispatch.Read("GetOpenIDConnectProvider",
			onOIDC("GetOpenIDConnectProvider", func(in *api.GetOpenIDConnectProviderInput) string { return in.OpenIDConnectProviderArn }), getOIDCProvider),
		dispatch.Read("ListOpenIDConnectProviderTags",
			onOIDC("ListOpenIDConnectProviderTags", func(in *api.ListOpenIDConnectProviderTagsInput) string { return in.OpenIDConnectProviderArn }), listOIDCProviderTags),
		dispatch.Read("ListOpenIDConnectProviders", listOIDCProvidersNeeds, listOIDCProviders),
		dispatch.Write("RemoveClientIDFromOpenIDConnectProvider",
			onOIDC("RemoveClientIDFromOpenIDConnectProvider", func(in *api.RemoveClientIDFromOpenIDConnectProviderInput) string { return in.OpenIDConnectProviderArn }), removeClientID),
		dispatch.Write("TagOpenIDConnectProvider", tagOIDCProviderNeeds, tagOIDCProvider),
		dispatch.Write("UntagOpenIDConnectProvider", untagOIDCProviderNeeds, untagOIDCProvider),
		dispatch.Write("UpdateOpenIDConnectProviderThumbprint",
			onOIDC("UpdateOpenIDConnectProviderThumbprint", func(in *api.UpdateOpenIDConnectProviderThumbprintInput) string { return in.OpenIDConnectProviderArn }), updateThumbprints),
	}
}

// providerName returns what a provider's ARN has behind its kind, and whether
// the ARN is one of the caller's account at all.
func providerName(call *dispatch.Call, kind, providerARN string) (string, bool) {
	a, err := arn.Parse(providerARN)
	if err != nil {
		return "", false
	}
	name, ok := strings.CutPrefix(a.Resource, kind+"/")
	return name, ok && providerARN == accountARN(call, kind+"/"+name)
}

// oidcOf returns the account's provider with an ARN; its error is
// store.ErrNotFound when there is none.
func oidcOf(call *dispatch.Call, providerARN string) (*identity.OIDCProvider, error) {
	issuer, ok := providerName(call, "oidc-provider", providerARN)
	if !ok {
		return nil, store.ErrNotFound
	}
	return call.Tx.OIDCProvider(call.Caller.Account, issuer)
}

// oidcProvider is oidcOf with IAM's errors.
func oidcProvider(call *dispatch.Call, providerARN string) (*identity.OIDCProvider, error) {
	if _, err := arn.Parse(providerARN); err != nil {
		return nil, errUnparsed()
	}
	p, err := oidcOf(call, providerARN)
	if errors.Is(err, store.ErrNotFound) {
		return nil, api.NoSuchEntity("OpenIDConnect Provider not found for arn %s", providerARN)
	}
	return p, err
}

// oidcNeeds asks for an action on the provider with an ARN. One that does not
// exist, or that another account has, is asked about all the same.
func oidcNeeds(call *dispatch.Call, action, providerARN string, keys ...authz.Key) ([]authz.Need, error) {
	p, err := oidcOf(call, providerARN)
	if errors.Is(err, store.ErrNotFound) {
		return need(action, askedARN(call, "oidc-provider", providerARN), keys...), nil
	} else if err != nil {
		return nil, err
	}
	return need(action, providerARN, append(targetKeys(p.Tags), keys...)...), nil
}

// askedARN is the ARN that is asked about for one that names nothing.
func askedARN(call *dispatch.Call, kind, given string) string {
	if _, err := arn.Parse(given); err != nil {
		return accountARN(call, kind+"/"+given)
	}
	return given
}

func onOIDC[In any](operation string, of func(*In) string) needsOf[In] {
	return func(call dispatch.Call, in *In) ([]authz.Need, error) {
		return oidcNeeds(&call, "iam:"+operation, of(in))
	}
}

// issuerOf returns the name of the provider with a URL: the URL without its
// scheme. It takes https alone, and nothing that two readers could read
// differently or a pattern of a policy could match otherwise than as it stands:
// what a token has as its iss is compared with it byte by byte (IA-59, TH-93).
func issuerOf(text string) (string, bool) {
	issuer, secure := strings.CutPrefix(text, "https://")
	u, err := url.Parse(text)
	if !secure || err != nil || u.Host == "" || u.Hostname() == "" || u.User != nil {
		return "", false
	}
	const punctuation = "-._~/%:@!&'()+,;=[]"
	for _, c := range []byte(issuer) {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && !strings.Contains(punctuation, string(c)) {
			return "", false
		}
	}
	_, path, _ := strings.Cut(issuer, "/")
	segments := strings.Split(strings.TrimSuffix(path, "/"), "/")
	for _, s := range segments {
		if s == "." || s == ".." || s == "" && len(segments) > 1 {
			return "", false
		}
	}
	return issuer, true
}

// thumbprintsOf checks a list of thumbprints. It may be empty: a provider is
// known by its certificate's chain, as AWS does now, and thumbprints are for
// what has no chain that a client trusts.
func thumbprintsOf(in []string) ([]string, error) {
	if limit := catalog.ThumbprintsPerOpenIDConnectProvider.Default(); len(in) > limit {
		return nil, api.InvalidInput("Thumbprint list must contain fewer than %d entries.", limit)
	}
	for _, t := range in {
		if len(t) != 40 || strings.Trim(t, "0123456789abcdefABCDEF") != "" {
			return nil, api.InvalidInput("Thumbprint %s is not the SHA-1 of a certificate in hexadecimal digits.", t)
		}
	}
	return slices.Clone(in), nil
}

// addClient returns clients with one more, which may be there already (IA-59).
func addClient(clients []string, id string) ([]string, error) {
	if slices.Contains(clients, id) {
		return clients, nil
	}
	if limit := catalog.ClientIDsPerOpenIDConnectProvider.Default(); len(clients) >= limit {
		return nil, quota(string(catalog.ClientIDsPerOpenIDConnectProvider), limit)
	}
	return append(clients, id), nil
}

func createOIDCProviderNeeds(call dispatch.Call, in *api.CreateOpenIDConnectProviderInput) ([]authz.Need, error) {
	p := identity.OIDCProvider{Account: call.Caller.Account, Issuer: strings.TrimPrefix(in.Url, "https://")}
	tags := createTags(in.Tags)
	needs := need("iam:CreateOpenIDConnectProvider", p.ARN().String(), tags...)
	if len(in.Tags) > 0 {
		needs = append(needs, need("iam:TagOpenIDConnectProvider", p.ARN().String(), tags...)...) // IA-61
	}
	return needs, nil
}

// createOIDCProvider asks nobody whether there is such an issuer: its address
// is the caller's choice, and a call that goes there is one that the caller
// makes Regent do.
func createOIDCProvider(_ context.Context, call dispatch.Call, in *api.CreateOpenIDConnectProviderInput) (*api.CreateOpenIDConnectProviderOutput, error) {
	issuer, ok := issuerOf(in.Url)
	if !ok {
		return nil, validationError("Invalid Open ID Connect Provider URL")
	}
	p := &identity.OIDCProvider{Account: call.Caller.Account, Issuer: issuer, Created: call.Now}
	var err error
	if p.Tags, err = tagsOf(in.Tags); err != nil {
		return nil, err
	}
	if p.Thumbprints, err = thumbprintsOf(in.ThumbprintList); err != nil {
		return nil, err
	}
	for _, id := range in.ClientIDList {
		if p.Clients, err = addClient(p.Clients, id); err != nil {
			return nil, err
		}
	}
	switch err := call.Tx.CreateOIDCProvider(p); {
	case errors.Is(err, store.ErrExists):
		return nil, api.EntityAlreadyExists("Provider with url %s already exists.", in.Url)
	case err != nil:
		return nil, exceeded(err)
	}
	return &api.CreateOpenIDConnectProviderOutput{OpenIDConnectProviderArn: p.ARN().String(), Tags: apiTags(p.Tags)}, nil
}

// getOIDCProvider shows the URL without its scheme, as AWS does.
func getOIDCProvider(_ context.Context, call dispatch.Call, in *api.GetOpenIDConnectProviderInput) (*api.GetOpenIDConnectProviderOutput, error) {
	p, err := oidcProvider(&call, in.OpenIDConnectProviderArn)
	if err != nil {
		return nil, err
	}
	return &api.GetOpenIDConnectProviderOutput{
		Url: p.Issuer, ClientIDList: p.Clients, ThumbprintList: p.Thumbprints, CreateDate: p.Created, Tags: apiTags(p.Tags),
	}, nil
}

func listOIDCProvidersNeeds(call dispatch.Call, _ *api.ListOpenIDConnectProvidersInput) ([]authz.Need, error) {
	return need("iam:ListOpenIDConnectProviders", accountARN(&call, "oidc-provider/*")), nil
}

// listOIDCProviders has no pages: an account has at most 100.
func listOIDCProviders(_ context.Context, call dispatch.Call, _ *api.ListOpenIDConnectProvidersInput) (*api.ListOpenIDConnectProvidersOutput, error) {
	providers, err := call.Tx.OIDCProviders(call.Caller.Account)
	if err != nil {
		return nil, err
	}
	out := &api.ListOpenIDConnectProvidersOutput{OpenIDConnectProviderList: make([]api.OpenIDConnectProviderListEntry, len(providers))}
	for i, p := range providers {
		out.OpenIDConnectProviderList[i].Arn = p.ARN().String()
	}
	return out, nil
}

func addClientID(_ context.Context, call dispatch.Call, in *api.AddClientIDToOpenIDConnectProviderInput) (*wire.Empty, error) {
	p, err := oidcProvider(&call, in.OpenIDConnectProviderArn)
	if err != nil {
		return nil, err
	}
	if p.Clients, err = addClient(p.Clients, in.ClientID); err != nil {
		return nil, err
	}
	return &wire.Empty{}, call.Tx.PutOIDCProvider(p)
}

// removeClientID is content when there is no such client id.
func removeClientID(_ context.Context, call dispatch.Call, in *api.RemoveClientIDFromOpenIDConnectProviderInput) (*wire.Empty, error) {
	p, err := oidcProvider(&call, in.OpenIDConnectProviderArn)
	if err != nil {
		return nil, err
	}
	p.Clients = slices.DeleteFunc(p.Clients, func(id string) bool { return id == in.ClientID })
	return &wire.Empty{}, call.Tx.PutOIDCProvider(p)
}

// updateThumbprints replaces the whole list.
func updateThumbprints(_ context.Context, call dispatch.Call, in *api.UpdateOpenIDConnectProviderThumbprintInput) (*wire.Empty, error) {
	p, err := oidcProvider(&call, in.OpenIDConnectProviderArn)
	if err != nil {
		return nil, err
	}
	if p.Thumbprints, err = thumbprintsOf(in.ThumbprintList); err != nil {
		return nil, err
	}
	return &wire.Empty{}, call.Tx.PutOIDCProvider(p)
}

// deleteOIDCProvider leaves the trust policies that name the provider as they
// are: they trust nobody until there is one of that issuer again (EV-52).
func deleteOIDCProvider(_ context.Context, call dispatch.Call, in *api.DeleteOpenIDConnectProviderInput) (*wire.Empty, error) {
	p, err := oidcProvider(&call, in.OpenIDConnectProviderArn)
	if err != nil {
		return nil, err
	}
	return &wire.Empty{}, call.Tx.DeleteOIDCProvider(p)
}

func tagOIDCProviderNeeds(call dispatch.Call, in *api.TagOpenIDConnectProviderInput) ([]authz.Need, error) {
	return oidcNeeds(&call, "iam:TagOpenIDConnectProvider", in.OpenIDConnectProviderArn, requestTags(in.Tags)...)
}

func tagOIDCProvider(_ context.Context, call dispatch.Call, in *api.TagOpenIDConnectProviderInput) (*wire.Empty, error) {
	p, err := oidcProvider(&call, in.OpenIDConnectProviderArn)
	if err != nil {
		return nil, err
	}
	if p.Tags, err = addTags(p.Tags, in.Tags, "OpenIdConnectProvider"); err != nil {
		return nil, err
	}
	return &wire.Empty{}, call.Tx.PutOIDCProvider(p)
}

func untagOIDCProviderNeeds(call dispatch.Call, in *api.UntagOpenIDConnectProviderInput) ([]authz.Need, error) {
	return oidcNeeds(&call, "iam:UntagOpenIDConnectProvider", in.OpenIDConnectProviderArn, authz.Many("aws:TagKeys", in.TagKeys...))
}

func untagOIDCProvider(_ context.Context, call dispatch.Call, in *api.UntagOpenIDConnectProviderInput) (*wire.Empty, error) {
	p, err := oidcProvider(&call, in.OpenIDConnectProviderArn)
	if err != nil {
		return nil, err
	}
	p.Tags = identity.RemoveTags(p.Tags, in.TagKeys)
	return &wire.Empty{}, call.Tx.PutOIDCProvider(p)
}

func listOIDCProviderTags(_ context.Context, call dispatch.Call, in *api.ListOpenIDConnectProviderTagsInput) (*api.ListOpenIDConnectProviderTagsOutput, error) {
	p, err := oidcProvider(&call, in.OpenIDConnectProviderArn)
	if err != nil {
		return nil, err
	}
	w, err := windowOf(&call, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	tags, next := within(p.Tags, w, func(t identity.Tag) string { return t.Key })
	out := &api.ListOpenIDConnectProviderTagsOutput{Tags: apiTags(tags)}
	out.IsTruncated, out.Marker, err = more(&call, next)
	return out, err
}
