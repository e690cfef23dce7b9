package e2e

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// authority makes a private authority, and by it a certificate for this machine's
// loopback address. The certificate's file holds nothing of the authority.
func authority(t *testing.T) (authorityFile, certFile, keyFile string, roots *x509.CertPool) {
	t.Helper()
	dir := t.TempDir()
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	now := time.Now()
	above := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a private authority"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	below := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	signer, key := newECKey(t), newECKey(t)
	root, rootErr := x509.CreateCertificate(rand.Reader, above, above, signer.Public(), signer)
	leaf, leafErr := x509.CreateCertificate(rand.Reader, below, above, key.Public(), signer)
	private, keyErr := x509.MarshalPKCS8PrivateKey(key)
	if err := errors.Join(rootErr, leafErr, keyErr); err != nil {
		t.Fatal(err)
	}
	authorityFile = write("ca.pem", "CERTIFICATE", root)
	raw, err := os.ReadFile(authorityFile)
	roots = x509.NewCertPool()
	if err != nil || !roots.AppendCertsFromPEM(raw) {
		t.Fatal("no authority", err)
	}
	return authorityFile, write("cert.pem", "CERTIFICATE", leaf), write("key.pem", "PRIVATE KEY", private), roots
}

// A realProvider is a program that is a provider of OpenID Connect.
type realProvider struct {
	t         *testing.T
	issuer    string
	commands  io.Writer
	answers   *bufio.Reader
	transport *http.Transport
}

func startProvider(t *testing.T, certFile, keyFile string, roots *x509.CertPool) *realProvider {
	t.Helper()
	if _, err := os.Stat("js/node_modules/oidc-provider"); err != nil {
		t.Fatalf("run make e2e, which installs the packages: %v", err)
	}
	cmd := exec.Command("node", "js/provider.mjs", certFile, keyFile)
	var failure bytes.Buffer
	cmd.Env, cmd.Stderr = environment(), &failure
	commands, inErr := cmd.StdinPipe()
	answers, outErr := cmd.StdoutPipe()
	if err := errors.Join(inErr, outErr); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &realProvider{
		t: t, commands: commands, answers: bufio.NewReader(answers),
		transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}},
	}
	t.Cleanup(func() {
		p.transport.CloseIdleConnections()
		if err := errors.Join(commands.Close(), cmd.Wait()); err != nil || t.Failed() {
			t.Errorf("the provider: %v\n%s", err, &failure)
		}
	})
	p.issuer = p.line()
	return p
}

func (p *realProvider) line() string {
	p.t.Helper()
	line, err := p.answers.ReadString('\n')
	if err != nil {
		p.t.Fatalf("the provider says nothing: %v", err)
	}
	return strings.TrimSpace(line)
}

// keys changes the provider's keys and returns their ids.
func (p *realProvider) keys(command string) []string {
	p.t.Helper()
	if _, err := io.WriteString(p.commands, command+"\n"); err != nil {
		p.t.Fatal(err)
	}
	return strings.Fields(p.line())
}

var form = regexp.MustCompile(`(?s)<form [^>]*action="([^"]+)".*?name="prompt" value="(\w+)"`)

// token signs a person in, as a browser and a program on a laptop would (the
// authorization code flow with PKCE), and returns the ID token and the id of the
// key that signed it.
func (p *realProvider) token(person string) (token, kid string) {
	p.t.Helper()
	const back = "https://laptop.example/signed-in"
	jar, err := cookiejar.New(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	browser := &http.Client{Transport: p.transport, Jar: jar, Timeout: time.Minute, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), back) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	verifier := rand.Text() + rand.Text()
	challenge := sha256.Sum256([]byte(verifier))
	status, location, page := p.send(browser, http.MethodGet, p.issuer+"/auth?"+url.Values{
		"client_id": {"laptops"}, "response_type": {"code"}, "scope": {"openid"}, "redirect_uri": {back},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"},
	}.Encode(), nil)
	for _, prompt := range []string{"login", "consent"} {
		m := form.FindStringSubmatch(page)
		if m == nil || m[2] != prompt {
			p.t.Fatalf("the provider answers %d %s, not a form for %s", status, page, prompt)
		}
		status, location, page = p.send(browser, http.MethodPost, m[1], url.Values{"prompt": {prompt}, "login": {person}, "password": {"any"}})
	}
	at, err := url.Parse(location)
	if err != nil || !strings.HasPrefix(location, back) || at.Query().Get("code") == "" {
		p.t.Fatalf("the provider sends nobody back: %d %s %s", status, location, page)
	}
	status, _, page = p.send(browser, http.MethodPost, p.issuer+"/token", url.Values{
		"grant_type": {"authorization_code"}, "code": {at.Query().Get("code")}, "redirect_uri": {back}, "code_verifier": {verifier},
	})
	var answer struct {
		Token string `json:"id_token"`
	}
	if err := json.Unmarshal([]byte(page), &answer); err != nil || answer.Token == "" {
		p.t.Fatalf("the token endpoint answers %d %s", status, page)
	}
	header, err := base64.RawURLEncoding.DecodeString(strings.Split(answer.Token, ".")[0])
	if err != nil {
		p.t.Fatal(err)
	}
	var signed struct {
		Key string `json:"kid"`
	}
	if err := json.Unmarshal(header, &signed); err != nil {
		p.t.Fatal(err)
	}
	return answer.Token, signed.Key
}

// send sends a form, as the client with its secret where the token endpoint asks for it.
func (p *realProvider) send(client *http.Client, method, address string, fields url.Values) (status int, location, body string) {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), method, address, strings.NewReader(fields.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if address == p.issuer+"/token" {
		r.SetBasicAuth("laptops", "of-the-laptops")
	}
	answer, err := client.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return answer.StatusCode, answer.Header.Get("Location"), string(raw)
}

// aLongLivedProgram is one that has had its session for an hour, all but some
// minutes, when it goes on: boto3 asks for another then.
const aLongLivedProgram = `
import datetime, sys
import boto3, botocore.credentials, botocore.exceptions
session = boto3.Session()
iam, sts = session.client("iam"), session.client("sts")
credentials = session.get_credentials()
def work():
    iam.list_users()
    try:
        iam.list_roles()
    except botocore.exceptions.ClientError as e:
        print(e.response["Error"]["Code"], sts.get_caller_identity()["Arn"], flush=True)
    return credentials.get_frozen_credentials().access_key
first = work()
sys.stdin.readline()
later = lambda: datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=55)
credentials._time_fetcher = botocore.credentials._local_now = later
print("another" if work() != first else "the same")
`

// TestRealProvider trades the ID tokens of a provider that is another project's
// program, with a certificate of a private authority, for sessions: by the AWS CLI
// and boto3, with nothing but the environment. The provider changes its keys
// midway, in the way that providers do: both are published for a while.
//
// Rules: ST-60 ST-61 ST-62 ST-68 CO-35 EV-52
func TestRealProvider(t *testing.T) {
	t.Parallel()
	authorityFile, certFile, keyFile, roots := authority(t)
	idp := startProvider(t, certFile, keyFile, roots)
	server := start(t, filepath.Join(t.TempDir(), "data"), "--dev", "--federation-ca-file", authorityFile, "--federation-allow-networks", "127.0.0.1")
	p := newPerson(t, server)
	id, secret := rootKeys(t, server.Data)
	p.keys("root", id, secret)
	p.profile("nobody")
	provider := p.get("root", "OpenIDConnectProviderArn", "iam", "create-open-id-connect-provider", "--url", idp.issuer, "--client-id-list", "laptops")
	const subject = "alice@example.com"
	name := strings.TrimPrefix(idp.issuer, "https://")
	role := p.get("root", "Role.Arn", "iam", "create-role", "--role-name", "people", "--assume-role-policy-document",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"`+provider+`"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"`+
			name+`:aud":"laptops","`+name+`:sub":"`+subject+`"}}}]}`)
	p.aws("root", "iam", "put-role-policy", "--role-name", "people", "--policy-name", "p", "--policy-document", allowing("iam:ListUsers", "*"))
	session := strings.Replace(strings.Replace(role, ":iam:", ":sts:", 1), ":role/", ":assumed-role/", 1)

	file := filepath.Join(t.TempDir(), "token")
	signIn := func() (token, kid string) {
		t.Helper()
		token, kid = idp.token(subject)
		if err := os.WriteFile(file, []byte(token), 0o600); err != nil {
			t.Fatal(err)
		}
		return token, kid
	}
	// There are no credentials but the token, and no profile.
	env := append(environment("HOME="+p.home, "AWS_EC2_METADATA_DISABLED=true", "PYTHONWARNINGS=ignore"),
		"AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1", "AWS_ENDPOINT_URL="+server.URL,
		"AWS_ROLE_ARN="+role, "AWS_ROLE_SESSION_NAME=alice", "AWS_WEB_IDENTITY_TOKEN_FILE="+file)
	trade := func(token string) []string {
		return []string{"sts", "assume-role-with-web-identity", "--role-arn", role, "--role-session-name", "alice", "--web-identity-token", token}
	}

	old, oldKey := signIn()
	if got := p.get("nobody", "[SubjectFromWebIdentityToken, Provider, Audience, AssumedRoleUser.Arn]", trade(old)...); got != "["+subject+" "+idp.issuer+" laptops "+session+"/alice]" {
		t.Errorf("the answer is %s", got)
	}
	p.is(env, session+"/alice")
	program := runLongLived(t, env)
	if got, want := program.line(t), "AccessDenied "+session+"/alice"; got != want {
		t.Errorf("boto3 says %q, want %q", got, want)
	}

	// A new key that Regent has not seen is fetched at once; the old one still counts.
	if keys := idp.keys("add"); len(keys) != 2 || keys[1] != oldKey {
		t.Fatalf("the provider publishes the keys %s; the old one is %s", keys, oldKey)
	}
	_, freshKey := signIn()
	if freshKey == oldKey {
		t.Fatal("the provider signs with its old key")
	}
	p.is(env, session+"/alice")
	p.aws("nobody", trade(old)...)

	// The old key is withdrawn: once Regent has fetched the keys again, its tokens
	// are refused, though they have not expired. A program that runs since before all
	// this reads the file anew when it needs another session.
	if keys := idp.keys("retire"); len(keys) != 1 || keys[0] != freshKey {
		t.Fatalf("the provider publishes the keys %s; the new one is %s", keys, freshKey)
	}
	server.advance(t, 16*time.Minute)
	p.refused("nobody", []string{"InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider,  please reference"}, trade(old)...)
	program.goOn(t)
	if got, want := program.line(t), "AccessDenied "+session+"/alice"; got != want {
		t.Errorf("boto3 says %q after an hour, want %q", got, want)
	}
	if got := program.line(t); got != "another" {
		t.Errorf("boto3 went on with %s session", got)
	}
}

// is asks the CLI for a new session, with nothing but the environment, and whose
// it is.
func (p *person) is(env []string, want string) {
	p.t.Helper()
	p.forget()
	ctx, cancel := context.WithTimeout(p.t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(root(p.t), ".venv", "bin", "aws"), "sts", "get-caller-identity", "--query", "Arn", "--output", "text")
	cmd.Env = env
	if out, err := cmd.CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != want {
		p.t.Errorf("aws with the token's file: %v\n%s\nwant %s", err, out, want)
	}
}

// A longLived is aLongLivedProgram, running.
type longLived struct {
	in      io.Writer
	out     *bufio.Reader
	cmd     *exec.Cmd
	failure *bytes.Buffer
}

func runLongLived(t *testing.T, env []string) *longLived {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	cmd := exec.CommandContext(ctx, filepath.Join(root(t), ".venv", "bin", "python"), "-c", aLongLivedProgram)
	l := &longLived{cmd: cmd, failure: new(bytes.Buffer)}
	cmd.Env, cmd.Stderr = env, l.failure
	in, inErr := cmd.StdinPipe()
	out, outErr := cmd.StdoutPipe()
	if err := errors.Join(inErr, outErr, cmd.Start()); err != nil {
		cancel()
		t.Fatal(err)
	}
	l.in, l.out = in, bufio.NewReader(out)
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait() // line says what went wrong
		cancel()
	})
	return l
}

func (l *longLived) line(t *testing.T) string {
	t.Helper()
	line, err := l.out.ReadString('\n')
	if err != nil {
		t.Fatalf("boto3 says nothing: %v, %v\n%s", err, l.cmd.Wait(), l.failure)
	}
	return strings.TrimSpace(line)
}

// goOn lets the program go on.
func (l *longLived) goOn(t *testing.T) {
	t.Helper()
	if _, err := io.WriteString(l.in, "\n"); err != nil {
		t.Fatal(err)
	}
}
