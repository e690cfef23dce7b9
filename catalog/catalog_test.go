package catalog_test

import (
	"encoding/json"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/catalog"
)

func service(t *testing.T, prefix string) *catalog.Service {
	t.Helper()
	s, ok := catalog.ServiceByPrefix(prefix)
	if !ok {
		t.Fatalf("no service %s", prefix)
	}
	return s
}

func TestTheWholeReferenceIsThere(t *testing.T) {
	services, actions := 0, 0
	for prefix := range catalog.Services() {
		s := service(t, prefix)
		services++
		actions += len(s.Actions)
		if s.Prefix != prefix || s.Name == "" {
			t.Errorf("%s: got the service %q %q", prefix, s.Prefix, s.Name)
		}
		for _, a := range s.Actions {
			if a.Access == catalog.UnknownAccess {
				t.Errorf("%s:%s has no access level", prefix, a.Name)
			}
			for _, r := range a.Resources {
				if _, ok := s.Resource(r.Type); !ok {
					t.Errorf("%s:%s takes the resource %s, which %s does not have", prefix, a.Name, r.Type, prefix)
				}
			}
			if found, ok := s.Action(a.Name); !ok || found.Name != a.Name {
				t.Errorf("%s:%s is not found by its name", prefix, a.Name)
			}
			if got, want := catalog.ActionHasResources(prefix+":"+a.Name), len(a.Resources) > 0; got != want {
				t.Errorf("ActionHasResources(%s:%s) = %v, want %v", prefix, a.Name, got, want)
			}
		}
		for _, k := range s.Keys {
			if k.Type == catalog.UnknownType {
				t.Errorf("%s: the key %s has no type", prefix, k.Name)
			}
			if _, ok := catalog.LookupKey(strings.ReplaceAll(k.Name, "${", "x")); !ok {
				t.Errorf("%s: the key %s is not found", prefix, k.Name)
			}
		}
	}
	if services != 457 || actions != 22105 { // AWS's 456 with 22091, and Regent's own
		t.Errorf("%d services with %d actions, want 457 with 22105", services, actions)
	}
}

func TestServicesAndActionsAreFoundInAnyCase(t *testing.T) {
	s, a, ok := catalog.LookupAction("S3:getobject")
	if !ok || s.Name != "Amazon S3" || a.Name != "GetObject" || a.Access != catalog.Read {
		t.Fatalf("LookupAction = %+v, %+v, %v", s, a, ok)
	}
	if !slices.ContainsFunc(a.Resources, func(r catalog.ActionResource) bool { return r.Type == "object" }) {
		t.Errorf("GetObject takes %+v, want an object among them", a.Resources)
	}
	if object, ok := s.Resource("object"); !ok || object.Pattern != "arn:${Partition}:s3:::${BucketName}/${ObjectName}" {
		t.Errorf("the resource object is %+v, %v", object, ok)
	}
	for _, unknown := range []string{"", "s3", "s3:", ":GetObject", "s3:Get*", "s4:GetObject", "s3:GetObject:x"} {
		if _, _, ok := catalog.LookupAction(unknown); ok {
			t.Errorf("LookupAction(%q) found something", unknown)
		}
	}
}

func TestAccessLevelsAreAWSs(t *testing.T) {
	for action, want := range map[string]string{
		"iam:ListUsers":        "List",
		"iam:GetUser":          "Read",
		"iam:CreateUser":       "Write",
		"iam:TagUser":          "Tagging",
		"iam:AttachRolePolicy": "Permissions management",
	} {
		if _, a, ok := catalog.LookupAction(action); !ok || a.Access.String() != want {
			t.Errorf("%s has the access level %v, want %s", action, a.Access, want)
		}
	}
}

// Rules: PL-53
func TestActionHasResources(t *testing.T) {
	for action, want := range map[string]bool{
		"sts:GetCallerIdentity":             false,
		"STS:GETCALLERIDENTITY":             false,
		"iam:GetAccountSummary":             false,
		"s3:ListAllMyBuckets":               false,
		"organizations:ListAccounts":        false,
		"organizations:CreateOrganization":  false,
		"ec2:DescribeInstances":             false,
		"sts:AssumeRole":                    true,
		"iam:GetUser":                       true,
		"s3:ListBucket":                     true,
		"s3:GetObject":                      true,
		"organizations:AttachPolicy":        true,
		"iam:NobodyHasThis":                 true,
		"nobody:HasThis":                    true,
		"iam:GetAccountSummary\x00":         true,
		"a:b:organizations:ListAccounts":    true,
		"organizations:ListAccountsForPare": true,
	} {
		if got := catalog.ActionHasResources(action); got != want {
			t.Errorf("ActionHasResources(%q) = %v, want %v", action, got, want)
		}
	}
}

// Rules: PL-73
func TestKeyIsMultivalued(t *testing.T) {
	for key, want := range map[string]bool{
		"aws:TagKeys":                     true,
		"AWS:TAGKEYS":                     true,
		"aws:CalledVia":                   true,
		"aws:PrincipalOrgPaths":           true,
		"aws:PrincipalServiceNamesList":   true,
		"sts:TransitiveTagKeys":           true,
		"s3:RequestObjectTagKeys":         true,
		"saml:edupersonaffiliation":       true,
		"dynamodb:LeadingKeys":            true,
		"events:Metadata/anything":        true,
		"aws:PrincipalTag/TagKeys":        false,
		"aws:RequestTag/team":             false,
		"aws:PrincipalArn":                false,
		"aws:SourceIp":                    false,
		"s3:prefix":                       false,
		"s3:ExistingObjectTag/aws:TagKey": false,
		"identitystore:UserId":            false, // two references call it an array; the global one is right
		"events:Metadata/":                false,
		"nobody:HasThis":                  false,
		"":                                false,
	} {
		if got := catalog.KeyIsMultivalued(key); got != want {
			t.Errorf("KeyIsMultivalued(%q) = %v, want %v", key, got, want)
		}
	}
	for k := range catalog.Keys() {
		if got := catalog.KeyIsMultivalued(strings.ReplaceAll(k.Name, "${", "x")); got != k.Type.Multivalued() {
			t.Errorf("KeyIsMultivalued(%q) = %v, but its type is %v", k.Name, got, k.Type)
		}
	}
}

func TestLookupKey(t *testing.T) {
	for name, want := range map[string]catalog.Key{
		"aws:principalarn":           {Name: "aws:PrincipalArn", Type: catalog.ARN, About: "principal"},
		"aws:PrincipalTag/team":      {Name: "aws:PrincipalTag/${TagKey}", Type: catalog.String, About: "principal"},
		"aws:RequestTag/a/b":         {Name: "aws:RequestTag/${TagKey}", Type: catalog.String, About: "request"},
		"aws:ResourceTag/x":          {Name: "aws:ResourceTag/${TagKey}", Type: catalog.String, About: "resource"},
		"aws:CurrentTime":            {Name: "aws:CurrentTime", Type: catalog.Date, About: "request"},
		"aws:SourceIp":               {Name: "aws:SourceIp", Type: catalog.IPAddress, About: "network"},
		"aws:MultiFactorAuthPresent": {Name: "aws:MultiFactorAuthPresent", Type: catalog.Bool, About: "session"},
		"s3:max-keys":                {Name: "s3:max-keys", Type: catalog.Numeric},
		"s3:ExistingObjectTag/x":     {Name: "s3:ExistingObjectTag/<key>", Type: catalog.String},
		"sts:externalid":             {Name: "sts:ExternalId", Type: catalog.String},
	} {
		if got, ok := catalog.LookupKey(name); !ok || got != want {
			t.Errorf("LookupKey(%q) = %+v, %v, want %+v", name, got, ok, want)
		}
	}
	for _, unknown := range []string{"", "aws:", "aws:RequestTag/", "aws:RequestTag", "aws:Nobody", "RequestTag/x"} {
		if got, ok := catalog.LookupKey(unknown); ok {
			t.Errorf("LookupKey(%q) = %+v", unknown, got)
		}
	}
	global, last := 0, ""
	for k := range catalog.Keys() {
		if k.About != "" {
			global++
		}
		if k.Type == catalog.UnknownType || k.Name == last {
			t.Errorf("the key %+v has no type or comes twice", k)
		}
		last = k.Name
	}
	if global != 59 {
		t.Errorf("%d global keys, want 59", global)
	}
}

// Rules: EV-54
func TestManagedPolicies(t *testing.T) {
	count, last, ids := 0, "", map[string]string{}
	for p := range catalog.ManagedPolicies() {
		count++
		if fold := arn.Fold(p.Name); fold <= last {
			t.Errorf("%s does not come after %s", p.Name, last)
		} else {
			last = fold
		}
		if other, taken := ids[p.ID()]; taken || len(p.ID()) != 21 || !strings.HasPrefix(p.ID(), "ANPA") {
			t.Errorf("%s has the id %s, which is malformed or that of %s", p.Name, p.ID(), other)
		}
		ids[p.ID()] = p.Name
		if p.Created.IsZero() || p.Updated.Before(p.Created) || !strings.HasPrefix(p.DefaultVersionID, "v") {
			t.Errorf("%+v has impossible dates or version", p)
		}
		if byARN, ok := catalog.LookupManagedPolicy(p.ARN()); !ok || byARN != p {
			t.Errorf("LookupManagedPolicy(%q) = %+v, %v", p.ARN(), byARN, ok)
		}
		if byName, ok := catalog.LookupManagedPolicy(p.Name); !ok || byName != p {
			t.Errorf("LookupManagedPolicy(%q) = %+v, %v", p.Name, byName, ok)
		}
	}
	if count != 1485 || catalog.ManagedPolicyCount != 1485 {
		t.Errorf("%d managed policies, want 1485", count)
	}
}

func TestEveryManagedPolicyHasItsDocument(t *testing.T) {
	seen := map[string]string{}
	for p := range catalog.ManagedPolicies() {
		text := p.Document()
		var document struct {
			Version   string
			Statement json.RawMessage
		}
		if err := json.Unmarshal([]byte(text), &document); err != nil || document.Version == "" || len(document.Statement) < 2 {
			t.Errorf("%s has the document %.80q (%v)", p.Name, text, err)
		}
		seen[p.Name] = text
	}
	together := map[string]string{}
	for p, text := range catalog.ManagedDocuments() {
		together[p.Name] = text
	}
	if !maps.Equal(together, seen) {
		t.Errorf("%d documents read together, %d one by one, and they differ", len(together), len(seen))
	}
	if got, want := seen["AdministratorAccess"], `{"Statement":[{"Action":"*","Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}`; got != want {
		t.Errorf("AdministratorAccess is %s, want %s", got, want)
	}
	if got := seen["ReadOnlyAccess"]; !strings.Contains(got, `"s3:Get*"`) || len(got) < 80_000 {
		t.Errorf("ReadOnlyAccess has %d bytes: %.80s", len(got), got)
	}
}

func TestLookupManagedPolicy(t *testing.T) {
	p, ok := catalog.LookupManagedPolicy("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess")
	if !ok || p.Name != "ViewOnlyAccess" || p.Path != "/job-function/" {
		t.Errorf("ViewOnlyAccess is %+v, %v", p, ok)
	}
	if p, ok := catalog.LookupManagedPolicy("administratoraccess"); !ok || p.Name != "AdministratorAccess" {
		t.Errorf("administratoraccess is %+v, %v", p, ok)
	}
	for _, unknown := range []string{
		"", "Nobody", "arn:aws:iam::aws:policy/Nobody", "arn:aws:iam::aws:policy/ViewOnlyAccess",
		"arn:aws:iam::aws:policy/other/AdministratorAccess", "arn:aws:iam::aws:policy",
		"arn:aws:iam::111122223333:policy/AdministratorAccess", "arn:aws:iam::aws:policyAdministratorAccess",
		"/AdministratorAccess",
	} {
		if p, ok := catalog.LookupManagedPolicy(unknown); ok {
			t.Errorf("LookupManagedPolicy(%q) = %+v", unknown, p)
		}
	}
}

func TestHotLookupsAllocateNothing(t *testing.T) {
	allocs := testing.AllocsPerRun(100, func() {
		if !catalog.KeyIsMultivalued("aws:tagkeys") || catalog.KeyIsMultivalued("aws:principaltag/team") ||
			catalog.ActionHasResources("sts:getcalleridentity") || !catalog.ActionHasResources("s3:getobject") {
			t.Error("a lookup is wrong")
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations, want none", allocs)
	}
}

func TestAServiceInHandIsReadOnce(t *testing.T) {
	first := service(t, "iam")
	runtime.GC()
	if second := service(t, "IAM"); first != second {
		t.Error("iam was read twice while it was in hand")
	}
	runtime.KeepAlive(first)
}
