package identity

import (
	"time"

	"github.com/regent-iam/regent/arn"
)

// ProfileName is the name of an instance profile: 1 to 128 characters, unique
// like a UserName.
type ProfileName string

// An InstanceProfile hands a role to a machine (IA-63). It has a path and an id
// of its own, and at most one role.
type InstanceProfile struct {
	Account AccountID   `json:"account"`
	Name    ProfileName `json:"name"`
	Path    string      `json:"path"`
	ID      string      `json:"id"` // AIPA…
	Created time.Time   `json:"created"`
	Role    string      `json:"role,omitempty"` // AROA…, "" for none
	Tags    []Tag       `json:"tags,omitempty"`
}

// ARN names the instance profile, path included.
func (p *InstanceProfile) ARN() arn.ARN {
	return iamARN(p.Account, "instance-profile", p.Path, string(p.Name))
}
