package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/regent-iam/regent/sigv4"
)

// A caller signs requests for one server.
type caller struct {
	address string
	keys    sigv4.Credentials
}

// rootCaller is the caller with the root key that a first start left.
func rootCaller(address, data string) (*caller, error) {
	raw, err := os.ReadFile(filepath.Join(data, "root-credentials"))
	if err != nil {
		return nil, err
	}
	find := func(name string) string {
		if m := regexp.MustCompile(name + ` = (\S+)`).FindSubmatch(raw); m != nil {
			return string(m[1])
		}
		return ""
	}
	return &caller{address, sigv4.Credentials{AccessKeyID: find("aws_access_key_id"), SecretAccessKey: find("aws_secret_access_key")}}, nil
}

// query makes a request of IAM or STS with parameters as name, value, ….
func (c *caller) query(service, action string, params ...string) (request, error) {
	form := url.Values{"Action": {action}, "Version": {map[string]string{"iam": "2010-05-08", "sts": "2011-06-15"}[service]}}
	for i := 0; i+1 < len(params); i += 2 {
		form.Set(params[i], params[i+1])
	}
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	return c.sign(service, sigv4.FamilyQuery, http.MethodPost, "/", header, []byte(form.Encode()))
}

// s3 makes a request of S3.
func (c *caller) s3(method, target string, body []byte) (request, error) {
	return c.sign("s3", sigv4.FamilyS3, method, target, http.Header{}, body)
}

func (c *caller) sign(service string, family sigv4.Family, method, target string, header http.Header, body []byte) (request, error) {
	r, err := http.NewRequest(method, "http://"+c.address+target, bytes.NewReader(body)) //nolint:noctx // it is only signed
	if err != nil {
		return nil, err
	}
	r.Header = header
	sum := sha256.Sum256(body)
	_, err = sigv4.SignHeader(r, c.keys, sigv4.SignOptions{
		Service: service, Family: family, Region: "us-east-1", Time: time.Now(), PayloadHash: hex.EncodeToString(sum[:]),
	})
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s %s HTTP/1.1\r\nHost: %s\r\n", method, target, c.address)
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		fmt.Fprintf(&out, "%s: %s\r\n", name, r.Header.Get(name))
	}
	if len(body) > 0 || method == http.MethodPut || method == http.MethodPost {
		fmt.Fprintf(&out, "Content-Length: %d\r\n", len(body))
	}
	out.WriteString("\r\n")
	out.Write(body)
	return out.Bytes(), nil
}

// call sends one request and returns the body of the answer.
func (c *caller) call(ctx context.Context, r request, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	conn, err := dial(ctx, c.address)
	if err != nil {
		return nil, err
	}
	status, err := conn.do(r)
	if err == nil && status >= 300 {
		err = fmt.Errorf("%d: %s", status, conn.body.Bytes())
	}
	return slices.Clone(conn.body.Bytes()), errors.Join(err, conn.conn.Close())
}

// do calls an operation of IAM or STS.
func (c *caller) do(ctx context.Context, service, action string, params ...string) ([]byte, error) {
	r, err := c.query(service, action, params...)
	out, err := c.call(ctx, r, err)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", action, err)
	}
	return out, nil
}

// user makes a user with a key and one inline policy.
func (c *caller) user(ctx context.Context, name, policy string) (*caller, error) {
	if _, err := c.do(ctx, "iam", "CreateUser", "UserName", name); err != nil {
		return nil, err
	}
	if _, err := c.do(ctx, "iam", "PutUserPolicy", "UserName", name, "PolicyName", "inline", "PolicyDocument", policy); err != nil {
		return nil, err
	}
	raw, err := c.do(ctx, "iam", "CreateAccessKey", "UserName", name)
	if err != nil {
		return nil, err
	}
	out := &caller{address: c.address}
	return out, errors.Join(
		elements(raw, map[string]*string{"AccessKeyId": &out.keys.AccessKeyID, "SecretAccessKey": &out.keys.SecretAccessKey}))
}

// assume is the caller in a role.
func (c *caller) assume(ctx context.Context, role string) (*caller, error) {
	raw, err := c.do(ctx, "sts", "AssumeRole", "RoleArn", role, "RoleSessionName", "bench", "ExternalId", "bench")
	if err != nil {
		return nil, err
	}
	out := &caller{address: c.address}
	return out, elements(raw, map[string]*string{
		"AccessKeyId": &out.keys.AccessKeyID, "SecretAccessKey": &out.keys.SecretAccessKey, "SessionToken": &out.keys.SessionToken,
	})
}

// elements fills in the texts of the elements of those names; each must be there.
func elements(raw []byte, into map[string]*string) error {
	d := xml.NewDecoder(bytes.NewReader(raw))
	for {
		token, err := d.Token()
		if err != nil {
			break // the end, or what is no document: something is missing then
		}
		start, ok := token.(xml.StartElement)
		if !ok || into[start.Name.Local] == nil {
			continue
		}
		if err := d.DecodeElement(into[start.Name.Local], &start); err != nil {
			return err
		}
	}
	for name, text := range into {
		if *text == "" {
			return fmt.Errorf("no %s in %s", name, raw)
		}
	}
	return nil
}

// A world is a Regent with what the operations need.
type world struct {
	*instance
	root, alice, session *caller
	account, role        string
	object               []byte
}

const bucket = "bench-objects"

// newWorld makes a user with a key and a group, a role that the user may
// assume, and a bucket with an object of 1 KiB.
func newWorld(ctx context.Context, s *instance, data string) (*world, error) {
	w := &world{instance: s, object: bytes.Repeat([]byte("0123456789abcdef"), 64)}
	var err error
	if w.root, err = rootCaller(s.address, data); err != nil {
		return nil, err
	}
	raw, err := w.root.do(ctx, "sts", "GetCallerIdentity")
	if err != nil {
		return nil, err
	}
	if err := elements(raw, map[string]*string{"Account": &w.account}); err != nil {
		return nil, err
	}
	w.role = "arn:aws:iam::" + w.account + ":role/reader"
	allow := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::` + bucket + `/*"},` +
		`{"Effect":"Allow","Action":["iam:GetUser","sts:AssumeRole"],"Resource":"*"}` + others(8) + `]}`
	if w.alice, err = w.root.user(ctx, "alice", allow); err != nil {
		return nil, err
	}
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + w.account + `"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"bench"}}}]}`
	for _, call := range [][]string{
		{"CreateRole", "RoleName", "reader", "AssumeRolePolicyDocument", trust},
		{"PutRolePolicy", "RoleName", "reader", "PolicyName", "inline", "PolicyDocument", allow},
		{"CreateGroup", "GroupName", "everybody"},
		{"AddUserToGroup", "GroupName", "everybody", "UserName", "alice"},
	} {
		if _, err := w.root.do(ctx, "iam", call[0], call[1:]...); err != nil {
			return nil, err
		}
	}
	if w.session, err = w.alice.assume(ctx, w.role); err != nil {
		return nil, err
	}
	r, err := w.root.s3(http.MethodPut, "/"+bucket, nil)
	if _, err := w.root.call(ctx, r, err); err != nil {
		return nil, err
	}
	r, err = w.alice.s3(http.MethodPut, "/"+bucket+"/object", w.object)
	_, err = w.alice.call(ctx, r, err)
	return w, err
}

// others are n more statements of a policy, about something else.
func others(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,{"Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:Query"],"Resource":"arn:aws:dynamodb:*:*:table/t%d"}`, i)
	}
	return b.String()
}

// loads are the operations that are measured, by as many connections.
func (w *world) loads(connections int) ([]*load, error) {
	var errs []error
	make1 := func(name, contain string, one func(connection int) (request, error)) *load {
		l := &load{name: name, server: w.instance, contain: contain}
		for i := range connections {
			r, err := one(i)
			errs = append(errs, err)
			l.perConn = append(l.perConn, []request{r})
		}
		return l
	}
	get := func(c *caller) func(int) (request, error) {
		return func(int) (request, error) { return c.s3(http.MethodGet, "/"+bucket+"/object", nil) }
	}
	return []*load{
		make1("GetCallerIdentity", "user/alice", func(int) (request, error) { return w.alice.query("sts", "GetCallerIdentity") }),
		make1("AssumeRole", "SessionToken", func(int) (request, error) {
			return w.alice.query("sts", "AssumeRole", "RoleArn", w.role, "RoleSessionName", "bench", "ExternalId", "bench")
		}),
		make1("GetUser", "user/alice", func(int) (request, error) { return w.alice.query("iam", "GetUser", "UserName", "alice") }),
		make1("GetObject 1 KiB", string(w.object[:32]), get(w.alice)),
		make1("GetObject 1 KiB, in a role session", string(w.object[:32]), get(w.session)),
		make1("PutObject 1 KiB", "", func(i int) (request, error) {
			return w.alice.s3(http.MethodPut, fmt.Sprintf("/%s/put-%d", bucket, i), w.object)
		}),
	}, errors.Join(errs...)
}

// formFloor is the floor of the calls that are forms: it reads and hashes the
// body too.
const formFloor = "floor + SigV4, a form, 1 KiB"

// bareLoads are the floors of the loads.
func bareLoads(floor, signed, form, files *instance, connections int) ([]*load, error) {
	var errs []error
	bare := func(name string, s *instance) *load {
		l := &load{name: name, server: s}
		c := &caller{s.address, bareKey}
		r, err := c.s3(http.MethodGet, "/object", nil)
		if s == form {
			r, err = c.query("iam", "GetCallerIdentity")
		}
		errs = append(errs, err)
		for range connections {
			l.perConn = append(l.perConn, []request{r})
		}
		return l
	}
	plain := bare("net/http floor, 1 KiB", floor)
	for i := range plain.perConn {
		plain.perConn[i][0] = request(strings.Join([]string{"GET /object HTTP/1.1", "Host: " + floor.address, "", ""}, "\r\n"))
	}
	return []*load{plain, bare("floor + SigV4, 1 KiB", signed), bare(formFloor, form), bare("bare file server + SigV4, 1 KiB file", files)}, errors.Join(errs...)
}
