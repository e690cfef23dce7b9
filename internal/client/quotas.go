package client

import (
	"context"
	"encoding/json"
	"fmt"
)

// A Quota is how many there may be of something in an account, or how much.
type Quota struct {
	Service    string `json:"ServiceCode"`
	Name       string `json:"QuotaName"`
	Value      int
	Default    int `json:"DefaultValue"`
	Maximum    int `json:"MaximumValue"` // to which it can be set
	Adjustable bool
}

// Quotas returns the quotas of an account, "" for the caller's own, and the
// answer they were read from. Its errors are those of Call.
func (c *Client) Quotas(ctx context.Context, account string) ([]Quota, []byte, error) {
	raw, err := c.Call(ctx, "ListQuotas", struct {
		Account string `json:"AccountId,omitempty"`
	}{account})
	if err != nil {
		return nil, nil, err
	}
	var out struct{ Quotas []Quota }
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil, nil, fmt.Errorf("the answer cannot be read: %w", err)
	}
	return out.Quotas, raw, nil
}

// SetQuota sets a quota of an account and returns it as it is then. Its errors
// are those of Call.
func (c *Client) SetQuota(ctx context.Context, account, name string, value int32) (*Quota, []byte, error) {
	raw, err := c.Call(ctx, "PutQuota", struct {
		Account string `json:"AccountId"`
		Name    string `json:"QuotaName"`
		Value   int32
	}{account, name, value})
	if err != nil {
		return nil, nil, err
	}
	var out struct{ Quota Quota }
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil, nil, fmt.Errorf("the answer cannot be read: %w", err)
	}
	return &out.Quota, raw, nil
}
