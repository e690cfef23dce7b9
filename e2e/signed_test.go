package e2e

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/regent-iam/regent/sigv4"
)

// A signer sends signed requests and does nothing that an SDK does besides: it
// never tries twice.
type signer struct {
	url  string
	http *http.Client
	keys sigv4.Credentials
}

func newSigner(url, id, secret string) *signer {
	return &signer{
		url: url, keys: sigv4.Credentials{AccessKeyID: id, SecretAccessKey: secret},
		http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16, DisableCompression: true}, Timeout: time.Minute},
	}
}

// as is the same client with other keys.
func (s *signer) as(id, secret string) *signer {
	other := *s
	other.keys = sigv4.Credentials{AccessKeyID: id, SecretAccessKey: secret}
	return &other
}

// A reply is an answer that arrived whole.
type reply struct {
	status  int
	header  http.Header
	body    []byte
	request string // its id
}

// errUnanswered reports that no whole answer arrived: whether the request did
// anything is not known.
var errUnanswered = errors.New("no answer")

// A declined call is an error that the server answered.
type declined struct {
	what   string
	status int
	code   string
	body   []byte
}

func (r *declined) Error() string {
	return fmt.Sprintf("%s: %d %s: %s", r.what, r.status, r.code, r.body)
}

// refusedAs reports whether err is the server's refusal with that code.
func refusedAs(err error, code string) bool {
	r, ok := errors.AsType[*declined](err)
	return ok && r.code == code
}

// query calls an operation of IAM or STS with parameters as name, value, ….
func (s *signer) query(ctx context.Context, service, action string, params ...string) (*reply, error) {
	form := url.Values{"Action": {action}, "Version": {map[string]string{"iam": "2010-05-08", "sts": "2011-06-15"}[service]}}
	for i := 0; i+1 < len(params); i += 2 {
		form.Set(params[i], params[i+1])
	}
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	return s.send(ctx, service, sigv4.FamilyQuery, http.MethodPost, "/", header, []byte(form.Encode()))
}

// s3 sends a request to S3.
func (s *signer) s3(ctx context.Context, method, target string, body []byte) (*reply, error) {
	return s.send(ctx, "s3", sigv4.FamilyS3, method, target, http.Header{}, body)
}

func (s *signer) send(ctx context.Context, service string, family sigv4.Family, method, target string, header http.Header, body []byte) (*reply, error) {
	r, err := http.NewRequestWithContext(ctx, method, s.url+target, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header = header
	sum := sha256.Sum256(body)
	_, err = sigv4.SignHeader(r, s.keys, sigv4.SignOptions{
		Service: service, Family: family, Region: "us-east-1", Time: time.Now(), PayloadHash: hex.EncodeToString(sum[:]),
	})
	if err != nil {
		return nil, err
	}
	answer, err := s.http.Do(r)
	if err != nil {
		return nil, errors.Join(errUnanswered, err)
	}
	defer func() { _ = answer.Body.Close() }()
	out := &reply{status: answer.StatusCode, header: answer.Header}
	if out.body, err = io.ReadAll(answer.Body); err != nil {
		return nil, errors.Join(errUnanswered, err)
	}
	if out.request = answer.Header.Get("X-Amzn-Requestid"); out.request == "" {
		out.request = answer.Header.Get("X-Amz-Request-Id")
	}
	what := method + " " + target
	if action, _, ok := strings.Cut(string(body), "&"); ok && family == sigv4.FamilyQuery {
		what = action
	}
	if code := errorCode(out.body); out.status >= 300 || code != "" {
		return nil, &declined{what, out.status, code, out.body}
	}
	if out.request == "" {
		return nil, fmt.Errorf("%s: an answer without a request id: %v", what, out.header)
	}
	return out, nil
}

// errorCode finds the code of an error in XML, which S3 may answer with 200.
func errorCode(body []byte) string {
	if !bytes.Contains(body[:min(len(body), 400)], []byte("<Error")) {
		return ""
	}
	var e struct {
		XMLName xml.Name
		Code    string `xml:"Code"`
		Inner   string `xml:"Error>Code"`
	}
	if xml.Unmarshal(body, &e) != nil {
		return ""
	}
	if e.XMLName.Local != "Error" && e.XMLName.Local != "ErrorResponse" {
		return ""
	}
	return e.Code + e.Inner
}
