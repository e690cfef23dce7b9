package sigv4

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"strconv"
	"strings"
)

const (
	minChunk        = 8192 // of every chunk but the last (S3-36)
	maxChunkLine    = 512
	maxTrailer      = 4096
	chunkBuffer     = 32 << 10
	chunkExtension  = ";chunk-signature="
	trailerSignName = "x-amz-trailer-signature"
)

// A chunkReader decodes aws-chunked (WI-40, WI-41). It keeps one buffer,
// whatever the chunks' size, and ends in io.EOF only behind a last chunk, a
// trailer as announced, and nothing else.
type chunkReader struct {
	auth      *Auth
	in        *bufio.Reader
	signed    bool
	trailed   bool     // the mode has a trailer
	checksum  Checksum // announced in x-amz-trailer, if announced is set
	announced bool
	value     string // the trailer's checksum

	budget    int64 // decoded bytes still to come
	remaining int64 // bytes left in this chunk
	count     int   // chunks begun
	small     int64 // size of the chunk before, if under minChunk, or -1
	previous  string
	signature string // of this chunk
	sum       hash.Hash
	err       error
}

func (a *Auth) newChunkReader(raw io.Reader, length int64, checksum Checksum, announced bool) (*chunkReader, error) {
	c := &chunkReader{
		auth: a, in: bufio.NewReaderSize(raw, chunkBuffer), checksum: checksum, announced: announced,
		budget: length, small: -1, previous: a.Signature, sum: sha256.New(),
		signed:  a.Payload != PayloadChunkedUnsigned,
		trailed: a.Payload != PayloadChunkedSigned,
	}
	if announced && !c.trailed || !announced && a.Payload == PayloadChunkedSignedTrailer {
		return nil, NewError(MalformedTrailer, a.Family)
	}
	return c, nil
}

// Read reads decoded bytes.
func (c *chunkReader) Read(p []byte) (int, error) {
	for c.err == nil && c.remaining == 0 {
		c.err = c.begin()
	}
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.in.Read(p[:min(int64(len(p)), c.remaining)])
	c.remaining -= int64(n)
	if c.signed {
		c.sum.Write(p[:n])
	}
	if err != nil {
		c.err = c.cut(err)
		return 0, c.err
	}
	if c.remaining == 0 {
		if c.err = c.end(); c.err != nil {
			return 0, c.err
		}
	}
	return n, nil
}

// cut turns the raw reader's end into the error that it is here.
func (c *chunkReader) cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return c.refuse(IncompleteBody)
	}
	return err
}

func (c *chunkReader) refuse(kind Kind) error { return NewError(kind, c.auth.Family) }

// begin reads a chunk's line, and behind the last one the rest of the body.
func (c *chunkReader) begin() error {
	line, err := c.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return c.refuse(IncompleteBody)
	} else if err != nil {
		return c.cut(err)
	}
	text, ok := bytes.CutSuffix(line, []byte("\r\n"))
	if !ok || len(line) > maxChunkLine {
		return c.refuse(IncompleteBody)
	}
	size, signature, signed := strings.Cut(string(text), chunkExtension)
	if signed != c.signed {
		return c.refuse(IncompleteBody)
	}
	n, ok := parseChunkSize(size)
	if !ok || n > c.budget {
		return c.refuse(IncompleteBody)
	}
	c.signature = signature
	if c.auth.Algorithm == ECDSAP256SHA256 {
		c.signature = trimPadding(signature)
	}
	c.count++
	if n == 0 {
		return c.last()
	}
	if c.small >= 0 {
		return NewError(InvalidChunkSize, c.auth.Family,
			Field{"Chunk", strconv.Itoa(c.count - 1)}, Field{"BadChunkSize", strconv.FormatInt(c.small, 10)})
	}
	if n < minChunk {
		c.small = n
	}
	c.budget -= n
	c.remaining = n
	return nil
}

// parseChunkSize reads a hexadecimal size of up to 15 digits, and nothing else.
func parseChunkSize(s string) (int64, bool) {
	if s == "" || len(s) > 15 {
		return 0, false
	}
	var n int64
	for i := range len(s) {
		d := unhex(s[i])
		if d < 0 {
			return 0, false
		}
		n = n<<4 | int64(d)
	}
	return n, true
}

// end checks what follows a chunk's data: its line end, then its signature.
func (c *chunkReader) end() error {
	var crlf [2]byte
	if _, err := io.ReadFull(c.in, crlf[:]); err != nil {
		return c.cut(err)
	}
	if crlf != [2]byte{'\r', '\n'} {
		return c.refuse(IncompleteBody)
	}
	return c.checkChunk()
}

// checkChunk checks the signature of the chunk whose data is in sum (WI-40).
func (c *chunkReader) checkChunk() error {
	if !c.signed {
		return nil
	}
	out := c.auth.appendPreamble(make([]byte, 0, 320), algorithmName(c.auth.Algorithm)+"-PAYLOAD")
	out = append(append(out, c.previous...), "\n"+EmptyPayloadHash+"\n"...)
	var digest [sha256.Size]byte
	out = hex.AppendEncode(out, c.sum.Sum(digest[:0]))
	c.sum.Reset()
	if !c.auth.check(c.auth.key, out, c.signature) {
		return c.refuse(BadSignature)
	}
	c.previous = c.signature
	return nil
}

// last ends the body behind the line of the chunk of size 0. Its success is io.EOF.
func (c *chunkReader) last() error {
	if c.budget != 0 {
		return c.refuse(IncompleteBody)
	}
	if err := c.checkChunk(); err != nil {
		return err
	}
	rest, err := io.ReadAll(io.LimitReader(c.in, maxTrailer+1))
	if err != nil {
		return c.cut(err)
	}
	if c.trailed {
		if err := c.trailer(rest); err != nil {
			return err
		}
		return io.EOF
	}
	// The empty chunk's own line end; some clients leave it out.
	if len(rest) > 0 && string(rest) != "\r\n" {
		return c.refuse(IncompleteBody)
	}
	return io.EOF
}

// trailer takes the lines behind the last chunk: the announced checksum and, in
// the signed form, the signature over it, each once, the signature last (WI-41,
// TH-12). Clients end a line with CR LF, LF, or LF and then CR LF.
func (c *chunkReader) trailer(rest []byte) error {
	if len(rest) > maxTrailer || len(rest) > 0 && rest[len(rest)-1] != '\n' {
		return c.refuse(MalformedTrailer)
	}
	var signature string
	for line := range strings.SplitSeq(string(rest), "\n") {
		line = strings.TrimSuffix(line, "\r")
		if line == "" {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		value = strings.Trim(value, " \t")
		if !ok || value == "" || signature != "" {
			return c.refuse(MalformedTrailer)
		}
		switch name = lowerToken(name); {
		case c.announced && c.value == "" && name == c.checksum.Header():
			c.value = value
		case c.signed && name == trailerSignName:
			signature = value
		default:
			return c.refuse(MalformedTrailer)
		}
	}
	if c.announced && c.value == "" {
		return c.refuse(MalformedTrailer)
	}
	if !c.signed {
		return nil
	}
	return c.checkTrailer(signature)
}

func (c *chunkReader) checkTrailer(signature string) error {
	if signature == "" {
		return c.refuse(MalformedTrailer)
	}
	if c.auth.Algorithm == ECDSAP256SHA256 {
		signature = trimPadding(signature)
	}
	out := c.auth.appendTrailerString(nil, c.previous, c.checksum.Header()+":"+c.value+"\n")
	if !c.auth.check(c.auth.key, out, signature) {
		return c.refuse(BadSignature)
	}
	return nil
}

// appendTrailerString appends the string to sign of trailer lines (WI-41).
func (a *Auth) appendTrailerString(dst []byte, previous, lines string) []byte {
	dst = a.appendPreamble(dst, algorithmName(a.Algorithm)+"-TRAILER")
	dst = append(append(dst, previous...), '\n')
	sum := sha256.Sum256([]byte(lines))
	return hex.AppendEncode(dst, sum[:])
}
