// Command gosdk writes sigv4/testdata/gosdk.json: requests signed by
// aws-sdk-go-v2, and streaming bodies signed by minio-go.
//
// Usage: go run . > ../../../sigv4/testdata/gosdk.json
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	md5simd "github.com/minio/md5-simd"
	"github.com/minio/minio-go/v7/pkg/signer"
)

const (
	accessKey = "AKIAIOSFODNN7EXAMPLE"
	secret    = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	token     = "FwoGZXIvYXdzEBYaD/with+plus=and/slash=="
)

type vector struct {
	Name      string      `json:"name"`
	Source    string      `json:"source"`
	Service   string      `json:"service"`
	Region    string      `json:"region"`
	Method    string      `json:"method"`
	Target    string      `json:"target"`
	Host      string      `json:"host"`
	Header    http.Header `json:"headers"`
	AccessKey string      `json:"accessKey"`
	Secret    string      `json:"secret"`
	Now       string      `json:"now"`
	Body      string      `json:"body"`
	Payload   string      `json:"payloadSHA256"`
	Token     string      `json:"token"`
}

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "gosdk:", err)
		os.Exit(1)
	}
}

func run(w io.Writer) error {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	vectors, err := sdk(now)
	if err != nil {
		return err
	}
	streams, err := streams(now)
	if err != nil {
		return err
	}
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	return e.Encode(append(vectors, streams...))
}

func version(path string) string {
	info, ok := debug.ReadBuildInfo()
	if ok {
		for _, m := range info.Deps {
			if m.Path == path {
				return path + " " + m.Version
			}
		}
	}
	return path
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

func record(source, name, service string, r *http.Request, raw, payload []byte, session string, now time.Time) vector {
	return vector{
		Name: name, Source: source, Service: service, Region: "us-east-1", Method: r.Method, Target: r.URL.RequestURI(), Host: r.Host,
		Header: r.Header, AccessKey: accessKey, Secret: secret, Now: now.Format(time.RFC3339),
		Body: base64.StdEncoding.EncodeToString(raw), Payload: sum(payload), Token: session,
	}
}

func sdk(now time.Time) ([]vector, error) {
	source := version("github.com/aws/aws-sdk-go-v2")
	paths := []string{
		"/", "/b/k", "/b/a%20b", "/b//x", "/b/~t", "/b/%7Et", "/b/a+b", "/b/a%2Bb", "/b/a=b", "/b/a%3Db", "/b/%C3%BC",
		"/b/a%2Fb", "/b/it's(1)*!", "/b/n/",
	}
	queries := []string{"", "b=2&a=1", "a=2&a=1&a=", "k", "list-type=2&prefix=a%20b%2F%2B~%3D", "A=1&a=2", "x=a+b"}
	var out []vector
	for _, service := range []string{"s3", "athena"} {
		for _, session := range []string{"", token} {
			s := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = service == "s3" })
			c := aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: secret, SessionToken: session}
			for _, path := range paths {
				if service == "athena" && strings.Contains(path, "//") {
					continue // the Go SDK does not normalize
				}
				for _, query := range queries {
					if path != "/b/k" && query != "" {
						continue
					}
					vs, err := one(source, s, c, service, path, query, now)
					if err != nil {
						return nil, err
					}
					out = append(out, vs...)
				}
			}
		}
	}
	return out, nil
}

// one signs one request by header and by query.
func one(source string, s *v4.Signer, c aws.Credentials, service, path, query string, now time.Time) ([]vector, error) {
	target := "http://127.0.0.1:9000" + path
	if query != "" {
		target += "?" + query
	}
	body := []byte("hello")
	r, err := http.NewRequest(http.MethodPut, target, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("X-Amz-Meta-One", "  two   words ")
	r.Header.Set("Content-Type", "text/plain")
	if service == "s3" {
		r.Header.Set("X-Amz-Content-Sha256", sum(body))
	}
	if err := s.SignHTTP(context.Background(), c, r, sum(body), service, "us-east-1", now); err != nil {
		return nil, err
	}
	r.Header.Set("Content-Length", "5")
	name := fmt.Sprintf("%s %s?%s session=%t", service, path, query, c.SessionToken != "")
	header := record(source, name, service, r, body, body, c.SessionToken, now)

	hash := sum(nil)
	if service == "s3" {
		hash = "UNSIGNED-PAYLOAD"
	}
	p, err := http.NewRequest(http.MethodGet, target, nil)
	if err != nil {
		return nil, err
	}
	values := p.URL.Query()
	values.Set("X-Amz-Expires", "600")
	p.URL.RawQuery = values.Encode()
	signed, _, err := s.PresignHTTP(context.Background(), c, p, hash, service, "us-east-1", now)
	if err != nil {
		return nil, err
	}
	p, err = http.NewRequest(http.MethodGet, signed, nil)
	if err != nil {
		return nil, err
	}
	return []vector{header, record(source, "presign "+name, service, p, nil, nil, c.SessionToken, now)}, nil
}

type hasher struct{ *bytes.Buffer }

func (h hasher) Sum(b []byte) []byte { s := sha256.Sum256(h.Bytes()); return append(b, s[:]...) }
func (h hasher) Size() int           { return sha256.Size }
func (h hasher) BlockSize() int      { return sha256.BlockSize }
func (h hasher) Close()              {}

func streams(now time.Time) ([]vector, error) {
	source := version("github.com/minio/minio-go/v7")
	var out []vector
	for _, size := range []int{0, 1, 65536, 70000} {
		for _, trailer := range []bool{false, true} {
			if trailer && size == 0 {
				continue
			}
			payload := bytes.Repeat([]byte("0123456789"), size/10+1)[:size]
			r, err := http.NewRequest(http.MethodPut, "http://127.0.0.1:9000/b/k", io.NopCloser(bytes.NewReader(payload)))
			if err != nil {
				return nil, err
			}
			if trailer {
				crc := crc32.Checksum(payload, crc32.MakeTable(crc32.Castagnoli))
				r.Trailer = http.Header{"X-Amz-Checksum-Crc32c": {base64.StdEncoding.EncodeToString([]byte{byte(crc >> 24), byte(crc >> 16), byte(crc >> 8), byte(crc)})}}
			}
			var h md5simd.Hasher = hasher{new(bytes.Buffer)}
			r = signer.StreamingSignV4(r, accessKey, secret, "", "us-east-1", int64(size), now, h)
			raw, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			r.Header.Set("Content-Length", strconv.Itoa(len(raw)))
			out = append(out, record(source, fmt.Sprintf("stream %d trailer=%t", size, trailer), "s3", r, raw, payload, "", now))
		}
	}
	return out, nil
}
