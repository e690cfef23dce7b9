package store

import (
	"time"

	"github.com/regent-iam/regent/internal/identity"
)

// MaxBrowserSessions is how many sessions a browser can have open.
const MaxBrowserSessions = 5

// A Browser is a browser that somebody signed in to the console with. Its cookie
// is replaced at every sign-in and switch while the record stays.
type Browser struct {
	ID string `json:"id"` // hex; it never leaves the server
	// Cookie is the digest of the present value of the cookie, and Secret that of
	// what is sent beside it where any port of the machine gets the cookie; ""
	// elsewhere.
	Cookie string `json:"cookie"`
	Secret string `json:"secret,omitempty"`
	// Former is the cookie that was replaced last, nil for none.
	Former *FormerCookie `json:"former,omitempty"`
	// Sessions are those that were opened with it, ended ones among them until
	// there is no room.
	Sessions []BrowserSession `json:"sessions,omitempty"`
	// Expires is when nothing of it is wanted any more.
	Expires time.Time `json:"expires"`
}

// A FormerCookie is one that was just replaced: calls that were on their way
// with it are still answered, about the sessions that there were.
type FormerCookie struct {
	Cookie   string    `json:"cookie"`
	Secret   string    `json:"secret,omitempty"`
	Until    time.Time `json:"until"`
	Sessions []string  `json:"sessions"` // ids
}

// The kinds of a browser's sessions.
const (
	SignedInUser  = "user"
	SignedInRoot  = "root"
	SignedInGiven = "federated" // with credentials of a role or a federated user
	SwitchedRole  = "role"
)

// A BrowserSession is a user or root who signed in, or a role that such a one
// switched to.
type BrowserSession struct {
	ID   string `json:"id"` // short, in the paths of the console
	Kind string `json:"kind"`

	// SignIn is the id of the sign-in that credentials descend from. A role has
	// that of its Origin.
	SignIn  string             `json:"signIn"`
	Account identity.AccountID `json:"account"` // of who signed in
	UserID  string             `json:"userId"`  // AIDA…, or RootUser
	Since   time.Time          `json:"since"`
	Expires time.Time          `json:"expires"`
	// Active is when there was input last.
	Active time.Time `json:"active"`
	// MFA is when a code was given, zero for never, and Proved when a password or
	// a code was.
	MFA    time.Time `json:"mfa,omitzero"`
	Proved time.Time `json:"proved"`
	// Generation is of what the sign-in was made with: it ends when that changes.
	Generation SignInGeneration `json:"generation"`
	// Announced says that credentials were asked for, which the record tells once.
	Announced bool `json:"announced,omitempty"`

	// Given are the credentials of a federated sign-in.
	Given *identity.GivenCredentials `json:"given,omitempty"`

	// Origin is the session that switched to the role.
	Origin string       `json:"origin,omitempty"`
	Role   *ConsoleRole `json:"role,omitempty"`
}

// A SignInGeneration is the state of what somebody signs in with.
type SignInGeneration struct {
	Password string `json:"password"` // digest of what is kept of it
	// Devices are the devices as they were enabled then.
	Devices []SignInDevice `json:"devices,omitempty"`
	// Revocations is how many there had been (Revoked).
	Revocations uint64 `json:"revocations"`
}

// A SignInDevice is an MFA device that was enabled at a time.
type SignInDevice struct {
	Serial  string    `json:"serial"`
	Enabled time.Time `json:"enabled"`
}

// A ConsoleRole is a role as the console lists it.
type ConsoleRole struct {
	Account     identity.AccountID `json:"account"`
	Name        string             `json:"name"` // with its path, without the first slash
	DisplayName string             `json:"displayName"`
	Color       string             `json:"color,omitempty"`
}

const (
	kindBrowser       = "browser"
	kindBrowserExpiry = "browser-expiry"
)

// A browserRef leads from a cookie to its browser.
type browserRef struct {
	Browser string `json:"b"`
}

// Browsers lie in sixteen places by their ids, so that what is looked at to find
// those that have expired is few, and writes seldom meet.
func browserKey(id string) key { return join("console", id[:1], kindBrowser, id) }

func browserExpiryKey(b *Browser) key {
	return join("console", b.ID[:1], kindBrowserExpiry, sessionEnd(b.Expires), b.ID)
}

func browserCookieKey(digest string) key { return join("browser-cookie", digest) }

// BrowserOf returns the browser that a cookie is, or just was, of.
func (tx *Tx) BrowserOf(cookie string) (*Browser, error) {
	ref, err := get[browserRef](tx, browserCookieKey(cookie))
	if err != nil {
		return nil, err
	}
	return get[Browser](tx, browserKey(ref.Browser))
}

// sweptBrowsers is how many browsers that have expired go with each new one.
const sweptBrowsers = 4

// CreateBrowser adds a browser, and removes some that have expired.
func (tx *Tx) CreateBrowser(b *Browser, now time.Time) error {
	of := under("console", b.ID[:1], kindBrowserExpiry)
	end := behindEnd(of, now)
	var expired []string
	err := tx.scan(of, "", func(k key, _ []byte) (bool, error) {
		if k > end {
			return false, nil
		}
		expired = append(expired, k.last())
		return len(expired) < sweptBrowsers, nil
	})
	if err != nil {
		return err
	}
	for _, id := range expired {
		old, err := get[Browser](tx, browserKey(id))
		if err == nil {
			err = tx.DeleteBrowser(old)
		}
		if err != nil {
			return err
		}
	}
	return tx.putBrowser(b)
}

// PutBrowser writes a browser that exists, perhaps with another cookie.
func (tx *Tx) PutBrowser(b *Browser) error {
	was, err := get[Browser](tx, browserKey(b.ID))
	if err != nil {
		return err
	}
	for _, k := range was.indexes() {
		if err := tx.remove(k); err != nil {
			return err
		}
	}
	return tx.putBrowser(b)
}

func (tx *Tx) putBrowser(b *Browser) error {
	for _, k := range b.indexes() {
		if err := put(tx, k, &browserRef{b.ID}); err != nil {
			return err
		}
	}
	return put(tx, browserKey(b.ID), b)
}

// indexes are the keys that a browser is found by.
func (b *Browser) indexes() []key {
	keys := []key{browserCookieKey(b.Cookie), browserExpiryKey(b)}
	if b.Former != nil {
		keys = append(keys, browserCookieKey(b.Former.Cookie))
	}
	return keys
}

// DeleteBrowser removes a browser and its cookies.
func (tx *Tx) DeleteBrowser(b *Browser) error {
	for _, k := range append(b.indexes(), browserKey(b.ID)) {
		if err := tx.remove(k); err != nil {
			return err
		}
	}
	return nil
}

// ConsoleRoles are the roles that the console offers to somebody: those switched
// to last, and those that were pinned.
type ConsoleRoles struct {
	Recent []ConsoleRole `json:"recent,omitempty"`
	Pinned []ConsoleRole `json:"pinned,omitempty"`
}

func consoleRolesKey(a identity.AccountID, userID string) key {
	return inAccount(a, "console-roles", userID)
}

// ConsoleRoles returns the roles that are offered to a user, none for whom there
// is no record.
func (tx *Tx) ConsoleRoles(a identity.AccountID, userID string) (*ConsoleRoles, error) {
	r, err := get[ConsoleRoles](tx, consoleRolesKey(a, userID))
	if missing(err) {
		return &ConsoleRoles{}, nil
	}
	return r, err
}

// PutConsoleRoles writes the roles that are offered to a user.
func (tx *Tx) PutConsoleRoles(a identity.AccountID, userID string, r *ConsoleRoles) error {
	return put(tx, consoleRolesKey(a, userID), r)
}
