package record

import (
	"slices"
	"strings"

	"github.com/regent-iam/regent/internal/identity"
)

// The services whose records differ from others'.
const (
	sourceIAM           = "iam.amazonaws.com"
	sourceSTS           = "sts.amazonaws.com"
	sourceOrganizations = "organizations.amazonaws.com"
	sourceS3            = "s3.amazonaws.com"
)

// The codes of failures that all services share.
const (
	codeDenied   = "AccessDenied"
	codeInternal = "InternalFailure"
)

// Fail says that the call failed: with the code on the wire, the name of the
// model's exception shape ("" when no model has one) and the very text that the
// client got (RE-35, RE-36). An empty code is our own failure. It drops the
// response, and for a refusal by IAM, STS and Organizations the request too
// (RE-37).
func (e *Event) Fail(code, shape, message string) {
	e.ErrorCode, e.ErrorMessage, e.ResponseElements = code, message, nil
	switch {
	case code == "":
		e.ErrorCode = codeInternal
	case code == codeDenied || code == "AccessDeniedException":
		e.ErrorCode = codeDenied
		if e.Source == sourceIAM || e.Source == sourceSTS || e.Source == sourceOrganizations {
			e.RequestParameters = nil
		}
	case shape != "" && e.Source != sourceS3:
		e.ErrorCode = shape
	}
}

// Refuse says that the call was refused before anything was authorized, such as
// for an expired token: one record with the wire code and no parameters (RE-38).
func (e *Event) Refuse(code, message string) {
	e.ErrorCode, e.ErrorMessage = code, message
	e.RequestParameters, e.ResponseElements = nil, nil
}

// Copies returns the records that a call makes: e, which is the caller's, and a
// second for the owner of the role or bucket when that is another account and
// learns of the call (RE-40 to RE-45). It sets ids, recipients and, where they
// differ, identities and resources; e itself is one of the results. owner is
// "" when the call is on nothing that has an owner. newID draws a UUID; a
// transaction that runs again must draw the same.
func Copies(e *Event, owner identity.AccountID, newID func() string) []*Event {
	if other := Complete(e, owner, newID); other != nil {
		return []*Event{e, other}
	}
	return []*Event{e}
}

// Complete is Copies that returns the owner's record, nil when e is the only one.
func Complete(e *Event, owner identity.AccountID, newID func() string) (other *Event) {
	if e.ID == "" {
		e.ID = newID()
	}
	caller := e.Identity.AccountID
	if caller == "" || caller == AnonymousAccount {
		// A service, a token's holder or nobody: the owner's record is the only
		// one (RE-42, RE-45).
		if e.RecipientAccountID == "" || e.Identity.Type == TypeAWSService && owner != "" {
			e.RecipientAccountID = owner
		}
		return nil
	}
	if e.RecipientAccountID == "" {
		e.RecipientAccountID = caller
	}
	if owner == "" || owner == caller || !e.ownerLearns() {
		return nil
	}
	e.SharedEventID = newID()
	other = new(*e)
	other.ID, other.RecipientAccountID = newID(), owner
	other.Identity = e.Identity.InAnotherAccount()
	if e.Source == sourceS3 && e.ErrorCode == codeDenied {
		e.Resources = withheld(e.Resources)
	}
	return other
}

// ownerLearns reports whether the owner of what a stranger's call was on has a
// record of it: of calls to S3 always, of a role that was assumed, and never of
// one that was not (RE-40, RE-41, RE-44).
func (e *Event) ownerLearns() bool {
	switch e.Source {
	case sourceS3:
		return true
	case sourceSTS:
		return e.Name == "AssumeRole" && e.ErrorCode == ""
	}
	return false
}

// withheld returns resources without what a stranger who was refused may not
// learn: whose the bucket is and whether there is such an object.
func withheld(resources []Resource) []Resource {
	out := slices.Clone(resources)
	for i := range out {
		r := &out[i]
		switch r.Type {
		case typeBucket:
			r.AccountID, r.Withheld = "", true
		case typeObject:
			if bucket, _, ok := strings.Cut(r.ARN, "/"); ok {
				r.ARN, r.ARNPrefix = "", bucket+"/"
			}
		}
	}
	return slices.Compact(out)
}
