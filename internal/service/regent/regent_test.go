package regent_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	iamapi "github.com/regent-iam/regent/internal/api/iam"
	organizationsapi "github.com/regent-iam/regent/internal/api/organizations"
	api "github.com/regent-iam/regent/internal/api/regent"
	stsapi "github.com/regent-iam/regent/internal/api/sts"
	"github.com/regent-iam/regent/internal/denials"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/service/iam"
	"github.com/regent-iam/regent/internal/service/organizations"
	"github.com/regent-iam/regent/internal/service/regent"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/service/sts"
)

const (
	ours   = "111122223333"
	theirs = "444455556666"

	allowAll = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
)

func allow(action, resource string) string {
	return `{"Version":"2012-10-17","Statement":[{"Sid":"One","Effect":"Allow","Action":"` + action + `","Resource":"` + resource + `"}]}`
}

func trust(principal string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":"sts:AssumeRole"}]}`
}

// services are what the harnesses of this package serve.
func services(h *servicetest.Harness) []dispatch.Service {
	service := regent.New(regent.Config{
		Authorizer: h.Authz, Denials: h.Denials, Version: "v1.2.3", Region: servicetest.Region,
		Served: func() map[string][]string { return map[string][]string{"sts": {"AssumeRole"}} },
	})
	return []dispatch.Service{
		{API: &api.Service, Operations: service.Operations()},
		{API: &iamapi.Service, Operations: iam.Operations()},
		{API: &stsapi.Service, Operations: sts.Operations()},
		{API: &organizationsapi.Service, Operations: organizations.New(organizationConfig()).Operations()},
	}
}

func TestScenarios(t *testing.T) {
	servicetest.Run(t, "testdata/*.txtar", func(t testing.TB) *servicetest.Harness { return servicetest.NewWith(t, services) })
}

// world is a harness with two accounts, ours and theirs, that share nothing.
func world(t testing.TB) *servicetest.Harness { return fillWorld(servicetest.NewWith(t, services)) }

func fillWorld(h *servicetest.Harness) *servicetest.Harness {
	h.Account(ours, "root")
	h.Account(theirs, "their-root")
	h.User("admin", ours, allowAll)
	h.User("alice", ours, "")
	h.User("bob", ours, "")
	h.User("their-admin", theirs, allowAll)
	return h
}

func why(h *servicetest.Harness, actor string, parameters ...string) *servicetest.Answer {
	return h.As(actor).Call("regent", "ExplainDecision", parameters...)
}

// refusedID has alice refused and returns the request's id.
func refusedID(h *servicetest.Harness) string {
	h.As("alice").Call("iam", "ListUsers").Fails("AccessDenied")
	return why(h, "alice").OK().Get("RequestId")
}

// Rules: TH-29 TH-61 EV-77
func TestOnesOwnDenialNeedsNoPermission(t *testing.T) {
	t.Parallel()
	h := world(t)
	why(h, "alice").Fails("DenialNotFoundException")
	id := refusedID(h)
	for name, got := range map[string]*servicetest.Answer{"last": why(h, "alice"), "id": why(h, "alice", "RequestId", id)} {
		got.OK()
		if got.Get("Decision") != "implicitDeny" || got.Get("Basis") != "THEN" || got.Get("Operation") != "iam:ListUsers" ||
			got.Get("Reason") != "No identity-based policy of arn:aws:iam::111122223333:user/alice allows iam:ListUsers on arn:aws:iam::111122223333:user/." ||
			got.Get("Fixes.Statement") != `{"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"}` || got.Get("Fixes.Account") != ours ||
			!strings.HasSuffix(got.Get("Message"), "because no identity-based policy allows the iam:ListUsers action") {
			t.Errorf("by %s: %s", name, got.Body)
		}
	}
	message := why(h, "alice").Get("EncodedMessage")
	why(h, "alice", "EncodedMessage", message).OK()

	// Somebody else's, and one that nobody has, look the same to who may not ask.
	const refusal = "User: arn:aws:iam::111122223333:user/bob is not authorized to perform: regent:ExplainDecision on resource: * because no identity-based policy allows the regent:ExplainDecision action"
	why(h, "bob", "RequestId", id).Fails("AccessDeniedException", refusal)
	why(h, "bob", "RequestId", "no-such-request").Fails("AccessDeniedException", refusal)
	why(h, "bob", "EncodedMessage", message).Fails("AccessDeniedException", refusal)
	why(h, "bob", "Action", "iam:ListUsers").Fails("AccessDeniedException", refusal)
	if got := why(h, "bob").OK(); got.Get("Action") != "regent:ExplainDecision" {
		t.Errorf("bob's last is %s", got.Body)
	}
	why(h, "admin", "RequestId", id).OK()
	why(h, "admin", "RequestId", "no-such-request").Fails("DenialNotFoundException")
	why(h, "their-admin", "RequestId", id).Fails("DenialNotFoundException")
}

func TestOneQuestionAtATime(t *testing.T) {
	t.Parallel()
	h := world(t)
	for _, parameters := range [][]string{
		{"RequestId", "a", "EncodedMessage", "b"},
		{"RequestId", "a", "Action", "s3:GetObject"},
		{"Resource", "*"},
		{"Principal", "arn:aws:iam::111122223333:user/alice"},
		{"Action", "s3:Get*"},
		{"Action", "GetObject"},
		{"Action", "s3:GetObject", "Resource", "bucket"},
		{"Action", "s3:GetObject", "Principal", "alice"},
		{"Action", "s3:GetObject", "Principal", "arn:aws:iam::111122223333:group/g"},
		{"Action", "s3:GetObject", "Principal", "arn:aws:sts::111122223333:assumed-role/r"},
	} {
		why(h, "admin", parameters...).Fails("InvalidParameterException")
	}
	why(h, "admin", "EncodedMessage", "nonsense").Fails("InvalidEncodedMessageException")
	why(h, "admin", "RequestId", "no such id").Fails("ValidationException")
}

// Rules: ST-77 TH-44 TH-61
func TestMessagesAreForTheAccountsConcerned(t *testing.T) {
	t.Parallel()
	h := world(t)
	h.Account("777788889999", "stranger")
	h.As("admin").Call("iam", "PutUserPolicy", "UserName", "alice", "PolicyName", "p", "PolicyDocument", allow("sts:AssumeRole", "*")).OK()
	h.As("their-admin").Call("iam", "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", trust(theirs)).OK()
	const role = "arn:aws:iam::444455556666:role/r"
	h.As("alice").Call("sts", "AssumeRole", "RoleArn", role, "RoleSessionName", "xx").Fails("AccessDenied")
	mine := why(h, "alice").OK()
	message := mine.Get("EncodedMessage")
	if got := mine.Get("Decision"); got != "unknown" || mine.Get("Reason") != "Your side allows it: a policy that you may not read refused it." {
		t.Errorf("%s", mine.Body)
	}
	if got := mine.Get("Fixes.Statement"); got != `{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/alice"}, "Action": "sts:AssumeRole"}` {
		t.Errorf("the statement is %s", got)
	}

	// The role's account sees the role's side, and nothing of alice's.
	theirsSee := why(h, "their-admin", "EncodedMessage", message).OK()
	if theirsSee.Get("Decision") != "implicitDeny" || !strings.Contains(theirsSee.Get("Fixes.Text"), "names neither arn:aws:iam::111122223333:user/alice") ||
		strings.Contains(theirsSee.Body, `"identity"`) || strings.Contains(theirsSee.Body, `"One"`) || len(theirsSee.All("EncodedMessage")) > 0 {
		t.Errorf("%s", theirsSee.Body)
	}
	why(h, "stranger", "EncodedMessage", message).Fails("InvalidEncodedMessageException")
	flipped := message[:60] + string(message[60]^1) + message[61:]
	why(h, "alice", "EncodedMessage", flipped).Fails("InvalidEncodedMessageException")

	decode := func(actor, text string) *servicetest.Answer {
		return h.As(actor).Call("sts", "DecodeAuthorizationMessage", "EncodedMessage", text)
	}
	decode("alice", message).Fails("AccessDenied")
	decode("their-admin", message).Fails("InvalidAuthorizationMessageException")
	decode("admin", flipped).Fails("InvalidAuthorizationMessageException")
	if got := decode("admin", "x"); got.Status != 400 || got.Code != "InvalidAuthorizationMessageException" {
		t.Errorf("%d %s", got.Status, got.Code)
	}
	const head = `{"allowed":false,"explicitDeny":false,"matchedStatements":{"items":[]},"failures":{"items":[]},"context":{"principal":{"id":"AIDA`
	const tail = `","name":"alice","arn":"arn:aws:iam::111122223333:user/alice"},"action":"sts:AssumeRole","resource":"arn:aws:iam::444455556666:role/r",` +
		`"conditions":{"items":[{"key":"aws:Region","values":{"items":[{"value":"us-east-1"}]}},{"key":"aws:Service","values":{"items":[{"value":"sts"}]}},` +
		`{"key":"aws:Resource","values":{"items":[{"value":"role/r"}]}},{"key":"aws:Account","values":{"items":[{"value":"444455556666"}]}},` +
		`{"key":"aws:ID","values":{"items":[{"value":"r"}]}},{"key":"aws:Type","values":{"items":[{"value":"role"}]}},` +
		`{"key":"aws:ARN","values":{"items":[{"value":"arn:aws:iam::444455556666:role/r"}]}},{"key":"sts:RoleSessionName","values":{"items":[{"value":"xx"}]}}]}}}`
	if got := decode("admin", message).OK().Get("DecodedMessage"); !strings.HasPrefix(got, head) || !strings.HasSuffix(got, tail) || !json.Valid([]byte(got)) {
		t.Errorf("decoded: %s", got)
	}
	h.Advance(denials.Kept - time.Minute)
	decode("admin", message).OK()
	h.Advance(2 * time.Minute)
	decode("admin", message).Fails("InvalidAuthorizationMessageException")
	why(h, "alice", "EncodedMessage", message).Fails("InvalidEncodedMessageException")
	why(h, "alice").Fails("DenialNotFoundException")
}

func TestThenAndNow(t *testing.T) {
	t.Parallel()
	h := world(t)
	id := refusedID(h)
	message := why(h, "alice").Get("EncodedMessage")
	h.As("admin").Call("iam", "PutUserPolicy", "UserName", "alice", "PolicyName", "p", "PolicyDocument", allow("iam:ListUsers", "*")).OK()
	if got := why(h, "alice", "RequestId", id).OK(); got.Get("Basis") != "THEN" || got.Get("Decision") != "implicitDeny" {
		t.Errorf("then: %s", got.Body)
	}
	if got := why(h, "alice", "RequestId", id, "Basis", "NOW").OK(); got.Get("Basis") != "NOW" || got.Get("Decision") != "allowed" || got.Get("RequestId") != id {
		t.Errorf("now, while then is still known: %s", got.Body)
	}
	why(h, "admin", "Action", "iam:ListUsers", "Basis", "THEN").Fails("InvalidParameterException")
	if err := h.Denials.Clear(); err != nil {
		t.Fatal(err)
	}
	got := why(h, "alice", "EncodedMessage", message).OK()
	if got.Get("Basis") != "NOW" || got.Get("Decision") != "allowed" || got.Get("Reason") != "It would be allowed now." || len(got.All("Fixes.Text")) > 0 {
		t.Errorf("now: %s", got.Body)
	}
	h.As("admin").Call("iam", "DeleteUserPolicy", "UserName", "alice", "PolicyName", "p").OK()
	if got := why(h, "admin", "EncodedMessage", message).OK(); got.Get("Decision") != "implicitDeny" {
		t.Errorf("now, without it: %s", got.Body)
	}
}

func TestGetServerInfo(t *testing.T) {
	t.Parallel()
	h := world(t)
	h.As("alice").Call("regent", "GetServerInfo").Fails("AccessDeniedException")
	got := h.As("admin").Call("regent", "GetServerInfo").OK()
	if got.Get("Version") != "v1.2.3" || got.Get("Region") != servicetest.Region || got.Get("Services.Name") != "sts" || got.Get("Services.Operations") != "AssumeRole" ||
		got.Get("DenialsKept") != "1000" || got.Get("DenialsKeptDays") != "7" {
		t.Errorf("%s", got.Body)
	}
}

func TestRequestsThatNobodyMade(t *testing.T) {
	t.Parallel()
	h := world(t)
	h.User("carol", ours, `{"Version":"2012-10-17","Statement":[{"Sid":"WithMFA","Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}]}`)
	const carol = "arn:aws:iam::111122223333:user/carol"
	got := why(h, "admin", "Principal", carol, "Action", "iam:ListUsers").OK()
	if got.Get("Decision") != "implicitDeny" || got.Get("Basis") != "NOW" || got.Get("Closest.Sid") != "WithMFA" || got.Get("Closest.Mismatch.Key") != "aws:MultiFactorAuthPresent" ||
		got.Get("Closest.Mismatch.Absent") != "true" || got.Get("Closest.Line") != "1" || len(got.All("RequestId")) > 0 || len(got.All("EncodedMessage")) > 0 {
		t.Errorf("%s", got.Body)
	}
	got = why(h, "admin", "Principal", carol, "Action", "iam:ListUsers", "Context:", `[{"Key":"aws:MultiFactorAuthPresent","Values":["true"]}]`).OK()
	if got.Get("Decision") != "allowed" || got.Get("Reason") != "It is allowed." {
		t.Errorf("with MFA: %s", got.Body)
	}
	if got := why(h, "admin", "Action", "iam:ListUsers").OK(); got.Get("Decision") != "allowed" {
		t.Errorf("oneself: %s", got.Body)
	}
	if got := why(h, "admin", "Principal", "arn:aws:iam::111122223333:root", "Action", "iam:ListUsers").OK(); got.Get("Decision") != "allowed" {
		t.Errorf("root: %s", got.Body)
	}
	h.As("admin").Call("iam", "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", trust(theirs)).OK()
	h.As("admin").Call("iam", "PutRolePolicy", "RoleName", "r", "PolicyName", "p", "PolicyDocument", allow("iam:ListRoles", "*")).OK()
	for _, role := range []string{"arn:aws:iam::111122223333:role/r", "arn:aws:sts::111122223333:assumed-role/r/s"} {
		if got := why(h, "admin", "Principal", role, "Action", "iam:ListRoles").OK(); got.Get("Decision") != "allowed" {
			t.Errorf("%s: %s", role, got.Body)
		}
	}
	got = why(h, "admin", "Principal", "arn:aws:iam::444455556666:user/their-admin", "Action", "sts:AssumeRole", "Resource", "arn:aws:iam::111122223333:role/r").OK()
	if got.Get("Decision") != "unknown" || got.Get("Layers.Matched.PolicyName") != "trust policy" {
		t.Errorf("somebody of theirs: %s", got.Body)
	}
}
