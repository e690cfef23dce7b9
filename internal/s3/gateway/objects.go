package gateway

import (
	"bytes"
	"errors"

	s3api "github.com/regent-iam/regent/internal/api/s3"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/s3/classify"
	"github.com/regent-iam/regent/internal/s3/objects"
	"github.com/regent-iam/regent/internal/s3/s3err"
	"github.com/regent-iam/regent/internal/store"
)

// serveObject has the object store answer a call that is decided.
func (c *call) serveObject() error {
	if c.class.Operation == classify.PutObjectAcl { // even "private" (S3-69)
		return s3err.Of("AccessControlListNotSupported")
	}
	if err := c.checkACL(); err != nil {
		return err
	}
	call := c.objectCall()
	if err := c.fillBody(call); err != nil {
		return err
	}
	c.answered = true
	return c.goneOr(c.g.config.Objects.ServeObject(&c.w, c.r, call), c.bucket)
}

func (c *call) objectCall() *objects.Call {
	call := &objects.Call{
		Operation: c.info.Name, BucketID: c.bucket.ID, Bucket: c.bucket.Name, Key: c.class.Key,
		VersionID: c.class.VersionID, UploadID: c.class.UploadID, PartNumber: c.class.PartNumber,
		ContentLength: -1, Query: c.class.Query, Header: c.class.Header,
		Signed:  c.caller.Kind != authn.Anonymous,
		MayList: c.mayList(&c.bucket, c.class.ListNeed),
		Owner:   objects.Owner{ID: c.bucket.canonical}, Initiator: c.initiator, Decided: c.decided,
		Now: c.req.Facts.Now, RequestID: c.req.ID, HostID: c.req.HostID(),
	}
	if c.source == nil {
		return call
	}
	call.Source = &objects.Source{
		BucketID: c.source.ID, Bucket: c.source.Name, Key: c.class.Source.Key, VersionID: c.class.Source.VersionID,
		MayList: c.mayList(&c.source, c.class.SourceListNeed), Decided: c.srcDecided,
	}
	if c.ifTagged != nil {
		c.tagged = c.denied(c.ifTagged)
		call.Source.IfTagged = c.tagged
	}
	return call
}

// fillBody gives a call its body, and decides what hangs on it.
func (c *call) fillBody(call *objects.Call) error {
	switch {
	case !c.model.body:
		return nil
	case c.class.Operation == classify.DeleteObjects:
		return c.decideDeletes(call)
	case c.class.Operation == classify.PutObjectTagging:
		return c.decideTagging(call)
	}
	body, err := c.payload()
	if err != nil {
		return err
	}
	call.Body, call.ContentLength = body, body.Length()
	return nil
}

// decideDeletes decides each object of DeleteObjects as if it were deleted
// alone (S3-48).
func (c *call) decideDeletes(call *objects.Call) error {
	release, err := c.turn()
	if err != nil {
		return err
	}
	defer release()
	body, err := c.payload()
	if err != nil {
		return err
	}
	if call.Deletes, call.Quiet, err = objects.ReadDelete(c.class.Header, body); err != nil {
		return err
	}
	c.deletes = call.Deletes
	return c.g.road.Store.View(c.ctx, func(tx *store.Tx) error {
		if err := c.g.road.Authn.Recheck(tx, &c.caller); err != nil {
			return err
		}
		for i := range call.Deletes {
			if err := c.decideDelete(tx, &call.Deletes[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *call) decideDelete(tx *store.Tx, d *objects.Delete) error {
	needs, err := c.class.NeedsForDelete(classify.DeleteEntry{Key: d.Key, VersionID: d.VersionID, ETag: d.ETag})
	if bad, ok := errors.AsType[*classify.Error](err); ok {
		d.Refused = fromClassify(bad)
		return nil
	} else if err != nil {
		return err
	}
	if len(needs) == 0 {
		return errNoNeeds
	}
	for i := range needs {
		denial, err := c.decideOne(tx, &needs[i])
		if err != nil {
			return err
		}
		if denial != nil {
			d.Refused = c.refused(denial)
			return nil
		}
	}
	return nil
}

// decideTagging reads the tags, which are condition keys, before it decides.
func (c *call) decideTagging(call *objects.Call) error {
	raw, err := c.document()
	if err != nil {
		return err
	}
	in := new(s3api.PutObjectTaggingInput)
	if err := c.decode(raw, in); err != nil {
		return err
	}
	c.in = in
	err = c.g.road.Store.View(c.ctx, func(tx *store.Tx) error {
		if err := c.g.road.Authn.Recheck(tx, &c.caller); err != nil {
			return err
		}
		return c.decide(tx, c.class.NeedsWith(classify.Body{Tags: tagsOf(in.Tagging.TagSet)}))
	})
	call.Body, call.ContentLength = bytes.NewReader(raw), int64(len(raw))
	return err
}

func tagsOf(in []s3api.Tag) []classify.Tag {
	out := make([]classify.Tag, len(in))
	for i, t := range in {
		out[i] = classify.Tag{Key: t.Key, Value: t.Value}
	}
	return out
}

// checkACL takes of the ACLs that a write may ask for those that change nothing
// where the bucket's owner owns everything (S3-69).
func (c *call) checkACL() error {
	switch c.class.Operation {
	case classify.PutObject, classify.CopyObject, classify.CreateMultipartUpload:
	default:
		return nil
	}
	h := c.class.Header
	granted := ""
	for _, name := range [...]string{
		"X-Amz-Grant-Full-Control", "X-Amz-Grant-Read", "X-Amz-Grant-Read-Acp", "X-Amz-Grant-Write", "X-Amz-Grant-Write-Acp",
	} {
		if h[name] != nil {
			granted = name
		}
	}
	acl := h["X-Amz-Acl"]
	if granted != "" && acl != nil { // S3-71
		return s3err.InvalidRequest("Specifying both Canned ACLs and Header Grants is not allowed")
	}
	if granted != "" {
		return s3err.Of("AccessControlListNotSupported")
	}
	if acl == nil {
		return nil
	}
	switch acl[0] {
	case "private", "bucket-owner-full-control", "bucket-owner-read":
		return nil
	case "public-read", "public-read-write", "authenticated-read", "aws-exec-read":
		return s3err.Of("AccessControlListNotSupported")
	}
	return s3err.InvalidArgument("x-amz-acl", acl[0], "Invalid canned ACL")
}

// goneOr is err, or that the bucket is gone.
func (c *call) goneOr(err error, b *bucket) error {
	if errors.Is(err, objects.ErrNoBucket) {
		return s3err.NoSuchBucket(b.Name)
	}
	return err
}
