package e2e

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	organizationstypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// certificate makes a certificate for this machine's loopback address. Only
// over TLS does the SDK send bodies whose checksum comes behind them.
func certificate(t *testing.T) (certFile, keyFile string, client *http.Client) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
	if err := errors.Join(os.WriteFile(certFile, certPEM, 0o600), os.WriteFile(keyFile, keyPEM, 0o600)); err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(certPEM)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	return certFile, keyFile, &http.Client{Transport: transport, Timeout: time.Minute}
}

// A gopher is the journey through the AWS SDK for Go.
type gopher struct {
	*testing.T
	base                    aws.Config
	root, prod, dev         aws.Config
	prodAccount, devAccount string
}

func (g *gopher) with(id, secret string) aws.Config {
	c := g.base.Copy()
	c.Credentials = credentials.NewStaticCredentialsProvider(id, secret, "")
	return c
}

// assume is a configuration with a role, as the SDK assumes it.
func (g *gopher) assume(from aws.Config, role string, options ...func(*stscreds.AssumeRoleOptions)) aws.Config {
	c := g.base.Copy()
	c.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(from), role, options...))
	return c
}

// must fails the test when something that should work does not.
func must[T any](out T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

// wantCode fails the test unless err is the service's error of that code, with
// text in its message.
func wantCode(t testing.TB, err error, code, text string) {
	t.Helper()
	e, ok := errors.AsType[smithy.APIError](err)
	if !ok || e.ErrorCode() != code || !strings.Contains(e.ErrorMessage(), text) {
		t.Errorf("got %v, want %s with %q", err, code, text)
	}
}

// wantType fails the test unless the SDK made err an error of type E.
func wantType[E error](t testing.TB, err error) {
	t.Helper()
	if _, ok := errors.AsType[E](err); !ok {
		var want E
		t.Errorf("got %v, want a %T", err, want)
	}
}

// TestGoSDK is the core of the journey through the AWS SDK for Go, over TLS.
//
// Rules: SE-7 EV-42 EV-73 ST-20
func TestGoSDK(t *testing.T) {
	t.Parallel()
	certFile, keyFile, client := certificate(t)
	server := start(t, filepath.Join(t.TempDir(), "data"), "--tls-cert", certFile, "--tls-key", keyFile)
	g := &gopher{T: t, base: aws.Config{Region: "us-east-1", BaseEndpoint: aws.String(server.URL), HTTPClient: client}}
	g.root = g.with(rootKeys(t, server.Data))
	g.accounts()

	ctx := t.Context()
	role := "arn:aws:iam::" + g.prodAccount + ":role/assumerole-s3-access"
	prod, dev := iam.NewFromConfig(g.prod), iam.NewFromConfig(g.dev)
	must(prod.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: aws.String("assumerole-s3-access"), AssumeRolePolicyDocument: aws.String(trusting(g.devAccount)),
		Tags: []iamtypes.Tag{{Key: aws.String("Name"), Value: aws.String("assumerole-s3-access")}},
	}))(t)
	must(prod.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: aws.String("assumerole-s3-access"), PolicyArn: aws.String(s3FullAccess)}))(t)
	must(dev.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("grp_s3_admin")}))(t)
	must(dev.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{
		GroupName: aws.String("grp_s3_admin"), PolicyName: aws.String("assume"), PolicyDocument: aws.String(allowing("sts:AssumeRole", role)),
	}))(t)
	alice, bob := g.user("alice"), g.user("bob")
	must(dev.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: aws.String("grp_s3_admin"), UserName: aws.String("alice")}))(t)

	session := g.assume(alice, role, func(o *stscreds.AssumeRoleOptions) { o.RoleSessionName = "alice" })
	who := must(sts.NewFromConfig(session).GetCallerIdentity(ctx, nil))(t)
	if want := "arn:aws:sts::" + g.prodAccount + ":assumed-role/assumerole-s3-access/alice"; *who.Arn != want {
		t.Errorf("alice in the role is %s, want %s", *who.Arn, want)
	}
	_, err := s3.NewFromConfig(g.assume(bob, role)).ListBuckets(ctx, nil)
	wantCode(t, err, "AccessDenied", "User: arn:aws:iam::"+g.devAccount+":user/bob is not authorized to perform: sts:AssumeRole on resource: "+role)
	_, err = s3.NewFromConfig(alice).ListBuckets(ctx, nil)
	wantCode(t, err, "AccessDenied", "s3:ListAllMyBuckets")

	t.Run("identities", func(t *testing.T) { goIdentities(t, dev) })
	t.Run("objects", func(t *testing.T) { goObjects(t, s3.NewFromConfig(session), client) })
	t.Run("upload in parts", func(t *testing.T) { goParts(t, s3.NewFromConfig(session)) })
	t.Run("external id", func(t *testing.T) { g.externalID(t, prod, dev, alice) })
	t.Run("service control policy", func(t *testing.T) { g.controlPolicy(t, session) })
}

// accounts makes prod and dev, and configurations that administer them by the
// role that CreateAccount leaves.
func (g *gopher) accounts() {
	ctx := g.Context()
	companies, management := organizations.NewFromConfig(g.root), iam.NewFromConfig(g.root)
	must(companies.CreateOrganization(ctx, &organizations.CreateOrganizationInput{FeatureSet: organizationstypes.OrganizationFeatureSetAll}))(g)
	_, err := companies.CreateOrganization(ctx, nil)
	wantType[*organizationstypes.AlreadyInOrganizationException](g, err)

	must(management.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("founder")}))(g)
	must(management.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{
		UserName: aws.String("founder"), PolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess"),
	}))(g)
	key := must(management.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("founder")}))(g).AccessKey
	founder := g.with(*key.AccessKeyId, *key.SecretAccessKey)
	account := func(name string) (string, aws.Config) {
		made := must(companies.CreateAccount(ctx, &organizations.CreateAccountInput{AccountName: aws.String(name), Email: aws.String(name + "@example.com")}))(g)
		status := must(companies.DescribeCreateAccountStatus(ctx, &organizations.DescribeCreateAccountStatusInput{
			CreateAccountRequestId: made.CreateAccountStatus.Id,
		}))(g).CreateAccountStatus
		if status.State != organizationstypes.CreateAccountStateSucceeded {
			g.Fatalf("account %s: %s %s", name, status.State, status.FailureReason)
		}
		return *status.AccountId, g.assume(founder, "arn:aws:iam::"+*status.AccountId+":role/OrganizationAccountAccessRole")
	}
	g.prodAccount, g.prod = account("prod")
	g.devAccount, g.dev = account("dev")

	var names []string
	pages := organizations.NewListAccountsPaginator(companies, &organizations.ListAccountsInput{MaxResults: aws.Int32(1)})
	for pages.HasMorePages() {
		for _, a := range must(pages.NextPage(ctx))(g).Accounts {
			names = append(names, *a.Name)
		}
	}
	slices.Sort(names)
	if got := strings.Join(names, " "); got != "dev management prod" {
		g.Errorf("accounts: %s", got)
	}
}

// user makes a user of dev with a key.
func (g *gopher) user(name string) aws.Config {
	client := iam.NewFromConfig(g.dev)
	must(client.CreateUser(g.Context(), &iam.CreateUserInput{UserName: aws.String(name)}))(g)
	waiter := iam.NewUserExistsWaiter(client)
	if err := waiter.Wait(g.Context(), &iam.GetUserInput{UserName: aws.String(name)}, time.Minute); err != nil {
		g.Fatal(err)
	}
	key := must(client.CreateAccessKey(g.Context(), &iam.CreateAccessKeyInput{UserName: aws.String(name)}))(g).AccessKey
	return g.with(*key.AccessKeyId, *key.SecretAccessKey)
}

// goIdentities shows typed errors, pages and texts that come back as they went.
func goIdentities(t *testing.T, client *iam.Client) {
	ctx := t.Context()
	_, err := client.GetUser(ctx, &iam.GetUserInput{UserName: aws.String("nobody")})
	wantType[*iamtypes.NoSuchEntityException](t, err)
	wantCode(t, err, "NoSuchEntity", "The user with name nobody cannot be found.")
	_, err = client.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("ALICE")})
	wantType[*iamtypes.EntityAlreadyExistsException](t, err)
	_, err = client.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: aws.String("bob"), PolicyName: aws.String("p"), PolicyDocument: aws.String("{")})
	wantType[*iamtypes.MalformedPolicyDocumentException](t, err)
	_, err = client.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String("alice")})
	wantType[*iamtypes.DeleteConflictException](t, err)

	var want, got []string
	for i := range 7 {
		name := fmt.Sprintf("paged-%d", i)
		must(client.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String(name), Path: aws.String("/paged/")}))(t)
		want = append(want, name)
	}
	pages := iam.NewListUsersPaginator(client, &iam.ListUsersInput{PathPrefix: aws.String("/paged/"), MaxItems: aws.Int32(3)})
	for pages.HasMorePages() {
		for _, u := range must(pages.NextPage(ctx))(t).Users {
			got = append(got, *u.UserName)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("pages hold %v, want %v", got, want)
	}
}

// goObjects puts, gets, lists and deletes objects. A reader that cannot seek
// makes the SDK send chunks with the checksum behind them.
func goObjects(t *testing.T, client *s3.Client, web *http.Client) {
	ctx, bucket := t.Context(), aws.String("go-objects")
	must(client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket}))(t)
	if err := s3.NewBucketExistsWaiter(client).Wait(ctx, &s3.HeadBucketInput{Bucket: bucket}, time.Minute); err != nil {
		t.Fatal(err)
	}
	content := make([]byte, 3<<20+5)
	if _, err := rand.Read(content); err != nil {
		t.Fatal(err)
	}
	for _, algorithm := range s3types.ChecksumAlgorithm("").Values() {
		switch algorithm {
		case s3types.ChecksumAlgorithmCrc32, s3types.ChecksumAlgorithmCrc32c, s3types.ChecksumAlgorithmCrc64nvme, s3types.ChecksumAlgorithmSha1, s3types.ChecksumAlgorithmSha256:
		default:
			continue
		}
		key := aws.String("a b/" + string(algorithm))
		must(client.PutObject(ctx, &s3.PutObjectInput{
			Bucket: bucket, Key: key, Body: io.MultiReader(bytes.NewReader(content)), ContentLength: aws.Int64(int64(len(content))),
			ChecksumAlgorithm: algorithm, Metadata: map[string]string{"color": "green"},
		}))(t)
		got := must(client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key, ChecksumMode: s3types.ChecksumModeEnabled}))(t)
		back := must(io.ReadAll(got.Body))(t) // checks the checksum as it reads
		if !bytes.Equal(back, content) || got.Metadata["color"] != "green" {
			t.Errorf("%s: %d other bytes came back, with %v", algorithm, len(back), got.Metadata)
		}
	}
	goList(t, client, bucket)

	link := must(s3.NewPresignClient(client).PresignGetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: aws.String("a b/SHA1"), Range: aws.String("bytes=5-9")}))(t)
	r := must(http.NewRequestWithContext(ctx, link.Method, link.URL, nil))(t)
	for name, values := range link.SignedHeader {
		if name != "Host" {
			r.Header[name] = values
		}
	}
	answer := must(web.Do(r))(t)
	defer func() { _ = answer.Body.Close() }()
	if part := must(io.ReadAll(answer.Body))(t); answer.StatusCode != http.StatusPartialContent || !bytes.Equal(part, content[5:10]) {
		t.Errorf("the link answers %s: %.200q", answer.Status, part)
	}

	_, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: aws.String("nothing")})
	wantType[*s3types.NoSuchKey](t, err)
	_, err = client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: bucket, Key: aws.String("nothing")})
	wantType[*s3types.NotFound](t, err)
	_, err = client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: aws.String("no-such-bucket-here")})
	wantType[*s3types.NoSuchBucket](t, err)
	_, err = client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: bucket})
	wantCode(t, err, "BucketNotEmpty", "")
}

// goList lists what goObjects put by pages, copies one object and deletes all.
func goList(t *testing.T, client *s3.Client, bucket *string) {
	t.Helper()
	ctx := t.Context()
	must(client.CopyObject(ctx, &s3.CopyObjectInput{Bucket: bucket, Key: aws.String("copy"), CopySource: aws.String(*bucket + "/a%20b/CRC32")}))(t)
	var keys []string
	pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: bucket, MaxKeys: aws.Int32(2)})
	for pages.HasMorePages() {
		for _, o := range must(pages.NextPage(ctx))(t).Contents {
			keys = append(keys, *o.Key)
		}
	}
	if got := strings.Join(keys, " "); got != "a b/CRC32 a b/CRC32C a b/CRC64NVME a b/SHA1 a b/SHA256 copy" {
		t.Errorf("keys: %s", got)
	}
	out := must(client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: bucket, Delete: &s3types.Delete{Objects: []s3types.ObjectIdentifier{
		{Key: aws.String("copy")}, {Key: aws.String("a b/CRC32")},
	}}}))(t)
	if len(out.Deleted) != 2 || len(out.Errors) != 0 {
		t.Errorf("deleted %d, errors %v", len(out.Deleted), out.Errors)
	}
}

// goParts uploads an object in parts with a checksum over the whole of it.
func goParts(t *testing.T, client *s3.Client) {
	ctx, bucket, key := t.Context(), aws.String("go-parts"), aws.String("large")
	must(client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket}))(t)
	content := make([]byte, 12<<20)
	if _, err := rand.Read(content); err != nil {
		t.Fatal(err)
	}
	upload := must(client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{
		Bucket: bucket, Key: key, ChecksumAlgorithm: s3types.ChecksumAlgorithmCrc64nvme, ChecksumType: s3types.ChecksumTypeFullObject,
	}))(t).UploadId
	var parts []s3types.CompletedPart
	for i, part := range slices.Collect(slices.Chunk(content, 5<<20)) {
		done := must(client.UploadPart(ctx, &s3.UploadPartInput{
			Bucket: bucket, Key: key, UploadId: upload, PartNumber: aws.Int32(int32(i + 1)), Body: bytes.NewReader(part), //nolint:gosec // three parts
			ChecksumAlgorithm: s3types.ChecksumAlgorithmCrc64nvme,
		}))(t)
		parts = append(parts, s3types.CompletedPart{PartNumber: aws.Int32(int32(i + 1)), ETag: done.ETag, ChecksumCRC64NVME: done.ChecksumCRC64NVME}) //nolint:gosec // three parts
	}
	must(client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: bucket, Key: key, UploadId: upload, MultipartUpload: &s3types.CompletedMultipartUpload{Parts: parts},
		ChecksumType: s3types.ChecksumTypeFullObject,
	}))(t)
	got := must(client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key, ChecksumMode: s3types.ChecksumModeEnabled}))(t)
	if back := must(io.ReadAll(got.Body))(t); !bytes.Equal(back, content) || !strings.HasSuffix(*got.ETag, `-3"`) {
		t.Errorf("%d other bytes came back, with ETag %s", len(back), *got.ETag)
	}
	_, err := client.ListParts(ctx, &s3.ListPartsInput{Bucket: bucket, Key: key, UploadId: upload})
	wantCode(t, err, "NoSuchUpload", "")
}

// externalID assumes a role that asks for an ExternalId.
func (g *gopher) externalID(t *testing.T, prod, dev *iam.Client, alice aws.Config) {
	ctx := t.Context()
	role := "arn:aws:iam::" + g.prodAccount + ":role/external"
	must(prod.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: aws.String("external"), AssumeRolePolicyDocument: aws.String(trusting(g.devAccount, `{"StringEquals":{"sts:ExternalId":"e-1"}}`)),
	}))(t)
	must(dev.PutUserPolicy(ctx, &iam.PutUserPolicyInput{
		UserName: aws.String("alice"), PolicyName: aws.String("external"), PolicyDocument: aws.String(allowing("sts:AssumeRole", role)),
	}))(t)
	_, err := sts.NewFromConfig(g.assume(alice, role)).GetCallerIdentity(ctx, nil)
	wantCode(t, err, "AccessDenied", "is not authorized to perform: sts:AssumeRole on resource: "+role)
	with := g.assume(alice, role, func(o *stscreds.AssumeRoleOptions) { o.ExternalID = aws.String("e-1") })
	must(sts.NewFromConfig(with).GetCallerIdentity(ctx, nil))(t)
}

// controlPolicy denies prod its buckets by a service control policy.
func (g *gopher) controlPolicy(t *testing.T, session aws.Config) {
	ctx := t.Context()
	companies, buckets := organizations.NewFromConfig(g.root), s3.NewFromConfig(session)
	must(buckets.ListBuckets(ctx, nil))(t)
	rootID := must(companies.ListRoots(ctx, nil))(t).Roots[0].Id
	must(companies.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: rootID, PolicyType: organizationstypes.PolicyTypeServiceControlPolicy}))(t)
	_, err := companies.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: rootID, PolicyType: organizationstypes.PolicyTypeServiceControlPolicy})
	wantType[*organizationstypes.PolicyTypeAlreadyEnabledException](t, err)
	policy := must(companies.CreatePolicy(ctx, &organizations.CreatePolicyInput{
		Name: aws.String("no-buckets"), Description: aws.String(""), Type: organizationstypes.PolicyTypeServiceControlPolicy,
		Content: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:ListAllMyBuckets","Resource":"*"}]}`),
	}))(t).Policy.PolicySummary.Id
	must(companies.AttachPolicy(ctx, &organizations.AttachPolicyInput{PolicyId: policy, TargetId: aws.String(g.prodAccount)}))(t)
	_, err = buckets.ListBuckets(ctx, nil)
	wantCode(t, err, "AccessDenied", "with an explicit deny in a service control policy")
	must(companies.DetachPolicy(ctx, &organizations.DetachPolicyInput{PolicyId: policy, TargetId: aws.String(g.prodAccount)}))(t)
	must(buckets.ListBuckets(ctx, nil))(t)
}
