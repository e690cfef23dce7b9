package client

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// A Service is a registered service of the operator's own.
type Service struct {
	Name        string `json:"ServiceName"`
	ARN         string `json:"ServiceArn"`
	Description string
	Keys        []ServiceKey
}

// A ServiceKey is a key that a service signs with. The secret is there when the
// key was just made, and never again.
type ServiceKey struct {
	Service string `json:"ServiceName"`
	ID      string `json:"AccessKeyId"`
	Secret  string `json:"SecretAccessKey"`
	Status  string
}

// An IssuerKey is a key of an account's issuer of outbound tokens.
type IssuerKey struct {
	ID             string  `json:"KeyId"`
	Algorithm      string  `json:"SigningAlgorithm"`
	PublishedUntil float64 // seconds since 1970, 0 for one that signs
}

// Until is when the key is no longer published, the zero time for one that signs.
func (k IssuerKey) Until() time.Time {
	if k.PublishedUntil == 0 {
		return time.Time{}
	}
	return time.Unix(int64(k.PublishedUntil), 0).UTC()
}

// ask calls an operation and reads its answer into out. Its errors are those of
// Call.
func (c *Client) ask(ctx context.Context, operation string, in, out any) ([]byte, error) {
	raw, err := c.Call(ctx, operation, in)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return nil, fmt.Errorf("the answer cannot be read: %w", err)
	}
	return raw, nil
}

// RegisterService registers a service. It, and the others here, return the answer
// that they read beside what they read from it; their errors are those of Call.
func (c *Client) RegisterService(ctx context.Context, name, description string) (*Service, []byte, error) {
	var out struct{ Service Service }
	raw, err := c.ask(ctx, "RegisterService", struct {
		Name        string `json:"ServiceName"`
		Description string `json:",omitempty"`
	}{name, description}, &out)
	return &out.Service, raw, err
}

// Services returns all services, page by page, as one list.
func (c *Client) Services(ctx context.Context) ([]Service, []byte, error) {
	all := []Service{}
	marker := ""
	for {
		var out struct {
			Services []Service
			Marker   string
		}
		if _, err := c.ask(ctx, "ListServices", struct {
			Marker string `json:",omitempty"`
		}{marker}, &out); err != nil {
			return nil, nil, err
		}
		all = append(all, out.Services...)
		if marker = out.Marker; marker == "" {
			raw, err := json.Marshal(struct{ Services []Service }{all})
			return all, raw, err
		}
	}
}

// DeleteService takes back the name of a service that has no keys.
func (c *Client) DeleteService(ctx context.Context, name string) ([]byte, error) {
	return c.Call(ctx, "DeleteService", struct {
		Name string `json:"ServiceName"`
	}{name})
}

// CreateServiceKey makes a key for a service, and is the one call that tells its
// secret.
func (c *Client) CreateServiceKey(ctx context.Context, name string) (*ServiceKey, []byte, error) {
	var out struct{ ServiceKey ServiceKey }
	raw, err := c.ask(ctx, "CreateServiceKey", struct {
		Name string `json:"ServiceName"`
	}{name}, &out)
	return &out.ServiceKey, raw, err
}

// UpdateServiceKey switches a key "Active" or "Inactive".
func (c *Client) UpdateServiceKey(ctx context.Context, name, id, status string) ([]byte, error) {
	return c.Call(ctx, "UpdateServiceKey", struct {
		Name   string `json:"ServiceName"`
		ID     string `json:"AccessKeyId"`
		Status string
	}{name, id, status})
}

// DeleteServiceKey deletes a key for good.
func (c *Client) DeleteServiceKey(ctx context.Context, name, id string) ([]byte, error) {
	return c.Call(ctx, "DeleteServiceKey", struct {
		Name string `json:"ServiceName"`
		ID   string `json:"AccessKeyId"`
	}{name, id})
}

// CheckPassRole tells a service, who must be calling, whether a principal may hand
// it a role.
func (c *Client) CheckPassRole(ctx context.Context, principal, role string) (bool, []byte, error) {
	var out struct{ Allowed bool }
	raw, err := c.ask(ctx, "CheckPassRole", struct{ PrincipalArn, RoleArn string }{principal, role}, &out)
	return out.Allowed, raw, err
}

// A SealingKey is a sealing key that has just taken the place of another.
type SealingKey struct {
	ID            int     `json:"KeyId"`
	SessionsUntil float64 // when the last session under keys before has expired, in seconds since 1970
}

// Until is SessionsUntil as a time.
func (k SealingKey) Until() time.Time { return time.Unix(int64(k.SessionsUntil), 0).UTC() }

// RotateKeys gives the installation a new sealing key.
func (c *Client) RotateKeys(ctx context.Context) (SealingKey, []byte, error) {
	var out SealingKey
	raw, err := c.ask(ctx, "RotateKeys", struct{}{}, &out)
	return out, raw, err
}

// RotateIssuerKeys gives the account's issuer new keys; the ones before are
// withdrawn at once if so asked.
func (c *Client) RotateIssuerKeys(ctx context.Context, withdraw bool) ([]IssuerKey, []byte, error) {
	var out struct{ Keys []IssuerKey }
	raw, err := c.ask(ctx, "RotateIssuerKeys", struct{ Withdraw bool }{withdraw}, &out)
	return out.Keys, raw, err
}
