package classify_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/regent-iam/regent/internal/s3/classify"
	"github.com/regent-iam/regent/sigv4"
)

// encode spells a decoded key or bucket so that nothing in it separates.
func encode(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		b.WriteByte('%')
		b.WriteByte(hex[s[i]>>4])
		b.WriteByte(hex[s[i]&15])
	}
	return b.String()
}

// FuzzClassify feeds targets and headers. Whatever is accepted has one
// operation that its method and level have, needs unless the info says
// otherwise, all of them on the classified bucket and key, and a target spelled
// in another way that means the same.
//
// Rules: S3-1 S3-3 TH-4 TH-5 TH-62
func FuzzClassify(f *testing.F) {
	for line := range strings.Lines(needsTable) {
		columns := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(columns) != 5 {
			continue
		}
		method, target, _ := strings.Cut(columns[1], " ")
		f.Add(method, target, "s3.example.com", strings.ReplaceAll(columns[2], "|", "\n"))
	}
	f.Add("GET", "/a%2Fb//.?versionId=%00", "bkt.example.com:1", "")
	f.Add("PUT", "/k?X-Amz-Algorithm=a&x-amz-copy-source=src/k%3F", "bkt.example.com", "x-amz-tagging: a=b&c")
	f.Fuzz(func(t *testing.T, method, target, host, headers string) {
		header := make(http.Header)
		for line := range strings.Lines(headers) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
			header.Add(name, value)
		}
		r, err := sigv4.NewRequest(method, target, host, header)
		if err != nil {
			t.Skip()
		}
		k := classify.New(classify.Config{Hosts: []string{"example.com", "s3.example.com"}})
		c, err := k.Classify(r, now)
		if err != nil {
			if e, ok := errors.AsType[*classify.Error](err); !ok || e.Code == "" || e.Status < 400 || e.Message == "" {
				t.Fatalf("error %#v", err)
			}
			return
		}
		checkClassified(t, c)
		if c.Bucket == "" {
			return
		}
		// Path style, everything escaped, means the same.
		path := "/" + encode(c.Bucket)
		if c.Key != "" {
			path += "/" + encode(c.Key)
		}
		if raw := r.Query.Raw(); raw != "" {
			path += "?" + raw
		}
		r2, err := sigv4.NewRequest(method, path, "s3.example.com", header)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		c2, err := k.Classify(r2, now)
		if err != nil {
			t.Fatalf("%s is refused: %v", path, err)
		}
		if c2.Operation != c.Operation || c2.Bucket != c.Bucket || c2.Key != c.Key {
			t.Fatalf("%s is %v %q %q and %s is %v %q %q", target, c.Operation, c.Bucket, c.Key, path, c2.Operation, c2.Bucket, c2.Key)
		}
	})
}

func checkClassified(t *testing.T, c *classify.Classified) {
	t.Helper()
	info := c.Operation.Info()
	if info.Name == "" {
		t.Fatal("accepted without an operation")
	}
	if c.Bucket != "" && classify.CheckBucketName(c.Bucket) != nil || c.Key != "" && classify.CheckKey(c.Key) != nil {
		t.Fatalf("bucket %q, key %q", c.Bucket, c.Key)
	}
	needs := c.Needs()
	if (len(needs) == 0) != (info.NeedsBody || info.Public) {
		t.Fatalf("%v has %d needs", c.Operation, len(needs))
	}
	for _, n := range needs {
		want := "*"
		switch n.Kind {
		case classify.Bucket:
			want = "arn:aws:s3:::" + c.Bucket
		case classify.Object:
			want = "arn:aws:s3:::" + c.Bucket + "/" + c.Key
		case classify.SourceObject:
			want = "arn:aws:s3:::" + c.Source.Bucket + "/" + c.Source.Key
		}
		if n.Resource != want {
			t.Fatalf("%v needs %s on %q, want %q", c.Operation, n.Action, n.Resource, want)
		}
	}
}

// FuzzParseSource checks that a copy source, spelled from its parts, is itself.
//
// Rules: S3-130 TH-63
func FuzzParseSource(f *testing.F) {
	for _, s := range []string{"src/k", "/src/a+b?versionId=v", "src/k%3FversionId=v", "src%2Fk", "arn:aws:s3:::x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		s, err := classify.ParseSource(raw)
		if err != nil {
			if _, ok := errors.AsType[*classify.Error](err); !ok {
				t.Fatalf("error %#v", err)
			}
			return
		}
		again := "/" + s.Bucket + "/" + encode(s.Key)
		if s.VersionID != "" {
			again += "?versionId=" + encode(s.VersionID)
		}
		if s2, err := classify.ParseSource(again); err != nil || *s2 != *s {
			t.Fatalf("%q is %+v, %q is %+v, %v", raw, s, again, s2, err)
		}
	})
}
