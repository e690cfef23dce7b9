package sigv4

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"strconv"
)

// A ChunkWriter writes an aws-chunked body: the client's side of [Body], for
// clients and tests. Close ends the body.
type ChunkWriter struct {
	w        io.Writer
	c        Credentials
	auth     *Auth
	signed   bool
	trailed  bool
	previous string
	checksum Checksum
	sum      hash.Hash
	buf      []byte
}

// NewChunkWriter returns a writer of chunks of the given size in bytes, which
// must be at least 8192. o.PayloadHash is the streaming constant that the
// request was signed with, seed the signature that [SignHeader] returned. A
// checksum that is not empty goes into the trailer, and must have been announced
// in X-Amz-Trailer.
func NewChunkWriter(w io.Writer, c Credentials, o SignOptions, seed string, size int, checksum Checksum) (*ChunkWriter, error) {
	cw := &ChunkWriter{w: w, c: c, auth: newSigner(nil, CarrierHeader, c, o), previous: seed, checksum: checksum}
	switch o.PayloadHash {
	case StreamingUnsignedTrailer:
		cw.trailed = true
	case StreamingSignedTrailer, StreamingSignedECDSATrailer:
		cw.signed, cw.trailed = true, true
	case StreamingSigned, StreamingSignedECDSA:
		cw.signed = true
	default:
		return nil, errors.New("the payload is not a streaming one")
	}
	if size < minChunk {
		return nil, errors.New("chunks have at least 8192 bytes")
	}
	if (checksum != "") != cw.trailed {
		return nil, errors.New("the checksum goes with a trailer")
	}
	if checksum != "" {
		cw.sum = checksum.New()
	}
	cw.buf = make([]byte, 0, size)
	return cw, nil
}

// Write takes payload, and writes it whenever a chunk is full.
func (cw *ChunkWriter) Write(p []byte) (int, error) {
	written := 0
	for len(p) > 0 {
		n := min(len(p), cap(cw.buf)-len(cw.buf))
		cw.buf = append(cw.buf, p[:n]...)
		p = p[n:]
		written += n
		if len(cw.buf) == cap(cw.buf) {
			if err := cw.flush(); err != nil {
				return written, err
			}
		}
	}
	return written, nil
}

// Close writes what is left, the last chunk and the trailer.
func (cw *ChunkWriter) Close() error {
	if len(cw.buf) > 0 {
		if err := cw.flush(); err != nil {
			return err
		}
	}
	head, err := cw.head()
	if err != nil {
		return err
	}
	out := head
	if cw.trailed {
		line := cw.checksum.Header() + ":" + cw.checksum.Encode(cw.sum.Sum(nil))
		out = append(out, line+"\r\n"...)
		if cw.signed {
			signature, err := cw.auth.signData(cw.c, cw.auth.appendTrailerString(nil, cw.previous, line+"\n"))
			if err != nil {
				return err
			}
			out = append(out, trailerSignName+":"+signature+"\r\n"...)
		}
	}
	_, err = cw.w.Write(append(out, "\r\n"...))
	return err
}

// flush writes the buffer as a chunk.
func (cw *ChunkWriter) flush() error {
	head, err := cw.head()
	if err != nil {
		return err
	}
	if cw.sum != nil {
		cw.sum.Write(cw.buf)
	}
	out := append(append(head, cw.buf...), "\r\n"...)
	cw.buf = cw.buf[:0]
	_, err = cw.w.Write(out)
	return err
}

// head returns the line of a chunk that holds the buffer.
func (cw *ChunkWriter) head() ([]byte, error) {
	out := strconv.AppendInt(nil, int64(len(cw.buf)), 16)
	if cw.signed {
		data := cw.auth.appendPreamble(nil, algorithmName(cw.auth.Algorithm)+"-PAYLOAD")
		data = append(append(data, cw.previous...), "\n"+EmptyPayloadHash+"\n"...)
		sum := sha256.Sum256(cw.buf)
		signature, err := cw.auth.signData(cw.c, hex.AppendEncode(data, sum[:]))
		if err != nil {
			return nil, err
		}
		cw.previous = signature
		out = append(append(out, chunkExtension...), signature...)
	}
	return append(out, "\r\n"...), nil
}
