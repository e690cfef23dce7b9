package s3err

import (
	"net/http"
	"strconv"
)

// MethodNotAllowed refuses a method; resourceType is SERVICE, BUCKET, OBJECT, DELETEMARKER or the
// sub-resource; allow is the value of the Allow header, "" for none (S3-12, S3-123).
func MethodNotAllowed(method, resourceType, allow string) *Error {
	e := Of("MethodNotAllowed").With("Method", method).With("ResourceType", resourceType)
	if allow != "" {
		e = e.WithHeader("Allow", allow)
	}
	return e
}

// Of returns the error of that code with the status and text of S3-190's table.
// A code that the table does not have is InternalError: nothing leaks by a slip.
func Of(code string) *Error {
	d, ok := lookup(code)
	if !ok {
		d, code = definition{http.StatusInternalServerError, "We encountered an internal error. Please try again."}, "InternalError"
	}
	return &Error{Code: code, Status: d.status, Message: d.message}
}

// Internal is the answer to everything that is nobody's business.
func Internal() *Error { return Of("InternalError") }

// AccessDenied is the bare refusal (S3-52).
func AccessDenied() *Error { return Of("AccessDenied") }

// AccessDeniedf is a refusal with a text of its own.
func AccessDeniedf(message string) *Error { return Of("AccessDenied").WithMessage(message) }

// InvalidArgument names the argument, its value and what is wrong with it.
func InvalidArgument(name, value, message string) *Error {
	return Of("InvalidArgument").WithMessage(message).With("ArgumentName", name).With("ArgumentValue", value)
}

// InvalidRequest has nothing but its text.
func InvalidRequest(message string) *Error { return Of("InvalidRequest").WithMessage(message) }

// NotImplemented names the header that asks for what is not there, "" for none.
func NotImplemented(header string) *Error {
	e := Of("NotImplemented")
	if header == "" {
		return e
	}
	return e.With("Header", header)
}

// NoSuchBucket is told to anyone: existence of buckets is public (S3-40).
func NoSuchBucket(bucket string) *Error { return Of("NoSuchBucket").With("BucketName", bucket) }

// BucketNotEmpty refuses to delete; versioned reports whether the bucket ever had versions (S3-95).
func BucketNotEmpty(bucket string, versioned bool) *Error {
	e := Of("BucketNotEmpty").With("BucketName", bucket)
	if versioned {
		e.Message += ". You must delete all versions in the bucket."
	}
	return e
}

// NoSuchKey says that the bucket has no such object.
func NoSuchKey(key string) *Error { return Of("NoSuchKey").With("Key", key) }

// NoSuchVersion says that the key has no such version.
func NoSuchVersion(key, versionID string) *Error {
	return Of("NoSuchVersion").With("Key", key).With("VersionId", versionID)
}

// NoSuchUpload says that the upload is not there, or not this key's (S3-50).
func NoSuchUpload(uploadID string) *Error { return Of("NoSuchUpload").With("UploadId", uploadID) }

// InvalidTag names the tag.
func InvalidTag(key, value, message string) *Error {
	return Of("InvalidTag").WithMessage(message).With("TagKey", key).With("TagValue", value)
}

// KeyTooLong gives the key's size in bytes (S3-5).
func KeyTooLong(size int) *Error {
	return Of("KeyTooLongError").With("Size", strconv.Itoa(size)).With("MaxSizeAllowed", "1024")
}

// PreconditionFailed names the condition, for example If-Match.
func PreconditionFailed(condition string) *Error {
	return Of("PreconditionFailed").With("Condition", condition)
}

// ConditionalRequestConflict says that the object changed while the write was on its way.
func ConditionalRequestConflict(condition, key string) *Error {
	return Of("ConditionalRequestConflict").With("Condition", condition).With("Key", key)
}

// NotModified has no body (S3-105).
func NotModified() *Error { return Of("NotModified") }

// InvalidRange gives the Range header and the object's size in bytes.
func InvalidRange(requested string, size int64) *Error {
	return Of("InvalidRange").With("RangeRequested", requested).
		With("ActualObjectSize", strconv.FormatInt(size, 10)).
		WithHeader("Content-Range", "bytes */"+strconv.FormatInt(size, 10))
}

// InvalidPartNumber gives the part asked for and how many there are (S3-109).
func InvalidPartNumber(requested, parts int) *Error {
	return Of("InvalidPartNumber").With("PartNumberRequested", strconv.Itoa(requested)).
		With("ActualPartCount", strconv.Itoa(parts))
}

// MalformedXML is a body that is not the document it should be.
func MalformedXML() *Error { return Of("MalformedXML") }

// BadDigest of a Content-MD5: both values as base64.
func BadDigest(expected, calculated string) *Error {
	return Of("BadDigest").With("ExpectedDigest", expected).With("CalculatedDigest", calculated)
}

// BadChecksum of an x-amz-checksum- header or trailer; algorithm is upper case (S3-103).
func BadChecksum(algorithm string) *Error {
	return Of("BadDigest").WithMessage("The " + algorithm + " you specified did not match the calculated checksum.")
}

// InvalidDigest is a Content-MD5 that is not one.
func InvalidDigest(value string) *Error { return Of("InvalidDigest").With("Content-MD5", value) }

// EntityTooLarge gives the size that was proposed and the limit, in bytes.
func EntityTooLarge(proposed, limit int64) *Error {
	return Of("EntityTooLarge").With("ProposedSize", strconv.FormatInt(proposed, 10)).
		With("MaxSizeAllowed", strconv.FormatInt(limit, 10))
}

// EntityTooSmall is a part, not the last, of less than 5 MiB.
func EntityTooSmall(etag string, part int, proposed, limit int64) *Error {
	return Of("EntityTooSmall").With("ETag", etag).With("PartNumber", strconv.Itoa(part)).
		With("MinSizeAllowed", strconv.FormatInt(limit, 10)).With("ProposedSize", strconv.FormatInt(proposed, 10))
}

// InvalidPart names the part that is not there or has another ETag.
func InvalidPart(uploadID string, part int, etag string) *Error {
	return Of("InvalidPart").With("UploadId", uploadID).With("PartNumber", strconv.Itoa(part)).With("ETag", etag)
}

// InvalidPartOrder is a list of parts that does not ascend.
func InvalidPartOrder(uploadID string) *Error {
	return Of("InvalidPartOrder").With("UploadId", uploadID)
}

// MetadataTooLarge gives the size of names and values in bytes (S3-100).
func MetadataTooLarge(size int) *Error {
	return Of("MetadataTooLarge").With("Size", strconv.Itoa(size)).With("MaxSizeAllowed", "2048")
}

// InvalidStorageClass names the class.
func InvalidStorageClass(class string) *Error {
	return Of("InvalidStorageClass").With("StorageClassRequested", class)
}
