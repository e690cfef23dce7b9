package identity

import (
	"time"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/seal"
)

// A User is a person or program with long-term credentials.
type User struct {
	Account AccountID `json:"account"`
	Name    UserName  `json:"name"`
	Path    string    `json:"path"`
	ID      string    `json:"id"` // AIDA…
	Created time.Time `json:"created"`
	Permissions
	Boundary         string        `json:"boundary,omitempty"` // ARN of a managed policy
	Tags             []Tag         `json:"tags,omitempty"`
	Groups           []string      `json:"groups,omitempty"` // ids (AGPA…) of the groups the user is in
	Keys             []AccessKeyID `json:"keys,omitempty"`
	MFA              []string      `json:"mfa,omitempty"` // serial numbers
	PasswordLastUsed time.Time     `json:"passwordLastUsed,omitzero"`
}

// ARN names the user, path included.
func (u *User) ARN() arn.ARN { return iamARN(u.Account, "user", u.Path, string(u.Name)) }

// A Group hands its policies to its members. Groups do not nest and are no
// principals.
type Group struct {
	Account AccountID `json:"account"`
	Name    GroupName `json:"name"`
	Path    string    `json:"path"`
	ID      string    `json:"id"` // AGPA…
	Created time.Time `json:"created"`
	Permissions
}

// ARN names the group, path included.
func (g *Group) ARN() arn.ARN { return iamARN(g.Account, "group", g.Path, string(g.Name)) }

// A Role is assumed by whom its trust policy names.
type Role struct {
	Account     AccountID `json:"account"`
	Name        RoleName  `json:"name"`
	Path        string    `json:"path"`
	ID          string    `json:"id"` // AROA…
	Description string    `json:"description,omitempty"`
	Created     time.Time `json:"created"`
	Permissions
	Trust          ResourcePolicy `json:"trust"`
	Boundary       string         `json:"boundary,omitempty"`
	Tags           []Tag          `json:"tags,omitempty"`
	MaxSession     int32          `json:"maxSession"` // seconds, 3600 to 43200
	LastUsed       time.Time      `json:"lastUsed,omitzero"`
	LastUsedRegion string         `json:"lastUsedRegion,omitempty"`
}

// ARN names the role, path included.
func (r *Role) ARN() arn.ARN { return iamARN(r.Account, "role", r.Path, string(r.Name)) }

// SessionARN names one session of the role; it has no path (ST-12).
func (r *Role) SessionARN(session string) arn.ARN {
	return arn.ARN{
		Partition: Partition, Service: "sts", Account: string(r.Account),
		Resource: "assumed-role/" + string(r.Name) + "/" + session,
	}
}

// A ResourcePolicy is a policy of a resource: its text as it was given, and
// the unique ids that its principals' ARNs meant when it was saved (PL-26).
type ResourcePolicy struct {
	Text     string            `json:"text"`
	Bindings map[string]string `json:"bindings,omitempty"` // ARN as written → AIDA… or AROA…
}

// A Policy is a managed policy of a customer, with up to five versions.
type Policy struct {
	Account     AccountID       `json:"account"`
	Name        PolicyName      `json:"name"`
	Path        string          `json:"path"`
	ID          string          `json:"id"` // ANPA…
	Description string          `json:"description,omitempty"`
	Created     time.Time       `json:"created"`
	Updated     time.Time       `json:"updated"`
	Default     int             `json:"default"` // number of the default version
	Last        int             `json:"last"`    // highest number ever given (IA-45)
	Versions    []PolicyVersion `json:"versions"`
	Tags        []Tag           `json:"tags,omitempty"`
}

// A PolicyVersion is one text of a managed policy.
type PolicyVersion struct {
	Number  int       `json:"number"` // v1 is 1
	Text    string    `json:"text"`
	Created time.Time `json:"created"`
}

// ARN names the policy, path included.
func (p *Policy) ARN() arn.ARN { return iamARN(p.Account, "policy", p.Path, string(p.Name)) }

// Version returns the version of that number.
func (p *Policy) Version(number int) (PolicyVersion, bool) {
	for _, v := range p.Versions {
		if v.Number == number {
			return v, true
		}
	}
	return PolicyVersion{}, false
}

// A KeyStatus says whether an access key may sign.
type KeyStatus string

// The states of an access key.
const (
	KeyActive   KeyStatus = "Active"
	KeyInactive KeyStatus = "Inactive"
)

// An AccessKey is a long-term key of a user, or of the account's root when
// UserID is empty.
type AccessKey struct {
	ID      AccessKeyID `json:"id"`
	Account AccountID   `json:"account"`
	UserID  string      `json:"userId,omitempty"` // AIDA…, or the unique id of a service
	// Service is whose key it is when it is no user's and not root's. UserID is
	// set then too: what takes no notice of services finds no user of that id.
	Service ServiceName `json:"service,omitempty"`
	Status  KeyStatus   `json:"status"`
	Created time.Time   `json:"created"`
	Sealed  []byte      `json:"sealed"` // the secret under the key ring
}

// Root reports whether the key is the account root's.
func (k *AccessKey) Root() bool { return k.UserID == "" }

// A KeyUse says when and for what an access key was last used, to within a
// quarter of an hour (IA-51).
type KeyUse struct {
	At      time.Time `json:"at"`
	Service string    `json:"service"`
	Region  string    `json:"region"`
}

// An MFADevice is a virtual TOTP device, or a passkey. A virtual device belongs
// to nobody until it is enabled, and its seed never leaves the store again after
// creation; a passkey is somebody's from the beginning, and gone when it is not.
type MFADevice struct {
	Account AccountID `json:"account"`
	Name    string    `json:"name"`
	Path    string    `json:"path"`
	UserID  string    `json:"userId,omitempty"` // AIDA…, or "root"
	Enabled time.Time `json:"enabled,omitzero"`
	Created time.Time `json:"created"`
	Tags    []Tag     `json:"tags,omitempty"`
	Sealed  []byte    `json:"sealed,omitempty"` // the seed under the key ring

	// Passkey is what the device is known by when it is one, nil for a virtual
	// device: then nothing that is about codes counts.
	Passkey *Passkey `json:"passkey,omitempty"`

	// LastStep is the time step of the last code that was accepted; a code of
	// this step or an earlier one is refused (ST-50). Drift is the offset in
	// steps that the device showed last.
	LastStep int64 `json:"lastStep"`
	Drift    int64 `json:"drift,omitempty"`

	// Failures counts wrong codes since the last right one, and BlockedUntil
	// is when the next may be tried (TH-50).
	Failures     int       `json:"failures,omitempty"`
	BlockedUntil time.Time `json:"blockedUntil,omitzero"`
}

// A Passkey is a key pair of which a browser or a security key has the private
// half.
type Passkey struct {
	// Of is whose it was made for, as its serial number says it for ever: user/ and
	// a user's name, or root-account.
	Of        string `json:"of"`
	Host      string `json:"host"` // that it is bound to
	ID        []byte `json:"id"`
	PublicKey []byte `json:"publicKey"` // COSE
	// Count is how often it was used, if it counts; one that goes back was copied.
	Count uint32 `json:"count"`
	// BackupEligible says that it may be on several devices, which never changes.
	BackupEligible bool     `json:"backupEligible,omitempty"`
	Transports     []string `json:"transports,omitempty"`
}

// RootUser is the UserID of a device that the account's root holds.
const RootUser = "root"

// Serial is the device's serial number: its ARN.
func (d *MFADevice) Serial() string {
	if d.Passkey != nil {
		return iamARN(d.Account, "u2f/", d.Passkey.Of+"/", d.Name).String()
	}
	return iamARN(d.Account, "mfa", d.Path, d.Name).String()
}

// NewCredential is a long-term key on its way to the caller who asked for it.
type NewCredential struct {
	Key    AccessKey
	Secret seal.Secret
}

// GivenCredentials are temporary credentials that somebody signed in to the
// console with. The token is sealed by itself.
type GivenCredentials struct {
	KeyID AccessKeyID `json:"keyId"`
	Token string      `json:"token"`
	// Issuer is the page where its holder signs in again, "" for none.
	Issuer string `json:"issuer,omitempty"`
}
