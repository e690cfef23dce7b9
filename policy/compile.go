package policy

// A Source says where a policy comes from. The engine uses Type alone; the
// rest is for explanations.
type Source struct {
	Name string // policy name
	ARN  string // of the managed policy, or of the resource or identity that has it
	Type Kind
}
