package client

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// A Revocation says whose sessions end: those of a role, a user, an account's
// root or an identity provider by its ARN, there perhaps of one Subject only; or
// those that come from an access key, or the one session that has it.
type Revocation struct {
	Resource string `json:"ResourceArn,omitempty"`
	Subject  string `json:",omitempty"`
	Key      string `json:"AccessKeyId,omitempty"`
}

// A Revoked is what became of a Revocation.
type Revoked struct {
	At time.Time
	// Pending says that a node may not refuse the sessions yet.
	Pending bool
}

// RevokeSessions ends sessions, and returns the answer that this was read from.
// Its errors are those of Call.
func (c *Client) RevokeSessions(ctx context.Context, r Revocation) (*Revoked, []byte, error) {
	raw, err := c.Call(ctx, "RevokeSessions", r)
	if err != nil {
		return nil, nil, err
	}
	var out struct {
		RevokedAt float64 // seconds since 1970
		Pending   bool
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil, nil, fmt.Errorf("the answer cannot be read: %w", err)
	}
	return &Revoked{time.UnixMilli(int64(out.RevokedAt * 1000)).UTC(), out.Pending}, raw, nil
}
