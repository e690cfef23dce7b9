package signin

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/sigv4"
)

// What the server asks for on behalf of somebody who signed in takes the road
// that their own requests take: it is signed with credentials of theirs, comes
// from their address and is decided, recorded and refused like any other.

// An onRoad makes signed requests in the process.
type onRoad struct {
	h           *Handler
	visit       *visit
	credentials session.Credentials
	// header is what a request has beside what all have; nil for nothing.
	header http.Header
}

// A roadAnswer is what a request came back with.
type roadAnswer struct {
	status int
	header http.Header
	body   bytes.Buffer
}

// Header returns the answer's header.
func (a *roadAnswer) Header() http.Header { return a.header }

// WriteHeader notes the status.
func (a *roadAnswer) WriteHeader(status int) {
	if a.status == 0 && status >= 200 {
		a.status = status
	}
}

// Write notes the body.
func (a *roadAnswer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

// send signs a request and takes it down the road.
func (o *onRoad) send(ctx context.Context, service, contentType, target string, family sigv4.Family, body []byte) (*roadAnswer, error) {
	from := o.visit.request
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+from.Host+"/", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	maps.Copy(r.Header, o.header)
	r.Header.Set("Content-Type", contentType)
	if target != "" {
		r.Header.Set("X-Amz-Target", target)
	}
	sum := sha256.Sum256(body)
	_, err = sigv4.SignHeader(r, sigv4.Credentials{
		AccessKeyID: string(o.credentials.KeyID), SecretAccessKey: o.credentials.Secret.Reveal(), SessionToken: o.credentials.Token,
	}, sigv4.SignOptions{
		Family: family, Service: service, Region: o.h.Region, Time: o.visit.now, PayloadHash: hex.EncodeToString(sum[:]),
	})
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	// Who the peer is, the road finds out by itself, from what came.
	r.RemoteAddr, r.TLS, r.RequestURI = from.RemoteAddr, from.TLS, r.URL.RequestURI()
	for _, name := range []string{"User-Agent", "X-Forwarded-For", "X-Forwarded-Proto"} {
		if values := from.Header.Values(name); len(values) > 0 {
			r.Header[name] = values
		}
	}
	answer := &roadAnswer{header: http.Header{}}
	o.h.API.ServeHTTP(answer, r)
	return answer, nil
}

// An assumed is a role that was assumed.
type assumed struct {
	KeyID   string    `xml:"AssumeRoleResult>Credentials>AccessKeyId"`
	Secret  string    `xml:"AssumeRoleResult>Credentials>SecretAccessKey"`
	Token   string    `xml:"AssumeRoleResult>Credentials>SessionToken"`
	Expires time.Time `xml:"AssumeRoleResult>Credentials>Expiration"`
	ID      string    `xml:"AssumeRoleResult>AssumedRoleUser>AssumedRoleId"`
	ARN     string    `xml:"AssumeRoleResult>AssumedRoleUser>Arn"`
	// revocations is how many there had been when it was asked for.
	revocations uint64
}

// A refusedError reports a role that was not assumed, with the id of the request
// that was refused.
type refusedError struct{ request string }

func (e *refusedError) Error() string { return "signin: the role was refused" }

// errOnRoad reports a request of ours that failed, and was not refused.
var errOnRoad = errors.New("signin: a request on the road failed")

// assume assumes a role. Nothing but the role, the name and the time is ever
// asked for: no external id, no source identity, no tags (CO-13).
func (o *onRoad) assume(ctx context.Context, role, name string, life time.Duration) (*assumed, error) {
	form := url.Values{
		"Action": {"AssumeRole"}, "Version": {"2011-06-15"}, "RoleArn": {role}, "RoleSessionName": {name},
		"DurationSeconds": {strconv.Itoa(int(life / time.Second))},
	}
	answer, err := o.send(ctx, "sts", "application/x-www-form-urlencoded", "", sigv4.FamilyQuery, []byte(form.Encode()))
	if err != nil {
		return nil, err
	}
	switch {
	case answer.status >= http.StatusInternalServerError:
		return nil, fmt.Errorf("%w: AssumeRole: %d", errOnRoad, answer.status)
	case answer.status != http.StatusOK:
		return nil, &refusedError{answer.header.Get("X-Amzn-Requestid")}
	}
	var out assumed
	if err := xml.Unmarshal(answer.body.Bytes(), &out); err != nil {
		return nil, fmt.Errorf("reading AssumeRole: %w", err)
	}
	return &out, nil
}

// An explained is as much of regent:ExplainDecision as is told.
type explained struct {
	RequestID string `json:"RequestId"`
	Action    string
	Resource  string
	Layers    []struct {
		Layer, Outcome   string
		Visible          bool
		Required         bool
		Matched, Closest []struct {
			PolicyName string
			Mismatch   *struct{ Key string }
		}
	}
}

// why explains to a user why their request was refused, as far as they may
// know: it is the same call that they could make themselves, about the last
// refusal, which no one has to be allowed to ask about. It is empty when that
// was another one, or when nothing that they see refused.
func (o *onRoad) why(ctx context.Context, request string) []string {
	why := []string{}
	answer, err := o.send(ctx, "regent", "application/x-amz-json-1.1", "Regent_20260101.ExplainDecision", sigv4.FamilyJSON, []byte("{}"))
	if err != nil || answer.status != http.StatusOK {
		return why
	}
	var e explained
	if err := json.Unmarshal(answer.body.Bytes(), &e); err != nil || e.RequestID != request || request == "" {
		return why
	}
	for _, l := range e.Layers {
		if !l.Visible || l.Outcome != "explicitDeny" && (l.Outcome != "implicitDeny" || !l.Required) {
			continue
		}
		mfa := false
		for _, s := range append(l.Matched, l.Closest...) {
			mfa = mfa || s.Mismatch != nil && strings.HasPrefix(arn.Fold(s.Mismatch.Key), "aws:multifactorauth")
		}
		policy := ""
		if len(l.Matched) > 0 {
			policy = l.Matched[0].PolicyName
		}
		why = append(why, reason(l.Layer, l.Outcome == "explicitDeny", policy, e.Action+" on "+e.Resource))
		if mfa {
			why = append(why, "A policy asks for MFA, and you signed in without it or too long ago.")
		}
	}
	return why
}

// reason says in a sentence that a layer refuses.
func reason(layer string, denies bool, policy, what string) string {
	whose := map[string]string{
		"identity": "policy of yours", "boundary": "permissions boundary of yours", "session": "session policy", "scp": "policy of your organization",
		"rcp": "policy of the role's organization", "trust": "trust policy of the role",
	}[layer]
	if whose == "" {
		whose = "policy"
	}
	switch {
	case !denies:
		return "No " + whose + " allows " + what + "."
	case policy != "":
		return "A " + whose + " denies " + what + ": " + policy + "."
	}
	return "A " + whose + " denies " + what + "."
}
