// Package awserr is what a client is told when a request fails.
//
// An [Error] is the only kind of error whose text leaves the server: dispatch
// shows an *Error as it is and turns every other error into InternalFailure.
package awserr

import (
	"fmt"
	"slices"
)

// A Field is one more member of an error's answer, beside code and message:
// Reason in Organizations, BucketName or ArgumentName in S3.
type Field struct {
	Name, Value string
}

// An Error is a failure that the caller is meant to see.
type Error struct {
	// Code is the code on the wire, such as "NoSuchEntity".
	Code string
	// Shape names the model's exception shape, such as
	// "NoSuchEntityException". It is empty for errors that no model has.
	Shape string
	// Status is the HTTP status.
	Status int
	// Message is the text for people; clients do not parse it.
	Message string
	// Fields are further members of the answer, in the order they are sent.
	Fields []Field
}

// Error returns the code and the message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Newf returns an Error with a formatted message. Without args the format is
// the message itself, so a text with a per cent sign in it comes through whole.
func Newf(status int, code, format string, args ...any) *Error {
	return &Error{Code: code, Status: status, Message: text(format, args)}
}

// Modeled returns an Error of an exception shape; generated constructors call it.
func Modeled(status int, code, shape, format string, args ...any) *Error {
	return &Error{Code: code, Shape: shape, Status: status, Message: text(format, args)}
}

func text(format string, args []any) string {
	if len(args) == 0 {
		return format
	}
	return fmt.Sprintf(format, args...)
}

// With returns a copy of e that has one more field, behind those it has.
func (e *Error) With(name, value string) *Error {
	c := *e
	c.Fields = append(slices.Clip(slices.Clone(e.Fields)), Field{Name: name, Value: value})
	return &c
}

// Field returns the value of the named field, and "" when e has none.
func (e *Error) Field(name string) string {
	for _, f := range e.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}
