package classify

// A Field is an extra member of an error answer.
type Field struct{ Name, Value string }

// An Error is S3's answer to a request that cannot be classified (s3.md
// section 6). All errors of this package are of type *Error.
type Error struct {
	Code    string
	Status  int
	Message string
	// Fields are further members of the answer, in order.
	Fields []Field
	// Allow is the value of the Allow header of a 405, or "".
	Allow string
}

// Error returns code and message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

func invalidURI() *Error {
	return &Error{Code: "InvalidURI", Status: 400, Message: "Couldn't parse the specified URI."}
}

func invalidRequest(message string) *Error {
	return &Error{Code: "InvalidRequest", Status: 400, Message: message}
}

func invalidArgument(name, value, message string) *Error {
	return &Error{
		Code: "InvalidArgument", Status: 400, Message: message,
		Fields: []Field{{"ArgumentName", name}, {"ArgumentValue", value}},
	}
}

// repeated refuses a parameter or header that was sent twice: another reader
// might take the other one (TH-2).
func repeated(name string) *Error {
	return invalidArgument(name, "", "The parameter or header "+name+" must not be specified more than once.")
}

func invalidBucketName(name string) *Error {
	return &Error{
		Code: "InvalidBucketName", Status: 400, Message: "The specified bucket is not valid.",
		Fields: []Field{{"BucketName", name}},
	}
}

func accessDenied() *Error {
	return &Error{Code: "AccessDenied", Status: 403, Message: "Access Denied"}
}

func notImplemented() *Error {
	return &Error{
		Code: "NotImplemented", Status: 501,
		Message: "A header you provided implies functionality that is not implemented",
	}
}

func methodNotAllowed(method, resourceType, allow string) *Error {
	return &Error{
		Code: "MethodNotAllowed", Status: 405, Message: "The specified method is not allowed against this resource.",
		Fields: []Field{{"Method", method}, {"ResourceType", resourceType}}, Allow: allow,
	}
}
