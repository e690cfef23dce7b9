package authz_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/store/kv/memkv"
	"github.com/regent-iam/regent/policy"
)

const (
	aliceID = "AIDAALICEALICEALICEAL"
	roleID  = "AROAROLEROLEROLEROLER"
	groupID = "AGPAGROUPGROUPGROUPGR"
)

// people returns a store with a user, a role and a group.
func people(t *testing.T) *store.Store {
	t.Helper()
	db := memkv.New(memkv.Options{})
	t.Cleanup(func() { _ = db.Close() })
	s := store.New(db)
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		if err := tx.CreateUser(&identity.User{Account: "111122223333", Name: "Alice", Path: "/a/", ID: aliceID}); err != nil {
			return err
		}
		if err := tx.CreateGroup(&identity.Group{Account: "111122223333", Name: "g", Path: "/", ID: groupID}); err != nil {
			return err
		}
		return tx.CreateRole(&identity.Role{Account: "444455556666", Name: "dev", Path: "/", ID: roleID})
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func principals(entries string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":[` + entries + `]},"Action":"sts:AssumeRole"}]}`
}

// Rules: PL-23 PL-24 PL-26 PL-27
func TestBind(t *testing.T) {
	t.Parallel()
	s := people(t)
	const alice, dev = "arn:aws:iam::111122223333:user/a/Alice", "arn:aws:iam::444455556666:role/dev"
	for _, test := range []struct {
		name, entries string
		want          map[string]string
		missing       string
	}{
		{"both", `"` + alice + `","` + dev + `","` + alice + `"`, map[string]string{alice: aliceID, dev: roleID}, ""},
		{"no names", `"*","999988887777","arn:aws:iam::999988887777:root","arn:aws:sts::444455556666:assumed-role/x/y"`, nil, ""},
		{"ids", `"` + aliceID + `","` + roleID + `"`, nil, ""},
		{"other case", `"arn:aws:iam::111122223333:user/a/alice"`, nil, "arn:aws:iam::111122223333:user/a/alice"},
		{"other path", `"arn:aws:iam::111122223333:user/Alice"`, nil, "arn:aws:iam::111122223333:user/Alice"},
		{"longer path", `"arn:aws:iam::111122223333:user/b/a/Alice"`, nil, "arn:aws:iam::111122223333:user/b/a/Alice"},
		{"other account", `"arn:aws:iam::111122223333:role/dev"`, nil, "arn:aws:iam::111122223333:role/dev"},
		{"other partition", `"arn:aws-cn:iam::444455556666:role/dev"`, nil, "arn:aws-cn:iam::444455556666:role/dev"},
		{"first of several", `"` + alice + `","arn:aws:iam::111122223333:user/x","arn:aws:iam::111122223333:user/y"`, nil, "arn:aws:iam::111122223333:user/x"},
		{"id of nobody", `"AIDANOBODYNOBODYNOBOD"`, nil, "AIDANOBODYNOBODYNOBOD"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			doc, err := policy.Parse(principals(test.entries))
			if err != nil {
				t.Fatal(err)
			}
			err = s.View(t.Context(), func(tx *store.Tx) error {
				bindings, missing, err := authz.Bind(tx, doc)
				if missing != test.missing {
					t.Errorf("missing is %q, want %q", missing, test.missing)
				}
				if d := cmp.Diff(test.want, bindings); d != "" && test.missing == "" {
					t.Errorf("bindings (-want +got)\n%s", d)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// Rules: PL-26 PL-92 IA-6
func TestReadback(t *testing.T) {
	t.Parallel()
	s := people(t)
	p := identity.ResourcePolicy{
		Text: "{ \"Version\": \"2012-10-17\",\n\t\"Statement\": [{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":[ \"arn:aws:iam::111122223333:user/old\", " +
			"\"arn:aws:iam::111122223333:user/gone\", \"" + roleID + "\", \"AIDAGONEGONEGONEGONEG\", \"*\"]},\"Action\":\"sts:AssumeRole\"}]}",
		Bindings: map[string]string{
			"arn:aws:iam::111122223333:user/old": aliceID, "arn:aws:iam::111122223333:user/gone": "AIDABOUNDBOUNDBOUNDBO",
		},
	}
	want := "{ \"Version\": \"2012-10-17\",\n\t\"Statement\": [{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":[ \"arn:aws:iam::111122223333:user/a/Alice\", " +
		"\"AIDABOUNDBOUNDBOUNDBO\", \"arn:aws:iam::444455556666:role/dev\", \"AIDAGONEGONEGONEGONEG\", \"*\"]},\"Action\":\"sts:AssumeRole\"}]}"
	err := s.View(t.Context(), func(tx *store.Tx) error {
		got, err := authz.Readback(tx, p)
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// Identity providers are known by their ARNs alone: none is looked for, none is
// bound, and they are shown as they were written.
//
// Rules: PL-24 PL-26 EV-52
func TestProvidersAreNotBound(t *testing.T) {
	t.Parallel()
	s := people(t)
	const text = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:role/dev",` +
		`"Federated":["arn:aws:iam::111122223333:oidc-provider/idp.example.com/x","arn:aws:iam::111122223333:saml-provider/Corp","accounts.google.com"]},` +
		`"Action":["sts:AssumeRole","sts:AssumeRoleWithWebIdentity"]}]}`
	doc, err := policy.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	err = s.View(t.Context(), func(tx *store.Tx) error {
		bindings, missing, err := authz.Bind(tx, doc)
		if diff := cmp.Diff(map[string]string{"arn:aws:iam::444455556666:role/dev": roleID}, bindings); diff != "" || missing != "" {
			t.Errorf("missing %q: %s", missing, diff)
		}
		if err != nil {
			return err
		}
		shown, err := authz.Readback(tx, identity.ResourcePolicy{Text: text, Bindings: bindings})
		if shown != text {
			t.Errorf("shown as %s", shown)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
