package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/sigv4"
)

// An apiClient calls a server as anybody would, with signed requests over the
// whole road but for the wire. The demo is made with it.
type apiClient struct {
	url, region string
	now         func() time.Time
	handler     http.Handler
	credentials sigv4.Credentials
}

func (c apiClient) as(key RootKey) apiClient {
	c.credentials = sigv4.Credentials{AccessKeyID: key.ID, SecretAccessKey: key.Secret.Reveal()}
	return c
}

// A callError is a refusal by the server.
type callError struct {
	operation, code, message string
}

func (e *callError) Error() string { return e.operation + ": " + e.code + ": " + e.message }

func isCode(err error, code string) bool {
	e, ok := errors.AsType[*callError](err)
	return ok && e.code == code
}

// send signs and sends a request, and returns the body of a success.
func (c apiClient) send(ctx context.Context, service, operation, method, path, contentType string, header http.Header, body []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.url+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if header != nil {
		r.Header = header
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	sum := sha256.Sum256(body)
	options := sigv4.SignOptions{
		Service: service, Region: c.region, Time: c.now(), PayloadHash: hex.EncodeToString(sum[:]),
	}
	switch service {
	case "s3":
		options.Family = sigv4.FamilyS3
	case "organizations":
		options.Family = sigv4.FamilyJSON
	}
	if _, err := sigv4.SignHeader(r, c.credentials, options); err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	r.RequestURI, r.RemoteAddr = r.URL.RequestURI(), "127.0.0.1:0"
	answer := &answer{header: http.Header{}}
	c.handler.ServeHTTP(answer, r)
	if answer.status >= 300 {
		return nil, refusal(operation, answer.status, answer.body.Bytes())
	}
	return answer.body.Bytes(), nil
}

// An answer takes what the server answers.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 && status >= 200 {
		a.status = status
	}
}

func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

// refusal reads an error of any of the protocols.
func refusal(operation string, status int, raw []byte) error {
	var inXML struct {
		Code    string `xml:"Code"`
		Message string `xml:"Message"`
		Error   struct {
			Code    string `xml:"Code"`
			Message string `xml:"Message"`
		} `xml:"Error"`
	}
	if xml.Unmarshal(raw, &inXML) == nil {
		if inXML.Error.Code != "" {
			return &callError{operation, inXML.Error.Code, inXML.Error.Message}
		}
		return &callError{operation, inXML.Code, inXML.Message}
	}
	var inJSON struct {
		Type    string `json:"__type"`
		Message string
	}
	if json.Unmarshal(raw, &inJSON) == nil && inJSON.Type != "" {
		return &callError{operation, inJSON.Type, inJSON.Message}
	}
	return &callError{operation, http.StatusText(status), string(raw)}
}

// query calls an operation of IAM or STS with parameters as name, value, ….
func (c apiClient) query(ctx context.Context, service, operation string, params ...string) ([]byte, error) {
	version := map[string]string{"iam": "2010-05-08", "sts": "2011-06-15"}[service]
	form := url.Values{"Action": {operation}, "Version": {version}}
	for i := 0; i+1 < len(params); i += 2 {
		form.Set(params[i], params[i+1])
	}
	return c.send(ctx, service, operation, http.MethodPost, "/", "application/x-www-form-urlencoded; charset=utf-8", nil, []byte(form.Encode()))
}

func (c apiClient) organizations(ctx context.Context, operation string, in map[string]any) ([]byte, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	header := http.Header{"X-Amz-Target": {"AWSOrganizationsV20161128." + operation}}
	return c.send(ctx, "organizations", operation, http.MethodPost, "/", "application/x-amz-json-1.1", header, body)
}

// put puts an object, or makes a bucket.
func (c apiClient) put(ctx context.Context, path, text string) error {
	_, err := c.send(ctx, "s3", "PUT "+path, http.MethodPut, path, "", nil, []byte(text))
	return err
}

// user makes a user if there is none, and makes one more call about it.
func (c apiClient) user(ctx context.Context, name, operation string, params ...string) error {
	if _, err := c.query(ctx, "iam", "CreateUser", "UserName", name); err != nil && !isCode(err, "EntityAlreadyExists") {
		return err
	}
	_, err := c.query(ctx, "iam", operation, append([]string{"UserName", name}, params...)...)
	return err
}

// newKey gives a user a new access key. When the quota is full the oldest one
// goes: its secret is gone, or nobody would ask for another.
func (c apiClient) newKey(ctx context.Context, name string) (RootKey, error) {
	raw, err := c.query(ctx, "iam", "CreateAccessKey", "UserName", name)
	if isCode(err, "LimitExceeded") {
		if err := c.dropKey(ctx, name); err != nil {
			return RootKey{}, err
		}
		raw, err = c.query(ctx, "iam", "CreateAccessKey", "UserName", name)
	}
	if err != nil {
		return RootKey{}, err
	}
	var out struct {
		ID     string `xml:"CreateAccessKeyResult>AccessKey>AccessKeyId"`
		Secret string `xml:"CreateAccessKeyResult>AccessKey>SecretAccessKey"`
	}
	if err := xml.Unmarshal(raw, &out); err != nil {
		return RootKey{}, fmt.Errorf("reading CreateAccessKey: %w", err)
	}
	return RootKey{out.ID, seal.NewSecret(out.Secret)}, nil
}

func (c apiClient) dropKey(ctx context.Context, name string) error {
	raw, err := c.query(ctx, "iam", "ListAccessKeys", "UserName", name)
	if err != nil {
		return err
	}
	var out struct {
		IDs []string `xml:"ListAccessKeysResult>AccessKeyMetadata>member>AccessKeyId"`
	}
	if err := xml.Unmarshal(raw, &out); err != nil {
		return fmt.Errorf("reading ListAccessKeys: %w", err)
	}
	if len(out.IDs) == 0 {
		return nil
	}
	_, err = c.query(ctx, "iam", "DeleteAccessKey", "UserName", name, "AccessKeyId", out.IDs[0])
	return err
}

// assume returns a client with a session of a role.
func (c apiClient) assume(ctx context.Context, role, session string) (apiClient, error) {
	raw, err := c.query(ctx, "sts", "AssumeRole", "RoleArn", role, "RoleSessionName", session)
	if err != nil {
		return apiClient{}, err
	}
	var out struct {
		ID     string `xml:"AssumeRoleResult>Credentials>AccessKeyId"`
		Secret string `xml:"AssumeRoleResult>Credentials>SecretAccessKey"`
		Token  string `xml:"AssumeRoleResult>Credentials>SessionToken"`
	}
	if err := xml.Unmarshal(raw, &out); err != nil {
		return apiClient{}, fmt.Errorf("reading AssumeRole: %w", err)
	}
	c.credentials = sigv4.Credentials{AccessKeyID: out.ID, SecretAccessKey: out.Secret, SessionToken: out.Token}
	return c, nil
}
