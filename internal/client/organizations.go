package client

import (
	"context"
	"encoding/json"
	"fmt"
)

const (
	organizationsPrefix = "AWSOrganizationsV20161128."
	organizationsRegion = "us-east-1" // which its requests are signed for, whatever the profile says
)

// Organizations calls an operation of Organizations, and reads its answer into
// out unless that is nil. Its errors are those of Call.
func (c *Client) Organizations(ctx context.Context, operation string, in, out any) error {
	raw, err := c.call(ctx, target{"organizations", organizationsRegion, organizationsPrefix + operation}, in)
	if err != nil || out == nil {
		return err
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	return nil
}
