package e2e

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/regent-iam/regent/regenttest"
)

// TestUploads is what a test of one's own looks like: may the uploader write
// where it should, and nowhere else?
func TestUploads(t *testing.T) {
	t.Parallel()
	srv := regenttest.NewServer(t)
	prod := srv.NewAccount("prod")
	uploader := prod.NewUser("uploader", `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::invoices/${aws:username}/*"}]}`)

	must(s3.NewFromConfig(prod.Root()).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("invoices")}))(t)
	put := func(key string) error {
		_, err := s3.NewFromConfig(uploader).PutObject(t.Context(), &s3.PutObjectInput{
			Bucket: aws.String("invoices"), Key: aws.String(key), Body: strings.NewReader("hello"),
		})
		return err
	}
	if err := put("uploader/1.txt"); err != nil {
		t.Error(err)
	}
	if e, ok := errors.AsType[smithy.APIError](put("somebody/1.txt")); !ok || e.ErrorCode() != "AccessDenied" {
		t.Errorf("writing elsewhere: %v, want AccessDenied", e)
	}
}

// TestRegenttestAcrossAccounts assumes a role of another account in a server
// inside the test, and lets its session expire. Two servers share nothing.
//
// Rules: ST-10
func TestRegenttestAcrossAccounts(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	srv, other := regenttest.NewServer(t), regenttest.NewServer(t)
	prod, dev := srv.NewAccount("prod"), srv.NewAccount("dev")
	role := "arn:aws:iam::" + prod.ID + ":role/reader"
	alice := dev.NewUser("alice", allowing("sts:AssumeRole", role))
	must(iam.NewFromConfig(prod.Root()).CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("reader"), AssumeRolePolicyDocument: aws.String(trusting(dev.ID))}))(t)

	session := alice.Copy()
	session.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(alice), role))
	who := must(sts.NewFromConfig(session).GetCallerIdentity(ctx, nil))(t)
	if *who.Account != prod.ID {
		t.Errorf("in the role alice is %s, want account %s", *who.Arn, prod.ID)
	}
	srv.Advance(2 * time.Hour)
	_, err := sts.NewFromConfig(session).GetCallerIdentity(ctx, nil)
	wantCode(t, err, "ExpiredToken", "")

	alice.BaseEndpoint = aws.String(other.URL)
	_, err = sts.NewFromConfig(alice).GetCallerIdentity(ctx, nil)
	wantCode(t, err, "InvalidClientTokenId", "")
}
