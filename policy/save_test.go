package policy_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/policy"
)

// s3Oracle knows a few actions, enough to show each check.
func s3Oracle() policy.Oracle {
	objects := []string{"s3:GetObject", "s3:PutObject"}
	buckets := []string{"s3:ListBucket", "s3:GetBucketPolicy"}
	return policy.Oracle{
		Expand: func(pattern string) []string {
			glob := arn.NewGlob(arn.Fold(pattern))
			return slices.DeleteFunc(slices.Concat(objects, buckets), func(a string) bool { return !glob.Match(arn.Fold(a)) })
		},
		OnBucket: func(action string) bool { return slices.Contains(buckets, action) },
		OnObject: func(action string) bool { return slices.Contains(objects, action) },
		Key: func(action, key string) bool {
			return arn.Fold(key) == "s3:prefix" && action == "s3:ListBucket"
		},
	}
}

func kindOf(tb testing.TB, head string) policy.Kind {
	tb.Helper()
	for k := policy.Identity; k <= policy.RCP; k++ {
		if strings.Contains(head, "\nKind: "+k.String()+"\n") {
			return k
		}
	}
	tb.Fatalf("no kind of document in %q", head)
	return 0
}

func TestSavingSaysWhatTheArchivesSay(t *testing.T) {
	for _, a := range readArchives(t, "save") {
		t.Run(a.name, func(t *testing.T) {
			kind := kindOf(t, a.head)
			for _, name := range a.order {
				base, ok := strings.CutSuffix(name, ".json")
				if !ok {
					continue
				}
				text := strings.TrimSuffix(a.files[name], "\n")
				doc, err := policy.Validate(kind, text, policy.ForBucket("b", s3Oracle()))
				got := "ok"
				if err != nil {
					e, ok := errors.AsType[*policy.ValidationError](err)
					if !ok {
						t.Fatalf("%s: %v is no ValidationError", base, err)
					}
					got = strings.TrimSuffix(e.Message+"\n"+e.Detail, "\n")
				} else if doc.Text() != text {
					t.Errorf("%s: the text has changed", base)
				}
				if diff := cmp.Diff(strings.TrimSpace(a.files[base+".want"]), got); diff != "" {
					t.Errorf("%s (-want +got): %s", base, diff)
				}
			}
		})
	}
}

// Rules: PL-6
func TestValidateHoldsTheParametersLength(t *testing.T) {
	const before = "1 validation error detected: Value at 'policyDocument' failed to satisfy constraint: Member must have length "
	for text, want := range map[string]string{
		"":                            before + "greater than or equal to 1",
		strings.Repeat(" ", 131073):   before + "less than or equal to 131072",
		strings.Repeat("\u00e9", 100): "Syntax errors in policy.",
	} {
		_, err := policy.Validate(policy.Identity, text)
		if e, ok := errors.AsType[*policy.ValidationError](err); !ok || e.Message != want {
			t.Errorf("%d characters: %v, want %s", len(text), err, want)
		}
	}
}

func TestValidationErrorsCarryTheCodeOfTheirService(t *testing.T) {
	for kind, want := range map[policy.Kind]string{
		policy.Identity: "MalformedPolicyDocument", policy.Trust: "MalformedPolicyDocument", policy.Bucket: "MalformedPolicy",
		policy.SCP: "MalformedPolicyDocumentException", policy.RCP: "MalformedPolicyDocumentException",
	} {
		_, err := policy.Validate(kind, `{"Version": 5}`)
		e, ok := errors.AsType[*policy.ValidationError](err)
		if !ok || e.Code != want {
			t.Errorf("%s: %v, want %s", kind, err, want)
		}
		if _, ok := errors.AsType[*policy.ParseError](err); !ok {
			t.Errorf("%s: %v hides where it is", kind, err)
		}
	}
	if _, err := policy.Validate(policy.Kind(99), `{}`); err == nil {
		t.Error("a kind that does not exist is saved")
	}
	if _, err := policy.Validate(policy.Bucket, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}}`); err == nil {
		t.Error("a bucket policy is saved for no bucket")
	}
}

// Rules: PL-90 PL-91 S3-79
func TestSizeCountsWhatTheQuotaCounts(t *testing.T) {
	text := "{\n \"Sid\" : \"a \\\" b\",\t\"x\": 1 }\r\n"
	for kind, want := range map[policy.Kind]int{
		policy.Identity: len(`{"Sid":"a \" b","x":1}`), policy.Trust: len(`{"Sid":"a \" b","x":1}`), policy.SCP: len(text), policy.RCP: len(text), policy.Bucket: len(text),
	} {
		if got := policy.Size(kind, text); got != want {
			t.Errorf("%s: %d, want %d", kind, got, want)
		}
	}
	if got := policy.Size(policy.Identity, `"é "`); got != 4 {
		t.Errorf("an accented letter: %d characters", got)
	}
	if got := policy.Size(policy.Bucket, `"é"`); got != 4 {
		t.Errorf("an accented letter in a bucket policy: %d bytes", got)
	}
}
