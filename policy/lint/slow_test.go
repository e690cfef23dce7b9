package lint_test

import (
	"strings"
	"testing"

	"github.com/regent-iam/regent/policy/lint"
)

// A document that is made to take long takes no longer than another.
//
// Rules: LI-5
func TestLintIsNotSlowOnPurpose(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Resource": "*", "Action": [`)
	for i := range 2000 {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"s3:*a*b*c*d*` + strings.Repeat("e", i%7) + `*f*` + strings.Repeat("g", i%11) + `*"`)
	}
	b.WriteString(`]}}`)
	if _, err := lint.Lint(b.String(), lint.Options{}); err != nil {
		t.Error(err)
	}
}

func FuzzLint(f *testing.F) {
	f.Add(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::${a}*", "Principal": {"AWS": []}, "Condition": {"StringLike": {"aws:userid": ["*:a"]}}}]}`, uint8(0))
	f.Add(`{"Statement": "\u00fc\ud834\udd1e"`, uint8(2))
	f.Fuzz(func(t *testing.T, text string, kind uint8) {
		found, err := lint.Lint(text, lint.Options{Kind: lint.Kind(kind % 10), Own: true, StrictSCP: true, Account: "111122223333"})
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range found {
			for _, at := range x.Locations {
				if at.Span.Start.Offset > at.Span.End.Offset || at.Span.Start.Line < 1 {
					t.Errorf("%s at %v", x.Code, at.Span)
				}
			}
		}
	})
}
