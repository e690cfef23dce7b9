package query_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/api/sts"
	"github.com/regent-iam/regent/internal/wire"
	"github.com/regent-iam/regent/internal/wire/query"
	"github.com/regent-iam/regent/internal/wire/wiretest"
)

// services are those that speak this protocol.
func services() []*wire.Service { return []*wire.Service{&iam.Service, &sts.Service} }

// Rules: WI-48 IA-10
func TestEveryInputSurvivesTheWire(t *testing.T) {
	for _, svc := range services() {
		for i := range svc.Operations {
			op := &svc.Operations[i]
			for seed := range uint64(4) {
				want := op.NewInput()
				want.Decode(wiretest.NewFiller(seed, seed == 0))
				form := &wiretest.Form{}
				want.Encode(form)
				form.Params = append(form.Params, wire.Param{Name: "Action", Value: op.Name}, wire.Param{Name: "Version", Value: svc.APIVersion})
				routed, err := query.Operation(svc, form.Params)
				if err != nil || routed != op {
					t.Fatalf("%s routed to %v, %v", op.Name, routed, err)
				}
				got := op.NewInput()
				if err := query.Decode(svc, op, form.Params, got); err != nil {
					t.Errorf("%s, seed %d: %v\n%v", op.Name, seed, err, form.Params)
					continue
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s, seed %d (-sent +decoded):\n%s", op.Name, seed, diff)
				}
			}
		}
	}
}

// Rules: WI-45 IA-20 IA-28
func TestEveryOutputSurvivesTheWire(t *testing.T) {
	for _, svc := range services() {
		for i := range svc.Operations {
			op := &svc.Operations[i]
			for seed := range uint64(4) {
				want := op.NewOutput()
				want.Decode(wiretest.NewFiller(seed, seed == 0))
				a := query.Encode(svc, op, want, "the-id")
				root, err := wiretest.ParseElement(a.Body)
				if err != nil {
					t.Fatalf("%s: %v\n%s", op.Name, err, a.Body)
				}
				if root.XMLName.Local != op.Name+"Response" || root.XMLName.Space != svc.Namespace {
					t.Fatalf("%s: root is %v", op.Name, root.XMLName)
				}
				if id := root.Kid("ResponseMetadata").Kid("RequestId").Text; id != "the-id" {
					t.Errorf("%s: request id %q", op.Name, id)
				}
				if op.Out == nil {
					continue
				}
				got := op.NewOutput()
				d := wiretest.NewElements(root.Kid(op.ResultWrapper))
				got.Decode(d)
				if d.Err != nil {
					t.Errorf("%s: %v", op.Name, d.Err)
				}
				unescaped := cmp.FilterPath(isDocument, cmp.Transformer("unescape", unescape))
				if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), unescaped); diff != "" {
					t.Errorf("%s, seed %d (-sent +read):\n%s", op.Name, seed, diff)
				}
			}
		}
	}
}

// A document whose text looks encoded is encoded all the same, so that the one
// decoding of an SDK gives back what was saved.
//
// Rules: TV-10 IA-20
func TestDocumentsAreEncodedOnceWhateverTheyHold(t *testing.T) {
	const document = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn%3Aaws:s3:::a+b%20c"}]}`
	saved := new(iam.CreatePolicyInput)
	params := []wire.Param{
		{Name: "Action", Value: "CreatePolicy"},
		{Name: "Version", Value: iam.Service.APIVersion},
		{Name: "PolicyName", Value: "p"},
		{Name: "PolicyDocument", Value: document},
	}
	if err := query.Decode(&iam.Service, iam.Service.Operation("CreatePolicy"), params, saved); err != nil || saved.PolicyDocument != document {
		t.Fatalf("received %q, %v", saved.PolicyDocument, err)
	}
	out := &iam.GetPolicyVersionOutput{PolicyVersion: &iam.PolicyVersion{Document: saved.PolicyDocument, VersionId: "v1"}}
	answer := query.Encode(&iam.Service, iam.Service.Operation("GetPolicyVersion"), out, "the-id")
	root, err := wiretest.ParseElement(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	sent := root.Kid("GetPolicyVersionResult").Kid("PolicyVersion").Kid("Document").Text
	if !strings.Contains(sent, "arn%253Aaws%3As3%3A%3A%3Aa%2Bb%2520c") {
		t.Errorf("on the wire: %s", sent)
	}
	shown, err := url.PathUnescape(sent)
	if err != nil || shown != document {
		t.Errorf("shown %s, %v", shown, err)
	}
	if form, err := url.QueryUnescape(sent); err != nil || form != document { // boto3 decodes so
		t.Errorf("shown by others %s, %v", form, err)
	}
}

// isDocument reports whether a path leads to a policy document.
func isDocument(p cmp.Path) bool {
	f, ok := p.Last().(cmp.StructField)
	return ok && (strings.HasSuffix(f.Name(), "PolicyDocument") || f.Name() == "Document")
}

// document is a policy document that was decoded once.
type document string

// unescape decodes a document if it is encoded: the generated values have a "%"
// that is no escape, so the sent ones come through as they are.
func unescape(s string) document {
	if u, err := url.PathUnescape(s); err == nil {
		return document(u)
	}
	return document(s)
}

// Rules: TH-2 TH-20 WI-48
func TestDecodeRefusesWhatTwoReadersCouldReadDifferently(t *testing.T) {
	long := strings.Repeat("&x=1", 10_001)
	tests := []struct{ name, op, form, want string }{
		{"a parameter twice", "CreateUser", "UserName=a&UserName=b", "more than once"},
		{"an unknown parameter twice", "CreateUser", "UserName=a&Foo=1&Foo=1", "more than once"},
		{"a leading zero", "TagUser", "UserName=a&Tags.member.01.Key=k&Tags.member.01.Value=v", "valid number"},
		{"an index of zero", "TagUser", "UserName=a&Tags.member.0.Key=k&Tags.member.0.Value=v", "valid number"},
		{"a negative index", "TagUser", "UserName=a&Tags.member.-1.Key=k", "valid number"},
		{"an index with a sign", "TagUser", "UserName=a&Tags.member.+1.Key=k", "valid number"},
		{"an index of digits that are not ASCII", "TagUser", "UserName=a&Tags.member.١.Key=k", "valid number"},
		{"an enormous index", "TagUser", "UserName=a&Tags.member.999999999.Key=k", "valid number"},
		{"an index beyond the list's maximum", "TagUser", "UserName=a&Tags.member.51.Key=k&Tags.member.51.Value=v", "beyond the 50"},
		{"an item without member", "TagUser", "UserName=a&Tags.1.Key=k&Tags.1.Value=v", "not an item"},
		{"an empty list and items", "TagUser", "UserName=a&Tags=&Tags.member.1.Key=k&Tags.member.1.Value=v", "empty list and with items"},
		{"a list with a value", "TagUser", "UserName=a&Tags=x", "cannot have a value"},
		{"too many parameters", "CreateUser", "UserName=a" + long, "more than 10000"},
		{"a number with blanks", "CreateRole", "RoleName=a&AssumeRolePolicyDocument=x&MaxSessionDuration=%203600", "not an integer"},
		{"a number with a sign", "CreateRole", "RoleName=a&AssumeRolePolicyDocument=x&MaxSessionDuration=%2B3600", "not an integer"},
		{"a number beyond 32 bits", "CreateRole", "RoleName=a&AssumeRolePolicyDocument=x&MaxSessionDuration=4294970896", "too large"},
		{"a boolean in capitals", "UpdateLoginProfile", "UserName=a&PasswordResetRequired=True", "not true or false"},
		{"text that is not UTF-8", "CreateUser", "UserName=%ff", "not valid UTF-8"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			op := iam.Service.Operation(test.op)
			err := query.Decode(&iam.Service, op, pairs(t, test.form), op.NewInput())
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "MalformedInput: ") {
				t.Errorf("got %v, want MalformedInput with %q", err, test.want)
			}
		})
	}
}

// pairs decodes a form in order.
func pairs(t *testing.T, form string) []wire.Param {
	t.Helper()
	var out []wire.Param
	for pair := range strings.SplitSeq(strings.TrimSpace(form), "&") {
		name, value, _ := strings.Cut(pair, "=")
		n, err := url.QueryUnescape(name)
		if err != nil {
			t.Fatal(err)
		}
		v, err := url.QueryUnescape(value)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(name, "+") {
			n = name
		}
		out = append(out, wire.Param{Name: n, Value: v})
	}
	return out
}

// Rules: WI-48
func TestNumbersMayHaveGapsAndNeedNotBeInOrder(t *testing.T) {
	var in iam.TagUserInput
	form := "UserName=a&Tags.member.10.Key=c&Tags.member.10.Value=&Tags.member.2.Value=b&Tags.member.2.Key=b&Unknown=1"
	if err := query.Decode(&iam.Service, iam.Service.Operation("TagUser"), pairs(t, form), &in); err != nil {
		t.Fatal(err)
	}
	want := iam.TagUserInput{UserName: "a", Tags: []iam.Tag{{Key: "b", Value: "b"}, {Key: "c"}}}
	if diff := cmp.Diff(want, in); diff != "" {
		t.Error(diff)
	}
}

// Rules: WI-48
func TestAnEmptyListIsNotAnAbsentOne(t *testing.T) {
	op := iam.Service.Operation("CreateUser")
	var sent, unsent iam.CreateUserInput
	if err := query.Decode(&iam.Service, op, pairs(t, "UserName=a&Tags="), &sent); err != nil {
		t.Fatal(err)
	}
	if err := query.Decode(&iam.Service, op, pairs(t, "UserName=a"), &unsent); err != nil {
		t.Fatal(err)
	}
	if sent.Tags == nil || len(sent.Tags) != 0 || unsent.Tags != nil {
		t.Errorf("sent %#v, unsent %#v", sent.Tags, unsent.Tags)
	}
}

// Rules: WI-48 WI-20
func TestOperationNeedsActionAndVersion(t *testing.T) {
	for _, test := range []struct{ form, want string }{
		{"Version=2010-05-08", "MissingAction"},
		{"Action=GetUser", "MissingParameter"},
		{"Action=GetUser&Version=2010-05-08&Action=DeleteUser", "MalformedInput"},
		{"Action=GetUser&Version=2010-05-08&Version=2010-05-08", "MalformedInput"},
		{"Action=GetUser&Version=2011-06-15", "InvalidAction: Could not find operation GetUser for version 2011-06-15"},
		{"Action=getuser&Version=2010-05-08", "InvalidAction: Could not find operation getuser for version 2010-05-08"},
		{"Action=GetCallerIdentity&Version=2010-05-08", "InvalidAction"},
	} {
		op, err := query.Operation(&iam.Service, pairs(t, test.form))
		if op != nil || err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: got %v, %v, want %s", test.form, op, err, test.want)
		}
	}
}

// Rules: IA-20
func TestADocumentIsEncodedExactlyOnce(t *testing.T) {
	op := iam.Service.Operation("GetUserPolicy")
	out := &iam.GetUserPolicyOutput{UserName: "u", PolicyName: "p", PolicyDocument: `{"a": "%3A ~é<"}`}
	body := string(query.Encode(&iam.Service, op, out, "id").Body)
	want := "<PolicyDocument>%7B%22a%22%3A%20%22%253A%20~%C3%A9%3C%22%7D</PolicyDocument>"
	if !strings.Contains(body, want) {
		t.Errorf("%s\ndoes not have\n%s", body, want)
	}
}

// Rules: IA-21
func TestBlobsAreBase64AndMetadataIsPlain(t *testing.T) {
	op := iam.Service.Operation("CreateVirtualMFADevice")
	out := &iam.CreateVirtualMFADeviceOutput{VirtualMFADevice: &iam.VirtualMFADevice{
		SerialNumber: "arn:aws:iam::111122223333:mfa/m", Base32StringSeed: []byte("JBSWY3DP"), QRCodePNG: []byte{0x89, 'P'},
	}}
	body := string(query.Encode(&iam.Service, op, out, "id").Body)
	for _, want := range []string{"<Base32StringSeed>SkJTV1kzRFA=</Base32StringSeed>", "<QRCodePNG>iVA=</QRCodePNG>"} {
		if !strings.Contains(body, want) {
			t.Errorf("%s\ndoes not have %s", body, want)
		}
	}
	saml := &iam.GetSAMLProviderOutput{SAMLMetadataDocument: "<a b=\"%41\"/>"}
	body = string(query.Encode(&iam.Service, iam.Service.Operation("GetSAMLProvider"), saml, "id").Body)
	if want := "<SAMLMetadataDocument>&lt;a b=\"%41\"/&gt;</SAMLMetadataDocument>"; !strings.Contains(body, want) {
		t.Errorf("%s\ndoes not have %s", body, want)
	}
}

// Rules: IA-10
func TestAListAlwaysSaysWhetherItIsTruncated(t *testing.T) {
	body := string(query.Encode(&iam.Service, iam.Service.Operation("ListUsers"), &iam.ListUsersOutput{}, "id").Body)
	if want := "<Users></Users><IsTruncated>false</IsTruncated></ListUsersResult>"; !strings.Contains(body, want) {
		t.Errorf("%s\ndoes not have %s", body, want)
	}
}

func FuzzQueryDecode(f *testing.F) {
	f.Add("UserName=a&Tags.member.1.Key=k&Tags.member.1.Value=v&Path=/")
	f.Add("UserName=a&Tags=&Tags.member.01.Key=k")
	f.Add("RoleName=a&MaxSessionDuration=3600&AssumeRolePolicyDocument=%7B%7D")
	ops := []*wire.Operation{
		iam.Service.Operation("CreateUser"), iam.Service.Operation("CreateRole"), iam.Service.Operation("SimulateCustomPolicy"),
	}
	f.Fuzz(func(t *testing.T, form string) {
		values, err := url.ParseQuery(form)
		if err != nil {
			return
		}
		var params []wire.Param
		for name, vs := range values {
			for _, v := range vs {
				params = append(params, wire.Param{Name: name, Value: v})
			}
		}
		for _, op := range ops {
			first := op.NewInput()
			if query.Decode(&iam.Service, op, params, first) != nil {
				continue
			}
			again := &wiretest.Form{}
			first.Encode(again)
			second := op.NewInput()
			if err := query.Decode(&iam.Service, op, again.Params, second); err != nil {
				t.Fatalf("%s: what was decoded does not decode again: %v", op.Name, err)
			}
			if diff := cmp.Diff(first, second, cmpopts.EquateEmpty()); diff != "" {
				t.Fatal(fmt.Sprint(op.Name, diff))
			}
		}
	})
}

// Rules: IA-30
func TestCodesAndStatusesOfIAM(t *testing.T) {
	want := map[string]int{
		"NoSuchEntity": 404, "EntityAlreadyExists": 409, "DeleteConflict": 409, "LimitExceeded": 409, "InvalidInput": 400,
		"MalformedPolicyDocument": 400, "UnmodifiableEntity": 400, "ConcurrentModification": 409, "EntityTemporarilyUnmodifiable": 409,
		"InvalidAuthenticationCode": 403, "InvalidUserType": 400, "PasswordPolicyViolation": 400, "PolicyNotAttachable": 400,
		"PolicyEvaluation": 500, "ServiceFailure": 500, "NotSupportedService": 404, "ReportNotPresent": 410, "ReportExpired": 410,
		"ReportInProgress": 404, "ReportGenerationLimitExceeded": 409, "FeatureDisabled": 404, "FeatureEnabled": 409,
		"MalformedCertificate": 400, "KeyPairMismatch": 400, "InvalidCertificate": 400, "DuplicateCertificate": 409,
		"DuplicateSSHPublicKey": 400, "InvalidPublicKey": 400, "UnrecognizedPublicKeyEncoding": 400, "OpenIdIdpCommunicationError": 400,
	}
	got := map[string]int{}
	for i := range iam.Service.Operations {
		for _, e := range iam.Service.Operations[i].Errors {
			if _, ok := want[e.Code]; ok {
				got[e.Code] = e.Status
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if e := iam.NoSuchEntity("The user with name %s cannot be found.", "x"); e.Error() != "NoSuchEntity: The user with name x cannot be found." || e.Shape != "NoSuchEntityException" || e.Status != 404 {
		t.Errorf("%+v", e)
	}
}

// Rules: WI-45 IA-28
func TestAnswersReadAsAWSWritesThem(t *testing.T) {
	head := []wire.Param{{Name: "Content-Type", Value: "text/xml"}, {Name: "x-amzn-RequestId", Value: "the-id"}}
	const ns = `xmlns="https://iam.amazonaws.com/doc/2010-05-08/"`
	tests := []struct {
		name string
		got  wire.Answer
		want wire.Answer
	}{
		{
			"nothing to say", query.Encode(&iam.Service, iam.Service.Operation("DeleteUser"), &wire.Empty{}, "the-id"),
			wire.Answer{Status: 200, Header: head, Body: []byte(`<DeleteUserResponse ` + ns + `><ResponseMetadata><RequestId>the-id</RequestId></ResponseMetadata></DeleteUserResponse>`)},
		},
		{
			"a structure", query.Encode(&iam.Service, iam.Service.Operation("GetUser"), &iam.GetUserOutput{User: &iam.User{
				Path: "/", UserName: "a&b", UserId: "AIDA", Arn: "arn", CreateDate: time.Unix(1722519208, 0), Tags: []iam.Tag{{Key: "k", Value: ""}},
			}}, "the-id"),
			wire.Answer{Status: 200, Header: head, Body: []byte(`<GetUserResponse ` + ns + `><GetUserResult><User><Path>/</Path><UserName>a&amp;b</UserName><UserId>AIDA</UserId><Arn>arn</Arn>` +
				`<CreateDate>2024-08-01T13:33:28Z</CreateDate><Tags><member><Key>k</Key><Value></Value></member></Tags></User></GetUserResult>` +
				`<ResponseMetadata><RequestId>the-id</RequestId></ResponseMetadata></GetUserResponse>`)},
		},
		{
			"our fault", query.EncodeError(&iam.Service, iam.ServiceFailure("oh"), "the-id"),
			wire.Answer{Status: 500, Header: head, Body: []byte(`<ErrorResponse ` + ns + `><Error><Type>Receiver</Type><Code>ServiceFailure</Code><Message>oh</Message></Error><RequestId>the-id</RequestId></ErrorResponse>`)},
		},
		{
			"their fault", query.EncodeError(&iam.Service, iam.NoSuchEntity("it's <gone>"), "the-id"),
			wire.Answer{Status: 404, Header: head, Body: []byte(`<ErrorResponse ` + ns + `><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>it's &lt;gone&gt;</Message></Error><RequestId>the-id</RequestId></ErrorResponse>`)},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, test.got); diff != "" {
				t.Errorf("%s\n%s", diff, test.got.Body)
			}
		})
	}
}

func BenchmarkDecodeAssumeRole(b *testing.B) {
	op := sts.Service.Operation("AssumeRole")
	params := []wire.Param{
		{Name: "Action", Value: "AssumeRole"},
		{Name: "Version", Value: "2011-06-15"},
		{Name: "RoleArn", Value: "arn:aws:iam::111122223333:role/r"},
		{Name: "RoleSessionName", Value: "ana"},
		{Name: "Tags.member.1.Key", Value: "k"},
		{Name: "Tags.member.1.Value", Value: "v"},
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := query.Decode(&sts.Service, op, params, new(sts.AssumeRoleInput)); err != nil {
			b.Fatal(err)
		}
	}
}
