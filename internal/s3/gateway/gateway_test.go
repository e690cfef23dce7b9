package gateway_test

import (
	"testing"
)

// Rules: S3-17
func TestTheJourney(t *testing.T) {
	w := newWorld(t)
	w.user("alice", prod, identityPolicy("s3:*", "*"))
	w.put("alice", "/photos", "").is(200)
	w.put("alice", "/photos/a/b.txt", "hello").is(200)
	w.get("alice", "/photos/a/b.txt").is(200).says("hello")
	w.get("alice", "/photos?list-type=2").is(200)
	w.get("alice", "/").is(200)
	w.do("alice", "HEAD", "/photos/a/b.txt", request{}).is(200)
	w.do("alice", "DELETE", "/photos", request{}).fails(409, "BucketNotEmpty")
	w.do("alice", "DELETE", "/photos/a/b.txt", request{}).is(204)
	w.do("alice", "DELETE", "/photos", request{}).is(204)
	w.get("alice", "/photos/a/b.txt").fails(404, "NoSuchBucket")
}
