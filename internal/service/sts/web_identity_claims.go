package sts

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/catalog"
	api "github.com/regent-iam/regent/internal/api/sts"
	"github.com/regent-iam/regent/internal/federation/oidc"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/session"
)

// google is the provider whose tokens' azp counts (ST-64).
const google = "accounts.google.com"

// claimKeys returns the condition keys that a token gives values to: those of
// every provider, and those that AWS names for this one, such as
// token.actions.githubusercontent.com:repository (ST-65). aud is the one
// audience that the provider knows, however many the token has.
func claimKeys(provider string, t *oidc.Token, audience string) []session.Claim {
	one := func(name, value string) session.Claim {
		return session.Claim{Key: provider + ":" + name, Values: []string{value}}
	}
	keys := []session.Claim{one("sub", t.Subject)}
	if provider == google {
		keys = append(keys, one("oaud", audience))
		if azp, ok := t.Text("azp"); ok {
			audience = azp
		}
	}
	keys = append(keys, one("aud", audience))
	if amr, ok := t.Texts("amr"); ok {
		keys = append(keys, session.Claim{Key: provider + ":amr", Values: amr, Multi: true})
	}
	if email, ok := t.Text("email"); ok {
		keys = append(keys, one("email", email))
	}
	for name, value := range t.Scalars() {
		if ownKey(provider, name) {
			keys = append(keys, one(name, value))
		}
	}
	slices.SortFunc(keys, func(a, b session.Claim) int { return cmp.Compare(a.Key, b.Key) })
	return keys
}

// ownKey reports whether AWS has a condition key for a claim of this provider
// beside those that all have. A claim never stands for a key under another
// spelling.
func ownKey(provider, claim string) bool {
	switch claim {
	case "sub", "aud", "oaud", "azp", "amr", "email", "iss", "exp", "iat", "nbf":
		return false
	}
	key, ok := catalog.LookupKey(provider + ":" + claim)
	return ok && strings.HasSuffix(key.Name, ":"+claim)
}

// keptClaims returns the keys that the session's later requests have too (IAM
// User Guide, "Available keys for AWS OIDC federation").
func keptClaims(claims []session.Claim) []session.Claim {
	return slices.DeleteFunc(slices.Clone(claims), func(c session.Claim) bool {
		switch c.Key[strings.LastIndexByte(c.Key, ':')+1:] {
		case "sub", "aud", "amr":
			return false
		}
		return true
	})
}

// Claims by which a provider passes tags and a source identity (ST-67, ST-48).
// The first is an object, or flattened into claims that begin with it.
const (
	tagsClaim   = "https://aws.amazon.com/tags"
	sourceClaim = "https://aws.amazon.com/source_identity"
)

// Limits of session tags, in characters.
const (
	maxTagKey   = 128
	maxTagValue = 256
)

// claimTags returns the session tags that a token passes.
func claimTags(t *oidc.Token) (*passedTags, error) {
	var nested struct {
		Tags       map[string][]string `json:"principal_tags"`
		Transitive []string            `json:"transitive_tag_keys"`
	}
	invalid := func(why string) error {
		return api.InvalidIdentityToken("The claim %s of the token is not valid: %s", tagsClaim, why)
	}
	if _, err := t.Decode(tagsClaim, &nested); err != nil {
		return nil, invalid("it is not an object of principal_tags and transitive_tag_keys.")
	}
	values := map[string][]string{}
	for key, value := range nested.Tags {
		values[key] = append(values[key], value...)
	}
	p := &passedTags{transitive: nested.Transitive}
	for claim := range t.Names() {
		key, flat := strings.CutPrefix(claim, tagsClaim+"/principal_tags/")
		if !flat && claim != tagsClaim+"/transitive_tag_keys" {
			continue
		}
		value, ok := t.Texts(claim)
		switch {
		case !ok:
			return nil, invalid("a tag has no value that is a string.")
		case flat:
			values[key] = append(values[key], value...)
		default:
			p.transitive = append(p.transitive, value...)
		}
	}
	keys := make([]string, 0, len(values))
	for key, value := range values {
		if len(value) != 1 {
			return nil, invalid("a tag has not one value.")
		}
		if key == "" || !tagText(key, maxTagKey) || !tagText(value[0], maxTagValue) || strings.HasPrefix(arn.Fold(key), "aws:") {
			return nil, invalid("a tag has a key or a value that is not allowed.")
		}
		keys = append(keys, key)
		p.passed = append(p.passed, identity.Tag{Key: key, Value: value[0]})
	}
	slices.SortFunc(p.passed, func(a, b identity.Tag) int { return cmp.Compare(a.Key, b.Key) })
	if identity.DuplicateTag(keys) {
		return nil, invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
	}
	for _, key := range p.transitive {
		if !slices.ContainsFunc(keys, sameKey(key)) {
			return nil, invalid("The specified transitive tag key must be included in the requested tags.")
		}
	}
	if len(p.passed) > maxSessionTags || len(p.transitive) > maxSessionTags {
		return nil, invalid("it has too many tags.")
	}
	return p, nil
}

// tagText reports whether a tag may have the text as its key or value.
func tagText(s string, limit int) bool {
	return utf8.RuneCountInString(s) <= limit && !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.In(r, unicode.Z) && !strings.ContainsRune("_.:/=+-@", r)
	})
}

// claimSource returns the source identity that a token passes, "" for none.
func claimSource(t *oidc.Token) (string, error) {
	var source string
	if there, err := t.Decode(sourceClaim, &source); err != nil || there && !sourceText(source) {
		return "", api.InvalidIdentityToken(`Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"`)
	}
	return source, nil
}

// sourceText reports whether a session can have the text as its source identity.
func sourceText(s string) bool {
	if len(s) < 2 || len(s) > 64 || strings.HasPrefix(arn.Fold(s), "aws:") {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("_+=,.@-", r)
	})
}
