package e2e

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestClientHabits holds to what the AWS CLI does with regions, endpoints,
// profiles and links, whatever one would wish it did.
//
// Rules: WI-33 WI-51 WI-53 WI-54 WI-55 WI-57 CO-30 CO-31 CO-32 CO-33 SE-2
func TestClientHabits(t *testing.T) {
	t.Parallel()
	server := start(t, filepath.Join(t.TempDir(), "data"), "--dev")
	c := newCompany(t, server)
	role := "arn:aws:iam::" + c.prod + ":role/s3"
	c.aws("prod-admin", "iam", "create-role", "--role-name", "s3", "--assume-role-policy-document",
		trusting(c.dev, `{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}`))
	c.aws("prod-admin", "iam", "attach-role-policy", "--role-name", "s3", "--policy-arn", s3FullAccess)
	c.aws("prod-admin", "s3", "mb", "s3://habits-of-prod")
	c.aws("dev-admin", "iam", "create-user", "--user-name", "alice")
	c.aws("dev-admin", "iam", "put-user-policy", "--user-name", "alice", "--policy-name", "assume", "--policy-document", allowing("sts:AssumeRole", role))
	c.newKey("dev-admin", "alice")

	t.Run("regions", func(t *testing.T) {
		// IAM and Organizations are signed for the profile's region, and are us-east-1 all the same.
		for _, command := range [][]string{{"iam", "list-users"}, {"organizations", "describe-organization"}} {
			c.aws("dev-admin", append(command, "--region", "eu-west-1")...)
		}
		c.aws("dev-admin", "iam", "put-user-policy", "--user-name", "alice", "--policy-name", "home", "--policy-document",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}}]}`)
		c.aws("alice", "iam", "list-users", "--region", "eu-west-1")
		// STS is where it was signed for: the profile's region, not the source profile's.
		c.profile("here", "role_arn = "+role, "source_profile = alice")
		c.refused("here", []string{"AccessDenied"}, "s3", "ls")
		c.add("config", "[profile there]\nregion = eu-west-1\nendpoint_url = "+server.URL+"\nrole_arn = "+role+"\nsource_profile = alice\n")
		c.aws("there", "s3", "ls")
	})
	t.Run("a second command asks for no second session", func(t *testing.T) {
		c.forget()
		before := c.events(t, "AssumeRole")
		c.aws("there", "s3", "ls")
		c.aws("there", "s3", "ls")
		if after := c.events(t, "AssumeRole"); after != before+2 { // one call, a copy for each account
			t.Errorf("%d records of AssumeRole, then %d", before, after)
		}
	})
	t.Run("endpoints by the environment reach the nested call too", func(t *testing.T) {
		p := newPerson(t, server)
		raw, err := os.ReadFile(filepath.Join(c.home, "credentials"))
		if err != nil {
			t.Fatal(err)
		}
		p.add("credentials", string(raw))
		p.add("config", "[profile alice]\nregion = eu-west-1\n\n[profile there]\nregion = eu-west-1\nrole_arn = "+role+"\nsource_profile = alice\n")
		p.env = append(p.env, "AWS_ENDPOINT_URL="+server.URL)
		p.aws("there", "s3", "ls")
		p.env = append(p.env, "AWS_ENDPOINT_URL=http://127.0.0.1:1", "AWS_ENDPOINT_URL_STS="+server.URL, "AWS_ENDPOINT_URL_S3="+server.URL)
		p.forget()
		p.aws("there", "s3", "ls")
	})
	t.Run("a capital P is another section", func(t *testing.T) {
		c.add("config", "[Profile STS]\nregion = us-east-1\nendpoint_url = "+server.URL+"\nrole_arn = "+role+"\nsource_profile = alice\n")
		c.refused("STS", []string{"The config profile (STS) could not be found"}, "s3", "ls")
	})
	t.Run("a link dies with the session that made it", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, []byte("linked\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		c.aws("prod-admin", "s3", "cp", file, "s3://habits-of-prod/file", "--no-progress")
		c.forget()
		for _, version := range []string{"s3v4", "s3"} {
			c.add("config", "[profile link-"+version+"]\nregion = eu-west-1\nendpoint_url = "+server.URL+"\nrole_arn = "+role+"\nsource_profile = alice\ns3 =\n  signature_version = "+version+"\n")
			link := strings.TrimSpace(c.aws("link-"+version, "s3", "presign", "s3://habits-of-prod/file", "--expires-in", "86400"))
			if status, body := fetch(t, link); status != http.StatusOK || body != "linked\n" {
				t.Fatalf("%s: the link answers %d %q", version, status, body)
			}
			if status, _ := fetch(t, strings.Replace(link, "/file", "/other", 1)); status != http.StatusForbidden {
				t.Errorf("%s: the link opens another object: %d", version, status)
			}
			c.aws("prod-admin", "iam", "put-role-policy", "--role-name", "s3", "--policy-name", "no", "--policy-document",
				`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:GetObject","Resource":"*"}]}`)
			if status, body := fetch(t, link); status != http.StatusForbidden || !strings.Contains(body, "AccessDenied") {
				t.Errorf("%s: what is denied is served by link: %d %q", version, status, body)
			}
			c.aws("prod-admin", "iam", "delete-role-policy", "--role-name", "s3", "--policy-name", "no")
			server.advance(t, 61*time.Minute)
			if status, body := fetch(t, link); status < 400 || !strings.Contains(body, "ExpiredToken") {
				t.Errorf("%s: the link outlives its session: %d %q", version, status, body)
			}
			c.forget()
		}
	})
	t.Run("the date is the server's", func(t *testing.T) {
		answer, err := http.Get(server.URL + "/") //nolint:noctx // the answer's date is what is tested
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		date, err := http.ParseTime(answer.Header.Get("Date"))
		if err != nil {
			t.Fatal(err)
		}
		if off := date.Sub(c.serverNow(t)).Abs(); off > time.Minute {
			t.Errorf("Date is %s off", off)
		}
	})
}

func fetch(t *testing.T, link string) (int, string) {
	t.Helper()
	answer, err := http.Get(link) //nolint:noctx,gosec // the link is what is tested
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

// events counts the records of an operation.
func (c *company) events(t *testing.T, operation string) int {
	t.Helper()
	deadline := time.Now().Add(5 * time.Second)
	for last := -1; ; time.Sleep(300 * time.Millisecond) { // written a moment after the answer
		raw, err := os.ReadFile(filepath.Join(c.server.Data, "record", "events.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		n := strings.Count(string(raw), `"eventName":"`+operation+`"`)
		if n == last || time.Now().After(deadline) {
			return n
		}
		last = n
	}
}
