package objects

import (
	"errors"
	"net/http"

	"github.com/regent-iam/regent/internal/s3/s3err"
	"github.com/regent-iam/regent/sigv4"
)

// An op is one call while it is served.
type op struct {
	*Call
	s        *Store
	w        http.ResponseWriter
	r        *http.Request
	epoch    uint64
	answered bool // the status is out: errors can no longer be told
	ids      bool // the bucket has or had versions, so that null is an id too
}

// errExchanged ends calls that were on their way during Restore or Reset.
var errExchanged = errors.New("the object index was exchanged")

// ServeObject implements [Handler].
func (s *Store) ServeObject(w http.ResponseWriter, r *http.Request, call *Call) error {
	if r.ContentLength == 0 && r.Header.Get("Expect") != "" {
		// net/http sends no 100 for an empty body, and botocore then waits a
		// minute for the answer to its next request (S3-18).
		w.WriteHeader(http.StatusContinue)
	}
	o := &op{Call: call, s: s, w: w, r: r, epoch: s.index.Epoch()}
	err := o.serve()
	if err != nil && !o.answered {
		s3err.Write(w, r.Method, call.RequestID, call.HostID, o.shown(err))
	}
	return err
}

func (o *op) serve() error {
	if !validBucketID(o.BucketID) {
		return errBucketID
	}
	if err := o.checkKey(); err != nil {
		return err
	}
	s3err.SetIDs(o.w.Header(), o.RequestID, o.HostID)
	do := operation(o.Operation)
	if do == nil {
		return s3err.NotImplemented("")
	}
	return do(o)
}

// checkKey refuses what the index cannot hold (S3-4, S3-5). The gateway has said
// so before; the index must not depend on it.
func (o *op) checkKey() error {
	if len(o.Key) > maxKey {
		return s3err.KeyTooLong(len(o.Key))
	}
	if hasNUL(o.Key) || o.Source != nil && hasNUL(o.Source.Key) {
		return s3err.Of("InvalidURI")
	}
	return nil
}

func hasNUL(s string) bool {
	for i := range len(s) {
		if s[i] == 0 {
			return true
		}
	}
	return false
}

// operation returns what serves the operation, nil when nothing does.
func operation(name string) func(*op) error {
	switch name {
	case "PutObject":
		return needsKey((*op).putObject)
	case "GetObject":
		return needsKey((*op).getObject)
	case "HeadObject":
		return needsKey((*op).getObject)
	case "GetObjectAttributes":
		return needsKey((*op).getObjectAttributes)
	case "DeleteObject":
		return needsKey((*op).deleteObject)
	case "DeleteObjects":
		return (*op).deleteObjects
	case "CopyObject":
		return needsKey((*op).copyObject)
	case "ListObjects":
		return (*op).listObjects
	case "ListObjectsV2":
		return (*op).listObjectsV2
	case "ListObjectVersions":
		return (*op).listObjectVersions
	case "CreateMultipartUpload":
		return needsKey((*op).createMultipartUpload)
	case "UploadPart":
		return needsKey((*op).uploadPart)
	case "UploadPartCopy":
		return needsKey((*op).uploadPartCopy)
	case "ListParts":
		return needsKey((*op).listParts)
	case "ListMultipartUploads":
		return (*op).listMultipartUploads
	case "CompleteMultipartUpload":
		return needsKey((*op).completeMultipartUpload)
	case "AbortMultipartUpload":
		return needsKey((*op).abortMultipartUpload)
	case "GetObjectTagging":
		return needsKey((*op).getObjectTagging)
	case "PutObjectTagging":
		return needsKey((*op).putObjectTagging)
	case "DeleteObjectTagging":
		return needsKey((*op).deleteObjectTagging)
	}
	return nil
}

func needsKey(do func(*op) error) func(*op) error {
	return func(o *op) error {
		if o.Key == "" {
			return s3err.Of("InvalidURI")
		}
		return do(o)
	}
}

// shown is the error that the client sees.
func (o *op) shown(err error) *s3err.Error {
	if e, ok := errors.AsType[*s3err.Error](err); ok {
		return e
	}
	if errors.Is(err, ErrNoBucket) {
		return s3err.NoSuchBucket(o.Bucket)
	}
	if errors.Is(err, errExchanged) {
		return s3err.Of("OperationAborted")
	}
	return s3err.Internal()
}

// bodyError is what a client sees of an error of its body's reader: what the
// verifier found, else that the body ended too soon (S3-37).
func bodyError(err error) error {
	if e, ok := errors.AsType[*s3err.Error](err); ok {
		return e
	}
	if e, ok := errors.AsType[*sigv4.Error](err); ok {
		code, status := e.Code()
		shown := &s3err.Error{Code: code, Status: status, Message: e.Message}
		for _, f := range e.Extra {
			shown = shown.With(f.Name, f.Value)
		}
		return shown
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return s3err.Of("EntityTooLarge")
	}
	return s3err.Of("IncompleteBody")
}

// change commits fn unless the bucket died or the index was exchanged since the
// call began (TH-56).
func (o *op) change(fn func(t *txn, state bucketState) error) error {
	return o.s.update(o.r.Context(), func(t *txn) error {
		if t.tx.Epoch != o.epoch {
			return errExchanged
		}
		state, err := t.live(o.BucketID)
		if err != nil {
			return err
		}
		return fn(t, state)
	})
}

// look reads the index while the bucket lives.
func (o *op) look(fn func(r reader, state bucketState) error) error {
	return o.s.view(func(r reader) error {
		state, err := r.live(o.BucketID)
		if err != nil {
			return err
		}
		return fn(r, state)
	})
}

func (o *op) set(name, value string) { o.w.Header()[name] = []string{value} }

func (o *op) setText(name, value string) {
	if value != "" {
		o.set(name, value)
	}
}
