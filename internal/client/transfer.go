package client

import (
	"context"
	"encoding/json"
	"fmt"
)

// A NewImport says what account an import makes.
type NewImport struct {
	AccountName     string
	Email           string
	RoleName        string           `json:",omitempty"`
	SourceAccountID string           `json:"SourceAccountId,omitempty"`
	KeepAccountIDs  bool             `json:"KeepAccountIds,omitempty"`
	AccountMap      []AccountMapping `json:",omitempty"`
}

// An AccountMapping says which account of a dump stands for which here.
type AccountMapping struct{ From, To string }

// An ImportReport is what a call of an import did.
type ImportReport struct {
	AccountID   string `json:"AccountId"`
	State       string // IMPORTING, ACTIVE or ABANDONED
	Imported    int
	Skipped     []Skipped
	MoreSkipped int
}

// A Skipped is something in a dump that was left out, and why.
type Skipped struct{ Item, Operation, Reason string }

// BeginImport begins an import; the report names the account that it fills.
func (c *Client) BeginImport(ctx context.Context, n NewImport) (*ImportReport, error) {
	return c.importAccount(ctx, n)
}

type importCall struct {
	AccountID string `json:"AccountId"`
	Part      int    `json:",omitempty"`
	Dump      string `json:",omitempty"`
	Commit    bool   `json:",omitempty"`
	Abandon   bool   `json:",omitempty"`
}

// ImportPart sends a part of the dump; the first is 1.
func (c *Client) ImportPart(ctx context.Context, account string, number int, dump string) (*ImportReport, error) {
	return c.importAccount(ctx, importCall{AccountID: account, Part: number, Dump: dump})
}

// CommitImport switches the account on.
func (c *Client) CommitImport(ctx context.Context, account string) (*ImportReport, error) {
	return c.importAccount(ctx, importCall{AccountID: account, Commit: true})
}

// AbandonImport removes the account instead.
func (c *Client) AbandonImport(ctx context.Context, account string) error {
	_, err := c.importAccount(ctx, importCall{AccountID: account, Abandon: true})
	return err
}

func (c *Client) importAccount(ctx context.Context, in any) (*ImportReport, error) {
	out := new(ImportReport)
	return out, c.callInto(ctx, "ImportAccount", in, out)
}

// ExportAccount returns the dump of the caller's account in parts.
func (c *Client) ExportAccount(ctx context.Context) (parts []string, err error) {
	for marker := ""; ; {
		var out struct{ Dump, Marker string }
		in := struct {
			Marker string `json:",omitempty"`
		}{marker}
		if err := c.callInto(ctx, "ExportAccount", in, &out); err != nil {
			return nil, err
		}
		parts = append(parts, out.Dump)
		if marker = out.Marker; marker == "" {
			return parts, nil
		}
	}
}

func (c *Client) callInto(ctx context.Context, operation string, in, out any) error {
	raw, err := c.Call(ctx, operation, in)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	return nil
}
