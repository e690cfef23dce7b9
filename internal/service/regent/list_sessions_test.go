package regent_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/store"
)

// holders lists the sessions of a target once what waits is written.
func holders(h *servicetest.Harness, t *testing.T, actor string, parameters ...string) *servicetest.Answer {
	t.Helper()
	if err := h.Sessions.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	return h.As(actor).Call("regent", "ListSessions", parameters...)
}

// lists checks that exactly the sessions with these keys are listed.
func lists(h *servicetest.Harness, t *testing.T, resource string, want ...string) {
	t.Helper()
	got := holders(h, t, "admin", "ResourceArn", resource).OK().All("Sessions.AccessKeyId")
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s lists %v, want %v", resource, got, want)
	}
}

const (
	ciARN    = "arn:aws:iam::" + ours + ":role/x/ci"
	aliceARN = "arn:aws:iam::" + ours + ":user/alice"
	guestARN = "arn:aws:iam::" + theirs + ":role/guest"
)

// TestListSessions tells who holds sessions, by role, user, key and root, until
// they expire or are revoked.
func TestListSessions(t *testing.T) {
	t.Parallel()
	h := sessionWorld(t)
	h.As("admin").Call("iam", "UpdateAssumeRolePolicy", "RoleName", "ci", "PolicyDocument",
		strings.Replace(trust(ours), `"sts:AssumeRole"`, `["sts:AssumeRole","sts:SetSourceIdentity"]`, 1)).OK()
	lists(h, t, ciARN)
	a := h.As("alice").Call("sts", "AssumeRole", "RoleArn", ciARN, "RoleSessionName", "build", "SourceIdentity", "alice@corp", "DurationSeconds", "900")
	role := signIn(h, "role", a)
	token := signIn(h, "token", h.As("alice").Call("sts", "GetSessionToken"))
	root := signIn(h, "roots", h.As("root").Call("sts", "GetSessionToken"))
	federated := signIn(h, "bob-federated", h.As("alice").Call("sts", "GetFederationToken", "Name", "bob"))
	chained := signIn(h, "chained", assume(h, "role", ours, "x/ci"))

	lists(h, t, ciARN, role, chained)
	lists(h, t, aliceARN, role, chained, token, federated)
	lists(h, t, "arn:aws:iam::"+ours+":root", root)
	one := holders(h, t, "admin", "AccessKeyId", role, "MaxResults:", "1").OK()
	for path, want := range map[string]string{
		"AccessKeyId": role, "Kind": "role", "PrincipalArn": ciARN, "SessionName": "build", "SourceIdentity": "alice@corp", "CallerAccount": ours,
		"CallerArn": aliceARN, "MfaAuthenticated": "false", "SourceAddress": "192.0.2.1",
	} {
		if got := one.Get("Sessions." + path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if got := holders(h, t, "admin", "AccessKeyId", federated).OK().Get("Sessions.PrincipalArn"); got != "arn:aws:sts::"+ours+":federated-user/bob" {
		t.Errorf("the federated user is %s", got)
	}

	h.Advance(15 * time.Minute) // to the second: what expires now is over
	lists(h, t, ciARN, chained)
	revoke(h, "admin", "AccessKeyId", token).OK()
	lists(h, t, aliceARN, chained, federated)
	revoke(h, "admin", "ResourceArn", aliceARN).OK()
	lists(h, t, aliceARN)
	lists(h, t, ciARN)
	again := signIn(h, "again", assume(h, "alice", ours, "x/ci"))
	lists(h, t, ciARN, again)
	h.As("admin").Call("iam", "DeleteRolePolicy", "RoleName", "ci", "PolicyName", "p").OK()
	h.As("admin").Call("iam", "DeleteRole", "RoleName", "ci").OK()
	lists(h, t, aliceARN)
	holders(h, t, "admin", "ResourceArn", ciARN).Fails("NoSuchResourceException", ciARN+" cannot be found in your account.")
}

// A session is noted as used to the minute, and never by asking about it.
func TestListSessionsTellsTheLastUse(t *testing.T) {
	t.Parallel()
	h := sessionWorld(t)
	key := signIn(h, "role", assume(h, "alice", ours, "x/ci"))
	used := func() int { return len(holders(h, t, "admin", "AccessKeyId", key).OK().All("Sessions.LastUsedAt")) }
	if used() != 0 {
		t.Error("a session that nobody used was used")
	}
	whoami(h, "role").OK()
	if used() != 1 {
		t.Error("the use is not told")
	}
}

// TestListSessionsInPages goes through many sessions a page at a time, revoked
// ones left out, whatever comes in between.
func TestListSessionsInPages(t *testing.T) {
	t.Parallel()
	h := sessionWorld(t)
	var want []string
	for i := range 7 {
		want = append(want, signIn(h, "role", assume(h, "alice", ours, "x/ci")))
		h.Advance(time.Second)
		if i == 3 {
			revoke(h, "admin", "AccessKeyId", want[3]).OK()
		}
	}
	want = slices.Delete(want, 3, 4)
	var got []string
	parameters := []string{"ResourceArn", ciARN, "MaxResults:", "2"}
	for range 10 {
		page := holders(h, t, "admin", parameters...).OK()
		some := page.All("Sessions.AccessKeyId")
		if len(some) > 2 {
			t.Fatalf("a page has %d", len(some))
		}
		got = append(got, some...)
		if len(page.All("NextToken")) == 0 {
			break
		}
		parameters = append(parameters[:4:4], "NextToken", page.Get("NextToken"))
		if len(want) < 9 {
			want = append(want, signIn(h, "role", assume(h, "alice", ours, "x/ci"))) // comes behind
			h.Advance(time.Second)
		}
	}
	if !slices.Equal(got, want) || len(got) != 9 {
		t.Errorf("got %v of %v", got, want)
	}
	holders(h, t, "admin", "ResourceArn", ciARN, "NextToken", "x").Fails("InvalidParameterException", "NextToken is not one that ListSessions handed out.")
	holders(h, t, "admin", "ResourceArn", ciARN, "MaxResults:", "101").Fails("ValidationException")
}

// TestListSessionsAcrossAccounts: of what comes from us elsewhere we see what we
// asked for, they see that it is ours and not whose, and neither sees the rest.
//
// Rules: TH-61
func TestListSessionsAcrossAccounts(t *testing.T) {
	t.Parallel()
	h := sessionWorld(t)
	h.As("their-admin").Call("iam", "PutRolePolicy", "RoleName", "guest", "PolicyName", "p", "PolicyDocument", allowAll).OK()
	h.As("their-admin").Call("iam", "CreateRole", "RoleName", "inner", "AssumeRolePolicyDocument", trust(theirs)).OK()
	ci := signIn(h, "role", assume(h, "alice", ours, "x/ci"))
	guest := signIn(h, "guest", assume(h, "alice", theirs, "guest"))
	inner := signIn(h, "inner", assume(h, "guest", theirs, "inner"))
	whoami(h, "guest").OK()

	lists(h, t, aliceARN, ci, guest)
	seen := holders(h, t, "their-admin", "ResourceArn", guestARN).OK()
	if keys := seen.All("Sessions.AccessKeyId"); !slices.Contains(keys, guest) || !slices.Contains(keys, inner) || len(keys) != 2 {
		t.Errorf("they see %v", keys)
	}
	if strings.Contains(seen.Body, "alice") || !strings.Contains(seen.Body, `"CallerAccount":"`+ours+`"`) || len(seen.All("Sessions.LastUsedAt")) != 1 {
		t.Errorf("they see %s", seen.Body)
	}
	for _, target := range []string{ciARN, aliceARN, "arn:aws:iam::" + ours + ":role/ghost"} {
		holders(h, t, "their-admin", "ResourceArn", target).Fails("NoSuchResourceException", target+" cannot be found in your account.")
	}
	holders(h, t, "their-admin", "AccessKeyId", ci).Fails("NoSuchResourceException")
	whoami(h, "role").OK()
	if of := holders(h, t, "admin", "ResourceArn", aliceARN).OK(); len(of.All("Sessions.LastUsedAt")) != 1 || len(of.All("Sessions.CallerArn")) != 2 {
		t.Errorf("we see %s", of.Body)
	}
}

// TestListSessionsTakesPermission on what is named, whether or not it exists.
func TestListSessionsTakesPermission(t *testing.T) {
	t.Parallel()
	h := sessionWorld(t)
	signIn(h, "role", assume(h, "alice", ours, "x/ci"))
	const ghost = "arn:aws:iam::" + ours + ":role/ghost"
	for _, target := range []string{ciARN, ghost, aliceARN, "arn:aws:iam::" + ours + ":saml-provider/corp"} {
		holders(h, t, "bob", "ResourceArn", target).Fails("AccessDeniedException", "User: arn:aws:iam::"+ours+":user/bob is not authorized to perform: regent:ListSessions on resource: "+
			target+" because no identity-based policy allows the regent:ListSessions action")
	}
	h.As("admin").Call("iam", "PutUserPolicy", "UserName", "bob", "PolicyName", "p", "PolicyDocument",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"regent:ListSessions","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"red"}}}]}`).OK()
	holders(h, t, "bob", "ResourceArn", ghost).Fails("AccessDeniedException")
	holders(h, t, "bob", "ResourceArn", ciARN).OK()
	revoke(h, "bob", "ResourceArn", ciARN).Fails("AccessDeniedException")
	holders(h, t, "admin").Fails("InvalidParameterException", "Name either a ResourceArn or an AccessKeyId.")
	holders(h, t, "admin", "ResourceArn", ciARN, "Subject", "x").Fails("InvalidParameterException", "A Subject goes with the ResourceArn of an identity provider.")
}

// What a refused call would have minted is not listed.
func TestRefusedCallsAreNotListed(t *testing.T) {
	t.Parallel()
	h := sessionWorld(t)
	h.As("bob").Call("sts", "AssumeRole", "RoleArn", ciARN, "RoleSessionName", "s1").Fails("AccessDenied")
	assume(h, "alice", ours, "x/gone").Fails("AccessDenied")
	lists(h, t, ciARN)
	h.View(func(tx *store.Tx) error {
		all, _, err := tx.MintedSessions(store.SessionLink{Account: ours, ID: "root"}, h.Now(), store.Page[store.MintedSession]{})
		if len(all) != 0 {
			t.Errorf("%d sessions", len(all))
		}
		return err
	})
}
