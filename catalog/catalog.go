// Package catalog holds what AWS publishes about its services: which actions
// there are, which resources and condition keys each of them takes, what type a
// condition key has, and the policies that AWS manages.
//
// The data is a snapshot (see NOTICE for its sources) and is read when it is
// first asked for: starting a program that links this package costs nothing.
// [ActionHasResources], [KeyIsMultivalued] and the metadata of managed policies
// come from static tables; a [Service] and a policy's document are unpacked from
// a compressed file in the binary.
//
// Names are compared without regard to case, as AWS compares them ([arn.Fold]).
package catalog

// An Access is the access level of an action, as AWS's service authorization
// reference has it. The zero Access is unknown.
type Access uint8

// The access levels.
const (
	UnknownAccess Access = iota
	List
	Read
	Write
	Tagging
	PermissionsManagement
)

// String returns AWS's words for a: "Permissions management", for one.
func (a Access) String() string {
	switch a {
	case List:
		return "List"
	case Read:
		return "Read"
	case Write:
		return "Write"
	case Tagging:
		return "Tagging"
	case PermissionsManagement:
		return "Permissions management"
	case UnknownAccess:
	}
	return "Unknown"
}

// A KeyType is the type of a condition key's values. The zero KeyType is
// unknown.
type KeyType uint8

// The types of condition keys. Those that begin with ArrayOf are multivalued:
// a request may carry several values, and only ForAllValues and ForAnyValue
// test them (PL-73).
const (
	UnknownType KeyType = iota
	String
	ARN
	Bool
	Date
	IPAddress
	Numeric
	ArrayOfString
	ArrayOfARN
	ArrayOfBool
)

// Multivalued reports whether a key of this type may have several values in one
// request (PL-73).
func (t KeyType) Multivalued() bool { return t >= ArrayOfString }

// String returns the type as AWS's reference writes it.
func (t KeyType) String() string {
	if int(t) < len(keyTypeNames) {
		return keyTypeNames[t]
	}
	return keyTypeNames[UnknownType]
}

var keyTypeNames = [...]string{
	"Unknown", "String", "ARN", "Bool", "Date", "IPAddress", "Numeric", "ArrayOfString", "ArrayOfARN", "ArrayOfBool",
}
