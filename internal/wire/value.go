package wire

import (
	"math"
	"time"
)

// A Value is one scalar of any kind.
type Value struct {
	kind Kind
	text string // String, Blob
	num  uint64 // Boolean, Integer, Long; bits of a Float
	time time.Time
}

// StringValue returns a string as a Value.
func StringValue(s string) Value { return Value{kind: String, text: s} }

// BlobValue returns bytes as a Value.
func BlobValue(b []byte) Value { return Value{kind: Blob, text: string(b)} }

// BoolValue returns a boolean as a Value.
func BoolValue(b bool) Value {
	v := Value{kind: Boolean}
	if b {
		v.num = 1
	}
	return v
}

// IntValue returns an integer of either size as a Value.
func IntValue(n int64) Value { return Value{kind: Long, num: uint64(n)} }

// FloatValue returns a number as a Value.
func FloatValue(f float64) Value { return Value{kind: Float, num: math.Float64bits(f)} }

// TimeValue returns a time as a Value.
func TimeValue(t time.Time) Value { return Value{kind: Timestamp, time: t} }

// Kind returns the kind of v: Long for both sizes of integer, and 0 for the
// zero Value.
func (v Value) Kind() Kind { return v.kind }

// Text returns the string or the bytes of v as a string.
func (v Value) Text() string { return v.text }

// Bytes returns the bytes of v, never nil.
func (v Value) Bytes() []byte { return []byte(v.text) }

// Bool returns the boolean of v.
func (v Value) Bool() bool { return v.num != 0 }

// Int32 returns the integer of v. Decoders have checked that it fits.
func (v Value) Int32() int32 { return int32(v.num) }

// Int64 returns the integer of v.
func (v Value) Int64() int64 { return int64(v.num) }

// Float returns the number of v.
func (v Value) Float() float64 { return math.Float64frombits(v.num) }

// Time returns the time of v.
func (v Value) Time() time.Time { return v.time }

// Present returns s, or an empty slice when s is nil: a list that was sent
// without items is not a list that was not sent.
func Present[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// PresentMap is Present for a map.
func PresentMap[T any](m map[string]T) map[string]T {
	if m == nil {
		return map[string]T{}
	}
	return m
}

// PutString writes a string as member i of the open structure.
func PutString(e Encoder, i int, s string) { put(e, i, StringValue(s)) }

// PutBlob writes bytes as member i of the open structure.
func PutBlob(e Encoder, i int, b []byte) { put(e, i, BlobValue(b)) }

// PutBool writes a boolean as member i of the open structure.
func PutBool(e Encoder, i int, b bool) { put(e, i, BoolValue(b)) }

// PutInt32 writes an integer as member i of the open structure.
func PutInt32(e Encoder, i int, n int32) { put(e, i, IntValue(int64(n))) }

// PutInt64 writes an integer as member i of the open structure.
func PutInt64(e Encoder, i int, n int64) { put(e, i, IntValue(n)) }

// PutFloat writes a number as member i of the open structure.
func PutFloat(e Encoder, i int, f float64) { put(e, i, FloatValue(f)) }

// PutTime writes a time as member i of the open structure.
func PutTime(e Encoder, i int, t time.Time) { put(e, i, TimeValue(t)) }

func put(e Encoder, i int, v Value) {
	e.Member(i)
	e.Scalar(v)
}
