package record

import "github.com/regent-iam/regent/internal/identity"

// Fail says that the call failed: with the code on the wire, the name of the
// model's exception shape ("" when no model has one) and the very text that the
// client got (RE-35, RE-36). An empty code is our own failure. It drops the
// response, and for a refusal by IAM, STS and Organizations the request too
// (RE-37).
func (e *Event) Fail(code, shape, message string) { panic("record: Fail") }

// Refuse says that the call was refused before anything was authorized, such as
// for an expired token: one record with the wire code and no parameters (RE-38).
func (e *Event) Refuse(code, message string) { panic("record: Refuse") }

// Copies returns the records that a call makes: e, which is the caller's, and a
// second for the owner of the role or bucket when that is another account and
// learns of the call (RE-40 to RE-45). It sets ids, recipients and, where they
// differ, identities and resources; e itself is one of the results. owner is
// "" when the call is on nothing that has an owner. newID draws a UUID; a
// transaction that runs again must draw the same.
func Copies(e *Event, owner identity.AccountID, newID func() string) []*Event {
	panic("record: Copies")
}
