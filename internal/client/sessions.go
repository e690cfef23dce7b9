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

// A Session is one that is listed: somebody's temporary credentials.
type Session struct {
	Key            string `json:"AccessKeyId"`
	Kind           string
	Principal      string `json:"PrincipalArn"`
	Name           string `json:"SessionName"`
	SourceIdentity string
	CallerAccount  string
	Caller         string `json:"CallerArn"` // "" of another account's
	Provider       string `json:"ProviderArn"`
	Subject        string
	Address        string  `json:"SourceAddress"`
	Issued         float64 `json:"IssuedAt"` // seconds since 1970
	Expires        float64 `json:"ExpiresAt"`
	LastUsed       float64 `json:"LastUsedAt"` // 0 for never
	MFA            bool    `json:"MfaAuthenticated"`
}

// Sessions lists all sessions that a Revocation would end, those that end first
// before others, page by page as one list, and as the JSON that one answer with
// all of them would be. Its errors are those of Call.
func (c *Client) Sessions(ctx context.Context, of Revocation) ([]Session, []byte, error) {
	all, told := []Session{}, []json.RawMessage{}
	token := ""
	for {
		var out struct {
			Sessions  []json.RawMessage
			NextToken string
		}
		if _, err := c.ask(ctx, "ListSessions", struct {
			Revocation
			NextToken string `json:",omitempty"`
		}{of, token}, &out); err != nil {
			return nil, nil, err
		}
		for _, raw := range out.Sessions {
			var s Session
			if err := json.Unmarshal(raw, &s); err != nil {
				return nil, nil, fmt.Errorf("the answer cannot be read: %w", err)
			}
			all, told = append(all, s), append(told, raw)
		}
		if token = out.NextToken; token == "" {
			raw, err := json.Marshal(map[string]any{"Sessions": told})
			return all, raw, err
		}
	}
}
