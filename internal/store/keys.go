package store

import (
	"strings"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/identity"
)

// A key is where one record lies. Keys are built by join and by nothing else:
// every part is escaped, so no name can reach into another's records, and a
// prefix always ends in a separator, so that scanning "dev" does not yield
// "developer" (TH-55).
type key string

// A prefix is what the keys of one list begin with.
type prefix string

const separator = '/'

// join builds a key from its parts.
func join(parts ...string) key {
	var b strings.Builder
	b.Grow(lengthOf(parts))
	write(&b, parts)
	return key(b.String())
}

func write(b *strings.Builder, parts []string) {
	for _, p := range parts {
		b.WriteByte(separator)
		escape(b, p)
	}
}

// lengthOf is how long a key is that needs no escapes, as most do.
func lengthOf(parts []string) int {
	n := 0
	for _, p := range parts {
		n += len("/") + len(p)
	}
	return n
}

// under builds the prefix of all keys that have these parts and more.
func under(parts ...string) prefix { return prefix(join(parts...)) + prefix(separator) }

// escape writes part without separators, NULs and other bytes that would
// change the order or the shape of a key.
func escape(b *strings.Builder, part string) {
	const hex = "0123456789ABCDEF"
	start := 0 // of what stands for itself
	for i := range len(part) {
		if c := part[i]; c == separator || c == '%' || c < 0x20 {
			b.WriteString(part[start:i])
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
			start = i + 1
		}
	}
	b.WriteString(part[start:])
}

// unescape undoes escape; what escape did not write comes back as it is.
func unescape(part string) string {
	if !strings.Contains(part, "%") {
		return part
	}
	var b strings.Builder
	for i := 0; i < len(part); i++ {
		if part[i] == '%' && i+2 < len(part) {
			hi, lo := strings.IndexByte("0123456789ABCDEF", part[i+1]), strings.IndexByte("0123456789ABCDEF", part[i+2])
			if hi >= 0 && lo >= 0 {
				b.WriteByte(byte(hi<<4 | lo))
				i += 2
				continue
			}
		}
		b.WriteByte(part[i])
	}
	return b.String()
}

// last returns the last part of k, unescaped.
func (k key) last() string {
	s := string(k)
	return unescape(s[strings.LastIndexByte(s, separator)+1:])
}

// The kinds of records, as they are spelled in keys.
const (
	kindLoginProfile   = "login-profile"
	kindPasswordPolicy = "password-policy"

	kindSSHKey            = "ssh-key"
	kindSigning           = "signing-certificate"
	kindSigningOf         = "signing-certificate-of"
	kindServiceCredential = "service-credential"
	kindServiceUser       = "service-user-name"
	kindServerCertificate = "server-certificate"
	kindCertificateBody   = "server-certificate-body"

	kindAccount    = "account"
	kindUser       = "user"
	kindGroup      = "group"
	kindRole       = "role"
	kindPolicy     = "policy"
	kindDevice     = "mfa"
	kindMember     = "member"
	kindAttachment = "attachment"
	kindUse        = "use"
	kindCounters   = "counters"
	kindQuotas     = "quotas"
	kindProfile    = "instance-profile"
	kindOIDC       = "oidc-provider"
	kindSAML       = "saml-provider"
	// What belongs to a SAML provider lies beside it: lists read none of it.
	kindSAMLMetadata   = "saml-metadata"
	kindSAMLPrivateKey = "saml-private-key"
	kindRoleDeletion   = "role-deletion"
	// kindProfileOfRole is the index from a role to its instance profiles.
	kindProfileOfRole = "instance-profile-of-role"
)

func accountKey(id identity.AccountID) key { return join("accounts", string(id)) }

// inAccount builds the key of a record that belongs to an account.
func inAccount(id identity.AccountID, parts ...string) key {
	account := [...]string{kindAccount, string(id)}
	var b strings.Builder
	b.Grow(lengthOf(account[:]) + lengthOf(parts))
	write(&b, account[:])
	write(&b, parts)
	return key(b.String())
}

func underAccount(id identity.AccountID, parts ...string) prefix {
	return under(append([]string{kindAccount, string(id)}, parts...)...)
}

func userKey(a identity.AccountID, n identity.UserName) key {
	return inAccount(a, kindUser, arn.Fold(string(n)))
}

func groupKey(a identity.AccountID, n identity.GroupName) key {
	return inAccount(a, kindGroup, arn.Fold(string(n)))
}

func roleKey(a identity.AccountID, n identity.RoleName) key {
	return inAccount(a, kindRole, arn.Fold(string(n)))
}

func policyKey(a identity.AccountID, n identity.PolicyName) key {
	return inAccount(a, kindPolicy, arn.Fold(string(n)))
}

func deviceKey(a identity.AccountID, name string) key {
	return inAccount(a, kindDevice, arn.Fold(name))
}
