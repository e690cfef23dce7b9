package gateway_test

import (
	"slices"
	"testing"
)

// TestRefusalsAreHandedOverOnce: each refused request for explanation once, by
// the need that refused it first, and nothing of what was allowed.
//
// Rules: EV-77
func TestRefusalsAreHandedOverOnce(t *testing.T) {
	w := newWorld(t)
	w.user("alice", prod, identityPolicy("s3:GetObject s3:PutObject", "*"))
	w.bucket("prod", "b-denied", "")
	w.put("prod", "/b-denied/k", "v").is(200)
	w.put("prod", "/b-denied/tagged", "v", "X-Amz-Tagging", "a=1").is(200)
	remove := `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Object><Key>a</Key></Object><Object><Key>b</Key></Object></Delete>`
	for _, row := range []struct {
		what string
		call func() *answer
		want []string
	}{
		{"allowed", func() *answer { return w.get("alice", "/b-denied/k") }, nil},
		{"no such object, and it may list", func() *answer { return w.get("prod", "/b-denied/none") }, nil},
		{
			"an operation of the gateway", func() *answer { return w.do("alice", "DELETE", "/b-denied/k", request{}) },
			[]string{"s3:DeleteObject by alice: s3:DeleteObject on arn:aws:s3:::b-denied/k"},
		},
		{
			"an operation of the service", func() *answer { return w.get("alice", "/b-denied?versioning") },
			[]string{"s3:GetBucketVersioning by alice: s3:GetBucketVersioning on arn:aws:s3:::b-denied"},
		},
		{
			"a missing object, and it may not list", func() *answer { return w.get("alice", "/b-denied/none") },
			[]string{"s3:GetObject by alice: s3:ListBucket on arn:aws:s3:::b-denied"},
		},
		{
			"several objects", func() *answer { return w.document("alice", "POST", "/b-denied?delete", remove) },
			[]string{"s3:DeleteObjects by alice: s3:DeleteObject on arn:aws:s3:::b-denied/a"},
		},
		{
			"a copy whose source has no tags", func() *answer { return w.put("alice", "/b-denied/c", "", "X-Amz-Copy-Source", "/b-denied/k") }, nil,
		},
		{
			"a copy whose source has tags", func() *answer { return w.put("alice", "/b-denied/c", "", "X-Amz-Copy-Source", "/b-denied/tagged") },
			[]string{"s3:CopyObject by alice: s3:GetObjectTagging on arn:aws:s3:::b-denied/tagged"},
		},
		{
			"nobody in particular", func() *answer { return w.get("", "/b-denied/k") },
			[]string{"s3:GetObject by : s3:GetObject on arn:aws:s3:::b-denied/k"},
		},
		{"a bucket that is not there", func() *answer { return w.get("alice", "/b-not-there/k") }, nil},
		{"a signature that is wrong", func() *answer {
			return w.do("alice", "GET", "/b-denied/k", request{header: []string{"X-Amz-Security-Token", "nonsense"}})
		}, nil},
	} {
		w.mu.Lock()
		w.denied = nil
		w.mu.Unlock()
		a := row.call()
		w.mu.Lock()
		if !slices.Equal(w.denied, row.want) {
			t.Errorf("%s: %d %s: handed over %q, want %q", row.what, a.status, a.body, w.denied, row.want)
		}
		w.mu.Unlock()
	}
}
