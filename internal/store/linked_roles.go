package store

import (
	"time"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/identity"
)

// A RoleDeletion is what came of the last wish to delete a linked role.
type RoleDeletion struct {
	ID   string            `json:"id"` // a UUID
	Role identity.RoleName `json:"role"`
	At   time.Time         `json:"at"`

	// Failure says why the role is still there, "" when it is gone; Users are the
	// ARNs of what needs it.
	Failure string   `json:"failure,omitempty"`
	Users   []string `json:"users,omitempty"`
}

// roleDeletionKey has the role's name and not the task's id: there is one for
// each name, so that they do not grow in number.
func roleDeletionKey(a identity.AccountID, n identity.RoleName) key {
	return inAccount(a, kindRoleDeletion, arn.Fold(string(n)))
}

// RoleDeletion returns what came of the last wish to delete the linked role of
// that name.
func (tx *Tx) RoleDeletion(a identity.AccountID, n identity.RoleName) (*RoleDeletion, error) {
	return get[RoleDeletion](tx, roleDeletionKey(a, n))
}

// PutRoleDeletion writes what came of a wish to delete a linked role.
func (tx *Tx) PutRoleDeletion(a identity.AccountID, d *RoleDeletion) error {
	return put(tx, roleDeletionKey(a, d.Role), d)
}
