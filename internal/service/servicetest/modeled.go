package servicetest

import (
	"github.com/regent-iam/regent/internal/wire"
)

// commonCodes are what every operation may answer (IAM API Reference, "Common
// Error Types", and what the road answers before it knows an operation).
var commonCodes = map[string]bool{
	"AccessDenied": true, "AccessDeniedException": true, "ExpiredToken": true, "ExpiredTokenException": true,
	"IncompleteSignature": true, "InternalFailure": true, "InvalidAction": true, "InvalidClientTokenId": true,
	"InvalidParameterValue": true, "InvalidSignatureException": true, "MalformedQueryString": true, "MissingAction": true,
	"MissingAuthenticationToken": true, "MissingAuthenticationTokenException": true, "MissingParameter": true,
	"NotImplemented": true, "RequestEntityTooLarge": true, "SerializationException": true, "ServiceUnavailable": true,
	"SignatureDoesNotMatch": true, "Throttling": true, "ThrottlingException": true, "UnknownOperationException": true,
	"UnrecognizedClientException": true, "UnsupportedOperationException": true, "ValidationError": true, "ValidationException": true,
}

// unmodeled are errors that AWS answers although its models do not say so.
var unmodeled = map[string]string{
	"iam:CreateRole NoSuchEntity":           "the boundary (IA-47)",
	"iam:GetAccessKeyLastUsed NoSuchEntity": "the key (IA-51)",
	"iam:TagRole UnmodifiableEntity":        "a linked role (IA-46)",
	"iam:UntagRole UnmodifiableEntity":      "a linked role (IA-46)",
}

// modeled fails the test when a call came back with an error that its operation
// does not have: a client that was made of the model has no type for it. S3's
// model names next to none of its errors.
func (a *Answer) modeled(svc *wire.Service, operation string) {
	a.t.Helper()
	op := svc.Operation(operation)
	if a.Status < 300 || op == nil || svc.SigningName == "s3" || commonCodes[a.Code] {
		return
	}
	for _, e := range op.Errors {
		if a.Code == e.Code || a.Code == e.Name {
			return
		}
	}
	if unmodeled[svc.SigningName+":"+operation+" "+a.Code] == "" {
		a.t.Errorf("%s: %s is no error that the operation has", a.name, a.Code)
	}
}
