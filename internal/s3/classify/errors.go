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
