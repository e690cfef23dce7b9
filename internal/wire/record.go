package wire

// RecordInput returns the requestParameters of an audit record: the members that
// were sent, without secrets, as JSON; "null" when there are none (RE-20..RE-25).
func RecordInput(svc *Service, op *Operation, in Encodable) []byte {
	panic("wire: not yet")
}

// RecordOutput returns the responseElements of an audit record in the same form.
// Whether an operation records its output at all (RE-24) is for the caller.
func RecordOutput(svc *Service, op *Operation, out Encodable) []byte {
	panic("wire: not yet")
}
