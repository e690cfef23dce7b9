package identity

import "time"

// A LoginProfile is the password of a user, or of the account's root when
// UserID is RootUser. It is a record of its own: no request but those about
// passwords needs it.
type LoginProfile struct {
	Account AccountID `json:"account"`
	UserID  string    `json:"userId"` // AIDA…, or RootUser
	Created time.Time `json:"created"`
	Changed time.Time `json:"changed"` // when the password was last set

	// ResetRequired says that the password serves for setting another only.
	ResetRequired bool `json:"resetRequired,omitempty"`

	// Sealed is the hash under the key ring. A root profile has none before root
	// has set a password.
	Sealed   []byte   `json:"sealed,omitempty"`
	Previous [][]byte `json:"previous,omitempty"` // hashes of the passwords before, latest first

	// Failures counts wrong passwords since the last right one, and BlockedUntil
	// is when the next may be tried.
	Failures     int       `json:"failures,omitempty"`
	BlockedUntil time.Time `json:"blockedUntil,omitzero"`
}

// A PasswordPolicy is what an account asks of its users' passwords (IA-53).
type PasswordPolicy struct {
	Account   AccountID `json:"account"`
	MinLength int32     `json:"minLength"` // characters, 6 to 128
	Symbols   bool      `json:"symbols,omitempty"`
	Numbers   bool      `json:"numbers,omitempty"`
	Upper     bool      `json:"upper,omitempty"`
	Lower     bool      `json:"lower,omitempty"`

	// UsersMayChange gives every user of the account the permission to change
	// its own password and to read this policy.
	UsersMayChange bool `json:"usersMayChange,omitempty"`

	MaxAge     int32 `json:"maxAge,omitempty"`     // days, 0 for ever
	Reuse      int32 `json:"reuse,omitempty"`      // how many of the last passwords may not come again
	HardExpiry bool  `json:"hardExpiry,omitempty"` // a password that expired cannot be changed at sign-in
}

// Expiry returns when a password that was set at a time expires under the
// policy, the zero time when it never does.
func (p *PasswordPolicy) Expiry(changed time.Time) time.Time {
	if p.MaxAge == 0 {
		return time.Time{}
	}
	return changed.Add(time.Duration(p.MaxAge) * 24 * time.Hour)
}
