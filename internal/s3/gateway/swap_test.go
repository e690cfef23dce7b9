package gateway_test

import (
	"net/http"
	"testing"

	"github.com/regent-iam/regent/internal/s3/gateway"
	"github.com/regent-iam/regent/internal/s3/objects"
)

// A swapping store has something happen between the decision on a call and the
// object store's look at the object.
type swapping struct {
	gateway.Objects
	between func()
}

func (s *swapping) ServeObject(w http.ResponseWriter, r *http.Request, c *objects.Call) error {
	if between := s.between; between != nil {
		s.between = nil
		between()
	}
	return s.Objects.ServeObject(w, r, c)
}

// TestWhatWasDecidedIsWhatIsShown: an object that is replaced, or tagged, after
// its tags let a call pass is not shown by that call.
//
// Rules: S3-41 S3-56 TH-26
func TestWhatWasDecidedIsWhatIsShown(t *testing.T) {
	var swap swapping
	w := newWorld(t, func(c *gateway.Config) {
		swap.Objects = c.Objects
		c.Objects = &swap
	})
	w.user("reader", prod, identityPolicy("s3:PutObject", "*"))
	w.bucket("prod", "b-swap", `{"Version":"2012-10-17","Statement":[`+
		one("Allow", principal(prod, "user/reader"), "s3:GetObject s3:GetObjectVersion s3:GetObjectTagging", "arn:aws:s3:::b-swap/*",
			`{"StringEquals":{"s3:ExistingObjectTag/public":"yes"}}`)+`]}`)
	open := func() { w.put("prod", "/b-swap/k", "open", "X-Amz-Tagging", "public=yes").is(200) }
	secret := func() { w.put("prod", "/b-swap/k", "secret").is(200) }
	for _, read := range []struct {
		method, target string
		headers        []string
	}{
		{"GET", "/b-swap/k", nil},
		{"GET", "/b-swap/k?versionId=null", nil},
		{"GET", "/b-swap/k?tagging", nil},
		{"HEAD", "/b-swap/k", nil},
	} {
		open()
		w.do("reader", read.method, read.target, request{}).is(200)
		swap.between = secret
		w.do("reader", read.method, read.target, request{}).is(503)
		w.do("reader", read.method, read.target, request{}).is(403)
		open()
		swap.between = open // replaced by what may be read as well
		w.do("reader", read.method, read.target, request{}).is(200)
	}
	// A part that is copied from the object is read from it, too.
	w.bucket("prod", "b-copy", "")
	id := w.do("reader", "POST", "/b-copy/up?uploads", request{}).is(200).text("UploadId")
	part := func() *answer {
		return w.put("reader", "/b-copy/up?partNumber=1&uploadId="+id, "", "X-Amz-Copy-Source", "b-swap/k")
	}
	open()
	part().is(200)
	swap.between = secret
	part().is(503)
	part().is(403)
}
