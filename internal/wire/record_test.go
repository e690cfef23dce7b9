package wire_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/api/organizations"
	"github.com/regent-iam/regent/internal/api/s3"
	"github.com/regent-iam/regent/internal/api/sts"
	"github.com/regent-iam/regent/internal/wire"
)

// at is the moment of the examples.
func at() time.Time { return time.Date(2024, 8, 1, 13, 33, 28, 0, time.UTC) }

// Rules: RE-20 RE-21 RE-22 RE-23 RE-25 RE-50
func TestRecorderWritesWhatWasSentAndNoSecrets(t *testing.T) {
	const policy = `{"Statement": [] }`
	tests := []struct {
		name string
		svc  *wire.Service
		op   string
		in   wire.Encodable
		want string
	}{
		{"first letters are lowered", &iam.Service, "CreateUser", &iam.CreateUserInput{UserName: "bo"}, `{"userName":"bo"}`},
		{"an empty list was sent", &iam.Service, "CreateUser", &iam.CreateUserInput{UserName: "bo", Tags: []iam.Tag{}}, `{"userName":"bo","tags":[]}`},
		{"an empty description was sent", &iam.Service, "UpdateRole", &iam.UpdateRoleInput{RoleName: "r", Description: new("")}, `{"roleName":"r","description":""}`},
		{"nothing was sent", &iam.Service, "GetUser", &iam.GetUserInput{}, `null`},
		{"there is nothing to send", &iam.Service, "GetAccountSummary", &wire.Empty{}, `null`},
		{"a policy as sent", &iam.Service, "PutUserPolicy", &iam.PutUserPolicyInput{UserName: "u", PolicyName: "p", PolicyDocument: policy}, `{"userName":"u","policyName":"p","policyDocument":"{\"Statement\": [] }"}`},
		{"types", &sts.Service, "AssumeRole", &sts.AssumeRoleInput{
			RoleArn: "arn:aws:iam::111122223333:role/r", RoleSessionName: "s", DurationSeconds: new(int32(900)), TokenCode: "123456",
			PolicyArns: []sts.PolicyDescriptorType{{Arn: "arn:aws:iam::aws:policy/X"}}, Tags: []sts.Tag{{Key: "k", Value: ""}},
			ProvidedContexts: []sts.ProvidedContext{{ProviderArn: "arn:aws:iam::aws:contextProvider/IdentityCenter", ContextAssertion: "eyJhbGciOi"}},
		}, `{"roleArn":"arn:aws:iam::111122223333:role/r","roleSessionName":"s","policyArns":[{"arn":"arn:aws:iam::aws:policy/X"}],"durationSeconds":900,"tags":[{"key":"k","value":""}],"providedContexts":[{"providerArn":"arn:aws:iam::aws:contextProvider/IdentityCenter"}]}`},
		{"an assertion", &sts.Service, "AssumeRoleWithSAML", &sts.AssumeRoleWithSAMLInput{RoleArn: "r", PrincipalArn: "p", SAMLAssertion: "PHNhbWw+"}, `{"roleArn":"r","principalArn":"p"}`},
		{"two passwords", &iam.Service, "ChangePassword", &iam.ChangePasswordInput{OldPassword: "old-one", NewPassword: "new-one"}, `null`},
		{"codes", &iam.Service, "EnableMFADevice", &iam.EnableMFADeviceInput{UserName: "u", SerialNumber: "s", AuthenticationCode1: "111111", AuthenticationCode2: "222222"}, `{"userName":"u","serialNumber":"s"}`},
		{"masked", &organizations.Service, "CreateAccount", &organizations.CreateAccountInput{Email: "a@example.com", AccountName: "a", RoleName: new("r")}, `{"email":"****","accountName":"****","roleName":"r"}`},
		{"a bucket's policy", &s3.Service, "PutBucketPolicy", &s3.PutBucketPolicyInput{Bucket: "logs", Policy: policy}, `{"Host":"localhost:8700","policy":"","bucketName":"logs","bucketPolicy":"{\"Statement\": [] }"}`},
		{"a body under its root", &s3.Service, "PutBucketVersioning", &s3.PutBucketVersioningInput{Bucket: "logs", ExpectedBucketOwner: "111122223333", VersioningConfiguration: &s3.VersioningConfiguration{Status: "Enabled"}}, `{"Host":"localhost:8700","versioning":"","bucketName":"logs","VersioningConfiguration":{"Status":"Enabled"},"x-amz-expected-bucket-owner":"111122223333"}`},
		{"parameters", &s3.Service, "ListObjectsV2", &s3.ListObjectsV2Input{Bucket: "logs", Prefix: "a/", MaxKeys: new(int32(3))}, `{"Host":"localhost:8700","list-type":"2","bucketName":"logs","max-keys":3,"prefix":"a/"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := wire.Recorder{Service: test.svc, Host: "localhost:8700"}
			got := string(r.Input(test.svc.Operation(test.op), test.in))
			if got != test.want || !json.Valid([]byte(got)) {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// Rules: RE-22 RE-23 RE-25
func TestRecorderWritesAnswersInTheStyleOfTheService(t *testing.T) {
	credentials := &sts.Credentials{AccessKeyId: "ASIAA1", SecretAccessKey: "the-secret", SessionToken: "the-token", Expiration: at()}
	tests := []struct {
		name   string
		svc    *wire.Service
		op     string
		out    wire.Encodable
		hidden bool
		want   string
	}{
		{"an access key", &iam.Service, "CreateAccessKey", &iam.CreateAccessKeyOutput{AccessKey: &iam.AccessKey{
			UserName: "bo", AccessKeyId: "AKIAB2", Status: "Active", SecretAccessKey: "the-secret", CreateDate: at(),
		}}, false, `{"accessKey":{"userName":"bo","accessKeyId":"AKIAB2","status":"Active","createDate":"Aug 1, 2024 1:33:28 PM"}}`},
		{"a virtual device", &iam.Service, "CreateVirtualMFADevice", &iam.CreateVirtualMFADeviceOutput{VirtualMFADevice: &iam.VirtualMFADevice{
			SerialNumber: "arn", Base32StringSeed: []byte("SEED"), QRCodePNG: []byte("PNG"),
		}}, false, `{"virtualMFADevice":{"serialNumber":"arn"}}`},
		{
			"a document", &iam.Service, "GetUserPolicy", &iam.GetUserPolicyOutput{UserName: "u", PolicyName: "p", PolicyDocument: `{"a b"}`}, false,
			`{"userName":"u","policyName":"p","policyDocument":"%7B%22a%20b%22%7D"}`,
		},
		{
			"a session", &sts.Service, "AssumeRole", &sts.AssumeRoleOutput{Credentials: credentials}, false,
			`{"credentials":{"accessKeyId":"ASIAA1","sessionToken":"HIDDEN_DUE_TO_SECURITY_REASONS","expiration":"Aug 1, 2024, 1:33:28 PM"}}`,
		},
		{
			"a session whose token is recorded", &sts.Service, "AssumeRole", &sts.AssumeRoleOutput{Credentials: credentials}, true,
			`{"credentials":{"accessKeyId":"ASIAA1","sessionToken":"the-token","expiration":"Aug 1, 2024, 1:33:28 PM"}}`,
		},
		{"a JSON service", &organizations.Service, "DescribeAccount", &organizations.DescribeAccountOutput{Account: &organizations.Account{
			Id: "111122223333", Email: "a@example.com", JoinedTimestamp: at(),
		}}, false, `{"account":{"id":"111122223333","email":"****","joinedTimestamp":"2024-08-01T13:33:28Z"}}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := wire.Recorder{Service: test.svc, ShowHidden: test.hidden}
			if got := string(r.Output(test.svc.Operation(test.op), test.out)); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// Rules: TH-102 RE-25
func TestNoRecordShowsASecretMember(t *testing.T) {
	for _, svc := range []*wire.Service{&iam.Service, &sts.Service, &organizations.Service, &s3.Service} {
		for i := range svc.Operations {
			op := &svc.Operations[i]
			for _, v := range []wire.Codec{op.NewInput(), op.NewOutput()} {
				marks := &marker{}
				v.Decode(marks)
				r := wire.Recorder{Service: svc}
				for _, record := range [][]byte{r.Input(op, v), r.Output(op, v)} {
					if !json.Valid(record) {
						t.Errorf("%s: not JSON: %s", op.Name, record)
					}
					if at := strings.Index(string(record), secretMark); at >= 0 {
						t.Errorf("%s shows a secret: %s", op.Name, record[max(0, at-60):at])
					}
				}
			}
		}
	}
}
