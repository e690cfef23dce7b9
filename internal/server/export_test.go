package server

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"strings"
	"time"

	s3api "github.com/regent-iam/regent/internal/api/s3"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/store/kv/boltkv"
	"github.com/regent-iam/regent/sigv4"
)

// HTTPServer returns what Run serves with.
func (s *Server) HTTPServer() *http.Server { return s.httpServer(s.log) }

// LimitPeers limits how many connections a peer may hold.
func LimitPeers(l net.Listener, most int, trusted []netip.Prefix) net.Listener {
	return limitPeers(l, most, trusted)
}

// StripCookies removes the console's cookies.
func StripCookies(h http.Header) { stripCookies(h) }

// Look looks at a request to an API as all that guards browsers does.
func (s *Server) Look(r *http.Request) bool {
	stripCookies(r.Header)
	return s.sites.buckets(r.Host) || s.sites.onConsole(r.Host) || s.looksAround(r) || s.isFederation(r) || s.sites.apart() && s.fromConsole(r)
}

// Sign signs a request without a body as a key does, and makes it one that the
// server has received.
func (s *Server) Sign(r *http.Request, key RootKey, service string) (*http.Request, error) {
	sum := sha256.Sum256(nil)
	options := sigv4.SignOptions{Service: service, Region: s.options.Region, Time: s.Now(), PayloadHash: hex.EncodeToString(sum[:])}
	if service == "s3" {
		options.Family = sigv4.FamilyS3
	}
	_, err := sigv4.SignHeader(r, sigv4.Credentials{AccessKeyID: key.ID, SecretAccessKey: key.Secret.Reveal()}, options)
	return r, err
}

// Demo makes the demo, as Run does.
func (s *Server) Demo(ctx context.Context, url string) (string, error) { return s.demo(ctx, url) }

// DevToken returns the token of --dev.
func (s *Server) DevToken() string { return s.dev.token.Reveal() }

// Always returns the operations that ask for no permission, with why; Own those
// that ask for none when a call is about the caller itself.
func (s *Server) Always() map[string]string { return s.listed((*dispatch.Operation).Always) }

// Own is explained at Always.
func (s *Server) Own() map[string]string { return s.listed((*dispatch.Operation).Own) }

func (s *Server) listed(why func(*dispatch.Operation) string) map[string]string {
	list := map[string]string{}
	for _, service := range append(s.services(), dispatch.Service{API: &s3api.Service, Operations: s.bucketOperations()}) {
		for i := range service.Operations {
			if op := &service.Operations[i]; why(op) != "" {
				list[service.API.Package+":"+op.Name] = why(op)
			}
		}
	}
	return list
}

// Ring returns the key ring in use.
func (s *Server) Ring() *seal.Ring { return s.authn.Ring() }

// CheckKeys looks after the key ring, as the server does each minute.
func (s *Server) CheckKeys(ctx context.Context) error { return s.keys.check(ctx) }

// RotateUnseen rotates in the store alone, as another server on it does, or one
// that is killed before it is told of its commit.
func (s *Server) RotateUnseen(ctx context.Context) error {
	_, err := s.keys.rotateDue(ctx)
	return err
}

// LimitSeals says after how many seals a key is due.
func (s *Server) LimitSeals(n uint64) { s.keys.seals = n }

// ChangeRecord changes the record of the key ring in a data directory that no
// server uses.
func ChangeRecord(ctx context.Context, data string, change func([]byte) []byte) (err error) {
	db, err := boltkv.Open(filepath.Join(data, databaseFile), boltkv.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return store.New(db).Update(ctx, func(tx *store.Tx) error {
		system, err := tx.System()
		if err != nil {
			return err
		}
		system.Ring = change(bytes.Clone(system.Ring))
		return tx.PutSystem(system)
	})
}

// A Client calls a server over the whole road but for the wire.
type Client struct{ api apiClient }

// Client returns a client with a key, whose signatures are made at the
// server's time.
func (s *Server) Client(key RootKey) Client {
	return Client{apiClient{url: "http://regent.invalid", region: s.options.Region, now: s.clock.Now, handler: s.handler}.as(key)}
}

// NewClient returns a client of a server that is elsewhere, which signs for the
// wire.
func NewClient(key RootKey) Client {
	return Client{apiClient{region: DefaultRegion, now: time.Now}.as(key)}
}

// At returns a client that signs by another clock.
func (c Client) At(now func() time.Time) Client {
	c.api.now = now
	return c
}

// Credentials returns what the client signs with.
func (c Client) Credentials() sigv4.Credentials { return c.api.credentials }

// Query calls IAM or STS.
func (c Client) Query(ctx context.Context, service, operation string, params ...string) (string, error) {
	raw, err := c.api.query(ctx, service, operation, params...)
	return string(raw), err
}

// Organizations calls Organizations.
func (c Client) Organizations(ctx context.Context, operation string, in map[string]any) (string, error) {
	raw, err := c.api.organizations(ctx, operation, in)
	return string(raw), err
}

// Regent calls Regent's own service.
func (c Client) Regent(ctx context.Context, operation string, in map[string]any) (string, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return "", err
	}
	header := http.Header{"X-Amz-Target": {"Regent_20260101." + operation}}
	raw, err := c.api.send(ctx, "regent", operation, http.MethodPost, "/", "application/x-amz-json-1.1", header, body)
	return string(raw), err
}

// S3 calls S3.
func (c Client) S3(ctx context.Context, method, path, body string) (string, error) {
	header := http.Header{}
	if body != "" {
		sum := md5.Sum([]byte(body))
		header.Set("Content-Md5", base64.StdEncoding.EncodeToString(sum[:]))
	}
	raw, err := c.api.send(ctx, "s3", method+" "+path, method, path, "", header, []byte(body))
	return string(raw), err
}

// NewKey gives a user a new access key.
func (c Client) NewKey(ctx context.Context, user string) (RootKey, error) {
	return c.api.newKey(ctx, user)
}

// Assume returns a client with a session of a role.
func (c Client) Assume(ctx context.Context, role, session string) (Client, error) {
	api, err := c.api.assume(ctx, role, session)
	return Client{api}, err
}

// Sign signs a request that goes over a wire.
func (c Client) Sign(r *http.Request, service, body string) error {
	sum := sha256.Sum256([]byte(body))
	options := sigv4.SignOptions{Service: service, Region: c.api.region, Time: c.api.now(), PayloadHash: hex.EncodeToString(sum[:])}
	if service == "s3" {
		options.Family = sigv4.FamilyS3
	}
	_, err := sigv4.SignHeader(r, c.api.credentials, options)
	return err
}

// Code returns the code of a refusal, "" for other errors.
func Code(err error) string {
	if err == nil {
		return ""
	}
	parts := strings.SplitN(err.Error(), ": ", 3)
	if len(parts) < 3 {
		return ""
	}
	return parts[1]
}

// Suspend closes an account, for which there is no API yet.
func (s *Server) Suspend(ctx context.Context, id identity.AccountID) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		account, err := tx.Account(id)
		if err != nil {
			return err
		}
		account.Status = identity.AccountSuspended
		return tx.PutAccount(account)
	})
}

// Anonymous returns a client of the same server that signs nothing.
func (c Client) Anonymous(ctx context.Context, path string) (int, string) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.api.url+path, nil)
	if err != nil {
		return 0, err.Error()
	}
	r.RequestURI, r.RemoteAddr = r.URL.RequestURI(), "127.0.0.1:0"
	answer := &answer{header: http.Header{}}
	c.api.handler.ServeHTTP(answer, r)
	return answer.status, answer.body.String()
}

// Session returns a client with a session of the calling user.
func (c Client) Session(ctx context.Context) (Client, error) {
	raw, err := c.api.query(ctx, "sts", "GetSessionToken")
	if err != nil {
		return Client{}, err
	}
	var out struct {
		ID     string `xml:"GetSessionTokenResult>Credentials>AccessKeyId"`
		Secret string `xml:"GetSessionTokenResult>Credentials>SecretAccessKey"`
		Token  string `xml:"GetSessionTokenResult>Credentials>SessionToken"`
	}
	if err := xml.Unmarshal(raw, &out); err != nil {
		return Client{}, err
	}
	c.api.credentials = sigv4.Credentials{AccessKeyID: out.ID, SecretAccessKey: out.Secret, SessionToken: out.Token}
	return c, nil
}

// Send sends a request to S3 and returns all of the answer, as text.
func (c Client) Send(ctx context.Context, method, path string, header http.Header) string {
	r, err := http.NewRequestWithContext(ctx, method, c.api.url+path, nil)
	if err != nil {
		return err.Error()
	}
	r.Header = header.Clone()
	if err := c.Sign(r, "s3", ""); err != nil {
		return err.Error()
	}
	r.RequestURI, r.RemoteAddr = r.URL.RequestURI(), "127.0.0.1:0"
	answer := &answer{header: http.Header{}}
	c.api.handler.ServeHTTP(answer, r)
	for _, random := range []string{"X-Amz-Request-Id", "X-Amz-Id-2", "Date"} {
		answer.header.Del(random)
	}
	return fmt.Sprintf("%d %v %s", answer.status, answer.header, answer.body.String())
}
