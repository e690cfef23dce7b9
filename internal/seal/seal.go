// Package seal keeps secrets unreadable at rest and out of logs.
//
// A [Secret] never prints. A [Ring] seals and opens: its data keys lie in the store, sealed under a [Master] key
// that never does. What is sealed is bound to its [Purpose], to the instance of Regent that sealed it, to the
// format's version, and to a context of the caller's, usually the key of the record that holds it: moved to any
// other place it does not open.
package seal

import "errors"

// What can go wrong. The errors say nothing about the secret or the key.
var (
	// ErrOpen reports bytes that this ring did not seal for this purpose and context: forged, cut, moved, of
	// another instance, or under a key that was retired.
	ErrOpen = errors.New("seal: cannot open")
	// ErrWrongKey reports a master key that is not the one the ring is sealed under. Never make a new ring then.
	ErrWrongKey = errors.New("seal: wrong master key")
	// ErrRecord reports a ring record that is damaged, was tampered with, or is of a newer version.
	ErrRecord = errors.New("seal: unreadable key ring")
	// ErrPurpose reports a Purpose that is none of the constants.
	ErrPurpose = errors.New("seal: unknown purpose")
	// ErrKey reports a KeyID that is not in the ring or may not be used for the purpose.
	ErrKey = errors.New("seal: no such key")
	// ErrMaster reports a master key that is not 32 bytes in base64.
	ErrMaster = errors.New("seal: a master key is 32 bytes in base64")
	// ErrExposed reports a master key file that others may read or write.
	ErrExposed = errors.New("seal: master key file is open to others")
)

// A Purpose says what something is sealed for. What is sealed for one does not open for another. The zero
// Purpose seals nothing.
type Purpose uint8

// The purposes. Their numbers and names are part of the format: append, never renumber.
const (
	_                    Purpose = iota
	SessionToken                 // temporary credentials' session tokens, and (by Derive) their secrets
	AccessKey                    // secret access keys at rest
	Password                     // password hashes at rest
	MFASeed                      // MFA seeds at rest
	PrivateKey                   // signing keys of issuers, certificates, and the like, at rest
	ProviderSecret               // client secrets of identity providers at rest
	UpstreamCredential           // credentials for stores and services elsewhere, at rest
	Marker                       // pagination markers of list operations
	AuthorizationMessage         // encoded authorization messages (sts:DecodeAuthorizationMessage)
	SignIn                       // half-done sign-ins, sign-in tokens and forms
	BrowserSession               // browser sessions and their cookies
	AuthorizationCode            // codes and refresh tokens for clients
	RecordDigest                 // signatures over the record's digests (by Derive)
	purposes                     // how many
)

// String returns the purpose's name.
func (p Purpose) String() string { return purposeNames(p).name }

// Lasting reports whether what is sealed for p is kept in the store and must open as long as its key is in the
// ring. What is not lasting is handed out, and only opens at the instance that sealed it: a restored copy of
// the store gets a new instance id (see [Ring.Renew]) and refuses what the original handed out (TH-46).
func (p Purpose) Lasting() bool { return purposeNames(p).lasting }

// Closes reports whether what is sealed for p opens no more once its key is closed ([Ring.Close]): what is handed
// out, but for encoded authorization messages, which last longer than a session and say themselves until when.
func (p Purpose) Closes() bool { return !p.Lasting() && p != AuthorizationMessage }

type purposeName struct {
	name    string
	lasting bool
}

func purposeNames(p Purpose) purposeName {
	switch p {
	case SessionToken:
		return purposeName{name: "session-token"}
	case AccessKey:
		return purposeName{name: "access-key", lasting: true}
	case Password:
		return purposeName{name: "password", lasting: true}
	case MFASeed:
		return purposeName{name: "mfa-seed", lasting: true}
	case PrivateKey:
		return purposeName{name: "private-key", lasting: true}
	case ProviderSecret:
		return purposeName{name: "provider-secret", lasting: true}
	case UpstreamCredential:
		return purposeName{name: "upstream-credential", lasting: true}
	case Marker:
		return purposeName{name: "marker"}
	case AuthorizationMessage:
		return purposeName{name: "authorization-message"}
	case SignIn:
		return purposeName{name: "sign-in"}
	case BrowserSession:
		return purposeName{name: "browser-session"}
	case AuthorizationCode:
		return purposeName{name: "authorization-code"}
	case RecordDigest:
		return purposeName{name: "record-digest", lasting: true}
	default:
		return purposeName{name: "unknown"}
	}
}
