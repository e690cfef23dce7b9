package objects

import (
	"net/http"
	"strings"
	"time"

	"github.com/regent-iam/regent/internal/s3/s3err"
)

// readConditions are the conditions of a read or of a copy's source.
type readConditions struct {
	match, noneMatch               string // "" is none
	matchSet, noneSet              bool
	unmodifiedSince, modifiedSince string
	names                          [4]string
}

// conditionsOf reads the four headers behind prefix, which is "" or
// "X-Amz-Copy-Source-".
func conditionsOf(h http.Header, prefix string) readConditions {
	var c readConditions
	c.match, c.matchSet = h.Get(prefix+"If-Match"), h[prefix+"If-Match"] != nil
	c.noneMatch, c.noneSet = h.Get(prefix+"If-None-Match"), h[prefix+"If-None-Match"] != nil
	c.unmodifiedSince, c.modifiedSince = h.Get(prefix+"If-Unmodified-Since"), h.Get(prefix+"If-Modified-Since")
	for i, name := range [4]string{"If-Match", "If-Unmodified-Since", "If-None-Match", "If-Modified-Since"} {
		if prefix != "" {
			name = "x-amz-copy-source-" + name
		}
		c.names[i] = name
	}
	return c
}

// check holds v against the conditions, in S3-105's order. A condition of a copy's
// source fails with 412, never 304 (S3-133).
func (c *readConditions) check(v *version, now time.Time, isCopy bool) *s3err.Error {
	modified := v.modTime().Truncate(time.Second)
	if c.matchSet {
		if !matchETag(c.match, v.etag) {
			return s3err.PreconditionFailed(c.names[0])
		}
	} else if t, ok := conditionTime(c.unmodifiedSince, now); ok && modified.After(t) {
		return s3err.PreconditionFailed(c.names[1])
	}
	failed := ""
	if c.noneSet {
		if matchETag(c.noneMatch, v.etag) {
			failed = c.names[2]
		}
	} else if t, ok := conditionTime(c.modifiedSince, now); ok && !modified.After(t) {
		failed = c.names[3]
	}
	switch {
	case failed == "":
		return nil
	case isCopy:
		return s3err.PreconditionFailed(failed)
	}
	return s3err.NotModified()
}

// conditionTime ignores dates that are none, or in the future.
func conditionTime(s string, now time.Time) (time.Time, bool) {
	if s == "" {
		return time.Time{}, false
	}
	t, err := http.ParseTime(s)
	if err != nil || t.After(now) {
		return time.Time{}, false
	}
	return t, true
}

// matchETag reports whether a list of ETags, quoted or not, or "*", has etag.
func matchETag(list, etag string) bool {
	for item := range strings.SplitSeq(list, ",") {
		if item = bareETag(item); item == etag || item == "*" {
			return true
		}
	}
	return false
}

func bareETag(s string) string {
	s = strings.TrimPrefix(strings.TrimSpace(s), "W/")
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		s = s[1 : len(s)-1]
	}
	return s
}

// A writeCondition is what must hold of the object that a write replaces
// (S3-106). The zero value always holds.
type writeCondition struct {
	absent   bool   // If-None-Match: *
	etag     string // If-Match
	admitted bool   // it held when the call began
	since    int64  // milliseconds; of the upload that a completion ends, else 0
}

// writeCondition reads the two headers.
func (o *op) writeCondition() (c writeCondition, err error) {
	match, none := o.Header["If-Match"] != nil, o.Header["If-None-Match"] != nil
	if none {
		if match || o.Header.Get("If-None-Match") != "*" {
			return c, s3err.NotImplemented("If-None-Match")
		}
		c.absent = true
		return c, nil
	}
	if match {
		c.etag = bareETag(o.Header.Get("If-Match"))
		if c.etag == "*" || c.etag == "" || strings.Contains(c.etag, ",") {
			return c, s3err.NotImplemented("If-Match")
		}
	}
	return c, nil
}

// check is run when the call begins and again, committing, at the commit: what
// held then and does not now is a conflict.
func (c writeCondition) check(current *version, key string, committing bool) error {
	name := ""
	switch {
	case c.absent && current != nil && !current.marker:
		name = "If-None-Match"
	case c.etag != "" && (current == nil || current.marker):
		name = "If-Match"
		if !c.admitted || !committing {
			return s3err.NoSuchKey(key)
		}
	case c.etag != "" && current.etag != c.etag:
		name = "If-Match"
	}
	switch {
	case name == "":
		return nil
	case c.admitted && committing, c.since != 0 && current != nil && current.modified > c.since:
		return s3err.ConditionalRequestConflict(name, key)
	}
	return s3err.PreconditionFailed(name)
}

// admit looks whether the bucket lives and the condition holds, so that a body
// is not read in vain. Both are looked at again at the commit.
func (o *op) admit(c *writeCondition) error {
	return o.look(func(r reader, _ bucketState) error {
		if !c.absent && c.etag == "" {
			return nil
		}
		current, err := r.current(o.BucketID, o.Key, false)
		if err != nil {
			return err
		}
		if err := c.check(current, o.Key, false); err != nil {
			return err
		}
		c.admitted = true
		return nil
	})
}
