package record_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/regent-iam/regent/internal/record"
)

var at = time.Date(2026, 3, 1, 10, 0, 0, 123_456_789, time.UTC)

// object reads one object and fails on what is none, or names a member twice.
func object(t testing.TB, line []byte) map[string]any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(line))
	if err := unique(d); err != nil {
		t.Fatalf("%v in %s", err, line)
	}
	var o map[string]any
	if err := json.Unmarshal(line, &o); err != nil {
		t.Fatalf("%v in %s", err, line)
	}
	return o
}

func unique(d *json.Decoder) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	switch t {
	case json.Delim('{'):
		seen := map[any]bool{}
		for d.More() {
			name, err := d.Token()
			if err != nil {
				return err
			}
			if seen[name] {
				return fmt.Errorf("%v twice", name)
			}
			seen[name] = true
			if err := unique(d); err != nil {
				return err
			}
		}
		_, err = d.Token()
	case json.Delim('['):
		for d.More() {
			if err := unique(d); err != nil {
				return err
			}
		}
		_, err = d.Token()
	}
	return err
}

// written checks what holds of every record and returns its members.
func written(t testing.TB, e *record.Event) map[string]any {
	t.Helper()
	line := record.Append([]byte("before"), e)
	line, ok := bytes.CutPrefix(line, []byte("before"))
	if !ok {
		t.Fatal("Append did not append")
	}
	if len(line) > 256<<10 {
		t.Errorf("record of %d bytes", len(line))
	}
	if !utf8.Valid(line) {
		t.Error("record is not UTF-8")
	}
	if i := bytes.IndexFunc(line, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\u0085' || r == '\u2028' || r == '\u2029' }); i >= 0 {
		t.Errorf("record has %q in it", line[i])
	}
	return object(t, line)
}

func want(t *testing.T, got map[string]any, wanted string) {
	t.Helper()
	if diff := cmp.Diff(object(t, []byte(wanted)), got); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
}

func user() record.UserIdentity {
	return record.UserIdentity{
		Type: record.TypeIAMUser, PrincipalID: "AIDAB1", ARN: "arn:aws:iam::444455556666:user/dev/ana",
		AccountID: "444455556666", AccessKeyID: "AKIAB1", UserName: "ana",
	}
}

func example() *record.Event {
	return &record.Event{
		ID: "0b6e", RequestID: "7d0c", Identity: user(), Time: at,
		Source: "iam.amazonaws.com", Name: "CreateAccessKey", Region: "us-east-1", SourceIP: "192.0.2.7", UserAgent: "aws-cli/2.32",
		RequestParameters:  []byte(`{"userName":"bo"}`),
		ResponseElements:   []byte(`{"accessKey":{"accessKeyId":"AKIAB2","createDate":"Mar 1, 2026 10:00:00 AM","status":"Active","userName":"bo"}}`),
		Management:         true,
		RecipientAccountID: "444455556666",
	}
}

// The first example of the record's specification.
// Rules: RE-2 RE-3
func TestAWriteByAUser(t *testing.T) {
	want(t, written(t, example()), `{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","principalId":"AIDAB1","arn":"arn:aws:iam::444455556666:user/dev/ana","accountId":"444455556666","accessKeyId":"AKIAB1","userName":"ana"},"eventTime":"2026-03-01T10:00:00Z","eventSource":"iam.amazonaws.com","eventName":"CreateAccessKey","awsRegion":"us-east-1","sourceIPAddress":"192.0.2.7","userAgent":"aws-cli/2.32","requestParameters":{"userName":"bo"},"responseElements":{"accessKey":{"accessKeyId":"AKIAB2","createDate":"Mar 1, 2026 10:00:00 AM","status":"Active","userName":"bo"}},"requestID":"7d0c","eventID":"0b6e","readOnly":false,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"444455556666","eventCategory":"Management"}`)
}

// Rules: RE-3 RE-5 RE-17
func TestEveryMember(t *testing.T) {
	e := &record.Event{
		ID: "1", SharedEventID: "2", RequestID: "3", Identity: record.ServiceIdentity("athena.amazonaws.com"),
		Time: at.In(time.FixedZone("", 3600)), Source: "s", Name: "N", Type: record.ServiceEvent, Region: "eu-west-1",
		SourceIP: "athena.amazonaws.com", UserAgent: "ua", ErrorCode: "c", ErrorMessage: "m",
		AdditionalEventData: []byte(`{"a":1}`), ServiceEventDetails: []byte(`{"d":"x"}`),
		Resources: []record.Resource{
			{AccountID: "111122223333", Type: "AWS::IAM::Role", ARN: "arn:r"}, {Type: "t", ARNPrefix: "arn:p"}, {Type: "w", ARN: "b", Withheld: true},
		},
		ReadOnly: true, RecipientAccountID: "111122223333", VPCEndpointID: "vpce-1", VPCEndpointAccountID: "9",
		CredentialFromConsole: true, TLS: &record.TLSDetails{Version: "TLSv1.3", CipherSuite: "TLS_AES_128_GCM_SHA256", Host: "h"},
	}
	want(t, written(t, e), `{"eventVersion":"1.11","eventID":"1","sharedEventID":"2","requestID":"3",
		"userIdentity":{"type":"AWSService","invokedBy":"athena.amazonaws.com"},"eventTime":"2026-03-01T10:00:00Z",
		"eventSource":"s","eventName":"N","awsRegion":"eu-west-1","sourceIPAddress":"athena.amazonaws.com","userAgent":"ua",
		"errorCode":"c","errorMessage":"m","requestParameters":null,"responseElements":null,"additionalEventData":{"a":1},
		"serviceEventDetails":{"d":"x"},"readOnly":true,"managementEvent":false,"eventCategory":"Data","eventType":"AwsServiceEvent",
		"resources":[{"accountId":"111122223333","type":"AWS::IAM::Role","ARN":"arn:r"},{"type":"t","ARNPrefix":"arn:p"},{"accountId":"","type":"w","ARN":"b"}],
		"recipientAccountId":"111122223333","vpcEndpointId":"vpce-1","vpcEndpointAccountId":"9","sessionCredentialFromConsole":"true",
		"tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"h"}}`)
	want(t, written(t, &record.Event{Time: at}), `{"eventVersion":"1.11","eventID":"","userIdentity":{"type":"Unknown"},
		"eventTime":"2026-03-01T10:00:00Z","eventSource":"","eventName":"","awsRegion":"","sourceIPAddress":"","requestParameters":null,
		"responseElements":null,"requestID":"","readOnly":false,"eventType":"AwsApiCall","managementEvent":false,"recipientAccountId":"","eventCategory":"Data"}`)
}

// Rules: TH-103
func TestTextCannotLeaveItsString(t *testing.T) {
	e := example()
	for _, text := range []string{
		"a\nb", "a\r\n{\"eventID\":\"forged\"}", `","eventName":"DeleteTrail`, "\x00\x1b[2J\x7f", "\u0085\u2028\u2029", "\xff\xfe\xc3", `\`, `\"`, "日本 é 😀",
	} {
		e.UserAgent, e.ErrorMessage, e.Identity.UserName = text, text, text
		got := written(t, e)
		valid := strings.ToValidUTF8(text, "\uFFFD")
		if text == "\xff\xfe\xc3" {
			valid = "\uFFFD\uFFFD\uFFFD" // one for each byte
		}
		if got["userAgent"] != valid || got["errorMessage"] != valid || got["userIdentity"].(map[string]any)["userName"] != valid {
			t.Errorf("%q was recorded as %q", text, got["userAgent"])
		}
		if got["eventName"] != "CreateAccessKey" || got["eventID"] != "0b6e" {
			t.Errorf("%q changed another member", text)
		}
	}
}

// Rules: TH-103 RE-4
func TestObjectsMadeElsewhereAreEnclosed(t *testing.T) {
	for _, test := range []struct{ raw, want string }{
		{"{\"a\":\n [1,\t2]}\n", `{"a":[1,2]}`},
		{`null`, `null`},
		{`[{"a":"}\""}]`, `[{"a":"}\""}]`},
		{`{"a":1},"eventName":"x"`, `{"regentTruncated":true}`},
		{`{"a":1}}`, `{"regentTruncated":true}`},
		{`{"a":[1}]`, `{"regentTruncated":true}`},
		{`{"a":"`, `{"regentTruncated":true}`},
		{`{"a":"\`, `{"regentTruncated":true}`},
		{"{\"a\":\"x\ny\"}", `{"regentTruncated":true}`},
		{`}`, `{"regentTruncated":true}`},
		{"{\"a\":\"\xff\"}", `{"a":"�"}`},
		{strings.Repeat("[", 40) + strings.Repeat("]", 40), strings.Repeat("[", 40) + strings.Repeat("]", 40)},
	} {
		e := example()
		e.RequestParameters = []byte(test.raw)
		line := record.Append(nil, e)
		if !bytes.Contains(line, []byte(`"requestParameters":`+test.want+`,"responseElements":`)) {
			t.Errorf("%q was recorded as %s", test.raw, line)
		}
		written(t, e)
	}
}

// Rules: RE-3 RE-4
func TestLimits(t *testing.T) {
	e := example()
	e.UserAgent = strings.Repeat("u", 1023) + "é"
	e.ErrorMessage = strings.Repeat("m", 1025)
	e.AdditionalEventData = fmt.Appendf(nil, `{"long":%q,"short":1}`, strings.Repeat("x", 28<<10))
	e.RequestParameters = fmt.Appendf(nil, `{"a":1,"b":%q,"c":%q,"d":[2]}`, strings.Repeat("x", 70<<10), strings.Repeat("y", 60<<10))
	e.ResponseElements = fmt.Appendf(nil, `[%q]`, strings.Repeat("x", 100<<10))
	got := written(t, e)
	if got["userAgent"] != strings.Repeat("u", 1023) || got["errorMessage"] != strings.Repeat("m", 1024) {
		t.Error("texts are not cut at 1 KiB in whole characters")
	}
	wanted := map[string]any{"a": 1.0, "c": strings.Repeat("y", 60<<10), "d": []any{2.0}, "regentTruncated": true}
	if diff := cmp.Diff(wanted, got["requestParameters"]); diff != "" {
		t.Error("not the longest member was dropped:", diff)
	}
	if diff := cmp.Diff(map[string]any{"short": 1.0, "regentTruncated": true}, got["additionalEventData"]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]any{"regentTruncated": true}, got["responseElements"]); diff != "" {
		t.Error(diff)
	}

	whole := fmt.Appendf(nil, `{"a":%q}`, strings.Repeat("x", 100<<10-8))
	e.RequestParameters = whole
	if diff := cmp.Diff(object(t, whole), written(t, e)["requestParameters"]); diff != "" {
		t.Error("an object of exactly 100 KiB is not whole")
	}
}

// Rules: RE-4
func TestNoRecordIsLargerThanTheLimit(t *testing.T) {
	worst := strings.Repeat("\x00", 5000)
	e := &record.Event{
		ID: "id", SharedEventID: worst, RequestID: worst, Time: at, Source: worst, Name: worst, Region: worst, SourceIP: worst,
		UserAgent: worst, ErrorCode: worst, ErrorMessage: worst, VPCEndpointID: worst, CredentialFromConsole: true,
		TLS: &record.TLSDetails{Version: worst, CipherSuite: worst, Host: worst},
		Identity: record.UserIdentity{
			Type: "T", PrincipalID: worst, ARN: worst, UserName: worst, Provider: worst, InvokedBy: worst, CredentialID: worst,
			OnBehalfOf: &record.OnBehalfOf{UserID: worst, IdentityStoreARN: worst},
			Session: &record.SessionContext{
				Issuer:         &record.SessionIssuer{PrincipalID: worst, ARN: worst, UserName: worst},
				WebIdentity:    &record.WebIdentity{Provider: worst},
				SourceIdentity: worst, EC2RoleDelivery: worst, AssumedRoot: true,
			},
		},
	}
	for i := range 100 {
		e.Identity.Session.WebIdentity.Attributes = append(e.Identity.Session.WebIdentity.Attributes, record.Attribute{Name: fmt.Sprint(i) + worst, Value: worst})
	}
	written(t, e)
	full := fmt.Appendf(nil, `{"a":%q}`, strings.Repeat("x", 100<<10-8))
	small := fmt.Appendf(nil, `{"a":%q}`, strings.Repeat("x", 28<<10-8))
	e.RequestParameters, e.ResponseElements, e.AdditionalEventData, e.ServiceEventDetails = full, full, small, small
	written(t, e)

	e = example()
	for i := range 1000 {
		e.Resources = append(e.Resources, record.Resource{Type: "AWS::S3::Object", ARN: fmt.Sprint(i, strings.Repeat("k", 1000))})
	}
	got := written(t, e)
	kept := got["resources"].([]any)
	if len(kept) < 200 || len(kept) == 1000 || got["regentTruncated"] != true {
		t.Errorf("%d of 1000 resources were kept, marked: %v", len(kept), got["regentTruncated"])
	}
	if first := kept[0].(map[string]any)["ARN"].(string); !strings.HasPrefix(first, "0k") {
		t.Errorf("first resource is %.10s", first)
	}
}

// Rules: TH-103 RE-4
func TestAnyEventIsOneLineOfJSON(t *testing.T) {
	text := rapid.Custom(func(t *rapid.T) string { return string(rapid.SliceOfN(rapid.Byte(), 0, 2000).Draw(t, "text")) })
	rapid.Check(t, func(rt *rapid.T) {
		e := example()
		e.ID, e.UserAgent, e.ErrorMessage, e.Name = text.Draw(rt, "id"), text.Draw(rt, "agent"), text.Draw(rt, "message"), text.Draw(rt, "name")
		e.Identity.ARN = text.Draw(rt, "arn")
		e.Resources = []record.Resource{{Type: "t", ARN: text.Draw(rt, "resource")}}
		e.RequestParameters = []byte(`{"a":"` + text.Draw(rt, "raw") + `"}`)
		line := record.Append(nil, e)
		if bytes.IndexByte(line, '\n') >= 0 || !utf8.Valid(line) {
			rt.Fatalf("not one line: %q", line)
		}
		// The raw object is its maker's; what follows it must be as it was.
		if !bytes.Contains(line, []byte(`,"responseElements":{"accessKey":{"accessKeyId":"AKIAB2"`)) {
			rt.Fatalf("an object ended early: %q", line)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	e := getObject()
	var line []byte
	b.ReportAllocs()
	for b.Loop() {
		line = record.Append(line[:0], e)
	}
	b.SetBytes(int64(len(line)))
}
