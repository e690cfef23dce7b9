package client

import (
	"context"
	"encoding/json"
	"fmt"
)

// A Question asks for one decision: by RequestID, by Message, or for a request
// that is made up; none of them is the caller's last denial.
type Question struct {
	RequestID string         `json:"RequestId,omitempty"`
	Message   string         `json:"EncodedMessage,omitempty"`
	Principal string         `json:",omitempty"`
	Action    string         `json:",omitempty"`
	Resource  string         `json:",omitempty"`
	Context   []ContextEntry `json:",omitempty"`
	// Basis is NOW for the policies as they are now, where those of then are known too.
	Basis string `json:",omitempty"`
}

// A ContextEntry is a condition key of a request that is made up.
type ContextEntry struct {
	Key    string
	Values []string
}

// An Explanation is the server's answer to a Question.
type Explanation struct {
	RequestID       string `json:"RequestId"`
	EventTime       float64
	Operation       string
	Basis           string // THEN or NOW
	Decision        string
	Reason          string
	Message         string
	Principal       string
	Action          string
	Resource        string
	ResourceAccount string
	Layers          []Layer
	Fixes           []Fix
	EncodedMessage  string
}

// A Layer is one layer of policies, as far as the caller may see it.
type Layer struct {
	Layer            string
	Visible          bool
	Text             string
	Level            *int
	Outcome          string
	Required         bool
	Matched, Closest []Statement
}

// A Statement is one statement of a policy.
type Statement struct {
	Visible      bool
	PolicyName   string
	PolicyARN    string `json:"PolicyArn"`
	Sid          string
	Index        int
	Effect       string
	Line, Column int
	Mismatch     *Mismatch
}

// A Mismatch is the first element of a statement that did not match.
type Mismatch struct {
	Element                     string
	Negated                     bool
	Operator, Key               string
	PolicyValues, RequestValues []string
	Absent                      bool
}

// A Fix is the least that has to change in one layer.
type Fix struct {
	Layer      string
	Level      *int
	Text       string
	Statement  string
	PolicyName string
	PolicyARN  string `json:"PolicyArn"`
	Account    string
}

// Explain asks why. The answer comes as it was sent, too.
func (c *Client) Explain(ctx context.Context, q Question) (*Explanation, []byte, error) {
	raw, err := c.Call(ctx, "ExplainDecision", q)
	if err != nil {
		return nil, nil, err
	}
	out := new(Explanation)
	if err := json.Unmarshal(raw, out); err != nil {
		return nil, nil, fmt.Errorf("reading the answer: %w", err)
	}
	return out, raw, nil
}
