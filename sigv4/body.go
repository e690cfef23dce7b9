package sigv4

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"
	"strconv"
)

// BodyOptions says what is known of a body.
type BodyOptions struct {
	// ContentLength is the length of the raw body in bytes; negative when unknown.
	ContentLength int64
	// IgnoreChecksum leaves x-amz-checksum-* headers alone: in
	// CompleteMultipartUpload they speak of the object and not of the body.
	IgnoreChecksum bool
}

// A Body reads a request's payload: decoded, and verified as it goes. It
// returns io.EOF only when hash, chunk signatures, trailer, checksum and length
// all agreed; so nothing read may be shown before io.EOF (TH-11).
type Body struct {
	auth     *Auth
	src      io.Reader
	chunks   *chunkReader // nil for a plain body
	length   int64
	read     int64
	sha      hash.Hash // nil unless the payload's hash was declared
	checksum Checksum
	sum      hash.Hash // nil unless a checksum was
	value    string
	err      error
}

// Body returns the reader of an S3 request's payload. Verify must have
// succeeded, or a be Anonymous. Errors, here and while reading, are [*Error] or
// the raw reader's.
func (a *Auth) Body(raw io.Reader, o BodyOptions) (*Body, error) {
	if a.Family != FamilyS3 || a.Carrier != CarrierNone && !a.verified {
		return nil, NewError(BadSignature, a.Family)
	}
	headers, err := a.Headers()
	if err != nil {
		return nil, err
	}
	b := &Body{auth: a, src: raw, length: max(o.ContentLength, -1)}
	trailer := false
	if o.IgnoreChecksum {
		if _, trailer, err = announcedTrailer(headers); trailer || err != nil {
			return nil, NewError(MalformedTrailer, a.Family)
		}
	} else {
		var declared bool
		b.checksum, b.value, declared, err = RequestChecksum(headers)
		if err != nil {
			return nil, err
		}
		if declared {
			b.sum, trailer = b.checksum.New(), b.value == ""
		}
	}
	switch a.Payload {
	case PayloadHashed:
		b.sha = sha256.New()
	case PayloadUnsigned:
	default:
		if b.length, err = decodedLength(a.r.Header); err != nil {
			return nil, err
		}
		if b.chunks, err = a.newChunkReader(raw, b.length, b.checksum, trailer); err != nil {
			return nil, err
		}
		b.src = b.chunks
		return b, nil
	}
	if trailer {
		return nil, NewError(MalformedTrailer, a.Family)
	}
	return b, nil
}

// decodedLength reads x-amz-decoded-content-length (S3-36).
func decodedLength(h http.Header) (int64, error) {
	values := h["X-Amz-Decoded-Content-Length"]
	if len(values) == 0 || values[0] == "" {
		return 0, NewError(MissingLength, FamilyS3)
	}
	n, err := strconv.ParseUint(values[0], 10, 63)
	if err != nil || len(values) > 1 {
		return 0, NewError(IncompleteBody, FamilyS3)
	}
	return int64(n), nil
}

// Read reads decoded payload. After an error it returns the same error again.
func (b *Body) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	if len(p) == 0 {
		return 0, nil
	}
	n, err := b.src.Read(p)
	b.read += int64(n)
	if b.sha != nil {
		b.sha.Write(p[:n])
	}
	if b.sum != nil {
		b.sum.Write(p[:n])
	}
	switch {
	case b.length >= 0 && b.read > b.length:
		b.err = NewError(IncompleteBody, b.auth.Family)
	case errors.Is(err, io.ErrUnexpectedEOF):
		b.err = NewError(IncompleteBody, b.auth.Family)
	case err == io.EOF:
		b.err = b.finish()
	default:
		b.err = err
	}
	if b.err != nil && !errors.Is(b.err, io.EOF) {
		return 0, b.err
	}
	return n, b.err
}

// finish says whether all that was claimed of the payload is so. Its success is
// io.EOF.
func (b *Body) finish() error {
	if b.length >= 0 && b.read != b.length {
		return NewError(IncompleteBody, b.auth.Family)
	}
	if b.sha != nil {
		computed := hex.EncodeToString(b.sha.Sum(nil))
		if !sameToken(computed, b.auth.PayloadHash) {
			return NewError(BadPayload, b.auth.Family,
				Field{"ClientComputedContentSHA256", b.auth.PayloadHash}, Field{"S3ComputedContentSHA256", computed})
		}
	}
	if b.sum == nil {
		return io.EOF
	}
	if b.value == "" {
		b.value = b.chunks.value
		if _, ok := b.checksum.Decode(b.value); !ok {
			return fail(InvalidChecksum, b.auth.Family, "Value for "+b.checksum.Header()+" trailing header is invalid.")
		}
	}
	if b.checksum.Encode(b.sum.Sum(nil)) != b.value {
		return errChecksumDiffers(b.checksum)
	}
	return io.EOF
}

// Length returns the length of the decoded payload, -1 when unknown.
func (b *Body) Length() int64 { return b.length }

// Checksum returns the algorithm and base64 value that the client gave by header
// or trailer; ok is false when it gave none. A trailer's value is empty until
// io.EOF.
func (b *Body) Checksum() (c Checksum, value string, ok bool) {
	return b.checksum, b.value, b.sum != nil
}

// Headers returns the request's headers together with the X-Amz-* parameters of
// a presigned URL that act as headers (S3-27), without those that only sign.
// One that says something else than the header of its name is an error.
func (a *Auth) Headers() (http.Header, error) {
	if a.Family != FamilyS3 || a.Carrier != CarrierQuery && a.Carrier != CarrierQueryV2 {
		return a.r.Header, nil
	}
	merged := a.r.Header
	for i := range a.r.Query.pairs {
		p := &a.r.Query.pairs[i]
		if !hasTokenPrefix(p.Name, "x-amz-") || onlySigns(lowerToken(p.Name)) {
			continue
		}
		name := http.CanonicalHeaderKey(p.Name)
		if have, ok := a.r.Header[name]; ok {
			if len(have) != 1 || have[0] != p.Value {
				return nil, a.repeated(p.Name)
			}
			continue
		}
		if len(merged) == len(a.r.Header) {
			merged = a.r.Header.Clone()
			if merged == nil {
				merged = make(http.Header)
			}
		}
		merged[name] = []string{p.Value}
	}
	return merged, nil
}

func onlySigns(name string) bool {
	switch name {
	case "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-expires", "x-amz-signedheaders",
		"x-amz-signature", "x-amz-security-token", "x-amz-region-set", "x-amz-content-sha256":
		return true
	}
	return false
}
