package record_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/record"
)

// ids returns a source of ids: id1, id2, …
func ids() func() string {
	n := 0
	return func() string { n++; return fmt.Sprint("id", n) }
}

func assumeRole() *record.Event {
	e := example()
	e.ID, e.RecipientAccountID = "", ""
	e.Source, e.Name, e.ReadOnly = "sts.amazonaws.com", "AssumeRole", true
	e.RequestParameters = []byte(`{"roleArn":"arn:aws:iam::111122223333:role/ops/deploy","roleSessionName":"ana"}`)
	e.ResponseElements = []byte(`{"credentials":{"accessKeyId":"ASIAA1"}}`)
	e.Resources = []record.Resource{{AccountID: "111122223333", Type: "AWS::IAM::Role", ARN: "arn:aws:iam::111122223333:role/ops/deploy"}}
	return e
}

// Rules: RE-40 RE-30
func TestAssumingAnotherAccountsRoleMakesTwoRecords(t *testing.T) {
	events := record.Copies(assumeRole(), "111122223333", ids())
	if len(events) != 2 {
		t.Fatalf("%d records", len(events))
	}
	callers, owners := written(t, events[0]), written(t, events[1])
	wanted := map[string][2]any{
		"eventID": {"id1", "id3"}, "sharedEventID": {"id2", "id2"}, "recipientAccountId": {"444455556666", "111122223333"},
	}
	for name, values := range wanted {
		if callers[name] != values[0] || owners[name] != values[1] {
			t.Errorf("%s is %v and %v", name, callers[name], owners[name])
		}
		delete(callers, name)
		delete(owners, name)
	}
	want(t, owners["userIdentity"].(map[string]any), `{"type":"AWSAccount","principalId":"AIDAB1","accountId":"444455556666"}`)
	want(t, callers["userIdentity"].(map[string]any), `{"type":"IAMUser","principalId":"AIDAB1","arn":"arn:aws:iam::444455556666:user/dev/ana","accountId":"444455556666","accessKeyId":"AKIAB1","userName":"ana"}`)
	delete(callers, "userIdentity")
	delete(owners, "userIdentity")
	if diff := cmp.Diff(callers, owners); diff != "" {
		t.Errorf("the copies differ in more:\n%s", diff)
	}
}

func TestOtherCallsMakeOneRecord(t *testing.T) {
	denied := assumeRole()
	denied.Fail("AccessDenied", "", "no")
	invalid := assumeRole()
	invalid.Fail("ValidationError", "", "no")
	byToken := assumeRole()
	byToken.Name, byToken.Identity = "AssumeRoleWithSAML", record.UserIdentity{Type: record.TypeSAMLUser}
	byService := assumeRole()
	byService.Identity = record.ServiceIdentity("athena.amazonaws.com")
	anonymous := assumeRole()
	anonymous.Source, anonymous.Identity = "s3.amazonaws.com", record.UserIdentity{AccountID: record.AnonymousAccount}
	other := assumeRole()
	other.Source, other.Name = "iam.amazonaws.com", "GetUser"
	for _, test := range []struct {
		name      string
		event     *record.Event
		owner     identity.AccountID
		recipient identity.AccountID
	}{
		// Rules: RE-1 RE-40
		{"own role", assumeRole(), "444455556666", "444455556666"},
		{"no owner", assumeRole(), "", "444455556666"},
		{"another service", other, "111122223333", "444455556666"},
		// Rules: RE-41
		{"denied", denied, "111122223333", "444455556666"},
		{"invalid", invalid, "111122223333", "444455556666"},
		// Rules: RE-42
		{"by assertion", byToken, "111122223333", "111122223333"},
		// Rules: RE-45
		{"by a service", byService, "111122223333", "111122223333"},
		// Rules: RE-10
		{"anonymous", anonymous, "111122223333", "111122223333"},
	} {
		t.Run(test.name, func(t *testing.T) {
			events := record.Copies(test.event, test.owner, ids())
			if len(events) != 1 || events[0].ID != "id1" || events[0].SharedEventID != "" || events[0].RecipientAccountID != test.recipient {
				t.Errorf("%d records, %+v", len(events), events[0])
			}
			if _, ok := written(t, events[0])["sharedEventID"]; ok {
				t.Error("a single record has a shared id")
			}
		})
	}
}

// Rules: RE-44
func TestCallsOnAnotherAccountsBucketMakeTwoRecords(t *testing.T) {
	full := `[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::logs/a/b.gz"},{"accountId":"111122223333","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::logs"}]`
	for _, test := range []struct{ name, code, callers string }{
		{"allowed", "", full},
		{"not found", "NoSuchKey", full},
		{"denied", "AccessDenied", `[{"type":"AWS::S3::Object","ARNPrefix":"arn:aws:s3:::logs/"},{"accountId":"","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::logs"}]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := getObject()
			e.ID, e.RecipientAccountID = "", ""
			if test.code != "" {
				e.Fail(test.code, "", "no")
			}
			events := record.Copies(e, "111122223333", ids())
			if len(events) != 2 {
				t.Fatalf("%d records", len(events))
			}
			got := [2]map[string]any{written(t, events[0]), written(t, events[1])}
			want(t, map[string]any{"r": got[0]["resources"]}, `{"r":`+test.callers+`}`)
			want(t, map[string]any{"r": got[1]["resources"]}, `{"r":`+full+`}`)
			want(t, got[1]["userIdentity"].(map[string]any), `{"type":"AWSAccount","principalId":"AIDAB1","accountId":"444455556666"}`)
			if got[0]["requestParameters"] == nil || got[1]["recipientAccountId"] != "111122223333" {
				t.Error("parameters or recipient are wrong")
			}
		})
	}
}

func TestFail(t *testing.T) {
	for _, test := range []struct {
		name, source, code, shape string
		want                      string
		parameters                bool
	}{
		// Rules: RE-35
		{"the shape's name", "iam.amazonaws.com", "NoSuchEntity", "NoSuchEntityException", "NoSuchEntityException", true},
		{"no shape", "sts.amazonaws.com", "ValidationError", "", "ValidationError", true},
		{"S3's code", "s3.amazonaws.com", "NoSuchKey", "NoSuchKey", "NoSuchKey", true},
		{"S3's code, not its shape", "s3.amazonaws.com", "BucketAlreadyExists", "Other", "BucketAlreadyExists", true},
		{"our own", "iam.amazonaws.com", "", "", "InternalFailure", true},
		// Rules: RE-36 RE-37
		{"IAM denies", "iam.amazonaws.com", "AccessDenied", "", "AccessDenied", false},
		{"STS denies", "sts.amazonaws.com", "AccessDenied", "", "AccessDenied", false},
		{"Organizations denies", "organizations.amazonaws.com", "AccessDeniedException", "AccessDeniedException", "AccessDenied", false},
		{"S3 denies", "s3.amazonaws.com", "AccessDenied", "", "AccessDenied", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := example()
			e.Source = test.source
			e.Fail(test.code, test.shape, "the client's text")
			got := written(t, e)
			if got["errorCode"] != test.want || got["errorMessage"] != "the client's text" {
				t.Errorf("recorded as %v: %v, want %s", got["errorCode"], got["errorMessage"], test.want)
			}
			if (got["requestParameters"] != nil) != test.parameters || got["responseElements"] != nil {
				t.Errorf("parameters %v, response %v", got["requestParameters"], got["responseElements"])
			}
		})
	}
}

// Rules: RE-38
func TestRefuse(t *testing.T) {
	e := example()
	e.Source = "s3.amazonaws.com"
	e.Refuse("ExpiredToken", "The provided token has expired.")
	got := written(t, e)
	if got["errorCode"] != "ExpiredToken" || got["errorMessage"] != "The provided token has expired." ||
		got["requestParameters"] != nil || got["responseElements"] != nil {
		t.Errorf("recorded as %v", got)
	}
}
