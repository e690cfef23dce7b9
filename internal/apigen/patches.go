package apigen

import (
	"bytes"
	_ "embed" // for patches.json
	"encoding/json"
	"fmt"
	"slices"
)

// patchFile holds what the models do not say.
//
//go:embed patches.json
var patchFile []byte

// A patch is what we add to one service's model. Members are named
// "Shape.Member", as the model spells them.
type patch struct {
	// Namespace of XML answers, where the model's metadata has none.
	Namespace string `json:"namespace"`
	// EchoValues: constraint failures repeat the value (IA-32).
	EchoValues bool `json:"echo_values"`
	// Reasons: constraint failures are InvalidInputException with a Reason.
	Reasons bool `json:"reasons"`
	// RecordTime is the layout of times in audit records (RE-23).
	RecordTime string `json:"record_time"`
	// RecordMask stands for a sensitive string in audit records; when it is
	// empty the member is left out.
	RecordMask string `json:"record_mask"`
	// Documents are policy documents in answers (IA-20).
	Documents []string `json:"documents"`
	// Secret members are secret though the model does not say so (TH-102).
	Secret []string `json:"secret"`
	// Hidden are those secret members that records show as hidden (RE-25).
	Hidden []string `json:"hidden"`
	// Always are strings that answers carry even when they are empty.
	Always []string `json:"always"`
	// Pointers are strings below an input of which it matters whether they were
	// sent empty or not at all (S3-170).
	Pointers []string `json:"pointers"`
	// Public are shapes that are not secret though the model says so.
	Public []string `json:"public"`
	// Patterns replaces patterns that package regexp cannot express.
	Patterns map[string]string `json:"patterns"`
	// Open are shapes whose enum the operation checks itself.
	Open []string `json:"open"`
	// Roots are the root elements of answers, by operation.
	Roots map[string]string `json:"roots"`
	// Unwrapped are operations whose answer is its only member.
	Unwrapped []string `json:"unwrapped"`
}

// loadPatches reads patches.json strictly.
func loadPatches() (map[string]patch, error) {
	d := json.NewDecoder(bytes.NewReader(patchFile))
	d.DisallowUnknownFields()
	var out map[string]patch
	if err := d.Decode(&out); err != nil {
		return nil, fmt.Errorf("patches.json: %w", err)
	}
	return out, nil
}

// verify makes sure that every member a patch names exists, so that a new model
// cannot silently leave a patch behind.
func (p patch) verify(m *model) error {
	for _, name := range slices.Concat(p.Documents, p.Secret, p.Hidden, p.Always, p.Pointers) {
		if !m.hasMember(name) {
			return fmt.Errorf("patch names %s, which the model does not have", name)
		}
	}
	for _, name := range slices.Concat(p.Open, p.Public) {
		if m.Shapes[name] == nil {
			return fmt.Errorf("patch names shape %s, which the model does not have", name)
		}
	}
	for name := range p.Roots {
		if m.Operations[name] == nil {
			return fmt.Errorf("patch names operation %s, which the model does not have", name)
		}
	}
	for _, name := range p.Unwrapped {
		if m.Operations[name] == nil {
			return fmt.Errorf("patch names operation %s, which the model does not have", name)
		}
	}
	return nil
}

// hasMember reports whether the model has "Shape.Member".
func (m *model) hasMember(name string) bool {
	for n, sh := range m.Shapes {
		for _, member := range sh.Members.names {
			if n+"."+member == name {
				return true
			}
		}
	}
	return false
}
