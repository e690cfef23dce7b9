package classify_test

import (
	"net/http"
	"testing"

	"github.com/regent-iam/regent/internal/s3/classify"
	"github.com/regent-iam/regent/sigv4"
)

func getObject(tb testing.TB) (*classify.Classifier, *sigv4.Request) {
	tb.Helper()
	header := http.Header{
		"Authorization": {"AWS4-HMAC-SHA256 …"}, "X-Amz-Date": {"20260301T120000Z"}, "X-Amz-Content-Sha256": {"UNSIGNED-PAYLOAD"},
		"User-Agent": {"aws-cli"}, "Accept-Encoding": {"identity"}, "X-Amz-Checksum-Mode": {"ENABLED"},
	}
	r, err := sigv4.NewRequest("GET", "/bkt/dir/key.txt?x-id=GetObject", "127.0.0.1:8700", header)
	if err != nil {
		tb.Fatal(err)
	}
	return classify.New(classify.Config{}), r
}

// The hot path allocates the value, the list of needs, an ARN and a list of keys.
func TestGetObjectAllocatesLittle(t *testing.T) {
	k, r := getObject(t)
	if n := testing.AllocsPerRun(100, func() {
		c, err := k.Classify(r, now)
		if err != nil || len(c.Needs()) != 1 {
			t.Fatal(err)
		}
	}); n > 4 {
		t.Errorf("%v allocations, want at most 4", n)
	}
}

func BenchmarkGetObject(b *testing.B) {
	k, r := getObject(b)
	b.ReportAllocs()
	for b.Loop() {
		c, err := k.Classify(r, now)
		if err != nil || len(c.Needs()) != 1 {
			b.Fatal(err)
		}
	}
}
