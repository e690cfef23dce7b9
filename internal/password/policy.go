package password

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/identity"
)

// Symbols are the characters that count as symbols (IAM User Guide, "Set an
// account password policy").
const Symbols = `!@#$%^&*()_+-=[]{}|'`

// A ViolationError says in which way a password is not what the policy asks for. It
// does not repeat the password.
type ViolationError struct{ Reason string }

func (v *ViolationError) Error() string { return v.Reason }

func violation(format string, args ...any) error {
	return &ViolationError{fmt.Sprintf(format, args...)}
}

// classes are which kinds of characters a password has.
type classes struct{ upper, lower, number, symbol bool }

func classesOf(password string) (c classes) {
	for _, r := range password {
		switch {
		case 'A' <= r && r <= 'Z':
			c.upper = true
		case 'a' <= r && r <= 'z':
			c.lower = true
		case '0' <= r && r <= '9':
			c.number = true
		case strings.ContainsRune(Symbols, r):
			c.symbol = true
		}
	}
	return c
}

// The built-in policy of accounts that have none of their own (IA-53).
const (
	builtInLength  = 8
	builtInClasses = 3
)

// Check returns a ViolationError unless the policy takes the password. Where p is nil,
// the account has no policy and the built-in one counts: eight characters of
// three of the four classes, and not the account's name or e-mail address.
func Check(p *identity.PasswordPolicy, account *identity.Account, password string) error {
	c := classesOf(password)
	length := utf8.RuneCountInString(password)
	if p == nil {
		return checkBuiltIn(c, length, account, password)
	}
	switch {
	case length < int(p.MinLength):
		return violation("Password should have a minimum length of %d", p.MinLength)
	case p.Upper && !c.upper:
		return violation("Password should have at least one uppercase letter")
	case p.Lower && !c.lower:
		return violation("Password should have at least one lowercase letter")
	case p.Numbers && !c.number:
		return violation("Password should have at least one number")
	case p.Symbols && !c.symbol:
		return violation("Password should have at least one symbol")
	}
	return nil
}

func checkBuiltIn(c classes, length int, account *identity.Account, password string) error {
	n := 0
	for _, has := range []bool{c.upper, c.lower, c.number, c.symbol} {
		if has {
			n++
		}
	}
	folded := arn.Fold(password)
	switch {
	case length < builtInLength:
		return violation("Password should have a minimum length of %d", builtInLength)
	case n < builtInClasses:
		return violation("Password should have at least three of: uppercase letters, lowercase letters, numbers, symbols")
	case folded == arn.Fold(account.Name) || folded == arn.Fold(account.Email):
		return violation("Password should not be the name or the e-mail address of the account")
	}
	return nil
}

// A State says what a login profile is good for.
type State int

// The states of a login profile.
const (
	// Good: who knows the password may sign in.
	Good State = iota
	// MustChange: who knows the password may set a new one, and nothing else.
	MustChange
	// Expired: only an administrator can set a new password (HardExpiry).
	Expired
)

// StateOf returns the state that a login profile is in under the account's
// policy, nil when it has none.
func StateOf(p *identity.PasswordPolicy, profile *identity.LoginProfile, now time.Time) State {
	if p != nil && p.MaxAge > 0 && !now.Before(p.Expiry(profile.Changed)) {
		if p.HardExpiry {
			return Expired
		}
		return MustChange
	}
	if profile.ResetRequired {
		return MustChange
	}
	return Good
}
