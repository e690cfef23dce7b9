package server_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/server"
)

const demoURL = "http://127.0.0.1:8700"

// profiles reads the demo's credentials file.
func profiles(t *testing.T, w *world) map[string]server.RootKey {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(w.options.Data, "demo", "credentials"))
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]server.RootKey{}
	for _, m := range regexp.MustCompile(`(?m)^\[(\S+)\]\naws_access_key_id = (\S+)\naws_secret_access_key = (\S+)\n`).FindAllStringSubmatch(string(raw), -1) {
		keys[m[1]] = server.RootKey{ID: m[2], Secret: seal.NewSecret(m[3])}
	}
	return keys
}

// lose removes a profile from the demo's credentials file.
func lose(t *testing.T, w *world, names ...string) {
	t.Helper()
	file := filepath.Join(w.options.Data, "demo", "credentials")
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for _, name := range names {
		text = regexp.MustCompile(`(?m)^\[`+name+`\]\n(.+\n)+`).ReplaceAllString(text, "")
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

const prodRole = "arn:aws:iam::111122223333:role/assumerole-s3-access"

// TestTheDemoIsTheJourney: the accounts, people, role and buckets that the
// text promises, and whoever lacks one half is refused.
//
// Rules: SE-7 TH-107
func TestTheDemoIsTheJourney(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{Demo: true})
	text := must(t)(w.Demo(t.Context(), demoURL))
	dir := filepath.Join(w.options.Data, "demo")
	if want := "export AWS_CONFIG_FILE=" + filepath.Join(dir, "config") + "\nexport AWS_SHARED_CREDENTIALS_FILE=" + filepath.Join(dir, "credentials") + "\n"; !strings.HasPrefix(text, want) {
		t.Errorf("it says\n%s", text)
	}
	if !strings.Contains(text, "Regent serves "+demoURL) || !strings.Contains(text, "make aws") {
		t.Errorf("it says\n%s", text)
	}
	keys := profiles(t, w)
	if got, want := slices.Sorted(maps.Keys(keys)), []string{"alice", "bob", "dev-admin", "prod-admin", "root"}; !slices.Equal(got, want) {
		t.Fatalf("profiles %v", got)
	}
	for name, arn := range map[string]string{
		"alice": "arn:aws:iam::444455556666:user/alice", "bob": "arn:aws:iam::444455556666:user/bob",
		"dev-admin": "arn:aws:iam::444455556666:user/dev-admin", "prod-admin": "arn:aws:iam::111122223333:user/prod-admin",
		"root": "arn:aws:iam::" + string(w.First().Account) + ":root",
	} {
		if got := must(t)(w.Client(keys[name]).Query(t.Context(), "sts", "GetCallerIdentity")); !strings.Contains(got, "<Arn>"+arn+"</Arn>") {
			t.Errorf("%s is %s", name, got)
		}
		if strings.Contains(text, keys[name].Secret.Reveal()) {
			t.Errorf("the text has the secret of %s", name)
		}
	}
	alice, err := w.Client(keys["alice"]).Assume(t.Context(), prodRole, "alice")
	if err != nil {
		t.Fatal(err)
	}
	if got := must(t)(alice.S3(t.Context(), http.MethodGet, "/", "")); strings.Count(got, "<Name>") != 2 || !strings.Contains(got, "<Name>prod-invoices</Name>") {
		t.Errorf("prod's buckets are %s", got)
	}
	if got := must(t)(alice.S3(t.Context(), http.MethodGet, "/prod-invoices/2026/11/invoice-0001.txt", "")); !strings.Contains(got, "Invoice 0001") {
		t.Errorf("the invoice is %q", got)
	}
	_, err = w.Client(keys["bob"]).Assume(t.Context(), prodRole, "bob")
	refused(t, err, "AccessDenied")
	_, err = w.Client(keys["alice"]).S3(t.Context(), http.MethodGet, "/", "")
	refused(t, err, "AccessDenied")
	for account, alias := range map[string]string{"prod": "prod", "dev": "dev"} {
		if got := must(t)(w.Client(keys[account+"-admin"]).Query(t.Context(), "iam", "ListAccountAliases")); !strings.Contains(got, "<member>"+alias+"</member>") {
			t.Errorf("%s is called %s", account, got)
		}
	}
	if got := must(t)(w.Client(keys["root"]).Query(t.Context(), "iam", "ListUsers")); strings.Contains(got, "demo-setup") {
		t.Errorf("the management account still has %s", got)
	}
	config, err := os.ReadFile(filepath.Join(dir, "config"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{"alice", "bob", "prod-s3", "prod-s3-bob", "prod-admin", "dev-admin", "root"} {
		if want := "[profile " + p + "]\nregion = us-east-1\nendpoint_url = " + demoURL + "\n"; !strings.Contains(string(config), want) {
			t.Errorf("profile %s has no endpoint of its own in\n%s", p, config)
		}
	}
}

// TestASecondStartChangesNothing: not the credentials, nor what people did to
// the demo in the meantime.
func TestASecondStartChangesNothing(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{Demo: true})
	text := must(t)(w.Demo(t.Context(), demoURL))
	admin := w.Client(profiles(t, w)["dev-admin"])
	must(t)(admin.Query(t.Context(), "iam", "RemoveUserFromGroup", "GroupName", "grp_s3_admin", "UserName", "alice"))
	must(t)(admin.Query(t.Context(), "iam", "AddUserToGroup", "GroupName", "grp_s3_admin", "UserName", "bob"))
	must(t)(admin.Query(t.Context(), "iam", "UpdateAccessKey", "UserName", "bob", "AccessKeyId", profiles(t, w)["bob"].ID, "Status", "Inactive"))
	before := files(t, filepath.Join(w.options.Data, "demo"))

	w.again(t, nil)
	if again := must(t)(w.Demo(t.Context(), demoURL)); again != text {
		t.Error(cmp.Diff(text, again))
	}
	if diff := cmp.Diff(before, files(t, filepath.Join(w.options.Data, "demo"))); diff != "" {
		t.Error("the files differ") // and not how: they hold secrets
	}
	keys := profiles(t, w)
	_, err := w.Client(keys["alice"]).Assume(t.Context(), prodRole, "alice")
	refused(t, err, "AccessDenied")
	_, err = w.Client(keys["bob"]).Query(t.Context(), "sts", "GetCallerIdentity")
	refused(t, err, "InvalidClientTokenId")
}

// TestAProfileWhoseSecretIsGoneGetsANewKey, and nobody else does.
func TestAProfileWhoseSecretIsGoneGetsANewKey(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{Demo: true})
	must(t)(w.Demo(t.Context(), demoURL))
	for _, lost := range [][]string{{"alice"}, {"dev-admin"}, {"root"}, {"root"}, {"alice", "bob", "dev-admin", "prod-admin", "root"}, {"bob"}, {"bob"}} {
		before := profiles(t, w)
		lose(t, w, lost...)
		w.again(t, nil)
		must(t)(w.Demo(t.Context(), demoURL))
		after := profiles(t, w)
		if len(after) != 5 {
			t.Fatalf("without %v: %v", lost, slices.Sorted(maps.Keys(after)))
		}
		for name, key := range after {
			// The root's first key is still in its own file.
			if changed := key.ID != before[name].ID; changed != slices.Contains(lost, name) && name != "root" {
				t.Errorf("without %v: the key of %s changed is %t", lost, name, changed)
			}
			must(t)(w.Client(key).Query(t.Context(), "sts", "GetCallerIdentity"))
		}
	}
	// Without its own file there is a new root key, and never more than two.
	if err := os.Remove(filepath.Join(w.options.Data, "root-credentials")); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		before := profiles(t, w)["root"]
		lose(t, w, "root")
		w.again(t, nil)
		must(t)(w.Demo(t.Context(), demoURL))
		root := w.Client(profiles(t, w)["root"])
		if root.Credentials().AccessKeyID == before.ID {
			t.Errorf("it is %s still", before.ID)
		}
		if got := must(t)(root.Query(t.Context(), "iam", "ListAccessKeys")); strings.Count(got, "<AccessKeyId>") > 2 {
			t.Errorf("root has %s", got)
		}
	}
}

// TestADemoThatPeopleTookApartStartsAllTheSame: who is gone stays gone.
func TestADemoThatPeopleTookApartStartsAllTheSame(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{Demo: true})
	must(t)(w.Demo(t.Context(), demoURL))
	admin := w.Client(profiles(t, w)["dev-admin"])
	must(t)(admin.Query(t.Context(), "iam", "DeleteAccessKey", "UserName", "bob", "AccessKeyId", profiles(t, w)["bob"].ID))
	must(t)(admin.Query(t.Context(), "iam", "DeleteLoginProfile", "UserName", "bob"))
	must(t)(admin.Query(t.Context(), "iam", "DeleteUser", "UserName", "bob"))
	lose(t, w, "bob")
	w.again(t, nil)
	text := must(t)(w.Demo(t.Context(), demoURL))
	if !strings.Contains(text, "Profile bob has no key, and got no new one: CreateAccessKey: NoSuchEntity") {
		t.Errorf("it says\n%s", text)
	}
	if err := os.Remove(filepath.Join(w.options.Data, "demo", "passwords")); err != nil {
		t.Fatal(err)
	}
	w.again(t, nil)
	if text = must(t)(w.Demo(t.Context(), demoURL)); !strings.Contains(text, "bob has no password, and got no new one: UpdateLoginProfile: NoSuchEntity") && !strings.Contains(text, "bob has no password, and got no new one: CreateLoginProfile: NoSuchEntity") {
		t.Errorf("it says\n%s", text)
	}
	if got := demoPasswords(t, w); len(got) != 3 {
		t.Errorf("%d have passwords", len(got))
	}
	w.visitor(t, "dev", "alice", demoPasswords(t, w)["alice"])
	_, err := w.Client(profiles(t, w)["dev-admin"]).Query(t.Context(), "iam", "GetUser", "UserName", "bob")
	refused(t, err, "NoSuchEntity")
}

// TestADemoThatWasCutShortIsMadeToItsEnd: without its files, made or not.
func TestADemoThatWasCutShortIsMadeToItsEnd(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{Demo: true})
	must(t)(w.Demo(t.Context(), demoURL))
	if err := os.RemoveAll(filepath.Join(w.options.Data, "demo")); err != nil {
		t.Fatal(err)
	}
	w.again(t, nil)
	must(t)(w.Demo(t.Context(), demoURL))
	if _, err := w.Client(profiles(t, w)["alice"]).Assume(t.Context(), prodRole, "alice"); err != nil {
		t.Error(err)
	}
}

// TestTheDemosRecordIsComplete: nothing in it was made beside the road, so the
// record has an event of each thing that is there.
//
// Rules: RE-1
func TestTheDemosRecordIsComplete(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{Demo: true})
	must(t)(w.Demo(t.Context(), demoURL))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, content := range files(t, filepath.Join(w.options.Data, "record")) {
		for line := range strings.Lines(content) {
			var event struct {
				EventName          string
				RecipientAccountID string
			}
			if err := json.Unmarshal([]byte(line), &event); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			got[event.RecipientAccountID+" "+event.EventName]++
		}
	}
	management, prod, dev := string(w.First().Account)+" ", "111122223333 ", "444455556666 "
	for name, want := range map[string]int{
		management + "CreateOrganization": 1, management + "CreateAccount": 2, management + "CreateUser": 2, management + "DeleteUser": 2,
		prod + "CreateAccountAlias": 1, prod + "CreateUser": 1, prod + "CreateAccessKey": 1, prod + "CreateRole": 1, prod + "AttachRolePolicy": 1,
		prod + "CreateBucket": 2, prod + "PutObject": 3,
		dev + "CreateAccountAlias": 1, dev + "CreateGroup": 1, dev + "PutGroupPolicy": 1, dev + "AddUserToGroup": 1, dev + "CreateUser": 3, dev + "CreateAccessKey": 3,
	} {
		if got[name] != want {
			t.Errorf("%d events %s, not %d", got[name], name, want)
		}
	}
}
