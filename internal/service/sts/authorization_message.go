package sts

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/regent-iam/regent/arn"
	api "github.com/regent-iam/regent/internal/api/sts"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/denials"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/policy"
)

func decodeAuthorizationMessageNeeds(dispatch.Call, *api.DecodeAuthorizationMessageInput) ([]authz.Need, error) {
	return []authz.Need{{Action: "sts:DecodeAuthorizationMessage", Resource: "*"}}, nil
}

// decodeAuthorizationMessage opens a message that regent:ExplainDecision handed
// out in the caller's account, and says what was refused (ST-77). Whatever is
// wrong with a message, the answer is the same (TH-44).
func decodeAuthorizationMessage(_ context.Context, call dispatch.Call, in *api.DecodeAuthorizationMessageInput) (*api.DecodeAuthorizationMessageOutput, error) {
	d, err := denials.OpenMessage(call.Ring(), in.EncodedMessage, call.Now, func(d *denials.Denial) (bool, error) {
		return d.Account() == call.Caller.Account, nil
	})
	if errors.Is(err, denials.ErrMessage) {
		return nil, api.InvalidAuthorizationMessageException("Invalid encoded authorization message.")
	} else if err != nil {
		return nil, err
	}
	text, err := decoded(d, call.Request.Facts.Region)
	return &api.DecodeAuthorizationMessageOutput{DecodedMessage: text}, err
}

// items is how a decoded message writes a list.
type items[T any] struct {
	Items []T `json:"items"`
}

func listOf[T any](list ...T) items[T] {
	if list == nil {
		list = []T{}
	}
	return items[T]{list}
}

type decodedValue struct {
	Value string `json:"value"`
}

type decodedKey struct {
	Key    string              `json:"key"`
	Values items[decodedValue] `json:"values"`
}

type decodedPrincipal struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"` // of users alone
	ARN  string `json:"arn"`
}

type decodedContext struct {
	Principal  decodedPrincipal  `json:"principal"`
	Action     string            `json:"action"`
	Resource   string            `json:"resource"`
	Conditions items[decodedKey] `json:"conditions"`
}

// A decodedMessage is the form of ST-77: the order of its members is AWS's.
type decodedMessage struct {
	Allowed           bool            `json:"allowed"`
	ExplicitDeny      bool            `json:"explicitDeny"`
	MatchedStatements items[struct{}] `json:"matchedStatements"`
	Failures          items[struct{}] `json:"failures"`
	Context           decodedContext  `json:"context"`
}

// decoded writes a denial as STS decodes it. It tells of an explicit deny only
// where the refusal told, or where the caller's own side denied.
func decoded(d *denials.Denial, region string) (string, error) {
	own := d.Layer == policy.LayerIdentity || d.Layer == policy.LayerBoundary || d.Layer == policy.LayerSession
	m := decodedMessage{
		ExplicitDeny:      d.Outcome == policy.ExplicitDeny && (d.Told || own),
		MatchedStatements: listOf[struct{}](), Failures: listOf[struct{}](),
		Context: decodedContext{
			Principal: decodedPrincipal{ID: d.Who.UserID, ARN: d.Who.Principal.ARN},
			Action:    d.Action, Resource: d.Resource, Conditions: listOf(conditionsOf(d, region)...),
		},
	}
	if d.Who.Kind == authn.User {
		m.Context.Principal.Name = string(d.Who.UserName)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(m); err != nil {
		return "", fmt.Errorf("writing a decoded message: %w", err)
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// conditionsOf returns the keys of a decoded message: what the resource is, in
// AWS's order, and what the request said beyond that.
func conditionsOf(d *denials.Denial, region string) []decodedKey {
	service, _, _ := strings.Cut(d.Action, ":")
	for _, k := range d.Keys {
		if k.Name == "aws:RequestedRegion" && len(k.Values) == 1 {
			region = k.Values[0]
		}
	}
	keys := []decodedKey{keyOf("aws:Region", region), keyOf("aws:Service", service)}
	if a, err := arn.Parse(d.Resource); err == nil {
		kind, id, ok := strings.Cut(a.Resource, "/")
		if !ok {
			kind, id = "", a.Resource
		}
		keys = append(keys, keyOf("aws:Resource", a.Resource), keyOf("aws:Account", a.Account), keyOf("aws:ID", id), keyOf("aws:Type", kind))
	}
	keys = append(keys, keyOf("aws:ARN", d.Resource))
	for _, k := range d.Keys {
		if prefix, _, _ := strings.Cut(k.Name, ":"); prefix == "aws" {
			continue
		}
		keys = append(keys, keyOf(k.Name, k.Values...))
	}
	return keys
}

func keyOf(name string, values ...string) decodedKey {
	list := make([]decodedValue, len(values))
	for i, v := range values {
		list[i] = decodedValue{v}
	}
	return decodedKey{name, listOf(list...)}
}
