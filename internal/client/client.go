// Package client calls a Regent server as its users do: with the profiles of
// the AWS configuration, and requests signed like any SDK's. It never calls
// anybody but the server that it was told of: without one it takes the address
// that a server has by default, and not AWS's.
package client

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"

	"github.com/regent-iam/regent/sigv4"
)

// DefaultServer is where a server listens unless it was told otherwise.
const DefaultServer = "http://127.0.0.1:8700"

const (
	targetPrefix  = "Regent_20260101."
	contentType   = "application/x-amz-json-1.1"
	defaultRegion = "us-east-1"
	maxAnswer     = 8 << 20
	timeout       = 30 * time.Second
)

// ErrUnreachable reports that no server answered.
var ErrUnreachable = errors.New("the server cannot be reached")

// ErrCredentials reports that there are no credentials to sign with, or that
// they are over.
var ErrCredentials = errors.New("there are no credentials")

// ErrProfile reports a profile that the configuration does not have.
var ErrProfile = errors.New("there is no such profile")

// A Refusal is an error that the server answered with.
type Refusal struct { //nolint:errname // a refusal is what it is
	Code, Message string
	Status        int
}

func (r *Refusal) Error() string { return r.Code + ": " + r.Message }

// Options say who calls which server. All are optional.
type Options struct {
	// Profile is the profile of the AWS configuration; "" is AWS_PROFILE's, or
	// the default one.
	Profile string
	// Server is the server's URL; "" is the endpoint of the environment or of the
	// profile, or DefaultServer.
	Server string
	// Code asks for a one-time code where the profile's role wants one; nil
	// fails such a profile.
	Code func() (string, error)
	// Now is the clock that requests are signed by; nil is the machine's.
	Now func() time.Time
}

// A Client calls one server as one caller.
type Client struct {
	server, region string
	credentials    sigv4.Credentials
	now            func() time.Time
	http           *http.Client
}

// Open finds the server and the credentials. Its errors wrap ErrProfile,
// ErrCredentials or ErrUnreachable: a role's profile is assumed at the server.
func Open(ctx context.Context, o Options) (*Client, error) {
	server, err := endpoint(ctx, o)
	if err != nil {
		return nil, err
	}
	cfg, err := config.LoadDefaultConfig(ctx,
		config.WithSharedConfigProfile(o.Profile),
		config.WithBaseEndpoint(server),
		config.WithAssumeRoleCredentialOptions(func(a *stscreds.AssumeRoleOptions) {
			if o.Code != nil {
				a.TokenProvider = o.Code
			}
		}),
		config.WithRetryMaxAttempts(2),
		config.WithEC2IMDSClientEnableState(imds.ClientDisabled),
		config.WithDefaultRegion(defaultRegion),
	)
	if missing, ok := errors.AsType[config.SharedConfigProfileNotExistError](err); ok {
		return nil, fmt.Errorf("%w: %s", ErrProfile, missing.Profile)
	} else if err != nil {
		return nil, fmt.Errorf("reading the AWS configuration: %w", err)
	}
	if cfg.Credentials == nil {
		return nil, ErrCredentials
	}
	keys, err := cfg.Credentials.Retrieve(ctx)
	if unreachable(err) {
		return nil, fmt.Errorf("%w: %s", ErrUnreachable, server)
	} else if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCredentials, err)
	}
	c := &Client{
		server: server, region: cfg.Region, now: o.Now,
		credentials: sigv4.Credentials{AccessKeyID: keys.AccessKeyID, SecretAccessKey: keys.SecretAccessKey, SessionToken: keys.SessionToken},
		http: &http.Client{
			Timeout: timeout,
			// A signed request goes where it was signed for and nowhere else.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	if c.now == nil {
		c.now = time.Now //nolint:forbidigo // a client signs by the machine's clock
	}
	return c, nil
}

// endpoint finds the server.
func endpoint(ctx context.Context, o Options) (string, error) {
	server := cmp.Or(o.Server, os.Getenv("AWS_ENDPOINT_URL"))
	if server == "" {
		profile := cmp.Or(o.Profile, os.Getenv("AWS_PROFILE"), os.Getenv("AWS_DEFAULT_PROFILE"), "default")
		shared, err := config.LoadSharedConfigProfile(ctx, profile, files)
		var missing config.SharedConfigProfileNotExistError
		switch {
		case errors.As(err, &missing) && profile != "default":
			return "", fmt.Errorf("%w: %s", ErrProfile, profile)
		case errors.As(err, &missing):
		case err != nil:
			return "", fmt.Errorf("reading the AWS configuration: %w", err)
		}
		server = cmp.Or(shared.BaseEndpoint, DefaultServer)
	}
	u, err := url.Parse(server)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", fmt.Errorf("%q is not the URL of a server", server)
	}
	return strings.TrimSuffix(server, "/"), nil
}

// files has the configuration read from where the environment says.
func files(o *config.LoadSharedConfigOptions) {
	if name := os.Getenv("AWS_CONFIG_FILE"); name != "" {
		o.ConfigFiles = []string{name}
	}
	if name := os.Getenv("AWS_SHARED_CREDENTIALS_FILE"); name != "" {
		o.CredentialsFiles = []string{name}
	}
}

func unreachable(err error) bool {
	if _, ok := errors.AsType[*url.Error](err); ok {
		return true
	}
	_, ok := errors.AsType[*net.OpError](err)
	return ok
}

// Call calls an operation of Regent's own service and returns its answer. An
// error is a *Refusal, or wraps ErrUnreachable.
func (c *Client) Call(ctx context.Context, operation string, in any) ([]byte, error) {
	return c.call(ctx, target{"regent", c.region, targetPrefix + operation}, in)
}

// A target is an operation, and what its requests are signed for.
type target struct{ service, region, operation string }

func (c *Client) call(ctx context.Context, to target, in any) ([]byte, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.server+"/", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("X-Amz-Target", to.operation)
	r.Header.Set("User-Agent", "regent-cli")
	sum := sha256.Sum256(body)
	_, err = sigv4.SignHeader(r, c.credentials, sigv4.SignOptions{
		Family: sigv4.FamilyJSON, Service: to.service, Region: to.region, Time: c.now(), PayloadHash: hex.EncodeToString(sum[:]),
	})
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", ErrUnreachable, c.server)
	}
	raw, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return nil, fmt.Errorf("%w: %s", ErrUnreachable, c.server)
	}
	if answer.StatusCode != http.StatusOK {
		return nil, refusal(answer.StatusCode, raw)
	}
	return raw, nil
}

func refusal(status int, raw []byte) error {
	var body struct {
		Type    string `json:"__type"`
		Message string
	}
	if json.Unmarshal(raw, &body) != nil || body.Type == "" {
		return &Refusal{Code: http.StatusText(status), Message: "the answer is not Regent's: is this the right server?", Status: status}
	}
	r := &Refusal{Code: body.Type[strings.LastIndexByte(body.Type, '#')+1:], Message: body.Message, Status: status}
	switch r.Code {
	case "ExpiredTokenException", "ExpiredToken", "UnrecognizedClientException", "InvalidClientTokenId":
		return fmt.Errorf("%w that are good: %w", ErrCredentials, r)
	}
	return r
}
