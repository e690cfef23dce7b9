package sts

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/regent-iam/regent/arn"
	api "github.com/regent-iam/regent/internal/api/sts"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/federation/saml"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/record"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
)

func (s *Service) samlOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Unsigned(
			dispatch.Spend("AssumeRoleWithSAML", assumeRoleWithSAMLNeeds, assumeRoleWithSAML).About(assumedWithSAML).Tells(toldBySAML),
			s.identifySAML),
	}
}

// assumedWithSAML is what the event of AssumeRoleWithSAML is about (RE-30).
func assumedWithSAML(in any) []record.Resource {
	input := in.(*api.AssumeRoleWithSAMLInput)
	var about []record.Resource
	for _, r := range []record.Resource{
		{Type: "AWS::IAM::Role", ARN: input.RoleArn}, {Type: "AWS::IAM::SAMLProvider", ARN: input.PrincipalArn},
	} {
		if a, err := arn.Parse(r.ARN); err == nil {
			r.AccountID = identity.AccountID(a.Account)
			about = append(about, r)
		}
	}
	return about
}

// toldBySAML is what the record has of an assertion: which it was, and what of it
// the session has (RE-25).
func toldBySAML(c *authn.Caller) map[string]any {
	p, ok := c.Proof.(*samlProof)
	if !ok {
		return nil
	}
	told := map[string]any{"sAMLAssertionID": p.assertion.ID, "roleSessionName": p.sessionName}
	if p.sourceIdentity != "" {
		told["sourceIdentity"] = p.sourceIdentity
	}
	if len(p.tags.passed) > 0 {
		tags := map[string]string{}
		for _, t := range p.tags.passed {
			tags[t.Key] = t.Value
		}
		told["principalTags"] = tags
	}
	if len(p.tags.transitive) > 0 {
		told["transitiveTagKeys"] = p.tags.transitive
	}
	return told
}

func invalidToken(text string) error { return api.InvalidIdentityToken("%s", text) }

// notWithSAML is the answer to whoever may not assume the role this way,
// whatever the reason, and whether or not there is such a role (TH-59).
func notWithSAML() error { return accessDenied("Not authorized to perform sts:AssumeRoleWithSAML") }

// identifySAML says who sends a response of an identity provider: it finds the
// provider, verifies the response and reads what AWS reads in it, in AWS's
// order (ST-70). The network is not used.
func (s *Service) identifySAML(ctx context.Context, db *store.Store, call dispatch.Call, in *api.AssumeRoleWithSAMLInput) (authn.Caller, error) {
	nobody := authn.Caller{}
	role, err := parseRoleARN(in.RoleArn)
	if err != nil {
		return nobody, err
	}
	provider, err := parseRoleARN(in.PrincipalArn)
	if err != nil {
		return nobody, err
	}
	var p *identity.SAMLProvider
	var sealed [][]byte
	err = db.View(ctx, func(tx *store.Tx) error {
		sealed = nil
		if p, err = findSAMLProvider(tx, provider, in.PrincipalArn); err != nil {
			return err
		}
		for _, k := range p.Keys {
			key, err := tx.SAMLPrivateKey(p, k.ID)
			if err != nil {
				return fmt.Errorf("reading a private key: %w", err)
			}
			sealed = append(sealed, key)
		}
		return nil
	})
	if err != nil {
		return nobody, err
	}
	if !p.ValidUntil.IsZero() && !call.Now.Before(p.ValidUntil) {
		return nobody, invalidToken("The metadata of the specified provider is no longer valid.")
	}
	a, err := s.verifySAML(ctx, in.SAMLAssertion, s.verifiable(&call, p, sealed), call.Now)
	if err != nil {
		return nobody, refusedSAML(err)
	}
	if !namesPair(a, in.RoleArn, in.PrincipalArn) || role.Account != provider.Account { // EV-52
		return nobody, notWithSAML()
	}
	proof, err := proofOf(a, p)
	if err != nil {
		return nobody, err
	}
	return authn.Caller{
		Kind: authn.Federated, Account: p.Account, Provider: in.PrincipalArn,
		UserID: nameQualifier(p) + ":" + a.Subject, UserName: identity.UserName(a.Subject), // RE-10
		Claims: samlClaims(a, p), Proof: proof,
	}, nil
}

// samlAtOnce is how many responses are verified at the same time. Nobody signed
// for them, and one may take more than a hundred times its size in memory (TH-21).
const samlAtOnce = 8

// verifySAML verifies a response when it is its turn.
func (s *Service) verifySAML(ctx context.Context, response string, p *saml.Provider, now time.Time) (*saml.Assertion, error) {
	select {
	case s.verifying <- struct{}{}:
		defer func() { <-s.verifying }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return saml.Verify(response, p, now)
}

// findSAMLProvider returns the provider that an ARN names exactly.
func findSAMLProvider(tx *store.Tx, a arn.ARN, text string) (*identity.SAMLProvider, error) {
	const kind = "saml-provider/"
	missing := invalidToken("Specified provider doesn't exist.")
	if a.Service != "iam" || len(a.Resource) <= len(kind) || a.Resource[:len(kind)] != kind {
		return nil, missing
	}
	p, err := tx.SAMLProvider(identity.AccountID(a.Account), a.Resource[len(kind):])
	if errors.Is(err, store.ErrNotFound) || err == nil && p.ARN().String() != text {
		return nil, missing
	}
	return p, err
}

// verifiable is a provider as far as its responses are checked against it. Its
// private keys are opened when a response is encrypted.
func (s *Service) verifiable(call *dispatch.Call, p *identity.SAMLProvider, sealed [][]byte) *saml.Provider {
	v := &saml.Provider{
		ID: p.ID, EntityID: p.EntityID, Certificates: p.Certificates, Encrypts: p.Encryption == encryptionRequired,
		Endpoints: s.config.SAMLEndpoints,
	}
	if len(p.Keys) > 0 {
		v.Keys = func() ([]saml.Key, error) { return openSAMLKeys(call.Ring(), p, sealed) }
	}
	return v
}

const encryptionRequired = "Required"

// refusedSAML is what the client learns of a response that is refused (ST-70).
func refusedSAML(err error) error {
	for _, known := range []struct {
		err    error
		answer error
	}{
		{saml.ErrEncoding, invalidToken("Invalid base64 SAMLResponse")},
		{saml.ErrResponse, invalidToken("Your request included an invalid SAML response.")},
		{saml.ErrSignature, invalidToken("Response signature invalid")},
		{saml.ErrPlain, invalidToken("The specified provider requires encrypted assertions.")},
		{saml.ErrIssuer, invalidToken("Issuer not present in specified provider")},
		{saml.ErrAudience, invalidToken("Response does not contain the required audience.")},
		{saml.ErrRecipient, invalidToken("Response does not contain the required recipient.")},
		{saml.ErrExpired, api.ExpiredTokenException("Response has expired")},
		{saml.ErrStale, api.ExpiredTokenException("Token must be redeemed within 5 minutes of issuance")},
		{saml.ErrEarly, invalidToken("Response is not yet valid.")},
	} {
		if errors.Is(err, known.err) {
			return known.answer
		}
	}
	return fmt.Errorf("verifying a response: %w", err)
}

// assumeRoleWithSAMLNeeds asks for sts:AssumeRoleWithSAML on the role, and for
// what tags and a source identity need, of the trust policy alone (EV-52). The
// provider is read again: what it says now must still bear the proof.
func assumeRoleWithSAMLNeeds(call dispatch.Call, in *api.AssumeRoleWithSAMLInput) ([]authz.Need, error) {
	proof, err := samlProofOf(&call)
	if err != nil {
		return nil, err
	}
	if _, err := currentProvider(&call, in, proof); err != nil {
		return nil, err
	}
	role, err := federatedRole(&call, in.RoleArn)
	if err != nil {
		return nil, err
	}
	return federatedNeeds(&call, "sts:AssumeRoleWithSAML", in.RoleArn, proof.sessionName, role, proof.tags, proof.sourceIdentity), nil
}

// currentProvider returns the provider as it is now, if what it is now would
// still take the proof.
func currentProvider(call *dispatch.Call, in *api.AssumeRoleWithSAMLInput, proof *samlProof) (*identity.SAMLProvider, error) {
	name, err := parseRoleARN(in.PrincipalArn)
	if err != nil {
		return nil, err
	}
	p, err := findSAMLProvider(call.Tx, name, in.PrincipalArn)
	if err != nil {
		return nil, err
	}
	if !proof.standsWith(p) {
		return nil, refusedSAML(saml.ErrSignature)
	}
	return p, nil
}

// assumeRoleWithSAML mints a session of the role. It runs only when all needs
// were allowed. An assertion makes one session (TH-94).
func assumeRoleWithSAML(_ context.Context, call dispatch.Call, in *api.AssumeRoleWithSAMLInput) (*api.AssumeRoleWithSAMLOutput, error) {
	proof, err := samlProofOf(&call)
	if err != nil {
		return nil, err
	}
	p, err := currentProvider(&call, in, proof)
	if err != nil {
		return nil, err
	}
	role, err := federatedRole(&call, in.RoleArn)
	if err != nil {
		return nil, err
	}
	if role == nil {
		return nil, fmt.Errorf("role %s was allowed and is not there", in.RoleArn)
	}
	expires, err := proof.until(&call, role, in.DurationSeconds)
	if err != nil {
		return nil, err
	}
	s := session.Session{
		Kind: session.Role, Account: role.Account, PrincipalID: role.ID, RoleName: role.Name, Name: proof.sessionName,
		Tags: proof.tags.passed, Transitive: proof.tags.transitive, SourceIdentity: proof.sourceIdentity,
		Provider: in.PrincipalArn, Claims: lasting(call.Caller.Claims),
		Issued: call.Now, Expires: expires,
	}
	packed, err := sessionPolicies(&call, in.Policy, in.PolicyArns, &s)
	if err != nil {
		return nil, err
	}
	if err := spendAssertion(&call, p, proof); err != nil {
		return nil, err
	}
	credentials, err := mint(&call, s)
	if err != nil {
		return nil, err
	}
	out := &api.AssumeRoleWithSAMLOutput{
		Credentials: credentials, SourceIdentity: proof.sourceIdentity,
		AssumedRoleUser: &api.AssumedRoleUser{
			AssumedRoleId: role.ID + ":" + proof.sessionName, Arn: role.SessionARN(proof.sessionName).String(),
		},
		Subject: proof.assertion.Subject, SubjectType: subjectType(proof.assertion), Issuer: proof.assertion.Issuer,
		Audience: proof.assertion.Recipient, NameQualifier: nameQualifier(p),
	}
	if in.Policy != "" || len(in.PolicyArns) > 0 || len(s.Tags) > 0 {
		out.PackedPolicySize = new(packed)
	}
	return out, nil
}

// spendAssertion uses the assertion up, which wants a transaction that writes.
func spendAssertion(call *dispatch.Call, p *identity.SAMLProvider, proof *samlProof) error {
	// One provider may say the same id for two issuers, one after the other.
	id := proof.assertion.Issuer + " " + proof.assertion.ID
	err := call.Tx.SpendSAMLAssertion(p, id, proof.assertion.Expires)
	switch {
	case errors.Is(err, store.ErrExists):
		return invalidToken("The SAML assertion was used before.")
	case err != nil:
		return err
	case !call.Tx.Writable():
		return dispatch.ErrSpends
	}
	return nil
}

// until is when the session ends: after what is asked for, or an hour, but not
// after what the assertion or the role says (ST-20, ST-22).
func (p *samlProof) until(call *dispatch.Call, role *identity.Role, asked *int32) (time.Time, error) {
	seconds, err := duration(call, role, asked)
	if err != nil {
		return time.Time{}, err
	}
	seconds = min(seconds, role.MaxSession)
	if p.seconds != 0 {
		seconds = min(seconds, p.seconds)
	}
	end := call.Now.Add(time.Duration(seconds) * time.Second)
	if last := p.assertion.SessionEnds; !last.IsZero() && last.Before(end) {
		end = last
	}
	return end, nil
}

// sessionDuration reads the attribute SessionDuration (ST-71).
func sessionDuration(text string) (int32, error) {
	seconds, err := strconv.ParseInt(text, 10, 32)
	if err != nil || seconds < 900 || seconds > 43200 {
		return 0, invalidToken("SessionDuration in AuthnResponse must be an integer from 900 to 43200")
	}
	return int32(seconds), nil
}
