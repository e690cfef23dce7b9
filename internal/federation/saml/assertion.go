package saml

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// An Assertion is what an identity provider says of somebody.
type Assertion struct {
	ID     string
	Issuer string
	// Subject is the NameID, and Format the URI of what sort of name it is.
	Subject, Format string
	// Recipient is the URL that the assertion was made for.
	Recipient string
	// Issued is when it was made, and Expires when it is taken no longer.
	Issued, Expires time.Time
	// SessionEnds is when the provider wants sessions to end, zero when it does
	// not say.
	SessionEnds time.Time
	// Attributes are the values that each attribute has, by its name.
	Attributes map[string][]string

	// Certificate and ResponseCertificate are what the assertion and the response
	// around it were signed with, nil for what was not signed. Key is the id of
	// the key that the assertion was encrypted to, "" for a plain one.
	Certificate, ResponseCertificate []byte
	Key                              string

	audiences [][]string // of each restriction, all of which must be met
	begins    time.Time  // zero when it does not say
	ends      time.Time  // of the conditions, zero when they do not say
	confirmed time.Time  // until when the subject is confirmed
}

const (
	// redeem is how long after it was issued an assertion is taken (IAM User
	// Guide, "Configure SAML assertions for the authentication response").
	redeem = 5 * time.Minute
	// skew is how far ahead of ours a provider's clock may be.
	skew = 3 * time.Minute
)

const (
	bearer      = "urn:oasis:names:tc:SAML:2.0:cm:bearer" //nolint:gosec // a name, and nothing that one bears
	unspecified = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
)

// read takes what is needed out of an assertion, which is signed.
func (a *Assertion) read(e *element) error {
	a.ID = e.attrs["ID"]
	if a.ID == "" || e.attrs["Version"] != "2.0" {
		return errors.New("no assertion of SAML 2.0 with an ID")
	}
	var err error
	if a.Issued, err = moment(e.attrs["IssueInstant"]); err != nil {
		return err
	}
	issuer, err := e.one(nsAssertion, "Issuer")
	if err != nil {
		return err
	}
	if a.Issuer, err = issuer.content(); err != nil {
		return err
	}
	for _, part := range []struct {
		name string
		read func(*element) error
	}{{"Subject", a.readSubject}, {"Conditions", a.readConditions}} {
		c, err := e.one(nsAssertion, part.name)
		if err != nil {
			return err
		}
		if err := part.read(c); err != nil {
			return err
		}
	}
	if err := a.readSessions(e.all(nsAssertion, "AuthnStatement")); err != nil {
		return err
	}
	return a.readAttributes(e.all(nsAssertion, "AttributeStatement"))
}

func (a *Assertion) readSubject(e *element) error {
	name, err := e.one(nsAssertion, "NameID")
	if err != nil {
		return err
	}
	if a.Subject, err = name.content(); err != nil {
		return err
	}
	if a.Subject == "" {
		return errors.New("no name in Subject")
	}
	if a.Format = name.attrs["Format"]; a.Format == "" {
		a.Format = unspecified
	}
	confirmation, err := e.one(nsAssertion, "SubjectConfirmation")
	if err != nil {
		return err
	}
	if confirmation.attrs["Method"] != bearer {
		return fmt.Errorf("the confirmation %q", confirmation.attrs["Method"])
	}
	data, err := confirmation.one(nsAssertion, "SubjectConfirmationData")
	if err != nil {
		return err
	}
	if data.attrs["NotBefore"] != "" { // Profiles, 4.1.4.2
		return errors.New("a confirmation that begins later")
	}
	a.Recipient = data.attrs["Recipient"]
	a.confirmed, err = moment(data.attrs["NotOnOrAfter"])
	return err
}

func (a *Assertion) readConditions(e *element) error {
	var err error
	if a.begins, err = optional(e.attrs["NotBefore"]); err != nil {
		return err
	}
	if a.ends, err = optional(e.attrs["NotOnOrAfter"]); err != nil {
		return err
	}
	for _, c := range e.children {
		switch {
		case c.is(nsAssertion, "AudienceRestriction"):
			var audiences []string
			for _, audience := range c.all(nsAssertion, "Audience") {
				text, err := audience.content()
				if err != nil {
					return err
				}
				audiences = append(audiences, text)
			}
			a.audiences = append(a.audiences, audiences)
		case c.is(nsAssertion, "OneTimeUse"), c.is(nsAssertion, "ProxyRestriction"):
		default: // what is not understood is not met (Core, 2.5.1)
			return fmt.Errorf("the condition %s", c.name.Local)
		}
	}
	return nil
}

func (a *Assertion) readSessions(statements []*element) error {
	for _, s := range statements {
		end, err := optional(s.attrs["SessionNotOnOrAfter"])
		if err != nil {
			return err
		}
		if !end.IsZero() && (a.SessionEnds.IsZero() || end.Before(a.SessionEnds)) {
			a.SessionEnds = end
		}
	}
	return nil
}

// readAttributes reads attributes whose values are texts; others say nothing.
func (a *Assertion) readAttributes(statements []*element) error {
	a.Attributes = map[string][]string{}
	for _, s := range statements {
		for _, attribute := range s.all(nsAssertion, "Attribute") {
			name := attribute.attrs["Name"]
			if name == "" {
				return errors.New("an attribute without a name")
			}
			for _, v := range attribute.all(nsAssertion, "AttributeValue") {
				if text, err := v.content(); err == nil {
					a.Attributes[name] = append(a.Attributes[name], text)
				}
			}
		}
	}
	return nil
}

// check holds an assertion against the provider and the time, in the order in
// which AWS tells what is wrong.
func (a *Assertion) check(p *Provider, now time.Time) error {
	if a.Issuer != p.EntityID {
		return ErrIssuer
	}
	if len(a.audiences) == 0 {
		return ErrAudience
	}
	for _, any := range a.audiences {
		if !slices.ContainsFunc(any, func(audience string) bool { return audience == awsAudience || p.endpoint(audience) }) {
			return ErrAudience
		}
	}
	if !p.endpoint(a.Recipient) {
		return ErrRecipient
	}
	a.Expires = a.Issued.Add(redeem)
	for _, end := range []time.Time{a.confirmed, a.ends} {
		if !end.IsZero() && !now.Before(end) {
			return ErrExpired
		}
		if !end.IsZero() && end.Before(a.Expires) {
			a.Expires = end
		}
	}
	if !a.SessionEnds.IsZero() && !now.Before(a.SessionEnds) {
		return ErrExpired
	}
	if !now.Before(a.Issued.Add(redeem)) {
		return ErrStale
	}
	if now.Add(skew).Before(a.Issued) || now.Add(skew).Before(a.begins) {
		return ErrEarly
	}
	return nil
}

// awsAudience is AWS as an audience, whatever the URL.
const awsAudience = "urn:amazon:webservices"

// signin is where AWS takes responses: everywhere or in one region, and at a
// path with the provider's id for those that encrypt.
var signin = regexp.MustCompile(`^https://(?:[a-z]{2}(?:-[a-z]+)+-[0-9]{1,2}\.)?signin\.aws\.amazon\.com/saml(?:/acs/([A-Z0-9]+))?$`)

// endpoint reports whether a URL is one that responses of p may be made for.
func (p *Provider) endpoint(url string) bool {
	if m := signin.FindStringSubmatch(url); m != nil {
		return m[1] == "" || m[1] == p.ID
	}
	return url != "" && slices.Contains(p.Endpoints, url)
}

// moment reads a time, which has no zone but UTC (Core, 1.3.3).
func moment(text string) (time.Time, error) {
	t, err := time.Parse("2006-01-02T15:04:05.999999999Z", text)
	if err != nil {
		return time.Time{}, fmt.Errorf("the time %q", text)
	}
	return t, nil
}

func optional(text string) (time.Time, error) {
	if strings.TrimSpace(text) == "" {
		return time.Time{}, nil
	}
	return moment(text)
}
