package dispatch_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	iamapi "github.com/regent-iam/regent/internal/api/iam"
	orgapi "github.com/regent-iam/regent/internal/api/organizations"
	stsapi "github.com/regent-iam/regent/internal/api/sts"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
	"github.com/regent-iam/regent/sigv4"
)

const secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

// key is the key of the account's root on every road here.
var key = sigv4.Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: secret}

func mine(action string) []authz.Need { return []authz.Need{{Action: action, Resource: "*"}} }

// newRoad returns a harness with a few operations of three services.
func newRoad(t testing.TB) *servicetest.Harness {
	t.Helper()
	read := func(context.Context, dispatch.Call, *wire.Empty) (*orgapi.DescribeOrganizationOutput, error) {
		return &orgapi.DescribeOrganizationOutput{Organization: &orgapi.Organization{Id: "o-1"}}, nil
	}
	iam := []dispatch.Operation{
		dispatch.Read("GetUser", func(dispatch.Call, *iamapi.GetUserInput) ([]authz.Need, error) { return mine("iam:GetUser"), nil },
			func(_ context.Context, call dispatch.Call, _ *iamapi.GetUserInput) (*iamapi.GetUserOutput, error) {
				return &iamapi.GetUserOutput{User: &iamapi.User{UserName: call.Request.Region(), Arn: call.Caller.ARN, CreateDate: call.Now}}, nil
			}),
		dispatch.Write("CreateGroup", func(dispatch.Call, *iamapi.CreateGroupInput) ([]authz.Need, error) {
			return mine("iam:CreateGroup"), nil
		},
			func(_ context.Context, call dispatch.Call, in *iamapi.CreateGroupInput) (*iamapi.CreateGroupOutput, error) {
				g := &identity.Group{Account: call.Caller.Account, Name: identity.GroupName(in.GroupName), Path: "/", ID: call.UUID(), Created: call.Now}
				if err := call.Tx.CreateGroup(g); err != nil {
					return nil, iamapi.EntityAlreadyExists("it is there")
				}
				return &iamapi.CreateGroupOutput{Group: &iamapi.Group{GroupName: in.GroupName, GroupId: g.ID, CreateDate: call.Now}}, nil
			}),
		dispatch.Read("ListGroups", func(dispatch.Call, *iamapi.ListGroupsInput) ([]authz.Need, error) { return nil, nil },
			func(context.Context, dispatch.Call, *iamapi.ListGroupsInput) (*iamapi.ListGroupsOutput, error) {
				return &iamapi.ListGroupsOutput{}, nil
			}),
	}
	sts := []dispatch.Operation{
		dispatch.Always("GetCallerIdentity", "test", func(_ context.Context, call dispatch.Call, _ *stsapi.GetCallerIdentityInput) (*stsapi.GetCallerIdentityOutput, error) {
			return &stsapi.GetCallerIdentityOutput{Arn: call.Caller.ARN, Account: call.Request.Region()}, nil
		}),
		dispatch.Always("GetSessionToken", "test", func(context.Context, dispatch.Call, *stsapi.GetSessionTokenInput) (*stsapi.GetSessionTokenOutput, error) {
			return &stsapi.GetSessionTokenOutput{}, nil
		}),
		dispatch.Always("GetFederationToken", "test", func(context.Context, dispatch.Call, *stsapi.GetFederationTokenInput) (*stsapi.GetFederationTokenOutput, error) {
			return &stsapi.GetFederationTokenOutput{}, nil
		}),
		dispatch.Always("GetAccessKeyInfo", "test", func(context.Context, dispatch.Call, *stsapi.GetAccessKeyInfoInput) (*stsapi.GetAccessKeyInfoOutput, error) {
			return &stsapi.GetAccessKeyInfoOutput{}, nil
		}),
	}
	h := servicetest.New(t,
		dispatch.Service{API: &iamapi.Service, Operations: iam}, dispatch.Service{API: &stsapi.Service, Operations: sts},
		dispatch.Service{API: &orgapi.Service, Operations: []dispatch.Operation{dispatch.Always("DescribeOrganization", "test", read)}},
	)
	h.Account(account, "root")
	h.Update(func(tx *store.Tx) error {
		sealed, err := authn.SealSecret(h.Ring, identity.AccessKeyID(key.AccessKeyID), seal.NewSecret(secret))
		if err != nil {
			return err
		}
		return tx.PutAccessKey(&identity.AccessKey{ID: identity.AccessKeyID(key.AccessKeyID), Account: account, Status: identity.KeyActive, Sealed: sealed})
	})
	h.Actor("key", key)
	return h
}

// A shape is how a request looks: that of a query call, or of a JSON one.
type shape struct {
	method, target, body string
	header               map[string]string
	scope                string // service of the credential scope; "" for no credential
	region               string
	family               sigv4.Family
}

const form = "application/x-www-form-urlencoded"

// query is a call of IAM or STS.
func query(scope, body string) shape {
	return shape{method: "POST", target: "/", body: body, header: map[string]string{"Content-Type": form}, scope: scope}
}

func describe(scope string) shape {
	return shape{
		method: "POST", target: "/", body: "{}", scope: scope, family: sigv4.FamilyJSON,
		header: map[string]string{"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "AWSOrganizationsV20161128.DescribeOrganization"},
	}
}

const (
	getUser   = "Action=GetUser&Version=2010-05-08"
	getCaller = "Action=GetCallerIdentity&Version=2011-06-15"
)

// request signs a request of that shape.
func (s shape) request(t testing.TB, h *servicetest.Harness) *http.Request {
	t.Helper()
	url := "https://api.test" + s.target
	if s.scope == "" {
		url = "https://api.test/" // what cannot be parsed is only sent
	}
	r := httptest.NewRequestWithContext(t.Context(), s.method, url, strings.NewReader(s.body))
	if s.body == "" {
		r.Body, r.ContentLength = http.NoBody, 0
	}
	r.RequestURI = s.target
	for name, value := range s.header {
		r.Header.Set(name, value)
	}
	if s.scope == "" {
		return r
	}
	sum := sha256.Sum256([]byte(s.body))
	region := s.region
	if region == "" {
		region = "us-east-1"
	}
	_, err := sigv4.SignHeader(r, key, sigv4.SignOptions{
		Family: s.family, Service: s.scope, Region: region, Time: h.Now(), PayloadHash: hex.EncodeToString(sum[:]),
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func serve(h *servicetest.Harness, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.Road.ServeHTTP(w, r)
	return w
}

// send serves a request of that shape and checks the answer's status and that
// its body contains want.
func (s shape) send(t testing.TB, h *servicetest.Harness, status int, want string) *httptest.ResponseRecorder {
	t.Helper()
	w := serve(h, s.request(t, h))
	if w.Code != status || !strings.Contains(w.Body.String(), want) {
		t.Errorf("%s %s %.80q: %d %s, want %d %s", s.method, s.target, s.body, w.Code, w.Body, status, want)
	}
	return w
}

// Rules: TH-1 TH-3 TH-20
func TestFormsAreReadStrictly(t *testing.T) {
	t.Parallel()
	h := newRoad(t)
	many := func(n int) string {
		text := getUser
		for i := range n - 2 {
			text += fmt.Sprint("&x", i, "=y")
		}
		return text
	}
	for _, row := range []struct {
		shape
		status int
		want   string
	}{
		{query("iam", getUser), 200, "<GetUserResult>"},
		{query("iam", getUser+"&&UserName=x&"), 200, "<GetUserResult>"},
		{query("iam", getUser+"&UserName=a%2Bb+c"), 400, "ValidationError"}, // a blank, which no name has
		{shape{method: "GET", target: "/?" + getUser, scope: "iam"}, 200, "<GetUserResult>"},

		// In both places, in the wrong one, in none.
		{shape{method: "POST", target: "/?Action=CreateGroup", body: getUser, header: map[string]string{"Content-Type": form}, scope: "iam"}, 400, "MalformedQueryString"},
		{shape{method: "POST", target: "/?" + getUser, header: map[string]string{"Content-Type": form}, scope: "iam"}, 400, "MalformedQueryString"},
		{shape{method: "GET", target: "/?" + getUser, body: getUser, scope: "iam"}, 400, "MalformedQueryString"},
		{query("iam", ""), 400, "MissingAction"},
		{query("iam", "Action=GetUser"), 400, "MissingParameter"},
		{query("iam", "Action=GetUser&Version=2011-06-15"), 400, "InvalidAction"},
		{query("iam", "Action=NoSuch&Version=2010-05-08"), 400, "InvalidAction"},
		{query("iam", "Action=GetUser&"+getUser), 400, "MalformedInput"},

		// What cannot be decoded fails and is never dropped.
		{query("iam", getUser+"&x=%zz"), 400, "MalformedQueryString"},
		{query("iam", getUser+"&x=%4"), 400, "MalformedQueryString"},
		{query("iam", getUser+"&%=1"), 400, "MalformedQueryString"},
		{query("iam", getUser+";Action=CreateGroup"), 400, "MalformedQueryString"},
		{query("iam", getUser+"&x=a;b"), 400, "MalformedQueryString"},
		{shape{method: "GET", target: "/?" + getUser + "&x=%zz", scope: ""}, 400, "InvalidURI"},

		// Lists are dense and parameters bounded.
		{query("iam", many(10_000)), 200, "<GetUserResult>"},
		{query("iam", many(10_001)), 400, "MalformedQueryString"},
	} {
		name := row.body
		if len(name) > 80 {
			name = fmt.Sprintf("%d bytes", len(name))
		}
		t.Run(row.method+" "+row.target+" "+name, func(t *testing.T) { row.send(t, h, row.status, row.want) })
	}
}

// Rules: TH-7 WI-50 WI-51
func TestTheScopeNamesTheServiceThatAnswers(t *testing.T) {
	t.Parallel()
	h := newRoad(t)
	for _, row := range []struct {
		shape
		status int
		want   string
	}{
		{query("iam", getUser), 200, "<GetUserResult>"},
		{query("sts", getCaller), 200, "<GetCallerIdentityResult>"},
		{describe("organizations"), 200, `"o-1"`},

		// The scope of one service with the call of another.
		{query("sts", getUser), 400, "InvalidAction"},
		{query("iam", getCaller), 400, "InvalidAction"},
		{query("organizations", getUser), 400, "Exception"},
		{describe("iam"), 403, "SignatureDoesNotMatch"},
		{describe("sts"), 403, "SignatureDoesNotMatch"},
		// A scope that nobody serves, whatever the call looks like.
		{query("s3tables", getUser), 403, "SignatureDoesNotMatch"},
		{query("IAM", getUser), 403, "SignatureDoesNotMatch"},
		{describe("s3tables"), 400, "InvalidSignatureException"},
		{shape{method: "GET", target: "/b/k", scope: "s3tables"}, 403, "SignatureDoesNotMatch"},
		// No credential: the shape routes, and the service refuses.
		{query("", getUser), 403, "MissingAuthenticationToken"},
		{describe(""), 400, "MissingAuthenticationTokenException"},
		// S3 is not served here.
		{shape{method: "GET", target: "/b/k"}, 501, "NotImplemented"},
		{shape{method: "GET", target: "/b/k", scope: "s3", family: sigv4.FamilyS3}, 501, "NotImplemented"},
		{shape{method: "POST", target: "/", header: map[string]string{"X-Amz-Target": "DynamoDB.X"}}, 400, "UnknownOperationException"},
	} {
		t.Run(row.scope+" "+row.method+" "+row.target+" "+row.body, func(t *testing.T) { row.send(t, h, row.status, row.want) })
	}
	abroad := query("iam", getUser)
	abroad.region = "eu-west-1"
	abroad.send(t, h, 200, "<UserName>us-east-1</UserName>") // IAM is where it is
	abroad = query("sts", getCaller)
	abroad.region = "eu-west-1"
	abroad.send(t, h, 200, "<Account>eu-west-1</Account>")
}

// Rules: TH-8 TH-18
func TestAnotherOperationCannotBeSwappedIn(t *testing.T) {
	t.Parallel()
	h := newRoad(t)
	r := describe("organizations").request(t, h)
	r.Header.Set("X-Amz-Target", "AWSOrganizationsV20161128.ListRoots")
	if w := serve(h, r); w.Code != 400 || !strings.Contains(w.Body.String(), "InvalidSignatureException") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	r = query("iam", getUser).request(t, h)
	r.Body = io.NopCloser(strings.NewReader("Action=GetGroup&Version=2010-05-08")) // of the same length
	if w := serve(h, r); w.Code != 403 || !strings.Contains(w.Body.String(), "SignatureDoesNotMatch") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// Rules: TH-2 TH-70 TH-71
func TestHopByHopHeadersAreRefused(t *testing.T) {
	t.Parallel()
	h := newRoad(t)
	for _, row := range []struct {
		name   string
		values []string
		status int
	}{
		{"Connection", []string{"close"}, 200},
		{"Connection", []string{"Keep-Alive"}, 200},
		{"Connection", []string{"keep-alive, close"}, 200},
		{"Connection", []string{"X-Amz-Date"}, 400},
		{"Connection", []string{"close, Authorization"}, 400},
		{"Connection", []string{"close", "upgrade"}, 400},
		{"Upgrade", []string{"websocket"}, 400},
		{"Service-Worker", []string{"script"}, 400},
		{"X-Amz-Date", []string{"20260401T120000Z", "20260401T120000Z"}, 400},
		{"Content-Type", []string{form, form}, 400},
	} {
		r := query("iam", getUser).request(t, h)
		r.Header[row.name] = row.values
		if w := serve(h, r); w.Code != row.status {
			t.Errorf("%s: %q: %d %s, want %d", row.name, row.values, w.Code, w.Body, row.status)
		}
	}
}

// endless is a body that goes on until it is read for n bytes.
type endless struct{ left, read int }

func (e *endless) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := min(len(p), e.left)
	for i := range n {
		p[i] = 'x'
	}
	e.left -= n
	e.read += n
	return n, nil
}

// Rules: TH-21
func TestBodiesAreBounded(t *testing.T) {
	t.Parallel()
	h := newRoad(t)
	for _, row := range []struct {
		name     string
		length   int64
		size     int
		status   int
		code     string
		mostRead int
	}{
		{"announced", 1<<20 + 1, 1 << 24, 413, "RequestEntityTooLarge", 0},
		{"not announced", -1, 1 << 24, 413, "RequestEntityTooLarge", 1<<20 + 64<<10},
		{"just too long", -1, 1<<20 + 1, 413, "RequestEntityTooLarge", 1<<20 + 1},
		{"as long as may be", -1, 1 << 20, 403, "SignatureDoesNotMatch", 1 << 20}, // read, and then it is not what was signed
	} {
		r := query("iam", getUser).request(t, h)
		body := &endless{left: row.size}
		r.Body, r.ContentLength = io.NopCloser(body), row.length
		if w := serve(h, r); w.Code != row.status || !strings.Contains(w.Body.String(), row.code) || body.read > row.mostRead {
			t.Errorf("%s: %d %s, %d bytes were read", row.name, w.Code, w.Body, body.read)
		}
	}
	r := query("iam", getUser).request(t, h)
	r.Body = io.NopCloser(io.MultiReader(strings.NewReader("Action="), broken{}))
	if w := serve(h, r); w.Code != 400 || !strings.Contains(w.Body.String(), "IncompleteBody") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// Rules: TH-23
func TestASlowBodyHoldsUpNobody(t *testing.T) {
	t.Parallel()
	h := newRoad(t)
	const body = "Action=CreateGroup&Version=2010-05-08&GroupName=slow"
	var slow []*io.PipeWriter
	answers := make(chan *httptest.ResponseRecorder)
	for range 40 { // more than large bodies may be at once
		r := query("iam", body).request(t, h)
		reader, writer := io.Pipe()
		r.Body = reader
		slow = append(slow, writer)
		go func() { answers <- serve(h, r) }()
		if _, err := writer.Write([]byte(body[:10])); err != nil { // so that its body is being read
			t.Fatal(err)
		}
	}
	for i := range 5 {
		query("iam", fmt.Sprintf("Action=CreateGroup&Version=2010-05-08&GroupName=g%d", i)).send(t, h, 200, "<CreateGroupResult>")
	}
	made := 0
	for i, w := range slow {
		if i == 0 {
			if _, err := w.Write([]byte(body[10:])); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for range slow {
		if w := <-answers; w.Code == 200 {
			made++
		}
	}
	if made != 1 {
		t.Errorf("%d of the slow calls went through, want the one that was whole", made)
	}
}

// Rules: WI-20
func TestOperationsThatRegentDoesNotHave(t *testing.T) {
	t.Parallel()
	h := newRoad(t)
	query("iam", "Action=GenerateCredentialReport&Version=2010-05-08").send(t, h, 501, "Regent does not support GenerateCredentialReport.")
	roots := describe("organizations")
	roots.header["X-Amz-Target"] = "AWSOrganizationsV20161128.ListRoots"
	roots.send(t, h, 400, "UnsupportedOperationException")
	roots.header["X-Amz-Target"] = "AWSOrganizationsV20161128.NoSuch"
	roots.send(t, h, 400, "UnknownOperationException")
	// Only who is identified is told.
	query("", "Action=GenerateCredentialReport&Version=2010-05-08").send(t, h, 403, "MissingAuthenticationToken")
}

// Rules: TH-89 TH-70 WI-57
func TestEveryAnswerHasItsIdAndIsSandboxed(t *testing.T) {
	t.Parallel()
	h := newRoad(t)
	seen := map[string]bool{}
	long := query("iam", getUser)
	long.header = map[string]string{"Content-Type": form, "Connection": "x"}
	for _, s := range []shape{
		query("iam", getUser), query("iam", "Action=No&Version=2010-05-08"), query("sts", getCaller), query("", getUser), query("s3tables", getUser),
		describe("organizations"), describe(""), long,
		{method: "GET", target: "/b/k"},
		{method: "GET", target: "/%zz"},
		{method: "GET", target: "/?a=%zz"},
		query("iam", "Action=CreateGroup&Version=2010-05-08&GroupName=g"), query("iam", "Action=CreateGroup&Version=2010-05-08&GroupName=g"),
		query("iam", "Action=CreateUser&Version=2010-05-08"),
	} {
		r := s.request(t, h)
		w := serve(h, r)
		header := w.Result().Header
		id := header.Get("X-Amzn-Requestid")
		if id == "" {
			id = header.Get("X-Amz-Request-Id")
		}
		if len(id) != 36 || seen[id] {
			t.Errorf("%s %q: request id %q in %v", s.target, s.body, id, header)
		}
		seen[id] = true
		for name, want := range map[string]string{
			"Content-Security-Policy": "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'",
			"X-Content-Type-Options":  "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY",
			"Date": h.Now().UTC().Format(http.TimeFormat),
		} {
			if got := header.Values(name); !slices.Equal(got, []string{want}) {
				t.Errorf("%s %q: %s is %q", s.target, s.body, name, got)
			}
		}
	}
}

// presign signs a request in its query.
func presign(t testing.TB, h *servicetest.Harness, method, scope, parameters string, expires time.Duration) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "https://api.test/?"+parameters, http.NoBody)
	url, err := sigv4.Presign(r, key, sigv4.SignOptions{Family: sigv4.FamilyQuery, Service: scope, Region: "us-east-1", Time: h.Now()}, expires)
	if err != nil {
		t.Fatal(err)
	}
	sent := httptest.NewRequestWithContext(t.Context(), method, strings.TrimPrefix(url, "https://api.test"), http.NoBody)
	sent.Host = "api.test"
	return sent
}

// Rules: TH-14 WI-32
func TestPresignedCallsAreForGetCallerIdentityOnly(t *testing.T) {
	t.Parallel()
	h := newRoad(t)
	const refused = "Presigned requests are accepted for GetCallerIdentity of at most 15 minutes only."
	for _, row := range []struct {
		method, scope, parameters string
		expires                   time.Duration
		status                    int
		want                      string
	}{
		{"GET", "sts", getCaller, time.Minute, 200, "<Arn>arn:aws:iam::111122223333:root</Arn>"},
		{"GET", "sts", getCaller, 15 * time.Minute, 200, "<Arn>"},
		{"GET", "sts", getCaller, 15*time.Minute + time.Second, 403, refused},
		{"GET", "sts", getCaller, 7 * 24 * time.Hour, 403, refused},
		{"GET", "sts", "Action=GetSessionToken&Version=2011-06-15", time.Minute, 403, refused},
		{"GET", "sts", "Action=GetFederationToken&Version=2011-06-15&Name=x", time.Minute, 403, refused},
		{"GET", "iam", getUser, time.Minute, 403, refused},
		{"GET", "iam", "Action=CreateGroup&Version=2010-05-08&GroupName=g", time.Minute, 403, refused},
		{"GET", "iam", "Action=CreateAccessKey&Version=2010-05-08", time.Minute, 403, refused},
		{"GET", "iam", getCaller, time.Minute, 400, "InvalidAction"},
	} {
		t.Run(row.scope+" "+row.parameters, func(t *testing.T) {
			w := serve(h, presign(t, h, row.method, row.scope, row.parameters, row.expires))
			if w.Code != row.status || !strings.Contains(w.Body.String(), row.want) {
				t.Errorf("%d %s, want %d %s", w.Code, w.Body, row.status, row.want)
			}
		})
	}
	r := presign(t, h, "GET", "sts", getCaller, time.Minute)
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader("Action=GetSessionToken&Version=2011-06-15")), 42
	if w := serve(h, r); w.Code == 200 {
		t.Errorf("a presigned GET with a body: %s", w.Body)
	}
	old := presign(t, h, "GET", "sts", getCaller, time.Minute)
	h.Advance(16 * time.Minute) // EKS signs for one minute and means fifteen
	if w := serve(h, old); w.Code == 200 {
		t.Errorf("an old one: %s", w.Body)
	}
}

// Rules: ST-72
func TestWhatTemporaryCredentialsMayCall(t *testing.T) {
	t.Parallel()
	h := newRoad(t)
	h.User("alice", account, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`)
	var alice *identity.User
	h.View(func(tx *store.Tx) (err error) {
		alice, err = tx.User(account, "alice")
		return err
	})
	role := &identity.Role{
		Account: account, Name: "ci", Path: "/", ID: "AROA1",
		Permissions: permissions("Allow"), Trust: identity.ResourcePolicy{Text: "{}"},
	}
	h.Update(func(tx *store.Tx) error { return tx.CreateRole(role) })
	mint := func(actor string, s session.Session) {
		s.Account, s.Issued, s.Expires = account, h.Now(), h.Now().Add(time.Hour)
		h.SessionOf(actor, s)
	}
	all := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	mint("role", session.Session{Kind: session.Role, PrincipalID: role.ID, RoleName: "ci", Name: "s"})
	mint("session", session.Session{Kind: session.User, PrincipalID: alice.ID})
	mint("mfa", session.Session{Kind: session.User, PrincipalID: alice.ID, MFA: h.Now()})
	mint("rootsession", session.Session{Kind: session.User})
	mint("federated", session.Session{Kind: session.Federated, PrincipalID: alice.ID, Name: "f", Policy: all})
	mint("other", session.Session{Kind: "other", PrincipalID: alice.ID})

	const none, refused = "InvalidClientTokenId", "AccessDenied"
	operations := []string{"iam:GetUser", "sts:GetCallerIdentity", "sts:GetSessionToken", "sts:GetFederationToken", "sts:GetAccessKeyInfo", "sts:AssumeRole"}
	const had = "NotImplemented" // AssumeRole is not on this road: it was not refused
	for _, row := range []struct {
		actor string
		codes []string // by operation; "" for a success
	}{
		{"key", []string{"", "", "", "", "", had}},
		{"alice", []string{"", "", "", "", "", had}},
		{"role", []string{"", "", refused, refused, "", had}},
		{"session", []string{none, "", refused, refused, refused, had}},
		{"rootsession", []string{none, "", refused, refused, refused, had}},
		{"mfa", []string{"", "", refused, refused, refused, had}},
		{"federated", []string{none, "", refused, refused, refused, refused}},
		{"other", []string{none, none, none, none, none, none}},
	} {
		for i, operation := range operations {
			service, name, _ := strings.Cut(operation, ":")
			parameters := map[string][]string{
				"GetFederationToken": {"Name", "xx"}, "GetAccessKeyInfo": {"AccessKeyId", key.AccessKeyID},
			}[name]
			a := h.As(row.actor).Call(service, name, parameters...)
			if a.Code != row.codes[i] {
				t.Errorf("%s calls %s: %d %q %s, want %q", row.actor, operation, a.Status, a.Code, a.Message, row.codes[i])
			}
			if a.Code == refused && (a.Message != "Cannot call "+name+" with session credentials" || a.Status != 403) {
				t.Errorf("%s calls %s: %d %q", row.actor, operation, a.Status, a.Message)
			}
		}
	}
}

// Rules: TH-28
func TestAnOperationThatAsksForNothingIsAFailureOfOurs(t *testing.T) {
	t.Parallel()
	h := newRoad(quiet{t})
	a := h.As("key").Call("iam", "ListGroups")
	if a.Status != 500 || a.Code != "InternalFailure" || strings.Contains(a.Body, "dispatch") {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}

// quiet is a test in which calls may fail for reasons of ours.
type quiet struct{ testing.TB }

func (quiet) Errorf(string, ...any) {}

// Rules: TH-25
func TestTwoRequestsDrawDifferently(t *testing.T) {
	t.Parallel()
	h := newRoad(t)
	a := h.As("key").Call("iam", "CreateGroup", "GroupName", "a").OK().Get("GroupId")
	b := h.As("key").Call("iam", "CreateGroup", "GroupName", "b").OK().Get("GroupId")
	if a == b {
		t.Errorf("both drew %s", a)
	}
}

func TestARoadChecksItsOperations(t *testing.T) {
	t.Parallel()
	op := func(name string) dispatch.Operation {
		return dispatch.Always(name, "test", func(context.Context, dispatch.Call, *in) (*out, error) { return &out{}, nil })
	}
	for name, operations := range map[string][]dispatch.Operation{
		"twice":   {op("GetAccessKeyInfo"), op("GetAccessKeyInfo")},
		"unknown": {op("GetNothing")},
	} {
		if _, err := dispatch.New(dispatch.Config{Services: []dispatch.Service{{API: &stsapi.Service, Operations: operations}}}); err == nil {
			t.Errorf("a road with an operation that is %s is made", name)
		}
	}
	rd, err := dispatch.New(dispatch.Config{Services: []dispatch.Service{{API: &stsapi.Service, Operations: []dispatch.Operation{op("GetSessionToken"), op("GetAccessKeyInfo")}}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := rd.Operations()["sts"]; !slices.Equal(got, []string{"GetAccessKeyInfo", "GetSessionToken"}) {
		t.Errorf("%v", got)
	}
}
