package regenttest_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/regent-iam/regent/regenttest"
)

// A test of one's own begins so. cfg goes to any client of the AWS SDK for Go:
// s3.NewFromConfig(cfg) and so on.
func ExampleNewServer() {
	var t *testing.T // the test's own
	srv := regenttest.NewServer(t)
	prod := srv.NewAccount("prod")
	cfg := prod.NewUser("uploader", `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::invoices/*"}]}`)
	_ = cfg
}

// send signs a request as the SDK's clients do, and sends it.
func send(t *testing.T, cfg aws.Config, service, method, path, contentType, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, aws.ToString(cfg.BaseEndpoint)+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(body))
	hash := hex.EncodeToString(sum[:])
	r.Header.Set("X-Amz-Content-Sha256", hash)
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	credentials, err := cfg.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = service == "s3" }).
		SignHTTP(t.Context(), credentials, r, hash, service, cfg.Region, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	var text bytes.Buffer
	if _, err := io.Copy(&text, answer.Body); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, text.String()
}

const form = "application/x-www-form-urlencoded"

func whoAmI(t *testing.T, cfg aws.Config) (int, string) {
	t.Helper()
	return send(t, cfg, "sts", http.MethodPost, "/", form, "Action=GetCallerIdentity&Version=2011-06-15")
}

func TestAServerInThreeLines(t *testing.T) {
	srv := regenttest.NewServer(t)
	prod := srv.NewAccount("prod")
	uploader := prod.NewUser("uploader", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::invoices/new/*"}]}`)

	if status, text := whoAmI(t, uploader); status != http.StatusOK || !strings.Contains(text, "arn:aws:iam::"+prod.ID+":user/uploader") {
		t.Errorf("who am I: %d %s", status, text)
	}
	for _, test := range []struct {
		name         string
		cfg          aws.Config
		method, path string
		status       int
	}{
		{"root makes a bucket", prod.Root(), http.MethodPut, "/invoices", http.StatusOK},
		{"where it may write", uploader, http.MethodPut, "/invoices/new/1", http.StatusOK},
		{"elsewhere", uploader, http.MethodPut, "/invoices/old/1", http.StatusForbidden},
		{"reading", uploader, http.MethodGet, "/invoices/new/1", http.StatusForbidden},
		{"root reads", prod.Root(), http.MethodGet, "/invoices/new/1", http.StatusOK},
		{"another account's root", srv.Management.Root(), http.MethodGet, "/invoices/new/1", http.StatusForbidden},
	} {
		if status, text := send(t, test.cfg, "s3", test.method, test.path, "", ""); status != test.status {
			t.Errorf("%s: %d, want %d: %s", test.name, status, test.status, text)
		}
	}
}

func TestServersDoNotKnowOfEachOther(t *testing.T) {
	one, other := regenttest.NewServer(t), regenttest.NewServer(t)
	alice := one.NewAccount("dev").NewUser("alice", "")
	if status, text := whoAmI(t, alice); status != http.StatusOK {
		t.Errorf("at home: %d %s", status, text)
	}
	alice.BaseEndpoint = aws.String(other.URL)
	if status, text := whoAmI(t, alice); status != http.StatusForbidden || !strings.Contains(text, "InvalidClientTokenId") {
		t.Errorf("elsewhere: %d %s", status, text)
	}
}

func TestAdvanceMovesTheClockOfOneServer(t *testing.T) {
	srv := regenttest.NewServer(t)
	alice := srv.Management.NewUser("alice", "")
	body := "Action=GetSessionToken&Version=2011-06-15&DurationSeconds=900"
	status, text := send(t, alice, "sts", http.MethodPost, "/", form, body)
	if status != http.StatusOK {
		t.Fatalf("GetSessionToken: %d %s", status, text)
	}
	between := func(from, to string) string {
		_, rest, _ := strings.Cut(text, from)
		value, _, _ := strings.Cut(rest, to)
		return value
	}
	session := alice.Copy()
	session.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{
			AccessKeyID: between("<AccessKeyId>", "<"), SecretAccessKey: between("<SecretAccessKey>", "<"), SessionToken: between("<SessionToken>", "<"),
		}, nil
	})
	if status, text := whoAmI(t, session); status != http.StatusOK {
		t.Errorf("a new session: %d %s", status, text)
	}
	srv.Advance(16 * time.Minute)
	if status, text := whoAmI(t, session); status != http.StatusForbidden || !strings.Contains(text, "ExpiredToken") {
		t.Errorf("after its end: %d %s", status, text)
	}
	// A real clock's signature stays good, by keys that do not end.
	if status, text := whoAmI(t, alice); status != http.StatusOK {
		t.Errorf("by a key: %d %s", status, text)
	}
}
