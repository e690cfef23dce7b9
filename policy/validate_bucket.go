package policy

import (
	"slices"
	"strings"

	"github.com/regent-iam/regent/arn"
)

// maxBucketPolicy is the size of a bucket policy in bytes (S3-79).
const maxBucketPolicy = 20_480

// bucketPolicy checks the policy of an S3 bucket, in the order of S3-75.
func (v *validation) bucketPolicy() error {
	if len(v.text) > maxBucketPolicy {
		return v.malformed("Policy exceeds the maximum allowed document size.", nil)
	}
	if !strings.HasPrefix(v.text, "{") {
		return v.malformed("Policies must be valid JSON and the first byte must be '{'", nil)
	}
	for _, f := range []struct {
		faults  []fault
		message string
	}{
		{[]fault{faultJSON, faultElement}, textInvalidJSON},
		{[]fault{faultNoStatement}, "Missing required field Statement"},
		{[]fault{faultEmpty}, textEmptyStatement},
		{[]fault{faultVersion}, textVersion},
	} {
		if err := v.fault(f.faults...); err != nil {
			return v.malformed(f.message, err)
		}
	}
	if err := v.misspelled(); err != nil {
		return v.malformed(textInvalidJSON, err)
	}
	for _, check := range []func(*Statement) error{
		v.bucketFields, v.bucketPrincipal, v.bucketAction, v.bucketResource, v.bucketFit, v.bucketKeys,
	} {
		for i := range v.doc.Statements {
			if err := check(&v.doc.Statements[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (v *validation) bucketFields(s *Statement) error {
	var missing string
	switch {
	case s.Principal == nil:
		missing = "Principal"
	case s.Effect == NoEffect:
		missing = "Effect"
	case len(s.Actions) == 0 && v.fault(faultAction) == nil:
		missing = "Action"
	case len(s.Resources) == 0 && v.fault(faultResource) == nil:
		missing = "Resource"
	default:
		return nil
	}
	return v.malformed("Missing required field "+missing, at(s.Span, "not there"))
}

func (v *validation) bucketPrincipal(s *Statement) error {
	const message = "Invalid principal in policy"
	if err := v.fault(faultPrincipal, faultBothPrincipals); err != nil {
		return v.malformed(message, err)
	}
	if s.Principal.Not && s.Effect == EffectAllow { // S3-78
		return v.malformed(textNotPrincipal, at(s.Principal.Span, "NotPrincipal"))
	}
	e, bad := badPrincipal(s.Principal)
	if !bad && len(s.Principal.Entries) > 0 {
		return nil
	}
	return &ValidationError{
		Code: CodeMalformedS3, Message: message, Detail: `"` + e.Type + `" : "` + e.Value.Text + `"`,
		Cause: at(s.Principal.Span, "not a principal"),
	}
}

// bucketAction asks that an action is known, or a wildcard that hits one (S3-77).
func (v *validation) bucketAction(s *Statement) error {
	const message = "Policy has invalid action"
	if err := v.fault(faultAction); err != nil {
		return v.malformed(message, err)
	}
	for _, a := range s.Actions {
		if v.oracle.Expand == nil || a.Text != "*" && !strings.HasPrefix(arn.Fold(a.Text), "s3:") || len(v.oracle.Expand(a.Text)) == 0 {
			return v.malformed(message, at(a.Span, "not an action of S3"))
		}
	}
	return nil
}

// bucketResource asks that a resource is the bucket or below it (S3-76).
func (v *validation) bucketResource(s *Statement) error {
	const message = "Policy has invalid resource"
	if err := v.fault(faultResource); err != nil {
		return v.malformed(message, err)
	}
	for _, r := range s.Resources {
		if v.bucket == "" || !v.onBucket(r.Text) && !v.onObject(r.Text) {
			return v.malformed(message, at(r.Span, "not in the bucket"))
		}
	}
	return nil
}

// s3Name returns what stands after "arn:<partition>:s3:::" of a resource.
func s3Name(r string) (string, bool) {
	segments, n := arn.Split(r)
	return segments[5], n == arn.Segments && segments[0] == "arn" && partition(segments[1]) && segments[2] == "s3" &&
		segments[3] == "" && segments[4] == ""
}

func (v *validation) onBucket(r string) bool {
	name, ok := s3Name(r)
	if !ok {
		return false
	}
	after, ok := strings.CutPrefix(name, v.bucket)
	return ok && after == ""
}

func (v *validation) onObject(r string) bool {
	name, ok := s3Name(r)
	if !ok {
		return false
	}
	after, ok := strings.CutPrefix(name, v.bucket)
	return ok && strings.HasPrefix(after, "/")
}

// bucketFit asks that every action has a resource of its type, and one at least
// of those that a wildcard stands for (S3-76).
func (v *validation) bucketFit(s *Statement) error {
	var buckets, objects bool
	for _, r := range s.Resources {
		buckets = buckets || v.onBucket(r.Text)
		objects = objects || v.onObject(r.Text)
	}
	if s.NotAction || s.NotResource {
		return nil
	}
	for _, a := range s.Actions {
		fits := slices.ContainsFunc(v.oracle.Expand(a.Text), func(action string) bool {
			return buckets && v.oracle.OnBucket(action) || objects && v.oracle.OnObject(action)
		})
		if !fits {
			return v.malformed("Action does not apply to any resource(s) in statement", at(a.Span, a.Text))
		}
	}
	return nil
}

// bucketKeys asks that each key of S3's own fits every action of its statement,
// of a wildcard those that it stands for and any resource has (S3-77).
func (v *validation) bucketKeys(s *Statement) error {
	if s.NotAction {
		return nil
	}
	const message = "Conditions do not apply to combination of actions and resources in statement"
	for _, c := range s.Conditions {
		if !strings.HasPrefix(arn.Fold(c.Key), "s3:") {
			continue
		}
		for _, a := range s.Actions {
			fits := func(action string) bool { return v.oracle.Key(action, c.Key) }
			if !slices.ContainsFunc(v.oracle.Expand(a.Text), fits) {
				return v.malformed(message, at(c.Span, c.Key))
			}
		}
	}
	if err := v.badDate(); err != nil {
		return v.malformed(textInvalidJSON, err)
	}
	return nil
}
