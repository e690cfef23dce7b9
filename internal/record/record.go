// Package record keeps the audit trail: events in CloudTrail's shape, one for
// every request that can be attributed to an account.
//
// What changes something commits its event with the change ([Commit]), so that
// there is never the one without the other; a [Recorder] carries such events
// from the outbox to the files. Reads, sessions and calls on objects are
// handed to the Recorder at once ([Recorder.Record]), which writes them
// without waiting for the disk.
//
// When the disk refuses, what was committed waits in the outbox and is written
// once there is room; a change whose event cannot be put there fails, which is
// the store's doing. What was handed to Record waits in memory up to a bound and
// is then dropped, counted and reported: reads go on.
//
// The trail is JSON lines and nothing in them is executed, compiled or resolved:
// what a client sent is data in a string, cut at its limit.
package record

import (
	"time"

	"github.com/regent-iam/regent/internal/identity"
)

// An EventType says what made an event.
type EventType string

// The types of events. The empty type counts as APICall.
const (
	APICall       EventType = "AwsApiCall"
	ConsoleSignIn EventType = "AwsConsoleSignIn"
	ServiceEvent  EventType = "AwsServiceEvent"
)

// An Event is one record of the trail (RE-3). Strings are cut at their limits
// when it is written, so they may hold what a client sent.
type Event struct {
	// ID is a fresh UUID of this record, and SharedEventID one that all copies
	// have in common; empty when there is one copy (RE-40). [Copies] draws them.
	ID            string
	SharedEventID string
	// RequestID is the id that the client got.
	RequestID string

	Identity UserIdentity
	// Time is when the request was completed.
	Time time.Time
	// Source is the service's principal, such as "iam.amazonaws.com".
	Source string
	// Name is the operation's name.
	Name string
	// Type says what made the event; empty means APICall.
	Type EventType
	// Region is us-east-1 for the global services, else the endpoint's.
	Region string
	// SourceIP is the client's address, or the principal of a service.
	SourceIP  string
	UserAgent string

	// ErrorCode and ErrorMessage are empty when the call succeeded. [Event.Fail]
	// and [Event.Refuse] set them.
	ErrorCode    string
	ErrorMessage string

	// RequestParameters and ResponseElements are JSON, nil for null;
	// AdditionalEventData and ServiceEventDetails are JSON, nil for absent. They
	// are written as they are: whoever makes them leaves secrets out (RE-25).
	RequestParameters   []byte
	ResponseElements    []byte
	AdditionalEventData []byte
	ServiceEventDetails []byte

	Resources []Resource

	// ReadOnly says that the call changes nothing (RE-26), Management that it
	// is not one on data (RE-50).
	ReadOnly   bool
	Management bool

	// RecipientAccountID is the account whose copy this is.
	RecipientAccountID identity.AccountID

	// VPCEndpointID and its account are set when the request's context has
	// aws:SourceVpce.
	VPCEndpointID        string
	VPCEndpointAccountID identity.AccountID

	// CredentialFromConsole says that the console minted the key (RE-17).
	CredentialFromConsole bool

	// TLS is nil over plain HTTP and for services.
	TLS *TLSDetails
}

// TLSDetails say how the connection was protected.
type TLSDetails struct {
	Version     string // "TLSv1.3"
	CipherSuite string // "TLS_AES_128_GCM_SHA256"
	// Host is the host that the client asked for.
	Host string
}

// A Resource is something that a call acted on (RE-30).
type Resource struct {
	AccountID identity.AccountID
	Type      string // "AWS::IAM::Role"
	// ARN names the resource. ARNPrefix, when ARN is empty, names the
	// beginning of the names of several.
	ARN       string
	ARNPrefix string
	// Withheld says that AccountID is empty because whose copy this is has no
	// right to learn it; it is written as "" (RE-44).
	Withheld bool
}
